"""Who is in the picture: the cast by name, and everybody else that the words bring along."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.models.story import Character
from app.services.engines.builtin.picture.introductions import Introduction, introductions, without_looks
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


_SEGMENT = re.compile(r"[,，、;；。.]")
_SIDE = re.compile(r"\b(?:with|of|in|on|from|like|who|that)\b|像")
_ADULTS = frozenset({"man", "woman", "courier", "chef", "doctor", "painter", "teacher", "worker", "farmer", "sailor",
    "captain", "fisher", "scholar", "police", "nurse", "firefighter", "soldier", "monk", "knight"})  # fmt: skip
"""Kinds that a further word for somebody makes young or old."""


def _kind_in(name: str, looks: str) -> tuple[Mention | None, str]:
    """The word that says what somebody is, and the text it stands in: the first part of the looks, else the name,
    else what comes first in the looks."""
    head = _SIDE.split(_SEGMENT.split(looks)[0])[0]
    for text, last in ((head, True), (name, True), (looks, False)):
        found = [m for m in mentions(text) if m.section in ("animal", "person")]
        if found:
            return found[-1 if last else 0], text
    return None, looks


def _further(kind: str, age: str, looks: str) -> str:
    """The age that the looks add after the kind: a player who is a boy, a fisherman who is an old man."""
    if age or kind not in _ADULTS:
        return age
    rest = [m.name for part in _SEGMENT.split(looks)[1:] for m in mentions(part) if m.section == "person"]
    if {"oldman", "oldwoman"} & set(rest):
        return "old"
    return "child" if {"boy", "girl"} & set(rest) else ""


def described(name: str, looks: str, key: str) -> Being:
    """Somebody as their name and looks (both already normal) say. One figure, whatever other beings the looks name."""
    text = f"{name}。{looks}"
    young = set(lexicon()["young"]["young"])
    first, said_in = _kind_in(name, looks)
    head = _SEGMENT.split(looks)[0]
    roles = [m for m in mentions(f"{name}。{head}") if m.section == "role"]
    pronoun = next((m for m in mentions(text) if m.section == "pronoun"), None)
    if first is None:
        kind = pronoun.name if pronoun else ("girl", "boy")[hashlib.sha256(key.encode()).digest()[0] % 2]
        return Being(kind, False, "", key or kind, wear_of(looks or text, False), named=True)
    animal = first.section == "animal"
    kind, _ = _SAME.get(first.name, (first.name, ""))
    age = "big" if roles and animal else _age_of(said_in, first, young)
    worn = wear_of(looks or text, animal)
    if animal and any(role.name == "mother" for role in roles):
        worn.setdefault("mother", "")
    return Being(kind, animal, _further(kind, age, looks), key or kind, worn, _several(said_in, first), named=True)


def _several(text: str, mention: Mention) -> int:
    """How many a noun means by itself: sailors and 水手们 are a few."""
    word = mention.word
    if text[mention.end : mention.end + 1] in ("们", "們") or word.endswith(("们", "們")):
        return 3
    alone = any(word in words for names in ("animal", "person") for words in lexicon()[names].values())
    if word.isascii() and len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "'s")) and not alone:
        return 3 if mention.section == "person" else 2
    return 3 if word.endswith("men") and mention.section == "person" and word != "women" else 1


def cast_being(character: Character) -> Being:
    """How a member of the cast is drawn: what the description says first, then the name."""
    return described(normal(character.name), normal(character.description), character.name)


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


_GOING = frozenset({"run", "walk", "climb", "jump", "ride", "row", "swim", "fly", "dance"})
_MET = re.compile(r"\b(?:an?|the|one|two|three|another|some)(?: [a-z-]+){0,2} $")
"""What stands before an animal that is there; "out of reach of snakes" brings none along."""
_OTHER_DOER = ("animal", "person", "cast", "role")


def deed(text: str, found: Sequence[Mention], first: Mention) -> str:
    """What the words do from an action on: who carries something and runs in one breath is seen running with it."""
    if first.name == "stand":  # who looks at somebody and talks is seen talking
        rest = (m for m in found if m.start >= first.end and m.section == "action" and m.name == "talk")
        talk = next(rest, None)
        return "talk" if talk and not _CLAUSE_END.search(text[first.end : talk.start]) else first.name
    if first.name != "carry" and not (first.name == "hug" and first.word.endswith(("着", "著"))):
        return first.name
    for m in found:
        if m.start < first.end or m.section not in ("action", *_OTHER_DOER):
            continue
        if m.section != "action" or _CLAUSE_END.search(text[first.end : m.start]):
            break
        if m.name in _GOING:
            return m.name
    return first.name


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
        self.closed = False
        """Everybody has been introduced: other people and, but for a text's own, other animals are not there."""
        self.empty = False
        """Nobody is to be seen, unless the words name somebody."""
        self._idle: list[tuple[str, bool, str]] = []

    def introduce(self, text: str) -> str:
        """Take in everybody whom the text (already normal) describes in brackets; the text without the brackets."""
        found = introductions(text, self.names)
        for one in found:
            self._introduce(one)
        return without_looks(text, found)

    def _introduce(self, one: Introduction) -> None:
        known = next((i for i, name in enumerate(self.names) if normal(name).strip() == one.name), None)
        if known is None:
            known = len(self.cast)
            self.cast.append(described(one.name, one.looks, one.name))
            self.names.append(one.name)
        being = self.cast[known]
        if being not in self.present:
            self.present.append(being)
        self.closed = True

    def read(self, text: str, *, again: bool = False) -> None:
        """Find everybody in one text without brackets; what is found in an earlier one weighs more.

        ``again``: the text says once more what the picture's own words say, so that it brings nobody along who was not
        introduced there.
        """
        found = mentions(text, self.names)
        last_end = 0
        self._idle = []
        for position, mention in enumerate(found):
            between = text[last_end : mention.start]
            another = self.closed and mention.section in _OTHER_DOER and _CLAUSE_END.search(between)
            if another or _SENTENCE_END.search(between):
                self._idle = []
            if mention.section == "action":
                for who in self._idle:
                    self.deeds.setdefault(who, deed(text, found, mention))
                self._idle = []
            if mention.section == "pronoun":
                self.pronouns.append(mention.name)
            if mention.section not in ("cast", "animal", "person", "role"):
                continue
            clash = any(m.section == "role" and m.start == mention.start for m in found)
            if mention.section == "person" and clash:
                continue  # the role says the same and knows of animals
            if self.closed and self._stranger(text, mention, again=again):
                continue
            if not (_absent(text, mention, found) and (self.present or mention.section == "role")):
                self._add(text, mention, found[:position], last_end)
            last_end = mention.end

    def _stranger(self, text: str, mention: Mention, *, again: bool) -> bool:
        """Whether somebody is spoken of who was not introduced in a picture whose figures were."""
        if mention.section == "cast":
            return self.cast[int(mention.name)] not in self.present and again
        kind = _SAME.get(mention.name, (mention.name, ""))[0]
        if any(b.kind == kind and b.animal == (mention.section == "animal") for b in self.present):
            return False
        met = not mention.word.isascii() or _MET.search(text[: mention.start])
        return again or mention.section != "animal" or not met

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
                count=int(number[-1].name) if number else _several(text, mention),
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
            alike = alike or (self.closed and not being.named and len(same) == 1)
            if alike:
                keep = old if old.named or not being.named else being
                self.present[i] = replace(keep, age=keep.age or being.age, wear={**being.wear, **keep.wear})
                self._idle.append(_who(self.present[i]))
                return
        self.present.append(being)
        self._idle.append(_who(being))

    def leave(self, subject: str, prompt: str) -> None:
        """A picture whose subject is told, and that tells of nobody and of no deed, is of the place alone."""
        told = self.pronouns or any(m.section == "action" for m in mentions(prompt))
        self.empty = bool(subject.strip()) and not told

    def result(self) -> tuple[Being, ...]:
        """Everybody who is there, the most important first; the hero of the cast when the words name nobody."""
        if not self.present and self.cast and not self.empty:
            self.present = self.cast[:1]
        if not self.present and self.pronouns:
            self.present = [Being(self.pronouns[0], False, "", self.pronouns[0])]
        return tuple(replace(b, action=self.deeds.get(_who(b), "")) for b in self.present[:MOST])
