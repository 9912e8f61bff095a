"""What light does between the painting and the style: distance, low sun, pools of lamplight, wet ground.

All of it works on premultiplied layers before the figures are painted, who get their own, gentler light.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.services.engines.builtin.picture import brush, curves
from app.services.engines.builtin.picture.canvas import Canvas, over
from app.services.engines.builtin.picture.colour import RGB, WHITE, Matrix, Pixels, mix, multiply, recoloured
from app.services.engines.builtin.picture.palette import air_of
from app.services.engines.builtin.picture.paper import ONE
from app.services.engines.builtin.picture.stage import LAYERS, Lamp, Stage

_COVERED = frozenset({"cave", "underwater", "space"})
_LOW = frozenset({"dawn", "sunset", "dusk"})
_DULL = frozenset({"rain", "storm", "fog", "cloudy", "snow"})
_CROWD = 8
"""From how many lamps on they count as a crowd."""
_PANE = (np.array((118.0, 196, 232, 250)), np.array((216.0, 255, 255, 255)))
"""Blue, green, red and alpha between which a lit pane is painted."""
_NEIGHBOUR = 0.5
"""How much of a lamp's light reaches the layers before and behind its own."""


def open_air(stage: Stage) -> bool:
    """Whether there is a sky over the scene."""
    return not stage.indoors and stage.scene.place not in _COVERED


def distance(canvas: Canvas, stage: Stage, layer: str, haze: float) -> None:
    """The foot of far things lies deeper in the air than their tops."""
    share = {"far": 0.5, "mid": 0.3}.get(layer, 0.0) * haze
    y0, y1 = canvas.rows()
    if not share or y1 - y0 < 8 or not open_air(stage):
        return
    rows = np.arange(y0, y1, dtype=np.float32)
    low = stage.horizon + (0.04 if layer == "mid" else 0.0) * stage.unit
    amount = np.clip((rows - y0) / max(8.0, low - y0), 0, 1) ** 1.6 * min(0.8, share)
    mask = np.ascontiguousarray(np.broadcast_to((amount * 255).astype(np.uint8)[:, None], (y1 - y0, canvas.width)))
    part = canvas.pixels[y0:y1]
    brush.mixed(part, air_of(stage.palette), mask)


def rolling(canvas: Canvas, stage: Stage, layer: str) -> None:
    """In fog a bank of mist lies at the painter's feet, thin where the figures stand."""
    if layer != "subject" or stage.scene.weather != "fog" or not open_air(stage) or stage.swim:
        return
    y0, y1 = canvas.rows()
    if y1 <= y0:
        return
    rows = np.arange(y0, y1, dtype=np.float32)
    amount = np.clip((rows - stage.feet) / max(8.0, stage.height - stage.feet), 0, 1) ** 0.8 * 0.55
    mask = np.ascontiguousarray(np.broadcast_to((amount * 255).astype(np.uint8)[:, None], (y1 - y0, canvas.width)))
    brush.mixed(canvas.pixels[y0:y1], mix(stage.palette.sky[2], stage.palette.light, 0.5), mask)


def sunlit(canvas: Canvas, stage: Stage, layer: str) -> None:
    """Near the sun the land melts into its glow."""
    if not open_air(stage) or stage.scene.weather in _DULL or stage.palette.dark >= 0.9:
        return
    power = {"far": 0.42, "mid": 0.24, "subject": 0.1}.get(layer, 0.0) * (1.0 if stage.palette.hour in _LOW else 0.42)
    y0, y1 = canvas.rows()
    if not power or y1 <= y0:
        return
    q = 8
    w, h = canvas.width // q + 1, (y1 - y0) // q + 1
    gx = (np.linspace(0, canvas.width, w, dtype=np.float32)[None, :] - stage.light[0]) / (stage.unit * 0.85)
    gy = (np.linspace(y0, y1, h, dtype=np.float32)[:, None] - stage.light[1]) / (stage.unit * 0.6)
    fall = np.clip(1 - np.hypot(gx, gy), 0, 1)
    mask = cv2.resize((fall * fall * (255 * power)).astype(np.uint8), (canvas.width, y1 - y0))
    brush.mixed(canvas.pixels[y0:y1], mix(stage.palette.sun, stage.palette.sky[2], 0.3), mask)


