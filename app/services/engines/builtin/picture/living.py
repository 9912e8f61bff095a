"""Layers of life: every figure as a cropped layer of its own, with its other drawings and its shadow.

All drawings of one figure go through the same light and the same style with the same seed, so that between them
nothing differs but eyes and legs.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from app.models.engine import Life
from app.services.engines.builtin.picture import cast
from app.services.engines.builtin.picture.blocking import flies, stranded
from app.services.engines.builtin.picture.canvas import Canvas, Sprite, lit, rim
from app.services.engines.builtin.picture.colour import RGB, WHITE, mix, multiply
from app.services.engines.builtin.picture.floating import rings
from app.services.engines.builtin.picture.framing import Framing
from app.services.engines.builtin.picture.placed import Placed
from app.services.engines.builtin.picture.stage import Stage, shadow

MOST = 4
"""Living figures in a picture; the others are painted on the subject layer."""
STEPS = 2
"""Other drawings of who walks, runs, flies or swims."""
_HOPPERS = frozenset({"rabbit", "frog", "kangaroo", "bird", "chick", "squirrel"})
_FLOATERS = frozenset({"ghost", "jellyfish", "balloon"})
_STILL = frozenset({"sleep", "lie"})
_LEAPS = frozenset({"jump", "cheer", "dance"})

Kind = Literal["breathe", "sway", "walk", "run", "hop", "fly", "float", "slide"]


@dataclass
class Living:
    """One layer to be. Its drawings are canvases of the stage; the first is what the still shows."""

    name: str
    drawings: list[str]
    life: Life
    blinks: bool = False
    """The second drawing has its eyes closed."""


def kind_of(item: Placed, stage: Stage, framing: Framing) -> Kind:
    """How somebody moves by what they do."""
    deed, kind = item.pose.action, item.being.kind
    if deed in _STILL:
        return "sway"
    if item.ride is not None:
        return _ridden(item)
    if (
        stage.swim
        or item.dip
        or kind in _FLOATERS
        or stranded(item.being, stage)
        or (stage.scene.place == "space" and deed in ("fly", "fall"))
    ):
        return "float"
    if flies(item.being, item.pose, stage.scene):
        return "fly"
    if item.cut:
        return "breathe"
    if deed in ("walk", "run") and item.travel:
        return "hop" if kind in _HOPPERS else "walk" if deed == "walk" else "run"
    return "hop" if deed in _LEAPS else "breathe"


def _ridden(item: Placed) -> Kind:
    ride = item.ride
    if ride is not None and ride.flying:
        return "fly"
    if ride is not None and not isinstance(ride.mount, str):
        return "float" if item.dip else "run" if item.pose.action == "run" else "walk"
    return "float" if item.dip else "slide"


def life_of(item: Placed, stage: Stage, framing: Framing, phase: float) -> Life:
    """The movement of a placed figure."""
    _, top, _, bottom = item.visible()
    return Life(
        kind=kind_of(item, stage, framing),
        foot=(round(item.x / stage.width, 4), round((item.y - item.aloft) / stage.height, 4)),
        height=round(max(1.0, bottom - top) / stage.height, 4),
        side=-1 if item.flip else 1,
        phase=round(phase, 3),
        travel=round(item.travel, 4),
    )


def in_light(sprite: Sprite, stage: Stage, item: Placed) -> Sprite:
    """A cut-out in the picture's light, which is gentler on figures than on the land, with light along its edge."""
    p = stage.palette
    side = 1.0 if stage.light[0] > item.x else -1.0
    colour: RGB = mix(p.rim, WHITE, 0.2)
    light = multiply(mix(WHITE, p.light, 0.62 - 0.16 * p.dark))
    return rim(lit(sprite, light), colour, (side * (-0.8 if item.flip else 0.8), -0.6), 0.4 + 0.25 * p.dark)


def ground(canvas: Canvas, item: Placed, stage: Stage) -> None:
    """The shadow under somebody, or the rings in the water around them."""
    if item.cut:
        return
    if item.dip:
        rings(canvas, item, stage)
        return
    if item.aloft <= 0:
        a, b = item.contact()
        body = item.visible()[2] - item.visible()[0]
        reach = max((b - a) * 0.72, body * 0.34)
        shadow(canvas, (a + b) / 2, item.y + 1, reach, strength=0.34)
        shadow(canvas, (a + b) / 2, item.y + 1, reach * 0.66, strength=0.42)
    elif not stage.swim and stage.scene.place not in ("sky", "space", "sea"):
        a, _, b, _ = item.visible()
        shadow(canvas, (a + b) / 2, item.y + 1, (b - a) * 0.34, strength=0.2)


