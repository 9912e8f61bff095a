"""Narration by OpenAI's speech API, or by any server that speaks it (Kokoro-FastAPI, Speaches, LocalAI, vLLM-Omni).

Protocol: platform.openai.com/docs/api-reference/audio/createSpeech. It does not say when words sound: they are found in
the sound afterwards. OpenAI announced that tts-1, tts-1-hd and gpt-4o-mini-tts shut down on 2027-01-06
(developers.openai.com/api/docs/deprecations); compatible servers go on.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout, EngineUnavailable
from app.models.engine import SpeakRequest, SpeakResult
from app.services.engines.base import Capabilities, Context, Place, SpeechEngine
from app.services.engines.http import Http, near
from app.services.engines.prompt_words import portions

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_HOME = "https://api.openai.com/v1"
_LOOK_S = 3.0
_LONGEST = 4096
"""Characters of one call."""
_LONGEST_IN_TOKENS = 1500
"""The same for models that count 2000 tokens, in writing where a character is about one."""
_UNPAID = ("insufficient_quota", "billing_hard_limit_reached")
_FRIENDLY = {
    "narrator": "", "default": "", "旁白": "", "female": "nova", "woman": "nova", "女声": "nova", "女": "nova",
    "女聲": "nova", "male": "onyx", "man": "onyx", "男声": "onyx", "男": "onyx", "男聲": "onyx",
}  # fmt: skip
"""Names that every speech engine knows, as OpenAI's voices; empty: the one that is set."""


class OpenAISpeechSettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_SPEECH_OPENAI_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("engine_speech_openai_api_key", "openai_api_key")
    )
    base_url: str = ""
    """Of a compatible server, ``http://127.0.0.1:8880/v1``; empty: as ``OPENAI_BASE_URL`` says, else OpenAI's own."""
    shared_base_url: str = Field(default="", validation_alias=AliasChoices("openai_base_url", "openai_api_base"))
    """Whoever this names may have no speech at all: alone it does not put this engine into an unwritten order."""
    model: str = Field(default="gpt-4o-mini-tts", min_length=1)
    voice: str = Field(default="alloy", min_length=1)
    """Where the request names none."""
    max_chars: int = Field(default=_LONGEST, ge=100, le=100_000)
    """Of one call; longer texts are spoken in parts."""
    concurrency: int = Field(default=4, ge=1)
    """Calls at a time with this key."""
    timeout_s: float = Field(default=120.0, gt=0)
    """Of one call, seconds."""

    @property
    def url(self) -> str:
        """With the usual ``/v1`` under what is only a host."""
        url = (self.base_url or self.shared_base_url or _HOME).strip().rstrip("/")
        parts = urlsplit(url)
        return url if parts.path else urlunsplit((parts.scheme, parts.netloc, "/v1", parts.query, ""))


