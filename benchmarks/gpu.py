"""What each acceleration of the diffusion sidecar gains on this machine, against plain diffusers in the same run.

    python benchmarks/gpu.py                      CogVideoX-5B-I2V and HunyuanVideo-1.5-480p-I2V, full size
    python benchmarks/gpu.py --only cogvideox --steps 12 --out benchmarks/GPU.md
    python benchmarks/gpu.py --tiny               the same with tiny models, on a CPU

Weights are random, made in code and on the device: they cost the same time and memory as trained ones, and no picture
is judged here. A cache skips what changes little, and random weights may change more or less than trained ones: its
figures here are of its machinery, not a promise. Seconds per clip are seconds per step times the model's own number of
steps, and what the rest of the run took, unless ``--full`` carries all of them out.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import diffusers
import numpy as np
import torch
from diffusers.guiders import ClassifierFreeGuidance
from loguru import logger
from PIL import Image
from sidecars import tiny_models
from transformers import (
    Qwen2_5_VLTextConfig,
    Qwen2_5_VLTextModel,
    SiglipImageProcessor,
    SiglipVisionConfig,
    SiglipVisionModel,
    T5Config,
    T5EncoderModel,
)

from app.sidecars.diffusion import device as devices
from app.sidecars.diffusion.ask import Ask, asked
from app.sidecars.diffusion.catalog import KNOWN
from app.sidecars.diffusion.device import GB, Device
from app.sidecars.diffusion.families.base import Family, Inputs
from app.sidecars.diffusion.families.cogvideox import CogVideoX
from app.sidecars.diffusion.families.hunyuan import Hunyuan
from app.sidecars.diffusion.model import generate
from app.sidecars.diffusion.residents import Residents
from app.sidecars.diffusion.settings import DiffusionSettings
from app.sidecars.diffusion.speed import check_cache

Settings = dict[str, Any]
VARIANTS: list[tuple[str, Settings]] = [
    ("sidecar, default settings", {}),
    ("sidecar, as on a card of 24 GB", {"memory_gb": 24}),
    ("VAE without tiles", {"vae_tiling": "off"}),
    ("offload model", {"offload": "model"}),
    ("offload group", {"offload": "group"}),
    ("attention cuDNN", {"attention": ["_native_cudnn"]}),
    ("attention flash", {"attention": ["_flash_3", "flash"]}),
    ("attention sage", {"attention": ["sage"]}),
    ("cache first_block 0.05", {"cache": "first_block"}),
    ("cache first_block 0.1", {"cache": "first_block", "cache_threshold": 0.1}),
    ("cache taylorseer", {"cache": "taylorseer"}),
    ("cache pab", {"cache": "pab"}),
    ("cache faster", {"cache": "faster"}),
    ("compile", {"compile": True}),
    ("layerwise float8 storage", {"layerwise": True}),
    ("compile, cache pab", {"compile": True, "cache": "pab"}),
    ("compile, cache taylorseer", {"compile": True, "cache": "taylorseer"}),
]


@dataclass
class Row:
    name: str
    step_s: float = 0.0
    clip_s: float = 0.0
    peak: int = 0
    note: str = ""


class Clock:
    """Follows a run as the harness would, and notes when each step ended."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.ends: list[float] = []

    def check(self) -> None:
        """Nobody cancels."""

    def progress(self, fraction: float, message: str = "") -> None:
        if message.startswith("step "):
            if self._kind == "cuda":
                torch.cuda.synchronize()
            self.ends.append(time.perf_counter())

    @property
    def step_s(self) -> float:
        """Mean over the run's steps but the first, which also waits for everything before it."""
        spans = np.diff(self.ends)[1:]
        return float(spans.mean()) if len(spans) else float("nan")


