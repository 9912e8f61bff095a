"""Ink on rice paper: lines of changing pressure, dry fringes, washes that pool, and mist that is only paper."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush, curves, paper
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, Pixels, mix, times
from app.services.engines.builtin.picture.paper import ONE

PAPER: RGB = (248, 243, 231)
_SEAL: RGB = (190, 44, 34)


def brushed(canvas: Canvas, s: Sheet, role: str) -> None:
    """The whole technique but for the tones, which a table gives at the end."""
    figure = brush.is_figure(role)
    if role != "sky":
        brush.unsteady(canvas, s, 1.0 if figure else 2.4, 40, 0.25 if figure else 1.5)
    box = brush.box_of(canvas, 3)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    plane = s.cut(_wash(s), box)
    if figure:
        plane = cv2.addWeighted(plane, 0.3, np.full_like(plane, 196), 0.7, 0)
    if role != "sky":
        plane = cv2.add(plane, _strokes(part, s, box, figure))
    brush.dense(part, plane)
    if role in ("far", "mid", "subject"):
        _mist(part, s, role, box)
    canvas.pixels[y0:y1, x0:x1] = part
    if role == "sky":
        _stamp(canvas, s)


def _wash(s: Sheet) -> Pixels:
    """How much ink: pools and thin places, the fibres of the paper."""
    if "wash" not in s.maps:
        body = 0.95 + 0.15 * paper.broad(s.seed, s.width, s.height, 5, 4)
        small = np.clip(body * ONE, 90, 250).astype(np.uint8)
        plane = cv2.resize(small[1:-1, 1:-1], (s.width, s.height))
        s.maps["wash"] = (cv2.multiply(plane, paper.tiled(paper.tooth("rice"), s.width, s.height), scale=1 / ONE),)
    return s.maps["wash"][0]


def _strokes(part: Pixels, s: Sheet, box: brush.Box, figure: bool) -> Pixels:
    """Lines where tones meet, heavy and light in turn, breaking up where the brush runs dry."""
    thin, ends = brush.rims(part, max(1, round(2 * s.fine)))
    broad, _ = brush.rims(part, max(2, round(9 * s.fine)))
    line = cv2.addWeighted(thin, 4.2, ends, 1.1, 0)
    line = cv2.addWeighted(line, 1.0, broad, 1.1, 0)
    if figure:
        return np.asarray(line)
    if "pressure" not in s.maps:
        slow = np.clip(0.62 + 0.42 * paper.broad(s.seed + 3, s.width, s.height, 11, 2), 0.15, 1.25)
        press = cv2.resize((slow[1:-1, 1:-1] * ONE).clip(0, 255).astype(np.uint8), (s.width, s.height))
        dry = paper.tiled(paper.hatch(14.0, 60.0, 3.0), s.width, s.height)
        gaps = cv2.convertScaleAbs(dry, alpha=0.9, beta=34)
        s.maps["pressure"] = (cv2.multiply(press, gaps, scale=1 / ONE),)
    return np.asarray(cv2.multiply(line, s.cut(s.maps["pressure"][0], box), scale=1 / ONE))


def _mist(part: Pixels, s: Sheet, role: str, box: brush.Box) -> None:
    """Let the foot of far things and the nearest ground fade into empty paper."""
    y0, y1, x0, x1 = box
    stage, rows = s.stage, np.arange(y0, y1, dtype=np.float32)[:, None]
    w = max(2, (x1 - x0) // 8)
    drift = curves.noise(s.seed + len(role), w, 8, w / 4, 3)[3][None, :] * np.float32(stage.unit * 0.035)
    drift = cv2.resize(drift, (x1 - x0, 1))
    if stage.indoors and role != "subject":
        return
    if role == "subject":
        start = stage.feet - stage.unit * 0.07
        amount = np.clip((rows - start + drift) / (stage.height - start + 1), 0, 1) ** 0.7 * 0.92
    else:
        low = stage.horizon + (0.05 if role == "mid" else -0.01) * stage.unit
        start = max(float(y0), low - stage.unit * (0.34 if role == "far" else 0.2))
        amount = np.clip((rows - start + drift) / max(8.0, low - start), 0, 1) ** 1.3 * (
            0.96 if role == "far" else 0.82
        )
    empty = mix(PAPER, times(stage.palette.sky[2], 0.9), 0.7 * max(0.0, stage.palette.dark - 0.3))  # washed by night
    brush.mixed(part, empty, np.clip(amount * 255, 0, 255).astype(np.uint8))


def _stamp(canvas: Canvas, s: Sheet) -> None:
    """The painter's seal: white marks in a red square, on the side where the light is not."""
    if s.stage.indoors:
        return
    u, left = s.stage.unit, s.stage.light[0] > canvas.width / 2
    size = u * 0.052
    x = canvas.width * (0.21 if left else 0.79) - size / 2
    y = canvas.height * 0.2  # where no camera move cuts it off
    canvas.fill(curves.box(x, y, x + size, y + size * 1.12, size * 0.1), _SEAL, 0.94)
    marks = ((0.2, 0.16, 0.2, 0.92), (0.2, 0.16, 0.8, 0.16), (0.8, 0.16, 0.8, 0.92), (0.2, 0.5, 0.8, 0.5),
        (0.5, 0.16, 0.5, 0.8), (0.36, 0.72, 0.66, 0.96))  # fmt: skip
    for a, b, c, d in marks:
        canvas.stroke([(x + a * size, y + b * size), (x + c * size, y + d * size)], size * 0.075, PAPER, smooth=False)
