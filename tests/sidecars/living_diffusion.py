"""The diffusion sidecar as a process of its own on a free port, with whatever settings a test gives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_STARTING_S = 120.0


class LivingDiffusion:
    """``with LivingDiffusion(models, folder, DIFFUSION_CACHE="pab") as sidecar: sidecar.url``."""

    def __init__(self, models: Path, folder: Path, *, script: str = "", **settings: str) -> None:
        """``script``: another program than ``python -m app.sidecars.diffusion``."""
        folder.mkdir(parents=True, exist_ok=True)
        self._said = folder / "said.txt"
        self._command = [sys.executable, *([script] if script else ["-m", "app.sidecars.diffusion"])]
        self._command += ["--port", "0", "--data-dir", str(folder / "data")]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "SIDECAR_"))}
        self._environment = {**kept, "MODELS_DIR": str(models), "PYTHONPATH": str(ROOT), **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> LivingDiffusion:
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                self._command, cwd=self._said.parent, env=self._environment, stdout=said, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + _STARTING_S
        while not self._ready():
            assert self._process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8", "replace")

    def health(self) -> dict[str, Any]:
        """What it says of itself, also while it is loading or has failed."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))

    def _ready(self) -> bool:
        if not self.url:
            at = self.said.partition("listens on ")[2].split("\n")[0].strip()
            self.url = at
        return bool(self.url) and self.health()["state"] != "loading"
