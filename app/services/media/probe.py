"""What a media file is: asked by whoever gets a file that somebody else made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from pydantic import Field

from app.core.errors import UnsupportedMedia
from app.models.engine import Plain


class VideoTrack(Plain):
    codec: str
    profile: str = ""
    width: int
    height: int
    fps: Fraction
    frames: int = 0
    """As the container says; 0 if it does not."""
    pixel_format: str = ""
    color_range: str = ""
    """``tv``, ``pc`` or empty."""
    color_space: str = ""
    """``bt709``, another name of FFmpeg's or empty."""


class AudioTrack(Plain):
    codec: str
    sample_rate: int
    channels: int
    duration_s: float


class Probe(Plain):
    format: str
    duration_s: float
    """0 if the container does not say."""
    size_bytes: int
    video: VideoTrack | None = None
    audio: AudioTrack | None = None
    subtitles: tuple[str, ...] = ()
    """Language of each soft track, ISO 639-2."""
    tags: dict[str, str] = Field(default_factory=dict)


_RANGES = {1: "tv", 2: "pc"}
_SPACES = {0: "gbr", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}


def probe(path: Path) -> Probe:
    """Read a file's headers. Raises UnsupportedMedia naming the file if it is no media file."""
    try:
        with av.open(str(path)) as media:
            video, audio = media.streams.video, media.streams.audio
            return Probe(
                format=media.format.name,
                duration_s=(media.duration or 0) / 1_000_000,
                size_bytes=path.stat().st_size,
                video=_video(video[0]) if video else None,
                audio=_audio(audio[0]) if audio else None,
                subtitles=tuple(track.language or "und" for track in media.streams.subtitles),
                tags=dict(media.metadata),
            )
    except (FFmpegError, OSError) as error:
        raise UnsupportedMedia(f"The file {path.name} is not readable as video, sound or picture: {error}") from error


def _video(track: av.VideoStream) -> VideoTrack:
    context = track.codec_context
    return VideoTrack(
        codec=context.name,
        profile=context.profile or "",
        width=track.width,
        height=track.height,
        fps=track.average_rate or Fraction(0),
        frames=track.frames,
        pixel_format=context.pix_fmt or "",
        color_range=_RANGES.get(int(context.color_range), ""),
        color_space=_SPACES.get(int(context.colorspace), ""),
    )


def _audio(track: av.AudioStream) -> AudioTrack:
    duration = Fraction(track.duration or 0) * (track.time_base or Fraction(1))
    return AudioTrack(
        codec=track.codec_context.name,
        sample_rate=track.rate,
        channels=track.channels,
        duration_s=float(duration),
    )
