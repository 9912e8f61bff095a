"""Where a subtitle may break, and how well: by phrase in Chinese, by balance in English, never inside a word.

The rules for characters that may not begin or end a line are those of W3C "Requirements for Chinese Text
Layout" (clreq) section 3.1 and JIS X 4051 (kinsoku). Widths are counted in half-width units: a Chinese
character is two, a Latin letter one. Nothing here draws; sizes in pixels come from the picture's size alone.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

SENTENCE, CLAUSE, PAUSE, WORD, UNKNOWN, INSIDE, FORCED = 0.0, 1.0, 2.0, 4.0, 6.0, 9.0, 14.0
"""Cost of a break after a sentence, a clause, an item of a list, a word, between Chinese characters that may or
may not be one word, inside a long run that the voice reported as one word, and where nothing else is possible."""

CLOSING = frozenset("，。、；：！？）》〉」』】〕〗〙”’…—～·％‰℃,.!?;:)]}%ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ")
OPENING = frozenset("（《〈「『【〔〖〘“‘([{￥$#＃")
SENTENCE_ENDS = frozenset("。！？!?…")
CLAUSE_ENDS = frozenset("，；：,;:—–")
QUOTES = frozenset("”’」』》）)]\"'】")
DROPPED = "，。、；"
"""Not shown at the end of a line, as Chinese subtitles have it; ？ and ！ stay."""
_POOR_STARTS = frozenset("的了着过吗呢吧们地得里上中下之過嗎們裡裏んをはがにのもへ")
_POOR_ENDS = frozenset("一这那在把被和与向从对于是不很每个没正已刚更最并将都就也又还")
_GOOD_STARTS = frozenset("在把被和与跟向从对但却又也就还都并而便将给让像看與從對卻還並將給讓")
_GOOD_ENDS = frozenset("了着们上里边們裡邊をはがに")
_LEANING = frozenset("住坐站放走跑飞来回躺挂送交飛來掛")
"""Verbs that take the preposition after them along: 住在, 飞到."""
_GROUPED = {"（": "）", "「": "」", "『": "』", "《": "》", "〈": "〉", "【": "】", "“": "”", "(": ")"}
_GROUP = 22
"""What stands between brackets or quotes stays together up to so many half-width units."""
_MEASURE = re.compile("[千公毫厘][克米里斤升]|平方|立方|[十百千万亿萬億][克米斤元年岁歲]")
_UNIT = re.compile(r"(?:[a-zµ°%]{1,3}|[kKMG]?(?:Hz|W|Wh|B|Pa)|km/h|years?|days?|hours?|a\.m\.|p\.m\.)(?![A-Za-z])")
"""Particles, prepositions and place words, which nearly always stand at the edge of a phrase: most voices report
Chinese by the character, so that the words themselves are not known."""
_POOR_WORDS = frozenset(
    re.findall(
        r"\S+",
        "a an the of to in on at by and or but for with from into as is was his her its my our your their no not",
    )
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_TITLE = re.compile(rf"(?:^|[\s(\"“'])(?:Mr|Mrs|Ms|Dr|St|Prof|vs|No|[A-Z]|{_MONTH})\.$")
"""Abbreviations that belong to the word after them."""
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:etc|[ap]\.m)\.$")
_SEAMS = frozenset("/?&=_-.#")
_SHORT_WORD = 7
_LONG_WORD = 6
"""A "word" of the voice with more Chinese characters than this is a phrase and may be broken."""


class Page(NamedTuple):
    """How much fits on one line of a picture, and in which manner it is broken."""

    limit: int
    """Half-width units on a line."""
    chinese: bool


def text_size(width: int, height: int) -> int:
    """Font size of subtitles in pixels (of the em): 5.2 % of the shorter side, 12 at least."""
    return max(12, round(0.052 * min(width, height)))


def page(width: int, height: int, language: str, text: str) -> Page:
    """Line length for a picture: 18 full-width characters or 42 letters at 16:9, fewer on a narrow one.

    ``language`` is a BCP 47 tag; empty: told from the characters of ``text``.
    """
    primary = language.replace("_", "-").split("-")[0].lower()
    chinese = primary in {"zh", "cmn", "yue", "ja", "ko"} if primary else _mostly_wide(text)
    room = width / (text_size(width, height) / 2)
    return Page(min(36, int(0.74 * room)) // 2 * 2, True) if chinese else Page(min(42, int(0.8 * room)), False)


def clean(text: str) -> str:
    """The same number of characters, with control characters and lone surrogates as spaces."""
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in text)


@lru_cache(maxsize=4096)
def char_width(char: str) -> int:
    """0 for what joins the character before it, 2 for full width, 1 else."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" or char in "“”‘’…—" else 1


