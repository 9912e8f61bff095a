"""Buildings in units of their height, y upwards, standing at 0. Each returns its windows as (x, y, half-size)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, shade_of
from app.services.engines.builtin.picture.houses import Windows, cottage
from app.services.engines.builtin.picture.stage import turn

DAY_GLASS: RGB = (166, 204, 222)
LIT_GLASS: RGB = (255, 220, 140)


def _window(
    c: Canvas, x: float, y: float, r: float, glass: RGB, frame: RGB = (252, 246, 236), arch: bool = False
) -> None:
    if arch:
        c.soft(
            curves.smooth(
                [
                    (x - r, y - r * 1.3),
                    (x - r, y + r * 0.5),
                    (x, y + r * 1.4),
                    (x + r, y + r * 0.5),
                    (x + r, y - r * 1.3),
                ],
                steps=5,
            ),
            glass,
            light=0.5,
        )
        return
    c.soft(curves.box(x - r, y - r, x + r, y + r, r * 0.15), frame, light=0.3)
    c.fill(curves.box(x - r * 0.76, y - r * 0.76, x + r * 0.76, y + r * 0.76), glass)
    c.fill(curves.box(x - r * 0.1, y - r * 0.8, x + r * 0.1, y + r * 0.8), frame)
    c.fill(curves.box(x - r * 0.8, y - r * 0.1, x + r * 0.8, y + r * 0.1), frame)


def _door(c: Canvas, x: float, w: float, h: float, tone: RGB) -> None:
    c.soft(curves.smooth([(x - w, 0), (x - w, h * 0.72), (x, h), (x + w, h * 0.72), (x + w, 0)], steps=6), tone)
    c.dot(x + w * 0.5, h * 0.42, w * 0.12, (250, 214, 120))


def castle(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    stone: RGB = (214, 204, 206)
    roof = rng.choice(((104, 120, 176), (190, 88, 92), (120, 96, 160)))
    spots: Windows = []

    def tower(x: float, w: float, h: float) -> None:
        c.soft(curves.box(x - w, 0, x + w, h), stone)
        c.fill(curves.box(x + w * 0.35, 0, x + w, h), shade_of(shade_of(stone)), 0.5)
        c.fill(curves.box(x - w * 0.85, 0, x - w * 0.6, h), light_of(light_of(stone)), 0.6)
        for k in range(3):
            c.stroke(
                [(x - w * 0.6, h * (0.25 + 0.2 * k)), (x - w * 0.1, h * (0.25 + 0.2 * k))],
                0.006,
                shade_of(stone),
                smooth=False,
            )
        c.soft([(x - w * 1.3, h), (x, h + w * 3.0), (x + w * 1.3, h)], roof)
        c.fill([(x + w * 0.35, h), (x, h + w * 3.0), (x + w * 1.3, h)], shade_of(shade_of(roof)), 0.5)
        if snow:
            c.fill(
                [(x - w * 0.75, h + w * 1.35), (x, h + w * 3.0), (x + w * 0.75, h + w * 1.35), (x, h + w * 1.6)],
                (250, 252, 255),
            )
        c.stroke([(x, h + w * 2.9), (x, h + w * 2.9 + 0.07)], 0.008, (140, 120, 120), smooth=False)
        c.fill([(x, h + w * 2.9 + 0.07), (x + 0.07, h + w * 2.9 + 0.05), (x, h + w * 2.9 + 0.025)], (236, 92, 84))
        _window(c, x, h * 0.78, w * 0.28, glass, arch=True)
        spots.append((x, h * 0.78, w * 0.3))

    tower(-0.2, 0.075, 0.6)
    tower(0.24, 0.075, 0.55)
    c.soft(curves.box(-0.36, 0, 0.36, 0.36), stone)
    for k in range(9):  # courses of stone
        x, y = -0.3 + 0.075 * k, 0.06 + 0.11 * (k % 3)
        c.fill(curves.box(x, y, x + 0.05, y + 0.022), shade_of(stone), 0.6)
    tower(0.03, 0.095, 0.68)
    for x in (-0.36, 0.36):
        tower(x, 0.085, 0.46)
    for k in range(7):
        c.soft(curves.box(-0.3 + 0.088 * k, 0.34, -0.25 + 0.088 * k, 0.4), stone)
    _door(c, 0.0, 0.075, 0.22, (124, 84, 66))
    for x in (-0.19, 0.19):
        _window(c, x, 0.2, 0.028, glass, arch=True)
        spots.append((x, 0.2, 0.03))
    return spots


def lighthouse(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    body = [(-0.13, 0.02), (-0.085, 0.74), (0.085, 0.74), (0.13, 0.02)]
    c.soft(curves.box(-0.2, 0, 0.36, 0.14), (240, 228, 214))
    c.soft([(-0.24, 0.14), (0.08, 0.25), (0.4, 0.14)], (186, 84, 76))
    c.soft(body, (252, 248, 240))
    with c.inside(body):
        for k in range(3):
            c.fill(curves.box(-0.3, 0.1 + 0.23 * k, 0.3, 0.215 + 0.23 * k), (214, 76, 70))
        c.fill(curves.box(0.04, 0, 0.3, 0.8), (90, 60, 110), 0.16)
    c.soft(curves.box(-0.12, 0.73, 0.12, 0.76), (90, 84, 100))
    c.soft(curves.box(-0.065, 0.76, 0.065, 0.86), LIT_GLASS, light=0.3)
    c.stroke([(0, 0.76), (0, 0.86)], 0.01, (90, 84, 100), smooth=False)
    c.soft(curves.smooth([(-0.09, 0.86), (-0.05, 0.92), (0, 0.97), (0.05, 0.92), (0.09, 0.86)]), (200, 72, 68))
    _door(c, 0.0, 0.035, 0.1, (120, 84, 66))
    return [(0.0, 0.81, 0.06)]


def windmill(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    c.soft([(-0.2, 0), (-0.12, 0.56), (0.12, 0.56), (0.2, 0)], (250, 238, 220))
    c.soft(curves.smooth([(-0.15, 0.55), (-0.09, 0.68), (0, 0.74), (0.09, 0.68), (0.15, 0.55)]), (196, 92, 76))
    _door(c, 0.0, 0.06, 0.17, (132, 92, 70))
    _window(c, 0.0, 0.36, 0.045, glass)
    spin = rng.uniform(8, 40)
    for k in range(4):
        c.soft(turn(curves.box(-0.005, 0.06, 0.09, 0.42), spin + 90 * k, 0.0, 0.6), (252, 246, 232))
        c.stroke(
            turn(np.array([(0.0, 0.0), (0.0, 0.43)]), spin + 90 * k, 0.0, 0.6), 0.016, (140, 104, 80), smooth=False
        )
    c.dot(0, 0.6, 0.03, (120, 88, 70))
    return [(0.0, 0.36, 0.045)]


def pagoda(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    spots: Windows = []
    tiles: RGB = (86, 112, 116)
    for k in range(4):
        y, w = 0.04 + 0.215 * k, 0.25 - 0.045 * k
        c.soft(curves.box(-w, y, w, y + 0.15), (196, 82, 70))
        c.fill(curves.box(w * 0.62, y, w, y + 0.15), (120, 44, 56), 0.5)
        for s in (-1, 0, 1):
            c.fill(curves.box(s * w * 0.55 - 0.035, y + 0.03, s * w * 0.55 + 0.035, y + 0.11), glass)
            spots.append((s * w * 0.55, y + 0.07, 0.035))
        roof = curves.smooth(
            [
                (-w - 0.15, y + 0.17),
                (-w * 0.9, y + 0.165),
                (-w * 0.55, y + 0.23),
                (w * 0.55, y + 0.23),
                (w * 0.9, y + 0.165),
                (w + 0.15, y + 0.17),
                (w * 0.8, y + 0.14),
                (-w * 0.8, y + 0.14),
            ],
            steps=5,
        )
        c.soft(roof, tiles)
        if snow:
            c.fill(curves.oval(0, y + 0.215, w * 0.7, 0.022), WHITE)
    c.soft(curves.box(-0.34, 0, 0.34, 0.05), (206, 200, 194))
    c.stroke([(0, 0.9), (0, 1.04)], 0.016, (214, 172, 84), smooth=False)
    return spots[1::3]


def tent(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    tone = rng.choice(((238, 150, 84), (110, 160, 190), (222, 104, 92)))
    c.soft([(-0.75, 0), (0, 0.95), (0.75, 0)], tone)
    c.fill([(-0.22, 0), (0, 0.72), (0.22, 0)], (96, 70, 76))
    c.fill([(-0.22, 0), (0, 0.72), (-0.3, 0.06)], light_of(tone))
    c.stroke([(0, 0.9), (0.05, 1.04)], 0.025, (130, 96, 74), smooth=False)
    return [(0.0, 0.2, 0.14)]


def barn(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    red: RGB = (196, 78, 68)
    c.soft(curves.box(0.8, 0, 1.04, 0.92), (206, 206, 212))
    c.fill(curves.box(0.94, 0, 1.04, 0.92), (140, 140, 160), 0.5)
    c.soft(curves.smooth([(0.78, 0.9), (0.85, 1.03), (0.92, 1.07), (0.99, 1.03), (1.06, 0.9)]), (150, 156, 170))
    front = [(-0.52, 0), (-0.52, 0.48), (-0.34, 0.74), (0, 0.9), (0.34, 0.74), (0.52, 0.48), (0.52, 0)]
    c.soft([(0.52, 0), (0.86, 0.03), (0.86, 0.5), (0.52, 0.48)], shade_of(shade_of(red)))
    c.soft(
        [(0, 0.93), (0.36, 0.93), (0.66, 0.78), (0.9, 0.48), (0.54, 0.46), (0.36, 0.76)],
        WHITE if snow else (120, 96, 104),
    )
    c.soft(front, red)
    for k in range(8):
        c.stroke([(-0.46 + 0.13 * k, 0.02), (-0.46 + 0.13 * k, 0.46)], 0.008, shade_of(red), smooth=False)
    c.stroke(
        [(-0.56, 0.46), (-0.36, 0.76), (0, 0.93), (0.36, 0.76), (0.56, 0.46)],
        0.05,
        (250, 244, 232) if not snow else WHITE,
        smooth=False,
    )
    c.soft(curves.box(-0.2, 0, 0.2, 0.38), shade_of(red))
    for a, b in (((-0.2, 0), (0.2, 0.38)), ((-0.2, 0.38), (0.2, 0))):
        c.stroke([a, b], 0.03, (250, 244, 232), smooth=False)
    c.stroke(curves.box(-0.2, 0, 0.2, 0.38), 0.03, (250, 244, 232), smooth=False, closed=True)
    _window(c, 0, 0.62, 0.085, glass)
    return [(0.0, 0.62, 0.085)]


def church(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    wall: RGB = (246, 238, 224)
    roof: RGB = (110, 110, 150)
    c.soft(curves.box(-0.1, 0, 0.5, 0.36), wall)
    c.soft([(-0.1, 0.36), (0.0, 0.56), (0.44, 0.56), (0.56, 0.36)], roof)
    c.soft(curves.box(-0.26, 0, 0.04, 0.62), wall)
    c.fill(curves.box(-0.04, 0, 0.04, 0.62), shade_of(shade_of(wall)), 0.55)
    c.fill(curves.box(0.36, 0, 0.5, 0.36), shade_of(wall), 0.6)
    c.soft([(-0.3, 0.62), (-0.11, 0.95), (0.08, 0.62)], roof)
    c.stroke([(-0.11, 0.93), (-0.11, 1.05)], 0.014, (214, 176, 90), smooth=False)
    c.stroke([(-0.14, 1.01), (-0.08, 1.01)], 0.014, (214, 176, 90), smooth=False)
    _door(c, -0.11, 0.06, 0.2, (132, 92, 70))
    spots: Windows = [(-0.11, 0.46, 0.04), (0.16, 0.18, 0.04), (0.36, 0.18, 0.04)]
    for x, y, r in spots:
        _window(c, x, y, r, glass, arch=True)
    return spots


def tower(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    stone: RGB = (216, 198, 184)
    c.soft([(-0.13, 0), (-0.11, 0.72), (0.11, 0.72), (0.13, 0)], stone)
    c.fill([(0.05, 0), (0.045, 0.72), (0.11, 0.72), (0.13, 0)], shade_of(shade_of(stone)), 0.5)
    c.soft(curves.box(-0.14, 0.7, 0.14, 0.76), shade_of(stone))
    c.soft([(-0.16, 0.76), (0, 1.04), (0.16, 0.76)], (112, 124, 172))
    c.soft(curves.oval(0, 0.6, 0.085, 0.085), (255, 250, 236), light=0.3)
    c.stroke([(0, 0.66), (0, 0.6), (0.04, 0.585)], 0.01, (80, 66, 80), smooth=False)
    _window(c, 0, 0.36, 0.04, glass, arch=True)
    _door(c, 0, 0.05, 0.16, (124, 86, 68))
    return [(0.0, 0.36, 0.04)]


def igloo(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    ice: RGB = (236, 244, 252)
    dome = curves.smooth([(-0.9, 0), (-0.75, 0.6), (0, 1.0), (0.75, 0.6), (0.9, 0), (0, -0.02)])
    c.soft(dome, ice, dark=(168, 196, 228))
    with c.inside(dome):
        for k in range(4):
            c.stroke([(-1, 0.24 + 0.22 * k), (0, 0.28 + 0.24 * k), (1, 0.24 + 0.22 * k)], 0.016, (190, 212, 236))
    c.soft(curves.smooth([(0.1, 0), (0.12, 0.36), (0.4, 0.5), (0.68, 0.36), (0.7, 0)]), ice, dark=(168, 196, 228))
    c.fill(curves.smooth([(0.22, 0), (0.24, 0.26), (0.4, 0.36), (0.56, 0.26), (0.58, 0)]), (86, 104, 146))
    return [(0.4, 0.16, 0.14)]


def bridge(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    stone: RGB = (196, 186, 180)
    c.soft(
        curves.smooth(
            [
                (-1.5, 0.1),
                (-0.8, 0.55),
                (0, 0.72),
                (0.8, 0.55),
                (1.5, 0.1),
                (1.2, 0.0),
                (0.62, 0.1),
                (0.3, 0.38),
                (0, 0.44),
                (-0.3, 0.38),
                (-0.62, 0.1),
                (-1.2, 0.0),
            ],
            steps=6,
        ),
        stone,
    )
    for k in range(7):
        x = -1.2 + 0.4 * k
        y = 0.7 - 0.27 * x * x * 0.9
        c.soft(curves.box(x - 0.04, y - 0.02, x + 0.04, y + 0.16), light_of(stone))
    c.stroke([(-1.4, 0.28), (-0.7, 0.72), (0, 0.87), (0.7, 0.72), (1.4, 0.28)], 0.05, light_of(stone))
    return []


BUILDINGS: dict[str, Callable[[Canvas, Random, RGB, bool], Windows]] = {
    "house": cottage, "castle": castle, "lighthouse": lighthouse, "windmill": windmill, "pagoda": pagoda, "tent": tent,
    "barn": barn, "church": church, "tower": tower, "igloo": igloo, "bridge": bridge, "skyscraper": tower,
}  # fmt: skip
