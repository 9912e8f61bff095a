"""What a client may write into a shot, checked and cleaned field by field."""

from __future__ import annotations

import math
import re
from typing import Any

from app.core.errors import ValidationFailed
from app.models.story import CAMERAS, Shot, camera_name

MAX_CHARS = 4000
"""Of one text field of a shot."""
MAX_DURATION_S = 600.0
MAX_SEED = 2**63 - 1
TEXTS = ("subject", "detail", "image_detail", "narration", "tone", "sound", "style")
FIELDS = frozenset({*TEXTS, "camera", "duration", "seed", "continues"})
# Control characters but tab and line feed, and half surrogate pairs, which no UTF-8 answer can carry.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """``text`` without NUL, other control characters and broken surrogates; tabs and line feeds stay."""
    return _UNWANTED.sub("", text)


def invalid(name: str, message: str) -> ValidationFailed:
    """The error for one bad field."""
    return ValidationFailed(f"{name} {message}", errors=[{"type": "value", "loc": [name], "msg": message}])


def checked_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as a shot keeps them. None means "left out", but for ``duration``, where it means "none asked for".

    ``detail`` given without ``image_detail`` stands for both: the picture follows the words.
    Raises ValidationFailed for a field that cannot be written, and for a bad value.
    """
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        raise invalid(unknown[0], f"cannot be changed; these can: {', '.join(sorted(FIELDS))}")
    result = {name: _checked(name, value) for name, value in fields.items() if value is not None or name == "duration"}
    if result.get("detail") and "image_detail" not in result:
        result["image_detail"] = result["detail"]
    return result


def checked_shot(shot: Shot) -> Shot:
    """``shot`` with its written fields checked and cleaned."""
    return shot.model_copy(update={name: _checked(name, getattr(shot, name)) for name in FIELDS})


def _checked(name: str, value: Any) -> Any:
    if name == "duration":
        return _duration(value)
    if name == "continues":
        if not isinstance(value, bool):
            raise invalid(name, "must be true or false")
        return value
    if name == "seed":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEED:
            raise invalid(name, f"must be a whole number from 0 to {MAX_SEED}")
        return value
    if not isinstance(value, str):
        raise invalid(name, "must be text")
    if name == "camera":
        camera = camera_name(clean(value).strip())
        if camera is None:
            raise invalid(name, f"must be one of {', '.join(CAMERAS)}, or its Chinese word")
        return camera
    text = clean(value)
    if len(text) > MAX_CHARS:
        raise invalid(name, f"has {len(text)} characters; at most {MAX_CHARS} are allowed")
    return text


def _duration(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid("duration", "must be a number of seconds")
    if not math.isfinite(value) or not 0 < value <= MAX_DURATION_S:
        raise invalid("duration", f"must be more than 0 and at most {MAX_DURATION_S:.0f} seconds")
    return float(value)
