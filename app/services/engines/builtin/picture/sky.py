"""Skies: gradient, sun, moon, stars, clouds, rainbow, aurora, lightning. Painted in final colours, opaque."""

from __future__ import annotations

import math
from random import Random

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, Pixels, bgra, mix, solid
from app.services.engines.builtin.picture.palette import Palette
from app.services.engines.builtin.picture.words import Scene


def wash(canvas: Canvas, stops: tuple[tuple[float, RGB], ...], seed: int, wave: float = 0.05) -> None:
    """Fill the canvas with a vertical gradient whose bands waver like a painted wash."""
    h, w = canvas.height, canvas.width
    sh, sw = max(8, h // 6), max(8, w // 6)
    rows = np.linspace(0, 1, sh, dtype=np.float32)[:, None] + curves.noise(seed, sw, sh, sw / 2.5, 2) * np.float32(
        wave * 0.5
    )
    at = [s[0] for s in stops]
    planes = [np.interp(rows, at, [bgra(s[1])[k] for s in stops]) for k in range(3)]
    small = np.stack([*planes, np.full_like(planes[0], 255)], 2).astype(np.float32)
    big = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
    canvas.pixels[:] = cv2.convertScaleAbs(big)


def cloud(canvas: Canvas, rng: Random, x: float, y: float, width: float, p: Palette, alpha: float = 0.95) -> None:
    """One heaped cloud with a lit top and a soft flat foot."""
    s = 0.5 if width > 120 else 1.0
    w, h = max(12, int(width * s)), max(8, int(width * s * 0.5))
    mask: Pixels = np.zeros((h, w), np.uint8)
    base = h * 0.8
    for _ in range(15):
        t = rng.uniform(-1, 1)
        r = h * (0.14 + 0.2 * (1 - abs(t) ** 1.4)) * rng.uniform(0.75, 1.15)
        cx = w / 2 + t * w * 0.36
        cy = max(r * 1.08, base - r * rng.uniform(0.55, 1.0) - h * 0.2 * (1 - t * t) * rng.random())
        cv2.circle(mask, (int(cx * 16), int(cy * 16)), int(r * 16), 255, -1, cv2.LINE_AA, 4)
    cv2.ellipse(
        mask,
        (int(w / 2 * 16), int(base * 16)),
        (int(w * 0.44 * 16), int(h * 0.13 * 16)),
        0,
        0,
        360,
        255,
        -1,
        cv2.LINE_AA,
        4,
    )
    k = max(1, int(h * 0.03)) * 2 + 1
    mask = cv2.GaussianBlur(mask, (k, k), 0)
    # The light comes from above left: what the cloud has above itself shades it.
    up = np.array([[1, 0, h * 0.06], [0, 1, h * 0.16]], np.float32)
    j = max(1, int(h * 0.1)) * 2 + 1
    shade = cv2.GaussianBlur(cv2.warpAffine(mask, up, (w, h)), (j, j), 0).astype(np.float32) / 255
    fade = np.linspace(0, 1, h, dtype=np.float32)[:, None] ** 1.6
    t2 = np.clip(0.55 * shade * (0.3 + fade) + 0.35 * fade, 0, 1)[:, :, None]
    paint = np.array(bgra(p.cloud[0]), np.float32) * (1 - t2) + np.array(bgra(p.cloud[1]), np.float32) * t2
    mask = (mask.astype(np.float32) * alpha * (1 - 0.55 * np.clip(fade * 1.6 - 0.75, 0, 1))).astype(np.uint8)
    big = (int(w / s), int(h / s))
    _put(
        canvas, cv2.resize(paint.astype(np.uint8), big), cv2.resize(mask, big), int(x - width / 2), int(y - h / s * 0.8)
    )


def _put(canvas: Canvas, paint: Pixels, mask: Pixels, left: int, top: int) -> None:
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(canvas.width, left + mask.shape[1]), min(canvas.height, top + mask.shape[0])
    if x1 > x0 and y1 > y0:
        part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        cut = np.ascontiguousarray(mask[part])
        canvas.lay(slice(y0, y1), slice(x0, x1), cut, np.ascontiguousarray(paint[part]))


def streaks(
    canvas: Canvas, rng: Random, top: float, bottom: float, colour: RGB, count: int, alpha: float = 0.35
) -> None:
    """Long thin clouds, at a quarter of the size and blurred."""
    w, h = canvas.width // 4 + 1, canvas.height // 4 + 1
    mask: Pixels = np.zeros((h, w), np.uint8)
    for _ in range(count):
        x, y = rng.uniform(-0.1, 1.1) * w, rng.uniform(top, bottom) * h
        for _ in range(3):
            rx, ry = rng.uniform(0.06, 0.2) * w, rng.uniform(0.004, 0.013) * h
            cx, cy = x + rng.uniform(-0.5, 0.5) * rx, y + rng.uniform(-2, 2) * ry
            pts = np.rint(curves.oval(cx, cy, rx, ry + 0.6) * 16).astype(np.int32)
            cv2.fillPoly(mask, [pts], int(255 * alpha * rng.uniform(0.5, 1)), cv2.LINE_AA, 4)
    mask = cv2.resize(cv2.GaussianBlur(mask, (0, 0), max(1.0, h * 0.006)), (canvas.width, canvas.height))
    paint = solid(colour, canvas.height, canvas.width)
    canvas.lay(slice(0, canvas.height), slice(0, canvas.width), mask, paint)


def stars(canvas: Canvas, rng: Random, bottom: float, amount: float = 1.0) -> None:
    """Stars of several sizes, the brightest with a halo, thinning out towards ``bottom`` (pixels)."""
    unit = math.sqrt(canvas.width * canvas.height) / 1000
    for _ in range(int(190 * amount)):
        x, y = rng.uniform(0, canvas.width), bottom * rng.random() ** 1.3
        r = rng.choice((0.7, 0.8, 1.0, 1.4)) * unit
        tint = rng.choice(((255, 252, 240), (220, 232, 255), (255, 236, 214)))
        canvas.dot(x, y, max(0.7, r), tint, rng.uniform(0.35, 0.95) * (1 - 0.6 * y / max(1.0, bottom)))
    for _ in range(int(7 * amount)):
        x, y, r = rng.uniform(0, canvas.width), rng.uniform(0, bottom * 0.75), rng.uniform(3.5, 6) * unit
        canvas.glow(x, y, r * 3.4, (210, 224, 255), 0.5)
        canvas.fill(curves.star(x, y, r, 0.22, 4), (255, 253, 240), 0.95)


def sun(canvas: Canvas, x: float, y: float, r: float, p: Palette, low: bool) -> None:
    """The sun with a wide halo."""
    canvas.glow(x, y, r * (9 if low else 7), mix(p.sun, p.sky[2], 0.25), 0.75)
    canvas.glow(x, y, r * 3, p.sun, 0.7)
    canvas.dot(x, y, r, mix(p.sun, WHITE, 0.35))


def moon(canvas: Canvas, rng: Random, x: float, y: float, r: float, p: Palette, full: bool) -> None:
    """The moon, full with soft seas or a crescent, in its halo."""
    canvas.glow(x, y, r * 6, mix(p.sun, p.sky[1], 0.5), 0.5)
    canvas.glow(x, y, r * 2.4, p.sun, 0.5)
    disc = curves.oval(x, y, r, r)
    if full:
        canvas.soft(disc, p.sun, light=0.25, line=False, dark=mix(p.sun, p.sky[1], 0.35))
        with canvas.inside(disc):
            for _ in range(6):
                a, d = rng.uniform(0, 6.3), r * rng.uniform(0.1, 0.8)
                q = r * rng.uniform(0.1, 0.28)
                canvas.fill(
                    curves.blob(rng, x + d * math.cos(a), y + d * math.sin(a), q, q * 0.8),
                    mix(p.sun, p.sky[1], 0.3),
                    0.35,
                )
        return
    t = np.linspace(-2.0, 2.0, 24)
    outer = np.stack([x - r * np.cos(t * 0.95), y + r * np.sin(t * 0.95)], 1)
    inner = np.stack([x + r * 0.42 - r * 0.86 * np.cos(t * 0.78), y + r * 0.95 * np.sin(t * 0.78)], 1)
    inner[0], inner[-1] = outer[0], outer[-1]
    canvas.fill(np.vstack([outer, inner[::-1]]), p.sun)


def rainbow(canvas: Canvas, x: float, y: float, r: float, width: float) -> None:
    """A soft bow around (x, y)."""
    colours: tuple[RGB, ...] = (
        (232, 96, 92),
        (244, 160, 84),
        (248, 222, 110),
        (140, 200, 130),
        (110, 168, 226),
        (160, 130, 210),
    )
    t = np.linspace(math.pi, 2 * math.pi, 60)
    band = width / len(colours)
    for k, colour in enumerate(colours):
        q = r - k * band
        outer = np.stack([x + q * np.cos(t), y + q * np.sin(t)], 1)
        inner = np.stack([x + (q - band * 1.15) * np.cos(t), y + (q - band * 1.15) * np.sin(t)], 1)
        canvas.fill(np.vstack([outer, inner[::-1]]), colour, 0.5)


def aurora(canvas: Canvas, rng: Random, horizon: float) -> None:
    """Curtains of green and violet light, painted small and blurred."""
    w, h = canvas.width // 6 + 1, canvas.height // 6 + 1
    for colour, alpha in (((90, 230, 170), 0.62), ((150, 120, 230), 0.42), ((90, 210, 220), 0.4)):
        mask: Pixels = np.zeros((h, w), np.float32)
        line = curves.ridge(rng, w, 3, 2)
        top = h * rng.uniform(0.12, 0.26)
        y = np.arange(h, dtype=np.float32)[:, None]
        foot = (horizon / 6 * 0.72 + line * h * 0.09)[None, :]
        body = np.clip((y - top) / np.maximum(foot - top, 1), 0, 1) ** 2.2 * (y < foot)
        mask = (body * (0.55 + 0.45 * np.abs(curves.ridge(rng, w, 24, 2))[None, :])).astype(np.float32)
        mask = cv2.GaussianBlur(mask * 255 * alpha, (0, 0), 2.0)
        paint = solid(colour, canvas.height, canvas.width)
        big = cv2.resize(np.clip(mask, 0, 255).astype(np.uint8), (canvas.width, canvas.height))
        canvas.lay(slice(0, canvas.height), slice(0, canvas.width), big, paint)


def lightning(canvas: Canvas, rng: Random, x: float, bottom: float) -> None:
    """One forked bolt with its glow."""
    y, points = 0.0, [(x, 0.0)]
    step = bottom / 9
    while y < bottom:
        y += step * rng.uniform(0.6, 1.2)
        x += step * rng.uniform(-0.7, 0.7)
        points.append((x, y))
    unit = canvas.height / 720
    for px, py in points[::2]:
        canvas.glow(px, py, step * 2.2, (206, 216, 255), 0.3)
    canvas.stroke(points, 3.2 * unit, (244, 246, 255), smooth=False)
    bx, by = points[len(points) // 2]
    canvas.stroke(
        [(bx, by), (bx + step * 0.7, by + step * 0.6), (bx + step * 0.6, by + step * 1.5)],
        1.6 * unit,
        (228, 234, 255),
        smooth=False,
    )


def paint_sky(
    canvas: Canvas, scene: Scene, p: Palette, rng: Random, horizon: float, side: float
) -> tuple[float, float]:
    """The whole sky; the light stands at ``side`` (fraction of the width). Returns where the light is, in pixels."""
    w, h = canvas.width, canvas.height
    unit = min(h, w * 1.1)
    hz = horizon / h
    low = scene.time in ("dawn", "dusk")
    wash(canvas, ((0.0, p.sky[0]), (hz * 0.55, p.sky[1]), (hz, p.sky[2]), (1.0, p.sky[2])), rng.randrange(1 << 30))
    dull = scene.weather in ("storm", "rain", "cloudy", "fog")
    if scene.time == "night" and not dull:
        stars(canvas, rng, horizon)
    if scene.weather == "aurora":
        aurora(canvas, rng, horizon)
    x = side * w
    y = horizon * (rng.uniform(0.78, 0.86) if low else rng.uniform(0.22, 0.32))
    if scene.time == "night":
        if scene.weather not in ("storm", "rain"):
            moon(canvas, rng, x, y, unit * rng.uniform(0.055, 0.07), p, scene.moon or rng.random() < 0.6)
    elif not dull and scene.weather != "snow":
        sun(canvas, x, y, unit * (0.062 if low else 0.05), p, low)
    else:
        canvas.glow(x, y, unit * 0.5, p.sun, 0.3)
    if scene.place == "space":
        return x, y
    if scene.rainbow:
        rainbow(canvas, w * (1 - side), horizon * 1.06, unit * 0.62, unit * 0.075)
    streaks(canvas, rng, 0.05, hz * 0.95, mix(p.cloud[0], p.sky[2], 0.3), 8 if dull else 5, 0.5 if dull else 0.34)
    heavy = 9 if dull else (3 if scene.time == "night" else 5)
    for _ in range(heavy + (2 if h > w else 0)):
        cw = unit * rng.uniform(0.2, 0.5) * (1.5 if dull else 1.0)
        cloud(
            canvas,
            rng,
            rng.uniform(-0.05, 1.05) * w,
            horizon * rng.uniform(0.12, 0.8),
            cw,
            p,
            0.62 if dull or scene.time == "night" else 0.93,
        )
    if scene.weather == "storm":
        lightning(canvas, rng, w * (1 - side) + rng.uniform(-0.08, 0.08) * w, horizon * 0.9)
    return x, y
