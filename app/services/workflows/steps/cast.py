"""Pictures of the cast, for engines that draw a face again that they are shown.

A character's own picture comes with the request; for one without, a portrait is drawn once and kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from app.core.errors import AppError, Canceled, ValidationFailed
from app.core.net import download
from app.models.artifact import Artifact, Recipe
from app.models.engine import DrawRequest, Reference
from app.models.story import Character, Shot, Story
from app.services.engines.base import Engine, ImageEngine
from app.services.engines.router import Needs
from app.services.workflows.durable import Json
from app.services.workflows.steps.engine_use import EngineContext, ask_engine, engine_recipe, file_name
from app.services.workflows.steps.english import in_english
from app.services.workflows.work import Work

MOST = 3
"""References of one picture: what the models take."""
LONGEST = 1024
"""Side of a reference, pixels."""
MAX_BYTES = 20_000_000
_PORTRAIT = {
    "zh": "{who}的角色设定图，单人，正面，全身，表情自然，纯净浅色背景。{looks}",
    "en": "Character sheet of {who}: one figure, front view, full body, neutral expression, plain light background. "
    "{looks}",
}


class Known(NamedTuple):
    """A character, and the artifact that shows him."""

    character: Character
    artifact: Artifact

    @property
    def reference(self) -> Reference:
        image = self.artifact.path(self.artifact.facts["image"])
        return Reference(name=self.character.name, description=self.character.description, image=image)


async def known_cast(work: Work, story: Story, shot: Shot) -> list[Known]:
    """The characters of a shot of whom there is a picture, or can be one; those that cannot be had are told of."""
    found = []
    for character in appearing(story.characters, shot)[:MOST]:
        try:
            artifact = await _shown(work, story, shot, character)
        except (Canceled, ValidationFailed):
            raise
        except AppError as error:
            await work.note(f"{character.name} has no reference picture: {error.detail}")
            continue
        if artifact is not None:
            found.append(Known(character, artifact))
    return found


def appearing(cast: list[Character], shot: Shot) -> list[Character]:
    """Whom a shot's words name; nobody named: the first of the cast, whom a story is mostly about."""
    words = " ".join((shot.subject, shot.image_detail, shot.detail)).lower()
    named = [one for one in cast if one.name and one.name.lower() in words]
    return named or cast[:1]


async def _shown(work: Work, story: Story, shot: Shot, character: Character) -> Artifact | None:
    if character.reference_image_url:
        return await _given(work, character.reference_image_url)
    if work.house.settings.cast_references and character.description:
        return await _portrait(work, story, shot, character)
    return None


async def _given(work: Work, url: str) -> Artifact:
    async def produce(folder: Path) -> Json:
        allowed = work.house.settings.callback_allowed_hosts
        source = folder / "download"
        await download(url, source, MAX_BYTES, allowed, name="reference_image_url")
        request = {"source": str(source), "longest": LONGEST}
        made = await work.compute("app.services.media.fitting:reference", request, folder)
        source.unlink()
        return made

    recipe = Recipe(kind="reference", engine="core/net", version="1", params={"url": url, "longest": LONGEST})
    return (await work.make(recipe, produce))[0]


async def _portrait(work: Work, story: Story, shot: Shot, character: Character) -> Artifact | None:
    words = _PORTRAIT["zh" if story.language.startswith("zh") else "en"]
    request = DrawRequest(
        task_type="character",
        prompt=words.format(who=character.name, looks=character.description),
        subject=character.name,
        style=story.style,
        characters=(character,),
        width=LONGEST,
        height=LONGEST,
        seed=story.seed,
    )

    async def prepare(engine: Engine) -> tuple[Recipe, DrawRequest]:
        asked = request
        if engine.can().english_prompts:
            asked = await in_english(work, story, request, stage="draw", item=shot.id)
        return engine_recipe(engine, "key_frame", asked), asked

    async def ask(engine: ImageEngine, asked: DrawRequest, context: EngineContext) -> Json:
        result = await engine.draw(asked, context)
        return {**result.facts, "image": file_name(result.image, context.folder), "seed": result.seed}

    made = await ask_engine(
        work,
        "image",
        prepare,
        ask,
        needs=Needs(pixels=LONGEST * LONGEST, task_type="character"),
        stage="draw",
        item=shot.id,
    )
    # A paper figure of ours would only make another model's picture look like it.
    return None if made.engine == "image/builtin" else made.artifact
