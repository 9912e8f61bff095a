"""CosyVoice over DashScope's websocket: text in, sound and the times of its words out.

Protocol: help.aliyun.com/zh/model-studio, CosyVoice client and server events, and ``tts_v2`` of the package
``dashscope`` 2.0.2: run-task, task-started, continue-task for each piece of text, finish-task, then result-generated
events among binary frames of sound until task-finished, or task-failed. The package is not used for it: it takes the
key from a global alone, and waits in threads that nothing can stop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp

from app.core.errors import AppError, EngineFault, EngineTimeout
from app.models.engine import WordTime
from app.services.engines.dashscope_api import DashScope

_CLOSING_S = 0.5
"""How long the service may take to answer a goodbye: a cancel must not wait for it."""
_LARGEST_FRAME = 16_000_000
_ENDS = ("begin_time", "end_time")
_EARLY_S = 0.15
_FEWEST_FOUND = 0.8
"""Of the words told, that must be found in the text for their times to be used."""


class Voiced(NamedTuple):
    sentences: dict[int, list[dict[str, Any]]]
    """Words as the service told them, by sentence."""
    starts: dict[int, int]
    """Where each sentence's sound begins in the file, bytes."""
    characters: int
    """That are charged."""


async def voiced(
    service: DashScope, url: str, model: str, parameters: dict[str, Any], pieces: Sequence[str], target: Path
) -> Voiced:
    """Speak the pieces as one recording, written to ``target`` as the service sends it.

    Raises EngineTimeout when nothing comes for ``timeout_s``. A cancel closes the connection.
    """
    limit_s = service.settings.timeout_s
    try:
        async with (
            service.http.session(url, limit_s) as session,
            session.ws_connect(
                url, timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING_S), max_msg_size=_LARGEST_FRAME
            ) as socket,
        ):
            return await _Task(service, socket, model, parameters).run(pieces, target)
    except aiohttp.WSServerHandshakeError as error:
        if error.status >= 400:
            raise service.http.refused(error.status, error.headers or {}, b"") from error
        raise EngineFault(f"{service.who} answered {error.status} and opened no websocket") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise service.http.broken(error, url) from error


class _Task:
    """One synthesis on one connection."""

    def __init__(
        self, service: DashScope, socket: aiohttp.ClientWebSocketResponse, model: str, parameters: dict[str, Any]
    ) -> None:
        self._service, self._socket = service, socket
        self._task_id = uuid4().hex
        self._what = {"task_group": "audio", "task": "tts", "function": "SpeechSynthesizer", "model": model}
        self._parameters = parameters
        self._told = Voiced({}, {}, 0)

    async def run(self, pieces: Sequence[str], target: Path) -> Voiced:
        await self._send("run-task", {**self._what, "parameters": self._parameters, "input": {}})
        with target.open("wb") as file:
            if not await self._until("task-started", file):
                raise EngineFault(f"{self._service.who} ended the task before it began")
            for piece in pieces:
                await self._send("continue-task", {**self._what, "input": {"text": piece}})
            await self._send("finish-task", {"input": {}})
            await self._until("task-finished", file)
            if not file.tell():
                raise EngineFault(f"{self._service.who} sent no sound")
        return self._told

    async def _send(self, action: str, payload: dict[str, Any]) -> None:
        header = {"action": action, "task_id": self._task_id, "streaming": "duplex"}
        await self._socket.send_str(json.dumps({"header": header, "payload": payload}, ensure_ascii=False))

    async def _until(self, wanted: str, file: Any) -> bool:
        """Keep what comes until the event. False: the task was finished instead."""
        while True:
            try:
                message = await asyncio.wait_for(self._socket.receive(), self._service.settings.timeout_s)
            except TimeoutError as error:
                said = f"{self._service.who} sent nothing for {self._service.settings.timeout_s:g} s"
                raise EngineTimeout(said) from error
            if message.type is aiohttp.WSMsgType.BINARY:
                await asyncio.to_thread(file.write, message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                event = self._event(message.data, file.tell())
                if event in (wanted, "task-finished"):
                    return event == wanted
            else:
                raise EngineFault(f"{self._service.who} closed the connection before the end")

    def _event(self, text: str, written: int) -> str:
        """Note what an event tells, ``written`` bytes of sound before it; raises what task-failed means."""
        told = self._service.http.parsed(text.encode())
        header = _held(told, "header")
        if not header:
            raise EngineFault(f"{self._service.who} sent an event without a header")
        event = str(header.get("event"))
        if event == "task-failed":
            raise self._failed(header)
        payload = _held(told, "payload")
        characters = _held(payload, "usage").get("characters")
        if isinstance(characters, int):
            self._told = self._told._replace(characters=characters)
        sentence = _held(_held(payload, "output"), "sentence")
        words = [word for word in sentence.get("words") or [] if isinstance(word, dict)]
        number = sentence.get("index")
        number = number if isinstance(number, int) else 0
        if sentence:
            self._told.starts.setdefault(number, written)
        # The words of a sentence come in part while it is spoken, and whole at its end.
        if words and len(words) >= len(self._told.sentences.get(number, [])):
            self._told.sentences[number] = words
        return event

    def _failed(self, header: dict[str, Any]) -> AppError:
        return self._service.failure(header.get("error_code"), header.get("error_message"))


def _held(value: Any, name: str) -> dict[str, Any]:
    """An object inside an object; an empty one where there is none."""
    held = value.get(name) if isinstance(value, dict) else None
    return held if isinstance(held, dict) else {}


def word_times(text: str, told: Voiced, rate_hz: int, duration_s: float) -> tuple[WordTime, ...]:
    """The service's words found in the text, in order; empty if they do not fit it or their times do not run on.

    Words are looked for and not taken by the index told, which counts from the beginning of their sentence.
    """
    places: list[tuple[int, float, float]] = []
    spoken, at, lowered = 0, 0, text.lower()
    for word, shift_s in _timed(told, rate_hz):
        said = str(word.get("text") or "").strip().lower()
        if not any(one.isalnum() for one in said):
            continue  # punctuation belongs to the word before it
        spoken += 1
        found = lowered.find(said, at)
        if found < 0:
            continue
        places.append((found, word["begin_time"] / 1000 + shift_s, word["end_time"] / 1000 + shift_s))
        at = found + len(said)
    if not places or len(places) < _FEWEST_FOUND * spoken or places[-1][1] > duration_s:
        return ()
    if any(later[1] < earlier[1] for earlier, later in pairwise(places)):
        return ()
    ends = [*(place for place, _, _ in places[1:]), len(text)]
    return tuple(
        WordTime(offset=place, length=end - place, start_s=start_s, end_s=min(max(end_s, start_s), duration_s))
        for (place, start_s, end_s), end in zip(places, ends, strict=True)
    )


def _timed(told: Voiced, rate_hz: int) -> Iterator[tuple[dict[str, Any], float]]:
    """Each word with the seconds to add: its sentence's place, where times begin anew with every sentence."""
    for number, words in sorted(told.sentences.items()):
        timed = [word for word in words if all(isinstance(word.get(end), int | float) for end in _ENDS)]
        start_s = told.starts.get(number, 0) / 2 / rate_hz
        # No word sounds before its sentence, if its time counts from the recording's beginning.
        anew = bool(timed) and timed[0]["begin_time"] / 1000 < start_s - _EARLY_S
        for word in timed:
            yield word, start_s if anew else 0.0
