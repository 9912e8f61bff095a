"""Places under the open sky without many people: meadow, mountains, cliff, volcano, snowfield, desert, road."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.extras import put_building
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.ranges import cliff, dune, mountains, peak, volcano
from app.services.engines.builtin.picture.scenery import (
    field,
    front,
    grove,
    hills,
    near_ground,
    plant,
    rocks,
    stand,
    turf,
)
from app.services.engines.builtin.picture.stage import Stage, band, land, skyline
from app.services.engines.builtin.picture.terrain import (
    calm,
    carry,
    drifts,
    lane,
    mist,
    path,
    rows,
    season_ground,
    snow_lies,
)
from app.services.engines.builtin.picture.waters import mirror, paint_stream, stream, water


def other(stage: Stage, share: float = 0.26) -> float:
    """x in pixels of the place that balances the hero, ``share`` of the width from the middle."""
    return stage.width * (0.5 + (share if stage.hero_x < 0.5 else -share))


def meadow(stage: Stage) -> None:
    """Rolling hills: a great tree, a path over the hill, or a brook between flowers."""
    u, rng, kind = stage.unit, stage.rng, season_ground(stage)
    plan, y, goal = rng.randrange(3), stage.horizon, other(stage)
    mountains(stage, 0.17, peaks=False)
    grove(stage, "far", 7, 0.11, ("oak", "pine", "bush"), heights=np.full(stage.width, y + u * 0.01))
    hills(stage, kind, 0.14)
    grove(stage, "mid", 6, 0.13, ("oak", "birch", "bush"), heights=np.full(stage.width, y + u * 0.03))
    field(stage, kind, 0.06)
    if plan == 1:
        way = lane(stage, y + u * 0.06, stage.height + 9.0, goal, stage.width * stage.hero_x, u * 0.34, u * 0.3)
        path(stage, "mid", *way, "winter" if kind == "winter" else "earth")
    elif plan == 2:
        end = goal + (u * 0.5 if goal > stage.width / 2 else -u * 0.5)
        bends = stream(stage, y + u * 0.06, stage.height + 9.0, stage.width - goal, end, u * 0.36, u * 0.3)
        paint_stream(stage, "mid", *bends, (150, 128, 92))
    near_ground(stage, kind, 1.2)
    if plan == 0:
        stand(stage, "mid", "oak" if stage.scene.season != "winter" else "bare", goal, y + u * 0.16, u * 0.56)
    else:
        stand(stage, "mid", "birch", stage.width - goal, y + u * 0.12, u * 0.36)
    grove(stage, "mid", 4, 0.09, ("bush",), heights=np.full(stage.width, y + u * 0.12))
    front(stage, "leaves")


def high_mountains(stage: Stage) -> None:
    """Snowy ranges: a valley with a river, a lake that mirrors them, or a path along a slope."""
    u, rng, kind, w, y = stage.unit, stage.rng, season_ground(stage), stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage)
    stage.haze["far"] = 0.3
    mountains(stage, 0.42 if stage.wide else 0.5, peaks=True)
    if plan == 1:
        grove(stage, "far", 12, 0.1, ("pine", "pine", "birch"), heights=np.full(w, y + u * 0.015))
        water(stage, "mid", y + u * 0.02, waves=False)
        mirror(stage, "mid", y + u * 0.02, u * 0.16, 0.5)
        stage.haze["mid"] = 0.06
        heights = skyline(stage, stage.feet - u * 0.07, u * 0.02, 2)
        top, low = ground(kind)
        land(stage["mid"], np.minimum(heights, stage.height * 0.9), top, mix(top, low, 0.8), u * 0.2)
    else:
        hills(stage, kind, 0.13)
        grove(stage, "mid", 14, 0.12, ("pine", "pine", "pine", "birch"), heights=np.full(w, y + u * 0.02))
        mist(stage, "mid", y + u * 0.05, u * 0.06, 0.3)
        field(stage, kind, 0.07)
    if plan == 0:
        bends = stream(stage, y + u * 0.06, stage.height + 9.0, goal, w - goal, u * 0.36, u * 0.34)
        paint_stream(stage, "mid", *bends, (152, 146, 136))
    elif plan == 2:
        way = lane(stage, y + u * 0.065, stage.height + 9.0, goal, w * stage.hero_x, u * 0.3, u * 0.34)
        path(stage, "mid", *way, "winter" if kind == "winter" else "stone")
    heights = near_ground(stage, kind, 0.7)
    for k in range(4):
        x = goal + u * (0.1 * k - 0.12) * (1 if goal > w / 2 else -1)
        stand(stage, "mid", "pine", x, stage.feet - u * (0.12 - 0.02 * k), u * rng.uniform(0.26, 0.42))
    if plan == 2:
        put_building(stage, "mid", "house", 1 - goal / w, y + u * 0.1, u * 0.16)
    rocks(stage, heights, 6)
    front(stage, "leaves")


def brink(stage: Stage) -> None:
    """A cliff's edge over a deep valley of clouds, with a lonely tree or a rock arch."""
    u, rng, kind, w, y = stage.unit, stage.rng, season_ground(stage), stage.width, stage.horizon
    plan, side = rng.randrange(3), 1 if stage.hero_x < 0.5 else -1
    stage.haze.update(far=0.34, mid=0.05)
    mountains(stage, 0.4, peaks=True)
    for k in range(3):
        mist(stage, "far", y + u * (0.0 + 0.07 * k), u * 0.13, 0.55)
    stone: RGB = (168, 154, 146)
    grass = mix(*ground(kind), 0.3)
    cliff(
        stage, "mid", side, (0.5 + 0.3 * side) * w, y - u * (0.02 + 0.06 * plan), stage.height + u * 0.1, stone, grass
    )
    mist(stage, "mid", y + u * 0.17, u * 0.14, 0.55)
    _plateau(stage, side, stone, grass)
    if plan == 0:
        stand(stage, "mid", "pine", (0.5 + 0.4 * side) * w, y, u * 0.36)
    elif plan == 1:
        put_building(stage, "mid", "pagoda", 0.5 + 0.4 * side, y - u * 0.05, u * 0.3)
    _eagles(stage)
    front(stage, "none")


