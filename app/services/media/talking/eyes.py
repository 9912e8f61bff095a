"""Where the pupils of a face are: the two places that the edges around them point away from.

The measure is that of Timm and Barth, "Accurate eye centre localisation by means of gradients" (2011): around a
centre of an iris the gradients are parallel to the lines from the centre. It is weighed with darkness and with where
the eyes of a face usually are, and both eyes are chosen together, so that one that is hidden is put right by the other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_SIDE = 96
"""Pixels of the face's box when the eyes are looked for."""
_USUAL = ((0.30, 0.345), (0.72, 0.345))
"""Of the eyes in the box, as fractions; boxes are those of the cascade in ``services.media.faces``."""
_SPREAD = 0.085


class Eyes(NamedTuple):
    """Pupils in pixels of the picture: ``left`` is the one on the picture's left."""

    left: tuple[float, float]
    right: tuple[float, float]
    sure: float
    """0: nothing was seen and they are where eyes usually are; 1: both were clear."""


def find(grey: NDArray[Any], box: tuple[float, float, float, float]) -> Eyes:
    """The pupils of the face whose ``box`` is (left, top, width, height) in pixels of the grey picture."""
    left, top, width, height = box
    to_box = np.array([[_SIDE / width, 0, -left * _SIDE / width], [0, _SIDE / height, -top * _SIDE / height]])
    face = cv2.warpAffine(grey, to_box, (_SIDE, _SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    if width > _SIDE:
        shrink = cv2.GaussianBlur(grey, (0, 0), width / _SIDE * 0.5)
        face = cv2.warpAffine(shrink, to_box, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    even = cv2.createCLAHE(2.0, (3, 3)).apply(np.asarray(face, np.uint8)).astype(np.float64)
    first, second = (_candidates(even, place) for place in _USUAL)
    chosen, value = _pair(first, second)
    points = [(left + (x + 0.5) * width / _SIDE, top + (y + 0.5) * height / _SIDE) for x, y in chosen]
    return Eyes(points[0], points[1], value)


def _candidates(face: Numbers, usual: tuple[float, float]) -> list[tuple[float, float, float]]:
    """Up to six (x, y, score) around where this eye usually is, the best first."""
    reach = round(_SIDE * 0.17)
    x0, y0 = round(usual[0] * _SIDE) - reach, round(usual[1] * _SIDE) - round(reach * 0.85)
    part = cv2.GaussianBlur(face[y0 : y0 + 2 * round(reach * 0.85), x0 : x0 + 2 * reach], (0, 0), 1.0)
    right, down = cv2.Sobel(part, cv2.CV_64F, 1, 0), cv2.Sobel(part, cv2.CV_64F, 0, 1)
    strength = np.hypot(right, down)
    rows, columns = np.nonzero(strength > strength.mean() + 0.3 * strength.std())
    unit = np.stack([right[rows, columns], down[rows, columns]], 1) / strength[rows, columns, None]
    ys, xs = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    away = np.stack([columns[None] - xs.ravel()[:, None], rows[None] - ys.ravel()[:, None]], 2).astype(np.float64)
    far = np.hypot(away[..., 0], away[..., 1])
    near = (far > 1) & (far < _SIDE * 0.085)
    along = np.clip((away * unit[None]).sum(2) / np.maximum(far, 1), 0, None) ** 2 * near
    round_here = (along.sum(1) / (near.sum(1) + 12)).reshape(part.shape)
    soft = cv2.GaussianBlur(part, (0, 0), 1.6)
    dark = np.clip((soft.mean() + soft.std() - soft) / (3 * soft.std() + 1e-6), 0, 1)
    away_from_usual = np.hypot(xs + x0 - usual[0] * _SIDE, ys + y0 - usual[1] * _SIDE) / (_SPREAD * _SIDE)
    score = round_here * dark * np.exp(-0.5 * away_from_usual**2)
    found: list[tuple[float, float, float]] = []
    left = score.copy()
    for _ in range(6):
        y, x = np.unravel_index(int(left.argmax()), left.shape)
        found.append((float(x + x0), float(y + y0), float(score[y, x])))
        left[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4] = 0
    return found


def _pair(
    first: list[tuple[float, float, float]], second: list[tuple[float, float, float]]
) -> tuple[list[tuple[float, float]], float]:
    """The two that fit together best: about 0.42 of the box apart and nearly level."""
    best, chosen = -1.0, (first[0], second[0])
    for one in first:
        for other in second:
            apart = (other[0] - one[0]) / _SIDE
            slope = (other[1] - one[1]) / max(1.0, other[0] - one[0])
            likely = np.exp(-0.5 * ((apart - 0.42) / 0.06) ** 2 - 0.5 * (slope / 0.15) ** 2)
            value = float((one[2] + other[2]) * likely)
            if value > best:
                best, chosen = value, (one, other)
    return [chosen[0][:2], chosen[1][:2]], float(np.clip(best / 0.25, 0, 1))
