"""What people have on their heads."""

from __future__ import annotations

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, hexa, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks
from app.services.engines.builtin.picture.headgear import MORE_HATS
from app.services.engines.builtin.picture.outfits import Outfit, colours
from app.services.engines.builtin.picture.stage import arc

GOLD: RGB = (250, 206, 92)


def draw_hat(c: Canvas, looks: Looks, outfit: Outfit, r: float, y: float) -> None:
    """The hat of the trade, or a plain one when the words give somebody a hat."""
    hat = outfit.hat or ("cap" if "hat" in looks.wear else "")
    if (looks.key and "red riding hood" in looks.key.lower()) or "红帽" in looks.key or "紅帽" in looks.key:
        hat = "hood"
    tone = looks.pick(
        "hat", (hexa(outfit.hat_colour),) if outfit.hat_colour else ((214, 78, 70), (74, 120, 176), (96, 150, 92))
    )
    cloth = looks.pick("top", colours(outfit.tops))
    draw = _HATS.get(hat)
    if draw is not None:
        draw(c, r, y, cloth if hat in ("pointed", "witch") else tone)


def _crown(c: Canvas, r: float, y: float, tone: RGB) -> None:
    b, t = y + r * 0.72, y + r * 1.42
    c.soft(
        [
            (-r * 0.66, b),
            (-r * 0.78, t),
            (-r * 0.38, t - r * 0.36),
            (0, t + r * 0.14),
            (r * 0.38, t - r * 0.36),
            (r * 0.78, t),
            (r * 0.66, b),
        ],
        GOLD,
    )
    for x, colour in ((-0.4, (220, 70, 80)), (0.0, (84, 140, 214)), (0.4, (220, 70, 80))):
        c.dot(r * x, b + r * 0.16, r * 0.09, colour)
    for x, yy in ((-0.78, t), (0.0, t + r * 0.14), (0.78, t)):
        c.dot(r * x, yy, r * 0.08, (255, 232, 150))


