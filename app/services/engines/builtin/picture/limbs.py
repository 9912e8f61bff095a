"""Joints: where knees, ankles, elbows and hands of a stance are, and how limbs are drawn between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, mix, shade_of
from app.services.engines.builtin.picture.gestures import Angles, Hand, Stance
from app.services.engines.builtin.picture.puppet import Puppet

Point = tuple[float, float]
ANKLE = 0.045


@dataclass(frozen=True)
class Frame:
    """Where the parts of a body are when it stands, in units of its height."""

    head: float
    neck: float
    hip: float
    shoulder: float
    waist: float
    hem: float
    leg_w: float
    arm_w: float

    @property
    def head_y(self) -> float:
        return 1.0 - self.head

    @property
    def arm(self) -> float:
        """Length from shoulder to hand."""
        return (self.neck - 0.05 - self.hip * 0.9) * 1.06

    @property
    def leg(self) -> float:
        """Length from hip to ankle."""
        return self.hip + 0.02 - ANKLE


FRAMES = {
    "baby": Frame(0.27, 0.5, 0.14, 0.14, 0.15, 0.19, 0.11, 0.085),
    "child": Frame(0.218, 0.585, 0.235, 0.118, 0.12, 0.195, 0.088, 0.072),
    "adult": Frame(0.162, 0.69, 0.315, 0.122, 0.108, 0.19, 0.085, 0.066),
    "old": Frame(0.178, 0.652, 0.27, 0.122, 0.124, 0.19, 0.085, 0.068),
}


@dataclass(frozen=True)
class Leg:
    """One leg from hip to ankle; ``turn`` is how the foot is turned, in degrees."""

    hip: Point
    knee: Point
    ankle: Point
    turn: float


def _down(angle: float) -> Point:
    a = math.radians(angle)
    return math.sin(a), -math.cos(a)


def leg_of(f: Frame, angles: Angles, hip: Point) -> Leg:
    """The joints of a leg that hangs from ``hip``."""
    half = f.leg / 2
    thigh, shin = angles[0], angles[0] - angles[1]
    tx, ty = _down(thigh)
    sx, sy = _down(shin)
    knee = (hip[0] + half * tx, hip[1] + half * ty)
    turn = 0.0 if abs(shin) < 32 else shin * 0.92
    return Leg(hip, knee, (knee[0] + half * sx, knee[1] + half * sy), turn)


def hip_height(f: Frame, stance: Stance, seat: float) -> float:
    """How high the hips are so that the lowest part of the body stands on the ground (or sits on the seat)."""
    sitting = f.leg_w * 0.62
    if stance.seated:
        return seat + sitting
    low = sitting
    for angles in (stance.near_leg, stance.far_leg):
        leg = leg_of(f, angles, (0.0, 0.0))
        low = max(low, -leg.knee[1] + f.leg_w * 0.45, -leg.ankle[1] + ANKLE * (1.0 if leg.turn == 0 else 0.8))
    return low


def hanging(f: Frame, seat: float, thigh: float) -> Angles:
    """Thigh and knee of a leg that hangs from a seat: the foot rests on the ground when it reaches it."""
    half = f.leg / 2
    drop = (seat + f.leg_w * 0.62 - ANKLE - half * math.cos(math.radians(thigh))) / half
    shin = math.degrees(math.acos(min(1.0, max(-0.2, drop))))
    return thigh, thigh - min(shin, 80.0)


def draw_leg(c: Puppet, f: Frame, leg: Leg, cloth: RGB, shoe: RGB, *, bare: bool = False) -> None:
    """Thigh, shin and shoe."""
    w = f.leg_w
    c.soft(curves.tube([leg.hip, leg.knee, leg.ankle], [w * 1.18, w * 1.02, w * 0.82]), cloth)
    with c.at(leg.ankle[0], leg.ankle[1], leg.turn), c.at(0.0, -ANKLE):
        c.soft(
            curves.smooth(
                [
                    (-w * 0.58, 0.0),
                    (w * 0.95, 0.0),
                    (w * 1.0, w * 0.42),
                    (w * 0.32, w * 0.74),
                    (-w * 0.55, w * (0.62 if bare else 0.74)),
                ]
            ),
            shoe,
        )


def lap(c: Puppet, f: Frame, leg: Leg, reach: float, cloth: RGB) -> None:
    """A skirt or a robe over a bent leg; ``reach`` is how much of the leg it covers, 0 to 1."""
    k = min(1.0, reach / 0.55)
    knee = (leg.hip[0] + (leg.knee[0] - leg.hip[0]) * k, leg.hip[1] + (leg.knee[1] - leg.hip[1]) * k)
    points, widths = [leg.hip, knee], [f.waist * 1.25, f.leg_w * 1.75]
    if reach > 0.55:
        t = (reach - 0.55) / 0.45 * 0.85
        points.append((leg.knee[0] + (leg.ankle[0] - leg.knee[0]) * t, leg.knee[1] + (leg.ankle[1] - leg.knee[1]) * t))
        widths.append(f.leg_w * 1.9)
    c.soft(curves.tube(points, widths), cloth)


@dataclass(frozen=True)
class Arm:
    """One arm."""

    shoulder: Point
    elbow: Point
    hand: Point


def arm_of(shoulder: Point, hand: Point, length: float, near: bool) -> Arm:
    """The elbow between a shoulder and the place where the hand shall be; out of reach it is stretched."""
    dx, dy = hand[0] - shoulder[0], hand[1] - shoulder[1]
    d = max(1e-6, math.hypot(dx, dy))
    if d > length * 1.08:
        k = length * 1.08 / d
        dx, dy, d = dx * k, dy * k, length * 1.08
        hand = (shoulder[0] + dx, shoulder[1] + dy)
    high = min(0.3 * length, math.sqrt(max(0.0, (length / 2) ** 2 - (d / 2) ** 2))) * 0.92
    mid = ((shoulder[0] + hand[0]) / 2, (shoulder[1] + hand[1]) / 2)
    out = -0.7 if near else 0.25
    sides = [(mid[0] - dy / d * high * s, mid[1] + dx / d * high * s) for s in (1, -1)]
    elbow = min(sides, key=lambda p: p[1] - out * p[0])
    return Arm(shoulder, elbow, hand)


def hand_place(hand: Hand, chest: Point, head: Point, arm: float, radius: float) -> Point:
    """A hand of a stance in the figure's own units."""
    if hand.head:
        return head[0] + hand.u * radius, head[1] + hand.v * radius
    return chest[0] + hand.u * arm, chest[1] + hand.v * arm


