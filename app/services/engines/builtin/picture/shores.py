"""Places with water: beach, open sea, harbour, lake, swamp, river, waterfall, island."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.curves import Curve
from app.services.engines.builtin.picture.extras import put_building
from app.services.engines.builtin.picture.nature import other
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.ranges import cliff, mountains
from app.services.engines.builtin.picture.scenery import front, plant, rocks
from app.services.engines.builtin.picture.stage import Stage, dabs, land, skyline
from app.services.engines.builtin.picture.terrain import carry, snow_lies
from app.services.engines.builtin.picture.town import set_thing
from app.services.engines.builtin.picture.waters import (
    foam_line,
    mirror,
    swell,
    water,
    water_tone,
    waves,
)


def isles(stage: Stage, count: int = 2) -> None:
    """Low land on the horizon of the sea."""
    u, rng = stage.unit, stage.rng
    for _ in range(count):
        x, w, h = rng.uniform(0, 1) * stage.width, u * rng.uniform(0.12, 0.35), u * rng.uniform(0.02, 0.07)
        y = stage.horizon + 2
        line = [(x - w, y), (x - w * 0.4, y - h * 0.7), (x, y - h), (x + w * 0.5, y - h * 0.5), (x + w, y)]
        tone = mix((112, 142, 150), stage.palette.sky[2], 0.35)
        stage["far"].graded(curves.smooth(line), light_of(tone), tone)


def _stacks(stage: Stage, x: float, y: float) -> None:
    """Rocks in the sea with foam at their feet."""
    u, rng = stage.unit, stage.rng
    for _ in range(4):
        px, h = x + u * rng.uniform(-0.26, 0.26), u * rng.uniform(0.05, 0.22)
        w, tone = h * rng.uniform(0.35, 0.7), (142, 134, 140)
        c = stage["mid"]
        c.graded(
            [(px - w, y), (px - w * 0.7, y - h * 0.7), (px - w * 0.1, y - h), (px + w * 0.5, y - h * 0.8), (px + w, y)],
            light_of(tone),
            shade_of(tone),
        )
        c.fill(
            [(px - w * 0.1, y - h), (px + w * 0.5, y - h * 0.8), (px + w, y), (px + w * 0.1, y)],
            shade_of(shade_of(tone)),
            0.55,
        )
        c.fill(curves.oval(px, y, w * 1.3, u * 0.009, 0, 20), WHITE, 0.8)


def beach(stage: Stage) -> None:
    """A shore: a bay that curves into the distance, palms and a hut, or rocks with pools and a boat on the sand."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    water(stage, "far", y, waves=True)
    isles(stage)
    stage.haze.update(far=0.1, mid=0.04)
    kind = "winter" if snow_lies(stage) else "sand"
    top, low = ground(kind)
    c, n = stage["mid"], 60
    if plan == 0:
        cliff(stage, "mid", side, (0.5 + 0.34 * side) * w, y - u * 0.1, y + u * 0.06, (176, 160, 146), (150, 176, 110))
    t = np.linspace(-0.02, 1.02, n)
    along = t if side > 0 else 1 - t
    shore = y + u * (0.145 - 0.1 * np.clip(along - 0.45, 0, 1) ** 1.2) + u * 0.012 * np.sin(t * 9 + rng.random() * 6)
    line = np.stack([t * w, shore], 1)
    wet_sand = np.vstack([line, [(w * 1.02, stage.height + 9.0), (-w * 0.02, stage.height + 9.0)]])
    c.fill(wet_sand, mix(shade_of(low), water_tone(stage), 0.35))
    dry = line + np.stack([np.zeros(n), u * (0.03 + 0.012 * np.sin(t * 14))], 1)
    c.graded(
        np.vstack([dry, [(w * 1.02, stage.height + 9.0), (-w * 0.02, stage.height + 9.0)]]), mix(top, low, 0.3), top
    )
    foam_line(stage, "mid", line, u * 0.012)
    foam_line(stage, "mid", line - np.array((0, u * 0.03)), u * 0.007, 0.5)
    dabs(c, rng, shore_heights(stage, dry), mix(shade_of(low), low, 0.4), 26, u * 0.04, depth=u * 0.2, alpha=0.2)
    carry(stage, "mid", stage.feet - u * 0.06, u * 0.03)
    _beach_things(stage, plan, goal, side)
    stage.offer("shore", w * stage.hero_x, stage.feet - u * 0.05)
    stage.afloat = y + u * 0.07
    waves(stage, 0.5, y, y + u * 0.13)
    front(stage, "reeds" if plan == 1 else "none")


