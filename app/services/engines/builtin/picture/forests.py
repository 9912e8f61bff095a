"""Woods: trunks near and far, leaves that close the view above, beams of light, and something to find in them."""

from __future__ import annotations

from functools import partial
from random import Random

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.plants import leaves
from app.services.engines.builtin.picture.scenery import bough, field, front, grove, near_ground, plant, rocks
from app.services.engines.builtin.picture.stage import Stage, land, skyline, sprite_of
from app.services.engines.builtin.picture.terrain import (
    lane,
    mist,
    path,
    season_ground,
    shafts,
    snow_lies,
)
from app.services.engines.builtin.picture.waters import paint_stream, stream

BARK: RGB = (116, 88, 74)


def trunk(stage: Stage, layer: str, x: float, foot: float, width: float, tone: RGB, top: float = -20.0) -> None:
    """A stem from its spreading roots to ``top``, lit on the light's side, with bark and a branch or two."""
    c, rng = stage[layer], stage.rng
    lean, h = width * rng.uniform(-0.5, 0.5), foot - top
    d = 1.0 if stage.light[0] > x else -1.0
    left = [(x - width * 0.95, foot), (x - width * 0.56, foot - width * 0.6), (x - width * 0.44, foot - h * 0.3)]
    right = [(x + width * 0.44, foot - h * 0.3), (x + width * 0.56, foot - width * 0.6), (x + width * 1.0, foot)]
    crown = [(x + lean - width * 0.36, top), (x + lean + width * 0.36, top)]
    root = [(x + width * 0.4, foot + width * 0.06), (x - width * 0.3, foot + width * 0.1)]
    outline = curves.smooth([*left, *crown, *right, *root], steps=4)
    c.soft(outline, tone, line=False, dark=shade_of(shade_of(tone)))
    dark = [
        (x - d * width * 0.1, foot),
        (x - d * width * 0.05 + lean * 0.5, foot - h * 0.5),
        (x - d * width * 0.08 + lean, top),
        (x - d * width * 0.38 + lean, top),
        (x - d * width * 0.46, foot - h * 0.3),
        (x - d * width * 0.9, foot),
    ]
    c.fill(dark, shade_of(shade_of(tone)), 0.45)
    edge = [(x + d * width * 0.46, foot - h * 0.25), (x + d * width * 0.4 + lean * 0.5, foot - h * 0.6)]
    c.stroke([*edge, (x + d * width * 0.33 + lean, top)], max(1.0, width * 0.05), light_of(tone))
    for _ in range(7):
        y = foot - h * rng.uniform(0.04, 0.95)
        px = x + lean * (foot - y) / h + width * rng.uniform(-0.3, 0.3)
        c.stroke(
            [(px, y), (px + width * 0.04, y - width * rng.uniform(0.3, 0.8))], max(1.0, width * 0.04), shade_of(tone)
        )
    if snow_lies(stage):
        c.fill(curves.oval(x - width * 0.5, foot - width * 0.14, width * 0.5, width * 0.12, -14, 14), WHITE)


def canopy(stage: Stage, layer: str, depth: float, tone: RGB, gap: float) -> None:
    """Leaves along the upper edge, thick in the corners, open towards the light around ``gap`` (pixels)."""
    rng, u, w, c = stage.rng, stage.unit, stage.width, stage[layer]
    xs = np.linspace(-10, w + 10, 60)
    open_to = np.clip(np.abs(xs - gap) / (u * 0.75), 0, 1) ** 1.3
    edge = depth * (0.1 + 0.75 * open_to) + u * 0.018 * curves.ridge(rng, 60, 9, 3)
    c.fill(np.vstack([np.stack([xs, edge], 1), [(w + 10, -10), (-10, -10)]]), shade_of(shade_of(tone)))
    stock = []
    for k in range(3):
        colour = mix(shade_of(tone), light_of(tone), 0.35 * k)
        draw = partial(_clump, rng=rng, tone=colour)
        stock.append(sprite_of(u * 0.1, draw, wide=1.3, line=0.0))
    for k in range(round(30 * max(0.5, w / (u * 1.7)))):
        x = rng.uniform(-0.02, 1.02) * w
        low = float(np.interp(x, xs, edge))
        y = low + u * 0.06 - (low + u * 0.04) * rng.random() ** 2
        near = 1 - min(1.0, abs(x - gap) / (u * 0.9))
        c.paste(
            stock[min(2, int(near * 3 * rng.uniform(0.4, 1.2)))], x, y, scale=rng.uniform(0.6, 1.2), flip=k % 2 == 0
        )


