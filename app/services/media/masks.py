"""What effects draw with: the part of a frame that they can reach, and masks laid over it in a colour.

A mask is one byte per pixel; a few OpenCV calls lay a colour through it. Positions are those of the layer in
which an effect stands, so that it moves with the camera.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.planes import Bytes, Matrix, Planes

Floats = NDArray[np.float64]


class Layered(Protocol):
    """An effect made ready for the frames of one shot."""

    def draw(self, number: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        """Draw over frame ``number``; ``matrix`` is that of its layer. Rows from ``bottom`` on are hidden."""


class Setting(NamedTuple):
    """Where and how an effect is drawn; sizes in pixels."""

    left: float
    top: float
    width: float
    height: float
    """Its box in the picture."""
    picture: tuple[int, int]
    amount: float
    """0 to 1."""
    ink: tuple[int, int, int]
    """Y, U, V."""
    rgb: tuple[int, int, int]
    seed: int
    fps: int
    unit: float
    """Pixels of the picture for what is one pixel in a frame of 720 rows."""

    @property
    def share(self) -> float:
        """How much of the picture the box covers, 0 to 1: fewer particles fill less."""
        return self.width * self.height / (self.picture[0] * self.picture[1])


class Region(NamedTuple):
    """The part of a frame that an effect can reach, and how the picture maps to it."""

    left: int
    top: int
    right: int
    bottom: int
    to_region: Matrix
    """From pixels of the picture to pixels of the region."""
    scale: float
    """Frame pixels for one of the picture."""

    @property
    def size(self) -> tuple[int, int]:
        return self.right - self.left, self.bottom - self.top

    def points(self, xy: Floats) -> Floats:
        """Positions in the picture, (n, 2), as positions in the region."""
        mapped: Floats = xy @ self.to_region[:, :2].T + self.to_region[:, 2]
        return mapped


def region(setting: Setting, matrix: Matrix, into: Planes, bottom: int) -> Region | None:
    """The even box of the frame that shows the setting's box; None if nothing of it is in view."""
    inverse = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    corners = np.array(
        [
            (setting.left + x * setting.width, setting.top + y * setting.height)
            for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))
        ]
    )
    seen = corners @ inverse[:, :2].T + inverse[:, 2]
    low, high = seen.min(axis=0), seen.max(axis=0)
    left, top = (max(0, 2 * math.floor(value / 2)) for value in low)
    right = min(into.size[0], 2 * math.ceil(high[0] / 2))
    last = min(bottom, 2 * math.ceil(high[1] / 2))
    if right <= left or last <= top:
        return None
    to_region = inverse.copy()
    to_region[:, 2] -= (left, top)
    return Region(left, top, right, last, to_region, math.hypot(inverse[0, 0], inverse[1, 0]))


class Mask:
    """One byte per pixel of a region, and the laying of a colour through it."""

    def __init__(self) -> None:
        self._memory = np.empty(0, np.uint8)

    def blank(self, size: tuple[int, int]) -> Bytes:
        """An empty mask of (width, height)."""
        pixels = size[0] * size[1]
        if self._memory.size < 2 * pixels:
            self._memory = np.empty(2 * pixels, np.uint8)
        mask = self._memory[:pixels].reshape(size[1], size[0])
        mask.fill(0)
        return mask

    def tint(self, target: Planes, mask: Bytes, ink: tuple[int, int, int]) -> None:
        """Lay a colour over a box of the frame, as opaque as the mask says (255: fully)."""
        half = np.asarray(cv2.resize(mask, target.u.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        for plane, opacity, value in zip(target, (mask, half, half), ink, strict=True):
            other = self._memory[-opacity.size :].reshape(opacity.shape)
            cv2.bitwise_not(opacity, dst=other)
            cv2.multiply(plane, other, dst=plane, scale=1 / 255)
            cv2.convertScaleAbs(opacity, dst=other, alpha=value / 255)
            cv2.add(plane, other, dst=plane)
