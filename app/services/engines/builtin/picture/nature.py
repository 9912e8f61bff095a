"""Places under the open sky without many people: what stands far, in the middle and under the feet."""

from __future__ import annotations

import math

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import light_of, mix, shade_of, shift
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.scenery import (
    clouds_below,
    flowers,
    front,
    grove,
    hills,
    mountains,
    plant,
    rocks,
)
from app.services.engines.builtin.picture.stage import Stage, band, dabs, grass, land, skyline


def floor(stage: Stage, kind: str, rise: float = 0.0) -> np.ndarray:
    """The ground that the figures stand on; ``kind`` as in palette.GROUND. Returns its skyline."""
    top, low = ground(kind)
    u = stage.unit
    heights = skyline(stage, stage.feet - u * (0.1 + rise), u * 0.022, 3, octaves=3)
    land(stage["subject"], heights, top, low, u * 0.3)
    band(stage["subject"], heights, 0, u * 0.012, light_of(top), 0.5)
    return heights


def season_ground(stage: Stage) -> str:
    """Snow lies when it snows; otherwise the grass of the season."""
    return "winter" if stage.snowy else ("" if stage.scene.season == "winter" else stage.scene.season)


def meadow(stage: Stage) -> None:
    """Rolling hills with groves, flowers near the feet."""
    kind = season_ground(stage)
    mountains(stage, 0.16, peaks=False)
    hills(stage, kind, 0.12)
    grove(stage, "mid", 6, 0.2, ("oak", "oak", "birch", "bush"))
    grove(
        stage,
        "mid",
        3,
        0.46,
        ("oak", "birch", "oak"),
        heights=np.full(stage.width, stage.horizon + stage.unit * 0.12),
        clear=0.4,
    )
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    front(stage, "leaves")


def meadow_ground(stage: Stage, heights: np.ndarray, kind: str, bloom: bool = True) -> None:
    """Strokes, grass and flowers on the ground under the feet."""
    top, low = ground(kind)
    c, rng, u = stage["subject"], stage.rng, stage.unit
    dabs(c, rng, heights, light_of(top), 26, u * 0.03, depth=u * 0.2, alpha=0.28)
    dabs(c, rng, heights, shade_of(low), 18, u * 0.03, depth=u * 0.2, alpha=0.16)
    if kind != "winter":
        grass(c, rng, heights, mix(top, low, 0.4), int(120 * max(1.0, stage.width / stage.height)), u * 0.03)
        if bloom:
            flowers(stage, heights, 12)


def forest(stage: Stage, kinds: tuple[str, ...] = ("oak", "pine", "birch", "oak")) -> None:
    """Rows of trees lost in light haze, a clearing in the middle, trunks at the sides."""
    kind = season_ground(stage)
    if stage.scene.season == "winter" and "oak" in kinds:
        kinds = ("pine", "bare", "pine", "birch") if stage.snowy else ("bare", "pine", "birch", "bare")
    if stage.scene.season == "autumn" and "oak" in kinds:
        kinds = ("oak", "maple", "birch", "oak")
    u = stage.unit
    top, low = ground(kind)
    stage.haze.update(far=0.6, mid=0.2)
    far = skyline(stage, stage.horizon + u * 0.02, u * 0.02, 3)
    grove(stage, "far", 13, 0.42, kinds, heights=far - u * 0.0)
    land(stage["far"], far, mix(top, low, 0.5), low, u * 0.3)
    mid = skyline(stage, stage.horizon + u * 0.09, u * 0.02, 3)
    land(stage["mid"], mid, top, low, u * 0.3)
    grove(stage, "mid", 7, 0.6, kinds, heights=mid + u * 0.01, clear=0.2)
    grove(stage, "mid", 6, 0.09, ("bush",), heights=mid + u * 0.03)
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    if kind != "winter":
        for _ in range(4):
            plant(
                stage,
                "subject",
                "mushroom" if stage.rng.random() < 0.5 else "bush",
                stage.rng.uniform(0.02, 0.98),
                stage.feet - u * 0.06,
                u * stage.rng.uniform(0.035, 0.06),
            )
    if stage.scene.time in ("dawn", "day") and not stage.scene.weather:
        stage.effect("rays", 0.45, (255, 244, 206), depth=0.6, box=(0.0, 0.0, 1.0, 0.8))
    front(stage, "trunks")


