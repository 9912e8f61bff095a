"""Narration by CosyVoice on a machine of one's own: preset voices and voices cloned from a recording.

By default it talks to our sidecar (``python CosyVoice/api.py``). With ``..._PROTOCOL=official`` it talks to the
project's own server instead (github.com/FunAudioLLM/CosyVoice, ``runtime/python/fastapi/server.py``): form fields in,
headerless PCM out, and every failure inside a 200, as an empty body or one that ends too early.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import aiohttp
from pydantic import AliasChoices, BaseModel, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import AppError, EngineFailed, EngineFault
from app.models.engine import SpeakRequest, SpeakResult
from app.services.engines.base import Capabilities, Context, SpeechEngine
from app.services.engines.http import Http
from app.services.engines.sidecar import HEALTH_S, Sidecar
from app.sidecars.spoken_text import pieces

_SOUND = "app.services.media.fitting:sound"
_HELPFUL, _END_OF_PROMPT = "You are a helpful assistant.", "<|endofprompt|>"
"""CosyVoice3 wants both in every prompt; 1 and 2 the mark at the end of an instruction."""
_RATES = {"cosyvoice": 22_050, "cosyvoice2": 24_000, "cosyvoice3": 24_000}
_LONGEST_PROMPT_S, _LOWEST_PROMPT_RATE = 30.0, 16_000
_FASTEST_S = {True: 0.05, False: 0.015}
"""Seconds that a character (True: Chinese, Japanese) takes at least: what is shorter was cut off."""
_PAUSE_S = 0.12
"""Between pieces that were spoken apart."""


class Recording(BaseModel):
    """A voice to speak like."""

    recording: Path
    words: str = ""
    """What is said in it; empty: in a text file beside it, or not known."""

    def said(self) -> str:
        """Its words; empty: nobody wrote them down, and it is spoken with as across languages."""
        beside = self.recording.with_suffix(".txt")
        return self.words.strip() or (beside.read_text("utf-8").strip() if beside.is_file() else "")


class CosyVoiceSettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_SPEECH_COSYVOICE_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True,
        populate_by_name=True,
    )  # fmt: skip

    host: str = Field(
        default="http://127.0.0.1:50000",
        validation_alias=AliasChoices("engine_speech_cosyvoice_host", "cosyvoice_host", "cosyvoice_url"),
    )
    token: SecretStr = SecretStr("")
    """Of our sidecar, where it wants one."""
    protocol: Literal["sidecar", "official"] = "sidecar"
    voice: str = ""
    """Used where a request names none; empty: the first of VOICES, else the first that the sidecar has."""
    voices: dict[str, Recording] = Field(default_factory=dict)
    """Cloned voices by name, JSON: ``{"mother": {"recording": "/voices/mother.wav", "words": "..."}}``."""
    instruct: bool = True
    """Ask for a shot's tone in words, with voices and models that heed such words."""
    model: Literal["cosyvoice", "cosyvoice2", "cosyvoice3"] = "cosyvoice2"
    """What the project's own server runs: it decides the sound's rate and the form of prompts."""
    rate_hz: int = Field(default=0, ge=0, le=192_000)
    """Of the project's own server; 0: by MODEL (22050, 24000, 24000)."""
    piece_chars: int = Field(default=160, ge=20)
    """Longest text that is sent to the project's own server at once."""
    timeout_s: float = Field(default=120, gt=0)
    poll_s: float = Field(default=0.25, ge=0)


