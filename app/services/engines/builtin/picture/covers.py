"""Figures that are partly covered by what stands before them: a sleeper under a blanket, a writer behind a desk."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, Sprite
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, shade_of
from app.services.engines.builtin.picture.placed import Placed


@dataclass
class Tucked(Placed):
    """Somebody who lies on their back under a blanket, the head on a pillow."""

    quilt: RGB = (126, 168, 210)
    pillow: bool = False
    """Whether there is no pillow yet."""

    def _sized(self, sprite: Sprite) -> Sprite:
        return _tucked(super()._sized(sprite), self.quilt, self.pillow)


@dataclass
class Screened(Placed):
    """Somebody of whom the lowest ``hidden`` pixels are behind something; they meet its edge instead of the ground."""

    hidden: float = 0.0

    def _sized(self, sprite: Sprite) -> Sprite:
        sprite = super()._sized(sprite)
        fx, fy = sprite.foot
        line = max(1, min(len(sprite.pixels), round(fy - self.hidden)))
        return Sprite(np.ascontiguousarray(sprite.pixels[:line]), (fx, float(line)))


def _tucked(sprite: Sprite, quilt: RGB, pillow: bool) -> Sprite:
    """A cut-out with its head to the left, covered from the shoulders to the feet; the paper grows a little."""
    edge = max(2, round(0.05 * sprite.pixels.shape[1]))
    paper = cv2.copyMakeBorder(sprite.pixels, edge, 0, edge, edge, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    h, w = paper.shape[:2]
    x0, _, wide, _ = cv2.boundingRect(np.asarray(cv2.extractChannel(paper, 3) > 60, np.uint8))
    low, high, tall = float(h - 1), 0.3 * h, w - 2 * edge
    c = Canvas(w, h)
    c.line = max(1.0, 0.008 * w)
    if pillow:
        c.soft(
            curves.smooth(
                [
                    (x0 - edge * 0.8, low - 0.05 * h),
                    (x0 - edge * 0.5, low - 0.34 * h),
                    (x0 + tall * 0.26, low - 0.36 * h),
                    (x0 + tall * 0.3, low - 0.04 * h),
                ]
            ),
            (255, 252, 246),
        )
    c.paste(Sprite(paper, (0.0, 0.0)), 0, 0)
    a, b = x0 + 0.46 * wide, float(min(w - 2, x0 + wide + edge * 0.6))
    top = [
        (a, low - 0.5 * h),
        (a + 0.1 * wide, low - 0.58 * h),
        (a + 0.28 * wide, high + 0.1 * h),
        (b - 0.06 * wide, low - 0.5 * h),
    ]
    c.soft(curves.smooth([(a - 0.01 * wide, low), *top, (b, low - 0.16 * h), (b, low)], steps=6), quilt)
    for k in (0.3, 0.55, 0.8):
        x = a + (b - a) * k
        c.stroke([(x, low - 0.36 * h), (x + 0.02 * wide, low - 0.2 * h), (x, low - 0.04 * h)], c.line, shade_of(quilt))
    for k, y in ((0.2, 0.2), (0.42, 0.34), (0.66, 0.18), (0.86, 0.3)):
        c.fill(curves.star(a + (b - a) * k, low - y * h, 0.022 * wide, 0.5, 5), light_of(light_of(quilt)))
    fold = [(a - 0.015 * wide, low), (a - 0.015 * wide, low - 0.5 * h), (a + 0.05 * wide, low - 0.57 * h)]
    c.soft(curves.smooth([*fold, (a + 0.085 * wide, low - 0.3 * h), (a + 0.075 * wide, low)], steps=5), WHITE)
    return Sprite(c.pixels, (sprite.foot[0] + edge, sprite.foot[1] + edge))
