"""The light of a picture: sky, sun, haze and what the light does to the colours of things.

Things are painted in the colours they have by day. What time, weather and mood make of them is one matrix per
layer (see ``grade``), so that everything in a picture belongs to the same light.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from app.services.engines.builtin.picture.colour import RGB, Matrix, hexa, mix, multiply, saturate, shift, veil
from app.services.engines.builtin.picture.words import Scene


@dataclass(frozen=True)
class Palette:
    sky: tuple[RGB, RGB, RGB]
    """Zenith, middle, horizon."""
    sun: RGB
    cloud: tuple[RGB, RGB]
    """Light and shadow side."""
    light: RGB
    """What white becomes in this light."""
    rim: RGB
    glow: RGB
    """Windows and lamps."""
    dark: float
    """0 by day, 1 at night: how much lamps count."""
    saturation: float = 1.0
    haze: float = 1.0


_SKIES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "dawn": (("7d9fd0", "f3b9b4", "ffe3b8"), ("6f8fc4", "c9b3d6", "ffd6c0"), ("8db5d8", "f7cfc0", "fff0cf")),
    "day": (("5aa9e6", "a5d5f2", "e9f7f6"), ("4c9bdc", "93cdf0", "fdf3dc"), ("63b7d9", "b4e3e6", "f7f6df")),
    "dusk": (("3d3f86", "d6708c", "ffb56b"), ("4a4a90", "b56ba5", "ff9f70"), ("5a5aa0", "e98a7d", "ffd08a")),
    "night": (("0f1b45", "23407c", "5877b0"), ("151642", "33357a", "7a6fb4"), ("0b2345", "1d4a73", "4f8aa0")),
}
_LIGHTS: dict[str, tuple[str, str, str, str, str, float]] = {
    # sun, cloud light, cloud shadow, light, rim, dark
    "dawn": ("fff3d0", "fff2e6", "d9b3c6", "fff0e6", "ffe6b8", 0.15),
    "day": ("fffbe3", "ffffff", "bcd7ea", "fffdf6", "fff6d8", 0.0),
    "dusk": ("ffe9b0", "ffc79a", "a8648c", "f0bfae", "ffd08a", 0.5),
    "night": ("fdf6d8", "6a80b8", "2d4680", "7f92c8", "b8ccff", 1.0),
}


def palette_of(scene: Scene, rng: Random) -> Palette:
    """The light of this scene; ``rng`` chooses among skies that suit it."""
    sky = [hexa(c) for c in rng.choice(_SKIES[scene.time])]
    sun, cloud, cloud_shadow, light, rim, dark = _LIGHTS[scene.time]
    p = Palette(
        (sky[0], sky[1], sky[2]),
        hexa(sun),
        (hexa(cloud), hexa(cloud_shadow)),
        hexa(light),
        hexa(rim),
        hexa("ffd27a"),
        dark,
    )
    if scene.style == "ink":
        p = _paper(p, scene)
    return _mood(_season(_weather(p, scene), scene), scene)


def _paper(p: Palette, scene: Scene) -> Palette:
    """Ink is painted on rice paper: the sky is left empty, by night a thin grey wash, and the sun is a seal."""
    night = scene.time == "night"
    tone: RGB = (176, 178, 178) if night else (246, 240, 226)
    light: RGB = (214, 214, 214) if night else (255, 255, 255)
    sun: RGB = (250, 246, 232) if night else (206, 62, 48)
    cloud: tuple[RGB, RGB] = (mix(tone, (255, 255, 255), 0.4), mix(tone, (150, 150, 150), 0.25))
    sky = (mix(tone, (196, 194, 186), 0.5), tone, mix(tone, (255, 252, 244), 0.6))
    return replace(p, sky=sky, sun=sun, cloud=cloud, light=light, rim=(255, 255, 255), haze=1.35)


def _tinted(p: Palette, colour: RGB, amount: float, light: float = 1.0) -> Palette:
    sky = (mix(p.sky[0], colour, amount), mix(p.sky[1], colour, amount), mix(p.sky[2], colour, amount * 0.8))
    cloud = (mix(p.cloud[0], colour, amount * 0.5), mix(p.cloud[1], colour, amount * 0.7))
    lit = mix(p.light, mix(p.light, colour, amount * 0.5), 1.0)
    return replace(p, sky=sky, cloud=cloud, light=(lit[0] * light, lit[1] * light, lit[2] * light))


def _weather(p: Palette, scene: Scene) -> Palette:
    night = scene.time == "night"
    if scene.weather == "storm":
        return replace(
            _tinted(p, (44, 52, 84) if night else (74, 84, 112), 0.72, 0.84),
            saturation=0.9,
            haze=1.3,
            dark=max(p.dark, 0.6),
        )
    if scene.weather in ("rain", "cloudy"):
        return replace(
            _tinted(p, (52, 66, 100) if night else (138, 156, 176), 0.58, 0.93),
            saturation=0.94,
            haze=1.25,
            dark=max(p.dark, 0.3),
        )
    if scene.weather == "snow":
        return replace(_tinted(p, (92, 112, 160) if night else (214, 226, 240), 0.42, 1.0), haze=1.15)
    if scene.weather == "fog":
        return replace(_tinted(p, (84, 98, 130) if night else (222, 226, 226), 0.6, 1.0), saturation=0.82, haze=1.7)
    return p


def _season(p: Palette, scene: Scene) -> Palette:
    if scene.season == "autumn":
        return replace(_tinted(p, (250, 214, 160), 0.16), saturation=1.04)
    if scene.season == "spring":
        return _tinted(p, (255, 220, 226), 0.12)
    return p


def _mood(p: Palette, scene: Scene) -> Palette:
    if scene.mood == "sad":
        return replace(_tinted(p, (118, 132, 164), 0.24, 0.93), saturation=p.saturation * 0.82)
    if scene.mood in ("tense", "angry"):
        return replace(_tinted(p, (84, 74, 112), 0.26, 0.9), saturation=p.saturation * 0.95)
    if scene.mood in ("happy", "warm"):
        return replace(_tinted(p, (255, 222, 170), 0.1, 1.02), saturation=p.saturation * 1.08)
    if scene.mood == "magic":
        return replace(_tinted(p, (196, 140, 226), 0.2), saturation=p.saturation * 1.06)
    if scene.mood == "epic":
        sky = (shift(p.sky[0], saturation=1.1, value=0.92), p.sky[1], p.sky[2])
        return replace(p, sky=sky, saturation=p.saturation * 1.06)
    return p


def grade(p: Palette, haze: float) -> Matrix:
    """What the light makes of a layer; ``haze`` 0 (near) to 1 (lost in the distance)."""
    amount = min(0.86, haze * p.haze)
    colour = mix(p.sky[2], p.sky[1], 0.35)
    out: Matrix = np.asarray(veil(colour, amount) @ multiply(p.light) @ saturate(p.saturation), np.float32)
    return out


FOLIAGE: dict[str, tuple[str, ...]] = {
    "": ("6fa05a", "5d9463", "86ad5a", "4f8a6a"),
    "summer": ("5f9e55", "4c8f5c", "7fb052", "3f8566"),
    "spring": ("94bd62", "a9c86a", "7fb277", "b5cf7c"),
    "autumn": ("d98f45", "c9683f", "e3b04e", "b9563f"),
    "winter": ("8fa5a0", "7f988f", "a3b3ad", "6e8b88"),
}
GROUND: dict[str, tuple[str, str]] = {
    # light, shadow
    "": ("a9c46c", "6f9a58"),
    "summer": ("9cc062", "5f9355"),
    "spring": ("bcd47a", "85b062"),
    "autumn": ("d3b069", "a98249"),
    "winter": ("eef3f8", "b9cbe0"),
    "sand": ("f3dcaa", "d9b27a"),
    "desert": ("f2c98a", "d8995c"),
    "stone": ("c3bfba", "8d8a92"),
    "moon": ("d9d6e2", "9a95b0"),
    "earth": ("b8976a", "8a6a4c"),
    "pave": ("c8c3c4", "97939f"),
    "seabed": ("e6d9a8", "a8b58c"),
    "cave": ("8f8494", "5f566c"),
    "wood": ("d2a273", "a87549"),
    "tile": ("dfe2e0", "b2bbc0"),
    "cloud": ("ffffff", "d3dff0"),
}


def foliage(season: str, rng: Random) -> RGB:
    """A leaf colour that fits the season."""
    base = hexa(rng.choice(FOLIAGE.get(season, FOLIAGE[""])))
    return shift(base, hue=rng.uniform(-0.012, 0.012), value=rng.uniform(0.94, 1.06))


def ground(kind: str) -> tuple[RGB, RGB]:
    """Light and shadow side of a kind of ground or of the ground in a season."""
    light, shadow = GROUND.get(kind, GROUND[""])
    return hexa(light), hexa(shadow)
