"""Nooks: the exact places of a room or land where somebody sits, lies, climbs or works, and which way they face there.

A stage's ``spots`` know a kind and a point only. A nook is two of them: where the body is, and right after it the
``ground`` below, moved one pixel to the side that somebody there looks to.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.services.engines.builtin.picture.colour import RGB
from app.services.engines.builtin.picture.stage import Stage

_GROUND = "ground"
QUILTS: tuple[RGB, ...] = ((126, 168, 210), (236, 150, 140), (160, 190, 140), (232, 186, 104), (170, 150, 200))


@dataclass(frozen=True)
class Nook:
    """Somewhere to be, in pixels."""

    kind: str
    """``seat``, ``bed``, ``desk``, ``easel``, ``stove`` or ``stairs``; of open ground ``path``, ``door``, ``shore``."""
    x: float
    y: float
    """Of a seat, bed or step its upper side, of a desk its rear edge, otherwise where feet stand."""
    ground: float
    """y of the floor there."""
    way: int = 0
    """-1 or 1: the side that somebody looks to, of a bed the side of the pillow; 0 when it does not matter."""


def nook(stage: Stage, kind: str, x: float, y: float, ground: float, way: int = 0) -> None:
    """Offer a nook, in pixels."""
    stage.offer(kind, x, y)
    stage.offer(_GROUND, x + way, ground)


def nooks(stage: Stage) -> list[Nook]:
    """Everything that the place offers, in its order."""
    found: list[Nook] = []
    for k, spot in enumerate(stage.spots):
        if spot.kind == _GROUND:
            continue
        below = stage.spots[k + 1] if k + 1 < len(stage.spots) else None
        if below is not None and below.kind == _GROUND:
            found.append(Nook(spot.kind, spot.x, spot.y, below.y, round(below.x - spot.x)))
        else:
            found.append(Nook(spot.kind, spot.x, spot.y, spot.y))
    return found


def quilt_of(stage: Stage) -> RGB:
    """The colour of the bed clothes here: the bed and the blanket over a sleeper have the same."""
    if stage.scene.place == "hospital":
        return (176, 216, 222)
    return QUILTS[round(stage.hero_x * 1000) % len(QUILTS)]
