"""What the documents of each collection must hold at least to be used.

JSON can be sound and still not be what its readers need: a file emptied to ``{}`` by hand, a field of another type.
Such a document is damaged like a torn one, and treated as such in the one place where documents are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from app.core.ids import ID_PATTERN
from app.models.job import Delivery, Job, JobEvent
from app.models.story import Story
from app.storage.documents import Document

_Id = Annotated[str, Field(pattern=ID_PATTERN)]


class _Operation(BaseModel):
    job_id: _Id
    fingerprint: str


class _Marker(BaseModel):
    tenant: _Id
    at: float = 0.0


class _Owed(BaseModel):
    tenant: _Id
    job_id: _Id
    delivery_id: _Id
    next_attempt_at: float | None = None
    once: bool = False


_HOUSE: Mapping[str, type[BaseModel]] = {"open": _Marker, "outbox": _Owed}
_TENANT: Mapping[str, type[BaseModel]] = {
    "stories": Story,
    "jobs": Job,
    "operations": _Operation,
    "deliveries": Delivery,
}


def check_document(key: str, document: Document) -> None:
    """Raises ValueError, with the first reason, for a document that its collection's readers could not use."""
    shape = _shape(key)
    _check(shape, document)
    if shape is _Owed and document["delivery_id"] != key.rpartition("/")[2]:
        raise ValueError("delivery_id: is not the name that it is kept under")


def check_line(key: str, line: Document) -> None:
    """The same for a line of the log that belongs to the document."""
    _check(JobEvent if _shape(key) is Job else None, line)


def _check(shape: type[BaseModel] | None, value: Document) -> None:
    if shape is None:
        return
    try:
        shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error


def _shape(key: str) -> type[BaseModel] | None:
    first, _, rest = key.partition("/")
    return _HOUSE.get(first) or _TENANT.get(rest.partition("/")[0])
