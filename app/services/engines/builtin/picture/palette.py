"""The light of a picture: sky, sun, haze and what the light does to the colours of things.

Things are painted in the colours they have by day. What time, weather and mood make of them is one matrix per
layer (see ``grade``), so that everything in a picture belongs to the same light.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from app.services.engines.builtin.picture.colour import (
    RGB,
    WHITE,
    Matrix,
    hexa,
    mix,
    multiplied,
    multiply,
    saturate,
    shift,
    times,
    veil,
)
from app.services.engines.builtin.picture.hours import DARK, HOURS, LOW_WEATHERS, MOODS, WEATHERS, WITHIN
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
    hour: str = "noon"
    """The hour in ``hours.HOURS``: finer than the scene's time."""


_STYLED: dict[str, tuple[str, str, float, float]] = {
    # sky by day, by night (zenith, middle, horizon, what white becomes); how far towards it; how dark at least
    "ink": ("ece6d6 f4efe2 f8f4ea ffffff", "62686f 82878a aaaba6 b4b8be", 0.94, 0.0),
    "gongbi": ("cfc7a0 e8dab6 f2e6c8 fff8ea", "77785f 96906e b4a67e b8b4a8", 0.86, 0.0),
    "papercut": ("000000 000000 000000 000000", "2b3a94 5a70cc a9bcf4 b4c0f6", 0.85, 0.0),
    "neon": ("0a0830 2a1058 8e2a8e 8a7cd8", "07061f 1c0c48 72227e 7c70d0", 0.9, 0.9),
    "noir": ("2a2c33 5a5d66 b0b0ae d8dae2", "08090c 202228 60646c 8a8e98", 0.8, 0.35),
    "anime": ("2a7fe0 6fc0f6 e2f6fb fffdfa", "0e1a58 2a4aa8 6f8ee0 8494e0", 0.42, 0.0),
}
"""Styles that bring a sky of their own."""


def palette_of(scene: Scene, rng: Random, key: str = "") -> Palette:
    """The light of this scene.

    ``key`` is something that a whole film shares (its cast), so that its shots look like one film and no other;
    without it the first of the named figures stands in, or ``rng``, which varies each shot a little anyway.
    """
    key = key or next((being.key for being in scene.beings if being.named), "")
    taste = rng.randrange(1 << 30)
    own = Random(zlib.crc32(f"{key}|{scene.style}".encode()) if key else taste)
    likely = own.choice(WITHIN.get(scene.time, ("noon",)))
    said = getattr(scene, "hour", "")
    hour = said if said in WITHIN.get(scene.time, ()) else likely
    codes = own.choice(HOURS[hour]).split()
    drift, strength, mood = own.uniform(-0.022, 0.022), own.uniform(0.9, 1.1), own.random()
    p = replace(_palette(codes, DARK[hour]), hour=hour)
    p = _drifted(p, drift + Random(taste).uniform(-0.006, 0.006), strength)
    return _styled(_mood(_season(_weather(p, scene), scene), scene, mood), scene)


def _palette(codes: list[str], dark: float) -> Palette:
    c = [hexa(code) for code in codes]
    return Palette((c[0], c[1], c[2]), c[3], (c[4], c[5]), c[6], c[7], hexa("ffce74"), dark, 1 - 0.28 * dark * dark)


def _drifted(p: Palette, hue: float, saturation: float) -> Palette:
    """Every story's own version of a palette."""
    zenith, middle, horizon = (
        shift(c, hue=hue * part, saturation=saturation) for c, part in zip(p.sky, (1, 0.8, 0.5), strict=True)
    )
    cloud = (p.cloud[0], shift(p.cloud[1], hue=hue, saturation=saturation))
    return replace(p, sky=(zenith, middle, horizon), cloud=cloud)


def _towards(p: Palette, codes: str, amount: float) -> Palette:
    c = [hexa(code) for code in codes.split()]
    sky = (mix(p.sky[0], c[0], amount), mix(p.sky[1], c[1], amount), mix(p.sky[2], c[2], amount))
    cloud = (mix(p.cloud[0], c[3], amount), mix(p.cloud[1], c[4], amount))
    return replace(p, sky=sky, cloud=cloud, light=mix(p.light, c[5], amount), rim=mix(p.rim, c[3], amount * 0.5))


def _tinted(p: Palette, colour: RGB, amount: float, light: float = 1.0) -> Palette:
    sky = (mix(p.sky[0], colour, amount), mix(p.sky[1], colour, amount), mix(p.sky[2], colour, amount * 0.8))
    cloud = (mix(p.cloud[0], colour, amount * 0.4), mix(p.cloud[1], colour, amount * 0.7))
    bright = max(colour)
    hue: RGB = (colour[0] / bright * 255, colour[1] / bright * 255, colour[2] / bright * 255)
    lit = times(mix(p.light, mix(p.light, multiplied(p.light, hue), 0.7), amount), light)
    return replace(p, sky=sky, cloud=cloud, light=lit)


