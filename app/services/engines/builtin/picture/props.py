"""Things: small ones held in a hand, larger ones set down. Units of the holder's height or of the thing's own."""

from __future__ import annotations

import math
from collections.abc import Callable

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, shade_of
from app.services.engines.builtin.picture.creature import Looks, bow
from app.services.engines.builtin.picture.stage import turn

WOOD: RGB = (166, 116, 76)
GOLD: RGB = (248, 204, 92)
RED: RGB = (216, 74, 68)
_BRIGHT: tuple[RGB, ...] = ((222, 78, 74), (74, 132, 200), (248, 190, 72), (104, 170, 108), (166, 112, 190))


def hold(c: Canvas, prop: str, x: float, y: float, looks: Looks) -> None:
    """Draw what is held with the hand at (x, y); a thing that nobody can hold is left out."""
    draw = HELD.get(prop)
    if draw is not None:
        draw(c, x, y, _BRIGHT[looks.number("prop") % len(_BRIGHT)])


def _lantern(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x, y), (x + 0.02, y - 0.05)], 0.01, WOOD, smooth=False)
    c.glow(x + 0.02, y - 0.12, 0.26, (255, 216, 130), 0.55)
    c.soft(curves.oval(x + 0.02, y - 0.12, 0.065, 0.075), (255, 196, 96))
    c.fill(curves.oval(x + 0.02, y - 0.12, 0.03, 0.045), (255, 240, 190))
    c.soft(curves.box(x - 0.02, y - 0.055, x + 0.06, y - 0.04), RED)
    c.soft(curves.box(x - 0.02, y - 0.205, x + 0.06, y - 0.19), RED)


