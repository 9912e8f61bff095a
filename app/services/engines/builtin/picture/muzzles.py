"""Heads of four-legged animals: ears, muzzle, face and what grows on top."""

from __future__ import annotations

import math

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.beasts import Beast, hair_of
from app.services.engines.builtin.picture.colour import INK, RGB, hexa, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.faces import brow, cheek, eye, mouth, muzzle_mouth, tears
from app.services.engines.builtin.picture.puppet import Puppet

INNER: RGB = (246, 178, 172)
"""Of an ear."""


def _pointed_ear(c: Puppet, b: Beast, x: float, y: float, s: int, tone: RGB) -> None:
    r, inner = b.head, INNER
    k = {"point": 1.0, "small": 0.85, "leaf": 1.15}[b.ears]
    tip = (
        x + s * r * (0.22 if b.ears != "leaf" else 0.85),
        y + r * 0.78 * k - (0.2 * r if b.ears == "leaf" else 0),
    )
    c.soft(
        curves.smooth(
            [
                (x - s * r * 0.36, y + r * 0.2),
                (x - s * r * 0.1, y + r * 0.55 * k),
                tip,
                (x + s * r * 0.38, y + r * 0.2),
                (x + s * r * 0.3, y - r * 0.25),
            ],
            steps=5,
        ),
        tone,
    )
    c.fill(
        curves.smooth(
            [
                (x - s * r * 0.16, y + r * 0.2),
                (tip[0] - s * r * 0.04, tip[1] - r * 0.2),
                (x + s * r * 0.22, y + r * 0.08),
            ],
            steps=5,
        ),
        inner,
    )


def _ear(c: Puppet, b: Beast, coat: RGB, far: bool) -> None:
    r, s = b.head, 1 if far else -1
    x, y = b.hx + s * r * 0.6 + r * 0.06, b.hy + r * 0.62
    tone = mix(coat, shade_of(coat), 0.6) if far else coat
    inner = INNER
    if b.ears == "flop":
        ear = mix(tone, shade_of(tone), 0.75)
        c.soft(
            curves.smooth(
                [
                    (x - s * r * 0.2, y + r * 0.28),
                    (x + s * r * 0.4, y + r * 0.2),
                    (x + s * r * 0.62, y - r * 0.55),
                    (x + s * r * 0.34, y - r * 0.98),
                    (x - s * r * 0.02, y - r * 0.4),
                ]
            ),
            ear,
        )
    elif b.ears in ("point", "small", "leaf"):
        _pointed_ear(c, b, x, y, s, tone)
    elif b.ears == "round":
        ear = hexa(b.mark) if b.marks == "panda" else tone
        c.soft(curves.oval(x + s * r * 0.12, y + r * 0.2, r * 0.36, r * 0.36), ear)
        c.fill(
            curves.oval(x + s * r * 0.12, y + r * 0.18, r * 0.2, r * 0.2),
            shade_of(ear) if b.marks == "panda" else mix(inner, tone, 0.35),
        )
    elif b.ears in ("side", "fold"):
        droop = -0.25 if b.ears == "side" else 0.35
        c.soft(
            curves.smooth(
                [
                    (x - s * r * 0.15, y + r * 0.12),
                    (x + s * r * 0.4, y + r * (0.3 + droop * 0.4)),
                    (x + s * r * 0.85, y + r * droop),
                    (x + s * r * 0.42, y - r * 0.28),
                    (x, y - r * 0.22),
                ]
            ),
            tone,
        )
        c.fill(curves.oval(x + s * r * 0.4, y + r * 0.02, r * 0.24, r * 0.12, s * 20 * droop), inner)
    elif b.ears == "elephant" and not far:
        _elephant_ear(c, x, y, r, tone)


def _elephant_ear(c: Puppet, x: float, y: float, r: float, tone: RGB) -> None:
    c.soft(
        curves.smooth(
            [
                (x + r * 0.35, y + r * 0.25),
                (x - r * 0.25, y + r * 0.55),
                (x - r * 0.95, y + r * 0.2),
                (x - r * 1.1, y - r * 0.65),
                (x - r * 0.6, y - r * 1.35),
                (x + r * 0.05, y - r * 1.05),
                (x + r * 0.28, y - r * 0.5),
            ]
        ),
        tone,
    )
    c.fill(
        curves.smooth(
            [
                (x + r * 0.1, y + r * 0.05),
                (x - r * 0.3, y + r * 0.3),
                (x - r * 0.8, y + r * 0.02),
                (x - r * 0.85, y - r * 0.6),
                (x - r * 0.45, y - r * 1.05),
                (x, y - r * 0.7),
            ]
        ),
        (236, 176, 182),
    )


