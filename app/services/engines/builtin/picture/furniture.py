"""Furniture in a room's perspective: boxes with a lit top, a front and a darker side, and what is on them."""

from __future__ import annotations

import math

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.interior import Room
from app.services.engines.builtin.picture.nooks import nook
from app.services.engines.builtin.picture.stage import sprite_of
from app.services.engines.builtin.picture.things import THINGS

WOOD: RGB = (176, 124, 84)
BOOKS: tuple[RGB, ...] = (
    (214, 92, 84),
    (92, 140, 180),
    (240, 190, 92),
    (120, 164, 116),
    (160, 120, 176),
    (240, 226, 200),
)
CLOTHS: tuple[RGB, ...] = ((126, 168, 210), (236, 150, 140), (160, 190, 140), (232, 186, 104), (170, 150, 200))


def block(
    room: Room,
    layer: str,
    x: tuple[float, float],
    k: tuple[float, float],
    height: tuple[float, float],
    tone: RGB,
    top: RGB | None = None,
) -> None:
    """A box between two x, two depths and two heights: its side, top and front as far as they are seen."""
    c = room.stage[layer]
    (x0, x1), (k0, k1), (h0, h1) = x, k, height
    for px, seen in ((x0, x0 > 0.01), (x1, x1 < -0.01)):
        if seen:
            c.soft(
                [room.at(px, h0, k0), room.at(px, h1, k0), room.at(px, h1, k1), room.at(px, h0, k1)],
                shade_of(shade_of(tone)),
                light=0.3,
            )
    if room.at(0, h1, k1)[1] > room.vy:
        c.soft(
            [room.at(x0, h1, k0), room.at(x1, h1, k0), room.at(x1, h1, k1), room.at(x0, h1, k1)],
            top or light_of(tone),
            light=0.3,
        )
    c.soft([room.at(x0, h0, k1), room.at(x1, h0, k1), room.at(x1, h1, k1), room.at(x0, h1, k1)], tone, light=0.45)


def ground_shadow(
    room: Room, layer: str, x: tuple[float, float], k: tuple[float, float], strength: float = 0.3
) -> None:
    """The soft dark under a piece of furniture."""
    (x0, x1), (k0, k1) = x, k
    a, b = room.at(x0 - 0.02, 0, k0), room.at(x1 + 0.02, 0, k0)
    c, d = room.at(x1 + 0.03, 0, k1 * 1.02), room.at(x0 - 0.03, 0, k1 * 1.02)
    room.stage[layer].fill(curves.smooth([a, b, c, d], steps=5), (50, 36, 52), strength)


def legs(
    room: Room,
    layer: str,
    x: tuple[float, float],
    k: tuple[float, float],
    height: float,
    tone: RGB,
    width: float = 0.012,
) -> None:
    """Four legs under a top."""
    for kk in k:
        for xx in (x[0] + width, x[1] - width):
            (ax, ay), (bx, _) = room.at(xx - width, 0, kk), room.at(xx + width, 0, kk)
            room.stage[layer].soft(curves.box(ax, room.at(xx, height, kk)[1], bx, ay), shade_of(tone), light=0.4)


def table(
    room: Room,
    layer: str,
    x: float,
    k: float,
    wide: float,
    height: float,
    tone: RGB = WOOD,
    cloth: RGB | None = None,
    work: str = "",
) -> float:
    """A table with its middle at x (units) and depth k. Returns y of the middle of its top.

    ``work``: the nook behind it, ``desk`` or ``table``.
    """
    if work:
        px, rear = room.at(x, height, k * 0.94)
        nook(room.stage, work, px, rear, room.at(x, 0.0, k * 0.88)[1])
    xs, ks = (x - wide / 2, x + wide / 2), (k * 0.93, k * 1.07)
    ground_shadow(room, layer, xs, ks)
    legs(room, layer, xs, ks, height, tone)
    block(room, layer, xs, ks, (height - 0.018, height), cloth or tone)
    if cloth is not None:
        c = room.stage[layer]
        edge = [room.at(xs[0], height, ks[1]), room.at(xs[1], height, ks[1])]
        n = 7
        drops = [room.at(xs[1] - wide * j / n, height - (0.06 if j % 2 else 0.075), ks[1]) for j in range(n + 1)]
        c.soft([*edge, *drops], cloth, light=0.5)
    return room.at(x, height, k)[1]


