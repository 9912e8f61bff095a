"""Places without ground of the earth: above the clouds, and the moon under foreign planets."""

from __future__ import annotations

import math

import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of, shift
from app.services.engines.builtin.picture.extras import put_building
from app.services.engines.builtin.picture.nature import other
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.ranges import peak
from app.services.engines.builtin.picture.scenery import clouds_below, front, stand
from app.services.engines.builtin.picture.stage import Stage, land, skyline
from app.services.engines.builtin.picture.terrain import calm, carry, mist


def heaven(stage: Stage) -> None:
    """Above the clouds: islands that float, a palace in the air, or peaks that rise out of a white sea."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage)
    stage.haze.update(far=0.3, mid=0.1)
    if plan == 2:
        for _ in range(4):
            x = goal + u * rng.uniform(-0.7, 0.7)
            peak(stage, "far", x, y + u * 0.12, u * 0.2, u * rng.uniform(0.16, 0.4), (124, 146, 180), 0.5)
    clouds_below(stage, "far", y - u * 0.06, 8, 0.3)
    mist(stage, "far", y + u * 0.02, u * 0.08, 0.4)
    if plan == 0:
        _floating(stage, goal, y - u * 0.1, u * 0.26)
        _floating(stage, w - goal, y - u * 0.28, u * 0.11)
    elif plan == 1:
        put_building(stage, "mid", "castle", goal / w, y + u * 0.1, u * 0.42)
    clouds_below(stage, "mid", y + u * 0.06, 7, 0.42)
    clouds_below(stage, "subject", stage.feet - u * 0.05, 8, 0.6)
    stage.afloat = y + u * 0.05
    front(stage, "none")


def _floating(stage: Stage, x: float, y: float, half: float) -> None:
    """An island in the air: grass above, rock and roots below, a fall of water."""
    c, rng = stage["mid"], stage.rng
    rock = [
        (x - half, y),
        (x - half * 0.5, y + half * 0.5),
        (x - half * 0.1, y + half * 1.05),
        (x + half * 0.25, y + half * 0.6),
        (x + half, y),
    ]
    c.graded(curves.smooth(rock, steps=4), (176, 150, 140), (110, 94, 116))
    c.fill(
        [(x + half * 0.1, y), (x + half, y), (x + half * 0.3, y + half * 0.55), (x - half * 0.05, y + half * 0.95)],
        (92, 76, 104),
        0.4,
    )
    c.graded(
        curves.smooth(
            [
                (x - half * 1.04, y + half * 0.04),
                (x - half * 0.4, y - half * 0.14),
                (x + half * 0.5, y - half * 0.12),
                (x + half * 1.04, y + half * 0.04),
                (x, y + half * 0.17),
            ],
            steps=5,
        ),
        (168, 206, 118),
        (112, 162, 96),
    )
    c.fill(
        [
            (x - half * 0.62, y + half * 0.02),
            (x - half * 0.5, y + half * 0.02),
            (x - half * 0.46, y + half * 0.9),
            (x - half * 0.66, y + half * 0.9),
        ],
        WHITE,
        0.7,
    )
    for dx, h, kind in ((-0.2, 0.8, "oak"), (0.3, 0.56, "cherry"), (0.62, 0.4, "bush")):
        stand(stage, "mid", kind, x + dx * half, y - half * 0.02, half * h)
    if half > stage.unit * 0.15 and rng.random() < 0.7:
        put_building(stage, "mid", "house", (x + half * 0.06) / stage.width, y + half * 0.02, half * 0.4)


def space(stage: Stage) -> None:
    """A moon's ground with craters under a ringed giant, a blue world, or a nebula with a base of domes."""
    u, rng, w, y = stage.unit, stage.rng, stage.width, stage.horizon
    plan, goal = rng.randrange(3), other(stage, 0.24)
    stage.haze.update(far=0.0, mid=0.0)
    _nebula(stage, plan)
    tone = shift((236, 150, 110), hue=rng.random())
    if plan == 0:
        _planet(stage, goal, y * 0.5, u * 0.26, tone, rings=True)
        _planet(stage, w - goal, y * 0.26, u * 0.06, (150, 190, 230), rings=False)
    elif plan == 1:
        _earth(stage, goal, y * 0.62, u * 0.3)
        _planet(stage, w - goal, y * 0.3, u * 0.07, tone, rings=False)
    else:
        _planet(stage, goal, y * 0.34, u * 0.12, tone, rings=True)
        _planet(stage, w - goal, y * 0.6, u * 0.05, (240, 190, 140), rings=False)
        _planet(stage, w * 0.5, y * 0.2, u * 0.03, (190, 150, 220), rings=False)
    top, low = ground("moon")
    if rng.random() < 0.5:
        top, low = mix(top, shift(tone, saturation=0.5), 0.4), mix(low, shift(tone, saturation=0.6), 0.4)
    for k in range(4):
        x = (k + rng.random()) / 4 * w
        peak(stage, "far", x, y + u * 0.05, u * rng.uniform(0.15, 0.3), u * rng.uniform(0.06, 0.2), shade_of(low))
    c = stage["mid"]
    land(c, skyline(stage, y + u * 0.03, u * 0.025, 3), mix(top, low, 0.4), low, stage.feet - y + u * 0.1)
    for k in range(13):
        t = (k + rng.random()) / 13
        py = y + u * 0.06 + (stage.height - y) * t**1.6
        _crater(stage, rng.uniform(0, w), py, u * (0.02 + 0.09 * t) * rng.uniform(0.6, 1.2), top, low)
    carry(stage, "mid", stage.feet - u * 0.07, u * 0.03)
    if plan == 2:
        _base(stage, goal, y + u * 0.12)
    stage.effect("stars", 0.7, (255, 250, 236), depth=0.0, box=(0.0, 0.0, 1.0, y / stage.height))
    front(stage, "none")


