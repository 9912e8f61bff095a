"""The work of drawing a key frame, for a child process: layers, their list, and the flat picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from app.core.errors import StorageFull, ValidationFailed
from app.models.engine import DrawRequest, Layer, LayerSet
from app.services.engines.builtin.picture import compose, finish
from app.services.engines.builtin.picture.canvas import over
from app.services.engines.builtin.picture.colour import Pixels
from app.services.engines.builtin.picture.living import Living, cut_out
from app.services.engines.builtin.picture.stage import DEPTHS, LAYERS, Stage
from app.services.engines.builtin.picture.still import paint_effects
from app.services.engines.builtin.picture.styles import Style

_LEAST, _MOST = 16, 8192
"""Pixels of a side."""
_PLAIN = (cv2.IMWRITE_PNG_COMPRESSION, 0, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE)
"""Opaque pictures are full of paper grain: packing saves half their bytes and costs ten times as long, and seven times
as long whenever they are read."""
_PACKED = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE),
)
"""Layers are mostly empty. Without a filter they are written, read and packed better than with OpenCV's own choice."""


def draw(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """Draw a DrawRequest into ``folder``: ``key_frame.png``, ``layers.json`` and the layers that it lists.

    Layers of the whole picture are ``layer_0.png`` (opaque) and on; every living figure is a cropped ``figure_N.png``
    with ``_closed`` and ``_step_N`` beside it, and ``shadow_N.png`` when its shadow goes along.
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
    whole = {name: finish.straight(stage[name], style) for name in LAYERS if name == "sky" or stage[name].pixels.any()}
    check()
    flat = _stacked(whole, figures)
    flat = paint_effects(flat, stage.effects, picture.rng)
    check()
    layers = _saved(folder, whole, figures, check)
    _write(folder / "key_frame.png", flat, _PLAIN)
    names = LayerSet(
        width=asked.width, height=asked.height, layers=layers, effects=tuple(stage.effects), focus=_focus(picture)
    )
    (folder / "layers.json").write_text(names.model_dump_json(indent=1), encoding="utf-8")
    return {"image": "key_frame.png", "layers": "layers.json", "seed": asked.seed, "facts": _facts(picture)}


@dataclass
class _Figure:
    """A styled figure: straight pixels of all its drawings, and where their corner is."""

    living: Living
    left: int
    top: int
    drawings: list[Pixels]


def _figure(stage: Stage, living: Living, style: Style) -> _Figure:
    left, top, canvases = cut_out(stage, living)
    return _Figure(living, left, top, [finish.straight(canvas, style) for canvas in canvases])


def _stacked(whole: dict[str, Pixels], figures: list[_Figure]) -> Pixels:
    """The flat picture: places, figures, and what is near before them."""
    flat = finish.stack([pixels for name, pixels in whole.items() if name != "near"])
    for one in figures:
        h, w = one.drawings[0].shape[:2]
        part = flat[one.top : one.top + h, one.left : one.left + w]
        over(part, cv2.cvtColor(one.drawings[0], cv2.COLOR_RGBA2mRGBA))
    if "near" in whole:
        over(flat, cv2.cvtColor(whole["near"], cv2.COLOR_RGBA2mRGBA))
    return flat


def _saved(
    folder: Path, whole: dict[str, Pixels], figures: list[_Figure], check: Callable[[], None]
) -> tuple[Layer, ...]:
    """Write all layers and return their list, farthest first."""
    layers: list[Layer] = []
    for name, pixels in whole.items():
        if name == "near":
            layers += _cast(folder, figures, check)
        file = f"layer_{sum(1 for layer in layers if layer.life is None)}.png"
        if layers:
            _write(folder / file, pixels, _PACKED)
        else:
            _write(folder / file, cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), _PLAIN)
        layers.append(Layer(file=file, depth=DEPTHS[name], name=name))
        check()
    if "near" not in whole:
        layers += _cast(folder, figures, check)
    return tuple(layers)


def _cast(folder: Path, figures: list[_Figure], check: Callable[[], None]) -> list[Layer]:
    found = []
    for one in figures:
        living = one.living
        for name, pixels in zip(living.drawings, one.drawings, strict=True):
            _write(folder / f"{name}.png", pixels, _PACKED)
        others = [f"{name}.png" for name in living.drawings[1:]]
        closed, steps = (others[0], others[1:]) if living.blinks else ("", others)
        life = living.life.model_copy(update={"closed": closed, "steps": tuple(steps)})
        file, depth = f"{living.drawings[0]}.png", DEPTHS["subject"]
        found.append(Layer(file=file, depth=depth, name=living.name, left=one.left, top=one.top, life=life))
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


def _write(path: Path, pixels: Pixels, how: Sequence[int]) -> None:
    if not cv2.imwrite(str(path), pixels, how):
        raise StorageFull(f"{path.name} could not be written")
