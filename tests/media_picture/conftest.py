"""Key frames on disk, flat and with layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_tools import texture

from app.models.engine import Effect, Layer, LayerSet


@pytest.fixture
def key_frame(tmp_path: Path) -> Path:
    """A key frame for films of 160x90."""
    cv2.imwrite(str(tmp_path / "key.png"), texture(200, 112))
    return tmp_path / "key.png"


@pytest.fixture
def stage_files(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Writes a key frame of 200x112 with layers: sky, a hill, a red subject in the middle, a dark floor."""

    def write(effects: tuple[Effect, ...] = ()) -> tuple[Path, Path]:
        height, width = 112, 200
        sky = np.dstack([texture(width, height, 1), np.full((height, width), 255, np.uint8)])
        hill, subject, floor = (np.zeros((height, width, 4), np.uint8) for _ in range(3))
        cv2.circle(hill, (60, 120), 60, (90, 160, 90, 255), -1, cv2.LINE_AA)
        cv2.circle(subject, (100, 60), 14, (20, 20, 220, 255), -1, cv2.LINE_AA)
        floor[90:] = (40, 50, 60, 255)
        flat = sky[..., :3].astype(np.float32)
        for name, layer in (("sky", sky), ("hill", hill), ("subject", subject), ("floor", floor)):
            alpha = layer[..., 3:] / 255
            flat = flat * (1 - alpha) + layer[..., :3] * alpha
            cv2.imwrite(str(tmp_path / f"{name}.png"), layer)
        cv2.imwrite(str(tmp_path / "deep.png"), flat.round().astype(np.uint8))
        depths = (("sky", 0.0), ("hill", 0.4), ("subject", 0.75), ("floor", 1.0))
        layers = tuple(Layer(file=f"{name}.png", depth=depth, name=name) for name, depth in depths)
        known = LayerSet(width=width, height=height, layers=layers, effects=effects, focus=(0.5, 0.55))
        (tmp_path / "layers.json").write_text(known.model_dump_json())
        return tmp_path / "deep.png", tmp_path / "layers.json"

    return write
