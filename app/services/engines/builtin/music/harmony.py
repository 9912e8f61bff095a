"""Keys, chords and how voices go from one chord to the next.

A film lives in one collection of seven notes. Each mood has its own tonic in it (C major, A minor, D Dorian and F
Lydian share their notes), so the same tune changes its face when the tone changes and no seam is heard. A ``step`` is
counted on the scale from the mood's own tonic: 0 is the tonic, 7 the octave above.
"""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import NamedTuple

from app.services.engines.builtin.music.moods import Mode

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_TONIC_AT: dict[Mode, int] = {"major": 0, "dorian": 1, "lydian": -4, "minor": -2}
"""Where a mode's tonic is, in steps from the collection's own."""
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_FOURTH_AND_SEVENTH = (3, 6)
"""Of the collection; five-note music does without them."""
_NAMES = ("C", "D flat", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")
_SINGABLE = (64, 75)
"""MIDI range in which the tonic of a melody in the middle register is."""
_BASS_LOW, _BASS_HIGH = 34, 49


class Chord(NamedTuple):
    degree: int
    raised: bool = False
    """A dominant in minor with its leading tone."""


_VOCABULARY: dict[Mode, tuple[str, ...]] = {
    "major": ("I", "ii", "iii", "IV", "V", "vi"),
    "minor": ("i", "III", "iv", "v", "VI", "VII"),
    "dorian": ("i", "ii", "III", "IV", "VII"),
    "lydian": ("I", "II", "iii", "vi", "V"),
}
"""What a tune may be harmonised with."""


class Key:
    """The collection of a film, and whether it is used whole."""

    def __init__(self, tonic: int, *, five_notes: bool, sevenths: bool) -> None:
        self.tonic, self.five_notes, self.sevenths = tonic, five_notes, sevenths

    def mode(self, mode: Mode) -> Mode:
        """Five-note music has no Lydian: its tonic would be one of the missing notes."""
        return "major" if self.five_notes and mode == "lydian" else mode

    def pitch(self, mode: Mode, step: int, chord: Chord | None = None) -> int:
        """MIDI number of a step, over a chord that may raise the leading tone."""
        octave, degree = divmod(step + _TONIC_AT[mode], 7)
        lead = chord is not None and chord.raised and step % 7 == 6
        return self.tonic + 12 * octave + _MAJOR[degree] + int(lead)

    def name(self, mode: Mode) -> str:
        return f"{_NAMES[self.pitch(mode, 0) % 12]} {mode}"

    def rungs(self, mode: Mode) -> tuple[int, ...]:
        """The steps of one octave that melodies use."""
        if not self.five_notes:
            return tuple(range(7))
        return tuple(step for step in range(7) if (step + _TONIC_AT[mode]) % 7 not in _FOURTH_AND_SEVENTH)

    def step(self, mode: Mode, rung: int) -> int:
        scale = self.rungs(mode)
        octave, place = divmod(rung, len(scale))
        return 7 * octave + scale[place]

    def middle(self) -> int:
        """Steps that bring a melody's tonic into the range where it sings."""
        return next((7 * n for n in (0, 1, 2, 3) if self.tonic + 12 * n >= _SINGABLE[0]), 14)

    def chord(self, mode: Mode, numeral: str) -> Chord:
        degree = _NUMERALS.index(numeral.lower())
        if self.five_notes:
            missing = (degree + _TONIC_AT[mode]) % 7 in _FOURTH_AND_SEVENTH
            return Chord((degree - 2) % 7 if missing else degree)
        return Chord(degree, raised=mode == "minor" and numeral == "V")

    def dominant(self, mode: Mode) -> Chord:
        return self.chord(mode, {"major": "V", "minor": "V", "dorian": "VII", "lydian": "II"}[mode])

    def tones(self, mode: Mode, chord: Chord) -> tuple[int, ...]:
        """Steps of the chord from its root up: root, third, fifth (and seventh); open fifths in five-note music."""
        root = chord.degree
        if self.five_notes:
            scale = self.rungs(mode)
            fifth = next(step for step in (root + 4, root + 3, root + 5) if step % 7 in scale)
            return root, fifth, root + 7
        third_seventh = (root + 6,) if self.sevenths and not chord.raised else ()
        return (root, root + 2, root + 4, *third_seventh)

    def vocabulary(self, mode: Mode) -> list[Chord]:
        return list(dict.fromkeys(self.chord(mode, numeral) for numeral in _VOCABULARY[mode]))


def _fits(key: Key, mode: Mode, chord: Chord, steps: dict[int, float]) -> float:
    """How well a chord carries the notes of a bar, given as steps with weights."""
    tones = {step % 7 for step in key.tones(mode, chord)}
    thirds = {(chord.degree + 2) % 7, (chord.degree + 4) % 7}
    return sum(weight * (1.0 if step % 7 in tones or step % 7 in thirds else -0.8) for step, weight in steps.items())


def _leads(first: Chord, second: Chord) -> float:
    """How well one chord goes to another: down a fifth best, up a step and down a third well."""
    return {0: -0.5, 3: 0.5, 1: 0.3, 5: 0.3, 4: 0.15, 6: 0.0, 2: -0.1}[(second.degree - first.degree) % 7]


def harmonised(
    key: Key, mode: Mode, bars: list[dict[int, float]], first: Chord | None, last: Chord | None, likes: list[float]
) -> list[Chord]:
    """One chord a bar under a tune: the best path, where ``likes`` (one number for each chord of the vocabulary) lets
    a tune come back over other chords."""
    words = key.vocabulary(mode)
    best: list[tuple[float, list[Chord]]] = []
    for number, notes in enumerate(bars):
        fixed = first if number == 0 else last if number == len(bars) - 1 else None
        choices = [fixed] if fixed is not None else words
        coming = []
        for chord in choices:
            own = 1.6 * _fits(key, mode, chord, notes) + (likes[words.index(chord)] if chord in words else 0.0)
            before = [(score + _leads(path[-1], chord), path) for score, path in best] or [(0.0, [])]
            score, path = max(before, key=lambda one: one[0])
            coming.append((score + own, [*path, chord]))
        best = coming
    return max(best, key=lambda one: one[0])[1]


def led(before: tuple[int, ...], pitches: list[int], low: int, high: int) -> tuple[int, ...]:
    """The chord in the position nearest to the one before: no voice leaps that need not."""
    if not before:
        voices = sorted(low + (pitch - low) % 12 for pitch in pitches)
        return tuple(voices)

    def near(pitch: int, to: int) -> int:
        return min((low + (pitch - low) % 12 + 12 * n for n in (-1, 0, 1, 2)), key=lambda one: _distance(one, to))

    def _distance(one: int, to: int) -> tuple[int, int]:
        return abs(one - to) + 24 * (not low <= one <= high), one

    wanted = (pitches * 2)[: len(before)] if len(pitches) < len(before) else pitches
    ways = [
        tuple(near(pitch, to) for pitch, to in zip(order, before, strict=False))
        for order in permutations(wanted, len(before))
    ]

    def cost(voices: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        doubled = len(voices) - len(set(voices))
        close = sum(b - a < 3 for a, b in pairwise(sorted(voices)))
        return sum(abs(a - b) for a, b in zip(voices, before, strict=True)) + 12 * doubled + 2 * close, voices

    return min(ways, key=cost)


def bass_pitch(before: int, pitch: int) -> int:
    """The octave of a bass note that lies nearest to the one before."""
    choices = [low for low in range(_BASS_LOW, _BASS_HIGH + 1) if (low - pitch) % 12 == 0]
    return min(choices, key=lambda one: (abs(one - before), one))
