"""What makes runs faster or smaller: attention back ends, step caches, compiled blocks, narrower weights.

No gain is claimed here: ``benchmarks/gpu.py`` measures it on a card. What diffusers 0.42 accepts and then does nothing
with, or breaks on, is refused with its reason instead: tried on tiny models by counting the layers that really ran.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from loguru import logger

from app.core.errors import EngineFailed
from app.sidecars.diffusion.device import Device
from app.sidecars.diffusion.libraries import diffusers, torch
from app.sidecars.diffusion.settings import DiffusionSettings

_UNET = "a U-Net has no step cache in diffusers"
CACHES: dict[str, dict[str, str]] = {
    "flux": {"first_block": "", "taylorseer": "", "pab": "", "faster": "", "mag": ""},
    "cogvideox": {"first_block": "", "taylorseer": "", "pab": "", "faster": "", "mag": ""},
    "wan": {"first_block": "", "taylorseer": "", "pab": "", "faster": "", "mag": ""},
    "hunyuan": {
        "first_block": "diffusers has not registered its blocks for it",
        "taylorseer": "",
        "pab": "",
        "faster": "",
        "mag": "diffusers has not registered its blocks for it",
    },
    "sdxl": dict.fromkeys(("first_block", "taylorseer", "pab", "faster", "mag"), _UNET),
    "svd": dict.fromkeys(("first_block", "taylorseer", "pab", "faster", "mag"), _UNET),
    "ltx": {"first_block": "", "taylorseer": "", "pab": "", "faster": "", "mag": ""},
}
"""Why a cache cannot be used with a family; empty: it can. Magnitude ratios are published for FLUX only."""
_MASKED = ("hunyuan",)
"""Families whose attention is masked, which not every back end can do."""
_LITE = ("cogvideox", "wan", "ltx")
"""TaylorSeer skips nothing here unless in its lite mode; on FLUX the lite mode gives noise."""
_FEWEST_STEPS = 9
"""A model that was distilled to fewer steps has nothing to skip."""


def attention(denoisers: list[Any], wanted: list[str], family: str, device: Device) -> str:
    """Set the first back end of ``wanted`` that works here; else torch's own. Returns its name."""
    if not any(_chooses(module) for module in denoisers):
        return "native (this model's attention has no other)"
    for name in [*wanted, "native"]:
        try:
            for module in denoisers:
                module.set_attention_backend(name)
            if name != "native":
                _try_out(name, family in _MASKED, device)
        except (RuntimeError, ImportError, ValueError, TypeError, NotImplementedError) as error:
            logger.info("attention {} does not work here: {}", name, " ".join(str(error).split())[:200])
            continue
        return name
    raise EngineFailed("No attention back end works here")


def _try_out(name: str, masked: bool, device: Device) -> None:
    """Attend once in small. Some back ends can be set and fail only when they run: on this card, or with a mask."""
    dispatch = import_module("diffusers.models.attention_dispatch")
    one = torch().zeros(1, 64, 2, 64, device=device.kind, dtype=device.torch_dtype)
    mask = torch().ones(1, 1, 64, 64, device=device.kind, dtype=torch().bool) if masked else None
    with torch().inference_mode():
        dispatch.dispatch_attention_fn(one, one, one, attn_mask=mask, backend=dispatch.AttentionBackendName(name))


def _chooses(module: Any) -> bool:
    return any(hasattr(getattr(part, "processor", None), "_attention_backend") for part in module.modules())


def check_attention(wanted: list[str]) -> None:
    """Raises EngineFailed for a name that diffusers does not know."""
    diffusers()
    known = [one.value for one in import_module("diffusers.models.attention_dispatch").AttentionBackendName]
    for name in wanted:
        if name not in known:
            raise EngineFailed(f"DIFFUSION_ATTENTION: there is no back end {name}; known: {', '.join(known)}")


def check_cache(family: str, settings: DiffusionSettings) -> str:
    """Why the chosen cache cannot be used with a family; empty: it can."""
    if settings.cache == "none":
        return ""
    reason = CACHES[family][settings.cache]
    if not reason and settings.cache == "mag" and family != "flux" and not settings.mag_ratios:
        return "its magnitude ratios are not published: calibrate them and set DIFFUSION_MAG_RATIOS"
    return reason


