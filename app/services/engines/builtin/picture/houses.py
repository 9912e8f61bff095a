"""Dwellings with depth: a lit front and a darker side. In units of their height, y upwards, standing at 0."""

from __future__ import annotations

from random import Random

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, light_of, mix, shade_of

Windows = list[tuple[float, float, float]]
WALLS: tuple[RGB, ...] = ((250, 236, 212), (246, 220, 196), (232, 236, 226), (250, 226, 170), (226, 214, 220))
ROOFS: tuple[RGB, ...] = ((206, 92, 74), (96, 122, 160), (176, 112, 74), (120, 146, 110), (150, 96, 128))
SNOW: RGB = (250, 252, 255)
TIMBER: RGB = (132, 92, 70)


def pane(c: Canvas, x: float, y: float, r: float, glass: RGB, *, shutter: RGB | None = None) -> None:
    """A window with a cross, and shutters if a colour is given."""
    if shutter is not None:
        for s in (-1, 1):
            c.soft(curves.box(x + s * r * 1.05, y - r, x + s * r * 1.6, y + r), shutter, light=0.5)
    frame: RGB = (252, 246, 236)
    c.soft(curves.box(x - r, y - r, x + r, y + r, r * 0.15), frame, light=0.3)
    c.fill(curves.box(x - r * 0.76, y - r * 0.76, x + r * 0.76, y + r * 0.76), glass)
    c.fill(curves.box(x - r * 0.1, y - r * 0.8, x + r * 0.1, y + r * 0.8), frame)
    c.fill(curves.box(x - r * 0.8, y - r * 0.1, x + r * 0.8, y + r * 0.1), frame)
    c.soft(curves.box(x - r * 1.15, y - r * 1.25, x + r * 1.15, y - r), shade_of(frame), light=0.3)


def leaf_door(c: Canvas, x: float, w: float, h: float, tone: RGB) -> None:
    """A door with an arch, a step and a knob."""
    c.soft(curves.box(x - w * 1.4, -0.015, x + w * 1.4, 0.025), (196, 186, 180))
    c.soft(curves.smooth([(x - w, 0.02), (x - w, h * 0.72), (x, h), (x + w, h * 0.72), (x + w, 0.02)], steps=6), tone)
    for k in (-0.35, 0.35):
        c.stroke([(x + w * k, 0.04), (x + w * k, h * 0.8)], 0.008, shade_of(tone), smooth=False)
    c.dot(x + w * 0.55, h * 0.42, w * 0.13, (250, 214, 120))


