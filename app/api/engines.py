"""The engines: what there is, what each can do, and what keeps it from being ready."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.deps import KEYED, CallerDep
from app.models.api_wire import EngineList
from app.models.engine import EngineKind
from app.services.engines.roster import roster

router = APIRouter(prefix="/api/v1", tags=["service"], dependencies=KEYED)


@router.get(
    "/engines",
    operation_id="listEngines",
    summary="Every engine, what it can do and whether it is ready",
    response_model=EngineList,
)
async def list_engines(caller: CallerDep, kind: Annotated[EngineKind | None, Query()] = None) -> dict[str, Any]:
    """Hosts are asked at this moment, so it may take a few seconds."""
    settings = caller.settings
    found = await roster(settings.engines, local_first=settings.local_inference)
    return {"engines": [one for one in found if kind in (None, one["kind"])]}
