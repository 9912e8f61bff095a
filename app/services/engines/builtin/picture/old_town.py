"""Old China: a temple in the mountains, and the town of white walls and black tiles on its canal."""

from __future__ import annotations

from functools import partial

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.extras import put_building
from app.services.engines.builtin.picture.houses import hui
from app.services.engines.builtin.picture.nature import other
from app.services.engines.builtin.picture.nooks import nook
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.ranges import mountains
from app.services.engines.builtin.picture.scenery import field, front, grove, hills, near_ground, season_trees, stand
from app.services.engines.builtin.picture.stage import Stage, land, sprite_of
from app.services.engines.builtin.picture.terrain import (
    Way,
    carry,
    lane,
    mist,
    path,
    paving,
    puddles,
    scale_at,
    season_ground,
    snow_lies,
    wet,
)
from app.services.engines.builtin.picture.town import garlands, set_thing
from app.services.engines.builtin.picture.waters import mirror, water


def temple(stage: Stage) -> None:
    """A pagoda above the mist: up a stair of stone, in a courtyard with a bell and a censer, or over a pine wood."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    stage.haze["far"] = 0.42
    mountains(stage, 0.38, peaks=True)
    put_building(stage, "far", "pagoda", (0.5 - 0.36 * side), y + u * 0.02, u * 0.24)
    for k in range(2):
        mist(stage, "far", y - u * (0.1 - 0.1 * k), u * 0.09, 0.55)
    hills(stage, kind, 0.1 if plan != 0 else 0.2)
    grove(stage, "mid", 9, 0.12, ("pine", "pine", "cherry"), heights=np.full(w, y + u * 0.02))
    mist(stage, "mid", y + u * 0.03, u * 0.06, 0.4)
    if plan == 1:
        _court(stage, goal, side)
    else:
        field(stage, kind, 0.06)
        base = y + u * (0.03 if plan == 0 else 0.1)
        way = lane(stage, base, stage.height + 9.0, goal, w * stage.hero_x, u * 0.44, u * 0.2)
        path(stage, "mid", *way, "winter" if kind == "winter" else "stone")
        _stair(stage, way[1], base)
        near_ground(stage, kind, 0.4)
        put_building(stage, "mid", "pagoda", goal / w, base + u * 0.012, u * (0.56 if stage.wide else 0.62))
        for s in (-1, 1):
            x, half = way[1](y + u * 0.15)
            set_thing(stage, "mid", "lantern", x + s * (half + u * 0.05), y + u * 0.155, 0.7)
    sorts = season_trees(stage, ("cherry", "pine", "cherry"))
    for k, (dx, dy, h) in enumerate(((0.24, 0.08, 0.26), (-0.42, 0.13, 0.42), (0.42, 0.15, 0.36))):
        x = (0.5 + dx * side) * w if k != 0 else goal + side * u * 0.26
        if abs(x / w - stage.hero_x) > 0.1:
            stand(stage, "mid", "pine" if k == 1 else sorts[k], x, y + u * dy, u * h)
    front(stage, "leaves")


def _stair(stage: Stage, at: Way, top: float) -> None:
    c, u = stage["mid"], stage.unit
    stone: RGB = (196, 190, 186) if not snow_lies(stage) else (240, 244, 250)
    y, k = top, 0
    while y < stage.feet - u * 0.07 and k < 40:
        x, half = at(y)
        s = max(0.08, scale_at(stage, y))
        h = u * 0.045 * s
        c.fill(curves.box(x - half, y, x + half, y + h * 0.55), light_of(stone))
        c.fill(curves.box(x - half, y + h * 0.55, x + half, y + h), shade_of(stone))
        if 0.5 < s < 0.62:
            nook(stage, "stairs", x, y + h * 0.5, y + h * 0.5)
        y += h
        k += 1


def _court(stage: Stage, goal: float, side: int) -> None:
    c, u, w, y = stage["mid"], stage.unit, stage.width, stage.horizon
    tone: RGB = (204, 196, 188) if not snow_lies(stage) else (238, 244, 250)
    if wet(stage):
        tone = mix(tone, stage.palette.sky[1], 0.35)
    wall: RGB = (196, 92, 76)
    c.graded(curves.box(-9, y - u * 0.03, w + 9, y + u * 0.08), wall, shade_of(wall))
    tile = WHITE if snow_lies(stage) else (84, 104, 108)
    c.fill(curves.box(-9, y - u * 0.05, w + 9, y - u * 0.028), tile)
    land(c, np.full(w, y + u * 0.08), light_of(tone), shade_of(tone), u * 0.34)
    paving(stage, "mid", y + u * 0.08, w * 0.5, mix(shade_of(tone), tone, 0.5), width=0.2)
    carry(stage, "mid", stage.feet - u * 0.05, u * 0.03)
    put_building(stage, "mid", "pagoda", goal / w, y + u * 0.1, u * (0.6 if stage.wide else 0.66))
    if "bell" not in stage.scene.props:
        set_thing(stage, "mid", "bell", (0.5 - 0.36 * side) * w, y + u * 0.14, 0.8)
    x, py = goal - side * u * 0.2, y + u * 0.17
    bronze: RGB = (120, 112, 96)
    c.fill(curves.oval(x, py, u * 0.07, u * 0.012), (50, 46, 60), 0.35)
    for dx in (-0.03, 0.03):
        c.fill(curves.box(x + dx * u - u * 0.006, py - u * 0.03, x + dx * u + u * 0.006, py), shade_of(bronze))
    c.soft(
        curves.smooth(
            [
                (x - u * 0.06, py - u * 0.08),
                (x - u * 0.05, py - u * 0.03),
                (x + u * 0.05, py - u * 0.03),
                (x + u * 0.06, py - u * 0.08),
            ],
            steps=4,
        ),
        bronze,
        line=False,
    )
    h = stage.height
    stage.effect(
        "smoke",
        0.3,
        (240, 238, 236),
        depth=0.5,
        box=(
            max(0.0, (x - u * 0.03) / w),
            max(0.0, (py - u * 0.32) / h),
            min(1.0, (x + u * 0.07) / w),
            (py - u * 0.08) / h,
        ),
    )
    puddles(stage, "subject", 6 if wet(stage) else 0)


def _note(c: Canvas, stage: Stage, glass: RGB, found: list[tuple[float, float, float]]) -> None:
    found.extend(hui(c, stage.rng, glass, snow_lies(stage)))


def house_row(stage: Stage, layer: str, spots: list[tuple[float, float, float]]) -> None:
    """White houses at (x in pixels, y, height), their windows and lanterns lit when it is dark."""
    dark = stage.palette.dark >= 0.3
    glass: RGB = (255, 220, 140) if dark else (120, 130, 140)
    for x, y, height in spots:
        found: list[tuple[float, float, float]] = []
        draw = partial(_note, stage=stage, glass=glass, found=found)
        sprite = sprite_of(height, draw, wide=0.95, tall=1.05, line=0.007)
        stage[layer].paste(sprite, x, y, scale=min(1.0, height / 24))
        for wx, wy, r in found if dark else ():
            stage.lamp(layer, x + wx * height, y - wy * height, r * height * 2.6, strength=0.5, core=r * height * 0.5)


def old_town(stage: Stage) -> None:
    """White walls and black tiles: a canal under a stone bridge, a lane with lanterns, or a square before a gate."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage, 0.2), 1 if stage.hero_x < 0.5 else -1
    stage.haze.update(far=0.3, mid=0.03)
    mountains(stage, 0.2, peaks=False)
    put_building(stage, "far", "pagoda", (goal + side * u * 0.1) / w, y + u * 0.01, u * 0.26)
    n = max(4, round(7 * w / (u * 1.7)))
    house_row(
        stage,
        "far",
        [((k + rng.uniform(0.2, 0.8)) / n * w, y + u * 0.045, u * rng.uniform(0.16, 0.26)) for k in range(n)],
    )
    mist(stage, "far", y + u * 0.02, u * 0.1, 0.35)
    if plan == 0:
        _canal(stage, goal, side)
    else:
        tone: RGB = (176, 172, 170) if not snow_lies(stage) else (238, 244, 250)
        if wet(stage):
            tone = mix(tone, stage.palette.sky[1], 0.4)
        c = stage["mid"]
        land(c, np.full(w, y + u * 0.045), light_of(tone), shade_of(tone), u * 0.36)
        paving(stage, "mid", y + u * 0.045, goal, mix(shade_of(tone), tone, 0.5), width=0.15, step=0.12)
        carry(stage, "mid", stage.feet - u * 0.05, u * 0.03)
        rows_ = [
            (dx, dy, h)
            for s in (-1, 1)
            for dx, dy, h in ((s * 0.24, 0.06, 0.26), (s * 0.5, 0.09, 0.36), (s * 0.86, 0.14, 0.52))
        ]
        if plan == 2:
            _gate_tower(stage, goal, y + u * 0.065)
            rows_ = [(dx * 1.35, dy, h * 0.86) for dx, dy, h in rows_]
        spots = [
            (goal + dx * u, y + u * dy, u * h * rng.uniform(0.92, 1.08))
            for dx, dy, h in sorted(rows_, key=lambda r: r[1])
        ]
        house_row(stage, "mid", [s for s in spots if abs(s[0] / w - stage.hero_x) > 0.1 or s[1] < y + u * 0.1])
        garlands(stage, y - u * 0.06, ((222, 66, 58), (222, 66, 58), (236, 96, 70)))
        puddles(stage, "subject", 8 if wet(stage) else 0, ((255, 140, 100), (255, 200, 120)))
    willow = season_trees(stage, ("willow",))[0] if stage.scene.season == "winter" else "willow"
    stand(stage, "mid", willow, (0.5 + 0.45 * side) * w, y + u * 0.17, u * 0.46)
    front(stage, "leaves")


