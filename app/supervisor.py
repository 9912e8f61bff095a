"""Keeps one worker process running beside the gateway: starts it, restarts it when it dies, stops it with us."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import suppress

from loguru import logger
from pydantic import SecretStr

from app.core.config import Settings

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
STEADY_S = 10.0
"""A worker that lived so long was not ill from its birth: the next one starts without a long pause."""
STOP_PATIENCE_S = 8.0


class Supervisor:
    """The worker gets the gateway's own settings, secrets included, through a pipe that nobody else can read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._loop: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the worker; None while there is none."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    def start(self) -> None:
        """Returns at once. Call it in the main thread: the worker dies with the thread that starts it."""
        self._loop = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ask the worker to stop, and kill it if it does not."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait({self._loop})
            self._loop = None
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_PATIENCE_S)
        except TimeoutError:
            logger.warning("the worker does not stop: it is killed")
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            code = await (await self._start()).wait()
            pause_s = FIRST_PAUSE_S if time.monotonic() - began > STEADY_S else min(2 * pause_s, LONGEST_PAUSE_S)
            logger.error("the worker ended with {}; a new one starts in {:.1f} s", code, pause_s)
            await asyncio.sleep(pause_s)

    async def _start(self) -> asyncio.subprocess.Process:
        command = [sys.executable, "-m", "app.worker", "--parent", str(os.getpid()), "--settings-from-stdin"]
        process = self._process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
        assert process.stdin is not None
        with suppress(ConnectionError):
            process.stdin.write(_as_line(self._settings))
            await process.stdin.drain()
            process.stdin.close()
        return process


def _as_line(settings: Settings) -> bytes:
    values = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in settings.model_dump().items()
    }
    values["data_dir"] = settings.data_dir.resolve()
    return json.dumps(values, default=str).encode() + b"\n"
