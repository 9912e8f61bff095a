"""Lanes: what calls of several engines share, such as a GPU's host or an account's key, and whose turn it is.

Turns go round between jobs, so that a long render does not keep one shot waiting. A few calls of one engine in a row
come before another engine's, because on one GPU every change of engine loads another model.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

BATCH = 4
"""Calls of the same engine in a row while others wait."""
REMEMBERED = 200
"""Jobs of which a lane knows when it served them last."""


@dataclass
class _Waiter:
    job: str
    engine: str
    turn: asyncio.Future[None]


@dataclass
class Lane:
    """At most ``places`` calls at a time."""

    places: int
    _taken: int = 0
    _waiting: deque[_Waiter] = field(default_factory=deque)
    _served: dict[str, int] = field(default_factory=dict)
    """When each job was last served, counted in turns."""
    _turns: int = 0
    _last: str = ""
    _row: int = 0
    """How many calls of the engine ``_last`` came in a row."""

    @asynccontextmanager
    async def place(self, job: str, engine: str) -> AsyncIterator[None]:
        """Wait for a turn and keep it while the block runs."""
        waiter = _Waiter(job, engine, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._next()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled():
                self._leave()
            elif waiter in self._waiting:
                self._waiting.remove(waiter)
            raise
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        self._taken -= 1
        self._next()

    def _next(self) -> None:
        # Whoever was canceled in this same turn of the loop still stands here, and must not be given the place.
        self._waiting = deque(one for one in self._waiting if not one.turn.cancelled())
        while self._taken < self.places and self._waiting:
            chosen = self._chosen()
            self._waiting.remove(chosen)
            self._taken += 1
            self._turns += 1
            self._served[chosen.job] = self._turns
            self._row = self._row + 1 if chosen.engine == self._last else 1
            self._last = chosen.engine
            chosen.turn.set_result(None)
        while len(self._served) > REMEMBERED:
            del self._served[min(self._served, key=self._served.__getitem__)]

    def _chosen(self) -> _Waiter:
        """The job that was served longest ago, among calls of the last engine as long as its row may go on."""
        same = [one for one in self._waiting if one.engine == self._last] if self._row < BATCH else []
        return min(same or self._waiting, key=lambda one: self._served.get(one.job, 0))


class Lanes:
    """All lanes of this process by name; a lane has the places that it was first asked for."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}

    @asynccontextmanager
    async def places(self, asked: Mapping[str, int], job: str, engine: str) -> AsyncIterator[None]:
        """A place in each lane, taken in the order of their names, so that two calls never wait for each other."""
        async with AsyncExitStack() as stack:
            for name in sorted(asked):
                lane = self._lanes.setdefault(name, Lane(max(1, asked[name])))
                await stack.enter_async_context(lane.place(job, engine))
            yield
