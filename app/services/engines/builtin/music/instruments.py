"""The instruments: each makes one note as a sum of decaying partials, in closed form and without a sample loop.

A string's partials are the powers of one decaying phasor z = exp((i w - d) t): the k-th sounds k times as high
and dies k times as fast, as on a real string, and the whole tone is one polynomial in z.
Everything is at RATE, half the film's: nothing here sounds above 10 kHz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
Wave = NDArray[np.float32]
_HIGHEST_HZ = 9_500.0


def _hertz(pitch: float) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


def _time(length_s: float) -> Wave:
    return np.arange(round(length_s * RATE), dtype=np.float32) / np.float32(RATE)


def _string(pitch: float, length_s: float, partials: tuple[float, ...], decay: float, vibrato: float = 0.0) -> Wave:
    t, hertz = _time(length_s), _hertz(pitch)
    phase = (2 * np.pi * hertz) * t.astype(np.float64)
    if vibrato:
        phase += vibrato * hertz * np.minimum(1, t * 2) * np.sin(2 * np.pi * 5.2 * t)
    level = np.exp(np.float32(-decay) * t)
    wrapped = np.remainder(phase, 2 * np.pi).astype(np.float32)
    z = np.empty(t.size, np.complex64)
    z.real, z.imag = level * np.cos(wrapped), level * np.sin(wrapped)
    usable = partials[: max(1, int(_HIGHEST_HZ / hertz))]
    total = np.full(t.size, usable[-1], np.complex64)
    for amplitude in usable[-2::-1]:
        total *= z
        total += np.complex64(amplitude)
    return _shaped((total * z).imag, 0.003, 0.12)


def _tone(phase: NDArray[np.float64], partials: tuple[float, float, float, float]) -> Wave:
    """Four harmonics of a phase, by the multiple-angle formulas: two transcendental functions instead of four."""
    wrapped = np.remainder(phase, 2 * np.pi).astype(np.float32)
    s, c = np.sin(wrapped), np.cos(wrapped)
    first, second, third, fourth = (np.float32(value) for value in partials)
    curve: Wave = s * (first - third + c * (2 * second - 4 * fourth + c * (4 * third + c * (8 * fourth))))
    return curve


def _shaped(wave: Wave, attack_s: float, release_s: float) -> Wave:
    """A raised-cosine rise and fall, so that no note begins or ends with a click."""
    rise, fall = (min(round(part * RATE), wave.size // 2) for part in (attack_s, release_s))
    shaped = np.array(wave, np.float32)
    shaped[:rise] *= _slope(rise)
    shaped[wave.size - fall :] *= _slope(fall)[::-1]
    return shaped


def _slope(count: int) -> Wave:
    slope: Wave = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(1, count))).astype(np.float32)
    return slope


def _plucked_at(place: float, rolloff: float, count: int) -> tuple[float, ...]:
    """Amplitudes of the partials of a string plucked at ``place`` of its length."""
    return tuple(float(abs(np.sin(np.pi * k * place)) / k**rolloff) for k in range(1, count + 1))


_PLUCK, _HARP, _ZITHER = _plucked_at(0.21, 1.5, 8), _plucked_at(0.38, 2.0, 5), _plucked_at(0.13, 1.15, 14)


def note(instrument: str, pitch: float, length_s: float) -> Wave:
    """(samples,) for one loudspeaker or (2, samples) for an instrument that is wide by itself; about 1 at most.

    A plucked note rings as long as it rings; of ``length_s`` only the pad, the flute and the bass take notice.
    """
    brightness = max(0.0, (pitch - 60) / 24)
    if instrument == "pluck":
        return 0.8 * _string(pitch, 2.2, _PLUCK, 1.3 + brightness)
    if instrument == "harp":
        return 0.8 * _string(pitch, 1.8, _HARP, 1.7 + brightness)
    if instrument == "zither":
        return 0.9 * _string(pitch, 2.4, _ZITHER, 1.1 + 0.7 * brightness, vibrato=0.005)
    if instrument == "bell":
        parts = ((1.0, 0.6, 1.5), (2.0, 0.22, 2.4), (3.01, 0.1, 4.0), (5.4, 0.04, 7.0))
        sounding = [_partial(_hertz(pitch) * ratio, level, decay, 2.6) for ratio, level, decay in parts]
        return _shaped(np.sum(sounding, axis=0), 0.004, 0.2)
    if instrument == "bass":
        return _shaped(_string(pitch, length_s + 0.3, (0.8, 0.35, 0.16, 0.07), 0.8), 0.014, 0.25)
    if instrument == "drum":
        t = _time(0.9)
        return _shaped(np.exp(-5 * t) * np.sin(2 * np.pi * (50 * t - 5 * np.exp(-9 * t))), 0.006, 0.2)
    return _flute(pitch, length_s) if instrument == "flute" else _pad(pitch, length_s)


def _partial(hertz: float, amplitude: float, decay: float, length_s: float) -> Wave:
    t = _time(length_s)
    curve: Wave = np.float32(amplitude) * np.exp(np.float32(-decay) * t) * np.sin(np.float32(2 * np.pi * hertz) * t)
    return curve


def _flute(pitch: float, length_s: float) -> Wave:
    t, hertz = _time(max(0.25, length_s) + 0.12).astype(np.float64), _hertz(pitch)
    phase = 2 * np.pi * hertz * t + 0.0045 * hertz * np.clip(2 * t - 0.5, 0, 1) * np.sin(2 * np.pi * 5 * t)
    return _shaped(0.3 * _tone(phase, (1.0, 0.3, 0.11, 0.03)), 0.09, 0.22)


def _pad(pitch: float, length_s: float) -> Wave:
    """Two slightly detuned voices, one for each loudspeaker: their slow beating is the width."""
    t, hertz = _time(length_s + 0.9).astype(np.float64), _hertz(pitch)
    swell = min(0.9, length_s / 2)
    sides = [
        _shaped(0.5 * _tone(2 * np.pi * hertz * ratio * t + turn, (1.0, 0.36, 0.16, 0.06)), swell, 1.1)
        for ratio, turn in ((0.9988, 0.0), (1.0012, 2.1))
    ]
    return np.stack(sides)
