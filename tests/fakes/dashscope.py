"""A fake DashScope: pictures, clips and speech, with its tasks, its store for uploads and its websocket.

After help.aliyun.com/zh/model-studio: errors are ``{"code", "message", "request_id"}``, a task that failed is a 200
whose ``output`` tells the reason, results lie behind links of their own, and ``oss://`` addresses are understood only
with their header.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
from aiohttp import WSMsgType, web

from fakes.base import Fake
from fakes.pixverse import a_clip

KEY = "sk-dashscope-secret-0123456789"
RATE_HZ = 24000
WORD_MS = 200
_ASYNC = (
    "/api/v1/services/aigc/text2image/image-synthesis",
    "/api/v1/services/aigc/image2image/image-synthesis",
    "/api/v1/services/aigc/image-generation/generation",
    "/api/v1/services/aigc/video-generation/video-synthesis",
)
MULTIMODAL = "/api/v1/services/aigc/multimodal-generation/generation"
WEBSOCKET = "/api-ws/v1/inference"


@dataclass
class Work:
    """One task at the provider."""

    path: str
    body: dict[str, Any]
    looks: int = 0
    state: str = "PENDING"


@dataclass
class Spoken:
    """One synthesis over the websocket."""

    headers: dict[str, str]
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        return self.messages[0]["payload"]["parameters"]

    @property
    def text(self) -> str:
        return "".join(
            one["payload"]["input"]["text"] for one in self.messages if one["header"]["action"] == "continue-task"
        )


class DashScope(Fake):
    """Tasks are PENDING at the first look, RUNNING at the second and done at the third."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: dict[str, Work] = {}
        self.uploads: dict[str, bytes] = {}
        """Files in the store by their key."""
        self.expected_key = KEY
        self.never_done = False
        self.stays_pending = False
        self.task_failure: tuple[str, str] | None = None
        """Code and message of every task, inside a 200."""
        self.failed_items: list[tuple[str, str]] = []
        """Items of every batch that failed, before the good one."""
        self.no_good_item = False
        self.expired = False
        """Links to results answer 403."""
        self.forgets_tasks = 0
        """So many looks find no such task."""
        self.spoiled = False
        """Results are no pictures, clips or sounds."""
        self.spoken: list[Spoken] = []
        self.voice_failure: tuple[str, str] | None = None
        self.voice_silent = False
        """The websocket begins the task and then says nothing."""
        self.voice_breaks = False
        """The websocket closes in the middle."""
        self.voice_pause_s = 0.0
        """Before each piece of sound."""
        self.tells_words = True
        self.times_from_each_sentence = False
        self._results: dict[str, tuple[bytes, str]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            *(web.post(path, self._submit) for path in _ASYNC),
            web.post(MULTIMODAL, self._multimodal),
            web.get("/api/v1/tasks/{task}", self._task),
            web.post("/api/v1/tasks/{task}/cancel", self._cancel),
            web.get("/api/v1/uploads", self._policy),
            web.post("/store", self._upload),
            web.get("/results/{name}", self._result),
            web.get(WEBSOCKET, self._voice),
        ]

    @property
    def orders(self) -> list[Work]:
        return list(self.tasks.values())

    # -- orders ----------------------------------------------------------------------------------------

    def _refusal(self, request: web.Request, body: dict[str, Any] | None = None) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self.expected_key}":
            return error(401, "InvalidApiKey", "Invalid API-key provided.")
        stored = [one for one in strings(body or {}) if one.startswith("oss://")]
        if stored and request.headers.get("X-DashScope-OssResourceResolve") != "enable":
            return error(400, "InvalidParameter", "url error, please check url")
        if any(one.removeprefix("oss://") not in self.uploads for one in stored):
            return error(400, "InvalidURL", "Failed to download the file")
        return None

    async def _submit(self, request: web.Request) -> web.Response:
        body = await request.json()
        if request.headers.get("X-DashScope-Async") != "enable":
            return error(403, "AccessDenied", "current user api does not support synchronous calls.")
        if (refused := self._refusal(request, body)) is not None:
            return refused
        number = str(uuid4())
        self.tasks[number] = Work(request.path, body)
        return answer({"task_id": number, "task_status": "PENDING"})

    async def _task(self, request: web.Request) -> web.Response:
        if (refused := self._refusal(request)) is not None:
            return refused
        number = request.match_info["task"]
        work = self.tasks.get(number)
        if work is None or self.forgets_tasks > 0:
            self.forgets_tasks -= 1
            return answer({"task_id": number, "task_status": "UNKNOWN"})
        work.looks += 1
        if work.state in ("PENDING", "RUNNING"):
            work.state = "PENDING" if work.looks == 1 or self.stays_pending else "RUNNING"
            if work.looks > 2 and not self.never_done and not self.stays_pending:
                work.state = "FAILED" if self.task_failure or self.no_good_item else "SUCCEEDED"
        told: dict[str, Any] = {"task_id": number, "task_status": work.state, "submit_time": "2026-11-20 10:00:00.000"}
        if work.state == "FAILED":
            code, message = self.task_failure or self.failed_items[0]
            return answer({**told, "code": code, "message": message})
        if work.state != "SUCCEEDED":
            return answer({**told, "task_metrics": {"TOTAL": 1, "SUCCEEDED": 0, "FAILED": 0}})
        return answer({**told, **self._made(work)}, {"image_count": 1})

    def _made(self, work: Work) -> dict[str, Any]:
        if work.path.endswith("video-synthesis"):
            seconds = work.body["parameters"]["duration"]
            clip = a_clip(len(self.tasks), min(1.0, seconds), 160, 90)
            return {"video_url": self._kept(clip, "video/mp4"), "orig_prompt": work.body["input"]["prompt"]}
        picture = self._picture(work.body)
        if work.path.endswith("image-generation/generation"):
            content = [{"type": "image", "image": picture}]
            return {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": content}}]}
        bad = [{"code": code, "message": message} for code, message in self.failed_items]
        good = {"url": picture, "orig_prompt": work.body["input"]["prompt"]}
        return {"results": [*bad, good], "task_metrics": {"TOTAL": len(bad) + 1, "SUCCEEDED": 1, "FAILED": len(bad)}}

    async def _cancel(self, request: web.Request) -> web.Response:
        if (refused := self._refusal(request)) is not None:
            return refused
        work = self.tasks.get(request.match_info["task"])
        if work is None or work.state != "PENDING":
            return error(
                400, "UnsupportedOperation", "Failed to cancel the task, please confirm if the task is pending"
            )
        work.state = "CANCELED"
        return web.json_response({"request_id": str(uuid4())})

    async def _multimodal(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (refused := self._refusal(request, body)) is not None:
            return refused
        if self.task_failure is not None:
            code, message = self.task_failure
            return error(500 if code.startswith("InternalError") else 400, code, message)
        if "text" in body["input"]:
            sound = b"no sound" if self.spoiled else wav(tone(len(body["input"]["text"]) * WORD_MS / 1000))
            audio = {"data": "", "url": self._kept(sound, "audio/wav"), "id": "audio_1", "expires_at": 1999999999}
            return answer({"finish_reason": "stop", "audio": audio}, {"characters": len(body["input"]["text"])})
        content = [{"image": self._picture(body)}]
        choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": content}}
        return answer({"choices": [choice]}, {"image_count": 1})

    def _picture(self, body: dict[str, Any]) -> str:
        packed = a_drawing(str(body["parameters"].get("size", "1024*1024")))
        return self._kept(b"no picture" if self.spoiled else packed, "image/jpeg")

    # -- files -----------------------------------------------------------------------------------------

    def _kept(self, content: bytes, kind: str) -> str:
        name = uuid4().hex
        self._results[name] = (b"no clip" if self.spoiled and kind == "video/mp4" else content, kind)
        return f"{self.url}/results/{name}?Expires=1999999999&Signature=abc%2Fdef"

    async def _result(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return web.Response(status=400, text="<Error><Code>InvalidArgument</Code></Error>")
        if self.expired or request.match_info["name"] not in self._results:
            return web.Response(
                status=403, text="<Error><Code>AccessDenied</Code><Message>Request has expired.</Message>"
            )
        content, kind = self._results[request.match_info["name"]]
        return web.Response(body=content, content_type=kind)

    async def _policy(self, request: web.Request) -> web.Response:
        if (refused := self._refusal(request)) is not None:
            return refused
        if request.query.get("action") != "getPolicy" or not request.query.get("model"):
            return error(400, "InvalidParameter", "action and model are required")
        place = {
            "policy": "cG9saWN5",
            "signature": "c2lnbmF0dXJl",
            "upload_dir": f"dashscope-instant/1/2026-11-20/{uuid4()}",
            "upload_host": f"{self.url}/store",
            "expire_in_seconds": 300,
            "max_file_size_mb": 100,
            "capacity_limit_mb": 999999999,
            "oss_access_key_id": "LTAI-of-the-store",
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        }
        return web.json_response({"request_id": str(uuid4()), "data": place})

    async def _upload(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return web.Response(status=400, text="<Error><Code>InvalidArgument</Code></Error>")
        form = parts(request.headers["Content-Type"], await request.read())
        wanted = {
            "OSSAccessKeyId": "LTAI-of-the-store",
            "Signature": "c2lnbmF0dXJl",
            "policy": "cG9saWN5",
            "x-oss-object-acl": "private",
            "x-oss-forbid-overwrite": "true",
            "success_action_status": "200",
        }
        key = form.get("key", b"").decode()
        right = all(form.get(name) == value.encode() for name, value in wanted.items()) and list(form)[-1] == "file"
        if not right or not key or key in self.uploads:
            return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>")
        self.uploads[key] = form["file"]
        return web.Response(status=200)

    # -- voice -----------------------------------------------------------------------------------------

    async def _voice(self, request: web.Request) -> web.StreamResponse:
        if (refused := self._refusal(request)) is not None:
            return refused
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        spoken = Spoken({name.lower(): value for name, value in request.headers.items()})
        self.spoken.append(spoken)
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                told = json.loads(message.data)
                spoken.messages.append(told)
                if await self._acted(socket, spoken, told):
                    break
        finally:
            spoken.closed = True
        await socket.close()
        return socket

    async def _acted(self, socket: web.WebSocketResponse, spoken: Spoken, told: dict[str, Any]) -> bool:
        """Whether the task is over."""
        action, number = told["header"]["action"], told["header"]["task_id"]
        if action == "run-task":
            if self.voice_failure is not None:
                code, message = self.voice_failure
                await socket.send_json(event(number, "task-failed", error_code=code, error_message=message))
                return True
            await socket.send_json(event(number, "task-started"))
        if action != "finish-task" or self.voice_silent:
            return False
        if not spoken.text.strip():
            await socket.send_json(
                event(number, "task-failed", error_code="InvalidParameter", error_message="[tts:]Engine return error")
            )
            return True
        await self._say(socket, spoken, number)
        return True

    async def _say(self, socket: web.WebSocketResponse, spoken: Spoken, number: str) -> None:
        at, start = 0.0, 0
        rate = spoken.parameters["rate"]
        for index, sentence in enumerate(re.findall(r"[^。！？.!?]+[。！？.!?]*\s*", spoken.text)):
            words, begin = [], at
            for found in re.finditer(r"[\u3400-\u9fff]|[A-Za-z']+", sentence):
                origin, first = (begin, 0) if self.times_from_each_sentence else (0.0, start)
                times = {"begin_time": round(at - origin), "end_time": round(at - origin + 0.9 * WORD_MS / rate)}
                places = {"begin_index": first + found.start(), "end_index": first + found.end()}
                words.append({"text": found[0], **places, **times})
                at += WORD_MS / rate
            part = {"sentence": {"index": index, "words": []}, "type": "sentence-begin", "original_text": sentence}
            await socket.send_json(event(number, "result-generated", output=part))
            samples = tone((at - begin) / 1000, spoken.parameters["sample_rate"])
            for chunk in (samples[: len(samples) // 4 * 2], samples[len(samples) // 4 * 2 :]):
                await asyncio.sleep(self.voice_pause_s)
                part = {"sentence": {"index": index, "words": []}, "type": "sentence-synthesis"}
                await socket.send_json(event(number, "result-generated", output=part))
                await socket.send_bytes(chunk)
                if self.voice_breaks:
                    return
            told = words if self.tells_words and spoken.parameters.get("word_timestamp_enabled") else []
            part = {"sentence": {"index": index, "words": told}, "type": "sentence-end", "original_text": sentence}
            usage = {"characters": len(spoken.text)}
            await socket.send_json(event(number, "result-generated", output=part, usage=usage))
            start += len(sentence)
        await socket.send_json(event(number, "task-finished", output={"sentence": {"words": []}}))


def answer(output: dict[str, Any], usage: dict[str, Any] | None = None) -> web.Response:
    told = {"request_id": str(uuid4()), "output": output}
    return web.json_response({**told, "usage": usage} if usage else told)


def error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "request_id": str(uuid4())}, status=status)


def event(number: str, name: str, **rest: Any) -> dict[str, Any]:
    header = {"task_id": number, "event": name, "attributes": {}}
    payload = {key: rest.pop(key) for key in ("output", "usage") if key in rest}
    return {"header": {**header, **rest}, "payload": payload}


def strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


@cache
def a_drawing(size: str) -> bytes:
    """A JPEG of ``1664*928``."""
    width, height = map(int, size.split("*"))
    y, x = np.mgrid[0:90, 0:160]
    small = np.stack([x * 255 // 160, y * 255 // 90, (x + y) % 256], -1).astype(np.uint8)
    return cv2.imencode(".jpg", cv2.resize(small, (width, height)))[1].tobytes()


def parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """A form's fields in their order. (aiohttp's own reader finds nothing once the body was read.)"""
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True) or b"")
        for part in form.iter_parts()
    }


def tone(seconds: float, rate_hz: int = RATE_HZ) -> bytes:
    """Headless signed 16 bit sound."""
    time = np.arange(max(2, round(seconds * rate_hz))) / rate_hz
    return (8000 * np.sin(2 * math.pi * 220 * time)).astype("<i2").tobytes()


def wav(samples: bytes, rate_hz: int = RATE_HZ) -> bytes:
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1, rate_hz,
                       2 * rate_hz, 2, 16, b"data", len(samples))  # fmt: skip
    return head + samples
