"""Ditto behind our sidecar, in the contract that every engine keeps."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
from contract import Case, a_picture
from fakes.base import Fake
from fakes.sidecar import FakeSidecar

from app.models.engine import ClipResult, PresentRequest

SECONDS = 0.4


def a_recording(path: Path, seconds: float = SECONDS, rate: int = 16_000) -> Path:
    samples = (9000 * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 220 / rate)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def a_clip(seconds: float = SECONDS, *, sound: bool = True) -> bytes:
    """Grey pictures at 25 a second, with a tone."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as media:
        video = media.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 96, 128, "yuv420p"
        audio = media.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for level in range(round(seconds * 25)):
            picture = np.full((128, 96, 3), 100 + level, np.uint8)
            media.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        media.mux(video.encode(None))
        if audio is not None:
            tone = np.sin(np.arange(round(seconds * 48_000)) * 2 * np.pi * 220 / 48_000)[None].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(0.3 * tone, format="fltp", layout="mono")
            frame.sample_rate = 48_000
            media.mux(audio.encode(frame))
            media.mux(audio.encode(None))
    return out.getvalue()


def presented(request: dict[str, Any], files: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    facts = {"backend": "tensorrt", "online": False, "faces": 1, "frames": 10, "fps": 25, "duration_s": SECONDS}
    return {**request, **facts, "width": 96, "height": 128}, {"clip.mp4": a_clip()}


def fake() -> FakeSidecar:
    sidecar = FakeSidecar(presented)
    sidecar.health["models"] = ["ditto"]
    return sidecar


def _slow(fake: Fake) -> None:
    assert isinstance(fake, FakeSidecar)
    fake.never_ends = True


def _check(result: ClipResult) -> None:
    assert result.clip.name == "clip.mp4"
    assert (result.facts["frames"], result.facts["fps"], result.facts["sound"]) == (10, 25.0, True)
    assert (result.facts["width"], result.facts["height"], result.facts["backend"]) == (96, 128, "tensorrt")


def request_in(folder: Path) -> PresentRequest:
    return PresentRequest(photo=a_picture(folder / "photo.png"), audio=a_recording(folder / "speech.wav"), seed=7)


CASES = [
    Case(
        name="avatar/ditto",
        fake=fake,
        settings=lambda url: {
            "DITTO_HOST": url,
            "ENGINE_AVATAR_DITTO_TIMEOUT_S": "0.8",
            "ENGINE_AVATAR_DITTO_POLL_S": "0.01",
        },
        request=request_in,
        first="PUT /runs/.*",
        stopped="POST /runs/.*/cancel",
        slow=_slow,
        check=_check,
    )
]
