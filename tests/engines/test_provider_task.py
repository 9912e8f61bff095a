from __future__ import annotations

import asyncio
from typing import Any

import pytest
from contract import Bench

from app.core.errors import EngineFailed, EngineFault
from app.services.engines.provider_task import LOOKS, Seen, Task, TaskGone, followed


class Provider:
    """A provider in this process; ``answers`` come one per look."""

    def __init__(self, *answers: Seen[str] | BaseException) -> None:
        self.answers = list(answers)
        self.submitted = 0
        self.looked: list[Task] = []
        self.stopped: list[Task] = []

    async def submit(self, task: Task) -> Task:
        self.submitted += 1
        return {"id": f"t{self.submitted}", **task}

    async def look(self, task: Task) -> Seen[str]:
        self.looked.append(task)
        answer = self.answers.pop(0) if self.answers else Seen()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def stop(self, task: Task) -> None:
        self.stopped.append(task)

    async def result(self, bench: Bench, **more: Any) -> str:
        return await followed(bench, submit=self.submit, look=self.look, stop=self.stop, poll_s=0.001, **more)


async def test_a_task_is_kept_before_anybody_waits_for_it(bench: Bench) -> None:
    provider = Provider(Seen(waiting=True), Seen(progress=0.5), Seen(result="film"))
    assert await provider.result(bench) == "film"
    assert bench.task == {"id": "t1"}
    assert (0.5, "") in bench.said
    assert bench.waits[0] is True and bench.waits[-1] is False


async def test_a_task_that_is_remembered_is_not_submitted_again(bench: Bench) -> None:
    bench.task = {"id": "t0"}
    provider = Provider(Seen(result="film"))
    assert await provider.result(bench) == "film"
    assert provider.submitted == 0 and provider.looked == [{"id": "t0"}]


async def test_a_few_failed_looks_cost_nothing(bench: Bench) -> None:
    provider = Provider(*[EngineFault("dropped")] * (LOOKS - 1), Seen(result="film"))
    assert await provider.result(bench) == "film"
    assert provider.submitted == 1


async def test_the_next_try_after_too_many_failed_looks_waits_for_the_same_task(bench: Bench) -> None:
    provider = Provider(*[EngineFault("dropped")] * LOOKS, Seen(result="film"))
    with pytest.raises(EngineFault, match="dropped"):
        await provider.result(bench)
    assert await provider.result(bench) == "film"
    assert provider.submitted == 1


async def test_a_failed_task_is_forgotten_and_its_reason_raised(bench: Bench) -> None:
    provider = Provider(Seen(failed=EngineFailed("moderated")))
    with pytest.raises(EngineFailed, match="moderated"):
        await provider.result(bench)
    assert bench.task is None


async def test_a_task_failure_that_may_pass_is_no_failed_look(bench: Bench) -> None:
    provider = Provider(Seen(failed=EngineFault("try again")), Seen(result="film"))
    with pytest.raises(EngineFault, match="try again"):
        await provider.result(bench)
    assert len(provider.looked) == 1
    assert await provider.result(bench) == "film"
    assert provider.submitted == 2


async def test_a_task_that_is_gone_is_submitted_once_more(bench: Bench) -> None:
    bench.task = {"id": "old"}
    provider = Provider(TaskGone(), Seen(result="film"))
    assert await provider.result(bench) == "film"
    assert provider.submitted == 1 and bench.forgotten == 1


async def test_a_provider_that_loses_every_task_is_not_fed_for_ever(bench: Bench) -> None:
    provider = Provider(TaskGone(), TaskGone(), TaskGone())
    with pytest.raises(EngineFault, match="lost"):
        await provider.result(bench)
    assert provider.submitted == 2


async def test_an_id_of_ours_is_kept_before_it_is_submitted(bench: Bench) -> None:
    provider = Provider(Seen(result="film"))

    async def submit(task: Task) -> Task:
        assert bench.task == {"run_id": "mine"}
        raise EngineFault("the answer was lost")

    with pytest.raises(EngineFault):
        await followed(bench, submit=submit, look=provider.look, chosen={"run_id": "mine"}, poll_s=0.001)
    assert await provider.result(bench, chosen={"run_id": "another"}) == "film"
    assert provider.looked == [{"run_id": "mine"}] and provider.submitted == 0


async def test_a_refused_submission_with_an_id_of_ours_is_forgotten(bench: Bench) -> None:
    async def submit(task: Task) -> Task:
        raise EngineFailed("no such model")

    with pytest.raises(EngineFailed):
        await followed(bench, submit=submit, look=Provider().look, chosen={"run_id": "mine"}, poll_s=0.001)
    assert bench.task is None


@pytest.mark.parametrize("canceled", [True, False])
async def test_only_the_user_s_cancel_stops_the_task_at_its_provider(bench: Bench, canceled: bool) -> None:
    provider = Provider()
    work = asyncio.ensure_future(provider.result(bench))
    while not provider.looked:
        await asyncio.sleep(0.001)
    bench.canceled = canceled
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert provider.stopped == ([{"id": "t1"}] if canceled else [])
    assert bench.task == {"id": "t1"}


async def test_a_provider_that_does_not_stop_keeps_nobody_waiting(bench: Bench) -> None:
    provider = Provider()

    async def stop(task: Task) -> None:
        await asyncio.sleep(60)

    work = asyncio.ensure_future(followed(bench, submit=provider.submit, look=provider.look, stop=stop, poll_s=0.001))
    while not provider.looked:
        await asyncio.sleep(0.001)
    bench.canceled = True
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=5)
    assert done
