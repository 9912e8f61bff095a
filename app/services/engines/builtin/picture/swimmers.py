"""What swims: fish, whale, dolphin, shark, octopus, jellyfish. Units of its height, to the right, lowest at 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import INK, RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.faces import brow, cheek, eye, mouth, tears
from app.services.engines.builtin.picture.puppet import Puppet

_LEAPS = {"jump": 30.0, "fly": 24.0, "cheer": 18.0, "look_up": 13.0, "sing": 9.0, "look_down": -14.0, "eat": -10.0,
    "dig": -24.0, "fall": -38.0, "dance": 14.0}  # fmt: skip
"""How a swimmer's body is turned."""


@contextmanager
def _beat(c: Puppet, x: float, y: float, pose: Pose) -> Iterator[None]:
    """The frame of a tail that is joined at (x, y)."""
    with c.at(x, y, (0.0, 13.0, -13.0)[pose.step]), c.at(-x, -y):
        yield


def _leaping(draw: Callable[[Puppet, Looks, Pose], None], c: Puppet, looks: Looks, pose: Pose) -> None:
    c.lift = 0.16 if pose.action == "jump" else 0.0
    turn = _LEAPS.get(pose.action, 0.0)
    with c.at(0.0, 0.45, turn), c.at(0.0, -0.45):
        draw(c, looks, pose)


def _fish(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((246, 142, 72), (92, 164, 220), (250, 200, 84), (238, 116, 140)))
    fin = shade_of(coat)
    with _beat(c, -0.44, 0.46, pose):
        c.soft(curves.smooth([(-0.44, 0.46), (-0.82, 0.8), (-0.72, 0.46), (-0.84, 0.1)]), light_of(coat))
    c.soft(curves.smooth([(-0.25, 0.76), (-0.1, 1.02), (0.2, 0.86)]), fin)
    body = curves.smooth(
        [
            (0.62, 0.44),
            (0.42, 0.74),
            (0.05, 0.86),
            (-0.34, 0.68),
            (-0.55, 0.46),
            (-0.34, 0.22),
            (0.05, 0.06),
            (0.42, 0.16),
        ]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(0.05, 0.06, 0.5, 0.2), light_of(light_of(coat)), 0.8)
        for x in (-0.32, -0.02):
            c.fill(curves.oval(x, 0.46, 0.06, 0.5, 6), (255, 248, 236), 0.9)
    c.soft(curves.smooth([(-0.02, 0.4), (-0.24, 0.26), (-0.26, 0.46)]), fin)
    eye(c, 0.34, 0.54, 0.085, pose)
    brow(c, 0.34, 0.54, 0.085, pose, 1, fin)
    cheek(c, 0.26, 0.34, 0.08, pose)
    tears(c, 0.34, 0.54, 0.06, pose, -1)
    mouth(c, 0.5, 0.35, 0.07, pose)


