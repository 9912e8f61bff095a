"""Birds: one round body with a wing, and what makes each kind itself. Units of its height, looking right."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, hexa, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, scarf
from app.services.engines.builtin.picture.faces import ball_eye, brow, cheek, eye, notes, opened, tears
from app.services.engines.builtin.picture.perchers import UPRIGHT
from app.services.engines.builtin.picture.props import hold
from app.services.engines.builtin.picture.puppet import Puppet


@dataclass(frozen=True)
class Bird:
    coats: tuple[str, ...]
    belly: str = "fff4e0"
    beak: str = "f2a03c"
    beak_size: tuple[float, float] = (0.16, 0.07)
    """Length and half-height."""
    body: tuple[float, float] = (0.3, 0.25)
    head: float = 0.2
    neck: float = 0.0
    leg: float = 0.14
    leg_colour: str = "e8963c"
    tail: str = "fan"
    extra: tuple[str, ...] = ()
    breast: str = ""
    """A patch of colour from the throat down."""
    cover: str = ""
    """Colour of the wings when it is not the body's."""
    tips: str = ""
    """Colour of the wings' feathers."""
    wing: float = 0.95
    """Size of the open wings."""


KINDS: dict[str, Bird] = {
    "bird": Bird(("5f9fdc", "d9705a", "e8b040", "6ab07c"), head=0.23, tail="short", breast="f6b07a", beak="f0a040"),
    "crow": Bird(("4c4a5c",), belly="5a586c", beak="3a3844", beak_size=(0.19, 0.07), leg_colour="3a3844", head=0.2,
        tail="fan", wing=0.95),
    "swan": Bird(("fdfcf8",), belly="ffffff", beak="f09a3c", beak_size=(0.14, 0.04), body=(0.38, 0.2), head=0.1,
        neck=0.4, leg=0.06, leg_colour="4a4650", tail="up", wing=1.0, extra=("mask",)),
    "gull": Bird(("fbfaf6",), belly="ffffff", cover="a9b4c4", tips="5a6070", beak="f2b43c", head=0.18, leg=0.12,
        tail="fan", wing=1.0),
    "peacock": Bird(("3f8fb0",), belly="56b0a4", beak="d9c08a", beak_size=(0.1, 0.035), body=(0.27, 0.18), head=0.11,
        neck=0.24, leg=0.16, tail="eyes", extra=("crown",)),
    "parrot": Bird(("5fb868", "e0564e", "4f96dc"), belly="fbe27a", beak="4a4450", beak_size=(0.13, 0.09),
        head=0.22, tail="long", extra=("hook",), tips="f6ce54", cover="4f86d0", wing=0.9),
    "eagle": Bird(("7a5a44",), belly="8a6850", beak="f2b43c", beak_size=(0.17, 0.085), head=0.19, body=(0.34, 0.25),
        wing=1.15, extra=("hook", "whitehead")),
    "duck": Bird(("f6d35c", "fbf6ea", "c9a377"), belly="fffdf4", beak="f2913a", beak_size=(0.2, 0.062),
        body=(0.35, 0.23), head=0.2, neck=0.08, leg=0.09, tail="up"),
    "goose": Bird(("fdfbf5",), belly="ffffff", beak="f2963c", beak_size=(0.14, 0.045), body=(0.36, 0.2), head=0.12,
        neck=0.34, leg=0.1, tail="up", wing=0.95),
    "crane": Bird(("fbfaf6",), belly="ffffff", beak="6a6460", beak_size=(0.2, 0.03), body=(0.27, 0.14), head=0.09,
        neck=0.32, leg=0.38, leg_colour="6a6264", tail="dark", extra=("redcap",), tips="4a4652", wing=1.0),
    "chicken": Bird(("fbf2e2", "d9945a"), belly="fffaf0", body=(0.34, 0.27), head=0.18, neck=0.05, leg=0.13,
        tail="up", extra=("comb",)),
    "rooster": Bird(("d9743c",), belly="e89a52", body=(0.32, 0.25), head=0.16, neck=0.14, leg=0.15, tail="plume",
        extra=("bigcomb",)),
    "chick": Bird(("fbdc6a",), belly="ffedaa", beak_size=(0.12, 0.06), body=(0.32, 0.27), head=0.27, leg=0.1,
        tail="none"),
    "phoenix": Bird(("ee6a3c",), belly="fbc45a", beak="fbd25a", body=(0.27, 0.2), head=0.16, neck=0.16, leg=0.1,
        tail="fire", extra=("crest",), cover="f08a3c", tips="fce08a", wing=1.15),
}  # fmt: skip


