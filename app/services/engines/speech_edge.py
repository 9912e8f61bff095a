"""Narration by the voices of Microsoft Edge's "read aloud", by way of the package edge-tts (LGPL-3).

It costs nothing and needs no key, and nobody has promised it: the package calls an address that Microsoft made for its
browser, which may refuse or change at any time. So it only speaks for an owner who names it in ``ENGINES_SPEECH``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings, read_settings
from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout
from app.models.engine import SpeakRequest, SpeakResult, WordTime
from app.services.engines.base import Capabilities, Context, Place, SpeechEngine
from app.services.engines.builtin.speech import text
from app.services.engines.http import Http
from app.services.engines.prompt_words import portions

if TYPE_CHECKING:
    from edge_tts import Communicate

_LOOK_S = 3.0
_HOST = "https://speech.platform.bing.com"
_LONGEST_BYTES = 3600
"""Of a text in one message: the service takes 4096, of which signs such as & need several."""
_TICKS = 10_000_000
"""In a second, as the service counts time."""
_VOICE = re.compile(r"[a-z]{2,3}-[A-Za-z-]{2,20}-[A-Za-z0-9]{2,60}Neural")
_PLACED = 0.8
"""Share of the words heard that must be found in the text for their times to be believed."""
_VOICES: dict[str, tuple[str, str]] = {
    "zh": ("zh-CN-XiaoxiaoNeural", "zh-CN-YunxiNeural"), "zh-tw": ("zh-TW-HsiaoChenNeural", "zh-TW-YunJheNeural"),
    "zh-hk": ("zh-HK-HiuMaanNeural", "zh-HK-WanLungNeural"), "yue": ("zh-HK-HiuMaanNeural", "zh-HK-WanLungNeural"),
    "en": ("en-US-AriaNeural", "en-US-GuyNeural"), "en-gb": ("en-GB-SoniaNeural", "en-GB-RyanNeural"),
    "ja": ("ja-JP-NanamiNeural", "ja-JP-KeitaNeural"), "ko": ("ko-KR-SunHiNeural", "ko-KR-InJoonNeural"),
    "fr": ("fr-FR-DeniseNeural", "fr-FR-HenriNeural"), "de": ("de-DE-KatjaNeural", "de-DE-ConradNeural"),
    "es": ("es-ES-ElviraNeural", "es-ES-AlvaroNeural"), "it": ("it-IT-ElsaNeural", "it-IT-DiegoNeural"),
    "pt": ("pt-BR-FranciscaNeural", "pt-BR-AntonioNeural"), "ru": ("ru-RU-SvetlanaNeural", "ru-RU-DmitryNeural"),
    "ar": ("ar-EG-SalmaNeural", "ar-EG-ShakirNeural"), "hi": ("hi-IN-SwaraNeural", "hi-IN-MadhurNeural"),
    "th": ("th-TH-PremwadeeNeural", "th-TH-NiwatNeural"), "vi": ("vi-VN-HoaiMyNeural", "vi-VN-NamMinhNeural"),
    "id": ("id-ID-GadisNeural", "id-ID-ArdiNeural"), "tr": ("tr-TR-EmelNeural", "tr-TR-AhmetNeural"),
    "nl": ("nl-NL-ColetteNeural", "nl-NL-MaartenNeural"), "pl": ("pl-PL-ZofiaNeural", "pl-PL-MarekNeural"),
}  # fmt: skip
"""Language to a woman's and a man's voice."""
_FEMALE = ("", "narrator", "default", "旁白", "female", "woman", "女声", "女", "女聲")
_MALE = ("male", "man", "男声", "男", "男聲")


class EdgeSettings(EngineSettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_SPEECH_EDGE_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    voice: str = ""
    """Where the request names none and the language is this voice's: ``zh-CN-YunxiNeural``."""
    proxy: SecretStr = SecretStr("")
    """``http://user:password@host:port``."""
    concurrency: int = Field(default=2, ge=1)
    """Narrations at a time."""
    connect_timeout_s: int = Field(default=10, ge=1)
    timeout_s: float = Field(default=120.0, gt=0)
    """Of one narration, seconds."""


class _Heard(NamedTuple):
    text: str
    begin_s: float
    end_s: float


