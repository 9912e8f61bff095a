"""Rooms for many people: the theatre and the palace hall."""

from __future__ import annotations

import math

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.furniture import (
    block,
    put,
    table,
)
from app.services.engines.builtin.picture.interior import Room, make_room, shell, window
from app.services.engines.builtin.picture.rooms import brings, sides, wall_y
from app.services.engines.builtin.picture.stage import Stage


def theatre(stage: Stage) -> None:
    """A stage with curtains and footlights: bare under a spot, before painted scenery, or a circus ring."""
    u, rng, w = stage.unit, stage.rng, stage.width
    plan = rng.randrange(3)
    room = make_room(stage, plan=0, deep=0.14)
    shell(stage, room, (92, 62, 92), "wood")
    red: RGB = rng.choice(((190, 54, 62), (130, 60, 130), (40, 96, 120)))
    _backdrop(stage, room, plan, red)
    _curtain(stage, red)
    x = stage.hero_x * w
    stage["mid"].fill(
        [(x - u * 0.05, -5), (x + u * 0.05, -5), (x + u * 0.3, stage.feet), (x - u * 0.3, stage.feet)],
        (255, 244, 206),
        0.16,
    )
    stage.lamp("subject", x, stage.feet, u * 0.4, (255, 240, 200), 0.5)
    for k in range(7):
        stage.lamp("mid", w * (k + 0.5) / 7, room.edge + u * 0.05, u * 0.09, (255, 226, 160), 0.45, core=u * 0.006)
    stage.effect(
        "rays",
        0.4,
        (255, 244, 206),
        depth=0.6,
        box=(max(0.0, stage.hero_x - 0.15), 0.0, min(1.0, stage.hero_x + 0.15), 0.8),
    )


def _backdrop(stage: Stage, room: Room, plan: int, red: RGB) -> None:
    """What hangs behind the players: a cloth, a painted land, or a circus tent with its ring."""
    u, w = stage.unit, stage.width
    far = stage["far"]
    if plan == 1:
        far.graded(curves.box(-9, -9, w + 9, room.edge), (96, 150, 200), (250, 226, 190))
        for k in range(4):
            x = w * (0.1 + 0.27 * k)
            far.fill(
                curves.oval(x, room.edge, u * 0.28, u * (0.12 + 0.05 * (k % 2))),
                ((120, 170, 110), (96, 146, 112))[k % 2],
            )
        far.dot(w * 0.7, u * 0.2, u * 0.06, (255, 226, 130))
        for k in range(3):
            far.fill(curves.oval(w * (0.2 + 0.25 * k), u * (0.16 + 0.05 * k), u * 0.1, u * 0.03), WHITE)
    else:
        n = max(8, round(w / (u * 0.1)))
        for k in range(n):
            dark = (40, 20, 50)
            tones = (mix(red, dark, 0.45 + 0.2 * (k % 2)), mix(red, dark, 0.25 + 0.2 * (k % 2)))
            if plan == 2:
                tones = ((236, 226, 206), (250, 244, 230)) if k % 2 else (shade_of(red), red)
            fan = u * 0.5 * (k / n - 0.5) if plan == 2 else 0.0
            far.graded(
                [
                    (k / n * w - fan, -5),
                    ((k + 1) / n * w + 1 - fan, -5),
                    ((k + 1) / n * w + 1, room.edge),
                    (k / n * w, room.edge),
                ],
                *tones,
            )
    if plan == 2:
        stage["mid"].fill(curves.oval(w / 2, room.edge + u * 0.03, w * 0.6, u * 0.07), (232, 196, 130))
        for k in range(24):
            a = math.pi * k / 23
            p = (w / 2 - w * 0.56 * math.cos(a), room.edge + u * 0.03 - u * 0.07 * math.sin(a))
            stage["mid"].soft(
                curves.box(p[0] - w * 0.026, p[1] - u * 0.035, p[0] + w * 0.026, p[1] + u * 0.01),
                (red, WHITE)[k % 2],
                light=0.4,
            )


