"""What places are made of: ranges, hills, groves, water, rocks, flowers, and the leaves nearest to the eye."""

from __future__ import annotations

import math

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, Sprite
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.plants import PLANTS, leaves, plant_colour
from app.services.engines.builtin.picture.sky import cloud
from app.services.engines.builtin.picture.stage import Heights, Stage, band, grass, land, skyline, sprite_of


def mountains(stage: Stage, size: float, *, peaks: bool) -> None:
    """Two ranges on the far layer; with ``peaks`` the rear one is pointed and has snow."""
    u, c, p = stage.unit, stage["far"], stage.palette
    base: RGB = (116, 140, 168) if stage.scene.season != "autumn" else (150, 130, 142)
    rear = skyline(
        stage,
        stage.horizon - u * size * 0.42,
        u * size * 0.5,
        round(3 * stage.width / u) or 1,
        octaves=6,
        rough=0.46,
        sharp=peaks,
    )
    haze = mix(p.sky[2], p.sky[1], 0.35)
    land(c, rear, mix(base, haze, 0.4), mix(base, haze, 0.85), u * size)
    if peaks:
        _snowcaps(stage, rear, u * size)
    near = skyline(stage, stage.horizon - u * size * 0.1, u * size * 0.26, round(4 * stage.width / u) or 1, octaves=5)
    green = mix(base, (104, 150, 128), 0.5)
    land(c, near, green, mix(green, haze, 0.55), u * size * 0.8)


