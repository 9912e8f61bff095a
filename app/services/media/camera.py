"""The eleven camera moves as paths of a view over a picture.

A view is what the camera sees of one layer: its centre, how close it is, its turn. Depth decides how much
a layer takes part in a move, which is all that parallax is. A path runs from one end to the other (or there
and back); both ends are brought inside the picture when it is made, and because the visible width is convex
in time between them (the zoom is exponential, the centre straight), every view between is inside as well.
No frame is clamped by itself, which would be seen as a jerk.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.services.media.planes import Matrix


class View(NamedTuple):
    x: float
    """Centre, as a fraction of the picture's width."""
    y: float
    zoom: float
    """1 shows as much of the picture as covers the frame."""


@dataclass(frozen=True)
class Path:
    start: View
    end: View
    angle: float = 0.0
    """Radians; the camera turns from minus this to plus this."""
    shear: float = 0.0
    """Rise of the horizon across the frame, likewise from minus to plus."""
    returns: bool = False
    """There and back (twice through the middle) instead of from end to end."""


class Scene(NamedTuple):
    """What a move needs to know of the picture."""

    focus: tuple[float, float] = (0.5, 0.5)
    subject_depth: float = 1.0
    """Depth of the layer that shows the subject: ``follow`` holds it still."""
    strength: float = 1.0
    side: int = 1
    """1 or -1: which way a move without a direction of its own goes."""
    deep: bool = False
    """Whether there are layers. Without them an orbit leans the horizon instead."""


FLAT = 0.85
"""The depth at which a picture without layers moves."""
_SAME_DEPTH = 0.02


def _share(depth: float) -> float:
    """How far a layer goes along when the camera travels: the sky half as far as the foreground."""
    return 0.5 + 0.5 * depth


def _towards(focus: float, share: float) -> float:
    return 0.5 + (focus - 0.5) * share


def _lean(scene: Scene, shear: float) -> float:
    return 0.0 if scene.deep else shear * scene.strength * scene.side


def _side(scene: Scene, focus: float) -> int:
    """Which way a travelling camera goes: towards the subject if it is off the middle, else as it is told."""
    return scene.side if abs(focus - 0.5) < 0.03 else (-1 if focus < 0.5 else 1)


def _push_in(scene: Scene, depth: float) -> Path:
    near = 1.03 * (1.0 + (0.13 + 0.17 * depth) * scene.strength)
    x, y = scene.focus
    start = View(_towards(x, 0.2), _towards(y, 0.2), 1.03)
    return Path(start, View(_towards(x, 0.75), _towards(y, 0.75), near))


def _pull_back(scene: Scene, depth: float) -> Path:
    push = _push_in(scene, depth)
    return Path(push.end, push.start)


def _crane(scene: Scene, depth: float) -> Path:
    x, y = scene.focus
    x, rise = _towards(x, 0.3), 0.09 * _share(depth) * scene.strength * _side(scene, y)
    return Path(View(x, 0.5 - rise, 1.2), View(x, 0.5 + rise, 1.24 + 0.04 * depth))


def _truck(scene: Scene, depth: float) -> Path:
    run = 0.09 * _share(depth) * scene.strength * _side(scene, scene.focus[0])
    y = _towards(scene.focus[1], 0.3)
    return Path(View(0.5 - run, y, 1.22), View(0.5 + run, y, 1.22))


def _tilt(scene: Scene, depth: float) -> Path:
    turn = 0.115 * scene.strength * _side(scene, scene.focus[1])
    x = _towards(scene.focus[0], 0.4)
    return Path(View(x, 0.5 - turn, 1.32), View(x, 0.5 + turn, 1.32))


def _roll(scene: Scene, depth: float, turn: float) -> Path:
    x, y = _towards(scene.focus[0], 0.3), _towards(scene.focus[1], 0.3)
    near = 1.2 + 0.05 * depth
    return Path(View(x, y, 1.2), View(x, y, near), angle=math.radians(turn) * scene.strength)


def _roll_left(scene: Scene, depth: float) -> Path:
    return _roll(scene, depth, 4.0)


def _roll_right(scene: Scene, depth: float) -> Path:
    return _roll(scene, depth, -4.0)


def _orbit(scene: Scene, depth: float) -> Path:
    swing = 0.055 * (2.0 * depth - 0.9) * scene.strength * scene.side
    y = _towards(scene.focus[1], 0.3)
    start, end = View(0.5 - swing, y, 1.17), View(0.5 + swing, y, 1.2 + 0.05 * depth)
    return Path(start, end, shear=_lean(scene, 0.012))


def _full_orbit(scene: Scene, depth: float) -> Path:
    swing = 0.08 * (2.0 * depth - 0.9) * scene.strength * scene.side
    lift = 0.012 * scene.strength
    start, end = View(0.5 - swing, 0.5 + lift, 1.2), View(0.5 + swing, 0.5 - lift, 1.23 + 0.06 * depth)
    return Path(start, end, shear=_lean(scene, 0.018), returns=True)