def _clump(c: Canvas, rng: Random, tone: RGB) -> None:
    for _ in range(26):
        x, y = rng.gauss(0, 0.45), rng.gauss(0.45, 0.2)
        colour = mix(tone, light_of(tone) if y > 0.5 else shade_of(tone), rng.random() * 0.7)
        c.fill(curves.oval(x, y, rng.uniform(0.1, 0.2), rng.uniform(0.06, 0.11), rng.uniform(-40, 40), 10), colour)


def _fern(c: Canvas, tone: RGB) -> None:
    """A fern or broad tuft in units of its height."""
    for a in (-0.85, -0.5, -0.15, 0.2, 0.55, 0.9):
        tip = (a * 1.1, 0.95 - 0.45 * abs(a))
        c.fill(
            curves.tube([(0, 0), (a * 0.5, 0.72 - 0.1 * abs(a)), tip], [0.05, 0.2, 0.02]),
            mix(tone, light_of(tone), 0.5 * (a + 1) / 2),
        )
        c.stroke([(0, 0), (a * 0.5, 0.7 - 0.1 * abs(a)), tip], 0.02, shade_of(tone))


def undergrowth(stage: Stage, layer: str, y0: float, y1: float, count: int, size: float) -> None:
    """Ferns and low bushes between two heights, larger the nearer."""
    rng, u = stage.rng, stage.unit
    tone = mix(stage.leaf(), (64, 120, 84), 0.3)
    stock = [sprite_of(u * size, partial(_fern, tone=t), wide=1.3) for t in (tone, mix(tone, shade_of(tone), 0.5))]
    for y in sorted(rng.uniform(y0, y1) for _ in range(count)):
        x = rng.uniform(-0.02, 1.02)
        if abs(x - stage.hero_x) > 0.1:
            scale = 0.55 + 0.5 * (y - y0) / max(1.0, y1 - y0)
            stage[layer].paste(
                rng.choice(stock), x * stage.width, y, scale=scale * rng.uniform(0.7, 1.1), flip=rng.random() < 0.5
            )


def log(stage: Stage, layer: str, x: float, y: float, length: float) -> None:
    """A fallen trunk with moss and mushrooms."""
    c, rng, r = stage[layer], stage.rng, length * 0.09
    c.glow(x, y + r * 0.7, length * 0.62, (40, 40, 50), 0.4, squash=0.12)
    c.soft(
        curves.tube([(x - length / 2, y + r * 0.2), (x, y), (x + length / 2, y - r * 0.1)], [r * 2, r * 2.1, r * 1.8]),
        BARK,
        line=False,
    )
    c.fill(curves.oval(x + length / 2, y - r * 0.1, r * 0.6, r * 0.9, 0, 20), (222, 186, 142))
    c.stroke(
        curves.oval(x + length / 2, y - r * 0.1, r * 0.34, r * 0.52, 0, 16),
        max(1.0, r * 0.1),
        (176, 130, 94),
        closed=True,
    )
    cover = WHITE if snow_lies(stage) else (120, 164, 92)
    moss = curves.tube(
        [(x - length * 0.4, y - r * 0.7), (x - length * 0.1, y - r * 0.95), (x + length * 0.2, y - r * 0.85)],
        [r * 0.3, r * 0.6, r * 0.2],
    )
    c.fill(moss, cover, 0.9)
    if not snow_lies(stage):
        for k in range(3):
            plant(
                stage,
                layer,
                "mushroom",
                (x - length * (0.3 - 0.12 * k)) / stage.width,
                y + r * 0.5,
                r * rng.uniform(0.8, 1.3),
            )


