"""The words between an engine and a sidecar, as plain data; the two sides share nothing else.

``PUT /runs/{run_id}``: multipart, a field ``request`` (JSON) and one file field per input. 202 with a RunState. The
same id again is the same run (200), with another request 422.
``GET /runs/{run_id}?wait_s=S&revision=N``: the RunState, at once or as soon as it is newer than ``revision``; 404: it
is not known.
``GET /runs/{run_id}/files/{name}``: a result.
``POST /runs/{run_id}/cancel``: stops it at its next step; 200 with the RunState.
``DELETE /runs/{run_id}``: forgets it and its files; 204.
``GET /health``: a Health; 200 when ``ready`` or ``busy``, 503 when ``loading`` or ``failed``.

Errors are ``application/problem+json`` with the record of an AppError (code, detail, retryable).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

RUN_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
LONGEST_WAIT_S = 60.0

State = Literal["queued", "running", "succeeded", "failed", "canceled"]


class RunState(BaseModel):
    run_id: str
    state: State
    revision: int
    """Rises with every change."""
    progress: float = 0.0
    """0 to 1."""
    message: str = ""
    position: int = 0
    """How many runs are before it in the queue, the running one counted."""
    result: dict[str, Any] | None = None
    """Facts of a success."""
    files: list[str] = Field(default_factory=list)
    sizes: dict[str, int] = Field(default_factory=dict)
    """Of each file, bytes."""
    error: dict[str, Any] | None = None
    """Record of an AppError (``app.core.errors.from_record``)."""


class Health(BaseModel):
    state: Literal["loading", "ready", "busy", "failed"]
    detail: str = ""
    """Why, in a sentence."""
    name: str = ""
    models: list[str] = Field(default_factory=list)
    """What a request may name as its model; those whose weights are there."""
    missing: dict[str, str] = Field(default_factory=dict)
    """Models that it knows and cannot run: name to what is missing."""
    device: str = ""
    running: str = ""
    queued: int = 0
    facts: dict[str, Any] = Field(default_factory=dict)
    """Memory, settings, versions."""
