"""Clips by PixVerse, a paid service: the key frame is uploaded, a video is ordered from it, asked after and fetched.

Protocol: docs.platform.pixverse.ai (image upload, image-to-video, status of a video) and its official client
github.com/PixVerseAI/PixVerse-MCP. What goes wrong mostly comes as ``ErrCode`` inside a 200; only the numbers of the
key's troubles and of the limit on videos at a time are known for sure, so every other one counts as final.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import aiohttp
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import AppError, EngineFailed, EngineFault
from app.models.engine import AnimateRequest, AnimateResult
from app.models.story import camera_name
from app.services.engines.base import Capabilities, Context, KeyRefused, Place, VideoEngine
from app.services.engines.http import ExpiredLink, Http
from app.services.engines.prompt_words import Prompt, motion_prompt
from app.services.engines.provider_task import Seen, Task, TaskGone, followed

_GENERATE = "/openapi/v2/video/img/generate"
_SUCCEEDED, _DELETED, _MODERATED, _FAILED = 1, 6, 7, 8
_ENDINGS = {
    _DELETED: "deleted the video",
    _MODERATED: "refused the video: its content did not pass moderation",
    _FAILED: "could not make the video",
}
"""States that end a task without a video; every number that is not known yet is a task that goes on."""
_KEY_TROUBLES = range(10001, 10006)
_TOO_MANY = 500044
_BUSY_S = 15.0
"""Seconds after which a place among the videos at a time may be free again."""
_LONGEST_PROMPT = 2048
_PHOTO = {"name": "photo.jpg", "min_side": 1, "max_side": 4000, "max_bytes": 19_999_999}
_QUALITIES = (360, 540, 720, 1080)
_MOVES = {
    "crane": "crane_up", "truck": "horizontal_right", "push_in": "smooth_zoom_in", "pull_back": "zoom_out",
    "tilt": "vertical_up", "roll_left": "camera_rotation", "roll_right": "camera_rotation", "follow": "right_follow",
    "static": "fix_bg",
}  # fmt: skip
"""Our camera moves in PixVerse's words, where it has one (its models v4 and v4.5)."""


class PixverseSettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_VIDEO_PIXVERSE_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("engine_video_pixverse_api_key", "pixverse_api_key")
    )
    base_url: str = Field(
        default="https://app-api.pixverse.ai",
        validation_alias=AliasChoices("engine_video_pixverse_base_url", "pixverse_base_url"),
    )
    """``https://app-api.pixverseai.cn`` for keys of the Chinese platform."""
    model: str = Field(
        default="v5", validation_alias=AliasChoices("engine_video_pixverse_model", "pixverse_model"), min_length=2
    )
    """v4.5, v5, v6, ..."""
    quality: str = Field(default="", pattern=r"^(|360p|540p|720p|1080p)$")
    """Empty: by the film's size; 1080p then only where a shot fits into what the model makes at that size."""
    motion_mode: str = Field(default="normal", pattern=r"^(normal|fast)$")
    negative_prompt: str = Field(default="", max_length=_LONGEST_PROMPT)
    camera_movement: bool = False
    """Give the camera move as PixVerse's own ``camera_movement`` too (v4, v4.5), not only in words."""
    concurrency: int = Field(
        default=3, ge=1, validation_alias=AliasChoices("engine_video_pixverse_concurrency", "pixverse_max_concurrency")
    )
    """Videos at a time with this key: what the account allows."""
    poll_s: float = Field(default=3.0, gt=0)
    timeout_s: float = Field(default=60.0, gt=0)
    """Of one call."""
    download_timeout_s: float = Field(default=600.0, gt=0)

    @property
    def generation(self) -> int:
        """5 of ``v5.5``."""
        found = re.match(r"v?(\d+)", self.model.lower())
        return int(found[1]) if found else 0


