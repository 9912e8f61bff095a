"""``python -m app.sidecars.diffusion``: serve every diffusion model whose weights are here."""

from __future__ import annotations

import sys

from app.sidecars.diffusion.model import Diffusion
from app.sidecars.diffusion.settings import DiffusionSettings
from app.sidecars.harness import serve, settings_from


def main() -> int:
    settings = settings_from(DiffusionSettings)
    return serve(Diffusion(settings), settings)


if __name__ == "__main__":
    sys.exit(main())
