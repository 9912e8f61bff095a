"""A loop as MP4 that every player takes: H.264, 4:2:0, BT.709, its index first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.codec.context import ThreadType
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from app.services.media.aigc import aigc_json
from app.services.media.encode import writing_failed, x264_options
from app.services.media.live_photo.frames import Frames
from app.services.media.planes import Bytes, from_bgr

_CRF = 20
_PRESET = "veryfast"
_MOV_FLAGS = "+faststart+use_metadata_tags"


def write(
    frames: Frames,
    out: Path,
    fps: float,
    check: Callable[[], None],
    *,
    aigc: Mapping[str, str] | None = None,
    rounds: int = 1,
) -> None:
    """Write ``out``; both sides of ``frames`` are even. ``rounds``: how often the loop is gone through.

    ``aigc``: the implicit label, as the tag AIGC. ``check`` is called for every frame. Raises StorageFull when the
    disk is; then ``out`` is gone.
    """
    rate = Fraction(fps).limit_denominator(1001)
    container = av.open(str(out), "w", format="mp4", options={"movflags": _MOV_FLAGS})
    try:
        if aigc:
            container.metadata["AIGC"] = aigc_json(aigc)
        stream = container.add_stream("libx264", rate=rate, options=x264_options(_PRESET, _CRF))
        stream.width, stream.height, stream.pix_fmt = *frames.size, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / rate
        context.thread_count, context.thread_type = 1, ThreadType.FRAME
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        for number in range(frames.count * rounds):
            check()
            picture = _frame(frames.draw(number % frames.count))
            check()
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        container.close()
    except BaseException as error:
        with suppress(FFmpegError, OSError):
            container.close()
        out.unlink(missing_ok=True)
        if isinstance(error, (FFmpegError, OSError)):
            raise writing_failed(error, "live photo") from error
        raise


def _frame(bgr: Bytes) -> av.VideoFrame:
    planes = from_bgr(bgr)
    height, width = bgr.shape[:2]
    memory = np.concatenate([plane.ravel() for plane in planes]).reshape(height * 3 // 2, width)
    return av.VideoFrame.from_ndarray(memory, format="yuv420p")
