"""The fields of a form as a fake received it: its middleware has read the body already."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from aiohttp import web


class Part(NamedTuple):
    data: bytes
    filename: str | None
    """None: a field, no file."""

    @property
    def text(self) -> str:
        return self.data.decode()


async def form_of(request: web.Request) -> dict[str, Part]:
    """Fields by name, of a multipart form (RFC 7578) or of a URL-encoded one."""
    body = await request.read()
    boundary = re.search(r'boundary="?([^";]+)', request.headers.get("Content-Type", ""))
    if boundary is None:
        return {name: Part(value.encode(), None) for name, value in parse_qsl(body.decode())}
    found = {}
    for part in body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        said = re.search(r'form-data;.*?\bname="([^"]*)"(?:.*?filename="([^"]*)")?', head.decode())
        assert said is not None
        found[said[1]] = Part(data.removesuffix(b"\r\n"), said[2])
    return found
