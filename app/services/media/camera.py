"""The eleven camera moves as paths of a view over a picture.

Depth decides how much a layer takes part in a move, which is all that parallax is. Moves are as large as suits the
shot's length, and aimed so that the subject's face stays in the upper two thirds of the frame, above the subtitles.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from app.services.media.lens import Hand, Lens, Path, View
from app.services.media.pace import ease, size


class Scene(NamedTuple):
    """What a move needs to know of the picture."""

    focus: tuple[float, float] = (0.5, 0.5)
    subject_depth: float = 1.0
    """Depth of the layer that shows the subject: ``follow`` holds it still."""
    strength: float = 1.0
    side: int = 1
    """1 or -1: which way a move without a direction of its own goes."""
    deep: bool = False
    """Whether there are layers. Without them an orbit leans the horizon instead."""
    seconds: float = 6.0
    """Length of the shot."""
    travel: float = 0.0
    """How far the subject goes by itself, as a signed fraction of the picture's width."""
    phases: tuple[float, ...] = ()
    """Of the hand's drift, see Hand."""
    clear: float = 0.12
    """How far from the sides of the frame the focus stays, so that a large head is not cut."""


FLAT = 0.85
"""The depth at which a picture without layers moves."""
_SAME_DEPTH = 0.02
_GROUND = 0.2
"""How much of a small difference in depth is left around the subject."""
_HEIGHTS = (0.12, 0.61)
"""Between which heights of the frame the focus stays whenever the picture has room for that."""
_SAMPLES = 25
_TRIES = 10


def _share(depth: float) -> float:
    """How far a layer goes along when the camera travels: the sky half as far as the foreground."""
    return 0.5 + 0.5 * depth


def _towards(focus: float, share: float) -> float:
    return 0.5 + (focus - 0.5) * share


def _lean(scene: Scene, shear: float) -> float:
    return 0.0 if scene.deep else shear * scene.strength * scene.side


def _side(scene: Scene, focus: float) -> int:
    """Which way a travelling camera goes: towards the subject if it is off the middle, else as it is told."""
    return scene.side if abs(focus - 0.5) < 0.03 else (-1 if focus < 0.5 else 1)


def _room(run: float, least: float) -> float:
    """A zoom that leaves room for a run to both sides."""
    return max(least, 1.0 / (1.0 - 2.06 * abs(run)))


def _push_in(scene: Scene, depth: float) -> Path:
    near = 1.03 * (1.0 + (0.13 + 0.17 * depth) * scene.strength)
    x, y = scene.focus
    start = View(_towards(x, 0.2), _towards(y, 0.2), 1.03)
    go = min(0.2 + 0.55 * scene.strength, 0.8)
    return Path(start, View(_towards(x, go), _towards(y, go), near))


def _pull_back(scene: Scene, depth: float) -> Path:
    push = _push_in(scene, depth)
    return Path(push.end, push.start)


def _crane(scene: Scene, depth: float) -> Path:
    x, y = scene.focus
    x, rise = _towards(x, 0.3), 0.085 * _share(depth) * scene.strength * _side(scene, y)
    return Path(View(x, 0.5 - rise, 1.2), View(x, 0.5 + rise, 1.23 + 0.04 * depth))


def _truck(scene: Scene, depth: float) -> Path:
    most = 0.085 * scene.strength
    run, zoom = most * _share(depth) * _side(scene, scene.focus[0]), _room(most, 1.2)
    y = _towards(scene.focus[1], 0.3)
    return Path(View(0.5 - run, y, zoom), View(0.5 + run, y, zoom))


def _tilt(scene: Scene, depth: float) -> Path:
    turn = 0.115 * scene.strength * _side(scene, scene.focus[1])
    x = _towards(scene.focus[0], 0.4)
    return Path(View(x, 0.5 - turn, 1.3), View(x, 0.5 + turn, 1.3))


def _roll(scene: Scene, depth: float, turn: float) -> Path:
    x, y = _towards(scene.focus[0], 0.3), _towards(scene.focus[1], 0.3)
    near = 1.18 + 0.05 * depth * scene.strength
    return Path(View(x, y, 1.18), View(x, y, near), angle=math.radians(turn) * scene.strength)


def _roll_left(scene: Scene, depth: float) -> Path:
    return _roll(scene, depth, 3.6)


def _roll_right(scene: Scene, depth: float) -> Path:
    return _roll(scene, depth, -3.6)


def _swing(scene: Scene, depth: float, reach: float) -> float:
    """Sideways, for a camera that circles around a point a little behind the subject."""
    if not scene.deep:
        return 0.4 * reach * scene.strength * scene.side
    pivot = min(max(scene.subject_depth, 0.3), 0.75) - 0.1
    return reach * (depth - pivot) * scene.strength * scene.side


def _orbit(scene: Scene, depth: float) -> Path:
    swing = _swing(scene, depth, 0.115)
    y = _towards(scene.focus[1], 0.3)
    start, end = View(0.5 - swing, y, 1.18), View(0.5 + swing, y, 1.2 + 0.04 * depth)
    return Path(start, end, shear=_lean(scene, 0.012))


