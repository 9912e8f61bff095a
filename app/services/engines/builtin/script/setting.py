"""Where, when, in what weather and mood each beat of a text stands, carried on where the text is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.engines.builtin.script.cast import Cast
from app.services.engines.builtin.script.lexicon import Hit, lexicon

_DAY = ("morning", "day", "afternoon", "dusk", "night")
_ARC = ("calm", "curious", "happy", "tense", "brave", "hopeful", "warm")
"""How a story feels from its beginning to its end when its words do not say."""


@dataclass(frozen=True)
class Setting:
    place: str
    time: str
    weather: str
    tone: str
    cameras: tuple[str, ...]
    """Moves that the place in the story asks for."""


def settings(hits: Sequence[Sequence[Hit]], cast: Cast) -> list[Setting]:
    """One setting a beat from the known words of each beat."""
    count = len(hits)
    home = "village"
    if cast.figures and cast.figures[0].kind:
        home = lexicon().kinds[cast.figures[0].kind].home
    places = _carried([_most(beat, "place") for beat in hits], home)
    times = _times([_most(beat, "time") for beat in hits])
    weathers = _weathers([_most(beat, "weather") for beat in hits], times)
    out: list[Setting] = []
    for i, beat in enumerate(hits):
        weather = "clear" if places[i] in ("space", "underwater") else weathers[i]
        tone = _most(beat, "tone") or _ARC[round(i * (len(_ARC) - 1) / max(count - 1, 1))]
        out.append(Setting(places[i], times[i], weather, tone, _cameras(i, count, places, tone)))
    return out


def _most(beat: Sequence[Hit], group: str) -> str:
    counts = Counter(hit.key for hit in beat if hit.group == group)
    return counts.most_common(1)[0][0] if counts else ""


def _carried(found: Sequence[str], default: str) -> list[str]:
    now = next((key for key in found if key), default)
    out: list[str] = []
    for key in found:
        now = key or now
        out.append(now)
    return out


def _times(found: Sequence[str]) -> list[str]:
    """Times of day: as told, carried on; a text that tells none goes from morning into the evening."""
    count = len(found)
    if not any(found):
        return [_DAY[min(i * 4 // max(count, 1), 3)] if i < count - 1 or count < 3 else "dusk" for i in range(count)]
    out = list(found)
    told = [i for i, key in enumerate(found) if key]
    first = told[0]
    for i in range(first):
        # A beat or two before the first word of time it is the same; long before, earlier in the day.
        out[i] = _DAY[max(0, _DAY.index(found[first]) - (first - i) // 2)]
    for start, end in zip(told, [*told[1:], count], strict=True):
        now = _DAY.index(found[start])
        later = _DAY.index(found[end]) if end < count else now
        for i in range(start + 1, end):
            out[i] = _DAY[now + max(0, later - now) * (i - start) // (end - start)]
    return out


def _weathers(found: Sequence[str], times: Sequence[str]) -> list[str]:
    """Weather as told; rain and snow go on through the same time of day, a storm as rain."""
    out: list[str] = []
    for i, weather in enumerate(found):
        last = out[-1] if out and times[i] == times[i - 1] else ""
        goes_on = {"storm": "rain", "rain": "rain", "snow": "snow"}.get(last, "clear")
        out.append(weather or goes_on)
    return out


def _cameras(i: int, count: int, places: Sequence[str], tone: str) -> tuple[str, ...]:
    if i == 0:
        return ("crane", "pull_back")
    if i == count - 1:
        return ("pull_back", "crane")
    if count > 4 and i == round(0.75 * (count - 1)) and tone in ("tense", "brave", "happy", "wonder", "hopeful"):
        return ("full_orbit", "orbit")
    return ("pull_back", "truck") if places[i] != places[i - 1] else ()
