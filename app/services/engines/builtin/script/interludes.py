"""Fills the film of a very short text with quiet shots around its own sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from app.services.engines.builtin.script.figures import Figure
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import lexicon, table
from app.services.engines.builtin.script.scene import Moment


def filled(moments: list[Moment], count: int, language: Language, *, verse: bool, random: Random) -> list[Moment]:
    """``moments`` with interludes until there are ``count``: an opening, an end, then pauses between."""
    short = count - len(moments)
    if short <= 0:
        return moments
    lines = _lines(language, verse)
    if not lines:
        return _repeated(moments, count)
    lead = moments[0].figures
    opening = _quiet(moments[0], lead, random.choice(_fit(lines["open"], lead)), "calm", language)
    closing = _quiet(moments[-1], lead, random.choice(_fit(lines["close"], lead)), "warm", language)
    pauses = max(0, short - 2)
    supply = _endless(_fit(lines["pause"], lead), random)
    inner: list[Moment] = []
    for i, moment in enumerate(moments):
        inner.append(moment)
        share = ((2 * i + 2) * pauses + len(moments)) // (2 * len(moments))
        share -= (2 * i * pauses + len(moments)) // (2 * len(moments))
        inner += [_quiet(moment, lead, next(supply), "", language) for _ in range(share)]
    return [*([opening] if short > 1 else []), *inner, closing]


def _lines(language: Language, verse: bool) -> dict[str, list[str]]:
    tables = table("interludes.toml")
    rows: dict[str, list[str]] = tables.get("zh" if language.chinese else language.code.split("-")[0], {})
    if verse and "verse_open" in rows:
        return {key: rows[f"verse_{key}"] for key in ("open", "pause", "close")}
    return rows


def _fit(lines: Sequence[str], lead: Sequence[Figure]) -> list[str]:
    return [line for line in lines if lead or "{hero}" not in line]


def _endless(lines: Sequence[str], random: Random) -> Iterator[str]:
    while True:
        yield from random.sample(list(lines), len(lines))


def _quiet(moment: Moment, lead: Sequence[Figure], line: str, tone: str, language: Language) -> Moment:
    """A still moment in the same place as ``moment``, with the hero if there is one; no ``tone``: a pause."""
    world: dict[str, Any] = lexicon().world
    place, time = world["place"][moment.place], world["time"][moment.time]
    slots = {
        "place_at": language.say(place["zh_at"], place["en_at"]),
        "time": language.say(time["zh"], time["en"]),
        "hero": lead[0].name if lead else "",
    }
    cameras = {"calm": ("crane", "pull_back"), "warm": ("pull_back", "static")}.get(tone, ("static", "tilt", "push_in"))
    tone = tone or "calm"
    row = world["gesture"][tone if lead else "scenery"]
    gestures = language.say(row["zh"], row["en"]).split("|")
    said = language.say(line, line).format_map(slots)
    return replace(
        moment,
        narration=said[0].upper() + said[1:],
        figures=tuple(lead[:1]),
        actions=(gestures[0], gestures[1]),
        tone=tone,
        cameras=cameras,
        whole=False,
    )


def _repeated(moments: list[Moment], count: int) -> list[Moment]:
    """For a language that we have no lines in: its own sentences again, each from another side."""
    spread = [moments[i * len(moments) // count] for i in range(count)]
    return [
        replace(moment, actions=(moment.actions[i % 2], moment.actions[1 - i % 2])) for i, moment in enumerate(spread)
    ]
