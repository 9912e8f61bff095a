"""Drawing the frames of a shot: the camera's view of a stage, in depth when the stage has layers.

Every frame is a function of its number alone, so that a body and the transition windows beside it show the
same pixels at their seam, whichever thread or process draws them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from app.core.errors import EngineFailed
from app.models.engine import DrawnClip
from app.models.story import CAMERAS
from app.services.media.camera import FLAT, Lens, Scene, lens
from app.services.media.effects import prepare
from app.services.media.layers import Sheet, Stage
from app.services.media.masks import Layered
from app.services.media.planes import Bytes, Matrix, Picture, Planes, warp


class Motion:
    """The frames of one drawn shot."""

    def __init__(self, stage: Stage, clip: DrawnClip, frames: int, width: int, height: int, fps: int) -> None:
        """``frames`` is the length of the shot, over which the move is eased.

        Raises EngineFailed for a camera that is none of the eleven.
        """
        if clip.camera not in CAMERAS:
            raise EngineFailed(f"The camera move {clip.camera!r} is not one of {', '.join(CAMERAS)}")
        self._stage, self._frames, self._fps = stage, frames, fps
        self._size = (width, height)
        strength = min(max(clip.strength, 0.0), 1.5)
        side = 1 if clip.seed % 2 == 0 else -1
        focus = (min(max(stage.focus[0], 0.0), 1.0), min(max(stage.focus[1], 0.0), 1.0))
        self._scene = Scene(focus, stage.subject_depth, strength, side, bool(stage.sheets))
        self._camera = clip.camera
        depths = [sheet.depth for sheet in stage.sheets] or [FLAT]
        self._lenses = [self._lens(depth) for depth in depths]
        self._brush = _Brush(width, height)
        wanted = stage.effects if clip.effects else ()
        self._effects: list[list[tuple[Layered, Lens]]] = [[] for _ in depths]
        for index, effect in enumerate(sorted(wanted, key=lambda effect: effect.depth)):
            depth = min(max(effect.depth, 0.0), 1.0)
            above = max(0, sum(known <= depth + 1e-6 for known in depths) - 1) if stage.sheets else 0
            drawn = prepare(effect, clip.seed * 31 + index, (stage.width, stage.height), fps)
            self._effects[above].append((drawn, self._lens(depth) if stage.sheets else self._lenses[0]))

    def matrix(self, number: int, layer: int = 0) -> Matrix:
        """From pixels of frame ``number`` to pixels of the stage, for one of its layers."""
        return self._lenses[layer].matrix(self._time(number))

    def draw(self, number: int, into: Planes) -> None:
        """Draw the shot's frame ``number`` (from 0)."""
        time = self._time(number)
        matrices = [seen.matrix(time) for seen in self._lenses]
        if self._stage.picture is not None:
            self._brush.move(self._stage.picture, matrices[0], into)
            self._draw_effects(0, number, into, self._size[1])
            return
        limits = _limits(self._stage.sheets, matrices, self._size)
        for index, (sheet, matrix) in enumerate(zip(self._stage.sheets, matrices, strict=True)):
            self._brush.draw(sheet, matrix, into, limits[index], limits[index + 1])
            self._draw_effects(index, number, into, limits[index + 1])

    def _draw_effects(self, layer: int, number: int, into: Planes, bottom: int) -> None:
        for effect, seen in self._effects[layer]:
            effect.draw(number, seen.matrix(self._time(number)), into, bottom)

    def _lens(self, depth: float) -> Lens:
        return lens(self._camera, self._scene, depth, (self._stage.width, self._stage.height), self._size)

    def _time(self, number: int) -> float:
        return number / (self._frames - 1) if self._frames > 1 else 0.0


def _limits(sheets: Sequence[Sheet], matrices: Sequence[Matrix], size: tuple[int, int]) -> list[int]:
    """For each sheet the frame row from which it, or a nearer one, hides all that lies behind it.

    One more entry than sheets: nothing hides what lies in front of the last.
    """
    width, height = size
    limits = [height] * (len(sheets) + 1)
    for index in range(len(sheets) - 1, -1, -1):
        sheet, matrix = sheets[index], matrices[index]
        own = 0
        if sheet.solid_from:
            edge = sheet.solid_from + 1 - matrix[1, 2]
            lowest = max((edge - matrix[1, 0] * x) / matrix[1, 1] for x in (0, width - 1))
            own = min(max(2 * math.ceil(lowest / 2), 0), height)
        limits[index] = min(own, limits[index + 1])
    return limits


