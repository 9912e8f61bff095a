"""A house of one's own per test."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from place import PATIENCE_S, Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place with a worker that runs for a whole module."""
    place = Place(tmp_path_factory.mktemp("workshop"))
    place.worker()
    until = time.monotonic() + PATIENCE_S
    while not place.jobs._liveness.anybody():
        assert time.monotonic() < until, place.log_tail()
        time.sleep(0.05)
    yield place
    place.close()
