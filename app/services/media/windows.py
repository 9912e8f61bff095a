"""The shapes through which a card lets the film be seen, as outlines: points that go once round."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(number, 2) of x and y, pixels."""


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def shorter(self) -> float:
        return min(self.width, self.height)

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


def rounded(box: Box, share: float = 0.09) -> Points:
    """A rectangle with round corners."""
    radius = box.shorter * share
    corners = [
        (box.right - radius, box.top + radius, -90),
        (box.right - radius, box.bottom - radius, 0),
        (box.left + radius, box.bottom - radius, 90),
        (box.left + radius, box.top + radius, 180),
    ]
    return np.vstack([_arc(x, y, radius, radius, start, start + 90) for x, y, start in corners])


def notched(box: Box) -> Points:
    """Corners taken away by quarter circles, as on an old label."""
    radius = box.shorter * 0.11
    corners = [
        (box.right, box.top, 180),
        (box.right, box.bottom, -90),
        (box.left, box.bottom, 0),
        (box.left, box.top, 90),
    ]
    return np.vstack([_arc(x, y, radius, radius, start, start - 90) for x, y, start in corners])


def arch(box: Box) -> Points:
    """A gate: a low round arch on straight sides."""
    rise = min(box.width / 2, box.height * 0.42)
    foot = box.shorter * 0.05
    top = _arc(box.x, box.top + rise, box.width / 2, rise, -180, 0)
    right = _arc(box.right - foot, box.bottom - foot, foot, foot, 0, 90)
    left = _arc(box.left + foot, box.bottom - foot, foot, foot, 90, 180)
    return np.vstack([top, right, left])


def oval(box: Box) -> Points:
    """Fuller than an ellipse, so that what stands at its sides is seen."""
    angle = np.linspace(0, 2 * math.pi, 240, endpoint=False)
    power = 2 / 2.7
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    return np.column_stack([box.x + x * box.width / 2, box.y + y * box.height / 2])


def circle(box: Box) -> Points:
    """A moon gate: the largest circle in the box."""
    return _arc(box.x, box.y, box.shorter / 2, box.shorter / 2, 0, 360)


def cut_corners(box: Box) -> Points:
    """Eight straight sides."""
    cut = box.shorter * 0.1
    x, y = (box.left, box.right), (box.top, box.bottom)
    above = [(x[0], y[0] + cut), (x[0] + cut, y[0]), (x[1] - cut, y[0]), (x[1], y[0] + cut)]
    below = [(x[1], y[1] - cut), (x[1] - cut, y[1]), (x[0] + cut, y[1]), (x[0], y[1] - cut)]
    return np.array([*above, *below])


def square(box: Box) -> Points:
    """Plain, its corners hardly broken."""
    return rounded(box, 0.012)


def slanted(box: Box) -> Points:
    """A panel of a comic: sides that lean."""
    lean = min(box.shorter * 0.09, box.width * 0.06)
    return np.array(
        [(box.left + lean, box.top), (box.right, box.top), (box.right - lean, box.bottom), (box.left, box.bottom)]
    )


def scalloped(box: Box) -> Points:
    """A rounded rectangle edged with lace: half circles that look outwards."""
    return _edged(rounded(box.grown(-box.shorter * 0.02), 0.16), box.shorter * 0.105, 0.3)


def cloud(box: Box) -> Points:
    """The same of fewer and larger half circles, as a child draws a cloud."""
    return _edged(oval(box.grown(-box.shorter * 0.045)), box.shorter * 0.3, 0.22)


def wavy(box: Box) -> Points:
    """A rounded rectangle drawn by hand."""
    points = along(rounded(box, 0.14), 220)
    turn = np.linspace(0, 2 * math.pi, len(points), endpoint=False)
    shift = box.shorter * (0.008 * np.sin(5 * turn + 1) + 0.006 * np.sin(11 * turn) + 0.003 * np.sin(29 * turn + 2))
    return points + _outwards(points) * shift[:, None]


SHAPES: dict[str, Callable[[Box], Points]] = {
    "rounded": rounded,
    "notched": notched,
    "arch": arch,
    "oval": oval,
    "circle": circle,
    "cut corners": cut_corners,
    "square": square,
    "slanted": slanted,
    "scalloped": scalloped,
    "cloud": cloud,
    "wavy": wavy,
}


def _arc(x: float, y: float, across: float, down: float, start: float, end: float) -> Points:
    angle = np.radians(np.linspace(start, end, max(3, int(abs(end - start) / 1.5))))
    return np.column_stack([x + across * np.cos(angle), y + down * np.sin(angle)])


def along(points: Points, number: int) -> Points:
    """The same outline by ``number`` points at equal distances."""
    closed = np.vstack([points, points[:1]])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, along[-1], number, endpoint=False)
    return np.column_stack([np.interp(at, along, closed[:, 0]), np.interp(at, along, closed[:, 1])])


def _outwards(points: Points) -> Points:
    """Unit vectors away from an outline that goes clockwise on the screen."""
    along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return np.column_stack([along[:, 1], -along[:, 0]])


def _edged(points: Points, pitch: float, depth: float) -> Points:
    """An outline with a half circle on every ``pitch`` pixels of it, ``depth`` of the pitch high."""
    length = float(np.sum(np.hypot(*np.diff(np.vstack([points, points[:1]]), axis=0).T)))
    number = max(8, round(length / pitch))
    fine = along(points, number * 14)
    phase = (np.arange(len(fine)) % 14) / 14
    bulge = np.sqrt(np.maximum(0.0, 1 - (2 * phase - 1) ** 2)) * depth * length / number
    return fine + _outwards(fine) * bulge[:, None]
