"""The engines' side of ``app.sidecars.wire``: a run is put, waited for, its results fetched, and it is forgotten there.

The run's id is ours and kept before it is sent. So whoever is alive waits for the same run; only a sidecar that was
restarted and forgot it gets it once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
from loguru import logger
from pydantic import ValidationError

from app.core.errors import AppError, Canceled, EngineFailed, EngineFault, EngineUnavailable, from_record
from app.services.engines.base import Context
from app.services.engines.http import Answer, ExpiredLink, Http, retry_after_s
from app.services.engines.provider_task import STOP_S, Seen, Task, TaskGone, followed
from app.sidecars.wire import LONGEST_WAIT_S, Health, RunState

HEALTH_S = 3.0
"""How long a host may take to tell its health."""
_SLOWEST = 2_000_000
"""Bytes a second that a transfer must at least make, besides the time of a call."""
_ANY = range(400, 600)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ENDED = ("succeeded", "failed", "canceled")


class Sidecar:
    """One sidecar of ours. ``who`` is what errors call the engine; ``timeout_s`` is that of one call, not of a run."""

    def __init__(self, who: str, url: str, token: str = "", timeout_s: float = 60.0, *, poll_s: float = 0.25) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.url = url.rstrip("/")
        self._who, self._timeout_s, self._poll_s = who, timeout_s, poll_s
        self._http = Http(who, self.url, headers=headers, secrets=[token], timeout_s=timeout_s)

    async def run(
        self, context: Context, request: Mapping[str, Any], files: Mapping[str, Path]
    ) -> tuple[dict[str, Any], dict[str, Path]]:
        """Facts of the run, and its results by name, downloaded into the context's folder.

        Raises EngineUnavailable (not reachable, loading failed), EngineTimeout, EngineFault, EngineFailed.
        """
        revisions: dict[str, int] = {}

        async def submit(task: Task) -> Task:
            try:
                state = await self._put(str(task["run_id"]), request, files)
            except asyncio.CancelledError:
                # It may have arrived all the same.
                if context.canceled:
                    await self._stop(task)
                raise
            revisions[state.run_id] = state.revision
            context.waiting(state.state == "queued")
            return task

        async def look(task: Task) -> Seen[RunState]:
            # Another address is another sidecar: what was begun elsewhere is not waited for.
            if task.get("host") != self.url or not task.get("run_id"):
                raise TaskGone
            run_id = str(task["run_id"])
            state = await self._look(run_id, revisions.get(run_id, -1))
            revisions[run_id] = state.revision
            return self._seen(state)

        chosen = {"host": self.url, "run_id": uuid.uuid4().hex}
        state = await followed(context, submit=submit, look=look, stop=self._stop, chosen=chosen, poll_s=self._poll_s)
        fetched = await self._fetched(context, state)
        await self._forget(state.run_id)
        return state.result or {}, fetched

    async def health(self) -> Health | None:
        """What it says of itself; None if it does not answer properly."""
        try:
            return await self._health()
        except AppError:
            return None

    async def unreachable(self, models: Iterable[str] = ()) -> list[str]:
        """Why it cannot work now, in sentences: for ``Engine.unreachable``. ``models``: what it should have."""
        try:
            health = await self._health()
        except AppError as error:
            return [error.detail]
        if health.state == "failed":
            return [f"The sidecar at {self.url} failed: {self._http.quoted(health.detail)}"]
        if health.state == "loading":
            return [f"The sidecar at {self.url} is still loading its model"]
        return [
            f"The sidecar at {self.url} cannot run {model}: "
            + self._http.quoted(health.missing.get(model, "it does not know it"))
            for model in models
            if model and model not in health.models
        ]

    # -- calls -------------------------------------------------------------------------------------------

    async def _health(self) -> Health:
        limit = min(HEALTH_S, self._timeout_s)
        answer = await self._http.call("GET", "/health", timeout_s=limit, accept=(503,))
        try:
            return Health(**self._http.parsed(answer.body))
        except (ValidationError, TypeError) as error:
            raise EngineFailed(f"What answers at {self.url} is no sidecar of this service") from error

    async def _put(self, run_id: str, request: Mapping[str, Any], files: Mapping[str, Path]) -> RunState:
        try:
            with ExitStack() as stack:
                form, size = aiohttp.FormData(), 0
                form.add_field("request", json.dumps(request), content_type="application/json")
                for name, path in files.items():
                    file = stack.enter_context(await asyncio.to_thread(path.open, "rb"))
                    form.add_field(name, file, filename=path.name, content_type="application/octet-stream")
                    size += path.stat().st_size
                # With files the sidecar is asked first whether it wants them: a full queue answers before they go.
                limit = self._timeout_s + size / _SLOWEST
                answer = await self._call("PUT", f"/runs/{run_id}", data=form, expect100=bool(files), timeout_s=limit)
        except EngineFault as error:
            raise await self._explained(error) from error
        return self._state(answer.body)

    async def _explained(self, error: EngineFault) -> AppError:
        """A submission that broke off, in the words of the sidecar if it has failed."""
        health = await self.health()
        if health is not None and health.state == "failed":
            return EngineUnavailable(f"{self._who}: the sidecar failed: {self._http.quoted(health.detail)}")
        return error

    async def _stop(self, task: Task) -> None:
        with contextlib.suppress(AppError):
            await self._call("POST", f"/runs/{task['run_id']}/cancel", timeout_s=STOP_S)

    async def _look(self, run_id: str, revision: int) -> RunState:
        # Half of the time is the sidecar's to wait, so that one that hangs is told from one that has nothing to say.
        params = {"wait_s": f"{min(LONGEST_WAIT_S, self._timeout_s / 2):.2f}", "revision": str(revision)}
        answer = await self._http.call("GET", f"/runs/{run_id}", params=params, accept=_ANY)
        if answer.status == 404:
            raise TaskGone
        return self._state(self._accepted(answer).body)

    async def _fetched(self, context: Context, state: RunState) -> dict[str, Path]:
        fetched = {}
        for name in state.files:
            size = state.sizes.get(name)
            if not _NAME.fullmatch(name):
                raise EngineFailed(f"{self._who} named a result {name[:60]!r}")
            target = context.folder / name
            if size == 0:
                await asyncio.to_thread(target.write_bytes, b"")
                fetched[name] = target
                continue
            try:
                await self._http.save(
                    f"/runs/{state.run_id}/files/{name}", target, timeout_s=self._timeout_s + (size or 0) / _SLOWEST
                )
            except ExpiredLink as error:
                await context.forget()
                raise EngineFault(f"{self._who} has removed the result {name} already") from error
            if size is not None and (found := target.stat().st_size) != size:
                target.unlink()
                raise EngineFault(f"{self._who} sent {found} of the {size} bytes of {name}")
            fetched[name] = target
        return fetched

    async def _forget(self, run_id: str) -> None:
        """Its results are here. If this fails the sidecar removes them by itself after a while."""
        try:
            await self._http.call("DELETE", f"/runs/{run_id}", timeout_s=min(HEALTH_S, self._timeout_s))
        except AppError as error:
            logger.debug("a finished run was not forgotten: {}", error.detail)

    async def _call(self, method: str, path: str, **request: Any) -> Answer:
        return self._accepted(await self._http.call(method, path, accept=_ANY, **request))

    # -- answers -----------------------------------------------------------------------------------------

    def _accepted(self, answer: Answer) -> Answer:
        if answer.status < 400:
            return answer
        record: Any = None
        with contextlib.suppress(ValueError):
            record = json.loads(answer.body)
        if answer.status in (401, 403) or not isinstance(record, dict) or "code" not in record:
            raise self._http.refused(answer.status, answer.headers, answer.body)
        raise self._translated(record, retry_after_s(answer.headers))

    def _translated(self, record: dict[str, Any], wait_s: float | None = None) -> AppError:
        """A sidecar's error as an engine's: those that speak of a request speak of ours to it, not of the user's."""
        said = from_record(record)
        detail = f"{self._who}: {self._http.quoted(said.detail)}"
        if isinstance(said, Canceled):
            return EngineFault(f"{detail} (not by this service)")
        if said.status in (502, 503, 504):
            return type(said)(detail, retry_after_s=wait_s, errors=said.errors)
        kind = EngineFault if said.retryable else EngineFailed
        return kind(detail, retry_after_s=wait_s, errors=said.errors)

    def _state(self, body: bytes) -> RunState:
        try:
            return RunState(**self._http.parsed(body))
        except (ValidationError, TypeError) as error:
            raise EngineFault(f"{self._who} answered with something that is no state of a run") from error

    def _seen(self, state: RunState) -> Seen[RunState]:
        if state.state == "succeeded":
            return Seen(result=state)
        if state.state in _ENDED:
            return Seen(failed=self._translated(state.error or {"detail": "it does not say why"}))
        message = state.message or (f"{state.position} before it" if state.state == "queued" else "")
        return Seen(waiting=state.state == "queued", progress=state.progress, message=message)
