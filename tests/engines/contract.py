"""What every engine must do, as data: one Case per engine, walked by ``test_every_engine.py``.

A room adds its engines in a module ``cases_<room>.py`` of this folder with a list ``CASES``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fakes.base import Fake

from app.models.engine import Plain
from app.services.workflows.runner import StepRunner


@dataclass(frozen=True)
class Case:
    """How one engine is tried against its fake provider."""

    name: str
    """``kind/provider``."""
    fake: Callable[[], Fake]
    settings: Callable[[str], dict[str, str]]
    """Base URL of the fake to environment variables, short time-outs and poll intervals among them."""
    request: Callable[[Path], Plain]
    """A folder for input files to a request that the fake answers quickly."""
    needed: tuple[str, ...] = ()
    """Settings that ``missing()`` names when they are not there; empty: none is needed."""
    first: str = "POST .*"
    """The first call of its work, as ``Fake.fail`` names it: faults are tried on this one."""
    faults: tuple[str, ...] = ("refused", "hang", "drop", "401", "429", "500", "truncated", "garbage")
    """Which of the general faults its protocol can show."""
    stopped: str = ""
    """The call that stops its task when the user cancels; empty: its provider cannot stop one."""
    slow: Callable[[Fake], None] | None = None
    """Makes the fake's task never end, so that a cancel finds it under way; None: ``first`` hangs."""
    check: Callable[[Any], None] = field(default=lambda result: None)


class Bench:
    """A Context for one engine's work (``app.services.engines.base.Context``) with a real step runner."""

    def __init__(self, folder: Path, runner: StepRunner) -> None:
        self._folder, self._runner = folder, runner
        self.task: dict[str, Any] | None = None
        self.forgotten = 0
        self.said: list[tuple[float, str]] = []
        self.waits: list[bool] = []
        self.canceled = False

    @property
    def folder(self) -> Path:
        return self._folder

    async def compute(self, task: str, request: dict[str, Any]) -> dict[str, Any]:
        return await self._runner.run(task, request, self._folder)

    def progress(self, fraction: float, message: str = "") -> None:
        self.said.append((fraction, message))

    def waiting(self, waits: bool) -> None:
        self.waits.append(waits)

    async def remembered(self) -> dict[str, Any] | None:
        return self.task

    async def remember(self, task: dict[str, Any]) -> None:
        self.task = dict(task)

    async def forget(self) -> None:
        self.task = None
        self.forgotten += 1


METHODS = {
    "script": "write",
    "image": "draw",
    "video": "animate",
    "speech": "speak",
    "music": "compose",
    "avatar": "present",
    "upscale": "upscale",
    "interpolate": "interpolate",
}


async def made(engine: Any, request: Plain, bench: Bench) -> Any:
    """The engine's one method."""
    return await getattr(engine, METHODS[engine.kind])(request, bench)


async def within(seconds: float, work: Any) -> Any:
    return await asyncio.wait_for(work, seconds)


def a_picture(path: Path, width: int = 320, height: int = 180) -> Path:
    """A smooth picture with something in it, as PNG."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], -1).astype(np.uint8)
    cv2.circle(picture, (width // 2, height // 2), height // 4, (40, 60, 220), -1)
    cv2.imwrite(str(path), picture)
    return path
