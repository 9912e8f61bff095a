"""The diffusion sidecar without its models: the real wire and the real check of requests, pictures out of nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from aiohttp import web

from app.core.errors import AppError, EngineFault
from app.sidecars.diffusion.ask import Ask, asked
from app.sidecars.diffusion.catalog import KNOWN
from app.sidecars.uploads import Upload
from fakes.base import Fake
from fakes.pixverse import a_clip


class Diffusion(Fake):
    """Runs succeed at the second look."""

    def __init__(self) -> None:
        super().__init__()
        self.endless = False
        """Runs never end."""
        self.memory = True
        """False: every run fails for want of it."""
        self.missing: dict[str, str] = {}
        """Models without weights."""
        self.runs: dict[str, dict[str, Any]] = {}
        self.asks: list[dict[str, Any]] = []
        """The requests as they were sent."""
        self.files: list[list[str]] = []
        """Names of the files of each."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.put("/runs/{run}", self._put),
            web.get("/runs/{run}", self._look),
            web.get("/runs/{run}/files/{name}", self._file),
            web.post("/runs/{run}/cancel", self._cancel),
            web.delete("/runs/{run}", self._forget),
            web.get("/health", self._health),
        ]

    async def _put(self, request: web.Request) -> web.Response:
        run = request.match_info["run"]
        if run in self.runs:
            return web.json_response(self.runs[run]["state"])
        with tempfile.TemporaryDirectory() as folder:
            upload = Upload(request.headers["Content-Type"], Path(folder), self.max_body)
            upload.feed(await request.read())
            sent, _ = upload.finish()
            files = sorted(upload.files)
        self.asks.append(sent)
        self.files.append(files)
        try:
            ask = asked(self.asks[-1], dict.fromkeys(files, Path("x")))
        except AppError as error:
            return web.json_response(error.as_record(), status=error.status, content_type="application/problem+json")
        state = {"run_id": run, "state": "running", "revision": 1, "progress": 0.0}
        self.runs[run] = {"ask": ask, "state": state}
        return web.json_response(state, status=202)

    async def _look(self, request: web.Request) -> web.Response:
        run = self.runs.get(request.match_info["run"])
        if run is None:
            return web.json_response({"code": "NOT_FOUND", "detail": "no such run"}, status=404)
        state = run["state"]
        state["revision"] += 1
        if state["revision"] == 2 or self.endless:
            state |= {"progress": 0.5, "message": "step 14 of 28"}
        elif not self.memory:
            state |= {"state": "failed", "error": EngineFault("out of memory").as_record()}
        else:
            name = "clip.mp4" if run["ask"].known.frames else "picture.png"
            facts = {"model": run["ask"].model, "seed": run["ask"].seed}
            run["body"] = _made(run["ask"])
            state |= {"state": "succeeded", "progress": 1.0, "result": facts, "files": [name]}
            state["sizes"] = {name: len(run["body"])}
        return web.json_response(state)

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.runs[request.match_info["run"]]["body"])

    async def _cancel(self, request: web.Request) -> web.Response:
        state = self.runs[request.match_info["run"]]["state"]
        state["state"] = "canceled"
        return web.json_response(state)

    async def _forget(self, request: web.Request) -> web.Response:
        self.runs.pop(request.match_info["run"], None)
        return web.Response(status=204)

    async def _health(self, request: web.Request) -> web.Response:
        here = [name for name in KNOWN if name not in self.missing]
        return web.json_response({"state": "ready", "name": "diffusion", "models": here, "missing": self.missing})


def _made(ask: Ask) -> bytes:
    if ask.known.frames is not None:
        return a_clip(1, 0.5)
    picture = np.full((ask.height, ask.width, 3), 90, np.uint8)
    cv2.circle(picture, (ask.width // 2, ask.height // 2), ask.height // 4, (200, 120, 40), -1)
    return cv2.imencode(".png", picture)[1].tobytes()
