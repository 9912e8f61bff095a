"""What the diffusion models are called and what each of them likes: sizes, frame counts, rates, steps, guidance.

Both sides read this table: an engine chooses numbers by it, the sidecar refuses others. It therefore imports no
library. The numbers are those of each model's card and of its pipeline in diffusers 0.42.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, sqrt
from typing import Literal

DEFAULT_PORT = 12347
"""Where ``python -m app.sidecars.diffusion`` listens."""
HUNYUAN_PORT = 12346
"""Where ``python HunyuanVideo-1.5/api.py`` listens."""
Size = tuple[int, int]
"""Width and height, pixels."""


@dataclass(frozen=True)
class Sizes:
    step: int
    """Both sides are multiples of it."""
    area: int
    """Pixels that the model was trained on."""
    trained: tuple[Size, ...] = ()
    """Sizes to choose from; empty: any shape of about ``area`` pixels."""
    own: bool = False
    """The pipeline itself chooses the size by the picture's shape; none can be asked for."""


@dataclass(frozen=True)
class Frames:
    step: int
    """Counts are 1 + N * step (step 1: any count)."""
    fewest: int
    """Below this, clips suffer."""
    usual: int
    most: int
    fps: int


@dataclass(frozen=True)
class Known:
    """A model by the name that requests use; its weights lie in ``MODELS_DIR/<name>``."""

    name: str
    family: str
    title: str
    steps: int
    guidance: float
    sizes: Sizes
    frames: Frames | None = None
    """None: it draws pictures."""
    shift: float | None = None
    """Of a flow-matching schedule; None: as the checkpoint has it."""
    working_gb: float = 4.0
    """Guess of what a run takes beside the weights, for the choice of offloading. Not measured."""
    negative: str = ""
    """What users of the model tell it to avoid."""


_SDXL = ((1024, 1024), (1152, 896), (896, 1152), (1216, 832), (832, 1216), (1344, 768), (768, 1344), (1536, 640))
_WAN_NEGATIVE = (
    "色调艳丽,过曝,静态,细节模糊不清,字幕,风格,作品,画作,画面,静止,整体发灰,最差质量,低质量,JPEG压缩残留,丑陋的,残缺的,"
    "多余的手指,画得不好的手部,画得不好的脸部,畸形的,毁容的,形态畸形的肢体,手指融合,静止不动的画面,杂乱的背景,三条腿,背景人很多,倒着走"
)
_WORST = "worst quality, low quality, blurry, deformed, extra limbs, text, watermark"
_LTX_NEGATIVE = "worst quality, inconsistent motion, blurry, jittery, distorted"
_WAN_FRAMES = Frames(step=4, fewest=33, usual=81, most=81, fps=16)
_HUNYUAN_FRAMES = Frames(step=4, fewest=61, usual=121, most=121, fps=24)


def _picture(
    name: str, family: str, title: str, steps: int, guidance: float, sizes: Sizes, negative: str = ""
) -> Known:
    return Known(name, family, title, steps, guidance, sizes, working_gb=3.0, negative=negative)


def _clip(
    name: str, family: str, title: str, steps: int, guidance: float, sizes: Sizes, frames: Frames,
    shift: float | None = None, working_gb: float = 7.0, negative: str = "",
) -> Known:  # fmt: skip
    return Known(name, family, title, steps, guidance, sizes, frames, shift, working_gb, negative)