def is_wide(char: str) -> bool:
    """Whether lines may break at this character without a space: Chinese and kana, not Hangul."""
    return unicodedata.east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7a3"


def is_spoken(char: str) -> bool:
    """Letters, digits and marks; neither punctuation nor space nor symbol."""
    return unicodedata.category(char)[0] in "LNM"


def shown(text: str) -> str:
    """A line as it is displayed: spaces collapsed, the punctuation of DROPPED gone from its end."""
    return " ".join(text.split()).rstrip(DROPPED + " ").lstrip(DROPPED + " ")


class Passage:
    """A text with every place where it may break."""

    def __init__(self, text: str, word_starts: Collection[int], limit: int) -> None:
        """``text`` is clean; ``word_starts`` are indexes in it, empty when words are not known."""
        self.text = text
        self.limit = limit
        self._sums = [0]
        for char in text:
            self._sums.append(self._sums[-1] + char_width(char))
        self.breaks = _breaks(text, word_starts)
        self._force()
        self.places = sorted(self.breaks)
        """All places of ``breaks``, in order."""

    def width(self, start: int, end: int) -> int:
        """Half-width units of text[start:end] as displayed (a collapsed run of spaces counts in full)."""
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and (self.text[end - 1] == " " or self.text[end - 1] in DROPPED):
            end -= 1
        return self._sums[end] - self._sums[start]

    def _force(self) -> None:
        """Let runs without any break that are wider than a line break, after a symbol or every third of a line."""
        edges = [0, *sorted(self.breaks), len(self.text)]
        for start, end in pairwise(edges):
            if self.width(start, end) <= self.limit:
                continue
            last = start
            for place in range(start + 1, end):
                before = self.text[place - 1]
                due = self._sums[place] - self._sums[last] >= self.limit // 3 or before in _SEAMS
                if due and not _joined(before, self.text[place]):
                    self.breaks[place] = FORCED - 2 * (before in _SEAMS)
                    last = place

    def fold(self, start: int, end: int, chinese: bool) -> tuple[float, int | None] | None:
        """The cost of showing text[start:end] on one or two lines and the place of the break, if any.

        None when it does not fit on two lines.
        """
        whole = self.width(start, end)
        if whole <= self.limit:
            return 0.0, None
        if whole > 2 * self.limit:
            return None
        best: tuple[float, int] | None = None
        begin, close = bisect_right(self.places, start), bisect_left(self.places, end)
        for place in self.places[begin:close]:
            first, second = self.width(start, place), self.width(place, end)
            if first > self.limit:
                break
            if second > self.limit:
                continue
            cost = self.breaks[place] + abs(first - second) / self.limit * (4 if chinese else 9)
            cost += 0.3 * (first > second)
            if not chinese and min(self._words(start, place), self._words(place, end)) == 1:
                cost += 6 if min(first, second) <= _SHORT_WORD else 1
            if best is None or cost < best[0]:
                best = cost, place
        return best

    def _words(self, start: int, end: int) -> int:
        return len(self.text[start:end].split())


def _mostly_wide(text: str) -> bool:
    letters = [char for char in text if unicodedata.category(char)[0] == "L"]
    return sum(char_width(char) == 2 for char in letters) * 4 > len(letters)


def _joined(before: str, after: str) -> bool:
    """Whether two characters are parts of one that a reader sees (accents, emoji sequences)."""
    return (
        unicodedata.category(after)[0] == "M"
        or "\u200d" in (before, after)
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")
    )


