"""Who is in the picture: the cast by name, and everybody else that the words bring along."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.models.story import Character
from app.services.engines.builtin.picture.vocabulary import Mention, lexicon, mentions, normal

MOST = 5
"""Figures that a picture has room for."""
_SAME = {"puppy": ("dog", "child"), "kitten": ("cat", "child"), "chick": ("chick", "child")}
_SENTENCE_END = re.compile(r"[。！？；.!?;\n]")
_WHOSE = ("", "的", "'s", "s", "'")
"""What makes the next word somebody's: "the dog's mother" is one being, "the dog and mother" are two."""
_CLAUSE_END = re.compile(r"[，。！？；,.!?;、\n]")


@dataclass(frozen=True)
class Being:
    """Somebody to draw. ``key`` decides the looks that the words leave open, so it never depends on the shot."""

    kind: str
    animal: bool
    age: str
    key: str
    wear: dict[str, str] = field(default_factory=dict)
    """What is worn or coloured (``scarf``, ``coat``, ``hair`` ...) to a colour name, or "" when none was said."""
    count: int = 1
    named: bool = False
    action: str = ""
    """What the words say that just this one does; empty: what the picture is about."""


def _before(text: str, at: int, length: int = 28) -> str:
    """What stands before ``at`` in the same clause."""
    part = text[max(0, at - length) : at]
    return _CLAUSE_END.split(part)[-1]


def _age_of(text: str, mention: Mention, words: set[str]) -> str:
    if mention.name in _SAME:
        return _SAME[mention.name][1]
    if mention.word.startswith("小") or mention.word in words:
        return "child"
    before = [m for m in mentions(_before(text, mention.start, 10)) if m.section == "age"]
    return before[-1].name if before and len(_before(text, mention.start, 10).rstrip()) - before[-1].end <= 2 else ""


def wear_of(text: str, animal: bool) -> dict[str, str]:
    """What a description says of colours and clothes."""
    worn: dict[str, str] = {}
    found = [m for m in mentions(text) if m.section in ("colour", "wear")]
    waiting: Mention | None = None
    for mention in found:
        if mention.section == "colour":
            if waiting is not None:
                worn.setdefault("coat" if animal else "top", waiting.name)
            waiting = mention
            continue
        near = waiting is not None and mention.start - waiting.end <= (14 if text[waiting.start].isascii() else 6)
        worn.setdefault(mention.name, waiting.name if near and waiting else "")
        if near:
            waiting = None
    if waiting is not None:
        worn.setdefault("coat" if animal else "top", waiting.name)
    return worn


def cast_being(character: Character) -> Being:
    """How a member of the cast is drawn: found from the name first, then from the description."""
    text = normal(f"{character.name}。{character.description}")
    young = set(lexicon()["young"]["young"])
    found = [m for m in mentions(text) if m.section in ("animal", "person", "pronoun")]
    found.sort(key=lambda m: m.section == "pronoun")
    roles = [m for m in mentions(text) if m.section == "role"]
    wear_text = normal(character.description) or text
    if not found:
        kind = ("girl", "boy")[hashlib.sha256(character.name.encode()).digest()[0] % 2]
        return Being(kind, False, "", character.name or kind, wear_of(wear_text, False), named=True)
    animals = [m for m in found if m.section == "animal"]
    first = animals[0] if roles and animals else found[0]
    animal = first.section == "animal"
    kind, _ = _SAME.get(first.name, (first.name, ""))
    age = "big" if roles and animal else _age_of(text, first, young)
    worn = wear_of(wear_text, animal)
    if animal and any(role.name == "mother" for role in roles):
        worn.setdefault("mother", "")
    return Being(kind, animal, age, character.name or kind, worn, named=True)


def _absent(text: str, mention: Mention, marks: Sequence[Mention]) -> bool:
    reach = 26 if mention.word.isascii() else 7
    if any(m.section == "gone" and 0 <= m.start - mention.end <= (14 if mention.word.isascii() else 4) for m in marks):
        return True
    return any(
        m.section == "absent"
        and 0 <= mention.start - m.end <= reach
        and not _CLAUSE_END.search(text[m.end : mention.start])
        for m in marks
    )


def _who(being: Being) -> tuple[str, bool, str]:
    return being.kind, being.animal, being.key


