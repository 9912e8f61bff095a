"""Large rooms: classroom, library, studio, theatre, throne room."""

from __future__ import annotations

import math

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, mix, shade_of
from app.services.engines.builtin.picture.rooms import WOOD, frame, lamp, rug, shelf, shell, sides, window
from app.services.engines.builtin.picture.stage import Stage, sprite_of
from app.services.engines.builtin.picture.things import THINGS


def school(stage: Stage) -> None:
    """A blackboard, desks, a window, bunting."""
    u, rng = stage.unit, stage.rng
    shell(stage, (244, 232, 200), "wood", stripes=False)
    x, x2 = sides(stage)
    floor = stage.feet - u * 0.12
    far = stage["far"]
    bx, by, bw, bh = x, stage.feet - u * 0.5, u * 0.36, u * 0.17
    far.soft(curves.box(bx - bw - u * 0.02, by - bh - u * 0.02, bx + bw + u * 0.02, by + bh + u * 0.02), WOOD)
    far.soft(curves.box(bx - bw, by - bh, bx + bw, by + bh), (62, 104, 92), light=0.4)
    chalk: RGB = (236, 244, 236)
    for k in range(3):
        y = by - bh * 0.5 + k * bh * 0.5
        t = np.linspace(-bw * 0.8, bw * (0.2 + 0.15 * ((k * 7) % 3)), 30)
        far.stroke(np.stack([bx + t, y + u * 0.008 * np.sin(t / u * 90 + k)], 1), max(1.5, u * 0.003), chalk)
    far.stroke(curves.oval(bx + bw * 0.65, by, u * 0.06, u * 0.06), max(1.5, u * 0.004), (250, 214, 130), closed=True)
    for a in range(0, 360, 45):
        r = math.radians(a)
        far.stroke(
            [
                (bx + bw * 0.65 + u * 0.075 * math.cos(r), by + u * 0.075 * math.sin(r)),
                (bx + bw * 0.65 + u * 0.1 * math.cos(r), by + u * 0.1 * math.sin(r)),
            ],
            max(1.5, u * 0.004),
            (250, 214, 130),
            smooth=False,
        )
    window(stage, x2 + (x - x2) * 0.12, stage.feet - u * 0.52, u * 0.26, u * 0.3, None)
    for k in range(16):
        px, py = k / 15 * stage.width, stage.feet - u * 0.76 + u * 0.03 * math.sin(k * 1.1)
        far.fill(
            [(px - u * 0.03, py), (px + u * 0.03, py), (px, py + u * 0.06)],
            ((226, 96, 88), (246, 190, 84), (110, 160, 190), (130, 174, 116))[k % 4],
        )
    c = stage["mid"]
    for k in range(3):
        dx = x - u * 0.34 + k * u * 0.34
        c.soft(
            curves.box(dx - u * 0.12, floor - u * 0.13, dx + u * 0.12, floor - u * 0.105, u * 0.006), (222, 170, 112)
        )
        for s in (-1, 1):
            c.fill(
                curves.box(
                    dx + s * u * 0.1 - u * 0.007, floor - u * 0.105, dx + s * u * 0.1 + u * 0.007, floor + u * 0.02
                ),
                (120, 124, 140),
            )
        c.soft(
            curves.box(dx - u * 0.05, floor - u * 0.15, dx + u * 0.04, floor - u * 0.13),
            rng.choice(((214, 92, 84), (92, 140, 180), (240, 190, 92))),
        )


