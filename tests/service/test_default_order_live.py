"""Nobody wrote down an order: whoever is set up does it, the owner's machines first, and the builtin engine at last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from fakes.comfyui import ComfyUI
from fakes.ollama import Ollama
from fakes.openai_speech import OpenAISpeech
from living_service import Business, Service

STORY = {
    "operation_id": "board",
    "story_id": "story-1",
    "user_id": "u-1",
    "script_content": "清晨，小兔子小白走进森林。她迷了路，天黑了，她很害怕。萤火虫来了，给她照亮回家的路。",
    "resolution": "480p",
    "shot_count": 3,
}


@pytest.fixture(scope="module")
def ollama() -> Iterator[Ollama]:
    with Ollama() as fake:
        yield fake


@pytest.fixture(scope="module")
def comfyui() -> Iterator[ComfyUI]:
    with ComfyUI() as fake:
        yield fake


@pytest.fixture(scope="module")
def speech() -> Iterator[OpenAISpeech]:
    with OpenAISpeech() as fake:
        yield fake


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory,
    business: Business,
    ollama: Ollama,
    comfyui: ComfyUI,
    speech: OpenAISpeech,
) -> Iterator[Service]:
    service = Service(
        tmp_path_factory.mktemp("default-order"),
        business.url,
        OLLAMA_HOST=ollama.url,
        COMFYUI_HOSTS=comfyui.url,
        ENGINE_IMAGE_COMFYUI_GRAPH="flux-dev",
        ENGINE_IMAGE_COMFYUI_POLL_S="0.1",
        ENGINE_VIDEO_COMFYUI_POLL_S="0.1",
        ENGINE_SPEECH_OPENAI_API_KEY="sk-speech",
        ENGINE_SPEECH_OPENAI_BASE_URL=f"{speech.url}/v1",
    )
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def told(service: Service) -> dict[str, Any]:
    board = service.post("/api/v1/storyboard/create", STORY)
    render = {"operation_id": "film", "story_id": "story-1", "user_id": "u-1", "cards": False, "bgm": "none"}
    film = service.post("/api/v1/video/render", render)
    return {"board": service.job(board), "film": service.job(film)}


def test_everything_is_made_by_those_that_are_set_up(told: dict[str, Any]) -> None:
    assert told["film"]["status"] == "succeeded" and told["film"]["notes"] == []
    for shot in told["film"]["result"]["shots"]:
        assert shot["engines"] == {"image": "image/comfyui", "audio": "speech/openai", "video": "video/comfyui"}


def test_the_storyboard_comes_from_the_language_model(told: dict[str, Any], ollama: Ollama) -> None:
    assert len(ollama.calls("POST /api/chat")) >= 4
    assert all("出现" in shot["detail"] for shot in told["board"]["result"]["shots"])


def test_a_model_that_wants_english_gets_it_and_the_shot_keeps_its_words(
    told: dict[str, Any], comfyui: ComfyUI, service: Service
) -> None:
    graphs = [sent.json["prompt"] for sent in comfyui.calls("POST /prompt")]
    flux = [graph for graph in graphs if any(node["class_type"] == "FluxGuidance" for node in graph.values())]
    texts = [
        node["inputs"]["text"] for graph in flux for node in graph.values() if node["class_type"] == "CLIPTextEncode"
    ]
    assert len(flux) == 3 and all("English words of text" in text for text in texts if text)
    shots = service.http.get("/api/v1/stories/story-1/shots", params={"user_id": "u-1"}).json()["shots"]
    assert not any("English words" in shot["image_detail"] for shot in shots)


def test_words_are_found_in_a_recording_without_word_times(told: dict[str, Any], service: Service) -> None:
    subtitles = service.http.get(told["film"]["result"]["subtitle_urls"]["srt"]).text
    assert subtitles.count("-->") >= 3


def test_the_film_plays(told: dict[str, Any], service: Service, tmp_path: Path) -> None:
    with av.open(str(service.fetch(told["film"]["result"]["video_url"], tmp_path / "film.mp4"))) as media:
        frames = sum(1 for _ in media.decode(video=0))
    assert frames >= 3 * 12


def test_the_list_of_engines_shows_the_order_that_nobody_wrote_down(service: Service) -> None:
    found = {one["name"]: one for one in service.http.get("/api/v1/engines").json()["engines"]}
    order = {name: one["order"] for name, one in found.items() if one["order"]}
    assert order["script/ollama"] == 1 and order["script/builtin"] == 2
    assert order["image/comfyui"] == 1 and order["video/comfyui"] == 1
    assert order["speech/openai"] == 1 and order["music/builtin"] == 1
    assert "script/dashscope" not in order
