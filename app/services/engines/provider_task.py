"""Work that goes on at a provider after it was accepted: submitted once, waited for by whoever is alive.

The provider's task id is kept before anybody waits for it. So a job whose worker died, a try after a time-out and a
second try after a dropped connection all wait for the same task, and nothing is paid for twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from loguru import logger

from app.core.errors import AppError, EngineFault
from app.services.engines.base import Context

T = TypeVar("T")
Task = dict[str, Any]
"""What is needed to find the work again: its id and, where there are several, its host. JSON."""
LOOKS = 5
"""How often in a row asking may fail before the try does; the task stays kept."""
STOP_S = 1.0
"""How long stopping a canceled task at the provider may take."""


class TaskGone(Exception):
    """The provider does not know the task any more."""


@dataclass(frozen=True)
class Seen(Generic[T]):
    """What a look at the task showed: it succeeded (``result``), it ``failed``, or it goes on."""

    result: T | None = None
    failed: AppError | None = None
    waiting: bool = False
    """It stands in the provider's queue."""
    progress: float = 0.0
    message: str = ""


async def followed(
    context: Context,
    *,
    submit: Callable[[Task], Awaitable[Task]],
    look: Callable[[Task], Awaitable[Seen[T]]],
    stop: Callable[[Task], Awaitable[None]] | None = None,
    chosen: Task | None = None,
    poll_s: float = 3.0,
) -> T:
    """The result of a provider's task: of the one that is remembered, else of a new one.

    ``submit`` gets ``chosen`` (or nothing) and returns the task. ``chosen`` is for providers that let us choose the
    id: it is kept before it is submitted. ``look`` may raise TaskGone, and then one more is submitted. ``look`` itself
    waits if the provider offers that, else every ``poll_s`` seconds is asked. ``stop`` is called when the user cancels.
    Raises what ``submit`` raises, the failure of the task, or the last error of LOOKS failed looks.
    """
    task = await context.remembered()
    if task is not None:
        look = _doubting(look)
    for _ in range(2):
        if task is None:
            task = await _submitted(context, submit, chosen)
        try:
            result = await _awaited(context, task, look, poll_s)
        except TaskGone:
            await context.forget()
            task = None
            continue
        except asyncio.CancelledError:
            if context.canceled and stop is not None:
                await _stopped(stop, task)
            raise
        return result
    raise EngineFault("The provider lost the task twice")


def _doubting(look: Callable[[Task], Awaitable[Seen[T]]]) -> Callable[[Task], Awaitable[Seen[T]]]:
    """``look`` for a task that was remembered: one in which it does not find what it needs is gone."""
    doubted = True

    async def looked(task: Task) -> Seen[T]:
        nonlocal doubted
        first, doubted = doubted, False
        try:
            return await look(task)
        except (LookupError, TypeError, ValueError) as error:
            if not first:
                raise
            logger.warning("what was remembered of a task is of no use: {}", type(error).__name__)
            raise TaskGone from error

    return looked


async def _submitted(context: Context, submit: Callable[[Task], Awaitable[Task]], chosen: Task | None) -> Task:
    if chosen is not None:
        await context.remember(chosen)
    try:
        task = await submit(dict(chosen or {}))
    except AppError as error:
        # With an id of ours nobody knows whether a dropped submission arrived: it is looked for at the next try.
        if chosen is not None and not error.retryable:
            await context.forget()
        raise
    await context.remember(task)
    return task


async def _awaited(context: Context, task: Task, look: Callable[[Task], Awaitable[Seen[T]]], poll_s: float) -> T:
    failures = 0
    try:
        while True:
            try:
                seen = await look(task)
            except AppError as error:
                failures += 1
                if not error.retryable or failures >= LOOKS:
                    raise
                logger.warning("asking after a task failed: {}", error.detail)
                await asyncio.sleep(min(error.retry_after_s or poll_s * 2**failures, 30.0))
                continue
            failures = 0
            if seen.failed is not None:
                await context.forget()
                raise seen.failed
            if seen.result is not None:
                return seen.result
            context.waiting(seen.waiting)
            context.progress(seen.progress, seen.message)
            await asyncio.sleep(poll_s)
    finally:
        context.waiting(False)


async def _stopped(stop: Callable[[Task], Awaitable[None]], task: Task) -> None:
    """Tell the provider, briefly: the cancel must not wait for it."""
    ending = asyncio.ensure_future(stop(task))
    with suppress(asyncio.CancelledError):
        await asyncio.wait({ending}, timeout=STOP_S)
    if not ending.done():
        ending.cancel()
    elif not ending.cancelled() and (error := ending.exception()) is not None:
        logger.warning("a canceled task could not be stopped at its provider: {}", error)
