"""A text made fit for speaking without moving a character, cut into breaths, and its words found again.

Every step keeps each character at its index, so that a position that espeak-ng reports is a position in the
text that the caller gave.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST = 180
"""Characters in one breath: what one call to espeak-ng gets, about half a minute at most."""
_SENTENCE_END = re.compile(
    r"(?P<paragraph>\n+)|(?P<trail>…+|\.{3,})[\"'”’」』）)]*|[。！？!?｡]+[\"'”’」』）)\]]*|\.[\"'”’」』）)\]]*(?=\s|$)"
)
_SOFT_END = re.compile(r"[，,、；;：:]")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|Sr|Jr|Capt|Mt|vs|etc|e\.g|i\.e|[A-Z](?:\.[A-Z])*)\.$")
_SENTENCE_PAUSE, _TRAIL_PAUSE, _PARAGRAPH_PAUSE, _CUT_PAUSE = 0.36, 0.5, 0.65, 0.12

_SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x0370, 0x03FF, "el"), (0x0400, 0x052F, "ru"), (0x0530, 0x058F, "hy"), (0x0590, 0x05FF, "he"),
    (0x0600, 0x06FF, "ar"), (0x0750, 0x077F, "ar"), (0xFB50, 0xFDFF, "ar"), (0xFE70, 0xFEFF, "ar"),
    (0x0900, 0x097F, "hi"), (0x0980, 0x09FF, "bn"), (0x0B80, 0x0BFF, "ta"), (0x0E00, 0x0E7F, "th"),
    (0x10A0, 0x10FF, "ka"), (0x1100, 0x11FF, "ko"), (0xAC00, 0xD7AF, "ko"), (0x3041, 0x30FF, "ja"),
    (0x3400, 0x4DBF, "cmn"), (0x4E00, 0x9FFF, "cmn"), (0xF900, 0xFAFF, "cmn"), (0x20000, 0x323AF, "cmn"),
)  # fmt: skip
"""First and last character of a script, and the voice for it where the chosen voice would only spell it."""
_OWN = {"cmn": {"cmn"}, "yue": {"cmn"}, "hak": {"cmn"}, "ja": {"ja", "cmn"}, "ko": {"ko", "cmn"}}
_SAME_SCRIPT = {
    "ru": {"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tt", "ba", "cv", "nog", "ru-cl", "ru-lv"},
    "ar": {"ar", "fa", "ur", "sd", "ug", "ku"},
    "hi": {"hi", "mr", "ne", "kok"},
    "el": {"el", "grc"},
    "hy": {"hy", "hyw"},
    "bn": {"bn", "as", "bpy"},
}


class Breath(NamedTuple):
    start: int
    text: str
    pause_s: float
    """Silence after it."""


def speakable(text: str) -> str:
    """``text`` with everything that is not said (control characters, emoji, markup stars) as spaces, equally long."""
    said = "".join(map(_said, text))
    # The dot of "Mr." would be read as the end of a sentence.
    return re.sub(r"\b(Mr|Mrs|Ms|Dr|St|Prof|Capt|Mt)\.(?=\s)", r"\1 ", said)


def _said(character: str) -> str:
    if character in "\n\u200c\u200d":
        return character
    category = unicodedata.category(character)
    pictorial = category in ("So", "Sk") and ord(character) >= 0x2190
    if category[0] in "CZ" or pictorial or "\ufe00" <= character <= "\ufe0f" or character in "*_~`|":
        return "\n" if character in "\u2028\u2029\x0b\x0c\x85" else " "
    return character


def breaths(text: str) -> Iterator[Breath]:
    """The parts of a speakable text that hold anything to say, in order, with the pause after each."""
    start = 0
    for end, pause in _ends(text):
        while end - start > _LONGEST:
            cut = _soft_cut(text, start)
            if _has_words(text[start:cut]):
                yield Breath(start, text[start:cut].replace("\n", " "), _CUT_PAUSE)
            start = cut
        if _has_words(text[start:end]):
            yield Breath(start, text[start:end].replace("\n", " "), pause)
        start = end


def _ends(text: str) -> Iterator[tuple[int, float]]:
    for match in _SENTENCE_END.finditer(text):
        full_stop = match.group().startswith(".") and not match["trail"]
        # Looking back a few letters is enough for an abbreviation.
        if full_stop and _ABBREVIATION.search(text, max(0, match.start() - 12), match.start() + 1):
            continue
        pause = _TRAIL_PAUSE if match["trail"] else _SENTENCE_PAUSE
        yield match.end(), _PARAGRAPH_PAUSE if match["paragraph"] else pause
    yield len(text), 0.0


def _soft_cut(text: str, start: int) -> int:
    """Where to breathe in a sentence that is too long: after a comma, else at a space, else anywhere."""
    window = text[start : start + _LONGEST]
    commas = [match.end() for match in _SOFT_END.finditer(window) if match.end() > _LONGEST // 3]
    space = window.rfind(" ")
    return start + (commas[-1] if commas else space + 1 if space > 0 else _LONGEST)


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def runs(breath: Breath, base: str) -> Iterator[tuple[int, str, str]]:
    """(start, text, voice or "") of stretches; a voice is named where ``base`` cannot read the script."""
    text, start, current = breath.text, 0, ""
    for index, character in enumerate(text):
        if not character.isalnum():
            continue
        voice = _voice_for(character, base)
        if voice != current:
            if _has_words(text[start:index]):
                yield breath.start + start, text[start:index], current
                start = index
            current = voice
    yield breath.start + start, text[start:], current


def _voice_for(character: str, base: str) -> str:
    code = ord(character)
    script = next((voice for first, last, voice in _SCRIPTS if first <= code <= last), "")
    own = _OWN.get(base, {base})
    return "" if script in own or base in _SAME_SCRIPT.get(script, ()) else script


def with_dashes_heard(text: str, voice: str) -> str:
    """Chinese voices run over a dash; a comma in its place gives the pause that it stands for."""
    return text.replace("——", "，，").replace("—", "，") if voice.startswith(("cmn", "yue", "hak")) else text


def unit_start(text: str, position: int) -> int | None:
    """Where the word at ``position`` begins: espeak-ng splits "2024" and "iPhone" into several events.

    None if nothing is said from there on.
    """
    while position < len(text) and not (text[position].isalnum() or unicodedata.category(text[position]) == "Sc"):
        position += 1
    if position >= len(text):
        return None
    while position > 0 and _joined(text[position - 1], text[position]):
        position -= 1
    return position


def with_opening_marks(text: str, position: int) -> int:
    """``position`` moved over the opening quotes and brackets before it: they belong to the word that follows."""
    while position > 0:
        mark = text[position - 1]
        straight = mark in "\"'" and (position == 1 or text[position - 2].isspace())
        if not straight and unicodedata.category(mark) not in ("Ps", "Pi"):
            break
        position -= 1
    return position


def _joined(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word; Chinese, Japanese kanji and kana do not join."""
    return _in_word(left) and _in_word(right)


def _in_word(character: str) -> bool:
    code = ord(character)
    ideographic = 0x3041 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or code >= 0x20000
    inside = character in "'’-.,%" or unicodedata.category(character) in ("Sc", "Mn", "Mc")
    return not ideographic and (character.isalnum() or inside)


def guess_language(text: str) -> str:
    """``zh``, ``ja``, ``ko`` or ``en``: enough to choose a voice when the caller named no language."""
    if re.search(r"[\u3041-\u30ff]", text):
        return "ja"
    if re.search(r"[\uac00-\ud7af]", text):
        return "ko"
    return "zh" if re.search(r"[\u3400-\u9fff]", text) else "en"
