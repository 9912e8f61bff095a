"""Strokes one can see: oil laid on along the forms, wax and chalk hatched over the tooth of the paper."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush, curves, paper
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas, over
from app.services.engines.builtin.picture.colour import RGB, Pixels
from app.services.engines.builtin.picture.paper import ONE

_Q = 2
"""Strokes are planned at half the size."""


def oil(canvas: Canvas, s: Sheet, role: str) -> None:
    """Every stroke takes the colour under its middle and lies along the form; a ridge of paint at its edge."""
    if "oil" not in s.maps:
        s.maps["oil"] = _plan(s)
    first, second, relief, fine = s.maps["oil"]
    box = brush.box_of(canvas, round(12 * s.fine))
    if box is None:
        return
    y0, y1, x0, x1 = box
    where = (slice(y0, y1), slice(x0, x1))
    if brush.is_figure(role):  # faces keep their drawing: only the ridges lie over them
        part = np.ascontiguousarray(canvas.pixels[where])
        plane = cv2.addWeighted(s.cut(relief, box), 0.4, np.full((y1 - y0, x1 - x0), ONE, np.uint8), 0.6, 0)
    else:
        part = cv2.remap(
            canvas.pixels, s.cut(first, box), s.cut(second, box), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        if role == "subject":
            keep = s.cut(fine, box)
            cv2.copyTo(np.ascontiguousarray(canvas.pixels[where]), keep, part)
        plane = s.cut(relief, box)
    brush.shaded(part, plane)
    canvas.pixels[where] = part


def _flow(s: Sheet) -> tuple[Pixels, Pixels]:
    """Direction of the forms (radians) and how much there is to see, at an eighth of the size."""
    w, h = max(8, s.width // 8), max(8, s.height // 8)
    picture = np.zeros((h, w, 3), np.uint8)
    for canvas in s.stage.canvases.values():
        over(picture, cv2.resize(canvas.pixels, (w, h), interpolation=cv2.INTER_AREA))
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (0, 0), 1.2).astype(np.float32)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    swirl = curves.noise(s.seed + 2, w, h, w / 3.2, 2) * np.float32(0.7)
    # A weak field of its own bends the strokes where the picture says nothing.
    a, b, c = (
        gx * gx + 18 * np.sin(swirl) ** 2,
        gx * gy - 18 * np.sin(swirl) * np.cos(swirl),
        gy * gy + 18 * np.cos(swirl) ** 2,
    )
    a, b, c = (cv2.GaussianBlur(k, (0, 0), 2.4) for k in (a, b, c))
    angle = 0.5 * np.arctan2(2 * b, a - c) + np.pi / 2
    detail = cv2.blur(np.hypot(gx, gy), (5, 5))
    return angle.astype(np.float32), detail


def _plan(s: Sheet) -> tuple[Pixels, ...]:
    """Maps of the stroke under every pixel, its relief as shares, and where the drawing is too fine for strokes."""
    angle, detail = _flow(s)
    h, w = s.height // _Q + 1, s.width // _Q + 1
    u = s.fine / _Q
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    plan = np.dstack([x, y, np.full_like(x, 128)])
    plan = np.ascontiguousarray(plan)
    rng = np.random.default_rng(s.seed)
    area = (w * h) / (u * u)
    for length, thick, spacing, limit in ((40.0, 13.0, 110.0, 1e9), (22.0, 7.0, 84.0, 90.0), (10.0, 3.6, 40.0, 91.0)):
        _lay_strokes(plan, rng, angle, detail, int(area / (spacing * length / 9)), (length * u, thick * u), limit)
    relief = _relief(plan, s)
    big = cv2.resize(plan[:, :, :2] * _Q, (w * _Q, h * _Q), interpolation=cv2.INTER_LINEAR)[: s.height, : s.width]
    mx, my = cv2.split(np.ascontiguousarray(big))
    fixed = cv2.convertMaps(np.clip(mx, 0, s.width - 1), np.clip(my, 0, s.height - 1), cv2.CV_16SC2)
    busy = cv2.resize((detail > 95).astype(np.uint8) * 255, (s.width, s.height), interpolation=cv2.INTER_NEAREST)
    return (*fixed, relief, busy)


def _lay_strokes(
    plan: Pixels,
    rng: np.random.Generator,
    angle: Pixels,
    detail: Pixels,
    count: int,
    size: tuple[float, float],
    limit: float,
) -> None:
    """Draw ``count`` strokes of about ``size`` (length, thickness) into the plan, each in the value of its middle.

    Strokes of the first coat go everywhere; with a ``limit`` they go only where there is something to see.
    """
    h, w = plan.shape[:2]
    rows, cols = angle.shape
    xs, ys = rng.uniform(0, w, count), rng.uniform(0, h, count)
    at = (np.minimum((ys / h * rows).astype(int), rows - 1), np.minimum((xs / w * cols).astype(int), cols - 1))
    turn = angle[at] + rng.normal(0, 0.16, count)
    half = size[0] * rng.uniform(0.32, 0.6, count)
    tone = np.clip(rng.normal(128, 34, count), 30, 226)
    wanted = detail[at] > (0 if limit > 1e6 else 12 if limit < 90.5 else 34)
    thick = max(1, round(size[1]))
    dx, dy = np.cos(turn) * half, np.sin(turn) * half
    ends = np.rint(np.stack([xs - dx, ys - dy, xs + dx, ys + dy], 1)).astype(int)
    for k in np.flatnonzero(wanted).tolist():
        x0, y0, x1, y1 = ends[k].tolist()
        cv2.line(plan, (x0, y0), (x1, y1), (float(xs[k]), float(ys[k]), float(tone[k])), thick)


def _relief(plan: Pixels, s: Sheet) -> Pixels:
    """Light and shade of the strokes as shares, (height, width)."""
    tone = np.ascontiguousarray(plan[:, :, 2])
    ridge = tone - np.roll(np.roll(tone, 1, 0), 1, 1)
    plane = ONE + (tone - 128) * np.float32(0.2) + np.clip(ridge, -44, 44) * np.float32(0.2)
    small = np.clip(plane, 140, 246).astype(np.uint8)
    big = cv2.resize(small, (plan.shape[1] * _Q, plan.shape[0] * _Q), interpolation=cv2.INTER_LINEAR)
    tooth = paper.tiled(paper.tooth("canvas"), s.width, s.height)
    return np.asarray(cv2.multiply(np.ascontiguousarray(big[: s.height, : s.width]), tooth, scale=1 / ONE))


_ANGLES = (38.0, -28.0, 74.0)
CRAYON_PAPER: RGB = (255, 252, 244)
PASTEL_PAPER: RGB = (250, 240, 232)


def crayon(canvas: Canvas, s: Sheet, role: str) -> None:
    """Wax: hatched one way or another by colour, the paper shining through its tooth, thick uneven lines."""
    figure = brush.is_figure(role)
    brush.unsteady(canvas, s, 1.0 if figure else 3.0, 26, 0.15 if figure else 0.7)
    _hatched(canvas, s, role, (0.2, CRAYON_PAPER, 1.3) if figure else (0.62, CRAYON_PAPER, 2.0))


def pastel(canvas: Canvas, s: Sheet, role: str) -> None:
    """Chalk: broad broken strokes, soft edges, powder in the tooth of a warm paper."""
    figure = brush.is_figure(role)
    brush.unsteady(canvas, s, 0.8 if figure else 1.8, 30, 0.1 if figure else 1.3)
    _hatched(canvas, s, role, (0.1, PASTEL_PAPER, 0.25) if figure else (0.26, PASTEL_PAPER, 0.3))


def _directions(s: Sheet, chalk: bool) -> tuple[Pixels, ...]:
    """Strokes in every direction over the whole picture; kept on the sheet."""
    if "hatch" not in s.maps:
        tiles = [paper.chalk(angle) if chalk else paper.hatch(angle, 52.0, 4.0) for angle in _ANGLES]
        s.maps["hatch"] = tuple(paper.tiled(tile, s.width, s.height) for tile in tiles)
    return s.maps["hatch"]


def _hatched(canvas: Canvas, s: Sheet, role: str, how: tuple[float, RGB, float]) -> None:
    strength, bare, lines = how
    box = brush.box_of(canvas, 3)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    chalk = lines < 1
    hue = cv2.extractChannel(cv2.cvtColor(cv2.cvtColor(part, cv2.COLOR_BGRA2BGR), cv2.COLOR_BGR2HSV), 0)
    group = cv2.LUT(hue, np.repeat(np.array((0, 1, 2, 0, 1, 2, 1, 0), np.uint8), 32))
    gaps = np.zeros_like(hue)
    for k, strokes in enumerate(_directions(s, chalk)):
        cv2.copyTo(s.cut(strokes, box), cv2.inRange(group, np.array(k), np.array(k)), gaps)
    open_paper = cv2.subtract(np.full_like(gaps, 158), gaps)
    brush.mixed(part, bare, cv2.convertScaleAbs(open_paper, alpha=strength * 1.5))
    if lines:
        dark, ends = brush.rims(part, max(1, round(2.4 * s.fine)))
        line = cv2.addWeighted(dark, lines, ends, 0.2 * lines, 0)
        broken = cv2.multiply(line, cv2.convertScaleAbs(gaps, alpha=1.1), scale=1 / ONE)
        brush.shaded(part, cv2.subtract(np.full_like(broken, ONE), broken))
    canvas.pixels[y0:y1, x0:x1] = part
