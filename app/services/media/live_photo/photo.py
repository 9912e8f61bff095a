"""The photo somebody sent, as its maker meant it: upright, in sRGB, on white where it is transparent."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps

from app.core.errors import UnsupportedMedia
from app.services.media.planes import Bytes

MAX_PIXELS = 100_000_000
"""Of a photo that is opened; more is refused before anything is decoded."""
_LEAST = 16
"""Pixels of the longest side, however small the photo is."""


def opened(path: Path) -> Image.Image:
    """The photo as RGB.

    Raises UnsupportedMedia naming the file when it is no picture, is broken or has more than ``MAX_PIXELS``.
    """
    try:
        with Image.open(path) as photo:
            if photo.width * photo.height > MAX_PIXELS:
                raise UnsupportedMedia(f"The picture {path.name} has more than {MAX_PIXELS} pixels")
            upright = ImageOps.exif_transpose(photo)
            upright.load()
            return _flat(_in_srgb(upright, photo.info.get("icc_profile")))
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        raise UnsupportedMedia(f"{path.name} is not a picture that can be read") from None


def fitted_size(size: tuple[int, int], longest: int, *, even: bool) -> tuple[int, int]:
    """Width and height of the same shape, no side longer than ``longest`` and never larger than it was.

    A picture of a few pixels is enlarged until a side has 16. ``even``: both are even, as 4:2:0 wants.
    """
    scale = min(1.0, longest / max(size))
    scale = max(scale, _LEAST / max(size))
    if even:
        return max(2, round(size[0] * scale / 2) * 2), max(2, round(size[1] * scale / 2) * 2)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def fitted(photo: Image.Image, longest: int, *, even: bool) -> Bytes:
    """The photo at ``fitted_size`` as BGR."""
    size = fitted_size(photo.size, longest, even=even)
    small = photo if photo.size == size else photo.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(cv2.cvtColor(np.asarray(small), cv2.COLOR_RGB2BGR), np.uint8)


def from_bgr(picture: Bytes) -> Image.Image:
    """The way back."""
    return Image.fromarray(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))


def _flat(photo: Image.Image) -> Image.Image:
    if photo.mode.startswith("I") or photo.mode == "F":
        return _eight_bits(photo).convert("RGB")
    if photo.has_transparency_data:
        above = photo.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", above.size, (255, 255, 255, 255)), above).convert("RGB")
    return photo.convert("RGB")


def _eight_bits(photo: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight; what has no such range is brought to it."""
    values = np.asarray(photo, np.float64)
    top = 65535.0 if photo.mode.startswith("I") else max(1.0, float(np.nanmax(values)))
    return Image.fromarray(np.clip(np.nan_to_num(values) * (255.0 / top) + 0.5, 0, 255).astype(np.uint8))


def _in_srgb(photo: Image.Image, profile: bytes | None) -> Image.Image:
    """Converted from its own profile; one that cannot be used is ignored, as browsers do."""
    if not profile or photo.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return photo
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        colours = photo.convert("RGB") if photo.mode == "RGBA" else photo
        converted = ImageCms.profileToProfile(colours, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return photo
    if converted is None:
        return photo
    if photo.mode == "RGBA":
        converted.putalpha(photo.getchannel("A"))
    return converted
