"""FLUX.1-dev in the diffusion sidecar, with FLUX.1-Kontext or an IP-Adapter for a cast that stays the same.

``ENGINES_IMAGE=flux`` needs the sidecar (``./deploy.sh sidecar diffusion``) and ``./deploy.sh fetch flux``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from app.models.engine import DrawRequest
from app.services.engines.base import Capabilities
from app.services.engines.diffusion_models import DiffusionEngineSettings, DiffusionImage, settings_config
from app.sidecars.diffusion.catalog import KNOWN, Aid, Known

_KONTEXT = "flux-kontext"


class FluxSettings(DiffusionEngineSettings):
    model_config = settings_config("ENGINE_IMAGE_FLUX_")

    model: str = "flux"
    references: Aid = "none"
    """``kontext`` or ``ip-adapter``: draw the cast after their reference pictures, with weights of their own."""


class Flux(DiffusionImage):
    name: ClassVar[str] = "image/flux"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        english_prompts=True, notes="FLUX.1-dev, 28 steps; references by Kontext or IP-Adapter"
    )
    models: ClassVar[tuple[str, ...]] = ("flux", _KONTEXT)
    settings_class: ClassVar[type[DiffusionEngineSettings]] = FluxSettings
    settings: FluxSettings

    def basis(self) -> dict[str, Any]:
        return {**super().basis(), "references": self.settings.references}

    def reference_aid(self) -> Aid:
        return self.settings.references

    async def unreachable(self) -> list[str]:
        needed = [self.settings.model]
        if self.settings.references == "kontext" and _KONTEXT not in needed:
            needed.append(_KONTEXT)
        return await self._sidecar().unreachable(needed)

    def _model_for(self, request: DrawRequest) -> Known:
        known = self._known()
        return KNOWN[_KONTEXT] if self.settings.references == "kontext" and request.references else known
