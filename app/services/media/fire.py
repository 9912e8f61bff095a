"""A fire as in a picture book: flames inside flames that lick and sway, a glow that flickers around them, sparks."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.services.media.fields import Field, window
from app.services.media.masks import Floats, Region, Setting, dots
from app.services.media.particles import GOLDEN
from app.services.media.planes import Bytes, Planes, color

_LAYERS = ((1.0, 1.0, 5), (0.66, 0.7, 4), (0.36, 0.42, 3))
"""Width, height and tongues of the outer flames, those inside them, and the heart."""
_BASE = 0.9
"""Where in its box the fire burns, downwards."""
_SHIFT = 4
_FINE = 1 << _SHIFT


class Fire(Field):
    """Every tongue pulses and bends by waves that run up it; now and then a lick tears off."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 12)
        red, green, blue = setting.rgb
        self._inks = (
            setting.ink,
            color((min(255, red + 10), min(255, green + 66), min(255, blue + 14))),
            color((255, min(255, green + 122), min(255, blue + 126))),
        )
        self._tongues = [self._phases(count, 4) for _, _, count in _LAYERS]
        self._licks = self._unit(2 + round(3 * setting.amount), 3)
        self._sparks = self._unit(round(5 + 12 * setting.amount), 4)
        self._fade = window(self._x)[None, :] * window(self._y)[:, None]
        self._wide = 0.3 * min(setting.width, 1.3 * setting.height)
        self._high = (0.42 + 0.33 * setting.amount) * min(setting.height, 1.9 * setting.width)

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        flicker = 0.82 + 0.09 * math.sin(11.0 * time + self._setting.seed) + 0.06 * math.sin(17.3 * time)
        flicker += 0.05 * math.sin(4.1 * time)
        center = np.array([0.5])
        glow = self.blobs(center, center + 0.2, center * 0.68, center * 0.82, np.array([105.0 * flicker]))
        self.lay((glow * self._fade).astype(np.uint8), seen, target, self._setting.ink)
        for index, ink in enumerate(self._inks):
            mask = self._mask.blank(seen.size)
            self._burn(mask, index, time, seen)
            if index < 2:
                self._tear(mask, 1.0 - 0.5 * index, time, seen)
            self._mask.tint(target, mask, ink)
        self._fly(time, seen, target)

    def _burn(self, mask: Bytes, layer: int, time: float, seen: Region) -> None:
        wide, high, count = _LAYERS[layer]
        for index, phases in enumerate(self._tongues[layer]):
            place = (index + 0.5) / count * 2.0 - 1.0
            pulse = 0.8 + 0.14 * math.sin(5.2 * time + phases[0]) + 0.08 * math.sin(8.7 * time + phases[1])
            tall = self._high * high * pulse * (1.0 - 0.5 * place * place)
            half = self._wide * wide * (1.15 / count + 0.1)
            bend = self._wide * wide * (0.34 * math.sin(3.1 * time + phases[2]) - 0.3 * place)
            x = self._setting.left + 0.5 * self._setting.width + 0.62 * place * self._wide * wide
            y = self._setting.top + _BASE * self._setting.height
            self._flame(mask, seen.points(_tongue(x, y, half, tall, bend, 6.4 * time + phases[3])))

    def _tear(self, mask: Bytes, size: float, time: float, seen: Region) -> None:
        """Licks that have come off the tips, rise and shrink away."""
        turns, age = np.divmod(self._licks[:, 0] + (0.9 + 0.4 * self._licks[:, 1]) * time, 1.0)
        side = (self._licks[:, 2] + turns * GOLDEN) % 1.0 - 0.5
        for part, across in zip(age.tolist(), side.tolist(), strict=True):
            x = self._setting.left + 0.5 * self._setting.width + across * self._wide * (1.0 - 0.4 * part)
            y = self._setting.top + _BASE * self._setting.height - self._high * (0.62 + 0.5 * part)
            half = 0.13 * self._wide * size * math.sin(math.pi * min(1.0, 0.25 + 0.75 * part))
            if half * seen.scale > 0.4:
                outline = _tongue(x, y, half, 4.2 * half, half * math.sin(7.0 * time + 9.0 * across), 5.0 * time)
                self._flame(mask, seen.points(outline))

    @staticmethod
    def _flame(mask: Bytes, outline: Floats) -> None:
        fine = np.rint(outline * _FINE).astype(np.int32)
        cv2.fillPoly(mask, [fine], (250.0,), cv2.LINE_AA, _SHIFT)

    def _fly(self, time: float, seen: Region, target: Planes) -> None:
        """Sparks that are carried up and go out."""
        turns, age = np.divmod(self._sparks[:, 0] + (0.4 + 0.3 * self._sparks[:, 1]) * time, 1.0)
        side = (self._sparks[:, 2] + turns * GOLDEN) % 1.0 - 0.5
        wave = np.sin(8.0 * age + 6.0 * self._sparks[:, 3] + 2.0 * time)
        x = self._setting.left + 0.5 * self._setting.width + self._wide * (1.2 * side * (0.5 + age) + 0.14 * wave)
        y = self._setting.top + self._setting.height * (0.78 - 0.74 * age)
        light = 255.0 * (1.0 - age) ** 0.8 * np.clip(6.0 * age, 0.0, 1.0)
        radius = np.full(len(light), min(max(0.018 * self._wide * seen.scale, 0.8), 2.6))
        mask = self._mask.blank(seen.size)
        dots(mask, seen.points(np.stack([x, y], axis=1)), radius, light, 0.4)
        self._mask.tint(target, mask, self._inks[1])


def _tongue(x: float, y: float, half: float, tall: float, bend: float, wave: float) -> Floats:
    """Outline of one flame that stands at (x, y): round below, pointed above, bent by a wave that runs up."""
    up = np.linspace(0.0, 1.0, 15)
    wide = half * (0.55 + 0.45 * np.sin(np.pi * np.minimum(up / 0.44, 1.0) * 0.5)) * (1.0 - up) ** 0.72
    middle = x + bend * up**1.7 + 0.42 * half * up * np.sin(wave - 5.0 * up)
    height = y - tall * up
    foot = np.array([(x + 0.55 * half * math.cos(turn), y + 0.3 * half * math.sin(turn)) for turn in (0.6, 1.57, 2.54)])
    left = np.stack([middle - wide, height], axis=1)
    right = np.stack([middle + wide, height], axis=1)
    return np.vstack([left, right[::-1], foot])
