"""The ground in perspective: what lies on it gets smaller towards the horizon and calmer where subtitles stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, WHITE, Pixels, bgra, light_of, mix, shade_of, solid
from app.services.engines.builtin.picture.curves import Curve
from app.services.engines.builtin.picture.palette import ground
from app.services.engines.builtin.picture.stage import Heights, Stage, band, land, skyline

Way = Callable[[float], tuple[float, float]]
"""From a height of the picture to the middle and half the width of a way there, all in pixels."""


def snow_lies(stage: Stage) -> bool:
    """Whether ground, roofs and branches are white: in snow, and in winter unless it rains."""
    return stage.snowy or (stage.scene.season == "winter" and stage.scene.weather not in ("rain", "storm"))


def wet(stage: Stage) -> bool:
    """Whether the ground shines from rain."""
    return stage.scene.weather in ("rain", "storm")


def scale_at(stage: Stage, y: float) -> float:
    """How large things at height ``y`` of the picture are, 1 at the feet, 0 at the horizon."""
    return max(0.0, (y - stage.horizon) / (stage.feet - stage.horizon))


def far_y(stage: Stage, distance: float) -> float:
    """y of the ground at a distance, 1 at the feet."""
    return stage.horizon + (stage.feet - stage.horizon) / distance


def calm(stage: Stage, y: float) -> float:
    """How strong marks may be at ``y``: full above the feet, faint in the lowest part, where subtitles stand."""
    room = max(1.0, stage.height - stage.feet)
    return float(np.clip(1.0 - 0.75 * (y - stage.feet + 0.3 * room) / room, 0.25, 1.0))


def quads(canvas: Canvas, shapes: Curve, colour: RGB) -> None:
    """Many flat shapes of one colour that do not overlap, (n, points, 2) in pixels of a scene's canvas, at once."""
    if len(shapes):
        fixed = np.rint(np.clip(shapes, -20000, 20000) * 16).astype(np.int32)
        cv2.fillPoly(canvas.pixels, list(fixed), bgra(colour), cv2.LINE_AA, 4)


def fade(canvas: Canvas, y0: float, y1: float, colour: RGB, above: float, below: float) -> None:
    """A veil over all columns whose strength goes from ``above`` at y0 to ``below`` at y1."""
    a, b = max(0, round(y0)), min(canvas.height, round(y1))
    if b - a < 1:
        return
    t = (np.arange(a, b) - y0) / max(1.0, y1 - y0)
    line = np.clip((above + (below - above) * t) * 255, 0, 255).astype(np.uint8)
    mask = np.repeat(line[:, None], canvas.width, 1)
    canvas.lay(slice(a, b), slice(0, canvas.width), mask, solid(colour, *mask.shape))


def mist(stage: Stage, layer: str, y: float, half: float, strength: float, colour: RGB | None = None) -> None:
    """A bank of mist around ``y`` that fades ``half`` pixels above and below."""
    tone = colour or mix(stage.palette.sky[2], WHITE, 0.3 * (1 - stage.palette.dark))
    fade(stage[layer], y - half, y, tone, 0.0, strength)
    fade(stage[layer], y, y + half, tone, strength, 0.0)


def carry(stage: Stage, source: str, y: float, soft: float, within: Curve | None = None) -> None:
    """Lay what is painted on ``source`` below ``y`` on the subject layer too, with a soft upper edge.

    With ``within`` only what lies inside this shape, softly too.

    The figures' ground moves with them then, and no seam is seen where the two layers part.
    """
    a = int(min(max(0.0, y), stage.height * 0.9))
    part: Pixels = stage[source].pixels[a:]
    n = max(1, min(len(part), round(soft)))
    out = part.copy()
    ramp = np.linspace(0, 1, n, dtype=np.float32)[:, None, None]
    out[:n] = (part[:n] * ramp).astype(np.uint8)
    if within is not None:
        mask: Pixels = np.zeros(out.shape[:2], np.uint8)
        fixed = np.rint(np.clip(within - np.array((0, a)), -20000, 20000) * 16).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, 4)
        mask = np.asarray(cv2.blur(mask, (max(1, round(soft * 0.7)),) * 2))
        out = np.asarray(cv2.multiply(out, cv2.merge([mask] * 4), scale=1 / 255))
    stage["subject"].pixels[a:] = out