class _Brush:
    """Draws sheets into frames of one size; holds the memory for what is between."""

    def __init__(self, width: int, height: int) -> None:
        self._full = np.empty(width * height * 4, np.uint8)
        self._half = np.empty(width * height, np.uint8)
        self._part = np.empty(width * height, np.uint8)

    def move(self, picture: Picture, matrix: Matrix, into: Planes) -> None:
        """Draw a picture without layers."""
        self._size = into.size
        warp(picture, matrix, into, self._view(self._half, 2, 4))

    def draw(self, sheet: Sheet, matrix: Matrix, into: Planes, solid: int, bottom: int) -> None:
        """Blend the sheet above row ``solid`` and copy it from there down to ``bottom``."""
        for left, top, right, last in _boxes(sheet, matrix, into.size):
            last = min(last, solid)
            if top < last and left < right:
                self._warp(sheet, matrix, (left, top, right, last))
                self._blend(into.box(left, top, right, last))
        if solid < bottom:
            width = into.size[0]
            self._warp(sheet, matrix, (0, solid, width, bottom))
            self._copy(into.box(0, solid, width, bottom))

    def _warp(self, sheet: Sheet, matrix: Matrix, box: tuple[int, int, int, int]) -> None:
        left, top, right, bottom = box
        self._size = (right - left, bottom - top)
        local = matrix.copy()
        local[:, 2] += matrix[:, 0] * left + matrix[:, 1] * top - (sheet.left, sheet.top)
        cv2.warpAffine(
            sheet.pixels,
            local,
            self._size,
            dst=self._view(self._full, 1, 4),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        half = self._view(self._half, 2, 4)
        cv2.resize(self._view(self._full, 1, 4), half.shape[1::-1], dst=half, interpolation=cv2.INTER_AREA)

    def _copy(self, target: Planes) -> None:
        full, half = self._view(self._full, 1, 4), self._view(self._half, 2, 4)
        cv2.extractChannel(full, 0, dst=target.y)
        cv2.extractChannel(half, 1, dst=target.u)
        cv2.extractChannel(half, 2, dst=target.v)

    def _blend(self, target: Planes) -> None:
        full, half = self._view(self._full, 1, 4), self._view(self._half, 2, 4)
        part, small = self._view(self._part, 1, 1), self._view(self._part, 2, 1)
        cv2.extractChannel(full, 3, dst=part)
        cv2.multiply(target.y, part, dst=target.y, scale=1 / 255)
        cv2.extractChannel(full, 0, dst=part)
        cv2.add(target.y, part, dst=target.y)
        cv2.extractChannel(half, 3, dst=small)
        cv2.multiply(target.u, small, dst=target.u, scale=1 / 255)
        cv2.multiply(target.v, small, dst=target.v, scale=1 / 255)
        cv2.extractChannel(half, 1, dst=small)
        cv2.add(target.u, small, dst=target.u)
        cv2.extractChannel(half, 2, dst=small)
        cv2.add(target.v, small, dst=target.v)

    def _view(self, memory: Bytes, divisor: int, channels: int) -> Bytes:
        width, height = self._size[0] // divisor, self._size[1] // divisor
        flat = memory[: width * height * channels]
        return flat.reshape(height, width, channels) if channels > 1 else flat.reshape(height, width)


def _boxes(sheet: Sheet, matrix: Matrix, size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Boxes of the frame, all edges even, outside of which the sheet cannot be seen; none overlap."""
    inverse = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    if matrix[0, 1] or matrix[1, 0]:
        return [_turned(sheet, inverse, size)]

    def place(edge: int, axis: int) -> int:
        at = float(inverse[axis, axis] * (edge - 0.5) + inverse[axis, 2] + 0.5)
        return min(max(2 * round(at / 2), 0), size[axis])

    return [
        (place(part.left, 0), place(part.top, 1), place(part.right, 0), place(part.bottom, 1)) for part in sheet.parts
    ]


def _turned(sheet: Sheet, inverse: Matrix, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The box around the whole sheet when the camera is not level."""
    height, width = sheet.pixels.shape[:2]
    corners = np.array([(sheet.left + x - 0.5, sheet.top + y - 0.5) for x in (0, width) for y in (0, height)])
    seen = corners @ inverse[:, :2].T + inverse[:, 2]
    low, high = seen.min(axis=0), seen.max(axis=0)
    left, top = (max(0, 2 * math.floor((value - 1) / 2)) for value in low)
    right, bottom = (min(limit, 2 * math.ceil((value + 2) / 2)) for value, limit in zip(high, size, strict=True))
    return left, top, right, bottom
