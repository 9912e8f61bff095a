"""Everything under the tune: bass, figures, long chords, beats, and the bridges that lead from tone to tone."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.music.ensembles import Ensemble
from app.services.engines.builtin.music.figures import FIGURES, Touch
from app.services.engines.builtin.music.harmony import Chord, Key, bass_pitch, led
from app.services.engines.builtin.music.page import Page
from app.services.engines.builtin.music.plan import Bar

_DARK = ("tense", "afraid")
_BRIGHT = ("happy", "wonder", "hopeful", "brave", "playful")
_PAD_LOW, _PAD_HIGH = 53, 74
_FIGURE_LOW = 48


class Band:
    """The players under the tune; they remember where their hands were in the bar before."""

    def __init__(self, page: Page, key: Key, ensemble: Ensemble, metre: int, random: np.random.Generator) -> None:
        self._page, self._key, self._ensemble, self._metre, self._random = page, key, ensemble, metre, random
        self._pads: tuple[int, ...] = ()
        self._low = 40
        self._avoided: frozenset[int] = frozenset()
        self._chosen: dict[str, int] = {}

    def play(
        self, bar: Bar, chord: Chord, coming: Bar | None, coming_chord: Chord | None, avoided: frozenset[int]
    ) -> None:
        """One bar. ``coming`` is the next one, or None before the last chord; ``avoided`` are the notes (0 to 11) that
        would rub against the tune."""
        self._avoided = avoided
        turning = coming is not None and coming.turn
        hush = turning and coming is not None and coming.mood.name in _DARK
        self._bass(bar, chord, coming, coming_chord, hush)
        self._figure(bar, chord, hush)
        self._pad(bar, chord, hush)
        self._beats(bar)
        self._colour(bar, chord)
        if turning and coming is not None and coming_chord is not None:
            self._bridge(bar, coming, coming_chord)

    def _at(self, bar: Bar, beat: float) -> float:
        return bar.start_s + self._page.swung(beat, self._metre) * bar.length_s / self._metre

    def _tones(self, bar: Bar, chord: Chord) -> list[int]:
        """MIDI pitches of the chord through two octaves, from its root in the figure's range up."""
        mode = self._key.mode(bar.mood.mode)
        steps = self._key.tones(mode, chord)
        base = self._key.pitch(mode, steps[0], chord)
        lift = 12 * -(-(_FIGURE_LOW - base) // 12) if base < _FIGURE_LOW else 0
        # Three tones an octave: figures count on it. A seventh takes the root's place in the upper octave.
        triad = [self._key.pitch(mode, step, chord) + lift for step in steps[:3]]
        if self._key.five_notes:
            return [triad[0], triad[1], triad[2], triad[1] + 12, triad[2] + 12, triad[1] + 24]
        upper = [pitch + 12 for pitch in triad]
        if len(steps) == 4:
            upper[0] = self._key.pitch(mode, steps[3], chord) + lift
        return [*triad, *upper]

    def _bass(self, bar: Bar, chord: Chord, coming: Bar | None, coming_chord: Chord | None, hush: bool) -> None:
        mode = self._key.mode(bar.mood.mode)
        root = bass_pitch(self._low, self._key.pitch(mode, chord.degree, chord))
        steps = self._key.tones(mode, chord)
        fifth = bass_pitch(root, self._key.pitch(mode, steps[1 if self._key.five_notes else 2], chord))
        self._low = root
        force, beat = 0.62 * bar.loudness, bar.length_s / self._metre
        if bar.role == "theme" and bar.place == 0 and bar.number == 0:
            return  # the tune first, alone with its figure
        if self._ensemble.walking and bar.mood.motion not in ("drift", "lull"):
            self._walk(bar, chord, root, coming, coming_chord)
            return
        dark = bar.mood.name in _DARK  # its ground stays under it, however little is played
        if bar.mood.motion == "drift" and bar.number % 2 and not bar.opens and not dark:
            return
        half = {4: 2.0, 3: 2.0, 6: 3.0}[self._metre]
        moving = bar.mood.energy > 0.55 and not bar.closes and not hush
        name = self._ensemble.bass
        self._page.add("bass", name, bar.start_s, (half if moving else self._metre * 0.7) * beat * 0.9, root, force)
        if moving:
            other = fifth if bar.mood.motion != "pulse" else root
            self._page.add("bass", name, self._at(bar, half), half * beat * 0.6, other, 0.8 * force)

    def _walk(self, bar: Bar, chord: Chord, root: int, coming: Bar | None, coming_chord: Chord | None) -> None:
        """Four steps to the next root: root, third, fifth, and a half-tone's approach."""
        mode = self._key.mode(bar.mood.mode)
        goal = root
        if coming is not None and coming_chord is not None:
            other = self._key.mode(coming.mood.mode)
            goal = bass_pitch(root, self._key.pitch(other, coming_chord.degree, coming_chord))
        tones = [bass_pitch(root, self._key.pitch(mode, chord.degree + step, chord)) for step in (2, 4)]
        near = goal + (1 if tones[1] > goal else -1)
        beat = bar.length_s / 4
        for place, pitch in enumerate((root, *tones, near)[: 2 if bar.closes and bar.mood.energy < 0.6 else 4]):
            force = (0.66, 0.5, 0.58, 0.5)[place] * bar.loudness
            self._page.add("bass", self._ensemble.bass, bar.start_s + place * beat, beat * 0.85, pitch, force)

    def _figure(self, bar: Bar, chord: Chord, hush: bool) -> None:
        touches = self._pattern(bar)
        tones, beat = self._tones(bar, chord), bar.length_s / self._metre
        stop = self._metre * (0.55 if hush else 0.76 if bar.closes else 1.0)
        soft = {"theme": 0.5, "home": 0.58, "variant": 0.55, "second": 0.55}.get(bar.role, 0.64)
        low = bar.mood.motion == "pulse"
        slow = bar.mood.motion in ("drift", "lull") or bar.mood.name == "wonder"
        player = self._ensemble.gentle if slow else self._ensemble.figure
        for touch in touches:
            if touch.beat >= stop:
                continue
            for order, tone in enumerate(touch.tones):
                pitch = self._kept(tones, tone) - (12 if low and tones[tone] > 57 else 0)
                force = soft * touch.accent * bar.loudness
                at = self._at(bar, touch.beat) + 0.012 * order
                self._page.add("figure", player, at, 1.2 * beat, pitch, force, lean=0.08 * (tone - 2))

    def _kept(self, tones: list[int], place: int) -> int:
        """The tone asked for, or the nearest that does not rub against the tune."""
        near = sorted(range(len(tones)), key=lambda other: (abs(other - place), other))
        return next((tones[one] for one in near if tones[one] % 12 not in self._avoided), tones[0])

    def _pattern(self, bar: Bar) -> tuple[Touch, ...]:
        """A section keeps its pattern; its first bar and its last may thin it out."""
        choices = FIGURES[bar.mood.motion][self._metre]
        name = f"{bar.section}"
        if name not in self._chosen:
            self._chosen[name] = int(self._random.integers(len(choices)))
        touches = choices[(self._chosen[name] + (bar.number % 4 == 3)) % len(choices)]
        if bar.number == 0:
            touches = tuple(touch for touch in touches if touch.beat % 1 == 0)
        return touches

    def _pad(self, bar: Bar, chord: Chord, hush: bool) -> None:
        mode = self._key.mode(bar.mood.mode)
        steps = self._key.tones(mode, chord)
        pitches = list(dict.fromkeys(self._key.pitch(mode, step, chord) % 12 for step in steps))
        self._pads = led(
            self._pads if len(self._pads) == min(3, len(pitches)) else (), pitches[:3], _PAD_LOW, _PAD_HIGH
        )
        tune = bar.role in ("theme", "home", "variant", "second")
        faint = not tune and bar.mood.energy < 0.55 and bar.mood.name not in _DARK
        if bar.number < 2 or bar.mood.pad < 0.25 or (faint and bar.number % 2):
            return
        length = bar.length_s * (0.5 if hush else 0.68 if bar.closes else 0.94)
        for place, pitch in enumerate(self._pads):
            if pitch % 12 in self._avoided:
                continue
            force = (0.35 + 0.4 * bar.mood.pad) * bar.loudness
            self._page.add("pad", self._ensemble.pad, bar.start_s, length, pitch, force, lean=0.5 * (place - 1))

    def _beats(self, bar: Bar) -> None:
        strong, weak, light = self._ensemble.beats
        heavy = bar.mood.drum if bar.mood.drum else 0.35 * self._ensemble.steady * (bar.mood.energy > 0.5)
        lively = bar.mood.energy > 0.6 and not bar.closes
        beat = bar.length_s / self._metre
        if bar.mood.drum and bar.number and (bar.opens or bar.mood.motion == "march"):
            big = strong if strong in ("drum", "kick", "timpani") else "drum"
            self._page.add("beat", big, bar.start_s, 1.0, 43, heavy * bar.loudness)
            if bar.mood.motion == "march" and self._metre == 4:
                self._page.add("beat", big, self._at(bar, 2), 1.0, 43, 0.6 * heavy * bar.loudness)
        elif strong and (heavy or (lively and bar.opens) or (self._key.five_notes and bar.mood.energy > 0.5)):
            long = 0.9 * beat if strong == "brush" else 1.0
            self._page.add("beat", strong, bar.start_s, long, 55, 0.5 * bar.loudness)
            if self._ensemble.steady and self._metre == 4:
                self._page.add("beat", strong, self._at(bar, 2), long, 62, 0.42 * bar.loudness)
        if weak and (lively or (self._ensemble.steady and heavy)):
            for place in {4: (1, 3), 3: (1, 2), 6: (3,)}[self._metre]:
                self._page.add("beat", weak, self._at(bar, place), 0.4, 62, 0.45 * bar.loudness)
        if light and lively and bar.role not in ("rest", "echo"):
            for half in range(self._metre):
                force = (0.3 + 0.1 * (half % 2)) * bar.loudness
                self._page.add("beat", light, self._at(bar, half + 0.5), 0.2, 62, force)

    def _colour(self, bar: Bar, chord: Chord) -> None:
        """A few high notes where a bright section opens, and shining above its tune."""
        if not bar.number or bar.mood.name not in _BRIGHT or not (bar.opens or bar.role == "rest"):
            return
        tones = self._tones(bar, chord)
        for order, tone in enumerate(tones[2:5] if bar.opens else tones[4:5]):
            at = self._at(bar, 0.0) + 0.11 * order
            self._page.add("colour", self._ensemble.colour, at, 0.8, tone + 12, (0.42 - 0.05 * order) * bar.loudness)

    def _bridge(self, bar: Bar, coming: Bar, chord: Chord) -> None:
        """The last beat before the tone turns."""
        beat = bar.length_s / self._metre
        if coming.mood.name in _BRIGHT and coming.mood.energy > bar.mood.energy:
            mode = self._key.mode(coming.mood.mode)
            top = self._key.middle() + len(self._key.rungs(mode)) // 5
            scale = self._key.rungs(mode)
            count = 6 if self._metre != 3 else 5
            for place in range(count):
                octave, rung = divmod(place + len(scale) - count + 1, len(scale))
                pitch = self._key.pitch(mode, top - 7 + 7 * octave + scale[rung], chord)
                at = coming.start_s - beat * (count - place) / count
                self._page.add("figure", self._ensemble.figure, at, 0.5, pitch, (0.3 + 0.05 * place) * coming.loudness)
        if coming.mood.drum >= 0.5:
            self._page.add("beat", "swell", coming.start_s - 2 * beat, 2 * beat, 0, 0.5 * coming.loudness)
