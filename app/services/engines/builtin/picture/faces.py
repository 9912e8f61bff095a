"""Faces: eyes, brows, mouths, blush and tears by what somebody does and feels. Units of the figure's height, y upwards.

A mood is a row of a table, so that a child's, a fox's and a robot's sadness are the same sadness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import INK, RGB, WHITE, mix, shade_of
from app.services.engines.builtin.picture.creature import Pose
from app.services.engines.builtin.picture.stage import arc

BLUSH: RGB = (246, 138, 130)
_MAW: RGB = (146, 58, 68)
_TONGUE: RGB = (240, 132, 130)


@dataclass(frozen=True)
class Face:
    """``brow`` is how far the inner end is raised over the outer one and how high it sits; None shows no brow."""

    eyes: str = "open"
    brow: tuple[float, float] | None = None
    mouth: str = "smile"
    tears: str = ""
    blush: float = 0.5


FACES: dict[str, Face] = {
    "calm": Face(),
    "happy": Face("open", (0.1, 2.5), "grin", blush=0.75),
    "warm": Face("kind", (0.25, 2.2), "soft", blush=0.9),
    "sad": Face("low", (1.0, 2.0), "frown", "drop", blush=0.3),
    "tense": Face("wide", (0.95, 2.3), "wavy", "sweat", blush=0.15),
    "angry": Face("fierce", (-1.25, 1.45), "cross", blush=0.35),
    "surprised": Face("wide", (0.15, 2.9), "oh", blush=0.45),
    "sleepy": Face("half", None, "small", blush=0.6),
    "asleep": Face("shut", None, "small", blush=0.7),
    "epic": Face("fierce", (-0.75, 1.7), "firm", blush=0.4),
    "cry": Face("squeeze", (1.1, 1.9), "sob", "stream", blush=0.7),
    "laugh": Face("arc", (0.2, 2.3), "big", blush=0.85),
    "sing": Face("kind", (0.35, 2.7), "sing", blush=0.75),
    "talk": Face("open", None, "talk"),
}
_OPEN = ("grin", "big", "sing", "talk", "oh", "sob")
_GAZES = {
    "look_up": (0.3, 1.0), "look_down": (0.25, -1.0), "read": (0.2, -1.0), "write": (0.35, -1.0), "cook": (0.6, -0.8),
    "dig": (0.4, -1.0), "paint": (0.9, 0.3), "point": (1.0, 0.1), "look": (1.0, 0.1), "fish": (0.8, -0.6),
    "climb": (0.3, 0.8), "carry": (0.5, -0.2), "hug": (0.7, 0.1), "talk": (0.7, 0.0), "wave": (0.6, 0.1),
}  # fmt: skip


def face_of(pose: Pose) -> Face:
    """The face for what somebody does and feels."""
    if pose.action == "sleep":
        return FACES["asleep"]
    if pose.action in ("cry", "laugh", "sing"):
        return FACES[pose.action]
    mood = pose.mood
    if mood == "calm":
        mood = {"talk": "talk", "fall": "surprised", "hide": "tense"}.get(pose.action, mood)
    face = FACES.get(mood, FACES["calm"])
    if pose.action == "talk" and mood != "talk":
        return Face(face.eyes, face.brow, "talk", face.tears, face.blush)
    return face


def gaze_of(pose: Pose) -> tuple[float, float]:
    """Where the pupils are, each -1 to 1: forward and up."""
    return pose.gaze if pose.gaze is not None else _GAZES.get(pose.action, (0.25, 0.0))


def opened(pose: Pose) -> bool:
    """Whether the mouth or beak is open."""
    return face_of(pose).mouth in _OPEN


def _shut(c: Canvas, x: float, y: float, r: float, w: float, colour: RGB) -> None:
    c.stroke(arc(x, y + r * 0.35, r * 1.15, 202, 338, 0.75), w, colour)


def _lidded(c: Canvas, x: float, y: float, r: float, tall: float, cut: float, tilt: float, w: float, tone: RGB) -> None:
    """An eye whose lid hangs at ``cut`` (-1 to 1 of its height), ``tilt`` lower on the right."""
    left, right = y + r * tall * (cut + tilt), y + r * tall * (cut - tilt)
    whole = curves.oval(x, y, r * 0.94, r * tall, steps=32)
    edge = left + (whole[:, 0] - (x - r)) / (2 * r) * (right - left)
    whole[:, 1] = whole[:, 1].clip(max=edge)
    c.fill(whole, tone)
    c.dot(x - r * 0.22, y + r * min(0.28, cut * 0.5), r * 0.3, WHITE)
    c.stroke([(x - r * 1.08, left), (x + r * 1.08, right)], w, tone, smooth=False)


def eye(
    c: Canvas, x: float, y: float, r: float, pose: Pose, *, colour: RGB = INK, lash: bool = False, inner: float = 0.0
) -> None:
    """One eye, looking where ``pose`` looks; ``inner`` is 1 when the nose lies to its right, -1 to its left."""
    w = max(r * 0.36, 0.007)
    look = "shut" if pose.closed and face_of(pose).eyes not in ("arc", "squeeze") else face_of(pose).eyes
    if look == "shut":
        _shut(c, x, y, r, w, colour)
    elif look == "arc":
        c.stroke(arc(x, y - r * 0.45, r * 1.15, 20, 160, 1.0), w * 1.15, colour)
    elif look == "squeeze":
        c.stroke(arc(x, y + r * 0.5, r * 1.1, 210, 330, 0.85), w * 1.1, colour)
        c.stroke([(x - r * 0.9, y + r * 0.75), (x + r * 0.9, y + r * 0.6)], w * 0.7, colour, smooth=False)
    else:
        _open_eye(c, x, y, r, look, gaze_of(pose), w, colour, inner)
    if lash:
        c.stroke([(x + r * 0.7, y + r * 0.75), (x + r * 1.45, y + r * 1.2)], w * 0.8, colour, smooth=False)
        c.stroke([(x + r * 0.1, y + r * 1.15), (x + r * 0.45, y + r * 1.7)], w * 0.8, colour, smooth=False)


def _open_eye(
    c: Canvas, x: float, y: float, r: float, look: str, gaze: tuple[float, float], w: float, colour: RGB, inner: float
) -> None:
    dx, dy = gaze
    if look == "wide":
        c.soft(curves.oval(x, y, r * 1.42, r * 1.55), WHITE, light=0.2)
        px, py = x + dx * r * 0.36, y + dy * r * 0.42
        c.fill(curves.oval(px, py, r * 0.78, r * 0.92, steps=28), colour)
        c.dot(px - r * 0.2, py + r * 0.36, r * 0.3, WHITE)
        return
    x, y = x + (dx - 0.25) * r * 0.42, y + dy * r * 0.34
    if look in ("low", "half", "fierce"):
        cut, tilt = {"low": (0.45, 0.28 * -inner), "half": (0.1, -0.16 * inner), "fierce": (0.55, 0.3 * inner)}[look]
        _lidded(c, x, y, r, 1.18, cut, tilt, w, colour)
        if look == "low":
            c.dot(x + r * 0.25, y - r * 0.55, r * 0.26, mix(WHITE, (170, 214, 246), 0.5))
        return
    tall = 1.08 if look == "kind" else 1.2
    c.fill(curves.oval(x, y, r * 0.94, r * tall, steps=28), colour)
    c.dot(x - r * 0.25, y + r * 0.48, r * 0.36, WHITE)
    c.dot(x + r * 0.32, y - r * 0.4, r * 0.18, mix(WHITE, colour, 0.15))


def ball_eye(c: Canvas, x: float, y: float, ball: float, r: float, pose: Pose, lid: RGB) -> None:
    """A round white eyeball with a pupil; the lid in the skin's colour comes down over it."""
    look = face_of(pose).eyes
    if pose.closed or look in ("shut", "arc", "squeeze"):
        c.soft(curves.oval(x, y, ball, ball), lid, light=0.6)
        shown = pose if look in ("shut", "arc", "squeeze") else Pose("sleep")
        eye(c, x, y - ball * (0.3 if look != "arc" else 0.1), ball * 0.62, shown)
        return
    c.soft(curves.oval(x, y, ball, ball), WHITE, light=0.3)
    dx, dy = gaze_of(pose)
    px, py = x + dx * (ball - r) * 0.62, y + dy * (ball - r) * 0.7
    size = r * (0.82 if look == "wide" else 1.0)
    c.fill(curves.oval(px, py, size * 0.95, size * 1.12), INK)
    c.dot(px - size * 0.28, py + size * 0.42, size * 0.36, WHITE)
    cover = {"half": 0.0, "low": 0.45, "fierce": 0.42, "kind": 0.62}.get(look)
    if cover is not None:
        top = curves.oval(x, y, ball * 1.02, ball * 1.02, steps=40)
        top[:, 1] = top[:, 1].clip(min=y + ball * cover)
        c.fill(top, mix(lid, shade_of(lid), 0.3))
        edge = ball * math.sqrt(max(0.0, 1 - cover * cover))
        c.stroke([(x - edge, y + ball * cover), (x + edge, y + ball * cover)], 0.012, shade_of(shade_of(lid)))


