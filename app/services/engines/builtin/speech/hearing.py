"""How a recording sounds from moment to moment, and which moments of two recordings of one text belong together.

Mel-frequency cepstra tell speech sounds apart whoever speaks (S. Davis and P. Mermelstein, IEEE Trans. ASSP 28(4),
1980); dynamic time warping finds the best pairing that never goes back (H. Sakoe and S. Chiba, IEEE Trans. ASSP
26(1), 1978). It is first found in a coarse view and then refined in a band beside it (S. Salvador and P. Chan,
Intelligent Data Analysis 11(5), 2007), so that memory grows with the length of the sound and not with its square.
"""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.core.errors import EngineFault

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]
"""Of one channel, on the scale of 16 bit."""
HOP_S = 0.01
_WINDOW_S = 0.025
_BANDS, _CEPSTRA = 26, 12
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 7000.0
_RANGE_DB = 50.0
"""Below the loudest moments; what is quieter is silence in any recording."""
_SPEECH_SHARE = 0.3
"""Of the way from the quietest to the loudest moments (in dB), where speech begins."""
_SHORTEST_S = 0.03
"""Of a stretch of speech, and of a gap in one."""
_LOUDNESS_WEIGHT = 2.5
"""Of speech against silence, among cepstra of variance 1."""
_PAUSE_S = 0.12
"""Silence from which on it is a pause, which a reader makes or does not make."""
_PAUSE_COST = 1.0
"""Of a moment of silence beside anything; two speech sounds are about 5 apart, two silences 0."""
_RADIUS = 30
"""Moments to either side of the coarse pairing in which the finer one is looked for."""
_SMALL = 300
"""Moments up to which every pairing is looked at."""


class Heard(NamedTuple):
    """A recording in moments of ``HOP_S``."""

    features: Floats
    """(moments, numbers)"""
    speech: NDArray[np.bool_]
    """(moments,)"""
    duration_s: float

    def stretches(self, gap_s: float = 0.0) -> list[tuple[float, float]]:
        """Beginning and end of every stretch of speech, seconds; gaps shorter than ``gap_s`` are part of one."""
        found: list[tuple[float, float]] = []
        for begin, end in _runs(self.speech):
            begin_s, end_s = begin * HOP_S, min(end * HOP_S, self.duration_s)
            if found and begin_s - found[-1][1] < gap_s:
                found[-1] = (found[-1][0], end_s)
            elif begin_s < end_s:
                found.append((begin_s, end_s))
        return found


