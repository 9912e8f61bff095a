"""Effects without an outline: smoke, mist, rays of light.

They are computed coarsely, a few thousand values, and drawn large by bilinear interpolation, which keeps them soft.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.masks import Region, Setting, soft_ends
from app.services.media.particles import Particles
from app.services.media.planes import Bytes, Planes

Grid = NDArray[np.float32]
Values = NDArray[np.floating[Any]]


class Field(Particles):
    """A coarse grid over the box, drawn as a mask."""

    _CELLS = 96
    """Of the longer side."""

    def __init__(self, setting: Setting, kind: int) -> None:
        super().__init__(setting, kind)
        cell = max(max(setting.width, setting.height) / self._CELLS, 1.0)
        self._columns = max(4, round(setting.width / cell))
        self._rows = max(4, round(setting.height / cell))
        self._x = ((np.arange(self._columns) + 0.5) / self._columns).astype(np.float32)
        self._y = ((np.arange(self._rows) + 0.5) / self._rows).astype(np.float32)

    def _ends(self) -> Grid:
        """1 in the box, softly 0 at its edges where they are not the picture's."""
        setting = self._setting
        x = setting.left + self._x.astype(np.float64) * setting.width
        y = setting.top + self._y.astype(np.float64) * setting.height
        across = soft_ends(x, setting.left, setting.width, setting.picture[0])
        down = soft_ends(y, setting.top, setting.height, setting.picture[1])
        return np.outer(down, across).astype(np.float32)

    def lay(self, grid: Bytes, seen: Region, target: Planes, ink: tuple[int, int, int]) -> None:
        """Lay a colour over the frame, as opaque as the grid says.

        Whole pixels are near enough for what has no outline, and a camera that rolls does not turn smoke.
        """
        setting = self._setting
        corners = np.array([(setting.left, setting.top), (setting.left + setting.width, setting.top + setting.height)])
        middle = seen.points(corners.mean(axis=0, keepdims=True))[0]
        width, height = (max(1, round(side * seen.scale)) for side in (setting.width, setting.height))
        left, top = round(middle[0] - width / 2), round(middle[1] - height / 2)
        large = cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)
        mask = self._mask.blank(seen.size)
        x, y = max(0, left), max(0, top)
        part = large[y - top : max(0, seen.size[1] - top), x - left : max(0, seen.size[0] - left)]
        mask[y : y + part.shape[0], x : x + part.shape[1]] = part
        self._mask.tint(target, mask, ink)

    def blobs(self, x: Values, y: Values, width: Values, height: Values, weight: Values) -> Grid:
        """The sum of Gaussian blobs; all in fractions of the box. Two thin matrices and their product."""
        down = np.exp(-(((self._y[:, None] - y) / height) ** 2)) * weight
        across = np.exp(-(((self._x[:, None] - x) / width) ** 2))
        total: Grid = (down.astype(np.float32) @ across.T.astype(np.float32)).astype(np.float32)
        return total


