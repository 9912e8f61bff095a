"""Skies, composed: which clouds and lights an hour, a weather and a style bring, and where they hang.

Painted in final colours, opaque. A sky takes one number from the picture's chance and has its own from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import cv2
import numpy as np

from app.services.engines.builtin.picture import clouds, curves, heavens
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.clouds import cloud
from app.services.engines.builtin.picture.colour import RGB, WHITE, bgra, mix
from app.services.engines.builtin.picture.palette import Palette
from app.services.engines.builtin.picture.words import Scene

__all__ = ["cloud", "paint_sky", "wash"]

_DULL = ("storm", "rain", "cloudy", "fog")
_LOW = ("dawn", "sunset", "dusk")
_FLAT = ("flat", "retro", "papercut", "redcut")
"""Styles whose sky is cut or printed: a plain disc and plain clouds."""
_PAPER = ("ink", "gongbi")
_HEAVY = ("sad", "tense", "angry")


@dataclass(frozen=True)
class _Sky:
    """What all parts of one sky share: its canvas, words, colours, chance, horizon and the place of its light."""

    canvas: Canvas
    scene: Scene
    p: Palette
    rng: Random
    horizon: float
    x: float
    y: float
    unit: float

    @property
    def night(self) -> bool:
        return self.p.dark >= 0.9

    @property
    def dull(self) -> bool:
        return self.scene.weather in _DULL

    @property
    def low(self) -> bool:
        return self.p.hour in _LOW

    @property
    def side(self) -> float:
        """-1 when the light stands in the left half."""
        return -1.0 if self.x < self.canvas.width / 2 else 1.0


def wash(canvas: Canvas, stops: tuple[tuple[float, RGB], ...], seed: int, wave: float = 0.05) -> None:
    """Fill the canvas with a vertical gradient whose bands waver like a painted wash."""
    h, w = canvas.height, canvas.width
    sh, sw = max(8, h // 6), max(8, w // 6)
    rows = np.linspace(0, 1, sh, dtype=np.float32)[:, None] + curves.noise(seed, sw, sh, sw / 2.5, 2) * np.float32(
        wave * 0.5
    )
    at = [s[0] for s in stops]
    planes = [np.interp(rows, at, [bgra(s[1])[k] for s in stops]) for k in range(3)]
    small = np.stack([*planes, np.full_like(planes[0], 255)], 2).astype(np.float32)
    big = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
    canvas.pixels[:] = cv2.convertScaleAbs(big)


def paint_sky(
    canvas: Canvas, scene: Scene, p: Palette, rng: Random, horizon: float, side: float
) -> tuple[float, float]:
    """The whole sky; the light stands at ``side`` (fraction of the width). Returns where the light is, in pixels."""
    own = Random(rng.randrange(1 << 60))
    w, h = canvas.width, canvas.height
    y = horizon * (own.uniform(0.76, 0.86) if p.hour in _LOW else own.uniform(0.2, 0.36))
    sky = _Sky(canvas, scene, p, own, horizon, side * w, y, min(h, w * 1.1))
    hz = min(0.98, max(0.05, horizon / h))
    glow = mix(p.sky[2], p.sun, 0.28 if sky.low and not sky.dull else 0.06)
    stops = ((0.0, p.sky[0]), (hz * 0.55, p.sky[1]), (hz * 0.86, p.sky[2]), (hz, glow), (1.0, p.sky[2]))
    wash(canvas, stops, own.randrange(1 << 30), 0.02 if scene.style in _FLAT else 0.05)
    if scene.style in _PAPER:
        _paper_sky(sky)
    elif scene.style in _FLAT:
        _flat_sky(sky)
    else:
        _painted_sky(sky)
    return sky.x, sky.y


def _painted_sky(s: _Sky) -> None:
    if s.night:
        _night_lights(s)
    elif not s.dull and s.scene.weather != "snow":
        _daylight(s)
    else:
        s.canvas.glow(s.x, s.y, s.unit * 0.55, mix(s.p.sun, WHITE, 0.3), 0.32)
    if s.scene.place == "space" or s.scene.weather == "aurora":
        return
    if s.scene.rainbow:
        heavens.rainbow(
            s.canvas, s.canvas.width * (1 - s.x / s.canvas.width), s.horizon * 1.04, s.unit * 0.6, s.unit * 0.09
        )
    if s.scene.weather == "fog":
        clouds.streaks(s.canvas, s.rng, 0.1, s.horizon / s.canvas.height, s.p.sky[2], 9, 0.4)
        if s.low:  # the sun is a pale disc behind it
            s.canvas.glow(s.x, s.y, s.unit * 0.5, mix(s.p.sun, WHITE, 0.2), 0.7)
            s.canvas.dot(s.x, s.y, s.unit * 0.06, mix(s.p.sun, WHITE, 0.5), 0.75)
    elif s.dull:
        _dull_clouds(s)
    else:
        _clear_clouds(s)
        if s.p.hour in ("dawn", "sunset") and s.scene.weather != "snow" and not s.night:  # thin clouds do not hide it
            s.canvas.glow(s.x, s.y, s.unit * 0.26, s.p.sun, 0.5)
            s.canvas.dot(s.x, s.y, s.unit * 0.058, mix(s.p.sun, WHITE, 0.4), 0.8)


def _night_lights(s: _Sky) -> None:
    rng, weather = s.rng, s.scene.weather
    r = s.unit * rng.uniform(0.045, 0.062)
    shows = weather not in ("storm", "rain", "fog") and (s.scene.moon or s.p.hour != "midnight" or rng.random() < 0.5)
    if not s.dull:
        if weather != "snow" and (s.scene.place == "space" or rng.random() < (0.35 if shows else 0.85)):
            heavens.milky_way(s.canvas, rng, s.horizon, s.p)
        heavens.stars(s.canvas, rng, s.horizon, 0.4 if weather == "snow" else 1.0, (s.x, s.y, r) if shows else None)
    if weather == "aurora":
        heavens.aurora(s.canvas, rng, s.horizon)
    if s.scene.style == "neon" and s.scene.place != "space" and rng.random() < 0.6:
        y = s.horizon - s.unit * 0.06
        heavens.slats(s.canvas, s.x, y, s.unit * 0.19, (255, 214, 120), (255, 60, 150))
    elif shows:
        heavens.moon(s.canvas, rng, s.x, s.y, r, s.p, s.scene.moon or rng.random() < 0.4)


def _daylight(s: _Sky) -> None:
    rng, p = s.rng, s.p
    if s.low:
        s.canvas.glow(s.x, s.horizon, s.unit * 1.15, mix(p.sky[2], p.sun, 0.4), 0.6, squash=0.55)
    below = s.p.hour == "dusk"
    if s.p.hour != "noon" and s.scene.mood not in _HEAVY and rng.random() < (0.75 if s.low else 0.45):
        heavens.rays(
            s.canvas, rng, s.x, s.y, mix(p.sun, WHITE, 0.2), s.unit * rng.uniform(0.8, 1.2), 0.2 if below else 0.28
        )
    if below:
        heavens.stars(s.canvas, rng, s.horizon * 0.55, 0.16)
        if s.scene.moon:
            heavens.moon(s.canvas, rng, s.x, s.horizon * 0.3, s.unit * 0.045, p, False)
        else:
            s.canvas.glow(s.x, s.horizon, s.unit * 0.5, p.sun, 0.5, squash=0.4)
        return
    heavens.sun(s.canvas, s.x, s.y, s.unit * (0.06 if s.low else 0.042), p, s.low)


def _dull_clouds(s: _Sky) -> None:
    drama = {"storm": 1.0, "rain": 0.42}.get(s.scene.weather, 0.2)
    clouds.roof(s.canvas, s.rng, s.horizon, s.p, drama)
    away = s.canvas.width - s.x
    if s.scene.weather == "storm":
        _heaps(s, away, 0.46, 2, 0.96)
        clouds.curtains(s.canvas, s.rng, s.horizon, mix(s.p.cloud[1], s.p.sky[1], 0.5), 0.5)
        heavens.lightning(s.canvas, s.rng, away + s.rng.uniform(-0.08, 0.08) * s.canvas.width, s.horizon * 0.92)
    elif s.scene.weather == "rain":
        clouds.curtains(s.canvas, s.rng, s.horizon, mix(s.p.cloud[1], s.p.sky[2], 0.35), 0.4)
    elif not s.night:
        _heaps(s, away, 0.5, 2, 0.7)


def _clear_clouds(s: _Sky) -> None:
    """One of five skies, none of them on the sun's third."""
    rng, p, away = s.rng, s.p, s.canvas.width - s.x
    alpha = 0.6 if s.night else 0.95
    light = mix(p.cloud[0], p.sky[2], 0.25)
    kind = rng.choice(("tower", "tower", "bank", "fleet", "feathers", "open"))
    if s.scene.style == "anime":
        kind = "tower"
    if s.scene.weather == "wind":
        kind = "feathers"
    if s.low and kind == "tower":
        kind = rng.choice(("bank", "fleet", "bars"))
    if s.night and kind == "fleet":
        kind = "bank"
    if kind in ("feathers", "open", "bars") or rng.random() < 0.4:
        clouds.cirrus(s.canvas, rng, s.horizon, light, 0.3 if s.night else 0.62)
    if kind == "fleet":
        clouds.fleet(s.canvas, rng, s.horizon, p, 0.84)
    elif kind == "tower":
        _tower(s, away, alpha)
    elif kind == "bank":
        _heaps(s, away, 0.76, 5, alpha)
    elif kind == "feathers":
        _heaps(s, away, 0.8, 2, alpha * 0.9)
    if s.low:
        clouds.streaks(s.canvas, rng, s.horizon / s.canvas.height * 0.4, s.horizon / s.canvas.height * 0.97,
            mix(p.cloud[1], p.sky[1], 0.25), 5, 0.62)  # fmt: skip
        clouds.streaks(s.canvas, rng, s.horizon / s.canvas.height * 0.5, s.horizon / s.canvas.height * 0.95,
            mix(p.cloud[0], p.sun, 0.4), 4, 0.7)  # fmt: skip


