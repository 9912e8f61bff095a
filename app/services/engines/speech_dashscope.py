"""Narration by CosyVoice or Qwen3-TTS at Alibaba Cloud's Model Studio (DashScope), a paid service.

Protocol: help.aliyun.com/zh/model-studio, speech synthesis. CosyVoice speaks over a websocket and tells when each word
sounds (``dashscope_voice``); Qwen3-TTS answers HTTP with the address of a recording, without times. A cloned voice is a
voice like any other: its id is its name. Why the vendor's package is not used: see ``dashscope_api``.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, SecretStr

from app.core.config import CommaList, read_settings
from app.core.errors import EngineTimeout
from app.models.engine import SpeakRequest, SpeakResult, WordTime
from app.services.engines.base import Capabilities, Context, Place, SpeechEngine
from app.services.engines.dashscope_api import DashScope, DashScopeSettings, settings_for, shared
from app.services.engines.dashscope_voice import Voiced, voiced, word_times
from app.services.engines.prompt_words import portions

_QWEN_PATH = "/services/aigc/multimodal-generation/generation"
_COSYVOICE_PIECE, _QWEN_PIECE = 1000, 300
"""Characters sent at a time: half of what the services take, which count a Chinese one twice."""
_SEEDS = 2**16
_VOICES: tuple[tuple[str, dict[str, str]], ...] = (
    ("cosyvoice-v3.5", {}),
    ("cosyvoice-v3", {"zh": "longanyang", "en": "longanyang"}),
    ("cosyvoice-v2", {"zh": "longxiaochun_v2", "en": "longxiaochun_v2"}),
    ("cosyvoice-v1", {"zh": "longxiaochun", "en": "longxiaochun"}),
    ("qwen", dict.fromkeys(("zh", "en", "ja", "ko", "fr", "de", "es", "it", "pt", "ru"), "Cherry")),
)
"""By what a model's name begins with: a voice for each language. None: the model has cloned voices only."""
_LANGUAGES = {"zh": "Chinese", "en": "English", "ja": "Japanese", "ko": "Korean", "fr": "French", "de": "German",
              "es": "Spanish", "it": "Italian", "pt": "Portuguese", "ru": "Russian"}  # fmt: skip
_HINTS = frozenset({"zh", "en", "fr", "de", "ja", "ko", "ru", "pt", "th", "id", "vi"})
_FEELINGS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("sad", "伤心", ("sad", "sorrow", "lonel", "grief", "melanchol", "悲", "忧", "伤", "孤独", "凄", "哀")),
    ("angry", "生气", ("angry", "furious", "rage", "怒")),
    ("fearful", "恐惧", ("tense", "scar", "fright", "danger", "suspens", "紧张", "惊险", "恐", "危险", "害怕")),
    ("surprised", "惊讶", ("surpris", "amaz", "wonder", "惊讶", "惊喜", "惊奇")),
    ("happy", "开心", ("happy", "cheer", "joy", "playful", "excit", "快乐", "欢", "活泼", "开心", "愉", "兴奋", "喜")),
)
"""The service's word, the Chinese one for a cloned voice, and words of a shot's tone."""
_ACTING_VOICES = frozenset({"longanyang", "longanhuan"})
"""System voices of cosyvoice-v3-flash that take a feeling, in one fixed form of words."""


class DashScopeSpeechSettings(DashScopeSettings):
    model_config = settings_for("speech")

    api_key: SecretStr = Field(default=SecretStr(""), validation_alias=shared("speech", "api_key"))
    region: Literal["cn", "intl", "us"] = Field(default="cn", validation_alias=shared("speech", "region"))
    base_url: str = Field(default="", validation_alias=shared("speech", "base_url", "dashscope_http_base_url"))
    workspace: str = Field(default="", validation_alias=shared("speech", "workspace", "dashscope_workspace_id"))
    websocket_url: str = Field(
        default="", validation_alias=shared("speech", "websocket_url", "dashscope_websocket_base_url")
    )
    """Of CosyVoice; empty: on the host of the base address."""
    model: str = Field(default="cosyvoice-v3-flash", min_length=1)
    """``cosyvoice-...`` or ``qwen3-tts-...``."""
    voice: str = ""
    """Speaks every language: a system voice of the model or a cloned one; empty: by language."""
    voices: CommaList = Field(default_factory=list)
    """``zh=longanyang,en=...``: voices by language, before those known here."""
    sample_rate_hz: Annotated[Literal[8000, 16000, 22050, 24000, 44100, 48000], BeforeValidator(int)] = 24000
    volume: int = Field(default=50, ge=0, le=100)
    pitch: float = Field(default=1.0, ge=0.5, le=2.0)
    word_times: bool = True
    """Ask for the times of the words (cosyvoice-v2 and later; voices that cannot tell them tell none)."""
    instruction: Literal["tone", "none"] = "tone"
    """Whether the shot's tone is given along to voices that can act."""
    speak_timeout_s: float = Field(default=300.0, gt=0)
    """Of one narration."""
    concurrency: int = Field(default=3, ge=1)
    """Narrations at a time with this key."""


