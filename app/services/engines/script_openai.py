"""Storyboards and translations by OpenAI, or by any server that speaks its chat protocol (vLLM, LM Studio, llama.cpp).

Protocol: platform.openai.com/docs, chat completions and structured outputs. Servers understand different parts of it:
what one refuses by name is left out and asked again, once for each, and a JSON schema that is refused becomes JSON mode
with the schema in the prompt. The client's own retries are off, because retrying is the router's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout, EngineUnavailable
from app.services.engines.base import Place
from app.services.engines.http import Http, near
from app.services.engines.script_model import ModelScript
from app.services.engines.script_prompt import Message
from app.services.engines.script_talk import Measure, Reply, web_address

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

_HOME = "https://api.openai.com/v1"
_LOOK_S = 3.0
_MAY_GO = ("temperature", "seed", "max_tokens")
"""Parameters that some server or model does without."""
_TOO_LONG = ("context_length_exceeded", "string_above_max_length")
_UNPAID = ("insufficient_quota", "billing_hard_limit_reached")


class OpenAISettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_SCRIPT_OPENAI_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("engine_script_openai_api_key", "openai_api_key")
    )
    base_url: Annotated[str, AfterValidator(web_address)] = Field(
        default="", validation_alias=AliasChoices("engine_script_openai_base_url", "openai_base_url", "openai_api_base")
    )
    """Of a compatible server, ``http://127.0.0.1:8000/v1``; empty: OpenAI's own. With one, no key is needed."""
    model: str = Field(
        default="gpt-4o-mini", validation_alias=AliasChoices("engine_script_openai_model", "openai_model"), min_length=1
    )
    timeout_s: float = Field(default=120.0, gt=0)
    """Of one answer, seconds."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """0: the same story always becomes the same storyboard, as far as the server keeps to it."""
    max_tokens: int = Field(default=8192, ge=1024)
    """Of one answer."""
    context_tokens: int = Field(default=100_000, ge=8192)
    """What the model takes in, question and answer together; longer stories are told in parts."""
    extra_body: dict[str, Any] = Field(default_factory=dict)
    """JSON that is added to every request, for what only one server knows: ``{"chat_template_kwargs":
    {"enable_thinking": false}}`` keeps a Qwen on vLLM from thinking aloud."""
    concurrency: int = Field(default=4, ge=1)
    """Calls at a time."""


class OpenAIScript(ModelScript):
    name: ClassVar[str] = "script/openai"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    library: ClassVar[str] = "openai"

    def __init__(self) -> None:
        self.settings = read_settings(OpenAISettings)
        self._key = self.settings.api_key.get_secret_value()
        self._base = _with_version(self.settings.base_url) or _HOME
        self._http = Http(self.name, self._base, secrets=[self._key, urlsplit(self._base).password or ""])
        self._refuses: set[str] = set()
        """What this server was found to do without, so that it is not offered it with every call."""

    def missing(self) -> list[str]:
        lacks = [] if find_spec(self.library) else ["the Python package openai"]
        return lacks if self._key or self.settings.base_url else ["OPENAI_API_KEY", *lacks]

    def configured(self) -> bool:
        return bool(self._key or self.settings.base_url)

    def basis(self) -> dict[str, Any]:
        names = ("model", "temperature", "context_tokens", "max_tokens", "extra_body")
        return {name: getattr(self.settings, name) for name in names}

    def lanes(self) -> dict[str, int]:
        if self._key:
            digest = hashlib.sha256(self._key.encode()).hexdigest()[:4]
            return {f"openai key {digest}": self.settings.concurrency}
        parts = urlsplit(self._base)
        return {f"host {parts.scheme}://{self._shown}": self.settings.concurrency}

    @property
    def measure(self) -> Measure:
        return Measure(self.settings.context_tokens, self.settings.max_tokens)

    @property
    def timeout_s(self) -> float:
        return self.settings.timeout_s

    async def unreachable(self) -> list[str]:
        """Whether the server answers and knows the model (``GET /models``)."""
        if self.missing():
            return []
        await self.loaded()
        try:
            known = await self._models()
        except AppError as error:
            return [error.detail]
        if not known or self.settings.model in known:
            return []
        return [f"{self.name}: {self._shown} has no model {self.settings.model}"]

    async def _models(self) -> set[str]:
        """Names of the models that are listed; empty if the server has no list."""
        import openai

        async with self._client(_LOOK_S) as client:
            try:
                page = await client.models.list()
                return {str(one.id) for one in page.data or ()}
            except openai.NotFoundError:
                return set()
            except openai.APIError as error:
                raise self._wrong(error) from error
            except (ValueError, TypeError, AttributeError) as error:
                raise self._no_answer() from error

    async def ask(self, messages: Sequence[Message], schema: dict[str, Any], limit: int, seed: int) -> Reply:
        """One answer (``POST /chat/completions``), without what the server refuses."""
        import openai

        refused = set(self._refuses)
        async with self._client(self.settings.timeout_s) as client:
            for _ in range(len(_MAY_GO) + 3):
                body = self._body(messages, schema, limit, seed, refused)
                try:
                    completion: Any = await client.chat.completions.create(**body)
                except openai.APIStatusError as error:
                    if error.status_code in (400, 413) and _code(error) in _TOO_LONG:
                        return Reply("", cut=True)
                    if not _does_without(error, body, refused):
                        raise self._wrong(error) from error
                except openai.APIError as error:
                    raise self._wrong(error) from error
                except ValueError as error:
                    raise self._no_answer() from error
                else:
                    # Only now it is sure that it was this that the server did not like.
                    self._refuses = refused
                    return self._reply(completion)
        raise EngineFailed(f"{self.name} at {self._shown} refuses the question in every form")

    def _body(
        self, messages: Sequence[Message], schema: dict[str, Any], limit: int, seed: int, refused: set[str]
    ) -> dict[str, Any]:
        """The request, without what is refused."""
        body: dict[str, Any] = {"model": self.settings.model, "messages": list(messages)}
        if "temperature" not in refused:
            body["temperature"] = self.settings.temperature
        if "seed" not in refused:
            body["seed"] = seed
        body["max_completion_tokens" if "max_tokens" in refused else "max_tokens"] = limit
        if "json_schema" not in refused:
            described = {"name": "answer", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": described}
        elif "response_format" not in refused:
            body["response_format"] = {"type": "json_object"}
        if self.settings.extra_body:
            body["extra_body"] = self.settings.extra_body
        return body

    def _reply(self, completion: Any) -> Reply:
        """What came, read with care: compatible servers leave out whatever they do not know."""
        choice = next(iter(getattr(completion, "choices", None) or ()), None)
        message = getattr(choice, "message", None)
        if choice is None or message is None:
            raise self._no_answer()
        if choice.finish_reason == "content_filter":
            raise EngineFailed(f"{self.name}: the answer was held back by the provider's content filter")
        if refusal := getattr(message, "refusal", None):
            raise EngineFailed(f"{self.name}: the model declined: {self._http.quoted(str(refusal))}")
        return Reply(message.content or "", choice.finish_reason == "length")

    def _client(self, timeout_s: float) -> AsyncOpenAI:
        import openai

        return openai.AsyncOpenAI(
            # Without a key of ours the client would take one from the environment.
            api_key=self._key or "none",
            base_url=self._base,
            timeout=timeout_s,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not near(self._base), timeout=timeout_s),
        )

    def _wrong(self, error: Exception) -> AppError:
        import httpx2
        import openai

        if isinstance(error, openai.APIStatusError):
            if _code(error) in _UNPAID:
                return EngineFailed(f"{self.name}: the account's quota is used up ({_code(error)})")
            return self._http.refused(error.status_code, error.response.headers, error.response.content)
        if isinstance(error, openai.APITimeoutError):
            return EngineTimeout(f"{self.name} at {self._shown} did not answer in time")
        if isinstance(error.__cause__, httpx2.ConnectError):
            return EngineUnavailable(f"{self.name} cannot be reached at {self._shown}")
        return EngineFault(f"{self.name} at {self._shown} broke off: {type(error.__cause__ or error).__name__}")

    def _no_answer(self) -> EngineFault:
        return EngineFault(f"{self.name} at {self._shown} answered with something that is no answer")

    @property
    def _shown(self) -> str:
        return urlsplit(self._base).netloc.rpartition("@")[2]


def _does_without(error: APIStatusError, body: dict[str, Any], refused: set[str]) -> bool:
    """Whether another form of the request may please a server that refused this one; notes what to leave out."""
    if error.status_code not in (400, 422) or "content" in _code(error):
        return False
    named = _parameter(error)
    form = body.get("response_format", {}).get("type", "")
    if named in _MAY_GO and named in body:
        refused.add(named)
    elif form == "json_schema" and named in ("", "response_format"):
        refused.add("json_schema")
    elif form == "json_object" and named == "response_format":
        refused.add("response_format")
    else:
        return False
    return True


def _code(error: APIStatusError) -> str:
    return str(error.code or "")


def _parameter(error: APIStatusError) -> str:
    """The request's parameter that an error names, without what is inside of it (``response_format.type``)."""
    return str(error.param or "").partition(".")[0].partition("[")[0]


def _with_version(base_url: str) -> str:
    """A base URL; of one that is only a host, the usual ``/v1`` under it."""
    parts = urlsplit(base_url)
    return base_url if not base_url or parts.path else urlunsplit((parts.scheme, parts.netloc, "/v1", parts.query, ""))
