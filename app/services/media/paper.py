"""A page to lay over the film: paper with fibres and grain, on which things are printed, and a window cut from it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.contrast import Colour
from app.services.media.fonts import Mask
from app.services.media.hands import wandering
from app.services.media.windows import Points

_SHIFT = 4
_TILE = 512
_NEUTRAL = 200
"""The value of a texture that leaves a colour as it is."""
_COARSE = 4
"""Shadows and glows are soft: they are made this much smaller."""


class Page:
    """What is printed so far: ``rgb`` (height, width, 3) and ``alpha`` (height, width)."""

    def __init__(self, width: int, height: int, colour: Colour, grain: float, seed: int) -> None:
        """``grain`` is the strength of the paper's texture, 0: smooth."""
        self.width, self.height = width, height
        self.unit = min(width, height) / 100
        """A hundredth of the shorter side, pixels."""
        self.alpha = np.full((height, width), 255, np.uint8)
        self._texture = _texture(width, height, grain, seed) if grain else None
        self.rgb = np.full((height, width, 3), colour, np.uint8)

    def finish(self) -> None:
        """Press what was printed into the paper's texture."""
        if self._texture is not None:
            cv2.multiply(self.rgb, cv2.merge([self._texture] * 3), dst=self.rgb, scale=1 / _NEUTRAL)

    def tint(self, colour: Colour, mask: Mask, x: int = 0, y: int = 0, strength: float = 1.0) -> None:
        """Lay a colour where ``mask`` (its corner at ``x``, ``y``) covers the page."""
        left, top = max(0, -x), max(0, -y)
        target = self.rgb[max(0, y) : max(0, y + mask.shape[0]), max(0, x) : max(0, x + mask.shape[1])]
        part = mask[top : top + target.shape[0], left : left + target.shape[1]]
        if not target.size or not part.any():
            return
        if strength < 1:
            part = np.asarray(cv2.convertScaleAbs(part, alpha=strength), np.uint8)
        share = cv2.merge([part] * 3)
        kept = cv2.multiply(target, cv2.bitwise_not(share), scale=1 / 255)
        target[:] = cv2.add(kept, cv2.multiply(np.full_like(target, colour), share, scale=1 / 255))

    def fill(self, points: Points, colour: Colour, strength: float = 1.0) -> None:
        """A shape."""
        box = _around(points, 2, self.width, self.height)
        if box is not None:
            self.tint(colour, _filled(points, box), box[0], box[1], strength)

    def line(self, points: Points, colour: Colour, thickness: float, closed: bool = True) -> None:
        """A line along an outline, ``thickness`` in pixels."""
        box = _around(points, thickness + 2, self.width, self.height)
        if box is None:
            return
        mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
        strength = min(1.0, thickness)
        cv2.polylines(mask, [_fixed(points, box)], closed, (255,), max(1, round(thickness)), cv2.LINE_AA, _SHIFT)
        self.tint(colour, mask, box[0], box[1], strength)

    def dots(self, points: Points, colour: Colour, radius: float) -> None:
        """A round dot on every point."""
        box = _around(points, radius + 2, self.width, self.height)
        if box is None:
            return
        mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
        for x, y in _fixed(points, box).reshape(-1, 2):
            cv2.circle(mask, (int(x), int(y)), max(1, round(radius * 2**_SHIFT)), (255,), -1, cv2.LINE_AA, _SHIFT)
        self.tint(colour, mask, box[0], box[1])

    def sink(self, points: Points, colour: Colour, soft: float, drop: float, strength: float) -> None:
        """The shadow that the page throws on what lies in a hole of it: ``soft`` and ``drop`` in pixels."""
        hole = self._whole(points)
        self.tint(colour, np.minimum(hole, self._shade(hole, soft, drop)), strength=strength)

    def raise_from(self, points: Points, colour: Colour, soft: float, drop: float, strength: float) -> None:
        """The shadow around a shape that lies on the page; the shape itself is to be printed over it."""
        outside = ~self._whole(points)
        self.tint(colour, self._shade(outside, soft, drop), strength=strength)

    def shadow(self, mask: Mask, colour: Colour, x: int, y: int, soft: float, strength: float) -> None:
        """What ``mask`` covers, blurred by ``soft`` pixels."""
        room = round(3 * soft) + 2
        wide = cv2.copyMakeBorder(mask, room, room, room, room, cv2.BORDER_CONSTANT, value=(0,))
        self.tint(colour, _softened(np.asarray(wide, np.uint8), soft), x - room, y - room, strength)

    def thick(self, mask: Mask, colour: Colour, x: int, y: int, reach: float) -> None:
        """What ``mask`` covers, grown by ``reach`` pixels."""
        room = max(1, round(reach))
        wide = cv2.copyMakeBorder(mask, room, room, room, room, cv2.BORDER_CONSTANT, value=(0,))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * room + 1, 2 * room + 1))
        self.tint(colour, np.asarray(cv2.dilate(wide, disc), np.uint8), x - room, y - room)

    def glow(self, mask: Mask, colour: Colour, soft: float, x: int = 0, y: int = 0, strength: float = 1.0) -> None:
        """Light around what ``mask`` covers, added to the page; ``soft`` in pixels."""
        room = int(3 * soft) // _COARSE * _COARSE + _COARSE
        wide = cv2.copyMakeBorder(mask, room, room, room, room, cv2.BORDER_CONSTANT, value=(0,))
        light = _softened(np.asarray(wide, np.uint8), soft)
        left, top = max(0, room - x), max(0, room - y)
        x, y = max(0, x - room), max(0, y - room)
        target = self.rgb[y : y + light.shape[0] - top, x : x + light.shape[1] - left]
        part = light[top : top + target.shape[0], left : left + target.shape[1]]
        lit = cv2.multiply(np.full_like(target, colour), cv2.merge([part] * 3), scale=strength / 255)
        target[:] = cv2.add(target, lit)

    def outline_glow(self, points: Points, colour: Colour, thickness: float, soft: float, strength: float) -> None:
        """Light around a line."""
        mask = np.zeros((self.height, self.width), np.uint8)
        corner = (0, 0, self.width, self.height)
        cv2.polylines(mask, [_fixed(points, corner)], True, (255,), max(1, round(thickness)), cv2.LINE_AA, _SHIFT)
        self.glow(mask, colour, soft, strength=strength)

    def open(self, points: Points, shade: Colour, soft: float, drop: float, strength: float) -> None:
        """Cut the window: nothing is left within ``points`` but the page's shadow near the edge."""
        hole = self._whole(points)
        shadow = cv2.convertScaleAbs(self._shade(hole, soft, drop), alpha=strength)
        self._cut(hole, shade, np.asarray(shadow, np.uint8))

    def open_softly(self, points: Points, soft: float, stray: float, seed: int, edge: Colour, strength: float) -> None:
        """Cut a window whose edge is that of wet paint: it strays by ``stray`` pixels, with pigment along it."""
        hole = _softened(self._whole(points), soft).astype(np.float32)
        near = hole * (255 - hole) * np.float32(4 / 255**2)  # nothing strays far from the edge
        for step, part in ((stray * 7, 96), (stray * 2.2, 44), (stray * 0.8, 16)):
            grid = wandering(max(3, round(self.height / step)), max(3, round(self.width / step)), seed)
            large = cv2.resize(grid, (self.width, self.height), interpolation=cv2.INTER_CUBIC)
            hole += near * large * np.float32(part)
        wet = np.clip((hole - 127.5) * 3.0 + 127.5, 0, 255).astype(np.uint8)
        rim = cv2.absdiff(wet, np.full_like(wet, 120))
        rim = cv2.convertScaleAbs(cv2.subtract(np.full_like(rim, 120), rim), alpha=2.0 * strength)
        self.tint(edge, np.asarray(rim, np.uint8))
        self.alpha = np.asarray(cv2.bitwise_not(wet), np.uint8)

    def _cut(self, hole: Mask, shade: Colour, shadow: Mask) -> None:
        self.tint(shade, hole)
        paper = np.asarray(cv2.bitwise_not(hole), np.uint8)
        self.alpha = np.asarray(cv2.add(paper, cv2.multiply(hole, shadow, scale=1 / 255)), np.uint8)

    def _whole(self, points: Points) -> Mask:
        return _filled(points, (0, 0, self.width, self.height))

    def _shade(self, hole: Mask, soft: float, drop: float) -> Mask:
        """The shadow of all that is not the hole, falling ``drop`` pixels down and half of that to the right."""
        solid = _softened(np.asarray(cv2.bitwise_not(hole), np.uint8), soft)
        move = np.array([[1, 0, drop / 2], [0, 1, drop]], np.float32)
        shade = cv2.warpAffine(solid, move, solid.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(shade, np.uint8)


def dry(mask: Mask, grain: float, seed: int = 3) -> Mask:
    """A print that the paper took unevenly: in places as much as ``grain`` of its colour is missing."""
    tile = np.roll(_fibres(), (seed * 37, seed * 101), axis=(0, 1))
    high, wide = mask.shape
    noise = np.tile(tile, (high // _TILE + 1, wide // _TILE + 1))[:high, :wide].astype(np.float32)
    missing = np.clip((_NEUTRAL + 1 - noise) * (90 * grain), 0, 255 * grain)
    kept: Mask = np.clip(mask - missing, 0, 255).astype(np.uint8)
    return kept


def _texture(width: int, height: int, grain: float, seed: int) -> NDArray[np.uint8]:
    """Grain, fibres and broad unevenness of a sheet, 200 where it is as it should be."""
    scale = max(min(width, height) / 720, 0.67)
    tile = _fibres()
    if scale > 1.3:
        tile = np.asarray(cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR), np.uint8)
    shift = (seed * 131) % tile.shape[0]
    tile = np.roll(tile, (shift, shift), axis=(0, 1))
    repeats = (height // tile.shape[0] + 1, width // tile.shape[1] + 1)
    fine = np.tile(tile, repeats)[:height, :width]
    broad = cv2.resize(wandering(5, 8, seed) * 3.2, (width, height), interpolation=cv2.INTER_CUBIC)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] ** 4
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] ** 4
    total = (fine.astype(np.float32) - _NEUTRAL) * np.float32(grain) + (broad - 5 * (x + y)) * np.float32(grain)
    return np.clip(total + _NEUTRAL, 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _fibres() -> Mask:
    """A tile of paper that repeats without a seam: grain, and short curved fibres, darker and lighter."""
    sheet = np.zeros((_TILE, _TILE), np.float32)
    for step, strength in ((1, 2.2), (2, 2.4), (5, 2.0), (14, 1.4)):
        grid = wandering(_TILE // step, _TILE // step, seed=step)
        grid = np.pad(grid, 2, mode="wrap")
        edge = 2 * _TILE // (_TILE // step)
        large = cv2.resize(grid, (_TILE + 2 * edge, _TILE + 2 * edge), interpolation=cv2.INTER_CUBIC)
        sheet += strength * large[edge : edge + _TILE, edge : edge + _TILE]
    values = wandering(150, 6, seed=9)
    for x, y, turn, bend, length, tone in values:
        at = np.linspace(-1, 1, 12) * (9 + 7 * length)
        angle = turn * np.pi + at * bend * 0.06
        points = np.column_stack([np.cumsum(np.cos(angle)), np.cumsum(np.sin(angle))]) * (1.4 + 0.6 * length)
        mask = np.zeros((_TILE, _TILE), np.uint8)
        place = np.array([(x + 1) * 0.43 + 0.07, (y + 1) * 0.43 + 0.07]) * _TILE
        fixed = np.rint((points + place) * 16).astype(np.int32)
        cv2.polylines(mask, [fixed], False, (255,), 1, cv2.LINE_AA, _SHIFT)
        sheet += mask.astype(np.float32) * np.float32((-7 if tone > 0 else 5) / 255)
    return np.clip(sheet + _NEUTRAL, 0, 255).astype(np.uint8)


def _softened(mask: Mask, soft: float) -> Mask:
    """Blurred by a Gaussian of ``soft`` pixels."""
    if soft < 2 * _COARSE:
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft, 0.5)), np.uint8)
    small = cv2.resize(mask, None, fx=1 / _COARSE, fy=1 / _COARSE, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), soft / _COARSE)
    return np.asarray(cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _around(points: Points, room: float, width: int, height: int) -> tuple[int, int, int, int] | None:
    left, top = np.floor(points.min(axis=0) - room).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + room).astype(int)
    box = max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))
    return box if box[0] < box[2] and box[1] < box[3] else None


def _fixed(points: Points, box: tuple[int, int, int, int]) -> NDArray[np.int32]:
    """Points in fractions of a pixel, as OpenCV takes them, from the box's corner."""
    fixed: NDArray[np.int32] = np.rint((points - np.array(box[:2])) * 2**_SHIFT).astype(np.int32).reshape(-1, 1, 2)
    return fixed


def _filled(points: Points, box: tuple[int, int, int, int]) -> Mask:
    mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    cv2.fillPoly(mask, [_fixed(points, box)], (255,), cv2.LINE_AA, _SHIFT)
    return mask
