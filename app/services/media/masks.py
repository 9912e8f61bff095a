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
_SHIFT = 4
_FINE = 1 << _SHIFT
"""OpenCV draws at sixteenths of a pixel."""
_SOFT = 0.16
"""Part of its box over which an effect fades out at each end."""
_BAND = 64
"""Rows that are tinted together."""
_COARSE = 4
"""Pixels of the frame for one in which glows are drawn."""


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

    def soft(self, xy: Floats) -> Floats:
        """How much of what is at these positions of the picture, (n, 2), is seen: it fades out towards those edges
        of the box that are not the picture's own."""
        across = soft_ends(xy[:, 0], self.left, self.width, self.picture[0])
        return across * soft_ends(xy[:, 1], self.top, self.height, self.picture[1])

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
    frame: tuple[int, int]
    """Width and height of the whole frame."""

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
    return Region(left, top, right, last, to_region, math.hypot(inverse[0, 0], inverse[1, 0]), into.size)


def soft_ends(at: Floats, start: float, length: float, whole: int) -> Floats:
    """1 inside of ``start`` to ``start + length``, softly 0 at its ends; an end that is the picture's stays hard."""
    seen: Floats = np.ones_like(at)
    margin = _SOFT * length
    if start > 1.0:
        seen = seen * _smooth((at - start) / margin)
    if start + length < whole - 1.0:
        seen = seen * _smooth((start + length - at) / margin)
    return seen


def _smooth(rise: Floats) -> Floats:
    rise = np.clip(rise, 0.0, 1.0)
    soft: Floats = rise * rise * (3.0 - 2.0 * rise)
    return soft


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
        """Lay a colour over a box of the frame, as opaque as the mask says (255: fully).

        Most masks are nearly empty: bands of rows with nothing in them cost nothing, nor do the sides of others.
        """
        height = mask.shape[0]
        for top in range(0, height, _BAND):
            band = mask[top : top + _BAND]
            if not cv2.hasNonZero(band):
                continue
            left, y, width, rows = cv2.boundingRect(band)
            x0, x1 = left & ~1, (left + width + 1) & ~1
            y0, y1 = top + (y & ~1), top + ((y + rows + 1) & ~1)
            self._tint(target.box(x0, y0, x1, y1), mask[y0:y1, x0:x1], ink)

    def _tint(self, target: Planes, mask: Bytes, ink: tuple[int, int, int]) -> None:
        half = np.asarray(cv2.resize(mask, target.u.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        for plane, opacity, value in zip(target, (mask, half, half), ink, strict=True):
            other = self._memory[-opacity.size :].reshape(opacity.shape)
            cv2.bitwise_not(opacity, dst=other)
            cv2.multiply(plane, other, dst=plane, scale=1 / 255)
            cv2.convertScaleAbs(opacity, dst=other, alpha=value / 255)
            cv2.add(plane, other, dst=plane)


def dots(mask: Bytes, points: Floats, radii: Floats, light: Floats, soft: float = 0.0) -> None:
    """Discs at fractions of a pixel, (n, 2) and (n,): the brightest counts where they meet.

    ``soft`` is the part of the radius over which they fade: 0 for a clean rim, 1 for a glow.
    """
    height, width = mask.shape
    reach = radii + 1.0
    inside = np.all((points > -reach[:, None]) & (points < (width, height) + reach[:, None]), axis=1) & (light >= 1.0)
    order = np.ceil(reach)
    for half in np.unique(order[inside]).tolist():
        chosen = inside & (order == half)
        _splat(mask, points[chosen], radii[chosen], light[chosen], int(half), soft)


def glows(mask: Bytes, points: Floats, radii: Floats, light: Floats) -> None:
    """Large soft dots into an empty mask, drawn small: nobody sees four pixels in a halo."""
    width, height = mask.shape[1] // _COARSE + 1, mask.shape[0] // _COARSE + 1
    small = np.zeros((height, width), np.uint8)
    dots(small, (points + 0.5) / _COARSE - 0.5, radii / _COARSE, light, 1.0)
    large = cv2.resize(small, (width * _COARSE, height * _COARSE), interpolation=cv2.INTER_LINEAR)
    np.copyto(mask, large[: mask.shape[0], : mask.shape[1]])


def _splat(mask: Bytes, points: Floats, radii: Floats, light: Floats, half: int, soft: float) -> None:
    height, width = mask.shape
    middle = np.floor(points).astype(np.int64)
    side = np.arange(-half, half + 1)
    x, y = middle[:, 0, None] + side, middle[:, 1, None] + side
    away = np.sqrt((x - points[:, 0, None])[:, None, :] ** 2 + (y - points[:, 1, None])[:, :, None] ** 2)
    size = np.maximum(radii, 0.5)[:, None, None]
    cover = np.clip((size + 0.5 - away) / (1.0 + soft * np.maximum(size - 1.0, 0.0)), 0.0, 1.0)
    if soft > 0.7:
        cover = cover * cover * (3.0 - 2.0 * cover)
    value = (cover * np.minimum(light * np.minimum(radii / 0.5, 1.0), 255.0)[:, None, None]).astype(np.uint8)
    place = np.clip(y, 0, height - 1)[:, :, None] * width + np.clip(x, 0, width - 1)[:, None, :]
    value *= ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None, :]
    np.maximum.at(mask.reshape(-1), place.reshape(-1), value.reshape(-1))


def shape(mask: Bytes, outline: Floats, light: float) -> None:
    """A convex shape, (n, 2), drawn at sixteenths of a pixel."""
    fine = np.rint(outline * _FINE).astype(np.int32)
    cv2.fillConvexPoly(mask, fine, (float(light),), cv2.LINE_AA, _SHIFT)


def line(mask: Bytes, points: Floats, light: float, thickness: int, *, closed: bool = False) -> None:
    """A line through points, (n, 2), drawn at sixteenths of a pixel."""
    fine = np.rint(points * _FINE).astype(np.int32)
    cv2.polylines(mask, [fine], closed, (float(light),), max(1, thickness), cv2.LINE_AA, _SHIFT)
