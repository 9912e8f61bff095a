"""Which language a text is in, what may stay of it, and how long it takes to say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from app.services.engines.builtin.script.han import leans_traditional, traditional

_SAMPLE = 4000
"""Characters that are enough to know a language by."""

_SCRIPTS = (
    ("ja", r"[\u3040-\u30ff]", 0.06),
    ("ko", r"[\uac00-\ud7af\u1100-\u11ff]", 0.2),
    ("zh", r"[\u3400-\u9fff\U00020000-\U0002ffff]", 0.2),
    ("ar", r"[\u0600-\u06ff]", 0.3),
    ("he", r"[\u0590-\u05ff]", 0.3),
    ("ru", r"[\u0400-\u04ff]", 0.3),
    ("el", r"[\u0370-\u03ff]", 0.3),
    ("hi", r"[\u0900-\u097f]", 0.3),
    ("th", r"[\u0e00-\u0e7f]", 0.3),
)
"""Language, its letters, and the share of all letters from which on the text is in it."""

_SMALL_WORDS = {
    "en": "the and of to in a is was he she it that his her with for on an they from why who how do does my you are",
    "fr": "le la les un une des et est dans qui que il elle au du son sa ses sur pour avec était",
    "es": "el la los las un una y en que de se su con por para es era del al como",
    "de": "der die das und ein eine ist war in den dem zu mit auf sich nicht er sie von sein sucht",
    "it": "il lo la gli un una e di che in per con era del della suo sua non si al",
    "pt": "o a os as um uma e de que em do da com para era seu sua não se no",
    "nl": "de het een en van is was in op dat zijn haar met voor niet te die hij",
}

_CHARACTERS_A_SECOND = 5.2
_WORDS_A_SECOND = 2.9
_BARE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff]")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_DROPPED = {"\u200e", "\u200f", "\ufeff", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


@dataclass(frozen=True)
class Language:
    """``code`` is what the narration is in; everything around it is worded in Chinese or English."""

    code: str

    @cached_property
    def chinese(self) -> bool:
        return self.code.startswith("zh")

    @cached_property
    def hant(self) -> bool:
        return self.code.lower() in ("zh-hant", "zh-tw", "zh-hk", "zh-mo") or self.code.lower().startswith("zh-hant-")

    @cached_property
    def told(self) -> bool:
        """Whether whole stories can be told in it."""
        return self.chinese or self.code.split("-")[0] == "en"

    def say(self, chinese: str, english: str) -> str:
        """The wording that fits: one of ours, in the reader's script."""
        if not self.chinese:
            return english
        return traditional(chinese) if self.hant else chinese


def clean(text: str) -> str:
    """NFC without control characters, direction marks and lone surrogates; lines and paragraphs stay."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))
    text = re.sub(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]", "\n", text)
    kept = (c for c in text if c == "\n" or (c not in _DROPPED and unicodedata.category(c) not in ("Cc", "Cs", "Co")))
    text = "".join(" " if c == "\t" else c for c in kept)
    text = re.sub(r"[^\S\n]+", " ", text)
    return re.sub(r" ?\n ?", "\n", text).strip()


def detect(text: str, asked: str = "", hint: str = "") -> Language:
    """The language of ``text``; ``asked`` decides script and region where it agrees with the text.

    ``hint`` (title, style) decides when the text itself has no letters.
    """
    found = _found(text[:_SAMPLE]) or _found(hint) or asked.split("-")[0].lower() or "en"
    if found == "zh":
        if asked.lower().startswith("zh-"):
            return Language(asked)
        return Language("zh-Hant" if leans_traditional(text[:_SAMPLE] or hint) else "zh")
    return Language(asked if asked.lower().split("-")[0] == found else found)


def _found(text: str) -> str:
    letters = sum(c.isalpha() for c in text)
    if not letters:
        return ""
    for code, pattern, share in _SCRIPTS:
        if len(re.findall(pattern, text)) >= max(1.0, share * letters):
            return _variant(code, text)
    words = _WORD.findall(text.lower())
    scores = {code: sum(word in small.split() for word in words) for code, small in _SMALL_WORDS.items()}
    best = max(scores, key=lambda code: (scores[code], code == "en"))
    return best if scores[best] else "en"


def _variant(code: str, text: str) -> str:
    if code == "ru" and re.search("[іїєґ]", text, re.IGNORECASE):
        return "uk"
    if code == "ar" and re.search("[پچژگ]", text):
        return "fa"
    return code


def seconds(text: str) -> float:
    """About how long ``text`` takes to say at an even pace."""
    bare = len(_BARE.findall(text))
    words = len(_WORD.findall(_BARE.sub(" ", text)))
    return bare / _CHARACTERS_A_SECOND + words / _WORDS_A_SECOND
