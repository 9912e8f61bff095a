"""What the service answers, typed and frozen. Fields that this client does not know are kept (``model_extra``).

Every field has a default, so that an older or newer server is read as far as it goes.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

ENDED = frozenset({"succeeded", "failed", "canceled", "Success", "Failed", "Canceled"})


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())


T = TypeVar("T", bound=Answer)


class Operation(Answer):
    """How far a request has come. ``status``: Queued, Running, Success, Failed or Canceled."""

    operation_id: str = ""
    status: str = ""
    detail: str = ""
    job_id: str = ""
    progress: float = 0.0

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class Shot(Answer):
    """A shot: one picture with its motion and words. An address is empty while there is nothing."""

    id: str = ""
    sequence: int = 0
    subject: str = ""
    detail: str = ""
    image_detail: str = ""
    camera: str = ""
    narration: str = ""
    tone: str = ""
    sound: str = ""
    style: str = ""
    image_url: str = ""
    audio_url: str = ""
    video_url: str = ""
    duration: float | None = None
    continues: bool = False
    engines: dict[str, str] = Field(default_factory=dict)
    versions: dict[str, int] = Field(default_factory=dict)
    stale: tuple[str, ...] = ()


class Started(Answer):
    """The usual answer of a route that starts a job."""

    operation: Operation = Field(default_factory=Operation)

    @property
    def job_id(self) -> str:
        return self.operation.job_id


class StoryboardAnswer(Started):
    story_id: str = ""
    """As sent, or as this client made it."""
    shots: tuple[Shot, ...] = ()


class ShotAnswer(Started):
    shot: Shot | None = None


class VideoAnswer(Started):
    video_url: str = ""
    duration: float | None = None
    subtitle_urls: dict[str, str] = Field(default_factory=dict)


class Stage(Answer):
    """One part of a job's work, counted in items. ``status``: pending, running or done."""

    name: str = ""
    status: str = "pending"
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    reused: int = 0


class State(Answer):
    """Where a job stands: what a job and every event about it share. ``progress`` is 0 to 100."""

    job_id: str = ""
    status: str = ""
    progress: float = 0.0
    message: str = ""
    stages: tuple[Stage, ...] = ()
    error: dict[str, Any] | None = None
    attempts: int = 0

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class Job(State):
    """A job: one request being carried out. ``status``: queued, running, succeeded, failed or canceled."""

    operation_id: str = ""
    kind: str = ""
    result: dict[str, Any] | None = None
    user_id: str = ""
    story_id: str = ""
    shot_id: str = ""
    notes: tuple[str, ...] = ()
    retry_of: str = ""
    retried_by: str = ""
    created_at: str = ""
    started_at: str | None = None
    finished_at: str | None = None

    @property
    def shots(self) -> tuple[Shot, ...]:
        """What a storyboard or a render gave; empty for other kinds and before the end."""
        return tuple(Shot.model_validate(one) for one in (self.result or {}).get("shots") or ())

    @property
    def shot(self) -> Shot | None:
        one = (self.result or {}).get("shot")
        return Shot.model_validate(one) if one else None

    @property
    def video_url(self) -> str:
        return str((self.result or {}).get("video_url") or "")

    @property
    def subtitle_urls(self) -> dict[str, str]:
        return dict((self.result or {}).get("subtitle_urls") or {})


class Event(State):
    """Something that happened to a job. ``event``: status, progress or shot."""

    id: str = ""
    event: str = ""
    at: str = ""
    shot: Shot | None = None


class StorySummary(Answer):
    story_id: str = ""
    user_id: str = ""
    display_name: str = ""
    style: str = ""
    language: str = ""
    aspect_ratio: str = ""
    resolution: str = ""
    storyboard_version: int = 0
    shot_count: int = 0
    cover_url: str = ""
    video_url: str = ""
    created_at: str = ""
    updated_at: str = ""


class Story(StorySummary):
    script_content: str = ""
    voice: str = ""
    seed: int = 0
    characters: tuple[dict[str, Any], ...] = ()
    subtitle_urls: dict[str, str] = Field(default_factory=dict)
    shots: tuple[Shot, ...] = ()


class Version(Answer):
    """One take of a medium."""

    number: int = 0
    url: str = ""
    engine: str = ""
    failed: tuple[str, ...] = ()
    created_at: str = ""
    current: bool = False
    pinned: bool = False
    seed: int | None = None
    duration: float | None = None


class Versions(Answer):
    """Every take of a shot, oldest first."""

    image: tuple[Version, ...] = ()
    audio: tuple[Version, ...] = ()
    video: tuple[Version, ...] = ()


class Engine(Answer):
    kind: str = ""
    name: str = ""
    provider: str = ""
    place: str = ""
    ready: bool = False
    missing: tuple[str, ...] = ()
    order: int | None = None
    capabilities: dict[str, Any] = Field(default_factory=dict)
    notes: str = ""


class Attempt(Answer):
    at: str = ""
    status_code: int | None = None
    error: str = ""
    duration_s: float = 0.0


class Delivery(Answer):
    """A callback and the attempts to deliver it. ``status``: pending, delivered or failed."""

    delivery_id: str = ""
    job_id: str = ""
    type: str = ""
    url: str = ""
    status: str = ""
    attempts: tuple[Attempt, ...] = ()
    next_attempt_at: float | None = None
    created_at: str = ""


class Page(Answer, Generic[T]):
    """One page of a list; ``next_cursor`` asks for the next, empty: this was the last."""

    items: tuple[T, ...] = ()
    next_cursor: str = ""


class Callback(Answer):
    """A callback whose signature was right. ``id`` stays the same when the service sends it again: handle it once."""

    id: str = ""
    type: str = ""
    timestamp: str = ""
    data: dict[str, Any] = Field(default_factory=dict)

    @property
    def operation(self) -> Operation:
        return Operation.model_validate(self.data.get("operation") or {})


class LivePhoto(Answer):
    """A photo that moves, as it came."""

    content: bytes = b""
    media_type: str = ""

    def save(self, path: str | Path) -> Path:
        """Write it to ``path``, whole or not at all."""
        path = Path(path)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            part.write_bytes(self.content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path


class Upload(Answer):
    """A photo or a sound that the service keeps for avatars."""

    photo_id: str = ""
    photo_url: str = ""
    audio_id: str = ""
    audio_url: str = ""
    validation: dict[str, Any] = Field(default_factory=dict)


class AvatarJob(Answer):
    """A talking head in the making. ``status``: pending, processing, completed or failed."""

    job_id: str = ""
    status: str = ""
    progress: float = 0.0
    message: str = ""
    video_url: str | None = ""
    error: str | dict[str, Any] | None = None
    duration: float | None = None
    current_frame: int | None = None

    @property
    def ended(self) -> bool:
        return self.status in ("completed", "failed")


class Generation(Answer):
    """One picture, clip, sound or enhanced film made by itself."""

    task_id: str = ""
    status: str = ""
    video_url: str = ""