_ALL = (
    _picture("flux", "flux", "FLUX.1-dev", 28, 3.5, Sizes(16, 1536 * 864)),
    _picture("flux-kontext", "flux", "FLUX.1-Kontext-dev", 28, 2.5, Sizes(16, 1024 * 1024)),
    _picture("sdxl", "sdxl", "Stable Diffusion XL base 1.0", 30, 5.0, Sizes(8, 1024 * 1024, _SDXL), _WORST),
    _picture("sdxl-turbo", "sdxl", "SDXL Turbo", 4, 0.0, Sizes(8, 512 * 512)),
    _picture("sd21", "sdxl", "Stable Diffusion 2.1", 30, 7.5, Sizes(8, 768 * 768), _WORST),
    _picture("realistic-vision", "sdxl", "Realistic Vision", 30, 7.0, Sizes(8, 768 * 512), _WORST),
    _clip("cogvideox", "cogvideox", "CogVideoX-5B-I2V", 50, 6.0, Sizes(16, 720 * 480, ((720, 480),)),
          Frames(step=8, fewest=17, usual=49, most=49, fps=8)),
    _clip("cogvideox-1.5", "cogvideox", "CogVideoX1.5-5B-I2V", 50, 6.0,
          Sizes(16, 1360 * 768, ((1360, 768), (768, 1360), (768, 768))),
          Frames(step=16, fewest=81, usual=81, most=161, fps=16), working_gb=12.0),
    _clip("svd", "svd", "Stable Video Diffusion", 25, 3.0, Sizes(8, 1024 * 576, ((1024, 576), (576, 1024))),
          Frames(step=1, fewest=14, usual=14, most=14, fps=7)),
    _clip("svd-xt", "svd", "Stable Video Diffusion XT", 25, 3.0, Sizes(8, 1024 * 576, ((1024, 576), (576, 1024))),
          Frames(step=1, fewest=25, usual=25, most=25, fps=7)),
    _clip("hunyuan-480p", "hunyuan", "HunyuanVideo-1.5 480p I2V", 50, 6.0, Sizes(16, 640 * 640, own=True),
          _HUNYUAN_FRAMES, shift=5.0),
    _clip("hunyuan-480p-distilled", "hunyuan", "HunyuanVideo-1.5 480p I2V, step-distilled", 12, 1.0,
          Sizes(16, 640 * 640, own=True), _HUNYUAN_FRAMES, shift=7.0),
    _clip("hunyuan-720p", "hunyuan", "HunyuanVideo-1.5 720p I2V", 50, 6.0, Sizes(16, 960 * 960, own=True),
          _HUNYUAN_FRAMES, shift=7.0, working_gb=12.0),
    _clip("wan", "wan", "Wan2.1-I2V-14B-480P", 50, 5.0, Sizes(16, 832 * 480), _WAN_FRAMES, shift=3.0,
          negative=_WAN_NEGATIVE),
    _clip("wan-720p", "wan", "Wan2.1-I2V-14B-720P", 50, 5.0, Sizes(16, 1280 * 720), _WAN_FRAMES, shift=5.0,
          working_gb=14.0, negative=_WAN_NEGATIVE),
    _clip("wan-5b", "wan", "Wan2.2-TI2V-5B", 50, 5.0, Sizes(32, 1280 * 704),
          Frames(step=4, fewest=49, usual=121, most=121, fps=24), shift=5.0, working_gb=10.0, negative=_WAN_NEGATIVE),
    _clip("ltx", "ltx", "LTX-Video", 50, 3.0, Sizes(32, 704 * 480),
          Frames(step=8, fewest=65, usual=161, most=257, fps=25), working_gb=5.0, negative=_LTX_NEGATIVE),
)  # fmt: skip
KNOWN: dict[str, Known] = {known.name: known for known in _ALL}
Aid = Literal["none", "ip-adapter", "kontext"]
"""What keeps a face the same: nothing, adapter weights beside the model, or a model that edits a picture."""


def size_for(sizes: Sizes, width: int, height: int, area: int = 0) -> Size:
    """The size to ask a model for when ``width`` x ``height`` is wanted: its shape, in pixels that the model likes.

    ``area`` (pixels) replaces what the model was trained on; 0 keeps that and its trained sizes.
    """
    if sizes.trained and not area:
        return min(sizes.trained, key=lambda size: abs(_log_ratio(size) - _log_ratio((width, height))))
    scale = sqrt((area or sizes.area) / (width * height))
    return _stepped(width * scale, sizes.step), _stepped(height * scale, sizes.step)


def _log_ratio(size: Size) -> float:
    return log(size[0] / size[1])


def _stepped(length: float, step: int) -> int:
    return max(step, round(length / step) * step)


def frames_for(frames: Frames, duration_s: float) -> int:
    """The least count that the model makes and that lasts ``duration_s``; its longest clip where that is shorter."""
    wanted = ceil(duration_s * frames.fps - 1e-9)
    stepped = 1 + ceil(max(0, wanted - 1) / frames.step) * frames.step
    return min(frames.most, max(frames.fewest, stepped))


def fits(frames: Frames, count: int) -> bool:
    """Whether the model makes exactly ``count`` frames when asked for them."""
    return count >= 1 and (count - 1) % frames.step == 0
