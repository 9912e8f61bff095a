"""CosyVoice's own server (github.com/FunAudioLLM/CosyVoice, runtime/python/fastapi/server.py at ace7c47).

Form fields in; 200 with chunks of headerless signed 16 bit PCM out. Whatever goes wrong while it speaks ends the body
early, because the status was sent already; only a missing field is told properly, as FastAPI's 422.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from aiohttp import web

from fakes.base import Fake
from fakes.forms import form_of

_FIELDS = {
    "/inference_sft": ("tts_text", "spk_id"),
    "/inference_zero_shot": ("tts_text", "prompt_text", "prompt_wav"),
    "/inference_cross_lingual": ("tts_text", "prompt_wav"),
    "/inference_instruct": ("tts_text", "spk_id", "instruct_text"),
    "/inference_instruct2": ("tts_text", "instruct_text", "prompt_wav"),
}
_S_PER_CHARACTER = 0.08


class FakeCosyVoice(Fake):
    """``generation`` 1 knows the speaker 中文女 and speaks at 22050 Hz; 2 and 3 know none and speak at 24000 Hz."""

    def __init__(self, generation: int = 1) -> None:
        super().__init__()
        self.generation = generation
        self.rate_hz = 22_050 if generation == 1 else 24_000
        self.speakers = ["中文女"] if generation == 1 else []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """Route and form of every call; a file is its bytes."""
        self.tensor_bug = False
        """Since December 2025: recordings are decoded twice, so everything with one ends in an empty body."""
        self.cut_after_s = math.inf
        """It dies after this much of a text, without breaking the connection."""

    def routes(self) -> list[web.RouteDef]:
        asked = [method(path, self._infer) for path in _FIELDS for method in (web.get, web.post)]
        return [*asked, web.get("/openapi.json", self._openapi)]

    async def _openapi(self, request: web.Request) -> web.Response:
        return web.json_response({"openapi": "3.1.0", "info": {"title": "FastAPI"}, "paths": {}})

    async def _infer(self, request: web.Request) -> web.StreamResponse:
        parts = await form_of(request)
        form: dict[str, Any] = {name: one.text if one.filename is None else one.data for name, one in parts.items()}
        self.asked.append((request.path, form))
        lacking = [name for name in _FIELDS[request.path] if name not in form]
        if lacking:
            detail = [
                {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": None} for name in lacking
            ]
            return web.json_response({"detail": detail}, status=422)
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        if not self._can(request.path, form):
            # An exception in the generator: the head is out, and the connection is closed in the middle.
            if request.transport is not None:
                request.transport.close()
            return answer
        for chunk in self._sound(str(form["tts_text"])):
            await answer.write(chunk)
        await answer.write_eof()
        return answer

    def _can(self, path: str, form: dict[str, Any]) -> bool:
        if "spk_id" in form and form["spk_id"] not in self.speakers:
            return False
        if "prompt_wav" in form and self.tensor_bug:
            return False
        marked = "".join(str(form.get(name, "")) for name in ("tts_text", "prompt_text", "instruct_text"))
        return self.generation < 3 or "<|endofprompt|>" in marked

    def _sound(self, text: str) -> list[bytes]:
        spoken = text.rpartition("<|endofprompt|>")[2]
        length = int(min(len(spoken) * _S_PER_CHARACTER, self.cut_after_s) * self.rate_hz)
        wave = (8000 * np.sin(np.arange(length) * 2 * np.pi * 220 / self.rate_hz)).astype("<i2").tobytes()
        return [wave[at : at + 20_000] for at in range(0, len(wave), 20_000)]
