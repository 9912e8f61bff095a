"""Vehicles in units of their height, y upwards, resting at 0, going right."""

from __future__ import annotations

import math
from collections.abc import Callable

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of

GLASS: RGB = (176, 216, 236)
PAINTS: tuple[RGB, ...] = ((224, 84, 74), (76, 138, 198), (246, 186, 72), (108, 172, 120))


def _wheel(c: Canvas, x: float, r: float) -> None:
    c.soft(curves.oval(x, r, r, r), (72, 66, 78))
    c.soft(curves.oval(x, r, r * 0.5, r * 0.5), (216, 216, 222))


def ship(c: Canvas, paint: RGB) -> None:
    for x, top, w in ((-0.26, 0.86, 0.26), (0.18, 1.02, 0.32)):
        c.stroke([(x, 0.2), (x, top)], 0.022, (120, 84, 62), smooth=False)
        for k in range(2):
            y0, y1 = 0.3 + (top - 0.34) * 0.5 * k, 0.28 + (top - 0.34) * 0.5 * (k + 1)
            s = w * (1 - 0.22 * k)
            c.soft(
                curves.smooth(
                    [
                        (x - s * 0.7, y0),
                        (x - s * 0.42, (y0 + y1) / 2),
                        (x - s * 0.62, y1),
                        (x + s * 0.6, y1),
                        (x + s * 1.0, (y0 + y1) / 2),
                        (x + s * 0.7, y0),
                    ],
                    steps=5,
                ),
                (255, 246, 226),
            )
        c.fill([(x, top + 0.07), (x - 0.14, top + 0.04), (x, top + 0.01)], (220, 76, 70))
    c.soft([(0.5, 0.24), (0.86, 0.34), (0.24, 0.8)], (250, 236, 210))
    hull = curves.smooth(
        [(-0.68, 0.34), (-0.5, 0.22), (0.2, 0.2), (0.62, 0.27), (0.8, 0.32), (0.56, 0.02), (-0.44, 0.0)], steps=5
    )
    c.soft(hull, (156, 98, 66))
    with c.inside(hull):
        c.fill(curves.box(-1, 0.13, 1, 0.17), (244, 206, 120))
        c.fill(curves.box(-1, -0.1, 1, 0.04), (110, 66, 56))
    for k in range(4):
        c.dot(-0.3 + 0.2 * k, 0.1, 0.024, (90, 60, 54))


def boat(c: Canvas, paint: RGB) -> None:
    c.stroke([(0.1, 0.34), (0.12, 1.0)], 0.03, (124, 88, 64), smooth=False)
    c.soft(curves.smooth([(0.17, 0.42), (0.62, 0.5), (0.36, 0.78), (0.15, 0.98)], steps=5), (255, 246, 228))
    c.soft([(0.07, 0.44), (-0.36, 0.46), (0.08, 0.9)], paint)
    c.soft(curves.smooth([(-0.72, 0.38), (0, 0.3), (0.78, 0.4), (0.52, 0.02), (-0.5, 0.02)], steps=5), (172, 112, 74))
    c.stroke([(-0.68, 0.33), (0, 0.25), (0.72, 0.34)], 0.03, (240, 220, 180))


def car(c: Canvas, paint: RGB) -> None:
    tone = paint
    c.soft(
        curves.smooth(
            [
                (-0.95, 0.2),
                (-0.98, 0.52),
                (-0.62, 0.6),
                (-0.42, 0.96),
                (0.22, 0.98),
                (0.5, 0.62),
                (0.92, 0.54),
                (1.0, 0.2),
            ],
            steps=5,
        ),
        tone,
    )
    for pts in (
        [(-0.5, 0.6), (-0.34, 0.86), (-0.1, 0.88), (-0.1, 0.6)],
        [(0.0, 0.6), (0.0, 0.88), (0.2, 0.86), (0.4, 0.6)],
    ):
        c.soft(pts, GLASS, light=0.5)
    c.soft(curves.box(-1.0, 0.16, 1.02, 0.27, 0.05), shade_of(tone))
    c.soft(curves.oval(0.93, 0.44, 0.06, 0.075), (255, 238, 180))
    c.dot(-0.95, 0.44, 0.045, (214, 70, 70))
    for x in (-0.56, 0.56):
        _wheel(c, x, 0.2)


def bus(c: Canvas, paint: RGB) -> None:
    tone: RGB = (248, 190, 74)
    c.soft(curves.box(-1.2, 0.16, 1.2, 0.98, 0.14), tone)
    for k in range(5):
        c.soft(curves.box(-1.08 + 0.4 * k, 0.52, -0.76 + 0.4 * k, 0.82, 0.04), GLASS, light=0.5)
    c.soft(curves.box(0.92, 0.42, 1.16, 0.84, 0.04), GLASS, light=0.5)
    c.fill(curves.box(-1.2, 0.34, 1.2, 0.41), shade_of(tone))
    c.soft(curves.oval(1.15, 0.3, 0.05, 0.06), (255, 246, 210))
    for x in (-0.7, 0.7):
        _wheel(c, x, 0.2)


