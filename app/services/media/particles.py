"""Effects made of many small things: rain, snow, leaves, petals, stars, fireflies, glints on waves."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.masks import Floats, Mask, Setting, region
from app.services.media.planes import Bytes, Matrix, Planes, color

_SHIFT = 4
_FINE = 1 << _SHIFT
"""OpenCV draws at sixteenths of a pixel."""
_ROUND = np.array([(math.cos(turn * math.pi / 6), math.sin(turn * math.pi / 6)) for turn in range(12)])


class _Particles:
    """What all kinds share: a generator of their own and the laying of a mask."""

    def __init__(self, setting: Setting, kind: int) -> None:
        self._setting = setting
        self._random = np.random.default_rng([setting.seed & 0xFFFFFFFF, kind])
        self._mask = Mask()

    def _count(self, least: float, most: float) -> int:
        """How many particles; a small box holds fewer than the whole picture."""
        setting = self._setting
        if setting.amount == 0.0:
            return 0
        full = least + (most - least) * setting.amount
        return max(1, round(full * min(1.0, 0.15 + 0.85 * setting.share)))

    def _places(self, count: int) -> Floats:
        return self._random.random((count, 2))

    def _in_picture(self, unit: Floats) -> Floats:
        """From fractions of the box to pixels of the picture."""
        setting = self._setting
        return unit * (setting.width, setting.height) + (setting.left, setting.top)


class Rain(_Particles):
    """Streaks in three depths: the near ones longer, faster and brighter."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 1)
        count = self._count(70, 460)
        self._place = self._places(count)
        near = self._random.random(count) ** 1.6
        self._class = np.digitize(near, (0.35, 0.7))
        unit = setting.unit
        self._speed = (900.0 + 900.0 * near) * unit
        self._length = (16.0 + 26.0 * near) * unit
        lean = math.radians(7.0 + 8.0 * self._random.random())
        self._lean = math.tan(lean) * (1 if self._random.random() < 0.5 else -1)

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or not len(self._place):
            return
        mask = self._mask.blank(seen.size)
        travel = setting.height + self._length
        fallen = self._place[:, 1] * travel + self._speed * (number / setting.fps)
        turns, y = np.divmod(fallen, travel)
        # Another column at every turn, so that no streak falls twice in the same place.
        x = (self._place[:, 0] + turns * 0.618034) % 1.0 * setting.width
        x = (x + self._lean * y) % setting.width
        head = np.stack([x + setting.left, y + setting.top], axis=1)
        tail = head - np.stack([self._lean * self._length, self._length], axis=1)
        lines = np.stack([seen.points(tail), seen.points(head)], axis=1)
        fine = np.rint(lines * _FINE).astype(np.int32)
        thick = setting.unit * seen.scale
        for index, (light, width) in enumerate(((56, 1.0), (84, 1.0), (112, 1.6))):
            chosen = fine[self._class == index]
            cv2.polylines(mask, list(chosen), False, light, max(1, round(width * thick)), cv2.LINE_AA, _SHIFT)
        self._mask.tint(into.box(seen.left, seen.top, seen.right, seen.bottom), mask, setting.ink)


