"""Where the eyes, the nose and the mouth of a found face are.

The cascade says only where a face is. It was trained on faces cut out in one way, so that eyes, nose and mouth lie in
about the same places of its window (the places below were read from the mean of a hundred faces that it found).
From there the eyes are looked for as the dark spots, the mouth as the band that is redder and fuller of level edges
than the skin around it. What the picture does not show stays where most faces have it, and ``measured`` says so. The
nose is always estimated, on the way from the eyes to the mouth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Map = NDArray[np.float32]
Point = tuple[float, float]

_SIDE = 96
"""Pixels of the side of the upright face in which the search is done."""
_EYES = ((0.31, 0.365), (0.69, 0.365))
_NOSE_DOWN = 0.62
"""The tip of the nose, as a share of the way from the eyes to the mouth."""
_MOUTH = (0.5, 0.76)
_MOUTH_TO_EYES = 0.85
"""The width of a mouth at rest over the distance of the eyes."""
_EYE_REACH, _MOUTH_REACH = 0.07, 0.045
"""How far from their usual places they are looked for (standard deviation, share of the side)."""
_CLEAR_SPOT = 9.0
"""Grey levels by which a spot is darker than what is around it when it counts as seen."""


@dataclass(frozen=True)
class Landmarks:
    """Points in pixels of the picture (x, y). Left and right are the viewer's.

    ``measured`` is False when eyes or mouth could not be told from the skin and are where most faces have them.
    """

    left_eye: Point
    right_eye: Point
    nose: Point
    mouth: Point
    mouth_width: float
    measured: bool

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes."""
        return math.dist(self.left_eye, self.right_eye)

    @property
    def roll_deg(self) -> float:
        """How far the line of the eyes is turned clockwise, as seen by the viewer."""
        (left, top), (right, bottom) = self.left_eye, self.right_eye
        return math.degrees(math.atan2(bottom - top, right - left))


def find(picture: Pixels, x: float, y: float, side: float, lean_deg: float) -> Landmarks:
    """Landmarks of the face in a square of ``side`` pixels around (x, y) of a BGR picture, leaning by ``lean_deg``."""
    turn = cv2.getRotationMatrix2D((x, y), lean_deg, _SIDE / side)
    turn[0, 2] += _SIDE / 2 - x
    turn[1, 2] += _SIDE / 2 - y
    shrinking = cv2.INTER_AREA if side > 2 * _SIDE else cv2.INTER_LINEAR
    face = cv2.warpAffine(picture, turn, (_SIDE, _SIDE), flags=shrinking, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(face, cv2.COLOR_BGR2LAB).astype(np.float32)
    dark = _spots(255 - lab[..., 0], 2.5, 9.0)
    left, left_seen = _peak(dark, _EYES[0], _EYE_REACH)
    right, right_seen = _peak(dark, _EYES[1], _EYE_REACH)
    mouth, width, mouth_seen = _mouth(lab, left, right)
    nose = tuple((left[i] + right[i]) / 2 * (1 - _NOSE_DOWN) + mouth[i] * _NOSE_DOWN for i in range(2))
    back = cv2.invertAffineTransform(turn)
    eyes_and_all = np.array([left, right, nose, mouth]) * _SIDE @ back[:, :2].T + back[:, 2]
    points: list[Point] = [(float(px), float(py)) for px, py in eyes_and_all]
    seen = left_seen and right_seen and mouth_seen
    return Landmarks(points[0], points[1], points[2], points[3], float(width * side), seen)


def _spots(values: NDArray[Any], fine: float, coarse: float) -> Map:
    """What stands out from what is around it: a difference of two blurs."""
    small = cv2.GaussianBlur(values, (0, 0), fine)
    return np.asarray(small - cv2.GaussianBlur(values, (0, 0), coarse), np.float32)


def _near(place: Point, reach: float) -> Map:
    steps = (np.arange(_SIDE, dtype=np.float32) + 0.5) / _SIDE
    across = np.exp(-((steps - place[0]) ** 2) / (2 * reach**2))
    down = np.exp(-((steps - place[1]) ** 2) / (2 * reach**2))
    return np.asarray(down[:, None] * across[None, :], np.float32)


def _peak(dark: Map, place: Point, reach: float) -> tuple[Point, bool]:
    """The middle of the darkest spot near a place, in shares of the side, and whether there is one."""
    likely = np.clip(dark, 0, None) * _near(place, reach)
    y, x = divmod(int(likely.argmax()), _SIDE)
    if dark[y, x] < _CLEAR_SPOT:
        return place, False
    around = likely * _near(((x + 0.5) / _SIDE, (y + 0.5) / _SIDE), 0.03)
    return _middle(around), True


def _middle(weights: Map) -> Point:
    steps = (np.arange(_SIDE, dtype=np.float32) + 0.5) / _SIDE
    total = float(weights.sum())
    return float(weights.sum(0) @ steps) / total, float(weights.sum(1) @ steps) / total


def _mouth(lab: Map, left: Point, right: Point) -> tuple[Point, float, bool]:
    """Middle and width of the mouth in shares of the side, and whether it was seen.

    It lies on the line that halves the eyes; on it the band that is redder than its surroundings and full of level
    edges (lips, teeth, the line between) is found.
    """
    distance = math.dist(left, right)
    edges = np.abs(cv2.Sobel(cv2.GaussianBlur(lab[..., 0], (0, 0), 1.2), cv2.CV_32F, 0, 1, scale=0.25))
    lips = 2 * _spots(lab[..., 1], 2.5, 12.0) + 3 * _spots(edges, 2.5, 12.0)
    middle = (left[0] + right[0]) / 2 * 0.6 + _MOUTH[0] * 0.4
    usual = (middle, _MOUTH[1] + (left[1] + right[1]) / 2 - _EYES[0][1])
    likely = np.clip(lips, 0, None) * _near(usual, _MOUTH_REACH)
    rows = likely[:, int((middle - 0.12) * _SIDE) : int((middle + 0.12) * _SIDE)].mean(1)
    row = int(rows.argmax())
    band = cv2.GaussianBlur(lips, (0, 0), 1.5)[max(row - 3, 0) : row + 4].max(0)
    if float(band[int(middle * _SIDE)]) < _CLEAR_SPOT / 3 or rows[row] <= 0:
        return usual, _MOUTH_TO_EYES * distance, False
    around = likely[max(row - 8, 0) : row + 9].sum(1)
    down = float(around @ (np.arange(max(row - 8, 0), max(row - 8, 0) + around.size) + 0.5)) / float(around.sum())
    begin, end = _extent(band, int(middle * _SIDE))
    width = min(max((end - begin) / _SIDE, 0.65 * distance), 1.1 * distance)
    return ((begin + end) / 2 / _SIDE * 0.5 + middle * 0.5, down / _SIDE), width, True


def _extent(band: Map, middle: int) -> tuple[int, int]:
    """How far to both sides of the middle the band stays above a third of its height."""
    least = float(band[middle]) / 3
    begin = end = middle
    while begin > 0 and band[begin - 1] > least:
        begin -= 1
    while end < _SIDE - 1 and band[end + 1] > least:
        end += 1
    return begin, end + 1
