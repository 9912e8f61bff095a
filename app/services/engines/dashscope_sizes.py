"""Which sizes, lengths and protocols the models of DashScope take, by their names.

From the model pages of help.aliyun.com/zh/model-studio. A model that is not known by name is taken for one of its
family; what DashScope refuses all the same comes back as its own error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["text2image", "multimodal", "image-generation", "image2image"]
"""``text2image``, ``image2image`` and ``image-generation`` are tasks to wait for; ``multimodal`` answers at once."""
_QWEN_SIZES = ((1664, 928), (1472, 1104), (1328, 1328), (1104, 1472), (928, 1664))
_STEP = 16


@dataclass(frozen=True)
class PictureModel:
    protocol: Protocol
    prompt_chars: int
    sizes: tuple[tuple[int, int], ...] = ()
    """The only sizes that it takes; none: any within ``pixels`` and ``sides``."""
    pixels: tuple[int, int] = (512 * 512, 2048 * 2048)
    """Least and most pixels in total."""
    sides: tuple[int, int] = (256, 4096)
    """Least and most pixels of a side."""
    sized: bool = True
    """Whether it may be asked for a size at all."""
    references: int = 0
    """Reference pictures that it takes."""
    extends: bool = True
    """Whether it knows ``prompt_extend``."""


_PICTURES: tuple[tuple[str, PictureModel], ...] = (
    ("qwen-image-edit-plus", PictureModel("multimodal", 800, sides=(512, 2048), references=3)),
    ("qwen-image-edit-max", PictureModel("multimodal", 800, sides=(512, 2048), references=3)),
    ("qwen-image-edit", PictureModel("multimodal", 800, sized=False, references=3, extends=False)),
    ("qwen-image-2", PictureModel("multimodal", 800, references=3)),
    ("qwen-image-3", PictureModel("multimodal", 800, references=3)),
    ("qwen-image", PictureModel("multimodal", 800, sizes=_QWEN_SIZES)),
    ("z-image", PictureModel("multimodal", 800)),
    ("wan2.7-image", PictureModel("image-generation", 2100, pixels=(768**2, 2048**2), references=3)),
    ("wan2.6-image", PictureModel("image-generation", 2000, pixels=(768**2, 1280**2), references=3)),
    ("wan2.6", PictureModel("image-generation", 2100, pixels=(1280**2, 1440**2))),
    ("wan2.5-i2i", PictureModel("image2image", 2000, pixels=(768**2, 1280**2), references=3)),
    ("wan2.5", PictureModel("text2image", 2000, pixels=(768**2, 1440**2))),
    ("wanx2.0", PictureModel("text2image", 800, pixels=(512**2, 1440**2), sides=(512, 1440))),
    ("wan", PictureModel("text2image", 500, pixels=(512**2, 1440**2), sides=(512, 1440))),
)  # fmt: skip
"""By what a name begins with; the first that fits counts."""
_EDITORS = (("wan2.5", "wan2.5-i2i-preview"), ("wan2.6", "wan2.6-image"), ("", "qwen-image-edit-plus"))
"""The model that draws with reference pictures beside one that cannot."""


def picture_model(name: str) -> PictureModel:
    return next((model for start, model in _PICTURES if name.startswith(start)), PictureModel("multimodal", 800))


def editor_of(name: str) -> str:
    """The model to draw with reference pictures: itself, or its companion."""
    if picture_model(name).references:
        return name
    return next(editor for start, editor in _EDITORS if name.startswith(start))


def picture_size(model: PictureModel, width: int, height: int) -> tuple[int, int]:
    """The size to ask for: the aspect ratio of the picture wanted, and its pixels as far as the model goes."""
    ratio = width / height
    if model.sizes:
        return min(model.sizes, key=lambda size: abs(math.log(size[0] / size[1] / ratio)))
    least, most = model.pixels
    scale = math.sqrt(min(max(width * height, least), most) / (width * height))
    scale = max(scale, model.sides[0] / min(width, height))
    scale = min(scale, model.sides[1] / max(width, height))
    size = (_stepped(width * scale, model, round), _stepped(height * scale, model, round))
    if size[0] * size[1] < least:
        size = (_stepped(width * scale, model, math.ceil), _stepped(height * scale, model, math.ceil))
    elif size[0] * size[1] > most:
        size = (_stepped(width * scale, model, math.floor), _stepped(height * scale, model, math.floor))
    return size


def _stepped(side: float, model: PictureModel, rounding: object) -> int:
    assert callable(rounding)
    steps: int = rounding(side / _STEP)
    return min(max(steps * _STEP, model.sides[0]), model.sides[1])


@dataclass(frozen=True)
class ClipModel:
    durations: tuple[int, ...]
    """Seconds, ascending."""
    resolutions: tuple[int, ...]
    """Short sides in pixels, ascending."""
    prompt_chars: int = 1500
    audio: bool = False
    """It takes a narration to move lips to."""
    media: bool = False
    """The newer protocol: a list of media instead of ``img_url``."""
    shot_type: bool = False
    """It cuts a clip into several shots unless told not to."""
    silent: bool = False
    """It can be told to make no sound, which is cheaper."""


_ANY = tuple(range(2, 16))
_CLIPS: tuple[tuple[str, ClipModel], ...] = (
    ("wan2.7", ClipModel(_ANY, (720, 1080), audio=True, media=True)),
    ("wan2.6-i2v-flash", ClipModel(_ANY, (720, 1080), audio=True, shot_type=True, silent=True)),
    ("wan2.6", ClipModel((5, 10, 15), (720, 1080), audio=True, shot_type=True)),
    ("wan2.5", ClipModel((5, 10), (480, 720, 1080), audio=True)),
    ("wan2.2-i2v-plus", ClipModel((5,), (480, 1080), 800)),
    ("wan2.2", ClipModel((5,), (480, 720), 800)),
    ("wan2.1-i2v-plus", ClipModel((5,), (720,), 800)),
    ("wanx2.1-i2v-plus", ClipModel((5,), (720,), 800)),
    ("wan2.1", ClipModel((3, 4, 5), (480, 720), 800)),
    ("wanx2.1", ClipModel((3, 4, 5), (480, 720), 800)),
)  # fmt: skip


def clip_model(name: str) -> ClipModel:
    """A newer model than those known is taken for one with the newest protocol."""
    return next(
        (model for start, model in _CLIPS if name.startswith(start)), ClipModel((5, 10), (720, 1080), media=True)
    )


def clip_seconds(model: ClipModel, wanted_s: float) -> int:
    """The shortest that covers the shot, else the longest that there is."""
    return next((seconds for seconds in model.durations if seconds >= wanted_s - 1e-6), model.durations[-1])


def clip_resolution(model: ClipModel, width: int, height: int) -> str:
    """``720P``: the nearest to the film's."""
    short = min(width, height)
    return f"{min(model.resolutions, key=lambda side: (abs(math.log(side / short)), -side))}P"