def _far_wood(stage: Stage, gap: float, tone: RGB) -> None:
    """Rows of stems that get paler, bushes at their feet, and a glow where the wood is thin."""
    u, rng, p = stage.unit, stage.rng, stage.palette
    glow = mix(p.sky[2], (255, 250, 200), 0.4 * (1 - p.dark))
    veil = mix(mix(p.sky[1], tone, 0.5), p.sky[2], 0.25)
    land(stage["far"], np.full(stage.width, -1.0), mix(veil, shade_of(tone), 0.2), mix(veil, glow, 0.55), stage.horizon)
    stage["far"].glow(gap, stage.horizon - u * 0.1, u * 0.8, glow, 0.95)
    for row, (t, size) in enumerate(((0.3, 0.012), (0.55, 0.022), (0.85, 0.036))):
        c, n = stage["far"], round((17 - 5 * row) * max(0.5, stage.width / (u * 1.7)))
        colour = mix(glow, mix(BARK, tone, 0.45), 0.25 + 0.5 * t)
        for k in range(n):
            x = (k + rng.uniform(0, 1)) / n * stage.width
            if abs(x - gap) < u * (0.06 + 0.05 * row):
                continue
            w, y = u * size * rng.uniform(0.5, 1.6), stage.horizon + u * (0.02 + 0.02 * row)
            lean = rng.uniform(-0.03, 0.03) * u
            stem = [(x - w * 0.8, y), (x - w * 0.4, y - u * 0.1), (x + lean - w * 0.36, -5), (x + lean + w * 0.36, -5)]
            c.fill([*stem, (x + w * 0.4, y - u * 0.1), (x + w * 0.8, y)], colour)
            arm = rng.choice((-1, 1))
            tip = (x + lean * 0.5 + arm * w * 5, stage.horizon - u * rng.uniform(0.3, 0.42))
            c.fill([(x - w * 0.3, tip[1] + w * 5), (x + w * 0.3, tip[1] + w * 6.4), tip], colour)
        heights = skyline(stage, stage.horizon - u * 0.012 * (2 - row), u * 0.03, 6 + 3 * row, octaves=3)
        land(c, heights, mix(glow, tone, 0.35 + 0.4 * t), mix(glow, tone, 0.2 + 0.4 * t), u * 0.1)
        mist(stage, "far", stage.horizon - u * 0.03, u * 0.16, 0.24, glow)
    shine = 0.12 if stage.scene.weather in ("rain", "storm", "fog", "snow", "cloudy") else 0.42
    stage.lamp("far", gap, stage.horizon - u * 0.14, u * 0.6, mix(p.sun, p.sky[2], 0.35), shine)


def _wood(stage: Stage, kinds: tuple[str, ...]) -> tuple[float, str]:
    """Everything behind the feet that all woods share. Returns where the light gap is and the kind of ground."""
    kind, u, rng = season_ground(stage), stage.unit, stage.rng
    gap = stage.width * (0.66 if stage.hero_x < 0.5 else 0.34) + rng.uniform(-0.06, 0.06) * stage.width
    stage.light = (gap, stage.light[1])
    stage.haze["far"] = 0.12
    tone = stage.leaf()
    _far_wood(stage, gap, tone)
    small = np.full(stage.width, stage.horizon + u * 0.03)
    grove(stage, "far", 5, 0.24, (*kinds, "bush"), heights=small)
    field(stage, kind, 0.035)
    if stage.scene.season != "winter":
        canopy(stage, "far", u * 0.26, mix(tone, (90, 130, 100), 0.2), gap)
    return gap, kind


def forest(stage: Stage, kinds: tuple[str, ...] = ("oak", "pine", "birch", "oak")) -> None:
    """A wood: a path to the light, a brook between mossy stones, or the oldest tree of all."""
    u, rng, w = stage.unit, stage.rng, stage.width
    gap, kind = _wood(stage, kinds)
    plan, side, y = rng.randrange(3), (1 if stage.hero_x < 0.5 else -1), stage.horizon
    goal = (0.5 + 0.26 * side) * w
    earth = "winter" if kind == "winter" else "earth"
    if plan == 0:
        way = lane(stage, y + u * 0.035, stage.height + 9.0, gap, (stage.hero_x + side * 0.1) * w, u * 0.42, u * 0.2)
        path(stage, "mid", *way, earth)
    elif plan == 1:
        river = stream(stage, y + u * 0.035, stage.height + 9.0, gap, goal + side * u * 0.4, u * 0.42, u * 0.22)
        paint_stream(stage, "mid", *river, (142, 118, 92))
    heights = near_ground(stage, kind, 0.6)
    grove(stage, "mid", 5, 0.44, kinds, heights=np.full(w, y + u * 0.07), clear=0.45)
    if plan == 2:
        _old_tree(stage, goal, y + u * 0.15)
    tone = mix(BARK, (92, 96, 84), 0.2)
    for x in (0.05, 0.94, 0.17, 0.84)[: 4 if stage.wide else 2]:
        px = (x + rng.uniform(-0.03, 0.03)) * w
        clear = plan == 0 or abs(px - goal) > u * (0.3 if plan == 2 else 0.12)
        if clear and abs(x - stage.hero_x) > 0.14:
            trunk(stage, "mid", px, y + u * rng.uniform(0.09, 0.18), u * rng.uniform(0.04, 0.07), tone)
    if kind != "winter":
        undergrowth(stage, "mid", y + u * 0.06, y + u * 0.17, 12, 0.06)
    beams(stage)
    _finds(stage, heights, kind, plan)
    front(stage, "trunks")
    _frame(stage)


