"""Opens a signed link as a client would, to see whether it leads to the object."""

from __future__ import annotations

import re
from http.client import HTTPException
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TIMEOUT_S = 10.0
_TOTAL = re.compile(r"bytes [\d*-]+/(\d+)")
_CODE = re.compile(rb"<Code>([\w.]{1,60})</Code>")
_EMPTY = 416
"""There is no first byte in a file without any."""


class Answer(NamedTuple):
    said: str
    """What came back, in words; empty: nothing did, or an error that may pass."""
    size_bytes: int = -1
    """Of the whole object; -1: it is not one."""


def answer_at(link: str) -> Answer:
    """Ask for the object's first byte."""
    try:
        with urlopen(Request(link, headers={"Range": "bytes=0-0"}), timeout=TIMEOUT_S) as answer:
            total = _TOTAL.match(answer.headers.get("Content-Range", ""))
            size = int(total[1]) if total else int(answer.headers.get("Content-Length") or -1)
            return Answer(f"status {answer.status}, a file of {size} bytes", size)
    except HTTPError as error:
        return _refusal(error)
    except (OSError, HTTPException):
        return Answer("")


def _refusal(error: HTTPError) -> Answer:
    if error.code >= 500 or error.code == 429:
        return Answer("")
    if error.code == _EMPTY:
        return Answer("an empty file", 0)
    code = _CODE.search(error.read(4096))
    return Answer(f"status {error.code}{f', {code[1].decode()}' if code else ''}")
