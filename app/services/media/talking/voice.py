"""What the mouth does at every moment of a recording: how far it is open, how wide, and where the stress lies.

No words are known, only the sound. How far lips part follows the strength of the voice between 200 and 3000 Hz against
the recording's own loud and quiet; hissing (above 4 kHz) comes with nearly closed teeth, humming (no first formant)
with closed lips. A vowel whose second formant is strong is spoken with spread lips, one without with round ones. All
is measured a hundred times a second with windows centred on their moment, so that nothing lags.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.core.errors import ValidationFailed
from app.models.timeline import SAMPLE_RATE
from app.services.media import sound

Numbers = NDArray[np.float64]
RATE = 100
"""Measurements a second."""
MAX_S = 1800
"""Seconds of the longest recording that is taken: half an hour."""
_HOP = SAMPLE_RATE // RATE
_WINDOW = 1024
_BANDS = ((80, 250), (250, 900), (900, 3000), (4000, 9000))
"""Hz: voice, first formant, second formant, hiss."""
_SILENT_DB = -55.0
_RANGE_DB = 30.0
"""From the loud parts of a recording down to where the lips are closed."""
_LEAD_S = 0.02
"""The lips move this much before the sound, as those of speakers do."""

_FALL = 0.08
"""How much of the whole opening the lips close in a hundredth of a second at most."""


class Voice(NamedTuple):
    """One value per hundredth of a second."""

    open: Numbers
    """0 closed to 1 wide open."""
    wide: Numbers
    """-1 round to 1 spread."""
    stress: Numbers
    """0 to 1: the slow swell of the loudest syllables."""
    duration_s: float
    samples: int
    """At 48 kHz."""

    def at(self, track: Numbers, time_s: float) -> float:
        """The value of one of the tracks at a moment."""
        return float(np.interp(time_s * RATE - 0.5, np.arange(track.size), track))


def hear(path: Path, check: Callable[[], None]) -> Voice:
    """Measure a recording. Raises UnsupportedMedia for no sound, ValidationFailed if it is empty or too long."""
    _short_enough(sound.length_s(path))
    bands, samples = _measured(path, check)
    if not samples:
        raise ValidationFailed(f"The recording {path.name} is empty")
    voice, first, second, hiss = bands.T
    level = 10 * np.log10(voice * 0.3 + first + second + 0.15 * hiss + 1e-12)
    heard = level[level > _SILENT_DB]
    if not heard.size:
        still = np.zeros(level.size)
        return Voice(still, still, still, samples / SAMPLE_RATE, samples)
    loud, quiet = np.percentile(heard, 92), np.percentile(level, 8)
    lowest = max(loud - _RANGE_DB, min(quiet + 6, loud - 12), _SILENT_DB)
    strength = np.clip((level - lowest) / (loud - lowest), 0, 1.15) ** 1.5
    whole = first + second + hiss + 1e-12
    hissing = np.clip((hiss / whole - 0.35) / 0.4, 0, 1)
    humming = np.clip((voice / (first + second + 1e-12) - 2.5) / 5, 0, 1)
    shut = (1 - 0.7 * hissing) * (1 - 0.7 * humming)
    opened = _followed(strength * shut)
    slope = 10 * np.log10((second + 1e-12) / (first + 1e-12))
    voiced = strength > 0.15
    middle = float(np.median(slope[voiced])) if voiced.any() else 0.0
    wide = _smooth(np.clip((slope - middle) / 8, -1, 1) * np.clip(strength * 3, 0, 1), 0.05)
    return Voice(_lead(np.clip(opened, 0, 1)), _lead(wide), _stress(strength), samples / SAMPLE_RATE, samples)


def _short_enough(duration_s: float) -> None:
    if duration_s > MAX_S:
        told = f"{int(duration_s) // 3600}:{int(duration_s) // 60 % 60:02}:{int(duration_s) % 60:02}"
        raise ValidationFailed(f"The recording lasts {told}: at most {MAX_S // 60} minutes can be spoken")


def _measured(path: Path, check: Callable[[], None]) -> tuple[Numbers, int]:
    """Power in each band, (moments, bands), and how many samples there are."""
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    masks = np.stack([(frequencies >= low) & (frequencies < high) for low, high in _BANDS], 1).astype(np.float64)
    window = np.hanning(_WINDOW)
    masks *= 2 / (_WINDOW * float((window**2).sum()))
    before = (_WINDOW - _HOP) // 2
    held = np.zeros(before)
    rows: list[Numbers] = []
    samples = 0
    for block in sound.regular(sound.read(path, 1)):
        check()
        samples += block.shape[1]
        _short_enough(samples / SAMPLE_RATE)
        held = np.concatenate([held, block[0]])
        held = _taken(held, rows, window, masks)
    if samples:
        _taken(np.concatenate([held, np.zeros(_WINDOW)]), rows, window, masks)
    count = -(-samples // _HOP)
    return (np.concatenate(rows)[:count] if rows else np.zeros((0, len(_BANDS)))), samples


def _taken(held: Numbers, rows: list[Numbers], window: Numbers, masks: Numbers) -> Numbers:
    """Measure as many whole windows as there are; the rest is given back."""
    count = (held.size - _WINDOW) // _HOP + 1
    if count < 1:
        return held
    windows = np.lib.stride_tricks.sliding_window_view(held, _WINDOW)[: (count - 1) * _HOP + 1 : _HOP]
    rows.append(np.abs(np.fft.rfft(windows * window, axis=1)) ** 2 @ masks)
    return held[count * _HOP :]


def _smooth(track: Numbers, sigma_s: float) -> Numbers:
    reach = max(1, round(3 * sigma_s * RATE))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * RATE)) ** 2)
    padded = np.pad(track, reach, mode="edge")
    return np.convolve(padded, bell / bell.sum(), "valid")


def _followed(target: Numbers) -> Numbers:
    """Lips are not as quick as sound: they open within about 40 ms and take twice as long to close."""
    held = np.zeros(target.size)
    value = 0.0
    for number, wanted in enumerate(target):
        value = max(float(wanted), value - _FALL)
        held[number] = value
    return _smooth(0.4 * held + 0.6 * target, 0.024)


def _lead(track: Numbers) -> Numbers:
    return np.append(track[round(_LEAD_S * RATE) :], np.repeat(track[-1], round(_LEAD_S * RATE)))[: track.size]


def _stress(strength: Numbers) -> Numbers:
    slow = _smooth(strength, 0.12)
    least = _smooth(strength, 1.2)
    return _smooth(np.clip((slow - least - 0.08) / 0.35, 0, 1), 0.08)
