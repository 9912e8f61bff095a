"""Sound to test with, made on the spot, and ways to listen to a file by measuring it."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 48_000
Sound = NDArray[np.float32]


def _nothing() -> None:
    """The check of a job that nobody cancels."""


@pytest.fixture
def check() -> Callable[[], None]:
    return _nothing


@pytest.fixture
def save_wav(tmp_path: Path) -> Callable[..., Path]:
    """(name, samples (n,) or (channels, n), rate) -> 16-bit WAV."""

    def save(name: str, samples: Sound, rate: int = RATE) -> Path:
        path, channels = tmp_path / name, np.atleast_2d(samples)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(channels.shape[0])
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes((np.clip(channels.T, -1, 1) * 32767).round().astype("<i2").tobytes())
        return path

    return save


@pytest.fixture
def load_wav() -> Callable[[Path], tuple[Sound, int]]:
    """16-bit WAV -> (channels, n), rate."""

    def load(path: Path) -> tuple[Sound, int]:
        with wave.open(str(path)) as file:
            assert file.getsampwidth() == 2
            raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            return raw.reshape(-1, file.getnchannels()).T.astype(np.float32) / 32768, file.getframerate()

    return load


@pytest.fixture
def play() -> Callable[[Path], Sound]:
    """What a player hears of an AAC track: frames put where their time stamps say, cut where the track ends."""

    def heard(path: Path) -> Sound:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            length = stream.duration * stream.time_base * RATE
            frames = [(round(f.pts * f.time_base * RATE), f.to_ndarray()) for f in container.decode(stream)]
        out = np.zeros((2, max(at + x.shape[1] for at, x in frames)), np.float32)
        for at, x in frames:
            out[:, max(0, at) : at + x.shape[1]] = x[:, max(0, -at) :]
        return out[:, : round(length)]

    return heard


@pytest.fixture
def speechlike() -> Callable[..., Sound]:
    """Syllables of noise between 1 and 4 kHz: ``seconds`` at about ``level`` RMS."""

    def make(seconds: float, level: float = 0.1, seed: int = 1) -> Sound:
        count = round(seconds * RATE)
        noise = np.random.default_rng(seed).standard_normal(count)
        spectrum, hertz = np.fft.rfft(noise), np.fft.rfftfreq(count, 1 / RATE)
        voice = np.fft.irfft(spectrum * ((hertz > 1000) & (hertz < 4000)), count)
        syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(count) / RATE)
        return (voice * syllables * level / voice.std()).astype(np.float32)

    return make


@pytest.fixture
def hum() -> Callable[..., Sound]:
    """Stereo "music" below 400 Hz, so that it can be told from a voice by a filter."""

    def make(seconds: float, level: float = 0.2) -> Sound:
        t = np.arange(round(seconds * RATE)) / RATE
        return (level * np.stack([np.sin(2 * np.pi * 220 * t), np.sin(2 * np.pi * 330 * t)])).astype(np.float32)

    return make
