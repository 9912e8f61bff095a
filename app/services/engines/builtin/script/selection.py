"""Chooses what a film tells of a text that is far longer than it: whole sentences in a row, from every part of it.

Each shot gets a window, one to four sentences that follow each other in the text, so that what is said together was
written together. A window is worth more when it names its people, does not lean on what was left out, speaks of what
the whole text speaks of, and when somebody important comes in; the beginning, the decisive deeds and the end are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import log, sqrt

from app.services.engines.builtin.script import beats
from app.services.engines.builtin.script.cast import Cast, Sentence
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.lexicon import lexicon
from app.services.engines.builtin.script.sentences import Unit

_LEAST_S, _MOST_S = 6.0, 11.8
"""What the words of a shot like to take."""
_UNCLEAR = 2.4
"""What it costs to begin with "he" when nobody can know who is meant; a third when it is the hero."""
_APART = 3.6
"""What it costs when a shot tells two windows that do not follow each other."""
_WEIGHED = 60
"""Windows of a part that are weighed in pairs."""
_LONGEST_S = 13.5
"""What the only sentence of a window may take."""
_MOST_UNITS = 4
_PRONOUN = re.compile(r"[他她它牠]|\b(?:he|she|it|they|his|her|him|them|their|its|this|these|those)\b", re.IGNORECASE)
_LED = re.compile(r"(?:[他她它牠]们?|He|She|It|They|His|Her|Its|Their)\b")
_LEANS_BACK = re.compile(
    r"^(?:但是?|可是?|然而|于是|所以|因此|而且|并且|不过|原来|果然|也|又|"
    r"(?:But|However|And|So|Then|Still|Yet|Nor|Or|Besides|Therefore|That|These|Those|Such|It was|It is)\b)"
)
_QUOTE = re.compile(r"[“”「」『』\"]")
_CLIMAX = (0.55, 0.97)
"""Where in a text its decisive deeds are looked for."""
_OPENING = 0.12
_DENSER = 1.6
"""How many shots more that part, and the opening, get."""


@dataclass(frozen=True)
class Window:
    """What one shot tells: units in a row, or twice a few in a row."""

    units: tuple[int, ...]
    worth: float
    length_s: float


@dataclass(frozen=True)
class Source:
    """A long text with what is known of every unit."""

    units: Sequence[Unit]
    sentences: Sequence[Sentence]
    lengths_s: Sequence[float]
    cast: Cast
    check: Callable[[], None]

    @cached_property
    def features(self) -> list[frozenset[str]]:
        return [_features(sentence.plain) for sentence in self.sentences]

    @cached_property
    def known(self) -> Counter[str]:
        """In how many sentences each word stands."""
        return Counter(word for words in self.features for word in words)

    @cached_property
    def shown(self) -> list[frozenset[int]]:
        """For every sentence, who is named in it outside of what is only said."""
        figures = [(i, figure.name.split("-")[0].lower(), figure.kind) for i, figure in enumerate(self.cast.figures)]
        out = []
        for sentence, here in zip(self.sentences, self.cast.present, strict=True):
            told = sentence.told.lower()
            kinds = {hit.key for hit in sentence.hits if hit.group == "kind" and told[hit.start] != "\0"}
            by_name = {i for i, name, kind in figures if simplified(name) in told or kind in kinds}
            out.append(here & by_name)
        return out

    @cached_property
    def leads(self) -> list[int]:
        """Figures that matter: in two sentences, and a twentieth as many as the most frequent; best first."""
        counts = Counter(figure for here in self.cast.present for figure in here)
        most = max(counts.values(), default=0)
        return [figure for figure, n in counts.most_common() if n >= max(2, most / 20)]


def select(source: Source, count: int) -> tuple[list[range], list[list[int]]]:
    """For ``count`` shots: the part of the text that each stands for, and the units that it tells (never none)."""
    parts = _parts(source, count)
    values = _values(source)
    chosen: list[Window] = []
    options: list[list[Window]] = []
    met: set[int] = set()
    for k, part in enumerate(parts):
        source.check()
        windows = _told(source, _windows(source, part, values), met, k, len(parts))
        best = max(windows, key=lambda window: window.worth)
        met |= _who(source, best)
        options.append(windows)
        chosen.append(best)
    chosen = _everybody(source, options, chosen)
    return parts, [list(window.units) for window in chosen]


def _parts(source: Source, count: int) -> list[range]:
    """Contiguous parts of the text, one a shot: the last sentences alone, and more where the story is decided."""
    total = len(source.units)
    opens = [unit.opens for unit in source.units]
    if count < 3:
        return beats.group(source.lengths_s, opens, count)
    end = total - 1
    room = _LONGEST_S - source.lengths_s[end]
    while end > total - _MOST_UNITS and (source.units[end].goes_on or source.lengths_s[end - 1] <= room):
        end -= 1
        room -= source.lengths_s[end]
    end = max(end, count - 1)
    early, late = round(_OPENING * total), [_CLIMAX[0] <= i / total <= _CLIMAX[1] for i in range(end)]
    weights = [source.lengths_s[i] * (_DENSER if late[i] or i < early else 1.0) for i in range(end)]
    return [*beats.group(weights, opens[:end], count - 1), range(end, total)]


def _features(plain: str) -> frozenset[str]:
    """Words, or pairs of characters, that carry what a sentence is about."""
    small = _small_words()
    latin = {word for word in re.findall(r"[a-zà-ÿ]{3,}", plain.lower()) if word not in small}
    han = re.findall(r"[\u4e00-\u9fff]{2,}", plain)
    return frozenset(latin | {run[i : i + 2] for run in han for i in range(len(run) - 1)})


@cache
def _small_words() -> frozenset[str]:
    return frozenset(lexicon().world["deeds"]["en_small"].split())


def _values(source: Source) -> list[float]:
    """What each unit is worth by itself."""
    words = lexicon().world["deeds"]
    han, latin = words["zh_words"].split(), set(words["en_words"].split())
    count = len(source.units)
    values: list[float] = []
    quoted = _inside_quotes(source.units)
    for i, sentence in enumerate(source.sentences):
        shared = sum(log(source.known[word]) for word in sorted(source.features[i]) if source.known[word] > 1)
        value = 0.55 * shared / sqrt(3.0 + len(source.features[i]))
        value += 0.35 * min(len(source.shown[i]), 3)
        deeds = sum(word in sentence.told for word in han)
        deeds += len(set(re.findall("[a-z]+", sentence.told.lower())) & latin)
        late = _CLIMAX[0] <= i / count <= _CLIMAX[1]
        value += min(deeds, 3) * (0.9 if late else 0.35)
        value += 0.25 * bool(source.units[i].opens)
        value -= 0.9 * quoted[i] + 0.5 * ("(" in sentence.text or "（" in sentence.text)
        value -= 0.5 * (sentence.plain[-1:] in "?？") + 0.3 * _strangers(source, i)
        values.append(value)
    return values


def _strangers(source: Source, i: int) -> int:
    """Names in a sentence that nobody of the cast has."""
    names = set(re.findall(r"(?<=[a-z,;] )[A-Z][a-z]{2,}", source.sentences[i].text))
    known = " ".join(figure.name for figure in source.cast.figures)
    return min(2, sum(name not in known for name in names))


def _inside_quotes(units: Sequence[Unit]) -> list[float]:
    """1 for words of somebody without who says them, 2 for a torn quotation, a little for speech that is told."""
    out: list[float] = []
    depth = 0
    for unit in units:
        if unit.opens:
            depth = 0
        begun = depth
        marks = _QUOTE.findall(unit.text)
        for mark in marks:
            depth = 1 - depth if mark == '"' else max(0, depth + (1 if mark in "“「『" else -1))
        bare = re.sub(r"[“「『\"].*?(?:[”」』\"]|$)", "", unit.text)
        torn = begun or depth
        out.append(3.0 if torn else 1.5 if marks and not re.search(r"\w", bare) else 0.6 * bool(marks))
    return out


def _windows(source: Source, part: range, values: Sequence[float]) -> list[Window]:
    """All windows within ``part`` that can be spoken; at least one."""
    out: list[Window] = []
    for start in part:
        length = 0.0
        for end in range(start + 1, min(part.stop, start + _MOST_UNITS) + 1):
            length += source.lengths_s[end - 1]
            if length > (_LONGEST_S if end == start + 1 else _MOST_S):
                break
            if _whole(source.units, start, end):
                out.append(Window(tuple(range(start, end)), _worth(source, start, end, values), length))
    shortest = min(part, key=lambda i: source.lengths_s[i])
    return out or [Window((shortest,), 0.0, source.lengths_s[shortest])]


def _told(source: Source, windows: Sequence[Window], met: set[int], k: int, count: int) -> list[Window]:
    """The best windows of a part and the best pairs of them, with what they are worth as its shot."""
    edge = _edge(source, k, count)
    rated = [(window.worth + _new(source, window, met) + edge(window), window) for window in windows]
    rated = sorted(rated, key=lambda pair: (-pair[0], pair[1].units))[:_WEIGHED]
    best = [replace(window, worth=worth) for worth, window in rated]
    pairs = []
    for a in best:
        now = met | _who(source, a)
        for _, b in rated:
            if a.units[-1] + 1 < b.units[0] and a.length_s + b.length_s <= _MOST_S:
                worth = a.worth + b.worth + _new(source, b, now) + edge(b) - _APART
                pairs.append(Window((*a.units, *b.units), worth, a.length_s + b.length_s))
    short = [replace(window, worth=window.worth - 0.4 * max(0.0, _LEAST_S - window.length_s)) for window in best]
    return [*short, *pairs]


def _whole(units: Sequence[Unit], start: int, end: int) -> bool:
    """Whether the window begins and ends with its sentences."""
    return not units[start].goes_on and not (end < len(units) and units[end].goes_on)


def _worth(source: Source, start: int, end: int, values: Sequence[float]) -> float:
    count = end - start
    worth = sum(values[start:end]) / float(count**0.6)
    first, plain = source.shown[start], source.sentences[start].plain
    told = source.sentences[start].told
    pronoun = _PRONOUN.search(told)
    led = _LED.match(plain) is not None
    if pronoun and (led or not first) and not _spoken_of(source.sentences[start], pronoun.start()):
        hero = set(source.leads[:1])
        worth -= _UNCLEAR / 3 if hero and source.cast.meant[start] == hero else _UNCLEAR
    worth -= 1.3 * bool(_LEANS_BACK.match(plain)) + 1.6 * (plain[:1] in '“「『"')
    worth -= 1.5 * (source.sentences[end - 1].plain[-1:] in ":：,，;；")
    worth += 0.5 * bool(first) + 0.2 * count
    worth -= 0.4 * sum(bool(unit.opens) for unit in source.units[start + 1 : end])
    return worth


def _spoken_of(sentence: Sentence, before: int) -> bool:
    """Whether the sentence itself says who its pronoun means: a man, the fox."""
    kinds = lexicon().kinds
    found = [kinds[hit.key] for hit in sentence.hits if hit.group == "kind" and hit.start < before]
    return any(kind.sort in ("animal", "person", "fantasy", "machine") for kind in found)


def _edge(source: Source, k: int, count: int) -> Callable[[Window], float]:
    """The film begins where the text begins and ends with its last sentence."""
    last = len(source.units) - 1
    if k == 0:
        return lambda window: 9.0 * (window.units[0] == 0) + 1.0 * (window.units[0] < 3)
    if k == count - 1:
        return lambda window: 9.0 * (window.units[-1] == last)
    return lambda window: 0.0


def _who(source: Source, window: Window) -> set[int]:
    return {figure for i in window.units for figure in source.cast.present[i]}


def _new(source: Source, window: Window, met: set[int]) -> float:
    """What it is worth that somebody who matters comes in, most of all where the text says what they are."""
    new = ({figure for i in window.units for figure in source.shown[i]} - met) & set(source.leads)
    kinds = {hit.key for i in window.units for hit in source.sentences[i].hits if hit.group == "kind"}
    said = sum(source.cast.figures[figure].kind in kinds for figure in new)
    return 0.6 * min(2, len(new)) + 1.2 * min(2, said)


def _everybody(source: Source, options: Sequence[Sequence[Window]], chosen: list[Window]) -> list[Window]:
    """``chosen`` with other windows where somebody who matters would be left out and nobody else is lost by it."""
    for figure in source.leads:
        source.check()
        if any(figure in _who(source, window) for window in chosen):
            continue
        counts = Counter(f for window in chosen for f in _who(source, window) & set(source.leads))
        best: tuple[float, int, Window] | None = None
        for k, windows in enumerate(options):
            only = {f for f in _who(source, chosen[k]) & set(source.leads) if counts[f] == 1}
            for window in windows:
                here = _who(source, window)
                if (
                    figure not in here
                    or not only <= here
                    or (k in (0, len(options) - 1) and _moved(window, chosen[k], k))
                ):
                    continue
                loss = chosen[k].worth - window.worth
                if best is None or loss < best[0]:
                    best = (loss, k, window)
        if best:
            chosen[best[1]] = best[2]
    return chosen


def _moved(window: Window, old: Window, k: int) -> bool:
    """Whether the first window would no longer begin, or the last no longer end, where it did."""
    return window.units[0] != old.units[0] if k == 0 else window.units[-1] != old.units[-1]
