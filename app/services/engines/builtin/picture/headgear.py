"""More of what people have on their heads: helmets, work caps, a bamboo hat, ornaments. (0, y) is the head's middle."""

from __future__ import annotations

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.stage import arc

GOLD: RGB = (250, 206, 92)
_DOME = ((-1.1, 0.2), (-1.02, 0.78), (-0.5, 1.2), (0.1, 1.28), (0.7, 1.1), (1.06, 0.66), (1.1, 0.3), (0.5, 0.46),
    (-0.4, 0.42))  # fmt: skip


def _dome(c: Canvas, r: float, y: float, tone: RGB) -> None:
    c.soft(curves.smooth([(r * px, y + r * py) for px, py in _DOME]), tone)


def courier(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """A rider's helmet with two little ears, a strap and a visor pushed up."""
    for s in (-1, 1):
        c.soft(
            curves.smooth([(s * r * 0.3, y + r * 1.1), (s * r * 0.62, y + r * 1.55), (s * r * 0.8, y + r * 0.98)]), tone
        )
    _dome(c, r, y, tone)
    c.stroke(arc(0.0, y + r * 0.1, r * 1.08, 24, 156, 0.62), r * 0.13, mix(tone, WHITE, 0.75))
    for s in (-1, 1):
        c.stroke([(s * r * 1.0, y + r * 0.2), (s * r * 0.72, y - r * 0.72)], r * 0.06, (84, 76, 88), smooth=False)


def peaked(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """A captain's white cap with a gold badge."""
    crown = [(-1.2, 0.72), (-1.0, 1.2), (0.0, 1.42), (1.0, 1.2), (1.2, 0.74), (0.0, 0.86)]
    c.soft(curves.smooth([(r * px, y + r * py) for px, py in crown]), (250, 250, 248))
    c.soft(curves.box(-r * 0.98, y + r * 0.46, r * 0.98, y + r * 0.8, r * 0.1), (52, 66, 108))
    c.soft(
        curves.smooth([(-r * 0.5, y + r * 0.48), (r * 1.2, y + r * 0.5), (r * 0.95, y + r * 0.26), (0.0, y + r * 0.3)]),
        (44, 48, 66),
    )
    c.dot(r * 0.2, y + r * 0.84, r * 0.2, GOLD)
    c.dot(r * 0.2, y + r * 0.84, r * 0.1, (52, 66, 108))


def sailor(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """A round white cap with a blue band."""
    c.soft(curves.oval(0.0, y + r * 1.06, r * 0.98, r * 0.34), (250, 250, 248))
    c.soft(curves.box(-r * 0.82, y + r * 0.66, r * 0.82, y + r * 1.0, r * 0.1), (64, 96, 160))


def bamboo(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """The wide pointed hat of fishers and farmers."""
    brim = [(-r * 1.85, y + r * 0.42), (0.0, y + r * 1.62), (r * 1.85, y + r * 0.42), (0.0, y + r * 0.3)]
    hat = curves.smooth([brim[0], (-r * 0.8, y + r * 1.04), brim[1], (r * 0.8, y + r * 1.04), *brim[2:]], steps=5)
    c.soft(hat, (222, 180, 112))
    with c.inside(hat):
        for k in (-1.5, -0.8, -0.2, 0.4, 1.0, 1.6):
            c.stroke([(0.0, y + r * 1.7), (r * k * 1.2, y + r * 0.2)], r * 0.045, (186, 142, 82), smooth=False)
        c.stroke([(-r * 1.3, y + r * 0.72), (0.0, y + r * 0.66), (r * 1.3, y + r * 0.72)], r * 0.05, (186, 142, 82))


def nurse(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """A folded white cap with a red cross."""
    c.soft(
        curves.smooth(
            [
                (-r * 0.66, y + r * 0.86),
                (-r * 0.8, y + r * 1.3),
                (0.0, y + r * 1.42),
                (r * 0.8, y + r * 1.3),
                (r * 0.66, y + r * 0.86),
                (0.0, y + r * 0.98),
            ],
            steps=4,
        ),
        (252, 252, 250),
    )
    for a, b in (((-0.12, 0.0), (0.12, 0.0)), ((0.0, -0.12), (0.0, 0.12))):
        c.stroke(
            [(r * a[0], y + r * (1.18 + a[1])), (r * b[0], y + r * (1.18 + b[1]))],
            r * 0.09,
            (220, 70, 74),
            smooth=False,
        )


def fire(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """A firefighter's helmet with its badge and its long back."""
    _dome(c, r, y, tone)
    rim = [(-r * 1.5, y + r * 0.22), (-r * 0.9, y + r * 0.44), (r * 0.9, y + r * 0.5), (r * 1.28, y + r * 0.38)]
    c.stroke(rim, r * 0.2, mix(tone, shade_of(tone), 0.6))
    c.soft(
        curves.smooth(
            [
                (r * 0.0, y + r * 0.55),
                (r * 0.02, y + r * 1.05),
                (r * 0.26, y + r * 1.2),
                (r * 0.5, y + r * 1.05),
                (r * 0.52, y + r * 0.55),
                (r * 0.26, y + r * 0.42),
            ]
        ),
        GOLD,
    )


def army(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """A soldier's round helmet."""
    _dome(c, r, y, tone)
    c.stroke([(-r * 1.12, y + r * 0.34), (0.0, y + r * 0.48), (r * 1.14, y + r * 0.42)], r * 0.13, shade_of(tone))
    c.fill(curves.star(r * 0.16, y + r * 0.86, r * 0.2, turn=90), (226, 84, 70))


def general(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """The helmet of a warrior of old China, with a red tassel."""
    steel: RGB = (178, 184, 198)
    for s in (-1, 1):
        c.soft(
            curves.smooth(
                [
                    (s * r * 0.82, y + r * 0.5),
                    (s * r * 1.2, y + r * 0.1),
                    (s * r * 1.12, y - r * 0.7),
                    (s * r * 0.84, y - r * 0.5),
                ]
            ),
            shade_of(steel),
        )
    _dome(c, r, y, steel)
    c.stroke([(-r * 1.06, y + r * 0.36), (0.0, y + r * 0.5), (r * 1.08, y + r * 0.44)], r * 0.14, GOLD)
    c.stroke([(0.0, y + r * 1.2), (0.0, y + r * 1.6)], r * 0.12, GOLD, smooth=False)
    c.soft(
        curves.smooth(
            [
                (0.0, y + r * 1.85),
                (-r * 0.34, y + r * 1.56),
                (-r * 0.5, y + r * 1.2),
                (0.0, y + r * 1.5),
                (r * 0.16, y + r * 1.6),
            ]
        ),
        (216, 62, 60),
    )


def santa(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """A red cap with a white rim and a bobble that hangs back."""
    red: RGB = (210, 58, 56)
    c.soft(
        curves.smooth(
            [
                (-r * 0.95, y + r * 0.6),
                (-r * 0.6, y + r * 1.3),
                (-r * 0.95, y + r * 1.75),
                (-r * 1.45, y + r * 1.4),
                (-r * 1.3, y + r * 1.66),
                (-r * 0.7, y + r * 2.05),
                (r * 0.2, y + r * 1.6),
                (r * 0.98, y + r * 0.66),
            ]
        ),
        red,
    )
    c.soft(
        curves.tube([(-r * 1.02, y + r * 0.52), (0.0, y + r * 0.74), (r * 1.02, y + r * 0.58)], [r * 0.36] * 3),
        (252, 250, 246),
    )
    c.soft(curves.oval(-r * 1.42, y + r * 1.36, r * 0.24, r * 0.24), (252, 250, 246))


def pins(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """High-piled hair of a lady of old, with gold pins and a flower."""
    hair: RGB = (52, 46, 58)
    for x, up, w in ((-0.5, 1.16, 0.4), (0.42, 1.2, 0.42), (-0.05, 1.46, 0.46)):
        c.soft(curves.oval(r * x, y + r * up, r * w, r * w * 0.82), hair)
    c.stroke([(-r * 0.86, y + r * 1.5), (r * 0.8, y + r * 1.02)], r * 0.07, GOLD, smooth=False)
    for k in range(5):
        c.dot(r * 0.7 + r * 0.11 * ((k % 3) - 1), y + r * 0.98 + r * 0.1 * (k // 3 * 2 - 1), r * 0.13, (244, 132, 156))
    c.dot(r * 0.7, y + r * 0.98, r * 0.1, (252, 226, 150))
    for k in range(3):
        c.dot(-r * 0.86, y + r * (1.38 - 0.15 * k), r * 0.055, GOLD)


def emperor(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """The flat crown of an emperor of old China, with its strings of beads."""
    c.soft(curves.box(-r * 0.62, y + r * 0.66, r * 0.62, y + r * 1.2, r * 0.1), (62, 54, 66))
    c.stroke([(-r * 0.62, y + r * 0.8), (r * 0.62, y + r * 0.8)], r * 0.1, GOLD, smooth=False)
    c.soft(
        [(-r * 1.1, y + r * 1.26), (r * 1.3, y + r * 1.14), (r * 1.3, y + r * 1.3), (-r * 1.1, y + r * 1.42)],
        (62, 54, 66),
    )
    for x in (-0.98, -0.78, 0.98, 1.18):
        for k in range(4):
            c.dot(r * x, y + r * (1.1 - 0.17 * k), r * 0.06, (240, 226, 190) if k % 2 else (222, 90, 84))


def bald(c: Canvas, r: float, y: float, tone: RGB) -> None:
    """The shaved head of a monk: a shine and six marks."""
    c.stroke(arc(-r * 0.1, y + r * 0.2, r * 0.66, 100, 145), r * 0.08, light_of((255, 232, 208)))
    for k in range(6):
        c.dot(r * (0.1 + 0.17 * (k % 2)), y + r * (0.86 - 0.15 * (k // 2)), r * 0.045, (206, 150, 118))


MORE_HATS = {
    "courier": courier, "peaked": peaked, "sailor": sailor, "bamboo": bamboo, "nurse": nurse, "fire": fire,
    "army": army, "general": general, "santa": santa, "pins": pins, "emperor": emperor, "bald": bald,
}  # fmt: skip
