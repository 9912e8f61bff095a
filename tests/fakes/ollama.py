"""A fake Ollama: ``POST /api/chat`` and ``GET /api/tags`` as github.com/ollama/ollama answers them."""

from __future__ import annotations

import json

from aiohttp import web

from fakes.base import Fake, Fault
from fakes.language_model import LanguageModel

BUSY = Fault(503, json.dumps({"error": "server busy, please try again.  maximum pending requests exceeded"}))


class Ollama(Fake):
    """``models`` are pulled; another is answered with 404. ``model`` is who speaks."""

    def __init__(self, *models: str) -> None:
        super().__init__()
        self.models = models or ("qwen3:8b",)
        self.model = LanguageModel()
        self.read = 0
        """Tokens that the question is said to have been read as; 0: as it is."""

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/chat", self._chat), web.get("/api/tags", self._tags)]

    async def _tags(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"models": [{"model": name, "name": name, "size": 5_200_000_000} for name in self.models]}
        )

    async def _chat(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked["model"] not in self.models:
            return web.json_response({"error": f"model '{asked['model']}' not found"}, status=404)
        said = self.model.answer(asked["messages"])
        return web.json_response(
            {
                "model": asked["model"],
                "created_at": "2026-11-20T10:00:00.000000Z",
                "message": {"role": "assistant", "content": said.text},
                "done": True,
                "done_reason": "length" if said.cut else "stop",
                "total_duration": 5_000_000_000,
                "load_duration": 1_000_000_000,
                "prompt_eval_count": self.read or sum(len(one["content"]) for one in asked["messages"]) // 4,
                "prompt_eval_duration": 1_000_000,
                "eval_count": len(said.text) // 3,
                "eval_duration": 1_000_000,
            }
        )
