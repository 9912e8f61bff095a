"""How a telling words what its idea is about: the heirloom, the feast, the question, the place as the idea says it."""

from __future__ import annotations

import re

from app.services.engines.builtin.script.figures import article_of, shorten
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.idea import Idea
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import lexicon
from app.services.engines.builtin.script.players import Players
from app.services.engines.builtin.script.speaking import is_chinese

_THINGS = {
    "shop": ("小面馆", "little noodle shop"),
    "feel": ("眼泪", "a tear"),
    "lost": ("手套", "glove"),
    "discovery": ("一点光", "a bit of light"),
    "rivals": ("厨师", "chefs"),
    "magic": ("画笔", "brush"),
}
_DEEDS = ("吃一碗热汤面", "eat a bowl of hot noodles")
_LOST = {
    "taste": ("什么味道都尝不出来了", "could not taste a thing"),
    "smell": ("什么味道都闻不到了", "could not smell a thing"),
}
_PAST = {
    "hates": "hated",
    "hate": "hated",
    "refuses": "refused",
    "dislikes": "disliked",
    "won't": "would not",
    "doesn't": "did not",
    "does": "did",
    "don't": "did not",
}
_WINTER = ("冬至", "Midwinter Eve")
"""The feast of a story that names none and is told in the snow."""
_TOPIC_MAX = 48
_COUNTED = re.compile("^(?:一[个座家只本盏间条头把件顶枚]|第一[家间个])")


def slots(idea: Idea, players: Players, home_at: str, language: Language) -> dict[str, str]:
    """``{thing} {the_thing} {a_thing} {is_thing} {where} {fest_zh} {fest_en} {question} {topic} ...`` of README.md."""
    hero, friend = players.slots["hero"], players.slots["friend"]
    out = {"hero_pos": _possessive(hero, language), "friend_pos": _possessive(friend, language)}
    out["friend_noun"] = (idea.friend.noun if idea.friend else friend).lower()
    out |= _thing(idea, language)
    where = idea.where if idea.where and language.chinese == is_chinese(idea.where) else ""
    if idea.plot == "visitor":
        where = where or language.say("地球", "Earth")
        deed = idea.goal if idea.goal and language.chinese == is_chinese(idea.goal) else ""
        out |= {"goal": deed or language.say(*_DEEDS), "goal_deed": deed or language.say(*_DEEDS)}
    if idea.plot == "last":
        where = where or language.say("世界上", "in all the world")
    out["where"] = out["where_small"] = where or home_at
    key, feast = lexicon().entry("festival", simplified(idea.sentence).lower())
    zh, en = _WINTER if key == "other" and idea.plot == "absence" else (feast["zh"]["name"], feast["en"]["name"])
    out |= {"fest_zh": language.say(zh, ""), "fest_en": en}
    out |= _sayings(idea, players, language)
    out["where_found"] = _begun(where) or language.say("浴缸里", "In the bathtub")
    out["odd_hero"] = _odd(idea, players, language)
    own = idea.hero.noun if idea.hero and idea.hero.kind and language.chinese == is_chinese(idea.hero.noun) else ""
    out["puppet"] = own or language.say("小人", "hero")
    out["rival_noun"] = out["thing"] if idea.plot == "rivals" else ""
    return out


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _odd(idea: Idea, players: Players, language: Language) -> str:
    """A hero with what it cannot leave alone: a dragon who collects teapots."""
    new = players.slots["a_hero"]
    if language.chinese or not idea.unwilling:
        return new
    return f"{re.sub('^the ', 'a ', new)} {idea.unwilling}"


def _possessive(name: str, language: Language) -> str:
    if language.chinese:
        return name + "的"
    return name + ("'" if name.endswith("s") else "'s")


def _thing(idea: Idea, language: Language) -> dict[str, str]:
    """The thing without article or measure word, and as English sentences need it."""
    usual = _THINGS.get(idea.plot, ("宝贝", "treasure"))
    named = idea.thing if idea.thing and language.chinese == is_chinese(idea.thing) else ""
    thing = _COUNTED.sub("", named) if language.chinese else re.sub(r"^(?:an?|the) ", "", named, flags=re.IGNORECASE)
    thing = thing or re.sub("^a ", "", language.say(*usual))
    the = f"the last {thing}" if idea.plot == "last" else f"the {thing}"
    several = thing.endswith("s") and not thing.endswith("ss")
    a = thing if several or language.chinese else f"{article_of(thing)} {thing}"
    if idea.plot == "discovery" and not named:
        thing = language.say(*usual)
    what = {"cry": "is crying", "feel": "is a feeling", "a heart": "is a heart"}.get(thing)
    countable = thing in ("tear", "heart", "dream", "feeling")
    is_thing = what or (f"are {thing}" if several else f"is {a if countable else thing}")
    return {"thing": thing, "the_thing": thing if language.chinese else the, "a_thing": a, "is_thing": is_thing}


def _sayings(idea: Idea, players: Players, language: Language) -> dict[str, str]:
    """What is asked, refused, lost and played, in the idea's own words."""
    he = players.slots.get("he", "")
    refusal = idea.unwilling if idea.unwilling and language.chinese == is_chinese(idea.unwilling) else ""
    if language.chinese:
        refusal = refusal or language.say("不想打仗", "")
        oddity = idea.unwilling or language.say("没有出来", "")
    else:
        oddity = idea.unwilling or "did not come out"
        first, _, rest = (refusal or "would not fight").partition(" ")
        refusal = f"{he} {_PAST.get(first.lower(), first)} {rest}"
    bare = idea.sentence.strip(" 。.!！?？")
    sense = "taste" if re.search("味觉|尝|taste", idea.thing + idea.sentence) else "smell"
    return {
        "unwilling": refusal,
        "oddity": oddity,
        "question": bare + "？" if language.chinese else _asked(bare),
        "lost_what": language.say(*_LOST[sense]),
        "topic": shorten(bare if language.chinese else bare[:1].upper() + bare[1:], _TOPIC_MAX),
        "fear": idea.fear or players.slots.get("fear", ""),
    }


def _asked(bare: str) -> str:
    """ "why the sea is salty" as one asks it: Why is the sea salty?"""
    if re.match(r"(?i)why (?:do|does|did|is|are|was|were|can|must)\b", bare):
        return bare[:1].upper() + bare[1:] + "?"
    inverted = re.match(r"(?i)why (.+?) (is|are|was|were|can|has|have|do|does) (.+)", bare)
    if inverted:
        return f"Why {inverted[2].lower()} {inverted[1]} {inverted[3]}?"
    return f"Can you tell me {bare[:1].lower()}{bare[1:]}?"
