"""What places are made of: ranges, hills, groves, water, rocks, flowers, and the leaves nearest to the eye."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, Sprite, shrink
from app.services.engines.builtin.picture.colour import RGB, light_of, mix, shade_of
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.plants import PLANTS, leaves, plant_colour
from app.services.engines.builtin.picture.sky import cloud
from app.services.engines.builtin.picture.stage import Heights, Stage, band, dabs, grass, land, skyline, sprite_of
from app.services.engines.builtin.picture.terrain import (
    calm,
    carry,
    drifts,
    grows,
    litter,
    scale_at,
    season_ground,
    snow_lies,
    tufts,
)


def hills(stage: Stage, kind: str, rise: float) -> None:
    """Two rolling hills on the middle layer."""
    u = stage.unit
    top, low = ground(kind)
    for k, (dy, amp) in enumerate(((-0.02, rise * 0.5), (0.08, rise * 0.3))):
        heights = skyline(stage, stage.horizon + u * dy, u * amp, 2, octaves=2, rough=0.35)
        tone = mix(top, (250, 244, 190), 0.12) if k == 0 else top
        land(stage["mid"], heights, tone, mix(tone, low, 0.8), u * 0.16)
        band(stage["mid"], heights, 0, u * 0.008, light_of(top), 0.5)
        for _ in range(5):  # broad bands of another green
            off, thick = u * stage.rng.uniform(0.02, 0.1), u * stage.rng.uniform(0.006, 0.016)
            band(stage["mid"], heights, off, thick, mix(low, top, stage.rng.random()), 0.35)


def tree(stage: Stage, kind: str, height: float) -> Sprite:
    """One plant of ``height`` pixels in the colours of the season."""
    colour = plant_colour(kind, stage.leaf() if kind != "flower" else _petal(stage))
    draw = PLANTS[kind]
    wide = 1.05 if kind in ("bush", "lotus") else 0.55
    line = 0.02 if height < 60 else 0.006
    sprite = sprite_of(height, lambda c: draw(c, stage.rng, colour, snow_lies(stage)), wide=wide, line=line)
    return shrink(sprite, height / 24) if height < 24 else sprite  # nothing is drawn smaller than that


def _petal(stage: Stage) -> RGB:
    return stage.rng.choice(((246, 140, 150), (252, 214, 110), (250, 246, 240), (186, 150, 222), (244, 130, 100)))


def plant(stage: Stage, layer: str, kind: str, x: float, y: float, height: float) -> None:
    """Set one plant at ``x`` (fraction of the width), root at ``y`` pixels."""
    stage[layer].paste(tree(stage, kind, height), x * stage.width, y, flip=stage.rng.random() < 0.5)


def grove(
    stage: Stage,
    layer: str,
    count: int,
    size: float,
    kinds: tuple[str, ...],
    *,
    heights: Heights | None = None,
    clear: float = 0.0,
) -> None:
    """Trees in a loose row, from three drawings; ``clear`` keeps this much of the width free around the hero."""
    rng, u = stage.rng, stage.unit
    base = heights if heights is not None else skyline(stage, stage.horizon + u * 0.06, u * 0.01, 3)
    count = max(2, round(count * max(0.6, stage.width / (u * 1.6))))
    height, kinds = u * size, season_trees(stage, kinds)
    stock = [tree(stage, rng.choice(kinds), height * 1.2) for _ in range(min(4, count))]
    clumps = [rng.random() for _ in range(max(2, count // 3))]
    spots = []
    for k in range(count):
        even = (k + rng.uniform(0.1, 0.9)) / count * 1.1 - 0.05
        clump = clumps[k % len(clumps)] + rng.gauss(0, 0.05)
        spots.append((even if k % 3 == 0 else clump, rng.random()))
    for x, t in sorted(spots, key=lambda s: s[1]):
        if abs(x - stage.hero_x) < clear / 2 and clear > 0:
            continue
        scale = rng.uniform(0.45, 1.0) * (0.8 + 0.2 * t)
        y = float(base[int(min(max(x * stage.width, 0), stage.width - 1))]) + t * height * 0.16
        stage[layer].glow(x * stage.width, y, height * scale * 0.32, (40, 50, 60), 0.3, squash=0.18)
        stage[layer].paste(rng.choice(stock), x * stage.width, y, scale=scale, flip=rng.random() < 0.5)


def rocks(stage: Stage, heights: Heights, count: int, colour: RGB = (150, 148, 158)) -> None:
    """Stones at the edge of the ground."""
    rng, u, c = stage.rng, stage.unit, stage["subject"]
    c.line = 0.003 * u
    for _ in range(count):
        x = rng.uniform(0, stage.width)
        y, r = float(heights[int(min(x, stage.width - 1))]) + u * rng.uniform(0.0, 0.05), u * rng.uniform(0.015, 0.045)
        c.glow(x, y + r * 0.3, r * 1.6, (40, 36, 60), 0.35, squash=0.25)
        pts = [
            (x - r, y + r * 0.3),
            (x - r * 0.8, y - r * 0.35),
            (x - r * 0.1, y - r * 0.75),
            (x + r * 0.7, y - r * 0.4),
            (x + r, y + r * 0.3),
        ]
        c.soft(curves.smooth(pts, steps=4), mix(colour, (244, 248, 255), 0.5 if snow_lies(stage) else 0.0), line=False)
    c.line = 0.0


def flowers(stage: Stage, heights: Heights, count: int) -> None:
    """Small flowers between the blades, away from the hero's feet."""
    rng, u = stage.rng, stage.unit
    stock = [tree(stage, "flower", u * 0.05) for _ in range(3)]
    for _ in range(count):
        x = rng.uniform(0, 1)
        y = float(heights[int(x * (stage.width - 1))]) + u * rng.uniform(-0.08, 0.08)
        if y < stage.feet + u * 0.02 and grows(stage, "mid", x * stage.width, y, season_ground(stage)):
            layer = "subject" if y > stage.feet - u * 0.05 else "mid"
            scale = (0.4 + 0.6 * scale_at(stage, y)) * rng.uniform(0.6, 1.0)
            stage[layer].paste(rng.choice(stock), x * stage.width, y, scale=scale)


