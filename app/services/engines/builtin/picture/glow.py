"""Light as the line: neon tubes along the edges, bloom, and the hard lamps of a black-and-white film."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush, paper
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, Pixels, multiply, recoloured, saturate
from app.services.engines.builtin.picture.paper import ONE

_PINK, _CYAN = (255, 52, 168), (46, 226, 255)
_DIM: dict[str, RGB] = {
    "sky": (190, 170, 214),
    "far": (128, 108, 190),
    "mid": (118, 100, 182),
    "subject": (138, 118, 196),
    "near": (58, 46, 104),
}


_LIT = multiply((284, 272, 236)) @ saturate(0.76)
"""Figures stand in the light of all signs at once: skin stays skin."""


def neon(canvas: Canvas, s: Sheet, role: str) -> None:
    """Darkness, then tubes of light along outlines: pink on one side of the picture, cyan on the other, with bloom."""
    figure = brush.is_figure(role)
    reach = max(3, round(14 * s.fine))
    box = brush.box_of(canvas, reach * 2)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    lights = cv2.convertScaleAbs(cv2.subtract(part, np.full_like(part, 150)), alpha=1.5)
    alpha = cv2.extractChannel(part, 3)
    part = cv2.add(recoloured(part, _LIT if figure else multiply(_DIM[role])), lights)
    cv2.insertChannel(alpha, part, 3)
    cv2.min(part, cv2.merge([alpha] * 4), dst=part)
    if role != "sky":
        if role == "subject":
            part = _mirrored(part, s, box)
        part = _tubes(part, s, box, role, reach)
    canvas.pixels[y0:y1, x0:x1] = part


def _tubes(part: Pixels, s: Sheet, box: brush.Box, role: str, reach: int) -> Pixels:
    h, w = part.shape[:2]
    figure = brush.is_figure(role)
    small = cv2.resize(part, (max(2, w // 2), max(2, h // 2)), interpolation=cv2.INTER_AREA)
    alpha, grey = cv2.extractChannel(small, 3), cv2.cvtColor(small, cv2.COLOR_BGRA2GRAY)
    line = cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
    if not figure:
        inner = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
        line = cv2.max(line, cv2.convertScaleAbs(inner, alpha={"far": 0.5, "near": 0.3}.get(role, 0.9)))
    for row, at in ((0, box[0] == 0), (-1, box[1] == s.height)):
        line[row, :] = 0 if at else line[row, :]
    for col, at in ((0, box[2] == 0), (-1, box[3] == s.width)):
        line[:, col] = 0 if at else line[:, col]
    power = {"far": 0.5, "mid": 0.8, "subject": 0.85, "near": 0.75}.get(role, 1.0)
    halo = cv2.GaussianBlur(line, (0, 0), max(1.0, reach / 2.6))
    core = cv2.convertScaleAbs(line, alpha=0.62 * power)
    light = cv2.add(core, cv2.convertScaleAbs(halo, alpha=(0.7 if figure else 1.1) * power))
    t = np.clip((np.linspace(box[2], box[3], small.shape[1]) / s.width - 0.5) * 1.9 + 0.5, 0, 1)[None, :, None]
    flip = s.seed % 2
    left, right = (np.array((*c[::-1], 255), np.float32) for c in ((_PINK, _CYAN) if flip else (_CYAN, _PINK)))
    hue = np.broadcast_to((left * (1 - t) + right * t).astype(np.uint8), (*light.shape, 4))
    glow = cv2.multiply(np.ascontiguousarray(hue), cv2.merge([light] * 4), scale=1 / 255)
    white = cv2.convertScaleAbs(cv2.subtract(core, np.full_like(core, 60)), alpha=0.9)
    glow = cv2.add(glow, cv2.merge([white, white, white, white]))
    if role in ("far", "mid"):
        _remembered(glow, s, box)
    big = cv2.resize(glow, (w, h))
    # Light adds up; alpha takes over as much as the light covers.
    absent = cv2.bitwise_not(cv2.extractChannel(big, 3))
    soft = cv2.addWeighted(absent, 0.5, np.full_like(absent, 255), 0.5, 0)
    kept = cv2.multiply(part, cv2.merge([soft, soft, soft, absent]), scale=1 / 255)
    out = cv2.add(kept, big)
    top = cv2.extractChannel(out, 3)
    return np.asarray(cv2.min(out, cv2.merge([top, top, top, top])))


def _remembered(glow: Pixels, s: Sheet, box: brush.Box) -> None:
    """Keep what shines behind the ground, at a quarter of the size, for its reflection."""
    q = 4
    if "tubes" not in s.maps:
        s.maps["tubes"] = (np.zeros((s.height // q + 1, s.width // q + 1, 4), np.uint8),)
    whole = s.maps["tubes"][0]
    y0, x0 = box[0] // q, box[2] // q
    h, w = min(whole.shape[0] - y0, (box[1] - box[0]) // q), min(whole.shape[1] - x0, (box[3] - box[2]) // q)
    if h > 0 and w > 0:
        part = whole[y0 : y0 + h, x0 : x0 + w]
        whole[y0 : y0 + h, x0 : x0 + w] = cv2.max(part, cv2.resize(glow, (w, h), interpolation=cv2.INTER_AREA))


def _mirrored(part: Pixels, s: Sheet, box: brush.Box) -> Pixels:
    """Streaks of the tubes' light in the wet ground below them."""
    if "tubes" not in s.maps or s.stage.indoors:
        return part
    q, whole = 4, s.maps["tubes"][0]
    line = min(len(whole) - 2, max(1, int((s.stage.feet - 0.1 * s.stage.unit) / q)))
    rows = len(whole) - line
    source = np.clip(line - 1 - (np.arange(rows) * 1.5).astype(int), 0, len(whole) - 1)
    streaks = cv2.GaussianBlur(whole[source], (0, 0), sigmaX=1.0, sigmaY=max(1.0, s.stage.unit / q * 0.05))
    glow = np.zeros_like(whole)
    glow[line:] = cv2.convertScaleAbs(streaks, alpha=1.35)
    big = s.cut(cv2.resize(glow, (s.width, s.height)), box)
    alpha = cv2.extractChannel(part, 3)
    light = cv2.multiply(big, cv2.merge([alpha] * 4), scale=1 / 255)
    out = cv2.min(cv2.add(part, light), cv2.merge([alpha] * 4))
    return np.asarray(out)


