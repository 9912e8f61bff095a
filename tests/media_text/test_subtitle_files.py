"""SubRip and WebVTT as players expect them."""

from __future__ import annotations

import re
from fractions import Fraction

from app.models.timeline import Subtitle
from app.services.media.subtitles import to_srt, to_vtt

SUBTITLES = [
    Subtitle(start=Fraction(1, 3), end=Fraction(5, 2), text="第一行\n第二行"),
    Subtitle(start=Fraction(3725), end=Fraction(3726), text="a <b> & c --> d\n\nlast"),
]


def test_srt_has_numbered_blocks_with_a_comma_before_the_milliseconds() -> None:
    assert to_srt(SUBTITLES) == (
        "1\n00:00:00,333 --> 00:00:02,500\n第一行\n第二行\n\n2\n01:02:05,000 --> 01:02:06,000\na <b> & c → d\nlast\n"
    )


def test_vtt_has_its_header_and_escapes_markup() -> None:
    assert to_vtt(SUBTITLES) == (
        "WEBVTT\n\n00:00:00.333 --> 00:00:02.500\n第一行\n第二行\n\n"
        "01:02:05.000 --> 01:02:06.000\na &lt;b&gt; &amp; c → d\nlast\n"
    )


def test_no_subtitles_are_an_empty_srt_and_a_bare_header() -> None:
    assert to_srt([]) == ""
    assert to_vtt([]) == "WEBVTT\n"


def test_a_cue_never_ends_before_it_begins_as_written() -> None:
    srt = to_srt([Subtitle(start=Fraction(1), end=Fraction(10001, 10000), text="x")])
    assert re.search(r"00:00:01,000 --> 00:00:01,001", srt)
