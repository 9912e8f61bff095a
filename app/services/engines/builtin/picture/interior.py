"""The inside of a house as a box that runs to a vanishing point: walls, floor, ceiling, windows and their light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, Sprite
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.palette import grade, ground
from app.services.engines.builtin.picture.sky import paint_sky
from app.services.engines.builtin.picture.stage import Stage
from app.services.engines.builtin.picture.terrain import calm, carry

Point = tuple[float, float]


@dataclass(frozen=True)
class Room:
    """A box seen from inside. Depth ``k`` is 1 at the rear wall and grows towards the eye.

    x and heights are given in units as they measure on the rear wall, x from the vanishing point.
    """

    stage: Stage
    vx: float
    vy: float
    edge: float
    """y where the rear wall meets the floor."""
    top: float
    """y where it meets the ceiling."""
    left: float
    """x of the left corner in pixels; outside the picture when there is none to see."""
    right: float

    @property
    def feet(self) -> float:
        """Depth at which the figures stand."""
        return (self.stage.feet - self.vy) / (self.edge - self.vy)

    def at(self, x: float, height: float, k: float) -> Point:
        """The pixel of a point of the room."""
        u = self.stage.unit
        return self.vx + x * u * k, self.vy + (self.edge - height * u - self.vy) * k

    def across(self, pixels: float, k: float) -> float:
        """x in units of what is seen at ``pixels`` at depth k."""
        return (pixels - self.vx) / (self.stage.unit * k)


def make_room(stage: Stage, *, deep: float = 0.17, tall: float = 0.58, plan: int = 0) -> Room:
    """Choose the box: from the front (plan 0), with the wall beside the hero (1), or into a corner (2)."""
    u, w, feet = stage.unit, stage.width, stage.feet
    vx = w * (0.5 + (0.5 - stage.hero_x) * (0.5, 0.9, 0.2)[plan])
    edge = feet - u * deep
    far = 1 if stage.hero_x < 0.5 else -1
    reach = (0.46, 0.34, 0.52)[plan] * w
    near = vx - far * reach * (1.0 if plan == 0 else 1.5)
    other = vx + far * reach * (1.0 if plan != 2 else 0.55)
    left, right = min(near, other), max(near, other)
    room = tall if stage.wide else tall * 1.25
    return Room(stage, vx, edge - u * 0.26, edge, edge - u * room, left, right)


def shell(stage: Stage, room: Room, wall: RGB, floor: str, *, paper: str = "plain", ceiling: RGB | None = None) -> None:
    """Paint walls (``paper``: plain, stripes, panels, brick, dots), ceiling and floor (a kind of palette.GROUND)."""
    c, u, w, h = stage["sky"], stage.unit, stage.width, stage.height
    stage.haze.update(far=0.0, mid=0.0)
    c.line = 0.0
    stage["far"].line = u * 0.0022
    stage["mid"].line = u * 0.0025
    dusk_in_corners(stage)
    rear = curves.box(room.left, room.top, room.right, room.edge)
    c.graded(curves.box(-9, -9, w + 9, h + 9), shade_of(wall), wall)
    c.graded(rear, mix(wall, shade_of(wall), 0.25), light_of(wall))
    _paper(room, wall, paper)
    for side in (-1, 1):
        corner = room.left if side < 0 else room.right
        if -9 < corner < w + 9:
            _side_wall(room, side, wall, paper)
    _ceiling(room, ceiling or mix(wall, WHITE, 0.4))
    _floor(stage, room, floor)
    _skirting(room, wall)
    carry(stage, "sky", stage.feet - u * 0.05, u * 0.03)  # the subject layer gets its light later
    c.apply(grade(stage.palette, 0.0))


def dusk_in_corners(stage: Stage) -> None:
    """Rooms are dimmer in the evening and by night, so that lamps count; the light stays warm."""
    p = stage.palette
    dim = mix(p.light, (142, 134, 176), 0.62 * p.dark)
    stage.palette = replace(p, light=dim)


def _corner(room: Room, side: int, k: float, height: float) -> Point:
    corner = room.left if side < 0 else room.right
    return room.vx + (corner - room.vx) * k, room.vy + (room.edge - height * room.stage.unit - room.vy) * k


def wall_quad(room: Room, side: int, k0: float, k1: float, low: float, high: float) -> np.ndarray:
    """A rectangle on a side wall (-1 left, 1 right) between two depths and two heights (units)."""
    a, b = (_corner(room, side, k0, low), _corner(room, side, k0, high))
    c, d = (_corner(room, side, k1, high), _corner(room, side, k1, low))
    return np.array([a, b, c, d])


def _side_wall(room: Room, side: int, wall: RGB, paper: str) -> None:
    c, stage = room.stage["sky"], room.stage
    tall = (room.edge - room.top) / stage.unit
    lit = (stage.light[0] < stage.width / 2) != (side < 0)
    tone = mix(wall, light_of(wall), 0.4) if lit else mix(wall, shade_of(wall), 0.7)
    c.graded(wall_quad(room, side, 1.0, 4.0, 0, tall), tone, mix(tone, shade_of(tone), 0.5))
    if paper in ("stripes", "panels"):
        for k in np.arange(1.08, 2.6, 0.16):
            c.fill(wall_quad(room, side, k, k + 0.06, 0, tall), shade_of(tone), 0.14)
    c.stroke([_corner(room, side, 1, 0), _corner(room, side, 1, tall)], max(1.0, stage.unit * 0.003), shade_of(tone))


def _paper(room: Room, wall: RGB, paper: str) -> None:
    stage = room.stage
    c, u, rng = stage["sky"], stage.unit, stage.rng
    x0, x1 = max(-9.0, room.left), min(stage.width + 9.0, room.right)
    if paper == "stripes":
        for x in np.arange(x0, x1, u * 0.075):
            c.fill(curves.box(x, room.top, min(x + u * 0.03, x1), room.edge), shade_of(wall), 0.12)
    elif paper == "panels":
        high = room.edge - u * 0.2
        c.fill(curves.box(x0, high, x1, room.edge), mix(wall, (150, 108, 80), 0.55), 0.8)
        c.fill(curves.box(x0, high - u * 0.012, x1, high), mix(wall, WHITE, 0.5))
        for x in np.arange(x0 + u * 0.04, x1, u * 0.11):
            c.fill(curves.box(x, high + u * 0.025, min(x + u * 0.075, x1), room.edge - u * 0.03), shade_of(wall), 0.25)
    elif paper == "brick":
        for k, y in enumerate(np.arange(room.top, room.edge, u * 0.045)):
            for x in np.arange(x0 + u * 0.06 * (k % 2), x1, u * 0.12):
                if rng.random() < 0.36:
                    tone = shade_of(wall) if rng.random() < 0.6 else light_of(wall)
                    c.fill(curves.box(x, y, min(x + u * 0.11, x1), y + u * 0.038), tone, 0.35)
    elif paper == "dots":
        for k, y in enumerate(np.arange(room.top + u * 0.05, room.edge - u * 0.05, u * 0.075)):
            for x in np.arange(x0 + u * 0.05 * (1 + k % 2), x1, u * 0.1):
                c.fill(curves.star(x, y, u * 0.009, 0.5, 4), light_of(light_of(wall)), 0.8)


def _ceiling(room: Room, tone: RGB) -> None:
    stage = room.stage
    c, tall = stage["sky"], (room.edge - room.top) / stage.unit
    if room.top < 0:
        return
    ends = [
        _corner(room, -1, 1, tall),
        _corner(room, 1, 1, tall),
        _corner(room, 1, 5, tall),
        _corner(room, -1, 5, tall),
    ]
    c.graded(np.array(ends), shade_of(tone), tone)
    c.stroke(ends[:2], max(1.0, stage.unit * 0.008), mix(tone, WHITE, 0.4), smooth=False)


def _floor(stage: Stage, room: Room, kind: str) -> None:
    c, u, w, h = stage["sky"], stage.unit, stage.width, stage.height
    top, low = ground(kind)
    ends = [_corner(room, -1, 1, 0), _corner(room, 1, 1, 0), _corner(room, 1, 6, 0), _corner(room, -1, 6, 0)]
    c.graded(np.array(ends), mix(top, low, 0.55), mix(top, low, 0.25))
    joint = mix(mix(top, low, 0.5), (90, 60, 60), 0.28)
    s1 = (h + 9 - room.vy) / (room.edge - room.vy)
    gap = 0.075 if kind == "wood" else 0.13
    n = int(w / (u * gap)) + 2
    lines = []
    for j in range(-n, n + 1):
        a, b = room.vx + j * gap * u, room.vx + j * gap * u * s1
        if room.left - 1 <= a <= room.right + 1 and not (max(a, b) < 0 or min(a, b) > w):
            lines.append(j)
            c.stroke(
                [(a, room.edge), (b, h + 9.0)], max(1.0, u * 0.0016), mix(joint, mix(top, low, 0.4), 0.35), smooth=False
            )
    k = 1.0
    while k < s1 and k < 6:
        y = room.vy + (room.edge - room.vy) * k
        if kind == "wood":  # plank ends, here and there
            for j in lines:
                if stage.rng.random() < 0.22:
                    a = room.vx + j * gap * u * k
                    c.fill(
                        [(a, y), (a + gap * u * k, y), (a + gap * u * k, y + u * 0.004), (a, y + u * 0.004)],
                        joint,
                        0.6 * calm(stage, y),
                    )
        else:
            across = [_corner(room, -1, k, 0), _corner(room, 1, k, 0)]
            c.stroke(across, max(1.0, u * 0.0016), mix(joint, mix(top, low, 0.4), 0.3), smooth=False)
        k *= 1.16


def _skirting(room: Room, wall: RGB) -> None:
    c, u = room.stage["sky"], room.stage.unit
    tone = mix(WHITE, wall, 0.3)
    c.fill(curves.box(room.left, room.edge - u * 0.02, room.right, room.edge), tone)
    c.fill(curves.box(room.left, room.edge, room.right, room.edge + u * 0.006), (70, 48, 56), 0.3)
    for side in (-1, 1):
        c.fill(wall_quad(room, side, 1.0, 4.0, 0, 0.02), shade_of(tone))


def view(stage: Stage, w: float, h: float, rng: Random) -> Canvas:
    """What is seen through a window: the hour's sky over hills or roofs, in final colours."""
    out = Canvas(max(4, int(w)), max(4, int(h)))
    paint_sky(out, stage.scene, stage.palette, rng, h * 0.9, 0.6)
    p = stage.palette
    far = mix(mix((120, 160, 110), p.sky[2], 0.45), (30, 40, 70), 0.55 * p.dark)
    if stage.scene.season == "winter" or stage.scene.weather == "snow":
        far = mix((236, 242, 250), p.sky[1], 0.3)
    hill = [(-9, h * 0.8), (w * 0.3, h * 0.68), (w * 0.7, h * 0.82), (w + 9, h * 0.72), (w + 9, h + 9), (-9, h + 9)]
    out.fill(curves.smooth(hill), far)
    for k in range(3):
        x, r = w * (0.15 + 0.33 * k + rng.uniform(-0.05, 0.05)), h * rng.uniform(0.08, 0.13)
        out.fill(curves.oval(x, h * 0.86, r * 1.1, r), mix(far, (40, 70, 60), 0.3))
    if stage.scene.weather in ("rain", "storm"):
        for _ in range(26):
            x, y = rng.uniform(0, w), rng.uniform(0, h)
            out.fill([(x, y), (x + 1.2, y), (x - h * 0.02, y + h * 0.1)], (224, 234, 246), 0.4)
    return out


