"""The pipelines in memory: loaded when first asked for, kept within a budget; what was used longest ago goes first."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from app.sidecars.diffusion import placement, speed
from app.sidecars.diffusion.catalog import KNOWN
from app.sidecars.diffusion.device import GB, Device, empty
from app.sidecars.diffusion.families.base import Family
from app.sidecars.diffusion.models import Shelf
from app.sidecars.diffusion.settings import DiffusionSettings, Offload


@dataclass
class Resident:
    """A pipeline that is ready to run, and what is in force for it."""

    name: str
    adapted: bool
    """It has its IP-Adapter on; every run then needs a reference, if only one that counts nothing."""
    pipe: Any
    family: Family
    weight: placement.Weight
    offload: Offload
    cache: speed.StepCache
    in_force: dict[str, Any] = field(default_factory=dict)

    @property
    def on_device(self) -> int:
        return self.weight.on_device(self.offload)

    @property
    def outside(self) -> int:
        return 0 if self.offload == "none" else self.weight.whole


class Residents:
    """Used by the one thread that runs; ``names`` by others, too."""

    def __init__(self, shelf: Shelf, device: Device, settings: DiffusionSettings, families: dict[str, Family]) -> None:
        self._shelf, self._device, self._settings, self._families = shelf, device, settings, families
        self._kept: OrderedDict[str, Resident] = OrderedDict()
        self._placed: dict[str, Offload] = {}
        self._tightened: dict[str, Offload] = {}

    def names(self) -> list[str]:
        """Least recently used first."""
        return list(self._kept)

    def get(self, name: str, adapted: bool, check: Callable[[], None]) -> Resident:
        """The pipeline of a model. Raises EngineUnavailable when its weights, or its adapter's, are missing.

        ``check`` is called between the steps of loading and may raise Canceled.
        """
        kept = self._kept.get(name)
        if kept is not None and (kept.adapted or not adapted):
            self._kept.move_to_end(name)
            return kept
        self.drop(name)
        folder = self._shelf.folder(name)
        adapter = self._shelf.adapter(name) if adapted else None
        family = self._families[KNOWN[name].family]
        self._make_room(self._shelf.size(name), 0)
        check()
        began = time.monotonic()
        options = speed.quantization(family.denoisers, self._settings)
        pipe = family.load(folder, dtype=self._device.torch_dtype, **options)
        pipe.set_progress_bar_config(disable=True)
        if adapter is not None:
            family.add_adapter(pipe, adapter.folder, adapter.weights, self._device.torch_dtype)
        check()
        made = self._settled(name, adapted, pipe, family)
        logger.info("{} is loaded in {:.1f} s: {}", name, time.monotonic() - began, made.in_force)
        self._kept[name] = made
        return made

    def _settled(self, name: str, adapted: bool, pipe: Any, family: Family) -> Resident:
        """Speed settings, room on the device, and the move there."""
        settings, device = self._settings, self._device
        denoisers = [part for part in (getattr(pipe, one, None) for one in family.denoisers) if part is not None]
        narrow = speed.narrowed(denoisers, settings, device.torch_dtype)
        force: dict[str, Any] = {"dtype": device.dtype, "weights": narrow}
        force["attention"] = speed.attention(denoisers, settings.attention, family.name, device)
        force["vae_tiling"] = self._tiled(pipe, family, KNOWN[name].frames is not None)
        weight = placement.weigh(pipe)
        offload = self._tightened.get(name) or placement.choose(
            settings.offload, weight, KNOWN[name].working_gb, device
        )
        made = Resident(
            name, adapted, pipe, family, weight, offload, speed.StepCache(family.name, pipe, denoisers, settings), force
        )
        self._placed[name] = offload
        self._make_room(made.outside, made.on_device)
        placement.place(pipe, offload, device)
        force["offload"] = offload
        force["compile"] = speed.compiled(denoisers, settings)
        return made

    def _tiled(self, pipe: Any, family: Family, moving: bool) -> bool:
        wanted = self._settings.vae_tiling == "on" or (self._settings.vae_tiling == "auto" and moving)
        if wanted and family.tiles:
            pipe.vae.enable_tiling()
        return wanted and family.tiles

    def _make_room(self, outside: int, on_device: int) -> None:
        """Drop what was not used for longest until so much more fits; what does not fit alone is tried all the same."""
        cpu = self._device.kind == "cpu"
        while self._kept:
            on = sum(one.on_device for one in self._kept.values()) + on_device
            off = sum(one.outside for one in self._kept.values()) + outside
            # On a CPU device memory and the machine's are the same.
            fits = on + off <= self._device.budget if cpu else (
                on <= self._device.budget and off <= self._device.ram_budget
            )  # fmt: skip
            if fits:
                return
            name = next(iter(self._kept))
            logger.info("{} leaves: {:.1f} GB are needed", name, max(outside, on_device) / GB)
            self.drop(name)

    def drop(self, name: str) -> None:
        """Forget a pipeline, if it is there, and give its memory back."""
        kept = self._kept.pop(name, None)
        if kept is not None:
            kept.pipe.remove_all_hooks()
            del kept
            empty(self._device.kind)

    def clear(self) -> None:
        for name in self.names():
            self.drop(name)
        empty(self._device.kind)

    def ran_out(self, name: str) -> None:
        """A run of ``name`` was out of memory: the others leave, and it comes back with more of it offloaded."""
        offload = self._placed.get(name, "sequential")
        if offload in placement.TIGHTER and self._settings.offload == "auto" and self._device.kind != "cpu":
            self._tightened[name] = placement.TIGHTER[offload]
            logger.warning("{} ran out of memory with offload {}; next: {}", name, offload, self._tightened[name])
        self.clear()

    def facts(self) -> dict[str, Any]:
        kept = list(self._kept.values())
        return {
            "resident": [one.name for one in kept],
            "device_gb": round(sum(one.on_device for one in kept) / GB, 2),
            "outside_gb": round(sum(one.outside for one in kept) / GB, 2),
        }
