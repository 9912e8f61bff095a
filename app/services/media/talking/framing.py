"""What part of a photo the clip shows, and how large: a square around the head, or the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media import photos
from app.services.media.talking.face import Box

_DECODED = 3000
_TIGHTEST = 1.2
LONGEST, SHORTEST = 1280, 512
"""Pixels: no side of a clip is longer; a head cut out of a photo is enlarged until its longer side is SHORTEST."""


class Frame(NamedTuple):
    picture: NDArray[np.uint8]
    """BGR, even sides."""
    scale: float
    """Pixels of the frame per pixel of the photo."""
    left: float
    top: float
    """Of the frame in the photo, pixels."""


def opened(path: Path) -> tuple[NDArray[np.uint8], float]:
    """A photo upright, BGR, at most 3000 pixels a side; and by how much it was scaled for that.

    Raises UnsupportedMedia, PayloadTooLarge or ValidationFailed with the reason's code in ``errors``.
    """
    image, _, was = photos.opened(path, longest=_DECODED)
    return np.ascontiguousarray(np.asarray(image, np.uint8)[..., ::-1]), image.width / was[0]


def framed(photo: NDArray[np.uint8], box: Box, crop_scale: float) -> Frame:
    """The part around the face's ``box`` that is ``crop_scale`` (at least 1.2) times as wide, cut to the photo.

    0 or less: the whole photo.
    """
    height, width = photo.shape[:2]
    if crop_scale <= 0:
        return _scaled(photo, 0, 0, width, height, min(1.0, LONGEST / max(width, height)))
    side = max(_TIGHTEST, crop_scale) * max(box[2:])
    middle = (box[0] + box[2] / 2, box[1] + box[3] / 2)
    left, right = _span(middle[0], side, width)
    top, bottom = _span(middle[1], side, height)
    longest = max(right - left, bottom - top)
    return _scaled(photo, left, top, right, bottom, min(max(1.0, SHORTEST / longest), LONGEST / longest))


def _span(middle: float, side: float, size: int) -> tuple[int, int]:
    """Where a stretch around ``middle`` begins and ends, moved rather than cut at the photo's edges."""
    first = int(np.clip(round(middle - side / 2), 0, max(0, size - round(side))))
    return first, min(size, first + max(2, round(side)))


def _scaled(photo: NDArray[Any], left: int, top: int, right: int, bottom: int, scale: float) -> Frame:
    # even sides: a pixel or so is cut off rather than the picture stretched
    wide, high = (int((last - first) * scale + 0.01) // 2 * 2 for first, last in ((left, right), (top, bottom)))
    wide, high = max(2, wide), max(2, high)
    used = photo[top : min(bottom, top + round(high / scale)), left : min(right, left + round(wide / scale))]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = used if scale == 1.0 else cv2.resize(used, (wide, high), interpolation=way)
    return Frame(np.ascontiguousarray(picture[:high, :wide], np.uint8), scale, left, top)
