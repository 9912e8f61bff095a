"""Subtitles by the spoken words: what is shown, on how many lines, from when to when.

A cue appears with its first word and stays until shortly after its last. Which words share a cue is the
cheapest way through all legal breaks (dynamic programming): sentences and clauses stay together, a cue is
neither too short to read nor longer than two lines or six seconds.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from app.models.engine import Plain, WordTime
from app.models.timeline import Cue, Subtitle, SubtitleStyle, Timeline
from app.services.media.line_breaking import (
    PAUSE,
    SENTENCE,
    Page,
    Passage,
    clean,
    is_spoken,
    is_wide,
    page,
    shown,
)
from app.services.media.subtitle_files import to_srt, to_vtt

if TYPE_CHECKING:
    from app.services.media.overlay import Overlay

__all__ = ["TimedText", "cues", "draw", "film_subtitles", "segment_cues", "to_srt", "to_vtt"]

SHORTEST_S = 0.8
COMFORTABLE_S = 1.3
LONGEST_S = 6.0
HOLD_S = 0.3
"""How long a cue stays after its last word when nothing follows."""
_FLICKER_S = 0.15
"""A gap between two cues that is shorter would only flicker: the first one stays."""
_RATE = 4.5
"""Chinese characters a second, when neither words nor a duration are known."""


class TimedText(Plain):
    """One cue, in seconds from the narration's start; at most two lines, broken by ``\\n``."""

    start_s: float
    end_s: float
    text: str


def cues(
    text: str,
    words: Sequence[WordTime],
    language: str,
    *,
    width: int,
    height: int,
    duration_s: float | None = None,
) -> list[TimedText]:
    """``text`` as cues for a picture of ``width`` x ``height`` pixels, in order and never two at once.

    ``words`` are the engine's word times; without any the text is spread over ``duration_s`` by the weight of
    its characters. ``language`` is a BCP 47 tag, empty: told from the text. A text without a letter or digit or
    symbol has no cues.
    """
    text = clean(text)
    clock = _Clock(text, words, duration_s)
    layout = page(width, height, language, text)
    passage = Passage(text, clock.starts if clock.known else (), layout.limit)
    found: list[tuple[float, float, str]] = []
    for start, end, place in _choose(passage, clock, layout):
        pieces = (text[start:end],) if place is None else (text[start:place], text[place:end])
        lines = [line for line in (shown(piece) for piece in pieces) if line]
        if any(unicodedata.category(char)[0] in "LNS" for line in lines for char in line):
            found.append((clock.start(start), clock.end(end), "\n".join(lines)))
    return _timed(found)


def segment_cues(timeline: Timeline, per_shot: Sequence[Sequence[TimedText]]) -> list[tuple[Cue, ...]]:
    """The cues of every segment of ``timeline`` in the segment's own frames, both ends inclusive.

    ``per_shot`` holds one list per shot, times relative to its narration. A cue that goes on in the next segment
    is in both; where a cue of the next shot begins, the one before ends.
    """
    placed: list[tuple[int, int, str]] = []
    for subtitle in film_subtitles(timeline, per_shot):
        first = round(subtitle.start * timeline.fps)
        last = max(first, round(subtitle.end * timeline.fps) - 1)
        if placed and placed[-1][1] >= first:
            first = placed[-1][1] + 1
        if first <= last < timeline.frames:
            placed.append((first, last, subtitle.text))
    ends = [last for _, last, _ in placed]
    result: list[tuple[Cue, ...]] = []
    for segment in timeline.segments:
        inside: list[Cue] = []
        for first, last, words in placed[bisect_left(ends, segment.start) :]:
            if first >= segment.start + segment.frames:
                break
            begin, end = max(first - segment.start, 0), min(last - segment.start, segment.frames - 1)
            inside.append(Cue(first=begin, last=end, text=words))
        result.append(tuple(inside))
    return result


def film_subtitles(timeline: Timeline, per_shot: Sequence[Sequence[TimedText]]) -> list[Subtitle]:
    """All cues in exact film time, in order, none overlapping, none outside its own shot.

    Raises ValueError when ``per_shot`` has not one list for every shot.
    """
    found: list[Subtitle] = []
    for span, texts in zip(timeline.spans, per_shot, strict=True):
        spoken = Fraction(span.start + span.speech_at, timeline.fps)
        close = Fraction(span.start + span.frames, timeline.fps)
        for text in texts:
            start = spoken + Fraction(round(text.start_s * 1000), 1000)
            end = min(spoken + Fraction(round(text.end_s * 1000), 1000), close)
            if found and found[-1].end > start:
                earlier = found.pop()
                if earlier.start < start:
                    found.append(earlier.model_copy(update={"end": start}))
            if start < end:
                found.append(Subtitle(start=start, end=end, text=text.text))
    return found


def draw(text: str, width: int, height: int, font: str = "", style: SubtitleStyle = SubtitleStyle()) -> Overlay:
    """``text`` (lines broken by ``\\n``) as it is laid over a frame of ``width`` x ``height`` pixels.

    Whatever ``style`` says, letters stand out from what is around them by at least 4.5 to 1 over any picture.
    ``font`` is a font file; empty: the font inside OpenCV. Characters that it lacks are left out
    (``text.undrawable`` tells which); with nothing left the overlay is transparent.
    """
    from app.services.media.text import draw_subtitle  # OpenCV loads with the first picture, not with the words

    return draw_subtitle(text, width, height, font, style)


