"""The grammar of English ideas: "a robot learns to paint", "the fox who feared the dark", "Anna and the moon"."""

from __future__ import annotations

import re

from app.services.engines.builtin.script.being import Being, Match
from app.services.engines.builtin.script.figures import kind_of
from app.services.engines.builtin.script.lexicon import Kind

_HEAD = re.compile(
    r"^(?:please )?(?:(?:write|tell|make|create|generate|give)(?: me| us)? )?"
    r"(?:(?:an?|the)? ?(?:[a-z]+ ){0,2}(?:story|tale|film|movie|video|fable)s? (?:about|of|in which|where|for) )?"
    r"(?:once upon a time,? )?(?:there (?:was|is|lived) )?",
    re.IGNORECASE,
)
_HERO = (
    r"^(?P<hero>.+?)(?: who| that| which)?"
    r"(?: (?:is|was|finally|slowly|bravely|always|really|once|sets? (?:out|off) to|goes to|tries to|decides to|must"
    r"|has to|wants to))*"
)
_MAYBE = _HERO.replace(".+?", ".*?")
_OWN = r"(?:his|her|its|their|the)"
_RULES = tuple(
    (plot, re.compile(pattern, re.IGNORECASE))
    for plot, pattern in (
        (
            "sleep",
            _MAYBE + r" ?(?:(?:can't|cannot|could not|couldn't|won't) (?:fall a)?sleep|good ?night|bedtime|goes to bed"
            r"|lullaby)",
        ),
        (
            "home",
            _HERO + rf" (?:gets? lost|got lost|lost {_OWN} way|(?:finds?|looks? for|looking for) {_OWN} way home"
            r"|goes home|go home|lost in .*)",
        ),
        (
            "seek",
            _HERO + r" (?:look(?:s|ing)? for|search(?:es|ing)? for|hunt(?:s|ing)? for|seek(?:s|ing)?|find(?:s|ing)?"
            r"|in search of|longs? for|miss(?:es|ing)?|lost|loses?) (?P<goal>.+)",
        ),
        (
            "fear",
            _HERO + r" ?(?:afraid of|scared of|frightened of|fears?|feared|fac(?:es|ing)"
            rf"|overcom(?:es|ing) {_OWN} fear of) (?P<goal>.+)",
        ),
        ("rescue", _HERO + r" (?:saves?|rescues?|protects?|frees?|saving|rescuing) (?P<goal>.+)"),
        (
            "contest",
            r"^(?P<hero>.+?) (?:and|races?|vs\.?|against|racing) (?P<friend>.+?)"
            r"(?: race| have a race| in a race|$)(?<=race|rses|ares|oise|hare|rtle)",
        ),
        ("contest", _MAYBE + r" ?(?:race\b|races\b|contest|competition|tournament|olympics)"),
        ("gift", _MAYBE + r" .*?(?:gift|present|birthday).*?(?: for (?P<friend>.+))?$"),
        (
            "learn",
            _HERO + r" (?:learn(?:s|ed|ing)?(?: how)? to|wants? to|wanted to|dream(?:s|ed|ing)? (?:of|to)|tries to"
            r"|tried to|wishes to|longs to|practi[cs]es|discovers how to) (?P<goal>.+)",
        ),
        (
            "make",
            _HERO + r" (?P<verb>build|make|invent|grow|plant|bake|repair|fix|knit|construct)(?:s|es|ing)? (?P<goal>.+)",
        ),
        (
            "journey",
            _HERO
            + r" (?:(?:go|come)(?:s|es|ing)? to|travel(?:s|ing)? to|fl(?:y|ies|ying) to|sail(?:s|ing)? (?:to|across)"
            r"|visit(?:s|ing)?|walk(?:s|ing)? to|climb(?:s|ing)?|explor(?:es|ing)|cross(?:es|ing)?|journeys? to"
            r"|(?:trip|voyage|journey|flight) (?:to|across)) (?P<goal>.+)",
        ),
        (
            "journey",
            r"^(?P<hero>.*?)(?:'s|s')? ?(?:(?:\w+ )?(?:journey|voyage|adventures?|trip|travels|expedition|odyssey))\b",
        ),
        (
            "friends",
            r"^(?P<hero>.+?) (?:and|meets?|befriends?|makes? friends with|& ) ?(?P<friend>.+?)"
            r"(?: become.*| are .*| make friends.*|$)",
        ),
        ("wonder", r"^(?P<hero>.+)"),
    )
)
_ARTICLE = re.compile(r"^(an?|the|two|three|four|five|six|seven|some|my|his|her|our|one) (?=\w)", re.IGNORECASE)
_CALLED = re.compile(r",? (?:called|named) ([A-Z][\w-]{1,14})")
_KIN = {"mother", "father", "grandma", "grandpa"}
_SMALL = {"little", "small", "tiny", "old", "young", "baby", "big", "lost"}
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|can|will|makes?|changes?)\b", re.IGNORECASE)
_NUMBERS = {"two", "three", "four", "five", "six", "seven", "some"}
_AFTER = re.compile(
    r"(?:,| who| that| which| in (?:an?|the)| on (?:an?|the)| at | from | with | of | under | near | by ).*$",
    re.IGNORECASE,
)