class CosyVoice(SpeechEngine):
    """``voice`` is a name of VOICES, or one of the sidecar's, or (with the official server) an SFT speaker."""

    name: ClassVar[str] = "speech/cosyvoice"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        languages=("zh", "en", "ja", "ko", "yue"), notes="CosyVoice: preset voices and voices cloned from a recording"
    )

    def __init__(self) -> None:
        self.settings = read_settings(CosyVoiceSettings)
        settings = self.settings
        token = settings.token.get_secret_value()
        self._sidecar = Sidecar(self.name, settings.host, token, settings.timeout_s, poll_s=settings.poll_s)
        self._http = Http(self.name, settings.host, timeout_s=settings.timeout_s)

    # -- what it is --------------------------------------------------------------------------------------

    def missing(self) -> list[str]:
        lacking = [str(one.recording) for one in self.settings.voices.values() if not one.recording.is_file()]
        speechless = self._official and self.settings.model != "cosyvoice" and not self.settings.voices
        # CosyVoice2 and 3 come without speakers: their server can only clone.
        return [*lacking, *(["ENGINE_SPEECH_COSYVOICE_VOICES"] if speechless else [])]

    def configured(self) -> bool:
        return "host" in self.settings.model_fields_set

    def basis(self) -> dict[str, Any]:
        settings = self.settings
        made = {"protocol": settings.protocol, "voice": settings.voice, "instruct": settings.instruct}
        if self._official:
            made |= {"model": settings.model, "rate_hz": self._rate_hz, "piece_chars": settings.piece_chars}
        return made | {"voices": {name: [_digest(one.recording), one.said()] for name, one in settings.voices.items()}}

    def lanes(self) -> dict[str, int]:
        # Our sidecar has a queue: the next text is there when the one before is done.
        return {f"host {self._sidecar.url}": 1 if self._official else 2}

    async def unreachable(self) -> list[str]:
        if not self._official:
            return await self._sidecar.unreachable()
        try:
            await self._http.call("GET", "/openapi.json", timeout_s=min(HEALTH_S, self.settings.timeout_s))
        except EngineFault as error:
            return [error.detail]
        except EngineFailed:
            return []  # Somebody answers, if not to this question.
        except AppError as error:
            return [error.detail]
        return []

    @property
    def _official(self) -> bool:
        return self.settings.protocol == "official"

    @property
    def _rate_hz(self) -> int:
        return self.settings.rate_hz or _RATES[self.settings.model]

    # -- speaking ----------------------------------------------------------------------------------------

    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        """Raises EngineFailed for a voice that is not there."""
        text = _plain(request.text)
        if not pieces(text, len(text) + 1):
            raise EngineFailed(f"{self.name} was given no word to speak")
        name = request.voice.strip() or self.settings.voice or next(iter(self.settings.voices), "")
        prompt = await self._prompt(name, context)
        spoken = await (self._by_server if self._official else self._by_sidecar)(text, name, prompt, request, context)
        rate = {"pcm_rate": self._rate_hz} if self._official else {}
        made = await context.compute(_SOUND, {"source": str(spoken.file), **rate})
        return SpeakResult(
            audio=context.folder / made["audio"],
            duration_s=made["duration_s"],
            facts={**spoken.facts, "rate_hz": made["rate_hz"]},
        )

    async def _prompt(self, name: str, context: Context) -> _Prompt | None:
        """The recording of a cloned voice, as plain WAV; None: the voice is none of VOICES."""
        voice = self.settings.voices.get(name)
        if voice is None:
            return None
        if not voice.recording.is_file():
            raise EngineFailed(f"The recording {voice.recording} of the voice {name} is not there")
        made = await context.compute(_SOUND, {"source": str(voice.recording)})
        if made["rate_hz"] < _LOWEST_PROMPT_RATE or made["duration_s"] > _LONGEST_PROMPT_S:
            raise EngineFailed(
                f"The recording of the voice {name} has {made['duration_s']:.0f} s at {made['rate_hz']} Hz; "
                f"a voice takes up to {_LONGEST_PROMPT_S:.0f} s at {_LOWEST_PROMPT_RATE} Hz or more"
            )
        wav = context.folder / "prompt.wav"
        (context.folder / made["audio"]).replace(wav)
        return _Prompt(wav, voice.said())

    def _instruction(self, request: SpeakRequest) -> str:
        """The shot's tone as a wish to the speaker; empty: none."""
        tone = _plain(request.tone)
        if not tone or not self.settings.instruct:
            return ""
        return (
            f"请用{tone}的语气说这句话。" if request.language.startswith(("zh", "yue")) else f"Speak in a tone: {tone}."
        )

    async def _by_sidecar(
        self, text: str, name: str, prompt: _Prompt | None, request: SpeakRequest, context: Context
    ) -> _Spoken:
        if not name:
            health = await self._sidecar.health()
            name = next(iter(health.facts.get("voices", [])), "") if health is not None else ""
        asked: dict[str, Any] = {"text": text, "voice": name, "speed": request.rate, "seed": request.seed}
        if instruct := self._instruction(request):
            asked["instruct"] = instruct
        if prompt is not None:
            asked["prompt_text"] = prompt.words
        files = {"prompt_wav": prompt.wav} if prompt is not None else {}
        facts, results = await self._sidecar.run(context, asked, files)
        if "narration.wav" not in results:
            raise EngineFault(f"{self.name}: the sidecar sent no narration.wav")
        kept: dict[str, Any] = {key: facts[key] for key in ("model", "pieces", "instructed") if key in facts}
        return _Spoken(results["narration.wav"], {"voice": name, **kept})

    # -- the project's own server ------------------------------------------------------------------------

    async def _by_server(
        self, text: str, name: str, prompt: _Prompt | None, request: SpeakRequest, context: Context
    ) -> _Spoken:
        """The server has no speed, so ``rate`` does not count, and no way to stop it but to hang up."""
        if prompt is None and not name:
            raise EngineFailed(f"{self.name} needs a voice: set ENGINE_SPEECH_COSYVOICE_VOICE or ..._VOICES")
        parts = pieces(text, self.settings.piece_chars)
        instruct = self._instruction(request) if prompt is not None and self.settings.model != "cosyvoice" else ""
        target = context.folder / "spoken.pcm"
        await asyncio.to_thread(target.unlink, missing_ok=True)
        pause = bytes(2 * round(_PAUSE_S * self._rate_hz))
        for number, part in enumerate(parts):
            sound = await self._piece(part, name, prompt, instruct)
            await asyncio.to_thread(_append, target, (pause if number else b"") + sound)
            context.progress((number + 1) / len(parts))
        facts = {"voice": name, "model": self.settings.model, "pieces": len(parts), "instructed": bool(instruct)}
        return _Spoken(target, facts)

    async def _piece(self, text: str, name: str, prompt: _Prompt | None, instruct: str) -> bytes:
        route, fields = self._form(text, name, prompt, instruct)
        form = aiohttp.FormData(fields)
        if prompt is not None:
            wav = await asyncio.to_thread(prompt.wav.read_bytes)
            form.add_field("prompt_wav", wav, filename="prompt.wav", content_type="audio/wav")
        sound = (await self._http.call("POST", route, data=form)).body
        least = sum(_FASTEST_S[not character.isascii()] for character in text if character.isalnum())
        if len(sound) % 2 or len(sound) / 2 / self._rate_hz < least:
            # What goes wrong inside is told by nothing else: an unknown voice, a recording that it cannot read.
            raise EngineFault(
                f"{self.name} answered {route} with {len(sound)} bytes of sound for {len(text)} characters: "
                f"it broke off (its log tells why; the voice was {name or 'none'})"
            )
        return sound

    def _form(self, text: str, name: str, prompt: _Prompt | None, instruct: str) -> tuple[str, dict[str, str]]:
        """Route and fields for one piece."""
        third = self.settings.model == "cosyvoice3"
        if prompt is None:
            return "/inference_sft", {"tts_text": text, "spk_id": name}
        if instruct:
            wish = f"{_HELPFUL} {instruct}" if third else instruct
            return "/inference_instruct2", {"tts_text": text, "instruct_text": wish + _END_OF_PROMPT}
        head = _HELPFUL + _END_OF_PROMPT if third else ""
        if prompt.words:
            return "/inference_zero_shot", {"tts_text": text, "prompt_text": head + prompt.words}
        return "/inference_cross_lingual", {"tts_text": head + text}


class _Prompt(NamedTuple):
    wav: Path
    words: str


class _Spoken(NamedTuple):
    file: Path
    facts: dict[str, Any]


def _plain(text: str) -> str:
    """Without what the model would take for a mark: a text with one is neither normalised nor split there."""
    return " ".join(text.replace("<|", " ").replace("|>", " ").split())


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def _digest(path: Path) -> str:
    """A few hex digits of a recording's content; empty: it is not there."""
    try:
        facts = path.stat()
    except OSError:
        return ""
    return _digest_of(path, facts.st_mtime_ns, facts.st_size)


@functools.lru_cache(maxsize=64)
def _digest_of(path: Path, changed_ns: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
