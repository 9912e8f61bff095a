"""Narration by espeak-ng: a hundred languages, word times, no key and no network.

The voice is plain, but it is clear, it costs a hundredth of a second per sentence, and it says when every word
sounds. The work is in ``task.py``, which runs in a process of its own because espeak-ng keeps global state.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import ClassVar

from app.models.engine import SpeakRequest, SpeakResult, WordTime
from app.services.engines.base import Capabilities, Context, Place, SpeechEngine


class BuiltinSpeech(SpeechEngine):
    """See ``voices.py`` for what ``voice``, ``language`` and ``tone`` may be."""

    name: ClassVar[str] = "speech/builtin"
    version: ClassVar[str] = "2"
    place: ClassVar[Place] = "builtin"
    capabilities: ClassVar[Capabilities] = Capabilities(
        word_times=True, notes="espeak-ng: Chinese, Cantonese, English and about a hundred other languages"
    )

    def missing(self) -> list[str]:
        return [] if find_spec("espeakng_loader") else ["the Python package espeakng-loader"]

    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        """Speak ``request.text`` literally; text without words gives a short silence and no word times.

        Raises ValidationFailed for a voice or language that espeak-ng does not have.
        """
        made = await context.compute("app.services.engines.builtin.speech.task:speak", request.model_dump(mode="json"))
        return SpeakResult(
            audio=context.folder / made["audio"],
            duration_s=made["duration_s"],
            words=tuple(WordTime(**word) for word in made["words"]),
            facts={"voice": made["voice"], "rate_hz": made["rate_hz"]},
        )
