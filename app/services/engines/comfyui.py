"""What the image and the video engine for ComfyUI share: hosts, settings, and graphs with what the settings change."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, field_validator

from app.core.config import CommaList, EngineSettings
from app.core.errors import AppError, EngineFault
from app.services.engines.base import Context
from app.services.engines.comfyui_graphs import BadGraph, Graph, load, parsed_size
from app.services.engines.comfyui_hosts import Hosts
from app.services.engines.comfyui_run import Run, Work
from app.services.engines.comfyui_server import Server
from app.services.engines.http import ExpiredLink, Http
from app.services.engines.provider_task import followed

HOST = "http://127.0.0.1:8188"
PAUSE_S = 0.05
"""Between looks at a run; the real wait is inside a look, where it ends as soon as the server says that the run has."""


class ComfyUISettings(EngineSettings):
    """What both engines have; each adds its graphs and its names."""

    hosts: CommaList = Field(default_factory=lambda: [HOST])
    token: SecretStr = SecretStr("")
    """Sent as ``Authorization: Bearer`` for a proxy before ComfyUI, which has no keys of its own."""
    per_host: int = Field(default=1, ge=1, le=16)
    """Runs of this service at one host at a time; ComfyUI itself carries out one after the other."""
    timeout_s: float = Field(default=60.0, gt=0)
    """Of one call, seconds."""
    transfer_s: float = Field(default=300.0, gt=0)
    """Of one file up or down, seconds."""
    poll_s: float = Field(default=2.0, gt=0)
    rest_s: float = Field(default=30.0, gt=0)
    """How long a host that did not answer is spared while others do."""

    @field_validator("hosts")
    @classmethod
    def _whole_addresses(cls, value: list[str]) -> list[str]:
        whole = [(url if "://" in url else f"http://{url}").rstrip("/") for url in value]
        if any("@" in url for url in whole):
            raise ValueError("an address holds no user or password; give a TOKEN instead")
        return list(dict.fromkeys(whole)) or [HOST]


def checked_size(value: str) -> str:
    """For validators: empty, or a size such as ``1536x864``."""
    if value:
        parsed_size(value)
    return value


def checked_models(value: list[str]) -> list[str]:
    """For validators: items such as ``unet=file.safetensors``."""
    for item in value:
        name, _, file = item.partition("=")
        if not name.strip() or not file.strip():
            raise ValueError(f"{item!r} is not of the form unet=file.safetensors")
    return value


@dataclass(frozen=True)
class Tuned:
    """A graph with what the settings change in it."""

    graph: Graph
    models: Mapping[str, str]
    values: Mapping[str, Any]
    """By the names of the map; None: as the graph has it."""
    size: str = ""

    def model_files(self) -> dict[str, str]:
        """Address of every input that takes a model, to the file that it takes."""
        return {address: self._file(name) for name, address in self.graph.inputs.models.items()}

    def basis(self) -> dict[str, Any]:
        """What decides the result, as JSON."""
        changed = {name: value for name, value in self.values.items() if value is not None}
        files = {name: self._file(name) for name in self.graph.inputs.models}
        size = {"size": self.size} if self.size else {}
        return {"graph": self.graph.name, "graph_id": self.graph.fingerprint, "models": files, **changed, **size}

    def _file(self, name: str) -> str:
        return str(self.models.get(name, self.graph.model(name)))


def tuned(setting: str, name: str, needed: Sequence[str], *, models: Sequence[str], size: str, **values: Any) -> Tuned:
    """The graph ``name`` with the settings' changes; ``setting`` is what errors call it. Raises BadGraph."""
    graph = load(setting, name, needed)
    files = {key.strip(): file.strip() for key, _, file in (item.partition("=") for item in models)}
    known = ", ".join(graph.inputs.models) or "none"
    strange = [key for key in files if key not in graph.inputs.models]
    strange_values = [key for key, value in values.items() if value is not None and not getattr(graph.inputs, key)]
    problems = [
        f"{setting.removesuffix('GRAPH')}MODELS: the graph {graph.name} has no model {key!r}; it has {known}"
        for key in strange
    ] + [
        f"{setting.removesuffix('GRAPH')}{key.upper()}: the graph {graph.name} has no input for it"
        for key in strange_values
    ]
    if problems:
        raise BadGraph(*problems)
    return Tuned(graph, files, values, size)


class ComfyUI:
    """The hosts of one engine. ``who`` is the engine's name."""

    def __init__(self, who: str, settings: ComfyUISettings) -> None:
        self.who = who
        self._settings = settings
        self._hosts = Hosts(settings.hosts, settings.per_host, self._queue_of, settings.rest_s)

    def server(self, url: str) -> Server:
        token = self._settings.token.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        http = Http(self.who, url, headers=headers, secrets=[token], timeout_s=self._settings.timeout_s)
        return Server(http, self._settings.transfer_s)

    async def _queue_of(self, url: str) -> int:
        return await self.server(url).queue_remaining()

    def lanes(self) -> dict[str, int]:
        """One lane for the set of hosts: which of them a run takes is decided when its turn has come."""
        places = len(self._settings.hosts) * self._settings.per_host
        return {f"comfyui {' '.join(sorted(self._settings.hosts))}": places}

    async def unreachable(self, graphs: Sequence[Tuned]) -> list[str]:
        """Hosts that do not answer, and nodes and model files that they lack, in sentences."""
        found = await asyncio.gather(*(self._lacking(url, graphs) for url in self._settings.hosts))
        return [sentence for sentences in found for sentence in sentences]

    async def _lacking(self, url: str, graphs: Sequence[Tuned]) -> list[str]:
        lacking: dict[str, None] = {}
        try:
            for one in graphs:
                lacking |= dict.fromkeys(await self.server(url).lacking(one.graph.nodes, one.model_files()))
        except AppError as error:
            return [error.detail]
        return list(lacking)

    async def made(self, work: Work, context: Context, name: str) -> Path:
        """Carry ``work`` out and download its file as ``name`` with the suffix that it has there.

        Raises EngineFailed naming the node when the graph is refused or fails.
        """
        run = Run(self.server, self._hosts, work, context, self._settings.poll_s)
        chosen = {"prompt_id": str(uuid.uuid4()), "client_id": uuid.uuid4().hex, "host": ""}
        try:
            file, host = await followed(
                context, submit=run.submit, look=run.look, stop=run.stop, chosen=chosen, poll_s=PAUSE_S
            )
        finally:
            await run.close()
        suffix = Path(str(file["filename"])).suffix.lower()
        target = context.folder / (name + (suffix if suffix[1:].isalnum() else ".bin"))
        try:
            await self.server(host).download(file, target)
        except ExpiredLink:
            await context.forget()
            raise
        return target


async def decoded(context: Context, task: str, request: dict[str, Any]) -> dict[str, Any]:
    """``context.compute`` of a result. One that cannot be decoded is not fetched again: it is made anew."""
    try:
        return await context.compute(task, request)
    except EngineFault:
        await context.forget()
        raise
