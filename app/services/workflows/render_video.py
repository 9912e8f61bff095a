"""Renders a story's film: words and key frames, then the timeline, then all segments and the sound, then the join.

Four barriers, between which everything runs side by side. What is there already, from an earlier render or
somebody else's, is not made again.
"""

from __future__ import annotations

import asyncio
from itertools import chain

from app.models.story import Film, Shot, Story, Take, now
from app.services.workflows.durable import Json, counted, step, together, workflow
from app.services.workflows.steps.film import cut, join_film, join_shot, mix_film, mix_shot, subtitle_files
from app.services.workflows.steps.plan import FilmPlan, Look, Moving, Picture, Spoken, film_plan, timeline_of
from app.services.workflows.steps.publish import Takes, current_only, give, survey, with_takes
from app.services.workflows.steps.shot_assets import animate, draw, speak
from app.services.workflows.work import Work

WEIGHTS = {"speak": 4, "draw": 20, "animate": 2, "mix": 8, "cut": 58, "join": 5, "publish": 3}


@workflow("video", WEIGHTS)
async def render_video(work: Work) -> Json:
    """Result: ``{"film", "shots"}``."""
    start = await survey(work)
    story, look = Story.model_validate(start["story"]), Look.model_validate(start["look"])
    assert story.storyboard is not None
    film = await make_film(work, story, story.storyboard.shots, look)
    work.progress.expect("publish", 1)
    return await counted(work, "publish", "film", publish_film(work, story, film, look))


class Made:
    """A film and the clips of its shots, not yet given to the story."""

    def __init__(
        self, shots: list[Shot], spoken: list[Spoken], pictures: list[Picture], movements: list[Moving]
    ) -> None:
        self.shots = shots
        self.spoken = spoken
        self.pictures = pictures
        self.movements = movements
        self.plan: FilmPlan
        self.film = ""
        """Artifact key."""
        self.duration_s = 0.0
        self.clips: list[str] = []
        """Artifact key of every shot's own clip."""


async def make_film(work: Work, story: Story, shots: list[Shot], look: Look) -> Made:
    """Everything from words to joined files."""
    progress, count = work.progress, len(shots)
    progress.expect("speak", count)
    progress.expect("draw", count)
    first = await together(
        *[counted(work, "speak", shot.id, speak(work, story, shot)) for shot in shots],
        *[counted(work, "draw", shot.id, draw(work, story, shot)) for shot in shots],
    )
    spoken = [Spoken.model_validate(value) for value in first[:count]]
    pictures = [Picture.model_validate(value) for value in first[count:]]
    line = timeline_of(shots, spoken, look)
    progress.expect("animate", count)
    moved = await together(
        *[
            counted(work, "animate", shot.id, animate(work, shot, picture, span.frames, look))
            for shot, picture, span in zip(shots, pictures, line.spans, strict=True)
        ]
    )
    made = Made(shots, spoken, pictures, [Moving.model_validate(value) for value in moved])
    made.plan = film_plan(story, line, spoken, pictures, made.movements, look)
    await _cut_and_join(work, story, made, look)
    return made


async def _cut_and_join(work: Work, story: Story, made: Made, look: Look) -> None:
    plan, line, progress, count = made.plan, made.plan.timeline, work.progress, len(made.shots)
    clips = [plan.clip(index) for index in range(count)]
    # Every segment once, though film and clips share most; the longest first, so that no core is left with one.
    wanted = sorted(dict.fromkeys([*plan.segments, *chain(*clips)]), key=lambda segment: -segment.frames)
    progress.expect("mix", 1 + count)
    progress.expect("cut", len(wanted))
    tones = [shot.tone for shot in made.shots]
    values = await together(
        counted(work, "mix", "film", mix_film(work, story, tones, line, made.spoken, look)),
        *[
            counted(work, "mix", shot.id, mix_shot(work, line, index, made.spoken[index], look))
            for index, shot in enumerate(made.shots)
        ],
        *[counted(work, "cut", str(n), cut(work, segment, look)) for n, segment in enumerate(wanted)],
    )
    sounds = [str(value["artifact"]) for value in values[: 1 + count]]
    cuts = dict(zip(wanted, values[1 + count :], strict=True))
    progress.expect("join", 1 + count)
    joined = await together(
        counted(
            work, "join", "film", join_film(work, story, plan, [cuts[one] for one in plan.segments], sounds[0], look)
        ),
        *[
            counted(work, "join", shot.id, join_shot(work, [cuts[one] for one in clip], sound, look))
            for shot, clip, sound in zip(made.shots, clips, sounds[1:], strict=True)
        ],
    )
    made.film, made.duration_s = joined[0]["artifact"], joined[0]["duration_s"]
    made.clips = [value["artifact"] for value in joined[1:]]


@step("publish_film")
async def publish_film(work: Work, story: Story, made: Made, look: Look) -> Json:
    """Give the film and every new take to the story; ``{"film", "shots"}``."""
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
        takes[shot.id] = await _takes(work, story, made, index)
    after = await give(work, takes, film=film)
    shots = after.storyboard.shots if after.storyboard is not None else []
    for shot in shots:
        if shot.id in takes:
            await asyncio.to_thread(work.house.records.shot, work.job, shot)
    return {"film": film.model_dump(), "shots": [current_only(shot).model_dump() for shot in shots]}


async def _takes(work: Work, story: Story, made: Made, index: int) -> Takes:
    shot = made.shots[index]
    clip = await clip_take(work, shot.id, made.clips[index], made.movements[index].engine)
    said, picture = made.spoken[index].take, made.pictures[index].take
    takes: dict[str, Take] = {"image": picture, "video": clip} | ({"audio": said} if said is not None else {})
    return with_takes(story, shot, takes)[1]  # type: ignore[arg-type]


async def clip_take(work: Work, shot_id: str, key: str, engine: str) -> Take:
    """A shot's own clip, published. What it was made from is filled in by ``with_takes``."""
    artifact = await work.required(key)
    return Take(
        number=0,
        artifact=key,
        object_key=await work.publish(f"shots/{shot_id}/video-{key[:8]}.mp4", artifact.path(artifact.facts["file"])),
        made_from="",
        engine=engine,
        job_id=work.job.job_id,
        created_at=now(),
        duration_s=artifact.facts["duration_s"],
    )
