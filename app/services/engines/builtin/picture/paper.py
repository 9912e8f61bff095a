"""What the paint lies on: paper, canvas and silk as small tiles that repeat without a seam.

A tile is made once and cached. Its values are shares of 200: 200 leaves the paint as it is, 190 takes a twentieth off.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import Pixels

SIZE = 512
ONE = 200
"""The share that changes nothing."""


@lru_cache(maxsize=24)
def field(seed: int, cell: float, across: float = 0.0, angle: float = 0.0) -> Pixels:
    """Seamless noise of mean 0 and spread 1, (SIZE, SIZE): ``cell`` pixels along ``angle`` degrees and ``across``."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.standard_normal((SIZE, SIZE)))
    fy = np.fft.fftfreq(SIZE)[:, None]
    fx = np.fft.rfftfreq(SIZE)[None, :]
    a = math.radians(angle)
    along, athwart = fx * math.cos(a) + fy * math.sin(a), -fx * math.sin(a) + fy * math.cos(a)
    reach = (along * cell) ** 2 + (athwart * (across or cell)) ** 2
    shaped = np.fft.irfft2(spectrum * np.exp(-reach * 1.6) * (1 - np.exp(-reach * 6)), s=(SIZE, SIZE))
    return np.asarray(shaped / max(1e-9, float(shaped.std())), np.float32)


def tiled(tile: Pixels, width: int, height: int, left: int = 0, top: int = 0) -> Pixels:
    """A tile repeated over (height, width), ``left`` and ``top`` pixels into it."""
    across, down = (left % SIZE + width) // SIZE + 1, (top % SIZE + height) // SIZE + 1
    x, y = left % SIZE, top % SIZE
    wide = cv2.repeat(tile, down, across)
    return np.asarray(wide[y : y + height, x : x + width])


def share(noise: Pixels, strength: float, base: float = 1.0) -> Pixels:
    """Noise as shares of 200 around ``base``."""
    return np.asarray(np.clip((base + noise * np.float32(strength)) * ONE + 0.5, 0, 255).astype(np.uint8))


@lru_cache(maxsize=16)
def tooth(kind: str) -> Pixels:
    """The fine texture of a style as shares of 200, (SIZE, SIZE), contrast kept low: a film must not pay for it."""
    if kind == "gouache":
        return share(field(3, 44, 17, 20) * 0.55 + field(4, 4.4) * 0.5, 0.0095)
    if kind == "watercolor":
        pits = np.clip(field(6, 3.4), -0.6, 3.0)
        return share(-pits * 0.55 + field(5, 16) * 0.5, 0.03)
    if kind == "rice":
        return share(field(7, 60, 3, 8) * 0.5 + field(8, 60, 3, 96) * 0.35 + field(9, 5.0) * 0.4, 0.009)
    if kind == "silk":
        return share(field(10, 26, 2.4, 0) + field(11, 26, 2.4, 90), 0.008)
    if kind == "card":
        return share(field(12, 3.6) * 0.7 + field(13, 9) * 0.7, 0.0105)
    if kind == "film":
        return share(field(14, 4.2), 0.009)
    if kind == "canvas":
        return share(field(15, 9, 3, 0) + field(16, 9, 3, 90), 0.013)
    if kind == "print":
        return share(field(17, 5.0), 0.008)
    return share(field(18, 4.0), 0.009)


@lru_cache(maxsize=8)
def hatch(angle: float, cell: float = 90.0, across: float = 4.6) -> Pixels:
    """Strokes of chalk or wax in one direction, 0 (paper shows) to 255 (full), (SIZE, SIZE)."""
    strokes = field(int(angle) + 40, cell, across, angle) + field(21, 4.2) * 0.55
    return np.asarray(np.clip(150 + strokes * 62, 0, 255).astype(np.uint8))


@lru_cache(maxsize=8)
def chalk(angle: float) -> Pixels:
    """Powder in the tooth of the paper with a slight trace of the hand's direction, as ``hatch``."""
    powder = field(22, 6.0) * 0.75 + field(int(angle) + 70, 40.0, 15.0, angle) * 0.75
    return np.asarray(np.clip(150 + powder * 44, 0, 255).astype(np.uint8))


def broad(seed: int, width: int, height: int, cells: float, octaves: int = 3) -> Pixels:
    """Large soft noise of mean 0 and spread about 1 at an eighth of the size, for enlarging."""
    w, h = width // 8 + 2, height // 8 + 2
    return np.asarray(curves.noise(seed, w, h, max(w, h) / cells, octaves))
