"""Tools for noises: loops without a seam, slow life, and small grains strewn over them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.services.media.tones import RATE, Curve, Wave, seconds, shaped

LOOP = 1 << 18
"""Samples of every bed, 10.9 s."""
LOOP_S = LOOP / RATE
_POINTS = 4096
"""Of a slow curve over a loop."""
_HERTZ: Curve = np.fft.rfftfreq(LOOP, 1 / RATE).astype(np.float64)
Random = np.random.Generator


def band(low_hz: float, high_hz: float, order: int = 2) -> Curve:
    """Response of a band with soft edges, for :func:`noise`."""
    hertz = _HERTZ + 1e-3
    response: Curve = 1 / (1 + (low_hz / hertz) ** (2 * order)) / (1 + (hertz / high_hz) ** (2 * order))
    return response


def peak(at_hz: float, width_hz: float) -> Curve:
    """Response of a resonance."""
    response: Curve = 1 / (1 + ((_HERTZ - at_hz) / width_hz) ** 2)
    return response


def noise(random: Random, response: Curve) -> Wave:
    """A loop of noise of RMS 1 with the spectrum given."""
    spectrum = np.empty(response.size, np.complex64)
    spectrum.real, spectrum.imag = random.standard_normal((2, response.size), np.float32) * response.astype(np.float32)
    return _even(np.fft.irfft(spectrum, LOOP))


def filtered(wave: Wave, response: Curve) -> Wave:
    """A loop through a filter, of RMS 1."""
    return _even(np.fft.irfft(np.fft.rfft(wave) * response.astype(np.float32), LOOP))


def _even(wave: Wave | Curve) -> Wave:
    level = float(np.sqrt(np.mean(wave * wave)))
    return (wave / max(1e-9, level)).astype(np.float32)


def wander(random: Random, fastest_hz: float) -> Curve:
    """A slow curve over the loop in _POINTS points, mean 0 and deviation 1, that meets itself at the end."""
    count = max(2, int(fastest_hz * LOOP_S) + 1)
    spectrum = np.zeros(_POINTS // 2 + 1, np.complex128)
    spectrum[1:count] = random.standard_normal(count - 1) + 1j * random.standard_normal(count - 1)
    slow: Curve = np.fft.irfft(spectrum, _POINTS)
    return slow / max(1e-9, float(slow.std()))


def over(curve: Curve) -> Wave:
    """A slow curve at every sample of the loop."""
    per = LOOP // _POINTS
    steps = np.append(curve, curve[0]).astype(np.float32)
    ramp = (np.arange(per) / per).astype(np.float32)
    whole: Wave = (steps[:-1, None] + np.diff(steps)[:, None] * ramp).ravel()
    return whole


def gusts(random: Random, fastest_hz: float, depth: float) -> Wave:
    """A level around 1 that comes and goes."""
    curve = np.exp(depth * wander(random, fastest_hz))
    return over(curve / curve.mean())


def strewn(random: Random, a_second: float, response: Curve, steadiness: float = 0.0) -> Wave:
    """Impulses at random, each ringing through a filter: drops, sparks, clapping hands. RMS 1."""
    count = max(1, round(a_second * LOOP_S))
    impulses = np.zeros(LOOP, np.float32)
    sizes = steadiness + (1 - steadiness) * random.random(count) ** 3
    np.add.at(impulses, random.integers(0, LOOP, count), (sizes * random.choice([-1, 1], count)).astype(np.float32))
    return filtered(impulses, response)


def wide(left: Wave, right: Wave) -> Wave:
    return np.stack([left, right]).astype(np.float32)


def put(loop: Wave, grain: Wave, at: int, pan: float, level: float = 1.0) -> None:
    """Add a grain to a stereo loop at a sample; what passes the end goes on at the beginning."""
    count = loop.shape[1]
    places = (at + np.arange(grain.size)) % count
    angle = (1 + pan) * np.pi / 4
    loop[0, places] += np.float32(level * np.cos(angle)) * grain
    loop[1, places] += np.float32(level * np.sin(angle)) * grain


def empty() -> Wave:
    return np.zeros((2, LOOP), np.float32)


def gliding(length_s: float, hertz: Callable[[Curve], Curve], levels: tuple[float, ...] = (1.0,)) -> Wave:
    """A tone whose pitch follows a function of time (0 to 1), with harmonics at ``levels``."""
    t = seconds(length_s)
    phase = 2 * np.pi * np.cumsum(hertz(t / length_s)) / RATE
    total = np.zeros(t.size)
    for number, level in enumerate(levels, 1):
        total += level * np.sin(number * phase)
    return total.astype(np.float32)


def humped(wave: Wave, early: float = 0.5) -> Wave:
    """The wave under a smooth hill whose top is at ``early`` of its length."""
    place = np.linspace(0, 1, wave.size) ** (np.log(0.5) / np.log(early))
    hill: Wave = wave * (np.sin(np.pi * place) ** 2).astype(np.float32)
    return hill


def dying(wave: Wave, decay: float, attack_s: float = 0.002) -> Wave:
    """The wave dying away, ``decay`` in 1/s."""
    fading = wave * np.exp(-decay * np.arange(wave.size) / RATE).astype(np.float32)
    return shaped(fading, attack_s, min(0.02, 0.2 * wave.size / RATE))


def breath(random: Random, length_s: float, low_hz: float, high_hz: float) -> Wave:
    """A short piece of noise in a band, RMS about 1."""
    count = max(64, round(length_s * RATE))
    hertz = np.fft.rfftfreq(count, 1 / RATE) + 1e-3
    response = 1 / (1 + (low_hz / hertz) ** 4) / (1 + (hertz / high_hz) ** 4)
    wave = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * response, count)
    return (wave / max(1e-9, float(np.sqrt(np.mean(wave * wave))))).astype(np.float32)


def voiced(pitch: NDArray[np.float64], formants: tuple[tuple[float, float, float], ...], harmonics: int = 24) -> Wave:
    """A throat: harmonics of a pitch (Hz at every sample) weighted by resonances (Hz, width, level)."""
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    middle = float(pitch.mean())
    total = np.zeros(pitch.size)
    for number in range(1, harmonics + 1):
        hertz = number * middle
        if hertz > 9000:
            break
        level = sum(height / (1 + ((hertz - at) / width) ** 2) for at, width, height in formants) / number**0.4
        total += level * np.sin(number * phase)
    return total.astype(np.float32)


def outdoors(random: Random, wave: Wave, length_s: float, wet: float) -> Wave:
    """A single sound as it is heard from afar: (2, n) with a soft tail, longer by ``length_s``."""
    count = wave.size + round(length_s * RATE)
    tail = random.standard_normal((2, round(length_s * RATE)))
    t = np.arange(tail.shape[1]) / RATE
    tail *= np.exp(-6.0 * t / length_s) * np.clip(t / 0.02, 0, 1)
    size = 1 << (count - 1).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum = np.fft.rfft(tail, size) / (1 + (hertz / 2200) ** 2)
    heard = np.fft.irfft(np.fft.rfft(wave, size) * spectrum, size)[:, :count]
    dry = float(np.sqrt(np.mean(wave.astype(np.float64) ** 2)))
    heard *= wet * dry / max(1e-9, float(np.sqrt(np.mean(heard[:, : wave.size] ** 2))))
    heard[:, : wave.size] += 0.7 * wave
    return shaped(heard.astype(np.float32), 0.001, 0.1)