def window(
    stage: Stage,
    room: Room,
    x: float,
    y: float,
    w: float,
    h: float,
    curtain: RGB | None,
    *,
    panes: int = 2,
    arch: bool = False,
) -> None:
    """A window in the rear wall, (x, y) its middle in pixels, and its light on the floor."""
    c, u = stage["sky"], stage.unit
    look = view(stage, w, h, stage.rng)
    frame: RGB = (252, 246, 234)
    dim = mix(frame, (110, 112, 150), 0.55 * stage.palette.dark)
    c.fill(curves.box(x - w / 2 - u * 0.018, y - h / 2 - u * 0.018, x + w / 2 + u * 0.018, y + h / 2 + u * 0.018), dim)
    c.paste(Sprite(look.pixels, (look.width / 2, look.height / 2)), x, y)
    if arch:
        t = np.linspace(0, np.pi, 16)
        c.fill(np.stack([x + (w / 2 + u * 0.018) * np.cos(t), y - h / 2 - w * 0.36 * np.sin(t)], 1), dim)
        c.fill(
            np.stack([x + w * 0.46 * np.cos(t), y - h / 2 - w * 0.3 * np.sin(t)], 1),
            mix(stage.palette.sky[0], WHITE, 0.15),
        )
    for k in range(1, panes):
        px = x - w / 2 + w * k / panes
        c.fill(curves.box(px - u * 0.005, y - h / 2, px + u * 0.005, y + h / 2), dim)
    c.fill(curves.box(x - w / 2, y - u * 0.005, x + w / 2, y + u * 0.005), dim)
    c.fill(
        curves.box(x - w / 2 - u * 0.035, y + h / 2 + u * 0.014, x + w / 2 + u * 0.035, y + h / 2 + u * 0.036),
        mix(dim, (190, 160, 130), 0.3),
    )
    if curtain is not None:
        _curtains(stage, x, y, w, h, curtain)
    floor_light(stage, room, x, w)
    stage.light = (x, y)


