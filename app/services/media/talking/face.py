"""A face found in a photo: which one, how it is turned in the picture, where its eyes and lips are."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media import faces
from app.services.media.faces_words import Reason
from app.services.media.photos import refusal
from app.services.media.talking import eyes, lips

Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels of the upright photo."""
Affine = NDArray[np.float64]
LEAST_UNIT = 18
"""Pixels from pupil to pupil below which there is nothing to see of a mouth."""
_EYES_IN_BOX = (0.51, 0.345, 0.43)
"""Middle of the eyes, right and down, and their distance in the box that ``eyes.find`` expects, as shares of it."""
_SHRUNK = 0.83
"""A detected face's box against that one."""


class Face(NamedTuple):
    box: Box
    to_face: Affine
    """2x3: pixels of the photo to the face's frame (origin between the pupils, unit: from pupil to pupil)."""
    unit: float
    """Pixels of the photo from pupil to pupil."""
    mouth: lips.Lips
    sure: float
    """Of the eyes, 0 to 1: where they are only guessed they do not blink."""


def find(photo: NDArray[np.uint8], box: Box | None) -> Face:
    """The face of a photo (BGR); ``box`` says which, if there may be several.

    Raises ValidationFailed with the reason's code in ``errors`` for no face, more than one, or one that is too small.
    """
    found = faces.detect(photo)
    if box is None:
        known = _only(found, photo.shape[1], photo.shape[0])
        box, place = _floats(known.box), _place(known)
    else:
        _inside(box, photo)
        inner = [one for one in found if _holds(box, one)]
        place = _place(inner[0]) if inner else (box[0] + box[2] / 2, box[1] + box[3] * 0.37, box[2] * 0.38, 0.0)
    seen = _pupils(photo, place)
    left, right = np.array(seen.left), np.array(seen.right)
    across = right - left
    unit = float(np.hypot(*across))
    if unit < LEAST_UNIT:
        raise refusal(Reason.FACE_TOO_SMALL)
    turned = np.array([[across[0], across[1]], [-across[1], across[0]]]) / unit**2
    to_face = np.column_stack([turned, -turned @ ((left + right) / 2)])
    return Face(box, to_face, unit, lips.find(_patch(photo, to_face, unit)), seen.sure)


def _only(found: tuple[faces.Face, ...], width: int, height: int) -> faces.Face:
    reason = faces.judge(found, width, height).reason
    if reason in (Reason.NO_FACE, Reason.SEVERAL_FACES):
        raise refusal(reason)
    return found[0]


def _inside(box: Box, photo: NDArray[Any]) -> None:
    left, top, width, height = box
    fits = bool(np.isfinite(box).all()) and min(width, height) > 1 and left > -width / 4 and top > -height / 4
    if not fits or left + 0.75 * width > photo.shape[1] or top + 0.75 * height > photo.shape[0]:
        raise refusal(Reason.NO_FACE, "The face's box lies outside the photo")


def _holds(box: Box, face: faces.Face) -> bool:
    x, y = face.box[0] + face.box[2] / 2, face.box[1] + face.box[3] / 2
    inside = abs(x - box[0] - box[2] / 2) < box[2] / 2 and abs(y - box[1] - box[3] / 2) < box[3] / 2
    return inside and 0.5 * box[2] < face.box[2] < 2 * box[2]


def _floats(box: tuple[int, int, int, int]) -> Box:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def _place(face: faces.Face) -> tuple[float, float, float, float]:
    """About where the eyes are: their middle, their distance, and how far they are turned, degrees clockwise."""
    (left, top), (right, bottom) = face.landmarks.left_eye, face.landmarks.right_eye
    apart = 0.5 * face.landmarks.eye_distance + 0.5 * 0.43 * _SHRUNK * face.side
    return (left + right) / 2, (top + bottom) / 2, apart, face.landmarks.roll_deg


def _pupils(photo: NDArray[np.uint8], place: tuple[float, float, float, float]) -> eyes.Eyes:
    """Looked for in a copy of the photo in which the face is upright, then turned back."""
    x, y, apart, roll = place
    side = apart / _EYES_IN_BOX[2]
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY))
    box = (x - _EYES_IN_BOX[0] * side, y - _EYES_IN_BOX[1] * side, side, side)
    if abs(roll) < 3:
        return eyes.find(grey, box)
    upright = cv2.getRotationMatrix2D((x, y), roll, 1.0)
    size = (photo.shape[1], photo.shape[0])
    seen = eyes.find(cv2.warpAffine(grey, upright, size, flags=cv2.INTER_LINEAR), box)
    back = np.asarray(cv2.invertAffineTransform(upright), np.float64)
    (left, top), (right, bottom) = (back[:, :2] @ point + back[:, 2] for point in (seen.left, seen.right))
    return eyes.Eyes((float(left), float(top)), (float(right), float(bottom)), seen.sure)


def _patch(photo: NDArray[np.uint8], to_face: Affine, unit: float) -> NDArray[Any]:
    """The face upright, without the detail that a patch of less resolution cannot hold."""
    scaled = to_face * lips.UNIT
    scaled[:, 2] += lips.ORIGIN
    times = unit / lips.UNIT
    calm = cv2.GaussianBlur(photo, (0, 0), 0.5 * times) if times > 1.2 else photo
    return np.asarray(cv2.warpAffine(calm, scaled, lips.SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))
