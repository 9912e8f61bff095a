"""Places that people have built in: village, city, street, market."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of, shift
from app.services.engines.builtin.picture.extras import far_side, put_building
from app.services.engines.builtin.picture.nature import floor, meadow_ground, season_ground
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.scenery import front, grove, hills, mountains
from app.services.engines.builtin.picture.stage import Lamp, Stage, land, sprite_of
from app.services.engines.builtin.picture.things import lamppost

_FACADES: tuple[RGB, ...] = ((246, 214, 176), (236, 184, 160), (200, 216, 214), (250, 232, 190), (214, 196, 216))


def village(stage: Stage) -> None:
    """Cottages on the hills, a church, paths."""
    kind, u, rng = season_ground(stage), stage.unit, stage.rng
    mountains(stage, 0.22, peaks=False)
    hills(stage, kind, 0.1)
    put_building(stage, "far", "church", far_side(stage, 0.14), stage.horizon + u * 0.02, u * 0.2)
    count = max(4, round(5 * stage.width / (u * 1.7)))
    for k in range(count):
        x = (k + 0.5 + rng.uniform(-0.25, 0.25)) / count
        put_building(stage, "mid", "house", x, stage.horizon + u * rng.uniform(0.07, 0.15), u * rng.uniform(0.15, 0.25))
    grove(stage, "mid", 5, 0.14, ("oak", "bush", "birch"))
    heights = floor(stage, kind)
    meadow_ground(stage, heights, kind)
    fence(stage, heights)
    front(stage, "leaves")


def fence(stage: Stage, heights: np.ndarray) -> None:
    """A low fence at the side away from the hero."""
    c, u = stage["subject"], stage.unit
    wood: RGB = (216, 186, 150)
    x0, x1 = (0.0, 0.24) if stage.hero_x > 0.5 else (0.76, 1.0)
    for x in np.arange(x0 * stage.width, x1 * stage.width, u * 0.035):
        y = float(heights[int(min(max(x, 0), stage.width - 1))]) + u * 0.025
        c.fill(
            [
                (x, y),
                (x, y - u * 0.06),
                (x + u * 0.008, y - u * 0.07),
                (x + u * 0.016, y - u * 0.06),
                (x + u * 0.016, y),
            ],
            wood,
        )
    y = float(heights[int((x0 + x1) / 2 * (stage.width - 1))])
    for dy in (0.0, 0.03):
        c.fill(
            curves.box(x0 * stage.width - 5, y - u * (0.01 + dy), x1 * stage.width + 5, y - u * (0.002 + dy)),
            shade_of(wood),
        )


def _block(stage: Stage, layer: str, base: float, tall: tuple[float, float], tone: RGB, lit: float) -> None:
    c, u, rng = stage[layer], stage.unit, stage.rng
    x = -0.05 * u
    dark = stage.palette.dark
    land(c, np.full(stage.width, base - u * 0.02), tone, shade_of(tone), u * 0.3)
    while x < stage.width:
        w, h = u * rng.uniform(0.07, 0.16), u * rng.uniform(*tall)
        wall = mix(shift(tone, value=rng.uniform(0.9, 1.08)), rng.choice(_FACADES), 0.22 * (1 - dark))
        top = base - h
        c.graded(curves.box(x, top, x + w, base + u * 0.03), light_of(wall), wall)
        kind = rng.random()
        if kind < 0.25:
            c.fill([(x, top + 1), (x + w / 2, top - w * 0.35), (x + w, top + 1)], shade_of(wall))
        elif kind < 0.5:
            c.stroke(
                [(x + w * 0.5, top), (x + w * 0.5, top - u * 0.05)], max(1.5, u * 0.004), shade_of(wall), smooth=False
            )
        elif kind < 0.7:
            c.fill(curves.box(x + w * 0.15, top - u * 0.02, x + w * 0.6, top + 1), wall)
        step = u * 0.026
        for wy in np.arange(top + step, base - step * 0.6, step * 1.35):
            for wx in np.arange(x + step * 0.5, x + w - step * 0.8, step):
                on = rng.random() < lit * (0.25 + 0.75 * dark)
                glass = rng.choice(((255, 222, 140), (255, 204, 120), (250, 236, 190))) if on else shade_of(wall)
                if on and dark > 0.25:
                    stage.lamps.append(_pane(layer, wx, wy, step, glass))
                else:
                    c.pixels[_rows(c, wy, step * 0.75), _cols(c, wx, step * 0.5)] = _bgra(glass)
        x += w + u * rng.uniform(0, 0.012)


def _rows(c: Canvas, y: float, h: float) -> slice:
    return slice(max(0, round(y)), max(0, min(c.height, round(y + h))))


def _cols(c: Canvas, x: float, w: float) -> slice:
    return slice(max(0, round(x)), max(0, min(c.width, round(x + w))))


def _bgra(colour: RGB) -> tuple[int, int, int, int]:
    return (int(colour[2]), int(colour[1]), int(colour[0]), 255)


def _pane(layer: str, x: float, y: float, step: float, colour: RGB) -> Lamp:
    return Lamp(layer, x + step * 0.25, y + step * 0.36, step * 0.9, colour, 0.85)


def city(stage: Stage) -> None:
    """Towers behind towers, a pavement with lamps before them."""
    u = stage.unit
    stage.haze.update(far=0.46, mid=0.16)
    high = 1.25 if not stage.wide else 1.0
    _block(stage, "far", stage.horizon + u * 0.06, (0.2, 0.46 * high), (150, 158, 186), 0.3)
    _block(stage, "mid", stage.horizon + u * 0.12, (0.14, 0.34 * high), (164, 150, 164), 0.42)
    heights = _pavement(stage)
    _lamps(stage, heights)
    front(stage, "none")


def _pavement(stage: Stage) -> np.ndarray:
    u, c, rng = stage.unit, stage["subject"], stage.rng
    heights = np.full(stage.width, stage.feet - u * 0.1)
    top, low = ground("winter" if stage.snowy else "pave")
    land(c, heights, top, low, u * 0.25)
    c.fill(curves.box(-5, heights[0], stage.width + 5, heights[0] + u * 0.012), light_of(top))
    vx = stage.width * 0.5
    for k in range(-14, 15):
        c.stroke(
            [(vx + k * u * 0.09, heights[0] + u * 0.014), (vx + k * u * 0.34, stage.height + 10.0)],
            max(1.0, u * 0.002),
            mix(low, top, 0.35),
            smooth=False,
        )
    for k in range(4):
        y = heights[0] + u * (0.03 + 0.012 * k + 0.03 * k * k * 0.7)
        c.stroke([(-5, y), (stage.width + 5.0, y)], max(1.0, u * 0.002), mix(low, top, 0.35), smooth=False)
    if stage.scene.weather in ("rain", "storm"):
        for _ in range(9):
            x, y = rng.uniform(0, stage.width), stage.feet + u * rng.uniform(-0.07, 0.1)
            c.fill(
                curves.oval(x, y, u * rng.uniform(0.05, 0.13), u * 0.011), mix(stage.palette.sky[1], WHITE, 0.35), 0.5
            )
            if stage.palette.dark > 0.25:
                stage.lamp(
                    "subject", x, y, u * 0.09, rng.choice(((255, 200, 130), (240, 130, 190), (120, 200, 240))), 0.28
                )
    return heights


def _lamps(stage: Stage, heights: np.ndarray) -> None:
    u = stage.unit
    post = sprite_of(u * 0.5, lambda c: lamppost(c, stage.rng), line=0.006)
    for x in (0.1, 0.9):
        if abs(x - stage.hero_x) > 0.15:
            y = float(heights[0]) + u * 0.02
            stage["subject"].paste(post, x * stage.width, y)
            if stage.palette.dark > 0.2:
                stage.lamp("subject", x * stage.width, y - u * 0.45, u * 0.2, strength=0.75, core=u * 0.02)


def street(stage: Stage) -> None:
    """Shop fronts with awnings along a pavement."""
    u = stage.unit
    stage.haze.update(far=0.42, mid=0.08)
    _block(stage, "far", stage.horizon + u * 0.06, (0.3, 0.52), (158, 160, 184), 0.3)
    _shops(stage, stage.horizon + u * 0.16)
    heights = _pavement(stage)
    _lamps(stage, heights)
    front(stage, "none")


def _shops(stage: Stage, base: float) -> None:
    c, u, rng = stage["mid"], stage.unit, stage.rng
    land(c, np.full(stage.width, base - u * 0.01), (170, 160, 164), (150, 140, 150), u * 0.2)
    c.line = u * 0.0025
    x, dark = -u * 0.05, stage.palette.dark > 0.25
    while x < stage.width:
        w, h = u * rng.uniform(0.24, 0.34), u * rng.uniform(0.36, 0.46)
        wall = rng.choice(_FACADES)
        c.soft(curves.box(x, base - h, x + w, base), wall, light=0.4)
        c.soft(curves.box(x - u * 0.008, base - h - u * 0.02, x + w + u * 0.008, base - h + u * 0.012), shade_of(wall))
        glass: RGB = (255, 226, 160) if dark else (170, 204, 216)
        for k in range(2):
            wx, wy = x + w * (0.14 + 0.44 * k), base - h + u * 0.05
            c.soft(curves.box(wx, wy, wx + w * 0.26, wy + u * 0.1), WHITE, light=0.2)
            c.fill(
                curves.box(wx + u * 0.006, wy + u * 0.006, wx + w * 0.26 - u * 0.006, wy + u * 0.094),
                glass if rng.random() < 0.7 else (150, 164, 184),
            )
            if dark and rng.random() < 0.7:
                stage.lamp("mid", wx + w * 0.13, wy + u * 0.05, u * 0.1, strength=0.5)
        c.soft(curves.box(x + w * 0.08, base - u * 0.155, x + w * 0.58, base - u * 0.03), glass, light=0.4)
        c.soft(curves.box(x + w * 0.68, base - u * 0.165, x + w * 0.9, base), mix(shade_of(wall), (120, 76, 70), 0.5))
        _awning(
            c,
            x + w * 0.02,
            x + w * 0.64,
            base - u * 0.17,
            u,
            rng.choice(((222, 92, 84), (92, 150, 160), (240, 176, 84), (120, 160, 110))),
        )
        if dark:
            stage.lamp("mid", x + w * 0.33, base - u * 0.09, u * 0.17, strength=0.6)
        x += w + u * rng.uniform(0.0, 0.02)
    c.line = 0.0


def _awning(c: Canvas, x0: float, x1: float, y: float, u: float, tone: RGB) -> None:
    n = 6
    step = (x1 - x0) / n
    for k in range(n):
        a, b = x0 + k * step, x0 + (k + 1) * step
        colour = tone if k % 2 == 0 else (252, 246, 234)
        c.fill([(a, y), (b, y), (b, y + u * 0.04), ((a + b) / 2, y + u * 0.052), (a, y + u * 0.04)], colour)


def market(stage: Stage) -> None:
    """Stalls with fruit and strings of lanterns."""
    u, rng = stage.unit, stage.rng
    stage.haze.update(far=0.4, mid=0.06)
    mountains(stage, 0.16, peaks=False)
    count = max(3, round(4 * stage.width / (u * 1.7)))
    for k in range(count * 2):
        put_building(
            stage,
            "far",
            "house",
            (k + rng.uniform(0.2, 0.8)) / count / 2,
            stage.horizon + u * 0.08,
            u * rng.uniform(0.22, 0.3),
        )
    land(stage["mid"], np.full(stage.width, stage.horizon + u * 0.1), (214, 192, 160), (190, 164, 134), u * 0.2)
    for k in range(count):
        _stall(stage, (k + 0.5) / count * stage.width, stage.horizon + u * 0.17)
    c = stage["mid"]
    x = np.linspace(0, stage.width, 40)
    y = stage.horizon - u * 0.2 + u * 0.05 * np.abs(np.sin(x / u * 2.4))
    c.stroke(np.stack([x, y], 1), max(1.5, u * 0.003), (120, 86, 76))
    for k in range(1, 39, 3):
        tone = ((226, 76, 66), (246, 176, 74), (232, 110, 90))[k % 3]
        c.soft(curves.oval(float(x[k]), float(y[k]) + u * 0.03, u * 0.021, u * 0.025), tone, line=False)
        if stage.palette.dark > 0.2:
            stage.lamp("mid", float(x[k]), float(y[k]) + u * 0.03, u * 0.1, (255, 190, 110), 0.7, core=u * 0.012)
    floor(stage, "winter" if stage.snowy else "pave")
    front(stage, "none")


def _stall(stage: Stage, x: float, base: float) -> None:
    c, u, rng = stage["mid"], stage.unit, stage.rng
    w = u * 0.16
    for s in (-1, 1):
        c.fill(curves.box(x + s * w - u * 0.006, base - u * 0.26, x + s * w + u * 0.006, base), (150, 106, 76))
    c.graded(curves.box(x - w, base - u * 0.1, x + w, base), (206, 156, 104), (170, 120, 82))
    fruit = rng.sample(((226, 84, 74), (246, 180, 70), (132, 176, 88), (240, 140, 70), (170, 110, 170)), 3)
    for k in range(12):
        c.soft(
            curves.oval(x - w * 0.85 + w * 1.7 * k / 11, base - u * (0.107 + 0.012 * (k % 2)), u * 0.015, u * 0.015),
            fruit[k // 4],
            line=False,
        )
    _awning(
        c,
        x - w * 1.2,
        x + w * 1.2,
        base - u * 0.3,
        u * 1.5,
        rng.choice(((222, 84, 76), (90, 150, 166), (244, 176, 80))),
    )
