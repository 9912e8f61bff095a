"""FlashVSR in the enhancement sidecar (``video_enhance/``): larger pictures with new detail."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import read_settings
from app.models.engine import ClipResult, UpscaleRequest
from app.services.engines.base import Capabilities, Context, UpscaleEngine
from app.services.engines.enhancer import FACTORS, HOST, Enhancer, EnhancerSettings, enhanced


class FlashVSRSettings(EnhancerSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_UPSCALE_FLASHVSR_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    host: str = Field(default=HOST, validation_alias=AliasChoices("engine_upscale_flashvsr_host", "video_enhance_url"))
    token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("engine_upscale_flashvsr_token", "video_enhance_token"),
    )


class FlashVSR(Enhancer, UpscaleEngine):
    name: ClassVar[str] = "upscale/flashvsr"
    version: ClassVar[str] = "1"
    model: ClassVar[str] = "flashvsr"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="2 or 4 times, with detail that the clip does not have; wants a GPU.",
        extra={"factors": list(FACTORS)},
    )

    def __init__(self) -> None:
        self.settings = read_settings(FlashVSRSettings)

    async def upscale(self, request: UpscaleRequest, context: Context) -> ClipResult:
        """Raises the errors of ``enhanced`` and of the sidecar's client."""
        return await enhanced(self.settings.sidecar(self.name), self.name, context, request)
