"""Printed, plotted and drawn by machine: posters with a screen, cel shading, flat design, pixels."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import Pixels, multiply, recoloured, saturate
from app.services.engines.builtin.picture.paper import ONE

_LIT = multiply((284, 268, 246)) @ saturate(1.28)
"""Figures keep inks of their own in the dark, or all would be printed with the night's."""
_SCREEN = {"sky": 1.0, "far": 0.5, "mid": 0.3, "subject": 0.7, "near": 0.3}
"""How much of the screen a layer shows: land is shapes, the sky and the ground have room for tones."""


def screened(canvas: Canvas, s: Sheet, role: str) -> None:
    """Dots of a printing screen where tones change (the inks come from a table), the red plate a little off."""
    figure = brush.is_figure(role)
    off = max(1, round(1.6 * s.fine))
    box = brush.box_of(canvas, off + round(3 * s.fine))
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    if not figure:
        part = _shapes(part, s, role)
    elif s.stage.palette.dark > 0.3 and not s.stage.indoors:
        part = recoloured(part, _LIT)
    share = 0.22 if figure else _SCREEN[role]
    plane = s.cut(_dots(s), box)
    plane = cv2.addWeighted(plane, share, np.full_like(plane, ONE), 1 - share, 0)
    if role in ("subject", "near") and s.stage.palette.dark > 0.6 and not s.stage.indoors:
        plane = cv2.convertScaleAbs(plane, alpha=0.72)  # a dark foot for the picture, and figures stand off it
    brush.shaded(part, plane)
    if not figure:
        red = cv2.extractChannel(part, 2)
        moved = cv2.warpAffine(
            red,
            np.array([[1, 0, off], [0, 1, off * 0.5]], np.float32),
            (red.shape[1], red.shape[0]),
            borderMode=cv2.BORDER_REPLICATE,
        )
        cv2.insertChannel(cv2.min(moved, cv2.extractChannel(part, 3)), part, 2)
    else:
        _keyline(part, s)
    canvas.pixels[y0:y1, x0:x1] = part


def _keyline(part: Pixels, s: Sheet) -> None:
    """A slip of bare paper around a figure, so that it stands off ground of its own ink."""
    r = max(1, round(2.6 * s.fine))
    alpha = cv2.extractChannel(part, 3)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
    rim = cv2.subtract(cv2.dilate(alpha, kernel), alpha)
    paint = cv2.merge([cv2.convertScaleAbs(rim, alpha=k) for k in (0.78, 0.91, 0.98, 1.0)])
    cv2.add(part, paint, dst=part)


def _shapes(part: Pixels, s: Sheet, role: str) -> Pixels:
    """Without grain, and edges that are out of focus made hard again: a screen print knows no blur."""
    part = cv2.blur(part, (3, 3)) if role == "sky" else cv2.medianBlur(part, 5 if s.fine > 0.7 else 3)
    if s.stage.framing != "close" or role == "near":
        return np.asarray(part)
    h, w = part.shape[:2]
    small = cv2.resize(part, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
    r = max(1, round(3.4 * s.fine))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
    high, low = cv2.dilate(small, kernel), cv2.erode(small, kernel)
    grey, top, floor = (cv2.cvtColor(p, cv2.COLOR_BGRA2GRAY) for p in (small, high, low))
    nearer = cv2.compare(cv2.subtract(top, grey), cv2.subtract(grey, floor), cv2.CMP_LT)
    return np.asarray(cv2.resize(cv2.copyTo(high, nearer, low), (w, h)))


def _dots(s: Sheet) -> Pixels:
    """A screen at 45 degrees as shares, (height, width)."""
    if "dots" not in s.maps:
        period = max(3.0, 8.6 * s.fine)
        y = np.arange(s.height, dtype=np.float32)[:, None]
        x = np.arange(s.width, dtype=np.float32)[None, :]
        a, b = np.float32(np.pi / period) * (x + y), np.float32(np.pi / period) * (x - y)
        wave = np.cos(a) * np.cos(b)
        s.maps["dots"] = (np.clip(ONE + wave * 24, 0, 255).astype(np.uint8),)
    return s.maps["dots"][0]


def celled(canvas: Canvas, s: Sheet, role: str) -> None:
    """A crisp thin line where colours meet; the shading in steps comes from a table."""
    box = brush.box_of(canvas, 2)
    if box is None or role == "sky":
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    grey = cv2.cvtColor(part, cv2.COLOR_BGRA2GRAY)
    k = max(1, round(0.8 * s.fine)) * 2 + 1
    line = cv2.subtract(cv2.blur(grey, (k, k)), grey)
    strength = {"far": 0.9, "mid": 1.9}.get(role, 2.5)
    line = cv2.convertScaleAbs(cv2.subtract(line, np.full_like(line, 7)), alpha=strength)
    plane = cv2.subtract(np.full_like(line, ONE), line)
    brush.shaded(part, plane)
    canvas.pixels[y0:y1, x0:x1] = part


def plain(canvas: Canvas, s: Sheet, role: str) -> None:
    """Shapes without lines or grain."""
    if role == "sky" or brush.is_figure(role):
        return
    box = brush.box_of(canvas, 3)
    if box is None:
        return
    y0, y1, x0, x1 = box
    r = max(1, round(1.5 * s.fine))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    part = cv2.morphologyEx(part, cv2.MORPH_CLOSE, kernel)
    canvas.pixels[y0:y1, x0:x1] = cv2.morphologyEx(part, cv2.MORPH_OPEN, kernel) if role == "far" else part


_BAYER = np.array(((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5)), np.float32) / 16 - 0.47


def blocks(canvas: Canvas, s: Sheet, role: str) -> None:
    """Large square pixels with hard edges, dithered in the old way; finer for figures, whose faces must be read."""
    box = brush.box_of(canvas)
    if box is None:
        return
    q = max(1, round(s.height / 216)) if not brush.is_figure(role) else max(1, round(s.height / 300))
    h, w = canvas.height, canvas.width
    y0, y1 = box[0] // q * q, min(h, -(-box[1] // q) * q)
    part = canvas.pixels[y0:y1]
    rows, cols = -(-(y1 - y0) // q), -(-w // q)
    padded = cv2.copyMakeBorder(part, 0, rows * q - (y1 - y0), 0, cols * q - w, cv2.BORDER_REPLICATE)
    small = cv2.resize(padded, (cols, rows), interpolation=cv2.INTER_AREA)
    alpha = cv2.extractChannel(small, 3)
    solid = cv2.cvtColor(small, cv2.COLOR_mRGBA2RGBA)
    there = cv2.threshold(alpha, 126, 255, cv2.THRESH_BINARY)[1]
    strength = 0.02 if brush.is_figure(role) else 0.055
    plane = np.tile(np.clip((1 + _BAYER * strength) * ONE, 0, 255).astype(np.uint8), (rows // 4 + 1, cols // 4 + 1))
    solid = cv2.multiply(solid, brush.wide(np.ascontiguousarray(plane[:rows, :cols])), scale=1 / ONE)
    cv2.insertChannel(there, solid, 3)
    large = cv2.resize(cv2.copyTo(solid, there), (cols * q, rows * q), interpolation=cv2.INTER_NEAREST)
    canvas.pixels[y0:y1] = large[: y1 - y0, :w]