def _whale(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((92, 140, 196), (84, 122, 176), (112, 160, 204)))
    with _beat(c, -0.6, 0.4, pose):
        c.soft(
            curves.smooth(
                [
                    (-0.62, 0.36),
                    (-0.92, 0.62),
                    (-1.16, 0.68),
                    (-1.05, 0.84),
                    (-0.9, 0.78),
                    (-0.84, 0.98),
                    (-0.7, 0.9),
                    (-0.72, 0.68),
                    (-0.42, 0.52),
                ]
            ),
            coat,
        )
    body = curves.smooth(
        [
            (0.98, 0.4),
            (0.86, 0.7),
            (0.4, 0.86),
            (-0.15, 0.78),
            (-0.66, 0.56),
            (-0.74, 0.36),
            (-0.4, 0.14),
            (0.2, 0.02),
            (0.8, 0.12),
        ]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(
            curves.smooth([(1.0, 0.34), (0.5, 0.3), (-0.1, 0.2), (-0.6, 0.24), (-0.3, -0.1), (0.6, -0.1)]),
            (238, 244, 248),
        )
        for k in range(5):
            c.stroke(
                [(0.9 - 0.02 * k, 0.26 - 0.05 * k), (0.3, 0.2 - 0.045 * k), (-0.25, 0.15 - 0.03 * k)],
                0.009,
                (186, 204, 220),
            )
    c.soft(curves.smooth([(0.2, 0.2), (0.02, -0.08), (-0.12, -0.08), (0.0, 0.22)]), shade_of(coat))
    eye(c, 0.56, 0.44, 0.055, pose)
    brow(c, 0.56, 0.44, 0.055, pose, 1, shade_of(coat))
    cheek(c, 0.48, 0.33, 0.07, pose)
    tears(c, 0.56, 0.44, 0.05, pose, -1)
    mouth(c, 0.78, 0.38, 0.09, pose)
    for s in (-1, 1):
        c.stroke(
            [(0.42, 0.88), (0.42 + s * 0.05, 1.06), (0.42 + s * 0.17, 1.08), (0.42 + s * 0.2, 1.0)],
            0.035,
            (206, 232, 248),
        )


def _dolphin(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((116, 156, 196), (128, 164, 190)))
    with _beat(c, -0.74, 0.32, pose):
        c.soft(curves.smooth([(-0.72, 0.28), (-1.02, 0.1), (-0.95, 0.3), (-1.08, 0.44), (-0.8, 0.4)]), shade_of(coat))
    c.soft(curves.smooth([(-0.12, 0.72), (-0.26, 1.0), (0.14, 0.74)]), shade_of(coat))
    body = curves.smooth(
        [
            (0.98, 0.38),
            (0.76, 0.48),
            (0.62, 0.68),
            (0.2, 0.8),
            (-0.3, 0.66),
            (-0.8, 0.36),
            (-0.84, 0.28),
            (-0.4, 0.3),
            (0.2, 0.24),
            (0.7, 0.32),
        ]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.smooth([(0.98, 0.34), (0.55, 0.44), (0.1, 0.4), (-0.5, 0.34), (0.1, 0.1)]), (244, 246, 248))
    c.soft(curves.smooth([(0.28, 0.36), (0.06, 0.08), (0.1, 0.38)]), shade_of(coat))
    eye(c, 0.56, 0.54, 0.048, pose)
    cheek(c, 0.48, 0.45, 0.055, pose)
    brow(c, 0.56, 0.54, 0.044, pose, 1, shade_of(coat))
    tears(c, 0.56, 0.54, 0.045, pose, -1)
    mouth(c, 0.72, 0.41, 0.075, pose, shade_of(shade_of(coat)))
    c.stroke([(0.98, 0.39), (0.86, 0.4)], 0.012, shade_of(shade_of(coat)), smooth=False)


def _shark(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat: RGB = (128, 142, 162)
    with _beat(c, -0.72, 0.42, pose):
        c.soft(curves.smooth([(-0.7, 0.42), (-1.08, 0.82), (-0.9, 0.45), (-1.02, 0.14)], steps=5), shade_of(coat))
    c.soft(curves.smooth([(-0.1, 0.72), (-0.16, 1.02), (0.26, 0.74)], steps=5), shade_of(coat))
    body = curves.smooth(
        [(0.95, 0.48), (0.5, 0.76), (-0.1, 0.76), (-0.78, 0.46), (-0.78, 0.38), (-0.1, 0.16), (0.5, 0.18)]
    )
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(0.15, 0.14, 0.8, 0.22), (240, 242, 244))
    c.soft(curves.smooth([(0.2, 0.28), (-0.1, 0.02), (-0.06, 0.32)], steps=5), shade_of(coat))
    for k in range(3):
        c.stroke([(0.2 - 0.07 * k, 0.56), (0.17 - 0.07 * k, 0.4)], 0.013, shade_of(shade_of(coat)))
    eye(c, 0.58, 0.56, 0.05, pose)
    brow(c, 0.58, 0.55, 0.05, Pose(mood="epic") if pose.mood == "calm" else pose, 1, shade_of(shade_of(coat)))
    tears(c, 0.58, 0.56, 0.045, pose, -1)
    grin = curves.smooth([(0.84, 0.38), (0.6, 0.3), (0.42, 0.36), (0.6, 0.24)])
    c.fill(grin, (150, 70, 80))
    for k in range(4):
        c.fill([(0.5 + 0.08 * k, 0.335), (0.56 + 0.08 * k, 0.335), (0.53 + 0.08 * k, 0.28)], WHITE)


def _octopus(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((238, 120, 130), (170, 120, 200), (244, 150, 96)))
    for k in (0, 5, 1, 4, 2, 3):
        x = -0.3 + 0.12 * k
        wave = (0.09 if k % 2 else -0.07) * (1.0, 0.25, -0.6)[pose.step]
        c.soft(
            curves.tube(
                [(x * 0.7, 0.46), (x * 1.15, 0.24), (x * 1.5 + wave, 0.1), (x * 1.6 + wave * 2.2, 0.06)],
                [0.14, 0.12, 0.09, 0.04],
            ),
            shade_of(coat) if k in (0, 5, 1, 4) and k % 2 == 0 else coat,
        )
    c.soft(
        curves.smooth([(0, 1.0), (0.3, 0.86), (0.36, 0.58), (0.24, 0.4), (-0.24, 0.4), (-0.36, 0.58), (-0.3, 0.86)]),
        coat,
    )
    for x, y in ((-0.18, 0.86), (-0.06, 0.92), (-0.24, 0.74)):
        c.dot(x, y, 0.03, light_of(light_of(coat)))
    for x, s in ((-0.06, 1), (0.17, -1)):
        eye(c, x, 0.62, 0.058, pose)
        brow(c, x, 0.62, 0.058, pose, s, shade_of(shade_of(coat)))
        cheek(c, x - s * 0.09, 0.52, 0.05, pose)
        tears(c, x, 0.62, 0.05, pose, -int(s))
    mouth(c, 0.055, 0.51, 0.06, pose)


def _jellyfish(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((214, 160, 226), (150, 196, 240), (246, 170, 190)))
    c.glow(0, 0.72, 0.6, light_of(coat), 0.35)
    t = np.linspace(0, 1, 9)
    for k in range(6):
        x = -0.24 + 0.096 * k
        c.stroke(
            np.stack([x + 0.04 * np.sin(t * 7 + k + 2.1 * pose.step), 0.58 - t * (0.42 + 0.08 * math.sin(k * 2.0))], 1),
            0.032,
            mix(coat, WHITE, 0.25 + 0.1 * (k % 3)),
        )
    c.soft(
        curves.smooth(
            [
                (-0.36, 0.58),
                (-0.3, 0.84),
                (0, 1.0),
                (0.3, 0.84),
                (0.36, 0.58),
                (0.24, 0.54),
                (0.12, 0.6),
                (0, 0.53),
                (-0.12, 0.6),
                (-0.24, 0.54),
            ]
        ),
        coat,
    )
    c.fill(curves.oval(-0.12, 0.86, 0.1, 0.05, 25), WHITE, 0.6)
    for x in (-0.05, 0.14):
        eye(c, x, 0.72, 0.042, pose)
        cheek(c, x + (-0.07 if x < 0 else 0.06), 0.65, 0.04, pose)
    mouth(c, 0.045, 0.655, 0.045, pose)
    tears(c, -0.05, 0.72, 0.035, pose, -1)


def _seal(c: Puppet, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((142, 150, 166), (168, 152, 140), (236, 234, 230)))
    with _beat(c, -0.6, 0.1, pose):
        c.soft(
            curves.smooth([(-0.55, 0.12), (-0.8, 0.26), (-0.92, 0.16), (-0.74, 0.08), (-0.9, 0.0), (-0.6, 0.02)]), coat
        )
    body = curves.smooth([(0.28, 0.9), (0.42, 0.5), (0.34, 0.1), (0.0, 0.0), (-0.5, 0.02), (-0.66, 0.1), (-0.4, 0.22),
        (-0.06, 0.4), (0.02, 0.8)])  # fmt: skip
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(0.34, 0.26, 0.16, 0.36, 8), light_of(light_of(coat)))
    c.soft(curves.smooth([(0.1, 0.26), (-0.08, 0.0), (0.14, 0.0), (0.24, 0.18)]), shade_of(coat))
    c.soft(curves.oval(0.2, 0.78, 0.22, 0.21), coat)
    for x in (0.26, 0.36):
        c.soft(curves.oval(x, 0.7, 0.085, 0.07), light_of(coat), light=0.5)
    c.fill(curves.oval(0.315, 0.755, 0.04, 0.028), INK)
    for x, s in ((0.16, 1), (0.36, -1)):
        eye(c, x, 0.84, 0.042, pose, inner=s)
        brow(c, x, 0.84, 0.04, pose, s, shade_of(shade_of(coat)))
        tears(c, x, 0.84, 0.035, pose, -s)
    cheek(c, 0.08, 0.74, 0.05, pose)
    mouth(c, 0.31, 0.685, 0.045, pose)


_ALL: dict[str, Callable[[Puppet, Looks, Pose], None]] = {
    "fish": _fish, "whale": _whale, "dolphin": _dolphin, "shark": _shark, "octopus": _octopus, "jellyfish": _jellyfish,
    "seal": _seal,
}  # fmt: skip
SWIMMERS: dict[str, Callable[[Puppet, Looks, Pose], None]] = {
    kind: partial(_leaping, draw) for kind, draw in _ALL.items()
}
