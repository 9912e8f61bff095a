"""FLUX.1: pictures from words (``FluxPipeline``), and from words and a reference (``FluxKontextPipeline``)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from app.core.errors import EngineFailed
from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.catalog import size_for
from app.sidecars.diffusion.families.base import Family, Inputs, Made, Watch, as_bytes, follow
from app.sidecars.diffusion.libraries import torch

_MOST_TOKENS = 512
_TRUE_GUIDANCE = 4.0
"""With a negative prompt FLUX runs twice per step and guides like older models; adapters were made with this."""


class Flux(Family):
    name: ClassVar[str] = "flux"
    adapters: ClassVar[bool] = True

    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        more: dict[str, Any] = {}
        if ask.negative_prompt:
            more = {"negative_prompt": ask.negative_prompt, "true_cfg_scale": _TRUE_GUIDANCE}
        if type(pipe).__name__ == "FluxKontextPipeline":
            more["image"] = _one_picture(inputs.references, ask)
            # The size was chosen for the film; left to itself the pipeline snaps to one of its own.
            more |= {"max_area": ask.width * ask.height, "_auto_resize": False}
        elif inputs.references and ask.references == "ip-adapter":
            more["ip_adapter_image"] = inputs.references[0]
        made = pipe(
            prompt=ask.prompt,
            width=ask.width,
            height=ask.height,
            num_inference_steps=ask.steps,
            guidance_scale=ask.guidance,
            generator=seeded,
            max_sequence_length=min(_MOST_TOKENS, pipe.tokenizer_2.model_max_length),
            output_type="np",
            callback_on_step_end=follow(watch, ask.steps),
            **more,
        )
        return Made(as_bytes(made.images))

    def add_adapter(self, pipe: Any, folder: Path, weights: str, dtype: Any) -> None:
        """Raises EngineFailed for Kontext, which needs none."""
        if type(pipe).__name__ != "FluxPipeline":
            raise EngineFailed("FLUX.1-Kontext takes references itself and has no IP-Adapter")
        pipe.load_ip_adapter(
            str(folder),
            weight_name=weights,
            local_files_only=True,
            image_encoder_pretrained_model_name_or_path=str(folder / "image_encoder"),
            image_encoder_dtype=dtype,
        )
        pipe.image_encoder.to(device=torch().device("cpu"))


def _one_picture(pictures: list[Any], ask: Ask) -> Any:
    """Kontext takes one picture of about the size that it draws: several of the cast stand beside each other in it.

    None: there is nothing to refer to.
    """
    if not pictures:
        return None
    height = min(picture.height for picture in pictures)
    widths = [max(1, round(picture.width * height / picture.height)) for picture in pictures]
    whole = size_for(ask.known.sizes, sum(widths), height, ask.width * ask.height)
    if len(pictures) == 1:
        return pictures[0].resize(whole)
    canvas = import_module("PIL.Image").new("RGB", (sum(widths), height))
    at = 0
    for picture, width in zip(pictures, widths, strict=True):
        canvas.paste(picture.resize((width, height)), (at, 0))
        at += width
    return canvas.resize(whole)
