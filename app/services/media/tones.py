"""What instruments and noises are built from: decaying partials, waves read at a changing speed, envelopes.

Everything is at RATE, half the film's: nothing made here sounds above 11 kHz. Sines are taken in double precision at
few points and multiplied out in single precision, so that a note costs little and is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
Wave = NDArray[np.float32]
"""(samples,) for one loudspeaker or (2, samples)."""
Curve = NDArray[np.float64]
HIGHEST_HZ = 9_500.0
_STEP = 256
_TABLE = 2048
_HALF_BAND = 10
"""Pairs of taps with which the samples in between are found when the rate is doubled."""


def hertz(pitch: float) -> float:
    """Of a MIDI number."""
    return float(440 * 2 ** ((pitch - 69) / 12))


def seconds(length_s: float) -> Curve:
    return np.arange(max(1, round(length_s * RATE))) / RATE


def slope(count: int) -> Wave:
    """A raised cosine from 0 to 1."""
    rise: Wave = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(1, count))).astype(np.float32)
    return rise


def shaped(wave: Wave, attack_s: float, release_s: float) -> Wave:
    """The wave with a rounded rise and fall, so that no note begins or ends with a click."""
    rise, fall = (min(round(part * RATE), wave.shape[-1] // 2) for part in (attack_s, release_s))
    out = np.array(wave, np.float32)
    out[..., :rise] *= slope(rise)
    out[..., out.shape[-1] - fall :] *= slope(fall)[::-1]
    return out


def ringing(frequencies: Sequence[float], levels: Sequence[float], decays: Sequence[float], length_s: float) -> Wave:
    """Sum of sines, each dying by its own rate (1/s); what is too high to be heard is left out."""
    rows = -(-round(length_s * RATE) // _STEP)
    far, near = np.arange(rows) * (_STEP / RATE), np.arange(_STEP) / RATE
    total = np.zeros((rows, _STEP), np.float32)
    for frequency, level, decay in zip(frequencies, levels, decays, strict=True):
        if frequency > HIGHEST_HZ + 1000:
            continue
        # exp(s (a + b)) = exp(s a) exp(s b): an outer product instead of a sine for every sample.
        a, b = level * np.exp((2j * np.pi * frequency - decay) * far), np.exp((2j * np.pi * frequency - decay) * near)
        total += np.multiply.outer(a.real.astype(np.float32), b.imag.astype(np.float32))
        total += np.multiply.outer(a.imag.astype(np.float32), b.real.astype(np.float32))
    return total.reshape(-1)[: max(1, round(length_s * RATE))]


@lru_cache(maxsize=256)
def table(levels: tuple[float, ...], most: int) -> Wave:
    """One period of a wave made of harmonics, at most ``most`` of them, with its first value again at the end."""
    turn = 2 * np.pi * np.arange(_TABLE + 1) / _TABLE
    whole = np.zeros(_TABLE + 1)
    for number, level in enumerate(levels[:most], 1):
        whole += level * np.sin(number * turn)
    return whole.astype(np.float32)


def harmonics(pitch: float) -> int:
    """How many harmonics of a note can be heard."""
    return max(1, int(HIGHEST_HZ / hertz(pitch)))


def read(wave: Wave, turns: Curve) -> Wave:
    """The table's value at ``turns`` periods, between its points by a straight line."""
    place = (turns - np.floor(turns)) * _TABLE
    index = place.astype(np.int32)
    index[index == _TABLE] = 0
    low = wave[index]
    value: Wave = low + (place - index).astype(np.float32) * (wave[index + 1] - low)
    return value


def vibrato(t: Curve, rate_hz: float, cents: float, after_s: float) -> Curve:
    """Factor of the pitch: still at first, then swinging, never quite evenly."""
    depth = np.clip((t - after_s) / 0.35, 0, 1) * cents / 1200 * np.log(2)
    swing = np.sin(2 * np.pi * (rate_hz * t + 0.11 * np.sin(2 * np.pi * 0.9 * t)))
    factor: Curve = 1 + depth * swing
    return factor


def turns(pitch: float, factor: Curve) -> Curve:
    """Periods since the beginning of a note whose pitch is multiplied by ``factor``."""
    count: Curve = np.cumsum(factor) * (hertz(pitch) / RATE)
    return count


def envelope(t: Curve, points: Sequence[tuple[float, float]]) -> Wave:
    """Straight lines through (second, level)."""
    line: Wave = np.interp(t, [at for at, _ in points], [level for _, level in points]).astype(np.float32)
    return line


def noise(length_s: float, low_hz: float, high_hz: float, seed: int) -> Wave:
    """Noise between two frequencies with soft edges, its RMS about 1."""
    count = max(64, round(length_s * RATE))
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE) + 1e-3
    spectrum *= 1 / (1 + (low_hz / frequency) ** 4) / (1 + (frequency / high_hz) ** 4)
    wave = np.fft.irfft(spectrum, count)
    return (wave / max(1e-9, float(np.sqrt(np.mean(wave * wave))))).astype(np.float32)


def together(*waves: Wave) -> Wave:
    """The sum of waves of different lengths."""
    total = np.zeros(max(wave.size for wave in waves), np.float32)
    for wave in waves:
        total[: wave.size] += wave
    return total


def doubled(blocks: Iterator[Wave]) -> Iterator[Wave]:
    """RATE to twice RATE by a half-band filter (windowed sinc); the given samples stay as they are."""
    place = np.arange(_HALF_BAND) + 0.5
    taps = np.sinc(place) * np.kaiser(2 * _HALF_BAND + 1, 7)[_HALF_BAND + 1 :]
    taps = (taps / (2 * taps.sum())).astype(np.float32)
    held = np.zeros((2, _HALF_BAND - 1), np.float32)
    for block in blocks:
        padded = np.concatenate([held, block], axis=1)
        count = padded.shape[1] - 2 * _HALF_BAND + 1
        out = np.empty((2, count, 2), np.float32)
        left = _HALF_BAND - 1
        out[:, :, 0] = padded[:, left : left + count]
        between = np.zeros((2, count), np.float32)
        for k, tap in enumerate(taps):
            between += tap * (padded[:, left - k : left - k + count] + padded[:, left + 1 + k : left + 1 + k + count])
        out[:, :, 1] = between
        held = padded[:, count:]
        yield out.reshape(2, 2 * count)
