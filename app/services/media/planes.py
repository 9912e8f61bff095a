"""Pictures as three planes (Y, U, V 4:2:0), the form in which film frames are moved, mixed and encoded.

Nothing is converted to RGB and back per frame: a key frame becomes planes once, an overlay becomes a stamp
once, and every frame after that is a few OpenCV calls on 1.5 samples per pixel. The colours are BT.709 in
limited range (ITU-R BT.709-6, section 3), which is also what the encoder writes into the stream.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.overlay import Overlay

Bytes = NDArray[np.uint8]
Matrix = NDArray[np.float64]
"""2x3, maps a pixel of the frame to one of the picture (both counted from pixel centres)."""

BLACK = (16, 128, 128)
"""Y, U, V of black in limited range."""
_BT709 = np.array(
    [
        [0.2126, 0.7152, 0.0722],
        [-0.2126 / 1.8556, -0.7152 / 1.8556, 0.5],
        [0.5, -0.7152 / 1.5748, -0.0722 / 1.5748],
    ]
)
_OFFSET = np.array([[16.0], [128.0], [128.0]])
_FOURTH = np.array([0, 0, 0, 255], np.uint8).view(np.uint32)
_FROM_BGR = np.hstack([(_BT709 * np.array([[219.0], [224.0], [224.0]]) / 255.0)[:, ::-1], _OFFSET]).astype(np.float32)


class Planes(NamedTuple):
    """``y`` is (height, width), ``u`` and ``v`` are half of that in both directions (rounded up)."""

    y: Bytes
    u: Bytes
    v: Bytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels."""
        return self.y.shape[1], self.y.shape[0]

    def rows(self, first: int, last: int) -> Planes:
        """The rows ``first`` to ``last`` (exclusive, both even) of the same memory."""
        half = slice(first // 2, last // 2)
        return Planes(self.y[first:last], self.u[half], self.v[half])

    def box(self, left: int, top: int, right: int, bottom: int) -> Planes:
        """A rectangle (all four even) of the same memory."""
        half = (slice(top // 2, bottom // 2), slice(left // 2, right // 2))
        return Planes(self.y[top:bottom, left:right], self.u[half], self.v[half])


class Picture(NamedTuple):
    """A picture ready to be moved."""

    y: Bytes
    chroma: Bytes
    """(height / 2, width / 2, 4): U, V, U, V. OpenCV warps four channels in the time of one."""


class Stamp(NamedTuple):
    """An overlay ready to be laid over frames of one size."""

    left: int
    top: int
    ink: Planes
    """Colours multiplied by alpha."""
    keep: Planes
    """255 minus alpha, at the resolution of each plane."""


def blank(width: int, height: int) -> Planes:
    """A black picture of any even size, in one block of memory."""
    luma, chroma = width * height, (width // 2) * (height // 2)
    memory = np.full(luma + 2 * chroma, 128, np.uint8)
    memory[:luma] = BLACK[0]
    half = (height // 2, width // 2)
    return Planes(
        memory[:luma].reshape(height, width),
        memory[luma : luma + chroma].reshape(half),
        memory[luma + chroma :].reshape(half),
    )


def from_bgr(bgr: Bytes) -> Planes:
    """Planes of an sRGB picture, (height, width, 3) in OpenCV's channel order, any size."""
    half = _half(bgr)
    return Planes(_channel(bgr, _FROM_BGR[0]), _channel(half, _FROM_BGR[1]), _channel(half, _FROM_BGR[2]))


def color(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """Y, U, V of an sRGB colour."""
    y, u, v = (_FROM_BGR[:, :3] @ np.array(rgb[::-1], np.float32) + _OFFSET[:, 0]).round().clip(16, 240)
    return int(y), int(u), int(v)


def premultiplied(bgra: Bytes) -> Bytes:
    """A picture with straight alpha, or opaque, as (height, width, 4): Y, U, V times alpha, and 255 minus alpha.

    Where alpha is 0 the colour does not matter, so that no filter can pull a fringe from under an edge
    (Porter and Duff, "Compositing digital images", 1984: ``over`` on premultiplied pixels).
    """
    straight = cv2.transform(cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR) if bgra.shape[2] == 4 else bgra, _FROM_BGR)
    sheet = np.empty((*bgra.shape[:2], 4), np.uint8)
    if bgra.shape[2] == 3:
        cv2.mixChannels([straight], [sheet], [0, 0, 1, 1, 2, 2])
        sheet[..., 3] = 0
        return sheet
    cv2.mixChannels([straight, bgra], [sheet], [0, 0, 1, 1, 2, 2, 6, 3])
    # OpenCV's mRGBA multiplies the three others by the fourth, whatever they mean.
    cv2.cvtColor(sheet, cv2.COLOR_RGBA2mRGBA, dst=sheet)
    np.bitwise_xor(sheet.view(np.uint32), _FOURTH, out=sheet.view(np.uint32))
    return sheet


def stamp_of(overlay: Overlay, width: int, height: int) -> Stamp | None:
    """The visible part of an overlay for frames of this size; None if nothing of it can be seen."""
    left, top = max(0, overlay.x), max(0, overlay.y)
    rgba = overlay.rgba[top - overlay.y : height - overlay.y, left - overlay.x : width - overlay.x]
    if rgba.size == 0:
        return None
    seen = cv2.boundingRect(np.ascontiguousarray(rgba[..., 3]))
    if seen[2] == 0 or seen[3] == 0:
        return None
    x0, y0 = seen[0] & ~1, seen[1] & ~1
    x1, y1 = (seen[0] + seen[2] + 1) & ~1, (seen[1] + seen[3] + 1) & ~1
    cropped = np.zeros((y1 - y0, x1 - x0, 4), np.uint8)
    part = rgba[y0:y1, x0:x1]
    cropped[: part.shape[0], : part.shape[1]] = part[..., [2, 1, 0, 3]]
    sheet = premultiplied(cropped)
    half = _half(sheet)
    ink = Planes(*(np.ascontiguousarray(channel) for channel in (sheet[..., 0], half[..., 1], half[..., 2])))
    keep_half = np.ascontiguousarray(half[..., 3])
    keep = Planes(np.ascontiguousarray(sheet[..., 3]), keep_half, keep_half)
    return Stamp(left + x0, top + y0, ink, keep)


def lay(stamp: Stamp, frame: Planes) -> None:
    """Lay a stamp over a frame, in place."""
    width, height = stamp.ink.size
    target = frame.box(stamp.left, stamp.top, stamp.left + width, stamp.top + height)
    for under, ink, keep in zip(target, stamp.ink, stamp.keep, strict=True):
        cv2.multiply(under, keep, dst=under, scale=1 / 255)
        cv2.add(under, ink, dst=under)


def mix(first: Planes, second: Planes, share: float, into: Planes) -> None:
    """``into`` = first times (1 - share) plus second times share; may be one of them."""
    for a, b, out in zip(first, second, into, strict=True):
        cv2.addWeighted(a, 1.0 - share, b, share, 0.0, dst=out)


def dim(frame: Planes, light: float) -> None:
    """Bring a frame towards black, in place: 1 leaves it, 0 is black."""
    for plane, black in zip(frame, BLACK, strict=True):
        cv2.convertScaleAbs(plane, dst=plane, alpha=light, beta=black * (1.0 - light))


def chroma_matrix(matrix: Matrix) -> Matrix:
    """The same motion for planes of half the size, whose samples sit between two pixels."""
    half = matrix.copy()
    half[:, 2] = (matrix[:, 2] + (matrix[:, 0] + matrix[:, 1]) * 0.5 - 0.5) * 0.5
    return half


def movable(planes: Planes) -> Picture:
    """The same picture, ready to be moved."""
    return Picture(planes.y, np.dstack([planes.u, planes.v, planes.u, planes.v]))


def warp(picture: Picture, matrix: Matrix, into: Planes, scratch: Bytes) -> None:
    """Draw a picture as the camera sees it: bilinear, to fractions of a pixel.

    ``scratch`` is memory of (height / 2, width / 2, 4) of the frame.
    """
    flags, border = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
    cv2.warpAffine(picture.y, matrix, into.size, dst=into.y, flags=flags, borderMode=border)
    size, half = into.u.shape[::-1], chroma_matrix(matrix)
    cv2.warpAffine(picture.chroma, half, size, dst=scratch, flags=flags, borderMode=border)
    cv2.mixChannels([scratch], [into.u, into.v], [0, 0, 1, 1])


def _half(picture: Bytes) -> Bytes:
    height, width = picture.shape[:2]
    if height % 2 or width % 2:
        picture = np.asarray(cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8)
    size = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _channel(picture: Bytes, row: NDArray[np.float32]) -> Bytes:
    return np.asarray(cv2.transform(picture, row[None, :]), np.uint8)


def to_bgr(planes: Planes) -> Bytes:
    """The picture as (height, width, 3) BGR: the way back, for a frame that becomes a picture of its own."""
    whole = planes.size
    chroma = [cv2.resize(plane, whole, interpolation=cv2.INTER_LINEAR) for plane in (planes.u, planes.v)]
    back = np.linalg.inv(_FROM_BGR[:, :3].astype(np.float64))
    matrix = np.hstack([back, -back @ _OFFSET])
    return np.asarray(cv2.transform(cv2.merge([planes.y, *chroma]), matrix), np.uint8)
