"""Ways inside a house: a corridor and a stairwell, dark but for what light comes in."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.furniture import floor_plant, picture, put
from app.services.engines.builtin.picture.interior import Room, make_room, shell, wall_quad, window
from app.services.engines.builtin.picture.nooks import nook
from app.services.engines.builtin.picture.rooms import brings, sides, wall_y
from app.services.engines.builtin.picture.stage import Stage


def _dim(stage: Stage, strength: float = 0.55) -> None:
    """Darkness in the corners and overhead, so that the light is something to walk towards."""
    u, w, h = stage.unit, stage.width, stage.height
    c = stage["near"]
    for x in (0.0, float(w)):
        c.glow(x, h * 0.3, u * 0.8, (22, 18, 38), strength)
        c.glow(x, h * 0.8, u * 0.6, (22, 18, 38), strength * 0.8)


def corridor(stage: Stage) -> None:
    """A long corridor: doors on both sides to a bright end, moonlit windows, or one door ajar."""
    u, rng, w = stage.unit, stage.rng, stage.width
    brings(stage, "door", "window")
    plan, side = rng.randrange(3), 1 if stage.hero_x < 0.5 else -1
    vx = w * (0.5 + 0.06 * side)
    edge = stage.feet - u * 0.19
    room = Room(stage, vx, edge - u * 0.11, edge, edge - u * 0.3, vx - u * 0.15, vx + u * 0.15)
    wall: RGB = rng.choice(((150, 142, 164), (136, 152, 160), (166, 146, 136)))
    shell(stage, room, wall, "wood" if plan != 1 else "tile", paper="plain")
    c, dark = stage["sky"], stage.palette.dark
    glow = mix(stage.palette.sky[2], (255, 236, 190), 0.6)
    door: RGB = (126, 88, 78)
    tall = 0.2
    for k0, k1 in ((1.15, 1.4), (1.75, 2.15), (2.8, 3.5)):
        for s in (-1, 1):
            if plan == 1 and s == side:
                c.fill(wall_quad(room, s, k0, k1, 0.06, 0.23), mix(stage.palette.sky[1], WHITE, 0.2))
                c.fill(wall_quad(room, s, (k0 * k1) ** 0.5 * 0.99, (k0 * k1) ** 0.5 * 1.01, 0.06, 0.23), wall)
                corner = 0.15 * s
                beam = [
                    room.at(corner - s * 0.03, 0, k0),
                    room.at(corner - s * 0.26, 0, k0),
                    room.at(corner - s * 0.26, 0, k1),
                    room.at(corner - s * 0.03, 0, k1),
                ]
                c.fill(beam, mix(stage.palette.sky[2], WHITE, 0.4), 0.34)
                continue
            tone = mix(door, wall, 0.2)
            c.fill(wall_quad(room, s, k0 * 0.98, k1 * 1.02, 0, tall + 0.012), mix(tone, WHITE, 0.3))
            ajar = plan == 2 and s == side and k0 > 1.5 and k0 < 2
            c.fill(wall_quad(room, s, k0, k1, 0, tall), glow if ajar else mix(tone, (60, 50, 80), 0.4 * dark))
            if ajar:
                corner = 0.15 * s
                spill = [
                    room.at(corner, 0, k0),
                    room.at(-corner * 1.2, 0, k0 * 1.05),
                    room.at(-corner * 1.2, 0, k1 * 1.3),
                    room.at(corner, 0, k1),
                ]
                c.fill(spill, glow, 0.4)
                c.fill(wall_quad(room, s, k0, k0 * 1.08, 0, tall), mix(tone, WHITE, 0.1))
            else:
                for low, high in ((0.02, 0.085), (0.105, 0.18)):
                    a, b = k0 + (k1 - k0) * 0.18, k0 + (k1 - k0) * 0.82
                    c.fill(wall_quad(room, s, a, b, low, high), shade_of(mix(tone, (60, 50, 80), 0.4 * dark)), 0.6)
    end = curves.box(room.left + u * 0.05, room.top + u * 0.07, room.right - u * 0.05, room.edge)
    c.graded(end, mix(glow, WHITE, 0.4), glow) if plan == 0 else window(
        stage, room, vx, wall_y(room, 0.17), u * 0.13, u * 0.14, None
    )
    c.glow(vx, room.edge - u * 0.12, u * 0.6, glow, 0.5)
    lane = [room.at(-0.08, 0, 1), room.at(0.08, 0, 1), room.at(0.1, 0, 2.4), room.at(-0.1, 0, 2.4)]
    c.fill(lane, glow, 0.3)
    runner = [room.at(-0.06, 0, 1.02), room.at(0.06, 0, 1.02), room.at(0.06, 0, 5), room.at(-0.06, 0, 5)]
    c.fill(runner, (150, 72, 78), 0.55)
    for k in (1.35, 2.0, 3.1):
        px, py = room.at(0, (room.edge - room.top) / u, k)
        stage["far"].fill(curves.oval(px, py + u * 0.012 * k, u * 0.022 * k, u * 0.012 * k), (255, 240, 200))
        stage.lamp("far", px, py + u * 0.02 * k, u * 0.12 * k, strength=0.3 if plan == 0 else 0.12)
    _dim(stage)


def stairwell(stage: Stage) -> None:
    """A stair that climbs past a tall window, to a lit door, or down into the dark."""
    u, rng = stage.unit, stage.rng
    brings(stage, "stairs", "window", "door")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=0, tall=0.9)
    wall: RGB = rng.choice(((150, 140, 160), (140, 152, 156), (170, 150, 134)))
    shell(stage, room, wall, "wood", paper="panels")
    if plan != 1:
        window(
            stage, room, stage.width * 0.5 - side * u * 0.12, wall_y(room, 0.45), u * 0.16, u * 0.34, None, arch=True
        )
    _flight(stage, room, x, side)
    if plan == 1:
        c, top = stage["far"], wall_y(room, 0.52)
        dx = x + side * u * 0.36
        c.soft(curves.box(dx - u * 0.09, top - u * 0.26, dx + u * 0.09, top, 2), (130, 92, 80))
        c.fill(curves.box(dx - u * 0.072, top - u * 0.24, dx + u * 0.072, top), (255, 232, 170))
        stage.lamp("far", dx, top - u * 0.12, u * 0.3, strength=0.5)
    for k in range(3):
        picture(room, x2 + side * u * (0.1 * k + 0.02), wall_y(room, 0.36 + 0.05 * (k % 2)), u * 0.035, u * 0.045)
    if plan == 2:
        put(room, "mid", "clock", x2 + side * u * 0.3, room.edge + u * 0.03, 1.0)
    else:
        floor_plant(room, "mid", x2 + side * u * 0.06, room.edge + u * 0.04, u * 0.2)
    _dim(stage, 0.4)


def _flight(stage: Stage, room: Room, x: float, side: int) -> None:
    """Steps with a turned rail that rise towards ``side``."""
    c, u, n = stage["mid"], stage.unit, 12
    wood: RGB = (170, 118, 86)
    x0, base = x - side * u * 0.34, room.edge + u * 0.055
    run, rise = u * 0.062, u * 0.047
    tops = [(x0 + side * run * k, base - rise * (k + 1)) for k in range(n)]
    skirt = [
        (x0, base),
        *[(px, py) for a in tops for px, py in ((a[0], a[1]), (a[0] + side * run, a[1]))],
        (x0 + side * run * n, base),
    ]
    c.fill(np.array(skirt), mix(shade_of(wood), (90, 70, 90), 0.3))
    for px, py in tops:
        back = u * 0.035
        c.fill(
            [
                (px, py),
                (px + side * run, py),
                (px + side * run - side * back * 0.4, py - back * 0.5),
                (px - side * back * 0.4, py - back * 0.5),
            ],
            light_of(wood),
        )
        c.fill(curves.box(px, py, px + side * u * 0.008, py + rise), light_of(light_of(wood)))
        c.fill(curves.box(px - side * u * 0.004, py - u * 0.004, px + side * run, py + u * 0.008), wood)
        mx = px + side * run * 0.5
        c.fill(curves.box(mx - u * 0.005, py - u * 0.13, mx + u * 0.005, py), (236, 226, 210))
    px, py = tops[3]
    nook(stage, "stairs", px + side * run * 0.5, py, base, side)
    px, py = tops[1]
    nook(stage, "seat", px + side * run * 0.5, py, base)
    a, b = tops[0], tops[-1]
    rail = [(a[0], a[1] - u * 0.11), (b[0] + side * run, b[1] - u * 0.145)]
    c.stroke(rail, max(2.0, u * 0.016), (126, 82, 66), smooth=False)
    c.soft(curves.box(a[0] - u * 0.016, a[1] - u * 0.15, a[0] + u * 0.016, base), (126, 82, 66))
    c.soft(curves.oval(a[0], a[1] - u * 0.165, u * 0.02, u * 0.02), (150, 100, 78))