def _tail(c: Puppet, b: Bird, coat: RGB, y: float) -> None:
    x = -b.body[0] * 0.85
    if b.tail in ("short", "fan", "dark"):
        tone = shade_of(coat) if b.tail != "dark" else (74, 70, 82)
        for k, a in enumerate((-14, 2, 18) if b.tail != "short" else (-6, 10)):
            r = math.radians(180 - a)
            c.soft(
                curves.tube([(x + 0.05, y), (x + 0.22 * math.cos(r), y + 0.22 * math.sin(r))], [0.06, 0.085]),
                tone if k % 2 else light_of(tone),
            )
    elif b.tail == "long":
        for a, tone in ((40, (80, 140, 220)), (30, coat), (22, (240, 200, 80))):
            r = math.radians(180 + a)
            c.soft(curves.tube([(x + 0.08, y), (x + 0.42 * math.cos(r), y + 0.42 * math.sin(r))], [0.06, 0.05]), tone)
    elif b.tail == "up":
        c.soft(
            curves.smooth([(x + 0.1, y + 0.06), (x - 0.13, y + 0.19), (x - 0.03, y + 0.02), (x + 0.1, y - 0.08)]), coat
        )
    elif b.tail == "plume":
        for k, tone in enumerate(((44, 92, 96), (52, 120, 110), (70, 80, 120), (210, 110, 60))):
            c.soft(
                curves.tube(
                    [(x + 0.1, y), (x - 0.12 - 0.03 * k, y + 0.3 - 0.05 * k), (x - 0.25, y + 0.14 - 0.1 * k)],
                    [0.08, 0.09, 0.02],
                ),
                tone,
            )
    elif b.tail == "fire":
        for k, tone in enumerate(((206, 60, 54), (244, 140, 60), (252, 196, 84), (232, 88, 58), (248, 164, 66))):
            end = (x - 0.52 + 0.03 * abs(k - 2), y + 0.24 - 0.13 * k)
            line = [(x + 0.14, y), (x - 0.16, y + 0.02 - 0.035 * k), ((x - 0.4), y + 0.1 - 0.1 * k), end]
            c.soft(curves.tube(line, [0.06, 0.075, 0.06, 0.03]), tone)
            c.soft(curves.oval(end[0], end[1], 0.06, 0.045, -20 * (k - 2)), (252, 216, 110))
            c.dot(end[0], end[1], 0.022, (206, 60, 54))
    elif b.tail == "eyes":
        for ring, count in ((0.62, 9), (0.44, 7)):
            for k in range(count):
                q = math.radians(62 + 118 * k / (count - 1))
                px, py = x + 0.2 + ring * math.cos(q), y + 0.02 + ring * math.sin(q)
                c.soft(curves.tube([(x + 0.2, y), (px, py)], [0.04, 0.13]), (64, 150, 110))
                c.dot(px, py, 0.042, (236, 190, 84))
                c.dot(px, py, 0.026, (52, 92, 170))


_SPREAD = ((0.13, -0.02), (0.12, 0.22), (0.04, 0.44), (-0.1, 0.58), (-0.12, 0.47), (-0.21, 0.46), (-0.21, 0.36),
    (-0.29, 0.33), (-0.26, 0.22), (-0.32, 0.15), (-0.22, 0.03), (-0.1, -0.06))  # fmt: skip
"""An open wing, upwards from its joint at (0, 0)."""
_BEATS = (1.0, 0.42, -0.62)
"""How high the wing is in the three steps of a beat."""