def thin_out(stage: Stage, share: float) -> None:
    """Draw the lights of a crowd together: many large ones would melt into one cloud without a form.

    ``share`` is how much of the picture their glow may cover in a layer.
    """
    if len(stage.lamps) < _CROWD:
        return
    most, area = stage.unit * 0.16, stage.width * stage.height * share
    for layer in LAYERS:
        crowd = [lamp for lamp in stage.lamps if lamp.layer == layer]
        for lamp in crowd:
            lamp.r = min(lamp.r, most)
        whole = sum(math.pi * lamp.r * lamp.r * lamp.strength for lamp in crowd)
        if whole > area:
            for lamp in crowd:
                lamp.r = max(lamp.r * math.sqrt(area / whole), lamp.core * 2)


def _pool_mask(stage: Stage, layer: str, q: int) -> Pixels:
    """Lamplight on a layer, 0 to 255 at a ``q``-th of the size."""
    h, w = stage.height // q + 1, stage.width // q + 1
    mask: Pixels = np.zeros((h, w), np.float32)
    own = LAYERS.index(layer)
    for lamp in stage.lamps:
        gap = abs(LAYERS.index(lamp.layer) - own)
        if gap > 1:
            continue
        reach = lamp.r * 1.5 / q
        y0, y1 = max(0, int(lamp.y / q - reach)), min(h, int(lamp.y / q + reach) + 1)
        x0, x1 = max(0, int(lamp.x / q - reach)), min(w, int(lamp.x / q + reach) + 1)
        if y1 <= y0 or x1 <= x0:
            continue
        gy = (np.arange(y0, y1, dtype=np.float32)[:, None] - lamp.y / q) / reach
        gx = (np.arange(x0, x1, dtype=np.float32)[None, :] - lamp.x / q) / reach
        fall = np.clip(1 - np.hypot(gx, gy), 0, 1)
        power = min(1.0, lamp.strength * 1.25) * (1.0 if gap == 0 else _NEIGHBOUR)
        np.maximum(mask[y0:y1, x0:x1], fall * power, out=mask[y0:y1, x0:x1])
    return mask


def _lamp_colour(lamps: list[Lamp]) -> RGB:
    total = max(1e-6, sum(lamp.strength * lamp.r for lamp in lamps))
    r, g, b = (sum(lamp.colour[k] * lamp.strength * lamp.r for lamp in lamps) / total for k in range(3))
    return (r, g, b)


def pools(canvas: Canvas, stage: Stage, layer: str, unlit: Pixels, y0: int, matrix: Matrix, power: float) -> None:
    """Around lamps things keep the colours they have by day, warmed; ``unlit`` is the layer's rows before its light.

    ``matrix`` is what the style makes of colours that are lit, ``power`` how far it lets them be.
    """
    q = 8
    mask = _pool_mask(stage, layer, q) * np.float32(255 * power * min(1.0, stage.palette.dark * 1.1))
    small = mask.astype(np.uint8)
    x, y, w, h = cv2.boundingRect(small)
    top, bottom = max(y0, y * q), min(y0 + len(unlit), (y + h) * q)
    if w == 0 or bottom <= top:
        return
    left, right = x * q, min(canvas.width, (x + w) * q)
    warm = mix(_lamp_colour(stage.lamps), WHITE, 0.3)
    lit = recoloured(np.ascontiguousarray(unlit[top - y0 : bottom - y0, left:right]), matrix @ multiply(warm))
    big = cv2.resize(small, (small.shape[1] * q, small.shape[0] * q), interpolation=cv2.INTER_LINEAR)
    amount = cv2.merge([np.ascontiguousarray(big[top:bottom, left:right])] * 4)
    part = canvas.pixels[top:bottom, left:right]
    kept = cv2.multiply(part, cv2.bitwise_not(amount), scale=1 / 255)
    canvas.pixels[top:bottom, left:right] = cv2.max(cv2.add(kept, cv2.multiply(lit, amount, scale=1 / 255)), kept)


def windows(canvas: Canvas, stage: Stage, unlit: Pixels, y0: int, matrix: Matrix) -> None:
    """In a town by night lit windows stay as bright as they were painted, with their own edges and no more."""
    if stage.palette.dark < 0.5 or len(stage.lamps) < _CROWD:
        return
    mask = cv2.inRange(unlit, _PANE[0], _PANE[1])
    x, y, w, h = cv2.boundingRect(mask)
    if w:
        lit = recoloured(unlit[y : y + h, x : x + w], matrix @ multiply(mix(stage.palette.glow, WHITE, 0.3)))
        cv2.copyTo(lit, mask[y : y + h, x : x + w], canvas.pixels[y0 + y : y0 + y + h, x : x + w])


