"""Pictures and recordings brought within what a provider takes or gives in pieces. Tasks for the media child."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from app.core.errors import EngineFailed, EngineFault
from app.services.media.fitting import MAX_PIXELS, Check, sound
from app.services.media.photos import flat

_QUALITIES = (95, 90, 80, 65)


def photo(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{source, name, min_side, max_side, max_bytes}``: a picture as a JPEG that a provider takes.

    Scaled evenly; a strip that is still too narrow then is set on grey. Returns ``{"image",
    "width", "height"}``. Raises EngineFailed for a picture that cannot be read or packed.
    """
    least, most = int(request["min_side"]), int(request["max_side"])
    try:
        with Image.open(request["source"]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise EngineFailed(f"The picture has more than {MAX_PIXELS} pixels")
            check()
            image = flat(ImageOps.exif_transpose(opened))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EngineFailed(f"The picture {Path(request['source']).name} cannot be read: {error}") from error
    check()
    image = _within(image, least, most)
    target = folder / str(request["name"])
    for quality in _QUALITIES:
        check()
        image.save(target, "JPEG", quality=quality, subsampling=0)
        if target.stat().st_size <= int(request["max_bytes"]):
            return {"image": target.name, "width": image.width, "height": image.height}
    raise EngineFailed(f"The picture is larger than {request['max_bytes']} bytes however it is packed")


def _within(image: Image.Image, least: int, most: int) -> Image.Image:
    width, height = image.size
    scale = min(max(1.0, least / min(width, height)), most / max(width, height))
    if scale != 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    if min(image.size) < least:
        image = ImageOps.pad(image, (max(image.width, least), max(image.height, least)), color=(127, 127, 127))
    return image


def joined(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{sources, pcm_rate?}``: recordings of any kind, one after the other, as ``narration.wav``.

    As ``fitting.sound`` for each. Returns ``{"audio", "duration_s", "rate_hz"}``. Different rates raise EngineFault.
    """
    sources = list(request["sources"])
    if len(sources) == 1:
        return sound({"source": sources[0], "pcm_rate": request.get("pcm_rate")}, folder, check)
    pieces, rates = [], set()
    for source in sources:
        check()
        made = sound({"source": source, "pcm_rate": request.get("pcm_rate")}, folder, check)
        with wave.open(str(folder / made["audio"]), "rb") as file:
            pieces.append(file.readframes(file.getnframes()))
        rates.add(int(made["rate_hz"]))
    if len(rates) != 1:
        raise EngineFault(f"The pieces of the recording have different rates: {sorted(rates)}")
    rate = rates.pop()
    with wave.open(str(folder / "narration.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(pieces))
    return {"audio": "narration.wav", "duration_s": sum(map(len, pieces)) / 2 / rate, "rate_hz": rate}
