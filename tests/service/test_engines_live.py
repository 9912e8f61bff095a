"""Films whose clips come from a provider over HTTP: paid once, fallen back from when it dies, told engine by engine.

The tests of this file share one service and one provider, and run in order: the last one kills the provider.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import psutil
import pytest
from fakes.pixverse import Pixverse
from living_service import Business, Service

STORY = {
    "user_id": "u-1",
    "script_content": "小狗找妈妈的故事",
    "resolution": "480p",
    "aspect_ratio": "1:1",
}
RENDER = {"user_id": "u-1", "cards": False, "transition": "cut", "subtitles": "none", "bgm": "none"}


@pytest.fixture(scope="module")
def pixverse() -> Iterator[Pixverse]:
    with Pixverse() as fake:
        yield fake


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business, pixverse: Pixverse) -> Iterator[Service]:
    service = Service(
        tmp_path_factory.mktemp("engines"),
        business.url,
        ENGINES_VIDEO="pixverse,builtin",
        PIXVERSE_API_KEY="key-of-a-test",
        ENGINE_VIDEO_PIXVERSE_BASE_URL=pixverse.url,
        ENGINE_VIDEO_PIXVERSE_POLL_S="0.2",
        ENGINE_VIDEO_PIXVERSE_TIMEOUT_S="3",
        ENGINE_VIDEO_PIXVERSE_CONCURRENCY="1",
    )
    try:
        yield service
    finally:
        service.stop()


def told(service: Service, story: str, shots: int, **more: object) -> None:
    body = STORY | {"operation_id": f"board-{story}", "story_id": story, "shot_count": shots, **more}
    assert service.post("/api/v1/storyboard/create", body)["operation"]["status"] == "Success"


def video_engines(job: dict[str, Any]) -> list[str]:
    return [shot["engines"]["video"] for shot in job["result"]["shots"]]


def worker_of(service: Service) -> psutil.Process:
    return next(one for one in service.tree() if "app.worker" in " ".join(one.cmdline()))


def test_the_list_of_engines_tells_what_each_one_lacks(service: Service) -> None:
    found = {one["name"]: one for one in service.http.get("/api/v1/engines").json()["engines"]}
    assert found["video/pixverse"]["ready"] and found["video/pixverse"]["order"] == 1
    assert found["video/builtin"]["ready"] and found["video/builtin"]["order"] == 2
    assert "QIANFAN_API_KEY" in " ".join(found["video/qianfan"]["missing"])
    assert "127.0.0.1:8188" in " ".join(found["image/comfyui"]["missing"])
    assert found["script/ollama"]["order"] is None and not found["script/ollama"]["ready"]
    only = service.http.get("/api/v1/engines", params={"kind": "video"}).json()["engines"]
    assert {one["kind"] for one in only} == {"video"}


def test_a_killed_worker_s_successor_waits_for_the_same_task(service: Service, pixverse: Pixverse) -> None:
    told(service, "killed", 2)
    pixverse.delay_s = 4.0
    body = service.post("/api/v1/video/render", RENDER | {"operation_id": "film", "story_id": "killed"}, wait_s=0)
    until = time.monotonic() + 60
    while not pixverse.submits and time.monotonic() < until:
        time.sleep(0.05)
    assert pixverse.submits == 1
    time.sleep(0.5)
    worker_of(service).kill()
    while (job := service.job(body))["status"] not in ("succeeded", "failed") and time.monotonic() < until + 60:
        time.sleep(0.2)
    pixverse.delay_s = 0.0
    assert job["status"] == "succeeded", job["error"]
    assert job["attempts"] == 2
    assert pixverse.submits == 2 == len(pixverse.calls("POST /openapi/v2/video/img/generate"))
    assert video_engines(job) == ["video/pixverse"] * 2


def test_the_same_film_again_and_one_with_other_words_cost_nothing(service: Service, pixverse: Pixverse) -> None:
    before = pixverse.submits
    service.post("/api/v1/video/render", RENDER | {"operation_id": "again", "story_id": "killed"})
    service.http.patch("/api/v1/stories/killed/shots/shot_01", json={"sound": "雨声"}, params={"user_id": "u-1"})
    service.post("/api/v1/video/render", RENDER | {"operation_id": "other", "story_id": "killed", "fps": 10})
    assert pixverse.submits == before


def test_a_shot_may_go_on_from_the_last_frame_of_the_one_before(
    service: Service, pixverse: Pixverse, tmp_path: Path
) -> None:
    changed = service.http.patch(
        "/api/v1/stories/killed/shots/shot_02", json={"continues": True}, params={"user_id": "u-1"}
    )
    assert changed.json()["continues"] is True
    before = len(pixverse.calls("POST /openapi/v2/image/upload"))
    service.post("/api/v1/video/render", RENDER | {"operation_id": "on", "story_id": "killed"})
    uploads = pixverse.calls("POST /openapi/v2/image/upload")[before:]
    assert len(uploads) == 1
    shots = service.http.get("/api/v1/stories/killed/shots", params={"user_id": "u-1"}).json()["shots"]
    first = service.fetch(shots[0]["video_url"], tmp_path / "first.mp4")
    sent = uploads[0].body
    start = sent.index(b"\xff\xd8\xff")
    picture = cv2.imdecode(np.frombuffer(sent[start:], np.uint8), cv2.IMREAD_COLOR)
    last = list(av.open(str(first)).decode(video=0))[-1].to_ndarray(format="bgr24")
    small = [cv2.resize(one, (64, 64), interpolation=cv2.INTER_AREA).astype(int) for one in (picture, last)]
    assert np.abs(small[0] - small[1]).mean() < 8


def test_a_larger_film_enlarges_the_provider_s_clips(service: Service, pixverse: Pixverse, tmp_path: Path) -> None:
    before = pixverse.submits
    body = RENDER | {"operation_id": "large", "story_id": "killed", "scale": 2, "multi": 2}
    film = service.post("/api/v1/video/render", body)
    job = service.job(film)
    assert pixverse.submits == before
    assert all(name == "video/pixverse + upscale/builtin + interpolate/builtin" for name in video_engines(job))
    with av.open(str(service.fetch(film["video_url"], tmp_path / "large.mp4"))) as media:
        track = media.streams.video[0]
        assert (track.width, track.height, track.average_rate) == (960, 960, 24)


def test_a_film_whose_provider_dies_is_finished_by_the_next_engine(service: Service, pixverse: Pixverse) -> None:
    told(service, "died", 6, seed=7)
    pixverse.die_after(len(pixverse.delivered) + 3)
    film = service.post("/api/v1/video/render", RENDER | {"operation_id": "film-2", "story_id": "died"})
    assert film["operation"]["status"] == "Success"
    assert service.http.get(film["video_url"]).status_code == 200
    job = service.job(film)
    engines = video_engines(job)
    assert sorted(engines) == ["video/builtin"] * 3 + ["video/pixverse"] * 3
    fallen = [shot["id"] for shot in job["result"]["shots"] if shot["engines"]["video"] == "video/builtin"]
    for shot in fallen:
        assert any(note.startswith(f"{shot}: video/pixverse") for note in job["notes"]), job["notes"]
        versions = service.http.get(f"/api/v1/stories/died/shots/{shot}/versions", params={"user_id": "u-1"}).json()
        assert "video/pixverse" in versions["video"][0]["failed"][0]
    assert "key-of-a-test" not in str(job)