def _full_orbit(scene: Scene, depth: float) -> Path:
    swing = _swing(scene, depth, 0.14)
    lift = 0.012 * scene.strength
    start, end = View(0.5 - swing, 0.5 + lift, 1.2), View(0.5 + swing, 0.5 - lift, 1.23 + 0.05 * depth)
    return Path(start, end, shear=_lean(scene, 0.018), returns=True)


def _follow(scene: Scene, depth: float) -> Path:
    """The subject keeps its place in the frame. One that goes by itself takes the camera along; around one that
    stays, the camera circles a little. In a flat picture there is only the camera's own way."""
    x, y, zoom = _towards(scene.focus[0], 0.5), _towards(scene.focus[1], 0.3), 1.22
    if not scene.deep:
        run = 0.085 * scene.strength * scene.side
    elif abs(scene.travel) > 0.01:
        run = 0.5 * scene.travel * (0.3 + 0.7 * depth / max(scene.subject_depth, 0.3))
        zoom = _room(abs(0.5 - x) + 0.5 * abs(scene.travel), zoom) if abs(scene.travel) < 0.3 else zoom
    else:
        run = 0.14 * (scene.subject_depth - depth) * scene.strength * scene.side
    return Path(View(x - run, y, zoom), View(x + run, y, zoom * 1.025))


def _static(scene: Scene, depth: float) -> Path:
    x, y = _towards(scene.focus[0], 0.2), _towards(scene.focus[1], 0.2)
    return Path(View(x, y, 1.05), View(x, y, 1.058 + 0.006 * depth))


_MOVES: dict[str, Callable[[Scene, float], Path]] = {
    "crane": _crane,
    "truck": _truck,
    "push_in": _push_in,
    "pull_back": _pull_back,
    "tilt": _tilt,
    "roll_left": _roll_left,
    "roll_right": _roll_right,
    "orbit": _orbit,
    "full_orbit": _full_orbit,
    "follow": _follow,
    "static": _static,
}


class _Aim(NamedTuple):
    """What brings a move's view to the subject, the same for every layer."""

    start: tuple[float, float] = (0.0, 0.0)
    end: tuple[float, float] = (0.0, 0.0)
    closer: float = 1.0

    def at(self, path: Path) -> Path:
        return replace(path, start=self._moved(path.start, self.start), end=self._moved(path.end, self.end))

    def _moved(self, view: View, by: tuple[float, float]) -> View:
        return View(view.x + by[0], view.y + by[1], view.zoom * self.closer)


def grounded(depth: float, subject: float) -> float:
    """A depth as it moves: what stands on the ground near the subject hardly slides against it."""
    away = subject - depth
    if abs(away) < 1e-9 or subject < 0.3:
        return depth
    return subject - away * (_GROUND + (1.0 - _GROUND) * min(abs(away) / subject, 1.0))


def lens(camera: str, scene: Scene, depth: float, picture: tuple[int, int], frame: tuple[int, int]) -> Lens:
    """The part of a layer of this depth (0 far, 1 near) in one of the eleven moves.

    Raises KeyError for a camera that is none of ``app.models.story.CAMERAS``.
    """
    scene = scene._replace(strength=scene.strength * size(scene.seconds))
    aim = _aimed(camera, scene, picture, frame)
    return _built(camera, scene, aim, depth, picture, frame)


def _built(
    camera: str, scene: Scene, aim: _Aim, depth: float, picture: tuple[int, int], frame: tuple[int, int]
) -> Lens:
    if scene.deep:
        depth = grounded(depth, scene.subject_depth)
    hand = Hand(scene.seconds, scene.phases, _share(depth))
    return Lens(aim.at(_MOVES[camera](scene, depth)), picture, frame, hand)


@lru_cache(maxsize=64)
def _aimed(camera: str, scene: Scene, picture: tuple[int, int], frame: tuple[int, int]) -> _Aim:
    """Shifts each end of the move, and comes closer where the picture ends, until the focus is in sight."""
    aim = _Aim()
    depth = scene.subject_depth if scene.deep else FLAT
    for _ in range(_TRIES):
        seen = _built(camera, scene, aim, depth, picture, frame)
        first, last = ([0.0, 0.0], [0.0, 0.0])
        for step in range(_SAMPLES):
            time = step / (_SAMPLES - 1)
            place = seen.sees(time, _subject(scene, time))
            for axis, (low, high) in enumerate(((scene.clear, 1.0 - scene.clear), _HEIGHTS)):
                out = min(place[axis] - low, 0.0) + max(place[axis] - high, 0.0)
                for end, near in ((first, ease(time) <= 0.5), (last, ease(time) >= 0.5)):
                    if abs(out) > abs(end[axis]) and (near or camera == "full_orbit"):
                        end[axis] = out
        worst = max(abs(out) for end in (first, last) for out in end)
        if worst < 1e-4:
            break
        aim = _Aim(
            (aim.start[0] + first[0], aim.start[1] + first[1]),
            (aim.end[0] + last[0], aim.end[1] + last[1]),
            min(aim.closer * (1.0 + 0.4 * worst), 1.4) if worst < 0.3 else aim.closer,
        )
    return aim


def _subject(scene: Scene, time: float) -> tuple[float, float]:
    return scene.focus[0] + scene.travel * (time - 0.5), scene.focus[1]