def truck(c: Canvas, paint: RGB) -> None:
    tone = paint
    c.soft(curves.box(-1.15, 0.22, 0.3, 0.98, 0.05), (246, 238, 222))
    c.fill(curves.box(-1.15, 0.56, 0.3, 0.66), tone)
    c.soft(
        curves.smooth([(0.34, 0.18), (0.34, 0.84), (0.72, 0.84), (0.94, 0.54), (1.12, 0.48), (1.14, 0.18)], steps=5),
        tone,
    )
    c.soft([(0.46, 0.52), (0.46, 0.76), (0.7, 0.76), (0.84, 0.52)], GLASS, light=0.5)
    for x in (-0.78, -0.3, 0.72):
        _wheel(c, x, 0.19)


def train(c: Canvas, paint: RGB) -> None:
    for k, tone in ((1, (246, 190, 84)), (0, (84, 142, 190))):
        x = -1.9 + 0.95 * (1 - k)
        c.soft(curves.box(x, 0.18, x + 0.86, 0.78, 0.06), tone)
        c.fill(curves.box(x - 0.03, 0.76, x + 0.89, 0.83), shade_of(tone))
        for j in range(3):
            c.soft(curves.box(x + 0.09 + 0.25 * j, 0.42, x + 0.27 + 0.25 * j, 0.64, 0.03), GLASS, light=0.5)
        for wx in (x + 0.2, x + 0.66):
            _wheel(c, wx, 0.13)
    red: RGB = (212, 78, 70)
    c.soft(curves.box(0.0, 0.2, 0.46, 0.98, 0.05), red)
    c.soft(curves.box(-0.05, 0.94, 0.51, 1.02, 0.03), shade_of(red))
    c.soft(curves.box(0.1, 0.56, 0.36, 0.84, 0.03), GLASS, light=0.5)
    c.soft(curves.box(0.42, 0.24, 1.1, 0.64, 0.16), mix(red, (90, 60, 80), 0.35))
    c.soft([(0.82, 0.6), (0.79, 0.92), (1.01, 0.92), (0.98, 0.6)], (92, 80, 96))
    c.soft([(1.04, 0.1), (1.3, 0.08), (1.06, 0.34)], (232, 190, 90))
    c.soft(curves.oval(1.09, 0.46, 0.06, 0.08), (255, 238, 180))
    for wx, r in ((0.22, 0.18), (0.62, 0.14), (0.94, 0.14)):
        _wheel(c, wx, r)


def rocket(c: Canvas, paint: RGB) -> None:
    red: RGB = (226, 84, 76)
    c.glow(0, 0.06, 0.34, (255, 190, 90), 0.8)
    c.soft(curves.smooth([(-0.1, 0.18), (-0.12, 0.06), (0, -0.12), (0.12, 0.06), (0.1, 0.18)]), (255, 196, 84))
    for s in (-1, 1):
        c.soft(curves.smooth([(s * 0.15, 0.44), (s * 0.34, 0.24), (s * 0.33, 0.08), (s * 0.14, 0.2)], steps=5), red)
    c.soft(
        curves.smooth([(0, 1.02), (0.16, 0.78), (0.2, 0.48), (0.14, 0.18), (-0.14, 0.18), (-0.2, 0.48), (-0.16, 0.78)]),
        (250, 248, 244),
    )
    c.soft(curves.smooth([(0, 1.03), (0.09, 0.92), (0.15, 0.8), (0, 0.77), (-0.15, 0.8), (-0.09, 0.92)]), red)
    c.soft(curves.oval(0, 0.6, 0.085, 0.085), (92, 108, 140))
    c.soft(curves.oval(0, 0.6, 0.06, 0.06), GLASS, light=0.5)
    c.soft(curves.box(-0.025, 0.08, 0.025, 0.36, 0.02), red)


def ufo(c: Canvas, paint: RGB) -> None:
    c.glow(0, 0.1, 0.9, (170, 250, 220), 0.35, squash=0.6)
    c.soft(
        curves.smooth([(-0.36, 0.55), (-0.28, 0.86), (0, 1.0), (0.28, 0.86), (0.36, 0.55)]), (190, 232, 244), light=0.6
    )
    c.soft(curves.oval(0, 0.48, 0.88, 0.22), (168, 174, 196))
    for k in range(6):
        a = math.pi * (0.12 + 0.152 * k)
        c.dot(-0.72 * math.cos(a), 0.44 - 0.09 * math.sin(a), 0.055, (255, 226, 120))


def balloon(c: Canvas, paint: RGB) -> None:
    tone = paint
    for s in (-1, 1):
        c.stroke([(s * 0.14, 0.36), (s * 0.07, 0.16)], 0.01, (140, 110, 90), smooth=False)
    envelope = curves.smooth(
        [(0, 1.02), (0.3, 0.9), (0.36, 0.66), (0.14, 0.36), (-0.14, 0.36), (-0.36, 0.66), (-0.3, 0.9)]
    )
    c.soft(envelope, tone)
    with c.inside(envelope):
        for x in (-0.24, 0.24):
            c.fill(curves.oval(x, 0.68, 0.075, 0.42), (255, 242, 214), 0.85)
        c.fill(curves.oval(0, 0.68, 0.09, 0.42), (255, 242, 214), 0.85)
    c.soft(curves.box(-0.1, 0.02, 0.1, 0.17, 0.03), (190, 136, 84))
    c.stroke([(-0.1, 0.15), (0.1, 0.15)], 0.02, (150, 102, 66), smooth=False)


