"""The form of the film's music: where its bars are and what each of them is for.

Bars are laid out at the tempo of the moods, moved a little so that bar lines meet the beginnings of the sections, and
end exactly where the last chord is struck: as the last picture stands. The theme opens the film, returns changed
where the tone turns, and comes home in the last bars; between its statements there are bars without it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.models.engine import ComposeRequest
from app.services.engines.builtin.music.ensembles import Ensemble
from app.services.engines.builtin.music.moods import Mood, mood_of

Role = Literal["theme", "variant", "second", "home", "echo", "rest", "bridge"]
_RING_S, _LONGEST_RING_S, _LEAST_RING_S = 2.5, 7.0, 1.6
_LEAST_MUSIC_S = 1.4
"""Less time than this before the last chord holds no bar."""
_STRETCH = 0.12
"""A bar may be this much longer or shorter than its tempo says, to meet a picture."""
_BAR_BEATS = {4: 4.0, 3: 3.0, 6: 2.7}
"""Length of a bar in beats of the mood's tempo, by metre."""


class Section(NamedTuple):
    start_s: float
    mood: Mood
    title: bool


class Bar(NamedTuple):
    number: int
    start_s: float
    length_s: float
    mood: Mood
    section: int
    role: Role
    place: int
    """Which bar of the tune, where there is one."""
    opens: bool
    """First bar of a section."""
    closes: bool
    """Last bar of a section: it breathes out."""
    turn: bool
    """The tone changes with this bar."""
    loudness: float


class Plan(NamedTuple):
    bars: tuple[Bar, ...]
    final_s: float
    """When the last chord is struck."""
    metre: int
    tempo: float
    sections: tuple[Section, ...]


def planned(request: ComposeRequest, ensemble: Ensemble, random: np.random.Generator) -> Plan:
    """The bars of the whole film."""
    final, sections = _sections(request)
    metre = int(ensemble.metres[int(random.integers(len(ensemble.metres)))])
    metre = 4 if metre != 4 and _share(sections, final, ("tense", "brave")) > 0.5 else metre
    lines, tempo = _bar_lines(sections, final, ensemble.pace * float(random.uniform(0.96, 1.04)), metre)
    if len(lines) < 2:
        return Plan((), final, metre, tempo, sections)
    owners = [_owner(sections, lines, number) for number in range(len(lines) - 1)]
    roles = _roles([sections[one].mood for one in owners], random)
    loud = _loudness([sections[one].mood.energy for one in owners])
    bars = []
    for number, (start, end) in enumerate(pairwise(lines)):
        before = owners[number - 1] if number else -1
        after = owners[number + 1] if number + 1 < len(owners) else -1
        turn = number > 0 and _turns(sections[before].mood, sections[owners[number]].mood)
        bars.append(
            Bar(
                number, float(start), float(end - start), sections[owners[number]].mood, owners[number],
                *roles[number], owners[number] != before, owners[number] != after, turn, float(loud[number]),
            )
        )  # fmt: skip
    return Plan(tuple(bars), final, metre, tempo, sections)


def _sections(request: ComposeRequest) -> tuple[float, tuple[Section, ...]]:
    """When the last chord is struck, and the sections before it."""
    length = request.duration_s
    asked = sorted(request.sections, key=lambda one: one.start_s)
    ends = [one.start_s for one in asked if one.role == "end" and one.start_s > 0]
    final = ends[-1] if ends else length - min(_RING_S, 0.35 * length)
    final = max(final, length - _LONGEST_RING_S)
    final = min(final, length - _LEAST_RING_S) if length > _LEAST_RING_S + _LEAST_MUSIC_S else 0.0
    found = [
        Section(max(0.0, one.start_s), mood_of(one.tone, request.style), one.role == "title")
        for one in asked
        if one.start_s < final and one.role != "end"
    ]
    if not found:
        tone = asked[0].tone if asked else ""
        found = [Section(0.0, mood_of(tone, request.style), False)]
    found[0] = found[0]._replace(start_s=0.0)
    return max(0.0, final), tuple(found)


def _share(sections: tuple[Section, ...], final: float, names: tuple[str, ...]) -> float:
    ends = [one.start_s for one in sections[1:]] + [final]
    spans = [(max(0.0, end - one.start_s), one.mood.name) for one, end in zip(sections, ends, strict=True)]
    return sum(span for span, name in spans if name in names) / max(1e-6, sum(span for span, _ in spans))


def _mean_tempo(sections: tuple[Section, ...], final: float) -> float:
    ends = [one.start_s for one in sections[1:]] + [final]
    weights = [max(0.01, end - one.start_s) for one, end in zip(sections, ends, strict=True)]
    logs = sum(weight * math.log(one.mood.tempo) for weight, one in zip(weights, sections, strict=True))
    return math.exp(logs / sum(weights))


def _bar_lines(
    sections: tuple[Section, ...], final: float, pace: float, metre: int
) -> tuple[NDArray[np.float64], float]:
    """Seconds of every bar line up to the last chord, and the tempo in beats a minute."""
    tempo = _mean_tempo(sections, final) * pace
    if final < _LEAST_MUSIC_S:
        return np.zeros(0), round(tempo, 1)
    starts = [one.start_s for one in sections[1:]]
    best: tuple[float, NDArray[np.float64]] | None = None
    for factor in np.linspace(0.88, 1.14, 27):
        lines = _laid(sections, final, tempo * float(factor), metre)
        met = _met(lines, starts)
        miss = sum(float(np.abs(met - start).min()) ** 2 for start in starts)
        cost = miss / max(1, len(starts)) + 3 * (float(factor) - 1) ** 2
        if best is None or cost < best[0] - 1e-9:
            best = cost, met
    assert best is not None
    lines = np.round(best[1], 4)
    return lines, round(60 * _BAR_BEATS[metre] * (len(lines) - 1) / final, 1)