class DashScopeSpeech(SpeechEngine):
    name: ClassVar[str] = "speech/dashscope"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    capabilities: ClassVar[Capabilities] = Capabilities(
        word_times=True, notes="CosyVoice with word times, or Qwen3-TTS; cloned voices by their id"
    )

    def __init__(self) -> None:
        self.settings = read_settings(DashScopeSpeechSettings)
        self._service = DashScope(self.name, self.settings)
        self._cosy = self.settings.model.startswith("cosyvoice")

    def missing(self) -> list[str]:
        voice = [] if self.settings.voice or self._voices() else ["ENGINE_SPEECH_DASHSCOPE_VOICE"]
        return [*self._service.missing(), *voice]

    def configured(self) -> bool:
        return bool(self._service.key)

    def can(self) -> Capabilities:
        languages = () if self.settings.voice else tuple(self._voices())
        return self.capabilities.model_copy(update={"languages": languages, "word_times": self._tells_words()})

    def basis(self) -> dict[str, Any]:
        names = ("model", "voice", "voices", "sample_rate_hz", "volume", "pitch", "word_times", "instruction")
        return {name: getattr(self.settings, name) for name in names}

    def lanes(self) -> dict[str, int]:
        return {self._service.lane("speech"): self.settings.concurrency}

    async def unreachable(self) -> list[str]:
        return await self._service.unreachable()

    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        """Raises EngineFailed for an unknown voice or what moderation refuses, EngineFault for what may pass."""
        voice = request.voice.strip() or self._voice_of(request.language)
        try:
            async with asyncio.timeout(self.settings.speak_timeout_s):
                speaking = self._cosyvoice if self._cosy else self._qwen
                sources, told, facts = await speaking(request, voice, context)
        except TimeoutError as error:
            late = f"{self.name} had not finished after {self.settings.speak_timeout_s:g} s"
            raise EngineTimeout(late) from error
        fit: dict[str, Any] = {"sources": [str(source) for source in sources]}
        if self._cosy:
            fit["pcm_rate"] = self.settings.sample_rate_hz
        made = await context.compute("app.services.media.fitting_limits:joined", fit)
        words: tuple[WordTime, ...] = ()
        if told is not None:
            words = word_times(request.text, told, self.settings.sample_rate_hz, made["duration_s"])
        return SpeakResult(
            audio=context.folder / made["audio"],
            duration_s=made["duration_s"],
            words=words,
            facts={"model": self.settings.model, "voice": voice, "rate_hz": made["rate_hz"], **facts},
        )

    async def _cosyvoice(
        self, request: SpeakRequest, voice: str, context: Context
    ) -> tuple[list[Path], Voiced | None, dict[str, Any]]:
        settings = self.settings
        language = request.language.split("-")[0].lower()
        parameters: dict[str, Any] = {
            "text_type": "PlainText",
            "voice": voice,
            "format": "pcm",
            "sample_rate": settings.sample_rate_hz,
            "volume": settings.volume,
            "rate": round(min(max(request.rate, 0.5), 2.0), 2),
            "pitch": settings.pitch,
            "enable_ssml": False,
        }
        if not settings.model.startswith("cosyvoice-v1"):
            parameters["seed"] = request.seed % _SEEDS
            parameters["word_timestamp_enabled"] = settings.word_times
            if language in _HINTS:
                parameters["language_hints"] = [language]
        instruction = self._instruction(voice, request.tone)
        if instruction:
            parameters["instruction"] = instruction
        target = context.folder / "spoken.pcm"
        pieces = portions(request.text, _COSYVOICE_PIECE)
        told = await voiced(self._service, self._websocket_url(), settings.model, parameters, pieces, target)
        facts = {"characters": told.characters, "instruction": instruction}
        return [target], told, {name: value for name, value in facts.items() if value}

    async def _qwen(
        self, request: SpeakRequest, voice: str, context: Context
    ) -> tuple[list[Path], Voiced | None, dict[str, Any]]:
        """Each piece is its own recording; the model knows no rate."""
        language = _LANGUAGES.get(request.language.split("-")[0].lower(), "Auto")
        given = {"voice": voice, "language_type": language}
        if "instruct" in self.settings.model and request.tone and self.settings.instruction == "tone":
            given["instructions"] = request.tone
        sources, pieces = [], portions(request.text, _QWEN_PIECE)
        for number, piece in enumerate(pieces):
            context.progress(number / len(pieces), "Qwen3-TTS speaks")
            body = {"model": self.settings.model, "input": {"text": piece, **given}}
            output = await self._service.answer(_QWEN_PATH, body, self.settings.timeout_s)
            audio = output.get("audio")
            url = audio.get("url") if isinstance(audio, dict) else None
            source = context.folder / f"spoken_{number}"
            await self._service.fetch(str(url or ""), source, context)
            sources.append(source)
        facts = {"rate": "not taken by this model"} if request.rate != 1.0 else {}
        return sources, None, facts

    def _websocket_url(self) -> str:
        return self.settings.websocket_url.strip() or self.settings.websocket_base()

    def _tells_words(self) -> bool:
        return self._cosy and self.settings.word_times and not self.settings.model.startswith("cosyvoice-v1")

    def _voices(self) -> dict[str, str]:
        """Voice by language."""
        known = next((voices for start, voices in _VOICES if self.settings.model.startswith(start)), {})
        written = (one.partition("=") for one in self.settings.voices)
        return {**known, **{language.strip().lower(): voice.strip() for language, _, voice in written if voice.strip()}}

    def _voice_of(self, language: str) -> str:
        voices = self._voices()
        short = language.split("-")[0].lower()
        return self.settings.voice or voices.get(short) or next(iter(voices.values()), "")

    def _instruction(self, voice: str, tone: str) -> str:
        """The tone in the form that the model takes from this voice; empty: it takes none, or the tone is even."""
        model = self.settings.model
        if self.settings.instruction == "none" or not tone:
            return ""
        if model.startswith("cosyvoice-v3.5"):
            return f"请用{tone}的语气说话。"[:100]
        feeling = next((one for one in _FEELINGS if any(word in tone.lower() for word in one[2])), None)
        if feeling is None or not model.startswith("cosyvoice-v3-flash"):
            return ""
        if voice in _ACTING_VOICES:
            return f"你说话的情感是{feeling[0]}。"
        return f"请非常{feeling[1]}地说一句话。" if voice.startswith(model) else ""
