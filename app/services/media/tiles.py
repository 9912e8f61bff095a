"""Where a layer has something to show: a few rectangles instead of its whole box.

A tree at the left edge and grass along the bottom fill a fifth of the box around them; only what is covered is
worth moving and blending. Rectangles come from a coarse grid and share their edges, so that mapped to a frame
they neither overlap (which would blend twice) nor leave a gap.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from app.services.media.planes import Bytes

_ACROSS = 32
"""Tiles in the longer side."""
_REACH = 4
"""Pixels around a tile that must be clear for the tile to be left out; edges are rounded when they are mapped."""


class Rect(NamedTuple):
    """Pixels of the picture; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def moved(self, x: int, y: int) -> Rect:
        return Rect(self.left + x, self.top + y, self.right + x, self.bottom + y)


def covered(alpha: Bytes) -> list[Rect]:
    """Rectangles, none overlapping, outside of which ``alpha`` (height, width) is 0."""
    height, width = alpha.shape
    tile = max(8, max(height, width) // _ACROSS)
    columns, rows = -(-width // tile), -(-height // tile)
    spread = cv2.dilate(alpha, np.ones((2 * _REACH + 1, 2 * _REACH + 1), np.uint8))
    padded = np.zeros((rows * tile, columns * tile), np.uint8)
    padded[:height, :width] = spread
    busy = padded.reshape(rows, tile, columns, tile).max(axis=(1, 3)) > 0
    bands: list[tuple[int, int, list[tuple[int, int]]]] = []
    for row in range(rows):
        runs = _runs(busy[row])
        if bands and bands[-1][1] == row and (joined := _joined(bands[-1][2], runs)) is not None:
            bands[-1] = (bands[-1][0], row + 1, joined)
        elif runs:
            bands.append((row, row + 1, runs))
    return [
        Rect(first * tile, top * tile, min(last * tile, width), min(bottom * tile, height))
        for top, bottom, runs in bands
        for first, last in runs
    ]


def _runs(row: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Stretches of busy tiles; gaps of one tile are not worth a cut."""
    runs: list[tuple[int, int]] = []
    for column in np.flatnonzero(row).tolist():
        if runs and column - runs[-1][1] <= 1:
            runs[-1] = (runs[-1][0], column + 1)
        else:
            runs.append((column, column + 1))
    return runs


def _joined(above: list[tuple[int, int]], below: list[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """The runs of both rows as one band if they are nearly the same, else None."""
    if len(above) != len(below):
        return None
    joined = []
    for (a, b), (c, d) in zip(above, below, strict=True):
        if abs(a - c) > 1 or abs(b - d) > 1:
            return None
        joined.append((min(a, c), max(b, d)))
    if any(first[1] > second[0] for first, second in pairwise(joined)):
        return None
    return joined
