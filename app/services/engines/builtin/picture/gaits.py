"""How four-legged animals stand, go, sit and lie: a table of where the body tilts, the feet are and the head goes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.services.engines.builtin.picture.creature import Pose


class Foot(NamedTuple):
    """Leg lengths forward of and above the place under the hip or shoulder; from the joint itself when ``air``."""

    x: float = 0.0
    y: float = 0.0
    air: bool = False


@dataclass(frozen=True)
class Gait:
    """A four-legged body in one action. Feet in the order fore near, fore far, hind near, hind far."""

    tilt: float = 0.0
    """Of the body, degrees, shoulders up."""
    feet: tuple[Foot, Foot, Foot, Foot] = (Foot(), Foot(), Foot(), Foot())
    base: str = "legs"
    """What carries the body: ``legs``, the ``haunches`` (sitting), the ``hind`` legs, or the ``belly`` (lying)."""
    head: tuple[float, float] = (0.0, 0.0)
    """Head radii forward and up from where the head usually is."""
    low: float = 0.0
    """How far the head is lowered to the ground, 0 to 1."""
    nod: float = 0.0
    tail: float = 1.0
    lift: float = 0.0
    mouth: bool = False
    """A thing is carried in the mouth."""
    tool: str = ""
    phases: tuple[dict[str, Any], ...] = ()


_PAW = Foot(0.85, 0.1, True)
_SIT: dict[str, Any] = {"tilt": 36.0, "base": "haunches"}
_REAR: dict[str, Any] = {"tilt": 52.0, "base": "hind", "tail": 0.8}


def _paw_up(x: float, y: float) -> tuple[Foot, Foot, Foot, Foot]:
    return (Foot(x, y, True), Foot(), Foot(), Foot())


def _walk(step: int) -> tuple[Foot, Foot, Foot, Foot]:
    out = []
    for shift in (0.0, 0.5, 0.62, 0.12):
        a = 2 * math.pi * (step / 3 + shift)
        out.append(Foot(0.36 * math.cos(a), max(0.0, -math.sin(a)) * 0.24))
    return out[0], out[1], out[2], out[3]


_GALLOP = (
    {"feet": (Foot(-0.5, 0.16), Foot(-0.22, 0.0), Foot(0.55, 0.0), Foot(0.85, 0.12)), "tilt": -5.0, "lift": 0.0},
    {"feet": (Foot(0.5, 0.3), Foot(0.8, 0.4), Foot(-0.25, 0.0), Foot(-0.55, 0.06)), "tilt": 9.0, "lift": 0.0},
)
_STEPS = ({"feet": _walk(1)}, {"feet": _walk(2)})
_WAVES = ({"feet": _paw_up(0.7, 0.42)}, {"feet": _paw_up(0.95, 0.0)})
_STRETCH = (Foot(0.85, 0.3), Foot(1.1, 0.46), Foot(-0.9, 0.14), Foot(-1.15, 0.3))

GAITS: dict[str, Gait] = {
    "stand": Gait(),
    "walk": Gait(feet=_walk(0), phases=_STEPS),
    "run": Gait(tilt=3.0, feet=_STRETCH, head=(0.18, -0.04), nod=-3, lift=0.035, phases=_GALLOP),
    "jump": Gait(tilt=19.0, feet=_STRETCH, head=(0.15, 0.1), lift=0.17, tail=1.2),
    "dance": Gait(feet=(_PAW, Foot(0.6, 0.4, True), Foot(), Foot(0.2, 0.1)), nod=6, **_REAR, phases=(
        {"feet": (Foot(0.6, 0.5, True), Foot(0.9, 0.0, True), Foot(0.1, 0.1), Foot())},
        {"feet": (Foot(0.9, -0.1, True), Foot(0.75, 0.5, True), Foot(), Foot(0.1, 0.0))})),
    "cheer": Gait(feet=(Foot(0.6, 0.62, True), Foot(0.95, 0.5, True), Foot(), Foot()), nod=8, **_REAR, phases=(
        {"feet": (Foot(0.8, 0.4, True), Foot(0.9, 0.7, True), Foot(), Foot())},
        {"feet": (Foot(0.55, 0.8, True), Foot(1.0, 0.3, True), Foot(), Foot())})),
    "fly": Gait(tilt=10.0, feet=_STRETCH, nod=2, phases=({"tilt": 8.0}, {"tilt": 6.0})),
    "fall": Gait(tilt=-34.0, feet=(Foot(0.8, 0.2, True), Foot(0.5, 0.6, True), Foot(-0.9, 0.1, True),
        Foot(-0.4, 0.5, True)), lift=0.2, nod=12),
    "climb": Gait(feet=(Foot(0.75, 0.5, True), Foot(0.95, 0.1, True), Foot(), Foot(0.3, 0.2)), nod=10, **_REAR, phases=(
        {"feet": (Foot(0.9, 0.1, True), Foot(0.8, 0.5, True), Foot(0.25, 0.2), Foot())},
        {"feet": (Foot(0.85, 0.35, True), Foot(0.9, 0.3, True), Foot(), Foot(0.1, 0.05))})),
    "sit": Gait(**_SIT),
    "kneel": Gait(tilt=-20.0, feet=(Foot(0.6, 0.0), Foot(0.8, 0.0), Foot(), Foot()), nod=-4),
    "sleep": Gait(base="belly", low=1.0, nod=-5, tail=-0.5),
    "hide": Gait(base="belly", low=0.85, nod=-2, tail=-0.5),
    "hug": Gait(feet=(Foot(0.95, 0.1, True), Foot(1.15, 0.3, True), Foot(), Foot()), nod=4, **_REAR, phases=(
        {"feet": (Foot(1.0, 0.2, True), Foot(1.1, 0.4, True), Foot(), Foot())},
        {"feet": (Foot(0.9, 0.0, True), Foot(1.15, 0.2, True), Foot(), Foot())})),
    "wave": Gait(feet=_paw_up(0.85, 0.25), nod=4, **_SIT, phases=_WAVES),
    "point": Gait(feet=_paw_up(1.15, 0.12), **_SIT),
    "carry": Gait(feet=_walk(0), nod=6, mouth=True, phases=_STEPS),
    "push": Gait(tilt=-5.0, feet=_walk(0), head=(0.35, -0.5), nod=-6, phases=_STEPS),
    "pull": Gait(tilt=8.0, feet=(Foot(0.45, 0.0), Foot(0.62, 0.0), Foot(0.3, 0.0), Foot(0.45, 0.0)), head=(0.1, -0.3),
        nod=-4, tool="rope", phases=({"tilt": 5.0}, {"tilt": 10.0})),
    "read": Gait(base="belly", head=(-0.1, -0.35), nod=-10, tool="book"),
    "write": Gait(feet=_paw_up(0.7, -0.3), nod=-10, tool="pencil", **_SIT),
    "paint": Gait(feet=_paw_up(0.95, 0.15), tool="brush", **_SIT, phases=_WAVES),
    "cook": Gait(feet=_paw_up(0.95, -0.15), tool="pan", **_SIT, phases=_WAVES),
    "eat": Gait(tilt=-3.0, low=0.86, nod=-12, tool="bowl", phases=({"low": 0.7}, {"low": 0.8})),
    "drink": Gait(tilt=-3.0, low=0.86, nod=-14, tool="water", phases=({"low": 0.78}, {"low": 0.82})),
    "play": Gait(feet=_paw_up(0.8, 0.05), tool="music", **_SIT, phases=_WAVES),
    "sing": Gait(nod=22, tool="notes", **_SIT, phases=({"nod": 26.0}, {"nod": 19.0})),
    "row": Gait(feet=_paw_up(0.85, 0.0), tool="oar", **_SIT, phases=_WAVES),
    "ride": Gait(**_SIT),
    "swim": Gait(tilt=7.0, feet=_walk(0), phases=_STEPS),
    "fish": Gait(feet=_paw_up(0.85, 0.05), tool="rod", **_SIT),
    "dig": Gait(tilt=-12.0, feet=(Foot(0.55, 0.1), Foot(0.25, 0.0), Foot(), Foot()), low=0.72, nod=-16, phases=(
        {"feet": (Foot(0.2, 0.0), Foot(0.6, 0.16), Foot(), Foot())},
        {"feet": (Foot(0.4, 0.05), Foot(0.4, 0.08), Foot(), Foot())})),
    "look": Gait(feet=(Foot(0.5, 0.02, True), Foot(), Foot(), Foot()), head=(0.12, 0.16), nod=3, phases=_STEPS),
    "look_up": Gait(head=(-0.1, 0.14), nod=20),
    "look_down": Gait(low=0.4, nod=-15),
    "cry": Gait(low=0.12, nod=-12, tail=-0.5, **_SIT, phases=({"nod": -15.0}, {"nod": -10.0})),
    "laugh": Gait(nod=11, **_SIT, phases=({"nod": 7.0}, {"nod": 14.0})),
    "talk": Gait(nod=2, head=(0.05, 0.0), phases=({"nod": 5.0}, {"nod": 0.0})),
}  # fmt: skip


def gait_of(pose: Pose) -> Gait:
    """The gait of an action in its present step; an animal that does an unheard-of thing stands."""
    gait = GAITS.get(pose.action, GAITS["stand"])
    if pose.step and gait.phases:
        gait = replace(gait, **gait.phases[(pose.step - 1) % len(gait.phases)])
    if pose.mood in ("sad", "tense", "sleepy"):
        gait = replace(gait, tail=min(gait.tail, -0.6))
        if gait.low == 0 and gait.base in ("legs", "haunches"):
            gait = replace(gait, head=(gait.head[0], gait.head[1] - 0.12), nod=gait.nod - 4)
    return gait
