"""Japanese narration by Open JTalk: a voice that reads kanji, offline, whose model comes inside its package.

``pip install pyopenjtalk-plus`` (MIT; the voice "mei" of the MMDAgent project is CC BY 3.0) and
``ENGINES_SPEECH=openjtalk,builtin``: Japanese stories get this voice, all others the next engine in order.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from app.core.errors import ValidationFailed
from app.models.engine import SpeakRequest, SpeakResult, WordTime
from app.services.engines.base import Capabilities, Context, SpeechEngine

_PAUSE_MORAS = 2.5
"""What a comma inside a sentence takes, in moras."""
_LOUD = 0.7
"""Of full scale: the loudest sample of a narration."""
_SILENCE_S = 0.2
"""Length of a narration without words."""


class OpenJTalk(SpeechEngine):
    """Speaks Japanese only; ``voice`` must be empty or ``mei``. ``tone`` and ``rate`` as for the builtin voice."""

    name: ClassVar[str] = "speech/openjtalk"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        word_times=True, languages=("ja",), notes="Open JTalk: Japanese, kanji read in context"
    )

    def missing(self) -> list[str]:
        return [] if find_spec("pyopenjtalk") else ["the Python package pyopenjtalk-plus"]

    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        """Word times are told from the moras of each word. Raises ValidationFailed for another voice than ``mei``."""
        if request.voice.strip() not in ("", "mei"):
            raise ValidationFailed(f"speech/openjtalk has the voice mei and no voice {request.voice[:60]!r}")
        made = await context.compute("app.services.engines.speech_openjtalk:task", request.model_dump(mode="json"))
        return SpeakResult(
            audio=context.folder / made["audio"],
            duration_s=made["duration_s"],
            words=tuple(WordTime(**word) for word in made["words"]),
            facts={"voice": "mei", "rate_hz": made["rate_hz"]},
        )


def task(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """SpeakRequest to ``narration.wav`` (mono, 16 bit). Facts: audio, duration_s, words, rate_hz."""
    import numpy as np

    from app.services.engines.builtin.speech import text, voices

    library = import_module("pyopenjtalk")
    asked = SpeakRequest(**request)
    plain, tuned = (voices.delivery(voices.Voice("ja"), tone, asked.rate) for tone in ("", asked.tone))
    said = text.speakable(asked.text)
    sounds, words, rate, at = [], [], 48_000, 0
    for breath in text.breaths(said):
        check()
        features = library.run_frontend(breath.text)
        speed = asked.rate * tuned.words_per_minute / plain.words_per_minute
        labels = library.make_label(features)
        sound, rate = library.synthesize(labels, speed=speed, half_tone=(tuned.pitch - plain.pitch) / 6)
        heard = np.flatnonzero(np.abs(sound) > 0.01 * max(1e-9, float(np.abs(sound).max())))
        sound = sound[max(0, heard[0] - rate // 50) : heard[-1] + rate // 25] if heard.size else sound[:0]
        words += [(breath.start + place, at + begin * sound.size, at + end * sound.size)
                  for place, begin, end in _shares(breath.text, features)]  # fmt: skip
        pause = np.zeros(round(breath.pause_s * rate))
        sounds += [sound, pause]
        at += sound.size + pause.size
    whole = np.concatenate(sounds[:-1]) if sounds else np.zeros(round(_SILENCE_S * rate))
    level = _LOUD * 32767 / max(1.0, float(np.abs(whole).max(initial=0.0)))
    with wave.open(str(folder / "narration.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((whole * level).round().astype("<i2").tobytes())
    return {
        "audio": "narration.wav",
        "duration_s": whole.size / rate,
        "words": [word.model_dump() for word in _timed(words, said, rate)],
        "rate_hz": rate,
    }


def _shares(sentence: str, features: list[dict[str, Any]]) -> Iterator[tuple[int, float, float]]:
    """(index in the sentence, begin, end) of every spoken word, times as shares of the sentence's sound."""
    lengths = [(one["string"], float(one["mora_size"]) or _PAUSE_MORAS, bool(one["mora_size"])) for one in features]
    while lengths and not lengths[-1][2]:
        lengths.pop()
    total = sum(length for _, length, _ in lengths) or 1.0
    place, moras = 0, 0.0
    for string, length, spoken in lengths:
        # The front end folds half-width forms, so a word may not stand in the sentence letter by letter.
        found = sentence.find(string, place)
        place = found if found >= 0 else place
        if spoken:
            yield place, moras / total, (moras + length) / total
        place += len(string) if found >= 0 else 0
        moras += length


def _timed(words: list[tuple[int, float, float]], said: str, rate: int) -> list[WordTime]:
    """Each word's text runs to the next, with what is punctuation before that; words at one place are one."""
    from app.services.engines.builtin.speech import text

    found: list[WordTime] = []
    for offset, begin, end in words:
        if found and offset <= found[-1].offset:
            found[-1] = found[-1].model_copy(update={"end_s": end / rate})
        else:
            found.append(WordTime(offset=offset, length=1, start_s=begin / rate, end_s=end / rate))
    starts = [text.with_opening_marks(said, word.offset) for word in found]
    ends = [*starts[1:], len(said)]
    return [word.model_copy(update={"length": until - word.offset}) for word, until in zip(found, ends, strict=False)]