class Made:
    """Stands where a folder of weights would: the pipeline is built in code, anew for each variant."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build

    def folder(self, name: str) -> Path:
        return Path(name)

    def size(self, name: str) -> int:
        return 0

    def load(self, folder: Path, **_: Any) -> Any:
        return self._build()


def randomly(kind: str, dtype: torch.dtype, make: Callable[[], Any]) -> Any:
    """A model with random weights, made on the device; then on the CPU, where the sidecar loads models to."""
    with torch.device("meta"):
        model = make()
    model = model.to(dtype).to_empty(device=kind)
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            if tensor.is_floating_point():
                tensor.normal_(0, 0.02)
            else:
                tensor.zero_()
    _refreshed(model, kind)
    return model.eval().requires_grad_(False).to("cpu")


def _refreshed(model: Any, kind: str) -> None:
    """Tables that a model computes when it is made, and that were lost with its empty weights."""
    for part in model.modules():
        inverse = getattr(part, "inv_freq", None)
        if isinstance(inverse, torch.Tensor):
            count = inverse.numel()
            inverse.copy_(1.0 / 10000.0 ** (torch.arange(count, device=kind) / count))
        ids = getattr(part, "position_ids", None)
        if isinstance(ids, torch.Tensor):
            ids.copy_(torch.arange(ids.numel(), device=kind).view_as(ids))


def t5(**config: Any) -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(feed_forward_proj="gated-gelu", dropout_rate=0.0, tie_word_embeddings=True, **config)
    )


def cogvideox(kind: str, dtype: torch.dtype) -> Any:
    """The configuration of CogVideoX-5b-I2V. Its VAE and transformer are made directly: they hold computed tables."""
    transformer = placed(kind, dtype, lambda: diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=48, in_channels=32, num_layers=42, use_rotary_positional_embeddings=True,
        use_learned_positional_embeddings=True,
    ))  # fmt: skip
    vae = placed(kind, dtype, lambda: diffusers.AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4,
        scaling_factor=0.7, invert_scale_latents=True,
    ))  # fmt: skip
    text = randomly(kind, dtype, lambda: t5(
        vocab_size=32128, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64,
    ))  # fmt: skip
    return diffusers.CogVideoXImageToVideoPipeline(
        transformer=transformer, vae=vae, text_encoder=text, tokenizer=tiny_models.tiny_t5_tokenizer(226),
        scheduler=diffusers.CogVideoXDPMScheduler(timestep_spacing="trailing"),
    )  # fmt: skip


def hunyuan(kind: str, dtype: torch.dtype) -> Any:
    """The configuration of HunyuanVideo-1.5-480p_i2v."""
    tokenizer = tiny_models.tiny_qwen2_tokenizer()
    text = Qwen2_5_VLTextConfig(
        vocab_size=152064, hidden_size=3584, intermediate_size=18944, num_hidden_layers=28, num_attention_heads=28,
        num_key_value_heads=4, bos_token_id=None, eos_token_id=None, pad_token_id=None,
        rope_parameters={"mrope_section": [16, 24, 24], "rope_type": "default", "rope_theta": 1000000.0},
    )  # fmt: skip
    vision = SiglipVisionConfig(
        hidden_size=1152, intermediate_size=4304, num_hidden_layers=27, num_attention_heads=16, image_size=384,
        patch_size=14,
    )  # fmt: skip
    return diffusers.HunyuanVideo15ImageToVideoPipeline(
        transformer=placed(kind, dtype, diffusers.HunyuanVideo15Transformer3DModel),
        vae=placed(kind, dtype, diffusers.AutoencoderKLHunyuanVideo15),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=5.0),
        text_encoder=randomly(kind, dtype, lambda: Qwen2_5_VLTextModel(text)),
        tokenizer=tokenizer,
        text_encoder_2=randomly(kind, dtype, lambda: t5(
            vocab_size=1510, d_model=1472, d_kv=64, d_ff=3584, num_layers=12, num_heads=6)),
        tokenizer_2=tiny_models.ByT5Tokenizer(extra_ids=125),
        guider=ClassifierFreeGuidance(guidance_scale=6.0),
        image_encoder=randomly(kind, dtype, lambda: SiglipVisionModel(vision)),
        feature_extractor=SiglipImageProcessor(size={"height": 384, "width": 384}),
    )  # fmt: skip


def placed(kind: str, dtype: torch.dtype, make: Callable[[], Any]) -> Any:
    """A model of diffusers, made by its own initialisation on the device and then moved to the CPU."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(kind):
            model = make()
    finally:
        torch.set_default_dtype(before)
    return model.to(dtype).eval().requires_grad_(False).to("cpu")


