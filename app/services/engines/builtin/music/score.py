"""The composition: every note of the film's music, decided before the first sample is made.

A theme is a rhythm and a contour over the chords, so it can come back over other chords, in another mood and on
another instrument and still be recognised. Phrases are four bars; the bars are stretched a little so that the
last one ends where the final chord must begin for the music to have died away with the film.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from app.models.engine import ComposeRequest
from app.services.engines.builtin.music.moods import Mood, is_chinese, mood_of

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_FOURTH_AND_SEVENTH = {3: 2, 6: 5}
"""Degrees that a Chinese five-note melody avoids, and where it goes instead."""
_RHYTHMS = (
    ((0, 2), (2, 1), (3, 1)), ((0, 1.5), (1.5, 0.5), (2, 2)), ((0, 1), (1, 1), (2, 2)), ((0, 3), (3, 1)),
    ((0, 1), (1, 0.5), (1.5, 0.5), (2, 1), (3, 1)), ((0.5, 0.5), (1, 1), (2, 2)),
)  # fmt: skip
"""(beat, length in beats) of the notes of a bar."""
_CADENCE = ((0, 4),)
_BEATS, _PHRASE = 4, 4
_LEAD_LOW, _LEAD_START, _LEAD_HIGH = 11, 14, 21
"""Range of the melody in steps of the scale above the collection's tonic, and where every phrase begins."""


class Note(NamedTuple):
    start_s: float
    length_s: float
    pitch: float
    """MIDI number."""
    loudness: float
    """0 to 1."""
    instrument: str
    pan: float
    """-1 left, 1 right."""


class _ThemeNote(NamedTuple):
    beat: float
    length: float
    """In beats."""
    step: int
    """From the note before, in steps of the scale."""
    need: float
    """0 to 1: moods thinner than this leave the note out."""


class _Bar(NamedTuple):
    number: int
    start_s: float
    mood: Mood
    chord: int
    loudness: float


class Score(NamedTuple):
    notes: list[Note]
    """In order of their beginning."""
    tempo: float
    moods: list[str]
    """Of the sections, in order."""


def compose(request: ComposeRequest) -> Score:
    """The whole score; the same request gives the same notes."""
    composer = _Composer(request)
    composer.write()
    return Score(sorted(composer.notes), composer.tempo, [mood.name for _, mood in composer.sections])


