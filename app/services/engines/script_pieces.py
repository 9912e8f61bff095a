"""Long stories in pieces that a model can take in: parted where the story itself pauses, and not a letter is lost.

A model does not say that a text was too long for it; some silently read only a part. So lengths are told beforehand,
in tokens and rather too high than too low, and whatever is longer is parted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_BREAKS = (
    re.compile(r"\n\s*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"[。！？!?…]+[”’」』）)】\"']*\s*|\.+[”’)\"']*\s+"),
    re.compile(r"[，、；,;：:]\s*|\s+"),
)
"""Ends of paragraphs, of lines, of sentences, of words: the best place to part first."""
_ASCII_A_TOKEN = 3.0


def tokens(text: str) -> int:
    """About how many tokens a text is to a model, rather more than less: one for each character that is not ASCII."""
    ascii_only = sum(char < "\x80" for char in text)
    return round(ascii_only / _ASCII_A_TOKEN) + len(text) - ascii_only


def parted(text: str, count: int) -> list[str]:
    """The text in at most ``count`` pieces of about one size, whose concatenation is the text.

    A piece ends with a paragraph if one ends near its place, else with a sentence, else with a word.
    """
    pieces: list[str] = []
    start, total = 0, tokens(text)
    sizes = _running(text)
    for number in range(1, count):
        goal = total * number / count
        reach = total / count * 0.35
        low, high = _place(sizes, goal - reach), _place(sizes, goal + reach)
        at = _break(text, max(low, start + 1), high, _place(sizes, goal))
        if start < at < len(text):
            pieces.append(text[start:at])
            start = at
    return [*pieces, text[start:]]


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` things shared out in proportion to the weights, at least one to each.

    Adds up to ``total``, or to one each if there are more weights than things.
    """
    rest = max(0, total - len(weights))
    whole = sum(weights) or 1
    exact = [1 + rest * weight / whole for weight in weights]
    given = [int(share) for share in exact]
    left = max(total, len(weights)) - sum(given)
    for index in sorted(range(len(weights)), key=lambda index: given[index] - exact[index])[:left]:
        given[index] += 1
    return given


def _running(text: str) -> list[float]:
    """Tokens before each character."""
    sums, total = [0.0], 0.0
    for char in text:
        total += 1 / _ASCII_A_TOKEN if char < "\x80" else 1.0
        sums.append(total)
    return sums


def _place(sums: list[float], goal: float) -> int:
    """The first index before which there are ``goal`` tokens."""
    low, high = 0, len(sums) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if sums[middle] < goal else (low, middle)
    return low


def _break(text: str, low: int, high: int, goal: int) -> int:
    """Where to part between ``low`` and ``high``: at the best kind of pause, the nearest to ``goal``."""
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, low, high)]
        if ends:
            return min(ends, key=lambda end: abs(end - goal))
    return min(max(goal, low), high)
