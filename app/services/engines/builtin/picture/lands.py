"""Places between town and country: castle, farm, garden."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.extras import put_building
from app.services.engines.builtin.picture.nature import other
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.ranges import cliff, mountains
from app.services.engines.builtin.picture.scenery import field, front, grove, hills, near_ground, plant, stand, tree
from app.services.engines.builtin.picture.stage import Stage
from app.services.engines.builtin.picture.terrain import (
    Way,
    calm,
    fade,
    far_y,
    lane,
    mist,
    path,
    season_ground,
    snow_lies,
)
from app.services.engines.builtin.picture.town import fence, set_thing
from app.services.engines.builtin.picture.waters import mirror, paint_stream, stream, water


def castle(stage: Stage) -> None:
    """A castle: on its rock above the fields, mirrored in a lake, or at the end of a way through flags."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    mountains(stage, 0.34, peaks=True)
    grass = mix(*ground(kind), 0.3)
    size = u * (0.52 if stage.wide else 0.56)
    if plan == 0:
        mist(stage, "far", y - u * 0.02, u * 0.12, 0.45)
        hills(stage, kind, 0.1)
        base = y - u * 0.08
        _rock(stage, goal, base, grass)
        put_building(stage, "mid", "castle", goal / w, base + u * 0.01, size)
        field(stage, kind, 0.09)
        way = lane(stage, y + u * 0.09, stage.height + 9.0, goal, w * stage.hero_x, u * 0.34, u * 0.3)
        path(stage, "mid", *way, "winter" if kind == "winter" else "stone")
    elif plan == 1:
        grove(stage, "far", 9, 0.12, ("pine", "oak"), heights=np.full(w, y + u * 0.01))
        put_building(stage, "far", "castle", goal / w, y + u * 0.022, size)
        water(stage, "mid", y + u * 0.022, waves=False)
        mirror(stage, "mid", y + u * 0.022, u * 0.2, 0.42)
        stage.haze["far"] = 0.14
        cliff(stage, "mid", -side, (0.5 - 0.34 * side) * w, y + u * 0.02, y + u * 0.12, (150, 146, 142), grass)
        stage.afloat = y + u * 0.13
        top, low = ground(kind)
        c = stage["mid"]
        c.graded(curves.box(-9, stage.feet - u * 0.08, w + 9, stage.height + 9), top, mix(top, low, 0.8))
    else:
        hills(stage, kind, 0.09)
        field(stage, kind, 0.05)
        put_building(stage, "mid", "castle", goal / w, y + u * 0.09, size * 1.08)
        way = lane(stage, y + u * 0.088, stage.height + 9.0, goal + u * 0.015, w * stage.hero_x, u * 0.6, u * 0.1)
        path(stage, "mid", *way, "winter" if kind == "winter" else "pave")
        _flags(stage, way[1])
    near_ground(stage, kind, 0.8)
    if plan != 1:
        grove(stage, "mid", 6, 0.14, ("pine", "oak", "bush"), heights=np.full(w, y + u * 0.08), clear=0.2)
    for k in range(3):
        stand(
            stage,
            "mid",
            "pine",
            (0.5 - side * (0.32 + 0.07 * k)) * w,
            y + u * (0.12 + 0.02 * k),
            u * rng.uniform(0.22, 0.38),
        )
    front(stage, "leaves")


def _rock(stage: Stage, goal: float, base: float, grass: RGB) -> None:
    """The crag under a castle."""
    c, u, rng, y = stage["mid"], stage.unit, stage.rng, stage.horizon
    rock: RGB = (150, 142, 146)
    crag = [
        (goal - u * 0.42, y + u * 0.1),
        (goal - u * 0.3, base + u * 0.04),
        (goal - u * 0.24, base),
        (goal + u * 0.24, base),
        (goal + u * 0.34, base + u * 0.08),
        (goal + u * 0.46, y + u * 0.1),
    ]
    c.graded(np.array(crag), light_of(rock), shade_of(rock))
    for k in range(9):
        x, py = goal + u * rng.uniform(-0.34, 0.34), base + u * rng.uniform(0.03, 0.15)
        tone = shade_of(shade_of(rock)) if k % 3 else light_of(rock)
        c.fill(
            [
                (x - u * 0.05, py),
                (x + u * 0.03, py - u * 0.02),
                (x + u * 0.06, py + u * 0.02),
                (x - u * 0.02, py + u * 0.04),
            ],
            tone,
            0.4,
        )
    c.fill(
        curves.smooth(
            [
                (goal - u * 0.28, base + u * 0.01),
                (goal, base - u * 0.015),
                (goal + u * 0.28, base + u * 0.01),
                (goal, base + u * 0.035),
            ],
            steps=5,
        ),
        grass,
    )


