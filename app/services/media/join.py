"""Joining: packets of the segments in order beside one sound track make the film. Nothing is decoded.

Time is exact: frame n of the film is at n/fps whatever the segments say of themselves, and the sound is one
track for the whole film, so that nothing can drift. Segments are opened one at a time, so that memory does
not grow with the film.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
from av.error import FFmpegError
from av.subtitles.stream import SubtitleStream

from app.core.errors import EngineFailed, ValidationFailed
from app.models.timeline import SAMPLE_RATE, JoinRequest, Subtitle
from app.services.media.encode import writing_failed

_Packet: TypeAlias = "av.Packet[Any]"
_Timed: TypeAlias = "tuple[Fraction, av.Packet[Any]]"
"""A packet and when it is decoded, in seconds."""
_AAC_FRAME = 1024
_MOV_FLAGS = "+faststart+use_metadata_tags"
"""The index before the data, and any metadata key (``AIGC``), not only those that QuickTime knows."""


def join(request: JoinRequest, out: Path, check: Callable[[], None]) -> dict[str, Any]:
    """Write the film to the MP4 ``out``; ``check`` is called often and may raise Canceled.

    Returns ``{frames, fps, duration_s, size_bytes, width, height}``. Raises ValidationFailed without segments,
    EngineFailed when a segment or the sound does not fit, StorageFull when the disk is; then ``out`` is gone.
    """
    if not request.segments:
        raise ValidationFailed("A film needs at least one segment")
    try:
        return _Film(request, out, check).write()
    except BaseException as error:
        out.unlink(missing_ok=True)
        if isinstance(error, (FFmpegError, OSError)):
            raise writing_failed(error, "film") from error
        raise


def task(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """:func:`join` for a child process: writes ``film.mp4``, whose name is added to the facts."""
    facts = join(JoinRequest.model_validate(request), folder / "film.mp4", check)
    return {**facts, "file": "film.mp4"}


class _Film:
    def __init__(self, request: JoinRequest, out: Path, check: Callable[[], None]) -> None:
        self._request, self._out, self._check = request, out, check
        self._tick = Fraction(1, request.fps)
        self._extradata = b""
        self._delay = 0

    def write(self) -> dict[str, Any]:
        request = self._request
        frames = self._survey()
        with ExitStack() as stack:
            film = stack.enter_context(av.open(str(self._out), "w", format="mp4", options={"movflags": _MOV_FLAGS}))
            film.metadata.update(request.metadata)
            first = stack.enter_context(_open(request.segments[0][0]))
            template = first.streams.video[0]
            video = film.add_stream_from_template(template)
            width, height = template.width, template.height
            tracks = [self._pictures(video)]
            tracks.append(self._sound(film, stack, Fraction(frames, request.fps)))
            if request.subtitles:
                tracks.append(self._words(film))
            for time, packet in heapq.merge(*tracks, key=lambda item: item[0]):
                del time
                film.mux_one(packet)
        return {
            "frames": frames,
            "fps": request.fps,
            "duration_s": float(Fraction(frames, request.fps)),
            "width": width,
            "height": height,
            "size_bytes": self._out.stat().st_size,
        }

    def _survey(self) -> int:
        """Check all segments, find how far decoding order runs ahead of showing, count the frames."""
        total = 0
        for path, frames in self._request.segments:
            self._check()
            shown = []
            with _open(path) as segment:
                extradata = bytes(segment.streams.video[0].codec_context.extradata or b"")
                if self._extradata and extradata != self._extradata:
                    raise EngineFailed(f"The segment {path.name} was encoded with other settings than the first one")
                self._extradata = extradata
                for index, (number, packet) in enumerate(self._packets(segment, path)):
                    if index == 0 and (number != 0 or not packet.is_keyframe):
                        raise EngineFailed(f"The segment {path.name} does not begin with a key frame")
                    shown.append(number)
                    self._delay = max(self._delay, index - number)
            if sorted(shown) != list(range(frames)):
                raise EngineFailed(f"The segment {path.name} has {len(shown)} frames instead of {frames}")
            total += frames
        return total

    def _packets(self, segment: av.container.InputContainer, path: Path) -> Iterator[tuple[int, _Packet]]:
        """Packets of a segment in decoding order, each with the number of the frame that it shows."""
        stream = segment.streams.video[0]
        base = stream.time_base or self._tick
        try:
            for packet in segment.demux(stream):
                if packet.pts is not None:
                    yield round(packet.pts * base / self._tick), packet
        except FFmpegError as error:
            raise EngineFailed(f"The segment {path.name} cannot be read: {error}") from error

    def _pictures(self, video: av.VideoStream) -> Iterator[_Timed]:
        start = position = 0
        for path, frames in self._request.segments:
            self._check()
            with _open(path) as segment:
                for number, packet in self._packets(segment, path):
                    packet.time_base = self._tick
                    packet.pts = start + number
                    packet.dts = position - self._delay
                    packet.duration = 1
                    packet.stream = video
                    position += 1
                    yield packet.dts * self._tick, packet
            start += frames

    def _sound(self, film: av.container.OutputContainer, stack: ExitStack, length: Fraction) -> Iterator[_Timed]:
        if self._request.sound is None:
            return _silence(film, round(length * SAMPLE_RATE))
        source = stack.enter_context(_open(self._request.sound))
        if not source.streams.audio:
            raise EngineFailed(f"The sound {self._request.sound.name} has no sound in it")
        track = source.streams.audio[0]
        return _copied(source, track, film.add_stream_from_template(track))

    def _words(self, film: av.container.OutputContainer) -> Iterator[_Timed]:
        stream = film.add_stream("mov_text")
        stream.codec_context.subtitle_header = _ASS_HEADER
        stream.codec_context.time_base = Fraction(1, 1000)
        if self._request.language:
            stream.metadata["language"] = _iso_639_2(self._request.language)
        return _timed_text(self._request.subtitles, stream)


def _open(path: Path) -> av.container.InputContainer:
    try:
        return av.open(str(path))
    except (FFmpegError, OSError) as error:
        raise EngineFailed(f"The file {path.name} cannot be read: {error}") from error


def _copied(source: av.container.InputContainer, track: av.AudioStream, into: av.AudioStream) -> Iterator[_Timed]:
    """The packets of a sound track as they are, from its priming samples (before 0) on."""
    base = track.time_base or Fraction(1, SAMPLE_RATE)
    for packet in source.demux(track):
        if packet.dts is not None:
            packet.stream = into
            yield packet.dts * base, packet


def _silence(film: av.container.OutputContainer, samples: int) -> Iterator[_Timed]:
    """A track of that many silent samples, stereo."""
    stream = film.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", bit_rate=32_000)
    stream.codec_context.time_base = Fraction(1, SAMPLE_RATE)

    def packets() -> Iterator[_Timed]:
        for start in range(0, samples, _AAC_FRAME):
            count = min(_AAC_FRAME, samples - start)
            frame = av.AudioFrame.from_ndarray(np.zeros((2, count), np.float32), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
            yield from timed(stream.encode(frame))
        yield from timed(stream.encode(None))

    def timed(encoded: Sequence[_Packet]) -> Iterator[_Timed]:
        for packet in encoded:
            yield (packet.dts or 0) * Fraction(packet.time_base or 1), packet

    return packets()


_ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, \
MarginV, Encoding
Style: Default,Sans,18,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""What the encoder of mov_text takes its sample description from."""