def _candle(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.glow(x, y + 0.16, 0.26, (255, 214, 130), 0.6)
    c.soft(curves.box(x - 0.022, y - 0.02, x + 0.022, y + 0.11), (252, 244, 226))
    c.soft(curves.smooth([(x, y + 0.2), (x + 0.022, y + 0.14), (x, y + 0.112), (x - 0.022, y + 0.14)]), (255, 178, 74))


def _book(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(curves.box(x - 0.15, y - 0.05, x + 0.09, y + 0.1, 0.012), tone)
    for s in (-1, 1):
        c.soft(
            curves.smooth(
                [
                    (x - 0.03, y - 0.03),
                    (x - 0.03, y + 0.1),
                    (x - 0.03 + s * 0.1, y + 0.105),
                    (x - 0.03 + s * 0.105, y - 0.03),
                ],
                steps=4,
            ),
            (255, 250, 236),
            light=0.4,
        )


def _letter(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(curves.box(x - 0.1, y - 0.04, x + 0.09, y + 0.09, 0.01), (255, 248, 232))
    c.stroke(
        [(x - 0.1, y + 0.085), (x - 0.005, y + 0.015), (x + 0.09, y + 0.085)], 0.009, (196, 164, 136), smooth=False
    )
    c.dot(x - 0.005, y + 0.015, 0.018, RED)


def _umbrella(c: Canvas, x: float, y: float, tone: RGB) -> None:
    top = y + 0.56
    c.stroke([(x, y - 0.1), (x - 0.03, top)], 0.016, (130, 92, 70), smooth=False)
    rim = [(x - 0.36 + 0.11 * k, top - 0.16 + (0.03 if k % 2 else 0.0)) for k in range(7)]
    arch = [(x - 0.03 + 0.34 * math.cos(a), top - 0.14 + 0.2 * math.sin(a)) for a in (0.35, 0.8, 1.25, 1.7, 2.2, 2.75)]
    shape = curves.smooth([*rim, *arch], steps=5)
    c.soft(shape, tone)
    with c.inside(shape):
        for k in (-1, 1):
            c.stroke([(x - 0.03, top + 0.07), (x - 0.03 + k * 0.1, top - 0.18)], 0.01, shade_of(tone))
    c.dot(x - 0.03, top + 0.08, 0.018, GOLD)


def _flower(c: Canvas, x: float, y: float, tone: RGB) -> None:
    for dx, colour in ((-0.05, (250, 190, 90)), (0.05, (244, 140, 170)), (0.0, RED)):
        c.stroke([(x, y - 0.04), (x + dx, y + 0.1)], 0.011, (96, 150, 92), smooth=False)
        for k in range(5):
            a = 2 * math.pi * k / 5
            c.dot(x + dx + 0.027 * math.cos(a), y + 0.12 + 0.027 * math.sin(a), 0.02, colour)
        c.dot(x + dx, y + 0.12, 0.016, (255, 240, 190))


def _balloons(c: Canvas, x: float, y: float, tone: RGB) -> None:
    for dx, dy, colour in ((-0.12, 0.5, _BRIGHT[2]), (0.1, 0.54, _BRIGHT[1]), (-0.01, 0.64, _BRIGHT[0])):
        c.stroke([(x, y), (x + dx * 0.5, y + dy * 0.5), (x + dx, y + dy - 0.1)], 0.006, (150, 130, 130))
        c.soft(
            curves.smooth(
                [
                    (x + dx, y + dy + 0.12),
                    (x + dx + 0.095, y + dy + 0.03),
                    (x + dx, y + dy - 0.1),
                    (x + dx - 0.095, y + dy + 0.03),
                ]
            ),
            colour,
        )
        c.fill(curves.oval(x + dx - 0.03, y + dy + 0.05, 0.018, 0.03, 25), light_of(light_of(colour)))


def _kite(c: Canvas, x: float, y: float, tone: RGB) -> None:
    kx, ky = x + 0.45, y + 0.62
    c.stroke([(x, y), (x + 0.2, y + 0.2), (kx, ky - 0.1)], 0.006, (130, 110, 110))
    c.soft([(kx, ky + 0.16), (kx + 0.11, ky), (kx, ky - 0.15), (kx - 0.11, ky)], tone)
    c.fill([(kx, ky + 0.15), (kx + 0.1, ky), (kx, ky)], light_of(tone))
    c.stroke([(kx, ky - 0.15), (kx + 0.06, ky - 0.24), (kx, ky - 0.32), (kx + 0.05, ky - 0.4)], 0.01, GOLD)


def _gift(c: Canvas, x: float, y: float, tone: RGB) -> None:
    x -= 0.05
    c.soft(curves.box(x - 0.1, y - 0.06, x + 0.1, y + 0.1, 0.012), tone)
    c.fill(curves.box(x - 0.018, y - 0.06, x + 0.018, y + 0.1), GOLD)
    bow(c, x, y + 0.12, 0.06, GOLD)


def _ball(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(curves.oval(x + 0.02, y - 0.02, 0.085, 0.085), tone)
    c.stroke(curves.oval(x + 0.02, y - 0.02, 0.03, 0.083, 20), 0.012, WHITE, closed=True)


def _key(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke(curves.oval(x, y + 0.13, 0.035, 0.035), 0.02, GOLD, closed=True)
    c.stroke([(x, y + 0.1), (x, y - 0.05)], 0.022, GOLD, smooth=False)
    c.stroke([(x, y - 0.03), (x + 0.04, y - 0.03)], 0.02, GOLD, smooth=False)


def _map(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(curves.box(x - 0.15, y - 0.05, x + 0.1, y + 0.12, 0.015), (242, 220, 170))
    c.stroke([(x - 0.11, y), (x - 0.04, y + 0.06), (x + 0.02, y + 0.02), (x + 0.06, y + 0.08)], 0.011, (176, 120, 80))
    c.stroke([(x + 0.045, y + 0.065), (x + 0.075, y + 0.095)], 0.014, RED, smooth=False)


def _sword(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft([(x - 0.014, y + 0.05), (x + 0.03, y + 0.05), (x + 0.15, y + 0.46), (x + 0.115, y + 0.44)], (220, 226, 236))
    c.stroke([(x - 0.05, y + 0.065), (x + 0.07, y + 0.035)], 0.026, GOLD, smooth=False)
    c.stroke([(x - 0.016, y - 0.05), (x + 0.01, y + 0.04)], 0.026, WOOD, smooth=False)


def _staff(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x, max(0.0, y - 0.42)), (x + 0.01, y + 0.38)], 0.028, WOOD, smooth=False)
    c.glow(x + 0.01, y + 0.43, 0.2, (160, 230, 255), 0.6)
    c.soft(curves.oval(x + 0.01, y + 0.43, 0.05, 0.05), (150, 220, 250))


def _wand(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x, y - 0.03), (x + 0.1, y + 0.2)], 0.017, (250, 240, 220), smooth=False)
    c.glow(x + 0.115, y + 0.235, 0.16, (255, 236, 160), 0.6)
    c.soft(curves.star(x + 0.115, y + 0.235, 0.065, turn=90), GOLD)


def _broom(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x, y - 0.2), (x, y + 0.42)], 0.024, WOOD, smooth=False)
    c.soft(
        curves.smooth([(x - 0.03, y - 0.14), (x + 0.03, y - 0.14), (x + 0.1, y - 0.36), (x - 0.1, y - 0.36)]),
        (228, 184, 104),
    )


def _cane(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x, 0.0), (x, y + 0.02), (x - 0.03, y + 0.06), (x - 0.07, y + 0.03)], 0.024, (134, 94, 68))


