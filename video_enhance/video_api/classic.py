"""``/superres``, ``/interpolate`` and ``/process`` as they have always been, in front of the same queue.

``POST`` with JSON ``{url | path, scale | multi}`` answers, when the work is done, ``{"path": ..., "url": ...}`` and the
facts; ``path`` lies on this machine and ``url`` is of ``/files/``, both for as long as results are kept. Multipart with
a field ``file`` answers with the clip itself. Errors are ``{"error": ...}`` with the status that says what is wrong.

A path must lie in a folder, and a URL's host must be one, that the owner named, for else whoever reaches this port
could read this machine's files and its network.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import shutil
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, JSONResponse, Response

from app.core.errors import (
    AppError,
    Canceled,
    EngineUnavailable,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    Unauthenticated,
    ValidationFailed,
    from_record,
)
from app.sidecars.harness import Desk

from .model import RESULT
from .settings import EnhanceSettings

_MAX_JSON_BYTES = 1_000_000
_LOOK_S = 2.0
"""How soon it is noticed that the client went."""
_CHUNK = 1 << 18
_SCALE, _MULTI = 4, 2
"""What is not said in a classic request."""


def add_classic(app: FastAPI, settings: EnhanceSettings) -> None:
    """Add the routes to a sidecar's application."""

    def admitted(request: Request) -> None:
        token = settings.token.get_secret_value()
        sent = request.headers.get("authorization", "").encode()
        if token and not hmac.compare_digest(sent, f"Bearer {token}".encode()):
            raise Unauthenticated("The sidecar wants its token as Authorization: Bearer")

    counter = Counter(app.state.desk, settings)
    router = APIRouter(dependencies=[Depends(admitted)])
    for task in ("superres", "interpolate", "process"):
        router.add_api_route(f"/{task}", counter.route(task), methods=["POST"])
    router.add_api_route("/files/{name}", counter.file, methods=["GET"])
    app.include_router(router)


