"""Chooses how near each picture stands: wide to see where we are, close to see what somebody feels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

WORDS = {"wide": ("远景", "wide shot"), "medium": ("中景", "medium shot"), "close": ("近景", "close-up")}
"""The three framings as an image prompt words them."""

_BY_CAMERA = {
    "crane": ("wide", "medium"),
    "pull_back": ("wide", "medium"),
    "truck": ("wide", "medium"),
    "tilt": ("medium", "wide"),
    "follow": ("medium", "wide"),
    "orbit": ("medium", "close"),
    "full_orbit": ("medium", "wide"),
    "push_in": ("close", "medium"),
    "static": ("close", "medium"),
    "roll_left": ("medium", "close"),
    "roll_right": ("medium", "close"),
}
_FELT = ("lonely", "sad", "afraid", "warm", "hopeful")
"""Feelings that are read in a face."""


def wishes(camera: str, tone: str, figures: int) -> tuple[str, ...]:
    """Framings that fit a shot, best first; a picture of nobody is never close."""
    first, second = _BY_CAMERA[camera]
    if figures == 0:
        return ("wide", "medium", "close")
    if figures == 1 and tone in _FELT and first == "medium":
        first, second = "close", "medium"
    if figures > 2 and first == "close":
        first, second = "medium", "wide"
    return tuple(dict.fromkeys((first, second, "wide", "medium", "close")))


def choose(wanted: Sequence[Sequence[str]], scenes: Sequence[Hashable]) -> list[str]:
    """One framing a shot from its wishes (every one holds all three).

    The film opens wide; in one and the same scene no framing follows itself; nowhere does it come three times
    running, nor more often than half of the shots.
    """
    share = max(2, -(-len(wanted) // 2))
    used: Counter[str] = Counter()
    chosen: list[str] = []
    for i, wish in enumerate(wanted):
        barred = {chosen[-1]} if i and scenes[i] == scenes[i - 1] else set()
        if i > 1 and chosen[-1] == chosen[-2]:
            barred.add(chosen[-1])
        free = [framing for framing in (("wide", *wish) if i == 0 else wish) if framing not in barred]
        pick = next((framing for framing in free if used[framing] < share), free[0])
        used[pick] += 1
        chosen.append(pick)
    return chosen
