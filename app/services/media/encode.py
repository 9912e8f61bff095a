"""H.264 for segments and the films joined from them: one place that knows the encoder's settings.

Segments are joined by copying packets, so all of a film need the same parameter sets, closed groups of
pictures and an IDR frame first. One thread per encoder and many segments side by side use the machine better
than many threads in one, and the bytes do not depend on how many workers there are.
"""

from __future__ import annotations

from contextlib import suppress
from errno import ENOSPC
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
from av.codec.context import ThreadType
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from app.core.errors import InternalError, StorageFull
from app.services.media.planes import Planes

GOP_S = 5
"""At most this many seconds from one frame that can be sought to the next."""
_BT709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
_FAST = "mbtree=1:rc-lookahead=10"
_AVX_512F = 13
"""OpenCV's number for the instruction set (CV_CPU_AVX_512F)."""


def x264_options(preset: str, crf: int) -> dict[str, str]:
    """Options of libx264 for a preset of ours (``fast``) or of its own.

    ``fast`` is superfast with macroblock-tree rate control over a short look-ahead: about half the time of
    veryfast for the same picture. Long or flat runs of B-frames (``bframes=5``, ``b-pyramid=none``) would save a
    little more, but slow pans then tremble: a B-frame keeps the quarter-pixel error of its vector.

    With AVX-512, x264 (core 165) gives other bytes from run to run when the height is no multiple of 16, and is
    slower besides (measured: 7.0 against 5.8 ms a frame at 720p); held to AVX2 it does neither.
    """
    always = f"{_BT709}:asm=avx2" if cv2.checkHardwareSupport(_AVX_512F) else _BT709
    if preset == "fast":
        return {"preset": "superfast", "crf": str(crf), "x264-params": f"{_FAST}:{always}"}
    return {"preset": preset, "crf": str(crf), "x264-params": always}


class SegmentWriter:
    """Writes one closed piece of a film as an MP4 with one video track.

    Draw into ``frame``, then call :meth:`write`; the memory of ``frame`` is the encoder's own and used again.
    """

    def __init__(self, out: Path, width: int, height: int, fps: int, *, crf: int = 20, preset: str = "fast") -> None:
        """``width`` and ``height`` are even. Raises InternalError if the encoder does not take the settings."""
        self._out = out
        self.frames = 0
        self._container = av.open(str(out), "w", format="mp4")
        try:
            self._stream = self._container.add_stream("libx264", rate=fps, options=x264_options(preset, crf))
            self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
            context = self._stream.codec_context
            context.time_base = Fraction(1, fps)
            context.gop_size = GOP_S * fps
            context.thread_count = 1
            context.thread_type = ThreadType.FRAME
            context.color_range = ColorRange.MPEG
            context.colorspace = Colorspace.ITU709
            context.color_primaries = ColorPrimaries.BT709
            context.color_trc = ColorTrc.BT709
            self._container.start_encoding()
        except (FFmpegError, ValueError) as error:
            self.abandon()
            if isinstance(error, OSError):
                raise writing_failed(error, "segment") from error
            raise InternalError(f"The encoder refused preset {preset!r}, crf {crf}, {width}x{height}") from error
        self._picture = av.VideoFrame(width, height, "yuv420p")
        self._picture.time_base = Fraction(1, fps)
        self.frame = _planes(self._picture)

    def write(self) -> None:
        """Encode what is drawn in ``frame`` as the next one. Raises StorageFull when the disk is."""
        self._picture.pts = self.frames
        self.frames += 1
        self._mux(self._picture)

    def close(self) -> None:
        """Finish the file. Raises StorageFull when the disk is."""
        self._mux(None)
        try:
            self._container.close()
        except OSError as error:
            raise writing_failed(error, "segment") from error

    def abandon(self) -> None:
        """Stop without finishing; the file is removed, so it does not matter if it cannot be closed."""
        try:
            with suppress(FFmpegError, OSError):
                self._container.close()
        finally:
            self._out.unlink(missing_ok=True)

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abandon()
            return
        try:
            self.close()
        except BaseException:
            self.abandon()
            raise

    def _mux(self, picture: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(picture))
        except OSError as error:
            raise writing_failed(error, "segment") from error


def writing_failed(error: Exception, what: str) -> StorageFull | InternalError:
    """Our error for one that FFmpeg or the system raised while ``what`` was written."""
    if isinstance(error, OSError) and error.errno == ENOSPC:
        return StorageFull(f"The disk is full: the {what} could not be written")
    return InternalError(f"The {what} could not be written: {error}")


def _planes(picture: av.VideoFrame) -> Planes:
    """The frame's own memory as arrays."""
    views = []
    for plane in picture.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
        views.append(rows[: plane.height, : plane.width])
    return Planes(*views)
