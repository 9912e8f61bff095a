"""How bodies stand, go and act: a table of angles and hand places, one row for each action.

Angles are degrees. A thigh hangs straight down at 0 and swings forward with a positive angle; a knee bends the shin
back. Hands are given from the middle of the chest in arm lengths (forward, up), or from the middle of the head in
head radii. The same rows serve children, elders, robots and upright animals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.services.engines.builtin.picture.creature import Pose

Angles = tuple[float, float]
"""Thigh and knee."""


class Hand(NamedTuple):
    """Where a hand is: arm lengths from the chest, or head radii from the head's middle when ``head``."""

    u: float
    v: float
    head: bool = False


_REST_NEAR, _REST_FAR = Hand(-0.56, -1.0), Hand(0.57, -1.0)


@dataclass(frozen=True)
class Stance:
    """A body in one action."""

    near_leg: Angles = (-5.0, 0.0)
    far_leg: Angles = (5.0, 0.0)
    near: Hand = _REST_NEAR
    far: Hand = _REST_FAR
    lean: float = 0.0
    """Of the trunk, forward."""
    nod: float = 0.0
    """Of the head, upwards."""
    spin: float = 0.0
    """Of the whole body, counter-clockwise: 90 lies on its back with the head to the left."""
    lift: float = 0.0
    """Heights above the ground."""
    side: float = 0.0
    """0 faces the viewer, 1 shows the side: the shoulders come together."""
    over: str = ""
    """Which arms lie over the face: ``near``, ``far`` or ``both``."""
    folded: bool = False
    """The legs are bent so far that a skirt must follow them."""
    seated: bool = False
    lone: bool = False
    """Only the near leg is seen; the other is behind the mount."""
    free: bool = True
    """The far hand may hold a thing."""
    tool: str = ""
    """What the action itself needs (an open book, an oar)."""
    phases: tuple[dict[str, Any], ...] = ()
    """What differs in steps 1 and 2."""


HOLD = Hand(0.74, -0.5)
"""Where the far hand holds a thing."""
_SIT: dict[str, Any] = {"near_leg": (84.0, 6.0), "far_leg": (92.0, 22.0), "folded": True, "seated": True}

