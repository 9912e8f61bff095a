"""Colours by table: any change of colour at the price of one look-up per pixel.

A table has an entry for each of 64 x 64 x 64 colours (blue, green, red), so it can do what no matrix can: ink with one
red kept, six printing inks, cel shading. Tables are cached, for they depend on the style alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np

from app.services.engines.builtin.picture.colour import Pixels, hexa

_N = 64
_DROP = (np.arange(256) >> 2).astype(np.uint8)


def look_up(bgr: Pixels, table: Pixels) -> Pixels:
    """``bgr`` (h, w, 3) through a table of ``_N`` cubed colours."""
    small = cv2.LUT(bgr, _DROP)
    at = cv2.extractChannel(small, 0).astype(np.int32)
    for channel in (1, 2):
        at *= _N
        np.add(at, cv2.extractChannel(small, channel), out=at, casting="unsafe")
    packed = np.take(table, at)
    return np.asarray(cv2.cvtColor(packed.view(np.uint8).reshape(*at.shape, 4), cv2.COLOR_BGRA2BGR))


def _cube() -> Pixels:
    """All colours of a table as (512, 512, 3), blue, green, red of 0 to 1."""
    steps = (np.arange(_N, dtype=np.float32) * 4 + 2) / 256
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    return np.stack([b.ravel(), g.ravel(), r.ravel()], 1).reshape(512, 512, 3)


def _packed(bgr: Pixels) -> Pixels:
    flat = np.clip(bgr.reshape(-1, 3) * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.column_stack([flat, np.full(len(flat), 255, np.uint8)])).view(np.uint32).ravel()


def _step(x: Pixels, low: float, high: float) -> Pixels:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _parts(cube: Pixels) -> tuple[Pixels, Pixels, Pixels, Pixels]:
    """Hue in degrees, saturation, value and brightness of all colours."""
    hsv = cv2.cvtColor(cube, cv2.COLOR_BGR2HSV)
    grey = cube @ np.array((0.114, 0.587, 0.299), np.float32)
    return hsv[:, :, 0], hsv[:, :, 1], hsv[:, :, 2], grey


def _ramp(grey: Pixels, colours: Sequence[str], at: Sequence[float]) -> Pixels:
    points = [hexa(c) for c in colours]
    return np.stack([np.interp(grey, at, [c[k] / 255 for c in points]) for k in (2, 1, 0)], 2)


def _terraced(grey: Pixels, tones: Sequence[float], soft: float) -> Pixels:
    """Brightness drawn to a few tones; ``soft`` 0 is hard, 1 leaves nothing of the steps."""
    out = np.full_like(grey, tones[0])
    for a, b in pairwise(tones):
        middle, reach = (a + b) / 2, max(1e-3, (b - a) / 2 * soft)
        out += (b - a) * _step(grey, middle - reach, middle + reach)
    return np.asarray(out)


def _red(hue: Pixels, saturation: Pixels, value: Pixels, least: float = 0.5) -> Pixels:
    """How much a colour is a strong red, 0 to 1; skin and wood are not."""
    away = np.minimum(hue, 360 - hue)
    strong = _step(saturation, least, least + 0.14) * _step(value, 0.36, 0.5)
    return np.asarray(strong * (1 - _step(away, 13, 21)))


@lru_cache(maxsize=2)
def ink() -> Pixels:
    """Five tones of ink on rice paper, a breath of ochre and indigo, and cinnabar where it was red."""
    cube = _cube()
    hue, saturation, value, grey = _parts(cube)
    bent = np.clip((grey - 0.5) * 1.3 + 0.5, 0, 1)
    tone = _terraced(bent, (0.07, 0.24, 0.45, 0.68, 0.87, 0.985), 0.72)
    wash = _ramp(
        tone, ("17181d", "3f4349", "777b7e", "aaaba6", "d9d5c8", "f7f2e6"), (0.07, 0.24, 0.45, 0.68, 0.87, 0.985)
    )
    tint = (cube - grey[:, :, None]) * (0.2 + 0.1 * (hue < 70))[:, :, None]
    out = wash + tint * _step(saturation, 0.1, 0.4)[:, :, None]
    seal = _ramp(value, ("6e1a16", "b8352a", "d0463a"), (0.2, 0.7, 1.0))
    red = _red(hue, saturation, value)[:, :, None] * 0.96
    return _packed(out * (1 - red) + seal * red)


@lru_cache(maxsize=2)
def mineral() -> Pixels:
    """Malachite, azurite, ochre and cinnabar: greens turn cool, blues deep, everything else to the silk."""
    cube = _cube()
    hue, saturation, value, grey = _parts(cube)
    out = grey[:, :, None] + (cube - grey[:, :, None]) * 0.92
    deep = 0.62 + 0.42 * value
    for at, reach, near, code, amount in (
        (110, 30, 66, "4fa58c", 0.72),
        (205, 26, 46, "3f78b4", 0.66),
        (2, 10, 22, "cf4b36", 0.5),
    ):
        away = np.abs(np.mod(hue - at + 180, 360) - 180)
        share = (1 - _step(away, reach, near)) * _step(saturation, 0.1, 0.34) * amount
        tone = np.array([c / 255 for c in reversed(hexa(code))], np.float32) * (deep * 1.18)[:, :, None]
        out = out * (1 - share[:, :, None]) + tone * share[:, :, None]
    return _packed(np.clip(out, 0, 1))


@lru_cache(maxsize=2)
def noir() -> Pixels:
    """Three hard tones between black and silver; only red is left, and a trace of warmth in the light."""
    cube = _cube()
    hue, saturation, value, grey = _parts(cube)
    tone = _terraced(np.clip((grey - 0.09) * 1.42, 0, 1), (0.02, 0.3, 0.66, 0.98), 0.6)
    silver = _ramp(tone, ("08090d", "3b3e47", "a3a5aa", "f3f1ea"), (0.02, 0.3, 0.66, 0.98))
    red = _red(hue, saturation, value, 0.5)[:, :, None]
    accent = _ramp(value, ("500a12", "b3141f", "e02a32"), (0.2, 0.6, 1.0))
    return _packed(silver * (1 - red) + accent * red)


@lru_cache(maxsize=2)
def cel() -> Pixels:
    """Clean colours in three or four brightnesses, shadows turned towards violet blue."""
    cube = _cube()
    _, saturation, value, _ = _parts(cube)
    tone = _terraced(value, (0.1, 0.3, 0.5, 0.7, 0.87, 1.0), 0.42)
    ratio = (tone * 0.62 + value * 0.38) / np.maximum(value, 1e-3)
    grey = (cube @ np.array((0.114, 0.587, 0.299), np.float32))[:, :, None]
    out = (grey + (cube - grey) * (1.34 - 0.22 * saturation[:, :, None])) * ratio[:, :, None]
    shade = (1 - _step(value, 0.25, 0.72))[:, :, None] * 0.16
    out = out * (1 - shade) + shade * out * np.array((1.5, 0.86, 1.0), np.float32)
    return _packed(np.clip(out, 0, 1) ** 0.95)


@lru_cache(maxsize=2)
def flat() -> Pixels:
    """Few brightnesses and few saturations, a little dusty: what a designer would pick."""
    cube = _cube()
    hue, saturation, value, _ = _parts(cube)
    v = _terraced(value, (0.12, 0.32, 0.52, 0.7, 0.85, 0.98), 0.12)
    s = np.clip(_terraced(saturation, (0.02, 0.26, 0.54, 0.8), 0.4) * 1.06, 0, 1)
    turned = np.mod(hue + 6 * np.sin(np.radians(hue * 2 + 40)), 360)
    out = cv2.cvtColor(np.stack([turned, s, v], 2).astype(np.float32), cv2.COLOR_HSV2BGR)
    return _packed(out * 0.95 + np.array((0.93, 0.97, 1.0), np.float32) * 0.05)


@lru_cache(maxsize=2)
def cyber() -> Pixels:
    """Night colours: shadows to indigo, greens to cyan, yellows to hot pink, lights left to burn."""
    cube = _cube()
    hue, saturation, value, grey = _parts(cube)
    base = _ramp(np.clip(grey, 0, 1), ("0a0620", "241052", "4a2c8e", "8a66d8", "d8c4ff"), (0, 0.22, 0.45, 0.7, 1.0))
    strong = np.clip(cube * 1.05 - 0.03, 0, 1)
    keep = np.clip(0.3 + 0.5 * _step(saturation, 0.4, 0.75) + 0.3 * _step(value, 0.7, 0.92), 0, 0.9)
    warm = 1 - _step(np.minimum(hue, 360 - hue), 40, 62)
    keep = np.maximum(keep, 0.84 * warm * _step(saturation, 0.14, 0.26) * _step(value, 0.4, 0.6))  # skin stays skin
    return _packed(base * (1 - keep[:, :, None]) + strong * keep[:, :, None])


@lru_cache(maxsize=2)
def cinema() -> Pixels:
    """Shadows a little teal, lights a little amber, a soft shoulder."""
    cube = _cube()
    grey = (cube @ np.array((0.114, 0.587, 0.299), np.float32))[:, :, None]
    out = grey + (cube - grey) * 0.9
    low, high = 1 - _step(grey, 0.1, 0.6), _step(grey, 0.45, 0.95)
    out = out + low * np.array((0.06, 0.025, -0.045), np.float32) + high * np.array((-0.08, 0.0, 0.035), np.float32)
    return _packed(np.clip(out, 0, 1) + 0.42 * (_step(np.clip(out, 0, 1), 0.0, 1.0) - np.clip(out, 0, 1)) - 0.02)


@lru_cache(maxsize=2)
def red_paper() -> Pixels:
    """Everything in reds, gold and cream, as window flowers of the new year are cut."""
    cube = _cube()
    hue, saturation, value, grey = _parts(cube)
    tone = _terraced(grey, (0.06, 0.26, 0.44, 0.6, 0.76, 0.95), 0.3)
    out = _ramp(tone, ("5c0a12", "961420", "c8202a", "de4a34", "f0b860", "fdeecb"), (0.06, 0.26, 0.44, 0.6, 0.76, 0.95))
    yellow = (1 - _step(np.abs(hue - 46), 12, 24)) * _step(saturation, 0.35, 0.6) * _step(value, 0.5, 0.7)
    gold = _ramp(value, ("8a5a14", "e0a038", "f8cc6a"), (0.3, 0.75, 1.0))
    return _packed(out * (1 - yellow[:, :, None]) + gold * yellow[:, :, None])


INKS: tuple[tuple[str, ...], ...] = (
    ("1d2b4a", "1f6f78", "e4573d", "f2a541", "f8e6c1", "7fb3a6", "b5382f"),
    ("2b1f3d", "5b3f86", "ef6f4c", "f7b267", "fdeed2", "4d9a9c", "c2304a"),
    ("13343b", "2f7f86", "d9483b", "eebd4f", "f6ecd4", "93b48b", "8d2f3a"),
    ("33211c", "7a4b2a", "d8562b", "efb23e", "f7e8c6", "3f7f78", "a82a2a"),
)
"""Sets of printing inks; the first is the darkest."""


@lru_cache(maxsize=6)
def inks(codes: tuple[str, ...], chroma: float = 1.0) -> Pixels:
    """The nearest of a few inks; ``chroma`` above 1 makes hue count for more than brightness."""
    half = _N // 2  # no finer: a hundredth of a second instead of a tenth
    lab = cv2.cvtColor(
        _cube().reshape(_N, _N, _N, 3)[1::2, 1::2, 1::2].reshape(half * half, half, 3), cv2.COLOR_BGR2Lab
    )
    colours = np.array([[[c[2] / 255, c[1] / 255, c[0] / 255] for c in map(hexa, codes)]], np.float32)
    target = cv2.cvtColor(colours, cv2.COLOR_BGR2Lab)[0]
    weight = np.array((1.0, chroma, chroma), np.float32)
    far = np.stack([(((lab - t) * weight) ** 2).sum(2) for t in target], 0)
    nearest = colours[0][np.argmin(far, 0)].reshape(half, half, half, 3)
    return _packed(nearest.repeat(2, 0).repeat(2, 1).repeat(2, 2))


SIXTEEN = ("1a1c2c", "38284c", "5d275d", "8f3b4e", "b13e53", "d9644f", "ef7d57", "ffcd75", "a7f070", "6ab85a", "38b764",
    "257179", "1f4a5c", "29366f", "3b5dc9", "41a6f6", "73cff7", "a8e4f0", "f4f4f4", "c8d4dc", "94b0c2", "566c86",
    "333c57", "f4d8b8", "e0a878", "a86c48", "6c4434", "f6b4c0", "b48ad8", "7a58b0", "fff2c4", "4c9a4a")  # fmt: skip
"""The colours of the pixel style."""
