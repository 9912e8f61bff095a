"""What the sidecar needs to know of a family of models: which class loads it and how one run of it is called."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from app.core.errors import EngineFault
from app.sidecars.diffusion.ask import Ask
from app.sidecars.diffusion.libraries import diffusers

BEGUN, DENOISED = 0.03, 0.9
"""Shares of a run: before the first step, and before decoding."""


class Watch(Protocol):
    """The run as the harness follows it."""

    def progress(self, fraction: float, message: str = "") -> None: ...

    def check(self) -> None:
        """Raises Canceled when the user canceled."""


@dataclass(frozen=True)
class Inputs:
    """Pictures (PIL, RGB), already of the sizes that the run works with."""

    key_frame: Any = None
    references: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    frames: Any
    """uint8 array of frames, height, width, 3: one frame for a picture."""
    facts: dict[str, Any] = field(default_factory=dict)


class Family(ABC):
    name: ClassVar[str]
    pipeline: ClassVar[str] = "DiffusionPipeline"
    """The class of diffusers that loads it; this one takes the class that ``model_index.json`` names."""
    denoisers: ClassVar[tuple[str, ...]] = ("transformer",)
    """Components that every step runs: they are compiled, cached, quantised."""
    tiles: ClassVar[bool] = True
    """Its VAE can decode in tiles."""
    adapters: ClassVar[bool] = False
    """It takes reference pictures by an IP-Adapter."""

    def load(self, folder: Path, **more: Any) -> Any:
        """The pipeline in ``folder``, on the CPU."""
        return getattr(diffusers(), self.pipeline).from_pretrained(str(folder), local_files_only=True, **more)

    @abstractmethod
    def make(self, pipe: Any, ask: Ask, inputs: Inputs, seeded: Any, watch: Watch) -> Made:
        """Carry out one run with the generator ``seeded``. Raises Canceled within one step."""

    def add_adapter(self, pipe: Any, folder: Path, weights: str, dtype: Any) -> None:
        """Load the IP-Adapter in ``folder``."""
        raise NotImplementedError(f"{self.name} has no IP-Adapter")


def follow(watch: Watch, steps: int) -> Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]:
    """A ``callback_on_step_end`` that tells of each step and stops the run between two."""
    watch.check()
    watch.progress(BEGUN, f"step 0 of {steps}")

    def step_ended(pipe: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        told(watch, number + 1, steps)
        return tensors

    return step_ended


def told(watch: Watch, done: int, steps: int) -> None:
    watch.check()
    watch.progress(BEGUN + (DENOISED - BEGUN) * min(1.0, done / steps), f"step {done} of {steps}")


def as_bytes(made: Any) -> Any:
    """A pipeline's floats (0 to 1, any leading axes) as uint8 frames. Raises EngineFault for not-a-number."""
    import numpy as np

    values = np.asarray(made, dtype=np.float32)
    values = values.reshape(-1, *values.shape[-3:])
    if not np.isfinite(values).all():
        raise EngineFault("The model gave a picture of not-a-number; with float16 try DIFFUSION_DTYPE=bfloat16")
    return (values.clip(0, 1) * 255).round().astype(np.uint8)


def shifted(pipe: Any, shift: float | None) -> None:
    """Give a flow-matching scheduler another shift, under whichever name it has."""
    config = pipe.scheduler.config
    name = "flow_shift" if "flow_shift" in config else "shift"
    if shift is None or name not in config or config[name] == shift:
        return
    pipe.scheduler = type(pipe.scheduler).from_config(config, **{name: shift})