def _flags(stage: Stage, at: Way) -> None:
    c, u = stage["mid"], stage.unit
    for k, z in enumerate((2.0, 1.6, 1.3)):
        y = far_y(stage, z)
        x, half = at(y)
        s = 1 / z
        for side in (-1, 1):
            px = x + side * (half + u * 0.05 * s)
            c.fill(curves.box(px - u * 0.006 * s, y - u * 0.3 * s, px + u * 0.006 * s, y), (150, 120, 96))
            tone = ((214, 84, 76), (84, 120, 190), (246, 196, 92))[k]
            cloth = [
                (px, y - u * 0.3 * s),
                (px + u * 0.1 * s, y - u * 0.285 * s),
                (px + u * 0.07 * s, y - u * 0.25 * s),
                (px + u * 0.1 * s, y - u * 0.215 * s),
                (px, y - u * 0.2 * s),
            ]
            c.soft(cloth, tone, line=False)


def furrows(stage: Stage, top: float, tones: tuple[RGB, RGB], vx: float) -> None:
    """Rows of a field that run to one point."""
    c, u = stage["mid"], stage.unit
    y0, y1 = stage.horizon + u * top, stage.height + 9.0
    s0, s1 = top * u / (stage.feet - stage.horizon), (y1 - stage.horizon) / (stage.feet - stage.horizon)
    n = int(stage.width / (u * 0.1)) + 6
    for k in range(-n, n):
        a, b = vx + k * u * 0.17 * s0, vx + (k + 0.55) * u * 0.17 * s0
        c2, d = vx + (k + 0.55) * u * 0.17 * s1, vx + k * u * 0.17 * s1
        if max(a, b, c2, d) > 0 and min(a, b, c2, d) < stage.width:
            c.fill([(a, y0), (b, y0), (c2, y1), (d, y1)], tones[k % 2], 0.75 * calm(stage, stage.feet - u * 0.1))