def jungle(stage: Stage) -> None:
    """Palms and broad leaves."""
    forest(stage, ("palm", "oak", "palm", "oak"))


def bamboo(stage: Stage) -> None:
    """A bamboo grove."""
    forest(stage, ("bamboo", "bamboo", "bamboo", "bamboo"))


def high_mountains(stage: Stage) -> None:
    """Ranges behind each other, snow on the peaks, pines below."""
    kind = season_ground(stage)
    mountains(stage, 0.36, peaks=True)
    hills(stage, kind, 0.15)
    grove(stage, "mid", 13, 0.15, ("pine", "pine", "pine", "birch"))
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    rocks(stage, heights, 5)
    front(stage, "leaves")


def snowfield(stage: Stage) -> None:
    """White hills, ice and a few pines."""
    mountains(stage, 0.24, peaks=True)
    hills(stage, "winter", 0.1)
    grove(stage, "mid", 6, 0.16, ("pine", "pine", "bare"))
    heights = floor(stage, "winter")
    dabs(
        stage["subject"], stage.rng, heights, (176, 198, 228), 22, stage.unit * 0.04, depth=stage.unit * 0.2, alpha=0.3
    )
    front(stage, "snow")


def desert(stage: Stage) -> None:
    """Dunes with sharp crests, cactuses, a far mesa."""
    u, c, rng = stage.unit, stage["far"], stage.rng
    top, low = ground("desert")
    for _ in range(2):
        x, w, h = rng.uniform(0.05, 0.95) * stage.width, u * rng.uniform(0.2, 0.36), u * rng.uniform(0.12, 0.24)
        c.graded(
            [
                (x - w, stage.horizon + 5),
                (x - w * 0.72, stage.horizon - h),
                (x + w * 0.6, stage.horizon - h * 0.96),
                (x + w, stage.horizon + 5),
            ],
            (214, 130, 92),
            (226, 160, 112),
        )
    for layer, base, amp in (("far", 0.0, 0.05), ("mid", 0.07, 0.06)):
        heights = skyline(stage, stage.horizon + u * base, u * amp, 2, octaves=2, rough=0.3)
        land(stage[layer], heights, top, low, u * 0.25)
        band(stage[layer], heights, 0, u * 0.014, light_of(top), 0.6)
    stage.haze.update(far=0.45, mid=0.16)
    for _ in range(3):
        plant(
            stage,
            "mid",
            "cactus",
            rng.uniform(0.03, 0.97),
            stage.horizon + u * rng.uniform(0.1, 0.16),
            u * rng.uniform(0.12, 0.22),
        )
    heights = floor(stage, "desert")
    for k in range(7):
        y = stage.feet - u * 0.07 + k * u * 0.03
        across = np.linspace(0, stage.width, 40)
        stage["subject"].stroke(
            np.stack([across, y + u * 0.008 * np.sin(across / u * 9 + k)], 1), u * 0.003, mix(low, top, 0.3)
        )
    rocks(stage, heights, 3, (206, 142, 102))
    front(stage, "none")


def heaven(stage: Stage) -> None:
    """A sea of clouds to stand on."""
    u = stage.unit
    clouds_below(stage, "far", stage.horizon - u * 0.05, 9, 0.34)
    clouds_below(stage, "mid", stage.horizon + u * 0.08, 8, 0.46)
    clouds_below(stage, "subject", stage.feet - u * 0.02, 9, 0.6)
    stage.haze.update(far=0.4, mid=0.16)
    stage.afloat = stage.horizon + u * 0.05
    front(stage, "none")


