"""Tells a bare idea as a little story: picks one of the hand-written tellings and fills it with this idea's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from app.models.story import Character
from app.services.engines.builtin.script import speaking, wording
from app.services.engines.builtin.script.figures import Figure
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.idea import Idea
from app.services.engines.builtin.script.language import Language, seconds
from app.services.engines.builtin.script.lexicon import DATA, Kind, lexicon, table
from app.services.engines.builtin.script.players import Players, players
from app.services.engines.builtin.script.scene import Moment, stretched
from app.services.engines.builtin.script.silences import silenced
from app.services.engines.builtin.script.stage import Stage, stage

_LINES = {"learn": "skill", "seek_thing": "goal", "fear": "fear", "season": "theme"}
"""Which table of lines.toml belongs to a plot."""
_FEWEST, _LONGEST_S = 6, 66.0
"""A telling that takes longer to say leaves a beat out, if it has more than six."""
_SAID = re.compile(r" (?:said|asked|cried|begged|laughed|thought(?! about| for| hard)|whispered|told|sighed)\b")
_DEED = re.compile(
    r"\b(?:is|are|was|were|has|had|can|who|finds?|wants?|\w+(?:s|ed))"
    r" (?:an?|the|his|her|its|to|in|on|into|by|up|for|with)\b"
)
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class _Told:
    """What a telling is filled from."""

    slots: dict[str, str]
    players: Players
    stage: Stage
    language: Language
    random: Random
    met: set[str]
    """Who has been spoken of so far: nobody is seen before."""
    craft: tuple[str, str] = ("", "")
    """How the skill that is learnt looks: doing it, and the things of it standing by."""


def tell(
    idea: Idea, language: Language, given: Sequence[Character], bounds: tuple[int, int], random: Random
) -> list[Moment]:
    """The idea as moments with hero, wish, trouble, help, turn and end; ``bounds`` are the fewest and most."""
    if idea.plot == "last" and not idea.where:
        idea = replace(idea, place="")
    entry = _own_lines(idea)
    telling = _choose(idea, idea.hero.kind if idea.hero else None, random)
    playing = replace(idea, hero=None, friend=None) if telling.get("of") == "topic" else idea
    cast = players(playing, telling, given, language, random)
    place = stage(idea, telling, cast.hero_kind, entry, random)
    slots = {**cast.slots, **place.slots(language)}
    slots |= wording.slots(idea, cast, slots["home_at"], language)
    slots["idea_line"] = _as_sentence(idea.sentence, language)
    slots |= _moon(cast.hero_kind.key, language)
    table_name = _LINES.get(idea.plot, "")
    for key, line in entry.get("zh" if language.chinese else "en", {}).items():
        slots[f"{table_name}_{key}"] = language.say(line, line)
    arrivals = lexicon().lines["arrive"]
    arrive = arrivals.get(place.roles["far"], arrivals["road"])
    slots["dest_arrive"] = language.say(*arrive)
    craft = entry.get("craft", [["", ""], ["", ""]])
    doing, standing = (language.say(*words) for words in craft)
    told = _Told(slots, cast, place, language, random, set(), (doing, standing))
    usual = min(7 + random.choice((0, 0, 1)), len(telling["beat"]))
    wanted = min(max(usual, bounds[0]), bounds[1])
    moments = [_moment(beat, told) for beat in _kept(telling["beat"], wanted)]
    if wanted > max(_FEWEST, bounds[0]) and sum(seconds(moment.narration) for moment in moments) > _LONGEST_S:
        wanted -= 1
        told.met.clear()
        moments = [_moment(beat, told) for beat in _kept(telling["beat"], wanted)]
    moments = [replace(moment, season=moment.season or idea.season) for moment in moments]
    return silenced(stretched(moments, wanted), wanted, closing=False)


def _own_lines(idea: Idea) -> dict[str, Any]:
    """The entry of lines.toml that belongs to this idea's wish, fear or theme."""
    name = _LINES.get(idea.plot)
    if not name:
        return {}
    about = idea.sentence if idea.plot == "season" else idea.goal
    return lexicon().entry(name, simplified(about).lower())[1]


@cache
def _tellings() -> tuple[dict[str, Any], ...]:
    names = sorted(path.name for path in (DATA / "tellings").glob("*.toml"))
    return tuple(table(f"tellings/{name}") for name in names)


def _choose(idea: Idea, hero: Kind | None, random: Random) -> dict[str, Any]:
    """One of the tellings of the plot that suit how the hero gets about; those about the idea's very words first."""
    move, home = ("walk", "village") if hero is None else (hero.move, hero.home)
    fit = [t for t in _tellings() if idea.plot in t["plot"].split() and move in t.get("moves", move).split()]
    fit = [t for t in fit if _speaks_of(t, idea)] or [t for t in fit if not _words(t)]
    apart = [t for t in fit if home in t.get("homes", "").split()]
    fit = apart or [t for t in fit if "homes" not in t]
    if idea.plot == "friends" and idea.friend:
        other = idea.friend.kind
        unlike = other is not None and (other.move != move or other.sort in ("sky", "thing"))
        fit = [t for t in fit if t["unlike"] == unlike]
    if idea.plot == "last":
        person = speaking.is_calling(idea.thing)
        fit = [t for t in fit if (t.get("of") == "person") == person] or fit
    if idea.plot == "season" and idea.season:
        fit = [t for t in fit if t["season"] == idea.season]
    if idea.plot == "premise" or not fit:
        kind = "deed" if _tells_a_deed(idea.sentence) else "topic"
        fit = [t for t in _tellings() if t["plot"] == "premise" and t["of"] == kind]
    return random.choice(fit)


def _words(telling: dict[str, Any]) -> list[str]:
    return f"{telling.get('zh_words', '')} {telling.get('en_words', '')}".split()


