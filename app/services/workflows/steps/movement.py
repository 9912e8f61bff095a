"""Steps that make a shot move: its clip by an engine, enlarged and made smoother where that was asked for."""

from __future__ import annotations

import math
from pathlib import Path

from app.core.errors import AppError, Canceled, ValidationFailed
from app.models.artifact import Artifact, Recipe
from app.models.engine import (
    AnimateRequest,
    AnimateResult,
    EngineKind,
    InterpolateRequest,
    UpscaleRequest,
)
from app.models.story import Shot, Story
from app.models.timeline import Source
from app.services.engines.base import Engine, InterpolateEngine, UpscaleEngine, VideoEngine
from app.services.engines.router import Needs
from app.services.workflows.durable import Json, step
from app.services.workflows.steps.engine_use import EngineContext, ask_engine, engine_recipe, file_name, plainly
from app.services.workflows.steps.english import in_english
from app.services.workflows.steps.plan import Look, Moving, Picture, Spoken
from app.services.workflows.work import Work

_ENGINE_FPS = 24
_PATHS = {"key_frame", "layers", "audio"}


@step("animate")
async def animate(
    work: Work, story: Story, shot: Shot, picture: Picture, said: Spoken, frames: int, look: Look, start: str = ""
) -> Json:
    """The movement of a shot: a Moving. ``start``: artifact of another picture than its key frame to begin with."""
    key_frame = await work.required(start or picture.take.artifact)
    layers = key_frame.facts.get("layers")
    fps, frames = look.plain(frames)
    request = AnimateRequest(
        key_frame=key_frame.path(key_frame.facts["image"]),
        layers=key_frame.path(layers) if layers else None,
        camera=shot.camera,
        prompt=shot.detail,
        tone=shot.tone,
        width=look.width // look.scale,
        height=look.height // look.scale,
        fps=fps,
        frames=frames,
        seed=shot.seed,
    )

    async def prepare(engine: Engine) -> tuple[Recipe, AnimateRequest]:
        return await _prepared(work, story, shot, request, said, key_frame.key, engine)

    async def ask(engine: VideoEngine, asked: AnimateRequest, context: EngineContext) -> Json:
        result = await engine.animate(asked, context)
        drawn = result.drawn.model_dump(mode="json") if result.drawn is not None else None
        return {**result.facts, "drawn": drawn, "clip": file_name(result.clip, context.folder)}

    made = await ask_engine(
        work,
        "video",
        prepare,
        ask,
        needs=Needs(pixels=request.width * request.height, duration_s=request.duration_s),
        stage="animate",
        item=shot.id,
    )
    facts = made.artifact.facts
    return Moving(
        key_frame=key_frame.key,
        drawn=AnimateResult(drawn=facts["drawn"]).drawn,
        clip=made.artifact.key if facts["clip"] else "",
        file=facts["clip"],
        engine=made.engine,
        failed=made.failed,
        reused=made.reused,
    ).model_dump(mode="json")


async def _prepared(
    work: Work, story: Story, shot: Shot, request: AnimateRequest, said: Spoken, key_frame: str, engine: Engine
) -> tuple[Recipe, AnimateRequest]:
    """The request as this engine wants it."""
    can, inputs = engine.can(), {"key_frame": key_frame}
    if engine.place != "builtin":
        # A clip is held or cut to the shot's length. So a few words more or another frame rate of the film are no
        # reason to pay for another one.
        seconds = math.ceil(round(request.duration_s, 3))
        request = request.model_copy(
            update={"fps": _ENGINE_FPS, "frames": seconds * _ENGINE_FPS, "layers": None, "audio": None}
        )
    if can.english_prompts:
        request = await in_english(work, story, request, stage="animate", item=shot.id)
    if can.audio and said.take is not None:
        narration = await work.required(said.take.artifact)
        request = request.model_copy(update={"audio": narration.path(narration.facts["audio"])})
        inputs["audio"] = narration.key
    return engine_recipe(engine, "clip", request, _PATHS, **inputs), request


# -- going on where another shot ended ---------------------------------------------------------------------


