"""Understands a bare idea: who the hero is, what it wants, and which kind of story that makes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from app.services.engines.builtin.script import idea_en, idea_zh, topics
from app.services.engines.builtin.script.being import Being
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.language import Language, seconds
from app.services.engines.builtin.script.lexicon import Hit, lexicon

_OWN_WORDS_S = 6.5
"""An idea that takes longer to say has its own words told, not only its plot."""
_LONG_S = 8.5
"""An idea about a topic longer than this has more to say than the topic's tellings."""
_KIN = re.compile(
    "妈妈|母亲|爸爸|父亲|家人|亲人|奶奶|爷爷|姐姐|哥哥|弟弟|妹妹|孩子|宝宝|主人|外婆|姥姥|娘亲"
    r"|\b(?:mother|mom|mum|mama|mommy|father|dad|papa|daddy|family|parents?|grandma|grandmother|grandpa|grandfather|sister|brother|child|baby|owner)\b",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"^(?:回?自己的)?(?:回?家|家乡|家园|回家的路|故乡)$|^(?:(?:his|her|its|their|the|a) )?(?:way )?home$", re.IGNORECASE
)


@dataclass(frozen=True)
class Idea:
    """What an idea says. ``plot`` names the tellings that fit; fields that the idea leaves open are empty."""

    plot: str
    sentence: str
    hero: Being | None = None
    friend: Being | None = None
    goal: str = ""
    verb: str = ""
    season: str = ""
    place: str = ""
    thing: str = ""
    where: str = ""
    fear: str = ""
    unwilling: str = ""


def parse(text: str, language: Language) -> Idea:
    """The idea in ``text`` (cleaned, one sentence or less)."""
    sentence = " ".join(text.split())
    if not any(c.isalnum() or unicodedata.category(c) == "So" for c in sentence):
        return Idea("wonder", sentence)
    plain = simplified(sentence)
    grammar = idea_zh if language.chinese else idea_en
    hits = list(lexicon().scan(plain))
    start, core = grammar.core(plain)
    found = topics.topic(core, chinese=language.chinese) or grammar.match(core)
    written = sentence[start : start + len(core)]

    def as_written(part: str) -> str:
        spot = core.find(part) if part else -1
        return written[spot : spot + len(part)] if spot >= 0 else part

    heroes = [grammar.being(part, as_written(part)) for part in grammar.apart(found.hero)]
    others = [grammar.being(part, as_written(part)) for part in grammar.apart(found.friend)]
    leads, friends = [being for being in heroes if being], [being for being in others if being]
    idea = Idea(
        plot=found.plot,
        sentence=sentence,
        hero=leads[0] if leads else None,
        friend=next(iter([*leads[1:], *friends]), None),
        goal=as_written(found.goal),
        verb=as_written(found.verb),
        season=_first(hits, "season"),
        place="" if found.plot in ("make", "seek") and found.goal else _first(hits, "place"),
        thing=as_written(found.thing),
        where=as_written(found.where),
        fear=as_written(found.fear),
        unwilling=as_written(found.unwilling),
    )
    spoken_for = sum(seconds(being.count + being.phrase) for being in (idea.hero, idea.friend) if being)
    return _settled(idea, seconds(core) - spoken_for)


def _settled(idea: Idea, left_s: float) -> Idea:
    """The idea with its plot decided where the grammar alone cannot.

    ``left_s`` is how long the words take that name nobody: a hero alone is a story of our own, a deed is theirs.
    """
    goal = simplified(idea.goal)
    plot = idea.plot
    if plot in topics.plots():
        return idea if plot == "partner" or seconds(idea.sentence) <= _LONG_S else replace(idea, plot="premise")
    if plot in ("seek", "learn") and _KIN.search(goal):
        plot = "seek_kin"
    elif plot == "seek":
        plot = "seek_home" if _HOME.match(goal.strip()) else "seek_thing"
    elif plot == "friends" and idea.friend is None:
        plot = "wonder"
    if plot == "wonder":
        theme, _ = lexicon().entry("theme", simplified(idea.sentence).lower())
        word = idea.hero is not None and idea.hero.phrase.lower() == idea.sentence.strip(" .。!！").lower()
        unknown = idea.hero is None or (
            idea.hero.kind is None and (not idea.hero.proper or (word and theme != "other"))
        )
        if unknown and (idea.season or theme != "other"):
            return replace(idea, plot="season", hero=None)
        if unknown and not (idea.hero and idea.hero.count):
            return replace(idea, plot="premise", hero=None)
        if left_s > 0.8 or unknown:
            plot = "premise"
    if plot != "season" and seconds(idea.sentence) > _OWN_WORDS_S:
        plot = "premise"
    return replace(idea, plot=plot)


def _first(hits: list[Hit], group: str) -> str:
    return next((hit.key for hit in hits if hit.group == group), "")
