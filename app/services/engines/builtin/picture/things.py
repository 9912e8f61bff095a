"""Things that are set down: campfire, chest, easel, bench, lamp post, sign, cake ... In units of their height."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, light_of, shade_of
from app.services.engines.builtin.picture.creature import bow
from app.services.engines.builtin.picture.objects import OBJECTS
from app.services.engines.builtin.picture.outside import OUTSIDE
from app.services.engines.builtin.picture.plants import mushroom as toadstool

WOOD: RGB = (166, 116, 78)


def campfire(c: Canvas, rng: Random) -> None:
    for x in range(-3, 4):
        c.soft(curves.oval(x * 0.16, 0.06, 0.1, 0.075), (150, 144, 152))
    for a, b in (((-0.42, 0.08), (0.36, 0.3)), ((0.42, 0.08), (-0.36, 0.3))):
        c.soft(curves.tube([a, b], [0.13, 0.12]), WOOD)
    for s, tone in ((1.0, (240, 110, 54)), (0.7, (250, 172, 70)), (0.4, (255, 236, 160))):
        c.fill(
            curves.smooth(
                [
                    (-0.3 * s, 0.22),
                    (-0.2 * s, 0.5 * s + 0.1),
                    (-0.04, 0.95 * s),
                    (0.08, 0.62 * s),
                    (0.2 * s, 0.72 * s),
                    (0.3 * s, 0.25),
                    (0, 0.14),
                ]
            ),
            tone,
        )


def chest(c: Canvas, rng: Random) -> None:
    gold: RGB = (250, 206, 92)
    c.soft(curves.smooth([(-0.72, 0.55), (-0.7, 0.86), (0, 1.02), (0.7, 0.86), (0.72, 0.55)]), shade_of(WOOD))
    for k in range(11):
        c.soft(curves.oval(-0.55 + 0.11 * k, 0.56 + 0.07 * (k % 3), 0.1, 0.09), gold)
    c.soft(curves.box(-0.72, 0, 0.72, 0.56, 0.04), WOOD)
    for x in (-0.5, 0.5):
        c.fill(curves.box(x - 0.07, 0, x + 0.07, 0.56), gold)
    c.soft(curves.box(-0.12, 0.36, 0.12, 0.6, 0.03), gold)
    c.dot(0, 0.48, 0.045, (96, 66, 56))


def easel(c: Canvas, rng: Random) -> None:
    for a, b in (((-0.3, 0), (-0.06, 1.0)), ((0.3, 0), (0.06, 1.0)), ((0.02, 0.1), (0.0, 0.9))):
        c.stroke([a, b], 0.035, WOOD, smooth=False)
    c.soft(curves.box(-0.38, 0.34, 0.38, 0.88), (255, 252, 244), light=0.3)
    picture = curves.box(-0.34, 0.38, 0.34, 0.84)
    with c.inside(picture):
        c.graded(picture, (150, 206, 240), (252, 236, 200))
        c.fill(curves.oval(-0.1, 0.34, 0.34, 0.17), (132, 184, 100))
        c.fill(curves.oval(0.24, 0.34, 0.3, 0.14), (104, 164, 104))
        c.dot(0.18, 0.73, 0.06, (252, 206, 90))
        c.stroke([(-0.14, 0.48), (-0.13, 0.6)], 0.025, WOOD, smooth=False)
        c.dot(-0.13, 0.64, 0.075, (236, 110, 100))
    c.soft(curves.box(-0.42, 0.3, 0.42, 0.345), WOOD)


def bench(c: Canvas, rng: Random) -> None:
    for x in (-0.8, 0.8):
        c.soft(curves.box(x - 0.06, 0, x + 0.06, 0.95), (96, 92, 104))
    for y in (0.44, 0.7, 0.9):
        c.soft(curves.box(-1.0, y - 0.075, 1.0, y + 0.075, 0.03), (190, 134, 88))


def lamppost(c: Canvas, rng: Random) -> None:
    iron: RGB = (78, 82, 96)
    c.soft(curves.box(-0.016, 0, 0.016, 0.84), iron)
    c.soft(curves.box(-0.04, 0, 0.04, 0.06), iron)
    c.soft([(-0.04, 0.84), (-0.06, 0.95), (0.06, 0.95), (0.04, 0.84)], (255, 236, 180), light=0.3)
    c.soft([(-0.075, 0.95), (0, 1.0), (0.075, 0.95)], iron)


def sign(c: Canvas, rng: Random) -> None:
    c.soft(curves.box(-0.04, 0, 0.04, 0.95), WOOD)
    c.soft([(-0.4, 0.66), (0.34, 0.66), (0.48, 0.77), (0.34, 0.88), (-0.4, 0.88)], light_of(WOOD))
    c.soft([(0.4, 0.38), (-0.34, 0.38), (-0.48, 0.49), (-0.34, 0.6), (0.4, 0.6)], WOOD)


def nest(c: Canvas, rng: Random) -> None:
    for x in (-0.3, 0.02, 0.32):
        c.soft(curves.oval(x, 0.6, 0.24, 0.3), (250, 240, 220))
    c.soft(
        curves.smooth([(-0.85, 0.5), (-0.5, 0.36), (0.5, 0.36), (0.85, 0.5), (0.55, 0.04), (-0.55, 0.04)]),
        (170, 126, 84),
    )
    for k in range(9):
        c.stroke([(-0.75 + 0.15 * k, 0.42), (-0.6 + 0.15 * k, 0.12)], 0.03, (132, 94, 66), smooth=False)


def mushroom(c: Canvas, rng: Random) -> None:
    toadstool(c, rng, (0, 0, 0), False)


def crystal(c: Canvas, rng: Random) -> None:
    for x, h, lean, tone in (
        (-0.4, 0.7, -0.12, (150, 200, 246)),
        (0.4, 0.62, 0.14, (190, 160, 240)),
        (0.0, 1.0, 0.0, (160, 230, 244)),
    ):
        c.soft(
            [(x - 0.18, 0), (x - 0.2 + lean, h * 0.72), (x + lean, h), (x + 0.2 + lean, h * 0.7), (x + 0.18, 0)], tone
        )
        c.fill(
            [(x - 0.02, 0), (x - 0.04 + lean, h * 0.7), (x + lean, h), (x - 0.2 + lean, h * 0.72), (x - 0.18, 0)],
            light_of(tone),
            0.6,
        )


def gift(c: Canvas, rng: Random) -> None:
    c.soft(curves.box(-0.5, 0, 0.5, 0.72, 0.03), (226, 92, 86))
    c.fill(curves.box(-0.09, 0, 0.09, 0.72), (252, 212, 110))
    c.soft(curves.box(-0.55, 0.6, 0.55, 0.78, 0.03), (236, 110, 100))
    bow(c, 0, 0.84, 0.26, (252, 212, 110))


def pumpkin(c: Canvas, rng: Random) -> None:
    tone: RGB = (240, 146, 62)
    for x in (-0.4, 0.4, -0.2, 0.2, 0.0):
        c.soft(curves.oval(x, 0.42, 0.34, 0.42), tone)
    c.soft(curves.tube([(0, 0.8), (0.06, 1.0)], [0.12, 0.08]), (110, 140, 80))


THINGS: dict[str, tuple[Callable[[Canvas, Random], None], float]] = {
    "campfire": (campfire, 0.17), "chest": (chest, 0.13), "easel": (easel, 0.42), "bench": (bench, 0.13),
    "lamppost": (lamppost, 0.5), "sign": (sign, 0.22), "nest": (nest, 0.07), "mushroom": (mushroom, 0.08),
    "crystal": (crystal, 0.14), "gift": (gift, 0.12), "pumpkin": (pumpkin, 0.1), **OBJECTS, **OUTSIDE,
}  # fmt: skip
"""How each is drawn and how high it is, in units."""
