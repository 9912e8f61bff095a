"""Runs on ComfyUI hosts that do not go straight: found again, watched, canceled, and how each failure is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from cases_comfyui import draw_request, ended, painter, posted, until
from contract import Bench, made, within
from fakes.base import Fault
from fakes.comfyui import ComfyUI

from app.core.errors import EngineFailed, EngineFault
from app.services.engines.image_comfyui import ComfyUIImage


@pytest.fixture
def fake() -> Iterator[ComfyUI]:
    with ComfyUI() as server:
        yield server


@pytest.fixture
def other() -> Iterator[ComfyUI]:
    with ComfyUI() as server:
        yield server


# -- found again ---------------------------------------------------------------------------------------


async def test_a_submission_whose_answer_is_lost_is_found_and_not_repeated(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.lose_answers = 1
    await made(painter(monkeypatch, fake), draw_request(bench.folder), bench)
    assert len(fake.submitted) == 1 == len(fake.calls("POST /prompt"))


async def test_a_truncated_receipt_is_as_good_as_a_whole_one(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.fail("POST /prompt", Fault(kind="truncated"), times=1)
    await made(painter(monkeypatch, fake), draw_request(bench.folder), bench)
    assert len(fake.submitted) == 1 == len(fake.calls("POST /prompt"))


async def test_a_submission_that_never_arrived_is_made_again_by_the_next_try(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    fake.fail("POST /prompt", Fault(kind="drop"), times=1)
    with pytest.raises(EngineFault):
        await made(engine, draw_request(bench.folder), bench)
    assert bench.task is not None
    await made(engine, draw_request(bench.folder), bench)
    assert len(fake.submitted) == 1


async def test_a_resumed_job_waits_for_its_run_and_submits_none(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    fake.hold = True
    first = asyncio.create_task(made(engine, draw_request(bench.folder), bench))
    await until(lambda: fake.running)
    await ended(first)
    assert not fake.calls("POST /interrupt") and bench.task is not None
    second = asyncio.create_task(made(ComfyUIImage(), draw_request(bench.folder), bench))
    await asyncio.sleep(0.2)
    assert not second.done()
    fake.hold = False
    assert (await within(10, second)).image.is_file()
    assert len(fake.submitted) == 1 == len(fake.calls("POST /prompt"))


async def test_a_run_that_ended_while_nobody_looked_is_fetched(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    first = await made(engine, draw_request(bench.folder), bench)
    first.image.unlink()
    await made(engine, draw_request(bench.folder), bench)
    assert len(fake.submitted) == 1 and first.image.is_file()


async def test_a_restarted_server_has_lost_the_run_and_gets_it_again(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    fake.hold = True
    run = asyncio.create_task(made(engine, draw_request(bench.folder), bench))
    await until(lambda: fake.running)
    fake.restart()
    await within(10, run)
    assert len(fake.submitted) == 2 and bench.forgotten == 1


async def test_a_run_moves_to_another_host_when_its_own_is_gone(
    fake: ComfyUI, other: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, other)
    fake.hold = True
    run = asyncio.create_task(made(engine, draw_request(bench.folder), bench))
    await until(lambda: fake.running)
    fake.stop()
    await within(10, run)
    assert len(other.submitted) == 1 and bench.task is not None and bench.task["host"] == other.url


async def test_a_server_that_stumbles_while_it_is_asked_is_asked_again(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.fail("GET /history", Fault(status=500), times=2)
    fake.fail("GET /queue", Fault(kind="garbage"), times=1)
    await made(painter(monkeypatch, fake), draw_request(bench.folder), bench)
    assert len(fake.submitted) == 1


async def test_a_result_that_is_no_more_is_made_anew_by_the_next_try(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    fake.fail("GET /view", Fault(status=404), times=1)
    with pytest.raises(EngineFault):
        await made(engine, draw_request(bench.folder), bench)
    assert bench.task is None
    await made(engine, draw_request(bench.folder), bench)
    assert len(fake.submitted) == 2


# -- progress and cancel -------------------------------------------------------------------------------


async def test_progress_and_promptness_come_over_the_websocket(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, POLL_S="30")
    await within(10, made(engine, draw_request(bench.folder), bench))
    said = [one for one in bench.said if one[1].startswith("KSampler ")]
    assert list(dict.fromkeys(message for _, message in said)) == ["KSampler 1/3", "KSampler 2/3", "KSampler 3/3"]
    fractions = [fraction for fraction, _ in bench.said]
    assert fractions == sorted(fractions) and max(fractions) == pytest.approx(0.95)
    kinds = [kind for _, kind in fake.told]
    assert kinds[0] == "status" and kinds[-3:] == ["executed", "execution_success", "executing"]


@pytest.mark.parametrize("trouble", ["ws_refused", "ws_breaks", "ws_silent"])
async def test_without_the_websocket_asking_decides(
    trouble: str, fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    setattr(fake, trouble, True)
    await made(painter(monkeypatch, fake), draw_request(bench.folder), bench)
    assert len(fake.submitted) == 1


async def test_a_run_behind_others_is_waiting(fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.hold = True
    folder = bench.folder / "first"
    folder.mkdir()
    first = asyncio.create_task(made(painter(monkeypatch, fake), draw_request(folder), Bench(folder, bench._runner)))
    await until(lambda: fake.running)
    engine = painter(monkeypatch, fake, PER_HOST="2")
    run = asyncio.create_task(made(engine, draw_request(bench.folder), bench))
    await until(lambda: (0.0, "1 before it") in bench.said)
    assert bench.waits[-1] is True
    bench.canceled = True
    await ended(run)
    assert fake.calls("POST /queue")[0].json == {"delete": [fake.submitted[1]]} and not fake.pending
    assert len(fake.running) == 1
    await ended(first)


async def test_the_users_cancel_stops_this_run_and_no_other(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.hold = True
    run = asyncio.create_task(made(painter(monkeypatch, fake), draw_request(bench.folder), bench))
    await until(lambda: fake.running)
    bench.canceled = True
    await ended(run)
    assert [one.json for one in fake.calls("POST /interrupt")] == [{"prompt_id": fake.submitted[0]}]
    assert [one.json for one in fake.calls("POST /queue")] == [{"delete": [fake.submitted[0]]}]
    await until(lambda: not fake.running)


async def test_a_cancel_in_the_middle_of_the_submission_stops_the_run(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.fail("POST /prompt", Fault(kind="hang"))
    run = asyncio.create_task(made(painter(monkeypatch, fake, TIMEOUT_S="20"), draw_request(bench.folder), bench))
    await until(lambda: fake.calls("POST /prompt"))
    bench.canceled = True
    await ended(run)
    assert [one.json for one in fake.calls("POST /interrupt")] == [{"prompt_id": posted(fake)[0]["prompt_id"]}]


# -- failures ------------------------------------------------------------------------------------------


async def test_a_missing_model_is_named_with_its_node(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, MODELS="unet=x.safetensors")
    expected = "UNETLoader.unet_name: 'x.safetensors' is not among the models of this server"
    with pytest.raises(EngineFailed, match=expected) as caught:
        await made(engine, draw_request(bench.folder), bench)
    assert not caught.value.retryable and bench.task is None


async def test_a_failing_node_is_named_with_its_reason(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.errors.append(
        {"node_type": "VAEDecode", "exception_type": "RuntimeError", "exception_message": "shapes do not fit"}
    )
    with pytest.raises(EngineFailed, match="VAEDecode failed: shapes do not fit") as caught:
        await made(painter(monkeypatch, fake), draw_request(bench.folder), bench)
    assert not caught.value.retryable and bench.task is None


async def test_out_of_memory_frees_the_gpu_and_may_be_tried_again(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    fake.run_out_of_memory()
    with pytest.raises(EngineFault, match="KSampler ran out of GPU memory"):
        await made(engine, draw_request(bench.folder), bench)
    assert fake.freed == [{"unload_models": True, "free_memory": True}] and bench.task is None
    await made(engine, draw_request(bench.folder), bench)


async def test_a_run_that_somebody_else_interrupted_may_be_tried_again(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.hold = True
    run = asyncio.create_task(made(painter(monkeypatch, fake), draw_request(bench.folder), bench))
    await until(lambda: fake.running)
    fake._loop.call_soon_threadsafe(fake._stop.set)
    with pytest.raises(EngineFault, match="interrupted there by somebody else"):
        await within(10, run)
    assert bench.task is None


async def test_a_result_that_is_no_picture_is_made_anew_by_the_next_try(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    fake.fail("GET /view", Fault(status=200, body=b"no picture"), times=1)
    with pytest.raises(EngineFault, match="cannot be decoded"):
        await made(engine, draw_request(bench.folder), bench)
    assert bench.task is None
