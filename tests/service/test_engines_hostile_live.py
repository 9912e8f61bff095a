"""A living service whose owner wrote nonsense into its settings and whose hosts never answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from living_service import Business, Service

STORY = {"user_id": "u-1", "script_content": "小狗找妈妈的故事", "resolution": "480p", "aspect_ratio": "1:1"}
RENDER = {"user_id": "u-1", "cards": False, "transition": "cut", "subtitles": "none", "bgm": "none"}


@pytest.fixture(scope="module")
def abyss() -> Iterator[str]:
    """A host that takes every connection and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business, abyss: str) -> Iterator[Service]:
    service = Service(
        tmp_path_factory.mktemp("hostile"),
        business.url,
        ENGINES_SCRIPT="builtin",
        ENGINES_IMAGE="builtin",
        ENGINES_VIDEO="pixverse,builtin",
        PIXVERSE_API_KEY="key-of-a-test",
        ENGINE_VIDEO_PIXVERSE_POLL_S="abc",
        ENGINE_IMAGE_COMFYUI_HOSTS=abyss,
        OLLAMA_HOST=abyss,
    )
    try:
        yield service
    finally:
        service.stop()


def listed(service: Service) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in service.http.get("/api/v1/engines").json()["engines"]}


def test_a_setting_that_cannot_be_read_is_named_in_the_list_and_stops_nothing(service: Service) -> None:
    found = listed(service)["video/pixverse"]
    assert not found["ready"] and "POLL_S" in found["missing"][0]
    assert "key-of-a-test" not in str(found)


def test_hosts_that_hang_keep_nobody_else_waiting(service: Service) -> None:
    found: dict[str, dict[str, Any]] = {}
    asking = threading.Thread(target=lambda: found.update(listed(service)))
    asking.start()
    others = 0
    while asking.is_alive():
        assert service.http.get("/ready").status_code == 200
        others += 1
        time.sleep(0.05)
    asking.join()
    assert others > 5, "the list was there at once, or nobody else was answered meanwhile"
    assert found["image/builtin"]["ready"]
    assert not found["image/comfyui"]["ready"] and found["image/comfyui"]["missing"]


def test_a_film_is_made_without_the_engine_that_is_set_up_wrongly_and_says_so(service: Service) -> None:
    board = STORY | {"operation_id": "board", "story_id": "s-1", "shot_count": 1}
    assert service.post("/api/v1/storyboard/create", board)["operation"]["status"] == "Success"
    film = service.post("/api/v1/video/render", RENDER | {"operation_id": "film", "story_id": "s-1"})
    job = service.job(film)
    assert film["operation"]["status"] == "Success"
    assert any("video/pixverse was passed over" in note and "POLL_S" in note for note in job["notes"]), job["notes"]


@pytest.mark.parametrize(
    ("engines", "known"),
    [
        ({"upscale": "pixverse"}, "flashvsr"),
        ({"interpolate": "none"}, "rife"),
        ({"video": "builtin, nobody"}, "qianfan"),
        ({"script": "gpt"}, "ollama"),
    ],
)
def test_an_engine_that_there_is_not_is_refused_with_those_that_there_are(
    service: Service, engines: dict[str, str], known: str
) -> None:
    body = RENDER | {"operation_id": f"op-{known}", "story_id": "s-1", "engines": engines}
    answer = service.http.post("/api/v1/video/render", json=body)
    assert answer.status_code == 422 and known in answer.json()["detail"]
    assert answer.json()["errors"][0]["loc"] == ["engines", *engines]


def test_engines_may_be_named_for_what_a_film_does_not_need(service: Service) -> None:
    engines = {"upscale": "flashvsr", "interpolate": "rife,builtin"}
    body = RENDER | {"operation_id": "named", "story_id": "s-1", "engines": engines}
    assert service.post("/api/v1/video/render", body)["operation"]["status"] == "Success"


@pytest.mark.parametrize(("value", "status"), [(True, 200), (1, 200), ("yes", 200), (None, 200), ("perhaps", 422)])
def test_whether_a_shot_goes_on_is_said_in_many_ways_and_kept_in_one(
    service: Service, value: object, status: int
) -> None:
    where = "/api/v1/stories/s-1/shots/shot_01"
    service.http.patch(where, json={"continues": True}, params={"user_id": "u-1"})
    answer = service.http.patch(where, json={"continues": value}, params={"user_id": "u-1"})
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["continues"] is True
