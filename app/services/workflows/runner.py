"""Runs CPU tasks in child processes that are kept warm, stopped at once and started anew when they die.

Two pools: ``media`` (a thread per core) and ``speech`` (one thread, because the speech library has global state).
At most as many tasks are in a child as it has threads; the others wait here, in turn by job, so that a long
render does not keep a small job waiting.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from loguru import logger

import app
from app.core.errors import EngineFault, from_record

_ROOT = Path(next(iter(app.__path__))).resolve().parent
TASK_PREFIXES = ("app.services.media.", "app.services.engines.")
SPEECH_PREFIX = "app.services.engines.builtin.speech"
CANCEL_PATIENCE_S = 1.2
"""How long a canceled task may go on before its whole process is killed (a job must stop within 2 s)."""
_MAX_LINE_BYTES = 64 * 1024 * 1024
_MAX_CRASHES = 2


class _Call:
    """One task on its way."""

    def __init__(self, number: int, job: str, message: dict[str, Any], started: Callable[[], None]) -> None:
        self.number = number
        self.job = job
        self.message = message
        self.started = started
        self.folder = Path(message["folder"])
        self.outcome: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.abandoned = False
        self.crashes = 0
        self.sent = False

    def end(self, result: dict[str, Any] | None, error: Exception | None) -> None:
        if self.outcome.done():
            return
        if error is not None:
            self.outcome.set_exception(error)
            self.outcome.exception()  # an abandoned call's error is nobody's to fetch
        else:
            self.outcome.set_result(result or {})


class _Pool:
    """One child process and the calls that are in it or wait for it."""

    def __init__(self, name: str, threads: int, prefixes: Sequence[str], log: tuple[str, str]) -> None:
        self._name = name
        self._threads = threads
        self._prefixes = prefixes
        self._log = log
        self._numbers = itertools.count(1)
        self._waiting: OrderedDict[str, deque[_Call]] = OrderedDict()
        self._suspects: deque[_Call] = deque()
        """Calls that were in a child when it died: each runs alone, so that only the guilty one fails."""
        self._flying: dict[int, _Call] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._starting: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None
        self._killing = False
        self.closed = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def run(
        self, task: str, request: dict[str, Any], folder: Path, job: str, urgent: bool, started: Callable[[], None]
    ) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "task": task, "request": request, "folder": str(folder)}
        call = _Call(number, job, message, started)
        line = self._waiting.setdefault(job, deque())
        line.appendleft(call) if urgent else line.append(call)
        self._pump()
        try:
            return await asyncio.shield(call.outcome)
        except asyncio.CancelledError:
            # To its end although the job runtime cancels again: until then the task writes into the caller's folder.
            ending = asyncio.ensure_future(self._abandon(call))
            while not ending.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({ending})
            raise

    # -- choosing and sending --------------------------------------------------------------------------

    def _pump(self) -> None:
        """Send what may be sent now; starts the child if there is none."""
        if self.closed:
            return
        if self._process is None:
            if self._starting is None and (self._waiting or self._suspects):
                self._starting = asyncio.create_task(self._start())
            return
        while (call := self._next()) is not None:
            self._send(call, self._process)

    def _next(self) -> _Call | None:
        if len(self._flying) >= self._threads or any(call.crashes for call in self._flying.values()):
            return None
        if self._suspects:
            return None if self._flying else self._suspects.popleft()
        for job, calls in self._waiting.items():
            call = calls.popleft()
            if calls:
                self._waiting.move_to_end(job)
            else:
                del self._waiting[job]
            return call
        return None

    def _send(self, call: _Call, process: asyncio.subprocess.Process) -> None:
        self._flying[call.number] = call
        if call.sent:
            empty(call.folder)
        else:
            call.sent = True
            call.started()
        self._write(process, call.message)

    def _write(self, process: asyncio.subprocess.Process, message: dict[str, Any]) -> None:
        # A child that is dying takes no more; the listener sees its end and deals with what was in it.
        with suppress(ConnectionError, RuntimeError):
            if process.stdin is not None:
                process.stdin.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    # -- the child's life ------------------------------------------------------------------------------

    async def _start(self) -> None:
        command = [sys.executable, "-m", "app.services.workflows.child", self._name]
        command += ["--threads", str(self._threads), "--parent", str(os.getpid()), "--log", *self._log]
        command += ["--allow", *self._prefixes]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_MAX_LINE_BYTES,
            cwd=_ROOT,
        )
        self._starting = None
        self._listener = asyncio.create_task(self._listen(self._process))
        self._pump()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with suppress(ConnectionError):
            async for line in process.stdout:
                self._answered(json.loads(line))
        self._ended(await process.wait())

    def _answered(self, answer: dict[str, Any]) -> None:
        call = self._flying.pop(answer["id"], None)
        if call is not None:
            error = from_record(answer["error"]) if "error" in answer else None
            call.end(answer.get("result"), error)
        self._pump()

    def _ended(self, code: int) -> None:
        """The child is gone: give what was in it another chance, or say what ended it."""
        self._process = None
        deliberate, self._killing = self._killing, False
        calls, self._flying = list(self._flying.values()), {}
        if self.closed:
            return
        if not deliberate:
            logger.error("the {} process ended ({}) with {} tasks in it", self._name, _cause(code), len(calls))
        for call in calls:
            call.crashes += not deliberate
            if call.abandoned or call.crashes >= _MAX_CRASHES:
                task = call.message["task"]
                call.end(None, EngineFault(f"The process that ran {task} was ended by {_cause(code)}"))
            else:
                (self._suspects if call.crashes else self._front(call.job)).append(call)
        self._pump()

    def _front(self, job: str) -> deque[_Call]:
        """The line of a job, moved to the head: its calls had begun already."""
        line = self._waiting.setdefault(job, deque())
        self._waiting.move_to_end(job, last=False)
        return line

    # -- stopping --------------------------------------------------------------------------------------

    async def _abandon(self, call: _Call) -> None:
        """Return when the task has ended and its folder is nobody's: asked, or with its process."""
        call.abandoned = True
        if call in self._suspects:
            self._suspects.remove(call)
            return
        line = self._waiting.get(call.job)
        if line is not None and call in line:
            line.remove(call)
            if not line:
                del self._waiting[call.job]
            return
        if self._process is None or call.outcome.done():
            return
        self._write(self._process, {"cancel": call.number})
        done, _ = await asyncio.wait({call.outcome}, timeout=CANCEL_PATIENCE_S)
        if not done:
            logger.warning("task {} did not stop: its process is killed", call.message["task"])
            self._kill()
            await asyncio.wait({call.outcome}, timeout=CANCEL_PATIENCE_S)

    def _kill(self) -> None:
        if self._process is not None:
            self._killing = True
            with suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """Kill the child. Calls that are under way never return: the process is about to end."""
        self.closed = True
        if self._starting is not None:
            await self._starting
        self._kill()
        if self._listener is not None:
            await self._listener


