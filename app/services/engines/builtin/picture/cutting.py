"""From a drawing to a cut-out: how large the paper must be, where the ground is, and the same paper for all steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.services.engines.builtin.picture.canvas import Sprite, shrink
from app.services.engines.builtin.picture.puppet import Puppet, Tracer

STEPS = 3
"""Phases of a walk, a wing beat or a tail beat."""
_EDGE = 2
"""Clear pixels around a figure."""


@dataclass(frozen=True)
class Extent:
    """What all steps of a figure need, in units of its height: a box around them and how far each is moved up."""

    left: float
    bottom: float
    right: float
    top: float
    rise: tuple[float, ...]


def trace(draw: Callable[[Puppet, int], None], *, steady: bool, still: bool) -> Extent:
    """Measure a drawing (called with a canvas and a step) in all its steps.

    ``still`` figures have one step. ``steady`` ones keep one height in all steps (a flyer's wings must not push it up
    and down); the others stand on the ground in each.
    """
    found = []
    for step in range(1 if still else STEPS):
        tracer = Tracer()
        draw(tracer, step)
        ground = 0.0 if tracer.hung or not math.isfinite(tracer.ground) else tracer.ground
        found.append((tracer.low, tracer.high, tracer.lift - ground))
    rise = [lift for _, _, lift in found]
    if steady:
        rise = [max(rise)] * len(rise)
    low = np.min([low + np.array((0.0, up)) for (low, _, _), up in zip(found, rise, strict=True)], axis=0)
    high = np.max([high + np.array((0.0, up)) for (_, high, _), up in zip(found, rise, strict=True)], axis=0)
    if not np.isfinite(low).all():
        low, high = np.zeros(2), np.zeros(2)
    full = tuple(rise) * (STEPS if still else 1)
    return Extent(float(low[0]), float(low[1]), float(high[0]), float(high[1]), full)


def cut(draw: Callable[[Puppet, int], None], extent: Extent, height: float, step: int) -> Sprite:
    """The cut-out of one step, ``height`` pixels to the unit; its size and foot depend on the extent alone."""
    factor = 2.0 if height < 150 else 1.5 if height < 260 else 1.0
    scale = max(12.0, height * factor)
    edge = math.ceil(_EDGE * factor)
    left = math.ceil(-extent.left * scale) + edge
    above = math.ceil(extent.top * scale) + edge
    width = left + math.ceil(extent.right * scale) + edge
    tall = above + math.ceil(-extent.bottom * scale) + edge
    paper = Puppet(max(1, width), max(1, tall), scale=scale, origin=(float(left), float(above)))
    with paper.at(0.0, extent.rise[step % STEPS]):
        draw(paper, step % STEPS)
    sprite = Sprite(paper.pixels, (float(left), float(above)))
    return shrink(sprite, 1 / factor) if factor > 1 else sprite
