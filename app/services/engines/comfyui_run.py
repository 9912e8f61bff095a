"""One graph on its way: submitted to a host, watched, asked for, stopped.

A run has an id of ours that is kept, with its host, before it is submitted. So a submission whose answer was lost is
looked for in the server's queue and history before there is another, and a resumed job waits for the same run. A
server keeps both in memory only: one that was restarted, or that nobody answers for any more, has lost the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loguru import logger

from app.core.errors import AppError, EngineFailed, EngineUnavailable
from app.services.engines.base import Context
from app.services.engines.comfyui_errors import run_failed
from app.services.engines.comfyui_graphs import Nodes
from app.services.engines.comfyui_hosts import Hosts
from app.services.engines.comfyui_server import QUICK_S, Server
from app.services.engines.comfyui_watch import Watch
from app.services.engines.provider_task import STOP_S, Seen, Task, TaskGone

LOST_AFTER = 3
"""Refused connections in a row after which a server, and with it its queue, is taken for gone."""
SEARCHES = 2
"""How often a submission whose answer was lost is looked for before the try is given up."""
OUTPUTS = ("images", "gifs", "videos", "video")
"""Under which an output node lists its files: core nodes, and VHS_VideoCombine and others."""
File = dict[str, Any]
"""``{filename, subfolder, type}`` of a result."""


@dataclass(frozen=True)
class Work:
    """What is to be made."""

    nodes: Callable[[Sequence[str], str], Nodes]
    """Names that the uploaded pictures have on the server, and the prefix of the result's name, to the graph."""
    files: Sequence[Path]
    """Pictures to upload."""
    output: str
    """The node whose file is wanted."""
    prefix: str


@dataclass
class Run:
    """``submit``, ``look`` and ``stop`` are for ``followed``; ``close`` gives its place at the host back."""

    server: Callable[[str], Server]
    hosts: Hosts
    work: Work
    context: Context
    poll_s: float
    at: str = ""
    """The host where it is counted."""
    _watch: Watch | None = None
    _listening: AsyncExitStack = field(default_factory=AsyncExitStack)
    _looks: int = 0
    _refused: int = 0

    async def close(self) -> None:
        if self.at:
            self.hosts.leave(self.at)
            self.at = ""
        await self._listening.aclose()

    # -- submit --------------------------------------------------------------------------------------

    async def submit(self, task: Task) -> Task:
        names, host = await self._uploaded()
        task = {**task, "host": host}
        nodes = self.work.nodes(names, f"{self.work.prefix}/{task['prompt_id']}")
        await self._listen(host, nodes, task)
        await self.context.remember(task)
        self._looks = self._refused = 0
        server = self.server(host)
        try:
            await server.submit(nodes, task["prompt_id"], task["client_id"], self.work.output)
        except asyncio.CancelledError:
            if self.context.canceled:
                await self._briefly(self.stop(task))
            raise
        except AppError as error:
            if not error.retryable or isinstance(error, EngineUnavailable) or not await self._arrived(server, task):
                raise
            logger.info("a run is at {} although its submission failed: {}", host, error.detail)
        return task

    async def _uploaded(self) -> tuple[list[str], str]:
        """A host with a place for the run, and the names that its pictures have there."""
        for _ in self.hosts.urls:
            await self.close()
            self.at = host = await self.hosts.take(self.context)
            try:
                return [await self.server(host).upload(file) for file in self.work.files], host
            except EngineUnavailable as error:
                # It went away since it was asked. Nothing was submitted yet, so another may have the run.
                logger.warning("a ComfyUI host went away: {}", error.detail)
                self.hosts.rest(host)
                refused = error
        raise refused

    async def _listen(self, host: str, nodes: Nodes, task: Task) -> None:
        """Before the submission, so that no message is missed."""
        self._watch = Watch(self.context, nodes, task["prompt_id"])
        await self._listening.enter_async_context(self._watch.listening(self.server(host), task["client_id"], QUICK_S))

    async def _arrived(self, server: Server, task: Task) -> bool:
        """Whether the server has a run whose submission had no answer."""
        for _ in range(SEARCHES):
            await asyncio.sleep(min(self.poll_s, 1.0))
            with suppress(AppError):
                if await server.place(task["prompt_id"]) or await server.history(task["prompt_id"]):
                    return True
        return False

    async def stop(self, task: Task) -> None:
        if task["host"]:
            await self.server(task["host"]).stop(task["prompt_id"])

    async def _briefly(self, stopping: Any) -> None:
        try:
            await asyncio.wait_for(stopping, STOP_S)
        except (AppError, TimeoutError) as error:
            logger.warning("a canceled run could not be stopped: {}", error)

    # -- look ----------------------------------------------------------------------------------------

    async def look(self, task: Task) -> Seen[tuple[File, str]]:
        """The result is the file and its host. The wait between looks is in here: it ends when the run does."""
        if not task.get("host"):
            raise TaskGone
        if not self.at:
            self.at = task["host"]
            self.hosts.enter(self.at)
        if self._looks:
            await (self._watch.pause(self.poll_s) if self._watch else asyncio.sleep(self.poll_s))
        self._looks += 1
        try:
            seen = await self._seen(self.server(task["host"]), task["prompt_id"])
        except EngineUnavailable:
            self._refused += 1
            self.hosts.rest(task["host"])
            if self._refused >= LOST_AFTER:
                raise TaskGone from None
            raise
        self._refused = 0
        return seen

    async def _seen(self, server: Server, prompt_id: str) -> Seen[tuple[File, str]]:
        if record := await server.history(prompt_id):
            return await self._ended(server, record)
        place = await server.place(prompt_id)
        if place is None:
            # It may have ended between the two questions.
            if record := await server.history(prompt_id):
                return await self._ended(server, record)
            raise TaskGone
        progress = self._watch.fraction if self._watch else 0.0
        if place.running:
            return Seen(progress=progress, message=self._watch.message if self._watch else "")
        return Seen(waiting=True, progress=progress, message=f"{place.before} before it")

    async def _ended(self, server: Server, record: dict[str, Any]) -> Seen[tuple[File, str]]:
        status = record.get("status") or {}
        if status.get("status_str", "success") == "success":
            files = result_files(record.get("outputs"), self.work.output)
            if files:
                return Seen(result=(files[0], server.url))
            lost = f"{server.http.who}: node {self.work.output} of the graph made no file"
            return Seen(failed=EngineFailed(lost))
        error, out_of_memory = run_failed(server.http.who, status, server.http.quoted)
        if out_of_memory:
            try:
                await server.free()
            except AppError as lost_call:
                logger.warning("{} could not be told to free its memory: {}", server.url, lost_call.detail)
        return Seen(failed=error)


def result_files(outputs: Any, node: str) -> list[File]:
    """The kept files of one output node; previews (``type: temp``) are none."""
    made = (outputs or {}).get(node) or {}
    files = [file for name in OUTPUTS for file in made.get(name) or []]
    return [file for file in files if isinstance(file, dict) and file.get("filename") and file.get("type") != "temp"]
