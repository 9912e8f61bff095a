"""Workflows and steps as the job runtime wants them, and as our errors, cancels and takeovers need them.

A step's outcome is recorded: a job that is taken over gets it without running the step again. Its errors are
recorded as values, because the runtime would hand a taken-over job something else than the error it stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from dbos import DBOS
from loguru import logger

from app.core.errors import AppError, Canceled, InternalError, StorageFull, from_record
from app.core.logging import log_ids
from app.models.job import MAX_ATTEMPTS, Stage
from app.services.workflows.context import house
from app.services.workflows.full_disk import is_full_disk
from app.services.workflows.work import Work

P = ParamSpec("P")
T = TypeVar("T")
Json = dict[str, Any]
Body = Callable[[Work], Awaitable[Json]]

STEP_TIMEOUT_S = 6 * 3600.0
"""The last fuse. What a step may take is limited per engine by the router; waiting its turn is no fault."""
_SPACE_POLL_S = 1.0
_MAX_RECOVERIES = 10 * MAX_ATTEMPTS
"""Of the job runtime itself. Our own count decides much earlier (services/takeover.py)."""


def step(
    name: str,
) -> Callable[
    [Callable[Concatenate[Work, P], Awaitable[Json]]], Callable[Concatenate[Work, P], Coroutine[Any, Any, Json]]
]:
    """Make a coroutine function a recorded step. Its arguments after ``work`` and its result are JSON values.

    Steps are numbered in the order in which they are called: call them in the same order every time, as in
    ``gather`` over a list, and never from branches that overtake each other.
    """

    def decorate(
        function: Callable[Concatenate[Work, P], Awaitable[Json]],
    ) -> Callable[Concatenate[Work, P], Coroutine[Any, Any, Json]]:
        async def recorded(job_id: str, args: list[Any], kwargs: Json) -> Json:
            return await _outcome(house().active[job_id], function, args, kwargs)

        durable = DBOS.step(name=name, preemptible=True, timeout_seconds=STEP_TIMEOUT_S)(recorded)

        def call(work: Work, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, Json]:
            # Not a coroutine function itself: the step's number is given here and now, when it is called.
            return _unwrapped(durable(work.job.job_id, list(args), dict(kwargs)))

        return call

    return decorate


async def _outcome(work: Work, function: Callable[..., Awaitable[Json]], args: list[Any], kwargs: Json) -> Json:
    task = asyncio.current_task()
    assert task is not None
    try:
        work.enter(task)
        return {"value": await function(work, *args, **kwargs)}
    except AppError as error:
        return {"error": error.as_record()}
    except asyncio.CancelledError:
        if not work.canceled:
            raise
        return {"error": Canceled("The job was canceled").as_record()}
    except Exception as error:  # noqa: BLE001  (the step border)
        logger.exception("a step failed")
        return {"error": InternalError(f"A step failed: {type(error).__name__}").as_record()}
    finally:
        work.leave(task)


async def _unwrapped(outcome: Coroutine[Any, Any, Json]) -> Json:
    record = await outcome
    if "error" in record:
        raise from_record(record["error"])
    value: Json = record["value"]
    return value


async def counted(work: Work, stage: str, item: str, outcome: Coroutine[Any, Any, Json]) -> Json:
    """The step's value, counted as one item of a stage: also when it was recorded by an earlier attempt."""
    value = await outcome
    work.progress.done(stage, item, reused=bool(value.get("reused")))
    return value


async def together(*steps: Coroutine[Any, Any, T]) -> list[T]:
    """Run steps side by side; the first error stops the others and is raised when they have stopped."""
    tasks = [asyncio.ensure_future(one) for one in steps]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def workflow(
    kind: str, weights: Mapping[str, float]
) -> Callable[[Body], Callable[[str, str], Coroutine[Any, Any, None]]]:
    """Make a coroutine function the workflow of a job kind. ``weights``: its stages in order, with their share."""

    def decorate(body: Body) -> Callable[[str, str], Coroutine[Any, Any, None]]:
        async def carried_out(tenant: str, job_id: str) -> None:
            with log_ids(job=job_id):
                await _carry_out(tenant, job_id, body, weights)

        run: Callable[[str, str], Coroutine[Any, Any, None]]
        run = DBOS.workflow(name=kind, max_recovery_attempts=_MAX_RECOVERIES)(carried_out)
        return run

    return decorate


async def _carry_out(tenant: str, job_id: str, body: Body, weights: Mapping[str, float]) -> None:
    rooms = house()
    rooms.present.add(job_id)
    try:
        stages = [Stage(name=name) for name in weights]
        job = await _when_there_is_space(partial(rooms.records.begin, tenant, job_id, stages))
        if job is not None:
            work = rooms.active[job_id] = Work(rooms, job, weights)
            ending = await _ending(work, body)
            finish = partial(rooms.records.finish, tenant, job_id, stages=work.progress.stages(), **ending)
            logger.info("{} {}", job.kind, (await _when_there_is_space(finish)).status)
    finally:
        rooms.present.discard(job_id)


async def _ending(work: Work, body: Body) -> Json:
    """Run the body; how the job ends, as arguments of ``JobRecords.finish``."""
    job = work.job
    try:
        logger.info("{} begins, attempt {}", job.kind, job.attempts)
        return {"status": "succeeded", "message": "Done.", "result": await body(work)}
    except Canceled as error:
        return {"status": "canceled", "message": error.detail}
    except AppError as error:
        logger.warning("{} failed: {}", job.kind, error.detail)
        return {"status": "failed", "message": error.detail, "error": error.as_record()}
    except Exception as error:  # noqa: BLE001  (the step border)
        logger.exception("{} failed", job.kind)
        record = _unexpected(error).as_record()
        return {"status": "failed", "message": record["detail"], "error": record}
    finally:
        await work.progress.close()
        work.house.active.pop(job.job_id, None)


def _unexpected(error: Exception) -> AppError:
    """What to tell of an error that nobody foresaw; the runtime's own trouble with a full disk is no mystery."""
    if is_full_disk(error):
        return StorageFull("No space is left to record what the job has done")
    return InternalError(f"The job failed: {type(error).__name__}")


async def _when_there_is_space(change: Callable[[], T]) -> T:
    """Change a job's document, however long the disk is full: given up, the job would stay as it is for ever."""
    while True:
        try:
            return await asyncio.to_thread(change)
        except StorageFull as error:
            logger.error("waiting for space: {}", error.detail)
            await asyncio.sleep(_SPACE_POLL_S)
