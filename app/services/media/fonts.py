"""The two kinds of font: those inside OpenCV, the same on every machine, and a file read by Pillow.

OpenCV 5 carries WenQuanYi Micro Hei (named ``uni``; Apache License 2.0 by its authors' choice of two, see
opencv/opencv pull request 18403): Chinese, kana, Hangul, Latin, Greek, Cyrillic. It draws a question mark for a
character that it lacks and neither shapes nor orders right-to-left scripts, so both count as missing here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from app.core.errors import ValidationFailed
from app.services.media.line_breaking import is_wide

Mask = NDArray[np.uint8]
_MISSING = "\U0010fffd"
_ASCII_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "…": "..."})


class Face(Protocol):
    """A font that can say what it has, how wide a line is, and put it on a mask."""

    def has(self, char: str) -> bool: ...

    def advance(self, line: str, size: int) -> float:
        """Width of a line in pixels at a font size (em) in pixels."""
        ...

    def paint(self, mask: Mask, line: str, x: int, baseline: int, size: int) -> None:
        """Draw the coverage of a line, antialiased, 0 to 255; what lies outside the mask is lost."""
        ...


class BuiltInFace:
    """OpenCV's own fonts: ``uni`` for everything, ``sans`` and ``italic`` (Rubik, SIL Open Font License) for Latin.

    The Latin ones have weights from 300 to 900 and borrow what they lack from ``uni``, which has but one.
    """

    def __init__(self, family: str = "uni", weight: int = 400) -> None:
        self._face = cv2.FontFace(family)
        self._weight = weight
        self._plain_quotes = family == "uni"

    def has(self, char: str) -> bool:
        return _built_in_has(char)

    def advance(self, line: str, size: int) -> float:
        return float(cv2.getTextSize((0, 0), self._worded(line), (0, 0), self._face, size, self._weight)[2])

    def paint(self, mask: Mask, line: str, x: int, baseline: int, size: int) -> None:
        cv2.putText(mask, self._worded(line), (x, baseline), (255,), self._face, size, self._weight)

    def _worded(self, line: str) -> str:
        return _latin_quotes(line) if self._plain_quotes else line


class FileFace:
    """A TrueType or OpenType file; complex scripts are shaped where Pillow has libraqm."""

    def __init__(self, path: str) -> None:
        """Raises ValidationFailed when the file is not a font that can be read."""
        self._path = path
        self._missing = _bitmap(self._at(24), _MISSING)

    def _at(self, size: int) -> ImageFont.FreeTypeFont:
        try:
            return ImageFont.truetype(self._path, size)
        except OSError:
            raise ValidationFailed(f"The font file {Path(self._path).name} cannot be read") from None

    def has(self, char: str) -> bool:
        if _is_rtl(char) and not features.check("raqm"):
            return False
        return char.isspace() or _bitmap(self._at(24), char) != self._missing

    def advance(self, line: str, size: int) -> float:
        return float(self._at(size).getlength(line))

    def paint(self, mask: Mask, line: str, x: int, baseline: int, size: int) -> None:
        canvas = Image.fromarray(mask)
        ImageDraw.Draw(canvas).text((x, baseline), line, fill=255, font=self._at(size), anchor="ls")
        mask[:] = np.asarray(canvas)


def face(font: str) -> Face:
    """The font of a file, or OpenCV's own for ``""``."""
    return FileFace(font) if font else BuiltInFace()


def undrawable(text: str, font: str = "") -> str:
    """The distinct characters of ``text`` that ``font`` cannot draw, in order. Invisible ones do not count."""
    chosen = face(font)
    return "".join(char for char in dict.fromkeys(_visible(text)) if not char.isspace() and not chosen.has(char))


def drawable(line: str, chosen: Face) -> str:
    """``line`` without what ``chosen`` cannot draw, and without the gap that this would leave."""
    line = _visible(line)
    lacking = {char for char in set(line) if not char.isspace() and not chosen.has(char)}
    if lacking:
        line = "".join(char for char in line if char not in lacking)
        line = re.sub(r"\s+(?=[,.!?;:，。！？；：])", "", line)
    return " ".join(line.split())


def _visible(text: str) -> str:
    """Composed (accents are part of their letters), without controls, joiners and variation selectors."""
    composed = unicodedata.normalize("NFC", text)
    spaced = (" " if char.isspace() else char for char in composed)
    return "".join(char for char in spaced if unicodedata.category(char)[0] != "C" and not "\ufe00" <= char <= "\ufe0f")


def _is_rtl(char: str) -> bool:
    return unicodedata.bidirectional(char) in ("R", "AL")


def _latin_quotes(line: str) -> str:
    """Curly quotes and dots are full width in the built-in font: plain ones where no Chinese is near."""
    if any(is_wide(char) for char in line):
        return re.sub(r"(?<=[A-Za-z])’(?=[A-Za-z])", "'", line)
    return line.translate(_ASCII_QUOTES)


@lru_cache(maxsize=8192)
def _built_in_has(char: str) -> bool:
    if _is_rtl(char):
        return False
    return char == "?" or _stamp(char) != _stamp("?")


def _stamp(char: str) -> bytes:
    mask = np.zeros((36, 48), np.uint8)
    cv2.putText(mask, char, (4, 28), (255,), cv2.FontFace("uni"), 24, 400)
    return mask.tobytes()


def _bitmap(font: ImageFont.FreeTypeFont, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)
