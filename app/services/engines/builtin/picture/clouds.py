"""Clouds: heaps with lit tops and shaded bellies, feathers, fleets in perspective, and the low roof of a rainy day.

All are painted small and enlarged: clouds have no sharp edges, and it is a tenth of the work.
"""

from __future__ import annotations

import math
from random import Random

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, Pixels, mix, solid, times
from app.services.engines.builtin.picture.palette import Palette

_D = 48
_Y, _X = np.mgrid[-1 : 1 : _D * 1j, -1 : 1 : _D * 1j].astype(np.float32)
_R = np.hypot(_X, _Y)
_DOME = np.clip((1.0 - _R) / 0.16, 0, 1)
"""Cover of one puff."""


def _toned(lit: Pixels, tones: tuple[RGB, RGB, RGB]) -> Pixels:
    """Opaque paint from light values of 0 (shade) to 255 through three tones."""
    at = (0, 130, 255)
    table = np.stack([np.interp(np.arange(256), at, [t[k] for t in tones]) for k in (2, 1, 0)], 1)
    table = np.column_stack([table, np.full(256, 255.0)]).astype(np.uint8)
    return np.asarray(table[lit])


def _place(canvas: Canvas, paint: Pixels, mask: Pixels, left: int, top: int) -> None:
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(canvas.width, left + mask.shape[1]), min(canvas.height, top + mask.shape[0])
    if x1 > x0 and y1 > y0:
        part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        canvas.lay(slice(y0, y1), slice(x0, x1), np.ascontiguousarray(mask[part]), np.ascontiguousarray(paint[part]))


def _puffs(rng: Random, w: int, h: int) -> list[tuple[float, float, float]]:
    """(x, y, radius) of the puffs of a heap that stands on 0.86 of ``h``, filling an outline of two or three humps."""
    base, peak = h * 0.86, rng.uniform(-0.4, 0.4)
    humps = [(peak, rng.uniform(0.4, 0.56), 1.0)]
    for _ in range(rng.choice((1, 2, 2))):
        side = -1 if peak > 0 else 1
        humps.append((peak + side * rng.uniform(0.4, 0.9), rng.uniform(0.28, 0.42), rng.uniform(0.45, 0.75)))
    out = []
    for k in range(46):
        x = rng.uniform(-0.92, 0.92) if k > 13 else (k + rng.uniform(-0.3, 0.3)) / 6.5 - 1
        top = max(tall * math.exp(-(((x - at) / wide) ** 2)) for at, wide, tall in humps)
        top = max(0.1 * (1 - x * x), top * (1 - 0.3 * x * x))
        up = 0.0 if k <= 13 else rng.random() ** 0.6
        r = h * (0.055 + 0.125 * top) * (1.12 - 0.5 * up) * rng.uniform(0.8, 1.15)
        y = base - r * 0.5 - up * max(0.0, top * h * 0.82 - r * 1.3)
        out.append((w / 2 + x * w * 0.44, max(r * 1.08, y), r))
    return sorted(out, key=lambda p: p[1])


def _heap(rng: Random, w: int, h: int, side: float) -> tuple[Pixels, Pixels]:
    """Cover and light (0 to 255) of one heaped cloud; the light comes from ``side`` (-1 left, 1 right) and above."""
    cover: Pixels = np.zeros((h, w), np.float32)
    lit: Pixels = np.zeros((h, w), np.float32)
    slope = np.clip(0.56 + 0.62 * (side * 0.5 * _X - 0.86 * _Y), 0.06, 1.0)
    base = h * 0.86
    for x, y, r in _puffs(rng, w, h):
        d = max(3, int(2 * r))
        x0, y0 = int(x - r), int(y - r)
        a, b = max(0, x0), max(0, y0)
        c, e = min(w, x0 + d), min(h, y0 + d)
        if c <= a or e <= b:
            continue
        part = (slice(b - y0, e - y0), slice(a - x0, c - x0))
        dome = cv2.resize(_DOME, (d, d))[part]
        low = max(0.0, min(1.0, y / base))
        tone = cv2.resize(slope, (d, d))[part] * np.float32(1.12 - 0.72 * low**1.5)
        lit[b:e, a:c] += (tone - lit[b:e, a:c]) * dome
        np.maximum(cover[b:e, a:c], dome, out=cover[b:e, a:c])
    rows = np.arange(h, dtype=np.float32)[:, None]
    wave = curves.ridge(rng, w, 3, 2).astype(np.float32)[None, :] * h * 0.02
    cover *= np.clip((base + wave - rows) / (h * 0.1) + 0.45, 0, 1)
    soft = max(0.6, h * 0.008)
    cover = cv2.GaussianBlur(cover, (0, 0), soft)
    lit = cv2.GaussianBlur(lit, (0, 0), soft * 1.4)
    return (cover * 255).astype(np.uint8), np.clip(lit * 255, 0, 255).astype(np.uint8)


