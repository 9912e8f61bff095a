"""Bodies that clients get, made from jobs, stories and shots whenever they are asked for.

Documents hold no URL: ``url_of`` turns an object key into one on every read. The shapes are in ``api_wire``,
what clients send is in ``api_requests``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app.models.api_wire import (
    DeliveryWire,
    ErrorWire,
    JobWire,
    OperationWire,
    ShotWire,
    StoryboardSummary,
    StorySummary,
    StoryWire,
    VersionWire,
)
from app.models.freshness import stale as stale_media
from app.models.job import WIRE_STATUS, Delivery, Job
from app.models.story import CAMERAS, MEDIA, Film, Medium, Shot, Story, Storyboard, Take

UrlOf = Callable[[str], str]


def _detail(job: Job) -> str:
    if job.status == "queued":
        return "Waiting for a free worker."
    if job.status == "running":
        return job.message or "Running."
    if job.status == "succeeded":
        return " ".join(["Done.", *job.notes])
    if job.status == "failed":
        return str((job.error or {}).get("detail") or job.message or "The job failed.")
    return "Canceled."


def operation_body(job: Job) -> dict[str, Any]:
    """The ``operation`` object of a job: operation_id, status, detail, job_id, progress (0 to 100)."""
    return OperationWire.model_validate(
        {
            "operation_id": job.operation_id,
            "status": WIRE_STATUS[job.status],
            "detail": _detail(job),
            "job_id": job.job_id,
            "progress": round(job.progress, 1),
        }
    ).model_dump()


def shot_body(shot: Shot, url_of: UrlOf, stale: Iterable[str] = ()) -> dict[str, Any]:
    """A shot as clients see it; ``stale`` names the media that no longer fit its words."""

    def url(medium: Medium) -> str:
        take = shot.take(medium)
        return url_of(take.object_key) if take and take.object_key else ""

    words = shot.model_dump(exclude={"camera", "seed", "takes", "current", "pinned"})
    return ShotWire(
        **words,
        camera=CAMERAS.get(shot.camera, shot.camera),
        image_url=url("image"),
        audio_url=url("audio"),
        video_url=url("video"),
        engines={medium: take.engine for medium in MEDIA if (take := shot.take(medium)) is not None},
        versions={medium: shot.current.get(medium, 0) for medium in ("image", "video", "audio")},
        stale=list(stale),
    ).model_dump()


def _film_body(film: Film | None, url_of: UrlOf) -> dict[str, Any]:
    if film is None:
        return {"video_url": "", "duration": None, "subtitle_urls": {}}
    return {
        "video_url": url_of(film.object_key),
        "duration": film.duration_s,
        "subtitle_urls": {extension: url_of(key) for extension, key in film.subtitles.items()},
    }


def _result_shots(result: dict[str, Any], url_of: UrlOf) -> list[dict[str, Any]]:
    """The shots of a result; its optional ``stale`` maps shot ids to media as they were when the job ended."""
    dated: dict[str, list[str]] = result.get("stale") or {}
    shots = [Shot.model_validate(shot) for shot in result.get("shots") or []]
    return [shot_body(shot, url_of, dated.get(shot.id, ())) for shot in shots]


def result_body(job: Job, url_of: UrlOf) -> dict[str, Any]:
    """What the job made, in its route's words; the same fields, empty, while there is nothing."""
    result = job.result or {}
    if job.kind == "storyboard":
        return {"shots": _result_shots(result, url_of)}
    if job.kind == "shot":
        shots = _result_shots({**result, "shots": [result["shot"]] if result.get("shot") else []}, url_of)
        return {"shot": shots[0] if shots else None}
    return _film_body(Film.model_validate(result["film"]) if result.get("film") else None, url_of)


def answer_body(job: Job, url_of: UrlOf) -> dict[str, Any]:
    """The usual body of the route that made the job: ``operation`` and ``shots``, ``shot`` or ``video_url``."""
    return {"operation": operation_body(job), **result_body(job, url_of)}


