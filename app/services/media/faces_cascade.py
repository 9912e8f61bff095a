"""Where in a grey picture a face may be: the boosted cascade of local binary patterns that scikit-image's wheel ships.

The trained cascade is a file of data inside that wheel (``lbpcascade_frontalface_opencv.xml``, 20 stages of frontal
faces of 24x24 pixels), so that faces are found with no network. It is read and evaluated here, and not by
scikit-image's own class, because that one says only yes or no for a window; here every window that passes says
by how much, which is what tells a face from a wall. It also spares the second that importing scikit-image takes.

The patterns are those of Liao et al., "Learning multi-scale block local binary patterns for face recognition" (2007):
nine equal blocks, one bit for each outer block that is at least as bright as the middle one.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.errors import EngineUnavailable

WINDOW = 24
"""Pixels of the side of the window that the cascade was trained on."""
_OUTER = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
"""Row and column of the outer blocks, clockwise from the left upper one: the highest bit first."""

Grey = NDArray[np.uint8]
Numbers = NDArray[np.float32]


class Pattern(NamedTuple):
    """One weak classifier: nine blocks in the window, and what each of the 256 patterns adds to the stage's sum."""

    x: int
    y: int
    width: int
    height: int
    votes: Numbers


class Stage(NamedTuple):
    patterns: tuple[Pattern, ...]
    least: float


class Hits(NamedTuple):
    """Windows that passed every stage: left, top and side in pixels of the picture, one row each, and by how much."""

    boxes: Numbers
    margins: Numbers


def model_path() -> Path:
    """The file of the trained cascade. Raises EngineUnavailable naming the package that is missing."""
    found = importlib.util.find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        raise EngineUnavailable("Faces cannot be looked for: the package scikit-image is not installed")
    path = Path(found.submodule_search_locations[0]) / "data" / "lbpcascade_frontalface_opencv.xml"
    if not path.is_file():
        raise EngineUnavailable("Faces cannot be looked for: this scikit-image came without its cascade of faces")
    return path


@lru_cache(maxsize=1)
def stages() -> tuple[Stage, ...]:
    """The trained cascade, read once."""
    root = ElementTree.parse(model_path()).getroot()
    blocks = [[int(word) for word in _text(node, "rect")] for node in root.findall("./cascade/features/_")]
    return tuple(
        Stage(
            patterns=tuple(_pattern(node, blocks) for node in stage.findall("./weakClassifiers/_")),
            least=float(_text(stage, "stageThreshold")[0]),
        )
        for stage in root.findall("./cascade/stages/_")
    )


def _text(node: ElementTree.Element, name: str) -> list[str]:
    return (node.findtext(name) or "").split()


def _pattern(node: ElementTree.Element, blocks: list[list[int]]) -> Pattern:
    """Eight words of 32 bits say which patterns vote for the first leaf; the others vote for the second."""
    tree = [int(word) for word in _text(node, "internalNodes")]
    first, second = (float(word) for word in _text(node, "leafValues"))
    words = np.array(tree[3:11], np.int64)
    codes = np.arange(256)
    chosen = (words[codes >> 5] >> (codes & 31)) & 1
    x, y, width, height = blocks[tree[2]]
    return Pattern(x, y, width, height, votes=np.where(chosen == 1, first, second).astype(np.float32))


def scan(grey: Grey, smallest: float, step: float = 1.1) -> Hits:
    """All windows of a picture (height, width) with a side of at least ``smallest`` pixels that look like a face.

    The picture is made smaller by ``step`` each time, so that the window covers more and more of it.
    """
    boxes, margins = [np.empty((0, 3), np.float32)], [np.empty(0, np.float32)]
    scale = max(smallest / WINDOW, 1.0)
    while min(grey.shape) / scale >= WINDOW:
        size = (round(grey.shape[1] / scale), round(grey.shape[0] / scale))
        small = grey if scale == 1.0 else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        tops, lefts, by = _passing(np.asarray(small, np.uint8))
        boxes.append(np.stack([lefts * scale, tops * scale, np.full(by.size, WINDOW * scale)], 1).astype(np.float32))
        margins.append(by)
        scale *= step
    return Hits(np.concatenate(boxes), np.concatenate(margins))


def _passing(small: Grey) -> tuple[NDArray[np.int64], NDArray[np.int64], Numbers]:
    """Top, left and margin of every window of 24x24 that passes all stages.

    The margin is the mean over the second half of the stages of how far their sums lie above what they ask.
    """
    height, width = small.shape[0] - WINDOW + 1, small.shape[1] - WINDOW + 1
    sums = cv2.integral(small)
    first, *others = stages()
    total = _everywhere(sums, height, width, first)
    tops, lefts = np.nonzero(total >= first.least)
    row = sums.shape[1]
    at = tops * row + lefts
    flat = sums.ravel()
    margin: Numbers = np.zeros(at.size, np.float32)
    late = len(others) // 2
    for number, stage in enumerate(others):
        if not at.size:
            break
        by: Numbers = np.full(at.size, -stage.least, np.float32)
        for pattern in stage.patterns:
            by += pattern.votes[_codes_at(flat, at, row, pattern)]
        kept = by >= 0
        at, margin = at[kept], margin[kept]
        if number >= late:
            margin += by[kept]
    return at // row, at % row, margin / np.float32(len(others) - late)


def _everywhere(sums: NDArray[Any], height: int, width: int, stage: Stage) -> Numbers:
    """The sum of one stage at every window: the first one sees them all, so it takes slices and not single values."""
    total = np.zeros((height, width), np.float32)
    corners = np.empty((4, 4, height, width), sums.dtype)
    for pattern in stage.patterns:
        for y in range(4):
            top = pattern.y + y * pattern.height
            for x in range(4):
                left = pattern.x + x * pattern.width
                corners[y, x] = sums[top : top + height, left : left + width]
        total += pattern.votes[_codes(corners)]
    return total


def _codes_at(flat: NDArray[Any], at: NDArray[np.int64], row: int, pattern: Pattern) -> NDArray[np.uint8]:
    """The pattern of bits at chosen windows, given by the index of their left upper corner."""
    steps = np.arange(4)
    down, right = pattern.y + steps * pattern.height, pattern.x + steps * pattern.width
    return _codes(flat.take((down[:, None] * row + right[None, :])[..., None] + at))


def _codes(corners: NDArray[Any]) -> NDArray[np.uint8]:
    """The pattern of bits from the 16 corners (4, 4, ...) that nine blocks share in the picture of sums."""
    rows = corners[1:] - corners[:-1]
    blocks = rows[:, 1:] - rows[:, :-1]
    bits = [blocks[y, x] >= blocks[1, 1] for y, x in _OUTER]
    return np.asarray(np.packbits(np.stack(bits), axis=0)[0], np.uint8)
