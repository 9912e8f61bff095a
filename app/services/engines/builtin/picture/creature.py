"""What every living figure shares: looks, pose, scarf and bow. Units of the figure's height, y upwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import COLOURS, RGB, mix, shade_of


@dataclass(frozen=True)
class Pose:
    """How somebody is drawn in this picture; always facing right, the caller mirrors."""

    action: str = "stand"
    mood: str = "calm"
    prop: str = ""
    """The thing held, or used: a guitar decides how somebody plays."""
    gaze: tuple[float, float] | None = None
    """Where the pupils are, -1 to 1: forward (the way the figure faces) and up; None looks where the action looks."""
    seat: float = 0.0
    """For those who sit: height of the seat over the ground in heights of the figure; 0 is the ground."""
    closed: bool = False
    """A blink."""
    step: int = 0
    """Which phase of a walk, run, wing beat or tail beat: 0, 1 or 2, going round."""


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
