"""Painting on premultiplied pixels: shapes with soft light and a line, gradients, glows, and cut-out sprites.

A canvas has its own units. Scenes use pixels with y downwards; figures use their own height with y upwards and the
ground at 0, so that the same drawing serves every size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import (
    RGB,
    Matrix,
    Pixels,
    bgra,
    light_of,
    line_of,
    mix,
    recoloured,
    shade_of,
    solid,
    striped,
)
from app.services.engines.builtin.picture.curves import Curve, Points

_SHIFT = 4
_STRIP = 16
"""Rows looked at together."""
_MANY = 200_000
"""Pixels of a mask from which on it is worth while to look for its painted rows."""
_ONE = 1 << _SHIFT
_FAR = 20_000.0 * _ONE
"""No point lies farther out than this, in fixed-point pixels: OpenCV counts in 32 bits."""
_GRID = np.mgrid[0:14, 0:14].astype(np.float32) / 13
_ROUND = np.clip(np.hypot(_GRID[1] - 0.36, _GRID[0] - 0.24) / 0.95, 0, 1)[:, :, None] ** 1.35
"""How far each spot of a lit round thing is from the light, 0 to 1."""


@dataclass
class Sprite:
    """A cut-out: premultiplied pixels and where its foot (x, y) is in them."""

    pixels: Pixels
    foot: tuple[float, float]


def painted(pixels: Pixels) -> tuple[int, int]:
    """First and one past the last row that is not all zero; (0, 0) for none. Reads no more than it must."""
    height = len(pixels)
    lines = pixels.reshape(height, -1)
    starts = range(0, height, _STRIP)
    low = next((y for y in starts if cv2.hasNonZero(lines[y : y + _STRIP])), None)
    if low is None:
        return 0, 0
    high = next(y for y in reversed(starts) if cv2.hasNonZero(lines[y : y + _STRIP]))
    first, last = (np.flatnonzero(lines[y : y + _STRIP].any(axis=1)) for y in (low, high))
    return low + int(first[0]), high + int(last[-1]) + 1


def over(picture: Pixels, pixels: Pixels) -> None:
    """Lay premultiplied ``pixels`` (h, w, 4) over an opaque ``picture`` (h, w, 3), in place."""
    absent = cv2.bitwise_not(cv2.extractChannel(pixels, 3))
    kept = cv2.multiply(picture, cv2.cvtColor(absent, cv2.COLOR_GRAY2BGR), scale=1 / 255)
    cv2.add(kept, cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), dst=picture)


class Canvas:
    """``scale`` pixels per unit, ``origin`` the pixel of (0, 0); ``line`` is the width of outlines in units."""

    def __init__(
        self, width: int, height: int, *, scale: float = 1.0, origin: tuple[float, float] = (0.0, 0.0), up: bool = False
    ) -> None:
        self.pixels: Pixels = np.zeros((height, width, 4), np.uint8)
        self.width, self.height, self.scale, self.origin = width, height, scale, origin
        self.sign = -1.0 if up else 1.0
        self._unit = np.array((scale, scale * self.sign)) * _ONE
        self._start = np.array(origin) * _ONE
        self.line = 0.0
        self._clip: Pixels | None = None

    def _fixed(self, points: Points) -> Pixels:
        p = np.asarray(points, np.float64) * self._unit
        p += self._start
        np.minimum(np.maximum(p, -_FAR, out=p), _FAR, out=p)
        fixed: Pixels = np.rint(p, out=p).astype(np.int32)
        return fixed

    def _mask(self, fixed: Pixels) -> tuple[slice, slice, Pixels] | None:
        """Coverage of a polygon inside the canvas, cut to its bounds; None when it lies outside."""
        x0, y0 = np.maximum((fixed.min(0) >> _SHIFT) - 2, 0)
        x1, y1 = np.minimum((fixed.max(0) >> _SHIFT) + 3, (self.width, self.height))
        if x1 <= x0 or y1 <= y0:
            return None
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(mask, [fixed - np.array((x0, y0)) * _ONE], 255, cv2.LINE_AA, _SHIFT)
        rows, cols = slice(int(y0), int(y1)), slice(int(x0), int(x1))
        if self._clip is not None:
            mask = cv2.multiply(mask, self._clip[rows, cols], scale=1 / 255)
        return rows, cols, mask

    def lay(self, rows: slice, cols: slice, mask: Pixels, paint: Pixels) -> None:
        """Put opaque ``paint`` (h, w, 4) over the canvas where ``mask`` (h, w) says, 0 to 255."""
        target = self.pixels[rows, cols]
        if mask.size > _MANY:  # a large one is often empty for the most part
            first, last = painted(mask)
            mask, paint, target = mask[first:last], paint[first:last], target[first:last]
        if mask.size:
            wide = cv2.merge([mask, mask, mask, mask])
            added = cv2.multiply(paint, wide, scale=1 / 255)
            cv2.bitwise_not(wide, dst=wide)
            cv2.add(cv2.multiply(target, wide, dst=wide, scale=1 / 255), added, dst=target)

    def fill(self, points: Points, colour: RGB, alpha: float = 1.0) -> None:
        """A flat shape without a line."""
        fixed = self._fixed(points)
        if alpha >= 1 and self._clip is None:
            cv2.fillPoly(self.pixels, [fixed], bgra(colour), cv2.LINE_AA, _SHIFT)
            return
        found = self._mask(fixed)
        if found is not None:
            rows, cols, mask = found
            if alpha < 1:
                mask = cv2.convertScaleAbs(mask, alpha=alpha)
            self.lay(rows, cols, mask, solid(colour, *mask.shape))

    def soft(
        self,
        points: Points,
        colour: RGB,
        *,
        light: float = 1.0,
        line: bool = True,
        dark: RGB | None = None,
        below: float | None = None,
    ) -> None:
        """A shape lit from the upper left, with a line in its own dark colour (only below ``below`` if given)."""
        fixed = self._fixed(points)
        found = self._mask(fixed)
        if found is None:
            return
        rows, cols, mask = found
        lit = np.array(bgra(mix(colour, light_of(colour), light)), np.float32)
        shaded = np.array(bgra(mix(colour, dark or shade_of(colour), min(1.0, light))), np.float32)
        patch = (lit + (shaded - lit) * _ROUND).astype(np.uint8)
        self.lay(rows, cols, mask, cv2.resize(patch, (mask.shape[1], mask.shape[0])))
        if line and self.line > 0 and self._clip is None:
            if below is None:
                self.outline(fixed, line_of(colour))
            else:
                self._open_outline(np.asarray(points, np.float64), below, line_of(colour))

    def _open_outline(self, points: Curve, below: float, colour: RGB) -> None:
        low = points[:, 1] < below
        if low.all() or not low.any():
            return
        start = int(np.flatnonzero(low & ~np.roll(low, 1))[0])
        run = np.roll(points, -start, 0)[np.roll(low, -start)]
        self.stroke(run, self.line, colour, smooth=False)

    def outline(self, fixed: Pixels, colour: RGB) -> None:
        """A line along a polygon given in fixed-point pixels."""
        thick = max(1, round(self.line * self.scale))
        cv2.polylines(self.pixels, [fixed], True, bgra(colour), thick, cv2.LINE_AA, _SHIFT)

    def graded(self, points: Points, top: RGB, bottom: RGB, *, line: bool = False) -> None:
        """A shape with a gradient from its top to its bottom."""
        fixed = self._fixed(points)
        found = self._mask(fixed)
        if found is None:
            return
        rows, cols, mask = found
        t = np.linspace(0, 1, mask.shape[0], dtype=np.float32)[:, None]
        ramp = np.array(bgra(top), np.float32) * (1 - t) + np.array(bgra(bottom), np.float32) * t
        self.lay(rows, cols, mask, striped(ramp.astype(np.uint8), mask.shape[1]))
        if line and self.line > 0:
            self.outline(fixed, line_of(bottom))

    def stroke(self, points: Points, width: float, colour: RGB, *, smooth: bool = True, closed: bool = False) -> None:
        """A line of ``width`` units."""
        line = curves.smooth(points, closed=closed) if smooth and len(points) > 2 else np.asarray(points, np.float64)
        thick = max(1, round(width * self.scale))
        fixed = self._fixed(line)
        if self._clip is None:
            cv2.polylines(self.pixels, [fixed], closed, bgra(colour), thick, cv2.LINE_AA, _SHIFT)
            return
        x0, y0 = np.maximum((fixed.min(0) >> _SHIFT) - thick - 1, 0)
        x1, y1 = np.minimum((fixed.max(0) >> _SHIFT) + thick + 2, (self.width, self.height))
        if x1 > x0 and y1 > y0:
            mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
            cv2.polylines(mask, [fixed - np.array((x0, y0)) * _ONE], closed, 255, thick, cv2.LINE_AA, _SHIFT)
            rows, cols = slice(int(y0), int(y1)), slice(int(x0), int(x1))
            mask = cv2.multiply(mask, self._clip[rows, cols], scale=1 / 255)
            self.lay(rows, cols, mask, solid(colour, *mask.shape))

    def dot(self, x: float, y: float, r: float, colour: RGB, alpha: float = 1.0) -> None:
        """A flat disc."""
        if alpha >= 1 and self._clip is None:
            cx, cy = self._fixed([(x, y)])[0]
            radius = max(1, round(r * self.scale * _ONE))
            cv2.circle(self.pixels, (int(cx), int(cy)), radius, bgra(colour), -1, cv2.LINE_AA, _SHIFT)
        else:
            self.fill(curves.oval(x, y, r, r, steps=24), colour, alpha)

    def glow(self, x: float, y: float, r: float, colour: RGB, strength: float = 0.6, squash: float = 1.0) -> None:
        """A soft light that fades out at ``r``; ``squash`` flattens it."""
        cx, cy = self._fixed([(x, y)])[0] / _ONE
        rx, ry = r * self.scale, r * self.scale * squash
        x0, x1 = max(0, int(cx - rx)), min(self.width, int(cx + rx) + 1)
        y0, y1 = max(0, int(cy - ry)), min(self.height, int(cy + ry) + 1)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        w, h = min(64, x1 - x0), min(64, y1 - y0)
        gx = (np.linspace(x0, x1 - 1, w, dtype=np.float32) - cx) / rx
        gy = (np.linspace(y0, y1 - 1, h, dtype=np.float32) - cy) / ry
        fall = np.clip(1 - np.sqrt(gx[None, :] ** 2 + gy[:, None] ** 2), 0, 1)
        small = (fall * fall * (3 - 2 * fall) * fall * (255 * strength)).astype(np.float32)
        mask = cv2.resize(small, (x1 - x0, y1 - y0)).astype(np.uint8)
        self.lay(slice(y0, y1), slice(x0, x1), mask, solid(colour, *mask.shape))

    @contextmanager
    def inside(self, points: Points) -> Iterator[None]:
        """Only paint within this shape (patterns on a body, a view in a window)."""
        mask = np.zeros((self.height, self.width), np.uint8)
        cv2.fillPoly(mask, [self._fixed(points)], 255, cv2.LINE_AA, _SHIFT)
        before = self._clip
        self._clip = mask if before is None else cv2.min(mask, before)
        try:
            yield
        finally:
            self._clip = before

    def paste(self, sprite: Sprite, x: float, y: float, *, scale: float = 1.0, flip: bool = False) -> None:
        """Put a cut-out with its foot at (x, y), ``scale`` times its own size."""
        pixels, (fx, fy) = sprite.pixels, sprite.foot
        if flip:
            pixels, fx = pixels[:, ::-1], pixels.shape[1] - fx
        if abs(scale - 1) > 0.01:
            size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
            fx, fy = fx * scale, fy * scale
        cx, cy = self._fixed([(x, y)])[0] / _ONE
        left, top = round(cx - fx), round(cy - fy)
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.width, left + pixels.shape[1]), min(self.height, top + pixels.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = np.ascontiguousarray(pixels[y0 - top : y1 - top, x0 - left : x1 - left])
        absent = cv2.bitwise_not(cv2.extractChannel(part, 3))
        target = self.pixels[y0:y1, x0:x1]
        kept = cv2.multiply(target, cv2.merge([absent, absent, absent, absent]), scale=1 / 255)
        cv2.add(kept, part, dst=target)

    def apply(self, matrix: Matrix) -> None:
        """Light, tint or veil everything painted so far."""
        y0, y1 = self.rows()
        if y1 > y0:
            self.pixels[y0:y1] = recoloured(self.pixels[y0:y1], matrix)

    def rows(self) -> tuple[int, int]:
        """First and one past the last row with any paint."""
        return painted(self.pixels)

    def box(self, reach: int = 0) -> tuple[int, int, int, int] | None:
        """y0, y1, x0, x1 of all paint, ``reach`` pixels larger on every side; None when there is none."""
        y0, y1 = self.rows()
        if y1 <= y0:
            return None
        x, _, w, _ = cv2.boundingRect(cv2.extractChannel(self.pixels[y0:y1], 3))
        return max(0, y0 - reach), min(self.height, y1 + reach), max(0, x - reach), min(self.width, x + w + reach)

    def part(self, y0: int, y1: int, x0: int, x1: int) -> Canvas:
        """A copy of this box as a canvas of its own, in pixels."""
        canvas = Canvas(0, 0)
        canvas.pixels = np.ascontiguousarray(self.pixels[y0:y1, x0:x1])
        canvas.width, canvas.height = x1 - x0, y1 - y0
        return canvas

    def sprite(self) -> Sprite:
        """Everything painted so far as a cut-out with its foot at (0, 0)."""
        x, y, w, h = cv2.boundingRect(cv2.extractChannel(self.pixels, 3))
        if w == 0:
            return Sprite(np.zeros((1, 1, 4), np.uint8), (0.0, 0.0))
        return Sprite(self.pixels[y : y + h, x : x + w].copy(), (self.origin[0] - x, self.origin[1] - y))


def figure_canvas(height_px: float, *, wide: float = 1.5, tall: float = 1.5, below: float = 0.25) -> Canvas:
    """A canvas in units of a figure's height, (0, 0) on the ground in the middle, ``wide`` units to each side."""
    scale = max(24.0, height_px)
    canvas = Canvas(
        round(2 * wide * scale) + 4,
        round((tall + below) * scale) + 4,
        scale=scale,
        origin=(wide * scale + 2, tall * scale + 2),
        up=True,
    )
    canvas.line = 0.0095
    return canvas


