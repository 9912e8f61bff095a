"""Two tenants on one running service, and two gateways on one folder: who sees what, who hears what, and only once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from attacked import SMALL, TEXT, Attacked, problem, until
from living_service import SECRET, Business

ALPHA, BETA = "alpha-key-4711", "beta-key-0815"
CREATE, RENDER = "/api/v1/storyboard/create", "/api/v1/video/render"
IDS = {"story_id": "ours", "user_id": "u"}
LONG = SMALL | {"shot_count": 12, "script_content": TEXT, "resolution": "1080p"}
"""Busy for some seconds."""
SSE = {"story_id": "sse", "operation_id": "sse", "script_content": TEXT, "shot_count": 4, "seed": 9}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("tenants")
    keys = f"alpha:{ALPHA},beta:{BETA}"
    service = Attacked(folder, business.url, ALPHA, API_KEYS=keys, WORKER_JOBS="1", LOG_LEVEL="DEBUG")
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def ours(service: Attacked) -> dict[str, Any]:
    """Alpha's story and film."""
    service.story("ours")
    return service.post(RENDER, IDS | {"operation_id": "film"})


def client(service: Attacked, key: str = "", url: str = "") -> httpx2.Client:
    return httpx2.Client(base_url=url or service.url, headers={"X-API-Key": key} if key else {}, timeout=120)


