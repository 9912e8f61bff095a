"""The builtin enlarger: sharp scaling on a CPU, which invents nothing."""

from __future__ import annotations

from typing import ClassVar

from app.models.engine import ClipResult, UpscaleRequest
from app.services.engines.base import Capabilities, Context, Place, UpscaleEngine


class BuiltinUpscale(UpscaleEngine):
    name: ClassVar[str] = "upscale/builtin"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "builtin"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="2 or 4 times, up to 3840 pixels a side; sharper than cubic, but no new detail.",
        extra={"factors": [2, 4], "max_side": 3840},
    )

    async def upscale(self, request: UpscaleRequest, context: Context) -> ClipResult:
        """Raises EngineFailed for another factor than 2 and 4, a side beyond 3840 pixels, and a broken clip."""
        asked = {"clip": str(request.clip), "factor": request.factor}
        made = await context.compute("app.services.media.enlarge:task", asked)
        return ClipResult(clip=context.folder / made.pop("clip"), facts=made)
