"""Storyboards and translations by a model in Ollama, on the owner's machine.

Protocol: github.com/ollama/ollama, ``docs/api.md`` and ``docs/faq.mdx``. What bites there: a prompt longer than
``num_ctx`` is cut silently (so it is set from the length of every conversation), its client waits for ever unless it
is told not to, and some models leave ``format`` unheeded when thinking is off (so the schema stands in the prompt,
too, and answers are read forgivingly).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
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
from app.services.engines.script_talk import Measure, Reply, length_of

if TYPE_CHECKING:
    from httpx import Response
    from ollama import AsyncClient, ResponseError

_PORT = 11434
_LOOK_S = 3.0
_STEP = 4096
"""``num_ctx`` comes in steps, because every change of it makes Ollama load the model anew."""


class OllamaSettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_SCRIPT_OLLAMA_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    host: Annotated[str, AfterValidator(lambda host: host_url(host))] = Field(
        default=f"http://127.0.0.1:{_PORT}", validation_alias=AliasChoices("engine_script_ollama_host", "ollama_host")
    )
    model: str = Field(
        default="qwen3:8b", validation_alias=AliasChoices("engine_script_ollama_model", "ollama_model"), min_length=1
    )
    api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("engine_script_ollama_api_key", "ollama_api_key")
    )
    """Only for an Ollama behind a gateway that asks for one."""
    timeout_s: float = Field(default=300.0, gt=0)
    """Of one answer, loading the model included, seconds."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """0: the same story always becomes the same storyboard."""
    num_ctx: int = Field(default=32768, ge=8192)
    """Tokens of the largest context that is asked for; a short story asks for less. It costs GPU memory."""
    max_tokens: int = Field(default=8192, ge=1024)
    """Of one answer."""
    keep_alive: str = "5m"
    """How long the model stays on the GPU after a call; ``0`` frees it at once, for a picture or video model."""
    concurrency: int = Field(default=1, ge=1)
    """Calls at a time; Ollama itself works on OLLAMA_NUM_PARALLEL of them."""


class OllamaScript(ModelScript):
    name: ClassVar[str] = "script/ollama"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "local"
    library: ClassVar[str] = "ollama"

    def __init__(self) -> None:
        self.settings = read_settings(OllamaSettings)
        self._host = self.settings.host
        key = self.settings.api_key.get_secret_value()
        secrets = [key, urlsplit(self._host).password or ""]
        self._http = Http(self.name, self._host, secrets=secrets)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def missing(self) -> list[str]:
        return [] if find_spec(self.library) else ["the Python package ollama"]

    def configured(self) -> bool:
        return bool({"host", "model"} & self.settings.model_fields_set)

    def basis(self) -> dict[str, Any]:
        names = ("model", "temperature", "num_ctx", "max_tokens")
        return {name: getattr(self.settings, name) for name in names}

    def lanes(self) -> dict[str, int]:
        parts = urlsplit(self._host)
        return {f"host {parts.scheme}://{parts.netloc.rpartition('@')[2]}": self.settings.concurrency}

    @property
    def measure(self) -> Measure:
        return Measure(self.settings.num_ctx, self.settings.max_tokens)

    @property
    def timeout_s(self) -> float:
        return self.settings.timeout_s

    async def unreachable(self) -> list[str]:
        """Whether the host answers, and whether the model was pulled (``GET /api/tags``)."""
        if self.missing():
            return []
        await self.loaded()
        try:
            async with self._client(_LOOK_S) as client:
                listed = await client.list()
        except AppError as error:
            return [error.detail]
        names = {str(one.model) for one in listed.models}
        if {self.settings.model, f"{self.settings.model}:latest"} & names:
            return []
        return [self._no_model()]

    async def ask(self, messages: Sequence[Message], schema: dict[str, Any], limit: int, seed: int) -> Reply:
        """One answer (``POST /api/chat``, no stream, thinking off)."""
        wanted = length_of(messages) + limit
        window = min(self.settings.num_ctx, -(-wanted // _STEP) * _STEP)
        options = {
            "temperature": self.settings.temperature,
            "seed": seed,
            "num_ctx": window,
            "num_predict": limit,
        }
        async with self._client(self.settings.timeout_s) as client:
            answer = await client.chat(
                self.settings.model,
                list(messages),
                format=schema,
                options=options,
                think=False,
                keep_alive=_alive(self.settings.keep_alive),
            )
        # A question as long as the window was cut to it: it was read only in part.
        cut = answer.done_reason == "length" or (answer.prompt_eval_count or 0) >= window
        return Reply(answer.message.content or "", cut)

    @asynccontextmanager
    async def _client(self, timeout_s: float) -> AsyncIterator[AsyncClient]:
        """Ollama's client; what it raises inside the block comes out as our errors."""
        import httpx
        import ollama

        seen: dict[str, str] = {}

        async def look(answer: Response) -> None:
            # The client's error has no headers: Retry-After, and whether it was Ollama that answered, by JSON.
            seen.update(answer.headers)

        try:
            async with ollama.AsyncClient(
                self._host,
                timeout=timeout_s,
                headers=self._headers,
                trust_env=not near(self._host),
                event_hooks={"response": [look]},
            ) as client:
                yield client
        except ollama.ResponseError as error:
            raise self._refused(error, seen) from error
        except httpx.TimeoutException as error:
            raise EngineTimeout(f"{self.name} at {self._shown} did not answer in time") from error
        except ConnectionError as error:
            raise EngineUnavailable(f"{self.name} cannot be reached at {self._shown}: is Ollama running?") from error
        except httpx.HTTPError as error:
            raise EngineFault(f"{self.name} at {self._shown} broke off: {type(error).__name__}") from error
        except (ValueError, TypeError) as error:
            raise EngineFault(f"{self.name} at {self._shown} answered with something that is no answer") from error

    @property
    def _shown(self) -> str:
        return urlsplit(self._host).netloc.rpartition("@")[2]

    def _refused(self, error: ResponseError, headers: dict[str, str]) -> AppError:
        if error.status_code == 404 and headers.get("content-type", "").startswith("application/json"):
            return EngineFailed(self._no_model())
        return self._http.refused(error.status_code, headers, error.error.encode())

    def _no_model(self) -> str:
        model = self.settings.model
        return f"{self.name}: {self._shown} has no model {model}; get it with: ollama pull {model}"


def host_url(host: str) -> str:
    """A base URL from what OLLAMA_HOST may say: ``0.0.0.0``, ``gpu:11434``, ``:11434``, ``https://ollama.example.com``.

    An address that a server listens on (0.0.0.0, ::) is read as this machine's. ValueError if it is no host.
    """
    host = host.strip().rstrip("/")
    host = f"[{host}]" if host.count(":") > 1 and not re.search(r"[\[/@]", host) else host
    parts = urlsplit(host if "://" in host else f"http://{host}")
    if parts.scheme not in ("http", "https") or re.search(r"\s", host):
        raise ValueError("it must be a host, such as 127.0.0.1:11434 or https://ollama.example.com")
    name, port = parts.hostname or "", parts.port
    name = "127.0.0.1" if name in ("", "0.0.0.0", "::") else name
    name = f"[{name}]" if ":" in name else name
    if port is None and ("://" not in host):
        port = _PORT
    user, at, _ = parts.netloc.rpartition("@")
    netloc = f"{user}{at}{name}" + (f":{port}" if port is not None else "")
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))


def _alive(value: str) -> float | str:
    """Seconds as a number (``0``, ``-1``), else Ollama's own words (``5m``)."""
    try:
        return float(value)
    except ValueError:
        return value
