"""The moving things as one frozen moment, for the still picture only: the film draws them live."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np

from app.models.engine import Effect
from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, over
from app.services.engines.builtin.picture.colour import RGB, Pixels, mix, solid


def paint_effects(picture: Pixels, effects: list[Effect], rng: Random) -> Pixels:
    """Paint rain, snow, leaves and the like over ``picture`` (blue, green, red) and return it."""
    if not any(e.kind in _PAINT for e in effects):
        return picture
    h, w = picture.shape[:2]
    canvas = Canvas(w, h)
    for effect in effects:
        paint = _PAINT.get(effect.kind)
        if paint is not None:
            paint(canvas, effect, rng)
    box = canvas.box()
    if box is not None:
        y0, y1, x0, x1 = box
        over(picture[y0:y1, x0:x1], canvas.pixels[y0:y1, x0:x1])
    return picture


def _spot(c: Canvas, e: Effect, rng: Random) -> tuple[float, float]:
    x0, y0, x1, y1 = e.box
    return rng.uniform(x0, x1) * c.width, rng.uniform(y0, y1) * c.height


def _rgb(e: Effect) -> RGB:
    return (float(e.color[0]), float(e.color[1]), float(e.color[2]))


def _rain(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    dim = mix(_rgb(e), (150, 170, 200), 0.3)
    for _ in range(int(260 * e.amount * c.width / c.height)):
        x, y = _spot(c, e, rng)
        length = rng.uniform(14, 38) * u
        half = rng.uniform(0.45, 0.9) * u
        c.fill([(x - half, y), (x + half, y), (x - length * 0.22, y + length)], dim, rng.uniform(0.2, 0.5))


def _snow(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    for _ in range(int(170 * e.amount * c.width / c.height)):
        x, y = _spot(c, e, rng)
        r = rng.choice((1.2, 1.6, 2.2, 3.2, 4.2)) * u
        c.dot(x, y, r, _rgb(e), 0.9 if r < 3 * u else 0.65)


def _leaves(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    for _ in range(int(34 * e.amount * c.width / c.height)):
        x, y = _spot(c, e, rng)
        r = rng.uniform(4, 9) * u
        tone = mix(_rgb(e), rng.choice(((255, 240, 210), (40, 30, 30), (150, 140, 120))), 0.22)
        c.fill(curves.smooth(_turned(rng, x, y, r), steps=4), tone)


def _turned(rng: Random, x: float, y: float, r: float) -> list[tuple[float, float]]:
    a = rng.uniform(0, 6.3)
    ca, sa = np.cos(a), np.sin(a)
    shape = ((1.0, 0.0), (0.2, 0.45), (-0.9, 0.0), (0.2, -0.4))
    return [(x + r * (px * ca - py * sa), y + r * (px * sa + py * ca)) for px, py in shape]


def _petals(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    for _ in range(int(46 * e.amount * c.width / c.height)):
        x, y = _spot(c, e, rng)
        c.fill(
            curves.oval(x, y, rng.uniform(3, 6) * u, rng.uniform(1.6, 3) * u, rng.uniform(0, 180), 14),
            mix(_rgb(e), (255, 255, 255), rng.uniform(0, 0.5)),
            0.92,
        )


def _fireflies(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    for _ in range(int(26 * e.amount * c.width / c.height)):
        x, y = _spot(c, e, rng)
        c.glow(x, y, rng.uniform(9, 20) * u, _rgb(e), 0.75)
        c.dot(x, y, rng.uniform(1.2, 2.2) * u, mix(_rgb(e), (255, 255, 255), 0.6))


def _smoke(c: Canvas, e: Effect, rng: Random) -> None:
    x0, y0, x1, y1 = e.box
    for k in range(6):
        t = k / 5
        x = ((x0 + x1) / 2 + (t * 0.5 + 0.06 * rng.uniform(-1, 1)) * (x1 - x0)) * c.width
        y = (y1 + (y0 - y1) * t) * c.height
        c.glow(x, y, (0.25 + 0.55 * t) * (x1 - x0) * c.width, _rgb(e), 0.34 * (1 - 0.7 * t))


def _rays(c: Canvas, e: Effect, rng: Random) -> None:
    w, h = c.width // 4 + 1, c.height // 4 + 1
    mask = np.zeros((h, w), np.uint8)
    x0, y0, x1, y1 = (e.box[0] * w, e.box[1] * h, e.box[2] * w, e.box[3] * h)
    for _ in range(5):
        x, d = rng.uniform(x0, x1), (x1 - x0) * rng.uniform(0.02, 0.06)
        lean = (x1 - x0) * 0.16
        pts = np.array([(x, y0), (x + d, y0), (x + d * 2.6 - lean, y1), (x - d * 0.6 - lean, y1)])
        cv2.fillPoly(mask, [np.rint(pts * 16).astype(np.int32)], int(150 * e.amount), cv2.LINE_AA, 4)
    fade = np.clip(1 - np.arange(h, dtype=np.float32) / max(1.0, y1), 0, 1)[:, None]
    soft = (cv2.GaussianBlur(mask, (0, 0), max(1.0, h / 90)) * fade).astype(np.uint8)
    mask = cv2.resize(soft, (c.width, c.height))
    left, top, wide, high = cv2.boundingRect(mask)
    mask = np.ascontiguousarray(mask[top : top + high, left : left + wide])
    c.lay(slice(top, top + high), slice(left, left + wide), mask, solid(_rgb(e), *mask.shape))


def _fire(c: Canvas, e: Effect, rng: Random) -> None:
    x0, y0, x1, y1 = (e.box[0] * c.width, e.box[1] * c.height, e.box[2] * c.width, e.box[3] * c.height)
    cx, w, h = (x0 + x1) / 2, x1 - x0, y1 - y0
    c.glow(cx, y1 - h * 0.3, w * 1.5, (255, 170, 80), 0.5)
    for scale, tone in ((1.0, (240, 108, 50)), (0.72, (250, 168, 66)), (0.42, (255, 232, 150))):
        lean = rng.uniform(-0.08, 0.08) * w
        c.fill(
            curves.smooth(
                [
                    (cx - w * 0.42 * scale, y1 - h * 0.2),
                    (cx - w * 0.2 * scale, y1 - h * 0.55 * scale),
                    (cx + lean, y1 - h * scale),
                    (cx + w * 0.24 * scale, y1 - h * 0.5 * scale),
                    (cx + w * 0.42 * scale, y1 - h * 0.2),
                    (cx, y1),
                ]
            ),
            tone,
        )


def _mist(c: Canvas, e: Effect, rng: Random) -> None:
    """Long soft banks, thinning out towards the edges of their box."""
    x0, y0, x1, y1 = e.box
    for k in range(7):
        x = (x0 + (x1 - x0) * (k + rng.uniform(0.1, 0.9)) / 7) * c.width
        y = (y0 + (y1 - y0) * rng.uniform(0.3, 0.7)) * c.height
        reach = (x1 - x0) * c.width * rng.uniform(0.16, 0.3)
        squash = min(1.0, (y1 - y0) * c.height * 0.5 / max(1.0, reach))
        c.glow(x, y, reach, _rgb(e), 0.5 * e.amount, squash=squash)


def _lanterns(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    for _ in range(int(16 * e.amount * max(0.6, c.width / c.height))):
        x, y = _spot(c, e, rng)
        r = rng.choice((5.0, 7.0, 10.0)) * u
        c.glow(x, y, r * 4, _rgb(e), 0.55)
        paper = mix(_rgb(e), (255, 236, 190), 0.4)
        c.graded(
            [(x - r * 0.7, y - r), (x + r * 0.7, y - r), (x + r * 0.9, y + r), (x - r * 0.9, y + r)], _rgb(e), paper
        )


def _bubbles(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    for _ in range(int(34 * e.amount * max(0.6, c.width / c.height))):
        x, y = _spot(c, e, rng)
        r = rng.choice((2.5, 4.0, 6.0, 9.0)) * u
        c.fill(curves.oval(x, y, r, r, steps=20), _rgb(e), 0.14)
        c.stroke(curves.oval(x, y, r, r, steps=20), max(1.0, 1.1 * u), mix(_rgb(e), (120, 190, 220), 0.25), closed=True)
        c.dot(x - r * 0.35, y - r * 0.4, max(0.8, r * 0.2), (255, 255, 255), 0.9)


def _dust(c: Canvas, e: Effect, rng: Random) -> None:
    u = c.height / 720
    for _ in range(int(60 * e.amount * max(0.6, c.width / c.height))):
        x, y = _spot(c, e, rng)
        c.glow(x, y, rng.uniform(1.6, 3.6) * u, _rgb(e), rng.uniform(0.3, 0.75))


def _birds(c: Canvas, e: Effect, rng: Random) -> None:
    x0, y0, x1, y1 = e.box
    u = c.height / 720
    cx, cy = rng.uniform(x0 + 0.05, max(x0 + 0.06, x1 - 0.05)), rng.uniform(y0, y1)
    for k in range(3 + int(5 * e.amount)):
        x = (cx + (k - 2) * 0.022 + rng.uniform(-0.01, 0.01)) * c.width
        y = (cy + abs(k - 2) * 0.014 + rng.uniform(-0.008, 0.008)) * c.height
        s = rng.uniform(5.5, 9) * u
        wing = [
            (x - s, y - s * 0.4),
            (x - s * 0.4, y - s * 0.55),
            (x, y),
            (x + s * 0.4, y - s * 0.55),
            (x + s, y - s * 0.4),
        ]
        c.stroke(wing, max(1.2, 1.8 * u), _rgb(e))


_PAINT = {
    "rain": _rain,
    "snow": _snow,
    "leaves": _leaves,
    "petals": _petals,
    "fireflies": _fireflies,
    "smoke": _smoke,
    "rays": _rays,
    "fire": _fire,
    "mist": _mist,
    "lanterns": _lanterns,
    "bubbles": _bubbles,
    "dust": _dust,
    "birds": _birds,
}
"""Stars and waves are already in the layers."""
