"""The room that the players sit in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.services.media.tones import RATE, Wave

BLOCK = 65_536
"""Samples at RATE that are played at once, 2.7 s."""
_FFT = 138_240
"""2^10 * 3^3 * 5: a block and the longest hall."""
_PRE_DELAY_S = 0.016
_EARLY = ((0.011, 0.55), (0.019, 0.42), (0.027, 0.38), (0.038, 0.3), (0.053, 0.22))
"""Second and level of the first reflections; the other ear hears them a little later."""


def in_a_room(blocks: Iterator[Wave], hall_s: float, wet: float) -> Iterator[Wave]:
    """(3, BLOCK) blocks of left, right and what goes into the room -> (2, BLOCK) with the room's answer."""
    spectra = np.fft.rfft(wet * hall(hall_s), _FFT)
    tail = np.zeros((2, _FFT - BLOCK), np.float32)
    for block in blocks:
        answer = np.fft.irfft(np.fft.rfft(block[2], _FFT) * spectra, _FFT).astype(np.float32, copy=False)
        answer[:, : tail.shape[1]] += tail
        tail = answer[:, BLOCK:].copy()
        yield block[:2] + answer[:, :BLOCK]


def hall(hall_s: float) -> Wave:
    """Impulse response (2, n) of a hall that is ``hall_s`` seconds long (60 dB), of power 1: a few early reflections,
    then noise that is different for each ear, and darker as it fades."""
    count = min(_FFT - BLOCK, round((1.15 * hall_s + 0.1) * RATE))
    t = np.arange(count) / RATE
    spectrum = np.fft.rfft(np.random.default_rng(1750).standard_normal((2, count)))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    total = np.zeros((2, count))
    # Three bands, the higher the shorter: air and velvet swallow the treble first.
    for low, high, share, level in ((120, 700, 1.0, 1.0), (700, 2600, 0.85, 0.62), (2600, 7500, 0.5, 0.4)):
        band = spectrum / (1 + (low / (hertz + 1)) ** 4) / (1 + (hertz / high) ** 4)
        total += level * np.fft.irfft(band, count) * np.exp(-6.9 * t / (share * hall_s))
    total *= np.clip((t - _PRE_DELAY_S) / 0.03, 0, 1) * np.clip((t[-1] - t) / (0.2 * hall_s), 0, 1)
    total /= np.sqrt((total**2).sum(1, keepdims=True))
    for ear, late in ((0, 0.0), (1, 0.0017)):
        for at, level in _EARLY:
            total[ear, round((at + late * (1 + 30 * at)) * RATE)] += 0.5 * level * (1 if at < 0.03 else 0.8)
    response: Wave = total.astype(np.float32)
    return response
