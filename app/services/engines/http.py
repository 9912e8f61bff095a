"""HTTP to a provider, with what goes wrong there as our errors: decided by type and status, never by a message.

Vendors' own clients are used where there are good ones; this is for protocols that are a few calls.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from app.core.errors import (
    AppError,
    EngineFailed,
    EngineFault,
    EngineTimeout,
    EngineUnavailable,
)
from app.services.engines.base import KeyRefused

MAX_JSON_BYTES = 64_000_000
MAX_FILE_BYTES = 2_000_000_000
_CHUNK = 1 << 18
_LONGEST_REASON = 300
_REASONS = ("message", "ErrMsg", "error_msg", "error_message", "msg", "detail", "error", "errors")
"""Where providers put their reason, the likeliest first."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """Calls to one provider. ``who`` is what errors call it (``video/pixverse``); ``secrets`` never get into them."""

    def __init__(
        self,
        who: str,
        base_url: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        timeout_s: float = 60.0,
    ) -> None:
        self.who = who
        self.base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._secrets = [secret for secret in secrets if secret]
        self._timeout_s = timeout_s

    async def call(
        self, method: str, path: str, *, timeout_s: float | None = None, accept: Sequence[int] = (), **request: Any
    ) -> Answer:
        """One request; ``path`` may be a whole URL. ``request`` is aiohttp's (json, data, params, headers).

        Statuses from 400 on raise, unless they are in ``accept``.
        """
        url = path if "://" in path else f"{self.base_url}{path}"
        limit = timeout_s if timeout_s is not None else self._timeout_s
        try:
            async with self.session(url, limit) as session, session.request(method, url, **request) as answer:
                body = await _bounded(answer, self.who)
                if answer.status >= 400 and answer.status not in accept:
                    raise self.refused(answer.status, answer.headers, body)
                return Answer(answer.status, dict(answer.headers), body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self.broken(error, url) from error

    async def json(self, method: str, path: str, **request: Any) -> Any:
        """The answer's JSON. Raises EngineFault when it is none."""
        answer = await self.call(method, path, **request)
        return self.parsed(answer.body)

    def parsed(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except ValueError as error:
            raise EngineFault(f"{self.who} answered with something that is no JSON") from error

    async def save(
        self, url: str, target: Path, *, max_bytes: int = MAX_FILE_BYTES, timeout_s: float = 600, **request: Any
    ) -> str:
        """Download a result into ``target`` and return its media type; without our headers if it lies elsewhere.

        A link that has expired (403, 404, 410) raises :class:`ExpiredLink`. Nothing is left after an error.
        """
        url = url if "://" in url else f"{self.base_url}{url}"
        own = urlsplit(url).netloc == urlsplit(self.base_url).netloc
        try:
            async with (
                self.session(url, timeout_s, own=own) as session,
                session.get(url, **request) as answer,
            ):
                if answer.status in (403, 404, 410):
                    raise ExpiredLink(f"{self.who} gave a link that does not open ({answer.status})")
                if answer.status != 200:
                    raise self.refused(answer.status, answer.headers, await _bounded(answer, self.who))
                await self._keep(answer, target, max_bytes)
                return answer.content_type
        except BaseException as error:
            await asyncio.to_thread(target.unlink, missing_ok=True)
            if isinstance(error, (aiohttp.ClientError, TimeoutError, OSError)):
                raise self.broken(error, url) from error
            raise

    async def _keep(self, answer: aiohttp.ClientResponse, target: Path, max_bytes: int) -> None:
        size = 0
        with target.open("wb") as file:
            async for chunk in answer.content.iter_chunked(_CHUNK):
                size += len(chunk)
                if size > max_bytes:
                    raise EngineFailed(f"{self.who} sent more than {max_bytes} bytes")
                await asyncio.to_thread(file.write, chunk)
        if not size:
            raise EngineFault(f"{self.who} sent an empty file")

    def session(self, url: str, timeout_s: float, *, own: bool = True) -> aiohttp.ClientSession:
        """A client session, through the environment's proxy unless the host is of this house. ``total`` is timed."""
        connect_s = min(15.0, timeout_s)
        return aiohttp.ClientSession(
            headers=self._headers if own else {},
            timeout=aiohttp.ClientTimeout(total=timeout_s, sock_connect=connect_s),
            trust_env=not near(url),
        )

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> AppError:
        """The error for a status from 400 on; the provider's own reason is quoted."""
        said = self.quoted(reason_in(body))
        text = f"{self.who} answered {status}" + (f": {said}" if said else "")
        if status in (401, 403):
            return KeyRefused(f"{text} (is its key right?)")
        if status == 429 or status == 503:
            return EngineFault(text, retry_after_s=retry_after_s(headers))
        if status == 408 or status == 504:
            return EngineTimeout(text)
        return EngineFault(text) if status >= 500 else EngineFailed(text)

    def broken(self, error: BaseException, url: str) -> AppError:
        """The error for a connection that failed."""
        host = urlsplit(url).netloc.rpartition("@")[2]
        if isinstance(error, TimeoutError):
            return EngineTimeout(f"{self.who} at {host} did not answer in time")
        if isinstance(error, aiohttp.ClientConnectorError):
            return EngineUnavailable(f"{self.who} cannot be reached at {host}")
        return EngineFault(f"{self.who} at {host} broke off: {type(error).__name__}")

    def quoted(self, text: str) -> str:
        """A provider's words on one line, short and without our secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = " ".join(text.split())
        return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " ..."


class ExpiredLink(EngineFault):
    """A result was there and is no more: its task must be done again."""


def reason_in(body: bytes) -> str:
    """The reason in an error's body, whatever its form; empty for a page of HTML."""
    text = body[:20_000].decode("utf-8", "replace").strip()
    try:
        return _reason(json.loads(text))
    except ValueError:
        return "" if text.startswith("<") else text


def _reason(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return _reason(value[0]) if value else ""
    if isinstance(value, dict):
        return next((found for name in _REASONS if name in value and (found := _reason(value[name]))), "")
    return ""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from ``Retry-After``, given as seconds or as a date (RFC 9110, section 10.2.3); None: not said."""
    value = next((headers[name] for name in headers if name.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    return None


async def _bounded(answer: aiohttp.ClientResponse, who: str) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise EngineFailed(f"{who} sent an answer of more than {MAX_JSON_BYTES} bytes")
    return bytes(body)


def near(url: str) -> bool:
    """Whether the host is this machine or of its network, which no proxy leads to."""
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan"))