def _curtain(stage: Stage, red: RGB) -> None:
    near, u, w = stage["near"], stage.unit, stage.width
    for side in (-1, 1):
        x, d = (0.0, 1) if side < 0 else (float(w), -1)
        for k in range(4):
            a = x + d * u * 0.05 * (3 - k)
            fold = [
                (a, -20),
                (a + d * u * 0.066, -20),
                (a + d * u * (0.05 - 0.008 * (3 - k)), stage.height * 0.45),
                (x + d * u * 0.03 * (3 - k), stage.height * 0.86),
                (x - d * u * 0.03, stage.height * 0.86),
            ]
            near.soft(curves.smooth(fold, steps=4), mix(red, shade_of(red), 0.35 * (k % 2)), line=False)
        near.fill(curves.box(x, stage.height * 0.5, x + d * u * 0.12, stage.height * 0.515), (250, 206, 110))
    for k in range(9):
        x0, x1 = k / 9 * w, (k + 1) / 9 * w
        drape = [(x0, -20), (x1, -20), (x1, u * 0.045), ((x0 + x1) / 2, u * 0.09), (x0, u * 0.045)]
        near.soft(curves.smooth(drape, steps=4), mix(red, shade_of(red), 0.2 * (k % 2)), line=False)
        near.dot((x0 + x1) / 2, u * 0.094, u * 0.008, (250, 206, 110))


def hall(stage: Stage) -> None:
    """A palace hall: throne and banners, a ballroom under a chandelier, or a long table for a feast."""
    u, rng, w = stage.unit, stage.rng, stage.width
    brings(stage, "window")
    plan = rng.randrange(3)
    room = make_room(stage, plan=0, deep=0.2, tall=0.78)
    wall: RGB = rng.choice(((214, 196, 186), (196, 200, 214), (222, 206, 176)))
    shell(stage, room, wall, "tile", paper="plain")
    x, _, side = sides(stage)
    n = 4 if stage.wide else 3
    for k in range(n):
        px = room.left + (room.right - room.left) * (k + 0.5) / n
        if not (plan == 0 and abs(px - x) < u * 0.14):
            window(stage, room, px, wall_y(room, 0.38), u * 0.11, u * 0.36, None, arch=True)
    _pillars(stage, room, wall)
    if plan == 0:
        _throne(stage, room, x)
    elif plan == 1:
        put(room, "mid", "piano", x, room.edge + u * 0.06, 0.9)
    else:
        tx = room.across(x - side * u * 0.06, 1.16)
        y = table(room, "mid", tx, 1.16, 0.5, 0.12, cloth=(250, 244, 232))
        for k, name in enumerate(("candle", "bread", "apple", "cake", "candle")):
            if name != "cake":
                put(room, "mid", name, room.at(tx - 0.2 + 0.1 * k, 0, 1.16)[0], y + u * 0.008, 0.9)
    _chandelier(stage, room)
    edge = [room.at(room.across(x, 1.0) - 0.07, 0, 1.02), room.at(room.across(x, 1.0) + 0.07, 0, 1.02)]
    hx = stage.hero_x * w
    near = [(hx + u * 0.26, stage.feet + u * 0.05), (hx - u * 0.26, stage.feet + u * 0.05)]
    if plan == 0:
        stage["sky"].fill(np.array([*edge, *near]), mix((178, 58, 66), (90, 40, 80), 0.5 * stage.palette.dark))
        level = stage.feet - u * 0.05
        t = (level - edge[0][1]) / (near[0][1] - edge[0][1])
        cut = [(a[0] + (b[0] - a[0]) * t, level) for a, b in ((edge[1], near[0]), (edge[0], near[1]))]
        stage["subject"].fill(np.array([*cut, near[1], near[0]]), (178, 58, 66))