@step("last_frame")
async def last_frame(work: Work, moving: Moving, frames: int, look: Look) -> Json:
    """The frame with which a shot ends, as a picture for the next to begin with: ``{"artifact", "reused"}``."""
    artifact, reused = await ended_with(work, moving, frames, look)
    return {"artifact": artifact.key, "reused": reused}


async def ended_with(work: Work, moving: Moving, frames: int, look: Look) -> tuple[Artifact, bool]:
    """The last of a shot's ``frames`` as an artifact with ``image``, and whether it was there already."""
    # At the story's own size and rate, and from the clip as it came: a film that is only larger or smoother goes on
    # from the same picture, and no clip is ordered again.
    if moving.made_clip and await work.find(moving.made_clip) is not None:
        moving = moving.model_copy(update={"clip": moving.made_clip, "file": moving.made_file})
    fps, frames = look.plain(frames)
    shown = {"width": look.width // look.scale, "height": look.height // look.scale, "fps": fps}
    how = moving.model_dump(mode="json", include={"key_frame", "drawn", "clip", "file"})

    async def produce(folder: Path) -> Json:
        source = await source_of(work, moving, frames)
        request = {**shown, "source": source.model_dump(mode="json")}
        return await work.compute("app.services.media.last_frame:task", request, folder, urgent=True)

    recipe = Recipe(
        kind="last_frame", engine="media/last_frame", version="1", params={**shown, "frames": frames, "moving": how}
    )
    return await work.make(recipe, produce)


async def source_of(work: Work, moving: Moving, frames: int) -> Source:
    """Where the frames of a shot come from, with paths."""
    key_frame = await work.required(moving.key_frame)
    layers = key_frame.facts.get("layers")
    return Source(
        key_frame=key_frame.path(key_frame.facts["image"]),
        layers=key_frame.path(layers) if layers else None,
        drawn=moving.drawn,
        clip=(await work.required(moving.clip)).path(moving.file) if moving.clip else None,
        frames=frames,
    )


# -- enhancement -------------------------------------------------------------------------------------------


@step("enhance")
async def enhance(work: Work, shot: Shot, moving: Moving, look: Look) -> Json:
    """The clip enlarged ``scale`` times and with ``multi`` times the frames, as the film asks: a Moving.

    What fails leaves the clip as it is, and the user is told.
    """
    reused = True
    for kind, factor, failed in (
        ("upscale", look.scale, "was not enlarged by an engine"),
        ("interpolate", look.multi, "got no frames in between"),
    ):
        if factor == 1:
            continue
        try:
            moving = await _enhanced(work, shot, moving, kind, factor)  # type: ignore[arg-type]
        except (Canceled, ValidationFailed):
            raise
        except AppError as error:
            await work.note(f"{shot.id}: the clip {failed}: {error.detail}")
            continue
        reused = reused and moving.reused
    return moving.model_copy(update={"reused": reused}).model_dump(mode="json")


async def _enhanced(work: Work, shot: Shot, moving: Moving, kind: EngineKind, factor: int) -> Moving:
    clip = await work.required(moving.clip)
    path = clip.path(moving.file)
    request = (UpscaleRequest if kind == "upscale" else InterpolateRequest)(clip=path, factor=factor)

    async def ask(engine: UpscaleEngine | InterpolateEngine, asked: UpscaleRequest, context: EngineContext) -> Json:
        if isinstance(engine, UpscaleEngine):
            result = await engine.upscale(asked, context)
        else:
            result = await engine.interpolate(InterpolateRequest(clip=asked.clip, factor=asked.factor), context)
        return {**result.facts, "clip": file_name(result.clip, context.folder)}

    made = await ask_engine(
        work,
        kind,
        plainly(kind, request, {"clip"}, clip=clip.key),
        ask,
        needs=Needs(),
        stage="enhance",
        item=shot.id,
    )
    return moving.model_copy(
        update={
            "clip": made.artifact.key,
            "file": made.artifact.facts["clip"],
            "made_clip": moving.made_clip or moving.clip,
            "made_file": moving.made_file or moving.file,
            "enhanced": (*moving.enhanced, made.engine),
            "failed": (*moving.failed, *made.failed),
            "reused": made.reused,
        }
    )