def job_body(job: Job, url_of: UrlOf) -> dict[str, Any]:
    """A job as ``GET /api/v1/jobs/{job_id}`` gives it; ``result`` is null until it succeeded."""
    result = None
    if job.result is not None:
        result = result_body(job, url_of)
        if job.kind == "video":
            result["shots"] = _result_shots(job.result, url_of)
    plain = job.model_dump(exclude={"result", "progress", "error"})
    return JobWire(**plain, progress=round(job.progress, 1), error=_error(job), result=result).model_dump()


def _error(job: Job) -> ErrorWire | None:
    if job.error is None:
        return None
    return ErrorWire.model_validate({"code": "INTERNAL_ERROR", "detail": "", "retryable": False, **job.error})


def story_summary(story: Story, url_of: UrlOf) -> dict[str, Any]:
    """A story in a list: what it is called, its first key frame and its last film."""
    shots = story.storyboard.shots if story.storyboard else []
    cover = next((take.object_key for shot in shots if (take := shot.take("image")) and take.object_key), "")
    return StorySummary(
        **story.model_dump(include=set(StorySummary.model_fields)),
        storyboard_version=story.storyboard.version if story.storyboard else 0,
        shot_count=len(shots),
        cover_url=url_of(cover) if cover else "",
        video_url=_film_body(story.film, url_of)["video_url"],
    ).model_dump()


def story_body(story: Story, url_of: UrlOf, board: Storyboard | None = None) -> dict[str, Any]:
    """A whole story with the shots of ``board`` (default: its current storyboard)."""
    shots = shots_body(story, url_of, board)["shots"]
    summary = story_summary(story, url_of)
    if board is not None:
        summary.update(storyboard_version=board.version, shot_count=len(shots))
    return StoryWire(
        **summary,
        script_content=story.text,
        voice=story.voice,
        seed=story.seed,
        characters=[one.model_dump() for one in story.characters],
        subtitle_urls=_film_body(story.film, url_of)["subtitle_urls"],
        shots=shots,
    ).model_dump()


def shots_body(story: Story, url_of: UrlOf, board: Storyboard | None = None) -> dict[str, Any]:
    """``{"shots": [...]}`` of a story's storyboard, in order, each with what is stale in it."""
    if board is not None:
        story = story.model_copy(update={"storyboard": board})
    shots = story.storyboard.shots if story.storyboard is not None else []
    known: dict[str, str] = {}
    return {"shots": [shot_body(shot, url_of, stale_media(story, shot, known)) for shot in shots]}


def storyboards_body(story: Story) -> dict[str, Any]:
    """Every storyboard that the story had, newest first."""
    boards = [*story.history, *([story.storyboard] if story.storyboard else [])]
    return {
        "storyboards": [
            StoryboardSummary(
                **board.model_dump(include={"version", "job_id", "created_at"}),
                shot_count=len(board.shots),
                current=board is story.storyboard,
            ).model_dump()
            for board in reversed(boards)
        ]
    }


def versions_body(shot: Shot, url_of: UrlOf) -> dict[str, Any]:
    """Every take of a shot by medium, oldest first."""

    def version(medium: Medium, take: Take) -> dict[str, Any]:
        current = take.number == shot.current.get(medium, 0)
        return VersionWire(
            **take.model_dump(include={"number", "engine", "failed", "created_at", "seed"}),
            url=url_of(take.object_key) if take.object_key else "",
            current=current,
            pinned=current and medium in shot.pinned,
            duration=take.duration_s,
        ).model_dump()

    return {medium: [version(medium, take) for take in shot.takes.get(medium, [])] for medium in MEDIA}


def delivery_body(delivery: Delivery) -> dict[str, Any]:
    """A callback and its attempts, without the body that was sent."""
    return DeliveryWire.model_validate(delivery.model_dump()).model_dump()
