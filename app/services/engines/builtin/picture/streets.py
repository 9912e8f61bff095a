"""City places: avenue, riverside, shopping street, lane, roofs by night."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.avenue import (
    AWNINGS,
    FACADES,
    SIGNS,
    Street,
    car,
    give_ground,
    gleam,
    ground_between,
    lamps,
    row,
)
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of, shift
from app.services.engines.builtin.picture.scenery import front, stand
from app.services.engines.builtin.picture.stage import Stage, land
from app.services.engines.builtin.picture.terrain import (
    carry,
    mist,
    paving,
    puddles,
    quads,
    snow_lies,
    streaks_below,
    wet,
)
from app.services.engines.builtin.picture.waters import crests, mirror, shimmer, water, water_tone


def towers(stage: Stage, layer: str, base: float, tall: tuple[float, float], tone: RGB, lit: float) -> None:
    """A row of high houses with a side in shade, roofs of many kinds, and windows that are lit when it is dark."""
    c, u, rng, dark = stage[layer], stage.unit, stage.rng, stage.palette.dark
    x = -0.08 * u
    panes: list[np.ndarray] = []
    lights: list[np.ndarray] = []
    while x < stage.width:
        w, h = u * rng.uniform(0.07, 0.15), u * rng.uniform(*tall) * (1.35 if rng.random() < 0.15 else 1.0)
        wall = mix(shift(tone, value=rng.uniform(0.88, 1.08)), rng.choice(FACADES), 0.25 * (1 - dark))
        top, d = base - h, w * rng.uniform(0.16, 0.26)
        c.graded(curves.box(x, top, x + w, base + u * 0.03), light_of(wall), wall)
        c.fill(
            [(x + w, top), (x + w + d, top + d * 0.5), (x + w + d, base + u * 0.03), (x + w, base + u * 0.03)],
            shade_of(shade_of(wall)),
        )
        _roof(stage, c, x, top, w, wall)
        step = u * 0.026
        for wy in np.arange(top + step, base - step * 0.6, step * 1.35):
            for wx in np.arange(x + step * 0.5, x + w - step * 0.8, step):
                (lights if rng.random() < lit * (0.25 + 0.75 * dark) else panes).append(
                    curves.box(wx, wy, wx + step * 0.5, wy + step * 0.75)
                )
        x += w + d * rng.uniform(0.3, 1.0)
    glass = shade_of(mix(tone, (120, 140, 170), 0.3))
    quads(c, np.array(panes), glass)
    quads(c, np.array(lights), (255, 230, 160) if dark > 0.25 else light_of(light_of(tone)))
    if dark > 0.25:
        for pane in lights[:: max(1, len(lights) // 60)]:
            stage.lamp(layer, float(pane[0, 0]), float(pane[0, 1]), u * 0.035, strength=0.7)


def _roof(stage: Stage, c: Canvas, x: float, top: float, w: float, wall: RGB) -> None:
    u, kind = stage.unit, stage.rng.randrange(5)
    dark = shade_of(wall)
    if kind == 0:
        c.fill([(x, top + 1), (x + w / 2, top - w * 0.4), (x + w, top + 1)], dark)
    elif kind == 1:
        c.stroke([(x + w * 0.5, top), (x + w * 0.5, top - u * 0.06)], max(1.5, u * 0.004), dark, smooth=False)
        if stage.palette.dark > 0.4:
            stage.lamp("mid", x + w * 0.5, top - u * 0.06, u * 0.02, (255, 90, 80), 0.8)
    elif kind == 2:
        for k in range(3):
            c.fill(
                curves.box(
                    x + w * 0.12 * k, top - u * 0.016 * (k + 1), x + w * (1 - 0.12 * k), top - u * 0.016 * k + 1
                ),
                wall,
            )
    elif kind == 3:  # a water tank on legs
        c.fill(curves.box(x + w * 0.3, top - u * 0.04, x + w * 0.65, top - u * 0.012), (150, 110, 90))
        c.fill(
            [(x + w * 0.26, top - u * 0.04), (x + w * 0.47, top - u * 0.056), (x + w * 0.69, top - u * 0.04)],
            (110, 80, 74),
        )
        for leg in (0.34, 0.6):
            c.fill(curves.box(x + w * leg, top - u * 0.014, x + w * leg + 1.5, top), (90, 76, 76))
    if snow_lies(stage):
        c.fill(curves.box(x, top - 1, x + w, top + u * 0.008), (248, 250, 255))


def city(stage: Stage) -> None:
    """A city: an avenue between high houses, its skyline beyond a river, or a square with trees."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan = rng.randrange(3)
    stage.haze.update(far=0.34, mid=0.04)
    high = 1.25 if not stage.wide else 1.0
    towers(stage, "far", y + u * 0.03, (0.16, 0.42 * high), (150, 158, 186), 0.35)
    mist(stage, "far", y, u * 0.12, 0.3)
    if plan == 0:
        street = Street(stage, w * (0.5 + (0.5 - stage.hero_x) * 0.5), 0.62 if stage.wide else 0.42)
        ground_between(street, kerb=street.half * 0.6, surface=(132, 130, 146), walk=(196, 190, 190))
        for side in (-1, 1):
            row(street, side, tall=(0.8, 2.0), lit=0.5, shops=True)
        gleam(street, street.half) if wet(stage) else None
        give_ground(street)
        lamps(street, street.half * 0.72, (0.3, 0.44, 0.66, 0.98))
        for x, s in ((-0.16, 0.3), (0.14, 0.42)):
            car(street, x, s, rng.choice(((214, 84, 76), (250, 206, 90), (90, 140, 190))), coming=x < 0)
    elif plan == 1:
        towers(stage, "far", y + u * 0.05, (0.08, 0.2), (176, 160, 170), 0.5)
        water(stage, "mid", y + u * 0.045, waves=False)
        mirror(stage, "mid", y + u * 0.045, u * 0.16, 0.3)
        crests(stage, "mid", y + u * 0.05, y + u * 0.2, water_tone(stage), 40)
        shimmer(stage, "mid", y + u * 0.045, y + u * 0.2)
        _embankment(stage)
    else:
        towers(stage, "mid", y + u * 0.07, (0.14, 0.34 * high), (164, 150, 164), 0.5)
        square(stage)
        for x in (0.08, 0.3, 0.72, 0.93):
            if abs(x - stage.hero_x) > 0.12:
                kind = "bare" if stage.scene.season == "winter" else "oak"
                stand(stage, "mid", kind, x * w, y + u * rng.uniform(0.12, 0.17), u * rng.uniform(0.26, 0.36))
    front(stage, "none")


