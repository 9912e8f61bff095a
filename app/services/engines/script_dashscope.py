"""Storyboards and translations by Qwen at Alibaba Cloud's Model Studio (DashScope), a paid service.

Protocol: help.aliyun.com/zh/model-studio, text generation and structured output; the request is the one that the
vendor's package sends. Why that package is not used: see ``dashscope_api``; besides, it answers errors with objects
instead of raising, and writes the provider's messages, which may quote the key, into the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from app.core.config import read_settings
from app.core.errors import EngineFault
from app.services.engines.base import Place
from app.services.engines.dashscope_api import DashScope, DashScopeSettings, settings_for, shared
from app.services.engines.script_model import ModelScript
from app.services.engines.script_prompt import Message
from app.services.engines.script_talk import Measure, Reply, web_address

_PATH = "/services/aigc/text-generation/generation"
_SEEDS = 2**31


class DashScopeScriptSettings(DashScopeSettings):
    model_config = settings_for("script")

    api_key: SecretStr = Field(default=SecretStr(""), validation_alias=shared("script", "api_key"))
    region: Literal["cn", "intl", "us"] = Field(default="cn", validation_alias=shared("script", "region"))
    base_url: Annotated[str, AfterValidator(web_address)] = Field(
        default="", validation_alias=shared("script", "base_url", "dashscope_http_base_url")
    )
    workspace: str = Field(default="", validation_alias=shared("script", "workspace", "dashscope_workspace_id"))
    model: str = Field(default="qwen-plus", min_length=1)
    timeout_s: float = Field(default=120.0, gt=0)
    """Of one answer, seconds."""
    temperature: float = Field(default=0.0, ge=0, lt=2)
    """0: the same story always becomes the same storyboard, as far as the provider keeps to it."""
    max_tokens: int = Field(default=8192, ge=1024)
    """Of one answer."""
    context_tokens: int = Field(default=100_000, ge=8192)
    """What the model takes in, question and answer together; longer stories are told in parts."""
    concurrency: int = Field(default=2, ge=1)
    """Calls at a time with this key."""


class DashScopeScript(ModelScript):
    name: ClassVar[str] = "script/dashscope"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"

    def __init__(self) -> None:
        self.settings = read_settings(DashScopeScriptSettings)
        self._service = DashScope(self.name, self.settings)

    def missing(self) -> list[str]:
        return self._service.missing()

    def configured(self) -> bool:
        return bool(self._service.key)

    def basis(self) -> dict[str, Any]:
        names = ("model", "temperature", "context_tokens", "max_tokens")
        return {name: getattr(self.settings, name) for name in names}

    def lanes(self) -> dict[str, int]:
        return {self._service.lane("script"): self.settings.concurrency}

    @property
    def measure(self) -> Measure:
        return Measure(self.settings.context_tokens, self.settings.max_tokens)

    @property
    def timeout_s(self) -> float:
        return self.settings.timeout_s

    async def unreachable(self) -> list[str]:
        return await self._service.unreachable()

    async def ask(self, messages: Sequence[Message], schema: dict[str, Any], limit: int, seed: int) -> Reply:
        """One answer. Qwen promises JSON only, not its shape, and only if the word stands in the prompt and thinking
        is off; the schema is in the prompt."""
        parameters = {
            "result_format": "message",
            "response_format": {"type": "json_object"},
            "temperature": self.settings.temperature,
            "seed": seed % _SEEDS,
            "max_tokens": limit,
            "enable_thinking": False,
        }
        body = {"model": self.settings.model, "input": {"messages": list(messages)}, "parameters": parameters}
        output = await self._service.answer(_PATH, body, self.settings.timeout_s)
        try:
            choice = output["choices"][0]
            content, reason = choice["message"]["content"], choice.get("finish_reason")
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise EngineFault(f"{self.name} answered with something that is no answer") from error
        return Reply(content if isinstance(content, str) else "", reason == "length")