def brow(c: Canvas, x: float, y: float, r: float, pose: Pose, inner: float, colour: RGB) -> None:
    """An eyebrow over an eye of radius ``r``; ``inner`` is 1 when the nose lies to its right, -1 to its left."""
    shape = face_of(pose).brow
    if shape is None:
        return
    lift, high = shape
    up = y + r * high
    c.stroke(
        [
            (x - inner * r * 1.1, up - lift * r * 0.55),
            (x, up + r * 0.2),
            (x + inner * r * 1.1, up + lift * r * 0.55),
        ],
        max(0.011, r * 0.42),
        colour,
    )


def mouth(c: Canvas, x: float, y: float, r: float, pose: Pose, colour: RGB = INK) -> None:
    """A mouth of half-width ``r``."""
    shape, w = face_of(pose).mouth, max(0.008, r * 0.22)
    if shape in ("grin", "big", "talk"):
        wide, deep = {"grin": (0.95, 1.05), "big": (1.15, 1.35), "talk": (0.6, 1.0)}[shape]
        c.fill(arc(x, y + r * 0.35, r * wide, 180, 360, deep), _MAW)
        c.fill(curves.oval(x, y + r * (0.35 - 0.68 * wide * deep), r * wide * 0.5, r * wide * deep * 0.26), _TONGUE)
        if shape == "big":
            c.fill(curves.box(x - r * 0.85, y + r * 0.1, x + r * 0.85, y + r * 0.34), (255, 252, 244))
    elif shape in ("oh", "sing"):
        tall = 0.62 if shape == "oh" else 0.85
        c.fill(curves.oval(x, y - r * 0.12, r * 0.5, r * tall), _MAW)
        if shape == "sing":
            c.fill(curves.oval(x, y - r * 0.55, r * 0.3, r * 0.3), _TONGUE)
    elif shape == "sob":
        c.fill(arc(x, y - r * 0.6, r * 0.85, 0, 180, 1.15), _MAW)
        c.fill(curves.oval(x, y - r * 0.5, r * 0.42, r * 0.2), _TONGUE)
    elif shape == "wavy":
        c.stroke([(x + r * k * 0.42, y + r * (0.2 if k % 2 else -0.15)) for k in (-2, -1, 0, 1, 2)], w, colour)
    elif shape in ("frown", "cross"):
        c.stroke(arc(x, y - r * 0.62, r * 0.85, 32, 148, 0.85), w * (1.25 if shape == "cross" else 1.0), colour)
    elif shape == "firm":
        c.stroke([(x - r * 0.8, y - r * 0.08), (x + r * 0.2, y - r * 0.16), (x + r * 0.85, y + r * 0.28)], w, colour)
    elif shape == "small":
        c.stroke(arc(x, y + r * 0.2, r * 0.5, 215, 325, 0.9), w, colour)
    elif shape == "soft":
        c.stroke(arc(x, y + r * 0.62, r * 1.1, 205, 335, 0.95), w, colour)
    else:
        c.stroke(arc(x, y + r * 0.5, r * 0.9, 212, 328, 0.95), w, colour)


