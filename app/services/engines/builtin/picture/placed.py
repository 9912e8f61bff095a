"""A figure as it stands in one picture: its cut-out, its place, and other drawings of it in the same size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from app.services.engines.builtin.picture import cast
from app.services.engines.builtin.picture.canvas import Sprite, dipped, shrink
from app.services.engines.builtin.picture.creature import Pose
from app.services.engines.builtin.picture.rides import Ride
from app.services.engines.builtin.picture.words import Being


@dataclass
class Placed:
    """A figure and where it stands. Its cut-out looks right; ``x`` and ``y`` are where its foot meets the ground."""

    being: Being
    pose: Pose
    size: float
    """What the cut-out's height was asked to be, before ``factor``."""
    x: float
    y: float
    sprite: Sprite = field(default_factory=lambda: Sprite(np.zeros((1, 1, 4), np.uint8), (0.0, 0.0)))
    factor: float = 1.0
    flip: bool = False
    aloft: float = 0.0
    """Pixels above the ground."""
    ride: Ride | None = None
    dip: float = 0.0
    """Share of it that is under water."""
    cut: bool = False
    """It reaches beyond the lower edge: a head and shoulders."""
    paint: str = ""
    """The colour told of what is ridden."""
    travel: float = 0.0
    """How far it goes during the shot, as a signed fraction of the width."""
    _drawn: Sprite = field(default_factory=lambda: Sprite(np.zeros((1, 1, 4), np.uint8), (0.0, 0.0)))
    """The cut-out before it was made smaller or put into water."""
    _blink: tuple[Sprite, Sprite] | None = None
    """The cut-out as it was when it blinked, and the blink."""
    _eyes: tuple[Sprite, tuple[int, int, int, int] | None] | None = None
    """The blink in which the eyes were looked for, and where they are in it."""

    def span(self) -> tuple[float, float]:
        """Left and right edge in pixels."""
        width, foot = self.sprite.pixels.shape[1], self.sprite.foot[0]
        left = self.x - (width - foot if self.flip else foot)
        return left, left + width

    @property
    def near(self) -> float:
        """Grows with how near it is: the feet say so, and of two close heads the smaller one is in front."""
        return 1e6 - self.size * self.factor if self.cut else self.y

    def rise(self) -> tuple[float, float]:
        """Top and bottom edge in pixels."""
        top = self.y - self.aloft - self.sprite.foot[1]
        return top, top + self.sprite.pixels.shape[0]

    def draw(self, *, closed: bool = False, step: int = 0) -> Sprite:
        """The cut-out as it was placed, or with closed eyes, or at another step, in the same size.

        All of them are brought to their size in one step from a fresh drawing, so that they differ in nothing else.
        """
        return self._sized(self._fresh(closed=closed, step=step))

    def _fresh(self, *, closed: bool = False, step: int = 0) -> Sprite:
        asked: dict[str, Any] = {k: v for k, v in (("closed", closed), ("step", step)) if v}
        if self.ride is not None:
            asked["paint"] = self.paint
            return cast.mounted(self.being, self.ride.mount, self.pose, self.size, **asked)
        return cast.figure(self.being, self.pose, self.size, **asked)

    def _sized(self, sprite: Sprite) -> Sprite:
        if self.factor < 0.999:
            sprite = shrink(sprite, self.factor)
        return dipped(sprite, self.dip) if self.dip else sprite

    def appear(self) -> None:
        """Draw it in the size that is set."""
        self._drawn = self._fresh()
        self.sprite = self._sized(self._drawn)

    def shrink(self, factor: float) -> None:
        """Make it smaller, on the same foot."""
        self.factor *= factor
        self.sprite = self._sized(self._drawn)

    def sink(self, share: float) -> None:
        """Put the lowest ``share`` of it under water."""
        self.dip = share
        self.sprite = self._sized(self._drawn)

    def visible(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is painted, in pixels; the cut-out may have clear edges."""
        x, y, w, h = cv2.boundingRect(cv2.extractChannel(self.sprite.pixels, 3))
        left, top = self.span()[0], self.rise()[0]
        x = self.sprite.pixels.shape[1] - x - w if self.flip else x
        return left + x, top + y, left + x + w, top + y + h

    def contact(self) -> tuple[float, float]:
        """Left and right end of what touches the ground, in pixels."""
        left, top, right, bottom = self.visible()
        low = int(bottom - self.rise()[0])
        rows = self.sprite.pixels[max(0, low - max(2, round(0.06 * (bottom - top)))) : low, :, 3]
        used = np.flatnonzero((rows > 128).any(axis=0))
        if not len(used):
            return left, right
        width = self.sprite.pixels.shape[1]
        first, last = (width - 1 - used[-1], width - 1 - used[0]) if self.flip else (used[0], used[-1])
        start = self.span()[0]
        return start + float(first), start + float(last) + 1

    def blink(self) -> Sprite:
        """The cut-out with closed eyes; drawn once for as long as the figure stays as it is."""
        if self._blink is None or self._blink[0] is not self.sprite:
            self._blink = (self.sprite, self.draw(closed=True))
        return self._blink[1]

    def eyes(self) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of the open eyes in pixels: where a blink differs. None if it does not."""
        blink = self.blink()
        if self._eyes is None or self._eyes[0] is not blink:
            self._eyes = (blink, eyes_of(self.sprite, blink))
        if self._eyes[1] is None:
            return None
        left, top, right, bottom = self._eyes[1]
        if self.flip:
            width = self.sprite.pixels.shape[1]
            left, right = width - right, width - left
        x, y = self.span()[0], self.rise()[0]
        return x + left, y + top, x + right, y + bottom

    def head(self) -> tuple[float, float]:
        """The middle of its face in pixels: between the eyes, or about where they would be if they are closed."""
        eyes = self.eyes()
        if eyes is not None:
            return (eyes[0] + eyes[2]) / 2, (eyes[1] + eyes[3]) / 2
        left, top, right, bottom = self.visible()
        wide = min(1.0, max(0.0, (right - left) / max(1.0, bottom - top) - 0.62))
        towards = -1 if self.flip else 1
        return (left + right) / 2 + towards * wide * 0.3 * (right - left), top + (0.24 + 0.1 * wide) * (bottom - top)

    def chin(self) -> float:
        """y where its face ends, in pixels."""
        return self.head()[1] + chin_of(self.being) * self.size * self.factor


def chin_of(being: Being) -> float:
    """How far the face reaches below the eyes, of the height: muzzles and what they carry hang lower than mouths."""
    return 0.26 if being.animal else 0.2


def eyes_of(open_eyes: Sprite, closed: Sprite) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what a blink changes within a cut-out, in pixels."""
    if open_eyes.pixels.shape != closed.pixels.shape:
        return None
    alike = cv2.inRange(cv2.absdiff(open_eyes.pixels, closed.pixels), np.zeros(4), np.full(4, 24.0))
    x, y, w, h = cv2.boundingRect(cv2.bitwise_not(alike))
    return (x, y, x + w, y + h) if w and h else None