def chair(room: Room, layer: str, x: float, k: float, tone: RGB, *, back: int = 1, free: bool = False) -> None:
    """A chair; ``back`` 1 has its back at the rear, -1 towards the eye. ``free`` when somebody may be seen on it."""
    xs, ks, high = (x - 0.045, x + 0.045), (k * 0.965, k * 1.035), 0.085
    ground_shadow(room, layer, xs, ks, 0.22)
    c = room.stage[layer]

    def rest(kk: float) -> None:
        for xx in (xs[0] + 0.006, xs[1] - 0.006):
            a, b = room.at(xx - 0.006, 0.19, kk), room.at(xx + 0.006, 0.0, kk)
            c.soft(curves.box(a[0], a[1], b[0], b[1]), shade_of(tone), light=0.4)
        for h in (0.125, 0.17):
            a, b = room.at(xs[0], h + 0.012, kk), room.at(xs[1], h - 0.012, kk)
            c.soft(curves.box(a[0], a[1], b[0], b[1], 2), tone, light=0.4)

    if back > 0:
        rest(ks[0])
    legs(room, layer, xs, ks, high, tone, 0.007)
    block(room, layer, xs, ks, (high - 0.012, high), tone)
    if back < 0:
        rest(ks[1])
    if free:
        nook(room.stage, "seat", room.at(x, 0, ks[1])[0], room.at(x, high, ks[1])[1], room.at(x, 0, ks[1])[1])


def bed(room: Room, x: float, side: int, quilt: RGB) -> None:
    """A bed along the rear wall, its head towards ``side`` (-1 left, 1 right): pillow, sheet, quilt with its folds."""
    c, rng = room.stage["mid"], room.stage.rng
    xs, ks = (x - 0.27, x + 0.27), (1.02, 1.3)
    ground_shadow(room, "mid", xs, ks, 0.35)
    head, foot = (xs[1], xs[0]) if side > 0 else (xs[0], xs[1])
    block(room, "mid", (head - 0.014, head + 0.014), ks, (0.0, 0.26), WOOD)
    block(room, "mid", xs, ks, (0.03, 0.085), WOOD)
    block(room, "mid", (xs[0] + 0.012, xs[1] - 0.012), (1.03, 1.285), (0.085, 0.13), (250, 246, 238))
    a = head - side * 0.13
    low, high = min(a, foot + side * 0.01), max(a, foot + side * 0.01)
    drape = (low, high)
    block(room, "mid", drape, (1.02, 1.3), (0.06, 0.148), quilt)
    for j in range(6):
        px = low + (high - low) * (j + 0.5) / 6
        c.stroke(
            [room.at(px, 0.148, 1.3), room.at(px + 0.008, 0.1, 1.3), room.at(px - 0.004, 0.065, 1.3)],
            1.4,
            shade_of(quilt),
        )
        for kk in (1.08, 1.2):
            if rng.random() < 0.75:
                p = room.at(px, 0.148, kk)
                c.fill(curves.star(p[0], p[1], room.stage.unit * 0.011, 0.5, 5), light_of(light_of(quilt)))
    fold = [
        room.at(a, 0.152, 1.02),
        room.at(a, 0.152, 1.3),
        room.at(a + side * 0.045, 0.146, 1.3),
        room.at(a + side * 0.045, 0.146, 1.02),
    ]
    c.soft(fold, (255, 252, 246), light=0.3)
    px, py = room.at(head - side * 0.07, 0.16, 1.14)
    u = room.stage.unit
    c.soft(
        curves.smooth(
            [
                (px - u * 0.055, py + u * 0.03),
                (px - u * 0.05, py - u * 0.03),
                (px + u * 0.05, py - u * 0.034),
                (px + u * 0.056, py + u * 0.028),
            ],
            steps=5,
        ),
        (255, 252, 246),
    )
    block(room, "mid", (foot - 0.012, foot + 0.012), ks, (0.0, 0.17), WOOD)
    floor = room.at(x, 0.0, 1.32)[1]
    nook(room.stage, "bed", room.at(x + side * 0.005, 0, 1.2)[0], room.at(x, 0.14, 1.24)[1], floor, side)
    nook(room.stage, "seat", room.at(x - side * 0.1, 0, 1.3)[0], room.at(x, 0.135, 1.3)[1], floor)