def muzzle_mouth(c: Canvas, x: float, y: float, r: float, pose: Pose) -> None:
    """The w-shaped mouth of dogs and cats; open when happy."""
    shape, w = face_of(pose).mouth, max(0.008, r * 0.18)
    if shape in ("frown", "wavy", "cross", "sob"):
        mouth(c, x, y - r * 0.25, r * 0.85, pose)
        return
    if shape in _OPEN:
        deep = {"big": 1.75, "grin": 1.4, "sing": 1.7}.get(shape, 1.0)
        c.fill(arc(x, y - r * 0.1, r * 0.66, 180, 360, deep), (164, 70, 78))
        c.fill(curves.oval(x, y - r * 0.46 * deep, r * 0.38, r * 0.22 * deep), (242, 138, 138))
    c.stroke(arc(x - r * 0.45, y + r * 0.1, r * 0.45, 190, 350, 0.8), w, INK)
    c.stroke(arc(x + r * 0.45, y + r * 0.1, r * 0.45, 190, 350, 0.8), w, INK)


def cheek(c: Canvas, x: float, y: float, r: float, pose: Pose) -> None:
    """A blush."""
    c.glow(x, y, r * 1.55, BLUSH, face_of(pose).blush, squash=0.8)


def tears(c: Canvas, x: float, y: float, r: float, pose: Pose, side: int = -1) -> None:
    """Tears or sweat of an eye of radius ``r`` at (x, y) whose cheek lies to ``side``."""
    kind = face_of(pose).tears
    if kind == "drop":
        _drop(c, x + side * r * 0.5, y - r * 2.1, r * 0.8)
    elif kind == "stream":
        c.soft(
            curves.tube(
                [(x, y - r * 0.5), (x + side * r * 0.55, y - r * 2.0), (x + side * r * 0.7, y - r * 3.6)],
                [r * 0.5, r * 0.8, r * 1.0],
            ),
            (150, 204, 244),
            light=0.6,
        )
        _drop(c, x + side * r * 1.6, y - r * 3.4, r * 0.7)
    elif kind == "sweat" and side < 0:
        _drop(c, x - r * 3.1, y + r * 2.6, r * 0.95)