def _brush(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x - 0.02, y - 0.07), (x + 0.08, y + 0.16)], 0.02, WOOD, smooth=False)
    c.stroke([(x + 0.075, y + 0.15), (x + 0.092, y + 0.185)], 0.034, (190, 196, 204), smooth=False)
    c.soft(curves.tube([(x + 0.09, y + 0.18), (x + 0.115, y + 0.24)], [0.045, 0.012]), RED)


def _apple(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [
                (x, y + 0.06),
                (x + 0.06, y + 0.075),
                (x + 0.065, y - 0.01),
                (x, y - 0.055),
                (x - 0.065, y - 0.01),
                (x - 0.06, y + 0.075),
            ]
        ),
        RED,
    )
    c.stroke([(x, y + 0.06), (x + 0.01, y + 0.1)], 0.012, WOOD, smooth=False)
    c.fill(curves.oval(x + 0.035, y + 0.095, 0.03, 0.014, 25), (116, 172, 90))


def _cake(c: Canvas, x: float, y: float, tone: RGB) -> None:
    x -= 0.06
    c.soft(curves.box(x - 0.12, y - 0.02, x + 0.12, y + 0.08, 0.02), (250, 226, 200))
    c.soft(
        curves.smooth(
            [
                (x - 0.125, y + 0.05),
                (x - 0.125, y + 0.1),
                (x + 0.125, y + 0.1),
                (x + 0.125, y + 0.05),
                (x + 0.06, y + 0.06),
                (x, y + 0.035),
                (x - 0.06, y + 0.06),
            ]
        ),
        (248, 166, 178),
    )
    for dx in (-0.06, 0.0, 0.06):
        c.stroke([(x + dx, y + 0.1), (x + dx, y + 0.15)], 0.014, _BRIGHT[1], smooth=False)
        c.glow(x + dx, y + 0.17, 0.06, (255, 220, 130), 0.7)
        c.dot(x + dx, y + 0.168, 0.013, (255, 190, 80))


