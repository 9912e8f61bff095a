"""What happens between two pictures: nothing, motion, or a cut.

The model's own script decides by the likeness of thumbnails, which calls a fast pan a cut and misses most cuts
between pictures of like brightness. Here a cut is what no motion explains: the blocks of one small picture are looked
for in the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .clips import Rgb

_BLOCK = 16
"""Pixels: two pictures are the same when no block of this size differs."""
_SAME_LEVELS = 0.8
_WIDTH, _HEIGHT = 96, 54
_REACH = 12
"""Of the small picture's pixels: an eighth of its width, either way."""
_STRIDE, _WINDOW = 6, 9
_CUT_LEVELS = 9.0
"""Measured: at most 7.4 for fast motion of everything, at least 10.5 between unlike scenes."""

Grey = NDArray[np.float32]


def grey(rgb: Rgb) -> Grey:
    return np.asarray(rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)


def same(first: Grey, second: Grey) -> bool:
    """Whether nothing moved; a small thing that moved in a large still picture did."""
    height, width = first.shape
    blocks = _shrunk(np.abs(first - second), max(1, width // _BLOCK), max(1, height // _BLOCK))
    return float(blocks.max()) <= _SAME_LEVELS


def cut(first: Grey, second: Grey) -> bool:
    """Whether the two are of different scenes."""
    start, end = (_shrunk(picture, _WIDTH, _HEIGHT) for picture in (first, second))
    if float(np.abs(start - end).mean()) <= _CUT_LEVELS:
        return False
    wide = np.pad(start, _REACH, mode="edge")
    best: Grey | None = None
    for y in range(2 * _REACH + 1):
        for x in range(2 * _REACH + 1):
            miss = _windows(np.abs(end - wide[y : y + end.shape[0], x : x + end.shape[1]]))
            best = miss if best is None else np.minimum(best, miss)
    assert best is not None
    return float(best.mean()) > _CUT_LEVELS


def _windows(picture: Grey) -> Grey:
    """Means of windows that lie every few pixels."""
    sums = np.zeros((picture.shape[0] + 1, picture.shape[1] + 1), np.float64)
    picture.cumsum(0, dtype=np.float64).cumsum(1, out=sums[1:, 1:])
    low, left = (slice(0, size + 1 - _WINDOW, _STRIDE) for size in picture.shape)
    high, right = (slice(_WINDOW, size + 1, _STRIDE) for size in picture.shape)
    total = sums[high, right] - sums[low, right] - sums[high, left] + sums[low, left]
    return np.asarray(total / _WINDOW**2, np.float32)


def _shrunk(picture: Grey, width: int, height: int) -> Grey:
    """The means of so many columns and rows of blocks of about one size; never larger than the picture."""
    height, width = min(height, picture.shape[0]), min(width, picture.shape[1])
    rows = np.linspace(0, picture.shape[0], height, endpoint=False).astype(int)
    columns = np.linspace(0, picture.shape[1], width, endpoint=False).astype(int)
    sums = np.add.reduceat(np.add.reduceat(picture, rows, 0), columns, 1)
    tall = np.diff(np.append(rows, picture.shape[0]))
    broad = np.diff(np.append(columns, picture.shape[1]))
    return np.asarray(sums / np.outer(tall, broad), np.float32)