def shrink(sprite: Sprite, factor: float) -> Sprite:
    """A smaller copy of a cut-out, smoothly."""
    h, w = sprite.pixels.shape[:2]
    size = (max(1, round(w * factor)), max(1, round(h * factor)))
    small = cv2.resize(sprite.pixels, size, interpolation=cv2.INTER_AREA)
    return Sprite(small, (sprite.foot[0] * size[0] / w, sprite.foot[1] * size[1] / h))


def lit(sprite: Sprite, matrix: Matrix) -> Sprite:
    """A cut-out in another light."""
    return Sprite(recoloured(sprite.pixels, matrix), sprite.foot)


def dipped(sprite: Sprite, share: float) -> Sprite:
    """A cut-out whose lowest ``share`` is under water: it fades there. Its foot is the waterline."""
    height = sprite.pixels.shape[0]
    line = height * (1 - share)
    rows = np.arange(height, dtype=np.float32)
    above = np.clip((line - rows) / max(1.5, 0.012 * height) + 0.5, 0, 1)
    under = 0.3 * np.clip(1 - (rows - line) / max(1.0, height * min(share, 0.22)), 0, 1)
    factor = (np.maximum(above, under) * 255).astype(np.uint8)[:, None, None]
    mask = np.ascontiguousarray(np.broadcast_to(factor, sprite.pixels.shape))
    return Sprite(np.asarray(cv2.multiply(sprite.pixels, mask, scale=1 / 255)), (sprite.foot[0], line))


