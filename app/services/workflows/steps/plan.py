"""What a film is to be, in plain values that a step can record: sizes, lengths, sources, words on screen.

Nothing here reads a file. The same inputs give the same plan, so a job that is taken over plans what it planned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from app.core.config import Settings
from app.models.engine import DrawnClip, Plain, WordTime
from app.models.story import Shot, Story, Take, frame_size
from app.models.timeline import (
    SAMPLE_RATE,
    Card,
    Cue,
    Joining,
    LabelStyle,
    Segment,
    Subtitle,
    SubtitleStyle,
    Timeline,
    Transition,
)
from app.services.media import subtitles, timeline
from app.services.media.subtitle_style import style_for
from app.services.workflows.steps import cards
from app.services.workflows.steps.cards import NO_CARDS, Cards
from app.services.workflows.steps.joining import transition_between

MAX_LONG_SIDE = 3840
MAX_FPS = 60
KEY_FRAME_SCALE = Fraction(5, 4)
"""Of the film's size: room for the camera."""
FADE_OUT_S = 0.75
"""How long the film's end takes to sink into black."""


class Look(Plain):
    """Everything about a film that its shots do not say."""

    width: int
    height: int
    fps: int
    transition: Joining
    transition_s: float
    subtitles: str
    bgm: str
    crf: int
    preset: str
    font: str
    label: LabelStyle | None
    label_s: float
    loudness_lufs: float
    peak_dbtp: float
    producer: str
    # What a job begun by an earlier version does not know it does without.
    cards: bool = False
    ambience: bool = False
    scale: int = 1
    """How many times ``width`` and ``height`` are those of the story; drawn frames are simply drawn so large."""
    multi: int = 1
    """How many times ``fps`` is the film's own."""
    own_fps: int = 0
    """Frames per second that the film would have without ``multi``; 0: a ``multi``-th of ``fps``."""
    subtitle_style: SubtitleStyle = SubtitleStyle()

    def plain(self, frames: int) -> tuple[int, int]:
        """Frames per second, and how many of them last as long as ``frames``, in a film that is made no smoother."""
        fps = self.own_fps or self.fps // self.multi
        return fps, -(-frames * fps // self.fps)


class Spoken(Plain):
    """The narration of a shot; ``take`` None: it has no words."""

    take: Take | None = None
    text: str = ""
    duration_s: float = 0.0
    words: tuple[WordTime, ...] = ()
    reused: bool = True


class Picture(Plain):
    """The key frame of a shot."""

    take: Take
    layers: bool
    reused: bool


class Moving(Plain):
    """How the frames of a shot come about: drawn on demand, or from the clip artifact's file."""

    key_frame: str
    """Artifact key of the picture that moves."""
    drawn: DrawnClip | None = None
    clip: str = ""
    """Artifact key."""
    file: str = ""
    made_clip: str = ""
    """Artifact key of the clip as its engine made it, where ``clip`` is an enhanced one; so ``made_file``."""
    made_file: str = ""
    engine: str
    enhanced: tuple[str, ...] = ()
    """Engines that worked on the clip afterwards."""
    failed: tuple[str, ...] = ()
    """Engines that were passed over or failed before, and why."""
    reused: bool = True


class PartPlan(Plain):
    """A shot's share of a segment."""

    moving: Moving
    frames: int
    """Of the whole shot."""
    first: int
    card: Card | None = None


class SegmentPlan(Plain):
    """One segment, with artifact keys where a CutRequest has paths. Nothing in it says where in the film it is."""

    frames: int
    parts: tuple[PartPlan, ...]
    transition: Transition = "cut"
    cues: tuple[Cue, ...] = ()
    label_frames: int = 0
    fade_out: int = 0


class FilmPlan(Plain):
    timeline: Timeline
    segments: tuple[SegmentPlan, ...]
    subtitles: tuple[Subtitle, ...]

    labelled: int
    """Frames at the beginning of a film, and of a clip, that carry the visible label."""

    def clip(self, index: int) -> tuple[SegmentPlan, ...]:
        """The segments in which the timeline's span ``index`` is to be seen: they make a shot's own clip.

        They are the film's, but for those at the clip's beginning, which carry the label that a file needs; nor does
        a clip sink into black. Beside a card the shot is seen alone.
        """
        found = []
        for segment, plan in zip(self.timeline.segments, self.segments, strict=True):
            for (span, first), part in zip(segment.parts, plan.parts, strict=True):
                if span == index:
                    own: dict[str, object] = {"label_frames": min(max(0, self.labelled - first), plan.frames)}
                    if any(other.card is not None for other in plan.parts):
                        own |= {"parts": (part,), "transition": "cut"}
                    found.append(plan.model_copy(update={**own, "fade_out": 0}))
        return tuple(found)


def look_of(story: Story, request: dict[str, object], settings: Settings) -> tuple[Look, list[str]]:
    """The look that a render's request asks for, and notes on what could not be had."""
    notes: list[str] = []
    width, height = frame_size(story.aspect_ratio, story.resolution)
    wanted = _number(request.get("scale"), 1)
    scale = min(wanted, MAX_LONG_SIDE // max(width, height))
    if scale < wanted:
        notes.append(
            f"The film was enlarged {scale} times instead of {wanted}: no side may exceed {MAX_LONG_SIDE} pixels."
        )
    plain_fps, multi = _number(request.get("fps"), settings.output_fps), _number(request.get("multi"), 1)
    fps = min(plain_fps * multi, MAX_FPS)
    if fps < plain_fps * multi:
        most = f"The film has {fps} frames per second instead of {plain_fps * multi}"
        notes.append(f"{most}, which is the most there can be.")
    style = LabelStyle(text=settings.aigc_label_text, position=settings.aigc_label_position)
    look = Look(
        width=width * scale,
        height=height * scale,
        fps=fps,
        transition=request.get("transition") or settings.output_transition,
        transition_s=settings.output_transition_s,
        cards=_switch(request.get("cards"), settings.output_cards),
        subtitles=str(request.get("subtitles") or "burned"),
        subtitle_style=style_for(cards.film_style(story)),
        bgm=str(request.get("bgm") or "auto"),
        ambience=_switch(request.get("ambience"), settings.output_ambience),
        scale=scale,
        multi=max(1, fps // plain_fps),
        own_fps=plain_fps,
        crf=settings.output_crf,
        preset=settings.output_preset,
        font=settings.output_subtitle_font,
        label=style if settings.aigc_label and settings.aigc_label_text else None,
        label_s=settings.aigc_label_s,
        loudness_lufs=settings.output_loudness_lufs,
        peak_dbtp=settings.output_peak_dbtp,
        producer=settings.aigc_producer,
    )
    return look, notes


def _switch(asked: object, default: bool) -> bool:
    return default if asked is None else bool(asked)


def _number(value: object, default: int) -> int:
    return int(value) if isinstance(value, int | float) and value else default


def key_frame_size(story: Story) -> tuple[int, int]:
    """Pixels of a key frame, both even."""
    width, height = frame_size(story.aspect_ratio, story.resolution)
    return _even(width * KEY_FRAME_SCALE), _even(height * KEY_FRAME_SCALE)


def _even(pixels: Fraction) -> int:
    return 2 * round(pixels / 2)


def timeline_of(shots: Sequence[Shot], spoken: Sequence[Spoken], look: Look, pages: Cards = NO_CARDS) -> Timeline:
    """Where every shot and card is in the film."""
    lengths = [
        timeline.ShotLength(
            shot_id=shot.id,
            narration_s=Fraction(said.duration_s).limit_denominator(SAMPLE_RATE),
            asked_s=shot.duration,
        )
        for shot, said in zip(shots, spoken, strict=True)
    ]
    joins = [_transition(before, after, look) for before, after in pairwise(shots)]
    lengths, joins = cards.framed(lengths, joins, pages)
    return timeline.plan(
        lengths,
        fps=look.fps,
        width=look.width,
        height=look.height,
        transitions=joins,
        transition_s=look.transition_s,
    )


def _transition(before: Shot, after: Shot, look: Look) -> Transition:
    return transition_between(before, after) if look.transition == "auto" else look.transition


def _divided(line: Timeline, shots: range, labelled: int, fading: int) -> Timeline:
    """The timeline with some bodies divided, so that a shot's own clip shares all but a little with the film.

    The body of every shot (``shots`` are their spans) is divided where the label of its own clip ends, unless the
    film begins with it, and the film's last body where it begins to sink into black.
    """
    segments: list[Segment] = []
    for segment in line.segments:
        index, first = segment.parts[0]
        opening = labelled - first
        cuts = [0]
        if len(segment.parts) == 1 and index in shots and index > 0 < opening <= segment.frames - line.fps:
            cuts.append(opening)
        if segment is line.segments[-1] and fading and segment.frames - fading > cuts[-1]:
            cuts.append(segment.frames - fading)
        for begin, end in pairwise([*cuts, segment.frames]):
            place = {"start": segment.start + begin, "frames": end - begin}
            parts = tuple((shot, at + begin) for shot, at in segment.parts)
            segments.append(segment.model_copy(update={**place, "parts": parts}))
    return line.model_copy(update={"segments": tuple(segments)})


def film_plan(
    story: Story,
    line: Timeline,
    spoken: Sequence[Spoken],
    movements: Sequence[Moving],
    look: Look,
    pages: Cards = NO_CARDS,
) -> FilmPlan:
    """Every segment of the film and all its words. ``spoken`` and ``movements`` are the shots'."""
    shown = pages.around([(_plain(moving), None) for moving in movements], _windows(movements, pages))
    worded = pages.around([_cues(said, story, look) for said in spoken], ([], []))
    labelled = math.ceil(look.label_s * look.fps) if look.label is not None else 0
    fading = math.ceil(FADE_OUT_S * look.fps) if pages.end is not None or look.transition == "auto" else 0
    line = _divided(line, range(pages.first, pages.first + len(spoken)), labelled, fading)
    burned = subtitles.segment_cues(line, worded) if look.subtitles == "burned" else [()] * len(line.segments)
    segments = []
    for segment, cues in zip(line.segments, burned, strict=True):
        parts = tuple(
            PartPlan(moving=shown[index][0], card=shown[index][1], frames=line.spans[index].frames, first=first)
            for index, first in segment.parts
        )
        segments.append(
            SegmentPlan(
                frames=segment.frames,
                parts=parts,
                transition=segment.transition,
                cues=cues,
                label_frames=min(max(0, labelled - segment.start), segment.frames),
            )
        )
    segments[-1] = segments[-1].model_copy(update={"fade_out": min(fading, segments[-1].frames)})
    return FilmPlan(
        timeline=line,
        segments=tuple(segments),
        subtitles=tuple(subtitles.film_subtitles(line, worded)),
        labelled=labelled,
    )


Seen = tuple[Moving, Card | None]


def _windows(movements: Sequence[Moving], pages: Cards) -> tuple[Seen, Seen]:
    """What is seen through the windows of the two cards: the first and the last picture, hardly moving."""
    first, last = (
        Moving(
            key_frame=moving.key_frame,
            drawn=DrawnClip(camera="static", seed=moving.drawn.seed if moving.drawn is not None else 0),
            engine="media/cards",
            reused=False,
        )
        for moving in (movements[0], movements[-1])
    )
    return (first, pages.title), (last, pages.end)


def _plain(moving: Moving) -> Moving:
    """Without the remark that it was there already, which is no part of what a segment is made from."""
    return moving.model_copy(update={"reused": False, "failed": ()})


def _cues(said: Spoken, story: Story, look: Look) -> list[subtitles.TimedText]:
    if not said.text:
        return []
    width, height = look.width, look.height
    return subtitles.cues(said.text, said.words, story.language, width=width, height=height, duration_s=said.duration_s)
