"""Layers as sheets: cropped to what they show, in the form in which frames are blended.

Pixels hold Y, U and V times alpha, and 255 minus alpha. Where alpha is 0 the colour does not matter, so that no
filter can pull a fringe from under an edge (Porter and Duff, "Compositing digital images", 1984).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.core.errors import EngineFailed
from app.models.engine import Layer, Life
from app.services.media.planes import Bytes, premultiplied
from app.services.media.tiles import Rect, covered

_MARGIN = 2
"""Transparent pixels kept around a sheet, so that its edge stays soft when it is moved."""
_NOTHING = (0, 0, 0, 255)


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
    life: Life | None = None
    """Set: this is a figure that moves by itself, as it stands at rest."""
    drawings: tuple[Bytes, ...] = ()
    """All drawings of a figure, as large as ``pixels``: that itself, its other steps, and last, if there is one,
    with its eyes closed."""


def read_picture(path: Path, mode: int) -> Bytes:
    """Raises EngineFailed naming the file."""
    picture = cv2.imread(str(path), mode)
    if picture is None:
        raise EngineFailed(f"The picture {path.name} cannot be read")
    return np.asarray(picture, np.uint8)


def ground(folder: Path, layers: Sequence[Layer], size: tuple[int, int], depth: float, last: bool) -> Sheet | None:
    """Layers that move as one, over each other; None if there is nothing to see.

    ``last``: nothing is behind them, so that they count as opaque everywhere. Raises EngineFailed naming the file
    that cannot be read or does not fit into a picture of this ``size`` (width, height).
    """
    pixels, left, top = _placed(folder / layers[0].file, layers[0], size, opaque=last)
    if len(layers) > 1:
        whole = np.empty((size[1], size[0], 4), np.uint8)
        whole[:] = _NOTHING
        whole[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
        for layer in layers[1:]:
            over, x, y = _placed(folder / layer.file, layer, size)
            _lay(over, whole[y : y + over.shape[0], x : x + over.shape[1]])
        pixels, left, top = whole, 0, 0
    if last and pixels.shape[:2] == (size[1], size[0]):
        return Sheet(pixels, 0, 0, depth, (Rect(0, 0, *size),), 0)
    alpha = np.asarray(cv2.bitwise_not(np.ascontiguousarray(pixels[..., 3])), np.uint8)
    return _cropped(pixels, alpha, left, top, size, depth)


def figure(folder: Path, layer: Layer, size: tuple[int, int], depth: float) -> Sheet | None:
    """A layer with life and its other drawings; None if there is nothing to see. Errors as :func:`ground`."""
    assert layer.life is not None
    files = [layer.file, *layer.life.steps, *([layer.life.closed] if layer.life.closed else [])]
    found = [premultiplied(_colours(folder / file)) for file in files]
    for file, pixels in zip(files, found, strict=True):
        if pixels.shape != found[0].shape:
            raise EngineFailed(f"The layer {file} is not as large as {layer.file}, of which it is another drawing")
    left, top, width, height = _seen(np.bitwise_not(np.bitwise_and.reduce([pixels[..., 3] for pixels in found])))
    if not width:
        return None
    cut = [pixels[top : top + height, left : left + width] for pixels in found]
    around = (_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    drawings = tuple(
        np.asarray(cv2.copyMakeBorder(pixels, *around, cv2.BORDER_CONSTANT, value=_NOTHING), np.uint8) for pixels in cut
    )
    left, top = left + layer.left, top + layer.top
    box = Rect(left, top, left + width, top + height)
    return Sheet(drawings[0], left - _MARGIN, top - _MARGIN, depth, (box,), size[1], layer.life, drawings)


def opaque_at(sheet: Sheet, x: int, y: int) -> bool:
    """Whether the sheet hides more than half of what is behind this pixel of the picture."""
    row, column = y - sheet.top, x - sheet.left
    inside = 0 <= row < sheet.pixels.shape[0] and 0 <= column < sheet.pixels.shape[1]
    return inside and bool(sheet.pixels[row, column, 3] < 128)


def _colours(path: Path) -> Bytes:
    picture = read_picture(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim != 3 or picture.shape[2] not in (3, 4) or picture.dtype != np.uint8:
        raise EngineFailed(f"The layer {path.name} is not a colour picture of 8 bits")
    return picture


def _placed(path: Path, layer: Layer, size: tuple[int, int], *, opaque: bool = False) -> tuple[Bytes, int, int]:
    """A layer's pixels without what lies outside the picture, and their left and top in it."""
    picture = _colours(path)
    height, width = picture.shape[:2]
    if (layer.left, layer.top) == (0, 0) and (width, height) != size:
        raise EngineFailed(f"The layer {path.name} is not {size[0]}x{size[1]}")
    left, top = max(layer.left, 0), max(layer.top, 0)
    right, bottom = min(layer.left + width, size[0]), min(layer.top + height, size[1])
    if right <= left or bottom <= top:
        raise EngineFailed(f"The layer {path.name} lies outside of its picture")
    part = picture[top - layer.top : bottom - layer.top, left - layer.left : right - layer.left]
    return premultiplied(part[..., :3] if opaque else part), left, top


def _cropped(pixels: Bytes, alpha: Bytes, left: int, top: int, size: tuple[int, int], depth: float) -> Sheet | None:
    """Cut to its visible part. ``left`` and ``top`` are where ``pixels`` lie in the picture."""
    x, y, width, height = _seen(alpha)
    if not width:
        return None
    whole = width == size[0] and y + height + top == size[1]
    solid_from = size[1]
    if whole:
        open_rows = np.flatnonzero(alpha[y:].min(axis=1) < 255)
        solid_from = top + y + (int(open_rows[-1]) + 1 if open_rows.size else 0)
    parts = tuple(part.moved(left, top) for part in covered(alpha))
    box = Rect(left + x, top + y, left + x + width, top + y + height)
    around = Rect(
        max(box.left - _MARGIN, 0),
        max(box.top - _MARGIN, 0),
        min(box.right + _MARGIN, size[0]),
        min(box.bottom + _MARGIN, size[1]),
    )
    cut = np.empty((around.bottom - around.top, around.right - around.left, 4), np.uint8)
    cut[:] = _NOTHING
    x0, y0 = max(around.left, left), max(around.top, top)
    x1, y1 = min(around.right, left + pixels.shape[1]), min(around.bottom, top + pixels.shape[0])
    cut[y0 - around.top : y1 - around.top, x0 - around.left : x1 - around.left] = pixels[
        y0 - top : y1 - top, x0 - left : x1 - left
    ]
    return Sheet(cut, around.left, around.top, depth, parts, solid_from)


def _seen(alpha: Bytes) -> tuple[int, int, int, int]:
    """Left, top, width and height of what is not transparent; 0 wide if nothing is."""
    left, top, width, height = cv2.boundingRect(alpha)
    return left, top, width if height else 0, height


def _lay(over: Bytes, under: Bytes) -> None:
    """Lay premultiplied pixels over others, in place."""
    keep = cv2.cvtColor(np.ascontiguousarray(over[..., 3]), cv2.COLOR_GRAY2BGRA)
    keep[..., 3] = over[..., 3]
    both = cv2.add(cv2.multiply(under, keep, scale=1 / 255), over)
    both[..., 3] = cv2.multiply(np.ascontiguousarray(under[..., 3]), keep[..., 3], scale=1 / 255)
    under[:] = both