def _nebula(stage: Stage, plan: int) -> None:
    rng, u, c = stage.rng, stage.unit, stage["sky"]
    colours: tuple[RGB, ...] = ((210, 90, 190), (90, 130, 240), (250, 150, 120), (90, 210, 210))
    a, b = rng.sample(colours, 2)
    n = 16 if plan == 2 else 9
    for k in range(n):
        t = k / n
        x, y = stage.width * (t * 1.1 - 0.05), stage.horizon * (0.75 - 0.5 * t + rng.uniform(-0.16, 0.16))
        c.glow(x, y, u * rng.uniform(0.2, 0.4), mix(a, b, t), 0.32, squash=0.7)
    for _ in range(70):
        t = rng.random()
        x, y = stage.width * t, stage.horizon * (0.75 - 0.5 * t + rng.gauss(0, 0.09))
        c.dot(x, y, max(0.7, u * rng.choice((0.0008, 0.0012, 0.002))), (255, 246, 236), rng.uniform(0.4, 1.0))


def _planet(stage: Stage, x: float, y: float, r: float, tone: RGB, *, rings: bool) -> None:
    c, rng = stage["sky"], stage.rng
    c.glow(x, y, r * 1.7, light_of(tone), 0.35)
    t = np.linspace(0, 2 * math.pi, 61)
    ring = np.stack([x + r * 1.75 * np.cos(t), y + r * 0.4 * np.sin(t) + r * 0.22 * np.cos(t)], 1)
    if rings:
        for wide, colour in ((0.16, light_of(tone)), (0.05, shade_of(tone))):
            c.stroke(ring[30:], max(1.0, r * wide), colour, smooth=False)
    ball = curves.oval(x, y, r, r, 0, 48)
    c.soft(ball, tone, line=False, dark=mix(shade_of(tone), (24, 16, 60), 0.75))
    with c.inside(ball):
        for k in range(5):
            band_y = y + r * (-0.7 + 0.34 * k + rng.uniform(-0.05, 0.05))
            c.fill(
                curves.oval(x, band_y, r * 1.2, r * rng.uniform(0.04, 0.1), -7),
                light_of(tone) if k % 2 else shade_of(tone),
                0.4,
            )
        c.fill(curves.oval(x + r * 0.4, y + r * 0.3, r * 0.95, r), (20, 14, 50), 0.3)
    if rings:
        for wide, colour in ((0.16, light_of(tone)), (0.05, shade_of(tone))):
            c.stroke(ring[:31], max(1.0, r * wide), colour, smooth=False)


def _earth(stage: Stage, x: float, y: float, r: float) -> None:
    """A blue world half risen behind the hills."""
    c, rng = stage["sky"], stage.rng
    c.glow(x, y, r * 1.5, (150, 210, 255), 0.5)
    ball = curves.oval(x, y, r, r, 0, 60)
    c.soft(ball, (74, 146, 220), line=False, dark=(22, 40, 110))
    with c.inside(ball):
        for _ in range(6):
            a, d = rng.uniform(0, 6.3), r * rng.uniform(0.1, 0.8)
            land_at = curves.blob(
                rng,
                x + d * math.cos(a),
                y + d * math.sin(a),
                r * rng.uniform(0.16, 0.34),
                r * rng.uniform(0.1, 0.2),
                0.3,
            )
            c.fill(land_at, (120, 180, 110), 0.9)
        for _ in range(9):
            c.fill(
                curves.oval(
                    x + r * rng.uniform(-0.8, 0.8),
                    y + r * rng.uniform(-0.8, 0.8),
                    r * rng.uniform(0.15, 0.4),
                    r * 0.035,
                    rng.uniform(-14, 14),
                ),
                WHITE,
                0.75,
            )
        c.fill(curves.oval(x + r * 0.45, y + r * 0.35, r, r * 1.05), (10, 14, 54), 0.35)


def _crater(stage: Stage, x: float, y: float, r: float, top: RGB, low: RGB) -> None:
    c, soft = stage["mid"], calm(stage, y)
    c.fill(curves.oval(x, y, r * 1.12, r * 0.34), light_of(top), 0.6 * soft)
    c.fill(curves.oval(x, y + r * 0.01, r, r * 0.28), shade_of(shade_of(low)), 0.65 * soft)
    c.fill(curves.oval(x + r * 0.06, y + r * 0.07, r * 0.86, r * 0.19), low, 0.9 * soft)


def _base(stage: Stage, x: float, y: float) -> None:
    """Domes with lit windows, a mast and a rocket beyond."""
    c, u = stage["mid"], stage.unit
    for dx, r in ((-0.16, 0.07), (0.14, 0.09), (0.0, 0.13)):
        px, q = x + dx * u, r * u
        t = np.linspace(math.pi, 2 * math.pi, 24)
        dome = np.stack([px + q * np.cos(t), y + q * 0.9 * np.sin(t)], 1)
        c.soft(dome, (226, 232, 244), line=False, dark=(120, 126, 168))
        for k in range(3):
            wx = px + (k - 1) * q * 0.5
            c.fill(curves.oval(wx, y - q * 0.34, q * 0.13, q * 0.16), (255, 232, 160))
            stage.lamp("mid", wx, y - q * 0.34, q * 0.4, strength=0.6)
        c.fill(curves.box(px - q, y - q * 0.06, px + q, y), (150, 156, 180))
    c.stroke([(x + u * 0.2, y), (x + u * 0.2, y - u * 0.24)], max(1.2, u * 0.004), (206, 210, 226), smooth=False)
    stage.lamp("mid", x + u * 0.2, y - u * 0.24, u * 0.05, (255, 110, 100), 0.8, core=u * 0.005)
