"""Callbacks against a real receiver on loopback: signed, tried again, never twice, never to a private address."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from app.core.config import Settings
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models.job import Job
from app.models.story import Shot
from app.services import callbacks
from app.services.callbacks import Callbacks, pause_s, retry_after_s, sign
from app.storage.documents_json import JsonDocuments

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_signature_is_that_of_the_specification() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    body = '{"test": 2432232314}'
    assert sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    abroad = at.astimezone(timezone(timedelta(hours=8)))
    assert sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", abroad, body).startswith("v1,g0hM9SsE")


def test_two_secrets_give_two_signatures_while_a_key_is_rotated() -> None:
    both = sign(f"{SECRET} plain-text-secret", "msg_1", datetime.now(UTC), "{}")
    assert len(both.split(" ")) == 2 and all(one.startswith("v1,") for one in both.split(" "))


@pytest.mark.parametrize(
    ("header", "wait"),
    [("120", 120), ("1.5", 1.5), ("soon", 0), (None, 0), ("-5", 0), ("inf", 0), ("nan", 0), ("99999999", 0)],
)
def test_retry_after_is_honoured_within_bounds(header: str | None, wait: float) -> None:
    assert retry_after_s(header, time.time()) == wait


def test_retry_after_may_be_a_date() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert retry_after_s("Thu, 01 Jan 2026 00:01:00 GMT", at) == 60


def test_the_schedule_ends_after_its_eighth_attempt_and_at_once_when_gone() -> None:
    waits = [pause_s(attempt, 500, None, 0) for attempt in range(1, 8)]
    assert all(0.8 * want <= wait <= 1.2 * want for wait, want in zip(waits, callbacks.SCHEDULE_S, strict=True) if wait)
    assert pause_s(8, 500, None, 0) is None and pause_s(1, 410, None, 0) is None
    assert (pause_s(1, 503, "600", 0) or 0) >= 600


class Receiver:
    """A business that answers with the given statuses in turn (the last one for ever) and keeps what it got."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[dict[str, str], str]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.text()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        return web.Response(status=status, headers=headers, text="the receiver's own words")

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        await runner.cleanup()


