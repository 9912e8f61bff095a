"""Weather and other living things as effects for the film."""

from __future__ import annotations

from app.services.engines.builtin.picture.colour import RGB
from app.services.engines.builtin.picture.stage import Stage

_COVERED = frozenset({"cave", "underwater", "space"})


def set_weather(stage: Stage) -> None:
    """Name what should move: rain, snow, leaves, petals, fireflies, stars."""
    scene = stage.scene
    if stage.indoors or scene.place in _COVERED:
        return
    rain: RGB = (222, 232, 246)
    if scene.weather == "storm":
        stage.effect("rain", 0.9, rain)
    elif scene.weather == "rain":
        stage.effect("rain", 0.6, rain)
    elif scene.weather == "snow":
        stage.effect("snow", 0.6, (255, 255, 255))
    if scene.season == "autumn" and scene.weather not in ("storm", "snow"):
        stage.effect("leaves", 0.4, (222, 128, 60), depth=0.9)
    if ("cherry" in scene.plants or scene.season == "spring") and scene.weather not in ("storm", "rain", "snow"):
        stage.effect("petals", 0.45, (250, 190, 206), depth=0.9)
    if scene.time == "night" and scene.weather in ("", "aurora", "wind"):
        stage.effect("stars", 0.6, (255, 250, 232), depth=0.0, box=(0.0, 0.0, 1.0, stage.horizon / stage.height))
        warm = scene.season in ("", "summer", "spring") and scene.place in (
            "forest",
            "meadow",
            "garden",
            "lake",
            "river",
            "bamboo",
            "jungle",
            "village",
            "farm",
        )
        if warm or "firefly" in scene.props:
            stage.effect("fireflies", 0.6, (236, 246, 140), depth=0.85, box=(0.0, 0.45, 1.0, 0.85))
    elif "firefly" in scene.props or scene.mood == "magic":
        stage.effect("fireflies", 0.5, (255, 240, 170), depth=0.85, box=(0.0, 0.3, 1.0, 0.85))
