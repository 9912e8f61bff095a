"""Steps that make what a shot is made of: its key frame and its narration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.models.artifact import Artifact, Recipe
from app.models.engine import DrawRequest, SpeakRequest
from app.models.freshness import basis, usable
from app.models.story import Shot, Story, Take, now
from app.models.timeline import LabelStyle
from app.services.engines.base import Engine, ImageEngine, SpeechEngine
from app.services.engines.router import Needs
from app.services.media.aigc import aigc_fields
from app.services.workflows.durable import Json, step
from app.services.workflows.steps.cast import known_cast
from app.services.workflows.steps.engine_use import EngineContext, ask_engine, engine_recipe, file_name, plainly
from app.services.workflows.steps.english import in_english
from app.services.workflows.steps.plan import Picture, Spoken, key_frame_size
from app.services.workflows.work import Work

PICTURE_VERSION = "1"
"""Of the published picture (services/media/label.py)."""
_ALIGN = "app.services.engines.builtin.speech.aligned:task"
"""Finds the words in a recording whose engine did not say when they sound."""


@step("draw")
async def draw(work: Work, story: Story, shot: Shot, anew: bool = False) -> Json:
    """A recorded :func:`key_frame`."""
    return await key_frame(work, story, shot, anew)


async def key_frame(work: Work, story: Story, shot: Shot, anew: bool = False) -> Json:
    """The key frame of a shot, published: a Picture. The current take is used while it fits, unless ``anew``."""
    take = None if anew else usable(story, shot, "image")
    artifact = await work.find(take.artifact) if take is not None else None
    reused = artifact is not None
    if take is None or artifact is None:
        take, artifact, reused = await _drawn(work, story, shot)
    picture = Picture(take=take, layers=bool(artifact.facts.get("layers")), reused=reused)
    return picture.model_dump(mode="json")


async def _drawn(work: Work, story: Story, shot: Shot) -> tuple[Take, Artifact, bool]:
    width, height = key_frame_size(story)
    request = DrawRequest(
        prompt=shot.image_detail,
        subject=shot.subject,
        detail=shot.detail,
        tone=shot.tone,
        style=shot.style or story.style,
        camera=shot.camera,
        characters=tuple(story.characters),
        width=width,
        height=height,
        seed=shot.seed,
    )

    async def prepare(engine: Engine) -> tuple[Recipe, DrawRequest]:
        return await _prepared(work, story, shot, request, engine)

    async def ask(engine: ImageEngine, asked: DrawRequest, context: EngineContext) -> Json:
        result = await engine.draw(asked, context)
        names = {"image": file_name(result.image, context.folder), "layers": file_name(result.layers, context.folder)}
        return {**result.facts, **names, "seed": result.seed}

    made = await ask_engine(
        work,
        "image",
        prepare,
        ask,
        needs=Needs(pixels=width * height, task_type="scene"),
        stage="draw",
        item=shot.id,
    )
    shown = await _published_picture(work, made.artifact)
    take = Take(
        number=0,
        artifact=made.artifact.key,
        object_key=await work.publish(f"shots/{shot.id}/image-{shown.key[:8]}.jpg", shown.path("image.jpg")),
        made_from=basis(story, shot, "image"),
        engine=made.engine,
        failed=list(made.failed),
        job_id=work.job.job_id,
        created_at=now(),
        seed=made.artifact.facts.get("seed"),
    )
    return take, made.artifact, made.reused


async def _prepared(
    work: Work, story: Story, shot: Shot, request: DrawRequest, engine: Engine
) -> tuple[Recipe, DrawRequest]:
    """The request as this engine wants it: in English, with pictures of the cast."""
    can, inputs = engine.can(), {}
    if can.english_prompts:
        request = await in_english(work, story, request, stage="draw", item=shot.id)
    if can.reference_images:
        known = await known_cast(work, story, shot)
        request = request.model_copy(update={"references": tuple(one.reference for one in known)})
        inputs = {f"reference_{number}": one.artifact.key for number, one in enumerate(known)}
    return engine_recipe(engine, "key_frame", request, {"references"}, **inputs), request


async def _published_picture(work: Work, key_frame: Artifact) -> Artifact:
    """The key frame as it may leave the house: a JPEG with both labels of generated content."""
    settings = work.house.settings
    style = LabelStyle(text=settings.aigc_label_text, position=settings.aigc_label_position)
    request: Json = {
        "style": style.model_dump(mode="json") if settings.aigc_label and style.text else None,
        "aigc": aigc_fields(settings.aigc_producer, key_frame.key[:32]),
        "font": settings.output_subtitle_font,
    }
    recipe = Recipe(
        kind="picture",
        engine="media/label",
        version=PICTURE_VERSION,
        params=request,
        inputs={"key_frame": key_frame.key},
    )
    source = str(key_frame.path(key_frame.facts["image"]))
    return (
        await work.make(recipe, task(work, "app.services.media.label:label_picture", {"picture": source, **request}))
    )[0]


@step("speak")
async def speak(work: Work, story: Story, shot: Shot, anew: bool = False) -> Json:
    """The narration of a shot, published: a Spoken."""
    spoken = Spoken()
    if shot.narration.strip():
        spoken = await _said(work, story, shot, anew)
    return spoken.model_dump(mode="json")


async def _said(work: Work, story: Story, shot: Shot, anew: bool) -> Spoken:
    take = None if anew else usable(story, shot, "audio")
    artifact = await work.find(take.artifact) if take is not None else None
    reused = artifact is not None
    if take is None or artifact is None:
        take, artifact, reused = await _recorded(work, story, shot)
    facts = artifact.facts
    # A pinned take may say other words than the shot: the subtitles follow what is heard.
    text = str(artifact.manifest.recipe.params.get("text", shot.narration))
    return Spoken(take=take, text=text, duration_s=facts["duration_s"], words=facts["words"], reused=reused)


async def _recorded(work: Work, story: Story, shot: Shot) -> tuple[Take, Artifact, bool]:
    request = SpeakRequest(
        text=shot.narration, language=story.language or "zh", voice=story.voice, tone=shot.tone, seed=0
    )

    async def ask(engine: SpeechEngine, asked: SpeakRequest, context: EngineContext) -> Json:
        result = await engine.speak(asked, context)
        words = [word.model_dump(mode="json") for word in result.words]
        if not words and engine.place != "builtin":
            heard = {"audio": str(result.audio), "text": asked.text, "language": asked.language}
            words = (await context.compute(_ALIGN, heard))["words"]
        audio = file_name(result.audio, context.folder)
        return {**result.facts, "audio": audio, "duration_s": result.duration_s, "words": words}

    made = await ask_engine(
        work,
        "speech",
        plainly("narration", request),
        ask,
        needs=Needs(language=request.language),
        stage="speak",
        item=shot.id,
    )
    artifact = made.artifact
    source = artifact.path(artifact.facts["audio"])
    take = Take(
        number=0,
        artifact=artifact.key,
        object_key=await work.publish(f"shots/{shot.id}/audio-{artifact.key[:8]}{source.suffix}", source),
        made_from=basis(story, shot, "audio"),
        engine=made.engine,
        failed=list(made.failed),
        job_id=work.job.job_id,
        created_at=now(),
        duration_s=artifact.facts["duration_s"],
    )
    return take, artifact, made.reused


def task(work: Work, name: str, request: Json) -> Callable[[Path], Any]:
    """A maker for :meth:`Work.make` that runs one task of ours: what was begun with a drawing is finished first."""

    async def produce(folder: Path) -> Json:
        return await work.compute(name, request, folder, urgent=True)

    return produce
