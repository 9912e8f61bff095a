"""A clip made anew: its pictures go through somebody's hands one by one, its times, sound and tags stay.

What enlarges a clip and what puts pictures between its pictures share this: one pass over the file, so that memory
does not grow with its length, sound packets copied as they come, and every picture at its own time, also when the
rate varies. The result is an intermediate that the film encodes once more, so it is encoded generously.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.codec.context import ThreadType
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation

from app.core.errors import EngineFailed, InternalError
from app.services.media.encode import GOP_S, writing_failed, x264_options
from app.services.media.planes import Bytes, Planes

Check = Callable[[], None]
MAX_SIDE = 3840
"""Pixels."""
_CRF = 14
_FINEST_TICK = 1_000_000
"""Ticks a second beyond which a file's own time base is not kept: MP4 counts a track's length in them."""
_COPIED = {"aac", "ac3", "eac3", "opus", "alac", "flac"}
"""Codecs of sound that MP4 holds, from whatever file they come (MP3 of an AVI says too little); others become AAC."""
_MOV_FLAGS = "+faststart+use_metadata_tags"


class Shown(NamedTuple):
    """One picture of a clip. ``planes`` are 4:2:0 in BT.709, limited range, or 4:4:4 where a side is odd."""

    start: Fraction
    """When it is shown, seconds from the file's zero."""
    length: Fraction
    """For how long, seconds; above 0."""
    planes: Planes


class Form(NamedTuple):
    """What is known of a clip before its first picture."""

    width: int
    height: int
    rate: Fraction
    """Pictures a second, on average."""
    tick: Fraction
    """Seconds; every picture's time is a multiple."""


Make = Callable[[Iterator[Shown]], Iterable[Shown]]


def form_of(source: Path) -> Form:
    """Raises EngineFailed naming the file if it is no clip."""
    with _opened(source) as clip:
        return _form(clip, source)


def reclip(source: Path, out: Path, make: Make, check: Check, *, scale: int = 1, multi: int = 1) -> dict[str, Any]:
    """Write the MP4 ``out`` with the pictures that ``make`` makes of those of ``source``.

    They are ``scale`` times as large, and ``multi`` times as many a second; ``check`` is called for every picture.
    Returns ``{width, height, fps, frames, duration_s, sound}``. Raises EngineFailed when the clip cannot be decoded
    or a side would be too long, StorageFull when the disk is; then ``out`` is gone.
    """
    try:
        with ExitStack() as stack:
            clip = stack.enter_context(_opened(source))
            form = _form(clip, source)
            wide, high = form.width * scale, form.height * scale
            if max(wide, high) > MAX_SIDE:
                raise EngineFailed(f"The clip would be {wide}x{high}: no side may exceed {MAX_SIDE} pixels")
            work = _Work(clip, form, source, check)
            written = av.open(str(out), "w", format="mp4", options={"movflags": _MOV_FLAGS})
            stack.callback(_abandon, written)
            writing = _Writing(written, clip, Form(wide, high, form.rate * multi, form.tick / multi), _kind(form))
            return writing.write(make(work.pictures(writing)), check)
    except BaseException as error:
        out.unlink(missing_ok=True)
        if isinstance(error, (FFmpegError, OSError)):
            raise writing_failed(error, "clip") from error
        raise


def _abandon(written: av.container.OutputContainer) -> None:
    """After a success it is closed already; after an error the file is removed, so it does not matter."""
    with suppress(FFmpegError, OSError):
        written.close()


def _opened(source: Path) -> av.container.InputContainer:
    try:
        return av.open(str(source))
    except (FFmpegError, OSError) as error:
        raise EngineFailed(f"The clip {source.name} cannot be decoded: {error}") from error


def _form(clip: av.container.InputContainer, source: Path) -> Form:
    if not clip.streams.video:
        raise EngineFailed(f"The clip {source.name} has no picture in it")
    track = clip.streams.video[0]
    rate = track.average_rate or track.guessed_rate or Fraction(24)
    base = track.time_base or 1 / rate
    tick = Fraction(1, min(base.denominator, _FINEST_TICK))
    if not track.width or not track.height:
        raise EngineFailed(f"The clip {source.name} has no picture in it")
    return Form(track.width, track.height, Fraction(rate), tick)


