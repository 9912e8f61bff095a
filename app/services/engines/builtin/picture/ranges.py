"""Land that rises: peaks with a lit and a shaded side, ranges lost in mist, dunes, cliffs, a volcano."""

from __future__ import annotations

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of, shift
from app.services.engines.builtin.picture.curves import Curve
from app.services.engines.builtin.picture.stage import Stage, land, skyline
from app.services.engines.builtin.picture.terrain import mist, snow_lies

SNOW: RGB = (250, 252, 255)


def _slope(stage: Stage, ax: float, ay: float, bx: float, by: float, rough: float, n: int = 9) -> Curve:
    """A broken line from a to b."""
    rng = stage.rng
    t = np.linspace(0, 1, n)
    wave = np.array([0.0, *(rng.uniform(-1, 1) for _ in range(n - 2)), 0.0])
    return np.stack([ax + (bx - ax) * t + wave * rough, ay + (by - ay) * t**0.92 + wave * rough * 0.5], 1)


def peak(
    stage: Stage, layer: str, x: float, base: float, half: float, height: float, tone: RGB, snow: float = 0.0
) -> None:
    """One mountain: its side towards the light, its shaded side, spurs, and ``snow`` (share of the height)."""
    c, rng = stage[layer], stage.rng
    side = 1.0 if stage.light[0] < x else -1.0  # where the shade falls
    top, lean = base - height, rng.uniform(-0.12, 0.12) * half
    rough = half * 0.05
    left = _slope(stage, x + lean, top, x - half, base, rough)
    right = _slope(stage, x + lean, top, x + half * rng.uniform(0.85, 1.15), base, rough)
    outline = np.vstack([left[::-1], right[1:], [(x + half, base + height), (x - half, base + height)]])
    foot = mix(tone, mix(stage.palette.sky[2], WHITE, 0.2), 0.5)
    c.graded(outline, mix(tone, light_of(tone), 0.5), foot)
    ridge = _slope(stage, x + lean, top, x - side * half * 0.12, base + height * 0.1, half * 0.09, 8)
    far = right if side > 0 else left
    shaded = np.vstack([ridge, far[::-1]])
    c.fill(shaded, mix(shade_of(tone), foot, 0.2), 0.72)
    for _ in range(4):  # spurs that catch the light, gullies that do not
        t = rng.uniform(0.25, 0.75)
        edge = left if rng.random() < 0.5 else right
        px, py = edge[int(t * 8)]
        px = x + lean + (px - x - lean) * rng.uniform(0.25, 0.8)
        d = half * rng.uniform(0.08, 0.2)
        lit = (px < x) == (side > 0)
        c.fill(
            [(px, py), (px + d * 0.5, py + height * 0.24), (px - d, py + height * 0.3)],
            light_of(tone) if lit else shade_of(shade_of(tone)),
            0.3,
        )
    if snow > 0:
        _cap(stage, layer, left, right, ridge, side, snow)


def _cap(stage: Stage, layer: str, left: Curve, right: Curve, ridge: Curve, side: float, snow: float) -> None:
    c, rng = stage[layer], stage.rng
    n = max(3, round(9 * snow))
    a, b, m = left[:n], right[:n], ridge[: max(2, round(8 * snow))]
    span = float(abs(b[-1, 0] - a[-1, 0]))
    zig = []
    for k in range(1, 8):
        t = k / 8
        px, py = b[-1] + (a[-1] - b[-1]) * t
        zig.append(
            (px + rng.uniform(-0.03, 0.03) * span, py + span * (0.13 if k % 2 else -0.07) * rng.uniform(0.5, 1.3))
        )
    cap = np.vstack([a[::-1], b[1:], zig])
    c.fill(cap, SNOW, 0.96)
    dark = np.vstack([m, (b if side > 0 else a)[::-1]])
    with c.inside(cap):
        c.fill(dark, (176, 194, 226), 0.75)


