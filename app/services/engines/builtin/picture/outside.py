"""Things that stand or lie out of doors, and furniture that may stand anywhere. In units of their height, y upwards."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of

WOOD: RGB = (170, 120, 82)
STONE: RGB = (176, 170, 168)
GOLD: RGB = (248, 204, 92)
RED: RGB = (216, 74, 68)
INK: RGB = (74, 66, 80)


def well(c: Canvas, rng: Random) -> None:
    for x in (-0.34, 0.34):
        c.soft(curves.box(x - 0.035, 0.2, x + 0.035, 0.78), WOOD)
    c.stroke([(-0.34, 0.62), (0.34, 0.62)], 0.05, shade_of(WOOD), smooth=False)
    c.stroke([(0.0, 0.62), (0.0, 0.44)], 0.02, (206, 184, 150), smooth=False)
    c.soft(curves.box(-0.07, 0.32, 0.07, 0.46, 0.01), (150, 110, 84))
    c.soft(curves.box(-0.42, 0.0, 0.42, 0.34), STONE)
    for k in range(3):
        for j in range(6):
            x, y = -0.42 + 0.15 * j - 0.07 * (k % 2), 0.02 + 0.11 * k
            c.soft(
                curves.box(max(-0.42, x), y, min(0.42, x + 0.13), y + 0.09, 0.02),
                mix(STONE, WHITE, 0.12 * ((j + k) % 3)),
                light=0.5,
            )
    c.soft(curves.oval(0, 0.34, 0.44, 0.07), light_of(STONE))
    c.fill(curves.oval(0, 0.34, 0.33, 0.045), (58, 62, 84))
    c.soft([(-0.56, 0.74), (-0.06, 1.0), (0.06, 1.0), (0.56, 0.74)], (176, 92, 74))
    c.fill([(0.0, 1.0), (0.06, 1.0), (0.56, 0.74), (0.2, 0.74)], (136, 68, 66), 0.6)


def moped(c: Canvas, rng: Random) -> None:
    tone: RGB = rng.choice(((110, 176, 170), (226, 110, 90), (246, 196, 96)))
    for x in (-0.62, 0.62):
        c.soft(curves.oval(x, 0.2, 0.2, 0.2), INK)
        c.soft(curves.oval(x, 0.2, 0.1, 0.1), (214, 216, 222))
    c.soft(
        curves.smooth(
            [
                (-0.86, 0.3),
                (-0.8, 0.58),
                (-0.3, 0.62),
                (-0.16, 0.3),
                (0.3, 0.26),
                (0.44, 0.72),
                (0.56, 0.72),
                (0.62, 0.3),
                (0.2, 0.16),
                (-0.3, 0.16),
            ],
            steps=4,
        ),
        tone,
    )
    c.soft(curves.smooth([(-0.78, 0.62), (-0.72, 0.72), (-0.26, 0.7), (-0.2, 0.6)], steps=4), (110, 78, 66))
    c.stroke([(0.5, 0.68), (0.42, 0.94), (0.24, 0.98)], 0.05, INK)
    c.soft(curves.oval(0.56, 0.74, 0.085, 0.085), (255, 240, 186), light=0.5)
    c.dot(-0.86, 0.46, 0.05, RED)
    c.stroke([(0.42, 0.94), (0.5, 1.06)], 0.02, INK, smooth=False)
    c.dot(0.51, 1.09, 0.05, (190, 210, 220))


def table(c: Canvas, rng: Random) -> None:
    for x in (-0.7, 0.62):
        c.soft(curves.box(x, 0.0, x + 0.09, 0.86), shade_of(WOOD))
        c.soft(
            curves.box(x + 0.2 if x < 0 else x - 0.2, 0.16, (x + 0.27) if x < 0 else x - 0.13, 0.86),
            shade_of(shade_of(WOOD)),
        )
    c.soft([(-0.9, 0.82), (-0.68, 1.0), (0.72, 1.0), (0.9, 0.82)], light_of(WOOD))
    c.soft(curves.box(-0.9, 0.72, 0.9, 0.83, 0.02), WOOD)


def chair(c: Canvas, rng: Random) -> None:
    for x in (-0.26, 0.2):
        c.soft(curves.box(x, 0.0, x + 0.06, 0.46), WOOD)
        c.soft(curves.box(x + 0.06, 0.1, x + 0.1, 0.46), shade_of(shade_of(WOOD)))
    for x in (-0.2, 0.22):
        c.soft(curves.box(x, 0.48, x + 0.055, 1.0), WOOD)
    for y in (0.66, 0.86):
        c.soft(curves.box(-0.2, y, 0.27, y + 0.09, 0.02), light_of(WOOD))
    c.soft([(-0.3, 0.44), (-0.2, 0.54), (0.3, 0.54), (0.28, 0.44)], light_of(WOOD))
    c.soft(curves.box(-0.3, 0.39, 0.28, 0.46), WOOD)


def bed(c: Canvas, rng: Random) -> None:
    quilt: RGB = rng.choice(((126, 168, 210), (236, 150, 140), (160, 190, 140)))
    c.soft(curves.box(-1.16, 0.0, -1.06, 1.0, 0.03), WOOD)
    c.soft(curves.box(1.02, 0.0, 1.1, 0.66, 0.03), WOOD)
    c.soft(curves.box(-1.08, 0.14, 1.04, 0.34), shade_of(WOOD))
    c.soft(curves.box(-1.06, 0.32, 1.02, 0.48, 0.03), (250, 246, 238))
    c.soft(curves.oval(-0.82, 0.58, 0.24, 0.13), WHITE)
    c.soft(curves.smooth([(-0.6, 0.2), (-0.6, 0.58), (0.2, 0.66), (1.0, 0.56), (1.04, 0.2)], steps=4), quilt)
    c.soft(curves.box(-0.64, 0.46, -0.42, 0.62, 0.03), WHITE)
    for x in (-0.2, 0.2, 0.6):
        c.fill(curves.star(x, 0.42, 0.07, 0.5, 5, 90), light_of(light_of(quilt)))


def door(c: Canvas, rng: Random) -> None:
    tone: RGB = rng.choice(((150, 96, 72), (96, 136, 140), (176, 84, 74)))
    c.soft(curves.box(-0.34, 0.0, 0.34, 1.0, 0.01), (236, 222, 200))
    c.soft(curves.box(-0.27, 0.0, 0.27, 0.94), tone)
    for y0, y1 in ((0.08, 0.42), (0.5, 0.86)):
        for x in (-0.22, 0.02):
            c.soft(curves.box(x, y0, x + 0.19, y1, 0.01), shade_of(tone), light=0.5)
    c.dot(0.22, 0.46, 0.026, GOLD)
    c.soft(curves.box(-0.4, -0.04, 0.4, 0.02), STONE)


def stairs(c: Canvas, rng: Random) -> None:
    n = 6
    for k in range(n):
        y, x = k / n * 0.86, -0.9 + 1.5 * k / n
        c.soft(curves.box(x, 0.0, 0.9, y + 0.86 / n), mix(STONE, WHITE, 0.08 * k))
        c.fill(curves.box(x, y + 0.86 / n - 0.03, 0.9, y + 0.86 / n), light_of(light_of(STONE)))
    for k in range(0, n, 2):
        x = -0.82 + 1.5 * k / n
        y = (k + 1) / n * 0.86
        c.fill(curves.box(x, y, x + 0.03, y + 0.24), INK)
    c.stroke([(-0.84, 0.4), (0.42, 1.06)], 0.045, WOOD, smooth=False)


def umbrella(c: Canvas, rng: Random) -> None:
    tone: RGB = rng.choice((RED, (74, 132, 200), GOLD))
    c.stroke([(0.5, 0.02), (-0.1, 0.5)], 0.04, WOOD, smooth=False)
    dome = curves.smooth([(-0.6, 0.2), (-0.56, 0.62), (-0.2, 0.96), (0.26, 0.96), (0.02, 0.7), (-0.2, 0.44)], steps=5)
    c.soft(dome, tone)
    for p in ((-0.56, 0.6), (-0.2, 0.94)):
        c.stroke([p, (-0.24, 0.56)], 0.018, shade_of(tone))


def kite(c: Canvas, rng: Random) -> None:
    tone: RGB = rng.choice((RED, (90, 160, 210), GOLD))
    c.soft([(0.0, 1.0), (0.34, 0.62), (0, 0.2), (-0.34, 0.62)], tone)
    c.fill([(0.0, 0.98), (0.32, 0.62), (0, 0.62)], light_of(tone))
    c.fill([(0.0, 0.22), (-0.32, 0.62), (0, 0.62)], shade_of(tone), 0.6)
    c.stroke([(0, 0.2), (0.12, 0.1), (-0.04, 0.04), (0.14, -0.04)], 0.02, GOLD)
    for x, y in ((0.1, 0.1), (0.0, 0.03)):
        c.fill(curves.star(x, y, 0.05, 0.5, 4), RED)


def key(c: Canvas, rng: Random) -> None:
    c.stroke(curves.oval(-0.6, 0.5, 0.3, 0.34), 0.16, GOLD, closed=True)
    c.stroke([(-0.3, 0.5), (0.8, 0.5)], 0.17, GOLD, smooth=False)
    for x in (0.5, 0.76):
        c.stroke([(x, 0.48), (x, 0.12)], 0.16, GOLD, smooth=False)


def chart(c: Canvas, rng: Random) -> None:
    """A map that lies unrolled."""
    c.soft(curves.smooth([(-0.95, 0.1), (0.8, 0.0), (0.95, 0.8), (-0.8, 0.9)], steps=2), (240, 218, 168))
    c.fill(curves.blob(rng, -0.2, 0.5, 0.4, 0.24, 0.2), (170, 190, 120), 0.8)
    for k in range(5):
        c.dot(-0.5 + 0.22 * k, 0.3 + 0.1 * (k % 2) + 0.04 * k, 0.045, (176, 110, 76))
    for s in (-1, 1):
        c.stroke([(0.5 - 0.1, 0.6 - 0.1 * s), (0.5 + 0.1, 0.6 + 0.1 * s)], 0.07, RED, smooth=False)


def basket(c: Canvas, rng: Random) -> None:
    c.stroke([(-0.5, 0.4), (-0.4, 0.86), (0, 1.02), (0.4, 0.86), (0.5, 0.4)], 0.07, (176, 126, 78))
    for x, tone in ((-0.3, RED), (0.02, GOLD), (0.3, (140, 190, 100)), (-0.12, (240, 140, 80)), (0.18, RED)):
        c.soft(curves.oval(x, 0.52, 0.16, 0.16), tone)
    c.soft(curves.smooth([(-0.62, 0.52), (0.62, 0.52), (0.46, 0.02), (-0.46, 0.02)], steps=4), (208, 160, 100))
    for k in range(3):
        c.stroke([(-0.56, 0.4 - 0.13 * k), (0.56, 0.4 - 0.13 * k)], 0.03, (160, 112, 70), smooth=False)


def bag(c: Canvas, rng: Random) -> None:
    c.stroke([(-0.14, 0.84), (-0.1, 1.0), (0.1, 1.0), (0.14, 0.84)], 0.06, (110, 76, 62))
    c.soft(
        curves.smooth([(-0.4, 0.06), (-0.44, 0.6), (-0.24, 0.9), (0.24, 0.9), (0.44, 0.6), (0.4, 0.06)], steps=5),
        (206, 112, 88),
    )
    c.soft(curves.box(-0.3, 0.12, 0.3, 0.44, 0.06), (186, 92, 76))
    c.soft(curves.box(-0.34, 0.56, 0.34, 0.66, 0.03), (226, 150, 110))
    c.dot(0, 0.56, 0.05, GOLD)


def telescope(c: Canvas, rng: Random) -> None:
    for a in (-0.36, 0.02, 0.4):
        c.stroke([(0.0, 0.56), (a, 0.0)], 0.04, WOOD, smooth=False)
    c.soft(curves.tube([(-0.44, 0.5), (-0.06, 0.66)], [0.12, 0.14]), (190, 150, 90))
    c.soft(curves.tube([(-0.06, 0.66), (0.5, 0.92)], [0.18, 0.22]), (84, 104, 140))
    c.soft(curves.tube([(0.42, 0.88), (0.56, 0.945)], [0.25, 0.25]), GOLD)
    c.dot(0.0, 0.58, 0.06, INK)


def violin(c: Canvas, rng: Random) -> None:
    body = curves.smooth(
        [
            (0, 0.02),
            (0.24, 0.1),
            (0.22, 0.26),
            (0.13, 0.34),
            (0.2, 0.46),
            (0.12, 0.58),
            (-0.12, 0.58),
            (-0.2, 0.46),
            (-0.13, 0.34),
            (-0.22, 0.26),
            (-0.24, 0.1),
        ],
        steps=5,
    )
    c.soft(body, (206, 130, 74))
    c.fill(curves.box(-0.035, 0.3, 0.035, 0.94), INK)
    c.dot(0, 0.27, 0.07, (110, 66, 52))
    for x in (-0.016, 0.016):
        c.stroke([(x, 0.12), (x, 0.94)], 0.007, (240, 232, 210), smooth=False)
    c.soft(curves.box(-0.05, 0.9, 0.05, 1.02, 0.02), (120, 74, 60))


def phone(c: Canvas, rng: Random) -> None:
    c.glow(0, 0.55, 0.9, (170, 220, 250), 0.35)
    c.soft(curves.box(-0.78, 0.24, 0.78, 1.0, 0.06), (70, 74, 92))
    c.graded(curves.box(-0.7, 0.32, 0.7, 0.93), (130, 200, 240), (214, 240, 250))
    c.soft([(-0.8, 0.22), (0.8, 0.22), (0.98, 0.0), (-0.98, 0.0)], (150, 156, 172))


def swing(c: Canvas, rng: Random) -> None:
    for s in (-1, 1):
        c.stroke([(s * 0.75, 0.0), (s * 0.56, 0.98), (s * 0.38, 0.0)], 0.05, (214, 96, 84), smooth=False)
    c.stroke([(-0.6, 0.98), (0.6, 0.98)], 0.06, (90, 140, 190), smooth=False)
    for x in (-0.24, 0.24):
        for d in (-0.1, 0.1):
            c.stroke([(x + d, 0.97), (x + d, 0.32)], 0.014, INK, smooth=False)
        c.soft(curves.box(x - 0.15, 0.27, x + 0.15, 0.33, 0.02), GOLD)


def slide(c: Canvas, rng: Random) -> None:
    for x in (-0.62, -0.36):
        c.soft(curves.box(x - 0.03, 0.0, x + 0.03, 1.0), (90, 150, 190))
    for k in range(6):
        c.stroke([(-0.62, 0.12 + 0.12 * k), (-0.36, 0.12 + 0.12 * k)], 0.035, light_of((90, 150, 190)), smooth=False)
    c.soft(
        curves.smooth(
            [(-0.38, 0.8), (-0.2, 0.78), (0.4, 0.14), (0.9, 0.06), (0.9, 0.0), (0.34, 0.04), (-0.26, 0.66)], steps=5
        ),
        (240, 190, 80),
    )
    c.stroke([(-0.36, 0.9), (-0.16, 0.86), (0.42, 0.24), (0.86, 0.15)], 0.04, RED)


def mailbox(c: Canvas, rng: Random) -> None:
    c.soft(curves.box(-0.05, 0.0, 0.05, 0.6), WOOD)
    c.soft(
        curves.smooth([(-0.3, 0.56), (-0.3, 0.84), (-0.1, 0.98), (0.24, 0.98), (0.36, 0.84), (0.36, 0.56)], steps=4),
        RED,
    )
    c.fill(curves.box(-0.2, 0.74, 0.12, 0.79), (120, 40, 44))
    c.soft(curves.box(0.32, 0.72, 0.36, 1.02), GOLD)


def barrel(c: Canvas, rng: Random) -> None:
    c.soft(
        curves.smooth([(-0.34, 0.0), (-0.44, 0.45), (-0.34, 0.92), (0.34, 0.92), (0.44, 0.45), (0.34, 0.0)], steps=4),
        WOOD,
    )
    for y in (0.2, 0.72):
        c.stroke([(-0.42, y), (0, y - 0.03), (0.42, y)], 0.05, INK)
    c.soft(curves.oval(0, 0.92, 0.34, 0.08), light_of(WOOD))


def lily_lamp(c: Canvas, rng: Random) -> None:
    """A floating paper lamp."""
    c.glow(0, 0.5, 0.9, (255, 210, 130), 0.5)
    c.soft(
        curves.smooth([(-0.3, 0.1), (-0.42, 0.7), (-0.2, 1.0), (0.2, 1.0), (0.42, 0.7), (0.3, 0.1)], steps=4),
        (255, 190, 104),
    )
    c.fill(curves.oval(0, 0.3, 0.2, 0.24), (255, 240, 190))


OUTSIDE: dict[str, tuple[Callable[[Canvas, Random], None], float]] = {
    "well": (well, 0.26), "moped": (moped, 0.19), "table": (table, 0.15), "chair": (chair, 0.2), "bed": (bed, 0.17),
    "door": (door, 0.44), "stairs": (stairs, 0.3), "umbrella": (umbrella, 0.14),
    "kite": (kite, 0.24), "key": (key, 0.05), "map": (chart, 0.06), "basket": (basket, 0.1), "bag": (bag, 0.12),
    "telescope": (telescope, 0.26), "guitar": (violin, 0.18), "phone": (phone, 0.09),
    "swing": (swing, 0.38), "slide": (slide, 0.36), "mailbox": (mailbox, 0.2), "barrel": (barrel, 0.13),
    "skylamp": (lily_lamp, 0.1),
}  # fmt: skip
"""How each is drawn and how high it is, in units."""