def _plateau(stage: Stage, side: int, stone: RGB, grass: RGB) -> None:
    """The ground under the feet, broken off towards ``side``: turf, a lip of rock, stones on the edge."""
    c, u, w, rng = stage["subject"], stage.unit, stage.width, stage.rng
    top = min(stage.feet - u * 0.07, stage.height * 0.86)
    t = np.linspace(-0.02, 1.02, 50)
    away = t if side > 0 else 1 - t
    drop = np.clip((away - 0.62) / 0.4, 0, 1) ** 0.8 * (stage.height * 0.93 - top)
    line = np.stack([t * w, top + drop + u * 0.012 * curves.ridge(rng, 50, 9, 3)], 1)
    line[:, 1] = np.minimum(line[:, 1], stage.height * 0.95)
    rest = [(w * 1.02, stage.height + 9.0), (-w * 0.02, stage.height + 9.0)]
    c.graded(np.vstack([line - np.array((0, u * 0.02)), rest]), light_of(stone), shade_of(stone))
    c.graded(np.vstack([line, rest]), light_of(grass), grass)
    c.fill(np.vstack([line, (line + np.array((0, u * 0.01)))[::-1]]), light_of(light_of(grass)), 0.7)
    for k in range(5, 46, 6):
        x, y = line[k]
        r = u * rng.uniform(0.012, 0.03)
        c.soft(curves.blob(rng, x, y - r * 0.2, r, r * 0.6), stone, line=False)
    turf(stage, np.interp(np.arange(w), line[:, 0], line[:, 1]) + u * 0.015, season_ground(stage), 0.6)


def _eagles(stage: Stage) -> None:
    rng, u, c = stage.rng, stage.unit, stage["far"]
    for _ in range(2):
        x, y, s = (
            rng.uniform(0.2, 0.8) * stage.width,
            stage.horizon * rng.uniform(0.4, 0.7),
            u * rng.uniform(0.016, 0.028),
        )
        wings = [
            (x - s, y - s * 0.3),
            (x - s * 0.4, y - s * 0.44),
            (x, y),
            (x + s * 0.4, y - s * 0.44),
            (x + s, y - s * 0.3),
        ]
        c.stroke(wings, max(1.2, u * 0.004), (84, 76, 88))


