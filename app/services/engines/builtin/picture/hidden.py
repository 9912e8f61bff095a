"""The cave: rock all around, and light from outside or from crystals."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.curves import Curve
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.scenery import rocks
from app.services.engines.builtin.picture.sky import wash
from app.services.engines.builtin.picture.stage import Stage, dabs, land, skyline, sprite_of
from app.services.engines.builtin.picture.terrain import carry, shafts
from app.services.engines.builtin.picture.things import crystal

GLOWS: tuple[RGB, ...] = ((120, 220, 255), (200, 160, 255), (120, 250, 210))


def cave(stage: Stage) -> None:
    """Rock all around: daylight from the mouth, a lake under crystals, or a dome with a hole to the sky."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, side = rng.randrange(3), 1 if stage.hero_x < 0.5 else -1
    goal = (0.5 + 0.22 * side) * w
    glow = rng.choice(GLOWS)
    stage.haze.update(far=0.0, mid=0.0)
    deep: RGB = (44, 38, 66) if plan != 1 else mix((30, 34, 66), glow, 0.1)
    wash(
        stage["sky"],
        ((0.0, shade_of(deep)), (0.5, mix(deep, (120, 104, 140), 0.35)), (1.0, deep)),
        rng.randrange(1 << 30),
    )
    stage.light = (goal, y - u * 0.2)
    if plan == 0:
        _mouth(stage, goal)
    elif plan == 2:
        _skylight(stage, goal)
    else:
        stage["sky"].glow(goal, y, u * 0.8, glow, 0.4)
    for depth, layer, t in ((0, "far", 0.62), (1, "far", 0.36), (2, "mid", 0.0)):
        tone = mix((74, 62, 92), mix((150, 136, 162), stage.palette.sky[2], 0.12), t)
        if plan == 1:
            tone = mix(tone, glow, 0.14 * t)
        _arch(stage, layer, depth, tone, goal)
    _cave_floor(stage, plan, goal, glow)
    for k in range(9 if plan == 1 else 5):
        x = goal + rng.choice((-1, 1)) * u * rng.uniform(0.12, 0.6) if plan == 1 else rng.uniform(0.04, 0.96) * w
        if abs(x / w - stage.hero_x) > 0.11:
            h, py = u * rng.uniform(0.06, 0.17), y + u * rng.uniform(0.08, 0.17)
            stage["mid"].paste(sprite_of(h, lambda c: crystal(c, rng), line=0.0), x, py, flip=k % 2 == 0)
            stage.lamp("mid", x, py - h * 0.4, h * 1.9, rng.choice(GLOWS) if plan == 1 else glow, 0.6)
            stage.lamp("mid", x, py + h * 0.1, h * 1.3, glow, 0.25)
    rocks(stage, np.full(w, stage.feet - u * 0.08), 8, (126, 114, 140))
    _cave_frame(stage)


def _mouth(stage: Stage, x: float) -> None:
    """The way out with the hour's sky and a hill in it."""
    c, u, rng, p, y = stage["sky"], stage.unit, stage.rng, stage.palette, stage.horizon
    c.glow(x, y - u * 0.12, u * 0.95, mix(p.sky[2], p.sun, 0.4), 0.75)
    shape = [
        (x - u * 0.2, y + u * 0.06),
        (x - u * 0.23, y - u * 0.12),
        (x - u * 0.12, y - u * 0.31),
        (x + u * 0.05, y - u * 0.35),
        (x + u * 0.2, y - u * 0.22),
        (x + u * 0.24, y - u * 0.02),
        (x + u * 0.19, y + u * 0.06),
    ]
    hole = curves.smooth(
        [(px + u * rng.uniform(-0.02, 0.02), py + u * rng.uniform(-0.02, 0.02)) for px, py in shape], steps=5
    )
    c.graded(hole, mix(p.sky[1], WHITE, 0.15), mix(p.sky[2], WHITE, 0.3))
    with c.inside(hole):
        c.glow(x + u * 0.06, y - u * 0.2, u * 0.2, p.sun, 0.9)
        c.fill(curves.oval(x - u * 0.1, y + u * 0.08, u * 0.26, u * 0.12), mix((110, 160, 120), p.sky[2], 0.4))
        c.fill(curves.oval(x + u * 0.16, y + u * 0.1, u * 0.2, u * 0.12), mix((90, 140, 110), p.sky[2], 0.25))
    light = mix(p.sun, p.sky[2], 0.3)
    for k in range(4):
        a = x + (k - 1.5) * u * 0.1
        end = stage.hero_x * stage.width + (k - 1.5) * u * 0.26
        c.fill(
            [
                (a - u * 0.03, y - u * 0.2),
                (a + u * 0.03, y - u * 0.2),
                (end + u * 0.1, stage.feet),
                (end - u * 0.1, stage.feet),
            ],
            light,
            0.1,
        )


