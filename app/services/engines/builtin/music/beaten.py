"""Drums, wood and metal without a pitch that matters."""

from __future__ import annotations

import numpy as np

from app.services.media import tones
from app.services.media.tones import Wave


def _burst(length_s: float, low: float, high: float, decay: float, seed: int) -> Wave:
    wave = tones.noise(length_s, low, high, seed)
    return wave * np.exp(-decay * np.arange(wave.size) / tones.RATE).astype(np.float32)


def _skin(length_s: float, start_hz: float, drop_hz: float, fall: float, decay: float) -> Wave:
    """A drum's skin: its pitch sinks as the blow dies away."""
    t = tones.seconds(length_s)
    phase = start_hz * t + drop_hz / fall * (1 - np.exp(-fall * t))
    return (np.exp(-decay * t) * np.sin(2 * np.pi * phase)).astype(np.float32)


def drum(_pitch: float, _length_s: float, force: float) -> Wave:
    """A big low drum, struck softly."""
    body = tones.together(_skin(1.3, 54, 34, 22, 4.2), 0.35 * _skin(0.6, 96, 30, 30, 9.0))
    stick = 0.06 * force * _burst(0.12, 120, 1400, 40, 3)
    return tones.shaped(tones.together(body, stick), 0.004, 0.3)


def timpani(pitch: float, _length_s: float, force: float) -> Wave:
    base = tones.hertz(pitch)
    parts = [base * ratio for ratio in (1.0, 1.5, 1.98, 2.44)]
    body = tones.ringing(parts, (0.8, 0.4 * force, 0.26 * force, 0.12 * force), (2.4, 3.2, 4.5, 6.0), 1.6)
    return tones.shaped(tones.together(body, 0.05 * _burst(0.1, 90, 900, 45, 5)), 0.004, 0.4)


def kick(_pitch: float, _length_s: float, force: float) -> Wave:
    return tones.shaped(
        tones.together(_skin(0.45, 46, 70, 34, 9.0), 0.03 * force * _burst(0.05, 300, 3000, 90, 7)), 0.002, 0.1
    )


def woodblock(pitch: float, _length_s: float, force: float) -> Wave:
    """A temple block with a cloth on it."""
    base = 430.0 if pitch < 60 else 610.0
    body = tones.ringing((base, base * 1.53, base * 2.9), (0.7, 0.3, 0.1 * force), (26.0, 34.0, 60.0), 0.3)
    return tones.shaped(tones.together(body, 0.02 * _burst(0.03, 600, 4000, 120, 11)), 0.002, 0.08)


def brush(_pitch: float, length_s: float, _force: float) -> Wave:
    """Wire over a drum's skin: it swells and sinks."""
    t = tones.seconds(max(0.2, length_s))
    level = (np.sin(np.pi * np.clip(t / t[-1], 0, 1)) ** 1.5).astype(np.float32)
    return tones.shaped(level * tones.noise(max(0.2, length_s), 1800, 7500, 13)[: t.size], 0.02, 0.05) * np.float32(0.3)


def brush_tap(_pitch: float, _length_s: float, force: float) -> Wave:
    return tones.shaped(0.3 * _burst(0.25, 1500, 6500, 22, 17) * np.float32(0.5 + force), 0.004, 0.08)


def hat(_pitch: float, _length_s: float, _force: float) -> Wave:
    return tones.shaped(0.3 * _burst(0.12, 5200, 10_000, 48, 19), 0.002, 0.04)


def shaker(_pitch: float, _length_s: float, _force: float) -> Wave:
    wave = tones.noise(0.14, 4200, 9500, 23)
    return tones.shaped(0.3 * wave, 0.05, 0.08)


def rim(_pitch: float, _length_s: float, force: float) -> Wave:
    body = tones.ringing((820.0, 1710.0), (0.5, 0.3 * force), (60.0, 80.0), 0.15)
    return tones.shaped(tones.together(body, 0.05 * _burst(0.03, 900, 5000, 150, 29)), 0.002, 0.05)


def triangle(_pitch: float, _length_s: float, _force: float) -> Wave:
    parts = ((2450.0, 0.3, 2.6), (4312.0, 0.34, 2.2), (6580.0, 0.22, 3.0), (8750.0, 0.12, 4.2))
    frequencies, levels, decays = zip(*parts, strict=True)
    return tones.shaped(tones.ringing(frequencies, levels, decays, 2.0), 0.002, 0.5)


def swell(_pitch: float, length_s: float, _force: float) -> Wave:
    """A cymbal rolled with soft sticks from nothing, and let go."""
    length = max(0.4, length_s)
    t = tones.seconds(length + 0.9)
    level = np.interp(t, (0, length * 0.6, length, length + 0.9), (0, 0.22, 1.0, 0.0)) ** 1.6
    left, right = (tones.noise(length + 0.9, 2600, 9000, seed)[: t.size] for seed in (31, 37))
    wave: Wave = (0.3 * level * np.stack([left, right])).astype(np.float32)
    return tones.shaped(wave, 0.05, 0.2)
