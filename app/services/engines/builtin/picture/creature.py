"""What every living figure shares: looks, pose, eyes, cheeks and mouths. Units of the figure's height, y upwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import COLOURS, INK, RGB, WHITE, mix, shade_of
from app.services.engines.builtin.picture.stage import arc

BLUSH: RGB = (246, 138, 130)


@dataclass(frozen=True)
class Pose:
    """How somebody is drawn in this picture; always facing right, the caller mirrors."""

    action: str = "stand"
    mood: str = "calm"
    prop: str = ""


@dataclass(frozen=True)
class Looks:
    """What stays the same in every picture of somebody."""

    kind: str
    age: str
    key: str
    wear: dict[str, str] = field(default_factory=dict)

    def pick(self, what: str, choices: tuple[RGB, ...]) -> RGB:
        """The colour that was told for ``what``, or one of ``choices`` that depends only on who it is."""
        told = self.wear.get(what, "")
        return COLOURS[told] if told in COLOURS else choices[self.number(what) % len(choices)]

    def number(self, what: str) -> int:
        """A stable number for who it is and a question about them."""
        return int.from_bytes(hashlib.sha256(f"{self.key}|{what}".encode()).digest()[:4], "big")

    @property
    def mother(self) -> bool:
        """An animal that is somebody's mother: it has lashes and a bow."""
        return self.age == "big" and "mother" in self.wear

    @property
    def small(self) -> bool:
        return self.age in ("child", "baby")


def eye(c: Canvas, x: float, y: float, r: float, mood: str, *, colour: RGB = INK, lash: bool = False) -> None:
    """One eye: closed when asleep or laughing, wide when surprised, with lights in it."""
    w = max(r * 0.34, 0.006)
    if mood == "sleepy":
        c.stroke(arc(x, y + r * 0.3, r * 1.1, 200, 340, 0.7), w, colour)
        return
    if mood == "happy":
        c.stroke(arc(x, y - r * 0.45, r * 1.1, 20, 160, 0.95), w * 1.15, colour)
        return
    tall = {"surprised": 1.35, "tense": 1.25, "angry": 1.0}.get(mood, 1.2)
    if mood in ("surprised", "tense"):
        c.fill(curves.oval(x, y, r * 1.35, r * 1.35 * tall * 0.88), WHITE)
    c.fill(curves.oval(x, y, r * 0.92, r * tall, steps=28), colour)
    c.dot(x - r * 0.25, y + r * 0.5, r * 0.36, WHITE)
    c.dot(x + r * 0.32, y - r * 0.4, r * 0.17, mix(WHITE, colour, 0.15))
    if lash:
        c.stroke([(x + r * 0.6, y + r * 0.9), (x + r * 1.35, y + r * 1.35)], w * 0.8, colour, smooth=False)
        c.stroke([(x - r * 0.1, y + r * 1.1), (x + r * 0.25, y + r * 1.7)], w * 0.8, colour, smooth=False)


def brow(c: Canvas, x: float, y: float, r: float, mood: str, inner: float, colour: RGB) -> None:
    """An eyebrow; ``inner`` is -1 when the nose lies to its left, 1 to its right."""
    lift = {"sad": 0.55, "tense": 0.6, "angry": -0.7, "surprised": 0.1, "epic": -0.35}.get(mood)
    if lift is None:
        return
    up = r * (2.3 if mood == "surprised" else 1.9)
    c.stroke(
        [(x - inner * r, y + up - lift * r * 0.5), (x + inner * r, y + up + lift * r * 0.5)],
        max(0.008, r * 0.3),
        colour,
        smooth=False,
    )


def mouth(c: Canvas, x: float, y: float, r: float, mood: str, colour: RGB = INK) -> None:
    """A mouth of half-width ``r``."""
    w = max(0.007, r * 0.2)
    if mood in ("happy", "epic"):
        c.fill(arc(x, y + r * 0.25, r * 0.85, 180, 360, 1.0), (150, 62, 70))
        c.fill(arc(x, y - r * 0.28, r * 0.45, 180, 360, 0.6), (240, 132, 130))
        return
    if mood == "surprised":
        c.fill(curves.oval(x, y - r * 0.1, r * 0.42, r * 0.55), (150, 62, 70))
        return
    if mood in ("sad", "tense", "angry"):
        c.stroke(arc(x, y - r * 0.6, r * 0.75, 35, 145, 0.8), w, colour)
        return
    c.stroke(arc(x, y + r * 0.5, r * 0.85, 215, 325, 0.9), w, colour)


def muzzle_mouth(c: Canvas, x: float, y: float, r: float, mood: str) -> None:
    """The w-shaped mouth of dogs and cats; open when happy."""
    w = max(0.007, r * 0.16)
    if mood == "happy":
        c.fill(arc(x, y - r * 0.1, r * 0.62, 180, 360, 1.35), (164, 70, 78))
        c.fill(curves.oval(x, y - r * 0.62, r * 0.36, r * 0.3), (242, 138, 138))
    if mood in ("sad", "tense", "angry"):
        c.stroke(arc(x, y - r * 0.75, r * 0.6, 40, 140, 0.7), w, INK)
        return
    c.stroke(arc(x - r * 0.45, y + r * 0.1, r * 0.45, 190, 350, 0.8), w, INK)
    c.stroke(arc(x + r * 0.45, y + r * 0.1, r * 0.45, 190, 350, 0.8), w, INK)


def cheek(c: Canvas, x: float, y: float, r: float, strength: float = 0.55) -> None:
    """A blush."""
    c.glow(x, y, r * 1.5, BLUSH, strength, squash=0.8)


def tear(c: Canvas, x: float, y: float, r: float) -> None:
    """One tear under an eye."""
    c.fill(
        curves.smooth([(x, y + r), (x + r * 0.55, y - r * 0.2), (x, y - r * 0.8), (x - r * 0.55, y - r * 0.2)]),
        (150, 204, 244),
    )
    c.dot(x - r * 0.15, y - r * 0.2, r * 0.2, WHITE)


def scarf(c: Canvas, x: float, y: float, rx: float, ry: float, colour: RGB, tail: float = 1.0) -> None:
    """A scarf around a neck at (x, y) with one end hanging."""
    if tail > 0:
        c.soft(
            curves.tube(
                [
                    (x - rx * 0.45, y - ry * 0.3),
                    (x - rx * 0.6, y - ry * 2.0 * tail),
                    (x - rx * 0.45, y - ry * 3.3 * tail),
                ],
                [ry * 1.1, ry * 1.3, ry * 1.5],
            ),
            mix(colour, shade_of(colour), 0.25),
        )
    c.soft(
        curves.smooth(
            [
                (x - rx, y + ry * 0.5),
                (x - rx * 0.9, y - ry * 0.7),
                (x, y - ry * 1.15),
                (x + rx * 0.9, y - ry * 0.7),
                (x + rx, y + ry * 0.5),
                (x, y - ry * 0.05),
            ]
        ),
        colour,
    )


def bow(c: Canvas, x: float, y: float, r: float, colour: RGB) -> None:
    """A bow tied at (x, y)."""
    for s in (-1, 1):
        c.soft(
            curves.smooth([(x, y), (x + s * r, y + r * 0.62), (x + s * r * 1.15, y), (x + s * r, y - r * 0.6)]), colour
        )
    c.soft(curves.oval(x, y, r * 0.3, r * 0.34), mix(colour, shade_of(colour), 0.4))
