"""Living water: light that wanders over it, glints, and lines of foam that come towards the shore."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.services.media.masks import Floats, Region, Setting, line, shape, soft_ends
from app.services.media.particles import Particles
from app.services.media.planes import Bytes, Planes

_GLINT = np.array([(-1, 0), (-0.4, -0.8), (0.4, -0.8), (1, 0), (0.4, 0.8), (-0.4, 0.8)], np.float64)


class Waves(Particles):
    """Everything is finer and slower far away, at the top of the box, than near."""

    _COLUMNS, _ROWS = 80, 36

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 5)
        count = self._count(34, 150)
        self._x = self._unit(count)
        self._row = self._unit(count) ** 1.5
        self._half = (0.005 + 0.026 * self._row**1.2) * setting.width * (0.5 + self._unit(count))
        self._thick = (0.5 + 1.7 * self._row) * setting.unit
        self._side = self._random.choice((-1.0, 1.0))
        self._pace = 0.7 + 1.1 * self._unit(count)
        self._phase = self._phases(count)
        self._light = 55.0 + 85.0 * self._unit(count)
        self._crests = self._phases(round(3 + 5 * setting.amount), 4)
        self._ripples = self._phases(6)

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        mask = self._mask.blank(seen.size)
        self._shimmer(mask, time, seen)
        self._glints(mask, time, seen)
        self._foam(mask, time, seen)
        self._mask.tint(target, mask, self._setting.ink)

    def _shimmer(self, mask: Bytes, time: float, seen: Region) -> None:
        """Broad soft bands of light, computed coarsely."""
        setting = self._setting
        x = (np.arange(self._COLUMNS, dtype=np.float64) + 0.5) / self._COLUMNS
        y = (np.arange(self._ROWS, dtype=np.float64)[:, None] + 0.5) / self._ROWS
        deep = y**0.6
        wave = np.zeros((self._ROWS, self._COLUMNS))
        for index, (across, down, pace) in enumerate(((9, 34, 0.9), (-14, 47, 1.3), (6, -22, 0.7))):
            wave += np.sin(across * x + down * deep + pace * self._side * time + self._ripples[index])
        box = np.array([(setting.left, setting.top), (setting.left + setting.width, setting.top + setting.height)])
        light = np.clip(wave / 3.0 - 0.15, 0.0, 1.0) ** 1.5 * (20.0 + 50.0 * setting.amount)
        light *= soft_ends(setting.left + x * setting.width, setting.left, setting.width, setting.picture[0])
        light *= np.minimum(1.0, np.minimum(y, 1.0 - y if box[1, 1] < setting.picture[1] - 1 else y + 1.0) / 0.12)
        low, high = seen.points(box)
        width, height = max(1, round(high[0] - low[0])), max(1, round(high[1] - low[1]))
        large = cv2.resize(light.astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
        left, top = round(low[0]), round(low[1])
        x0, y0 = max(0, left), max(0, top)
        part = large[y0 - top : max(0, seen.size[1] - top), x0 - left : max(0, seen.size[0] - left)]
        mask[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = part

    def _glints(self, mask: Bytes, time: float, seen: Region) -> None:
        setting = self._setting
        breath = np.sin(self._phase + 2.0 * self._pace * time)
        margin = 1.2 * self._half
        travel = setting.width + 2.0 * margin
        drift = (5.0 + 22.0 * self._row) * setting.unit * self._side
        x = (self._x * travel + drift * time) % travel - margin + setting.left
        y = setting.top + self._row * setting.height + (0.6 + 3.0 * self._row) * setting.unit * breath
        light = self._light * (0.25 + 0.75 * (0.5 + 0.5 * breath)) * setting.soft(np.stack([x, y], axis=1))
        half = self._half * (0.75 + 0.25 * breath)
        shapes = _GLINT[None] * np.stack([half, self._thick], axis=1)[:, None] + np.stack([x, y], axis=1)[:, None]
        placed = seen.points(shapes.reshape(-1, 2)).reshape(-1, len(_GLINT), 2)
        for index in np.flatnonzero(light > 2.0).tolist():
            shape(mask, placed[index], float(light[index]))

    def _foam(self, mask: Bytes, time: float, seen: Region) -> None:
        """Crests that roll in from far to near, broken into strokes."""
        setting = self._setting
        unit = setting.unit
        count = len(self._crests)
        for index, phases in enumerate(self._crests):
            age = (index / count + 0.035 * time + 0.3 * phases[0] / count / 6.3) % 1.0
            row = age**1.7
            fade = math.sin(math.pi * min(age, 0.999)) ** 0.8
            thick = max(1, round((0.7 + 2.0 * row) * unit * seen.scale))
            for start, stop in self._strokes(phases, time):
                x = np.linspace(start, stop, 14)
                swell = np.sin(x * 21.0 + phases[1] + 0.8 * time) + 0.5 * np.sin(x * 43.0 + phases[2] - 1.1 * time)
                y = row * setting.height + (1.5 + 6.0 * row) * unit * swell
                xy = np.stack([setting.left + x * setting.width, setting.top + y], axis=1)
                # A stroke is faint at its ends: it is drawn in three pieces.
                seen_as = setting.soft(xy)
                at = seen.points(xy)
                for first, last, share in ((0, 4, 0.45), (3, 11, 1.0), (10, 14, 0.45)):
                    light = (58.0 + 70.0 * row) * fade * share * float(seen_as[first:last].mean())
                    if light > 2.0:
                        line(mask, at[first:last], light, thick if share == 1.0 else max(1, thick - 1))

    @staticmethod
    def _strokes(phases: Floats, time: float) -> list[tuple[float, float]]:
        """Where along a crest there is foam, as fractions of the width; it opens and closes slowly."""
        strokes = []
        for piece in range(4):
            middle = (piece + 0.5) / 4 + 0.07 * math.sin(phases[3] + 2.1 * piece + 0.25 * time)
            half = 0.075 + 0.05 * math.sin(phases[2] + 1.7 * piece + 0.4 * time)
            strokes.append((middle - half, middle + half))
        return strokes
