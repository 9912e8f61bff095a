"""CogVideoX: clips from a picture and words, 1.0 only at the size it was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.families.base import Family, Inputs, Made, Watch, as_bytes, follow
from app.sidecars.diffusion.libraries import diffusers

_MOST_TOKENS = 226


class CogVideoX(Family):
    name: ClassVar[str] = "cogvideox"

    def load(self, folder: Path, **more: Any) -> Any:
        """With the scheduler that its authors sample the 5B models with."""
        pipe = super().load(folder, **more)
        pipe.scheduler = diffusers().CogVideoXDPMScheduler.from_config(
            pipe.scheduler.config, timestep_spacing="trailing"
        )
        return pipe

    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        made = pipe(
            image=inputs.key_frame,
            prompt=ask.prompt,
            negative_prompt=ask.negative_prompt or None,
            width=ask.width,
            height=ask.height,
            num_frames=ask.frames,
            num_inference_steps=ask.steps,
            guidance_scale=ask.guidance,
            use_dynamic_cfg=True,
            generator=seeded,
            max_sequence_length=min(_MOST_TOKENS, pipe.transformer.config.max_text_seq_length),
            output_type="np",
            callback_on_step_end=follow(watch, ask.steps),
        )
        return Made(as_bytes(made.frames))
