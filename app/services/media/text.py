"""Draws words that are read over any picture: white, with a dark outline and a soft shadow, antialiased.

Everything is drawn at twice the size and averaged down, as straight-alpha overlays cropped tight, once per cue.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

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
FILL, INK = 255.0, 12.0
"""Grey of the letters and of their outline."""
OUTLINE, BOLDER = 0.07, 0.012
"""Width of the outline, and what is added to the thin strokes of the font, in ems."""


def draw_subtitle(text: str, width: int, height: int, font: str) -> Overlay:
    """``text``, one line for each of its lines, centred above the bottom of a frame (see ``subtitles.draw``)."""
    chosen = face(font)
    lines = [line for line in (drawable(line, chosen) for line in text.splitlines()) if line]
    if not lines:
        return empty()
    size = text_size(width, height)
    longest = max(chosen.advance(line, size) for line in lines)
    if longest > WIDEST * width:
        size = max(6, int(size * WIDEST * width / longest))
    bottom = round(height * (1 - BOTTOM) - size * BELOW_BASELINE)
    baselines = [bottom - round(size * LINE_PITCH * back) for back in reversed(range(len(lines)))]
    top = max(0, baselines[0] - round(1.4 * size)) // 2 * 2
    mask = np.zeros(((height - top) * SCALE, width * SCALE), np.uint8)
    for line, baseline in zip(lines, baselines, strict=True):
        left = round((width * SCALE - chosen.advance(line, size * SCALE)) / 2)
        chosen.paint(mask, line, left, (baseline - top) * SCALE, size * SCALE)
    return to_overlay(*paint_over(mask, size, shadow=0.6), x=0, y=top)


def glyphs(lines: Sequence[str], size: int, chosen: Face, pad: int) -> Mask:
    """Coverage of ``lines`` at SCALE times ``size``, left aligned, ``pad`` pixels (unscaled) free all round."""
    wide = max(chosen.advance(line, size * SCALE) for line in lines)
    height = round(size * (1 + LINE_PITCH * (len(lines) - 1))) + 2 * pad
    mask = np.zeros((height * SCALE, (round(wide / SCALE) + 2 * pad) * SCALE), np.uint8)
    for index, line in enumerate(lines):
        baseline = pad + round(size * (1 - BELOW_BASELINE + LINE_PITCH * index))
        chosen.paint(mask, line, pad * SCALE, baseline * SCALE, size * SCALE)
    return mask


def paint_over(mask: Mask, size: int, *, shadow: float, ground: Float | None = None) -> tuple[Float, Float]:
    """Letters of coverage ``mask`` with outline and shadow: (grey times alpha, alpha), 0..255 and 0..1, unscaled.

    ``ground`` is the alpha of something dark that lies below them, at the mask's size.
    """
    letters = cv2.dilate(mask, _disc(size * SCALE * BOLDER))
    outline = cv2.dilate(letters, _disc(size * SCALE * OUTLINE))
    fill, dark = letters.astype(np.float32) / 255, outline.astype(np.float32) / 255
    alpha = np.zeros_like(fill) if ground is None else ground
    if shadow:
        drop = np.roll(outline, round(size * SCALE * 0.05), axis=0)
        soft = cv2.GaussianBlur(drop, (0, 0), max(0.5, size * SCALE * 0.07)).astype(np.float32) / 255
        alpha = alpha + (1 - alpha) * shadow * soft
    alpha = dark + (1 - dark) * alpha
    alpha = fill + (1 - fill) * alpha
    grey = fill * FILL + (1 - fill) * dark * INK
    small = (mask.shape[1] // SCALE, mask.shape[0] // SCALE)
    return (
        cv2.resize(grey, small, interpolation=cv2.INTER_AREA).astype(np.float32),
        cv2.resize(alpha, small, interpolation=cv2.INTER_AREA).astype(np.float32),
    )


def to_overlay(grey: Float, alpha: Float, *, x: int, y: int) -> Overlay:
    """An overlay with straight alpha, cropped to what is visible; ``x`` and ``y`` (even) are of the arrays' corner."""
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 1 / 255), np.flatnonzero(alpha.max(axis=0) > 1 / 255)
    if not len(rows):
        return empty()
    top, left = rows[0] // 2 * 2, columns[0] // 2 * 2
    shape = ((rows[-1] - top) // 2 * 2 + 2, (columns[-1] - left) // 2 * 2 + 2)
    rgba = np.zeros((*shape, 4), np.uint8)
    grey, alpha = (
        grey[top : top + shape[0], left : left + shape[1]],
        alpha[top : top + shape[0], left : left + shape[1]],
    )
    straight = np.divide(grey, alpha, out=np.zeros_like(grey), where=alpha > 0)
    height, width = grey.shape
    rgba[:height, :width, :3] = np.clip(np.rint(straight), 0, 255)[..., None]
    rgba[:height, :width, 3] = np.rint(alpha * 255)
    return Overlay(int(x + left), int(y + top), rgba)


def empty() -> Overlay:
    """Nothing to see: two by two transparent pixels."""
    return Overlay(0, 0, np.zeros((2, 2, 4), np.uint8))


def _disc(radius: float) -> Mask:
    """Structuring element that widens by ``radius`` pixels (at least a half)."""
    reach = max(1, round(radius))
    ring: Mask = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)).astype(np.uint8)
    return ring
