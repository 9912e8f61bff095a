"""espeak-ng called in process through ctypes (its C interface: espeak-ng/speak_lib.h, version 1.52).

The library keeps state between calls: the phase of the glottal pulse, the flutter of the pitch and a random
generator seeded by the clock, so the same sentence sounds a little different each time. For sound that is
reproducible to the byte each :func:`opened` loads a fresh copy of the library, seeds the generator and unloads
the library at the end (about 1 ms). One at a time in a process: a lock sees to that.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.core.errors import EngineFailed, EngineUnavailable

_ONE_AT_A_TIME = threading.Lock()
_SYNCHRONOUS, _DONT_EXIT, _UTF8, _BY_CHARACTER = 2, 0x8000, 1, 1
_SPEED, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_WORD = 1
_BUFFER_MS = 500
_LONGEST_PATH = 120
_LOUD = 70
"""Of 100, at which some voices reach full scale and are clipped inside the library."""


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Delivery(NamedTuple):
    """How to say it, in espeak's own terms."""

    words_per_minute: int
    pitch: int
    """0 to 100."""
    variation: int
    """Of the pitch, 0 to 100."""


class Espeak:
    """One loaded copy of the library. Made by :func:`opened`."""

    def __init__(self, library: ctypes.CDLL, rate: int) -> None:
        self._library, self.rate = library, rate
        self._sound: list[NDArray[np.int16]] = []
        self._marks: list[tuple[int, int]] = []
        self._callback = _Callback(self._hear)
        library.espeak_SetSynthCallback(self._callback)

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        if count > 0 and samples:
            self._sound.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type:
            event = events[index]
            if event.type == _WORD:
                self._marks.append((event.text_position - 1, event.sample))
            index += 1
        return 0

    def say(self, text: str, voice: str, delivery: Delivery) -> tuple[NDArray[np.int16], list[tuple[int, int]]]:
        """Mono samples at ``rate`` Hz, and (character index, sample) of each word event in order."""
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise EngineFailed(f"espeak-ng cannot load its voice {voice}")
        values = {_SPEED: delivery.words_per_minute, _VOLUME: _LOUD, _PITCH: delivery.pitch, _RANGE: delivery.variation}
        for parameter, value in values.items():
            self._library.espeak_SetParameter(parameter, value, 0)
        self._sound, self._marks = [], []
        raw = text.encode() + b"\0"
        failed = self._library.espeak_Synth(raw, len(raw), 0, _BY_CHARACTER, 0, _UTF8, None, None)
        if failed:
            raise EngineFailed(f"espeak-ng could not speak (status {failed})")
        self._library.espeak_Synchronize()
        return np.concatenate(self._sound or [np.zeros(0, np.int16)]), self._marks


def data_folder() -> Path:
    """Where espeak-ng's voices and dictionaries are (``lang/*/*``, ``voices/!v/*``). Raises EngineUnavailable."""
    return Path(_loader().get_data_path())


def _loader() -> Any:
    try:
        return import_module("espeakng_loader")
    except ImportError as error:
        raise EngineUnavailable("speech/builtin needs the Python package espeakng-loader") from error


@contextmanager
def _short_path(folder: Path) -> Iterator[Path]:
    """``folder``, or a link to it for as long as needed: the library refuses paths of more than about 240 bytes."""
    if len(os.fsencode(folder)) <= _LONGEST_PATH:
        yield folder
        return
    with TemporaryDirectory(prefix="espeak-") as shelter:
        link = Path(shelter) / "espeak-ng-data"
        link.symlink_to(folder)
        yield link


@contextmanager
def opened(seed: int) -> Iterator[Espeak]:
    """A library in its initial state; waits for whoever uses it now. Raises EngineUnavailable."""
    with _ONE_AT_A_TIME, _short_path(data_folder()) as data:
        library = ctypes.CDLL(str(_loader().get_library_path()))
        try:
            rate = int(library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, os.fsencode(data), _DONT_EXIT))
            if rate <= 0:
                raise EngineUnavailable(f"espeak-ng cannot read its data in {data}")
            library.espeak_ng_SetRandSeed(ctypes.c_long(1 + seed % 0x7FFFFFFF))
            yield Espeak(library, rate)
        finally:
            library.espeak_Terminate()
            _ctypes.dlclose(library._handle)
