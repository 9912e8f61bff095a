from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sidecar_serving import Serving

from app.sidecars.harness import Model, SidecarSettings


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("SIDECAR_", "MODELS_DIR", "HF_", "GITHUB_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """``serve(model, port=..., keep_s=...)`` starts a sidecar that ends with the test."""
    begun: list[Serving] = []

    def start(model: Model, **settings: Any) -> Serving:
        serving = Serving(model, SidecarSettings(**{"data_dir": tmp_path / "sidecar", **settings}))
        begun.append(serving)
        return serving.start()

    yield start
    for serving in begun:
        getattr(serving.model, "let_go", threading.Event()).set()
        serving.stop()
