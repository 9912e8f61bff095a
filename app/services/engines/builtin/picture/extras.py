"""Buildings, vehicles, plants and things that the words name and that the place did not bring along."""

from __future__ import annotations

import math

from app.services.engines.builtin.picture.buildings import BUILDINGS, DAY_GLASS, LIT_GLASS
from app.services.engines.builtin.picture.canvas import Canvas, Sprite
from app.services.engines.builtin.picture.colour import COLOURS, RGB, WHITE
from app.services.engines.builtin.picture.plants import PLANTS
from app.services.engines.builtin.picture.scenery import loft, plant
from app.services.engines.builtin.picture.stage import Lamp, Stage, shadow, sprite_of
from app.services.engines.builtin.picture.terrain import snow_lies
from app.services.engines.builtin.picture.vehicles import PAINTS, VEHICLES

_HEIGHTS = {"house": 0.26, "castle": 0.46, "tower": 0.46, "lighthouse": 0.5, "windmill": 0.36, "pagoda": 0.46,
    "tent": 0.17, "bridge": 0.12, "barn": 0.27, "church": 0.34, "igloo": 0.14, "skyscraper": 0.5}  # fmt: skip
_RIDES = {"ship": 0.4, "boat": 0.24, "car": 0.2, "bus": 0.24, "truck": 0.24, "train": 0.2, "rocket": 0.42,
    "ufo": 0.14, "balloon": 0.36, "plane": 0.14, "bike": 0.2, "submarine": 0.22, "carriage": 0.24}  # fmt: skip
_HIGH, _LONG = 0.3, 0.22
"""Height of any other building and vehicle, in units."""
_SPARKS: tuple[RGB, ...] = ((255, 196, 110), (255, 120, 130), (140, 210, 255), (190, 160, 255), (160, 240, 180))
"""Colours of fireworks."""
_AIRBORNE = frozenset({"balloon", "plane", "ufo"})
_AFLOAT = frozenset({"ship", "boat"})
_OWN_PLANTS = {"forest", "jungle", "bamboo", "underwater", "cave", "space"}


def put_building(stage: Stage, layer: str, kind: str, x: float, y: float, height: float) -> None:
    """Set a building at ``x`` (fraction), standing at ``y`` pixels; its windows shine when it is dark.

    It is higher in a tall picture, which has the sky for it.
    """
    height *= loft(stage)
    dark = stage.palette.dark >= 0.3
    found: list[tuple[float, float, float]] = []

    def draw(c: Canvas) -> None:
        found.extend(BUILDINGS[kind](c, stage.rng, LIT_GLASS if dark else DAY_GLASS, snow_lies(stage)))

    sprite = sprite_of(height, draw, wide=1.6 if kind == "bridge" else 1.1, tall=1.2, line=0.007)
    stage[layer].paste(sprite, x * stage.width, y)
    put_out(stage, layer, sprite, x * stage.width, y)
    for wx, wy, r in found if dark else ():
        stage.lamp(
            layer, x * stage.width + wx * height, y - wy * height, r * height * 3.2, strength=0.55, core=r * height
        )
    if kind == "lighthouse" and (dark or stage.scene.weather in ("storm", "rain", "fog")):
        _beam(stage, layer, x * stage.width, y - 0.81 * height, height)
    if kind == "house" and stage.scene.season == "winter":
        stage.effect(
            "smoke",
            0.4,
            (236, 238, 244),
            depth=0.5,
            box=(x, max(0.0, (y - height * 1.9) / stage.height), min(1.0, x + 0.1), (y - height * 1.02) / stage.height),
        )


