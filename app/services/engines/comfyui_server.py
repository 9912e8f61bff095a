"""One ComfyUI server: its calls over HTTP and nothing of what they are for.

The protocol is that of the server in the repository Comfy-Org/ComfyUI (``server.py``, ``execution.py``), which is
GPL: it is spoken to, never imported. Files go over HTTP only, so the server may stand on any machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from app.core.errors import EngineFailed, EngineFault
from app.services.engines import comfyui_errors
from app.services.engines.comfyui_graphs import Nodes
from app.services.engines.http import Http

FOLDER = "storyfilm"
"""Subfolder of the server's input and output folders that our files lie in."""
QUICK_S = 3.0
"""Limit for questions that a living server answers at once."""
_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_LARGEST_MESSAGE = 64_000_000


@dataclass(frozen=True)
class Place:
    """Where a run stands in a server's queue."""

    running: bool
    before: int = 0
    """How many runs come first."""


@dataclass(frozen=True)
class Server:
    http: Http
    transfer_s: float
    """Limit for one file up or down, seconds."""

    @property
    def url(self) -> str:
        return self.http.base_url

    async def queue_remaining(self) -> int:
        """How many runs it has, waiting or under way."""
        body = await self.http.json("GET", "/prompt", timeout_s=QUICK_S)
        return int(self._part(body, "exec_info", "queue_remaining"))

    async def upload(self, file: Path) -> str:
        """Send a picture and return what LoadImage calls it. The same bytes have the same name, so nothing piles up."""
        content = await asyncio.to_thread(file.read_bytes)
        suffix = file.suffix.lower() if file.suffix.lower() in _SUFFIXES else ".png"
        name = hashlib.sha256(content).hexdigest()[:32] + suffix
        form = aiohttp.FormData()
        form.add_field(
            "image", io.BytesIO(content), filename=name, content_type="image/" + suffix[1:].replace("jpg", "jpeg")
        )
        for field, value in (("type", "input"), ("subfolder", FOLDER), ("overwrite", "true")):
            form.add_field(field, value)
        body = await self.http.json("POST", "/upload/image", data=form, timeout_s=self.transfer_s)
        if not isinstance(body, dict) or not body.get("name"):
            raise EngineFault(f"{self.http.who} did not say what it called an uploaded picture")
        return "/".join(str(part) for part in (body.get("subfolder"), body["name"]) if part)

    async def submit(self, nodes: Nodes, prompt_id: str, client_id: str, output: str) -> None:
        """Enqueue a graph under an id of ours. Raises EngineFailed naming node and input when it is refused."""
        body = {"prompt": nodes, "prompt_id": prompt_id, "client_id": client_id}
        answer = await self.http.call("POST", "/prompt", json=body, accept=(400,))
        if answer.status == 400:
            reason = self.http.quoted(comfyui_errors.refusal(answer.body)) or "no reason given"
            raise EngineFailed(f"{self.http.who} at {self.url} refused the graph: {reason}")
        said = self.http.parsed(answer.body)
        if not isinstance(said, dict):
            raise EngineFault(f"{self.http.who} answered a graph with something that is no receipt")
        if lost := comfyui_errors.dropped(said.get("node_errors"), output):
            # The graph's other outputs were accepted, and nobody wants them.
            await self.stop(prompt_id)
            raise EngineFailed(f"{self.http.who} at {self.url} refused the result: {self.http.quoted(lost)}")
        if said.get("prompt_id") != prompt_id:
            await self.http.call("POST", "/queue", json={"delete": [said.get("prompt_id")]}, timeout_s=QUICK_S)
            raise EngineFailed(f"{self.http.who} at {self.url} is too old: it does not take a prompt_id of ours")

    async def history(self, prompt_id: str) -> dict[str, Any] | None:
        """The record of a run that has ended; None: it has not, or the server does not know it."""
        body = await self.http.json("GET", f"/history/{quote(prompt_id)}")
        if not isinstance(body, dict):
            raise EngineFault(f"{self.http.who} answered with a history that is none")
        record = body.get(prompt_id)
        return record if isinstance(record, dict) else None

    async def place(self, prompt_id: str) -> Place | None:
        """Where a run stands in the queue; None: it is not there."""
        body = await self.http.json("GET", "/queue")
        running, pending = (_ids(self._part(body, name)) for name in ("queue_running", "queue_pending"))
        if prompt_id in (one[1] for one in running):
            return Place(running=True)
        mine = next((number for number, name in pending if name == prompt_id), None)
        if mine is None:
            return None
        return Place(running=False, before=len(running) + sum(number < mine for number, _ in pending))

    async def stop(self, prompt_id: str) -> None:
        """Take this run out of the queue, or stop it if it is under way; nobody else's."""
        # Both at once: a cancel waits for neither long.
        await asyncio.gather(
            self.http.call("POST", "/queue", json={"delete": [prompt_id]}, timeout_s=QUICK_S),
            self.http.call("POST", "/interrupt", json={"prompt_id": prompt_id}, timeout_s=QUICK_S),
        )

    async def free(self) -> None:
        """Unload models and free the GPU's memory."""
        await self.http.call("POST", "/free", json={"unload_models": True, "free_memory": True})

    async def download(self, file: dict[str, Any], target: Path) -> None:
        """Fetch a result (``{filename, subfolder, type}``). Raises ExpiredLink when it is there no more."""
        params = {name: str(file.get(name, "")) for name in ("filename", "subfolder", "type")}
        await self.http.save("/view", target, params=params, timeout_s=self.transfer_s)

    @asynccontextmanager
    async def events(self, client_id: str, connect_s: float) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The server's messages to one client. Raises aiohttp's errors."""
        url = f"{self.url}/ws"
        async with self.http.session(url, connect_s) as session:
            connecting = session.ws_connect(
                url, params={"clientId": client_id}, heartbeat=30.0, max_msg_size=_LARGEST_MESSAGE
            )
            async with connecting as socket:
                yield socket

    async def lacking(self, nodes: Nodes, models: dict[str, str]) -> list[str]:
        """What a graph needs and the server has not, in sentences; ``models`` are addresses of inputs to files."""
        await self.http.call("GET", "/system_stats", timeout_s=QUICK_S)
        kinds = sorted({str(node["class_type"]) for node in nodes.values()})
        answers = await asyncio.gather(
            *(self.http.json("GET", f"/object_info/{quote(kind, safe='')}", timeout_s=QUICK_S) for kind in kinds)
        )
        known = {
            kind: answer.get(kind) for kind, answer in zip(kinds, answers, strict=True) if isinstance(answer, dict)
        }
        missing = [f"{self.url} has no node {kind}" for kind in kinds if not known.get(kind)]
        for address, file in models.items():
            node, _, field = address.rpartition(".")
            kind = str(nodes[node]["class_type"])
            choices = _choices(known.get(kind), field)
            if choices is not None and file not in choices:
                missing.append(f"{self.url} lacks {kind}.{field} {file!r}")
        return missing

    def _part(self, body: Any, *path: str) -> Any:
        for name in path:
            if not isinstance(body, dict) or name not in body:
                raise EngineFault(f"{self.http.who} at {self.url} does not answer as ComfyUI does")
            body = body[name]
        return body


def _ids(items: Any) -> list[tuple[float, str]]:
    """(number, prompt id) of a queue's items ``[number, prompt_id, graph, extra, outputs]``."""
    return [(item[0], str(item[1])) for item in items or [] if isinstance(item, list) and len(item) > 1]


def _choices(info: Any, field: str) -> list[Any] | None:
    """What an input may be, from ``object_info``; None: it is no choice. Both forms, old and new, are known."""
    inputs = info.get("input") if isinstance(info, dict) else None
    for group in ("required", "optional"):
        spec = ((inputs or {}).get(group) or {}).get(field)
        if isinstance(spec, list) and spec:
            if isinstance(spec[0], list):
                return spec[0]
            if spec[0] == "COMBO" and len(spec) > 1 and isinstance(spec[1], dict):
                return list(spec[1].get("options") or [])
    return None
