"""From the words of a shot to the names of sounds, by the longest word that is known."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_CLAUSE = re.compile(r"[、，,;；。.!！?？/|\n]+|\band\b|\bwith\b|\bover\b|伴着|夹杂")
_DENIED = re.compile(r"(没有|沒有|没|無|无|毫无|不见|听不到|\bno|\bnot|\bwithout|\bsilent) *[^ ]{0,2} *$")
_FAR = re.compile(r"远|遠|轻|輕|隐约|隱約|低低|细微|\b(distant|far|faint\w*|soft\w*|quiet\w*|gentle|gently|light)\b")
_NEAR = re.compile(r"巨|响亮|響亮|震|轰|狂|\b(loud\w*|heavy|roaring|huge|fierce\w*)\b")
_FAR_DB, _NEAR_DB = -3.0, 2.0
_MOST = 3
"""Sounds at once in one shot."""


class Entry(NamedTuple):
    name: str
    level_db: float
    times: int


class Heard(NamedTuple):
    """A sound that a shot asks for."""

    name: str
    level_db: float
    times: int


def heard_in(text: str) -> tuple[Heard, ...]:
    """The sounds that a text names, in its order, each once, at most three. What means no sound is passed over."""
    found: dict[str, Heard] = {}
    pattern, meanings = _pattern()
    for clause in _CLAUSE.split(text.lower()):
        nearness = (_FAR_DB if _FAR.search(clause) else 0.0) + (_NEAR_DB if _NEAR.search(clause) else 0.0)
        for match in pattern.finditer(clause):
            if _DENIED.search(clause[: match.start()]):
                continue
            word = match.group()
            names = meanings.get(word) or meanings.get(word.removesuffix("s")) or meanings.get(word.removesuffix("es"))
            for name in names or ():
                entry = entries()[name]
                found.setdefault(name, Heard(name, entry.level_db + nearness, entry.times))
    return tuple(found.values())[:_MOST]


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Every sound of the file."""
    return {
        name: Entry(name, float(table.get("level", 0.0)), int(table.get("times", 2)))
        for name, table in _tables().items()
        if name != "nothing"
    }


def words_of(name: str) -> list[str]:
    """The words that mean a sound, both languages."""
    table = _tables()[name]
    return [*table["zh"].split(), *(word.replace("_", " ") for word in table["en"].split())]


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _pattern() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    """One pattern of all words, the longest first, and what each means; words of no sound mean nothing."""
    meanings: dict[str, tuple[str, ...]] = {}
    for name in _tables():
        for word in words_of(name):
            meanings[word] = meanings.get(word, ()) + ((name,) if name != "nothing" else ())
    longest = sorted(meanings, key=lambda word: (-len(word), word))
    parts = [rf"\b{re.escape(word)}(?:s|es)?\b" if word.isascii() else re.escape(word) for word in longest]
    return re.compile("|".join(parts)), meanings
