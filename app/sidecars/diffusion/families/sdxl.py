"""Stable Diffusion with a U-Net: XL and its Turbo, 2.1, and 1.5 descendants such as Realistic Vision.

``model_index.json`` says which of the two pipelines a checkpoint is for; both are called alike.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from app.core.errors import EngineFailed
from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.families.base import Family, Inputs, Made, Watch, as_bytes, follow


class SDXL(Family):
    name: ClassVar[str] = "sdxl"
    denoisers: ClassVar[tuple[str, ...]] = ("unet",)
    adapters: ClassVar[bool] = True

    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        more: dict[str, Any] = {}
        if inputs.references and ask.references == "ip-adapter":
            # One adapter, several pictures of it: the inner list.
            more["ip_adapter_image"] = [inputs.references] if len(inputs.references) > 1 else inputs.references[0]
        made = pipe(
            prompt=ask.prompt,
            negative_prompt=ask.negative_prompt or None,
            width=ask.width,
            height=ask.height,
            num_inference_steps=ask.steps,
            guidance_scale=ask.guidance,
            generator=seeded,
            output_type="np",
            callback_on_step_end=follow(watch, ask.steps),
            **more,
        )
        if any(getattr(made, "nsfw_content_detected", None) or []):
            raise EngineFailed("The model's own safety checker refused the picture")
        return Made(as_bytes(made.images))

    def add_adapter(self, pipe: Any, folder: Path, weights: str, dtype: Any) -> None:
        pipe.load_ip_adapter(
            str(folder),
            subfolder="",
            weight_name=weights,
            image_encoder_folder="image_encoder",
            local_files_only=True,
        )
