"""Riders: somebody on an animal or a thing, both seen whole, the near leg over the flank."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from app.services.engines.builtin.picture.beasts import BEASTS
from app.services.engines.builtin.picture.birds import KINDS
from app.services.engines.builtin.picture.colour import COLOURS
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.gaits import gait_of
from app.services.engines.builtin.picture.gestures import Hand, Stance, stance_of
from app.services.engines.builtin.picture.limbs import Frame
from app.services.engines.builtin.picture.mounts import OTHER_NAMES, RIDES, Ride
from app.services.engines.builtin.picture.outfits import outfit_of
from app.services.engines.builtin.picture.people import body_of, draw_person
from app.services.engines.builtin.picture.puppet import Puppet

DrawBeing = Callable[[Puppet, Looks, bool, Pose], None]
_BACKS: dict[str, tuple[float, float]] = {
    "dragon": (-0.2, 0.58), "dinosaur": (-0.22, 0.56), "whale": (-0.08, 0.8), "dolphin": (-0.02, 0.74),
    "shark": (-0.02, 0.72), "turtle": (-0.12, 0.79), "fish": (-0.06, 0.82), "snail": (-0.14, 0.82),
    "seal": (-0.2, 0.36),
    "frog": (-0.04, 0.86), "bee": (-0.12, 0.68), "butterfly": (0.0, 0.66), "ladybug": (-0.06, 0.8), "crab": (0.0, 0.58),
    "octopus": (0.0, 0.96), "rabbit": (-0.2, 0.4), "kangaroo": (-0.2, 0.44), "penguin": (0.0, 0.96), "owl": (0.0, 0.9),
}  # fmt: skip
"""Where one sits on those that are neither four-legged nor birds, in units of their height."""
_SMALL = 0.85
"""No mount is smaller against its rider than this."""
_LARGE = 1.9
_BIRDS = 1.4
"""Nor a bird than this."""
_SEATED = frozenset({"row", "read", "fish", "wave", "cheer", "point", "sing", "play", "look", "cry", "laugh", "hug",
    "eat", "drink", "talk", "look_up", "look_down", "write", "carry"})  # fmt: skip
"""What a rider can do with the hands."""
_IN_WATER = frozenset({"whale", "dolphin", "shark", "fish", "turtle", "seal", "octopus"})
_IN_AIR = frozenset({"dragon", "phoenix", "eagle", "goose", "swan", "crane", "bird", "crow", "gull", "owl", "parrot",
    "butterfly", "bee"})  # fmt: skip


def thing_of(name: str) -> str:
    """The thing that is drawn for a mount's name; an unknown one is a cloud, which carries everybody."""
    known = OTHER_NAMES.get(name, name)
    return known if known in RIDES else "cloud"


def mount_pose(kind: str, pose: Pose) -> Pose:
    """What the mount does while its rider does ``pose``."""
    action = pose.action
    if action not in ("walk", "run", "fly", "swim", "jump", "stand"):
        action = "swim" if kind in _IN_WATER else "fly" if kind in _IN_AIR else "walk"
    mood = pose.mood if pose.mood in ("happy", "warm", "epic", "surprised") else "calm"
    return Pose(action, mood, step=pose.step, closed=pose.closed)


def back_of(kind: str, pose: Pose) -> tuple[float, float]:
    """Where one sits on an animal that stands or goes, in units of its height."""
    beast = BEASTS.get(kind)
    if beast is not None:
        tilt = math.radians(gait_of(pose).tilt)
        y = beast.leg + beast.body[1] * (0.75 + 0.84)
        x = -0.07 if beast.neck or "humps" in beast.extra else -0.16
        if "humps" in beast.extra:
            x, y = -0.04, y + 0.02
        return x, y + x * math.sin(tilt)
    bird = KINDS.get(kind)
    if bird is not None:
        return -0.1, bird.leg + bird.body[1] * 1.82
    return _BACKS.get(kind, (-0.05, 0.8))


def share_of(kind: str, mount: float, rider: float) -> float:
    """How large a mount of this size is drawn against its rider, so that it can carry it."""
    return min(_LARGE, max(_BIRDS if kind in KINDS else _SMALL, mount / max(0.1, rider)))


