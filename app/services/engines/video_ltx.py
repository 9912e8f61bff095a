"""LTX-Video in the diffusion sidecar: the fastest of the local ones.

``ENGINES_VIDEO=ltx`` needs the sidecar (``./deploy.sh sidecar diffusion``) and ``./deploy.sh fetch ltx``.
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


class LTXSettings(DiffusionClipSettings):
    model_config = settings_config("ENGINE_VIDEO_LTX_")

    model: str = "ltx"


class LTX(DiffusionVideo):
    name: ClassVar[str] = "video/ltx"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        english_prompts=True, notes="LTX-Video; clips of up to 10 s, held for the rest"
    )
    models: ClassVar[tuple[str, ...]] = ("ltx",)
    settings_class: ClassVar[type[DiffusionEngineSettings]] = LTXSettings
    settings: LTXSettings