def mountains(stage: Stage, size: float, *, peaks: bool, count: int = 0) -> None:
    """Ranges on the far layer, the rear ones paler, mist at their feet; with ``peaks`` high ones of uneven size.

    The highest stands away from the hero, so that the eye has a goal beside the figure.
    """
    u, rng, p = stage.unit, stage.rng, stage.palette
    base: RGB = (112, 136, 168) if stage.scene.season != "autumn" else (146, 128, 146)
    haze = mix(p.sky[2], p.sky[1], 0.35)
    if peaks:
        n = count or max(3, round(3.4 * stage.width / u / 1.6) + rng.randrange(2))
        goal = 0.74 if stage.hero_x < 0.5 else 0.26
        spots = [(k + rng.uniform(0.15, 0.85)) / n for k in range(n)]
        for row, dim in ((0, 0.62), (1, 0.28)):
            for x in spots if row == 0 else [min(1.1, max(-0.1, s + rng.uniform(-0.2, 0.2))) for s in spots[1:]]:
                near = max(0.0, 1 - abs(x - goal) * 2.2)
                h = u * size * (0.62 + 0.75 * near if row == 0 else rng.uniform(0.3, 0.55)) * rng.uniform(0.85, 1.15)
                w = h * rng.uniform(0.8, 1.15)
                tone = mix(shift(base, hue=rng.uniform(-0.015, 0.015)), haze, dim)
                peak(stage, "far", x * stage.width, stage.horizon + u * 0.03, w, h, tone, 0.42 if row == 0 else 0.0)
            mist(stage, "far", stage.horizon - u * size * 0.16 * (1 - row), u * size * 0.3, 0.4)
    else:
        rear = skyline(
            stage,
            stage.horizon - u * size * 0.5,
            u * size * 0.42,
            round(3 * stage.width / u) or 1,
            octaves=4,
            rough=0.4,
        )
        land(stage["far"], rear, mix(base, haze, 0.45), mix(base, haze, 0.88), u * size)
    near_line = skyline(
        stage, stage.horizon - u * size * 0.08, u * size * 0.2, round(3 * stage.width / u) or 1, octaves=4, rough=0.42
    )
    green = mix(base, (104, 150, 128) if not snow_lies(stage) else (196, 212, 228), 0.55)
    land(stage["far"], near_line, green, mix(green, haze, 0.6), u * size * 0.7)


def dune(stage: Stage, layer: str, x: float, base: float, half: float, height: float, tones: tuple[RGB, RGB]) -> None:
    """A dune with a sharp winding crest: sunny on the light's side, in shade on the other."""
    c, rng = stage[layer], stage.rng
    top, low = tones
    side = 1.0 if stage.light[0] < x else -1.0
    crest = x + side * half * rng.uniform(-0.05, 0.2)
    up = base - height
    line = curves.smooth(
        [
            (x - half * 1.25, base),
            (x - half * 0.7, base - height * 0.28),
            (crest - half * 0.2, base - height * 0.84),
            (crest, up),
            (crest + half * 0.26, base - height * 0.8),
            (x + half * 0.75, base - height * 0.26),
            (x + half * 1.3, base),
        ],
        closed=False,
        steps=6,
    )
    foot = base + height * 0.9
    c.graded(np.vstack([line, [(x + half * 1.3, foot), (x - half * 1.3, foot)]]), light_of(top), mix(top, low, 0.55))
    spine = curves.smooth(
        [
            (crest, up),
            (crest - side * half * 0.1, base - height * 0.72),
            (crest + side * half * 0.16, base - height * 0.42),
            (crest - side * half * 0.06, base - height * 0.08),
            (crest + side * half * 0.34, foot),
        ],
        closed=False,
        steps=6,
    )
    far = line[line[:, 0] >= crest] if side > 0 else line[line[:, 0] <= crest][::-1]
    shade = np.vstack([spine, [(x + side * half * 1.3, foot)], far[::-1]])
    c.fill(shade, mix(shade_of(low), (150, 92, 96), 0.25), 0.5)
    c.stroke(spine[:14], max(1.0, half * 0.006), light_of(light_of(top)), smooth=False)


