"""Strings that are plucked and bars and bells that are struck: a sharp beginning, then they are left to ring."""

from __future__ import annotations

import numpy as np

from app.services.media import tones
from app.services.media.tones import RATE, Wave

_Partials = tuple[tuple[float, float, float], ...]
"""(multiple of the frequency, level, decay in 1/s) of each."""


def _string(
    pitch: float, force: float, place: float, dullness: float, decay: tuple[float, float], length: float
) -> Wave:
    """A string plucked at ``place`` of its length; harder is brighter. ``decay``: of the first partial, and how much
    more each next one has."""
    base = tones.hertz(pitch)
    count = min(22, int(tones.HIGHEST_HZ / base) + 1)
    k = np.arange(1, count + 1)
    stiff = base * k * np.sqrt(1 + 0.00006 * k * k)
    levels = np.abs(np.sin(np.pi * k * place)) / k ** (dullness + 0.9 * (1 - force))
    high = 1 + max(0.0, (pitch - 60) / 24)
    decays = (decay[0] + decay[1] * (k - 1)) * high
    return tones.ringing(list(stiff), list(levels), list(decays), length)


def _tap(pitch: float, force: float, low_hz: float, high_hz: float, length_s: float) -> Wave:
    """What the finger or the hammer is heard to do: a touch of noise."""
    burst = tones.noise(length_s, low_hz, high_hz, seed=int(pitch * 8) + 1)
    dying = np.exp(-np.arange(burst.size) * (6 / burst.size)).astype(np.float32)
    touch: Wave = burst * dying * np.float32(force)
    return touch


def harp(pitch: float, _length_s: float, force: float) -> Wave:
    body = _string(pitch, force, 0.36, 1.7, (1.5, 0.75), 2.4)
    return tones.shaped(tones.together(body, 0.02 * _tap(pitch, force, 300, 2500, 0.03)), 0.004, 0.5)


def pizzicato(pitch: float, _length_s: float, force: float) -> Wave:
    body = _string(pitch, force, 0.21, 1.35, (6.0, 2.2), 0.7)
    wood = tones.ringing((176.0, 291.0, 412.0), (0.10, 0.07, 0.05), (38.0, 44.0, 52.0), 0.2)
    return tones.shaped(tones.together(body, wood, 0.03 * _tap(pitch, force, 500, 4000, 0.02)), 0.003, 0.15)


def piano(pitch: float, _length_s: float, force: float) -> Wave:
    """Two strings a hair apart, a quick and a slow decay, a felt hammer."""
    low = max(0.0, (72 - pitch) / 36)
    one = _string(pitch + 0.012, force, 0.12, 1.25, (0.9, 0.42), 3.0)
    two = _string(pitch - 0.012, force, 0.12, 1.5, (2.6, 0.9), 3.0)
    felt = _tap(pitch, force, 120, 1600 + 900 * (1 - low), 0.04)
    return tones.shaped(tones.together(0.6 * one, 0.5 * two, 0.03 * felt), 0.003, 0.6)


def zither(pitch: float, length_s: float, force: float) -> Wave:
    """A guzheng: bright, a little sharp as it is plucked, and swaying under the left hand if it is held."""
    t = tones.seconds(2.6)
    sway = 11.0 if length_s > 0.9 else 0.0
    factor = tones.vibrato(t, 4.8, sway, 0.35) * (1 + 0.005 * np.exp(-t * 28))
    phase = 2 * np.pi * tones.turns(pitch, factor)
    decay = 1.15 * (1 + max(0.0, (pitch - 62) / 20))
    level = np.exp(-decay * t) * (0.65 + 0.35 * np.exp(-5 * t))
    z = np.empty(t.size, np.complex64)
    z.real, z.imag = level * np.cos(phase), level * np.sin(phase)
    count = max(1, min(15, int(tones.HIGHEST_HZ / tones.hertz(pitch))))
    levels = [abs(np.sin(np.pi * k * 0.13)) / k ** (1.05 + 0.7 * (1 - force)) for k in range(1, count + 1)]
    total = np.full(t.size, levels[-1], np.complex64)
    for amplitude in levels[-2::-1]:
        total *= z
        total += np.complex64(amplitude)
    body = (total * z).imag
    return tones.shaped(tones.together(body, 0.05 * _tap(pitch, force, 1500, 7000, 0.012)), 0.002, 0.7)


