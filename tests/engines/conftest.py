from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from contract import Bench

from app.services.engines.registry import ENGINES
from app.services.workflows.runner import StepRunner


@pytest.fixture
async def runner() -> AsyncIterator[StepRunner]:
    runner = StepRunner(2)
    yield runner
    await runner.close()


@pytest.fixture
def bench(tmp_path: Path, runner: StepRunner) -> Bench:
    folder = tmp_path / "attempt"
    folder.mkdir()
    return Bench(folder, runner)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the developer has set up for himself must not decide how a test ends."""
    marks = {provider.upper() for kind in ENGINES.values() for provider in kind} | {"ENGINE_", "_API_KEY"}
    for name in list(os.environ):
        if any(mark in name.upper() for mark in marks):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