STANCES: dict[str, Stance] = {
    "stand": Stance(),
    "walk": Stance((24, 0), (-22, 14), Hand(-0.72, -0.82), Hand(0.62, -0.85), lean=2, phases=(
        {"near_leg": (-10, 4), "far_leg": (14, 42), "near": Hand(-0.5, -0.96), "far": Hand(0.5, -0.92)},
        {"near_leg": (14, 42), "far_leg": (-10, 4), "near": Hand(-0.6, -0.92), "far": Hand(0.62, -0.92)})),
    "run": Stance((46, 30), (-34, 62), Hand(-0.8, -0.36), Hand(0.72, -0.3), lean=11, nod=3, phases=(
        {"near_leg": (-16, 8), "far_leg": (26, 84), "near": Hand(-0.56, -0.56), "far": Hand(0.8, -0.5)},
        {"near_leg": (26, 84), "far_leg": (-16, 8), "near": Hand(-0.72, -0.5), "far": Hand(0.66, -0.42)})),
    "jump": Stance((38, 78), (8, 62), Hand(-1.0, 0.4), Hand(1.02, 0.46), lift=0.13, nod=4, over="both"),
    "dance": Stance((-6, 0), (44, 30), Hand(-1.05, 0.12), Hand(0.86, 0.74), over="both", lean=-5, nod=3, phases=(
        {"near_leg": (-10, 14), "far_leg": (12, 14), "near": Hand(-0.9, 0.35), "far": Hand(0.85, 0.4), "lean": 0},
        {"near_leg": (-40, 40), "far_leg": (5, 0), "near": Hand(-0.66, 0.62), "far": Hand(0.95, 0.1), "lean": 5})),
    "cheer": Stance((-9, 0), (9, 0), Hand(-0.95, 0.66), Hand(0.97, 0.72), nod=5, over="both", phases=(
        {"near": Hand(-1.08, 0.46), "far": Hand(1.08, 0.54)}, {"near": Hand(-0.86, 0.78), "far": Hand(0.88, 0.82)})),
    "fly": Stance((-14, 16), (4, 24), Hand(0.3, 0.75), Hand(0.62, 0.86), spin=-58, nod=42, phases=(
        {"near_leg": (0, 20), "far_leg": (-10, 14)}, {"near_leg": (-8, 30), "far_leg": (10, 10)})),
    "fall": Stance((62, 36), (26, 66), Hand(-1.0, 0.46), Hand(0.98, 0.56), over="both", spin=34, nod=-10, lift=0.14),
    "climb": Stance((64, 88), (12, 26), Hand(0.44, 0.28), Hand(0.7, 0.8), lean=8, nod=14, side=0.7, free=False, phases=(
        {"near_leg": (40, 60), "far_leg": (36, 60), "near": Hand(0.5, 0.55), "far": Hand(0.7, 0.55)},
        {"near_leg": (12, 26), "far_leg": (64, 88), "near": Hand(0.5, 0.8), "far": Hand(0.66, 0.28)})),
    "sit": Stance(near=Hand(0.2, -0.78), far=Hand(0.66, -0.72), **_SIT),
    "kneel": Stance((12, 102), (16, 100), Hand(0.06, -0.72), Hand(0.52, -0.74), folded=True),
    "sleep": Stance((42, 72), (26, 50), Hand(0.22, -0.34), Hand(0.46, -0.1), spin=81, nod=5, folded=True, free=False),
    "hug": Stance((-8, 0), (6, 0), Hand(0.82, -0.22), Hand(1.02, 0.0), lean=5, side=0.4, free=False, phases=(
        {"near": Hand(0.86, -0.12), "far": Hand(1.0, 0.1)}, {"near": Hand(0.78, -0.3), "far": Hand(1.02, -0.08)})),
    "wave": Stance(far=Hand(1.02, 0.5), over="far", free=False, nod=3, phases=(
        {"far": Hand(1.12, 0.3)}, {"far": Hand(0.88, 0.66)})),
    "point": Stance(far=Hand(1.22, 0.14), free=False, tool="finger", lean=2),
    "carry": Stance(near=Hand(0.12, -0.56), far=Hand(0.74, -0.52), free=False, tool="load", phases=(
        {"near_leg": (-16, 4), "far_leg": (18, 30)}, {"near_leg": (18, 30), "far_leg": (-16, 4)})),
    "push": Stance((-34, 6), (22, 32), Hand(0.86, -0.1), Hand(1.08, 0.06), lean=20, nod=8, side=0.8, free=False,
        phases=({"near_leg": (-8, 30), "far_leg": (4, 6)}, {"near_leg": (20, 40), "far_leg": (-26, 6)})),
    "pull": Stance((40, 4), (14, 8), Hand(0.84, -0.34), Hand(1.04, -0.2), lean=-20, nod=6, side=0.8, free=False,
        tool="rope", phases=({"lean": -14}, {"lean": -24})),
    "read": Stance(near=Hand(0.06, -0.44), far=Hand(0.72, -0.4), nod=-5, free=False, tool="book"),
    "write": Stance(near=Hand(0.14, -0.6), far=Hand(0.62, -0.4), nod=-7, free=False, tool="notebook", phases=(
        {"far": Hand(0.7, -0.42)}, {"far": Hand(0.66, -0.5)})),
    "paint": Stance(near=Hand(-0.3, -0.62), far=Hand(0.98, 0.2), free=False, tool="palette", phases=(
        {"far": Hand(0.92, 0.38)}, {"far": Hand(1.02, 0.0)})),
    "cook": Stance(near=Hand(-0.2, -0.68), far=Hand(0.86, -0.46), nod=-4, free=False, tool="pan", phases=(
        {"far": Hand(0.86, -0.3)}, {"far": Hand(0.8, -0.54)})),
    "eat": Stance(near=Hand(0.12, -0.6), far=Hand(0.86, -0.72, True), over="far", free=False, tool="food", phases=(
        {"far": Hand(0.9, -0.9, True)}, {"far": Hand(1.0, -1.25, True)})),
    "drink": Stance(far=Hand(0.82, -0.66, True), over="far", nod=7, free=False, tool="cup"),
    "play": Stance(near=Hand(0.02, -0.7), far=Hand(0.86, -0.22), nod=-3, free=False, tool="music"),
    "sing": Stance(near=Hand(0.08, -0.42), far=Hand(0.95, 0.0), nod=7, free=False, tool="notes", phases=(
        {"far": Hand(0.9, 0.2)}, {"far": Hand(0.95, -0.15)})),
    "row": Stance((70, 40), (80, 46), Hand(0.74, -0.42), Hand(0.92, -0.36), lean=12, side=0.7, folded=True,
        seated=True, free=False, tool="oar", phases=(
        {"near": Hand(0.56, -0.3), "far": Hand(0.74, -0.26), "lean": -2},
        {"near": Hand(0.6, -0.52), "far": Hand(0.78, -0.46), "lean": -8})),
    "ride": Stance((44, 56), (44, 56), Hand(0.7, -0.52), Hand(0.86, -0.46), lean=4, side=0.5, folded=True,
        seated=True, free=False),
    "swim": Stance((-10, 12), (8, 10), Hand(0.2, 0.9), Hand(0.66, 0.9), spin=-76, nod=58, free=False, phases=(
        {"near_leg": (8, 10), "far_leg": (-12, 14), "near": Hand(-0.7, 0.3)},
        {"near_leg": (0, 24), "far_leg": (0, 4), "near": Hand(-0.3, -0.8), "far": Hand(0.72, 0.7)})),
    "fish": Stance(near=Hand(0.5, -0.5), far=Hand(0.84, -0.36), free=False, tool="rod", **_SIT),
    "dig": Stance((-16, 8), (24, 30), Hand(0.06, -0.66), Hand(0.74, -0.86), lean=16, nod=-2, free=False,
        tool="shovel", phases=({"near": Hand(0.1, -0.4), "far": Hand(0.8, -0.6), "lean": 8},
        {"near": Hand(0.1, -0.2), "far": Hand(0.85, -0.35), "lean": 0})),
    "look": Stance(far=Hand(0.72, 0.42, True), over="far", lean=4, free=False, phases=(
        {"near_leg": (-16, 4), "far_leg": (18, 30)}, {"near_leg": (18, 30), "far_leg": (-16, 4)})),
    "look_up": Stance(near=Hand(-0.62, -0.92), far=Hand(0.64, -0.9), nod=15, lean=-3),
    "look_down": Stance(near=Hand(0.12, -0.86), far=Hand(0.5, -0.84), nod=-13, lean=3, free=False),
    "cry": Stance(near=Hand(-0.62, -0.72, True), far=Hand(1.0, -0.72, True), over="both", nod=-7, lean=4,
        free=False, phases=({"nod": -10}, {"nod": -5})),
    "laugh": Stance(near=Hand(0.06, -0.66), far=Hand(0.66, -0.56), nod=9, lean=-5, free=False, phases=(
        {"nod": 5, "lean": -3}, {"nod": 11, "lean": -6})),
    "talk": Stance(far=Hand(0.92, -0.36), free=False, phases=(
        {"far": Hand(0.9, -0.2)}, {"far": Hand(0.84, -0.5)})),
    "hide": Stance((104, 128), (96, 122), Hand(0.3, -0.52), Hand(0.86, -0.42), lean=16, nod=-3, folded=True,
        free=False),
}  # fmt: skip
_SAME = {"ride": "ride", "lie": "sleep", "search": "look"}
_AT_REST = frozenset({"read", "write", "eat", "drink", "play", "talk", "sing"})
"""What is done sitting where there is a seat."""


