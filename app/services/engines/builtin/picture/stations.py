"""A railway station: platform, rails and a train that waits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.nature import other
from app.services.engines.builtin.picture.ranges import mountains
from app.services.engines.builtin.picture.rooms import brings
from app.services.engines.builtin.picture.scenery import field, front, grove
from app.services.engines.builtin.picture.stage import Stage, land
from app.services.engines.builtin.picture.streets import towers
from app.services.engines.builtin.picture.terrain import (
    carry,
    puddles,
    season_ground,
    snow_lies,
    wet,
)
from app.services.engines.builtin.picture.town import set_thing


def station(stage: Stage) -> None:
    """A railway station: a train at the platform, rails that run away, or a small halt among fields."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage, 0.2), 1 if stage.hero_x < 0.5 else -1
    brings(stage, "clock", "bench")
    stage.scene = replace(stage.scene, vehicles=tuple(v for v in stage.scene.vehicles if v != "train" or plan == 1))
    mountains(stage, 0.2, peaks=plan == 2)
    if plan == 0:
        towers(stage, "far", y + u * 0.03, (0.08, 0.24), (170, 164, 184), 0.4)
    grove(stage, "far", 8, 0.12, ("oak", "pine", "bush"), heights=np.full(w, y + u * 0.02))
    field(stage, kind, 0.035)
    _rails(stage, goal, plan)
    if plan != 1:
        _carriages(stage, y + u * 0.13, side)
    tone: RGB = (238, 244, 250) if snow_lies(stage) else (206, 196, 186)
    if wet(stage):
        tone = mix(tone, stage.palette.sky[1], 0.35)
    edge, c = stage.feet - u * 0.085, stage["mid"]
    land(c, np.full(w, edge), light_of(tone), shade_of(tone), u * 0.34)
    c.fill(curves.box(-9, edge + u * 0.012, w + 9, edge + u * 0.024), (250, 206, 92))
    carry(stage, "mid", stage.feet - u * 0.05, u * 0.02)
    _platform_roof(stage, side)
    set_thing(stage, "subject", "bench", (0.5 - 0.36 * side) * w, stage.feet - u * 0.03, 1.0)
    puddles(stage, "subject", 6 if wet(stage) else 0)
    front(stage, "none")


def _rails(stage: Stage, goal: float, plan: int) -> None:
    c, u, w, y = stage["mid"], stage.unit, stage.width, stage.horizon
    if plan == 1:
        t = np.linspace(0.03, 1, 24)
        for s in (-1, 1):
            rail = np.stack(
                [goal + (w * 0.5 - goal) * t**2 * 0.4 + s * u * 0.16 * t, y + u * 0.01 + (stage.feet - y) * t], 1
            )
            if s < 0:
                left = rail
        bed = np.vstack([left - np.array((u * 0.03, 0)), (rail + np.array((u * 0.03, 0)))[::-1]])
        c.graded(bed, (190, 178, 166), (160, 148, 140))
        for k in range(1, 23):
            c.stroke(
                [left[k] - (u * 0.02 * t[k], 0), rail[k] + (u * 0.02 * t[k], 0)],
                max(1.0, u * 0.02 * float(t[k])),
                (126, 96, 80),
                smooth=False,
            )
        for line in (left, rail):
            c.stroke(line, max(1.4, u * 0.006), (206, 210, 220))
        return
    for dy in (0.135, 0.16):
        c.fill(curves.box(-9, y + u * dy, w + 9, y + u * (dy + 0.016)), (160, 148, 140))
        c.fill(curves.box(-9, y + u * dy, w + 9, y + u * (dy + 0.004)), (206, 210, 220))


def _carriages(stage: Stage, y: float, side: int) -> None:
    """A long train at the platform, its windows lit in the evening."""
    c, u, w, rng = stage["mid"], stage.unit, stage.width, stage.rng
    tone = rng.choice(((84, 142, 150), (206, 92, 80), (90, 120, 180)))
    dark = stage.palette.dark > 0.25
    glass: RGB = (255, 230, 160) if dark else (190, 220, 232)
    x = w * (0.08 if side > 0 else 0.92)
    for k in range(4):
        a = x + side * k * u * 0.62
        x0, x1 = min(a, a + side * u * 0.6), max(a, a + side * u * 0.6)
        c.soft(curves.box(x0, y - u * 0.25, x1, y - u * 0.02, u * 0.03), tone, line=False)
        c.fill(curves.box(x0, y - u * 0.1, x1, y - u * 0.075), (250, 240, 214))
        c.fill(
            curves.box(x0 + u * 0.01, y - u * 0.265, x1 - u * 0.01, y - u * 0.24),
            WHITE if snow_lies(stage) else shade_of(tone),
        )
        for j in range(5):
            wx = x0 + u * (0.05 + 0.11 * j)
            c.fill(curves.box(wx, y - u * 0.2, wx + u * 0.075, y - u * 0.125, u * 0.008), glass)
            if dark and j % 2 == 0:
                stage.lamp("mid", wx + u * 0.04, y - u * 0.16, u * 0.1, strength=0.5)
        for wheel in (0.1, 0.2, 0.4, 0.5):
            c.dot(x0 + u * wheel, y, u * 0.028, (70, 66, 78))
            c.dot(x0 + u * wheel, y, u * 0.012, (190, 192, 200))


def _platform_roof(stage: Stage, side: int) -> None:
    """Iron pillars with a roof over one side of the platform, a clock under it."""
    c, u, w = stage["mid"], stage.unit, stage.width
    iron: RGB = (86, 110, 112)
    top = max(u * 0.06, stage.feet - u * 0.66)
    x0, x1 = (w * 0.6, w + 20) if side > 0 else (-20.0, w * 0.4)
    for x in (w * (0.5 + 0.17 * side), w * (0.5 + 0.4 * side)):
        c.graded(curves.box(x - u * 0.012, top, x + u * 0.012, stage.feet - u * 0.06), light_of(iron), iron)
        for s in (-1, 1):
            c.stroke(
                [(x, top + u * 0.1), (x + s * u * 0.03, top + u * 0.04), (x + s * u * 0.1, top + u * 0.015)],
                max(1.4, u * 0.009),
                iron,
            )
    c.fill(
        [
            (x0, top + u * 0.02),
            (x1, top + u * 0.02),
            (x1, top - u * 0.03),
            (x0 + (u * 0.06 if side > 0 else 0), top - u * 0.03),
        ],
        shade_of(iron),
    )
    for x in np.arange(x0, x1, u * 0.05):
        c.fill(
            [(x, top + u * 0.018), (x + u * 0.05, top + u * 0.018), (x + u * 0.025, top + u * 0.045)], light_of(iron)
        )
    cx, cy = w * (0.5 + 0.285 * side), top + u * 0.1
    c.fill(curves.box(cx - 1.5, top, cx + 1.5, cy), iron)
    c.soft(curves.oval(cx, cy, u * 0.045, u * 0.045), iron, line=False)
    c.fill(curves.oval(cx, cy, u * 0.037, u * 0.037), (255, 250, 236))
    c.stroke(
        [(cx, cy - u * 0.026), (cx, cy), (cx + u * 0.018, cy + u * 0.006)],
        max(1.0, u * 0.005),
        (70, 60, 76),
        smooth=False,
    )
    stage.lamp("mid", cx, cy, u * 0.14, strength=0.15 + 0.5 * stage.palette.dark)
    for x in (w * (0.5 + 0.2 * side), w * (0.5 + 0.37 * side)):
        stage.lamp("mid", x, top + u * 0.06, u * 0.2, strength=0.1 + 0.5 * stage.palette.dark)
