"""Things that the words name and nobody holds: set down beside the figures where they can be seen."""

from __future__ import annotations

from random import Random

from app.services.engines.builtin.picture.canvas import Canvas, Sprite, lit
from app.services.engines.builtin.picture.colour import WHITE, mix, multiply
from app.services.engines.builtin.picture.creature import Looks
from app.services.engines.builtin.picture.framing import Framing, nearness
from app.services.engines.builtin.picture.placed import Placed
from app.services.engines.builtin.picture.props import HELD, hold
from app.services.engines.builtin.picture.stage import Stage, shadow, sprite_of
from app.services.engines.builtin.picture.things import THINGS

_MOST = 3
_FLOATING = frozenset({"ballon", "kite", "starlight"})
"""What is seen in the air when nobody holds it."""
_UNLAID = frozenset({"phone", "sword", "wand", "cane", "fishingrod", "net", "firefly", "firework"})
"""What is only ever held, or is seen another way."""
_OF_HOUSES = frozenset({"door"})
"""What does not stand by itself in the open."""


def set_things(stage: Stage, framing: Framing, placed: list[Placed], rng: Random) -> None:
    """Paint what is named, in the light of the figures, on the subject layer behind them."""
    held = {item.pose.prop for item in placed}
    passed = held | _UNLAID | (frozenset() if stage.indoors else _OF_HOUSES)
    named = [p for p in stage.scene.props if p not in passed and (p in THINGS or p in HELD)]
    taken = [item.span() for item in placed]
    for prop in named[:_MOST]:
        sprite, height, loose = _drawn(stage, framing, prop, rng)
        w = sprite.pixels.shape[1]
        x = _free(stage, framing, taken, w)
        if x is None:
            continue
        taken.append((x - w / 2, x + w / 2))
        _put(stage, framing, prop, sprite, height, x, loose)


def _drawn(stage: Stage, framing: Framing, prop: str, rng: Random) -> tuple[Sprite, float, bool]:
    person = min(framing.person, stage.height * 0.8)
    alone = framing.kind == "close" and not stage.scene.beings
    if prop in THINGS:
        draw, share = THINGS[prop]
        height = share * max(person / 0.49, stage.unit * 0.62)
        height = stage.height * 0.4 if alone else min(height, stage.height * 0.42)
        line = 0.014 if height < 120 else 0.008
        return sprite_of(height, lambda c: draw(c, rng), wide=1.15, line=line), height, False
    size = stage.height * 1.4 if alone else max(person * 0.92, 0.3 * stage.height)
    looks = Looks("", "", prop)

    def held(c: Canvas) -> None:
        hold(c, prop, 0.0, 0.3, looks)

    sprite = sprite_of(size, held, wide=0.6, tall=1.4, line=0.0095)
    h = sprite.pixels.shape[0]
    return Sprite(sprite.pixels, (sprite.pixels.shape[1] / 2, h - 1.0)), float(h), prop in _FLOATING


def _free(stage: Stage, framing: Framing, taken: list[tuple[float, float]], w: float) -> float | None:
    """The middle of the free place nearest to the hero; None when there is none."""
    hero = framing.hero_x * stage.width
    edge = max(0.04 * stage.width, framing.margin * 0.5) + w / 2
    if stage.width - 2 * edge <= 0:
        return None
    spots = [edge + (stage.width - 2 * edge) * k / 16 for k in range(17)]

    def hidden(x: float) -> float:
        return sum(max(0.0, min(b, x + w / 2) - max(a, x - w / 2)) for a, b in taken)

    best = min(spots, key=lambda x: (round(hidden(x) / w, 1), abs(x - hero)))
    return best if hidden(best) < 0.7 * w else None


def _put(stage: Stage, framing: Framing, prop: str, sprite: Sprite, height: float, x: float, loose: bool) -> None:
    c, p = stage["subject"], stage.palette
    y = stage.feet - 0.02 * framing.unit
    if framing.kind == "close":
        y = stage.height * (0.9 if stage.scene.beings else 0.8)
    elif not loose:
        y = min(y, stage.height * 0.86)
    light = multiply(mix(WHITE, p.light, 0.66 - 0.16 * p.dark))
    scale = nearness(framing, y) if framing.kind != "close" else 1.0
    if loose or stage.swim:
        y -= stage.height * (0.3 if loose else 0.0)
    else:
        shadow(c, x, y + 1, sprite.pixels.shape[1] * 0.6 * scale)
    c.paste(lit(sprite, light), x, y, scale=scale)
    height *= scale
    if prop == "campfire":
        c.glow(x, y - height * 0.4, framing.unit * 0.3, (255, 180, 90), 0.3 + 0.3 * p.dark)
        w, h = stage.width, stage.height
        box = ((x - height * 0.35) / w, (y - height) / h, (x + height * 0.35) / w, (y - height * 0.1) / h)
        stage.effect("fire", 0.7, (255, 176, 80), depth=0.75, box=box)
    elif prop in ("lamppost", "crystal", "lantern", "candle") and p.dark > 0.2:
        up = {"lamppost": 0.9, "lantern": 0.5, "candle": 0.8}.get(prop, 0.5)
        c.glow(x, y - height * up, framing.unit * 0.2, p.glow, 0.6)
