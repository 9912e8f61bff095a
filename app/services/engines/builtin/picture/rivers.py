"""Fresh water: lake, swamp, river, waterfall."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.extras import put_building
from app.services.engines.builtin.picture.nature import other
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.ranges import mountains
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
from app.services.engines.builtin.picture.stage import Stage, land, skyline
from app.services.engines.builtin.picture.terrain import carry, mist, season_ground, snow_lies
from app.services.engines.builtin.picture.waters import (
    mirror,
    paint_stream,
    stream,
    water,
    water_tone,
    waves,
)


def lake(stage: Stage) -> None:
    """Still water: hills that stand on their heads in it, lotus and a boat house, or a willow over a small pond."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    mountains(stage, 0.3 if plan == 0 else 0.2, peaks=plan == 0)
    grove(stage, "far", 12, 0.13, ("oak", "pine", "birch", "oak"), heights=np.full(w, y + u * 0.004))
    water(stage, "mid", y + u * 0.012, waves=False)
    mirror(stage, "mid", y + u * 0.012, u * 0.2, 0.5)
    mist(stage, "mid", y + u * 0.012, u * 0.03, 0.5)
    stage.haze.update(far=0.24, mid=0.05)
    stage.afloat = y + u * 0.13
    if plan == 1:
        _pavilion(stage, goal, y + u * 0.1)
    if kind != "winter":
        for _ in range(12 if plan == 1 else 6):
            x, py = rng.uniform(0, 1), y + u * rng.uniform(0.06, 0.17)
            plant(stage, "mid", "lotus", x, py, u * 0.03 * (0.5 + 3.4 * (py - y) / u))
    heights = skyline(stage, stage.feet - u * 0.075, u * 0.016, 2)
    top, low = ground(kind)
    land(stage["mid"], np.minimum(heights, stage.height * 0.9), top, mix(top, low, 0.8), u * 0.2)
    near = near_ground(stage, kind)
    stage.offer("shore", w * stage.hero_x, stage.feet - u * 0.035)
    stand(
        stage,
        "mid",
        "willow" if kind != "winter" else "bare",
        (0.5 + 0.4 * side) * w,
        stage.feet - u * 0.06,
        u * (0.6 if plan == 2 else 0.42),
    )
    rocks(stage, near - u * 0.02, 6)
    waves(stage, 0.25, y, stage.feet - u * 0.1, 0.5)
    front(stage, "reeds")


def _pavilion(stage: Stage, x: float, y: float) -> None:
    """A roof on pillars over the water, a walk of planks to it."""
    c, u = stage["mid"], stage.unit
    red: RGB = (186, 84, 70)
    c.fill(curves.oval(x, y + u * 0.01, u * 0.2, u * 0.016), (40, 66, 90), 0.4)
    c.soft(curves.box(x - u * 0.17, y - u * 0.025, x + u * 0.17, y), (196, 184, 172), line=False)
    out = 1 if x > stage.width / 2 else -1
    c.fill(curves.box(x, y - u * 0.012, x + out * u * 0.9, y), (170, 128, 96))
    for dx in (-0.13, -0.05, 0.05, 0.13):
        c.graded(
            curves.box(x + dx * u - u * 0.007, y - u * 0.16, x + dx * u + u * 0.007, y - u * 0.02), light_of(red), red
        )
    c.fill(curves.box(x - u * 0.15, y - u * 0.06, x + u * 0.15, y - u * 0.052), red)
    roof = [
        (x - u * 0.24, y - u * 0.17),
        (x - u * 0.17, y - u * 0.155),
        (x + u * 0.17, y - u * 0.155),
        (x + u * 0.24, y - u * 0.17),
        (x + u * 0.1, y - u * 0.225),
        (x + u * 0.02, y - u * 0.28),
        (x - u * 0.02, y - u * 0.28),
        (x - u * 0.1, y - u * 0.225),
    ]
    c.soft(roof, WHITE if snow_lies(stage) else (84, 108, 112), line=False)
    stage.lamp("mid", x, y - u * 0.12, u * 0.14, strength=0.1 + 0.5 * stage.palette.dark)


