"""Places of few houses: village, market, playground, station."""

from __future__ import annotations

from functools import partial

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.avenue import AWNINGS
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.extras import put_building
from app.services.engines.builtin.picture.nature import other
from app.services.engines.builtin.picture.ranges import mountains
from app.services.engines.builtin.picture.rooms import brings
from app.services.engines.builtin.picture.scenery import field, front, grove, hills, near_ground, stand
from app.services.engines.builtin.picture.stage import Stage, sprite_of
from app.services.engines.builtin.picture.streets import square, towers
from app.services.engines.builtin.picture.terrain import (
    lane,
    mist,
    path,
    scale_at,
    season_ground,
    snow_lies,
)
from app.services.engines.builtin.picture.things import THINGS

FRUIT: tuple[RGB, ...] = (
    (226, 84, 74),
    (246, 180, 70),
    (132, 176, 88),
    (240, 140, 70),
    (170, 110, 170),
    (250, 220, 120),
)


def set_thing(stage: Stage, layer: str, name: str, x: float, y: float, size: float = 1.0) -> None:
    """One of the things at (x, y) pixels with its shadow, ``size`` times its usual height."""
    draw, height = THINGS[name]
    px = stage.unit * height * size
    sprite = sprite_of(px, lambda c: draw(c, stage.rng), wide=1.2, line=0.01)
    stage[layer].glow(x, y, px * 0.7, (40, 44, 56), 0.3, squash=0.16)
    stage[layer].paste(sprite, x, y, scale=min(1.0, px / 24))


def village(stage: Stage) -> None:
    """Houses large and small: along a lane with a well, up a hillside, or around a green with a great tree."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    brings(stage, "well")
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    mountains(stage, 0.24, peaks=False)
    grove(stage, "far", 9, 0.1, ("oak", "pine", "bush"), heights=np.full(w, y + u * 0.01))
    put_building(
        stage,
        "far",
        "church" if rng.random() < 0.6 else "windmill",
        (goal + side * u * 0.1) / w,
        y + u * 0.015,
        u * 0.24,
    )
    hills(stage, kind, 0.1 if plan != 1 else 0.2)
    field(stage, kind, 0.05)
    if plan != 2:
        way = lane(stage, y + u * 0.05, stage.height + 9.0, goal - side * u * 0.12, w * stage.hero_x, u * 0.5, u * 0.28)
        path(stage, "mid", *way, "winter" if kind == "winter" else "earth")
    near_ground(stage, kind, 0.8)
    spots = [(rng.uniform(0.02, 0.98), rng.uniform(0.02, 0.05)) for _ in range(4)]
    if plan == 1:
        spots += [(goal / w + side * dx, dy) for dx, dy in ((-0.1, -0.06), (0.02, -0.09), (0.12, -0.03), (-0.02, 0.0))]
    spots += [(goal / w + side * dx, dy) for dx, dy in ((-0.15, 0.08), (0.02, 0.1), (0.19, 0.15))]
    spots += [(0.5 - 0.42 * side, 0.11)]
    for x, dy in sorted(spots, key=lambda s: s[1]):
        near = max(0.3, scale_at(stage, y + u * max(dy, 0.03)))
        if abs(x - stage.hero_x) > 0.09 or dy < 0.06:
            put_building(stage, "mid", "house", x, y + u * dy, u * (0.1 + 0.34 * near) * rng.uniform(0.85, 1.12))
        if rng.random() < 0.5:
            stand(stage, "mid", "bush", (x + 0.06 * side) * w, y + u * (dy + 0.01), u * (0.04 + 0.06 * near))
    if plan == 2:
        stand(
            stage,
            "mid",
            "oak" if stage.scene.season != "winter" else "bare",
            goal - side * u * 0.02,
            y + u * 0.17,
            u * 0.5,
        )
    else:
        grove(stage, "mid", 4, 0.16, ("oak", "birch"), heights=np.full(w, y + u * 0.04))
    _well(stage, goal - side * u * 0.3)
    _washing(stage, 0.5 - 0.36 * side, y + u * 0.15) if plan != 1 and not stage.scene.weather else None
    fence(stage)
    front(stage, "leaves")


def _well(stage: Stage, x: float) -> None:
    """The well, at ``x`` pixels or where it is no hat on somebody's head."""
    w, u = stage.width, stage.unit
    taken = [w * stage.hero_x, *(spot.x for spot in stage.spots if spot.kind == "path")]

    def room(place: float) -> float:
        return min(abs(place - one) for one in taken)

    places = [x, *(w * k for k in (0.12, 0.88, 0.2, 0.8))]
    best = next((place for place in places if room(place) > u * 0.22 and 0 < place < w), max(places[1:], key=room))
    set_thing(stage, "mid", "well", best, stage.horizon + u * 0.185, 0.72)


