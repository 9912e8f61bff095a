"""Dragon and dinosaur. Units of their height, looking right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.faces import brow, cheek, eye, face_of, mouth, tears
from app.services.engines.builtin.picture.gestures import Stance, stance_of
from app.services.engines.builtin.picture.limbs import Arm, Point, arm_of, hand_place
from app.services.engines.builtin.picture.oddfolk import draw_meal, draw_work
from app.services.engines.builtin.picture.puppet import Puppet


def _wing(c: Puppet, coat: RGB, far: bool, pose: Pose) -> None:
    """A leather wing; it beats in flight and lies half folded else."""
    flying = pose.action in ("fly", "cheer", "jump", "fall")
    turn = (0.0, 42.0, 78.0)[pose.step] if flying else 0.0
    size = (1.18 if flying else 0.9) * (0.85 if far else 1.0)
    tone = shade_of(coat) if far else mix(coat, (246, 190, 110), 0.35)
    x, d = (0.06, 1) if far and not flying else (-0.1, -1)
    pts = [(0.0, 0.0), (d * 0.12, 0.38), (d * 0.26, 0.56), (d * 0.62, 0.36), (d * 0.46, 0.26), (d * 0.54, 0.06),
        (d * 0.3, 0.08), (d * 0.2, -0.08)]  # fmt: skip
    with c.at(x + (0.1 if far and flying else 0.0), 0.5, -d * turn, size):
        c.soft(pts, tone)
        for end in (pts[3], pts[5]):
            middle = ((pts[2][0] + end[0]) / 2, (pts[2][1] + end[1]) / 2 + 0.02)
            c.stroke([pts[2], middle, end], 0.012, shade_of(tone))
        c.stroke([pts[0], pts[1], pts[2]], 0.028, shade_of(tone))


def _feet(c: Puppet, coat: RGB, pose: Pose) -> None:
    going = pose.action in ("walk", "run", "push", "carry", "look", "dance")
    step = (0.09, -0.07, 0.0)[pose.step] if going else 0.0
    up = (0.0, 0.0, 0.06)[pose.step] if going else 0.0
    if pose.action in ("sit", "sleep", "ride", "read", "fish", "row"):
        step = 0.1
    for x, tone, high in ((0.14 + step, shade_of(coat), up), (-0.14 - step, coat, 0.0)):
        with c.at(0.0, high):
            _foot(c, x, tone)


def _foot(c: Puppet, x: float, tone: RGB) -> None:
    c.soft(curves.tube([(x * 0.9, 0.3), (x, 0.07)], [0.22, 0.18]), tone)
    c.soft(curves.smooth([(x - 0.11, 0.0), (x + 0.16, 0.0), (x + 0.15, 0.08), (x, 0.13), (x - 0.11, 0.08)]), tone)
    for k in range(3):
        c.fill(curves.oval(x + 0.05 + 0.045 * k, 0.02, 0.022, 0.022), (255, 246, 224))


def _trunk(c: Puppet, coat: RGB, belly: RGB) -> None:
    body = curves.smooth(
        [
            (0.12, 0.66),
            (0.28, 0.5),
            (0.28, 0.26),
            (0.1, 0.13),
            (-0.16, 0.13),
            (-0.32, 0.28),
            (-0.26, 0.5),
            (-0.06, 0.64),
        ]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(0.14, 0.34, 0.16, 0.28), belly)
        for k in range(5):
            c.stroke(
                [(-0.02, 0.18 + 0.085 * k), (0.14, 0.165 + 0.085 * k), (0.3, 0.18 + 0.085 * k)], 0.009, shade_of(belly)
            )


def _muzzle(c: Puppet, coat: RGB, pose: Pose, x: float, y: float, r: float) -> None:
    c.soft(curves.oval(x + r * 0.55, y - r * 0.32, r * 0.72, r * 0.46), mix(coat, light_of(coat), 0.4))
    c.dot(x + r * 0.75, y - r * 0.12, r * 0.06, shade_of(shade_of(coat)))
    c.dot(x + r * 1.0, y - r * 0.14, r * 0.06, shade_of(shade_of(coat)))
    mouth(c, x + r * 0.62, y - r * 0.46, r * 0.26, pose)
    for ex, s in ((x - r * 0.12, 1), (x + r * 0.52, -1)):
        eye(c, ex, y + r * 0.24, r * 0.17, pose, inner=s)
        tears(c, ex, y + r * 0.24, r * 0.14, pose, -s)
        brow(c, ex, y + r * 0.24, r * 0.17, pose, s, shade_of(shade_of(coat)))
    cheek(c, x - r * 0.3, y - r * 0.24, r * 0.24, pose)


_TURNS = {"fly": -14.0, "run": -8.0, "jump": 12.0, "fall": 30.0, "push": -12.0, "pull": 10.0, "swim": -30.0,
    "climb": 14.0, "dig": -12.0}  # fmt: skip


def _draw(
    body: Callable[[Puppet, Looks, Pose, Stance], None],
    head: Callable[[Puppet, Looks, Pose, float], None],
    at: Point,
    c: Puppet,
    looks: Looks,
    pose: Pose,
) -> None:
    """A large upright body, its arms, and the head at ``at`` unless it is laid on the ground."""
    stance = stance_of(pose)
    c.lift = {"jump": 0.15, "fall": 0.16}.get(pose.action, 0.0)
    r = 0.22 * (1.12 if looks.small else 1.0)
    coat = giant_coat(looks)
    down = pose.action in ("sleep", "hide")
    low = 1.0 if down else {"eat": 0.8, "drink": 0.8, "look_down": 0.3, "dig": 0.5}.get(pose.action, 0.0)
    x, y = at[0] + 0.34 * low, at[1] + (r * 0.92 - at[1]) * low
    with c.at(0.0, 0.3, _TURNS.get(pose.action, -12.0 if down else 0.0)), c.at(0.0, -0.3):
        body(c, looks, pose, stance)
        arms = [
            arm_of(start, hand_place(hand, (0.16, 0.48), (x, y), 0.24, r), 0.24, near)
            for start, hand, near in (((0.06, 0.5), stance.near, True), ((0.24, 0.5), stance.far, False))
        ]
        rest = ((0.18, 0.44), (0.36, 0.43))
        for k, hand in enumerate((stance.near, stance.far)):
            if (hand.v < -0.8 and not hand.head) or down:
                arms[k] = arm_of(arms[k].shoulder, rest[k], 0.24, k == 0)
        over = {"far": (1,), "near": (0,), "both": (1, 0)}.get(stance.over, ())
        for k in (1, 0):
            if k not in over:
                _arm(c, arms[k], shade_of(coat) if k else coat)
        thick = (0.3, 0.27) if low < 0.5 else (0.26, 0.22)
        c.soft(
            curves.tube(
                [(0.06, 0.55), ((0.06 + x) / 2, (0.55 + y) / 2 + 0.06 * low), (x - 0.06, y - 0.06)],
                [thick[0], (thick[0] + thick[1]) / 2, thick[1]],
            ),
            coat,
            line=low > 0.2,
        )
        with c.at(x, y, stance.nod if not down else -4):
            head(c, looks, pose, r)
        draw_work(c, looks, pose, stance, (arms[0], arms[1]), (x, y), r)
        for k in over:
            _arm(c, arms[k], shade_of(coat) if k else coat)
        draw_meal(c, looks, pose, stance, (arms[0], arms[1]), (x, y), r)


def _arm(c: Puppet, arm: Arm, tone: RGB) -> None:
    c.soft(curves.tube([arm.shoulder, arm.elbow, arm.hand], [0.1, 0.09, 0.075]), tone)


def giant_coat(looks: Looks) -> RGB:
    """The colour of a dragon's or a dinosaur's skin."""
    return looks.pick("coat", _COATS[looks.kind])


_COATS: dict[str, tuple[RGB, ...]] = {
    "dragon": ((112, 178, 116), (216, 92, 84), (110, 150, 214), (170, 126, 204)),
    "dinosaur": ((124, 184, 108), (96, 168, 170), (236, 160, 84)),
}


def _dragon_body(c: Puppet, looks: Looks, pose: Pose, stance: Stance) -> None:
    coat = giant_coat(looks)
    _wing(c, coat, True, pose)
    tail = curves.tube([(-0.2, 0.24), (-0.5, 0.12), (-0.78, 0.16), (-0.95, 0.34)], [0.26, 0.18, 0.1, 0.03])
    c.soft(tail, coat)
    c.soft([(-0.9, 0.28), (-1.06, 0.46), (-0.92, 0.47), (-0.82, 0.52)], (246, 176, 84))
    for x, y in ((-0.3, 0.42), (-0.48, 0.25), (-0.64, 0.22)):
        c.soft([(x - 0.06, y - 0.04), (x - 0.03, y + 0.09), (x + 0.06, y + 0.0)], (246, 176, 84))
    _feet(c, coat, pose)
    _trunk(c, coat, (252, 230, 170))
    _wing(c, coat, False, pose)


def _dragon_head(c: Puppet, looks: Looks, pose: Pose, r: float) -> None:
    coat = giant_coat(looks)
    for dx, high in ((-0.5, 0.34), (0.2, 0.36)):
        horn = [(r * dx, r * 0.75), (r * dx - 0.06, r + 0.06), (r * dx - 0.11, high * 0.9)]
        c.soft(curves.tube(horn, [0.085, 0.06, 0.015]), (252, 226, 160))
    c.soft([(-r * 1.0, 0.02), (-r * 1.5, 0.1), (-r * 1.2, -0.06)], (246, 176, 84))
    c.soft(curves.oval(0.0, 0.0, r, r * 0.96), coat)
    _muzzle(c, coat, pose, 0.0, 0.0, r)
    if pose.mood == "angry":
        flame = [(r * 1.3, -r * 0.4), (r * 2.2, -r * 0.1), (r * 2.7, -r * 0.6), (r * 2.1, -r * 0.9)]
        c.glow(r * 1.9, -r * 0.5, 0.28, (255, 170, 70), 0.8)
        c.soft(curves.smooth(flame), (255, 190, 80))


def _dinosaur_body(c: Puppet, looks: Looks, pose: Pose, stance: Stance) -> None:
    coat = giant_coat(looks)
    c.soft(curves.tube([(-0.16, 0.28), (-0.5, 0.16), (-0.9, 0.1)], [0.3, 0.18, 0.03]), coat)
    for x, y in ((-0.62, 0.24), (-0.44, 0.32), (-0.27, 0.48), (-0.16, 0.66)):
        c.soft([(x - 0.07, y - 0.05), (x - 0.05, y + 0.1), (x + 0.07, y + 0.02)], (240, 130, 84))
    _feet(c, coat, pose)
    _trunk(c, coat, (248, 240, 190))


def _dinosaur_head(c: Puppet, looks: Looks, pose: Pose, r: float) -> None:
    coat = giant_coat(looks)
    c.soft(curves.oval(0.0, 0.0, r * 1.08, r), coat)
    for dx, dy in ((-0.55, 0.5), (-0.3, 0.68), (-0.75, 0.2)):
        c.dot(r * dx, r * dy, 0.025, shade_of(coat))
    _muzzle(c, coat, pose, 0.0, 0.0, r)
    if face_of(pose).mouth in ("smile", "soft", "firm", "cross"):
        for k in range(2):
            x = r * (0.5 + 0.25 * k)
            c.fill([(x, -r * 0.52), (x + r * 0.12, -r * 0.52), (x + r * 0.06, -r * 0.66)], WHITE)


GIANTS: dict[str, Callable[[Puppet, Looks, Pose], None]] = {
    "dragon": partial(_draw, _dragon_body, _dragon_head, (0.2, 0.82)),
    "dinosaur": partial(_draw, _dinosaur_body, _dinosaur_head, (0.15, 0.8)),
}