def swamp(stage: Stage) -> None:
    """Dark water between crooked trees: mist, lights that wander, a hut on poles, or a walk of planks."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    stage.haze.update(far=0.4, mid=0.06)
    grove(stage, "far", 12, 0.36, ("bare", "willow", "bare"), heights=np.full(w, y + u * 0.01))
    mist(stage, "far", y - u * 0.05, u * 0.2, 0.5)
    c, green = stage["mid"], (104, 124, 92)
    land(c, np.full(w, y + u * 0.015), mix(green, stage.palette.sky[2], 0.5), (64, 86, 80), u * 0.3)
    mirror(stage, "mid", y + u * 0.015, u * 0.18, 0.4)
    for _ in range(11):
        x, py = rng.uniform(0, w), y + u * rng.uniform(0.04, 0.18)
        r = u * 0.4 * (py - y) / u + u * 0.03
        c.fill(curves.blob(rng, x, py, r, r * 0.16, 0.2), (112, 136, 84))
        c.fill(curves.oval(x, py - r * 0.05, r * 0.8, r * 0.08), (142, 164, 100), 0.7)
    grove(stage, "mid", 5, 0.4, ("bare", "willow"), heights=np.full(w, y + u * 0.08), clear=0.3)
    if plan == 0:
        put_building(stage, "mid", "house", goal / w, y + u * 0.085, u * 0.2)
        for dx in (-0.06, 0.0, 0.06):
            c.fill(
                curves.box(goal + dx * u - u * 0.006, y + u * 0.08, goal + dx * u + u * 0.006, y + u * 0.13),
                (96, 78, 70),
            )
    for k in range(3):
        mist(stage, "mid", y + u * (0.04 + 0.06 * k), u * 0.035, 0.3)
    for _ in range(5 if plan == 2 else 2):
        stage.lamp(
            "mid",
            rng.uniform(0.1, 0.9) * w,
            y + u * rng.uniform(-0.1, 0.12),
            u * 0.08,
            (190, 255, 180),
            0.6,
            core=u * 0.006,
        )
    heights = np.minimum(skyline(stage, stage.feet - u * 0.07, u * 0.02, 3), stage.height * 0.9)
    land(c, heights, (132, 146, 96), (92, 104, 80), u * 0.24)
    carry(stage, "mid", stage.feet - u * 0.06, u * 0.03)
    turf(stage, np.full(w, stage.feet - u * 0.055), season_ground(stage), 0.0)
    stand(stage, "mid", "bare", (0.5 + 0.42 * side) * w, stage.feet - u * 0.06, u * 0.6)
    front(stage, "reeds")


def river(stage: Stage) -> None:
    """A river from the hills: with stepping stones, under a bridge, or between wooded banks."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    mountains(stage, 0.28, peaks=plan != 2)
    hills(stage, kind, 0.1)
    grove(stage, "mid", 7, 0.13, ("oak", "pine", "birch", "bush"), heights=np.full(w, y + u * 0.02))
    field(stage, kind, 0.05)
    end = goal + side * u * 0.3
    bends = stream(stage, y + u * 0.05, stage.height + 9.0, w - goal + side * u * 0.1, end, u * 0.8, u * 0.4)
    paint_stream(stage, "mid", *bends, (158, 138, 104))
    near_ground(stage, kind, 0.8)
    middle, _, ys = bends
    if plan == 1 and "bridge" not in stage.scene.buildings:
        k = int(np.argmin(np.abs(ys - (y + u * 0.12))))
        put_building(stage, "mid", "bridge", float(middle[k]) / w, y + u * 0.15, u * 0.13)
    elif plan == 0:
        _steps(stage, *bends)
    for k in range(4):
        x = goal + side * u * (0.12 * k - 0.05) if plan == 2 else (0.5 - side * (0.3 + 0.05 * k)) * w
        sort = ("willow", "birch", "oak", "pine")[k] if kind != "winter" else ("bare", "pine")[k % 2]
        if abs(x / w - stage.hero_x) > 0.08:
            stand(stage, "mid", sort, x, y + u * (0.09 + 0.02 * k), u * rng.uniform(0.26, 0.42))
    rocks(stage, np.full(w, stage.feet - u * 0.075), 6)
    stage.afloat = y + u * 0.14
    front(stage, "reeds")


def _steps(stage: Stage, middle: np.ndarray, half: np.ndarray, ys: np.ndarray) -> None:
    c, u = stage["mid"], stage.unit
    k = int(np.argmin(np.abs(ys - (stage.horizon + u * 0.14))))
    for j in range(5):
        x = float(middle[k] + half[k] * (-0.85 + 0.42 * j))
        c.fill(curves.oval(x, float(ys[k]) + u * 0.008, u * 0.05, u * 0.014), WHITE, 0.5)
        c.soft(curves.oval(x, float(ys[k]), u * 0.042, u * 0.017), (172, 168, 168), line=False)
        c.fill(curves.oval(x - u * 0.006, float(ys[k]) - u * 0.006, u * 0.03, u * 0.008), (206, 204, 200))


