"""A fake ComfyUI: HTTP and WebSocket as the real server has them, graphs really checked, results really made.

One run after the other, in the order of the queue. Failures of its own are switches: set them before the run.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import struct
from collections import deque
from email import message_from_bytes
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from aiohttp import WSMsgType, web

from fakes.base import Fake
from fakes.comfyui_nodes import NODES, Check, Refused

PREVIEW = struct.pack(">II", 1, 1) + b"\xff\xd8 a preview \xff\xd9"


class ComfyUI(Fake):
    def __init__(self, *, steps_told: int = 3) -> None:
        super().__init__()
        self.submitted: list[str] = []
        """Prompt ids of accepted runs, in their order."""
        self.inputs: dict[str, bytes] = {}
        self.outputs: dict[str, bytes] = {}
        """Files by ``subfolder/name``."""
        self.history: dict[str, Any] = {}
        self.pending: deque[Any] = deque()
        self.running: list[Any] = []
        self.freed: list[Any] = []
        self.told: list[tuple[str, str]] = []
        """(client id, type) of every message over the WebSocket."""
        self.hold = False
        """Runs do not end before they are interrupted, or this is taken back."""
        self.ws_refused = False
        self.ws_breaks = False
        """The WebSocket ends at the first progress."""
        self.ws_silent = False
        """Nothing is said over the WebSocket after the greeting."""
        self.lose_answers = 0
        """How many submissions are accepted without their answer coming through."""
        self.errors: deque[dict[str, str]] = deque()
        """What the next runs fail with: ``node_type``, ``exception_type``, ``exception_message``."""
        self.clip_suffix = ".mp4"
        self._steps = steps_told
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._made: dict[str, Any] = {}
        self._stop = asyncio.Event()
        self._number = 0
        self._worker: asyncio.Task[None] | None = None

    # -- for tests -------------------------------------------------------------------------------------

    def stop(self) -> None:
        """May be said twice: a test that ends a server ends it again as all do."""
        if self._thread.is_alive():
            super().stop()

    async def _end(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
        await super()._end()

    def restart(self) -> None:
        """History and queue are in memory only: gone."""
        self._loop.call_soon_threadsafe(self._forget)

    def run_out_of_memory(self) -> None:
        self.errors.append(
            {
                "node_type": "KSampler",
                "exception_type": "torch.OutOfMemoryError",
                "exception_message": "Allocation on device 0 would exceed allowed memory. (out of memory)",
            }
        )

    def somebody_else(self, runs: int) -> None:
        """Runs of other people wait in the queue and are never carried out."""
        self.running += [[-1 - n, f"other-{n}", {}, {}, []] for n in range(runs)]

    def _forget(self) -> None:
        self.history.clear()
        self.pending.clear()
        self._made.clear()
        self.hold = False
        self.running.clear()
        self._stop.set()

    # -- HTTP ------------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        plain = [
            web.get("/prompt", self._count),
            web.post("/prompt", self._submit),
            web.get("/history/{id}", self._record),
            web.get("/queue", self._queue),
            web.post("/queue", self._change_queue),
            web.post("/interrupt", self._interrupt),
            web.post("/free", self._free),
            web.post("/upload/image", self._upload),
            web.get("/view", self._view),
            web.get("/system_stats", self._stats),
            web.get("/object_info/{kind}", self._info),
            web.get("/ws", self._ws),
        ]
        return plain

    async def _count(self, _: web.Request) -> web.Response:
        return web.json_response({"exec_info": {"queue_remaining": len(self.running) + len(self.pending)}})

    async def _submit(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except ValueError:
            return web.Response(status=500, text="500 Internal Server Error")
        if "prompt" not in body:
            error = {"type": "no_prompt", "message": "No prompt provided", "details": "", "extra_info": {}}
            return web.json_response({"error": error, "node_errors": {}}, status=400)
        try:
            check = Check(body["prompt"], set(self.inputs))
        except Refused as refused:
            return web.json_response(refused.body, status=400)
        self._number += 1
        prompt_id = str(body.get("prompt_id") or f"made-here-{self._number}")
        extra = {"client_id": body["client_id"]} if "client_id" in body else {}
        self.pending.append([self._number, prompt_id, body["prompt"], extra, check.outputs])
        self.submitted.append(prompt_id)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.ensure_future(self._work())
        if self.lose_answers > 0:
            self.lose_answers -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"prompt_id": prompt_id, "number": self._number, "node_errors": check.node_errors})

    async def _record(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        return web.json_response({name: self.history[name]} if name in self.history else {})

    async def _queue(self, _: web.Request) -> web.Response:
        return web.json_response({"queue_running": self.running, "queue_pending": list(self.pending)})

    async def _change_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        gone = set(body.get("delete", []))
        self.pending = deque([] if body.get("clear") else [one for one in self.pending if one[1] not in gone])
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read() or b"{}")
        wanted = body.get("prompt_id")
        if wanted is None or wanted in [one[1] for one in self.running]:
            self._stop.set()
        return web.Response()

    async def _free(self, request: web.Request) -> web.Response:
        self.freed.append(await request.json())
        return web.Response()

    async def _upload(self, request: web.Request) -> web.Response:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = {
            str(part.get_param("name", header="content-disposition")): part
            for part in message_from_bytes(head + await request.read()).walk()
            if not part.is_multipart()
        }
        fields = {
            name: (part.get_payload(decode=True) or b"").decode() for name, part in parts.items() if name != "image"
        }
        image = parts["image"]
        name, content = str(image.get_filename()), image.get_payload(decode=True)
        folder = fields.get("subfolder", "")
        if ".." in folder or folder.startswith("/") or fields.get("type", "input") != "input":
            return web.Response(status=400)
        assert isinstance(content, bytes)
        stem, _, suffix = name.rpartition(".")
        number, at = 1, "/".join(part for part in (folder, name) if part)
        while fields.get("overwrite") not in ("true", "1") and self.inputs.get(at, content) != content:
            name = f"{stem} ({number}).{suffix}"
            number, at = number + 1, "/".join(part for part in (folder, name) if part)
        self.inputs[at] = content
        return web.json_response({"name": name, "subfolder": folder, "type": "input"})

    async def _view(self, request: web.Request) -> web.Response:
        name, folder = request.query.get("filename", ""), request.query.get("subfolder", "")
        if not name or name[0] == "/" or ".." in name:
            return web.Response(status=400)
        if ".." in folder or folder.startswith("/"):
            return web.Response(status=403)
        content = self.outputs.get(f"{folder}/{name}" if folder else name)
        if request.query.get("type", "output") != "output" or content is None:
            return web.Response(status=404)
        kind = {"png": "image/png", "mp4": "video/mp4", "webm": "video/webm"}[name.rpartition(".")[2]]
        return web.Response(body=content, content_type=kind)

    async def _stats(self, _: web.Request) -> web.Response:
        device = {"name": "cuda:0 a fake", "type": "cuda", "index": 0, "vram_total": 24 << 30, "vram_free": 20 << 30}
        return web.json_response({"system": {"os": "posix", "comfyui_version": "0.3.64"}, "devices": [device]})

    async def _info(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        return web.json_response({kind: NODES[kind]} if kind in NODES else {})

    # -- WebSocket -------------------------------------------------------------------------------------

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        if self.ws_refused:
            return web.Response(status=502)
        client = request.query.get("clientId", "")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets[client] = socket
        remaining = len(self.running) + len(self.pending)
        await self._tell(client, "status", {"status": {"exec_info": {"queue_remaining": remaining}}, "sid": client})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
        self._sockets.pop(client, None)
        return socket

    async def _tell(self, client: str, kind: str, data: dict[str, Any]) -> None:
        socket = self._sockets.get(client)
        if socket is None or socket.closed or (self.ws_silent and kind != "status"):
            return
        self.told.append((client, kind))
        try:
            await socket.send_json({"type": kind, "data": data})
            if kind == "progress":
                await socket.send_bytes(PREVIEW)
                if self.ws_breaks:
                    await socket.close()
        except ConnectionError:
            self._sockets.pop(client, None)

    # -- runs ------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while self.pending:
            item = self.pending.popleft()
            self._stop.clear()
            self.running.append(item)
            record = await self._run(item)
            if item in self.running:
                self.running.remove(item)
                self.history[item[1]] = record
            await self._tell(item[3].get("client_id", ""), "executing", {"node": None, "prompt_id": item[1]})

    async def _run(self, item: Any) -> dict[str, Any]:
        _, prompt_id, graph, extra, ends = item
        client, mine = extra.get("client_id", ""), {"prompt_id": prompt_id}
        messages: list[Any] = []

        async def tell(kind: str, data: dict[str, Any], *, kept: bool = False) -> None:
            if kept:
                messages.append([kind, {**data, **mine}])
            await self._tell(client, kind, {**data, **mine})

        def record(outputs: Any, good: bool) -> dict[str, Any]:
            status = {"status_str": "success" if good else "error", "completed": good, "messages": messages}
            meta = {end: {"node_id": end, "display_node": end} for end in outputs}
            return {"prompt": item, "outputs": outputs, "status": status, "meta": meta}

        key = json.dumps(graph, sort_keys=True)
        cached = key in self._made
        await tell("status", {"status": {"exec_info": {"queue_remaining": 1 + len(self.pending)}}})
        await tell("execution_start", {"timestamp": 1}, kept=True)
        await tell("execution_cached", {"nodes": list(graph) if cached else [], "timestamp": 1}, kept=True)
        if cached:
            await tell("execution_success", {"timestamp": 1}, kept=True)
            return record(self._made[key], True)
        fault = self.errors.popleft() if self.errors else None
        for name in _ordered(graph):
            kind = graph[name]["class_type"]
            await tell("progress_state", {"nodes": {name: {"value": 0, "max": 1, "state": "running"}}})
            await tell("executing", {"node": name, "display_node": name})
            if fault is not None and fault["node_type"] == kind:
                facts = {"node_id": name, "executed": [], "traceback": ["..."], "current_inputs": {}, **fault}
                await tell("execution_error", facts, kept=True)
                return record({}, False)
            if "Sampler" in kind and not kind.endswith("Select"):
                for step in range(1, self._steps + 1):
                    await asyncio.sleep(0.002)
                    await tell("progress", {"value": step, "max": self._steps, "node": name})
                while self.hold and not self._stop.is_set():
                    await asyncio.sleep(0.005)
            if self._stop.is_set():
                facts = {"node_id": name, "node_type": kind, "executed": []}
                await tell("execution_interrupted", facts, kept=True)
                return record({}, False)
        outputs = {end: self._saved(graph, end) for end in ends}
        for end, made in outputs.items():
            await tell("executed", {"node": end, "display_node": end, "output": made})
        await tell("execution_success", {"timestamp": 1}, kept=True)
        self._made[key] = outputs
        return record(outputs, True)

    def _saved(self, graph: Any, end: str) -> dict[str, Any]:
        kind, inputs = graph[end]["class_type"], graph[end]["inputs"]
        if kind == "PreviewImage":
            return {"images": [{"filename": "ComfyUI_temp_00001_.png", "subfolder": "", "type": "temp"}]}
        width, height, frames, fps = _facts(graph)
        prefix = str(inputs["filename_prefix"])
        folder, _, stem = prefix.rpartition("/")
        number = 1 + sum(name.startswith(f"{prefix}_") for name in self.outputs)
        suffix = ".png" if kind == "SaveImage" else self.clip_suffix
        name = f"{stem}_{number:05}_{suffix}"
        content = _png(width, height) if kind == "SaveImage" else _clip(width, height, frames, fps, suffix)
        self.outputs[f"{folder}/{name}" if folder else name] = content
        file = {"filename": name, "subfolder": folder, "type": "output"}
        if kind == "VHS_VideoCombine":
            return {"gifs": [{**file, "format": "video/h264-mp4", "frame_rate": fps, "fullpath": f"/out/{name}"}]}
        return {"images": [file]} if kind == "SaveImage" else {"images": [file], "animated": [True]}


def _ordered(graph: Any) -> list[str]:
    """Nodes after those that they need."""
    done: list[str] = []

    def visit(name: str) -> None:
        if name not in done:
            for value in graph[name]["inputs"].values():
                if isinstance(value, list):
                    visit(value[0])
            done.append(name)

    for name in graph:
        visit(name)
    return done


def _facts(graph: Any) -> tuple[int, int, int, float]:
    """Width, height, frames and rate, wherever the graph has them."""
    found = {"width": 64, "height": 64, "length": 1, "fps": 24.0}
    for one in graph.values():
        for name, value in one["inputs"].items():
            name = {"video_frames": "length", "frame_rate": "fps"}.get(name, name)
            if name in found and isinstance(value, (int, float)):
                found[name] = value
    return int(found["width"]), int(found["height"]), int(found["length"]), float(found["fps"])


def _png(width: int, height: int) -> bytes:
    row = np.linspace(0, 255, width, dtype=np.uint8)
    picture = np.dstack(
        [np.tile(row, (height, 1)), np.full((height, width), 90, np.uint8), np.tile(row[::-1], (height, 1))]
    )
    return bytes(cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())


def _clip(width: int, height: int, frames: int, fps: float, suffix: str) -> bytes:
    """Of an eighth of the size, so that it is quickly made."""
    small = (max(16, width // 8 // 2 * 2), max(16, height // 8 // 2 * 2))
    file = io.BytesIO()
    with av.open(file, "w", format=re.sub(r"\W", "", suffix)) as media:
        codec, options = (
            ("libx264", {"preset": "ultrafast"}) if suffix == ".mp4" else ("libvpx-vp9", {"deadline": "realtime"})
        )
        track = media.add_stream(codec, rate=Fraction(fps).limit_denominator(1000), options=options)
        track.width, track.height, track.pix_fmt = *small, "yuv420p"
        for number in range(frames):
            picture = np.full((small[1], small[0], 3), number * 2 % 256, np.uint8)
            media.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        media.mux(track.encode())
    return file.getvalue()
