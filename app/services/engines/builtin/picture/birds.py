"""Birds: one round body with a wing, and what makes each kind itself. Units of its height, looking right."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, hexa, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, brow, cheek, eye, scarf, tear


@dataclass(frozen=True)
class Bird:
    coats: tuple[str, ...]
    belly: str = "fff4e0"
    beak: str = "f2a03c"
    beak_size: tuple[float, float] = (0.16, 0.07)
    """Length and half-height."""
    body: tuple[float, float] = (0.3, 0.25)
    head: float = 0.2
    neck: float = 0.0
    leg: float = 0.14
    leg_colour: str = "e8963c"
    tail: str = "fan"
    extra: tuple[str, ...] = ()


KINDS: dict[str, Bird] = {
    "bird": Bird(("6aa8e0", "e8785f", "f2c04e", "7cc08a"), head=0.23, tail="short"),
    "parrot": Bird(("5fb868", "e0564e", "4f96dc"), belly="fbe27a", beak="4a4450", beak_size=(0.13, 0.09),
        head=0.22, tail="long", extra=("hook", "tips")),
    "eagle": Bird(("7a5a44",), belly="8a6850", beak="f2b43c", beak_size=(0.15, 0.08), head=0.19, extra=("hook",
        "whitehead")),
    "duck": Bird(("fbf6ea", "f6d35c", "c9a377"), belly="fffdf4", beak="f29a38", beak_size=(0.18, 0.055),
        body=(0.35, 0.23), head=0.2, neck=0.08, leg=0.09, tail="up"),
    "goose": Bird(("fdfbf5",), belly="ffffff", beak="f2963c", beak_size=(0.14, 0.045), body=(0.36, 0.2), head=0.12,
        neck=0.34, leg=0.1, tail="up"),
    "crane": Bird(("fbfaf6",), belly="ffffff", beak="6a6460", beak_size=(0.2, 0.03), body=(0.27, 0.14), head=0.09,
        neck=0.32, leg=0.38, leg_colour="6a6264", tail="dark", extra=("redcap",)),
    "chicken": Bird(("fbf2e2", "d9945a"), belly="fffaf0", body=(0.34, 0.27), head=0.18, neck=0.05, leg=0.13,
        tail="up", extra=("comb",)),
    "rooster": Bird(("d9743c",), belly="e89a52", body=(0.32, 0.25), head=0.16, neck=0.14, leg=0.15, tail="plume",
        extra=("bigcomb",)),
    "chick": Bird(("fbdc6a",), belly="ffedaa", beak_size=(0.12, 0.06), body=(0.32, 0.27), head=0.27, leg=0.1,
        tail="none"),
    "phoenix": Bird(("ee6a3c",), belly="fbc45a", beak="fbd25a", body=(0.27, 0.2), head=0.16, neck=0.16, leg=0.1,
        tail="fire", extra=("crest",)),
}  # fmt: skip


def _tail(c: Canvas, b: Bird, coat: RGB, y: float) -> None:
    x = -b.body[0] * 0.85
    if b.tail in ("short", "fan", "dark"):
        tone = shade_of(coat) if b.tail != "dark" else (74, 70, 82)
        for k, a in enumerate((-14, 2, 18) if b.tail != "short" else (-6, 10)):
            r = math.radians(180 - a)
            c.soft(
                curves.tube([(x + 0.05, y), (x + 0.22 * math.cos(r), y + 0.22 * math.sin(r))], [0.06, 0.085]),
                tone if k % 2 else light_of(tone),
            )
    elif b.tail == "long":
        for a, tone in ((40, (80, 140, 220)), (30, coat), (22, (240, 200, 80))):
            r = math.radians(180 + a)
            c.soft(curves.tube([(x + 0.08, y), (x + 0.42 * math.cos(r), y + 0.42 * math.sin(r))], [0.06, 0.05]), tone)
    elif b.tail == "up":
        c.soft(
            curves.smooth([(x + 0.1, y + 0.06), (x - 0.13, y + 0.19), (x - 0.03, y + 0.02), (x + 0.1, y - 0.08)]), coat
        )
    elif b.tail == "plume":
        for k, tone in enumerate(((44, 92, 96), (52, 120, 110), (70, 80, 120), (210, 110, 60))):
            c.soft(
                curves.tube(
                    [(x + 0.1, y), (x - 0.12 - 0.03 * k, y + 0.3 - 0.05 * k), (x - 0.25, y + 0.14 - 0.1 * k)],
                    [0.08, 0.09, 0.02],
                ),
                tone,
            )
    elif b.tail == "fire":
        for k, tone in enumerate(((226, 70, 54), (244, 140, 60), (252, 196, 84), (236, 96, 60))):
            c.soft(
                curves.tube(
                    [(x + 0.12, y), (x - 0.18, y + 0.06 - 0.08 * k), (x - 0.5, y + 0.18 - 0.17 * k)], [0.06, 0.08, 0.02]
                ),
                tone,
            )
            c.soft(curves.oval(x - 0.5, y + 0.18 - 0.17 * k, 0.05, 0.05), tone)


def _wing(c: Canvas, b: Bird, coat: RGB, y: float, pose: Pose, far: bool) -> None:
    bx, by = b.body
    tone = shade_of(coat) if far or "whitehead" in b.extra else mix(coat, shade_of(coat), 0.45)
    if pose.action == "fly" or (pose.action == "cheer"):
        s = 0.75 if far else 1.0
        root = (0.04 if far else -0.04, y + by * 0.4)
        tip = (root[0] - 0.2 * s + (0.28 if far else 0), y + by + 0.42 * s)
        c.soft(
            curves.smooth(
                [
                    (root[0] + 0.13, root[1]),
                    (tip[0] + 0.12, tip[1] - 0.06),
                    tip,
                    (tip[0] - 0.14, tip[1] - 0.16),
                    (root[0] - 0.26, root[1] + 0.1),
                    (root[0] - 0.14, root[1] - 0.06),
                ]
            ),
            tone,
        )
        return
    if far:
        return
    c.soft(
        curves.smooth(
            [
                (bx * 0.36, y + by * 0.3),
                (0, y + by * 0.62),
                (-bx * 0.7, y + by * 0.3),
                (-bx * 1.08, y - by * 0.12),
                (-bx * 0.5, y - by * 0.5),
                (bx * 0.15, y - by * 0.36),
            ]
        ),
        tone,
    )
    edge: RGB = (246, 206, 84) if "tips" in b.extra else shade_of(tone)
    for k in range(3):
        c.stroke(
            [(-bx * (0.35 + 0.2 * k), y - by * 0.05), (-bx * (0.55 + 0.2 * k), y - by * 0.22)],
            0.013,
            edge,
            smooth=False,
        )


def _beak(c: Canvas, b: Bird, x: float, y: float, r: float, pose: Pose) -> None:
    tone, (length, half) = hexa(b.beak), b.beak_size
    bx, by = x + r * 0.72, y - r * 0.12
    if pose.mood == "happy":
        c.soft([(bx, by), (bx + length * 0.8, by - half * 1.3), (bx, by - half * 1.5)], shade_of(tone))
    if "hook" in b.extra:
        c.soft(
            curves.smooth(
                [
                    (bx - 0.01, by + half),
                    (bx + length * 0.8, by + half * 0.6),
                    (bx + length, by - half * 1.4),
                    (bx + length * 0.6, by - half * 0.4),
                    (bx - 0.01, by - half),
                ]
            ),
            tone,
        )
    else:
        c.soft(
            curves.smooth(
                [
                    (bx - 0.01, by + half),
                    (bx + length * 0.55, by + half * 0.45),
                    (bx + length, by - half * 0.15),
                    (bx + length * 0.5, by - half * 0.6),
                    (bx - 0.01, by - half),
                ],
                steps=5,
            ),
            tone,
        )


def _head(c: Canvas, b: Bird, coat: RGB, looks: Looks, pose: Pose, x: float, y: float) -> None:
    r = b.head * (1.12 if looks.small else 1.0)
    tone = (250, 246, 238) if "whitehead" in b.extra else coat
    red: RGB = (222, 66, 62)
    if "comb" in b.extra or "bigcomb" in b.extra:
        k = 1.5 if "bigcomb" in b.extra else 1.0
        for dx in (-0.35, 0.05, 0.42):
            c.soft(curves.oval(x + r * dx, y + r * (1.0 + 0.1 * k), r * 0.24, r * 0.3 * k), red)
    if "crest" in b.extra:
        for a in (60, 90, 120):
            q = math.radians(a)
            c.soft(
                curves.tube(
                    [(x, y + r * 0.8), (x + r * 1.5 * math.cos(q), y + r * (0.8 + 1.1 * math.sin(q)))],
                    [r * 0.3, r * 0.08],
                ),
                (252, 196, 84),
            )
    c.soft(curves.oval(x, y, r, r * 0.98), tone)
    if "redcap" in b.extra:
        c.fill(curves.oval(x, y + r * 0.72, r * 0.55, r * 0.28), red)
    if "comb" in b.extra or "bigcomb" in b.extra:
        c.soft(curves.oval(x + r * 0.75, y - r * 0.62, r * 0.17, r * 0.3), red)
    if looks.kind in ("bird", "chick") and not looks.number("tuft") % 2:
        c.soft(
            curves.tube(
                [(x, y + r * 0.9), (x - r * 0.1, y + r * 1.3), (x + r * 0.2, y + r * 1.42)],
                [r * 0.2, r * 0.16, r * 0.05],
            ),
            tone,
        )
    _beak(c, b, x, y, r, pose)
    e = max(0.028, r * 0.17)
    eye(c, x + r * 0.28, y + r * 0.16, e, pose.mood)
    brow(c, x + r * 0.28, y + r * 0.16, e, pose.mood, 1, shade_of(shade_of(coat)))
    cheek(c, x + r * 0.02, y - r * 0.3, r * 0.24)
    if pose.mood == "sad":
        tear(c, x + r * 0.3, y - r * 0.25, e * 0.7)


def _legs(c: Canvas, b: Bird, y: float, pose: Pose) -> None:
    by, flying = b.body[1], pose.action == "fly"
    leg = hexa(b.leg_colour)
    for x in (0.09, -0.05):
        foot = (
            (x - 0.16, y - by - 0.02)
            if flying
            else (x + (0.06 if pose.action in ("walk", "run") and x > 0 else 0.0), 0.0)
        )
        c.stroke([(x, y - by * 0.7), foot], 0.03, leg, smooth=False)
        if not flying:
            c.soft(
                curves.smooth([(foot[0] - 0.05, 0.0), (foot[0] + 0.11, 0.0), (foot[0] + 0.06, 0.045), (foot[0], 0.05)]),
                leg,
            )


def _draw(kind: str, c: Canvas, looks: Looks, pose: Pose) -> None:
    b = KINDS[kind]
    coat = looks.pick(
        "coat", tuple(hexa(x) for x in (b.coats if not (kind == "duck" and looks.small) else ("f9d75f",)))
    )
    y = b.leg + b.body[1] * 0.92
    bx, by = b.body
    hx, hy = bx * 0.72, y + by * 0.62 + b.neck + b.head * 0.55
    _wing(c, b, coat, y, pose, True)
    _tail(c, b, coat, y)
    _legs(c, b, y, pose)
    if b.neck > 0.05:
        c.soft(
            curves.tube(
                [(bx * 0.55, y + by * 0.2), (bx * 0.98, y + by * 0.5 + b.neck * 0.4), (hx, hy)],
                [b.head * 1.5, b.head * 1.15, b.head * 1.2],
            ),
            coat,
        )
    body = curves.smooth(
        [
            (-bx, y + by * 0.25),
            (-bx * 0.5, y + by * 0.82),
            (bx * 0.3, y + by),
            (bx * 0.92, y + by * 0.62),
            (bx * 1.0, y - by * 0.1),
            (bx * 0.5, y - by * 0.9),
            (-bx * 0.2, y - by),
            (-bx * 0.8, y - by * 0.5),
        ]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(bx * 0.55, y - by * 0.5, bx * 0.75, by * 0.75, 20), hexa(b.belly), 0.85)
    if b.neck > 0.05:
        c.soft(
            curves.tube(
                [(bx * 0.6, y + by * 0.3), (bx * 0.95, y + by * 0.5 + b.neck * 0.4), (hx, hy)],
                [b.head * 1.3, b.head * 1.1, b.head * 1.15],
            ),
            coat,
            line=False,
        )
    _wing(c, b, coat, y, pose, False)
    if "scarf" in looks.wear:
        scarf(
            c,
            hx - 0.04,
            hy - b.head * 0.95,
            b.head * 0.8,
            b.head * 0.26,
            looks.pick("scarf", ((214, 70, 64), (74, 128, 196))),
        )
    _head(c, b, coat, looks, pose, hx, hy)


def _owl(c: Canvas, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((150, 110, 84), (176, 140, 104), (120, 116, 130)))
    for s in (-1, 1):
        c.soft([(s * 0.13, 0.86), (s * 0.31, 1.02), (s * 0.3, 0.76)], shade_of(coat))
        c.soft(curves.oval(s * 0.1, 0.04, 0.08, 0.045), (232, 168, 74))
    body = curves.smooth(
        [(0, 0.96), (0.28, 0.86), (0.34, 0.5), (0.25, 0.12), (0, 0.04), (-0.25, 0.12), (-0.34, 0.5), (-0.28, 0.86)]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(0.02, 0.28, 0.2, 0.26), light_of(light_of(coat)))
        for row in range(3):
            for k in range(-2, 3):
                c.stroke(
                    curves.oval(0.02 + 0.08 * k + 0.04 * (row % 2), 0.4 - 0.1 * row, 0.03, 0.03, 0, 12)[6:12],
                    0.012,
                    coat,
                )
    up = pose.action in ("fly", "cheer")
    for s in (-1, 1):
        pts = (
            [(s * 0.28, 0.6), (s * 0.62, 0.82), (s * 0.56, 0.5), (s * 0.28, 0.3)]
            if up
            else [(s * 0.27, 0.62), (s * 0.38, 0.45), (s * 0.32, 0.16), (s * 0.22, 0.34)]
        )
        c.soft(curves.smooth(pts), shade_of(coat))
    for x in (-0.11, 0.16):
        c.soft(curves.oval(x, 0.72, 0.145, 0.145), (252, 242, 220), light=0.4)
        eye(c, x + 0.01, 0.72, 0.068, pose.mood if pose.mood in ("sleepy", "warm") else "calm")
        brow(c, x, 0.74, 0.07, pose.mood, 1 if x < 0 else -1, shade_of(shade_of(coat)))
    c.soft([(-0.02, 0.66), (0.08, 0.66), (0.03, 0.56)], (240, 168, 66))


def _penguin(c: Canvas, looks: Looks, pose: Pose) -> None:
    coat = (120, 128, 146) if looks.small else (64, 70, 92)
    up = pose.action in ("cheer", "run") or pose.mood == "happy"
    for s in (1, -1):
        c.soft(curves.oval(s * 0.12 + 0.03, 0.035, 0.12, 0.042), (244, 168, 66))
        tip = (s * 0.5, 0.55) if up else (s * 0.4, 0.22)
        c.soft(curves.tube([(s * 0.24, 0.54), (s * 0.36, 0.44), tip], [0.1, 0.1, 0.05]), coat)
    body = curves.smooth(
        [(0, 1.0), (0.25, 0.88), (0.31, 0.5), (0.28, 0.14), (0, 0.03), (-0.28, 0.14), (-0.31, 0.5), (-0.25, 0.88)]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(
            curves.smooth([(0.05, 0.58), (0.26, 0.42), (0.22, 0.06), (0.02, 0.0), (-0.19, 0.08), (-0.2, 0.42)]),
            (252, 250, 246),
        )
        for x in (-0.06, 0.17):
            c.fill(curves.oval(x, 0.73, 0.135, 0.15), (252, 250, 246))
    for x in (-0.03, 0.17):
        eye(c, x, 0.77, 0.036, pose.mood)
        brow(c, x, 0.77, 0.036, pose.mood, 1 if x < 0 else -1, (60, 60, 80))
        cheek(c, x + (-0.07 if x < 0 else 0.05), 0.68, 0.045)
    c.soft([(0.02, 0.73), (0.16, 0.72), (0.09, 0.64)], (244, 168, 66))
    if pose.mood == "sad":
        tear(c, -0.08, 0.7, 0.03)
    if "scarf" in looks.wear or looks.number("scarf") % 2:
        scarf(c, 0.03, 0.58, 0.25, 0.06, looks.pick("scarf", ((214, 70, 64), (84, 150, 200), (244, 184, 70))))


BIRDS: dict[str, Callable[[Canvas, Looks, Pose], None]] = {
    **{kind: partial(_draw, kind) for kind in KINDS},
    "owl": _owl,
    "penguin": _penguin,
}
