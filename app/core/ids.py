"""Ids: the check for those that clients choose, and the making of ours.

An id becomes part of a file path only after :func:`checked`. Ours sort by the time they were made
(ULID, https://github.com/ulid/spec: 48 bits of milliseconds, 80 random bits, Crockford base 32).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from typing import Any

from app.core.errors import ValidationFailed

ID_PATTERN = r"^[A-Za-z0-9_:\-][A-Za-z0-9._:\-]{0,127}$"
_ID = re.compile(r"[A-Za-z0-9_:\-][A-Za-z0-9._:\-]{0,127}", re.ASCII)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def checked(value: str, name: str) -> str:
    """``value`` if it is 1 to 128 of ``A-Z a-z 0-9 . _ : -`` not beginning with a dot.

    Raises ValidationFailed naming the field otherwise.
    """
    if not _ID.fullmatch(value):
        detail = f"{name} must be 1 to 128 characters of A-Z a-z 0-9 . _ : - and not begin with a dot"
        raise ValidationFailed(detail, errors=[{"type": "id", "loc": [name], "msg": detail}])
    return value


def new_id() -> str:
    """26 characters, sortable by time of making (milliseconds)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces, the same text for the same value everywhere."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def fingerprint(value: Any) -> str:
    """SHA-256 (64 hex digits) of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()
