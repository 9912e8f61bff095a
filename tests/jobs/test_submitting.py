from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from place import Place

from app.core.errors import (
    Busy,
    CorruptDocument,
    NotFound,
    OperationIdReused,
    QueueFull,
    StorageFull,
    ValidationFailed,
)
from app.core.ids import new_id
from app.services.job_runtime import Liveness
from app.services.jobs import Jobs
from app.storage.documents import Document
from app.storage.documents_json import JsonDocuments


async def test_forty_equal_requests_at_once_are_one_job(place: Place) -> None:
    order = place.script("op", "red")
    other = Jobs(place.settings, place.services.documents)
    answers = await asyncio.gather(*[(place.jobs if n % 2 else other).submit(order) for n in range(40)])
    assert len({job.job_id for job, _ in answers}) == 1
    assert sum(created for _, created in answers) == 1
    await asyncio.sleep(0.25)  # the count may be a fifth of a second old
    assert await place.jobs.open_count() == 1
    assert list(place.jobs._queue.statuses([answers[0][0].job_id]).values()) == ["ENQUEUED"]


async def test_the_same_operation_id_with_another_body_is_refused(place: Place) -> None:
    await place.submit(place.script("op", "red"))
    with pytest.raises(OperationIdReused, match="op"):
        await place.submit(place.script("op", "blue"))


async def test_the_http_request_s_own_id_is_not_part_of_the_body(place: Place) -> None:
    first = await place.submit(place.script("op", "red", request_id="r-1"))
    again, created = await place.jobs.submit(place.script("op", "red", request_id="r-2"))
    assert (again.job_id, created) == (first.job_id, False)


async def test_one_operation_id_serves_every_kind_and_user(place: Place) -> None:
    orders = [place.script("op", "red"), place.order("video", "op"), place.script("op", "red", user_id="u2")]
    jobs = [await place.submit(order) for order in orders]
    assert len({job.job_id for job in jobs}) == 3
    assert (await place.jobs.by_operation("default", "u1", "op", "video")).job_id == jobs[1].job_id
    assert (await place.jobs.by_operation("default", "u1", "op")).job_id == jobs[1].job_id
    with pytest.raises(NotFound):
        await place.jobs.by_operation("default", "u3", "op")


async def test_a_full_queue_refuses_what_is_new_and_answers_what_is_known(tmp_path: Path) -> None:
    place = Place(tmp_path, queue_limit=3)
    orders = [place.script(f"op-{number}", "red") for number in range(4)]
    for order in orders[:3]:
        await place.submit(order)
    with pytest.raises(QueueFull) as refused:
        await place.submit(orders[3])
    assert refused.value.retry_after_s
    assert (await place.jobs.submit(orders[0]))[1] is False
    job = await place.jobs.by_operation("default", "u1", "op-0")
    await place.jobs.cancel("default", job.job_id)
    await asyncio.sleep(0.3)
    assert (await place.jobs.submit(orders[3]))[1] is True


async def test_an_engine_that_there_is_not_is_refused_with_those_that_there_are(place: Place) -> None:
    order = place.order("storyboard", "op", request={"text": "red", "engines": {"image": "dall-e"}})
    with pytest.raises(ValidationFailed, match=r"known: .*builtin"):
        await place.submit(order)
    assert await place.jobs.open_count() == 0


class Breaking(JsonDocuments):
    """Fails at the n-th write from ``arm`` on, with what ``arm`` was given."""

    left = -1
    error: BaseException

    def arm(self, writes: int, error: BaseException) -> None:
        self.left, self.error = writes, error

    def _count(self) -> None:
        if self.left == 0:
            self.left = -1
            raise self.error
        self.left -= 1

    def create(self, key: str, document: Document) -> bool:
        self._count()
        return super().create(key, document)

    def append(self, key: str, line: Document) -> None:
        self._count()
        super().append(key, line)


class Died(BaseException):
    """The process ended here."""


def broken_place(tmp_path: Path) -> tuple[Place, Breaking]:
    place = Place(tmp_path)
    documents = Breaking(place.settings.data_dir / "documents")
    place.jobs = Jobs(place.services.settings, documents, place.services.callbacks)
    return place, documents


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
async def test_on_a_full_disk_nothing_half_made_is_left(tmp_path: Path, writes: int) -> None:
    place, documents = broken_place(tmp_path)
    await place.jobs.start()
    documents.arm(writes, StorageFull("full"))
    with pytest.raises(StorageFull):
        await place.submit(place.script("op", "red"))
    assert list(documents.keys("")) == []
    documents.left = -1
    assert (await place.jobs.submit(place.script("op", "red")))[1] is True


@pytest.mark.parametrize("writes", [1, 2, 3])
async def test_what_a_dead_submitter_left_the_same_request_completes(tmp_path: Path, writes: int) -> None:
    place, documents = broken_place(tmp_path)
    documents.arm(writes, Died())
    with pytest.raises(Died):
        place.jobs._submit(place.script("op", "red"))
    documents.left = -1
    again = Jobs(place.services.settings, documents)
    job, created = await again.submit(place.script("op", "red"))
    assert created is False
    await again.start()
    assert again._queue.statuses([job.job_id]) == {job.job_id: "ENQUEUED"}
    assert await again.open_count() == 1


