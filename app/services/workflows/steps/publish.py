"""Steps that read a story for a job and give it what the job made, without losing what others wrote meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from app.core.errors import NotFound
from app.models.freshness import basis, stale
from app.models.story import Film, Medium, Shot, Story, Storyboard, Take, now
from app.services.workflows.durable import Json, step
from app.services.workflows.steps.plan import Moving, look_of
from app.services.workflows.work import Work

Takes = Mapping[Medium, Take]
_WORDS = (
    "subject",
    "detail",
    "image_detail",
    "camera",
    "narration",
    "tone",
    "sound",
    "style",
    "duration",
    "seed",
    "continues",
)


@step("survey")
async def survey(work: Work) -> Json:
    """What a render works from: ``{"story", "look", "kept"}``; what is edited later is the next render's.

    ``kept`` is by shot id a Moving of every shot whose clip the user chose: the film shows it as that clip did.

    Shots that came with the request replace the storyboard first.
    """
    job = work.job
    given = job.request.get("shots")
    story = await asyncio.to_thread(_replaced, work, given) if given else await work.story()
    if story.storyboard is None or not story.storyboard.shots:
        raise NotFound(f"Story {job.story_id} has no storyboard")
    look, notes = look_of(story, job.request, work.house.settings)
    for text in notes:
        await work.note(text)
    kept = {shot.id: moving for shot in story.storyboard.shots if (moving := await _kept(work, shot)) is not None}
    return {"story": trimmed(story).model_dump(mode="json"), "look": look.model_dump(mode="json"), "kept": kept}


async def _kept(work: Work, shot: Shot) -> Json | None:
    """How the frames of the clip that the user chose came about. Its file carries label and subtitles already."""
    take = shot.take("video") if "video" in shot.pinned else None
    if take is None:
        return None
    clip = await work.find(take.artifact)
    if clip is not None and "moving" in clip.facts:
        moving = Moving.model_validate(clip.facts["moving"])
        if all([await work.find(key) is not None for key in (moving.key_frame, moving.clip) if key]):
            return moving.model_dump(mode="json")
    await work.note(f"The chosen clip of {shot.id} is no longer kept, so the film has a new one.")
    return None


def _replaced(work: Work, given: list[Json]) -> Story:
    """Store the shots of the request as the storyboard, keeping the takes of those that the story knows."""
    job = work.job
    try:
        story = work.house.stories.find(job.tenant, job.story_id, job.user_id)
    except NotFound:
        story = Story(story_id=job.story_id, user_id=job.user_id)
    before = {shot.id: shot for shot in story.storyboard.shots} if story.storyboard is not None else {}
    shots = [_rewritten(before.get(fields["id"]), fields, story.seed) for fields in given]
    if story.storyboard is not None and [_words(shot) for shot in shots] == [_words(shot) for shot in before.values()]:
        return story
    board = Storyboard(version=0, job_id=job.job_id, created_at=now(), shots=shots)
    return work.house.stories.put_storyboard(job.tenant, story.model_copy(update={"storyboard": board}))


def _rewritten(old: Shot | None, fields: Json, seed: int) -> Shot:
    words = {name: fields[name] for name in _WORDS if fields.get(name) is not None}
    changed = old is None or words.get("detail", old.detail) != old.detail
    if changed and words.get("detail") and not words.get("image_detail"):
        words["image_detail"] = words["detail"]
    if old is None:
        return Shot(id=fields["id"], sequence=0, **{"seed": seed, **words})
    return old.model_copy(update=words)


def _words(shot: Shot) -> list[object]:
    return [shot.id, *(getattr(shot, name) for name in _WORDS)]


def trimmed(story: Story) -> Story:
    """Without history and former takes: what a step records stays small."""
    board = story.storyboard
    assert board is not None
    shots = [current_only(shot) for shot in board.shots]
    return story.model_copy(update={"text": "", "history": [], "storyboard": board.model_copy(update={"shots": shots})})


def current_only(shot: Shot) -> Shot:
    """The shot with the takes in use and no others."""
    takes = {medium: [take] for medium in shot.takes if (take := shot.take(medium)) is not None}
    return shot.model_copy(update={"takes": takes})


def dated(story: Story) -> dict[str, list[Medium]]:
    """The media that no longer fit their words, by shot id."""
    shots = story.storyboard.shots if story.storyboard is not None else []
    known: dict[str, str] = {}
    return {shot.id: media for shot in shots if (media := stale(story, shot, known))}


def with_takes(story: Story, shot: Shot, takes: Takes) -> tuple[Shot, dict[Medium, Take]]:
    """The shot as it is with new takes, and the takes with what they were made from."""
    shot = shot.model_copy(deep=True)
    made: dict[Medium, Take] = {}
    for medium in ("image", "audio", "video"):
        take = takes.get(medium)
        if take is None:
            continue
        # In this order: the basis of a clip names the key frame that it was made from.
        if medium == "video":
            take = take.model_copy(update={"made_from": basis(story, shot, medium)})
        made[medium] = adopt(shot, medium, take)
    return shot, made


def adopt(shot: Shot, medium: Medium, take: Take) -> Take:
    """Give a shot a take: the same artifact is the same take, and what the user pinned stays in use."""
    pinned = list(shot.pinned)
    chosen = shot.current.get(medium, 0)
    for index, old in enumerate(shot.takes.get(medium, [])):
        if (old.artifact, old.object_key) == (take.artifact, take.object_key):
            found = old.model_copy(update={"made_from": take.made_from})
            shot.takes[medium][index] = found
            shot.current[medium] = found.number
            break
    else:
        found = shot.add_take(medium, take)
    if medium in pinned:
        shot.pinned, shot.current[medium] = pinned, chosen
    return found


async def give(
    work: Work, made: Mapping[str, Takes], film: Film | None = None, unpin: frozenset[Medium] = frozenset()
) -> Story:
    """Merge takes by shot id, and the film, into the story as it is now; shots that are gone stay so.

    ``unpin``: media whose new take is used although the user had chosen another one.
    """
    job = work.job

    def merge(story: Story) -> Story:
        for shot in story.storyboard.shots if story.storyboard is not None else ():
            for medium, take in made.get(shot.id, {}).items():
                shot.pinned = [one for one in shot.pinned if one != medium or medium not in unpin]
                adopt(shot, medium, take)
        return story if film is None else story.model_copy(update={"film": film})

    return await asyncio.to_thread(work.house.stories.change, job.tenant, job.story_id, job.user_id, merge)
