"""From the painted stage to files: light, style and texture on every layer, straight alpha, and the still picture."""

from __future__ import annotations

import zlib

import cv2
import numpy as np

from app.models.engine import Effect
from app.services.engines.builtin.picture import brush, card, light, tables
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import Pixels, recoloured, unit, with_alpha
from app.services.engines.builtin.picture.palette import grade
from app.services.engines.builtin.picture.paper import ONE
from app.services.engines.builtin.picture.stage import LAYERS, Stage
from app.services.engines.builtin.picture.styles import COOL, POSTERS, STYLES, Style

_MISTY = {"fog": (0.46, 0.24), "snow": (0.05, 0.0), "rain": (0.1, 0.0), "storm": (0.04, 0.0)}
"""Haze that weather lays even before the subject and the nearest things."""

_COOL = frozenset({"rain", "storm", "fog", "cloudy", "snow"})

_TINTED = frozenset({"sky", "mid", "subject"})
"""Layers that show the light's side; far ones have the air for that, near ones are hardly seen."""


def style_of(stage: Stage) -> Style:
    """The style that the words ask for; of the posters the one that suits the story's hero."""
    scene = stage.scene
    if scene.style == "retro":
        key = next((being.key for being in scene.beings if being.named), scene.place)
        return POSTERS[zlib.crc32(key.encode("utf-8", "replace")) % len(POSTERS)]
    if scene.style == "papercut" and scene.festive:
        return STYLES["redcut"]  # for a feast one cuts red paper
    if scene.style == "warm" and not stage.indoors and (stage.palette.dark > 0.9 or scene.weather in _COOL):
        return COOL
    return STYLES.get(scene.style, STYLES["storybook"])


def light_layers(stage: Stage, style: Style) -> None:
    """The light of the hour, the air of the distance, lamplight and wet ground on all layers but the sky."""
    before, nearest = _MISTY.get(stage.scene.weather, (0.0, 0.0)) if light.open_air(stage) else (0.0, 0.0)
    least = {"subject": before, "near": nearest}
    early = style.matrix if style.early else unit()
    light.thin_out(stage, 0.2 if style.lamps == "glow" else 0.1)
    shining = bool(stage.lamps) and stage.palette.dark > 0.2
    for layer in LAYERS[1:]:
        canvas = stage[layer]
        y0, y1 = canvas.rows()
        unlit = canvas.pixels[y0:y1].copy() if shining and y1 > y0 else None
        haze = max(stage.haze[layer] * style.haze, least.get(layer, 0.0) / max(1.0, stage.palette.haze))
        night = card.night(layer, stage.palette.dark) if style.cards and not stage.indoors else unit()
        canvas.apply(np.asarray(night @ early @ grade(stage.palette, haze), np.float32))
        light.distance(canvas, stage, layer, stage.haze[layer] * style.haze * stage.palette.haze)
        light.rolling(canvas, stage, layer)
        light.sunlit(canvas, stage, layer)
        if unlit is not None and style.pools:
            light.pools(canvas, stage, layer, unlit, y0, early, style.pools)
        if unlit is not None:
            light.windows(canvas, stage, unlit, y0, early)
        stage.check()
    light.lamps(stage, style.lamps)
    rain = {"rain": 0.5, "storm": 0.42}.get(stage.scene.weather, 0.0)
    if light.open_air(stage) and max(rain, style.wet) and not stage.swim:
        light.wet(stage, max(rain, style.wet), stage.rng.randrange(1 << 30))
    stage.check()


def styled(stage: Stage, style: Style, seed: int) -> None:
    """The style on every canvas of the stage: its layers by name, shadows by name, anything else is a figure."""
    sheet, matrix = Sheet(stage, seed), style.matrix
    plain, air = np.allclose(matrix, np.eye(4)), _ambient(stage, style)
    stage.effects[:] = [_inked(effect, style) for effect in stage.effects]
    for role, canvas in stage.canvases.items():
        box = brush.box_of(canvas)
        if box is None:
            continue
        y0, y1, x0, x1 = box
        part = canvas.pixels[y0:y1, x0:x1]
        if not plain and not (style.early and role in LAYERS[1:]):
            canvas.pixels[y0:y1, x0:x1] = recoloured(part, matrix)
        if air is not None and role in _TINTED:
            cv2.multiply(part, air[y0:y1, x0:x1], dst=part, scale=1 / ONE)
            cv2.min(part, cv2.merge([cv2.extractChannel(part, 3)] * 4), dst=part)
        if not brush.is_shadow(role):
            style.technique(canvas, sheet, role)
        stage.check()


def _inked(effect: Effect, style: Style) -> Effect:
    """Leaves and petals in a colour that the style has; light and weather keep theirs."""
    if style.table is None or effect.kind not in ("leaves", "petals"):
        return effect
    r, g, b = effect.color
    tone = round(0.3 * r + 0.59 * g + 0.11 * b)
    bgr: Pixels = np.array([[(tone, tone, tone) if style.grey else (b, g, r)]], np.uint8)
    b, g, r = (int(c) for c in tables.look_up(bgr, style.table())[0, 0])
    return effect.model_copy(update={"color": (r, g, b)})


def _ambient(stage: Stage, style: Style) -> Pixels | None:
    if not style.ambient:
        return None
    full = light.ambient(stage)
    if style.ambient >= 1:
        return full
    return np.asarray(cv2.addWeighted(full, style.ambient, np.full_like(full, ONE), 1 - style.ambient, 0))


def straight(c: Canvas, style: Style) -> Pixels:
    """The layer with straight alpha, the style's table applied."""
    out: Pixels = np.zeros_like(c.pixels)
    y0, y1 = c.rows()
    if y0 == y1:
        return out
    part = cv2.cvtColor(c.pixels[y0:y1], cv2.COLOR_mRGBA2RGBA)
    if style.table is not None:
        alpha = cv2.extractChannel(part, 3)
        rgb = tables.look_up(cv2.cvtColor(part, cv2.COLOR_BGRA2BGR), style.table())
        if style.soft:
            rgb = cv2.GaussianBlur(rgb, (3, 3), 0.8)
        part = cv2.copyTo(with_alpha(rgb, alpha), alpha)
    out[y0:y1] = part
    return out
