"""Effects made of many small things that are laid over the frame in one colour: rain, snow, stars, dust."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.services.media.masks import Floats, Mask, Region, Setting, dots, line, region, shape, soft_ends
from app.services.media.planes import Bytes, Matrix, Planes

GOLDEN = 0.618034


class Particles:
    """What all kinds share: a generator of their own, positions in the box, the laying of a mask."""

    def __init__(self, setting: Setting, kind: int) -> None:
        self._setting = setting
        self._kind = kind
        self._random = np.random.default_rng([setting.seed & 0xFFFFFFFF, kind])
        self._mask = Mask()

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        """See Layered."""
        setting = self._setting
        seen = region(setting, matrix, into, bottom) if setting.amount > 0.0 else None
        if seen is not None:
            self._paint(number / setting.fps, seen, into.box(seen.left, seen.top, seen.right, seen.bottom))

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        raise NotImplementedError

    def _count(self, least: float, most: float) -> int:
        """How many particles; a small box holds fewer than the whole picture."""
        setting = self._setting
        full = least + (most - least) * setting.amount
        return max(1, round(full * min(1.0, 0.15 + 0.85 * setting.share)))

    def _unit(self, *shape: int) -> Floats:
        return self._random.random(shape)

    def _phases(self, *shape: int) -> Floats:
        return 2.0 * math.pi * self._random.random(shape)

    def _in_picture(self, unit: Floats) -> Floats:
        """From fractions of the box to pixels of the picture."""
        setting = self._setting
        return unit * (setting.width, setting.height) + (setting.left, setting.top)

    def _fallen(self, place: Floats, way: Floats, margin: Floats) -> Floats:
        """Positions in the picture of what fell ``way`` pixels from ``place`` (fractions of the box), again and
        again, each time in another column."""
        setting = self._setting
        travel = setting.height + 2.0 * margin
        turns, y = np.divmod(place[:, 1] * travel + way, travel)
        x = (place[:, 0] + turns * GOLDEN) % 1.0 * setting.width
        return np.stack([x + setting.left, y - margin + setting.top], axis=1)


class Rain(Particles):
    """Streaks in three depths, the near ones longer, faster and brighter, and rings where drops meet the ground.

    Each depth is drawn once, as a sheet that then falls through the frame; every time round it is shifted sideways,
    so that no streak falls twice in the same place.
    """

    _DEPTHS = ((0.46, 620.0, 15.0, 1.1, 46.0), (0.34, 980.0, 25.0, 1.5, 74.0), (0.2, 1420.0, 40.0, 2.1, 104.0))
    """Share of the drops, speed, length, width, light."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 1)
        self._lean = math.tan(math.radians(self._random.uniform(6.0, 14.0))) * self._random.choice((-1.0, 1.0))
        self._splashes = self._unit(round(34 * setting.amount), 3)
        self._sheets: list[Bytes] = []
        self._size, self._scale = (0, 0), 1.0

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        if not self._sheets:
            self._size, self._scale = seen.frame, setting.unit * seen.scale
            self._sheets = [self._drawn(index) for index in range(len(self._DEPTHS))]
        mask = self._mask.blank(seen.size)
        origin = seen.points(np.zeros((1, 2)))[0]
        for sheet, depth in zip(self._sheets, self._DEPTHS, strict=True):
            self._fall(mask, sheet, depth[1] * self._scale * time, origin)
        self._splash(mask, time, seen)
        if setting.share < 0.98:
            self._soften(mask, seen)
        self._mask.tint(target, mask, setting.ink)

    def _drawn(self, index: int) -> Bytes:
        """A sheet as wide as the frame (it goes round) and higher by a streak's length."""
        share, _, length, wide, light = self._DEPTHS[index]
        width, height = self._size
        count = max(1, round((60.0 + 470.0 * self._setting.amount) * share))
        long = length * self._scale
        sheet = np.zeros((height + math.ceil(1.3 * long) + 2, width), np.uint8)
        half = max(0.35, 0.5 * wide * self._scale)
        for x, y, size, bright in self._unit(count, 4).tolist():
            reach = long * (0.7 + 0.6 * size)
            head = np.array([x * width, reach + y * (sheet.shape[0] - reach - 1.0)])
            tail = head - (self._lean * reach, reach)
            outline = np.array([(0.0, 0.0), (-half, -0.3 * half), (0.0, half), (half, -0.3 * half)]) + head
            outline[0] = tail
            shown = light * (0.55 + 0.6 * bright) * min(1.0, wide * self._scale)
            for around in (-width, 0, width):
                if -width < tail[0] + around < 2 * width:
                    shape(sheet, outline + np.array([around, 0.0]), shown)
        return sheet

    def _fall(self, mask: Bytes, sheet: Bytes, way: float, origin: Floats) -> None:
        """Add the sheet to the mask as it lies after this way."""
        height, width = sheet.shape
        down, across = round(way + origin[1]), round(self._lean * way + origin[0])
        y = 0
        while y < mask.shape[0]:
            turn, row = divmod(y - down, height)
            rows = min(height - row, mask.shape[0] - y)
            x = 0
            while x < mask.shape[1]:
                column = (x - across - round(turn * GOLDEN * width)) % width
                columns = min(width - column, mask.shape[1] - x)
                part = mask[y : y + rows, x : x + columns]
                cv2.add(part, sheet[row : row + rows, column : column + columns], dst=part)
                x += columns
            y += rows

    def _splash(self, mask: Bytes, time: float, seen: Region) -> None:
        """Rings that spread on the ground, which is taken to be the lowest fifth of the picture."""
        setting = self._setting
        if setting.top + setting.height < 0.97 * setting.picture[1] or not len(self._splashes):
            return
        turns, age = np.divmod(self._splashes[:, 0] + time / 0.42, 1.0)
        x = (self._splashes[:, 1] + turns * GOLDEN) % 1.0
        y = 0.8 + 0.2 * ((self._splashes[:, 2] + turns * 0.7548) % 1.0)
        at = seen.points(np.stack([setting.left + x * setting.width, y * setting.picture[1]], axis=1))
        reach = (1.5 + 9.0 * age) * (0.5 + 2.5 * (y - 0.8)) * self._scale
        ring = np.array([(math.cos(turn * math.pi / 8), 0.32 * math.sin(turn * math.pi / 8)) for turn in range(16)])
        for point, radius, light in zip(at, reach.tolist(), (95.0 * (1.0 - age) ** 1.5).tolist(), strict=True):
            line(mask, point + radius * ring, light, round(self._scale), closed=True)

    def _soften(self, mask: Bytes, seen: Region) -> None:
        setting = self._setting
        width, height = seen.size
        inverse = np.asarray(cv2.invertAffineTransform(seen.to_region), np.float64)
        x = inverse[0, 0] * np.arange(width) + inverse[0, 1] * height / 2 + inverse[0, 2]
        y = inverse[1, 1] * np.arange(height) + inverse[1, 0] * width / 2 + inverse[1, 2]
        across = soft_ends(x, setting.left, setting.width, setting.picture[0])
        down = soft_ends(y, setting.top, setting.height, setting.picture[1])
        window = (np.outer(down.astype(np.float32), across.astype(np.float32)) * 255.0).astype(np.uint8)
        cv2.multiply(mask, window, dst=mask, scale=1 / 255)


