"""Drawing sheets into frames: only what can be seen, blended where it is soft, copied where it is not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from app.services.media.planes import Bytes, Matrix, Picture, Planes, warp
from app.services.media.sheets import Sheet


def limits(sheets: Sequence[Sheet], matrices: Sequence[Matrix], size: tuple[int, int]) -> list[int]:
    """For each sheet the frame row from which it, or a nearer one, hides all that lies behind it.

    One more entry than sheets: nothing hides what lies in front of the last.
    """
    width, height = size
    rows = [height] * (len(sheets) + 1)
    for index in range(len(sheets) - 1, -1, -1):
        sheet, matrix = sheets[index], matrices[index]
        own = 0
        if sheet.solid_from:
            edge = sheet.solid_from + 1 - matrix[1, 2]
            lowest = max((edge - matrix[1, 0] * x) / matrix[1, 1] for x in (0, width - 1))
            own = min(max(2 * math.ceil(lowest / 2), 0), height)
        rows[index] = min(own, rows[index + 1])
    return rows


class Brush:
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
                self._warp(sheet.pixels, sheet, matrix, (left, top, right, last))
                self._blend(into.box(left, top, right, last))
        if solid < bottom:
            width = into.size[0]
            self._warp(sheet.pixels, sheet, matrix, (0, solid, width, bottom))
            self._copy(into.box(0, solid, width, bottom))

    def draw_figure(self, sheet: Sheet, drawing: int, matrix: Matrix, into: Planes, bottom: int) -> None:
        """Blend one of a figure's drawings; nothing of it is seen from row ``bottom`` on."""
        left, top, right, last = _turned(sheet, np.asarray(cv2.invertAffineTransform(matrix), np.float64), into.size)
        last = min(last, bottom)
        if top < last and left < right:
            self._warp(sheet.drawings[drawing], sheet, matrix, (left, top, right, last))
            self._blend(into.box(left, top, right, last))

    def _warp(self, pixels: Bytes, sheet: Sheet, matrix: Matrix, box: tuple[int, int, int, int]) -> None:
        left, top, right, bottom = box
        self._size = (right - left, bottom - top)
        local = matrix.copy()
        local[:, 2] += matrix[:, 0] * left + matrix[:, 1] * top - (sheet.left, sheet.top)
        cv2.warpAffine(
            pixels,
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
