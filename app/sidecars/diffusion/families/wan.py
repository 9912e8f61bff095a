"""Wan 2.1 and 2.2: clips from a picture and words."""

from __future__ import annotations

from typing import Any, ClassVar

from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.families.base import Family, Inputs, Made, Watch, as_bytes, follow, shifted

_MOST_TOKENS = 512


class Wan(Family):
    name: ClassVar[str] = "wan"
    pipeline: ClassVar[str] = "WanImageToVideoPipeline"
    """The 5B model of 2.2 is published as text-to-video; the same parts animate a picture."""
    denoisers: ClassVar[tuple[str, ...]] = ("transformer", "transformer_2")

    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        shifted(pipe, ask.shift)
        made = pipe(
            image=inputs.key_frame,
            prompt=ask.prompt,
            negative_prompt=ask.negative_prompt or None,
            width=ask.width,
            height=ask.height,
            num_frames=ask.frames,
            num_inference_steps=ask.steps,
            guidance_scale=ask.guidance,
            generator=seeded,
            max_sequence_length=min(_MOST_TOKENS, pipe.tokenizer.model_max_length),
            output_type="np",
            callback_on_step_end=follow(watch, ask.steps),
        )
        return Made(as_bytes(made.frames), {"shift": ask.shift})
