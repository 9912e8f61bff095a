"""The styles: for each its technique, its colours and its light. Data only; techniques are in rooms of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.services.engines.builtin.picture import card, glow, ink, prints, relief, strokes, tables, wash
from app.services.engines.builtin.picture.brush import Sheet
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import RGB, Matrix, Pixels, multiply, saturate, veil

Technique = Callable[[Canvas, Sheet, str], None]
"""Works a layer over, in place: the canvas, what the picture shares, the layer's role (its name)."""


@dataclass(frozen=True)
class Style:
    """First ``matrix``, then the technique, at the end the table, which sees straight colours."""

    technique: Technique = wash.gouache
    table: Callable[[], Pixels] | None = None
    saturation: float = 1.0
    tint: RGB = (255, 255, 255)
    veil: float = 0.0
    veil_colour: RGB = (255, 255, 255)
    early: bool = False
    """Whether the matrix is part of the light, which costs nothing, rather than laid over lamps and air as well."""
    haze: float = 1.0
    ambient: float = 1.0
    """How much of the light's side and the picture's foot is shown; 0 for flat paper."""
    wet: float = 0.0
    """Mirrors in the ground even when it is dry."""
    lamps: str = "glow"
    """How a light looks: ``glow``, ``cones`` of street lamps, ``flat`` discs, ``rings`` of card, ``bokeh`` discs."""
    pools: float = 1.0
    """How far lamps give things around them back the colours of the day."""
    cards: bool = False
    """Whether the night is made of tinted sheets, paler towards the back."""
    grey: bool = False
    """Whether falling leaves are grey as well: colour is kept for one thing."""
    soft: bool = False
    """Whether the table's hard borders between colours are smoothed: otherwise they shimmer when a camera moves."""

    @property
    def matrix(self) -> Matrix:
        out: Matrix = np.asarray(
            veil(self.veil_colour, self.veil) @ multiply(self.tint) @ saturate(self.saturation), np.float32
        )
        return out


def _poster(pick: int) -> Style:
    return Style(
        prints.screened,
        lambda: tables.inks(tables.INKS[pick], 0.8),
        saturation=1.2,
        ambient=0.5,
        haze=0.9,
        soft=True,
        lamps="flat",
        pools=0.0,
    )


def _pixels() -> Pixels:
    return tables.inks(tables.SIXTEEN, 1.0)


POSTERS = tuple(_poster(k) for k in range(len(tables.INKS)))
"""One for every set of inks: a story keeps one."""

COOL = Style(saturation=1.1, tint=(250, 250, 255))
"""The warm style in rain, mist and at night: what is warm by day would be mud."""

STYLES: dict[str, Style] = {
    "storybook": Style(early=True, saturation=1.1, tint=(255, 253, 247)),
    "warm": Style(saturation=1.08, tint=(255, 247, 230), veil=0.07, veil_colour=(255, 216, 176)),
    "watercolor": Style(wash.watercolour, saturation=1.22, tint=(255, 254, 251), ambient=0.2, haze=0.85),
    "ink": Style(ink.brushed, tables.ink, saturation=1.08, ambient=0.0, grey=True),
    "gongbi": Style(wash.silk, tables.mineral, saturation=1.16, tint=(255, 249, 232), veil=0.05,
        veil_colour=(232, 212, 170), ambient=0.35, haze=0.72),
    "papercut": Style(card.cut, early=True, saturation=1.16, ambient=0.4, lamps="rings", pools=0.8, cards=True),
    "redcut": Style(card.cut_smooth, tables.red_paper, saturation=1.1, ambient=0.3),
    "neon": Style(glow.neon, tables.cyber, saturation=1.25, ambient=0.6, wet=0.6, haze=0.7,
        lamps="bokeh", pools=0.35),
    "noir": Style(glow.hard, tables.noir, saturation=1.1, ambient=0.0, lamps="cones", haze=0.8, grey=True),
    "anime": Style(prints.celled, tables.cel, early=True, saturation=1.1, haze=0.72, ambient=0.8),
    "retro": POSTERS[0],
    "oil": Style(strokes.oil, early=True, saturation=1.24, tint=(255, 250, 238), haze=0.85),
    "crayon": Style(strokes.crayon, saturation=1.2, ambient=0.2, haze=0.7),
    "pastel": Style(strokes.pastel, saturation=1.02, veil=0.2, veil_colour=(255, 240, 238), ambient=0.3),
    "flat": Style(prints.plain, tables.flat, saturation=1.16, tint=(255, 252, 246), ambient=0.0, haze=0.6),
    "clay": Style(relief.modelled, early=True, saturation=1.12, tint=(255, 250, 244), ambient=1.0, haze=0.6),
    "pixel": Style(prints.blocks, _pixels, saturation=1.16, ambient=0.4, haze=0.8),
    "real": Style(wash.gouache, tables.cinema, saturation=0.98, haze=1.15),
}  # fmt: skip
