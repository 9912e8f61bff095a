"""Finding the picture in the words: who is there, where, when, in what weather and how it should feel.

Words are looked up in ``lexicon.json`` (data that a person can add to), in Chinese and English alike, the longest
match first. Nothing here knows how anything is drawn.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from app.models.engine import DrawRequest
from app.models.story import Character

_LONGEST_TEXT = 4000
"""Characters of a field that are read; a picture cannot show more."""
_TECHNIQUES = ("ink", "watercolor", "papercut", "neon", "noir", "anime", "retro", "oil", "crayon", "pastel")
_SAME = {"puppy": ("dog", "child"), "kitten": ("cat", "child"), "chick": ("chick", "child")}
_WEAK_PLACES = {"sky": 0.35, "mountains": 0.7, "sea": 0.75, "meadow": 0.8, "road": 0.8, "snowfield": 0.9}
_LOCATIVE_AFTER = re.compile(r"^(里|裡|中|上|边|邊|下|旁|内|前|深处|間|间)")
_LOCATIVE_BEFORE = re.compile(
    r"(在|到|进|進|过|過|向|于|於|\b(in|at|on|through|into|across|along|over|by|of|to)( an?| the)?) ?$"
)
_CLAUSE_END = re.compile(r"[，。！？；,.!?;、\n]")
_TOKEN = re.compile(r"[a-z][a-z'-]*|[0-9]+|[^\x00-\x7f]")

Meaning = tuple[str, str]


@dataclass(frozen=True)
class Mention:
    """A word of the lexicon found in a text."""

    section: str
    name: str
    start: int
    end: int
    word: str


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


@dataclass(frozen=True)
class Scene:
    """Everything that the words say about one picture."""

    place: str
    time: str
    weather: str
    season: str
    mood: str
    style: str
    action: str
    beings: tuple[Being, ...]
    props: tuple[str, ...]
    plants: tuple[str, ...]
    buildings: tuple[str, ...]
    vehicles: tuple[str, ...]
    colours: tuple[str, ...]
    paint: str = ""
    """The colour told of a vehicle."""
    moon: bool = False
    rainbow: bool = False


@lru_cache(maxsize=1)
def lexicon() -> dict[str, dict[str, tuple[str, ...]]]:
    """The lexicon as section -> name -> words."""
    raw = json.loads((Path(__file__).parent / "lexicon.json").read_text(encoding="utf-8"))
    return {
        section: {name: tuple(words.split("|")) for name, words in names.items()}
        for section, names in raw.items()
        if isinstance(names, dict)
    }


@lru_cache(maxsize=1)
def _index() -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, list[Meaning]] = {}
    for section, names in lexicon().items():
        for name, words in names.items():
            for word in words:
                found.setdefault(word, []).append((section, name))
    return {word: tuple(dict.fromkeys(meanings)) for word, meanings in found.items()}


def normal(text: str) -> str:
    """Lower case, full-width forms folded, shortened to what is read."""
    return unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).lower()


def _singular(word: str) -> Iterator[str]:
    yield word
    if word.endswith("'s"):
        yield word[:-2]
    if len(word) > 3 and word.endswith("s"):
        yield word[:-1]
        if word.endswith("es"):
            yield word[:-2]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        if word.endswith("ves"):
            yield word[:-3] + "f"


def mentions(text: str, names: Sequence[str] = ()) -> list[Mention]:
    """All words of the lexicon in ``text`` (already normal), left to right, none overlapping another.

    ``names`` are the cast's names; they win over the lexicon and come as section ``cast`` with the index as name.
    """
    index = _index()
    cast = {normal(name).strip(): str(i) for i, name in enumerate(names) if name.strip()}
    tokens = list(_TOKEN.finditer(text))
    found: list[Mention] = []
    i = 0
    while i < len(tokens):
        taken = 0
        for span in range(min(10, len(tokens) - i), 0, -1):
            first, last = tokens[i], tokens[i + span - 1]
            phrase = text[first.start() : last.end()]
            if len(phrase) > 30 or (span > 1 and "\n" in phrase):
                continue
            meanings: tuple[Meaning, ...] = (("cast", cast[phrase]),) if phrase in cast else ()
            for form in () if meanings else _singular(phrase) if phrase.isascii() else (phrase,):
                meanings = meanings or ((("cast", cast[form]),) if form in cast else index.get(form, ()))
            if meanings:
                found += [Mention(s, n, first.start(), last.end(), phrase) for s, n in meanings]
                taken = span
                break
        i += taken or 1
    return found


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


class _Company:
    """Who is in the picture, gathered over the fields in order of weight."""

    def __init__(self, characters: Sequence[Character]) -> None:
        self.cast = [cast_being(c) for c in characters]
        self.names = [c.name for c in characters]
        self.present: list[Being] = []
        self.pronouns: list[str] = []
        self.young = set(lexicon()["young"]["young"])

    def read(self, text: str) -> None:
        found = mentions(text, self.names)
        last_end = 0
        for position, mention in enumerate(found):
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
            if near and self.present and self.present[-1].kind == animal and not self.present[-1].named:
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
                return
        self.present.append(being)

    def result(self) -> tuple[Being, ...]:
        if not self.present and self.cast:
            self.present = self.cast[:1]
        if not self.present and self.pronouns:
            self.present = [Being(self.pronouns[0], False, "", self.pronouns[0])]
        return tuple(self.present[:5])


def _best_place(fields: Sequence[tuple[str, float]]) -> str:
    scores: dict[str, float] = {}
    for text, weight in fields:
        for m in mentions(text):
            if m.section != "place":
                continue
            score = weight * _WEAK_PLACES.get(m.name, 1.0) * (1.0 + 0.08 * min(len(m.word), 8))
            if _LOCATIVE_AFTER.search(text[m.end :]) or _LOCATIVE_BEFORE.search(text[max(0, m.start - 12) : m.start]):
                score *= 1.5
            score *= 1.0 - 0.25 * m.start / max(1, len(text))
            scores[m.name] = scores.get(m.name, 0.0) + score
    return max(scores, key=lambda name: scores[name]) if scores else ""


def _first(section: str, fields: Sequence[str]) -> str:
    return next((m.name for text in fields for m in mentions(text) if m.section == section), "")


def _all(section: str, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.name for text in fields for m in mentions(text) if m.section == section))


def _paint(fields: Sequence[str]) -> str:
    for text in fields:
        found = mentions(text)
        for colour, thing in pairwise(found):
            if colour.section == "colour" and thing.section == "vehicle" and 0 <= thing.start - colour.end <= 2:
                return colour.name
    return ""


def _style(fields: Sequence[str]) -> str:
    named = _all("style", fields[:1]) or _all("style", fields)
    chosen = [name for name in named if name in _TECHNIQUES] or list(named)
    return chosen[0] if chosen else "storybook"


def read_scene(request: DrawRequest) -> Scene:
    """The scene that a request describes. Any text is fine, an empty one too."""
    prompt, subject, detail, tone, style = (
        normal(t) for t in (request.prompt, request.subject, request.detail, request.tone, request.style)
    )
    company = _Company(request.characters)
    for text in (subject, prompt, detail):
        company.read(text)
    fields = (prompt, subject, detail)
    weathers = _all("weather", fields)
    times = _all("time", fields) or _all("time", (tone,))
    time = next((t for t in ("dusk", "dawn", "night") if t in times), times[0] if times else "day")
    if times and times[0] != "day":
        time = times[0]
    weather = next((w for w in ("storm", "rain", "snow", "fog", "aurora", "cloudy", "wind") if w in weathers), "")
    if "rainbow" in weathers:
        weather = ""
    season = _first("season", fields) or ("winter" if weather == "snow" else "")
    return Scene(
        place=_best_place(((prompt, 1.0), (subject, 0.6), (detail, 0.5))),
        time=time,
        weather=weather,
        season=season,
        mood=_first("mood", (tone,)) or _first("mood", (prompt, detail, subject)),
        style=_style((style, prompt, subject)),
        action=_first("action", (prompt, subject, detail)),
        beings=company.result(),
        props=_all("prop", fields),
        plants=_all("plant", fields),
        buildings=_all("building", fields),
        vehicles=_all("vehicle", fields),
        colours=_all("colour", (prompt,)),
        paint=_paint(fields),
        moon=any(m.section == "time" and ("月" in m.word or "moon" in m.word) for t in fields for m in mentions(t)),
        rainbow="rainbow" in weathers,
    )
