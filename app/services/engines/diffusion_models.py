"""What the engines of the diffusion sidecar share: their settings, and a request put into numbers that a model likes.

The numbers come from the table that the sidecar itself checks requests against.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from pydantic import AliasChoices, AliasGenerator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import EngineFault, ValidationFailed
from app.models.engine import AnimateRequest, AnimateResult, DrawRequest, DrawResult
from app.services.engines.base import Capabilities, Context, Engine, ImageEngine, VideoEngine
from app.services.engines.prompt_words_local import motion_prompt, picture_prompt
from app.services.engines.sidecar import Sidecar
from app.sidecars.diffusion.catalog import DEFAULT_PORT, KNOWN, Aid, Known, frames_for, size_for

SHARED = ("host", "token")
"""Settings that all engines of the sidecar may have in common: ``DIFFUSION_HOST``, ``DIFFUSION_TOKEN``."""


def settings_config(prefix: str) -> SettingsConfigDict:
    """For the settings of one engine; ``prefix`` such as ``ENGINE_IMAGE_FLUX_``."""

    def named(name: str) -> AliasChoices:
        own = f"{prefix.lower()}{name}"
        return AliasChoices(own, f"diffusion_{name}") if name in SHARED else AliasChoices(own)

    return SettingsConfigDict(
        env_prefix=prefix,
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
        protected_namespaces=(),
        alias_generator=AliasGenerator(validation_alias=named),
    )


class DiffusionEngineSettings(EngineSettings):
    """An engine's own settings class adds its ``settings_config`` and the model that it uses by default."""

    host: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    """Where the sidecar listens."""
    token: SecretStr = SecretStr("")
    model: str
    """Name of a model of the sidecar."""
    steps: int = Field(default=0, ge=0, le=500)
    """0: as users of the model do."""
    guidance: float | None = Field(default=None, ge=0, le=50)
    """None: as users of the model do."""
    negative_prompt: str | None = None
    """None: what users of the model tell it to avoid."""
    width: int = Field(default=0, ge=0, le=8192)
    height: int = Field(default=0, ge=0, le=8192)
    """What to ask the model for, pixels; 0: its own sizes, in the film's shape."""
    area: int = Field(default=0, ge=0)
    """Or only how many pixels."""
    timeout_s: float = Field(default=60.0, gt=0)
    """Of one call to the sidecar; how long a run may take is the sidecar's and the job's."""


class DiffusionClipSettings(DiffusionEngineSettings):
    frames: int = Field(default=0, ge=0, le=2000)
    """0: what the shot needs, as far as the model goes."""
    fps: int = Field(default=0, ge=0, le=120)
    """0: the model's own."""


class OfSidecar(Engine):
    """The half of an engine that speaks to the diffusion sidecar."""

    models: ClassVar[tuple[str, ...]]
    """What its setting ``model`` may name; the first is the default."""
    settings_class: ClassVar[type[DiffusionEngineSettings]]
    settings: DiffusionEngineSettings

    def __init__(self) -> None:
        self.settings = read_settings(self.settings_class)

    def missing(self) -> list[str]:
        model = self.settings.model
        name = f"{self.settings.model_config.get('env_prefix', '')}MODEL"
        return [] if model in self.models else [f"{name}={model} (it is one of {', '.join(self.models)})"]

    def configured(self) -> bool:
        return "host" in self.settings.model_fields_set

    def lanes(self) -> dict[str, int]:
        return {f"host {self.settings.host.rstrip('/')}": 1}

    def basis(self) -> dict[str, Any]:
        settings, known = self.settings, KNOWN.get(self.settings.model)
        return {
            "model": settings.model,
            "steps": settings.steps or (known.steps if known else 0),
            "guidance": settings.guidance if settings.guidance is not None else (known.guidance if known else 0),
            "negative_prompt": settings.negative_prompt,
            "size": [settings.width, settings.height, settings.area],
        }

    async def unreachable(self) -> list[str]:
        return await self._sidecar().unreachable([self.settings.model])

    def _sidecar(self) -> Sidecar:
        settings = self.settings
        return Sidecar(self.name, settings.host, settings.token.get_secret_value(), settings.timeout_s)

    def _known(self) -> Known:
        """Raises ValidationFailed for a model that the engine does not know."""
        if self.missing():
            raise ValidationFailed(f"{self.name}: {self.missing()[0]}")
        return KNOWN[self.settings.model]

    def _asked(self, known: Known, width: int, height: int, seed: int) -> dict[str, Any]:
        """The numbers that pictures and clips have in common."""
        settings = self.settings
        asked: dict[str, Any] = {
            "model": known.name,
            "steps": settings.steps or known.steps,
            "guidance": known.guidance if settings.guidance is None else settings.guidance,
            "seed": seed,
        }
        negative = known.negative if settings.negative_prompt is None else settings.negative_prompt
        if negative:
            asked["negative_prompt"] = negative
        if not known.sizes.own:
            size = size_for(known.sizes, width, height, settings.area)
            asked["width"], asked["height"] = settings.width or size[0], settings.height or size[1]
        return asked


