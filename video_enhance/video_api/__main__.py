"""``python -m video_api``: serve FlashVSR and RIFE until SIGTERM or Ctrl-C."""

from __future__ import annotations

import sys

from app.sidecars.harness import serve, settings_from

from .classic import add_classic
from .model import VideoEnhance
from .settings import EnhanceSettings


def main() -> int:
    """Exit status: 1 when the port cannot be had."""
    settings = settings_from(EnhanceSettings)
    return serve(VideoEnhance(settings), settings, lambda app: add_classic(app, settings))


if __name__ == "__main__":
    sys.exit(main())
