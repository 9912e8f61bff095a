"""Films a poem: its lines and nothing but its lines are spoken, and every picture shows what its line says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from app.models.story import Character
from app.services.engines.builtin.script import beats, figures
from app.services.engines.builtin.script.figures import Figure
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.language import Language, seconds
from app.services.engines.builtin.script.lexicon import lexicon, table
from app.services.engines.builtin.script.scene import Moment
from app.services.engines.builtin.script.sentences import Reading, Unit, joined
from app.services.engines.builtin.script.silences import silenced

_HOLD_S = 5.5
"""A line is short: its picture stays longer than its words."""
_SHOT_S = 6.0
"""What lines that share a shot may take together."""
_SHOWN = 3
_VAGUE = ("night", "sky", "sun", "noon", "spring", "summer", "autumn", "winter")
"""Images that are shown only after those that have a shape."""
_ARC = ("calm", "wonder", "calm", "lonely", "warm")
"""How a poem feels from its beginning to its end when its words do not say."""
_FLASHBACK = ("夜来", "昨夜", "忆", "last night")
"""After these words the poem is again where it was."""
_LASTING = ("snow", "fog")
"""Weather that, once named, is that of the whole poem."""


@dataclass
class _Image:
    """An image of images.toml in a line."""

    row: dict[str, Any]
    word: str


@dataclass
class _Stanza:
    """The lines of one shot, with what they show."""

    units: list[Unit]
    images: list[_Image] = field(default_factory=list)

    def first(self, key: str) -> str:
        return next((str(image.row[key]) for image in self.images if key in image.row), "")


def film(
    reading: Reading, language: Language, given: Sequence[Character], bounds: tuple[int, int], random: Random
) -> list[Moment]:
    """The poem as moments; lines too few for the fewest shots get pictures without words between them."""
    units = list(reading.units)
    lengths = [seconds(unit.text) for unit in units]
    wanted = len(units) if len(units) <= bounds[1] else round(sum(lengths) / _SHOT_S)
    count = min(max(wanted, bounds[0]), bounds[1], len(units))
    spans = beats.group(lengths, [unit.opens for unit in units], count)
    stanzas = [_Stanza([units[i] for i in span]) for span in spans]
    for stanza in stanzas:
        stanza.images = [image for unit in stanza.units for image in _images(unit.text)]
    if units[0].title and len(stanzas) > 1:
        stanzas[0].images += stanzas[1].images
    cast = _Cast(language, given, random, _poet_name(units, language))
    moments = [_moment(stanza, i, stanzas, cast, language) for i, stanza in enumerate(stanzas)]
    return silenced(moments, bounds[0], closing=True, still=True)


@cache
def _words() -> tuple[re.Pattern[str], dict[str, str], dict[str, str]]:
    """A pattern for all Chinese words, longest first, and both languages' words to their images."""
    rows = table("images.toml")["image"]
    han = {word: key for key, row in rows.items() for word in row["zh"].split()}
    latin = {word: key for key, row in rows.items() for word in row["en"].split()}
    pattern = re.compile("|".join(map(re.escape, sorted(han, key=lambda word: (-len(word), word)))))
    return pattern, han, latin


def _images(text: str) -> list[_Image]:
    """What a line shows, in its order, each thing once."""
    rows = table("images.toml")["image"]
    pattern, han, latin = _words()
    found = {han[match.group()]: match.group() for match in reversed(list(pattern.finditer(simplified(text))))}
    keys = list(found)[::-1]
    for word in re.findall("[a-z]+", text.lower()):
        key = latin.get(word, "")
        if key and key not in found:
            found[key] = word
            keys.append(key)
    return [_Image(rows[key], found[key]) for key in sorted(keys, key=_VAGUE.__contains__)]


def _poet_name(units: Sequence[Unit], language: Language) -> str:
    """The poet when the title names one, else just "the poet"."""
    parts = re.split("[，,]", units[0].text.strip("。.")) if units[0].title else []
    return parts[1].strip() if len(parts) == 2 else language.say("诗人", "the poet")


