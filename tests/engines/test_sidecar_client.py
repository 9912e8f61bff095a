"""The engines' client of a sidecar: against the real harness, and against a fake one that fails on request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from contract import Bench, within
from fakes.base import Fault
from fakes.sidecar import FakeSidecar
from pydantic import SecretStr
from sidecars.misbehaving import Crashes, EatsMemory, NeverLoads, Polite, SlowToLoad
from sidecars.sidecar_serving import PATIENCE_S, Serving, until

from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout, EngineUnavailable
from app.services.engines.sidecar import Sidecar
from app.sidecars.harness import Model, SidecarSettings

Serve = Callable[..., Serving]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    begun: list[Serving] = []

    def start(model: Model, **settings: Any) -> Serving:
        serving = Serving(model, SidecarSettings(**{"data_dir": tmp_path / "sidecar", **settings}))
        begun.append(serving)
        return serving.start()

    yield start
    for serving in begun:
        getattr(serving.model, "let_go").set()  # noqa: B009
        serving.stop()


@pytest.fixture
def fake() -> Iterator[FakeSidecar]:
    with FakeSidecar(lambda request, files: ({"seed": 7}, {"clip.mp4": b"clip", "log.txt": b""})) as fake:
        yield fake


def client(url: str, token: str = "", timeout_s: float = 5.0) -> Sidecar:
    return Sidecar("video/example", url, token, timeout_s, poll_s=0.01)


async def test_a_run_over_the_real_harness_brings_its_results_and_is_forgotten_there(
    serve: Serve, bench: Bench, tmp_path: Path
) -> None:
    sidecar = serve(Polite(), token=SecretStr("t0ken"))
    image = tmp_path / "key frame.png"
    image.write_bytes(b"a picture" * 1000)
    facts, results = await client(sidecar.url, "t0ken").run(bench, {"say": "你好"}, {"image": image})
    assert facts == {"echo": {"say": "你好"}, "inputs": {"image": "image.png"}}
    assert sorted(results) == ["copy-image.bin", "said.txt"]
    assert results["copy-image.bin"].read_bytes() == image.read_bytes()
    assert results["said.txt"].read_text("utf-8") == "你好"
    assert all(path.parent == bench.folder for path in results.values())
    assert list((tmp_path / "sidecar" / "runs").iterdir()) == []
    assert bench.waits[0] is True and bench.waits[-1] is False


async def test_a_user_who_cancels_stops_the_run_there(serve: Serve, bench: Bench) -> None:
    model = Polite()
    sidecar = serve(model)
    work = asyncio.ensure_future(client(sidecar.url).run(bench, {"hold": True}, {}))
    while not model.began:
        await asyncio.sleep(0.01)
    bench.canceled = True
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(PATIENCE_S, work)
    await asyncio.to_thread(until, lambda: len(model.ended) == 1)
    assert bench.task is not None
    assert sidecar.ended(bench.task["run_id"])["state"] == "canceled"


async def test_a_cancel_while_it_is_sent_reaches_what_had_arrived(fake: FakeSidecar, bench: Bench) -> None:
    fake.fail("PUT /runs/.*", Fault(kind="hang"))
    work = asyncio.ensure_future(client(fake.url).run(bench, {}, {}))
    while not fake.calls("PUT /runs/.*"):
        await asyncio.sleep(0.01)
    bench.canceled = True
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(PATIENCE_S, work)
    assert bench.task is not None
    assert fake.calls(f"POST /runs/{bench.task['run_id']}/cancel")


async def test_a_worker_that_ends_leaves_the_run_to_the_next(serve: Serve, bench: Bench) -> None:
    model = Polite()
    sidecar = serve(model)
    work = asyncio.ensure_future(client(sidecar.url).run(bench, {"hold": True}, {}))
    while not model.began:
        await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(PATIENCE_S, work)
    model.let_go.set()
    facts, _ = await client(sidecar.url).run(bench, {"hold": True}, {})
    assert facts["echo"] == {"hold": True}
    assert len(model.began) == 1


async def test_a_sidecar_that_was_restarted_gets_the_run_once_more(fake: FakeSidecar, bench: Bench) -> None:
    fake.never_ends = True
    work = asyncio.ensure_future(client(fake.url).run(bench, {"x": 1}, {}))
    while not fake.calls("GET /runs/.*"):
        await asyncio.sleep(0.01)
    fake.never_ends = False
    fake.restart()
    facts, results = await within(PATIENCE_S, work)
    assert facts == {"seed": 7}
    assert results["clip.mp4"].read_bytes() == b"clip"
    assert results["log.txt"].read_bytes() == b""
    assert len(fake.order) == 2


async def test_a_run_of_another_host_is_not_waited_for(fake: FakeSidecar, bench: Bench) -> None:
    bench.task = {"host": "http://127.0.0.1:9", "run_id": "elsewhere"}
    await client(fake.url).run(bench, {}, {})
    assert bench.forgotten == 1
    assert not fake.calls("GET /runs/elsewhere")


async def test_a_dropped_submission_that_had_arrived_is_not_sent_again(fake: FakeSidecar, bench: Bench) -> None:
    # The answer breaks off, but the run is there: the next try finds it under the id that was kept before.
    fake.fail("PUT /runs/.*", Fault(kind="truncated"), times=1)
    with pytest.raises(EngineFault):
        await client(fake.url).run(bench, {}, {})
    await client(fake.url).run(bench, {}, {})
    assert len(fake.order) == 1


ERRORS = [
    ({"code": "ENGINE_FAILED", "detail": "no such size", "retryable": False}, EngineFailed, False),
    ({"code": "ENGINE_FAILED", "detail": "out of memory", "retryable": True}, EngineFault, True),
    ({"code": "ENGINE_TIMEOUT", "detail": "took longer", "retryable": True}, EngineTimeout, True),
    ({"code": "ENGINE_UNAVAILABLE", "detail": "weights missing", "retryable": True}, EngineUnavailable, True),
    ({"code": "VALIDATION_ERROR", "detail": "width must be", "retryable": False}, EngineFailed, False),
    ({"code": "INTERNAL_ERROR", "detail": "no space is left", "retryable": True}, EngineFault, True),
    ({"code": "CANCELED", "detail": "The run was canceled", "retryable": False}, EngineFault, True),
    ({"code": "NEVER_HEARD_OF", "detail": "strange", "retryable": False}, EngineFailed, False),
]


@pytest.mark.parametrize(("record", "kind", "retryable"), ERRORS, ids=[f"{one[0]['code']}-{one[2]}" for one in ERRORS])
async def test_a_failed_run_becomes_an_error_of_ours(
    fake: FakeSidecar, bench: Bench, record: dict[str, Any], kind: type[AppError], retryable: bool
) -> None:
    fake.error = record
    with pytest.raises(AppError) as caught:
        await client(fake.url).run(bench, {}, {})
    assert isinstance(caught.value, kind)
    assert caught.value.retryable is retryable
    assert caught.value.status in (502, 503, 504)
    assert record["detail"] in caught.value.detail and caught.value.detail.startswith("video/example: ")
    assert bench.task is None


async def test_out_of_memory_at_the_real_harness_is_worth_another_try(serve: Serve, bench: Bench) -> None:
    sidecar = client(serve(EatsMemory()).url)
    with pytest.raises(EngineFault, match="out of memory"):
        await sidecar.run(bench, {}, {})
    assert (await sidecar.run(bench, {}, {}))[0] == {}


async def test_a_crash_at_the_real_harness_is_not(serve: Serve, bench: Bench) -> None:
    with pytest.raises(EngineFailed, match="ZeroDivisionError") as caught:
        await client(serve(Crashes()).url).run(bench, {"how": "zero"}, {})
    assert not caught.value.retryable


async def test_a_full_queue_says_when_to_come_again(serve: Serve, bench: Bench, tmp_path: Path) -> None:
    sidecar = serve(Polite(), queue_limit=1)
    sidecar.put("a1", {"hold": True})
    sidecar.until_running("a1")
    sidecar.put("a2")
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(20_000_000))
    with pytest.raises(EngineFault) as caught:
        await client(sidecar.url).run(bench, {}, {"clip": large})
    assert caught.value.retryable and caught.value.retry_after_s


async def test_what_is_too_large_is_not_sent_twice(serve: Serve, bench: Bench, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(3_000_000))
    with pytest.raises(EngineFailed, match="more than 1000000 bytes") as caught:
        await client(serve(Polite(), max_upload_bytes=1_000_000).url).run(bench, {}, {"clip": large})
    assert not caught.value.retryable


async def test_a_model_that_could_not_be_loaded_is_named_in_the_error(serve: Serve, bench: Bench) -> None:
    sidecar = serve(NeverLoads())
    await asyncio.to_thread(sidecar.until_health, "failed")
    with pytest.raises(EngineUnavailable, match=r"\./deploy\.sh fetch flux"):
        await client(sidecar.url).run(bench, {}, {})
    assert await client(sidecar.url).unreachable() == [
        f"The sidecar at {sidecar.url} failed: the folder models/flux is not there: ./deploy.sh fetch flux"
    ]


async def test_a_run_waits_until_the_model_is_loaded(serve: Serve, bench: Bench) -> None:
    model = SlowToLoad()
    sidecar = serve(model)
    assert await client(sidecar.url).unreachable() == [f"The sidecar at {sidecar.url} is still loading its model"]
    work = asyncio.ensure_future(client(sidecar.url).run(bench, {}, {}))
    while True not in bench.waits:
        await asyncio.sleep(0.01)
    model.let_go.set()
    await within(PATIENCE_S, work)


async def test_what_a_sidecar_lacks_is_told_in_sentences(serve: Serve) -> None:
    sidecar = serve(Polite())
    await asyncio.to_thread(sidecar.until_health, "ready")
    health = await client(sidecar.url).health()
    assert health is not None and (health.name, health.device, health.facts) == ("polite", "cpu", {"memory_gb": 24})
    assert await client(sidecar.url).unreachable(["one"]) == []
    assert await client(sidecar.url).unreachable(["two", "three"]) == [
        f"The sidecar at {sidecar.url} cannot run two: models/two is not there: ./deploy.sh fetch two",
        f"The sidecar at {sidecar.url} cannot run three: it does not know it",
    ]


async def test_who_is_no_sidecar_is_told_so(fake: FakeSidecar) -> None:
    fake.fail("GET /health", Fault(200, '{"hello": 1}'))
    assert await client(fake.url).health() is None
    assert "no sidecar of this service" in (await client(fake.url).unreachable())[0]
    fake.mend()
    fake.token = "right"
    assert "401" in (await client(fake.url, "wrong").unreachable())[0]
    assert "wrong" not in (await client(fake.url, "wrong").unreachable())[0]
    assert "cannot be reached" in (await client("http://127.0.0.1:9").unreachable())[0]


async def test_a_result_that_is_gone_or_cut_costs_another_run(fake: FakeSidecar, bench: Bench) -> None:
    fake.fail(
        "GET /runs/.*/files/.*", Fault(404, '{"code": "NOT_FOUND", "detail": "removed", "retryable": false}'), times=1
    )
    with pytest.raises(EngineFault, match="removed the result"):
        await client(fake.url).run(bench, {}, {})
    assert bench.task is None
    fake.sizes = {"clip.mp4": 9}
    with pytest.raises(EngineFault, match="4 of the 9 bytes"):
        await client(fake.url).run(bench, {}, {})
    assert not (bench.folder / "clip.mp4").exists()
    fake.sizes = {}
    await client(fake.url).run(bench, {}, {})


async def test_a_result_may_not_lie_elsewhere(fake: FakeSidecar, bench: Bench) -> None:
    fake.make = lambda request, files: ({}, {"../evil.txt": b"x"})
    with pytest.raises(EngineFailed, match="named a result"):
        await client(fake.url).run(bench, {}, {})
    assert not (bench.folder.parent / "evil.txt").exists()


async def test_a_sidecar_that_falls_silent_is_a_timeout(fake: FakeSidecar, bench: Bench) -> None:
    fake.fail("GET /runs/.*", Fault(kind="hang"))
    with pytest.raises(EngineTimeout):
        await within(PATIENCE_S, client(fake.url, timeout_s=0.1).run(bench, {}, {}))
    assert bench.task is not None
