"""The router and its lanes when calls are canceled, fail, hang and wait for each other at the worst moments."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout, EngineUnavailable
from app.models.engine import DrawRequest, DrawResult
from app.services.engines import router as router_module
from app.services.engines.base import Context, ImageEngine
from app.services.engines.http import Http
from app.services.engines.lanes import Lane, Lanes
from app.services.engines.router import OPEN_AFTER, Router


class _Narrow(ImageEngine):
    """One call at a time on a host that it shares."""

    version, place = "1", "cloud"

    def lanes(self) -> dict[str, int]:
        return {"host": 1}

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        raise NotImplementedError


class Kiln(_Narrow):
    name = "image/kiln"


class Press(_Narrow):
    name = "image/press"


class Wide(_Narrow):
    name = "image/wide"

    def lanes(self) -> dict[str, int]:
        return {}


class Moody(ImageEngine):
    """Says something else about its lanes whenever it is asked."""

    name, version, place = "image/moody", "1", "cloud"
    asked = 0

    def lanes(self) -> dict[str, int]:
        self.asked += 1
        return {"host": self.asked}

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        raise NotImplementedError


HERE = "test_router_chaos"
REGISTRY = {
    "image": {"kiln": f"{HERE}:Kiln", "press": f"{HERE}:Press", "wide": f"{HERE}:Wide", "moody": f"{HERE}:Moody"}
}
Attempt = Callable[[], Awaitable[str]]


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Router:
    monkeypatch.setattr(router_module, "PAUSE_S", 0.001)
    return Router(lambda kind, task: ["kiln"], REGISTRY)


def call(router: Router, attempt: Attempt, provider: str = "kiln", job: str = "") -> asyncio.Task[str]:
    engine = router._seat("image", provider).engine
    return asyncio.ensure_future(router.call(engine, attempt, lambda: 0.0, job))


def raising(error: AppError) -> Attempt:
    async def attempt() -> str:
        raise error

    return attempt


async def fine() -> str:
    return "done"


async def forever() -> str:
    await asyncio.Event().wait()
    return "never"


async def settled(*tasks: asyncio.Task[str]) -> None:
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)


async def turns(count: int = 6) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def free(router: Router) -> bool:
    """Whether the lane still lets somebody through."""
    return await asyncio.wait_for(call(router, fine), 2) == "done"


# -- lanes ---------------------------------------------------------------------------------------------------


async def test_a_lane_left_while_its_next_call_is_being_canceled_goes_on() -> None:
    lanes, gate = Lanes(), asyncio.Event()

    async def pass_through() -> str:
        async with lanes.places({"host": 1}, "job", "e"):
            await gate.wait()
        return "done"

    first, second, third = [asyncio.ensure_future(pass_through()) for _ in range(3)]
    await turns()
    # Both end in the same turn of the loop, the one that holds the lane first.
    first.cancel()
    second.cancel()
    await turns()
    gate.set()
    await settled(first, second, third)
    assert first.cancelled() and second.cancelled()
    assert third.result() == "done"


async def test_a_whole_job_canceled_while_it_holds_a_lane_waits_for_it_and_rests_leaves_it_free(
    router: Router,
) -> None:
    resting = call(router, raising(EngineFault("busy", retry_after_s=60)), job="one")
    await turns(20)
    waiting = [call(router, forever, job="one") for _ in range(5)]
    other = call(router, fine, job="two")
    await turns()
    for task in (resting, *waiting):
        task.cancel()
    await settled(resting, *waiting, other)
    assert other.result() == "done"
    assert await free(router)


@pytest.mark.parametrize("seed", range(20))
async def test_no_place_is_ever_lost(seed: int) -> None:
    """Calls that end, fail and are canceled in any order: afterwards the lane is as wide as before."""
    from random import Random

    dice, lane, most, inside = Random(seed), Lane(2), 0, 0

    async def one(number: int) -> None:
        nonlocal most, inside
        async with lane.place(f"job{number % 3}", f"e{number % 2}"):
            inside += 1
            most = max(most, inside)
            try:
                for _ in range(dice.randrange(4)):
                    await asyncio.sleep(0)
                if dice.random() < 0.3:
                    raise EngineFault("broke")
            finally:
                inside -= 1

    tasks = [asyncio.ensure_future(one(number)) for number in range(40)]
    for _ in range(60):
        dice.choice(tasks).cancel()
        if dice.random() < 0.5:
            await asyncio.sleep(0)
    ends = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert {type(end) for end in ends} <= {type(None), EngineFault, asyncio.CancelledError}
    assert most <= 2 and lane._taken == 0 and not lane._waiting


async def test_an_engine_that_changes_its_mind_about_its_lanes_is_held_to_its_first_word(router: Router) -> None:
    first = call(router, forever, "moody")
    await turns()
    second = call(router, fine, "moody")
    await turns()
    assert not second.done()
    first.cancel()
    await settled(first, second)
    assert second.result() == "done"


async def test_a_call_that_asks_for_another_between_its_own_does_not_wait_for_itself(router: Router) -> None:
    """A scene's portrait and its translation are made before the scene takes its place in the lane."""

    async def scene() -> str:
        portrait = await call(router, fine, "kiln", "job")
        words = await call(router, fine, "press", "job")
        return f"{portrait} {words} {await call(router, fine, 'kiln', 'job')}"

    scenes = [asyncio.ensure_future(scene()) for _ in range(8)]
    await settled(*scenes)
    assert {one.result() for one in scenes} == {"done done done"}


