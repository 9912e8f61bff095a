"""The whole service with its files in a bucket: links that open, failures that say why, never a link that is dead.

The tests of this file are one story and run in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import av
import httpx2
import pytest
from fakes.base import Fault
from fakes.oss import Oss
from living_service import Business, Service

IDS = {"story_id": "story-1", "user_id": "u-1"}
STORY = IDS | {
    "display_name": "小狗",
    "script_content": "小狗醒来。它去找妈妈。",
    "resolution": "480p",
    "aspect_ratio": "1:1",
    "shot_count": 2,
}
QUICK = {"bgm": "none", "ambience": False, "transition": "cut"}


class BucketService(Service):
    def __init__(self, folder: Path, callback_url: str, bucket: Oss) -> None:
        self._bucket = bucket
        super().__init__(folder, callback_url)

    def start(self) -> None:
        self._environment |= {
            "OBJECTS": "oss",
            "OSS_ACCESS_KEY_ID": self._bucket.key_id,
            "OSS_ACCESS_KEY_SECRET": self._bucket.secret,
            "OSS_ENDPOINT": self._bucket.url,
            "OSS_REGION": self._bucket.region,
            "OSS_BUCKET_NAME": self._bucket.bucket,
            "OUTPUT_CARDS": "false",
        }
        super().start()


@pytest.fixture(scope="module")
def bucket() -> Iterator[Oss]:
    with Oss() as fake:
        yield fake


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business, bucket: Oss) -> Iterator[BucketService]:
    service = BucketService(tmp_path_factory.mktemp("bucket"), business.url, bucket)
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def told(service: BucketService) -> dict[str, Any]:
    board = service.post("/api/v1/storyboard/create", STORY | {"operation_id": "board"})
    return {"board": board, "film": service.post("/api/v1/video/render", IDS | QUICK | {"operation_id": "film"})}


def urls_in(body: Any) -> set[str]:
    """Every address of a file anywhere in an answer."""
    if isinstance(body, dict):
        return {url for value in body.values() for url in urls_in(value)}
    if isinstance(body, list):
        return {url for value in body for url in urls_in(value)}
    return {body} if isinstance(body, str) and body.startswith("http") else set()


def key_of(url: str) -> str:
    """The key in the bucket that a link leads to."""
    return unquote(urlsplit(url).path).removeprefix("/films/")


def test_the_film_opens_by_its_link_and_plays(
    service: BucketService, bucket: Oss, told: dict[str, Any], tmp_path: Path
) -> None:
    url = told["film"]["video_url"]
    assert url.startswith(f"{bucket.url}/films/story/u-1/story-1/film-")
    answer = httpx2.get(url)
    assert answer.status_code == 200 and answer.headers["content-type"] == "video/mp4"
    path = tmp_path / "film.mp4"
    path.write_bytes(answer.content)
    with av.open(str(path)) as media:
        frames = sum(1 for _ in media.decode(video=0))
    assert abs(frames / 12 - told["film"]["duration"]) < 0.2
    assert (service.folder / "data").exists() and not (service.folder / "data" / "objects").exists()


def test_every_link_of_every_answer_and_callback_opens(
    service: BucketService, bucket: Oss, business: Business, told: dict[str, Any]
) -> None:
    called = [json.loads(business.got.get(timeout=30)[1]) for _ in told]
    assert {one["type"] for one in called} == {"storyboard.succeeded", "video.succeeded"}
    film = next(one for one in called if one["type"] == "video.succeeded")
    assert key_of(film["data"]["video_url"]) == key_of(told["film"]["video_url"])
    story = service.http.get("/api/v1/stories/story-1").json()
    urls = urls_in([told, story, called])
    assert len({key_of(url) for url in urls}) >= 2 * 3 + 3
    for url in urls:
        assert httpx2.get(url).status_code == 200, url
    assert {key_of(url) for url in urls} <= set(bucket.objects)
    assert all(key.startswith("story/u-1/story-1/") for key in bucket.objects)


def test_an_address_of_this_service_leads_to_the_bucket(
    service: BucketService, bucket: Oss, told: dict[str, Any]
) -> None:
    key = key_of(told["film"]["video_url"])
    for method in ("GET", "HEAD"):
        answer = service.http.request(method, f"/files/default/{key}")
        assert answer.status_code == 307 and answer.headers["cache-control"] == "no-store"
        there = httpx2.request(method, answer.headers["location"], headers={"Range": "bytes=0-9"})
        assert there.status_code == 206 and there.headers["content-type"] == "video/mp4"
    assert service.http.get(f"/files/acme/{key}").status_code == 404


def test_links_are_the_same_at_every_read_and_ask_the_bucket_nothing(
    service: BucketService, bucket: Oss, told: dict[str, Any]
) -> None:
    asked = len(bucket.sent)
    first, second = (service.http.get("/api/v1/stories/story-1").json() for _ in range(2))
    assert first == second and len(bucket.sent) == asked


def test_what_the_bucket_refuses_fails_the_job_with_the_reason(
    service: BucketService, bucket: Oss, told: dict[str, Any]
) -> None:
    bucket.refuse("PUT .*", 403, "AccessDenied", "You have no right to access this object because of bucket acl.")
    body = IDS | QUICK | {"operation_id": "refused", "subtitles": "none"}
    answer = service.http.post("/api/v1/video/render", json=body, headers={"Prefer": "wait=120"})
    bucket.mend()
    problem = answer.json()
    assert answer.status_code == 502 and problem["code"] == "ENGINE_FAILED" and not problem["retryable"]
    for word in ("bucket films", "storing story/u-1/story-1/", "AccessDenied (403)", "because of bucket acl"):
        assert word in problem["detail"]
    job = service.http.get(f"/api/v1/jobs/{problem['operation']['job_id']}").json()
    assert job["status"] == "failed" and job["result"] is None and "AccessDenied" in job["error"]["detail"]
    for url in urls_in(service.http.get("/api/v1/stories/story-1").json()):
        assert httpx2.get(url).status_code == 200, url
    assert bucket.secret not in (service.folder / "service.log").read_text()


def test_a_bucket_that_stumbles_is_survived(service: BucketService, bucket: Oss, told: dict[str, Any]) -> None:
    bucket.fail("PUT .*", Fault(503), times=2)
    body = service.post("/api/v1/video/render", IDS | QUICK | {"operation_id": "stumbled", "subtitles": "none"})
    assert body["operation"]["status"] == "Success"
    assert httpx2.get(body["video_url"]).status_code == 200
    assert key_of(body["video_url"]) != key_of(told["film"]["video_url"])