def _follow(scene: Scene, depth: float) -> Path:
    x, y = scene.focus
    if abs(depth - scene.subject_depth) < _SAME_DEPTH:
        held = View(_towards(x, 0.5), _towards(y, 0.3), 1.22)
        return Path(held, held._replace(zoom=1.25))
    run = 0.1 * _share(depth) * scene.strength * scene.side
    start = View(_towards(x, 0.5) - run, _towards(y, 0.3), 1.24)
    return Path(start, View(_towards(x, 0.5) + run, _towards(y, 0.3), 1.27))


def _static(scene: Scene, depth: float) -> Path:
    x, y = _towards(scene.focus[0], 0.2), _towards(scene.focus[1], 0.2)
    return Path(View(x, y, 1.05), View(x, y, 1.058 + 0.006 * depth))


_MOVES: dict[str, Callable[[Scene, float], Path]] = {
    "crane": _crane,
    "truck": _truck,
    "push_in": _push_in,
    "pull_back": _pull_back,
    "tilt": _tilt,
    "roll_left": _roll_left,
    "roll_right": _roll_right,
    "orbit": _orbit,
    "full_orbit": _full_orbit,
    "follow": _follow,
    "static": _static,
}


class Lens:
    """One layer's part in a move: gives the matrix of every instant."""

    def __init__(self, path: Path, picture: tuple[int, int], frame: tuple[int, int]) -> None:
        """Sizes are (width, height) in pixels; the path is brought inside the picture."""
        self._picture, self._frame = picture, frame
        self._scale = min(picture[0] / frame[0], picture[1] / frame[1])
        self._angle, self._shear, self._returns = path.angle, path.shear, path.returns
        start, end = self._closer(path.start), self._closer(path.end)
        if path.returns:
            widest = min(start.zoom, end.zoom)
            self._start = self._inside(start, widest)
            self._end = self._inside(end, widest)
        else:
            self._start = self._inside(start, start.zoom)
            self._end = self._inside(end, end.zoom)

    def matrix(self, time: float) -> Matrix:
        """From frame pixels to picture pixels, 2x3; ``time`` runs from 0 to 1 over the shot."""
        eased = ease(min(max(time, 0.0), 1.0))
        turn, near = 2.0 * eased - 1.0, eased
        if self._returns:
            turn, near = math.sin(2.0 * math.pi * eased), 0.5 - 0.5 * math.cos(2.0 * math.pi * eased)
        start, end = self._start, self._end
        zoom = start.zoom * (end.zoom / start.zoom) ** near
        way = 0.5 + 0.5 * turn
        x = (start.x + (end.x - start.x) * way) * self._picture[0]
        y = (start.y + (end.y - start.y) * way) * self._picture[1]
        a, b, c, d = self._linear(zoom, turn)
        left, top = 0.5 - self._frame[0] * 0.5, 0.5 - self._frame[1] * 0.5
        return np.array([[a, b, x - 0.5 + a * left + b * top], [c, d, y - 0.5 + c * left + d * top]], np.float64)

    def _linear(self, zoom: float, turn: float) -> tuple[float, float, float, float]:
        scale = self._scale / zoom
        cos, sin = math.cos(self._angle * turn) * scale, math.sin(self._angle * turn) * scale
        lean = self._shear * turn * scale
        return cos, -sin, sin + lean, cos

    def _reach(self, zoom: float) -> tuple[float, float]:
        """Half of the widest visible box over the whole turn, as fractions of the picture."""
        a, b, c, d = (abs(value) for value in self._linear(zoom, 1.0))
        d = max(d, self._scale / zoom)
        a = max(a, self._scale / zoom)
        c = max(c, abs(self._linear(zoom, -1.0)[2]))
        width, height = self._frame
        return (a * width + b * height) / 2 / self._picture[0], (c * width + d * height) / 2 / self._picture[1]

    def _closer(self, view: View) -> View:
        """As near as it takes for the turned view to fit into the picture."""
        across, down = self._reach(view.zoom)
        return view._replace(zoom=view.zoom * max(1.0, 2.0 * across, 2.0 * down))

    def _inside(self, view: View, zoom: float) -> View:
        across, down = self._reach(zoom)
        x = min(max(view.x, across), 1.0 - across)
        y = min(max(view.y, down), 1.0 - down)
        return view._replace(x=x, y=y)


def ease(time: float) -> float:
    """0 to 1 with soft ends, but never quite standing, so that a cross-fade still moves."""
    return 0.4 * time + 0.6 * time * time * (3.0 - 2.0 * time)


def lens(camera: str, scene: Scene, depth: float, picture: tuple[int, int], frame: tuple[int, int]) -> Lens:
    """The part of a layer of this depth (0 far, 1 near) in one of the eleven moves.

    Raises KeyError for a camera that is none of ``app.models.story.CAMERAS``.
    """
    return Lens(_MOVES[camera](scene, depth), picture, frame)
