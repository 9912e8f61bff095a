"""Every place of the lexicon and who paints it."""

from __future__ import annotations

from collections.abc import Callable

from app.services.engines.builtin.picture import halls, hidden, lands, nature, rooms, shores, town
from app.services.engines.builtin.picture.stage import Stage

ROOMS: dict[str, Callable[[Stage], None]] = {
    "room": rooms.bedroom,
    "kitchen": rooms.kitchen,
    "school": halls.school,
    "library": halls.library,
    "studio": halls.studio,
    "hospital": rooms.hospital,
    "stage": halls.theatre,
    "hall": halls.hall,
}
PLACES: dict[str, Callable[[Stage], None]] = {
    **ROOMS,
    "forest": nature.forest,
    "jungle": nature.jungle,
    "bamboo": nature.bamboo,
    "beach": shores.beach,
    "sea": shores.sea,
    "desert": nature.desert,
    "mountains": nature.high_mountains,
    "meadow": nature.meadow,
    "snowfield": nature.snowfield,
    "river": shores.river,
    "lake": shores.lake,
    "island": shores.island,
    "sky": nature.heaven,
    "road": nature.road,
    "space": nature.space,
    "underwater": hidden.underwater,
    "village": town.village,
    "city": town.city,
    "street": town.street,
    "castle": lands.castle,
    "cave": hidden.cave,
    "market": town.market,
    "garden": lands.garden,
    "farm": lands.farm,
    "temple": lands.temple,
}
INDOORS = frozenset((*ROOMS, "underwater", "cave"))
"""Places that paint their own farthest layer."""