def farm(stage: Stage) -> None:
    """A farm: barn and rows of crops, rice terraces that hold the sky, or a golden field with a mill."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    mountains(stage, 0.2, peaks=plan == 1)
    hills(stage, kind, 0.09)
    field(stage, kind, 0.05)
    white: tuple[RGB, RGB] = ((240, 246, 252), (222, 232, 246))
    if plan == 0:
        tones = (
            white
            if kind == "winter"
            else ((232, 204, 116), (150, 186, 92))
            if kind != "autumn"
            else ((226, 180, 90), (180, 140, 80))
        )
        furrows(stage, 0.075, tones, w - goal)
        fade(stage["mid"], stage.feet - u * 0.1, stage.feet + u * 0.06, mix(tones[0], tones[1], 0.5), 0.0, 0.7)
        fade(stage["mid"], stage.feet + u * 0.06, stage.height, mix(tones[0], tones[1], 0.5), 0.7, 0.7)
        put_building(stage, "mid", "barn", goal / w, y + u * 0.11, u * 0.34)
        set_thing(stage, "mid", "well", goal - side * u * 0.32, y + u * 0.14, 0.6)
    elif plan == 1:
        _terraces(stage, kind)
        put_building(stage, "mid", "house", goal / w, y + u * 0.06, u * 0.14)
    else:
        _wheat(stage, kind)
        put_building(stage, "mid", "windmill", goal / w, y + u * 0.07, u * 0.4)
        for k in range(3):
            _hay(stage, (0.5 - side * (0.2 + 0.11 * k)) * w, y + u * (0.09 + 0.025 * k), u * (0.05 + 0.015 * k))
    near_ground(stage, kind, 0.8)
    for k in range(3):
        stand(
            stage,
            "mid",
            "oak" if kind != "winter" else "bare",
            (0.5 + side * (0.43 - 0.05 * k)) * w,
            y + u * (0.07 + 0.02 * k),
            u * rng.uniform(0.18, 0.3),
        )
    fence(stage)
    if plan == 2 and kind not in ("winter", "autumn"):
        for k in range(7):
            plant(
                stage,
                "subject",
                "sunflower",
                0.5 - side * (0.3 + 0.033 * k),
                stage.feet - u * 0.02,
                u * rng.uniform(0.16, 0.24),
            )
    front(stage, "reeds")


def _terraces(stage: Stage, kind: str) -> None:
    """Steps of flooded fields with green banks, one over the other."""
    c, u, rng, w, y = stage["mid"], stage.unit, stage.rng, stage.width, stage.horizon
    top, low = ground(kind)
    sky = stage.palette.sky
    for k in range(6):
        level = y + u * (-0.05 + 0.036 * k + 0.008 * k * k)
        t = np.linspace(-0.02, 1.02, 40)
        wave = u * 0.034 * np.sin(t * (4.2 + 0.5 * k) + k * 2.1 + rng.random()) * (1.1 - 0.1 * k)
        line = np.stack([t * w, level + wave], 1)
        rest = [(w * 1.02, stage.height + 9.0), (-w * 0.02, stage.height + 9.0)]
        bank = u * (0.014 + 0.0045 * k)
        c.graded(np.vstack([line, rest]), light_of(top), low)
        c.fill(np.vstack([line, (line + np.array((0, u * 0.005)))[::-1]]), light_of(light_of(top)))
        pond = np.vstack([line + np.array((0, bank)), rest])
        flood = (mix(sky[2], WHITE, 0.2), mix(sky[1], (120, 170, 140), 0.4))
        green = (
            (mix(top, (150, 200, 90), 0.5), mix(low, (110, 170, 80), 0.5))
            if kind != "autumn"
            else ((240, 206, 110), (214, 170, 84))
        )
        pair = (WHITE, (226, 236, 248)) if kind == "winter" else flood if k % 2 else green
        c.graded(pond, *pair)
        c.fill(
            np.vstack([line + np.array((0, bank)), (line + np.array((0, bank + u * 0.004)))[::-1]]), shade_of(low), 0.7
        )
        for _ in range(40 if kind != "winter" else 0):
            j, s = rng.uniform(0, 1), u * (0.004 + 0.0015 * k)
            px, py = j * w, float(np.interp(j, t, level + wave)) + bank + u * rng.uniform(0.012, 0.03 + 0.008 * k)
            tone = light_of(pair[0]) if k % 2 == 0 else (120, 176, 90)
            c.fill(
                [(px - s, py), (px - s * 0.4, py - s * 2.2), (px, py - s), (px + s * 0.5, py - s * 2), (px + s, py)],
                tone,
            )


def _wheat(stage: Stage, kind: str) -> None:
    c, u, rng, w, y = stage["mid"], stage.unit, stage.rng, stage.width, stage.horizon
    gold: RGB = (240, 246, 252) if kind == "winter" else (238, 204, 108)
    for k in range(12):
        py = y + u * (0.07 + 0.0085 * k * (1 + 0.05 * k))
        t = np.linspace(-0.02, 1.02, 70)
        rag = np.array([rng.uniform(-1, 1) for _ in t]) * u * (0.003 + 0.0009 * k)
        line = np.stack([t * w, py + rag + u * 0.005 * np.sin(t * 16 + k)], 1)
        tone = mix(gold, shade_of(gold), 0.16 * (k % 3))
        c.fill(np.vstack([line, [(w * 1.02, py + u * 0.04), (-w * 0.02, py + u * 0.04)]]), tone)


def _hay(stage: Stage, x: float, y: float, r: float) -> None:
    c = stage["mid"]
    tone: RGB = (226, 186, 98) if not snow_lies(stage) else (240, 244, 250)
    c.fill(curves.oval(x, y, r * 1.1, r * 0.16), (60, 56, 50), 0.35)
    c.soft(
        curves.smooth(
            [(x - r, y), (x - r * 0.7, y - r * 0.9), (x, y - r * 1.5), (x + r * 0.7, y - r * 0.9), (x + r, y)], steps=5
        ),
        tone,
        line=False,
    )
    for k in range(5):
        c.stroke([(x, y - r * 1.4), (x + r * 0.3 * (k - 2), y - r * 0.1)], max(1.0, r * 0.04), shade_of(tone))


def garden(stage: Stage) -> None:
    """A garden: beds along a way to a gate, a pond with a bridge, or a rose arch and a glass house."""
    kind, u, rng, w, y = season_ground(stage), stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal, side = rng.randrange(3), other(stage), 1 if stage.hero_x < 0.5 else -1
    mountains(stage, 0.12, peaks=False)
    grove(stage, "far", 9, 0.26, ("oak", "birch", "cherry"), heights=np.full(w, y + u * 0.03))
    mist(stage, "far", y, u * 0.1, 0.2)
    field(stage, kind, 0.03)
    _hedge(stage, y + u * 0.055, u * 0.06)
    end = w * stage.hero_x
    if plan == 1:
        paint_stream(
            stage,
            "mid",
            *stream(stage, y + u * 0.08, y + u * 0.19, w - goal, goal + side * u * 0.5, u * 0.7, u * 0.1),
            (170, 160, 140),
        )
        put_building(stage, "mid", "bridge", goal / w, y + u * 0.17, u * 0.13)
    way = lane(stage, y + u * 0.055, stage.height + 9.0, goal if plan != 1 else w - goal, end, u * 0.36, u * 0.16)
    if plan != 1:
        path(stage, "mid", *way, "winter" if kind == "winter" else "sand")
    near_ground(stage, kind, 1.0)
    if plan == 0:
        _gate(stage, goal, y + u * 0.07)
    elif plan == 2:
        _glasshouse(stage, goal + side * u * 0.16, y + u * 0.1)
        _arch(stage, *way[1](y + u * 0.12), y + u * 0.12)
    _beds(stage, way[1] if plan != 1 else None, kind)
    stand(stage, "mid", "cherry" if kind != "winter" else "bare", (0.5 - side * 0.4) * w, y + u * 0.15, u * 0.48)
    stand(stage, "mid", "willow" if kind != "winter" else "pine", (0.5 + side * 0.46) * w, y + u * 0.13, u * 0.42)
    front(stage, "leaves")


def _hedge(stage: Stage, y: float, h: float) -> None:
    c, u, rng = stage["mid"], stage.unit, stage.rng
    tone = mix(stage.leaf(), (70, 120, 84), 0.4)
    c.graded(curves.box(-9, y - h, stage.width + 9, y), light_of(tone), shade_of(tone))
    for _ in range(60):
        x, py = rng.uniform(0, stage.width), y - h * rng.uniform(0.1, 1.1)
        c.fill(
            curves.oval(x, py, u * 0.016, u * 0.009, rng.uniform(-30, 30), 10),
            light_of(tone) if py < y - h * 0.6 else shade_of(tone),
            0.6,
        )
    if snow_lies(stage):
        c.fill(curves.box(-9, y - h * 1.08, stage.width + 9, y - h * 0.9), WHITE)


def _beds(stage: Stage, at: Way | None, kind: str) -> None:
    """Flower beds with a stone edge beside the way, larger the nearer."""
    u, rng, c = stage.unit, stage.rng, stage["mid"]
    stock = [tree(stage, "flower", u * 0.075) for _ in range(5)]
    for z in (2.3, 1.8, 1.45):
        y, s = far_y(stage, z), 1 / z
        x, half = at(y) if at is not None else (stage.width * 0.5, u * 0.1)
        for side in (-1, 1):
            px = x + side * (half + u * 0.24 * s)
            c.fill(curves.oval(px, y, u * 0.2 * s, u * 0.034 * s, 0, 24), (190, 182, 176))
            c.fill(
                curves.oval(px, y - u * 0.006 * s, u * 0.18 * s, u * 0.027 * s, 0, 24),
                (120, 88, 70) if kind != "winter" else (240, 245, 250),
            )
            if kind == "winter":
                continue
            for _ in range(11):
                fx, fy = px + u * 0.15 * s * rng.uniform(-1, 1), y + u * 0.018 * s * rng.uniform(-1, 0.6)
                c.paste(rng.choice(stock), fx, fy, scale=1.2 * s * rng.uniform(0.7, 1.1))


def _gate(stage: Stage, x: float, y: float) -> None:
    """A gate of iron between stone posts in the hedge."""
    c, u = stage["mid"], stage.unit
    stone: RGB = (206, 196, 188)
    for s in (-1, 1):
        c.soft(
            curves.box(x + s * u * 0.09 - u * 0.018, y - u * 0.15, x + s * u * 0.09 + u * 0.018, y), stone, line=False
        )
        c.soft(curves.oval(x + s * u * 0.09, y - u * 0.165, u * 0.02, u * 0.02), light_of(stone), line=False)
        for k in range(4):
            px = x + s * u * (0.012 + 0.018 * k)
            c.fill(curves.box(px - u * 0.003, y - u * (0.125 - 0.012 * k), px + u * 0.003, y), (70, 84, 90))
    for dy in (0.03, 0.09):
        c.fill(curves.box(x - u * 0.075, y - u * dy, x + u * 0.075, y - u * dy + u * 0.005), (70, 84, 90))


def _arch(stage: Stage, x: float, half: float, y: float) -> None:
    c, u, rng = stage["mid"], stage.unit, stage.rng
    r = half + u * 0.06
    t = np.linspace(np.pi, 2 * np.pi, 24)
    high = u * 0.2
    bow = np.vstack([[(x - r, y)], np.stack([x + r * np.cos(t), y - high + r * np.sin(t)], 1), [(x + r, y)]])
    c.stroke(bow, max(2.0, u * 0.014), (236, 230, 220))
    for px, py in curves.smooth(bow, closed=False, steps=3)[::2]:
        for _ in range(2):
            a, b = px + u * rng.uniform(-0.018, 0.018), py + u * rng.uniform(-0.016, 0.016)
            c.fill(curves.oval(a, b, u * 0.017, u * 0.013, rng.uniform(-40, 40), 10), stage.leaf())
        if not snow_lies(stage):
            c.dot(
                px + u * rng.uniform(-0.012, 0.012),
                py,
                u * 0.011,
                rng.choice(((240, 120, 140), (250, 200, 210), (226, 80, 100))),
            )


def _glasshouse(stage: Stage, x: float, y: float) -> None:
    c, u = stage["mid"], stage.unit
    frame: RGB = (240, 246, 244)
    glass = mix(stage.palette.sky[1], WHITE, 0.35)
    shape = [
        (x - u * 0.16, y),
        (x - u * 0.16, y - u * 0.13),
        (x, y - u * 0.22),
        (x + u * 0.16, y - u * 0.13),
        (x + u * 0.16, y),
    ]
    c.fill(shape, glass, 0.8)
    for k in range(4):
        c.fill(
            curves.oval(x - u * 0.11 + u * 0.07 * k, y - u * 0.03, u * 0.04, u * 0.04), mix(stage.leaf(), glass, 0.25)
        )
    for k in range(5):
        px = x - u * 0.16 + u * 0.08 * k
        c.stroke([(px, y), (px, y - u * (0.13 + 0.045 * (2 - abs(k - 2))))], max(1.2, u * 0.005), frame, smooth=False)
    c.stroke(shape[1:4], max(1.6, u * 0.008), frame, smooth=False)
    c.stroke([(x - u * 0.16, y - u * 0.13), (x + u * 0.16, y - u * 0.13)], max(1.2, u * 0.006), frame, smooth=False)
    stage.lamp("mid", x, y - u * 0.08, u * 0.2, strength=0.05 + 0.4 * stage.palette.dark)
