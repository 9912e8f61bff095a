"""Workers are killed at random while films are rendered; a receiver takes the callbacks."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from loguru import logger
from place import Place

from app.models.job import MAX_ATTEMPTS, Job


class Receiver:
    """A business that takes callbacks: how often each ``webhook-id`` came, and which ids each job had."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.by_job: defaultdict[str, set[str]] = defaultdict(set)
        self.port = 0

    async def take(self, request: web.Request) -> web.Response:
        body = json.loads(await request.text())
        self.ids[request.headers["webhook-id"]] += 1
        self.by_job[body["data"]["operation"]["job_id"]].add(request.headers["webhook-id"])
        return web.Response()


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    taken = Receiver()
    app = web.Application()
    app.router.add_post("/hook", taken.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    taken.port = runner.addresses[0][1]
    yield taken
    await runner.cleanup()


def kill(place: Place, index: int) -> None:
    """kill -9 one worker and start another one in its place."""
    process = place.workers[index]
    process.send_signal(signal.SIGKILL)
    process.wait()
    place.workers.pop(index)
    place.worker()


async def storm(
    place: Place, taken: Receiver, renders: int, shots: int, kills: int, pause_s: tuple[float, float]
) -> None:
    """``renders`` films under ``kills`` kills, and one of every worker at once, and what must hold afterwards.

    As many workers as films, one film each: all are rendered at once, and a kill hits one of them.
    """
    dice = random.Random(7)
    for _ in range(renders):
        place.worker()
    lines = [[f"slow:0.3 film {film} picture {number}" for number in range(shots)] for film in range(renders)]
    boards = [place.script(f"board-{n}", "quick", story=f"s{n}") for n in range(renders)]
    await asyncio.gather(*[place.done(board) for board in boards])
    jobs = []
    for number, pictures in enumerate(lines):
        given = [{"id": f"shot_{n}", "detail": line, "narration": f"Words {n}."} for n, line in enumerate(pictures)]
        order = place.order("video", f"film-{number}", f"s{number}", request={"shots": given, "bgm": "none"})
        jobs.append(await place.submit(order))
    for _ in range(kills):
        await asyncio.sleep(dice.uniform(*pause_s))
        await asyncio.to_thread(kill, place, dice.randrange(renders))
    for process in place.workers:
        process.send_signal(signal.SIGKILL)
    for process in place.workers:
        process.wait()
    place.workers.clear()
    for _ in range(renders):
        place.worker()
    ended = await asyncio.gather(*[place.ended(job) for job in jobs])
    await everything_holds(place, taken, ended)


async def everything_holds(place: Place, taken: Receiver, ended: list[Job]) -> None:
    logger.info("{}", {status: sum(job.status == status for job in ended) for status in ("succeeded", "failed")})
    logger.info("attempts {}", sorted(job.attempts for job in ended))
    for job in ended:
        assert job.status == "succeeded" or (job.attempts == MAX_ATTEMPTS and job.error is not None), job
    twice = {name: count for name, count in place.made().items() if count > 1}
    assert not twice, f"made more than once: {twice}"
    await place.until(lambda: all(job.job_id in taken.by_job for job in ended), "all callbacks")
    for job in ended:
        assert taken.by_job[job.job_id] == {f"msg_{job.job_id}_{job.status}"}
    await place.until(lambda: not list(place.services.documents.keys("open")), "no open job")
    await place.until(lambda: not list(place.services.documents.keys("outbox")), "no callback owed")
