"""The composition: every note of the film's music, decided before the first sample is made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.models.engine import ComposeRequest
from app.services.engines.builtin.music import theme as themes
from app.services.engines.builtin.music.accompaniment import Band
from app.services.engines.builtin.music.ensembles import Ensemble, ensemble_of
from app.services.engines.builtin.music.harmony import Chord, Key, bass_pitch, harmonised
from app.services.engines.builtin.music.moods import Mode, Mood
from app.services.engines.builtin.music.page import Note, Page
from app.services.engines.builtin.music.plan import Bar, Plan, planned
from app.services.engines.builtin.music.theme import Theme, Tone

_TUNES = ("theme", "variant", "second", "home")
_BELL_LIKE = ("music_box", "celesta", "glockenspiel", "vibraphone")
_DARK, _LONELY = ("tense", "afraid", "mysterious"), ("sad", "lonely")
_LEAST_RING_FOR_ECHO_S = 3.2
_LOWEST_TONIC = 53
"""A tune whose tonic is lower growls."""


class Score(NamedTuple):
    notes: list[Note]
    """In order of their beginning."""
    plan: Plan
    key: str
    ensemble: Ensemble
    theme: Theme
    moods: list[str]
    """Of the sections, in order."""


def compose(request: ComposeRequest) -> Score:
    """The whole score; the same request gives the same notes."""
    composer = _Composer(request)
    composer.write()
    moods = [section.mood.name for section in composer.plan.sections]
    name = composer.key.name(composer.key.mode(composer.plan.sections[-1].mood.mode))
    notes = sorted(composer.page.notes)
    return Score(notes, composer.plan, name, composer.ensemble, composer.theme, moods)


class _Composer:
    def __init__(self, request: ComposeRequest) -> None:
        self._random = np.random.default_rng(request.seed & (2**64 - 1))
        self.ensemble = ensemble_of(request.style)
        self.plan = planned(request, self.ensemble, self._random)
        tonic = 46 + int(self._random.integers(0, 12))
        self.key = Key(tonic, five_notes=self.ensemble.five_notes, sevenths=self.ensemble.sevenths)
        size = len(self.key.rungs("major"))
        self.theme = themes.invented(self._random, self.plan.metre, size)
        self._second = themes.invented(self._random, self.plan.metre, size)
        self._likes = self._random.uniform(0, 0.5, (8, 8))
        self.page = Page(self._random, self.ensemble.swing)
        self._length_s = request.duration_s

    def write(self) -> None:
        bars = self.plan.bars
        chords = self._chords()
        band = Band(self.page, self.key, self.ensemble, self.plan.metre, self._random)
        for number, bar in enumerate(bars):
            coming = bars[number + 1] if number + 1 < len(bars) else None
            after = chords[number + 1] if coming is not None else self.key.chord(bar.mood.mode, "I")
            band.play(bar, chords[number], coming, after, self._rubbing(bar, chords[number]))
            if bar.role in _TUNES:
                self._tune(bar, chords[number])
            elif bar.role == "echo":
                self._echo(bar, chords[number])
        self._close()

    def _rubbing(self, bar: Bar, chord: Chord) -> frozenset[int]:
        """Half-tones beside the long notes of a bar's tune."""
        if bar.role not in _TUNES:
            return frozenset()
        mode = self.key.mode(bar.mood.mode)
        long = [tone for tone in self._bar_of_tune(bar) if tone.length >= 0.9]
        pitches = [self._pitch(mode, tone.rung, 0, chord) for tone in long]
        return frozenset((pitch + side) % 12 for pitch in pitches for side in (-1, 1))

    def _chords(self) -> list[Chord]:
        """One for every bar: tunes are harmonised, the bars between go through the mood's progression."""
        bars, chords = self.plan.bars, list[Chord]()
        while len(chords) < len(bars):
            bar = bars[len(chords)]
            if bar.role in _TUNES:
                run = [one for one in bars[len(chords) :] if one.number - bar.number == one.place - bar.place
                       and one.role == bar.role and one.mood == bar.mood]  # fmt: skip
                if bar.role == "home":
                    run = [one for one in bars[len(chords) :] if one.mood == bar.mood]
                chords += self._carried(run)
            else:
                chords.append(self._passing(bar))
        return chords

    def _carried(self, run: list[Bar]) -> list[Chord]:
        mode = self.key.mode(run[0].mood.mode)
        first = self.key.chord(mode, "I") if run[0].place == 0 and run[0].role != "variant" else None
        last = None
        if run[-1].number == len(self.plan.bars) - 1:
            last = self.key.dominant(mode)
            first = first if len(run) > 1 else last
        notes = [self._weights(mode, self._bar_of_tune(bar)) for bar in run]
        likes = self._likes[run[0].section % 8 if run[0].role == "variant" else 0]
        return harmonised(self.key, mode, notes, first, last, [float(one) for one in likes])

    def _weights(self, mode: Mode, tones: tuple[Tone, ...]) -> dict[int, float]:
        """How much every step of a bar's tune counts: long notes on strong beats most."""
        weights: dict[int, float] = {}
        for tone in tones:
            step = self.key.step(mode, tone.rung)
            strong = 1.0 if tone.beat == 0 else 0.7 if tone.beat % 1 == 0 else 0.3
            weights[step] = weights.get(step, 0.0) + strong * min(2.0, tone.length)
        return weights

    def _passing(self, bar: Bar) -> Chord:
        mode, bars = self.key.mode(bar.mood.mode), self.plan.bars
        if bar.number == len(bars) - 1:
            return self.key.dominant(mode)
        if bar.role == "bridge" and bar.mood == bars[bar.number + 1].mood:
            return self.key.dominant(mode)
        first = next(one.number for one in bars if one.section == bar.section)
        words = bar.mood.chords[(bar.section + first) % len(bar.mood.chords)].split()
        return self.key.chord(mode, words[(bar.number - first) % len(words)])

    def _bar_of_tune(self, bar: Bar) -> tuple[Tone, ...]:
        tune = self._second if bar.role == "second" else self.theme
        if bar.role == "home" and bar.place == 3:
            return tune.close
        if bar.role == "variant" and bar.mood.name in _DARK:
            return _stretched(tune.bars[0], self.plan.metre)[bar.place % 2]
        return tune.bars[bar.place]

    def _lead(self, bar: Bar) -> str:
        lead, second = self.ensemble.lead, self.ensemble.second
        if bar.mood.name in _DARK:
            return next(one for one in (second, lead, "piano") if one not in _BELL_LIKE)
        if bar.role in ("theme", "home"):
            return lead
        if bar.role == "second" or bar.mood.name in _LONELY:
            return second
        return lead if bar.section % 2 else second

    def _tune(self, bar: Bar, chord: Chord) -> None:
        mode, player = self.key.mode(bar.mood.mode), self._lead(bar)
        register = bar.mood.register if bar.role in ("variant", "second") else 0
        if register < 0 and self.key.pitch(mode, self.key.middle()) - 12 < _LOWEST_TONIC:
            register = 0
        beat = bar.length_s / self.plan.metre
        short = 0.55 if bar.mood.name == "playful" else 0.97
        tones = self._bar_of_tune(bar)
        if bar.role == "variant" and bar.mood.name in ("happy", "playful"):
            tones = _ornamented(tones)
        for tone in tones:
            pitch = self._pitch(mode, tone.rung, register, chord)
            at = bar.start_s + self.page.swung(tone.beat, self.plan.metre) * beat
            force = (0.92 if tone.beat == 0 else 0.8 if tone.beat % 1 == 0 else 0.7) * bar.loudness
            self.page.add("tune", player, at, tone.length * beat * short, pitch, force)
            self._doubled(bar, player, at, tone.length * beat, pitch, force)

    def _doubled(self, bar: Bar, player: str, at: float, length: float, pitch: float, force: float) -> None:
        """A second player on the same tune: an octave lower when it is brave, higher when it shines."""
        second = self.ensemble.second if player == self.ensemble.lead else self.ensemble.lead
        if bar.mood.name == "brave" and bar.role != "theme":
            self.page.add("colour", second, at, length * 0.95, pitch - 12, 0.55 * force)
        elif bar.mood.name in ("wonder", "happy") and bar.role in ("home", "variant") and length > 0.3:
            self.page.add("colour", self.ensemble.colour, at, length, pitch + 12, 0.36 * force)

    def _pitch(self, mode: Mode, rung: int, register: int, chord: Chord | None) -> int:
        step = self.key.middle() + 7 * register + self.key.step(mode, rung)
        return self.key.pitch(mode, step, chord)

    def _echo(self, bar: Bar, chord: Chord) -> None:
        """The beginning of the motif, far away, in the second half of a bar."""
        mode, metre = self.key.mode(bar.mood.mode), self.plan.metre
        start, beat = {4: 2.0, 3: 1.0, 6: 3.0}[metre], bar.length_s / metre
        heard = [tone for tone in self.theme.bars[0] if tone.beat < metre - start][:3]
        player = self.ensemble.colour if bar.mood.name not in _DARK else self._lead(bar)
        allowed = {step % 7 for step in self.key.tones(mode, chord)}
        rungs = [rung for rung in range(-4, 11) if self.key.step(mode, rung) % 7 in allowed]
        shift = min((rung - heard[0].rung for rung in rungs), key=lambda one: (abs(one), one))
        for tone in heard:
            pitch = self._pitch(mode, tone.rung + shift, bar.mood.register, chord)
            at = bar.start_s + (start + tone.beat) * beat
            self.page.add(
                "echo", player, at, min(tone.length, metre - start - tone.beat) * beat, pitch, 0.5 * bar.loudness
            )

    def _close(self) -> None:
        """The last chord: rolled from the bass up, the tonic on top, left to ring into silence."""
        at, mood = self.plan.final_s, self.plan.sections[-1].mood
        mode, ring = self.key.mode(mood.mode), self._length_s - self.plan.final_s
        tonic = self.key.chord(mode, "I")
        loud = (0.62 + 0.25 * mood.energy) if self.plan.bars else 0.7
        low = bass_pitch(38, self.key.pitch(mode, 0))
        player = self.ensemble.bass if self.ensemble.bass != "spiccato" else "cello"
        self.page.add("bass", player, at, min(3.0, ring * 0.66), low, 0.7 * loud)
        tones = [self.key.pitch(mode, step + 7) for step in self.key.tones(mode, tonic)[:3]]
        for place, pitch in enumerate(tones):
            self.page.add(
                "pad", self.ensemble.pad, at, min(3.4, ring * 0.66), pitch, 0.6 * loud, lean=0.5 * (place - 1)
            )
        top = self._final_pitch(mode)
        roll = min(0.075, ring / 14)
        for order, pitch in enumerate((*tones, tones[0] + 12, tones[1] + 12)):
            self.page.add("figure", self.ensemble.figure, at + roll * order, 1.5, pitch, (0.5 + 0.04 * order) * loud)
        self.page.add("end", self._final_lead(mood), at, min(1.8, ring * 0.5), top, 0.85 * loud)
        if mood.drum > 0.5:
            self.page.add("beat", "timpani", at, 1.5, low + 12, 0.5 * loud)
        if ring >= _LEAST_RING_FOR_ECHO_S:
            self._farewell(mode, at, ring, loud)

    def _final_lead(self, mood: Mood) -> str:
        lead = self.ensemble.lead
        return lead if mood.name not in _DARK or lead not in _BELL_LIKE else self.ensemble.second

    def _final_pitch(self, mode: Mode) -> int:
        """The tonic nearest to where the tune came home from."""
        size = len(self.key.rungs(mode))
        return self._pitch(mode, size * round(self.theme.close[-1].rung / size), 0, None)

    def _farewell(self, mode: Mode, at: float, ring: float, loud: float) -> None:
        """Over the ringing chord: the head of the motif once more, from far off, and up to the tonic."""
        gap = min(0.5, ring / 9)
        scale = {0, 2, 4} if not self.key.five_notes else {0, 1, 2, 4}
        rungs = [tone.rung for tone in self.theme.bars[0]][:2]
        steps = [self.key.step(mode, rung) for rung in rungs]
        steps = [step if step % 7 in scale else step - 1 for step in steps] + [7]
        for order, step in enumerate(steps):
            pitch = self.key.pitch(mode, self.key.middle() + step)
            start = at + min(1.1, 0.3 * ring) + gap * order
            self.page.add(
                "colour", self.ensemble.colour, start, 0.8, pitch + 12 * (pitch < 76), (0.42 - 0.05 * order) * loud
            )


def _stretched(tones: tuple[Tone, ...], metre: int) -> tuple[tuple[Tone, ...], tuple[Tone, ...]]:
    """A bar played at half its speed, as two bars."""
    slow = [Tone(2 * tone.beat, 2 * tone.length, tone.rung) for tone in tones]
    first = tuple(tone._replace(length=min(tone.length, metre - tone.beat)) for tone in slow if tone.beat < metre)
    second = tuple(tone._replace(beat=tone.beat - metre) for tone in slow if tone.beat >= metre)
    return first, second or (Tone(0, metre - 1, tones[-1].rung),)


def _ornamented(tones: tuple[Tone, ...]) -> tuple[Tone, ...]:
    """Long notes broken by a turn to their upper neighbour."""
    out = []
    for tone in tones:
        if tone.length < 1.5:
            out.append(tone)
            continue
        out += [
            tone._replace(length=tone.length - 1),
            Tone(tone.beat + tone.length - 1, 0.5, tone.rung + 1),
            Tone(tone.beat + tone.length - 0.5, 0.5, tone.rung),
        ]
    return tuple(out)
