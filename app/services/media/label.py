"""The explicit label of generated content: words in a corner that everybody can read (GB 45438-2025, 5.2 and 5.4).

Also the task that makes a key frame fit to be published: visible label, and the implicit one in its metadata.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps
from pydantic import Field

from app.core.errors import StorageFull, UnsupportedMedia
from app.models.engine import Plain
from app.models.timeline import LabelStyle
from app.services.media.aigc import aigc_fields, aigc_json
from app.services.media.fonts import Face, drawable, face, undrawable
from app.services.media.overlay import Overlay
from app.services.media.picture_metadata import exif_block, read_aigc, xmp_packet
from app.services.media.text import SCALE, empty, glyphs, paint_over, to_overlay

__all__ = ["LabelRequest", "aigc_fields", "aigc_json", "draw", "label_picture", "read_aigc"]

MARGIN = 0.035
"""Free space beside the label, of the shorter side."""
PLATE = 0.42
"""Alpha of the dark plate below the words."""
PAD = 0.32
"""Between the words and the plate's edge, in ems."""


class LabelRequest(Plain):
    """What ``label_picture`` makes a published picture from."""

    picture: Path
    style: LabelStyle | None = None
    """None: no visible label."""
    aigc: dict[str, str] = Field(default_factory=dict)
    """From ``aigc_fields``; empty: no implicit label."""
    quality: int = Field(default=92, ge=1, le=95)
    """Of the JPEG."""
    max_size: int | None = Field(default=None, ge=16)
    """Longest side, pixels; a larger picture is made smaller."""
    font: str = ""


def draw(style: LabelStyle, width: int, height: int, font: str = "") -> Overlay:
    """The label for a frame of ``width`` x ``height`` pixels: white, outlined, on a dark translucent plate.

    Capital letters and Chinese characters are at least ``style.height`` of the shorter side high, measured in
    pixels. Where ``font`` lacks a character of the text, the font inside OpenCV draws it.
    """
    chosen = face("" if font and undrawable(style.text, font) else font)
    text = drawable(style.text, chosen)
    if not text:
        return empty()
    shorter = min(width, height)
    size = _size(chosen, text, style.height * shorter)
    margin = round(MARGIN * shorter)
    pad = round(PAD * size)
    lines = _lines(text, chosen, size, width - 2 * (margin + pad))
    mask = glyphs(lines, size, chosen, pad)
    colour, alpha = paint_over(mask, size, _plate(mask.shape[:2], round(size * SCALE * 0.22)))
    label_height, label_width = alpha.shape
    x = margin if style.position.endswith("left") else width - margin - label_width
    y = margin if style.position.startswith("top") else height - margin - label_height
    x, y = max(0, x) // 2 * 2, max(0, y) // 2 * 2
    return to_overlay(colour[: height - y, : width - x], alpha[: height - y, : width - x], x=x, y=y)


def label_picture(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """Task: a LabelRequest's picture as ``image.jpg`` in ``folder``, upright, sRGB, labelled, without other metadata.

    Returns ``{"file", "width", "height", "size_bytes"}``. Raises UnsupportedMedia for what is not a picture and
    StorageFull when the disk refuses the file.
    """
    wanted = LabelRequest.model_validate(request)
    picture = _opened(wanted.picture)
    check()
    if wanted.max_size:
        picture.thumbnail((wanted.max_size, wanted.max_size), Image.Resampling.LANCZOS)
    check()
    if wanted.style is not None:
        overlay = draw(wanted.style, *picture.size, wanted.font)
        stamp = Image.fromarray(overlay.rgba)
        picture.paste(stamp, (overlay.x, overlay.y), stamp)
    check()
    target = folder / "image.jpg"
    metadata = {"xmp": xmp_packet(wanted.aigc), "exif": exif_block(wanted.aigc)} if wanted.aigc else {}
    try:
        picture.save(target, "JPEG", quality=wanted.quality, subsampling=0, optimize=True, **metadata)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            target.unlink(missing_ok=True)
            raise StorageFull("No space is left for a labelled picture") from None
        raise
    return {
        "file": target.name,
        "width": picture.width,
        "height": picture.height,
        "size_bytes": target.stat().st_size,
    }


def _opened(path: Path) -> Image.Image:
    """A picture as its maker meant it: turned upright, on black where it is transparent, in sRGB."""
    try:
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened)
            profile = opened.info.get("icc_profile")
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise UnsupportedMedia(f"{path.name} is not a picture that can be read") from None
    if picture.mode.startswith("I"):  # 16 bits of grey
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if profile:
        picture = _in_srgb(picture, profile)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size)
        ground.paste(picture, (0, 0), picture)
        return ground
    return picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Converted from its own profile; a profile that cannot be used is ignored, as browsers do."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    source = picture.convert("RGB") if picture.mode not in ("RGB", "L", "CMYK") else picture
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(source, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture
    if converted is None:
        return picture
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _size(chosen: Face, text: str, wanted: float) -> int:
    """The smallest font size at which a capital letter and a Chinese character are ``wanted`` pixels high.

    A font that has neither is measured by the first character of ``text``.
    """
    measured = [char for char in "A生" if chosen.has(char)] or [text[0]]
    size = max(8, round(wanted / 0.95))
    while size < 4 * wanted and min(_ink(chosen, char, size) for char in measured) < wanted:
        size += 1
    return size


def _ink(chosen: Face, char: str, size: int) -> float:
    """Height in pixels of what is drawn of a character, counted where it covers at least half."""
    mask = glyphs([char], size, chosen, pad=2)
    rows = np.flatnonzero(mask.max(axis=1) >= 128)
    return (rows[-1] - rows[0] + 1) // SCALE if len(rows) else 0


def _lines(text: str, chosen: Face, size: int, room: int) -> list[str]:
    """``text`` on as many lines as it needs to be no wider than ``room`` pixels."""
    lines = [""]
    for char in text:
        if lines[-1] and chosen.advance(lines[-1] + char, size) > room:
            lines.append("")
        lines[-1] += char
    return [line.strip() for line in lines if line.strip()]


def _plate(shape: tuple[int, ...], radius: int) -> NDArray[np.float32]:
    """Alpha of a rectangle with round corners that fills ``shape``."""
    height, width = shape[:2]
    radius = min(radius, height // 2 - 1, width // 2 - 1)
    plate = np.zeros((height, width), np.uint8)
    cv2.rectangle(plate, (radius, 0), (width - 1 - radius, height - 1), (255,), -1)
    cv2.rectangle(plate, (0, radius), (width - 1, height - 1 - radius), (255,), -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(plate, (x, y), radius, (255,), -1, cv2.LINE_AA)
    return plate.astype(np.float32) * np.float32(PLATE / 255)
