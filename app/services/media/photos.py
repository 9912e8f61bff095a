"""A picture from a stranger, made into one that is safe to use: decoded, upright, bounded and written anew.

What a file is, its content decides and never its name. Its size is read from its header before anything is decoded.
What comes out is drawn again from the pixels: no metadata (where and when it was taken), no second frame, and nothing
that was hidden behind or between (a JPEG may end in a zip or in HTML and still open as a picture).

Refusals carry a stable code as ``errors[0]["type"]`` (see :func:`reason_of`), so that the caller can word them.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from app.core.errors import AppError, PayloadTooLarge, UnsupportedMedia, ValidationFailed
from app.services.media.faces_words import Reason, message

Check = Callable[[], None]

LEAST_SIDE = 256
LONGEST_SIDE = 2048
MAX_PIXELS = 50_000_000
"""Of the picture as it comes: decoded it takes four bytes for each, and shrinking it once more as many."""
KINDS = ("avif", "bmp", "gif", "jpeg", "png", "tiff", "webp")
"""All kinds that can be asked for."""
_MAX_PROFILE_BYTES = 4_000_000
_BEGINS = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG": "png",
    b"GIF8": "gif",
    b"BM": "bmp",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
    b"RIFF": "webp",
}
_ORIENTATION = 0x0112
_LYING = (5, 6, 7, 8)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How each value of EXIF's orientation is made upright (CIPA DC-008, 4.6.5.1)."""
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError)
"""What Pillow's decoders raise for damaged files."""


