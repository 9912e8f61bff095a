"""CogVideoX-5B image-to-video in the diffusion sidecar: 49 frames at 8 a second, 1.5: 81 at 16.

``ENGINES_VIDEO=cogvideox`` needs the sidecar (``./deploy.sh sidecar diffusion``) and ``./deploy.sh fetch cogvideox``.
"""

from __future__ import annotations

from typing import ClassVar

from app.services.engines.base import Capabilities
from app.services.engines.diffusion_models import (
    DiffusionClipSettings,
    DiffusionEngineSettings,
    DiffusionVideo,
    settings_config,
)


class CogVideoXSettings(DiffusionClipSettings):
    model_config = settings_config("ENGINE_VIDEO_COGVIDEOX_")

    model: str = "cogvideox"


class CogVideoX(DiffusionVideo):
    name: ClassVar[str] = "video/cogvideox"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        english_prompts=True, notes="CogVideoX-5B-I2V or 1.5; clips of up to 6 or 10 s, held for the rest"
    )
    models: ClassVar[tuple[str, ...]] = ("cogvideox", "cogvideox-1.5")
    settings_class: ClassVar[type[DiffusionEngineSettings]] = CogVideoXSettings
    settings: CogVideoXSettings
