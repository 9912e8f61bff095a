"""``/files/...``: what was made, opened by its tenant or by a signed link."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from app.api.deps import KEYED, Caller, CallerDep
from app.api.errors import problem
from app.api.openapi import problems
from app.core.errors import NotFound, RangeNotSatisfiable, Unauthenticated
from app.storage.objects import media_type

router = APIRouter(tags=["files"], dependencies=KEYED)

_RANGE = re.compile(r"bytes=\s*(?:(\d+)\s*-\s*(\d*)|-\s*(\d+))\s*$", re.IGNORECASE)


def _admit(caller: Caller, key: str, expires: str, signature: str) -> None:
    """Raises Unauthenticated for a stranger, NotFound for another tenant's caller."""
    if caller.tenant and key.partition("/")[0] == caller.tenant:
        return
    objects = caller.wiring.objects
    # Where links are not signed every signature would be good, and a stranger has no business here.
    signed = not objects.verify(key, "0", "")
    if signed and objects.verify(key, expires, signature):
        return
    if not caller.tenant:
        raise Unauthenticated("This link is not valid any more. Read the address again, or send an API key.")
    raise NotFound("There is no such file.")


def _found(caller: Caller, key: str) -> tuple[Path, os.stat_result]:
    path = caller.wiring.objects.path(key)
    if path is None:
        raise NotFound("There is no such file.")
    try:
        result = path.stat()
    except OSError:
        raise NotFound("There is no such file.") from None
    if not stat.S_ISREG(result.st_mode):
        raise NotFound("There is no such file.")
    return path, result


def _outside(header: str, size: int) -> bool:
    """Whether a single range begins behind the file's end (RFC 9110, 14.1.2)."""
    match = _RANGE.fullmatch(header)
    if match is None:
        return False
    return int(match[3]) == 0 or size == 0 if match[3] else int(match[1]) >= size


def _usable(header: str) -> bool:
    """Whether ``header`` is one valid range; anything else, several among them, is answered with the whole file."""
    match = _RANGE.fullmatch(header)
    return match is not None and not (match[2] and int(match[2]) < int(match[1]))


def _respond(request: Request, caller: Caller, path: Path, result: os.stat_result) -> Response:
    headers = {
        # A changed file has another name, so a copy never grows old.
        "Cache-Control": f"{'private' if caller.settings.api_keys else 'public'}, max-age=31536000, immutable",
        "ETag": f'"{result.st_mtime_ns:x}-{result.st_size:x}"',
        "Accept-Ranges": "bytes",
    }
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range", "")
    if wanted and not _usable(wanted):
        # RFC 9110 lets a server ignore a Range that it does not understand; FileResponse would answer 400.
        request.scope["headers"] = [(name, value) for name, value in request.scope["headers"] if name != b"range"]
    elif wanted and "if-range" not in request.headers and _outside(wanted, result.st_size):
        error = RangeNotSatisfiable(f"The file has {result.st_size} bytes.")
        return problem(error, caller.request_id, {"Content-Range": f"bytes */{result.st_size}"})
    return FileResponse(path, media_type=media_type(path.name), headers=headers, stat_result=result)


@router.get(
    "/files/{key:path}",
    operation_id="getFile",
    summary="Open a picture, sound, clip, film or subtitle file",
    response_class=FileResponse,
    responses={
        200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
        206: {"description": "A range.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "The copy named by `If-None-Match` is current."},
        307: {"description": "The file stands in an object store, at the signed address in `Location`."},
        **problems(404, 416),
    },
)
@router.head("/files/{key:path}", operation_id="headFile", include_in_schema=False)
async def get_file(
    request: Request,
    caller: CallerDep,
    key: str,
    expires: Annotated[str, Query(max_length=20, description="Of a signed link.")] = "",
    signature: Annotated[str, Query(max_length=200, description="Of a signed link.")] = "",
) -> Response:
    """Addresses come from other answers. Ranges, `If-None-Match` and `HEAD` work.

    Where files stand in an object store answers name its own addresses; this one then leads there.
    """
    _admit(caller, key, expires, signature)
    if (link := caller.wiring.objects.link(key, request.method)) is not None:
        # Not to be kept: the link ends, and the next one is another.
        return RedirectResponse(link, headers={"Cache-Control": "no-store"})
    path, result = await asyncio.to_thread(_found, caller, key)
    return _respond(request, caller, path, result)
