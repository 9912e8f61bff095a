"""The service about itself: is it up, can it work, how much does it do; and the page at ``/``."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import FileResponse, JSONResponse, Response

from app.api.deps import KEYED, CallerDep
from app.core.config import Settings
from app.models.api_wire import Health, Ready

router = APIRouter(tags=["service"])
STUDIO = Path(__file__).resolve().parents[1] / "studio"
MIN_FREE_BYTES = 500_000_000


@router.get("/health", operation_id="health", summary="Is the server up", response_model=Health)
async def health() -> dict[str, Any]:
    """Answers at once and needs no key."""
    return {"status": "ok"}


def _storage_faults(settings: Settings) -> list[str]:
    """What is wrong with DATA_DIR, in sentences."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        return [f"DATA_DIR cannot be written: {error.strerror}."]
    if free < MIN_FREE_BYTES:
        return [f"Only {free // 1_000_000} MB are free in DATA_DIR; {MIN_FREE_BYTES // 1_000_000} MB are needed."]
    return []


@router.get(
    "/ready",
    operation_id="ready",
    summary="Can the service take work",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "It cannot; `missing` says why."}},
    dependencies=KEYED,
)
async def ready(caller: CallerDep) -> Response:
    missing = await asyncio.to_thread(_storage_faults, caller.settings) + await caller.wiring.jobs.ready()
    body = {"status": "not ready" if missing else "ready", "missing": missing}
    return JSONResponse(body, 503 if missing else 200)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"description": "Text.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    dependencies=KEYED,
)
async def metrics(caller: CallerDep) -> Response:
    return Response(await caller.metrics.text(caller.wiring), media_type=CONTENT_TYPE_LATEST)


@router.get("/", include_in_schema=False)
async def index() -> Response:
    return FileResponse(STUDIO / "index.html", media_type="text/html; charset=utf-8")
