"""HunyuanVideo-1.5 as a sidecar of its own: ``python HunyuanVideo-1.5/api.py`` listens on 127.0.0.1:12346.

The code is that of the diffusion sidecar, which serves this model as well; on its own it gets a GPU to itself.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

from pydantic import AliasChoices, AliasGenerator, Field
from pydantic_settings import SettingsConfigDict

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.sidecars.diffusion.catalog import HUNYUAN_PORT
from app.sidecars.diffusion.model import Diffusion
from app.sidecars.diffusion.settings import DiffusionSettings, Words
from app.sidecars.harness import SidecarSettings, serve, settings_from


def _named(name: str) -> AliasChoices:
    own = f"sidecar_hunyuan_{name}"
    return AliasChoices(own) if name in SidecarSettings.model_fields else AliasChoices(own, f"diffusion_{name}")


class HunyuanSettings(DiffusionSettings):
    """``SIDECAR_HUNYUAN_<NAME>``; those of the diffusion sidecar (``DIFFUSION_CACHE``, ...) hold here, too."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="SIDECAR_HUNYUAN_", alias_generator=AliasGenerator(validation_alias=_named)
    )

    port: int = Field(default=HUNYUAN_PORT, ge=0, le=65535)
    families: Words = Field(default_factory=lambda: ["hunyuan"])


class Hunyuan(Diffusion):
    name: ClassVar[str] = "hunyuan"


def main(argv: Any = None) -> int:
    settings = settings_from(HunyuanSettings, argv)
    return serve(Hunyuan(settings), settings)


if __name__ == "__main__":
    sys.exit(main())