def core(text: str) -> tuple[int, str]:
    """Where the idea itself stands in ``text`` (start), and the idea without "write a story about"."""
    start = _HEAD.match(text)
    begin = start.end() if start else 0
    return begin, text[begin:].rstrip(" .!?…")


def match(text: str) -> Match:
    """The first plot whose pattern fits."""
    for plot, rule in _RULES:
        found = rule.match(text)
        if not found or (plot != "gift" and re.fullmatch("an?|the", found["hero"], re.IGNORECASE)):
            continue
        if "hero" in found.groupdict() and len(found["hero"].split()) > 8 and plot != "wonder":
            continue
        parts = {key: (value or "").strip(" ,.!?") for key, value in found.groupdict().items()}
        if re.fullmatch("an?|the", parts.get("hero", ""), re.IGNORECASE):
            parts["hero"] = ""
        if plot == "home":
            return Match("seek", hero=parts["hero"], goal="home")
        return Match(plot, parts.get("hero", ""), parts.get("friend", ""), parts.get("goal", ""), parts.get("verb", ""))
    return Match("wonder")


def apart(text: str) -> list[str]:
    """The beings of a phrase: "a cat and a dog" is two."""
    return [part for part in re.split(r" and | & ", text) if part.strip()][:2]


def being(plain: str, written: str) -> Being | None:
    """A being from its noun phrase; None when nothing is left."""
    called = _CALLED.search(written)
    text = _AFTER.sub("", _CALLED.sub("", written).strip()).strip(" ,'’")
    found = _ARTICLE.match(text)
    count = found[1].lower() if found else ""
    phrase = text[found.end() :] if found else text
    if not re.search(r"\w|[^\x00-\x7f]", phrase):
        return None
    words = re.sub(r"['’]s?$", "", phrase).split()
    kind, last = _head(words)
    if kind:
        words = words[: last + 1]
    elif len(words) > 3 or _VERB.search(phrase):
        return None
    proper = (
        not count and words[0][:1].isupper() and (kind is None or (len(words) == 1 and not kind_of(f"a {words[0]}")))
    )
    if not count and (kind.key in _KIN if kind else len(words) == 1):
        proper, words = True, [word.capitalize() for word in words]
    plural = count in _NUMBERS or (
        bool(count) and words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is")) and count != "a"
    )
    phrase = " ".join(words) if proper else " ".join(words).lower()
    short = [word for word in phrase.split()[:-1] if word in _SMALL] + [kind_word(kind, phrase)]
    noun = phrase if proper else " ".join(short)
    return Being(phrase[:40], noun[:40], kind, count, proper, plural, called[1] if called else "")


def _head(words: list[str]) -> tuple[Kind | None, int]:
    """The kind that a phrase speaks of and where its word ends; "the king's cat" is a cat."""
    for i, word in enumerate(words):
        for start in (i - 1, i):
            kind = kind_of("a " + " ".join(words[start : i + 1])) if start >= 0 else None
            if (
                kind
                and not re.search(r"['’]s$", word)
                and not (i + 1 < len(words) and kind_of("a " + " ".join(words[i : i + 2])) not in (None, kind))
            ):
                return kind, i
    return None, 0


def kind_word(kind: Kind | None, phrase: str) -> str:
    """The noun at the end of ``phrase``, of two words where the kind has such a word."""
    last = phrase.split()[-1]
    pair = " ".join(phrase.split()[-2:])
    return pair if kind and pair in kind.en else last
