"""Modelled in clay: every patch of colour swells towards its middle and catches the light from above left."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush, paper
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import Pixels
from app.services.engines.builtin.picture.paper import ONE


def modelled(canvas: Canvas, s: Sheet, role: str) -> None:
    """Take the drawn lines away, find the edges of colours and paint and let the surface fall off towards them."""
    figure = brush.is_figure(role)
    if role == "sky":
        _kneaded(canvas, s)
        return
    brush.unsteady(canvas, s, 0.5 if figure else 1.5, 46)
    box = brush.box_of(canvas, round(6 * s.fine))
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    if not figure:
        r = max(1, round(1.4 * s.fine))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
        cv2.morphologyEx(part, cv2.MORPH_CLOSE, kernel, dst=part)
    plane = _light(part, s, 0.5 if figure else 1.0)
    prints = s.tile(paper.share(paper.field(61, 9, 3.2, 52) * 0.7 + paper.field(62, 26), 0.014), box)
    brush.shaded(part, cv2.multiply(plane, prints, scale=1 / ONE))
    canvas.pixels[y0:y1, x0:x1] = part


def _light(part: Pixels, s: Sheet, strength: float) -> Pixels:
    """Light on the swollen surface as shares, worked out at half the size."""
    h, w = part.shape[:2]
    small = cv2.resize(part, (max(2, w // 2), max(2, h // 2)), interpolation=cv2.INTER_AREA)
    grey, alpha = cv2.cvtColor(small, cv2.COLOR_BGRA2GRAY), cv2.extractChannel(small, 3)
    kernel = np.ones((3, 3), np.uint8)
    edge = cv2.max(
        cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, kernel), cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, kernel)
    )
    edge = cv2.convertScaleAbs(cv2.subtract(edge, np.full_like(edge, 12)), alpha=2.2)
    sides = [max(1.0, k * s.fine / 2) for k in (3.0, 9.0)]
    height = sum(cv2.GaussianBlur(edge, (0, 0), side).astype(np.float32) for side in sides)
    slope = np.asarray(height) - cv2.warpAffine(
        np.asarray(height),
        np.array([[1, 0, 1.6 * s.fine], [0, 1, 2.2 * s.fine]], np.float32),
        (small.shape[1], small.shape[0]),
    )
    body = np.clip(ONE + np.clip(slope, -70, 70) * (0.95 * strength) - np.asarray(height) * (0.1 * strength), 84, 255)
    return np.asarray(cv2.resize(body.astype(np.uint8), (w, h)))


def _kneaded(canvas: Canvas, s: Sheet) -> None:
    """The sky as a rolled-out slab with the traces of the thumb."""
    dents = paper.share(paper.field(63, 120, 40, 12) * 0.6 + paper.field(64, 40) * 0.4, 0.022)
    brush.shaded(canvas.pixels, np.ascontiguousarray(paper.tiled(dents, s.width, s.height)))