def season_ground(stage: Stage) -> str:
    """The kind of ground (palette.GROUND) of meadows in this season."""
    if snow_lies(stage):
        return "winter"
    return "" if stage.scene.season == "winter" else stage.scene.season


def floor(stage: Stage, kind: str, rise: float = 0.0) -> Heights:
    """The rise that the figures stand on; ``kind`` as in palette.GROUND. Returns its skyline."""
    top, low = ground(kind)
    u = stage.unit
    heights = np.minimum(skyline(stage, stage.feet - u * (0.1 + rise), u * 0.022, 3, octaves=3), stage.height * 0.93)
    land(stage["subject"], heights, top, low, u * 0.3)
    band(stage["subject"], heights, 0, u * 0.012, light_of(top), 0.5)
    if kind == "winter":
        drifts(stage, "subject", heights, 5)
    return heights


def drifts(stage: Stage, layer: str, heights: Heights, count: int) -> None:
    """Blue hollows and lit crests in lying snow, and a few sparks."""
    c, rng, u = stage[layer], stage.rng, stage.unit
    for k in range(count):
        x, y = rng.uniform(0, stage.width), float(heights.mean()) + u * (0.03 + 0.05 * k) * rng.uniform(0.7, 1.2)
        w, soft = u * rng.uniform(0.2, 0.42), calm(stage, y)
        c.fill(curves.oval(x, y, w, w * 0.055, rng.uniform(-3, 3)), (178, 198, 230), 0.4 * soft)
        c.fill(curves.oval(x - w * 0.06, y - w * 0.03, w * 0.9, w * 0.035), (252, 254, 255), 0.7 * soft)


def grows(stage: Stage, layer: str, x: float, y: float, kind: str) -> bool:
    """Whether the ground at a pixel is still of this kind: nothing grows in water and on ways."""
    px, py = int(min(max(x, 0), stage.width - 1)), int(min(max(y, 0), stage.height - 1))
    b, g, r, a = (float(v) for v in stage[layer].pixels[py, px])
    if a < 250:
        return False
    top, low = ground(kind)
    reds = sorted((top[0], low[0]))
    return reds[0] - 26 <= r <= reds[1] + 40 and abs((g - b) - (mix(top, low, 0.5)[1] - mix(top, low, 0.5)[2])) < 34


def tufts(stage: Stage, layer: str, y0: float, y1: float, count: int, colour: RGB, kind: str = "") -> None:
    """Tufts of grass between two heights of the picture, larger the nearer, on ground of one kind."""
    c, rng, u = stage[layer], stage.rng, stage.unit
    for y in sorted(y0 + (y1 - y0) * rng.random() ** 0.8 for _ in range(count)):
        x, s = rng.uniform(0, stage.width), u * 0.034 * (0.35 + 0.75 * scale_at(stage, y))
        if not grows(stage, layer, x, y, kind):
            continue
        tone = mix(colour, ((255, 250, 190), (60, 96, 80))[rng.randrange(2)], 0.2)
        for lean in (-0.5, -0.15, 0.2, 0.55):
            h = s * rng.uniform(0.6, 1.1)
            c.fill(
                [(x + lean * s * 0.4 - s * 0.07, y), (x + lean * h, y - h), (x + lean * s * 0.4 + s * 0.07, y)], tone
            )


