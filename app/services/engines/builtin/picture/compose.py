"""Putting a picture together: the shot's size, the place, and the figures on its ground."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from app.models.engine import DrawRequest
from app.services.engines.builtin.picture import cast
from app.services.engines.builtin.picture.canvas import Canvas, Sprite, lit, rim, shrink
from app.services.engines.builtin.picture.colour import RGB, WHITE, mix, multiply
from app.services.engines.builtin.picture.extras import set_extras
from app.services.engines.builtin.picture.palette import palette_of
from app.services.engines.builtin.picture.places import INDOORS, PLACES
from app.services.engines.builtin.picture.sky import paint_sky
from app.services.engines.builtin.picture.stage import LAYERS, Stage, shadow
from app.services.engines.builtin.picture.weather import set_weather
from app.services.engines.builtin.picture.words import Being, Scene, read_scene

_SHOTS = {"push_in": 0.47, "orbit": 0.47, "full_orbit": 0.45, "follow": 0.44, "static": 0.52, "tilt": 0.52,
    "roll_left": 0.42, "roll_right": 0.42, "crane": 0.38, "pull_back": 0.38, "truck": 0.4}  # fmt: skip
"""Height of the hero by camera word, in units."""


@dataclass
class Placed:
    """A figure and where it stands."""

    being: Being
    sprite: Sprite
    x: float
    y: float
    flip: bool
    aloft: float
    """Pixels above the ground."""

    def span(self) -> tuple[float, float]:
        """Left and right edge in pixels."""
        width, foot = self.sprite.pixels.shape[1], self.sprite.foot[0]
        left = self.x - (width - foot if self.flip else foot)
        return left, left + width


def chance(request: DrawRequest) -> Random:
    """All chance of a picture: from its seed and words, never from its size."""
    text = f"{request.seed}|{request.prompt}|{request.subject}|{request.detail}"
    return Random(int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big"))


def default_place(scene: Scene, rng: Random) -> str:
    """Where a scene plays when the words do not say."""
    kinds = {b.kind for b in scene.beings}
    if kinds & {"fish", "octopus", "jellyfish", "shark", "crab", "mermaid"} and scene.place in ("", "sea"):
        return "underwater"
    if scene.place:
        return scene.place
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


def build(request: DrawRequest, check: Callable[[], None]) -> Stage:
    """The painted stage of a request, before light and style."""
    scene = read_scene(request)
    rng = chance(request)
    scene = replace(scene, place=default_place(scene, rng))
    if scene.place == "space":
        scene = replace(scene, time="night", weather="", moon=False)
    stage = _empty(request, scene, rng)
    stage.check = check
    if scene.place in INDOORS:
        stage.indoors = scene.place not in ("underwater", "cave")
        warm = mix((255, 238, 214), stage.palette.light, 0.22)
        stage.palette = replace(stage.palette, light=warm if stage.indoors else mix(WHITE, stage.palette.light, 0.5))
    else:
        side = 1 - stage.hero_x + rng.uniform(-0.1, 0.1)
        stage.light = paint_sky(stage["sky"], scene, stage.palette, rng, stage.horizon, side)
    check()
    PLACES[scene.place](stage)
    check()
    set_extras(stage)
    set_weather(stage)
    check()
    return stage


def _empty(request: DrawRequest, scene: Scene, rng: Random) -> Stage:
    w, h = request.width, request.height
    unit = min(float(h), w * 1.3)
    tall = h > w * 1.2
    feet = h * (0.815 if not tall else 0.8)
    horizon = feet - unit * (0.25 if not tall else 0.3) + rng.uniform(-0.02, 0.02) * unit
    company = len(scene.beings) > 1
    hero_x = rng.choice((0.36, 0.64)) + rng.uniform(-0.03, 0.03)
    if tall:
        hero_x = rng.choice((0.36, 0.64)) if company else rng.uniform(0.44, 0.56)
    stage = Stage(w, h, scene, palette_of(scene, rng), rng, unit, horizon, feet, hero_x, light=(w * 0.7, h * 0.2))
    stage.canvases.update({layer: Canvas(w, h) for layer in LAYERS})
    return stage


def hero_height(request: DrawRequest, stage: Stage) -> float:
    """Pixels from the hero's feet to the top of the head."""
    share = _SHOTS.get(request.camera, 0.45) + stage.rng.uniform(-0.02, 0.02)
    beings = stage.scene.beings
    if not beings:
        return stage.unit * share
    size: float = cast.size_of(beings[0])
    return stage.unit * share * min(1.18, max(0.72, math.sqrt(size)))