def shore_heights(stage: Stage, line: Curve) -> Curve:
    """A line of points as a height for every column."""
    return np.interp(np.arange(stage.width), line[:, 0], line[:, 1])


def _beach_things(stage: Stage, plan: int, goal: float, side: int) -> None:
    u, rng, w = stage.unit, stage.rng, stage.width
    for _ in range(8):
        x, y = rng.uniform(0, w), stage.feet + u * rng.uniform(-0.05, 0.0)
        tone = rng.choice(((246, 150, 120), (250, 222, 190), (236, 190, 160)))
        stage["subject"].soft(curves.star(x, y, u * 0.011, 0.5, 5), tone)
    if plan == 2:
        rocks(stage, np.full(w, stage.feet - u * 0.09), 7, (146, 138, 142))
        _stacks(stage, goal, stage.horizon + u * 0.08)
    elif plan == 1:
        _hut(stage, goal, stage.feet - u * 0.1)
    if not snow_lies(stage):
        for k in range(3 if plan == 1 else 1):
            px = (0.5 + side * (0.4 + 0.05 * k)) * w
            plant(stage, "mid", "palm", px / w, stage.feet - u * (0.09 - 0.03 * k), u * rng.uniform(0.42, 0.62))
    if plan == 0:
        _parasol(stage, (0.5 - 0.36 * side) * w, stage.feet - u * 0.05)


def _parasol(stage: Stage, x: float, y: float) -> None:
    c, u = stage["subject"], stage.unit
    c.glow(x + u * 0.06, y, u * 0.16, (90, 70, 60), 0.35, squash=0.16)
    c.stroke([(x, y), (x + u * 0.03, y - u * 0.26)], max(1.5, u * 0.008), (246, 240, 226), smooth=False)
    for k in range(6):
        a, b = -0.15 + 0.05 * k, -0.15 + 0.05 * (k + 1)
        tone = ((226, 92, 84), (255, 248, 234))[k % 2]
        c.fill(
            [(x + u * 0.035, y - u * 0.31), (x + u * (a + 0.03), y - u * 0.2), (x + u * (b + 0.03), y - u * 0.2)], tone
        )
    c.soft(
        [(x + u * 0.05, y), (x + u * 0.2, y), (x + u * 0.22, y - u * 0.015), (x + u * 0.07, y - u * 0.015)],
        (96, 160, 190),
        line=False,
    )


def _hut(stage: Stage, x: float, y: float) -> None:
    c, u = stage["mid"], stage.unit
    for dx in (-0.12, 0.12):
        c.fill(curves.box(x + dx * u - u * 0.008, y - u * 0.2, x + dx * u + u * 0.008, y), (150, 110, 80))
    c.graded(curves.box(x - u * 0.12, y - u * 0.1, x + u * 0.12, y - u * 0.004), (216, 176, 124), (186, 142, 100))
    straw = WHITE if snow_lies(stage) else (222, 184, 112)
    c.soft(
        [
            (x - u * 0.19, y - u * 0.17),
            (x - u * 0.05, y - u * 0.31),
            (x + u * 0.05, y - u * 0.31),
            (x + u * 0.19, y - u * 0.17),
        ],
        straw,
        line=False,
    )
    for k in range(9):
        px = x + u * (0.04 * k - 0.16)
        c.stroke(
            [(x + (px - x) * 0.3, y - u * 0.3), (px, y - u * 0.165)], max(1.0, u * 0.003), shade_of(straw), smooth=False
        )


