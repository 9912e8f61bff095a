"""Drawing the frames of a shot: the camera's view of a stage, in depth when the stage has layers.

Every frame is a function of its number alone, so that a body and the transition windows beside it show the
same pixels at their seam, whichever thread or process draws them.
"""

from __future__ import annotations

import math

import numpy as np

from app.core.errors import EngineFailed
from app.models.engine import DrawnClip, Life
from app.models.story import CAMERAS
from app.services.media.brush import Brush, limits
from app.services.media.camera import FLAT, Scene, lens
from app.services.media.effects import prepare
from app.services.media.layers import Stage
from app.services.media.lens import Lens
from app.services.media.life import Puppet, leader
from app.services.media.masks import Layered
from app.services.media.planes import Matrix, Planes


class Motion:
    """The frames of one drawn shot."""

    def __init__(self, stage: Stage, clip: DrawnClip, frames: int, width: int, height: int, fps: int) -> None:
        """``frames`` is the length of the shot, over which the move is eased.

        Raises EngineFailed for a camera that is none of the eleven.
        """
        if clip.camera not in CAMERAS:
            raise EngineFailed(f"The camera move {clip.camera!r} is not one of {', '.join(CAMERAS)}")
        self._stage, self._frames, self._fps = stage, frames, fps
        self._size = (width, height)
        self._camera, self._scene = clip.camera, _scene(stage, clip, frames / fps)
        depths = [sheet.depth for sheet in stage.sheets] or [FLAT]
        self._known: dict[float, Lens] = {}
        self._lenses = [self._lens(depth) for depth in depths]
        self._puppets = _puppets(stage, frames / fps, clip.seed)
        self._brush = Brush(width, height)
        wanted = stage.effects if clip.effects else ()
        self._effects: list[list[tuple[Layered, Lens]]] = [[] for _ in depths]
        for index, effect in enumerate(sorted(wanted, key=lambda effect: effect.depth)):
            depth = min(max(effect.depth, 0.0), 1.0)
            above = max(0, sum(known <= depth + 1e-6 for known in depths) - 1) if stage.sheets else 0
            drawn = prepare(effect, clip.seed * 31 + index, (stage.width, stage.height), fps)
            self._effects[above].append((drawn, self._lens(depth) if stage.sheets else self._lenses[0]))

    def matrix(self, number: int, layer: int = 0) -> Matrix:
        """From pixels of frame ``number`` to pixels of the stage, for one of its layers."""
        return self._lenses[layer].matrix(self._time(number))

    def draw(self, number: int, into: Planes) -> None:
        """Draw the shot's frame ``number`` (from 0)."""
        time = self._time(number)
        views = {depth: seen.matrix(time) for depth, seen in self._known.items()}
        if self._stage.picture is not None:
            self._brush.move(self._stage.picture, views[FLAT], into)
            self._draw_effects(0, number, into, self._size[1])
            return
        matrices = [views[sheet.depth] for sheet in self._stage.sheets]
        bottoms = limits(self._stage.sheets, matrices, self._size)
        for index, (sheet, matrix, puppet) in enumerate(zip(self._stage.sheets, matrices, self._puppets, strict=True)):
            if puppet is None:
                self._brush.draw(sheet, matrix, into, bottoms[index], bottoms[index + 1])
            else:
                seconds = number / self._fps
                moved = _after(matrix, puppet.matrix(seconds))
                self._brush.draw_figure(sheet, puppet.drawing(seconds), moved, into, bottoms[index + 1])
            self._draw_effects(index, number, into, bottoms[index + 1])

    def _draw_effects(self, layer: int, number: int, into: Planes, bottom: int) -> None:
        for effect, seen in self._effects[layer]:
            effect.draw(number, seen.matrix(self._time(number)), into, bottom)

    def _lens(self, depth: float) -> Lens:
        if depth not in self._known:
            picture = (self._stage.width, self._stage.height)
            self._known[depth] = lens(self._camera, self._scene, depth, picture, self._size)
        return self._known[depth]

    def _time(self, number: int) -> float:
        return number / (self._frames - 1) if self._frames > 1 else 0.0


def _scene(stage: Stage, clip: DrawnClip, seconds: float) -> Scene:
    focus = (min(max(stage.focus[0], 0.0), 1.0), min(max(stage.focus[1], 0.0), 1.0))
    hero = stage.hero
    going = hero is not None and hero.kind in ("walk", "run", "fly", "hop") and clip.camera == "follow"
    side = 1 if clip.seed % 2 == 0 else -1
    phases = np.random.default_rng([clip.seed & 0xFFFFFFFF, 17]).uniform(0.0, 2.0 * math.pi, 6)
    return Scene(
        focus=focus,
        subject_depth=stage.subject_depth,
        strength=min(max(clip.strength, 0.0), 1.5),
        side=(-1 if hero.side < 0 else 1) if hero is not None and going else side,
        deep=bool(stage.sheets),
        seconds=seconds,
        travel=hero.travel if hero is not None else 0.0,
        phases=tuple(phases.tolist()),
        clear=min(0.12 + 0.2 * hero.height * stage.height / stage.width, 0.3) if hero is not None else 0.12,
    )


def _puppets(stage: Stage, seconds: float, seed: int) -> list[Puppet | None]:
    """One for every sheet that is a figure."""
    lives: list[Life] = [sheet.life for sheet in stage.sheets if sheet.life is not None]
    size = (stage.width, stage.height)
    return [
        None if sheet.life is None else Puppet(sheet.life, size, seconds, seed, leader(sheet.life, lives))
        for sheet in stage.sheets
    ]


def _after(first: Matrix, then: Matrix) -> Matrix:
    """Both maps as one."""
    both = np.asarray(then[:, :2] @ first, np.float64)
    both[:, 2] += then[:, 2]
    return both
