"""Lights of the sky: sun, moon, stars and their way, rays, rainbow, aurora, lightning."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, Pixels, mix, solid, striped
from app.services.engines.builtin.picture.palette import Palette

Disc = tuple[float, float, float]
"""x, y and radius in pixels."""


def _lay(canvas: Canvas, mask: Pixels, paint: Pixels) -> None:
    """A small mask, and paint small or large, over all of the canvas."""
    size = (canvas.width, canvas.height)
    big = cv2.resize(np.clip(mask, 0, 255).astype(np.uint8), size)
    if paint.shape[:2] != (canvas.height, canvas.width):
        paint = cv2.resize(paint, size)
    canvas.lay(slice(0, canvas.height), slice(0, canvas.width), big, paint)


def stars(canvas: Canvas, rng: Random, bottom: float, amount: float = 1.0, hole: Disc | None = None) -> None:
    """Stars of several sizes and tints, thinning out towards ``bottom`` (pixels); none within the moon's disc."""
    unit = math.sqrt(canvas.width * canvas.height) / 1000
    for _ in range(int(300 * amount)):
        x, y = rng.uniform(0, canvas.width), bottom * rng.random() ** 1.25
        shine, size = rng.random() ** 2.2, rng.choice((0.55, 0.6, 0.75, 1.0))
        tint = rng.choice(((255, 252, 240), (214, 228, 255), (255, 232, 206)))
        if hole is None or math.hypot(x - hole[0], y - hole[1]) > hole[2] * 1.5:
            _star(
                canvas,
                x,
                y,
                max(0.5, (size + 0.9 * shine) * unit),
                tint,
                (0.3 + 0.7 * shine) * (1 - 0.7 * y / max(1.0, bottom)),
            )
    for _ in range(int(6 * amount)):
        x, y, r = rng.uniform(0, canvas.width), rng.uniform(0, bottom * 0.7), rng.uniform(3.2, 6) * unit
        if hole is None or math.hypot(x - hole[0], y - hole[1]) > hole[2] * 2.2:
            canvas.glow(x, y, r * 3.2, (210, 224, 255), 0.45)
            canvas.fill(curves.star(x, y, r, 0.16, 4), (255, 253, 240), 0.95)


def _star(canvas: Canvas, x: float, y: float, r: float, tint: RGB, alpha: float) -> None:
    """A dot in the colour that star and sky make together: quicker than laying it over."""
    row, col = min(canvas.height - 1, int(y)), min(canvas.width - 1, int(x))
    b, g, red = (float(v) for v in canvas.pixels[row, col, :3])
    canvas.dot(x, y, r, mix((red, g, b), tint, alpha))


def milky_way(canvas: Canvas, rng: Random, horizon: float, p: Palette) -> None:
    """A slanting band of star dust with a dark rift in it."""
    w, h = canvas.width // 4 + 1, canvas.height // 4 + 1
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    angle = rng.choice((-1, 1)) * rng.uniform(0.5, 0.95)
    nx, ny = math.sin(angle), math.cos(angle)
    span = float(min(w, h))
    centre = nx * w * rng.uniform(0.35, 0.65) + ny * (horizon / 4) * rng.uniform(0.25, 0.45)
    dust = curves.noise(rng.randrange(1 << 30), w, h, max(2.0, span / 4), 4)
    d = (x * nx + y * ny - centre) / (span * 0.17) + dust * 0.22
    band = np.exp(-d * d) * (0.72 + 0.3 * dust)
    rift = np.exp(-((d * 2.6 + 0.25) ** 2)) * np.clip(0.5 + dust * 0.6, 0, 1)
    fade = np.clip(1.05 - y / max(1.0, horizon / 4), 0, 1)
    glow = np.clip(band - rift * 0.6, 0, 1) * fade
    _lay(canvas, glow * 98, solid(mix(p.sky[2], (226, 220, 255), 0.55), canvas.height, canvas.width))
    unit = math.sqrt(canvas.width * canvas.height) / 1000
    for _ in range(420):
        sx, sy = rng.randrange(w), rng.randrange(max(1, int(min(h, horizon / 4))))
        if rng.random() < float(glow[sy, sx]) * 1.3:
            _star(
                canvas,
                sx * 4.0 + rng.random() * 4,
                sy * 4.0,
                max(0.5, rng.uniform(0.4, 0.8) * unit),
                (240, 240, 255),
                0.6,
            )


