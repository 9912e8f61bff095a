"""One still picture seen from places beside the one where it was taken, by its depth.

The picture is pulled, not cut: every pixel of a frame looks up where it comes from, so nothing tears and there is no
hole to fill. What must be uncovered beside a near thing is stretched out of its background: depth is made to fall off
slowly, as a cone, outside of what is near and never inside, so that the thing itself stays rigid. How steep the cone
may be bounds how much any place is stretched, whatever the motion.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.live_photo.cues import Map
from app.services.media.live_photo.depth import depth_map
from app.services.media.planes import Bytes

Where = NDArray[np.float32]
_TRIES = 3
"""Times that a pixel asks anew for the depth of where it comes from."""

_UPRIGHT = 0.5
"""How much less steep the cone is downwards: the eye goes sideways, and what is upright shall not bend."""


class Eye(NamedTuple):
    """Where the camera is. The unit of ``x`` and ``y`` is the picture's size, the root of its area."""

    x: float = 0.0
    """How far what is nearest slides against what is farthest, to the right."""
    y: float = 0.0
    closer: float = 0.0
    """How much larger what is nearest becomes; what is farthest a third of that."""


class Stage:
    """A picture in relief."""

    def __init__(self, picture: Bytes, *, reach: float, stretch: float) -> None:
        """``picture`` is BGR. No eye goes farther than ``reach``; no place is stretched by more than ``stretch``
        (0.2: a fifth) because of its depth."""
        height, width = picture.shape[:2]
        self._picture = picture
        self.unit = float(np.sqrt(width * height))
        self.depth = settled(depth_map(picture), picture.shape[:2], reach * self.unit, stretch)
        self._pivot = resting(self.depth)
        rows, columns = self.depth.shape
        x = (np.arange(columns, dtype=np.float32) + 0.5) * (width / columns) - 0.5
        y = (np.arange(rows, dtype=np.float32) + 0.5) * (height / rows) - 0.5
        self._x, self._y = (np.ascontiguousarray(axis) for axis in np.meshgrid(x, y))
        slide = reach * self.unit * max(self._pivot, 1 - self._pivot)
        self._margin = 1 - 2 * slide / max(1, min(width, height)) if slide * 4 < min(width, height) else 0.5
        self._full = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        self._maps = np.empty((2, height, width), np.float32)

    def seen(self, eye: Eye) -> Bytes:
        """The picture from there, of its own size; a margin as wide as the reach is cut off."""
        away_x, away_y = self.displacement(eye)
        height, width = self._picture.shape[:2]
        size = (width, height)
        for into, away, full in zip(self._maps, (away_x, away_y), self._full, strict=True):
            cv2.add(cv2.resize(away, size, interpolation=cv2.INTER_LINEAR), full, dst=into)
        across, down = self._maps
        seen = cv2.remap(self._picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.uint8)

    def displacement(self, eye: Eye) -> tuple[Where, Where]:
        """How far from its own place each pixel is fetched, x and y in pixels, on the grid of the depth."""
        height, width = self._picture.shape[:2]
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        away_x, away_y = np.zeros_like(self._x), np.zeros_like(self._y)
        for _ in range(_TRIES):
            depth = self._depth_at(self._x + away_x, self._y + away_y)
            scale = self._margin / (1 + eye.closer * (1 + 2 * depth) / 3)
            slide = (depth - self._pivot) * self.unit
            away_x = (self._x - middle_x) * (scale - 1) - eye.x * slide
            away_y = (self._y - middle_y) * (scale - 1) - eye.y * slide
        return np.asarray(away_x, np.float32), np.asarray(away_y, np.float32)

    def _depth_at(self, x: Where, y: Where) -> Map:
        rows, columns = self.depth.shape
        height, width = self._picture.shape[:2]
        at_x = (x + 0.5) * (columns / width) - 0.5
        at_y = (y + 0.5) * (rows / height) - 0.5
        found = cv2.remap(
            self.depth,
            np.asarray(at_x, np.float32),
            np.asarray(at_y, np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(found, np.float32)


def settled(depth: Map, shape: tuple[int, ...], reach_px: float, stretch: float) -> Map:
    """The least depth above ``depth`` that changes by no more than ``stretch`` per pixel when moved ``reach_px``.

    ``shape`` is the picture's, whose pixels those are.
    """
    if reach_px <= 0:
        return depth
    rows, columns = depth.shape
    across = stretch / reach_px * shape[1] / columns
    down = _UPRIGHT * stretch / reach_px * shape[0] / rows
    cone = _cone(_cone(depth, across).T, down).T
    soft = cv2.GaussianBlur(np.ascontiguousarray(cone), (0, 0), 2.0)
    return np.asarray(np.clip(soft, 0, 1), np.float32)


def _cone(values: Map, step: float) -> Map:
    """Along each row: the least values above these of which neighbours differ by at most ``step``."""
    ramp = np.arange(values.shape[1], dtype=np.float32) * np.float32(step)
    right = np.maximum.accumulate(values + ramp, axis=1) - ramp
    left = (np.maximum.accumulate((values - ramp)[:, ::-1], axis=1))[:, ::-1] + ramp
    return np.asarray(np.maximum(right, left), np.float32)


def resting(depth: Map) -> float:
    """The depth that stays in its place: near what the picture is of, which the eye follows."""
    return float(np.clip(0.35 * np.percentile(depth, 50) + 0.65 * np.percentile(depth, 90), 0.2, 0.8))
