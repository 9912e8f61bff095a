"""Small creatures: turtle, frog, snake, snail, crab, butterfly, bee, ladybug, ant. Units of their height."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import INK, RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.faces import ball_eye, brow, cheek, eye, mouth, tears
from app.services.engines.builtin.picture.puppet import Puppet


def _face(c: Puppet, x: float, y: float, gap: float, e: float, pose: Pose, tone: RGB, drop: float) -> None:
    for ex, s in ((x - gap, 1), (x + gap, -1)):
        eye(c, ex, y, e, pose, inner=s)
        tears(c, ex, y, e * 0.9, pose, -s)
        brow(c, ex, y, e, pose, s, shade_of(shade_of(tone)))
        cheek(c, ex - s * e * 1.2, y - drop * 0.7, e * 1.2, pose)
    mouth(c, x, y - drop, e * 1.3, pose)


def _turtle(c: Puppet, looks: Looks, pose: Pose) -> None:
    skin: RGB = (150, 192, 112)
    shell = looks.pick("coat", ((176, 128, 82), (96, 142, 104), (196, 146, 86)))
    c.soft(curves.tube([(-0.52, 0.26), (-0.72, 0.2)], [0.1, 0.03]), skin)
    go = (0.08, -0.02, -0.06)[pose.step] if pose.action in ("walk", "run", "swim", "climb", "push", "pull") else 0.0
    low = {"sleep": 0.4, "hide": 0.4, "eat": 0.34, "look_down": 0.22, "dig": 0.36, "look_up": -0.08}.get(
        pose.action, 0.0
    )
    for x, tone, s in ((-0.26, skin, 1), (0.32, skin, -1), (-0.42, shade_of(skin), -1), (0.16, shade_of(skin), 1)):
        c.soft(curves.tube([(x, 0.28), (x + 0.02 + s * go, 0.06)], [0.2, 0.17]), tone)
    c.soft(curves.tube([(0.38, 0.36), (0.56, 0.5 - low * 0.7)], [0.2, 0.2]), skin)
    dome = curves.smooth([(-0.6, 0.26), (-0.5, 0.58), (-0.1, 0.82), (0.3, 0.66), (0.48, 0.28), (0, 0.2)])
    c.soft(dome, shell)
    with c.inside(dome):
        for x, y, r in ((-0.1, 0.56, 0.17), (-0.38, 0.42, 0.14), (0.2, 0.44, 0.14)):
            c.fill(curves.oval(x, y, r, r * 0.85, 10, 6), light_of(shell))
    c.soft(curves.tube([(-0.58, 0.26), (0, 0.2), (0.48, 0.27)], [0.07, 0.09, 0.07]), light_of(shell))
    with c.at(0.0, -low):
        c.soft(curves.oval(0.66, 0.62, 0.24, 0.23), skin)
        _face(c, 0.72, 0.66, 0.11, 0.05, pose, skin, 0.15)


def _frog(c: Puppet, looks: Looks, pose: Pose) -> None:
    skin = looks.pick("coat", ((118, 184, 92), (96, 170, 110), (160, 190, 84)))
    for s in (-1, 1):
        c.soft(curves.oval(s * 0.4, 0.2, 0.2, 0.2), shade_of(skin))
        c.soft(curves.oval(s * 0.46, 0.05, 0.2, 0.055), skin)
    c.soft(
        curves.smooth([(0, 0.7), (0.34, 0.5), (0.36, 0.2), (0.2, 0.03), (-0.2, 0.03), (-0.36, 0.2), (-0.34, 0.5)]), skin
    )
    c.fill(curves.oval(0.02, 0.22, 0.22, 0.18), (240, 244, 200))
    for s in (-1, 1):
        c.soft(curves.tube([(s * 0.2, 0.32), (s * 0.18, 0.05)], [0.11, 0.1]), skin)
        c.soft(curves.oval(s * 0.19, 0.035, 0.1, 0.04), skin)
    c.soft(curves.oval(0, 0.66, 0.42, 0.28), skin)
    for x in (-0.2, 0.26):
        c.soft(curves.oval(x, 0.9, 0.15, 0.15), skin)
        ball_eye(c, x + 0.02, 0.91, 0.105, 0.058, pose, skin)
        brow(c, x + 0.02, 0.95, 0.07, pose, 1 if x < 0 else -1, shade_of(shade_of(skin)))
        tears(c, x, 0.86, 0.055, pose, -1 if x < 0 else 1)
    cheek(c, -0.25, 0.58, 0.09, pose)
    cheek(c, 0.33, 0.58, 0.08, pose)
    mouth(c, 0.05, 0.56, 0.16, pose)


def _snake(c: Puppet, looks: Looks, pose: Pose) -> None:
    skin = looks.pick("coat", ((126, 186, 104), (96, 164, 150), (226, 176, 84)))
    for y, w in ((0.1, 0.5), (0.26, 0.4), (0.4, 0.28)):
        c.soft(curves.oval(-0.05, y, w, 0.12), skin if w != 0.4 else mix(skin, shade_of(skin), 0.25))
        for k in range(-2, 3):
            c.fill(curves.oval(-0.05 + k * w * 0.36, y + 0.01, 0.05, 0.035), light_of(skin))
    c.soft(curves.tube([(0.05, 0.44), (0.2, 0.58), (0.14, 0.76)], [0.2, 0.18, 0.18]), skin)
    c.stroke([(0.42, 0.76), (0.54, 0.74), (0.6, 0.78)], 0.02, (220, 80, 90))
    c.soft(curves.oval(0.2, 0.82, 0.25, 0.18), skin)
    _face(c, 0.26, 0.86, 0.11, 0.05, pose, skin, 0.12)


def _snail(c: Puppet, looks: Looks, pose: Pose) -> None:
    skin: RGB = (240, 214, 168)
    shell = looks.pick("coat", ((222, 140, 100), (150, 128, 196), (110, 164, 180)))
    c.soft(
        curves.smooth(
            [(-0.75, 0.02), (-0.4, 0.16), (0.3, 0.2), (0.42, 0.6), (0.62, 0.66), (0.72, 0.5), (0.66, 0.1), (0.5, 0.0)]
        ),
        skin,
    )
    for x in (0.46, 0.66):
        c.stroke([(x, 0.62), (x + 0.03, 0.86)], 0.035, skin, smooth=False)
        c.dot(x + 0.03, 0.88, 0.045, shade_of(skin))
    c.soft(curves.oval(-0.12, 0.46, 0.4, 0.38), shell)
    t = np.linspace(0.4, 4.4 * math.pi, 46)
    c.stroke(np.stack([-0.12 + 0.026 * t * np.cos(t), 0.45 + 0.025 * t * np.sin(t)], 1), 0.035, shade_of(shell))
    c.soft(curves.oval(0.57, 0.56, 0.2, 0.19), skin)
    _face(c, 0.61, 0.59, 0.085, 0.04, pose, skin, 0.1)


def _crab(c: Puppet, looks: Looks, pose: Pose) -> None:
    red = looks.pick("coat", ((232, 92, 72), (240, 130, 74)))
    for s in (-1, 1):
        for k in range(3):
            c.stroke(
                [(s * 0.3, 0.26), (s * (0.52 + 0.1 * k), 0.3 - 0.06 * k), (s * (0.54 + 0.1 * k), 0.03)],
                0.055,
                shade_of(red),
            )
        c.stroke([(s * 0.36, 0.42), (s * 0.58, 0.5), (s * 0.6, 0.66)], 0.075, red)
        c.soft(
            curves.smooth(
                [
                    (s * 0.5, 0.66),
                    (s * 0.46, 0.88),
                    (s * 0.6, 0.98),
                    (s * 0.62, 0.82),
                    (s * 0.76, 0.92),
                    (s * 0.74, 0.7),
                ]
            ),
            red,
        )
        c.stroke([(s * 0.14, 0.55), (s * 0.15, 0.74)], 0.045, red, smooth=False)
        ball_eye(c, s * 0.15, 0.78, 0.098, 0.055, pose, red)
        brow(c, s * 0.15, 0.81, 0.06, pose, -s, shade_of(shade_of(red)))
    c.soft(curves.smooth([(-0.48, 0.38), (-0.3, 0.6), (0.3, 0.6), (0.48, 0.38), (0.3, 0.14), (-0.3, 0.14)]), red)
    cheek(c, -0.25, 0.36, 0.08, pose)
    cheek(c, 0.27, 0.36, 0.08, pose)
    mouth(c, 0.01, 0.38, 0.11, pose)


def _butterfly(c: Puppet, looks: Looks, pose: Pose) -> None:
    wing = looks.pick("coat", ((120, 160, 236), (246, 150, 90), (240, 130, 170), (250, 206, 96)))
    for s in (1, -1):
        k = (0.82 if s > 0 else 1.0) * (1.0, 0.72, 0.4)[pose.step]
        c.soft(
            curves.smooth(
                [(0, 0.5), (s * 0.2 * k, 0.9), (s * 0.56 * k, 0.98), (s * 0.62 * k, 0.68), (s * 0.3 * k, 0.48)]
            ),
            wing,
        )
        c.soft(
            curves.smooth(
                [(0, 0.48), (s * 0.36 * k, 0.46), (s * 0.5 * k, 0.22), (s * 0.3 * k, 0.06), (s * 0.1 * k, 0.2)]
            ),
            mix(wing, light_of(wing), 0.5),
        )
        c.dot(s * 0.42 * k, 0.76, 0.075, light_of(light_of(wing)))
        c.dot(s * 0.3 * k, 0.25, 0.055, WHITE)
        c.stroke([(s * 0.05, 0.84), (s * 0.12, 0.98), (s * 0.19, 1.02)], 0.02, INK)
    c.soft(curves.tube([(0, 0.72), (0, 0.2)], [0.12, 0.06]), (96, 76, 84))
    c.soft(curves.oval(0, 0.75, 0.14, 0.13), (252, 222, 190))
    for x, s in ((-0.03, 1), (0.075, -1)):
        eye(c, x, 0.765, 0.027, pose, inner=s)
        brow(c, x, 0.765, 0.024, pose, s, INK)
        cheek(c, x - s * 0.04, 0.72, 0.028, pose)
    mouth(c, 0.022, 0.705, 0.032, pose)


def _bee(c: Puppet, looks: Looks, pose: Pose) -> None:
    gold: RGB = (250, 204, 84)
    beat = (0, 26, 52)[pose.step]
    for x, a in ((-0.12, 60 + beat), (0.1, 100 + beat)):
        c.soft(curves.oval(x - 0.003 * beat, 0.84 - 0.002 * beat, 0.26, 0.14, a), (226, 240, 250), light=0.5)
    c.soft([(-0.5, 0.4), (-0.68, 0.34), (-0.5, 0.3)], INK)
    body = curves.oval(-0.06, 0.38, 0.46, 0.33)
    c.soft(body, gold)
    with c.inside(body):
        for x in (-0.34, -0.1, 0.12):
            c.fill(curves.box(x, 0, x + 0.11, 0.8), (86, 68, 66))
    for s in (0.3, 0.46):
        c.stroke([(s, 0.66), (s + 0.08, 0.86), (s + 0.16, 0.9)], 0.026, INK)
    c.soft(curves.oval(0.4, 0.46, 0.25, 0.25), gold)
    _face(c, 0.46, 0.5, 0.1, 0.05, pose, gold, 0.15)


def _ladybug(c: Puppet, looks: Looks, pose: Pose) -> None:
    for x in (-0.35, -0.05, 0.25):
        c.stroke([(x, 0.2), (x + 0.05, 0.0)], 0.06, INK, smooth=False)
    c.soft(curves.oval(0.42, 0.42, 0.27, 0.28), (74, 62, 72))
    dome = curves.smooth([(-0.62, 0.16), (-0.5, 0.6), (-0.05, 0.84), (0.34, 0.62), (0.42, 0.16), (-0.1, 0.1)])
    c.soft(dome, (226, 74, 66))
    with c.inside(dome):
        for x, y in ((-0.34, 0.5), (0.02, 0.62), (-0.2, 0.26), (0.18, 0.32)):
            c.dot(x, y, 0.09, (74, 56, 64))
    for x in (0.42, 0.58):
        c.stroke([(x, 0.66), (x + 0.06, 0.84)], 0.025, INK, smooth=False)
        c.dot(x + 0.06, 0.86, 0.035, INK)
        ball_eye(c, x, 0.48, 0.085, 0.046, pose, (104, 90, 100))
    mouth(c, 0.5, 0.34, 0.06, pose, WHITE)


def _ant(c: Puppet, looks: Looks, pose: Pose) -> None:
    tone: RGB = (126, 84, 74)
    for x in (-0.25, 0.02, 0.25):
        c.stroke([(x * 0.5, 0.34), (x, 0.24), (x * 1.5, 0.0)], 0.05, tone)
    c.soft(curves.oval(-0.45, 0.4, 0.3, 0.24), tone)
    c.soft(curves.oval(-0.04, 0.38, 0.19, 0.16), tone)
    for x in (0.3, 0.46):
        c.stroke([(x, 0.76), (x + 0.08, 0.98), (x + 0.2, 0.98)], 0.03, tone)
    c.soft(curves.oval(0.36, 0.56, 0.28, 0.26), tone)
    for x in (0.3, 0.52):
        ball_eye(c, x, 0.6, 0.095, 0.05, pose, tone)
        brow(c, x, 0.64, 0.055, pose, 1 if x < 0.4 else -1, (66, 44, 44))
    mouth(c, 0.42, 0.44, 0.07, pose, (255, 230, 220))


def _cobra(c: Puppet, looks: Looks, pose: Pose) -> None:
    skin = looks.pick("coat", ((104, 98, 88), (126, 116, 78), (78, 88, 96)))
    low = 0.4 if pose.action in ("sleep", "hide") else 0.0
    for y, w in ((0.09, 0.5), (0.22, 0.38)):
        c.soft(curves.oval(-0.08, y, w, 0.11), skin if w == 0.5 else mix(skin, shade_of(skin), 0.3))
    c.soft(curves.tube([(-0.05, 0.24), (0.1, 0.4 - low * 0.4), (0.06, 0.66 - low)], [0.2, 0.19, 0.18]), skin)
    with c.at(0.0, -low):
        hood = curves.smooth([(0.1, 1.0), (0.36, 0.84), (0.3, 0.56), (0.1, 0.4), (-0.1, 0.56), (-0.18, 0.84)])
        c.soft(hood, skin)
        c.fill(curves.smooth([(0.1, 0.74), (0.2, 0.62), (0.1, 0.4), (0.0, 0.62)]), (240, 222, 170))
        for k in range(3):
            c.stroke([(0.03, 0.62 - 0.06 * k), (0.17, 0.62 - 0.06 * k)], 0.012, shade_of(skin), smooth=False)
        c.soft(curves.oval(0.12, 0.84, 0.2, 0.145), light_of(skin))
        c.stroke([(0.14, 0.73), (0.2, 0.68), (0.26, 0.7)], 0.018, (220, 80, 90))
        _face(c, 0.14, 0.88, 0.085, 0.042, pose, skin, 0.1)


def _bat(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat: RGB = looks.pick("coat", ((112, 92, 122), (98, 90, 104)))
    k = (1.0, 0.3, -0.6)[pose.step] if pose.action == "fly" else 0.5
    for s in (-1, 1):
        wing = [(s * 0.1, 0.56), (s * 0.34, 0.56 + 0.34 * k), (s * 0.72, 0.56 + 0.3 * k), (s * 0.62, 0.5 + 0.12 * k),
            (s * 0.5, 0.44 + 0.1 * k), (s * 0.4, 0.36 + 0.06 * k), (s * 0.3, 0.4), (s * 0.18, 0.3)]  # fmt: skip
        c.soft(wing, shade_of(coat))
        c.soft([(s * 0.05, 0.78), (s * 0.22, 1.0), (s * 0.24, 0.68)], coat)
        c.soft(curves.oval(s * 0.07, 0.05, 0.06, 0.045), shade_of(coat))
    c.soft(curves.oval(0, 0.36, 0.19, 0.33), coat)
    c.fill(curves.oval(0.02, 0.26, 0.11, 0.17), light_of(coat))
    c.soft(curves.oval(0, 0.64, 0.23, 0.21), coat)
    _face(c, 0.03, 0.68, 0.09, 0.045, pose, coat, 0.13)
    for x in (-0.01, 0.07):
        c.fill([(x - 0.015, 0.545), (x + 0.015, 0.545), (x, 0.51)], WHITE)


def _spider(c: Puppet, looks: Looks, pose: Pose) -> None:
    tone = looks.pick("coat", ((96, 84, 110), (120, 86, 78)))
    for s in (-1, 1):
        for k in range(4):
            reach = 0.46 + 0.1 * k
            bend = [(s * 0.16, 0.4), (s * reach * 0.72, 0.62 - 0.1 * k), (s * reach, 0.02)]
            c.stroke(bend, 0.045, shade_of(tone))
    c.soft(curves.oval(0.0, 0.48, 0.34, 0.33), tone)
    for x, sx in ((-0.08, 1), (0.17, -1)):
        ball_eye(c, x, 0.56, 0.1, 0.055, pose, tone)
        brow(c, x, 0.6, 0.06, pose, sx, shade_of(shade_of(tone)))
        cheek(c, x - sx * 0.12, 0.42, 0.06, pose)
    mouth(c, 0.05, 0.38, 0.075, pose, (255, 232, 224))


_LEAPS = {"jump": 14.0, "fly": 8.0, "look_up": 9.0, "sing": 7.0, "look_down": -8.0, "eat": -8.0, "dig": -12.0,
    "fall": 36.0, "climb": 26.0, "push": -8.0, "pull": 8.0}  # fmt: skip


def _going(draw: Callable[[Puppet, Looks, Pose], None], c: Puppet, looks: Looks, pose: Pose) -> None:
    """Small bodies say most by how they lean: in a jump, up a wall, over the food."""
    hop = pose.action in ("run", "walk", "dance", "cheer") and looks.kind == "frog"
    c.lift = {"jump": 0.24, "fall": 0.2}.get(pose.action, (0.0, 0.12, 0.05)[pose.step] if hop else 0.0)
    c.hung = pose.seat > 0
    sway = (0.0, 4.0, -4.0)[pose.step] if pose.action in ("walk", "run", "dance", "swim") else 0.0
    with c.at(0.0, 0.3 + pose.seat, _LEAPS.get(pose.action, 0.0) + sway), c.at(0.0, -0.3):
        draw(c, looks, pose)


_ALL: dict[str, Callable[[Puppet, Looks, Pose], None]] = {
    "turtle": _turtle, "frog": _frog, "snake": _snake, "snail": _snail, "crab": _crab, "butterfly": _butterfly,
    "bee": _bee, "ladybug": _ladybug, "ant": _ant, "cobra": _cobra, "bat": _bat, "spider": _spider,
}  # fmt: skip
CRAWLERS: dict[str, Callable[[Puppet, Looks, Pose], None]] = {
    kind: partial(_going, draw) for kind, draw in _ALL.items()
}