def sun(canvas: Canvas, x: float, y: float, r: float, p: Palette, low: bool) -> None:
    """The sun: high it dazzles, low it is large and its glow lies along the horizon."""
    if low:
        canvas.glow(x, y, r * 13, mix(p.sun, p.sky[2], 0.45), 0.62, squash=0.62)
        canvas.glow(x, y, r * 5.5, mix(p.sun, p.sky[2], 0.15), 0.7)
        canvas.glow(x, y, r * 2.2, p.sun, 0.8)
    else:
        canvas.glow(x, y, r * 9, mix(p.sun, p.sky[2], 0.3), 0.55)
        canvas.glow(x, y, r * 3.4, p.sun, 0.75)
    canvas.dot(x, y, r, mix(p.sun, WHITE, 0.45 if low else 0.7))


def disc(canvas: Canvas, x: float, y: float, r: float, colour: RGB, halo: float = 0.35) -> None:
    """A flat sun, as printed or cut from paper."""
    if halo:
        canvas.glow(x, y, r * 3.4, colour, halo)
    canvas.dot(x, y, r, colour)


def moon(canvas: Canvas, rng: Random, x: float, y: float, r: float, p: Palette, full: bool) -> None:
    """The moon in its halo: full, or lit as far as chance says, its horns away from the light."""
    canvas.glow(x, y, r * 8.5, mix(p.sun, p.sky[1], 0.62), 0.5)
    canvas.glow(x, y, r * 3.2, mix(p.sun, p.sky[1], 0.15), 0.5)
    phase = 1.0 if full else rng.choice((-0.72, -0.55, -0.1, 0.45))
    turn, mirror = rng.uniform(-32, -8), rng.choice((-1, 1))
    t = np.linspace(-math.pi / 2, math.pi / 2, 40)
    limb = np.stack([r * np.cos(t), r * np.sin(t)], 1)
    night = np.stack([-phase * r * np.cos(t), r * np.sin(t)], 1)[::-1]
    shape = np.vstack([limb, night]) * np.array((mirror, 1.0))
    a = math.radians(turn * mirror)
    spun = np.stack(
        [
            shape[:, 0] * math.cos(a) - shape[:, 1] * math.sin(a) + x,
            shape[:, 0] * math.sin(a) + shape[:, 1] * math.cos(a) + y,
        ],
        1,
    )
    canvas.fill(spun, mix(p.sun, WHITE, 0.25))
    with canvas.inside(spun):
        for _ in range(7):
            q, d = rng.uniform(0, 6.3), r * rng.uniform(0.1, 0.8)
            size = r * rng.uniform(0.1, 0.3)
            sea = curves.blob(rng, x + d * math.cos(q), y + d * math.sin(q), size, size * 0.8)
            canvas.fill(sea, mix(p.sun, p.sky[1], 0.34), 0.32)


def _polar(canvas: Canvas, x: float, y: float, s: int) -> tuple[Pixels, Pixels]:
    """Angle (-pi to pi) and distance in pixels from a point, for a picture ``s`` times smaller."""
    h, w = canvas.height // s + 1, canvas.width // s + 1
    gy, gx = np.mgrid[0:h, 0:w].astype(np.float32)
    gx, gy = gx * s - np.float32(x), gy * s - np.float32(y)
    distance, angle = cv2.cartToPolar(gx, gy)
    return angle - np.float32(math.pi), distance


