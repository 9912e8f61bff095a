"""What every fake provider has: a real HTTP server on loopback, a record of what it was sent, and faults on request."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Sent:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Fault:
    """What goes wrong with a request: a status, or no proper answer at all."""

    status: int = 0
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "status"
    """``status``, ``hang`` (never answers), ``drop`` (closes the connection), ``truncated`` (ends in the middle of
    the true answer), ``garbage`` (200 with broken JSON)."""


@dataclass
class _Planned:
    method: str
    path: re.Pattern[str]
    fault: Fault
    after: int
    times: int


class Fake:
    """Subclasses add routes in ``routes``. Runs in a thread of its own with its own event loop."""

    max_body = 512 * 1024 * 1024

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self._planned: list[_Planned] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None
        self._hanging: set[asyncio.Event] = set()
        self.port = 0

    # -- for subclasses --------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    # -- for tests -------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, where: str, fault: Fault, *, after: int = 0, times: int = 1_000_000) -> None:
        """``where``: ``"POST /v1/x"``, a pattern for method and path (``"* .*"``: every request).

        The first ``after`` such requests are answered properly, the next ``times`` meet the fault.
        """
        method, _, path = where.partition(" ")
        self._planned.append(_Planned(method, re.compile(path), fault, after, times))

    def mend(self) -> None:
        """No more faults."""
        self._planned.clear()

    def calls(self, where: str) -> list[Sent]:
        """The requests so far that match ``where`` (as in :meth:`fail`)."""
        method, _, path = where.partition(" ")
        return [one for one in list(self.sent) if method in ("*", one.method) and re.match(path, one.path)]

    def start(self, port: int = 0) -> None:
        self._thread.start()
        self._do(self._begin(port))

    def stop_listening(self) -> None:
        """Close every connection; whoever connects now is refused."""
        self._do(self._end())

    def stop(self) -> None:
        """Listen no more and end."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def __enter__(self) -> Any:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- inside ----------------------------------------------------------------------------------------

    def _do(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(20)

    async def _begin(self, port: int) -> None:
        app = web.Application(client_max_size=self.max_body, middlewares=[self._middleware()])
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        self.port = listening.getsockname()[1]
        await web.SockSite(self._runner, listening).start()

    async def _end(self) -> None:
        for event in self._hanging:
            event.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _middleware(self) -> Any:
        @web.middleware
        async def record(request: web.Request, handler: Any) -> web.StreamResponse:
            body = await request.read()
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.sent.append(Sent(request.method, request.path, dict(request.query), headers, body))
            fault = self._fault(request)
            if fault is None:
                return await handler(request)
            return await self._wrong(fault, request, handler)

        return record

    def _fault(self, request: web.Request) -> Fault | None:
        for planned in self._planned:
            if planned.method in ("*", request.method) and planned.path.match(request.path):
                if planned.after > 0:
                    planned.after -= 1
                    return None
                if planned.times > 0:
                    planned.times -= 1
                    return planned.fault
        return None

    async def _wrong(self, fault: Fault, request: web.Request, handler: Any) -> web.StreamResponse:
        transport = request.transport
        if fault.kind == "hang":
            event = asyncio.Event()
            self._hanging.add(event)
            await event.wait()
        if fault.kind in ("hang", "drop"):
            if transport is not None:
                transport.abort()
            return web.Response(status=500)
        if fault.kind == "garbage":
            return web.Response(body=b'{"output": {"task', content_type="application/json")
        if fault.kind == "truncated":
            return await self._truncated(request, handler)
        body = fault.body.encode() if isinstance(fault.body, str) else fault.body
        kind = "application/json" if body[:1] in (b"{", b"[") else "text/plain"
        return web.Response(status=fault.status, body=body, headers={"Content-Type": kind, **fault.headers})

    async def _truncated(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """The true answer's head and half of its body, then the connection ends."""
        whole = await handler(request)
        body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b'{"a": "bcdefgh"}'
        half = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type})
        half.content_length = len(body)
        await half.prepare(request)
        await half.write(body[: len(body) // 2])
        if request.transport is not None:
            await asyncio.sleep(0.02)
            request.transport.close()
        return half
