"""Every place of the lexicon and who paints it."""

from __future__ import annotations

from collections.abc import Callable

from app.services.engines.builtin.picture import (
    forests,
    groves,
    halls,
    hidden,
    lands,
    nature,
    old_town,
    passages,
    rivers,
    rooms,
    seabed,
    shores,
    skies,
    stages,
    stations,
    streets,
    town,
)
from app.services.engines.builtin.picture.stage import Stage

ROOMS: dict[str, Callable[[Stage], None]] = {
    "room": rooms.bedroom,
    "living": rooms.living,
    "study": rooms.study,
    "kitchen": rooms.kitchen,
    "school": halls.school,
    "library": halls.library,
    "studio": halls.studio,
    "hospital": rooms.hospital,
    "stage": stages.theatre,
    "hall": stages.hall,
    "corridor": passages.corridor,
    "stairwell": passages.stairwell,
}
PLACES: dict[str, Callable[[Stage], None]] = {
    **ROOMS,
    "forest": forests.forest,
    "jungle": forests.jungle,
    "bamboo": groves.bamboo,
    "beach": shores.beach,
    "sea": shores.sea,
    "desert": nature.desert,
    "mountains": nature.high_mountains,
    "cliff": nature.brink,
    "volcano": nature.fire_mountain,
    "meadow": nature.meadow,
    "snowfield": nature.snowfield,
    "river": rivers.river,
    "harbour": shores.harbour,
    "lake": rivers.lake,
    "swamp": rivers.swamp,
    "waterfall": rivers.waterfall,
    "island": shores.island,
    "sky": skies.heaven,
    "road": nature.road,
    "space": skies.space,
    "underwater": seabed.underwater,
    "village": town.village,
    "city": streets.city,
    "street": streets.street,
    "rooftop": streets.rooftop,
    "castle": lands.castle,
    "cave": hidden.cave,
    "market": town.market,
    "playground": town.playground,
    "station": stations.station,
    "garden": lands.garden,
    "farm": lands.farm,
    "temple": old_town.temple,
    "oldtown": old_town.old_town,
}
INDOORS = frozenset((*ROOMS, "underwater", "cave"))
"""Places that paint their own farthest layer."""