class OpenAISpeech(SpeechEngine):
    """``voice``: one of the server's, or ``female``, ``male``, ``narrator``. ``tone`` only for models that take it."""

    name: ClassVar[str] = "speech/openai"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    capabilities: ClassVar[Capabilities] = Capabilities(
        notes="OpenAI or a compatible server; OpenAI's own speech models end on 2027-01-06"
    )

    def __init__(self) -> None:
        self.settings = read_settings(OpenAISpeechSettings)
        self._key = self.settings.api_key.get_secret_value().strip()
        self._base = self.settings.url
        self._http = Http(self.name, self._base, secrets=[self._key, urlsplit(self._base).password or ""])

    def missing(self) -> list[str]:
        lacks = [] if find_spec("openai") else ["the Python package openai"]
        return lacks if self._key or self._base != _HOME else ["OPENAI_API_KEY", *lacks]

    def configured(self) -> bool:
        return bool(self.settings.base_url or (self._key and self._base == _HOME))

    def basis(self) -> dict[str, Any]:
        return {"model": self.settings.model, "voice": self.settings.voice, "max_chars": self.settings.max_chars}

    def lanes(self) -> dict[str, int]:
        if self._key:
            return {f"openai key {hashlib.sha256(self._key.encode()).hexdigest()[:4]}": self.settings.concurrency}
        return {f"host {urlsplit(self._base).scheme}://{self._shown}": self.settings.concurrency}

    async def unreachable(self) -> list[str]:
        """Whether the server answers at all; few compatible ones list their speech models."""
        if self.missing():
            return []
        try:
            await self._http.call("GET", "/models", timeout_s=_LOOK_S, accept=range(400, 600))
        except AppError as error:
            return [error.detail]
        return []

    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        """Raises EngineFailed where key, model, voice or words are refused, EngineFault for what may pass."""
        if not any(map(str.isalnum, request.text)):
            raise EngineFailed(f"{self.name} has nothing to say: the text holds no words")
        sources = []
        pieces = portions(request.text, self._longest(request.text))
        parts = [piece.strip() for piece in pieces if any(map(str.isalnum, piece))]
        for number, part in enumerate(parts):
            source = context.folder / f"part_{number}.wav"
            await asyncio.to_thread(source.write_bytes, await self._said(part, request))
            sources.append(str(source))
            context.progress((number + 1) / len(parts))
        made = await context.compute("app.services.media.fitting_limits:joined", {"sources": sources})
        return SpeakResult(
            audio=context.folder / made["audio"],
            duration_s=made["duration_s"],
            facts={"model": self.settings.model, "voice": self._voice(request), "rate_hz": made["rate_hz"]},
        )

    def _longest(self, text: str) -> int:
        if self._instructed and re.search(r"[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af]", text):
            return min(self.settings.max_chars, _LONGEST_IN_TOKENS)
        return self.settings.max_chars

    @property
    def _instructed(self) -> bool:
        return self.settings.model.startswith("gpt-")

    def _voice(self, request: SpeakRequest) -> str:
        wished = request.voice.strip()
        return _FRIENDLY.get(wished.lower(), wished) or self.settings.voice

    def _body(self, part: str, request: SpeakRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.settings.model,
            "voice": self._voice(request),
            "input": part,
            "response_format": "wav",
        }
        if request.rate != 1.0:
            body["speed"] = min(4.0, max(0.25, request.rate))
        if self._instructed and request.tone.strip():
            body["instructions"] = f"You tell a story. Tone: {request.tone.strip()}."
        return body

    async def _said(self, part: str, request: SpeakRequest) -> bytes:
        import openai

        limit = self.settings.timeout_s
        try:
            # The client's own limit is for every piece of the answer, not for the whole.
            async with asyncio.timeout(limit), await asyncio.to_thread(self._client) as client:
                answer = await client.audio.speech.create(**self._body(part, request))
                return answer.content
        except openai.OpenAIError as error:
            raise self._wrong(error) from error
        except TimeoutError as error:
            raise EngineTimeout(f"{self.name} at {self._shown} did not answer in {limit:g} s") from error

    def _client(self) -> AsyncOpenAI:
        import openai

        limit = self.settings.timeout_s
        return openai.AsyncOpenAI(
            # Without a key of ours the client would take one from the environment.
            api_key=self._key or "none",
            base_url=self._base,
            timeout=limit,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not near(self._base), timeout=limit),
        )

    def _wrong(self, error: Exception) -> AppError:
        import httpx2
        import openai

        if isinstance(error, openai.APIStatusError):
            if error.code in _UNPAID:
                return EngineFailed(f"{self.name}: the account's quota is used up ({error.code})")
            return self._http.refused(error.status_code, error.response.headers, error.response.content)
        if isinstance(error, openai.APITimeoutError):
            return EngineTimeout(f"{self.name} at {self._shown} did not answer in time")
        if isinstance(error.__cause__, httpx2.ConnectError):
            return EngineUnavailable(f"{self.name} cannot be reached at {self._shown}")
        return EngineFault(f"{self.name} at {self._shown} broke off: {type(error.__cause__ or error).__name__}")

    @property
    def _shown(self) -> str:
        return urlsplit(self._base).netloc.rpartition("@")[2]
