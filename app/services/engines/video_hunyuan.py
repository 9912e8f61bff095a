"""HunyuanVideo-1.5 image-to-video, in a sidecar of its own (``python HunyuanVideo-1.5/api.py``) or in the common one.

The common one is meant with ``ENGINE_VIDEO_HUNYUAN_HOST=http://127.0.0.1:12347``, or DIFFUSION_HOST. The licence of
the weights excludes the European Union, the United Kingdom and South Korea.
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


class HunyuanSettings(DiffusionClipSettings):
    model_config = settings_config("ENGINE_VIDEO_HUNYUAN_")

    host: str = "http://127.0.0.1:12346"
    model: str = "hunyuan-480p"
    shift: float = Field(default=0.0, ge=0, le=50)
    """Of the schedule; 0: what the model's authors found best."""


class Hunyuan(DiffusionVideo):
    name: ClassVar[str] = "video/hunyuan"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="HunyuanVideo-1.5: 480p, 480p step-distilled or 720p; clips of up to 5 s, held for the rest"
    )
    models: ClassVar[tuple[str, ...]] = ("hunyuan-480p", "hunyuan-480p-distilled", "hunyuan-720p")
    settings_class: ClassVar[type[DiffusionEngineSettings]] = HunyuanSettings
    settings: HunyuanSettings

    def more(self) -> dict[str, Any]:
        return {"shift": self.settings.shift} if self.settings.shift else {}