class DiffusionImage(OfSidecar, ImageEngine):
    """Key frames by a model of the sidecar."""

    def reference_aid(self) -> Aid:
        """How reference pictures are used; ``none``: they are not."""
        return "none"

    def _model_for(self, request: DrawRequest) -> Known:
        return self._known()

    def can(self) -> Capabilities:
        return self.capabilities.model_copy(update={"reference_images": self.reference_aid() != "none"})

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        """Raises EngineUnavailable when the sidecar or its weights are not there, EngineFailed, EngineFault."""
        known = self._model_for(request)
        asked = self._asked(known, request.width, request.height, request.seed)
        files: dict[str, Path] = {}
        aid = self.reference_aid() if request.references else "none"
        if aid != "none":
            files = {f"reference_{n}": one.image for n, one in enumerate(request.references)}
            asked["references"] = aid
        shown = request.references if aid == "kontext" else ()
        asked["prompt"] = picture_prompt(request, self.capabilities.english_prompts, shown)
        facts, made = await self._sidecar().run(context, asked, files)
        source = _result(made, "picture.png", self.name)
        fitted = await context.compute(
            "app.services.media.fitting:picture",
            {"source": str(source), "width": request.width, "height": request.height},
        )
        return DrawResult(image=context.folder / fitted["image"], seed=request.seed, facts=facts)


class DiffusionVideo(OfSidecar, VideoEngine):
    """Clips from key frames by a model of the sidecar."""

    settings: DiffusionClipSettings

    def more(self) -> dict[str, Any]:
        """What this model is told besides."""
        return {}

    def basis(self) -> dict[str, Any]:
        return {**super().basis(), "frames": self.settings.frames, "fps": self.settings.fps, **self.more()}

    def prompt(self, request: AnimateRequest) -> str:
        return motion_prompt(request, self.capabilities.english_prompts)

    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        """The film holds or cuts what comes. Errors as for pictures."""
        known, settings = self._known(), self.settings
        if known.frames is None:
            raise ValidationFailed(f"{self.name}: {known.title} makes no clips")
        asked = self._asked(known, request.width, request.height, request.seed)
        asked["prompt"] = self.prompt(request)
        asked["frames"] = settings.frames or frames_for(known.frames, request.duration_s)
        asked["fps"] = settings.fps or known.frames.fps
        facts, made = await self._sidecar().run(context, asked | self.more(), {"key_frame": request.key_frame})
        clip = _result(made, "clip.mp4", self.name)
        seen = await context.compute("app.services.media.fitting:clip", {"source": str(clip)})
        return AnimateResult(clip=clip, facts={**facts, "clip": seen})


def _result(made: dict[str, Path], name: str, who: str) -> Path:
    if name not in made:
        raise EngineFault(f"{who}: the sidecar left no {name}")
    return made[name]