class EdgeSpeech(SpeechEngine):
    """``voice``: one of Edge's, or ``female``, ``male``, ``narrator`` of the language. ``tone`` is not heard."""

    name: ClassVar[str] = "speech/edge"
    version: ClassVar[str] = "1"
    place: ClassVar[Place] = "cloud"
    capabilities: ClassVar[Capabilities] = Capabilities(
        word_times=True,
        languages=tuple(name for name in _VOICES if "-" not in name),
        notes="Microsoft Edge's voices, free and unofficial: only used if ENGINES_SPEECH names edge",
    )

    def __init__(self) -> None:
        self.settings = read_settings(EdgeSettings)
        self._proxy = self.settings.proxy.get_secret_value().strip()
        self._http = Http(self.name, _HOST, secrets=[self._proxy, urlsplit(self._proxy).password or ""])

    def missing(self) -> list[str]:
        return [] if find_spec("edge_tts") else ["the Python package edge-tts"]

    def configured(self) -> bool:
        """Never: an address that nobody promised is used for nobody who did not ask for it."""
        return False

    def basis(self) -> dict[str, Any]:
        return {"voice": self.settings.voice}

    def lanes(self) -> dict[str, int]:
        return {"host speech.platform.bing.com": self.settings.concurrency}

    async def unreachable(self) -> list[str]:
        try:
            await self._http.call("GET", "/", timeout_s=_LOOK_S, accept=range(400, 600), proxy=self._proxy or None)
        except AppError as error:
            return [error.detail]
        return []

    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        """Raises EngineFailed for an impossible voice and where Microsoft refuses, EngineFault for what may pass."""
        if not any(map(str.isalnum, request.text)):
            raise EngineFailed(f"{self.name} has nothing to say: the text holds no words")
        voice = self._voice(request)
        source = context.folder / "edge.mp3"
        heard = await self._streamed(await asyncio.to_thread(self._call, request, voice), source)
        made = await context.compute("app.services.media.fitting:sound", {"source": str(source)})
        return SpeakResult(
            audio=context.folder / made["audio"],
            duration_s=made["duration_s"],
            words=placed(heard, request.text, made["duration_s"]),
            facts={"voice": voice, "rate_hz": made["rate_hz"]},
        )

    def _voice(self, request: SpeakRequest) -> str:
        wished, language = request.voice.strip(), request.language.lower() or text.guess_language(request.text)
        base = language.split("-")[0]
        if wished.lower() in _FEMALE or wished.lower() in _MALE:
            if not wished and self.settings.voice.lower().startswith(f"{base}-"):
                wished = self.settings.voice
            else:
                pair = _VOICES.get(language) or _VOICES.get(base)
                if pair is None:
                    raise EngineFailed(f"{self.name} has no voice of its own choice for the language {language[:20]}")
                wished = pair[wished.lower() in _MALE]
        # The package puts the name into XML as it is.
        if not _VOICE.fullmatch(wished):
            raise EngineFailed(f"{self.name} has no voice {wished[:60]!r}")
        return wished

    def _call(self, request: SpeakRequest, voice: str) -> Communicate:
        import edge_tts

        percent = min(100, max(-50, round((request.rate - 1) * 100)))
        try:
            return edge_tts.Communicate(
                _in_lines(request.text),
                voice,
                rate=f"{percent:+d}%",
                boundary="WordBoundary",
                proxy=self._proxy or None,
                connect_timeout=self.settings.connect_timeout_s,
                receive_timeout=max(1, round(self.settings.timeout_s)),
            )
        except (ValueError, TypeError) as error:
            raise EngineFailed(f"{self.name} does not take this: {self._http.quoted(str(error))}") from error

    async def _streamed(self, call: Communicate, target: Path) -> list[_Heard]:
        """Receive the sound into ``target``; the words in the order in which they were heard."""
        from edge_tts.exceptions import EdgeTTSException, SkewAdjustmentError

        sound, heard = bytearray(), []
        try:
            async with asyncio.timeout(self.settings.timeout_s), aclosing(call.stream()) as chunks:
                async for chunk in chunks:
                    if chunk["type"] == "audio":
                        sound += chunk["data"]
                    elif chunk["type"] == "WordBoundary":
                        begin, length = chunk["offset"] / _TICKS, chunk["duration"] / _TICKS
                        heard.append(_Heard(chunk["text"], begin, begin + length))
        except aiohttp.WSServerHandshakeError as error:
            raise self._refused(error) from error
        except SkewAdjustmentError as error:
            raise self._forbidden() from error
        except EdgeTTSException as error:
            raise EngineFault(f"{self.name} said nothing of use: {type(error).__name__}") from error
        except aiohttp.ClientConnectorError as error:
            raise self._http.broken(error, f"https://{error.host}:{error.port}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._http.broken(error, _HOST) from error
        except (ValueError, KeyError, TypeError) as error:
            raise EngineFault(f"{self.name} sent something that is not Edge's") from error
        # The package ends quietly if the connection does; what it counts at each proper end shows that.
        if call.state["cumulative_audio_bytes"] != len(sound):
            raise EngineFault(f"{self.name} broke off in the middle of the narration")
        await asyncio.to_thread(target.write_bytes, sound)
        return heard

    def _refused(self, error: Any) -> AppError:
        if error.status in (401, 403):
            return self._forbidden()
        if error.status < 400:
            return EngineFault(f"{self.name} answered {error.status} instead of opening a connection")
        refused = self._http.refused(error.status, error.headers or {}, b"")
        return EngineTimeout(refused.detail) if error.status in (408, 504) else refused

    def _forbidden(self) -> EngineFailed:
        return EngineFailed(f"{self.name}: Microsoft does not let this address, or this version of edge-tts, in")


def _in_lines(said: str) -> str:
    """A text that is too long for one message, with a line for each, where a sentence ends.

    The package cuts at spaces and newlines; Chinese that has none it would send in one piece, however long.
    """
    if len(said.encode()) <= _LONGEST_BYTES:
        return said
    return "\n".join(portions(said, _LONGEST_BYTES if said.isascii() else _LONGEST_BYTES // 3))


def placed(heard: Sequence[_Heard], said: str, duration_s: float) -> tuple[WordTime, ...]:
    """The words at their places in the text, each running to the next; nothing if too few are found there."""
    found: list[tuple[int, float, float]] = []
    position, clock = 0, 0.0
    for word in heard:
        at = said.find(word.text, position) if word.text else -1
        begin, end = max(clock, word.begin_s), min(word.end_s, duration_s)
        if at < 0 or end <= begin:
            continue
        found.append((text.with_opening_marks(said, at), begin, end))
        position, clock = at + len(word.text), end
    if not found or len(found) < _PLACED * len(heard):
        return ()
    limits = [*(at for at, _, _ in found[1:]), len(said)]
    return tuple(
        WordTime(offset=at, length=limit - at, start_s=begin, end_s=end)
        for (at, begin, end), limit in zip(found, limits, strict=True)
    )
