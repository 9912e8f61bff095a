"""Places between town and country: castle, farm, garden, temple."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB
from app.services.engines.builtin.picture.extras import far_side, put_building
from app.services.engines.builtin.picture.nature import floor, meadow_ground, season_ground
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.scenery import front, grove, hills, mountains, plant
from app.services.engines.builtin.picture.stage import Stage, dabs
from app.services.engines.builtin.picture.town import fence


def castle(stage: Stage) -> None:
    """A castle on its hill above the fields."""
    kind, u = season_ground(stage), stage.unit
    mountains(stage, 0.3, peaks=True)
    x = far_side(stage, 0.05)
    px = x * stage.width
    c, top_low = stage["mid"], ground(kind)
    hills(stage, kind, 0.1)
    c.graded(
        curves.smooth(
            [
                (px - u * 0.5, stage.horizon + u * 0.12),
                (px - u * 0.26, stage.horizon + u * 0.0),
                (px, stage.horizon - u * 0.03),
                (px + u * 0.26, stage.horizon),
                (px + u * 0.5, stage.horizon + u * 0.12),
            ]
        ),
        *top_low,
    )
    put_building(stage, "mid", "castle", x, stage.horizon + u * 0.01, u * 0.46)
    grove(stage, "mid", 9, 0.12, ("pine", "oak", "bush"))
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    front(stage, "leaves")


def farm(stage: Stage) -> None:
    """A red barn, rows of crops, a fence."""
    kind, u, rng = season_ground(stage), stage.unit, stage.rng
    mountains(stage, 0.14, peaks=False)
    hills(stage, kind, 0.07)
    c = stage["mid"]
    vx, y0 = stage.width * 0.5, stage.horizon + u * 0.08
    for k in range(-9, 10):
        tone: RGB = ((232, 200, 104), (150, 186, 92))[k % 2] if not stage.snowy else (244, 248, 252)
        c.fill(
            [
                (vx + k * u * 0.1, y0),
                (vx + (k + 0.6) * u * 0.1, y0),
                (vx + (k + 0.7) * u * 0.3, stage.feet),
                (vx + k * u * 0.3, stage.feet),
            ],
            tone,
            0.75,
        )
    put_building(stage, "mid", "barn", far_side(stage, 0.05), stage.horizon + u * 0.1, u * 0.27)
    if rng.random() < 0.5:
        put_building(stage, "far", "windmill", 0.2 if stage.hero_x > 0.5 else 0.12, stage.horizon + u * 0.03, u * 0.24)
    grove(stage, "mid", 4, 0.16, ("oak", "apple", "bush"))
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    fence(stage, heights)
    front(stage, "reeds")


def garden(stage: Stage) -> None:
    """Flower beds, a hedge, trees in bloom."""
    kind, u, rng = season_ground(stage), stage.unit, stage.rng
    mountains(stage, 0.12, peaks=False)
    grove(stage, "far", 9, 0.26, ("oak", "birch", "cherry"), heights=np.full(stage.width, stage.horizon + u * 0.03))
    hills(stage, kind, 0.05)
    grove(stage, "mid", 10, 0.1, ("bush",), heights=np.full(stage.width, stage.horizon + u * 0.12))
    grove(
        stage,
        "mid",
        3,
        0.42,
        ("cherry", "oak", "willow") if not stage.snowy else ("pine", "bare"),
        heights=np.full(stage.width, stage.horizon + u * 0.12),
        clear=0.3,
    )
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    if not stage.snowy:
        for _ in range(16):
            x = rng.uniform(0.0, 1.0)
            if abs(x - stage.hero_x) > 0.12:
                plant(
                    stage, "subject", "flower", x, stage.feet - u * rng.uniform(0.01, 0.07), u * rng.uniform(0.06, 0.1)
                )
    front(stage, "leaves")


def temple(stage: Stage) -> None:
    """Pagodas in the mist between hills, plum trees, stone ground."""
    u = stage.unit
    mountains(stage, 0.34, peaks=True)
    stage.haze.update(far=0.6, mid=0.16)
    put_building(stage, "far", "pagoda", 0.16 if stage.hero_x > 0.5 else 0.9, stage.horizon + u * 0.03, u * 0.3)
    hills(stage, season_ground(stage), 0.07)
    put_building(stage, "mid", "pagoda", far_side(stage, 0.04), stage.horizon + u * 0.1, u * 0.5)
    grove(stage, "mid", 5, 0.24, ("cherry", "pine", "willow"), clear=0.2)
    heights = floor(stage, "winter" if stage.snowy else "stone")
    dabs(stage["subject"], stage.rng, heights, (120, 116, 128), 20, u * 0.03, depth=u * 0.2, alpha=0.25)
    front(stage, "leaves")
