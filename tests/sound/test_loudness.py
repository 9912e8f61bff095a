"""Loudness and true peak against FFmpeg's ebur128 and against what the standards say of known signals."""

from __future__ import annotations

import math
from itertools import pairwise

import av
import numpy as np
import pytest
from av.filter import Graph

from app.services.media import loudness

RATE = 48_000


def _blocks(sound, size=RATE):
    return [sound[:, at : at + size] for at in range(0, sound.shape[1], size)]


def _measure(sound, size=RATE):
    meter = loudness.Meter(sound.shape[0])
    for block in _blocks(sound, size):
        meter.push(block)
    return loudness.integrated(meter.powers())


def _true_peak_db(sound):
    meter = loudness.PeakMeter(sound.shape[0])
    for block in _blocks(sound):
        meter.push(block)
    return 20 * math.log10(meter.peak)


def _ffmpeg(sound):
    """Integrated LUFS by libavfilter's ebur128."""
    graph = Graph()
    chain = [
        graph.add_abuffer(format="fltp", sample_rate=RATE, layout="stereo", time_base=f"1/{RATE}"),
        graph.add("ebur128", "metadata=1"),
        graph.add("abuffersink"),
    ]
    for one, other in pairwise(chain):
        one.link_to(other)
    graph.configure()
    found = {}
    for at, block in enumerate(_blocks(sound)):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, at * RATE
        chain[0].push(frame)
        while True:
            try:
                found.update(chain[-1].pull().metadata)
            except (BlockingIOError, av.EOFError):
                break
    return float(found["lavfi.r128.I"])


def _music(seconds, seed=0):
    rng = np.random.default_rng(seed)
    t = np.arange(seconds * RATE) / RATE
    swell = 0.02 + 0.2 * (np.sin(2 * np.pi * t / 7) > -0.3) * (1 + np.sin(2 * np.pi * t / 3))
    left = np.sin(2 * np.pi * 110 * t) + 0.5 * np.sin(2 * np.pi * 2500 * t) + 0.3 * rng.standard_normal(t.size)
    return (0.3 * swell * np.stack([left, np.roll(left, 900)])).astype(np.float32)


def test_a_full_scale_sine_of_1_khz_on_both_sides_is_at_0_lufs():
    t = np.arange(5 * RATE) / RATE
    sine = np.sin(2 * np.pi * 997 * t).astype(np.float32)
    assert _measure(np.stack([sine, sine])) == pytest.approx(0.0, abs=0.1)
    assert _measure(sine[None]) == pytest.approx(-3.01, abs=0.1)


@pytest.mark.parametrize("seed", [0, 1])
def test_loudness_agrees_with_ffmpeg_within_0_3_lu(seed):
    sound = _music(20, seed)
    theirs = _ffmpeg(sound)
    assert _measure(sound) == pytest.approx(theirs, abs=0.3)


def test_quiet_stretches_are_gated_away():
    t = np.arange(10 * RATE) / RATE
    sine = np.sin(2 * np.pi * 997 * t).astype(np.float32)
    sine[5 * RATE :] *= 0.01
    assert _measure(np.stack([sine, sine])) == pytest.approx(0.0, abs=0.15)


def test_the_size_of_the_blocks_changes_nothing():
    sound = _music(5)
    assert _measure(sound, 1234) == pytest.approx(_measure(sound), abs=1e-3)


def test_silence_has_no_loudness_and_gets_no_gain():
    silence = np.zeros((2, 2 * RATE), np.float32)
    assert _measure(silence) is None
    master = loudness.Master(np.zeros(20), np.zeros(2000, np.float32), -16, -1.5)
    assert master.gain_db == 0 and not master.apply(silence[:, :RATE], 0).any()


def test_a_peak_between_two_samples_is_seen():
    # A sine of a quarter of the rate at 45 degrees: its samples are 3 dB below its peak.
    n = np.arange(RATE)
    sine = (0.5 * np.sin(2 * np.pi * n / 4 + np.pi / 4)).astype(np.float32)
    assert 20 * math.log10(np.abs(sine).max()) == pytest.approx(-9.03, abs=0.01)
    assert _true_peak_db(sine[None]) == pytest.approx(-6.02, abs=0.3)


def test_the_quick_search_finds_the_same_peak_as_looking_everywhere():
    sound = _music(3)
    sound[1, 70_000:70_003] = (0.9, -0.95, 0.9)
    everywhere = float(loudness.peaks_per_hop(_blocks(sound), 0.0).max())
    assert 20 * math.log10(everywhere) == pytest.approx(_true_peak_db(sound), abs=1e-4)


def _mastered(sound, lufs, ceiling):
    meter = loudness.Meter(2)
    for block in _blocks(sound):
        meter.push(block)
    master = loudness.Master(meter.powers(), loudness.peaks_per_hop(_blocks(sound), 0.0), lufs, ceiling)
    parts = [master.apply(block, at * RATE) for at, block in enumerate(_blocks(sound))]
    return np.concatenate(parts, axis=1), master


def test_sound_with_room_gets_one_gain_and_nothing_else():
    sound = _music(6)
    out, master = _mastered(sound, -30, -1.5)
    assert master.reduction_db == 0
    assert np.allclose(out, sound * 10 ** (master.gain_db / 20), rtol=1e-4, atol=1e-6)
    assert _measure(out) == pytest.approx(-30, abs=0.05)


def test_peaks_are_held_under_the_ceiling_while_the_loudness_is_kept():
    sound = _music(6)
    sound[:, 50_000:250_000:9_000] = 0.9
    out, master = _mastered(sound, -16, -1.5)
    assert -12 <= master.reduction_db < -1
    assert _true_peak_db(out) <= -1.4
    assert _measure(out) == pytest.approx(-16, abs=0.3)


def test_the_limiter_moves_without_steps():
    sound = _music(4)
    sound[:, 100_000] = 0.95
    meter = loudness.Meter(2)
    meter.push(sound)
    master = loudness.Master(meter.powers(), loudness.peaks_per_hop([sound], 0.0), -12, -1.5)
    gain = master.apply(np.ones((1, 4 * RATE), np.float32), 0)[0]
    steps = np.abs(np.diff(20 * np.log10(gain)))
    assert gain.min() < gain.max()
    assert steps.max() < 0.1  # dB from one sample to the next
    assert gain[98_000] == pytest.approx(gain.max(), rel=0.01)  # untouched 40 ms before