def _muzzle(c: Puppet, b: Beast, coat: RGB, pose: Pose) -> None:
    r = b.head
    mx, my = b.hx + r * (0.42 if "long" not in b.extra else 0.86), b.hy - r * (0.34 if "long" not in b.extra else 0.58)
    pale = hexa(b.muzzle_colour) if b.muzzle_colour else mix(coat, (255, 240, 224), 0.45)
    if "trunk" in b.extra:
        c.soft(
            curves.tube(
                [
                    (b.hx + r * 0.5, b.hy - r * 0.1),
                    (b.hx + r * 1.0, b.hy - r * 0.95),
                    (b.hx + r * 1.05, b.hy - r * 1.75),
                    (b.hx + r * 1.5, b.hy - r * 1.85),
                ],
                [r * 0.62, r * 0.48, r * 0.34, r * 0.28],
            ),
            coat,
        )
        mouth(c, b.hx + r * 0.28, b.hy - r * 0.6, r * 0.2, pose)
        return
    if "nosehorn" in b.extra:
        c.soft(
            curves.smooth(
                [(mx + r * 0.2, my + r * 0.4), (mx + r * 0.95, my + r * 1.25), (mx + r * 0.72, my + r * 0.2)], steps=5
            ),
            (240, 228, 204),
        )
    if "snout" in b.extra:
        c.soft(curves.oval(mx, my + r * 0.12, r * 0.36, r * 0.28), mix(coat, (236, 130, 136), 0.5))
        c.dot(mx - r * 0.12, my + r * 0.12, r * 0.06, (150, 76, 86))
        c.dot(mx + r * 0.12, my + r * 0.12, r * 0.06, (150, 76, 86))
        mouth(c, mx - r * 0.05, my - r * 0.28, r * 0.24, pose)
        return
    if b.muzzle[0] > 0:
        c.soft(curves.oval(mx, my, r * b.muzzle[0], r * b.muzzle[1], -24 if "long" in b.extra else 0), pale, light=0.5)
    nx, ny = mx + r * (0.1 if "long" not in b.extra else 0.3), my + r * b.muzzle[1] * 0.52
    if "long" in b.extra or b.hoof:
        c.dot(nx - r * 0.16, ny - r * 0.1, r * 0.07, INK)
        c.dot(nx + r * 0.18, ny - r * 0.1, r * 0.07, INK)
        mouth(c, mx + r * 0.08, my - r * 0.22, r * 0.24, pose)
        return
    c.soft(
        curves.smooth([(nx - r * 0.16, ny + r * 0.09), (nx + r * 0.16, ny + r * 0.09), (nx, ny - r * 0.13)]),
        hexa(b.nose),
        line=False,
    )
    c.dot(nx - r * 0.05, ny + r * 0.06, r * 0.04, (255, 236, 236))
    muzzle_mouth(c, nx, ny - r * 0.2, r * 0.26, pose)


def _markings(c: Puppet, b: Beast, coat: RGB, looks: Looks) -> None:
    """What is painted on a face: cheeks, a patch, a panda's eyes, stripes."""
    r, x, y = b.head, b.hx, b.hy
    if "cheeks" in b.extra:
        for s in (-0.75, 0.95):
            c.fill(curves.oval(x + s * r, y - r * 0.5, r * 0.52, r * 0.42), (255, 246, 234))
    if b.marks == "patch" and looks.number("patch") % 2:
        c.fill(curves.oval(x - r * 0.2, y + r * 0.3, r * 0.36, r * 0.5, 15), hexa(b.mark))
    if b.marks == "panda":
        c.fill(curves.oval(x - r * 0.24, y + r * 0.06, r * 0.25, r * 0.32, 30), hexa(b.mark))
        c.fill(curves.oval(x + r * 0.58, y + r * 0.06, r * 0.22, r * 0.3, -30), hexa(b.mark))
    if b.marks == "stripes":
        dark = hexa(b.mark) if b.mark != "ffffff" else shade_of(shade_of(coat))
        for k in (-1, 0, 1):
            c.fill(
                [
                    (x + r * (0.12 + 0.27 * k) - r * 0.07, y + r * 1.05),
                    (x + r * (0.12 + 0.27 * k) + r * 0.07, y + r * 1.05),
                    (x + r * (0.14 + 0.2 * k), y + r * 0.55),
                ],
                dark,
            )