def _tower(s: _Sky, x: float, alpha: float) -> None:
    """A great cumulus on the third away from the light, lesser ones around it, and one small one on the other side."""
    rng, w = s.rng, s.canvas.width
    tall = rng.uniform(0.48, 0.62) if s.scene.style == "anime" else rng.uniform(0.38, 0.48)
    size = s.unit * rng.uniform(0.72, 0.98) * (1.2 if s.scene.style == "anime" else 1.0)
    lean = 1 if x > w / 2 else -1
    for share, dx, dy in ((0.5, 0.42, 0.86), (0.42, -0.5, 0.8), (0.3, 0.1, 0.34)):
        if rng.random() < 0.8:
            at = x + lean * dx * size + rng.uniform(-0.1, 0.1) * size
            cloud(s.canvas, rng, at, s.horizon * dy, size * share, s.p, alpha * 0.9, s.side, tall * 0.85)
    cloud(s.canvas, rng, x + lean * size * 0.1, s.horizon * rng.uniform(0.56, 0.66), size, s.p, alpha, s.side, tall)
    cloud(
        s.canvas,
        rng,
        w - x - lean * 0.1 * w,
        s.horizon * rng.uniform(0.55, 0.75),
        size * 0.34,
        s.p,
        alpha * 0.85,
        s.side,
    )


