"""The stage of one picture: five canvases from the sky to the nearest leaves, and what every scene needs to know."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import numpy as np

from app.models.engine import Effect
from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas, Sprite, figure_canvas
from app.services.engines.builtin.picture.colour import RGB, bgra, mix, striped
from app.services.engines.builtin.picture.curves import Curve
from app.services.engines.builtin.picture.palette import Palette, foliage
from app.services.engines.builtin.picture.words import Scene

LAYERS = ("sky", "far", "mid", "subject", "near")
DEPTHS = {"sky": 0.0, "far": 0.25, "mid": 0.5, "subject": 0.75, "near": 1.0}


@dataclass
class Lamp:
    """A light of its own, painted after the layer got its light."""

    layer: str
    x: float
    y: float
    r: float
    colour: RGB
    strength: float = 0.7
    core: float = 0.0
    """Radius of the bright middle; 0 for none."""


@dataclass
class Spot:
    """Somewhere in a place where somebody would be: a ``seat`` or ``bed`` to be on, a ``path``, ``shore``, ``door``."""

    kind: str
    x: float
    y: float
    """Pixels; of a seat or bed its upper side, otherwise where feet would stand."""


@dataclass
class Stage:
    """``unit`` is the length that everything is measured by; ``horizon`` and ``feet`` are y in pixels."""

    width: int
    height: int
    scene: Scene
    palette: Palette
    rng: Random
    unit: float
    horizon: float
    feet: float
    hero_x: float
    light: tuple[float, float] = (0.0, 0.0)
    canvases: dict[str, Canvas] = field(default_factory=dict)
    haze: dict[str, float] = field(default_factory=lambda: {"far": 0.58, "mid": 0.24, "subject": 0.0, "near": 0.0})
    lamps: list[Lamp] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    """Where the place would have somebody; see ``offer``."""
    framing: str = "medium"
    """``wide``: the place is the picture. ``close``: it lies out of focus behind a head."""
    indoors: bool = False
    swim: bool = False
    """Figures hang in water, air or space instead of standing."""
    flood: float = 0.0
    """y from which on downwards there is water instead of ground, with the figures in it; 0 for none."""
    afloat: float = 0.0
    """y of the water that ships swim on, or 0."""
    check: Callable[[], None] = lambda: None

    def __getitem__(self, layer: str) -> Canvas:
        return self.canvases[layer]

    def lamp(
        self,
        layer: str,
        x: float,
        y: float,
        r: float,
        colour: RGB | None = None,
        strength: float = 0.7,
        core: float = 0.0,
    ) -> None:
        """Remember a light; windows and lanterns use the palette's glow."""
        self.lamps.append(Lamp(layer, x, y, r, colour or self.palette.glow, strength, core))

    def effect(
        self,
        kind: str,
        amount: float,
        colour: RGB = (255, 255, 255),
        *,
        depth: float = 1.0,
        box: tuple[float, float, float, float] = (0, 0, 1, 1),
    ) -> None:
        """Something that moves in front of the picture."""
        rgb = (int(colour[0]), int(colour[1]), int(colour[2]))
        self.effects.append(
            Effect.model_validate({"kind": kind, "amount": amount, "color": rgb, "depth": depth, "box": box})
        )

    def offer(self, kind: str, x: float, y: float) -> None:
        """Tell the figures of a place to be: ``seat``, ``bed``, ``path``, ``shore`` or ``door``, in pixels."""
        self.spots.append(Spot(kind, x, y))

    def leaf(self) -> RGB:
        """A leaf colour of the season."""
        colour = foliage(self.scene.season, self.rng)
        return mix(colour, (246, 250, 255), 0.6) if self.snowy and self.rng.random() < 0.75 else colour

    @property
    def snowy(self) -> bool:
        return self.scene.weather == "snow" or (self.scene.season == "winter" and self.scene.place == "snowfield")

    @property
    def wide(self) -> bool:
        return self.width > self.height * 1.2


Heights = Curve


def skyline(
    stage: Stage, base: float, amp: float, cells: int, *, octaves: int = 5, rough: float = 0.5, sharp: bool = False
) -> Heights:
    """y of a skyline for every pixel column, around ``base`` and ``amp`` pixels high and low."""
    heights = curves.ridge(stage.rng, stage.width, max(1, cells), octaves, rough, sharp)
    return base - amp * heights


