"""Candidates for faces in a picture: one cascade looking at many views of it, and what they agree upon.

The cascade knows upright frontal faces. So it is shown the picture tilted to both sides and mirrored; a face passes in
many neighbouring windows, sizes and views, a chance pattern in few. The weight of a candidate is the sum of all the
margins by which windows around it passed.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from app.services.media.faces_cascade import WINDOW, Grey, Numbers, scan

TILTS_DEG = (0, -15, 15, -30, 30)
"""How the picture is turned; neighbouring views overlap, so that heads tilted up to about 35 degrees are seen."""
_STEP = 1.12
_NEAR = 0.3
"""Windows belong together when their centres are nearer than this share of the side, ..."""
_ALIKE = 1.5
"""... and their sides differ by less than this factor."""


class Candidate(NamedTuple):
    """Centre and side in pixels, weight (sum of margins), and how far the head leans to the right, in degrees."""

    x: float
    y: float
    side: float
    weight: float
    lean_deg: float


def candidates(grey: Grey, smallest: float = WINDOW) -> list[Candidate]:
    """Where faces with a side of at least ``smallest`` pixels may be in a picture (height, width), heaviest first."""
    found = np.concatenate([_seen(grey, tilt, mirrored, smallest) for tilt in TILTS_DEG for mirrored in (False, True)])
    together = []
    free = np.ones(len(found), bool)
    for best in np.argsort(-found[:, 3]):
        if not free[best]:
            continue
        x, y, side = found[best, :3]
        near = np.hypot(found[:, 0] - x, found[:, 1] - y) < _NEAR * side
        alike = np.abs(np.log(found[:, 2] / side)) < np.log(_ALIKE)
        chosen = near & alike & free
        free &= ~chosen
        weights = found[chosen, 3]
        middle = np.average(found[chosen], axis=0, weights=weights)
        together.append(
            Candidate(float(middle[0]), float(middle[1]), float(middle[2]), float(weights.sum()), float(middle[4]))
        )
    return sorted(together, key=lambda one: -one.weight)


def _seen(grey: Grey, tilt: int, mirrored: bool, smallest: float) -> Numbers:
    """Rows of centre x, centre y, side, margin, lean: what passes in one view, in the picture's own pixels."""
    turn, size = turned(grey.shape[1], grey.shape[0], tilt)
    view = grey
    if tilt:
        view = np.asarray(cv2.warpAffine(grey, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    if mirrored:
        view = view[:, ::-1].copy()
    boxes, margins = scan(view, smallest, _STEP)
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    if mirrored:
        centres[:, 0] = size[0] - centres[:, 0]
    back = cv2.invertAffineTransform(turn)
    own = centres @ back[:, :2].T + back[:, 2]
    inside = ((own >= 0) & (own < (grey.shape[1], grey.shape[0]))).all(axis=1)
    rows = np.column_stack([own, boxes[:, 2], margins + 1e-3, np.full(len(boxes), tilt)])
    return rows[inside].astype(np.float32)


def turned(width: int, height: int, tilt: float) -> tuple[Numbers, tuple[int, int]]:
    """The map that turns a picture by ``tilt`` degrees (counterclockwise) into a frame that holds it all."""
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
    across, along = abs(turn[0, 0]), abs(turn[0, 1])
    size = (int(height * along + width * across + 0.5), int(height * across + width * along + 0.5))
    turn[0, 2] += (size[0] - width) / 2
    turn[1, 2] += (size[1] - height) / 2
    return turn.astype(np.float32), size
