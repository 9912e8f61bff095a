"""Stable Video Diffusion: a picture begins to move; it takes no words."""

from __future__ import annotations

from typing import Any, ClassVar

from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.families.base import Family, Inputs, Made, Watch, as_bytes, follow


class SVD(Family):
    name: ClassVar[str] = "svd"
    denoisers: ClassVar[tuple[str, ...]] = ("unet",)
    tiles: ClassVar[bool] = False

    def __init__(self, decode_chunk: int) -> None:
        """``decode_chunk``: frames that are decoded at once, for this VAE knows no tiles."""
        self._decode_chunk = decode_chunk

    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        made = pipe(
            image=inputs.key_frame,
            width=ask.width,
            height=ask.height,
            num_frames=ask.frames,
            num_inference_steps=ask.steps,
            min_guidance_scale=min(ask.min_guidance, ask.guidance or 0.0),
            max_guidance_scale=ask.guidance,
            fps=ask.fps,
            motion_bucket_id=ask.motion_bucket_id,
            noise_aug_strength=ask.noise_aug_strength,
            decode_chunk_size=self._decode_chunk,
            generator=seeded,
            output_type="np",
            callback_on_step_end=follow(watch, ask.steps),
        )
        facts = {"motion_bucket_id": ask.motion_bucket_id, "noise_aug_strength": ask.noise_aug_strength}
        return Made(as_bytes(made.frames), facts)
