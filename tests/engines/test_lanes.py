from __future__ import annotations

import asyncio

import pytest

from app.services.engines.lanes import BATCH, Lanes


class Watched:
    """Calls through lanes; ``order`` is the order in which they began."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.order: list[str] = []
        self.at_once = self.most = 0
        self.gate = asyncio.Event()

    async def call(self, name: str, job: str = "", engine: str = "e", **asked: int) -> None:
        async with self.lanes.places(asked or {"host": 1}, job, engine):
            self.order.append(name)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            await self.gate.wait()
            await asyncio.sleep(0)
            self.at_once -= 1


@pytest.fixture
def watched() -> Watched:
    return Watched()


async def begun(*calls: object) -> list[asyncio.Task[None]]:
    tasks = [asyncio.ensure_future(one) for one in calls]  # type: ignore[call-overload]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_no_more_calls_at_a_time_than_places(watched: Watched) -> None:
    tasks = await begun(*[watched.call(str(n), host=2) for n in range(6)])
    assert watched.order == ["0", "1"]
    watched.gate.set()
    await asyncio.gather(*tasks)
    assert watched.most == 2 and len(watched.order) == 6


async def test_turns_go_round_between_jobs(watched: Watched) -> None:
    tasks = await begun(*[watched.call(f"long{n}", "long") for n in range(4)], watched.call("short", "short"))
    watched.gate.set()
    await asyncio.gather(*tasks)
    assert watched.order.index("short") == 1


async def test_a_few_calls_of_one_engine_come_in_a_row_but_nobody_starves(watched: Watched) -> None:
    calls = [watched.call(f"a{n}", "one", "image") for n in range(8)]
    tasks = await begun(*calls, *[watched.call(f"b{n}", "two", "video") for n in range(2)])
    watched.gate.set()
    await asyncio.gather(*tasks)
    names = "".join(name[0] for name in watched.order)
    assert names.startswith("a" * BATCH + "b")


async def test_a_canceled_call_gives_its_turn_to_the_next(watched: Watched) -> None:
    tasks = await begun(*[watched.call(str(n)) for n in range(3)])
    tasks[1].cancel()
    tasks[0].cancel()
    await asyncio.gather(*tasks[:2], return_exceptions=True)
    watched.gate.set()
    await asyncio.gather(*tasks[2:])
    assert watched.order == ["0", "2"]


async def test_calls_with_several_lanes_never_wait_for_each_other(watched: Watched) -> None:
    watched.gate.set()
    calls = [watched.call(f"{n}", str(n), a=1, b=1) for n in range(4)]
    calls += [watched.call(f"x{n}", str(n), b=1, a=1) for n in range(4)]
    await asyncio.wait_for(asyncio.gather(*calls), 5)
    assert watched.most == 1