def _open_wing(c: Puppet, b: Bird, tone: RGB, y: float, beat: float, far: bool) -> None:
    k = b.wing * (0.82 if far else 1.0)
    x = b.body[0] * (0.16 if far else -0.08)
    shape = curves.smooth(
        [(x + px * k + (0.1 * beat if far else 0.0), y + py * k * beat) for px, py in _SPREAD], steps=5
    )
    c.soft(shape, tone)
    if not far:
        edge: RGB = hexa(b.tips) if b.tips else shade_of(tone)
        for px, py in ((-0.09, 0.44), (-0.18, 0.34), (-0.24, 0.2)):
            c.stroke(
                [(x + px * k * 0.55, y + py * k * beat * 0.45), (x + px * k, y + py * k * beat)],
                0.013,
                edge,
                smooth=False,
            )


def _wing(c: Puppet, b: Bird, coat: RGB, y: float, pose: Pose, far: bool) -> None:
    bx, by = b.body
    tone = shade_of(coat) if far or "whitehead" in b.extra else mix(coat, shade_of(coat), 0.45)
    if b.cover:
        tone = shade_of(hexa(b.cover)) if far else hexa(b.cover)
    if pose.action in ("fly", "cheer", "jump", "fall", "dance", "hug", "wave"):
        beat = _BEATS[pose.step] if pose.action == "fly" else (0.8, 0.5, 0.95)[pose.step]
        _open_wing(c, b, tone, y + by * 0.4, beat, far)
        return
    if pose.action in ("point", "push", "paint", "talk") and far:
        with c.at(bx * 0.7, y + by * 0.1, (-58, -46, -72)[pose.step]):
            c.soft(curves.smooth([(-0.07, -0.02), (0.07, -0.02), (0.09, 0.2), (0.0, 0.34), (-0.07, 0.18)]), tone)
    if far:
        return
    wing = [(bx * 0.36, y + by * 0.3), (0, y + by * 0.62), (-bx * 0.7, y + by * 0.3), (-bx * 1.08, y - by * 0.12),
        (-bx * 0.5, y - by * 0.5), (bx * 0.15, y - by * 0.36)]  # fmt: skip
    c.soft(curves.smooth(wing), tone)
    edge: RGB = hexa(b.tips) if b.tips else shade_of(tone)
    for k in range(3):
        c.stroke(
            [(-bx * (0.35 + 0.2 * k), y - by * 0.05), (-bx * (0.55 + 0.2 * k), y - by * 0.22)],
            0.015,
            edge,
            smooth=False,
        )


def _beak(c: Puppet, b: Bird, x: float, y: float, r: float, pose: Pose) -> None:
    tone, (length, half) = hexa(b.beak), b.beak_size
    bx, by = x + r * 0.72, y - r * 0.12
    if opened(pose):
        c.soft([(bx, by), (bx + length * 0.8, by - half * 1.3), (bx, by - half * 1.5)], shade_of(tone))
    if "hook" in b.extra:
        c.soft(
            curves.smooth(
                [
                    (bx - 0.01, by + half),
                    (bx + length * 0.8, by + half * 0.6),
                    (bx + length, by - half * 1.4),
                    (bx + length * 0.6, by - half * 0.4),
                    (bx - 0.01, by - half),
                ]
            ),
            tone,
        )
    else:
        c.soft(
            curves.smooth(
                [
                    (bx - 0.01, by + half),
                    (bx + length * 0.55, by + half * 0.45),
                    (bx + length, by - half * 0.15),
                    (bx + length * 0.5, by - half * 0.6),
                    (bx - 0.01, by - half),
                ],
                steps=5,
            ),
            tone,
        )