FULL: dict[str, tuple[Callable[[str, torch.dtype], Any], Family]] = {
    "cogvideox": (cogvideox, CogVideoX()),
    "hunyuan-480p": (hunyuan, Hunyuan()),
}


def plain(build: Callable[[], Any], ask: Ask, picture: Any, device: Device) -> Row:
    """diffusers as its own examples use it: everything on the device, nothing else."""
    pipe = build().to(device.kind)
    pipe.set_progress_bar_config(disable=True)
    clock = Clock(device.kind)
    calls: list[float] = []
    hook = pipe.transformer.register_forward_pre_hook(
        lambda module, args, named: _tick(clock, calls, named["timestep"]), with_kwargs=True
    )
    more: dict[str, Any] = {}
    if ask.model == "cogvideox":
        more = {"width": ask.width, "height": ask.height, "guidance_scale": ask.guidance, "use_dynamic_cfg": True}
        more["max_sequence_length"] = pipe.transformer.config.max_text_seq_length
    began = time.perf_counter()
    with torch.inference_mode():
        pipe(
            image=picture, prompt=ask.prompt, num_frames=ask.frames, num_inference_steps=ask.steps,
            generator=torch.Generator("cpu").manual_seed(ask.seed), output_type="np", **more,
        )  # fmt: skip
    hook.remove()
    return _row("plain diffusers", clock, time.perf_counter() - began, ask, device)


def _tick(clock: Clock, seen: list[float], timestep: Any) -> None:
    now = float(timestep.flatten()[0])
    if not seen or seen[-1] != now:
        seen.append(now)
        clock.progress(0, "step begins")


def through_the_sidecar(
    name: str, settings: Settings, build: Callable[[], Any], family: Family, ask: Ask, picture: Any
) -> Row:
    """The sidecar's own placement, settings and run; the second of two runs where the first one compiles."""
    chosen = DiffusionSettings(**settings)
    device = devices.found(chosen)
    made = Made(build)
    family.load = made.load  # type: ignore[method-assign]
    residents = Residents(made, device, chosen, {family.name: family})  # type: ignore[arg-type]
    resident = residents.get(ask.model, False, lambda: None)
    cache = resident.cache.ready(ask.steps, (ask.guidance or 0) > 1)
    for _ in range(2 if chosen.compile else 1):
        clock = Clock(device.kind)
        devices.start_measuring(device.kind)
        began = time.perf_counter()
        generate(resident, ask, Inputs(key_frame=picture), clock)
        took = time.perf_counter() - began
    row = _row(name, clock, took, ask, device)
    row.note = f"offload {resident.offload}, attention {resident.in_force['attention']}, cache {cache}"
    del resident
    residents.clear()
    return row


def _row(name: str, clock: Clock, took: float, ask: Ask, device: Device) -> Row:
    whole = KNOWN[ask.model].steps
    rest = max(0.0, took - clock.step_s * ask.steps)
    return Row(name, clock.step_s, rest + clock.step_s * whole, devices.peak(device.kind))


def measured(name: str, row: Callable[[], Row], device: Device) -> Row:
    gc.collect()
    devices.empty(device.kind)
    devices.start_measuring(device.kind)
    try:
        return row()
    except torch.OutOfMemoryError:
        return Row(name, note="out of memory")
    except (RuntimeError, ValueError, NotImplementedError) as error:
        return Row(name, note=f"{type(error).__name__}: {' '.join(str(error).split())[:120]}")


