"""What a style does to a finished layer: a matrix on its colours, texture, edges, a curve. Data first."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, Matrix, Pixels, multiply, saturate, solid, veil


@dataclass(frozen=True)
class Style:
    """``grain`` and ``mottle`` are strengths of fine and broad paper texture; 0 is smooth."""

    saturation: float = 1.0
    tint: RGB = (255, 255, 255)
    veil: float = 0.0
    veil_colour: RGB = (255, 255, 255)
    grain: float = 0.022
    mottle: float = 0.03
    vignette: float = 0.16
    bright: float = 0.0
    """A pale border instead of a dark one, as on watercolour paper."""
    edge: float = 0.0
    """Pigment gathered at the edges of shapes."""
    wobble: float = 0.0
    """Unsteady outlines, as a fraction of the height."""
    paper_shadow: float = 0.0
    """Every layer is a sheet that throws a shadow on the one behind."""
    neon: float = 0.0
    contrast: float = 0.0
    steps: int = 0
    """Number of tones that are left; 0 for all."""
    ramp: tuple[RGB, ...] = ()
    """Colours from dark to light that the picture is drawn towards."""
    ramp_amount: float = 0.0
    haze: float = 1.0
    accent: float = 0.0
    """Above 0 all is grey but the reds, which keep this share of themselves."""


STYLES: dict[str, Style] = {
    "storybook": Style(),
    "warm": Style(saturation=1.05, tint=(255, 250, 238), veil=0.05, veil_colour=(255, 226, 190), vignette=0.1),
    "pastel": Style(saturation=0.9, veil=0.38, veil_colour=(255, 240, 240), grain=0.014, vignette=0.05),
    "watercolor": Style(saturation=1.05, veil=0.24, veil_colour=(255, 250, 238), grain=0.026, mottle=0.1,
        vignette=0.0, bright=1.0, edge=0.34, wobble=0.0035),
    "ink": Style(veil=0.06, veil_colour=(246, 240, 226), grain=0.024, mottle=0.05, vignette=0.0, bright=0.8,
        edge=0.5, wobble=0.0035, contrast=0.3, accent=0.5),
    "papercut": Style(saturation=1.08, grain=0.03, mottle=0.014, vignette=0.1, paper_shadow=0.55, steps=0),
    "neon": Style(saturation=1.2, tint=(214, 196, 255), grain=0.014, mottle=0.0, vignette=0.3, neon=0.9,
        contrast=0.12),
    "noir": Style(tint=(236, 238, 246), grain=0.04, mottle=0.02, vignette=0.42, contrast=0.34, accent=0.25),
    "anime": Style(saturation=1.18, grain=0.0, mottle=0.0, vignette=0.05, contrast=0.06, haze=0.8),
    "retro": Style(saturation=0.85, tint=(255, 244, 222), grain=0.006, mottle=0.0, vignette=0.16, steps=7,
        ramp=((38, 46, 74), (58, 110, 120), (226, 106, 72), (246, 186, 96), (252, 234, 198)), ramp_amount=0.42),
    "oil": Style(saturation=1.15, grain=0.02, mottle=0.07, vignette=0.2, edge=0.1, wobble=0.003, contrast=0.08),
    "crayon": Style(saturation=1.02, veil=0.12, veil_colour=(255, 250, 240), grain=0.05, mottle=0.03, vignette=0.0,
        bright=0.25, wobble=0.0028),
    "real": Style(saturation=0.96, grain=0.016, mottle=0.02, vignette=0.26, contrast=0.08),
}  # fmt: skip


def matrix_of(style: Style) -> Matrix:
    """Colour change of a style."""
    out: Matrix = np.asarray(
        veil(style.veil_colour, style.veil) @ multiply(style.tint) @ saturate(style.saturation), np.float32
    )
    return out


def texture(style: Style, width: int, height: int, seed: int) -> Pixels:
    """Paper and vignette as one factor per pixel (200 is 1), three channels and 200."""
    s = 4
    w, h = width // s + 1, height // s + 1
    gx = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    gy = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    far = np.clip((gx**2 * 0.9 + gy**2 * 0.75) - 0.42, 0, 2)
    broad = 1.0 - style.vignette * far + style.mottle * 0.7 * curves.noise(seed, w, h, max(w, h) / 7, 3)
    small = cv2.resize(broad.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    if style.grain:
        # Paper repeats every 256 pixels: nobody sees it, and it costs nothing.
        tile = curves.noise(7, 256, 256, 3.2, 2) * np.float32(style.grain * 0.62)
        small += np.tile(tile, (height // 256 + 1, width // 256 + 1))[:height, :width]
    factor = np.clip(small * 200, 0, 255).astype(np.uint8)
    return np.asarray(cv2.merge([factor, factor, factor, np.full_like(factor, 200)]))


def curve_of(style: Style) -> Pixels | None:
    """Look-up table for contrast and steps, or None."""
    x = np.linspace(0, 1, 256)
    if style.contrast:
        x = x + style.contrast * (x * x * (3 - 2 * x) - x) * 2
    if style.steps:
        soft = np.floor(x * style.steps) / style.steps + 0.5 / style.steps
        x = x * 0.25 + soft * 0.75
    if not style.contrast and not style.steps:
        return None
    return np.asarray(np.clip(x * 255, 0, 255).astype(np.uint8))


def ramped(rgb: Pixels, style: Style) -> Pixels:
    """Draw colours towards the style's few by their brightness; ``rgb`` is blue, green, red."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_BGR2GRAY)
    at = np.linspace(0, 255, len(style.ramp))
    table = np.stack([np.interp(np.arange(256), at, [c[2 - k] for c in style.ramp]) for k in range(3)], 1).astype(
        np.uint8
    )
    return np.asarray(cv2.addWeighted(rgb, 1 - style.ramp_amount, table[grey], style.ramp_amount, 0))