# -- time ----------------------------------------------------------------------------------------------------


async def test_a_long_wait_for_a_lane_is_not_timed(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router_module, "TIMEOUT_S", {"image": 0.2})

    async def brief() -> str:
        await asyncio.sleep(0.1)
        return "done"

    calls = [call(router, brief) for _ in range(6)]
    await settled(*calls)
    assert [one.result() for one in calls] == ["done"] * 6


async def test_a_hang_gives_its_place_back(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router_module, "TIMEOUT_S", {"image": 0.05})
    with pytest.raises(EngineTimeout):
        await call(router, forever)
    assert await free(router)


@pytest.mark.parametrize("where", ["lane", "pause", "work"])
async def test_a_cancel_is_heard_wherever_the_call_is(router: Router, where: str) -> None:
    holder = call(router, forever) if where == "lane" else None
    await turns()
    attempt = forever if where == "work" else raising(EngineFault("busy", retry_after_s=60))
    canceled = call(router, attempt)
    await turns(20)
    canceled.cancel()
    done, _ = await asyncio.wait({canceled}, timeout=1)
    assert done
    if holder is not None:
        holder.cancel()
        await settled(holder)
    assert await free(router)


# -- circuits ------------------------------------------------------------------------------------------------


async def test_refused_prompts_do_not_rest_a_healthy_engine(router: Router) -> None:
    for _ in range(3 * OPEN_AFTER):
        with pytest.raises(EngineFailed):
            await call(router, raising(EngineFailed("the content did not pass moderation")))
    assert await free(router)


async def test_a_key_that_is_refused_rests_its_engine(router: Router) -> None:
    wrong = Http("image/kiln").refused(401, {}, b'{"message": "no such key"}')
    assert isinstance(wrong, EngineFailed) and not wrong.retryable
    for _ in range(OPEN_AFTER):
        with pytest.raises(EngineFailed):
            await call(router, raising(wrong))
    with pytest.raises(EngineUnavailable, match="rests"):
        await call(router, fine)


async def test_what_hits_all_calls_at_once_leaves_each_a_second_try(router: Router) -> None:
    """A network that is gone for a moment must not turn half a film over to the next engine."""

    def dropped_once() -> Attempt:
        left = [EngineFault("dropped")]

        async def attempt() -> str:
            await asyncio.sleep(0.01)
            if left:
                raise left.pop()
            return "done"

        return attempt

    calls = [call(router, dropped_once(), "wide") for _ in range(8)]
    await settled(*calls)
    assert [one.result() for one in calls if one.exception() is None] == ["done"] * 8


async def test_an_engine_that_rests_says_why(router: Router) -> None:
    for _ in range(2):
        with pytest.raises(EngineFault):
            await call(router, raising(EngineFault("the host broke off")))
    with pytest.raises(EngineUnavailable, match="rests after repeated failure: the host broke off"):
        await call(router, fine)


async def test_a_trial_that_is_canceled_leaves_the_next_call_a_trial(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        with pytest.raises(EngineFault):
            await call(router, raising(EngineFault("down")))
    clock = router_module.time.monotonic
    monkeypatch.setattr(router_module.time, "monotonic", lambda: clock() + 60)
    trial = call(router, forever)
    await turns()
    trial.cancel()
    await settled(trial)
    assert await free(router)


async def test_a_trial_whose_prompt_is_refused_leaves_the_next_call_a_trial(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        with pytest.raises(EngineFault):
            await call(router, raising(EngineFault("down")))
    clock = router_module.time.monotonic
    monkeypatch.setattr(router_module.time, "monotonic", lambda: clock() + 60)
    with pytest.raises(EngineFailed, match="moderation"):
        await call(router, raising(EngineFailed("moderation")))
    assert await free(router)


# -- what providers send -------------------------------------------------------------------------------------


def test_a_request_s_error_status_is_never_what_a_provider_did() -> None:
    """Whatever a provider answers, another engine may still do it: the router falls back on all of it."""
    for status in (*range(400, 432), 451, 500, 501, 502, 503, 504, 507, 511, 599):
        assert Http("image/kiln").refused(status, {}, b"").status in (502, 503, 504), status
