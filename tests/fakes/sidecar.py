"""A sidecar of ours without a model: ``app.sidecars.wire`` as an engine sees it, with its failures on request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from fakes.base import Fake
from fakes.forms import form_of

Made = tuple[dict[str, Any], dict[str, bytes]]
"""Facts and results by name."""


@dataclass
class Run:
    request: dict[str, Any]
    files: dict[str, bytes]
    names: dict[str, str]
    """File names that the inputs came with."""
    state: str = "queued"
    revision: int = 1
    facts: dict[str, Any] | None = None
    results: dict[str, bytes] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    canceled: bool = False


class FakeSidecar(Fake):
    """``make(request, files)`` gives facts and results; each look takes a run one state further."""

    def __init__(self, make: Callable[[dict[str, Any], Mapping[str, bytes]], Made] = lambda *_: ({}, {})) -> None:
        super().__init__()
        self.make = make
        self.token = ""
        self.runs: dict[str, Run] = {}
        self.order: list[Run] = []
        """Every run that was ever put, also those that were forgotten."""
        self.never_ends = False
        self.error: dict[str, Any] | None = None
        """What every run ends with."""
        self.sizes: dict[str, int] = {}
        """Wrong sizes to tell."""
        self.health: dict[str, Any] = {"state": "ready", "name": "fake", "models": ["default"], "facts": {}}

    def restart(self) -> None:
        """It forgets its runs, as after a crash."""
        self.runs.clear()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.put("/runs/{id}", self._put),
            web.get("/runs/{id}", self._look),
            web.get("/runs/{id}/files/{name}", self._file),
            web.post("/runs/{id}/cancel", self._cancel),
            web.delete("/runs/{id}", self._forget),
            web.get("/health", self._health),
        ]

    def _admit(self, request: web.Request) -> None:
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            raise web.HTTPUnauthorized(
                text=json.dumps(
                    {"code": "UNAUTHENTICATED", "detail": "The sidecar wants its token", "retryable": False}
                ),
                content_type="application/problem+json",
            )

    async def _put(self, request: web.Request) -> web.Response:
        self._admit(request)
        if self.health["state"] == "failed":
            return problem(503, "ENGINE_UNAVAILABLE", self.health.get("detail", ""), True)
        form = await form_of(request)
        run_id = request.match_info["id"]
        files = {name: part for name, part in form.items() if part.filename is not None}
        if run_id not in self.runs:
            self.runs[run_id] = Run(
                json.loads(form["request"].text),
                {name: part.data for name, part in files.items()},
                {name: part.filename or "" for name, part in files.items()},
            )
            self.order.append(self.runs[run_id])
        return web.json_response(self._state(run_id), status=202)

    async def _look(self, request: web.Request) -> web.Response:
        self._admit(request)
        run_id = request.match_info["id"]
        if run_id not in self.runs:
            return problem(404, "NOT_FOUND", f"The run {run_id} is not known", False)
        run = self.runs[run_id]
        if run.state == "running" and self.never_ends:
            if int(request.query.get("revision", "-1")) >= run.revision:
                await asyncio.sleep(float(request.query.get("wait_s", "0")))
        elif run.state in ("queued", "running"):
            self._step(run)
        return web.json_response(self._state(run_id))

    def _step(self, run: Run) -> None:
        run.revision += 1
        if run.state == "queued":
            run.state = "running"
        elif self.error is not None:
            run.state, run.error = "failed", self.error
            if self.error["code"] == "CANCELED":
                run.state = "canceled"
        else:
            run.facts, run.results = self.make(run.request, run.files)
            run.state = "succeeded"

    def _state(self, run_id: str) -> dict[str, Any]:
        run = self.runs[run_id]
        return {
            "run_id": run_id,
            "state": run.state,
            "revision": run.revision,
            "progress": {"queued": 0.0, "running": 0.5}.get(run.state, 1.0),
            "message": "step" if run.state == "running" else "",
            "position": 1 if run.state == "queued" else 0,
            "result": run.facts,
            "files": sorted(run.results),
            "sizes": {name: self.sizes.get(name, len(data)) for name, data in run.results.items()},
            "error": run.error,
        }

    async def _file(self, request: web.Request) -> web.Response:
        self._admit(request)
        run = self.runs.get(request.match_info["id"])
        name = request.match_info["name"]
        if run is None or name not in run.results:
            return problem(404, "NOT_FOUND", "There is no such file", False)
        return web.Response(body=run.results[name], content_type="application/octet-stream")

    async def _cancel(self, request: web.Request) -> web.Response:
        self._admit(request)
        run_id = request.match_info["id"]
        if run_id not in self.runs:
            return problem(404, "NOT_FOUND", f"The run {run_id} is not known", False)
        self.runs[run_id].canceled = True
        return web.json_response(self._state(run_id))

    async def _forget(self, request: web.Request) -> web.Response:
        self._admit(request)
        self.runs.pop(request.match_info["id"], None)
        return web.Response(status=204)

    async def _health(self, request: web.Request) -> web.Response:
        self._admit(request)
        return web.json_response(self.health, status=200 if self.health["state"] in ("ready", "busy") else 503)


def problem(status: int, code: str, detail: str, retryable: bool) -> web.Response:
    record = {"code": code, "detail": detail, "retryable": retryable}
    return web.json_response(record, status=status, content_type="application/problem+json")
