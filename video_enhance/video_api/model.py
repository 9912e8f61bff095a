"""The sidecar's model: which of the two can run, and a run of one or of both."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from app.core.errors import EngineFailed, EngineUnavailable
from app.sidecars.harness import Model, Run

from . import flashvsr, rife
from .clips import form_of, remake
from .settings import EnhanceSettings

RESULT = "clip.mp4"
TASKS = {"superres": ("flashvsr",), "interpolate": ("rife",), "process": ("flashvsr", "rife")}
_LARGE_SHARE = 0.85
"""Of the time of a run of both that enlarging takes."""


class VideoEnhance(Model):
    """``{"task": "superres" | "interpolate" | "process", "scale": 2 | 4, "multi": 2 | 4}`` with a file ``clip``.

    Leaves ``clip.mp4``; facts are its width, height, fps, frames, duration_s, sound and what each model tells.
    """

    name: ClassVar[str] = "video_enhance"

    def __init__(self, settings: EnhanceSettings) -> None:
        self._settings = settings
        self._rife: rife.Rife | None = None
        self._refused = ""
        """Why RIFE could not be loaded although its files are there."""

    def setup(self) -> None:
        """RIFE stays loaded, it is small; FlashVSR is loaded by its own command for every run."""
        if not rife.lacking(self._settings.rife_dir):
            try:
                self._network()
            except EngineUnavailable as error:
                self._refused = error.detail

    def models(self) -> tuple[list[str], dict[str, str]]:
        reasons = {
            "flashvsr": flashvsr.lacking(self._settings),
            "rife": rife.lacking(self._settings.rife_dir) or self._refused,
        }
        return [name for name, why in reasons.items() if not why], {name: why for name, why in reasons.items() if why}

    def facts(self) -> dict[str, Any]:
        found = {"rife_version": self._rife.version} if self._rife is not None else {}
        return {**found, "flashvsr_version": self._settings.flashvsr_version, "max_side": self._settings.max_side}

    def device(self) -> str:
        return str(self._rife.device) if self._rife is not None else ""

    def affinity(self, request: dict[str, Any]) -> str:
        return str(request.get("task", ""))

    def free(self) -> None:
        self._rife = None
        if importlib.util.find_spec("torch") is not None:
            import torch

            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def run(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        task = str(request.get("task", ""))
        if task not in TASKS:
            raise EngineFailed(f"The task {task!r} is none of {', '.join(TASKS)}")
        if "clip" not in files:
            raise EngineFailed("The file clip is missing")
        missing = self.models()[1]
        for name in TASKS[task]:
            if name in missing:
                raise EngineUnavailable(f"{name} cannot run: {missing[name]}")
        scale, multi = _factor(request, "scale"), _factor(request, "multi")
        if task == "superres":
            return self._larger(files["clip"], folder / RESULT, scale, run, (0.0, 1.0))
        if task == "interpolate":
            return self._smoother(files["clip"], folder / RESULT, multi, run, (0.0, 1.0))
        large = folder / ".large.mp4"
        first = self._larger(files["clip"], large, scale, run, (0.0, _LARGE_SHARE))
        return {**first, **self._smoother(large, folder / RESULT, multi, run, (_LARGE_SHARE, 1.0))}

    def _larger(self, clip: Path, out: Path, scale: int, run: Run, part: tuple[float, float]) -> dict[str, Any]:
        form = form_of(clip)
        wide, high = form.width * scale, form.height * scale
        if max(wide, high) > self._settings.max_side:
            raise EngineFailed(f"The clip would be {wide}x{high}: no side may exceed {self._settings.max_side} pixels")
        work = out.parent / ".flashvsr"
        told = _teller(run, part, form.frames, "FlashVSR enlarges")
        told(0)
        maker = flashvsr.FlashVSR(self._settings, work, scale, run.check, told)
        try:
            facts = remake(clip, out, maker.make, run.check, scale=scale)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return {**facts, "scale": scale, "chunks": maker.chunks}

    def _smoother(self, clip: Path, out: Path, multi: int, run: Run, part: tuple[float, float]) -> dict[str, Any]:
        network = self._network()
        form = form_of(clip)
        told = _teller(run, part, form.frames, "RIFE draws between")
        maker = rife.Inbetweens(network, multi, self._settings.rife_scale, run.check, told)
        facts = remake(clip, out, maker.make, run.check, multi=multi)
        still = {"cuts": maker.cuts, "repeated": maker.repeated, "bridged": maker.bridged}
        return {**facts, "multi": multi, **still, "rife_version": network.version}

    def _network(self) -> rife.Rife:
        if self._rife is None:
            self._rife = rife.Rife(self._settings.rife_dir, self._settings.rife_fp16)
        return self._rife


def _factor(request: dict[str, Any], name: str) -> int:
    value = request.get(name, 2)
    if value not in (2, 4) or isinstance(value, bool):
        raise EngineFailed(f"{name} must be 2 or 4, not {value!r}")
    return int(value)


def _teller(run: Run, part: tuple[float, float], frames: int, words: str) -> Any:
    """Says how far a part of the run is after so many pictures of the clip."""
    begin, end = part

    def told(done: int) -> None:
        run.progress(begin + (end - begin) * min(1.0, done / max(frames, 1)), f"{words}: {done} of {frames or '?'}")

    return told