def _washing(stage: Stage, x: float, y: float) -> None:
    """A line with clothes between two poles."""
    c, u, rng = stage["mid"], stage.unit, stage.rng
    a, b = x * stage.width - u * 0.16, x * stage.width + u * 0.16
    for px in (a, b):
        c.fill(curves.box(px - u * 0.005, y - u * 0.15, px + u * 0.005, y), (150, 112, 84))
    t = np.linspace(0, 1, 14)
    line = np.stack([a + (b - a) * t, y - u * 0.145 + u * 0.02 * np.sin(t * np.pi)], 1)
    c.stroke(line, max(1.0, u * 0.002), (120, 100, 96))
    for k in range(1, 13, 3):
        px, py = line[k]
        tone, h = rng.choice((*AWNINGS, (250, 246, 240))), u * rng.uniform(0.05, 0.07)
        c.soft(
            curves.smooth(
                [
                    (px - u * 0.026, py),
                    (px + u * 0.026, py),
                    (px + u * 0.03, py + h),
                    (px, py + h * 0.92),
                    (px - u * 0.024, py + h),
                ],
                steps=3,
            ),
            tone,
            light=0.4,
        )


def fence(stage: Stage) -> None:
    """A low fence at the side away from the hero, before the ground of the figures."""
    c, u, w = stage["subject"], stage.unit, stage.width
    wood: RGB = (216, 186, 150)
    x0, x1 = (-0.02, 0.2) if stage.hero_x > 0.5 else (0.8, 1.02)
    y = min(stage.feet - u * 0.035, stage.height * 0.97)
    for dy in (0.018, 0.045):
        c.fill(curves.box(x0 * w, y - u * (dy + 0.008), x1 * w, y - u * dy), shade_of(wood))
    for x in np.arange(x0 * w, x1 * w, u * 0.034):
        pale = [
            (x, y),
            (x, y - u * 0.062),
            (x + u * 0.008, y - u * 0.073),
            (x + u * 0.016, y - u * 0.062),
            (x + u * 0.016, y),
        ]
        c.fill(pale, wood)
        c.fill(
            [(x + u * 0.01, y), (x + u * 0.01, y - u * 0.07), (x + u * 0.016, y - u * 0.062), (x + u * 0.016, y)],
            shade_of(wood),
            0.6,
        )
        if snow_lies(stage):
            c.dot(x + u * 0.008, y - u * 0.07, u * 0.011, WHITE)


def _stall(c: Canvas, stage: Stage, roof: RGB, wares: int) -> None:
    """A stall in units of its height: posts, a striped roof, goods in heaps or boxes, a lamp."""
    rng = stage.rng
    for s in (-1, 1):
        c.fill(curves.box(s * 0.56 - 0.02, 0.0, s * 0.56 + 0.02, 0.8), (150, 106, 76))
    c.fill(curves.box(-0.56, 0.36, 0.56, 0.7), (110, 84, 84), 0.5)
    c.soft(curves.box(-0.62, 0.0, 0.62, 0.36), (206, 156, 104))
    for k in range(6):
        c.stroke([(-0.5 + 0.2 * k, 0.02), (-0.5 + 0.2 * k, 0.33)], 0.012, (170, 120, 82), smooth=False)
    for k in range(3):
        x, tone = -0.4 + 0.4 * k, FRUIT[(wares + k * 2) % 6]
        if (wares + k) % 3 == 2:
            c.soft(curves.box(x - 0.15, 0.36, x + 0.15, 0.52), mix(tone, WHITE, 0.2))
            c.soft(curves.box(x - 0.1, 0.52, x + 0.12, 0.62), FRUIT[(wares + k + 1) % 6])
            continue
        c.soft([(x - 0.18, 0.42), (x + 0.18, 0.42), (x + 0.15, 0.33), (x - 0.15, 0.33)], (190, 140, 92))
        for r in range(3):
            for j in range(4 - r):
                c.soft(curves.oval(x - 0.045 * (3 - r) + 0.09 * j, 0.44 + 0.06 * r, 0.05, 0.05), tone, line=False)
    n = 8
    for k in range(n):
        a, b = -0.72 + 1.44 * k / n, -0.72 + 1.44 * (k + 1) / n
        colour = roof if k % 2 == 0 else (252, 246, 234)
        if snow_lies(stage):
            colour = mix(colour, WHITE, 0.6)
        c.fill([(a * 0.86, 1.0), (b * 0.86, 1.0), (b, 0.78), ((a + b) / 2, 0.73), (a, 0.78)], colour)
    c.fill(curves.box(-0.72, 0.78, 0.72, 0.8), shade_of(roof), 0.4)
    c.soft(curves.oval(0.0 if rng.random() < 0.5 else 0.4, 0.66, 0.045, 0.05), (255, 216, 130), line=False)