def clouds_below(stage: Stage, layer: str, top: float, count: int, size: float) -> None:
    """A bank of clouds that reaches down to the lower edge."""
    c, rng, u, p = stage[layer], stage.rng, stage.unit, stage.palette
    lit, shaded = mix(p.cloud[0], (255, 255, 255), 0.5), mix(p.cloud[1], mix(p.sky[2], (255, 255, 255), 0.3), 0.55)
    p = replace(p, cloud=(lit, shaded))  # seen from above they are all in the light
    land(c, np.full(stage.width, top + u * size * 0.2), mix(p.cloud[0], p.cloud[1], 0.35), p.cloud[0], u * 0.3)
    for k in range(count):
        x = (k + rng.uniform(0.2, 0.8)) / count * stage.width
        cloud(c, rng, x, top + u * size * rng.uniform(0.14, 0.26), u * size * rng.uniform(0.8, 1.3), p, 1.0)
    foot = skyline(stage, top + u * size * 0.3, u * size * 0.05, 6, octaves=3)
    land(c, np.minimum(foot, stage.height * 0.95), mix(p.cloud[0], p.cloud[1], 0.3), p.cloud[0], u * 0.3)


def field(stage: Stage, kind: str, top: float = 0.02) -> Heights:
    """The ground of the middle layer, from ``top`` units below the horizon to the lower edge; returns its skyline."""
    u, c, rng = stage.unit, stage["mid"], stage.rng
    light, low = ground(kind)
    stage.haze["mid"] = 0.05
    heights = skyline(stage, stage.horizon + u * top, u * 0.014, 3, octaves=3)
    land(c, heights, mix(light, (255, 250, 214), 0.18), mix(light, low, 0.75), stage.feet + u * 0.1 - stage.horizon)
    band(c, heights, 0, u * 0.006, light_of(light), 0.5)
    for k in range(9):  # broad strokes, wider the nearer
        y = stage.horizon + u * (top + 0.012) + (stage.feet - stage.horizon) * (k / 9) ** 1.4
        x, w = rng.uniform(0, stage.width), u * rng.uniform(0.12, 0.5) * (0.4 + k / 9)
        tone = light_of(light) if k % 2 else low
        c.fill(curves.oval(x, y, w, w * 0.045, rng.uniform(-2, 2), 24), tone, 0.3 * calm(stage, y))
    if kind == "winter":
        drifts(stage, "mid", heights + u * 0.03, 5)
    return heights


def near_ground(stage: Stage, kind: str, bloom: float = 1.0) -> Heights:
    """Give the figures the ground that the middle layer shows there, with what grows on it in front."""
    y = min(stage.feet - stage.unit * 0.07, stage.height * 0.9)
    carry(stage, "mid", y, stage.unit * 0.035)
    heights = skyline(stage, y + stage.unit * 0.02, stage.unit * 0.016, 2, octaves=3)
    if kind in ("", "summer", "spring", "autumn", "winter"):
        turf(stage, heights, kind, bloom)
    return heights


