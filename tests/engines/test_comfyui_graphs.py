"""Graphs and their maps: the user's own files, what is wrong with them, sizes, frame counts, words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cases_comfyui import animate_request, draw_request, settings
from contract import Bench, made
from fakes.comfyui import ComfyUI

from app.core.config import SettingsError
from app.core.errors import EngineFailed, EngineUnavailable
from app.models.story import CAMERAS, Character
from app.services.engines.comfyui_errors import dropped, refusal, run_failed
from app.services.engines.comfyui_graphs import GRAPHS, known, load
from app.services.engines.comfyui_run import result_files
from app.services.engines.image_comfyui import ComfyUIImage
from app.services.engines.prompt_words_local import motion_prompt, picture_prompt
from app.services.engines.video_comfyui import ComfyUIVideo

SIXTEEN_NINE, NINE_SIXTEEN, SQUARE = (1600, 900), (900, 1600), (900, 900)
Files = tuple[Path, Path]


@pytest.fixture
def own(tmp_path: Path) -> Files:
    """A copy of the SDXL graph and its map, as a user would begin."""
    files = tmp_path / "mine.json", tmp_path / "mine.inputs.json"
    shutil.copy(GRAPHS / "sdxl.json", files[0])
    shutil.copy(GRAPHS / "sdxl.inputs.json", files[1])
    return files


def change(file: Path, **changes: Any) -> None:
    """Keys of a JSON file; None takes one out."""
    content = {**json.loads(file.read_text("utf-8")), **changes}
    file.write_text(json.dumps({name: value for name, value in content.items() if value is not None}), "utf-8")


def image(monkeypatch: pytest.MonkeyPatch, **more: str) -> ComfyUIImage:
    for name, value in more.items():
        monkeypatch.setenv(f"ENGINE_IMAGE_COMFYUI_{name}", value)
    return ComfyUIImage()


# -- the user's own ------------------------------------------------------------------------------------


async def test_the_users_own_graph_is_filled_and_run(own: Files, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = json.loads(own[0].read_text())
    graph["4"]["inputs"] |= {"width": 640, "height": 360}
    graph["20"] = {"class_type": "PreviewImage", "inputs": {"images": ["6", 0]}}
    graph["5"]["inputs"] |= {"steps": 11, "cfg": 5.5}
    own[0].write_text(json.dumps(graph))
    change(own[1], english=False)
    with ComfyUI() as fake:
        for name, value in settings("image", fake.url, GRAPH=str(own[0])).items():
            monkeypatch.setenv(name, value)
        engine = ComfyUIImage()
        assert engine.missing() == [] and not engine.can().english_prompts
        result = await made(engine, draw_request(bench.folder), bench)
        sent = fake.calls("POST /prompt")[0].json["prompt"]
    assert result.facts == {"graph": "mine", "size": [640, 360], "references": []}
    assert (sent["5"]["inputs"]["steps"], sent["5"]["inputs"]["cfg"], sent["5"]["inputs"]["seed"]) == (11, 5.5, 7)
    assert sent["20"] == graph["20"]


async def test_a_clip_graph_that_ends_in_a_custom_node_gives_its_clip(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = json.loads((GRAPHS / "wan21-i2v.json").read_text("utf-8"))
    del graph["13"], graph["14"]
    graph["30"] = {
        "class_type": "VHS_VideoCombine",
        "inputs": {
            "images": ["12", 0],
            "frame_rate": 16,
            "loop_count": 0,
            "filename_prefix": "x",
            "format": "video/h264-mp4",
            "pingpong": False,
            "save_output": True,
        },
    }
    own = tmp_path / "vhs.json"
    own.write_text(json.dumps(graph))
    shutil.copy(GRAPHS / "wan21-i2v.inputs.json", tmp_path / "vhs.inputs.json")
    change(tmp_path / "vhs.inputs.json", fps="30.frame_rate", filename_prefix="30.filename_prefix", output="30")
    with ComfyUI() as fake:
        for name, value in settings("video", fake.url, GRAPH=str(own), FPS="8", FRAMES="17").items():
            monkeypatch.setenv(name, value)
        result = await made(ComfyUIVideo(), animate_request(bench.folder, frames=96), bench)
        sent = fake.calls("POST /prompt")[0].json["prompt"]
    assert sent["30"]["inputs"]["frame_rate"] == 8 and isinstance(sent["30"]["inputs"]["frame_rate"], int)
    assert (result.facts["frames"], result.facts["fps"]) == (17, 8.0)


def with_last_node(tmp_path: Path, kind: str, **inputs: Any) -> Path:
    """The Wan graph, but that its frames end in another node."""
    graph = json.loads((GRAPHS / "wan21-i2v.json").read_text("utf-8"))
    del graph["13"], graph["14"]
    last = {"images": ["12", 0], "filename_prefix": "x", "fps": 16.0, **inputs}
    graph["30"] = {"class_type": kind, "inputs": last}
    own = tmp_path / "other.json"
    own.write_text(json.dumps(graph))
    shutil.copy(GRAPHS / "wan21-i2v.inputs.json", tmp_path / "other.inputs.json")
    change(tmp_path / "other.inputs.json", fps="30.fps", filename_prefix="30.filename_prefix", output="30")
    return own


async def test_a_clip_may_be_webm(tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    own = with_last_node(tmp_path, "SaveWEBM", codec="vp9", crf=32.0)
    with ComfyUI() as fake:
        fake.clip_suffix = ".webm"
        for name, value in settings("video", fake.url, GRAPH=str(own)).items():
            monkeypatch.setenv(name, value)
        result = await made(ComfyUIVideo(), animate_request(bench.folder, frames=36), bench)
    assert (result.clip.suffix, result.facts["frames"]) == (".webm", 33)


def test_a_clip_that_could_not_be_decoded_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_VIDEO_COMFYUI_GRAPH", str(with_last_node(tmp_path, "SaveAnimatedWEBP")))
    (said,) = ComfyUIVideo().missing()
    assert said.endswith("node 30 is SaveAnimatedWEBP; let the graph end in SaveVideo or SaveWEBM")


async def test_a_refused_result_fails_although_another_output_is_accepted(
    own: Files, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = json.loads(own[0].read_text())
    graph["20"] = {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}}
    graph["21"] = {"class_type": "SaveImage", "inputs": {"images": ["20", 0], "filename_prefix": "x"}}
    del graph["6"]["inputs"]["vae"]
    own[0].write_text(json.dumps(graph))
    with ComfyUI() as fake:
        fake.hold = True
        for name, value in settings("image", fake.url, GRAPH=str(own[0])).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(EngineFailed, match=r"refused the result: VAEDecode\.vae: it is needed and not given"):
            await made(ComfyUIImage(), draw_request(bench.folder), bench)
        assert fake.calls("POST /interrupt")[0].json == {"prompt_id": fake.submitted[0]}
    assert bench.task is None


def test_a_replaced_file_makes_other_pictures(own: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = image(monkeypatch, GRAPH=str(own[0]))
    before = engine.basis()
    graph = json.loads(own[0].read_text())
    graph["5"]["inputs"]["steps"] = 31
    own[0].write_text(json.dumps(graph))
    assert engine.basis() != before
    tuned = image(monkeypatch, GRAPH="flux-dev", STEPS="30", MODELS="unet=b.safetensors").basis()["graphs"][0]
    assert (tuned["graph"], tuned["steps"], tuned["models"]["unet"]) == ("flux-dev", 30, "b.safetensors")
    assert "127.0.0.1" not in json.dumps(tuned)


# -- what is wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"prompt": "9.text"}, "mine.inputs.json: prompt: the graph has no node 9 (9.text)"),
        ({"prompt": "2.txt"}, "mine.inputs.json: prompt: node 2 (CLIPTextEncode) has no input 'txt'"),
        ({"output": "70"}, "mine.inputs.json: output: the graph has no node 70"),
        ({"seed": None}, "mine.inputs.json does not say which input is the graph's seed"),
        ({"output": None}, "mine.inputs.json does not say which node is the graph's output"),
        ({"promt": "2.text"}, "mine.inputs.json: promt: Extra inputs are not permitted"),
        ({"sizes": ["big"]}, "mine.inputs.json: sizes: Value error, 'big' is no size such as 1536x864"),
        ({"references": ["8.image"]}, "mine.inputs.json: references: the graph has no node 8 (8.image)"),
    ],
)
def test_a_bad_map_is_told_with_its_file_and_what_is_wrong(
    changes: dict[str, Any], expected: str, own: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(own[1], **changes)
    (said,) = image(monkeypatch, GRAPH=str(own[0])).missing()
    assert said.endswith(expected) and str(own[1]) in said


def test_files_that_are_missing_or_of_another_form_are_told(
    own: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(**more: str) -> str:
        return "; ".join(image(monkeypatch, **more).missing())

    assert "there is no graph 'fluxx'; there are flux-dev, flux-kontext" in said(GRAPH="fluxx")
    assert f"the graph {tmp_path / 'no.json'} is not there" in said(GRAPH=str(tmp_path / "no.json"))
    own[1].rename(tmp_path / "away")
    assert f"the map of inputs {own[1]} is not there" in said(GRAPH=str(own[0]))
    own[0].write_text('{"nodes": [], "links": []}')
    assert "is a workflow of ComfyUI's editor; export it in API format" in said(GRAPH=str(own[0]))
    own[0].write_text("{")
    assert "is no JSON" in said(GRAPH=str(own[0]))
    assert "flux-kontext needs a reference picture" in said(GRAPH="flux-kontext")
    assert "sdxl takes no reference picture" in said(GRAPH="sdxl", REFERENCE_GRAPH="sdxl")
    assert "_MODELS: the graph sdxl has no model 'unet'; it has checkpoint" in said(
        GRAPH="sdxl", REFERENCE_GRAPH="flux-kontext", MODELS="unet=a"
    )
    assert "ENGINE_IMAGE_COMFYUI_NEGATIVE: the graph flux-dev has no input for it" in said(
        GRAPH="flux-dev", MODELS="unet=a", NEGATIVE="x"
    )


async def test_a_graph_that_broke_since_is_no_engine(own: Files, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = image(monkeypatch, GRAPH=str(own[0]))
    own[0].unlink()
    with pytest.raises(EngineUnavailable, match="is not there"):
        await made(engine, draw_request(bench.folder), bench)
    assert engine.basis() == {"graphs": []} and await engine.unreachable() == []


@pytest.mark.parametrize(
    ("name", "value"), [("SIZE", "large"), ("MODELS", "unet"), ("HOSTS", "http://me:secret@gpu:8188"), ("STEPS", "0")]
)
def test_a_bad_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        image(monkeypatch, **{name: value})
    assert name in str(caught.value) and "secret" not in str(caught.value)


# -- sizes, frames, words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("graph", "sizes"),
    [
        ("qwen-image", [(1664, 928), (928, 1664), (1328, 1328)]),
        ("flux-dev", [(1536, 864), (864, 1536), (1152, 1152)]),
        ("flux-kontext", [(1360, 768), (768, 1360), (1024, 1024)]),
        ("sdxl", [(1344, 768), (768, 1344), (1024, 1024)]),
        ("hunyuan15-i2v", [(848, 480), (480, 848), (640, 640)]),
        ("wan21-i2v", [(832, 480), (480, 832), (624, 624)]),
        ("wan22-5b-i2v", [(1280, 704), (704, 1280), (960, 960)]),
        ("svd", [(1024, 576), (576, 1024), (768, 768)]),
        ("ltx-i2v", [(832, 480), (480, 832), (640, 640)]),
    ],
)
def test_sizes_follow_the_films_shape_and_the_models_rules(graph: str, sizes: list[tuple[int, int]]) -> None:
    found = load("X", graph, ())
    assert [found.size_for(*film) for film in (SIXTEEN_NINE, NINE_SIXTEEN, SQUARE)] == sizes
    for width, height in ((1000, 700), (500, 1600)):
        asked = found.size_for(width, height)
        assert all(side % found.inputs.step == 0 for side in asked)


def test_a_size_that_is_asked_for_replaces_the_graphs() -> None:
    graph = load("X", "qwen-image", ())
    assert graph.size_for(*SIXTEEN_NINE, "1280x720") == (1280, 720)
    assert graph.size_for(*SQUARE, "1280x720") == (960, 960)


def test_frame_counts_keep_the_models_rule() -> None:
    hunyuan, svd, ltx = (load("X", name, ()) for name in ("hunyuan15-i2v", "svd", "ltx-i2v"))
    counts = [hunyuan.frames_for(seconds, 24) for seconds in (0.5, 2.0, 2.5, 5.0, 60.0)]
    assert counts == [33, 49, 61, 121, 121]
    assert hunyuan.frames_for(9, 24, 100) == 97
    assert svd.frames_for(9, 7) == 25
    assert [ltx.frames_for(seconds, 24) for seconds in (3.0, 20.0)] == [73, 161]


def test_every_graph_of_the_house_loads_with_its_map() -> None:
    assert known() == [
        "flux-dev",
        "flux-kontext",
        "hunyuan15-i2v",
        "ltx-i2v",
        "qwen-image",
        "qwen-image-edit-plus",
        "sdxl",
        "svd",
        "wan21-i2v",
        "wan22-5b-i2v",
    ]
    for name in known():
        load("X", name, ("seed", "filename_prefix", "output"))


def test_every_camera_move_has_its_words_in_both_languages(tmp_path: Path) -> None:
    chinese = {
        camera: motion_prompt(animate_request(tmp_path, camera=camera, prompt="猫"), False) for camera in CAMERAS
    }
    english = {camera: motion_prompt(animate_request(tmp_path, camera=camera), True) for camera in CAMERAS}
    assert len(set(chinese.values())) == len(set(english.values())) == len(CAMERAS) == 11
    assert english["orbit"] == "the fox runs. the camera orbits around the subject. mood: calm"


def test_the_cast_is_described_where_it_is_named(tmp_path: Path) -> None:
    fox = Character(name="小狐", description="红毛，戴绿围巾")
    request = draw_request(tmp_path, prompt="小狐在雪地里", style="水墨", tone="", characters=(fox,))
    assert picture_prompt(request, False) == "小狐在雪地里。小狐：红毛，戴绿围巾。水墨"
    translated = request.model_copy(update={"prompt_en": "小狐 in the snow", "style": "ink"})
    assert "红毛" not in picture_prompt(translated, True)


# -- forms of answers ----------------------------------------------------------------------------------


def test_each_kind_of_refusal_is_a_sentence() -> None:
    def told(body: Any) -> str:
        return refusal(json.dumps(body).encode())

    def fault(kind: str, **extra: Any) -> str:
        one = {"type": kind, "message": "Told", "details": "why", "extra_info": extra}
        return told({"error": {}, "node_errors": {"3": {"class_type": "KSampler", "errors": [one]}}})

    assert fault("required_input_missing", input_name="model") == "KSampler.model: it is needed and not given"
    assert fault("value_not_in_list", input_name="scheduler", received_value="x") == (
        "KSampler.scheduler: 'x' is not among the choices of this server"
    )
    assert fault("value_bigger_than_max", input_name="cfg", received_value=101) == (
        "KSampler.cfg: 101 is more than this node takes"
    )
    assert fault("return_type_mismatch", input_name="model") == "KSampler.model: Told (why)"
    assert told({"error": {"message": "Cannot execute", "details": "Node ID '#3'"}}) == "Cannot execute (Node ID '#3')"
    assert told({"error": "old form"}) == "old form" and told([]) == "" == refusal(b"<html>")


def test_only_errors_that_hit_the_wanted_output_count() -> None:
    errors = {"3": {"class_type": "KSampler", "errors": [], "dependent_outputs": ["9"]}}
    assert dropped({}, "9") == "" and dropped(errors, "8") == ""
    one = {"type": "x", "message": "bad", "details": "", "extra_info": {}}
    errors["3"]["errors"] = [one]
    assert dropped(errors, "9") == "KSampler: bad"


def test_a_run_that_failed_without_messages_is_still_told() -> None:
    error, out_of_memory = run_failed("x", {"status_str": "error"}, str)
    assert error.detail == "x: the run failed there without a reason given" and not out_of_memory


def test_previews_are_no_results() -> None:
    preview = {"filename": "a.png", "subfolder": "", "type": "temp"}
    kept = {"filename": "b.mp4", "subfolder": "", "type": "output"}
    assert result_files({"9": {"images": [preview, kept], "animated": [True]}}, "9") == [kept]
    assert result_files({"9": {"gifs": [kept]}}, "9") == [kept]
    assert result_files({"9": {"images": [preview]}}, "9") == [] == result_files(None, "9")
