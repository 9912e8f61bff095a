"""Where a pipeline's parts stay: on the device, or outside it until they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.sidecars.diffusion.device import GB, Device
from app.sidecars.diffusion.libraries import torch
from app.sidecars.diffusion.settings import Offload

TIGHTER: dict[str, Offload] = {"none": "model", "model": "group", "group": "sequential"}
"""What to try after a run was out of memory."""


@dataclass(frozen=True)
class Weight:
    """Bytes of a pipeline's weights."""

    whole: int
    largest: int
    """Of its largest part."""

    def on_device(self, offload: Offload) -> int:
        """What stays on the device or is brought there at a time. Groups are a few layers: guessed as a tenth."""
        shares = {"none": self.whole, "model": self.largest, "group": self.largest // 10, "sequential": 0}
        return shares[offload]


def weigh(pipe: Any) -> Weight:
    parts = [_bytes(part) for part in pipe.components.values() if hasattr(part, "parameters")]
    return Weight(sum(parts), max(parts, default=0))


def _bytes(module: Any) -> int:
    tensors = [*module.parameters(), *module.buffers()]
    return sum(int(tensor.numel()) * int(tensor.element_size()) for tensor in tensors)


def choose(wanted: Offload, weight: Weight, working_gb: float, device: Device) -> Offload:
    """``wanted``, or for ``auto`` the first that fits: whole, part by part, or in groups of layers.

    With 24 GB every model whose weights and work are more than that is offloaded. On a CPU there is nowhere to go.
    """
    if wanted != "auto":
        return wanted
    if device.kind == "cpu":
        return "none"
    working = int(working_gb * GB)
    fitting: tuple[Offload, ...] = ("none", "model")
    return next((one for one in fitting if weight.on_device(one) + working <= device.budget), "group")


def place(pipe: Any, offload: Offload, device: Device) -> None:
    """Put a pipeline that is on the CPU where ``offload`` says."""
    if offload == "none":
        pipe.to(device.kind)
    elif offload == "model":
        pipe.enable_model_cpu_offload(device=device.kind)
    elif offload == "sequential":
        pipe.enable_sequential_cpu_offload(device=device.kind)
    else:
        streams = device.kind == "cuda"
        # The VAE stays: in tiles, it is called so often that fetching it each time costs more than its few megabytes.
        pipe.enable_group_offload(
            onload_device=torch().device(device.kind),
            offload_device=torch().device("cpu"),
            offload_type="leaf_level",
            use_stream=streams,
            low_cpu_mem_usage=streams,
            exclude_modules=[name for name in ("vae",) if name in pipe.components],
        )


def lifted(pipe: Any) -> None:
    """Take a pipeline off the device and undo model or sequential offloading."""
    pipe.remove_all_hooks()
    pipe.to("cpu")
