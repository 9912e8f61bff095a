"""The shapes of the bodies that clients get, with the examples that the OpenAPI document shows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.models.job import JobKind, JobStatus

WireStatus = Literal["Queued", "Running", "Success", "Failed", "Canceled"]

_OPERATION: JsonDict = {
    "operation_id": "op-001",
    "status": "Queued",
    "detail": "Waiting for a free worker.",
    "job_id": "01KAGD3W4ZJ8T5S6Q7R8X9Y0AB",
    "progress": 0.0,
}
_SHOT: JsonDict = {
    "id": "shot_01",
    "sequence": 1,
    "subject": "小狗",
    "detail": "先是小狗醒来，然后它望向窗外，最后跑出门",
    "image_detail": "清晨的小屋里，一只棕色小狗趴在窗边，温暖的阳光",
    "camera": "镜头推进",
    "narration": "清晨，小狗醒来，发现妈妈不在身边。",
    "tone": "温柔",
    "sound": "鸟鸣",
    "style": "温馨可爱",
    "image_url": "http://127.0.0.1:12345/files/default/story/u-001/story-001/shots/shot_01/image-1-ab12cd34.jpg",
    "audio_url": "",
    "video_url": "",
    "duration": 5.0,
    "continues": False,
    "engines": {"image": "image/builtin"},
    "versions": {"image": 1, "video": 0, "audio": 0},
    "stale": [],
}
_FILM_URL = "http://127.0.0.1:12345/files/default/story/u-001/story-001/film-ab12cd34.mp4"


class Wire(BaseModel):
    """A body that goes out."""


class OperationWire(Wire):
    """How far a request has come, in the words of the first clients."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OPERATION]})

    operation_id: str
    status: WireStatus
    detail: str = Field(description="What is going on or went wrong, in a sentence.")
    job_id: str
    progress: float = Field(description="0 to 100.")


class ShotWire(Wire):
    """A shot: one picture with its motion and words."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOT]})

    id: str
    sequence: int = Field(description="From 1.")
    subject: str
    detail: str
    image_detail: str
    camera: str = Field(description="The camera move, by its Chinese name.")
    narration: str
    tone: str
    sound: str
    style: str
    image_url: str = Field(description="Empty while there is none.")
    audio_url: str
    video_url: str
    duration: float | None = Field(description="Seconds asked for; null: as long as the narration needs.")
    continues: bool = Field(description="The clip begins with the last frame of the shot before.")
    engines: dict[str, str] = Field(description="Which engine made the take in use, by medium.")
    versions: dict[str, int] = Field(description="Number of the take in use, by medium; 0: none.")
    stale: list[str] = Field(description="Media that no longer match the words.")


class StoryboardAnswer(Wire):
    model_config = ConfigDict(json_schema_extra={"examples": [{"operation": _OPERATION, "shots": []}]})

    operation: OperationWire
    shots: list[ShotWire]


class ShotAnswer(Wire):
    model_config = ConfigDict(json_schema_extra={"examples": [{"operation": _OPERATION, "shot": None}]})

    operation: OperationWire
    shot: ShotWire | None


class VideoAnswer(Wire):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"operation": _OPERATION, "video_url": "", "duration": None, "subtitle_urls": {}}]
        }
    )

    operation: OperationWire
    video_url: str = Field(description="Empty until the film is made.")
    duration: float | None = Field(description="Seconds.")
    subtitle_urls: dict[str, str] = Field(description="Subtitle files by extension, `srt` and `vtt`.")


class StageWire(Wire):
    name: str
    status: Literal["pending", "running", "done"]
    done: int
    total: int
    seconds: float
    reused: int = Field(description="How many of `done` were found made already.")


class ErrorWire(Wire):
    code: str
    detail: str
    retryable: bool
    errors: list[dict[str, Any]] | None = None


class JobWire(Wire):
    """A job: one request being carried out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job_id": _OPERATION["job_id"],
                    "operation_id": "op-003",
                    "kind": "video",
                    "status": "succeeded",
                    "progress": 100.0,
                    "message": "",
                    "stages": [{"name": "speak", "status": "done", "done": 6, "total": 6, "seconds": 1.2, "reused": 2}],
                    "error": None,
                    "result": {"video_url": _FILM_URL, "duration": 31.5, "subtitle_urls": {}, "shots": []},
                    "user_id": "u-001",
                    "story_id": "story-001",
                    "shot_id": "",
                    "attempts": 1,
                    "notes": [],
                    "retry_of": "",
                    "retried_by": "",
                    "created_at": "2026-11-20T15:30:00.000Z",
                    "started_at": "2026-11-20T15:30:00.120Z",
                    "finished_at": "2026-11-20T15:30:09.801Z",
                }
            ]
        }
    )

    job_id: str
    operation_id: str
    kind: JobKind
    status: JobStatus
    progress: float = Field(description="0 to 100.")
    message: str
    stages: list[StageWire]
    error: ErrorWire | None
    result: dict[str, Any] | None = Field(description="`shots`, `shot` or `video_url`, as the job's route answers.")
    user_id: str
    story_id: str
    shot_id: str
    attempts: int
    notes: list[str] = Field(description="What is worth knowing of a success, such as an engine that fell back.")
    retry_of: str
    retried_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None