def library(stage: Stage) -> None:
    """Walls of books, a ladder, lamps."""
    u, rng = stage.unit, stage.rng
    shell(stage, (206, 176, 140), "wood", stripes=False)
    floor = stage.feet - u * 0.13
    n = max(2, round(stage.width / (u * 0.36)))
    for k in range(n):
        shelf(stage, (k + 0.5) / n * stage.width, floor - u * 0.01, stage.width / n * 0.96, 5, "far")
    c, x = stage["mid"], sides(stage)[0]
    for s in (-1, 1):
        c.stroke(
            [(x + s * u * 0.06, floor + u * 0.02), (x + s * u * 0.04 + u * 0.1, floor - u * 0.56)],
            u * 0.014,
            (206, 150, 96),
            smooth=False,
        )
    for k in range(7):
        t = (k + 0.6) / 7.5
        c.stroke(
            [(x - u * 0.06 + u * 0.12 * t, floor - u * 0.56 * t), (x + u * 0.06 + u * 0.08 * t, floor - u * 0.56 * t)],
            u * 0.01,
            (206, 150, 96),
            smooth=False,
        )
    lamp(stage, sides(stage)[1], floor)
    rug(stage, rng.choice(((170, 84, 84), (84, 120, 130), (120, 96, 150))))


def studio(stage: Stage) -> None:
    """An easel, pots of paint, pictures on the wall, a big window."""
    u, rng = stage.unit, stage.rng
    shell(stage, rng.choice(((238, 226, 208), (222, 226, 224))), "wood", stripes=False)
    x, x2 = sides(stage)
    floor = stage.feet - u * 0.11
    window(stage, (x * 0.45 + x2 * 0.55), stage.feet - u * 0.54, u * 0.42, u * 0.34, None)
    for dx, dy, w, h in ((0.08, 0.66, 0.07, 0.055), (-0.1, 0.6, 0.05, 0.06), (0.24, 0.58, 0.055, 0.07)):
        frame(stage, x + u * dx, stage.feet - u * (dy if stage.wide else dy + 0.3), u * w, u * h)
    c = stage["mid"]
    draw, height = THINGS["easel"]
    c.paste(sprite_of(u * height * 1.05, lambda k: draw(k, rng), line=0.008), x, floor + u * 0.03)
    c.soft(curves.box(x2 - u * 0.12, floor - u * 0.17, x2 + u * 0.12, floor - u * 0.14), WOOD)
    for s in (-1, 1):
        c.fill(
            curves.box(x2 + s * u * 0.1 - u * 0.008, floor - u * 0.14, x2 + s * u * 0.1 + u * 0.008, floor + u * 0.01),
            shade_of(WOOD),
        )
    for k, tone in enumerate(((226, 84, 76), (248, 196, 80), (90, 150, 200), (120, 176, 110))):
        c.soft(
            curves.box(
                x2 - u * 0.1 + k * u * 0.052,
                floor - u * 0.2,
                x2 - u * 0.065 + k * u * 0.052,
                floor - u * 0.17,
                u * 0.004,
            ),
            (240, 238, 234),
        )
        c.soft(curves.oval(x2 - u * 0.0825 + k * u * 0.052, floor - u * 0.2, u * 0.0175, u * 0.007), tone)
    for _ in range(16):  # drops of paint on the floor
        px, py = rng.uniform(0, stage.width), stage.feet + u * rng.uniform(-0.09, 0.0)
        stage["subject"].fill(
            curves.blob(rng, px, py, u * 0.012, u * 0.004),
            rng.choice(((226, 84, 76), (248, 196, 80), (90, 150, 200), (120, 176, 110), (170, 120, 190))),
            0.8,
        )


