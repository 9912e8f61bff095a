"""A photo that moves, as a file to show around: one picture, or a clip that an engine made of it, in four formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from app.core.errors import ValidationFailed
from app.models.engine import Plain
from app.models.timeline import LabelStyle
from app.services.media import label
from app.services.media.live_photo import gif, motion_photo, mp4, webp
from app.services.media.live_photo import photo as photos
from app.services.media.live_photo.again import Loop, from_clip
from app.services.media.live_photo.frames import Frames
from app.services.media.live_photo.orbit import Orbit
from app.services.media.overlay import Overlay
from app.services.media.planes import Bytes

Check = Callable[[], None]
Format = Literal["gif", "mp4", "webp", "motion_photo"]
LONGEST = {"gif": 640, "mp4": 1024, "webp": 1024, "motion_photo": 1024}
"""Pixels of the longest side, unless asked otherwise."""
MEDIA_TYPES = {"gif": "image/gif", "mp4": "video/mp4", "webp": "image/webp", "motion_photo": "image/jpeg"}
_NAMES = {
    "gif": "live_photo.gif",
    "mp4": "live_photo.mp4",
    "webp": "live_photo.webp",
    "motion_photo": motion_photo.NAME,
}
_LARGEST_STILL = 4096
"""Pixels of the longest side of a motion photo's picture."""


class LivePhotoRequest(Plain):
    """What ``task`` makes a live photo from. What the numbers do is told in ``orbit``; with ``clip`` they do nothing,
    for the clip was made with them."""

    photo: Path | None = None
    """May be left out with ``clip``, except for a motion photo, whose picture it is."""
    clip: Path | None = None
    loop: Loop = "pingpong"
    """How a clip becomes a loop."""
    format: Format = "gif"
    motion_bucket_id: float = Field(default=127, ge=0, le=255)
    noise_aug_strength: float = Field(default=0.02, ge=0, le=1)
    max_guidance_scale: float = Field(default=3.0, gt=0, le=100)
    num_frames: int = Field(default=25, ge=2, le=240)
    fps: float = Field(default=7, ge=1, le=gif.MAX_FPS)
    seed: int = 0
    longest: int | None = Field(default=None, ge=16, le=2048)
    """Pixels."""
    label: LabelStyle | None = None
    """None: no visible label."""
    aigc: dict[str, str] = Field(default_factory=dict)
    """From ``aigc_fields``; empty: no implicit label."""
    font: str = ""


class Labelled:
    """Frames with the visible label of generated content on them."""

    def __init__(self, frames: Frames, style: LabelStyle, font: str) -> None:
        self._frames = frames
        self.count, self.size = frames.count, frames.size
        self._overlay = label.draw(style, *frames.size, font)

    def draw(self, number: int) -> Bytes:
        return stamped(self._frames.draw(number), self._overlay)


def stamped(picture: Bytes, overlay: Overlay) -> Bytes:
    """A BGR picture with an overlay over it."""
    height = min(overlay.rgba.shape[0], picture.shape[0] - overlay.y)
    width = min(overlay.rgba.shape[1], picture.shape[1] - overlay.x)
    if height <= 0 or width <= 0:
        return picture
    rgba = overlay.rgba[:height, :width].astype(np.float32)
    under = picture[overlay.y : overlay.y + height, overlay.x : overlay.x + width]
    share = rgba[..., 3:] / 255
    result = picture.copy()
    laid = under + (rgba[..., 2::-1] - under) * share + 0.5
    result[overlay.y : overlay.y + height, overlay.x : overlay.x + width] = laid.astype(np.uint8)
    return result


def task(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """A LivePhotoRequest's loop as one file in ``folder``.

    Returns ``{file, media_type, width, height, frames, fps, duration_s, size_bytes}``, of a motion photo those of its
    film. Raises ValidationFailed for a request that is not valid, UnsupportedMedia for a photo that cannot be read,
    EngineFailed for such a clip, StorageFull when the disk is.
    """
    try:
        wanted = LivePhotoRequest.model_validate(request)
    except ValidationError as error:
        raise ValidationFailed(f"The live photo cannot be made: {error.errors()[0]['msg']}") from error
    if wanted.photo is None and (wanted.clip is None or wanted.format == "motion_photo"):
        raise ValidationFailed("A live photo is made from a photo")
    frames, still = _frames(wanted, check)
    out = folder / _NAMES[wanted.format]
    if wanted.label is not None:
        frames = Labelled(frames, wanted.label, wanted.font)
    if wanted.format == "gif":
        gif.write(frames, out, wanted.fps, check, aigc=wanted.aigc)
    elif wanted.format == "webp":
        webp.write(frames, out, wanted.fps, check, aigc=wanted.aigc)
    elif wanted.format == "mp4":
        mp4.write(frames, out, wanted.fps, check, aigc=wanted.aigc)
    else:
        _motion_photo(wanted, frames, still, folder, check)
    return {
        "file": out.name,
        "media_type": MEDIA_TYPES[wanted.format],
        "width": frames.size[0],
        "height": frames.size[1],
        "frames": frames.count,
        "fps": wanted.fps,
        "duration_s": frames.count / wanted.fps,
        "size_bytes": out.stat().st_size,
    }


def _frames(wanted: LivePhotoRequest, check: Check) -> tuple[Frames, int]:
    """The loop, and the number of the frame that shows the photo itself."""
    check()
    longest = wanted.longest or LONGEST[wanted.format]
    even = wanted.format in ("mp4", "motion_photo")
    if wanted.clip is not None:
        return from_clip(wanted.clip, wanted.num_frames, longest, check, loop=wanted.loop, even=even), 0
    assert wanted.photo is not None
    picture = photos.fitted(photos.opened(wanted.photo), longest, even=even)
    check()
    orbit = Orbit(
        picture,
        wanted.num_frames,
        motion_bucket_id=wanted.motion_bucket_id,
        noise=wanted.noise_aug_strength,
        guidance=wanted.max_guidance_scale,
        seed=wanted.seed,
    )
    return orbit, orbit.still


def _motion_photo(wanted: LivePhotoRequest, frames: Frames, still: int, folder: Path, check: Check) -> None:
    assert wanted.photo is not None
    film = folder / "film.mp4"
    mp4.write(frames, film, wanted.fps, check, aigc=wanted.aigc)
    picture = photos.opened(wanted.photo)
    picture.thumbnail((_LARGEST_STILL, _LARGEST_STILL))
    check()
    if wanted.label is not None:
        overlay = label.draw(wanted.label, *picture.size, wanted.font)
        bgr = np.asarray(picture)[..., ::-1]
        picture = photos.from_bgr(stamped(np.ascontiguousarray(bgr), overlay))
    check()
    presented_us = round(1_000_000 * still / wanted.fps)
    out = folder / motion_photo.NAME
    motion_photo.write(picture, film, out, presented_us=presented_us, aigc=wanted.aigc)
    film.unlink()
