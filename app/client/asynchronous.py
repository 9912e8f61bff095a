"""The client for programs with an event loop, and the one place where the routes are written down."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from app.client.download import download
from app.client.errors import Canceled, Refused, TookTooLong, refused
from app.client.http import Call, Caller, parsed, read
from app.client.models import (
    Delivery,
    Engine,
    Event,
    Job,
    Operation,
    Page,
    Shot,
    ShotAnswer,
    Started,
    State,
    StoryboardAnswer,
    VideoAnswer,
)
from app.client.single import SingleGenerations
from app.client.stories import Stories, filled, page_of, safe
from app.client.transport import AsyncLine, Line

DEFAULT_URL = "http://127.0.0.1:12345"
DEFAULT_USER = "client"
MAX_PREFER_S = 300
POLITE_PAUSE_S = 1.0
"""Before a stream that ended too early, but politely, is opened again."""
JobLike = str | State | Started | Operation


class AsyncClient(Stories, SingleGenerations):
    """A service and the user on whose behalf it is asked. Close it, or use it in ``async with``.

    ``user_id`` empty: stories are made for the user ``client`` and found whosever they are. ``timeout_s`` is for one
    answer, not for a job. ``retries``: how often a call that may be repeated is, see :mod:`app.client.http`.
    Raises ValueError for an address that is none.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        api_key: str = "",
        timeout_s: float = 60,
        user_id: str = "",
        retries: int = 4,
        *,
        line: Line | None = None,
    ) -> None:
        self.user_id = user_id
        self._caller = Caller(line or AsyncLine(base_url), base_url, api_key, timeout_s, retries)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._caller.line.hang_up()

    # -- what starts a job -----------------------------------------------------------------------------

    async def create_storyboard(
        self,
        /,
        text: str,
        *,
        story_id: str = "",
        display_name: str = "",
        style: str = "",
        language: str = "",
        aspect_ratio: str = "",
        resolution: str = "",
        shot_count: int | None = None,
        shots_min: int | None = None,
        shots_max: int | None = None,
        voice: str = "",
        seed: int | None = None,
        characters: Sequence[Mapping[str, Any]] = (),
        engines: Mapping[str, str] | None = None,
        callback_url: str = "",
        callback_events: Sequence[str] = (),
        user_id: str = "",
        operation_id: str = "",
        wait_s: float = 0,
        **more: Any,
    ) -> StoryboardAnswer:
        """Make a storyboard from ``text``. Ids that are not given are made; ``story_id`` is in the answer.

        ``wait_s`` (at most 300) holds the answer until the job ends; its failure is then raised. ``more``: further
        fields of the route.
        """
        story_id = story_id or _made("story")
        body = more | {
            "story_id": story_id,
            "user_id": user_id or self.user_id or DEFAULT_USER,
            "script_content": text,
            "display_name": display_name,
            "style": style,
            "language": language,
            "aspect_ratio": aspect_ratio,
            "resolution": resolution,
            "shot_count": shot_count,
            "shots_min": shots_min,
            "shots_max": shots_max,
            "voice": voice,
            "seed": seed,
            "characters": [dict(one) for one in characters],
            "engines": dict(engines or {}),
            "callback_url": callback_url,
            "callback_events": list(callback_events),
        }
        answer = await self._start("/api/v1/storyboard/create", body, operation_id, wait_s)
        return read(StoryboardAnswer, answer | {"story_id": story_id})

    async def regenerate_shot(
        self,
        /,
        story_id: str,
        shot_id: str,
        *,
        detail: str = "",
        image_detail: str = "",
        narration: str = "",
        camera: str = "",
        style: str = "",
        seed: int | None = None,
        assets: Sequence[Literal["image", "video", "audio"]] = (),
        engines: Mapping[str, str] | None = None,
        callback_url: str = "",
        user_id: str = "",
        operation_id: str = "",
        wait_s: float = 0,
        **more: Any,
    ) -> ShotAnswer:
        """Change a shot's words and make it anew; words that are not given stay. ``assets``: default the picture."""
        body = more | {
            "story_id": story_id,
            "shot_id": shot_id,
            "user_id": await self._owner(story_id, user_id),
            "detail": detail,
            "image_detail": image_detail,
            "narration": narration,
            "camera": camera,
            "style": style,
            "seed": seed,
            "assets": list(assets),
            "engines": dict(engines or {}),
            "callback_url": callback_url,
        }
        return read(ShotAnswer, await self._start("/api/v1/shot/regenerate", body, operation_id, wait_s))

    async def render(
        self,
        /,
        story_id: str,
        *,
        scale: Literal[1, 2, 4] = 1,
        multi: Literal[1, 2, 4] = 1,
        subtitles: Literal["burned", "soft", "none"] = "burned",
        bgm: str = "",
        transition: str = "",
        fps: int | None = None,
        shots: Sequence[Shot | Mapping[str, Any]] = (),
        engines: Mapping[str, str] | None = None,
        callback_url: str = "",
        callback_events: Sequence[str] = (),
        user_id: str = "",
        operation_id: str = "",
        wait_s: float = 0,
        **more: Any,
    ) -> VideoAnswer:
        """Render the film of a story. ``scale`` upscales, ``multi`` multiplies the frame rate, ``shots`` replace the
        storyboard first."""
        given = [one.model_dump() if isinstance(one, Shot) else dict(one) for one in shots]
        body = more | {
            "story_id": story_id,
            "user_id": await self._owner(story_id, user_id),
            "scale": scale,
            "multi": multi,
            "subtitles": subtitles,
            "bgm": bgm,
            "transition": transition,
            "fps": fps,
            "shots": given,
            "engines": dict(engines or {}),
            "callback_url": callback_url,
            "callback_events": list(callback_events),
        }
        return read(VideoAnswer, await self._start("/api/v1/video/render", body, operation_id, wait_s))

    async def _start(self, path: str, body: dict[str, Any], operation_id: str, wait_s: float) -> dict[str, Any]:
        wait_s = min(max(0, math.ceil(wait_s)), MAX_PREFER_S)
        # Said also when not waiting: the service may wait by default, and longer than this client listens.
        headers = {"Prefer": f"wait={wait_s}" if wait_s else "respond-async"}
        body = filled(body) | {"operation_id": operation_id or _made("op")}
        call = Call("POST", path, body=body, headers=headers, wait_s=wait_s, repeatable=True)
        return await self._caller.json(call)

    async def _owner(self, story_id: str, user_id: str) -> str:
        return user_id or self.user_id or (await self.story(story_id)).user_id

    # -- jobs ------------------------------------------------------------------------------------------

    async def job(self, job: JobLike) -> Job:
        return read(Job, await self._caller.json(Call("GET", _job_path(job))))

    async def jobs(
        self,
        *,
        kind: str = "",
        status: str = "",
        story_id: str = "",
        user_id: str = "",
        limit: int = 50,
        cursor: str = "",
    ) -> Page[Job]:
        """Jobs, the newest first."""
        params = {"kind": kind, "status": status, "story_id": story_id, "user_id": user_id or self.user_id}
        return await page_of(self._caller, "/api/v1/jobs", params | {"limit": limit, "cursor": cursor}, "jobs", Job)

    async def cancel(self, job: JobLike) -> Job:
        """A job that has ended stays as it is."""
        return read(Job, await self._caller.json(Call("POST", f"{_job_path(job)}/cancel", repeatable=True)))

    async def retry(self, job: JobLike) -> Job:
        """A new job with the request of a failed or canceled one; asked twice, it is the same new job."""
        return read(Job, await self._caller.json(Call("POST", f"{_job_path(job)}/retry", repeatable=True)))

    async def follow(
        self, job: JobLike, *, last_event_id: str = "", timeout_s: float | None = None
    ) -> AsyncGenerator[Event]:
        """Every event of a job from its beginning, or behind ``last_event_id``, until it has ended.

        Each event says the job's whole state. A dropped connection is taken up behind the last event seen.
        Raises TookTooLong after ``timeout_s``.
        """
        until = math.inf if timeout_s is None else time.monotonic() + timeout_s
        while True:
            async with aclosing(self._caller.events(f"{_job_path(job)}/events", last_event_id, until)) as stream:
                async for line in stream:
                    event = read(Event, parsed(line.data) | {"id": line.id, "event": line.event})
                    last_event_id = line.id
                    yield event
                    if event.ended:
                        return
            # A proxy may end a stream politely in its middle; only the job itself knows.
            now = await self.job(job)
            if now.ended:
                state = now.model_dump(include=set(State.model_fields))
                yield read(Event, state | {"event": "status", "at": now.finished_at or ""})
                return
            if time.monotonic() >= until:
                raise TookTooLong(f"Job {now.job_id} has not ended after {timeout_s:g} s; it goes on.")
            await self._caller.line.sleep(POLITE_PAUSE_S)

    async def wait(
        self,
        job: JobLike,
        *,
        timeout_s: float | None = None,
        check: bool = True,
        on_event: Callable[[Event], object] | None = None,
    ) -> Job:
        """The job after its end. ``check``: raise the job's error (Canceled, EngineFailed ...) if it failed.

        ``on_event`` hears of progress. Raises TookTooLong after ``timeout_s``; the job goes on then.
        """
        async with aclosing(self.follow(job, timeout_s=timeout_s)) as events:
            async for event in events:
                if on_event is not None:
                    on_event(event)
        ended = await self.job(job)
        if check:
            raise_for(ended)
        return ended

    # -- callbacks that are owed -----------------------------------------------------------------------

    async def deliveries(self, job: JobLike) -> tuple[Delivery, ...]:
        """The callbacks of a job and the attempts to deliver them."""
        body = await self._caller.json(Call("GET", f"{_job_path(job)}/deliveries"))
        return tuple(read(Delivery, one) for one in body.get("deliveries") or ())

    async def redeliver(self, job: JobLike, delivery_id: str) -> Delivery:
        """Send a callback once more, now."""
        path = f"{_job_path(job)}/deliveries/{safe(delivery_id)}/redeliver"
        return read(Delivery, await self._caller.json(Call("POST", path)))

    # -- the service -----------------------------------------------------------------------------------

    async def engines(self, kind: str = "") -> tuple[Engine, ...]:
        """Every engine, what it can do and what keeps it from being ready."""
        body = await self._caller.json(Call("GET", "/api/v1/engines", params={"kind": kind}))
        return tuple(read(Engine, one) for one in body.get("engines") or ())

    async def download(self, url: str, path: str | Path) -> Path:
        """Fetch the file behind a ``*_url`` to ``path``, whole or not at all; a broken download goes on by ranges."""
        return await download(self._caller, url, Path(path))


def raise_for(job: Job) -> None:
    """Raises the error that ``job`` ended with, as the exception of its code, with the job as ``job``."""
    if job.status == "canceled":
        raise Canceled(0, {"code": "CANCELED", "detail": f"Job {job.job_id} was canceled."}, job=job)
    if job.status == "failed":
        raise job_error(job)


def job_error(job: Job) -> Refused:
    return refused(
        0, {"code": "INTERNAL_ERROR", "detail": job.message or "The job failed.", **(job.error or {})}, job=job
    )


def _made(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex}"


def _job_path(job: JobLike) -> str:
    return f"/api/v1/jobs/{safe(job if isinstance(job, str) else job.job_id)}"
