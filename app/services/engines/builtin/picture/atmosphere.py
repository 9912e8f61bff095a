"""What lives in the air of a place besides the weather: smoke, birds, dust in the sun, bubbles, mist, lanterns.

Names the effects for the film; a kind that is there already is left alone, and never more than five are on at once.
"""

from __future__ import annotations

from random import Random

from app.services.engines.builtin.picture.colour import RGB, mix
from app.services.engines.builtin.picture.framing import Framing
from app.services.engines.builtin.picture.stage import Stage

_MOST = 5
_GREEN = frozenset({"forest", "meadow", "garden", "lake", "river", "bamboo", "jungle", "village", "farm", "road"})
_BIRDLESS = frozenset({"underwater", "space", "cave"})
_ROOFED = frozenset({"forest", "jungle", "bamboo", "street", "market", "station"})
"""Places without an open sky: a flock would fly before trunks and walls."""
_WET = frozenset({"storm", "rain", "snow"})
_MISTY = frozenset({"lake", "river", "forest", "mountains", "temple", "bamboo", "swamp"})


def set_atmosphere(stage: Stage, framing: Framing, rng: Random) -> None:
    """Add what this place, hour and season would have."""
    here: set[str] = {effect.kind for effect in stage.effects}
    for kind, amount, colour, depth, box in _wishes(stage, framing, rng):
        if kind not in here and len(here) < _MOST:
            here.add(kind)
            stage.effect(kind, amount, colour, depth=depth, box=box)


Wish = tuple[str, float, RGB, float, tuple[float, float, float, float]]


def _wishes(stage: Stage, framing: Framing, rng: Random) -> list[Wish]:
    s, p = stage.scene, stage.palette
    horizon = stage.horizon / stage.height
    drift, share = rng.uniform(0.0, 0.3), rng.random()
    if s.place == "underwater":
        return [("bubbles", 0.5, (226, 246, 250), 0.8, (0.05, 0.1, 0.95, 0.95))]
    if stage.indoors:
        sun = s.time in ("day", "dawn", "dusk") and s.weather not in _WET
        return [("dust", 0.45, mix((255, 244, 210), p.light, 0.3), 0.8, (0.1, 0.08, 0.9, 0.8))] if sun else []
    wishes: list[Wish] = []
    if s.festive and s.place not in _BIRDLESS:
        wishes.append(("lanterns", 0.6, (255, 176, 84), 0.6, (0.04, 0.04, 0.96, max(0.3, horizon + 0.1))))
    calm = s.weather in ("", "wind", "aurora")
    if s.time == "night" and calm and s.place in _GREEN and s.season in ("", "summer", "spring"):
        wishes.append(("fireflies", 0.55, (236, 246, 140), 0.85, (0.02, 0.42, 0.98, 0.86)))
    if s.season == "spring" and s.weather not in _WET and s.place not in _BIRDLESS | {"desert", "snowfield"}:
        wishes.append(("petals", 0.4, (250, 190, 206), 0.9, (0.0, 0.0, 1.0, 1.0)))
    if s.season == "autumn" and s.weather not in ("storm", "snow") and s.place not in _BIRDLESS:
        wishes.append(("leaves", 0.4, (222, 128, 60), 0.9, (0.0, 0.0, 1.0, 1.0)))
    misty = s.weather == "fog" or (s.time == "dawn" and s.place in _MISTY)
    if misty and s.place not in _BIRDLESS:
        thick = 0.7 if s.weather == "fog" else 0.4
        box = (0.0, max(0.0, horizon - 0.08), 1.0, min(1.0, horizon + 0.24))
        wishes.append(("mist", thick, mix(p.sky[2], (255, 255, 255), 0.35), 0.45, box))
    clear = s.time != "night" and s.weather not in (*_WET, "fog") and s.place not in _BIRDLESS
    if (
        clear
        and s.place not in _ROOFED
        and framing.kind != "close"
        and share < (0.85 if framing.kind == "wide" else 0.45)
    ):
        top = 0.06 + 0.1 * drift
        box = (0.08 + drift, top, 0.62 + drift, max(top + 0.08, horizon - 0.14))
        wishes.append(("birds", 0.4 if framing.kind == "wide" else 0.25, mix((66, 72, 96), p.sky[1], 0.25), 0.2, box))
    return wishes
