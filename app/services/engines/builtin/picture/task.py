"""The work of drawing a key frame, for a child process: layers, their list, and the flat picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.core.errors import ValidationFailed
from app.models.engine import DrawRequest, Effect, Layer, LayerSet
from app.services.engines.builtin.picture import compose, finish
from app.services.engines.builtin.picture.canvas import over
from app.services.engines.builtin.picture.colour import Pixels
from app.services.engines.builtin.picture.living import Living, cut_out
from app.services.engines.builtin.picture.packing import write_cutout, write_opaque
from app.services.engines.builtin.picture.stage import DEPTHS, LAYERS, Stage
from app.services.engines.builtin.picture.still import paint_effects
from app.services.engines.builtin.picture.styles import Style

_LEAST, _MOST = 16, 8192
"""Pixels of a side."""


def draw(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """Draw a DrawRequest into ``folder``: ``key_frame.png``, ``layers.json`` and the layers that it lists.

    The land is ``layer_0.png`` (the whole picture, opaque) and on; every living figure is a ``figure_N.png`` with
    ``_closed`` and ``_step_N`` beside it, and ``shadow_N.png`` when its shadow goes along. All but the first are cut
    to what they show.
    Returns {"image", "layers", "seed", "facts"}; facts hold the place, time, weather, style and framing, and every
    figure's kind, name and visible box as fractions (left, top, right, bottom), the hero first. Raises
    ValidationFailed for a size outside 16 to 8192.
    """
    asked = DrawRequest.model_validate(request)
    if not all(_LEAST <= side <= _MOST for side in (asked.width, asked.height)):
        raise ValidationFailed(f"a picture is {_LEAST} to {_MOST} pixels wide and high")
    picture = compose.build(asked, check)
    stage, style = picture.stage, picture.style
    seed = picture.rng.randrange(1 << 30)
    finish.styled(stage, style, seed)
    check()
    figures = [_figure(stage, living, style) for living in picture.living]
    land = _land(stage, style)
    check()
    flat = paint_effects(land["sky"].pixels.copy(), [e for e in stage.effects if _behind(e)], picture.rng)
    _stack(flat, land, figures)
    flat = paint_effects(flat, [e for e in stage.effects if not _behind(e)], picture.rng)
    check()
    layers = _saved(folder, land, figures, check)
    write_opaque(folder / "key_frame.png", flat)
    names = LayerSet(
        width=asked.width, height=asked.height, layers=layers, effects=tuple(stage.effects), focus=_focus(picture)
    )
    (folder / "layers.json").write_text(names.model_dump_json(indent=1), encoding="utf-8")
    return {"image": "key_frame.png", "layers": "layers.json", "seed": asked.seed, "facts": _facts(picture)}


@dataclass
class _Cut:
    """What a layer shows, as straight pixels, and where its corner is."""

    left: int
    top: int
    pixels: Pixels


@dataclass
class _Figure:
    """A styled figure: all its drawings, as large as each other and at one place."""

    living: Living
    drawings: list[_Cut]


def _figure(stage: Stage, living: Living, style: Style) -> _Figure:
    left, top, canvases = cut_out(stage, living)
    return _Figure(living, [_Cut(left, top, finish.straight(canvas, style)) for canvas in canvases])


def _land(stage: Stage, style: Style) -> dict[str, _Cut]:
    """The painted layers by name, farthest first; the sky is opaque, without alpha, and as large as the picture."""
    sky = stage["sky"].pixels if style.table is None else finish.straight(stage["sky"], style)
    found = {"sky": _Cut(0, 0, np.asarray(cv2.cvtColor(sky, cv2.COLOR_BGRA2BGR)))}
    for name in LAYERS[1:]:
        box = stage[name].box(1)
        if box is not None:
            y0, y1, x0, x1 = box
            if y0 == x0 == 0:  # to readers such a file means the whole picture
                y1, x1 = stage.height, stage.width
            found[name] = _Cut(x0, y0, finish.straight(stage[name].part(y0, y1, x0, x1), style))
    return found


def _behind(effect: Effect) -> bool:
    """Whether it is in the sky, behind all land: a flock of birds far away."""
    return effect.depth < DEPTHS["far"]


def _stack(flat: Pixels, land: dict[str, _Cut], figures: list[_Figure]) -> None:
    """Lay over the sky the other places, the figures, and what is near before them."""
    grounds = [land[name] for name in LAYERS[1:-1] if name in land]
    solid = [_solid_from(cut, *flat.shape[:2]) for cut in grounds]
    for k, cut in enumerate(grounds):
        _lay(flat, cut, solid[k], min(solid[k + 1 :], default=len(flat)))
    for cut in (*(one.drawings[0] for one in figures), *(land[name] for name in LAYERS[-1:] if name in land)):
        _lay(flat, cut, len(flat), len(flat))


def _solid_from(cut: _Cut, height: int, width: int) -> int:
    """Row of the picture from which on a layer hides all that is behind it, to the lower edge; ``height`` for none."""
    if cut.pixels.shape[1] < width or cut.top + len(cut.pixels) < height:
        return height
    open_rows = np.flatnonzero(cv2.reduce(cv2.extractChannel(cut.pixels, 3), 1, cv2.REDUCE_MIN)[:, 0] < 255)
    return cut.top + (int(open_rows[-1]) + 1 if len(open_rows) else 0)


def _lay(flat: Pixels, cut: _Cut, solid: int, hidden: int) -> None:
    """Lay a layer over the picture down to the row ``hidden``; from ``solid`` on it is opaque."""
    end = max(cut.top, min(cut.top + len(cut.pixels), hidden))
    middle, columns = max(cut.top, min(solid, end)), slice(cut.left, cut.left + cut.pixels.shape[1])
    if middle > cut.top:
        over(flat[cut.top : middle, columns], cv2.cvtColor(cut.pixels[: middle - cut.top], cv2.COLOR_RGBA2mRGBA))
    if end > middle:
        cv2.cvtColor(cut.pixels[middle - cut.top : end - cut.top], cv2.COLOR_BGRA2BGR, dst=flat[middle:end])


def _saved(folder: Path, land: dict[str, _Cut], figures: list[_Figure], check: Callable[[], None]) -> tuple[Layer, ...]:
    """Write all layers and return their list, farthest first."""
    layers: list[Layer] = []
    for name in LAYERS:
        if name == "near":
            layers += _cast(folder, figures, check)
        if name not in land:
            continue
        cut, file = land[name], f"layer_{sum(1 for layer in layers if layer.life is None)}.png"
        if layers:
            write_cutout(folder / file, cut.pixels)
        else:
            write_opaque(folder / file, cut.pixels)
        layers.append(Layer(file=file, depth=DEPTHS[name], name=name, left=cut.left, top=cut.top))
        check()
    return tuple(layers)


def _cast(folder: Path, figures: list[_Figure], check: Callable[[], None]) -> list[Layer]:
    found = []
    for one in figures:
        living, first = one.living, one.drawings[0]
        for name, cut in zip(living.drawings, one.drawings, strict=True):
            write_cutout(folder / f"{name}.png", cut.pixels)
        others = [f"{name}.png" for name in living.drawings[1:]]
        closed, steps = (others[0], others[1:]) if living.blinks else ("", others)
        life = living.life.model_copy(update={"closed": closed, "steps": tuple(steps)})
        file, depth = f"{living.drawings[0]}.png", DEPTHS["subject"]
        found.append(Layer(file=file, depth=depth, name=living.name, left=first.left, top=first.top, life=life))
        check()
    return found


def _focus(picture: compose.Picture) -> tuple[float, float]:
    stage = picture.stage
    if not picture.placed:
        return (round(stage.hero_x, 4), round((stage.horizon - 0.08 * stage.unit) / stage.height, 4))
    x, y = picture.placed[0].head()
    if picture.framing.kind == "close" and len(picture.placed) == 2:  # so that the other is not lost on the way there
        x += 0.35 * (picture.placed[1].head()[0] - x)
    return (round(min(max(x / stage.width, 0.0), 1.0), 4), round(min(max(y / stage.height, 0.0), 1.0), 4))


def _facts(picture: compose.Picture) -> dict[str, Any]:
    stage, scene = picture.stage, picture.stage.scene
    figures = []
    for item in picture.placed:
        left, top, right, bottom = item.visible()
        box = (left / stage.width, top / stage.height, right / stage.width, min(1.0, bottom / stage.height))
        figures.append(
            {"kind": item.being.kind, "name": item.being.key, "box": [round(edge, 4) for edge in box], "cut": item.cut}
        )
    return {
        "place": scene.place,
        "time": scene.time,
        "weather": scene.weather,
        "style": scene.style,
        "framing": picture.framing.kind,
        "figures": figures,
    }
