"""The writer's desk: decides whether a text is an idea to tell or a story to retell, and hands in the shots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from app.core.errors import ValidationFailed
from app.models.engine import WriteRequest, WriteResult
from app.models.story import Character
from app.services.engines.builtin.script import idea, scene, verse
from app.services.engines.builtin.script.figures import shorten
from app.services.engines.builtin.script.language import Language, clean, detect, seconds
from app.services.engines.builtin.script.retelling import retell
from app.services.engines.builtin.script.scene import Moment
from app.services.engines.builtin.script.sentences import Reading, Unit, read
from app.services.engines.builtin.script.telling import tell

_STYLE_MAX = 60
_IDEA_S = 13.0
"""One sentence longer than this to say is told, not developed."""


def storyboard(request: WriteRequest, check: Callable[[], None]) -> WriteResult:
    """Complete shots, ``shots_min`` to ``shots_max`` of them. ValidationFailed when there is no text.

    The same request gives the same answer; another seed tells it in another way.
    """
    text = clean(request.text)
    if not text:
        raise ValidationFailed("The story text is empty: write at least a word of what the film is about.")
    fewest = max(1, request.shots_min)
    bounds = (min(fewest, max(1, request.shots_max)), max(1, request.shots_max))
    language = detect(text, request.language, clean(f"{request.display_name} {request.style}"))
    random = Random(f"{request.seed}|{text}")
    check()
    reading = read(text, language.chinese, language.hant)
    if not reading.units or (len(reading.units) == 1 and not language.told):
        reading = Reading("prose", (Unit(_as_sentence(text), 2),))
    style = shorten(" ".join(clean(request.style).split()), _STYLE_MAX)
    if is_idea(reading, language):
        told = _tongue(language, request.language)
        moments = tell(idea.parse(text, language), told, request.characters, bounds, random)
        language = told
    elif reading.form == "verse":
        moments = verse.film(reading, language, request.characters, bounds, random)
    else:
        moments = retell(reading, language, request.characters, bounds, random, check)
    check()
    style = style or scene.fitting_style(moments, language, verse=reading.form == "verse")
    return WriteResult(
        language=language.code,
        characters=_characters(request, moments),
        shots=scene.drafts(moments, language, style),
    )


def is_idea(reading: Reading, language: Language) -> bool:
    """Whether there is only an idea, or one sentence, of a story that is still to be told."""
    units = reading.units
    if not any(c.isalnum() for unit in units for c in unit.text):
        return True
    return language.told and reading.form == "prose" and len(units) == 1 and seconds(units[0].text) <= _IDEA_S


def _as_sentence(text: str) -> str:
    """A whole text of one phrase, begun and ended as a sentence."""
    text = " ".join(text.split())[:400]
    return text[0].upper() + text[1:] + ("." if text[-1].isalnum() and text[-1] < "\u2e80" else "")


def _tongue(language: Language, asked: str) -> Language:
    """An idea may be told in the other of our two languages when the request asks for it."""
    wanted = Language(asked) if asked else language
    return wanted if wanted.told and wanted.chinese != language.chinese else language


def _characters(request: WriteRequest, moments: list[Moment]) -> tuple[Character, ...]:
    """The request's characters as they came, then whoever else is seen, most seen first."""
    cast = {character.name.strip(): character for character in request.characters if character.name.strip()}
    seen = Counter(figure for moment in moments for figure in moment.figures)
    for figure, _ in seen.most_common():
        known = cast.get(figure.name)
        if known is None:
            cast[figure.name] = figure.character()
        elif not known.description.strip():
            cast[figure.name] = known.model_copy(update={"description": figure.looks})
    return tuple(cast.values())
