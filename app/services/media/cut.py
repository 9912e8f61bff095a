"""Cutting: one segment of the film, a shot's body or the transition between two, drawn and encoded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import cv2

from app.models.timeline import CutRequest
from app.services.media.encode import SegmentWriter
from app.services.media.overlay import Overlay
from app.services.media.planes import Planes, blank, dim, lay, mix, stamp_of
from app.services.media.sources import FrameSource, open_source


class Shown(NamedTuple):
    """An overlay and the frames of the segment that carry it, both inclusive."""

    first: int
    last: int
    overlay: Overlay


def cut(request: CutRequest, out: Path, check: Callable[[], None]) -> dict[str, Any]:
    """Render the segment to the MP4 ``out``; ``check`` is called before every frame and may raise Canceled.

    Returns ``{frames, width, height, fps, size_bytes}``. Raises EngineFailed when a source cannot be read.
    The same request gives the same bytes wherever and whenever it is cut.
    """
    return render(request, overlays_of(request), out, check)


def task(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """:func:`cut` for a child process: writes ``segment.mp4``.

    The facts name it (``file``), and the characters that the subtitles' font lacks (``undrawable``).
    """
    from app.services.media.fonts import undrawable

    wanted = CutRequest.model_validate(request)
    facts = cut(wanted, folder / "segment.mp4", check)
    lacking = undrawable("".join(cue.text for cue in wanted.cues), wanted.font)
    return {**facts, "file": "segment.mp4", "undrawable": lacking}


def overlays_of(request: CutRequest) -> list[Shown]:
    """The burned subtitles and the label of a segment as pictures."""
    from app.services.media import label, subtitles

    width, height = request.width, request.height
    shown = [
        Shown(cue.first, cue.last, subtitles.draw(cue.text, width, height, request.font, request.subtitle_style))
        for cue in request.cues
    ]
    if request.label is not None and request.label_frames > 0:
        overlay = label.draw(request.label, width, height, request.font)
        shown.append(Shown(0, request.label_frames - 1, overlay))
    return shown


def render(request: CutRequest, overlays: Sequence[Shown], out: Path, check: Callable[[], None]) -> dict[str, Any]:
    """:func:`cut` with the overlays given as pictures."""
    cv2.setNumThreads(1)
    width, height, fps = request.width, request.height, request.fps
    stamps = [(first, last, stamp_of(overlay, width, height)) for first, last, overlay in overlays]
    with ExitStack() as stack:
        sources = [
            stack.enter_context(open_source(part.source, width, height, fps, first=part.first, font=request.font))
            for part in request.parts
        ]
        writer = stack.enter_context(SegmentWriter(out, width, height, fps, crf=request.crf, preset=request.preset))
        other = blank(width, height) if len(sources) == 2 else None
        for number in range(request.frames):
            check()
            _draw(request, sources, number, writer.frame, other)
            for first, last, stamp in stamps:
                if stamp is not None and first <= number <= last:
                    lay(stamp, writer.frame)
            if number >= request.frames - request.fade_out:
                dim(writer.frame, _light(request.frames - 1 - number, request.fade_out))
            writer.write()
    return {
        "frames": request.frames,
        "width": width,
        "height": height,
        "fps": fps,
        "size_bytes": out.stat().st_size,
    }


def _light(left: int, fade: int) -> float:
    """How bright a frame of the film's end is that has ``left`` frames after it: the last one is black."""
    part = left / fade
    return part * part * (3.0 - 2.0 * part)


def _draw(
    request: CutRequest, sources: Sequence[FrameSource], number: int, frame: Planes, other: Planes | None
) -> None:
    """One frame of the segment without overlays."""
    firsts = [part.first for part in request.parts]
    if other is None:
        sources[0].draw(firsts[0] + number, frame)
        return
    # Neither end of a window shows one shot alone: those frames are the last and first of the bodies.
    share = (number + 1) / (request.frames + 1)
    if request.transition == "fade":
        which = 0 if share < 0.5 else 1
        sources[which].draw(firsts[which] + number, frame)
        dim(frame, abs(1.0 - 2.0 * share))
        return
    sources[0].draw(firsts[0] + number, frame)
    sources[1].draw(firsts[1] + number, other)
    mix(frame, other, share, frame)
