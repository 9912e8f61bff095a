"""The beings of a film: each is described once, and by the same words in every shot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from app.models.story import Character
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import Kind, lexicon

_LOOKS_MAX = 72
COLORS = {
    "白": "white",
    "黑": "black",
    "红": "red",
    "橘": "orange",
    "橙": "orange",
    "黄": "yellow",
    "金": "golden",
    "绿": "green",
    "蓝": "blue",
    "紫": "purple",
    "粉": "pink",
    "灰": "grey",
    "棕": "brown",
    "银": "silver",
}
_SHAPES = {"thing": ("小精灵模样", "like a little elf"), "sky": ("小精灵模样", "like a little elf")}
"""What plays the part of things without arms and legs: a sprite in their colours."""
_DRAWN = ("snowman",)
_SURFACE = {"animal": ("毛", "fur"), "fantasy": ("身子", "skin"), "machine": ("外壳", "body")}


@dataclass(frozen=True)
class Figure:
    """One of the cast. ``kind`` is a key of kinds.toml or empty."""

    name: str
    looks: str
    kind: str = ""

    def shown(self, language: Language) -> str:
        """Name and looks as an image prompt says them, always the same."""
        return f"{self.name}（{self.looks}）" if language.chinese else f"{self.name} ({self.looks})"

    def character(self) -> Character:
        return Character(name=self.name, description=self.looks)


def kind_of(text: str) -> Kind | None:
    """The being that ``text`` speaks of; of several the last, which in both languages is the noun itself."""
    found = [hit for hit in lexicon().scan(simplified(text)) if hit.group == "kind"]
    return lexicon().kinds[found[-1].key] if found else None


def looks(kind: Kind, noun: str, language: Language, random: Random, *, worn: bool = True, like: str = "") -> str:
    """A short, complete description: what it is, its colours, what it wears.

    A colour that ``noun`` or ``like`` (someone's looks) names is kept; so is the coat of ``like``.
    """
    coat = random.choice(kind.coat)
    wear = random.choice(lexicon().beings["wear"][kind.sort])
    same = next((c for c in kind.coat if like and _bare(language.say(*c)) in like), None)
    coat = same or _in_color(kind, f"{noun} {like}") or coat
    plain = simplified(noun).lower().replace("-", " ")
    said = any(word in plain for word in (*kind.zh, *kind.en))
    kin = [] if said or kind.sort not in ("person", "animal") else [noun_of(kind, language)]
    shape = [language.say(*_SHAPES[kind.sort])] if kind.sort in _SHAPES and kind.key not in _DRAWN else []
    parts = [noun, *kin, *shape, language.say(*coat), *([language.say(*wear)] if worn else [])]
    return "，".join(parts) if language.chinese else ", ".join(map(_bare, parts))


def _bare(phrase: str) -> str:
    return re.sub(r"(^|and )(?:an?) ", r"\1", phrase)


def _in_color(kind: Kind, words: str) -> tuple[str, str] | None:
    """A coat of the colour that ``words`` name, if they name one."""
    low = words.lower()
    color = next((zh for zh, en in COLORS.items() if zh in words or re.search(rf"\b{en}\b", low)), "")
    if not color:
        return None
    for coat in kind.coat:
        if color in coat[0]:
            return coat
    if kind.sort not in _SURFACE:
        return None
    zh, en = _SURFACE[kind.sort]
    return f"{color}色的{zh}", f"{COLORS[color]} {en}"


def article_of(noun: str) -> str:
    """``an`` before a vowel sound, else ``a``."""
    return "an" if re.match(r"(?i)(?!uni|use|eu|one)[aeiou]|hour|honest", noun) else "a"


def given(character: Character, language: Language, random: Random) -> Figure:
    """One of the request's characters, in its own words; invented looks only when it brings none."""
    kind = kind_of(character.description) or kind_of(character.name)
    described = re.sub(r"\s+", " ", character.description).strip(" ，。,.；;")
    name = character.name.strip()[:40] or language.say("主角", "the hero")
    if not described:
        kind = kind or lexicon().kinds["child"]
        described = looks(kind, noun_of(kind, language), language, random)
    return Figure(
        name, shorten(described, _LOOKS_MAX if language.chinese else 2 * _LOOKS_MAX), kind.key if kind else ""
    )


def noun_of(kind: Kind, language: Language) -> str:
    return language.say(kind.zh[0], kind.en[0])


def shorten(text: str, limit: int) -> str:
    """``text`` within ``limit`` characters, cut at a pause or a word where there is one."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    pause = max(cut.rfind(mark) for mark in "，、；。,;. ")
    return (cut[:pause] if pause > limit // 2 else cut).rstrip(" ，、；。,;.(（—-") or cut
