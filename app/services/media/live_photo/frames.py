"""What every way to a live photo gives and every file format takes: a short loop, frame by frame."""

from __future__ import annotations

from typing import Protocol

from app.services.media.planes import Bytes


class Frames(Protocol):
    """A loop: after the last frame comes the first."""

    @property
    def count(self) -> int: ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        ...

    def draw(self, number: int) -> Bytes:
        """Frame ``number`` from 0 as (height, width, 3) BGR; the same one each time it is asked for."""
        ...
