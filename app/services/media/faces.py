"""Faces in a picture, and whether a photo can become a talking portrait.

Works offline and on a CPU, in about a second. It knows faces seen from the front, upright or tilted up to about 35
degrees; profiles, heads lying or upside down, and faces largely covered are not found. How well it does on small,
turned, dark, blurred and crowded faces is measured by ``benchmarks/faces.py``; results in ``benchmarks/FACES.md``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.core.errors import AppError
from app.services.media.faces_cascade import WINDOW
from app.services.media.faces_landmarks import Landmarks, Pixels, find
from app.services.media.faces_search import Candidate, candidates
from app.services.media.faces_words import Reason, message
from app.services.media.photos import Check, opened, reason_of

__all__ = ["Face", "Landmarks", "PortraitCheck", "Reason", "check", "check_portrait", "detect", "judge", "message"]

PORTRAIT_KINDS = ("jpeg", "png")
LEAST_SHARE = 0.05
"""Of the picture's area that the face of a portrait must fill."""
CROWD_SIDE = 0.5
"""A further face counts when its side is at least this share of the greatest face's: smaller ones are people far
behind, posters and chance patterns, which harm no portrait."""

_WHOLE = 1.2
"""The side of a face's box over that of the cascade's window, which ends at the brows and above the chin."""
_SEEN_AT = 256
"""The search is done on a picture with the area of a square of this side, so that the smallest face found (24 of it,
times the factor above) fills 1.27 % of the area: just what the rule for crowds asks for beside a face of 5 %."""
_SURE = 26.0
"""Weight at which a candidate is as likely a face as not; chance patterns rarely exceed it (benchmarks/FACES.md)."""


@dataclass(frozen=True)
class Face:
    """A face: ``box`` is left, top, width, height in pixels, a square from the hairline to the chin and from ear to
    ear, cut at the picture's edges; ``score`` from 0.5 (doubtful) to 1 (certain)."""

    box: tuple[int, int, int, int]
    score: float
    landmarks: Landmarks

    @property
    def side(self) -> int:
        return max(self.box[2:])


@dataclass(frozen=True)
class PortraitCheck:
    """Whether a photo can be used, else why not. ``face_bbox`` is that of the greatest face, in the upright photo."""

    valid: bool
    reason: Reason | None
    face_count: int
    face_bbox: tuple[int, int, int, int] | None
    image_size: tuple[int, int] | None


def detect(picture: Pixels) -> tuple[Face, ...]:
    """All faces in a picture (height, width, 3; BGR; 8 bit) of at least 1.3 % of its area, the greatest first.

    Raises EngineUnavailable when the package with the model is not installed.
    """
    height, width = picture.shape[:2]
    scale = float(np.sqrt(height * width)) / _SEEN_AT
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR)
    kept: list[Candidate] = []
    for one in candidates(np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8), WINDOW):
        if one.weight >= _SURE and not any(_same(one, other) for other in kept):
            kept.append(one)
    faces = [_face(picture, one, width / size[0], height / size[1]) for one in kept]
    return tuple(sorted(faces, key=lambda face: (-face.side, -face.score)))


def _same(one: Candidate, other: Candidate) -> bool:
    """Two finds in one head: the centre of either lies in the other's square."""
    return max(abs(one.x - other.x), abs(one.y - other.y)) < max(one.side, other.side) / 2


def _face(picture: Pixels, found: Candidate, across: float, down: float) -> Face:
    x, y, side = found.x * across, found.y * down, found.side * (across + down) / 2
    height, width = picture.shape[:2]
    half = side * _WHOLE / 2
    left, top = max(0, round(x - half)), max(0, round(y - half))
    right, bottom = min(width, round(x + half)), min(height, round(y + half))
    score = found.weight / (found.weight + _SURE)
    return Face((left, top, right - left, bottom - top), score, find(picture, x, y, side, found.lean_deg))


def judge(faces: tuple[Face, ...], width: int, height: int) -> PortraitCheck:
    """The rules of a portrait: exactly one face, of at least 5 % of the area. Far smaller faces are not counted."""
    counted = [face for face in faces if face.side >= CROWD_SIDE * faces[0].side]
    if not counted:
        return PortraitCheck(False, Reason.NO_FACE, 0, None, (width, height))
    reason = None
    if len(counted) > 1:
        reason = Reason.SEVERAL_FACES
    elif counted[0].box[2] * counted[0].box[3] < LEAST_SHARE * width * height:
        reason = Reason.FACE_TOO_SMALL
    return PortraitCheck(reason is None, reason, len(counted), counted[0].box, (width, height))


def check_portrait(path: Path, *, kinds: tuple[str, ...] = PORTRAIT_KINDS) -> PortraitCheck:
    """Whether the file is a readable photo of at least 256 pixels with one face that is large enough.

    What is wrong with the photo is in the answer. Raises EngineUnavailable when faces cannot be looked for.
    """
    try:
        image, _, was = opened(path, kinds=kinds)
    except AppError as error:
        reason = reason_of(error)
        if reason is None:
            raise
        return PortraitCheck(False, reason, 0, None, None)
    picture = np.asarray(image)[..., ::-1].copy()
    checked = judge(detect(picture), image.width, image.height)
    return _as_it_came(checked, was, was[0] / image.width)


def _as_it_came(checked: PortraitCheck, was: tuple[int, int], scale: float) -> PortraitCheck:
    """In pixels of the photo as it came (upright), where the check was done on a smaller copy."""
    box = checked.face_bbox
    if box is not None:
        left, top, width, height = (round(value * scale) for value in box)
        box = (left, top, min(width, was[0] - left), min(height, was[1] - top))
    return PortraitCheck(checked.valid, checked.reason, checked.face_count, box, was)


def check(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{source, kinds?}``: :func:`check_portrait` as a task for the media child.

    Returns ``{"valid", "reason", "face_count", "face_bbox", "image_size"}``, lists for tuples; nothing is written.
    """
    check()
    checked = check_portrait(Path(request["source"]), kinds=tuple(request.get("kinds") or PORTRAIT_KINDS))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(checked).items()}