def load(path: Path) -> tuple[Samples, int]:
    """Samples of a 16-bit WAV mixed to one channel, and its rate. Raises EngineFault for another file."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            raw = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise EngineFault(f"The recording {path.name} cannot be read: {error}") from error
    if width != 2 or rate < 4000:
        raise EngineFault(f"The recording {path.name} is no WAV of 16 bit")
    samples = np.frombuffer(raw[: len(raw) // (2 * channels) * 2 * channels], "<i2").reshape(-1, channels)
    return samples.mean(1, dtype=np.float32), rate


def listen(samples: Samples, rate: int) -> Heard:
    """What a recording is like, the same for loud and soft, near and far, high and low voices as far as it goes."""
    hop, window = HOP_S * rate, round(_WINDOW_S * rate)
    count = max(1, int(np.ceil(samples.size / hop)))
    padded = np.pad(samples, (window // 2, window))
    # Emphasis of the high ones, where consonants differ; a breath of noise, so that silence has a logarithm.
    raised = padded.copy()
    raised[1:] -= np.float32(0.97) * padded[:-1]
    size = 1 << (window - 1).bit_length()
    bank, hann = _mel_bank(size, rate), np.hanning(window)
    starts = np.round(np.arange(count) * hop).astype(int)
    bands, loudness = np.empty((count, _BANDS)), np.empty(count)
    for begin in range(0, count, 1000):  # in blocks: a minute of windows at 48 kHz would be 60 MB
        part = starts[begin : begin + 1000, None] + np.arange(window)
        loudness[begin : begin + 1000] = 10 * np.log10((padded[part] ** 2).mean(1) + 1.0)
        power = np.abs(np.fft.rfft(raised[part] * hann, size)) ** 2
        bands[begin : begin + 1000] = np.log(power @ bank.T + 1e3)
    speech = _speech(loudness)
    return Heard(_features(bands, loudness, speech), speech, samples.size / rate)


def _features(bands: Floats, loudness: Floats, speech: NDArray[np.bool_]) -> Floats:
    """Cepstra and how they change, of mean 0 and variance 1 over the speech, nothing in silence; and loudness."""
    order = np.arange(1, _CEPSTRA + 1)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(_BANDS) + 0.5) / _BANDS)
    cepstra = bands @ cosines.T
    padded = np.pad(cepstra, ((2, 2), (0, 0)), "edge")
    change = (padded[3:-1] - padded[1:-3]) + 2 * (padded[4:] - padded[:-4])
    both = np.hstack([cepstra, change])
    voiced = both[speech] if speech.any() else both
    both = (both - voiced.mean(0)) / (voiced.std(0) + 1e-6)
    both[:, _CEPSTRA:] *= 0.5
    peak = float(np.percentile(loudness, 95))
    level = np.clip((loudness - peak) / 30.0, -1.0, 0.3)
    beside = np.pad(speech.astype(float), 1, "edge")
    weight = (beside[:-2] / 4 + beside[1:-1] / 2 + beside[2:] / 4)[:, None]
    return np.hstack([both * weight, (weight * 2 - 1) * _LOUDNESS_WEIGHT, level[:, None] * _LOUDNESS_WEIGHT])


def _speech(loudness: Floats) -> NDArray[np.bool_]:
    high = float(np.percentile(loudness, 95))
    low = max(float(np.percentile(loudness, 3)), high - _RANGE_DB)
    if high - low < 6.0:  # equally loud throughout: noise, or speech without a pause
        return np.full(loudness.size, high > 1.0)
    speech = loudness > low + _SPEECH_SHARE * (high - low)
    shortest = round(_SHORTEST_S / HOP_S)
    for value in (False, True):  # first close short gaps, then drop clicks
        for begin, end in _runs(speech == value):
            if end - begin < shortest and (value or (begin > 0 and end < speech.size)):
                speech[begin:end] = not value
    return speech


def _pauses(speech: NDArray[np.bool_]) -> NDArray[np.bool_]:
    pauses = np.zeros(speech.size, bool)
    for begin, end in _runs(~speech):
        pauses[begin:end] = end - begin >= round(_PAUSE_S / HOP_S)
    return pauses


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def _mel_bank(size: int, rate: int) -> Floats:
    """(bands, frequencies): triangles that are equally wide to the ear."""
    highest = min(_HIGHEST_HZ, rate / 2)
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOWEST_HZ, highest))
    edges = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    bank: Floats = np.maximum(0.0, np.minimum(rising, falling))
    return bank


class _View(NamedTuple):
    """What is compared of a recording, finer or coarser."""

    features: Floats
    speech: NDArray[np.bool_]
    """All but the pauses: the silence inside of a consonant is part of it."""

    def halved(self) -> _View:
        odd = len(self.speech) % 2
        features = np.pad(self.features, ((0, odd), (0, 0)), "edge")
        speech = np.pad(self.speech, (0, odd), "edge")
        return _View(features.reshape(-1, 2, features.shape[1]).mean(1), speech[::2] | speech[1::2])


def paired(one: Heard, other: Heard, check: Callable[[], None]) -> NDArray[np.int64]:
    """(pairs, 2): the cheapest way through both that begins and ends with both and never goes back in either."""
    views = [_View(heard.features, ~_pauses(heard.speech)) for heard in (one, other)]
    return _paired(views[0], views[1], check)


def _paired(one: _View, other: _View, check: Callable[[], None]) -> NDArray[np.int64]:
    rows, columns = len(one.speech), len(other.speech)
    if min(rows, columns) < 2 or max(rows, columns) <= _SMALL:
        low, high = np.zeros(rows, int), np.full(rows, columns)
    else:
        low, high = _beside(_paired(one.halved(), other.halved(), check), rows, columns)
    return _way(one, other, low, high, _totals(one, other, low, high, check))


def _beside(coarse: NDArray[np.int64], rows: int, columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every row the columns within reach of the coarse way (from, up to), which never leave a hole."""
    low, high = np.full(rows, columns), np.zeros(rows, int)
    for step in (0, 1):
        row = np.minimum(coarse[:, 0] * 2 + step, rows - 1)
        np.minimum.at(low, row, coarse[:, 1] * 2 - _RADIUS)
        np.maximum.at(high, row, coarse[:, 1] * 2 + 2 + _RADIUS)
    # Reach also along the rows, so that a stretch where only one of them goes on has room on both sides.
    index = np.arange(rows)
    low, high = low[np.maximum(index - _RADIUS, 0)], high[np.minimum(index + _RADIUS, rows - 1)]
    low, high = np.clip(low, 0, columns - 1), np.clip(high, 1, columns)
    low[0], high[-1] = 0, columns
    return np.minimum.accumulate(low[::-1])[::-1], np.maximum.accumulate(high)


