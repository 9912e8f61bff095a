"""Logging by loguru: readable lines or JSON, always with job, shot and request id, never with a secret."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from loguru import logger

if TYPE_CHECKING:
    from loguru import Message, Record

_ids: ContextVar[dict[str, str]] = ContextVar("log_ids", default={})  # noqa: B039  (never changed in place)


@contextmanager
def log_ids(**ids: str) -> Iterator[None]:
    """Every line logged inside carries these ids (``job``, ``shot``, ``request``)."""
    token = _ids.set({**_ids.get(), **ids})
    try:
        yield
    finally:
        _ids.reset(token)


class _ToLoguru(logging.Handler):
    """The standard library's loggers (uvicorn, dbos, aiohttp) end in ours."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.opt(exception=record.exc_info, depth=6).log(record.levelname, record.getMessage())


def _json_sink(message: Message) -> None:
    record = message.record
    line: dict[str, Any] = {
        "time": record["time"].isoformat(),
        "level": record["level"].name,
        "message": record["message"],
        "logger": record["name"],
        **record["extra"],
    }
    if record["exception"] is not None:
        line["exception"] = repr(record["exception"].value)
    sys.stderr.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def _text_format(record: Record) -> str:
    ids = " ".join(f"{name}={value}" for name, value in record["extra"].items())
    # A key of its own: the ids are substituted as a value, so braces and markup in them stay what they are.
    record["ids"] = f" [{ids}]" if ids else ""  # type: ignore[typeddict-unknown-key]
    return "{time:HH:mm:ss.SSS} {level: <7} {message}{ids}\n{exception}"


def setup_logging(level: str, form: str) -> None:
    """Send all logging to stderr in one form. Called once by each process's main."""

    def add_ids(record: Record) -> None:
        record["extra"].update(_ids.get())

    logger.configure(patcher=add_ids)
    logger.remove()
    # diagnose=False: loguru would otherwise print the values of variables, secrets among them.
    if form == "json":
        logger.add(_json_sink, level=level, diagnose=False)
    else:
        logger.add(sys.stderr, level=level, format=_text_format, diagnose=False, backtrace=False)
    logging.basicConfig(handlers=[_ToLoguru()], level=level, force=True)