def theatre(stage: Stage) -> None:
    """A stage with curtains and a spotlight."""
    u, rng = stage.unit, stage.rng
    shell(stage, (92, 62, 92), "wood", stripes=False)
    red: RGB = rng.choice(((190, 54, 62), (130, 60, 130), (40, 96, 120)))
    far, near, w = stage["far"], stage["near"], stage.width
    n = max(8, round(w / (u * 0.1)))
    edge = stage.feet - u * 0.15
    for k in range(n):
        far.graded(
            curves.box(k / n * w, -5, (k + 1) / n * w + 1, edge),
            mix(red, (40, 20, 50), 0.45 + 0.2 * (k % 2)),
            mix(red, (40, 20, 50), 0.25 + 0.2 * (k % 2)),
        )
    for side in (-1, 1):
        x, d = (0.0, 1) if side < 0 else (float(w), -1)
        for k in range(4):
            a = x + d * u * 0.055 * k
            near.soft(
                curves.smooth(
                    [
                        (a, -20),
                        (a + d * u * 0.07, -20),
                        (a + d * u * (0.06 - 0.01 * k), stage.height * 0.45),
                        (a + d * u * 0.04, stage.height * 0.86),
                        (a - d * u * 0.03, stage.height * 0.86),
                    ],
                    steps=4,
                ),
                mix(red, shade_of(red), 0.3 * (k % 2)),
                line=False,
            )
    for k in range(9):
        x0, x1 = k / 9 * w, (k + 1) / 9 * w
        near.soft(
            curves.smooth([(x0, -20), (x1, -20), (x1, u * 0.05), ((x0 + x1) / 2, u * 0.1), (x0, u * 0.05)], steps=4),
            red,
            line=False,
        )
    x = stage.hero_x * w
    stage["mid"].fill(
        [(x - u * 0.05, -5), (x + u * 0.05, -5), (x + u * 0.32, stage.feet), (x - u * 0.32, stage.feet)],
        (255, 244, 206),
        0.2,
    )
    stage.lamp("subject", x, stage.feet, u * 0.4, (255, 240, 200), 0.5)
    stage.effect(
        "rays",
        0.5,
        (255, 244, 206),
        depth=0.6,
        box=(max(0.0, stage.hero_x - 0.15), 0.0, min(1.0, stage.hero_x + 0.15), 0.8),
    )


def hall(stage: Stage) -> None:
    """A throne room: columns, banners, tall windows, a red carpet."""
    u, w = stage.unit, stage.width
    shell(stage, (214, 196, 186), "stone", stripes=False)
    x, _ = sides(stage)
    edge = stage.feet - u * 0.15
    far, c = stage["far"], stage["mid"]
    for k in range(max(3, round(w / (u * 0.36)))):
        px = (k + 0.5) * u * 0.36
        window(stage, px, stage.feet - u * 0.56, u * 0.1, u * 0.32, None)
    for k in range(max(3, round(w / (u * 0.36))) + 1):
        px = k * u * 0.36
        far.graded(curves.box(px - u * 0.035, -5, px + u * 0.035, edge), (236, 224, 212), (206, 188, 178))
        far.fill(curves.box(px + u * 0.012, -5, px + u * 0.035, edge), (120, 90, 110), 0.18)
        tone = ((176, 54, 66), (58, 84, 146))[k % 2]
        far.soft(
            [
                (px - u * 0.05, u * 0.08),
                (px + u * 0.05, u * 0.08),
                (px + u * 0.05, u * 0.3),
                (px, u * 0.36),
                (px - u * 0.05, u * 0.3),
            ],
            tone,
        )
        far.fill(curves.star(px, u * 0.19, u * 0.03), (250, 210, 110))
    c.soft(curves.box(x - u * 0.12, edge - u * 0.34, x + u * 0.12, edge + u * 0.02, u * 0.02), (226, 176, 84))
    c.soft(curves.box(x - u * 0.09, edge - u * 0.3, x + u * 0.09, edge - u * 0.02, u * 0.02), (176, 54, 66))
    for s in (-1, 1):
        c.soft(
            curves.box(x + s * u * 0.13, edge - u * 0.12, x + s * u * 0.09, edge + u * 0.03, u * 0.01), (226, 176, 84)
        )
        c.soft(curves.oval(x + s * u * 0.1, edge - u * 0.36, u * 0.025, u * 0.025), (250, 210, 110))
    sub = stage["subject"]
    sub.fill(
        [
            (x - u * 0.14, edge),
            (x + u * 0.14, edge),
            (w * 0.5 + u * 0.5, stage.height + 9),
            (w * 0.5 - u * 0.5, stage.height + 9),
        ],
        (178, 58, 66),
    )
    stage.light = (w * 0.5, u * 0.2)
    stage.lamp("far", x, edge - u * 0.2, u * 0.5, strength=0.16 + 0.3 * stage.palette.dark)