def _curtains(stage: Stage, x: float, y: float, w: float, h: float, tone: RGB) -> None:
    far, u = stage["far"], stage.unit
    top, foot = y - h / 2 - u * 0.045, y + h / 2 + u * 0.09
    for s in (-1, 1):
        a, b = x + s * (w / 2 + u * 0.07), x + s * w * 0.26
        shape = [
            (a, top),
            (b, top),
            (x + s * w * 0.37, y),
            (x + s * (w / 2 + u * 0.005), y + h * 0.22),
            (x + s * w * 0.4, foot),
            (a, foot),
        ]
        far.soft(curves.smooth(shape, steps=5), tone)
        for k in range(3):
            px = a + (b - a) * (0.25 + 0.25 * k)
            far.stroke(
                [(px, top), (a + (px - a) * 0.7, y), (a + (px - a) * 0.85, foot)], max(1.0, u * 0.003), shade_of(tone)
            )
        far.fill(
            curves.box(x + s * (w / 2 + u * 0.072), y + h * 0.2, x + s * w * 0.4, y + h * 0.2 + u * 0.014),
            light_of(tone),
        )
    far.soft(curves.box(x - w / 2 - u * 0.11, top - u * 0.014, x + w / 2 + u * 0.11, top), (150, 106, 76))