class Snow(_Particles):
    """Flakes from fine dust far away to a few soft ones close to the lens."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 2)
        count = self._count(60, 420)
        self._place = self._places(count)
        near = self._random.random(count) ** 3
        self._radius = (1.0 + 3.6 * near) * setting.unit
        self._speed = (38.0 + 95.0 * near + 14.0 * self._random.random(count)) * setting.unit
        self._sway = (5.0 + 22.0 * self._random.random(count)) * setting.unit
        self._pace = 0.5 + 0.9 * self._random.random(count)
        self._phase = 2 * math.pi * self._random.random(count)
        self._light = np.where(near > 0.55, 150, 190 + 60 * self._random.random(count))
        self._soft = near > 0.25

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or not len(self._place):
            return
        time = number / setting.fps
        rim = 2 * self._radius
        travel = setting.height + 2 * rim
        turns, y = np.divmod(self._place[:, 1] * travel + self._speed * time, travel)
        x = (self._place[:, 0] + turns * 0.618034) % 1.0 * setting.width
        x = x + self._sway * np.sin(self._phase + self._pace * time * 2.0)
        xy = np.stack([x + setting.left, y - rim + setting.top], axis=1)
        mask = self._mask.blank(seen.size)
        _dots(mask, seen.points(xy), self._radius * seen.scale, self._light, self._soft)
        self._mask.tint(into.box(seen.left, seen.top, seen.right, seen.bottom), mask, setting.ink)


class Stars(_Particles):
    """Stars that twinkle, a few with a small cross of light."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 3)
        count = self._count(16, 110)
        self._xy = self._in_picture(self._places(count))
        size = self._random.random(count) ** 4
        self._radius = (0.7 + 1.0 * size) * setting.unit
        self._light = 110 + 145 * self._random.random(count)
        self._pace = 1.1 + 3.4 * self._random.random(count)
        self._phase = 2 * math.pi * self._random.random(count)
        self._bright = np.argsort(size)[-max(1, count // 14) :] if count else np.empty(0, np.int64)

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or not len(self._xy):
            return
        wave = 0.5 + 0.5 * np.sin(self._phase + self._pace * number / setting.fps)
        light = self._light * (0.25 + 0.75 * wave * wave)
        mask = self._mask.blank(seen.size)
        points = seen.points(self._xy)
        arm = 4.5 * setting.unit * seen.scale
        for index in self._bright:
            ray = arm * float(wave[index])
            for turn in ((ray, 0.0), (0.0, ray)):
                ends = np.rint(np.stack([points[index] - turn, points[index] + turn]) * _FINE).astype(np.int32)
                cv2.polylines(mask, [ends], False, float(light[index]) * 0.45, 1, cv2.LINE_AA, _SHIFT)
        _dots(mask, points, self._radius * seen.scale, light, np.zeros(len(points), bool))
        self._mask.tint(into.box(seen.left, seen.top, seen.right, seen.bottom), mask, setting.ink)


class Fireflies(_Particles):
    """Small lights that wander and breathe."""

    _GLOW = ((13.0, 0.05), (9.0, 0.11), (6.0, 0.22), (3.8, 0.45), (2.2, 0.8), (1.2, 1.0))

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 4)
        count = self._count(6, 34)
        self._place = self._places(count)
        self._size = 0.6 + 0.7 * self._random.random(count)
        self._roam = (12.0 + 46.0 * self._random.random((count, 2))) * setting.unit
        self._pace = 0.25 + 0.5 * self._random.random((count, 2))
        self._phase = 2 * math.pi * self._random.random((count, 3))
        self._blink = 0.8 + 1.3 * self._random.random(count)

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or not len(self._place):
            return
        time = number / setting.fps
        wander = np.sin(self._phase[:, :2] + 2 * math.pi * self._pace * time * 0.5)
        wander += 0.4 * np.sin(2.3 * self._phase[:, 1::-1] + 2 * math.pi * self._pace * time)
        points = seen.points(self._in_picture(self._place) + self._roam * wander)
        light = 255 * (0.12 + 0.88 * (0.5 + 0.5 * np.sin(self._phase[:, 2] + self._blink * time * 2)) ** 2)
        mask = self._mask.blank(seen.size)
        for reach, share in self._GLOW:
            radius = reach * self._size * setting.unit * seen.scale
            _dots(mask, points, radius, light * share, np.zeros(len(points), bool))
        self._mask.tint(into.box(seen.left, seen.top, seen.right, seen.bottom), mask, setting.ink)


class Waves(_Particles):
    """Glints that drift on water: fine and many far away, long and few near."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 5)
        count = self._count(40, 170)
        self._x = self._random.random(count)
        self._row = self._random.random(count) ** 1.5
        self._half = (0.006 + 0.032 * self._row**1.2) * setting.width * (0.5 + self._random.random(count))
        self._thick = (0.5 + 2.1 * self._row) * setting.unit
        self._drift = (6.0 + 26.0 * self._row) * setting.unit * self._random.choice((-1.0, 1.0))
        self._pace = 0.7 + 1.1 * self._random.random(count)
        self._phase = 2 * math.pi * self._random.random(count)
        self._light = 60.0 + 90.0 * self._random.random(count)

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or not len(self._x):
            return
        time = number / setting.fps
        breath = np.sin(self._phase + self._pace * time * 2)
        margin = 1.2 * self._half
        travel = setting.width + 2 * margin
        x = (self._x * travel + self._drift * time) % travel - margin + setting.left
        y = setting.top + self._row * setting.height + (0.6 + 3.0 * self._row) * setting.unit * breath
        half = self._half * (0.75 + 0.25 * breath)
        outline = np.array([(-1, 0), (-0.4, -0.8), (0.4, -0.8), (1, 0), (0.4, 0.8), (-0.4, 0.8)])
        shapes = outline[None] * np.stack([half, self._thick], axis=1)[:, None] + np.stack([x, y], axis=1)[:, None]
        fine = np.rint(seen.points(shapes.reshape(-1, 2)) * _FINE).astype(np.int32).reshape(-1, 6, 2)
        light = self._light * (0.45 + 0.55 * (0.5 + 0.5 * breath))
        mask = self._mask.blank(seen.size)
        for shape, value in zip(fine, light.tolist(), strict=True):
            cv2.fillConvexPoly(mask, shape, value, cv2.LINE_AA, _SHIFT)
        self._mask.tint(into.box(seen.left, seen.top, seen.right, seen.bottom), mask, setting.ink)


class Leaves(_Particles):
    """Leaves that tumble as they fall, in a few shades of their colour."""

    _OUTLINE = np.array([(-1.0, 0.0), (-0.45, -0.42), (0.25, -0.4), (1.0, 0.0), (0.25, 0.4), (-0.45, 0.42)])
    _COUNT = (7.0, 44.0)
    _SIZE = (5.0, 7.0)
    _FALL = (55.0, 75.0)
    _WIND = 34.0
    _KIND = 6

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, self._KIND)
        count = self._count(*self._COUNT)
        self._place = self._places(count)
        near = self._random.random(count) ** 2
        self._size = (self._SIZE[0] + self._SIZE[1] * near) * setting.unit
        self._speed = (self._FALL[0] + self._FALL[1] * near) * setting.unit
        self._sway = (18.0 + 46.0 * self._random.random(count)) * setting.unit
        self._wind = self._WIND * setting.unit * (0.4 + self._random.random(count)) * self._random.choice((-1.0, 1.0))
        self._pace = 0.5 + 0.8 * self._random.random(count)
        self._spin = self._random.uniform(-2.2, 2.2, count)
        self._phase = 2 * math.pi * self._random.random((count, 2))
        self._inks = [color(self._shade(light)) for light in self._random.uniform(0.72, 1.2, count)]

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        setting = self._setting
        seen = region(setting, matrix, into, bottom)
        if seen is None or not len(self._place):
            return
        time = number / setting.fps
        travel = setting.height + 4 * self._size
        turns, y = np.divmod(self._place[:, 1] * travel + self._speed * time, travel)
        swing = self._phase[:, 0] + self._pace * time * 2
        x = ((self._place[:, 0] + turns * 0.618034) * setting.width + self._wind * time) % setting.width
        x = x + self._sway * np.sin(swing)
        y = y - 2 * self._size + 0.25 * self._sway * np.cos(2 * swing)
        points = seen.points(np.stack([x + setting.left, y + setting.top], axis=1))
        shapes = self._tumbled(time, swing, seen.scale) + points[:, None]
        target = into.box(seen.left, seen.top, seen.right, seen.bottom)
        whole = np.rint(shapes * _FINE).astype(np.int32)
        half = np.rint((shapes - 0.5) * (0.5 * _FINE)).astype(np.int32)
        for index, ink in enumerate(self._inks):
            cv2.fillConvexPoly(target.y, whole[index], ink[0], cv2.LINE_AA, _SHIFT)
            cv2.fillConvexPoly(target.u, half[index], ink[1], cv2.LINE_AA, _SHIFT)
            cv2.fillConvexPoly(target.v, half[index], ink[2], cv2.LINE_AA, _SHIFT)

    def _tumbled(self, time: float, swing: Floats, scale: float) -> Floats:
        """Outlines around (0, 0) in frame pixels, turned in the plane and seen more or less from the side."""
        turn = self._phase[:, 1] + self._spin * time + 0.6 * np.sin(swing)
        flat = 0.25 + 0.75 * np.abs(np.cos(0.5 * self._phase[:, 0] + 1.3 * self._spin * time))
        cos, sin = np.cos(turn), np.sin(turn)
        x = self._OUTLINE[None, :, 0] * self._size[:, None] * scale
        y = self._OUTLINE[None, :, 1] * (self._size * flat)[:, None] * scale
        return np.stack([x * cos[:, None] - y * sin[:, None], x * sin[:, None] + y * cos[:, None]], axis=2)

    def _shade(self, light: float) -> tuple[int, int, int]:
        red, green, blue = (min(255, round(value * light)) for value in self._setting.rgb)
        return red, green, blue


class Petals(Leaves):
    """Smaller, rounder and lighter than leaves: they fall slower and drift further."""

    _OUTLINE = np.array([(-0.9, 0.0), (-0.4, -0.55), (0.45, -0.6), (0.9, -0.2), (0.9, 0.2), (0.45, 0.6), (-0.4, 0.55)])
    _COUNT = (10.0, 60.0)
    _SIZE = (3.2, 4.6)
    _FALL = (32.0, 44.0)
    _WIND = 62.0
    _KIND = 7

    def _shade(self, light: float) -> tuple[int, int, int]:
        return super()._shade(0.5 + 0.5 * light)


def _dots(mask: Bytes, points: Floats, radii: Floats, light: Floats, soft: NDArray[np.bool_]) -> None:
    """Discs with smooth rims; the soft ones fade towards their rim."""
    height, width = mask.shape
    reach = 1.5 * radii + 2
    inside = np.all((points > -reach[:, None]) & (points < (width, height) + reach[:, None]), axis=1)
    at, size, value = points[inside], np.maximum(radii[inside], 0.6), light[inside]
    for share, growth in ((0.25, 1.5), (0.55, 1.22)):
        faded = soft[inside]
        _discs(mask, at[faded], size[faded] * growth, value[faded] * share)
    _discs(mask, at, size, value)


def _discs(mask: Bytes, points: Floats, radii: Floats, light: Floats) -> None:
    # Of twelve corners: OpenCV's own small circles are squares on their tips.
    shapes = np.rint((points[:, None] + _ROUND * radii[:, None, None]) * _FINE).astype(np.int32)
    for shape, value in zip(shapes, light.tolist(), strict=True):
        cv2.fillConvexPoly(mask, shape, value, cv2.LINE_AA, _SHIFT)
