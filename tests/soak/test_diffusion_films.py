"""Every family of the diffusion sidecar with tiny weights, under every setting that changes how it works.

``pytest tests/soak/test_diffusion_films.py``: some minutes on two cores.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from engines.contract import Bench, a_picture, made
from numpy.typing import NDArray
from PIL import Image
from service.living_service import Business, Service
from sidecars.living_diffusion import LivingDiffusion
from sidecars.tiny_models import BUILDERS, SMALL, write

from app.core.errors import Canceled, EngineFailed, EngineUnavailable, ValidationFailed
from app.models.engine import AnimateRequest, DrawRequest
from app.services.engines.registry import load
from app.services.media.planes import blank
from app.services.media.sources import ClipSource
from app.services.workflows.runner import StepRunner
from app.sidecars.diffusion.model import Diffusion
from app.sidecars.diffusion.residents import Resident
from app.sidecars.diffusion.settings import DiffusionSettings
from app.sidecars.diffusion.speed import CACHES
from app.sidecars.harness import Run

CLIPS = {"cogvideox": "cogvideox", "svd": "svd", "hunyuan": "hunyuan-480p", "wan": "wan", "ltx": "ltx"}
FAMILIES = {"flux": "flux", "sdxl": "sdxl", **CLIPS}
"""Family to its tiny model."""
STEPS = 12


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("models"), [*BUILDERS, "flux-ip-adapter", "sdxl-ip-adapter"])


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def key_frame(tmp_path: Path) -> Path:
    return a_picture(tmp_path / "key.png", 160, 90)


class Shop:
    """The sidecar's model in this process, where its pipelines can be looked into."""

    def __init__(self, models: Path, key_frame: Path, **settings: Any) -> None:
        self.key_frame, self.folder = key_frame, key_frame.parent
        self.model = Diffusion(DiffusionSettings(models_dir=models, **settings))
        self.model.setup()
        self.said: list[str] = []

    def run(self, name: str, run: Run | None = None, files: dict[str, Path] | None = None, **asked: Any) -> Any:
        """Facts and the result's pixels."""
        out = self.folder / "out"
        out.mkdir(exist_ok=True)
        given = {} if name.startswith(("flux", "sd")) and name != "svd" else {"key_frame": self.key_frame}
        request = {"model": name, "prompt": "a red boat", "steps": 3, "seed": 4, **SMALL[name], **asked}
        facts = self.model.run(request, {**given, **(files or {})}, out, run or Run("r", self._said))
        picture, clip = out / "picture.png", out / "clip.mp4"
        if picture.exists():
            with Image.open(picture) as opened:
                pixels = np.asarray(opened)[None]
            picture.unlink()
        else:
            pixels = _decoded(clip)
            clip.unlink()
        return facts, pixels

    def resident(self, name: str) -> Resident:
        assert self.model._residents is not None
        return self.model._residents.get(name, False, lambda: None)

    def _said(self, fraction: float, message: str) -> None:
        self.said.append(message)


def _decoded(path: Path) -> NDArray[np.uint8]:
    """As it lies in the file: a conversion to RGB rounds differently with where a frame lies in memory."""
    with av.open(str(path)) as media:
        return np.stack([frame.to_ndarray() for frame in media.decode(video=0)])


def alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """The same but for the rounding of another order of sums."""
    return one.shape == other.shape and float(np.abs(one.astype(int) - other.astype(int)).mean()) < 1.0


@contextmanager
def counted(module: Any) -> Iterator[Callable[[], int]]:
    """How often linear layers of a denoiser really ran."""
    calls = 0

    def called(*_: Any) -> None:
        nonlocal calls
        calls += 1

    hooks = [part.register_forward_hook(called) for part in module.modules() if isinstance(part, torch.nn.Linear)]
    try:
        yield lambda: calls
    finally:
        for hook in hooks:
            hook.remove()


# -- through the process and the engines -------------------------------------------------------------------


@pytest.fixture(scope="module")
def sidecar(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingDiffusion]:
    with LivingDiffusion(models, tmp_path_factory.mktemp("sidecar")) as living:
        yield living


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    runner = StepRunner(1)
    (tmp_path / "attempt").mkdir()
    yield Bench(tmp_path / "attempt", runner)
    await runner.close()


def small(monkeypatch: pytest.MonkeyPatch, kind: str, provider: str, url: str) -> None:
    name = FAMILIES[provider]
    own = {"MODEL": name, "STEPS": "3", **{field.upper(): str(value) for field, value in SMALL[name].items()}}
    monkeypatch.setenv("DIFFUSION_HOST", url)
    for field, value in own.items():
        monkeypatch.setenv(f"ENGINE_{kind}_{provider}_{field}".upper(), value)


