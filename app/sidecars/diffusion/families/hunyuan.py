"""HunyuanVideo-1.5: clips from a picture and words, in the size that the pipeline finds by the picture's shape.

Its pipeline has no callback: steps are followed, and stopped, as the transformer is called. Guidance is a component
and not an argument. Words in double quotes go to the glyph encoder, which writes them into the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.families.base import BEGUN, Family, Inputs, Made, Watch, as_bytes, shifted, told


class Hunyuan(Family):
    name: ClassVar[str] = "hunyuan"

    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        pipe.guider = pipe.guider.new(guidance_scale=ask.guidance)
        shifted(pipe, ask.shift)
        with _followed(pipe, watch, ask.steps):
            made = pipe(
                image=inputs.key_frame,
                prompt=ask.prompt,
                negative_prompt=ask.negative_prompt or None,
                num_frames=ask.frames,
                num_inference_steps=ask.steps,
                generator=seeded,
                output_type="np",
            )
        return Made(as_bytes(made.frames), {"shift": ask.shift})


@contextmanager
def _followed(pipe: Any, watch: Watch, steps: int) -> Iterator[None]:
    """A step is one value of ``timestep``, for which guidance may call the transformer more than once."""
    watch.check()
    watch.progress(BEGUN, f"step 0 of {steps}")
    seen: list[float] = []

    def called(module: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
        watch.check()
        now = float(named["timestep"].flatten()[0])
        if not seen or seen[-1] != now:
            if seen:
                told(watch, len(seen), steps)
            seen.append(now)

    hook = pipe.transformer.register_forward_pre_hook(called, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()
