"""What somebody needs for what they do and what the place did not bring: a seat under a sitter, an easel.

Both are as large as the figure, stand on the subject layer behind it, and are lit like it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, lit
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, multiply, shade_of
from app.services.engines.builtin.picture.placed import Placed
from app.services.engines.builtin.picture.stage import Stage, shadow, sprite_of
from app.services.engines.builtin.picture.terrain import snow_lies
from app.services.engines.builtin.picture.things import easel

SEAT = 0.21
"""Height of a seat that is set, in heights of who sits on it."""
_BENCH = frozenset({"garden", "street", "city", "playground", "station", "market", "rooftop", "corridor", "oldtown"})
_CRATE = frozenset({"harbour", "farm", "sea"})
_STONE = frozenset(
    {"mountains", "cliff", "desert", "river", "waterfall", "volcano", "cave", "temple", "snowfield", "sea"}
)
_WOOD: RGB = (176, 124, 84)
_ROCK: dict[str, RGB] = {"desert": (196, 150, 122), "volcano": (112, 100, 110), "cave": (104, 96, 116)}


def _log(c: Canvas, tone: RGB) -> None:
    c.soft(curves.tube([(-1.5, 0.48), (0, 0.5), (1.5, 0.5)], [0.94, 1.0, 0.94]), tone)
    for y in (0.3, 0.55, 0.72):
        c.stroke([(-1.1, y), (-0.3, y + 0.03), (0.9, y - 0.02)], 0.04, shade_of(tone))
    c.soft(curves.oval(1.5, 0.5, 0.26, 0.47), (226, 190, 146))
    c.stroke(curves.oval(1.5, 0.5, 0.13, 0.26), 0.05, (186, 140, 100), closed=True)


def _stone(c: Canvas, tone: RGB) -> None:
    shape = [(-1.25, 0.0), (-1.3, 0.5), (-0.95, 0.9), (-0.2, 1.03), (0.7, 1.0), (1.2, 0.74), (1.36, 0.3), (1.2, 0.0)]
    c.soft(curves.smooth(shape, steps=4), tone)
    c.fill(curves.smooth([(-0.9, 0.86), (-0.2, 0.98), (0.66, 0.95), (0.9, 0.8), (0.0, 0.82)], steps=4), light_of(tone))
    c.stroke([(0.3, 0.6), (0.5, 0.35), (0.42, 0.15)], 0.04, shade_of(tone))


def _bench(c: Canvas, tone: RGB) -> None:
    for x in (-1.7, 1.5):
        c.soft(curves.box(x, 0.0, x + 0.2, 1.0), (96, 92, 104))
        c.soft(curves.box(x, 1.0, x + 0.16, 2.2), (96, 92, 104))
    for y in (1.5, 1.95):
        c.soft(curves.box(-2.0, y, 2.0, y + 0.28, 0.06), tone)
    c.soft(curves.box(-2.05, 0.8, 2.05, 1.04, 0.06), light_of(tone))


def _crate(c: Canvas, tone: RGB) -> None:
    c.soft(curves.box(-0.9, 0.0, 0.9, 1.0, 0.02), tone)
    for y in (0.05, 0.38, 0.71):
        c.soft(curves.box(-0.84, y, 0.84, y + 0.26), light_of(tone), light=0.4)
    c.stroke([(-0.84, 0.06), (0.84, 0.95)], 0.12, shade_of(tone), smooth=False)


def _stool(c: Canvas, tone: RGB) -> None:
    for x in (-0.7, 0.5):
        c.soft(curves.box(x, 0.0, x + 0.2, 0.9), shade_of(tone))
    c.stroke([(-0.6, 0.36), (0.6, 0.36)], 0.12, shade_of(tone), smooth=False)
    c.soft(curves.box(-0.95, 0.8, 0.95, 1.02, 0.08), tone)
    c.soft(curves.smooth([(-0.85, 0.95), (-0.8, 1.12), (0.8, 1.12), (0.85, 0.95)], steps=4), (222, 130, 110))


def _drift(c: Canvas, tone: RGB) -> None:
    """Snow on whatever it is."""
    c.soft(curves.smooth([(-1.2, 0.86), (-0.7, 1.1), (0.2, 1.16), (1.0, 1.06), (1.25, 0.84), (0.0, 0.92)]), tone)


def _light(stage: Stage) -> float:
    return 0.66 - 0.16 * stage.palette.dark


def _kind_of_seat(stage: Stage) -> tuple[Callable[[Canvas, RGB], None], RGB]:
    place = stage.scene.place
    if stage.indoors:
        return _stool, _WOOD
    if place in _BENCH:
        return _bench, (190, 134, 88)
    if place in _CRATE:
        return _crate, (190, 146, 100)
    if place in _STONE:
        return _stone, _ROCK.get(place, (168, 162, 164))
    return _log, (140, 104, 82)


def set_seat(stage: Stage, item: Placed) -> None:
    """Put a seat of the place's kind under somebody who sits ``SEAT`` high: log, stone, bench, crate or stool."""
    height = item.size * item.factor * SEAT
    draw, tone = _kind_of_seat(stage)

    def paint(c: Canvas) -> None:
        draw(c, tone)
        if snow_lies(stage) and draw in (_log, _stone):  # benches are swept
            _drift(c, (246, 250, 255))

    sprite = sprite_of(height, paint, wide=2.4, tall=2.6, line=0.045)
    p = stage.palette
    shadow(stage["subject"], item.x, item.y + 1, sprite.pixels.shape[1] * 0.56)
    stage["subject"].paste(
        lit(sprite, multiply(mix(WHITE, p.light, _light(stage)))), item.x, item.y, scale=min(1.0, height / 24)
    )


def set_easel(stage: Stage, item: Placed, rng: Random) -> None:
    """Put an easel before a painter, within reach of the brush."""
    height, p = item.size * item.factor * 0.92, stage.palette
    a, b = item.span()
    x = a - 0.1 * height if item.flip else b + 0.1 * height
    x = min(max(x, 0.36 * height), stage.width - 0.36 * height)
    sprite = sprite_of(height, lambda c: easel(c, rng), wide=0.7, line=0.01)
    shadow(stage["subject"], x, item.y, sprite.pixels.shape[1] * 0.5)
    stage["subject"].paste(lit(sprite, multiply(mix(WHITE, p.light, _light(stage)))), x, item.y - 0.02 * height)
