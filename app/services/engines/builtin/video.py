"""The builtin animator: a camera move over the key frame, in depth when the picture has layers.

It makes no file. Its clip is a description, and the frames are drawn where they are encoded, so that a shot
costs no second encoding and no disk.
"""

from __future__ import annotations

from typing import ClassVar

from app.core.errors import EngineFailed
from app.models.engine import AnimateRequest, AnimateResult, DrawnClip
from app.models.story import camera_name
from app.services.engines.base import Capabilities, Context, Place, VideoEngine


class BuiltinVideo(VideoEngine):
    name: ClassVar[str] = "video/builtin"
    version: ClassVar[str] = "2"
    place: ClassVar[Place] = "builtin"
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True, notes="Eleven camera moves; parallax, living figures and weather from layers; any size and length."
    )

    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        """Describe the move; raises EngineFailed for a camera that is none of the eleven (English or Chinese)."""
        camera = camera_name(request.camera)
        if camera is None:
            raise EngineFailed(f"The camera move {request.camera!r} is not known")
        deep = request.layers is not None
        drawn = DrawnClip(camera=camera, seed=request.seed, parallax=deep, effects=deep)
        return AnimateResult(drawn=drawn, facts={"camera": camera, "layers": deep})
