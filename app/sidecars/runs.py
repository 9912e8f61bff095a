"""The book of a sidecar's runs: who waits, who runs, how each ended, and the files of those that ended.

Shared by the server's event loop and the worker's thread, under one lock. A run that ended is also on disk, so that a
restart keeps what was paid for with GPU time; runs that waited or ran are forgotten by it, and their clients, told 404,
submit them again.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.errors import AppError, Canceled, EngineTimeout, QueueFull, ValidationFailed
from app.sidecars.model import Run
from app.sidecars.settings import SidecarSettings
from app.sidecars.wire import RUN_ID, RunState, State

_MOST_KEPT = 1000
"""Finished runs remembered at a time, however small."""
_LONGEST_RETRY_S = 60.0
_ENDED = ("succeeded", "failed", "canceled")


@dataclass
class Record:
    run: Run
    fingerprint: str
    request: dict[str, Any]
    folder: Path
    """Holds ``in`` and ``out``."""
    files: dict[str, str] = field(default_factory=dict)
    """Inputs: name of the field to name in ``in``."""
    affinity: str = ""
    state: State = "queued"
    revision: int = 1
    progress: float = 0.0
    message: str = ""
    result: dict[str, Any] | None = None
    sizes: dict[str, int] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    began: float = 0.0
    """Monotonic."""
    told_to_stop: float = 0.0
    """Monotonic; 0: not."""
    overdue: bool = False
    """It was told to stop because of its time, not by its client."""
    given_up: bool = False
    """It did not stop in time: it has ended for its client, but not for the worker."""
    ended_at: float = 0.0
    """Seconds since the epoch."""
    forgotten: bool = False

    @property
    def ended(self) -> bool:
        return self.state in _ENDED

    def seen(self, position: int = 0) -> RunState:
        return RunState(
            run_id=self.run.run_id,
            state=self.state,
            revision=self.revision,
            progress=self.progress,
            message=self.message,
            position=position,
            result=self.result,
            files=sorted(self.sizes),
            sizes=dict(self.sizes),
            error=self.error,
        )


class Runs:
    """``changed`` is called after every change, from any thread."""

    def __init__(self, folder: Path, settings: SidecarSettings, changed: Callable[[], None]) -> None:
        self._folder = folder / "runs"
        self._settings = settings
        self._changed = changed
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)
        self._records: dict[str, Record] = {}
        self._queue: list[Record] = []
        self._current: Record | None = None
        self._last_affinity, self._in_a_row = "", 0
        self._last_took_s = 5.0
        self._held: Any = None
        self.uploads = folder / "uploads"

    # -- life --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Take the folder for this process alone and read what ended before. Raises AppError if another has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._held = (self._folder.parent / "lock").open("w")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._held.close()
            raise AppError(f"Another sidecar uses the folder {self._folder.parent}") from None
        shutil.rmtree(self.uploads, ignore_errors=True)
        self.uploads.mkdir()
        for folder in sorted(self._folder.iterdir()):
            record = _read(folder)
            if record is None:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                self._records[record.run.run_id] = record
        self.sweep()

    def close(self) -> None:
        """Tell the running one to stop, forget it, since its client did not ask for that, and give the folder back."""
        with self._lock:
            if self._current is not None:
                self._stop(self._current, "The sidecar was stopped")
                self._remove(self._current)
            self._arrived.notify_all()
        if self._held is not None:
            self._held.close()

    # -- for the server ----------------------------------------------------------------------------------

    def find(self, run_id: str) -> RunState | None:
        with self._lock:
            record = self._records.get(run_id)
            return record.seen(self._position(record)) if record is not None else None

    def file(self, run_id: str, name: str) -> Path | None:
        """A result's path; None if there is none of that name."""
        with self._lock:
            record = self._records.get(run_id)
            return record.folder / "out" / name if record is not None and name in record.sizes else None

    def check_room(self, run_id: str) -> None:
        """Raises QueueFull when a new run of that id would find no place, before its files are sent."""
        with self._lock:
            if run_id not in self._records and len(self._queue) >= self._settings.queue_limit:
                wait_s = min(_LONGEST_RETRY_S, max(1.0, self._last_took_s))
                raise QueueFull(f"{len(self._queue)} runs are waiting already", retry_after_s=wait_s)

    def accept(
        self,
        run_id: str,
        request: dict[str, Any],
        fingerprint: str,
        inputs: Path,
        files: dict[str, str],
        affinity: str = "",
    ) -> tuple[RunState, bool]:
        """Take a run with the folder of its inputs, whose ``files`` are names by field; True: it is new.

        Raises QueueFull, and ValidationFailed if the id is known with another request.
        """
        with self._lock:
            known = self._records.get(run_id)
            if known is not None:
                if known.fingerprint != fingerprint:
                    raise ValidationFailed(f"The run {run_id} is known with another request")
                return known.seen(self._position(known)), False
            self.check_room(run_id)
            folder = self._folder / run_id
            # Of a run that was forgotten while it ran and has not ended yet, or that could not be removed.
            if folder.exists():
                raise QueueFull(f"The run {run_id} was forgotten and has not ended yet", retry_after_s=1.0)
            (folder / "out").mkdir(parents=True)
            inputs.rename(folder / "in")
            record = Record(Run(run_id), fingerprint, request, folder, files, affinity)
            record.run = Run(run_id, lambda fraction, message: self._moved(record, fraction, message))
            self._records[run_id] = record
            self._queue.append(record)
            self._arrived.notify_all()
            return record.seen(self._position(record)), True

    def cancel(self, run_id: str) -> RunState | None:
        """A waiting run ends at once, a running one at its next step. None: it is not known."""
        with self._lock:
            record = self._records.get(run_id)
            if record is None:
                return None
            self._stop(record, "The run was canceled")
            return record.seen(self._position(record))

    def forget(self, run_id: str) -> None:
        """Cancel it if it has not ended, and remove its files."""
        with self._lock:
            record = self._records.get(run_id)
            if record is None:
                return
            self._stop(record, "The run was canceled")
            self._remove(record)
        self._changed()

    def busy(self) -> tuple[str, int]:
        """The id of the running one (empty: none) and how many wait."""
        with self._lock:
            return (self._current.run.run_id if self._current is not None else ""), len(self._queue)

    def stuck(self) -> str:
        """Why no run can begin: the running one was given up and has not ended. Empty: all is well."""
        with self._lock:
            current = self._current
            if current is None or not current.given_up:
                return ""
            since = time.monotonic() - current.told_to_stop
            return f"The run {current.run.run_id} was told to stop {since:.0f} s ago and goes on; restart the sidecar"

    def sweep(self) -> None:
        """Remove what was kept long enough or is too much; stop what is overdue; give up what does not stop."""
        with self._lock:
            self._watch()
            ended = sorted((one for one in self._records.values() if one.ended), key=lambda one: -one.ended_at)
            size, now = 0, time.time()
            for number, record in enumerate(ended):
                size += sum(record.sizes.values())
                old = now - record.ended_at > self._settings.keep_s
                if old or number >= _MOST_KEPT or size > self._settings.keep_bytes:
                    self._remove(record)

    def _watch(self) -> None:
        current, now = self._current, time.monotonic()
        if current is None or current.ended:
            return
        if not current.told_to_stop and now - current.began > self._settings.run_limit_s:
            current.overdue = True
            self._stop(current, self._too_long())
        if current.told_to_stop and now - current.told_to_stop > self._settings.stop_s:
            current.given_up = True
            self.stopped(current)

    def _too_long(self) -> str:
        return f"The run took longer than {self._settings.run_limit_s:.0f} s"

    # -- for the worker ----------------------------------------------------------------------------------

    def take(self, wait_s: float) -> Record | None:
        """The next run, marked as running; None if none came in time."""
        with self._lock:
            if not self._queue:
                self._arrived.wait(wait_s)
            if not self._queue:
                return None
            record = self._chosen()
            self._queue.remove(record)
            self._current = record
            record.state, record.began = "running", time.monotonic()
            for one in (record, *self._queue):
                one.revision += 1
        self._changed()
        return record

    def _chosen(self) -> Record:
        first = self._queue[0]
        alike = next((one for one in self._queue if one.affinity == self._last_affinity), None)
        chosen = alike if alike is not None and self._in_a_row < self._settings.in_a_row else first
        same = chosen.affinity == self._last_affinity
        # Only runs that others waited for count: alone, one kind may go on for ever.
        self._in_a_row = self._in_a_row + 1 if same and chosen is not first else 1
        self._last_affinity = chosen.affinity
        return chosen

    def succeeded(self, record: Record, result: dict[str, Any], sizes: dict[str, int]) -> None:
        with self._lock:
            if not record.ended:
                record.result, record.sizes, record.progress = result, sizes, 1.0
                self._end(record, "succeeded")

    def failed(self, record: Record, error: AppError) -> None:
        with self._lock:
            if not record.ended:
                record.error = error.as_record()
                self._end(record, "failed")

    def stopped(self, record: Record) -> None:
        """It stopped at a step because it was told to."""
        with self._lock:
            if record.ended:
                return
            if record.overdue:
                self.failed(record, EngineTimeout(self._too_long()))
            else:
                record.error = Canceled("The run was canceled").as_record()
                self._end(record, "canceled")

    def left(self, record: Record) -> None:
        """The worker is done with the record, whatever became of it; its inputs and half-made files go."""
        self._clear(record)
        with self._lock:
            self._current = None
            self._last_took_s = time.monotonic() - record.began
            if record.forgotten:
                shutil.rmtree(record.folder, ignore_errors=True)
        self._changed()

    # -- inside ------------------------------------------------------------------------------------------

    def _moved(self, record: Record, fraction: float, message: str) -> None:
        with self._lock:
            if record.state != "running" or (fraction, message) == (record.progress, record.message):
                return
            record.progress, record.message = fraction, message
            record.revision += 1
        self._changed()

    def _position(self, record: Record) -> int:
        if record.state != "queued":
            return 0
        return self._queue.index(record) + (self._current is not None)

    def _stop(self, record: Record, reason: str) -> None:
        if record.state == "queued":
            record.run.stop(reason)
            self._queue.remove(record)
            self.stopped(record)
            self._clear(record)
            for one in self._queue:
                one.revision += 1
        elif record.state == "running" and not record.told_to_stop:
            record.told_to_stop = time.monotonic()
            record.run.stop(reason)

    def _end(self, record: Record, state: State) -> None:
        record.state, record.ended_at = state, time.time()
        record.revision += 1
        if not record.forgotten:
            # Without it a restart forgets the run, which costs one more; a full disk must not cost this one.
            with contextlib.suppress(OSError):
                _write(record)
        self._changed()

    def _clear(self, record: Record) -> None:
        shutil.rmtree(record.folder / "in", ignore_errors=True)
        if record.state != "succeeded":
            shutil.rmtree(record.folder / "out", ignore_errors=True)

    def _remove(self, record: Record) -> None:
        self._records.pop(record.run.run_id, None)
        record.forgotten = True
        if record is not self._current:
            shutil.rmtree(record.folder, ignore_errors=True)


def _write(record: Record) -> None:
    text = json.dumps(
        {"fingerprint": record.fingerprint, "ended_at": record.ended_at, "run": record.seen().model_dump()}
    )
    part = record.folder / "run.part"
    part.write_text(text, "utf-8")
    part.rename(record.folder / "run.json")


def _read(folder: Path) -> Record | None:
    """The run that ended in this folder; None for anything else."""
    try:
        kept = json.loads((folder / "run.json").read_text("utf-8"))
        seen = RunState(**kept["run"])
        if seen.run_id != folder.name or not re.fullmatch(RUN_ID, seen.run_id) or seen.state not in _ENDED:
            return None
        if any((folder / "out" / name).stat().st_size != size for name, size in seen.sizes.items()):
            return None
        return Record(
            Run(seen.run_id),
            str(kept["fingerprint"]),
            {},
            folder,
            state=seen.state,
            revision=seen.revision,
            progress=seen.progress,
            message=seen.message,
            result=seen.result,
            sizes=seen.sizes,
            error=seen.error,
            ended_at=float(kept["ended_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