async def test_an_operation_whose_job_document_was_lost_gets_a_new_job(place: Place) -> None:
    lost = await place.submit(place.script("op", "red"))
    assert place.services.documents.delete(f"default/jobs/{lost.job_id}")
    again = await place.submit(place.script("op", "red"))
    assert again.job_id != lost.job_id
    assert (await place.submit(place.script("op", "red"))).job_id == again.job_id
    assert list(place.jobs._queue.statuses([again.job_id]).values()) == ["ENQUEUED"]


async def test_the_start_enqueues_a_job_that_has_no_workflow(tmp_path: Path) -> None:
    place, documents = broken_place(tmp_path)
    documents.arm(3, Died())
    with pytest.raises(Died):
        place.jobs._submit(place.script("op", "red"))
    again = Jobs(place.services.settings, documents)
    await again.start()
    job = await again.by_operation("default", "u1", "op")
    assert again._queue.statuses([job.job_id]) == {job.job_id: "ENQUEUED"}


async def test_a_list_is_newest_first_filtered_and_paged(place: Place) -> None:
    jobs = [await place.submit(place.script(f"op-{n}", "red", story=f"s{n % 2}")) for n in range(6)]
    page, cursor = await place.jobs.list("default", limit=4)
    assert [job.operation_id for job in page] == ["op-5", "op-4", "op-3", "op-2"]
    rest, end = await place.jobs.list("default", limit=4, cursor=cursor)
    assert ([job.operation_id for job in rest], end) == (["op-1", "op-0"], "")
    mine, _ = await place.jobs.list("default", story_id="s1", status="queued", kind="storyboard")
    assert [job.operation_id for job in mine] == ["op-5", "op-3", "op-1"]
    await place.jobs.cancel("default", jobs[0].job_id)
    canceled, _ = await place.jobs.list("default", status="canceled")
    assert [job.job_id for job in canceled] == [jobs[0].job_id]
    assert (await place.jobs.list("elsewhere"))[0] == []


async def test_a_damaged_job_is_named_once_and_the_others_are_read(place: Place) -> None:
    good, bad = [await place.submit(place.script(name, "red")) for name in ("good", "bad")]
    place.services.documents.path(f"default/jobs/{bad.job_id}").write_text("{ not json")
    page, _ = await place.jobs.list("default")
    assert [job.job_id for job in page] == [good.job_id]
    with pytest.raises((CorruptDocument, NotFound)):
        await place.jobs.get("default", bad.job_id)


async def test_a_queued_job_is_canceled_at_once_and_owes_its_callback(place: Place) -> None:
    job = await place.submit(place.script("op", "red", callback_url="http://example.com/hook"))
    canceled = await place.jobs.cancel("default", job.job_id)
    assert canceled.status == "canceled" and canceled.finished_at
    assert [one.type for one in place.services.callbacks.list("default", job.job_id)] == ["storyboard.canceled"]
    assert await place.jobs.open_count() in (0, 1)
    assert list(place.services.documents.keys("open")) == []
    assert (await place.jobs.cancel("default", job.job_id)).revision == canceled.revision


async def test_the_events_of_a_job_are_replayed_from_where_one_was(place: Place) -> None:
    job = await place.submit(place.script("op", "red"))
    await place.jobs.cancel("default", job.job_id)
    events = [event async for event in place.jobs.events("default", job.job_id)]
    assert [(event.id, event.data["status"]) for event in events] == [(1, "queued"), (2, "canceled")]
    assert [event.id async for event in place.jobs.events("default", job.job_id, 1)] == [2]
    assert [event.data["status"] async for event in place.jobs.events("default", job.job_id, 2)] == ["canceled"]
    with pytest.raises(NotFound):
        await anext(place.jobs.events("default", new_id()))


async def test_a_retry_is_a_new_job_under_the_same_operation(place: Place) -> None:
    order = place.script("op", "red")
    old = await place.submit(order)
    with pytest.raises(Busy):
        await place.jobs.retry("default", old.job_id)
    await place.jobs.cancel("default", old.job_id)
    twice = await asyncio.gather(*[place.jobs.retry("default", old.job_id) for _ in range(5)])
    new = twice[0]
    assert {job.job_id for job in twice} == {new.job_id} != {old.job_id}
    assert (new.status, new.retry_of, new.request) == ("queued", old.job_id, old.request)
    assert (await place.jobs.get("default", old.job_id)).retried_by == new.job_id
    assert (await place.jobs.submit(order))[0].job_id == new.job_id


async def test_a_terminal_state_is_final(place: Place) -> None:
    job = await place.submit(place.script("op", "red"))
    records = place.jobs._records
    assert records.begin("default", job.job_id, []) is not None
    ended = await place.jobs.cancel("default", job.job_id)
    late: Callable[..., Any] = records.finish
    assert late("default", job.job_id, "succeeded", result={"shots": []}).model_dump() == ended.model_dump()
    assert records.begin("default", job.job_id, []) is None
    assert records.report("default", job.job_id, 50.0, "half", []) is None


async def test_a_house_without_a_worker_says_what_is_missing(place: Place) -> None:
    assert await place.jobs.ready() == ["worker: none is running"]


async def test_a_house_is_ready_when_a_worker_takes_jobs_and_not_while_it_starts(place: Place) -> None:
    worker = Liveness(place.settings.data_dir)
    executor = worker.announce()
    assert worker.is_alive(executor) and await place.jobs.ready() == ["worker: none is running"]
    worker.opened()
    assert await place.jobs.ready() == []
    assert worker._mine is not None
    worker._mine.release()
    assert await place.jobs.ready() == ["worker: none is running"]
