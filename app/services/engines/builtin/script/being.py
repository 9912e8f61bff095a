"""A being as an idea names it, before it has a name and a face."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.engines.builtin.script.lexicon import Kind


@dataclass(frozen=True)
class Being:
    phrase: str
    """As written, without article or measure word: 爱唱歌的小青蛙, ``lonely robot``."""
    noun: str
    """The shortest way to speak of it: 小青蛙, ``robot``."""
    kind: Kind | None = None
    count: str = ""
    """As written: 一只, ``a``, ``three``; empty when none."""
    proper: bool = False
    """The phrase is a name."""
    plural: bool = False
    name: str = ""
    """A name that the idea gives besides: Mina, of "a girl called Mina"."""


@dataclass(frozen=True)
class Match:
    """What a grammar found: the plot and the parts of the text that fill its places."""

    plot: str
    hero: str = ""
    friend: str = ""
    goal: str = ""
    verb: str = ""
    thing: str = ""
    """What the story is about: an heirloom, a shop, a lost glove."""
    where: str = ""
    """The place as worded: 火星上, ``on Mars``."""
    fear: str = ""
    unwilling: str = ""
    """What somebody will not do: 不想发芽, ``hates fighting``."""
