"""The bottom of the sea."""

from __future__ import annotations

import math

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, light_of, mix, shade_of
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.scenery import front, rocks
from app.services.engines.builtin.picture.sky import wash
from app.services.engines.builtin.picture.stage import Stage, land, skyline
from app.services.engines.builtin.picture.terrain import calm, carry, shafts


def underwater(stage: Stage) -> None:
    """Blue depth with beams of light: a coral garden, a forest of kelp, or a sunken ship."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, side = rng.randrange(3), 1 if stage.hero_x < 0.5 else -1
    goal = (0.5 + 0.25 * side) * w
    night = stage.palette.dark > 0.7
    tint = rng.choice(((62, 166, 204), (64, 176, 190), (72, 144, 206)))
    stops: tuple[RGB, RGB, RGB] = (
        ((34, 80, 146), (24, 66, 128), (16, 42, 94))
        if night
        else ((172, 238, 236), tint, mix(tint, (20, 70, 140), 0.6))
    )
    wash(stage["sky"], ((0.0, stops[0]), (0.4, stops[1]), (1.0, stops[2])), rng.randrange(1 << 30))
    stage.light, stage.swim = (goal, 0.0), True
    stage.haze.update(far=0.0, mid=0.0)
    stage["sky"].glow(goal, -u * 0.05, u * 0.7, (190, 220, 255) if night else (240, 255, 246), 0.6)
    shafts(stage, "sky", 6, (210, 246, 246), 0.16 if night else 0.3, y + u * 0.1)
    _school(stage, night)
    deep = stops[2]
    for layer, t, dy, amp in (("far", 0.2, -0.08, 0.1), ("far", 0.4, 0.0, 0.07), ("mid", 0.7, 0.05, 0.03)):
        tone = mix(mix(deep, stops[1], 0.45), mix((84, 160, 160), stops[1], 0.4), t)
        heights = skyline(stage, y + u * dy, u * amp, 3, octaves=4)
        land(stage[layer], heights, tone, mix(tone, deep, 0.5), u * 0.25)
        for _ in range(6 if plan != 1 else 11):
            x = rng.uniform(0, 1) * w
            foot = float(heights[int(min(x, w - 1))]) + u * 0.02
            _weed(
                stage,
                layer,
                x,
                foot,
                mix(tone, (80, 190, 140), 0.25 + 0.3 * t),
                (0.6 + t) * (2.4 if plan == 1 and layer == "far" else 1.0),
            )
    if plan == 2:
        _wreck(stage, goal, y + u * 0.12)
    _seabed(stage, plan)
    for x in (0.05, 0.95):
        if abs(x - stage.hero_x) > 0.2:
            _weed(stage, "near", x * w, stage.height + u * 0.02, mix((44, 120, 110), deep, 0.4), 2.2)
    for _ in range(4):  # bubbles rise in strings
        x, py = rng.uniform(0, w), rng.uniform(0.5, 0.8) * stage.height
        for k in range(6):
            r = u * (0.004 + 0.0016 * k)
            stage["mid"].stroke(
                curves.oval(x + u * 0.008 * math.sin(k * 2), py - u * 0.045 * k, r, r, steps=14),
                max(1.0, u * 0.0018),
                (224, 246, 250),
                closed=True,
            )
    stage.effect("rays", 0.5, (220, 250, 250), depth=0.2, box=(0.1, 0.0, 0.9, 0.75))
    front(stage, "none")


def _school(stage: Stage, night: bool) -> None:
    """Small fish in the distance, all one way."""
    c, u, rng = stage["far"], stage.unit, stage.rng
    tone: RGB = (84, 124, 176) if night else (60, 128, 170)
    x, y = rng.uniform(0.2, 0.8) * stage.width, stage.horizon * rng.uniform(0.3, 0.65)
    for _ in range(14):
        px, py, s = x + u * rng.gauss(0, 0.13), y + u * rng.gauss(0, 0.05), u * rng.uniform(0.008, 0.016)
        c.fill(curves.oval(px, py, s, s * 0.45, 0, 12), tone)
        c.fill([(px - s * 0.8, py), (px - s * 1.5, py - s * 0.45), (px - s * 1.5, py + s * 0.45)], tone)


def _seabed(stage: Stage, plan: int) -> None:
    c, u, rng, w, y = stage["mid"], stage.unit, stage.rng, stage.width, stage.horizon
    top, low = ground("seabed")
    heights = skyline(stage, y + u * 0.1, u * 0.014, 3)
    land(c, heights, mix(top, (150, 210, 200), 0.25), mix(low, (90, 150, 160), 0.35), stage.feet - y)
    for k in range(9):
        py = y + u * (0.115 + 0.02 * k * (1 + 0.12 * k))
        across = np.linspace(0, w, 40)
        wave = py + u * 0.006 * np.sin(across / u * (22 - 1.4 * k) + k * 1.9)
        c.stroke(
            np.stack([across, wave], 1),
            max(1.0, u * 0.003),
            mix(mix(low, top, 0.5), mix(top, low, 0.3), 1 - calm(stage, py)),
        )
    for _ in range(16 if plan == 0 else 8):
        x = rng.uniform(0, 1)
        if abs(x - stage.hero_x) > 0.1:
            _coral(stage, x * w, y + u * rng.uniform(0.1, 0.19), rng.uniform(0.8, 1.6 if plan == 0 else 1.1))
    carry(stage, "mid", stage.feet - u * 0.06, u * 0.03)
    for _ in range(6):
        x, py = rng.uniform(0, w), stage.feet + u * rng.uniform(-0.04, 0.0)
        tone = rng.choice(((246, 150, 120), (250, 222, 190), (236, 190, 210)))
        stage["subject"].soft(curves.star(x, py, u * 0.013, 0.5, 5), tone)
    rocks(stage, np.full(w, stage.feet - u * 0.06), 5, (130, 156, 160))


def _wreck(stage: Stage, x: float, y: float) -> None:
    """An old ship on its side, with holes and a broken mast."""
    c, u = stage["mid"], stage.unit
    wood: RGB = (98, 104, 104)
    for a, b in (
        ((x - u * 0.05, y - u * 0.1), (x - u * 0.12, y - u * 0.46)),
        ((x + u * 0.14, y - u * 0.1), (x + u * 0.17, y - u * 0.3)),
    ):
        c.stroke([a, b], max(2.0, u * 0.014), wood, smooth=False)
    c.fill(
        [(x - u * 0.12, y - u * 0.44), (x + u * 0.06, y - u * 0.32), (x - u * 0.07, y - u * 0.26)], (140, 160, 150), 0.8
    )
    hull = curves.smooth(
        [
            (x - u * 0.36, y - u * 0.2),
            (x - u * 0.2, y - u * 0.13),
            (x + u * 0.2, y - u * 0.13),
            (x + u * 0.4, y - u * 0.17),
            (x + u * 0.3, y + u * 0.03),
            (x - u * 0.24, y + u * 0.04),
        ],
        steps=5,
    )
    c.graded(hull, light_of(wood), shade_of(wood))
    with c.inside(hull):
        for k in range(4):
            c.stroke(
                [(x - u * 0.4, y - u * (0.1 - 0.04 * k)), (x + u * 0.42, y - u * (0.11 - 0.04 * k))],
                max(1.0, u * 0.004),
                shade_of(shade_of(wood)),
            )
        for dx, r in ((-0.1, 0.035), (0.12, 0.045)):
            c.fill(curves.blob(stage.rng, x + dx * u, y - u * 0.045, r * u, r * u * 0.8, 0.25), (34, 48, 62))
    stage.lamp("mid", x + u * 0.12, y - u * 0.045, u * 0.07, (250, 214, 130), 0.4)


def _weed(stage: Stage, layer: str, x: float, y: float, tone: RGB, size: float = 1.0) -> None:
    u, rng = stage.unit * size, stage.rng
    for k in range(4):
        h, lean = u * rng.uniform(0.09, 0.2), rng.uniform(-0.03, 0.03) * u
        x0 = x + (k - 1.5) * u * 0.016
        pts = [
            (x0, y),
            (x0 + lean + u * 0.014, y - h * 0.35),
            (x0 + lean - u * 0.012, y - h * 0.7),
            (x0 + lean * 1.6, y - h),
        ]
        blade = curves.tube(pts, [u * 0.011, u * 0.015, u * 0.012, u * 0.002])
        stage[layer].fill(blade, mix(tone, light_of(tone), 0.3 * (k % 2)))


def _coral(stage: Stage, x: float, y: float, size: float) -> None:
    u, rng, c = stage.unit * size, stage.rng, stage["mid"]
    tone = rng.choice(((244, 128, 130), (250, 176, 100), (216, 130, 200), (250, 210, 120), (140, 200, 220)))
    c.glow(x, y, u * 0.07, (60, 90, 100), 0.4, squash=0.25)
    kind = rng.randrange(4)
    if kind == 0:
        for a in (-50, -22, 5, 30, 55):
            r, h = math.radians(90 + a), u * rng.uniform(0.05, 0.09)
            line = [
                (x, y),
                (x + 0.5 * h * math.cos(r), y - h * 0.6),
                (x + h * math.cos(r), y - h * math.sin(r) - h * 0.3),
            ]
            c.soft(curves.tube(line, [u * 0.016, u * 0.013, u * 0.014]), tone, line=False)
    elif kind == 1:
        for k in range(4):
            r = u * rng.uniform(0.02, 0.036)
            c.soft(
                curves.oval(x + u * 0.025 * (k - 1.5), y - r * 0.5, r, r),
                mix(tone, light_of(tone), 0.2 * k),
                line=False,
            )
    elif kind == 2:
        fan = [
            (x, y),
            (x - u * 0.06, y - u * 0.05),
            (x - u * 0.05, y - u * 0.11),
            (x, y - u * 0.135),
            (x + u * 0.055, y - u * 0.1),
            (x + u * 0.06, y - u * 0.045),
        ]
        c.soft(curves.smooth(fan, steps=4), tone, line=False)
        for k in range(5):
            c.stroke([(x, y), (x + u * 0.02 * (k - 2), y - u * 0.11)], max(1.0, u * 0.003), shade_of(tone))
    else:
        for k in range(5):
            h, px = u * rng.uniform(0.03, 0.075), x + u * 0.018 * (k - 2)
            c.soft(curves.box(px - u * 0.008, y - h, px + u * 0.008, y, u * 0.006), tone, line=False)
            c.fill(curves.oval(px, y - h, u * 0.009, u * 0.004), shade_of(shade_of(tone)))
