"""What all language models have in common as script engines: how one is led to a storyboard that can be filmed.

A provider's own file only says how a conversation is sent and what its errors mean. Here the story is parted to the
model's measure, and the cast, the style and the thread of the narration are carried from part to part. What a long
story has cost is not paid again: its finished parts are remembered until the whole is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from app.core.errors import EngineFailed, ValidationFailed
from app.models.engine import TranslateRequest, TranslateResult, WriteRequest, WriteResult
from app.models.story import Character
from app.services.engines import script_answer, script_prompt
from app.services.engines.base import Capabilities, Context
from app.services.engines.builtin.script.language import clean, detect
from app.services.engines.script_answer import Draft
from app.services.engines.script_pieces import parted, shared, tokens
from app.services.engines.script_prompt import Brief
from app.services.engines.script_talk import AnswerCut, TalkingEngine, length_of

_CAST_TOKENS, _SHOT_TOKENS = 900, 650
"""What an answer may take: the cast with the style, and each shot. Twice what careful answers are."""
_RETOLD_TOKENS = 1500
_LEAST_PIECE = 200
"""Tokens of a text that can be told by itself."""
_ROUNDS = 3
_CARRIED = 600
"""Tokens that the cast and the narration of earlier parts add to the prompt of a later one."""
_REMEMBERED = 3
"""Narrations of the part before that a part is told."""
_BATCH = 24
"""Texts that are translated in one call."""
Batch = tuple[list[str], list[str], dict[str, str]]
"""Texts, their translations, and how names in them were written."""


class ModelScript(TalkingEngine):
    """A script engine that asks a language model."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        translates=True, notes="Long stories are told in parts; prompts are translated for models that want English."
    )

    # -- a storyboard ----------------------------------------------------------------------------------

    async def write(self, request: WriteRequest, context: Context) -> WriteResult:
        """Split a story into complete shots. ValidationFailed when the text is empty, EngineFailed when two answers
        in a row could not be used."""
        text = clean(request.text)
        if not text:
            raise ValidationFailed("The story text is empty: write at least a word of what the film is about.")
        language = request.language or detect(text, "", clean(f"{request.display_name} {request.style}")).code
        high = max(1, request.shots_max)
        whole = Brief(
            text=text,
            language=language,
            low=min(max(1, request.shots_min), high),
            high=high,
            title=clean(request.display_name),
            style=" ".join(clean(request.style).split()),
            cast=tuple(one for one in request.characters if one.name.strip()),
        )
        kept = _Kept(context, await context.remembered() or {})
        briefs = await asyncio.to_thread(self._briefs, whole)
        for round_ in range(_ROUNDS):
            if briefs:
                break
            whole = replace(whole, text=await self._retold(whole, request.seed, kept, f"retold {round_}"))
            briefs = await asyncio.to_thread(self._briefs, whole)
        if not briefs:
            raise EngineFailed(f"{self.name}: the story is too long for {high} shots and this model's context")
        film = await self._film(briefs, request.seed, kept)
        cast = _cast(whole.cast, film.characters)
        return WriteResult(
            language=language, characters=cast, shots=script_answer.described(film, cast, _joiner(language))
        )

    async def _film(self, briefs: Sequence[Brief], seed: int, kept: _Kept) -> Draft:
        """The shots of all parts, each told what came before it."""
        film: list[Draft] = []
        for number, brief in enumerate(briefs, 1):
            place = f"part {number} of {len(briefs)}" if len(briefs) > 1 else "the storyboard"
            kept.context.progress((number - 1) / len(briefs), f"writing {place}")
            following = _following(brief, film)

            async def make(asked: Brief = following) -> Any:
                return (await self._part(asked, seed)).model_dump(mode="json")

            made = await kept.once(f"part {number}", make) if len(briefs) > 1 else await make()
            film.append(Draft.model_validate(made))
        return _joined(film)

    async def _part(self, brief: Brief, seed: int) -> Draft:
        """The shots of one part; of its two halves if their answer was too long for the model."""
        try:
            return await self._shots(brief, seed)
        except AnswerCut:
            if brief.high < 2:
                raise self.too_long() from None
        film: list[Draft] = []
        for half in _shared_out(replace(brief, parts=brief.parts + 1), 2, brief.part):
            try:
                film.append(await self._shots(_following(half, film), seed))
            except AnswerCut:
                raise self.too_long() from None
        return _joined(film)

    async def _shots(self, brief: Brief, seed: int) -> Draft:
        schema = script_answer.storyboard_schema(brief.low, brief.high)
        return await self.answered(
            script_prompt.storyboard(brief, schema),
            schema,
            _CAST_TOKENS + _SHOT_TOKENS * brief.high,
            lambda text: script_answer.read_storyboard(text, brief),
            what="storyboard",
            seed=seed,
        )

    def _briefs(self, whole: Brief) -> list[Brief]:
        """The story in as few parts as the model can take in, the shots shared out; empty if each part would not
        even get one shot."""
        room = self.measure.window - self._taken(replace(whole, text="", low=1, high=1))
        if room <= 0:
            return []
        most = max(1, (self.measure.answer - _CAST_TOKENS) * 2 // _SHOT_TOKENS)
        count = max(1, -(-tokens(whole.text) // room), -(-whole.high // most))
        for parts in range(count, whole.high + 1):
            briefs = _shared_out(replace(whole, parts=parts), parts)
            carried = _CARRIED if parts > 1 else 0
            if all(self._taken(brief) + carried <= self.measure.window for brief in briefs):
                return briefs
        return []

    def _taken(self, brief: Brief) -> int:
        """Tokens of the model's window that a part takes, question and answer together."""
        schema = script_answer.storyboard_schema(brief.low, brief.high)
        answer = min(self.measure.answer, _CAST_TOKENS + _SHOT_TOKENS * brief.high)
        return length_of(script_prompt.storyboard(brief, schema)) + answer

    async def _retold(self, whole: Brief, seed: int, kept: _Kept, name: str) -> str:
        """The story in fewer words, because it is too long for as many parts as the film has shots."""
        schema = script_answer.retelling_schema()
        answer = min(self.measure.answer, _RETOLD_TOKENS)
        empty = length_of(script_prompt.retelling("", whole.language, 99, 99, 9999, schema))
        pieces = parted(whole.text, -(-tokens(whole.text) * 3 // (2 * (self.measure.window - empty - answer))) + 1)
        one_shot = replace(whole, text="", low=1, high=1, parts=2)
        room = (self.measure.window - self._taken(one_shot) - _CARRIED) * whole.high
        if room <= 0:
            raise self.too_long()
        longest = max(60, min(answer, room * 3 // 4 // len(pieces)))
        told = []
        for number, piece in enumerate(pieces, 1):
            kept.context.progress(0.0, f"shortening part {number} of {len(pieces)}")
            messages = script_prompt.retelling(piece, whole.language, number, len(pieces), longest, schema)

            async def make(asked: Any = messages) -> Any:
                try:
                    return await self.answered(
                        asked,
                        schema,
                        answer,
                        lambda text: script_answer.read_retelling(text, longest),
                        what="retelling",
                        seed=seed,
                    )
                except AnswerCut:
                    raise self.too_long() from None

            told.append(str(await kept.once(f"{name} {number}", make)))
        return "\n\n".join(told)

    # -- translation -----------------------------------------------------------------------------------

    async def translate(self, request: TranslateRequest, context: Context) -> TranslateResult:
        """Every text in ``request.language``, in order; an empty one stays empty. EngineFailed when two answers in a
        row could not be used."""
        plain = [clean(text) for text in request.texts]
        translated: dict[str, str] = {}
        names: dict[str, str] = {}
        batches = self._batches(dict.fromkeys(text for text in plain if text))
        for index, batch in enumerate(batches):
            context.progress(index / len(batches), "translating")
            for texts, out, found in await self._translated(batch, request, names):
                translated |= dict(zip(texts, out, strict=True))
                names |= found
        return TranslateResult(texts=tuple(translated.get(text, "") for text in plain))

    def _batches(self, texts: Iterable[str]) -> list[list[str]]:
        """Texts that go into one call, by number and by length."""
        most = min(self.measure.answer, self.measure.window // 3) // 2
        batches: list[list[str]] = []
        size = 0
        for text in texts:
            length = tokens(text) + 20
            if not batches or len(batches[-1]) >= _BATCH or size + length > most:
                batches.append([])
                size = 0
            batches[-1].append(text)
            size += length
        return batches

    async def _translated(self, texts: list[str], request: TranslateRequest, names: dict[str, str]) -> list[Batch]:
        """A batch, in two halves if one answer could not hold all."""
        schema = script_answer.translation_schema(len(texts))
        try:
            out, found = await self.answered(
                script_prompt.translation(texts, request.language, request.purpose, names, schema),
                schema,
                400 + sum(40 + 2 * tokens(text) for text in texts),
                lambda text: script_answer.read_translation(text, len(texts), request.language),
                what="translation",
            )
            return [(texts, out, found)]
        except AnswerCut:
            if len(texts) < 2:
                raise self.too_long() from None
        middle = len(texts) // 2
        first = await self._translated(texts[:middle], request, names)
        return first + await self._translated(texts[middle:], request, {**names, **first[-1][2]})


class _Kept:
    """Finished pieces of one work by name, kept from try to try and from worker to worker."""

    def __init__(self, context: Context, pieces: dict[str, Any]) -> None:
        self.context = context
        self._pieces = dict(pieces)

    async def once(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """The piece of that name (JSON), made only if it is not there yet."""
        if name not in self._pieces:
            self._pieces[name] = await make()
            await self.context.remember(self._pieces)
        return self._pieces[name]


def _shared_out(brief: Brief, count: int, first: int = 1) -> list[Brief]:
    """A brief as ``count`` of them, the shots shared out by length; ``first`` is the number of the first.

    A text that is too short to be parted stands in each, which then tells its stretch of it.
    """
    texts = parted(brief.text, count)
    whole = brief.whole or len(texts) < count or min(map(tokens, texts)) < _LEAST_PIECE
    if whole:
        texts = [brief.text] * count
    weights = [max(1, tokens(text)) for text in texts]
    highs = shared(brief.high, weights)
    lows = [min(low, high) for low, high in zip(shared(brief.low, weights), highs, strict=True)]
    short = brief.low - sum(lows)
    for index in range(len(lows)):
        more = max(0, min(short, highs[index] - lows[index]))
        lows[index] += more
        short -= more
    return [
        replace(brief, text=text, low=low, high=high, part=first + index, whole=whole and count > 1)
        for index, (text, low, high) in enumerate(zip(texts, lows, highs, strict=True))
    ]


def _following(brief: Brief, film: Sequence[Draft]) -> Brief:
    """A part that knows the parts before it."""
    if not film:
        return brief
    before = _joined(film)
    narrations = [shot.narration for shot in before.shots if shot.narration]
    return replace(
        brief,
        style=before.style,
        cast=_cast(brief.cast, before.characters),
        before=tuple(narrations[-_REMEMBERED:]),
    )


def _joined(film: Sequence[Draft]) -> Draft:
    """All parts as one, in the style of the first."""
    characters: tuple[Character, ...] = ()
    for part in film:
        characters = _cast(characters, part.characters)
    return Draft(style=film[0].style, characters=characters, shots=tuple(shot for part in film for shot in part.shots))


def _cast(known: Sequence[Character], new: Sequence[Character]) -> tuple[Character, ...]:
    """The known as they are, one without a description with that of its new namesake, then whoever is new."""
    cast = {one.name.strip().casefold(): one for one in known}
    for one in new:
        key = one.name.strip().casefold()
        if key not in cast:
            cast[key] = one
        elif not cast[key].description.strip():
            cast[key] = cast[key].model_copy(update={"description": one.description})
    return tuple(cast.values())


def _joiner(language: str) -> Callable[[str, str], str]:
    """How a sentence is added to a description of a picture."""
    if language.lower().startswith("zh"):
        return lambda words, more: f"{words.rstrip('。． ')}。{more.replace(': ', '：', 1).rstrip('。 ')}。"
    return lambda words, more: f"{words.rstrip('. ')}. {more.rstrip('. ')}."