def events(lines: Iterator[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """(id, event, data) of a stream."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            found[name] = value
        elif "data" in found:
            yield int(found["id"]), found["event"], json.loads(found["data"])
            found = {}


# -- keys --------------------------------------------------------------------------------------------------


def test_nobody_sees_what_is_anothers(service: Attacked, ours: dict[str, Any]) -> None:
    job = ours["operation"]["job_id"]
    message = f"msg_{job}_succeeded"
    mine = [
        *("/api/v1/stories/ours", "/api/v1/stories/ours/shots", "/api/v1/stories/ours/shots/shot_01/versions"),
        *("/api/v1/stories/ours/storyboards", f"/api/v1/jobs/{job}", f"/api/v1/jobs/{job}/events"),
        *(f"/api/v1/jobs/{job}/deliveries", "/api/v1/operations/film?user_id=u", urlsplit(ours["video_url"]).path),
    ]
    with client(service, BETA) as beta, client(service) as stranger:
        for path in mine:
            assert service.http.get(path).status_code == 200, path
            problem(beta.get(path), 404, "NOT_FOUND")
            problem(stranger.get(path), 401, "UNAUTHENTICATED")
        assert beta.get("/api/v1/stories").json()["stories"] == [] == beta.get("/api/v1/jobs").json()["jobs"]
        for method, path, body in (
            ("POST", f"/api/v1/jobs/{job}/cancel", None),
            ("POST", f"/api/v1/jobs/{job}/retry", None),
            ("POST", f"/api/v1/jobs/{job}/deliveries/{message}/redeliver", None),
            ("DELETE", "/api/v1/stories/ours?user_id=u", None),
            ("PATCH", "/api/v1/stories/ours/shots/shot_01", {"tone": "x"}),
            ("POST", RENDER, IDS | {"operation_id": "theft"}),
        ):
            problem(beta.request(method, path, json=body), 404, "NOT_FOUND")
            problem(stranger.request(method, path, json=body), 401, "UNAUTHENTICATED")
        problem(client(service, "alpha-key-471").get("/api/v1/jobs"), 401, "UNAUTHENTICATED")
        assert stranger.get("/health").status_code == stranger.get("/docs").status_code == 200


def test_the_same_ids_of_two_tenants_are_two_stories(service: Attacked, ours: dict[str, Any]) -> None:
    with client(service, BETA) as beta:
        body = SMALL | {"story_id": "ours", "operation_id": "board-ours", "script_content": "A cat sleeps."}
        made = beta.post(CREATE, json=body, headers={"Prefer": "wait=60"}).json()
        assert "cat" in made["shots"][0]["narration"].lower()
        assert service.http.get("/api/v1/stories/ours").json()["script_content"] == TEXT
        beta.delete("/api/v1/stories/ours")
    assert service.http.get("/api/v1/stories/ours").status_code == 200


def test_a_link_opens_without_a_key_as_long_as_it_is_what_it_was(service: Attacked, ours: dict[str, Any]) -> None:
    parts = urlsplit(ours["video_url"])
    query = {name: value[0] for name, value in parse_qs(parts.query).items()}
    later = str(int(query["expires"]) + 86_400)
    other = urlsplit(ours["subtitle_urls"]["srt"])
    with client(service) as stranger, client(service, BETA) as beta:
        assert stranger.get(ours["video_url"]).status_code == beta.get(ours["video_url"]).status_code == 200
        for changed in (
            {**query, "expires": later},
            {**query, "expires": "1"},
            {**query, "expires": "-1"},
            {**query, "expires": "9" * 20},
            {**query, "signature": query["signature"][:-1]},
            {**query, "signature": query["signature"][::-1]},
            {**query, "signature": ""},
            {"expires": query["expires"]},
            {name: value[0] for name, value in parse_qs(other.query).items()},
        ):
            problem(stranger.get(parts.path, params=changed), 401, "UNAUTHENTICATED")
            problem(beta.get(parts.path, params=changed), 404, "NOT_FOUND")


# -- following, stopping, repeating ------------------------------------------------------------------------


def test_a_stream_that_broke_off_goes_on_where_it_was(service: Attacked, ours: dict[str, Any]) -> None:
    job = service.try_post(CREATE, SMALL | SSE, 0).json()["operation"]["job_id"]
    path, seen = f"/api/v1/jobs/{job}/events", []
    while not seen or seen[-1][2].get("status") not in ("succeeded", "failed", "canceled"):
        headers = {"Last-Event-ID": str(seen[-1][0])} if seen else {}
        with service.http.stream("GET", path, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for number, event in enumerate(events(answer.iter_lines()), 1):
                seen.append(event)
                if number == 3:
                    break  # hang up in the middle
    numbers = [number for number, _, _ in seen]
    assert numbers == sorted(set(numbers)) and seen[-1][2]["status"] == "succeeded"
    with service.http.stream("GET", path) as answer:
        assert list(events(answer.iter_lines())) == seen
    assert sum(event == "shot" for _, event, _ in seen) == 4


def test_a_client_that_hangs_up_while_it_waits_cancels_nothing(service: Attacked, ours: dict[str, Any]) -> None:
    body = SMALL | {"story_id": "gone", "operation_id": "gone", "script_content": TEXT + "它回家了。", "seed": 5}
    with client(service, ALPHA) as hasty, pytest.raises(httpx2.ReadTimeout):
        hasty.post(CREATE, json=body, headers={"Prefer": "wait=60"}, timeout=0.1)
    assert service.post(CREATE, body)["operation"]["status"] == "Success"
    assert len(service.documents("alpha/stories/gone/*.json")) == 1


def test_many_who_wait_for_one_job_all_get_it(service: Attacked, ours: dict[str, Any]) -> None:
    body = SMALL | {"story_id": "many", "operation_id": "many", "script_content": TEXT, "seed": 6}
    found: list[str] = []

    def wait() -> None:
        with client(service, ALPHA) as one:
            found.append(one.post(CREATE, json=body, headers={"Prefer": "wait=60"}).json()["operation"]["job_id"])

    threads = [threading.Thread(target=wait) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len(set(found)) == 1


def test_a_running_and_a_queued_job_are_canceled_and_can_be_tried_again(
    service: Attacked, ours: dict[str, Any], business: Business
) -> None:
    bodies = [LONG | {"story_id": "stop", "operation_id": f"stop-{n}", "seed": 70 + n} for n in range(2)]
    jobs = [service.try_post(CREATE, body, 0).json()["operation"]["job_id"] for body in bodies]
    paths = [f"/api/v1/jobs/{job}" for job in jobs]
    until(lambda: service.http.get(paths[0]).json()["status"] == "running")
    assert service.http.get(paths[1]).json()["status"] == "queued"
    problem(service.http.post(f"{paths[0]}/retry"), 409, "BUSY")
    for path in reversed(paths):
        assert service.http.post(f"{path}/cancel").json()["status"] == "canceled"
    for path in paths:
        assert service.http.post(f"{path}/cancel").json()["status"] == "canceled"
        assert service.http.get(path).json()["finished_at"]
    assert service.http.get("/api/v1/stories/stop").status_code == 404
    again = service.http.post(f"{paths[1]}/retry").json()
    assert again["retry_of"] == jobs[1] and service.http.post(f"{paths[1]}/retry").json()["job_id"] == again["job_id"]
    service.http.post(f"/api/v1/jobs/{again['job_id']}/cancel")
    wanted = {f"msg_{job}_canceled" for job in [*jobs, again["job_id"]]}
    until(lambda: wanted <= heard(business))


_heard: dict[int, list[str]] = {}


def heard(business: Business) -> set[str]:
    """Ids of all callbacks so far."""
    ids = _heard.setdefault(id(business), [])
    while not business.got.empty():
        ids.append(business.got.get()[0]["webhook-id"])
    return set(ids)


def test_a_callback_is_sent_once_more_when_asked(service: Attacked, ours: dict[str, Any], business: Business) -> None:
    job = ours["operation"]["job_id"]
    message = f"msg_{job}_succeeded"
    until(lambda: message in heard(business))
    assert _heard[id(business)].count(message) == 1
    path = f"/api/v1/jobs/{job}/deliveries"
    assert service.http.post(f"{path}/{message}/redeliver").status_code == 202
    until(lambda: heard(business) and _heard[id(business)].count(message) == 2)
    delivery = until(lambda: [one for one in service.http.get(path).json()["deliveries"] if len(one["attempts"]) == 2])
    assert delivery[0]["status"] == "delivered"


# -- two gateways ------------------------------------------------------------------------------------------


def test_two_gateways_on_one_folder_work_as_one(
    service: Attacked, ours: dict[str, Any], business: Business, tmp_path: Path
) -> None:
    settings = {"API_KEYS": f"alpha:{ALPHA},beta:{BETA}", "DATA_DIR": str(service.data)}
    second = Attacked(tmp_path, business.url, ALPHA, **settings)
    try:
        assert second.http.get("/api/v1/stories/ours").json()["script_content"] == TEXT
        assert client(second).get(ours["video_url"].replace(service.url, second.url)).status_code == 200
        bodies = [SMALL | {"story_id": f"g{n}", "operation_id": f"g{n}", "script_content": TEXT} for n in range(6)]
        jobs = set()
        for body in bodies:
            posted = [one.try_post(CREATE, body, 0).json()["operation"]["job_id"] for one in (service, second)]
            assert posted[0] == posted[1]
            jobs.add(posted[0])
        for body, one in zip(bodies, [service, second] * 3, strict=True):
            assert one.post(CREATE, body)["operation"]["status"] == "Success"
        wanted = {f"msg_{job}_succeeded" for job in jobs}
        until(lambda: wanted <= heard(business))
    finally:
        second.stop()
    time.sleep(1)
    heard(business)
    assert all(_heard[id(business)].count(one) == 1 for one in wanted)


def test_the_same_operation_is_the_same_job_after_a_restart(service: Attacked, ours: dict[str, Any]) -> None:
    service.stop()
    service.start()
    again = service.post(RENDER, IDS | {"operation_id": "film"}, 60)
    assert again["operation"] == ours["operation"] and again["video_url"] == ours["video_url"]
    problem(service.try_post(RENDER, IDS | {"operation_id": "film", "fps": 9}, 0), 422, "OPERATION_ID_REUSED")


def test_no_key_and_no_secret_is_in_a_log_or_an_error(service: Attacked, ours: dict[str, Any]) -> None:
    signature = parse_qs(urlsplit(ours["video_url"]).query)["signature"][0]
    link_secret = (service.data / "link_secret").read_text()
    errors = [service.http.get("/api/v1/nothing").text, client(service, "wrong-key-99").get("/api/v1/jobs").text]
    documents = "".join(path.read_text() for path in service.documents("**/*.json*"))
    for secret in (ALPHA, BETA, SECRET, SECRET.removeprefix("whsec_"), link_secret, signature, "wrong-key-99"):
        assert secret not in service.log and secret not in documents
        assert all(secret not in error for error in errors)
    assert "Traceback" not in service.log and " CRITICAL " not in service.log
