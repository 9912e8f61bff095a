"""A photo that speaks a recording, for a child process: found, heard, drawn frame by frame, encoded, joined."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from app.core.errors import ValidationFailed
from app.models.timeline import SAMPLE_RATE, JoinRequest
from app.services.media import sound
from app.services.media.encode import SegmentWriter
from app.services.media.join import join
from app.services.media.planes import Planes, dim, from_bgr
from app.services.media.probe import probe
from app.services.media.talking import framing
from app.services.media.talking.face import Box, Face, find
from app.services.media.talking.head import Head
from app.services.media.talking.life import Life
from app.services.media.talking.voice import hear

Check = Callable[[], None]
CROP_SCALE = 2.3
_CRF = 17
_LEAST_SIDE = 128
"""Pixels of a frame's shorter side."""


def task(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{photo, audio, fps?, seed?, crop_scale?, fade_in?, fade_out?, face?, emotion?}`` to ``avatar.mp4``.

    ``crop_scale`` 0 shows the whole photo; ``face`` is the face's box in pixels of the upright photo; the fades are in
    frames from and to black; ``emotion`` 0 to 7 changes little: only how lively the head is. Returns ``{clip, width,
    height, fps, frames, duration_s, face, teeth, blinks}``. Raises UnsupportedMedia for a photo or sound that cannot be
    read, ValidationFailed for a photo without exactly one face (``errors[0]["code"]`` says which), an empty or too long
    recording, StorageFull, and whatever ``check`` raises.
    """
    fps = int(request.get("fps") or 25)
    if not 10 <= fps <= 60:
        raise ValidationFailed("fps must be from 10 to 60")
    emotion = int(request.get("emotion", 4))
    if not 0 <= emotion < len(_LIVELY):
        raise ValidationFailed("emotion must be from 0 to 7")
    check()
    voice = hear(Path(request["audio"]), check)
    photo, shrunk = framing.opened(Path(request["photo"]))
    check()
    given = request.get("face")
    face = find(photo, _box(given, shrunk) if given else None)
    check()
    scale = request.get("crop_scale")
    frame = framing.framed(photo, face.box, CROP_SCALE if scale is None else float(scale))
    if min(frame.picture.shape[:2]) < _LEAST_SIDE:
        raise ValidationFailed(f"The photo is too small: at least {_LEAST_SIDE} pixels a side are needed")
    placed = _within(face, frame)
    frames = max(1, math.ceil(Fraction(voice.samples, SAMPLE_RATE) * fps))
    fades = int(request.get("fade_in") or 0), int(request.get("fade_out") or 0)
    head, life = Head(frame.picture, placed), Life(int(request.get("seed") or 0), voice, _LIVELY[emotion])
    _picture_track(folder / "pictures.mp4", head, life, (frames, fps), fades, check)
    _sound_track(Path(request["audio"]), folder / "sound.mp4", round(Fraction(frames, fps) * SAMPLE_RATE), check)
    joining = JoinRequest(segments=((folder / "pictures.mp4", frames),), fps=fps, sound=folder / "sound.mp4")
    facts = join(joining, folder / "avatar.mp4", check)
    (folder / "pictures.mp4").unlink()
    (folder / "sound.mp4").unlink()
    box = [round(one / shrunk) for one in face.box]
    return {**facts, "clip": "avatar.mp4", "face": box, "teeth": face.mouth.teeth, "blinks": head.blinks}


_LIVELY = ((1.2, -0.025), (1.0, -0.01), (1.1, 0.03), (1.2, 0.01), (1.0, 0.0), (0.7, 0.015), (1.15, 0.04), (0.85, -0.01))
"""For each emotion (angry, disgust, fear, happy, neutral, sad, surprise, contempt): how much the head moves, and how
far the brows are lifted. It is no acting: a face that only bends has no more to give."""


def _box(given: Any, shrunk: float) -> Box:
    if not isinstance(given, (list, tuple)) or len(given) != 4:
        raise ValidationFailed("face must be [x, y, width, height]")
    left, top, width, height = (float(one) * shrunk for one in given)
    return left, top, width, height


def _within(face: Face, frame: framing.Frame) -> Face:
    """The same face in the frame's own pixels."""
    to_photo = np.array([[1 / frame.scale, 0, frame.left], [0, 1 / frame.scale, frame.top], [0, 0, 1]])
    # pixels are counted from their centres, sizes from their edges
    to_photo[:2, 2] += 0.5 / frame.scale - 0.5
    return face._replace(to_face=face.to_face @ to_photo, unit=face.unit * frame.scale)


def _picture_track(
    out: Path, head: Head, life: Life, length: tuple[int, int], fades: tuple[int, int], check: Check
) -> None:
    frames, fps = length
    with SegmentWriter(out, head.width, head.height, fps, crf=_CRF) as writer:
        for number in range(frames):
            check()
            planes = from_bgr(head.draw(life.at((number + 0.5) / fps)))
            light = min(1.0, (number + 1) / (fades[0] + 1), (frames - number) / (fades[1] + 1))
            if light < 1:
                dim(planes, light)
            _copied(planes, writer.frame)
            writer.write()


def _copied(planes: Planes, into: Planes) -> None:
    for source, target in zip(planes, into, strict=True):
        np.copyto(target, source)


def _sound_track(audio: Path, out: Path, samples: int, check: Check) -> None:
    """The recording as AAC, filled with silence to the end of the last frame."""

    def heard() -> Any:
        for block in sound.exactly(sound.read(audio, 2), samples):
            check()
            yield block

    known = probe(audio).audio
    sound.write_aac(heard(), out, alike=known is not None and known.channels == 1)