def _struck(pitch: float, force: float, partials: _Partials, length_s: float, fade_s: float = 0.3) -> Wave:
    base = tones.hertz(pitch)
    bright = 0.45 + 0.55 * force
    return tones.shaped(
        tones.ringing(
            [base * ratio for ratio, _, _ in partials],
            [level * (bright if ratio > 1.5 else 1.0) for ratio, level, _ in partials],
            [decay for _, _, decay in partials],
            length_s,
        ),
        0.002,
        fade_s,
    )


def music_box(pitch: float, _length_s: float, force: float) -> Wave:
    """A steel tooth: a clear fundamental, a high one that is gone at once, and the pin's tick."""
    parts = ((1.0, 0.7, 2.4), (1.003, 0.3, 2.9), (2.0, 0.10, 4.0), (3.02, 0.07, 6.5), (6.25, 0.16, 13.0))
    tooth = _struck(pitch, force, parts, 1.9)
    return tones.together(tooth, tones.shaped(0.025 * _tap(pitch, force, 2500, 9000, 0.012), 0.002, 0.004))


def glockenspiel(pitch: float, _length_s: float, force: float) -> Wave:
    return _struck(pitch, force, ((1.0, 0.6, 2.2), (2.76, 0.28, 4.5), (5.4, 0.15, 9.0), (8.93, 0.05, 18.0)), 2.2)


def celesta(pitch: float, _length_s: float, force: float) -> Wave:
    parts = ((1.0, 0.7, 2.1), (2.0, 0.16, 3.2), (3.0, 0.05, 5.0), (4.0, 0.12, 7.0), (0.5, 0.07, 2.0))
    return _struck(pitch, force, parts, 2.0)


def vibraphone(pitch: float, _length_s: float, force: float) -> Wave:
    wave = _struck(pitch, force, ((1.0, 0.7, 1.1), (1.002, 0.25, 1.3), (4.0, 0.2, 4.0), (10.0, 0.05, 14.0)), 3.0, 0.8)
    t = np.arange(wave.size) / RATE
    swaying = 1 - 0.16 * np.clip(4 * t, 0, 1) * (0.5 + 0.5 * np.sin(2 * np.pi * 4.6 * t))
    return wave * swaying.astype(np.float32)


def marimba(pitch: float, _length_s: float, force: float) -> Wave:
    wave = _struck(pitch, force, ((1.0, 0.8, 5.0), (3.93, 0.22, 14.0), (9.6, 0.07, 40.0)), 0.9)
    return tones.together(wave, tones.shaped(0.03 * _tap(pitch, force, 300, 3000, 0.02), 0.002, 0.005))


def electric_piano(pitch: float, _length_s: float, force: float) -> Wave:
    """A tine (a fourteenth harmonic that dies at once) over a rounded bar; it beats gently."""
    parts = ((1.0, 0.7, 1.3), (1.004, 0.25, 1.5), (2.0, 0.18, 2.2), (3.0, 0.06, 3.0), (14.0, 0.06, 16.0))
    return _struck(pitch, force, parts, 2.2, 0.6)


def synth_pluck(pitch: float, _length_s: float, force: float) -> Wave:
    """A saw whose filter closes quickly: the higher a partial, the sooner it is gone."""
    base, k = tones.hertz(pitch), np.arange(1, 17)
    levels = np.where(k % 2, 1.0, 0.6) / k ** (1.1 + 0.5 * (1 - force))
    one = tones.ringing(list(base * k), list(levels), list(2.4 + 1.6 * (k - 1)), 1.3)
    two = tones.ringing(list(base * 1.003 * k), list(levels), list(2.4 + 1.6 * (k - 1)), 1.3)
    return tones.shaped(0.5 * (one + two), 0.006, 0.35)


def bass(pitch: float, length_s: float, force: float) -> Wave:
    """A double bass, plucked: a round thump that speaks for as long as it is held."""
    body = _string(pitch, force, 0.28, 1.2, (1.5, 0.9), max(0.35, length_s) + 0.25)
    thump = tones.ringing((92.0, 140.0), (0.16, 0.08), (30.0, 36.0), 0.2)
    return tones.shaped(tones.together(body, thump, 0.02 * _tap(pitch, force, 200, 1500, 0.02)), 0.006, 0.2)


def synth_bass(pitch: float, length_s: float, force: float) -> Wave:
    base = tones.hertz(pitch)
    levels, decays = (0.9, 0.3 * force, 0.16 * force, 0.07), (0.7, 2.0, 3.5, 6.0)
    wave = tones.ringing([base * k for k in (1, 2, 3, 4)], levels, decays, max(0.25, length_s) + 0.12)
    return tones.shaped(wave, 0.012, 0.12)
