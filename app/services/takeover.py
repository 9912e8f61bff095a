"""Looks after jobs that nobody looks after: of dead workers, never enqueued, or ended without saying so.

One loop in the whole service by a lock, once a second. What it does may be done twice and broken off anywhere.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path

from loguru import logger

from app.core.errors import AppError, CorruptDocument, InternalError
from app.models.job import MAX_ATTEMPTS, Job
from app.services.job_runtime import ENDED, JobQueue, Liveness, Orphan
from app.services.workflows.records import JobRecords, open_key
from app.storage.documents import Document, Documents
from app.storage.locks import Turn

EVERY_S = 1.0
UNSENT_AFTER_S = 2.0
"""A job without a workflow at this age was left by a process that died while submitting it."""
MARKER_WITHOUT_JOB_S = 60.0
SWEEP_EVERY_S = 60.0
STRANDED_ROUNDS = 4
"""Looks, a second apart, in which a job of ours is not run by us before it is given back."""


class Takeover:
    def __init__(self, data_dir: Path, documents: Documents, records: JobRecords, queue: JobQueue) -> None:
        self._lock = data_dir / "locks" / "takeover.lock"
        self._liveness = Liveness(data_dir)
        self._documents = documents
        self._records = records
        self._queue = queue
        self._next_sweep = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; waits while another worker has the lock."""
        turn: Turn | None = None
        try:
            while not stop.is_set():
                turn = turn or Turn.take(self._lock)
                if turn is not None:
                    await asyncio.to_thread(self._once)
                try:
                    await asyncio.wait_for(stop.wait(), EVERY_S)
                except TimeoutError:
                    continue
        finally:
            if turn is not None:
                turn.release()

    def _once(self) -> None:
        try:
            self.adopt()
            self.reconcile()
            self._liveness.sweep()
            if time.monotonic() > self._next_sweep:
                self._next_sweep = time.monotonic() + SWEEP_EVERY_S
                self._queue.sweep()
        except (AppError, OSError) as error:
            logger.error("looking after jobs failed, again in {} s: {}", EVERY_S, error)

    # -- workers that died -----------------------------------------------------------------------------

    def adopt(self) -> None:
        """Give the jobs of dead workers back to the queue, or fail them when it happened too often."""
        alive: dict[str, bool] = {}
        for row in self._queue.running():
            if row.executor not in alive:
                alive[row.executor] = self._liveness.is_alive(row.executor)
            if not alive[row.executor]:
                self._guarded(row.job_id, partial(self._take_over, row))

    async def watch_own(self, executor: str, present: Collection[str], stop: asyncio.Event) -> None:
        """Until ``stop``, in every worker: give back jobs that the runtime calls ours and that nothing here runs.

        So a job goes on whose end, or whose beginning, the runtime could not write down (a full disk).
        """
        missing: dict[str, int] = {}
        while not stop.is_set():
            try:
                rows = {row.job_id: row for row in await asyncio.to_thread(self._queue.running)}
            except AppError as error:
                logger.error("own jobs cannot be listed: {}", error.detail)
                rows = {}
            mine = [name for name, row in rows.items() if row.executor == executor and name not in present]
            missing = {name: missing.get(name, 0) + 1 for name in mine}
            for name in [name for name, rounds in missing.items() if rounds >= STRANDED_ROUNDS]:
                del missing[name]
                await asyncio.to_thread(self._guarded, name, partial(self._take_over, rows[name]))
            try:
                await asyncio.wait_for(stop.wait(), EVERY_S)
            except TimeoutError:
                continue

    def _take_over(self, row: Orphan) -> None:
        job = self._records.find(row.tenant, row.job_id)
        if job is None or job.terminal:
            self._queue.cancel(row.job_id)
        elif job.attempts >= MAX_ATTEMPTS:
            self._queue.cancel(row.job_id)
            detail = f"The worker ended {job.attempts} times while it carried out this job"
            error = InternalError(detail).as_record()
            self._records.finish(job.tenant, job.job_id, "failed", message=detail, error=error)
            logger.error("job {} failed: {}", job.job_id, detail)
        else:
            self._queue.resume(row.job_id, row.kind)
            logger.warning("job {} taken over from {}", job.job_id, row.executor)

    # -- jobs that are open and should not be, or not enqueued and should be -----------------------------

    def reconcile(self) -> None:
        """Make documents and runtime agree for every open job."""
        waiting = {key.rpartition("/")[2]: key for key in self._documents.keys("open")}
        statuses = self._queue.statuses(list(waiting))
        for job_id, key in waiting.items():
            status = statuses.get(job_id)
            if status is None or status in ENDED:
                self._guarded(job_id, partial(self._agree, key, job_id, status))

    def _agree(self, key: str, job_id: str, status: str | None) -> None:
        marker = self._marker(key)
        if marker is None:
            return
        job = self._records.find(marker["tenant"], job_id)
        if job is None:
            self._forget(key, marker, lost=status is not None)
        elif job.terminal:
            self._records.settle(job)
        elif status is None:
            if _age_s(job) > UNSENT_AFTER_S:
                logger.warning("job {} was not enqueued; doing it now", job_id)
                self._queue.enqueue(job_id, job.kind, job.tenant)
        elif status == "CANCELLED":
            self._records.finish(job.tenant, job_id, "canceled", message="The job was canceled")
        else:
            detail = "The job ended without a result"
            error = InternalError(detail).as_record()
            self._records.finish(job.tenant, job_id, "failed", message=detail, error=error)

    def _marker(self, key: str) -> Document | None:
        """A damaged marker is set aside and costs its job nothing: it only helps those that died."""
        try:
            return self._documents.read(key)
        except CorruptDocument as error:
            logger.error("a marker was damaged: {}", error.detail)
            return None

    def _forget(self, key: str, marker: Document, *, lost: bool) -> None:
        """A marker without a job: the document was lost, or its submission is under way, or died."""
        if lost or time.time() - float(marker.get("at", 0)) > MARKER_WITHOUT_JOB_S:
            self._documents.delete(key)

    def _guarded(self, job_id: str, act: Callable[[], None]) -> None:
        """One job's trouble must not keep the others waiting."""
        try:
            act()
        except CorruptDocument as error:
            logger.error("job {} is lost: {}", job_id, error.detail)
            self._queue.cancel(job_id)
            self._documents.delete(open_key(job_id))
        except AppError as error:
            logger.error("job {} could not be looked after: {}", job_id, error.detail)


def _age_s(job: Job) -> float:
    return time.time() - datetime.fromisoformat(job.created_at).timestamp()