def _weather(p: Palette, scene: Scene) -> Palette:
    if scene.weather not in WEATHERS:
        return p
    day, night, amount, saturation, haze = WEATHERS[scene.weather]
    day = LOW_WEATHERS.get((scene.weather, p.hour), day)
    if p.dark >= 0.9:
        out = _towards(p, night, amount * 0.9)
    elif day is not WEATHERS[scene.weather][0]:
        out, saturation, haze = _towards(p, day, 0.92), 0.86, max(haze, 1.8)
    else:  # dusk and sunset keep some of their glow under the clouds
        out = _towards(p, day, amount * (1 - 0.25 * p.dark))
        out = replace(out, light=times(out.light, 1 - 0.28 * p.dark), sky=_dimmed(out.sky, 1 - 0.3 * p.dark))
    least = {"storm": 0.6, "rain": 0.34, "cloudy": 0.12}.get(scene.weather, 0.0)
    return replace(
        out,
        saturation=min(saturation, out.saturation),
        haze=haze,
        dark=max(p.dark, least),
        sun=mix(p.sun, out.sky[2], 0.3),
    )


def _dimmed(sky: tuple[RGB, RGB, RGB], factor: float) -> tuple[RGB, RGB, RGB]:
    return times(sky[0], factor), times(sky[1], factor), times(sky[2], factor)


def _season(p: Palette, scene: Scene) -> Palette:
    if scene.weather in ("rain", "storm", "fog"):
        return p
    if scene.season == "autumn":
        return replace(_tinted(p, (250, 214, 160), 0.16), saturation=p.saturation * 1.04)
    if scene.season == "spring":
        return _tinted(p, (255, 220, 226), 0.12)
    if scene.season == "winter":
        return _tinted(p, (206, 224, 250), 0.14)
    return p


def _mood(p: Palette, scene: Scene, pick: float) -> Palette:
    kinds = MOODS.get(scene.mood)
    if kinds is None:
        return p
    colour, amount, light, saturation = kinds[int(pick * len(kinds))]
    amount *= 1 - 0.45 * p.dark  # the night has its own colours
    if scene.weather == "fog":  # mist is pale, however sad
        amount, light, saturation = amount * 0.4, 1 - (1 - light) * 0.3, 1 - (1 - saturation) * 0.4
    tone = times(hexa(colour), 1 - 0.55 * p.dark)
    return replace(_tinted(p, tone, amount, light), saturation=p.saturation * saturation)


def _styled(p: Palette, scene: Scene) -> Palette:
    if scene.style == "retro" and p.hour in ("dawn", "sunset", "dusk") and not scene.weather:
        sky = (p.sky[0], mix(p.sky[1], (236, 104, 72), 0.55), mix(p.sky[2], (252, 190, 92), 0.7))
        return replace(p, sky=sky, haze=1.5)
    if scene.style == "retro" and p.dark > 0.6:  # room for three inks between the ground and the sky
        horizon = mix(p.sky[2], (176, 214, 214), 0.4)
        return replace(p, sky=(p.sky[0], p.sky[1], horizon), light=mix(p.light, WHITE, 0.15), haze=max(1.3, p.haze))
    if scene.style not in _STYLED:
        return p
    day, night, amount, dark = _STYLED[scene.style]
    c = [hexa(code) for code in (night if p.dark > 0.6 else day).split()]
    if scene.style == "papercut" and p.dark <= 0.6:
        return p
    amount *= 0.45 if scene.style == "anime" and (p.dark > 0.3 or scene.weather) else 1.0
    sky = (mix(p.sky[0], c[0], amount), mix(p.sky[1], c[1], amount), mix(p.sky[2], c[2], amount))
    light, lift = mix(p.light, c[3], amount), mix(sky[1], WHITE, 0.45)
    cloud = (mix(p.cloud[0], lift, amount), mix(p.cloud[1], mix(sky[0], sky[1], 0.4), amount))
    out = replace(p, sky=sky, light=light, cloud=cloud, dark=max(dark, p.dark))
    if scene.style in ("ink", "gongbi"):
        sun: RGB = (250, 246, 232) if p.dark > 0.6 else (206, 62, 48)
        return replace(out, sun=sun, rim=(255, 255, 255), haze=max(1.3, p.haze))
    if scene.style == "neon":
        return replace(out, sun=(255, 132, 190), rim=(120, 240, 255), glow=(255, 214, 150), haze=0.9)
    return out


def air_of(p: Palette) -> RGB:
    """The colour that the distance fades into: the sky above the horizon, a little bluer by day."""
    tone = mix(p.sky[2], p.sky[1], 0.42)
    return mix(tone, (150, 188, 232), 0.16 * (1 - p.dark))


def grade(p: Palette, haze: float) -> Matrix:
    """What the light makes of a layer; ``haze`` 0 (near) to 1 (lost in the distance)."""
    amount = min(0.88, haze * p.haze)
    out: Matrix = np.asarray(veil(air_of(p), amount) @ multiply(p.light) @ saturate(p.saturation), np.float32)
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
