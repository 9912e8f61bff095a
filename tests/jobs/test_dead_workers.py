"""Workers are killed, and nobody's work is lost or done twice."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from place import Place

from app.models.job import MAX_ATTEMPTS, Job
from app.services.job_runtime import Liveness
from app.services.workflows.records import open_key
from app.supervisor import Supervisor


async def under_way(place: Place, job: Job, stage: str, done: int) -> None:
    """Wait until a stage of the job has ``done`` items."""

    def reached() -> bool:
        stages = {one["name"]: one["done"] for one in place.document(f"default/jobs/{job.job_id}")["stages"]}
        return stages.get(stage, 0) >= done

    await place.until(reached, f"{stage} {done}")


def kill(place: Place) -> None:
    process = place.workers[-1]
    process.send_signal(signal.SIGKILL)
    process.wait()


async def test_another_worker_takes_over_and_makes_nothing_twice(place: Place) -> None:
    place.worker()
    lines = ["one", "two", "three", "slow:4 four"]
    job = await place.submit(place.script("op", *lines, callback_url="http://127.0.0.1:9/hook"))
    await under_way(place, job, "draw", 3)
    kill(place)
    place.worker()
    ended = await place.ended(job)
    assert (ended.status, ended.attempts) == ("succeeded", 2)
    assert max(place.made().values()) == 1
    assert {stage.name: (stage.done, stage.total) for stage in ended.stages}["draw"] == (4, 4)
    await place.until(lambda: place.services.documents.read(open_key(job.job_id)) is None, "settled")
    deliveries = place.services.callbacks.list("default", job.job_id)
    assert [one.delivery_id for one in deliveries] == [f"msg_{job.job_id}_succeeded"]


async def test_a_living_worker_takes_over_from_a_dead_one(place: Place) -> None:
    place.worker()
    job = await place.submit(place.script("op", "one", "slow:4 two"))
    await under_way(place, job, "draw", 1)
    dead = place.workers[-1]
    place.worker()
    alive = Liveness(place.settings.data_dir)._folder
    await place.until(lambda: len(list(alive.glob("*.lock"))) == 2, "two workers")
    dead.send_signal(signal.SIGKILL)
    dead.wait()
    assert (await place.ended(job)).status == "succeeded"
    await place.until(lambda: len(list(alive.glob("*.lock"))) == 1, "the dead one's lock file removed")


async def test_a_job_that_ends_its_worker_every_time_is_failed_and_told(place: Place) -> None:
    job = await place.submit(place.script("op", "one", "slow:60 two", callback_url="http://127.0.0.1:9/hook"))
    for attempt in range(1, MAX_ATTEMPTS + 1):
        place.worker()
        await place.until(
            lambda attempt=attempt: place.document(f"default/jobs/{job.job_id}")["attempts"] == attempt, f"{attempt}"
        )
        await under_way(place, job, "draw", 1)
        kill(place)
    place.worker()
    ended = await place.ended(job)
    assert ended.status == "failed" and ended.error is not None
    assert f"{MAX_ATTEMPTS} times" in ended.error["detail"]
    await place.until(lambda: place.services.callbacks.list("default", job.job_id), "callback")
    assert [one.type for one in place.services.callbacks.list("default", job.job_id)] == ["storyboard.failed"]
    assert (await place.done(place.script("next", "fine"))).status == "succeeded"


async def test_waiting_in_the_queue_while_a_worker_dies_is_no_attempt(tmp_path: Path) -> None:
    place = Place(tmp_path, worker_jobs=1)
    try:
        place.worker()
        first = await place.submit(place.script("first", "slow:3 one"))
        waiting = await place.submit(place.script("second", "two"))
        await under_way(place, first, "write", 1)
        kill(place)
        place.worker()
        assert (await place.ended(first)).attempts == 2
        assert (await place.ended(waiting)).attempts == 1
    finally:
        place.close()


async def test_a_worker_that_is_stopped_in_order_costs_no_attempt(place: Place) -> None:
    worker = place.worker()
    job = await place.submit(place.script("op", "one", "slow:5 two"))
    await under_way(place, job, "draw", 1)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait) == 0
    stored = await place.jobs.get("default", job.job_id)
    assert (stored.status, stored.attempts) == ("running", 0)
    place.worker()
    ended = await place.ended(job)
    assert (ended.status, ended.attempts) == ("succeeded", 1)


async def test_what_was_stored_and_never_enqueued_is_found(place: Place) -> None:
    job = await place.submit(place.script("op", "one"))
    place.jobs._queue.cancel(job.job_id)
    client = place.jobs._queue._client()
    client.delete_workflow(job.job_id)
    place.worker()
    assert (await place.ended(job)).status == "succeeded"


async def test_a_workflow_that_ended_behind_our_back_ends_its_job(place: Place) -> None:
    job = await place.submit(place.script("op", "one"))
    place.jobs._queue.cancel(job.job_id)
    place.worker()
    assert (await place.ended(job)).status == "canceled"


async def test_a_damaged_job_is_set_aside_and_the_rest_goes_on(place: Place) -> None:
    bad, good = [await place.submit(place.script(name, "one")) for name in ("bad", "good")]
    path = place.services.documents.path(f"default/jobs/{bad.job_id}")
    path.write_text("not json")
    place.worker()
    assert (await place.ended(good)).status == "succeeded"
    await place.until(lambda: list(path.parent.glob("*.corrupt-*")), "set aside")
    await place.until(lambda: not list(place.services.documents.keys("open")), "no marker left")


async def test_the_supervisor_starts_a_worker_again_and_ends_it(place: Place) -> None:
    supervisor = Supervisor(place.settings)
    supervisor.start()
    try:
        first = await place.until(lambda: supervisor.pid, "a worker")
        await place.until(lambda: not place.jobs._missing(), "ready")
        os.kill(first, signal.SIGKILL)
        second = await place.until(lambda: supervisor.pid not in (None, first) and supervisor.pid, "another worker")
        await place.until(lambda: not place.jobs._missing(), "ready again")
    finally:
        await supervisor.stop()
    assert supervisor.pid is None
    assert not Path(f"/proc/{second}").exists()