def _skylight(stage: Stage, x: float) -> None:
    c, u, p = stage["sky"], stage.unit, stage.palette
    c.glow(x, 0, u * 0.8, mix(p.sky[2], p.sun, 0.5), 0.8)
    c.fill(curves.oval(x, -u * 0.01, u * 0.2, u * 0.07), mix(p.sky[1], WHITE, 0.3))
    shafts(stage, "sky", 4, mix(p.sun, WHITE, 0.3), 0.42, stage.horizon + u * 0.12)


def _arch(stage: Stage, layer: str, depth: int, tone: RGB, goal: float) -> None:
    """One ring of rock: walls, a ragged ceiling with stones that hang, and stumps that grow from the floor."""
    c, u, rng, w, h = stage[layer], stage.unit, stage.rng, stage.width, stage.height
    open_w, open_h = u * (0.38 + 0.24 * depth), stage.horizon - u * (0.3 + 0.1 * depth)
    t = np.linspace(0, 1, 40)
    rag = curves.ridge(rng, 40, 7, 3) * u * 0.03
    px = goal + (t - 0.5) * 2 * open_w
    py = open_h + (1 - np.sqrt(np.clip(1 - (2 * t - 1) ** 2, 0, 1))) * u * 0.3 + rag
    inner = np.stack([px, py], 1)
    low = stage.horizon + u * (0.05 + 0.03 * depth)
    left, right = float(px[0]), float(px[-1])
    outline = [
        (-30, -30),
        (w + 30, -30),
        (w + 30, h + 30),
        (right + u * 0.05, h + 30),
        (right + u * 0.06, low),
        (right, low - u * 0.1),
    ]
    ring = np.vstack(
        [
            outline,
            inner[::-1],
            [(left, low - u * 0.1), (left - u * 0.06, low), (left - u * 0.05, h + 30), (-30, h + 30)],
        ]
    )
    c.graded(ring, shade_of(tone), tone)
    rim = np.vstack([inner, (inner - np.array((0, u * 0.014)))[::-1]])
    c.fill(rim, light_of(light_of(tone)), 0.35)
    for _ in range(22):
        a, b = rng.uniform(0, w), rng.uniform(0, stage.horizon + u * 0.02)
        if abs(a - goal) > open_w * 1.12 or b < open_h * 0.7:
            r = u * rng.uniform(0.03, 0.09)
            c.fill(
                [(a - r, b), (a - r * 0.2, b - r * 0.7), (a + r, b - r * 0.1), (a + r * 0.2, b + r * 0.6)],
                light_of(tone) if rng.random() < 0.4 else shade_of(tone),
                0.28,
            )
    _spikes(stage, layer, depth, tone, inner)


