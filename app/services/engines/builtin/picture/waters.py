"""Water: it mirrors the sky, its waves are small far off and large near, and the light walks over it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.curves import Curve
from app.services.engines.builtin.picture.stage import Stage, band, land, skyline
from app.services.engines.builtin.picture.terrain import calm, fade, scale_at


def water_tone(stage: Stage) -> RGB:
    """Water takes the colour of the sky."""
    p = stage.palette
    tone = mix(mix((62, 146, 184), p.sky[1], 0.35), p.sky[0], 0.2)
    return mix(tone, (70, 88, 104), 0.45) if stage.scene.weather == "storm" else tone


def whole(colour: RGB) -> RGB:
    """The same colour in whole numbers."""
    return (round(colour[0]), round(colour[1]), round(colour[2]))


def water(stage: Stage, layer: str, top: float, *, waves: bool, depth: float = 0.36) -> None:
    """Water from ``top`` down: haze on its horizon, crests that grow towards the eye, the path of the light."""
    p, u, c = stage.palette, stage.unit, stage[layer]
    tone = water_tone(stage)
    near = mix(shade_of(tone), p.sky[0], 0.35)
    land(c, np.full(stage.width, top), mix(tone, p.sky[2], 0.6), near, u * depth)
    fade(c, top, top + u * 0.03, mix(p.sky[2], WHITE, 0.25), 0.55, 0.0)
    crests(stage, layer, top, top + u * depth, tone, 54 if waves else 22)
    shimmer(stage, layer, top, top + u * depth)


def crests(stage: Stage, layer: str, top: float, bottom: float, tone: RGB, count: int) -> None:
    """Waves as flat bows with a light back and a dark foot, in rows of rising size."""
    c, rng, u = stage[layer], stage.rng, stage.unit
    rough = 1.7 if stage.scene.weather == "storm" else 1.0
    bright, dark = mix(tone, WHITE, 0.42), shade_of(mix(tone, stage.palette.sky[0], 0.4))
    for k in range(round(count * max(0.6, stage.width / (u * 1.7)))):
        t = (k + rng.random()) / (count * 1.05)
        y = top + u * 0.008 + (bottom - top) * min(1.0, t) ** 1.5
        s = 0.16 + 1.1 * min(1.0, t)
        x, w, h = rng.uniform(-0.05, 1.05) * stage.width, u * 0.075 * s * rng.uniform(0.6, 1.4), u * 0.0055 * s * rough
        bow = [(x - w, y), (x - w * 0.4, y - h * 0.9), (x + w * 0.1, y - h * 1.2), (x + w, y)]
        line = curves.smooth(bow, closed=False, steps=4)
        c.fill(np.vstack([line, [(x + w * 0.1, y + h * 1.1)]]), dark, 0.22)
        c.fill(np.vstack([line, line[::-1] + np.array((0.0, h * 0.62))]), bright, 0.5)


def shimmer(stage: Stage, layer: str, top: float, bottom: float) -> None:
    """The glittering path under sun or moon, narrow at the horizon and wide near the eye."""
    c, rng, u, p = stage[layer], stage.rng, stage.unit, stage.palette
    if stage.scene.weather in ("rain", "storm", "fog", "cloudy", "snow"):
        return
    lx = stage.light[0]
    low = stage.scene.time in ("dawn", "dusk", "night")
    shine = mix(p.sun, WHITE, 0.15)
    c.glow(lx, top + u * 0.02, u * (0.34 if low else 0.22), shine, 0.5 if low else 0.3, squash=0.5)
    for k in range(70 if low else 44):
        t = rng.random() ** 1.3
        y = top + u * 0.004 + t * (bottom - top)
        spread = u * (0.022 + 0.11 * t)
        x = lx + rng.gauss(0, 1) * spread * 0.6
        w = u * (0.008 + 0.04 * t) * rng.uniform(0.5, 1.3)
        strength = (0.85 if low else 0.6) * (1 - 0.35 * t)
        c.fill(curves.oval(x, y, w, u * (0.0014 + 0.0034 * t), steps=10), shine if k % 4 else WHITE, strength)


def foam_line(stage: Stage, layer: str, line: Curve, width: float, strength: float = 0.85) -> None:
    """A ragged white edge along points, with a thin second one behind it."""
    c, rng = stage[layer], stage.rng
    ragged = line + np.stack([np.zeros(len(line)), np.array([rng.uniform(-0.5, 0.5) * width for _ in line])], 1)
    c.fill(np.vstack([ragged, line[::-1] + np.array((0.0, width))]), WHITE, strength)
    c.fill(
        np.vstack([line - np.array((0.0, width * 1.9)), (line - np.array((0.0, width * 1.4)))[::-1]]),
        WHITE,
        strength * 0.4,
    )


def swell(stage: Stage, layer: str, y: float, height: float, tone: RGB) -> None:
    """A near wave from edge to edge: a lit back, foam on its crest, dark in its trough."""
    c, rng, u = stage[layer], stage.rng, stage.unit
    heights = np.minimum(skyline(stage, y, height, 4, octaves=2, rough=0.4), stage.height * 0.94)
    land(c, heights, mix(tone, WHITE, 0.16), shade_of(shade_of(tone)), u * 0.22)
    band(c, heights, 0, u * 0.006, WHITE, 0.6)
    band(c, heights, u * 0.014, u * 0.02, light_of(tone), 0.28)
    crest = heights - heights.mean()
    for _ in range(12):
        x = rng.uniform(0, stage.width)
        k = int(min(x, stage.width - 1))
        if crest[k] < 0:
            w = u * rng.uniform(0.02, 0.06)
            c.fill(curves.oval(x, float(heights[k]) + u * 0.008, w, u * 0.005, steps=12), WHITE, 0.55)


def mirror(stage: Stage, layer: str, y: float, depth: float, strength: float = 0.42) -> None:
    """What stands on the far layer above ``y`` seen again, upside down and broken, in the water below."""
    c, a = stage[layer], int(min(max(2, y), stage.height - 2))
    n = int(min(depth, a, stage.height - a))
    if n < 4:
        return
    above = stage["far"].pixels[a - n : a][::-1]
    rows = np.arange(n, dtype=np.float32)
    shift = (np.sin(rows * (40.0 / n) + rows**0.5) * stage.unit * 0.004 * (0.3 + rows / n)).astype(np.float32)
    mx = np.arange(stage.width, dtype=np.float32)[None, :] + shift[:, None]
    my = np.repeat(rows[:, None], stage.width, 1)
    broken = cv2.remap(above, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ramp = np.linspace(255 * strength, 255 * strength * 0.25, n).astype(np.uint8)[:, None]
    alpha = cv2.multiply(cv2.extractChannel(broken, 3), np.repeat(ramp, stage.width, 1), scale=1 / 255)
    opaque = cv2.cvtColor(broken, cv2.COLOR_mRGBA2RGBA)
    opaque[:, :, 3] = 255
    c.lay(slice(a, a + n), slice(0, stage.width), alpha, opaque)


def stream(
    stage: Stage, y0: float, y1: float, x0: float, x1: float, width: float, bend: float
) -> tuple[Curve, Curve, Curve]:
    """Middle, half width and y of a winding river from (x0, y0) far off to (x1, y1), ``width`` pixels at the feet."""
    t = np.linspace(0, 1, 30)
    y = y0 + (y1 - y0) * t
    middle = x0 + (x1 - x0) * t**1.4 + bend * np.sin(t * math.pi * 2.1) * (0.15 + 0.85 * t) * (1.05 - t)
    half = width / 2 * np.maximum(0.02, (y - stage.horizon) / max(1.0, stage.feet - stage.horizon)) ** 1.1
    return _beside(stage, middle, half, y, 1 if x1 > stage.hero_x * stage.width else -1), half, y


def _beside(stage: Stage, middle: Curve, half: Curve, y: Curve, side: int) -> Curve:
    """The middle of a river moved to ``side`` where it would run under the feet of the figures."""
    beings = stage.scene.beings
    if not beings:
        return middle
    company, tall = sum(being.count for being in beings) > 1, stage.height > stage.width * 1.2
    room = (0.46 if tall else 0.34) if company else (0.24 if tall else 0.17) if beings[0].animal else 0.15
    t = np.clip((y - stage.feet) / (0.24 * stage.unit) + 1.4, 0, 1)
    weight = t * t * (3 - 2 * t)
    bow = (
        0.05 * np.sin(5.5 * t) + 0.42 * np.clip((y - stage.feet) / max(1.0, stage.height - stage.feet) + 0.5, 0, 2) ** 2
    )
    bank = stage.width * (stage.hero_x + side * (room + bow)) + side * half * 1.16
    return middle + side * weight * np.maximum(0.0, (bank - middle) * side)


def paint_stream(stage: Stage, layer: str, middle: Curve, half: Curve, y: Curve, bank: RGB) -> None:
    """A river: earth banks, the sky in it, lines of the current, stones with foam."""
    c, rng, u = stage[layer], stage.rng, stage.unit
    tone = water_tone(stage)
    for grow, colours in (
        (1.14, (mix(bank, WHITE, 0.1), shade_of(bank))),
        (1.0, (mix(tone, stage.palette.sky[2], 0.6), tone)),
    ):
        edge = half * grow + u * 0.004 * (grow - 1) * 10
        shape = np.vstack([np.stack([middle - edge, y], 1), np.stack([middle + edge, y], 1)[::-1]])
        c.graded(shape, *colours)
    n = len(y)
    for _ in range(40):
        i = int(rng.random() ** 0.7 * (n - 1))
        s = scale_at(stage, float(y[i]))
        x = float(middle[i] + rng.uniform(-0.85, 0.85) * half[i])
        w = u * 0.09 * s * rng.uniform(0.4, 1.2) + 1
        strength = 0.5 * calm(stage, float(y[i]))
        c.fill(
            curves.oval(x, float(y[i]), min(w, float(half[i]) * 0.5), u * 0.004 * s + 0.6, steps=10), WHITE, strength
        )
    for _ in range(5):
        i = int(rng.uniform(0.35, 0.85) * (n - 1))
        s = scale_at(stage, float(y[i])) * u
        stone(
            stage, layer, float(middle[i] + rng.uniform(-0.7, 0.7) * half[i]), float(y[i]), s * rng.uniform(0.03, 0.06)
        )


def stone(stage: Stage, layer: str, x: float, y: float, r: float) -> None:
    """A stone in water with foam around its foot."""
    c = stage[layer]
    c.fill(curves.oval(x, y + r * 0.1, r * 1.35, r * 0.3, steps=16), WHITE, 0.6)
    pts = [
        (x - r, y + r * 0.1),
        (x - r * 0.7, y - r * 0.5),
        (x, y - r * 0.75),
        (x + r * 0.8, y - r * 0.4),
        (x + r, y + r * 0.1),
    ]
    c.soft(curves.smooth(pts, steps=4), (150, 150, 158), line=False)


def waves(stage: Stage, amount: float, top: float, bottom: float, depth: float = 0.3) -> None:
    """The moving water between two heights in pixels."""
    tone = whole(mix(stage.palette.sky[1], WHITE, 0.5))
    h = stage.height
    stage.effect("waves", amount, tone, depth=depth, box=(0.0, max(0.0, top / h), 1.0, min(1.0, bottom / h)))
