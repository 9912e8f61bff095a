"""What an engine sent, made into what the house works with: pictures, sounds and clips from strangers.

Tasks for the media child. Every file is decoded whole, so that a broken download is found here, where another try
helps, and not when the film is cut. What cannot be decoded raises EngineFault.
"""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from PIL import Image, ImageOps

from app.core.errors import EngineFault
from app.services.media.photos import flat

Check = Callable[[], None]
MAX_PIXELS = 100_000_000
_SILENT = 1 / 4096
"""Of full scale: a sound that is never louder holds no words."""


def picture(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{source, width, height, name?}``: a picture of any kind, upright, covering the size asked for, as PNG.

    Returns ``{"image": name, "was": [width, height]}``.
    """
    size = (int(request["width"]), int(request["height"]))
    name = str(request.get("name") or "key_frame.png")
    check()
    laid, was = _opened(Path(request["source"]))
    check()
    fitted = laid if laid.size == size else ImageOps.fit(laid, size, Image.Resampling.LANCZOS)
    fitted.save(folder / name, compress_level=1)
    return {"image": name, "was": was}


def reference(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{source, longest}``: a picture of any kind, upright and whole, no side longer than ``longest``, as PNG.

    Returns ``{"image": "reference.png", "was": [width, height]}``.
    """
    check()
    laid, was = _opened(Path(request["source"]))
    laid.thumbnail((int(request["longest"]), int(request["longest"])), Image.Resampling.LANCZOS)
    laid.save(folder / "reference.png", compress_level=1)
    return {"image": "reference.png", "was": was}


def _opened(source: Path) -> tuple[Image.Image, list[int]]:
    """The picture upright and in RGB, and its size as it came."""
    try:
        with Image.open(source) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise EngineFault(f"The picture {source.name} has more than {MAX_PIXELS} pixels")
            was = [opened.width, opened.height]
            upright = ImageOps.exif_transpose(opened)
            laid = flat(upright)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EngineFault(f"The picture {source.name} cannot be decoded: {error}") from error
    return laid, was


def sound(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{source, pcm_rate?}``: a recording of any kind as ``narration.wav``, mono, 16 bit, at its own rate.

    ``pcm_rate``: the file is headless signed 16 bit little-endian mono at this rate. Returns ``{"audio", "duration_s",
    "rate_hz"}``. A recording without a sound in it raises EngineFault.
    """
    source = Path(request["source"])
    if request.get("pcm_rate"):
        rate = int(request["pcm_rate"])
        samples = np.frombuffer(source.read_bytes()[: source.stat().st_size // 2 * 2], "<i2")
    else:
        samples, rate = _decoded(source, check)
    if not samples.size or int(np.abs(samples.astype(np.int32)).max()) < _SILENT * 32768:
        raise EngineFault(f"The recording {source.name} is silent")
    with wave.open(str(folder / "narration.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return {"audio": "narration.wav", "duration_s": samples.size / rate, "rate_hz": rate}


def _decoded(source: Path, check: Check) -> tuple[np.ndarray[Any, np.dtype[np.int16]], int]:
    blocks: list[np.ndarray[Any, np.dtype[np.int16]]] = []
    try:
        with av.open(str(source)) as media:
            if not media.streams.audio:
                raise EngineFault(f"The file {source.name} has no sound in it")
            track = media.streams.audio[0]
            rate = track.rate
            converter = av.AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in media.decode(track):
                check()
                blocks += [part.to_ndarray()[0] for part in converter.resample(frame)]
            blocks += [part.to_ndarray()[0] for part in converter.resample(None)]
    except (FFmpegError, OSError, ValueError) as error:
        raise EngineFault(f"The recording {source.name} cannot be decoded: {error}") from error
    return (np.concatenate(blocks) if blocks else np.zeros(0, np.int16)), rate


def clip(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{source}``: decode a clip to its end. Returns ``{width, height, fps, frames, duration_s, sound}``."""
    source = Path(request["source"])
    frames = 0
    try:
        with av.open(str(source)) as media:
            if not media.streams.video:
                raise EngineFault(f"The clip {source.name} has no picture in it")
            track = media.streams.video[0]
            track.thread_type = "AUTO"
            for _ in media.decode(track):
                frames += 1
                check()
            rate = track.average_rate or track.guessed_rate
            size = (track.width, track.height)
            has_sound = bool(media.streams.audio)
    except (FFmpegError, OSError, ValueError) as error:
        raise EngineFault(f"The clip {source.name} cannot be decoded: {error}") from error
    if not frames or not rate:
        raise EngineFault(f"The clip {source.name} has no picture in it")
    return {
        "width": size[0],
        "height": size[1],
        "fps": float(rate),
        "frames": frames,
        "duration_s": float(frames / rate),
        "sound": has_sound,
    }
