"""The picture's vocabulary: ``lexicon.json`` (data that a person can add to) and finding its words in a text.

Chinese and English alike, the longest match first. Nothing here knows what a word means for a picture.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LONGEST_TEXT = 4000
"""Characters of a field that are read; a picture cannot show more."""
_TOKEN = re.compile(r"[a-z][a-z'-]*|[0-9]+|[^\x00-\x7f]")

_LONGEST_WORD = 10
"""Tokens of a word of the lexicon or a name, at most."""

Meaning = tuple[str, str]


@dataclass(frozen=True)
class Mention:
    """A word of the lexicon found in a text."""

    section: str
    name: str
    start: int
    end: int
    word: str


@lru_cache(maxsize=1)
def lexicon() -> dict[str, dict[str, tuple[str, ...]]]:
    """The lexicon as section -> name -> words."""
    raw = json.loads((Path(__file__).parent / "lexicon.json").read_text(encoding="utf-8"))
    return {
        section: {name: tuple(words.split("|")) for name, words in names.items()}
        for section, names in raw.items()
        if isinstance(names, dict)
    }


_RULES = ("shy", "food")
"""Sections that say how words are to be understood and name nothing."""
_NOUNS = frozenset({"animal", "person", "place", "prop", "vehicle", "building", "plant", "season", "age", "wear"})


@lru_cache(maxsize=1)
def _index() -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, list[Meaning]] = {}
    for section, names in lexicon().items():
        if section in _RULES:
            continue
        for name, words in names.items():
            for word in words:
                found.setdefault(word, []).append((section, name))
    return {word: tuple(dict.fromkeys(meanings)) for word, meanings in found.items()}


def normal(text: str) -> str:
    """Lower case, full-width forms folded, shortened to what is read."""
    return unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).lower()


def _singular(word: str) -> Iterator[str]:
    yield word
    if word.endswith("'s"):
        yield word[:-2]
    if len(word) > 3 and word.endswith("s"):
        yield word[:-1]
        if word.endswith("es"):
            yield word[:-2]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        if word.endswith("ves"):
            yield word[:-3] + "f"


def mentions(text: str, names: Sequence[str] = ()) -> tuple[Mention, ...]:
    """All words of the lexicon in ``text`` (already normal), left to right, none overlapping another.

    ``names`` are the cast's names; they win over the lexicon and come as section ``cast`` with the index as name.
    """
    return _mentions(text, tuple(names))


@lru_cache(maxsize=64)
def _mentions(text: str, names: tuple[str, ...]) -> tuple[Mention, ...]:
    """Every question about a text asks for its words anew, so the last few texts are remembered."""
    cast = {normal(name).strip(): str(i) for i, name in enumerate(names) if name.strip()}
    tokens = list(_TOKEN.finditer(text))
    found: list[Mention] = []
    i = 0
    while i < len(tokens):
        span, meanings = _longest(text, tokens, i, _LONGEST_WORD, cast)
        if span > 1:  # a longer word that begins inside this one wins: of 小貓頭鷹 the owl, not the kitten
            cut = _overtaken(text, tokens, i, span, cast)
            if cut:
                span, meanings = _longest(text, tokens, i, cut, cast)
        if meanings:
            first, last = tokens[i], tokens[i + span - 1]
            word = text[first.start() : last.end()]
            meant = meanings if meanings[0][0] == "cast" else _meant(text, tokens, i, word, meanings)
            found += [Mention(s, n, first.start(), last.end(), word) for s, n in meant]
        i += span or 1
    return tuple(found)


def _longest(
    text: str, tokens: Sequence[re.Match[str]], i: int, most: int, cast: dict[str, str]
) -> tuple[int, tuple[Meaning, ...]]:
    """How many tokens from ``i`` on, at most ``most``, make the longest known word, and its meanings."""
    index = _index()
    for span in range(min(most, len(tokens) - i), 0, -1):
        phrase = text[tokens[i].start() : tokens[i + span - 1].end()]
        if len(phrase) > 30 or (span > 1 and "\n" in phrase):
            continue
        for form in _singular(phrase) if phrase.isascii() else (phrase,):
            meanings: tuple[Meaning, ...] = (("cast", cast[form]),) if form in cast else index.get(form, ())
            if meanings:
                return span, meanings
    return 0, ()


def _overtaken(text: str, tokens: Sequence[re.Match[str]], i: int, span: int, cast: dict[str, str]) -> int:
    """How many tokens are left of a word of ``span`` before a longer one begins inside it and goes on; 0: none does."""
    if _longest(text, tokens, i, span, cast)[1][0][0] == "cast":
        return 0
    length = tokens[i + span - 1].end() - tokens[i].start()
    for j in range(i + 1, i + span):
        other, _ = _longest(text, tokens, j, _LONGEST_WORD, cast)
        if j + other > i + span and tokens[j + other - 1].end() - tokens[j].start() > length:
            return j - i
    return 0


@lru_cache(maxsize=1)
def _rules() -> dict[str, frozenset[str]]:
    """The words of the sections ``shy`` and ``food`` by their names."""
    return {f"{s} {name}": frozenset(words) for s in _RULES for name, words in lexicon().get(s, {}).items()}


def _meant(
    text: str, tokens: Sequence[re.Match[str]], i: int, word: str, meanings: tuple[Meaning, ...]
) -> tuple[Meaning, ...]:
    """The meanings that a word can have where it stands: "can bear" is no bear, and bread and fish are a meal."""
    rules = _rules()
    if i and word in rules["shy words"] and text[tokens[i - 1].end() : tokens[i].start()] == " ":
        before = tokens[i - 1].group()
        if before in rules["shy after"] or before.endswith("n't"):
            meanings = tuple(m for m in meanings if m[0] not in _NOUNS)
    served = next((form for form in _singular(word) if form in rules["food beings"]), "")
    if served:
        back = text[max(0, tokens[i].start() - (24 if word.isascii() else 4)) : tokens[i].start()]
        back = re.split(r"[。.!?;！？；]", back)[-1]
        said = {form for token in re.findall(r"[a-z]+", back) for form in _singular(token)}
        if said & rules["food near"] or any(not n.isascii() and n in back for n in rules["food near"]):
            meanings = tuple(m for m in meanings if m[0] not in ("animal", "person"))
    return meanings
