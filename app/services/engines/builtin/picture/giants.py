"""Dragon and dinosaur. Units of their height, looking right."""

from __future__ import annotations

from collections.abc import Callable

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, brow, cheek, eye, mouth, tear


def _wing(c: Canvas, coat: RGB, far: bool, up: bool) -> None:
    s, x = (0.85, 0.1) if far else (1.0, -0.12)
    tone = shade_of(coat) if far else mix(coat, (246, 190, 110), 0.35)
    top = (x - 0.28 * s, 1.02 * s + (0.12 if up else 0.0)) if not far else (x + 0.26, 1.0 + (0.1 if up else 0.0))
    d = -1 if not far else 1
    pts = [
        (x, 0.5),
        (x + d * 0.12, 0.86),
        top,
        (top[0] + d * 0.34, top[1] - 0.18),
        (top[0] + d * 0.2, top[1] - 0.3),
        (top[0] + d * 0.26, top[1] - 0.46),
        (x + d * 0.26, 0.52),
        (x + d * 0.2, 0.42),
    ]
    c.soft(pts, tone)
    for end in (pts[3], pts[5]):
        c.stroke([(top[0], top[1]), ((top[0] + end[0]) / 2, (top[1] + end[1]) / 2 + 0.02), end], 0.012, shade_of(tone))
    c.stroke([pts[0], pts[1], top], 0.028, shade_of(tone))


def _feet(c: Canvas, coat: RGB, pose: Pose) -> None:
    step = 0.06 if pose.action in ("walk", "run") else 0.0
    for x, tone in ((0.14 + step, shade_of(coat)), (-0.14 - step, coat)):
        c.soft(curves.tube([(x * 0.9, 0.3), (x, 0.07)], [0.22, 0.18]), tone)
        c.soft(curves.smooth([(x - 0.11, 0.0), (x + 0.16, 0.0), (x + 0.15, 0.08), (x, 0.13), (x - 0.11, 0.08)]), tone)
        for k in range(3):
            c.fill(curves.oval(x + 0.05 + 0.045 * k, 0.02, 0.022, 0.022), (255, 246, 224))


def _trunk(c: Canvas, coat: RGB, belly: RGB) -> None:
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


def _muzzle(c: Canvas, coat: RGB, pose: Pose, x: float, y: float, r: float) -> None:
    c.soft(curves.oval(x + r * 0.55, y - r * 0.32, r * 0.72, r * 0.46), mix(coat, light_of(coat), 0.4))
    c.dot(x + r * 0.75, y - r * 0.12, r * 0.06, shade_of(shade_of(coat)))
    c.dot(x + r * 1.0, y - r * 0.14, r * 0.06, shade_of(shade_of(coat)))
    mouth(c, x + r * 0.62, y - r * 0.46, r * 0.26, pose.mood)
    for ex, s in ((x - r * 0.12, 1), (x + r * 0.52, -1)):
        eye(c, ex, y + r * 0.24, r * 0.17, pose.mood)
        brow(c, ex, y + r * 0.24, r * 0.17, pose.mood, s, shade_of(shade_of(coat)))
    cheek(c, x - r * 0.3, y - r * 0.24, r * 0.24)
    if pose.mood == "sad":
        tear(c, x - r * 0.2, y - r * 0.2, r * 0.12)