def cottage(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    """A house: gable to the front, eaves to the front, or two floors with timber; a chimney, flowers under a window."""
    wall, roof, kind = rng.choice(WALLS), rng.choice(ROOFS), rng.randrange(3)
    return (_gable, _eaves, _timber)[kind](c, rng, wall, roof, glass, snow)


def _tiles(c: Canvas, shape: list[tuple[float, float]], roof: RGB, snow: bool) -> None:
    """A slope of the roof: rows of tiles within it, or snow that slides over its upper part."""
    c.soft(shape, roof)
    ys = [p[1] for p in shape]
    low, high = min(ys), max(ys)
    edges = list(zip(shape, [*shape[1:], shape[0]], strict=True))

    def span(y: float) -> tuple[float, float]:
        xs = [p[0] + (q[0] - p[0]) * (y - p[1]) / (q[1] - p[1]) for p, q in edges if (p[1] - y) * (q[1] - y) < 0]
        return (min(xs), max(xs)) if xs else (0.0, 0.0)

    y, k = high - 0.07, 0
    while y > low + 0.035:
        x0, x1 = span(y)
        x = x0 + 0.03 + 0.05 * (k % 2)
        while x < x1 - 0.06:
            c.stroke(
                [(x, y + 0.016), (x + 0.03, y - 0.006), (x + 0.06, y + 0.016)], 0.011, shade_of(roof), smooth=False
            )
            x += 0.105
        y, k = y - 0.08, k + 1
    if snow:
        level = high - (high - low) * 0.62
        x0, x1 = span(level)
        drip = [(x1 + (x0 - x1) * j / 8, level + (0.035 if j % 2 else -0.02)) for j in range(9)]
        crest = sorted((p for p in shape if p[1] > level), key=lambda p: p[0])
        c.fill([*crest, *drip], SNOW)


def _chimney(c: Canvas, x: float, y: float, snow: bool) -> None:
    brick: RGB = (176, 120, 96)
    c.soft(curves.box(x - 0.055, y - 0.26, x + 0.055, y), brick)
    c.fill(curves.box(x + 0.01, y - 0.26, x + 0.055, y), shade_of(brick))
    c.soft(curves.box(x - 0.07, y - 0.03, x + 0.07, y + 0.02), SNOW if snow else light_of(brick))


def _gable(c: Canvas, rng: Random, wall: RGB, roof: RGB, glass: RGB, snow: bool) -> Windows:
    w, d = rng.uniform(0.34, 0.4), rng.uniform(0.3, 0.42)
    x0, x1, x2 = -w - d * 0.4, w - d * 0.4, w + d * 0.6
    mid = (x0 + x1) / 2
    _chimney(c, x1 + d * 0.25, 1.08, snow)
    side = [(x1, 0.0), (x2, 0.03), (x2, 0.44), (x1, 0.5)]
    c.soft(side, shade_of(shade_of(wall)), light=0.4)
    c.soft([(x0, 0.0), (x0, 0.5), (mid, 0.92), (x1, 0.5), (x1, 0.0)], wall)
    c.fill(curves.box(x0, 0.0, x1, 0.05), mix(shade_of(wall), (150, 140, 140), 0.4))
    slope = [(mid, 0.99), (mid + d, 0.95), (x2 + 0.07, 0.4), (x1 + 0.08, 0.44)]
    _tiles(c, slope, roof, snow)
    for tip, end in (((mid, 1.0), (x0 - 0.08, 0.44)), ((mid, 1.0), (x1 + 0.08, 0.44))):
        c.stroke([tip, end], 0.055, SNOW if snow else light_of(roof), smooth=False)
    leaf_door(c, mid - w * 0.42, 0.085, 0.3, mix(roof, (110, 76, 60), 0.5))
    spots: Windows = [(mid + w * 0.45, 0.29, 0.09), (mid, 0.64, 0.075)]
    for x, y, r in spots:
        pane(c, x, y, r, glass)
    c.fill(
        [
            ((x1 + x2) / 2 - 0.05, 0.2),
            ((x1 + x2) / 2 + 0.05, 0.205),
            ((x1 + x2) / 2 + 0.05, 0.35),
            ((x1 + x2) / 2 - 0.05, 0.36),
        ],
        glass,
    )
    _flower_box(c, mid + w * 0.45, 0.17)
    return [*spots, ((x1 + x2) / 2, 0.28, 0.06)]


def _eaves(c: Canvas, rng: Random, wall: RGB, roof: RGB, glass: RGB, snow: bool) -> Windows:
    w, d = rng.uniform(0.46, 0.54), rng.uniform(0.22, 0.3)
    x0, x1, x2 = -w - d * 0.3, w - d * 0.3, w + d * 0.7
    _chimney(c, x0 + w * 0.5, 1.06, snow)
    peak = ((x1 + x2) / 2, 0.86)
    c.soft([(x1, 0.0), (x2, 0.025), (x2, 0.46), peak, (x1, 0.5)], shade_of(shade_of(wall)), light=0.4)
    c.soft(curves.box(x0, 0, x1, 0.5), wall)
    c.fill(curves.box(x0, 0.0, x1, 0.05), mix(shade_of(wall), (150, 140, 140), 0.4))
    top = [(x0 - 0.08, 0.46), (x0 + d * 0.35, 0.9), (peak[0] + 0.02, 0.9), (x1 + 0.05, 0.46)]
    _tiles(c, top, roof, snow)
    c.stroke([(peak[0] + 0.01, 0.9), (x2 + 0.05, 0.43)], 0.05, SNOW if snow else shade_of(roof), smooth=False)
    leaf_door(c, (x0 + x1) / 2 + rng.uniform(-0.06, 0.06), 0.09, 0.32, mix(roof, (110, 76, 60), 0.5))
    spots: Windows = [(x0 + w * 0.36, 0.28, 0.09), (x1 - w * 0.36, 0.28, 0.09)]
    for x, y, r in spots:
        pane(c, x, y, r, glass, shutter=roof)
        _flower_box(c, x, y - 0.12)
    return spots


def _timber(c: Canvas, rng: Random, wall: RGB, roof: RGB, glass: RGB, snow: bool) -> Windows:
    w, d = 0.3, 0.26
    x0, x1, x2 = -w - d * 0.4, w - d * 0.4, w + d * 0.6
    mid = (x0 + x1) / 2
    _chimney(c, x1 + 0.06, 1.1, snow)
    stone: RGB = (190, 180, 174)
    c.soft([(x1, 0.0), (x2, 0.02), (x2, 0.6), (x1, 0.64)], shade_of(shade_of(wall)), light=0.4)
    c.soft(curves.box(x0, 0, x1, 0.32), stone)
    c.soft([(x0 - 0.03, 0.32), (x0 - 0.03, 0.64), (mid, 1.0), (x1 + 0.03, 0.64), (x1 + 0.03, 0.32)], wall)
    for a, b in (
        ((x0 - 0.03, 0.32), (x1 + 0.03, 0.32)),
        ((x0 - 0.03, 0.64), (x1 + 0.03, 0.64)),
        ((x0 + 0.06, 0.32), (x0 + 0.06, 0.64)),
        ((x1 - 0.06, 0.32), (x1 - 0.06, 0.64)),
        ((mid, 0.32), (mid, 0.36)),
        ((x0 + 0.07, 0.34), (mid - 0.12, 0.62)),
        ((x1 - 0.07, 0.34), (mid + 0.12, 0.62)),
    ):
        c.stroke([a, b], 0.028, TIMBER, smooth=False)
    slope = [(mid, 1.06), (mid + d, 1.02), (x2 + 0.07, 0.56), (x1 + 0.1, 0.58)]
    _tiles(c, slope, roof, snow)
    for end in ((x0 - 0.1, 0.58), (x1 + 0.1, 0.58)):
        c.stroke([(mid, 1.07), end], 0.05, SNOW if snow else light_of(roof), smooth=False)
    leaf_door(c, mid - 0.12, 0.07, 0.25, mix(roof, (110, 76, 60), 0.5))
    spots: Windows = [(mid, 0.47, 0.075), (mid + 0.14, 0.17, 0.06), (mid, 0.78, 0.05)]
    for x, y, r in spots:
        pane(c, x, y, r, glass)
    _flower_box(c, mid, 0.36)
    return spots


def _flower_box(c: Canvas, x: float, y: float) -> None:
    c.soft(curves.box(x - 0.11, y - 0.03, x + 0.11, y + 0.005), TIMBER)
    for k in range(5):
        c.dot(
            x - 0.08 + 0.04 * k,
            y + 0.02 + 0.012 * (k % 2),
            0.024,
            ((240, 120, 120), (126, 174, 96), (252, 214, 110))[k % 3],
        )


def hui(c: Canvas, rng: Random, glass: RGB, snow: bool) -> Windows:
    """A house of the old water towns: white walls, black tiles, stepped gables, lattice windows, red lanterns."""
    wall: RGB = rng.choice(((248, 246, 240), (240, 238, 232), (250, 244, 234)))
    tile: RGB = SNOW if snow else (72, 78, 88)
    w, d = rng.uniform(0.42, 0.56), rng.uniform(0.2, 0.3)
    x0, x1, x2 = -w, w - d * 0.4, w + d * 0.5
    two = rng.random() < 0.5
    eave = 0.62 if two else 0.5
    c.soft(
        [(x1, 0.0), (x2, 0.02), (x2, eave), ((x1 + x2) / 2, eave + 0.3), (x1, eave)],
        mix(shade_of(wall), (150, 156, 170), 0.4),
        light=0.3,
    )
    for k, (a, b) in enumerate(((0.0, 0.12), (0.12, 0.22), (0.22, 0.3))):
        mid = (x1 + x2) / 2
        half = (x2 - x1) * (0.62 - 0.17 * k)
        c.soft(curves.box(mid - half, eave + a, mid + half, eave + b), mix(shade_of(wall), wall, 0.4), light=0.3)
        c.fill(curves.box(mid - half - 0.03, eave + b - 0.03, mid + half + 0.03, eave + b + 0.01), tile)
    c.soft(curves.box(x0, 0, x1, eave), wall, light=0.5)
    c.fill(curves.box(x0, 0, x1, 0.07), mix(wall, (150, 160, 160), 0.45))
    roof = [
        (x0 - 0.09, eave - 0.02),
        (x0 - 0.02, eave + 0.03),
        (x0 + 0.1, eave + 0.27),
        (x1 - 0.04, eave + 0.27),
        (x1 + 0.03, eave + 0.03),
        (x1 + 0.06, eave - 0.02),
    ]
    c.soft(roof, tile)
    for k in range(11):
        x = x0 + (x1 - x0) * (k + 0.5) / 11
        c.stroke(
            [(x, eave), (x + ((x0 + x1) / 2 - x) * 0.14, eave + 0.25)],
            0.012,
            light_of(tile) if not snow else (214, 224, 240),
            smooth=False,
        )
    c.stroke([(x0 + 0.04, eave + 0.29), (x1, eave + 0.29)], 0.03, shade_of(tile), smooth=False)
    for s, x in ((-1, x0 + 0.05), (1, x1)):
        c.stroke([(x, eave + 0.28), (x + s * 0.06, eave + 0.34)], 0.03, shade_of(tile))
    wood: RGB = (120, 72, 58)
    c.soft(curves.box(-0.13, 0.0, 0.09, 0.34), wood)
    c.stroke([(-0.02, 0.0), (-0.02, 0.34)], 0.014, shade_of(wood), smooth=False)
    c.fill(curves.box(-0.17, 0.34, 0.13, 0.38), tile)
    spots: Windows = [(x0 + w * 0.34, 0.24, 0.075), (x1 - w * 0.26, 0.24, 0.075)]
    if two:
        spots += [(x0 + w * 0.5, 0.5, 0.06), (x1 - w * 0.4, 0.5, 0.06)]
    for x, y, r in spots:
        c.soft(curves.box(x - r, y - r, x + r, y + r), wood)
        c.fill(curves.box(x - r * 0.84, y - r * 0.84, x + r * 0.84, y + r * 0.84), glass)
        for bar in (-0.42, 0.0, 0.42):
            c.stroke([(x + r * bar, y - r * 0.84), (x + r * bar, y + r * 0.84)], 0.011, wood, smooth=False)
            c.stroke([(x - r * 0.84, y + r * bar), (x + r * 0.84, y + r * bar)], 0.011, wood, smooth=False)
    for x in (-0.2, 0.16):
        c.soft(curves.oval(x, 0.36, 0.045, 0.055), (222, 66, 58))
        c.stroke([(x, 0.3), (x, 0.26)], 0.012, (250, 206, 92), smooth=False)
    return [*spots, (-0.2, 0.36, 0.04), (0.16, 0.36, 0.04)]
