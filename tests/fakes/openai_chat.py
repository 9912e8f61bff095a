"""A fake of OpenAI's chat completions, and of compatible servers that know only a part of it."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from fakes.base import Fake, Fault
from fakes.language_model import LanguageModel


def refusal(
    status: int, message: str, *, code: str | None = None, param: str | None = None, kind: str = "invalid_request_error"
) -> Fault:
    """An error as OpenAI words it."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Fault(status, json.dumps(body))


class OpenAIChat(Fake):
    """``key``: what must stand in Authorization; empty: no key is looked at. ``unknown``: parameters that it refuses,
    ``json_schema`` and ``json_object`` among them."""

    def __init__(self, key: str = "", unknown: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.key, self.unknown = key, unknown
        self.model = LanguageModel()
        self.finish = ""
        self.refusal: str | None = None
        self.names_parameter = True
        self.models = ["gpt-4o-mini"]

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1/chat/completions", self._chat), web.get("/v1/models", self._models)]

    async def _models(self, request: web.Request) -> web.Response:
        listed = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in self.models]
        return web.json_response({"object": "list", "data": listed})

    async def _chat(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.key and given != self.key:
            error = {"message": f"Incorrect API key provided: {given}.", "type": "invalid_request_error"}
            return web.json_response({"error": {**error, "param": None, "code": "invalid_api_key"}}, status=401)
        asked = await request.json()
        refused = next((name for name in self.unknown if self._uses(asked, name)), "")
        if refused:
            param = "response_format" if refused.startswith("json") else refused
            error = {"message": f"Unsupported: {refused}", "type": "invalid_request_error", "code": None}
            named = {"param": param} if self.names_parameter else {}
            return web.json_response({"error": {**error, **named}}, status=400)
        said = self.model.answer(asked["messages"])
        message = {"role": "assistant", "content": None if self.refusal else said.text, "refusal": self.refusal}
        finish = self.finish or ("length" if said.cut else "stop")
        return web.json_response(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_763_600_000,
                "model": asked["model"],
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
                "usage": {"prompt_tokens": 900, "completion_tokens": 700, "total_tokens": 1600},
            }
        )

    def _uses(self, asked: dict[str, Any], name: str) -> bool:
        return asked.get("response_format", {}).get("type") == name or name in asked