def _canal(stage: Stage, goal: float, side: int) -> None:
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    house_row(
        stage,
        "far",
        [
            (w * x, y + u * 0.07, u * rng.uniform(0.28, 0.36))
            for x in (0.02, 0.2, 0.82, 1.0)
            if abs(w * x - goal) > u * 0.2
        ],
    )
    water(stage, "mid", y + u * 0.07, waves=False)
    mirror(stage, "mid", y + u * 0.07, u * 0.15, 0.4)
    put_building(stage, "mid", "bridge", goal / w, y + u * 0.125, u * 0.24)
    c = stage["mid"]
    c.fill(curves.oval(goal, y + u * 0.125, u * 0.11, u * 0.02), (60, 84, 96), 0.5)
    _sampan(stage, (0.5 - 0.12 * side) * w, y + u * 0.155, u * 0.15)
    _sampan(stage, goal + side * u * 0.1, y + u * 0.095, u * 0.07)
    stage.afloat = y + u * 0.15
    top, low = ground("stone" if not snow_lies(stage) else "winter")
    edge = stage.feet - u * 0.07
    land(c, np.full(w, edge), light_of(top), low, u * 0.3)
    c.fill(curves.box(-9, edge, w + 9, edge + u * 0.01), light_of(light_of(top)))
    paving(stage, "mid", edge + u * 0.01, w * 0.5, mix(low, top, 0.4), width=0.2, step=0.1)
    carry(stage, "mid", stage.feet - u * 0.045, u * 0.02)
    puddles(stage, "subject", 6 if wet(stage) else 0, ((255, 140, 100),))
    h = stage.height
    stage.effect("waves", 0.25, (230, 240, 246), depth=0.5, box=(0.0, (y + u * 0.07) / h, 1.0, edge / h))