def _drop(c: Canvas, x: float, y: float, r: float) -> None:
    c.soft(
        curves.smooth([(x, y + r), (x + r * 0.55, y - r * 0.2), (x, y - r * 0.8), (x - r * 0.55, y - r * 0.2)]),
        (150, 204, 244),
        light=0.6,
    )
    c.dot(x - r * 0.15, y - r * 0.2, r * 0.2, WHITE)


def notes(c: Canvas, x: float, y: float, r: float, colour: RGB = (104, 92, 150)) -> None:
    """Two notes in the air before a singer's mouth."""
    for dx, dy, k in ((0.0, 0.0, 1.0), (1.9, 1.5, 0.8)):
        px, py = x + r * dx, y + r * dy
        c.fill(curves.oval(px, py, r * 0.42 * k, r * 0.32 * k, 20), colour)
        c.stroke(
            [(px + r * 0.36 * k, py + r * 0.05), (px + r * 0.4 * k, py + r * 1.5 * k)], r * 0.15, colour, smooth=False
        )
        c.stroke(
            [
                (px + r * 0.4 * k, py + r * 1.5 * k),
                (px + r * 0.8 * k, py + r * 1.2 * k),
                (px + r * 0.8 * k, py + r * 0.8 * k),
            ],
            r * 0.17,
            colour,
        )