def rays(canvas: Canvas, rng: Random, x: float, y: float, colour: RGB, reach: float, alpha: float = 0.3) -> None:
    """Soft beams from the light, of uneven breadth."""
    angle, distance = _polar(canvas, x, y, 5)
    strip = np.clip(curves.noise(rng.randrange(1 << 30), 256, 2, 21, 2)[0] * 0.75, 0, 1)
    strip[:24] *= np.linspace(0, 1, 24)
    strip[-24:] *= np.linspace(1, 0, 24)
    beam = strip[np.clip(((angle / (2 * math.pi) + 0.5) * 255).astype(np.int32), 0, 255)]
    fall = np.clip(1 - distance / np.float32(reach), 0, 1) * np.clip(distance / np.float32(reach * 0.12), 0, 1)
    mask = cv2.GaussianBlur((beam * fall).astype(np.float32), (0, 0), max(0.8, canvas.height / 500))
    _lay(canvas, mask * 255 * alpha, solid(colour, canvas.height, canvas.width))


def sunburst(canvas: Canvas, rng: Random, x: float, y: float, colour: RGB, alpha: float, wedges: int = 0) -> None:
    """Even wedges from one point over the whole sky, as printed on posters."""
    n = wedges or rng.choice((14, 18, 22))
    reach = math.hypot(canvas.width, canvas.height)
    mask: Pixels = np.zeros((canvas.height, canvas.width), np.uint8)
    start = rng.random()
    for k in range(n):
        a, b = (2 * math.pi * (k + start + q) / n for q in (0.0, 0.5))
        pts = [
            (x, y),
            (x + reach * math.cos(a), y + reach * math.sin(a)),
            (x + reach * math.cos(b), y + reach * math.sin(b)),
        ]
        cv2.fillPoly(mask, [np.rint(np.array(pts) * 16).astype(np.int32)], int(255 * alpha), cv2.LINE_AA, 4)
    canvas.lay(slice(0, canvas.height), slice(0, canvas.width), mask, solid(colour, canvas.height, canvas.width))


_BOW = (
    (168, 140, 216),
    (112, 148, 228),
    (104, 196, 190),
    (150, 208, 120),
    (248, 226, 110),
    (246, 166, 88),
    (236, 100, 96),
)
"""From the inner to the outer edge."""


def rainbow(canvas: Canvas, x: float, y: float, r: float, width: float) -> None:
    """A bow around (x, y) whose colours melt into each other, with a faint second one outside."""
    s = 3
    _, distance = _polar(canvas, x, y, s)
    rows = np.arange(distance.shape[0], dtype=np.float32)[:, None] * s
    lift = np.clip((y - rows) / (r * 0.7), 0, 1)
    for radius, breadth, alpha, flip in ((r, width, 0.62, 1), (r * 1.28, width * 1.2, 0.16, -1)):
        t = np.clip((distance - (radius - breadth)) / breadth, 0, 1)
        table = np.array([[c[2], c[1], c[0], 255] for c in _BOW[::flip]], np.float32)
        fine = np.stack([np.interp(np.linspace(0, 6, 64), np.arange(7), table[:, k]) for k in range(4)], 1).astype(
            np.uint8
        )
        mask = np.clip(np.minimum(t, 1 - t) * 4.5, 0, 1) * (0.25 + 0.75 * lift) * (255 * alpha)
        _lay(canvas, mask, fine[(t * 63).astype(np.uint8)])


