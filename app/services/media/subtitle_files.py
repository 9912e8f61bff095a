"""Subtitles as files that players read: SubRip and WebVTT, both UTF-8 text with ``\\n`` line ends."""

from __future__ import annotations

import html
from collections.abc import Sequence
from fractions import Fraction

from app.models.timeline import Subtitle


def to_srt(subtitles: Sequence[Subtitle]) -> str:
    """SubRip: numbered blocks, milliseconds after a comma. Empty for no subtitles.

    SubRip has no escapes; only what would end a block (an empty line, an arrow) is replaced.
    """
    blocks = [
        f"{number}\n{_clock(subtitle.start, ',')} --> {_clock(_end(subtitle), ',')}\n{_lines(subtitle.text)}\n"
        for number, subtitle in enumerate(subtitles, 1)
    ]
    return "\n".join(blocks)


def to_vtt(subtitles: Sequence[Subtitle]) -> str:
    """WebVTT (W3C): header, milliseconds after a point, ``&``, ``<`` and ``>`` escaped."""
    blocks = [
        f"{_clock(subtitle.start, '.')} --> {_clock(_end(subtitle), '.')}\n"
        f"{html.escape(_lines(subtitle.text), quote=False)}\n"
        for subtitle in subtitles
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _milliseconds(seconds: Fraction) -> int:
    return max(0, round(seconds * 1000))


def _end(subtitle: Subtitle) -> Fraction:
    """The end, at least a millisecond after the start as both are written."""
    return max(subtitle.end, Fraction(_milliseconds(subtitle.start) + 1, 1000))


def _clock(seconds: Fraction, point: str) -> str:
    whole, millis = divmod(_milliseconds(seconds), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{point}{millis:03d}"


def _lines(text: str) -> str:
    lines = (line.strip() for line in text.replace("\x00", "").replace("-->", "→").splitlines())
    return "\n".join(line for line in lines if line)
