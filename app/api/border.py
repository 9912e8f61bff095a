"""The border that every request passes: first its id and its place in the figures, then its key and its body.

Plain ASGI, so that answers stream and a client that hangs up is noticed.
"""

from __future__ import annotations

import re
import time

from loguru import logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.keys import Keys
from app.api.metrics import Metrics
from app.core.errors import PayloadTooLarge, UnsupportedMedia
from app.core.ids import new_id
from app.core.logging import log_ids

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}", re.ASCII)
_JSON = re.compile(r"application/([a-z0-9.+\-]+\+)?json", re.IGNORECASE)
_DRAIN_BYTES = 64_000_000
"""How much of a refused body is read and thrown away, so that the client hears why before the connection closes."""


class Border:
    """Gives every request an id, which its answer and its log lines carry, and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 0
        only_headers = _as_get(scope)
        inner = {**scope, "method": "GET"} if only_headers else scope

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if only_headers and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            with log_ids(request=request_id):
                await self._app(inner, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - began
            self._metrics.observe({**inner, "method": scope["method"]}, status, seconds)
            with log_ids(request=request_id):
                level = "DEBUG" if scope["method"] in ("GET", "HEAD") else "INFO"
                # Without the query, which may hold a link's signature, and with line breaks escaped.
                logger.log(level, "{} {!r} {} {:.0f} ms", scope["method"], scope["path"], status, seconds * 1000)


def _as_get(scope: Scope) -> bool:
    """Whether a HEAD is answered as a GET without its body (RFC 9110, 9.1: every server supports both).

    Files know HEAD themselves and read nothing for it; a stream of events would not end.
    """
    return (
        scope["method"] == "HEAD" and not scope["path"].startswith("/files/") and not scope["path"].endswith("/events")
    )


class Gate:
    """Lets in whom ``keys`` admit, with a JSON body of at most ``max_body_bytes``."""

    def __init__(self, app: ASGIApp, keys: Keys, max_body_bytes: int) -> None:
        self._app = app
        self._keys = keys
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["state"]["tenant"] = self._keys.admit(scope["path"], headers)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_body_bytes:
            await self._drain(receive)
            raise self._too_large()
        if "transfer-encoding" in headers or (length.isdigit() and int(length) > 0):
            self._check_media_type(headers)
        await self._app(scope, self._counted(receive), send)

    def _check_media_type(self, headers: Headers) -> None:
        kind = headers.get("content-type", "").partition(";")[0].strip()
        # A body without a type is JSON from an older client; a browser that hides the type of a body that it
        # sends on behalf of another site says so by Origin.
        if kind == "" and "origin" not in headers:
            return
        if not _JSON.fullmatch(kind):
            raise UnsupportedMedia(f"The body must be application/json, not {kind[:100] or 'without a type'}.")

    def _counted(self, receive: Receive) -> Receive:
        total = 0

        async def counting() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self._max_body_bytes:
                await self._drain(receive)
                # An HTTPException is the one error that FastAPI lets through while it reads a body.
                raise HTTPException(413, self._too_large().detail)
            return message

        return counting

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"A request body may have at most {self._max_body_bytes} bytes.")

    async def _drain(self, receive: Receive) -> None:
        total, more = 0, True
        while more and total < _DRAIN_BYTES:
            message = await receive()
            total += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
