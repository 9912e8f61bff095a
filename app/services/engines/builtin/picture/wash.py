"""Water and pigment: gouache, watercolour, silk painting."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush, paper
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, Pixels
from app.services.engines.builtin.picture.paper import ONE

PAPER: RGB = (252, 249, 242)


def gouache(canvas: Canvas, s: Sheet, role: str) -> None:
    """Matt body colour: pigment a little thicker at the edges of shapes, the trace of the brush, the tooth of paper."""
    box = brush.box_of(canvas, 2)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    plane = s.cut(_ground(s, "gouache", 0.028), box)
    if role != "sky":
        dark, ends = brush.rims(part, max(1, round(3 * s.fine)))
        rim = cv2.addWeighted(dark, 0.26, ends, 0.13, 0)
        plane = cv2.subtract(plane, rim)
    brush.shaded(part, plane)
    canvas.pixels[y0:y1, x0:x1] = part


def _ground(s: Sheet, kind: str, mottle: float, base: float = 1.0) -> Pixels:
    """Tooth of the paper and broad unevenness as shares, (height, width); kept on the sheet."""
    name = f"ground {kind}"
    if name not in s.maps:
        small = paper.share(paper.broad(s.seed, s.width, s.height, 7), mottle, base)
        plane = cv2.resize(small[1:-1, 1:-1], (s.width, s.height), interpolation=cv2.INTER_LINEAR)
        tooth = paper.tiled(paper.tooth(kind), s.width, s.height)
        s.maps[name] = (cv2.multiply(plane, tooth, scale=1 / ONE),)
    return s.maps[name][0]


def watercolour(canvas: Canvas, s: Sheet, role: str) -> None:
    """Thin washes: blooms where water ran back, grains of pigment, dark wet edges, slips of white paper, no lines."""
    figure = brush.is_figure(role)
    brush.unsteady(canvas, s, 1.2 if figure else 3.0, 30)
    box = brush.box_of(canvas, 3)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    reach = max(1, round((2 if figure else 4) * s.fine))
    if not figure:
        _melted(part, max(1, round(1.3 * s.fine)))
    plane = s.cut(_blooms(s), box)
    if figure:  # a calmer wash under faces
        plane = cv2.addWeighted(plane, 0.35, np.full_like(plane, 186), 0.65, 0)
    if role != "sky":
        dark, ends = brush.rims(part, reach)
        wet = cv2.addWeighted(dark, 1.3, ends, 0.62, 0)
        plane = cv2.add(plane, wet)
        plane = cv2.subtract(plane, _slips(part, reach))
    brush.dense(part, plane)
    canvas.pixels[y0:y1, x0:x1] = part


def _melted(part: Pixels, radius: int) -> None:
    """Take thin dark outlines away: paint has none."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    closed = cv2.morphologyEx(part, cv2.MORPH_CLOSE, kernel)
    cv2.addWeighted(part, 0.3, closed, 0.7, 0, dst=part)


def _slips(part: Pixels, reach: int) -> Pixels:
    """Slim strips left dry on the light side of every edge."""
    h, w = part.shape[:2]
    small = cv2.resize(part, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGRA2GRAY)
    k = max(1, reach // 2) * 2 + 1
    light = cv2.convertScaleAbs(cv2.subtract(grey, cv2.blur(grey, (k, k))), alpha=1.5)
    return np.asarray(cv2.resize(light, (w, h)))


def _blooms(s: Sheet) -> Pixels:
    """Amount of pigment: broad washes, tide marks where they dried, granulation."""
    if "blooms" not in s.maps:
        large = paper.broad(s.seed, s.width, s.height, 4.2, 5)
        other = paper.broad(s.seed + 9, s.width, s.height, 6.5, 4)
        body = 0.9 + 0.09 * large + 0.06 * other
        for level in (0.75, -0.45):
            tide = np.exp(-(((large + 0.35 * other - level) / 0.07) ** 2))
            inside = np.clip((large + 0.35 * other - level) / 0.5, 0, 1)
            body += 0.1 * tide - 0.07 * inside
        small = np.clip(body * ONE, 96, 244).astype(np.uint8)
        plane = cv2.resize(small[1:-1, 1:-1], (s.width, s.height), interpolation=cv2.INTER_CUBIC)
        tooth = paper.tiled(paper.tooth("watercolor"), s.width, s.height)
        s.maps["blooms"] = (cv2.multiply(plane, tooth, scale=1 / ONE),)
    return s.maps["blooms"][0]


def silk(canvas: Canvas, s: Sheet, role: str) -> None:
    """Mineral colours on silk: fine even lines, pale gradation from every line inwards, the weave."""
    box = brush.box_of(canvas, 2)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    plane = s.cut(_ground(s, "silk", 0.03), box)
    if role != "sky":
        thin, _ = brush.rims(part, max(1, round(2 * s.fine)))
        broad, ends = brush.rims(part, max(2, round(12 * s.fine)))
        lines = cv2.addWeighted(thin, 1.5, ends, 0.16, 0)
        plane = cv2.subtract(plane, cv2.addWeighted(lines, 1.0, broad, 0.3, 0))
    brush.shaded(part, plane)
    canvas.pixels[y0:y1, x0:x1] = part
