"""Renders a story's film: words and key frames, then the timeline, then all segments and the sound, then the join.

Four barriers, between which everything runs side by side. What is there already, from an earlier render or
somebody else's, is not made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping, Sequence
from itertools import chain

from app.models.story import Film, Medium, Shot, Story, Take, now
from app.services.workflows.durable import Json, counted, step, together, workflow
from app.services.workflows.steps.cards import cards_of
from app.services.workflows.steps.film import cut, join_film, join_shot, mix_film, mix_shot, subtitle_files, undrawable
from app.services.workflows.steps.movement import animate, enhance, last_frame
from app.services.workflows.steps.plan import FilmPlan, Look, Moving, Picture, Spoken, film_plan, timeline_of
from app.services.workflows.steps.publish import Takes, current_only, dated, give, survey, with_takes
from app.services.workflows.steps.shot_assets import draw, speak
from app.services.workflows.work import Work

WEIGHTS = {"speak": 4, "draw": 20, "animate": 2, "enhance": 6, "mix": 8, "cut": 58, "join": 5, "publish": 3}


@workflow("video", WEIGHTS)
async def render_video(work: Work) -> Json:
    """Result: ``{"film", "shots", "stale"}``."""
    start = await survey(work)
    story, look = Story.model_validate(start["story"]), Look.model_validate(start["look"])
    assert story.storyboard is not None
    kept = {shot_id: Moving.model_validate(value) for shot_id, value in start["kept"].items()}
    film = await make_film(work, story, story.storyboard.shots, kept, look)
    work.progress.expect("publish", 1)
    return await counted(work, "publish", "film", publish_film(work, story, film, look))


class Made:
    """A film and the clips of its shots, not yet given to the story."""

    def __init__(
        self, shots: list[Shot], spoken: list[Spoken], pictures: dict[str, Picture], movements: dict[str, Moving]
    ) -> None:
        self.shots = shots
        self.spoken = spoken
        self.pictures = pictures
        """By shot id, without the shots whose clip the user chose: these get no new one."""
        self.movements = movements
        """By shot id."""
        self.plan: FilmPlan
        self.film = ""
        """Artifact key."""
        self.duration_s = 0.0
        self.clips: dict[str, str] = {}
        """Artifact key of the own clip of every shot that has one of ``pictures``."""
        self.note = ""


async def make_film(work: Work, story: Story, shots: list[Shot], kept: dict[str, Moving], look: Look) -> Made:
    """Everything from words to joined files; ``kept`` are movements that the user chose, by shot id."""
    progress, count = work.progress, len(shots)
    work.weigh_engines({"draw": "image", "animate": "video"})
    free = [shot for shot in shots if shot.id not in kept]
    progress.expect("speak", count)
    progress.expect("draw", len(free))
    first = await together(
        *[counted(work, "speak", shot.id, speak(work, story, shot)) for shot in shots],
        *[counted(work, "draw", shot.id, draw(work, story, shot)) for shot in free],
    )
    spoken = [Spoken.model_validate(value) for value in first[:count]]
    pictures = {shot.id: Picture.model_validate(value) for shot, value in zip(free, first[count:], strict=True)}
    pages = cards_of(story, look.cards)
    line = timeline_of(shots, spoken, look, pages)
    frames = {span.shot_id: span.frames for span in line.spans}
    said = {shot.id: one for shot, one in zip(shots, spoken, strict=True)}
    progress.expect("animate", len(free))
    movements = dict(kept)
    for wave in waves(shots, kept):
        movements |= await _moved(work, story, wave, pictures, said, frames, movements, look)
    movements |= await _enhanced(work, shots, movements, look)
    made = Made(shots, spoken, pictures, movements)
    made.plan = film_plan(story, line, spoken, [movements[shot.id] for shot in shots], look, pages)
    await _cut_and_join(work, story, made, look)
    return made


def waves(shots: Sequence[Shot], kept: Container[str]) -> list[list[tuple[Shot, str]]]:
    """The shots that need a clip, each with the id of the shot that it goes on from (empty: none), in waves.

    Those of a wave go on only from shots of earlier waves or ``kept`` ones, so that all of a wave are made at once.
    """
    found: list[list[tuple[Shot, str]]] = []
    before, depth = "", -1
    for shot in shots:
        after = before if shot.continues else ""
        number = depth + 1 if after else 0
        if shot.id in kept:
            before, depth = shot.id, -1
            continue
        while len(found) <= number:
            found.append([])
        found[number].append((shot, after))
        before, depth = shot.id, number
    return found


async def _moved(
    work: Work,
    story: Story,
    wave: Sequence[tuple[Shot, str]],
    pictures: Mapping[str, Picture],
    spoken: Mapping[str, Spoken],
    frames: Mapping[str, int],
    movements: Mapping[str, Moving],
    look: Look,
) -> dict[str, Moving]:
    """The movements of one wave by shot id."""
    after = {shot.id: before for shot, before in wave if before}
    starts = await together(
        *[last_frame(work, movements[before], frames[before], look) for before in after.values()],
    )
    begin = dict(zip(after, (str(one["artifact"]) for one in starts), strict=True))
    values = await together(
        *[
            counted(
                work,
                "animate",
                shot.id,
                animate(
                    work, story, shot, pictures[shot.id], spoken[shot.id], frames[shot.id], look, begin.get(shot.id, "")
                ),
            )
            for shot, _ in wave
        ]
    )
    return {shot.id: Moving.model_validate(value) for (shot, _), value in zip(wave, values, strict=True)}


async def _enhanced(
    work: Work, shots: Sequence[Shot], movements: Mapping[str, Moving], look: Look
) -> dict[str, Moving]:
    """The movements, by shot id, whose clips the film wants larger or smoother than they came."""
    rough = [shot for shot in shots if enhanceable(movements[shot.id], look)]
    work.progress.expect("enhance", len(rough))
    values = await together(
        *[counted(work, "enhance", shot.id, enhance(work, shot, movements[shot.id], look)) for shot in rough]
    )
    return {shot.id: Moving.model_validate(value) for shot, value in zip(rough, values, strict=True)}


def enhanceable(moving: Moving, look: Look) -> bool:
    """Whether the film asks for more than the clip has; frames that we draw ourselves are drawn as it wants them."""
    return bool(moving.clip) and not moving.enhanced and (look.scale > 1 or look.multi > 1)


async def _cut_and_join(work: Work, story: Story, made: Made, look: Look) -> None:
    plan, line, progress = made.plan, made.plan.timeline, work.progress
    spans = {span.shot_id: index for index, span in enumerate(line.spans)}
    clips = {shot.id: plan.clip(spans[shot.id]) for shot in made.shots if shot.id in made.pictures}
    # Every segment once, though film and clips share most, and in the film's order: the stage of a shot, costly to
    # prepare, is then still at hand for all segments that show it.
    order = list(dict.fromkeys(part.moving.key_frame for segment in plan.segments for part in segment.parts))
    wanted = sorted(
        dict.fromkeys([*plan.segments, *chain(*clips.values())]),
        key=lambda segment: [order.index(part.moving.key_frame) for part in segment.parts],
    )
    progress.expect("mix", 1 + len(clips))
    progress.expect("cut", len(wanted))
    values = await together(
        counted(work, "mix", "film", mix_film(work, story, made.shots, line, made.spoken, look)),
        *[
            counted(work, "mix", shot.id, mix_shot(work, line, spans[shot.id], shot, said, look))
            for shot, said in zip(made.shots, made.spoken, strict=True)
            if shot.id in clips
        ],
        *[counted(work, "cut", str(n), cut(work, segment, look)) for n, segment in enumerate(wanted)],
    )
    sound, *sounds = [str(value["artifact"]) for value in values[: 1 + len(clips)]]
    cuts = dict(zip(wanted, values[1 + len(clips) :], strict=True))
    made.note = undrawable(cuts.values())
    progress.expect("join", 1 + len(clips))
    film, *joined = await together(
        counted(work, "join", "film", join_film(work, story, plan, [cuts[one] for one in plan.segments], sound, look)),
        *[
            counted(work, "join", name, join_shot(work, [cuts[one] for one in clip], said, look, made.movements[name]))
            for (name, clip), said in zip(clips.items(), sounds, strict=True)
        ],
    )
    made.film, made.duration_s = film["artifact"], film["duration_s"]
    made.clips = {name: str(value["artifact"]) for name, value in zip(clips, joined, strict=True)}


@step("publish_film")
async def publish_film(work: Work, story: Story, made: Made, look: Look) -> Json:
    """Give the film and every new take to the story; ``{"film", "shots", "stale"}``."""
    if made.note:
        await work.note(made.note)
    key = made.film
    words = await subtitle_files(work, made.plan)
    artifact = await work.required(key)
    film = Film(
        artifact=key,
        object_key=await work.publish(f"film-{key[:8]}.mp4", artifact.path(artifact.facts["file"])),
        job_id=work.job.job_id,
        created_at=now(),
        duration_s=made.duration_s,
        subtitles={
            extension: await work.publish(f"film-{words.key[:8]}.{extension}", words.path(f"film.{extension}"))
            for extension in ("srt", "vtt")
        },
    )
    takes: dict[str, Takes] = {}
    for index, shot in enumerate(made.shots):
        shown, takes[shot.id] = await _takes(work, story, made, index)
        # A clip that goes on from this shot is based on what this shot has now.
        story = _with_shot(story, shown)
    after = await give(work, takes, film=film)
    shots = after.storyboard.shots if after.storyboard is not None else []
    for shot in shots:
        if shot.id in takes:
            await asyncio.to_thread(work.house.records.shot, work.job, shot)
    found = [current_only(shot).model_dump() for shot in shots]
    return {"film": film.model_dump(), "shots": found, "stale": dated(after)}


def _with_shot(story: Story, shot: Shot) -> Story:
    board = story.storyboard
    assert board is not None
    shots = [shot if one.id == shot.id else one for one in board.shots]
    return story.model_copy(update={"storyboard": board.model_copy(update={"shots": shots})})


async def _takes(work: Work, story: Story, made: Made, index: int) -> tuple[Shot, dict[Medium, Take]]:
    shot = made.shots[index]
    takes: dict[Medium, Take] = {}
    if (said := made.spoken[index].take) is not None:
        takes["audio"] = said
    if shot.id in made.clips:
        takes["image"] = made.pictures[shot.id].take
        takes["video"] = await clip_take(work, shot.id, made.clips[shot.id], made.movements[shot.id])
    return with_takes(story, shot, takes)


async def clip_take(work: Work, shot_id: str, key: str, moving: Moving) -> Take:
    """A shot's own clip, published. What it was made from is filled in by ``with_takes``."""
    artifact = await work.required(key)
    return Take(
        number=0,
        artifact=key,
        object_key=await work.publish(f"shots/{shot_id}/video-{key[:8]}.mp4", artifact.path(artifact.facts["file"])),
        made_from="",
        engine=" + ".join((moving.engine, *moving.enhanced)),
        failed=list(moving.failed),
        job_id=work.job.job_id,
        created_at=now(),
        duration_s=artifact.facts["duration_s"],
    )