def put_out(stage: Stage, layer: str, sprite: Sprite, x: float, y: float) -> None:
    """Forget the lamps on a layer that a cut-out pasted at (x, y) pixels now hides: no window shines through a roof."""
    h, w = sprite.pixels.shape[:2]

    def hidden(lamp: Lamp) -> bool:
        px, py = round(lamp.x - x + sprite.foot[0]), round(lamp.y - y + sprite.foot[1])
        return lamp.layer == layer and 0 <= px < w and 0 <= py < h and bool(sprite.pixels[py, px, 3] > 127)

    stage.lamps[:] = [lamp for lamp in stage.lamps if not hidden(lamp)]


def _beam(stage: Stage, layer: str, x: float, y: float, height: float) -> None:
    c = stage["sky"]
    reach = stage.width * 0.85
    for a, alpha in ((-0.1, 0.3), (math.pi + 0.08, 0.22)):
        for spread, k in ((0.1, 0.4), (0.06, 0.6), (0.03, 1.0)):
            pts = [
                (x, y - 2),
                (x + reach * math.cos(a - spread), y + reach * math.sin(a - spread)),
                (x + reach * math.cos(a + spread), y + reach * math.sin(a + spread)),
            ]
            c.fill(pts, (255, 238, 186), alpha * k * 0.55)
    stage.lamp(layer, x, y, height * 0.42, strength=0.9, core=height * 0.07)


def far_side(stage: Stage, spread: float = 0.06) -> float:
    """A place on the other third, away from the hero."""
    side = 0.72 if stage.hero_x < 0.5 else 0.28
    return side + stage.rng.uniform(-spread, spread)


def set_extras(stage: Stage) -> None:
    """Set what is named where it belongs."""
    scene = stage.scene
    if stage.indoors:
        return
    if "firework" in scene.props and scene.place not in ("underwater", "cave"):
        _fireworks(stage)
    for k, kind in enumerate([kind for kind in scene.buildings if kind in BUILDINGS][:2]):
        if _has(stage, kind):
            continue
        x = far_side(stage) if k == 0 else (0.14 if stage.hero_x > 0.5 else 0.86)
        y = stage.horizon + stage.unit * (0.1 if kind not in ("castle", "tower", "lighthouse") else 0.06)
        if stage.afloat and scene.place in ("beach", "sea", "island", "lake"):
            _headland(stage, x, y)
        put_building(
            stage, "mid", kind, x, y, stage.unit * _HEIGHTS.get(kind, _HIGH) * (1.25 if not scene.beings else 1.0)
        )
    for kind in scene.plants[:2]:
        if kind in PLANTS and scene.place not in _OWN_PLANTS and kind not in ("grass", "flower"):
            for x in (far_side(stage, 0.16), 0.06 if stage.hero_x > 0.5 else 0.94):
                plant(
                    stage,
                    "mid",
                    kind,
                    x,
                    stage.horizon + stage.unit * 0.13,
                    stage.unit * (0.07 if kind in ("lotus", "mushroom") else 0.2 if kind == "sunflower" else 0.42),
                )
    for k, kind in enumerate([kind for kind in scene.vehicles if kind in VEHICLES][:2]):
        _set_vehicle(stage, kind, k)


def _fireworks(stage: Stage) -> None:
    """Bursts high in the sky, each of one colour, its sparks falling a little."""
    c, rng, u = stage["sky"], stage.rng, stage.unit
    side = 1 - stage.hero_x
    for k, tone in enumerate(rng.sample(_SPARKS, 4)):
        x = (side + (-0.2, 0.12, -0.02, 0.28)[k] + rng.uniform(-0.05, 0.05)) * stage.width
        y, r = stage.horizon * rng.uniform(0.16, 0.5), u * rng.uniform(0.09, 0.17)
        c.glow(x, y, r * 1.7, tone, 0.45)
        count = 22
        for ring, reach in ((1.0, 1.0), (0.62, 0.6)):
            for n in range(count):
                a = 2 * math.pi * (n + 0.5 * (ring < 1)) / count
                ex, ey = x + r * reach * math.cos(a), y + r * reach * (math.sin(a) + 0.14)
                sx, sy = x + (ex - x) * 0.55, y + (ey - y) * 0.55 - r * 0.03
                c.stroke([(sx, sy), (ex, ey)], max(1.0, u * 0.003), tone, smooth=False)
                c.dot(ex, ey, max(0.8, u * 0.0045), (255, 250, 230))