def rim(sprite: Sprite, colour: RGB, side: Sequence[float], strength: float) -> Sprite:
    """Light along the edge that faces ``side`` (x, y), and a little shade on the other.

    Both are soft, so they are worked out at half the size.
    """
    alpha = cv2.extractChannel(sprite.pixels, 3)
    h, w = alpha.shape
    part = 2 if min(h, w) >= 64 else 1
    shape = cv2.resize(alpha, (w // part, h // part), interpolation=cv2.INTER_AREA) if part > 1 else alpha
    reach = max(1.0, 0.026 * max(shape.shape))
    small = max(1, round(reach * 0.5)) * 2 + 1
    edges = []
    for go in (-1.0, 1.6):
        moved = np.array([[1, 0, go * side[0] * reach], [0, 1, go * side[1] * reach]], np.float32)
        away = cv2.blur(cv2.warpAffine(shape, moved, (shape.shape[1], shape.shape[0])), (small, small))
        edges.append(cv2.min(cv2.resize(cv2.min(cv2.subtract(shape, away), shape), (w, h)), alpha))
    bright, shade = edges
    dim = cv2.convertScaleAbs(shade, alpha=-0.13 * 200 / 255, beta=200)
    out = cv2.multiply(sprite.pixels, cv2.merge([dim, dim, dim, np.full_like(dim, 200)]), scale=1 / 200)
    glow = cv2.convertScaleAbs(bright, alpha=strength)
    wide = cv2.merge([glow, glow, glow, glow])
    paint = cv2.merge([cv2.convertScaleAbs(alpha, alpha=k / 255) for k in (colour[2], colour[1], colour[0], 255.0)])
    out = cv2.add(cv2.multiply(out, cv2.bitwise_not(wide), scale=1 / 255), cv2.multiply(paint, wide, scale=1 / 255))
    return Sprite(np.asarray(cv2.min(out, cv2.merge([alpha, alpha, alpha, alpha]))), sprite.foot)