def greyed(rgb: Pixels, style: Style) -> Pixels:
    """Grey with the strong reds left in; ``rgb`` is blue, green, red."""
    blue, green, red = cv2.split(rgb)
    grey = cv2.cvtColor(rgb, cv2.COLOR_BGR2GRAY)
    strong = cv2.subtract(red, cv2.add(cv2.max(blue, green), np.full_like(red, 46)))
    amount = cv2.convertScaleAbs(strong, alpha=5.0 * style.accent)
    warm = cv2.merge([cv2.convertScaleAbs(grey, alpha=0.98), grey, grey])
    if not cv2.hasNonZero(amount):
        return np.asarray(warm)
    wide = cv2.merge([amount, amount, amount])
    kept = cv2.multiply(rgb, wide, scale=1 / 255)
    return np.asarray(cv2.add(cv2.multiply(warm, cv2.bitwise_not(wide), scale=1 / 255), kept))


def bare_paper(style: Style, width: int, height: int, seed: int) -> tuple[Pixels, int]:
    """Where the paint ends before the edge of the paper, unevenly: (height, width), and its depth at most in pixels."""
    s = 8
    w, h = width // s + 1, height // s + 1
    gx = np.minimum(np.arange(w), np.arange(w)[::-1]).astype(np.float32)[None, :]
    gy = np.minimum(np.arange(h), np.arange(h)[::-1]).astype(np.float32)[:, None]
    inwards = np.minimum(gx, gy)
    near = inwards / h + 0.016 * curves.noise(seed, w, h, h / 6, 3)
    mask = (np.clip(1 - (near - 0.004) / 0.035, 0, 1) * 255 * style.bright).astype(np.uint8)
    depth = (int(inwards[mask > 0].max(initial=0)) + 2) * s
    return np.asarray(cv2.resize(mask, (width, height))), depth


def border(canvas: Canvas, bare: Pixels, depth: int) -> None:
    """Take the paint off where the paper is ``bare``, which it is only ``depth`` pixels from its edges."""
    y0, y1 = canvas.rows()
    low, high = min(depth, canvas.height), max(canvas.height - depth, depth)
    left, right = min(depth, canvas.width), max(canvas.width - depth, depth)
    for top, bottom, x0, x1 in (
        (0, low, 0, canvas.width),
        (high, canvas.height, 0, canvas.width),
        (low, high, 0, left),
        (low, high, right, canvas.width),
    ):
        top, bottom = max(top, y0), min(bottom, y1)
        if bottom > top and x1 > x0:
            _uncover(canvas.pixels[top:bottom, x0:x1], bare[top:bottom, x0:x1])


def _uncover(part: Pixels, bare: Pixels) -> None:
    alpha = cv2.extractChannel(part, 3)
    paper = cv2.merge([cv2.convertScaleAbs(alpha, alpha=k) for k in (0.92, 0.965, 0.985, 1.0)])
    wide = cv2.merge([bare] * 4)
    kept = cv2.multiply(part, cv2.bitwise_not(wide), scale=1 / 255)
    cv2.min(cv2.add(kept, cv2.multiply(paper, wide, scale=1 / 255)), cv2.merge([alpha] * 4), dst=part)


