"""Jobs as the gateway sees them: submit, read, list, cancel, retry, wait, events. The only door to the runtime.

Nothing is kept in memory, so any number of gateways may run. A submission is four small writes, in an order in
which a crash after any of them leaves what the same request, or the scan at the next start, completes:
operation (who asked for what, exclusively), marker ``open/``, job, workflow.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from loguru import logger
from pydantic import BaseModel, ConfigDict, Field

from app.core.config import Settings
from app.core.errors import (
    AppError,
    Busy,
    CorruptDocument,
    NotFound,
    OperationIdReused,
    QueueFull,
    StorageFull,
    ValidationFailed,
)
from app.core.ids import fingerprint, new_id
from app.models.job import TERMINAL, Job, JobEvent, JobKind
from app.models.story import now
from app.services.engines.registry import check_known
from app.services.job_runtime import KINDS, JobQueue, Liveness
from app.services.workflows.records import JobRecords, Owes, job_key, open_key, summary
from app.storage.documents import Documents

POLL_S = 0.15
FULL_RETRY_AFTER_S = 10.0
_COUNT_FOR_S = 0.2
_SCAN_LIMIT = 5000
"""Jobs read for one page of a filtered list; the cursor goes on from there."""
_TWIN_PATIENCE_S = 1.0


_Found = list[Job]
Page = tuple[_Found, str]
"""Jobs, and the cursor of the next page; empty: there is none."""


class Order(BaseModel):
    """What a client asks for."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    kind: JobKind
    user_id: str
    operation_id: str
    story_id: str = ""
    shot_id: str = ""
    request: dict[str, Any] = Field(default_factory=dict)
    callback_url: str = ""
    callback_events: list[str] = Field(default_factory=list)
    request_id: str = ""

    @property
    def fingerprint(self) -> str:
        """Of all that the client said; the id of the HTTP request is not part of it."""
        return fingerprint(self.model_dump(exclude={"request_id"}))

    @property
    def key(self) -> str:
        return _operation_key(self.tenant, self.user_id, self.kind, self.operation_id)


def _operation_key(tenant: str, user_id: str, kind: str, operation_id: str) -> str:
    return f"{tenant}/operations/{fingerprint([user_id, kind, operation_id])}"