class StepRunner:
    """``threads`` of the media child; ``prefixes`` of the modules whose functions may be tasks.

    ``log``: level and form of what the children log.
    """

    def __init__(
        self, threads: int, prefixes: Sequence[str] = TASK_PREFIXES, log: tuple[str, str] = ("INFO", "text")
    ) -> None:
        self._media = _Pool("media", threads, prefixes, log)
        self._speech = _Pool("speech", 1, prefixes, log)

    async def run(
        self,
        task: str,
        request: dict[str, Any],
        folder: Path,
        *,
        job: str = "",
        urgent: bool = False,
        started: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """Run ``package.module:function`` in a child; ``started`` is called when its turn has come.

        ``urgent``: before what else waits of the same job, because more hangs on it; other jobs lose nothing by it.
        Raises what the task raised (an AppError) and EngineFault when its process died under it twice. When
        the caller is cancelled the task is stopped, and this returns only after it has ended.
        """
        pool = self._speech if task.startswith(SPEECH_PREFIX) else self._media
        return await pool.run(task, request, folder, job, urgent, started)

    def pids(self) -> list[int]:
        """Process ids of the children that run now."""
        return [pool.pid for pool in (self._media, self._speech) if pool.pid is not None]

    async def close(self) -> None:
        """End the children. Tasks under way are left unanswered for good (see the worker's stop)."""
        await asyncio.gather(self._media.close(), self._speech.close())


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def empty(folder: Path) -> None:
    """Remove what a broken-off run left: the next attempt finds its folder as new."""
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
