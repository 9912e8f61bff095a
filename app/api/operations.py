"""How a request becomes a job and how its answer waits: the same for every route that generates something."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from starlette.responses import JSONResponse, Response

from app.api.deps import Caller
from app.api.errors import problem
from app.core.errors import Canceled, NotFound, from_record
from app.core.net import check_url
from app.models.api import answer_body, operation_body
from app.models.api_requests import OperationBody
from app.models.job import Job, JobKind
from app.services.jobs import Order

MAX_WAIT_S = 300
_PREFERENCE = re.compile(r'\s*([A-Za-z0-9!#$%&\'*+.^_`|~-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?\s*(?:;[^,]*)?$')

PreferHeader = Annotated[
    list[str] | None,
    Header(
        alias="Prefer",
        description="`wait=N` (RFC 7240) holds the answer for at most N seconds (at most 300) until the job ends.",
        examples=["wait=60"],
    ),
]
T = TypeVar("T")


def preferred_wait_s(prefer: list[str] | None) -> int | None:
    """Seconds that ``Prefer: wait=N`` asks for, at most 300; 0 for ``respond-async``; None if neither is there.

    RFC 7240: names are case-insensitive, values may be quoted, the first of two counts, nonsense is ignored.
    """
    for part in ",".join(prefer or []).split(","):
        match = _PREFERENCE.fullmatch(part)
        if match is None:
            continue
        name, value = match[1].lower(), match[2] or match[3] or ""
        if name == "wait" and value.isascii() and value.isdigit():
            return min(int(value[:9]), MAX_WAIT_S)
        if name == "respond-async":
            return 0
    return None


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """The outcome of ``work``, or None when the client hung up before; then ``work`` alone is given up."""
    task = asyncio.create_task(work)

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    watcher = asyncio.create_task(hung_up())
    try:
        await asyncio.wait({task, watcher}, return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else None
    finally:
        for one in (task, watcher):
            one.cancel()
        await asyncio.gather(task, watcher, return_exceptions=True)


async def _is_known(caller: Caller, body: OperationBody, kind: JobKind) -> bool:
    try:
        await caller.wiring.jobs.by_operation(caller.tenant, body.user_id, body.operation_id, kind)
    except NotFound:
        return False
    return True


def _check_urls(caller: Caller, body: OperationBody) -> None:
    for name, url in [("callback_url", body.callback_url or ""), *body.urls()]:
        if url:
            check_url(url, caller.settings.callback_allowed_hosts, name)


async def start(
    request: Request,
    caller: Caller,
    prefer: list[str] | None,
    kind: JobKind,
    body: OperationBody,
    *,
    shot_id: str = "",
    check: Callable[[], object] | None = None,
) -> Response:
    """Make the job that ``body`` asks for, or find the one that it made before, and answer.

    ``check`` (blocking) raises NotFound for what the job would need and is not there; a request that was
    accepted once is not checked again. Raises ValidationFailed, OperationIdReused, QueueFull, StorageFull.
    """
    _check_urls(caller, body)
    if check is not None and not await _is_known(caller, body, kind):
        await asyncio.to_thread(check)
    order = Order(
        tenant=caller.tenant,
        kind=kind,
        user_id=body.user_id,
        operation_id=body.operation_id,
        story_id=body.story_id,
        shot_id=shot_id,
        request=body.order_request(),
        callback_url=body.callback_url or "",
        callback_events=list(body.callback_events),
        request_id=caller.request_id,
    )
    job, created = await caller.wiring.jobs.submit(order)
    if created:
        caller.metrics.accepted(job)
    asked = preferred_wait_s(prefer)
    wait = caller.settings.default_wait_s if asked is None else asked
    waited = wait > 0
    if waited and not job.terminal:
        job = await unless_gone(request, caller.wiring.jobs.wait(caller.tenant, job.job_id, wait)) or job
    headers = {"Location": f"/api/v1/jobs/{job.job_id}"}
    if asked is not None:
        headers["Preference-Applied"] = f"wait={asked}"
    return _answer(caller, job, headers, waited=waited)


def _answer(caller: Caller, job: Job, headers: dict[str, str], *, waited: bool) -> Response:
    if waited and job.status in ("failed", "canceled"):
        canceled = job.status == "canceled" or job.error is None
        error = Canceled("The job was canceled.") if canceled else from_record(job.error or {})
        return problem(error, caller.request_id, headers, operation=operation_body(job))
    return JSONResponse(answer_body(job, caller.url_of), 200 if job.terminal else 202, headers)
