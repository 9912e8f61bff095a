"""Two hundred and fifty-five colours for a whole loop, and frames told in them without flicker.

One palette for all frames, or what stands still would change its colour; a dither that depends on the place alone
(8 x 8, Bayer, "An optimum method for two-level rendition of continuous-tone pictures", 1973) and not on neighbours,
or it would boil from frame to frame.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.services.media.planes import Bytes

COLOURS = 255
"""The last index is left for what is transparent."""
_SAMPLE_SIDE = 160
_ROUNDS = 6
"""Of Lloyd's, which draw the median cut's colours to where they serve best."""
_BITS = 6
"""Of each channel in the table from colours to the palette."""
_BAYER_STEPS = 3
_STRENGTH = 0.7
"""Of the dither, of the distance between neighbouring colours."""


class Palette:
    """The colours of one loop."""

    def __init__(self, samples: list[Bytes]) -> None:
        """``samples`` are some of the loop's frames, BGR."""
        self.colours = _chosen(samples)
        """(up to 255, 3) RGB."""
        self._table = np.full(1 << 3 * _BITS, -1, np.int16)
        self._spread = _spacing(self.colours)

    def told(self, picture: Bytes, strength: float = _STRENGTH) -> Bytes:
        """The picture as indices of the palette, dithered."""
        height, width = picture.shape[:2]
        tile = _bayer(_BAYER_STEPS) * np.float32(self._spread * strength)
        side = tile.shape[0]
        shift = np.tile(tile, (height // side + 1, width // side + 1))[:height, :width]
        dithered = cv2.add(picture, cv2.merge([shift] * 3), dtype=cv2.CV_8U)
        blue, green, red = (channel.astype(np.int32) >> (8 - _BITS) for channel in cv2.split(dithered))
        return self._looked_up((red << 2 * _BITS) | (green << _BITS) | blue)

    def _looked_up(self, codes: NDArray[np.int32]) -> Bytes:
        """From colours to indices. Of all colours that there are, a picture has few: others are never worked out."""
        found = self._table[codes]
        new = np.unique(codes[found < 0])
        if not len(new):
            return found.astype(np.uint8)
        parts = np.stack([new >> 2 * _BITS, new >> _BITS, new], axis=1) & ((1 << _BITS) - 1)
        points = np.asarray((parts.astype(np.float32) + 0.5) * (256 >> _BITS) - 0.5, np.float32)
        self._table[new] = _nearest(points, self.colours.astype(np.float32))
        return self._table[codes].astype(np.uint8)

    def shown(self, indices: Bytes) -> Bytes:
        """RGB of indices."""
        return np.asarray(self.colours[indices], np.uint8)


def _chosen(samples: list[Bytes]) -> Bytes:
    pieces = []
    for sample in samples:
        scale = min(1.0, _SAMPLE_SIDE / max(sample.shape[:2]))
        size = (max(1, round(sample.shape[1] * scale)), max(1, round(sample.shape[0] * scale)))
        pieces.append(cv2.resize(sample, size, interpolation=cv2.INTER_AREA).reshape(-1, 3)[:, ::-1])
    points = np.ascontiguousarray(np.concatenate(pieces), np.uint8)
    cut = Image.fromarray(points[None]).quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=0, dither=Image.Dither.NONE)
    found = np.asarray(cut.getpalette("RGB"), np.float32).reshape(-1, 3)[:COLOURS]
    centres = np.unique(found, axis=0)
    values = points[:: max(1, len(points) // 24000)].astype(np.float32)
    for _ in range(_ROUNDS):
        owner = _nearest(values, centres)
        counts = np.bincount(owner, minlength=len(centres)).astype(np.float32)
        used = counts > 0
        for channel in range(3):
            sums = np.bincount(owner, values[:, channel], minlength=len(centres))
            centres[used, channel] = (sums[used] / counts[used]).astype(np.float32)
    return np.unique(np.clip(centres + 0.5, 0, 255).astype(np.uint8), axis=0)


_WEIGHTS = np.sqrt(np.array([0.30, 0.59, 0.11], np.float32))


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """For each RGB point the number of the centre that looks most like it."""
    weighted, targets = points * _WEIGHTS, centres * _WEIGHTS
    length = (targets**2).sum(axis=1)
    blocks = [
        np.argmin(length - 2.0 * (weighted[start : start + 4096] @ targets.T), axis=1)
        for start in range(0, len(weighted), 4096)
    ]
    return np.asarray(np.concatenate(blocks), np.int64)


def _spacing(colours: Bytes) -> float:
    """How far, in levels, a colour is from the next: what the dither has to bridge."""
    if len(colours) < 2:
        return 0.0
    values = colours.astype(np.float32)
    distances = np.abs(values[:, None] - values[None]).max(axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(np.clip(np.median(distances.min(axis=1)), 2.0, 24.0))


def _bayer(steps: int) -> NDArray[np.float32]:
    """Thresholds around 0, from -0.5 to 0.5, of side 2 to the ``steps``."""
    tile = np.zeros((1, 1), np.float32)
    for _ in range(steps):
        tile = np.block([[4 * tile, 4 * tile + 2], [4 * tile + 3, 4 * tile + 1]]).astype(np.float32)
    return np.asarray((tile + 0.5) / tile.size - 0.5, np.float32)