def turf(stage: Stage, heights: Heights, kind: str, bloom: float = 1.0) -> None:
    """Strokes, blades and what the season lays on the ground under the feet; ``bloom`` for more or fewer flowers."""
    top, low = ground(kind)
    c, rng, u = stage["subject"], stage.rng, stage.unit
    if kind == "winter":
        return
    dabs(c, rng, heights, light_of(top), 22, u * 0.03, depth=u * 0.16, alpha=0.26)
    dabs(c, rng, heights, shade_of(low), 16, u * 0.03, depth=u * 0.16, alpha=0.15)
    for _ in range(6):  # here and there it stands higher
        x, half = rng.random(), rng.uniform(0.03, 0.09)
        if not all(grows(stage, "mid", q * stage.width, stage.feet - u * 0.04, kind) for q in (x - half, x, x + half)):
            continue
        grass(c, rng, heights, mix(top, low, 0.45), 11, u * rng.uniform(0.018, 0.03), 0.0, x - half, x + half)
    tufts(stage, "mid", stage.horizon + u * 0.08, stage.feet - u * 0.05, 14, mix(top, low, 0.5), kind)
    tufts(stage, "subject", stage.feet - u * 0.03, stage.feet + u * 0.04, 11, mix(top, low, 0.6), kind)
    if stage.height > stage.width * 1.2:
        _deep_grass(stage, mix(top, low, 0.7), kind)
    if stage.scene.season == "autumn":
        litter(stage, heights, 46)
    elif bloom > 0 and stage.scene.season != "winter":
        flowers(stage, heights, round(12 * bloom * (1.6 if stage.scene.season == "spring" else 1.0)))


def _deep_grass(stage: Stage, tone: RGB, kind: str) -> None:
    """The large near ground of a tall picture: broad soft strokes and loose tufts that grow towards the eye."""
    c, rng, u, room = stage["subject"], stage.rng, stage.unit, stage.height - stage.feet
    for k in range(7):
        y, w = stage.feet + room * (0.2 + 0.12 * k), u * (0.16 + 0.05 * k) * rng.uniform(0.8, 1.3)
        wave = light_of(tone) if k % 2 == 0 else shade_of(tone)
        c.fill(curves.oval(rng.uniform(0, stage.width), y, w, w * 0.07, rng.uniform(-3, 3), 28), wave, 0.3)
    for k in range(10):
        x, t = stage.width * (k + rng.random()) / 10, rng.random() ** 0.8
        y, s = stage.feet + room * (0.16 + 0.8 * t), u * (0.02 + 0.035 * t)
        if not grows(stage, "subject", x, y, kind):
            continue
        blade = mix(tone, (255, 250, 190) if k % 3 == 0 else (60, 96, 80), 0.18)
        for lean in (-0.8, -0.4, 0.0, 0.35, 0.75):
            h = s * rng.uniform(0.8, 1.3)
            c.fill(
                [(x + lean * s * 0.3 - s * 0.08, y), (x + lean * h, y - h), (x + lean * s * 0.3 + s * 0.08, y)], blade
            )
        if k % 3 == 1 and stage.scene.season in ("", "spring", "summer") and stage.scene.weather != "snow":
            petal = _petal(stage)
            for dx, dy in ((-0.5, 1.25), (0.15, 1.5), (0.7, 1.1)):
                c.fill(curves.star(x + dx * s, y - dy * s, s * 0.26, 0.55, 5), petal)