def _spikes(stage: Stage, layer: str, depth: int, tone: RGB, edge: Curve) -> None:
    """Stones that hang from an arch (its lower ``edge``) and stumps that grow from the floor below."""
    c, u, rng, w = stage[layer], stage.unit, stage.rng, stage.width
    px, py = edge[:, 0], edge[:, 1]
    left, right, low = float(px[0]), float(px[-1]), stage.horizon + u * (0.05 + 0.03 * depth)
    high = stage.horizon - u * (0.3 + 0.1 * depth)
    n = round(7 * max(0.6, w / (u * 1.7)))
    for k in range(n):
        x = (k + rng.uniform(0.1, 0.9)) / n * w
        top = float(np.interp(x, px, py)) if left < x < right else high * 0.4
        drop, r = u * rng.uniform(0.04, 0.15) * (1.2 - 0.2 * depth), u * rng.uniform(0.014, 0.034)
        spike = [
            (x - r * 1.7, top - u * 0.05),
            (x - r * 0.6, top + drop * 0.4),
            (x, top + drop),
            (x + r * 0.6, top + drop * 0.4),
            (x + r * 1.7, top - u * 0.05),
        ]
        c.fill(curves.smooth(spike, steps=4), tone)
        c.fill(
            curves.smooth(
                [(x + r * 0.1, top), (x + r * 0.3, top + drop * 0.4), (x, top + drop), (x + r * 1.4, top - u * 0.03)],
                steps=3,
            ),
            shade_of(shade_of(tone)),
            0.45,
        )
        if k % 2 and abs(x - stage.hero_x * w) > u * 0.2:
            hgt = u * rng.uniform(0.03, 0.1)
            c.fill(
                curves.smooth(
                    [
                        (x - r * 1.8, low + u * 0.02),
                        (x - r * 0.5, low - hgt * 0.6),
                        (x, low - hgt),
                        (x + r * 0.6, low - hgt * 0.5),
                        (x + r * 2, low + u * 0.02),
                    ],
                    steps=4,
                ),
                tone,
            )


def _cave_floor(stage: Stage, plan: int, goal: float, glow: RGB) -> None:
    c, u, rng, y = stage["mid"], stage.unit, stage.rng, stage.horizon
    top, low = ground("cave")
    heights = skyline(stage, y + u * 0.06, u * 0.014, 4)
    land(c, heights, mix(top, (90, 80, 112), 0.4), mix(low, (60, 54, 80), 0.5), stage.feet - y)
    if plan != 2:
        pool = curves.blob(rng, goal, y + u * 0.125, u * (0.6 if plan == 1 else 0.4), u * 0.045, 0.14)
        tone = mix((50, 90, 130), glow, 0.3) if plan == 1 else mix(stage.palette.sky[1], (60, 80, 110), 0.4)
        c.graded(pool, mix(tone, WHITE, 0.35), tone)
        for _ in range(12):
            px, py = goal + u * rng.uniform(-0.4, 0.4), y + u * rng.uniform(0.1, 0.15)
            c.fill(curves.oval(px, py, u * rng.uniform(0.02, 0.07), u * 0.0025), WHITE, 0.55)
        stage.lamp("mid", goal, y + u * 0.12, u * 0.3, glow if plan == 1 else stage.palette.sun, 0.35)
    dabs(c, rng, heights, light_of(top), 14, u * 0.05, depth=u * 0.12, alpha=0.2)
    light = glow if plan == 1 else mix(stage.palette.sun, stage.palette.sky[2], 0.3)
    c.glow(stage.hero_x * stage.width, stage.feet - u * 0.02, u * 0.6, light, 0.3, squash=0.18)
    carry(stage, "mid", stage.feet - u * 0.07, u * 0.03)


def _cave_frame(stage: Stage) -> None:
    """Dark rock at the edges, nearest to the eye."""
    u, w, h, rng = stage.unit, stage.width, stage.height, stage.rng
    u = min(u, w * 0.9)
    for side in (-1, 1):
        x, d = (0.0, 1) if side < 0 else (float(w), -1)
        fat = 1.25 if (side > 0) == (stage.hero_x < 0.5) else 0.7
        jag = [rng.uniform(0.8, 1.2) for _ in range(6)]
        pts = [
            (x - d * 30, -30),
            (x + d * u * 0.36 * fat, -30),
            (x + d * u * 0.2 * fat * jag[0], u * 0.06),
            (x + d * u * 0.15 * fat * jag[1], u * 0.2),
            (x + d * u * 0.08 * fat * jag[2], h * 0.42),
            (x + d * u * 0.1 * fat * jag[3], h * 0.6),
            (x + d * u * 0.07 * fat * jag[4], h * 0.8),
            (x + d * u * 0.14 * fat, h + 30),
            (x - d * 30, h + 30),
        ]
        stage["near"].fill(curves.smooth(pts, steps=3), (36, 30, 50))
        stage["near"].fill(curves.smooth([(px - d * u * 0.035, py) for px, py in pts], steps=3), (28, 23, 42))
