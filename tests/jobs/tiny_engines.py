"""Engines that are real in every respect but their art: through the router, the child process and the artifacts."""

from __future__ import annotations

from app.models.engine import (
    ComposeRequest,
    ComposeResult,
    DrawRequest,
    DrawResult,
    ShotDraft,
    SpeakRequest,
    SpeakResult,
    TranslateRequest,
    TranslateResult,
    WriteRequest,
    WriteResult,
)
from app.services.engines.base import Capabilities, Context, ImageEngine, MusicEngine, ScriptEngine, SpeechEngine

ENGINES = {
    "script": {"builtin": "tiny_engines:TinyScript", "translator": "tiny_engines:Translator"},
    "image": {
        "builtin": "tiny_engines:TinyImage",
        "anglophone": "tiny_engines:Anglophone",
        "painter": "tiny_engines:Painter",
    },
    "video": {"builtin": "app.services.engines.builtin.video:BuiltinVideo"},
    "speech": {"builtin": "tiny_engines:TinySpeech"},
    "music": {"builtin": "tiny_engines:TinyMusic"},
}


class TinyScript(ScriptEngine):
    """One shot per line; a line is what its key frame is drawn from."""

    name, version, place = "script/builtin", "tiny", "builtin"

    async def write(self, request: WriteRequest, context: Context) -> WriteResult:
        lines = [line.strip() for line in request.text.splitlines() if line.strip()]
        shots = [
            ShotDraft(
                subject=f"subject {number}",
                detail=line,
                image_detail=line,
                camera="static",
                narration=f"Words {number}.",
                tone="calm",
                sound="wind",
                style="",
            )
            for number, line in enumerate(lines, 1)
        ]
        return WriteResult(language="en", characters=(), shots=tuple(shots))


class TinyImage(ImageEngine):
    name, version, place = "image/builtin", "tiny", "builtin"

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        made = await context.compute("tiny_tasks:paint", request.model_dump(mode="json"))
        return DrawResult(image=context.folder / made["image"], seed=request.seed)


class TinySpeech(SpeechEngine):
    name, version, place = "speech/builtin", "tiny", "builtin"

    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        made = await context.compute("tiny_tasks:speak", request.model_dump(mode="json"))
        return SpeakResult(audio=context.folder / made["audio"], duration_s=made["duration_s"])


class TinyMusic(MusicEngine):
    name, version, place = "music/builtin", "tiny", "builtin"

    async def compose(self, request: ComposeRequest, context: Context) -> ComposeResult:
        made = await context.compute("tiny_tasks:compose", request.model_dump(mode="json"))
        return ComposeResult(audio=context.folder / made["audio"])


class Translator(TinyScript):
    """Translates by saying so."""

    name, version, place = "script/translator", "tiny", "cloud"
    capabilities = Capabilities(translates=True)

    async def translate(self, request: TranslateRequest, context: Context) -> TranslateResult:
        return TranslateResult(texts=tuple(f"English for {text}" for text in request.texts))


class Anglophone(TinyImage):
    """Wants English, and pictures of the cast."""

    name, version, place = "image/anglophone", "tiny", "local"
    capabilities = Capabilities(english_prompts=True, reference_images=True)


class Painter(TinyImage):
    """Paints portraits."""

    name, version, place = "image/painter", "tiny", "local"
