"""``python -m video_api``: serve FlashVSR and RIFE until SIGTERM or Ctrl-C."""

from __future__ import annotations

import signal
import socket
import sys

import uvicorn
from fastapi import FastAPI
from loguru import logger

from app.sidecars.harness import create_app, settings_from

from .classic import add_classic
from .model import VideoEnhance
from .settings import EnhanceSettings


def application(settings: EnhanceSettings) -> FastAPI:
    """The wire of every sidecar and the classic routes."""
    app = create_app(VideoEnhance(settings), settings)
    add_classic(app, settings)
    return app


def main() -> int:
    """Exit status: 1 when the port cannot be had."""
    settings = settings_from(EnhanceSettings)
    logger.remove()
    form = "{time:HH:mm:ss.SSS} {level: <7} {message}\n{exception}"
    logger.add(sys.stderr, level=settings.log_level, format=form, diagnose=False, backtrace=False)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        logger.error("video_enhance cannot listen on {}:{}: {}", settings.host, settings.port, error.strerror)
        return 1
    logger.info("video_enhance listens on http://{}:{}", settings.host, listening.getsockname()[1])
    # After an orderly stop uvicorn raises the signal once more; whoever asked for the stop gets status 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        application(settings), log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