class StepCache:
    """The step cache of one pipeline: put on once, and again only when a run needs it otherwise."""

    def __init__(self, family: str, pipe: Any, denoisers: list[Any], settings: DiffusionSettings) -> None:
        self._family, self._pipe, self._denoisers, self._settings = family, pipe, denoisers, settings
        self._on: tuple[Any, ...] = ()

    def ready(self, steps: int, guided: bool) -> str:
        """Make it fit a run of ``steps``, ``guided`` by a second pass; what is in force, in words."""
        kind = self._settings.cache
        if kind == "none":
            return "none"
        if reason := check_cache(self._family, self._settings):
            self._off()
            return f"none ({kind}: {reason})"
        if steps < _FEWEST_STEPS:
            self._off()
            return f"none ({steps} steps have nothing to skip)"
        wanted = (kind, guided, *((steps,) if kind == "mag" else ()))
        if wanted != self._on:
            self._off()
            for module in self._denoisers:
                module.enable_cache(self._config(kind, steps, guided))
            self._on = wanted
        return kind

    def _off(self) -> None:
        if self._on:
            for module in self._denoisers:
                module.disable_cache()
            self._on = ()

    def _config(self, kind: str, steps: int, guided: bool) -> Any:
        library, threshold = diffusers(), self._settings.cache_threshold
        if kind == "first_block":
            return library.FirstBlockCacheConfig(threshold=threshold or 0.05)
        if kind == "taylorseer":
            dtype = torch().float32 if self._pipe.dtype == torch().float32 else torch().bfloat16
            lite = self._family in _LITE
            return library.TaylorSeerCacheConfig(taylor_factors_dtype=dtype, use_lite_mode=lite)
        if kind == "pab":
            return library.PyramidAttentionBroadcastConfig(
                spatial_attention_block_skip_range=2,
                spatial_attention_timestep_skip_range=(100, 800),
                current_timestep_callback=self._timestep,
            )
        if kind == "faster":
            return library.FasterCacheConfig(
                spatial_attention_block_skip_range=2,
                unconditional_batch_skip_range=5,
                tensor_format="BFCHW" if self._family == "cogvideox" else "BCFHW",
                # Only CogVideoX guides with one batch of both; elsewhere there is no second half to skip.
                is_guidance_distilled=self._family != "cogvideox" or not guided,
                attention_weight_callback=lambda _: 0.5,
                current_timestep_callback=self._timestep,
            )
        ratios = torch().tensor(self._settings.mag_ratios) if self._settings.mag_ratios else _flux_ratios()
        return library.MagCacheConfig(threshold=threshold or 0.06, num_inference_steps=steps, mag_ratios=ratios)

    def _timestep(self) -> Any:
        return self._pipe._current_timestep


def _flux_ratios() -> Any:
    return import_module("diffusers.hooks.mag_cache").FLUX_MAG_RATIOS


def compiled(denoisers: list[Any], settings: DiffusionSettings) -> str:
    """Compile the blocks that every step repeats; what is in force, in words. The first run does the work."""
    if not settings.compile:
        return "off"
    whole = settings.cache == "none"
    for module in denoisers:
        if getattr(module, "_repeated_blocks", None):
            module.compile_repeated_blocks(fullgraph=whole)
        elif hasattr(module, "transformer_blocks"):
            for block in module.transformer_blocks:
                block.compile(fullgraph=whole)
        else:
            return "off (this model has no repeated blocks)"
    return "on"


def check_weights(settings: DiffusionSettings) -> None:
    """Raises EngineFailed when narrower weights were asked for in a way that cannot be."""
    if settings.quantize == "none":
        return
    if settings.layerwise:
        raise EngineFailed("DIFFUSION_LAYERWISE and DIFFUSION_QUANTIZE exclude each other")
    if not find_spec("torchao"):
        raise EngineFailed(f"DIFFUSION_QUANTIZE={settings.quantize} needs the Python package torchao")


def quantization(names: tuple[str, ...], settings: DiffusionSettings) -> dict[str, Any]:
    """What ``from_pretrained`` is told so that the denoisers come with narrower weights."""
    if settings.quantize == "none":
        return {}
    ao = import_module("torchao.quantization")
    kinds = {"int8wo": "Int8WeightOnlyConfig", "fp8wo": "Float8WeightOnlyConfig"}
    config = diffusers().TorchAoConfig(getattr(ao, kinds[settings.quantize])())
    mapping = dict.fromkeys(names, config)
    return {"quantization_config": diffusers().PipelineQuantizationConfig(quant_mapping=mapping)}


def narrowed(denoisers: list[Any], settings: DiffusionSettings, dtype: Any) -> str:
    """Store weights as 8 bit floats if asked to; what is in force, in words."""
    if settings.layerwise:
        for module in denoisers:
            module.enable_layerwise_casting(storage_dtype=torch().float8_e4m3fn, compute_dtype=dtype)
        return "float8 storage, cast per layer"
    return settings.quantize
