"""Things for the house that are set on tables, shelves and floors. In units of their height, y upwards."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of

WOOD: RGB = (166, 116, 78)
GOLD: RGB = (248, 204, 92)
RED: RGB = (216, 74, 68)
INK: RGB = (74, 62, 78)


def _flame(c: Canvas, x: float, y: float, s: float) -> None:
    c.glow(x, y + s * 0.4, s * 2.4, (255, 214, 130), 0.6)
    c.fill(
        curves.smooth([(x, y + s), (x + s * 0.3, y + s * 0.36), (x, y), (x - s * 0.3, y + s * 0.36)]), (255, 176, 70)
    )
    c.fill(
        curves.smooth(
            [(x, y + s * 0.66), (x + s * 0.15, y + s * 0.28), (x, y + s * 0.05), (x - s * 0.15, y + s * 0.28)]
        ),
        (255, 240, 180),
    )


def candle(c: Canvas, rng: Random) -> None:
    c.soft(curves.oval(0, 0.06, 0.34, 0.08), GOLD)
    c.soft(curves.box(-0.13, 0.08, 0.13, 0.68, 0.03), (252, 244, 226))
    c.fill(curves.smooth([(-0.13, 0.68), (-0.12, 0.5), (-0.07, 0.44), (-0.04, 0.66)]), WHITE)
    _flame(c, 0, 0.7, 0.3)


def lantern(c: Canvas, rng: Random) -> None:
    c.stroke([(-0.2, 0.8), (-0.12, 1.0), (0.12, 1.0), (0.2, 0.8)], 0.035, INK)
    c.soft([(-0.3, 0.72), (-0.12, 0.86), (0.12, 0.86), (0.3, 0.72)], (170, 84, 70))
    c.glow(0, 0.42, 0.75, (255, 214, 130), 0.5)
    c.soft(curves.box(-0.25, 0.1, 0.25, 0.72), (255, 224, 140), light=0.5)
    _flame(c, 0, 0.24, 0.3)
    for x in (-0.25, 0.0, 0.25):
        c.fill(curves.box(x - 0.022, 0.1, x + 0.022, 0.72), INK)
    c.soft(curves.box(-0.32, 0.0, 0.32, 0.11), (170, 84, 70))


def cake(c: Canvas, rng: Random) -> None:
    """A cake with candles on a round table."""
    c.soft(curves.box(-0.05, 0.0, 0.05, 0.5), WOOD)
    c.soft(curves.oval(0, 0.02, 0.28, 0.04), shade_of(WOOD))
    c.soft(
        curves.smooth(
            [
                (-0.66, 0.5),
                (-0.68, 0.26),
                (-0.5, 0.32),
                (-0.3, 0.22),
                (0, 0.31),
                (0.3, 0.22),
                (0.5, 0.32),
                (0.68, 0.26),
                (0.66, 0.5),
            ],
            steps=4,
        ),
        (250, 244, 236),
    )
    c.soft(curves.oval(0, 0.5, 0.68, 0.09), WHITE)
    for y, w, tone in ((0.5, 0.44, (250, 214, 190)), (0.64, 0.32, (248, 176, 190))):
        c.soft(curves.box(-w, y, w, y + 0.15, 0.03), tone)
        drips = [
            (-w, y + 0.16),
            *((-w + 2 * w * j / 8, y + (0.07 if j % 2 else 0.12)) for j in range(9)),
            (w, y + 0.16),
        ]
        c.soft(curves.smooth(drips, steps=4), (255, 250, 246), light=0.3)
        c.soft(curves.oval(0, y + 0.155, w, 0.035), (255, 250, 246), light=0.2)
    for j, x in enumerate((-0.2, -0.07, 0.07, 0.2)):
        c.fill(curves.box(x - 0.015, 0.79, x + 0.015, 0.9), ((110, 160, 220), RED, (120, 180, 110), GOLD)[j])
        _flame(c, x, 0.9, 0.085)


def teapot(c: Canvas, rng: Random) -> None:
    tone: RGB = rng.choice(((110, 150, 190), (214, 110, 96), (130, 170, 130)))
    c.stroke([(0.36, 0.6), (0.72, 0.66), (0.7, 0.28), (0.36, 0.22)], 0.085, tone)
    c.soft(
        curves.smooth([(-0.3, 0.46), (-0.6, 0.5), (-0.78, 0.8), (-0.68, 0.84), (-0.5, 0.56), (-0.3, 0.26)], steps=5),
        tone,
    )
    c.soft(curves.oval(0, 0.38, 0.48, 0.38), tone)
    c.soft(curves.oval(0, 0.72, 0.26, 0.07), light_of(tone))
    c.dot(0, 0.85, 0.07, GOLD)
    for k in range(5):
        a = k * 1.257
        c.dot(0.11 * math.cos(a), 0.38 + 0.11 * math.sin(a), 0.06, WHITE)
    c.dot(0, 0.38, 0.06, GOLD)


def pot(c: Canvas, rng: Random) -> None:
    c.soft(curves.box(-0.6, 0.02, 0.6, 0.62, 0.1), (196, 112, 92))
    c.fill(curves.box(-0.6, 0.5, 0.6, 0.6), light_of((196, 112, 92)))
    c.soft(curves.smooth([(-0.62, 0.62), (-0.4, 0.8), (0, 0.86), (0.4, 0.8), (0.62, 0.62)]), (176, 96, 82))
    c.dot(0, 0.92, 0.08, INK)
    for s in (-1, 1):
        c.stroke([(s * 0.6, 0.48), (s * 0.78, 0.44), (s * 0.6, 0.34)], 0.06, INK)


def vase(c: Canvas, rng: Random) -> None:
    for k, tone in enumerate(((244, 130, 140), (252, 214, 110), (190, 150, 222), (250, 246, 240), (244, 150, 100))):
        x, y = -0.3 + 0.15 * k, 0.74 + 0.14 * (k % 2)
        c.stroke([(0, 0.4), (x * 0.5, 0.6), (x, y)], 0.03, (104, 152, 88))
        for j in range(5):
            a = j * 1.257
            c.dot(x + 0.07 * math.cos(a), y + 0.07 * math.sin(a), 0.058, tone)
        c.dot(x, y, 0.045, GOLD if k != 1 else (190, 120, 70))
    c.soft(
        curves.smooth(
            [(-0.12, 0.52), (-0.1, 0.4), (-0.24, 0.2), (-0.14, 0.0), (0.14, 0.0), (0.24, 0.2), (0.1, 0.4), (0.12, 0.52)]
        ),
        (110, 160, 196),
    )


def clock(c: Canvas, rng: Random) -> None:
    """A tall clock with a pendulum."""
    c.soft(curves.box(-0.17, 0.0, 0.17, 0.09), shade_of(WOOD))
    c.soft(curves.box(-0.12, 0.09, 0.12, 0.66), WOOD)
    c.soft(curves.box(-0.075, 0.14, 0.075, 0.6, 0.02), (96, 62, 56))
    c.stroke([(0, 0.58), (0.025, 0.26)], 0.012, GOLD, smooth=False)
    c.dot(0.027, 0.24, 0.04, GOLD)
    c.soft(curves.box(-0.18, 0.64, 0.18, 0.92), WOOD)
    c.soft(curves.smooth([(-0.21, 0.91), (-0.1, 0.95), (0, 1.02), (0.1, 0.95), (0.21, 0.91)], steps=4), shade_of(WOOD))
    c.soft(curves.oval(0, 0.78, 0.13, 0.115), (255, 250, 236), light=0.2)
    for k in range(12):
        a = k * math.pi / 6
        c.dot(0.105 * math.sin(a), 0.78 + 0.092 * math.cos(a), 0.009, INK)
    c.stroke([(0.0, 0.85), (0, 0.78), (0.06, 0.75)], 0.014, INK, smooth=False)


def mirror(c: Canvas, rng: Random) -> None:
    for s in (-1, 1):
        c.stroke([(s * 0.1, 0.2), (s * 0.26, 0.0)], 0.04, WOOD, smooth=False)
    c.soft(curves.oval(0, 0.56, 0.32, 0.44), GOLD)
    c.soft(curves.oval(0, 0.56, 0.265, 0.38), (206, 228, 238), light=0.7)
    for x in (-0.1, 0.02):
        c.fill([(x, 0.4), (x + 0.05, 0.4), (x + 0.17, 0.74), (x + 0.12, 0.74)], WHITE, 0.5)
    c.soft(curves.star(0, 1.0, 0.07, 0.5, 5, 90), GOLD)


def piano(c: Canvas, rng: Random) -> None:
    tone: RGB = (112, 72, 62)
    c.soft(curves.box(-0.78, 0.0, 0.78, 0.98, 0.02), tone)
    c.soft(curves.box(-0.84, 0.94, 0.84, 1.02, 0.02), light_of(tone))
    c.fill(curves.box(-0.7, 0.6, 0.7, 0.9), shade_of(tone))
    c.soft(curves.box(-0.2, 0.58, 0.2, 0.84), (255, 250, 236))
    for k in range(4):
        c.stroke([(-0.16, 0.64 + 0.05 * k), (0.16, 0.64 + 0.05 * k)], 0.008, INK, smooth=False)
    c.soft(curves.box(-0.86, 0.4, 0.86, 0.52, 0.02), tone)
    c.fill(curves.box(-0.76, 0.44, 0.76, 0.53), WHITE)
    for k in range(19):
        x = -0.74 + 0.08 * k
        c.fill(curves.box(x, 0.44, x + 0.006, 0.53), (150, 150, 160))
        if k % 7 not in (2, 6):
            c.fill(curves.box(x + 0.05, 0.475, x + 0.09, 0.53), INK)
    for x in (-0.76, 0.76):
        c.soft(curves.box(x - 0.06, 0.0, x + 0.06, 0.42), shade_of(tone))
    c.soft(curves.box(-0.34, 0.16, 0.34, 0.24, 0.03), (170, 70, 74))
    for x in (-0.28, 0.28):
        c.fill(curves.box(x - 0.03, -0.02, x + 0.03, 0.17), shade_of(tone))


def globe(c: Canvas, rng: Random) -> None:
    c.soft(curves.oval(0, 0.05, 0.3, 0.06), WOOD)
    c.fill(curves.box(-0.035, 0.05, 0.035, 0.24), WOOD)
    c.stroke(curves.oval(0, 0.58, 0.42, 0.42, 0, 30)[3:22], 0.045, GOLD)
    ball = curves.oval(0, 0.58, 0.36, 0.36)
    c.soft(ball, (100, 164, 210))
    with c.inside(ball):
        for x, y, rx, ry in ((-0.14, 0.7, 0.16, 0.1), (0.16, 0.5, 0.14, 0.18), (-0.2, 0.4, 0.1, 0.12)):
            c.fill(curves.blob(rng, x, y, rx, ry, 0.25), (140, 184, 110))


def bell(c: Canvas, rng: Random) -> None:
    """A temple bell in its frame."""
    for s in (-1, 1):
        c.soft([(s * 0.52, 0), (s * 0.64, 0), (s * 0.5, 0.9), (s * 0.42, 0.9)], (176, 84, 70))
    c.soft(curves.box(-0.66, 0.86, 0.66, 0.96), (150, 70, 62))
    c.soft(
        curves.smooth([(-0.8, 0.94), (-0.4, 1.04), (0.4, 1.04), (0.8, 0.94), (0.4, 0.96), (-0.4, 0.96)], steps=4),
        (84, 92, 104),
    )
    c.fill(curves.box(-0.03, 0.72, 0.03, 0.88), INK)
    c.soft(
        curves.smooth(
            [
                (-0.34, 0.2),
                (-0.27, 0.34),
                (-0.24, 0.6),
                (-0.12, 0.76),
                (0.12, 0.76),
                (0.24, 0.6),
                (0.27, 0.34),
                (0.34, 0.2),
            ],
            steps=5,
        ),
        (190, 150, 80),
    )
    for y in (0.3, 0.52):
        c.stroke([(-0.27, y), (0.27, y)], 0.03, (146, 108, 60), smooth=False)


def drum(c: Canvas, rng: Random) -> None:
    c.soft(curves.box(-0.5, 0.08, 0.5, 0.62), RED)
    c.soft(curves.oval(0, 0.08, 0.5, 0.12), shade_of(RED))
    zig = [(-0.5 + 0.125 * k, 0.56 if k % 2 else 0.12) for k in range(9)]
    c.stroke(zig, 0.03, (255, 244, 220), smooth=False)
    for y in (0.1, 0.6):
        c.stroke(curves.oval(0, y, 0.5, 0.12, 0, 30)[15:], 0.06, GOLD, smooth=False)
    c.soft(curves.oval(0, 0.64, 0.5, 0.13), (255, 248, 234), light=0.3)
    for a, b in (((-0.16, 0.66), (0.34, 1.0)), ((0.12, 0.66), (-0.4, 0.96))):
        c.stroke([a, b], 0.045, WOOD, smooth=False)
        c.dot(*a, 0.055, light_of(WOOD))


def cradle(c: Canvas, rng: Random) -> None:
    c.soft(curves.smooth([(0.5, 0.5), (0.66, 0.9), (0.4, 1.0), (0.2, 0.7)], steps=5), light_of(WOOD))
    c.soft(curves.smooth([(-0.7, 0.6), (0.7, 0.6), (0.56, 0.16), (-0.56, 0.16)], steps=4), WOOD)
    c.soft(curves.smooth([(-0.62, 0.6), (-0.5, 0.74), (0.1, 0.74), (0.24, 0.58)], steps=5), (250, 214, 222))
    c.soft(curves.oval(0.38, 0.66, 0.2, 0.1), WHITE)
    for s in (-1, 1):
        c.stroke([(s * 0.2 - 0.3, 0.04), (s * 0.44, 0.0), (s * 0.2 + 0.3, 0.1)], 0.05, shade_of(WOOD))
    for x in (-0.4, -0.13, 0.13, 0.4):
        c.stroke([(x, 0.2), (x * 1.15, 0.54)], 0.02, shade_of(WOOD), smooth=False)


def blocks(c: Canvas, rng: Random) -> None:
    for x, y, tone in ((-0.45, 0.0, RED), (0.08, 0.0, (100, 150, 206)), (-0.2, 0.5, GOLD)):
        c.soft(curves.box(x, y, x + 0.48, y + 0.48, 0.03), tone)
        c.fill(curves.star(x + 0.24, y + 0.24, 0.14, 0.5, 5, 90), light_of(light_of(tone)))


def ball(c: Canvas, rng: Random) -> None:
    shape = curves.oval(0, 0.5, 0.5, 0.5)
    c.soft(shape, (96, 156, 214))
    with c.inside(shape):
        c.fill(curves.oval(-0.28, 0.5, 0.2, 0.6, 14), (255, 246, 226))
        c.fill(curves.oval(0.32, 0.5, 0.17, 0.6, 14), RED)
    c.fill(curves.oval(-0.18, 0.76, 0.1, 0.06, 30), WHITE, 0.7)


def book(c: Canvas, rng: Random) -> None:
    """An open book."""
    c.soft(
        curves.smooth([(-0.95, 0.1), (0, 0.0), (0.95, 0.1), (0.86, 0.6), (0, 0.5), (-0.86, 0.6)], steps=3),
        (150, 80, 70),
    )
    for s in (-1, 1):
        c.soft(
            curves.smooth(
                [(0, 0.08), (s * 0.5, 0.2), (s * 0.88, 0.18), (s * 0.78, 0.72), (s * 0.4, 0.76), (0, 0.6)], steps=4
            ),
            (255, 250, 236),
            light=0.4,
        )
        for k in range(3):
            c.stroke([(s * 0.16, 0.26 + 0.12 * k), (s * 0.68, 0.32 + 0.12 * k)], 0.025, (176, 160, 150), smooth=False)


def letter(c: Canvas, rng: Random) -> None:
    c.soft(curves.box(-0.72, 0.0, 0.72, 0.9, 0.03), (255, 248, 232))
    c.stroke([(-0.72, 0.88), (0, 0.36), (0.72, 0.88)], 0.05, (206, 172, 142), smooth=False)
    c.dot(0, 0.4, 0.14, RED)
    c.fill(curves.star(0, 0.4, 0.07, 0.5, 5, 90), (250, 190, 170))


def bread(c: Canvas, rng: Random) -> None:
    c.soft(
        curves.smooth([(-0.9, 0.1), (-0.85, 0.6), (-0.3, 0.86), (0.4, 0.84), (0.9, 0.5), (0.86, 0.1)], steps=5),
        (222, 162, 94),
    )
    for x in (-0.4, 0.0, 0.4):
        c.stroke([(x - 0.1, 0.3), (x + 0.12, 0.74)], 0.08, (250, 216, 150))


def apple(c: Canvas, rng: Random) -> None:
    c.soft(
        curves.smooth(
            [(0, 0.78), (0.36, 0.86), (0.5, 0.46), (0.26, 0.04), (0, 0.1), (-0.26, 0.04), (-0.5, 0.46), (-0.36, 0.86)],
            steps=5,
        ),
        RED,
    )
    c.stroke([(0, 0.76), (0.06, 1.0)], 0.07, WOOD)
    c.fill(curves.oval(0.2, 0.95, 0.17, 0.07, 24), (116, 172, 90))
    c.fill(curves.oval(-0.22, 0.62, 0.08, 0.13, 20), mix(RED, WHITE, 0.6))


OBJECTS: dict[str, tuple[Callable[[Canvas, Random], None], float]] = {
    "candle": (candle, 0.09), "lantern": (lantern, 0.13), "cake": (cake, 0.26), "teapot": (teapot, 0.08),
    "pot": (pot, 0.09), "apple": (apple, 0.05), "vase": (vase, 0.13), "clock": (clock, 0.38),
    "mirror": (mirror, 0.36), "piano": (piano, 0.3), "globe": (globe, 0.11), "bell": (bell, 0.3),
    "drum": (drum, 0.11), "cradle": (cradle, 0.19), "blocks": (blocks, 0.08), "ball": (ball, 0.08),
    "book": (book, 0.05), "letter": (letter, 0.06), "bread": (bread, 0.05),
}  # fmt: skip
"""How each is drawn and how high it is, in units."""