def _pillars(stage: Stage, room: Room, wall: RGB) -> None:
    far, mid, u = stage["far"], stage["mid"], stage.unit
    for s in (-1, 1):
        for k, layer in ((1.04, far), (1.3, mid), (1.72, mid)):
            corner = room.across(room.left if s < 0 else room.right, 1.0)
            px, py = room.at(corner - s * 0.06, 0, k)
            if abs(px - stage.hero_x * stage.width) < u * 0.12:
                continue
            r = u * 0.036 * k
            layer.graded(curves.box(px - r, -20, px + r, py), light_of(wall), wall)
            layer.fill(curves.box(px + r * 0.3, -20, px + r, py), shade_of(shade_of(wall)), 0.35)
            layer.fill(curves.box(px - r * 0.8, -20, px - r * 0.5, py), WHITE, 0.35)
            layer.soft(curves.box(px - r * 1.4, py - r * 0.9, px + r * 1.4, py + r * 0.2), wall, line=False)
            tone = ((176, 54, 66), (58, 84, 146))[0 if k < 1.2 else 1]
            y, b = room.at(0, 0.6, k)[1], r * 1.15
            layer.soft(
                [
                    (px - b, y),
                    (px + b, y),
                    (px + b, y + u * 0.2 * k),
                    (px, y + u * 0.26 * k),
                    (px - b, y + u * 0.2 * k),
                ],
                tone,
            )
            layer.fill(curves.star(px, y + u * 0.1 * k, r * 0.7), (250, 210, 110))


def _throne(stage: Stage, room: Room, x: float) -> None:
    u, c, xx = stage.unit, stage["mid"], room.across(x, 1.05)
    gold: RGB = (226, 176, 84)
    block(room, "mid", (xx - 0.2, xx + 0.2), (1.0, 1.16), (0.0, 0.025), (206, 196, 190))
    block(room, "mid", (xx - 0.15, xx + 0.15), (1.0, 1.1), (0.025, 0.05), (216, 206, 198))
    px, py = room.at(xx, 0.05, 1.05)
    c.soft(
        curves.smooth(
            [
                (px - u * 0.09, py),
                (px - u * 0.095, py - u * 0.3),
                (px, py - u * 0.36),
                (px + u * 0.095, py - u * 0.3),
                (px + u * 0.09, py),
            ],
            steps=4,
        ),
        gold,
    )
    c.soft(
        curves.smooth(
            [
                (px - u * 0.066, py),
                (px - u * 0.07, py - u * 0.27),
                (px, py - u * 0.32),
                (px + u * 0.07, py - u * 0.27),
                (px + u * 0.066, py),
            ],
            steps=4,
        ),
        (176, 54, 66),
    )
    c.soft(curves.box(px - u * 0.08, py - u * 0.1, px + u * 0.08, py - u * 0.06, u * 0.01), (196, 70, 80))
    for s in (-1, 1):
        c.soft(
            curves.box(px + s * u * 0.085 - u * 0.016, py - u * 0.15, px + s * u * 0.085 + u * 0.016, py, u * 0.006),
            gold,
        )
    c.soft(curves.star(px, py - u * 0.37, u * 0.035), (255, 226, 130))
    stage.lamp("mid", px, py - u * 0.2, u * 0.4, strength=0.16 + 0.3 * stage.palette.dark)


def _chandelier(stage: Stage, room: Room) -> None:
    c, u, x = stage["mid"], stage.unit, room.vx
    y = max(room.top, 0) + u * 0.13
    c.fill(curves.box(x - u * 0.003, -5, x + u * 0.003, y), (190, 150, 84))
    c.stroke(curves.oval(x, y, u * 0.12, u * 0.026), max(1.4, u * 0.008), (226, 180, 92), closed=True)
    for k in range(7):
        a = math.pi * 2 * k / 7
        px, py = x + u * 0.12 * math.cos(a), y + u * 0.026 * math.sin(a)
        c.fill(curves.box(px - u * 0.005, py - u * 0.03, px + u * 0.005, py), (255, 246, 226))
        stage.lamp("mid", px, py - u * 0.04, u * 0.07, strength=0.3 + 0.4 * stage.palette.dark, core=u * 0.007)
