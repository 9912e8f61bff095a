"""Figures for Prometheus. What is counted here is this process's own; what is read at scrape is the whole service's."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import Scope

from app.core.errors import NotFound
from app.models.job import Job
from app.services.wiring import Services

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FOLLOWED = 20_000
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """One registry per application, so that two in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._latency = Histogram(
            "http_request_seconds", "Time to answer.", ["route"], registry=self._registry, buckets=_BUCKETS
        )
        self._accepted = Counter("jobs_accepted", "Jobs that this process accepted.", ["kind"], registry=self._registry)
        self._ended = Counter(
            "jobs_ended",
            "Jobs that this process accepted and that ended.",
            ["kind", "outcome"],
            registry=self._registry,
        )
        self._open = Gauge("jobs_open", "Unfinished jobs of the whole service.", registry=self._registry)
        self._owed = Gauge("callbacks_owed", "Callbacks still to deliver.", registry=self._registry)
        self._pending: dict[str, str] = {}

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request; status 0 means that the client hung up before an answer."""
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def accepted(self, job: Job) -> None:
        """Count a job that was made here and follow it until it ends."""
        self._accepted.labels(job.kind).inc()
        self._pending[job.job_id] = job.tenant
        if len(self._pending) > _FOLLOWED:
            # Nobody scrapes: forget the oldest.
            self._pending.pop(next(iter(self._pending)))

    async def text(self, wiring: Services) -> bytes:
        """The exposition format. Reads only how many are open and owed, and the jobs that ended since last time."""
        self._open.set(await wiring.jobs.open_count())
        still_open, owed = await asyncio.to_thread(self._listed, wiring)
        self._owed.set(owed)
        for job_id in [one for one in self._pending if one not in still_open]:
            tenant = self._pending.pop(job_id)
            try:
                job = await wiring.jobs.get(tenant, job_id)
            except NotFound:
                continue
            if job.terminal:
                self._ended.labels(job.kind, job.status).inc()
            else:
                self._pending[job_id] = tenant
        return generate_latest(self._registry)

    def _listed(self, wiring: Services) -> tuple[set[str], int]:
        still_open = {key.rpartition("/")[2] for key in wiring.documents.keys("open")}
        return still_open, sum(1 for _ in wiring.documents.keys("outbox"))
