"""What the engines of the diffusion sidecar send, checked field by field, and how they take its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases_diffusion import a_drawing, a_shot
from contract import Bench, a_picture, made
from fakes.diffusion import Diffusion
from PIL import Image

from app.core.errors import EngineFailed, EngineFault, ValidationFailed
from app.models.engine import Reference
from app.services.engines.registry import load
from app.sidecars.diffusion.catalog import KNOWN, fits, frames_for, size_for


@pytest.fixture
def sidecar(monkeypatch: pytest.MonkeyPatch) -> Iterator[Diffusion]:
    with Diffusion() as fake:
        monkeypatch.setenv("DIFFUSION_HOST", fake.url)
        yield fake


async def test_flux_is_asked_for_what_its_users_ask_for(sidecar: Diffusion, bench: Bench, tmp_path: Path) -> None:
    result = await made(load("image", "flux"), a_drawing(tmp_path), bench)
    assert sidecar.asks == [
        {
            "model": "flux",
            "steps": 28,
            "guidance": 3.5,
            "seed": 11,
            "width": 1536,
            "height": 864,
            "prompt": "a rabbit in the woods. watercolor. mood: warm",
        }
    ]
    assert sidecar.files == [[]]
    with Image.open(result.image) as picture:
        assert picture.size == (320, 180)
    assert (0.5, "step 14 of 28") in bench.said
    assert not sidecar.runs, "what was fetched is forgotten at the sidecar"


async def test_one_setting_chooses_among_the_stable_diffusions(
    sidecar: Diffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in ("sdxl", "sdxl-turbo", "sd21", "realistic-vision"):
        monkeypatch.setenv("ENGINE_IMAGE_SDXL_MODEL", model)
        await made(load("image", "sdxl"), a_drawing(tmp_path), bench)
        bench.task = None
    sent = [(one["model"], one["steps"], one["guidance"], one["width"], one["height"]) for one in sidecar.asks]
    assert sent == [
        ("sdxl", 30, 5.0, 1344, 768),
        ("sdxl-turbo", 4, 0.0, 680, 384),
        ("sd21", 30, 7.5, 1024, 576),
        ("realistic-vision", 30, 7.0, 840, 472),
    ]
    assert ["negative_prompt" in one for one in sidecar.asks] == [True, False, True, True]


async def test_kontext_draws_when_there_is_somebody_to_refer_to(
    sidecar: Diffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_IMAGE_FLUX_REFERENCES", "kontext")
    flux = load("image", "flux")
    assert flux.can().reference_images
    await made(flux, a_drawing(tmp_path), bench)
    bench.task = None
    cast = tuple(Reference(name=name, image=a_picture(tmp_path / f"{name}.png")) for name in ("Lily", "Tom"))
    await made(flux, a_drawing(tmp_path).model_copy(update={"references": cast}), bench)
    assert [one["model"] for one in sidecar.asks] == ["flux", "flux-kontext"]
    assert sidecar.files[1] == ["reference_0", "reference_1"]
    assert sidecar.asks[1]["references"] == "kontext"
    assert "Lily" in sidecar.asks[1]["prompt"]


async def test_an_adapter_is_used_only_where_it_was_set_up(
    sidecar: Diffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = (Reference(name="Lily", image=a_picture(tmp_path / "lily.png")),)
    request = a_drawing(tmp_path).model_copy(update={"references": cast})
    plain = load("image", "sdxl")
    assert not plain.can().reference_images
    await made(plain, request, bench)
    bench.task = None
    monkeypatch.setenv("ENGINE_IMAGE_SDXL_REFERENCES", "ip-adapter")
    adapted = load("image", "sdxl")
    await made(adapted, request, bench)
    assert sidecar.files == [[], ["reference_0"]]
    assert plain.basis() != adapted.basis()


SHOTS = {
    "hunyuan": {"model": "hunyuan-480p", "steps": 50, "guidance": 6.0, "frames": 73, "fps": 24,
                "prompt": "小兔子抬头看。镜头缓缓向前推进"},
    "cogvideox": {"model": "cogvideox", "steps": 50, "guidance": 6.0, "frames": 25, "fps": 8, "width": 720,
                  "height": 480, "prompt": "the rabbit looks up. the camera slowly pushes in"},
    "svd": {"model": "svd-xt", "steps": 25, "guidance": 3.0, "frames": 25, "fps": 7, "width": 1024, "height": 576,
            "prompt": "", "min_guidance": 1.0, "motion_bucket_id": 127, "noise_aug_strength": 0.02},
    "wan": {"model": "wan", "steps": 50, "guidance": 5.0, "frames": 49, "fps": 16, "width": 848, "height": 480,
            "prompt": "小兔子抬头看。镜头缓缓向前推进"},
    "ltx": {"model": "ltx", "steps": 50, "guidance": 3.0, "frames": 81, "fps": 25, "width": 768, "height": 448,
            "prompt": "the rabbit looks up. the camera slowly pushes in"},
}  # fmt: skip


@pytest.mark.parametrize("provider", SHOTS)
async def test_a_shot_is_sent_in_the_numbers_of_its_model(
    provider: str, sidecar: Diffusion, bench: Bench, tmp_path: Path
) -> None:
    result = await made(load("video", provider), a_shot(tmp_path), bench)
    sent = {name: value for name, value in sidecar.asks[0].items() if name != "negative_prompt"}
    assert sent == {**SHOTS[provider], "seed": 12}
    assert sidecar.files == [["key_frame"]]
    assert result.facts["model"] == SHOTS[provider]["model"]


async def test_settings_go_before_the_models_own_numbers(
    sidecar: Diffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"STEPS": "8", "GUIDANCE": "1", "SHIFT": "7", "FRAMES": "121", "NEGATIVE_PROMPT": "noise",
           "MODEL": "hunyuan-480p-distilled"}  # fmt: skip
    for name, value in own.items():
        monkeypatch.setenv(f"ENGINE_VIDEO_HUNYUAN_{name}", value)
    engine = load("video", "hunyuan")
    await made(engine, a_shot(tmp_path), bench)
    sent = sidecar.asks[0]
    assert (sent["steps"], sent["guidance"], sent["shift"], sent["frames"]) == (8, 1.0, 7.0, 121)
    assert (sent["negative_prompt"], sent["model"]) == ("noise", "hunyuan-480p-distilled")
    assert {
        "model": "hunyuan-480p-distilled",
        "steps": 8,
        "guidance": 1.0,
        "shift": 7.0,
    }.items() <= engine.basis().items()


async def test_a_run_that_was_begun_is_waited_for_and_not_begun_again(
    sidecar: Diffusion, bench: Bench, tmp_path: Path
) -> None:
    sidecar.endless = True
    engine, request = load("video", "wan"), a_shot(tmp_path)
    dying = asyncio.ensure_future(made(engine, request, bench))
    while (0.5, "step 14 of 28") not in bench.said:
        await asyncio.sleep(0.01)
        assert not dying.done()
    dying.cancel()
    await asyncio.wait({dying})
    sidecar.endless = False
    assert (await made(engine, request, bench)).facts["model"] == "wan"
    assert len(sidecar.calls("PUT /runs/.*")) == 1
    assert not sidecar.calls("POST /runs/.*/cancel")


async def test_memory_that_ran_out_is_worth_another_try(sidecar: Diffusion, bench: Bench, tmp_path: Path) -> None:
    sidecar.memory = False
    with pytest.raises(EngineFault, match="memory"):
        await made(load("video", "svd"), a_shot(tmp_path), bench)
    assert bench.forgotten == 1


async def test_frames_that_a_model_does_not_make_are_refused(
    sidecar: Diffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_VIDEO_COGVIDEOX_FRAMES", "48")
    with pytest.raises(EngineFailed, match=r"8N\+1"):
        await made(load("video", "cogvideox"), a_shot(tmp_path), bench)


async def test_an_unknown_model_is_named_before_anybody_is_asked(
    sidecar: Diffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_IMAGE_SDXL_MODEL", "sd3")
    engine = load("image", "sdxl")
    assert "ENGINE_IMAGE_SDXL_MODEL=sd3" in engine.missing()[0]
    with pytest.raises(ValidationFailed):
        await made(engine, a_drawing(tmp_path), bench)
    assert not sidecar.asks


async def test_weights_that_are_missing_are_told_with_the_command_that_fetches_them(
    sidecar: Diffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar.missing = {"flux-kontext": "./deploy.sh fetch flux-kontext"}
    monkeypatch.setenv("ENGINE_IMAGE_FLUX_REFERENCES", "kontext")
    sentences = await load("image", "flux").unreachable()
    assert len(sentences) == 1
    assert "./deploy.sh fetch flux-kontext" in sentences[0]


def test_engines_of_one_sidecar_share_its_lane(sidecar: Diffusion) -> None:
    engines = [load("image", "flux"), load("video", "wan"), load("video", "svd")]
    assert {tuple(engine.lanes().items()) for engine in engines} == {((f"host {sidecar.url}", 1),)}
    assert all(engine.configured() for engine in engines)


@pytest.mark.parametrize("name", KNOWN)
def test_every_number_that_an_engine_chooses_is_one_that_the_sidecar_takes(name: str) -> None:
    known = KNOWN[name]
    for shape in ((1600, 900), (900, 1600), (1000, 1000), (1280, 720)):
        width, height = size_for(known.sizes, *shape)
        assert width % known.sizes.step == height % known.sizes.step == 0
        assert known.sizes.trained or abs(width * height / known.sizes.area - 1) < 0.1
    for duration_s in (0.1, 2.0, 3.7, 5.04, 60.0):
        if known.frames is not None:
            count = frames_for(known.frames, duration_s)
            assert fits(known.frames, count)
            assert known.frames.fewest <= count <= known.frames.most
            assert count == known.frames.most or count / known.frames.fps >= duration_s
