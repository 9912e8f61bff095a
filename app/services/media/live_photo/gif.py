"""A loop as GIF89a: one palette, frames that say only what changed, played for ever.

The container is written here and the pixels by Pillow's LZW. Of each frame only the rectangle that changed is told,
and in it a pixel is left transparent where what is on the screen already is near enough to what it should be: the
eye does not see it, and equal bytes pack well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from app.services.media.aigc import aigc_json
from app.services.media.live_photo.frames import Frames
from app.services.media.live_photo.palette import Palette
from app.services.media.picture_metadata import xmp_packet
from app.services.media.planes import Bytes

MAX_FPS = 50
"""Faster frames are slowed to a tenth of a second by what shows GIFs."""
CLEAR = 255
_SAMPLES = 8
_NEAR_ENOUGH = 6
"""Levels by which any channel of a pixel on the screen may differ from the right one, and stay."""


def write(
    frames: Frames, out: Path, fps: float, check: Callable[[], None], *, aigc: Mapping[str, str] | None = None
) -> None:
    """Write ``out``. ``fps`` is at most 50; times are rounded to hundredths of a second without drifting.

    ``aigc``: the implicit label, as a comment and in XMP. ``check`` is called for every frame.
    """
    samples = []
    for number in range(0, frames.count, max(1, frames.count // _SAMPLES)):
        check()
        samples.append(frames.draw(number))
    palette = Palette(samples)
    ends = [round(100 * (number + 1) / fps) for number in range(frames.count)]
    screen: Bytes | None = None
    with out.open("wb") as file:
        file.write(_head(frames.size, palette.colours, aigc))
        for number in range(frames.count):
            check()
            left, top, told, screen = _changed(palette, frames.draw(number), screen)
            check()
            length = ends[number] - (ends[number - 1] if number else 0)
            image = Image.fromarray(told)
            clear: dict[str, Any] = {"transparency": CLEAR} if number else {}
            for piece in GifImagePlugin.getdata(image, (left, top), duration=length * 10, disposal=1, **clear):
                file.write(piece)
        file.write(b"\x3b")


def _changed(palette: Palette, picture: Bytes, screen: Bytes | None) -> tuple[int, int, Bytes, Bytes]:
    """Left, top and indices of what is to be told of a frame, and the indices on the screen after it."""
    wanted = palette.told(picture)
    if screen is None:
        return 0, 0, wanted, wanted
    stays = _near(palette.shown(screen), picture) | (wanted == screen)
    after = np.where(stays, screen, wanted)
    rows, columns = np.flatnonzero(~stays.all(axis=1)), np.flatnonzero(~stays.all(axis=0))
    if not len(rows):
        return 0, 0, np.full((1, 1), CLEAR, np.uint8), after
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    told = np.where(stays, np.uint8(CLEAR), wanted)[box]
    return int(columns[0]), int(rows[0]), np.ascontiguousarray(told), after


def _near(rgb: Bytes, bgr: Bytes) -> NDArray[np.bool_]:
    difference = np.abs(rgb.astype(np.int16) - bgr[..., ::-1])
    return np.asarray(difference.max(axis=2) <= _NEAR_ENOUGH)


def _head(size: tuple[int, int], colours: Bytes, aigc: Mapping[str, str] | None) -> bytes:
    """All before the first frame: screen, palette, "for ever", and the labels."""
    table = np.zeros((256, 3), np.uint8)
    table[: len(colours)] = colours
    width, height = (side.to_bytes(2, "little") for side in size)
    head = b"GIF89a" + width + height + b"\xf7\x00\x00" + table.tobytes()
    head += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    if aigc:
        comment = json.dumps({"AIGC": json.loads(aigc_json(aigc))}, separators=(",", ":")).encode("ascii")
        head += b"\x21\xfe" + _blocks(comment) + b"\x00"
        head += b"\x21\xff\x0bXMP DataXMP" + xmp_packet(aigc) + _MAGIC
    return head


def _blocks(data: bytes) -> bytes:
    pieces = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


_MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
"""Ends XMP, which is written as it is, for readers that take it for blocks (XMP specification, part 3, 1.1.2)."""