def _sampan(stage: Stage, x: float, y: float, half: float) -> None:
    """A narrow boat with a black hood and a lantern."""
    c = stage["mid"]
    wood: RGB = (96, 74, 66)
    c.fill(curves.oval(x, y + half * 0.04, half * 1.1, half * 0.1), (36, 54, 70), 0.45)
    c.soft(
        curves.smooth(
            [
                (x - half * 1.15, y - half * 0.22),
                (x - half * 0.4, y - half * 0.1),
                (x + half * 0.4, y - half * 0.1),
                (x + half * 1.15, y - half * 0.24),
                (x + half * 0.8, y + half * 0.06),
                (x - half * 0.8, y + half * 0.06),
            ],
            steps=4,
        ),
        wood,
        line=False,
    )
    t = np.linspace(np.pi, 2 * np.pi, 14)
    c.soft(np.stack([x + half * 0.5 * np.cos(t), y - half * 0.1 + half * 0.4 * np.sin(t)], 1), (66, 62, 66), line=False)
    for k in (-0.25, 0.0, 0.25):
        c.stroke(
            [(x + half * k, y - half * 0.1), (x + half * k, y - half * (0.46 - 0.3 * abs(k)))],
            max(1.0, half * 0.03),
            (104, 96, 92),
            smooth=False,
        )
    c.soft(curves.oval(x + half * 0.62, y - half * 0.3, half * 0.07, half * 0.085), (222, 66, 58), line=False)
    stage.lamp("mid", x + half * 0.62, y - half * 0.3, half * 0.5, (255, 160, 90), 0.1 + 0.6 * stage.palette.dark)


