"""The whole service under kill -9: ``python -m app.main`` with builtin engines, posted to over HTTP. Not in CI.

    python -m pytest tests/soak -s -p no:cacheprovider

Takes about eight minutes on two cores; prints what it measured. Times are printed and never asserted.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))

from living_service import Business, Service
from living_storm import Pulse, Shelf, Workers, ended, kill, made_twice, post_all, quantiles, webhook_ids

from app.models.job import MAX_ATTEMPTS

RENDERS, SHOTS, KILLS = 10, 4, 20
PLACES = ("a forest", "the sea", "a village in the rain", "a city at night", "a desert", "snowy mountains")
HEROES = ("a small dog", "an old man", "a red fox", "a girl with a kite", "a robot")
CAMERAS = ("push_in", "orbit", "truck", "pull_back")


def tell_stories(service: Service, count: int) -> None:
    """A small storyboard each, the same for all, so that there are stories to render; renders bring their own shots."""
    told = {"user_id": "u", "script_content": "A small dog looks for its ball.", "shot_count": 1, "resolution": "480p"}
    for number in range(count):
        service.post("/api/v1/storyboard/create", told | {"story_id": f"story-{number}", "operation_id": f"{number}"})


def a_render(number: int, shots: int, **more: Any) -> dict[str, Any]:
    """A film of its own: no picture in it is in another one."""
    hero = HEROES[number % len(HEROES)]
    given = [
        {
            "id": f"shot_{index + 1:02d}",
            "detail": f"{hero} in {PLACES[(number + index) % len(PLACES)]}, film {number} picture {index}",
            "narration": f"In film {number}, {hero} walked on, and part {index} of the way was long.",
            "camera": CAMERAS[index % len(CAMERAS)],
            "seed": 1000 * number + index,
        }
        for index in range(shots)
    ]
    ids = {"story_id": f"story-{number}", "user_id": "u", "operation_id": f"film-{number}"}
    return ids | {"shots": given} | more


@pytest.fixture
def business() -> Business:
    return Business()


@pytest.fixture
def service(
    request: pytest.FixtureRequest, tmp_path: Path, business: Business, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """``param``: the jobs that one worker carries out at a time, and its threads."""
    jobs, threads = request.param
    monkeypatch.setenv("WORKER_JOBS", jobs)
    monkeypatch.setenv("WORKER_THREADS", threads)
    service = Service(tmp_path, business.url)
    yield service
    service.stop()


@pytest.mark.parametrize("service", [("1", "1")], ids=["one job each"], indirect=True)
def test_ten_films_survive_twenty_kills_of_workers_and_one_of_everything(service: Service, business: Business) -> None:
    dice, shelf = random.Random(7), Shelf(service.folder / "data")
    tell_stories(service, RENDERS)
    workers = Workers(service, RENDERS - 1)
    workers.fill()
    try:
        with Pulse(service.url) as pulse:
            began = time.monotonic()
            answers, posted = post_all(service, [a_render(number, SHOTS, fps=24) for number in range(RENDERS)])
            storm(service, workers, shelf, dice)
            logger.info(f"storm over after {time.monotonic() - began:.0f} s")
            jobs = ended(service, [one["operation"]["job_id"] for one in answers], 1800)
            logger.info(
                f"all ended after {time.monotonic() - began:.0f} s; posting {quantiles(posted)}; health {pulse}"
            )
    finally:
        workers.kill_all()
    logger.info("attempts {}", sorted((job["attempts"], job["status"]) for job in jobs))
    for job in jobs:
        lasting = "ended 3 times" in str(job["error"]) and job["attempts"] == MAX_ATTEMPTS
        assert job["status"] == "succeeded" or (job["status"] == "failed" and lasting), job
    everything_holds(service, business, shelf, jobs)
    failed = [job for job in jobs if job["status"] == "failed"]
    again = [service.http.post(f"/api/v1/jobs/{job['job_id']}/retry").json()["job_id"] for job in failed]
    assert {job["status"] for job in ended(service, again, 1800)} <= {"succeeded"}
    shelf.look()
    assert not made_twice(service.folder)


def storm(service: Service, workers: Workers, shelf: Shelf, dice: random.Random) -> None:
    """KILLS kills of random workers with a film in hand, and in the middle one of every process there is."""
    for number in range(KILLS):
        time.sleep(dice.uniform(1.0, 8.0))
        shelf.look()
        kill(dice.choice(workers.at_work()))
        workers.fill()
        if number == KILLS // 2:
            workers.kill_all()
            service.kill_everything()
            shelf.look()
            service.start()
            workers.fill()


def everything_holds(service: Service, business: Business, shelf: Shelf, jobs: list[dict[str, Any]]) -> None:
    shelf.look()
    logger.info(f"{len(shelf.seen)} artifacts, {len(made_twice(service.folder))} made twice")
    assert not shelf.lost() and not made_twice(service.folder)
    called = webhook_ids(business, jobs)
    assert {job["job_id"]: called[job["job_id"]] for job in jobs} == {
        job["job_id"]: {f"msg_{job['job_id']}_{job['status']}"} for job in jobs
    }


@pytest.mark.parametrize("service", [("4", "0")], ids=["as usual"], indirect=True)
def test_a_hundred_renders_posted_at_once_all_end(service: Service, business: Business) -> None:
    shelf = Shelf(service.folder / "data")
    tell_stories(service, 100)
    with Pulse(service.url) as pulse:
        began = time.monotonic()
        answers, posted = post_all(service, [a_render(number, 1) for number in range(100)])
        jobs = ended(service, [one["operation"]["job_id"] for one in answers], 3600)
        logger.info(f"100 films after {time.monotonic() - began:.0f} s; posting {quantiles(posted)}; health {pulse}")
    assert {(job["status"], job["attempts"]) for job in jobs} == {("succeeded", 1)}
    everything_holds(service, business, shelf, jobs)
