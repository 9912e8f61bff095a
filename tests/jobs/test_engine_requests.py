"""What engines are asked for: English for those that want it, pictures of the cast for those that can use them."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from place import Place

from app.models.artifact import Artifact

LINES = ("小狗 在 雨里", "小狗 回家")
CAST = [{"name": "小狗", "description": "一只棕色的小狗"}]


@pytest.fixture
def settings() -> dict[str, Any]:
    return {
        "engines_script": "builtin,translator",
        "engines_image": "anglophone",
        "image_character": "painter",
        "callback_allowed_hosts": "127.0.0.1",
    }


@pytest.fixture
def studio(tmp_path: Path, settings: dict[str, Any]) -> Any:
    place = Place(tmp_path, **settings)
    place.worker()
    yield place
    place.close()


def kept(place: Place, kind: str) -> list[Artifact]:
    store = place.services.artifacts
    found = [artifact for key in list(store.keys()) if (artifact := store.find(key)) is not None]
    return [one for one in found if one.manifest.recipe.kind == kind]


def order(place: Place, operation: str, story: str, *, seed: int = 0, **more: Any) -> Any:
    request = {
        "text": "\n".join(LINES),
        "resolution": "480p",
        "language": "zh",
        "seed": seed,
        "characters": CAST,
        **more,
    }
    return place.order("storyboard", operation, story, request=request)


async def test_prompts_go_out_in_english_and_the_shot_s_own_words_stay(studio: Place) -> None:
    job = await studio.done(order(studio, "op", "s1"))
    assert job.status == "succeeded", job.error
    scenes = [
        one.manifest.recipe.params for one in kept(studio, "key_frame") if "prompt_en" in one.manifest.recipe.params
    ]
    assert {(one["prompt"], one["prompt_en"]) for one in scenes} == {(line, f"English for {line}") for line in LINES}
    story = studio.services.stories.find("default", "s1", "u1")
    assert story.storyboard is not None
    assert [shot.image_detail for shot in story.storyboard.shots] == list(LINES)


async def test_the_same_words_are_translated_once(studio: Place) -> None:
    await studio.done(order(studio, "one", "s1"))
    await studio.done(order(studio, "two", "s2", seed=5))
    made = studio.made()
    assert [count for (kind, _), count in made.items() if kind == "translation"] == [1, 1]


async def test_a_portrait_of_the_cast_is_drawn_once_by_its_own_engine(studio: Place) -> None:
    job = await studio.done(order(studio, "op", "s1"))
    frames = kept(studio, "key_frame")
    portraits = [one for one in frames if one.manifest.recipe.params.get("task_type") == "character"]
    assert [one.manifest.recipe.engine for one in portraits] == ["image/painter"]
    assert "一只棕色的小狗" in portraits[0].manifest.recipe.params["prompt"]
    scenes = [one for one in frames if one not in portraits]
    assert [one.manifest.recipe.inputs for one in scenes] == [{"reference_0": portraits[0].key}] * 2
    assert {shot["takes"]["image"][0]["engine"] for shot in (job.result or {})["shots"]} == {"image/anglophone"}


async def test_a_character_s_own_picture_is_used_instead(studio: Place, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "dog.png"), np.full((3000, 2000, 3), 90, np.uint8))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/dog.png"
        cast = [CAST[0] | {"reference_image_url": url}]
        job = await studio.done(order(studio, "op", "s1", characters=cast))
        gone = [CAST[0] | {"reference_image_url": url.replace("dog", "cat")}]
        refused = await studio.done(order(studio, "op2", "s2", characters=gone))
        server.shutdown()
    assert job.status == "succeeded", job.error
    (reference,) = kept(studio, "reference")
    picture = cv2.imread(str(reference.path("reference.png")))
    assert picture is not None and picture.shape[:2] == (1024, 683)
    assert refused.status == "failed" and "reference_image_url" in (refused.error or {})["detail"]


@pytest.mark.parametrize("settings", [{"engines_image": "anglophone", "cast_references": "false"}])
async def test_without_a_translator_the_picture_is_drawn_all_the_same_and_that_is_told(studio: Place) -> None:
    job = await studio.done(order(studio, "op", "s1"))
    assert job.status == "succeeded"
    assert len([note for note in job.notes if "not translated" in note]) == 1
    assert all("prompt_en" not in one.manifest.recipe.params for one in kept(studio, "key_frame"))


@pytest.mark.parametrize("settings", [{"engines_script": "translator", "engines_image": "anglophone"}])
async def test_english_words_are_not_translated(studio: Place) -> None:
    request = {"text": "a dog in the rain", "resolution": "480p", "language": "en"}
    job = await studio.done(studio.order("storyboard", "op", "s1", request=request))
    assert job.status == "succeeded"
    assert kept(studio, "translation") == []
