"""Runs on ComfyUI hosts: what is sent, and which host takes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from cases_comfyui import animate_request, draw_request, ended, painter, posted, set_up, until
from contract import Bench, a_picture, made
from fakes.comfyui import ComfyUI

from app.core.errors import EngineUnavailable
from app.models.engine import Reference
from app.services.engines.image_comfyui import ComfyUIImage
from app.services.engines.video_comfyui import ComfyUIVideo


@pytest.fixture
def fake() -> Iterator[ComfyUI]:
    with ComfyUI() as server:
        yield server


@pytest.fixture
def other() -> Iterator[ComfyUI]:
    with ComfyUI() as server:
        yield server


# -- what is sent --------------------------------------------------------------------------------------


async def test_a_picture_is_asked_for_with_every_field(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = set_up(monkeypatch, "image", fake, TOKEN="s3cret", NEGATIVE="text", MODELS="unet=another.safetensors")
    assert engine.missing() == []
    result = await made(engine, draw_request(bench.folder, width=1600, height=900), bench)
    (body,) = posted(fake)
    assert sorted(body) == ["client_id", "prompt", "prompt_id"]
    graph = body["prompt"]
    assert graph["1"] == {
        "class_type": "UNETLoader",
        "inputs": {"unet_name": "another.safetensors", "weight_dtype": "default"},
    }
    assert graph["4"]["inputs"] == {"text": "a red fox in the snow. ink. mood: calm", "clip": ["2", 0]}
    assert graph["5"]["inputs"]["text"] == "text"
    assert graph["7"]["inputs"] == {"width": 1664, "height": 928, "batch_size": 1}
    assert graph["8"]["inputs"] == {
        "model": ["6", 0],
        "positive": ["4", 0],
        "negative": ["5", 0],
        "latent_image": ["7", 0],
        "seed": 7,
        "steps": 20,
        "cfg": 4.0,
        "sampler_name": "euler",
        "scheduler": "simple",
        "denoise": 1.0,
    }
    assert graph["10"]["inputs"] == {"images": ["9", 0], "filename_prefix": f"storyfilm/{body['prompt_id']}"}
    assert all(one.headers["authorization"] == "Bearer s3cret" for one in fake.sent)
    (view,) = fake.calls("GET /view")
    name = f"{body['prompt_id']}_00001_.png"
    assert view.query == {"filename": name, "subfolder": "storyfilm", "type": "output"}
    assert fake.calls("GET /ws")[0].query == {"clientId": body["client_id"]}
    assert cv2.imread(str(result.image)).shape == (900, 1600, 3)
    assert result.facts == {"graph": "qwen-image", "size": [1664, 928], "references": []}
    assert bench.task == {"prompt_id": body["prompt_id"], "client_id": body["client_id"], "host": fake.url}


async def test_a_clip_is_asked_for_with_every_field(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = set_up(monkeypatch, "video", fake)
    request = animate_request(bench.folder, prompt="狐狸奔跑", frames=60)
    result = await made(engine, request, bench)
    (body,) = posted(fake)
    graph = body["prompt"]
    (uploaded,) = fake.inputs.items()
    assert uploaded[0].startswith("storyfilm/") and uploaded[1] == request.key_frame.read_bytes()
    assert graph["5"]["inputs"]["image"] == uploaded[0]
    assert graph["7"]["inputs"]["text"] == "狐狸奔跑。镜头缓缓向前推进。氛围：calm"
    asked = {name: graph["9"]["inputs"][name] for name in ("width", "height", "length", "batch_size")}
    assert asked == {"width": 848, "height": 480, "length": 61, "batch_size": 1}
    assert (graph["13"]["inputs"]["noise_seed"], graph["12"]["inputs"]["steps"]) == (7, 8)
    assert graph["18"]["inputs"]["filename_prefix"] == f"storyfilm/{body['prompt_id']}"
    (upload,) = fake.calls("POST /upload/image")
    for field, value in (("type", "input"), ("subfolder", "storyfilm"), ("overwrite", "true")):
        assert f'name="{field}"\r\n\r\n{value}\r\n'.encode() in upload.body
    assert result.clip.suffix == ".mp4"
    assert (result.facts["frames"], result.facts["fps"], result.facts["graph"]) == (61, 24.0, "hunyuan15-i2v")


@pytest.mark.parametrize("graph", ["flux-dev", "sdxl", "qwen-image"])
async def test_every_picture_graph_is_accepted_and_drawn(
    graph: str, fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, GRAPH=graph, STEPS="3", GUIDANCE="2.5")
    result = await made(engine, draw_request(bench.folder), bench)
    assert cv2.imread(str(result.image)).shape == (180, 320, 3)
    assert engine.can().english_prompts == (graph != "qwen-image")
    assert '"steps": 3' in json.dumps(posted(fake)[0]) and "2.5" in json.dumps(posted(fake)[0])


@pytest.mark.parametrize(
    ("graph", "size", "frames", "fps"),
    [
        ("hunyuan15-i2v", (848, 480), 61, 24.0),
        ("wan21-i2v", (832, 480), 41, 16.0),
        ("wan22-5b-i2v", (1280, 704), 61, 24.0),
        ("ltx-i2v", (832, 480), 65, 24.0),
        ("svd", (1024, 576), 25, 7.0),
    ],
)
async def test_every_clip_graph_is_accepted_with_its_own_size_and_frames(
    graph: str,
    size: tuple[int, int],
    frames: int,
    fps: float,
    fake: ComfyUI,
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = set_up(monkeypatch, "video", fake, GRAPH=graph)
    result = await made(engine, animate_request(bench.folder, frames=60), bench)
    found: dict[str, Any] = {}
    for one in posted(fake)[0]["prompt"].values():
        found |= {name: value for name, value in one["inputs"].items() if name in ("width", "height")}
    assert (found["width"], found["height"]) == size
    assert (result.facts["frames"], round(result.facts["fps"], 2)) == (frames, fps)


async def test_references_go_up_and_unused_places_are_taken_out(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, REFERENCE_GRAPH="qwen-image-edit-plus", REFERENCE_SIZE="256x144")
    assert engine.can().reference_images
    cast = tuple(
        Reference(name=name, image=a_picture(bench.folder / f"{n}.png", 64 + n, 64)) for n, name in enumerate("甲乙")
    )
    result = await made(engine, draw_request(bench.folder, prompt="两人下棋", references=cast), bench)
    graph = posted(fake)[0]["prompt"]
    assert [graph[name]["inputs"]["image"] for name in ("11", "12")] == list(fake.inputs)
    assert len(fake.inputs) == 2 and "13" not in graph
    for encoder in ("4", "5"):
        assert graph[encoder]["inputs"]["image2"] == ["12", 0] and "image3" not in graph[encoder]["inputs"]
    assert graph["4"]["inputs"]["prompt"].startswith("图1中的人物是甲，保持其面容、发型和服装不变。图2中的人物是乙")
    assert result.facts["references"] == ["甲", "乙"]


async def test_kontext_takes_one_reference_and_draws_in_the_films_shape(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, REFERENCE_GRAPH="flux-kontext")
    cast = tuple(Reference(name=name, image=a_picture(bench.folder / f"{name}.png", 64, 64)) for name in ("Ann", "Bo"))
    request = draw_request(bench.folder, prompt="安在跑", prompt_en="Ann runs", references=cast)
    await made(engine, request, bench)
    graph = posted(fake)[0]["prompt"]
    assert graph["4"]["inputs"]["text"].startswith("The figure in the reference picture is Ann, with the same face")
    assert "Ann runs" in graph["4"]["inputs"]["text"]
    assert (graph["7"]["inputs"]["width"], graph["7"]["inputs"]["height"]) == (1360, 768)
    assert graph["5"]["inputs"]["conditioning"] == ["14", 0] and len(fake.inputs) == 1


async def test_the_same_shot_again_is_a_new_file_and_not_an_old_one(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake)
    for _ in range(2):
        bench.task = None
        await made(engine, draw_request(bench.folder), bench)
    assert len(fake.outputs) == 2


# -- which host ----------------------------------------------------------------------------------------


async def test_a_dead_host_is_passed_over_and_spared_for_a_while(
    fake: ComfyUI, other: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, other, fake, REST_S="30")
    other.stop()
    await made(engine, draw_request(bench.folder), bench)
    assert len(fake.submitted) == 1 and bench.task is not None and bench.task["host"] == fake.url


async def test_a_host_that_is_back_gets_runs_again(
    fake: ComfyUI, other: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, other, fake, REST_S="0.3")
    other.stop()
    await made(engine, draw_request(bench.folder), bench)
    fake.somebody_else(1)
    bench.task = None
    back = ComfyUI()
    back.start(other.port)
    try:
        await asyncio.sleep(0.35)
        await made(engine, draw_request(bench.folder), bench)
        assert len(back.submitted) == 1
    finally:
        back.stop()


async def test_the_least_busy_host_takes_the_run(
    fake: ComfyUI, other: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, other)
    fake.somebody_else(2)
    await made(engine, draw_request(bench.folder), bench)
    assert (len(fake.submitted), len(other.submitted)) == (0, 1)


async def test_two_runs_go_to_two_hosts_and_a_third_waits_for_its_turn(
    fake: ComfyUI, other: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = painter(monkeypatch, fake, other)
    assert engine.lanes() == {f"comfyui {' '.join(sorted((fake.url, other.url)))}": 2}
    benches = [Bench(bench.folder / str(n), bench._runner) for n in range(3)]
    fake.hold = other.hold = True
    for one in benches:
        one.folder.mkdir()
    runs = [asyncio.create_task(made(engine, draw_request(one.folder), one)) for one in benches]
    await until(lambda: fake.running and other.running)
    await asyncio.sleep(0.1)
    assert (len(fake.submitted), len(other.submitted)) == (1, 1)
    waits = [one for one in benches if one.task is not None and not one.task["host"]]
    assert len(waits) == 1 and waits[0].waits == [True]
    fake.hold = other.hold = False
    for one in runs:
        one.cancel()
    await asyncio.gather(*runs, return_exceptions=True)


async def test_pictures_and_clips_share_a_hosts_limit(
    fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, videos = painter(monkeypatch, fake), set_up(monkeypatch, "video", fake)
    assert images.lanes() == videos.lanes()
    fake.hold = True
    first = asyncio.create_task(made(images, draw_request(bench.folder), bench))
    await until(lambda: fake.running)
    folder = bench.folder / "clip"
    folder.mkdir()
    second = asyncio.create_task(made(videos, animate_request(folder), Bench(folder, bench._runner)))
    await asyncio.sleep(0.15)
    assert len(fake.submitted) == 1
    fake.hold = False
    await asyncio.gather(*(ended(one) for one in (first, second)))


async def test_no_host_at_all_says_so(fake: ComfyUI, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = painter(monkeypatch, fake)
    fake.stop()
    with pytest.raises(EngineUnavailable, match=r"image/comfyui cannot be reached at 127\.0\.0\.1"):
        await made(engine, draw_request(bench.folder), bench)


async def test_a_host_tells_which_nodes_and_models_it_lacks(fake: ComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await painter(monkeypatch, fake, GRAPH="flux-dev").unreachable() == []
    assert await set_up(monkeypatch, "video", fake).unreachable() == []
    engine = painter(monkeypatch, fake, GRAPH="flux-dev", MODELS="vae=gone.safetensors")
    assert await engine.unreachable() == [f"{fake.url} lacks VAELoader.vae_name 'gone.safetensors'"]
    fake.stop()
    (said,) = await engine.unreachable()
    assert "cannot be reached" in said


def test_a_host_may_be_written_as_it_comes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = ComfyUIImage()
    assert not engine.configured() and engine.settings.hosts == ["http://127.0.0.1:8188"] and engine.missing() == []
    monkeypatch.setenv("COMFYUI_HOSTS", "gpu1:8188, https://gpu2/comfy/ ,gpu1:8188")
    for kind in (ComfyUIImage, ComfyUIVideo):
        assert kind().settings.hosts == ["http://gpu1:8188", "https://gpu2/comfy"] and kind().configured()