def plane(c: Canvas, paint: RGB) -> None:
    tone = paint
    c.soft(curves.smooth([(-0.2, 0.58), (-0.5, 0.98), (-0.3, 0.98), (0.16, 0.6)], steps=4), shade_of(tone))
    c.soft([(-1.0, 0.56), (-1.14, 0.96), (-0.94, 0.96), (-0.68, 0.6)], tone)
    c.soft(
        curves.smooth(
            [
                (1.08, 0.44),
                (0.86, 0.62),
                (0.2, 0.68),
                (-0.9, 0.6),
                (-1.08, 0.54),
                (-0.6, 0.34),
                (0.6, 0.26),
                (0.96, 0.32),
            ]
        ),
        (250, 248, 244),
    )
    for k in range(5):
        c.dot(-0.4 + 0.2 * k, 0.5, 0.045, GLASS)
    c.soft([(0.72, 0.5), (0.84, 0.6), (0.98, 0.5)], GLASS, light=0.5)
    c.soft(curves.smooth([(0.2, 0.44), (-0.42, 0.02), (-0.62, 0.04), (-0.22, 0.44)], steps=4), tone)


def bike(c: Canvas, paint: RGB) -> None:
    tone = paint
    for x in (-0.52, 0.52):
        c.stroke(curves.oval(x, 0.34, 0.32, 0.32), 0.045, (84, 76, 88), closed=True)
        for a in range(0, 180, 45):
            r = math.radians(a)
            c.stroke(
                [(x - 0.3 * math.cos(r), 0.34 - 0.3 * math.sin(r)), (x + 0.3 * math.cos(r), 0.34 + 0.3 * math.sin(r))],
                0.008,
                (190, 190, 196),
                smooth=False,
            )
    c.stroke([(-0.52, 0.34), (-0.2, 0.76), (0.36, 0.76), (-0.02, 0.34), (-0.52, 0.34)], 0.05, tone, smooth=False)
    c.stroke([(-0.02, 0.34), (-0.24, 0.86)], 0.05, tone, smooth=False)
    c.stroke([(0.52, 0.34), (0.34, 0.92), (0.48, 1.0)], 0.05, tone, smooth=False)
    c.soft(curves.oval(-0.26, 0.88, 0.14, 0.045), (110, 78, 66))


def submarine(c: Canvas, paint: RGB) -> None:
    gold: RGB = (248, 196, 74)
    c.stroke([(0.05, 0.8), (0.05, 1.02), (0.2, 1.02)], 0.05, shade_of(gold), smooth=False)
    c.soft(curves.box(-0.2, 0.62, 0.24, 0.86, 0.06), gold)
    c.soft([(-0.8, 0.4), (-1.05, 0.64), (-1.05, 0.16)], shade_of(gold))
    c.soft(curves.oval(0, 0.38, 0.9, 0.36), gold)
    for x in (-0.4, 0.02, 0.44):
        c.soft(curves.oval(x, 0.42, 0.15, 0.15), shade_of(shade_of(gold)))
        c.soft(curves.oval(x, 0.42, 0.11, 0.11), GLASS, light=0.5)
    c.fill(curves.oval(-0.3, 0.6, 0.3, 0.05, 8), light_of(gold))


def carriage(c: Canvas, paint: RGB) -> None:
    tone = paint
    c.soft(
        curves.smooth(
            [(-0.5, 0.4), (-0.56, 0.8), (-0.3, 1.0), (0.3, 1.0), (0.56, 0.8), (0.5, 0.4), (0.3, 0.26), (-0.3, 0.26)]
        ),
        tone,
    )
    c.soft(curves.box(-0.22, 0.52, 0.22, 0.86, 0.08), (255, 236, 200), light=0.5)
    c.stroke([(0.4, 0.3), (0.8, 0.36)], 0.04, (240, 206, 110), smooth=False)
    for x in (-0.36, 0.36):
        c.stroke(curves.oval(x, 0.22, 0.2, 0.2), 0.05, (240, 206, 110), closed=True)
        for a in range(0, 180, 45):
            r = math.radians(a)
            c.stroke(
                [(x - 0.2 * math.cos(r), 0.22 - 0.2 * math.sin(r)), (x + 0.2 * math.cos(r), 0.22 + 0.2 * math.sin(r))],
                0.02,
                (240, 206, 110),
                smooth=False,
            )
    c.dot(0, 1.03, 0.05, WHITE)


VEHICLES: dict[str, Callable[[Canvas, RGB], None]] = {
    "ship": ship, "boat": boat, "car": car, "bus": bus, "truck": truck, "train": train, "rocket": rocket, "ufo": ufo,
    "balloon": balloon, "plane": plane, "bike": bike, "submarine": submarine, "carriage": carriage,
}  # fmt: skip