def place_figures(request: DrawRequest, stage: Stage) -> list[Placed]:
    """Everybody's cut-out, size and place: the hero by the rule of thirds, the others facing the hero."""
    beings = [b for being in stage.scene.beings for b in [being] * min(being.count, 4)][:5]
    if not beings:
        return []
    height, lead = hero_height(request, stage), cast.size_of(beings[0])
    crowd = 1.0 if len(beings) < 3 else 0.88 if len(beings) == 3 else 0.76
    right = stage.hero_x < 0.5
    placed: list[Placed] = []
    for k, being in enumerate(beings):
        size = height * crowd * (1.0 if k == 0 else min(1.5, max(0.5, (cast.size_of(being) / lead) ** 0.75)))
        size = min(size, stage.feet * 0.8)
        if flies(being, stage):
            size = min(size, stage.feet * 0.46)
        pose = cast.pose_of(being, stage.scene, k)
        sprite = cast.figure(being, pose, size)
        sprite = _fitted(sprite, stage)
        aloft = _aloft(being, stage, size, k)
        placed.append(
            Placed(being, sprite, stage.width * stage.hero_x, stage.feet, not right if k == 0 else right, aloft)
        )
        stage.check()
    side = 1 if right else -1
    _arrange(stage, placed, side)
    room = stage.width * 0.93
    wide = max(p.span()[1] for p in placed) - min(p.span()[0] for p in placed)
    if wide > room:  # all together smaller rather than over each other
        factor = max(0.6, room / wide)
        for p in placed:
            p.sprite, p.x, p.y = shrink(p.sprite, factor), stage.width * stage.hero_x, stage.feet
        placed[0].flip = not right
        _arrange(stage, placed, side)
    _keep_inside(stage, placed)
    return placed


def _fitted(sprite: Sprite, stage: Stage) -> Sprite:
    h, w = sprite.pixels.shape[:2]
    factor = min(1.0, stage.width * 0.62 / w, stage.feet * 0.94 / h)
    return shrink(sprite, factor) if factor < 0.995 else sprite


def _aloft(being: Being, stage: Stage, size: float, k: int) -> float:
    u = stage.unit
    if stage.swim and being.kind not in ("crab",):
        return u * (0.16 + 0.07 * (k % 3))
    return max(0.0, min(u * 0.26, stage.feet - size * 1.45)) if flies(being, stage) else 0.0


def flies(being: Being, stage: Stage) -> bool:
    """Whether somebody is in the air in this picture."""
    able = being.kind in cast.FLYERS and (stage.scene.action == "fly" or stage.scene.place == "sky")
    return being.kind in cast.ALWAYS_ALOFT or able


def _arrange(stage: Stage, placed: list[Placed], side: int) -> None:
    """Set the others beside the hero, nearest first, looking at the hero."""
    gap = stage.unit * 0.03
    hero = placed[0]
    edge = {1: hero.span()[1] - hero.x, -1: hero.x - hero.span()[0]}
    for k, other in enumerate(placed[1:], 1):
        s = side if k % 3 != 0 else -side
        other.flip = s > 0
        a, b = other.span()
        own = (other.x - a) if s > 0 else (b - other.x)
        other.x = hero.x + s * (edge[s] + gap + own)
        edge[s] += gap + (b - a)
        other.y = stage.feet - stage.unit * (0.012 + 0.02 * (k % 2))


def _keep_inside(stage: Stage, placed: list[Placed]) -> None:
    """Stand closer when there is no room, then move all so that nobody leaves the frame."""
    left = min(p.span()[0] for p in placed)
    right = max(p.span()[1] for p in placed)
    margin = stage.width * 0.035
    room = stage.width - 2 * margin
    if right - left > room:  # too many: stand closer
        squeeze = room / (right - left)
        for p in placed:
            p.x = margin + (p.x - left) * squeeze
    shift = max(0.0, margin - min(p.span()[0] for p in placed)) - max(
        0.0, max(p.span()[1] for p in placed) - (stage.width - margin)
    )
    for p in placed:
        p.x += shift
        low, high = p.span()
        p.x += max(0.0, margin * 0.5 - low) - max(0.0, high - (stage.width - margin * 0.5))


def paint_figures(stage: Stage, placed: list[Placed], sturdy: float = 0.62) -> None:
    """Paint them on the subject layer (after it was lit), farthest first, in a gentler light than the land."""
    p = stage.palette
    light = mix(WHITE, p.light, sturdy - 0.16 * p.dark)
    canvas = stage["subject"]
    for item in sorted(placed, key=lambda q: q.y):
        width = item.sprite.pixels.shape[1]
        shadow(
            canvas,
            item.x,
            item.y + 1,
            width * (0.42 if item.aloft == 0 else 0.3),
            strength=0.5 if item.aloft == 0 else 0.25,
        )
        side = 1.0 if stage.light[0] > item.x else -1.0
        if item.flip:
            side = -side
        colour: RGB = mix(p.rim, WHITE, 0.2)
        sprite = rim(lit(item.sprite, multiply(light)), colour, (side * 0.8, -0.6), 0.4 + 0.25 * p.dark)
        canvas.paste(sprite, item.x, item.y - item.aloft, flip=item.flip)


def boxes(placed: list[Placed]) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of every figure in pixels."""
    out = []
    for p in placed:
        left, right = p.span()
        top = p.y - p.aloft - p.sprite.foot[1]
        out.append((left, top, right, top + p.sprite.pixels.shape[0]))
    return out
