"""Speak a narration in a process of its own: one breath after the other, each word timed, written as it comes."""

from __future__ import annotations

import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.models.engine import SpeakRequest, WordTime
from app.services.engines.builtin.speech import espeak, numbers, speakers, text, voices

_QUIET = 60
"""Of 32767 (-55 dBFS): below it nothing is heard."""
_HEAD_S, _TAIL_S, _FADE_S = 0.012, 0.03, 0.004
_TURN_S = 0.16
"""Least pause between one speaker and the next."""
_SILENCE_S = 0.2
"""Length of a narration without words."""
_FRAME_S = 0.005


def speak(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """SpeakRequest to ``narration.wav`` (mono, 16 bit). Facts: audio, duration_s, words, voice, rate_hz."""
    asked = SpeakRequest(**request)
    voice = voices.find(asked.language or text.guess_language(asked.text), asked.voice, espeak.data_folder())
    delivery = voices.delivery(voice, asked.tone, asked.rate)
    free = not asked.voice.strip()
    said = text.speakable(asked.text)
    with espeak.opened(asked.seed) as library, wave.open(str(folder / "narration.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(library.rate)
        narration = _Narration(library, voice, delivery, said, free)
        for breath in text.breaths(said):
            check()
            for samples in narration.take(breath):
                file.writeframesraw(samples.tobytes())
        if not narration.samples:
            narration.samples = round(_SILENCE_S * library.rate)
            file.writeframesraw(bytes(2 * narration.samples))
        return {
            "audio": "narration.wav",
            "duration_s": narration.samples / library.rate,
            "words": [word.model_dump() for word in narration.words(len(said))],
            "voice": voice.name,
            "rate_hz": library.rate,
        }


class _Narration:
    """What was said so far: how many samples, and where every word began and ended."""

    def __init__(
        self, library: espeak.Espeak, voice: voices.Voice, delivery: espeak.Delivery, said: str, free: bool
    ) -> None:
        """``free``: no voice was asked for by name, so that figures may have other ones than the narrator."""
        self._library, self._voice, self._delivery, self._said = library, voice, delivery, said
        self._free = free
        self._turns = speakers.turns(said)
        self._role = speakers.NARRATOR
        self._words: list[tuple[int, int, int]] = []
        self._pause = 0
        self.samples = 0

    def take(self, breath: text.Breath) -> list[NDArray[np.int16]]:
        """The samples of one breath, after the pause that the one before it asked for."""
        pieces: list[NDArray[np.int16]] = []
        for start, piece, other in text.runs(breath, self._voice.base):
            for at, words, role in speakers.split(start, piece, self._turns):
                sound, marks = self._say(words, other, role)
                trimmed, first, last = _trim(sound, self._library.rate)
                if trimmed.size:
                    if role is not self._role:
                        self._pause = max(self._pause, round(_TURN_S * self._library.rate)) if self._words else 0
                    pieces += [np.zeros(self._pause, np.int16), trimmed]
                    self.samples += self._pause
                    self._note(at, len(words), marks, sound, first, last)
                    self.samples += trimmed.size
                    self._pause, self._role = 0, role
        if pieces:
            self._pause = round(breath.pause_s * self._library.rate)
        return pieces

    def _say(self, words: str, other: str, role: speakers.Role) -> tuple[NDArray[np.int16], list[tuple[int, int]]]:
        """Samples and marks; ``other`` names a voice for a script that the narrator's cannot read."""
        if not any(map(str.isalnum, words)):
            return np.zeros(0, np.int16), []
        voice = voices.Voice(other) if other else self._voice
        if role.variant and self._free and not other:
            voice = voice._replace(variant=role.variant)
        plain = voices.delivery(voices.Voice(other), "", 1.0) if other else self._delivery
        spoken, origin = numbers.aloud(text.with_dashes_heard(words, voice.name), voice.base)
        sound, marks = self._library.say(spoken, voice.name, voices.acted(plain, role, words))
        return sound, [(origin[min(max(at, 0), len(origin) - 1)], sample) for at, sample in marks]

    def _note(
        self, start: int, length: int, marks: list[tuple[int, int]], sound: NDArray[np.int16], first: int, last: int
    ) -> None:
        """Remember the words of one piece; ``first`` and ``last`` bound its audible samples."""
        head = min(first, round(_HEAD_S * self._library.rate))
        begun: list[tuple[int, int]] = []
        for position, sample in marks or [(0, first)]:
            unit = text.unit_start(self._said, min(start + max(0, position), start + length - 1))
            newest = begun[-1][0] if begun else self._words[-1][0] if self._words else -1
            # A number's parts and a spelled word's letters are one word; a mark that goes back is none.
            if unit is not None and newest < unit < start + length:
                begun.append((unit, min(last, max(sample, first))))
        shift = self.samples - first + head
        for (unit, sample), (_, following) in pairwise([*begun, (0, last)]):
            end = _audible_end(sound, sample, following, self._library.rate)
            self._words.append((unit, sample + shift, end + shift))

    def words(self, length: int) -> list[WordTime]:
        """Word times of the whole text of ``length`` characters; each word's text runs to the next."""
        rate = self._library.rate
        starts = [text.with_opening_marks(self._said, unit) for unit, _, _ in self._words]
        return [
            WordTime(offset=unit, length=following - unit, start_s=begin / rate, end_s=end / rate)
            for (_, begin, end), (unit, following) in zip(self._words, pairwise([*starts, length]), strict=True)
        ]


def _trim(sound: NDArray[np.int16], rate: int) -> tuple[NDArray[np.int16], int, int]:
    """The audible part with a little air and short fades, and where it began and ended."""
    heard = np.flatnonzero(np.abs(sound) > _QUIET)  # -32768 stays negative here, and is rare enough
    if not heard.size:
        return sound[:0], 0, 0
    first, last = int(heard[0]), int(heard[-1]) + 1
    begin, end = max(0, first - round(_HEAD_S * rate)), min(sound.size, last + round(_TAIL_S * rate))
    kept = sound[begin:end].astype(np.float32)
    fade = min(round(_FADE_S * rate), kept.size // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    kept[:fade] *= ramp
    kept[kept.size - fade :] *= ramp[::-1]
    return kept.astype(np.int16), first, last


def _audible_end(sound: NDArray[np.int16], begin: int, end: int, rate: int) -> int:
    """Where a word that begins at ``begin`` falls silent before ``end``, in steps of 5 ms."""
    frame = round(_FRAME_S * rate)
    count = (end - begin) // frame
    if count < 1:
        return end
    loud = np.abs(sound[begin : begin + count * frame].astype(np.int32)).reshape(count, frame).max(1) > _QUIET
    if end - begin - count * frame or not loud.any():
        # The odd rest counts as sounding, unless everything before it is a pause.
        tail = np.abs(sound[begin + count * frame : end].astype(np.int32))
        if not loud.any() or (tail.size and tail.max() > _QUIET):
            return end
    return begin + (int(np.flatnonzero(loud)[-1]) + 1) * frame
