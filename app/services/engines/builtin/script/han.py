"""Simplified and traditional characters: to read both alike and to answer in the script that was asked in."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "han.toml"


@cache
def _tables() -> tuple[dict[int, int], dict[int, int], re.Pattern[str], dict[str, str]]:
    """To simplified, to traditional, and the words that go before single characters."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    many, few = data["traditional"].replace("\n", ""), data["simplified"].replace("\n", "")
    down = {ord(t): ord(s) for t, s in zip(many, few, strict=True)}
    up: dict[int, int] = {}
    for t, s in zip(many, few, strict=True):
        if s not in data["stays"]:
            up.setdefault(ord(s), ord(t))
    up.update(dict(zip(map(ord, "“”‘’"), map(ord, "「」『』"), strict=True)))
    up.update({ord(pair[0]): ord(pair[1]) for pair in data["usual"].split()})
    words: dict[str, str] = data["words"]
    longest_first = sorted(words, key=len, reverse=True)
    return down, up, re.compile("|".join(map(re.escape, longest_first)) or r"(?!)"), words


def simplified(text: str) -> str:
    """The same text in simplified characters, of exactly the same length."""
    return text.translate(_tables()[0])


def traditional(text: str) -> str:
    """Our own simplified wording in traditional characters and with 「quotes」, of the same length."""
    _, up, pattern, words = _tables()
    out, last = [], 0
    for match in pattern.finditer(text):
        out += [text[last : match.start()].translate(up), words[match.group()]]
        last = match.end()
    return "".join([*out, text[last:].translate(up)])


def leans_traditional(text: str) -> bool:
    """Whether the text holds more characters that only traditional Chinese has than only simplified."""
    down, up, _, _ = _tables()
    many = sum(ord(c) in down for c in text)
    few = sum(ord(c) in up and ord(c) not in down and up[ord(c)] != ord(c) for c in text)
    return many > few
