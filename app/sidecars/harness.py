"""A local model as a small server: the other half of ``wire``, the same for every sidecar.

A sidecar's own file is a ``Model`` and ``serve(DiffusionModel(settings), settings)``. The harness listens at once, sets
the model up in a thread, carries out one run at a time there, and keeps results until they are fetched.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hmac
import re
import shutil
import signal
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from loguru import logger
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, Response

from app.core.errors import (
    AppError,
    EngineUnavailable,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    StorageFull,
    Unauthenticated,
    ValidationFailed,
)
from app.sidecars.model import Model, Run
from app.sidecars.runs import Runs
from app.sidecars.settings import SidecarSettings, settings_from
from app.sidecars.uploads import Upload
from app.sidecars.wire import LONGEST_WAIT_S, RUN_ID, Health
from app.sidecars.worker import Worker

__all__ = ["Model", "Run", "SidecarSettings", "create_app", "serve", "settings_from"]

_SWEEP_S = 0.5
_END_S = 5.0
"""What a run that is told to stop gets when the sidecar itself stops."""
_TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".wav": "audio/wav",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}


class Desk:
    """What the routes need: the model, the book of runs, and a pulse after every change of anything."""

    def __init__(self, model: Model, settings: SidecarSettings) -> None:
        self.model, self.settings = model, settings
        folder = settings.data_dir or Path("data/sidecars") / model.name
        self.runs = Runs(folder, settings, self._changed)
        self.worker = Worker(model, self.runs, self._changed)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pulse = asyncio.Event()

    def _changed(self) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # The server has stopped; nobody listens any more.
                loop.call_soon_threadsafe(self._beat)

    def _beat(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()

    @asynccontextmanager
    async def open(self, app: FastAPI) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self.runs.open)
        self.worker.start()
        sweeping = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            await asyncio.to_thread(self.worker.stop, _END_S)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            await asyncio.to_thread(self.runs.sweep)

    async def seen(self, run_id: str, wait_s: float, revision: int) -> dict[str, Any]:
        """A RunState, when it is newer than ``revision``, or has ended, or the time is over. Raises NotFound."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(max(wait_s, 0.0), LONGEST_WAIT_S)
        while True:
            pulse = self._pulse
            state = self.runs.find(run_id)
            if state is None:
                raise NotFound(f"The run {run_id} is not known")
            left = until - loop.time()
            if state.revision > revision or state.state not in ("queued", "running") or left <= 0:
                return state.model_dump()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pulse.wait(), left)

    def trouble(self) -> str:
        """Why no run can be taken; empty: it can."""
        return self.worker.reason if self.worker.state == "failed" else self.runs.stuck()

    def health(self) -> Health:
        running, queued = self.runs.busy()
        trouble = self.trouble()
        state = "failed" if trouble else "busy" if running and self.worker.state == "ready" else self.worker.state
        detail = trouble or {"loading": "The model is being loaded"}.get(state, "")
        try:
            models, missing = self.model.models()
            facts, device = self.model.facts(), self.model.device()
        except Exception as error:  # noqa: BLE001  (a model's own code, as in a run)
            logger.exception("the model cannot tell its state")
            return Health(state="failed", detail=f"The model cannot tell its state: {type(error).__name__}")
        return Health(
            state=state,
            detail=detail,
            name=self.model.name,
            models=models,
            missing=missing,
            device=device,
            running=running,
            queued=queued,
            facts=facts,
        )

    async def take(self, run_id: str, request: Request) -> tuple[dict[str, Any], bool]:
        """Read the body and take the run. Raises the errors of ``Runs.accept`` and of ``Upload``."""
        if trouble := self.trouble():
            raise EngineUnavailable(trouble)
        self.runs.check_room(run_id)
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.settings.max_upload_bytes:
            raise PayloadTooLarge(f"The body has more than {self.settings.max_upload_bytes} bytes")
        folder = self.runs.uploads / uuid.uuid4().hex
        try:
            folder.mkdir()
            upload = Upload(request.headers.get("content-type", ""), folder, self.settings.max_upload_bytes)
            try:
                async for chunk in request.stream():
                    await asyncio.to_thread(upload.feed, chunk)
                asked, fingerprint = await asyncio.to_thread(upload.finish)
            finally:
                upload.drop()
            files = {name: path.name for name, path in upload.files.items()}
            state, new = self.runs.accept(run_id, asked, fingerprint, folder, files, self.model.affinity(asked))
            return state.model_dump(), new
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull("No space is left for the files of the run") from error
            raise
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def create_app(model: Model, settings: SidecarSettings) -> FastAPI:
    """The sidecar as an ASGI application; the model is set up when its lifespan begins."""
    desk = Desk(model, settings)

    def admitted(request: Request) -> None:
        token = settings.token.get_secret_value()
        sent = request.headers.get("authorization", "").encode()
        if token and not hmac.compare_digest(sent, f"Bearer {token}".encode()):
            raise Unauthenticated("The sidecar wants its token as Authorization: Bearer")

    app = FastAPI(title=f"{model.name} sidecar", lifespan=desk.open, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    app.include_router(_routes(desk), dependencies=[Depends(admitted)])
    app.add_exception_handler(AppError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(ClientDisconnect, _nobody)
    return app


def _routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.put("/runs/{run_id}")
    async def put(run_id: str, request: Request) -> Response:
        if not re.fullmatch(RUN_ID.strip("^$"), run_id):
            raise ValidationFailed("A run's id is up to 128 letters, digits, dots, dashes and underscores")
        state, new = await desk.take(run_id, request)
        return JSONResponse(state, 202 if new else 200)

    @router.get("/runs/{run_id}")
    async def look(run_id: str, wait_s: float = 0, revision: Annotated[int, Query(ge=-1)] = -1) -> Response:
        return JSONResponse(await desk.seen(run_id, wait_s, revision))

    @router.get("/runs/{run_id}/files/{name}")
    async def file(run_id: str, name: str) -> Response:
        path = desk.runs.file(run_id, name)
        if path is None:
            raise NotFound(f"The run {run_id} has no file {name[:60]!r}")
        try:
            kept = await asyncio.to_thread(path.stat)
        except OSError:
            raise NotFound(f"The file {name[:60]!r} of the run {run_id} was removed") from None
        kind = _TYPES.get(path.suffix.lower(), "application/octet-stream")
        return FileResponse(path, media_type=kind, stat_result=kept)

    @router.post("/runs/{run_id}/cancel")
    async def cancel(run_id: str) -> Response:
        state = await asyncio.to_thread(desk.runs.cancel, run_id)
        if state is None:
            raise NotFound(f"The run {run_id} is not known")
        return JSONResponse(state.model_dump())

    @router.delete("/runs/{run_id}")
    async def forget(run_id: str) -> Response:
        await asyncio.to_thread(desk.runs.forget, run_id)
        return Response(status_code=204)

    @router.get("/health")
    async def health() -> Response:
        found = await asyncio.to_thread(desk.health)
        return JSONResponse(found.model_dump(), 200 if found.state in ("ready", "busy") else 503)

    return router


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, AppError):
        raise error
    headers = {"Retry-After": str(max(1, round(error.retry_after_s)))} if error.retry_after_s else {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    body = {"title": error.title, "status": error.status, **error.as_record()}
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")


async def _invalid(request: Request, error: Exception) -> Response:
    return await _problem(request, ValidationFailed("wait_s and revision must be numbers"))


async def _unrouted(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return await _problem(request, MethodNotAllowed(f"{request.method} is not allowed here"))
    return await _problem(request, NotFound("There is nothing here"))


async def _nobody(request: Request, error: Exception) -> Response:
    """The client went in the middle of its upload; the answer reaches nobody."""
    return Response(status_code=400)


def serve(model: Model, settings: SidecarSettings, more: Callable[[FastAPI], None] = lambda app: None) -> int:
    """Serve until SIGTERM or Ctrl-C. Returns the exit status: 1 when the port or the folder cannot be had.

    ``more`` may add routes of the sidecar's own.
    """
    logger.remove()
    logger.add(sys.stderr, level=settings.log_level, format="{time:HH:mm:ss.SSS} {level: <7} {message}\n{exception}",
               diagnose=False, backtrace=False)  # fmt: skip
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        # Before the model is touched: a port in use must not cost minutes of loading.
        listening = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        logger.error("{} cannot listen on {}:{}: {}", model.name, settings.host, settings.port, error.strerror)
        return 1
    app = create_app(model, settings)
    more(app)
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        # After an orderly stop uvicorn raises the signal once more; whoever asked for the stop gets status 0.
        signal.signal(number, lambda *_: None)
    logger.info("{} listens on http://{}:{}", model.name, settings.host, listening.getsockname()[1])
    server.run(sockets=[listening])
    return 0 if server.started else 1
