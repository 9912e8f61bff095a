"""Play a score into a WAV file, a few seconds at a time: notes, room, doubled sample rate, 16 bit."""

from __future__ import annotations

import math
import wave
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.errors import ValidationFailed
from app.models.engine import ComposeRequest
from app.models.timeline import SAMPLE_RATE
from app.services.engines.builtin.music import instruments, score
from app.services.engines.builtin.music.instruments import RATE

Stereo = NDArray[np.float32]
_LONGEST_S = 3600.0
_BLOCK = 65_536
"""Samples at RATE that are played at once, 2.7 s."""
_LONGEST_NOTE = 12 * RATE
_REVERB_FFT, _REVERB_S, _WET = 110_592, 1.8, 0.2
_LEVEL, _KNEE = 0.42, 0.75
_FADE_OUT_S = 1.6

_HALF_BAND = 10
"""Pairs of taps with which the samples in between are found when the rate is doubled."""


def compose(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """ComposeRequest to ``music.wav`` (48 kHz, stereo, 16 bit). Facts: audio, facts{tempo, moods, notes, seed}."""
    asked = ComposeRequest(**request)
    if not (math.isfinite(asked.duration_s) and 0 < asked.duration_s <= _LONGEST_S):
        raise ValidationFailed(f"Music lasts more than 0 and at most {_LONGEST_S:.0f} s, not {asked.duration_s}")
    written = score.compose(asked)
    samples = max(1, round(asked.duration_s * SAMPLE_RATE))
    with wave.open(str(folder / "music.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        at = 0
        for block in _doubled(_in_a_room(_played(written.notes, samples // 2 + 64, check))):
            check()
            block = _finished(block[:, : samples - at], at, samples)
            file.writeframesraw((block.T * 32767).round().astype("<i2").tobytes())
            at += block.shape[1]
            if at >= samples:
                break
    facts = {"tempo": written.tempo, "moods": written.moods, "notes": len(written.notes), "seed": asked.seed}
    return {"audio": "music.wav", "facts": facts}


def _played(notes: list[score.Note], samples: int, check: Callable[[], None]) -> Iterator[Stereo]:
    """The dry sound at RATE in blocks of _BLOCK; a note is added whole where it begins and carried over."""
    play = lru_cache(maxsize=96)(instruments.note)  # the same note comes again and again; forgotten with the piece
    waiting = iter(notes)
    coming = next(waiting, None)
    buffer = np.zeros((2, _BLOCK + _LONGEST_NOTE), np.float32)
    for start in range(0, samples, _BLOCK):
        while coming and round(coming.start_s * RATE) < start + _BLOCK:
            check()
            sound = play(coming.instrument, coming.pitch, round(coming.length_s, 2))
            _add(buffer, round(coming.start_s * RATE) - start, sound[..., :_LONGEST_NOTE], coming)
            coming = next(waiting, None)
        yield buffer[:, :_BLOCK].copy()
        buffer[:, :-_BLOCK] = buffer[:, _BLOCK:]
        buffer[:, -_BLOCK:] = 0


def _add(buffer: Stereo, at: int, sound: Stereo, note: score.Note) -> None:
    end = at + sound.shape[-1]
    # Equal power between the loudspeakers; a pad is wide by itself, its place only leans it a little.
    angle = (1 + note.pan * (0.3 if sound.ndim == 2 else 1.0)) * math.pi / 4
    for side, gain in enumerate((math.cos(angle), math.sin(angle))):
        buffer[side, at:end] += (sound[side] if sound.ndim == 2 else sound) * np.float32(gain * note.loudness)


def _in_a_room(blocks: Iterator[Stereo]) -> Iterator[Stereo]:
    """The dry sound and a dark, soft reverberation of a medium hall, convolved by FFT."""
    spectra = np.fft.rfft(_hall(), _REVERB_FFT)
    tail = np.zeros((2, _REVERB_FFT - _BLOCK), np.float32)
    for block in blocks:
        wet = np.fft.irfft(np.fft.rfft(block.sum(0), _REVERB_FFT) * spectra, _REVERB_FFT).astype(np.float32, copy=False)
        wet[:, : tail.shape[1]] += tail
        tail = wet[:, _BLOCK:]
        yield block + wet[:, :_BLOCK]


def _hall() -> Stereo:
    """Decaying noise, different for each ear and darker as it fades; always the same hall."""
    random = np.random.default_rng(1750)
    t = np.arange(round(_REVERB_S * RATE)) / RATE
    noise = random.standard_normal((2, t.size))
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(t.size, 1 / RATE)
    dark = np.fft.irfft(spectrum / (1 + (hertz / 1100) ** 2), t.size)
    light = np.fft.irfft(spectrum * np.exp(-hertz / 3500) * (hertz > 150), t.size)
    impulse = dark * np.exp(-3.6 * t) + 0.5 * light * np.exp(-8 * t)
    impulse *= np.clip((t - 0.012) / 0.03, 0, 1) * np.clip((_REVERB_S - t) / 0.3, 0, 1)
    hall: Stereo = (_WET * impulse / np.sqrt((impulse**2).sum(1, keepdims=True))).astype(np.float32)
    return hall


def _doubled(blocks: Iterator[Stereo]) -> Iterator[Stereo]:
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


def _finished(block: Stereo, at: int, samples: int) -> Stereo:
    """At its level, never above full scale, and gone by the last sample."""
    block = block * np.float32(_LEVEL)
    loud = np.abs(block) > _KNEE
    if loud.any():
        over = (np.abs(block[loud]) - _KNEE) / (1 - _KNEE)
        block[loud] = np.sign(block[loud]) * (_KNEE + (1 - _KNEE) * np.tanh(over))
    fade = min(round(_FADE_OUT_S * SAMPLE_RATE), samples // 3 + 1)
    left = samples - at - 1 - np.arange(block.shape[1])
    if left.size and left[-1] < fade:
        block *= np.sin(np.clip(left / fade, 0, 1) * (np.pi / 2)).astype(np.float32) ** 2
    return block
