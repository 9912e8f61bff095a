"""LTX-Video: clips from a picture and words, fast."""

from __future__ import annotations

from typing import Any, ClassVar

from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.families.base import Family, Inputs, Made, Watch, as_bytes, follow

_MOST_TOKENS = 128
_DECODE_TIMESTEP, _DECODE_NOISE = 0.05, 0.025
"""What decoders that are told the time want (0.9.1 and later); older ones are told nothing."""


class LTX(Family):
    name: ClassVar[str] = "ltx"
    pipeline: ClassVar[str] = "LTXImageToVideoPipeline"
    """It is published as text-to-video; the same parts animate a picture."""

    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        more: dict[str, Any] = {}
        if pipe.vae.config.timestep_conditioning:
            more = {"decode_timestep": _DECODE_TIMESTEP, "decode_noise_scale": _DECODE_NOISE}
        made = pipe(
            image=inputs.key_frame,
            prompt=ask.prompt,
            negative_prompt=ask.negative_prompt or None,
            width=ask.width,
            height=ask.height,
            num_frames=ask.frames,
            frame_rate=ask.fps,
            num_inference_steps=ask.steps,
            guidance_scale=ask.guidance,
            generator=seeded,
            max_sequence_length=min(_MOST_TOKENS, pipe.tokenizer.model_max_length),
            output_type="np",
            callback_on_step_end=follow(watch, ask.steps),
            **more,
        )
        return Made(as_bytes(made.frames))
