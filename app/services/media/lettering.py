"""Sets the words of a title: broken by phrase, as large as fits, letter by letter in a hand, across or downwards."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import NamedTuple

import cv2
import numpy as np

from app.services.media.fonts import Face, Mask, drawable
from app.services.media.hands import Hand, face_for, fine_scale, shaped, wandering
from app.services.media.line_breaking import Passage, is_wide

MOST_LINES = 3
_LEAST, _SMALLEST = 7, 0.28
"""The smallest em, in pixels and as a share of the largest wanted: words that would be smaller are shortened."""
_DOTS = "…"
_OPEN = 22
"""Characters up to which a title can afford wide spaces between its letters."""
PITCH = 1.24
"""From baseline to baseline, and from column to column, in ems."""
ABOVE, BELOW, BESIDE = 1.0, 0.3, 0.16
"""Room above the first baseline, below the last and at the sides, in ems: descenders, accents, the hand's strokes."""
_TURNED = frozenset("…—–～〜ー-（）《》〈〉「」『』【】：；()")
"""What is turned in a column; stops move to its upper right instead."""
_STOPS = frozenset("，。、,.")


class Setting(NamedTuple):
    """Words ready to be drawn."""

    lines: tuple[str, ...]
    size: int
    """Of the em, pixels."""
    face: Face
    hand: Hand
    widths: Mapping[str, float]
    """Of every character, ems."""
    own: bool
    """Whether the font is a file of the user's."""
    down: bool = False
    """Set in columns, the first at the right."""

    @property
    def height(self) -> int:
        """Pixels from the top of the first line to the bottom of the last."""
        if self.down:
            return round(self.size * (max(len(line) for line in self.lines) * _pitch_down(self.hand) + 0.1))
        return round(self.size * (1 + PITCH * (len(self.lines) - 1)))

    @property
    def width(self) -> int:
        if self.down:
            return round(self.size * (1 + PITCH * (len(self.lines) - 1)))
        return round(max(_length(line, self) for line in self.lines))


def fit(
    words: str, width: int, height: int, largest: int, font: str, hand: Hand, most: int = MOST_LINES
) -> Setting | None:
    """``words`` in at most ``most`` lines within ``width`` x ``height`` pixels, no larger than ``largest``.

    What would be much smaller is shortened. None when the font has nothing of the words.
    """
    words = words.upper() if hand.capitals else words
    if len(words) > _OPEN:
        hand = hand._replace(track=min(hand.track, 0.1))
    face = face_for(words, font, hand)
    words = drawable(words, face)
    least = max(_LEAST, round(largest * _SMALLEST))
    while words:
        blank = Setting((), 0, face, hand, _widths(words, face), bool(font))
        setting = _largest(words, (width, height), (least, largest), blank, most)
        if setting.size >= least or len(words) <= 2:
            return setting
        words = _shortened(words)
    return None


