"""Calls that survive a bad line: retried where that is safe, streams resumed, broken downloads continued.

A call is repeated only if the service cannot have begun twice: it never reached the service, or it is idempotent
(reads, changes to a value, and POSTs with an operation id, which name one job however often they are sent). A job that
ended badly is an answer and not repeated.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx2
from pydantic import ValidationError

from app.client.errors import NotFound, Refused, StoryFilmError, TookTooLong, Unreachable, refused, retry_after_s
from app.client.events import Decoder, Message
from app.client.models import Answer
from app.client.transport import Line

T = TypeVar("T", bound=Answer)

FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 60.0
SILENCE_S = 45.0
"""A stream without even a comment for this long is taken for dead; the service sends one every 15 s."""
_PATIENCE = 8
_SAFE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_ROUTE_ABSENT = frozenset({404, 405, 415})


@dataclass(frozen=True)
class Call:
    """One request to a route. ``repeatable``: None means by its method. ``new_route``: older servers lack it."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes, str]] | None = None
    form: dict[str, str] | None = None
    wait_s: float = 0.0
    repeatable: bool | None = None
    new_route: str = ""

    @property
    def may_repeat(self) -> bool:
        return self.method in _SAFE if self.repeatable is None else self.repeatable


class Caller:
    """Sends calls to one service over a line."""

    def __init__(self, line: Line, base_url: str, api_key: str, timeout_s: float, retries: int) -> None:
        parts = urlsplit(base_url if "://" in base_url else f"http://{base_url}")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError(f"{base_url!r} is not an http or https address.")
        if not (api_key.isascii() and api_key.isprintable()):
            raise ValueError("The API key has characters that no key has.")
        self.line = line
        self.base_url = parts._replace(query="", fragment="").geturl().rstrip("/")
        self.retries = retries
        self._api_key = api_key
        self._timeout_s = timeout_s

    def address(self, url: str) -> str:
        """``url`` of an answer in full."""
        return urljoin(self.base_url + "/", url)

    def headers_for(self, url: str) -> dict[str, str]:
        """The key, only for the service itself: a link into an object store must not carry it away."""
        own = _origin(url) == _origin(self.base_url)
        return {"X-API-Key": self._api_key} if own and self._api_key else {}

    def timeout(self, wait_s: float = 0.0, read_s: float | None = None) -> httpx2.Timeout:
        connect_s = min(self._timeout_s, 10.0)
        return httpx2.Timeout(self._timeout_s, connect=connect_s, read=(read_s or self._timeout_s) + wait_s)

    async def json(self, call: Call) -> dict[str, Any]:
        """The answer's JSON object; empty for an empty body. Raises as ``content``, and NotOurs."""
        _, content = await self.content(call)
        return parsed(content) if content else {}

    async def content(self, call: Call) -> tuple[httpx2.Headers, bytes]:
        """Headers and body of a good answer. Raises Refused, Unreachable."""
        attempt = 0
        while True:
            try:
                return await self._once(call)
            except StoryFilmError as error:
                if attempt and call.method == "DELETE" and isinstance(error, NotFound):
                    return httpx2.Headers(), b""  # the try before had got through
                attempt += 1
                if attempt > self.retries or not _worth_another_try(call, error):
                    raise
                await self.line.sleep(pause_s(attempt, error))

    async def _once(self, call: Call) -> tuple[httpx2.Headers, bytes]:
        url = self.base_url + call.path
        request = self.line.request(
            call.method,
            url,
            json=call.body,
            params={name: value for name, value in call.params.items() if value not in ("", None)} or None,
            files=call.files,
            data=call.form,
            headers=self.headers_for(url) | call.headers,
            timeout=self.timeout(call.wait_s),
        )
        try:
            response = await self.line.send(request)
            try:
                content = await self.line.read(response)
            finally:
                await self.line.close(response)
        except httpx2.RequestError as error:
            raise self.unreachable(error, url) from error
        if response.is_success:
            return response.headers, content
        raise await self._said_why(call, response, content)

    async def _said_why(self, call: Call, response: httpx2.Response, content: bytes) -> StoryFilmError:
        if response.is_redirect:
            target = urljoin(str(response.request.url), response.headers.get("location", ""))
            return NotOurs(f"{_origin(self.base_url)} leads to {_origin(target)}: give that as the address.")
        if call.new_route and response.status_code in _ROUTE_ABSENT and not await self._has(call):
            detail = f"The service at {_origin(self.base_url)} has no {call.new_route} yet ({call.method} {call.path})."
            return NotFound(404, {"code": "NOT_FOUND", "detail": detail})
        return problem_of(response, content)

    async def _has(self, call: Call) -> bool:
        """Whether the service says that it has this route; when in doubt, yes."""
        try:
            document = await self.json(Call("GET", "/openapi.json"))
        except StoryFilmError:
            return True
        paths = document.get("paths")
        if not isinstance(paths, dict):
            return True
        parts = call.path.split("/")
        return any(_fits(path.split("/"), parts) and call.method.lower() in paths[path] for path in paths)

    def unreachable(self, error: httpx2.RequestError, url: str) -> Unreachable:
        """One sentence for a failed line to ``url``, without its credentials or query."""
        host = _origin(url)
        if isinstance(error, _NOT_SENT):
            return NotSent(f"Nothing answers at {host}. Is the service running?")
        if isinstance(error, httpx2.TimeoutException):
            return Unreachable(f"{host} took too long to answer.")
        return Unreachable(f"The connection to {host} broke off.")

    async def events(self, path: str, last_id: str = "", until: float = math.inf) -> AsyncGenerator[Message]:
        """Server-sent events from behind ``last_id`` on; a broken stream is taken up where it broke.

        Ends when the service ends the stream. Raises Refused, Unreachable when nothing comes over several tries,
        and TookTooLong soon after ``until`` (time.monotonic).
        """
        url, failures = self.base_url + path, 0
        while True:
            decoder = Decoder(last_id)
            silence_s = max(0.05, min(SILENCE_S, until - time.monotonic()))
            try:
                async with aclosing(self._stream(url, last_id, silence_s)) as chunks:
                    async for chunk in chunks:
                        for message in decoder.messages(chunk):
                            last_id, failures = message.id, 0
                            yield message
                        _in_time(until)
                        if decoder.overfull:
                            raise NotOurs(f"{_origin(self.base_url)} sends something else than events.")
                return
            except StoryFilmError as error:
                _in_time(until)
                failures += 1
                if not error.retryable or failures > max(self.retries, _PATIENCE if last_id else 0):
                    raise
                await self.line.sleep(pause_s(failures, error))

    async def _stream(self, url: str, last_id: str, silence_s: float) -> AsyncGenerator[bytes]:
        headers = self.headers_for(url) | {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        try:
            response = await self._opened(
                self.line.request("GET", url, headers=headers, timeout=self.timeout(read_s=silence_s))
            )
            try:
                async with aclosing(self.line.chunks(response)) as chunks:
                    async for chunk in chunks:
                        yield chunk
            finally:
                await self.line.close(response)
        except httpx2.RequestError as error:
            raise self.unreachable(error, url) from error

    async def _opened(self, request: httpx2.Request) -> httpx2.Response:
        response = await self.line.send(request)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code == 200 and media_type == "text/event-stream":
            return response
        try:
            content = await self.line.read(response)
        finally:
            await self.line.close(response)
        if response.status_code == 200:
            raise NotOurs(f"{_origin(self.base_url)} sends something else than events.")
        raise problem_of(response, content)


class NotSent(Unreachable):
    """The request never left: no connection was made."""


class NotOurs(Unreachable):
    """Something answers at this address, but not this service."""

    retryable = False


def parsed(content: bytes | str) -> dict[str, Any]:
    """The JSON object in ``content``. Raises NotOurs."""
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise NotOurs("Something answers at this address, but not as the story film service does.")
    return value


def read(kind: type[T], value: Any) -> T:
    """``value`` as an answer of ``kind``. Raises NotOurs."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise NotOurs(f"The answer's {where or 'body'} is not what this client understands.") from error


def problem_of(response: httpx2.Response, content: bytes) -> Refused:
    """The exception for an answer that is not good, whoever wrote its body."""
    try:
        body = parsed(content)
    except NotOurs:
        body = {}
    wait = retry_after_s(response.headers.get("retry-after"), time.time())
    if "detail" not in body and "message" not in body:
        body = {**body, "detail": f"The service answered {response.status_code} {response.reason_phrase}."}
    body.setdefault("request_id", response.headers.get("x-request-id", ""))
    return refused(response.status_code, body, retry_after_s=wait)


def pause_s(attempt: int, error: StoryFilmError) -> float:
    """Seconds before try ``attempt`` + 1: doubling, with jitter, and never less than the service asked for."""
    asked = error.retry_after_s if isinstance(error, Refused) else 0.0
    return max(asked, min(FIRST_PAUSE_S * 2.0 ** (attempt - 1), 15.0) * random.uniform(0.7, 1.0))


def _worth_another_try(call: Call, error: StoryFilmError) -> bool:
    if isinstance(error, Refused):
        # A refusal with a job in it is that job's end: the same call again would tell the same.
        if not error.retryable or error.operation is not None or error.retry_after_s > MAX_PAUSE_S:
            return False
        return call.may_repeat or error.status == 429
    return isinstance(error, NotSent) or (error.retryable and call.may_repeat)


def _in_time(until: float) -> None:
    if time.monotonic() >= until:
        raise TookTooLong("The job has not ended in the time given; it goes on.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


def _fits(template: list[str], parts: list[str]) -> bool:
    pairs = zip(template, parts, strict=False)
    return len(template) == len(parts) and all(want.startswith("{") or want == got for want, got in pairs)