def shelf(
    room: Room,
    layer: str,
    x: tuple[float, float],
    k: tuple[float, float],
    height: float,
    rows: int,
    *,
    tone: RGB = WOOD,
) -> None:
    """A bookcase with books that lean and lie, and a thing or two between them."""
    c, rng, u = room.stage[layer], room.stage.rng, room.stage.unit
    block(room, layer, x, k, (0.0, height), tone)
    for r in range(rows):
        h0, h1 = height * r / rows + 0.012, height * (r + 1) / rows - 0.012
        (ax, ay), (bx, by) = room.at(x[0] + 0.01, h0, k[1]), room.at(x[1] - 0.01, h1, k[1])
        c.fill(curves.box(ax, by, bx, ay), shade_of(shade_of(tone)))
        px = ax + u * 0.004
        while px < bx - u * 0.02:
            wide, tall = u * k[1] * rng.uniform(0.009, 0.02), (ay - by) * rng.uniform(0.6, 0.93)
            chance, colour = rng.random(), rng.choice(BOOKS)
            if chance < 0.8:
                lean = wide * 0.7 if chance < 0.1 else 0.0
                c.fill([(px, ay), (px + lean, ay - tall), (px + lean + wide, ay - tall), (px + wide, ay)], colour)
                c.fill(curves.box(px + lean, ay - tall * 0.84, px + lean + wide, ay - tall * 0.76), light_of(colour))
            elif chance < 0.86 and bx - px > u * 0.08:
                for j in range(3):
                    c.fill(
                        curves.box(px, ay - u * 0.012 * (j + 1), px + u * (0.05 - 0.006 * j), ay - u * 0.012 * j),
                        BOOKS[(r + j) % 6],
                    )
                wide = u * 0.05
            px += wide + u * 0.0015


def drawers(room: Room, x: tuple[float, float], k: tuple[float, float], height: float, tone: RGB) -> float:
    """A chest of drawers. Returns y of its top's middle."""
    c = room.stage["mid"]
    ground_shadow(room, "mid", x, k)
    block(room, "mid", x, k, (0.0, height), tone)
    n = 3
    for r in range(n):
        (ax, ay), (bx, by) = (
            room.at(x[0] + 0.014, height * r / n + 0.012, k[1]),
            room.at(x[1] - 0.014, height * (r + 1) / n - 0.012, k[1]),
        )
        c.soft(curves.box(ax, by, bx, ay, 2), light_of(tone), light=0.4)
        for t in (0.28, 0.72):
            c.dot(ax + (bx - ax) * t, (ay + by) / 2, room.stage.unit * 0.006, shade_of(shade_of(tone)))
    return room.at(0, height, (k[0] + k[1]) / 2)[1]


def sofa(room: Room, x: float, k: float, tone: RGB) -> None:
    """A sofa with cushions, seen from the front."""
    ks, c, u = (k * 0.94, k * 1.08), room.stage["mid"], room.stage.unit
    ground_shadow(room, "mid", (x - 0.24, x + 0.24), ks, 0.34)
    block(room, "mid", (x - 0.23, x + 0.23), (ks[0], ks[0] * 1.03), (0.0, 0.22), tone)
    block(room, "mid", (x - 0.23, x + 0.23), ks, (0.015, 0.1), tone)
    for s in (-1, 1):
        block(room, "mid", (x + s * 0.23 - 0.03, x + s * 0.23 + 0.03), ks, (0.0, 0.15), tone)
    for s, colour in ((-1, light_of(tone)), (1, (250, 214, 140))):
        px, py = room.at(x + s * 0.12, 0.15, ks[0] * 1.05)
        c.soft(
            curves.smooth(
                [
                    (px - u * 0.05, py + u * 0.05),
                    (px - u * 0.045, py - u * 0.045),
                    (px + u * 0.045, py - u * 0.045),
                    (px + u * 0.05, py + u * 0.05),
                ],
                steps=4,
            ),
            colour,
        )
    for s in (-1, 1):
        px, floor = room.at(x + s * 0.09, 0.0, ks[1])
        nook(room.stage, "seat", px, room.at(x, 0.1, ks[1])[1], floor, -s)
    nook(room.stage, "bed", room.at(x, 0, k)[0], room.at(x, 0.1, k)[1], room.at(x, 0, ks[1])[1], 1)


