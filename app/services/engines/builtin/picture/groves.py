"""The bamboo grove: culms that fade into the light, a stepped path, and one thing to find."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, light_of, mix, shade_of
from app.services.engines.builtin.picture.forests import beams
from app.services.engines.builtin.picture.scenery import field, front, near_ground, season_trees, stand
from app.services.engines.builtin.picture.stage import Stage, land
from app.services.engines.builtin.picture.terrain import lane, litter, mist, path, season_ground


def bamboo(stage: Stage) -> None:
    """A bamboo grove: culms into the mist, a stepped path, a fence or a stone lantern."""
    u, w, kind = stage.unit, stage.width, season_ground(stage)
    p, y = stage.palette, stage.horizon
    gap = stage.width * (0.66 if stage.hero_x < 0.5 else 0.34)
    stage.light = (gap, stage.light[1])
    stage.haze.update(far=0.12, mid=0.06)
    glow = mix(p.sky[2], (240, 252, 214), 0.5 * (1 - p.dark))
    land(stage["far"], np.full(w, -1.0), mix(glow, (110, 160, 110), 0.35), mix(glow, (170, 200, 140), 0.2), y)
    stage["far"].glow(gap, y - u * 0.1, u * 0.7, glow, 0.9)
    for n, width, t in ((30, 0.012, 0.35), (20, 0.018, 0.62)):
        _culms(stage, "far", n, width, t, mix(glow, (98, 150, 84), t), gap)
        mist(stage, "far", y - u * 0.04, u * 0.26, 0.3, glow)
    shine = 0.12 if stage.scene.weather in ("rain", "storm", "fog", "snow", "cloudy") else 0.4
    stage.lamp("far", gap, y - u * 0.14, u * 0.6, mix(p.sun, p.sky[2], 0.35), shine)
    field(stage, kind, 0.04)
    side = 1 if stage.hero_x < 0.5 else -1
    way = lane(stage, y + u * 0.04, stage.height + 9.0, gap, (stage.hero_x + 0.1 * side) * w, u * 0.42, u * 0.2)
    path(stage, "mid", *way, "winter" if kind == "winter" else "stone")
    heights = near_ground(stage, kind, 0.3)
    _culms(stage, "mid", 13, 0.027, 0.92, mix(glow, (98, 150, 84), 0.92), gap)
    _grove_goal(stage, gap)
    beams(stage)
    litter(stage, heights, 16 if kind != "winter" else 0)
    for k in range(3):
        x = (w * 0.985 - k * u * 0.05) if stage.hero_x < 0.5 else (w * 0.015 + k * u * 0.05)
        _culm(stage, "near", x, stage.height + 20.0, u * (0.05 - 0.01 * k), mix((70, 104, 66), (40, 62, 58), 0.35))
    front(stage, "leaves")


def _culms(stage: Stage, layer: str, n: int, width: float, t: float, tone: RGB, gap: float) -> None:
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    n = round(n * max(0.5, w / (u * 1.7)))
    for k in range(n):
        x = (k + rng.uniform(0, 1)) / n * w
        if abs(x - gap) > u * 0.14 * t and (layer == "far" or abs(x / w - stage.hero_x) > 0.1):
            _culm(stage, layer, x, y + u * (0.03 + 0.09 * t * t), u * width * rng.uniform(0.7, 1.2), tone)


def _culm(stage: Stage, layer: str, x: float, foot: float, width: float, tone: RGB) -> None:
    c, rng = stage[layer], stage.rng
    lean = rng.uniform(-0.05, 0.05) * stage.height
    c.fill(
        [(x - width / 2, foot), (x + lean - width * 0.4, -5), (x + lean + width * 0.4, -5), (x + width / 2, foot)], tone
    )
    c.fill(
        [(x + width * 0.1, foot), (x + lean + width * 0.1, -5), (x + lean + width * 0.4, -5), (x + width / 2, foot)],
        shade_of(tone),
        0.6,
    )
    step, n = max(width * 4.6, foot / 13), 0
    y = foot - step * rng.uniform(0.3, 0.9)
    while y > 0:
        px = x + lean * (foot - y) / max(1.0, foot)
        c.fill(
            [
                (px - width * 0.6, y),
                (px + width * 0.6, y),
                (px + width * 0.5, y - width * 0.16),
                (px - width * 0.5, y - width * 0.16),
            ],
            light_of(tone),
        )
        n += 1
        if n % 2 == 0 and y < foot * 0.7:
            for s in (-1, 1):
                d, sink = width * rng.uniform(2.2, 4.5), rng.uniform(0.05, 0.35)
                leaf = [(px, y), (px + s * d * 0.5, y - width * 0.3), (px + s * d, y + d * sink)]
                c.fill([*leaf, (px + s * d * 0.45, y + width * 0.24)], mix(tone, light_of(tone), rng.random() * 0.5))
        y -= step * rng.uniform(0.85, 1.1)


def _grove_goal(stage: Stage, gap: float) -> None:
    u, c, y = stage.unit, stage["mid"], stage.horizon + stage.unit * 0.15
    plan = stage.rng.randrange(3)
    x = gap + u * (0.16 if stage.hero_x < 0.5 else -0.16)
    stone: RGB = (172, 172, 166)
    if plan == 0:  # a stone lantern
        for a, b, wide in ((0.0, 0.03, 0.045), (0.03, 0.11, 0.016), (0.11, 0.13, 0.045), (0.13, 0.18, 0.03)):
            c.soft(curves.box(x - u * wide, y - u * b, x + u * wide, y - u * a), stone, line=False)
        c.soft(
            [
                (x - u * 0.07, y - u * 0.18),
                (x - u * 0.012, y - u * 0.23),
                (x + u * 0.012, y - u * 0.23),
                (x + u * 0.07, y - u * 0.18),
            ],
            shade_of(stone),
            line=False,
        )
        c.fill(curves.box(x - u * 0.016, y - u * 0.17, x + u * 0.016, y - u * 0.14), (255, 226, 150))
        stage.lamp("mid", x, y - u * 0.155, u * 0.14, strength=0.25 + 0.5 * stage.palette.dark)
    elif plan == 1:  # a fence of poles
        for k in range(9):
            px = x + (k - 4) * u * 0.05
            c.fill(curves.box(px - u * 0.007, y - u * 0.09, px + u * 0.007, y + u * 0.01), (176, 150, 98))
        for dy in (0.03, 0.07):
            c.fill(
                curves.box(x - u * 0.22, y - u * dy - u * 0.006, x + u * 0.22, y - u * dy + u * 0.006), (154, 126, 80)
            )
    else:  # stones and young shoots
        for k in range(3):
            px = x + (k - 1) * u * 0.07
            c.soft(
                curves.smooth(
                    [
                        (px - u * 0.05, y),
                        (px - u * 0.03, y - u * 0.05),
                        (px + u * 0.02, y - u * 0.06),
                        (px + u * 0.05, y),
                    ],
                    steps=4,
                ),
                stone,
                line=False,
            )
            stand(stage, "mid", season_trees(stage, ("bamboo",))[0], px + u * 0.05, y + u * 0.01, u * 0.2)
