"""Bodies and necks of four-legged animals with their marks: patches, stripes, spots, wool."""

from __future__ import annotations

import math

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.beasts import Beast, hair_of
from app.services.engines.builtin.picture.colour import RGB, hexa, shade_of
from app.services.engines.builtin.picture.creature import Looks
from app.services.engines.builtin.picture.limbs import Point
from app.services.engines.builtin.picture.puppet import Puppet


def _marks(c: Puppet, b: Beast, looks: Looks) -> None:
    bx, by, y = b.body[0], b.body[1], b.leg + b.body[1] * 0.75
    tone = hexa(b.mark)
    if b.marks == "patch" and looks.number("patch") % 2:
        c.fill(curves.oval(-bx * 0.5, y + by * 0.45, bx * 0.34, by * 0.55, 15), tone)
    elif b.marks == "cow":
        for px, py, r in ((-0.55, 0.3, 0.3), (0.2, 0.55, 0.26), (-0.05, -0.4, 0.22), (0.75, -0.1, 0.2)):
            c.fill(
                curves.smooth(
                    [
                        (bx * (px + r * dx), y + by * (py + r * 1.7 * dy))
                        for dx, dy in ((1, 0.2), (0.4, 1), (-0.5, 0.8), (-1, -0.1), (-0.3, -1), (0.7, -0.8))
                    ]
                ),
                tone,
            )
    elif b.marks == "stripes":
        dark = tone if b.mark != "ffffff" else shade_of(shade_of(looks.pick("coat", tuple(hexa(x) for x in b.coats))))
        for k in range(6):
            x = bx * (-0.85 + 0.3 * k)
            c.fill([(x - 0.024, y + by * 1.1), (x + 0.03, y + by * 1.1), (x + 0.012, y + by * 0.15)], dark)
    elif b.marks == "spots":
        for px, py in ((-0.6, 0.5), (-0.3, 0.62), (-0.42, 0.2), (0.0, 0.5), (-0.1, 0.1), (0.3, 0.55)):
            c.dot(bx * px, y + by * py, 0.02, tone)
    elif b.marks == "blotch":
        for px, py, r in (
            (-0.7, 0.4, 0.05),
            (-0.3, 0.6, 0.055),
            (-0.4, -0.1, 0.05),
            (0.1, 0.3, 0.055),
            (0.5, 0.5, 0.05),
            (0.45, -0.2, 0.05),
            (-0.05, -0.4, 0.04),
        ):
            c.fill(curves.oval(bx * px, y + by * py, r, r * 0.85, 20, 7), tone)
    elif b.marks == "panda":
        c.fill(curves.oval(bx * 0.55, y + by * 0.2, bx * 0.36, by * 1.5), tone)


def draw_trunk(c: Puppet, b: Beast, coat: RGB, looks: Looks) -> None:
    """The body of one who stands, with its marks."""
    bx, by, y = b.body[0], b.body[1], b.leg + b.body[1] * 0.75
    if "humps" in b.extra:
        for hx in (-0.16, 0.08):
            c.soft(curves.smooth([(hx - 0.12, y + by * 0.6), (hx, y + by + 0.15), (hx + 0.12, y + by * 0.6)]), coat)
    shape = curves.smooth([
        (-bx, y + by * 0.1), (-bx * 0.82, y + by * 0.86), (-bx * 0.2, y + by * 0.95), (bx * 0.5, y + by * 1.02),
        (bx * 0.98, y + by * 0.5), (bx * 0.95, y - by * 0.45), (bx * 0.45, y - by * 0.9), (-bx * 0.4, y - by * 0.92),
        (-bx * 0.9, y - by * 0.6),
    ])  # fmt: skip
    if b.marks == "wool":
        for k in range(13):
            a = 2 * math.pi * k / 13
            c.soft(curves.oval(math.cos(a) * bx * 0.86, y + math.sin(a) * by * 0.8, 0.12, 0.11), coat)
        c.soft(shape, coat, line=False)
        for k in range(7):
            c.stroke(
                curves.oval(-bx * 0.6 + bx * 0.2 * k, y + by * 0.3 * math.sin(k * 2.1), 0.05, 0.045, 0, 12)[1:8],
                0.01,
                (222, 212, 206),
            )
        return
    c.soft(shape, coat)
    with c.inside(shape):
        if b.belly:
            c.fill(curves.oval(0, y - by * 1.0, bx * 0.85, by * 0.55), hexa(b.belly), 0.85)
        _marks(c, b, looks)


def draw_neck(c: Puppet, b: Beast, coat: RGB, base: Point, head: Point) -> None:
    """The neck from ``base`` on the body to the head, with its mane."""
    top = (head[0] - b.head * 0.25, head[1] - b.head * 0.2)
    bend = (base[0] * 0.55 + top[0] * 0.45 + (0.02 if b.neck < 0.4 else 0.0), (base[1] + top[1]) / 2)
    wide = 0.24 if b.neck < 0.3 else 0.15
    shape = curves.tube([base, bend, top], [wide * 1.15, wide * 0.85, wide * 0.66])
    if "mane" in b.extra:
        c.soft(
            curves.tube(
                [(base[0] - 0.14, base[1] + 0.04), (bend[0] - 0.13, bend[1] + 0.02), (top[0] - 0.07, top[1] + 0.13)],
                [0.04, 0.15, 0.1],
            ),
            hair_of(b, coat),
        )
    c.soft(shape, coat)
    with c.inside(shape):
        tone = hexa(b.mark)
        for k in range(6 if b.marks in ("blotch", "stripes") else 0):
            x, yy = base[0] + (top[0] - base[0]) * k / 5.5, base[1] + (top[1] - base[1]) * k / 5.5
            if b.marks == "blotch":
                c.fill(curves.oval(x + (0.03 if k % 2 else -0.03), yy, 0.042, 0.036, 20, 7), tone)
            else:
                c.fill([(x - 0.16, yy + 0.04), (x - 0.16, yy), (x + 0.05, yy - 0.03)], tone)
