"""Stable Video Diffusion in the diffusion sidecar: a picture begins to move. It takes no words.

``ENGINES_VIDEO=svd`` needs the sidecar (``./deploy.sh sidecar diffusion``) and ``./deploy.sh fetch svd-xt``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from app.models.engine import AnimateRequest
from app.services.engines.base import Capabilities
from app.services.engines.diffusion_models import (
    DiffusionClipSettings,
    DiffusionEngineSettings,
    DiffusionVideo,
    settings_config,
)


class SVDSettings(DiffusionClipSettings):
    model_config = settings_config("ENGINE_VIDEO_SVD_")

    model: str = "svd-xt"
    motion_bucket_id: int = Field(default=127, ge=1, le=255)
    """How much moves."""
    noise_aug_strength: float = Field(default=0.02, ge=0, le=1)
    """Noise on the key frame: more of it, more movement and less likeness."""
    min_guidance_scale: float = Field(default=1.0, ge=0, le=50)
    max_guidance_scale: float = Field(default=3.0, ge=0, le=50)
    """Guidance rises from the least at the first frame to the most at the last; ``guidance`` goes before it."""


class SVD(DiffusionVideo):
    name: ClassVar[str] = "video/svd"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="Stable Video Diffusion; no prompt; clips of 3.6 s, held for the rest"
    )
    models: ClassVar[tuple[str, ...]] = ("svd-xt", "svd")
    settings_class: ClassVar[type[DiffusionEngineSettings]] = SVDSettings
    settings: SVDSettings

    def more(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "guidance": settings.max_guidance_scale if settings.guidance is None else settings.guidance,
            "min_guidance": settings.min_guidance_scale,
            "motion_bucket_id": settings.motion_bucket_id,
            "noise_aug_strength": settings.noise_aug_strength,
        }

    def prompt(self, request: AnimateRequest) -> str:
        return ""
