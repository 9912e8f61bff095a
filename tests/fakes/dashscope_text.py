"""A fake of DashScope's text generation (Qwen), with its error bodies ``{"code", "message", "request_id"}``."""

from __future__ import annotations

import json

from aiohttp import web

from fakes.base import Fake, Fault
from fakes.language_model import LanguageModel

PATH = "/api/v1/services/aigc/text-generation/generation"


def refusal(status: int, code: str, message: str) -> Fault:
    return Fault(status, json.dumps({"code": code, "message": message, "request_id": "6a1f"}))


class DashScopeText(Fake):
    """``key``: what must stand in Authorization; empty: none is looked at."""

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self.key = key
        self.model = LanguageModel()

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._generate)]

    async def _generate(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.key and given != self.key:
            return self._error(401, "InvalidApiKey", f"Invalid API-key provided: {given}")
        asked = await request.json()
        messages, parameters = asked["input"]["messages"], asked["parameters"]
        json_mode = parameters.get("response_format", {}).get("type") == "json_object"
        if json_mode and not any("json" in one["content"].lower() for one in messages):
            return self._error(
                400,
                "InvalidParameter",
                "'messages' must contain the word 'json' in some form, to use 'response_format'",
            )
        if json_mode and parameters.get("enable_thinking"):
            return self._error(
                400, "InvalidParameter", "Json mode response is not supported when enable_thinking is true"
            )
        said = self.model.answer(messages)
        choice = {
            "finish_reason": "length" if said.cut else "stop",
            "message": {"role": "assistant", "content": said.text},
        }
        usage = {"input_tokens": 900, "output_tokens": 700, "total_tokens": 1600}
        return web.json_response({"output": {"choices": [choice]}, "usage": usage, "request_id": "6a1f"})

    def _error(self, status: int, code: str, message: str) -> web.Response:
        return web.json_response({"code": code, "message": message, "request_id": "6a1f"}, status=status)