def draw_on_animal(
    c: Puppet, rider: tuple[Looks, bool], mount: tuple[Looks, bool], share: float, pose: Pose, draw: DrawBeing
) -> None:
    """A rider on an animal ``share`` times the rider's height."""
    does = mount_pose(mount[0].kind, pose)
    with c.at(0.0, 0.0, 0.0, share):
        draw(c, mount[0], mount[1], does)
    c.lift = 0.1 if does.action == "jump" else 0.0
    x, y = back_of(mount[0].kind, does)
    bob = (0.0, 0.02, -0.01)[pose.step] if does.action in ("walk", "run") else 0.0
    lift = c.lift
    with c.at(x * share, y * share + bob):
        stance = replace(stance_of(Pose("ride")), near_leg=(40.0, 58.0), lone=True)
        _sit(c, rider, pose, stance, draw)
    c.lift, c.hung = lift, False


def draw_on_thing(c: Puppet, rider: tuple[Looks, bool], name: str, pose: Pose, draw: DrawBeing, paint: str) -> None:
    """A rider on a thing; ``paint`` is the colour told of it, or empty."""
    ride = RIDES[thing_of(name)]
    looks = rider[0]
    tone = COLOURS.get(paint) or ride.tint[looks.number("ride") % len(ride.tint)]
    f = body_of(looks, pose, ride.stance).f
    x, y = ride.seat
    y = y - 1.0 + f.leg if y > 1 else y
    turn = (0.0, 7.0, -7.0)[pose.step] if name == "swing" else 0.0
    with c.at(0.0, 1.72 if turn else 0.0, turn), c.at(0.0, -1.72 if turn else 0.0):
        ride.behind(c, y, tone, pose.step)
        if y < 0:
            with c.at(x, 0.06):
                stands = replace(pose, action="stand" if pose.action in ("ride", "fly", "run", "walk") else pose.action)
                if name == "skateboard" and not rider[1]:
                    draw_person(c, looks, stands, ride.stance)
                else:
                    draw(c, looks, rider[1], stands)
        else:
            with c.at(x, y):
                _sit(c, rider, pose, _stance(ride, f, pose), draw)
        ride.before(c, y, tone, pose.step)
    c.lift, c.hung = 0.0, False


def _stance(ride: Ride, f: Frame, pose: Pose) -> Stance:
    """The stance on a thing; hands that have something else to do keep doing it."""
    stance = ride.stance
    if ride.steps:
        near, far = ride.steps[pose.step]
        stance = replace(stance, near_leg=near, far_leg=far)
    if ride.grips is not None:
        lean = math.radians(stance.lean)
        trunk = f.neck - 0.05 - f.hip - 0.02
        chest = (trunk * math.sin(lean), f.leg_w * 0.62 + trunk * math.cos(lean))
        u, v = (ride.grips[0] - chest[0]) / f.arm, (ride.grips[1] - chest[1]) / f.arm
        return replace(stance, near=Hand(u - 0.06, v - 0.02), far=Hand(u + 0.04, v + 0.02))
    if pose.action in _SEATED:
        does = stance_of(pose)
        return replace(does, near_leg=stance.near_leg, far_leg=stance.far_leg, folded=True, seated=True)
    if pose.prop and stance.free:
        return replace(stance, far=Hand(0.74, -0.4))
    return stance


def _sit(c: Puppet, rider: tuple[Looks, bool], pose: Pose, stance: Stance, draw: DrawBeing) -> None:
    looks, animal = rider
    action = pose.action if pose.action not in ("walk", "run", "fly", "swim", "jump", "stand") else "ride"
    shown = replace(pose, action=action, seat=0.0, step=pose.step if action != "ride" else 0)
    if animal:
        sits = "sit" if action in ("ride", "row") else action
        with c.at(0.0, -0.03):
            draw(c, looks, True, replace(shown, action=sits))
        return
    body = outfit_of(looks).body
    drop = 0.08 if body in ("snowman", "ghost", "monster") else 0.0
    with c.at(0.0, -drop):
        draw_person(c, looks, shown, stance)