class Snow(Particles):
    """Flakes from fine dust far away to a few soft ones close to the lens; a breath of wind goes through them all."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 2)
        count = self._count(80, 520)
        self._place = self._unit(count, 2)
        near = self._unit(count) ** 2.4
        self._near = near
        self._radius = (1.25 + 4.2 * near) * setting.unit
        self._speed = (36.0 + 105.0 * near + 14.0 * self._unit(count)) * setting.unit
        self._sway = (5.0 + 22.0 * self._unit(count)) * setting.unit
        self._pace = 0.5 + 0.9 * self._unit(count)
        self._phase = self._phases(count)
        self._gust = self._phases(2)
        self._light = np.where(near > 0.5, 165.0, 170.0 + 75.0 * self._unit(count))

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        xy = self._fallen(self._place, self._speed * time, 2.0 * self._radius)
        wind = math.sin(self._gust[0] + 0.55 * time) + 0.5 * math.sin(self._gust[1] + 1.27 * time)
        xy[:, 0] += self._sway * np.sin(self._phase + 2.0 * self._pace * time)
        xy[:, 0] += (10.0 + 34.0 * self._near) * setting.unit * wind
        light = self._light * setting.soft(xy)
        at, radius, close = seen.points(xy), self._radius * seen.scale, self._near > 0.22
        mask = self._mask.blank(seen.size)
        dots(mask, at[~close], radius[~close], light[~close], 0.35)
        dots(mask, at[close], 1.35 * radius[close], light[close], 0.8)
        self._mask.tint(target, mask, setting.ink)


class Stars(Particles):
    """Stars that twinkle, a few with a small cross of light, and now and then one that falls."""

    _FALL_S, _EVERY_S = 0.75, 7.5

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 3)
        count = self._count(16, 120)
        self._xy = self._in_picture(self._unit(count, 2))
        size = self._unit(count) ** 4
        self._radius = (0.95 + 1.35 * size) * setting.unit
        self._light = (130.0 + 125.0 * self._unit(count)) * setting.soft(self._xy)
        self._pace = 1.1 + 3.4 * self._unit(count)
        self._phase = self._phases(count)
        self._bright = np.argsort(size)[-max(1, count // 12) :]

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        setting = self._setting
        wave = 0.5 + 0.5 * np.sin(self._phase + self._pace * time)
        light = self._light * (0.35 + 0.65 * wave * wave)
        mask = self._mask.blank(seen.size)
        at, unit = seen.points(self._xy), setting.unit * seen.scale
        dots(mask, at, self._radius * seen.scale, light, 0.3)
        dots(mask, at[self._bright], np.full(len(self._bright), 5.5 * unit), 0.3 * light[self._bright], 1.0)
        for index in self._bright.tolist():
            ray, thin = (3.0 + 5.0 * float(wave[index])) * unit, 0.55 * unit
            for x, y in ((ray, thin), (thin, ray)):
                outline = at[index] + np.array([(-x, 0.0), (0.0, -y), (x, 0.0), (0.0, y)])
                shape(mask, outline, 0.6 * float(light[index]))
        self._falling(mask, time, seen)
        self._mask.tint(target, mask, setting.ink)

    def _falling(self, mask: Bytes, time: float, seen: Region) -> None:
        setting = self._setting
        turn = math.floor(time / self._EVERY_S)
        chance = np.random.default_rng([setting.seed & 0xFFFFFFFF, 31, turn]).random(5)
        age = (time - (turn + 0.75 * chance[0]) * self._EVERY_S) / self._FALL_S
        if setting.amount < 0.3 or setting.share < 0.1 or not 0.0 < age < 1.0 or chance[1] > 0.6:
            return
        side = 1.0 if chance[2] < 0.5 else -1.0
        start = self._in_picture(np.array([[0.3 + 0.4 * chance[3], 0.06 + 0.3 * chance[4]]]))
        way = np.array([side * 0.2, 0.085]) * setting.picture[0]
        head, tail = (seen.points(start + way * part)[0] for part in (age, max(0.0, age - 0.35)))
        across = np.array([head[1] - tail[1], tail[0] - head[0]])
        across = across / max(float(np.hypot(*across)), 1e-6) * 0.9 * setting.unit * seen.scale
        fade = float(setting.soft(start + way * age)[0])
        shape(mask, np.array([tail, head - across, head + across]), 215.0 * math.sin(math.pi * age) ** 0.7 * fade)


class Dust(Particles):
    """Motes that hang in the light, turn and gleam."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, 8)
        count = self._count(26, 130)
        self._place = self._unit(count, 2)
        near = self._unit(count) ** 4
        self._near = near > 0.35
        self._radius = (1.0 + 5.0 * near) * setting.unit
        self._rise = (2.0 + 9.0 * self._unit(count)) * setting.unit
        self._roam = (8.0 + 30.0 * self._unit(count, 2)) * setting.unit
        self._pace = 0.16 + 0.34 * self._unit(count, 2)
        self._phase = self._phases(count, 3)
        self._gleam = 0.5 + 1.1 * self._unit(count)
        self._light = (130.0 + 125.0 * self._unit(count)) * (1.0 - 0.6 * near)

    def _paint(self, time: float, seen: Region, target: Planes) -> None:
        xy = self._fallen(self._place, -self._rise * time, np.full(len(self._place), 3.0 * self._setting.unit))
        xy += self._roam * np.sin(self._phase[:, :2] + 2.0 * math.pi * self._pace * time)
        turning = 0.5 + 0.5 * np.sin(self._phase[:, 2] + 2.0 * self._gleam * time)
        light = self._light * (0.18 + 0.82 * turning**3) * self._setting.soft(xy)
        at, radius = seen.points(xy), self._radius * seen.scale
        mask = self._mask.blank(seen.size)
        dots(mask, at[~self._near], radius[~self._near], light[~self._near], 0.5)
        dots(mask, at[self._near], 1.3 * radius[self._near], light[self._near], 0.9)
        self._mask.tint(target, mask, self._setting.ink)