def road(stage: Stage) -> None:
    """A road that leads to the horizon through fields."""
    kind = season_ground(stage)
    u = stage.unit
    mountains(stage, 0.18, peaks=False)
    hills(stage, kind, 0.08)
    c = stage["mid"]
    vx = stage.width * (1 - stage.hero_x) * 0.5 + stage.width * 0.25
    t = np.linspace(0, 1, 20)
    y = stage.horizon + u * 0.07 + t * u * 0.2
    centre = vx + np.sin(t * 3.2) * u * 0.1 * (1 - t) + (stage.width * stage.hero_x - vx) * t**1.5
    half = u * (0.006 + 0.24 * t**1.6)
    path = mix((214, 186, 140), (240, 244, 250), 0.8 if stage.snowy else 0.0)
    c.graded(np.vstack([np.stack([centre - half, y], 1), np.stack([centre + half, y], 1)[::-1]]), light_of(path), path)
    grove(stage, "mid", 7, 0.18, ("oak", "birch", "bush", "pine"), clear=0.22)
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    sub, hx = stage["subject"], stage.width * stage.hero_x
    edge = float(heights[int(min(max(hx, 0), stage.width - 1))])
    sub.graded(
        curves.smooth(
            [
                (hx - u * 0.28, edge),
                (hx + u * 0.3, edge),
                (hx + u * 0.75, stage.height + 20),
                (hx - u * 0.8, stage.height + 20),
            ],
            steps=4,
        ),
        path,
        shade_of(path),
    )
    front(stage, "leaves")


def space(stage: Stage) -> None:
    """Planets over the ground of a moon."""
    u, rng, c = stage.unit, stage.rng, stage["far"]
    stage.haze.update(far=0.0, mid=0.0)
    x, y, r = rng.choice((0.16, 0.84)) * stage.width, stage.horizon * rng.uniform(0.3, 0.5), u * rng.uniform(0.14, 0.2)
    tone = shift((236, 150, 110), hue=rng.random())
    c.glow(x, y, r * 1.8, light_of(tone), 0.4)
    ring = np.stack(
        [x + r * 1.8 * np.cos(np.linspace(0, 2 * math.pi, 50)), y + r * 0.42 * np.sin(np.linspace(0, 2 * math.pi, 50))],
        1,
    )
    c.stroke(ring[24:], r * 0.12, light_of(tone), smooth=False)
    ball = curves.oval(x, y, r, r)
    c.soft(ball, tone, line=False, dark=mix(shade_of(tone), (30, 20, 70), 0.6))
    with c.inside(ball):
        for k in range(4):
            c.fill(curves.oval(x, y + r * (-0.6 + 0.4 * k), r * 1.1, r * 0.09, -8), light_of(tone), 0.35)
    c.stroke(ring[:26], r * 0.12, light_of(tone), smooth=False)
    x2, r2 = stage.width - x + rng.uniform(-0.1, 0.1) * stage.width, u * 0.06
    c.soft(curves.oval(x2, stage.horizon * 0.22, r2, r2), (150, 190, 230), line=False, dark=(60, 70, 140))
    top, low = ground("moon")
    heights = skyline(stage, stage.horizon + u * 0.05, u * 0.04, 4)
    land(stage["mid"], heights, shade_of(top), low, u * 0.2)
    heights = floor(stage, "moon")
    for _ in range(9):
        cx, cy, q = rng.uniform(0, stage.width), stage.feet + u * rng.uniform(-0.06, 0.1), u * rng.uniform(0.02, 0.06)
        stage["subject"].fill(curves.oval(cx, cy, q, q * 0.3), shade_of(low), 0.6)
        stage["subject"].fill(curves.oval(cx, cy + q * 0.08, q * 0.88, q * 0.22), low, 0.9)
    stage.effect("stars", 0.7, (255, 250, 236), depth=0.0, box=(0.0, 0.0, 1.0, stage.horizon / stage.height))
    front(stage, "none")
