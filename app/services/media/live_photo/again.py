"""A clip that another engine made, as a loop of as many frames as wanted.

Most clips do not end as they began. There and back again (``pingpong``), slowing at both ends, suits what sways;
``crossfade`` lets the end of the clip fade into its beginning, which suits what flows one way. Moments between the
clip's frames are drawn along the motion; over a cut the nearer frame is held.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
from av.error import FFmpegError

from app.core.errors import EngineFailed
from app.services.media.flow import Pair, drawn
from app.services.media.live_photo.photo import fitted_size
from app.services.media.planes import Bytes, Planes

Loop = Literal["pingpong", "crossfade"]
_MOST = 121
"""Frames of a clip that are kept; of a longer one evenly chosen ones."""
_LONGEST_CLIP = 3000
_FADE = 0.3
"""Of the clip, that fades."""
_NEAR = 0.02
"""Of a frame: nearer to a frame of the clip than this, it is that frame."""


class Again:
    """The frames of a loop made of a clip's."""

    def __init__(self, pictures: list[Bytes], count: int, loop: Loop = "pingpong") -> None:
        """``pictures`` are BGR and of one size, at least one; ``count`` frames are wanted."""
        self._pictures, self.count, self._loop = pictures, count, loop
        self.size = (pictures[0].shape[1], pictures[0].shape[0])
        self._pair = lru_cache(maxsize=4)(self._new_pair)
        self._tail = max(1, round(len(pictures) * _FADE)) if len(pictures) > 2 else 0

    def draw(self, number: int) -> Bytes:
        last = len(self._pictures) - 1
        if self._loop == "pingpong" or not self._tail:
            return self._at(last * (1.0 - math.cos(2.0 * math.pi * number / self.count)) / 2.0)
        period = last - self._tail + 1
        place = period * number / self.count
        now = self._at(place)
        if place + period >= last or place >= self._tail:
            return now
        share = place / self._tail
        share = share * share * (3.0 - 2.0 * share)
        return np.asarray(cv2.addWeighted(now, share, self._at(place + period), 1.0 - share, 0.0), np.uint8)

    def _at(self, place: float) -> Bytes:
        """What the clip shows at a moment counted in its frames."""
        before = min(int(place), len(self._pictures) - 1)
        share = place - before
        if share < _NEAR or before + 1 == len(self._pictures):
            return self._pictures[before]
        if share > 1.0 - _NEAR:
            return self._pictures[before + 1]
        pair = self._pair(before)
        if pair.cut:
            return self._pictures[before + round(share)]
        first, second = (_channels(self._pictures[number]) for number in (before, before + 1))
        return np.asarray(cv2.merge(list(drawn(first, second, pair.at(share)))), np.uint8)

    def _new_pair(self, before: int) -> Pair:
        greys = [cv2.cvtColor(self._pictures[number], cv2.COLOR_BGR2GRAY) for number in (before, before + 1)]
        return Pair(*(np.asarray(grey, np.uint8) for grey in greys))


def from_clip(
    path: Path, count: int, longest: int, check: Callable[[], None], *, loop: Loop = "pingpong", even: bool = False
) -> Again:
    """The clip at ``path`` as a loop of ``count`` frames, no side longer than ``longest`` pixels.

    ``even``: both sides even. Raises EngineFailed naming the file when it cannot be decoded or has no picture.
    """
    kept: list[Bytes] = []
    step, seen = 1, 0
    try:
        with av.open(str(path)) as clip:
            if not clip.streams.video:
                raise EngineFailed(f"The clip {path.name} has no picture in it")
            track = clip.streams.video[0]
            track.codec_context.thread_count = 1
            for frame in clip.decode(track):
                check()
                if seen % step == 0:
                    kept.append(_picture(frame, longest, even))
                    if len(kept) > _MOST:
                        kept, step = kept[::2], step * 2
                seen += 1
                if seen >= _LONGEST_CLIP:
                    break
    except (FFmpegError, OSError, ValueError) as error:
        raise EngineFailed(f"The clip {path.name} cannot be decoded: {error}") from error
    if not kept:
        raise EngineFailed(f"The clip {path.name} has no picture in it")
    size = (kept[0].shape[1], kept[0].shape[0])
    return Again([_sized(picture, size) for picture in kept], count, loop)


def _picture(frame: av.VideoFrame, longest: int, even: bool) -> Bytes:
    size = fitted_size((frame.width, frame.height), longest, even=even)
    return _sized(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8), size)


def _sized(picture: Bytes, size: tuple[int, int]) -> Bytes:
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    way = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)


def _channels(picture: Bytes) -> Planes:
    return Planes(*(np.asarray(channel, np.uint8) for channel in cv2.split(picture)))
