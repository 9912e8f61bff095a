"""Four-legged animals: one body built from parts, and a table of what makes each kind itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.beasts import BEASTS, Beast, hair_of
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, hexa, light_of, mix, shade_of, times
from app.services.engines.builtin.picture.creature import (
    Looks,
    Pose,
    bow,
    scarf,
)
from app.services.engines.builtin.picture.muzzles import draw_crown, draw_head


def _legs(c: Canvas, b: Beast, coat: RGB, pose: Pose, far: bool) -> None:
    tone = times(shade_of(coat), 0.94) if far else coat
    if "socks" in b.extra or b.marks == "panda":
        foot: RGB = (86, 62, 62) if "socks" in b.extra else hexa(b.mark)
        tone = mix(tone, foot, 1.0 if b.marks == "panda" else 0.0)
    else:
        foot = hexa(b.hoof) if b.hoof else mix(tone, light_of(tone), 0.5)
    swing = {"run": 0.15, "walk": 0.07, "cheer": 0.05}.get(pose.action, 0.0)
    bx, w = b.body[0], b.leg_w
    top = b.leg + b.body[1] * 0.6
    for end, phase in ((-1, 1), (1, -1)):
        x = end * bx * 0.66 + (0.075 if far else -0.035)
        dx = swing * phase * (-1 if far else 1)
        lift = 0.05 if swing and dx * end > 0 and far else 0.0
        knee = (x + dx * 0.35, b.leg * 0.55 + lift)
        c.soft(
            curves.tube([(x, top), knee, (x + dx, w * 0.42 + lift)], [w * 1.35, w, w * 0.95]),
            tone,
            below=b.leg + 0.01 if not far else None,
        )
        c.soft(
            curves.smooth(
                [
                    (x + dx - w * 0.5, lift),
                    (x + dx + w * 0.62, lift),
                    (x + dx + w * 0.62, lift + w * 0.42),
                    (x + dx, lift + w * 0.62),
                    (x + dx - w * 0.55, lift + w * 0.45),
                ]
            ),
            foot,
        )


def _tail(c: Canvas, b: Beast, coat: RGB, mood: str) -> None:
    x, y = -b.body[0] * 0.92, b.leg + b.body[1] * 1.15
    up = -0.6 if mood in ("sad", "tense") else 1.0
    end = coat if b.marks != "panda" else hexa("fbf7f0")
    if b.tail == "wag":
        c.soft(curves.tube([(x, y), (x - 0.13, y + 0.08 * up), (x - 0.16, y + 0.23 * up)], [0.09, 0.085, 0.05]), coat)
    elif b.tail == "curl":
        c.soft(
            curves.tube(
                [(x, y), (x - 0.17, y + 0.02), (x - 0.2, y + 0.24 * up), (x - 0.1, y + 0.33 * up)],
                [0.075, 0.07, 0.065, 0.05],
            ),
            coat,
        )
    elif b.tail == "brush":
        c.soft(
            curves.smooth(
                [
                    (x + 0.04, y),
                    (x - 0.16, y + 0.09 * up),
                    (x - 0.36, y + 0.06 * up),
                    (x - 0.47, y + 0.15 * up),
                    (x - 0.36, y - 0.1),
                    (x - 0.14, y - 0.09),
                ]
            ),
            coat,
        )
        c.soft(
            curves.smooth(
                [(x - 0.33, y + 0.06 * up), (x - 0.47, y + 0.15 * up), (x - 0.38, y - 0.08), (x - 0.31, y - 0.03)]
            ),
            (255, 244, 230),
            line=False,
        )
    elif b.tail == "bob":
        c.soft(curves.oval(x, y, 0.075, 0.075), light_of(end))
    elif b.tail == "twist":
        t = np.linspace(0, 2.4 * math.pi, 16)
        c.stroke(np.stack([x - 0.02 - 0.05 * t / 4, y + 0.045 * np.sin(t)], 1), 0.032, shade_of(coat))
    elif b.tail == "hair":
        c.soft(
            curves.tube([(x + 0.03, y), (x - 0.12, y - 0.02), (x - 0.16, y - 0.34)], [0.05, 0.12, 0.02]),
            hair_of(b, coat),
        )
    else:
        c.stroke([(x, y), (x - 0.1, y - 0.05), (x - 0.11, y - 0.22)], 0.028, shade_of(coat))
        c.soft(curves.oval(x - 0.11, y - 0.25, 0.04, 0.06), shade_of(shade_of(coat)))


def _marks(c: Canvas, b: Beast, looks: Looks) -> None:
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


def _body(c: Canvas, b: Beast, coat: RGB, looks: Looks) -> None:
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


def _neck(c: Canvas, b: Beast, coat: RGB) -> None:
    bx, y = b.body[0], b.leg + b.body[1] * 0.9
    base, top = (bx * 0.62, y + b.body[1] * 0.3), (b.hx - b.head * 0.25, b.hy - b.head * 0.2)
    bend = (base[0] * 0.55 + top[0] * 0.45 + (0.02 if b.neck < 0.4 else 0.0), (base[1] + top[1]) / 2)
    wide = 0.24 if b.neck < 0.3 else 0.15
    shape = curves.tube([base, bend, top], [wide * 1.15, wide * 0.85, wide * 0.66])
    if "mane" in b.extra:
        hair = hair_of(b, coat)
        c.soft(
            curves.tube(
                [(base[0] - 0.14, base[1] + 0.04), (bend[0] - 0.13, bend[1] + 0.02), (top[0] - 0.07, top[1] + 0.13)],
                [0.04, 0.13, 0.08],
            ),
            hair,
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


def _wear(c: Canvas, b: Beast, looks: Looks) -> None:
    nx, ny = b.hx - b.head * 0.28, b.hy - b.head * 0.98
    if b.neck:
        nx, ny = b.hx - 0.02 - b.neck * 0.2, b.hy - b.head - b.neck * 0.35
    colours: tuple[RGB, ...] = ((214, 70, 64), (74, 128, 196), (244, 184, 70), (96, 160, 104), (160, 104, 180))
    if "scarf" in looks.wear or (looks.kind in ("dog", "cat") and looks.age != "big"):
        scarf(c, nx, ny, max(b.head * 0.72, b.leg_w * 1.3), b.head * 0.24, looks.pick("scarf", colours))
    if looks.mother:
        bow(c, b.hx - b.head * 0.55, b.hy + b.head * 0.92, b.head * 0.32, (236, 96, 110))


def draw_quadruped(c: Canvas, looks: Looks, pose: Pose) -> None:
    """Draw one; the young have bigger heads and eyes."""
    b = BEASTS[looks.kind]
    if looks.small:
        b = replace(
            b,
            head=b.head * 1.14,
            leg=b.leg * 0.82,
            neck=b.neck * 0.8,
            hy=b.hy - b.leg * 0.1,
            body=(b.body[0] * 0.86, b.body[1]),
            hx=b.hx * 0.9,
        )
    coat = looks.pick("coat", tuple(hexa(x) for x in b.coats))
    _tail(c, b, coat, pose.mood)
    _legs(c, b, coat, pose, True)
    if b.neck:
        _neck(c, b, coat)
    _body(c, b, coat, looks)
    _legs(c, b, coat, pose, False)
    draw_crown(c, b, looks)
    if not b.neck:
        _wear(c, b, looks)
    draw_head(c, b, coat, looks, pose.mood)
    if b.neck:
        _wear(c, b, looks)
