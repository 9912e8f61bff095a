"""What a run is asked for: the JSON that an engine sends, checked against the model's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.errors import ValidationFailed
from app.sidecars.diffusion.catalog import KNOWN, Aid, Known, fits

KEY_FRAME = "key_frame"
REFERENCE = "reference_"
"""File fields: the picture that a clip starts from, and ``reference_0`` onwards."""


class Ask(BaseModel):
    """Numbers that are not given are the model's own (``catalog``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    prompt: str = ""
    negative_prompt: str = ""
    width: int = Field(default=0, ge=0, le=8192)
    height: int = Field(default=0, ge=0, le=8192)
    """Pixels; 0 for models that choose themselves."""
    frames: int = Field(default=0, ge=0, le=2000)
    fps: int = Field(default=0, ge=0, le=120)
    """Of the clip's file, and what a model is told where it asks for it."""
    steps: int = Field(default=0, ge=0, le=500)
    guidance: float | None = Field(default=None, ge=0, le=50)
    shift: float | None = Field(default=None, gt=0, le=50)
    seed: int = 0
    references: Aid = "none"
    """How the reference files are used."""
    reference_scale: float | None = Field(default=None, ge=0, le=2)
    motion_bucket_id: int = Field(default=127, ge=1, le=255)
    noise_aug_strength: float = Field(default=0.02, ge=0, le=1)
    min_guidance: float = Field(default=1.0, ge=0, le=50)
    """SVD's guidance rises from this to ``guidance`` over the clip."""

    @property
    def known(self) -> Known:
        return KNOWN[self.model]


def asked(request: Mapping[str, Any], files: Mapping[str, Path]) -> Ask:
    """The request with the model's own numbers filled in. Raises ValidationFailed saying what the model cannot do."""
    try:
        ask = Ask.model_validate(dict(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValidationFailed(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
    known = KNOWN.get(ask.model)
    if known is None:
        raise ValidationFailed(f"There is no model {ask.model[:60]!r}; known: {', '.join(KNOWN)}")
    clip = known.frames
    full = ask.model_copy(
        update={
            "steps": ask.steps or known.steps,
            "guidance": known.guidance if ask.guidance is None else ask.guidance,
            "shift": ask.shift or known.shift,
            "frames": (ask.frames or clip.usual) if clip else 0,
            "fps": (ask.fps or clip.fps) if clip else 0,
        }
    )
    _check(full, known, files)
    return full


def _check(ask: Ask, known: Known, files: Mapping[str, Path]) -> None:
    if known.frames is not None:
        if KEY_FRAME not in files:
            raise ValidationFailed(f"{known.title} makes clips from a picture: send the file {KEY_FRAME}")
        if not fits(known.frames, ask.frames):
            step = known.frames.step
            raise ValidationFailed(f"{known.title} makes {step}N+1 frames, not {ask.frames}")
    if known.sizes.own:
        return
    if not ask.width or not ask.height:
        raise ValidationFailed(f"{known.title} needs a width and a height")
    if ask.width % known.sizes.step or ask.height % known.sizes.step:
        raise ValidationFailed(
            f"{known.title} wants sides that are multiples of {known.sizes.step}, not {ask.width}x{ask.height}"
        )


def references(files: Mapping[str, Path]) -> list[Path]:
    """The reference pictures in their order."""
    named = sorted(
        (int(name.removeprefix(REFERENCE)), path) for name, path in files.items() if name.startswith(REFERENCE)
    )
    return [path for _, path in named]
