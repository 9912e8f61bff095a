"""Makes a story's storyboard: the words of every shot, then all key frames side by side.

The new storyboard becomes visible when it is complete; until then, and if the job fails or is canceled, the
story keeps the one it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from app.core.errors import NotFound
from app.models.engine import ShotDraft, WriteRequest, WriteResult
from app.models.story import Character, Shot, Story, Storyboard, Take, now
from app.services.engines.base import ScriptEngine
from app.services.engines.router import Needs
from app.services.workflows.durable import Json, counted, step, together, workflow
from app.services.workflows.steps.engine_use import EngineContext, ask_engine, plainly
from app.services.workflows.steps.plan import Picture
from app.services.workflows.steps.publish import current_only, dated
from app.services.workflows.steps.shot_assets import key_frame
from app.services.workflows.work import Work

WEIGHTS = {"write": 8, "draw": 87, "publish": 5}


@workflow("storyboard", WEIGHTS)
async def create_storyboard(work: Work) -> Json:
    """Result: ``{"shots", "stale"}``."""
    work.progress.expect("write", 1)
    written = await counted(work, "write", "script", write(work))
    story, shots = _planned(work, WriteResult.model_validate(written["script"]))
    work.progress.expect("draw", len(shots))
    drawn = await together(*[counted(work, "draw", shot.id, draw_shot(work, story, shot)) for shot in shots])
    work.progress.expect("publish", 1)
    pictures = [Picture.model_validate(value) for value in drawn]
    return await counted(work, "publish", "storyboard", publish_storyboard(work, story, shots, pictures, written["at"]))


@step("write")
async def write(work: Work) -> Json:
    """The words of the storyboard: ``{"script": WriteResult, "at", "reused"}``."""
    asked = work.job.request
    request = WriteRequest(
        text=asked["text"],
        display_name=asked.get("display_name", ""),
        style=asked.get("style", ""),
        language=asked.get("language", ""),
        shots_min=asked.get("shots_min") or 6,
        shots_max=asked.get("shots_max") or 10,
        characters=_characters(asked),
        seed=_seed(asked),
    )

    async def ask(engine: ScriptEngine, asked: WriteRequest, context: EngineContext) -> Json:
        return {"script": (await engine.write(asked, context)).model_dump(mode="json")}

    made = await ask_engine(
        work,
        "script",
        plainly("script", request),
        ask,
        needs=Needs(language=request.language),
        stage="write",
        item="script",
    )
    return {"script": made.artifact.facts["script"], "at": now(), "reused": made.reused}


@step("draw_shot")
async def draw_shot(work: Work, story: Story, shot: Shot) -> Json:
    """A Picture for a shot of a storyboard that nobody sees yet; those who follow the job do."""
    picture = await key_frame(work, story, shot)
    await asyncio.to_thread(work.house.records.shot, work.job, _with_picture(shot, picture["take"]))
    return picture


def _characters(asked: dict[str, Any]) -> tuple[Character, ...]:
    return tuple(Character.model_validate(one) for one in asked.get("characters") or ())


def _whole_cast(given: Sequence[Character], written: Sequence[Character]) -> list[Character]:
    """The request's characters as they were given, with looks where they had none, then whom the writer added."""
    looks = {one.name: one.description for one in written}
    own = [one.model_copy(update={"description": one.description or looks.get(one.name, "")}) for one in given]
    return own + [one for one in written if one.name not in {own.name for own in given}]


def _seed(asked: dict[str, Any]) -> int:
    return int(asked.get("seed") or 0)


def _planned(work: Work, script: WriteResult) -> tuple[Story, list[Shot]]:
    """The story with its new words, and its shots without any take. The same for every attempt."""
    job, asked = work.job, work.job.request
    story = Story(
        story_id=job.story_id,
        user_id=job.user_id,
        display_name=asked.get("display_name", ""),
        text=asked["text"],
        style=asked.get("style", ""),
        language=script.language,
        aspect_ratio=asked.get("aspect_ratio") or "16:9",
        resolution=asked.get("resolution") or "720p",
        voice=asked.get("voice", ""),
        seed=_seed(asked),
        characters=_whole_cast(_characters(asked), script.characters),
        created_at=job.created_at,
        updated_at=job.created_at,
    )
    return story, [_shot(number, draft, story.seed) for number, draft in enumerate(script.shots, 1)]


def _shot(number: int, draft: ShotDraft, seed: int) -> Shot:
    return Shot(id=f"shot_{number:02d}", sequence=number, seed=seed, **draft.model_dump())


def _with_picture(shot: Shot, take: Json | Take) -> Shot:
    shot = shot.model_copy(deep=True)
    shot.add_take("image", Take.model_validate(take))
    return shot


@step("publish_storyboard")
async def publish_storyboard(work: Work, story: Story, shots: list[Shot], pictures: list[Picture], at: str) -> Json:
    """Make the storyboard the story's: ``{"shots", "stale"}``."""
    shots = [_with_picture(shot, picture.take) for shot, picture in zip(shots, pictures, strict=True)]
    board = Storyboard(version=0, job_id=work.job.job_id, created_at=at, shots=shots)
    new = story.model_copy(update={"storyboard": board})
    stored = await asyncio.to_thread(work.house.stories.put_storyboard, work.job.tenant, new)
    if stored.storyboard is None:
        raise NotFound(f"Story {story.story_id} has no storyboard")
    return {"shots": [current_only(shot).model_dump() for shot in stored.storyboard.shots], "stale": dated(stored)}
