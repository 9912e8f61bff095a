"""Words for models that understand English best, translated once and kept: a shot's own text never changes.

The translation is an artifact of the words and of the engine that made it, so the same shot always goes out in the
same words, from render to render.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from app.core.errors import AppError, Canceled, ValidationFailed
from app.models.engine import AnimateRequest, DrawRequest, TranslateRequest
from app.models.story import Story
from app.services.engines.base import ScriptEngine
from app.services.engines.router import Needs
from app.services.workflows.durable import Json
from app.services.workflows.steps.engine_use import EngineContext, ask_engine, plainly
from app.services.workflows.work import Work

R = TypeVar("R", DrawRequest, AnimateRequest)
_LETTER = re.compile(r"[^\W\d_]")
_PURPOSES = {DrawRequest: "prompts for a text-to-image model", AnimateRequest: "prompts for an image-to-video model"}


async def in_english(work: Work, story: Story, request: R, *, stage: str, item: str) -> R:
    """The request with ``prompt_en``, and with its style, tone and subject in English.

    Unchanged if its words are English already, or if nobody can translate them, which the user is told.
    """
    fields = {"prompt_en": request.prompt}
    fields |= {name: str(getattr(request, name, "")) for name in ("style", "tone", "subject")}
    foreign = {name: text for name, text in fields.items() if _is_foreign(text, story.language)}
    if not foreign:
        return request
    asked = TranslateRequest(texts=tuple(foreign.values()), purpose=_PURPOSES[type(request)])
    try:
        texts = await _translated(work, asked, stage=stage, item=item)
    except (Canceled, ValidationFailed):
        raise
    except AppError as error:
        await work.note(f"Prompts were not translated into English, which this model wants: {error.detail}")
        return request
    changed: Mapping[str, str] = dict(zip(foreign, texts, strict=True))
    return request.model_copy(update={"prompt_en": request.prompt, **changed})


def _is_foreign(text: str, language: str) -> bool:
    """Whether words may not be English: another script, or a story in another language."""
    if not _LETTER.search(text):
        return False
    return not text.isascii() or language.split("-")[0] not in ("", "en")


async def _translated(work: Work, request: TranslateRequest, *, stage: str, item: str) -> list[str]:
    async def ask(engine: ScriptEngine, asked: TranslateRequest, context: EngineContext) -> Json:
        return {"texts": list((await engine.translate(asked, context)).texts)}

    made = await ask_engine(
        work,
        "script",
        plainly("translation", request),
        ask,
        needs=Needs(translates=True),
        stage=stage,
        item=item,
    )
    return [str(text) for text in made.artifact.facts["texts"]]
