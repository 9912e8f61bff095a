"""Small printed ornaments in a unit square: sprigs, stars, clouds, waves, lanterns and what else a page wants.

Every ornament is a function that draws on a ``Pen``; which of the card's colours it uses is a number: 0 ink,
1 accent, 2 the second accent, 3 the paper itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.fonts import Mask

Curve = NDArray[np.float64]
_FINE = 3


class Ink(NamedTuple):
    """One colour of an ornament: its coverage, and which colour."""

    mask: Mask
    colour: int


class Pen:
    """Draws in a unit square, y down; every change of colour is a new mask, in the order of printing."""

    def __init__(self, size: int, random: Random) -> None:
        self.random = random
        self._size = size * _FINE
        self.inks: list[tuple[Mask, int]] = []

    def stroke(self, points: Curve, width: float, colour: int = 0, *, closed: bool = False) -> None:
        thick = max(1, round(width * self._size))
        cv2.polylines(self._mask(colour), [self._fixed(points)], closed, (255,), thick, cv2.LINE_AA, 4)

    def shape(self, points: Curve, colour: int = 0) -> None:
        cv2.fillPoly(self._mask(colour), [self._fixed(points)], (255,), cv2.LINE_AA, 4)

    def dot(self, x: float, y: float, radius: float, colour: int = 0) -> None:
        self.shape(arc(x, y, radius, radius), colour)

    def _mask(self, colour: int) -> Mask:
        if not self.inks or self.inks[-1][1] != colour:
            self.inks.append((np.zeros((self._size, self._size), np.uint8), colour))
        return self.inks[-1][0]

    def _fixed(self, points: Curve) -> NDArray[np.int32]:
        fixed: NDArray[np.int32] = np.rint(points * self._size * 16).astype(np.int32).reshape(-1, 1, 2)
        return fixed


def printed(name: str, size: int, random: Random, *, flip: bool = False, hang: bool = False) -> list[Ink]:
    """An ornament in ``size`` x ``size`` pixels; ``flip`` mirrors it left to right, ``hang`` top to bottom."""
    pen = Pen(max(size, 4), random)
    ORNAMENTS[name](pen)
    found = []
    for mask, colour in pen.inks:
        small = cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA)
        small = cv2.flip(small, 1) if flip else small
        found.append(Ink(np.asarray(cv2.flip(small, 0) if hang else small, np.uint8), colour))
    return found


def arc(x: float, y: float, across: float, down: float, start: float = 0, end: float = 360) -> Curve:
    angle = np.radians(np.linspace(start, end, max(4, int(abs(end - start) / 5))))
    return np.column_stack([x + across * np.cos(angle), y + down * np.sin(angle)])


def bend(*points: tuple[float, float]) -> Curve:
    """A Bezier curve through its first and last point."""
    p = np.array(points, np.float64)
    t = np.linspace(0, 1, 28)[:, None]
    n = len(p) - 1
    total = np.zeros((28, 2))
    for k in range(n + 1):
        total += math.comb(n, k) * t**k * (1 - t) ** (n - k) * p[k]
    return total


def leaf(x: float, y: float, angle: float, length: float, fat: float = 0.34) -> Curve:
    """A pointed leaf from its stalk; ``angle`` in degrees, 0 to the right, 90 up."""
    t = np.linspace(0, 1, 16)
    half = np.sin(np.pi * t**0.8) * fat * length / 2
    outline = np.vstack([np.column_stack([t * length, half]), np.column_stack([t * length, -half])[::-1]])
    turn = math.radians(angle)
    rotate = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    turned: Curve = outline @ rotate + np.array([x, y])
    return turned


def star(x: float, y: float, radius: float, points: int = 4, waist: float = 0.3, turn: float = -90) -> Curve:
    angle = np.radians(np.arange(2 * points) * 180 / points + turn)
    far = np.where(np.arange(2 * points) % 2, waist, 1.0) * radius
    return np.column_stack([x + far * np.cos(angle), y + far * np.sin(angle)])


def _spiral(x: float, y: float, radius: float, start: float, turns: float, *, left: bool = False) -> Curve:
    t = np.linspace(0, 1, 60)
    angle = math.radians(start) + (-1 if left else 1) * t * turns * 2 * math.pi
    far = radius * (1 - 0.86 * t)
    return np.column_stack([x + far * np.cos(angle), y + far * np.sin(angle)])


def _sprig(pen: Pen) -> None:
    stem = bend((0.04, 0.80), (0.36, 0.86), (0.62, 0.52), (0.97, 0.22))
    pen.stroke(stem, 0.016)
    for k, at in enumerate((4, 8, 12, 16, 20, 24)):
        x, y = stem[at]
        length = 0.235 - 0.012 * k
        pen.shape(leaf(x, y, 88 - 2 * k, length), 1 if k % 3 == 1 else 0)
        pen.shape(leaf(x + 0.012, y, -24 + 5 * k, length * 0.92), 0)
    pen.shape(leaf(float(stem[-3, 0]), float(stem[-3, 1]), 44, 0.15))
    for x, y in ((0.2, 0.62), (0.50, 0.44), (0.72, 0.60), (0.40, 0.92)):
        pen.dot(x, y, 0.026, 2)


def _stars(pen: Pen) -> None:
    for k, (x, y, radius) in enumerate(((0.46, 0.5, 0.26), (0.8, 0.26, 0.13), (0.2, 0.22, 0.1), (0.78, 0.78, 0.085))):
        pen.shape(star(x, y, radius, waist=0.28), (1, 2, 0, 1)[k])
    for x, y in ((0.1, 0.64), (0.93, 0.56), (0.52, 0.06), (0.34, 0.92)):
        pen.dot(x, y, 0.02, 2)


def _hearts(pen: Pen) -> None:
    t = np.linspace(0, 2 * np.pi, 60)
    heart = np.column_stack([np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t)) / 16])
    for k, (x, y, size) in enumerate(((0.42, 0.52, 0.27), (0.82, 0.3, 0.13), (0.14, 0.2, 0.09), (0.8, 0.78, 0.07))):
        pen.shape(heart * size + [x, y], (1, 2, 2, 1)[k])


def _scroll(pen: Pen) -> None:
    """An auspicious cloud: spirals on a long tail."""
    for x, y, radius, start in ((0.36, 0.46, 0.2, 60), (0.66, 0.50, 0.155, 60), (0.5, 0.28, 0.13, 70)):
        pen.stroke(_spiral(x, y, radius, start, 1.6, left=True), 0.034, 1)
    pen.stroke(bend((0.02, 0.66), (0.2, 0.72), (0.46, 0.62), (0.46, 0.62)), 0.034, 1)
    pen.stroke(bend((0.3, 0.74), (0.6, 0.80), (0.8, 0.66), (0.98, 0.72)), 0.03, 1)


def _wave(pen: Pen) -> None:
    """Fish scales of the sea, each of three arcs."""
    for row in range(3):
        for column in range(4 - row % 2):
            x, y = 0.2 * (column + 0.5 + 0.5 * (row % 2)) + 0.1, 0.46 + row * 0.13
            for k, radius in enumerate((0.1, 0.068, 0.036)):
                pen.stroke(arc(x, y, radius, radius, 180, 360), 0.016, (0, 1, 1)[k])


def _lantern(pen: Pen) -> None:
    pen.stroke(bend((0.5, 0.02), (0.5, 0.16)), 0.02)
    pen.shape(arc(0.5, 0.42, 0.3, 0.24), 1)
    for across in (0.1, 0.2):
        pen.stroke(arc(0.5, 0.42, across, 0.235), 0.012, 2)
    for y in (0.17, 0.64):
        pen.shape(np.array([(0.36, y), (0.64, y), (0.64, y + 0.05), (0.36, y + 0.05)]), 2)
    for x in (0.44, 0.5, 0.56):
        pen.stroke(bend((x, 0.69), (x, 0.8), (x + (x - 0.5) * 0.4, 0.95)), 0.018, 1)


def _plum(pen: Pen) -> None:
    """A branch of plum, from the lower left, in strokes that end dry."""
    trunk = bend((0.0, 1.0), (0.2, 0.7), (0.1, 0.5), (0.46, 0.36), (0.62, 0.1))
    for k in range(len(trunk) - 1):
        pen.stroke(trunk[k : k + 2], 0.034 - 0.0009 * k)
    for branch in (
        bend((0.22, 0.56), (0.45, 0.6), (0.55, 0.5), (0.82, 0.52)),
        bend((0.40, 0.40), (0.6, 0.38), (0.8, 0.30), (0.92, 0.20)),
        bend((0.17, 0.66), (0.05, 0.5), (0.1, 0.4), (0.04, 0.3)),
    ):
        pen.stroke(branch, 0.013)
    blossoms = ((0.82, 0.52, 0.062), (0.6, 0.55, 0.05), (0.92, 0.2, 0.055), (0.63, 0.1, 0.058), (0.72, 0.33, 0.05))
    for x, y, radius in (*blossoms, (0.05, 0.3, 0.046), (0.4, 0.36, 0.044)):
        for k in range(5):
            angle = math.radians(72 * k - 90 + 40 * x)
            pen.dot(x + math.cos(angle) * radius * 0.62, y + math.sin(angle) * radius * 0.62, radius * 0.52, 1)
        pen.dot(x, y, radius * 0.2, 3)
    for x, y in ((0.5, 0.22), (0.72, 0.5), (0.83, 0.24), (0.12, 0.42), (0.56, 0.14)):
        pen.dot(x, y, 0.017, 1)


def _bamboo(pen: Pen) -> None:
    """Two canes with their joints, grey with age, and leaves in threes."""
    for x, lean, width, joints in ((0.2, 0.1, 0.04, 4), (0.44, 0.03, 0.024, 5)):
        for k in range(joints):
            low, high = 1.0 - k * 0.19, 0.822 - k * 0.19
            ends = [(x + lean * (1 - at), at) for at in (low, high)]
            pen.stroke(np.array(ends), width * (1 - 0.09 * k), 2)
    for x, y, angle, length in (
        *((0.28, 0.24, 62, 0.24), (0.28, 0.24, 118, 0.2), (0.28, 0.26, 18, 0.3), (0.27, 0.28, 164, 0.24)),
        *((0.47, 0.06, -14, 0.3), (0.47, 0.07, -46, 0.28), (0.47, 0.06, -150, 0.2), (0.46, 0.1, -82, 0.2)),
        *((0.26, 0.44, -22, 0.32), (0.26, 0.44, -54, 0.28), (0.25, 0.46, -146, 0.22)),
        *((0.46, 0.4, -26, 0.3), (0.46, 0.4, 4, 0.26), (0.45, 0.62, -36, 0.24), (0.22, 0.66, -160, 0.18)),
    ):
        pen.shape(leaf(x, y, angle, length, 0.2))


def _flower(pen: Pen) -> None:
    """Cut from folded paper: petals with slits, and leaves."""
    for k in range(2):
        pen.shape(leaf(0.5, 0.62, (-38, 218)[k], 0.46, 0.36), 2)
    for k in range(8):
        pen.shape(leaf(0.5, 0.42, 45 * k + 22, 0.36, 0.66), 1)
    for k in range(8):
        angle = math.radians(45 * k + 22)
        pen.shape(leaf(0.5 + 0.13 * math.cos(angle), 0.42 - 0.13 * math.sin(angle), 45 * k + 22, 0.15, 0.34), 3)
    pen.dot(0.5, 0.42, 0.085, 3)
    pen.dot(0.5, 0.42, 0.045, 1)


def _fan(pen: Pen) -> None:
    """The fan of the nineteen-twenties."""
    for k in range(9):
        angle = math.radians(180 + 22.5 * k)
        end = (0.5 + 0.46 * math.cos(angle), 0.74 + 0.46 * math.sin(angle))
        pen.stroke(np.array([(0.5 + 0.12 * math.cos(angle), 0.74 + 0.12 * math.sin(angle)), end]), 0.012)
    for radius, colour in ((0.46, 0), (0.4, 1), (0.12, 1)):
        pen.stroke(arc(0.5, 0.74, radius, radius, 180, 360), 0.014, colour)
    pen.stroke(np.array([(0.02, 0.76), (0.98, 0.76)]), 0.012)


def _sun(pen: Pen) -> None:
    pen.dot(0.5, 0.5, 0.2, 1)
    for k in range(12):
        angle = math.radians(30 * k)
        near, far = 0.27, 0.42 - 0.06 * (k % 2)
        ends = [(0.5 + r * math.cos(angle), 0.5 + r * math.sin(angle)) for r in (near, far)]
        pen.stroke(np.array(ends), 0.036, 2)


def _petals(pen: Pen) -> None:
    """Cherry petals adrift, each with its notch."""
    for x, y, size, turn, colour in (
        *((0.36, 0.54, 0.26, 20, 1), (0.74, 0.28, 0.18, -40, 2), (0.18, 0.2, 0.14, 70, 2), (0.78, 0.76, 0.14, 130, 1)),
        (0.5, 0.9, 0.09, -10, 2),
    ):
        petal = bend((0, 0), (0.62, -0.2), (0.5, -0.95), (0.1, -1))
        other = bend((0, -0.84), (-0.1, -1), (-0.5, -0.95), (-0.62, -0.2), (0, 0))
        outline = np.vstack([petal, other]) * size
        angle = math.radians(turn)
        rotate = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        pen.shape(outline @ rotate + [x, y], colour)


def _moon(pen: Pen) -> None:
    outer, inner = arc(0.42, 0.5, 0.3, 0.3, 60, 300), arc(0.56, 0.5, 0.27, 0.27, 286, 74)
    pen.shape(np.vstack([outer, inner]), 1)
    for x, y, radius in ((0.74, 0.3, 0.12), (0.86, 0.62, 0.07), (0.62, 0.72, 0.05)):
        pen.shape(star(x, y, radius, waist=0.28), 2)


def _drops(pen: Pen) -> None:
    """Spatters of a wet brush."""
    for _ in range(16):
        x, y = 0.5 + pen.random.gauss(0, 0.19), 0.5 + pen.random.gauss(0, 0.19)
        radius = 0.01 + 0.05 * pen.random.random() ** 3
        if 0.08 < x < 0.92 and 0.08 < y < 0.92:
            pen.shape(arc(x, y, radius, radius * (0.8 + 0.3 * pen.random.random())), pen.random.choice((1, 2)))


def _flourish(pen: Pen) -> None:
    """A line that ends in curls, for old books and gilt frames."""
    pen.stroke(bend((0.02, 0.5), (0.3, 0.2), (0.5, 0.86), (0.8, 0.42)), 0.018)
    pen.stroke(_spiral(0.80, 0.55, 0.135, -90, 1.3), 0.018, 1)
    pen.stroke(_spiral(0.30, 0.42, 0.11, 90, 1.2), 0.016, 1)
    pen.shape(leaf(0.48, 0.56, 40, 0.2))
    pen.shape(leaf(0.52, 0.56, -40, 0.2))
    pen.dot(0.05, 0.48, 0.026, 2)


def _diamond(pen: Pen) -> None:
    pen.shape(star(0.5, 0.5, 0.3, waist=0.52), 1)
    for x in (0.12, 0.88):
        pen.shape(star(x, 0.5, 0.11, waist=0.5), 0)


def _leaf_pair(pen: Pen) -> None:
    for angle in (22, -22):
        pen.shape(leaf(0.54, 0.5, angle, 0.4, 0.4), 0)
        pen.shape(leaf(0.46, 0.5, 180 + angle, 0.4, 0.4), 0)
    pen.dot(0.5, 0.5, 0.07, 1)


ORNAMENTS: dict[str, Callable[[Pen], None]] = {
    "sprig": _sprig,
    "stars": _stars,
    "hearts": _hearts,
    "scroll": _scroll,
    "wave": _wave,
    "lantern": _lantern,
    "plum": _plum,
    "bamboo": _bamboo,
    "flower": _flower,
    "fan": _fan,
    "sun": _sun,
    "petals": _petals,
    "moon": _moon,
    "drops": _drops,
    "flourish": _flourish,
    "diamond": _diamond,
    "leaf pair": _leaf_pair,
}
