"""Gives a telling its places: where home is, which way leads on, what is wild, and where it all leads."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from app.services.engines.builtin.script.figures import kind_of
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.idea import Idea
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import Kind, lexicon

_WAYS = {
    "walk": (("road", "river", "garden"), ("forest", "mountains")),
    "swim": (("underwater", "sea"), ("sea", "underwater")),
    "fly": (("sky", "garden", "river"), ("mountains", "sky", "forest")),
}
_ALONE = {
    "snowfield": (("snowfield", "sea"), ("mountains", "snowfield")),
    "desert": (("desert", "road"), ("mountains", "desert")),
    "space": (("space",), ("space",)),
    "city": (("market", "road", "river"), ("forest", "mountains")),
}
"""Homes whose surroundings are their own: ways that lead on, and what is wild."""
_FAR = ("sea", "mountains", "snowfield", "island", "city", "space", "forest")
_SEEN_FROM = {"sky": "mountains", "space": "mountains", "underwater": "sea"}
_TO_SPACE = {"moon", "star", "sun"}


@dataclass(frozen=True)
class Stage:
    roles: dict[str, str]
    """``home``, ``way``, ``wild``, ``far`` and the places of the plot's own lines, as keys of world.toml."""
    sky: str
    dest: tuple[str, str]
    """The journey's end in Chinese and English."""

    def slots(self, language: Language) -> dict[str, str]:
        places = lexicon().world["place"]
        out: dict[str, str] = {"dest": language.say(*self.dest)}
        for role in ("home", "way", "wild", "far"):
            row = places[self.roles[role]]
            out[role] = language.say(row["zh"], row["en"])
            out[f"{role}_at"] = language.say(row["zh_at"], row["en_at"])
        return out


def stage(idea: Idea, telling: dict[str, Any], hero: Kind, entry: dict[str, Any], random: Random) -> Stage:
    """Places for this idea: its own first, then the hero's, then by chance."""
    away = idea.plot in ("journey", "premise")
    home = idea.place if idea.place and not away else telling.get("home", hero.home)
    if away and home in ("space", "sky"):
        home = "city"
    ways, wilds = _ALONE.get(home, _WAYS[hero.move])
    far, dest = _destination(idea, home, random)
    way = random.choice([place for place in ways if place != home] or ways)
    wild = random.choice([place for place in wilds if place not in (home, way, far)] or wilds)
    if idea.plot == "rescue":
        wild = _where(idea.goal) or wild
    elif idea.plot == "premise" and idea.place:
        wild = idea.place
    elif idea.plot == "friends" and idea.friend and idea.friend.kind:
        # Friends who live in different elements meet where the one can be seen by the other.
        far = _SEEN_FROM.get(idea.friend.kind.home, idea.friend.kind.home)
    roles = {"home": home, "way": way, "wild": wild, "far": far}
    own = entry.get("at", wild)
    own = home if own == "home" else way if own == "way" else wild if own == "wild" else own
    roles |= {"skill_at": own, "goal_at": own, "fear_at": own}
    return Stage(roles, entry.get("sky", "clear"), dest)


def _where(goal: str) -> str:
    """Where someone to be saved is found: where its kind lives, unless that is a house."""
    kind = kind_of(simplified(goal))
    return kind.home if kind and kind.home not in ("room", "village", "city") else ""


def _destination(idea: Idea, home: str, random: Random) -> tuple[str, tuple[str, str]]:
    places = lexicon().world["place"]
    if idea.plot == "journey" and idea.goal:
        hits = list(lexicon().scan(simplified(idea.goal)))
        far = next((hit.key for hit in hits if hit.group == "place"), "")
        if any(hit.key in _TO_SPACE for hit in hits):
            far = "space"
        if far:
            return far, (idea.goal, idea.goal)
        return random.choice(_FAR), (idea.goal, idea.goal)
    named = idea.place if idea.plot == "journey" and idea.place else ""
    far = named or random.choice([place for place in _FAR if place != home])
    return far, (places[far]["zh"], places[far]["en"])
