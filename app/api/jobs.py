"""Jobs: read, list, cancel, retry, follow; the callbacks that they owe."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.api.deps import KEYED, CallerDep, Cursor, JobId, Limit, OptionalId, PathId
from app.api.openapi import problems
from app.core.errors import NotFound
from app.core.ids import ID_PATTERN
from app.models.api import UrlOf, delivery_body, job_body, operation_body, shot_body
from app.models.api_wire import DeliveryList, DeliveryWire, JobList, JobWire, OperationWire
from app.models.job import JobEvent, JobKind, JobStatus
from app.models.story import Shot

router = APIRouter(prefix="/api/v1", tags=["jobs"], dependencies=KEYED)
KEEP_ALIVE_S = 15.0
_EVENT_SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "For `Last-Event-ID`."},
        "event": {"type": "string", "enum": ["status", "progress", "shot"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}


@router.get("/jobs", operation_id="listJobs", summary="List jobs, the newest first", response_model=JobList)
async def list_jobs(
    caller: CallerDep,
    kind: Annotated[JobKind | None, Query()] = None,
    status: Annotated[JobStatus | None, Query()] = None,
    story_id: OptionalId = "",
    user_id: OptionalId = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> dict[str, Any]:
    jobs, following = await caller.wiring.jobs.list(
        caller.tenant,
        kind=kind or "",
        status=status or "",
        story_id=story_id,
        user_id=user_id,
        limit=limit,
        cursor=cursor,
    )
    return {"jobs": [job_body(job, caller.url_of) for job in jobs], "next_cursor": following}


@router.get(
    "/jobs/{job_id}", operation_id="getJob", summary="Read a job", response_model=JobWire, responses=problems(404)
)
async def get_job(caller: CallerDep, job_id: JobId) -> dict[str, Any]:
    return job_body(await caller.wiring.jobs.get(caller.tenant, job_id), caller.url_of)


@router.post(
    "/jobs/{job_id}/cancel",
    operation_id="cancelJob",
    summary="Cancel a job",
    response_model=JobWire,
    responses=problems(404, 409, 507),
)
async def cancel_job(caller: CallerDep, job_id: JobId) -> dict[str, Any]:
    """A running step stops within two seconds. A job that has ended stays as it is."""
    return job_body(await caller.wiring.jobs.cancel(caller.tenant, job_id), caller.url_of)


@router.post(
    "/jobs/{job_id}/retry",
    operation_id="retryJob",
    summary="Try a failed or canceled job again",
    status_code=202,
    response_model=JobWire,
    responses=problems(404, 409, 429, 507),
)
async def retry_job(caller: CallerDep, job_id: JobId) -> Response:
    """Makes a new job with the same request; `retry_of` leads back. What was finished is not made again."""
    job = await caller.wiring.jobs.retry(caller.tenant, job_id)
    caller.metrics.accepted(job)
    return JSONResponse(job_body(job, caller.url_of), 202, {"Location": f"/api/v1/jobs/{job.job_id}"})


def _line(event: JobEvent, url_of: UrlOf) -> str:
    told = {"at": event.at, **event.data}
    if "shot" in told:
        told["shot"] = shot_body(Shot.model_validate(told["shot"]), url_of)
    data = json.dumps(told, ensure_ascii=False)
    return f"id: {event.id}\nevent: {event.event}\ndata: {data}\n\n"


async def _stream(events: AsyncIterator[JobEvent], url_of: UrlOf) -> AsyncIterator[str]:
    """Events as text, with a comment whenever nothing happened for KEEP_ALIVE_S, so that proxies keep the line."""
    yield "retry: 2000\n\n"
    following: asyncio.Future[JobEvent] | None = None
    try:
        while True:
            following = following or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({following}, timeout=KEEP_ALIVE_S)
            if not done:
                yield ": still here\n\n"
                continue
            event, following = await following, None
            yield _line(event, url_of)
    except StopAsyncIteration:
        return
    finally:
        if following is not None:
            following.cancel()


@router.get(
    "/jobs/{job_id}/events",
    operation_id="followJob",
    summary="Follow a job as server-sent events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events `status`, `progress` and `shot` until the job has ended.",
            "content": {"text/event-stream": {"schema": _EVENT_SCHEMA}},
        },
        **problems(404),
    },
)
async def follow_job(
    caller: CallerDep,
    job_id: JobId,
    last_event_id: Annotated[int | None, Query(ge=0, description="As the header of that name.")] = None,
    last_event_id_header: Annotated[
        str, Header(alias="Last-Event-ID", description="Replay what came after this event.")
    ] = "",
) -> Response:
    """Every event since the beginning, or since `Last-Event-ID`, then new ones as they happen."""
    await caller.wiring.jobs.get(caller.tenant, job_id)
    after = last_event_id or 0
    # What a browser remembers of this stream outranks the address that it once opened.
    if last_event_id_header.isascii() and last_event_id_header.isdigit():
        after = int(last_event_id_header[:18])
    stream = _stream(caller.wiring.jobs.events(caller.tenant, job_id, after), caller.url_of)
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    )


@router.get(
    "/jobs/{job_id}/deliveries",
    operation_id="listDeliveries",
    summary="List the callbacks of a job and the attempts to deliver them",
    response_model=DeliveryList,
    responses=problems(404),
)
async def list_deliveries(caller: CallerDep, job_id: JobId) -> dict[str, Any]:
    await caller.wiring.jobs.get(caller.tenant, job_id)
    deliveries = await asyncio.to_thread(caller.wiring.callbacks.list, caller.tenant, job_id)
    return {"deliveries": [delivery_body(delivery) for delivery in deliveries]}


@router.post(
    "/jobs/{job_id}/deliveries/{delivery_id}/redeliver",
    operation_id="redeliver",
    summary="Send a callback once more",
    status_code=202,
    response_model=DeliveryWire,
    responses=problems(404, 409, 507),
)
async def redeliver(caller: CallerDep, job_id: JobId, delivery_id: PathId) -> dict[str, Any]:
    """With the same `webhook-id`, now."""
    deliveries = await asyncio.to_thread(caller.wiring.callbacks.list, caller.tenant, job_id)
    if all(one.delivery_id != delivery_id for one in deliveries):
        raise NotFound(f"Job {job_id} has no delivery {delivery_id}.")
    return delivery_body(await asyncio.to_thread(caller.wiring.callbacks.redeliver, caller.tenant, delivery_id))


@router.get(
    "/operations/{operation_id}",
    operation_id="getOperation",
    summary="Read an operation as older clients know it",
    response_model=OperationWire,
    responses=problems(404),
)
async def get_operation(
    caller: CallerDep,
    operation_id: PathId,
    user_id: Annotated[str, Query(pattern=ID_PATTERN, max_length=128)],
    kind: Annotated[
        JobKind | None, Query(description="Which of the jobs that share this id; left out: the newest.")
    ] = None,
) -> dict[str, Any]:
    job = await caller.wiring.jobs.by_operation(caller.tenant, user_id, operation_id, kind or "")
    return operation_body(job)
