from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.core.errors import EngineFailed, EngineFault, InternalError, ValidationFailed
from app.services.workflows.runner import StepRunner

HERE = Path(__file__).parent
TASK = "tiny_tasks:task"


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    yield


@pytest.fixture
async def runner(on_path: None) -> AsyncIterator[StepRunner]:
    runner = StepRunner(2, ("tiny_tasks",))
    yield runner
    await runner.close()


def folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


async def begun(path: Path) -> None:
    while not (path / "begun").exists():
        await asyncio.sleep(0.01)


async def test_a_task_runs_in_a_process_that_stays_warm(runner: StepRunner, tmp_path: Path) -> None:
    first = await runner.run(TASK, {"words": "one"}, folder(tmp_path, "a"))
    second = await runner.run(TASK, {"words": "zwei 三"}, folder(tmp_path, "b"))
    assert first["pid"] == second["pid"] == runner.pids()[0] != os.getpid()
    assert second["words"] == "zwei 三"


async def test_the_error_of_a_task_arrives_as_it_was_raised(runner: StepRunner, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="did not turn out"):
        await runner.run(TASK, {"words": "bad"}, folder(tmp_path, "a"))
    with pytest.raises(InternalError, match="KeyError"):
        await runner.run(TASK, {"words": "wrong"}, folder(tmp_path, "b"))


async def test_only_our_own_functions_are_tasks(runner: StepRunner, tmp_path: Path) -> None:
    with pytest.raises(ValidationFailed, match="not a task"):
        await runner.run("os:system", {"command": "true"}, folder(tmp_path, "a"))


async def test_a_canceled_task_stops_and_its_process_goes_on(runner: StepRunner, tmp_path: Path) -> None:
    path = folder(tmp_path, "a")
    task = asyncio.create_task(runner.run(TASK, {"words": "slow:60"}, path))
    await begun(path)
    pids = runner.pids()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await runner.run(TASK, {"words": ""}, folder(tmp_path, "b")))["pid"] == pids[0]


async def test_a_task_that_is_canceled_twice_is_waited_for_all_the_same(runner: StepRunner, tmp_path: Path) -> None:
    path = folder(tmp_path, "a")
    task = asyncio.create_task(runner.run(TASK, {"words": "deaf:0.5"}, path))
    await begun(path)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.05)
    assert not task.done()
    pids = runner.pids()
    with pytest.raises(asyncio.CancelledError):
        await task
    # The task came to its end by itself within the time that it is given: nothing writes into its folder any more.
    assert runner.pids() == pids and (await runner.run(TASK, {"words": ""}, folder(tmp_path, "b")))["pid"] == pids[0]


async def test_a_deaf_task_is_killed_and_its_neighbours_run_again(runner: StepRunner, tmp_path: Path) -> None:
    deaf, other = folder(tmp_path, "a"), folder(tmp_path, "b")
    task = asyncio.create_task(runner.run(TASK, {"words": "deaf:60"}, deaf))
    neighbour = asyncio.create_task(runner.run(TASK, {"words": "slow:3"}, other))
    await begun(deaf)
    await begun(other)
    pids = runner.pids()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await neighbour)["pid"] != pids[0]


async def test_a_task_that_waits_for_its_turn_is_canceled_without_a_trace(runner: StepRunner, tmp_path: Path) -> None:
    busy = [asyncio.create_task(runner.run(TASK, {"words": "slow:1"}, folder(tmp_path, f"{n}"))) for n in range(2)]
    waiting = asyncio.create_task(runner.run(TASK, {"words": ""}, folder(tmp_path, "w")))
    await begun(tmp_path / "1")
    waiting.cancel()
    await asyncio.gather(*busy)
    assert waiting.cancelled() or not waiting.done()
    assert not (tmp_path / "w" / "begun").exists()


async def test_a_process_that_dies_once_costs_nothing(runner: StepRunner, tmp_path: Path) -> None:
    result = await runner.run(TASK, {"words": f"once:{tmp_path / 'mark'}"}, folder(tmp_path, "a"))
    assert (tmp_path / "mark").exists()
    assert result["pid"] in runner.pids()


async def test_a_deadly_task_fails_alone_and_names_the_signal(runner: StepRunner, tmp_path: Path) -> None:
    path = folder(tmp_path, "b")
    innocent = asyncio.create_task(runner.run(TASK, {"words": "slow:1"}, path))
    await begun(path)
    with pytest.raises(EngineFault, match="SIGSEGV"):
        await runner.run(TASK, {"words": "deadly"}, folder(tmp_path, "a"))
    assert (await innocent)["pid"]


async def test_a_long_job_does_not_keep_a_short_one_waiting(runner: StepRunner, tmp_path: Path) -> None:
    order: list[str] = []

    async def one(job: str, number: int) -> None:
        await runner.run(TASK, {"words": "slow:0.05"}, folder(tmp_path, f"{job}{number}"), job=job)
        order.append(job)

    long = [asyncio.create_task(one("long", n)) for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.gather(*long[:2])
    await one("short", 0)
    await asyncio.gather(*long)
    assert order.index("short") < 8


async def test_children_die_with_a_killed_parent(on_path: None, tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom app.services.workflows.runner import StepRunner\n"
        "async def main():\n"
        "    runner = StepRunner(1, ('tiny_tasks',))\n"
        f"    await runner.run('tiny_tasks:pid', {{}}, Path({str(tmp_path)!r}))\n"
        "    print(*runner.pids(), flush=True)\n"
        f"    await runner.run('tiny_tasks:task', {{'words': 'deaf:60'}}, Path({str(tmp_path)!r}))\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=HERE.parent.parent)
    assert parent.stdout is not None
    child = int(await asyncio.to_thread(parent.stdout.readline))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 20
    while Path(f"/proc/{child}/stat").exists() and Path(f"/proc/{child}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < until
        await asyncio.sleep(0.02)