def cloud(
    canvas: Canvas,
    rng: Random,
    x: float,
    y: float,
    width: float,
    p: Palette,
    alpha: float = 0.95,
    side: float = -1.0,
    tall: float = 0.5,
) -> None:
    """One heaped cloud around (x, y), its foot a little below; ``tall`` is its height as a share of ``width``."""
    s = 0.4 if width > 240 else 0.6 if width > 120 else 1.0
    w, h = max(12, int(width * s)), max(8, int(width * s * tall))
    cover, lit = _heap(rng, w, h, side)
    top = mix(p.cloud[0], p.sun, 0.18 * (1 - p.dark))
    shade = mix(p.cloud[1], (150, 158, 196), 0.34 * (1 - p.dark))  # never the colour of the sky behind it
    paint = _toned(lit, (shade, mix(shade, p.cloud[0], 0.66), mix(top, WHITE, 0.22 * (1 - p.dark))))
    big = (max(1, int(w / s)), max(1, int(h / s)))
    mask = cv2.convertScaleAbs(cv2.resize(cover, big, interpolation=cv2.INTER_CUBIC), alpha=alpha)
    _place(canvas, cv2.resize(paint, big), mask, int(x - big[0] / 2), int(y - big[1] * 0.6))


def streaks(
    canvas: Canvas, rng: Random, top: float, bottom: float, colour: RGB, count: int, alpha: float = 0.35
) -> None:
    """Long thin clouds between two heights (fractions), each a stroke that thins out at both ends."""
    w, h = canvas.width // 4 + 1, canvas.height // 4 + 1
    mask: Pixels = np.zeros((h, w), np.uint8)
    for _ in range(count):
        x, y = rng.uniform(-0.1, 1.1) * w, rng.uniform(top, bottom) * h
        for _ in range(3):
            rx, ry = rng.uniform(0.06, 0.2) * w, rng.uniform(0.003, 0.012) * h
            cx, cy = x + rng.uniform(-0.5, 0.5) * rx, y + rng.uniform(-2, 2) * ry
            pts = np.array([(cx - rx, cy), (cx - rx * 0.2, cy - ry), (cx + rx, cy), (cx + rx * 0.1, cy + ry * 0.8)])
            cv2.fillPoly(
                mask,
                [np.rint(curves.smooth(list(map(tuple, pts))) * 16).astype(np.int32)],
                int(255 * alpha * rng.uniform(0.5, 1)),
                cv2.LINE_AA,
                4,
            )
    _cover(canvas, cv2.GaussianBlur(mask, (0, 0), max(0.8, h * 0.005)), colour)


def _cover(canvas: Canvas, mask: Pixels, colour: RGB) -> None:
    """Lay one colour over all of the canvas where a small mask says."""
    big = cv2.resize(mask, (canvas.width, canvas.height), interpolation=cv2.INTER_LINEAR)
    canvas.lay(slice(0, canvas.height), slice(0, canvas.width), big, solid(colour, canvas.height, canvas.width))


