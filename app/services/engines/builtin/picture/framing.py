"""How a shot is framed: its size, where the horizon lies, how large somebody is and where the hero stands.

A place is measured by ``unit`` and a figure by ``person``: in a wide shot people are small in a large place, in a
close one they are large before a place that stays behind. All lengths are pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from app.services.engines.builtin.picture.words import Scene

_TASTE: dict[str, tuple[float, float]] = {
    "crane": (0.62, 0.0),
    "pull_back": (0.5, 0.16),
    "truck": (0.5, 0.06),
    "follow": (0.34, 0.0),
    "full_orbit": (0.3, 0.1),
    "orbit": (0.14, 0.36),
    "tilt": (0.3, 0.24),
    "roll_left": (0.18, 0.34),
    "roll_right": (0.18, 0.34),
    "static": (0.22, 0.34),
    "push_in": (0.1, 0.48),
}
"""By camera word: how often wide, how often close; medium otherwise."""
_WHOLE_BODY = frozenset({"run", "jump", "dance", "fly", "fall", "climb", "swim", "dig", "ride", "row", "sleep", "lie",
    "pull", "push", "kneel", "fish"})  # fmt: skip
"""What cannot be shown by a head and shoulders."""
_UNITS = {"wide": (0.9, 1.18, 0.92), "medium": (1.0, 1.4, 1.0), "close": (1.5, 1.95, 1.5)}
"""Unit of the place by framing: of the height for a broad and a square picture, of the width for a tall one
(broad, tall, square)."""
_LIE = {  # horizon and feet as fractions of the height, for a broad, a tall and a square picture
    "wide": ((0.495, 0.765), (0.5, 0.735), (0.5, 0.76)),
    "medium": ((0.55, 0.8), (0.5, 0.755), (0.545, 0.79)),
    "close": ((0.6, 1.0), (0.56, 0.93), (0.59, 0.99)),
}
_PERSON = {"wide": (0.24, 0.19, 0.23), "medium": (0.49, 0.385, 0.46), "close": (1.0, 1.0, 1.0)}
"""Height of a grown person, of the frame's."""
_EDGE = {"static": 0.05, "push_in": 0.055, "pull_back": 0.055}
"""How much of the width every camera word may lose at a side; 0.085 otherwise."""


@dataclass(frozen=True)
class Framing:
    """The geometry of a picture, in pixels where nothing else is said."""

    kind: str
    unit: float
    horizon: float
    feet: float
    person: float
    """Height of a grown person who stands at ``feet``."""
    hero_x: float
    """Fraction of the width."""
    calm: float
    """y from which on downwards the subtitles have their place."""
    margin: float
    """What stays free at the left and right."""
    ceiling: float
    """y that no figure reaches above."""
    tall: bool


def framing_of(scene: Scene, camera: str, rng: Random) -> str:
    """The size of the shot: as the words say, or as the camera word likes it. Always draws once from ``rng``."""
    chance = rng.random()
    if scene.framing:
        return scene.framing
    wide, close = _TASTE.get(camera, (0.25, 0.25))
    beings = sum(being.count for being in scene.beings)
    if not beings:
        return "wide" if chance < 0.7 else "medium"
    if chance < wide:
        return "wide"
    deeds = {scene.action, *(being.action for being in scene.beings)}
    if chance > 1 - close and beings <= 2 and not scene.vehicles and not deeds & _WHOLE_BODY:
        return "close"
    return "medium"


def frame(scene: Scene, camera: str, width: int, height: int, rng: Random) -> Framing:
    """Frame a scene on a picture of this size; chance comes from ``rng`` alike for every size."""
    kind = framing_of(scene, camera, rng)
    shape = 1 if height > width * 1.2 else 0 if width > height * 1.2 else 2
    side, swerve, lift = rng.choice((-1, 1)), rng.uniform(-1, 1), rng.uniform(-1, 1)
    unit = (width if shape == 1 else height) * _UNITS[kind][shape]
    unit = min(unit, max(width * 1.5, unit * 0.6), height * 1.6)
    horizon, feet = _LIE[kind][shape]
    horizon += 0.022 * lift
    if camera == "tilt":
        horizon, feet = horizon + 0.045, feet + 0.012
    elif camera == "crane":
        horizon -= 0.035
    alone = sum(being.count for being in scene.beings) < 2
    off = {"wide": 0.18, "medium": 0.145, "close": 0.13}[kind]
    if shape and alone:
        off *= 0.45 if shape == 1 else 0.35
    elif shape:
        off *= 0.75
    calm = 0.76 if shape == 1 else 0.8
    edge = _EDGE.get(camera, 0.085)
    return Framing(
        kind,
        unit,
        horizon * height,
        feet * height,
        height * _PERSON[kind][shape] * (1.0 + 0.06 * lift),
        0.5 + side * off + 0.02 * swerve,
        calm * height,
        edge * width,
        (0.045 if kind == "close" else 0.07) * height,
        shape == 1,
    )


def nearness(framing: Framing, y: float) -> float:
    """How large somebody is who stands at ``y``, against who stands at ``feet``; gentler than in life."""
    true = (y - framing.horizon) / max(1.0, framing.feet - framing.horizon)
    return min(1.3, max(0.45, 1.0 + 0.75 * (true - 1.0)))
