"""Which ComfyUI host takes a run: the least busy of those that answer, and no more at a time than one host may have.

What runs where is counted once per process, for the image and the video engine together, because both may name the
same host. A worker that runs elsewhere counts for itself; what it has sent a host is seen in that host's queue.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from loguru import logger

from app.core.errors import AppError
from app.services.engines.base import Context


@dataclass
class _Host:
    running: int = 0
    rests_until: float = 0.0
    """On the monotonic clock; it did not answer shortly before."""


@dataclass
class _House:
    """The hosts that one event loop's engines use."""

    hosts: dict[str, _Host] = field(default_factory=dict)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A run ended somewhere."""


_HOUSES: WeakKeyDictionary[asyncio.AbstractEventLoop, _House] = WeakKeyDictionary()


class Hosts:
    """The hosts of one engine.

    ``queue_of`` asks one how many runs it has; ``rest_s`` is how long one that does not answer is spared.
    """

    def __init__(
        self, urls: Sequence[str], per_host: int, queue_of: Callable[[str], Awaitable[int]], rest_s: float
    ) -> None:
        self.urls = list(urls)
        self._per_host = per_host
        self._queue_of = queue_of
        self._rest_s = rest_s

    async def take(self, context: Context) -> str:
        """Wait for a place at the least busy host and keep it (:meth:`leave` gives it back).

        Raises the error of the last host when none answers.
        """
        try:
            while True:
                free = self._free()
                if not free:
                    context.waiting(True)
                    await self._changed()
                    continue
                url = await self._least_busy(free)
                # While they were asked, another run may have taken the place.
                if url is not None and self._host(url).running < self._per_host:
                    self.enter(url)
                    return url
        finally:
            context.waiting(False)

    def enter(self, url: str) -> None:
        """Count a run that is at a host already, also beyond its limit: a resumed one."""
        self._host(url).running += 1

    def leave(self, url: str) -> None:
        self._host(url).running -= 1
        self._house().left.set()

    def rest(self, url: str) -> None:
        """The host did not answer: the others come first for a while."""
        self._host(url).rests_until = time.monotonic() + self._rest_s

    def _free(self) -> list[str]:
        """Hosts that answer, as far as is known, and have a place; when none answers, any with a place."""
        now = time.monotonic()
        awake = [url for url in self.urls if self._host(url).rests_until <= now] or self.urls
        return [url for url in awake if self._host(url).running < self._per_host]

    async def _changed(self) -> None:
        """Wait until a run ended, or a host that rested may be tried again."""
        left = self._house().left
        left.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(left.wait(), self._rest_s)

    async def _least_busy(self, urls: Sequence[str]) -> str | None:
        """Of the hosts that answer. None: those asked do not, but others may. Raises when none is left to ask."""
        answers = await asyncio.gather(*(self._asked(url) for url in urls))
        queues = [(answer, url) for answer, url in zip(answers, urls, strict=True) if isinstance(answer, int)]
        if queues:
            return min(queues, key=lambda one: (self._host(one[1]).running, one[0]))[1]
        now = time.monotonic()
        errors = [answer for answer in answers if isinstance(answer, AppError)]
        if all(self._host(url).rests_until > now for url in self.urls):
            raise errors[-1]
        return None

    async def _asked(self, url: str) -> int | AppError:
        """How many runs a host has in its queue; if it does not answer properly, its error, and it rests."""
        try:
            return await self._queue_of(url)
        except AppError as error:
            logger.warning("a ComfyUI host is passed over: {}", error.detail)
            self.rest(url)
            return error

    def _host(self, url: str) -> _Host:
        return self._house().hosts.setdefault(url, _Host())

    def _house(self) -> _House:
        return _HOUSES.setdefault(asyncio.get_running_loop(), _House())
