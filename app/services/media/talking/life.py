"""What a head does of itself while it speaks: it blinks, nods at what it stresses, drifts, breathes, lifts its brows.

All of it is small, and a function of the time and the seed alone, so that a frame can be drawn without those before it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.services.media.talking.voice import Voice

_CLOSING_S, _CLOSED_S, _OPENING_S = 0.09, 0.04, 0.17
_BREATH_HZ = 0.27
_SLOW_HZ = (0.06, 0.11, 0.19, 0.31)


class Pose(NamedTuple):
    """Where the parts of the head are against the photo. Lengths in units of the face, angles in radians."""

    tilt: float
    right: float
    down: float
    turn: float
    """How far the features move sideways against the outline of the head."""
    nod: float
    """How far they move down."""
    breath: float
    brows: float
    blink: float
    """0 as in the photo to 1 closed."""
    open: float
    wide: float


class Life:
    """The movements of one head; ``seed`` decides when it blinks and how it drifts."""

    def __init__(self, seed: int, voice: Voice, temper: tuple[float, float] = (1.0, 0.0)) -> None:
        """``temper``: how much the head moves, 1 as usual, and how far the brows are lifted all the time."""
        self._voice, (self._lively, self._lifted) = voice, temper
        chance = np.random.default_rng([seed & 0xFFFFFFFF, 7])
        self._phases = chance.uniform(0, 2 * np.pi, (6, len(_SLOW_HZ)))
        self._blinks = _blinks(voice, chance)

    def at(self, time_s: float) -> Pose:
        """The pose at a moment."""
        voice = self._voice
        stress = voice.at(voice.stress, time_s)
        lively = self._lively
        drift = [lively * self._drift(number, time_s) for number in range(6)]
        return Pose(
            tilt=np.deg2rad(1.1) * drift[0] + 0.008 * stress * drift[5],
            right=0.022 * drift[1],
            down=0.010 * drift[2] + 0.022 * lively * stress,
            turn=0.032 * drift[3],
            nod=0.016 * drift[4] + 0.026 * lively * stress,
            breath=self._breath(time_s),
            brows=self._lifted + 0.035 * max(0.0, stress - 0.25) + 0.006 * drift[5],
            blink=self._blink(time_s),
            open=voice.at(voice.open, time_s),
            wide=voice.at(voice.wide, time_s),
        )

    def _drift(self, number: int, time_s: float) -> float:
        """About -1 to 1, never the same twice, slow."""
        angles = 2 * np.pi * np.array(_SLOW_HZ) * (1 + 0.07 * number) * time_s + self._phases[number]
        return float(np.sin(angles) @ np.array([0.4, 0.35, 0.25, 0.14]))

    def _breath(self, time_s: float) -> float:
        """In quicker than out."""
        angle = 2 * np.pi * _BREATH_HZ * time_s + self._phases[0, 0]
        return float(0.5 * np.sin(angle + 0.45 * np.sin(angle)))

    def _blink(self, time_s: float) -> float:
        number = bisect_right(self._blinks, time_s) - 1
        if number < 0:
            return 0.0
        since = time_s - self._blinks[number]
        if since < _CLOSING_S:
            return _eased(since / _CLOSING_S)
        return 1 - _eased((since - _CLOSING_S - _CLOSED_S) / _OPENING_S)


def _eased(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _blinks(voice: Voice, chance: np.random.Generator) -> list[float]:
    """When each blink begins: 2 to 6 s apart, rather in the pauses, sometimes two."""
    times: list[float] = []
    now = float(chance.uniform(0.8, 2.5))
    while now < voice.duration_s:
        times.append(_quietest(voice.open, now, voice.duration_s))
        now = times[-1] + float(chance.uniform(2.3, 5.7))
    return times


def _quietest(opening: NDArray[np.float64], time_s: float, end_s: float) -> float:
    """The moment within 0.3 s at which the mouth is least open."""
    around = np.arange(max(0.0, time_s - 0.3), min(end_s, time_s + 0.3), 0.02)
    if not around.size:
        return time_s
    seen = np.interp(around * 100, np.arange(opening.size), opening) + 0.1 * np.abs(around - time_s)
    return float(around[int(seen.argmin())])