def _head(c: Puppet, b: Bird, coat: RGB, looks: Looks, pose: Pose, x: float, y: float) -> None:
    r = b.head * (1.12 if looks.small else 1.0)
    tone = (250, 246, 238) if "whitehead" in b.extra else coat
    red: RGB = (222, 66, 62)
    if "comb" in b.extra or "bigcomb" in b.extra:
        k = 1.5 if "bigcomb" in b.extra else 1.0
        for dx in (-0.35, 0.05, 0.42):
            c.soft(curves.oval(x + r * dx, y + r * (1.0 + 0.1 * k), r * 0.24, r * 0.3 * k), red)
    if "crest" in b.extra:
        for a in (60, 90, 120):
            q = math.radians(a)
            c.soft(
                curves.tube(
                    [(x, y + r * 0.8), (x + r * 1.5 * math.cos(q), y + r * (0.8 + 1.1 * math.sin(q)))],
                    [r * 0.3, r * 0.08],
                ),
                (252, 196, 84),
            )
    c.soft(curves.oval(x, y, r, r * 0.98), tone)
    if "mask" in b.extra:
        c.fill(curves.oval(x + r * 0.72, y + r * 0.02, r * 0.36, r * 0.3), (64, 58, 66))
    if "crown" in b.extra:
        for a in (70, 92, 114):
            q = math.radians(a)
            tip = (x + r * 1.9 * math.cos(q), y + r * 1.9 * math.sin(q))
            c.stroke([(x, y + r * 0.9), tip], 0.012, (52, 92, 140), smooth=False)
            c.dot(*tip, 0.022, (86, 176, 164))
    if "redcap" in b.extra:
        c.fill(curves.oval(x, y + r * 0.72, r * 0.55, r * 0.28), red)
    if "comb" in b.extra or "bigcomb" in b.extra:
        c.soft(curves.oval(x + r * 0.75, y - r * 0.62, r * 0.17, r * 0.3), red)
    if looks.kind in ("bird", "chick") and not looks.number("tuft") % 2:
        for lean, long in ((-0.42, 0.4), (-0.12, 0.5), (0.16, 0.38)):
            feather = [(x + r * 0.02, y + r * 0.9), (x + r * (0.02 + lean), y + r * (0.95 + long))]
            c.soft(curves.tube(feather, [r * 0.17, r * 0.06]), tone)
    _beak(c, b, x, y, r, pose)
    e = max(0.028, r * 0.17)
    dark = (226, 222, 230) if looks.kind == "crow" else shade_of(shade_of(coat))
    if looks.kind == "crow":
        ball_eye(c, x + r * 0.28, y + r * 0.16, e * 1.35, e * 0.85, pose, coat)
    else:
        eye(c, x + r * 0.28, y + r * 0.16, e, pose, inner=1)
    brow(c, x + r * 0.28, y + r * 0.16, e, pose, 1, dark)
    cheek(c, x + r * 0.02, y - r * 0.3, r * 0.24, pose)
    tears(c, x + r * 0.28, y + r * 0.16, e * 0.9, pose, -1)


def _legs(c: Puppet, b: Bird, y: float, pose: Pose, steady: float) -> None:
    by, flying = b.body[1], pose.action in ("fly", "fall")
    leg = hexa(b.leg_colour)
    going = pose.action in ("walk", "run", "push", "carry", "look")
    for x, s in ((0.09, 1), (-0.05, -1)):
        stride = s * (0.075, -0.04, -0.02)[pose.step] if going else 0.0
        up = 0.05 if going and (pose.step, s) in ((1, -1), (2, 1)) else 0.0
        foot = (x - 0.17, y - by - 0.02) if flying else (x + stride, up)
        c.stroke([(x, y - by * 0.7), foot], 0.032, leg, smooth=False)
        if not flying:
            with c.at(foot[0], foot[1], steady):
                c.soft(curves.smooth([(-0.06, 0.0), (0.12, 0.0), (0.07, 0.045), (0.0, 0.05)]), leg)


_NODS = {"eat": -40.0, "drink": -36.0, "dig": -38.0, "look_down": -20.0, "look_up": 12.0, "sing": 13.0, "read": -12.0,
    "write": -14.0, "cry": -8.0, "laugh": 8.0, "fly": 6.0, "fall": 30.0, "jump": 8.0, "run": -8.0, "push": -12.0,
    "pull": 10.0, "climb": 20.0}  # fmt: skip
"""How the body is tilted in an action, beak up."""


def _draw(kind: str, c: Puppet, looks: Looks, pose: Pose) -> None:
    b = KINDS[kind]
    coat = looks.pick(
        "coat", tuple(hexa(x) for x in (b.coats if not (kind == "duck" and looks.small) else ("f9d75f",)))
    )
    resting = pose.action in ("sleep", "sit", "swim", "hide", "row", "ride")
    y = b.body[1] * 0.96 if resting else b.leg + b.body[1] * 0.92
    c.lift = {"jump": 0.16, "fall": 0.2}.get(pose.action, (0.0, 0.03, 0.0)[pose.step] * (pose.action == "run"))
    c.hung = pose.seat > 0
    turn = _NODS.get(pose.action, 0.0)
    with c.at(0.0, pose.seat):
        if not resting:
            _legs(c, b, y, pose, 0.0)
        with c.at(0.02, y, turn), c.at(-0.02, -y):
            _bird(c, b, coat, looks, pose, y)
        if pose.action == "sing":
            with c.loose():
                notes(c, b.body[0] + b.head + 0.2, y + b.body[1] + b.neck + b.head * 1.2, 0.05)


