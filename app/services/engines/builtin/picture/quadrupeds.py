"""Four-legged animals: one body built from parts, and a table of what makes each kind itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.beasts import BEASTS, Beast, hair_of
from app.services.engines.builtin.picture.coats import draw_neck, draw_trunk
from app.services.engines.builtin.picture.colour import RGB, hexa, light_of, mix, shade_of, times
from app.services.engines.builtin.picture.creature import Looks, Pose, bow, scarf
from app.services.engines.builtin.picture.faces import notes
from app.services.engines.builtin.picture.gaits import Foot, Gait, gait_of
from app.services.engines.builtin.picture.limbs import Point
from app.services.engines.builtin.picture.muzzles import draw_crown, draw_head
from app.services.engines.builtin.picture.props import hold
from app.services.engines.builtin.picture.puppet import Puppet
from app.services.engines.builtin.picture.tools import oar

_AIR = ("hind", "haunches")


@dataclass(frozen=True)
class Build:
    """Where the body, the joints, the feet and the head of an animal are in its gait."""

    middle: float
    joints: list[Point]
    feet: list[Point]
    head: Point


def build_of(c: Puppet, b: Beast, gait: Gait) -> Build:
    """The joints of an animal; the body's middle is at x 0."""
    bx, by = b.body
    rest = b.leg + by * 0.75
    rise = math.sin(math.radians(gait.tilt))
    middle = {
        "haunches": by * 0.86 + 0.62 * bx * rise,
        "hind": b.leg * 0.92 + by * 0.15 + 0.66 * bx * rise,
        "belly": by * 0.9,
    }.get(gait.base, rest)
    ends = ((1, -0.035), (1, 0.075), (-1, -0.035), (-1, 0.075))
    with c.at(0.0, middle, gait.tilt):
        spots = [c.spot(end * bx * 0.66 + shift, -by * 0.15) for end, shift in ends]
        top = c.spot(bx * 0.66, 0.0)
    joints = [c.back(p) for p in spots]
    feet = []
    for k, ((x, y), foot) in enumerate(zip(joints, gait.feet, strict=True)):
        under = x - 0.35 * bx * rise * (k < 2 and not foot.air and gait.base == "haunches")
        feet.append((under + foot.x * b.leg, (y if foot.air else 0.0) + foot.y * b.leg))
    shoulder = c.back(top)
    ox, oy = b.hx - bx * 0.66, b.hy - rest
    pull = 0.35 if gait.base in _AIR else 1.0
    hx = shoulder[0] + ox * pull + gait.head[0] * b.head
    hy = shoulder[1] + oy * (1.0 if gait.base not in _AIR or b.neck else 0.86) + gait.head[1] * b.head
    low_x = bx * 0.66 + ox + (0.12 if not b.neck else b.neck * 0.5 + 0.06)
    low_y = b.head * (0.98 if not b.neck else 1.4)
    return Build(middle, joints, feet, (hx + (low_x - hx) * gait.low, hy + (low_y - hy) * gait.low))


def _leg(c: Puppet, b: Beast, coat: RGB, joint: Point, foot: Point, spec: Foot, *, far: bool, fore: bool) -> None:
    tone = times(shade_of(coat), 0.94) if far else coat
    if "socks" in b.extra or b.marks == "panda":
        shoe: RGB = (86, 62, 62) if "socks" in b.extra else hexa(b.mark)
        tone = mix(tone, shoe, 1.0 if b.marks == "panda" else 0.0)
    else:
        shoe = hexa(b.hoof) if b.hoof else mix(tone, light_of(tone), 0.5)
    w, length = b.leg_w, b.leg + b.body[1] * 0.6
    (jx, jy), (fx, fy) = joint, foot
    ankle = (fx, fy + w * 0.42)
    dx, dy = ankle[0] - jx, ankle[1] - jy
    d = max(1e-6, math.hypot(dx, dy))
    bend = min(0.22 * length, math.sqrt(max(0.0, (length / 2) ** 2 - (d / 2) ** 2))) * (1 if fore else -1) * 0.8
    knee = (jx + dx * 0.52 - dy / d * bend, jy + dy * 0.52 + dx / d * bend)
    c.soft(
        curves.tube([joint, knee, ankle], [w * 1.35, w, w * 0.95]),
        tone,
        below=jy - abs(dy) * 0.38 if not far and abs(dy) > w else None,
    )
    turn = -25.0 if spec.air and dy < 0 else 0.0
    with c.at(fx, fy + w * 0.3, turn), c.at(0.0, -w * 0.3):
        paw = [(-0.5, 0.0), (0.62, 0.0), (0.62, 0.42), (0.0, 0.62), (-0.55, 0.45)]
        c.soft(curves.smooth([(px * w, py * w) for px, py in paw]), shoe)


