"""Changes a shot and makes what was asked for anew: key frame, narration, clip."""

from __future__ import annotations

import asyncio

from app.core.errors import NotFound
from app.models.story import Medium, Shot, Story, Take
from app.services.workflows.durable import Json, counted, step, together, workflow
from app.services.workflows.render_video import clip_take, enhanceable
from app.services.workflows.steps.film import cut, join_shot, mix_shot, undrawable
from app.services.workflows.steps.movement import animate, ended_with, enhance
from app.services.workflows.steps.plan import Look, Moving, Picture, Spoken, film_plan, look_of, timeline_of
from app.services.workflows.steps.publish import current_only, dated, give, trimmed, with_takes
from app.services.workflows.steps.shot_assets import draw, speak
from app.services.workflows.work import Work

WEIGHTS = {
    "change": 2,
    "speak": 8,
    "draw": 30,
    "animate": 2,
    "enhance": 4,
    "mix": 6,
    "cut": 44,
    "join": 4,
    "publish": 4,
}
_OF_CLIP = ("animate", "enhance", "mix", "cut", "join")


@workflow("shot", WEIGHTS)
async def regenerate_shot(work: Work) -> Json:
    """Result: ``{"shot", "stale"}``."""
    assets: list[Medium] = work.job.request.get("assets") or ["image"]
    progress, wanted = work.progress, set(assets)
    for name in _OF_CLIP if "video" not in wanted else ():
        progress.expect(name, 0)
    progress.expect("draw", int(bool(wanted & {"image", "video"})))
    progress.expect("speak", int(bool(wanted & {"audio", "video"})))
    progress.expect("change", 1)
    seed = (await choose_seed(work))["seed"]
    changed = await counted(work, "change", work.job.shot_id, change(work, seed))
    story, look = Story.model_validate(changed["story"]), Look.model_validate(changed["look"])
    shot = _shot(story, work.job.shot_id)
    made = await _assets(work, story, shot, wanted, look)
    progress.expect("publish", 1)
    return await counted(work, "publish", shot.id, publish_shot(work, story, shot, made))


async def _assets(work: Work, story: Story, shot: Shot, wanted: set[Medium], look: Look) -> dict[str, Json]:
    """Takes by medium, as JSON. A clip needs the other two: they are used as they are unless asked for anew."""
    steps = []
    if wanted & {"image", "video"}:
        steps.append(counted(work, "draw", shot.id, draw(work, story, shot, anew="image" in wanted)))
    if wanted & {"audio", "video"}:
        steps.append(counted(work, "speak", shot.id, speak(work, story, shot, anew="audio" in wanted)))
    values = await together(*steps)
    made: dict[str, Json] = {}
    if wanted & {"image", "video"}:
        made["image"] = values[0]["take"]
    if wanted & {"audio", "video"} and values[-1]["take"] is not None:
        made["audio"] = values[-1]["take"]
    if "video" in wanted:
        picture, said = Picture.model_validate(values[0]), Spoken.model_validate(values[1])
        made["video"] = await _clip(work, story, shot, picture, said, look)
    return made


async def _clip(work: Work, story: Story, shot: Shot, picture: Picture, said: Spoken, look: Look) -> Json:
    """The shot's own clip: a film of one shot without music. Returns its take without its basis."""
    progress, line = work.progress, timeline_of([shot], [said], look)
    work.weigh_engines({"animate": "video"})
    progress.expect("animate", 1)
    start = (await start_of(work, story, shot, look))["artifact"] if shot.continues else ""
    frames = line.spans[0].frames
    moved = await counted(work, "animate", shot.id, animate(work, story, shot, picture, said, frames, look, start))
    moving = Moving.model_validate(moved)
    progress.expect("enhance", int(enhanceable(moving, look)))
    if enhanceable(moving, look):
        moving = Moving.model_validate(await counted(work, "enhance", shot.id, enhance(work, shot, moving, look)))
    plan = film_plan(story, line, [said], [moving], look)
    progress.expect("mix", 1)
    segments = plan.clip(0)
    progress.expect("cut", len(segments))
    sound, *cuts = await together(
        counted(work, "mix", shot.id, mix_shot(work, line, 0, shot, said, look)),
        *[counted(work, "cut", str(n + 1), cut(work, segment, look)) for n, segment in enumerate(segments)],
    )
    progress.expect("join", 1)
    joined = await counted(work, "join", shot.id, join_shot(work, cuts, sound["artifact"], look, moving))
    return await publish_clip(work, shot.id, joined["artifact"], moving, undrawable(cuts))


@step("start_of")
async def start_of(work: Work, story: Story, shot: Shot, look: Look) -> Json:
    """The picture with which a shot that goes on from the one before begins: ``{"artifact"}``, empty for its own."""
    shots = story.storyboard.shots if story.storyboard is not None else []
    place = [one.id for one in shots].index(shot.id)
    take = shots[place - 1].take("video") if place else None
    clip = await work.find(take.artifact) if take is not None else None
    if clip is None or "moving" not in clip.facts:
        await work.note(f"{shot.id} begins with its own key frame: the shot before it has no clip yet.")
        return {"artifact": ""}
    frames = round(float(clip.facts["duration_s"]) * look.fps)
    artifact, _ = await ended_with(work, Moving.model_validate(clip.facts["moving"]), frames, look)
    return {"artifact": artifact.key}


@step("choose_seed")
async def choose_seed(work: Work) -> Json:
    """The shot's new seed, decided once: the one asked for, else the next one if a picture is made anew."""
    shot = _shot(await work.story(), work.job.shot_id)
    asked = work.job.request.get("seed")
    if asked is not None:
        return {"seed": int(asked)}
    anew = {"image", "video"} & set(work.job.request.get("assets") or ["image"])
    return {"seed": shot.seed + 1 if anew else shot.seed}


@step("change")
async def change(work: Work, seed: int) -> Json:
    """Write the changes into the shot; ``{"story", "look"}`` as the job works from them."""
    job = work.job
    fields = {**(job.request.get("changes") or {}), "seed": seed}
    await asyncio.to_thread(work.house.stories.patch_shot, job.tenant, job.story_id, job.user_id, job.shot_id, fields)
    story = await work.story()
    look, _ = look_of(story, {}, work.house.settings)
    return {"story": trimmed(story).model_dump(mode="json"), "look": look.model_dump(mode="json")}


@step("publish_clip")
async def publish_clip(work: Work, shot_id: str, artifact: str, moving: Moving, note: str) -> Json:
    """The clip's take, and a remark on it for the user."""
    if note:
        await work.note(note)
    return (await clip_take(work, shot_id, artifact, moving)).model_dump(mode="json")


@step("publish_shot")
async def publish_shot(work: Work, story: Story, shot: Shot, made: dict[str, Json]) -> Json:
    """Give the takes to the shot: ``{"shot", "stale"}``."""
    takes = {medium: Take.model_validate(take) for medium, take in made.items()}
    based = with_takes(story, shot, takes)[1]  # type: ignore[arg-type]
    # What was asked for anew replaces what the user had chosen before.
    after = await give(work, {shot.id: based}, unpin=frozenset(work.job.request.get("assets") or ["image"]))
    now_stale = {name: media for name, media in dated(after).items() if name == shot.id}
    return {"shot": current_only(_shot(after, shot.id)).model_dump(), "stale": now_stale}


def _shot(story: Story, shot_id: str) -> Shot:
    """Raises NotFound."""
    for shot in story.storyboard.shots if story.storyboard is not None else ():
        if shot.id == shot_id:
            return shot
    raise NotFound(f"There is no shot {shot_id} in story {story.story_id}")