def _heaps(s: _Sky, x: float, low: float, count: int, alpha: float) -> None:
    """Clouds lined up over the horizon, the largest away from the light."""
    for k in range(count):
        share = 1.0 - 0.14 * k
        at = x + s.rng.uniform(-0.55, 0.55) * s.canvas.width * (0.3 + 0.2 * k)
        y = s.horizon * (low + s.rng.uniform(-0.12, 0.1))
        cloud(
            s.canvas,
            s.rng,
            at,
            y,
            s.unit * s.rng.uniform(0.3, 0.46) * share,
            s.p,
            alpha,
            s.side,
            s.rng.uniform(0.36, 0.5),
        )


def _flat_sky(s: _Sky) -> None:
    p, rng = s.p, s.rng
    y = s.y if not s.low else s.horizon * 0.78
    light = mix(p.sun, WHITE, 0.3) if s.night else mix(p.sun, p.sky[2], 0.1)
    if s.scene.style == "retro" and not s.dull:
        heavens.sunburst(s.canvas, rng, s.x, y, mix(p.sky[2], p.sun, 0.4), 0.34 if s.night else 0.5)
    if s.night and not s.dull:
        heavens.stars(s.canvas, rng, s.horizon, 0.35)
    if not s.dull and s.scene.weather != "snow":
        if s.night and rng.random() < 0.6 and not s.scene.moon:
            heavens.moon(s.canvas, rng, s.x, y, s.unit * 0.07, p, False)
        else:
            heavens.disc(s.canvas, s.x, y, s.unit * rng.uniform(0.09, 0.13), light, 0.2)
    if s.scene.rainbow:
        heavens.rainbow(s.canvas, s.canvas.width - s.x, s.horizon * 1.04, s.unit * 0.6, s.unit * 0.1)
    tones = (mix(p.cloud[0], p.sky[2], 0.15), mix(p.cloud[1], p.sky[1], 0.3))
    if s.scene.weather == "aurora":
        heavens.aurora(s.canvas, rng, s.horizon)
    if s.scene.style in ("papercut", "redcut"):
        _heaps(s, s.canvas.width - s.x, 0.6, 5 if s.dull else 3, 1.0)
    else:
        clouds.pills(s.canvas, rng, s.horizon, tones, 6 if s.dull else 3)
    if s.scene.weather == "storm":
        heavens.lightning(s.canvas, rng, s.canvas.width - s.x, s.horizon * 0.9)


def _paper_sky(s: _Sky) -> None:
    """Left empty but for the sun or moon and, when the weather asks, washes of thin ink."""
    p, rng = s.p, s.rng
    thin = mix(p.sky[0], (96, 100, 106), 0.34)
    if s.dull:
        clouds.roof(s.canvas, rng, s.horizon, p, 0.5 if s.scene.weather == "storm" else 0.2)
    elif rng.random() < 0.7:
        clouds.cirrus(s.canvas, rng, s.horizon, thin, 0.3)
    if s.scene.weather == "storm":
        heavens.lightning(s.canvas, rng, s.canvas.width - s.x, s.horizon * 0.9)
    if s.scene.weather in ("storm", "rain", "fog", "snow"):
        return
    r = s.unit * (0.058 if s.night else 0.062)
    if s.night:  # the moon is bare paper, and the ink is around it
        s.canvas.glow(s.x, s.y, r * 5, mix(thin, (60, 64, 72), 0.35), 0.5)
        s.canvas.dot(s.x, s.y, r, p.sun)
    else:
        heavens.disc(s.canvas, s.x, s.y, r, p.sun, 0.12)