def _speaks_of(telling: dict[str, Any], idea: Idea) -> bool:
    """Whether the idea says one of the words that a telling is about."""
    text = simplified(idea.sentence).lower()
    latin = {re.sub(r"['’]s$", "", word) for word in re.findall(r"[a-z]+(?:['’]s)?", text)}
    return any(word in (latin if word.isascii() else text) for word in _words(telling))


def _kept(beats: Sequence[dict[str, Any]], wanted: int) -> list[dict[str, Any]]:
    """The beats that a film of ``wanted`` shots can hold: those that others lean on."""
    order = sorted(range(len(beats)), key=lambda i: (-beats[i]["keep"], i))[:wanted]
    return [beats[i] for i in sorted(order)]


def _moment(beat: dict[str, Any], told: _Told) -> Moment:
    chinese = told.language.chinese
    line: str = told.random.choice(beat["zh" if chinese else "en"])
    acts = beat["do_zh" if chinese else "do_en"].split("|")
    place = told.stage.roles.get(beat["at"].strip("{}"), beat["at"])
    sky = beat.get("sky", "clear")
    sky = told.stage.sky if sky == "{fear_sky}" else sky
    if place == "space":
        sky = "clear"
    elif place == "snowfield" and sky in ("storm", "rain"):
        sky = "snow"
    for role in told.players.figures:
        if re.search(rf"\{{(?:a_)?{role}(?:_pos)?\}}", line) or role == "kin":
            told.met.add(role)
    others = [told.players.figures[role] for role in beat.get("who", "").split() if role in told.met]
    return Moment(
        narration=fill(line, told.slots, told.language),
        figures=_distinct([told.players.hero, *others]),
        actions=(_skilled(_act(acts[0], told), beat, line, told), _act(acts[1], told)),
        place=place,
        time=beat["time"],
        tone=beat["tone"],
        weather=sky,
        season=beat.get("season", ""),
        sounds=tuple(beat.get("sound", "").split()),
        cameras=tuple(beat["cam"].split()),
    )


def _distinct(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    return tuple({figure.name: figure for figure in figures}.values())


def _skilled(act: str, beat: dict[str, Any], line: str, told: _Told) -> str:
    """A deed with the craft that is learnt in it: trying, painting at an easel. Elsewhere it stays as it is."""
    doing, standing = told.craft
    told_of, there = "{skill_" in line, beat["at"] == "{skill_at}"
    shown = doing if told_of and there else standing if told_of or (there and not beat.get("who")) else ""
    return told.language.say("，", ", ").join(part for part in (act, shown) if part)


def _act(text: str, told: _Told) -> str:
    done = fill(text, told.slots, told.language, sentence=False)
    return done.rstrip("。.")


def fill(line: str, slots: dict[str, str], language: Language, *, sentence: bool = True) -> str:
    """``line`` in the reader's script with its slots filled, twice deep, and set right as a sentence."""
    out = language.say(line, line)
    for _ in range(3):
        if "{" not in out:
            break
        out = _filled_once(out, slots, sentence)
    return _agreed(out) if slots.get("he") == "they" else out


def _filled_once(text: str, slots: dict[str, str], sentence: bool) -> str:
    return _SLOT.sub(lambda match: _placed(slots.get(match[1], ""), text, match, sentence), text)


def _placed(value: str, text: str, slot: re.Match[str], sentence: bool) -> str:
    """A slot's value with a capital where it begins a sentence; "asked she" after a question does not."""
    before, after = text[: slot.start()], text[slot.end() :]
    begins = not before or re.search(r"(?:[.!?…][”’]? +|“)$", before)
    said = before.rstrip().endswith("”") and _SAID.match(after)
    return value[:1].upper() + value[1:] if sentence and begins and not said else value


def _agreed(text: str) -> str:
    """Verbs after a hero that is several."""
    for one, many in (("was", "were"), ("is", "are"), ("has", "have"), ("knows", "know"), ("does", "do")):
        text = re.sub(rf"\b(they) {one}\b", rf"\1 {many}", text, flags=re.IGNORECASE)
    return re.sub(r"s's\b", "s'", text)


def _moon(hero: str, language: Language) -> dict[str, str]:
    """The moon, or who takes its place in a story that is about the moon."""
    if hero == "moon":
        return {"moon": language.say("小星星", ""), "moon_en": "the evening star", "moon_name": "evening star"}
    return {"moon": language.say("月亮", ""), "moon_en": "the moon", "moon_name": "moon"}


def _tells_a_deed(text: str) -> bool:
    """Whether an idea says that something happens, and does not only name a topic."""
    bare = text.strip(" 。.!！")
    if re.search(r"[。！？.!?”…]$", text.strip()):
        return True
    if re.search(r"^(?:an?|the) [\w ]+ (?:who|that) |^[^，了着]*的[^，了着的]{1,6}$", bare, re.IGNORECASE):
        return False
    if re.search("[\u4e00-\u9fff]", text):
        return bool(re.search(r"[，了着过在把被]|发现|遇|走|跑|飞|找|去|来|想|要|变|学|给", bare))
    return _DEED.search(bare) is not None


def _as_sentence(text: str, language: Language) -> str:
    """An idea as something that can be told: its own words with an end, or what the hero has in mind."""
    bare = text.strip(" 。.!！")
    if re.search(r"[。！？.!?”…]$", text.strip()):
        return text.strip()
    if _tells_a_deed(text):
        return bare + "。" if language.chinese else bare[0].upper() + bare[1:] + "."
    if language.chinese:
        return "{hero}" + language.say("心里一直装着一件事：", "") + bare + "。"
    return f"{{hero}} had only one thing on {{his}} mind: {bare}."
