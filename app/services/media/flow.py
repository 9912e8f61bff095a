"""Where everything moves between two pictures, and the picture at any moment between them.

Motion is looked for both ways with dense inverse search (Kroeger et al., "Fast optical flow using dense inverse
search", 2016; OpenCV's, ultrafast). At the moment wanted there are then two opinions of what came by where; the one
under which both pictures agree is taken, and where a pixel of one of them lies on something that moves otherwise,
because it is covered there, the other picture counts more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.planes import Bytes, Planes

Field = NDArray[np.float32]
"""(height, width) or (height, width, 2): x and y in pixels of its own grid."""

_LONGEST = 1280
"""Motion is looked for in pictures of at most this long side, pixels."""
_SHORTEST = 48
"""Of a side that the search still works with."""
_LARGE, _SMALL = 800, 400
"""Long sides beyond which the search ends at a quarter, and at a half, of the picture's size: it would take three
times as long for half a decibel. Small pictures have no detail to spare, and time."""
_GRID = 320
"""Long side of the grid on which opinions are weighed, at least, or a quarter of the picture searched in."""
_COVERED = 0.3
_TRUST = 0.1
_CHANGED_LEVELS = (16.0, 32.0)
"""Of the difference between the two pictures along the motion: below, it is noise; above, something else is there."""
_AROUND = 31
_FLOOR = np.float32(1e-3)
_AGREE = 1.0
"""Pixels of the grid by which there and back may differ."""
_CUT_LEVELS, _CUT_AGREEMENT = 6.0, 0.4
_FLASH_LEVELS = 30.0
"""A cut whatever the search says: between two flat pictures it finds that nothing moves."""


class Between(NamedTuple):
    """How to draw one moment: on the grid of the pair."""

    share: float
    motion: Field
    """From the first picture to the second, of what is here at that moment."""
    second: Field
    """How much the second picture counts, 0 to 1."""


class Pair:
    """The motion between two pictures of one size, from their light."""

    def __init__(self, first: Bytes, second: Bytes) -> None:
        height, width = first.shape
        scale = max(min(1.0, _LONGEST / max(width, height)), _SHORTEST / min(width, height))
        size = (round(width * scale), round(height * scale))
        fitted = [_fitted(plane, size) for plane in (first, second)]
        grid = max(0.25, min(1.0, _GRID / max(size)))
        self._size = (max(1, round(size[0] * grid)), max(1, round(size[1] * grid)))
        self.first, self.second = (_fitted(plane, self._size) for plane in fitted)
        self.there = self._searched(fitted[0], fitted[1])
        self.back = self._searched(fitted[1], fitted[0])
        self._here = _grid(*self._size)

    def _searched(self, start: Bytes, end: Bytes) -> Field:
        # A new one each time: it keeps pictures of the last size it was given, and tasks run side by side.
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        longest = max(start.shape)
        search.setFinestScale(2 if longest > _LARGE else 1 if longest > _SMALL else 0)
        found = search.calc(start, end, np.zeros((*start.shape, 2), np.float32))
        shrunk = np.asarray(cv2.resize(found, self._size, interpolation=cv2.INTER_AREA), np.float32)
        shrunk *= np.array([self._size[0] / start.shape[1], self._size[1] / start.shape[0]], np.float32)
        return shrunk

    @property
    def agreement(self) -> float:
        """How much of the picture comes back to where it was when it goes there and back, 0 to 1."""
        miss = _long(self.there + _taken(self.back, self._here + self.there))
        return float((miss < _AGREE + _TRUST * _long(self.there)).mean())

    @property
    def unexplained(self) -> float:
        """Levels by which the second picture differs from the moved first one, on average."""
        moved = cv2.absdiff(_taken(self.second, self._here + self.there), self.first)
        still = cv2.absdiff(self.second, self.first)
        return float(np.minimum(moved, still).mean())

    @property
    def cut(self) -> bool:
        """Whether the two are of different scenes: nothing that moved leads from one to the other."""
        unexplained = self.unexplained
        return unexplained > _FLASH_LEVELS or (unexplained > _CUT_LEVELS and self.agreement < _CUT_AGREEMENT)

    def at(self, share: float) -> Between:
        """The moment ``share`` of the way, above 0 and below 1."""
        ours, theirs = self._seen(self.there, share), -self._seen(self.back, 1 - share)
        better = self._mismatch(ours, share) <= self._mismatch(theirs, share)
        # Smoothed, so that no seam of two motions tears a picture.
        pick = cv2.boxFilter(better.astype(np.float32), -1, (5, 5))[..., None]
        motion = np.asarray(theirs + (ours - theirs) * pick, np.float32)
        before, after = self._here - share * motion, self._here + (1 - share) * motion
        tolerance = 1.0 + _TRUST * 2 * _long(motion)
        first = _fading(_long(_taken(self.there, before) - motion) / tolerance)
        second = _fading(_long(_taken(self.back, after) + motion) / tolerance)
        counts = np.asarray(share * second / ((1 - share) * first + share * second), np.float32)
        lost = self._changed(motion, share) * (1 - np.abs(first - second))
        return self._held(share, motion, counts, lost)

    def _changed(self, motion: Field, share: float) -> Field:
        """Where the two pictures show different things, 0 to 1."""
        low, high = _CHANGED_LEVELS
        return np.asarray(np.clip((self._mismatch(motion, share) - low) / (high - low), 0, 1), np.float32)

    def _held(self, share: float, motion: Field, counts: Field, lost: Field) -> Between:
        """What changed without moving, such as an eye that opens, goes with its surroundings and changes at once."""
        if float(lost.max()) < _FLOOR:
            return Between(share, motion, counts)
        size = (_AROUND, _AROUND)
        sure = 1 - lost + _FLOOR
        around = cv2.boxFilter(motion * sure[..., None], -1, size) / cv2.boxFilter(sure, -1, size)[..., None]
        calm = np.asarray(motion + (around - motion) * lost[..., None], np.float32)
        return Between(share, calm, np.asarray(counts + (float(share > 0.5) - counts) * lost, np.float32))

    def _seen(self, flow: Field, share: float) -> Field:
        """The motion of what has come by here, from where it started: found by asking twice."""
        motion = flow
        for _ in range(2):
            motion = _taken(flow, self._here - np.float32(share) * motion)
        return motion

    def _mismatch(self, motion: Field, share: float) -> Field:
        start = _taken(self.first, self._here - np.float32(share) * motion)
        end = _taken(self.second, self._here + np.float32(1 - share) * motion)
        return np.asarray(cv2.boxFilter(cv2.absdiff(start, end), cv2.CV_32F, (5, 5)), np.float32)


def drawn(first: Planes, second: Planes, between: Between) -> Planes:
    """The picture at that moment."""
    return Planes(*(_plane(a, b, between) for a, b in zip(first, second, strict=True)))


def _plane(first: Bytes, second: Bytes, between: Between) -> Bytes:
    start = _moved(first, between.motion, -between.share)
    end = _moved(second, between.motion, 1 - between.share)
    share = np.asarray(cv2.resize(between.second, first.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return np.asarray(cv2.blendLinear(start, end, 1 - share, share), np.uint8)


def _moved(plane: Bytes, motion: Field, part: float) -> Bytes:
    """What a plane shows that much of the motion (of a coarser grid) away."""
    height, width = plane.shape
    rows, columns = motion.shape[:2]
    away = motion * np.array([part * width / columns, part * height / rows], np.float32)
    where = cv2.resize(away, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(_taken(plane, cv2.add(where, _grid(width, height), dst=where)), np.uint8)


@lru_cache(maxsize=6)
def _grid(width: int, height: int) -> Field:
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    grid = np.dstack([x, y])
    grid.flags.writeable = False
    return grid


def _taken(plane: Any, where: Any) -> Any:
    """What is at those places of a plane or field, between pixels too."""
    remap: Any = cv2.remap  # typed as if the second map could not be None
    return remap(plane, where.astype(np.float32, copy=False), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _long(field: Any) -> Any:
    return cv2.magnitude(np.ascontiguousarray(field[..., 0]), np.ascontiguousarray(field[..., 1]))


def _fading(miss: Any) -> Any:
    return np.exp(-_COVERED * miss) + _FLOOR


def _fitted(plane: Bytes, size: tuple[int, int]) -> Bytes:
    if plane.shape[::-1] == size:
        return np.ascontiguousarray(plane)  # rows of a frame may have a margin, which the search does not take
    larger = size[0] > plane.shape[1]
    way = cv2.INTER_LINEAR if larger else cv2.INTER_AREA
    return np.asarray(cv2.resize(plane, size, interpolation=way), np.uint8)