def waterfall(stage: Stage) -> None:
    """White water between cliffs into a pool: one broad fall, a fall in steps, or a thin one over a cave."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage, 0.16), 1 if stage.hero_x < 0.5 else -1
    mountains(stage, 0.4, peaks=True)
    stone, grass = (156, 150, 150), mix(*ground(kind), 0.3)
    high, foot = y - u * (0.36 if stage.wide else 0.5), y + u * 0.08
    half = u * (0.15, 0.11, 0.06)[plan]
    for s in (-1, 1):
        _crag(stage, goal + s * half * 0.8, s, high + (u * 0.07 if s == side else 0.0), foot, stone, grass)
    c, tone = stage["mid"], water_tone(stage)
    levels = [(high + u * 0.02, foot)] if plan != 1 else [(high + u * 0.02, high + u * 0.17), (high + u * 0.18, foot)]
    for k, (a, b) in enumerate(levels):
        wide = half * (1 + 0.35 * k)
        c.graded(
            [(goal - wide * 0.9, a), (goal + wide * 0.9, a), (goal + wide * 1.1, b), (goal - wide * 1.1, b)],
            mix(tone, WHITE, 0.6),
            mix(tone, WHITE, 0.85),
        )
        for _ in range(16):
            x = goal + wide * rng.uniform(-0.95, 0.95)
            c.fill(
                [(x - u * 0.003, a), (x + u * 0.003, a), (x + u * 0.006, b), (x - u * 0.006, b)],
                WHITE if rng.random() < 0.6 else mix(tone, WHITE, 0.3),
                0.6,
            )
        c.glow(goal, b, wide * 2.2, WHITE, 0.85, squash=0.4)
    c.graded(curves.blob(rng, goal, y + u * 0.13, u * 0.6, u * 0.06, 0.1), mix(tone, WHITE, 0.5), tone)
    for k in range(5):
        c.stroke(
            curves.oval(goal, foot + u * 0.02, u * (0.16 + 0.07 * k), u * (0.012 + 0.008 * k), 0, 40),
            max(1.0, u * 0.002),
            mix(tone, WHITE, 0.75),
            closed=True,
        )
    heights = np.minimum(skyline(stage, stage.feet - u * 0.08, u * 0.016, 3), stage.height * 0.9)
    top, low = ground(kind)
    land(c, heights, top, mix(top, low, 0.8), u * 0.2)
    near = near_ground(stage, kind, 0.7)
    for x in (0.06, 0.2, 0.8, 0.95):
        if abs(x * w - goal) > u * 0.2 and abs(x - stage.hero_x) > 0.1:
            stand(stage, "mid", "pine", x * w, y + u * rng.uniform(0.1, 0.17), u * rng.uniform(0.24, 0.42))
    rocks(stage, near - u * 0.02, 9)
    mist(stage, "mid", foot, u * 0.06, 0.35, WHITE)
    waves(stage, 0.3, foot, stage.feet - u * 0.1, 0.5)
    front(stage, "reeds")


def _crag(stage: Stage, x: float, side: int, high: float, foot: float, stone: RGB, grass: RGB) -> None:
    """Rock beside a fall that comes down in great steps away from it, with grass and trees on each."""
    c, u, rng = stage["mid"], stage.unit, stage.rng
    out, top = x, high
    edges = []
    for k in range(4):
        wide = u * rng.uniform(0.2, 0.3) * (1 + 0.3 * k)
        edges.append((out, out + side * wide, top))
        out, top = out + side * wide, top + (foot - high) * rng.uniform(0.16, 0.3)
    for a, b, level in reversed(edges):
        face = [
            (a, level),
            (b, level + u * 0.02),
            (b + side * u * 0.05, foot + u * 0.02),
            (a - side * u * 0.02, foot + u * 0.02),
        ]
        c.graded(np.array(face), light_of(stone), shade_of(stone))
        for _ in range(6):
            px = a + (b - a) * rng.random()
            w, h = u * rng.uniform(0.015, 0.04), (foot - level) * rng.uniform(0.25, 0.7)
            py = level + (foot - level) * rng.random() * 0.5
            crack = [(px - w, py), (px + w * 0.6, py + h * 0.1), (px + w * 0.3, py + h), (px - w * 0.7, py + h * 0.8)]
            c.fill(crack, shade_of(shade_of(stone)) if rng.random() < 0.6 else light_of(stone), 0.35)
        lip = [
            (a - side * u * 0.01, level - u * 0.012),
            (b + side * u * 0.03, level + u * 0.008),
            (b + side * u * 0.02, level + u * 0.05),
            ((a + b) / 2, level + u * 0.03),
            (a, level + u * 0.045),
        ]
        c.fill(curves.smooth(lip, steps=4), grass)
        for _ in range(2):
            stand(
                stage, "mid", "pine", a + (b - a) * rng.uniform(0.2, 0.9), level + u * 0.015, u * rng.uniform(0.1, 0.2)
            )