def picture(room: Room, x: float, y: float, w: float, h: float) -> None:
    """A framed picture on the rear wall, (x, y) its middle in pixels, w and h half sizes."""
    c, rng = room.stage["far"], room.stage.rng
    c.soft(curves.box(x - w, y - h, x + w, y + h, 2), WOOD)
    inner = curves.box(x - w * 0.84, y - h * 0.8, x + w * 0.84, y + h * 0.8)
    c.graded(inner, rng.choice(((170, 210, 230), (250, 220, 180), (200, 190, 226))), (250, 240, 220))
    kind = rng.randrange(3)
    with c.inside(inner):
        if kind == 0:
            c.fill(curves.oval(x - w * 0.3, y + h * 0.8, w, h * 0.7), (130, 176, 110))
            c.fill(curves.oval(x + w * 0.5, y + h * 0.8, w * 0.8, h * 0.5), (104, 150, 112))
            c.dot(x + w * 0.4, y - h * 0.3, h * 0.2, (250, 206, 110))
        elif kind == 1:
            c.fill(curves.box(x - w, y + h * 0.2, x + w, y + h), (96, 150, 190))
            c.fill(
                [
                    (x - w * 0.3, y + h * 0.3),
                    (x + w * 0.3, y + h * 0.3),
                    (x + w * 0.16, y + h * 0.5),
                    (x - w * 0.16, y + h * 0.5),
                ],
                (150, 96, 76),
            )
            c.fill([(x, y + h * 0.26), (x, y - h * 0.4), (x + w * 0.26, y + h * 0.2)], WHITE)
        else:
            for j in range(5):
                a = j * 1.257
                c.dot(x + w * 0.2 * math.cos(a), y + h * 0.2 * math.sin(a) - h * 0.1, h * 0.16, (236, 120, 120))
            c.dot(x, y - h * 0.1, h * 0.12, (250, 214, 110))


def put(room: Room, layer: str, name: str, x: float, y: float, size: float = 1.0) -> None:
    """One of the things (things.THINGS) at (x, y) pixels, ``size`` times its usual height."""
    draw, height = THINGS[name]
    stage = room.stage
    px = stage.unit * height * size
    sprite = sprite_of(px, lambda c: draw(c, stage.rng), wide=1.2, line=0.01)
    stage[layer].paste(sprite, x, y, scale=min(1.0, px / 24))


def rug(room: Room, x: float, tone: RGB) -> None:
    """An oval rug on the floor around x (pixels), under the figures."""
    stage = room.stage
    y, u = stage.feet - stage.unit * 0.005, stage.unit
    for j, colour in enumerate((tone, light_of(tone), tone, light_of(light_of(tone)))):
        shape = curves.oval(x, y, u * (0.44 - 0.07 * j), u * (0.078 - 0.013 * j), steps=48)
        stage["subject"].fill(shape, mix(colour, tone, 0.2))


def cosy(room: Room, names: tuple[str, ...]) -> None:
    """A thing or two in a lower corner of a tall picture, whose floor is large: small, and away from the hero."""
    stage = room.stage
    if stage.height <= stage.width * 1.2:
        return
    side = 1 if stage.hero_x < 0.5 else -1
    for k, name in enumerate(names[:2]):
        x = stage.width * (0.5 + side * (0.38 - 0.17 * k))
        y = stage.feet + (stage.height - stage.feet) * (0.42 + 0.16 * k)
        stage["subject"].fill(curves.oval(x, y, stage.unit * 0.07, stage.unit * 0.012), (50, 36, 52), 0.25)
        put(room, "subject", name, x, y, 1.15)


def floor_plant(room: Room, layer: str, x: float, y: float, height: float) -> None:
    """A pot with large leaves at (x, y) pixels."""
    c, rng = room.stage[layer], room.stage.rng
    green: RGB = (92, 150, 100)
    for j in range(8):
        a = -1.3 + 2.6 * (j + rng.random()) / 8
        tip = (x + height * 0.5 * math.sin(a), y - height * (0.45 + 0.5 * math.cos(a)))
        mid = (x + height * 0.3 * math.sin(a), y - height * (0.4 + 0.36 * math.cos(a)))
        c.fill(
            curves.tube([(x, y - height * 0.3), mid, tip], [height * 0.02, height * 0.12, height * 0.01]),
            mix(green, light_of(green), rng.random() * 0.6),
        )
    c.soft(
        [
            (x - height * 0.15, y - height * 0.32),
            (x + height * 0.15, y - height * 0.32),
            (x + height * 0.11, y),
            (x - height * 0.11, y),
        ],
        (208, 122, 90),
    )


def wall_door(room: Room, x: float) -> None:
    """A door in the rear wall, x in pixels its middle."""
    put(room, "far", "door", x, room.edge + room.stage.unit * 0.004, 0.92)
