"""Places under a roof: the wall is the farthest layer, furniture stands before it, the floor carries the figures."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, Sprite
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.sky import paint_sky, wash
from app.services.engines.builtin.picture.stage import Stage, land

WOOD: RGB = (170, 120, 82)
_WALLS: tuple[RGB, ...] = ((246, 224, 190), (206, 222, 214), (240, 208, 196), (214, 212, 232), (250, 232, 196))


def shell(stage: Stage, wall: RGB, floor: str, stripes: bool = True) -> None:
    """Wall with paper and skirting, and the floor."""
    u, c, rng = stage.unit, stage["sky"], stage.rng
    stage.haze.update(far=0.0, mid=0.0)
    edge = stage.feet - u * 0.15
    wash(c, ((0.0, shade_of(wall)), (0.35, wall), (0.8, light_of(wall)), (1.0, wall)), rng.randrange(1 << 30), 0.03)
    if stripes:
        for x in np.arange(0, stage.width, u * 0.075):
            c.fill(curves.box(x, -2, x + u * 0.03, edge), shade_of(wall), 0.13)
    far = stage["far"]
    far.line = u * 0.0024
    stage["mid"].line = u * 0.0026
    top, low = ground(floor)
    sub = stage["subject"]
    heights = np.full(stage.width, edge)
    land(sub, heights, mix(top, low, 0.4), low, u * 0.4)
    vx = stage.width / 2
    for k in range(-12, 13):
        sub.stroke(
            [(vx + k * u * 0.1, edge), (vx + k * u * 0.3, stage.height + 10.0)],
            max(1.0, u * 0.0024),
            mix(low, (90, 60, 60), 0.25),
            smooth=False,
        )
    sub.fill(curves.box(-5, edge - u * 0.022, stage.width + 5, edge), mix(WHITE, wall, 0.25))
    sub.fill(curves.box(-5, edge, stage.width + 5, edge + u * 0.008), (80, 54, 60), 0.3)
    # what the wall gives way to behind the floor, so that parallax never opens a gap
    land(stage["far"], heights + u * 0.02, low, low, u)
    stage.light = (stage.width * (0.75 if stage.hero_x < 0.5 else 0.25), stage.height * 0.2)


def rug(stage: Stage, tone: RGB) -> None:
    """An oval rug under the hero."""
    c, u = stage["subject"], stage.unit
    x, y = stage.width * stage.hero_x, stage.feet - u * 0.005
    for k, colour in enumerate((tone, light_of(tone), tone, light_of(light_of(tone)))):
        c.fill(curves.oval(x, y, u * (0.46 - 0.07 * k), u * (0.085 - 0.014 * k), steps=48), colour)


def window(stage: Stage, x: float, y: float, w: float, h: float, curtain: RGB | None) -> None:
    """A window in the wall with the weather and hour behind it; (x, y) is its middle."""
    c, u = stage["sky"], stage.unit
    view = Canvas(max(4, int(w)), max(4, int(h)))
    paint_sky(view, stage.scene, stage.palette, stage.rng, h * 0.9, 0.6)
    tone = mix((120, 160, 110), stage.palette.sky[2], 0.35)
    view.fill(
        curves.smooth(
            [(-9, h * 0.8), (w * 0.3, h * 0.7), (w * 0.7, h * 0.82), (w + 9, h * 0.72), (w + 9, h + 9), (-9, h + 9)]
        ),
        tone,
    )
    c.fill(
        curves.box(x - w / 2 - u * 0.02, y - h / 2 - u * 0.02, x + w / 2 + u * 0.02, y + h / 2 + u * 0.02),
        (252, 246, 234),
    )
    c.paste(Sprite(view.pixels, (view.width / 2, view.height / 2)), x, y)
    c.fill(curves.box(x - u * 0.006, y - h / 2, x + u * 0.006, y + h / 2), (252, 246, 234))
    c.fill(curves.box(x - w / 2, y - u * 0.006, x + w / 2, y + u * 0.006), (252, 246, 234))
    c.fill(
        curves.box(x - w / 2 - u * 0.04, y + h / 2 + u * 0.015, x + w / 2 + u * 0.04, y + h / 2 + u * 0.04),
        (240, 230, 214),
    )
    if stage.palette.dark < 0.6:
        c.glow(x, y, max(w, h) * 1.3, (255, 246, 214), 0.3)
    if curtain is not None:
        far = stage["far"]
        top = y - h / 2 - u * 0.05
        for s in (-1, 1):
            a, b = x + s * (w / 2 + u * 0.06), x + s * w * 0.22
            far.soft(
                curves.smooth(
                    [
                        (a, top),
                        (b, top),
                        (x + s * w * 0.36, y),
                        (x + s * w * 0.3, y + h / 2 + u * 0.1),
                        (a, y + h / 2 + u * 0.1),
                    ],
                    steps=5,
                ),
                curtain,
            )
        far.fill(curves.box(x - w / 2 - u * 0.1, top - u * 0.014, x + w / 2 + u * 0.1, top), (150, 106, 76))
    stage.light = (x, y)


def frame(stage: Stage, x: float, y: float, w: float, h: float) -> None:
    """A small picture on the wall; (x, y) is its middle."""
    c, u, rng = stage["far"], stage.unit, stage.rng
    c.soft(curves.box(x - w, y - h, x + w, y + h, u * 0.006), WOOD)
    inner = curves.box(x - w * 0.82, y - h * 0.78, x + w * 0.82, y + h * 0.78)
    c.graded(inner, rng.choice(((170, 210, 230), (250, 220, 180), (200, 190, 226))), (250, 240, 220))
    with c.inside(inner):
        c.fill(
            curves.oval(x - w * 0.3, y + h * 0.8, w, h * 0.7),
            rng.choice(((130, 176, 110), (110, 150, 170), (214, 150, 110))),
        )
        c.dot(x + w * 0.4, y - h * 0.3, h * 0.2, (250, 206, 110))


def lamp(stage: Stage, x: float, floor: float) -> None:
    """A standing lamp."""
    c, u = stage["mid"], stage.unit
    c.fill(curves.box(x - u * 0.005, floor - u * 0.36, x + u * 0.005, floor), (120, 90, 76))
    c.soft(curves.oval(x, floor, u * 0.05, u * 0.012), (120, 90, 76))
    c.soft(
        [
            (x - u * 0.075, floor - u * 0.34),
            (x - u * 0.045, floor - u * 0.44),
            (x + u * 0.045, floor - u * 0.44),
            (x + u * 0.075, floor - u * 0.34),
        ],
        (255, 226, 160),
    )
    stage.lamp("mid", x, floor - u * 0.38, u * 0.3, strength=0.3 + 0.4 * stage.palette.dark)


def shelf(stage: Stage, x: float, floor: float, w: float, rows: int, layer: str = "mid") -> None:
    """Shelves full of books."""
    c, u, rng = stage[layer], stage.unit, stage.rng
    h = u * 0.13 * rows
    c.soft(curves.box(x - w / 2, floor - h, x + w / 2, floor), WOOD)
    for k in range(rows):
        y1 = floor - h + (k + 1) * h / rows - u * 0.01
        c.fill(
            curves.box(x - w / 2 + u * 0.012, y1 - h / rows + u * 0.02, x + w / 2 - u * 0.012, y1),
            shade_of(shade_of(WOOD)),
        )
        bx = x - w / 2 + u * 0.018
        while bx < x + w / 2 - u * 0.035:
            bw, bh = u * rng.uniform(0.012, 0.024), h / rows * rng.uniform(0.52, 0.76)
            tone = rng.choice(
                ((214, 92, 84), (92, 140, 180), (240, 190, 92), (120, 164, 116), (160, 120, 176), (240, 226, 200))
            )
            if rng.random() < 0.86:
                c.fill(curves.box(bx, y1 - bh, bx + bw, y1), tone)
                c.fill(curves.box(bx, y1 - bh * 0.8, bx + bw, y1 - bh * 0.72), light_of(tone))
            bx += bw + u * 0.002


def sides(stage: Stage) -> tuple[float, float]:
    """Where the large and the small furniture stand: away from the hero, and behind."""
    return (stage.width * 0.76, stage.width * 0.1) if stage.hero_x < 0.5 else (stage.width * 0.24, stage.width * 0.9)


def bedroom(stage: Stage) -> None:
    """A bed, a window, a lamp, pictures, a rug."""
    u, rng = stage.unit, stage.rng
    shell(stage, rng.choice(_WALLS), "wood")
    x, x2 = sides(stage)
    floor = stage.feet - u * 0.12
    curtain = rng.choice(((226, 120, 110), (110, 150, 190), (246, 196, 110), (140, 176, 130)))
    window(stage, (x + x2) / 2 + (u * 0.1 if x > x2 else -u * 0.1), stage.feet - u * 0.52, u * 0.34, u * 0.32, curtain)
    c, s = stage["mid"], 1 if x > x2 else -1
    c.soft(curves.box(x + s * u * 0.24, floor - u * 0.3, x + s * u * 0.27, floor, u * 0.01), WOOD)
    c.soft(curves.box(x - u * 0.27, floor - u * 0.13, x + u * 0.26, floor - u * 0.03, u * 0.02), WOOD)
    c.soft(
        curves.smooth(
            [
                (x - s * u * 0.27, floor - u * 0.06),
                (x - s * u * 0.27, floor - u * 0.17),
                (x, floor - u * 0.2),
                (x + s * u * 0.15, floor - u * 0.18),
                (x + s * u * 0.16, floor - u * 0.06),
            ],
            steps=5,
        ),
        rng.choice(((126, 168, 210), (236, 150, 140), (160, 190, 140))),
    )
    c.soft(curves.oval(x + s * u * 0.19, floor - u * 0.19, u * 0.06, u * 0.045), (255, 252, 246))
    lift = 0.0 if stage.wide else 0.3
    frame(stage, x, stage.feet - u * (0.6 + lift), u * 0.07, u * 0.06)
    frame(stage, x + s * u * 0.2, stage.feet - u * (0.56 + lift), u * 0.045, u * 0.055)
    lamp(stage, x2, floor)
    rug(stage, rng.choice(((210, 110, 100), (100, 140, 180), (150, 170, 120), (224, 170, 100))))


def kitchen(stage: Stage) -> None:
    """A counter with jars, a stove, shelves, a table lamp."""
    u = stage.unit
    shell(stage, (250, 234, 200), "tile")
    x, x2 = sides(stage)
    floor = stage.feet - u * 0.12
    window(stage, x2 + (x - x2) * 0.32, stage.feet - u * 0.52, u * 0.3, u * 0.26, None)
    c = stage["mid"]
    c.soft(curves.box(x - u * 0.4, floor - u * 0.2, x + u * 0.4, floor), (206, 222, 214))
    c.soft(curves.box(x - u * 0.42, floor - u * 0.23, x + u * 0.42, floor - u * 0.2), (190, 136, 92))
    for k in range(4):
        c.stroke(
            curves.box(x - u * 0.37 + k * u * 0.19, floor - u * 0.17, x - u * 0.22 + k * u * 0.19, floor - u * 0.02),
            u * 0.004,
            (150, 176, 166),
            smooth=False,
            closed=True,
        )
    for k, tone in enumerate(((226, 110, 90), (246, 200, 110), (130, 170, 130), (240, 230, 214))):
        px = x - u * 0.3 + k * u * 0.1
        c.soft(
            curves.box(
                px - u * 0.024, floor - u * 0.3 - u * 0.01 * (k % 2), px + u * 0.024, floor - u * 0.23, u * 0.01
            ),
            tone,
        )
        c.soft(
            curves.box(px - u * 0.018, floor - u * 0.315 - u * 0.01 * (k % 2), px + u * 0.018, floor - u * 0.297),
            shade_of(tone),
        )
    c.soft(curves.oval(x + u * 0.22, floor - u * 0.26, u * 0.06, u * 0.04), (120, 124, 140))
    stage.effect(
        "smoke",
        0.3,
        (255, 255, 255),
        depth=0.5,
        box=(
            (x + u * 0.18) / stage.width,
            (floor - u * 0.5) / stage.height,
            (x + u * 0.27) / stage.width,
            (floor - u * 0.3) / stage.height,
        ),
    )
    far = stage["far"]
    for row in (0.48, 0.62):
        far.soft(curves.box(x - u * 0.34, stage.feet - u * row, x + u * 0.34, stage.feet - u * row + u * 0.016), WOOD)
        for k in range(7):
            far.soft(
                curves.smooth(
                    [
                        (x - u * 0.29 + k * u * 0.095 - u * 0.022, stage.feet - u * row),
                        (x - u * 0.29 + k * u * 0.095 - u * 0.026, stage.feet - u * (row + 0.05)),
                        (x - u * 0.29 + k * u * 0.095 + u * 0.026, stage.feet - u * (row + 0.05)),
                        (x - u * 0.29 + k * u * 0.095 + u * 0.022, stage.feet - u * row),
                    ],
                    steps=3,
                ),
                ((236, 150, 120), (250, 244, 232), (130, 170, 190))[k % 3],
            )
    stage.lamp("mid", x, stage.feet - u * 0.7, u * 0.4, strength=0.2 + 0.35 * stage.palette.dark)


def hospital(stage: Stage) -> None:
    """A clean room with a bed, a curtain and a window."""
    bedroom(stage)
