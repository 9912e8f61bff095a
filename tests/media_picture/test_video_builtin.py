from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from picture_tools import make_clip

from app.core.errors import EngineFailed, UnsupportedMedia
from app.models.engine import AnimateRequest
from app.models.story import CAMERAS
from app.services.engines.builtin.video import BuiltinVideo
from app.services.media.probe import probe


class Quiet:
    folder = Path("unused")

    async def compute(self, task: str, request: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("the builtin animator needs no child process")

    def progress(self, fraction: float, message: str = "") -> None:
        pass


def wanted(camera: str, layers: Path | None = None) -> AnimateRequest:
    return AnimateRequest(
        key_frame=Path("k.png"), layers=layers, camera=camera, width=160, height=90, fps=24, frames=48, seed=7
    )


@pytest.mark.parametrize("camera", CAMERAS)
async def test_each_move_is_known_in_english_and_chinese(camera: str) -> None:
    english = await BuiltinVideo().animate(wanted(camera), Quiet())
    chinese = await BuiltinVideo().animate(wanted(CAMERAS[camera]), Quiet())
    assert english == chinese
    assert english.clip is None
    assert english.drawn is not None
    assert (english.drawn.camera, english.drawn.seed, english.drawn.parallax) == (camera, 7, False)


async def test_layers_are_moved_in_depth() -> None:
    made = await BuiltinVideo().animate(wanted("orbit", Path("layers.json")), Quiet())
    assert made.drawn is not None
    assert made.drawn.parallax
    assert made.drawn.effects
    assert BuiltinVideo.capabilities.layers


async def test_an_unknown_move_is_named() -> None:
    with pytest.raises(EngineFailed, match="somersault"):
        await BuiltinVideo().animate(wanted("somersault"), Quiet())


def test_a_probe_tells_what_a_file_is(tmp_path: Path) -> None:
    found = probe(make_clip(tmp_path / "c.mp4", [10] * 30, rate=30, size=(64, 48)))
    assert found.duration_s == pytest.approx(1.0)
    assert found.video is not None
    assert (found.video.width, found.video.height, found.video.fps, found.video.frames) == (64, 48, 30, 30)
    assert found.audio is None
    assert found.size_bytes == (tmp_path / "c.mp4").stat().st_size


def test_what_is_no_media_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_bytes(np.arange(50, dtype=np.uint8).tobytes())
    for name in ("text.mp4", "missing.mp4"):
        with pytest.raises(UnsupportedMedia, match=name):
            probe(tmp_path / name)
