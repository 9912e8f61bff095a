"""Models for the harness: one that behaves, and one for each way of not doing so.

``python misbehaving.py <Class> --port N --data-dir D`` serves one in a process of its own.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from app.core.errors import EngineUnavailable, ValidationFailed
from app.sidecars.harness import Model, Run, SidecarSettings, serve, settings_from

PATIENCE_S = 20.0


class Polite(Model):
    """Copies its inputs. ``{"hold": true}``: goes on step by step until it is let go or told to stop."""

    name: ClassVar[str] = "polite"

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.began: list[str] = []
        self.ended: list[str] = []
        self.most_at_once = 0
        self._now = 0
        self.freed = 0

    def run(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        self.began.append(run.run_id)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            return self.work(request, files, folder, run)
        finally:
            self._now -= 1
            self.ended.append(run.run_id)

    def work(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        run.progress(0.25, "one step")
        while request.get("hold") and not self.let_go.wait(0.01):
            run.check()
        for name, path in files.items():
            (folder / f"copy-{name}.bin").write_bytes(path.read_bytes())
        (folder / "said.txt").write_text(str(request.get("say", "")), "utf-8")
        (folder / ".hidden").write_text("not a result")
        return {"echo": request, "inputs": {name: path.name for name, path in files.items()}}

    def models(self) -> tuple[list[str], dict[str, str]]:
        return ["one"], {"two": "models/two is not there: ./deploy.sh fetch two"}

    def facts(self) -> dict[str, Any]:
        return {"memory_gb": 24}

    def device(self) -> str:
        return "cpu"

    def affinity(self, request: dict[str, Any]) -> str:
        return str(request.get("model", ""))

    def free(self) -> None:
        self.freed += 1


class SlowToLoad(Polite):
    def setup(self) -> None:
        assert self.let_go.wait(PATIENCE_S)


class NeverLoads(Polite):
    def setup(self) -> None:
        raise EngineUnavailable("the folder models/flux is not there: ./deploy.sh fetch flux")


class BreaksWhileLoading(Polite):
    def setup(self) -> None:
        raise RuntimeError("CUDA driver version is insufficient")


class Crashes(Polite):
    def work(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        (folder / "half.txt").write_text("half made")
        if request.get("how") == "exit":
            sys.exit(3)
        if request.get("how") == "die":
            os._exit(9)
        if request.get("how") == "disk":
            raise OSError(errno.ENOSPC, "No space left on device", str(folder / "half.txt"))
        if request.get("how") == "request":
            raise ValidationFailed("width must be a multiple of 16")
        if request.get("how") == "fine":
            return {}
        return {"ratio": 1 / 0}


class OutOfMemoryError(RuntimeError):
    """As torch's is called, which the harness does not know."""


class EatsMemory(Polite):
    """The first run finds too little memory; what it held must be gone when ``free`` is called."""

    class Tensor:
        alive = 0

        def __init__(self) -> None:
            type(self).alive += 1

        def __del__(self) -> None:
            type(self).alive -= 1

    def __init__(self) -> None:
        super().__init__()
        self.alive_when_freed = -1

    def work(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        if self.freed:
            return {}
        held = self.Tensor()
        try:
            raise OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        except OutOfMemoryError as error:
            raise RuntimeError(f"the pipeline failed with {held}") from error

    def free(self) -> None:
        super().free()
        self.alive_when_freed = self.Tensor.alive


class Stubborn(Polite):
    """Does not ask whether it shall stop."""

    def work(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        if request.get("hold"):
            assert self.let_go.wait(PATIENCE_S)
        return {"stubborn": True}


class Untidy(Polite):
    """Leaves what cannot be served, or facts that are no JSON."""

    def work(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        if request["leave"] == "name":
            (folder / "my result;\n.txt").write_text("x")
        elif request["leave"] == "link":
            (folder / "link.txt").symlink_to("/etc/hostname")
        elif request["leave"] == "folder":
            (folder / "sub").mkdir()
            (folder / "sub" / "inner.txt").write_text("x")
        elif request["leave"] == "nan":
            return {"value": float("nan")}
        elif request["leave"] == "object":
            return {"value": object()}
        return {}


class CannotTell(Polite):
    def facts(self) -> dict[str, Any]:
        raise RuntimeError("no driver")


if __name__ == "__main__":
    sys.exit(serve(globals()[sys.argv[1]](), settings_from(SidecarSettings, sys.argv[2:])))
