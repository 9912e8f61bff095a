"""The gateway: ``python -m app.main`` is the whole service, with one worker that it supervises."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from loguru import logger
from starlette.middleware import Middleware

from app.api import engines, errors, files, jobs, openapi, service, shot, shots, stories, storyboard, video
from app.api.border import Border, Gate
from app.api.errors import Answered
from app.api.keys import Keys
from app.api.metrics import Metrics
from app.core.config import Settings, SettingsError, load_settings
from app.core.logging import setup_logging
from app.services.engines.registry import check_order
from app.services.wiring import Services, build
from app.supervisor import Supervisor

VERSION = "0.1.0"
ROUTERS = (storyboard, shot, video, stories, shots, jobs, files, engines, service)
_SHUTDOWN_S = 5
_KEEP_ALIVE_S = 75
"""Longer than clients and proxies keep a connection for their next request: whoever closes first should be them, or a
POST is sometimes sent into a connection that has just been closed."""


def create_app(settings: Settings, *, wiring: Services | None = None, supervisor: Supervisor | None = None) -> FastAPI:
    """The application. It starts ``supervisor`` (none: workers run elsewhere) and stops it with itself.

    Raises SettingsError for keys and engines that cannot be used.
    """
    check_order(settings.engines)
    wiring = wiring or build(settings)
    settings = wiring.settings
    metrics, keys = Metrics(), Keys(settings.api_keys)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await wiring.jobs.start()
        if supervisor is not None:
            supervisor.start()
        try:
            yield
        finally:
            if supervisor is not None:
                await supervisor.stop()
            await wiring.jobs.close()

    app = FastAPIOffline(
        title="Story to film",
        version=VERSION,
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        lifespan=lifespan,
        redoc_url=None,
        static_url="/static/docs",
        # A body without a content type is JSON from an older client; the gate refuses those that a browser hides.
        strict_content_type=False,
        middleware=[
            Middleware(Border, metrics=metrics),
            Middleware(Answered),
            Middleware(Gate, keys=keys, max_body_bytes=settings.max_body_bytes),
        ],
    )
    app.state.settings, app.state.wiring, app.state.metrics = settings, wiring, metrics
    for room in ROUTERS:
        app.include_router(room.router)
    errors.install(app)
    openapi.describe(app)
    return app


def _arguments(argv: list[str] | None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="python -m app.main", description="Serve the story-to-film API.")
    parser.add_argument("--host", dest="service_host", help="overrides SERVICE_HOST")
    parser.add_argument("--port", dest="service_port", type=int, help="overrides SERVICE_PORT")
    return {name: value for name, value in vars(parser.parse_args(argv)).items() if value is not None}


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. Returns the exit status: 2 when a setting cannot be used."""
    try:
        settings = load_settings(**_arguments(argv))
        setup_logging(settings.log_level, settings.log_format)
        app = create_app(settings, supervisor=Supervisor(settings))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logger.info("serving on http://{}:{}", settings.service_host, settings.service_port)
    config = uvicorn.Config(
        app,
        host=settings.service_host,
        port=settings.service_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    server = uvicorn.Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        # After an orderly stop uvicorn raises the signal once more; whoever asked for the stop gets status 0.
        signal.signal(number, lambda *_: None)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
