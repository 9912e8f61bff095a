"""Job documents: the only place that changes one, so that states, events and callbacks cannot drift apart.

Every change goes through the document's lock, bumps ``revision`` and adds a line to the job's event log. A state
that ended is final: whoever comes later (a late success after a cancel) is told so and changes nothing. The
marker ``open/{job_id}`` stands until the terminal state is stored *and* its callback recorded; whatever dies in
between is completed by whoever finds the marker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

from app.core.errors import NotFound
from app.models.job import LEGAL, Job, JobEvent, Stage
from app.models.story import Shot, now
from app.storage.documents import Document, Documents


class Owes(Protocol):
    """Who records callbacks (services/callbacks.py)."""

    def record(self, job: Job) -> Any: ...

    def record_shot(self, job: Job, shot: Shot) -> Any: ...


_BEGUN = "The work has begun."
_RESUMED = "The work goes on where it was interrupted."


def job_key(tenant: str, job_id: str) -> str:
    return f"{tenant}/jobs/{job_id}"


def open_key(job_id: str) -> str:
    return f"open/{job_id}"


class JobRecords:
    """All calls block on the disk; coroutines use ``asyncio.to_thread``."""

    def __init__(self, documents: Documents, callbacks: Owes | None = None) -> None:
        self._documents = documents
        self._callbacks = callbacks

    def find(self, tenant: str, job_id: str) -> Job | None:
        document = self._documents.read(job_key(tenant, job_id))
        return None if document is None else Job.model_validate(document)

    def read(self, tenant: str, job_id: str) -> Job:
        """Raises NotFound."""
        job = self.find(tenant, job_id)
        if job is None:
            raise NotFound(f"There is no job {job_id}")
        return job

    def events(self, tenant: str, job_id: str, after: int) -> list[JobEvent]:
        """Events with an id above ``after``, in order."""
        lines = self._documents.log(job_key(tenant, job_id))
        found = {line["id"]: JobEvent.model_validate(line) for line in lines if line["id"] > after}
        return [found[number] for number in sorted(found)]

    # -- changes ---------------------------------------------------------------------------------------

    def begin(self, tenant: str, job_id: str, stages: list[Stage]) -> Job | None:
        """A worker starts (or takes over) the job: counts an attempt. None if the job is over."""

        def change(job: Job) -> bool:
            if "running" not in LEGAL[job.status]:
                return False
            job.status = "running"
            job.attempts += 1
            job.started_at = job.started_at or now()
            job.progress, job.message = 0.0, _BEGUN if job.attempts == 1 else _RESUMED
            spent = {stage.name: stage.seconds for stage in job.stages}
            job.stages = [stage.model_copy(update={"seconds": spent.get(stage.name, 0.0)}) for stage in stages]
            return True

        return self._change(tenant, job_id, "status", change)

    def uncount(self, tenant: str, job_id: str) -> None:
        """The worker is being stopped in an orderly way: what it interrupts was no failed attempt."""

        def change(job: Job) -> bool:
            job.attempts = max(0, job.attempts - 1)
            return not job.terminal

        self._change(tenant, job_id, "progress", change)

    def report(self, tenant: str, job_id: str, progress: float, message: str, stages: list[Stage]) -> Job | None:
        """Store how far a running job is. None if it is over (canceled, say)."""

        def change(job: Job) -> bool:
            if job.status != "running":
                return False
            job.progress, job.message, job.stages = max(job.progress, progress), message or job.message, stages
            return True

        return self._change(tenant, job_id, "progress", change)

    def note(self, tenant: str, job_id: str, text: str) -> None:
        """Add a remark for the user, once."""

        def change(job: Job) -> bool:
            if job.terminal or text in job.notes:
                return False
            job.notes.append(text)
            return True

        self._change(tenant, job_id, "progress", change)

    def shot(self, job: Job, shot: Shot) -> None:
        """Say that a shot of a running job is there: an event, and a callback for those who asked for it."""

        def change(stored: Job) -> bool:
            return stored.status == "running"

        data = {"shot": shot.model_dump()}
        if self._change(job.tenant, job.job_id, "shot", change, data) is not None and self._callbacks is not None:
            self._callbacks.record_shot(job, shot)

    def link_retry(self, tenant: str, job_id: str, successor: str) -> Job | None:
        """Name the job that repeats this one. None if another one was named before."""

        def change(job: Job) -> bool:
            if job.retried_by:
                return False
            job.retried_by = successor
            return True

        return self._change(tenant, job_id, "status", change)

    def finish(
        self,
        tenant: str,
        job_id: str,
        status: Literal["succeeded", "failed", "canceled"],
        *,
        message: str = "",
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
        stages: list[Stage] | None = None,
    ) -> Job:
        """The one way into a terminal state. A job that is over stays as it is. Returns what is stored."""

        def change(job: Job) -> bool:
            if status not in LEGAL[job.status]:
                return False
            job.status, job.message = status, message
            job.result, job.error = result, error
            job.stages = stages if stages is not None else job.stages
            job.progress = 100.0 if status == "succeeded" else job.progress
            job.finished_at = now()
            return True

        self._change(tenant, job_id, "status", change)
        job = self.read(tenant, job_id)
        self.settle(job)
        return job

    def settle(self, job: Job) -> None:
        """Record the callback of a job that is over and close its marker. Doing it twice changes nothing."""
        if not job.terminal or self._callbacks is None:
            return
        self._callbacks.record(job)
        self._documents.delete(open_key(job.job_id))

    def _change(
        self,
        tenant: str,
        job_id: str,
        event: Literal["status", "progress", "shot"],
        change: Callable[[Job], bool],
        data: dict[str, Any] | None = None,
    ) -> Job | None:
        """Apply ``change`` under the lock; None if it declined. Raises NotFound."""
        changed: list[Job] = []

        def apply(document: Document) -> Document | None:
            changed.clear()
            job = Job.model_validate(document)
            if not change(job):
                return None
            job.revision += 1
            changed.append(job)
            return job.model_dump()

        self._documents.update(job_key(tenant, job_id), apply)
        if not changed:
            return None
        job = changed[0]
        line = JobEvent(id=job.revision, event=event, at=now(), data=summary(job) | (data or {}))
        self._documents.append(job_key(tenant, job_id), line.model_dump())
        return job


def summary(job: Job) -> dict[str, Any]:
    """What an event says of its job."""
    names = {"job_id", "status", "progress", "message", "stages", "error", "attempts"}
    return job.model_dump(include=names)
