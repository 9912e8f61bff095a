"""What the engines of the enhancement sidecar (``video_enhance/``) share: where it is, and a run of it."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import SecretStr

from app.core.config import EngineSettings
from app.core.errors import EngineFailed, EngineFault
from app.models.engine import ClipResult, InterpolateRequest, UpscaleRequest
from app.services.engines.base import Context, Engine, Place
from app.services.engines.sidecar import Sidecar

FACTORS = (2, 4)
HOST = "http://127.0.0.1:6006"
_CLIP = "clip.mp4"


class EnhancerSettings(EngineSettings):
    """A subclass has the prefix and the names of its settings."""

    host: str = HOST
    token: SecretStr = SecretStr("")
    timeout_s: float = 60.0
    """Of one call; a run may take longer."""
    poll_s: float = 0.25

    def sidecar(self, who: str) -> Sidecar:
        return Sidecar(who, self.host, self.token.get_secret_value(), self.timeout_s, poll_s=self.poll_s)


class Enhancer(Engine):
    """The half of an engine that speaks to the enhancement sidecar."""

    place: ClassVar[Place] = "local"
    model: ClassVar[str]
    """Of the sidecar's models."""
    settings: EnhancerSettings

    def configured(self) -> bool:
        return "host" in self.settings.model_fields_set

    def basis(self) -> dict[str, Any]:
        return {"model": self.model}

    def lanes(self) -> dict[str, int]:
        return {f"host {self.settings.host.rstrip('/')}": 1}

    async def unreachable(self) -> list[str]:
        return await self.settings.sidecar(self.name).unreachable([self.model])


async def enhanced(
    sidecar: Sidecar, who: str, context: Context, request: UpscaleRequest | InterpolateRequest
) -> ClipResult:
    """The clip larger or with more pictures, as the request says, checked for size, number of pictures and sound.

    Raises EngineFailed for another factor than 2 and 4, EngineFault when the clip came back otherwise.
    """
    factor = request.factor
    if factor not in FACTORS:
        raise EngineFailed(f"{who} has the factors 2 and 4, not {factor}")
    larger = isinstance(request, UpscaleRequest)
    was = await context.compute("app.services.media.fitting:clip", {"source": str(request.clip)})
    asked: dict[str, Any] = (
        {"task": "superres", "scale": factor} if larger else {"task": "interpolate", "multi": factor}
    )
    facts, files = await sidecar.run(context, asked, {"clip": request.clip})
    if _CLIP not in files:
        raise EngineFault(f"{who} sent no clip")
    made = await context.compute("app.services.media.fitting:clip", {"source": str(files[_CLIP])})
    scale, multi = (factor, 1) if larger else (1, factor)
    wanted = {
        "width": was["width"] * scale,
        "height": was["height"] * scale,
        "frames": was["frames"] * multi,
        "sound": was["sound"],
    }
    for name, value in wanted.items():
        if made[name] != value:
            raise EngineFault(f"{who} sent a clip whose {name} is {made[name]} instead of {value}")
    return ClipResult(clip=files[_CLIP], facts={**facts, **made, "factor": factor})
