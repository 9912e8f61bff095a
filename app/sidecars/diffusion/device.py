"""Which device works, in which number format, and how much memory it has."""

from __future__ import annotations

import gc
import resource
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from app.sidecars.diffusion.libraries import torch
from app.sidecars.diffusion.settings import DiffusionSettings

GB = 1024**3
_SHARE = 0.9
_RAM_SHARE = 0.7


@dataclass(frozen=True)
class Device:
    kind: str
    """``cuda``, ``mps`` or ``cpu``."""
    dtype: str
    """Name of a torch dtype."""
    name: str
    total: int
    """Bytes of its memory."""
    budget: int
    """Bytes that models may take of it, work included."""
    ram_budget: int
    """Bytes that models may take outside of it."""

    @property
    def torch_dtype(self) -> Any:
        return getattr(torch(), self.dtype)

    @property
    def said(self) -> str:
        return f"{self.kind} ({self.name}, {self.total / GB:.1f} GB), {self.dtype}"


def found(settings: DiffusionSettings) -> Device:
    """The device to work on. Raises RuntimeError when the one that was asked for is not there."""
    kind = _kind(settings.device)
    ram = int(import_module("psutil").virtual_memory().total)
    ram_budget = int(settings.ram_gb * GB) or int(ram * _RAM_SHARE)
    if kind == "cuda":
        card = torch().cuda.get_device_properties(0)
        total, name = int(card.total_memory), str(card.name)
        half = "bfloat16" if torch().cuda.is_bf16_supported(including_emulation=False) else "float16"
    elif kind == "mps":
        total, name, half = int(torch().mps.recommended_max_memory()), "Apple GPU", "bfloat16"
    else:
        total, name, half = ram, f"{torch().get_num_threads()} threads", "float32"
    share = _RAM_SHARE if kind == "cpu" else _SHARE
    budget = int(settings.memory_gb * GB) or int(total * share)
    dtype = half if settings.dtype == "auto" else settings.dtype
    return Device(kind, dtype, name, total, budget, ram_budget)


def _kind(wanted: str) -> str:
    there = {"cuda": torch().cuda.is_available(), "mps": torch().backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(kind for kind, is_there in there.items() if is_there)
    if not there[wanted]:
        raise RuntimeError(f"DIFFUSION_DEVICE={wanted}, but this machine has no such device")
    return wanted


def empty(kind: str) -> None:
    """Give back what no model holds any more."""
    gc.collect()
    if kind == "cuda":
        torch().cuda.empty_cache()
    elif kind == "mps":
        torch().mps.empty_cache()


def start_measuring(kind: str) -> None:
    if kind == "cuda":
        torch().cuda.reset_peak_memory_stats()


def peak(kind: str) -> int:
    """Bytes: the most that was taken of a card since measuring began; elsewhere the most of this process ever."""
    if kind == "cuda":
        return int(torch().cuda.max_memory_allocated())
    if kind == "mps":
        return int(torch().mps.driver_allocated_memory())
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(rss if sys.platform == "darwin" else rss * 1024)


def is_out_of_memory(error: BaseException) -> bool:
    """By type: CUDA's own error, or Python's. torch has no type of its own for a CPU that ran out."""
    return isinstance(error, (MemoryError, torch().OutOfMemoryError))
