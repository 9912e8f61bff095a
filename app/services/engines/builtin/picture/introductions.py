"""Figures that the words introduce with their looks in brackets: 「阿强（外卖小哥，蓝色头盔）」, "Tom (keeper, beard)".

Such a bracket describes one figure and nothing else, so it is read once, here, and hidden from whoever looks for places
and things: a canvas bag that somebody carries is no easel, and a lighthouse keeper no lighthouse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.engines.builtin.picture.vocabulary import mentions, normal

_BRACKET = re.compile(r"([^,()。、;.!?:：；！？\n]{1,40}?) ?\(([^()]{1,240})\)")
_BEINGS = ("animal", "person", "role", "cast")
_ARTICLE = re.compile(r"^(?:an?|one) ")


@dataclass(frozen=True)
class Introduction:
    """Somebody with a name or a noun, the looks told of them, and how far their bracket reaches."""

    name: str
    looks: str
    start: int
    end: int


def introductions(text: str, names: Sequence[str] = ()) -> tuple[Introduction, ...]:
    """Everybody whom ``text`` (already normal) describes in brackets; ``names`` are the cast's."""
    found = []
    for match in _BRACKET.finditer(text):
        before, looks = match[1].strip(), match[2].strip()
        kinds = [m for m in mentions(f"{before}, {looks}", names) if m.section in _BEINGS]
        if not kinds:
            continue
        known = [n for n in names if normal(n).strip() and before.endswith(normal(n).strip())]
        name = normal(max(known, key=len)).strip() if known else _ARTICLE.sub("", before)
        found.append(Introduction(name, looks, match.start(2) - 1, match.end()))
    return tuple(found)


def without_looks(text: str, found: Sequence[Introduction]) -> str:
    """The text with the brackets blotted out, of the same length."""
    for one in found:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def without_names(text: str, names: Sequence[str]) -> str:
    """The text without the cast's names, of the same length: somebody called River is no river."""
    for name in sorted({normal(n).strip() for n in names}, key=len, reverse=True):
        if len(name) > 1:
            bound = (r"(?<![a-z])", r"(?![a-z])") if name.isascii() else ("", "")
            text = re.sub(bound[0] + re.escape(name) + bound[1], lambda m: " " * len(m.group()), text)
    return text
