"""The sidecar's model: a run is one picture or one clip by one of the models that lie in MODELS_DIR."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from loguru import logger

from app.core.errors import EngineFailed, EngineUnavailable, ValidationFailed
from app.sidecars.diffusion import device as devices
from app.sidecars.diffusion import speed
from app.sidecars.diffusion.ask import KEY_FRAME, Ask, asked, references
from app.sidecars.diffusion.catalog import KNOWN
from app.sidecars.diffusion.device import GB, Device
from app.sidecars.diffusion.families.base import DENOISED, Family, Inputs, Made, Watch
from app.sidecars.diffusion.families.cogvideox import CogVideoX
from app.sidecars.diffusion.families.flux import Flux
from app.sidecars.diffusion.families.hunyuan import Hunyuan
from app.sidecars.diffusion.families.ltx import LTX
from app.sidecars.diffusion.families.sdxl import SDXL
from app.sidecars.diffusion.families.svd import SVD
from app.sidecars.diffusion.families.wan import Wan
from app.sidecars.diffusion.libraries import torch
from app.sidecars.diffusion.models import Shelf
from app.sidecars.diffusion.residents import Resident, Residents
from app.sidecars.diffusion.settings import DiffusionSettings
from app.sidecars.frames import read_picture, write_clip, write_picture
from app.sidecars.model import Model, Run

PICTURE, CLIP = "picture.png", "clip.mp4"
"""The names of results."""
_SEEDS = 2**63
_CHUNKS = ((40, 8), (20, 4), (0, 2))
"""SVD decodes so many frames at once with so many GB at least."""


class Diffusion(Model):
    """Serves every family, or those of ``settings.families``."""

    name: ClassVar[str] = "diffusion"

    def __init__(self, settings: DiffusionSettings) -> None:
        self._settings = settings
        self._shelf = Shelf(settings)
        self._device: Device | None = None
        self._residents: Residents | None = None
        self._current = ""

    def setup(self) -> None:
        """Find the device and load the models of DIFFUSION_WARM.

        Raises EngineFailed for settings that cannot be used, EngineUnavailable for models to warm that are not here.
        """
        speed.check_attention(self._settings.attention)
        speed.check_weights(self._settings)
        try:
            device = devices.found(self._settings)
        except RuntimeError as error:
            raise EngineFailed(str(error)) from error
        if self._settings.offload == "sequential" and device.kind == "cpu":
            raise EngineFailed("DIFFUSION_OFFLOAD=sequential needs a device to offload from")
        self._device = device
        self._residents = Residents(self._shelf, device, self._settings, self._families(device))
        logger.info("works on {}", device.said)
        for name in self._settings.warm:
            if name not in KNOWN:
                raise EngineFailed(f"DIFFUSION_WARM: there is no model {name}; known: {', '.join(KNOWN)}")
            self._residents.get(name, False, lambda: None)

    def _families(self, device: Device) -> dict[str, Family]:
        chunk = self._settings.decode_chunk or next(frames for gb, frames in _CHUNKS if device.budget >= gb * GB)
        families: tuple[Family, ...] = (Flux(), SDXL(), CogVideoX(), SVD(chunk), Hunyuan(), Wan(), LTX())
        return {family.name: family for family in families}

    def models(self) -> tuple[list[str], dict[str, str]]:
        lacks = {name: self._shelf.lacking(name) for name in self._shelf.served()}
        return [name for name, lack in lacks.items() if not lack], {name: lack for name, lack in lacks.items() if lack}

    def facts(self) -> dict[str, Any]:
        settings = self._settings
        chosen = {
            name: getattr(settings, name)
            for name in ("offload", "attention", "cache", "compile", "quantize", "layerwise", "vae_tiling")
        }
        versions = {name: version(name) for name in ("torch", "diffusers", "transformers")}
        memory = {"budget_gb": round(self._device.budget / GB, 1)} if self._device is not None else {}
        kept = self._residents.facts() if self._residents is not None else {}
        return {"settings": chosen, "versions": versions, **memory, **kept}

    def device(self) -> str:
        return self._device.said if self._device is not None else ""

    def affinity(self, request: dict[str, Any]) -> str:
        return str(request.get("model", ""))

    def free(self) -> None:
        """Everything leaves; the model that ran out comes back with more of it offloaded."""
        if self._residents is not None:
            self._residents.ran_out(self._current)

    def run(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        """See ``ask.Ask`` for the request and its files. Leaves ``picture.png`` or ``clip.mp4``."""
        ask = asked(request, files)
        self._current = ask.model
        device, residents = self._device, self._residents
        if device is None or residents is None:
            raise EngineUnavailable("The sidecar is not set up yet")
        pictures = references(files)
        adapted = ask.references == "ip-adapter" and bool(pictures)
        if ask.references == "kontext" and ask.model != "flux-kontext":
            raise ValidationFailed(f"{ask.known.title} takes no reference by Kontext, only flux-kontext does")
        inputs = Inputs(
            key_frame=_fitted(files.get(KEY_FRAME), ask),
            references=[read_picture(path) for path in pictures] if ask.references != "none" else [],
        )
        began = time.monotonic()
        run.progress(0.0, f"loading {ask.model}")
        devices.start_measuring(device.kind)
        resident = residents.get(ask.model, adapted, run.check)
        loaded = time.monotonic()
        cache = resident.cache.ready(ask.steps, (ask.guidance or 0) > 1)
        if resident.adapted:
            ask, inputs = self._referring(resident, ask, inputs, adapted)
        made = generate(resident, ask, inputs, run)
        run.progress(DENOISED + 0.07, "writing")
        height, width = (int(side) for side in made.frames.shape[1:3])
        if ask.known.frames is None:
            write_picture(folder / PICTURE, made.frames[0])
        else:
            write_clip(folder / CLIP, made.frames, ask.fps)
        return {
            **made.facts,
            "model": ask.model,
            "title": ask.known.title,
            "seed": ask.seed,
            "width": width,
            "height": height,
            "steps": ask.steps,
            "guidance": ask.guidance,
            **({"frames": len(made.frames), "fps": ask.fps} if ask.known.frames else {}),
            "references": len(pictures) if inputs.references else 0,
            "loading_s": round(loaded - began, 3),
            "seconds": round(time.monotonic() - loaded, 3),
            "peak_memory_bytes": devices.peak(device.kind),
            "device": device.said,
            "settings": {**resident.in_force, "cache": cache},
        }

    def _referring(self, resident: Resident, ask: Ask, inputs: Inputs, adapted: bool) -> tuple[Ask, Inputs]:
        """For a pipeline with its adapter on: the reference's scale, or an empty picture that counts nothing."""
        if adapted:
            scale = self._settings.reference_scale if ask.reference_scale is None else ask.reference_scale
            resident.pipe.set_ip_adapter_scale(scale)
            return ask, inputs
        resident.pipe.set_ip_adapter_scale(0.0)
        blank = import_module("PIL.Image").new("RGB", (64, 64))
        return ask.model_copy(update={"references": "ip-adapter"}), replace(inputs, references=[blank])


def _fitted(path: Path | None, ask: Ask) -> Any:
    """A picture in the run's size, or as it is for a model that chooses its size by it; None: there is none."""
    if path is None:
        return None
    return read_picture(path, None if ask.known.sizes.own else (ask.width, ask.height))


def generate(resident: Resident, ask: Ask, inputs: Inputs, watch: Watch) -> Made:
    """One run of a pipeline that is ready. Afterwards it is as before, whatever happened.

    Raises Canceled within one step, EngineFailed for what the pipeline itself refuses.
    """
    seeded = torch().Generator("cpu").manual_seed(ask.seed % _SEEDS)
    try:
        with torch().inference_mode():
            return resident.family.make(resident.pipe, ask, inputs, seeded, watch)
    except (ValueError, TypeError) as error:
        raise EngineFailed(f"{ask.known.title} refused the request: {error}") from error
    finally:
        # A run that stopped half-way leaves caches filled and parts on the device.
        resident.pipe.maybe_free_model_hooks()
