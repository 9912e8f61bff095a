"""Riders: who sits on what when the words speak of riding, rowing or sailing."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.engines.builtin.picture.mounts import AFLOAT
from app.services.engines.builtin.picture.words import Being, Scene

_THINGS = ("bike", "scooter", "broom", "sled", "cloud", "carpet", "moped")
"""Things that carry somebody who is there, unless they only look at them."""
_BOATS = ("boat", "raft", "canoe")
_WINGED = frozenset({"dragon", "phoenix", "eagle", "goose", "swan", "crane", "bird", "crow", "owl", "parrot",
    "butterfly", "bee"})  # fmt: skip
_ASHORE = frozenset({"look", "search", "wave", "cry", "build", "push", "pull"})
"""What somebody does beside a boat rather than in it."""

_ON_FOOT = frozenset({"push", "pull", "look", "search", "run", "climb", "sleep", "dance", "hug"})
"""What nobody does on a bike or a broom: it stands there."""


@dataclass(frozen=True)
class Ride:
    """Who rides, and what: another figure, or the name of a thing."""

    rider: Being
    mount: Being | str

    @property
    def boat(self) -> bool:
        return self.mount in _BOATS

    @property
    def flying(self) -> bool:
        return self.mount in AFLOAT if isinstance(self.mount, str) else self.mount.kind in _WINGED


def ride_of(scene: Scene) -> Ride | None:
    """Who rides what in this scene, or None. A boat is ridden by whoever is there unless they clearly stand ashore."""
    if not scene.beings:
        return None
    deeds = {scene.action, *(being.action for being in scene.beings)}
    boat = next((v for v in scene.vehicles if v in _BOATS), "")
    if boat and not deeds & _ASHORE:
        return Ride(scene.beings[0], "boat")
    if "row" in deeds or "sail" in deeds:
        return Ride(scene.beings[0], "boat")
    witch = next((b for b in scene.beings if b.kind == "witch"), None)
    if witch is not None and "fly" in deeds:
        return Ride(witch, "broom")
    thing = next((v for v in (*scene.vehicles, *scene.props) if v in _THINGS), "")
    if thing and not deeds & _ON_FOOT:
        return Ride(scene.beings[0], thing)
    if "balloon" in scene.vehicles and deeds & {"ride", "fly"}:
        return Ride(scene.beings[0], "balloon")
    if "ride" not in deeds:
        return None
    rider = next((b for b in scene.beings if not b.animal), scene.beings[0])
    steed = next((b for b in scene.beings if b is not rider and b.animal), None)
    if steed is not None:
        return Ride(rider, steed)
    if scene.steed in ("horse", "dragon"):
        return Ride(rider, Being(scene.steed, True, "", f"{rider.key}'s {scene.steed}"))
    return Ride(rider, scene.steed) if scene.steed else None
