"""Where a scene plays when its words do not say."""

from __future__ import annotations

from random import Random

from app.services.engines.builtin.picture.words import Scene

_DIVERS = frozenset({"fish", "octopus", "jellyfish", "shark", "crab", "mermaid"})
_OF_THE_SEA = frozenset({"whale", "dolphin", "shark"})
_DRY = frozenset({"meadow", "forest", "jungle", "bamboo", "road", "mountains", "village", "city", "garden", "street",
    "farm", "cliff", "desert", "snowfield", "playground", "rooftop", "castle", "temple", "oldtown"})  # fmt: skip
"""Places without water for those who live in the sea."""


def default_place(scene: Scene, rng: Random) -> str:
    """Where a scene plays when the words do not say."""
    kinds = {b.kind for b in scene.beings}
    if scene.beings and scene.place in ("", "sea") and (scene.beings[0].kind in _DIVERS or kinds <= _DIVERS):
        return "underwater"
    if kinds & _OF_THE_SEA and scene.place in _DRY and scene.action != "fly":
        return "sea" if scene.beings[0].kind in _OF_THE_SEA else "beach"
    if scene.place:
        return scene.place
    if scene.action in ("swim", "row", "sail", "fish") and "submarine" not in scene.vehicles:
        return rng.choice(("lake", "sea", "river"))
    if kinds & {"whale", "dolphin"} or {"ship", "boat"} & set(scene.vehicles):
        return "sea"
    if kinds & {"astronaut", "alien"} or {"rocket", "ufo"} & set(scene.vehicles):
        return "space"
    if "submarine" in scene.vehicles:
        return "underwater"
    if {"balloon", "plane"} & set(scene.vehicles):
        return "mountains"
    if {"car", "bus", "truck", "bike"} & set(scene.vehicles):
        return "street"
    if "penguin" in kinds or "polarbear" in kinds or "igloo" in scene.buildings:
        return "snowfield"
    if "camel" in kinds or "cactus" in scene.plants:
        return "desert"
    if {"painter", "robot", "doctor"} & kinds and ({"brush", "easel"} & set(scene.props) or "doctor" in kinds):
        return "studio"
    if "castle" in scene.buildings:
        return "castle"
    if {"king", "queen"} & kinds:
        return "hall"
    if scene.action == "sleep":
        return "room"
    if {"cow", "pig", "chicken", "rooster", "sheep"} & kinds:
        return "farm"
    if "lighthouse" in scene.buildings:
        return "beach"
    if "scholar" in kinds and scene.style == "ink":
        return "mountains"
    return rng.choice(("meadow", "meadow", "forest", "garden", "road", "village"))
