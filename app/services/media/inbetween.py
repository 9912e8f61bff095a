"""A clip with two or four times as many pictures a second, and without a model.

Every picture of the clip stays where it was and new ones come between it and the next, so that the clip lasts as
long as before: N pictures become N times the factor, the last one held for its own time. Three things are no motion:
at a cut the picture before it is held, for a morph of two scenes is worse than a jerk; where nothing moves the same
picture is shown again; and a single repeated picture, which is how clips are brought to a higher rate, is replaced
by one on the way to the next, for else the motion would stop and go. Times are the clip's own, also when they vary.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

from app.core.errors import EngineFailed
from app.services.media.flow import Pair, drawn
from app.services.media.planes import Bytes
from app.services.media.reclip import Check, Shown, reclip

FACTORS = (2, 4)
_BLOCK = 16
"""Pixels: two pictures are the same when no block of this size differs."""
_SAME_LEVELS = 0.8


def same(first: Bytes, second: Bytes) -> bool:
    """Whether nothing moved between two pictures; a small thing that moved in a large still picture did."""
    height, width = first.shape
    blocks = (max(1, width // _BLOCK), max(1, height // _BLOCK))
    differences = cv2.resize(cv2.absdiff(first, second), blocks, interpolation=cv2.INTER_AREA)
    return float(differences.max()) <= _SAME_LEVELS


class Inbetweens:
    """Makes ``factor`` pictures of each; counts what it found."""

    def __init__(self, factor: int, check: Check) -> None:
        self._factor, self._check = factor, check
        self.cuts = self.repeated = self.bridged = 0

    def make(self, pictures: Iterator[Shown]) -> Iterator[Shown]:
        now = next(pictures)
        coming = next(pictures, None)
        while coming is not None:
            after = next(pictures, None)
            self._check()
            if not same(now.planes.y, coming.planes.y):
                yield from self._moving([now], coming)
            elif after is not None and not same(coming.planes.y, after.planes.y):
                yield from self._moving([now, coming], after)
                coming, after = after, next(pictures, None)
            else:
                # Of a longer run all but its last pair: what stands still for longer shall stand still.
                yield from self._still(now)
                while after is not None and same(coming.planes.y, after.planes.y):
                    yield from self._still(coming)
                    coming, after = after, next(pictures, None)
            now, coming = coming, after
        yield from self._held(now)

    def _moving(self, slots: list[Shown], target: Shown) -> Iterator[Shown]:
        """What is shown from the first of ``slots`` until ``target``, which looks different."""
        start = slots[0]
        pair = Pair(start.planes.y, target.planes.y)
        self._check()
        if pair.cut:
            self.cuts += 1
            for slot in slots:
                yield from self._held(slot)
            return
        self.bridged += len(slots) - 1
        for slot in slots:
            for part in self._parts(slot):
                share = (part.start - start.start) / (target.start - start.start)
                self._check()
                yield part._replace(planes=drawn(start.planes, target.planes, pair.at(float(share)))) if share else part

    def _still(self, picture: Shown) -> Iterator[Shown]:
        self.repeated += 1
        return self._held(picture)

    def _held(self, picture: Shown) -> Iterator[Shown]:
        return iter(self._parts(picture))

    def _parts(self, slot: Shown) -> list[Shown]:
        length = slot.length / self._factor
        return [Shown(slot.start + number * length, length, slot.planes) for number in range(self._factor)]


def task(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{clip, factor}``: writes ``interpolated.mp4``; returns the facts of ``reclip``, ``clip``, its name, and how
    many cuts and pictures without motion there were.

    Raises EngineFailed for another factor than 2 and 4.
    """
    factor = int(request["factor"])
    if factor not in FACTORS:
        raise EngineFailed(f"The pictures of a clip can become 2 or 4 times as many, not {factor} times")
    between = Inbetweens(factor, check)
    facts = reclip(Path(request["clip"]), folder / "interpolated.mp4", between.make, check, multi=factor)
    still = {"cuts": between.cuts, "repeated": between.repeated, "bridged": between.bridged}
    return {**facts, "clip": "interpolated.mp4", "factor": factor, **still}
