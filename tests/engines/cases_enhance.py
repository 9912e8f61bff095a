"""Engines of the enhancement sidecar in the contract that every engine keeps."""

from __future__ import annotations

from pathlib import Path

from contract import Case
from fakes.base import Fake
from fakes.enhance import fake_enhance, scene, write_clip
from fakes.sidecar import FakeSidecar

from app.models.engine import ClipResult, InterpolateRequest, UpscaleRequest


def a_small_clip(folder: Path) -> Path:
    at = scene(0, 96, 54)
    return write_clip(folder / "small.mp4", [at(number) for number in range(5)])


def _endless(fake: Fake) -> None:
    assert isinstance(fake, FakeSidecar)
    fake.never_ends = True


def _larger(result: ClipResult) -> None:
    assert (result.facts["width"], result.facts["height"], result.facts["frames"]) == (192, 108, 5)
    assert result.facts["sound"]


def _smoother(result: ClipResult) -> None:
    assert (result.facts["width"], result.facts["frames"], result.facts["fps"]) == (96, 10, 24.0)
    assert result.facts["sound"]


CASES = [
    Case(
        name=f"{kind}/{provider}",
        fake=fake_enhance,
        settings=lambda url, own=f"ENGINE_{kind}_{provider}_".upper(): {
            "VIDEO_ENHANCE_URL": url,
            f"{own}TIMEOUT_S": "0.8",
            f"{own}POLL_S": "0.01",
        },
        request=lambda folder, request=request: request(clip=a_small_clip(folder), factor=2),
        first="PUT /runs/.*",
        stopped="POST /runs/.*/cancel",
        slow=_endless,
        check=check,
    )
    for kind, provider, request, check in (
        ("upscale", "flashvsr", UpscaleRequest, _larger),
        ("interpolate", "rife", InterpolateRequest, _smoother),
    )
]