def _timed_text(subtitles: Sequence[Subtitle], stream: SubtitleStream) -> Iterator[_Timed]:
    """Samples of 3GPP timed text (TS 26.245 section 5.17: length, then UTF-8); the muxer empties the gaps."""
    shown = Fraction(0)
    for subtitle in subtitles:
        start = max(subtitle.start, shown)
        if subtitle.end > start:
            yield _text_sample(subtitle.text, start, subtitle.end, stream)
            shown = subtitle.end


def _text_sample(text: str, start: Fraction, end: Fraction, stream: SubtitleStream) -> _Timed:
    encoded = text.encode("utf-8", "replace")
    packet = av.Packet(len(encoded).to_bytes(2, "big") + encoded)
    packet.time_base = Fraction(1, 1000)
    packet.pts = packet.dts = round(start * 1000)
    packet.duration = max(1, round(end * 1000) - round(start * 1000))
    packet.stream = stream
    return start, packet


_ISO_639_2 = {"zh": "zho", "en": "eng", "ja": "jpn", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "ru": "rus"}


def _iso_639_2(language: str) -> str:
    """Three letters, as MP4 holds a track's language, for a BCP 47 tag; ``und`` if it is not known."""
    primary = language.split("-", 1)[0].lower()
    return primary if len(primary) == 3 else _ISO_639_2.get(primary, "und")
