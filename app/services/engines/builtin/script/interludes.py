"""Surrounds an idea in a language that we do not tell in with a few quiet lines of that language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from app.services.engines.builtin.script.figures import Figure
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import lexicon, table
from app.services.engines.builtin.script.scene import Moment


def filled(moments: list[Moment], count: int, language: Language, random: Random) -> list[Moment]:
    """``moments`` with an opening, an end and pauses until there are ``count``; as they are without lines for it."""
    rows = table("interludes.toml").get(language.code.split("-")[0])
    short = count - len(moments)
    if short <= 0 or rows is None:
        return moments
    lead = moments[0].figures
    opening = [_quiet(moments[0], lead, rows["open"][0], "calm", language)] if short > 1 else []
    closing = _quiet(moments[-1], lead, rows["close"][0], "warm", language)
    room = min(max(0, short - 2), len(rows["pause"]))
    chosen = sorted(random.sample(range(len(rows["pause"])), room))
    tones = ("curious", "lonely", "brave", "hopeful", "happy")
    pauses = [_quiet(moments[-1], lead, rows["pause"][k], tones[k % len(tones)], language) for k in chosen]
    return [*opening, *moments, *pauses, closing]


def _quiet(moment: Moment, lead: Sequence[Figure], line: str, tone: str, language: Language) -> Moment:
    """A still moment in the same place as ``moment``, with the hero if there is one."""
    row = lexicon().world["gesture"][tone if lead else "scenery"]
    gestures = language.say(row["zh"], row["en"]).split("|")
    cameras = {"calm": ("crane", "pull_back"), "warm": ("pull_back", "static")}.get(tone, ())
    return replace(
        moment,
        narration=line,
        figures=tuple(lead[:1]),
        actions=(gestures[0], gestures[1]),
        tone=tone,
        cameras=cameras,
        whole=False,
    )
