"""Large rooms: classroom, library, studio, theatre, throne room."""

from __future__ import annotations

import math

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, light_of, shade_of
from app.services.engines.builtin.picture.furniture import (
    BOOKS,
    WOOD,
    chair,
    picture,
    put,
    rug,
    shelf,
    table,
)
from app.services.engines.builtin.picture.interior import Room, make_room, shell, side_window, window
from app.services.engines.builtin.picture.nooks import nook
from app.services.engines.builtin.picture.roomlights import hanging_lamp, lamp, table_lamp
from app.services.engines.builtin.picture.rooms import brings, sides, wall_y
from app.services.engines.builtin.picture.stage import Stage

CHALK: RGB = (236, 244, 236)


def school(stage: Stage) -> None:
    """A classroom: blackboard and desks, from the front, along the windows, or with the children's pictures."""
    u, rng = stage.unit, stage.rng
    brings(stage, "desk", "chair", "window", "table")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=plan)
    shell(stage, room, rng.choice(((244, 232, 200), (222, 234, 222), (240, 222, 206))), "wood", paper="panels")
    bx = stage.width * 0.5 + side * u * (0.05 if plan else 0.0)
    _blackboard(stage, bx, wall_y(room, 0.35), u * 0.36, u * 0.135)
    if plan == 0:
        window(stage, room, x2 + side * u * 0.02, wall_y(room, 0.36), u * 0.2, u * 0.26, None)
    else:
        for k in (1.06, 1.34):
            side_window(stage, room, side if plan == 1 else -side, k, k * 1.2, 0.2, 0.5)
    c = stage["far"]
    for k in range(14):
        px, py = k / 13 * stage.width, room.top + u * (0.05 + 0.02 * math.sin(k * 1.3))
        tone = ((226, 96, 88), (246, 190, 84), (110, 160, 190), (130, 174, 116))[k % 4]
        c.fill([(px - u * 0.03, py), (px + u * 0.03, py), (px, py + u * 0.055)], tone)
    if plan == 2:
        for k in range(4):
            picture(room, bx + (k - 1.5) * u * 0.13, wall_y(room, 0.535), u * 0.045, u * 0.035)
    for row, k in enumerate((1.12, 1.36)):
        n = 4 if stage.wide else 2
        for j in range(n):
            px = stage.width * ((j + 0.5) / n * 1.0) + side * u * 0.05 * row
            if abs(px - stage.hero_x * stage.width) > u * 0.16:
                xx = room.across(px, k)
                y = table(room, "mid", xx, k, 0.17, 0.1, (222, 176, 122), work="desk" if row else "")
                chair(room, "mid", xx, k * 1.09, (120, 150, 170), back=-1)
                cover = curves.box(px - u * 0.03, y - u * 0.014, px + u * 0.02, y, 2)
                stage["mid"].soft(cover, BOOKS[(j + row * 3) % 6])
    put(room, "mid", "globe", room.at(room.across(x, 1.12), 0, 1.12)[0], room.at(0, 0.1, 1.12)[1], 0.8)


def _blackboard(stage: Stage, x: float, y: float, half: float, high: float) -> None:
    far, u, rng = stage["far"], stage.unit, stage.rng
    far.soft(curves.box(x - half - u * 0.018, y - high - u * 0.018, x + half + u * 0.018, y + high + u * 0.018), WOOD)
    far.soft(curves.box(x - half, y - high, x + half, y + high), (62, 104, 92), light=0.4)
    far.soft(curves.box(x - half * 0.6, y + high + u * 0.012, x + half * 0.6, y + high + u * 0.026), light_of(WOOD))
    thick = max(1.4, u * 0.003)
    for k in range(3):
        yy = y - high * 0.5 + k * high * 0.46
        t = np.linspace(-half * 0.85, half * (0.0 + 0.12 * ((k * 7) % 3)), 30)
        far.stroke(np.stack([x + t, yy + u * 0.006 * np.sin(t / u * 90 + k)], 1), thick, CHALK)
    cx, gold = x + half * 0.55, (250, 214, 130)
    if rng.random() < 0.5:
        far.stroke(curves.oval(cx, y, u * 0.05, u * 0.05), thick, gold, closed=True)
        for a in range(0, 360, 45):
            r = math.radians(a)
            ray = [(cx + u * q * math.cos(r), y + u * q * math.sin(r)) for q in (0.065, 0.085)]
            far.stroke(ray, thick, gold, smooth=False)
    else:
        far.stroke(
            [(cx - u * 0.07, y + u * 0.05), (cx, y - u * 0.06), (cx + u * 0.07, y + u * 0.05)],
            thick,
            gold,
            smooth=False,
            closed=True,
        )
        far.stroke(
            curves.box(cx - u * 0.045, y + u * 0.05, cx + u * 0.045, y + high * 0.85),
            thick,
            CHALK,
            smooth=False,
            closed=True,
        )


