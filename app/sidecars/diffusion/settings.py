"""Settings of the diffusion sidecar: where weights lie, what stays in memory, and how runs are made faster.

No setting here claims a gain: which of them helps depends on the card, and ``benchmarks/gpu.py`` measures it there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AliasGenerator, BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from app.sidecars.diffusion.catalog import DEFAULT_PORT
from app.sidecars.settings import SidecarSettings

Offload = Literal["auto", "none", "model", "group", "sequential"]
Cache = Literal["none", "first_block", "taylorseer", "pab", "faster", "mag"]


def _words(value: Any) -> Any:
    """``a, b`` as a list; lists pass."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    """``flux=/data/flux, svd=/data/svd`` as a mapping; mappings pass."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in _words(value)]
    return {name.strip(): folder.strip() for name, _, folder in pairs}


Words = Annotated[list[str], NoDecode, BeforeValidator(_words)]
Folders = Annotated[dict[str, Path], NoDecode, BeforeValidator(_pairs)]


def _named(name: str) -> AliasChoices:
    """Own settings are ``DIFFUSION_<NAME>``; what every sidecar has is ``SIDECAR_DIFFUSION_<NAME>``, because
    ``DIFFUSION_HOST`` already is where engines look for this sidecar."""
    common = f"sidecar_diffusion_{name}"
    return AliasChoices(common) if name in SidecarSettings.model_fields else AliasChoices(f"diffusion_{name}", common)


class DiffusionSettings(SidecarSettings):
    model_config = SettingsConfigDict(
        env_prefix="SIDECAR_DIFFUSION_", alias_generator=AliasGenerator(validation_alias=_named)
    )

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    models_dir: Path = Field(
        default=Path("models"), validation_alias=AliasChoices("diffusion_models_dir", "models_dir")
    )
    """Holds one folder per model, ``<name>/model_index.json``, as ``./deploy.sh fetch`` leaves them."""
    folders: Folders = Field(default_factory=dict)
    """Models that lie elsewhere: ``flux=/data/FLUX.1-dev,svd-xt=/data/svd``."""
    families: Words = Field(default_factory=list)
    """Serve only these families (``hunyuan``); empty: all."""
    warm: Words = Field(default_factory=list)
    """Models to load at the start, before the first request comes."""

    device: Literal["auto", "cuda", "mps", "cpu"] = "auto"
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    """``auto``: bfloat16 where the card has it, else float16; float32 on a CPU."""
    memory_gb: float = Field(default=0.0, ge=0)
    """What models may take of the device; 0: 90 % of it (of the machine's memory on a CPU: 70 %)."""
    ram_gb: float = Field(default=0.0, ge=0)
    """What models kept outside the device may take; 0: 70 % of the machine's memory."""
    offload: Offload = "auto"
    """``auto``: none where weights and work fit, else whole models, else groups of layers."""
    vae_tiling: Literal["auto", "on", "off"] = "auto"
    """Decode in tiles: less memory. ``auto``: for clips."""
    decode_chunk: int = Field(default=0, ge=0)
    """Frames that SVD decodes at once; 0: by the device's memory."""

    attention: Words = Field(default_factory=lambda: ["native"])
    """Attention back ends in the order in which they are tried (``sage,flash,native``); native is always the last."""
    cache: Cache = "none"
    """Step cache for models that have it; see ``speed.CACHES`` for what works with which."""
    cache_threshold: float = Field(default=0.0, ge=0)
    """Of ``first_block`` and ``mag``; 0: the library's (0.05, 0.06)."""
    mag_ratios: Annotated[list[float], NoDecode, BeforeValidator(_words)] = Field(default_factory=list)
    """Magnitude ratios that were calibrated for the model; only FLUX has published ones."""
    compile: bool = False
    """torch.compile of the repeated blocks; the first run of each size is much slower."""
    quantize: Literal["none", "int8wo", "fp8wo"] = "none"
    """Weight-only quantisation of the denoiser by torchao (an extra package)."""
    layerwise: bool = False
    """Keep the denoiser's weights as 8 bit floats and cast each layer when it is used: less memory."""
    reference_scale: float = Field(default=0.6, ge=0, le=2)
    """How much an IP-Adapter's reference counts."""
