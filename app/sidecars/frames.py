"""Pictures and clips on their way into and out of a model: files on one side, arrays on the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import EngineFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

_CRF = 14
"""Near lossless: the film is encoded from this again."""
_AVX_512F = 13
"""OpenCV's number for the instruction set (CV_CPU_AVX_512F)."""


def read_picture(path: Path, size: tuple[int, int] | None = None) -> Image:
    """A picture of any kind, upright, RGB; with ``size`` scaled to cover it and cut. Raises EngineFailed."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EngineFailed(f"The picture {path.name} cannot be decoded: {error}") from error
    if size is None or picture.size == size:
        return picture
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """``picture``: height, width, 3 as RGB; PNG."""
    from PIL import Image

    Image.fromarray(picture).save(path, compress_level=1)


def write_clip(path: Path, frames: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], fps: int) -> None:
    """``frames``: each height, width, 3 as RGB, all of one size; H.264 in BT.709. An odd last row or column is cut."""
    import av
    import cv2
    from av.video.reformatter import ColorRange, Colorspace

    height, width = (side // 2 * 2 for side in frames[0].shape[:2])
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as media:
        stream: Any = media.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        # With AVX-512, x264 gives other bytes from run to run.
        held = {"x264-params": "asm=avx2"} if cv2.checkHardwareSupport(_AVX_512F) else {}
        stream.options = {"crf": str(_CRF), "preset": "fast", **held}
        context = stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = 1
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(_planes(picture[:height, :width]), format="yuv420p")
            frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
            frame.pts = number
            media.mux(stream.encode(frame))
        media.mux(stream.encode(None))


def _planes(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB to BT.709 in the limited range, 4:2:0, the planes below each other as PyAV takes them.

    By hand, because FFmpeg's own conversion rounds differently with where a picture lies in memory, and the same seed
    shall make the same file.
    """
    import numpy as np

    red, green, blue = (picture[..., channel].astype(np.float32) for channel in range(3))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    height, width = luma.shape
    colors = [
        (color - luma).reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)) * scale
        for color, scale in ((blue, 1 / 1.8556), (red, 1 / 1.5748))
    ]
    planes = [luma * (219 / 255) + 16, *(color * (224 / 255) + 128 for color in colors)]
    packed = np.concatenate([plane.round().clip(0, 255).astype(np.uint8).ravel() for plane in planes])
    return packed.reshape(height * 3 // 2, width)