def library(stage: Stage) -> None:
    """Books to the ceiling: a round reading place, an aisle between shelves, or a gallery with a ladder."""
    u, rng = stage.unit, stage.rng
    brings(stage, "bookshelf", "book", "lamp", "ladder", "table", "chair")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=0, tall=0.7)
    shell(stage, room, rng.choice(((206, 176, 140), (176, 160, 146), (160, 176, 166))), "wood", paper="panels")
    if plan == 1:
        window(stage, room, room.vx, wall_y(room, 0.34), u * 0.26, u * 0.42, None, panes=3, arch=True)
        for s in (-1, 1):
            for k in (1.0, 1.22, 1.5, 1.86):
                px = room.across(room.vx + s * u * 0.26, 1.0)
                xs = (px - 0.24, px) if s < 0 else (px, px + 0.24)
                shelf(
                    room, "far" if k < 1.3 else "mid", xs, (k, k * 1.05), 0.62, 6, tone=(150, 102, 74)
                ) if k < 1.6 else None
    else:
        n = max(2, round(stage.width / (u * 0.34)))
        for j in range(n):
            px = room.across((j + 0.5) / n * stage.width, 1.0)
            half = stage.width / n / u * 0.48
            if plan == 2 or j != n // 2:
                shelf(room, "far", (px - half, px + half), (1.0, 1.04), 0.66, 6, tone=(150, 102, 74))
            else:
                window(stage, room, (j + 0.5) / n * stage.width, wall_y(room, 0.4), u * 0.24, u * 0.4, None, arch=True)
    if plan == 2:
        _ladder(stage, x, room.edge + u * 0.05, u * 0.62, side)
    tx = room.across(x, 1.36)
    y = table(room, "mid", tx, 1.36, 0.3, 0.13, (140, 92, 70), work="desk")
    chair(room, "mid", tx - side * 0.2, 1.36, (140, 92, 70), free=True)
    table_lamp(room, x + side * u * 0.08, y)
    put(room, "mid", "book", x - side * u * 0.05, y + u * 0.01, 1.0)
    for j in range(5):
        stage["mid"].soft(
            curves.box(
                x2 - u * 0.06 + u * 0.006 * (j % 2),
                room.edge + u * (0.05 - 0.022 * j),
                x2 + u * 0.05,
                room.edge + u * (0.07 - 0.022 * j),
                2,
            ),
            BOOKS[j],
        )
    hanging_lamp(room, stage.width * 0.5 - side * u * 0.16, max(room.top, 0) + u * 0.08, (96, 136, 120))
    rug(room, stage.width * stage.hero_x, rng.choice(((170, 84, 84), (84, 120, 130), (120, 96, 150))))


def _ladder(stage: Stage, x: float, y: float, high: float, side: int) -> None:
    c, u = stage["mid"], stage.unit
    wood: RGB = (206, 150, 96)
    lean = -side * u * 0.12
    for s in (-1, 1):
        c.stroke([(x + s * u * 0.055, y), (x + s * u * 0.04 + lean, y - high)], max(1.5, u * 0.014), wood, smooth=False)
    for k in range(8):
        t = (k + 0.6) / 8.4
        px = x + lean * t
        c.stroke(
            [(px - u * 0.052, y - high * t), (px + u * 0.052, y - high * t)],
            max(1.2, u * 0.01),
            shade_of(wood),
            smooth=False,
        )


