"""Loudness and peaks as broadcasting measures them, and the gain that brings a film to both targets.

Integrated loudness: ITU-R BS.1770-4 (K-weighting, 400 ms blocks with 75 % overlap, gates at -70 LUFS and
-10 LU), to which EBU R128 refers. True peak: BS.1770-4 annex 2, four times oversampled by its 48-tap filter.
One gain for the whole film keeps its dynamics; only peaks that would pass the ceiling are held back, by a
limiter that looks ahead and recovers slowly enough not to pump.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from app.models.timeline import SAMPLE_RATE
from app.services.media.fir import Block, Fir, Section, response

Powers = NDArray[np.float64]
HOP = SAMPLE_RATE // 10
"""Samples between two gating blocks."""
PEAK_HOP = SAMPLE_RATE // 1000
"""Samples over which the limiter takes one peak."""
_K_WEIGHTING = (
    Section((1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585)),
    Section((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
)
_ABSOLUTE_GATE, _RELATIVE_GATE, _OFFSET = -70.0, -10.0, -0.691

_PHASE_0 = (
    0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
    0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500,
)  # fmt: skip
_PHASE_1 = (
    -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
    0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375,
)  # fmt: skip
_OVERSAMPLING: NDArray[np.float32] = np.array(
    [_PHASE_0, _PHASE_1, _PHASE_1[::-1], _PHASE_0[::-1]], np.float32
).T  # (12 taps, 4 phases)
_REACH = _OVERSAMPLING.shape[0]
_OVERSHOOT = float(np.abs(_OVERSAMPLING).sum(0).max())
"""No oversampled value is larger than this times the largest sample around it."""

_MOST_GAIN_DB, _MOST_LIMITING_DB = 40.0, 12.0
_ATTACK_DB, _RELEASE_DB = 1.2, 0.03
"""The limiter's speed per millisecond: 6 dB in 5 ms ahead of the peak, back by 3 dB in 100 ms."""


def weighting(hertz: Powers) -> Powers:
    """The K-weighting's magnitude at frequencies below half the film's rate."""
    z = np.exp(-2j * np.pi * hertz / SAMPLE_RATE)
    whole = np.ones_like(z)
    for (b0, b1, b2), (a1, a2) in _K_WEIGHTING:
        whole *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
    magnitude: Powers = np.abs(whole)
    return magnitude


class Meter:
    """K-weighted power of a stream, per HOP."""

    def __init__(self, channels: int) -> None:
        self._filter = Fir(response(_K_WEIGHTING), channels)
        self._powers: list[Powers] = []
        self._rest = np.zeros(0, np.float32)

    def push(self, block: Block) -> None:
        heard = self._filter.push(block)
        power = np.einsum("ij,ij->j", heard, heard)
        if self._rest.size:
            power = np.concatenate([self._rest, power])
        whole = power.size // HOP * HOP
        self._powers.append(power[:whole].reshape(-1, HOP).mean(1, dtype=np.float64))
        self._rest = power[whole:]

    def powers(self) -> Powers:
        """Sum over channels of the mean square in every whole HOP; of a shorter stream, its one mean."""
        powers = np.concatenate([*self._powers, np.zeros(0)])
        if not powers.size and self._rest.size:
            return np.array([self._rest.mean(dtype=np.float64)])
        return powers


