"""The receiver's side of callbacks: Standard Webhooks 1.0 (https://www.standardwebhooks.com), nothing but Python's own.

Verify the body's bytes as they came, before any JSON parser: what was parsed and written again has another signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from typing import Protocol

from app.client.errors import BadSignature
from app.client.models import Callback

TOLERANCE_S = 300


class Headers(Protocol):
    """A dict, or what a web framework calls headers."""

    def items(self) -> Iterable[tuple[str, str]]: ...


def _key(secret: str) -> bytes:
    """``whsec_`` and base64, or any text, whose UTF-8 bytes are then the key."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_") + "==")
    except binascii.Error:
        raise ValueError("The secret begins with whsec_ but goes on with something that is not base64.") from None


def verify_callback(headers: Headers, body: bytes | str, secret: str, *, tolerance_s: float = TOLERANCE_S) -> Callback:
    """The callback, if the service signed it with ``secret`` (several, space separated, while a key is rotated).

    ``headers`` in any case. Comparison takes the same time for every signature. Raises BadSignature for a forged,
    changed or unsigned body and for one signed more than ``tolerance_s`` ago or ahead; ValueError for an empty secret.
    """
    keys = [_key(one) for one in secret.split()]
    if not keys or not all(keys):
        raise ValueError("There is no secret to verify callbacks with.")
    content = body.encode() if isinstance(body, str) else body
    known = {name.lower(): value for name, value in headers.items()}
    message_id, stamp = known.get("webhook-id", ""), known.get("webhook-timestamp", "")
    given = known.get("webhook-signature", "")
    if not (message_id and stamp and given):
        raise BadSignature("The callback is not signed.")
    if not (stamp.isascii() and stamp.isdigit() and abs(time.time() - int(stamp[:15])) <= tolerance_s):
        raise BadSignature("The callback's timestamp is too far from now.")
    signed = b".".join([message_id.encode(), stamp.encode(), content])
    wanted = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()) for key in keys]
    good = False
    for one in given.split():
        version, _, signature = one.partition(",")
        for want in wanted:
            # Bytes, because compare_digest refuses text that is not ASCII; no early exit.
            good |= version == "v1" and hmac.compare_digest(want, signature.encode("utf-8", "surrogateescape"))
    if not good:
        raise BadSignature("The callback's signature is wrong.")
    try:
        return Callback.model_validate(json.loads(content) | {"id": message_id})
    except (ValueError, TypeError):
        raise BadSignature("The callback is signed but is not an object in JSON.") from None