class Company:
    """Who is in the picture, gathered over the fields in order of weight."""

    def __init__(self, characters: Sequence[Character]) -> None:
        self.cast = [cast_being(c) for c in characters]
        self.names = [c.name for c in characters]
        self.present: list[Being] = []
        self.pronouns: list[str] = []
        self.young = set(lexicon()["young"]["young"])
        self.deeds: dict[tuple[str, bool, str], str] = {}
        self._idle: list[tuple[str, bool, str]] = []

    def read(self, text: str) -> None:
        """Find everybody in one text; what is found in an earlier one weighs more."""
        found = mentions(text, self.names)
        last_end = 0
        self._idle = []
        for position, mention in enumerate(found):
            if _SENTENCE_END.search(text[last_end : mention.start]):
                self._idle = []
            if mention.section == "action":
                for who in self._idle:
                    self.deeds.setdefault(who, mention.name)
                self._idle = []
            if mention.section == "pronoun":
                self.pronouns.append(mention.name)
            if mention.section not in ("cast", "animal", "person", "role"):
                continue
            clash = any(m.section == "role" and m.start == mention.start for m in found)
            if mention.section == "person" and clash:
                continue  # the role says the same and knows of animals
            if not (_absent(text, mention, found) and (self.present or mention.section == "role")):
                self._add(text, mention, found[:position], last_end)
            last_end = mention.end

    def _add(self, text: str, mention: Mention, before: Sequence[Mention], last_end: int) -> None:
        if mention.section == "cast":
            self._join(self.cast[int(mention.name)])
            return
        if mention.section == "role":
            self._join(self._parent(text, mention, before))
            return
        kind, _ = _SAME.get(mention.name, (mention.name, ""))
        animal = mention.section == "animal"
        around = text[max(last_end, mention.start - 22) : mention.start]
        after = re.match(r"[^，。！？；,.!?;]{0,40}?(?=$|[，。！？；,.!?;]| and | walks?| runs?)", text[mention.end :])
        told = around + " " + (after.group() if after and re.match(r" (in|with|wearing) ", after.group()) else "")
        number = [m for m in before if m.section == "number" and 0 <= mention.start - m.end <= 3]
        self._join(
            Being(
                kind,
                animal,
                _age_of(text, mention, self.young),
                kind,
                wear_of(told, animal),
                count=int(number[-1].name) if number else 1,
            )
        )

    def _parent(self, text: str, mention: Mention, before: Sequence[Mention]) -> Being:
        for being in self.cast:  # somebody of the cast may be the mother or the father
            if any(m.section == "role" and m.name == mention.name for m in mentions(normal(being.key))):
                return being
        near = [m for m in before if m.section == "animal" and mention.start - m.end <= 5]
        hero = self.present[0] if self.present else (self.cast[0] if self.cast else None)
        animal = _SAME.get(near[-1].name, (near[-1].name, ""))[0] if near else ""
        animal = animal or (hero.kind if hero and hero.animal else "")
        if animal:
            whose = near and text[near[-1].end : mention.start].strip() in _WHOSE
            if whose and self.present and self.present[-1].kind == animal and not self.present[-1].named:
                self.present.pop()  # "the dog's mother" is one being
            return Being(
                animal, True, "big", f"{animal} {mention.name}", {"mother": ""} if mention.name == "mother" else {}
            )
        return Being("woman" if mention.name == "mother" else "man", False, "", mention.name)

    def _join(self, being: Being) -> None:
        same = [i for i, b in enumerate(self.present) if b.kind == being.kind and b.animal == being.animal]
        if not being.named and being.age != "big":
            cast = [b for b in self.cast if b.kind == being.kind and b.animal == being.animal and b.age != "big"]
            if cast and being.count == 1:
                being = cast[0]
        for i in same:
            old = self.present[i]
            alike = old.key == being.key or (not (old.named and being.named) and "big" not in (old.age, being.age))
            if alike:
                keep = old if old.named or not being.named else being
                self.present[i] = replace(keep, age=keep.age or being.age, wear={**being.wear, **keep.wear})
                self._idle.append(_who(self.present[i]))
                return
        self.present.append(being)
        self._idle.append(_who(being))

    def result(self) -> tuple[Being, ...]:
        """Everybody who is there, the most important first; the hero of the cast when the words name nobody."""
        if not self.present and self.cast:
            self.present = self.cast[:1]
        if not self.present and self.pronouns:
            self.present = [Being(self.pronouns[0], False, "", self.pronouns[0])]
        return tuple(replace(b, action=self.deeds.get(_who(b), "")) for b in self.present[:MOST])