def market(stage: Stage) -> None:
    """A market: an aisle between stalls, stalls around a fountain, or a lantern fair before a gate."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage, 0.2)
    stage.haze.update(far=0.3, mid=0.03)
    mountains(stage, 0.16, peaks=False)
    count = max(4, round(6 * w / (u * 1.7)))
    for k in range(count):
        put_building(
            stage, "far", "house", (k + rng.uniform(0.2, 0.8)) / count, y + u * 0.05, u * rng.uniform(0.22, 0.34)
        )
    mist(stage, "far", y + u * 0.02, u * 0.1, 0.25)
    square(stage, (214, 194, 170))
    if plan == 2:
        _gate(stage, goal, y + u * 0.09)
    elif plan == 1:
        _fountain(stage, goal, y + u * 0.15)
    stalls = [partial(_stall, stage=stage, roof=roof, wares=rng.randrange(6)) for roof in AWNINGS]
    stock = [sprite_of(u * 0.3, stall, wide=0.85, line=0.008) for stall in stalls]
    spots = [(x, d) for d in (0.085, 0.115, 0.155) for x in (0.02, 0.2, 0.38, 0.62, 0.8, 0.98)]
    for x, d in spots:
        px = (0.5 + (x - 0.5) * (0.8 + 2.2 * d)) * w + rng.uniform(-0.02, 0.02) * w
        blocked = plan != 0 and abs(px - goal) < u * 0.2 + u * d * 0.5
        if abs(px / w - stage.hero_x) < 0.1 + 0.2 * d or blocked or (not stage.wide and rng.random() < 0.45):
            continue
        scale = 0.45 + 3.4 * d
        stage["mid"].glow(px, y + u * d, u * 0.24 * scale, (50, 44, 60), 0.4, squash=0.14)
        stage["mid"].paste(rng.choice(stock), px, y + u * d, scale=scale)
        if stage.palette.dark > 0.2:
            stage.lamp("mid", px, y + u * (d - 0.19 * scale), u * 0.16 * scale, strength=0.55, core=u * 0.01 * scale)
            stage.lamp("mid", px, y + u * (d - 0.1 * scale), u * 0.13 * scale, strength=0.35)
    garlands(stage, y - u * (0.1 if stage.wide else 0.16))
    for x in (0.06, 0.94):
        if abs(x - stage.hero_x) > 0.2:
            set_thing(stage, "subject", rng.choice(("basket", "barrel")), x * w, stage.feet - u * 0.02, 1.0)
    front(stage, "none")


def garlands(stage: Stage, y: float, tones: tuple[RGB, ...] = ((226, 76, 66), (246, 176, 74), (232, 110, 90))) -> None:
    """Two ropes of lanterns across the view."""
    c, u, w = stage["mid"], stage.unit, stage.width
    for row, (dy, size) in enumerate(((0.0, 0.7), (-0.09, 1.0))):
        x = np.linspace(-9, w + 9, 50)
        line = y + u * dy + u * 0.055 * np.abs(np.sin(x / u * 2.1 + row * 1.3))
        c.stroke(np.stack([x, line], 1), max(1.2, u * 0.003), (120, 86, 76))
        for k in range(2, 48, 4):
            px, py, r = float(x[k]), float(line[k]) + u * 0.032 * size, u * 0.022 * size
            c.soft(curves.oval(px, py, r, r * 1.1), tones[k // 4 % len(tones)], line=False)
            c.fill(curves.box(px - r * 0.4, py - r * 1.25, px + r * 0.4, py - r), (110, 70, 60))
            c.fill(curves.box(px - 1, py + r * 1.1, px + 1, py + r * 1.9), (250, 206, 92))
            if stage.palette.dark > 0.2:
                stage.lamp("mid", px, py, r * 4, (255, 180, 104), 0.65, core=r * 0.5)


def _gate(stage: Stage, x: float, y: float) -> None:
    c, u = stage["mid"], stage.unit
    red: RGB = (190, 74, 62)
    for dx in (-0.24, -0.1, 0.1, 0.24):
        c.graded(curves.box(x + dx * u - u * 0.014, y - u * 0.26, x + dx * u + u * 0.014, y), light_of(red), red)
    for dy, half in ((0.26, 0.3), (0.37, 0.17)):
        eave = [
            (x - half * u - u * 0.05, y - u * dy - u * 0.03),
            (x - half * u, y - u * dy),
            (x + half * u, y - u * dy),
            (x + half * u + u * 0.05, y - u * dy - u * 0.03),
            (x + half * u * 0.85, y - u * (dy + 0.075)),
            (x - half * u * 0.85, y - u * (dy + 0.075)),
        ]
        c.soft(eave, WHITE if snow_lies(stage) else (70, 104, 112), line=False)
        c.fill(curves.box(x - half * u, y - u * dy, x + half * u, y - u * dy + u * 0.025), (60, 120, 120))
    c.soft(curves.box(x - u * 0.08, y - u * 0.36, x + u * 0.08, y - u * 0.285), (60, 66, 110), line=False)
    for k in range(3):
        c.fill(curves.star(x + (k - 1) * u * 0.045, y - u * 0.322, u * 0.014, 0.5, 4), (250, 214, 110))


def _fountain(stage: Stage, x: float, y: float) -> None:
    c, u = stage["mid"], stage.unit
    stone: RGB = (206, 200, 198)
    c.fill(curves.oval(x, y + u * 0.01, u * 0.24, u * 0.04), (70, 66, 84), 0.3)
    c.soft(curves.box(x - u * 0.2, y - u * 0.05, x + u * 0.2, y, u * 0.02), stone, line=False)
    c.soft(curves.oval(x, y - u * 0.05, u * 0.2, u * 0.03), light_of(stone), line=False)
    c.fill(curves.oval(x, y - u * 0.05, u * 0.175, u * 0.023), (120, 180, 206))
    c.soft(curves.box(x - u * 0.018, y - u * 0.17, x + u * 0.018, y - u * 0.05), stone, line=False)
    c.soft(curves.oval(x, y - u * 0.17, u * 0.09, u * 0.018), light_of(stone), line=False)
    for s in (-1, 1):
        for k, reach in enumerate((0.06, 0.12)):
            jet = [
                (x, y - u * 0.24),
                (x + s * u * reach * 0.6, y - u * (0.25 - 0.02 * k)),
                (x + s * u * reach, y - u * 0.06),
            ]
            c.stroke(jet, max(1.0, u * 0.005), (224, 242, 250))


def playground(stage: Stage) -> None:
    """Swings and a slide on the grass between trees and houses; a sandpit, a kiosk, or a merry-go-round."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    brings(stage, "swing", "slide")
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    stage.haze["far"] = 0.4
    towers(stage, "far", y + u * 0.03, (0.06, 0.2), (176, 170, 186), 0.3)
    grove(stage, "far", 9, 0.18, ("oak", "birch", "bush"), heights=np.full(w, y + u * 0.03))
    field(stage, kind, 0.035)
    c, sand = stage["mid"], (236, 214, 170) if not snow_lies(stage) else (232, 240, 250)
    c.graded(curves.blob(rng, goal - side * u * 0.06, y + u * 0.16, u * 0.62, u * 0.08, 0.08), light_of(sand), sand)
    near_ground(stage, kind, 0.7)
    stand(
        stage,
        "mid",
        "oak" if stage.scene.season != "winter" else "bare",
        (0.5 - 0.42 * side) * w,
        y + u * 0.13,
        u * 0.46,
    )
    set_thing(stage, "mid", "swing", goal - side * u * 0.22, y + u * 0.13, 0.9)
    set_thing(stage, "mid", "slide", goal + side * u * 0.16, y + u * 0.18, 1.0)
    if plan == 0:
        for k, name in enumerate(("ball", "blocks")):
            set_thing(stage, "mid", name, goal - side * u * (0.05 + 0.12 * k), y + u * 0.19, 0.8)
    elif plan == 1:
        set_thing(stage, "mid", "bench", (0.5 - 0.3 * side) * w, y + u * 0.15, 1.0)
    else:
        _roundabout(stage, (0.5 - 0.28 * side) * w, y + u * 0.12)
    fence(stage)
    front(stage, "leaves")


def _roundabout(stage: Stage, x: float, y: float) -> None:
    c, u = stage["mid"], stage.unit
    for k in range(5):
        px = x + u * (0.05 * k - 0.1)
        c.fill(curves.box(px - 1.5, y - u * 0.16, px + 1.5, y - u * 0.01), (206, 180, 130))
    c.soft(curves.oval(x, y, u * 0.14, u * 0.025), (90, 150, 190), line=False)
    n = 8
    for k in range(n):
        a, b = -0.15 + 0.3 * k / n, -0.15 + 0.3 * (k + 1) / n
        c.fill(
            [(x, y - u * 0.26), (x + a * u, y - u * 0.155), (x + b * u, y - u * 0.155)],
            AWNINGS[0] if k % 2 else (252, 246, 234),
        )
    c.dot(x, y - u * 0.265, u * 0.012, (250, 206, 92))
