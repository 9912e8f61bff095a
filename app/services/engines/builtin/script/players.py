"""Casts a telling: names and faces for hero, friend, helpers and kin, and the slots that speak of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from app.models.story import Character
from app.services.engines.builtin.script import figures, speaking
from app.services.engines.builtin.script.being import Being
from app.services.engines.builtin.script.figures import Figure
from app.services.engines.builtin.script.idea import Idea
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import Kind, lexicon
from app.services.engines.builtin.script.speaking import counted, known, of_kind, pronoun

_GO = {
    "walk": ("走", "walk", "walked", "walking"),
    "swim": ("游", "swim", "swam", "swimming"),
    "fly": ("飞", "fly", "flew", "flying"),
}
_FRIENDS = {
    "walk": ("rabbit", "squirrel", "fox", "hedgehog", "duck", "frog", "mouse"),
    "swim": ("dolphin", "turtle", "octopus", "crab"),
    "fly": ("rabbit", "squirrel", "bird", "butterfly", "hedgehog"),
}
_THING = Kind("", (), (), "thing", "village", "walk", "个", "none", "", (("暖暖的颜色", "warm colours"),))
"""What stands for a hero of whom we know nothing but the word."""


@dataclass(frozen=True)
class Players:
    hero: Figure
    hero_kind: Kind
    figures: dict[str, Figure]
    """By what they are to the hero: ``friend``, ``helper``, ``night``, ``kin``."""
    slots: dict[str, str]


@dataclass(frozen=True)
class _Role:
    """Someone as the telling speaks of them: at first mention, ever after, by pronoun."""

    figure: Figure
    kind: Kind
    new: str
    known: str
    pronoun: str


def players(
    idea: Idea, telling: dict[str, Any], given: Sequence[Character], language: Language, random: Random
) -> Players:
    """Everybody whom a telling may speak of; the request's own characters take the parts they fit."""
    waiting = list(given)
    own_hero = telling.get("hero", "child")
    being = idea.hero or of_kind(lexicon().kinds[own_hero], language)
    if being.kind is None and idea.plot in ("poet", "discovery"):
        man = idea.plot == "discovery" and speaking.kind_by_name(being.phrase).key == "boy"
        being = replace(being, kind=lexicon().kinds["scholar" if man else own_hero])
    own_words = idea.plot == "premise" and idea.hero is not None
    christen = idea.plot != "season" and not own_words
    invented = idea.hero is None
    if being.kind and speaking.told_pronoun(idea.sentence) == "she" and being.kind.names == "boy":
        being = replace(being, kind=replace(being.kind, names="girl", sex="she"))
    hero = _role(being, _take(waiting, being), language, random, christen=christen, invented=invented)
    if not language.chinese and hero.pronoun != "they":
        hero = replace(hero, pronoun=speaking.told_pronoun(idea.sentence) or hero.pronoun)
    being = idea.friend or _own_friend(idea, telling, hero.kind, language, random)
    christen = not idea.friend and "friend" in telling
    friend = _role(being, _take(waiting, being), language, random, christen=christen, invented=True)
    taken = {hero.kind.key, friend.kind.key}
    move = hero.kind.move
    own = next((beat["helper"] for beat in telling["beat"] if "helper" in beat), None)
    helper = _helper(own or random.choice(_free("helpers", move, taken)), language, random)
    night = _helper(random.choice(_free("night_helpers", move, taken | {helper.kind.key})), language, random)
    go, *ways = _GO[move]
    slots = {**speaking.wish_slots(idea, language), "go": language.say(go, ways[0])}
    slots |= {"went": ways[1], "going": ways[2]}
    cast = {"friend": friend, "helper": helper, "night": night}
    kin = _kin(idea, hero, language, random)
    if kin:
        cast["kin"] = kin
        slots |= {"gta": kin.pronoun, "gher": speaking.objective(kin.pronoun)}
        slots["goal"] = slots["the_goal"] = kin.known
    for role, who in {"hero": hero, **cast}.items():
        slots |= {role: who.known, f"a_{role}": who.new}
        if role in ("hero", "friend"):
            slots |= speaking.pronoun_slots(role, who.pronoun, language)
    return Players(hero.figure, hero.kind, {role: who.figure for role, who in cast.items()}, slots)


def _take(waiting: list[Character], being: Being) -> Character | None:
    """The request's character that this being is: one of its name or kind, else the first that is left."""
    for character in waiting:
        same = being.noun in character.name or character.name in being.phrase
        kind = figures.kind_of(character.description) or figures.kind_of(character.name)
        if same or (kind and being.kind and kind.key == being.kind.key):
            waiting.remove(character)
            return character
    return waiting.pop(0) if waiting else None


def _role(
    being: Being, given: Character | None, language: Language, random: Random, *, christen: bool, invented: bool = False
) -> _Role:
    """``christen``: may be given a name; ``invented``: the idea names nobody, so that a name is sure to help."""
    kind = being.kind or (speaking.kind_by_name(being.phrase) if being.proper else _by_calling(being, random) or _THING)
    being = _speakable(being, kind, language)
    if given:
        return _given_role(being, kind, given, language, random)
    name = _name(being, kind, language, random, always=invented) if christen or being.name else ""
    looks = figures.looks(kind, _seen_as(being, kind, language), language, random)
    call = name or known(being, language)
    new = counted(being, kind, language, name)
    return _Role(Figure(call, looks, kind.key), kind, new, call, pronoun(kind, call, language, plural=being.plural))


