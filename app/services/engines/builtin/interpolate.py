"""The builtin in-betweener: optical flow on a CPU."""

from __future__ import annotations

from typing import ClassVar

from app.models.engine import ClipResult, InterpolateRequest
from app.services.engines.base import Capabilities, Context, InterpolateEngine, Place


class BuiltinInterpolate(InterpolateEngine):
    name: ClassVar[str] = "interpolate/builtin"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "builtin"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="2 or 4 times as many pictures by optical flow; cuts stay cuts.", extra={"factors": [2, 4]}
    )

    async def interpolate(self, request: InterpolateRequest, context: Context) -> ClipResult:
        """Raises EngineFailed for another factor than 2 and 4, and for a broken clip."""
        asked = {"clip": str(request.clip), "factor": request.factor}
        made = await context.compute("app.services.media.inbetween:task", asked)
        return ClipResult(clip=context.folder / made.pop("clip"), facts=made)