class Pixverse(VideoEngine):
    """Clips of 5 or 8 seconds (v6: 1 to 15), which the film holds or cuts."""

    name: ClassVar[str] = "video/pixverse"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="PixVerse: 360p to 1080p, clips of 5 or 8 s (v6: 1 to 15 s)"
    )

    def __init__(self) -> None:
        self.settings = read_settings(PixverseSettings)
        self._key = self.settings.api_key.get_secret_value().strip()
        self._http = Http(
            self.name,
            self.settings.base_url,
            headers={"API-KEY": self._key},
            secrets=[self._key],
            timeout_s=self.settings.timeout_s,
        )

    def missing(self) -> list[str]:
        return [] if self._key else ["PIXVERSE_API_KEY"]

    def configured(self) -> bool:
        return bool(self._key)

    def basis(self) -> dict[str, Any]:
        names = ("model", "quality", "motion_mode", "negative_prompt", "camera_movement")
        return {name: getattr(self.settings, name) for name in names}

    def lanes(self) -> dict[str, int]:
        digest = hashlib.sha256(self._key.encode()).hexdigest()[:4]
        return {f"pixverse key {digest}": self.settings.concurrency}

    async def unreachable(self) -> list[str]:
        """Any answer will do: to ask for a video would cost something."""
        try:
            await self._http.call("GET", "/", timeout_s=3, accept=range(400, 600))
        except AppError as error:
            return [error.detail]
        return []

    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        """Raises EngineFailed where moderation or PixVerse refuses, EngineFault for what may pass."""
        prompt = motion_prompt(request, _LONGEST_PROMPT)
        asked = order(request, prompt, self.settings)
        made = await followed(
            context,
            submit=lambda _: self._submit(request, context, asked),
            look=self._look,
            poll_s=self.settings.poll_s,
        )
        clip = context.folder / "clip.mp4"
        try:
            await self._http.save(str(made["url"]), clip, timeout_s=self.settings.download_timeout_s)
        except ExpiredLink:
            await context.forget()
            raise
        try:
            facts = await context.compute("app.services.media.fitting:clip", {"source": str(clip)})
        except EngineFault:
            # It came whole, so the video itself is bad, and fetching it again would not mend it.
            await context.forget()
            raise
        told = {"model": self.settings.model, "quality": asked["quality"], "task": str(made.get("id", ""))}
        told |= {"prompt": prompt.words} | ({"prompt_dropped": prompt.dropped} if prompt.dropped else {})
        return AnimateResult(clip=clip, facts={**facts, **told, "seed": made.get("seed", asked["seed"])})

    async def _submit(self, request: AnimateRequest, context: Context, asked: dict[str, Any]) -> Task:
        photo = await context.compute(
            "app.services.media.fitting_limits:photo", {"source": str(request.key_frame), **_PHOTO}
        )
        uploaded = await self._upload(context.folder / photo["image"])
        context.progress(0.02, "key frame uploaded")
        ordered = await self._call("POST", _GENERATE, json={"img_id": uploaded, **asked})
        if not isinstance(ordered.get("video_id"), int | str):
            raise EngineFault(f"{self.name} accepted the order without saying its number")
        return {"video_id": ordered["video_id"]}

    async def _upload(self, image: Path) -> Any:
        form = aiohttp.FormData()
        sent = await asyncio.to_thread(image.read_bytes)
        form.add_field("image", sent, filename=image.name, content_type="image/jpeg")
        uploaded = await self._call("POST", "/openapi/v2/image/upload", data=form)
        number = uploaded.get("img_id", uploaded.get("ImgID"))
        if not isinstance(number, int | str):
            raise EngineFault(f"{self.name} took the picture without saying its number")
        return number

    async def _look(self, task: Task) -> Seen[dict[str, Any]]:
        path = f"/openapi/v2/video/result/{task['video_id']}"
        answer = await self._http.call("GET", path, headers=_traced(), accept=(404,))
        if answer.status == 404:
            raise TaskGone
        try:
            seen = self._resp(answer.body)
        except _Refused as refused:
            return Seen(failed=refused)
        state = seen.get("status")
        if state == _SUCCEEDED:
            if not seen.get("url"):
                raise EngineFault(f"{self.name} made the video without saying where it is")
            return Seen(result=seen)
        if state in _ENDINGS:
            return Seen(failed=EngineFailed(f"{self.name} {_ENDINGS[state]}"))
        return Seen(progress=0.1, message="PixVerse makes the video")

    async def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        answer = await self._http.call(method, path, headers=_traced(), **request)
        return self._resp(answer.body)

    def _resp(self, body: bytes) -> dict[str, Any]:
        """What the envelope holds; raises what its ErrCode means."""
        envelope = self._http.parsed(body)
        code = envelope.get("ErrCode") if isinstance(envelope, dict) else None
        if not isinstance(code, int):
            raise EngineFault(f"{self.name} answered in a form that is not PixVerse's")
        if code:
            raise self._refusal(code, str(envelope.get("ErrMsg", "")))
        held = envelope.get("Resp")
        if not isinstance(held, dict):
            raise EngineFault(f"{self.name} answered without a result")
        return held

    def _refusal(self, code: int, message: str) -> AppError:
        text = f"{self.name} answered with error {code}: {self._http.quoted(message)}"
        if code == _TOO_MANY:
            return EngineFault(text, retry_after_s=_BUSY_S)
        return KeyRefused(f"{text} (is its key right?)") if code in _KEY_TROUBLES else _Refused(text)


class _Refused(EngineFailed):
    """PixVerse will not do this, whoever asks again."""


def order(request: AnimateRequest, prompt: Prompt, settings: PixverseSettings) -> dict[str, Any]:
    """The fields of the order but the picture; optional ones only where they are used."""
    short = min(request.width, request.height)
    quality = settings.quality or f"{next((one for one in _QUALITIES if one >= short), 1080)}p"
    if settings.generation >= 6:
        duration = min(15, max(1, math.ceil(request.duration_s)))
    else:
        duration = 8 if request.duration_s > 5 else 5
        if duration == 8 and quality == "1080p":
            # 8 s do not go with 1080p: rather a little less sharp than standing still for three seconds.
            quality, duration = ("1080p", 5) if settings.quality else ("720p", 8)
    fields: dict[str, Any] = {
        "model": settings.model,
        "prompt": prompt.words,
        "duration": duration,
        "quality": quality,
        # Fast is for 5 s below 1080p.
        "motion_mode": settings.motion_mode if duration == 5 and quality != "1080p" else "normal",
        "seed": request.seed % 2**31,
        "water_mark": False,
    }
    if settings.negative_prompt:
        fields["negative_prompt"] = settings.negative_prompt
    move = _MOVES.get(camera_name(request.camera) or "")
    if settings.camera_movement and move:
        fields["camera_movement"] = move
    return fields


def _traced() -> dict[str, str]:
    """A number of its own for every try: PixVerse takes a repeated one for the same request."""
    return {"Ai-trace-id": str(uuid4())}
