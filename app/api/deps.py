"""What every route needs of its request, gathered once: the caller and the services it may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from app.api.metrics import Metrics
from app.core.config import Settings
from app.core.ids import ID_PATTERN
from app.services.wiring import Services

_OPTIONAL_ID = f"^(|{ID_PATTERN.removeprefix('^').removesuffix('$')})$"

StoryId = Annotated[str, Path(pattern=ID_PATTERN, max_length=128, examples=["story-001"])]
ShotId = Annotated[str, Path(pattern=ID_PATTERN, max_length=128, examples=["shot_01"])]
JobId = Annotated[str, Path(pattern=ID_PATTERN, max_length=128, examples=["01KAGD3W4ZJ8T5S6Q7R8X9Y0AB"])]
PathId = Annotated[str, Path(pattern=ID_PATTERN, max_length=128)]
OptionalId = Annotated[str, Query(pattern=_OPTIONAL_ID, max_length=128)]
UserId = Annotated[
    str,
    Query(
        pattern=_OPTIONAL_ID,
        max_length=128,
        description="Whose story it is; may be left out while only one user has a story with this id.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=500, description="`next_cursor` of the page before.")]


@dataclass(frozen=True)
class Caller:
    """One request's tenant and the house as it may use it."""

    tenant: str
    """Empty for a stranger, whom only the routes without a key let in."""
    request_id: str
    base_url: str
    """Without a slash at its end."""
    settings: Settings
    wiring: Services
    metrics: Metrics

    @property
    def url_of(self) -> Callable[[str], str]:
        """Object key to the address under which this caller can open it."""
        return lambda key: self.wiring.objects.url(key, self.base_url)


def _caller(request: Request) -> Caller:
    settings: Settings = request.app.state.settings
    return Caller(
        tenant=request.state.tenant or "",
        request_id=request.state.request_id,
        base_url=(settings.public_base_url or str(request.base_url)).rstrip("/"),
        settings=settings,
        wiring=request.app.state.wiring,
        metrics=request.app.state.metrics,
    )


CallerDep = Annotated[Caller, Depends(_caller)]

KEYED = [
    Security(APIKeyHeader(name="X-API-Key", scheme_name="ApiKey", auto_error=False)),
    Security(HTTPBearer(scheme_name="Bearer", auto_error=False)),
]
"""Tells the OpenAPI document that a key is needed where keys are configured; the border does the checking."""
