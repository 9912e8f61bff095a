"""Things to ride on: bike, moped, boat, raft, broom, sled, cloud, carpet, moon, swing, balloon.

Units of the rider's height, the ground or the water at 0. Each has a part behind its rider and one before.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.gestures import Hand, Stance
from app.services.engines.builtin.picture.puppet import Puppet

Part = Callable[[Puppet, float, RGB, int], None]
"""Draws for a seat at this height, in this colour, in this step."""
RUBBER: RGB = (74, 70, 84)
STEEL: RGB = (186, 192, 202)
WOOD: RGB = (176, 124, 80)
PAINTS: tuple[RGB, ...] = ((222, 84, 74), (72, 138, 196), (246, 188, 74), (104, 168, 110), (160, 112, 186))


@dataclass(frozen=True)
class Ride:
    """How somebody sits on a thing."""

    seat: tuple[float, float]
    """Forward, and height; above 1 the rest is added to the rider's leg, below 0 the rider stands in it."""
    stance: Stance
    behind: Part
    before: Part
    grips: tuple[float, float] | None = None
    """Where the hands hold on, from the seat; None leaves them where the stance has them."""
    steps: tuple[tuple[tuple[float, float], tuple[float, float]], ...] = ()
    """Near and far leg in the steps."""
    tint: tuple[RGB, ...] = PAINTS