class _Work:
    """Decodes a clip and hands its sound on."""

    def __init__(self, clip: av.container.InputContainer, form: Form, source: Path, check: Check) -> None:
        self._clip, self._form, self._source, self._check = clip, form, source, check

    def pictures(self, writing: _Writing) -> Iterator[Shown]:
        """The clip's pictures; each is known for how long it is shown when the next one has come."""
        last: tuple[Fraction, av.VideoFrame] | None = None
        length = 1 / self._form.rate
        for start, frame in self._decoded(writing):
            if last is not None:
                if start <= last[0]:  # shown at the same time as the one before: it would never be seen
                    continue
                length = start - last[0]
                yield Shown(last[0], length, self._planes(last[1]))
            last = (start, frame)
        if last is None:
            raise EngineFailed(f"The clip {self._source.name} has no picture in it")
        yield Shown(last[0], self._own_length(last[1], length), self._planes(last[1]))

    def _decoded(self, writing: _Writing) -> Iterator[tuple[Fraction, av.VideoFrame]]:
        video = self._clip.streams.video[0]
        video.codec_context.thread_count = 1
        base = video.time_base or self._form.tick
        time = -1 / self._form.rate
        for packet in self._packets(video):
            self._check()
            if packet.stream.type == "audio":
                writing.sound(packet)
                continue
            for frame in self._frames(packet):
                self._check()
                time = time + 1 / self._form.rate if frame.pts is None else frame.pts * base
                yield time, frame

    def _packets(self, video: av.VideoStream) -> Iterator[av.Packet[Any]]:
        try:
            yield from self._clip.demux(video, *self._clip.streams.audio[:1])
        except (FFmpegError, OSError) as error:
            raise self._broken(error) from error

    def _frames(self, packet: av.Packet[Any]) -> list[av.VideoFrame]:
        try:
            return packet.decode()
        except (FFmpegError, OSError) as error:
            raise self._broken(error) from error

    def _own_length(self, frame: av.VideoFrame, before: Fraction) -> Fraction:
        """Of the last picture: as the file says, else as long as the one before it."""
        said = (frame.duration or 0) * (frame.time_base or self._form.tick)
        return said if said > 0 else before

    def _planes(self, frame: av.VideoFrame) -> Planes:
        width, height = self._form.width, self._form.height
        fitted = frame.reformat(
            width=width,
            height=height,
            format=_kind(self._form),
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC,
        )
        return _arrays(fitted)

    def _broken(self, error: Exception) -> EngineFailed:
        return EngineFailed(f"The clip {self._source.name} cannot be decoded: {error}")


class _Writing:
    def __init__(
        self, out: av.container.OutputContainer, clip: av.container.InputContainer, form: Form, kind: str
    ) -> None:
        self._out, self._form = out, form
        out.metadata.update(clip.metadata)
        self._video = out.add_stream("libx264", rate=form.rate, options=x264_options("fast", _CRF))
        self._video.width, self._video.height, self._video.pix_fmt = form.width, form.height, kind
        self._video.time_base = form.tick
        context = self._video.codec_context
        context.time_base = form.tick
        context.gop_size = max(1, round(GOP_S * form.rate))
        context.thread_count = 1
        context.thread_type = ThreadType.FRAME
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        aspect = clip.streams.video[0].sample_aspect_ratio
        if aspect:
            context.sample_aspect_ratio = aspect
        self._copied: av.AudioStream | None = None
        self._encoded: Any = None
        self._heard: int | None = None
        if clip.streams.audio:
            self._add_sound(clip.streams.audio[0])
        try:
            out.start_encoding()
        except (FFmpegError, ValueError) as error:
            raise InternalError(f"The encoder refused {form.width}x{form.height}: {error}") from error
        self._picture = av.VideoFrame(form.width, form.height, kind)
        self._drawn = _arrays(self._picture)

    def _add_sound(self, track: av.AudioStream) -> None:
        if track.codec_context.name in _COPIED:
            self._copied = self._out.add_stream_from_template(track)
        else:
            layout = "stereo" if track.channels > 1 else "mono"
            self._encoded = self._out.add_stream("aac", rate=track.rate, layout=layout, bit_rate=192_000)

    def sound(self, packet: av.Packet[Any]) -> None:
        """A packet of the clip's sound, or its last, empty one."""
        if self._copied is not None:
            if packet.dts is not None:
                packet.stream = self._copied
                self._out.mux_one(packet)
        elif self._encoded is not None:
            for frame in packet.decode():
                if not isinstance(frame, av.AudioFrame):
                    continue
                # Times of some files are too coarse for samples, so these are counted from the first one's on.
                if self._heard is None:
                    self._heard = round((frame.pts or 0) * (frame.time_base or 0) * frame.sample_rate)
                frame.pts, frame.time_base = self._heard, Fraction(1, frame.sample_rate)
                self._heard += frame.samples
                self._out.mux(self._encoded.encode(frame))

    def write(self, pictures: Iterable[Shown], check: Check) -> dict[str, Any]:
        frames, end, begin = 0, Fraction(0), None
        for shown in pictures:
            check()
            for plane, target in zip(shown.planes, self._drawn, strict=True):
                np.copyto(target, plane)
            begin = shown.start if begin is None else begin
            end = shown.start + shown.length
            self._picture.time_base = self._form.tick
            self._picture.pts = round(shown.start / self._form.tick)
            self._picture.duration = max(1, round(end / self._form.tick) - self._picture.pts)
            self._out.mux(self._video.encode(self._picture))
            frames += 1
        if self._encoded is not None:
            self._out.mux(self._encoded.encode(None))
        self._out.mux(self._video.encode(None))
        self._out.close()
        return {
            "width": self._form.width,
            "height": self._form.height,
            "fps": float(self._form.rate),
            "frames": frames,
            "duration_s": float(end - (begin or 0)),
            "sound": self._copied is not None or self._encoded is not None,
        }


def _kind(form: Form) -> str:
    """4:2:0 wants even sides. What is made of a clip is of the clip's own kind."""
    return "yuv420p" if form.width % 2 == 0 and form.height % 2 == 0 else "yuv444p"


def _arrays(frame: av.VideoFrame) -> Planes:
    """The frame's own memory as arrays."""
    views: list[Bytes] = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
        views.append(rows[: plane.height, : plane.width])
    return Planes(*views)