def _snowcaps(stage: Stage, heights: Heights, size: float) -> None:
    c, rng = stage["far"], stage.rng
    step = max(2, stage.width // 240)
    xs = np.arange(0, stage.width, step)
    y = heights[xs]
    line = stage.horizon - size * 0.62 + size * 0.05 * curves.ridge(rng, len(xs), 40, 2)
    lower = np.maximum(y, np.minimum(line, y + size * (0.12 + 0.1 * np.abs(curves.ridge(rng, len(xs), 60, 2)))))
    if (lower - y).max() > 1:
        c.fill(np.vstack([np.stack([xs, y], 1), np.stack([xs, lower], 1)[::-1]]), (250, 252, 255), 0.9)


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
    colour = plant_colour(kind, stage.leaf() if kind not in ("flower",) else _petal(stage))
    draw = PLANTS[kind]
    wide = 1.05 if kind in ("bush", "lotus") else 0.55
    line = 0.02 if height < 60 else 0.006
    return sprite_of(height, lambda c: draw(c, stage.rng, colour, stage.snowy), wide=wide, line=line)


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
    height = u * size
    stock = [tree(stage, rng.choice(kinds), height * 1.2) for _ in range(min(4, count))]
    spots = sorted(((k + rng.uniform(0.1, 0.9)) / count * 1.1 - 0.05, rng.uniform(0.0, 1.0)) for k in range(count))
    for x, t in sorted(spots, key=lambda s: s[1]):
        if abs(x - stage.hero_x) < clear / 2 and clear > 0:
            continue
        scale = rng.uniform(0.55, 0.95) * (0.8 + 0.2 * t)
        y = float(base[int(min(max(x * stage.width, 0), stage.width - 1))]) + t * height * 0.16
        stage[layer].glow(x * stage.width, y, height * scale * 0.32, (40, 50, 60), 0.3, squash=0.18)
        stage[layer].paste(rng.choice(stock), x * stage.width, y, scale=scale, flip=rng.random() < 0.5)


def water(stage: Stage, layer: str, top: float, *, waves: bool) -> None:
    """Water from ``top`` down, with the light of the sky on it."""
    p, u, rng, c = stage.palette, stage.unit, stage.rng, stage[layer]
    tone = mix(mix((62, 146, 184), p.sky[1], 0.35), p.sky[0], 0.2)
    land(c, np.full(stage.width, top), mix(tone, p.sky[2], 0.55), mix(tone, p.sky[0], 0.35), u * 0.34)
    lx = stage.light[0]
    for _ in range(150 if waves else 60):
        t = rng.random() ** 1.6
        y = top + u * 0.004 + t * u * 0.32
        x = rng.uniform(0, stage.width)
        w = u * (0.012 + 0.06 * t) * rng.uniform(0.5, 1.3)
        near = math.exp(-(((x - lx) / (u * (0.08 + 0.16 * t))) ** 2))
        colour = mix(mix(tone, WHITE, 0.45), p.sun, near)
        c.fill(curves.oval(x, y, w, u * (0.0012 + 0.004 * t), steps=10), colour, 0.22 + 0.6 * near)


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
        c.soft(curves.smooth(pts, steps=4), mix(colour, (244, 248, 255), 0.5 if stage.snowy else 0.0), line=False)
    c.line = 0.0


def flowers(stage: Stage, heights: Heights, count: int) -> None:
    """Small flowers between the blades, away from the hero's feet."""
    rng, u = stage.rng, stage.unit
    stock = [tree(stage, "flower", u * 0.05) for _ in range(3)]
    for _ in range(count):
        x = rng.uniform(0, 1)
        y = float(heights[int(x * (stage.width - 1))]) + u * rng.uniform(0.01, 0.1)
        if y < stage.feet + u * 0.02:
            stage["subject"].paste(rng.choice(stock), x * stage.width, y, scale=rng.uniform(0.6, 1.0))


def clouds_below(stage: Stage, layer: str, top: float, count: int, size: float) -> None:
    """A bank of clouds that reaches down to the lower edge."""
    c, rng, u, p = stage[layer], stage.rng, stage.unit, stage.palette
    land(c, np.full(stage.width, top + u * size * 0.2), mix(p.cloud[0], p.cloud[1], 0.35), p.cloud[0], u * 0.3)
    for k in range(count):
        x = (k + rng.uniform(0.2, 0.8)) / count * stage.width
        cloud(c, rng, x, top + u * size * rng.uniform(0.14, 0.26), u * size * rng.uniform(0.8, 1.3), p, 1.0)
    land(c, np.full(stage.width, top + u * size * 0.32), mix(p.cloud[0], p.cloud[1], 0.25), p.cloud[0], u * 0.3)


def front(stage: Stage, kind: str) -> None:
    """What frames the view: dark soft leaves in the corners, never before the figures' faces."""
    c, rng, u = stage["near"], stage.rng, stage.unit
    tone = mix(shade_of(stage.leaf()), (44, 64, 66), 0.3)
    if stage.snowy or kind == "snow":
        tone = (232, 240, 250)
    if kind in ("leaves", "reeds", "trunks") and not stage.snowy:
        low = np.full(stage.width, float(stage.height))
        for side in (0, 1):
            x0, x1 = (0.0, 0.2) if side == 0 else (0.8, 1.0)
            grass(
                c,
                rng,
                low + u * 0.02,
                tone,
                34,
                u * (0.16 if kind == "reeds" else 0.1),
                0.1 if side == 0 else -0.1,
                x0 - 0.03,
                x1 + 0.03,
            )
    elif kind != "none":
        heights = skyline(stage, stage.height - u * 0.02, u * 0.03, 2, octaves=2)
        land(c, heights, tone, mix(tone, (150, 170, 204), 0.4), u * 0.1)
    if kind == "trunks":
        _trunks(stage, c, tone)
    elif kind == "leaves" and rng.random() < 0.75:
        _bough(stage, c, rng.choice((-1, 1)), tone)


def _trunks(stage: Stage, c: Canvas, tone: RGB) -> None:
    u, h, w = min(stage.unit, stage.width * 0.75), stage.height, stage.width
    for side in (-1, 1):
        x = -u * 0.02 if side < 0 else w + u * 0.02
        bark = mix((84, 62, 60), (46, 54, 66), 0.35)
        c.soft(
            curves.smooth(
                [
                    (x - u * 0.09, h + 20),
                    (x - u * 0.06, h * 0.5),
                    (x - u * 0.08, -20),
                    (x + u * 0.08, -20),
                    (x + u * 0.06, h * 0.5),
                    (x + u * 0.1, h + 20),
                ],
                steps=4,
            ),
            bark,
            line=False,
        )
        _bough(stage, c, side, tone)


def _bough(stage: Stage, c: Canvas, side: int, tone: RGB) -> None:
    """Leaves hanging in from an upper corner."""
    rng, u, w = stage.rng, stage.unit, stage.width
    x = 0.0 if side < 0 else float(w)
    for k in range(6):
        cx, cy = x - side * u * (0.02 + 0.055 * k), u * (0.03 + 0.018 * math.sin(k * 1.9)) - u * 0.012 * k
        leaves(
            c,
            rng,
            cx,
            cy,
            u * rng.uniform(0.06, 0.1),
            u * rng.uniform(0.045, 0.07),
            light_of(tone) if k % 2 else tone,
            14,
        )