def integrated(powers: Powers) -> float | None:
    """LUFS of a stream from its powers per HOP; None if it never passes the absolute gate (silence)."""
    if not powers.size:
        return None
    sums = np.cumsum(np.concatenate([[0.0], powers]))
    width = min(4, powers.size)
    blocks = (sums[width:] - sums[:-width]) / width
    blocks = blocks[blocks > _power(_ABSOLUTE_GATE)]
    if not blocks.size:
        return None
    blocks = blocks[blocks > blocks.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return _OFFSET + 10 * math.log10(blocks.mean())


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


class PeakMeter:
    """The true peak of a stream, exact, at the cost of looking closely only where it could be."""

    def __init__(self, channels: int) -> None:
        self._before = np.zeros((channels, _REACH), np.float32)
        self.peak = 0.0

    def push(self, block: Block) -> None:
        padded = np.concatenate([self._before, block], axis=1)
        self._before = padded[:, -_REACH:]
        if not block.shape[1]:
            return
        hops = -(-block.shape[1] // PEAK_HOP)
        rough = _hop_peaks(np.pad(np.abs(padded).max(0), (0, hops * PEAK_HOP - block.shape[1])), hops)
        self.peak = max(self.peak, float(rough.max()))
        # Only a hop whose largest sample could overshoot the peak found so far is oversampled.
        suspects = np.flatnonzero(rough * _OVERSHOOT > self.peak)
        if suspects.size:
            self.peak = max(self.peak, float(_oversampled(padded, suspects).max()))


def _hop_peaks(magnitudes: NDArray[np.float32], hops: int) -> NDArray[np.float32]:
    """The largest of the samples that the oversampling of each hop reads: its own and _REACH before."""
    own = magnitudes[_REACH:].reshape(hops, PEAK_HOP).max(1)
    early = magnitudes[: hops * PEAK_HOP].reshape(hops, PEAK_HOP)[:, :_REACH].max(1)
    peaks: NDArray[np.float32] = np.maximum(own, early)
    return peaks


def _oversampled(padded: Block, hops: NDArray[np.intp]) -> NDArray[np.float32]:
    """True peak over all channels of the given hops; ``padded`` begins _REACH samples before hop 0."""
    needed = (int(hops[-1]) + 1) * PEAK_HOP + _REACH
    if padded.shape[1] < needed:
        padded = np.pad(padded, ((0, 0), (0, needed - padded.shape[1])))
    peaks = np.zeros(hops.size, np.float32)
    for channel in padded:
        windows = np.lib.stride_tricks.sliding_window_view(channel, _REACH)
        rows = windows[(hops[:, None] * PEAK_HOP + 1 + np.arange(PEAK_HOP)).ravel()]
        values = np.abs(rows @ _OVERSAMPLING).max(1).reshape(hops.size, PEAK_HOP).max(1)
        np.maximum(peaks, values, out=peaks)
    return peaks


def peaks_per_hop(blocks: Iterable[Block], threshold: float) -> NDArray[np.float32]:
    """One peak per PEAK_HOP: the true one where it could pass ``threshold``, else the largest sample.

    Every block but the last must be a whole number of hops.
    """
    found: list[NDArray[np.float32]] = []
    before: Block | None = None
    for block in blocks:
        before = np.zeros((block.shape[0], _REACH), np.float32) if before is None else before
        hops = -(-block.shape[1] // PEAK_HOP)
        short = hops * PEAK_HOP - block.shape[1]
        padded = np.pad(np.concatenate([before, block], axis=1), ((0, 0), (0, short)))
        before = padded[:, -_REACH:]
        peaks = _hop_peaks(np.abs(padded).max(0), hops)
        suspects = np.flatnonzero(peaks * _OVERSHOOT > threshold)
        if suspects.size:
            peaks[suspects] = np.maximum(peaks[suspects], _oversampled(padded, suspects))
        found.append(peaks)
    return np.concatenate(found)


class Master:
    """The gain curve of one film: one gain to the loudness wanted, and the limiter's reductions.

    ``powers`` per HOP (Meter) and ``peaks`` per PEAK_HOP are those of the sound before the gain.
    """

    def __init__(self, powers: Powers, peaks: NDArray[np.float32], lufs: float, ceiling_dbtp: float) -> None:
        measured = integrated(powers)
        self.gain_db, self.held_back = 0.0, False
        self._edges = np.zeros(peaks.size + 1)
        if measured is None:
            return
        peak_db = 20 * np.log10(np.maximum(peaks, 1e-9), dtype=np.float64)
        most = min(_MOST_GAIN_DB, ceiling_dbtp + _MOST_LIMITING_DB - float(peak_db.max()))
        reached = measured
        # Limiting takes a little loudness away; a few rounds give it back.
        for _ in range(6):
            self.gain_db = min(most, self.gain_db + lufs - reached)
            self._edges = _reductions(np.minimum(0, ceiling_dbtp - self.gain_db - peak_db))
            after = integrated(powers * self._mean_power(powers.size))
            # Whether the loudness wanted would take more gain or more limiting than sounds well.
            self.held_back = self.gain_db >= most
            if after is None or abs(after - lufs) < 0.02 or self.held_back:
                break
            reached = after

    def _mean_power(self, hops: int) -> Powers:
        """Mean square of the gain in every HOP."""
        squares: Powers = 10 ** ((self.gain_db + self._edges) / 10)
        per = HOP // PEAK_HOP
        whole = squares[: hops * per]
        means: Powers = np.pad(whole, (0, hops * per - whole.size), mode="edge").reshape(hops, per).mean(1)
        return means

    @property
    def reduction_db(self) -> float:
        """The limiter's deepest reduction, 0 or negative."""
        return float(self._edges.min())

    def apply(self, block: Block, start: int) -> Block:
        """The mastered block that begins at sample ``start``, a multiple of PEAK_HOP."""
        first, hops = start // PEAK_HOP, -(-block.shape[1] // PEAK_HOP)
        edges = self._edges[first : first + hops + 1]
        level: NDArray[np.float32] = np.power(10.0, (edges + self.gain_db) / 20).astype(np.float32)
        ramp = (np.arange(PEAK_HOP) / PEAK_HOP).astype(np.float32)
        curve: NDArray[np.float32] = (level[:-1, None] + np.diff(level)[:, None] * ramp).ravel()
        mastered: Block = block * curve[: block.shape[1]]
        return mastered


def _reductions(needed: Powers) -> Powers:
    """dB at the edges of the hops: never above what a hop needs, falling fast before it, recovering slowly after."""
    steps = np.arange(needed.size)
    release: Powers = np.minimum.accumulate(needed - _RELEASE_DB * steps) + _RELEASE_DB * steps
    attack: Powers = np.minimum.accumulate((release + _ATTACK_DB * steps)[::-1])[::-1] - _ATTACK_DB * steps
    held = np.minimum(0, attack)
    edges: Powers = np.minimum(np.append(held, held[-1]), np.insert(held, 0, held[0]))
    return edges