def _embankment(stage: Stage) -> None:
    """A paved bank with railings and lamps before the river."""
    c, u, w = stage["mid"], stage.unit, stage.width
    y = stage.feet - u * 0.075
    tone: RGB = (238, 244, 250) if snow_lies(stage) else (196, 188, 186)
    land(c, np.full(w, y), light_of(tone), shade_of(tone), u * 0.3)
    paving(stage, "mid", y, w * 0.5, mix(shade_of(tone), tone, 0.5), width=0.16)
    carry(stage, "mid", stage.feet - u * 0.05, u * 0.02)
    iron: RGB = (86, 90, 108)
    for dy in (0.028, 0.075):
        c.fill(curves.box(-9, y - u * dy - u * 0.005, w + 9, y - u * dy + u * 0.003), iron)
    for x in np.arange(0, w, u * 0.045):
        c.fill(curves.box(x, y - u * 0.075, x + u * 0.005, y + u * 0.004), iron)
    street = Street(stage, w * 0.5, 0.8)
    lamps(street, 0.72, (0.76,))
    puddles(stage, "subject", 7 if wet(stage) else 0, SIGNS)


def square(stage: Stage, tone: RGB = (206, 198, 194)) -> None:
    """Open paved ground with lamps, given to the figures."""
    c, u, w, y = stage["mid"], stage.unit, stage.width, stage.horizon
    if snow_lies(stage):
        tone = (238, 244, 250)
    if wet(stage):
        tone = mix(tone, stage.palette.sky[1], 0.35)
    land(c, np.full(w, y + u * 0.06), light_of(tone), mix(tone, shade_of(tone), 0.6), stage.feet - y)
    paving(stage, "mid", y + u * 0.06, w * 0.5, mix(shade_of(tone), tone, 0.55), width=0.18)
    carry(stage, "mid", stage.feet - u * 0.05, u * 0.03)
    street = Street(stage, w * 0.5, 0.8)
    lamps(street, 0.8, (0.55, 0.86))
    puddles(stage, "subject", 9 if wet(stage) else 0, SIGNS)


