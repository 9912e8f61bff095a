"""Which engine does it: order, capabilities, limits, time-outs, retries, fall-back and circuits, all in one place.

``route`` walks the configured order (or the request's) and falls back with a note; ``call`` is one engine's
work under its limits. They are two, so that the caller can look for a finished artifact of an engine between
being given the engine and asking it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from loguru import logger

from app.core.errors import AppError, Canceled, EngineTimeout, EngineUnavailable, ValidationFailed
from app.services.engines.base import Engine, KeyRefused
from app.services.engines.lanes import Lanes
from app.services.engines.registry import ENGINES, Registry, check_known, default_order, load

T = TypeVar("T")

TIMEOUT_S: Mapping[str, float] = {
    "script": 1800,
    "image": 300,
    "video": 1800,
    "speech": 180,
    "music": 300,
    "avatar": 1800,
    "upscale": 1800,
    "interpolate": 1800,
}
"""Of one try, without the time that local work waits for its turn."""
TRIES = 3
PAUSE_S = 0.5
"""Before the second try; doubled for each further one, with jitter."""
CONCURRENCY = 8
"""Calls of one engine at a time that says nothing of its own (``Engine.lanes``)."""
LOCAL_CONCURRENCY = 10_000
"""Of our own engines: the step runner gives them their turn, and fairly between jobs, which a queue here would not."""
OPEN_AFTER = 5
"""Failures in a row that open an engine's circuit: those that may pass, and a refused key.

