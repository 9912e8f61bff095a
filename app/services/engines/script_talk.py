"""A talk with a language model, until it has given an answer that can be used or has shown that it cannot.

An answer that was cut is asked for with a larger limit; one that is wrong is asked for once more with what was wrong
with it; and the limits of a model are told beforehand, because none of them says that it read only a part.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, NamedTuple, TypeVar
from urllib.parse import urlsplit

from app.core.errors import AppError, EngineFailed, EngineTimeout
from app.services.engines import script_prompt
from app.services.engines.base import ScriptEngine
from app.services.engines.script_answer import Read
from app.services.engines.script_pieces import tokens
from app.services.engines.script_prompt import Message

T = TypeVar("T")
_MOST_PROBLEMS = 25
"""That a model is told of."""
_SAID_PROBLEMS = 4
"""That an error tells of."""
_MARKS = 12
"""Tokens that a model's own marks add to a message."""
_LEAST_ANSWER = 256


class Reply(NamedTuple):
    text: str
    cut: bool = False
    """It ends, or what was asked was read only in part, because a limit of tokens was reached."""


class AnswerCut(Exception):
    """The model's answer did not fit, with the largest limit that there is either."""


@dataclass(frozen=True)
class Measure:
    """How much a model takes in and gives out, tokens."""

    window: int
    """Of question and answer together."""
    answer: int
    """Of the answer alone."""


class TalkingEngine(ScriptEngine):
    """A script engine that talks with a language model. Subclasses say how a conversation is sent."""

    library: ClassVar[str] = ""
    """The vendor's client, if there is one: loaded by a thread before the first call, because that takes seconds."""

    @property
    @abstractmethod
    def measure(self) -> Measure: ...

    @property
    @abstractmethod
    def timeout_s(self) -> float:
        """Longest time for one answer, seconds."""

    @abstractmethod
    async def ask(self, messages: Sequence[Message], schema: dict[str, Any], limit: int, seed: int) -> Reply:
        """The model's answer, of at most ``limit`` tokens, as JSON of ``schema`` as far as it can be made to.

        Raises the errors of ``app.core.errors``.
        """

    async def loaded(self) -> None:
        """The vendor's client is loaded, without holding up the event loop."""
        if self.library:
            await asyncio.to_thread(import_module, self.library)

    async def answered(
        self,
        messages: list[Message],
        schema: dict[str, Any],
        limit: int,
        read: Callable[[str], Read[T]],
        *,
        what: str,
        seed: int = 0,
    ) -> T:
        """An answer that can be used, asked for a second time if the first cannot or has blemishes.

        ``limit`` is what it will take, tokens; ``what`` names it in errors. Raises EngineFailed with the fields that
        were wrong, and AnswerCut.
        """
        text = await self._whole(messages, schema, limit, seed)
        first = read(text)
        if first.value is not None and not first.blemishes:
            return first.value
        problems = [*first.wrong, *first.blemishes][:_MOST_PROBLEMS]
        try:
            second = read(await self._whole(self._again(messages, text, problems, limit), schema, limit, seed))
        except (AppError, AnswerCut):
            if first.value is None:
                raise
            return first.value
        usable = second.value if second.value is not None else first.value
        if usable is not None:
            return usable
        said = "; ".join(second.wrong[:_SAID_PROBLEMS])
        more = len(second.wrong) - _SAID_PROBLEMS
        said += f"; and {more} more" if more > 0 else ""
        raise EngineFailed(f"{self.name} gave no {what} that can be used, asked twice: {said}")

    def too_long(self) -> EngineFailed:
        """The error for an AnswerCut that nothing mends."""
        return EngineFailed(
            f"{self.name}: the answer does not fit into {self.measure.answer} tokens, "
            f"or the question not into {self.measure.window}; set larger limits"
        )

    def _again(self, messages: list[Message], text: str, problems: list[str], limit: int) -> list[Message]:
        """The conversation that asks for the same answer again.

        It goes on after the bad answer if the model's window holds that; else it begins anew with the same question,
        because a window that is too small drops the question first.
        """
        ask = script_prompt.repair(problems)
        talk = [*messages, {"role": "assistant", "content": text}, ask]
        if text.strip() and length_of(talk) + min(limit, self.measure.answer) <= self.measure.window:
            return talk
        last = {**messages[-1], "content": f"{messages[-1]['content']}\n\n(Asked before.) {ask['content']}"}
        return [*messages[:-1], last]

    async def _whole(self, messages: list[Message], schema: dict[str, Any], limit: int, seed: int) -> str:
        """An answer that was not cut, the second time with the largest limit. Raises AnswerCut."""
        most = max(_LEAST_ANSWER, min(self.measure.answer, self.measure.window - length_of(messages)))
        limit = min(limit, most)
        reply = await self._timed(messages, schema, limit, seed)
        if reply.cut and limit < most:
            reply = await self._timed(messages, schema, most, seed)
        if reply.cut:
            raise AnswerCut
        return reply.text

    async def _timed(self, messages: list[Message], schema: dict[str, Any], limit: int, seed: int) -> Reply:
        await self.loaded()
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self.ask(messages, schema, limit, seed)
        except TimeoutError as error:
            raise EngineTimeout(f"{self.name} did not answer in {self.timeout_s:g} s") from error


def length_of(messages: Sequence[Message]) -> int:
    """About how many tokens a conversation has."""
    return sum(tokens(message["content"]) + _MARKS for message in messages)


def web_address(url: str) -> str:
    """A setting's base URL without a slash at its end; empty stays empty. ValueError if it is none."""
    url = url.strip().rstrip("/")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("it must begin with http:// or https:// and name a host")
    return url