def street(stage: Stage) -> None:
    """A street of shops: seen along, seen from over the way, or a narrow lane under washing and lanterns."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan = rng.randrange(3)
    stage.haze.update(far=0.34, mid=0.03)
    towers(stage, "far", y + u * 0.03, (0.14, 0.3), (158, 160, 184), 0.4)
    if plan == 1:
        _shops(stage, y + u * 0.13)
        c, tone = stage["mid"], (206, 200, 198) if not snow_lies(stage) else (240, 244, 250)
        land(c, np.full(w, y + u * 0.13), mix(tone, WHITE, 0.2), shade_of(tone), u * 0.4)
        paving(stage, "mid", y + u * 0.13, w * 0.5, mix(shade_of(tone), tone, 0.5), width=0.16)
        way = Street(stage, w * 0.5, 0.8)
        lamps(way, 0.6, (0.82,))
        if wet(stage):
            gleam(way, 0.9)
        carry(stage, "mid", stage.feet - u * 0.05, u * 0.03)
        puddles(stage, "subject", 8 if wet(stage) else 0, SIGNS)
    else:
        way = Street(
            stage, w * (0.5 + (0.5 - stage.hero_x) * 0.6), (0.5 if plan == 0 else 0.36) * (1 if stage.wide else 0.8)
        )
        stone: RGB = (150, 146, 156) if plan == 0 else (176, 164, 152)
        ground_between(way, kerb=way.half * (0.5 if plan == 0 else 0.99), surface=stone, walk=(200, 192, 190))
        for side in (-1, 1):
            row(way, side, tall=(0.55, 1.0) if plan == 0 else (0.7, 1.3), lit=0.55, shops=True, start=0.22)
        if plan == 0:
            lamps(way, way.half * 0.7, (0.36, 0.6, 0.94))
            car(way, -0.1, 0.36, rng.choice(((214, 84, 76), (250, 206, 90), (90, 140, 190))))
        if wet(stage):
            gleam(way, way.half)
        give_ground(way)
        _strung(stage, way)
    front(stage, "none")


def _strung(stage: Stage, way: Street) -> None:
    """Lines across the street with washing by day, little lamps by night."""
    c, u, rng = stage["mid"], stage.unit, stage.rng
    dark = stage.palette.dark > 0.4
    for s, high in ((0.4, 0.62), (0.62, 0.66), (0.95, 0.62)):
        a, b = way.at(-way.half, high, s), way.at(way.half, high, s)
        t = np.linspace(0, 1, 16)
        line = np.stack([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + u * 0.09 * s * np.sin(t * np.pi)], 1)
        c.stroke(line, max(1.0, u * 0.003 * s), (96, 80, 84))
        for k in range(2, 14, 2 if dark else 3):
            x, y = line[k]
            if dark:
                c.fill(curves.oval(x, y + u * 0.012 * s, u * 0.012 * s, u * 0.015 * s, 0, 12), (255, 214, 140))
                stage.lamp("mid", x, y + u * 0.012 * s, u * 0.07 * s, strength=0.6, core=u * 0.008 * s)
            else:
                k2 = u * s * 0.05
                c.soft(
                    [(x - k2 * 0.6, y), (x + k2 * 0.6, y), (x + k2 * 0.55, y + k2 * 1.5), (x - k2 * 0.5, y + k2 * 1.4)],
                    rng.choice((*AWNINGS, (250, 246, 236))),
                    light=0.4,
                )


def _shops(stage: Stage, base: float) -> None:
    c, u, rng = stage["mid"], stage.unit, stage.rng
    c.line = u * 0.0022
    x, dark = -u * 0.05, stage.palette.dark > 0.25
    while x < stage.width:
        w, h = u * rng.uniform(0.24, 0.36), u * rng.uniform(0.34, 0.5)
        wall = rng.choice(FACADES)
        c.soft(curves.box(x, base - h, x + w, base), wall, light=0.4)
        c.fill(curves.box(x + w - u * 0.02, base - h, x + w, base), shade_of(wall), 0.5)
        cap = (250, 252, 255) if snow_lies(stage) else shade_of(wall)
        c.soft(curves.box(x - u * 0.008, base - h - u * 0.02, x + w + u * 0.008, base - h + u * 0.012), cap)
        glass: RGB = (255, 226, 160) if dark else (170, 204, 216)
        for r in range(1 if h < u * 0.4 else 2):
            for k in range(3):
                wx, wy = x + w * (0.1 + 0.3 * k), base - h + u * (0.045 + 0.12 * r)
                c.soft(curves.box(wx, wy, wx + w * 0.2, wy + u * 0.085), WHITE, light=0.2)
                on = rng.random() < 0.6
                c.fill(
                    curves.box(wx + u * 0.005, wy + u * 0.005, wx + w * 0.2 - u * 0.005, wy + u * 0.08),
                    glass if on else (140, 158, 184),
                )
                if dark and on:
                    stage.lamp("mid", wx + w * 0.1, wy + u * 0.04, u * 0.08, strength=0.5)
        c.soft(curves.box(x + w * 0.08, base - u * 0.155, x + w * 0.6, base - u * 0.02), glass, light=0.4)
        for k in range(4):  # what is for sale
            px = x + w * (0.14 + 0.12 * k)
            c.soft(
                curves.oval(px, base - u * 0.04, u * 0.016, u * rng.uniform(0.014, 0.03)),
                rng.choice(AWNINGS),
                line=False,
            )
        c.soft(curves.box(x + w * 0.68, base - u * 0.165, x + w * 0.9, base), mix(shade_of(wall), (120, 76, 70), 0.5))
        awning(c, x + w * 0.02, x + w * 0.66, base - u * 0.175, u, rng.choice(AWNINGS))
        sign = rng.choice(SIGNS)
        sx = x + w * 0.95
        c.soft(
            curves.box(sx - u * 0.02, base - u * 0.3, sx + u * 0.02, base - u * 0.18),
            mix(sign, (60, 40, 70), 0.2),
            light=0.4,
        )
        if dark:
            stage.lamp("mid", sx, base - u * 0.24, u * 0.1, sign, 0.6)
            stage.lamp("mid", x + w * 0.33, base - u * 0.09, u * 0.17, strength=0.6)
            streaks_below(stage, "mid", x + w * 0.33, base + u * 0.01, (255, 220, 150), u * 0.05, u * 0.1)
        x += w + u * rng.uniform(0.0, 0.02)
    c.line = 0.0


def awning(c: Canvas, x0: float, x1: float, y: float, u: float, tone: RGB) -> None:
    """A striped roof of cloth with a scalloped edge."""
    n = 6
    step = (x1 - x0) / n
    for k in range(n):
        a, b = x0 + k * step, x0 + (k + 1) * step
        colour = tone if k % 2 == 0 else (252, 246, 234)
        c.fill([(a, y), (b, y), (b, y + u * 0.034), ((a + b) / 2, y + u * 0.048), (a, y + u * 0.034)], colour)
    c.fill(curves.box(x0, y + u * 0.028, x1, y + u * 0.034), shade_of(tone), 0.25)


def rooftop(stage: Stage) -> None:
    """Above the city: a roof garden with lights, tanks and aerials, or a parapet before the moon."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, side = rng.randrange(3), 1 if stage.hero_x < 0.5 else -1
    stage.haze.update(far=0.3, mid=0.04)
    towers(stage, "far", y + u * 0.1, (0.1, 0.34), (150, 158, 186), 0.45)
    mist(stage, "far", y + u * 0.02, u * 0.12, 0.3)
    towers(stage, "far", y + u * 0.16, (0.06, 0.2), (140, 138, 164), 0.55)
    c = stage["mid"]
    tone: RGB = (190, 178, 172) if not snow_lies(stage) else (238, 244, 250)
    if wet(stage):
        tone = mix(tone, stage.palette.sky[1], 0.35)
    land(c, np.full(w, y + u * 0.12), light_of(tone), shade_of(tone), u * 0.4)
    paving(stage, "mid", y + u * 0.12, w * 0.5, mix(shade_of(tone), tone, 0.5), width=0.2)
    brick: RGB = (186, 126, 108)
    c.graded(curves.box(-9, y + u * 0.045, w + 9, y + u * 0.125), light_of(brick), brick)
    for k in range(int(w / (u * 0.06)) + 1):
        for j in range(3):
            if (k * 7 + j * 3) % 4 == 0:
                c.fill(
                    curves.box(
                        k * u * 0.06, y + u * (0.055 + 0.022 * j), k * u * 0.06 + u * 0.05, y + u * (0.072 + 0.022 * j)
                    ),
                    shade_of(brick),
                    0.5,
                )
    c.fill(curves.box(-9, y + u * 0.032, w + 9, y + u * 0.05), (250, 252, 255) if snow_lies(stage) else light_of(tone))
    carry(stage, "mid", stage.feet - u * 0.05, u * 0.03)
    x = (0.5 + 0.3 * side) * w
    if plan == 0:
        for k in range(4):
            px = x + side * u * (0.1 * k - 0.14)
            c.soft(curves.box(px - u * 0.04, y + u * 0.1, px + u * 0.04, y + u * 0.15), (170, 116, 86), line=False)
            stand(
                stage,
                "mid",
                "bush" if stage.scene.season != "winter" else "pine",
                px,
                y + u * 0.105,
                u * (0.08 if k % 2 else 0.13),
            )
    elif plan == 1:
        _tank(stage, x, y + u * 0.16)
    else:
        c.graded(curves.box(x - u * 0.16, y - u * 0.12, x + u * 0.16, y + u * 0.16), (206, 196, 190), (176, 164, 164))
        c.fill(curves.box(x + side * u * 0.06, y - u * 0.12, x + side * u * 0.16, y + u * 0.16), (130, 118, 134), 0.5)
        c.soft(curves.box(x - u * 0.05, y - u * 0.03, x + u * 0.05, y + u * 0.16), (110, 136, 150), line=False)
        c.fill(curves.box(x - u * 0.18, y - u * 0.14, x + u * 0.18, y - u * 0.118), shade_of(tone))
    way = Street(stage, w * 0.5, 0.9)
    _strung(stage, way)
    puddles(stage, "subject", 7 if wet(stage) else 0, SIGNS)
    front(stage, "none")


def _tank(stage: Stage, x: float, y: float) -> None:
    c, u = stage["mid"], stage.unit
    wood: RGB = (160, 116, 92)
    for dx in (-0.09, -0.03, 0.03, 0.09):
        c.fill(curves.box(x + dx * u - u * 0.006, y - u * 0.16, x + dx * u + u * 0.006, y), (96, 84, 88))
    c.graded(curves.box(x - u * 0.11, y - u * 0.34, x + u * 0.11, y - u * 0.15), light_of(wood), wood)
    c.fill(curves.box(x + u * 0.04, y - u * 0.34, x + u * 0.11, y - u * 0.15), shade_of(shade_of(wood)), 0.5)
    for dy in (0.2, 0.29):
        c.fill(curves.box(x - u * 0.11, y - u * dy, x + u * 0.11, y - u * dy + u * 0.007), (90, 76, 80))
    cap = WHITE if snow_lies(stage) else shade_of(wood)
    c.fill([(x - u * 0.13, y - u * 0.335), (x, y - u * 0.42), (x + u * 0.13, y - u * 0.335)], cap)
