"""How far a run is, from the server's WebSocket: only for progress and promptness, never for the outcome.

One run's messages come in the order ``execution_start``, ``execution_cached``, (``executing``, ``progress``)*,
``executed`` per output, ``execution_success`` or ``execution_error`` or ``execution_interrupted``, and last
``executing`` with node null, which says "ended" and not "succeeded". Binary frames are previews.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from loguru import logger

from app.services.engines.base import Context
from app.services.engines.comfyui_graphs import Nodes
from app.services.engines.comfyui_server import Server

LAST = 0.95
"""The fraction at which sampling is over; decoding and saving follow."""


class Watch:
    """What the server tells of one run. Without a connection nothing comes, and whoever waits asks by himself."""

    def __init__(self, context: Context, nodes: Nodes, prompt_id: str) -> None:
        self._context = context
        self._kinds = {name: str(node["class_type"]) for name, node in nodes.items()}
        self._prompt_id = prompt_id
        self._samplers: list[str] = []
        """Samplers that have told their progress, in their order."""
        self._ended = asyncio.Event()
        self.fraction = 0.0
        self.message = ""

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the run has ended."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        # Said once: if the history does not have it then, asking goes on at its own pace.
        self._ended.clear()

    @asynccontextmanager
    async def listening(self, server: Server, client_id: str, connect_s: float) -> AsyncIterator[None]:
        """Listen while the block runs; the block begins when the connection is there, or cannot be had."""
        ready = asyncio.Event()
        task = asyncio.create_task(self._listen(server, client_id, connect_s, ready))
        try:
            await ready.wait()
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _listen(self, server: Server, client_id: str, connect_s: float, ready: asyncio.Event) -> None:
        try:
            async with server.events(client_id, connect_s) as socket:
                ready.set()
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        self.hear(json.loads(message.data))
            logger.info("{} ended the progress of a run; asking for it goes on", server.url)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            logger.info("no progress from {}: {}", server.url, type(error).__name__)
        finally:
            ready.set()

    def hear(self, message: Any) -> None:
        """One text message, parsed. Those of other runs and of kinds that are not known are passed over."""
        data = message.get("data") if isinstance(message, dict) else None
        if not isinstance(data, dict) or data.get("prompt_id") != self._prompt_id:
            return
        node = data.get("node")
        match message.get("type"):
            case "execution_start":
                self._context.waiting(False)
            case "progress":
                self._progressed(str(node), data.get("value"), data.get("max"))
            case "executing" if node is None:
                self._ended.set()
            case "executing":
                self._say(self.fraction, self._kinds.get(str(node), str(node)))

    def _progressed(self, node: str, value: Any, most: Any) -> None:
        if not isinstance(value, (int, float)) or not isinstance(most, (int, float)) or most <= 0:
            return
        kind = self._kinds.get(node, node)
        fraction = self.fraction
        if "Sampler" in kind:
            if node not in self._samplers:
                self._samplers.append(node)
            passes = max(1, sum("Sampler" in one and not one.endswith("Select") for one in self._kinds.values()))
            fraction = LAST * (self._samplers.index(node) + min(1.0, value / most)) / passes
        self._say(fraction, f"{kind} {value:g}/{most:g}")

    def _say(self, fraction: float, message: str) -> None:
        self.fraction, self.message = max(self.fraction, min(fraction, LAST)), message
        self._context.progress(self.fraction, message)