def _old_tree(stage: Stage, x: float, y: float) -> None:
    """A huge tree with a door of darkness in its stem and long arms."""
    u, rng, c = stage.unit, stage.rng, stage["mid"]
    c.fill(curves.oval(x, y + u * 0.006, u * 0.3, u * 0.03), (46, 56, 60), 0.35)
    trunk(stage, "mid", x, y, u * 0.17, BARK)
    for s in (-1, 1):
        arm = [(x + s * u * 0.05, y - u * 0.3), (x + s * u * 0.18, y - u * 0.4), (x + s * u * 0.36, y - u * 0.43)]
        c.soft(curves.tube(arm, [u * 0.07, u * 0.045, u * 0.012]), BARK, line=False)
    hole = curves.smooth(
        [
            (x - u * 0.034, y - u * 0.02),
            (x - u * 0.03, y - u * 0.1),
            (x, y - u * 0.13),
            (x + u * 0.034, y - u * 0.09),
            (x + u * 0.036, y - u * 0.02),
        ]
    )
    c.fill(hole, (64, 46, 52))
    c.fill(curves.oval(x, y - u * 0.045, u * 0.018, u * 0.026), (250, 200, 120), 0.55)
    stage.lamp("mid", x, y - u * 0.05, u * 0.1, (255, 206, 120), 0.35 + 0.4 * stage.palette.dark)
    tone = stage.leaf()
    if stage.scene.season != "winter":
        for dx, dy, r in (
            (-0.34, 0.44, 0.11),
            (0.36, 0.46, 0.11),
            (-0.16, 0.55, 0.15),
            (0.18, 0.57, 0.15),
            (0.0, 0.66, 0.18),
        ):
            leaves(c, rng, x + dx * u, y - dy * u, r * u, r * u * 0.72, tone, 30)


def beams(stage: Stage) -> None:
    """Light from the gap on the ground of a wood, or mist when the sky is dull."""
    scene, u = stage.scene, stage.unit
    if scene.weather in ("rain", "storm", "fog", "cloudy", "snow"):
        mist(stage, "mid", stage.horizon + u * 0.06, u * 0.16, 0.3)
        return
    night = scene.time == "night"
    colour: RGB = (196, 216, 255) if night else (255, 214, 150) if scene.time == "dusk" else (255, 246, 206)
    shafts(stage, "mid", 4, colour, 0.3 if night else 0.36, stage.horizon + u * 0.14)
    if scene.time in ("dawn", "day"):
        stage.effect("rays", 0.35, (255, 244, 206), depth=0.6, box=(0.0, 0.0, 1.0, 0.8))


def _finds(stage: Stage, heights: np.ndarray, kind: str, plan: int) -> None:
    """Mushrooms, ferns, a log, stones on the ground under the feet, and glowing caps by night."""
    u, rng, w = stage.unit, stage.rng, stage.width
    side = 1 if stage.hero_x < 0.5 else -1
    if plan != 1:
        log(
            stage,
            "subject",
            min(max((stage.hero_x + side * 0.42) * w, u * 0.2), w - u * 0.2),
            stage.feet - u * 0.07,
            u * 0.26,
        )
    else:
        rocks(stage, heights, 7, (140, 150, 136))
    if kind == "winter":
        return
    undergrowth(stage, "subject", stage.feet - u * 0.1, stage.feet - u * 0.05, 6, 0.09)
    for _ in range(5):
        x = rng.uniform(0.02, 0.98)
        if abs(x - stage.hero_x) < 0.1:
            continue
        size, y = u * rng.uniform(0.018, 0.036), stage.feet - u * rng.uniform(0.03, 0.08)
        plant(stage, "subject", "mushroom", x, y, size)
        if stage.scene.time == "night":
            stage.lamp("subject", x * w, y - size * 0.6, size * 2.2, (150, 240, 220), 0.5)


def _frame(stage: Stage) -> None:
    """A dark trunk at the edge away from the hero, leaves above it."""
    u, w = min(stage.unit, stage.width * 0.75), stage.width
    tone = mix((84, 62, 60), (46, 54, 66), 0.35)
    x = w * 1.0 if stage.hero_x < 0.5 else 0.0
    trunk(stage, "near", x, stage.height + u * 0.02, u * 0.13, tone)
    if stage.scene.season != "winter":
        bough(stage, stage["near"], 1 if x else -1, mix(shade_of(stage.leaf()), (44, 64, 66), 0.3), 5)


