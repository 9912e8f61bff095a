"""Stable Diffusion in the diffusion sidecar: XL base, XL Turbo, 2.1 and Realistic Vision, by one setting.

``ENGINES_IMAGE=sdxl`` needs the sidecar (``./deploy.sh sidecar diffusion``) and ``./deploy.sh fetch sdxl``.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from app.services.engines.base import Capabilities
from app.services.engines.diffusion_models import DiffusionEngineSettings, DiffusionImage, settings_config
from app.sidecars.diffusion.catalog import Aid


class SDXLSettings(DiffusionEngineSettings):
    model_config = settings_config("ENGINE_IMAGE_SDXL_")

    model: str = "sdxl"
    references: Literal["none", "ip-adapter"] = "none"
    """``ip-adapter``: draw the cast after their reference pictures, with weights of its own."""


class SDXL(DiffusionImage):
    name: ClassVar[str] = "image/sdxl"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        english_prompts=True, notes="Stable Diffusion XL, XL Turbo, 2.1 or Realistic Vision; references by IP-Adapter"
    )
    models: ClassVar[tuple[str, ...]] = ("sdxl", "sdxl-turbo", "sd21", "realistic-vision")
    settings_class: ClassVar[type[DiffusionEngineSettings]] = SDXLSettings
    settings: SDXLSettings

    def basis(self) -> dict[str, Any]:
        return {**super().basis(), "references": self.settings.references}

    def reference_aid(self) -> Aid:
        return self.settings.references
