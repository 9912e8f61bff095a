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


@lru_cache(maxsize=1)
def _index() -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, list[Meaning]] = {}
    for section, names in lexicon().items():
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
    index = _index()
    cast = {normal(name).strip(): str(i) for i, name in enumerate(names) if name.strip()}
    tokens = list(_TOKEN.finditer(text))
    found: list[Mention] = []
    i = 0
    while i < len(tokens):
        taken = 0
        for span in range(min(10, len(tokens) - i), 0, -1):
            first, last = tokens[i], tokens[i + span - 1]
            phrase = text[first.start() : last.end()]
            if len(phrase) > 30 or (span > 1 and "\n" in phrase):
                continue
            meanings: tuple[Meaning, ...] = (("cast", cast[phrase]),) if phrase in cast else ()
            for form in () if meanings else _singular(phrase) if phrase.isascii() else (phrase,):
                meanings = meanings or ((("cast", cast[form]),) if form in cast else index.get(form, ()))
            if meanings:
                found += [Mention(s, n, first.start(), last.end(), phrase) for s, n in meanings]
                taken = span
                break
        i += taken or 1
    return tuple(found)
