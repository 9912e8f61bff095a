"""Places with water: beach, open sea, lake, river, island."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, mix, shade_of
from app.services.engines.builtin.picture.nature import floor, meadow_ground, season_ground
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.scenery import (
    front,
    grove,
    hills,
    mountains,
    plant,
    rocks,
    water,
)
from app.services.engines.builtin.picture.stage import Stage, band, dabs, land, skyline


def beach(stage: Stage) -> None:
    """Sea to the horizon, a sandy shore before it."""
    u, rng = stage.unit, stage.rng
    water(stage, "far", stage.horizon, waves=True)
    _islands(stage)
    stage.haze.update(far=0.18, mid=0.06)
    shore = skyline(stage, stage.horizon + u * 0.13, u * 0.012, 2, octaves=2)
    foam = shore - u * 0.012
    band(stage["mid"], foam, 0, u * 0.03, WHITE, 0.85)
    top, low = ground("winter" if stage.snowy else "sand")
    land(stage["mid"], shore, mix(top, low, 0.45), top, u * 0.1)
    if stage.scene.time != "night" and not stage.snowy:
        plant(
            stage,
            "mid",
            "palm",
            rng.choice((rng.uniform(0.0, 0.13), rng.uniform(0.87, 1.0))),
            stage.horizon + u * 0.2,
            u * rng.uniform(0.5, 0.62),
        )
    heights = floor(stage, "winter" if stage.snowy else "sand")
    dabs(stage["subject"], rng, heights, shade_of(low), 22, u * 0.03, depth=u * 0.2, alpha=0.14)
    for _ in range(7):
        x, y = rng.uniform(0, stage.width), stage.feet + u * rng.uniform(-0.06, 0.04)
        stage["subject"].soft(
            curves.star(x, y, u * 0.012, 0.5, 5), rng.choice(((246, 150, 120), (250, 222, 190), (236, 190, 160)))
        )
    stage.afloat = stage.horizon + u * 0.07
    stage.effect(
        "waves",
        0.5,
        tuple_of(mix(stage.palette.sky[1], WHITE, 0.5)),
        depth=0.3,
        box=(0.0, stage.horizon / stage.height, 1.0, (stage.horizon + u * 0.13) / stage.height),
    )
    front(stage, "reeds")


def tuple_of(colour: RGB) -> RGB:
    """The same colour in whole numbers."""
    return (round(colour[0]), round(colour[1]), round(colour[2]))


def _islands(stage: Stage) -> None:
    u, rng = stage.unit, stage.rng
    for _ in range(2):
        x, w, h = rng.uniform(0, 1) * stage.width, u * rng.uniform(0.15, 0.35), u * rng.uniform(0.03, 0.08)
        pts = [
            (x - w, stage.horizon + 2),
            (x - w * 0.4, stage.horizon - h * 0.7),
            (x, stage.horizon - h),
            (x + w * 0.5, stage.horizon - h * 0.5),
            (x + w, stage.horizon + 2),
        ]
        stage["far"].graded(curves.smooth(pts), (122, 150, 150), (150, 178, 184))


def sea(stage: Stage) -> None:
    """Open water for ships; somebody on foot gets a rocky headland."""
    u = stage.unit
    water(stage, "far", stage.horizon, waves=True)
    _islands(stage)
    stage.haze.update(far=0.16, mid=0.05)
    swell = skyline(stage, stage.horizon + u * 0.16, u * 0.012, 5, octaves=2)
    stage.afloat = stage.horizon + u * 0.15
    tone = sea_tone(stage)
    land(stage["mid"], swell, mix(tone, WHITE, 0.1), shade_of(tone), u * 0.2)
    band(stage["mid"], swell, 0, u * 0.008, WHITE, 0.6)
    on_foot = bool(stage.scene.beings) and not stage.scene.vehicles
    if on_foot:
        heights = floor(stage, "stone")
        rocks(stage, heights, 6)
    else:
        heights = skyline(stage, stage.feet - u * 0.02, u * 0.014, 4, octaves=2)
        land(stage["subject"], heights, tone, shade_of(shade_of(tone)), u * 0.22)
        band(stage["subject"], heights, 0, u * 0.01, WHITE, 0.65)
    stage.effect(
        "waves",
        0.7,
        tuple_of(mix(stage.palette.sky[1], WHITE, 0.5)),
        depth=0.3,
        box=(0.0, stage.horizon / stage.height, 1.0, 0.9),
    )
    front(stage, "none")


def sea_tone(stage: Stage) -> RGB:
    """Water takes the colour of the sky."""
    return mix(mix((70, 150, 186), stage.palette.sky[1], 0.35), stage.palette.sky[0], 0.2)


def lake(stage: Stage) -> None:
    """Still water with reeds and lotus between hills."""
    kind = season_ground(stage)
    u, rng = stage.unit, stage.rng
    mountains(stage, 0.2, peaks=False)
    grove(stage, "far", 9, 0.12, ("oak", "pine", "birch", "oak"), heights=np.full(stage.width, stage.horizon))
    water(stage, "mid", stage.horizon + u * 0.01, waves=True)
    stage.haze.update(mid=0.1)
    stage.afloat = stage.horizon + u * 0.15
    if kind not in ("winter",):
        for _ in range(7):
            y = stage.horizon + u * rng.uniform(0.07, 0.17)
            plant(stage, "mid", "lotus", rng.uniform(0, 1), y, u * 0.035 * (0.6 + 3 * (y - stage.horizon) / u))
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    stage.effect(
        "waves",
        0.25,
        tuple_of(mix(stage.palette.sky[1], WHITE, 0.5)),
        depth=0.5,
        box=(0.0, stage.horizon / stage.height, 1.0, (stage.feet - u * 0.1) / stage.height),
    )
    front(stage, "reeds")


def river(stage: Stage) -> None:
    """A river winding from the hills, maybe a fall."""
    kind = season_ground(stage)
    u, rng = stage.unit, stage.rng
    mountains(stage, 0.26, peaks=True)
    hills(stage, kind, 0.1)
    c, tone = stage["mid"], sea_tone(stage)
    x0 = rng.uniform(0.25, 0.75) * stage.width
    t = np.linspace(0, 1, 24)
    centre = x0 + np.sin(t * 5) * u * 0.2 * t
    y = stage.horizon + u * 0.06 + t * u * 0.22
    half = u * (0.012 + 0.42 * t**1.7)
    shape = np.vstack([np.stack([centre - half, y], 1), np.stack([centre + half, y], 1)[::-1]])
    c.graded(shape, mix(tone, WHITE, 0.35), tone)
    for _ in range(26):
        k = rng.random() ** 0.7
        i = int(k * 23)
        wx = centre[i] + rng.uniform(-0.85, 0.85) * half[i]
        c.fill(curves.oval(wx, y[i], half[i] * 0.18 + 2, u * 0.0025, steps=10), WHITE, 0.4)
    grove(stage, "mid", 6, 0.17, ("oak", "willow", "birch", "bush"), clear=0.25)
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    rocks(stage, heights, 5)
    stage.afloat = stage.horizon + u * 0.2
    front(stage, "reeds")


def island(stage: Stage) -> None:
    """A little green island with palms in a bright sea."""
    u = stage.unit
    water(stage, "far", stage.horizon, waves=True)
    stage.haze.update(far=0.12, mid=0.05)
    _islands(stage)
    x, w = stage.rng.choice((0.22, 0.78)) * stage.width, u * 0.46
    y = stage.horizon + u * 0.1
    c = stage["mid"]
    c.graded(
        curves.smooth(
            [
                (x - w, y),
                (x - w * 0.5, y - u * 0.06),
                (x, y - u * 0.09),
                (x + w * 0.55, y - u * 0.05),
                (x + w, y),
                (x, y + u * 0.03),
            ]
        ),
        (248, 226, 170),
        (222, 186, 128),
    )
    c.graded(
        curves.smooth(
            [
                (x - w * 0.6, y - u * 0.04),
                (x - w * 0.2, y - u * 0.11),
                (x + w * 0.3, y - u * 0.1),
                (x + w * 0.6, y - u * 0.04),
            ]
        ),
        (140, 190, 108),
        (104, 160, 96),
    )
    for dx in (-0.25, 0.1, 0.35):
        plant(stage, "mid", "palm", (x + dx * w) / stage.width, y - u * 0.06, u * stage.rng.uniform(0.26, 0.4))
    stage.afloat = stage.horizon + u * 0.14
    heights = floor(stage, "sand")
    dabs(stage["subject"], stage.rng, heights, (214, 176, 120), 22, u * 0.03, depth=u * 0.2, alpha=0.3)
    stage.effect("waves", 0.5, (255, 255, 255), depth=0.3, box=(0.0, stage.horizon / stage.height, 1.0, 0.75))
    front(stage, "leaves")
