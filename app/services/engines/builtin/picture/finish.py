"""From the painted stage to files: light, style and texture on every layer, straight alpha, and the still picture."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture import styles
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import WHITE, Pixels, mix
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
            styles.border(c, style, seed)
        _paper(c, paper)
        stage.check()


def _paper(c: Canvas, paper: Pixels) -> None:
    y0, y1 = c.rows()
    if y1 > y0:
        part = cv2.multiply(c.pixels[y0:y1], paper[y0:y1], scale=1 / 200)
        alpha = np.ascontiguousarray(c.pixels[y0:y1, :, 3])
        part[:, :, 3] = alpha
        c.pixels[y0:y1] = cv2.min(part, cv2.merge([alpha, alpha, alpha, alpha]))


def straight(c: Canvas, style: Style) -> Pixels:
    """The layer with straight alpha, the style's curve applied."""
    out = c.pixels.copy()
    flat = out.reshape(-1, 4)
    alpha = np.ascontiguousarray(flat[:, 3])
    part = np.flatnonzero((alpha - np.uint8(1)) < 254)  # neither 0 nor 255
    if part.size:
        some = flat[part].astype(np.uint16)
        some[:, :3] = np.minimum((some[:, :3] * 255 + some[:, 3:] // 2) // some[:, 3:], 255)
        flat[part] = some.astype(np.uint8)
    table = styles.curve_of(style)
    if table is not None or style.ramp_amount or style.accent:
        rgb = np.ascontiguousarray(out[:, :, :3])
        if style.accent:
            rgb = styles.greyed(rgb, style)
        if style.ramp_amount:
            rgb = styles.ramped(rgb, style)
        if table is not None:
            rgb = np.asarray(cv2.LUT(rgb, table))
        out[:, :, :3] = rgb
        out = np.ascontiguousarray(cv2.copyTo(out, alpha.reshape(out.shape[:2])))
    return out


def stack(layers: list[Pixels]) -> Pixels:
    """All layers over each other: blue, green, red without alpha."""
    out = np.ascontiguousarray(layers[0][:, :, :3])
    for layer in layers[1:]:
        alpha = layer[:, :, 3]
        rows = np.flatnonzero(layer.view(np.uint32).any(axis=(1, 2)))
        if not rows.size:
            continue
        y0, y1 = int(rows[0]), int(rows[-1]) + 1
        a = np.ascontiguousarray(alpha[y0:y1])
        wide = cv2.merge([a, a, a])
        top = cv2.multiply(np.ascontiguousarray(layer[y0:y1, :, :3]), wide, scale=1 / 255)
        out[y0:y1] = cv2.add(cv2.multiply(out[y0:y1], cv2.bitwise_not(wide), scale=1 / 255), top)
    return out


def style_of(stage: Stage) -> Style:
    """The style that the words ask for."""
    return STYLES.get(stage.scene.style, STYLES["storybook"])