def _has(stage: Stage, kind: str) -> bool:
    """Places that already come with such a building."""
    owned = {
        "village": ("house", "church"),
        "castle": ("castle",),
        "farm": ("barn",),
        "temple": ("pagoda",),
        "city": ("skyscraper", "house"),
        "street": ("house", "skyscraper"),
        "market": ("house",),
        "oldtown": ("house", "pagoda", "bridge"),
        "rooftop": ("house", "skyscraper"),
        "harbour": ("house",),
    }
    return (
        kind in owned.get(stage.scene.place, ())
        or stage.scene.place in ("underwater", "cave")
        or (stage.scene.place == "space" and kind != "tower")
    )


def _headland(stage: Stage, x: float, y: float) -> None:
    from app.services.engines.builtin.picture import curves

    u, px = stage.unit, x * stage.width
    pts = [
        (px - u * 0.42, y + u * 0.1),
        (px - u * 0.26, y + u * 0.01),
        (px - u * 0.08, y - u * 0.015),
        (px + u * 0.14, y - u * 0.01),
        (px + u * 0.3, y + u * 0.05),
        (px + u * 0.44, y + u * 0.1),
    ]
    stage["mid"].graded(curves.smooth(pts), (150, 146, 140), (104, 102, 116))
    stage["mid"].graded(
        curves.smooth(
            [
                (px - u * 0.3, y + u * 0.03),
                (px - u * 0.08, y - u * 0.02),
                (px + u * 0.16, y - u * 0.014),
                (px + u * 0.3, y + u * 0.045),
                (px, y + u * 0.03),
            ]
        ),
        (140, 176, 110),
        (110, 150, 100),
    )


def _set_vehicle(stage: Stage, kind: str, k: int) -> None:
    alone = not stage.scene.beings
    height = stage.unit * _RIDES.get(kind, _LONG) * (1.3 if alone else 1.0)
    told = COLOURS.get(stage.scene.paint)
    paint = told or PAINTS[stage.rng.randrange(len(PAINTS))]
    sprite: Sprite = sprite_of(height, lambda c: VEHICLES[kind](c, paint), wide=2.1, tall=1.25, line=0.011)
    room = stage.width * 0.7 / sprite.pixels.shape[1]
    scale = min(1.0, room)
    x = stage.hero_x if alone and k == 0 else far_side(stage)
    half = sprite.pixels.shape[1] * scale / stage.width / 2
    x = min(max(x, half + 0.02), 0.98 - half)
    flip = x > 0.5
    if kind in _AIRBORNE or (kind == "rocket" and stage.scene.place not in ("space",)) or kind == "submarine":
        y = stage.horizon - stage.unit * (0.16 if kind != "submarine" else 0.02)
        stage["mid"].paste(sprite, x * stage.width, max(y, height + 8), scale=scale, flip=flip)
        return
    if kind in _AFLOAT and stage.afloat:
        y = stage.afloat + stage.unit * 0.02
        c = stage["mid"]
        c.glow(x * stage.width, y + height * 0.03, height * 0.95, (30, 50, 80), 0.4, squash=0.14)
        c.paste(sprite, x * stage.width, y, scale=scale, flip=flip)
        for dx in (-0.5, -0.1, 0.35):
            c.glow(x * stage.width + dx * height, y, height * 0.3, WHITE, 0.5, squash=0.1)
        return
    y = stage.feet - stage.unit * 0.045
    shadow(stage["subject"], x * stage.width, y + 2, sprite.pixels.shape[1] * scale * 0.56)
    stage["subject"].paste(sprite, x * stage.width, y, scale=scale, flip=flip)
