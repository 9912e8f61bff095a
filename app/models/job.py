"""Job: one request being carried out, its states and the steps between them that are legal."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.models.story import Noun, now

JobKind = Literal["storyboard", "shot", "video"]
"""The kinds so far; a callback's type is ``<kind>.<outcome>``."""
JobStatus = Literal["queued", "running", "succeeded", "failed", "canceled"]
TERMINAL: frozenset[str] = frozenset({"succeeded", "failed", "canceled"})
LEGAL: dict[str, frozenset[str]] = {
    "queued": frozenset({"running", "failed", "canceled"}),
    "running": frozenset({"running", "succeeded", "failed", "canceled"}),
    "succeeded": frozenset(),
    "failed": frozenset(),
    "canceled": frozenset(),
}
WIRE_STATUS: dict[str, str] = {
    "queued": "Queued",
    "running": "Running",
    "succeeded": "Success",
    "failed": "Failed",
    "canceled": "Canceled",
}
MAX_ATTEMPTS = 3
"""A job whose worker died this many times is failed, so that a poisonous one cannot kill workers for ever."""


class Stage(Noun):
    """One part of a job's work, counted in items (shots, segments)."""

    name: str
    status: Literal["pending", "running", "done"] = "pending"
    done: int = 0
    total: int = 0
    reused: int = 0
    """How many of ``done`` were found made already."""
    seconds: float = 0.0


class Job(Noun):
    """Kept as one document; ``job_id`` is also the workflow id in the job runtime."""

    job_id: str
    tenant: str
    kind: JobKind
    user_id: str
    operation_id: str
    story_id: str = ""
    shot_id: str = ""
    request: dict[str, Any] = Field(default_factory=dict)
    fingerprint: str = ""
    """Of the request body: the same operation id with another one is refused."""
    request_id: str = ""
    callback_url: str = ""
    callback_events: list[str] = Field(default_factory=list)
    status: JobStatus = "queued"
    progress: float = 0.0
    """0 to 100, never falling within one attempt."""
    message: str = ""
    stages: list[Stage] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    """What the user should know of a success: an engine that fell back, a subtitle without a glyph."""
    attempts: int = 0
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    """Small and without URLs: artifact keys, object keys, numbers."""
    retry_of: str = ""
    retried_by: str = ""
    revision: int = 0
    """Number of the newest event; what ``Last-Event-ID`` counts."""
    created_at: str = Field(default_factory=now)
    started_at: str | None = None
    finished_at: str | None = None

    @property
    def terminal(self) -> bool:
        return self.status in TERMINAL


class JobEvent(Noun):
    """One line of a job's event log."""

    id: int
    event: Literal["status", "progress", "shot"]
    at: str
    data: dict[str, Any]


class Attempt(Noun):
    """One try to deliver a callback."""

    at: str
    status_code: int | None = None
    error: str = ""
    duration_s: float = 0.0


class Delivery(Noun):
    """A callback that is owed: ``delivery_id`` is its ``webhook-id``, the same over all tries."""

    delivery_id: str
    tenant: str
    job_id: str
    url: str
    from_request: bool
    """Whether the address came with a request and so must be public."""
    type: str
    """``<kind>.<outcome>``."""
    shot: dict[str, Any] | None = None
    """The shot of a ``shot.*`` event as it was then. Other bodies come from the finished job. URLs are made for
    every attempt anew, because signed links expire."""
    status: Literal["pending", "delivered", "failed"] = "pending"
    attempts: list[Attempt] = Field(default_factory=list)
    next_attempt_at: float | None = None
    """Unix time, seconds."""
    created_at: str = Field(default_factory=now)
