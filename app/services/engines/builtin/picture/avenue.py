"""A street as the eye sees it: house walls that run to one point, windows in rows, lamps, signs, shining ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of, shift
from app.services.engines.builtin.picture.stage import Stage
from app.services.engines.builtin.picture.terrain import calm, carry, quads, snow_lies, streaks_below, wet

FACADES: tuple[RGB, ...] = (
    (246, 214, 176),
    (236, 184, 160),
    (200, 216, 214),
    (250, 232, 190),
    (214, 196, 216),
    (206, 150, 130),
)
SIGNS: tuple[RGB, ...] = (
    (255, 92, 140),
    (90, 220, 255),
    (255, 206, 90),
    (150, 255, 170),
    (210, 130, 255),
    (255, 120, 80),
)
AWNINGS: tuple[RGB, ...] = ((222, 92, 84), (92, 150, 160), (240, 176, 84), (120, 160, 110))


@dataclass(frozen=True)
class Street:
    """``x`` and heights in units as they measure at the feet; ``s`` is the scale there, 1 at the feet."""

    stage: Stage
    vx: float
    half: float
    """Units from the middle to the house walls."""

    def at(self, x: float, height: float, s: float) -> tuple[float, float]:
        """The pixel of a point."""
        g = self.stage
        return self.vx + x * g.unit * s, g.horizon + ((g.feet - g.horizon) - height * g.unit) * s


def row(street: Street, side: int, *, tall: tuple[float, float], lit: float, shops: bool, start: float = 0.16) -> None:
    """House after house along one side, from far to near; windows are lit with the chance ``lit`` when it is dark."""
    stage, rng = street.stage, street.stage.rng
    s = start
    while s < 2.3:
        deep = rng.uniform(0.3, 0.6)
        s1 = 1 / max(0.3, 1 / s - deep)
        _house(street, side, (s, min(s1, 3.4)), rng.uniform(*tall), lit, shops)
        s = s1 * 1.002
        stage.check()


def _house(street: Street, side: int, span: tuple[float, float], tall: float, lit: float, shops: bool) -> None:
    stage, rng = street.stage, street.stage.rng
    c, x, (s0, s1) = stage["mid"], street.half * side, span
    far = max(0.0, 1 - s0 * 1.6)
    wall = mix(shift(rng.choice(FACADES), value=rng.uniform(0.85, 1.02)), stage.palette.sky[2], 0.5 * far)
    wall = mix(wall, (96, 92, 120), 0.3 * stage.palette.dark)
    sunny = (stage.light[0] > street.vx) != (side > 0)
    tone = mix(wall, light_of(wall), 0.2) if sunny else shade_of(wall)
    wide = x + side * rng.uniform(0.5, 0.9)
    front = [street.at(x, 0, s1), street.at(x, tall, s1), street.at(wide, tall, s1), street.at(wide, 0, s1)]
    plane = [street.at(x, 0, s0), street.at(x, tall, s0), street.at(x, tall, s1), street.at(x, 0, s1)]
    if max(p[0] for p in [*plane, *front]) < 0 or min(p[0] for p in [*plane, *front]) > stage.width:
        return
    c.graded(np.array(plane), tone, mix(tone, shade_of(tone), 0.4))
    c.fill(front, shade_of(shade_of(wall)))
    ledge = [
        street.at(x * 0.97, tall, s0),
        street.at(x * 0.97, tall + 0.03, s0),
        street.at(x * 0.97, tall + 0.03, s1),
        street.at(x * 0.97, tall, s1),
    ]
    c.fill(ledge, (248, 250, 255) if snow_lies(stage) else shade_of(tone))
    _panes(street, side, span, tall, wall, lit, 0.36 if shops else 0.12)
    if shops:
        _shop(street, side, span, wall)


def _grid(street: Street, x: float, z: np.ndarray, h: np.ndarray, dz: float, dh: float) -> np.ndarray:
    """Corner points of windows on a wall along the street: (n, 4, 2)."""
    zz, hh = (a.ravel() for a in np.meshgrid(z, h))
    g = street.stage
    out = np.empty((len(zz), 4, 2))
    for k, (a, b) in enumerate(((0, 0), (0, dh), (dz, dh), (dz, 0))):
        s = 1 / np.maximum(0.2, zz + a)
        out[:, k, 0] = street.vx + x * g.unit * s
        out[:, k, 1] = g.horizon + ((g.feet - g.horizon) - (hh + b) * g.unit) * s
    return out


def _panes(
    street: Street, side: int, span: tuple[float, float], tall: float, wall: RGB, lit: float, low: float
) -> None:
    stage, rng = street.stage, street.stage.rng
    z0, z1 = 1 / span[1], 1 / span[0]
    n, m = max(1, min(7, int((z1 - z0) / 0.11))), max(1, min(12, int((tall - low) / 0.17)))
    step = (z1 - z0) / n
    z, h = z0 + step * (np.arange(n) + 0.22), low + 0.05 + (tall - low) / m * np.arange(m)
    shapes = _grid(street, street.half * side * 0.998, z, h, step * 0.56, (tall - low) / m * 0.58)
    inside = (shapes[:, :, 0].max(1) > 0) & (shapes[:, :, 0].min(1) < stage.width) & (shapes[:, :, 1].max(1) > 0)
    shapes = shapes[inside]
    on = np.array([rng.random() < lit for _ in shapes], bool)
    dark = stage.palette.dark > 0.25
    glass = mix(stage.palette.sky[1], (150, 176, 196), 0.5) if not dark else (58, 64, 98)
    quads(stage["mid"], shapes[~on] if dark else shapes, glass)
    if dark:
        quads(stage["mid"], shapes[on], (255, 236, 170))
        bright = shapes[on]
        for shape in bright[:: max(1, len(bright) // 4)]:
            size = float(np.ptp(shape[:, 1]))
            stage.lamp("mid", float(shape[:, 0].mean()), float(shape[:, 1].mean()), size * 1.5 + 2, strength=0.6)
    else:
        quads(stage["mid"], shapes[on], light_of(glass))


def _shop(street: Street, side: int, span: tuple[float, float], wall: RGB) -> None:
    """Shop windows at the foot of a wall, an awning over them and a sign that sticks out."""
    stage, rng = street.stage, street.stage.rng
    c, x, (s0, s1) = stage["mid"], street.half * side, span
    dark = stage.palette.dark > 0.25
    a, b = 1 / (1 / s0 * 0.94 + 1 / s1 * 0.06), 1 / (1 / s0 * 0.12 + 1 / s1 * 0.88)
    glass: RGB = (255, 232, 170) if dark else (176, 206, 216)
    c.fill([street.at(x, 0.03, a), street.at(x, 0.23, a), street.at(x, 0.23, b), street.at(x, 0.03, b)], glass)
    base = [street.at(x, 0, s0), street.at(x, 0.05, s0), street.at(x, 0.05, s1), street.at(x, 0, s1)]
    c.fill(base, shade_of(shade_of(wall)))
    for k in range(3):  # what is for sale behind the glass, and the bars between
        za, zb = (1 / a + (1 / b - 1 / a) * (k + q) / 3 for q in (0.2, 0.8))
        goods = [street.at(x, 0.05, 1 / za), street.at(x, rng.uniform(0.1, 0.17), 1 / za)]
        goods += [street.at(x, rng.uniform(0.1, 0.17), 1 / zb), street.at(x, 0.05, 1 / zb)]
        c.fill(goods, mix(rng.choice(AWNINGS), glass, 0.35))
        bar = 1 / (1 / a + (1 / b - 1 / a) * (k + 1) / 3)
        c.stroke(
            [street.at(x, 0.03, bar), street.at(x, 0.23, bar)], max(1.0, stage.unit * 0.006 * bar), wall, smooth=False
        )
    tone, out = rng.choice(AWNINGS), x - side * 0.1
    n = 6
    for k in range(n):
        za, zb = (1 / a + (1 / b - 1 / a) * k / n), (1 / a + (1 / b - 1 / a) * (k + 1) / n)
        sa, sb = 1 / za, 1 / zb
        stripe = [street.at(x, 0.31, sa), street.at(x, 0.31, sb), street.at(out, 0.24, sb), street.at(out, 0.24, sa)]
        c.fill(stripe, tone if k % 2 == 0 else (252, 246, 234))
    if snow_lies(stage):
        c.fill(
            [
                street.at(x, 0.32, a),
                street.at(x, 0.32, b),
                street.at(x - side * 0.05, 0.29, b),
                street.at(x - side * 0.05, 0.29, a),
            ],
            WHITE,
        )
    if dark:
        px, py = street.at(x, 0.12, (a * b) ** 0.5)
        stage.lamp("mid", px, py, stage.unit * 0.2 * s0 + 3, strength=0.6)
        if wet(stage):
            gx, gy = street.at(x - side * 0.1, 0, (a * b) ** 0.5)
            streaks_below(stage, "mid", gx, gy, (255, 220, 150), stage.unit * 0.04 * s0, stage.unit * 0.12 * s0)
    if rng.random() < 0.85:
        _sign(street, side, (a * b) ** 0.5)


def _sign(street: Street, side: int, s: float) -> None:
    """An upright board at the wall; by night it is of light."""
    stage, rng, u = street.stage, street.stage.rng, street.stage.unit
    c, tone = stage["mid"], rng.choice(SIGNS)
    high, wide, low = rng.uniform(0.16, 0.3), rng.uniform(0.045, 0.07), rng.uniform(0.36, 0.46)
    x = street.half * side - side * (0.02 + wide)
    (ax, ay), (bx, by) = street.at(x - wide, low, s), street.at(x + wide, low + high, s)
    if max(ax, bx) < 0 or min(ax, bx) > stage.width:
        return
    night = stage.palette.dark > 0.55
    board = mix(tone, (60, 40, 70), 0.25) if not night else mix(tone, (30, 20, 60), 0.55)
    c.fill(curves.box(ax - 1, by, bx + 1, ay), shade_of(board))
    c.fill(curves.box(ax, by + 1, bx, ay - 1), board)
    n = 3 if high < 0.23 else 4
    mark = light_of(light_of(tone))
    for k in range(n):  # strokes that look like writing
        my, r = by + (ay - by) * (k + 0.5) / n, abs(bx - ax) * 0.3
        mx = (ax + bx) / 2
        thick = max(1.0, u * 0.006 * s)
        c.stroke([(mx - r, my - r * 0.5), (mx + r, my - r * 0.5)], thick, mark, smooth=False)
        c.stroke([(mx, my - r), (mx, my + r)], thick, mark, smooth=False)
        c.stroke(
            [(mx - r * 0.8, my + r * 0.6), (mx + r * 0.8, my + (r * 0.6 if k % 2 else 0))], thick, mark, smooth=False
        )
    if night:
        mx, my = (ax + bx) / 2, (ay + by) / 2
        size = abs(ay - by)
        stage.lamp("mid", mx, my, min(size * 0.95, u * 0.16), tone, 0.75 if s < 0.8 else 0.5)
        stage.lamp("mid", mx, my, min(size * 0.5, u * 0.1), light_of(tone), 0.5)
        gx, gy = street.at(x - side * 0.05, 0, s)
        streaks_below(stage, "mid", gx, gy, light_of(tone), u * 0.035 * s, u * 0.2 * s)


def ground_between(street: Street, *, kerb: float, surface: RGB, walk: RGB) -> None:
    """Roadway and pavements to the horizon, their joints, a crossing before the feet."""
    stage = street.stage
    c, u, h = stage["mid"], stage.unit, stage.height
    y0, far, near = stage.horizon + u * 0.012, 0.05, (h + 9 - stage.horizon) / (stage.feet - stage.horizon)
    if snow_lies(stage):
        walk, surface = (240, 245, 250), mix(surface, (222, 230, 240), 0.6)
    if wet(stage):
        surface = mix(surface, stage.palette.sky[1], 0.4)
    c.graded(curves.box(-9, y0, stage.width + 9, h + 9), mix(walk, stage.palette.sky[2], 0.3), walk)
    road = [street.at(-kerb, 0, far), street.at(kerb, 0, far), street.at(kerb, 0, near), street.at(-kerb, 0, near)]
    c.graded(np.array(road), mix(surface, stage.palette.sky[2], 0.4), surface)
    for side in (-1, 1):
        edge = [
            street.at(side * kerb, 0, far),
            street.at(side * (kerb + 0.03), 0, far),
            street.at(side * (kerb + 0.03), 0, near),
            street.at(side * kerb, 0, near),
        ]
        c.fill(edge, light_of(walk))
    z = 1.0
    while z < 7:  # joints of the paving, marks on the road
        s = 1 / z
        y = street.at(0, 0, s)[1]
        for side in (-1, 1):
            c.stroke(
                [street.at(side * (kerb + 0.03), 0, s), street.at(side * 3, 0, s)],
                max(1.0, u * 0.0018),
                mix(shade_of(walk), walk, 0.4),
                smooth=False,
            )
        a, b = s, 1 / (z + 0.3)
        dash = [street.at(-0.012, 0, a), street.at(0.012, 0, a), street.at(0.012, 0, b), street.at(-0.012, 0, b)]
        if y < stage.feet - u * 0.05 and int(z * 10) % 2 == 0 and kerb > 0.2:
            c.fill(dash, (244, 236, 214), 0.7)
        z *= 1.16
    if kerb > 0.25:
        n = 7
        for k in range(n):
            x0 = -kerb * 0.9 + 1.8 * kerb * k / n
            bar = [
                street.at(x0, 0, 0.66),
                street.at(x0 + kerb * 0.15, 0, 0.66),
                street.at(x0 + kerb * 0.15, 0, 0.84),
                street.at(x0, 0, 0.84),
            ]
            c.fill(bar, (246, 242, 232), 0.75)


def give_ground(street: Street) -> None:
    """The roadway under the figures; the house walls beside it keep their lights on the layer behind."""
    stage, half = street.stage, street.half * 0.9
    near = (stage.height + 40 - stage.horizon) / (stage.feet - stage.horizon)
    shape = [street.at(-half, 0, 0.5), street.at(half, 0, 0.5), street.at(half, 0, near), street.at(-half, 0, near)]
    carry(stage, "mid", stage.feet - stage.unit * 0.04, stage.unit * 0.03, np.array(shape))


def gleam(street: Street, kerb: float) -> None:
    """Wet ground: pools of sky on the roadway."""
    stage, rng, u = street.stage, street.stage.rng, street.stage.unit
    for _ in range(12):
        s = rng.uniform(0.3, 1.15)
        x, y = street.at(rng.uniform(-kerb, kerb), 0, s)
        w = u * 0.11 * s * rng.uniform(0.5, 1.2)
        tone = mix(stage.palette.sky[2], WHITE, 0.3)
        stage["mid"].fill(curves.oval(x, y, w, w * 0.1, 0, 20), tone, 0.45 * calm(stage, y))


def lamps(street: Street, x: float, scales: tuple[float, ...]) -> None:
    """Street lamps at the kerbs, nearer ones larger."""
    stage, u = street.stage, street.stage.unit
    c, dark, iron = stage["mid"], stage.palette.dark > 0.2, (74, 78, 94)
    for s in scales:
        for side in (-1, 1):
            px, py = street.at(side * x, 0, s)
            if abs(px - stage.hero_x * stage.width) < u * 0.1 or not -u * 0.1 < px < stage.width + u * 0.1:
                continue
            k = u * s
            c.fill(curves.box(px - k * 0.009, py - k * 0.62, px + k * 0.009, py), iron)
            c.fill(curves.box(px - k * 0.022, py - k * 0.05, px + k * 0.022, py), iron)
            bow = [(px, py - k * 0.6), (px - side * k * 0.02, py - k * 0.68), (px - side * k * 0.1, py - k * 0.69)]
            c.stroke(bow, max(1.0, k * 0.014), iron)
            lx, ly = px - side * k * 0.1, py - k * 0.67
            c.fill(
                [
                    (lx - k * 0.035, ly),
                    (lx - k * 0.02, ly - k * 0.03),
                    (lx + k * 0.02, ly - k * 0.03),
                    (lx + k * 0.035, ly),
                ],
                iron,
            )
            c.fill(curves.oval(lx, ly, k * 0.026, k * 0.014), (255, 240, 196))
            if dark:
                stage.lamp("mid", lx, ly, k * 0.26, strength=0.7, core=k * 0.018)
                stage.lamp("mid", lx, py, k * 0.2, strength=0.25)
                if wet(stage):
                    streaks_below(stage, "mid", lx, py, (255, 222, 150), k * 0.03, k * 0.16)


def car(street: Street, x: float, s: float, tone: RGB, *, coming: bool = True) -> None:
    """A car seen from the front or the back."""
    stage, k = street.stage, street.stage.unit * s
    c, (px, py) = stage["mid"], street.at(x, 0, s)
    c.fill(curves.oval(px, py, k * 0.14, k * 0.018), (40, 40, 56), 0.4)
    for side in (-1, 1):
        c.fill(
            curves.box(px + side * k * 0.1 - k * 0.02, py - k * 0.05, px + side * k * 0.1 + k * 0.02, py), (50, 48, 60)
        )
    c.soft(
        curves.smooth(
            [
                (px - k * 0.13, py - k * 0.03),
                (px - k * 0.13, py - k * 0.11),
                (px - k * 0.085, py - k * 0.19),
                (px + k * 0.085, py - k * 0.19),
                (px + k * 0.13, py - k * 0.11),
                (px + k * 0.13, py - k * 0.03),
            ],
            steps=4,
        ),
        tone,
        line=False,
    )
    c.fill(
        [
            (px - k * 0.095, py - k * 0.115),
            (px - k * 0.07, py - k * 0.17),
            (px + k * 0.07, py - k * 0.17),
            (px + k * 0.095, py - k * 0.115),
        ],
        (176, 206, 222),
    )
    light: RGB = (255, 244, 206) if coming else (240, 90, 84)
    for side in (-1, 1):
        lx, ly = px + side * k * 0.095, py - k * 0.075
        c.fill(curves.oval(lx, ly, k * 0.02, k * 0.015), light)
        if stage.palette.dark > 0.25:
            stage.lamp("mid", lx, ly, k * 0.1, light, 0.7, core=k * 0.01)
            streaks_below(stage, "mid", lx, py, light, k * 0.02, k * 0.1)