def sea(stage: Stage) -> None:
    """Open water: rolling swell, rocks and a far light, or a jetty; somebody on foot stands on wood or rock."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage)
    storm = stage.scene.weather == "storm"
    water(stage, "far", y, waves=True)
    isles(stage, 1 if storm else 2)
    stage.haze.update(far=0.08, mid=0.03)
    stage.afloat = y + u * 0.15
    tone = water_tone(stage)
    if plan == 1:
        _stacks(stage, goal, y + u * 0.11)
        if "lighthouse" not in stage.scene.buildings:
            put_building(
                stage,
                "far",
                "lighthouse",
                (goal - u * 0.4) / w if goal > w / 2 else (goal + u * 0.4) / w,
                y + u * 0.004,
                u * 0.2,
            )
    for k, dy in enumerate((0.13, 0.19)):
        swell(stage, "mid", y + u * dy, u * (0.034 if storm else 0.012) * (1 + k), mix(tone, shade_of(tone), 0.3 * k))
    on_foot = bool(stage.scene.beings) and not stage.scene.vehicles
    if on_foot and plan != 1:
        _jetty(stage)
    elif on_foot:
        _headland(stage)
    else:
        swell(stage, "subject", stage.feet - u * 0.02, u * (0.03 if storm else 0.014), shade_of(tone))
    waves(stage, 0.9 if storm else 0.7, y, stage.height * 0.9)
    front(stage, "none")


def _headland(stage: Stage) -> None:
    u, c = stage.unit, stage["subject"]
    top, low = ground("stone")
    y = min(stage.feet - u * 0.06, stage.height * 0.92)
    heights = np.minimum(skyline(stage, y, u * 0.02, 3, octaves=3), stage.height * 0.94)
    land(c, heights, light_of(top), shade_of(low), u * 0.3)
    for x in np.linspace(0, stage.width, 14):
        k = int(min(x, stage.width - 1))
        c.fill(curves.oval(x, float(heights[k]) + u * 0.004, u * 0.06, u * 0.008, 0, 14), WHITE, 0.6)
    rocks(stage, heights, 8, (140, 136, 142))


def _jetty(stage: Stage) -> None:
    """A landing stage of planks that runs out to sea, the figures on its near end."""
    c, u, w, h = stage["subject"], stage.unit, stage.width, stage.height
    x, vx = stage.hero_x * w, w * 0.5 + (stage.hero_x - 0.5) * w * 0.4
    y0, y1 = stage.feet - u * 0.12, h + 9.0
    wood: RGB = (176, 136, 104) if not snow_lies(stage) else (232, 238, 246)
    top, low = min(y0, h * 0.86), max(y1, h)
    t = (stage.feet - stage.horizon) / max(1.0, stage.feet - stage.horizon)
    half0, half1 = u * 0.24, u * 0.95 * t
    c.fill(curves.box(-9, h * 0.985, w + 9, h + 9), shade_of(shade_of(water_tone(stage))))
    tone = water_tone(stage)
    land(c, np.full(w, min(stage.feet + u * 0.02, h * 0.95)), shade_of(tone), shade_of(shade_of(tone)), u * 0.2)
    a, b = vx + (x - vx) * 0.8, x
    c.graded(
        [(a - half0, top), (a + half0, top), (b + half1, low), (b - half1, low)],
        light_of(wood),
        mix(wood, shade_of(wood), 0.5),
    )
    n = 13
    for k in range(1, n):
        s = (k / n) ** 1.5
        y = top + (low - top) * s
        cx, half = a + (b - a) * s, half0 + (half1 - half0) * s
        c.stroke([(cx - half, y), (cx + half, y)], max(1.0, u * 0.003), mix(shade_of(wood), wood, 0.3), smooth=False)
    for s in (-1, 1):
        for q, size in ((0.0, 0.7), (0.4, 1.0)):
            cx = a + (b - a) * q + s * (half0 + (half1 - half0) * q)
            y, r = top + (low - top) * q, u * 0.02 * size
            c.graded(curves.box(cx - r, y - r * 4.5, cx + r, y + r), light_of(wood), shade_of(shade_of(wood)))
            c.fill(curves.oval(cx, y - r * 4.5, r, r * 0.35), light_of(light_of(wood)))


def harbour(stage: Stage) -> None:
    """A harbour: boats at the quay, a lighthouse on the mole, or fishermen's houses around the water."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    stage.haze.update(far=0.1, mid=0.03)
    mountains(stage, 0.14, peaks=False)
    if plan == 2:
        for k in range(7):
            put_building(
                stage,
                "far",
                "house",
                (goal + side * u * (0.11 * k - 0.3)) / w,
                y + u * 0.03,
                u * rng.uniform(0.16, 0.24),
            )
    water(stage, "mid", y + u * 0.02, waves=True)
    if plan == 2:
        mirror(stage, "mid", y + u * 0.02, u * 0.12, 0.35)
    stone: RGB = (176, 168, 164)
    if "lighthouse" not in stage.scene.buildings:
        mole = [
            (goal - u * 0.36, y + u * 0.075),
            (goal - u * 0.3, y + u * 0.04),
            (goal + side * u * 0.6, y + u * 0.035),
            (goal + side * u * 0.6, y + u * 0.075),
        ]
        stage["mid"].graded(np.array(mole), light_of(stone), shade_of(stone))
        put_building(stage, "mid", "lighthouse", (goal - u * 0.16) / w, y + u * 0.045, u * (0.4 if plan == 1 else 0.26))
    for k in range(4):
        _moored(
            stage,
            (0.12 + 0.26 * k + rng.uniform(-0.05, 0.05)) * w,
            y + u * (0.1 + 0.022 * (k % 3)),
            u * rng.uniform(0.1, 0.15),
        )
    edge = _quay(stage, side)
    stage.afloat = y + u * 0.1
    waves(stage, 0.4, y, edge, 0.5)
    front(stage, "none")