def draw_hand(c: Puppet, arm: Arm, width: float, skin: RGB) -> None:
    """A mitten with a thumb's hint."""
    c.soft(curves.oval(arm.hand[0], arm.hand[1], width * 0.54, width * 0.54), skin, dark=mix(skin, shade_of(skin), 0.6))


def draw_arm(
    c: Puppet, arm: Arm, width: float, skin: RGB, sleeve: RGB, *, short: bool = False, wide: float = 1.0
) -> None:
    """Skin below, sleeve above; ``wide`` is the width of the sleeve's end against the arm's."""
    draw_hand(c, arm, width, skin)
    (sx, sy), (ex, ey), (hx, hy) = arm.shoulder, arm.elbow, arm.hand
    if short:
        c.soft(curves.tube([arm.shoulder, arm.elbow, arm.hand], [width * 0.9, width * 0.76, width * 0.72]), skin)
        end = (sx + (ex - sx) * 0.85, sy + (ey - sy) * 0.85)
        c.soft(curves.tube([arm.shoulder, end], [width * 1.3, width * 1.5]), sleeve)
        return
    end = (hx + (ex - hx) * 0.24, hy + (ey - hy) * 0.24)
    c.soft(curves.tube([arm.shoulder, arm.elbow, end], [width * 1.22, width * 1.08, width * wide]), sleeve)