def _bread(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(curves.oval(x - 0.03, y + 0.02, 0.11, 0.055, 12), (226, 166, 96))
    for k in (-1, 0, 1):
        c.stroke([(x - 0.04 + 0.05 * k, y), (x - 0.02 + 0.05 * k, y + 0.05)], 0.011, (250, 214, 150), smooth=False)


def _basket(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke(
        [(x - 0.08, y - 0.08), (x - 0.06, y + 0.03), (x + 0.06, y + 0.03), (x + 0.08, y - 0.08)], 0.016, (176, 126, 78)
    )
    for dx, colour in ((-0.04, RED), (0.03, (250, 196, 84)), (0.0, (140, 190, 100))):
        c.dot(x + dx, y - 0.06, 0.035, colour)
    c.soft(
        curves.smooth(
            [(x - 0.1, y - 0.07), (x + 0.1, y - 0.07), (x + 0.075, y - 0.19), (x - 0.075, y - 0.19)], steps=4
        ),
        (208, 160, 100),
    )
    for k in range(3):
        c.stroke(
            [(x - 0.09, y - 0.095 - 0.03 * k), (x + 0.09, y - 0.095 - 0.03 * k)], 0.006, (160, 112, 70), smooth=False
        )


def _guitar(c: Canvas, x: float, y: float, tone: RGB) -> None:
    body = curves.smooth(
        [
            (-0.13, -0.02),
            (-0.1, 0.08),
            (-0.01, 0.06),
            (0.06, 0.07),
            (0.08, 0.0),
            (0.06, -0.07),
            (-0.01, -0.06),
            (-0.1, -0.09),
        ]
    )
    c.soft(turn(body, 25, x - 0.16, y - 0.04), (218, 150, 82))
    c.stroke([(x - 0.12, y - 0.02), (x + 0.16, y + 0.12)], 0.03, (120, 82, 62), smooth=False)
    c.dot(x - 0.14, y - 0.03, 0.027, (90, 60, 52))


def _telescope(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(curves.tube([(x - 0.1, y + 0.08), (x + 0.16, y + 0.2)], [0.06, 0.09]), (196, 150, 84))
    c.stroke([(x + 0.14, y + 0.16), (x + 0.17, y + 0.25)], 0.025, (120, 90, 70), smooth=False)


def _clock(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke(curves.oval(x, y + 0.1, 0.025, 0.025), 0.012, GOLD, closed=True)
    c.soft(curves.oval(x, y + 0.01, 0.075, 0.075), GOLD)
    c.soft(curves.oval(x, y + 0.01, 0.055, 0.055), (255, 250, 238), light=0.3)
    c.stroke([(x, y + 0.045), (x, y + 0.01), (x + 0.03, y + 0.0)], 0.01, (90, 70, 80), smooth=False)


def _phone(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.glow(x, y + 0.06, 0.14, (170, 220, 250), 0.4)
    c.soft(curves.box(x - 0.04, y - 0.02, x + 0.045, y + 0.13, 0.015), (62, 66, 84))
    c.fill(curves.box(x - 0.03, y, x + 0.035, y + 0.12), (176, 224, 248))


def _bag(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke(curves.oval(x, y - 0.05, 0.04, 0.05), 0.014, (110, 76, 62), closed=True)
    c.soft(curves.box(x - 0.1, y - 0.22, x + 0.1, y - 0.06, 0.03), (170, 112, 76))
    c.fill(curves.box(x - 0.1, y - 0.145, x + 0.1, y - 0.13), (130, 84, 62))


def _wine(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [(x - 0.05, y + 0.08), (x + 0.05, y + 0.08), (x + 0.035, y + 0.0), (x, y - 0.015), (x - 0.035, y + 0.0)]
        ),
        (236, 232, 224),
    )
    c.fill(curves.oval(x, y + 0.075, 0.043, 0.011), (196, 150, 110))


def _rod(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x - 0.08, y - 0.06), (x + 0.25, y + 0.28), (x + 0.55, y + 0.42)], 0.014, (140, 100, 70))
    c.stroke([(x + 0.55, y + 0.42), (x + 0.58, y + 0.1), (x + 0.57, 0.02)], 0.005, (240, 240, 240))
    c.dot(x + 0.57, 0.02, 0.016, RED)


def _net(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x - 0.05, y - 0.2), (x + 0.12, y + 0.34)], 0.018, WOOD, smooth=False)
    c.soft(
        curves.smooth([(x + 0.05, y + 0.38), (x + 0.24, y + 0.44), (x + 0.28, y + 0.24), (x + 0.16, y + 0.3)]),
        (240, 246, 248),
    )


def _crystal(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.glow(x, y + 0.07, 0.2, (180, 230, 255), 0.6)
    c.soft([(x - 0.05, y + 0.09), (x, y + 0.16), (x + 0.05, y + 0.09), (x, y - 0.03)], (150, 214, 244))


def _star(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.glow(x, y + 0.1, 0.34, (255, 236, 150), 0.7)
    c.soft(curves.star(x, y + 0.1, 0.11, 0.5, turn=90), (255, 222, 100))


def _bone(c: Canvas, x: float, y: float, tone: RGB) -> None:
    c.stroke([(x - 0.07, y), (x + 0.07, y + 0.04)], 0.035, (252, 246, 230), smooth=False)
    for dx, dy in ((-0.08, 0.02), (-0.07, -0.025), (0.08, 0.06), (0.09, 0.02)):
        c.dot(x + dx, y + dy, 0.028, (252, 246, 230))


HELD: dict[str, Callable[[Canvas, float, float, RGB], None]] = {
    "lantern": _lantern, "candle": _candle, "book": _book, "letter": _letter, "umbrella": _umbrella, "flower": _flower,
    "ballon": _balloons, "kite": _kite, "gift": _gift, "ball": _ball, "key": _key, "map": _map, "sword": _sword,
    "staff": _staff, "wand": _wand, "broom": _broom, "cane": _cane, "brush": _brush, "apple": _apple, "cake": _cake,
    "bread": _bread, "basket": _basket, "guitar": _guitar, "telescope": _telescope, "clock": _clock, "phone": _phone,
    "bag": _bag, "wine": _wine, "fishingrod": _rod, "net": _net, "crystal": _crystal, "starlight": _star, "bone": _bone,
}  # fmt: skip