class _Composer:
    def __init__(self, request: ComposeRequest) -> None:
        self._random = np.random.default_rng(request.seed & (2**64 - 1))
        self._five_notes = is_chinese(request)
        tones = sorted((max(0.0, one.start_s), one.tone) for one in request.sections) or [(0.0, "")]
        self.sections = [(start, mood_of(tone, request.style)) for start, tone in tones]
        self._tonic = 48 + int(self._random.integers(0, 8)) - 3
        self._length_s = request.duration_s
        ring = min(max(0.12 * request.duration_s, 1.8), 4.0)
        self._final_s = max(0.0, request.duration_s - ring)
        beats = self._final_s * self._mean_tempo() / 60
        self._bars = max(1, round(beats / _BEATS)) if self._final_s > 2.0 else 0
        self._beat_s = self._final_s / (self._bars * _BEATS) if self._bars else 0.8
        self.tempo = round(60 / self._beat_s, 1)
        self._progressions = {
            mood.name: mood.progressions[int(self._random.integers(len(mood.progressions)))]
            for _, mood in self.sections
        }
        self._themes = (self._theme(), self._theme())
        self.notes: list[Note] = []

    def write(self) -> None:
        line = _LEAD_START
        for index in range(self._bars):
            bar = self._bar(index)
            self._accompany(bar)
            line = self._melody(bar, line)
        self._close()

    def _mean_tempo(self) -> float:
        """Of the sections' moods, weighted by their length, as a geometric mean."""
        edges = [start for start, _ in self.sections[1:]] + [self._length_s]
        weights = [max(0.01, end - start) for (start, _), end in zip(self.sections, edges, strict=True)]
        logs = [math.log(mood.tempo) for _, mood in self.sections]
        tempo = math.exp(sum(w * x for w, x in zip(weights, logs, strict=True)) / sum(weights))
        return tempo * (0.92 if self._five_notes else 1.0) * float(self._random.uniform(0.97, 1.03))

    def _theme(self) -> list[tuple[_ThemeNote, ...]]:
        """Four bars: bar 3 answers bar 1 with its rhythm, bar 4 comes to rest."""
        first, second = (int(i) for i in self._random.choice(len(_RHYTHMS), 2, replace=False))
        bars = []
        for rhythm in (_RHYTHMS[first], _RHYTHMS[second], _RHYTHMS[first], _CADENCE):
            steps, needs = self._random.choice([-2, -1, -1, 1, 1, 2], len(rhythm)), self._random.random(len(rhythm))
            drawn = zip(rhythm, steps, needs, strict=True)
            bars.append(tuple(_ThemeNote(beat, length, int(step), float(need)) for (beat, length), step, need in drawn))
        return bars

    def _bar(self, index: int) -> _Bar:
        start = index * _BEATS * self._beat_s
        middle = start + _BEATS * self._beat_s / 2
        mood = [one for at, one in self.sections if at <= middle or at == self.sections[0][0]][-1]
        chord = self._progressions[mood.name][index % _PHRASE]
        if index == self._bars - 1:
            chord = {0: 4, 5: 2, 1: 4}[self._home()]
        arch = 0.82 + 0.18 * math.sin(math.pi * (index + 0.5) / max(self._bars, 1))
        return _Bar(index, start, mood, chord, arch)

    def _home(self) -> int:
        return self.sections[-1][1].home

    def _pitch(self, step: int) -> int:
        octave, degree = divmod(step, 7)
        return self._tonic + 12 * octave + _MAJOR[degree]

    def _tones(self, chord: int) -> tuple[int, int, int, int]:
        """Steps of four chord tones from below: root, third (or an open fifth), fifth, octave."""
        if self._five_notes:
            fifth = chord + 4 if (chord + 4) % 7 not in _FOURTH_AND_SEVENTH else chord + 3
            return chord, fifth, chord + 7, fifth + 7
        return chord, chord + 2, chord + 4, chord + 7

    def _add(self, at: float, length: float, pitch: float, loudness: float, instrument: str, pan: float) -> None:
        """A note, played by a person: not quite on the beat and never twice with the same force."""
        late, force = self._random.uniform(-0.007, 0.009), self._random.uniform(0.88, 1.0)
        self.notes.append(Note(max(0.0, at + late), length, pitch, loudness * force, instrument, pan))

    def _accompany(self, bar: _Bar) -> None:
        whole, tones = _BEATS * self._beat_s, self._tones(bar.chord)
        close = sorted((tone - 7 if tone > 9 else tone) for tone in tones[:3])
        for voice, tone in enumerate(close):
            self.notes.append(
                Note(bar.start_s, whole, self._pitch(tone + 7), 0.23 * bar.mood.pad * bar.loudness, "pad", voice - 1.0)
            )
        low = self._pitch(bar.chord if bar.chord < 4 else bar.chord - 7) - 12
        low += 12 if low < 33 else 0
        self._add(bar.start_s, whole * 0.6, low, 0.5 * bar.loudness, "bass", 0.0)
        if bar.mood.density > 0.5:
            fifth = low + (self._pitch(bar.chord + 4) - self._pitch(bar.chord))
            self._add(bar.start_s + 2.5 * self._beat_s, whole * 0.35, fifth, 0.34 * bar.loudness, "bass", 0.0)
        for quaver, tone in enumerate(bar.mood.figure):
            if tone >= 0:
                accent = 0.36 if quaver == 0 else 0.27 + 0.05 * (quaver % 4 == 0)
                at = bar.start_s + quaver * self._beat_s / 2
                self._add(at, 1.0, self._pitch(tones[tone] + 7), accent * bar.loudness, "harp", -0.35 + 0.2 * tone)
        if bar.mood.drum:
            for beat, force in ((0.0, 0.8), (2.5, 0.4)) if bar.number % 2 else ((0.0, 0.8),):
                self._add(bar.start_s + beat * self._beat_s, 1.0, 0, force * bar.mood.drum * bar.loudness, "drum", 0.0)

    def _melody(self, bar: _Bar, line: int) -> int:
        """Write this bar's part of the theme from the step ``line`` on; the step it ends on.

        The phrases are theme, theme, second theme, theme; the music begins without it and breathes between.
        """
        phrase, place = divmod(bar.number, _PHRASE)
        resting = (self._bars >= 8 and bar.number < 2) or (phrase % 4 == 3 and place < 2)
        if resting:
            return line
        if place == 0:
            line = _LEAD_START  # every phrase begins from the same place: the ear knows it again
        lead = self._lead(bar.mood, phrase)
        for beat, length, step, need in self._themes[phrase % 4 == 2][place]:
            if beat and need > bar.mood.density + 0.25:
                continue
            line = self._next(line, step, bar.chord, strong=beat in (0, 2))
            at, held = bar.start_s + beat * self._beat_s, length * self._beat_s
            force = (0.92 if beat in (0, 2) else 0.76) * bar.loudness
            self._add(at, held, self._pitch(line), force, lead, 0.12)
            if self._five_notes and lead == "zither" and length >= 2:
                # The echo of a plucked long note, an octave below.
                self._add(at + held / 2, held / 2, self._pitch(line - 7), force * 0.45, lead, -0.2)
        return line

    def _lead(self, mood: Mood, phrase: int) -> str:
        if self._five_notes:
            return "flute" if mood.lead == "flute" or phrase % 4 == 2 else "zither"
        return {"pluck": "bell", "bell": "pluck", "flute": "pluck"}[mood.lead] if phrase % 4 == 2 else mood.lead

    def _next(self, line: int, step: int, chord: int, *, strong: bool) -> int:
        """The step after ``line``: on strong beats the nearest chord tone that way, else the neighbour."""
        wanted = line + step
        if not _LEAD_LOW <= wanted <= _LEAD_HIGH:
            wanted = line - step
        if strong:
            tones = {tone % 7 for tone in self._tones(chord)}
            wanted = min(
                (near for near in range(wanted - 3, wanted + 4) if near % 7 in tones),
                key=lambda near: (abs(near - wanted), near == line),
            )
        octave, degree = divmod(wanted, 7)
        return 7 * octave + _FOURTH_AND_SEVENTH.get(degree, degree) if self._five_notes else wanted

    def _close(self) -> None:
        """The last chord: rolled from the bass up, the tonic on top, and left to ring."""
        home, at, rest = self._home(), self._final_s, self._length_s - self._final_s
        tones = self._tones(home)
        low = self._pitch(home if home < 4 else home - 7) - 12
        self._add(at, rest, low + (12 if low < 33 else 0), 0.5, "bass", 0.0)
        for voice, tone in enumerate(tones[:3]):
            self.notes.append(Note(at, rest, self._pitch(tone + (7 if tone <= 9 else 0)), 0.21, "pad", voice - 1.0))
        top = home + (14 if home < 4 else 7)
        for order, tone in enumerate((*(tone + 7 for tone in tones[1:]), top)):
            roll = min(0.09, rest / 12) * (order + 1)
            self._add(at + roll, rest, self._pitch(tone), 0.3 + 0.05 * order, "harp", -0.3 + 0.2 * order)
        self._add(at, rest, self._pitch(top), 0.7, self._lead(self.sections[-1][1], 0), 0.1)
