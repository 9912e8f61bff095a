"""RIFE in the enhancement sidecar (``video_enhance/``): more pictures a second by a network."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import read_settings
from app.models.engine import ClipResult, InterpolateRequest
from app.services.engines.base import Capabilities, Context, InterpolateEngine
from app.services.engines.enhancer import FACTORS, HOST, Enhancer, EnhancerSettings, enhanced


class RIFESettings(EnhancerSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_INTERPOLATE_RIFE_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    host: str = Field(default=HOST, validation_alias=AliasChoices("engine_interpolate_rife_host", "video_enhance_url"))
    token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("engine_interpolate_rife_token", "video_enhance_token"),
    )


class RIFE(Enhancer, InterpolateEngine):
    name: ClassVar[str] = "interpolate/rife"
    version: ClassVar[str] = "1"
    model: ClassVar[str] = "rife"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="2 or 4 times as many pictures; cuts stay cuts; wants a GPU.",
        extra={"factors": list(FACTORS)},
    )

    def __init__(self) -> None:
        self.settings = read_settings(RIFESettings)

    async def interpolate(self, request: InterpolateRequest, context: Context) -> ClipResult:
        """Raises the errors of ``enhanced`` and of the sidecar's client."""
        return await enhanced(self.settings.sidecar(self.name), self.name, context, request)
