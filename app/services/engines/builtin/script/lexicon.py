"""The words we know, read once from ``data``: beings, places, times, weather, moods."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from app.services.engines.builtin.script.language import Language

DATA = Path(__file__).parent / "data"
_GROUPS = ("place", "time", "weather", "season", "tone", "sound")
_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_BEFORE_A_BEING = {
    "a",
    "an",
    "the",
    "this",
    "that",
    "his",
    "her",
    "my",
    "our",
    "your",
    "their",
    "its",
    "little",
    "small",
    "tiny",
    "big",
    "old",
    "young",
    "baby",
    "brown",
    "white",
    "black",
    "red",
    "grey",
    "gray",
    "golden",
    "lonely",
    "brave",
    "shy",
    "clever",
    "two",
    "three",
    "great",
    "poor",
    "dear",
    "one",
}


class Hit(NamedTuple):
    """A known word in a text. ``start`` counts characters of the text that was scanned."""

    start: int
    group: str
    key: str
    word: str


@dataclass(frozen=True)
class Kind:
    """A kind of being, with its words in both languages."""

    key: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    sort: str
    home: str
    move: str
    count: str
    names: str
    sex: str
    coat: tuple[tuple[str, str], ...]


@dataclass
class Lexicon:
    kinds: dict[str, Kind]
    world: dict[str, Any]
    """The tables of world.toml: place, time, weather, season, tone, sound, gesture, style."""
    beings: dict[str, Any]
    """The other tables of kinds.toml: ``wear``, ``names``, ``helpers``, ``night_helpers``."""
    lines: dict[str, Any]
    _han: dict[str, dict[str, list[tuple[str, str]]]] = field(default_factory=dict)
    _latin: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _shy: set[str] = field(default_factory=set)

    def scan(self, text: str, language: Language | None = None) -> Iterator[Hit]:
        """Every known word of ``text`` (simplified Chinese, English or emoji), longest first at each place.

        For a ``language`` that we only retell, the few words that we know of such languages.
        """
        if language and not language.told:
            yield from _scan_tongues(text)
            return
        yield from self._scan_han(text)
        if re.search("[a-z]", text, re.IGNORECASE):
            yield from self._scan_latin(text.lower())

    def _scan_han(self, text: str) -> Iterator[Hit]:
        place, end = 0, len(text)
        while place < end:
            words = self._han.get(text[place])
            step = 1
            if words:
                for word, meanings in words.items():
                    if text.startswith(word, place):
                        yield from (Hit(place, group, key, word) for group, key in meanings)
                        step = len(word)
                        break
            place += step

    def _scan_latin(self, text: str) -> Iterator[Hit]:
        tokens = list(_TOKEN.finditer(text))
        skip = -1
        for i, token in enumerate(tokens):
            if i == skip:
                continue
            word = re.sub(r"['’]s$", "", token.group())
            pair = f"{word} {tokens[i + 1].group()}" if i + 1 < len(tokens) else ""
            if pair in self._latin:
                word, skip = pair, i + 1
            meanings = self._latin.get(word) or self._singular(word)
            shy = word in self._shy and not (i and tokens[i - 1].group() in _BEFORE_A_BEING)
            for group, key in meanings:
                if not (shy and group in ("kind", "season")):
                    yield Hit(token.start(), group, key, word)

    def _singular(self, word: str) -> list[tuple[str, str]]:
        for ending, instead in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
            if word.endswith(ending) and len(word) > len(ending) + 2:
                found = self._latin.get(word[: -len(ending)] + instead)
                if found:
                    return found
        return []

    def entry(self, table: str, text: str) -> tuple[str, dict[str, Any]]:
        """The entry of a table of lines.toml whose longest word stands in ``text``, or ``other``."""
        entries: dict[str, dict[str, Any]] = self.lines[table]
        words = set(_TOKEN.findall(text.lower()))
        best, longest = "other", 0
        for key, entry in entries.items():
            for word in entry["zh_words"].split():
                if len(word) > longest and word in text:
                    best, longest = key, len(word)
            for word in entry["en_words"].split():
                if len(word) > longest and word in words:
                    best, longest = key, len(word)
        return best, entries[best]


@cache
def lexicon() -> Lexicon:
    """The lexicon, loaded on first use (a few milliseconds) and kept."""
    beings, world = _load("kinds.toml"), _load("world.toml")
    kinds = {
        key: Kind(
            key=key,
            zh=tuple(row["zh"].split()),
            en=tuple(word.replace("_", " ") for word in row["en"].split()),
            sort=row["is"],
            home=row["home"],
            move=row["move"],
            count=row["count"],
            names=row["names"],
            sex=row.get("sex", ""),
            coat=tuple((zh, en) for zh, en in row["coat"]),
        )
        for key, row in beings.pop("kind").items()
    }
    found = Lexicon(kinds, world, beings, _load("lines.toml"))
    _index(found)
    return found


def _index(lexicon: Lexicon) -> None:
    han: dict[str, list[tuple[str, str]]] = defaultdict(list)
    latin: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, kind in lexicon.kinds.items():
        for word in kind.zh:
            han[word].append(("kind", key))
        for word in kind.en:
            latin[word].append(("kind", key))
    for group in _GROUPS:
        for key, row in lexicon.world[group].items():
            for word in row.get("zh_words", "").split():
                han[word].append((group, key))
            for word in row.get("en_words", "").split():
                latin[word.replace("_", " ")].append((group, key))
    ignore = lexicon.world["ignore"]
    for word in ignore["zh_words"].split():
        han.setdefault(word, [])
    lexicon._shy.update(ignore["en_shy"].split())
    lexicon._latin.update(latin)
    for word in sorted(han, key=len, reverse=True):
        lexicon._han.setdefault(word[0], {})[word] = han[word]


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def table(name: str) -> dict[str, Any]:
    """A file of ``data`` as it stands, read once."""
    return _load(name)


@cache
def _tongues() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    words = {
        word: (group, key)
        for group, rows in table("tongues.toml").items()
        for key, row in rows.items()
        for word in row.split()
    }
    longest = sorted(words, key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in longest if word[0] < "\u2e80")
    joint = "|".join(re.escape(word) for word in longest if word[0] >= "\u2e80")
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)|{joint}"), words


def _scan_tongues(text: str) -> Iterator[Hit]:
    pattern, words = _tongues()
    for match in pattern.finditer(text.lower()):
        yield Hit(match.start(), *words[match.group()], match.group())