A request that the engine refuses (its words, its picture) says nothing about the engine.
"""
OPEN_S = 30.0
"""How long an open circuit refuses; then one call is let through to try."""


@dataclass(frozen=True)
class Needs:
    """What a request asks of an engine; zero and empty: nothing."""

    language: str = ""
    pixels: int = 0
    duration_s: float = 0.0
    translates: bool = False
    task_type: str = ""
    """Of a picture: ``character`` or ``scene`` may have an order of their own."""


@dataclass(frozen=True)
class Routed(Generic[T]):
    value: T
    engine: Engine
    notes: tuple[str, ...] = ()
    """Which engines were passed over or failed before, and why."""


@dataclass
class _Circuit:
    failures: int = 0
    open_until: float = 0.0
    trying: bool = False
    reason: str = ""
    """What went wrong last."""

    def refuses(self) -> bool:
        """Whether the engine rests. When its time is over, the first to ask is the trial."""
        if self.failures < OPEN_AFTER:
            return False
        if time.monotonic() < self.open_until or self.trying:
            return True
        self.trying = True
        return False

    def succeeded(self) -> None:
        self.failures, self.trying = 0, False

    def failed(self, reason: str) -> None:
        self.failures += 1
        self.reason = reason
        self.trying = False
        self.open_until = time.monotonic() + OPEN_S

    def undecided(self) -> None:
        self.trying = False


@dataclass
class _Seat:
    """One engine and what the router knows of it."""

    engine: Engine
    lanes: Mapping[str, int]
    circuit: _Circuit = field(default_factory=_Circuit)


class Router:
    """``order`` gives the providers of a kind (and a task type) that the owner wrote down, or none.

    Then those that are set up are tried, those of ``local_first``'s side first, and the builtin one at last.
    """

    def __init__(
        self, order: Callable[[str, str], Sequence[str]], registry: Registry = ENGINES, *, local_first: bool = True
    ) -> None:
        self._order = order
        self._registry = registry
        self._local_first = local_first
        self._seats: dict[tuple[str, str], _Seat] = {}
        self._unwritten: dict[str, list[str]] = {}
        self._lanes = Lanes()
        self.counts: Counter[tuple[str, str]] = Counter()
        """(engine name, ``ok`` or the error's code) of every try."""

    async def route(
        self,
        kind: str,
        use: Callable[[Engine], Awaitable[T]],
        *,
        asked: Mapping[str, str] | None = None,
        needs: Needs = Needs(),
    ) -> Routed[T]:
        """``use`` with the first engine that can and does.

        Falls back on errors of the engine, not on those of the request. Raises the last engine's error, and
        EngineUnavailable when none was fit to try.
        """
        notes: list[str] = []
        last: AppError | None = None
        for provider in self.order(kind, asked, needs.task_type):
            seat, reason = self._fit(kind, provider, needs)
            if seat is None:
                # That most script engines do not translate is nothing that a user need hear at every picture.
                if not needs.translates:
                    notes.append(f"{kind}/{provider} was passed over: {reason}")
                continue
            try:
                return Routed(await use(seat.engine), seat.engine, tuple(notes))
            except (Canceled, ValidationFailed):
                raise
            except AppError as error:
                if error.status not in (502, 503, 504):
                    raise
                logger.warning("{} failed: {}", seat.engine.name, error.detail)
                notes.append(f"{seat.engine.name} failed: {error.detail}")
                last = error
        if last is not None:
            raise last
        raise EngineUnavailable(f"No {kind} engine can do this: {'; '.join(notes) or 'none is configured'}")

    def order(self, kind: str, asked: Mapping[str, str] | None = None, task_type: str = "") -> list[str]:
        """Providers to try. A request may name one, or several with commas. Raises ValidationFailed."""
        named = [name.strip() for name in str((asked or {}).get(kind, "")).split(",") if name.strip()]
        for provider in named:
            check_known(kind, provider, self._registry)
        return named or list(self._order(kind, task_type)) or self._default_order(kind)

    def _default_order(self, kind: str) -> list[str]:
        if kind not in self._unwritten:
            self._unwritten[kind] = default_order(kind, self._registry, local_first=self._local_first)
        return self._unwritten[kind]

    async def call(
        self, engine: Engine, attempt: Callable[[], Awaitable[T]], idle: Callable[[], float], job: str = ""
    ) -> T:
        """``attempt`` under the engine's limits, again after a pause while its errors say that this may help.

        ``idle`` tells how many seconds the attempts so far have only waited for their turn; ``job`` is whose turn.
        """
        seat = self._seat(*engine.name.split("/", 1))
        async with self._lanes.places(seat.lanes, job, engine.name):
            if seat.circuit.refuses():
                raise EngineUnavailable(f"{engine.name} rests after repeated failure: {seat.circuit.reason}")
            for number in range(1, TRIES + 1):
                try:
                    value = await self._timed(engine, attempt, idle)
                except AppError as error:
                    self._judge(seat, error)
                    # What hits many calls at once, such as a lost network, must leave each of them a second try.
                    worn = number > 1 or isinstance(error, EngineTimeout)
                    if not error.retryable or number == TRIES or (worn and seat.circuit.failures >= OPEN_AFTER):
                        raise
                    pause = error.retry_after_s or PAUSE_S * 2 ** (number - 1) * random.uniform(0.8, 1.2)
                    await asyncio.sleep(min(pause, 60.0))
                except BaseException:
                    seat.circuit.undecided()
                    raise
                else:
                    seat.circuit.succeeded()
                    self.counts[engine.name, "ok"] += 1
                    return value
        raise AssertionError("the last try returns or raises")

    def _judge(self, seat: _Seat, error: AppError) -> None:
        self.counts[seat.engine.name, error.code] += 1
        of_engine = error.status in (502, 503, 504) and (error.retryable or isinstance(error, KeyRefused))
        if of_engine:
            seat.circuit.failed(error.detail)
        else:
            seat.circuit.undecided()

    async def _timed(self, engine: Engine, attempt: Callable[[], Awaitable[T]], idle: Callable[[], float]) -> T:
        """One try within the kind's time, in which waiting for a turn does not count."""
        limit, began, idle_before = TIMEOUT_S[engine.kind], time.monotonic(), idle()
        task = asyncio.ensure_future(attempt())
        try:
            while not task.done():
                left = limit - (time.monotonic() - began) + (idle() - idle_before)
                if left <= 0:
                    raise EngineTimeout(f"{engine.name} took longer than {limit:.0f} s")
                await asyncio.wait({task}, timeout=left)
            return task.result()
        finally:
            await _ended(task)

    def _fit(self, kind: str, provider: str, needs: Needs) -> tuple[_Seat | None, str]:
        """The engine if it may be tried, else why not. Engines that cannot be loaded are passed over, too."""
        try:
            seat = self._seat(kind, provider)
        except EngineUnavailable as error:
            return None, error.detail
        missing = seat.engine.missing()
        if missing:
            return None, f"missing {', '.join(missing)}"
        can = seat.engine.can()
        if needs.translates and not can.translates:
            return None, "it does not translate"
        if can.languages and needs.language and needs.language.split("-")[0] not in can.languages:
            return None, f"it does not know the language {needs.language}"
        if can.max_pixels and needs.pixels > can.max_pixels:
            return None, f"{needs.pixels} pixels are more than its {can.max_pixels}"
        if can.max_duration_s and needs.duration_s > can.max_duration_s:
            return None, f"{needs.duration_s:.1f} s are more than its {can.max_duration_s:.1f} s"
        return seat, ""

    def _seat(self, kind: str, provider: str) -> _Seat:
        seat = self._seats.get((kind, provider))
        if seat is None:
            engine = load(kind, provider, self._registry)
            seat = self._seats[kind, provider] = _Seat(engine, engine.lanes() or _lane_of_its_own(engine))
        return seat


def _lane_of_its_own(engine: Engine) -> dict[str, int]:
    return {engine.name: LOCAL_CONCURRENCY if engine.place == "builtin" else CONCURRENCY}


async def _ended(task: asyncio.Future[T]) -> None:
    """Cancel a task and wait for its end, however often we are canceled meanwhile: it works in its caller's folder."""
    task.cancel()
    canceled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            canceled = error
    if canceled is not None:
        raise canceled