def draw_head(c: Puppet, b: Beast, coat: RGB, looks: Looks, pose: Pose) -> None:
    """The head at (hx, hy) of the table."""
    r, x, y = b.head, b.hx, b.hy
    if "lionmane" in b.extra and not looks.small:
        for k in range(15):
            a = 2 * math.pi * k / 15
            c.soft(
                curves.oval(
                    x + math.cos(a) * r * 1.05, y + math.sin(a) * r * 1.02, r * 0.42, r * 0.36, math.degrees(a)
                ),
                (190, 112, 56),
            )
    _ear(c, b, coat, True)
    if b.ears != "elephant":
        _ear(c, b, coat, False)
    if "ruff" in b.extra:
        for way in (-1, 1):
            side = ((0.7, 0.2), (1.38, -0.15), (1.08, -0.36), (1.34, -0.72), (0.92, -0.72), (0.9, -1.08), (0.3, -0.8))
            c.soft([(x + way * r * px, y + r * py) for px, py in side], mix(coat, shade_of(coat), 0.3))
    wide = 1.12 if "cheeks" in b.extra else 1.04
    face = curves.smooth(
        [
            (x, y + r),
            (x + r * 0.75, y + r * 0.66),
            (x + r * wide, y - r * 0.12),
            (x + r * 0.62, y - r * 0.82),
            (x, y - r * 0.96),
            (x - r * 0.62, y - r * 0.82),
            (x - r * wide, y - r * 0.12),
            (x - r * 0.75, y + r * 0.66),
        ]
    )
    tone = coat if b.marks != "wool" else (240, 222, 206)
    c.soft(face, tone)
    with c.inside(face):
        _markings(c, b, coat, looks)
    if b.ears == "elephant":
        _ear(c, b, coat, False)
    if "wool" in b.extra:
        for k in range(5):
            c.soft(
                curves.oval(x - r * 0.6 + r * 0.3 * k, y + r * (0.82 + 0.14 * math.sin(k * 1.6)), r * 0.3, r * 0.27),
                (251, 246, 234),
            )
        c.fill(curves.oval(x, y + r * 0.8, r * 0.7, r * 0.22), (251, 246, 234))
    _muzzle(c, b, coat, pose)
    _face(c, b, coat, looks, pose)


def _face(c: Puppet, b: Beast, coat: RGB, looks: Looks, pose: Pose) -> None:
    r, x, y = b.head, b.hx, b.hy
    e = r * b.eye / 0.9 * (1.22 if looks.small else 1.05)
    lx, rx, ey = x - r * 0.22, x + r * 0.56, y + r * 0.1
    for ex, s in ((lx, 1), (rx, -1)):
        eye(c, ex, ey, e, pose, lash=looks.mother, inner=s)
        brow(c, ex, ey, e, pose, s, shade_of(shade_of(coat)))
    cheek(c, x - r * 0.52, y - r * 0.28, r * 0.26, pose)
    if b.muzzle[0] < 0.6:
        cheek(c, x + r * 0.86, y - r * 0.24, r * 0.18, pose)
    tears(c, lx, ey, e, pose, -1)
    tears(c, rx, ey, e, pose, 1)
    if "whiskers" in b.extra:
        for s, ox in ((-1, x - r * 0.1), (1, x + r * 0.84)):
            for k in (-1, 1):
                c.stroke(
                    [(ox, y - r * 0.36), (ox + s * r * 0.62, y - r * (0.3 - 0.12 * k))],
                    0.006,
                    (255, 250, 244),
                    smooth=False,
                )
    if "snout" in b.extra or b.marks == "wool":
        return
    if "beard" in b.extra:
        c.soft([(x + r * 0.3, y - r * 0.6), (x + r * 0.75, y - r * 0.65), (x + r * 0.5, y - r * 1.5)], (250, 246, 238))


def draw_crown(c: Puppet, b: Beast, looks: Looks) -> None:
    """What grows on top of a head."""
    r, x, y = b.head, b.hx, b.hy
    if "horns" in b.extra and not looks.small:
        for s in (-1, 1):
            c.soft(
                curves.tube(
                    [
                        (x + s * r * 0.42 + r * 0.05, y + r * 0.8),
                        (x + s * r * 0.75, y + r * 1.2),
                        (x + s * r * 0.6, y + r * 1.6),
                    ],
                    [r * 0.26, r * 0.2, r * 0.05],
                ),
                (238, 222, 190),
            )
    if "antlers" in b.extra and not looks.small:
        for s in (-1, 1):
            bx = x + s * r * 0.35
            c.stroke(
                [(bx, y + r * 0.8), (bx + s * r * 0.45, y + r * 1.5), (bx + s * r * 0.4, y + r * 2.2)],
                r * 0.17,
                (150, 106, 76),
            )
            c.stroke([(bx + s * r * 0.38, y + r * 1.35), (bx + s * r * 0.95, y + r * 1.75)], r * 0.14, (150, 106, 76))
    if "ossicones" in b.extra:
        for s in (-1, 1):
            c.stroke([(x + s * r * 0.3, y + r * 0.8), (x + s * r * 0.36, y + r * 1.45)], r * 0.17, (222, 172, 90))
            c.dot(x + s * r * 0.36, y + r * 1.5, r * 0.17, (140, 92, 60))
    if "horn" in b.extra:
        c.soft([(x + r * 0.1, y + r * 0.8), (x + r * 0.55, y + r * 0.75), (x + r * 0.62, y + r * 2.1)], (250, 216, 130))
    if "mane" in b.extra:
        c.soft(
            curves.smooth(
                [
                    (x - r * 0.5, y + r * 0.5),
                    (x - r * 0.1, y + r * 1.15),
                    (x + r * 0.5, y + r * 0.75),
                    (x + r * 0.1, y + r * 0.3),
                ]
            ),
            hair_of(b, (0, 0, 0)),
        )