def _tiara(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(
        [
            (-r * 0.5, y + r * 0.82),
            (-r * 0.28, y + r * 1.08),
            (0, y + r * 1.38),
            (r * 0.28, y + r * 1.08),
            (r * 0.5, y + r * 0.82),
            (0, y + r * 0.94),
        ],
        GOLD,
    )
    c.dot(0, y + r * 1.1, r * 0.09, (236, 110, 150))


def _circlet(c: Canvas, r: float, y: float, tone: RGB) -> None:
    _tiara(c, r * 0.9, y + r * 0.12, tone)


def _helm(c: Canvas, r: float, y: float, tone: RGB) -> None:
    steel: RGB = (186, 194, 206)
    c.soft(
        curves.smooth(
            [
                (-r * 1.08, y + r * 0.1),
                (-r * 0.98, y + r * 0.8),
                (0, y + r * 1.2),
                (r * 0.98, y + r * 0.8),
                (r * 1.08, y + r * 0.1),
                (r * 0.5, y + r * 0.4),
                (-r * 0.5, y + r * 0.4),
            ]
        ),
        steel,
    )
    c.soft(
        curves.tube(
            [(0, y + r * 1.1), (-r * 0.5, y + r * 1.62), (-r * 1.15, y + r * 1.2)], [r * 0.16, r * 0.36, r * 0.1]
        ),
        (206, 62, 66),
    )


def _bubble(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.glow(0, y, r * 1.9, (200, 232, 250), 0.22)
    c.stroke(curves.oval(0, y + r * 0.06, r * 1.28, r * 1.26), r * 0.13, (240, 242, 244), closed=True)
    c.stroke(arc(0, y, r * 1.06, 118, 160), r * 0.12, (255, 255, 255))
    c.soft(curves.box(-r * 0.7, y - r * 1.28, r * 0.7, y - r * 1.08, r * 0.1), (214, 218, 224))


def _antenna(c: Canvas, r: float, y: float, tone: RGB) -> None:
    for s in (-1, 1):
        c.stroke(
            [(s * r * 0.3, y + r * 0.9), (s * r * 0.5, y + r * 1.3), (s * r * 0.6, y + r * 1.6)],
            r * 0.1,
            (110, 176, 104),
        )
        c.dot(s * r * 0.6, y + r * 1.62, r * 0.17, (250, 214, 104))


def _wreath(c: Canvas, r: float, y: float, tone: RGB) -> None:
    petals: tuple[RGB, ...] = ((250, 170, 190), (255, 236, 170), (190, 210, 250))
    for k in range(7):
        x = -0.78 + 0.26 * k
        yy = y + r * (0.98 - 0.45 * x * x)
        c.dot(r * x, yy, r * 0.17, petals[k % 3])
        c.dot(r * x, yy, r * 0.07, (252, 210, 90))


def _pointed(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [
                (-r * 1.05, y + r * 0.62),
                (-r * 0.5, y + r * 1.5),
                (-r * 0.28, y + r * 2.35),
                (r * 0.2, y + r * 1.6),
                (r * 1.05, y + r * 0.62),
                (0, y + r * 0.46),
            ]
        ),
        tone,
    )
    c.soft(curves.oval(0, y + r * 0.6, r * 1.3, r * 0.2), mix(tone, shade_of(tone), 0.5))
    for x, yy, s in ((-0.25, 1.0, 0.16), (0.2, 1.35, 0.13), (0.42, 0.86, 0.11)):
        c.fill(curves.star(r * x, y + r * yy, r * s, turn=90), GOLD)


def _witch(c: Canvas, r: float, y: float, tone: RGB) -> None:
    dark = mix(tone, (50, 42, 66), 0.55)
    c.soft(
        curves.smooth(
            [
                (-r * 0.85, y + r * 0.62),
                (-r * 0.4, y + r * 1.5),
                (-r * 0.75, y + r * 2.15),
                (r * 0.1, y + r * 1.75),
                (r * 0.85, y + r * 0.62),
            ]
        ),
        dark,
    )
    c.soft(curves.oval(0, y + r * 0.6, r * 1.6, r * 0.22), dark)
    c.fill(curves.box(-r * 0.74, y + r * 0.72, r * 0.74, y + r * 0.92), (226, 150, 66))


def _pirate(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [
                (-r * 1.45, y + r * 0.72),
                (-r * 0.7, y + r * 1.2),
                (0, y + r * 1.62),
                (r * 0.7, y + r * 1.2),
                (r * 1.45, y + r * 0.72),
                (r * 0.6, y + r * 0.62),
                (0, y + r * 0.54),
                (-r * 0.6, y + r * 0.62),
            ]
        ),
        (66, 58, 72),
    )
    c.dot(0, y + r * 1.12, r * 0.19, (250, 244, 232))
    c.dot(-r * 0.07, y + r * 1.14, r * 0.05, (66, 58, 72))
    c.dot(r * 0.07, y + r * 1.14, r * 0.05, (66, 58, 72))


def _shell(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(curves.star(-r * 0.6, y + r * 0.72, r * 0.3, 0.5, 5), (252, 170, 120))


def _straw(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [
                (-r * 0.75, y + r * 0.66),
                (-r * 0.6, y + r * 1.3),
                (0, y + r * 1.45),
                (r * 0.6, y + r * 1.3),
                (r * 0.75, y + r * 0.66),
            ]
        ),
        (240, 204, 122),
    )
    c.soft(curves.oval(0, y + r * 0.66, r * 1.55, r * 0.24), (240, 204, 122))
    c.fill(curves.box(-r * 0.7, y + r * 0.74, r * 0.7, y + r * 0.94), (200, 88, 72))


def _toque(c: Canvas, r: float, y: float, tone: RGB) -> None:
    for x in (-0.5, 0.5, 0.0):
        c.soft(curves.oval(r * x, y + r * (1.42 + (0.12 if x == 0 else 0)), r * 0.5, r * 0.42), (255, 253, 248))
    c.soft(curves.box(-r * 0.7, y + r * 0.68, r * 0.7, y + r * 1.2, r * 0.08), (255, 253, 248))