def fire_mountain(stage: Stage) -> None:
    """A volcano over black fields: with a lava stream, a crater lake, or smoking vents."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage, 0.2)
    stage.haze.update(far=0.12, mid=0.05)
    for k in range(3):
        x = (0.1 + 0.4 * k + rng.uniform(-0.1, 0.1)) * w
        peak(stage, "far", x, y + u * 0.04, u * 0.34, u * rng.uniform(0.1, 0.2), (136, 116, 130))
    volcano(stage, goal, y + u * 0.05, u * 0.5, u * (0.44 if stage.wide else 0.54))
    top, low = (118, 104, 112), (84, 72, 86)
    heights = skyline(stage, y + u * 0.04, u * 0.02, 4)
    land(stage["mid"], heights, top, low, u * 0.3)
    c = stage["mid"]
    if plan == 0:
        end = goal + (u * 0.5 if goal > w / 2 else -u * 0.5)
        middle, half, ys = stream(stage, y + u * 0.05, stage.height + 9.0, goal, end, u * 0.3, u * 0.2)
        for grow, tone in ((1.2, (150, 52, 44)), (1.0, (240, 104, 48)), (0.45, (255, 206, 106))):
            sides = [np.stack([middle - half * grow, ys], 1), np.stack([middle + half * grow, ys], 1)[::-1]]
            c.fill(np.vstack(sides), tone)
        for k in range(4, 24, 4):
            stage.lamp("mid", float(middle[k]), float(ys[k]), u * 0.06 + float(half[k]), (255, 130, 60), 0.35)
    else:
        for _ in range(5):
            x, py = rng.uniform(0.05, 0.95) * w, y + u * rng.uniform(0.08, 0.16)
            c.fill(curves.oval(x, py, u * 0.06, u * 0.01), (236, 110, 54) if plan == 1 else (60, 50, 62))
            if plan == 1:
                stage.lamp("mid", x, py, u * 0.09, (255, 140, 70), 0.45)
            else:
                mist(stage, "mid", py - u * 0.04, u * 0.05, 0.16, (220, 214, 214))
    carry(stage, "mid", stage.feet - u * 0.07, u * 0.03)
    rocks(stage, np.full(w, stage.feet - u * 0.07), 9, (104, 94, 106))
    stage.effect("fireflies", 0.35, (255, 150, 80), depth=0.7, box=(0.0, 0.2, 1.0, 0.8))
    front(stage, "none")


def snowfield(stage: Stage) -> None:
    """White land: drifts and firs, a frozen lake, or ice like towers."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage)
    stage.haze["far"] = 0.26
    mountains(stage, 0.26, peaks=True)
    if plan != 2:
        grove(stage, "far", 10, 0.09, ("pine",), heights=np.full(w, y + u * 0.015))
    field(stage, "winter", 0.03)
    c = stage["mid"]
    if plan == 1:
        ice = mix((176, 212, 232), stage.palette.sky[1], 0.3)
        c.graded(curves.blob(rng, goal, y + u * 0.13, u * 0.62, u * 0.075, 0.12), mix(ice, WHITE, 0.4), ice)
        for _ in range(9):
            x, py = goal + u * rng.uniform(-0.4, 0.4), y + u * rng.uniform(0.08, 0.17)
            c.stroke(
                [(x, py), (x + u * 0.05, py + u * 0.008), (x + u * 0.09, py)], max(1.0, u * 0.002), WHITE, smooth=False
            )
    elif plan == 2:
        for k in range(5):
            x, h = goal + u * rng.uniform(-0.3, 0.3), u * rng.uniform(0.08, 0.26)
            _ice(stage, x, y + u * (0.05 + 0.03 * k), h)
    for k in range(3):
        heights = skyline(stage, y + u * (0.06 + 0.055 * k), u * 0.03, 2, octaves=2)
        band(c, heights, 0, u * 0.02, WHITE, 0.6)
        band(c, heights, u * 0.02, u * 0.03, (176, 196, 228), 0.28)
    near_ground(stage, "winter")
    if plan != 2:
        for k in range(5):
            x = goal + u * (0.11 * k - 0.2) * (1 if goal > w / 2 else -1)
            stand(
                stage,
                "mid",
                "pine" if k != 2 else "bare",
                x,
                y + u * rng.uniform(0.08, 0.16),
                u * rng.uniform(0.2, 0.44),
            )
    drifts(stage, "subject", np.full(w, stage.feet - u * 0.05), 4)
    for k in range(9):  # tracks that lead to the hero
        t = k / 9
        x, py = (
            w * stage.hero_x + (w - goal - w * stage.hero_x) * (1 - t),
            y + u * 0.08 + (stage.feet - y - u * 0.08) * t,
        )
        c.fill(curves.oval(x, py, u * 0.012 * (0.3 + t), u * 0.004 * (0.3 + t)), (168, 188, 220), 0.7)
    front(stage, "snow")


