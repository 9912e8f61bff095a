"""What actions need in the hands: an open book, an oar, a pan, a palette, instruments. Units of the holder's height."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, shade_of
from app.services.engines.builtin.picture.creature import Looks
from app.services.engines.builtin.picture.faces import notes
from app.services.engines.builtin.picture.limbs import Point
from app.services.engines.builtin.picture.props import hold
from app.services.engines.builtin.picture.puppet import Puppet

WOOD: RGB = (166, 116, 76)
DARK: RGB = (112, 78, 62)
PAPER: RGB = (255, 250, 236)
_COVERS: tuple[RGB, ...] = ((200, 82, 76), (76, 126, 180), (96, 154, 110), (150, 106, 176))


@dataclass(frozen=True)
class Grip:
    """Where the hands and the head of somebody at work are."""

    near: Point
    far: Point
    head: Point
    radius: float
    prop: str
    looks: Looks

    @property
    def middle(self) -> Point:
        return (self.near[0] + self.far[0]) / 2, (self.near[1] + self.far[1]) / 2

    @property
    def mouth(self) -> Point:
        return self.head[0] + self.radius * 0.22, self.head[1] - self.radius * 0.55


def _finger(c: Puppet, g: Grip) -> None:
    x, y = g.far
    if g.prop:
        hold(c, g.prop, x, y, g.looks)
        return
    c.stroke([(x, y + 0.008), (x + 0.062, y + 0.02)], 0.024, (246, 202, 172), smooth=False)


def _load(c: Puppet, g: Grip) -> None:
    x, y = g.middle[0] + 0.01, g.middle[1] + 0.02
    if g.prop and g.prop not in ("gift", "chest"):
        with c.at(x + 0.02, y - 0.0, 0.0, 1.2):
            hold(c, g.prop, 0.02, 0.0, g.looks)
        return
    tone: RGB = (214, 168, 116)
    c.soft(curves.box(x - 0.13, y - 0.085, x + 0.13, y + 0.125, 0.014), tone)
    c.fill(curves.box(x - 0.02, y - 0.085, x + 0.025, y + 0.125), (240, 214, 160))
    c.stroke([(x - 0.12, y + 0.06), (x + 0.12, y + 0.06)], 0.007, shade_of(tone), smooth=False)


def _rope(c: Puppet, g: Grip) -> None:
    (nx, ny), (fx, fy) = g.near, g.far
    c.stroke([(nx - 0.16, ny - 0.12), (nx, ny), (fx, fy), (fx + 0.34, fy - 0.02)], 0.026, (206, 170, 116))


def _book(c: Puppet, g: Grip) -> None:
    if g.prop in ("letter", "map"):
        hold(c, g.prop, g.middle[0] + 0.02, g.middle[1] + 0.02, g.looks)
        return
    x, y = g.middle[0] + 0.015, g.middle[1] + 0.02
    tone = _COVERS[g.looks.number("book") % len(_COVERS)]
    for s in (-1, 1):
        c.soft(
            [(x, y - 0.06), (x + s * 0.155, y - 0.035), (x + s * 0.15, y + 0.125), (x, y + 0.1)],
            shade_of(tone) if s > 0 else tone,
        )
        c.soft(
            curves.smooth(
                [(x, y + 0.105), (x + s * 0.06, y + 0.135), (x + s * 0.14, y + 0.125), (x, y + 0.085)], steps=4
            ),
            PAPER,
            light=0.4,
        )


def _notebook(c: Puppet, g: Grip) -> None:
    x, y = g.near[0] + 0.07, g.near[1] + 0.05
    with c.at(x, y, 12):
        c.soft(curves.box(-0.11, -0.04, 0.12, 0.07, 0.01), PAPER, light=0.4)
        for k in range(2):
            c.stroke([(-0.08, 0.035 - 0.03 * k), (0.04, 0.035 - 0.03 * k)], 0.008, (150, 150, 176), smooth=False)
    fx, fy = g.far
    c.stroke([(fx - 0.05, fy - 0.06), (fx + 0.045, fy + 0.1)], 0.018, (232, 160, 66), smooth=False)
    c.dot(fx - 0.052, fy - 0.066, 0.008, DARK)


def _palette(c: Puppet, g: Grip) -> None:
    x, y = g.near[0] - 0.02, g.near[1] + 0.02
    c.soft(curves.oval(x, y, 0.125, 0.085, 14), (226, 184, 130))
    for k, tone in enumerate(((222, 78, 74), (250, 196, 76), (96, 164, 104), (74, 132, 200))):
        a = math.radians(30 + 48 * k)
        c.dot(x + 0.075 * math.cos(a), y + 0.05 * math.sin(a), 0.022, tone)
    hold(c, "brush", g.far[0], g.far[1], g.looks)


def _pan(c: Puppet, g: Grip) -> None:
    x, y = g.far
    c.stroke([(x - 0.04, y - 0.01), (x + 0.09, y + 0.0)], 0.026, DARK, smooth=False)
    c.soft(
        curves.smooth([(x + 0.08, y + 0.035), (x + 0.34, y + 0.035), (x + 0.3, y - 0.035), (x + 0.13, y - 0.035)]),
        (86, 88, 104),
    )
    for k, tone in enumerate(((250, 196, 84), (232, 110, 78), (130, 182, 96))):
        c.dot(x + 0.14 + 0.065 * k, y + 0.05 + 0.012 * (k % 2), 0.026, tone)
    with c.loose():
        for dx in (0.14, 0.24):
            c.stroke(
                [(x + dx, y + 0.1), (x + dx + 0.022, y + 0.15), (x + dx - 0.012, y + 0.2), (x + dx + 0.015, y + 0.25)],
                0.012,
                (240, 240, 244),
            )


def _food(c: Puppet, g: Grip) -> None:
    x, y = g.near
    c.soft(
        curves.smooth([(x - 0.09, y + 0.055), (x + 0.09, y + 0.055), (x + 0.05, y - 0.035), (x - 0.05, y - 0.035)]),
        (238, 240, 244),
    )
    c.fill(curves.oval(x, y + 0.055, 0.082, 0.02), (252, 246, 232))
    fx, fy = g.far
    if g.prop in ("apple", "bread", "cake"):
        with c.at(fx, fy + 0.02, 0.0, 0.85):
            hold(c, g.prop, 0.02, 0.03, g.looks)
    else:
        c.soft(curves.oval(fx - 0.01, fy + 0.045, 0.055, 0.045), (255, 246, 228))
        c.stroke([(fx - 0.03, fy + 0.06), (fx - 0.01, fy + 0.082), (fx + 0.015, fy + 0.06)], 0.008, (220, 190, 160))


def _cup(c: Puppet, g: Grip) -> None:
    x, y = g.far
    with c.at(x - 0.025, y + 0.02, 24):
        c.soft(
            curves.smooth(
                [(-0.05, 0.05), (0.05, 0.05), (0.04, -0.05), (-0.04, -0.05)],
                steps=4,
            ),
            _COVERS[g.looks.number("cup") % len(_COVERS)],
        )


def _music(c: Puppet, g: Grip) -> None:
    draw = {"flute": _flute, "drum": _drum, "erhu": _erhu, "violin": _erhu}.get(g.prop, _guitar)
    draw(c, g)
    with c.loose():
        notes(c, g.head[0] + g.radius * 1.5, g.head[1] + g.radius * 0.5, 0.045)


def _guitar(c: Puppet, g: Grip) -> None:
    (nx, ny), (fx, fy) = g.near, g.far
    turn = math.degrees(math.atan2(fy - ny, fx - nx))
    with c.at(nx + 0.015, ny + 0.005, turn):
        c.stroke([(0.0, 0.0), (math.hypot(fx - nx, fy - ny) + 0.1, 0.0)], 0.032, DARK, smooth=False)
        c.soft(
            curves.smooth(
                [
                    (-0.15, 0.0),
                    (-0.11, 0.105),
                    (-0.01, 0.085),
                    (0.06, 0.07),
                    (0.1, 0.0),
                    (0.06, -0.07),
                    (-0.01, -0.085),
                    (-0.11, -0.105),
                ]
            ),
            (222, 154, 84),
        )
        c.dot(0.005, 0.0, 0.032, (92, 62, 54))
        c.stroke([(-0.1, 0.0), (0.2, 0.0)], 0.007, (250, 232, 196), smooth=False)


def _flute(c: Puppet, g: Grip) -> None:
    mx, my = g.mouth
    c.stroke([(mx - 0.03, my + 0.0), (mx + 0.4, my - 0.07)], 0.026, (150, 176, 104), smooth=False)
    for k in range(4):
        c.dot(mx + 0.14 + 0.055 * k, my - 0.028 - 0.009 * k, 0.006, DARK)


def _drum(c: Puppet, g: Grip) -> None:
    x, y = g.middle[0], min(g.near[1], g.far[1]) - 0.1
    c.soft(curves.box(x - 0.12, y - 0.1, x + 0.12, y + 0.05, 0.03), (206, 70, 66))
    c.soft(curves.oval(x, y + 0.05, 0.122, 0.035), (252, 240, 214))
    for hx, hy in (g.near, g.far):
        c.stroke([(hx, hy + 0.03), (x + (hx - x) * 0.3, y + 0.06)], 0.018, WOOD, smooth=False)


def _erhu(c: Puppet, g: Grip) -> None:
    x, y = g.near[0] + 0.08, g.near[1]
    c.stroke([(x, y - 0.1), (x + 0.03, y + 0.42)], 0.022, DARK, smooth=False)
    c.soft(curves.box(x - 0.06, y - 0.16, x + 0.05, y - 0.06, 0.025), (150, 84, 64))
    c.stroke([(x - 0.12, y - 0.05), (g.far[0] + 0.04, g.far[1])], 0.013, (236, 224, 200), smooth=False)


def _notes(c: Puppet, g: Grip) -> None:
    with c.loose():
        notes(c, g.head[0] + g.radius * 1.45, g.head[1] - g.radius * 0.1, 0.05)


def oar(c: Puppet, near: Point, far: Point) -> None:
    """An oar through both hands, its blade low in front."""
    (nx, ny), (fx, fy) = near, far
    dx, dy = fx - nx + 0.02, fy - ny - 0.2
    d = math.hypot(dx, dy)
    ux, uy = dx / d, dy / d
    end = (fx + ux * 0.38, fy + uy * 0.38)
    c.stroke([(nx - ux * 0.1, ny - uy * 0.1), end], 0.026, WOOD, smooth=False)
    with c.at(end[0], end[1], math.degrees(math.atan2(uy, ux))):
        c.soft(curves.smooth([(-0.03, 0.022), (0.16, 0.05), (0.18, 0.0), (0.16, -0.05), (-0.03, -0.022)]), WOOD)


def _oar(c: Puppet, g: Grip) -> None:
    with c.loose():
        oar(c, g.near, g.far)


def _rod(c: Puppet, g: Grip) -> None:
    (nx, ny), (fx, fy) = g.near, g.far
    dx, dy = fx - nx, fy - ny + 0.14
    d = math.hypot(dx, dy)
    ux, uy = dx / d, dy / d
    tip = (fx + ux * 0.62, fy + uy * 0.5)
    c.stroke([(nx - ux * 0.06, ny - uy * 0.06), (fx + ux * 0.3, fy + uy * 0.3), tip], 0.016, (140, 100, 70))
    with c.loose():
        c.stroke([tip, (tip[0] + 0.02, tip[1] * 0.5), (tip[0] + 0.015, 0.03)], 0.006, (238, 240, 242))
        c.dot(tip[0] + 0.015, 0.03, 0.02, (222, 74, 66))
        c.dot(tip[0] + 0.015, 0.04, 0.012, WHITE)


def _shovel(c: Puppet, g: Grip) -> None:
    (nx, ny), (fx, fy) = g.near, g.far
    dx, dy = fx - nx, fy - ny
    d = max(0.05, math.hypot(dx, dy))
    turn = math.degrees(math.atan2(dy, dx))
    with c.loose(), c.at(nx, ny, turn):
        c.stroke([(-0.1, 0.0), (d + 0.12, 0.0)], 0.026, WOOD, smooth=False)
        c.soft(
            curves.smooth(
                [(d + 0.1, 0.055), (d + 0.22, 0.055), (d + 0.29, 0.0), (d + 0.22, -0.055), (d + 0.1, -0.055)], steps=4
            ),
            (176, 184, 196),
        )


_Tool = Callable[[Puppet, Grip], None]
TOOLS: dict[str, _Tool] = {
    "finger": _finger, "load": _load, "rope": _rope, "book": _book, "notebook": _notebook, "palette": _palette,
    "pan": _pan, "music": _music, "notes": _notes, "oar": _oar, "rod": _rod, "shovel": _shovel,
}  # fmt: skip
"""Drawn before the near arm."""
AT_FACE: dict[str, _Tool] = {"food": _food, "cup": _cup}
"""Drawn over the face, before the hand that holds it."""
