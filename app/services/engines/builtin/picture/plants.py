"""Trees, bushes and flowers in units of their own height, y upwards, roots at 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, bgra, light_of, mix, shade_of, shift, times
from app.services.engines.builtin.picture.curves import Curve

BARK: RGB = (128, 94, 74)
SNOW: RGB = (250, 252, 255)


_TURN = np.linspace(0, 2 * math.pi, 10, endpoint=False)


def leaves(c: Canvas, rng: Random, x: float, y: float, rx: float, ry: float, colour: RGB, count: int = 34) -> None:
    """A crown: a dark mass, then dabs that get lighter towards the upper left."""
    c.soft(curves.blob(rng, x, y, rx, ry, 0.13, 11), shade_of(colour), light=0.55)
    spots = []
    for _ in range(count):
        a, d = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random())
        spots.append((math.cos(a) * d, math.sin(a) * d))
    up = -c.sign  # crowns hang in scenes (y downwards) as well as stand in sprites
    dark, light, least = shade_of(colour), light_of(colour), min(rx, ry)
    dabs, tones = [], []
    for u, v in sorted(spots, key=lambda s: s[1] * up - 0.4 * s[0]):
        t = 0.5 + 0.5 * (0.8 * v * up - 0.5 * u) + rng.uniform(-0.12, 0.12)
        tones.append(mix(dark, mix(colour, light, max(0.0, t * 2 - 1)), min(1.0, max(0.0, t * 1.7))))
        r = least * rng.uniform(0.13, 0.26)
        dabs.append((x + u * rx * 0.86, y + v * ry * 0.86, r * 1.25, r * 0.85, math.radians(rng.uniform(-35, 35))))
    _dabs(c, np.array(dabs), tones)


def _dabs(c: Canvas, dabs: Curve, tones: list[RGB]) -> None:
    """Many small ovals (x, y, radii, angle) at once: a wood has thousands of them."""
    x, y, rx, ry, angle = (column[:, None] for column in dabs.T)
    px, py = rx * np.cos(_TURN), ry * np.sin(_TURN)
    points = np.stack([x + px * np.cos(angle) - py * np.sin(angle), y + px * np.sin(angle) + py * np.cos(angle)], 2)
    pixels = points * (c.scale, c.scale * c.sign) + c.origin
    fixed = np.rint(np.clip(pixels, -20000, 20000) * 16).astype(np.int32)
    for shape, tone in zip(fixed, tones, strict=True):
        cv2.fillPoly(c.pixels, [shape], bgra(tone), cv2.LINE_AA, 4)


def _cap(c: Canvas, rng: Random, x: float, y: float, rx: float, ry: float) -> None:
    for _ in range(9):
        u = rng.uniform(-0.85, 0.85)
        v = math.sqrt(max(0.0, 1 - u * u)) * rng.uniform(0.72, 1.0)
        c.fill(curves.oval(x + u * rx, y + v * ry, rx * 0.24, ry * 0.11, -u * 30, steps=12), SNOW)


def oak(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    lean = rng.uniform(-0.05, 0.05)
    c.soft(curves.tube([(0, -0.02), (lean * 0.6, 0.25), (lean, 0.55)], [0.13, 0.075, 0.05]), BARK)
    c.stroke([(lean * 0.7, 0.32), (0.13, 0.48)], 0.026, times(BARK, 0.86))
    c.stroke([(lean * 0.7, 0.36), (-0.12, 0.52)], 0.024, times(BARK, 0.86))
    crowns = [(lean - 0.17, 0.54, 0.19, 0.16), (lean + 0.18, 0.56, 0.19, 0.16), (lean, 0.74, 0.27, 0.24)]
    for x, y, rx, ry in crowns:
        leaves(c, rng, x, y, rx, ry, colour, 46 if rx > 0.2 else 26)
        if snow:
            _cap(c, rng, x, y, rx, ry)


def pine(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    colour = mix(colour, (58, 116, 104), 0.55)
    c.soft(curves.box(-0.025, -0.02, 0.025, 0.16), BARK)
    tiers = 5
    for k in range(tiers):
        y, w = 0.1 + 0.165 * k, 0.27 * (1 - k / (tiers + 0.6)) * rng.uniform(0.93, 1.07)
        top = y + 0.31
        edge = [
            (-w + 2 * w * j / 6, y + (0.028 if j % 2 else 0) * rng.uniform(0.6, 1.4) + 0.03 * abs(j - 3) / 3)
            for j in range(7)
        ]
        tone = mix(shade_of(colour), colour, 0.25 + 0.15 * k)
        c.soft([(0, top), (-w * 0.42, y + 0.12), *edge, (w * 0.42, y + 0.12)], tone)
        if snow:
            c.fill(
                [
                    (0, top),
                    (-w * 0.4, y + 0.13),
                    (-w * 0.62, y + 0.075),
                    (-w * 0.2, y + 0.13),
                    (w * 0.1, y + 0.1),
                    (w * 0.3, y + 0.14),
                ],
                SNOW,
            )


def birch(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    c.soft(curves.tube([(0, -0.02), (0.015, 0.5), (-0.01, 0.9)], [0.06, 0.045, 0.02]), (236, 230, 222))
    for _ in range(11):
        y = rng.uniform(0.03, 0.7)
        c.stroke([(-0.02, y), (rng.uniform(-0.005, 0.015), y + 0.004)], 0.011, (88, 78, 84), smooth=False)
    for x, y, r in ((-0.1, 0.55, 0.11), (0.11, 0.62, 0.12), (0.0, 0.8, 0.17), (-0.03, 0.68, 0.12)):
        leaves(c, rng, x, y, r, r * 1.05, mix(colour, (214, 206, 96), 0.2), 24)
        if snow:
            _cap(c, rng, x, y, r, r)


def bare(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    def branch(x: float, y: float, a: float, length: float, width: float, level: int) -> None:
        bend = a + rng.uniform(-0.18, 0.18)
        mx, my = x + math.cos(a) * length * 0.5, y + math.sin(a) * length * 0.5
        ex, ey = mx + math.cos(bend) * length * 0.5, my + math.sin(bend) * length * 0.5
        c.fill(
            curves.tube([(x, y), (mx, my), (ex, ey)], [width, width * 0.8, width * 0.6], steps=3),
            mix(BARK, (90, 76, 92), 0.35),
        )
        if snow and level < 3:
            c.fill(
                curves.tube([(x, y + width * 0.4), (ex, ey + width * 0.3)], [width * 0.4, width * 0.3], steps=3), SNOW
            )
        if level < 4:
            for turn in (-0.5, 0.45) if level else (-0.55, 0.05, 0.5):
                branch(
                    ex,
                    ey,
                    bend + turn * rng.uniform(0.7, 1.3),
                    length * rng.uniform(0.62, 0.75),
                    width * 0.6,
                    level + 1,
                )

    branch(0, -0.02, math.pi / 2, 0.34, 0.075, 0)


def blossom(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    oak(c, rng, (246, 176, 196), snow)
    for _ in range(26):
        a, d = rng.uniform(0, 6.3), math.sqrt(rng.random())
        c.dot(math.cos(a) * d * 0.32, 0.67 + math.sin(a) * d * 0.26, 0.011, (255, 240, 244))


def willow(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    c.soft(curves.tube([(0.02, -0.02), (-0.02, 0.3), (0.03, 0.6)], [0.12, 0.07, 0.05]), BARK)
    leaves(c, rng, 0, 0.74, 0.3, 0.19, colour, 40)
    for k in range(30):
        x = -0.36 + 0.72 * k / 29
        y = 0.78 - 0.5 * x * x
        drop = rng.uniform(0.25, 0.5)
        c.stroke(
            [(x * 0.8, y), (x, y - drop * 0.5), (x * 1.06 + rng.uniform(-0.02, 0.02), y - drop)],
            0.014,
            mix(colour, ((236, 240, 150), shade_of(colour))[k % 2], 0.35),
        )


def palm(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    lean = rng.choice((-1, 1)) * rng.uniform(0.1, 0.2)
    c.soft(curves.tube([(0, -0.02), (lean * 0.25, 0.35), (lean, 0.74)], [0.07, 0.05, 0.036]), (170, 132, 96))
    for k in range(8):
        y = 0.05 + 0.083 * k
        x = lean * (y / 0.74) ** 1.8
        c.stroke([(x - 0.022, y), (x + 0.022, y + 0.006)], 0.008, (126, 94, 72), smooth=False)
    green = mix(colour, (76, 152, 96), 0.5)
    for a in (-15, 28, 65, 112, 150, 192, -48, 228):
        r = math.radians(a)
        ex, ey = lean + math.cos(r) * 0.36, 0.76 + math.sin(r) * 0.16 - 0.1
        mx, my = lean + math.cos(r) * 0.2, 0.78 + math.sin(r) * 0.16 + 0.05
        c.soft(
            curves.tube([(lean, 0.75), (mx, my), (ex, ey)], [0.03, 0.075, 0.006]),
            mix(green, shade_of(green), 0.3 if a < 0 or a > 180 else 0.0),
        )
    for dx in (-0.03, 0.03, 0.0):
        c.soft(curves.oval(lean + dx, 0.725 - abs(dx) * 0.3, 0.027, 0.03), (140, 96, 66))


def bamboo(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    green = mix(colour, (124, 170, 92), 0.6)
    bend = rng.uniform(-0.06, 0.06)
    c.soft(curves.tube([(0, -0.02), (bend * 0.3, 0.5), (bend, 1.0)], [0.034, 0.03, 0.016]), green)
    for k in range(9):
        y = 0.06 + 0.1 * k
        x = bend * y * y
        c.stroke([(x - 0.017, y), (x + 0.017, y)], 0.008, shade_of(green), smooth=False)
        if k > 3:
            for s in (-1, 1, 1 if k % 2 else -1):
                d = rng.uniform(0.06, 0.11)
                a = rng.uniform(-0.5, 0.35)
                c.fill(
                    curves.tube(
                        [(x, y), (x + s * d * 0.6, y + a * d * 0.4), (x + s * d * 1.3, y + a * d - 0.03)],
                        [0.006, 0.02, 0.002],
                        steps=3,
                    ),
                    mix(green, light_of(green), rng.random() * 0.6),
                )


def cactus(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    green: RGB = (104, 158, 104)
    c.soft(curves.tube([(0, -0.02), (0, 0.5), (0, 0.92)], [0.2, 0.21, 0.17]), green)
    c.soft(curves.tube([(0.05, 0.35), (0.25, 0.36), (0.27, 0.62)], [0.11, 0.12, 0.1]), green)
    c.soft(curves.tube([(-0.05, 0.48), (-0.23, 0.5), (-0.24, 0.74)], [0.1, 0.11, 0.09]), green)
    for x in (-0.05, 0.0, 0.05):
        c.stroke([(x, 0.04), (x, 0.88)], 0.008, shade_of(green), smooth=False)
    c.soft(curves.star(0.0, 0.97, 0.07, 0.6, 6), (244, 140, 160))


def sunflower(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    c.stroke([(0, 0), (0.02, 0.4), (0, 0.8)], 0.03, (98, 146, 78))
    for s in (-1, 1):
        c.soft(curves.tube([(0, 0.35), (s * 0.12, 0.42), (s * 0.2, 0.36)], [0.02, 0.09, 0.01]), (112, 164, 84))
    for k in range(14):
        a = 2 * math.pi * k / 14
        c.soft(
            curves.oval(0.13 * math.cos(a), 0.82 + 0.13 * math.sin(a), 0.075, 0.035, math.degrees(a)), (250, 200, 66)
        )
    c.soft(curves.oval(0, 0.82, 0.1, 0.1), (128, 84, 54))


def bush(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    for x, y, r in ((-0.45, 0.3, 0.42), (0.45, 0.32, 0.42), (0.0, 0.5, 0.52)):
        leaves(c, rng, x, y, r, r * 0.85, colour, 30)
        if snow:
            _cap(c, rng, x, y, r, r * 0.85)


def flower(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    bend = rng.uniform(-0.15, 0.15)
    c.stroke([(0, 0), (bend * 0.3, 0.4), (bend, 0.78)], 0.05, (104, 152, 88))
    c.fill(curves.tube([(0, 0.2), (0.16, 0.34), (0.24, 0.3)], [0.02, 0.1, 0.01], steps=4), (118, 168, 96))
    for k in range(5):
        a = 2 * math.pi * k / 5 + 0.3
        c.soft(
            curves.oval(bend + 0.15 * math.cos(a), 0.8 + 0.15 * math.sin(a), 0.13, 0.1, math.degrees(a), 14),
            colour,
            line=False,
        )
    c.dot(bend, 0.8, 0.085, (252, 214, 100))


def mushroom(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    c.soft(curves.tube([(0, 0), (0, 0.5)], [0.34, 0.24]), (246, 234, 214))
    c.soft(curves.smooth([(-0.55, 0.42), (-0.4, 0.82), (0, 1.0), (0.4, 0.82), (0.55, 0.42), (0, 0.36)]), (216, 84, 72))
    for x, y, r in ((-0.25, 0.66, 0.09), (0.08, 0.8, 0.1), (0.3, 0.58, 0.07), (-0.02, 0.54, 0.06)):
        c.dot(x, y, r, (255, 246, 236))


def lotus(c: Canvas, rng: Random, colour: RGB, snow: bool) -> None:
    c.soft(curves.oval(0, 0.1, 0.95, 0.2), (104, 160, 112))
    c.stroke([(0.1, 0.12), (0.12, 0.4)], 0.05, (112, 160, 100))
    for a in (-55, 55, -28, 28, 0):
        r = math.radians(90 + a)
        c.soft(curves.oval(0.12 + 0.2 * math.cos(r), 0.45 + 0.24 * math.sin(r), 0.28, 0.12, 90 + a), (248, 178, 198))


PLANTS: dict[str, Callable[[Canvas, Random, RGB, bool], None]] = {
    "oak": oak, "pine": pine, "birch": birch, "bare": bare, "cherry": blossom, "willow": willow, "palm": palm,
    "bamboo": bamboo, "cactus": cactus, "sunflower": sunflower, "bush": bush, "flower": flower, "mushroom": mushroom,
    "lotus": lotus, "maple": oak, "apple": oak,
}  # fmt: skip


def plant_colour(kind: str, colour: RGB) -> RGB:
    """What a kind of plant makes of the season's leaf colour."""
    if kind == "maple":
        return (216, 104, 60)
    return shift(colour, saturation=1.05) if kind == "apple" else colour