def _ice(stage: Stage, x: float, y: float, h: float) -> None:
    c, rng = stage["mid"], stage.rng
    w = h * rng.uniform(0.35, 0.6)
    tip = x + w * rng.uniform(-0.3, 0.3)
    c.graded(
        [(x - w, y), (x - w * 0.6, y - h * 0.6), (tip, y - h), (x + w * 0.7, y - h * 0.5), (x + w, y)],
        WHITE,
        (186, 218, 240),
    )
    c.fill([(tip, y - h), (x + w * 0.7, y - h * 0.5), (x + w, y), (x + w * 0.1, y)], (140, 184, 222), 0.7)
    c.fill(curves.oval(x, y, w * 1.2, h * 0.05), (168, 190, 222), 0.6)


def desert(stage: Stage) -> None:
    """Dunes with lit and shaded sides: a sea of them, tables of red rock with cactus, or an oasis."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, (top, low) = rng.randrange(3), other(stage), ground("desert")
    stage.haze.update(far=0.28, mid=0.05)
    if plan == 1:
        for x, wide, h in ((goal, 0.22, 0.26), (w - goal, 0.12, 0.14), (goal + u * 0.5, 0.1, 0.2)):
            _mesa(stage, x, u * wide, u * h)
    for _ in range(5):
        dune(
            stage,
            "far",
            rng.uniform(0, 1) * w,
            y + u * 0.03,
            u * rng.uniform(0.3, 0.6),
            u * rng.uniform(0.05, 0.13),
            (top, low),
        )
    land(stage["mid"], skyline(stage, y + u * 0.05, u * 0.01, 2, octaves=2), light_of(top), mix(top, low, 0.6), u * 0.3)
    spots = [(goal, 0.09, 0.75, 0.2 if plan == 0 else 0.1), (w - goal, 0.13, 0.7, 0.12), (goal, 0.19, 0.9, 0.1)]
    for x, dy, half, h in spots:
        dune(stage, "mid", x + rng.uniform(-0.1, 0.1) * w, y + u * dy, u * half, u * h, (top, low))
    c = stage["mid"]
    for k, py in enumerate(rows(stage, y + u * 0.15, stage.height, 0.1)):
        across = np.linspace(0, w, 40)
        s = (py - y) / (stage.feet - y)
        wave = py + u * 0.007 * s * np.sin(across / (u * 0.09 * s) + k * 1.7) + u * 0.01 * np.sin(across / u * 2 + k)
        tone = mix(mix(low, top, 0.35), top, 1 - calm(stage, py))
        c.stroke(np.stack([across, wave], 1), max(1.0, u * 0.0032 * s), tone)
    carry(stage, "mid", stage.feet - u * 0.06, u * 0.03)
    if plan == 2:
        _oasis(stage, goal, y + u * 0.15)
    else:
        for k in range(3 if plan == 1 else 1):
            x = (goal / w + (k - 1) * 0.13) if plan == 1 else 1 - goal / w
            plant(stage, "mid", "cactus", x, y + u * rng.uniform(0.14, 0.18), u * rng.uniform(0.12, 0.3))
    rocks(stage, np.full(w, stage.feet - u * 0.05), 4, (206, 142, 102))
    front(stage, "none")


def _mesa(stage: Stage, x: float, half: float, h: float) -> None:
    c, y = stage["far"], stage.horizon + stage.unit * 0.02
    red: RGB = (206, 120, 86)
    c.graded(
        [
            (x - half * 1.25, y),
            (x - half * 0.92, y - h * 0.5),
            (x - half * 0.86, y - h),
            (x + half * 0.8, y - h * 0.97),
            (x + half * 0.95, y - h * 0.45),
            (x + half * 1.3, y),
        ],
        light_of(red),
        mix(red, (240, 190, 140), 0.4),
    )
    c.fill(
        [
            (x + half * 0.3, y - h),
            (x + half * 0.8, y - h * 0.97),
            (x + half * 0.95, y - h * 0.45),
            (x + half * 1.3, y),
            (x + half * 0.5, y),
        ],
        shade_of(red),
        0.7,
    )
    for k in range(4):
        py = y - h * (0.3 + 0.17 * k)
        c.fill(curves.box(x - half * 0.9, py, x + half * 0.86, py + h * 0.035), shade_of(red), 0.3)


def _oasis(stage: Stage, x: float, y: float) -> None:
    c, u, rng = stage["mid"], stage.unit, stage.rng
    c.fill(curves.blob(rng, x, y, u * 0.4, u * 0.045), (150, 170, 96))
    c.graded(
        curves.blob(rng, x, y + u * 0.005, u * 0.33, u * 0.033), mix(stage.palette.sky[2], WHITE, 0.2), (70, 150, 176)
    )
    c.fill(curves.oval(x - u * 0.06, y, u * 0.12, u * 0.004), WHITE, 0.6)
    for dx, h in ((-0.3, 0.34), (-0.22, 0.46), (0.26, 0.4), (0.34, 0.28), (0.05, 0.24)):
        stand(stage, "mid", "palm", x + dx * u, y + u * (0.01 if abs(dx) > 0.1 else -0.03), u * h)
    put_building(stage, "mid", "tent", (x + u * 0.1) / stage.width, y - u * 0.025, u * 0.1)


def road(stage: Stage) -> None:
    """A way to the horizon: through fields, between an avenue of trees, or over hills with a sign."""
    u, rng, kind, w, y = stage.unit, stage.rng, season_ground(stage), stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage, 0.14)
    mountains(stage, 0.2, peaks=plan == 2)
    hills(stage, kind, 0.09)
    grove(stage, "mid", 6, 0.11, ("oak", "birch", "bush", "pine"), heights=np.full(w, y + u * 0.02), clear=0.1)
    field(stage, kind, 0.05)
    way = lane(
        stage, y + u * 0.05, stage.height + 9.0, goal, w * stage.hero_x, u * 0.62, u * (0.04 if plan == 1 else 0.26)
    )
    path(stage, "mid", *way, "winter" if kind == "winter" else "earth")
    near_ground(stage, kind, 0.7)
    for py in rows(stage, y + u * 0.075, stage.feet - u * 0.05, 0.35 if plan == 1 else 0.6):
        x, half = way[1](py)
        s = (py - y) / (stage.feet - y)
        for side in (-1, 1):
            px = x + side * (half + u * 0.1 * s)
            if plan == 1:
                stand(
                    stage, "mid", "oak" if rng.random() < 0.7 else "birch", px + side * u * 0.06 * s, py, u * 0.62 * s
                )
            elif plan == 0 and side > 0:
                _post(stage, px, py, u * 0.1 * s)
    if plan == 2:
        stand(stage, "mid", "oak", other(stage, 0.36), y + u * 0.15, u * 0.44)
    front(stage, "leaves")


def _post(stage: Stage, x: float, y: float, h: float) -> None:
    c = stage["mid"]
    c.fill(curves.box(x - h * 0.07, y - h, x + h * 0.07, y), (196, 168, 136))
    c.fill(curves.box(x, y - h, x + h * 0.07, y), (150, 120, 100))
    if snow_lies(stage):
        c.fill(curves.oval(x, y - h, h * 0.1, h * 0.06), WHITE)