def _dragon(c: Canvas, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((112, 178, 116), (216, 92, 84), (110, 150, 214), (170, 126, 204)))
    belly: RGB = (252, 230, 170)
    up = pose.action in ("fly", "cheer", "run")
    _wing(c, coat, True, up)
    tail = curves.tube([(-0.2, 0.24), (-0.5, 0.12), (-0.78, 0.16), (-0.95, 0.34)], [0.26, 0.18, 0.1, 0.03])
    c.soft(tail, coat)
    c.soft([(-0.9, 0.28), (-1.06, 0.46), (-0.92, 0.47), (-0.82, 0.52)], (246, 176, 84))
    for x, y in ((-0.3, 0.42), (-0.48, 0.25), (-0.64, 0.22)):
        c.soft([(x - 0.06, y - 0.04), (x - 0.03, y + 0.09), (x + 0.06, y + 0.0)], (246, 176, 84))
    _feet(c, coat, pose)
    _trunk(c, coat, belly)
    _wing(c, coat, False, up)
    for x, tone in ((0.3, shade_of(coat)), (0.12, coat)):
        c.soft(curves.tube([(x - 0.07, 0.48), (x + 0.06, 0.4), (x + 0.12, 0.44)], [0.1, 0.085, 0.07]), tone)
    c.soft(curves.tube([(0.06, 0.56), (0.14, 0.74)], [0.28, 0.26]), coat, line=False)
    r = 0.215 * (1.12 if looks.small else 1.0)
    x, y = 0.2, 0.82
    for dx, high in ((-0.5, 0.34), (0.2, 0.36)):
        c.soft(
            curves.tube(
                [(x + r * dx, y + r * 0.75), (x + r * dx - 0.06, y + r + 0.06), (x + r * dx - 0.11, y + high * 0.9)],
                [0.085, 0.06, 0.015],
            ),
            (252, 226, 160),
        )
    c.soft([(x - r * 1.0, y + 0.02), (x - r * 1.5, y + 0.1), (x - r * 1.2, y - 0.06)], (246, 176, 84))
    c.soft(curves.oval(x, y, r, r * 0.96), coat)
    _muzzle(c, coat, pose, x, y, r)
    if pose.mood == "angry":
        c.glow(x + r * 1.9, y - r * 0.5, 0.28, (255, 170, 70), 0.8)
        c.soft(
            curves.smooth(
                [
                    (x + r * 1.3, y - r * 0.4),
                    (x + r * 2.2, y - r * 0.1),
                    (x + r * 2.7, y - r * 0.6),
                    (x + r * 2.1, y - r * 0.9),
                ]
            ),
            (255, 190, 80),
        )


def _dinosaur(c: Canvas, looks: Looks, pose: Pose) -> None:
    coat = looks.pick("coat", ((124, 184, 108), (96, 168, 170), (236, 160, 84)))
    belly: RGB = (248, 240, 190)
    c.soft(curves.tube([(-0.16, 0.28), (-0.5, 0.16), (-0.9, 0.1)], [0.3, 0.18, 0.03]), coat)
    for x, y in ((-0.62, 0.24), (-0.44, 0.32), (-0.27, 0.48), (-0.16, 0.66)):
        c.soft([(x - 0.07, y - 0.05), (x - 0.05, y + 0.1), (x + 0.07, y + 0.02)], (240, 130, 84))
    _feet(c, coat, pose)
    _trunk(c, coat, belly)
    for x, tone in ((0.3, shade_of(coat)), (0.16, coat)):
        c.soft(curves.tube([(x - 0.06, 0.5), (x + 0.04, 0.44)], [0.08, 0.065]), tone)
    c.soft(curves.tube([(0.04, 0.54), (0.1, 0.74)], [0.3, 0.28]), coat, line=False)
    r = 0.24 * (1.1 if looks.small else 1.0)
    x, y = 0.14, 0.8
    c.soft(curves.oval(x, y, r, r * 0.92), coat)
    for dx, dy in ((-0.55, 0.5), (-0.3, 0.68), (-0.75, 0.2)):
        c.dot(x + r * dx, y + r * dy, 0.025, shade_of(coat))
    _muzzle(c, coat, pose, x, y, r)
    if pose.mood not in ("sad", "happy", "surprised"):
        for k in range(2):
            c.fill(
                [
                    (x + r * (0.5 + 0.25 * k), y - r * 0.52),
                    (x + r * (0.62 + 0.25 * k), y - r * 0.52),
                    (x + r * (0.56 + 0.25 * k), y - r * 0.66),
                ],
                WHITE,
            )


GIANTS: dict[str, Callable[[Canvas, Looks, Pose], None]] = {"dragon": _dragon, "dinosaur": _dinosaur}
