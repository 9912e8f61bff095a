"""Where the frames of a shot come from: drawn from a key frame, or decoded from the clip of an engine.

Both give frame ``number`` of the shot in the film's size and rate; cutting does not care which it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Protocol

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from app.core.errors import EngineFailed
from app.models.timeline import Card, Source
from app.services.media.layers import STAGES
from app.services.media.motion import Motion
from app.services.media.planes import Picture, Planes, Stamp, blank, lay, movable, stamp_of, warp

HOLD_ZOOM = 0.012
"""How much the last frame of a clip that is too short grows in a second."""
HOLD_EASE_S = 0.8
"""How long it takes to come to that pace."""


class FrameSource(AbstractContextManager["FrameSource"], Protocol):
    def draw(self, number: int, into: Planes) -> None:
        """Draw the shot's frame ``number``, counted from 0; numbers ascend."""


class DrawnSource:
    """Frames drawn on demand."""

    def __init__(self, motion: Motion) -> None:
        self._motion = motion

    def draw(self, number: int, into: Planes) -> None:
        self._motion.draw(number, into)

    def __enter__(self) -> DrawnSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held open."""


class ClipSource:
    """Frames of a video file of any size, rate and length, covering the film's frame.

    Film frame n shows what the file shows at n/fps; after its end its last frame stays, and the camera creeps towards
    it, because a picture that stops dead looks like a broken film. Its sound is not used.
    """

    def __init__(self, path: Path, width: int, height: int, fps: int, first: int) -> None:
        """Open ``path`` so that ``draw`` can begin at frame ``first``. Raises EngineFailed naming the file."""
        self._path, self._size, self._fps = path, (width, height), fps
        try:
            self._container = av.open(str(path))
        except (FFmpegError, OSError) as error:
            raise self._broken(error) from error
        try:
            self._frame_s = Fraction(1, fps)
            self._frames = self._decoded(Fraction(first, fps))
            self._now, self._next = self._read(), self._read()
            if self._now is None:
                raise EngineFailed(f"The clip {path.name} has no picture in it")
        except BaseException:
            self._container.close()
            raise
        self._shown: av.VideoFrame | None = None
        self._fitted = blank(width, height)
        self._held: Picture | None = None
        self._scratch = np.empty((*self._fitted.u.shape, 4), np.uint8)

    def draw(self, number: int, into: Planes) -> None:
        at = Fraction(number, self._fps)
        while self._next is not None and self._next[0] <= at:
            self._now, self._next = self._next, self._read()
        assert self._now is not None
        if self._shown is not self._now[1]:
            self._shown = self._now[1]
            self._fit(self._shown)
            self._held = None
        over_s = float(at - self._now[0] - self._frame_s) if self._next is None else 0.0
        if over_s > 0:
            self._hold(over_s, into)
            return
        for source, target in zip(self._fitted, into, strict=True):
            np.copyto(target, source)

    def _hold(self, over_s: float, into: Planes) -> None:
        """The last frame, ``over_s`` seconds after its time."""
        if self._held is None:
            self._held = movable(self._fitted)
        # Eased in, so that the clip's own end is not seen.
        run = over_s - HOLD_EASE_S / 2 if over_s > HOLD_EASE_S else over_s * over_s / (2 * HOLD_EASE_S)
        width, height = self._size
        scale = 1.0 / (1.0 + HOLD_ZOOM * run)
        centre = ((width - 1) / 2, (height - 1) / 2)
        matrix = np.array([[scale, 0.0, centre[0] * (1 - scale)], [0.0, scale, centre[1] * (1 - scale)]])
        warp(self._held, matrix, into, self._scratch)

    def __enter__(self) -> ClipSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def _read(self) -> tuple[Fraction, av.VideoFrame] | None:
        try:
            return next(self._frames, None)
        except (FFmpegError, OSError) as error:
            raise self._broken(error) from error

    def _decoded(self, start: Fraction) -> Iterator[tuple[Fraction, av.VideoFrame]]:
        """Frames with their times in seconds from the clip's beginning, from at or before ``start``."""
        if not self._container.streams.video:
            return
        stream = self._container.streams.video[0]
        stream.codec_context.thread_count = 1
        rate = stream.average_rate or stream.guessed_rate or Fraction(self._fps)
        self._frame_s = 1 / rate
        base = stream.time_base or 1 / rate
        begin = stream.start_time or 0
        if start > 0 and stream.codec_context.name != "gif":
            self._container.seek(begin + int(start / base), stream=stream, backward=True)
        time = Fraction(-1) / rate
        for frame in self._container.decode(stream):
            time = time + 1 / rate if frame.pts is None else (frame.pts - begin) * base
            yield time, frame

    def _fit(self, frame: av.VideoFrame) -> None:
        """Scale to cover the film's frame, cut off what is beyond it, and keep the result in BT.709."""
        width, height = self._size
        aspect = self._container.streams.video[0].sample_aspect_ratio or Fraction(1)
        wide = frame.width * aspect
        scale = max(Fraction(width) / wide, Fraction(height, frame.height))
        full_width = max(width, 2 * round(wide * scale / 2))
        full_height = max(height, 2 * round(frame.height * scale / 2))
        fitted = frame.reformat(
            width=full_width,
            height=full_height,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC,
        )
        left, top = (full_width - width) // 4 * 2, (full_height - height) // 4 * 2
        for index, (plane, target) in enumerate(zip(fitted.planes, self._fitted, strict=True)):
            x, y = (left, top) if index == 0 else (left // 2, top // 2)
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
            np.copyto(target, rows[y : y + target.shape[0], x : x + target.shape[1]])

    def _broken(self, error: Exception) -> EngineFailed:
        return EngineFailed(f"The clip {self._path.name} cannot be decoded: {error}")


class CardSource:
    """The frames of a shot behind a page that leaves a window for them."""

    def __init__(self, behind: FrameSource, page: Stamp | None) -> None:
        self._behind, self._page = behind, page

    def draw(self, number: int, into: Planes) -> None:
        self._behind.draw(number, into)
        if self._page is not None:
            lay(self._page, into)

    def __enter__(self) -> CardSource:
        self._behind.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._behind.__exit__(kind, error, trace)


def open_source(source: Source, width: int, height: int, fps: int, *, first: int = 0, font: str = "") -> FrameSource:
    """The frames of a shot from frame ``first`` on, for a film of this size and rate, its card laid over them.

    ``font`` is the font file of a card's words. Raises EngineFailed naming the file that cannot be used.
    """
    frames = _frames(source, width, height, fps, first)
    if source.card is None:
        return frames
    return CardSource(frames, _page(source.card, width, height, font))


@lru_cache(maxsize=2)
def _page(card: Card, width: int, height: int, font: str) -> Stamp | None:
    """A card's page, drawn once for the body of its shot and the window beside it."""
    from app.services.media import cards  # only the ends of a film have any

    return stamp_of(cards.draw(card, width, height, font), width, height)


def _frames(source: Source, width: int, height: int, fps: int, first: int) -> FrameSource:
    if source.clip is not None:
        return ClipSource(source.clip, width, height, fps, first)
    if source.drawn is None:
        raise EngineFailed(f"The shot of {source.key_frame.name} has neither a clip nor a camera move")
    clip = source.drawn
    layers = source.layers if clip.parallax or clip.effects else None
    stage = STAGES.get(source.key_frame, layers, clip.parallax)
    return DrawnSource(Motion(stage, clip, source.frames, width, height, fps))
