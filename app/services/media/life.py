"""How figures live: they breathe, blink, walk, hop, fly and float, each as a paper puppet does.

A pose is a function of the time alone: a small affine map of the figure's drawing, and which of its drawings is
shown. What stands keeps its foot where it is; what walks moves between its steps and rests on them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from app.models.engine import Life
from app.services.media.planes import Matrix

_TURN = 2.0 * math.pi
_GESTURE_S = 3.8
_BLINK_S = 0.125
_AGAIN_S = 0.27
"""From one blink to its repetition, when there is one."""


class Pose(NamedTuple):
    """Lengths are in heights of the figure."""

    x: float = 0.0
    y: float = 0.0
    """Upwards."""
    tall: float = 1.0
    wide: float = 1.0
    turn: float = 0.0
    """Radians, clockwise as it is seen."""
    lean: float = 0.0
    """Sideways for each height above the foot."""
    step: float = 0.0
    """How many steps it has made; of who hops, the number of the hop while it is in the air."""
    hover: float = 0.0
    """How far above its foot the point lies around which it turns and grows."""


def leader(life: Life, others: Sequence[Life]) -> Life:
    """Whom a thing that only slides goes along with: the figure whose foot is nearest, or itself."""
    if life.kind != "slide":
        return life
    going = [other for other in others if other.kind != "slide" and other.travel * life.travel > 0.0]
    return min(going, key=lambda other: math.dist(other.foot, life.foot), default=life)


class Puppet:
    """One figure over one shot."""

    def __init__(self, life: Life, picture: tuple[int, int], seconds: float, seed: int, leader: Life) -> None:
        """``picture`` is the stage's size in pixels, ``seconds`` the length of the shot."""
        self._life, self._seconds = life, max(seconds, 1e-6)
        self._width = picture[0]
        self._height = min(max(life.height, 0.0), 2.0) * picture[1]
        self._foot = (life.foot[0] * picture[0], life.foot[1] * picture[1])
        self._phase = life.phase % 1.0
        self._side = -1 if life.side < 0 else 1
        self._steps = 1 + len(life.steps)
        self._way = _Way(leader, self._seconds)
        # Legs hide a blink that comes at the wrong moment: who walks closes its eyes a little longer.
        blink = _BLINK_S if self._steps == 1 else 2.0 * _BLINK_S
        self._blinks = _blinks(self._seconds, round(self._phase * 1e6), seed, blink) if life.closed else ()

    def matrix(self, seconds: float) -> Matrix:
        """From the picture as the figure is seen to the picture as it is drawn, 2x3."""
        pose = self._pose(seconds)
        cos, sin = math.cos(pose.turn), math.sin(pose.turn)
        # Drawn to seen, around the pivot: first lean and scale, then turn, then go.
        a, b, c, d = pose.wide, -pose.lean * pose.tall, 0.0, pose.tall
        a, b, c, d = cos * a - sin * c, cos * b - sin * d, sin * a + cos * c, sin * b + cos * d
        area = a * d - b * c
        a, b, c, d = d / area, -b / area, -c / area, a / area
        x, y = self._foot[0], self._foot[1] - pose.hover * self._height
        right = x + pose.x * self._height + self._way.at(seconds) * self._life.travel * self._width
        down = y - pose.y * self._height
        return np.array([[a, b, x - a * right - b * down], [c, d, y - c * right - d * down]], np.float64)

    def drawing(self, seconds: float) -> int:
        """Which of the sheet's drawings is shown."""
        step = self._pose(seconds).step
        if self._life.kind == "hop":
            at = 1 + (math.floor(step) - 1) % (self._steps - 1) if step and self._steps > 1 else 0
        else:
            at = math.floor(step * _each(self._steps)) % self._steps
        if at == 0 and any(start <= seconds < end for start, end in self._blinks):
            return self._steps
        return at

    def _pose(self, seconds: float) -> Pose:
        return _KINDS[self._life.kind](seconds * _hurry(self._life), self._phase, self._side, self._life.height)


