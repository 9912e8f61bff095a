"""The two ways to wait, so that everything above is written once.

All of the client is written as coroutines over a :class:`Line`. On :class:`AsyncLine` they wait in an event loop; on
:class:`BlockingLine` no await ever suspends, so :func:`finish` runs a coroutine to its end by one ``send``.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx2

T = TypeVar("T")


class Line(Protocol):
    """What the client needs of HTTP and of the clock. ``send`` gives a response whose body is still to be read."""

    def request(self, method: str, url: str, **parts: Any) -> httpx2.Request: ...
    async def send(self, request: httpx2.Request) -> httpx2.Response: ...
    async def read(self, response: httpx2.Response) -> bytes: ...
    def chunks(self, response: httpx2.Response) -> AsyncGenerator[bytes]: ...
    async def close(self, response: httpx2.Response) -> None: ...
    async def work(self, function: Callable[..., T], *args: Any) -> T: ...
    async def sleep(self, seconds: float) -> None: ...
    async def hang_up(self) -> None: ...


def _options(url: str) -> dict[str, Any]:
    """Proxies of the environment are for the world, not for this machine."""
    host = urlsplit(url).hostname or ""
    local = host == "localhost"
    with suppress(ValueError):
        local = local or ipaddress.ip_address(host).is_loopback
    return {"trust_env": not local, "follow_redirects": False}


class BlockingLine:
    def __init__(self, url: str) -> None:
        self._http = httpx2.Client(**_options(url))

    def request(self, method: str, url: str, **parts: Any) -> httpx2.Request:
        return self._http.build_request(method, url, **parts)

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        return self._http.send(request, stream=True)

    async def read(self, response: httpx2.Response) -> bytes:
        return response.read()

    async def chunks(self, response: httpx2.Response) -> AsyncGenerator[bytes]:
        for chunk in response.iter_bytes():
            yield chunk

    async def close(self, response: httpx2.Response) -> None:
        response.close()

    async def work(self, function: Callable[..., T], *args: Any) -> T:
        return function(*args)

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  blocking is what this line is for

    async def hang_up(self) -> None:
        self._http.close()


class AsyncLine:
    def __init__(self, url: str) -> None:
        self._http = httpx2.AsyncClient(**_options(url))

    def request(self, method: str, url: str, **parts: Any) -> httpx2.Request:
        return self._http.build_request(method, url, **parts)

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        return await self._http.send(request, stream=True)

    async def read(self, response: httpx2.Response) -> bytes:
        return await response.aread()

    async def chunks(self, response: httpx2.Response) -> AsyncGenerator[bytes]:
        async for chunk in response.aiter_bytes():
            yield chunk

    async def close(self, response: httpx2.Response) -> None:
        await response.aclose()

    async def work(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.to_thread(function, *args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def hang_up(self) -> None:
        await self._http.aclose()


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """The outcome of a coroutine over a BlockingLine."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # StopIteration's value is untyped
    coroutine.close()
    raise RuntimeError("A blocking call tried to wait in an event loop.")


async def _next(items: AsyncIterator[T]) -> T:
    return await anext(items)


def each(items: AsyncGenerator[T]) -> Iterator[T]:
    """The items of an asynchronous generator over a BlockingLine; breaking off closes it."""
    try:
        while True:
            try:
                item = finish(_next(items))
            except StopAsyncIteration:
                return
            yield item
    finally:
        finish(_closed(items))


async def _closed(items: AsyncGenerator[Any]) -> None:
    await items.aclose()