class _Cast:
    """Who is seen in the poem, each described once."""

    def __init__(self, language: Language, given: Sequence[Character], random: Random, poet: str) -> None:
        self.language, self.random, self.poet = language, random, poet
        self.known: dict[str, Figure] = {}
        if given:
            self.known["poet"] = figures.given(given[0], language, random)

    def figure(self, kind_key: str, word: str) -> Figure:
        """The one figure of this kind in the poem."""
        if kind_key not in self.known:
            kind = lexicon().kinds[kind_key]
            noun = figures.noun_of(kind, self.language)
            looks = figures.looks(kind, noun, self.language, self.random, worn=False)
            own = self.language.say(word, f"the {noun}") if self.language.chinese else f"the {noun}"
            self.known[kind_key] = Figure(self.poet if kind_key == "poet" else own, looks, kind_key)
        return self.known[kind_key]


def _moment(stanza: _Stanza, i: int, stanzas: Sequence[_Stanza], cast: _Cast, language: Language) -> Moment:
    doers = [image for image in stanza.images if "who" in image.row]
    doer = next((image for image in doers if image.row["who"] != "poet"), doers[0] if doers else None)
    titled = stanza.units[0].title
    shown = [language.say(*image.row["see"]) for image in stanza.images if "who" not in image.row][:_SHOWN]
    if doer and titled:
        doer = None
    if doer is None and not shown:
        shown = [language.say(*image.row["see"]) for image in stanza.images][:_SHOWN]
    place, time, weather, season = _where(i, stanzas)
    tone = stanza.first("tone") or _ARC[round(i * (len(_ARC) - 1) / max(len(stanzas) - 1, 1))]
    still = language.say(*((lexicon().world["gesture"]["scenery"][key]) for key in ("zh", "en"))).split("|")
    acts = [language.say(*doer.row["do"])] if doer else shown[:1]
    acts = [*acts, *(shown if doer else shown[1:]), *still][:2]
    comma = "，" if language.chinese else ", "
    return Moment(
        narration=_spoken(stanza.units, i + 1 == len(stanzas) or bool(stanzas[i + 1].units[0].opens), language),
        figures=(cast.figure(doer.row["who"], doer.word),) if doer else (),
        actions=(acts[0], acts[1]),
        place=place,
        time=time,
        tone=tone,
        weather=weather,
        season=season,
        sounds=tuple(dict.fromkeys(str(image.row["sound"]) for image in stanza.images if "sound" in image.row)),
        cameras=_cameras(stanza, i, len(stanzas)),
        seen=comma.join(shown if doer else shown[1:]),
        hold_s=_HOLD_S if seconds("".join(unit.text for unit in stanza.units)) < _HOLD_S - 1.0 else None,
    )


def _where(i: int, stanzas: Sequence[_Stanza]) -> tuple[str, str, str, str]:
    """Place, time, weather and season of a stanza; what it leaves open is as it was, at first as it will be."""

    def told(key: str, default: str) -> str:
        own = stanzas[i].first(key)
        if own:
            return own
        before = [s.first(key) for s in stanzas[:i] if not any(image.word in _FLASHBACK for image in s.images)]
        after = [s.first(key) for s in stanzas[i + 1 :]]
        return next((value for value in [*before[::-1], *after] if value), default)

    lasting = Counter(s.first("weather") for s in stanzas if s.first("weather") in _LASTING)
    weather = stanzas[i].first("weather") or next(iter(lasting), "clear")
    return told("place", "mountains"), told("time", "day"), weather, told("season", "")


def _cameras(stanza: _Stanza, i: int, count: int) -> tuple[str, ...]:
    own = tuple(move for image in stanza.images for move in str(image.row.get("cam", "")).split())
    if i == 0:
        return ("crane", "pull_back")
    return (*own, "pull_back", "static") if i == count - 1 else own


def _spoken(units: Sequence[Unit], closes: bool, language: Language) -> str:
    """Lines as one breath: each keeps its own mark, or gets a pause where it has none."""
    pause, end = ("，", "。") if language.chinese else (",", ".")
    marked = []
    for k, unit in enumerate(units):
        last = k + 1 == len(units)
        stop = end if (last and closes) or (not last and units[k + 1].opens) else pause
        marked.append(unit.text + stop if unit.text[-1].isalnum() else unit.text)
    return joined(marked)
