"""What a local model has to be so that the harness can serve it: ``setup`` once, then ``run`` by ``run``.

``setup``, ``run`` and ``free`` are called in one thread of their own, never two at a time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from app.core.errors import Canceled


class Run:
    """One run as the model sees it: it says how far it is and asks whether it shall go on."""

    def __init__(self, run_id: str, moved: Callable[[float, str], None] | None = None) -> None:
        self.run_id = run_id
        self._moved = moved
        self._reason = ""

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far the work is, 0 to 1."""
        if self._moved is not None:
            self._moved(min(1.0, max(0.0, float(fraction))), message)

    def check(self) -> None:
        """Called at every step; raises Canceled when the run shall stop."""
        if self._reason:
            raise Canceled(self._reason)

    def stop(self, reason: str) -> None:
        """The next ``check`` raises; from any thread."""
        self._reason = self._reason or reason

    @property
    def stopping(self) -> bool:
        return bool(self._reason)


class Model(ABC):
    """A subclass is one sidecar. Its errors are those of ``app.core.errors``; any other one counts as EngineFailed."""

    name: ClassVar[str]
    """Of the sidecar (``diffusion``)."""

    def setup(self) -> None:  # noqa: B027
        """Load and warm up. Raises AppError with a plain reason; only a restart tries again."""

    @abstractmethod
    def run(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        """Carry out ``request`` with the input ``files`` by name and return facts as JSON.

        Every file left in ``folder`` is a result; sub-folders and names that begin with a dot are not.
        """

    def models(self) -> tuple[list[str], dict[str, str]]:
        """What a request may name as its model, and what is known but not ready: name to what is missing.

        May be called from another thread at any time, also before and during ``setup``; quick, as are the next two.
        """
        return [], {}

    def facts(self) -> dict[str, Any]:
        """Memory, settings, versions, for the health: JSON."""
        return {}

    def device(self) -> str:
        """``cuda:0 NVIDIA ...``, ``mps``, ``cpu``."""
        return ""

    def affinity(self, request: dict[str, Any]) -> str:
        """What must be loaded for it: runs of one affinity are taken before others, a few in a row.

        Called in the server's thread when the run arrives, so it must be quick, and it must not raise.
        """
        return ""

    def free(self) -> None:  # noqa: B027
        """Called after a run was out of memory: give back what can be given back."""
