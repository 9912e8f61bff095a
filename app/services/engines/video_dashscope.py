"""Clips by Wan at Alibaba Cloud's Model Studio (DashScope), a paid service: a key frame that begins to move.

Protocol: help.aliyun.com/zh/model-studio, image to video by the first frame: ``img_url`` for Wan 2.1 to 2.6, a list of
media for Wan 2.7. A task that failed is a 200 whose output tells the reason. The key frame and, for lips that move, the
narration go by DashScope's own store. Why the vendor's package is not used: see ``dashscope_api``.
"""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from app.core.config import read_settings
from app.core.errors import AppError, EngineFault
from app.models.engine import AnimateRequest, AnimateResult
from app.services.engines.base import Capabilities, Context, Place, VideoEngine
from app.services.engines.dashscope_api import DashScope, DashScopeSettings, settings_for, shared
from app.services.engines.dashscope_sizes import clip_model, clip_resolution, clip_seconds
from app.services.engines.prompt_words import Prompt, motion_prompt
from app.services.engines.provider_task import Task

_PATH = "/services/aigc/video-generation/video-synthesis"
_SEEDS = 2**31
_FIRST_FRAME = {"min_side": 360, "max_side": 2000, "max_bytes": 10_000_000}
_NARRATION_S = (3.0, 30.0)
_NARRATION_BYTES = 15_000_000


class DashScopeVideoSettings(DashScopeSettings):
    model_config = settings_for("video")

    api_key: SecretStr = Field(default=SecretStr(""), validation_alias=shared("video", "api_key"))
    region: Literal["cn", "intl", "us"] = Field(default="cn", validation_alias=shared("video", "region"))
    base_url: str = Field(default="", validation_alias=shared("video", "base_url", "dashscope_http_base_url"))
    workspace: str = Field(default="", validation_alias=shared("video", "workspace", "dashscope_workspace_id"))
    model: str = Field(default="wan2.5-i2v-preview", min_length=1)
    resolution: Literal["", "480P", "720P", "1080P"] = ""
    """Empty: the nearest to the film's that the model makes."""
    duration_s: int = Field(default=0, ge=0, le=60)
    """Of every clip; 0: the shortest that covers the shot."""
    negative_prompt: str = Field(default="", max_length=500)
    prompt_extend: bool = False
    """Let DashScope rewrite the prompt: richer, and not what the shot says."""
    watermark: bool = False
    audio: bool = False
    """Give the narration along, for lips that move to it (Wan 2.5 and later)."""
    concurrency: int = Field(default=2, ge=1)
    """Tasks at a time with this key."""


class DashScopeVideo(VideoEngine):
    """Clips of 5, 10 or 15 seconds (or any length from 2 on), which the film holds or cuts."""

    name: ClassVar[str] = "video/dashscope"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    capabilities: ClassVar[Capabilities] = Capabilities(notes="Wan image to video: 480P to 1080P, 3 to 15 s")

    def __init__(self) -> None:
        self.settings = read_settings(DashScopeVideoSettings)
        self._service = DashScope(self.name, self.settings)
        self._model = clip_model(self.settings.model)

    def missing(self) -> list[str]:
        return self._service.missing()

    def configured(self) -> bool:
        return bool(self._service.key)

    def can(self) -> Capabilities:
        return self.capabilities.model_copy(update={"audio": self._moves_lips()})

    def basis(self) -> dict[str, Any]:
        names = ("model", "resolution", "duration_s", "negative_prompt", "prompt_extend", "watermark", "audio")
        return {name: getattr(self.settings, name) for name in names}

    def lanes(self) -> dict[str, int]:
        return {self._service.lane("video"): self.settings.concurrency}

    async def unreachable(self) -> list[str]:
        return await self._service.unreachable()

    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        """Raises EngineFailed where moderation or DashScope refuses, EngineFault for what may pass."""
        prompt = motion_prompt(request, self._model.prompt_chars)
        narration, why_not = await asyncio.to_thread(self._narration, request)

        async def order() -> Task:
            return await self._order(request, prompt, narration, context)

        output = await self._service.follow(context, order, self._wrong)
        clip = context.folder / "clip.mp4"
        await self._service.fetch(str(output["video_url"]), clip, context)
        try:
            facts = await context.compute("app.services.media.fitting:clip", {"source": str(clip)})
        except EngineFault:
            # It came whole, so the video itself is bad, and fetching it again would not mend it.
            await context.forget()
            raise
        told: dict[str, Any] = {"model": self.settings.model, "seed": request.seed % _SEEDS, "prompt": prompt.words}
        if prompt.dropped:
            told["prompt_dropped"] = prompt.dropped
        if why_not:
            told["audio_left_out"] = why_not
        for name, said in (("task", "task_id"), ("actual_prompt", "actual_prompt")):
            if output.get(said):
                told[name] = str(output[said])
        return AnimateResult(clip=clip, facts={**facts, **told})

    async def _order(self, request: AnimateRequest, prompt: Prompt, narration: Path | None, context: Context) -> Task:
        fit = {"source": str(request.key_frame), "name": "first_frame.jpg", **_FIRST_FRAME}
        made = await context.compute("app.services.media.fitting_limits:photo", fit)
        picture = await self._service.upload(self.settings.model, context.folder / made["image"])
        sound = await self._service.upload(self.settings.model, narration) if narration is not None else ""
        return await self._service.submit(_PATH, self._body(request, prompt.words, picture, sound))

    def _body(self, request: AnimateRequest, words: str, picture: str, sound: str) -> dict[str, Any]:
        settings, model = self.settings, self._model
        given: dict[str, Any] = {"prompt": words}
        if settings.negative_prompt:
            given["negative_prompt"] = settings.negative_prompt
        if model.media:
            given["media"] = [{"type": "first_frame", "url": picture}]
            if sound:
                given["media"].append({"type": "driving_audio", "url": sound})
        else:
            given["img_url"] = picture
            if sound:
                given["audio_url"] = sound
        parameters: dict[str, Any] = {
            "resolution": settings.resolution or clip_resolution(model, request.width, request.height),
            "duration": settings.duration_s or clip_seconds(model, request.duration_s),
            "seed": request.seed % _SEEDS,
            "prompt_extend": settings.prompt_extend,
            "watermark": settings.watermark,
        }
        if model.shot_type:
            # A shot of the film is one shot: the model must not cut it into several.
            parameters["shot_type"] = "single"
        if model.silent and not sound:
            parameters["audio"] = False
        return {"model": settings.model, "input": given, "parameters": parameters}

    def _moves_lips(self) -> bool:
        return self.settings.audio and self._model.audio

    def _narration(self, request: AnimateRequest) -> tuple[Path | None, str]:
        """The narration to give along, or why there is none."""
        if not self._moves_lips() or request.audio is None:
            return None, ""
        least, most = _NARRATION_S
        try:
            with wave.open(str(request.audio), "rb") as file:
                seconds = file.getnframes() / file.getframerate()
        except (OSError, EOFError, wave.Error) as error:
            return None, f"the narration cannot be read: {error}"
        if not least <= seconds <= most:
            return None, f"the narration takes {seconds:.1f} s, and the model takes {least:g} to {most:g} s"
        if request.audio.stat().st_size > _NARRATION_BYTES:
            return None, f"the narration is larger than {_NARRATION_BYTES} bytes"
        return request.audio, ""

    def _wrong(self, output: dict[str, Any]) -> AppError | None:
        if output.get("video_url"):
            return None
        return EngineFault(f"{self.name} made the clip without saying where it is")
