"""RIFE: pictures between pictures, by the network of a Practical-RIFE checkout (github.com/hzwer/Practical-RIFE, MIT).

Only the network and its weights are the checkout's; its script reads and writes through a folder that two runs would
share, loses the sound with some options and mistakes cuts. From version 3.9 of the network on, whose ``inference``
takes the moment wanted; tensors are (1, 3, height, width) from 0 to 1, padded to multiples of 128 / scale.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.core.errors import EngineUnavailable

from .changes import cut, grey, same
from .clips import Rgb, Shown

FETCH = "./deploy.sh fetch rife"
_FILES = ("RIFE_HDv3.py", "IFNet_HDv3.py", "flownet.pkl")
_PACKAGES = ("train_log", "model")
_OLDEST = 3.9
_UHD = 1920
"""Pixels of the longer side beyond which motion is looked for at half size."""

_UNREADABLE = (OSError, RuntimeError, EOFError, ValueError, LookupError, AttributeError, TypeError, pickle.PickleError)
"""What torch raises for a file that is none of its own, such as a page that says that a download failed."""


def lacking(folder: Path) -> str:
    """What is missing to run it, in a sentence; empty: nothing."""
    for name in _FILES:
        if not (folder / "train_log" / name).is_file():
            return f"{folder / 'train_log' / name} is missing: {FETCH}"
    if importlib.util.find_spec("torch") is None:
        return "the package torch is not installed: pip install -r video_enhance/requirements.txt"
    return ""


class Rife:
    """The loaded network. Raises EngineUnavailable when the checkout or its weights cannot be used."""

    def __init__(self, folder: Path, fp16: bool) -> None:
        import torch

        if reason := lacking(folder):
            raise EngineUnavailable(f"RIFE cannot run: {reason}")
        self._torch = torch
        self._model = _loaded(folder)
        self.version = float(getattr(self._model, "version", 0))
        if self.version < _OLDEST:
            raise EngineUnavailable(f"RIFE's network is {self.version}; {_OLDEST} or newer is needed: {FETCH}")
        _fill(self._model, folder / "train_log")
        self._model.eval()
        self._model.device()
        self.device = next(self._model.flownet.parameters()).device
        self._half = fp16 and self.device.type == "cuda"

    def tensor(self, rgb: Rgb, scale: float) -> Any:
        torch = self._torch
        height, width = rgb.shape[:2]
        step = max(128, int(128 / scale))
        right, below = -width % step, -height % step
        picture = torch.from_numpy(np.ascontiguousarray(rgb)).to(self.device).permute(2, 0, 1)[None].float() / 255
        return torch.nn.functional.pad(picture, (0, right, 0, below))

    def between(self, first: Any, second: Any, share: float, scale: float, size: tuple[int, int]) -> Rgb:
        """The picture that is ``share`` of the way from one tensor to the other, of this width and height."""
        torch = self._torch
        half = torch.autocast("cuda", torch.float16) if self._half else contextlib.nullcontext()
        with torch.inference_mode(), half:
            made = self._model.inference(first, second, share, scale)
            levels = (made[0].float() * 255).round().clamp(0, 255).to(torch.uint8)
            rgb: Rgb = levels.permute(1, 2, 0)[: size[1], : size[0]].cpu().numpy()
        return rgb


def _loaded(folder: Path) -> Any:
    """The checkout's ``Model``, whose modules import each other by names of the checkout's top."""
    path = str(folder.resolve())
    for name in [name for name in sys.modules if name.split(".")[0] in _PACKAGES]:
        del sys.modules[name]
    sys.path.insert(0, path)
    try:
        importlib.invalidate_caches()
        return importlib.import_module("train_log.RIFE_HDv3").Model()
    except (ImportError, AttributeError, SyntaxError, TypeError) as error:
        raise EngineUnavailable(f"RIFE's checkout in {folder} cannot be used: {error}") from error
    finally:
        sys.path.remove(path)


def _fill(model: Any, folder: Path) -> None:
    """Load the weights, all of them.

    Not by the checkout's ``load_model``, which takes only keys with ``module.`` in them and does not mind what is
    missing: a file saved without that prefix would leave random weights, which still make pictures.
    """
    import torch

    file = folder / "flownet.pkl"
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        raise EngineUnavailable(f"RIFE's weights {file} cannot be read: {FETCH} ({type(error).__name__})") from error
    given = {name.replace("module.", ""): value for name, value in saved.items()} if isinstance(saved, dict) else {}
    wanted = model.flownet.state_dict()
    absent = sorted(name for name, value in wanted.items() if name not in given or given[name].shape != value.shape)
    if absent:
        raise EngineUnavailable(
            f"RIFE's weights {file} do not fit its network: {len(absent)} of {len(wanted)} are missing or of another "
            f"size, {absent[0]} among them. Fetch both of one version: {FETCH}"
        )
    model.flownet.load_state_dict({name: given[name] for name in wanted})


class Inbetweens:
    """Makes ``factor`` pictures of each of a clip; counts what it found.

    Every picture stays where it was. At a cut the one before is held, where nothing moves too; a single repeated
    picture is replaced by one on the way to the next, for else the motion would stop and go.
    """

    def __init__(
        self,
        rife: Rife,
        factor: int,
        scale: float | None,
        check: Callable[[], None],
        told: Callable[[int], None] = lambda done: None,
    ) -> None:
        self._rife, self._factor, self._scale, self._check, self._told = rife, factor, scale, check, told
        self.cuts = self.repeated = self.bridged = 0
        self._done = 0

    def make(self, pictures: Iterator[Shown]) -> Iterator[Shown]:
        now = _seen(next(pictures))
        coming = _next(pictures)
        while coming is not None:
            after = _next(pictures)
            self._check()
            if not same(now[1], coming[1]):
                yield from self._moving([now], coming)
            elif after is not None and not same(coming[1], after[1]):
                yield from self._moving([now, coming], after)
                coming, after = after, _next(pictures)
            else:
                yield from self._still(now)
                while after is not None and same(coming[1], after[1]):
                    yield from self._still(coming)
                    coming, after = after, _next(pictures)
            now, coming = coming, after
        yield from self._held(now[0])

    def _moving(self, slots: list[_Seen], target: _Seen) -> Iterator[Shown]:
        start = slots[0][0]
        if cut(slots[0][1], target[1]):
            self.cuts += 1
            for slot, _ in slots:
                yield from self._held(slot)
            return
        self.bridged += len(slots) - 1
        height, width = start.rgb.shape[:2]
        scale = self._scale or (0.5 if max(width, height) > _UHD else 1.0)
        first, second = (self._rife.tensor(one.rgb, scale) for one in (start, target[0]))
        for slot, _ in slots:
            for part in self._held(slot):
                self._check()
                share = float((part.start - start.start) / (target[0].start - start.start))
                if share:
                    made = self._rife.between(first, second, share, scale, (width, height))
                    part = part._replace(rgb=made)
                yield part

    def _still(self, picture: _Seen) -> Iterator[Shown]:
        self.repeated += 1
        return self._held(picture[0])

    def _held(self, slot: Shown) -> Iterator[Shown]:
        length = slot.length / self._factor
        for number in range(self._factor):
            yield Shown(slot.start + number * length, length, slot.rgb)
        self._done += 1
        self._told(self._done)


_Seen = tuple[Shown, Any]
"""A picture and its light."""


def _seen(shown: Shown) -> _Seen:
    return shown, grey(shown.rgb)


def _next(pictures: Iterator[Shown]) -> _Seen | None:
    shown = next(pictures, None)
    return None if shown is None else _seen(shown)
