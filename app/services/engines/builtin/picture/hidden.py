"""Places without a sky: a cave and the bottom of the sea."""

from __future__ import annotations

import math

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.nature import floor
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.scenery import front, rocks
from app.services.engines.builtin.picture.sky import wash
from app.services.engines.builtin.picture.stage import Stage, dabs, land, skyline, sprite_of
from app.services.engines.builtin.picture.things import crystal


def cave(stage: Stage) -> None:
    """Rock all around, crystals that glow, light from an opening."""
    u, rng, w = stage.unit, stage.rng, stage.width
    top, low = ground("cave")
    stage.light = (w * (0.5 + (0.5 - stage.hero_x) * 0.5), stage.horizon - u * 0.2)
    wash(stage["sky"], ((0.0, (62, 52, 84)), (0.5, (112, 96, 132)), (1.0, (70, 58, 88))), rng.randrange(1 << 30))
    stage["sky"].glow(*stage.light, u * 0.6, (250, 226, 180), 0.7)
    stage["sky"].fill(
        curves.blob(rng, stage.light[0], stage.light[1], u * 0.16, u * 0.2, 0.2),
        mix(stage.palette.sky[2], WHITE, 0.3),
        0.85,
    )
    stage["sky"].glow(*stage.light, u * 0.4, (255, 244, 214), 0.5)
    stage.haze.update(far=0.12, mid=0.0)
    for layer, tone, amp in (("far", mix(top, (120, 104, 144), 0.5), 0.2), ("mid", low, 0.13)):
        c = stage[layer]
        land(
            c,
            skyline(stage, stage.horizon + u * (0.06 if layer == "far" else 0.13), u * 0.05, 4),
            tone,
            shade_of(tone),
            u * 0.3,
        )
        n = max(6, round(9 * w / u / 1.7))
        for k in range(n):
            x = (k + rng.uniform(0.1, 0.9)) / n * w
            h, r = u * amp * rng.uniform(0.5, 1.7), u * rng.uniform(0.04, 0.1)
            c.graded(
                curves.smooth(
                    [(x - r * 1.6, -10), (x - r * 0.5, h * 0.5), (x, h), (x + r * 0.5, h * 0.5), (x + r * 1.6, -10)],
                    steps=5,
                ),
                shade_of(tone),
                tone,
            )
    for _ in range(6):
        x, h = rng.uniform(0.03, 0.97) * w, u * rng.uniform(0.07, 0.16)
        y = stage.horizon + u * rng.uniform(0.12, 0.17)
        stage["mid"].paste(sprite_of(h, lambda c: crystal(c, rng)), x, y)
        stage.lamp("mid", x, y - h * 0.4, h * 1.8, rng.choice(((150, 220, 255), (200, 170, 255), (150, 250, 220))), 0.5)
    heights = floor(stage, "cave")
    rocks(stage, heights, 7, (130, 118, 142))
    for side in (-1, 1):  # the mouth of the cave frames the view
        x = 0.0 if side < 0 else float(w)
        d = -side
        stage["near"].fill(
            curves.smooth(
                [
                    (x - d * 30, -30),
                    (x + d * u * 0.34, -30),
                    (x + d * u * 0.17, u * 0.1),
                    (x + d * u * 0.1, stage.height * 0.45),
                    (x + d * u * 0.12, stage.height * 0.8),
                    (x + d * u * 0.2, stage.height + 30),
                    (x - d * 30, stage.height + 30),
                ]
            ),
            (44, 36, 60),
        )


def underwater(stage: Stage) -> None:
    """Blue depth with shafts of light, coral and weed on the sand."""
    u, rng, w = stage.unit, stage.rng, stage.width
    night = stage.palette.dark > 0.7
    wash(
        stage["sky"],
        (
            (0.0, (30, 70, 130) if night else (150, 226, 232)),
            (0.45, (26, 74, 134) if night else (62, 166, 204)),
            (1.0, (18, 48, 100) if night else (36, 106, 164)),
        ),
        rng.randrange(1 << 30),
    )
    stage.light = (w * 0.5, 0.0)
    stage.swim = True
    stage.haze.update(far=0.0, mid=0.0)
    deep: RGB = (46, 128, 172) if not night else (28, 62, 116)
    for layer, t, y in (("far", 0.35, 0.02), ("mid", 0.7, 0.1)):
        tone = mix(deep, (70, 150, 168), t)
        heights = skyline(stage, stage.horizon + u * y, u * 0.08, 4)
        land(stage[layer], heights, tone, shade_of(tone), u * 0.3)
        for _ in range(8):
            x = rng.uniform(0, 1) * w
            _weed(stage, layer, x, float(heights[int(min(x, w - 1))]) + u * 0.02, mix(tone, (80, 190, 140), 0.35))
    for _ in range(9):
        x = rng.uniform(0, 1) * w
        _coral(stage, x, stage.horizon + u * rng.uniform(0.13, 0.17))
    heights = floor(stage, "seabed")
    dabs(stage["subject"], rng, heights, (190, 176, 130), 20, u * 0.03, depth=u * 0.2, alpha=0.35)
    for x in (0.06, 0.94):
        _weed(stage, "subject", x * w, stage.feet - u * 0.03, (84, 176, 120))
    for _ in range(26):
        x, y, r = rng.uniform(0, w), rng.uniform(0.08, 0.8) * stage.height, u * rng.uniform(0.004, 0.013)
        stage["mid"].stroke(curves.oval(x, y, r, r, steps=16), max(1.0, u * 0.002), (224, 246, 250), closed=True)
    stage.effect("rays", 0.6, (220, 250, 250), depth=0.2, box=(0.1, 0.0, 0.9, 0.75))
    front(stage, "none")


def _weed(stage: Stage, layer: str, x: float, y: float, tone: RGB) -> None:
    u, rng = stage.unit, stage.rng
    for k in range(4):
        h, lean = u * rng.uniform(0.1, 0.24), rng.uniform(-0.03, 0.03) * u
        x0 = x + (k - 1.5) * u * 0.016
        pts = [
            (x0, y),
            (x0 + lean + u * 0.014, y - h * 0.35),
            (x0 + lean - u * 0.012, y - h * 0.7),
            (x0 + lean * 1.6, y - h),
        ]
        stage[layer].fill(
            curves.tube(pts, [u * 0.012, u * 0.015, u * 0.012, u * 0.002]), mix(tone, light_of(tone), 0.3 * (k % 2))
        )


def _coral(stage: Stage, x: float, y: float) -> None:
    u, rng, c = stage.unit, stage.rng, stage["mid"]
    tone = rng.choice(((244, 128, 130), (250, 176, 100), (216, 130, 200), (250, 210, 120)))
    if rng.random() < 0.5:
        for a in (-50, -22, 5, 30, 55):
            r, h = math.radians(90 + a), u * rng.uniform(0.05, 0.09)
            c.soft(
                curves.tube(
                    [
                        (x, y),
                        (x + 0.5 * h * math.cos(r), y - h * 0.6),
                        (x + h * math.cos(r), y - h * math.sin(r) - h * 0.3),
                    ],
                    [u * 0.016, u * 0.013, u * 0.014],
                ),
                tone,
                line=False,
            )
        return
    for k in range(4):
        r = u * rng.uniform(0.02, 0.036)
        c.soft(
            curves.oval(x + u * 0.025 * (k - 1.5), y - r * 0.5, r, r), mix(tone, light_of(tone), 0.2 * k), line=False
        )
