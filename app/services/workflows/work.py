"""One job while a worker carries it out: what its steps may ask for, and how it is stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from loguru import logger

from app.core.errors import Canceled, InternalError
from app.models.artifact import Artifact, Recipe
from app.models.engine import EngineKind
from app.models.job import Job
from app.models.story import Story
from app.services.engines.base import Engine
from app.services.engines.router import Needs, Routed
from app.services.workflows.context import House
from app.services.workflows.progress import Progress

T = TypeVar("T")
ENGINE_WEIGHT = 200.0
"""Share of a stage that waits for a model, where all that we do ourselves is about 100."""


class Work:
    """``job`` is as it was when this attempt began."""

    def __init__(self, house: House, job: Job, weights: Mapping[str, float]) -> None:
        self.house = house
        self.job = job
        self.progress = Progress(house.records, job, weights)
        self.canceled = False
        self._steps: set[asyncio.Task[Any]] = set()

    # -- being stopped ---------------------------------------------------------------------------------

    def enter(self, task: asyncio.Task[Any]) -> None:
        """A step begins. Raises Canceled when the job was canceled."""
        if self.canceled:
            raise Canceled("The job was canceled")
        self._steps.add(task)

    def leave(self, task: asyncio.Task[Any]) -> None:
        self._steps.discard(task)

    def cancel(self) -> None:
        """Stop every step now; those that come are refused."""
        self.canceled = True
        for task in self._steps:
            task.cancel()

    # -- asking the house ------------------------------------------------------------------------------

    async def story(self) -> Story:
        job = self.job
        return await asyncio.to_thread(self.house.stories.find, job.tenant, job.story_id, job.user_id)

    async def compute(
        self, task: str, request: dict[str, Any], folder: Path, *, urgent: bool = False
    ) -> dict[str, Any]:
        """Run a task of ours in a child process; an ``urgent`` one before the job's others."""
        return await self.house.runner.run(task, request, folder, job=self.job.job_id, urgent=urgent)

    async def make(self, recipe: Recipe, produce: Callable[[Path], Awaitable[dict[str, Any]]]) -> tuple[Artifact, bool]:
        """The artifact of ``recipe``, made only if there is none; and whether there was."""
        began = time.monotonic()
        artifact, reused = await self.house.artifacts.make(recipe, produce)
        if not reused:
            logger.info("made {} {} in {:.2f} s", recipe.kind, artifact.key[:16], time.monotonic() - began)
        return artifact, reused

    async def find(self, key: str) -> Artifact | None:
        return await asyncio.to_thread(self.house.artifacts.find, key)

    async def required(self, key: str) -> Artifact:
        """Raises InternalError: what an earlier step made is kept while its job lives."""
        artifact = await self.find(key)
        if artifact is None:
            raise InternalError(f"artifact {key[:12]} is gone")
        return artifact

    async def route(
        self, kind: EngineKind, use: Callable[[Engine], Awaitable[T]], needs: Needs, item: str = ""
    ) -> Routed[T]:
        """Let an engine of ``kind`` do it, by the order of the request, of the settings, or the usual one.

        Which engines failed before is told to the user, with the ``item`` (a shot) for which they did.
        """
        routed = await self.house.router.route(kind, use, asked=self.job.request.get("engines") or {}, needs=needs)
        for text in routed.notes:
            await self.note(f"{item}: {text}" if item else text)
        return routed

    def weigh_engines(self, stages: Mapping[str, EngineKind]) -> None:
        """Give stages whose engines are models at work their true share of the time: nearly all of it."""
        for stage, kind in stages.items():
            order = self.house.router.order(kind, self.job.request.get("engines") or {})
            if order and order[0] != "builtin":
                self.progress.weigh(stage, ENGINE_WEIGHT)

    async def note(self, text: str) -> None:
        await asyncio.to_thread(self.house.records.note, self.job.tenant, self.job.job_id, text)

    async def publish(self, name: str, source: Path) -> str:
        """Give a file a URL under the job's story; returns its object key."""
        job = self.job
        key = f"{job.tenant}/story/{job.user_id}/{job.story_id}/{name}"
        await asyncio.get_running_loop().run_in_executor(self.house.uploads, self.house.objects.put, key, source)
        return key
