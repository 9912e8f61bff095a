"""Draws words that are read over any picture: light, with a dark outline in a soft halo, antialiased.

Everything is drawn at twice the size and averaged down, as straight-alpha overlays cropped tight, once per cue.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from app.models.timeline import SubtitleStyle
from app.services.media.contrast import ENOUGH, Colour, blend, contrast, standing_out
from app.services.media.fonts import Face, Mask, drawable, face, undrawable
from app.services.media.line_breaking import text_size
from app.services.media.overlay import Overlay

__all__ = ["draw_subtitle", "empty", "glyphs", "paint_over", "to_overlay", "undrawable"]

Float = NDArray[np.float32]
SCALE = 2
LINE_PITCH = 1.3
"""From baseline to baseline, in ems."""
BELOW_BASELINE = 0.15
"""What the em has below the baseline."""
BOTTOM = 0.06
"""Free space below subtitles, of the picture's height."""
WIDEST = 0.92
"""Of the picture's width; a line that is longer makes the text smaller."""
FILL, INK = (255, 255, 255), (12, 12, 12)
"""Letters and outline of what has no style of its own."""
OUTLINE, BOLDER = 0.07, 0.014
"""Width of the outline, and what is added to the thin strokes of the font, in ems."""
HALO, HALO_SOFT = 0.17, 0.055
"""How far the even part of the halo reaches from a letter, and how softly it ends, in ems."""
PLATE, PLATE_SOFT = 0.62, 0.34
"""The same of the ground behind all the words."""
MARGIN = 0.2
"""By which the halo's contrast is more than enough: pixels at the edge of a letter are a mixture."""


def draw_subtitle(text: str, width: int, height: int, font: str, style: SubtitleStyle) -> Overlay:
    """``text``, one line for each of its lines, centred above the bottom of a frame (see ``subtitles.draw``)."""
    chosen = face(font)
    lines = [line for line in (drawable(line, chosen) for line in text.splitlines()) if line]
    if not lines:
        return empty()
    size = text_size(width, height)
    longest = max(chosen.advance(line, size) for line in lines)
    if longest > WIDEST * width:
        size = max(6, int(size * WIDEST * width / longest))
        longest = max(chosen.advance(line, size) for line in lines)
    bottom = round(height * (1 - BOTTOM) - size * BELOW_BASELINE)
    baselines = [bottom - round(size * LINE_PITCH * back) for back in reversed(range(len(lines)))]
    top = max(0, baselines[0] - round(2.3 * size)) // 2 * 2
    left = max(0, round((width - longest) / 2 - 1.6 * size)) // 2 * 2
    mask = np.zeros(((height - top) * SCALE, (width - 2 * left) * SCALE), np.uint8)
    for line, baseline in zip(lines, baselines, strict=True):
        x = round((mask.shape[1] - chosen.advance(line, size * SCALE)) / 2)
        chosen.paint(mask, line, x, (baseline - top) * SCALE, size * SCALE)
    ink = standing_out(style.ink, style.fill, ENOUGH + 2 * MARGIN)
    ground = _halo(mask, size * SCALE, _halo_share(style.fill, ink), style.plate)
    return to_overlay(*paint_over(mask, size, ground, style.fill, ink), x=left, y=top)


def glyphs(lines: Sequence[str], size: int, chosen: Face, pad: int) -> Mask:
    """Coverage of ``lines`` at SCALE times ``size``, left aligned, ``pad`` pixels (unscaled) free all round."""
    wide = max(chosen.advance(line, size * SCALE) for line in lines)
    height = round(size * (1 + LINE_PITCH * (len(lines) - 1))) + 2 * pad
    mask = np.zeros((height * SCALE, (round(wide / SCALE) + 2 * pad) * SCALE), np.uint8)
    for index, line in enumerate(lines):
        baseline = pad + round(size * (1 - BELOW_BASELINE + LINE_PITCH * index))
        chosen.paint(mask, line, pad * SCALE, baseline * SCALE, size * SCALE)
    return mask


