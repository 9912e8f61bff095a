"""Key frames made ready for the camera: a *stage* of planes, kept while neighbouring segments need it.

A stage is read from a key frame, or from its layers when it has them. A body and the two transition windows
beside it want the same one, maybe from two threads at once: it is built once, and only a few are kept, so that
memory does not grow with the length of the film.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from pydantic import ValidationError

from app.core.errors import EngineFailed
from app.models.engine import Effect, LayerSet
from app.services.media.planes import Bytes, Picture, from_bgr, movable, premultiplied
from app.services.media.tiles import Rect, covered

_SAME_DEPTH = 0.04
"""Layers nearer to each other than this move as one: nobody sees the difference, and each costs time."""
_MOST_SHEETS = 6
_MARGIN = 2
"""Transparent pixels kept around a sheet, so that its edge stays soft when it is moved."""


@dataclass(frozen=True)
class Sheet:
    """One layer (or several of the same depth), cropped to what is not transparent."""

    pixels: Bytes
    """(height, width, 4): Y, U, V times alpha, and 255 minus alpha."""
    left: int
    top: int
    """Place in the picture."""
    depth: float
    parts: tuple[Rect, ...]
    """Where in the picture it shows anything."""
    solid_from: int
    """Row of the picture from which down everything is opaque, from edge to edge; its height if none is."""


@dataclass(frozen=True)
class Stage:
    """What the camera looks at. ``picture`` is set without layers, ``sheets`` (farthest first) with them."""

    width: int
    height: int
    picture: Picture | None
    sheets: tuple[Sheet, ...] = ()
    effects: tuple[Effect, ...] = ()
    focus: tuple[float, float] = (0.5, 0.5)
    subject_depth: float = 1.0


def read_stage(key_frame: Path, layers: Path | None, parallax: bool) -> Stage:
    """Read a key frame, in depth if it has layers and ``parallax`` is wanted.

    Raises EngineFailed naming the file that cannot be read or does not fit.
    """
    if layers is None:
        return _flat(key_frame, None)
    try:
        known = LayerSet.model_validate_json(layers.read_bytes())
    except (OSError, ValidationError) as error:
        raise EngineFailed(f"The layers {layers.name} cannot be read: {type(error).__name__}") from error
    if not parallax or not known.layers:
        return _flat(key_frame, known)
    return _deep(layers.parent, known)


def _flat(key_frame: Path, known: LayerSet | None) -> Stage:
    bgr = _read(key_frame, cv2.IMREAD_COLOR)
    height, width = bgr.shape[:2]
    if known is None:
        return Stage(width, height, movable(from_bgr(bgr)))
    return Stage(width, height, movable(from_bgr(bgr)), effects=known.effects, focus=known.focus)


def _deep(folder: Path, known: LayerSet) -> Stage:
    sheets: list[Sheet] = []
    subject_depth = 0.0
    column, row = (min(max(at, 0.0), 0.999) for at in known.focus)
    for index, (depth, files) in enumerate(_groups(known)):
        whole = _merged(folder, files, known)
        if index == 0:
            whole[..., 3] = 255
        if whole[int(row * known.height), int(column * known.width), 3] > 127:
            subject_depth = depth
        sheet = _sheet(whole, depth)
        if sheet is not None:
            sheets.append(sheet)
    return Stage(known.width, known.height, None, tuple(sheets), known.effects, known.focus, subject_depth)


def _groups(known: LayerSet) -> list[tuple[float, list[str]]]:
    """Depth and files of the layers that move together, farthest first."""
    groups: list[tuple[list[float], list[str]]] = [([layer.depth], [layer.file]) for layer in known.layers]
    groups.sort(key=lambda group: group[0][0])
    while len(groups) > 1:
        gaps = [_mean(b[0]) - _mean(a[0]) for a, b in pairwise(groups)]
        closest = min(range(len(gaps)), key=gaps.__getitem__)
        if gaps[closest] >= _SAME_DEPTH and len(groups) <= _MOST_SHEETS:
            break
        near = groups.pop(closest + 1)
        groups[closest] = (groups[closest][0] + near[0], groups[closest][1] + near[1])
    return [(min(max(_mean(depths), 0.0), 1.0), files) for depths, files in groups]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _merged(folder: Path, files: list[str], known: LayerSet) -> Bytes:
    """Layers of one group over each other, BGRA with straight alpha."""
    under = _layer(folder / files[0], known)
    for name in files[1:]:
        over = _layer(folder / name, known)
        over_alpha = over[..., 3:].astype(np.float32) / 255
        under_alpha = under[..., 3:].astype(np.float32) / 255 * (1 - over_alpha)
        alpha = over_alpha + under_alpha
        color = over[..., :3] * over_alpha + under[..., :3] * under_alpha
        color /= np.maximum(alpha, 1 / 255)
        under = np.dstack([color, alpha * 255]).round().astype(np.uint8)
    return under


def _layer(path: Path, known: LayerSet) -> Bytes:
    bgra = _read(path, cv2.IMREAD_UNCHANGED)
    if bgra.ndim != 3 or bgra.shape[2] not in (3, 4) or bgra.dtype != np.uint8:
        raise EngineFailed(f"The layer {path.name} is not a colour picture of 8 bits")
    if bgra.shape[:2] != (known.height, known.width):
        raise EngineFailed(f"The layer {path.name} is not {known.width}x{known.height}")
    if bgra.shape[2] == 3:
        bgra = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGR2BGRA), np.uint8)
    return bgra


def _sheet(bgra: Bytes, depth: float) -> Sheet | None:
    """Cropped to its visible part; None if there is none."""
    alpha = np.ascontiguousarray(bgra[..., 3])
    left, top, width, height = cv2.boundingRect(alpha)
    if width == 0 or height == 0:
        return None
    right, bottom = min(left + width + _MARGIN, bgra.shape[1]), min(top + height + _MARGIN, bgra.shape[0])
    left, top = max(left - _MARGIN, 0), max(top - _MARGIN, 0)
    open_rows = np.flatnonzero(cv2.reduce(alpha, 1, cv2.REDUCE_MIN)[:, 0] < 255)
    solid_from = int(open_rows[-1]) + 1 if open_rows.size else 0
    pixels = premultiplied(np.ascontiguousarray(bgra[top:bottom, left:right]))
    return Sheet(pixels, left, top, depth, tuple(covered(alpha)), solid_from)


def _read(path: Path, mode: int) -> Bytes:
    picture = cv2.imread(str(path), mode)
    if picture is None:
        raise EngineFailed(f"The picture {path.name} cannot be read")
    return np.asarray(picture, np.uint8)


class Stages:
    """The last few stages, each built once even when two threads ask at the same time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], _Slot] = OrderedDict()

    def get(self, key_frame: Path, layers: Path | None, parallax: bool) -> Stage:
        """The stage of these files, as they are now; errors as :func:`read_stage`."""
        key = (parallax, _identity(key_frame), None if layers is None else _identity(layers))
        with self._lock:
            slot = self._kept.setdefault(key, _Slot())
            self._kept.move_to_end(key)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        with slot.lock:
            if slot.stage is None:
                slot.stage = read_stage(key_frame, layers, parallax)
            return slot.stage


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stage: Stage | None = None


def _identity(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise EngineFailed(f"The picture {path.name} cannot be read: {error.strerror}") from error
    return str(path), found.st_mtime_ns, found.st_size


STAGES = Stages(limit=3)
"""Shared by all segments that are cut in this process."""
