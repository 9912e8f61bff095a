"""How far a job is: counted in items, never guessed, and written beside the work and not in its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress

from loguru import logger

from app.core.errors import AppError
from app.models.job import Job, Stage
from app.services.workflows.records import JobRecords

WRITE_EVERY_S = 0.25
_DOING = {
    "write": "Writing the storyboard",
    "change": "Changing the shot",
    "speak": "Speaking narrations",
    "draw": "Drawing key frames",
    "animate": "Making shots move",
    "enhance": "Enhancing clips",
    "mix": "Mixing sound",
    "cut": "Encoding segments",
    "join": "Joining segments",
    "publish": "Publishing",
}
"""What the user reads while a stage is under way."""


class Progress:
    """``weights`` are the stages in their order with their usual share of the work."""

    def __init__(self, records: JobRecords, job: Job, weights: Mapping[str, float]) -> None:
        self._records = records
        self._job = job
        self._weights = weights
        self._stages = {stage.name: stage for stage in job.stages}
        self._spent = {stage.name: stage.seconds for stage in job.stages}
        self._began: dict[str, float] = {}
        self._parts: dict[tuple[str, str], float] = {}
        self._percent = 0.0
        self._message = ""
        self._writer: asyncio.Task[None] | None = None
        self._dirty = False
        self._closing = asyncio.Event()

    # -- what the work says ----------------------------------------------------------------------------

    def expect(self, name: str, total: int) -> None:
        """A stage begins and has ``total`` items; with 0 the job does not need it, and it counts for nothing."""
        stage = self._stages[name]
        stage.total, stage.status = total, "running" if total else "done"
        self._began[name] = time.monotonic()
        self._touch()

    def weigh(self, name: str, weight: float) -> None:
        """The stage takes another share of the work than usual."""
        self._weights = {**self._weights, name: weight}

    def part(self, name: str, item: str, fraction: float, message: str = "") -> None:
        """How far one item is, 0 to 1."""
        self._parts[name, item] = min(max(fraction, 0.0), 1.0)
        self._message = message or self._message
        self._touch()

    def done(self, name: str, item: str, *, reused: bool) -> None:
        """One item of a stage is there."""
        stage = self._stages[name]
        self._parts.pop((name, item), None)
        stage.done += 1
        stage.reused += reused
        if stage.done >= stage.total:
            stage.status = "done"
        self._message = f"{_DOING[name]}: {stage.done} of {stage.total} done."
        self._touch()

    # -- what is stored --------------------------------------------------------------------------------

    @property
    def percent(self) -> float:
        """0 to 100, never falling."""
        needed = {name: weight for name, weight in self._weights.items() if not self._skipped(name)}
        sums = sum(weight * self._fraction(name) for name, weight in needed.items())
        self._percent = max(self._percent, min(99.9, round(100 * sums / (sum(needed.values()) or 1), 1)))
        return self._percent

    def stages(self) -> list[Stage]:
        return [stage.model_copy() for stage in self._stages.values()]

    def _skipped(self, name: str) -> bool:
        stage = self._stages[name]
        return stage.status == "done" and stage.total == 0

    def _fraction(self, name: str) -> float:
        stage = self._stages[name]
        if stage.status == "done":
            return 1.0
        parts = sum(part for (of, _), part in self._parts.items() if of == name)
        return min(1.0, (stage.done + parts) / stage.total) if stage.total else 0.0

    def _touch(self) -> None:
        for name, began in list(self._began.items()):
            stage = self._stages[name]
            stage.seconds = round(self._spent.get(name, 0.0) + time.monotonic() - began, 3)
            if stage.status == "done":
                del self._began[name]
        self._dirty = True
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._dirty:
            self._dirty = False
            values = (self.percent, self._message, self.stages())
            try:
                await asyncio.to_thread(self._records.report, self._job.tenant, self._job.job_id, *values)
            except AppError as error:  # a full disk, a damaged document: the work itself meets it where it matters
                logger.warning("progress could not be stored: {}", error.detail)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), WRITE_EVERY_S)

    async def close(self) -> None:
        """Wait for the write under way; nothing is written afterwards."""
        self._dirty = False
        self._closing.set()
        if self._writer is not None:
            await asyncio.wait({self._writer})
