"""From words about tone and style to what a composer needs to know. The words themselves are in ``words.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

Mode = Literal["major", "minor", "dorian", "lydian"]
Motion = Literal["flow", "lull", "bounce", "pulse", "drift", "march"]


class Mood(NamedTuple):
    """How a stretch of the film sounds."""

    name: str
    tempo: float
    """Beats a minute."""
    mode: Mode
    chords: tuple[str, ...]
    """Progressions of four bars in numerals of the mode; a capital V in minor is the dominant with its leading tone."""
    energy: float
    """0 to 1: loudness, and how much is played."""
    motion: Motion
    """How the accompaniment moves."""
    register: int
    """Where the theme is played, in octaves from the middle."""
    pad: float
    """How much of long, soft chords, 0 to 1."""
    drum: float = 0.0


MOODS: dict[str, Mood] = {
    one.name: one
    for one in (
        Mood("afraid", 66, "minor", ("i iv i V", "i VI iv V", "i ii i V"), 0.42, "drift", -1, 0.35, 0.35),
        Mood("tense", 96, "minor", ("i i VI V", "i iv VI V", "i VII VI V"), 0.62, "pulse", -1, 0.3, 0.7),
        Mood("sad", 62, "minor", ("i VI III VII", "i iv VII III", "i v VI iv"), 0.45, "lull", 0, 0.6),
        Mood("lonely", 64, "minor", ("i VII VI VII", "i III VII iv", "i VI iv v"), 0.36, "drift", 0, 0.3),
        Mood("brave", 88, "major", ("I V vi IV", "vi IV I V", "I IV vi V"), 0.95, "march", 0, 0.9, 0.9),
        Mood("mysterious", 70, "dorian", ("i IV i VII", "i ii VII i", "i IV VII i"), 0.42, "drift", 0, 0.5, 0.2),
        Mood("curious", 90, "dorian", ("i IV VII IV", "i ii IV VII", "i VII IV i"), 0.58, "bounce", 0, 0.25),
        Mood("playful", 108, "major", ("I ii V I", "I IV ii V", "I vi ii V"), 0.78, "bounce", 0, 0.15),
        Mood("happy", 104, "major", ("I IV V I", "I vi IV V", "I V IV V"), 0.9, "flow", 1, 0.45),
        Mood("wonder", 72, "lydian", ("I II I vii", "I II vi II", "I iii II I"), 0.6, "flow", 1, 0.75),
        Mood("hopeful", 84, "major", ("vi IV I V", "I iii IV V", "IV I V vi"), 0.72, "flow", 0, 0.7),
        Mood("calm", 68, "major", ("I IV I V", "I vi ii V", "I iii IV I"), 0.48, "lull", 0, 0.5),
        Mood("warm", 78, "major", ("I V vi IV", "I vi IV V", "I iii IV V"), 0.62, "flow", 0, 0.6),
    )
}
_DEFAULT_MOOD = "warm"


def mood_of(tone: str, style: str) -> Mood:
    """The mood that the tone's words name, else the style's, else a warm one."""
    found = named("tones", tone) or named("tones", style) or _DEFAULT_MOOD
    return MOODS[found]


def named(kind: str, text: str) -> str:
    """The first entry of a table of ``words.toml`` that a text names, or nothing."""
    text = text.lower()
    return next((name for name, pattern in _patterns()[kind].items() if pattern.search(text)), "") if text else ""


@lru_cache(maxsize=1)
def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {kind: {name: _pattern(words) for name, words in table.items()} for kind, table in tables.items()}


def _pattern(words: str) -> re.Pattern[str]:
    parts = []
    for word in words.split():
        if not word.isascii():
            parts.append(re.escape(word))
            continue
        body = re.escape(word.rstrip("*")).replace(r"\-", "[- ]?")
        parts.append(rf"\b{body}" + ("" if word.endswith("*") else r"\b"))
    return re.compile("|".join(parts))
