"""PNG files of cut-outs, quickly: what is clear is packed to nothing, what is painted is stored as it is.

Paint is full of paper grain, on which a packer spends nearly all of its time to save half. A PNG's stream may change
between stored and packed stretches (RFC 1951), so that only the empty ones are packed.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from app.core.errors import StorageFull
from app.services.engines.builtin.picture.colour import Pixels

_PLAIN = (cv2.IMWRITE_PNG_COMPRESSION, 0, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE)
"""Opaque pictures are full of paper grain: packing saves half their bytes and costs ten times as long, and seven times
as long whenever they are read."""
_CHUNK = 64
"""Bytes that are looked at together."""
_GAP = 4
"""Chunks of emptiness that are not worth a change from stored to packed and back."""
_STORED = 65_535
"""Bytes of the longest stored block."""

Block = bytes | memoryview


def write_cutout(path: Path, pixels: Pixels) -> None:
    """Write straight (height, width, 4) pixels, blue first, as PNG. Raises StorageFull when that fails."""
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + 4 * width), np.uint8)  # each begins with the number of its filter: none
    lines[:, 1:] = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA).reshape(height, -1)
    raw = lines.reshape(-1)
    stream = b"".join((b"\x78\x01", *_blocks(raw), b"\x01\x00\x00\xff\xff", struct.pack(">I", zlib.adler32(raw.data))))
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = (b"\x89PNG\r\n\x1a\n", *_part(b"IHDR", head), *_part(b"IDAT", stream), *_part(b"IEND", b""))
    try:
        with path.open("wb") as file:
            file.writelines(parts)
    except OSError as error:
        raise StorageFull(f"{path.name} could not be written") from error


def write_opaque(path: Path, pixels: Pixels) -> None:
    """Write (height, width, 3) pixels, blue first, as PNG. Raises StorageFull when that fails."""
    if not cv2.imwrite(str(path), pixels, _PLAIN):
        raise StorageFull(f"{path.name} could not be written")


def _part(name: bytes, data: bytes) -> tuple[bytes, bytes, bytes]:
    return struct.pack(">I", len(data)) + name, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def _blocks(raw: Pixels) -> list[Block]:
    """The bytes as blocks of a deflate stream, none of them marked as the last."""
    whole = len(raw) // _CHUNK
    used = np.ones(whole + 2, bool)
    used[1:-1] = raw[: whole * _CHUNK].view(np.uint64).reshape(-1, _CHUNK // 8).any(axis=1)
    turns = np.flatnonzero(used[1:] != used[:-1])  # empty stretches: from every other one to the next
    out: list[Block] = []
    memory, at = raw.data, 0
    for first, last in turns.reshape(-1, 2).tolist():
        if last - first > _GAP:
            out += _stored(memory[at : first * _CHUNK])
            out.append(_empty(last - first))
            at = last * _CHUNK
    return out + _stored(memory[at:])


def _stored(data: memoryview) -> list[Block]:
    out: list[Block] = []
    for start in range(0, len(data), _STORED):
        block = data[start : start + _STORED]
        out += (struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF), block)
    return out


@lru_cache(maxsize=4096)
def _empty(chunks: int) -> bytes:
    """So many chunks of zeros, in blocks of powers of two."""
    return b"".join(_zeros(power) for power in range(chunks.bit_length()) if chunks >> power & 1)


@lru_cache(maxsize=32)
def _zeros(power: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(_CHUNK << power)) + packer.flush(zlib.Z_FULL_FLUSH)
