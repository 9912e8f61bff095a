"""Putting a picture together: framing, place, light, figures on its ground, and what is near and in the air."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

import cv2
import numpy as np

from app.models.engine import DrawRequest
from app.services.engines.builtin.picture import finish, foreground
from app.services.engines.builtin.picture.atmosphere import set_atmosphere
from app.services.engines.builtin.picture.belongings import set_things
from app.services.engines.builtin.picture.blocking import place_figures
from app.services.engines.builtin.picture.canvas import Canvas, Sprite
from app.services.engines.builtin.picture.closeup import place_close
from app.services.engines.builtin.picture.colour import WHITE, mix
from app.services.engines.builtin.picture.extras import set_extras
from app.services.engines.builtin.picture.floating import WATERS, afloat, flood
from app.services.engines.builtin.picture.framing import Framing, frame
from app.services.engines.builtin.picture.living import Living, paint_rest, set_up
from app.services.engines.builtin.picture.palette import palette_of
from app.services.engines.builtin.picture.placed import Placed
from app.services.engines.builtin.picture.places import INDOORS, PLACES
from app.services.engines.builtin.picture.rides import Ride, ride_of
from app.services.engines.builtin.picture.sky import paint_sky
from app.services.engines.builtin.picture.stage import LAYERS, Stage
from app.services.engines.builtin.picture.styles import Style
from app.services.engines.builtin.picture.weather import set_weather
from app.services.engines.builtin.picture.whereabouts import default_place
from app.services.engines.builtin.picture.words import Scene, read_scene

_BLUR = {"sky": 0.0035, "far": 0.0065, "mid": 0.0055}
"""Softness of the land behind a close head, as a fraction of the height."""
_ON_WHEELS = frozenset({"car", "bus", "truck", "train", "bike", "carriage", "moped", "scooter"})
_HALVED = 240
"""From this height on the land behind a close head is painted at half the size: nobody sees it, and it is quicker."""


@dataclass
class Picture:
    """A painted and lit stage with everybody on it, before the style."""

    stage: Stage
    framing: Framing
    style: Style
    placed: list[Placed]
    living: list[Living]
    rng: Random


def chance(request: DrawRequest) -> Random:
    """All chance of a picture: from its seed and words, never from its size."""
    text = f"{request.seed}|{request.prompt}|{request.subject}|{request.detail}"
    return Random(int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big"))


def build(request: DrawRequest, check: Callable[[], None]) -> Picture:
    """The picture of a request before its style. Chance is dealt out so that no size changes what another part does."""
    rng = chance(request)
    scene = read_scene(request)
    scene = replace(scene, place=default_place(scene, rng))
    if scene.place == "sea" and _ON_WHEELS & {*scene.vehicles} and not afloat(scene, None):
        scene = replace(scene, place="beach")  # there is ground to stand on beside the sea
    ride = ride_of(scene)
    if ride is not None and ride.boat and scene.place not in WATERS:
        ride = None  # the boat lies there, and nobody rows over land
    if ride is not None and isinstance(ride.mount, str):
        left = (tuple(name for name in names if name != ride.mount) for names in (scene.vehicles, scene.props))
        scene = replace(scene, vehicles=next(left), props=next(left))
    if scene.place == "space":
        scene = replace(scene, time="night", weather="", moon=False)
    framing = frame(scene, request.camera, request.width, request.height, rng)
    land, people, life = (Random(rng.randrange(1 << 60)) for _ in range(3))
    behind = framing.kind == "close" and bool(scene.beings or scene.props)
    half = behind and request.height >= _HALVED
    stage = _empty(request, scene, framing, land, 2 if half else 1)
    stage.check = check
    _paint_place(stage, framing, ride, land)
    style = finish.style_of(stage)
    finish.light_layers(stage, style)
    check()
    if behind:
        stage = _behind(stage, request, 2 if half else 1)
    foreground.hush(stage, framing)
    # what the place brought along is not set a second time, but still held
    placed = _figures(replace(stage, scene=replace(scene, place=stage.scene.place)), framing, ride, people)
    set_things(stage, framing, placed, people)
    set_atmosphere(stage, framing, life)
    foreground.soften(stage, framing, placed)
    paint_rest(stage, placed)
    return Picture(stage, framing, style, placed, set_up(stage, framing, placed, life), life)


def _empty(request: DrawRequest, scene: Scene, framing: Framing, rng: Random, part: int) -> Stage:
    """An empty stage at one ``part``-th of the size."""
    w, h = request.width // part, request.height // part
    film = "|".join(character.name for character in request.characters)
    stage = Stage(
        w,
        h,
        scene,
        palette_of(scene, rng, film),
        rng,
        framing.unit / part,
        framing.horizon / part,
        framing.feet / part,
        framing.hero_x,
        light=(w * 0.7, h * 0.2),
        framing=framing.kind,
    )
    stage.canvases.update({layer: Canvas(w, h) for layer in LAYERS})
    return stage


def _paint_place(stage: Stage, framing: Framing, ride: Ride | None, rng: Random) -> None:
    scene = stage.scene
    if scene.place in INDOORS:
        stage.indoors = scene.place not in ("underwater", "cave")
        warm = mix((255, 238, 214), stage.palette.light, 0.22)
        stage.palette = replace(stage.palette, light=warm if stage.indoors else mix(WHITE, stage.palette.light, 0.5))
    else:
        away = -1 if stage.hero_x > 0.5 else 1  # never on somebody's head like a hat
        side = 0.5 + away * max(0.27, abs(stage.hero_x - 0.5)) + rng.uniform(-0.07, 0.07)
        stage.light = paint_sky(stage["sky"], scene, stage.palette, rng, stage.horizon, side)
    stage.check()
    PLACES[scene.place](stage)
    stage.check()
    set_extras(stage)
    if framing.kind != "close" and afloat(scene, ride):
        flood(stage, rng)
    set_weather(stage)
    stage.check()


def _behind(stage: Stage, request: DrawRequest, part: int) -> Stage:
    """The place at its full size and out of focus, as it lies behind a head."""
    w, h = request.width, request.height
    mid, ground = stage["mid"], stage["subject"]
    mid.paste(Sprite(ground.pixels, (0.0, 0.0)), 0, 0)  # the whole land is one plane behind the heads
    ground.pixels[:] = 0
    for layer, canvas in stage.canvases.items():
        full = Canvas(w, h)
        if layer in _BLUR and cv2.hasNonZero(canvas.pixels.reshape(canvas.height, -1)):
            soft = cv2.GaussianBlur(
                canvas.pixels, (0, 0), max(0.5, _BLUR[layer] * canvas.height), borderType=cv2.BORDER_REPLICATE
            )
            full.pixels = np.asarray(cv2.resize(soft, (w, h), interpolation=cv2.INTER_LINEAR))
        elif layer not in _BLUR:
            full.pixels = np.asarray(cv2.resize(canvas.pixels, (w, h), interpolation=cv2.INTER_LINEAR))
        stage.canvases[layer] = full
    return replace(
        stage,
        width=w,
        height=h,
        unit=stage.unit * part,
        horizon=stage.horizon * part,
        feet=stage.feet * part,
        light=(stage.light[0] * part, stage.light[1] * part),
        afloat=stage.afloat * part,
        spots=[],
        lamps=[],
    )


def _figures(stage: Stage, framing: Framing, ride: Ride | None, rng: Random) -> list[Placed]:
    if framing.kind == "close":
        return place_close(stage, framing, rng)
    return place_figures(stage, framing, ride, rng)