class Smoke(Field):
    """Puffs that rise, curl, spread and thin out."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 11)
        count = round(26 + 30 * setting.amount)
        self._start = self._unit(count)
        self._pace = 0.08 + 0.06 * self._unit(count)
        self._lean = self._random.uniform(-0.2, 0.2, count)
        self._weight = 0.35 + 0.65 * self._unit(count)
        self._sway = self._phases(count)
        self._fade = window(self._x)[None, :] * window(self._y)[:, None]

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        age = (self._start + self._pace * time) % 1.0
        x = 0.5 + self._lean * age * 1.5 + 0.1 * age * np.sin(2.6 * math.pi * age - 0.7 * time)
        x += 0.035 * age * np.sin(self._sway + 1.3 * time + 5.0 * age)
        size = 0.02 + 0.1 * age
        thick = self._weight * np.sin(np.pi * np.clip(age, 0.02, 0.99)) ** 0.7 * (1.0 - 0.5 * age)
        flat = max(1.0, setting.width / setting.height) ** 0.5
        grid = self.blobs(x, 0.95 - 0.83 * age, size * 1.15, size * flat, thick)
        opacity = (1.0 - np.exp(-0.75 * grid)) * self._fade * (255 * (0.32 + 0.45 * setting.amount))
        self.lay(opacity.astype(np.uint8), seen, target, setting.ink)


class Mist(Field):
    """Three veils of different fineness that drift past each other."""

    _CELLS = 120
    _VEILS = ((3, 2, 0.011), (5, 3, -0.017), (9, 5, 0.026))
    """Knots across and down of the noise, widths of the box a second."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 15)
        self._veils = [self._noise(across, down) for across, down, _ in self._VEILS]
        self._start = self._unit(len(self._VEILS))
        # Dense below, nothing at the upper end.
        rise = np.clip(self._y / 0.55, 0.0, 1.0)
        fall = (
            np.clip((1.0 - self._y) / 0.2, 0.0, 1.0) if setting.top + setting.height < setting.picture[1] - 1 else 1.0
        )
        height = rise * rise * (3.0 - 2.0 * rise) * fall
        self._fade = height[:, None].astype(np.float32) * self._ends()
        self._phase = self._phases(len(self._VEILS))

    def _noise(self, across: int, down: int) -> Grid:
        """Smooth values from 0 to 1, twice as wide as the box, that go round."""
        knots = self._random.random((down + 3, 2 * across)).astype(np.float32)
        knots = np.hstack([knots[:, -3:], knots, knots[:, :3]])
        fine = max(1, self._columns // across)
        large = cv2.resize(knots, None, fx=fine, fy=max(2, self._rows // down), interpolation=cv2.INTER_CUBIC)
        top = (large.shape[0] - self._rows) // 2
        whole = large[max(top, 0) : max(top, 0) + self._rows, 3 * fine : -3 * fine]
        if whole.shape[0] < self._rows:
            whole = cv2.resize(whole, (whole.shape[1], self._rows))
        return np.asarray(np.hstack([whole, whole]), np.float32)

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        clear = np.ones((self._rows, self._columns), np.float32)
        for veil, (_, _, pace), start, phase in zip(self._veils, self._VEILS, self._start, self._phase, strict=True):
            round_trip = veil.shape[1] // 2
            at = float((start * round_trip - pace * time * self._columns) % round_trip)
            column, part = int(at), np.float32(at - int(at))
            here = veil[:, column : column + self._columns + 1]
            shown = here[:, : self._columns] * (1 - part) + here[:, 1 : self._columns + 1] * part
            breath = 0.46 + 0.07 * math.sin(phase + 0.31 * time)
            thick = np.clip((shown - np.float32(0.78 - breath)) * np.float32(1.5), 0.0, 1.0)
            clear *= 1.0 - thick * thick * (3.0 - 2.0 * thick) * np.float32(0.62)
        most = np.float32(255 * (0.25 + 0.6 * self._setting.amount))
        grid = np.clip((1.0 - clear) * self._fade * most, 0, 255)
        self.lay(grid.astype(np.uint8), seen, target, self._setting.ink)


class Rays(Field):
    """Beams that fall slantwise from above and slowly change."""

    _CELLS = 160

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 13)
        side = self._random.choice((-1.0, 1.0))
        apex = 0.5 + side * self._random.uniform(0.25, 0.55)
        aspect = setting.height / setting.width
        angle = np.arctan2(self._x[None, :] - apex, (self._y[:, None] + 0.35) * aspect)
        fade = (1.0 - self._y[:, None]) ** 0.7 * np.minimum(1.0, 1.4 - 0.4 * np.abs(angle)) * self._ends()
        self._beams = []
        for turn in (23.0, 37.0, 61.0):
            wave = 0.5 + 0.5 * np.sin(turn * angle + 2.0 * math.pi * self._random.random())
            self._beams.append((wave**2 * fade).astype(np.float32))

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        most = 255.0 * (0.14 + 0.26 * self._setting.amount)
        shares = [0.45 + 0.3 * math.sin(pace * time + 2.1 * index) for index, pace in enumerate((0.5, 0.8, 1.1))]
        grid = sum((beam * np.float32(share * most * 0.6) for beam, share in zip(self._beams, shares, strict=True)))
        self.lay(np.clip(grid, 0, 255).astype(np.uint8), seen, target, self._setting.ink)


def window(at: Grid) -> Grid:
    """1 in the middle, softly 0 at both ends of 0 to 1."""
    rise = np.clip(np.minimum(at, 1.0 - at) / 0.14, 0.0, 1.0)
    soft: Grid = (rise * rise * (3.0 - 2.0 * rise)).astype(np.float32)
    return soft
