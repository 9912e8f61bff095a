"""Which models are here: names to folders, and what is missing of the others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import EngineUnavailable
from app.sidecars.diffusion.catalog import KNOWN
from app.sidecars.diffusion.settings import DiffusionSettings
from app.sidecars.weights import weights_missing

_WEIGHTS = (".safetensors", ".bin")
ADAPTERS = {
    "flux": "flux-ip-adapter",
    "sdxl": "sdxl-ip-adapter",
    "sdxl-turbo": "sdxl-ip-adapter",
    "sd21": "",
    "realistic-vision": "sd15-ip-adapter",
}
"""Models to the folder of their IP-Adapter: one weights file and ``image_encoder/``. There is none for 2.1."""


@dataclass(frozen=True)
class Adapter:
    folder: Path
    weights: str


class Shelf:
    """The folders of models, looked at anew for every question: weights may be fetched while the sidecar runs."""

    def __init__(self, settings: DiffusionSettings) -> None:
        self._settings = settings

    def served(self) -> list[str]:
        """Names that this sidecar may serve at all."""
        families = self._settings.families
        return [name for name, known in KNOWN.items() if not families or known.family in families]

    def where(self, name: str) -> Path:
        return self._settings.folders.get(name, self._settings.models_dir / name)

    def lacking(self, name: str) -> str:
        """What keeps a model from being loaded, in a sentence; empty: nothing."""
        folder = self.where(name)
        index = folder / "model_index.json"
        if not index.is_file():
            return f"{index} is not there: ./deploy.sh fetch {name}"
        try:
            parts = json.loads(index.read_text("utf-8"))
        except (OSError, ValueError) as error:
            return f"{index} cannot be read ({error}): ./deploy.sh fetch {name}"
        for part, kind in parts.items():
            if isinstance(kind, list) and kind[0] and not (folder / part).is_dir():
                return f"{folder / part} is not there: ./deploy.sh fetch {name}"
        return weights_missing(name, folder)

    def folder(self, name: str) -> Path:
        """Raises EngineUnavailable saying what is missing and how to get it."""
        if name not in self.served():
            raise EngineUnavailable(f"This sidecar does not serve {name}, only {', '.join(self.served())}")
        if lack := self.lacking(name):
            raise EngineUnavailable(f"The weights of {KNOWN[name].title} are missing: {lack}")
        return self.where(name)

    def adapter(self, name: str) -> Adapter:
        """The IP-Adapter for a model. Raises EngineUnavailable when there is none."""
        shelf = ADAPTERS.get(name, "")
        if not shelf:
            raise EngineUnavailable(f"There is no IP-Adapter for {name}")
        folder = self.where(shelf)
        found = sorted(path.name for path in folder.glob("*") if path.suffix in _WEIGHTS)
        if not found or not (folder / "image_encoder").is_dir():
            raise EngineUnavailable(f"The IP-Adapter is missing in {folder}: ./deploy.sh fetch {shelf}")
        return Adapter(folder, found[-1])

    def size(self, name: str) -> int:
        """Bytes of its weights' files: an upper bound of what loading takes."""
        return sum(path.stat().st_size for path in self.where(name).rglob("*") if path.suffix in _WEIGHTS)
