"""The work of drawing a key frame, for a child process: layers, their list, and the flat picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2

from app.core.errors import StorageFull, ValidationFailed
from app.models.engine import DrawRequest, Layer, LayerSet
from app.services.engines.builtin.picture import compose, finish
from app.services.engines.builtin.picture.colour import Pixels
from app.services.engines.builtin.picture.stage import DEPTHS, LAYERS, Stage
from app.services.engines.builtin.picture.still import paint_effects

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
    """Draw a DrawRequest into ``folder``: ``key_frame.png``, ``layer_0.png`` (opaque) ... and ``layers.json``.

    Returns {"image", "layers", "seed", "facts"}; facts hold the place and time that were understood and the box of
    every figure as fractions (left, top, right, bottom). Raises ValidationFailed for a size outside 16 to 8192.
    """
    asked = DrawRequest.model_validate(request)
    if not all(_LEAST <= side <= _MOST for side in (asked.width, asked.height)):
        raise ValidationFailed(f"a picture is {_LEAST} to {_MOST} pixels wide and high")
    stage = compose.build(asked, check)
    style = finish.style_of(stage)
    finish.light_layers(stage, style)
    placed = compose.place_figures(asked, stage)
    compose.paint_figures(stage, placed)
    finish.styled(stage, style, stage.rng.randrange(1 << 30))
    used = [name for name in LAYERS if name == "sky" or stage[name].pixels.any()]
    layers = [finish.straight(stage[name], style) for name in used]
    check()
    flat = paint_effects(finish.stack(layers), stage.effects, stage.rng)
    check()
    for k, pixels in enumerate(layers):
        if k:
            _write(folder / f"layer_{k}.png", pixels, _PACKED)
        else:
            _write(folder / "layer_0.png", cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), _PLAIN)
        check()
    _write(folder / "key_frame.png", flat, _PLAIN)
    boxes = compose.boxes(placed)
    names = LayerSet(
        width=asked.width,
        height=asked.height,
        layers=tuple(Layer(file=f"layer_{k}.png", depth=DEPTHS[name], name=name) for k, name in enumerate(used)),
        effects=tuple(stage.effects),
        focus=_focus(stage, boxes),
    )
    (folder / "layers.json").write_text(names.model_dump_json(indent=1), encoding="utf-8")
    return {"image": "key_frame.png", "layers": "layers.json", "seed": asked.seed, "facts": _facts(stage, boxes)}


def _focus(stage: Stage, boxes: list[tuple[float, float, float, float]]) -> tuple[float, float]:
    if not boxes:
        return (round(stage.hero_x, 4), round((stage.horizon - 0.08 * stage.unit) / stage.height, 4))
    left, top, right, bottom = boxes[0]
    return (round((left + right) / 2 / stage.width, 4), round((top + (bottom - top) * 0.35) / stage.height, 4))


def _facts(stage: Stage, boxes: list[tuple[float, float, float, float]]) -> dict[str, Any]:
    w, h = stage.width, stage.height
    return {
        "place": stage.scene.place,
        "time": stage.scene.time,
        "weather": stage.scene.weather,
        "style": stage.scene.style,
        "figures": [
            {"kind": kind, "box": [round(b[0] / w, 4), round(b[1] / h, 4), round(b[2] / w, 4), round(b[3] / h, 4)]}
            for kind, b in zip((json.dumps(k.kind).strip('"') for k in stage.scene.beings), boxes, strict=False)
        ],
    }


def _write(path: Path, pixels: Pixels, how: Sequence[int]) -> None:
    if not cv2.imwrite(str(path), pixels, how):
        raise StorageFull(f"{path.name} could not be written")