def clean(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{source, kinds?, longest?, least?, max_bytes?}``: an uploaded picture as ``photo.jpg`` or ``photo.png``.

    As :func:`opened`; a JPEG comes out of what was packed with loss, a PNG of the others. Task for the media child.
    Returns ``{"photo": name, "width", "height", "kind", "was": [width, height]}``; ``was`` is upright, not shrunk.
    """
    check()
    image, kind, was = opened(
        Path(request["source"]),
        kinds=tuple(request.get("kinds") or KINDS),
        longest=int(request.get("longest") or LONGEST_SIDE),
        least=int(request.get("least") or LEAST_SIDE),
        max_bytes=int(request.get("max_bytes") or 0),
    )
    check()
    lossy = kind in ("avif", "jpeg", "webp")
    name = "photo.jpg" if lossy else "photo.png"
    if lossy:
        image.save(folder / name, "JPEG", quality=95, subsampling=0)
    else:
        image.save(folder / name, "PNG", compress_level=3)
    return {"photo": name, "width": image.width, "height": image.height, "kind": kind, "was": list(was)}


def opened(
    source: Path,
    *,
    kinds: tuple[str, ...] = KINDS,
    longest: int = LONGEST_SIDE,
    least: int = LEAST_SIDE,
    max_bytes: int = 0,
) -> tuple[Image.Image, str, tuple[int, int]]:
    """The first frame, upright, 8 bit RGB in sRGB, alpha on white, no side over ``longest`` pixels; its kind; its size.

    The size is the upright one before shrinking. Raises UnsupportedMedia (kind not among ``kinds``), PayloadTooLarge
    (over ``max_bytes``, if not 0, or MAX_PIXELS), ValidationFailed (unreadable, or a side under ``least`` pixels).
    """
    if max_bytes and source.stat().st_size > max_bytes:
        raise refusal(Reason.TOO_LARGE, f"The file has more than {max_bytes} bytes")
    formats = [name.upper() for name in kinds]  # what some telephones write, MPO, comes with JPEG
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(source, formats=formats)
        with image:
            kind = "jpeg" if image.format == "MPO" else str(image.format).lower()
            width, height = image.size
            _bounded(width, height, least, longest)
            orientation = _orientation(image)
            was = (height, width) if orientation in _LYING else (width, height)
            return _upright(image, longest, orientation), kind, was
    except UnidentifiedImageError:
        raise _stranger(source, kinds) from None
    except Image.DecompressionBombError as error:
        raise refusal(Reason.TOO_LARGE, f"The picture has more than {MAX_PIXELS} pixels") from error
    except _BROKEN as error:
        raise refusal(Reason.UNREADABLE) from error


def refusal(reason: Reason, detail: str = "") -> AppError:
    """The error for a reason: 415, 413 or 422, with the code in ``errors``."""
    kinds: dict[Reason, type[AppError]] = {
        Reason.UNSUPPORTED: UnsupportedMedia,
        Reason.TOO_LARGE: PayloadTooLarge,
    }
    text = detail or message(reason)
    entry = {"type": reason.value, "loc": ["body", "file"], "msg": text}
    return kinds.get(reason, ValidationFailed)(text, errors=[entry])


def reason_of(error: AppError) -> Reason | None:
    """The reason that a refusal of this module carries, also after its way through a pipe; None for other errors."""
    for entry in error.errors or []:
        if entry.get("type") in list(Reason):
            return Reason(entry["type"])
    return None


def _stranger(source: Path, kinds: tuple[str, ...]) -> AppError:
    """Opened by none of the decoders asked: broken if it begins as a picture of those kinds, else of another kind."""
    with source.open("rb") as file:
        begin = file.read(16)
    if not begin:
        return refusal(Reason.UNREADABLE, "The file is empty")
    named = [kind for mark, kind in _BEGINS.items() if begin.startswith(mark)]
    if begin[4:12] == b"ftypavif":
        named.append("avif")
    return refusal(Reason.UNREADABLE if set(named) & set(kinds) else Reason.UNSUPPORTED)


def _bounded(width: int, height: int, least: int, longest: int) -> None:
    """Refuses by the header alone, before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise refusal(Reason.TOO_LARGE, f"The picture has more than {MAX_PIXELS} pixels")
    short, long = sorted((width, height))
    if short * min(1.0, longest / long) < least:
        needed = "" if short < least else f" when its longer side is made {longest}"
        raise refusal(Reason.TOO_SMALL, f"The picture's shorter side has fewer than {least} pixels{needed}")


def _orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 (upright) where there is none or it is damaged."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return int(value) if value in range(1, 9) else 1


def _upright(image: Image.Image, longest: int, orientation: int) -> Image.Image:
    """Decoded, shrunk, turned and in plain RGB; a JPEG far too large is decoded at a half, a quarter or an eighth."""
    profile = image.info.get("icc_profile")
    image.draft(None, (longest, longest))
    image.load()
    small = _eight_bit(image)
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=3.0)
    plain = _plain(small, profile)
    bare = Image.new("RGB", plain.size)
    bare.paste(plain)  # pixels only: what else the picture carried stays behind
    turn = _TURNS.get(orientation)
    return bare if turn is None else bare.transpose(turn)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Any mode as L, LA, RGB, RGBA or CMYK, which can be scaled without harm."""
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in ("1", "La", "RGBa", "PA", "YCbCr", "LAB", "HSV", "RGBX"):
        target = {"1": "L", "La": "LA", "RGBa": "RGBA", "PA": "RGBA"}.get(image.mode, "RGB")
        return image.convert(target)
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image, np.float32))
        full = 65535.0 if image.mode != "F" and values.max() > 255 else 1.0 if values.max() <= 1 else 255.0
        return Image.fromarray(np.clip(values / full * 255 + 0.5, 0, 255).astype(np.uint8))
    if image.mode in ("L", "RGB") and "transparency" in image.info:
        return image.convert("RGBA")
    return image


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB, with alpha laid on white."""
    if image.mode in ("RGBA", "LA"):
        image = flat(image)
    if profile and image.mode in ("RGB", "CMYK", "L") and len(profile) <= _MAX_PROFILE_BYTES:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile is worth less than the picture without it
        if converted is not None:
            return converted
    return image.convert("RGB")


def flat(image: Image.Image) -> Image.Image:
    """In RGB, whatever has alpha laid on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (255, 255, 255, 255)), rgba).convert("RGB")
    return image.convert("RGB")
