"""The one thread in which a model is set up and carries out its runs; here every error of a model ends."""

from __future__ import annotations

import errno
import json
import stat
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loguru import logger

from app.core.errors import AppError, Canceled, EngineFailed, EngineFault, StorageFull
from app.sidecars.model import Model
from app.sidecars.runs import Record, Runs
from app.sidecars.uploads import NAME

_LOOK_S = 0.5
"""How soon the thread notices that the sidecar stops, while nothing is to do."""


class Worker:
    """``state`` is ``loading``, ``ready`` or ``failed`` with ``reason``; ``changed`` is called when it changes."""

    def __init__(self, model: Model, runs: Runs, changed: Callable[[], None]) -> None:
        self.state, self.reason = "loading", ""
        self._model, self._runs, self._changed = model, runs, changed
        self._ending = threading.Event()
        # A thread that a model hangs in must not keep the process alive.
        self._thread = threading.Thread(target=self._work, name=f"{model.name} worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, wait_s: float) -> None:
        """No more runs; the one that goes on is told to stop, and waited for that long."""
        self._ending.set()
        self._runs.close()
        self._thread.join(wait_s)

    def _work(self) -> None:
        try:
            self._model.setup()
        except (Exception, SystemExit) as error:  # noqa: BLE001  (the border of a run)
            if not isinstance(error, AppError):
                logger.error("the model {} cannot be set up\n{}", self._model.name, traceback.format_exc())
            self.state, self.reason = "failed", _as_ours(error).detail
            logger.error("{} failed: {}", self._model.name, self.reason)
            self._changed()
            return
        self.state = "ready"
        logger.info("{} is ready on {}", self._model.name, self._model.device() or "its device")
        self._changed()
        while not self._ending.is_set():
            record = self._runs.take(_LOOK_S)
            if record is not None:
                self._carry_out(record)

    def _carry_out(self, record: Record) -> None:
        error = self._outcome(record)
        # Only now, out of the handler, nothing holds the frames of the failed run and their tensors any more.
        if error is not None and _out_of_memory(error):
            try:
                self._model.free()
            except Exception:  # noqa: BLE001
                logger.exception("freeing memory failed")
        if error is not None:
            self._judge(record, error)
        self._runs.left(record)

    def _outcome(self, record: Record) -> BaseException | None:
        """None after a success, else the error without its frames."""
        inputs, folder = record.folder / "in", record.folder / "out"
        try:
            record.run.check()
            files = {name: inputs / file for name, file in record.files.items()}
            result = self._model.run(record.request, files, folder, record.run)
            facts, sizes = _as_json(result), _results(folder)
        except (Exception, SystemExit) as error:  # noqa: BLE001  (the border of a run)
            if not isinstance(error, AppError):
                logger.error("the run {} failed\n{}", record.run.run_id, traceback.format_exc())
            _without_frames(error)
            return error
        self._runs.succeeded(record, facts, sizes)
        return None

    def _judge(self, record: Record, error: BaseException) -> None:
        if isinstance(error, Canceled) and record.run.stopping:
            self._runs.stopped(record)
        else:
            ours = _as_ours(error)
            logger.warning("the run {} failed: {}", record.run.run_id, ours.detail)
            self._runs.failed(record, ours)


def _as_ours(error: BaseException) -> AppError:
    if isinstance(error, AppError):
        return error
    if _out_of_memory(error):
        return EngineFault("out of memory: the device has too little left for this run")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull("No space is left for the results of the run")
    said = " ".join(str(error).split())[:300]
    return EngineFailed(f"{said or 'The model failed'}: {type(error).__name__}")


def _out_of_memory(error: BaseException) -> bool:
    """torch's and Python's own, known by name: the harness knows no torch."""
    seen: BaseException | None = error
    while seen is not None:
        if any(kind.__name__ in ("OutOfMemoryError", "MemoryError") for kind in type(seen).__mro__):
            return True
        seen = seen.__cause__
    return False


def _without_frames(error: BaseException) -> None:
    seen: BaseException | None = error
    while seen is not None:
        if seen.__traceback__ is not None:
            traceback.clear_frames(seen.__traceback__)
        seen.__traceback__ = None
        seen = seen.__cause__ or seen.__context__


def _as_json(result: Any) -> dict[str, Any]:
    """Raises EngineFailed if the facts are no JSON object; NaN and infinity are none."""
    try:
        facts = json.loads(json.dumps(result, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise EngineFailed(f"The model's facts are no JSON: {error}") from None
    if not isinstance(facts, dict):
        raise EngineFailed("The model's facts are no JSON object")
    return facts


def _results(folder: Path) -> dict[str, int]:
    """Name and size of every result. Raises EngineFailed for what cannot be served under its name."""
    sizes = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        kind = path.lstat()
        if not stat.S_ISREG(kind.st_mode) and not stat.S_ISLNK(kind.st_mode):
            continue
        if stat.S_ISLNK(kind.st_mode) or not NAME.fullmatch(path.name):
            raise EngineFailed(f"The model left a result that cannot be served: {path.name[:60]!r}")
        sizes[path.name] = kind.st_size
    return sizes
