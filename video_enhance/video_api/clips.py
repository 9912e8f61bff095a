"""A clip made anew: its pictures go through a model one by one, its times and its sound stay.

Pictures are RGB arrays. The sound is copied packet by packet as it comes, so that nothing is held but a few pictures;
H.264 with a rate that varies keeps varying. The result is an intermediate and encoded generously.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

from app.core.errors import EngineFailed

Rgb = NDArray[np.uint8]
"""(height, width, 3)."""
_CRF, _PRESET = "14", "veryfast"
_FINEST_TICK = 1_000_000
_COPIED = {"aac", "ac3", "eac3", "opus", "alac", "flac"}
"""Codecs of sound that MP4 holds, from whatever file they come (MP3 of an AVI says too little); others become AAC."""


class Shown(NamedTuple):
    """One picture of a clip: when it is shown and for how long, seconds."""

    start: Fraction
    length: Fraction
    rgb: Rgb


@dataclass(frozen=True)
class Form:
    width: int
    height: int
    rate: Fraction
    """Pictures a second, on average."""
    tick: Fraction
    """Seconds; every picture's time is a multiple."""
    frames: int
    """As the file says, for the progress; 0 if it does not."""


def form_of(source: Path) -> Form:
    """Raises EngineFailed if the file is no clip."""
    with _opened(source) as clip:
        return _form(clip)


def remake(
    source: Path,
    out: Path,
    make: Callable[[Iterator[Shown]], Iterable[Shown]],
    check: Callable[[], None],
    *,
    scale: int = 1,
    multi: int = 1,
) -> dict[str, Any]:
    """Write the MP4 ``out`` with what ``make`` makes of the pictures of ``source``: ``scale`` times as large, ``multi``
    times as many a second.

    Returns ``{width, height, fps, frames, duration_s, sound}``. Raises EngineFailed when the clip cannot be decoded.
    """
    with ExitStack() as stack:
        clip = stack.enter_context(_opened(source))
        form = _form(clip)
        written = av.open(str(out), "w", format="mp4", options={"movflags": "+faststart+use_metadata_tags"})
        stack.callback(_abandon, written)
        size = (form.width * scale, form.height * scale)
        writing = _Writing(written, clip, size, form.rate * multi, form.tick / multi)
        return writing.write(make(_pictures(clip, form, writing, check)), check)


def _abandon(written: av.container.OutputContainer) -> None:
    """After a success it is closed already; after an error the run's files are removed."""
    with suppress(FFmpegError, OSError):
        written.close()


def _opened(source: Path) -> av.container.InputContainer:
    try:
        return av.open(str(source))
    except (FFmpegError, OSError) as error:
        raise EngineFailed(f"The clip cannot be decoded: {error}") from error


def _form(clip: av.container.InputContainer) -> Form:
    if not clip.streams.video or not clip.streams.video[0].width:
        raise EngineFailed("The clip has no picture in it")
    track = clip.streams.video[0]
    rate = Fraction(track.average_rate or track.guessed_rate or 24)
    base = track.time_base or 1 / rate
    return Form(track.width, track.height, rate, Fraction(1, min(base.denominator, _FINEST_TICK)), track.frames)


def _pictures(
    clip: av.container.InputContainer, form: Form, writing: _Writing, check: Callable[[], None]
) -> Iterator[Shown]:
    """A picture is known for how long it is shown when the next one has come."""
    last: tuple[Fraction, av.VideoFrame] | None = None
    length = 1 / form.rate
    try:
        for start, frame in _decoded(clip, form, writing, check):
            if last is not None:
                if start <= last[0]:
                    continue
                length = start - last[0]
                yield Shown(last[0], length, _rgb(last[1], form))
            last = (start, frame)
    except (FFmpegError, OSError) as error:
        raise EngineFailed(f"The clip cannot be decoded: {error}") from error
    if last is None:
        raise EngineFailed("The clip has no picture in it")
    said = (last[1].duration or 0) * (last[1].time_base or form.tick)
    yield Shown(last[0], said if said > 0 else length, _rgb(last[1], form))


def _decoded(
    clip: av.container.InputContainer, form: Form, writing: _Writing, check: Callable[[], None]
) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    video = clip.streams.video[0]
    video.thread_type = "AUTO"
    base = video.time_base or form.tick
    time = -1 / form.rate
    for packet in clip.demux(video, *clip.streams.audio[:1]):
        check()
        if packet.stream.type == "audio":
            writing.sound(packet)
            continue
        for frame in packet.decode():
            if not isinstance(frame, av.VideoFrame):
                continue
            time = time + 1 / form.rate if frame.pts is None else frame.pts * base
            yield time, frame


def _rgb(frame: av.VideoFrame, form: Form) -> Rgb:
    return np.asarray(frame.reformat(width=form.width, height=form.height, format="rgb24").to_ndarray(), np.uint8)


class _Writing:
    def __init__(
        self,
        out: av.container.OutputContainer,
        clip: av.container.InputContainer,
        size: tuple[int, int],
        rate: Fraction,
        tick: Fraction,
    ) -> None:
        self._out, self._rate, self._tick, self._size = out, rate, tick, size
        out.metadata.update(clip.metadata)
        self._kind = "yuv420p" if size[0] % 2 == 0 and size[1] % 2 == 0 else "yuv444p"
        params = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
        options = {"preset": _PRESET, "crf": _CRF, "x264-params": params}
        self._video = out.add_stream("libx264", rate=rate, options=options)
        self._video.width, self._video.height, self._video.pix_fmt = *size, self._kind
        self._video.time_base = tick
        context = self._video.codec_context
        context.time_base = tick
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        aspect = clip.streams.video[0].sample_aspect_ratio
        if aspect:
            context.sample_aspect_ratio = aspect
        self._copied: Any = None
        self._encoded: Any = None
        self._heard: int | None = None
        for track in clip.streams.audio[:1]:
            if track.codec_context.name in _COPIED:
                self._copied = out.add_stream_from_template(track)
            else:
                layout = "stereo" if track.channels > 1 else "mono"
                self._encoded = out.add_stream("aac", rate=track.rate, layout=layout, bit_rate=192_000)

    def sound(self, packet: av.Packet[Any]) -> None:
        if self._copied is not None and packet.dts is not None:
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

    def write(self, pictures: Iterable[Shown], check: Callable[[], None]) -> dict[str, Any]:
        frames, end, begin = 0, Fraction(0), None
        for shown in pictures:
            check()
            if shown.rgb.shape != (self._size[1], self._size[0], 3):
                raise EngineFailed(f"The model made a picture of {shown.rgb.shape[1]}x{shown.rgb.shape[0]}")
            begin = shown.start if begin is None else begin
            end = shown.start + shown.length
            self._out.mux(self._video.encode(self._picture(shown, end)))
            frames += 1
        if self._encoded is not None:
            self._out.mux(self._encoded.encode(None))
        self._out.mux(self._video.encode(None))
        self._out.close()
        return {
            "width": self._size[0],
            "height": self._size[1],
            "fps": float(self._rate),
            "frames": frames,
            "duration_s": float(end - (begin or 0)),
            "sound": self._copied is not None or self._encoded is not None,
        }

    def _picture(self, shown: Shown, end: Fraction) -> av.VideoFrame:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown.rgb), format="rgb24").reformat(
            format=self._kind, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        frame.time_base = self._tick
        frame.pts = round(shown.start / self._tick)
        frame.duration = max(1, round(end / self._tick) - frame.pts)
        return frame
