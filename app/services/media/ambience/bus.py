"""The world's sound as a stream of blocks, for a film of any length in little memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from app.services.media import tones
from app.services.media.ambience import makers
from app.services.media.ambience.grains import LOOP
from app.services.media.ambience.plan import Bed, Call, Plan
from app.services.media.tones import RATE, Curve, Wave

_BLOCK = RATE
_FADE = RATE // 2
"""In which one bed goes and the next one comes, half before the cut and half after it."""
_IN, _OUT = RATE // 3, 3 * RATE // 2
"""With which the film's first bed comes and its last one goes."""
_KEPT = 12
"""Sounds held in memory, 2 MB each: most films have no more."""


def played(plan: Plan, samples: int) -> Iterator[Wave]:
    """(2, n) blocks at the film's 48 kHz, together at least ``samples`` long."""
    return tones.doubled(_blocks(plan, samples // 2 + RATE))


def _blocks(plan: Plan, count: int) -> Iterator[Wave]:
    loop = lru_cache(maxsize=_KEPT)(makers.make)  # forgotten with the film
    waiting = list(plan.calls)
    carried: list[tuple[int, Wave]] = []
    last = max((bed.end for bed in plan.beds), default=0)
    for start in range(0, count, _BLOCK):
        block = np.zeros((2, _BLOCK), np.float32)
        for bed in plan.beds:
            if bed.start - _FADE < start + _BLOCK and start < bed.end + _FADE:
                _lay(block, bed, loop(bed.name, bed.seed), start, last)
        while waiting and waiting[0].start < start + _BLOCK:
            call = waiting.pop(0)
            carried.append((call.start, _heard(call, loop(call.name, call.seed))))
        for at, wave in carried:
            first, end = max(at, start), min(at + wave.shape[1], start + _BLOCK)
            block[:, first - start : end - start] += wave[:, first - at : end - at]
        carried = [(at, wave) for at, wave in carried if at + wave.shape[1] > start + _BLOCK]
        yield block


def _lay(block: Wave, bed: Bed, loop: Wave, start: int, last: int) -> None:
    """Add a bed's part of a block; where a bed begins in its loop depends on its seed alone."""
    n = start + np.arange(_BLOCK, dtype=np.float64)
    places = (start - bed.start + bed.seed * 7919 + np.arange(_BLOCK)) % LOOP
    gain = 10 ** (bed.level_db / 20) * _rise(n, bed.start) * _fall(n, bed.end, bed.end >= last)
    block += loop[:, places] * gain.astype(np.float32)


def _rise(n: Curve, start: int) -> Curve:
    begins = start - _FADE // 2
    length = _FADE if begins > 0 else _IN
    share = np.clip((n - max(0, begins)) / length, 0, 1)
    curve: Curve = np.sin(share * (np.pi / 2))
    return curve


def _fall(n: Curve, end: int, last: bool) -> Curve:
    """Equal power with the next bed; the last of the film is gone when its stretch ends."""
    share = np.clip((end - n) / _OUT, 0, 1) if last else np.clip((end + _FADE // 2 - n) / _FADE, 0, 1)
    curve: Curve = np.sin(share * (np.pi / 2))
    return curve


def _heard(call: Call, wave: Wave) -> Wave:
    """A call at its level and place: it leans to one side, its tail stays wide."""
    sides = np.array([[1 - 0.45 * max(0.0, call.pan)], [1 + 0.45 * min(0.0, call.pan)]])
    heard: Wave = (wave * sides * 10 ** (call.level_db / 20)).astype(np.float32)
    return heard
