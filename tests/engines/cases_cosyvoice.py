"""CosyVoice behind our sidecar and behind the project's own server.

The contract's walk names one case per engine; the other protocol is tried in ``test_cosyvoice_official``.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from contract import Case
from fakes.base import Fake
from fakes.sidecar import FakeSidecar

from app.models.engine import SpeakRequest, SpeakResult

TEXT = "春天来了，小狐狸走出家门。它想看看山那边有什么。"


def a_recording(seconds: float = 1.0, rate: int = 24_000, hz: float = 220.0) -> bytes:
    """A tone as WAV, mono, 16 bit."""
    samples = (9000 * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * hz / rate)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def spoken(request: dict[str, Any], files: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    sound = a_recording(0.1 * len(request["text"]))
    facts = {"duration_s": 0.1 * len(request["text"]), "rate_hz": 24_000, "pieces": 2, "model": "cosyvoice2"}
    return {**facts, "instructed": bool(request.get("instruct"))}, {"narration.wav": sound}


def fake() -> FakeSidecar:
    sidecar = FakeSidecar(spoken)
    sidecar.health["facts"] = {"voices": ["lantern"]}
    return sidecar


def _slow(fake: Fake) -> None:
    assert isinstance(fake, FakeSidecar)
    fake.never_ends = True


def _check(result: SpeakResult) -> None:
    assert result.audio.name == "narration.wav"
    assert abs(result.duration_s - 0.1 * len(TEXT)) < 0.01


CASES = [
    Case(
        name="speech/cosyvoice",
        fake=fake,
        settings=lambda url: {
            "ENGINE_SPEECH_COSYVOICE_HOST": url,
            "ENGINE_SPEECH_COSYVOICE_TIMEOUT_S": "0.6",
            "ENGINE_SPEECH_COSYVOICE_POLL_S": "0.01",
        },
        request=lambda folder: SpeakRequest(text=TEXT, voice="lantern"),
        first="PUT /runs/.*",
        stopped="POST /runs/.*/cancel",
        slow=_slow,
        check=_check,
    )
]


def recording_file(path: Path, seconds: float = 3.0, rate: int = 24_000) -> Path:
    path.write_bytes(a_recording(seconds, rate))
    return path
