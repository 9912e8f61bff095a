"""What every workflow and step needs, composed once when the worker starts (services/wiring.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.core.config import Settings
from app.core.errors import InternalError
from app.models.artifact import Artifact, Recipe
from app.models.story import Shot, Story
from app.services.engines.router import Router
from app.services.workflows.records import JobRecords
from app.services.workflows.runner import StepRunner
from app.storage.documents import Documents

if TYPE_CHECKING:
    from app.services.workflows.work import Work


UPLOADS = 8
"""Files at a time on their way to the object store."""


class Shelf(Protocol):
    """Artifacts by key (storage/artifacts.py)."""

    def find(self, key: str) -> Artifact | None: ...

    async def make(
        self, recipe: Recipe, produce: Callable[[Path], Awaitable[dict[str, Any]]]
    ) -> tuple[Artifact, bool]: ...


class Published(Protocol):
    """Objects that have a URL (storage/objects.py)."""

    def put(self, key: str, source: Path) -> None: ...


class Tales(Protocol):
    """Stories and their shots (services/stories.py)."""

    def find(self, tenant: str, story_id: str, user_id: str = "") -> Story: ...

    def put_storyboard(self, tenant: str, story: Story) -> Story: ...

    def patch_shot(self, tenant: str, story_id: str, user_id: str, shot_id: str, fields: dict[str, Any]) -> Shot: ...

    def change(self, tenant: str, story_id: str, user_id: str, fn: Callable[[Story], Story | None]) -> Story: ...


@dataclass
class House:
    """One worker's rooms and the jobs that it carries out now."""

    settings: Settings
    documents: Documents
    artifacts: Shelf
    objects: Published
    stories: Tales
    records: JobRecords
    router: Router
    runner: StepRunner
    executor: str
    """Id of this worker process in the job runtime."""
    active: dict[str, Work] = field(default_factory=dict)
    """By job id."""
    wanted: dict[str, list[Work]] = field(default_factory=dict)
    """By artifact key, the jobs of this process that ask an engine for it or wait until it is there."""
    uploads: Executor = field(default_factory=lambda: ThreadPoolExecutor(UPLOADS, thread_name_prefix="upload"))
    """Threads of their own: a store that hangs must not keep the documents waiting."""
    present: set[str] = field(default_factory=set)
    """Jobs whose workflow this process runs, from its first to its last line; wider than ``active``."""


_house: House | None = None


def use(house: House) -> None:
    """Called once by the worker, before it takes jobs."""
    global _house  # workflows are plain functions that the job runtime calls: they have no other way to us
    _house = house


def house() -> House:
    """Raises InternalError outside a worker."""
    if _house is None:
        raise InternalError("no worker runs in this process")
    return _house
