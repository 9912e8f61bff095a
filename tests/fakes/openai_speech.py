"""OpenAI's speech API as far as narration goes: what it takes, what it answers, and how it refuses."""

from __future__ import annotations

import asyncio
import io
import struct
import wave
from typing import Any

import numpy as np
from aiohttp import web

from fakes.base import Fake

VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip
MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
RATE = 24_000


class OpenAISpeech(Fake):
    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        """The one key that is right; empty: any."""
        self.unsteady = False
        """Every second answer comes at 16 kHz."""

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1/audio/speech", self._speech), web.get("/v1/models", self._models)]

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})

    async def _speech(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or (self.key and token != self.key):
            return _error(401, f"Incorrect API key provided: {token}.", "invalid_api_key", None)
        order = await request.json()
        if wrong := _wrong_order(order):
            return wrong
        rate = 16_000 if self.unsteady and len(self.calls("POST /v1/audio/speech")) % 2 == 0 else RATE
        sound = await asyncio.to_thread(a_voice, len(order["input"]), order.get("speed", 1.0), rate)
        return web.Response(body=sound, content_type="audio/wav")


def _wrong_order(order: dict[str, Any]) -> web.Response | None:
    if order.get("model") not in MODELS:
        message = f"The model `{order.get('model')}` does not exist or you do not have access to it."
        return _error(404, message, "model_not_found", "model")
    if not 0 < len(order.get("input", "")) <= 4096:
        return _error(400, "[{'type': 'string_too_long', 'loc': ('body', 'input')}]", None, "input")
    if order.get("voice") not in VOICES:
        return _error(400, f"Input should be one of {VOICES}", None, "voice")
    if not 0.25 <= order.get("speed", 1.0) <= 4.0:
        return _error(400, "speed must be between 0.25 and 4.0", None, "speed")
    return None


def _error(status: int, message: str, code: str | None, param: str | None) -> web.Response:
    said = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return web.json_response({"error": said}, status=status)


def a_voice(letters: int, speed: float = 1.0, rate: int = RATE) -> bytes:
    """A WAV with a syllable for every third letter, its length not known when it began, as OpenAI streams it."""
    seconds = max(0.3, letters / 3 * 0.2 / speed)
    times = np.arange(round(seconds * rate)) / rate
    sound = np.sin(2 * np.pi * 180 * times) * np.maximum(0, np.sin(2 * np.pi * 2.5 * speed * times)) * 9000
    packed = io.BytesIO()
    with wave.open(packed, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound.astype("<i2").tobytes())
    whole = bytearray(packed.getvalue())
    whole[4:8] = whole[40:44] = struct.pack("<I", 0xFFFFFFFF)
    return bytes(whole)
