"""The list of engines while engines hang, break and are slow to be made: nobody else waits, and nobody is left out."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.core.errors import EngineFault
from app.models.engine import DrawRequest, DrawResult
from app.services.engines import roster as roster_module
from app.services.engines.base import Context, ImageEngine
from app.services.engines.roster import roster
from app.services.engines.router import Router


class _Paper(ImageEngine):
    version = "1"

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        raise NotImplementedError


class Hanging(_Paper):
    name = "image/hanging"

    async def unreachable(self) -> list[str]:
        await asyncio.Event().wait()
        return []


class Breaking(_Paper):
    name = "image/breaking"

    async def unreachable(self) -> list[str]:
        raise EngineFault("the host talks nonsense")


class Unreadable(_Paper):
    name = "image/unreadable"

    def __init__(self) -> None:
        raise PermissionError("graph.json may not be read")


class Slow(_Paper):
    """Reads much when it is made, and is ready only if the loop went on meanwhile."""

    name = "image/slow"
    loop_went_on = threading.Event()

    def __init__(self) -> None:
        self.in_peace = self.loop_went_on.wait(5)

    def missing(self) -> list[str]:
        return [] if self.in_peace else ["the event loop stood still"]


class Ready(_Paper):
    name = "image/ready"


HERE = "test_router_roster"
REGISTRY = {
    "image": {name.lower(): f"{HERE}:{name}" for name in ("Hanging", "Breaking", "Slow", "Unreadable", "Ready")}
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_module, "ASKED_S", 0.3)


async def test_what_hangs_breaks_or_is_slow_to_be_made_is_told_and_holds_nobody_up() -> None:
    Slow.loop_went_on.clear()
    asked = asyncio.ensure_future(roster(lambda kind: ["ready"], registry=REGISTRY))
    await asyncio.sleep(0.05)
    Slow.loop_went_on.set()
    found = {one["provider"]: one for one in await asked}
    assert "did not say" in found["hanging"]["missing"][0]
    assert found["breaking"]["missing"] == ["the host talks nonsense"]
    assert found["slow"]["ready"] and found["ready"]["ready"]
    assert "PermissionError" in found["unreadable"]["missing"][0]
    assert [one["order"] for one in found.values()] == [None, None, None, None, 1]


async def test_an_order_that_nobody_wrote_down_is_found_without_stopping_the_loop() -> None:
    Slow.loop_went_on.clear()
    asked = asyncio.ensure_future(roster(lambda kind: [], registry=REGISTRY))
    await asyncio.sleep(0.05)
    Slow.loop_went_on.set()
    assert {one["provider"]: one for one in await asked}["slow"]["ready"]


async def test_an_engine_that_cannot_even_be_made_is_passed_over() -> None:
    async def use(engine: object) -> str:
        return "drawn"

    routed = await Router(lambda kind, task: ["unreadable", "ready"], REGISTRY).route("image", use)
    assert routed.engine.name == "image/ready"
    assert "PermissionError" in routed.notes[0]
