"""Small animals that sit upright: rabbit, mouse, squirrel, hedgehog, koala, monkey, kangaroo."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, hexa, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, bow, scarf
from app.services.engines.builtin.picture.faces import brow, cheek, eye, face_of, muzzle_mouth, opened, tears
from app.services.engines.builtin.picture.gestures import Stance, stance_of
from app.services.engines.builtin.picture.limbs import Arm, Frame, arm_of, hand_place
from app.services.engines.builtin.picture.oddfolk import draw_meal, draw_work
from app.services.engines.builtin.picture.puppet import Puppet

PINK: RGB = (246, 178, 176)


@dataclass(frozen=True)
class Sitter:
    coats: tuple[str, ...]
    ears: str
    tail: str
    belly: str = "fff4e6"
    nose: str = "d98088"
    head: float = 0.235
    face: str = ""
    """A lighter mask on the face."""
    extra: tuple[str, ...] = ()


KINDS: dict[str, Sitter] = {
    "rabbit": Sitter(("fbf7f0", "e6d0b4", "c9b8a8", "d9a878"), "long", "puff", extra=("teeth",)),
    "mouse": Sitter(("b8b4bc", "d9c8b8", "c9a88c"), "disc", "thin", extra=("whiskers",)),
    "squirrel": Sitter(("d9844a", "c87440"), "tuft", "plume", face="fbe6cc", nose="5a4040"),
    "hedgehog": Sitter(("f0d8b4",), "small", "none", nose="4a3a40", extra=("spines",)),
    "koala": Sitter(("a9b0ba",), "fluff", "none", nose="4a4650", extra=("bignose",)),
    "monkey": Sitter(("a8744c", "8f6242"), "side", "hook", face="f6d8b0", belly="f6d8b0", nose="7a5240"),
    "beaver": Sitter(("8a5f42", "a3744c"), "disc0", "paddle", belly="d9b48c", nose="4a3638", extra=("teeth",)),
    "weasel": Sitter(
        ("b98250", "a06c42"),
        "disc0",
        "brush",
        belly="f8ead0",
        nose="4a3638",
        face="f8ead0",
        head=0.2,
        extra=("whiskers",),
    ),
    "kangaroo": Sitter(("cf9a66",), "leaf", "heavy", belly="f6e2c4", nose="4a3a40", head=0.18, extra=("tall", "pouch")),
}


def _ears(c: Puppet, k: Sitter, coat: RGB, x: float, y: float, r: float, droop: bool) -> None:
    for s in (1, -1):
        ex, ey = x + s * r * 0.5, y + r * 0.75
        tone = mix(coat, shade_of(coat), 0.35) if s > 0 else coat
        if k.ears == "long":
            tip = (ex + s * r * (0.75 if droop else 0.2), ey + r * (0.75 if droop else 1.45))
            c.soft(
                curves.tube(
                    [(ex, ey - r * 0.2), ((ex + tip[0]) / 2 - s * r * 0.05, (ey + tip[1]) / 2 + r * 0.1), tip],
                    [r * 0.42, r * 0.52, r * 0.26],
                ),
                tone,
            )
            c.fill(
                curves.tube(
                    [
                        (ex, ey),
                        ((ex + tip[0]) / 2, (ey + tip[1]) / 2 + r * 0.08),
                        (tip[0] - s * r * 0.02, tip[1] - r * 0.1),
                    ],
                    [r * 0.16, r * 0.24, r * 0.1],
                ),
                PINK,
            )
        elif k.ears in ("disc", "disc0", "fluff", "side"):
            size = {"disc": 0.55, "disc0": 0.27, "fluff": 0.52, "side": 0.36}[k.ears]
            dx, dy = {"disc": (0.32, 0.28), "disc0": (0.2, 0.05), "fluff": (0.5, 0.0), "side": (0.58, -0.72)}[k.ears]
            c.soft(curves.oval(ex + s * r * dx, ey + r * dy, r * size, r * size), tone)
            c.fill(
                curves.oval(ex + s * r * dx, ey + r * dy, r * size * 0.6, r * size * 0.6),
                PINK if k.ears != "fluff" else light_of(light_of(coat)),
            )
        else:
            high = {"tuft": 0.85, "small": 0.3, "leaf": 1.1}[k.ears]
            c.soft(
                curves.smooth(
                    [(ex - s * r * 0.25, ey), (ex + s * r * 0.15, ey + r * high), (ex + s * r * 0.38, ey - r * 0.2)],
                    steps=6,
                ),
                tone,
            )
            c.fill(
                curves.smooth(
                    [
                        (ex - s * r * 0.08, ey),
                        (ex + s * r * 0.14, ey + r * high * 0.65),
                        (ex + s * r * 0.25, ey - r * 0.1),
                    ],
                    steps=6,
                ),
                PINK,
            )


def _tail(c: Puppet, k: Sitter, coat: RGB) -> None:
    if k.tail == "puff":
        c.soft(curves.oval(-0.3, 0.16, 0.09, 0.085), (255, 252, 246))
    elif k.tail == "thin":
        c.stroke([(-0.2, 0.08), (-0.42, 0.06), (-0.5, 0.2), (-0.62, 0.24)], 0.03, PINK)
    elif k.tail == "plume":
        c.soft(
            curves.smooth(
                [
                    (-0.16, 0.05),
                    (-0.46, 0.12),
                    (-0.6, 0.45),
                    (-0.5, 0.8),
                    (-0.3, 0.88),
                    (-0.22, 0.7),
                    (-0.36, 0.56),
                    (-0.3, 0.3),
                ]
            ),
            coat,
        )
        c.stroke([(-0.4, 0.2), (-0.5, 0.48), (-0.38, 0.78)], 0.035, light_of(coat))
    elif k.tail == "hook":
        c.stroke([(-0.2, 0.12), (-0.44, 0.12), (-0.52, 0.36), (-0.42, 0.52), (-0.34, 0.44)], 0.055, shade_of(coat))
    elif k.tail == "paddle":
        flat = curves.smooth([(-0.16, 0.06), (-0.36, 0.02), (-0.58, 0.05), (-0.62, 0.14), (-0.42, 0.17), (-0.18, 0.18)])
        c.soft(flat, shade_of(shade_of(coat)))
        with c.inside(flat):
            for i in range(5):
                c.stroke([(-0.62 + 0.1 * i, 0.0), (-0.5 + 0.1 * i, 0.2)], 0.008, coat, smooth=False)
    elif k.tail == "brush":
        c.soft(curves.tube([(-0.14, 0.14), (-0.38, 0.06), (-0.6, 0.16), (-0.72, 0.3)], [0.13, 0.14, 0.13, 0.04]), coat)
        c.soft(curves.tube([(-0.64, 0.2), (-0.72, 0.3)], [0.12, 0.04]), shade_of(shade_of(coat)), line=False)
    elif k.tail == "heavy":
        c.soft(curves.tube([(-0.12, 0.22), (-0.36, 0.08), (-0.64, 0.05)], [0.2, 0.12, 0.05]), coat)


def _spines(c: Puppet) -> None:
    for ring, tone in ((1.0, (112, 84, 72)), (0.82, (146, 112, 92))):
        points = []
        for i in range(36):
            a = math.radians(-75 + 330 * i / 35 + 15)
            r = ring * (0.47 if i % 2 else 0.39)
            points.append((-0.06 + r * math.cos(a + 0.6), 0.43 + r * math.sin(a + 0.6)))
        c.soft(points, tone)


_BODY = Frame(0.235, 0.49, 0.12, 0.13, 0.2, 0.2, 0.1, 0.09)
_TURNS = {"fly": -46.0, "swim": -58.0, "fall": 32.0, "run": -16.0, "jump": -10.0, "push": -16.0, "climb": 6.0}
"""How the whole animal is turned in an action."""
_HOPS = {"run": (0.07, 0.0, 0.03), "walk": (0.0, 0.025, 0.0), "dance": (0.0, 0.05, 0.0), "cheer": (0.0, 0.04, 0.0)}


def _arms(stance: Stance, x: float, y: float, r: float, happy: bool) -> tuple[Arm, Arm]:
    near, far = ((-0.13, 0.4), (0.13, 0.4))
    chest = (0.04, 0.4)
    rest = stance.near.v < -0.8 and not stance.near.head, stance.far.v < -0.8 and not stance.far.head
    low = ((-0.12, 0.28), (0.22, 0.3))
    hands = [
        low[k] if rest[k] else hand_place(hand, chest, (x, y), _BODY.arm, r)
        for k, hand in enumerate((stance.near, stance.far))
    ]
    if happy and all(rest):
        hands = [(-0.25, y - r * 0.25), (0.31, y - r * 0.25)]
    return arm_of(near, hands[0], _BODY.arm, True), arm_of(far, hands[1], _BODY.arm, False)


def _paw(c: Puppet, arm: Arm, tone: RGB) -> None:
    c.soft(curves.tube([arm.shoulder, arm.elbow, arm.hand], [0.1, 0.092, 0.085]), tone)


def _draw(kind: str, c: Puppet, looks: Looks, pose: Pose) -> None:
    k = KINDS[kind]
    coat = looks.pick("coat", tuple(hexa(x) for x in k.coats))
    r = k.head * (1.12 if looks.small else 1.0)
    c.lift = {"jump": 0.15, "fall": 0.14}.get(pose.action, _HOPS.get(pose.action, (0.0,) * 3)[pose.step])
    c.hung = pose.seat > 0
    with c.at(0.0, pose.seat):
        if pose.action in ("sleep", "hide"):
            _lying(c, k, coat, looks, pose, r)
            return
        stance = stance_of(pose)
        turn = _TURNS.get(pose.action, -stance.lean * 0.7 if abs(stance.lean) > 3 else 0.0)
        with c.at(0.0, 0.3, turn), c.at(0.0, -0.3):
            _upright(c, kind, coat, looks, pose, r, stance, -turn * 0.6)


def _lying(c: Puppet, k: Sitter, coat: RGB, looks: Looks, pose: Pose, r: float) -> None:
    """Curled up: a round back, the head on the paws, the ears laid back."""
    with c.at(-0.08, -0.02):
        _tail(c, k, coat)
    if "spines" in k.extra:
        with c.at(-0.04, -0.14):
            _spines(c)
    c.soft(curves.oval(-0.08, 0.19, 0.3, 0.19), coat)
    c.soft(curves.oval(-0.2, 0.11, 0.16, 0.11), coat, below=0.15)
    for fx in (0.3, 0.12):
        c.soft(curves.oval(fx, 0.04, 0.1, 0.042), light_of(coat))
    with c.at(0.16, r * 0.98, -7):
        _ears(c, k, coat, 0.0, 0.0, r, True)
        _head(c, k, coat, looks, pose, 0.0, 0.0, r)


def _upright(c: Puppet, kind: str, coat: RGB, looks: Looks, pose: Pose, r: float, stance: Stance, level: float) -> None:
    k = KINDS[kind]
    top = 0.86 if kind != "rabbit" else 0.8
    x, y = 0.05, top - r
    stride = {"walk": (0.05, -0.02, 0.02), "run": (0.1, -0.05, 0.05)}.get(pose.action, (0.0, 0.0, 0.0))[pose.step]
    _tail(c, k, coat)
    if "spines" in k.extra:
        _spines(c)
    arms = _arms(stance, x, y, r, pose.mood == "happy" and pose.action in ("stand", "run", "jump", "laugh"))
    over = [
        stance.over in (name, "both") or arm.hand[1] > y - r * 0.5
        for arm, name in zip(arms, ("near", "far"), strict=True)
    ]
    if not over[1]:
        _paw(c, arms[1], shade_of(coat))
    trunk = [(0.0, y - r * 0.3), (0.17, 0.42), (0.25, 0.2), (0.16, 0.05), (-0.08, 0.04), (-0.25, 0.1), (-0.27, 0.26),
        (-0.17, 0.45)]  # fmt: skip
    body = curves.smooth(trunk)
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(0.07, 0.2, 0.14, 0.19), hexa(k.belly))
        if "pouch" in k.extra:
            c.stroke(curves.oval(0.07, 0.22, 0.12, 0.1, 0, 16)[8:16], 0.014, shade_of(coat))
    if "tall" in k.extra:
        c.soft(curves.oval(-0.1, 0.17, 0.17, 0.15, 30), coat, below=0.2)
    for s, fx in ((1, 0.17 + stride), (-1, -0.1 - stride)):
        foot = [(fx - 0.09, 0.0), (fx + 0.13, 0.0), (fx + 0.12, 0.07), (fx - 0.02, 0.1), (fx - 0.1, 0.06)]
        up = 0.03 * (pose.step == 1) * (s > 0) if stride else 0.0
        c.soft(curves.smooth([(px, py + up) for px, py in foot]), light_of(coat))
    draw_work(c, looks, pose, stance, arms, (x, y), r)
    if stance.tool or pose.prop:
        c.soft(curves.oval(*arms[1].hand, 0.05, 0.05), coat)
    if not over[0]:
        _paw(c, arms[0], coat)
    with c.at(x, y - r * 0.8, stance.nod * 0.8 + level):
        up = r * 0.8
        if "scarf" in looks.wear or kind in ("rabbit", "mouse"):
            tone = looks.pick("scarf", ((214, 70, 64), (74, 128, 196), (244, 184, 70), (96, 160, 104)))
            scarf(c, -0.02, up - r * 0.95, r * 0.72, r * 0.24, tone)
        _ears(c, k, coat, 0.0, up, r, pose.mood in ("sad", "tense", "sleepy") or pose.action == "cry")
        if looks.mother:
            bow(c, -r * 0.1, up + r * 1.0, r * 0.3, (236, 96, 110))
        _head(c, k, coat, looks, pose, 0.0, up, r)
    for side, tone in ((1, mix(coat, shade_of(coat), 0.5)), (0, coat)):
        if over[side]:
            _paw(c, arms[side], tone)
    draw_meal(c, looks, pose, stance, arms, (x, y), r)


def _head(c: Puppet, k: Sitter, coat: RGB, looks: Looks, pose: Pose, x: float, y: float, r: float) -> None:
    face = curves.smooth(
        [
            (x, y + r),
            (x + r * 0.8, y + r * 0.62),
            (x + r * 1.06, y - r * 0.2),
            (x + r * 0.6, y - r * 0.82),
            (x, y - r * 0.94),
            (x - r * 0.6, y - r * 0.82),
            (x - r * 1.06, y - r * 0.2),
            (x - r * 0.8, y + r * 0.62),
        ]
    )
    c.soft(face, coat)
    sx = x + r * 0.18
    with c.inside(face):
        if k.face:
            for s in (-1, 1):
                c.fill(curves.oval(sx + s * r * 0.36, y + r * 0.08, r * 0.42, r * 0.46), hexa(k.face))
        c.fill(
            curves.oval(sx, y - r * 0.48, r * 0.62, r * 0.42), hexa(k.face) if k.face else light_of(light_of(coat)), 0.9
        )
    e = r * (0.165 if looks.small else 0.145)
    for ex, s in ((sx - r * 0.4, 1), (sx + r * 0.38, -1)):
        eye(c, ex, y + r * 0.06, e, pose, lash=looks.mother, inner=s)
        brow(c, ex, y + r * 0.06, e, pose, s, shade_of(shade_of(coat)))
        cheek(c, ex - s * r * 0.22, y - r * 0.32, r * 0.21, pose)
        tears(c, ex, y + r * 0.06, e, pose, -s)
    nose = hexa(k.nose)
    if "bignose" in k.extra:
        c.soft(curves.oval(sx, y - r * 0.18, r * 0.17, r * 0.27), nose)
    else:
        c.soft(
            curves.smooth([(sx - r * 0.1, y - r * 0.2), (sx + r * 0.1, y - r * 0.2), (sx, y - r * 0.33)]),
            nose,
            line=False,
        )
    muzzle_mouth(c, sx, y - r * 0.44, r * 0.22, pose)
    if "teeth" in k.extra and face_of(pose).mouth in ("smile", "soft", "grin", "big"):
        up = r * 0.04 if opened(pose) else 0.0
        c.fill(curves.box(sx - r * 0.08, y - r * 0.68 + up, sx + r * 0.08, y - r * 0.54 + up), (255, 253, 246))
    if "whiskers" in k.extra:
        for s in (-1, 1):
            for d in (-0.06, 0.1):
                c.stroke(
                    [(sx + s * r * 0.4, y - r * 0.4), (sx + s * r * 0.95, y - r * (0.38 - d))],
                    0.006,
                    (120, 108, 112),
                    smooth=False,
                )


SITTERS: dict[str, Callable[[Puppet, Looks, Pose], None]] = {kind: partial(_draw, kind) for kind in KINDS}