def _totals(
    one: _View, other: _View, low: NDArray[np.int64], high: NDArray[np.int64], check: Callable[[], None]
) -> list[Floats]:
    """Cost of the cheapest way to every pair within the band, row by row.

    A step in both, or in one while it speaks, costs the distance of the pair. A step in one that is silent costs
    little, wherever the other is: readers pause where they like.
    """
    totals: list[Floats] = []
    for row in range(len(one.speech)):
        if row % 512 == 0:
            check()
        begin, end = int(low[row]), int(high[row])
        cost = _distances(one.features[row], other.features[begin:end])
        along = np.where(other.speech[begin:end], cost, np.minimum(cost, _PAUSE_COST))
        if row:
            above = _slice(totals[-1], int(low[row - 1]), begin - 1, end)
            down = cost if one.speech[row] else np.minimum(cost, _PAUSE_COST)
            entry = np.minimum(above[:-1] + cost, above[1:] + down)
        else:
            entry = np.full(end - begin, np.inf)
            entry[0] = cost[0]
        # D[j] = min(entry[j], D[j-1] + along[j]), for a whole row at a time.
        sums = np.cumsum(along)
        totals.append(sums + np.minimum.accumulate(entry - sums))
    return totals


def _way(
    one: _View, other: _View, low: NDArray[np.int64], high: NDArray[np.int64], totals: list[Floats]
) -> NDArray[np.int64]:
    """Back from the last pair to the first, always to the pair that it was reached from."""

    def total(row: int, column: int) -> float:
        inside = row >= 0 and low[row] <= column < high[row]
        return float(totals[row][column - low[row]]) if inside else np.inf

    row, column = len(one.speech) - 1, len(other.speech) - 1
    way = [(row, column)]
    while row or column:
        cost = float(_distances(one.features[row], other.features[column : column + 1])[0])
        across = total(row - 1, column - 1) + cost
        down = total(row - 1, column) + (cost if one.speech[row] else min(cost, _PAUSE_COST))
        along = total(row, column - 1) + (cost if other.speech[column] else min(cost, _PAUSE_COST))
        if across <= min(down, along):
            row, column = row - 1, column - 1
        elif down <= along:
            row -= 1
        else:
            column -= 1
        way.append((row, column))
    return np.array(way[::-1])


def _distances(moment: Floats, moments: Floats) -> Floats:
    far: Floats = np.sqrt(((moments - moment) ** 2).sum(1)) + 1e-3
    return far


def _slice(values: Floats, first: int, begin: int, end: int) -> Floats:
    """``values``, whose first index is ``first``, from ``begin`` up to ``end``; infinite outside."""
    found = np.full(end - begin, np.inf)
    left, right = max(begin, first), min(end, first + values.size)
    if left < right:
        found[left - begin : right - begin] = values[left - first : right - first]
    return found
