"""Hands in which titles are lettered: what a pen, a press or a neon tube makes of plain letters.

A plain sans serif becomes display lettering by morphology. Thinning what is horizontal and widening what is
vertical gives the contrast of Song type and of old romans; widening along a slanted nib gives that of a broad
pen; a blur that is cut off again rounds corners as ink does on paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from app.services.media.fonts import BuiltInFace, Face, FileFace, Mask


class Hand(NamedTuple):
    """All lengths in ems."""

    thin: float = 0.0
    """What horizontal strokes lose."""
    wide: float = 0.0
    """What the nib adds across its slant."""
    slant: float = 0.0
    """Of the nib, degrees anticlockwise from horizontal; 0: only vertical strokes are widened."""
    bold: float = 0.0
    """What every stroke gains on each side."""
    bleed: float = 0.012
    """Radius of corners and ends."""
    rough: float = 0.0
    """How far edges stray, as from a dry brush or a wax crayon."""
    track: float = 0.06
    """Between letters."""
    dance: float = 0.0
    """How far letters stray from the baseline."""
    family: str = "sans"
    """OpenCV font of lines without Chinese."""
    weight: int = 400
    """Of that font."""
    capitals: bool = False


HANDS: dict[str, Hand] = {
    "song": Hand(thin=0.022, wide=0.056, bleed=0.013, track=0.07, weight=330),
    "bold song": Hand(thin=0.016, wide=0.085, bleed=0.014, track=0.06, weight=400),
    "brush": Hand(thin=0.014, wide=0.07, slant=38, bleed=0.017, rough=0.0042, track=0.05, weight=330, family="italic"),
    "round": Hand(bold=0.02, bleed=0.026, track=0.07, dance=0.018, weight=520),
    "crayon": Hand(bold=0.02, bleed=0.02, rough=0.0085, track=0.06, dance=0.03, weight=430),
    "cut": Hand(wide=0.05, slant=28, bold=0.012, bleed=0.006, track=0.08, dance=0.012, weight=480),
    "thin": Hand(bold=0.0, bleed=0.006, track=0.3, weight=300, capitals=True),
    "tube": Hand(bold=0.004, bleed=0.02, track=0.12, weight=340),
    "small": Hand(bleed=0.006, track=0.16, weight=420),
    "heavy": Hand(wide=0.045, bold=0.016, bleed=0.008, track=0.06, weight=600),
}
_FINE = 150
"""Ems of fewer pixels are lettered larger and averaged down: strokes are a few pixels there."""


def face_for(text: str, font: str, hand: Hand) -> Face:
    """The font that letters ``text``: a file's, or the built-in one that suits it."""
    if font:
        return FileFace(font)
    latin = all(ord(char) < 0x250 or 0x2010 <= ord(char) <= 0x2026 for char in text)
    return BuiltInFace(hand.family, hand.weight) if latin else BuiltInFace()


def fine_scale(size: int) -> int:
    """How much larger than they are seen letters of ``size`` pixels are drawn."""
    return min(max(math.ceil(_FINE / size), 1), 6)


def shaped(mask: Mask, em: float, hand: Hand, own: bool) -> Mask:
    """Letters of coverage ``mask`` and ``em`` pixels as the hand writes them; ``own``: hardly changed."""
    if own:
        return _bled(mask, em * 0.006)
    if hand.thin:
        mask = _thinned(mask, max(1, round(em * hand.thin)))
    if hand.wide:
        mask = np.asarray(cv2.dilate(mask, _nib(em * hand.wide, hand.slant)), np.uint8)
    if hand.bold:
        reach = max(1, round(em * hand.bold))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        mask = np.asarray(cv2.dilate(mask, disc), np.uint8)
    return _bled(mask, em * hand.bleed, em * hand.rough, em)


def _thinned(mask: Mask, by: int) -> Mask:
    """Horizontal strokes lose ``by`` pixels of height; nothing that is thinner than that is lost."""
    return np.asarray(cv2.erode(mask, np.ones((by | 1, 1), np.uint8)), np.uint8)


def _nib(length: float, slant: float) -> Mask:
    reach = math.ceil(length / 2) + 1
    nib = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    angle = math.radians(slant)
    dx, dy = round(math.cos(angle) * length / 2), round(math.sin(angle) * length / 2)
    cv2.line(nib, (reach - dx, reach + dy), (reach + dx, reach - dy), (1,), 1)
    return nib


def _bled(mask: Mask, radius: float, rough: float = 0.0, em: float = 0.0) -> Mask:
    """Blurred and cut off again, the cut straying where edges are rough."""
    soft = cv2.GaussianBlur(mask, (0, 0), max(radius, 0.6)).astype(np.float32)
    cut: float | np.ndarray = 127.5
    if rough:
        high, wide = mask.shape
        grid = wandering(math.ceil(high / (0.05 * em)) + 2, math.ceil(wide / (0.05 * em)) + 2)
        strength = 127.5 * min(rough / max(radius, 0.6), 0.5)
        cut = 127.5 + strength * cv2.resize(grid, (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.clip((soft - cut) * 3.2 + 127.5, 0, 255).astype(np.uint8)


def wandering(rows: int, columns: int, seed: int = 5) -> np.ndarray:
    """Even noise from -1 to 1, (rows, columns), the same on every machine."""
    raw = np.random.PCG64(seed).random_raw(rows * columns)
    return ((raw >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - 1).reshape(rows, columns)
