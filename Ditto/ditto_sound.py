"""Sound for Ditto and the finished clip, by FFmpeg's libraries in process: no shell, no ffmpeg command."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from app.core.errors import EngineFailed, EngineFault, StorageFull

FPS = 25
RATE = 16_000
"""What Ditto hears, samples a second; 640 of them are one frame."""
_PER_FRAME = RATE // FPS
_AAC_RATE = 48_000
_AAC_BITS = 160_000
_AAC_FRAME = 1024
_ONLY_FILES = {
    # A playlist sent as a sound would have FFmpeg read other files of this machine, or of the network.
    "protocol_whitelist": "file",
    "format_whitelist": "wav,w64,aiff,mp3,flac,ogg,aac,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,amr,caf,asf",
}
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM")

Samples = np.ndarray[Any, np.dtype[np.float32]]


def read(path: Path, longest_s: float) -> Samples:
    """A recording of any kind at RATE, mono, -1 to 1. Raises EngineFailed for one that cannot be used."""
    samples = _decoded(path, "fltp", "mono", RATE, longest_s)[0]
    if samples.size < _PER_FRAME:
        raise EngineFailed("The recording is shorter than one frame")
    return np.ascontiguousarray(np.nan_to_num(samples), np.float32)


def frames_of(samples: Samples) -> int:
    """How many frames a recording at RATE lasts, the last one begun counted."""
    return -(-samples.size // _PER_FRAME)


def check_picture(path: Path) -> None:
    """Raises EngineFailed unless the file is a picture of a kind that everybody reads, and whole."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head.startswith(_PICTURES) and not (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        raise EngineFailed("The photo is no PNG, JPEG, WebP or BMP")
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as media:
            next(iter(media.decode(video=0)))
    except (FFmpegError, OSError, ValueError, StopIteration, IndexError) as error:
        raise EngineFailed(f"The photo cannot be decoded: {type(error).__name__}") from error


def _decoded(path: Path, kind: str, layout: str, rate: int, longest_s: float) -> np.ndarray[Any, Any]:
    """Channels by samples. Decodes no further than it has to."""
    blocks: list[np.ndarray[Any, Any]] = []
    left = longest_s * rate
    try:
        with av.open(str(path), options=_ONLY_FILES) as media:
            if not media.streams.audio:
                raise EngineFailed("The recording has no sound in it")
            track = media.streams.audio[0]
            converter = av.AudioResampler(format=kind, layout=layout, rate=rate)
            for frame in media.decode(track):
                parts = [part.to_ndarray() for part in converter.resample(frame)]
                blocks += parts
                left -= sum(part.shape[1] for part in parts)
                if left < 0:
                    raise EngineFailed(f"The recording is longer than {longest_s:g} s")
            blocks += [part.to_ndarray() for part in converter.resample(None)]
    except (FFmpegError, OSError, ValueError) as error:
        raise EngineFailed(f"The recording cannot be decoded: {type(error).__name__}") from error
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((1, 0), np.float32)


def join(silent: Path, recording: Path, frames: int, out: Path) -> tuple[int, int]:
    """The silent clip with its recording: pictures copied, sound as AAC, both ``frames`` long to the sample.

    Returns width and height. Raises EngineFault for a clip that is not whole, StorageFull.
    """
    sound = _decoded(recording, "fltp", "stereo", _AAC_RATE, frames / FPS + 1)
    wanted = frames * _AAC_RATE // FPS
    whole = np.zeros((2, wanted), np.float32)
    length = min(wanted, sound.shape[1])
    whole[:, :length] = sound[:, :length]
    try:
        with av.open(str(silent)) as clip, av.open(str(out), "w", options={"movflags": "+faststart"}) as media:
            pictures = clip.streams.video[0]
            video = media.add_stream_from_template(pictures)
            audio: Any = media.add_stream("aac", rate=_AAC_RATE, layout="stereo")
            audio.bit_rate = _AAC_BITS
            packets = [packet for packet in clip.demux(pictures) if packet.size]
            if len(packets) != frames:
                raise EngineFault(f"Ditto left a clip of {len(packets)} frames instead of {frames}")
            size = (pictures.width, pictures.height)
            _interleave(media, packets, video, audio, whole)
    except FFmpegError as error:
        if getattr(error, "errno", None) == 28:
            raise StorageFull("No space is left for the clip") from error
        raise EngineFault(f"The clip that Ditto left cannot be read: {type(error).__name__}") from error
    except IndexError as error:
        raise EngineFault("Ditto left a clip without a picture") from error
    return size


def _interleave(media: Any, packets: list[Any], video: Any, audio: Any, sound: np.ndarray[Any, Any]) -> None:
    """Sound always a little ahead of the pictures, so that a player finds both close together."""
    at = 0
    for packet in packets:
        seen_s = float((packet.dts or 0) * packet.time_base) + 0.5
        at = _encode(media, audio, sound, at, min(sound.shape[1], int(seen_s * _AAC_RATE)))
        packet.stream = video
        media.mux(packet)
    _encode(media, audio, sound, at, sound.shape[1])
    media.mux(audio.encode(None))


def _encode(media: Any, audio: Any, sound: np.ndarray[Any, Any], at: int, until: int) -> int:
    while at < until:
        block = np.ascontiguousarray(sound[:, at : at + _AAC_FRAME])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = _AAC_RATE, at, Fraction(1, _AAC_RATE)
        media.mux(audio.encode(frame))
        at += block.shape[1]
    return at
