"""Everything that touches the set-up of the job runtime (DBOS): database, queues, executors and their liveness.

One workflow per job, with the job's id; one queue per kind of job. A process that only submits uses
:class:`JobQueue`; a worker calls :func:`launch`. Rules and measurements: one executor id per process start,
whose liveness lock is taken before the launch; a constant application version; JSON and never pickle; SQLite
in WAL mode; limits per worker.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import socket
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, get_args

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from loguru import logger
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from app.core.config import Settings
from app.core.errors import InternalError, StorageFull
from app.models.job import JobKind
from app.services.workflows.full_disk import is_full_disk
from app.storage.locks import Turn

APPLICATION = "story-film"
APP_VERSION = "jobs-1"
"""Constant: the runtime never runs a job of another version. Changed shapes of workflows go through DBOS.patch."""
KINDS: tuple[str, ...] = get_args(JobKind)
POLL_S = 0.1
ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
KEPT_S = 3600.0
"""How long the recorded steps of a job that ended are kept: nothing reads them any more."""
_SWEEP_LIMIT = 200
STOP_PATIENCE_S = 1
"""How long a worker that is stopped lets its jobs go on, seconds; what is left is taken over by the next one."""
_BUSY_TIMEOUT_S = 30.0


class Orphan(NamedTuple):
    """A workflow that some executor runs, or ran when it died."""

    tenant: str
    job_id: str
    kind: str
    executor: str


class JobQueue:
    """The runtime as seen from outside: any number of processes and threads may use one at the same time."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.jobs_database
        self._lock = threading.Lock()
        self._opened: DBOSClient | None = None

    def enqueue(self, job_id: str, kind: str, tenant: str) -> None:
        """Let a worker run the job. The same id again changes nothing. Raises StorageFull, InternalError."""
        with _database_errors():
            self._client().enqueue(
                {
                    "queue_name": kind,
                    "workflow_name": kind,
                    "workflow_id": job_id,
                    "app_version": APP_VERSION,
                },
                tenant,
                job_id,
            )

    def cancel(self, job_id: str) -> None:
        with _database_errors():
            self._client().cancel_workflow(job_id)

    def resume(self, job_id: str, kind: str) -> None:
        """Put a job whose worker died back into its queue."""
        with _database_errors():
            self._client().resume_workflow(job_id, queue_name=kind)

    def running(self) -> list[Orphan]:
        """Every workflow that an executor has taken, alive or not."""
        with _database_errors():
            found = self._client().list_workflows(status="PENDING", name=list(KINDS), load_output=False)
        return [
            Orphan(row.input["args"][0], row.workflow_id, row.name, row.executor_id or "")
            for row in found
            if row.input is not None
        ]

    def statuses(self, job_ids: Sequence[str]) -> dict[str, str]:
        """The runtime's own status by job id; a job that it does not know is left out."""
        if not job_ids:
            return {}
        with _database_errors():
            found = self._client().list_workflows(workflow_ids=list(job_ids), load_input=False, load_output=False)
        return {row.workflow_id: row.status for row in found}

    def sweep(self) -> int:
        """Forget what the runtime recorded of jobs that ended KEPT_S ago; returns how many. The documents stay."""
        before = datetime.now(UTC) - timedelta(seconds=KEPT_S)
        with _database_errors():
            ended = self._client().list_workflows(
                status=sorted(ENDED),
                completed_before=before.isoformat(),
                limit=_SWEEP_LIMIT,
                load_input=False,
                load_output=False,
            )
            if ended:
                self._client().delete_workflows([row.workflow_id for row in ended])
        return len(ended)

    def register(self, worker_jobs: int) -> None:
        """Make the queues known before a worker starts: it looks for new ones only once a second."""
        with _database_errors():
            for kind in KINDS:
                self._client().register_queue(kind, worker_concurrency=worker_jobs, polling_interval_sec=POLL_S)

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.destroy()
                self._opened = None

    def _client(self) -> DBOSClient:
        with self._lock:
            if self._opened is None:
                prepare_database(self._url)
                self._opened = DBOSClient(
                    system_database_url=self._url,
                    serializer=DBOSPortableJSONSerializer(),
                    application_name=APPLICATION,
                    retry_connection_errors=False,
                )
                hush()
            return self._opened