class House:
    """Documents, a finished job and the sender, as the worker has them."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings(data_dir=folder, callback_secret=SECRET, **settings)
        self.documents = JsonDocuments(folder / "documents")
        self.callbacks = Callbacks(self.settings, self.documents, lambda key: f"http://films.example/files/{key}")

    def job(self, **fields: Any) -> Job:
        shots = [Shot(id=f"shot_{n:02}", sequence=n, narration="你好").model_dump() for n in (1, 2)]
        ids = {"job_id": new_id(), "tenant": "default", "user_id": "u", "operation_id": "op", "story_id": "s"}
        rest = {"kind": "storyboard", "status": "succeeded", "result": {"shots": shots}}
        job = Job.model_validate(ids | rest | fields)
        self.documents.create(f"default/jobs/{job.job_id}", job.model_dump())
        return job

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.callbacks.run(stop))
        yield
        stop.set()
        await task


async def until(condition: Any) -> None:
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("did not come true within 8 s")


async def test_a_callback_is_signed_and_carries_what_the_route_answers(tmp_path: Path) -> None:
    receiver = Receiver(204)
    async with receiver.listening() as url:
        house = House(tmp_path, callback_url=url)
        job = house.job()
        async with house.sending():
            house.callbacks.record(job)
            await until(lambda: receiver.got)
    headers, body = receiver.got[0]
    sent = Webhook(SECRET).verify(body, headers)
    assert sent["type"] == "storyboard.succeeded"
    assert sent["data"]["operation"]["status"] == "Success" and sent["data"]["story_id"] == "s"
    assert [shot["id"] for shot in sent["data"]["shots"]] == ["shot_01", "shot_02"]
    assert headers["webhook-id"] == f"msg_{job.job_id}_succeeded"


async def test_a_refused_callback_is_tried_again_with_the_same_id_and_another_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "SCHEDULE_S", (1, 1, 1))
    receiver = Receiver(500, 302, 200)
    async with receiver.listening() as url:
        house = House(tmp_path, callback_url=url)
        job = house.job()
        house.callbacks.record(job)
        async with house.sending():
            await until(lambda: len(receiver.got) == 3)
            await until(lambda: house.callbacks.list("default", job.job_id)[0].status == "delivered")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert [attempt.status_code for attempt in house.callbacks.list("default", job.job_id)[0].attempts] == [
        500,
        302,
        200,
    ]
    assert "receiver's own words" not in json.dumps(house.callbacks.list("default", job.job_id)[0].model_dump())
    assert list(house.documents.keys("outbox")) == []


async def test_what_is_owed_survives_the_sender(tmp_path: Path) -> None:
    receiver = Receiver(200)
    async with receiver.listening() as url:
        first = House(tmp_path, callback_url=url)
        first.callbacks.record(first.job())
        second = House(tmp_path, callback_url=url)
        async with second.sending():
            await until(lambda: receiver.got)


async def test_recording_twice_and_two_senders_deliver_once(tmp_path: Path) -> None:
    receiver = Receiver(200)
    async with receiver.listening() as url:
        house, other = House(tmp_path, callback_url=url), House(tmp_path, callback_url=url)
        job = house.job()
        async with house.sending(), other.sending():
            house.callbacks.record(job)
            other.callbacks.record(job)
            await until(lambda: receiver.got)
            house.callbacks.record(job)
            await asyncio.sleep(0.8)
    assert len(receiver.got) == 1


async def test_410_ends_it(tmp_path: Path) -> None:
    receiver = Receiver(410)
    async with receiver.listening() as url:
        house = House(tmp_path, callback_url=url)
        job = house.job()
        house.callbacks.record(job)
        async with house.sending():
            await until(lambda: house.callbacks.list("default", job.job_id)[0].status == "failed")
    assert len(receiver.got) == 1


async def test_an_address_from_a_request_must_be_public_but_the_owners_need_not(tmp_path: Path) -> None:
    receiver = Receiver(200)
    async with receiver.listening() as url:
        house = House(tmp_path)
        job = house.job(callback_url=url.replace("127.0.0.1", "localhost"))
        house.callbacks.record(job)
        async with house.sending():
            await until(lambda: house.callbacks.list("default", job.job_id)[0].attempts)
    delivery = house.callbacks.list("default", job.job_id)[0]
    assert receiver.got == [] and delivery.attempts[0].error == "the address is not public"
    assert delivery.status == "pending"


async def test_an_allowed_host_from_a_request_is_called(tmp_path: Path) -> None:
    receiver = Receiver(200)
    async with receiver.listening() as url:
        house = House(tmp_path, callback_allowed_hosts="127.0.0.1")
        house.callbacks.record(house.job(callback_url=url))
        async with house.sending():
            await until(lambda: receiver.got)


async def test_a_delivered_callback_can_be_sent_once_more(tmp_path: Path) -> None:
    receiver = Receiver(200, 500)
    async with receiver.listening() as url:
        house = House(tmp_path, callback_url=url)
        job = house.job()
        delivery = house.callbacks.record(job)
        assert delivery is not None
        async with house.sending():
            await until(lambda: house.callbacks.list("default", job.job_id)[0].status == "delivered")
            house.callbacks.redeliver("default", delivery.delivery_id)
            await until(lambda: len(house.callbacks.list("default", job.job_id)[0].attempts) == 2)
    last = house.callbacks.list("default", job.job_id)[0]
    assert last.status == "delivered" and [one.status_code for one in last.attempts] == [200, 500]
    assert list(house.documents.keys("outbox")) == []


@pytest.mark.parametrize("delivery_id", ["msg_nothing_succeeded", "garbage", "msg_"])
def test_redelivering_an_unknown_callback_is_not_found(tmp_path: Path, delivery_id: str) -> None:
    with pytest.raises(NotFound):
        House(tmp_path).callbacks.redeliver("default", delivery_id)


def test_no_address_no_callback(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert house.callbacks.record(house.job()) is None


def test_shot_events_are_sent_only_to_those_who_ask(tmp_path: Path) -> None:
    house = House(tmp_path, callback_url="http://receiver.example/")
    shot = Shot(id="shot_01", sequence=1)
    assert house.callbacks.record_shot(house.job(), shot) is None
    asked = house.callbacks.record_shot(house.job(callback_events=["shot.*"]), shot)
    assert asked is not None and asked.type == "shot.succeeded"


async def test_a_long_storyboard_is_shortened_below_the_limit(tmp_path: Path) -> None:
    receiver = Receiver(200)
    shots = [
        Shot(id=f"shot_{n:02}", sequence=n, detail="长" * 1500, narration="话" * 900).model_dump() for n in range(40)
    ]
    async with receiver.listening() as url:
        house = House(tmp_path, callback_url=url)
        house.callbacks.record(house.job(result={"shots": shots}))
        async with house.sending():
            await until(lambda: receiver.got)
    body = receiver.got[0][1]
    assert len(body.encode()) < callbacks.MAX_BODY_BYTES
    assert len(json.loads(body)["data"]["shots"]) == 40 and json.loads(body)["data"]["shortened"] is True