def floor_light(stage: Stage, room: Room, x: float, w: float) -> None:
    """The window's light on the floor in the colour of the hour, slanting towards the hero."""
    scene, c = stage.scene, stage["sky"]
    dull = scene.weather in ("rain", "storm", "fog", "cloudy", "snow")
    strength = {"dawn": 0.3, "day": 0.34, "dusk": 0.42, "night": 0.22}.get(scene.time, 0.3) * (0.35 if dull else 1.0)
    tone: RGB = {"dawn": (255, 226, 196), "dusk": (255, 184, 110), "night": (150, 184, 255)}.get(
        scene.time, (255, 248, 214)
    )
    lean = 0.3 if stage.hero_x * stage.width > x else -0.3
    a, b = room.across(x - w / 2, 1.0), room.across(x + w / 2, 1.0)
    long = 1.75 if scene.time in ("dawn", "dusk") else 1.5
    for lo, hi in ((a, (a + b) / 2 - 0.008), ((a + b) / 2 + 0.008, b)):
        pts = [
            room.at(lo + lean * 0.16, 0, 1.08),
            room.at(hi + lean * 0.16, 0, 1.08),
            room.at(hi + lean * 0.8, 0, long),
            room.at(lo + lean * 0.8, 0, long),
        ]
        c.fill(pts, tone, strength)
    beam = [
        (x - w / 2, room.edge - stage.unit * 0.5),
        (x + w / 2, room.edge - stage.unit * 0.5),
        room.at(b + lean * 0.8, 0, long),
        room.at(a + lean * 0.8, 0, long),
    ]
    c.fill(beam, tone, strength * 0.22)
    c.glow(x, room.edge - stage.unit * 0.34, w * 1.5, tone, strength * 0.9)


def side_window(stage: Stage, room: Room, side: int, k0: float, k1: float, low: float, high: float) -> None:
    """A window in a side wall, seen at an angle, with its light across the floor."""
    c, p = stage["sky"], stage.palette
    tall = (room.edge - room.top) / stage.unit
    high = min(high, tall - 0.05)
    outer = wall_quad(room, side, k0 * 0.985, k1 * 1.015, low - 0.02, high + 0.02)
    c.fill(outer, mix((250, 244, 232), (110, 112, 150), 0.55 * p.dark))
    c.graded(wall_quad(room, side, k0, k1, low, high), mix(p.sky[0], p.sky[1], 0.6), p.sky[2])
    middle = (k0 * k1) ** 0.5
    bar = mix((244, 238, 226), (104, 106, 144), 0.55 * p.dark)
    c.fill(wall_quad(room, side, middle * 0.992, middle * 1.008, low, high), bar)
    c.fill(wall_quad(room, side, k0, k1, (low + high) / 2 - 0.006, (low + high) / 2 + 0.006), bar)
    corner = room.across(room.left if side < 0 else room.right, 1.0)
    tone: RGB = {"dawn": (255, 226, 196), "dusk": (255, 184, 110), "night": (150, 184, 255)}.get(
        stage.scene.time, (255, 248, 214)
    )
    dull = stage.scene.weather in ("rain", "storm", "fog", "cloudy", "snow")
    inner = [room.at(corner - side * 0.1, 0, k0), room.at(corner - side * 0.42, 0, k0 * 1.05)]
    outer_edge = [room.at(corner - side * 0.42, 0, k1 * 1.08), room.at(corner - side * 0.1, 0, k1)]
    c.fill([*inner, *outer_edge], tone, 0.12 if dull else 0.34)