def cirrus(canvas: Canvas, rng: Random, horizon: float, colour: RGB, alpha: float = 0.5) -> None:
    """Feathers of ice high up, combed by the wind."""
    w, h = canvas.width // 4 + 1, canvas.height // 4 + 1
    long = curves.noise(rng.randrange(1 << 30), max(4, w // 14), h, max(2.0, h / 18), 3)
    fine = curves.noise(rng.randrange(1 << 30), max(4, w // 7), h, max(2.0, h / 40), 2)
    broad = curves.noise(rng.randrange(1 << 30), w, h, max(3.0, w / 3), 2)
    field = cv2.resize(long, (w, h), interpolation=cv2.INTER_CUBIC) * 0.4 + broad * 0.62
    field += cv2.resize(fine, (w, h), interpolation=cv2.INTER_CUBIC) * 0.16
    lean = rng.choice((-1, 1)) * rng.uniform(0.12, 0.34)
    field = cv2.warpAffine(
        field, np.array([[1, 0, 0], [lean, 1, -lean * w / 2]], np.float32), (w, h), borderMode=cv2.BORDER_REFLECT
    )
    rows = np.arange(h, dtype=np.float32)[:, None] / max(1.0, horizon / 4)
    fade = np.clip(rows * 6, 0, 1) * np.clip((0.82 - rows) * 2.4, 0, 1)
    mask = np.clip((field - 0.35) * 0.75, 0, 1) * fade
    _cover(canvas, (mask * 255 * alpha).astype(np.uint8), colour)


def _seamless(seed: int, size: int, cell: float, octaves: int) -> Pixels:
    """Noise of spread about 1 that repeats without a seam, (size, size)."""
    rng = np.random.default_rng(seed)
    out: Pixels = np.zeros((size, size), np.float32)
    counts = [n for n in (4, 6, 8, 12, 16, 24, 32, 48) if n >= size / cell * 0.8][:octaves]
    for k, n in enumerate(counts):
        step = size // n
        grid = np.pad(rng.standard_normal((n, n), np.float32), 2, mode="wrap")
        big = cv2.resize(grid, ((n + 4) * step, (n + 4) * step), interpolation=cv2.INTER_CUBIC)
        out += big[2 * step : 2 * step + size, 2 * step : 2 * step + size] * np.float32(0.62**k)
    return out


def _perspective(rng: Random, w: int, h: int, horizon: float, cell: float, octaves: int, wide: float) -> Pixels:
    """Noise on a ceiling that runs away to the horizon, about -1 to 1, for small pictures."""
    size = 192
    field = _seamless(rng.randrange(1 << 30), size, cell, octaves)
    rows = np.arange(h, dtype=np.float32)[:, None]
    near = 1.0 / (np.clip(horizon - rows, 0, None) / max(1.0, horizon) + 0.17)
    cols = (np.arange(w, dtype=np.float32)[None, :] - w / 2) / max(w, h)
    at_x = (cols * near * wide + 0.5) * size + rng.uniform(0, size)
    at_y = near * (size * 0.5) + np.zeros_like(cols)
    return np.asarray(
        cv2.remap(field, at_x.astype(np.float32), at_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    )


def fleet(canvas: Canvas, rng: Random, horizon: float, p: Palette, alpha: float = 0.8) -> None:
    """A sky full of small clouds that grow smaller towards the horizon."""
    w, h = canvas.width // 3 + 1, canvas.height // 3 + 1
    field = _perspective(rng, w, h, horizon / 3, rng.uniform(11, 17), 3, rng.uniform(0.5, 0.75))
    rows = np.arange(h, dtype=np.float32)[:, None] / max(1.0, horizon / 3)
    cover = np.clip((field - 0.28) * 1.5, 0, 1) * np.clip((0.93 - rows) * 5, 0, 1)
    body = cv2.GaussianBlur(np.clip(field - 0.2, 0, 2), (0, 0), max(0.8, h / 130))
    lit = np.clip(235 - body * 115, 0, 255).astype(np.uint8)
    paint = _toned(lit, (p.cloud[1], mix(p.cloud[1], p.cloud[0], 0.6), p.cloud[0]))
    size = (canvas.width, canvas.height)
    mask = cv2.resize((cover * 255 * alpha).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    _place(canvas, cv2.resize(paint, size), mask, 0, 0)


def roof(canvas: Canvas, rng: Random, horizon: float, p: Palette, drama: float) -> None:
    """The low ceiling of a grey day; ``drama`` 0 is an even blanket, 1 a thunder sky with torn dark bellies."""
    w, h = canvas.width // 3 + 1, canvas.height // 3 + 1
    large = _perspective(rng, w, h, horizon / 3, rng.uniform(30, 44), 4, rng.uniform(0.55, 0.8))
    small = _perspective(rng, w, h, horizon / 3, 15, 3, 0.8)
    field = large * 0.75 + small * (0.16 + 0.2 * drama)
    rows = np.arange(h, dtype=np.float32)[:, None] / max(1.0, horizon / 3)
    lit = np.clip(128 + field * (46 + 62 * drama) + (rows - 0.45) * 60 * drama, 0, 255)
    dark = times(p.cloud[1], 1 - 0.24 * drama)
    paint = _toned(lit.astype(np.uint8), (dark, mix(p.cloud[1], p.sky[1], 0.45), mix(p.cloud[0], p.sky[2], 0.4)))
    cover = np.clip(0.62 + 0.3 * drama + field * 0.2, 0, 1) * np.clip((1.0 - rows) * (2.4 + 2 * drama), 0, 1)
    size = (canvas.width, canvas.height)
    mask = cv2.resize((cover * 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    _place(canvas, cv2.resize(paint, size), mask, 0, 0)


def curtains(canvas: Canvas, rng: Random, horizon: float, colour: RGB, alpha: float = 0.34) -> None:
    """Rain that falls far away, as slanting veils under the clouds."""
    w, h = canvas.width // 5 + 1, canvas.height // 5 + 1
    line = np.clip(curves.ridge(rng, w, 5, 3) * 1.2, 0, 1).astype(np.float32)
    rows = np.arange(h, dtype=np.float32)[:, None] / max(1.0, horizon / 5)
    mask = (np.clip((rows - 0.3) * 3, 0, 1) * np.clip((1.04 - rows) * 8, 0, 1)) * line[None, :]
    lean = np.array([[1, -0.35, 0.2 * h], [0, 1, 0]], np.float32)
    _cover(canvas, (cv2.warpAffine(mask, lean, (w, h)) * 255 * alpha).astype(np.uint8), colour)


def pills(canvas: Canvas, rng: Random, horizon: float, colours: tuple[RGB, RGB], count: int) -> None:
    """Flat clouds made of rounded bars, as on a poster; no light and no shade."""
    u = min(canvas.width, canvas.height)
    for k in range(count):
        x, y = rng.uniform(0.04, 0.96) * canvas.width, horizon * (0.16 + 0.5 * (k + rng.random()) / max(1, count))
        wide, bar = u * rng.uniform(0.16, 0.34), u * rng.uniform(0.02, 0.03)
        tone = mix(colours[0], colours[1], 0.35 * rng.random())
        for j, share in enumerate((0.55, 1.0, 0.7)):
            cx = x + rng.uniform(-0.2, 0.2) * wide
            half = wide * share / 2
            top = y + (j - 1) * bar * 1.7
            canvas.fill(curves.box(cx - half, top - bar, cx + half, top + bar, bar * 0.98), tone)