def _nothing(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    """Nothing on this side."""


def _wheel(c: Puppet, x: float, r: float, step: int, spokes: int) -> None:
    c.stroke(curves.oval(x, r, r * 0.9, r * 0.9), r * 0.2, RUBBER, closed=True)
    for k in range(spokes):
        a = math.pi * (k + step / 3) / spokes
        dx, dy = r * 0.8 * math.cos(a), r * 0.8 * math.sin(a)
        c.stroke([(x - dx, r - dy), (x + dx, r + dy)], 0.007, STEEL, smooth=False)
    c.dot(x, r, r * 0.16, STEEL)


def _bike_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    r = seat * 0.46
    back, front = (-0.3, r), (0.38, r)
    _wheel(c, back[0], r, step, 4)
    _wheel(c, front[0], r, step, 4)
    crank, head, post = (0.02, r * 0.86), (0.28, seat + 0.06), (-0.09, seat - 0.05)
    for line in ([back, crank, head], [back, post], [crank, post], [post, (head[0] - 0.01, head[1] - 0.05)]):
        c.stroke(line, 0.034, tone, smooth=False)
    c.stroke([front, head, (head[0] - 0.035, head[1] + 0.11)], 0.034, tone, smooth=False)
    c.stroke([(-0.09, seat - 0.05), (-0.1, seat - 0.01)], 0.03, STEEL, smooth=False)
    c.soft(curves.tube([(-0.2, seat), (-0.1, seat + 0.005), (0.0, seat - 0.005)], [0.07, 0.06, 0.035]), RUBBER)
    a = math.radians(-60 - 120 * step)
    px, py = 0.075 * math.cos(a), 0.075 * math.sin(a)
    c.stroke([(crank[0] - px, crank[1] - py), (crank[0] + px, crank[1] + py)], 0.02, STEEL, smooth=False)
    c.dot(*crank, 0.035, shade_of(tone))


def _bike_before(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    x, y = 0.245, seat + 0.175
    c.stroke([(x - 0.055, y - 0.015), (x, y), (x + 0.045, y + 0.012)], 0.03, RUBBER)


def _moped_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    r = 0.125
    box: RGB = mix(tone, (255, 236, 150), 0.25)
    c.soft(curves.box(-0.62, seat + 0.03, -0.26, seat + 0.36, 0.03), box)
    c.fill(curves.box(-0.6, seat + 0.2, -0.28, seat + 0.26), WHITE)
    c.stroke([(-0.5, seat + 0.0), (-0.36, seat + 0.0)], 0.03, STEEL, smooth=False)
    c.stroke([(0.42, r), (0.3, seat + 0.1), (0.24, seat + 0.24)], 0.045, STEEL, smooth=False)
    _wheel(c, -0.34, r, step, 3)
    _wheel(c, 0.42, r, step, 3)


def _moped_before(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    body = [(-0.56, seat - 0.06), (-0.5, seat - 0.2), (-0.18, 0.13), (0.2, 0.1), (0.27, 0.16), (0.02, 0.2),
        (-0.06, seat - 0.1), (-0.08, seat - 0.02), (-0.4, seat)]  # fmt: skip
    c.soft(curves.smooth(body, steps=5), tone)
    shield = [(0.22, 0.13), (0.32, 0.14), (0.37, seat + 0.02), (0.3, seat + 0.18), (0.25, seat + 0.17), (0.27, seat)]
    c.soft(curves.smooth(shield, steps=5), tone)
    c.soft(curves.tube([(-0.42, seat + 0.005), (-0.08, seat)], [0.07, 0.06]), RUBBER)
    c.soft(curves.smooth([(0.3, 0.2), (0.36, 0.27), (0.54, 0.25), (0.56, 0.19), (0.42, 0.24)]), tone)
    c.soft(curves.oval(0.35, seat + 0.12, 0.04, 0.045), (255, 240, 190), light=0.4)
    c.stroke([(0.27, seat + 0.22), (0.2, seat + 0.235)], 0.034, RUBBER, smooth=False)


def _boat_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    c.soft(
        curves.smooth([(-0.78, 0.27), (0.0, 0.2), (0.84, 0.31), (0.6, 0.12), (-0.6, 0.12)]), shade_of(shade_of(WOOD))
    )


def _boat_before(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    hull = curves.smooth([(-0.8, 0.28), (-0.35, 0.2), (0.25, 0.19), (0.86, 0.32), (0.66, 0.06), (0.3, -0.03),
        (-0.4, -0.03), (-0.68, 0.06)])  # fmt: skip
    c.soft(hull, WOOD)
    with c.inside(hull):
        c.stroke([(-0.9, 0.13), (0.0, 0.075), (0.95, 0.15)], 0.012, shade_of(WOOD))
        c.stroke([(-0.9, 0.24), (-0.35, 0.17), (0.25, 0.16), (0.95, 0.3)], 0.045, tone)
    c.stroke([(-0.8, 0.285), (-0.35, 0.205), (0.25, 0.195), (0.86, 0.325)], 0.026, light_of(WOOD))


def _raft_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    for k in range(3):
        c.soft(
            curves.tube([(-0.74 + 0.03 * k, 0.1 - 0.05 * k), (0.76 + 0.03 * k, 0.1 - 0.05 * k)], [0.085, 0.085]), WOOD
        )
        c.soft(curves.oval(0.77 + 0.03 * k, 0.1 - 0.05 * k, 0.03, 0.043), light_of(light_of(WOOD)))
    for x in (-0.5, 0.5):
        c.stroke([(x, 0.145), (x + 0.05, -0.04)], 0.03, (222, 196, 146), smooth=False)


def _broom_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    straw = curves.smooth([(-0.36, seat + 0.0), (-0.42, seat + 0.05), (-0.62, seat + 0.075), (-0.86, seat + 0.03),
        (-0.92, seat - 0.08), (-0.84, seat - 0.17), (-0.6, seat - 0.13), (-0.4, seat - 0.065)])  # fmt: skip
    c.soft(straw, (232, 188, 108))
    for k in (-1, 0, 1):
        c.stroke(
            [(-0.44, seat - 0.015 + 0.015 * k), (-0.84, seat - 0.07 + 0.055 * k)], 0.009, (190, 140, 74), smooth=False
        )
    c.stroke([(-0.42, seat - 0.012), (0.1, seat + 0.01), (0.66, seat + 0.07)], 0.034, WOOD)
    c.stroke([(-0.43, seat + 0.045), (-0.41, seat - 0.065)], 0.03, tone, smooth=False)


def _sled_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    c.stroke([(-0.5, 0.02), (0.4, 0.02), (0.56, 0.06), (0.6, 0.17), (0.52, 0.2)], 0.03, shade_of(WOOD))


def _sled_before(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    c.soft(curves.box(-0.48, seat - 0.055, 0.46, seat - 0.005, 0.02), tone)
    for x in (-0.34, 0.28):
        c.stroke([(x, seat - 0.04), (x, 0.03)], 0.032, WOOD, smooth=False)
    c.stroke([(-0.52, 0.018), (0.42, 0.018), (0.58, 0.06), (0.62, 0.17), (0.54, 0.2)], 0.036, WOOD)


def _cloud_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    puffs = ((-0.5, 0.16, 0.17), (-0.24, 0.24, 0.21), (0.12, 0.24, 0.22), (0.44, 0.18, 0.18), (0.66, 0.12, 0.11))
    for x, y, r in puffs:
        c.soft(curves.oval(x, y, r, r * 0.86), (252, 252, 255), dark=(206, 218, 240))


def _cloud_before(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    base = [(-0.72, 0.1), (-0.62, 0.2), (-0.44, 0.16), (-0.26, 0.25), (-0.02, 0.18), (0.2, 0.23), (0.4, 0.15),
        (0.62, 0.2), (0.8, 0.1), (0.6, 0.01), (-0.5, 0.01)]  # fmt: skip
    c.soft(curves.smooth(base), (252, 252, 255), dark=(206, 218, 240))


def _carpet_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    t = np.linspace(0, 1, 15)
    wave = 0.035 * np.sin(t * 7.5 + 2.1 * step)
    top = np.stack([-0.62 + 1.3 * t, seat - 0.01 + wave + 0.05 * t], 1)
    low = np.stack([-0.74 + 1.3 * t, seat - 0.13 + wave + 0.05 * t], 1)[::-1]
    shape = np.vstack([top, low])
    c.soft(shape, tone)
    with c.inside(shape):
        c.stroke(top - np.array((0.03, 0.03)), 0.02, (250, 214, 110))
        c.stroke(low + np.array((0.03, 0.03)), 0.02, (250, 214, 110))
        for k in (3, 7, 11):
            x, y = (top[k] + low[14 - k]) / 2
            c.fill([(x - 0.05, y), (x, y + 0.026), (x + 0.05, y), (x, y - 0.026)], (250, 226, 150))
    for end, s in ((0, -1), (14, 1)):
        for k in range(4):
            q = top[end] + (low[14 - end] - top[end]) * k / 3
            c.stroke([(q[0], q[1]), (q[0] + s * 0.055, q[1] - 0.03)], 0.014, (250, 214, 110), smooth=False)


def _moon_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    outer = [(0.62 * math.cos(math.radians(a)), 0.62 + 0.62 * math.sin(math.radians(a))) for a in range(98, 388, 8)]
    inner = [
        (0.2 + 0.52 * math.cos(math.radians(a)), 0.78 + 0.52 * math.sin(math.radians(a))) for a in range(356, 118, -8)
    ]
    c.glow(-0.1, 0.55, 1.0, (255, 240, 180), 0.45)
    c.soft(np.array([*outer, *inner]), (255, 226, 132), dark=(240, 186, 92))
    for x, y, r in ((-0.44, 0.5, 0.05), (-0.3, 0.24, 0.035), (-0.42, 0.78, 0.03)):
        c.fill(curves.oval(x, y, r, r), (246, 204, 110))


def _swing_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    for x in (-0.2, 0.2):
        c.stroke([(x * 0.9, 1.72), (x, seat)], 0.02, (206, 170, 116), smooth=False)
    c.soft(curves.tube([(-0.62, 1.7), (0.0, 1.74), (0.66, 1.72)], [0.1, 0.085, 0.06]), shade_of(WOOD))
    for x, y, r in ((-0.5, 1.78, 0.1), (0.3, 1.8, 0.09), (0.6, 1.76, 0.11), (-0.24, 1.8, 0.07)):
        c.soft(curves.oval(x, y, r * 1.3, r), (118, 170, 96))
    c.soft(curves.box(-0.27, seat - 0.045, 0.27, seat, 0.015), tone)


def _board_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    for x in (-0.22, 0.22):
        c.dot(x, 0.035, 0.035, RUBBER)
    c.soft(curves.tube([(-0.4, 0.1), (-0.28, 0.075), (0.28, 0.075), (0.4, 0.1)], [0.03, 0.04, 0.04, 0.03]), tone)


def _balloon_behind(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    for x in (-0.24, 0.24):
        c.stroke([(x, 0.4), (x * 1.5, 1.28)], 0.014, (150, 116, 84), smooth=False)
    shape = curves.smooth([(0, 2.62), (0.46, 2.48), (0.68, 2.06), (0.56, 1.62), (0.26, 1.26), (-0.26, 1.26),
        (-0.56, 1.62), (-0.68, 2.06), (-0.46, 2.48)])  # fmt: skip
    c.soft(shape, tone)
    with c.inside(shape):
        for k, stripe in ((-1, (255, 246, 226)), (1, (255, 246, 226))):
            band = [
                (k * 0.1, 2.66),
                (k * 0.42, 2.45),
                (k * 0.46, 2.0),
                (k * 0.2, 1.2),
                (k * 0.06, 1.2),
                (k * 0.14, 2.0),
            ]
            c.fill(curves.smooth(band), stripe, 0.92)
    c.soft(curves.box(-0.27, 1.2, 0.27, 1.27, 0.02), shade_of(tone))
    c.soft(curves.box(-0.3, 0.05, 0.3, 0.38, 0.03), shade_of(shade_of(WOOD)))


def _balloon_before(c: Puppet, seat: float, tone: RGB, step: int) -> None:
    basket = curves.smooth([(-0.33, 0.37), (0.33, 0.37), (0.28, 0.03), (-0.28, 0.03)], steps=4)
    c.soft(basket, (206, 158, 98))
    with c.inside(basket):
        for y in (0.1, 0.18, 0.26):
            c.stroke([(-0.4, y), (0.4, y)], 0.012, (164, 116, 70), smooth=False)
        for k in range(-4, 5):
            c.stroke([(k * 0.075, 0.0), (k * 0.08, 0.4)], 0.008, (164, 116, 70), smooth=False)
    c.soft(curves.box(-0.36, 0.345, 0.36, 0.405, 0.025), WOOD)


def _sitting(near_leg: tuple[float, float], far_leg: tuple[float, float], lean: float = 0.0, **more: Any) -> Stance:
    base = Stance(near_leg, far_leg, Hand(0.2, -0.74), Hand(0.66, -0.66), lean=lean, folded=True, seated=True)
    return replace(base, **more)


_PEDALS = (((46.0, 44.0), (16.0, 12.0)), ((20.0, 16.0), (52.0, 66.0)), ((58.0, 66.0), (30.0, 18.0)))
_ON_GROUND = _sitting((84.0, 8.0), (92.0, 24.0))
RIDES: dict[str, Ride] = {
    "bike": Ride((-0.1, 1.13), _sitting((46, 44), (16, 12), 15, side=0.6, free=False), _bike_behind, _bike_before,
        (0.34, 0.19), _PEDALS),
    "scooter": Ride((-0.2, 0.36), _sitting((76, 76), (84, 80), 4, side=0.6, free=False), _moped_behind, _moped_before,
        (0.42, 0.25)),
    "boat": Ride((-0.06, 0.1), _ON_GROUND, _boat_behind, _boat_before),
    "raft": Ride((-0.08, 0.13), _ON_GROUND, _raft_behind, _nothing),
    "broom": Ride((0.0, 0.34), _sitting((34, 84), (44, 92), 14, side=0.6, free=False), _broom_behind, _nothing,
        (0.3, 0.06)),
    "sled": Ride((-0.14, 0.17), _sitting((82, 8), (90, 22), -6), _sled_behind, _sled_before),
    "cloud": Ride((-0.06, 0.22), _ON_GROUND, _cloud_behind, _cloud_before),
    "carpet": Ride((-0.12, 0.15), _ON_GROUND, _carpet_behind, _nothing,
        tint=((186, 62, 70), (76, 92, 168), (132, 78, 150))),
    "moon": Ride((-0.04, 0.3), _sitting((74, 60), (84, 60)), _moon_behind, _nothing),
    "swing": Ride((0.0, 0.34), _sitting((80, 30), (88, 40), -5.0, near=Hand(-0.52, 0.12), far=Hand(0.6, 0.16),
        free=False), _swing_behind, _nothing),
    "balloon": Ride((0.0, -1.0), Stance(), _balloon_behind, _balloon_before),
    "skateboard": Ride((0.0, -1.0), Stance((18.0, 22.0), (-24.0, 4.0), Hand(-0.95, 0.0), Hand(0.95, -0.15), lean=6.0),
        _board_behind, _nothing),
}  # fmt: skip
"""What can be ridden by name."""
OTHER_NAMES = {"ship": "boat", "moped": "scooter", "motorbike": "scooter", "basket": "balloon", "sleigh": "sled",
    "carriage": "sled", "rug": "carpet", "canoe": "boat", "bicycle": "bike"}  # fmt: skip
AFLOAT = frozenset({"broom", "cloud", "carpet", "moon", "balloon", "swing"})
"""What hangs in the air or from a branch."""
