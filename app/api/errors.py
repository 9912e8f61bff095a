"""The one error shape of the service: every refusal and failure as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
import math
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from loguru import logger
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import (
    AppError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    UnsupportedMedia,
    ValidationFailed,
)
from app.core.ids import ID_PATTERN

_MAX_ERRORS = 20
_BY_STATUS: dict[int, type[AppError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedMedia,
    422: ValidationFailed,
}


def problem(error: AppError, request_id: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """The response that tells ``error``; ``more`` are further members of its body."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "message": error.detail,
        "retryable": error.retryable,
        "request_id": request_id,
    }
    if error.errors or isinstance(error, ValidationFailed):
        body["errors"] = (error.errors or [])[:_MAX_ERRORS]
    headers = dict(headers or {})
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    # What a client sent may come back in a detail; lone surrogates in it must not break the answer.
    content = json.dumps({**body, **more}, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, error.status, headers, media_type="application/problem+json")


def _internal(request_id: str) -> Response:
    """The answer to a fault of our own: nothing but the id under which the log has the reason."""
    return problem(InternalError(f"Something went wrong here. The log has it under request {request_id}."), request_id)


def _unreadable(reason: str) -> ValidationFailed:
    detail = f"The body is not valid JSON: {reason}."
    return ValidationFailed(detail, errors=[{"type": "json_invalid", "loc": ["body"], "msg": detail}])


def _from_http(error: HTTPException) -> AppError:
    if error.status_code == 400:
        # All that the framework says so of is a body that cannot be read: not UTF-8, or nested beyond measure.
        return _unreadable("it is not UTF-8, or nested too deep")
    kind = _BY_STATUS.get(error.status_code)
    title = HTTPStatus(error.status_code).phrase
    # Starlette's own details are bare status phrases: say something that helps.
    spoken = "" if error.detail == title else str(error.detail)
    if kind is NotFound:
        return NotFound(spoken or "There is nothing at this address.")
    if kind is MethodNotAllowed:
        return MethodNotAllowed(spoken or "This address does not take that method.")
    if kind is not None:
        return kind(spoken or title)
    return InternalError(spoken or title)


def _said(error: dict[str, Any]) -> str:
    if error["type"] == "string_pattern_mismatch" and (error.get("ctx") or {}).get("pattern") == ID_PATTERN:
        return "must be 1 to 128 characters of A-Z a-z 0-9 . _ : - and not begin with a dot"
    return str(error["msg"]).removeprefix("Value error, ")


def _from_validation(error: RequestValidationError) -> ValidationFailed:
    """Every wrong field by type, loc and msg, never with its value, which may be a secret or five megabytes."""
    broken = next((one for one in error.errors() if one["type"] == "json_invalid"), None)
    if broken is not None:
        return _unreadable(
            f"{(broken.get('ctx') or {}).get('error', 'it breaks off')} at character {broken['loc'][-1]}"
        )
    errors = [{"type": one["type"], "loc": list(one["loc"]), "msg": _said(one)} for one in error.errors()]
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    return ValidationFailed(f"{where}: {first['msg']}" if where else str(first["msg"]), errors=errors)


def install(app: FastAPI) -> None:
    """Replace the framework's own bodies for its own two kinds of error."""

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem(_from_http(error), request.state.request_id, dict(error.headers or {}))

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem(_from_validation(error), request.state.request_id)

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, validation_error)


class Answered:
    """Middleware that answers whatever is raised inside: ours as it says of itself, the rest as a fault of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started = scope["state"]["request_id"], False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            logger.debug("the client hung up while sending")
        except Exception as error:
            if started or not isinstance(error, AppError):
                logger.opt(exception=error).error("{} {!r} failed", scope["method"], scope["path"])
            if started:
                raise  # Half an answer is out: the server closes the connection, which tells the client.
            response = problem(error, request_id) if isinstance(error, AppError) else _internal(request_id)
            await response(scope, receive, send)