def season_trees(stage: Stage, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The same trees as the season makes them: in bloom, red, bare."""
    season = stage.scene.season
    broad = {"oak", "birch", "maple", "willow", "apple", "bush", "cherry"}
    turned = {
        "autumn": ("oak", "maple", "birch"),
        "winter": ("bare", "bare", "pine"),
        "spring": ("oak", "cherry", "birch"),
    }
    change = turned.get(season)
    if change is None:
        return kinds
    return tuple(change[k % 3] if kind in broad and kind != "bush" else kind for k, kind in enumerate(kinds))


def loft(stage: Stage) -> float:
    """How much higher houses and trees stand in a tall picture, whose land is as narrow as its sky is high."""
    return 1.22 if stage.height > stage.width * 1.2 else 1.0


def stand(stage: Stage, layer: str, kind: str, x: float, y: float, height: float) -> None:
    """Set one tree that matters, with its shadow on the ground; ``x`` and ``y`` in pixels."""
    height *= loft(stage) if stage.framing != "close" else 1.0
    side = 1.0 if stage.light[0] < x else -1.0
    stage[layer].fill(
        curves.oval(x + side * height * 0.2, y, height * 0.36, height * 0.035, steps=20), (44, 60, 70), 0.28
    )
    stage[layer].paste(tree(stage, kind, height), x, y, flip=stage.rng.random() < 0.5)


def front(stage: Stage, kind: str) -> None:
    """What frames the view: dark soft leaves in the corners, never before the figures' faces.

    ``leaves``, ``reeds`` and ``trunks`` follow the season; ``snow`` is a white bank; ``none`` leaves the view open.
    """
    c, rng, u = stage["near"], stage.rng, stage.unit
    tone = mix(shade_of(stage.leaf()), (44, 64, 66), 0.3)
    white = snow_lies(stage) or kind == "snow"
    if white:
        tone = (232, 240, 250)
    far = 1 if stage.hero_x < 0.5 else 0  # the corner away from the hero is the fuller one
    if kind in ("leaves", "reeds", "trunks") and not white:
        low = np.full(stage.width, float(stage.height))
        for side in (0, 1):
            wide = 0.24 if side == far else 0.13
            x0, x1 = (0.0, wide) if side == 0 else (1 - wide, 1.0)
            size = u * (0.17 if kind == "reeds" else 0.12 if side == far else 0.08)
            grass(c, rng, low + u * 0.02, tone, 26, size, 0.1 if side == 0 else -0.1, x0 - 0.03, x1 + 0.03)
        if kind == "leaves" and rng.random() < 0.6:
            _blooms(stage, far, tone)
    elif kind != "none":
        heights = skyline(stage, stage.height - u * 0.02, u * 0.03, 2, octaves=2)
        land(c, heights, tone, mix(tone, (150, 170, 204), 0.4), u * 0.1)
    if kind == "leaves" and not white and rng.random() < 0.7:
        bough(stage, c, -1 if far == 0 else 1, tone)
    elif kind == "leaves" and white and rng.random() < 0.6:
        _twigs(stage, -1 if far == 0 else 1)


def _blooms(stage: Stage, side: int, tone: RGB) -> None:
    """Stalks with flower heads or broad leaves in the fuller corner, out of focus."""
    c, rng, u = stage["near"], stage.rng, stage.unit
    petal = mix(_petal(stage), tone, 0.35)
    for _ in range(5):
        x = (rng.uniform(0.0, 0.17) if side == 0 else rng.uniform(0.83, 1.0)) * stage.width
        h, lean = u * rng.uniform(0.07, 0.14), u * rng.uniform(-0.02, 0.02)
        y = stage.height + u * 0.02
        c.stroke([(x, y), (x + lean * 0.4, y - h * 0.6), (x + lean, y - h)], max(1.0, u * 0.004), tone)
        c.fill(curves.oval(x + lean, y - h, u * 0.015, u * 0.012, rng.uniform(-30, 30), 14), petal)


def _twigs(stage: Stage, side: int) -> None:
    """A bare branch with snow hanging in from an upper corner."""
    c, rng, u = stage["near"], stage.rng, stage.unit
    x = 0.0 if side < 0 else float(stage.width)
    bark: RGB = (82, 70, 84)
    ends = [(x - side * u * 0.34, u * 0.1), (x - side * u * 0.24, u * 0.18), (x - side * u * 0.4, u * 0.03)]
    for ex, ey in ends:
        mid = ((x + ex) / 2, ey * 0.3 + u * rng.uniform(-0.01, 0.02))
        c.fill(curves.tube([(x + side * u * 0.02, -u * 0.01), mid, (ex, ey)], [u * 0.026, u * 0.016, u * 0.004]), bark)
        up = np.array((0.0, -u * 0.007))
        line = curves.smooth([(x, -u * 0.01), mid, (ex, ey)], closed=False, steps=6)
        c.fill(np.vstack([line + up, (line - up * 0.5)[::-1]]), (250, 252, 255))


def bough(stage: Stage, c: Canvas, side: int, tone: RGB, reach: int = 6) -> None:
    """Leaves hanging in from an upper corner."""
    rng, u, w = stage.rng, stage.unit, stage.width
    x = 0.0 if side < 0 else float(w)
    for k in range(reach):
        cx, cy = x - side * u * (0.02 + 0.055 * k), u * (0.03 + 0.018 * math.sin(k * 1.9)) - u * 0.012 * k
        rx, ry = u * rng.uniform(0.06, 0.1), u * rng.uniform(0.045, 0.07)
        leaves(c, rng, cx, cy, rx, ry, light_of(tone) if k % 2 else tone, 14)