def lamps(stage: Stage, look: str) -> None:
    """The lights themselves, as a style shows them (``Style.lamps``)."""
    crowd = len(stage.lamps) >= _CROWD
    for k, lamp in enumerate(stage.lamps):
        c = stage[lamp.layer]
        if look == "flat":
            _disc(c, stage, lamp, crowd)
        elif look == "rings":
            _rings(c, stage, lamp, crowd)
        elif look == "bokeh" and (crowd or stage.framing == "close"):
            _bokeh(c, stage, lamp)
        else:
            if look == "cones" and lamp.core and k < 6:
                _cone(c, stage, lamp)
            c.glow(lamp.x, lamp.y, lamp.r, lamp.colour, lamp.strength)
            if lamp.core:
                c.glow(lamp.x, lamp.y, lamp.core * 1.6, mix(lamp.colour, WHITE, 0.6), 0.9)


def _cone(c: Canvas, stage: Stage, lamp: Lamp) -> None:
    foot, half, core = stage.feet, stage.unit * 0.2, lamp.core
    cone = [(lamp.x - core, lamp.y), (lamp.x + core, lamp.y), (lamp.x + half, foot), (lamp.x - half, foot)]
    c.fill(cone, lamp.colour, 0.2)


def _disc(c: Canvas, stage: Stage, lamp: Lamp, crowd: bool) -> None:
    """One flat disc of a lighter ink with a hard edge; windows of a crowd are bright enough without."""
    if lamp.core:
        c.dot(lamp.x, lamp.y, max(lamp.core * 2.2, lamp.r * 0.18), lamp.colour)
        c.dot(lamp.x, lamp.y, lamp.core * 1.3, mix(lamp.colour, WHITE, 0.6))
    elif not crowd:
        c.dot(lamp.x, lamp.y, min(lamp.r * 0.55, stage.unit * 0.3), lamp.colour, 0.4 * lamp.strength)


def _rings(c: Canvas, stage: Stage, lamp: Lamp, crowd: bool) -> None:
    """Discs of thin paper over each other, each smaller and lighter; by night the light of the sky is a paper moon."""
    r = lamp.r
    if r > stage.unit * 0.4 and lamp.layer == "far":
        _paper_moon(c, stage, lamp)
        return
    if crowd:  # cut windows are bright enough
        if lamp.core:
            c.dot(lamp.x, lamp.y, min(lamp.core, stage.unit * 0.012), lamp.colour, 0.9)
        return
    for share, alpha in ((0.72, 0.16), (0.48, 0.24), (0.28, 0.36)):
        c.dot(lamp.x, lamp.y, r * share, lamp.colour, alpha * min(1.0, lamp.strength * 1.3))
    if lamp.core:
        c.dot(lamp.x, lamp.y, lamp.core * 1.3, mix(lamp.colour, WHITE, 0.6))


def _paper_moon(c: Canvas, stage: Stage, lamp: Lamp) -> None:
    u, night = stage.unit, stage.palette.dark > 0.6
    x = lamp.x + (stage.width / 2 - lamp.x) * (0.7 if night else 0.0)  # clear of the largest tree
    y = lamp.y - u * (0.19 if night else 0.0)
    tone = mix(lamp.colour, stage.palette.sky[2], 0.5)
    for share, alpha in ((0.46, 0.16), (0.34, 0.2), (0.24, 0.26)):
        c.fill(curves.oval(x, y, u * share, u * share, steps=72), tone, alpha)
    if night:
        c.dot(x, y, u * 0.135, (255, 246, 222))


def _bokeh(c: Canvas, stage: Stage, lamp: Lamp) -> None:
    """A lamp out of focus: a small disc of even light with a brighter rim."""
    r = min(max(lamp.r * 0.3, stage.height * 0.006), stage.height * 0.026)
    c.dot(lamp.x, lamp.y, r, mix(lamp.colour, WHITE, 0.3), 0.3)
    c.dot(lamp.x, lamp.y, r * 0.86, lamp.colour, 0.3)
    if lamp.core:
        c.dot(lamp.x, lamp.y, lamp.core, mix(lamp.colour, WHITE, 0.6))


