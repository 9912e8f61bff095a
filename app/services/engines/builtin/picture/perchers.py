"""Birds that stand upright like little people: owl and penguin. Units of their height, looking right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, light_of, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, scarf
from app.services.engines.builtin.picture.faces import brow, cheek, eye, notes, opened, tears
from app.services.engines.builtin.picture.props import hold
from app.services.engines.builtin.picture.puppet import Puppet

_LEANS = {"eat": -14.0, "look_down": -9.0, "look_up": 7.0, "sing": 6.0, "fly": -8.0, "run": -10.0, "fall": 32.0,
    "push": -10.0, "jump": 6.0, "dance": 7.0, "swim": -66.0, "cry": -5.0, "dig": -16.0}  # fmt: skip


_RAISED = {"cheer": 1.0, "fly": 1.0, "jump": 0.9, "fall": 0.9, "dance": 0.8, "hug": 0.55, "run": 0.6, "wave": 0.95,
    "point": 0.6, "talk": 0.4, "push": 0.5, "carry": 0.4}  # fmt: skip
"""How high the wings are in an action."""


def _upright(draw: Callable[[Puppet, Looks, Pose, float], None], c: Puppet, looks: Looks, pose: Pose) -> None:
    """Birds that stand like little people lean with the whole body."""
    going = pose.action in ("walk", "run", "dance", "carry", "push")
    sway = (5.0, -5.0, 0.0)[pose.step] if going else 0.0
    c.lift = {"jump": 0.15, "fall": 0.18}.get(pose.action, 0.0)
    c.hung = pose.seat > 0
    arms = _RAISED.get(pose.action, 0.35 if pose.mood == "happy" else 0.0)
    beat = (0.0, -0.35, -0.7)[pose.step] if arms > 0.3 else 0.0
    with c.at(0.0, 0.3 + pose.seat, _LEANS.get(pose.action, 0.0) + sway), c.at(0.0, -0.3):
        draw(c, looks, pose, max(-0.3, arms + beat * arms))
        if pose.prop and pose.action not in ("sleep", "swim", "hide"):
            with c.loose():
                hold(c, pose.prop, 0.36, 0.42 + 0.2 * arms, looks)
        if pose.action == "sing":
            with c.loose():
                notes(c, 0.42, 0.7, 0.05)


def _owl(c: Puppet, looks: Looks, pose: Pose, arms: float) -> None:
    coat = looks.pick("coat", ((150, 110, 84), (176, 140, 104), (120, 116, 130)))
    for s in (-1, 1):
        c.soft([(s * 0.13, 0.86), (s * 0.31, 1.02), (s * 0.3, 0.76)], shade_of(coat))
        c.soft(curves.oval(s * 0.1, 0.04, 0.08, 0.045), (232, 168, 74))
    body = curves.smooth(
        [(0, 0.96), (0.28, 0.86), (0.34, 0.5), (0.25, 0.12), (0, 0.04), (-0.25, 0.12), (-0.34, 0.5), (-0.28, 0.86)]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(0.02, 0.28, 0.2, 0.26), light_of(light_of(coat)))
        for row in range(3):
            for k in range(-2, 3):
                scale = curves.oval(0.02 + 0.08 * k + 0.04 * (row % 2), 0.4 - 0.1 * row, 0.03, 0.03, 0, 12)[6:12]
                c.stroke(scale, 0.012, coat)
    for s in (-1, 1):
        raised = arms if pose.action != "wave" or s > 0 else 0.0
        folded = ((0.27, 0.62), (0.38, 0.45), (0.32, 0.16), (0.22, 0.34))
        spread = ((0.27, 0.62), (0.62, 0.82), (0.58, 0.44), (0.28, 0.3))
        wing = [(s * (p[0] + (q[0] - p[0]) * raised), p[1] + (q[1] - p[1]) * raised)
            for p, q in zip(folded, spread, strict=True)]  # fmt: skip
        c.soft(curves.smooth(wing), shade_of(coat))
    for x, s in ((-0.11, 1), (0.16, -1)):
        c.soft(curves.oval(x, 0.72, 0.145, 0.145), (252, 242, 220), light=0.4)
        eye(
            c,
            x + 0.01,
            0.72,
            0.068,
            pose
            if pose.mood not in ("tense", "surprised")
            else Pose(pose.action, "calm", closed=pose.closed, gaze=pose.gaze),
            inner=s,
        )
        brow(c, x, 0.72, 0.062, pose, s, shade_of(shade_of(coat)))
        tears(c, x, 0.7, 0.05, pose, -s)
        cheek(c, x - s * 0.12, 0.61, 0.05, pose)
    if opened(pose):
        c.soft([(0.0, 0.62), (0.06, 0.62), (0.03, 0.52)], (206, 120, 52))
    c.soft([(-0.02, 0.66), (0.08, 0.66), (0.03, 0.57)], (240, 168, 66))


def _penguin(c: Puppet, looks: Looks, pose: Pose, arms: float) -> None:
    coat: RGB = (120, 128, 146) if looks.small else (64, 70, 92)
    going = pose.action in ("walk", "run", "dance", "carry", "push")
    for s in (1, -1):
        up = 0.04 if going and (pose.step, s) in ((0, 1), (1, -1)) else 0.0
        c.soft(curves.oval(s * 0.12 + 0.03, 0.035 + up, 0.12, 0.042), (244, 168, 66))
        raised = arms if pose.action != "wave" or s > 0 else 0.0
        tip = (s * (0.4 + 0.1 * raised), 0.22 + 0.38 * raised)
        c.soft(curves.tube([(s * 0.24, 0.54), (s * 0.36, 0.42 + 0.06 * raised), tip], [0.1, 0.1, 0.05]), coat)
    body = curves.smooth(
        [(0, 1.0), (0.25, 0.88), (0.31, 0.5), (0.28, 0.14), (0, 0.03), (-0.28, 0.14), (-0.31, 0.5), (-0.25, 0.88)]
    )
    c.soft(body, coat)
    with c.inside(body):
        front = [(0.05, 0.58), (0.26, 0.42), (0.22, 0.06), (0.02, 0.0), (-0.19, 0.08), (-0.2, 0.42)]
        c.fill(curves.smooth(front), (252, 250, 246))
        for x in (-0.06, 0.17):
            c.fill(curves.oval(x, 0.73, 0.135, 0.15), (252, 250, 246))
    for x, s in ((-0.03, 1), (0.17, -1)):
        eye(c, x, 0.77, 0.04, pose, inner=s)
        brow(c, x, 0.77, 0.036, pose, s, (60, 60, 80))
        cheek(c, x + (-0.07 if x < 0 else 0.05), 0.68, 0.045, pose)
        tears(c, x, 0.77, 0.035, pose, -s)
    if opened(pose):
        c.soft([(0.03, 0.7), (0.15, 0.69), (0.09, 0.59)], (206, 120, 52))
    c.soft([(0.02, 0.73), (0.16, 0.72), (0.09, 0.64)], (244, 168, 66))
    if "scarf" in looks.wear or looks.number("scarf") % 2:
        scarf(c, 0.03, 0.58, 0.25, 0.06, looks.pick("scarf", ((214, 70, 64), (84, 150, 200), (244, 184, 70))))


UPRIGHT: dict[str, Callable[[Puppet, Looks, Pose], None]] = {
    "owl": partial(_upright, _owl),
    "penguin": partial(_upright, _penguin),
}