def _gate_tower(stage: Stage, x: float, y: float) -> None:
    """A city gate: a wall of grey brick with an arch, a hall with swept roofs on it."""
    c, u = stage["mid"], stage.unit
    brick: RGB = (150, 148, 150)
    c.graded(
        [(x - u * 0.32, y), (x - u * 0.29, y - u * 0.2), (x + u * 0.29, y - u * 0.2), (x + u * 0.32, y)],
        light_of(brick),
        brick,
    )
    c.fill(
        [(x + u * 0.14, y), (x + u * 0.14, y - u * 0.2), (x + u * 0.29, y - u * 0.2), (x + u * 0.32, y)],
        shade_of(brick),
        0.6,
    )
    for k in range(11):
        px = x - u * 0.29 + u * 0.055 * k
        c.fill(curves.box(px, y - u * 0.222, px + u * 0.032, y - u * 0.198), light_of(brick))
    hole = curves.smooth(
        [
            (x - u * 0.06, y),
            (x - u * 0.06, y - u * 0.08),
            (x, y - u * 0.13),
            (x + u * 0.06, y - u * 0.08),
            (x + u * 0.06, y),
        ],
        steps=4,
    )
    c.fill(hole, mix(stage.palette.sky[1], (70, 64, 76), 0.6))
    red: RGB = (190, 78, 66)
    tile = WHITE if snow_lies(stage) else (78, 96, 100)
    for half, low, high in ((0.22, 0.2, 0.28), (0.15, 0.34, 0.4)):
        c.graded(curves.box(x - half * u, y - high * u, x + half * u, y - low * u), light_of(red), red)
        for k in range(5):
            px = x + half * u * (-0.8 + 0.4 * k)
            c.fill(
                curves.box(px - u * 0.012, y - high * u + u * 0.015, px + u * 0.012, y - low * u - u * 0.01),
                (255, 214, 130) if stage.palette.dark > 0.3 else (110, 66, 60),
            )
            stage.lamp("mid", px, y - (high + low) / 2 * u, u * 0.05, strength=0.6 * stage.palette.dark)
        eave = [
            (x - (half + 0.07) * u, y - (high + 0.03) * u),
            (x - half * u, y - high * u + u * 0.005),
            (x + half * u, y - high * u + u * 0.005),
            (x + (half + 0.07) * u, y - (high + 0.03) * u),
            (x + half * 0.7 * u, y - (high + 0.075) * u),
            (x - half * 0.7 * u, y - (high + 0.075) * u),
        ]
        c.soft(eave, tile, line=False)