class JobList(Wire):
    jobs: list[JobWire]
    next_cursor: str = Field(description="Give it as `cursor` for the next page; empty: this was the last.")


class VersionWire(Wire):
    """One take of a medium."""

    number: int
    url: str
    engine: str
    failed: list[str] = Field(description="Engines that were passed over or failed before it, and why.")
    created_at: str
    current: bool
    pinned: bool
    seed: int | None
    duration: float | None = Field(description="Seconds, of sounds and clips.")


class VersionsWire(Wire):
    """Every take of a shot, oldest first."""

    image: list[VersionWire]
    audio: list[VersionWire]
    video: list[VersionWire]


class ShotList(Wire):
    shots: list[ShotWire]


class StoryboardSummary(Wire):
    version: int
    job_id: str
    created_at: str
    shot_count: int
    current: bool


class StoryboardList(Wire):
    storyboards: list[StoryboardSummary] = Field(description="Newest first.")


class StorySummary(Wire):
    story_id: str
    user_id: str
    display_name: str
    style: str
    language: str
    aspect_ratio: str
    resolution: str
    storyboard_version: int = Field(description="0: there is no storyboard yet.")
    shot_count: int
    cover_url: str = Field(description="The first key frame; empty while there is none.")
    video_url: str = Field(description="The last film; empty while there is none.")
    created_at: str
    updated_at: str


class StoryWire(StorySummary):
    script_content: str
    voice: str
    seed: int
    characters: list[dict[str, Any]]
    subtitle_urls: dict[str, str]
    shots: list[ShotWire]


class StoryList(Wire):
    stories: list[StorySummary]
    next_cursor: str


class AttemptWire(Wire):
    at: str
    status_code: int | None
    error: str
    duration_s: float


class DeliveryWire(Wire):
    """A callback and the attempts to deliver it."""

    delivery_id: str = Field(description="The callback's `webhook-id`.")
    job_id: str
    type: str
    url: str
    status: Literal["pending", "delivered", "failed"]
    attempts: list[AttemptWire]
    next_attempt_at: float | None = Field(description="Unix time in seconds.")
    created_at: str


class DeliveryList(Wire):
    deliveries: list[DeliveryWire]


class Problem(Wire):
    """Every error, as RFC 9457 says; `message` repeats `detail` for older clients."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not found",
                    "status": 404,
                    "detail": "There is no story story-001.",
                    "code": "NOT_FOUND",
                    "message": "There is no story story-001.",
                    "retryable": False,
                    "request_id": "01KAGD3W4ZJ8T5S6Q7R8X9Y0AB",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable and upper case.")
    message: str
    retryable: bool = Field(description="Whether the same request may succeed later.")
    request_id: str
    errors: list[dict[str, Any]] | None = Field(default=None, description="What is wrong where: type, loc, msg.")
    operation: OperationWire | None = Field(default=None, description="Of the job that failed, after `Prefer: wait`.")


class Health(Wire):
    status: Literal["ok"]


class Ready(Wire):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ready", "missing": []}]})

    status: Literal["ready", "not ready"]
    missing: list[str] = Field(description="What keeps the service from working, in sentences.")


class EngineWire(Wire):
    """One engine."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "video",
                    "name": "video/pixverse",
                    "provider": "pixverse",
                    "place": "cloud",
                    "ready": False,
                    "missing": ["PIXVERSE_API_KEY"],
                    "order": None,
                    "capabilities": {"max_duration_s": 8.0},
                    "notes": "",
                }
            ]
        }
    )

    kind: str
    name: str
    provider: str = Field(description="What `engines` of a request and the settings ENGINES_... call it.")
    place: Literal["builtin", "local", "cloud", ""] = Field(description="Where it works; empty: it cannot be loaded.")
    ready: bool
    missing: list[str] = Field(description="Settings, files, packages or hosts that keep it from working.")
    order: int | None = Field(description="Its place among the engines that are tried, from 1; null: it is not tried.")
    capabilities: dict[str, Any] = Field(description="What it can do; what is not named is not limited or not there.")
    notes: str


class EngineList(Wire):
    engines: list[EngineWire]
