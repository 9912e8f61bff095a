"""Baidu Qianfan's video generation (MuseSteamer), with its failures on request."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from aiohttp import web

from fakes.base import Fake
from fakes.pixverse import a_clip


@dataclass
class Work:
    number: int
    order: dict[str, Any]
    began: float = field(default_factory=time.monotonic)
    ends: str = "succeeded"


class Qianfan(Fake):
    """Tasks succeed at once unless ``delay_s`` says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        """The one key that is right; empty: any."""
        self.delay_s = 0.0
        """How long a task stays pending, queued and running (a third each)."""
        self.outcome = "succeeded"
        self.limit = 0
        """Tasks under way at a time beyond which an order gets 429; 0: none."""
        self.unsafe = ""
        """A word that no prompt may hold."""
        self.images: list[tuple[int, int]] = []
        self.tasks: dict[str, Work] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/video/generations", self._create),
            web.get("/video/generations", self._query),
            web.get("/media/{task}.mp4", self._media),
        ]

    def _refusal(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or (self.key and token != self.key):
            return _error(401, "invalid_iam_token", f"IAM authentication failed for {token}", "access_denied")
        return None

    async def _create(self, request: web.Request) -> web.Response:
        if refused := self._refusal(request):
            return refused
        order = await request.json()
        content = {part["type"]: part for part in order.get("content", [])}
        text = content.get("text", {}).get("text", "")
        if self.unsafe and self.unsafe in text:
            message = "the content of prompt field is unsafe"
            return _error(403, "video_genration_prompt_unsafe", message, "unsafe_request")
        if wrong := self._wrong_order(order, content):
            return _error(400, "invalid_video_genration_argument", wrong, "invalid_request_error")
        if self.limit and sum(self._state(work) != work.ends for work in self.tasks.values()) >= self.limit:
            message = "Rate limit reached for Concurrency"
            return _error(429, "video_genration_concurrency_exceeded", message, "rate_limit_exceeded")
        work = Work(1 + len(self.tasks), order, ends=self.outcome)
        task_id = f"tdsx{work.number:04}k9"
        self.tasks[task_id] = work
        return web.json_response({"id": f"as-{work.number}", "task_id": task_id})

    def _wrong_order(self, order: dict[str, Any], content: dict[str, Any]) -> str:
        if not str(order.get("model", "")).startswith("musesteamer-"):
            return "model is invalid"
        lengths = (5, 10) if order["model"] == "musesteamer-2.0-turbo-i2v-audio" else (5,)
        if order.get("duration", 5) not in lengths:
            return "duration is invalid"
        url = content.get("image_url", {}).get("image_url", {}).get("url", "")
        data = base64.b64decode(url.partition("base64,")[2])
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        if picture is None or len(url) > 10_000_000 or min(picture.shape[:2]) < 300:
            return "image is invalid"
        self.images.append((picture.shape[1], picture.shape[0]))
        return ""

    def _state(self, work: Work) -> str:
        share = (time.monotonic() - work.began) / self.delay_s if self.delay_s else 1.0
        return work.ends if share >= 1 else ("pending", "queued", "running")[int(share * 3)]

    async def _query(self, request: web.Request) -> web.Response:
        if refused := self._refusal(request):
            return refused
        task_id = request.query.get("task_id", "")
        work = self.tasks.get(task_id)
        if work is None:
            return _error(404, "task_not_found", "no such task", "invalid_request_error")
        state = self._state(work)
        seen: dict[str, Any] = {
            "id": f"as-q{work.number}",
            "task_id": task_id,
            "model": work.order["model"],
            "status": state,
            "created_at": 1743414619,
            "updated_at": 1743414673,
        }
        if state == "succeeded":
            link = f"{self.url}/media/{task_id}.mp4"
            seen |= {"content": {"video_url": link}, "duration": 5, "width": 1280, "height": 704}
        if state == "failed":
            seen["error"] = {"code": "video_genration_interal_error", "message": "the model gave up"}
        return web.json_response(seen)

    async def _media(self, request: web.Request) -> web.Response:
        work = self.tasks[request.match_info["task"]]
        body = await asyncio.to_thread(a_clip, work.number, work.order.get("duration", 5))
        return web.Response(body=body, content_type="video/mp4")


def _error(status: int, code: str, message: str, kind: str) -> web.Response:
    said = {"error": {"code": code, "message": message, "type": kind}, "id": "as-t2z8xi6mm8"}
    return web.json_response(said, status=status)
