"""The diffusion sidecar as it is: its own process, real pipelines with tiny weights, and the real engines before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from engines.contract import Bench, a_picture, made
from PIL import Image
from sidecars.living_diffusion import ROOT, LivingDiffusion

from app.core.errors import EngineFailed, EngineUnavailable
from app.models.engine import AnimateRequest, AnimateResult, DrawRequest
from app.services.engines.registry import load
from app.services.media.planes import blank
from app.services.media.sources import ClipSource
from app.services.workflows.runner import StepRunner
from app.sidecars.diffusion.model import Diffusion
from app.sidecars.diffusion.settings import DiffusionSettings

pytest.importorskip("diffusers", reason="requirements-diffusion.txt is not installed")


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDiffusion]:
    from sidecars.tiny_models import write

    models = write(tmp_path_factory.mktemp("models"), ["sdxl", "sdxl-ip-adapter", "svd", "cogvideox"])
    with LivingDiffusion(models, tmp_path_factory.mktemp("sidecar"), DIFFUSION_WARM="sdxl") as living:
        yield living


@pytest.fixture
def at_the_sidecar(sidecar: LivingDiffusion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LivingDiffusion:
    """The engines' settings, as an owner with a sidecar and tiny models would have them."""
    monkeypatch.chdir(tmp_path)
    settings = {
        "DIFFUSION_HOST": sidecar.url,
        "ENGINE_IMAGE_SDXL_AREA": "4096",
        "ENGINE_IMAGE_SDXL_STEPS": "3",
        "ENGINE_VIDEO_SVD_MODEL": "svd",
        "ENGINE_VIDEO_SVD_AREA": "2304",
        "ENGINE_VIDEO_SVD_FRAMES": "3",
        "ENGINE_VIDEO_SVD_STEPS": "2",
        "ENGINE_VIDEO_COGVIDEOX_WIDTH": "16",
        "ENGINE_VIDEO_COGVIDEOX_HEIGHT": "16",
        "ENGINE_VIDEO_COGVIDEOX_FRAMES": "9",
        "ENGINE_VIDEO_COGVIDEOX_STEPS": "2",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return sidecar


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    runner = StepRunner(1)
    folder = tmp_path / "attempt"
    folder.mkdir()
    yield Bench(folder, runner)
    await runner.close()


def drawing(seed: int = 5, **more: object) -> DrawRequest:
    fields = {"prompt": "a squirrel in a red coat", "width": 160, "height": 90, "seed": seed, **more}
    return DrawRequest(**fields)  # type: ignore[arg-type]


def shot(tmp_path: Path) -> AnimateRequest:
    key_frame = a_picture(tmp_path / "key.png", 160, 90)
    return AnimateRequest(
        key_frame=key_frame, camera="push_in", prompt="it turns around", width=160, height=90, fps=24, frames=24, seed=5
    )


def draws_in_a_film(result: AnimateResult) -> bool:
    assert result.clip is not None
    into = blank(160, 90)
    with ClipSource(result.clip, 160, 90, 24, 0) as source:
        for number in range(24):
            source.draw(number, into)
    return float(into[0].std()) > 1


async def test_words_become_a_key_frame_step_by_step(at_the_sidecar: LivingDiffusion, bench: Bench) -> None:
    result = await made(load("image", "sdxl"), drawing(), bench)
    with Image.open(result.image) as picture:
        assert (picture.size, picture.mode) == ((160, 90), "RGB")
        assert np.asarray(picture).std() > 1
    facts = result.facts
    assert (facts["model"], facts["steps"], facts["guidance"], facts["seed"]) == ("sdxl", 3, 5.0, 5)
    assert facts["settings"]["offload"] == "none"
    assert facts["peak_memory_bytes"] > 0
    assert any("of 3" in message for _, message in bench.said)
    assert "sdxl" in at_the_sidecar.health()["facts"]["resident"]


async def test_the_same_seed_draws_the_same_picture(at_the_sidecar: LivingDiffusion, bench: Bench) -> None:
    engine, pictures = load("image", "sdxl"), []
    for seed in (5, 5, 6):
        result = await made(engine, drawing(seed), bench)
        pictures.append(result.image.read_bytes())
        bench.task = None
    assert pictures[0] == pictures[1] != pictures[2]


async def test_a_reference_changes_the_picture_and_leaves_no_trace_in_the_next(
    at_the_sidecar: LivingDiffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await made(load("image", "sdxl"), drawing(), bench)
    before = plain.image.read_bytes()
    bench.task = None
    monkeypatch.setenv("ENGINE_IMAGE_SDXL_REFERENCES", "ip-adapter")
    engine = load("image", "sdxl")
    cast = [{"name": "Lily", "image": a_picture(tmp_path / "lily.png", 64, 64)}]
    referred = await made(engine, drawing(references=cast), bench)
    assert referred.facts["references"] == 1
    assert referred.image.read_bytes() != before
    bench.task = None
    after = await made(engine, drawing(), bench)
    assert after.image.read_bytes() == before


@pytest.mark.parametrize("provider", ["svd", "cogvideox"])
async def test_a_key_frame_becomes_a_clip_that_a_film_draws_from(
    provider: str, at_the_sidecar: LivingDiffusion, bench: Bench, tmp_path: Path
) -> None:
    result = await made(load("video", provider), shot(tmp_path), bench)
    assert draws_in_a_film(result)
    assert result.facts["clip"]["frames"] == result.facts["frames"]
    assert result.facts["clip"]["fps"] == result.facts["fps"]


async def test_what_a_pipeline_refuses_is_told_and_not_tried_again(
    at_the_sidecar: LivingDiffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_VIDEO_COGVIDEOX_WIDTH", "32")
    with pytest.raises(EngineFailed, match="CogVideoX-5B-I2V refused"):
        await made(load("video", "cogvideox"), shot(tmp_path), bench)


async def test_missing_weights_are_named_with_the_command_that_fetches_them(
    at_the_sidecar: LivingDiffusion, bench: Bench
) -> None:
    with pytest.raises(EngineUnavailable, match=r"\./deploy\.sh fetch flux"):
        await made(load("image", "flux"), drawing(), bench)
    assert "./deploy.sh fetch flux" in (await load("image", "flux").unreachable())[0]
    assert await load("video", "svd").unreachable() == []


async def test_a_cancel_stops_at_a_step_and_the_next_run_is_well(
    at_the_sidecar: LivingDiffusion, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_IMAGE_SDXL_STEPS", "400")
    work = asyncio.ensure_future(made(load("image", "sdxl"), drawing(), bench))
    while not any("of 400" in message for _, message in bench.said):
        await asyncio.sleep(0.02)
        assert not work.done()
    bench.canceled = True
    work.cancel()
    await asyncio.wait({work})
    assert work.cancelled()
    bench.task, bench.canceled = None, False
    monkeypatch.setenv("ENGINE_IMAGE_SDXL_STEPS", "3")
    result = await made(load("image", "sdxl"), drawing(), bench)
    assert result.facts["steps"] == 3
    assert "canceled" not in at_the_sidecar.health()["state"]


def test_hunyuan_alone_serves_no_other_family(tmp_path: Path) -> None:
    script = str(ROOT / "HunyuanVideo-1.5" / "api.py")
    with LivingDiffusion(tmp_path / "none", tmp_path / "sidecar", script=script) as living:
        health = living.health()
        assert (health["name"], health["state"], health["models"]) == ("hunyuan", "ready", [])
        assert set(health["missing"]) == {"hunyuan-480p", "hunyuan-480p-distilled", "hunyuan-720p"}


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("DIFFUSION_ATTENTION", "sauge", "there is no back end sauge"),
        ("DIFFUSION_DEVICE", "cuda", "has no such device"),
        ("DIFFUSION_WARM", "flux", r"\./deploy\.sh fetch flux"),
        ("DIFFUSION_OFFLOAD", "sequential", "needs a device"),
        ("DIFFUSION_QUANTIZE", "int8wo", "torchao"),
    ],
)
def test_settings_that_cannot_be_stop_the_setup_with_the_reason(
    setting: str, value: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if setting == "DIFFUSION_DEVICE" and pytest.importorskip("torch").cuda.is_available():
        pytest.skip("this machine has such a device")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(setting, value)
    with pytest.raises((EngineFailed, EngineUnavailable), match=reason):
        Diffusion(DiffusionSettings()).setup()