def _ground_top(canvas: Canvas) -> int | None:
    """The first row that the ground fills for the most part, or None."""
    y0, y1 = canvas.rows()
    if y1 <= y0:
        return None
    cover = cv2.reduce(cv2.extractChannel(canvas.pixels[y0:y1], 3), 1, cv2.REDUCE_AVG)[:, 0]
    full = np.flatnonzero(cover > 190)
    return y0 + int(full[0]) if len(full) else None


def wet(stage: Stage, strength: float, seed: int) -> None:
    """Mirror what stands behind, blurred downwards, in the wet ground of the subject's layer, broken into puddles."""
    ground = stage["subject"]
    top = _ground_top(ground)
    if top is None or stage.height - top < 12:
        return
    q = 4
    w, h = max(4, stage.width // q), max(4, stage.height // q)
    behind = cv2.resize(cv2.cvtColor(stage["sky"].pixels, cv2.COLOR_BGRA2BGR), (w, h), interpolation=cv2.INTER_AREA)
    for layer in ("far", "mid"):
        over(behind, cv2.resize(stage[layer].pixels, (w, h), interpolation=cv2.INTER_AREA))
    line = min(h - 2, top // q)
    rows = h - line
    source = np.clip(line - 1 - (np.arange(rows) * 1.25).astype(int), 0, h - 1)
    mirror = cv2.GaussianBlur(behind[source], (0, 0), sigmaX=max(0.8, h / 180), sigmaY=max(1.2, h / 34))
    mirror = cv2.convertScaleAbs(mirror, alpha=1.12)
    sheen = curves.noise(seed, max(4, w // 6), rows, max(3.0, rows / 5), 3)
    pools_ = np.clip(0.62 + 0.5 * cv2.resize(sheen, (w, rows)), 0.1, 1)
    depth = np.clip(1.15 - np.arange(rows, dtype=np.float32) / rows * 0.8, 0, 1)[:, None]
    mask = cv2.resize((pools_ * depth * (255 * strength)).astype(np.uint8), (stage.width, stage.height - top))
    part = np.ascontiguousarray(ground.pixels[top:])
    alpha = cv2.extractChannel(part, 3)
    big = cv2.cvtColor(cv2.resize(mirror, (stage.width, stage.height - top)), cv2.COLOR_BGR2BGRA)
    paint = cv2.multiply(big, cv2.merge([alpha] * 4), scale=1 / 255)
    amount = cv2.merge([mask] * 4)
    kept = cv2.multiply(part, cv2.bitwise_not(amount), scale=1 / 255)
    out = cv2.add(kept, cv2.multiply(paint, amount, scale=1 / 255))
    cv2.insertChannel(alpha, out, 3)
    ground.pixels[top:] = out


def ambient(stage: Stage) -> Pixels:
    """Warm light from the light's side, cool shade from the other, a little weight at the foot of the picture.

    Shares of 200 for blue, green, red and alpha, (height, width, 4); nobody should notice it as a vignette.
    """
    q = 16
    w, h = stage.width // q + 2, stage.height // q + 2
    x, y = np.linspace(0, 1, w, dtype=np.float32)[None, :], np.linspace(0, 1, h, dtype=np.float32)[:, None]
    low = stage.palette.hour in _LOW and stage.scene.weather not in _DULL
    power = (0.075 if low else 0.035) * (1 - 0.4 * stage.palette.dark)
    near = 1 - np.abs(x - stage.light[0] / max(1, stage.width)) * 1.5
    foot = np.clip(y - 0.76, 0, 1) * (0.14 + 0.12 * stage.palette.dark)
    corner = np.clip((x - 0.5) ** 2 * 1.1 + (y - 0.5) ** 2 - 0.2, 0, 1) * 0.12
    base = 1.0 - foot - corner
    planes = [base + near * power * k for k in (-0.7, 0.25, 0.9)]
    small = np.stack([*planes, np.ones_like(base)], 2)
    return np.asarray(
        cv2.resize(
            np.clip(small * ONE, 0, 255).astype(np.uint8), (stage.width, stage.height), interpolation=cv2.INTER_LINEAR
        )
    )
