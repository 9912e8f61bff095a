"""How a camera with weight gets from here to there, and how a hand that holds it never quite rests.

The aim of the move runs evenly for most of the shot and then stands; the camera follows it like a mass on a damped
spring (the closed form of its answer to a ramp), so that it sets off softly, goes a hair too far and settles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_DAMPING = 0.6
"""1 would be critical; a little less overshoots by a hundredth of the way."""
_STIFFNESS = 16.0
"""Angular frequency of the spring, in radians per shot."""
_RUN = 0.7
"""Share of the shot in which the aim moves."""
_DRIFTS = ((0.071, 0.00105), (0.113, 0.0007), (0.197, 0.0004))
"""Frequency in Hz and reach as a fraction of the frame; too slow to be called a movement."""
DRIFT = sum(reach for _, reach in _DRIFTS)
"""The farthest that :func:`drift` goes, as a fraction of the frame."""


def _answer(time: float) -> float:
    """Where the mass is when its aim has moved at speed 1 since time 0."""
    if time <= 0.0:
        return 0.0
    lag = 2.0 * _DAMPING / _STIFFNESS
    swing = math.sqrt(1.0 - _DAMPING * _DAMPING)
    angle = _STIFFNESS * swing * time
    fading = math.exp(-_DAMPING * _STIFFNESS * time)
    sine = (2.0 * _DAMPING * _DAMPING - 1.0) / (_STIFFNESS * swing)
    return time - lag + fading * (lag * math.cos(angle) + sine * math.sin(angle))


def _raw(time: float) -> float:
    return (_answer(time) - _answer(time - _RUN)) / _RUN


_END = _raw(1.0)


def ease(time: float) -> float:
    """The part of the way done at ``time`` (both 0 to 1): softly off, a hair beyond the end, and back to it."""
    return _raw(min(max(time, 0.0), 1.0)) / _END


OVERSHOOT = max(ease(step / 400) for step in range(401))
"""The most that :func:`ease` returns, a little more than 1."""


def size(seconds: float) -> float:
    """How large a move suits a shot of this length; 1 for six seconds. Speed feels alike in short and long ones."""
    return min(1.2, math.pow(max(seconds, 0.0) / 6.0, 0.8))


def drift(seconds: float, phases: Sequence[float]) -> tuple[float, float]:
    """Where an unsteady hand holds the camera, as fractions of the frame; six phases in radians."""
    count = len(_DRIFTS)
    x, y = (
        sum(
            reach * math.sin(2.0 * math.pi * pace * seconds + phase)
            for (pace, reach), phase in zip(_DRIFTS, part, strict=True)
        )
        for part in (phases[:count], phases[count:])
    )
    return x, y
