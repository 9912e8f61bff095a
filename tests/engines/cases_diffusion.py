"""Engines of the diffusion sidecar in the contract that every engine keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contract import Case, a_picture
from fakes.base import Fake
from fakes.diffusion import Diffusion

from app.models.engine import AnimateRequest, AnimateResult, DrawRequest, DrawResult

IMAGES = ("flux", "sdxl")
VIDEOS = ("hunyuan", "cogvideox", "svd", "wan", "ltx")


def a_drawing(folder: Path) -> DrawRequest:
    return DrawRequest(
        prompt="小兔子在森林里", prompt_en="a rabbit in the woods", style="watercolor", tone="warm",
        width=320, height=180, seed=11,
    )  # fmt: skip


def a_shot(folder: Path) -> AnimateRequest:
    return AnimateRequest(
        key_frame=a_picture(folder / "key.png"), camera="push_in",
        prompt="小兔子抬头看", prompt_en="the rabbit looks up", width=320, height=180, fps=24, frames=72, seed=12,
    )  # fmt: skip


def settings(kind: str, provider: str) -> Callable[[str], dict[str, str]]:
    own = f"ENGINE_{kind}_{provider}_".upper()
    return lambda url: {"DIFFUSION_HOST": url, f"{own}TIMEOUT_S": "1.5"}


def _endless(fake: Fake) -> None:
    assert isinstance(fake, Diffusion)
    fake.endless = True


def _a_picture_of_the_size_asked_for(result: DrawResult) -> None:
    assert result.seed == 11
    assert result.image.stat().st_size > 100


def _a_clip(result: AnimateResult) -> None:
    assert result.clip is not None
    assert result.facts["clip"]["frames"] > 0


CASES: list[Case] = [
    Case(
        name=f"{kind}/{provider}",
        fake=Diffusion,
        settings=settings(kind, provider),
        request=a_drawing if kind == "image" else a_shot,
        first="PUT /runs/.*",
        stopped="POST /runs/.*/cancel",
        slow=_endless,
        check=_a_picture_of_the_size_asked_for if kind == "image" else _a_clip,
    )
    for kind, providers in (("image", IMAGES), ("video", VIDEOS))
    for provider in providers
]