def _lying_legs(c: Puppet, b: Beast, coat: RGB, far: bool) -> None:
    """Paws and folded legs of one who lies on the belly."""
    tone = times(shade_of(coat), 0.94) if far else coat
    shoe = hexa(b.hoof) if b.hoof else hexa(b.mark) if b.marks == "panda" else mix(tone, light_of(tone), 0.5)
    if b.marks == "panda":
        tone = hexa(b.mark)
    bx, by = b.body
    w, x = b.leg_w, bx * 0.5 + (0.09 if far else 0.0)
    c.soft(curves.tube([(x, by * 0.5), (x + 0.1, w * 0.5), (x + 0.26, w * 0.45)], [w * 1.4, w * 1.05, w * 0.9]), tone)
    c.soft(curves.oval(x + 0.28, w * 0.4, w * 0.55, w * 0.42), shoe)
    if not far:
        c.soft(curves.oval(-bx * 0.52, by * 0.62, bx * 0.42, by * 0.62), tone, below=by * 0.7)
        c.soft(curves.oval(-bx * 0.2, w * 0.36, w * 0.8, w * 0.38), shoe)


def _haunch(c: Puppet, b: Beast, coat: RGB, far: bool) -> None:
    """Hind leg of one who sits."""
    tone = times(shade_of(coat), 0.94) if far else coat
    shoe = hexa(b.hoof) if b.hoof else (86, 62, 62) if "socks" in b.extra else mix(tone, light_of(tone), 0.5)
    if b.marks == "panda":
        tone = shoe = hexa(b.mark)
    bx, by = b.body
    w, x = b.leg_w, -bx * 0.42 + (0.07 if far else 0.0)
    if not far:
        c.soft(curves.oval(x, by * 0.82, by * 0.86, by * 0.84, 25), tone, below=by * 0.95)
    c.soft(
        curves.smooth(
            [(x - 0.02, 0.0), (x + w * 2.1, 0.0), (x + w * 2.2, w * 0.5), (x + w, w * 0.74), (x - 0.02, w * 0.7)]
        ),
        shoe,
    )