def _hurry(life: Life) -> float:
    """A walk that is drawn in four looks right at a slower pace than one of two."""
    return 0.74 if life.kind in ("walk", "run") and len(life.steps) > 2 else 1.0


def _each(drawings: int) -> int:
    """Drawings that one step takes: with four, as with the frames of a film, a stride is two steps of two."""
    return max(1, drawings // 2)


class _Way:
    """How far along its way a figure is: from -0.5 to 0.5 over the shot, in the rhythm of its steps."""

    def __init__(self, life: Life, seconds: float) -> None:
        self._life, self._phase = life, life.phase % 1.0
        self._first = self._rhythm(0.0)
        self._whole = max(self._rhythm(seconds) - self._first, 1e-9)

    def at(self, seconds: float) -> float:
        return (self._rhythm(seconds) - self._first) / self._whole - 0.5

    def _rhythm(self, seconds: float) -> float:
        kind = self._life.kind
        if kind in ("walk", "run"):
            beats = seconds * _hurry(self._life) / _beat(kind, self._life.height) + self._phase
            return beats - (0.55 if kind == "walk" else 0.25) * math.sin(_TURN * beats) / _TURN
        if kind == "hop":
            hops = seconds / _hop_s(self._life.height) + self._phase
            return math.floor(hops) + _part(hops % 1.0, _UP, _DOWN)
        return seconds


def _beat(kind: str, height: float) -> float:
    """Seconds from step to step; the large take their time."""
    tall = min(max(height, 0.0) / 0.6, 1.0)
    return 0.23 + 0.07 * tall if kind == "walk" else 0.15 + 0.04 * tall


def _hop_s(height: float) -> float:
    return 0.66 + 0.18 * min(max(height, 0.0) / 0.6, 1.0)


_UP, _DOWN = 0.26, 0.76
"""When in a hop the feet leave the ground and touch it again."""


def _part(at: float, start: float, end: float) -> float:
    return min(max((at - start) / (end - start), 0.0), 1.0)


def _breath(seconds: float, phase: float, period: float) -> float:
    """-1 to 1, in a little quicker than out."""
    at = _TURN * (seconds / period + phase)
    return math.sin(at + 0.4 * math.sin(at))


def _slow(seconds: float, phase: float, period: float) -> float:
    """-1 to 1, never quite the same twice."""
    at = _TURN * (seconds / period + phase)
    return 0.62 * math.sin(at) + 0.38 * math.sin(1.618 * at + 2.4 * phase)


def _breathe(seconds: float, phase: float, side: int, height: float) -> Pose:
    breath = _breath(seconds, phase, 3.2 + 0.8 * phase)
    turn = math.radians(0.5) * _slow(seconds, phase, 5.7)
    return Pose(tall=1.0 + 0.0105 * breath, wide=1.0 - 0.0045 * breath, turn=turn, step=_gesture(seconds, phase))


def _gesture(seconds: float, phase: float) -> float:
    """Steps of one that stays where it is: it waves or talks for a while, and then rests."""
    at = (seconds / _GESTURE_S + phase) % 1.0
    return 1.0 + at * _GESTURE_S / 0.3 if at < 0.45 else 0.0


def _sway(seconds: float, phase: float, side: int, height: float) -> Pose:
    breath = _breath(seconds, phase, 4.2 + 0.8 * phase)
    lean = 0.022 * _slow(seconds, phase, 4.6)
    return Pose(tall=1.0 + 0.009 * breath, wide=1.0 - 0.003 * breath, lean=lean, step=_gesture(seconds, phase))


def _stepping(beats: float, side: int, bob: float, tilt: float, forward: float) -> Pose:
    """The body is highest in the middle of a step and rocks over the foot that stands."""
    lift = abs(math.sin(math.pi * beats))
    rock = math.radians(tilt) * math.sin(math.pi * beats)
    tall = 1.0 - 0.4 * bob * (1.0 - lift) ** 2
    turn = side * math.radians(forward) + rock
    return Pose(y=bob * lift, tall=tall, wide=2.0 - tall, turn=turn, step=beats)


def _walk(seconds: float, phase: float, side: int, height: float) -> Pose:
    return _stepping(seconds / _beat("walk", height) + phase, side, 0.02, 1.1, 0.6)


def _run(seconds: float, phase: float, side: int, height: float) -> Pose:
    return _stepping(seconds / _beat("run", height) + phase, side, 0.042, 1.5, 3.2)


def _hop(seconds: float, phase: float, side: int, height: float) -> Pose:
    """Crouch, jump in a parabola, land soft and come up again."""
    hops = seconds / _hop_s(height) + phase
    at = hops % 1.0
    air = _part(at, _UP, _DOWN)
    up = 4.0 * air * (1.0 - air)
    crouch = math.sin(math.pi * _part(at, 0.04, _UP)) ** 2
    landing = _part(at, _DOWN, 1.0)
    press = math.sin(math.pi * landing) * (1.0 - 0.45 * landing) if landing < 1.0 else 0.0
    tall = 1.0 - 0.055 * crouch - 0.075 * press + 0.035 * math.sin(math.pi * air)
    turn = side * math.radians(2.4) * math.cos(math.pi * air) * (0.0 < air < 1.0) * -math.sin(math.pi * air)
    step = 1 + math.floor(hops) if 0.0 < air < 1.0 else 0
    return Pose(y=0.13 * up, tall=tall, wide=1.0 + 0.6 * (1.0 - tall), turn=turn, step=step)


def _fly(seconds: float, phase: float, side: int, height: float) -> Pose:
    """Wings beat faster on the way up; every beat lifts a little."""
    tall = min(max(height, 0.0) / 0.5, 1.0)
    period = 2.7 + 0.8 * tall
    at = seconds / period + phase
    beats = (7.5 - 3.7 * tall) * (seconds + 0.12 * math.sin(_TURN * at)) + 4.0 * phase
    rise = math.sin(_TURN * at)
    flap = math.sin(math.pi * beats)
    turn = -side * math.radians(1.8) * math.cos(_TURN * at) + math.radians(0.8) * _slow(seconds, phase, 4.1)
    x = 0.02 * _slow(seconds, phase, 6.3)
    return Pose(x=x, y=0.045 * rise + 0.010 * abs(flap), turn=turn, step=beats, hover=0.5)


def _float(seconds: float, phase: float, side: int, height: float) -> Pose:
    x, y = 0.03 * _slow(seconds, phase, 7.9), 0.035 * _breath(seconds, phase, 5.1)
    turn = math.radians(2.2) * _slow(seconds, phase + 0.31, 6.7)
    breath = 0.007 * _breath(seconds, phase + 0.2, 3.9)
    step = seconds / 0.46 + 3.0 * phase
    return Pose(x=x, y=y, tall=1.0 + breath, wide=1.0 - breath, turn=turn, step=step, hover=0.5)


def _slide(seconds: float, phase: float, side: int, height: float) -> Pose:
    return Pose()


_KINDS: dict[str, Callable[[float, float, int, float], Pose]] = {
    "breathe": _breathe,
    "sway": _sway,
    "walk": _walk,
    "run": _run,
    "hop": _hop,
    "fly": _fly,
    "float": _float,
    "slide": _slide,
}


def _blinks(seconds: float, phase: int, seed: int, blink: float) -> tuple[tuple[float, float], ...]:
    """When the eyes are closed: every 2.5 to 5 seconds, now and then twice."""
    random = np.random.default_rng([seed & 0xFFFFFFFF, phase, 41])
    at = 0.5 + 3.2 * random.random()
    found = []
    while at < seconds:
        found.append((at, at + blink))
        if random.random() < 0.22:
            found.append((at + _AGAIN_S, at + _AGAIN_S + blink))
        at += 2.5 + 2.5 * random.random()
    return tuple(found)
