"""Music laid under a film: looped or cut to its length, and taken down while somebody speaks.

The side chain knows the whole film's speech before the first sample is written, as a mixer knows the film whose fader
he rides: the music is down when a voice begins, stays down over the gaps between words, comes up part of the way in a
pause that is worth it, and the whole way where nobody speaks for long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.errors import UnsupportedMedia
from app.models.timeline import SAMPLE_RATE
from app.services.media import sound
from app.services.media.fir import Block
from app.services.media.sound import BLOCK

DUCK_HOP = SAMPLE_RATE // 100
"""Samples over which the side chain takes one RMS value, 10 ms."""
_CROSSFADE = 2 * SAMPLE_RATE
_FADE_IN, _FADE_OUT = SAMPLE_RATE // 2, 5 * SAMPLE_RATE // 2
SPEECH_DB, KNEE_DB = -52.0, 10.0
"""Level of the voice at which the music begins to go down, and how much louder it is when fully down."""
_AHEAD, _HOLD = 8, 16
"""Hops that the music is down before speech and stays down after it."""
_DOWN, _UP = 20, 70
"""Hops that the whole way down and back up take: 0.2 s and 0.7 s."""
_ROUND = 15
"""Hops over which the corners are rounded."""
_GAP, _LONG = 50, 190
"""Hops: a pause shorter than the first is none, in one longer than the second the music is all there again."""
_OWN_LENGTH_S, _OWN_IN, _OWN_OUT = 0.3, SAMPLE_RATE // 200, SAMPLE_RATE // 3
"""A piece as long as the film to within this was made for it and brings its own beginning and end."""


def looped(path: Path, samples: int) -> Iterator[Block]:
    """Stereo blocks of the file, exactly ``samples`` long: again and again with a crossfade, faded at both ends.

    Raises UnsupportedMedia if the file cannot be read or is too short to be repeated.
    """
    at = 0
    made_for_it = abs(sound.length_s(path) - samples / SAMPLE_RATE) <= _OWN_LENGTH_S
    rise, fall = (_OWN_IN, _OWN_OUT) if made_for_it else (_FADE_IN, _FADE_OUT)
    for block in sound.exactly(_rounds(path, samples), samples):
        inside = at >= rise and at + block.shape[1] <= samples - fall
        yield block if inside else block * _edge_fades(samples, at, block.shape[1], rise, fall)
        at += block.shape[1]


def _edge_fades(samples: int, start: int, count: int, rise_n: int, fall_n: int) -> NDArray[np.float32]:
    n = np.arange(start, start + count)
    rise = np.clip((n + 1) / min(rise_n, samples / 4 + 1), 0, 1)
    fall = np.clip((samples - n - 1) / min(fall_n, samples / 4 + 1), 0, 1)
    gain: NDArray[np.float32] = (np.sin(rise * (np.pi / 2)) * np.sin(fall * (np.pi / 2)) ** 2).astype(np.float32)
    return gain


def _rounds(path: Path, samples: int) -> Iterator[Block]:
    """The file over and over until there are at least ``samples``; the end of each round but the last is blended
    with the beginning of the next."""
    tail: Block | None = None
    given = 0
    while True:
        held, heard = np.zeros((2, 0), np.float32), 0
        for block in sound.regular(sound.read(path, 2)):
            heard += block.shape[1]
            held = np.concatenate([held, block], axis=1)
            if tail is not None and held.shape[1] >= tail.shape[1]:
                held, tail = _blended(tail, held), None
            # What might be the end of the round is kept back until it is known not to be.
            ready = held.shape[1] - _CROSSFADE
            if tail is None and ready > 0:
                yield held[:, :ready]
                held, given = held[:, ready:], given + ready
            if given >= samples:
                return
        # A round shorter than two crossfades gives half of itself to each.
        keep = held.shape[1] - min(_CROSSFADE, heard // 2)
        if given + held.shape[1] >= samples:
            yield held
            return
        if heard < BLOCK:
            raise UnsupportedMedia(f"{path.name} holds less than a second of sound, too little to repeat")
        yield held[:, :keep]
        tail, given = held[:, keep:], given + keep


def _blended(tail: Block, held: Block) -> Block:
    """``held`` with its beginning under the end of the round before: equal power, as the two are unrelated."""
    angle = np.linspace(0, np.pi / 2, tail.shape[1], dtype=np.float32)
    mixed = held.copy()
    mixed[:, : tail.shape[1]] *= np.sin(angle)
    mixed[:, : tail.shape[1]] += tail * np.cos(angle)
    return mixed


def spoken(speech_power: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much somebody speaks, 0 to 1, in every DUCK_HOP, from the voice's mean square (full scale 1) per hop."""
    level = 10 * np.log10(speech_power + 1e-12)
    share: NDArray[np.float64] = np.clip((level - SPEECH_DB) / KNEE_DB, 0, 1)
    return share


def duck_curve(speech_power: NDArray[np.float64], depth_db: float) -> NDArray[np.float64]:
    """Gain of the music in dB at every DUCK_HOP, from the voice's mean square per hop; ``depth_db`` is not positive."""
    depth = -abs(depth_db)
    wanted = np.minimum(depth * spoken(speech_power), _between(speech_power, depth))
    spread = np.pad(wanted, (_HOLD + _ROUND // 2, _AHEAD + _ROUND // 2))
    held = np.lib.stride_tricks.sliding_window_view(spread, _HOLD + _AHEAD + 2 * (_ROUND // 2) + 1).min(1)
    steps = np.arange(held.size)
    up, down = abs(depth) / _UP, abs(depth) / _DOWN
    held = np.minimum.accumulate(held - up * steps) + up * steps
    held = np.minimum.accumulate((held + down * steps)[::-1])[::-1] - down * steps
    window = np.hanning(_ROUND + 2)[1:-1]
    return np.convolve(np.pad(held, _ROUND // 2, mode="edge"), window / window.sum(), "valid")


def _between(speech_power: NDArray[np.float64], depth: float) -> NDArray[np.float64]:
    """How far down the music stays in the pauses between words, by the length of the pause."""
    speaks = np.flatnonzero(spoken(speech_power) > 0.5)
    least = np.zeros(speech_power.size)
    for before, after in pairwise(speaks.tolist()):
        if after - before > 1:
            open_ = min(1.0, max(0.0, (after - before - _GAP) / (_LONG - _GAP)))
            least[before + 1 : after] = depth * (1 - open_)
    return least


def curve_at(curve: NDArray[np.float64], start: int, count: int) -> NDArray[np.float32]:
    """The duck curve as a linear gain for ``count`` samples from sample ``start``."""
    first = start // DUCK_HOP
    points = 10 ** (curve[max(0, first - 1) : (start + count) // DUCK_HOP + 2] / 20)
    centres = (np.arange(max(0, first - 1), max(0, first - 1) + points.size) + 0.5) * DUCK_HOP
    return np.interp(np.arange(start, start + count), centres, points).astype(np.float32)


def hop_powers(blocks: Iterable[Block]) -> NDArray[np.float64]:
    """Mean square per DUCK_HOP over mono blocks, each but the last a whole number of hops."""
    powers = []
    for block in blocks:
        short = -block.shape[1] % DUCK_HOP
        row = np.pad(block[0], (0, short)).reshape(-1, DUCK_HOP)
        powers.append(np.einsum("ij,ij->i", row, row).astype(np.float64) / DUCK_HOP)
    return np.concatenate(powers)