def paint_over(mask: Mask, size: int, ground: Float, fill: Colour = FILL, ink: Colour = INK) -> tuple[Float, Float]:
    """Letters of coverage ``mask`` with an outline: (colour times alpha, alpha), 0..255 and 0..1, unscaled.

    ``ground`` is the alpha of what lies below them in the outline's colour, at the mask's size.
    """
    letters = cv2.dilate(mask, _disc(size * SCALE * BOLDER))
    outline = cv2.dilate(letters, _disc(size * SCALE * OUTLINE)).astype(np.float32) / 255
    core = letters.astype(np.float32) / 255
    dark = outline + (1 - outline) * ground
    alpha = core + (1 - core) * dark
    small = (mask.shape[1] // SCALE, mask.shape[0] // SCALE)
    shares = [
        cv2.resize(plane, small, interpolation=cv2.INTER_AREA).astype(np.float32)[..., None]
        for plane in (core, (1 - core) * dark, alpha)
    ]
    colour = shares[0] * np.array(fill, np.float32) + shares[1] * np.array(ink, np.float32)
    return colour.astype(np.float32), shares[2][..., 0]


def _halo_share(fill: Colour, ink: Colour) -> float:
    """How opaque the halo has to be for letters to stand out, whatever picture is behind it."""
    steps = [step / 50 for step in range(20, 51)]
    ends: tuple[Colour, Colour] = ((0, 0, 0), (255, 255, 255))
    return next(
        (share for share in steps if min(contrast(fill, blend(end, ink, share)) for end in ends) >= ENOUGH + MARGIN),
        1.0,
    )


def _halo(mask: Mask, em: int, share: float, plate: float) -> Float:
    """Alpha of what lies behind letters: even close to them, then fading, and a wide soft ground if wanted."""
    near = cv2.dilate(mask, _disc(em * HALO))
    halo = cv2.GaussianBlur(near, (0, 0), max(0.5, em * HALO_SOFT)).astype(np.float32)
    # The blur takes from the edge on both sides: what is within reach of the letters is brought back to full.
    alpha: Float = np.minimum(halo * np.float32(1.35 / 255), 1.0) * np.float32(share)
    if plate <= 0:
        return alpha
    quarter = cv2.resize(near, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    quarter = cv2.dilate(quarter, _disc(em * (PLATE - HALO) / 8))
    wide = cv2.GaussianBlur(quarter, (0, 0), max(0.5, em * PLATE_SOFT / 8)).astype(np.float32)
    ground = cv2.resize(wide, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) * np.float32(min(plate, 1.0) / 255)
    return alpha + (1 - alpha) * ground


def to_overlay(colour: Float, alpha: Float, *, x: int, y: int) -> Overlay:
    """An overlay with straight alpha, cropped to what is visible; ``x`` and ``y`` (even) are of the arrays' corner."""
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 1 / 255), np.flatnonzero(alpha.max(axis=0) > 1 / 255)
    if not len(rows):
        return empty()
    top, left = rows[0] // 2 * 2, columns[0] // 2 * 2
    shape = ((rows[-1] - top) // 2 * 2 + 2, (columns[-1] - left) // 2 * 2 + 2)
    rgba = np.zeros((*shape, 4), np.uint8)
    colour = colour[top : top + shape[0], left : left + shape[1]]
    alpha = alpha[top : top + shape[0], left : left + shape[1], None]
    straight = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0)
    height, width = colour.shape[:2]
    rgba[:height, :width, :3] = np.clip(np.rint(straight), 0, 255)
    rgba[:height, :width, 3:] = np.rint(alpha * 255)
    return Overlay(int(x + left), int(y + top), rgba)


def empty() -> Overlay:
    """Nothing to see: two by two transparent pixels."""
    return Overlay(0, 0, np.zeros((2, 2, 4), np.uint8))


def _disc(radius: float) -> Mask:
    """Structuring element that widens by ``radius`` pixels (at least a half)."""
    reach = max(1, round(radius))
    ring: Mask = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)).astype(np.uint8)
    return ring
