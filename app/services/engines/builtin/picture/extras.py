"""Buildings, vehicles, plants and things that the words name and that the place did not bring along."""

from __future__ import annotations

import math

from app.services.engines.builtin.picture.buildings import BUILDINGS, DAY_GLASS, LIT_GLASS
from app.services.engines.builtin.picture.canvas import Canvas, Sprite
from app.services.engines.builtin.picture.cast import prop_in_hand
from app.services.engines.builtin.picture.colour import COLOURS, WHITE
from app.services.engines.builtin.picture.plants import PLANTS
from app.services.engines.builtin.picture.scenery import plant
from app.services.engines.builtin.picture.stage import Stage, shadow, sprite_of
from app.services.engines.builtin.picture.things import THINGS
from app.services.engines.builtin.picture.vehicles import PAINTS, VEHICLES

_HEIGHTS = {"house": 0.26, "castle": 0.46, "tower": 0.46, "lighthouse": 0.5, "windmill": 0.36, "pagoda": 0.46,
    "tent": 0.17, "bridge": 0.12, "barn": 0.27, "church": 0.34, "igloo": 0.14, "skyscraper": 0.5}  # fmt: skip
_RIDES = {"ship": 0.4, "boat": 0.24, "car": 0.2, "bus": 0.24, "truck": 0.24, "train": 0.2, "rocket": 0.42,
    "ufo": 0.14, "balloon": 0.36, "plane": 0.14, "bike": 0.2, "submarine": 0.22, "carriage": 0.24}  # fmt: skip
_AIRBORNE = frozenset({"balloon", "plane", "ufo"})
_AFLOAT = frozenset({"ship", "boat"})
_OWN_PLANTS = {"forest", "jungle", "bamboo", "underwater", "cave", "space"}


def put_building(stage: Stage, layer: str, kind: str, x: float, y: float, height: float) -> None:
    """Set a building at ``x`` (fraction), standing at ``y`` pixels; its windows shine when it is dark."""
    dark = stage.palette.dark >= 0.3
    found: list[tuple[float, float, float]] = []

    def draw(c: Canvas) -> None:
        found.extend(BUILDINGS[kind](c, stage.rng, LIT_GLASS if dark else DAY_GLASS, stage.snowy))

    sprite = sprite_of(height, draw, wide=1.6 if kind == "bridge" else 1.1, tall=1.2, line=0.007)
    stage[layer].paste(sprite, x * stage.width, y)
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
        _set_things(stage)
        return
    for k, kind in enumerate(scene.buildings[:2]):
        if _has(stage, kind):
            continue
        x = far_side(stage) if k == 0 else (0.14 if stage.hero_x > 0.5 else 0.86)
        y = stage.horizon + stage.unit * (0.1 if kind not in ("castle", "tower", "lighthouse") else 0.06)
        if stage.afloat and scene.place in ("beach", "sea", "island", "lake"):
            _headland(stage, x, y)
        put_building(stage, "mid", kind, x, y, stage.unit * _HEIGHTS[kind] * (1.25 if not scene.beings else 1.0))
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
    for k, kind in enumerate(scene.vehicles[:2]):
        _set_vehicle(stage, kind, k)
    _set_things(stage)
    _set_small_birds(stage)


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
    height = stage.unit * _RIDES[kind] * (1.3 if alone else 1.0)
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


def _set_things(stage: Stage) -> None:
    held = prop_in_hand(stage.scene) if any(not b.animal for b in stage.scene.beings[:1]) else ""
    side = 1 if stage.hero_x < 0.5 else -1
    crowd = len(stage.scene.beings) > 1
    for k, prop in enumerate([p for p in stage.scene.props if p in THINGS and p != held][:3]):
        draw, height = THINGS[prop]
        height *= stage.unit
        reach = (0.3 + 0.14 * k) if not crowd else (-0.24 - 0.12 * k)
        x = min(max(stage.hero_x * stage.width + side * reach * stage.unit, 0.09 * stage.width), 0.91 * stage.width)
        y = stage.feet - stage.unit * 0.02
        sprite = sprite_of(height, lambda c, d=draw: d(c, stage.rng), wide=1.15, line=0.014 if height < 120 else 0.008)  # type: ignore[misc]
        shadow(stage["subject"], x, y, sprite.pixels.shape[1] * 0.6)
        stage["subject"].paste(sprite, x, y)
        if prop == "campfire":
            stage.lamp("subject", x, y - height * 0.4, stage.unit * 0.34, (255, 180, 90), 0.55)
            w, h = stage.width, stage.height
            stage.effect(
                "fire",
                0.7,
                (255, 176, 80),
                depth=0.75,
                box=((x - height * 0.35) / w, (y - height * 1.0) / h, (x + height * 0.35) / w, (y - height * 0.1) / h),
            )
        elif prop in ("lamppost", "crystal") and stage.palette.dark > 0.2:
            stage.lamp(
                "subject",
                x,
                y - height * (0.9 if prop == "lamppost" else 0.5),
                stage.unit * 0.26,
                strength=0.7,
                core=height * 0.04,
            )


def _set_small_birds(stage: Stage) -> None:
    if (
        stage.scene.time == "night"
        or stage.scene.weather in ("storm", "rain", "snow")
        or stage.scene.place in ("underwater", "space", "cave")
    ):
        return
    rng, u, c = stage.rng, stage.unit, stage["far"]
    x, y = rng.uniform(0.15, 0.85) * stage.width, stage.horizon * rng.uniform(0.25, 0.55)
    for _ in range(rng.randrange(3, 6)):
        bx, by, s = x + rng.uniform(-0.14, 0.14) * u, y + rng.uniform(-0.06, 0.06) * u, u * rng.uniform(0.009, 0.016)
        c.stroke(
            [
                (bx - s, by - s * 0.4),
                (bx - s * 0.4, by - s * 0.55),
                (bx, by),
                (bx + s * 0.4, by - s * 0.55),
                (bx + s, by - s * 0.4),
            ],
            max(1.4, u * 0.0026),
            (70, 76, 100),
        )
