"""ComfyUI's engines for the contract of all engines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract import Case, a_picture
from fakes.base import Fake
from fakes.comfyui import ComfyUI

from app.models.engine import AnimateRequest, DrawRequest
from app.services.engines.image_comfyui import ComfyUIImage
from app.services.engines.video_comfyui import ComfyUIVideo

FAULTS = ("refused", "hang", "drop", "401", "429", "500", "garbage")
"""Not ``truncated``: the run was accepted then, is found in the queue, and its result comes."""


def settings(kind: str, url: str, **more: str) -> dict[str, str]:
    quick = {"HOSTS": url, "TIMEOUT_S": "1.5", "TRANSFER_S": "5", "POLL_S": "0.05", "REST_S": "0.2"}
    return {f"ENGINE_{kind.upper()}_COMFYUI_{name}": value for name, value in {**quick, **more}.items()}


def image_settings(url: str) -> dict[str, str]:
    return settings("image", url, SIZE="256x144")


def video_settings(url: str) -> dict[str, str]:
    return settings("video", url)


def draw_request(_: Path, **more: Any) -> DrawRequest:
    words = {"prompt": "a red fox in the snow", "style": "ink", "tone": "calm"}
    return DrawRequest(**{**words, "width": 320, "height": 180, "seed": 7, **more})


def animate_request(folder: Path, **more: Any) -> AnimateRequest:
    picture = a_picture(folder / "key_frame.png")
    words = {"key_frame": picture, "camera": "push_in", "prompt": "the fox runs", "tone": "calm"}
    return AnimateRequest(**{**words, "width": 854, "height": 480, "fps": 24, "frames": 36, "seed": 7, **more})


def never_ends(fake: Fake) -> None:
    assert isinstance(fake, ComfyUI)
    fake.hold = True


def is_a_picture(result: Any) -> None:
    assert result.image.is_file() and result.seed == 7


def is_a_clip(result: Any) -> None:
    assert result.clip.is_file() and result.facts["frames"] >= 36


CASES = [
    Case(
        name="image/comfyui",
        fake=ComfyUI,
        settings=image_settings,
        request=draw_request,
        first="POST /prompt",
        faults=FAULTS,
        stopped="POST /interrupt",
        slow=never_ends,
        check=is_a_picture,
    ),
    Case(
        name="video/comfyui",
        fake=ComfyUI,
        settings=video_settings,
        request=animate_request,
        first="POST /prompt",
        faults=FAULTS,
        stopped="POST /interrupt",
        slow=never_ends,
        check=is_a_clip,
    ),
]


# -- for the tests of this room ------------------------------------------------------------------------


def set_up(monkeypatch: pytest.MonkeyPatch, kind: str, *fakes: ComfyUI, **more: str) -> Any:
    """An engine for these hosts."""
    for name, value in settings(kind, ",".join(fake.url for fake in fakes), **more).items():
        monkeypatch.setenv(name, value)
    return ComfyUIImage() if kind == "image" else ComfyUIVideo()


def painter(monkeypatch: pytest.MonkeyPatch, *fakes: ComfyUI, **more: str) -> ComfyUIImage:
    """An image engine for these hosts, with small pictures."""
    engine = set_up(monkeypatch, "image", *fakes, **{"SIZE": "256x144", **more})
    assert isinstance(engine, ComfyUIImage)
    return engine


def posted(fake: ComfyUI) -> list[Any]:
    return [one.json for one in fake.calls("POST /prompt")]


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
