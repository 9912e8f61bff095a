"""Key frames by Qwen-Image, Wan and Z-Image at Alibaba Cloud's Model Studio (DashScope), a paid service.

Protocol: help.aliyun.com/zh/model-studio, text to image and image editing. Three ways by the model's name: one that
answers at once, two whose task is waited for. With pictures of the cast the model's companion for editing draws, which
gets those pictures by DashScope's own store. Why the vendor's package is not used: see ``dashscope_api``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from app.core.config import read_settings
from app.core.errors import AppError, EngineFault
from app.models.engine import DrawRequest, DrawResult, Reference
from app.services.engines.base import Capabilities, Context, ImageEngine, Place
from app.services.engines.dashscope_api import DashScope, DashScopeSettings, settings_for, shared
from app.services.engines.dashscope_sizes import PictureModel, editor_of, picture_model, picture_size
from app.services.engines.prompt_words import Prompt, picture_prompt
from app.services.engines.provider_task import Task

_PATHS = {
    "text2image": "/services/aigc/text2image/image-synthesis",
    "image2image": "/services/aigc/image2image/image-synthesis",
    "image-generation": "/services/aigc/image-generation/generation",
    "multimodal": "/services/aigc/multimodal-generation/generation",
}
_SEEDS = 2**31
_REFERENCE = {"min_side": 384, "max_side": 2048, "max_bytes": 10_000_000}
"""What every model for editing takes."""


class DashScopeImageSettings(DashScopeSettings):
    model_config = settings_for("image")

    api_key: SecretStr = Field(default=SecretStr(""), validation_alias=shared("image", "api_key"))
    region: Literal["cn", "intl", "us"] = Field(default="cn", validation_alias=shared("image", "region"))
    base_url: str = Field(default="", validation_alias=shared("image", "base_url", "dashscope_http_base_url"))
    workspace: str = Field(default="", validation_alias=shared("image", "workspace", "dashscope_workspace_id"))
    model: str = Field(default="qwen-image-plus", min_length=1)
    edit_model: str = ""
    """Draws where there are pictures of the cast; empty: the model itself or its companion (``qwen-image-edit-plus``,
    ``wan2.5-i2i-preview``, ``wan2.6-image``); ``none``: pictures of the cast are not used."""
    protocol: Literal["", "text2image", "multimodal", "image-generation"] = ""
    """Of ``model``; empty: by its name."""
    size: str = Field(default="", pattern=r"^(|\d{3,4}\*\d{3,4})$")
    """``1664*928``; empty: what the model takes, with the film's aspect ratio."""
    negative_prompt: str = Field(default="", max_length=500)
    prompt_extend: bool = False
    """Let DashScope rewrite the prompt: richer, and not what the shot says."""
    watermark: bool = False
    draw_timeout_s: float = Field(default=300.0, gt=0)
    """Of a model that answers at once."""
    concurrency: int = Field(default=4, ge=1)
    """Pictures at a time with this key."""