def studio(stage: Stage) -> None:
    """A painter's room under a great window, a workshop of tools, or an inventor's room with gears and glass."""
    u, rng = stage.unit, stage.rng
    brings(stage, "easel", "window", "table")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=(0, 1, 2)[plan])
    shell(
        stage,
        room,
        rng.choice(((238, 226, 208), (222, 226, 224), (214, 202, 190))),
        "wood",
        paper="plain" if plan else "brick",
    )
    window(
        stage, room, stage.width * 0.5, wall_y(room, 0.36), u * (0.46 if stage.wide else 0.34), u * 0.3, None, panes=4
    )
    if plan == 0:
        for k in range(5):
            picture(
                room,
                x + (k - 2) * side * u * 0.09 + side * u * 0.12,
                wall_y(room, 0.36 + 0.1 * (k % 2)),
                u * 0.04,
                u * 0.04,
            )
    elif plan == 1:
        _tools(stage, room, x)
    else:
        _gears(stage, x, wall_y(room, 0.38))
    put(room, "mid", "easel", x, room.edge + u * 0.08, 1.1)
    nook(stage, "easel", x - side * u * 0.29, room.edge + u * 0.1, room.edge + u * 0.1, side)
    tx = room.across(x2, 1.2)
    y = table(room, "mid", tx, 1.2, 0.28, 0.15)
    c = stage["mid"]
    for k, tone in enumerate(((226, 84, 76), (248, 196, 80), (90, 150, 200), (120, 176, 110))):
        px = x2 - u * 0.1 + k * u * 0.055
        c.soft(curves.box(px - u * 0.018, y - u * 0.036, px + u * 0.018, y, u * 0.005), (240, 238, 234))
        c.soft(curves.oval(px, y - u * 0.036, u * 0.018, u * 0.007), tone)
        c.stroke([(px, y - u * 0.036), (px + u * 0.012, y - u * 0.085)], max(1.0, u * 0.004), WOOD, smooth=False)
    for _ in range(14):  # drops of paint on the floor
        px, py = rng.uniform(0, stage.width), stage.feet + u * rng.uniform(-0.04, 0.0)
        drop = rng.choice(((226, 84, 76), (248, 196, 80), (90, 150, 200), (120, 176, 110), (170, 120, 190)))
        stage["subject"].fill(curves.blob(rng, px, py, u * 0.011, u * 0.004), drop, 0.8)
    lamp(room, "mid", room.across(x + side * u * 0.22, 1.1), 1.1, 0.38, (240, 200, 130))


def _tools(stage: Stage, room: Room, x: float) -> None:
    far, u = stage["far"], stage.unit
    y = wall_y(room, 0.4)
    far.soft(curves.box(x - u * 0.24, y - u * 0.11, x + u * 0.24, y + u * 0.11), (206, 170, 126))
    for k in range(6):
        px = x - u * 0.19 + k * u * 0.076
        far.stroke([(px, y - u * 0.07), (px, y + u * 0.05)], max(1.4, u * 0.009), (140, 96, 74), smooth=False)
        head = (150, 156, 170)
        if k % 2:
            far.fill(curves.box(px - u * 0.025, y - u * 0.08, px + u * 0.025, y - u * 0.05), head)
        else:
            far.fill([(px - u * 0.02, y + u * 0.03), (px + u * 0.02, y + u * 0.03), (px, y + u * 0.085)], head)


def _gears(stage: Stage, x: float, y: float) -> None:
    far, u = stage["far"], stage.unit
    for dx, dy, r, tone in (
        (-0.1, 0.0, 0.1, (196, 150, 90)),
        (0.07, -0.06, 0.07, (150, 156, 170)),
        (0.1, 0.08, 0.06, (186, 110, 84)),
    ):
        px, py, q = x + dx * u, y + dy * u, r * u
        far.soft(curves.star(px, py, q, 0.84, 12), tone)
        far.dot(px, py, q * 0.62, shade_of(tone))
        far.dot(px, py, q * 0.24, light_of(tone))
