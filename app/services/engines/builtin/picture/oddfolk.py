"""Figures that are not built like people: robot, snowman, ghost, monster, mermaid. They share the people's stances."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import COLOURS, INK, RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, scarf
from app.services.engines.builtin.picture.faces import ball_eye, brow, cheek, eye, face_of, mouth, opened, tears
from app.services.engines.builtin.picture.gestures import Hand, Stance
from app.services.engines.builtin.picture.heads import back_hair, draw_head
from app.services.engines.builtin.picture.limbs import (
    Arm,
    Frame,
    Point,
    arm_of,
    hand_place,
    hanging,
    hip_height,
    leg_of,
)
from app.services.engines.builtin.picture.outfits import SKINS, Outfit, colours
from app.services.engines.builtin.picture.props import hold
from app.services.engines.builtin.picture.puppet import Puppet
from app.services.engines.builtin.picture.tools import AT_FACE, TOOLS, Grip

_ROBOT = Frame(0.18, 0.545, 0.25, 0.19, 0.15, 0.2, 0.075, 0.06)
_MONSTER = Frame(0.22, 0.62, 0.12, 0.34, 0.3, 0.3, 0.14, 0.12)
_SNOWMAN = Frame(0.17, 0.68, 0.2, 0.2, 0.2, 0.2, 0.1, 0.03)
_MERMAID = Frame(0.19, 0.62, 0.3, 0.1, 0.1, 0.1, 0.08, 0.062)


def arms_of(f: Frame, stance: Stance, shoulders: tuple[Point, Point], chest: Point, head: Point) -> tuple[Arm, Arm]:
    """Near and far arm of an upright body."""
    near = arm_of(shoulders[0], hand_place(stance.near, chest, head, f.arm, f.head), f.arm, True)
    far = arm_of(shoulders[1], hand_place(stance.far, chest, head, f.arm, f.head), f.arm, False)
    return near, far


def draw_work(
    c: Puppet, looks: Looks, pose: Pose, stance: Stance, arms: tuple[Arm, Arm], head: Point, r: float
) -> None:
    """The tool of the action, or the thing in the far hand."""
    if stance.tool in TOOLS:
        TOOLS[stance.tool](c, Grip(arms[0].hand, arms[1].hand, head, r, pose.prop, looks))
    elif stance.tool not in AT_FACE and pose.prop and pose.action not in ("sleep", "swim", "hide", "cry"):
        with c.loose():
            hold(c, pose.prop, *arms[1].hand, looks)


def draw_meal(
    c: Puppet, looks: Looks, pose: Pose, stance: Stance, arms: tuple[Arm, Arm], head: Point, r: float
) -> None:
    """Food or a cup before the mouth, drawn after the face."""
    if stance.tool in AT_FACE:
        AT_FACE[stance.tool](c, Grip(arms[0].hand, arms[1].hand, head, r, pose.prop, looks))


def _robot(c: Puppet, looks: Looks, pose: Pose, outfit: Outfit, stance: Stance) -> None:
    if stance.spin > 60:  # a robot sleeps sitting: it only switches itself off
        stance = replace(stance, spin=0.0, near_leg=(84.0, 6.0), far_leg=(92.0, 22.0), seated=True, nod=-9.0)
    c.hung = stance.seated and pose.seat > 0
    if stance.spin:
        with c.at(0.0, 0.5, stance.spin), c.at(0.0, -0.5):
            _robot_body(c, looks, pose, outfit, stance)
    else:
        _robot_body(c, looks, pose, outfit, stance)


def _robot_body(c: Puppet, looks: Looks, pose: Pose, outfit: Outfit, stance: Stance) -> None:
    f, joint = _ROBOT, (104, 108, 124)
    steel = looks.pick("top", colours(outfit.tops)) if "top" in looks.wear else looks.pick("coat", colours(outfit.tops))
    hip = hip_height(f, stance, pose.seat)
    near, far = stance.near_leg, stance.far_leg
    if stance.seated and pose.seat > 0:
        near, far = hanging(f, pose.seat, 78.0), hanging(f, pose.seat, 86.0)
    legs = [leg_of(f, far, (0.09, hip)), leg_of(f, near, (-0.09, hip))]
    with c.at(0.0, hip, -stance.lean), c.at(0.0, -f.hip - 0.02):
        spots = [c.spot(*p) for p in ((-0.17, 0.49), (0.17, 0.49), (0.0, 0.47), (0.0, 0.76))]
    left, right, chest, head = (c.back(p) for p in spots)
    arms = arms_of(f, stance, (left, right), chest, head)
    for leg in legs if not (stance.folded or stance.seated) else legs[:0] if stance.lone else legs[:1]:
        _robot_leg(c, leg.hip, leg.knee, leg.ankle, leg.turn, steel)
    if not stance.over:
        _robot_arm(c, arms[1], steel)
    with c.at(0.0, hip, -stance.lean), c.at(0.0, -f.hip - 0.02):
        _robot_trunk(c, looks, steel)
    if stance.folded or stance.seated:
        _robot_leg(c, legs[1].hip, legs[1].knee, legs[1].ankle, legs[1].turn, steel)
    draw_work(c, looks, pose, stance, arms, head, f.head)
    c.soft(curves.oval(*arms[1].hand, 0.046, 0.046), steel)
    neck = (head[0] * 0.75, head[1] - 0.19)
    c.stroke([(neck[0], neck[1] - 0.03), (neck[0], neck[1] + 0.03)], 0.09, joint, smooth=False)
    with c.at(*neck, stance.nod - stance.lean * 0.5), c.at(0.0, -0.57):
        _robot_head(c, looks, pose, steel, joint)
    if "scarf" in looks.wear:
        scarf(c, neck[0], neck[1], 0.16, 0.045, COLOURS.get(looks.wear["scarf"], (214, 72, 66)))
    for arm in (arms[1], arms[0]) if stance.over else (arms[0],):
        _robot_arm(c, arm, steel)
    draw_meal(c, looks, pose, stance, arms, head, f.head)


def _robot_leg(c: Puppet, hip: Point, knee: Point, ankle: Point, turn: float, steel: RGB) -> None:
    c.stroke([hip, knee, ankle], 0.055, (104, 108, 124))
    c.dot(*knee, 0.036, (128, 132, 148))
    with c.at(*ankle, turn), c.at(0.0, -0.045):
        c.soft(curves.smooth([(-0.075, 0), (0.095, 0), (0.08, 0.075), (-0.06, 0.08)]), steel)


def _robot_arm(c: Puppet, arm: Arm, steel: RGB) -> None:
    c.stroke([arm.shoulder, arm.elbow, arm.hand], 0.05, (104, 108, 124))
    c.dot(*arm.elbow, 0.03, (128, 132, 148))
    c.soft(curves.oval(*arm.hand, 0.05, 0.05), steel)


def _robot_trunk(c: Puppet, looks: Looks, steel: RGB) -> None:
    c.soft(curves.box(-0.19, 0.22, 0.19, 0.55, 0.07), steel)
    c.soft(curves.box(-0.11, 0.31, 0.11, 0.47, 0.03), mix(steel, WHITE, 0.65), light=0.5)
    heart: RGB = (240, 104, 104)
    for dx in (-0.022, 0.022):
        c.dot(dx, 0.4, 0.027, heart)
    c.fill([(-0.046, 0.394), (0.046, 0.394), (0, 0.342)], heart)


def _robot_head(c: Puppet, looks: Looks, pose: Pose, steel: RGB, joint: RGB) -> None:
    glow: RGB = (150, 240, 240)
    c.stroke([(0, 0.92), (0.01, 1.03)], 0.022, joint, smooth=False)
    c.soft(curves.oval(0.01, 1.05, 0.035, 0.035), (250, 206, 92))
    for s in (-1, 1):
        c.soft(curves.box(s * 0.255, 0.68, s * 0.3, 0.8, 0.02), shade_of(steel))
    c.soft(curves.box(-0.26, 0.57, 0.26, 0.93, 0.1), steel)
    c.soft(curves.box(-0.19, 0.63, 0.23, 0.87, 0.07), (52, 62, 84), light=0.3)
    shown = pose if face_of(pose).eyes != "wide" else replace(pose, mood="calm")
    for x, s in ((-0.06, 1), (0.11, -1)):
        c.glow(x, 0.77, 0.075, (140, 236, 240), 0.5)
        eye(c, x, 0.77, 0.04 if shown is pose else 0.052, shown, colour=glow, inner=s)
        brow(c, x, 0.765, 0.032, pose, s, glow)
    if opened(pose) and face_of(pose).mouth != "sob":
        deep = 0.05 if face_of(pose).mouth in ("big", "oh", "sing") else 0.036
        c.fill(
            curves.smooth(
                [(-0.045, 0.712), (0.095, 0.712), (0.07, 0.712 - deep), (0.025, 0.7 - deep), (-0.02, 0.712 - deep)]
            ),
            glow,
        )
    else:
        mouth(c, 0.025, 0.69, 0.05, pose if not opened(pose) else replace(pose, action="stand", mood="sad"), glow)
    tears(c, -0.06, 0.77, 0.032, pose, -1)
    tears(c, 0.11, 0.77, 0.032, pose, 1)
    cheek(c, -0.13, 0.69, 0.035, pose)
    cheek(c, 0.18, 0.69, 0.03, pose)


def _snowman(c: Puppet, looks: Looks, pose: Pose, outfit: Outfit, stance: Stance) -> None:
    snow: RGB = (250, 252, 255)
    turn = stance.nod * 0.6 - min(12.0, max(-12.0, stance.lean)) + (34 if stance.spin > 60 else 0)
    low = curves.oval(0, 0.24, 0.3, 0.25)
    chest, head = (0.02, 0.6), (0.03, 0.82)
    if stance.near.v < -0.8 and stance.far.v < -0.8:
        stance = replace(stance, near=Hand(-1.15, -0.5), far=Hand(1.15, -0.42))
    arms = arms_of(_SNOWMAN, stance, ((-0.18, 0.6), (0.19, 0.6)), chest, head)
    _twig(c, arms[1])
    c.soft(low, snow, dark=(186, 204, 232))
    with c.at(0.0, 0.3, turn * 0.3), c.at(0.0, -0.3):
        c.soft(curves.oval(0, 0.55, 0.21, 0.185), snow, dark=(186, 204, 232))
        for y in (0.47, 0.55, 0.63):
            c.dot(0.03, y, 0.018, INK)
    draw_work(c, looks, pose, stance, arms, head, 0.17)
    if stance.tool or pose.prop:
        c.dot(*arms[1].hand, 0.02, (120, 86, 66))
    _twig(c, arms[0])
    with c.at(0.0, 0.7, turn), c.at(0.0, -0.7):
        c.soft(curves.oval(0, 0.82, 0.17, 0.16), snow, dark=(186, 204, 232))
        scarf(c, 0, 0.7, 0.17, 0.05, looks.pick("scarf", ((214, 72, 66), (74, 128, 190), (92, 156, 96))))
        for x, s in ((-0.035, 1), (0.105, -1)):
            eye(c, x, 0.86, 0.025, pose, inner=s)
            brow(c, x, 0.86, 0.025, pose, s, INK)
        tears(c, -0.035, 0.86, 0.022, pose, -1)
        c.soft([(0.035, 0.83), (0.035, 0.785), (0.2, 0.8)], (244, 144, 62))
        mouth(c, 0.03, 0.748, 0.05, pose)
        cheek(c, -0.09, 0.79, 0.03, pose)
        c.soft(curves.box(-0.11, 0.95, 0.11, 1.14, 0.01), (72, 64, 82))
        c.soft(curves.oval(0, 0.95, 0.18, 0.028), (72, 64, 82))
        c.fill(curves.box(-0.11, 0.97, 0.11, 1.005), (206, 70, 66))
    draw_meal(c, looks, pose, stance, arms, head, 0.17)


def _twig(c: Puppet, arm: Arm) -> None:
    (ex, ey), (hx, hy) = arm.elbow, arm.hand
    c.stroke([arm.shoulder, arm.elbow, arm.hand], 0.024, (120, 86, 66))
    dx, dy = (hx - ex) * 0.3, (hy - ey) * 0.3
    for s in (-1, 1):
        c.stroke([(hx - dx, hy - dy), (hx + dx * 0.3 - s * dy, hy + dy * 0.3 + s * dx)], 0.014, (120, 86, 66))


def _ghost(c: Puppet, looks: Looks, pose: Pose, outfit: Outfit, stance: Stance) -> None:
    c.glow(0, 0.5, 0.62, (220, 230, 255), 0.35)
    sway = (0.0, 0.05, -0.05)[pose.step]
    turn = {"fly": -16.0, "run": -12.0, "walk": -6.0, "sleep": 14.0}.get(pose.action, -stance.lean * 0.6)
    with c.at(0.0, 0.45, turn), c.at(0.0, -0.45):
        body = [(0, 0.98), (0.3, 0.8), (0.34, 0.4), (0.38, 0.08), (0.22, 0.16), (0.1, 0.04), (-0.05, 0.15),
            (-0.2, 0.04), (-0.26, 0.17), (-0.4, 0.1), (-0.33, 0.45), (-0.3, 0.8)]  # fmt: skip
        moved = [(x + (sway * (0.4 - y) * 2.2 if y < 0.4 else 0.0), y) for x, y in body]
        c.soft(curves.smooth(moved), (250, 250, 255), dark=(190, 196, 232))
        chest, head = (0.03, 0.5), (0.04, 0.66)
        f = replace(_SNOWMAN, neck=0.5, hip=0.24, head=0.2)
        arms = arms_of(f, stance, ((-0.27, 0.5), (0.29, 0.5)), chest, head)
        raised = (stance.near.v > -0.8 or stance.far.v > -0.8) and pose.action not in ("fly", "swim", "sleep")
        draw_work(c, looks, pose, stance, arms, head, 0.2)
        for arm in arms if raised or pose.prop else ():
            c.soft(
                curves.tube([arm.shoulder, arm.elbow, arm.hand], [0.16, 0.12, 0.085]),
                (244, 246, 255),
                dark=(196, 204, 236),
            )
        for x, s in ((-0.06, 1), (0.15, -1)):
            eye(c, x, 0.69, 0.048, pose, inner=s)
            brow(c, x, 0.69, 0.045, pose, s, (120, 124, 160))
            cheek(c, x - s * 0.08, 0.6, 0.04, pose)
            tears(c, x, 0.69, 0.04, pose, -s)
        mouth(c, 0.05, 0.57, 0.058, pose)
        draw_meal(c, looks, pose, stance, arms, head, 0.2)


def _monster(c: Puppet, looks: Looks, pose: Pose, outfit: Outfit, stance: Stance) -> None:
    tone = looks.pick("coat", colours(outfit.tops))
    lying = stance.spin > 60
    if stance.spin < 0:
        stance = replace(stance, near=Hand(-1.05, 0.1), far=Hand(1.05, 0.2))
    turn = (26.0 if lying else 0.0) - stance.lean * 0.7 + stance.nod * 0.5 + (stance.spin * 0.4 if not lying else 0.0)
    swing = (stance.near_leg[0] - stance.far_leg[0]) / 300
    for s in (1, -1):
        x, y = s * 0.16 + (0.1 if stance.seated or lying else 0.0), 0.06 + max(0.0, s * swing) * 0.5
        c.soft(curves.oval(x - s * swing, y, 0.13, 0.065 if not stance.seated else 0.085), shade_of(tone))
    with c.at(0.0, 0.3, turn), c.at(0.0, -0.3 - (0.05 if stance.seated or lying else 0.0)):
        arms = arms_of(replace(_MONSTER, neck=0.56), stance, ((-0.27, 0.54), (0.29, 0.54)), (0.04, 0.5), (0.04, 0.64))
        _fur_arm(c, arms[1], shade_of(tone))
        for s in (-1, 1):
            horn = [(s * 0.15, 0.86), (s * 0.25, 0.98), (s * 0.22, 1.08)]
            c.soft(curves.tube(horn, [0.1, 0.07, 0.02]), (250, 232, 190))
        points = []
        for k in range(26):
            a = 2 * math.pi * k / 26
            r = 1.0 + (0.05 if k % 2 else -0.01)
            points.append((0.35 * r * math.sin(a), 0.48 + 0.44 * r * math.cos(a)))
        c.soft(curves.smooth(points, steps=3), tone)
        c.fill(curves.oval(0.02, 0.28, 0.2, 0.18), mix(tone, WHITE, 0.4), 0.8)
        for x, y in ((-0.24, 0.42), (0.26, 0.5), (-0.2, 0.66)):
            c.dot(x, y, 0.03, light_of(tone))
        _monster_face(c, pose, tone)
        draw_work(c, looks, pose, stance, arms, (0.04, 0.6), 0.24)
        if stance.tool or pose.prop:
            c.soft(curves.oval(*arms[1].hand, 0.06, 0.06), shade_of(tone))
        _fur_arm(c, arms[0], tone)
        draw_meal(c, looks, pose, stance, arms, (0.04, 0.6), 0.24)


def _fur_arm(c: Puppet, arm: Arm, tone: RGB) -> None:
    c.soft(curves.tube([arm.shoulder, arm.elbow, arm.hand], [0.13, 0.125, 0.115]), tone)


def _monster_face(c: Puppet, pose: Pose, tone: RGB) -> None:
    for x, s in ((-0.08, 1), (0.15, -1)):
        ball_eye(c, x, 0.68, 0.092, 0.048, pose, tone)
        brow(c, x, 0.72, 0.055, pose, s, shade_of(shade_of(tone)))
        tears(c, x, 0.66, 0.045, pose, -s)
    mouth(c, 0.04, 0.5, 0.1, pose)
    if face_of(pose).mouth in ("smile", "soft", "grin", "cross", "firm"):
        top = 0.535 if opened(pose) else 0.505
        for x in (-0.02, 0.09):
            c.fill([(x - 0.022, top), (x + 0.022, top), (x, top - 0.045)], WHITE)
    cheek(c, -0.17, 0.55, 0.05, pose)
    cheek(c, 0.25, 0.55, 0.045, pose)


def _mermaid(c: Puppet, looks: Looks, pose: Pose, outfit: Outfit, stance: Stance) -> None:
    turn = {"swim": -58.0, "fly": -50.0, "sleep": 76.0, "run": -40.0, "fall": 24.0}.get(pose.action, -stance.lean * 0.6)
    with c.at(0.0, 0.45, turn), c.at(0.0, -0.45):
        _mermaid_body(c, looks, pose, outfit, stance, 34.0 if turn < -30 else stance.nod)


def _mermaid_body(c: Puppet, looks: Looks, pose: Pose, outfit: Outfit, stance: Stance, nod: float) -> None:
    tail, f = looks.pick("coat", colours(outfit.tops)), _MERMAID
    r, y = f.head, 0.81
    skin = SKINS[looks.number("skin") % 3]
    wave = (0.0, 0.09, -0.07)[pose.step]
    arms = arms_of(f, stance, ((-0.085, 0.58), (0.085, 0.58)), (0.0, 0.56), (0.0, y))
    with c.at(0.0, 0.62, nod):
        back_hair(c, looks, outfit, r, y - 0.62)
    width = [0.062, 0.055, 0.05]
    if stance.over not in ("far", "both"):
        c.soft(curves.tube([arms[1].shoulder, arms[1].elbow, arms[1].hand], width), skin)
    fin = [(-0.3, 0.1), (-0.45, 0.2), (-0.52, 0.07), (-0.38, 0.03), (-0.46, -0.08), (-0.3, -0.02)]
    c.soft(curves.smooth([(px, py + wave) for px, py in fin]), light_of(tail))
    c.soft(curves.tube([(0.0, 0.48), (0.02, 0.26), (-0.12, 0.1), (-0.34, 0.06 + wave)], [0.2, 0.23, 0.15, 0.05]), tail)
    for k in range(7):
        c.stroke(curves.oval(-0.006 * k * k, 0.4 - 0.045 * k, 0.06, 0.03, 0, 12)[6:12], 0.008, light_of(tail))
    c.soft(curves.smooth([(-0.09, 0.6), (0.09, 0.6), (0.1, 0.44), (-0.1, 0.44)]), skin)
    for x in (-0.042, 0.05):
        c.soft(curves.oval(x, 0.545, 0.048, 0.04), (244, 150, 150))
    draw_work(c, looks, pose, stance, arms, (0.0, y), r)
    if stance.over not in ("near", "both"):
        c.soft(curves.tube([arms[0].shoulder, arms[0].elbow, arms[0].hand], width), skin)
    with c.at(0.0, 0.62, nod):
        draw_head(c, looks, pose, outfit, r, y - 0.62, skin)
    for arm, name in ((arms[1], "far"), (arms[0], "near")):
        if stance.over in (name, "both"):
            c.soft(curves.tube([arm.shoulder, arm.elbow, arm.hand], width), skin)
    draw_meal(c, looks, pose, stance, arms, (0.0, y), r)


ODD: dict[str, Callable[[Puppet, Looks, Pose, Outfit, Stance], None]] = {
    "robot": _robot,
    "snowman": _snowman,
    "ghost": _ghost,
    "monster": _monster,
    "tail": _mermaid,
}
"""Bodies that have a drawing of their own."""