class Jobs:
    """``callbacks`` records the callback of a job that is canceled here; without it the worker does so soon."""

    def __init__(self, settings: Settings, documents: Documents, callbacks: Owes | None = None) -> None:
        self._settings = settings
        self._documents = documents
        self._records = JobRecords(documents, callbacks)
        self._queue = JobQueue(settings)
        self._liveness = Liveness(settings.data_dir)
        self._counted: tuple[float, int] = (0.0, 0)

    # -- life of the process ---------------------------------------------------------------------------

    async def start(self) -> None:
        """Prepare the runtime's database and enqueue whatever was left without a workflow."""
        await asyncio.to_thread(self._enqueue_left)

    async def close(self) -> None:
        await asyncio.to_thread(self._queue.close)

    async def ready(self) -> list[str]:
        """What is missing to carry out jobs; empty: ready."""
        return await asyncio.to_thread(self._missing)

    def _missing(self) -> list[str]:
        missing = [] if self._liveness.anybody() else ["worker: none is running"]
        try:
            self._queue.statuses([""])
        except AppError as error:
            missing.append(f"job queue: {error.detail}")
        return missing

    def _enqueue_left(self) -> None:
        waiting = {key.rpartition("/")[2]: key for key in self._documents.keys("open")}
        known = self._queue.statuses(list(waiting) or [""])
        for job_id in waiting.keys() - known.keys():
            try:
                marker = self._documents.read(waiting[job_id])
                job = self._records.find(marker["tenant"], job_id) if marker is not None else None
                if job is not None and not job.terminal:
                    self._queue.enqueue(job_id, job.kind, job.tenant)
            except AppError as error:
                logger.error("job {} could not be enqueued at the start: {}", job_id, error.detail)

    # -- submitting ------------------------------------------------------------------------------------

    async def submit(self, order: Order) -> tuple[Job, bool]:
        """The job of this order, and whether it was created now.

        The same order again is the same job. Raises OperationIdReused (same id, another order), QueueFull,
        ValidationFailed (an engine that there is not), StorageFull (and then nothing was stored).
        """
        for kind, providers in (order.request.get("engines") or {}).items():
            for provider in str(providers).split(","):
                check_known(kind, provider.strip())
        return await asyncio.to_thread(self._submit, order)

    def _submit(self, order: Order) -> tuple[Job, bool]:
        known = self._documents.read(order.key)
        if known is None:
            self._check_room()
            mine = {"job_id": new_id(), "fingerprint": order.fingerprint}
            if self._documents.create(order.key, mine):
                try:
                    return self._create(order, mine["job_id"]), True
                except StorageFull:
                    self._documents.delete(order.key)
                    raise
            known = self._documents.read(order.key)
            if known is None:  # its submitter found the disk full and took it back
                raise StorageFull("No space is left to store the job")
        if known["fingerprint"] != order.fingerprint:
            raise OperationIdReused(f"operation_id {order.operation_id} was used with another body")
        job = self._settled(order.tenant, known["job_id"])
        return (job, False) if job is not None else (self._completed(order, known["job_id"]), False)

    def _settled(self, tenant: str, job_id: str) -> Job | None:
        """The job of an operation that is known; waits a moment for whoever is just making it."""
        until = time.monotonic() + _TWIN_PATIENCE_S
        while (job := self._records.find(tenant, job_id)) is None and time.monotonic() < until:
            time.sleep(0.02)
        return job

    def _completed(self, order: Order, job_id: str) -> Job:
        """The job of an operation whose submitter died before it was stored, or whose document was lost since."""
        if self._queue.statuses([job_id]):
            job_id = new_id()  # its workflow ran already, and runs once
            self._documents.put(order.key, {"job_id": job_id, "fingerprint": order.fingerprint})
        return self._create(order, job_id)

    def _create(self, order: Order, job_id: str, retry_of: str = "") -> Job:
        values = order.model_dump() | {"fingerprint": order.fingerprint, "retry_of": retry_of}
        job = Job(job_id=job_id, revision=1, message="Waiting for a free worker.", **values)
        try:
            self._documents.create(open_key(job_id), {"tenant": job.tenant, "at": time.time()})
            if not self._documents.create(job_key(job.tenant, job_id), job.model_dump()):
                return self._records.read(job.tenant, job_id)
            event = JobEvent(id=1, event="status", at=now(), data=summary(job))
            self._documents.append(job_key(job.tenant, job_id), event.model_dump())
            self._queue.enqueue(job_id, job.kind, job.tenant)
        except StorageFull:
            for key in (job_key(job.tenant, job_id), open_key(job_id)):
                self._documents.delete(key)
            raise
        except AppError as error:
            # The documents stand: the job is accepted, and enqueued as soon as the queue works again.
            logger.error("job {} is stored but not enqueued yet: {}", job_id, error.detail)
        self._counted = (self._counted[0], self._counted[1] + 1)
        return job

    def _check_room(self) -> None:
        if self._count() >= self._settings.queue_limit:
            detail = f"{self._settings.queue_limit} jobs are waiting or running"
            raise QueueFull(detail, retry_after_s=FULL_RETRY_AFTER_S)

    def _count(self) -> int:
        """Open jobs, counted anew at most five times a second."""
        at, count = self._counted
        if time.monotonic() - at > _COUNT_FOR_S:
            count = sum(1 for _ in self._documents.keys("open"))
            self._counted = (time.monotonic(), count)
        return count

    async def open_count(self) -> int:
        """Jobs that are not over."""
        return await asyncio.to_thread(self._count)

    # -- reading ---------------------------------------------------------------------------------------

    async def get(self, tenant: str, job_id: str) -> Job:
        """Raises NotFound."""
        return await asyncio.to_thread(self._records.read, tenant, job_id)

    async def by_operation(self, tenant: str, user_id: str, operation_id: str, kind: str = "") -> Job:
        """The job that a client's operation id names; without ``kind`` the newest of them. Raises NotFound."""

        def find() -> Job:
            found = []
            for name in [kind] if kind else KINDS:
                operation = self._documents.read(_operation_key(tenant, user_id, name, operation_id))
                if operation is not None and (job := self._records.find(tenant, operation["job_id"])) is not None:
                    found.append(job)
            if not found:
                raise NotFound(f"There is no operation {operation_id}")
            return max(found, key=lambda job: job.job_id)

        return await asyncio.to_thread(find)

    async def list(
        self,
        tenant: str,
        *,
        kind: str = "",
        status: str = "",
        story_id: str = "",
        user_id: str = "",
        limit: int = 50,
        cursor: str = "",
    ) -> Page:
        """Newest first, and the cursor of the next page (empty: there is none). Damaged documents are left out."""
        wanted = {"kind": kind, "status": status, "story_id": story_id, "user_id": user_id}
        return await asyncio.to_thread(partial(self._page, tenant, wanted, limit, cursor))

    def _page(self, tenant: str, wanted: dict[str, str], limit: int, cursor: str) -> Page:
        found: _Found = []
        before = job_key(tenant, cursor) if cursor else ""
        for number, key in enumerate(self._documents.keys(f"{tenant}/jobs", newest_first=True, before=before)):
            if len(found) == limit or number == _SCAN_LIMIT:
                return found, cursor
            cursor = key.rpartition("/")[2]
            try:
                job = self._records.find(tenant, cursor)
            except CorruptDocument:
                continue
            if job is not None and all(not value or getattr(job, name) == value for name, value in wanted.items()):
                found.append(job)
        return found, ""

    async def wait(self, tenant: str, job_id: str, timeout_s: float) -> Job:
        """The job when it is over, or as it is after ``timeout_s``."""
        until = time.monotonic() + timeout_s
        while True:
            job = await self.get(tenant, job_id)
            left = until - time.monotonic()
            if job.terminal or left <= 0:
                return job
            await asyncio.sleep(min(POLL_S, left))

    async def events(self, tenant: str, job_id: str, after: int = 0) -> AsyncIterator[JobEvent]:
        """Events with an id above ``after`` as they happen, ending with the terminal one. Raises NotFound."""
        while True:
            job = await self.get(tenant, job_id)
            if job.revision > after or job.terminal:
                for event in await asyncio.to_thread(self._records.events, tenant, job_id, after):
                    after = event.id
                    yield event
                    if event.data.get("status") in TERMINAL:
                        return
            if job.terminal:
                # Its last line was lost in a crash between document and log, or read before: say it from the document.
                yield JobEvent(id=job.revision, event="status", at=job.finished_at or now(), data=summary(job))
                return
            await asyncio.sleep(POLL_S)

    # -- stopping and repeating ------------------------------------------------------------------------

    async def cancel(self, tenant: str, job_id: str) -> Job:
        """Canceled from this moment on; what runs stops within two seconds. A job that is over stays as it is."""

        def cancel() -> Job:
            job = self._records.read(tenant, job_id)
            if job.terminal:
                return job
            job = self._records.finish(tenant, job_id, "canceled", message="The job was canceled")
            try:
                self._queue.cancel(job_id)
            except AppError as error:  # the worker looks at the document, too
                logger.error("job {} could not be canceled in the queue: {}", job_id, error.detail)
            return job

        return await asyncio.to_thread(cancel)

    async def retry(self, tenant: str, job_id: str) -> Job:
        """A new job that does the same; the operation names it from now on. Finished artifacts are not made again.

        Raises Busy for a job that is not over and ValidationFailed for one that succeeded.
        """
        return await asyncio.to_thread(self._retry, tenant, job_id)

    def _retry(self, tenant: str, job_id: str) -> Job:
        old = self._records.read(tenant, job_id)
        if old.status == "succeeded":
            raise ValidationFailed("A job that succeeded is not repeated; send a new operation")
        if not old.terminal:
            raise Busy("The job is not over yet")
        self._check_room()
        linked = self._records.link_retry(tenant, job_id, new_id()) or self._records.read(tenant, job_id)
        order = Order.model_validate(old.model_dump())
        job = self._records.find(tenant, linked.retried_by)
        job = job or self._create(order, linked.retried_by, retry_of=job_id)
        self._documents.put(order.key, {"job_id": job.job_id, "fingerprint": order.fingerprint})
        return job
