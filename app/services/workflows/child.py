"""A process that does CPU work for the worker: JSON lines in, JSON lines out, and it dies with its parent.

Drawing, encoding and speaking run here and not in the worker, so that a crash of a codec costs one task and not
every job, and so that a job can be stopped at once. Started by ``runner.py``:
``python -m app.services.workflows.child POOL --threads N --parent PID --log LEVEL FORM --allow PREFIX...``

In:  ``{"id": 1, "task": "package.module:function", "request": {...}, "folder": "/..."}`` or ``{"cancel": 1}``
Out: ``{"id": 1, "result": {...}}`` or ``{"id": 1, "error": {code, detail, retryable}}``
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO

from loguru import logger

from app.core.errors import AppError, Canceled, InternalError, ValidationFailed
from app.core.lifeline import die_with_parent
from app.core.logging import setup_logging
from app.storage.atomic import full_disk_named

_NICE = 5
"""Below the gateway and the worker, which must answer while every core is busy encoding."""


class Child:
    """Runs tasks in ``threads`` threads; answers are whole lines, whichever thread writes them."""

    def __init__(self, threads: int, allow: Sequence[str], out: TextIO) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="task")
        self._allow = tuple(allow)
        self._out = out
        self._writing = threading.Lock()
        self._stops: dict[int, threading.Event] = {}

    def serve(self, lines: TextIO) -> None:
        """Take requests until the end of input, which means that the parent is gone."""
        for line in lines:
            message = json.loads(line)
            if "cancel" in message:
                stop = self._stops.get(message["cancel"])
                if stop is not None:
                    stop.set()
                continue
            stop = self._stops[message["id"]] = threading.Event()
            self._pool.submit(self._answer, message, stop)
        os._exit(0)

    def _answer(self, message: dict[str, Any], stop: threading.Event) -> None:
        try:
            answer = {"result": self._run(message, stop)}
        except AppError as error:
            answer = {"error": error.as_record()}
        except Exception as error:  # noqa: BLE001  (the step border: whatever a task does wrong is its answer)
            logger.exception("task {} failed", message["task"])
            answer = {"error": InternalError(f"{message['task']} failed: {type(error).__name__}").as_record()}
        self._stops.pop(message["id"], None)
        line = json.dumps({"id": message["id"], **answer}, ensure_ascii=False, allow_nan=False)
        with self._writing:
            self._out.write(line + "\n")
            self._out.flush()

    def _run(self, message: dict[str, Any], stop: threading.Event) -> dict[str, Any]:
        def check() -> None:
            if stop.is_set():
                raise Canceled("The job was canceled")

        check()
        function = _load(message["task"], self._allow)
        with full_disk_named("The result of a step"):
            result = function(message["request"], Path(message["folder"]), check)
        json.dumps(result, allow_nan=False)  # a result that is no JSON is this task's error and not the pipe's
        return result


def _load(task: str, allow: tuple[str, ...]) -> Callable[[dict[str, Any], Path, Callable[[], None]], dict[str, Any]]:
    module, _, name = task.partition(":")
    if not module.startswith(allow) or not name:
        raise ValidationFailed(f"{task} is not a task of this service")
    function: Callable[[dict[str, Any], Path, Callable[[], None]], dict[str, Any]]
    function = getattr(importlib.import_module(module), name)
    return function


def _settle_libraries(pool: str) -> None:
    """One thread per task: the tasks side by side fill the cores, the libraries must not do it once more."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.putenv(name, "1")
    if pool == "media":
        importlib.import_module("cv2").setNumThreads(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", choices=("media", "speech"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--log", nargs=2, default=("INFO", "text"), metavar=("LEVEL", "FORM"))
    parser.add_argument("--allow", nargs="+", required=True, help="module prefixes that tasks may come from")
    args = parser.parse_args()
    die_with_parent(args.parent)
    setup_logging(*args.log)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides
    os.nice(_NICE)
    # Answers have a descriptor of their own: whatever a library prints goes to stderr and spoils no line.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _settle_libraries(args.pool)
    Child(args.threads, args.allow, out).serve(sys.stdin)


if __name__ == "__main__":
    main()