def _quay(stage: Stage, side: int) -> float:
    """The paved edge that the figures stand on, with bollards and barrels. Returns its y."""
    c, u, w = stage["mid"], stage.unit, stage.width
    edge = stage.feet - u * 0.07
    tone: RGB = (238, 244, 250) if snow_lies(stage) else (206, 196, 186)
    land(c, np.full(w, edge), light_of(tone), shade_of(tone), u * 0.3)
    c.fill(curves.box(-9, edge, w + 9, edge + u * 0.012), light_of(light_of(tone)))
    for k in range(8):
        x = (k + 0.5 * (k % 2)) / 7 * w
        c.stroke(
            [(x, edge + u * 0.012), (w / 2 + (x - w / 2) * 1.5, stage.height + 9.0)],
            max(1.0, u * 0.002),
            mix(tone, shade_of(tone), 0.6),
            smooth=False,
        )
    carry(stage, "mid", stage.feet - u * 0.05, u * 0.02)
    for x in (0.16, 0.5, 0.84):
        px = x * w
        c.soft(
            curves.box(px - u * 0.018, edge - u * 0.035, px + u * 0.018, edge + u * 0.012, u * 0.006),
            (84, 84, 100),
            line=False,
        )
        c.fill(curves.oval(px, edge - u * 0.035, u * 0.024, u * 0.009), (110, 110, 126))
    for k in range(3):
        set_thing(
            stage,
            "subject",
            "barrel" if k != 1 else "basket",
            (0.5 + side * 0.4) * w - side * u * 0.09 * k,
            stage.feet - u * 0.035 + u * 0.006 * k,
            1.0,
        )
    return edge