def _breaks(text: str, word_starts: Collection[int]) -> dict[int, float]:
    edges = sorted({*word_starts, len(text)})
    lengths = {start: end - start for start, end in pairwise(edges)}
    found: dict[int, float] = {}
    together = _together(text)
    word, before_word, last = 0, 0, " "
    for place in range(1, len(text)):
        before_word, word = (word, place) if place in lengths else (before_word, word)
        before, after = text[place - 1], text[place]
        last = before if before != " " else last
        if after == " " or _joined(before, after) or after in CLOSING or last in OPENING:
            continue
        cost = _cost(text, place, _edge(place, word, before_word, lengths))
        if cost is not None:
            found[place] = max(cost, FORCED) if place in together else cost
    return found


def _edge(place: int, word: int, before_word: int, lengths: dict[int, int]) -> float | None:
    """The cost of a break before ``place`` by what the voice said of its words, None inside a word."""
    if place not in lengths:
        return UNKNOWN if not lengths else (INSIDE if lengths.get(word, 0) > _LONG_WORD else None)
    return WORD if max(lengths[place], lengths.get(before_word, 0)) > 1 else UNKNOWN


def _cost(text: str, place: int, edge: float | None) -> float | None:
    """What a break before ``text[place]`` costs, None where there can be none."""
    before, after = text[place - 1], text[place]
    spaced = before == " "
    if not (spaced or is_wide(before) or is_wide(after) or before in "—–"):
        return INSIDE if before == "-" and after.isalpha() and text[place - 2 : place - 1].isalpha() else None
    ended = _punctuation(text, place)
    if ended is not None:
        return ended
    if spaced:
        return _cost_at_space(text, place)
    if before == "·" or (before.isdecimal() and is_wide(after)) or _MEASURE.match(text, max(0, place - 1)):
        return INSIDE
    if after in "（「『“" and edge is not None:
        return PAUSE + 1
    if edge is None or edge == INSIDE:
        return edge
    twins = before == after or (text[place - 2 : place - 1] == before and text[place + 1 : place + 2] == after)
    poor = 4 * (after in _POOR_STARTS) + 2 * (before in _POOR_ENDS) + 3 * twins
    if before in _LEANING and after in "在到":
        poor += 4
    elif before in _GOOD_ENDS or after in _GOOD_STARTS:
        edge = WORD
    return min(edge, (WORD + UNKNOWN) / 2) + poor if before == "的" else edge + poor


def _cost_at_space(text: str, place: int) -> float:
    """What a break at the space before ``text[place]`` costs: numbers keep their units, names stay together."""
    words = text[max(0, place - 24) : place].split()
    last, after = (words[-1] if words else ""), text[place]
    if last[-1:].isdecimal() and _UNIT.match(text, place):
        return INSIDE
    named = (last[:1].isascii() and last[:1].isupper() and last != "I") or last.isdecimal()
    if named and (after.isupper() or after.isdecimal()):
        return WORD + 2
    return WORD + 2.5 * (last.lower() in _POOR_WORDS) + 4 * (after in _POOR_STARTS)


def _together(text: str) -> set[int]:
    """Places between brackets or quotes that stand close enough to each other to stay on one line."""
    found: set[int] = set()
    open_at: list[tuple[str, int]] = []
    for place, char in enumerate(text):
        if char in _GROUPED:
            open_at.append((_GROUPED[char], place))
        elif open_at and char == open_at[-1][0]:
            start = open_at.pop()[1]
            if sum(map(char_width, text[start : place + 1])) <= _GROUP:
                found.update(range(start + 1, place + 1))
    return found


def _punctuation(text: str, place: int) -> float | None:
    """The cost of a break after the punctuation that ends just before ``place``; None if there is none."""
    end = place
    while end > 0 and (text[end - 1] == " " or text[end - 1] in QUOTES):
        end -= 1
    last = text[end - 1] if end else " "
    if last in SENTENCE_ENDS:
        return SENTENCE
    if last == "." and text[place - 1] == " ":
        tail = text[max(0, end - 7) : end]
        if _TITLE.search(tail):
            return INSIDE
        return WORD if _ABBREVIATION.search(tail) and not text[place].isupper() else SENTENCE
    if last in CLAUSE_ENDS:
        return CLAUSE
    return PAUSE if last == "、" else None
