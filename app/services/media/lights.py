"""Effects that shine or shimmer: fireflies, sky lanterns, bubbles."""

from __future__ import annotations

import math

import numpy as np

from app.services.media.masks import Floats, Region, Setting, dots, glows, line, shape
from app.services.media.particles import Particles
from app.services.media.planes import Bytes, Planes, color

_CIRCLE = np.array([(math.cos(turn * math.pi / 12), math.sin(turn * math.pi / 12)) for turn in range(24)])


class Fireflies(Particles):
    """Small lights that wander, and glow up and fade each in its own time."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 4)
        count = self._count(7, 38)
        self._place = self._unit(count, 2)
        self._size = 0.75 + 0.85 * self._unit(count)
        self._roam = (14.0 + 50.0 * self._unit(count, 2)) * setting.unit
        self._pace = 0.12 + 0.25 * self._unit(count, 2)
        self._phase = self._phases(count, 3)
        self._blink = 0.8 + 1.3 * self._unit(count)

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        wander = np.sin(self._phase[:, :2] + 2.0 * math.pi * self._pace * time)
        wander += 0.4 * np.sin(2.3 * self._phase[:, 1::-1] + 4.0 * math.pi * self._pace * time)
        xy = self._in_picture(self._place) + self._roam * wander
        beat = (0.5 + 0.5 * np.sin(self._phase[:, 2] + 2.0 * self._blink * time)) ** 1.5
        light = 255.0 * (0.16 + 0.84 * beat) * self._setting.soft(xy)
        at, size = seen.points(xy), self._size * self._setting.unit * seen.scale
        mask = self._mask.blank(seen.size)
        glows(mask, at, (13.0 + 9.0 * beat) * size, 0.42 * light)
        dots(mask, at, 5.5 * size, 0.8 * light, 1.0)
        dots(mask, at, 2.3 * size, light, 0.4)
        self._mask.tint(target, mask, self._setting.ink)


class Bubbles(Particles):
    """Bubbles that wobble upwards in their own time, each with a rim and a gleam."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 9)
        count = self._count(9, 58)
        self._place = self._unit(count, 2)
        near = self._unit(count) ** 2.4
        self._radius = (2.2 + 11.5 * near) * setting.unit
        self._speed = (26.0 + 46.0 * near + 16.0 * self._unit(count)) * setting.unit
        self._sway = (5.0 + 15.0 * self._unit(count)) * setting.unit
        self._pace = 0.6 + 0.8 * self._unit(count)
        self._phase = self._phases(count, 2)

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        xy = self._fallen(self._place, -self._speed * time, 2.0 * self._radius)
        xy[:, 0] += self._sway * np.sin(self._phase[:, 0] + 2.0 * self._pace * time)
        fade = setting.soft(xy)
        flat = 1.0 + 0.07 * np.sin(self._phase[:, 1] + 7.0 * self._pace * time)
        at, radius = seen.points(xy), self._radius * seen.scale
        thick = round(1.1 * setting.unit * seen.scale)
        mask = self._mask.blank(seen.size)
        for point, reach, wide, seen_as in zip(at, radius.tolist(), flat.tolist(), fade.tolist(), strict=True):
            if seen_as > 0.02:
                rim = point + _CIRCLE * (reach * wide, reach / wide)
                shape(mask, rim, 26.0 * seen_as)
                line(mask, rim, 120.0 * seen_as, thick, closed=True)
        dots(mask, at - 0.36 * radius[:, None], 0.26 * radius, 235.0 * fade, 0.4)
        dots(mask, at + (0.42, 0.46) * radius[:, None], 0.14 * radius, 140.0 * fade, 0.4)
        self._mask.tint(target, mask, setting.ink)


class Lanterns(Particles):
    """Paper lanterns that rise into the sky: a halo, a body lit from below, a flame that flickers."""

    _SIDE = np.array([(0.27, 0.5), (0.41, 0.12), (0.4, -0.28), (0.22, -0.5)])
    _BODY = np.vstack([_SIDE, (_SIDE * (-1.0, 1.0))[::-1]])

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 10)
        count = self._count(5, 26)
        self._place = self._unit(count, 2)
        # The far ones first, so that the near ones are drawn over them.
        near = np.sort(self._unit(count) ** 1.7)
        self._size = (11.0 + 34.0 * near) * setting.unit
        self._speed = (7.0 + 19.0 * near) * setting.unit
        self._sway = (4.0 + 16.0 * near) * setting.unit
        self._pace = 0.2 + 0.25 * self._unit(count)
        self._phase = self._phases(count, 3)
        self._dim = 0.62 + 0.38 * near
        red, green, blue = setting.rgb
        self._paper = color((min(255, red + 6), min(255, green + 16), blue))
        self._flame = color((255, min(255, green + 78), min(255, blue + 104)))
        self._rim = color((round(0.5 * red), round(0.34 * green), round(0.3 * blue)))

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        xy = self._fallen(self._place, -self._speed * time, 1.2 * self._size)
        swing = np.sin(self._phase[:, 0] + 2.0 * math.pi * self._pace * time)
        xy[:, 0] += self._sway * swing
        flicker = 0.86 + 0.09 * np.sin(self._phase[:, 1] + 6.7 * time) + 0.05 * np.sin(self._phase[:, 2] + 15.1 * time)
        light = 255.0 * self._dim * setting.soft(xy)
        at, size = seen.points(xy), self._size * seen.scale
        mask = self._mask.blank(seen.size)
        glows(mask, at + (0.0, 0.1) * size[:, None], 2.4 * size, 0.4 * light * flicker)
        self._mask.tint(target, mask, setting.ink)
        bodies = self._turned(0.12 * np.cos(self._phase[:, 0] + 2.0 * math.pi * self._pace * time), size) + at[:, None]
        mask = self._mask.blank(seen.size)
        self._bodies(mask, bodies, 0.94 * light)
        self._mask.tint(target, mask, self._paper)
        mask = self._mask.blank(seen.size)
        dots(mask, at + (0.0, 0.22) * size[:, None], 0.4 * size, light * flicker, 1.0)
        self._mask.tint(target, mask, self._flame)
        mask = self._mask.blank(seen.size)
        for body, shown, thick in zip(bodies, (0.8 * light).tolist(), (0.05 * size).tolist(), strict=True):
            line(mask, body[[0, 7]], shown, round(thick))
        self._mask.tint(target, mask, self._rim)

    def _turned(self, turn: Floats, size: Floats) -> Floats:
        cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
        x, y = self._BODY[None, :, 0] * size[:, None], self._BODY[None, :, 1] * size[:, None]
        turned: Floats = np.stack([x * cos - y * sin, x * sin + y * cos], axis=2)
        return turned

    @staticmethod
    def _bodies(mask: Bytes, bodies: Floats, light: Floats) -> None:
        for body, shown in zip(bodies, light.tolist(), strict=True):
            shape(mask, body, shown)
