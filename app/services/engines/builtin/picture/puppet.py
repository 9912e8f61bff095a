"""A canvas whose parts can be turned, moved and scaled as a paper puppet's, and one that only measures.

Figures are drawn in frames: a head turned on its neck, a body lying down, a small rider on a large horse. Every shape
of a figure passes through its frame, so the drawings themselves never know in which pose they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, Pixels
from app.services.engines.builtin.picture.curves import Curve, Points

_SWING = 0.07
"""How far a smooth line may leave the box of its points, as a share of it."""
LINE = 0.0095
"""Width of a figure's outlines in its own height."""


class Puppet(Canvas):
    """Units of a figure's height, y upwards.

    ``lift`` is how far above the ground the drawing wants to be; ``hung`` keeps it where it is drawn.
    """

    def __init__(self, width: int, height: int, *, scale: float, origin: tuple[float, float]) -> None:
        super().__init__(width, height, scale=scale, origin=origin, up=True)
        self.line = LINE
        self.lift = 0.0
        self.hung = False
        self._turned: Curve | None = None
        self._moved = np.zeros(2)

    def spot(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the present frame lies in the outermost one."""
        p = self._outer([(x, y)])[0]
        return float(p[0]), float(p[1])

    def back(self, p: tuple[float, float]) -> tuple[float, float]:
        """Where a point of the outermost frame lies in the present one."""
        if self._turned is None:
            return p
        q = (np.asarray(p) - self._moved) @ np.linalg.inv(self._turned)
        return float(q[0]), float(q[1])

    def _outer(self, points: Points) -> Curve:
        p = np.asarray(points, np.float64)
        return p if self._turned is None else p @ self._turned + self._moved

    def _fixed(self, points: Points) -> Pixels:
        return super()._fixed(self._outer(points))

    @contextmanager
    def at(self, x: float, y: float, turn: float = 0.0, size: float = 1.0) -> Iterator[None]:
        """Draw in a frame whose (0, 0) is (x, y), turned counter-clockwise by ``turn`` degrees, ``size`` as large.

        Outlines keep their width whatever the size.
        """
        before = (self._turned, self._moved, self.scale, self.line)
        a = math.radians(turn)
        matrix = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]]) * size
        self._moved = self._outer([(x, y)])[0]
        self._turned = matrix if self._turned is None else matrix @ self._turned
        self.scale, self.line = self.scale * size, self.line / size
        try:
            yield
        finally:
            self._turned, self._moved, self.scale, self.line = before

    @contextmanager
    def loose(self) -> Iterator[None]:
        """What is drawn here does not stand on the ground (a kite's tail, a fishing line, a stick)."""
        yield


class Tracer(Puppet):
    """Paints nothing: finds how far a drawing reaches, and the lowest part that would stand on the ground."""

    def __init__(self) -> None:
        super().__init__(1, 1, scale=1.0, origin=(0.0, 0.0))
        self.low = np.full(2, math.inf)
        self.high = np.full(2, -math.inf)
        self.ground = math.inf
        self._loose = 0
        self._within = 0

    def _note(self, points: Points, margin: float, solid: bool = True) -> None:
        if self._within:
            return
        p = self._outer(points)
        low, high = p.min(0), p.max(0)
        np.minimum(self.low, low - margin, out=self.low)
        np.maximum(self.high, high + margin, out=self.high)
        if solid and not self._loose:
            self.ground = min(self.ground, float(low[1]))

    def fill(self, points: Points, colour: RGB, alpha: float = 1.0) -> None:
        self._note(points, 0.0)

    def soft(
        self,
        points: Points,
        colour: RGB,
        *,
        light: float = 1.0,
        line: bool = True,
        dark: RGB | None = None,
        below: float | None = None,
    ) -> None:
        self._note(points, LINE)

    def graded(self, points: Points, top: RGB, bottom: RGB, *, line: bool = False) -> None:
        self._note(points, LINE)

    def stroke(self, points: Points, width: float, colour: RGB, *, smooth: bool = True, closed: bool = False) -> None:
        wide = width * self.scale / 2
        swing = (
            _SWING * self.scale * float(np.ptp(np.asarray(points), axis=0).max()) if smooth and len(points) > 2 else 0.0
        )
        self._note(points, wide + swing)
        if not self._within and not self._loose:
            self.ground = min(self.ground, float(self._outer(points)[:, 1].min()) - wide)

    def dot(self, x: float, y: float, r: float, colour: RGB, alpha: float = 1.0) -> None:
        self._ring(x, y, r * self.scale)

    def glow(self, x: float, y: float, r: float, colour: RGB, strength: float = 0.6, squash: float = 1.0) -> None:
        self._ring(x, y, r * self.scale, solid=False)

    def _ring(self, x: float, y: float, r: float, *, solid: bool = True) -> None:
        p = self._outer([(x, y)])
        if not self._within:
            self._note_outer(np.vstack([p - r, p + r]), solid)

    def _note_outer(self, p: Curve, solid: bool) -> None:
        np.minimum(self.low, p.min(0), out=self.low)
        np.maximum(self.high, p.max(0), out=self.high)
        if solid and not self._loose:
            self.ground = min(self.ground, float(p[:, 1].min()))

    @contextmanager
    def inside(self, points: Points) -> Iterator[None]:
        self._within += 1
        try:
            yield
        finally:
            self._within -= 1

    @contextmanager
    def loose(self) -> Iterator[None]:
        self._loose += 1
        try:
            yield
        finally:
            self._loose -= 1
