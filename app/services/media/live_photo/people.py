"""Where people are, told from their faces: a body hangs below every face and is as near as it."""

from __future__ import annotations

import cv2
import numpy as np

from app.core.errors import EngineUnavailable
from app.services.media.live_photo.cues import Map
from app.services.media.planes import Bytes

_LEAST_SIDE = 120
"""Pixels of the shorter side of a picture in which faces are looked for, which takes the longest of all cues."""
_SURE = 0.6


def people(bgr: Bytes, size: tuple[int, int]) -> Map:
    """How much a place of a map of ``size`` (width, height) belongs to a person of the picture; zeros when nobody."""
    found = np.zeros((size[1], size[0]), np.float32)
    across, down = size[0] / bgr.shape[1], size[1] / bgr.shape[0]
    for x, y, width, height in _faces(bgr):
        middle = (round((x + width / 2) * across), round((y + height / 2) * down))
        head = (max(1, round(width * 0.7 * across)), max(1, round(height * 0.8 * down)))
        cv2.ellipse(found, middle, head, 0, 0, 360, (1.0,), -1)
        body = (middle[0], round((y + 3.6 * height) * down))
        chest = (max(1, round(width * 1.4 * across)), max(1, round(height * 2.5 * down)))
        cv2.ellipse(found, body, chest, 0, 0, 360, (1.0,), -1)
    return np.asarray(cv2.GaussianBlur(found, (0, 0), max(size) / 64), np.float32) if found.any() else found


def _faces(bgr: Bytes) -> list[tuple[int, int, int, int]]:
    """Boxes of the faces; none where the detector is not installed, for a live photo needs no people."""
    from app.services.media import faces  # with its model; only when a picture is there to be searched

    if min(bgr.shape[:2]) < _LEAST_SIDE:
        return []
    try:
        return [face.box for face in faces.detect(bgr) if face.score >= _SURE]
    except EngineUnavailable:
        return []
