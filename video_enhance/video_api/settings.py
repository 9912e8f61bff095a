"""What can be set, as ``SIDECAR_VIDEO_ENHANCE_<NAME>``; ``PORT`` and ``PUBLIC_BASE`` are the names of old."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from app.sidecars.harness import SidecarSettings

_HERE = Path(__file__).resolve().parent.parent


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class EnhanceSettings(SidecarSettings):
    model_config = SettingsConfigDict(env_prefix="SIDECAR_VIDEO_ENHANCE_")

    port: int = Field(default=6006, ge=0, le=65535, validation_alias=AliasChoices("sidecar_video_enhance_port", "port"))
    public_base: str = Field(
        default="", validation_alias=AliasChoices("sidecar_video_enhance_public_base", "public_base")
    )
    """How clients of the classic routes reach this server, for the links in answers; empty: as the request did."""
    folders: Annotated[list[Path], NoDecode, BeforeValidator(_split)] = Field(default_factory=list)
    """Folders whose files a classic request may name by ``path``, comma separated; results of our own always."""
    hosts: Annotated[list[str], NoDecode, BeforeValidator(_split)] = Field(default_factory=list)
    """Hosts that a classic request may name in ``url``, as ``host`` or ``host:port``, comma separated."""
    download_s: float = Field(default=120, gt=0)

    rife_dir: Path = _HERE / "RIFE"
    """A checkout of Practical-RIFE with its weights in ``train_log``."""
    rife_scale: float | None = Field(default=None, ge=0.25, le=4)
    """Of the search for motion, a power of 2; none: 1, and 0.5 for clips beyond 1920 pixels."""
    rife_fp16: bool = False
    """Half precision on CUDA: faster, and less memory."""

    flashvsr_dir: Path = _HERE / "FlashVSR"
    """A checkout of FlashVSR_plus with its weights in ``models``."""
    flashvsr_python: str = ""
    """The interpreter that has its requirements; empty: our own."""
    flashvsr_version: Literal["10", "11"] = "10"
    flashvsr_mode: Literal["tiny", "tiny-long", "full"] = "tiny"
    flashvsr_tiled: bool = False
    """Work in tiles, which needs 8 GB instead of 24 for 1080p and more time; the mode is then ``tiny-long``."""
    flashvsr_color_fix: bool = True
    flashvsr_dtype: Literal["bf16", "fp16"] = "bf16"
    flashvsr_attention: Literal["sage", "block"] = "sage"
    flashvsr_device: str = "auto"
    flashvsr_seed: int = 0
    flashvsr_memory_bytes: int = Field(default=8_000_000_000, ge=100_000_000)
    """Main memory that the pictures of one chunk may take: it holds them all at once."""
    max_side: int = Field(default=3840, ge=64)
    """Pixels of the longest side of a result."""