@pytest.mark.parametrize("provider", ["flux", "sdxl"])
async def test_a_family_of_pictures_draws_a_key_frame(
    provider: str, sidecar: LivingDiffusion, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, "image", provider, sidecar.url)
    request = DrawRequest(prompt="a red boat on a lake", width=160, height=90, seed=3)
    result = await made(load("image", provider), request, bench)
    with Image.open(result.image) as picture:
        assert picture.size == (160, 90)
        assert np.asarray(picture).std() > 1


@pytest.mark.parametrize("provider", CLIPS)
async def test_a_family_of_clips_moves_a_key_frame(
    provider: str, sidecar: LivingDiffusion, bench: Bench, key_frame: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, "video", provider, sidecar.url)
    request = AnimateRequest(
        key_frame=key_frame, camera="orbit", prompt="it sails away", width=160, height=90, fps=24, frames=30, seed=3
    )
    result = await made(load("video", provider), request, bench)
    assert result.clip is not None
    into = blank(160, 90)
    with ClipSource(result.clip, 160, 90, 24, 0) as source:
        for number in range(30):
            source.draw(number, into)
    assert float(into[0].std()) > 1
    assert result.facts["clip"]["frames"] == SMALL[FAMILIES[provider]]["frames"]


async def test_runs_wait_for_each_other_and_a_cancel_ends_only_its_own(
    sidecar: LivingDiffusion, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, "image", "sdxl", sidecar.url)
    (tmp_path / "second").mkdir()
    other = Bench(tmp_path / "second", bench._runner)
    request = DrawRequest(prompt="a red boat on a lake", width=160, height=90, seed=3)
    monkeypatch.setenv("ENGINE_IMAGE_SDXL_STEPS", "500")
    long = asyncio.ensure_future(made(load("image", "sdxl"), request, bench))
    while not any("of 500" in message for _, message in bench.said):
        await asyncio.sleep(0.02)
        assert not long.done()
    monkeypatch.setenv("ENGINE_IMAGE_SDXL_STEPS", "3")
    short = asyncio.ensure_future(made(load("image", "sdxl"), request, other))
    while True not in other.waits:
        await asyncio.sleep(0.02)
    bench.canceled = True
    long.cancel()
    assert (await short).facts["steps"] == 3


# -- every family, every setting ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SMALL if name != "flux-kontext"])
def test_the_same_seed_makes_the_same_and_another_another(name: str, models: Path, key_frame: Path) -> None:
    shop = Shop(models, key_frame)
    _, first = shop.run(name)
    _, again = shop.run(name)
    _, other = shop.run(name, seed=5)
    assert alike(first, again)
    assert not np.array_equal(first, other)
    assert any(message == "step 2 of 3" for message in shop.said)


def test_kontext_refers_to_one_picture_or_to_several(models: Path, key_frame: Path) -> None:
    shop = Shop(models, key_frame)
    files = {"reference_0": key_frame, "reference_1": a_picture(key_frame.parent / "other.png", 64, 96)}
    _, none = shop.run("flux-kontext", references="kontext")
    facts, one = shop.run("flux-kontext", files={"reference_0": key_frame}, references="kontext")
    assert facts["references"] == 1
    facts, two = shop.run("flux-kontext", files=files, references="kontext")
    assert facts["references"] == 2
    assert not np.array_equal(none, one) and not np.array_equal(one, two)


@pytest.mark.parametrize("name", ["flux", "sdxl"])
def test_an_adapter_weighs_a_reference_and_goes_without_a_trace(name: str, models: Path, key_frame: Path) -> None:
    shop = Shop(models, key_frame)
    _, before = shop.run(name)
    files = {"reference_0": key_frame}
    _, weak = shop.run(name, files=files, references="ip-adapter", reference_scale=0.2)
    _, strong = shop.run(name, files=files, references="ip-adapter", reference_scale=1.0)
    _, after = shop.run(name)
    assert not np.array_equal(weak, strong)
    assert not np.array_equal(before, strong)
    assert np.array_equal(before, after)


def test_several_of_the_cast_are_referred_to_by_one_adapter(models: Path, key_frame: Path) -> None:
    shop = Shop(models, key_frame)
    files = {"reference_0": key_frame, "reference_1": a_picture(key_frame.parent / "other.png", 64, 96)}
    facts, two = shop.run("sdxl", files=files, references="ip-adapter")
    _, one = shop.run("sdxl", files={"reference_0": key_frame}, references="ip-adapter")
    assert facts["references"] == 2
    assert not np.array_equal(one, two)


