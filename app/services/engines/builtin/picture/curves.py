"""Points: smooth curves, outlines of limbs, soft blobs, ridges and noise. All in whatever units the caller has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Curve = npt.NDArray[np.float64]
Points = Sequence[tuple[float, float]] | Curve


def smooth(points: Points, *, closed: bool = True, steps: int = 7) -> Curve:
    """A Catmull-Rom curve through all points, ``steps`` per stretch; shape (n, 2)."""
    p = np.asarray(points, np.float64)
    if closed:
        a, b, c, d = np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0)
    else:
        ext = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        a, b, c, d = ext[:-3], ext[1:-2], ext[2:-1], ext[3:]
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = a[:, None], b[:, None], c[:, None], d[:, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    out = curve.reshape(-1, 2)
    return out if closed else np.vstack([out, p[-1:]])


def oval(x: float, y: float, rx: float, ry: float, angle: float = 0.0, steps: int = 36) -> Curve:
    """An ellipse as a polygon; ``angle`` in degrees."""
    cosines, sines = _circle(steps)
    px, py = rx * cosines, ry * sines
    ca, sa = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    out = np.empty((steps, 2))
    out[:, 0], out[:, 1] = x + px * ca - py * sa, y + px * sa + py * ca
    return out


@lru_cache
def _circle(steps: int) -> tuple[Curve, Curve]:
    t = np.linspace(0, 2 * math.pi, steps, endpoint=False)
    return np.cos(t), np.sin(t)


def box(x0: float, y0: float, x1: float, y1: float, r: float = 0.0) -> Curve:
    """A rectangle, with round corners of radius ``r``."""
    x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    if r <= 0:
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)
    r = min(r, (x1 - x0) / 2, (y1 - y0) / 2)
    t = np.linspace(0, math.pi / 2, 6)
    corners = ((x1 - r, y1 - r, 0.0), (x0 + r, y1 - r, 0.5), (x0 + r, y0 + r, 1.0), (x1 - r, y0 + r, 1.5))
    return np.vstack(
        [np.stack([cx + r * np.cos(t + q * math.pi), cy + r * np.sin(t + q * math.pi)], 1) for cx, cy, q in corners]
    )


def tube(points: Points, widths: Sequence[float], steps: int = 6) -> Curve:
    """The outline of a limb along ``points`` with a width at each, round at both ends."""
    line = smooth(points, closed=False, steps=steps)
    w = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), np.asarray(widths, np.float64)) / 2
    d = np.gradient(line, axis=0)
    d /= np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-9)[:, None]
    n = np.stack([-d[:, 1], d[:, 0]], 1)
    t = np.linspace(-math.pi / 2, math.pi / 2, 7)[1:-1, None]
    head = line[-1] + w[-1] * (np.cos(t) * d[-1] - np.sin(t) * n[-1])
    tail = line[0] + w[0] * (-np.cos(t) * d[0] + np.sin(t) * n[0])
    return np.vstack([line + n * w[:, None], head, (line - n * w[:, None])[::-1], tail])


def blob(rng: Random, x: float, y: float, rx: float, ry: float, rough: float = 0.12, lobes: int = 9) -> Curve:
    """A soft irregular round shape."""
    pts = []
    for k in range(lobes):
        a, r = 2 * math.pi * k / lobes, 1 + rng.uniform(-rough, rough)
        pts.append((x + rx * r * math.cos(a), y + ry * r * math.sin(a)))
    return smooth(pts, steps=4)


def star(x: float, y: float, r: float, inner: float = 0.45, points: int = 5, turn: float = -90.0) -> Curve:
    """A star with its first point upwards on a canvas whose y grows downwards."""
    out = []
    for k in range(points * 2):
        a = math.radians(turn + 180 * k / points)
        q = r if k % 2 == 0 else r * inner
        out.append((x + q * math.cos(a), y + q * math.sin(a)))
    return np.array(out)


def ridge(rng: Random, count: int, cells: int, octaves: int = 5, rough: float = 0.5, sharp: bool = False) -> Curve:
    """Heights of a skyline, about -1 to 1, ``count`` samples; ``sharp`` keeps the peaks pointed."""
    x = np.linspace(0, 1, count)
    y = np.zeros(count)
    total = 0.0
    for o in range(octaves):
        n = cells * 2**o
        knots = np.array([rng.uniform(-1, 1) for _ in range(n + 1)])
        t = x * n
        i = np.minimum(t.astype(int), n - 1)
        u = t - i
        u = u if sharp and o < 3 else u * u * (3 - 2 * u)
        y += rough**o * (knots[i] * (1 - u) + knots[i + 1] * u)
        total += rough**o
    return np.asarray(y / total * 1.5)


def noise(seed: int, width: int, height: int, cell: float, octaves: int = 3) -> npt.NDArray[np.float32]:
    """Smooth noise of mean 0 and spread about 1; ``cell`` is the coarsest grain in pixels."""
    rng = np.random.default_rng(seed)
    out = np.zeros((height, width), np.float32)
    weight = 1.0
    for _ in range(octaves):
        h, w = max(2, round(height / cell) + 1), max(2, round(width / cell) + 1)
        grid: Any = rng.standard_normal((h, w), np.float32)
        out += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(weight)
        weight *= 0.55
        cell = max(1.0, cell / 2.2)
    return out