def land(canvas: Canvas, heights: Heights, top: RGB, bottom: RGB, depth: float) -> None:
    """Fill everything below a skyline, from ``top`` at it to ``bottom`` ``depth`` pixels below, to the lower edge."""
    h, w = canvas.height, canvas.width
    y0 = max(0, int(heights.min()) - 1)
    if y0 >= h:
        return
    y1 = min(h, int(heights.max()) + 2)
    rows = np.arange(y0, h, dtype=np.float32)
    t = np.clip((rows - y0) / max(1.0, depth), 0, 1)[:, None]
    ramp = (np.array(bgra(top), np.float32) * (1 - t) + np.array(bgra(bottom), np.float32) * t).astype(np.uint8)
    if y1 > y0:
        cover = np.clip(np.arange(y0, y1, dtype=np.float32)[:, None] - heights[None, :].astype(np.float32) + 0.5, 0, 1)
        paint = striped(ramp[: y1 - y0], w)
        canvas.lay(slice(y0, y1), slice(0, w), (cover * 255).astype(np.uint8), paint)
    if y1 < h:
        canvas.pixels[y1:h] = striped(ramp[y1 - y0 :], w)


def band(canvas: Canvas, heights: Heights, offset: float, thick: float, colour: RGB, alpha: float) -> None:
    """A strip that follows a skyline (a lit edge, a path of snow), ``offset`` pixels below it."""
    x = np.linspace(0, canvas.width - 1, 90)
    y = np.interp(x, np.arange(canvas.width), heights) + offset
    points = np.vstack([np.stack([x, y], 1), np.stack([x, y + thick], 1)[::-1]])
    canvas.fill(points, colour, alpha)


def dabs(
    canvas: Canvas,
    rng: Random,
    heights: Heights,
    colour: RGB,
    count: int,
    size: float,
    *,
    depth: float,
    alpha: float = 0.3,
) -> None:
    """Short flat brush strokes on the ground, larger the nearer."""
    for _ in range(count):
        x = rng.uniform(0, canvas.width)
        t = rng.random()
        y = float(heights[min(canvas.width - 1, int(x))]) + 4 + t * depth
        if y < canvas.height + size:
            rx = size * (0.5 + 1.6 * t) * rng.uniform(0.6, 1.4)
            canvas.fill(curves.oval(x, y, rx, rx * rng.uniform(0.1, 0.2), rng.uniform(-4, 4), steps=14), colour, alpha)


def grass(
    canvas: Canvas,
    rng: Random,
    heights: Heights,
    colour: RGB,
    count: int,
    size: float,
    lean: float = 0.0,
    x0: float = 0.0,
    x1: float = 1.0,
) -> None:
    """Blades along a skyline in three tones."""
    for _ in range(count):
        x = rng.uniform(x0, x1) * canvas.width
        y = float(heights[int(min(max(x, 0), canvas.width - 1))]) + size * 0.3
        h = size * rng.uniform(0.5, 1.25)
        tip = x + h * (rng.uniform(-0.5, 0.5) + lean)
        tone = mix(colour, ((255, 250, 190), (60, 90, 80), colour)[rng.randrange(3)], 0.22)
        half = size * 0.075
        canvas.fill(
            [
                (x - half, y),
                ((x + tip) / 2 - half * 0.4, y - h * 0.55),
                (tip, y - h),
                ((x + tip) / 2 + half * 0.8, y - h * 0.5),
                (x + half, y),
            ],
            tone,
        )


def shadow(canvas: Canvas, x: float, y: float, rx: float, colour: RGB = (44, 36, 70), strength: float = 0.42) -> None:
    """The soft shadow where something stands."""
    canvas.glow(x, y, rx, colour, strength, squash=0.2)


def sprite_of(
    height_px: float, draw: Callable[[Canvas], None], *, wide: float = 1.0, tall: float = 1.15, line: float = 0.008
) -> Sprite:
    """Draw once in units of its own height, to be pasted many times."""
    canvas = figure_canvas(height_px, wide=wide, tall=tall, below=0.12)
    canvas.line = line
    draw(canvas)
    return canvas.sprite()


def arc(x: float, y: float, r: float, start: float, end: float, squash: float = 1.0) -> Curve:
    """Points of an arc, angles in degrees, counter-clockwise on a canvas with y upwards."""
    t = np.radians(np.linspace(start, end, 14))
    return np.stack([x + r * np.cos(t), y + r * squash * np.sin(t)], 1)


def turn(points: Curve, angle: float, x: float = 0.0, y: float = 0.0) -> Curve:
    """Points turned by ``angle`` degrees around (0, 0), then moved to (x, y)."""
    a = math.radians(angle)
    p = np.asarray(points, np.float64)
    return np.stack(
        [p[:, 0] * math.cos(a) - p[:, 1] * math.sin(a) + x, p[:, 0] * math.sin(a) + p[:, 1] * math.cos(a) + y], 1
    )
