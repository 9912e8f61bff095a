"""Knows what an idea is about when it is about more than a wish: an heirloom, a first day, a lost glove, a lonely lamp.

Each topic is a plot with tellings of its own (``data/tellings``). The patterns of ``data/topics.toml`` are tried
before the grammar of wishes.
"""

from __future__ import annotations

import re
from functools import cache

from app.services.engines.builtin.script.being import Match
from app.services.engines.builtin.script.figures import kind_of
from app.services.engines.builtin.script.lexicon import table

_SEVERAL = re.compile(r"^[两二]|朋友|\b(?:two|friends)\b", re.IGNORECASE)


def topic(core: str, *, chinese: bool) -> Match | None:
    """The topic of an idea (simplified Chinese or English) without "write a story about"; None when we know none."""
    nobody = table("topics.toml")["nobody"].split()
    for plot, rule in _rules("zh" if chinese else "en"):
        found = rule.search(core)
        if not found or (plot == "found" and kind_of(found["friend"]) is None):
            continue
        parts = {key: (value or "").strip(" ,.!?“”") for key, value in found.groupdict().items()}
        count, hero = parts.pop("count", "").removeprefix("有"), parts.pop("hero", "")
        anybody = plot in nobody or (plot == "quarrel" and _SEVERAL.search(hero))
        return Match(plot, hero="" if anybody else count + hero, **parts)
    return None


@cache
def plots() -> frozenset[str]:
    """The plots that come from here."""
    rows = table("topics.toml")
    return frozenset(row["plot"] for language in ("zh", "en") for row in rows[language])


@cache
def _rules(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = table("topics.toml")
    words = rows["words"]
    return tuple((row["plot"], re.compile(_spelt(row["match"], words), re.IGNORECASE)) for row in rows[language])


def _spelt(pattern: str, words: dict[str, str]) -> str:
    """``pattern`` with its <words> put in; those may hold others."""
    for name, word in words.items():
        pattern = pattern.replace(f"<{name}>", word)
    return pattern
