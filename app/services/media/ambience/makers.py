"""Which function makes which sound, and how loud it is when it is made: all alike, by the ear's measure."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from zlib import crc32

import numpy as np

from app.services.media import loudness
from app.services.media.ambience import beds, bustle, calls, things
from app.services.media.ambience.grains import Random
from app.services.media.tones import RATE, Wave

_WINDOW = 2 * RATE // 5
"""0.4 s, over which momentary loudness is taken."""
_KNEE = 4.0
_LOUD_SHARE = 0.9
"""A bed is as loud as it is for the loudest tenth of its time: a bird is not made louder because it rests."""


def _named(module: ModuleType) -> dict[str, Callable[[Random], Wave]]:
    return {
        name: made
        for name, made in vars(module).items()
        if not name.startswith("_") and getattr(made, "__module__", "") == module.__name__
    }


def is_bed(name: str) -> bool:
    """Whether a sound lasts (True) or is heard once or twice."""
    return name in _named(beds) or name in _named(bustle)


def make(name: str, seed: int) -> Wave:
    """A sound at RATE, (2, n), 0 LUFS at its loud moments; a bed is a loop without a seam. The same seed, the same
    sound. Raises KeyError for a name that nothing makes."""
    makers = {**_named(beds), **_named(bustle), **_named(calls), **_named(things)}
    random = np.random.default_rng([seed & (2**63 - 1), crc32(name.encode())])
    wave = makers[name](random)
    wave = wave * np.float32(1 / max(1e-9, _loudness(wave, lasting=is_bed(name))))
    # A spark or a tick may not stand out of its sound so far that the mix has to be held down for it.
    over = np.maximum(0, np.abs(wave) - _KNEE)
    return np.where(over > 0, np.sign(wave) * (_KNEE + over / (1 + over / _KNEE)), wave).astype(np.float32)


def _loudness(wave: Wave, *, lasting: bool) -> float:
    """Linear level that is 1 at 0 LUFS, of the loud moments."""
    count = wave.shape[1]
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    weighted = np.fft.irfft(np.fft.rfft(wave) * loudness.weighting(hertz.astype(np.float64)), count)
    power = np.square(weighted).sum(0)
    if power.size < _WINDOW:
        moments = np.array([power.sum() / _WINDOW])
    else:
        hop = _WINDOW // 4
        hops = power[: power.size // hop * hop].reshape(-1, hop).mean(1)
        sums = np.cumsum(np.insert(hops, 0, 0.0))
        moments = (sums[4:] - sums[:-4]) / 4
    level = np.quantile(moments, _LOUD_SHARE) if lasting else moments.max()
    return float(np.sqrt(level * 10 ** (-0.0691)))