def cliff(stage: Stage, layer: str, side: int, edge: float, top: float, foot: float, tone: RGB, cap: RGB) -> None:
    """A wall of rock from the frame's ``side`` (-1 left) to ``edge`` (pixels): a lit top, broken strata, its foot."""
    c, rng, u = stage[layer], stage.rng, stage.unit
    out = -u * 0.1 if side < 0 else stage.width + u * 0.1
    d = edge - out
    rim = [
        (out, top - u * 0.02),
        (out + d * 0.4, top - u * 0.03),
        (out + d * 0.8, top + u * 0.004),
        (edge, top + u * 0.02),
    ]
    face = [
        (edge + d * 0.015, top + u * 0.05),
        (edge - d * 0.06, top + (foot - top) * 0.3),
        (edge + d * 0.02, top + (foot - top) * 0.42),
        (edge - d * 0.1, top + (foot - top) * 0.7),
        (edge + d * 0.03, foot),
    ]
    wall = np.array([*rim, *face, (out, foot)])
    c.graded(wall, light_of(tone), shade_of(tone))
    with c.inside(wall):
        for _ in range(12):
            y, x = rng.uniform(top + u * 0.05, foot), out + d * rng.uniform(0.1, 0.95)
            w = abs(d) * rng.uniform(0.05, 0.2)
            c.fill(
                [(x - w, y), (x + w * 0.7, y - u * 0.012), (x + w, y + u * 0.012), (x - w * 0.5, y + u * 0.024)],
                shade_of(shade_of(tone)) if rng.random() < 0.6 else light_of(tone),
                0.35,
            )
        c.fill(
            [(edge + d * 0.1, top), (edge - d * 0.2, top), (edge - d * 0.12, foot), (edge + d * 0.1, foot)],
            shade_of(shade_of(tone)),
            0.3,
        )
    c.graded(
        curves.smooth([*rim, (edge - d * 0.1, top + u * 0.05), (out, top + u * 0.05)], steps=4), light_of(cap), cap
    )


def volcano(stage: Stage, x: float, base: float, half: float, height: float) -> None:
    """A burning mountain with a glowing mouth, streams of lava and smoke."""
    c, rng = stage["far"], stage.rng
    tone: RGB = (112, 92, 104)
    up = base - height
    left = _slope(stage, x - half * 0.16, up, x - half, base, half * 0.03)
    right = _slope(stage, x + half * 0.16, up, x + half, base, half * 0.03)
    outline = np.vstack([left[::-1], right, [(x + half, base + height), (x - half, base + height)]])
    c.graded(outline, light_of(tone), shade_of(tone))
    c.fill(np.vstack([right, [(x + half * 0.1, base), (x + half * 0.04, up + height * 0.4)]]), (66, 48, 70), 0.5)
    c.fill(curves.oval(x, up, half * 0.17, half * 0.045), (96, 44, 44))
    c.fill(curves.oval(x, up + half * 0.008, half * 0.13, half * 0.03), (255, 176, 84))
    for k in range(3):
        px, drop = x + half * (k - 1) * 0.1, height * rng.uniform(0.35, 0.8)
        line = [
            (px, up + half * 0.02),
            (px + half * rng.uniform(-0.05, 0.1) * (k - 1), up + drop * 0.4),
            (px + half * 0.22 * (k - 1) * rng.uniform(0.6, 1.2), up + drop),
        ]
        c.fill(curves.tube(line, [half * 0.05, half * 0.036, half * 0.02]), (240, 96, 48))
        c.fill(curves.tube(line, [half * 0.026, half * 0.016, half * 0.006]), (255, 206, 104))
        stage.lamp("far", *line[1], half * 0.3, (255, 130, 60), 0.3 + 0.25 * stage.palette.dark)
    stage.lamp("far", x, up, half * 0.7, (255, 140, 70), 0.5 + 0.3 * stage.palette.dark, core=half * 0.05)
    w, h = stage.width, stage.height
    for k in range(7):
        t = k / 6
        stage["sky"].glow(
            x + half * 0.5 * t * t, up - height * 0.55 * t, half * (0.2 + 0.3 * t), (120, 108, 120), 0.5 - 0.3 * t
        )
    box = (
        max(0.0, (x - half * 0.2) / w),
        max(0.0, (up - height * 0.7) / h),
        min(1.0, (x + half * 0.5) / w),
        max(0.01, up / h),
    )
    stage.effect("smoke", 0.5, (150, 136, 146), depth=0.2, box=box)