def jungle(stage: Stage) -> None:
    """Palms, hanging vines and leaves as large as umbrellas; a pool, a ruin or a wall of green."""
    u, rng, w = stage.unit, stage.rng, stage.width
    gap, kind = _wood(stage, ("palm", "oak", "palm"))
    plan, side, y = rng.randrange(3), (1 if stage.hero_x < 0.5 else -1), stage.horizon
    goal = (0.5 + 0.26 * side) * w
    if plan == 0:
        river = stream(stage, y + u * 0.03, stage.height + 9.0, gap, goal + side * u * 0.4, u * 0.6, u * 0.26)
        paint_stream(stage, "mid", *river, (130, 120, 80))
    heights = near_ground(stage, kind)
    grove(stage, "mid", 5, 0.56, ("palm", "palm", "oak"), heights=np.full(w, y + u * 0.08), clear=0.3)
    if plan == 1:
        _ruin(stage, goal, y + u * 0.14)
    elif plan == 2:
        trunk(stage, "mid", goal, y + u * 0.16, u * 0.13, mix(BARK, (110, 120, 90), 0.3))
    undergrowth(stage, "mid", y + u * 0.07, y + u * 0.17, 18, 0.1)
    c = stage["mid"]
    for _ in range(9):
        x, drop = rng.uniform(0, w), u * rng.uniform(0.15, 0.42)
        if abs(x / w - stage.hero_x) < 0.12:
            continue
        line = [(x, -5.0), (x + u * rng.uniform(-0.04, 0.04), drop * 0.6), (x + u * rng.uniform(-0.02, 0.02), drop)]
        c.stroke(line, max(1.0, u * 0.006), (86, 128, 76))
        for k in range(5):
            way = (-1) ** k
            leaf = curves.oval(x + u * 0.012 * way, drop * (0.25 + 0.16 * k), u * 0.014, u * 0.007, 30 * way, 12)
            c.fill(leaf, (104, 152, 84))
    beams(stage)
    undergrowth(stage, "subject", stage.feet - u * 0.07, stage.feet - u * 0.04, 6, 0.1)
    if kind != "winter":
        rocks(stage, heights, 4, (140, 150, 130))
    front(stage, "reeds")
    _broad_leaves(stage)


def _ruin(stage: Stage, x: float, y: float) -> None:
    """A stepped temple that the wood has taken back."""
    c, u = stage["mid"], stage.unit
    stone: RGB = (168, 164, 146)
    for k in range(5):
        wide, a = u * (0.32 - 0.055 * k), y - u * 0.07 * k
        c.graded(curves.box(x - wide, a - u * 0.07, x + wide, a), light_of(stone), stone)
        c.fill(curves.box(x + wide * 0.4, a - u * 0.07, x + wide, a), shade_of(stone), 0.5)
        c.fill(curves.box(x - wide, a - u * 0.07, x + wide, a - u * 0.06), (120, 160, 96), 0.8)
    c.fill(curves.box(x - u * 0.04, y - u * 0.32, x + u * 0.04, y), mix(stone, WHITE, 0.2))
    for k in range(9):
        c.fill(
            curves.box(x - u * 0.04, y - u * 0.034 * (k + 1), x + u * 0.04, y - u * 0.034 * (k + 1) + u * 0.008),
            shade_of(stone),
            0.7,
        )
    c.fill(curves.box(x - u * 0.03, y - u * 0.41, x + u * 0.03, y - u * 0.34), (58, 50, 60))


def _broad_leaves(stage: Stage) -> None:
    c, u, rng = stage["near"], stage.unit, stage.rng
    x = float(stage.width) if stage.hero_x < 0.5 else 0.0
    d = -1 if x else 1
    tone = mix(shade_of(stage.leaf()), (36, 70, 64), 0.45)
    for k, (a, b) in enumerate(((0.3, 0.55), (0.24, 0.3), (0.34, 0.12), (0.16, 0.75))):
        tip = (x + d * u * a, stage.height - u * b * rng.uniform(0.6, 0.9))
        base = (x - d * u * 0.04, stage.height * 0.98)
        mid = ((tip[0] + base[0]) / 2 - d * u * 0.02, min(tip[1], base[1]) + abs(tip[1] - base[1]) * 0.3)
        c.fill(curves.tube([base, mid, tip], [u * 0.015, u * 0.11, u * 0.006]), mix(tone, light_of(tone), 0.12 * k))
        c.stroke([base, mid, tip], max(1.0, u * 0.004), light_of(tone))