def hard(canvas: Canvas, s: Sheet, role: str) -> None:
    """One lamp in the dark: a pool of light around the hero, blinds across a wall, film grain."""
    figure = brush.is_figure(role)
    box = brush.box_of(canvas)
    if box is None:
        return
    y0, y1, x0, x1 = box
    part = np.ascontiguousarray(canvas.pixels[y0:y1, x0:x1])
    plane = s.cut(_film(s), box)
    if figure:
        plane = cv2.addWeighted(plane, 0.3, np.full_like(plane, 236), 0.7, 0)
    elif role == "near":
        plane = cv2.convertScaleAbs(plane, alpha=0.5)
    brush.shaded(part, plane)
    if not figure and role != "sky":
        dark, ends = brush.rims(part, max(2, round(6 * s.fine)))
        brush.shaded(part, cv2.subtract(np.full_like(dark, ONE), cv2.addWeighted(dark, 0.9, ends, 0.25, 0)))
    canvas.pixels[y0:y1, x0:x1] = part


def _film(s: Sheet) -> Pixels:
    """Light of the lamp and grain of the film as shares, (height, width); kept on the sheet."""
    if "film" not in s.maps:
        q, stage = 4, s.stage
        w, h = s.width // q + 1, s.height // q + 1
        y, x = np.mgrid[0:h, 0:w].astype(np.float32) * q
        cx, cy = stage.hero_x * stage.width, stage.feet - stage.unit * 0.2
        away = np.hypot((x - cx) / stage.unit * 0.8, (y - cy) / stage.unit)
        body = np.clip(1.3 - 0.66 * away, 0.34, 1.25)
        if stage.indoors:
            body *= _blinds(s, x, y)
        small = np.clip(body * ONE, 0, 250).astype(np.uint8)
        plane = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.2), (w * q, h * q))[: s.height, : s.width]
        tooth = paper.tiled(paper.tooth("film"), s.width, s.height)
        s.maps["film"] = (cv2.multiply(np.ascontiguousarray(plane), tooth, scale=1 / ONE),)
    return s.maps["film"][0]


def _blinds(s: Sheet, x: Pixels, y: Pixels) -> Pixels:
    """Bars of light through a venetian blind, slanting over the wall; 0.55 in their shade."""
    u, stage = s.stage.unit, s.stage
    lean = 0.22 if s.seed % 2 else -0.22
    across = (y + lean * x) / (u * 0.085)
    bars = np.clip(np.abs(np.mod(across, 1.0) - 0.5) * 9 - 1.4, 0, 1)
    side = stage.hero_x * stage.width
    window = np.clip((u * 0.62 - np.abs(x - side - lean * y)) / (u * 0.05), 0, 1)
    window *= np.clip((stage.feet - u * 0.02 - y) / (u * 0.06), 0, 1)
    return np.asarray(0.5 + 0.75 * window * bars)