def _beret(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [
                (-r * 1.2, y + r * 0.72),
                (-r * 0.9, y + r * 1.18),
                (0, y + r * 1.34),
                (r * 0.8, y + r * 1.06),
                (r * 0.95, y + r * 0.66),
                (0, y + r * 0.6),
            ]
        ),
        tone,
    )
    c.stroke([(-r * 0.1, y + r * 1.3), (-r * 0.06, y + r * 1.5)], r * 0.1, shade_of(tone), smooth=False)


def _police(c: Canvas, r: float, y: float, tone: RGB) -> None:
    blue: RGB = (58, 86, 140)
    c.soft(
        curves.smooth(
            [
                (-r * 1.1, y + r * 1.1),
                (0, y + r * 1.5),
                (r * 1.1, y + r * 1.1),
                (r * 0.86, y + r * 0.62),
                (-r * 0.86, y + r * 0.62),
            ]
        ),
        blue,
    )
    c.soft(
        curves.smooth(
            [(-r * 0.5, y + r * 0.62), (r * 0.4, y + r * 0.62), (r * 1.2, y + r * 0.42), (r * 0.3, y + r * 0.44)]
        ),
        (50, 54, 70),
    )
    c.fill(curves.star(r * 0.05, y + r * 1.02, r * 0.2, turn=90), GOLD)


def _tophat(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(curves.box(-r * 0.62, y + r * 0.8, r * 0.62, y + r * 1.7, r * 0.06), (72, 64, 82))
    c.soft(curves.oval(0, y + r * 0.8, r * 1.05, r * 0.15), (72, 64, 82))
    c.fill(curves.box(-r * 0.62, y + r * 0.9, r * 0.62, y + r * 1.08), (206, 70, 66))


def _cap(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [
                (-r * 1.06, y + r * 0.42),
                (-r * 0.82, y + r * 1.02),
                (0, y + r * 1.24),
                (r * 0.82, y + r * 1.02),
                (r * 1.06, y + r * 0.46),
                (0, y + r * 0.56),
            ]
        ),
        tone,
    )
    c.soft(
        curves.smooth(
            [
                (-r * 1.1, y + r * 0.4),
                (0, y + r * 0.5),
                (r * 1.1, y + r * 0.42),
                (r * 1.08, y + r * 0.68),
                (0, y + r * 0.78),
                (-r * 1.08, y + r * 0.64),
            ]
        ),
        mix(tone, (255, 250, 240), 0.5),
    )
    c.soft(curves.oval(0, y + r * 1.28, r * 0.2, r * 0.2), (255, 250, 240))


def _hood(c: Canvas, r: float, y: float, tone: RGB) -> None:
    red: RGB = (212, 60, 58)
    c.soft(
        curves.smooth(
            [
                (-r * 1.12, y - r * 0.7),
                (-r * 1.2, y + r * 0.3),
                (-r * 0.6, y + r * 1.2),
                (0.1 * r, y + r * 1.42),
                (r * 0.85, y + r * 1.0),
                (r * 1.2, y + r * 0.2),
                (r * 1.1, y - r * 0.7),
                (r * 0.92, y + r * 0.1),
                (r * 0.4, y + r * 0.66),
                (-r * 0.4, y + r * 0.66),
                (-r * 0.92, y + r * 0.1),
            ]
        ),
        red,
    )


_HATS = {
    "crown": _crown, "tiara": _tiara, "circlet": _circlet, "helm": _helm, "bubble": _bubble, "antenna": _antenna,
    "wreath": _wreath, "pointed": _pointed, "witch": _witch, "pirate": _pirate, "shell": _shell, "straw": _straw,
    "toque": _toque, "beret": _beret, "police": _police, "tophat": _tophat, "cap": _cap, "hood": _hood, **MORE_HATS,
}  # fmt: skip
