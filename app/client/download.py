"""Downloads that end whole or not at all: a temporary name beside the target, ranges after a break, then a rename."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urljoin, urlsplit

import httpx2

from app.client.errors import DownloadFailed, StoryFilmError
from app.client.http import Caller, pause_s, problem_of

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_MAX_REDIRECTS = 5


@dataclass
class _Got:
    """How far a download has come. ``tag``: the file's strong ETag; ``total``: its size, -1 while unknown."""

    at: int = 0
    tag: str = ""
    total: int = -1


async def download(caller: Caller, url: str, path: Path) -> Path:
    """Fetch ``url`` (absolute, or as an answer gave it) to ``path``, replacing what is there.

    Raises Refused, Unreachable, DownloadFailed, OSError; then ``path`` is as it was before.
    """
    work = caller.line.work
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    await work(_make_folder, path.parent)
    file = await work(_opened, part)
    try:
        try:
            await _fill(caller, caller.address(url), file)
            await work(_settle, file)
        finally:
            await work(file.close)
        await work(os.replace, part, path)
    except BaseException:
        part.unlink(missing_ok=True)  # here and now: the loop may be ending
        raise
    return path


async def _fill(caller: Caller, url: str, file: IO[bytes]) -> None:
    got, failures = _Got(), 0
    while True:
        before = got.at
        try:
            await _some(caller, url, file, got)
            return
        except StoryFilmError as error:
            failures = 1 if got.at > before else failures + 1
            if not error.retryable or failures > caller.retries:
                raise
            await caller.line.sleep(pause_s(failures, error))


async def _some(caller: Caller, url: str, file: IO[bytes], got: _Got) -> None:
    """One request for what is missing, written as it comes."""
    line = caller.line
    try:
        response = await _answer(caller, url, got)
        try:
            if response.status_code not in (200, 206):
                raise problem_of(response, await line.read(response))
            await line.work(_place, file, got, response)
            async with aclosing(line.chunks(response)) as chunks:
                async for chunk in chunks:
                    await line.work(file.write, chunk)
                    got.at += len(chunk)
        finally:
            await line.close(response)
    except httpx2.RequestError as error:
        raise caller.unreachable(error, url) from error
    if got.total >= 0 and got.at != got.total:
        raise _short(got)


async def _answer(caller: Caller, url: str, got: _Got) -> httpx2.Response:
    """The answer at the end of all redirects; the key goes to the service alone."""
    for _ in range(_MAX_REDIRECTS + 1):
        if urlsplit(url).scheme not in ("http", "https"):
            raise DownloadFailed("The address of the file is neither http nor https.")
        headers = caller.headers_for(url) | {"Accept-Encoding": "identity"}
        if got.at and (got.tag or got.total >= 0):  # otherwise nothing tells whether the rest is of the same file
            headers["Range"] = f"bytes={got.at}-"
            if got.tag:
                headers["If-Range"] = got.tag
        request = caller.line.request("GET", url, headers=headers, timeout=caller.timeout())
        response = await caller.line.send(request)
        if not (response.is_redirect and "location" in response.headers):
            return response
        await caller.line.close(response)
        url = urljoin(url, response.headers["location"])
    raise DownloadFailed("The address of the file leads round in circles.")


def _place(file: IO[bytes], got: _Got, response: httpx2.Response) -> None:
    """Set the file to where the answer's bytes belong: behind what is there, or its beginning."""
    length = response.headers.get("content-length", "")
    if response.status_code == 206:
        match = _RANGE.fullmatch(response.headers.get("content-range", ""))
        total = int(match[3]) if match and match[3] != "*" else got.total
        if match is None or int(match[1]) != got.at or (got.total >= 0 and total != got.total):
            _begin_again(file, got)
            raise _short(got)
        got.total = total
        return
    _begin_again(file, got)
    plain = length.isascii() and length.isdigit() and "content-encoding" not in response.headers
    got.total = int(length) if plain else -1
    tag = response.headers.get("etag", "")
    got.tag = "" if tag.startswith("W/") else tag


def _begin_again(file: IO[bytes], got: _Got) -> None:
    file.seek(0)
    file.truncate()
    got.at, got.total = 0, -1


class _Broken(DownloadFailed):
    retryable = True


def _short(got: _Got) -> _Broken:
    return _Broken(f"The file broke off after {got.at} bytes.")


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _opened(path: Path) -> IO[bytes]:
    return path.open("xb")


def _settle(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