def _neck(b: Bird, y: float, pose: Pose) -> tuple[float, float]:
    """Where the head is."""
    bx, by = b.body
    if pose.action in ("sleep", "hide"):
        return bx * 0.5, y + by * 0.45 + b.head * 0.35
    if pose.action == "fly" and b.neck > 0.2:
        return bx * 0.95 + b.neck * 0.75, y + by * 0.55 + b.neck * 0.22
    if pose.action in ("eat", "drink", "dig") and b.neck > 0.2:
        return bx * 0.9 + b.neck * 0.7, y + by * 0.4
    return bx * 0.72, y + by * 0.62 + b.neck + b.head * 0.55


def _bird(c: Puppet, b: Bird, coat: RGB, looks: Looks, pose: Pose, y: float) -> None:
    bx, by = b.body
    hx, hy = _neck(b, y, pose)
    asleep = pose.action in ("sleep", "hide")
    _wing(c, b, coat, y, pose, True)
    _tail(c, b, coat, y)
    bend = (bx * 0.98, y + by * 0.5 + b.neck * 0.4)
    if pose.action == "fly" and b.neck > 0.2:
        bend = ((bx * 0.6 + hx) / 2, (y + by * 0.3 + hy) / 2)
    if b.neck > 0.05 and not asleep:
        c.soft(
            curves.tube([(bx * 0.55, y + by * 0.2), bend, (hx, hy)], [b.head * 1.5, b.head * 1.15, b.head * 1.2]), coat
        )
    trunk = [(-bx, y + by * 0.25), (-bx * 0.5, y + by * 0.82), (bx * 0.3, y + by), (bx * 0.92, y + by * 0.62),
        (bx * 1.0, y - by * 0.1), (bx * 0.5, y - by * 0.9), (-bx * 0.2, y - by), (-bx * 0.8, y - by * 0.5)]  # fmt: skip
    body = curves.smooth(trunk)
    c.soft(body, coat)
    with c.inside(body):
        c.fill(curves.oval(bx * 0.55, y - by * 0.5, bx * 0.75, by * 0.75, 20), hexa(b.belly), 0.85)
        if b.breast:
            c.fill(curves.oval(bx * 0.85, y + by * 0.25, bx * 0.55, by * 0.62, 10), hexa(b.breast))
    if b.neck > 0.05 and not asleep:
        c.soft(
            curves.tube([(bx * 0.6, y + by * 0.3), bend, (hx, hy)], [b.head * 1.3, b.head * 1.1, b.head * 1.15]),
            coat,
            line=False,
        )
    if asleep:
        with c.at(hx, hy, -16), c.at(-hx, -hy):
            _head(c, b, coat, looks, pose, hx, hy)
    _wing(c, b, coat, y, pose, False)
    if asleep:
        return
    if "scarf" in looks.wear:
        tone = looks.pick("scarf", ((214, 70, 64), (74, 128, 196)))
        scarf(c, hx - 0.04, hy - b.head * 0.95, b.head * 0.8, b.head * 0.26, tone)
    nod = -_NODS.get(pose.action, 0.0) * 0.35
    with c.at(hx, hy, nod), c.at(-hx, -hy):
        _head(c, b, coat, looks, pose, hx, hy)
        if pose.prop and pose.action not in ("swim", "sing", "eat", "drink"):
            with c.loose(), c.at(hx + b.head * 0.72 + b.beak_size[0] * 0.8, hy - b.head * 0.3, 0.0, 0.8):
                hold(c, pose.prop, 0.0, 0.0, looks)


BIRDS: dict[str, Callable[[Puppet, Looks, Pose], None]] = {
    **{kind: partial(_draw, kind) for kind in KINDS},
    **UPRIGHT,
}
