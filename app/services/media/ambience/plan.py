"""When every sound of the film is heard: beds that last and flow into each other, calls at good moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.models.timeline import Ambience, Voice
from app.services.media.ambience import makers, words
from app.services.media.ambience.words import Heard
from app.services.media.tones import RATE

_PER = 2
"""Samples of the film for each at RATE."""
_SEAM_S = 0.75
"""Stretches of one sound with a shorter gap than this are one."""
_BED_LUFS, _CALL_LUFS = -38.0, -33.0
"""Voices are at -18."""
_COMPANY_DB = 1.5
"""How much fainter a sound is for each other one in its shot."""
_STEP_S, _NEED_S, _APART_S = 0.1, 0.8, 2.5
_FIRST_WORD_S = (0.5, 1.0)
"""Before and after the beginning of a narration, where no call is wanted."""


class Bed(NamedTuple):
    name: str
    start: int
    end: int
    """Samples at RATE; the fades are around these."""
    level_db: float
    seed: int


class Call(NamedTuple):
    name: str
    start: int
    level_db: float
    pan: float
    seed: int


class Plan(NamedTuple):
    beds: list[Bed]
    calls: list[Call]


def planned(
    stretches: Sequence[Ambience], voices: Sequence[Voice], speech: NDArray[np.float64], hop_s: float, samples: int
) -> Plan:
    """All beds and calls of a film ``samples`` long (48 kHz). ``speech``: whether somebody speaks (0 to 1) in every
    ``hop_s`` seconds."""
    beds: list[Bed] = []
    calls: list[Call] = []
    speaking = np.concatenate([[0.0], np.cumsum(speech)])
    firsts = [voice.at_sample / (_PER * RATE) for voice in voices]
    before: frozenset[str] = frozenset()
    seeds: dict[str, int] = {}  # a sound of the film is made once, however often it comes
    for number, stretch in enumerate(stretches):
        start, end = stretch.at_sample, min(samples, stretch.at_sample + stretch.samples)
        if end <= start:
            continue
        heard = words.heard_in(stretch.sound)
        company = _COMPANY_DB * (len(heard) - 1)
        for sound in heard:
            seed = seeds.setdefault(sound.name, stretch.seed)
            if makers.is_bed(sound.name):
                level = _BED_LUFS + sound.level_db - company
                _lasting(beds, Bed(sound.name, start // _PER, end // _PER, level, seed))
            else:
                again = sound.name in before
                called = _called(sound, stretch, end, number, again, firsts, speaking, hop_s, company)
                calls += [call._replace(seed=seed) for call in called]
        before = frozenset(sound.name for sound in heard)
    return Plan(beds, sorted(calls, key=lambda call: (call.start, call.name)))


def _lasting(beds: list[Bed], bed: Bed) -> None:
    """Add a bed, or go on with the one that the shot before had."""
    for place, other in enumerate(beds):
        if other.name == bed.name and bed.start - other.end < _SEAM_S * RATE:
            beds[place] = other._replace(end=max(bed.end, other.end), level_db=max(other.level_db, bed.level_db))
            return
    beds.append(bed)


def _called(
    sound: Heard, stretch: Ambience, end: int, number: int, again: bool, firsts: list[float],
    speaking: NDArray[np.float64], hop_s: float, company: float,
) -> list[Call]:  # fmt: skip
    """The moments of one call in one shot: where nobody speaks if there is such a place, never over a first word."""
    random = np.random.default_rng([stretch.seed & (2**63 - 1), number, len(sound.name), ord(sound.name[0])])
    start_s, end_s = stretch.at_sample / (_PER * RATE), end / (_PER * RATE)
    wanted = 1 if again or end_s - start_s < 5.5 else min(2, sound.times)
    earliest = start_s + min(0.25, (end_s - start_s) / 8)
    moments = np.arange(earliest, max(earliest, end_s - 1.2) + 1e-6, _STEP_S)
    spoken = np.array([_share(speaking, hop_s, at, at + _NEED_S) for at in moments])
    cost = spoken + random.random(moments.size) * 0.8
    for first in firsts:
        cost += 3.0 * ((moments > first - _FIRST_WORD_S[0]) & (moments < first + _FIRST_WORD_S[1]))
    chosen: list[Call] = []
    for _ in range(wanted):
        place = int(cost.argmin())
        pan = float(random.uniform(-0.6, 0.6))
        level = _CALL_LUFS + sound.level_db - company - 2.0 * len(chosen)
        chosen.append(Call(sound.name, round(float(moments[place]) * RATE), level, pan, stretch.seed))
        cost += 10.0 * (np.abs(moments - moments[place]) < _APART_S)
        if cost.min() > 9.0:
            break
    return chosen


def _share(speaking: NDArray[np.float64], hop_s: float, start_s: float, end_s: float) -> float:
    """How much of a time somebody speaks."""
    first, last = (min(speaking.size - 1, max(0, round(at / hop_s))) for at in (start_s, end_s))
    return float(speaking[last] - speaking[first]) / max(1, last - first)
