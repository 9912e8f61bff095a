"""Finding the picture in the words: who is there, where, when, in what weather, how it should feel and be framed.

Nothing here knows how anything is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.models.engine import DrawRequest
from app.services.engines.builtin.picture.company import Being, Company, deed
from app.services.engines.builtin.picture.introductions import without_names
from app.services.engines.builtin.picture.vocabulary import lexicon, mentions, normal

__all__ = ["Being", "Scene", "lexicon", "read_scene"]

_TECHNIQUES = ("ink", "watercolor", "papercut", "neon", "noir", "anime", "retro", "oil", "crayon", "pastel",
    "gongbi", "redcut", "flat", "clay", "pixel")  # fmt: skip
_WEAK_PLACES = {"sky": 0.35, "mountains": 0.7, "sea": 0.75, "meadow": 0.8, "road": 0.8, "snowfield": 0.9}
_LOCATIVE_AFTER = re.compile(r"^(里|裡|中|上|边|邊|下|旁|内|前|深处|間|间)")
_LOCATIVE_BEFORE = re.compile(
    r"(在|到|进|進|过|過|向|于|於|\b(in|at|on|through|into|across|along|over|by|of|to)( an?| the)?) ?$"
)
_FESTIVE = re.compile(r"灯会|燈會|灯节|燈節|元宵|庙会|廟會|节日|節日|festival|carnival|孔明灯|天灯|lanterns")
_CHASE = re.compile(r"\bchas(e|es|ing)\b|run(s|ning)? after|追|赶上|趕上")
_TEMPLE = re.compile(r"[寺庙廟]|temple|monastery|shrine|pagoda")
_STEEDS = (("马", "horse"), ("馬", "horse"), ("horse", "horse"), ("pony", "horse"), ("车", "bike"), ("車", "bike"),
    ("bike", "bike"), ("bicycle", "bike"), ("cycl", "bike"), ("龙", "dragon"), ("龍", "dragon"), ("驴", "horse"),
    ("扫帚", "broom"), ("掃帚", "broom"), ("broom", "broom"))  # fmt: skip
"""What a word for riding says about the mount."""


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
    framing: str = ""
    """``wide``, ``medium`` or ``close`` when the words say so."""
    steed: str = ""
    """What the words for riding name as the mount (``horse``, ``bike``, ``broom`` ...)."""
    festive: bool = False
    hour: str = ""
    """The part of the day, finer than ``time`` (a section of the lexicon), when the words say it."""
    chase: bool = False
    """The hero runs after the next one."""


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


def _steed(fields: Sequence[str]) -> str:
    """The mount that is part of the word for riding itself, as in 骑马 or cycling."""
    for text in fields:
        for m in mentions(text):
            if m.section == "action" and m.name == "ride":
                said = text[m.start : m.end + 2]
                for sign, mount in _STEEDS:
                    if sign in said:
                        return mount
    return ""


def _style(fields: Sequence[str]) -> str:
    named = _all("style", fields[:1]) or _all("style", fields)
    chosen = [name for name in named if name in _TECHNIQUES] or list(named)
    return chosen[0] if chosen else "storybook"


def _time(fields: Sequence[str], tone: str) -> str:
    times = _all("time", fields) or _all("time", (tone,))
    if times and times[0] != "day":
        return times[0]
    return next((t for t in ("dusk", "dawn", "night") if t in times), times[0] if times else "day")


def _weather(fields: Sequence[str]) -> tuple[str, bool]:
    """The weather, and whether there is a rainbow (which ends the rain)."""
    weathers = _all("weather", fields)
    if "rainbow" in weathers:
        return "", True
    return next((w for w in ("storm", "rain", "snow", "fog", "aurora", "cloudy", "wind") if w in weathers), ""), False


def _hour(fields: Sequence[str], time: str) -> str:
    """The hour that the words for this time of day tell."""
    for text in fields:
        found = mentions(text)
        starts = {m.start for m in found if m.section == "time" and m.name == time}
        hours = [m.name for m in found if m.section == "hour" and m.start in starts]
        if hours:
            return hours[0]
    return ""


def _action(fields: Sequence[str]) -> str:
    for text in fields:
        found = mentions(text)
        first = next((m for m in found if m.section == "action"), None)
        if first is not None:
            return deed(text, found, first)
    return ""


def _hero_action(company: Company, fields: Sequence[str]) -> str:
    """What the picture is about; of introduced figures what the first does, even if that is only to be there."""
    beings = company.result()
    if company.closed and beings and company.deeds:
        return beings[0].action
    return _action(fields)


def _buildings(fields: Sequence[str]) -> tuple[str, ...]:
    """What is built; the tower from which a temple's bell sounds is a pagoda and has no clock."""
    named = _all("building", fields)
    if any(_TEMPLE.search(text) for text in fields):
        named = tuple(dict.fromkeys("pagoda" if name == "tower" else name for name in named))
    return named


def _props(fields: Sequence[str], place: str) -> tuple[str, ...]:
    """Things to be seen: a bell that is only heard from afar is not."""
    named = _all("prop", fields)
    heard = not any(m.name == "bell" and not m.word.endswith(("声", "聲")) for t in fields for m in mentions(t))
    return tuple(name for name in named if name != "bell" or place == "temple" or not heard)


def read_scene(request: DrawRequest) -> Scene:
    """The scene that a request describes. Any text is fine, an empty one too."""
    prompt, subject, detail, tone, style = (
        normal(t) for t in (request.prompt, request.subject, request.detail, request.tone, request.style)
    )
    company = Company(request.characters)
    prompt = company.introduce(prompt)
    subject, detail = company.introduce(subject), company.introduce(detail)
    introduced = company.closed
    for text in (prompt, subject, detail) if introduced else (subject, prompt, detail):
        company.read(text, again=text is not prompt)
    company.leave(subject, prompt)
    fields = prompt, subject, detail = tuple(without_names(text, company.names) for text in (prompt, subject, detail))
    weather, rainbow = _weather(fields)
    place = _best_place(((prompt, 1.0), (subject, 0.6), (detail, 0.5)))
    time = _time(fields, tone)
    return Scene(
        place=place,
        time=time,
        hour=_hour(fields, time),
        weather=weather,
        season=_first("season", fields) or ("winter" if weather == "snow" else ""),
        mood=_first("mood", (tone,)) or _first("mood", (prompt, detail, subject)),
        style=_style((style, prompt, subject)),
        action=_hero_action(company, fields),
        beings=company.result(),
        props=_props(fields, place),
        plants=_all("plant", fields),
        buildings=_buildings(fields),
        vehicles=_all("vehicle", fields),
        colours=_all("colour", (prompt,)),
        paint=_paint(fields),
        moon=any(m.section == "time" and ("月" in m.word or "moon" in m.word) for t in fields for m in mentions(t)),
        rainbow=rainbow,
        framing=_first("framing", fields),
        steed=_steed(fields),
        chase=any(_CHASE.search(text) for text in fields),
        festive=any(_FESTIVE.search(text) for text in fields),
    )
