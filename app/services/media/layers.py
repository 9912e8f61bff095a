"""Key frames made ready for the camera: a *stage* of planes, kept while neighbouring segments need it.

A stage is read from a key frame, or from its layers when it has them. A body and the two transition windows
beside it want the same one, maybe from two threads at once: its layers are read once, by all who wait for them, and
only a few stages are kept, so that memory does not grow with the length of the film.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
from pydantic import ValidationError

from app.core.errors import EngineFailed
from app.models.engine import Effect, Layer, LayerSet, Life
from app.services.media.planes import Picture, from_bgr, movable
from app.services.media.sheets import Sheet, figure, ground, opaque_at, read_picture

_SAME_DEPTH = 0.04
"""Layers nearer to each other than this move as one: nobody sees the difference, and each costs time."""
_MOST_SHEETS = 6
"""Without figures, which cost little."""


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
    hero: Life | None = None
    """Life of the figure at the focus."""


class Reading:
    """A stage on its way from its files: any number of threads may work at it at once."""

    def __init__(self, key_frame: Path, layers: Path | None, parallax: bool) -> None:
        """Raises EngineFailed naming the list of layers when that cannot be read."""
        self._key_frame, self._known = key_frame, _known(layers)
        self._lock, self._done = threading.Lock(), threading.Event()
        self._jobs: list[Callable[[], Sheet | Picture | None]] = []
        if self._known is None or not parallax or not self._known.layers:
            self._jobs.append(lambda: movable(from_bgr(read_picture(key_frame, cv2.IMREAD_COLOR))))
        else:
            assert layers is not None
            self._jobs += _jobs(layers.parent, self._known)
        self._made: list[Sheet | Picture | None] = [None] * len(self._jobs)
        self._next, self._left = 0, len(self._jobs)
        self._error: EngineFailed | None = None

    def stage(self) -> Stage:
        """Read what nobody else has begun with, wait for the rest. Raises EngineFailed naming a file."""
        while (index := self._take()) is not None:
            problem: EngineFailed | None = EngineFailed(f"The layers of {self._key_frame.name} could not be read")
            try:
                self._made[index] = self._jobs[index]()
                problem = None
            except EngineFailed as error:
                problem = error
            finally:
                with self._lock:
                    self._error = self._error or problem
                    self._left -= 1
                    if self._left == 0:
                        self._done.set()
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._built()

    def _take(self) -> int | None:
        with self._lock:
            if self._next == len(self._jobs):
                return None
            self._next += 1
            return self._next - 1

    def _built(self) -> Stage:
        known = self._known
        if known is None or isinstance(self._made[0], Picture):
            picture = self._made[0]
            assert isinstance(picture, Picture)
            height, width = picture.y.shape
            if known is None:
                return Stage(width, height, picture)
            return Stage(width, height, picture, effects=known.effects, focus=known.focus)
        sheets = tuple(made for made in self._made if isinstance(made, Sheet))
        depth, hero = _subject(sheets, known)
        return Stage(known.width, known.height, None, sheets, known.effects, known.focus, depth, hero)


def read_stage(key_frame: Path, layers: Path | None, parallax: bool) -> Stage:
    """Read a key frame, in depth if it has layers and ``parallax`` is wanted.

    Raises EngineFailed naming the file that cannot be read or does not fit.
    """
    return Reading(key_frame, layers, parallax).stage()


def _known(layers: Path | None) -> LayerSet | None:
    if layers is None:
        return None
    try:
        return LayerSet.model_validate_json(layers.read_bytes())
    except (OSError, ValidationError) as error:
        raise EngineFailed(f"The layers {layers.name} cannot be read: {type(error).__name__}") from error


def _jobs(folder: Path, known: LayerSet) -> list[Callable[[], Sheet | Picture | None]]:
    """What reads each sheet, farthest first."""
    size = (known.width, known.height)

    def job(index: int, depth: float, layers: Sequence[Layer]) -> Callable[[], Sheet | None]:
        if layers[0].life is not None:
            return lambda: figure(folder, layers[0], size, depth)
        return lambda: ground(folder, layers, size, depth, last=index == 0)

    return [job(index, *group) for index, group in enumerate(_groups(known))]


def _groups(known: LayerSet) -> list[tuple[float, list[Layer]]]:
    """Depth and layers of what moves together, farthest first. A figure is alone, and nothing passes it."""
    groups = sorted(([layer] for layer in known.layers), key=lambda group: group[0].depth)
    while True:
        still = [index for index, (a, b) in enumerate(pairwise(groups)) if a[0].life is None and b[0].life is None]
        gaps = {index: _depth(groups[index + 1]) - _depth(groups[index]) for index in still}
        closest = min(still, key=gaps.__getitem__, default=None)
        many = sum(group[0].life is None for group in groups) > _MOST_SHEETS
        if closest is None or (gaps[closest] >= _SAME_DEPTH and not many):
            return [(min(max(_depth(group), 0.0), 1.0), group) for group in groups]
        groups[closest] += groups.pop(closest + 1)


def _depth(layers: Sequence[Layer]) -> float:
    return sum(layer.depth for layer in layers) / len(layers)


def _subject(sheets: Sequence[Sheet], known: LayerSet) -> tuple[float, Life | None]:
    """Depth and life of what is at the focus: the nearest figure, or the nearest thing if no figure is there."""
    column, row = (min(max(at, 0.0), 0.999) for at in known.focus)
    x, y = int(column * known.width), int(row * known.height)
    figures = [sheet for sheet in sheets if sheet.life is not None and sheet.life.kind != "slide"]
    for sheet in reversed(figures):
        if any(part.left <= x < part.right and part.top <= y < part.bottom for part in sheet.parts):
            return sheet.depth, sheet.life
    there = [sheet.depth for sheet in sheets if opaque_at(sheet, x, y)]
    return max(there, default=0.0), None


class Stages:
    """The last few stages, each read once even when two threads ask at the same time."""

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
            if slot.stage is not None:
                return slot.stage
            if slot.reading is None:
                slot.reading = Reading(key_frame, layers, parallax)
            reading = slot.reading
        try:
            stage = reading.stage()
        except EngineFailed:
            with slot.lock:
                slot.reading = None
            raise
        with slot.lock:
            slot.stage, slot.reading = slot.stage or stage, None
            return slot.stage


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reading: Reading | None = None
        self.stage: Stage | None = None


def _identity(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise EngineFailed(f"The picture {path.name} cannot be read: {error.strerror}") from error
    return str(path), found.st_mtime_ns, found.st_size


STAGES = Stages(limit=3)
"""Shared by all segments that are cut in this process."""
