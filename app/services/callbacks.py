"""Callbacks: durable, signed, tried again across restarts, until the business took them or the schedule ends.

Signed by Standard Webhooks 1.0 (https://www.standardwebhooks.com): ``webhook-id`` is the same over all attempts.
What is owed is a small document under ``outbox/``; one loop in the whole service (by a lock) sends what is due.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import aiohttp
from loguru import logger
from standardwebhooks import Webhook

from app.core.config import Settings
from app.core.errors import AppError, CorruptDocument, NotFound
from app.core.ids import checked, fingerprint
from app.core.net import BlockedAddress, guarded_session
from app.models.api import answer_body, shot_body
from app.models.job import Attempt, Delivery, Job
from app.models.story import Shot, now
from app.storage.documents import Document, Documents
from app.storage.locks import Turn

SCHEDULE_S = (5, 300, 1800, 7200, 18000, 36000, 36000)
"""Pauses before the second and later attempts."""
ANSWER_TIMEOUT_S = 15
MAX_BODY_BYTES = 20_000
_POLL_S = 0.25
_REREAD_S = 3.0
_UNSETTLED_PAUSE_S = 2.0
_AT_ONCE = 8
_MAX_RETRY_AFTER_S = 86_400
_GONE = 410
_BACK_OFF_LONGER = frozenset({429, 502, 504})


def sign(secret: str, delivery_id: str, at: datetime, body: str) -> str:
    """The ``webhook-signature`` value: one ``v1,`` signature per secret, space separated while keys rotate.

    A secret is ``whsec_`` and base64, or any text, whose UTF-8 bytes are then the key.
    """

    def one(key: str) -> str:
        if not key.startswith("whsec_"):
            key = base64.b64encode(key.encode()).decode()
        return str(Webhook(key).sign(delivery_id, at.astimezone(UTC), body))

    return " ".join(one(key) for key in secret.split())


def retry_after_s(value: str | None, at: float) -> float:
    """Seconds asked for by a ``Retry-After`` header (number, fraction or date), 0 for none or garbage."""
    if not value:
        return 0.0
    try:
        wait = float(value)
    except ValueError:
        try:
            wait = parsedate_to_datetime(value).timestamp() - at
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return wait if 0 < wait <= _MAX_RETRY_AFTER_S else 0.0


def pause_s(attempts: int, status: int | None, retry_after: str | None, at: float) -> float | None:
    """Seconds until the next attempt after ``attempts`` failed ones, with 20 % jitter; None when it is over."""
    if status == _GONE or attempts > len(SCHEDULE_S):
        return None
    wait = float(SCHEDULE_S[attempts - 1])
    if status in _BACK_OFF_LONGER:
        wait *= 2
    return max(wait * random.uniform(0.8, 1.2), retry_after_s(retry_after, at))


class Callbacks:
    """``url_of`` makes an absolute URL from an object key, signed anew on every call."""

    def __init__(self, settings: Settings, documents: Documents, url_of: Callable[[str], str]) -> None:
        self._settings = settings
        self._documents = documents
        self._url_of = url_of
        self._unstored: dict[str, tuple[Attempt, str | None]] = {}
        """Answers that could not be stored, by delivery: the receiver is not asked again because our disk is full."""

    # -- owing a callback ------------------------------------------------------------------------------

    def record(self, job: Job) -> Delivery | None:
        """Owe the terminal callback of ``job``. The same job again changes nothing. None: no address to call."""
        return self._owe(job, f"msg_{job.job_id}_{job.status}", f"{job.kind}.{job.status}", None)

    def record_shot(self, job: Job, shot: Shot) -> Delivery | None:
        """Owe the event that a shot of a running job ended, if the job asked for ``shot.*``."""
        kind = "shot.succeeded"
        if not any(fnmatchcase(kind, pattern) for pattern in job.callback_events):
            return None
        return self._owe(job, f"msg_{job.job_id}_{fingerprint(shot.id)[:16]}", kind, shot.model_dump())

    def _owe(self, job: Job, delivery_id: str, kind: str, shot: dict[str, Any] | None) -> Delivery | None:
        url = job.callback_url or self._settings.callback_url
        if not url:
            return None
        delivery = Delivery(
            delivery_id=delivery_id,
            tenant=job.tenant,
            job_id=job.job_id,
            url=url,
            from_request=bool(job.callback_url),
            type=kind,
            shot=shot,
            next_attempt_at=time.time(),
        )
        if not self._documents.create(_key(delivery), delivery.model_dump()):
            delivery = Delivery.model_validate(self._documents.read(_key(delivery)) or delivery.model_dump())
        if delivery.status == "pending":
            # Also when the delivery stood there already: the process may have died between the two writes.
            self._documents.create(f"outbox/{delivery_id}", _owed(delivery))
        return delivery

    # -- reading and repeating -------------------------------------------------------------------------

    def list(self, tenant: str, job_id: str) -> list[Delivery]:
        """All callbacks of a job with their attempts, in the order of their ids."""
        found = []
        for key in self._documents.keys(f"{tenant}/deliveries/{job_id}"):
            try:
                document = self._documents.read(key)
            except CorruptDocument as error:
                logger.error("delivery skipped: {}", error.detail)
                continue
            if document is not None:
                found.append(Delivery.model_validate(document))
        return sorted(found, key=lambda delivery: (delivery.created_at, delivery.delivery_id))

    def redeliver(self, tenant: str, delivery_id: str) -> Delivery:
        """Send a callback once more, now. Raises NotFound."""
        job_id = checked(delivery_id, "delivery_id").removeprefix("msg_").partition("_")[0]
        document = self._documents.read(f"{tenant}/deliveries/{job_id}/{delivery_id}") if job_id else None
        if document is None:
            raise NotFound(f"there is no delivery {delivery_id}")
        delivery = Delivery.model_validate(document)
        owed = _owed(delivery) | {"next_attempt_at": time.time(), "once": delivery.status != "pending"}
        self._documents.put(f"outbox/{delivery_id}", owed)
        return delivery

    # -- sending ---------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Send what is due until ``stop`` is set. Only one loop in the house sends; the others wait for its lock."""
        lock = self._settings.data_dir / "locks" / "callbacks.lock"
        while not stop.is_set():
            turn = Turn.take(lock)
            if turn is not None:
                try:
                    await self._send_until(stop)
                finally:
                    turn.release()
            await _pause(stop, 1.0)

    async def _send_until(self, stop: asyncio.Event) -> None:
        slots = asyncio.Semaphore(_AT_ONCE)
        under_way: dict[str, asyncio.Task[None]] = {}
        known: dict[str, Document] = {}
        guarded = guarded_session(self._settings.callback_allowed_hosts)
        trusted = guarded_session((), trusted=True)

        async def one(owed: Document) -> None:
            async with slots:
                await self._attempt(owed, guarded, trusted)

        try:
            while not stop.is_set():
                for owed in await asyncio.to_thread(self._due, known):
                    if owed["delivery_id"] not in under_way:
                        task = asyncio.create_task(_logged(one(owed), stop))
                        under_way[owed["delivery_id"]] = task
                        task.add_done_callback(partial(_forget, under_way, owed["delivery_id"]))
                await _pause(stop, _POLL_S)
            if under_way:
                await asyncio.wait(under_way.values(), timeout=ANSWER_TIMEOUT_S)
        finally:
            await guarded.close()
            await trusted.close()

    def _due(self, known: dict[str, Document]) -> Sequence[Document]:
        """What is owed by now. ``known`` remembers what waits for later, so that a dead receiver with thousands of
        owed callbacks costs a listing and not thousands of reads."""
        at, due = time.time(), []
        if at > known.get("", {}).get("until", 0.0):
            known.clear()
            known[""] = {"until": at + _REREAD_S}
        for key in self._documents.keys("outbox"):
            try:
                owed = known.get(key) or self._documents.read(key)
            except (AppError, OSError) as error:
                logger.error("an owed callback cannot be read: {}", error)
                continue
            if owed is None:
                continue
            if (owed.get("next_attempt_at") or 0) <= at:
                known.pop(key, None)
                due.append(owed)
            else:
                known[key] = owed
        return due

    async def _attempt(self, owed: Document, guarded: aiohttp.ClientSession, trusted: aiohttp.ClientSession) -> None:
        key = f"{owed['tenant']}/deliveries/{owed['job_id']}/{owed['delivery_id']}"
        document = await asyncio.to_thread(self._document, key, owed)
        body = None if document is None else await asyncio.to_thread(self._body, Delivery.model_validate(document))
        if document is None or body is None:
            logger.error("callback {} dropped: its job is gone", owed["delivery_id"])
            await asyncio.to_thread(self._documents.delete, f"outbox/{owed['delivery_id']}")
            return
        delivery = Delivery.model_validate(document)
        name = delivery.delivery_id
        if name not in self._unstored:
            self._unstored[name] = await self._post(delivery, body, guarded if delivery.from_request else trusted)
        await asyncio.to_thread(self._settle, key, owed, *self._unstored[name])
        del self._unstored[name]

    def _document(self, key: str, owed: Document) -> Document | None:
        """The delivery; one whose document was lost is owed anew by the job, which has all that it takes."""
        document = self._documents.read(key)
        job = None if document is not None else self._documents.read(f"{owed['tenant']}/jobs/{owed['job_id']}")
        if job is not None and owed["delivery_id"] == f"msg_{owed['job_id']}_{job['status']}":
            delivery = self.record(Job.model_validate(job))
            document = None if delivery is None else delivery.model_dump()
        return document

    def _body(self, delivery: Delivery) -> str | None:
        """The JSON to send, under MAX_BODY_BYTES: long shot texts are left out first, then the shots' other fields."""
        document = self._documents.read(f"{delivery.tenant}/jobs/{delivery.job_id}")
        if document is None:
            return None
        job = Job.model_validate(document)
        data = answer_body(job, self._url_of)
        if delivery.shot is not None:
            data = {"operation": data["operation"], "shot": shot_body(Shot.model_validate(delivery.shot), self._url_of)}
        data |= {"story_id": job.story_id, "user_id": job.user_id}
        envelope = {"type": delivery.type, "timestamp": delivery.created_at, "data": data}
        text = _dumps(envelope)
        for kept in (("id", "sequence", "subject", "narration"), ("id", "sequence")):
            if len(text.encode()) < MAX_BODY_BYTES:
                break
            shots = data["shots"] if "shots" in data else [data["shot"]]
            short = [{name: value for name, value in shot.items() if name in kept or _is_url(name)} for shot in shots]
            data |= {"shots": short} if "shots" in data else {"shot": short[0]}
            text = _dumps(envelope | {"data": data | {"shortened": True}})
        return text

    async def _post(self, delivery: Delivery, body: str, session: aiohttp.ClientSession) -> tuple[Attempt, str | None]:
        at = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "story-film-callback/1",
            "webhook-id": delivery.delivery_id,
            "webhook-timestamp": str(int(at.timestamp())),
        }
        secret = self._settings.callback_secret.get_secret_value()
        if secret:
            headers["webhook-signature"] = sign(secret, delivery.delivery_id, at, body)
        began, status, error, retry_after = time.monotonic(), None, "", None
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S)
            async with session.post(
                delivery.url, data=body.encode(), headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                status, retry_after = answer.status, answer.headers.get("Retry-After")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            blocked = isinstance(fault, BlockedAddress) or isinstance(getattr(fault, "os_error", None), BlockedAddress)
            error = "the address is not public" if blocked else type(fault).__name__
        spent = round(time.monotonic() - began, 3)
        return Attempt(at=now(), status_code=status, error=error, duration_s=spent), retry_after

    def _settle(self, key: str, owed: Document, attempt: Attempt, retry_after: str | None) -> None:
        taken = attempt.status_code is not None and 200 <= attempt.status_code < 300

        def change(document: Document) -> Document | None:
            delivery = Delivery.model_validate(document)
            if attempt in delivery.attempts[-1:]:
                return None  # stored before; only the outbox did not hear of it
            delivery.attempts.append(attempt)
            wait = None
            if taken:
                delivery.status = "delivered"
            elif not owed.get("once"):
                wait = pause_s(len(delivery.attempts), attempt.status_code, retry_after, time.time())
                delivery.status = "failed" if wait is None else "pending"
            delivery.next_attempt_at = None if wait is None else time.time() + wait
            return delivery.model_dump()

        delivery = Delivery.model_validate(self._documents.update(key, change))
        outcome = attempt.status_code or attempt.error
        logger.info("callback {} attempt {}: {}", delivery.delivery_id, len(delivery.attempts), outcome)
        if delivery.next_attempt_at is None:
            self._documents.delete(f"outbox/{delivery.delivery_id}")
        else:
            self._documents.put(f"outbox/{delivery.delivery_id}", _owed(delivery))


def _forget(under_way: dict[str, asyncio.Task[None]], delivery_id: str, _: asyncio.Task[None]) -> None:
    under_way.pop(delivery_id, None)


def _key(delivery: Delivery) -> str:
    return f"{delivery.tenant}/deliveries/{delivery.job_id}/{delivery.delivery_id}"


def _owed(delivery: Delivery) -> Document:
    names = {"tenant", "job_id", "delivery_id", "next_attempt_at"}
    return delivery.model_dump(include=names)


def _is_url(name: str) -> bool:
    return name.endswith("_url")


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def _logged(sending: Awaitable[None], stop: asyncio.Event) -> None:
    """One failed attempt must not end the loop; the outbox still holds it, so it is tried again after a pause."""
    try:
        await sending
    except (AppError, OSError, ValueError) as error:
        logger.error("a callback could not be settled: {!r}", error)
        await _pause(stop, _UNSETTLED_PAUSE_S)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
