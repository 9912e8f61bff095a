"""A loop as animated WebP: all colours, a third of a GIF's size, played for ever."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
from PIL import Image

from app.core.errors import InternalError, StorageFull
from app.services.media.live_photo.frames import Frames
from app.services.media.picture_metadata import exif_block, xmp_packet

_QUALITY = 80
_METHOD = 2
"""Effort from 0 to 6: beyond, the files are hardly smaller and take several times as long."""


class _Moving(Image.Image):
    """The loop as Pillow knows pictures of many frames: each is drawn when it is sought."""

    def __init__(self, frames: Frames, check: Callable[[], None]) -> None:
        super().__init__()
        self._frames, self._check = frames, check
        self.n_frames = frames.count
        self._size, self._mode = frames.size, "RGB"
        self._number = -1
        self.seek(0)

    def seek(self, frame: int) -> None:
        self._check()
        if frame != self._number:
            self._number = frame
            self.im = Image.fromarray(cv2.cvtColor(self._frames.draw(frame), cv2.COLOR_BGR2RGB)).im
            self._check()

    def tell(self) -> int:
        return self._number


def write(
    frames: Frames, out: Path, fps: float, check: Callable[[], None], *, aigc: Mapping[str, str] | None = None
) -> None:
    """Write ``out``; times are rounded to milliseconds without drifting.

    ``aigc``: the implicit label, in XMP and EXIF. ``check`` is called for every frame.
    Raises StorageFull when the disk is.
    """
    ends = [round(1000 * (number + 1) / fps) for number in range(frames.count)]
    lengths = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    labels: dict[str, Any] = {"xmp": xmp_packet(aigc), "exif": exif_block(aigc)} if aigc else {}
    try:
        _Moving(frames, check).save(
            out, "WEBP", save_all=True, duration=lengths, loop=0, quality=_QUALITY, method=_METHOD, **labels
        )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("No space is left for a live photo") from None
        raise InternalError(f"The live photo could not be written: {error}") from error
