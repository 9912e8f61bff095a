"""Wan 2.1 (14B, 480p or 720p) and 2.2 (5B) image-to-video in the diffusion sidecar.

``ENGINES_VIDEO=wan`` needs the sidecar (``./deploy.sh sidecar diffusion``) and ``./deploy.sh fetch wan``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from app.services.engines.base import Capabilities
from app.services.engines.diffusion_models import (
    DiffusionClipSettings,
    DiffusionEngineSettings,
    DiffusionVideo,
    settings_config,
)


class WanSettings(DiffusionClipSettings):
    model_config = settings_config("ENGINE_VIDEO_WAN_")

    model: str = "wan"
    shift: float = Field(default=0.0, ge=0, le=50)
    """Of the schedule; 0: what the model's authors found best."""


class Wan(DiffusionVideo):
    name: ClassVar[str] = "video/wan"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="Wan2.1-I2V-14B or Wan2.2-TI2V-5B; clips of up to 5 s, held for the rest"
    )
    models: ClassVar[tuple[str, ...]] = ("wan", "wan-720p", "wan-5b")
    settings_class: ClassVar[type[DiffusionEngineSettings]] = WanSettings
    settings: WanSettings

    def more(self) -> dict[str, Any]:
        return {"shift": self.settings.shift} if self.settings.shift else {}
