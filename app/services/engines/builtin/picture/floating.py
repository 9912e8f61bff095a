"""Figures in the water: the water they are in, what of them is under it, and the rings around them."""

from __future__ import annotations

from random import Random

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, mix, shade_of
from app.services.engines.builtin.picture.placed import Placed
from app.services.engines.builtin.picture.rides import Ride
from app.services.engines.builtin.picture.stage import Stage
from app.services.engines.builtin.picture.words import Scene

WATERS = frozenset({"sea", "lake", "river", "beach", "island", "harbour", "swamp"})
"""Places with water that somebody can be in."""
_AT_HOME = frozenset({"whale", "dolphin", "shark", "fish", "octopus", "jellyfish", "mermaid"})

_SWIMS_ALONG = _AT_HOME | {"turtle", "seal", "crab", "duck", "goose", "swan"}
_SEATS = ((0.46, True), (-0.46, False), (0.26, True))
"""Where the crew is along a boat, in heights of who rows, and whether they look back."""
_DEEP = 0.4
"""How much of somebody far out is under water."""


def afloat(scene: Scene, ride: Ride | None) -> bool:
    """Whether the figures of this scene are in the water or on it."""
    if (
        scene.place not in WATERS
        or not scene.beings
        or (scene.season == "winter" and scene.weather == "snow" and not ride)
    ):
        return False
    if ride is not None and ride.boat:
        return True
    hero = scene.beings[0]
    return hero.kind in _AT_HOME or "swim" in (scene.action, hero.action) or scene.action == "dive"


def flood(stage: Stage, rng: Random) -> None:
    """Water instead of the ground under the figures; sets ``stage.flood``."""
    u, c, p = stage.unit, stage["subject"], stage.palette
    top = min(stage.feet - 0.16 * u, (stage.afloat or stage.feet) - 0.02 * u)
    c.pixels[:] = 0
    tone = mix(mix((62, 146, 184), p.sky[1], 0.35), p.sky[0], 0.2)
    rows = np.arange(stage.height, dtype=np.float32)
    depth = np.clip((rows - top) / max(1.0, stage.height - top), 0, 1)[:, None]
    far, near = np.array(mix(tone, p.sky[2], 0.35)[::-1]), np.array(mix(shade_of(tone), p.sky[0], 0.3)[::-1])
    alpha = np.clip((rows - top) / (0.05 * u), 0, 1)[:, None]
    lines = np.concatenate([(far * (1 - depth) + near * depth) * alpha, 255 * alpha], 1).astype(np.uint8)
    c.pixels[:] = lines[:, None, :]
    bright, dark = mix(tone, WHITE, 0.45), shade_of(tone)
    for k in range(round(46 * max(0.7, stage.width / stage.height))):
        t = ((k + rng.random()) / 60) ** 1.3
        y, x = top + 0.05 * u + (stage.height - top) * min(1.0, t), rng.uniform(-0.05, 1.05) * stage.width
        w, h = u * (0.02 + 0.07 * t) * rng.uniform(0.6, 1.5), u * (0.0012 + 0.004 * t)
        tone_k, strength = (bright, 0.4) if k % 3 else (dark, 0.22)
        bow = curves.smooth(
            [(x - w, y), (x - w * 0.3, y - h * 1.6), (x + w * 0.4, y - h * 1.2), (x + w, y)], closed=False, steps=4
        )
        c.fill(np.vstack([bow, bow[::-1] + np.array((0.0, h * 1.1))]), tone_k, strength)
    stage.flood = top
    box = (0.0, max(0.0, top / stage.height), 1.0, 1.0)
    stage.effects[:] = [e for e in stage.effects if e.kind != "waves"]
    stage.effect("waves", 0.5, _whole(mix(p.sky[1], WHITE, 0.5)), depth=0.7, box=box)


def _whole(colour: RGB) -> RGB:
    return (round(colour[0]), round(colour[1]), round(colour[2]))


def rings(canvas: Canvas, item: Placed, stage: Stage) -> None:
    """Foam and rings where somebody comes out of the water."""
    a, _, b, _ = item.visible()
    x, rx = (a + b) / 2, (b - a) * 0.46
    light = mix(WHITE, stage.palette.light, 0.6)
    canvas.glow(x, item.y + rx * 0.04, rx * 1.25, mix((26, 60, 96), stage.palette.sky[0], 0.4), 0.4, squash=0.2)
    for k, strength in ((1.0, 0.62), (1.3, 0.34), (1.62, 0.2)):
        ring = curves.oval(x, item.y + rx * 0.02, rx * k, rx * k * 0.16, steps=48)
        inner = curves.oval(x, item.y + rx * 0.035, rx * k * 0.955, rx * k * 0.128, steps=48)
        canvas.fill(np.vstack([ring, ring[:1], inner[::-1], inner[-1:]]), light, strength)


def offshore(item: Placed, stage: Stage) -> bool:
    """Put somebody of the water who is not among the swimmers into the water behind the shore, if there is any."""
    if stage.scene.place not in WATERS or item.being.kind not in _AT_HOME or stage.flood or stage.swim:
        return False
    item.y = stage.afloat or stage.horizon + 0.07 * stage.unit
    item.shrink(0.6)
    item.sink(_DEEP)
    return True


def come_aboard(placed: list[Placed]) -> None:
    """Set everybody but those of the water down in the hero's boat, behind its near side, going where it goes."""
    hero = placed[0]
    if hero.ride is None or not hero.ride.boat:
        return
    a, b = hero.span()
    towards = -1 if hero.flip else 1
    length = hero.size * hero.factor
    crew = [item for item in placed[1:] if item.ride is None and item.being.kind not in _SWIMS_ALONG]
    for item, (along, turned) in zip(crew, _SEATS, strict=False):
        item.sink(0.0)
        item.shrink(min(1.0, 0.8 * length / max(1.0, float(item.sprite.pixels.shape[0]))))
        small = float(item.sprite.pixels.shape[0]) < 0.62 * length
        item.x = min(b, max(a, hero.x + towards * along * length))
        item.y = hero.y - (0.15 if small else 0.035) * length  # who is small looks over the side
        item.aloft = 0.0
        item.flip = hero.flip != turned
        item.travel = hero.travel