class Counter:
    """Takes classic requests in and gives their results out."""

    def __init__(self, desk: Desk, settings: EnhanceSettings) -> None:
        self._desk, self._settings = desk, settings

    def route(self, task: str) -> Any:
        async def post(request: Request) -> Response:
            try:
                return await self._answer(task, request)
            except AppError as error:
                return JSONResponse({"error": error.detail, **error.as_record()}, error.status)

        return post

    async def file(self, name: str) -> Response:
        """A result by the name in its link."""
        path = self._desk.runs.file(name.removesuffix(".mp4"), RESULT)
        if path is None or not await asyncio.to_thread(path.is_file):
            raise NotFound(f"The file {name[:60]!r} is not here any more")
        return FileResponse(path, media_type="video/mp4")

    async def _answer(self, task: str, request: Request) -> Response:
        if trouble := self._desk.trouble():
            raise EngineUnavailable(trouble)
        run_id = f"classic-{uuid.uuid4().hex}"
        self._desk.runs.check_room(run_id)
        folder = self._desk.runs.uploads / run_id
        await asyncio.to_thread(folder.mkdir)
        try:
            uploaded = request.headers.get("content-type", "").startswith("multipart/")
            fields = await (self._from_form if uploaded else self._from_json)(request, folder / RESULT)
            asked = {"task": task, "scale": _number(fields, "scale", _SCALE), "multi": _number(fields, "multi", _MULTI)}
            files, affinity = {"clip": RESULT}, self._desk.model.affinity(asked)
            self._desk.runs.accept(run_id, asked, run_id, folder, files, affinity)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        facts = await self._finished(run_id, request)
        path = self._desk.runs.file(run_id, RESULT)
        if path is None:
            raise NotFound("The result is not here any more")
        if uploaded:
            headers = {f"X-Clip-{name.replace('_', '-').title()}": str(value) for name, value in facts.items()}
            return FileResponse(path, media_type="video/mp4", filename=f"{task}.mp4", headers=headers)
        base = (self._settings.public_base or str(request.base_url)).rstrip("/")
        return JSONResponse({"path": str(path.resolve()), "url": f"{base}/files/{run_id}.mp4", **facts})

    async def _finished(self, run_id: str, request: Request) -> dict[str, Any]:
        """Wait for the run; it is canceled when its client goes. Raises the run's error."""
        revision = -1
        while True:
            state = await self._desk.seen(run_id, _LOOK_S, revision)
            revision = state["revision"]
            if state["state"] == "succeeded":
                return dict(state["result"] or {})
            if state["state"] in ("failed", "canceled"):
                raise from_record(state["error"] or {})
            if await request.is_disconnected():
                await asyncio.to_thread(self._desk.runs.forget, run_id)
                raise Canceled("The client went")

    async def _from_form(self, request: Request, target: Path) -> dict[str, Any]:
        self._check_length(request, self._settings.max_upload_bytes)
        async with request.form(max_files=1, max_fields=20) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise ValidationFailed("The field file with the clip is missing")
            await asyncio.to_thread(_poured, file, target)
            return {name: value for name, value in form.items() if isinstance(value, str)}

    async def _from_json(self, request: Request, target: Path) -> dict[str, Any]:
        self._check_length(request, _MAX_JSON_BYTES)
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ValidationFailed("The body must be a JSON object, or multipart with a field file")
        path, url = str(body.get("path") or ""), str(body.get("url") or "")
        if not path and not url:
            raise ValidationFailed("path or url required")
        await asyncio.to_thread(self._from_path, path, target) if path else await self._from_url(url, target)
        return body

    def _check_length(self, request: Request, most: int) -> None:
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            raise ValidationFailed("The request must say its length")
        if int(length) > most:
            raise PayloadTooLarge(f"The body has more than {most} bytes")

    def _from_path(self, text: str, target: Path) -> None:
        source = Path(text).resolve()
        allowed = [self._desk.runs.uploads.parent / "runs", *self._settings.folders]
        if not any(source.is_relative_to(folder.resolve()) for folder in allowed):
            raise Forbidden("path lies outside the folders of SIDECAR_VIDEO_ENHANCE_FOLDERS")
        if not source.is_file():
            raise NotFound("path is no file")
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)

    async def _from_url(self, url: str, target: Path) -> None:
        parts = urlsplit(url)
        own = self._desk.runs.file(Path(parts.path).name.removesuffix(".mp4"), RESULT)
        if own is not None and parts.path.startswith("/files/"):
            return await asyncio.to_thread(self._from_path, str(own), target)
        host = parts.netloc.rpartition("@")[2].lower()
        names = {name.lower() for name in self._settings.hosts}
        if parts.scheme not in ("http", "https") or not {host, (parts.hostname or "")} & names or not host:
            raise Forbidden("The url's host is none of SIDECAR_VIDEO_ENHANCE_HOSTS")
        await asyncio.to_thread(self._download, url, target)

    def _download(self, url: str, target: Path) -> None:
        opener = urllib.request.build_opener(_Straight())
        left = self._settings.max_upload_bytes
        try:
            with opener.open(url, timeout=self._settings.download_s) as answer, target.open("wb") as file:
                while part := answer.read(_CHUNK):
                    left -= len(part)
                    if left < 0:
                        raise PayloadTooLarge(f"The url has more than {self._settings.max_upload_bytes} bytes")
                    file.write(part)
        except urllib.error.HTTPError as error:
            raise ValidationFailed(f"The url answered {error.code}") from error
        except (OSError, ValueError) as error:
            raise ValidationFailed(f"The url cannot be read: {type(error).__name__}") from error


class _Straight(urllib.request.HTTPRedirectHandler):
    """A redirect would lead to a host that nobody named."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _poured(file: UploadFile, target: Path) -> None:
    with target.open("wb") as out:
        shutil.copyfileobj(file.file, out, _CHUNK)


def _number(fields: dict[str, Any], name: str, default: int) -> int:
    value = fields.get(name)
    text = str(default if value in (None, "") else value)
    if text not in ("2", "4"):
        raise ValidationFailed(f"{name} must be 2 or 4")
    return int(text)
