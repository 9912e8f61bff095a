"""Word times for a recording in a language that nobody here reads: each word gets its share of the speech heard.

A word's share goes by its letters, pauses in the recording are taken for punctuation of the text where they fit, and
between two such places the words follow each other through what is voiced.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.models.engine import WordTime
from app.services.engines.builtin.speech import hearing, text

_PAUSE_S = 0.12
"""Shortest silence that may be a punctuation mark's."""
_SENTENCE_MARKS, _SOFT_MARKS = "。！？!?…\n.", "，,、；;：:—"
_LETTER, _SYLLABLE = 0.4, 1.0
"""Shares of a letter of an alphabet and of a character that is a syllable."""
_STRAY = 0.12
"""Of the whole speech: what passing over a sentence's end costs, as a distance between a mark and its pause."""


def shared_out(said: str, theirs: hearing.Heard) -> list[WordTime]:
    """Every word of ``said`` in order, inside the sound; nothing for a text without words."""
    units = _units(said)
    if not units or theirs.duration_s <= 0:
        return []
    starts = [text.with_opening_marks(said, unit) for unit in units]
    limits = [*starts[1:], len(said)]
    weights = np.array([_weight(said[begin:end]) for begin, end in zip(starts, limits, strict=True)])
    # Both clocks run from 0 to 1 over what is spoken: the text's by shares, the recording's by voiced time.
    begun = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
    stretches = theirs.stretches(gap_s=_PAUSE_S) or [(0.0, theirs.duration_s)]
    voiced = np.concatenate([[0.0], np.cumsum([end - begin for begin, end in stretches])])
    marks = [(index + 1, _strength(said[begin:end])) for index, (begin, end) in
             enumerate(zip(starts[:-1], limits[:-1], strict=True)) if _strength(said[begin:end])]  # fmt: skip
    matched = _matched([(begun[index], strength) for index, strength in marks], voiced[1:-1] / voiced[-1])
    anchors = [
        (0.0, 0.0),
        *((begun[marks[mark][0]], voiced[gap + 1] / voiced[-1]) for mark, gap in matched),
        (1.0, 1.0),
    ]
    clock = np.interp(begun, *np.array(anchors).T) * voiced[-1]
    begins = [_at(share, stretches, voiced, first=True) for share in clock[:-1]]
    ends = [_at(share, stretches, voiced, first=False) for share in clock[1:]]
    return [
        WordTime(offset=start, length=limit - start, start_s=begin, end_s=max(begin, end))
        for start, limit, begin, end in zip(starts, limits, begins, ends, strict=True)
    ]


def _units(said: str) -> list[int]:
    """Where every word begins."""
    found: list[int] = []
    position: int | None = 0
    while position is not None and position < len(said):
        position = text.unit_start(said, position)
        if position is None:
            break
        if not found or position > found[-1]:
            found.append(position)
        position = max(position, found[-1]) + 1
        while position < len(said) and text.unit_start(said, position) == found[-1]:
            position += 1
    return found


def _weight(word: str) -> float:
    total = 0.0
    for character in word:
        if not character.isalnum():
            continue
        alphabetic = unicodedata.category(character) in ("Ll", "Lu", "Lt") and ord(character) < 0x2E80
        total += _LETTER if alphabetic else _SYLLABLE
    return max(total, _LETTER)


def _strength(word: str) -> float:
    """1 where the word ends a sentence, a half before a comma, else 0."""
    tail = word.rstrip("\"'”’」』）)] \t")[-1:]
    if word.rstrip(" \t")[-1:] == "\n" or (tail and tail in _SENTENCE_MARKS):
        return 1.0
    return 0.5 if tail and tail in _SOFT_MARKS else 0.0


def _matched(marks: list[tuple[float, float]], gaps: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Which mark is which gap, in order: least distance in all, where a mark or a gap may also stand alone."""
    rows, columns = len(marks) + 1, len(gaps) + 1
    cost = np.zeros((rows, columns))
    for row in range(1, rows):
        place, strength = marks[row - 1]
        cost[row, 0] = cost[row - 1, 0] + _STRAY * strength
        for column in range(1, columns):
            cost[0, column] = cost[0, column - 1] + _STRAY / 2
            cost[row, column] = min(
                cost[row - 1, column - 1] + abs(place - gaps[column - 1]),
                cost[row - 1, column] + _STRAY * strength,
                cost[row, column - 1] + _STRAY / 2,
            )
    found: list[tuple[int, int]] = []
    row, column = rows - 1, columns - 1
    while row and column:
        place, strength = marks[row - 1]
        if cost[row, column] == cost[row - 1, column - 1] + abs(place - gaps[column - 1]):
            row, column = row - 1, column - 1
            found.append((row, column))
        elif cost[row, column] == cost[row - 1, column] + _STRAY * strength:
            row -= 1
        else:
            column -= 1
    return found[::-1]


def _at(share_s: float, stretches: list[tuple[float, float]], voiced: NDArray[np.float64], *, first: bool) -> float:
    """Seconds in the recording after so many seconds of speech: at a pause its end (``first``) or its beginning."""
    for (begin, end), (before, after) in zip(stretches, pairwise(voiced), strict=True):
        if share_s < after - 1e-9 or (not first and share_s <= after + 1e-9):
            return float(min(end, begin + max(0.0, share_s - before)))
    return float(stretches[-1][1])