def aurora(canvas: Canvas, rng: Random, horizon: float) -> None:
    """Hanging curtains of light: bright green feet that fade upwards into violet, pleated and swaying."""
    s = 5
    w, h = canvas.width // s + 1, canvas.height // s + 1
    y = np.arange(h, dtype=np.float32)[:, None]
    for k in range(3):
        line = curves.ridge(rng, w, 2 + k, 2).astype(np.float32)
        foot = (horizon / s * rng.uniform(0.42, 0.78) + line * h * 0.12)[None, :]
        pleats = np.clip(0.55 + 0.5 * curves.ridge(rng, w, 34, 2), 0.08, 1).astype(np.float32)[None, :]
        veil = np.clip(0.5 + 0.9 * curves.ridge(rng, w, 3, 1), 0, 1).astype(np.float32)[None, :]
        tall = h * rng.uniform(0.26, 0.42) * (0.7 + 0.5 * pleats)
        up = (foot - y) / tall
        body = np.where(up > 0, np.exp(-up * 1.8) * np.clip(up * 8, 0, 1), 0) * pleats * veil
        glow = cv2.GaussianBlur(body.astype(np.float32), (0, 0), max(0.8, h / 160))
        t = np.clip(up * 0.9, 0, 1)[:, :, None]
        low, high = rng.choice((((94, 240, 168), (150, 110, 235)), ((90, 226, 214), (196, 110, 220))))
        tone = np.array((*low[::-1], 255), np.float32) * (1 - t) + np.array((*high[::-1], 255), np.float32) * t
        _lay(canvas, glow * (300 - 50 * k), np.rint(tone).astype(np.uint8))


def lightning(canvas: Canvas, rng: Random, x: float, bottom: float) -> None:
    """A forked bolt, thick at its root, that lights the clouds around it."""
    unit = canvas.height / 720
    canvas.glow(x, bottom * 0.16, bottom * 0.85, (178, 190, 236), 0.5)
    trunk = _bolt(rng, x, 0.0, bottom, 15)
    branches = []
    for k in range(3):
        bx, by = trunk[rng.randrange(3, 9)]
        lean = (-1 if k % 2 else 1) * rng.uniform(0.4, 0.9)
        branches.append(_bolt(rng, bx, by, by + (bottom - by) * rng.uniform(0.3, 0.6), 7, lean))
    for points in branches:
        canvas.stroke(points, max(1.0, 1.3 * unit), (206, 214, 250), smooth=False)
    for px, py in trunk[::3]:
        canvas.glow(px, py, bottom * 0.16, (206, 216, 255), 0.34)
    for k, (a, b) in enumerate(pairwise(trunk)):
        canvas.stroke([a, b], max(1.0, (4.2 - 2.6 * k / len(trunk)) * unit), (250, 250, 255), smooth=False)


def _bolt(rng: Random, x: float, y: float, bottom: float, steps: int, lean: float = 0.0) -> list[tuple[float, float]]:
    step = (bottom - y) / steps
    points = [(x, y)]
    for _ in range(steps):
        y += step
        x += step * (rng.uniform(-0.85, 0.85) + lean)
        points.append((x, y))
    return points


def slats(canvas: Canvas, x: float, y: float, r: float, top: RGB, bottom: RGB) -> None:
    """A setting sun cut by dark bars towards its foot, as on a record of the eighties."""
    canvas.glow(x, y, r * 2.6, bottom, 0.55)
    rows = np.linspace(-1, 1, max(2, int(2 * r)))
    t = np.clip((rows + 1) / 2, 0, 1)[:, None]
    lines = np.array((*top[::-1], 255.0)) * (1 - t) + np.array((*bottom[::-1], 255.0)) * t
    bars = (rows < 0.05) | (np.mod(rows * 6.0, 1.0) > np.clip(rows * 0.62, 0, 0.6))
    size = len(rows)
    mask: Pixels = np.zeros((size, size), np.uint8)
    cv2.circle(mask, (size // 2, size // 2), max(1, size // 2 - 1), 255, -1, cv2.LINE_AA)
    mask = np.where(bars[:, None], mask, 0).astype(np.uint8)
    paint = striped(np.rint(lines).astype(np.uint8), size)
    x0, y0 = int(x - size / 2), int(y - size / 2)
    a, b, c, d = max(0, x0), max(0, y0), min(canvas.width, x0 + size), min(canvas.height, y0 + size)
    if c > a and d > b:
        part = (slice(b - y0, d - y0), slice(a - x0, c - x0))
        canvas.lay(slice(b, d), slice(a, c), np.ascontiguousarray(mask[part]), np.ascontiguousarray(paint[part]))
