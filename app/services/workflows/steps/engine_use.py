"""Asking an engine for an artifact: found if it was made before, else made under the router's limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from loguru import logger
from pydantic import BaseModel

from app.core.errors import AppError, CorruptDocument, EngineFailed, InternalError
from app.models.artifact import Artifact, Recipe
from app.models.engine import EngineKind
from app.services.engines.base import Engine
from app.services.engines.router import Needs
from app.services.workflows.runner import empty
from app.services.workflows.work import Work

Json = dict[str, Any]


class Made(NamedTuple):
    artifact: Artifact
    reused: bool
    engine: str
    """``kind/provider``."""
    failed: tuple[str, ...] = ()
    """Which engines were passed over or failed before it, and why."""


class _Turns:
    """How long an attempt has only waited for its turn among the tasks on this machine."""

    def __init__(self) -> None:
        self._waited = 0.0
        self._since: float | None = None

    def waits(self) -> None:
        if self._since is None:
            self._since = time.monotonic()

    def runs(self) -> None:
        self._waited, self._since = self.seconds(), None

    def seconds(self) -> float:
        return self._waited + (time.monotonic() - self._since if self._since is not None else 0.0)


class EngineContext:
    """What an engine gets (:class:`app.services.engines.base.Context`)."""

    def __init__(self, work: Work, key: str, folder: Path, turns: _Turns, tell: Callable[[float, str], None]) -> None:
        """``key`` of the artifact that is being made: what is remembered belongs to it, whichever job asks."""
        self._work = work
        self._key = key
        self._folder = folder
        self._turns = turns
        self._tell = tell

    @property
    def folder(self) -> Path:
        return self._folder

    async def compute(self, task: str, request: dict[str, Any]) -> dict[str, Any]:
        self._turns.waits()
        try:
            return await self._work.house.runner.run(
                task, request, self._folder, job=self._work.job.job_id, started=self._turns.runs
            )
        finally:
            self._turns.runs()

    def progress(self, fraction: float, message: str = "") -> None:
        self._tell(fraction, message)

    def waiting(self, waits: bool) -> None:
        self._turns.waits() if waits else self._turns.runs()

    @property
    def canceled(self) -> bool:
        """Not while another job waits for the same: it takes the provider's task over."""
        return self._work.canceled and all(one.canceled for one in self._work.house.wanted.get(self._key, ()))

    async def remembered(self) -> Json | None:
        try:
            return await asyncio.to_thread(self._work.house.documents.read, _task_key(self._key))
        except CorruptDocument as error:
            logger.warning("a provider's task is forgotten: {}", error.detail)
            return None

    async def remember(self, task: Json) -> None:
        await asyncio.to_thread(self._work.house.documents.put, _task_key(self._key), task)

    async def forget(self) -> None:
        await asyncio.to_thread(self._work.house.documents.delete, _task_key(self._key))


Prepare = Callable[[Any], Awaitable[tuple[Recipe, Any]]]
"""An engine to what it is to make, and the request that says so: engines want to be asked differently."""
Ask = Callable[[Any, Any, EngineContext], Awaitable[Json]]
"""Engine, prepared request and context to the artifact's facts."""


def _task_key(artifact: str) -> str:
    """Key of the document that remembers the provider's task of an artifact in the making."""
    return f"tasks/{artifact}"


async def ask_engine(
    work: Work,
    kind: EngineKind,
    prepare: Prepare,
    ask: Ask,
    *,
    needs: Needs,
    stage: str,
    item: str,
) -> Made:
    """What ``prepare`` describes, by the first engine that has it or makes it.

    ``ask`` calls the engine's one method and returns the facts; ``stage`` and ``item`` are for the progress and notes.
    """

    async def use(engine: Engine) -> Made:
        recipe, request = await prepare(engine)

        async def produce(folder: Path) -> dict[str, Any]:
            async def attempt() -> dict[str, Any]:
                empty(folder)
                context = EngineContext(
                    work, recipe.key, folder, turns, lambda part, said: work.progress.part(stage, item, part, said)
                )
                return await _foreseen(engine, ask(engine, request, context))

            turns = _Turns()
            return await work.house.router.call(engine, attempt, turns.seconds, work.job.job_id)

        with _wanted(work, recipe.key):
            artifact, reused = await work.make(recipe, produce)
        if not reused:
            await asyncio.to_thread(work.house.documents.delete, _task_key(recipe.key))
        return Made(artifact, reused, engine.name)

    routed = await work.route(kind, use, needs, item)
    return routed.value._replace(failed=routed.notes)


@contextmanager
def _wanted(work: Work, key: str) -> Iterator[None]:
    """Let those that make ``key`` for a job know that this one wants it, too."""
    wanting = work.house.wanted.setdefault(key, [])
    wanting.append(work)
    try:
        yield
    finally:
        wanting.remove(work)
        if not wanting:
            del work.house.wanted[key]


async def _foreseen(engine: Engine, asked: Awaitable[Json]) -> Json:
    """What ``asked`` gives. What goes wrong as nobody foresaw is the failure of an engine that is not ours.

    A provider that answers in a new way, or a file that our decoder chokes on, must not end a film that the next
    engine can make.
    """
    try:
        return await asked
    except InternalError as error:
        if engine.place == "builtin":
            raise
        raise EngineFailed(f"{engine.name}: {error.detail}") from error
    except AppError:
        raise
    except Exception as error:  # the engine's border
        if engine.place == "builtin":
            raise
        logger.exception("{} failed in a way that nobody foresaw", engine.name)
        raise EngineFailed(f"{engine.name} failed in a way that nobody foresaw: {type(error).__name__}") from error


def plainly(kind: str, request: BaseModel, without: Set[str] = frozenset(), **inputs: str) -> Prepare:
    """For a request that is the same for every engine."""

    async def prepare(engine: Engine) -> tuple[Recipe, BaseModel]:
        return engine_recipe(engine, kind, request, without, **inputs), request

    return prepare


_LATER: Json = {"task_type": "scene", "prompt_en": "", "references": [], "audio": None}
"""Fields that requests got later, with the value that changes nothing."""


def engine_recipe(
    engine: Engine, kind: str, request: BaseModel, without: Set[str] = frozenset(), **inputs: str
) -> Recipe:
    """A recipe from a whole request; ``without`` names its paths, which stand in ``inputs`` by artifact key."""
    params = request.model_dump(mode="json", exclude=set(without))
    # Only where they say something: what was made before they existed is still the same.
    params = {name: value for name, value in params.items() if name not in _LATER or value != _LATER[name]}
    if basis := engine.basis():
        params["engine"] = basis
    return Recipe(kind=kind, engine=engine.name, version=engine.version, params=params, inputs=inputs)


def file_name(path: Path | None, folder: Path) -> str:
    """The name of a result file inside the attempt's folder; empty for None."""
    return "" if path is None else path.relative_to(folder).as_posix()