def _tail(c: Puppet, b: Beast, coat: RGB, up: float) -> None:
    x, y = -b.body[0] * 0.92, b.leg + b.body[1] * 1.15
    end = coat if b.marks != "panda" else hexa("fbf7f0")
    if b.tail == "wag":
        c.soft(curves.tube([(x, y), (x - 0.13, y + 0.08 * up), (x - 0.16, y + 0.23 * up)], [0.09, 0.085, 0.05]), coat)
    elif b.tail == "curl":
        line = [(x + 0.03, y - 0.02), (x - 0.17, y + 0.02), (x - 0.2, y + 0.24 * up), (x - 0.1, y + 0.33 * up)]
        c.soft(curves.tube(line, [0.08, 0.07, 0.065, 0.05]), coat)
        if b.marks == "stripes":
            dark = hexa(b.mark) if b.mark != "ffffff" else shade_of(shade_of(coat))
            for dy in (0.1, 0.19):
                c.stroke([(x - 0.225, y + dy * up), (x - 0.155, y + dy * up)], 0.02, dark, smooth=False)
    elif b.tail == "brush":
        brush = [(0.04, 0.0, 0.0), (-0.16, 0.0, 0.09), (-0.36, 0.0, 0.06), (-0.47, 0.0, 0.15), (-0.36, -0.1, 0.0)]
        c.soft(curves.smooth([(x + dx, y + dy + k * up) for dx, dy, k in [*brush, (-0.14, -0.09, 0.0)]]), coat)
        tip = [(-0.33, 0.0, 0.06), (-0.47, 0.0, 0.15), (-0.38, -0.08, 0.0), (-0.31, -0.03, 0.0)]
        pale: RGB = (255, 244, 230) if "socks" in b.extra else shade_of(coat)
        c.soft(curves.smooth([(x + dx, y + dy + k * up) for dx, dy, k in tip]), pale, line=False)
    elif b.tail == "bob":
        c.soft(curves.oval(x, y, 0.075, 0.075), light_of(end))
    elif b.tail == "twist":
        t = np.linspace(0, 2.4 * math.pi, 16)
        c.stroke(np.stack([x - 0.02 - 0.05 * t / 4, y + 0.045 * np.sin(t)], 1), 0.032, shade_of(coat))
    elif b.tail == "hair":
        c.soft(
            curves.tube(
                [(x + 0.03, y), (x - 0.13, y - 0.0), (x - 0.19, y - 0.17), (x - 0.17, y - 0.36)],
                [0.05, 0.1, 0.14, 0.02],
            ),
            hair_of(b, coat),
        )
    elif b.tail == "flat":
        c.soft(
            curves.smooth(
                [
                    (x + 0.06, y - 0.06),
                    (x - 0.12, y - 0.1),
                    (x - 0.34, y - 0.14),
                    (x - 0.36, y - 0.2),
                    (x - 0.12, y - 0.19),
                ]
            ),
            shade_of(coat),
        )
    elif b.tail == "long":
        c.soft(
            curves.tube([(x + 0.06, y - 0.02), (x - 0.18, y + 0.02), (x - 0.4, y + 0.1 * up)], [0.12, 0.11, 0.05]), coat
        )
    else:
        c.stroke([(x, y), (x - 0.1, y - 0.05), (x - 0.11, y - 0.22)], 0.028, shade_of(coat))
        c.soft(curves.oval(x - 0.11, y - 0.25, 0.04, 0.06), shade_of(shade_of(coat)))


def _wear(c: Puppet, b: Beast, looks: Looks, tail: float) -> None:
    nx, ny = b.hx - b.head * 0.28, b.hy - b.head * 0.98
    if b.neck:
        nx, ny = b.hx - 0.02 - b.neck * 0.2, b.hy - b.head - b.neck * 0.35
    colours: tuple[RGB, ...] = ((214, 70, 64), (74, 128, 196), (244, 184, 70), (96, 160, 104), (160, 104, 180))
    if "scarf" in looks.wear or (looks.kind in ("dog", "cat") and looks.age != "big"):
        scarf(c, nx, ny, max(b.head * 0.72, b.leg_w * 1.3), b.head * 0.24, looks.pick("scarf", colours), tail)
    if looks.mother:
        bow(c, b.hx - b.head * 0.55, b.hy + b.head * 0.92, b.head * 0.32, (236, 96, 110))


def _wing(c: Puppet, at: Point, step: int, far: bool) -> None:
    """A feathered wing of a winged horse."""
    with c.at(at[0], at[1], (0.0, -34.0, -66.0)[step] - (12 if far else 0)):
        tone: RGB = (226, 218, 240) if far else (252, 248, 255)
        wing = [(0.06, 0.0), (0.02, 0.22), (-0.12, 0.44), (-0.3, 0.52), (-0.24, 0.36), (-0.3, 0.28), (-0.2, 0.2),
            (-0.22, 0.1), (-0.12, 0.0)]  # fmt: skip
        c.soft(curves.smooth(wing), tone)