class DashScopeImage(ImageEngine):
    name: ClassVar[str] = "image/dashscope"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    capabilities: ClassVar[Capabilities] = Capabilities(
        reference_images=True, notes="Qwen-Image, Wan, Z-Image; keeps up to three faces by reference pictures"
    )

    def __init__(self) -> None:
        self.settings = read_settings(DashScopeImageSettings)
        self._service = DashScope(self.name, self.settings)

    def missing(self) -> list[str]:
        return self._service.missing()

    def configured(self) -> bool:
        return bool(self._service.key)

    def can(self) -> Capabilities:
        return self.capabilities.model_copy(update={"reference_images": self.settings.edit_model != "none"})

    def basis(self) -> dict[str, Any]:
        names = ("model", "protocol", "size", "negative_prompt", "prompt_extend", "watermark")
        return {**{name: getattr(self.settings, name) for name in names}, "edit_model": self._editor()}

    def lanes(self) -> dict[str, int]:
        return {self._service.lane("image"): self.settings.concurrency}

    async def unreachable(self) -> list[str]:
        return await self._service.unreachable()

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        """Raises EngineFailed where moderation or DashScope refuses, EngineFault for what may pass."""
        references = request.references if self._editor() else ()
        name = self._editor() if references else self.settings.model
        model = picture_model(name)
        references = references[: model.references]
        prompt = picture_prompt(request, references, model.prompt_chars)

        async def order() -> Task:
            pictures = [await self._laid(name, one, number, context) for number, one in enumerate(references)]
            return await self._order(name, self._body(name, request, prompt.words, pictures))

        output = await self._service.follow(context, order, self._wrong)
        image = await self._fetched(output, request, context)
        return DrawResult(
            image=image,
            seed=request.seed,
            facts=_facts(name, request, prompt, len(references), output),
        )

    def _editor(self) -> str:
        """The model that draws with reference pictures; empty: none does."""
        chosen = self.settings.edit_model
        return "" if chosen == "none" else chosen or editor_of(self.settings.model)

    def _way(self, name: str) -> str:
        if self.settings.protocol and name == self.settings.model:
            return self.settings.protocol
        return picture_model(name).protocol

    async def _laid(self, model: str, one: Reference, number: int, context: Context) -> str:
        """A reference picture where the model can see it."""
        fit = {"source": str(one.image), "name": f"reference_{number}.jpg", **_REFERENCE}
        made = await context.compute("app.services.media.fitting_limits:photo", fit)
        return await self._service.upload(model, context.folder / made["image"])

    async def _order(self, name: str, body: dict[str, Any]) -> Task:
        way = self._way(name)
        if way != "multimodal":
            return await self._service.submit(_PATHS[way], body)
        output = await self._service.answer(_PATHS[way], body, self.settings.draw_timeout_s)
        wrong = self._wrong(output)
        if wrong is not None:
            raise wrong
        return {"output": output}

    def _body(self, name: str, request: DrawRequest, words: str, pictures: list[str]) -> dict[str, Any]:
        settings, model, way = self.settings, picture_model(name), self._way(name)
        parameters: dict[str, Any] = {"n": 1, "seed": request.seed % _SEEDS, "watermark": settings.watermark}
        if model.sized:
            parameters["size"] = self._size(model, request)
        if model.extends:
            parameters["prompt_extend"] = settings.prompt_extend
        if name.startswith("wan2.6-image"):
            parameters["enable_interleave"] = False
        given: dict[str, Any]
        if way in ("multimodal", "image-generation"):
            content = [*({"image": picture} for picture in pictures), {"text": words}]
            given = {"messages": [{"role": "user", "content": content}]}
            place = parameters
        else:
            given = {"prompt": words, **({"images": pictures} if pictures else {})}
            place = given
        if settings.negative_prompt:
            place["negative_prompt"] = settings.negative_prompt
        return {"model": name, "input": given, "parameters": parameters}

    def _size(self, model: PictureModel, request: DrawRequest) -> str:
        if self.settings.size:
            return self.settings.size
        width, height = picture_size(model, request.width, request.height)
        return f"{width}*{height}"

    def _wrong(self, output: dict[str, Any]) -> AppError | None:
        """What is wrong with an answer that calls itself good: every picture in it may have failed by itself."""
        urls, failed = _pictures(output)
        if urls:
            return None
        if failed:
            return self._service.failure(failed[0].get("code"), failed[0].get("message"))
        return EngineFault(f"{self.name} answered without a picture")

    async def _fetched(self, output: dict[str, Any], request: DrawRequest, context: Context) -> Path:
        source = context.folder / "drawn"
        await self._service.fetch(_pictures(output)[0][0], source, context)
        fit = {"source": str(source), "width": request.width, "height": request.height}
        try:
            made = await context.compute("app.services.media.fitting:picture", fit)
        except EngineFault:
            # It came whole, so the picture itself is bad, and fetching it again would not mend it.
            await context.forget()
            raise
        return context.folder / str(made["image"])


def _pictures(output: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Addresses of the pictures in an answer, and the items of a batch that failed."""
    urls: list[str] = []
    failed: list[dict[str, Any]] = []
    for item in _dicts(output.get("results")):
        if item.get("url"):
            urls.append(str(item["url"]))
        elif item.get("code"):
            failed.append(item)
    for choice in _dicts(output.get("choices")):
        message = choice.get("message")
        for part in _dicts(message.get("content") if isinstance(message, dict) else None):
            if part.get("image"):
                urls.append(str(part["image"]))
            elif part.get("code"):
                failed.append(part)
    return urls, failed


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _facts(name: str, request: DrawRequest, prompt: Prompt, references: int, output: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"model": name, "prompt": prompt.words}
    if prompt.dropped:
        facts["prompt_dropped"] = prompt.dropped
    if request.references:
        facts["references"] = [one.name for one in request.references[:references]]
        if left := [one.name for one in request.references[references:]]:
            facts["references_left_out"] = left
    if output.get("task_id"):
        facts["task"] = str(output["task_id"])
    results = _dicts(output.get("results"))
    if results and results[0].get("actual_prompt"):
        facts["actual_prompt"] = str(results[0]["actual_prompt"])
    if failed := _pictures(output)[1]:
        facts["failed_items"] = [str(item.get("code")) for item in failed]
    return facts
