"""Filters for sound: second-order sections turned into an impulse response, applied block by block by FFT.

NumPy has no recursive filter, and a Python loop over samples would cost minutes; an impulse response cut where
it has died away is the same filter to within -120 dB.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.models.timeline import SAMPLE_RATE

Block = NDArray[np.float32]
"""Sound as (channels, samples), 1.0 is full scale."""
_SIZES = (51_200, 64_000, 72_000, 81_920, 96_000)
"""2^a * 3^b * 5^c: fast, and enough for one second at 48 kHz and a response of up to a second."""
TAPS = 3200


class Section(NamedTuple):
    """One second-order section: (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2)."""

    b: tuple[float, float, float]
    a: tuple[float, float]


@lru_cache
def response(sections: tuple[Section, ...]) -> NDArray[np.float32]:
    """The first TAPS samples of the sections' joint impulse response, faded out over the last quarter."""
    size = 16 * TAPS
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    whole = np.ones_like(z)
    for (b0, b1, b2), (a1, a2) in sections:
        whole *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
    taps = np.fft.irfft(whole, size)[:TAPS]
    taps[-TAPS // 4 :] *= np.linspace(1, 0, TAPS // 4)
    return taps.astype(np.float32)


class Fir:
    """A causal filter over a stream; the delay is that of the taps, at most a second of them, not of the blocks."""

    def __init__(self, taps: NDArray[np.float32], channels: int) -> None:
        self._size = next(size for size in _SIZES if size >= len(taps) + SAMPLE_RATE - 1)
        self._spectrum = np.fft.rfft(taps, self._size)
        self._step = self._size - len(taps) + 1
        self._tail = np.zeros((channels, len(taps) - 1), np.float32)

    def push(self, block: Block) -> Block:
        """The filtered block, as long as the one given. State carries over to the next."""
        out = np.empty_like(block)
        for start in range(0, block.shape[1], self._step):
            part = block[:, start : start + self._step]
            whole = np.fft.irfft(np.fft.rfft(part, self._size) * self._spectrum, self._size)
            heard = whole.astype(np.float32, copy=False)
            heard[:, : self._tail.shape[1]] += self._tail
            out[:, start : start + part.shape[1]] = heard[:, : part.shape[1]]
            self._tail = heard[:, part.shape[1] : part.shape[1] + self._tail.shape[1]].copy()
        return out