def _work(c: Puppet, b: Beast, looks: Looks, pose: Pose, gait: Gait, build: Build) -> None:
    """The thing of the action: in the paw, in the mouth or on the ground before the animal."""
    paw = (build.feet[0][0], build.feet[0][1] + b.leg_w * 0.5)
    hx, hy = build.head
    lip = (hx + b.head * (0.75 if "long" not in b.extra else 1.2), hy - b.head * 0.72)
    front = max(b.body[0] * 0.8, build.feet[1][0]) + 0.22
    if gait.mouth or (pose.prop and not gait.tool and gait.base == "legs" and not gait.low):
        with c.loose(), c.at(lip[0], lip[1], 0.0, 0.9):
            hold(c, pose.prop or "basket", 0.0, 0.0, looks)
    elif gait.tool == "rope":
        c.stroke([lip, (lip[0] + 0.5, lip[1] + 0.02)], 0.026, (206, 170, 116))
    elif gait.tool in ("bowl", "water"):
        filled: RGB = (196, 148, 100) if gait.tool == "bowl" else (140, 196, 232)
        c.soft(
            curves.smooth([(hx + 0.0, 0.07), (hx + 0.3, 0.07), (hx + 0.26, 0.0), (hx + 0.04, 0.0)], steps=4),
            (214, 96, 84),
        )
        c.fill(curves.oval(hx + 0.15, 0.072, 0.13, 0.024), filled)
    elif gait.tool == "book":
        hold(c, pose.prop if pose.prop in ("letter", "map") else "book", front + 0.06, 0.06, looks)
    elif gait.tool == "notes":
        with c.loose():
            notes(c, lip[0] + 0.12, lip[1] + b.head * 1.2, 0.05)
    elif gait.tool == "oar":
        with c.loose():
            oar(c, (paw[0] - 0.14, paw[1] + 0.14), paw)
    elif gait.tool or (pose.prop and gait.feet[0].air):
        thing = {"pencil": "brush", "brush": "brush", "music": "guitar", "rod": "fishingrod"}.get(gait.tool, pose.prop)
        with c.loose():
            hold(c, thing or "bread", paw[0] + 0.02, paw[1], looks)


def draw_quadruped(c: Puppet, looks: Looks, pose: Pose) -> None:
    """Draw one; the young have bigger heads and eyes."""
    b = BEASTS[looks.kind]
    if looks.small:
        b = replace(
            b,
            head=b.head * 1.14,
            leg=b.leg * 0.82,
            neck=b.neck * 0.8,
            hy=b.hy - b.leg * 0.1,
            body=(b.body[0] * 0.86, b.body[1]),
            hx=b.hx * 0.9,
        )
    gait = gait_of(pose)
    c.lift = gait.lift
    seat = pose.seat if gait.base in ("haunches", "belly") else 0.0
    c.hung = seat > 0
    with c.at(0.0, seat):
        _draw(c, b, looks, pose, gait)


def _draw(c: Puppet, b: Beast, looks: Looks, pose: Pose, gait: Gait) -> None:
    coat = looks.pick("coat", tuple(hexa(x) for x in b.coats))
    build = build_of(c, b, gait)
    rest = b.leg + b.body[1] * 0.75
    winged = pose.action == "fly" and "horn" in b.extra
    back = (0.02, build.middle + b.body[1] * 0.7)
    if winged:
        _wing(c, (back[0] + 0.06, back[1]), pose.step, True)
    with c.at(0.0, build.middle, gait.tilt if gait.base != "haunches" else gait.tilt * 0.35), c.at(0.0, -rest):
        _tail(c, b, coat, gait.tail)
    _legs(c, b, coat, gait, build, True)
    base = b.body[0] * 0.62, b.body[1] * 0.45
    with c.at(0.0, build.middle, gait.tilt):
        root = c.spot(*base)
    shift = (build.head[0] - b.hx, build.head[1] - b.hy)
    if b.neck:
        draw_neck(c, b, coat, c.back(root), build.head)
    with c.at(0.0, build.middle, gait.tilt), c.at(0.0, -rest):
        draw_trunk(c, b, coat, looks)
    _legs(c, b, coat, gait, build, False)
    if winged:
        _wing(c, back, pose.step, False)
    with c.at(build.head[0], build.head[1], gait.nod), c.at(-b.hx, -b.hy):
        draw_crown(c, b, looks)
        if not b.neck:
            _wear(c, b, looks, 0.0 if gait.low > 0.3 or gait.base == "belly" else 1.0)
        draw_head(c, b, coat, looks, pose)
    if b.neck:
        with c.at(*shift):
            _wear(c, b, looks, 0.0 if gait.low > 0.3 or gait.base == "belly" else 1.0)
    _work(c, b, looks, pose, gait, build)


def _legs(c: Puppet, b: Beast, coat: RGB, gait: Gait, build: Build, far: bool) -> None:
    if gait.base == "belly":
        _lying_legs(c, b, coat, far)
        return
    if gait.base == "haunches":
        _haunch(c, b, coat, far)
    for k in (3, 1) if far else (2, 0):
        if k >= 2 and gait.base == "haunches":
            continue
        _leg(c, b, coat, build.joints[k], build.feet[k], gait.feet[k], far=far, fore=k < 2)
