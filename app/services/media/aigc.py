"""The implicit label of generated content: what a file says of its own making (GB 45438-2025, annexes E and F).

One JSON object with seven strings. In MP4 it is the value of the container tag ``AIGC``; where pictures carry it
is told in ``picture_metadata``. Nothing here needs a media library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)


def aigc_fields(
    producer: str,
    produce_id: str,
    *,
    propagator: str = "",
    propagate_id: str = "",
    reserved_code1: str = "",
    reserved_code2: str = "",
    label: str = "1",
) -> dict[str, str]:
    """The seven fields by their names in the standard, in its order.

    ``label``: 1 is generated, 2 may be, 3 is suspected to be. ``producer``: name or code of the provider of the
    generating service; ``produce_id``: its own number for the content. The reserved codes are the provider's and
    the propagator's to protect the label with (a digest, a signature).
    """
    values = (label, producer, produce_id, reserved_code1, propagator, propagate_id, reserved_code2)
    return {name: _printable(value) for name, value in zip(FIELDS, values, strict=True)}


def aigc_json(fields: Mapping[str, str], *, ascii_only: bool = False) -> str:
    """``fields`` as they are written into a file: compact JSON in the standard's order.

    What is missing is an empty string, what the standard does not name is left out. For MP4: the tag ``AIGC``.
    """
    ordered = {name: _printable(fields.get(name, "")) for name in FIELDS}
    return json.dumps(ordered, ensure_ascii=ascii_only, separators=(",", ":"))


def _printable(value: str) -> str:
    """Without control characters and lone surrogates, which no metadata field may hold."""
    return "".join(char for char in value if char.isprintable())
