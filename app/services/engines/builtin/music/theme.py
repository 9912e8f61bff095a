"""The tune of a film: a motif of four to eight notes, and the phrase that is made from it.

Two bars call, one repeats the first from another step, and the last either asks (an open end) or comes home.
Notes are given in rungs of the scale in use, so the tune can be played in any mode and register and stays itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

_Rhythm = tuple[tuple[float, float], ...]
"""(beat, length in beats) of the notes of a bar."""


class Tone(NamedTuple):
    beat: float
    length: float
    rung: int


Phrase = tuple[tuple[Tone, ...], ...]


class Theme(NamedTuple):
    bars: Phrase
    """Four: call, call, answer, question."""
    close: tuple[Tone, ...]
    """The fourth bar when the tune comes home: the next note is the tonic."""

    @property
    def motif(self) -> tuple[Tone, ...]:
        return self.bars[0] + self.bars[1]


_CALLS: dict[int, tuple[_Rhythm, ...]] = {
    4: (
        ((0, 1.5), (1.5, 0.5), (2, 1), (3, 1)), ((0, 1), (1, 1), (2, 2)), ((0, 2), (2, 1), (3, 1)),
        ((0, 1), (1, 0.5), (1.5, 0.5), (2, 2)), ((0, 3), (3, 0.5), (3.5, 0.5)), ((0, 1.5), (1.5, 0.5), (2, 2)),
        ((0.5, 0.5), (1, 1), (2, 1), (3, 1)),
    ),
    3: (
        ((0, 2), (2, 1)), ((0, 1), (1, 1), (2, 1)), ((0, 1.5), (1.5, 0.5), (2, 1)), ((0, 2), (2, 0.5), (2.5, 0.5)),
        ((0, 1), (1, 0.5), (1.5, 0.5), (2, 1)),
    ),
    6: (
        ((0, 2), (2, 1), (3, 2), (5, 1)), ((0, 3), (3, 2), (5, 1)), ((0, 1), (1, 1), (2, 1), (3, 3)),
        ((0, 2), (2, 1), (3, 3)), ((0, 3), (3, 1), (4, 1), (5, 1)),
    ),
}  # fmt: skip
_RESTS: dict[int, tuple[_Rhythm, ...]] = {
    4: (((0, 3),), ((0, 1), (1, 2.5)), ((0, 2), (2, 1.5)), ((0, 1.5), (1.5, 2))),
    3: (((0, 2.5),), ((0, 1), (1, 1.5)), ((0, 2), (2, 0.75))),
    6: (((0, 5),), ((0, 2), (2, 3)), ((0, 3), (3, 2.5))),
}
"""Bars that breathe out: second halves of a call, and ends."""
_LEAPS = (3, 4, 3, 2, 5, -3, -4, 7)


def invented(random: np.random.Generator, metre: int, size: int) -> Theme:
    """A tune in bars of ``metre`` beats on a scale of ``size`` rungs an octave: the best of many that were drawn."""
    drawn = [_drawn(random, metre, size) for _ in range(48)]
    return max(drawn, key=lambda theme: _charm(theme, size))


def _drawn(random: np.random.Generator, metre: int, size: int) -> Theme:
    call = _one(random, _CALLS[metre])
    rest = _one(random, _RESTS[metre])
    rungs = _line(random, len(call) + len(rest), size)
    first = _tones(call, rungs[: len(call)])
    second = _tones(rest, rungs[len(call) :])
    shift = int(random.choice([-1, 1, 1, 2, -2]))
    third = tuple(tone._replace(rung=tone.rung + shift) for tone in first)
    # A question ends on the second or the fifth, both in the dominant.
    open_rung = min((1, 4 if size == 7 else 3, 1 + size), key=lambda rung: abs(rung - third[-1].rung))
    fourth = (Tone(0, rest[-1][0] + rest[-1][1] if len(rest) == 1 else metre - 1, open_rung),)
    return Theme((first, second, third, fourth), _coming_home(random, third[-1].rung, metre, size))


def _one(random: np.random.Generator, choices: tuple[_Rhythm, ...]) -> _Rhythm:
    return choices[int(random.integers(len(choices)))]


def _tones(rhythm: _Rhythm, rungs: list[int]) -> tuple[Tone, ...]:
    return tuple(Tone(beat, length, rung) for (beat, length), rung in zip(rhythm, rungs, strict=True))


def _line(random: np.random.Generator, count: int, size: int) -> list[int]:
    """Mostly steps, one leap that is filled again, an end that wants to go on."""
    line = [int(random.choice([0, 2, 4 if size == 7 else 3, -1 if size == 5 else 2]))]
    leap_at = int(random.integers(1, max(2, count - 1)))
    owed = 0
    for place in range(1, count):
        if place == leap_at:
            move = int(random.choice(_LEAPS))
            owed = -1 if move > 0 else 1
        elif owed:
            move, owed = owed * int(random.choice([1, 1, 2])), 0
        else:
            move = int(random.choice([-2, -1, -1, 1, 1, 2, 0]))
        line.append(line[-1] + move)
    return line


def _coming_home(random: np.random.Generator, rung: int, metre: int, size: int) -> tuple[Tone, ...]:
    """Down by steps to the rung above the tonic (or up from the one below)."""
    half = {4: 2.0, 3: 2.0, 6: 3.0}[metre]
    octave = size * round(rung / size)
    pair = [(2, 1), (3, 1), (1, -1) if size == 7 else (2, 1)][int(random.integers(3))]
    return Tone(0, half, octave + pair[0]), Tone(half, metre - half, octave + pair[1])


def _charm(theme: Theme, size: int) -> float:
    """What a good tune has: four to eight notes, one summit, a range that can be sung, an end left open, a memorable
    leap, few repeated notes."""
    line = [tone.rung for tone in theme.motif]
    whole = line + [tone.rung for tone in theme.bars[2] + theme.close]
    moves = [b - a for a, b in pairwise(line)]
    span, top = max(whole) - min(whole), max(line)
    score = 0.0 if 4 <= len(line) <= 8 else -20.0
    score -= 3.0 * max(0, span - size - 2) + 2.0 * max(0, 4 - (max(line) - min(line)))
    score -= 2.0 * max(0, -3 - min(whole)) + 2.0 * max(0, max(whole) - size - 3)
    score += 1.5 * (line.count(top) == 1) + 1.0 * (0 < line.index(top) < len(line) - 1)
    score += 1.5 * (line[-1] % size in (1, 2, 4 if size == 7 else 3)) + 0.8 * (line[0] % size in (0, 2, 4))
    score -= 1.2 * moves.count(0) + 0.8 * sum(a == b and abs(a) > 1 for a, b in pairwise(moves))
    score += 0.8 * any(abs(move) >= 3 for move in moves) - 1.0 * sum(abs(move) > 4 for move in moves)
    score += 0.6 * len({round(tone.length, 2) for tone in theme.motif}) + 0.3 * len(line)
    return score