def stance_of(pose: Pose) -> Stance:
    """The stance of an action in its present step; somebody who does an unheard-of thing stands."""
    stance = STANCES.get(_SAME.get(pose.action, pose.action), STANCES["stand"])
    if pose.step and stance.phases:
        stance = replace(stance, **stance.phases[(pose.step - 1) % len(stance.phases)])
    if pose.seat > 0 and pose.action in _AT_REST:
        stance = replace(stance, **_SIT)
    if pose.action in ("stand", "walk", "look_up", "talk", "sit") and pose.mood in ("sad", "tense"):
        stance = replace(stance, nod=stance.nod - 5, lean=stance.lean + 3)
        if pose.mood == "tense" and pose.action == "stand" and not pose.prop:
            stance = replace(stance, near=Hand(0.1, -0.46), far=Hand(0.46, -0.42), free=False)
    if pose.mood == "angry" and pose.action == "stand" and not pose.prop:
        stance = replace(stance, near=Hand(-0.62, -0.62), far=Hand(0.64, -0.62), lean=3)
    if pose.mood == "surprised" and pose.action == "stand" and not pose.prop:
        stance = replace(stance, near=Hand(-0.72, -0.1), far=Hand(0.76, -0.06), lean=-4)
    if pose.mood == "happy" and pose.action == "run":
        stance = replace(stance, near=Hand(-0.9, 0.3), far=Hand(0.92, 0.34))
    if pose.prop and stance.free:
        stance = replace(stance, far=HOLD if stance.far.v < 0.2 else stance.far)
    return stance


def moves(pose: Pose) -> bool:
    """Whether the three steps of a person in this pose differ."""
    return bool(STANCES.get(_SAME.get(pose.action, pose.action), STANCES["stand"]).phases)
