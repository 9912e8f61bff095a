from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.core.errors import (
    AppError,
    EngineFailed,
    EngineFault,
    EngineTimeout,
    EngineUnavailable,
    ValidationFailed,
)
from app.models.engine import DrawRequest, DrawResult
from app.services.engines import router as router_module
from app.services.engines.base import Capabilities, Context, Engine, ImageEngine
from app.services.engines.router import OPEN_AFTER, Needs, Router


class _Paper(ImageEngine):
    version = "1"

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        raise NotImplementedError


class First(_Paper):
    name = "image/first"


class Second(_Paper):
    name = "image/second"


class Small(_Paper):
    name = "image/small"
    capabilities = Capabilities(max_pixels=100, languages=("en",))


class Unset(_Paper):
    name = "image/unset"

    def missing(self) -> list[str]:
        return ["UNSET_API_KEY"]


HERE = "test_router"
REGISTRY = {
    "image": {
        "first": f"{HERE}:First",
        "second": f"{HERE}:Second",
        "small": f"{HERE}:Small",
        "unset": f"{HERE}:Unset",
        "lost": "no_such_module:Lost",
    }
}


def a_router(*order: str) -> Router:
    return Router(lambda kind, task: order, REGISTRY)


def failing(*errors: AppError | None) -> Callable[[], Awaitable[str]]:
    """Raises these one after the other, then answers."""
    left = list(errors)

    async def attempt() -> str:
        error = left.pop(0) if left else None
        if error is not None:
            raise error
        return "done"

    return attempt


def calling(router: Router, attempts: dict[str, Callable[[], Awaitable[str]]]) -> Callable[[Engine], Awaitable[str]]:
    return lambda engine: router.call(engine, attempts[engine.name], lambda: 0.0)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router_module, "PAUSE_S", 0.001)


async def test_the_first_engine_of_the_order_is_used() -> None:
    router = a_router("first", "second")
    routed = await router.route("image", calling(router, {"image/first": failing()}))
    assert (routed.value, routed.engine.name, routed.notes) == ("done", "image/first", ())


async def test_a_failed_engine_is_followed_by_the_next_with_a_note() -> None:
    router = a_router("first", "second")
    attempts = {"image/first": failing(EngineFailed("no quota")), "image/second": failing()}
    routed = await router.route("image", calling(router, attempts))
    assert routed.engine.name == "image/second"
    assert "no quota" in routed.notes[0]


async def test_the_last_engine_s_error_is_raised_when_all_fail() -> None:
    router = a_router("first", "second")
    attempts = {"image/first": failing(EngineFailed("one")), "image/second": failing(EngineFailed("two"))}
    with pytest.raises(EngineFailed, match="two"):
        await router.route("image", calling(router, attempts))


async def test_an_error_of_the_request_is_nobody_else_s_business() -> None:
    router = a_router("first", "second")
    with pytest.raises(ValidationFailed):
        await router.route("image", calling(router, {"image/first": failing(ValidationFailed("bad words"))}))


async def test_a_request_may_name_its_engine() -> None:
    router = a_router("first")
    routed = await router.route("image", calling(router, {"image/second": failing()}), asked={"image": "second"})
    assert routed.engine.name == "image/second"


async def test_an_unknown_engine_is_refused_with_a_list_of_those_known() -> None:
    with pytest.raises(ValidationFailed, match="first, second"):
        a_router("first").order("image", {"image": "dalle"})


@pytest.mark.parametrize(
    ("provider", "needs", "reason"),
    [
        ("small", Needs(pixels=200), "pixels"),
        ("small", Needs(language="zh-CN"), "language"),
        ("unset", Needs(), "UNSET_API_KEY"),
        ("lost", Needs(), "no_such_module"),
    ],
)
async def test_an_engine_that_cannot_is_passed_over(provider: str, needs: Needs, reason: str) -> None:
    router = a_router(provider, "second")
    routed = await router.route("image", calling(router, {"image/second": failing()}), needs=needs)
    assert routed.engine.name == "image/second"
    assert reason in routed.notes[0]


async def test_no_engine_at_all_is_said_so() -> None:
    router = a_router("unset")
    with pytest.raises(EngineUnavailable, match="UNSET_API_KEY"):
        await router.route("image", calling(router, {}))


async def test_what_may_pass_is_tried_again_and_what_may_not_is_not() -> None:
    router = a_router("first")
    routed = await router.route(
        "image", calling(router, {"image/first": failing(EngineFault("5xx"), EngineFault("5xx"))})
    )
    assert routed.value == "done"
    with pytest.raises(EngineFailed):
        await router.route("image", calling(router, {"image/first": failing(EngineFailed("400"))}))
    assert router.counts["image/first", "ok"] == 1
    assert router.counts["image/first", "ENGINE_FAILED"] == 3


async def test_repeated_failure_opens_the_circuit_and_a_trial_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router_module, "TRIES", 1)
    router = a_router("first")
    broken = {"image/first": failing(*[EngineFault("down")] * OPEN_AFTER)}
    for _ in range(OPEN_AFTER):
        with pytest.raises(EngineFault):
            await router.route("image", calling(router, broken))
    asked: list[int] = []

    async def attempt() -> str:
        asked.append(1)
        return "up again"

    with pytest.raises(EngineUnavailable, match="rests"):
        await router.route("image", calling(router, {"image/first": attempt}))
    assert not asked
    monkeypatch.setattr(router_module.time, "monotonic", lambda clock=router_module.time.monotonic: clock() + 60)
    assert (await router.route("image", calling(router, {"image/first": attempt}))).value == "up again"


async def test_a_hang_is_ended_and_waiting_for_a_turn_is_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router_module, "TIMEOUT_S", {"image": 0.1})
    monkeypatch.setattr(router_module, "TRIES", 1)
    router, loop = a_router("first"), asyncio.get_running_loop()
    engine = router._seat("image", "first").engine
    ended: list[str] = []

    async def slow(seconds: float) -> str:
        try:
            await asyncio.sleep(seconds)
        finally:
            ended.append("ended")
        return "done"

    with pytest.raises(EngineTimeout):
        await router.call(engine, lambda: slow(30), lambda: 0.0)
    assert ended
    began: float = loop.time()
    waited: Any = lambda: loop.time() - began  # noqa: E731
    assert await router.call(engine, lambda: slow(0.3), waited) == "done"