def _by_calling(being: Being, random: Random) -> Kind | None:
    """A grown man or woman when the word is one for what people do: 消防员, ``violinist``."""
    if speaking.is_calling(being.noun):
        return lexicon().kinds[random.choice(("man", "woman"))]
    return None


def _given_role(being: Being, kind: Kind, given: Character, language: Language, random: Random) -> _Role:
    figure = figures.given(given, language, random)
    kind = lexicon().kinds.get(figure.kind, kind)
    if figure.name in (being.noun, being.phrase):
        new, call = counted(being, kind, language), known(being, language)
    else:
        new = call = figure.name
    return _Role(figure, kind, new, call, pronoun(kind, figure.name, language, plural=being.plural))


def _speakable(being: Being, kind: Kind, language: Language) -> Being:
    """The being in words of the telling's language: its own, its kind's, or just a wanderer."""
    wordless = not any(c.isalpha() for c in being.phrase)
    if not wordless and language.chinese == speaking.is_chinese(being.phrase):
        return being
    if kind.key:
        return of_kind(kind, language)
    wanderer = language.say("小旅人", "little wanderer")
    return replace(being, phrase=wanderer, noun=wanderer, count="")


def _seen_as(being: Being, kind: Kind, language: Language) -> str:
    """The noun that looks begin with, with the number of several."""
    if being.proper:
        return figures.noun_of(kind, language)
    if language.chinese:
        return being.count + being.noun if being.plural else being.noun
    return f"{being.count} {being.phrase}" if being.plural else being.phrase


def _name(being: Being, kind: Kind, language: Language, random: Random, *, always: bool) -> str:
    """The name that the idea gives, or one for a hero who has none, more often than not."""
    if being.name and language.chinese == speaking.is_chinese(being.name):
        return being.name
    described = language.chinese and being.phrase != being.noun
    if being.proper or being.plural or described or kind.names == "none" or (not always and random.random() < 0.3):
        return ""
    name: str = random.choice(lexicon().beings["names"]["zh" if language.chinese else "en"][kind.names])
    return language.say(name, name)


def _own_friend(idea: Idea, telling: dict[str, Any], hero: Kind, language: Language, random: Random) -> Being:
    """Who stands beside the hero when the idea names nobody: an elder, whom the telling needs, or just a friend."""
    kinds = lexicon().kinds
    if idea.plot in ("absence", "heirloom"):
        elder = language.say("爷爷", "Grandpa")
        return Being(elder, elder, kinds["grandpa"], proper=True)
    wanted = telling.get("friend", "")
    if wanted == hero.key:
        wanted = "girl" if wanted == "boy" else "boy"
    return of_kind(kinds[wanted] if wanted else _friend(hero, random), language)


def _friend(hero: Kind, random: Random) -> Kind:
    """A friend for a story that needs one and names none."""
    keys = [key for key in _FRIENDS[hero.move] if key != hero.key]
    if hero.sort in ("person", "machine"):
        keys += ["cat", "dog", "bird"]
    return lexicon().kinds[random.choice(keys)]


def _free(pool: str, move: str, taken: set[str]) -> list[list[str]]:
    rows: list[list[str]] = lexicon().beings[pool][move]
    return [row for row in rows if row[0] not in taken] or rows


def _helper(row: Sequence[str], language: Language, random: Random) -> _Role:
    """``row``: a kind, then what it is called in Chinese and, last, in English."""
    kind = lexicon().kinds[row[0]]
    noun = language.say(row[1], row[-1])
    being = Being(noun, noun, kind)
    looks = figures.looks(kind, noun, language, random, worn=False)
    call = known(being, language)
    return _Role(Figure(call, looks, kind.key), kind, counted(being, kind, language), call, pronoun(kind, "", language))


def _kin(idea: Idea, hero: _Role, language: Language, random: Random) -> _Role | None:
    """Whom the hero looks for or saves."""
    if idea.plot not in ("seek_kin", "rescue"):
        return None
    goal = speaking.wish_slots(idea, language)["goal"]
    kind = figures.kind_of(goal if language.chinese else f"a {goal}") or lexicon().kinds["child"]
    he = pronoun(kind, goal, language)
    if idea.plot == "rescue":
        goal = re.sub(r"^[一这那][\u4e00-\u9fff](?=[\u4e00-\u9fff]{2})", "", goal)
        noun = re.sub(r"^(?:the|an?) ", "", goal, flags=re.IGNORECASE)
        call = goal if language.chinese or goal[:1].isupper() or goal == "everybody" else f"the {noun}"
        return _Role(Figure(call, figures.looks(kind, noun, language, random), kind.key), kind, goal, call, he)
    name = goal if language.chinese else re.sub(r"s's\b", "s'", f"{hero.known}'s {goal}")
    if hero.kind.sort not in ("animal", "fantasy"):
        return _Role(Figure(name, figures.looks(kind, goal, language, random), kind.key), kind, goal, goal, he)
    # An animal's mother is that animal, grown up, in the same coat.
    noun = figures.noun_of(hero.kind, language)
    grown = language.say("高大温柔的", "tall gentle ") + (noun.removeprefix("小") if language.chinese else noun)
    like = figures.looks(hero.kind, grown, language, random, worn=False, like=hero.figure.looks)
    kin = Figure(name, like, hero.kind.key)
    return _Role(kin, hero.kind, goal, goal, language.say("它", he))