class _Clock:
    """When the words at a place of the text begin and end."""

    def __init__(self, text: str, words: Sequence[WordTime], duration_s: float | None) -> None:
        self._sums = [0.0]
        for char in text:
            self._sums.append(self._sums[-1] + _weight(char))
        self._text = text
        self.starts: list[int] = []
        self._spans: list[_Spoken] = []
        moment = 0.0
        for word in sorted(words, key=lambda each: each.offset):
            if not 0 <= word.offset < len(text) or (self.starts and word.offset == self.starts[-1]):
                continue
            begin = max(moment, word.start_s)
            moment = max(begin, word.end_s)
            self.starts.append(word.offset)
            self._spans.append(_Spoken(word.offset, begin, moment))
        self.known = bool(self._spans)
        if not self.known:
            self.starts = [0]
            self._spans = [_Spoken(0, 0.0, duration_s or self._sums[-1] / _RATE)]

    def start(self, place: int) -> float:
        """When the first word at or after ``place`` begins, seconds."""
        while place < len(self._text) - 1 and not is_spoken(self._text[place]):
            place += 1
        return self._at(place, max(0, bisect_right(self.starts, place) - 1))

    def end(self, place: int) -> float:
        """When the last word before ``place`` ends, seconds."""
        while place > 1 and not is_spoken(self._text[place - 1]):
            place -= 1
        return self._at(place, max(0, bisect_left(self.starts, place) - 1))

    def _at(self, place: int, index: int) -> float:
        """The moment of ``place`` within the word ``index``, by the weight of its characters."""
        span = self._spans[index]
        close = self.starts[index + 1] if index + 1 < len(self.starts) else len(self._text)
        while close > span.offset + 1 and not is_spoken(self._text[close - 1]):
            close -= 1
        total = self._sums[close] - self._sums[span.offset]
        part = (self._sums[min(place, close)] - self._sums[span.offset]) / total if total else 0.0
        return span.start_s + min(max(part, 0.0), 1.0) * (span.end_s - span.start_s)


class _Spoken(NamedTuple):
    offset: int
    start_s: float
    end_s: float


def _weight(char: str) -> float:
    """How long a character takes to say, a Chinese one being 1, a pause counted with its punctuation."""
    if is_spoken(char):
        return 1.0 if is_wide(char) or char.isdigit() else 0.32
    if char in "。！？!?…":
        return 1.8
    return 1.0 if char in "，；：、,;:—." else 0.05


def _choose(passage: Passage, clock: _Clock, layout: Page) -> list[tuple[int, int, int | None]]:
    """The cheapest cues: (start, end, place of the line break)."""
    places = [0, *passage.places, len(passage.text)]
    starts = [clock.start(place) for place in places]
    best: list[tuple[float, int, int | None]] = [(float("inf"), 0, None) for _ in places]
    best[0] = (0.0, 0, None)
    for i, start in enumerate(places[:-1]):
        crossed = 0
        for j in range(i + 1, len(places)):
            end = places[j]
            folded = passage.fold(start, end, layout.chinese)
            if folded is None and j > i + 1 and passage.width(start, end) > 2 * layout.limit:
                break
            until = clock.end(end) + HOLD_S
            seen = until if j == len(places) - 1 else min(starts[j], max(until, starts[i] + SHORTEST_S))
            cost = best[i][0] + _cue_cost(passage, start, end, folded, seen - starts[i], layout)
            whole = end == places[-1] or passage.breaks[end] == SENTENCE
            cost += crossed * (0.8 if whole else 3.0)
            if cost < best[j][0]:
                best[j] = (cost, i, folded[1] if folded else None)
            crossed += passage.breaks.get(end) == SENTENCE
    chosen: list[tuple[int, int, int | None]] = []
    j = len(places) - 1
    while j > 0:
        _, i, place = best[j]
        chosen.append((places[i], places[j], place))
        j = i
    return chosen[::-1]


def _cue_cost(
    passage: Passage, start: int, end: int, folded: tuple[float, int | None] | None, seconds: float, layout: Page
) -> float:
    """How bad text[start:end] is as one cue that is seen for ``seconds``."""
    cut = passage.breaks.get(end, 0.0)
    cost = 1.0 + (cut if cut <= PAUSE else 2 * cut)
    if folded is None:
        cost += 50.0
    elif folded[1] is not None:
        cost += 0.5 * folded[0] + (1.5 if layout.chinese else 0.2)
    if seconds < SHORTEST_S:
        cost += 12 * (SHORTEST_S - seconds) + 0.75
    elif seconds < COMFORTABLE_S:
        cost += 1.5 * (COMFORTABLE_S - seconds)
    elif seconds > LONGEST_S:
        cost += 4 + 12 * (seconds - LONGEST_S)
    if passage.width(start, end) < 8:
        cost += 1.0
    return cost


def _timed(found: Sequence[tuple[float, float, str]]) -> list[TimedText]:
    """Hold every cue a little after its words and until it can be read, but never into the next one."""
    result: list[TimedText] = []
    for index, (start, end, text) in enumerate(found):
        until = max(end + HOLD_S, start + SHORTEST_S)
        if index + 1 < len(found):
            follows = found[index + 1][0]
            until = follows if until + _FLICKER_S > follows else until
        if until > start:
            result.append(TimedText(start_s=round(start, 3), end_s=round(until, 3), text=text))
    return result