def _moored(stage: Stage, x: float, y: float, half: float) -> None:
    c, rng = stage["mid"], stage.rng
    tone = rng.choice(((206, 92, 80), (84, 136, 170), (236, 190, 96), (110, 160, 120)))
    c.fill(curves.oval(x, y + half * 0.05, half * 1.05, half * 0.13), (40, 70, 96), 0.4)
    c.stroke([(x, y), (x + half * 0.03, y - half * 1.7)], max(1.0, half * 0.05), (130, 94, 72), smooth=False)
    if rng.random() < 0.5:
        c.fill(
            [(x + half * 0.08, y - half * 0.4), (x + half * 0.8, y - half * 0.42), (x + half * 0.06, y - half * 1.6)],
            (252, 244, 226),
        )
    c.soft(
        curves.smooth(
            [
                (x - half, y - half * 0.32),
                (x, y - half * 0.18),
                (x + half, y - half * 0.36),
                (x + half * 0.7, y + half * 0.06),
                (x - half * 0.7, y + half * 0.06),
            ],
            steps=4,
        ),
        tone,
        line=False,
    )
    c.stroke(
        [(x - half * 0.94, y - half * 0.28), (x, y - half * 0.13), (x + half * 0.95, y - half * 0.31)],
        max(1.0, half * 0.05),
        (255, 246, 226),
    )
    c.soft(curves.box(x - half * 0.4, y - half * 0.55, x - half * 0.06, y - half * 0.2), (250, 240, 220), line=False)


def island(stage: Stage) -> None:
    """An island in a bright sea: palms and a lagoon, a hill with a hut, or a rock arch; sand under the feet."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage)
    water(stage, "far", y, waves=True)
    stage.haze.update(far=0.08, mid=0.03)
    isles(stage, 2)
    half, base, c = u * 0.46, y + u * 0.085, stage["mid"]
    high = u * (0.09, 0.2, 0.12)[plan]
    c.fill(curves.oval(goal, base + u * 0.004, half * 1.12, u * 0.024), WHITE, 0.7)
    c.fill(curves.oval(goal, base, half * 1.06, u * 0.02), (240, 216, 160))
    hill = [
        (goal - half * 0.86, base),
        (goal - half * 0.4, base - high * 0.7),
        (goal + half * 0.05, base - high),
        (goal + half * 0.5, base - high * 0.55),
        (goal + half * 0.86, base),
    ]
    c.graded(curves.smooth(hill, steps=5), (152, 196, 112), (104, 158, 96))
    c.fill(
        curves.smooth(
            [
                (goal + half * 0.05, base - high),
                (goal + half * 0.5, base - high * 0.55),
                (goal + half * 0.86, base),
                (goal + half * 0.1, base),
            ],
            steps=4,
        ),
        (84, 132, 96),
        0.5,
    )
    if plan == 2:
        _stacks(stage, goal - half, base + u * 0.01)
    elif plan == 1 and not stage.scene.buildings:
        put_building(stage, "mid", "house", (goal - half * 0.1) / w, base - high * 0.8, u * 0.13)
    for dx, size in ((-0.5, 0.22), (-0.25, 0.34), (0.1, 0.28), (0.4, 0.2), (0.55, 0.3)):
        if plan != 1 or abs(dx) > 0.2:
            plant(stage, "mid", "palm", (goal + dx * half) / w, base - high * max(0.0, 0.7 - abs(dx)), u * size)
    stage.afloat = y + u * 0.13
    kind = "winter" if snow_lies(stage) else "sand"
    top, low = ground(kind)
    t = np.linspace(-0.02, 1.02, 40)
    line = np.stack([t * w, np.minimum(stage.feet - u * 0.08 + u * 0.012 * np.sin(t * 8 + 1), stage.height * 0.9)], 1)
    c.graded(
        np.vstack([line, [(w * 1.02, stage.height + 9.0), (-w * 0.02, stage.height + 9.0)]]),
        light_of(top),
        mix(top, low, 0.4),
    )
    foam_line(stage, "mid", line, u * 0.012)
    carry(stage, "mid", stage.feet - u * 0.05, u * 0.02)
    _beach_things(stage, 3, goal, 1 if goal > w / 2 else -1)
    waves(stage, 0.5, y, stage.feet - u * 0.08)
    front(stage, "leaves" if not snow_lies(stage) else "none")
