"""Effects with a shape of their own that the air carries: leaves, petals, birds."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.services.media.masks import Floats, Region, Setting, shape
from app.services.media.particles import Particles
from app.services.media.planes import Planes, color

_SHIFT = 4
_FINE = 1 << _SHIFT


class Leaves(Particles):
    """Leaves that tumble as they fall, in a few shades of their colour; each has a darker half."""

    _OUTLINE = np.array([(-1.0, 0.0), (-0.5, -0.4), (0.2, -0.42), (1.0, 0.0), (0.2, 0.42), (-0.5, 0.4)])
    _COUNT = (8.0, 48.0)
    _SIZE = (5.5, 8.0)
    _FALL = (50.0, 75.0)
    _WIND = 34.0
    _KIND = 6
    _SHADES = (0.72, 1.2)
    _FOLD = 0.8
    """Light of the half below the vein."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, self._KIND)
        count = self._count(*self._COUNT)
        self._place = self._unit(count, 2)
        near = np.sort(self._unit(count) ** 2)
        self._size = (self._SIZE[0] + self._SIZE[1] * near) * setting.unit
        self._speed = (self._FALL[0] + self._FALL[1] * near) * setting.unit
        self._sway = (18.0 + 46.0 * self._unit(count)) * setting.unit
        self._wind = self._WIND * setting.unit * (0.4 + self._unit(count)) * self._random.choice((-1.0, 1.0))
        self._pace = 0.5 + 0.8 * self._unit(count)
        self._spin = self._random.uniform(-2.2, 2.2, count)
        self._phase = self._phases(count, 2)
        shades = self._random.uniform(*self._SHADES, count)
        self._inks = [(self._shade(light), self._shade(light * self._FOLD)) for light in shades]

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        xy = self._fallen(self._place, self._speed * time, 2.0 * self._size)
        swing = self._phase[:, 0] + 2.0 * self._pace * time
        across = setting.width + 4.0 * self._size
        x = (xy[:, 0] - setting.left + self._wind * time) % across - 2.0 * self._size
        xy[:, 0] = x + setting.left + self._sway * np.sin(swing) * np.minimum(1.0, setting.share * 8.0)
        xy[:, 1] += 0.25 * self._sway * np.cos(2.0 * swing)
        # Towards an edge of its box a leaf gets smaller, which looks like turning away.
        seen_as = setting.soft(xy)
        shapes = self._tumbled(time, swing, seen.scale * seen_as) + seen.points(xy)[:, None]
        whole = np.rint(shapes * _FINE).astype(np.int32)
        half = np.rint((shapes - 0.5) * (0.5 * _FINE)).astype(np.int32)
        under = [0, *range(len(self._OUTLINE) // 2, len(self._OUTLINE))]
        for index in np.flatnonzero(seen_as > 0.25).tolist():
            for (y, u, v), corners in zip(self._inks[index], (slice(None), under), strict=True):
                cv2.fillConvexPoly(target.y, whole[index][corners], y, cv2.LINE_AA, _SHIFT)
                cv2.fillConvexPoly(target.u, half[index][corners], u, cv2.LINE_AA, _SHIFT)
                cv2.fillConvexPoly(target.v, half[index][corners], v, cv2.LINE_AA, _SHIFT)

    def _tumbled(self, time: float, swing: Floats, scale: Floats) -> Floats:
        """Outlines around (0, 0) in frame pixels, turned in the plane and seen more or less from the side."""
        turn = self._phase[:, 1] + self._spin * time + 0.6 * np.sin(swing)
        flat = 0.22 + 0.78 * np.abs(np.cos(0.5 * self._phase[:, 0] + 1.3 * self._spin * time))
        cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
        size = self._size * scale
        x = self._OUTLINE[None, :, 0] * size[:, None]
        y = self._OUTLINE[None, :, 1] * (size * flat)[:, None]
        return np.stack([x * cos - y * sin, x * sin + y * cos], axis=2)

    def _shade(self, light: float) -> tuple[int, int, int]:
        red, green, blue = (min(255, round(value * light)) for value in self._setting.rgb)
        return color((red, green, blue))


class Petals(Leaves):
    """Smaller, rounder and lighter than leaves: they fall slower and drift further."""

    _OUTLINE = np.array([(-0.9, 0.0), (-0.4, -0.55), (0.45, -0.6), (0.9, -0.2), (0.9, 0.2), (0.45, 0.6), (-0.4, 0.55)])
    _COUNT = (12.0, 70.0)
    _SIZE = (3.4, 5.2)
    _FALL = (30.0, 44.0)
    _WIND = 62.0
    _KIND = 7
    _SHADES = (0.86, 1.1)
    _FOLD = 0.93


class Birds(Particles):
    """A small flock on its way: wings beat, then glide, and nobody keeps quite in line."""

    _JOIN, _TIP = 0.46, 1.0
    """Along a wing."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 14)
        count = round(3 + 8 * setting.amount)
        self._side = self._random.choice((-1.0, 1.0))
        rank = np.arange(count)
        wing = np.where(rank % 2 == 0, 1.0, -1.0) * ((rank + 1) // 2)
        reach = min(1.0, setting.height / (150.0 * setting.unit))
        self._apart = np.stack([-self._side * 30.0 * np.abs(wing), 13.0 * wing * reach], axis=1) * setting.unit
        self._apart += self._random.uniform(-9.0, 9.0, (count, 2)) * (1.0, reach) * setting.unit
        self._size = (7.0 + 4.5 * self._unit(count)) * setting.unit
        self._pace = 2.1 + 0.5 * self._unit(count)
        self._phase = self._phases(count, 4)
        self._start, self._height = self._random.uniform(0.1, 0.6), self._random.uniform(0.35, 0.65)

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        span = 34.0 * setting.unit * len(self._size)
        travel = setting.width + span
        way = (self._start * travel + 44.0 * setting.unit * time) % travel - 0.5 * span
        x = setting.left + (way if self._side > 0 else setting.width - way)
        y = setting.top + setting.height * (self._height + 0.09 * math.sin(0.5 * time + self._phase[0, 0]))
        xy = self._apart + np.array([x, y])
        xy += 7.0 * setting.unit * np.sin(self._phase[:, :2] + 0.7 * time)
        light = 225.0 * setting.soft(xy)
        # Beats come in bursts, with wings held out between them.
        effort = np.clip(0.9 + 1.1 * np.sin(self._phase[:, 2] + 0.9 * time), 0.12, 1.0)
        beat = self._phase[:, 3] + 2.0 * math.pi * self._pace * time
        mask = self._mask.blank(seen.size)
        at, size = seen.points(xy), self._size * seen.scale
        for index in np.flatnonzero(light > 2.0).tolist():
            up, after = (float(effort[index] * np.sin(beat[index] - late)) for late in (0.0, 0.75))
            for outline in self._bird(up, after):
                shape(mask, at[index] + outline * size[index], float(light[index]))
        self._mask.tint(target, mask, setting.ink)

    def _bird(self, up: float, after: float) -> list[Floats]:
        """Convex pieces of one bird, half a span being 1: two parts of each wing, and the body."""
        joint = np.array([self._JOIN, -0.16 - 0.34 * up])
        tip = np.array([self._TIP, joint[1] + 0.12 - 0.42 * after])
        pieces = []
        for side in (-1.0, 1.0):
            flip = np.array([side, 1.0])
            below = joint + np.array([-0.05, 0.1])
            inner = np.array([(0.03, -0.06), joint - np.array([0.0, 0.03]), below, (0.02, 0.11)])
            outer = np.array([joint - np.array([0.06, 0.01]), tip, below])
            pieces += [inner * flip, outer * flip]
        ahead = self._side
        pieces.append(np.array([(-0.3 * ahead, 0.07), (0.0, -0.05), (0.26 * ahead, 0.0), (0.0, 0.13)]))
        return pieces