def _shortened(words: str) -> str:
    """A twelfth less, between words where there are any, with dots for what is missing."""
    kept = words.rstrip(_DOTS)[: -max(1, len(words) // 12)]
    head, space, _ = kept.rpartition(" ")
    return (head if space and len(head) > len(kept) // 2 else kept).rstrip(" ,，、：:") + _DOTS


def _largest(words: str, room: tuple[int, int], sizes: tuple[int, int], blank: Setting, most: int) -> Setting:
    """The best way to break ``words``, as large as fits the room and the second of ``sizes``."""
    width, height = room
    found: list[tuple[float, Setting]] = []
    for cost, lines in _broken(words, most):
        size = max(1, min(sizes[1], int(height / (1 + PITCH * (len(lines) - 1)))))
        setting = blank._replace(lines=lines, size=size)
        if setting.width > width:
            setting = setting._replace(size=max(1, int(size * width / setting.width)))
        while setting.size > 1 and setting.width > width:
            setting = setting._replace(size=setting.size - 1)
        # A line more has its price, a poor break a greater one.
        value = setting.size * 0.86**cost * 0.9 ** (len(lines) - 1)
        found.append((value if setting.size >= sizes[0] else value / 100, setting))
    return max(found, key=lambda one: one[0])[1]


def fit_down(words: str, width: int, height: int, largest: int, font: str, hand: Hand) -> Setting | None:
    """``words`` in one or two columns, or None where they are not Chinese, too long, or would be too small."""
    face = face_for(words, font, hand)
    words = drawable(words, face)
    if not words or not all(is_wide(char) or char in _TURNED for char in words):
        return None
    widths = _widths(words, face)
    for most in (1, 2):
        for _, lines in sorted(_broken(words, most)):
            if len(lines) != most:
                continue
            setting = Setting(lines, largest, face, hand, widths, bool(font), down=True)
            share = min(1.0, height / setting.height, width / setting.width)
            if share >= 0.62:
                return setting._replace(size=int(largest * share))
    return None


def drawn(setting: Setting) -> Mask:
    """Coverage of the words with room all round: ``ABOVE`` the first baseline, ``BESIDE`` the lines, ``BELOW``."""
    scale = fine_scale(setting.size)
    em = setting.size * scale
    side = round(em * BESIDE)
    if setting.down:
        mask = np.zeros((setting.height * scale + 2 * side, setting.width * scale + 2 * side), np.uint8)
        _paint_down(mask, setting, em, side)
    else:
        rows = round(em * (ABOVE + PITCH * (len(setting.lines) - 1) + BELOW))
        mask = np.zeros((rows, setting.width * scale + 2 * side), np.uint8)
        for number, line in enumerate(setting.lines):
            _paint_across(mask, line, setting, em, round(em * (ABOVE + PITCH * number)))
    mask = shaped(mask, em, setting.hand, setting.own)
    high, wide = (round(side / scale) for side in mask.shape)
    return np.asarray(cv2.resize(mask, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)


def _paint_across(mask: Mask, line: str, setting: Setting, em: int, baseline: int) -> None:
    face, hand = setting.face, setting.hand
    x = (mask.shape[1] - _length(line, setting) * em / setting.size) / 2
    if not _letter_by_letter(line, setting.own):
        face.paint(mask, line, round(x), baseline, em)
        return
    dance = wandering(1, len(line), seed=len(line))[0] * hand.dance * em
    cell = np.zeros((round(em * (ABOVE + BELOW + 0.1)), round(em * 2)), np.uint8)
    for char, shift in zip(line, dance, strict=True):
        if not char.isspace():
            cell[:] = 0
            face.paint(cell, char, round(em * 0.3), round(em * ABOVE), em)
            _over(mask, cell, round(x - em * 0.3), round(baseline + float(shift) - em * ABOVE))
        x += (setting.widths[char] + _track(char, hand)) * em


def _paint_down(mask: Mask, setting: Setting, em: int, side: int) -> None:
    pitch = _pitch_down(setting.hand) * em
    for column, line in enumerate(setting.lines):
        left = round(mask.shape[1] - side - em * (1 + PITCH * column))
        for row, char in enumerate(line):
            cell = np.zeros((round(1.3 * em), round(1.3 * em)), np.uint8)
            wide = setting.face.advance(char, em)
            setting.face.paint(cell, char, round(0.65 * em - wide / 2), round(1.03 * em), em)
            if char in _TURNED:
                cell = np.asarray(cv2.rotate(cell, cv2.ROTATE_90_CLOCKWISE), np.uint8)
            x, y = left - 0.15 * em, side + row * pitch - 0.15 * em
            if char in _STOPS:
                x, y = x + 0.55 * em, y - 0.55 * em
            _over(mask, cell, round(x), round(y))


def _over(mask: Mask, cell: Mask, x: int, y: int) -> None:
    """Put a letter on the mask; what lies outside it is lost."""
    left, top = max(0, -x), max(0, -y)
    target = mask[max(0, y) : max(0, y + cell.shape[0]), max(0, x) : max(0, x + cell.shape[1])]
    part = cell[top : top + target.shape[0], left : left + target.shape[1]]
    np.maximum(target, part, out=target)


def _pitch_down(hand: Hand) -> float:
    return 1.04 + hand.track / 2


def _widths(words: str, face: Face) -> dict[str, float]:
    return {char: face.advance(char, 200) / 200 for char in dict.fromkeys(words)}


def _track(char: str, hand: Hand) -> float:
    return hand.track * (1.0 if is_wide(char) else 0.5)


def _length(line: str, setting: Setting) -> float:
    """Pixels that a line takes, without the space after its last letter."""
    face, size = setting.face, setting.size
    if not _letter_by_letter(line, setting.own):
        return face.advance(line, size)
    ems = sum(setting.widths[char] + _track(char, setting.hand) for char in line)
    return size * (ems - _track(line[-1], setting.hand))


def _letter_by_letter(line: str, own: bool) -> bool:
    """Whether letters stand alone; in scripts that join them, and in a font with kerning, the font sets the line."""
    return not own or all(is_wide(char) or char.isspace() for char in line)


@lru_cache(maxsize=64)
def _broken(words: str, most: int) -> Sequence[tuple[float, tuple[str, ...]]]:
    """Every sensible way to break a title in one to ``most`` lines, and how poor its breaks are."""
    passage = Passage(words, (), 8)
    places = sorted(passage.places, key=lambda place: (passage.breaks[place], place))[:14]
    found: list[tuple[float, tuple[str, ...]]] = [(0.0, (words,))]
    for count in range(1, most):
        for cut in combinations(sorted(places), count):
            edges = (0, *cut, len(words))
            lines = tuple(words[a:b].strip() for a, b in pairwise(edges))
            if not all(any(unicodedata.category(char)[0] in "LN" for char in line) for line in lines):
                continue
            lone = sum(
                len(line) == 1 or (len(line.split()) == 1 and len(line) < 4 and line.isascii()) for line in lines
            )
            found.append((sum(_price(passage, place) for place in cut) + 4 * lone, lines))
    return found


def _price(passage: Passage, place: int) -> float:
    """What a break is worth avoiding: little between words, much within what may be one."""
    cost = max(0.0, passage.breaks[place] - 3)
    return cost / 2 if passage.text[place - 1] == " " else cost
