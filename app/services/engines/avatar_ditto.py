"""A photo that speaks a recording, by Ditto on a machine of one's own: our sidecar ``python Ditto/api.py``.

Ditto (github.com/antgroup/ditto-talkinghead) draws 25 frames a second, whatever rate is asked for. The sidecar's
progress says ``frame 120 of 1500`` and comes through as it is; ``frame_of`` reads it.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import EngineFault
from app.models.engine import ClipResult, PresentRequest
from app.services.engines.base import AvatarEngine, Capabilities, Context, Place
from app.services.engines.sidecar import Sidecar

_MODEL = "ditto"
_CLIP = "clip.mp4"
_FRAME = re.compile(r"\bframe (\d+) of (\d+)")
_TOLD = ("backend", "online", "faces", "frames", "fps", "duration_s", "emotion", "crop_scale", "sampling_steps")
"""What of the sidecar's facts is kept."""


class DittoSettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_AVATAR_DITTO_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    host: str = Field(
        default="http://127.0.0.1:50010", validation_alias=AliasChoices("engine_avatar_ditto_host", "ditto_host")
    )
    """Where the sidecar listens."""
    token: SecretStr = SecretStr("")
    timeout_s: float = Field(default=120, gt=0)
    """Of one call to the sidecar; how long a run may take is the sidecar's and the job's."""
    poll_s: float = Field(default=0.25, ge=0)
    emotion: int = Field(default=4, ge=0, le=7)
    """Where a request names none, as the next four: angry, disgust, fear, happy, neutral, sad, surprise, contempt."""
    crop_scale: float = Field(default=2.3, ge=1, le=5)
    """How much around the face moves along."""
    sampling_steps: int = Field(default=50, ge=10, le=100)
    fade_in: int = Field(default=5, ge=0, le=250)
    fade_out: int = Field(default=5, ge=0, le=250)
    """Frames in which the expression comes from that of the photo, and goes back to it."""
    max_size: int = Field(default=1920, ge=256, le=4096)
    """Longest side of the clip, pixels; a larger photo is made smaller."""


_CHOSEN = ("emotion", "crop_scale", "sampling_steps", "fade_in", "fade_out")


class Ditto(AvatarEngine):
    name: ClassVar[str] = "avatar/ditto"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "local"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="Ditto on a GPU: a face that speaks, with one of eight emotions; 25 frames a second"
    )

    def __init__(self) -> None:
        settings = self.settings = read_settings(DittoSettings)
        token = settings.token.get_secret_value()
        self._sidecar = Sidecar(self.name, settings.host, token, settings.timeout_s, poll_s=settings.poll_s)

    def configured(self) -> bool:
        return "host" in self.settings.model_fields_set

    def basis(self) -> dict[str, Any]:
        return {name: getattr(self.settings, name) for name in (*_CHOSEN, "max_size")}

    def lanes(self) -> dict[str, int]:
        return {f"host {self._sidecar.url}": 1}

    async def unreachable(self) -> list[str]:
        return await self._sidecar.unreachable([_MODEL])

    async def present(self, request: PresentRequest, context: Context) -> ClipResult:
        """Raises EngineFailed (``no_face`` in its detail: the photo shows none), EngineFault, EngineUnavailable."""
        settings = self.settings
        # Upright, of a kind that every decoder reads, and no larger than it will be used.
        picture = {"source": str(request.photo), "longest": settings.max_size}
        made = await context.compute("app.services.media.fitting:reference", picture)
        files = {"photo": context.folder / made["image"], "audio": request.audio}
        facts, results = await self._sidecar.run(context, self._asked(request), files)
        clip = results.get(_CLIP)
        if clip is None:
            raise EngineFault(f"{self.name}: the sidecar left no {_CLIP}")
        seen = await context.compute("app.services.media.fitting:clip", {"source": str(clip)})
        if not seen["sound"]:
            raise EngineFault(f"{self.name}: the sidecar sent a clip without its sound")
        return ClipResult(clip=clip, facts={**{name: facts[name] for name in _TOLD if name in facts}, **seen})

    def _asked(self, request: PresentRequest) -> dict[str, Any]:
        asked: dict[str, Any] = {"seed": request.seed, "max_size": self.settings.max_size}
        for name in _CHOSEN:
            wanted = getattr(request, name, None)
            asked[name] = getattr(self.settings, name) if wanted is None else wanted
        return asked


def frame_of(message: str) -> tuple[int, int] | None:
    """The frame that is done and how many there will be, from a message of progress; None: it tells none."""
    found = _FRAME.search(message)
    return (int(found[1]), int(found[2])) if found else None