@contextmanager
def _database_errors() -> Iterator[None]:
    """The database's errors as ours."""
    try:
        yield
    except SQLAlchemyError as error:
        if is_full_disk(error):
            raise StorageFull("The job queue cannot be written: no space left on device") from error
        raise InternalError(f"The job queue cannot be used: {type(error).__name__}") from error


def _commit_quickly(connection: object, _: object) -> None:
    """No fsync per commit, as SQLite advises for WAL: it took most of a submission's time (p99 133 to 26 ms).

    A killed process loses nothing. A power cut may lose the last commits, and nothing hangs on those: the documents
    are synced themselves, what has no workflow is enqueued at the start, and a lost step finds its artifacts.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=NORMAL")


def prepare_database(url: str) -> None:
    """Create the runtime's database if there is none. Safe between processes; WAL stays with the file."""
    hush()
    path = Path(make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not event.contains(Engine, "connect", _commit_quickly):
        event.listen(Engine, "connect", _commit_quickly)
    with _database_errors():
        connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            raise InternalError(f"The job queue's database cannot be opened: {error}") from error
        finally:
            connection.close()
        DBOS.migrate(url)


# -- executors ---------------------------------------------------------------------------------------------


class Liveness:
    """Which workers live, by a lock file each, and which of them take jobs: those that have written into theirs."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "workers"
        self._mine: Turn | None = None
        self._executor = ""

    def announce(self) -> str:
        """A new executor id, ``host:worker:uuid``, whose lock this process holds from now on."""
        host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())
        executor = f"{host}:worker:{uuid.uuid4().hex}"
        while (turn := Turn.take(self._file(executor))) is None:
            continue  # somebody probed the new file in this instant
        self._mine, self._executor = turn, executor
        return executor

    def opened(self) -> None:
        """Say that the process that announced itself here takes jobs from now on."""
        self._file(self._executor).write_text("takes jobs\n", "utf-8")

    def is_alive(self, executor: str) -> bool:
        return executor != "" and _held_bytes(self._file(executor)) is not None

    def anybody(self) -> bool:
        """Whether any living worker takes jobs; one that is still starting does not."""
        return any(_held_bytes(path) for path in self._folder.glob("*.lock"))

    def sweep(self) -> None:
        """Remove the lock files of the dead. Their executors count as dead without a file, too."""
        for path in self._folder.glob("*.lock"):
            turn = Turn.take(path)
            if turn is not None:
                turn.release()

    def _file(self, executor: str) -> Path:
        return self._folder / f"{executor}.lock"


def _held_bytes(path: Path) -> int | None:
    """The size of a lock file; None if nobody holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
    return None


def launch(settings: Settings, executor: str, queues: Sequence[str]) -> None:
    """Start taking jobs from ``queues``, which are registered; they run in the event loop that this is called in."""
    url = settings.jobs_database
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": url,
            "executor_id": executor,
            "application_version": APP_VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }
    )
    hush()
    DBOS.listen_queues(queues)
    DBOS.launch()
    logger.info("worker {} takes jobs from {}", executor, ", ".join(queues))


def stop() -> None:
    """Take no more jobs and wait a little for those under way. Blocks; what is left stays for a takeover."""
    DBOS.destroy(workflow_completion_timeout_sec=STOP_PATIENCE_S)


class _NoCancels(logging.Filter):
    """A canceled job is no error: the runtime's lines on it would only alarm, and they quote whole stories."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        of_cancel = kind is not None and "Cancelled" in kind.__name__
        return not of_cancel and not record.getMessage().startswith("Asyncio task cancelled")


def hush() -> None:
    """The runtime's log lines go the way of all others, without those that a cancel causes."""
    library = logging.getLogger("dbos")
    library.setLevel(logging.WARNING)
    library.handlers.clear()
    library.propagate = True
    if not any(isinstance(one, _NoCancels) for one in library.filters):
        library.addFilter(_NoCancels())