def _laid(sections: tuple[Section, ...], final: float, tempo: float, metre: int) -> NDArray[np.float64]:
    """Bars in the tempo of their moods, which pull it a little their own way, and slower towards the end."""
    starts, lines = [one.start_s for one in sections], [0.0]
    mean = _mean_tempo(sections, final)
    while lines[-1] < final:
        mood = sections[max(0, bisect_right(starts, lines[-1] + 0.3) - 1)].mood
        lines.append(lines[-1] + 60 * _BAR_BEATS[metre] / tempo * (mean / mood.tempo) ** 0.35)
    # The number of bars that fits best, then all of them a little longer or shorter.
    if len(lines) > 2 and lines[-1] - final > final - lines[-2]:
        lines.pop()
    lengths = np.diff(np.array(lines))
    lengths[-2:] *= np.array([1.05, 1.12])[-lengths.size :]
    whole = np.concatenate([[0.0], np.cumsum(lengths)])
    laid: NDArray[np.float64] = whole * (final / whole[-1])
    return laid


def _met(lines: NDArray[np.float64], starts: list[float]) -> NDArray[np.float64]:
    """Bar lines moved towards the sections that begin near them, no bar stretched by more than _STRETCH."""
    shifts: dict[int, float] = {0: 0.0, len(lines) - 1: 0.0}
    for start in starts:
        near = int(np.abs(lines - start).argmin())
        if near not in shifts:
            shifts[near] = start - float(lines[near])
    anchors = sorted(shifts)
    for _ in range(24):
        for one, other in pairwise(anchors):
            span = float(lines[other] - lines[one])
            if abs(shifts[other] - shifts[one]) > _STRETCH * span:
                shifts[one], shifts[other] = 0.8 * shifts[one], 0.8 * shifts[other]
    moved: NDArray[np.float64] = lines + np.interp(np.arange(len(lines)), anchors, [shifts[one] for one in anchors])
    return moved


def _owner(sections: tuple[Section, ...], lines: NDArray[np.float64], number: int) -> int:
    """The section that is heard in a bar: the last that begins by about its first third."""
    limit = lines[number] + 0.36 * (lines[number + 1] - lines[number])
    return max(0, bisect_right([one.start_s for one in sections], limit) - 1)


def _turns(before: Mood, after: Mood) -> bool:
    return before.mode != after.mode or abs(before.energy - after.energy) > 0.24


def _roles(moods: list[Mood], random: np.random.Generator) -> list[tuple[Role, int]]:
    """What every bar is for: the opening, the return at turns, the way home, and what lies between."""
    count = len(moods)
    roles: list[tuple[Role, int] | None] = [None] * count
    home = 4 if count >= 9 else 2 if count >= 4 else 1
    for place in range(home):
        roles[count - home + place] = ("home", (0, 1, 2, 3)[4 - home + place] if home != 2 else (0, 3)[place])
    turns = [number for number in range(1, count - home) if _turns(moods[number - 1], moods[number])]
    # A title is often a bar long: its call is finished all the same, in the light of the shot that follows.
    short = 1 in turns
    _state(roles, 0, "theme", [turn for turn in turns if turn > 1], 2 if short else 4)
    for turn, following in pairwise([*turns, count - home]):
        # After a tune the new tone first speaks for itself; only where it grows bright the theme arrives with it.
        first = turn
        while first < following and (roles[first] or (roles[first - 1] and moods[turn].energy <= 0.7)):
            first += 1
        # A bar's breath before it comes home; half a call is worse than none.
        free = min(following, count - home - 1) - first
        if free >= 2:
            _state(roles, first, "variant", turns, 4 if free >= 4 and random.random() < 0.4 else 2)
    _fill(roles, turns, random)
    return [role or ("rest", 0) for role in roles]


def _state(roles: list[tuple[Role, int] | None], first: int, role: Role, turns: list[int], most: int) -> None:
    """The tune from a bar on, as much of it as fits before the tone turns again."""
    end = first
    while end < len(roles) and end - first < most and roles[end] is None and (end == first or end not in turns):
        end += 1
    length = end - first
    length = 2 if length == 3 else length
    for place in range(length):
        roles[first + place] = (role, place)


def _fill(roles: list[tuple[Role, int] | None], turns: list[int], random: np.random.Generator) -> None:
    """Bars between the statements: a rest to breathe, echoes, in long stretches another tune."""
    number = 0
    while number < len(roles):
        if roles[number] is not None:
            number += 1
            continue
        end = number
        while end < len(roles) and roles[end] is None and (end == number or end not in turns):
            end += 1
        free = end - number
        if free >= 6:
            for place in range(4):
                roles[number + 1 + place] = ("second" if random.random() < 0.6 or place else "variant", place)
            roles[number], free = ("rest", 0), 5
        else:
            for offset in range(free):
                last = offset == free - 1
                roles[number + offset] = ("bridge", 0) if last and free > 1 else ("echo" if offset % 2 else "rest", 0)
        number += free


def _loudness(energies: list[float]) -> NDArray[np.float64]:
    """From the moods' energy, without steps between bars, and a long arch over the film."""
    level = 0.5 + 0.5 * np.array(energies)
    padded = np.pad(level, 1, mode="edge")
    smooth = 0.2 * padded[:-2] + 0.65 * padded[1:-1] + 0.15 * padded[2:]
    arch = 0.92 + 0.08 * np.sin(np.pi * (np.arange(level.size) + 0.5) / level.size)
    loud: NDArray[np.float64] = smooth * arch
    return loud
