"""Clips by Baidu Qianfan (千帆), a paid service: MuseSteamer (蒸汽机) makes a video from the key frame and a prompt.

Protocol: creating a task https://cloud.baidu.com/doc/qianfan-api/s/Amg0lgcx4 (MuseSteamer Air) and
https://cloud.baidu.com/doc/qianfan-api/s/Xme6ul5g4 (MuseSteamer 2.x), asking after it
https://cloud.baidu.com/doc/qianfan-api/s/Bmg0ma4hf, errors https://cloud.baidu.com/doc/qianfan-api/s/qmbuihv02.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any, ClassVar

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import AppError, EngineFailed, EngineFault
from app.models.engine import AnimateRequest, AnimateResult
from app.services.engines.base import Capabilities, Context, Place, VideoEngine
from app.services.engines.http import ExpiredLink, Http
from app.services.engines.prompt_words import Prompt, motion_prompt
from app.services.engines.provider_task import Seen, Task, TaskGone, followed

_PATH = "/video/generations"
_WAITING = ("pending", "queued")
_LENGTHS_S = {"musesteamer-2.0-turbo-i2v-audio": (5, 10)}
"""Seconds that a model makes, where it is not 5 alone."""
_LONGEST_PROMPT = 500
_PHOTO = {"name": "photo.jpg", "min_side": 300, "max_side": 4096, "max_bytes": 7_000_000}
"""A picture may have 10 MB; it is not said whether before or after base64, which makes a third more of it."""


class QianfanSettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_VIDEO_QIANFAN_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("engine_video_qianfan_api_key", "qianfan_api_key")
    )
    """``bce-v3/...``, as the console of Qianfan gives it."""
    base_url: str = Field(
        default="https://qianfan.baidubce.com",
        validation_alias=AliasChoices("engine_video_qianfan_base_url", "qianfan_base_url"),
    )
    model: str = Field(
        default="musesteamer-air-i2v", validation_alias=AliasChoices("engine_video_qianfan_model", "qianfan_model")
    )
    """``musesteamer-2.0-turbo-i2v-audio`` (5 or 10 s), ``musesteamer-2.1-turbo-i2v``, ..."""
    concurrency: int = Field(
        default=3, ge=1, validation_alias=AliasChoices("engine_video_qianfan_concurrency", "qianfan_max_concurrency")
    )
    """Tasks at a time with this key: what the account allows."""
    poll_s: float = Field(
        default=5.0, gt=0, validation_alias=AliasChoices("engine_video_qianfan_poll_s", "qianfan_poll_interval")
    )
    timeout_s: float = Field(default=60.0, gt=0)
    """Of one call."""
    download_timeout_s: float = Field(default=600.0, gt=0)


class Qianfan(VideoEngine):
    """Clips of 5 seconds (one model: 5 or 10) in the key frame's shape, which the film holds or cuts."""

    name: ClassVar[str] = "video/qianfan"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    capabilities: ClassVar[Capabilities] = Capabilities(notes="Baidu MuseSteamer: clips of 5 s (2.0-turbo-audio: 10 s)")

    def __init__(self) -> None:
        self.settings = read_settings(QianfanSettings)
        self._key = self.settings.api_key.get_secret_value().strip()
        self._http = Http(
            self.name,
            self.settings.base_url,
            headers={"Authorization": f"Bearer {self._key}"},
            secrets=[self._key],
            timeout_s=self.settings.timeout_s,
        )

    def missing(self) -> list[str]:
        return [] if self._key else ["QIANFAN_API_KEY"]

    def configured(self) -> bool:
        return bool(self._key)

    def basis(self) -> dict[str, Any]:
        return {"model": self.settings.model}

    def lanes(self) -> dict[str, int]:
        digest = hashlib.sha256(self._key.encode()).hexdigest()[:4]
        return {f"qianfan key {digest}": self.settings.concurrency}

    async def unreachable(self) -> list[str]:
        """Any answer will do: to ask for a video would cost something."""
        try:
            await self._http.call("GET", "/", timeout_s=3, accept=range(400, 600))
        except AppError as error:
            return [error.detail]
        return []

    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        """Raises EngineFailed where Qianfan refuses key, words or picture, EngineFault for what may pass."""
        prompt = motion_prompt(request, _LONGEST_PROMPT)
        made = await followed(
            context,
            submit=lambda _: self._submit(request, prompt, context),
            look=self._look,
            poll_s=self.settings.poll_s,
        )
        clip = context.folder / "clip.mp4"
        try:
            await self._http.save(made["url"], clip, timeout_s=self.settings.download_timeout_s)
        except ExpiredLink:
            await context.forget()
            raise
        try:
            facts = await context.compute("app.services.media.fitting:clip", {"source": str(clip)})
        except EngineFault:
            # It came whole, so the video itself is bad, and fetching it again would not mend it.
            await context.forget()
            raise
        told = {"model": self.settings.model, "task": made["task_id"], "prompt": prompt.words}
        told |= {"prompt_dropped": prompt.dropped} if prompt.dropped else {}
        return AnimateResult(clip=clip, facts={**facts, **told})

    async def _submit(self, request: AnimateRequest, prompt: Prompt, context: Context) -> Task:
        photo = await context.compute(
            "app.services.media.fitting_limits:photo", {"source": str(request.key_frame), **_PHOTO}
        )
        image = await asyncio.to_thread((context.folder / photo["image"]).read_bytes)
        answer = await self._http.json("POST", _PATH, json=self._order(request, prompt, image))
        task_id = answer.get("task_id") if isinstance(answer, dict) else None
        if not isinstance(task_id, str) or not task_id:
            raise EngineFault(f"{self.name} accepted the order without saying its task")
        return {"task_id": task_id}

    def _order(self, request: AnimateRequest, prompt: Prompt, image: bytes) -> dict[str, Any]:
        """The documented fields. It may also be told of a watermark and of rewriting the prompt, under names that
        could not be confirmed; their defaults (none; rewritten) are what we want."""
        lengths = _LENGTHS_S.get(self.settings.model, (5,))
        url = f"data:image/jpeg;base64,{base64.b64encode(image).decode()}"
        return {
            "model": self.settings.model,
            "content": [
                {"type": "text", "text": prompt.words},
                {"type": "image_url", "image_url": {"url": url}},
            ],
            "duration": next((one for one in lengths if one >= request.duration_s), lengths[-1]),
        }

    async def _look(self, task: Task) -> Seen[dict[str, Any]]:
        # What is answered for a task that is not known any more is not documented; 404 is what HTTP has for it.
        answer = await self._http.call("GET", _PATH, params={"task_id": task["task_id"]}, accept=(404,))
        if answer.status == 404:
            raise TaskGone
        seen = self._http.parsed(answer.body)
        state = seen.get("status") if isinstance(seen, dict) else None
        if not isinstance(state, str):
            raise EngineFault(f"{self.name} answered in a form that is not Qianfan's")
        if state == "succeeded":
            content = seen.get("content")
            url = content.get("video_url") if isinstance(content, dict) else None
            if not isinstance(url, str) or not url:
                raise EngineFault(f"{self.name} made the video without saying where it is")
            return Seen(result={"url": url, "task_id": task["task_id"]})
        if state == "failed":
            return Seen(failed=EngineFailed(f"{self.name} could not make the video{self._reason(seen)}"))
        waiting = state in _WAITING
        return Seen(waiting=waiting, progress=0.0 if waiting else 0.1, message=f"Qianfan: {state}")

    def _reason(self, seen: dict[str, Any]) -> str:
        # Where a failed task says why is not documented; errors of calls have it in ``error.message``.
        error = seen.get("error")
        said = error.get("message") if isinstance(error, dict) else error
        return f": {self._http.quoted(said)}" if isinstance(said, str) and said else ""
