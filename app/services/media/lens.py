"""A move as matrices: what the camera sees of one layer at every instant, never beyond the picture's borders.

A path runs from one end to the other (or there and back). Both ends, with what the camera overshoots, are brought
inside the picture when the lens is made, and because the visible width is convex in time between them (the zoom is
exponential, the centre straight), every view between is inside as well. No frame is clamped by itself, which would
be seen as a jerk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.services.media.pace import DRIFT, OVERSHOOT, drift, ease
from app.services.media.planes import Matrix


class View(NamedTuple):
    x: float
    """Centre, as a fraction of the picture's width."""
    y: float
    zoom: float
    """1 shows as much of the picture as covers the frame."""

    def beyond(self, other: View, share: float) -> View:
        """On the way to ``other``, and past it for a share above 1."""
        x, y = self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share
        return View(x, y, self.zoom * (other.zoom / self.zoom) ** share)


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


class Hand(NamedTuple):
    """The hand that holds the camera: it drifts a little, however still it is meant to be."""

    seconds: float
    """Length of the shot."""
    phases: tuple[float, ...] = ()
    """Six, radians; none: it does not drift."""
    share: float = 1.0
    """How much of the drift this layer shows."""


class Lens:
    """One layer's part in a move: gives the matrix of every instant."""

    def __init__(self, path: Path, picture: tuple[int, int], frame: tuple[int, int], hand: Hand = Hand(6.0)) -> None:
        """Sizes are (width, height) in pixels; the path is brought inside the picture."""
        self._picture, self._frame, self._hand = picture, frame, hand
        self._scale = min(picture[0] / frame[0], picture[1] / frame[1])
        self._angle, self._shear, self._returns = path.angle, path.shear, path.returns
        self._far = 1.0 if path.returns else OVERSHOOT
        self._margin = self._reach_of_drift()
        start, end = self._closer(path.start), self._closer(path.start.beyond(path.end, self._far))
        widest = min(start.zoom, end.zoom)
        self._start = self._inside(start, widest if path.returns else start.zoom)
        self._end = self._inside(end, widest if path.returns else end.zoom)

    def matrix(self, time: float) -> Matrix:
        """From frame pixels to picture pixels, 2x3; ``time`` runs from 0 to 1 over the shot."""
        x, y, (a, b, c, d) = self._view(time)
        left, top = 0.5 - self._frame[0] * 0.5, 0.5 - self._frame[1] * 0.5
        return np.array([[a, b, x - 0.5 + a * left + b * top], [c, d, y - 0.5 + c * left + d * top]], np.float64)

    def sees(self, time: float, point: tuple[float, float]) -> tuple[float, float]:
        """Where in the frame a point of the picture is then, both as fractions."""
        x, y, (a, b, c, d) = self._view(time)
        right, down = point[0] * self._picture[0] - x, point[1] * self._picture[1] - y
        area = a * d - b * c
        return (
            0.5 + (right * d - down * b) / area / self._frame[0],
            0.5 + (down * a - right * c) / area / self._frame[1],
        )

    def _view(self, time: float) -> tuple[float, float, tuple[float, float, float, float]]:
        """The centre in pixels of the picture, and the linear part of the matrix."""
        time = min(max(time, 0.0), 1.0)
        eased = ease(time)
        turn, way, near = 2.0 * eased - 1.0, eased / self._far, eased / self._far
        if self._returns:
            turn = math.sin(2.0 * math.pi * eased)
            way, near = 0.5 + 0.5 * turn, 0.5 - 0.5 * math.cos(2.0 * math.pi * eased)
        x = self._start.x + (self._end.x - self._start.x) * way
        y = self._start.y + (self._end.y - self._start.y) * way
        zoom = self._start.zoom * (self._end.zoom / self._start.zoom) ** near
        if self._hand.phases:
            right, down = drift(time * self._hand.seconds, self._hand.phases)
            x += right * self._drift_unit(0)
            y += down * self._drift_unit(1)
        return x * self._picture[0], y * self._picture[1], self._linear(zoom, turn)

    def _drift_unit(self, axis: int) -> float:
        """The whole frame as a fraction of the picture, as much as this layer takes part."""
        return self._hand.share * self._frame[axis] * self._scale / self._picture[axis]

    def _reach_of_drift(self) -> tuple[float, float]:
        if not self._hand.phases:
            return 0.0, 0.0
        return DRIFT * self._drift_unit(0), DRIFT * self._drift_unit(1)

    def _linear(self, zoom: float, turn: float) -> tuple[float, float, float, float]:
        scale = self._scale / zoom
        cos, sin = math.cos(self._angle * turn) * scale, math.sin(self._angle * turn) * scale
        lean = self._shear * turn * scale
        return cos, -sin, sin + lean, cos

    def _reach(self, zoom: float) -> tuple[float, float]:
        """Half of the widest visible box over the whole turn, with the drift, as fractions of the picture."""
        most = 1.0 if self._returns else 2.0 * self._far - 1.0
        a, b, c, d = (abs(value) for value in self._linear(zoom, most))
        d = max(d, self._scale / zoom)
        a = max(a, self._scale / zoom)
        c = max(c, abs(self._linear(zoom, -most)[2]))
        width, height = self._frame
        return (
            (a * width + b * height) / 2 / self._picture[0] + self._margin[0],
            (c * width + d * height) / 2 / self._picture[1] + self._margin[1],
        )

    def _closer(self, view: View) -> View:
        """As near as it takes for the turned view to fit into the picture."""
        zoom = view.zoom
        for reach, margin in zip(self._reach(view.zoom), self._margin, strict=True):
            zoom = max(zoom, view.zoom * (reach - margin) / (0.5 - margin))
        return view._replace(zoom=zoom)

    def _inside(self, view: View, zoom: float) -> View:
        across, down = self._reach(zoom)
        x = min(max(view.x, across), 1.0 - across)
        y = min(max(view.y, down), 1.0 - down)
        return view._replace(x=x, y=y)