def litter(stage: Stage, heights: Heights, count: int) -> None:
    """Fallen leaves."""
    c, rng, u = stage["subject"], stage.rng, stage.unit
    for _ in range(count):
        x, t = rng.uniform(0, stage.width), rng.random()
        y = float(heights[min(stage.width - 1, int(x))]) + u * (0.01 + 0.13 * t)
        s = u * rng.uniform(0.007, 0.013) * (0.7 + t)
        tone = rng.choice(((222, 128, 60), (204, 92, 58), (236, 178, 76), (160, 104, 62)))
        c.fill(curves.oval(x, y, s, s * 0.5, rng.uniform(0, 180), 10), tone, calm(stage, y))


def lane(stage: Stage, y0: float, y1: float, x0: float, x1: float, width: float, bend: float) -> tuple[Curve, Way]:
    """A winding way on the ground from (x0, y0) far away to (x1, y1) near, ``width`` pixels wide at the feet.

    Returns its outline and a function from y to (middle, half width).
    """
    t = np.linspace(0, 1, 26)
    y = y0 + (y1 - y0) * t
    middle = x0 + (x1 - x0) * t**1.5 + bend * np.sin(t * math.pi * 1.7) * (0.25 + t) * (1 - t) * 1.6
    half = width / 2 * np.maximum(0.012, (y - stage.horizon) / (stage.feet - stage.horizon)) ** 1.15
    outline = np.vstack([np.stack([middle - half, y], 1), np.stack([middle + half, y], 1)[::-1]])

    def at(level: float) -> tuple[float, float]:
        return float(np.interp(level, y, middle)), float(np.interp(level, y, half))

    return outline, at


def path(stage: Stage, layer: str, outline: Curve, at: Way, kind: str) -> None:
    """Paint a lane: trodden earth, stones or trampled snow, its edges worn by grass."""
    top, low = ground(kind)
    c, rng, u = stage[layer], stage.rng, stage.unit
    y0, y1 = float(outline[:, 1].min()), float(outline[:, 1].max())
    c.graded(outline, mix(top, WHITE, 0.15), low)
    level = stage.horizon + 0.84 * (stage.feet - stage.horizon)
    stage.offer("path", at(level)[0], level)
    for _ in range(30):
        y = y0 + (y1 - y0) * rng.random() ** 0.7
        x, half = at(y)
        s = scale_at(stage, y)
        px = x + rng.uniform(-0.8, 0.8) * half
        tone = shade_of(low) if rng.random() < 0.5 else light_of(top)
        c.fill(curves.oval(px, y, u * 0.04 * s + 1, u * 0.007 * s + 0.5, steps=12), tone, 0.35 * calm(stage, y))
    grassy = mix(*ground(season_ground(stage)), 0.5)
    for _ in range(46):
        y = y0 + (y1 - y0) * rng.random() ** 0.6
        x, half = at(y)
        s = u * (0.004 + 0.03 * scale_at(stage, y))
        px = x + rng.choice((-1, 1)) * half * rng.uniform(0.92, 1.06)
        c.fill(curves.oval(px, y, s * 1.5, s * 0.36, steps=12), grassy, 0.9)


def rows(stage: Stage, y0: float, y1: float, step: float) -> list[float]:
    """Heights of evenly spaced lines across the ground between y0 and y1; ``step`` is their distance at the feet."""
    out: list[float] = []
    reach = stage.feet - stage.horizon
    z = reach / max(1.0, y0 - stage.horizon)
    while len(out) < 90:
        y = stage.horizon + reach / z
        if y > y1:
            break
        out.append(y)
        z -= max(step, 0.06 * z * step / 0.1)
        if z <= 0.05:
            break
    return out


