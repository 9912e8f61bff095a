"""Effects without an outline: smoke, fire, rays of light.

They are computed coarsely, a few thousand values, and drawn large by the same bilinear warp that moves the
layers, which keeps them soft and in their place.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.masks import Mask, Region, Setting, region
from app.services.media.planes import Bytes, Matrix, Planes, color

Grid = NDArray[np.float32]
Values = NDArray[np.floating[Any]]


class _Field:
    """A coarse grid over the box, drawn as a mask."""

    _CELLS = 96
    """Of the longer side."""

    def __init__(self, setting: Setting, kind: int) -> None:
        self._setting = setting
        self._random = np.random.default_rng([setting.seed & 0xFFFFFFFF, kind])
        self._mask = Mask()
        cell = max(max(setting.width, setting.height) / self._CELLS, 1.0)
        self._columns = max(4, round(setting.width / cell))
        self._rows = max(4, round(setting.height / cell))
        self._x = ((np.arange(self._columns) + 0.5) / self._columns).astype(np.float32)
        self._y = ((np.arange(self._rows) + 0.5) / self._rows).astype(np.float32)

    def _lay(self, grid: Bytes, seen: Region, into: Planes, ink: tuple[int, int, int]) -> None:
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
        self._mask.tint(into.box(seen.left, seen.top, seen.right, seen.bottom), mask, ink)

    def _blobs(self, x: Values, y: Values, width: Values, height: Values, weight: Values) -> Grid:
        """The sum of Gaussian blobs; all in fractions of the box. Two thin matrices and their product."""
        down = np.exp(-(((self._y[:, None] - y) / height) ** 2)) * weight
        across = np.exp(-(((self._x[:, None] - x) / width) ** 2))
        total: Grid = (down.astype(np.float32) @ across.T.astype(np.float32)).astype(np.float32)
        return total


class Smoke(_Field):
    """Puffs that rise, spread and thin out."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 11)
        count = round(22 + 26 * setting.amount)
        self._start = self._random.random(count)
        self._pace = 0.08 + 0.07 * self._random.random(count)
        self._lean = self._random.uniform(-0.2, 0.2, count)
        self._weight = 0.35 + 0.65 * self._random.random(count)
        self._sway = 2 * math.pi * self._random.random(count)
        self._fade = _window(self._x)[None, :] * _window(self._y)[:, None]

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or setting.amount == 0.0:
            return
        time = number / setting.fps
        age = (self._start + self._pace * time) % 1.0
        x = 0.5 + self._lean * age * 1.5 + 0.09 * age * np.sin(2.6 * math.pi * age - 0.7 * time)
        x += 0.03 * age * np.sin(self._sway + 1.3 * time)
        size = 0.022 + 0.1 * age
        thick = self._weight * np.sin(np.pi * np.clip(age, 0.02, 0.99)) ** 0.7 * (1.0 - 0.5 * age)
        flat = max(1.0, setting.width / setting.height) ** 0.5
        grid = self._blobs(x, 0.95 - 0.83 * age, size * 1.15, size * flat, thick)
        opacity = (1.0 - np.exp(-0.75 * grid)) * self._fade * (255 * (0.35 + 0.5 * setting.amount))
        self._lay(opacity.astype(np.uint8), seen, into, setting.ink)


class Fire(_Field):
    """Tongues of flame: blobs that rise and shrink, seen through two thresholds, over a breathing glow."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 12)
        count = round(16 + 14 * setting.amount)
        self._start = self._random.random(count)
        self._pace = 0.75 + 0.6 * self._random.random(count)
        self._place = self._random.normal(0.0, 0.15, count)
        self._sway = 2 * math.pi * self._random.random(count)
        red, green, blue = setting.rgb
        self._core = color((min(255, red + 30), min(255, green + 105), min(255, blue + 70)))
        self._fade = _window(self._x)[None, :] * _window(self._y)[:, None]

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or setting.amount == 0.0:
            return
        time = number / setting.fps
        age = (self._start + self._pace * time) % 1.0
        reach = 0.45 + 0.4 * setting.amount
        x = 0.5 + self._place * (1.0 - 0.75 * age) + 0.035 * age * np.sin(self._sway + 9.0 * time)
        size = 0.105 * (1.0 - 0.82 * age)
        heat = self._blobs(x, 0.88 - reach * age * (1.0 - 0.25 * age), size, size * 1.7, np.sqrt(1.0 - age))
        flicker = 0.8 + 0.12 * math.sin(11.0 * time + setting.seed) + 0.08 * math.sin(17.3 * time)
        center = np.array([0.5])
        glow = self._blobs(center, center + 0.22, center * 0.66, center * 0.8, np.array([90 * flicker]))
        flame = np.maximum(glow, np.clip((heat - 0.42) * 900, 0, 245)) * self._fade
        self._lay(flame.astype(np.uint8), seen, into, setting.ink)
        self._lay((np.clip((heat - 1.15) * 500, 0, 240) * self._fade).astype(np.uint8), seen, into, self._core)


class Rays(_Field):
    """Beams that fall slantwise from above and slowly change."""

    _CELLS = 160

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 13)
        side = self._random.choice((-1.0, 1.0))
        apex = 0.5 + side * self._random.uniform(0.25, 0.55)
        aspect = setting.height / setting.width
        angle = np.arctan2(self._x[None, :] - apex, (self._y[:, None] + 0.35) * aspect)
        fade = (1.0 - self._y[:, None]) ** 0.7 * np.minimum(1.0, 1.4 - 0.4 * np.abs(angle))
        fade = fade * (_window(self._x)[None, :] if setting.share < 0.98 else 1.0)
        self._beams = []
        for turn in (23.0, 37.0, 61.0):
            wave = 0.5 + 0.5 * np.sin(turn * angle + 2 * math.pi * self._random.random())
            self._beams.append((wave**2 * fade).astype(np.float32))

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or setting.amount == 0.0:
            return
        time = number / setting.fps
        most = 255 * (0.14 + 0.26 * setting.amount)
        shares = [0.45 + 0.3 * math.sin(pace * time + 2.1 * index) for index, pace in enumerate((0.5, 0.8, 1.1))]
        grid = sum((beam * np.float32(share * most * 0.6) for beam, share in zip(self._beams, shares, strict=True)))
        self._lay(np.clip(grid, 0, 255).astype(np.uint8), seen, into, setting.ink)


def _window(at: Grid) -> Grid:
    """1 in the middle, softly 0 at both ends of 0 to 1."""
    rise = np.clip(np.minimum(at, 1.0 - at) / 0.14, 0.0, 1.0)
    soft: Grid = (rise * rise * (3.0 - 2.0 * rise)).astype(np.float32)
    return soft
