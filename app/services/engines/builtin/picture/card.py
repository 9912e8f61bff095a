"""Cut card: few flat tones, every piece a little above the one behind it, edges cut by hand."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush, paper
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, Matrix, Pixels, veil
from app.services.engines.builtin.picture.paper import ONE

_STEPS = (18, 58, 96, 132, 166, 198, 226, 250)
"""Brightness that pieces of card may have."""


_NIGHT: dict[str, tuple[RGB, float]] = {
    "far": ((104, 126, 212), 0.6),
    "mid": ((44, 58, 142), 0.6),
    "subject": ((34, 44, 116), 0.58),
    "near": ((13, 17, 60), 0.86),
}
"""The card of every sheet by night and how much of its own colour the sheet takes on."""


def night(layer: str, dark: float) -> Matrix:
    """Sheets of indigo card, the nearest the deepest; nothing by day (``dark`` below a half)."""
    tone, amount = _NIGHT[layer]
    return veil(tone, amount * min(1.0, max(0.0, dark * 2 - 1)))


def cut(canvas: Canvas, s: Sheet, role: str) -> None:
    """Flatten the tones to pieces with shade and a pale cut edge, and lay the sheet's shadow on what is behind."""
    _cut(canvas, s, role, paper.tooth("card"))


def cut_smooth(canvas: Canvas, s: Sheet, role: str) -> None:
    """The same from smooth paper: a table of few colours would make speckles of its tooth."""
    _cut(canvas, s, role, None)


def _cut(canvas: Canvas, s: Sheet, role: str, tooth: Pixels | None) -> None:
    figure = brush.is_figure(role)
    if role != "sky":
        brush.unsteady(canvas, s, 0.8 if figure else 1.7, 24)
    reach = max(2, round(7 * s.fine))
    box = brush.box_of(canvas, reach * 3)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    _pieces(part, s, box, role, tooth)
    if role != "sky":
        _raised(part, reach, figure, s.stage.palette.dark)
    canvas.pixels[y0:y1, x0:x1] = part


def _table() -> Pixels:
    """For every brightness the factor (in shares of 200, at most 1.25) that takes it to its piece of card."""
    x = np.arange(256, dtype=np.float32)
    steps = np.array(_STEPS, np.float32)
    nearest = steps[np.argmin(np.abs(x[:, None] - steps[None, :]), 1)]
    return np.asarray(np.clip(nearest / np.maximum(x, 6) * ONE, 130, 250).astype(np.uint8))


def _pieces(part: Pixels, s: Sheet, box: brush.Box, role: str, tooth: Pixels | None) -> None:
    figure = brush.is_figure(role)
    grey = cv2.cvtColor(part, cv2.COLOR_BGRA2GRAY)
    alpha = cv2.extractChannel(part, 3)
    if not figure:  # gradients become bands with an edge that wanders
        if "wander" not in s.maps:
            small = paper.share(paper.broad(s.seed + 4, s.width, s.height, 5, 3), 0.055)
            s.maps["wander"] = (cv2.resize(small[1:-1, 1:-1], (s.width, s.height)),)
        grey = cv2.multiply(grey, s.cut(s.maps["wander"][0], box), scale=1 / ONE)
        grey = _smooth(grey, s)
    grey = cv2.blur(grey, (3, 3))
    factor = np.asarray(cv2.LUT(grey, _table()))
    if figure:
        factor = cv2.addWeighted(factor, 0.5, np.full_like(factor, ONE), 0.5, 0)
    flat = cv2.multiply(grey, factor, scale=1 / ONE)
    broad = max(3, round((13 if role == "sky" else 7) * s.fine)) | 1
    shade = cv2.subtract(cv2.blur(flat, (broad, broad)), flat)
    edge = cv2.subtract(flat, cv2.blur(flat, (3, 3)))
    factor = cv2.subtract(factor, cv2.convertScaleAbs(shade, alpha=0.5 if figure else 1.7))
    factor = cv2.add(factor, cv2.convertScaleAbs(edge, alpha=0.4 if figure else 1.3))
    if tooth is not None:
        factor = cv2.multiply(factor, s.tile(tooth, box), scale=1 / ONE)
    cv2.copyTo(np.full_like(factor, ONE), cv2.threshold(alpha, 249, 255, cv2.THRESH_BINARY_INV)[1], factor)
    brush.shaded(part, factor)


def _smooth(grey: Pixels, s: Sheet) -> Pixels:
    """Without crumbs: scissors cut no ragged holes."""
    h, w = grey.shape
    small = cv2.resize(grey, (max(1, w // 3), max(1, h // 3)), interpolation=cv2.INTER_AREA)
    k = 5 if s.fine > 0.45 else 3
    return np.asarray(cv2.resize(cv2.medianBlur(small, k), (w, h)))


def _raised(part: Pixels, reach: int, figure: bool, dark: float) -> None:
    """A pale cut edge on the sheet, and around it the shadow that it throws, a little downwards."""
    h, w = part.shape[:2]
    alpha = cv2.extractChannel(part, 3)
    down = max(1, round(reach * 0.3))
    top = np.zeros_like(alpha)
    top[down:] = cv2.subtract(alpha[down:], alpha[:-down]) if h > down else 0
    pale = cv2.convertScaleAbs(top, alpha=0.18 if figure else 0.3 + 0.3 * dark)
    cv2.add(part, cv2.merge([pale, pale, pale, np.zeros_like(pale)]), dst=part)
    cv2.min(part, cv2.merge([alpha] * 4), dst=part)
    small = cv2.resize(alpha, (max(1, w // 4), max(1, h // 4)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.8, reach / 4 * 1.1))
    drop = np.array([[1, 0, reach * 0.09], [0, 1, reach * 0.03]], np.float32)
    soft = cv2.warpAffine(soft, drop, (small.shape[1], small.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    shadow = cv2.convertScaleAbs(cv2.resize(soft, (w, h)), alpha=0.62)
    under = cv2.multiply(shadow, cv2.bitwise_not(alpha), scale=1 / 255)
    tint = cv2.merge([cv2.convertScaleAbs(under, alpha=k) for k in (0.14, 0.06, 0.09)] + [under])
    cv2.add(part, tint, dst=part)