def paint_rest(stage: Stage, placed: list[Placed]) -> None:
    """Paint on the subject layer who has no layer, and the shadow of everybody who stays where they are."""
    c = stage["subject"]
    for item in sorted(placed[MOST:], key=lambda q: q.near):
        ground(c, item, stage)
        c.paste(in_light(item.sprite, stage, item), item.x, item.y - item.aloft, flip=item.flip)
    for item in placed[:MOST]:
        if not item.travel:
            ground(c, item, stage)


def set_up(stage: Stage, framing: Framing, placed: list[Placed], rng: Random) -> list[Living]:
    """Paint the living figures, and the shadows that go with them, on canvases of their own beside the layers.

    Returned farthest first. They are as large as the stage and get its style with the layers; see ``cut_out``.
    """
    phases = [rng.random() for _ in range(MOST)]
    found: list[Living] = []
    for k, item in sorted(enumerate(placed[:MOST]), key=lambda pair: (pair[1].near, -pair[0])):
        life = life_of(item, stage, framing, phases[k])
        if item.travel:
            canvas = Canvas(stage.width, stage.height)
            ground(canvas, item, stage)
            if canvas.pixels.any():
                foot = (life.foot[0], round(item.y / stage.height, 4))
                slide = life.model_copy(update={"kind": "slide", "foot": foot})
                found.append(Living(f"shadow_{k}", [f"shadow_{k}"], slide))
                stage.canvases[f"shadow_{k}"] = canvas
        found.append(_apart(stage, item, life, k))
        stage.check()
    return found


def _apart(stage: Stage, item: Placed, life: Life, k: int) -> Living:
    name = f"figure_{k}"
    drawn = {name: item.sprite}
    blinks = life.kind != "sway" and item.pose.mood != "sleepy"
    if blinks:
        drawn[f"{name}_closed"] = item.blink()
    if _steps(item, life):
        drawn |= {f"{name}_step_{n}": item.draw(step=n) for n in range(1, STEPS + 1)}
    x, y = item.x, item.y - item.aloft
    if item.cut:  # what is below the picture needs no light
        rows = max(1, int(stage.height - y + item.sprite.foot[1]) + 4)
        drawn = {key: Sprite(sprite.pixels[:rows], sprite.foot) for key, sprite in drawn.items()}
    for key, sprite in drawn.items():
        canvas = Canvas(stage.width, stage.height)
        canvas.paste(in_light(sprite, stage, item), x, y, flip=item.flip)
        stage.canvases[key] = canvas
    _square(stage, drawn, x, y, item.flip)
    return Living(name, list(drawn), life, blinks)


def _steps(item: Placed, life: Life) -> bool:
    """Whether legs, wings or fins are seen to move."""
    if item.cut or not (life.travel or life.kind in ("fly", "float", "hop")):
        return False
    return item.ride is not None or cast.moving(item.being, item.pose)


def _square(stage: Stage, drawn: dict[str, Sprite], x: float, y: float, flip: bool) -> None:
    """Give all drawings of a figure the same painted box by two specks nobody can see, so that a style that works on
    the painted box does to one what it does to the others."""
    edges = [_edges(sprite, x, y, flip) for sprite in drawn.values()]
    left, top = max(0, round(min(e[0] for e in edges))), max(0, round(min(e[1] for e in edges)))
    right = min(stage.width, round(max(e[2] for e in edges)))
    bottom = min(stage.height, round(max(e[3] for e in edges)))
    for name in drawn if right > left and bottom > top else ():
        for row, col in ((top, left), (bottom - 1, right - 1)):
            if stage[name].pixels[row, col, 3] == 0:
                stage[name].pixels[row, col, 3] = 1


def _edges(sprite: Sprite, x: float, y: float, flip: bool) -> tuple[float, float, float, float]:
    h, w = sprite.pixels.shape[:2]
    left = x - (w - sprite.foot[0] if flip else sprite.foot[0])
    return left, y - sprite.foot[1], left + w, y - sprite.foot[1] + h


def cut_out(stage: Stage, living: Living) -> tuple[int, int, list[Canvas]]:
    """Left and top edge in pixels, and all drawings of a styled figure cut to the box that holds the first of them."""
    y0, y1, x0, x1 = stage[living.drawings[0]].box(1) or (0, 1, 0, 1)
    return x0, y0, [stage.canvases.pop(name).part(y0, y1, x0, x1) for name in living.drawings]