def paving(
    stage: Stage, layer: str, y0: float, vx: float, tone: RGB, *, width: float, step: float = 0.16, lines: bool = True
) -> None:
    """Joints of flagstones or tiles from y0 down, running to ``vx`` on the horizon; ``width`` in units at the feet."""
    c, u, w, h = stage[layer], stage.unit, stage.width, stage.height
    thick = max(1.0, u * 0.0022)
    if lines:
        for y in rows(stage, y0 + 1, h, step):
            c.stroke([(-5.0, y), (w + 5.0, y)], thick, tone, smooth=False)
    reach = stage.feet - stage.horizon
    s0, s1 = (y0 - stage.horizon) / reach, (h + 8 - stage.horizon) / reach
    n = int(max(vx, w - vx) / max(1.0, width * u * max(s0, 0.1))) + 1
    for k in range(-min(n, 40), min(n, 40) + 1):
        a, b = vx + k * width * u * s0, vx + k * width * u * s1
        if not (max(a, b) < 0 or min(a, b) > w):
            c.stroke([(a, y0), (b, h + 8.0)], thick, tone, smooth=False)


def puddles(stage: Stage, layer: str, count: int, lights: Sequence[RGB] = ()) -> None:
    """Rain on flat ground: pools with the sky in them and, at night, the lights of the houses."""
    c, rng, u, p = stage[layer], stage.rng, stage.unit, stage.palette
    sky = mix(p.sky[1], WHITE, 0.25)
    for _ in range(count):
        x, t = rng.uniform(0, stage.width), rng.random()
        y = stage.feet + u * (-0.09 + 0.15 * t)
        w = u * (0.06 + 0.1 * t) * rng.uniform(0.7, 1.3)
        c.fill(curves.blob(rng, x, y, w, w * 0.12, 0.2), sky, 0.5 * calm(stage, y))
        c.fill(curves.oval(x - w * 0.2, y - w * 0.03, w * 0.5, w * 0.025), WHITE, 0.4 * calm(stage, y))
        if lights and stage.palette.dark > 0.25:
            stage.lamp(layer, x, y, w * 0.8, rng.choice(list(lights)), 0.3 * calm(stage, y))


def streaks_below(stage: Stage, layer: str, x: float, y: float, colour: RGB, width: float, length: float) -> None:
    """A light mirrored in wet ground: a broken upright streak under it."""
    c, rng, n = stage[layer], stage.rng, 7
    for k in range(n):
        t = k / n
        py = y + length * t
        w = width * (1 - 0.4 * t) * rng.uniform(0.7, 1.2)
        c.fill(
            curves.oval(x + width * rng.uniform(-0.25, 0.25), py, w, length / n * 0.34, steps=12),
            colour,
            0.6 * (1 - t) * calm(stage, py),
        )


def shafts(stage: Stage, layer: str, count: int, colour: RGB, strength: float, foot: float) -> None:
    """Beams of light falling from above on the light's side to ``foot``, with the patches that they make."""
    c, rng, u = stage[layer], stage.rng, stage.unit
    lx = stage.light[0]
    lean = -0.34 if lx > stage.width / 2 else 0.34
    h, w = stage.height // 4 + 1, stage.width // 4 + 1
    mask = np.zeros((h, w), np.uint8)
    for k in range(count):
        x = lx + (k - count / 2 + rng.uniform(0, 0.6)) * u * 0.2
        a, b = u * rng.uniform(0.015, 0.04), u * rng.uniform(0.05, 0.11)
        fall = lean * foot
        beam = np.array([(x - a, -5), (x + a, -5), (x + fall + b, foot), (x + fall - b, foot)]) / 4
        cv2.fillPoly(mask, [np.rint(beam * 16).astype(np.int32)], int(255 * strength), cv2.LINE_AA, 4)
        c.fill(curves.oval(x + fall, foot, b * 1.5, b * 0.2), colour, strength * 0.7)
    ramp = np.clip(1.15 - np.arange(h, dtype=np.float32) * 4 / max(1.0, foot), 0, 1)[:, None]
    soft = (cv2.GaussianBlur(mask, (0, 0), max(1.0, h / 40)) * (0.25 + 0.75 * ramp)).astype(np.uint8)
    bottom = int(min(stage.height, foot + 2))
    big = cv2.resize(soft, (stage.width, stage.height))[:bottom]
    c.lay(slice(0, bottom), slice(0, stage.width), big, solid(colour, bottom, stage.width))
