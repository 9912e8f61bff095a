"""From the painted stage to files: light, style and texture on every layer, straight alpha, and the still picture."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import styles
from app.services.engines.builtin.picture.canvas import Canvas, over, painted
from app.services.engines.builtin.picture.colour import WHITE, Pixels, mix, with_alpha
from app.services.engines.builtin.picture.palette import grade
from app.services.engines.builtin.picture.stage import LAYERS, Stage
from app.services.engines.builtin.picture.styles import STYLES, Style


def light_layers(stage: Stage, style: Style) -> None:
    """The light of the hour and the haze of the distance on all layers but the sky."""
    for layer in LAYERS[1:]:
        stage[layer].apply(grade(stage.palette, stage.haze[layer] * style.haze))
        stage.check()
    for lamp in stage.lamps:
        c = stage[lamp.layer]
        c.glow(lamp.x, lamp.y, lamp.r, lamp.colour, lamp.strength)
        if lamp.core:
            c.glow(lamp.x, lamp.y, lamp.core * 1.6, mix(lamp.colour, WHITE, 0.6), 0.9)


def styled(stage: Stage, style: Style, seed: int) -> None:
    """The style on every layer."""
    matrix = styles.matrix_of(style)
    plain = np.allclose(matrix, np.eye(4))
    paper = styles.texture(style, stage.width, stage.height, seed)
    bare, depth = styles.bare_paper(style, stage.width, stage.height, seed)
    for k, layer in enumerate(LAYERS):
        c = stage[layer]
        dim = styles.dim(style, layer)
        if dim is not None:
            c.apply(dim)
        if style.neon and layer != "sky":
            styles.neon(c, style)
        if not plain:
            c.apply(matrix)
        if style.wobble:
            styles.wobble(c, style, seed + 10 * k)
        if style.edge:
            styles.edges(c, style)
        if style.paper_shadow and layer != "sky":
            styles.sheet(c, style)
        if style.bright:
            styles.border(c, bare, depth)
        _paper(c, paper)
        stage.check()


def _paper(c: Canvas, paper: Pixels) -> None:
    y0, y1 = c.rows()
    if y1 > y0:
        part = c.pixels[y0:y1]
        alpha = cv2.extractChannel(part, 3)
        cv2.multiply(part, paper[y0:y1], dst=part, scale=1 / 200)
        cv2.min(part, cv2.merge([alpha, alpha, alpha, alpha]), dst=part)


def straight(c: Canvas, style: Style) -> Pixels:
    """The layer with straight alpha, the style's curve applied."""
    out: Pixels = np.zeros_like(c.pixels)
    y0, y1 = c.rows()
    if y0 == y1:
        return out
    part = cv2.cvtColor(c.pixels[y0:y1], cv2.COLOR_mRGBA2RGBA)
    table = styles.curve_of(style)
    if table is not None or style.ramp_amount or style.accent:
        alpha = cv2.extractChannel(part, 3)
        rgb = cv2.cvtColor(part, cv2.COLOR_BGRA2BGR)
        if style.accent:
            rgb = styles.greyed(rgb, style)
        if style.ramp_amount:
            rgb = styles.ramped(rgb, style)
        if table is not None:
            rgb = np.asarray(cv2.LUT(rgb, table))
        part = cv2.copyTo(with_alpha(rgb, alpha), alpha)
    out[y0:y1] = part
    return out


def stack(layers: list[Pixels]) -> Pixels:
    """All layers over each other: blue, green, red without alpha."""
    out: Pixels = np.asarray(cv2.cvtColor(layers[0], cv2.COLOR_BGRA2BGR))
    for layer in layers[1:]:
        y0, y1 = painted(layer)
        if y1 > y0:
            over(out[y0:y1], cv2.cvtColor(layer[y0:y1], cv2.COLOR_RGBA2mRGBA))
    return out


def style_of(stage: Stage) -> Style:
    """The style that the words ask for."""
    return STYLES.get(stage.scene.style, STYLES["storybook"])
