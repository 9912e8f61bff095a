"""Lays out the film's time: from what every shot has to say to frames, windows and segments.

A shot lasts as long as its words need, with a breath before and after them, and longer when asked to. All
lengths are whole frames. How long a shot is depends on its own words and on its neighbours' windows and on
nothing else, so a changed shot never moves the inside of another one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from pydantic import Field

from app.core.errors import ValidationFailed
from app.models.engine import Plain
from app.models.timeline import Segment, ShotSpan, Timeline, Transition

MIN_SHOT_S = Fraction(5, 2)
"""Shortest shot: time enough to see a picture."""
OPENING_S = Fraction(4, 5)
"""From the film's first picture to its first word: the picture comes first."""
LEAD_IN_S = Fraction(1, 5)
"""From the end of the window (the picture is all there) to the first word."""
LEAD_IN_CUT_S = Fraction(2, 5)
"""The same after a hard cut, which needs a moment longer."""
PAUSE_S = Fraction(3, 10)
"""From the last word to the next window; a cut has CUT_PAUSE_S."""
PAUSE_CUT_S = Fraction(2, 5)
CLOSING_S = Fraction(1)
"""From the last word to the film's end."""
SHARE: dict[Transition, Fraction] = {"cut": Fraction(0), "dissolve": Fraction(1), "fade": Fraction(3, 2)}
"""How long a transition takes, of the time given for a dissolve."""
LATE_START_S = Fraction(3, 5)
"""How much later the words may begin in a shot that is asked to be longer than they need."""


class ShotLength(Plain):
    """What a shot needs: its narration's exact length and the length asked for, seconds."""

    shot_id: str
    narration_s: Fraction = Field(default=Fraction(0), ge=0)
    """0: the shot has no words."""
    asked_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """The shot is at least this long, windows included."""


def plan(
    shots: Sequence[ShotLength],
    *,
    fps: int,
    width: int,
    height: int,
    transitions: Sequence[Transition],
    transition_s: float,
) -> Timeline:
    """Place ``shots`` one after the other, ``transitions`` between them (one fewer than shots).

    Neighbours share a window of ``transition_s`` (an even number of frames, shortened to a third of the shorter
    of the two shots), half as much again for a fade, none for a cut. Words are never cut, nor sound over another
    shot's words. Raises ValidationFailed without shots, or for a rate outside 8..60 or an odd size.
    """
    if not shots:
        raise ValidationFailed("A film needs at least one shot")
    if not 8 <= fps <= 60:
        raise ValidationFailed(f"A film has 8 to 60 frames per second, not {fps}")
    if min(width, height) < 2 or width % 2 or height % 2:
        raise ValidationFailed(f"A film's width and height are even and positive, not {width}x{height}")
    windows = _windows(shots, fps, transitions, transition_s)
    spans: list[ShotSpan] = []
    start = 0
    for index, shot in enumerate(shots):
        span = _span(shot, start, windows[index], windows[index + 1], fps, index == 0, index == len(shots) - 1)
        spans.append(span)
        start += span.frames - span.trail
    return Timeline(
        fps=fps,
        width=width,
        height=height,
        spans=tuple(spans),
        segments=tuple(_segments(spans, transitions)),
        frames=start,
    )


def _frames(seconds: Fraction, fps: int) -> int:
    return math.ceil(seconds * fps)


def _windows(
    shots: Sequence[ShotLength], fps: int, transitions: Sequence[Transition], transition_s: float
) -> list[int]:
    """Frames shared at every boundary; the film's two ends count as boundaries without a window."""
    inner = []
    for (before, after), transition in zip(pairwise(shots), transitions, strict=True):
        seconds = Fraction(transition_s) * SHARE[transition]
        wanted = max(2, round(seconds * fps)) if seconds > 0 else 0
        inner.append(min(wanted, _alone(before, fps) // 3, _alone(after, fps) // 3) // 2 * 2)
    return [0, *inner, 0]


def _alone(shot: ShotLength, fps: int) -> int:
    """Frames that a shot would have without neighbours: what a window may take its share of."""
    return max(_frames(MIN_SHOT_S, fps), _asked(shot, fps), _frames(shot.narration_s, fps))


def _asked(shot: ShotLength, fps: int) -> int:
    return round(Fraction(shot.asked_s or 0) * fps)


def _span(shot: ShotLength, start: int, lead: int, trail: int, fps: int, first: bool, last: bool) -> ShotSpan:
    words = _frames(shot.narration_s, fps)
    breath = OPENING_S if first else (LEAD_IN_S if lead else LEAD_IN_CUT_S)
    pause = CLOSING_S if last else (PAUSE_S if trail else PAUSE_CUT_S)
    speech_at = lead + _frames(breath, fps)
    needed = speech_at + words + _frames(pause, fps) + trail if words else 0
    frames = max(_frames(MIN_SHOT_S, fps), _asked(shot, fps), needed)
    if words:
        speech_at += min((frames - needed) // 3, _frames(LATE_START_S, fps))
    return ShotSpan(shot_id=shot.shot_id, start=start, frames=frames, lead=lead, trail=trail, speech_at=speech_at)


def _segments(spans: Sequence[ShotSpan], transitions: Sequence[Transition]) -> list[Segment]:
    """Body, window, body, window, ..., body: every film frame once."""
    segments: list[Segment] = []
    for index, span in enumerate(spans):
        body = span.frames - span.lead - span.trail
        segments.append(Segment(start=span.start + span.lead, frames=body, parts=((index, span.lead),)))
        if span.trail:
            tail = span.frames - span.trail
            segments.append(
                Segment(
                    start=span.start + tail,
                    frames=span.trail,
                    parts=((index, tail), (index + 1, 0)),
                    transition=transitions[index],
                )
            )
    return segments
