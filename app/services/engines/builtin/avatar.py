"""The builtin presenter: a photo that speaks a recording, on a CPU, without a model.

The mouth follows the sound, the head lives a little. It is an animatic of a talking head and says so.
"""

from __future__ import annotations

from typing import Any, ClassVar

from app.models.engine import ClipResult, PresentRequest
from app.services.engines.base import AvatarEngine, Capabilities, Context, Place

_OPTIONS = ("emotion", "crop_scale", "fade_in", "fade_out", "face")


class BuiltinAvatar(AvatarEngine):
    name: ClassVar[str] = "avatar/builtin"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "builtin"
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_duration_s=1800.0,
        notes="An animatic: the photo is bent and the mouth drawn after the loudness and colour of the voice, "
        "not after its words.",
        extra={"animatic": True, "max_side": 1280},
    )

    async def present(self, request: PresentRequest, context: Context) -> ClipResult:
        """Raises ValidationFailed for a photo without exactly one face (``errors[0]["code"]``) and for a recording
        that is empty or too long, UnsupportedMedia for a file that cannot be read."""
        asked: dict[str, Any] = {"photo": str(request.photo), "audio": str(request.audio)}
        asked |= {"fps": request.fps, "seed": request.seed}
        options = request.model_dump(mode="json")
        asked |= {name: options[name] for name in _OPTIONS if options.get(name) is not None}
        made = await context.compute("app.services.media.talking.task:task", asked)
        return ClipResult(clip=context.folder / made.pop("clip"), facts={**made, "animatic": True})