def test_a_model_without_an_adapter_says_so(models: Path, key_frame: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no IP-Adapter for sd21"):
        Shop(models, key_frame).run("sd21", files={"reference_0": key_frame}, references="ip-adapter")


@pytest.mark.parametrize("offload", ["model", "group"])
@pytest.mark.parametrize("family", FAMILIES)
def test_offloading_changes_no_picture(family: str, offload: str, models: Path, key_frame: Path) -> None:
    name = FAMILIES[family]
    _, plain = Shop(models, key_frame).run(name)
    shop = Shop(models, key_frame, offload=offload)
    for _ in range(2):
        facts, offloaded = shop.run(name)
        assert facts["settings"]["offload"] == offload
        assert alike(plain, offloaded)


@pytest.mark.parametrize(("family", "cache"), [(family, cache) for family in FAMILIES for cache in CACHES[family]])
def test_a_cache_skips_work_or_says_why_it_is_off(family: str, cache: str, models: Path, key_frame: Path) -> None:
    name, plain = FAMILIES[family], Shop(models, key_frame)
    more: dict[str, Any] = {"mag_ratios": [1.0] * 28} if cache == "mag" else {}
    shop = Shop(models, key_frame, cache=cache, cache_threshold=10.0 if cache in ("first_block", "mag") else 0, **more)
    calls, pictures, facts = [], [], {}
    for one in (plain, shop, shop):
        pipe = one.resident(name).pipe
        with counted(pipe.unet if hasattr(pipe, "unet") else pipe.transformer) as count:
            facts, picture = one.run(name, steps=STEPS)
            calls.append(count())
            pictures.append(picture)
    if CACHES[family][cache]:
        assert facts["settings"]["cache"].startswith(f"none ({cache}: ")
        assert calls[0] == calls[1]
        assert alike(pictures[0], pictures[1])
    else:
        assert facts["settings"]["cache"] == cache
        assert calls[0] > calls[1] == calls[2], "the cache skips nothing"
        assert alike(pictures[1], pictures[2]), "the second run began with what the first left"
    facts, few = shop.run(name, steps=3)
    assert facts["settings"]["cache"].startswith("none")
    assert alike(few, plain.run(name, steps=3)[1])


@pytest.mark.parametrize("cache", ["first_block", "pab"])
def test_a_cache_and_offloading_go_together(cache: str, models: Path, key_frame: Path) -> None:
    _, plain = Shop(models, key_frame, cache=cache).run("flux", steps=STEPS)
    for offload in ("model", "group"):
        _, both = Shop(models, key_frame, cache=cache, offload=offload).run("flux", steps=STEPS)
        assert alike(plain, both)


@pytest.mark.parametrize("family", ["flux", "cogvideox"])
def test_compiled_blocks_draw_the_same(family: str, models: Path, key_frame: Path) -> None:
    name = FAMILIES[family]
    _, plain = Shop(models, key_frame).run(name)
    facts, compiled = Shop(models, key_frame, compile=True).run(name)
    assert facts["settings"]["compile"] == "on"
    assert alike(plain, compiled)


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_of_8_bits_still_draw(family: str, models: Path, key_frame: Path) -> None:
    facts, picture = Shop(models, key_frame, layerwise=True).run(FAMILIES[family])
    assert "float8" in facts["settings"]["weights"]
    assert picture.std() > 0


def test_attention_falls_back_in_order(models: Path, key_frame: Path) -> None:
    _, plain = Shop(models, key_frame).run("flux")
    facts, picture = Shop(models, key_frame, attention=["sage", "flash", "_native_math"]).run("flux")
    assert facts["settings"]["attention"] == "_native_math"
    assert alike(plain, picture)
    facts, _ = Shop(models, key_frame, attention=["sage", "flash", "_native_cudnn"]).run("flux")
    assert facts["settings"]["attention"] == "native", "what can be set may still not run here"
    _, after = Shop(models, key_frame).run("flux")
    assert np.array_equal(plain, after), "one model's back end is not the next one's"


# -- what goes wrong ---------------------------------------------------------------------------------------


class Stopping(Run):
    """Told to stop when it says this."""

    def __init__(self, at: str) -> None:
        super().__init__("stopping", self._look)
        self._at = at
        self.heard: list[str] = []

    def _look(self, fraction: float, message: str) -> None:
        self.heard.append(message)
        if message == self._at:
            self.stop("canceled")


@pytest.mark.parametrize("offload", ["none", "model"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_cancel_stops_within_a_step_and_leaves_all_well(
    family: str, offload: str, models: Path, key_frame: Path
) -> None:
    name = FAMILIES[family]
    shop = Shop(models, key_frame, offload=offload, cache="pab")
    _, before = shop.run(name, steps=STEPS)
    stopping = Stopping(f"step 5 of {STEPS}")
    with pytest.raises(Canceled):
        shop.run(name, stopping, steps=STEPS)
    assert stopping.heard[-1] == f"step 5 of {STEPS}"
    _, after = shop.run(name, steps=STEPS)
    assert alike(before, after)


def test_memory_that_ran_out_frees_everything_and_the_next_run_works(
    models: Path, key_frame: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(models, key_frame)
    _, before = shop.run("sdxl")
    shop.run("svd")
    pipe = shop.resident("sdxl").pipe

    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(pipe.vae, "decode", full)
    with pytest.raises(torch.OutOfMemoryError):
        shop.run("sdxl")
    del pipe
    shop.model.free()
    assert shop.model.facts()["resident"] == []
    assert np.array_equal(shop.run("sdxl")[1], before)


def test_a_model_that_ran_out_on_a_card_comes_back_with_more_of_it_offloaded(models: Path, key_frame: Path) -> None:
    shop = Shop(models, key_frame)
    _, before = shop.run("sdxl")
    residents = shop.model._residents
    assert residents is not None
    cpu = residents._device
    for expected in ("model", "group"):
        residents._device = replace(cpu, kind="cuda")
        shop.model.free()
        residents._device = cpu
        facts, after = shop.run("sdxl")
        assert facts["settings"]["offload"] == expected
        assert alike(before, after)


def test_only_kontext_refers_by_kontext(models: Path, key_frame: Path) -> None:
    with pytest.raises(ValidationFailed, match="only flux-kontext"):
        Shop(models, key_frame).run("flux", files={"reference_0": key_frame}, references="kontext")


def test_what_was_used_longest_ago_leaves_when_the_budget_is_full(models: Path, key_frame: Path) -> None:
    shop = Shop(models, key_frame)
    for name in ("sdxl", "svd"):
        shop.run(name)
    weight = {name: shop.resident(name).weight.whole for name in ("sdxl", "svd", "flux")}
    budget = (weight["sdxl"] + weight["svd"]) * 1.05 / 1024**3
    tight = Shop(models, key_frame, memory_gb=budget)
    for name in ("sdxl", "svd", "sdxl"):
        tight.run(name)
    assert tight.model.facts()["resident"] == ["svd", "sdxl"]
    tight.run("hunyuan-480p")
    assert "svd" not in tight.model.facts()["resident"]
    assert tight.model.facts()["resident"][-1] == "hunyuan-480p"
    shop = Shop(models, key_frame, memory_gb=1e-6)
    for name in ("sdxl", "svd"):
        shop.run(name)
        assert shop.model.facts()["resident"] == [name], "what does not fit is tried alone"


def test_not_a_number_is_no_picture(models: Path, key_frame: Path) -> None:
    shop = Shop(models, key_frame)
    with torch.no_grad():
        next(shop.resident("sdxl").pipe.vae.decoder.parameters()).fill_(float("nan"))
    with pytest.raises(EngineFailed, match="not-a-number"):
        shop.run("sdxl")


def test_a_whole_film_is_drawn_and_moved_by_the_sidecar(sidecar: LivingDiffusion, tmp_path: Path) -> None:
    business = Business()
    settings = {
        "ENGINES_IMAGE": "sdxl",
        "ENGINES_VIDEO": "svd",
        "DIFFUSION_HOST": sidecar.url,
        **{f"ENGINE_IMAGE_SDXL_{name}": value for name, value in (("AREA", "4096"), ("STEPS", "2"))},
        **{
            f"ENGINE_VIDEO_SVD_{name}": value
            for name, value in (("MODEL", "svd"), ("AREA", "2304"), ("FRAMES", "3"), ("STEPS", "2"))
        },
    }
    service = Service(tmp_path, business.url, **settings)
    try:
        words = {"story_id": "s-1", "user_id": "u-1"}
        story = {"display_name": "Dog", "script_content": "A dog wakes in the woods. It runs home to its mother."}
        shape = {"resolution": "480p", "aspect_ratio": "16:9", "shot_count": 2, "style": "watercolor"}
        board = service.post("/api/v1/storyboard/create", words | story | shape | {"operation_id": "board"})
        assert board["operation"]["status"] == "Success", board
        film = service.post("/api/v1/video/render", words | {"operation_id": "film"})
        assert film["operation"]["status"] == "Success", film
        jobs = json.dumps([service.job(board), service.job(film)])
        assert "image/sdxl" in jobs and "video/svd" in jobs
    finally:
        service.stop()