def table(model: str, ask: Ask, rows: list[Row], device: Device, *, full: bool, tiny: bool) -> str:
    """Markdown. Tiny models are not compared: their steps are shorter than what the machine does beside them."""
    size = f"{ask.width}x{ask.height}" if ask.width else "the pipeline's own size"
    steps = f"all {ask.steps} steps" if full else f"{ask.steps} of {KNOWN[model].steps} steps, clips extrapolated"
    memory = "peak memory" if device.kind == "cuda" else "peak of the process"
    first = rows[0].step_s
    lines = [
        f"### {'tiny ' if tiny else ''}{KNOWN[model].title}: {ask.frames} frames, {size}; {steps}",
        "",
        f"| | s/step | s/clip | {memory} | steps against plain | in force |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.step_s:
            gain = f"{first / row.step_s:.2f}x" if first and not tiny else "-"
            peak = f"{row.peak / GB:.1f} GB"
            lines.append(f"| {row.name} | {row.step_s:.4g} | {row.clip_s:.4g} | {peak} | {gain} | {row.note} |")
        else:
            lines.append(f"| {row.name} | - | - | - | - | {row.note} |")
    return "\n".join([*lines, ""])


def bench(model: str, options: argparse.Namespace, device: Device) -> str:
    build_full, family = FULL[model]
    if options.tiny:
        built, small = tiny_models.BUILDERS[model], tiny_models.SMALL[model]
        build: Callable[[], Any] = built
    else:
        small = {"width": 720, "height": 480} if model == "cogvideox" else {}
        build = lambda: build_full(device.kind, device.torch_dtype)  # noqa: E731
    steps = KNOWN[model].steps if options.full else options.steps
    request = {"model": model, "prompt": "a boat", "steps": steps, "seed": 1, **small}
    ask = asked(request, {"key_frame": Path("x")})
    side = (ask.width, ask.height) if ask.width else (1280, 720)
    ramp = np.linspace(0, 255, side[0] * side[1] * 3).reshape(side[1], side[0], 3)
    picture = Image.fromarray(ramp.astype(np.uint8))
    print(f"{model}: plain diffusers", file=sys.stderr, flush=True)
    rows = [measured("plain diffusers", lambda: plain(build, ask, picture, device), device)]
    for name, settings in VARIANTS:
        chosen = {**settings, "dtype": device.dtype}
        if reason := check_cache(family.name, DiffusionSettings(**chosen)):
            rows.append(Row(name, note=reason))
            continue
        print(f"{model}: {name}", file=sys.stderr, flush=True)
        run = lambda name=name, chosen=chosen: through_the_sidecar(name, chosen, build, family, ask, picture)  # noqa: E731
        rows.append(measured(name, run, device))
    return table(model, ask, rows, device, full=options.full, tiny=options.tiny)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="tiny models, for a machine without a GPU")
    parser.add_argument("--only", choices=list(FULL), help="one model")
    parser.add_argument("--steps", type=int, default=12, help="steps that are measured")
    parser.add_argument("--full", action="store_true", help="all steps of the model")
    parser.add_argument("--out", type=Path, help="append the tables to this file")
    options = parser.parse_args()
    logger.remove()
    device = devices.found(DiffusionSettings())
    if device.kind != "cuda" and not options.tiny:
        parser.error("full-size models need a CUDA card; --tiny runs the same with tiny ones")
    versions = f"torch {torch.__version__}, diffusers {diffusers.__version__}"
    text = [f"## {device.said}; {versions}", ""]
    text += [bench(model, options, device) for model in ([options.only] if options.only else FULL)]
    print("\n".join(text))
    if options.out:
        with options.out.open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *text]))


if __name__ == "__main__":
    main()
