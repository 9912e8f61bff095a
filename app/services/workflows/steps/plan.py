"""What a film is to be, in plain values that a step can record: sizes, lengths, sources, words on screen.

Nothing here reads a file. The same inputs give the same plan, so a job that is taken over plans what it planned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from app.core.config import Settings
from app.models.engine import DrawnClip, Plain, WordTime
from app.models.story import Shot, Story, Take, frame_size
from app.models.timeline import SAMPLE_RATE, Cue, LabelStyle, Segment, Subtitle, Timeline, Transition
from app.services.media import subtitles, timeline

MAX_LONG_SIDE = 3840
MAX_FPS = 60
KEY_FRAME_SCALE = Fraction(5, 4)
"""Of the film's size: room for the camera."""


class Look(Plain):
    """Everything about a film that its shots do not say."""

    width: int
    height: int
    fps: int
    transition: Transition
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
    engine: str
    reused: bool = True


class PartPlan(Plain):
    """A shot's share of a segment."""

    moving: Moving
    frames: int
    """Of the whole shot."""
    first: int


class SegmentPlan(Plain):
    """One segment, with artifact keys where a CutRequest has paths. Nothing in it says where in the film it is."""

    frames: int
    parts: tuple[PartPlan, ...]
    transition: Transition = "cut"
    cues: tuple[Cue, ...] = ()
    label_frames: int = 0


class FilmPlan(Plain):
    timeline: Timeline
    segments: tuple[SegmentPlan, ...]
    subtitles: tuple[Subtitle, ...]

    labelled: int
    """Frames at the beginning of a film, and of a clip, that carry the visible label."""

    def clip(self, index: int) -> tuple[SegmentPlan, ...]:
        """The segments in which a shot is to be seen: they make its own clip.

        They are the film's, but for those at the clip's beginning, which carry the label that a file needs.
        """
        found = []
        for segment, plan in zip(self.timeline.segments, self.segments, strict=True):
            for shot, first in segment.parts:
                if shot == index:
                    label_frames = min(max(0, self.labelled - first), plan.frames)
                    found.append(plan.model_copy(update={"label_frames": label_frames}))
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
    asked = _number(request.get("fps"), settings.output_fps) * _number(request.get("multi"), 1)
    fps = min(asked, MAX_FPS)
    if fps < asked:
        notes.append(f"The film has {fps} frames per second instead of {asked}, which is the most there can be.")
    style = LabelStyle(text=settings.aigc_label_text, position=settings.aigc_label_position)
    look = Look(
        width=width * scale,
        height=height * scale,
        fps=fps,
        transition=request.get("transition") or settings.output_transition,
        transition_s=settings.output_transition_s,
        subtitles=str(request.get("subtitles") or "burned"),
        bgm=str(request.get("bgm") or "auto"),
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


def _number(value: object, default: int) -> int:
    return int(value) if isinstance(value, int | float) and value else default


def key_frame_size(story: Story) -> tuple[int, int]:
    """Pixels of a key frame, both even."""
    width, height = frame_size(story.aspect_ratio, story.resolution)
    return _even(width * KEY_FRAME_SCALE), _even(height * KEY_FRAME_SCALE)


def _even(pixels: Fraction) -> int:
    return 2 * round(pixels / 2)


def timeline_of(shots: Sequence[Shot], spoken: Sequence[Spoken], look: Look) -> Timeline:
    """Where every shot is in the film."""
    lengths = [
        timeline.ShotLength(
            shot_id=shot.id,
            narration_s=Fraction(said.duration_s).limit_denominator(SAMPLE_RATE),
            asked_s=shot.duration,
        )
        for shot, said in zip(shots, spoken, strict=True)
    ]
    return timeline.plan(
        lengths,
        fps=look.fps,
        width=look.width,
        height=look.height,
        transition=look.transition,
        transition_s=look.transition_s,
    )


def _with_openings(line: Timeline, labelled: int) -> Timeline:
    """The bodies of all shots but the first, divided where the label of the shot's own clip ends.

    So a clip shares all of its segments with the film but the first two seconds.
    """
    segments: list[Segment] = []
    for segment in line.segments:
        index, first = segment.parts[0]
        opening = labelled - first
        if len(segment.parts) > 1 or index == 0 or opening <= 0 or segment.frames - opening < line.fps:
            segments.append(segment)
            continue
        segments.append(segment.model_copy(update={"frames": opening}))
        rest = {"start": segment.start + opening, "frames": segment.frames - opening}
        segments.append(segment.model_copy(update={**rest, "parts": ((index, first + opening),)}))
    return line.model_copy(update={"segments": tuple(segments)})


def film_plan(
    story: Story,
    line: Timeline,
    spoken: Sequence[Spoken],
    movements: Sequence[Moving],
    look: Look,
) -> FilmPlan:
    """Every segment of the film and all its words."""
    per_shot = [
        subtitles.cues(
            said.text,
            said.words,
            story.language,
            width=look.width,
            height=look.height,
            duration_s=said.duration_s,
        )
        if said.text
        else []
        for said in spoken
    ]
    labelled = math.ceil(look.label_s * look.fps) if look.label is not None else 0
    line = _with_openings(line, labelled)
    burned = subtitles.segment_cues(line, per_shot) if look.subtitles == "burned" else [()] * len(line.segments)
    segments = []
    for segment, cues in zip(line.segments, burned, strict=True):
        parts = tuple(
            PartPlan(
                moving=movements[index].model_copy(update={"reused": False}),
                frames=line.spans[index].frames,
                first=first,
            )
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
    return FilmPlan(
        timeline=line,
        segments=tuple(segments),
        subtitles=tuple(subtitles.film_subtitles(line, per_shot)),
        labelled=labelled,
    )