def wobble(canvas: Canvas, style: Style, seed: int) -> None:
    """Shift pixels by smooth noise so that outlines look drawn by hand."""
    y0, y1 = canvas.rows()
    if y1 - y0 < 8:
        return
    amount = style.wobble * canvas.height
    w, h = canvas.width, canvas.height
    s = 4
    dx = curves.noise(seed, w // s + 1, h // s + 1, h / 42 / s * 2, 2) * np.float32(amount * 0.6)
    dy = curves.noise(seed + 1, w // s + 1, h // s + 1, h / 42 / s * 2, 2) * np.float32(amount * 0.6)
    mx = cv2.resize(dx, (w, h))
    my = cv2.resize(dy, (w, h))
    # No row moves farther than that, so the rows without paint stay as they are.
    reach = int(np.abs(dy).max()) + 2
    y0, y1 = max(0, y0 - reach), min(h, y1 + reach)
    mx = mx[y0:y1] + np.arange(w, dtype=np.float32)[None, :]
    my = my[y0:y1] + np.arange(y0, y1, dtype=np.float32)[:, None]
    canvas.pixels[y0:y1] = cv2.remap(canvas.pixels, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def edges(canvas: Canvas, style: Style) -> None:
    """Darken the inner edges of shapes, as water carries pigment outwards."""
    reach = max(1, canvas.height // 160)
    y0, y1 = canvas.rows()
    part = canvas.pixels[max(0, y0 - reach) : y1 + reach]
    if y0 == y1:
        return
    k = reach * 2 + 1
    alpha, grey = cv2.extractChannel(part, 3), cv2.cvtColor(part, cv2.COLOR_BGRA2GRAY)
    dark = cv2.subtract(cv2.blur(grey, (k, k)), grey)
    rim = cv2.subtract(alpha, cv2.blur(alpha, (k, k)))
    factor = cv2.subtract(
        np.full_like(grey, 200),
        cv2.convertScaleAbs(cv2.add(dark, cv2.convertScaleAbs(rim, alpha=0.5)), alpha=style.edge * 2.2),
    )
    wide = cv2.merge([factor, factor, factor, np.full_like(factor, 200)])
    cv2.multiply(part, wide, dst=part, scale=1 / 200)


def sheet(canvas: Canvas, style: Style) -> None:
    """Make the layer a sheet of paper: a pale cut edge and a shadow behind it."""
    alpha = cv2.extractChannel(canvas.pixels, 3)
    h, w = alpha.shape
    d = max(2, h // 170)
    pale = cv2.subtract(
        alpha, cv2.warpAffine(alpha, np.array([[1, 0, d * 0.35], [0, 1, d * 0.55]], np.float32), (w, h))
    )
    canvas.lay(slice(0, h), slice(0, w), cv2.convertScaleAbs(pale, alpha=0.6), solid(WHITE, h, w))
    alpha = cv2.extractChannel(canvas.pixels, 3)
    moved = cv2.warpAffine(
        alpha, np.array([[0.25, 0, -d * 0.5], [0, 0.25, -d * 0.45]], np.float32), (w // 4 + 1, h // 4 + 1)
    )
    shade = cv2.resize(cv2.GaussianBlur(moved, (0, 0), max(1.0, h / 300)), (w, h))
    under = np.zeros_like(canvas.pixels)
    under[:, :, 3] = cv2.convertScaleAbs(shade, alpha=style.paper_shadow)
    inv = cv2.bitwise_not(alpha)
    canvas.pixels = np.asarray(
        cv2.add(cv2.multiply(under, cv2.merge([inv, inv, inv, inv]), scale=1 / 255), canvas.pixels)
    )


def neon(canvas: Canvas, style: Style) -> None:
    """Lines of light along edges, magenta on one side and cyan on the other, with their glow."""
    h, w = canvas.height, canvas.width
    s = 2
    small = cv2.resize(canvas.pixels, (w // s, h // s), interpolation=cv2.INTER_AREA)
    alpha = cv2.extractChannel(small, 3)
    line = cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    grey = cv2.cvtColor(small, cv2.COLOR_BGRA2GRAY)
    line = cv2.max(
        line, cv2.convertScaleAbs(cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)), alpha=0.8)
    )
    line[[0, -1], :] = 0
    line[:, [0, -1]] = 0
    halo = cv2.GaussianBlur(line, (0, 0), max(1.5, h / 220))
    light = cv2.addWeighted(line, 0.55 * style.neon, halo, 0.9 * style.neon, 0)
    t = np.linspace(0, 1, w // s, dtype=np.float32)[None, :, None]
    hue = np.array((232, 70, 255), np.float32) * (1 - t) + np.array((255, 220, 60), np.float32) * t
    paint = np.empty((h // s, w // s, 4), np.uint8)
    paint[:, :, :3] = hue
    paint[:, :, 3] = 255
    mask = cv2.resize(cv2.min(light, cv2.GaussianBlur(cv2.max(alpha, halo), (0, 0), 2)), (w, h))
    canvas.lay(slice(0, h), slice(0, w), mask, cv2.resize(paint, (w, h)))


def dim(style: Style, layer: str) -> Matrix | None:
    """Neon needs darkness to shine in."""
    if not style.neon:
        return None
    dark: RGB = (
        (96, 74, 150) if layer in ("sky", "near") else (222, 206, 250) if layer == "subject" else (166, 140, 214)
    )
    return multiply(dark)
