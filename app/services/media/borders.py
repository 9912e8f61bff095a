"""How a card's window is cut and edged: one function for every border of the stationery."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from app.services.media.card_layout import Layout
from app.services.media.contrast import Colour, blend
from app.services.media.paper import Page
from app.services.media.stationery import Look
from app.services.media.windows import SHAPES, Box, Points, along, rounded

WHITE: Colour = (255, 255, 255)
REACH = {"stitches": 3.4, "layers": 6.0, "tube": 5.0, "stripes": 4.4, "gilt": 5.8, "crayon": 4.0, "panel": 2.8}
"""How far a border goes beyond its window, hundredths of the page's shorter side; 2.6 where nothing is said."""


def edge(page: Page, look: Look, layout: Layout) -> None:
    """Print the border and open the window."""
    BORDERS[look.border](page, look, layout)


def reach(look: Look, unit: float) -> float:
    """How far the look's border goes beyond its window, pixels."""
    return REACH.get(look.border, 2.6) * unit


def _outline(layout: Layout, by: float = 0.0) -> Points:
    return SHAPES[layout.shape](layout.window.grown(by))


def _page_frame(page: Page, inset: float, share: float = 0.03) -> Points:
    return rounded(Box(inset, inset, page.width - inset, page.height - inset), share)


def _open(page: Page, look: Look, layout: Layout, strength: float = 0.4) -> None:
    page.open(_outline(layout), look.paper.shade, 1.3 * page.unit, 0.9 * page.unit, strength)


def _double_line(page: Page, look: Look, layout: Layout) -> None:
    unit, paper = page.unit, look.paper
    page.line(_page_frame(page, 2.6 * unit), paper.accent, 0.32 * unit)
    page.line(_page_frame(page, 3.5 * unit, 0.024), blend(paper.paper, paper.accent, 0.6), 0.14 * unit)
    page.line(_outline(layout, 2.3 * unit), paper.accent, 0.16 * unit)
    page.line(_outline(layout, 1.2 * unit), paper.ink, 0.42 * unit)
    _open(page, look, layout)


def _stitches(page: Page, look: Look, layout: Layout) -> None:
    unit, paper = page.unit, look.paper
    inner = blend(paper.paper, WHITE, 0.6)
    page.raise_from(_outline(layout, 3 * unit), paper.shade, 1.4 * unit, 0.5 * unit, 0.22)
    page.fill(_outline(layout, 3 * unit), inner)
    for points in (_page_frame(page, 3 * unit, 0.06), _outline(layout, 1.5 * unit)):
        _dashes(page, points, paper.accent, 1.5 * unit, 0.36 * unit)
    _open(page, look, layout)


def _wet(page: Page, look: Look, layout: Layout) -> None:
    unit, paper, random = page.unit, look.paper, look.random
    for colour, x, y, size in (
        (paper.accent, 0.08, 0.92, 0.34),
        (paper.second, 0.95, 0.88, 0.3),
        (paper.accent, 0.97, 0.06, 0.2),
        (paper.second, 0.03, 0.1, 0.22),
    ):
        _wash(page, colour, x * page.width, y * page.height, size * 100 * unit, random.randrange(1000))
    seed = random.randrange(1000)
    page.open_softly(_outline(layout), 2.6 * unit, 2.4 * unit, seed, blend(paper.accent, paper.ink, 0.25), 0.7)


def _wash(page: Page, colour: Colour, x: float, y: float, radius: float, seed: int) -> None:
    """A pale pool of colour, darker where it dried last."""
    angle = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    for layer in range(3):
        waves = sum(np.sin(k * angle + seed * k + layer) / k for k in range(2, 7))
        far = radius * (0.62 + 0.1 * layer) * (1 + 0.2 * np.asarray(waves))
        points = np.column_stack([x + far * np.cos(angle), y + far * np.sin(angle) * 0.8])
        page.fill(points, colour, 0.09)
        page.line(points, colour, 0.25 * page.unit) if layer == 2 and seed % 2 else None


def _brush_ring(page: Page, look: Look, layout: Layout) -> None:
    """A ring in one stroke of a wide brush, thick where it was set down, and dry where it leaves the paper."""
    unit = page.unit
    points = along(_outline(layout, 1.5 * unit), 360)
    start = look.random.randrange(200, 240)
    points = np.roll(points, -start, axis=0)
    share = np.linspace(0, 1, len(points))
    weight = 0.5 + 1.7 * np.sin(np.pi * np.clip(share * 1.05, 0, 1)) ** 0.7
    for hair in range(9):
        shift = (hair - 4) / 4
        last = int(len(points) * (0.985 - 0.012 * ((hair * 5) % 7)))
        middle = points.mean(axis=0)
        outward = (points - middle) / np.maximum(np.hypot(*(points - middle).T), 1)[:, None]
        line = points + outward * (shift * weight * 0.42 * unit)[:, None]
        thick = (0.5 + 0.16 * ((hair * 3) % 4)) * unit
        page.line(line[:last], look.paper.ink, thick, closed=False)
    page.open(_outline(layout, 1.0 * unit), look.paper.shade, 1.2 * unit, 0.2 * unit, 0.25)


def _layers(page: Page, look: Look, layout: Layout) -> None:
    """Sheets of paper behind one another, each with a smaller hole."""
    unit, paper = page.unit, look.paper
    tones = (paper.paper, blend(paper.paper, paper.second, 0.34), blend(paper.paper, paper.second, 0.72), paper.ink)
    for tone, by in zip(tones[1:], (5.4, 3.4, 1.5), strict=True):
        page.fill(_outline(layout, by * unit), tone)
        page.sink(_outline(layout, by * unit), paper.shade, 1.1 * unit, 1.0 * unit, 0.62)
    page.open(_outline(layout), paper.shade, 1.5 * unit, 1.1 * unit, 0.55)


def _tube(page: Page, look: Look, layout: Layout) -> None:
    """Two neon tubes on a dark wall."""
    unit, paper = page.unit, look.paper
    for by, colour in ((1.6, paper.accent), (3.8, paper.second)):
        points = _outline(layout, by * unit)
        page.outline_glow(points, colour, 1.0 * unit, 4.2 * unit, 0.95)
        page.outline_glow(points, colour, 0.9 * unit, 1.2 * unit, 0.8)
        page.line(points, colour, 0.75 * unit)
        page.line(points, blend(colour, WHITE, 0.78), 0.34 * unit)
    page.open(_outline(layout, 0.4 * unit), (0, 0, 0), 1.6 * unit, 0.0, 0.5)


def _deco(page: Page, look: Look, layout: Layout) -> None:
    """Thin lines, stepped in the corners, and the light of a blind on the wall."""
    unit, paper = page.unit, look.paper
    for k in range(7):
        x = (0.02 + 0.17 * k) * page.width
        slat = np.array([(x, 0), (x + 4 * unit, 0), (x - 26 * unit, page.height), (x - 30 * unit, page.height)])
        page.fill(slat, (255, 250, 236), 0.028)
    for inset, thick in ((2.4, 0.3), (3.6, 0.12)):
        page.line(_stepped(page, inset * unit, 3.2 * unit), paper.accent, thick * unit)
    page.line(_outline(layout, 2.6 * unit), paper.accent, 0.14 * unit)
    page.line(_outline(layout, 1.3 * unit), paper.accent, 0.4 * unit)
    page.open(_outline(layout), (0, 0, 0), 4.5 * unit, 0.0, 0.85)


def _stepped(page: Page, inset: float, step: float) -> Points:
    left, top, right, bottom = inset, inset, page.width - inset, page.height - inset
    upper = [
        (left, top + 2 * step),
        (left + step, top + 2 * step),
        (left + step, top + step),
        (left + 2 * step, top + step),
    ]
    corner = np.array([*upper, (left + 2 * step, top)])
    across, down = left + right, top + bottom
    mirror = corner[::-1] * (-1, 1) + (across, 0)
    return np.vstack(
        [corner, mirror, (corner * (-1, -1) + (across, down)), mirror[::-1][::-1] * (-1, -1) + (across, down)]
    )


def _stripes(page: Page, look: Look, layout: Layout) -> None:
    """A poster: rays behind bands of flat colour."""
    unit, paper = page.unit, look.paper
    x, y = layout.window.x, layout.window.bottom - 0.1 * layout.window.height
    far = math.hypot(page.width, page.height)
    for k in range(24):
        angles = math.radians(180 + 7.5 * k), math.radians(180 + 7.5 * k + 3.75)
        rim = [(x + far * math.cos(angle), y + far * math.sin(angle)) for angle in angles]
        page.fill(np.array([(x, y), *rim]), paper.second, 0.16)
    low = layout.window.bottom + 2.2 * unit
    page.fill(np.array([(0, low), (page.width, low), (page.width, page.height), (0, page.height)]), paper.paper)
    page.line(np.array([(0, low), (page.width, low)]), paper.ink, 0.3 * unit, closed=False)
    for by, colour in ((4.2, paper.second), (2.9, paper.accent), (1.6, paper.paper), (0.5, paper.ink)):
        page.fill(_outline(layout, by * unit), colour)
    _open(page, look, layout, 0.3)


def _lace(page: Page, look: Look, layout: Layout) -> None:
    unit, paper = page.unit, look.paper
    for k in range(60):  # confetti of the page's own family
        x, y = look.random.random() * page.width, look.random.random() * page.height
        page.dots(np.array([(x, y)]), (paper.accent, paper.second)[k % 2], (0.25 + 0.3 * look.random.random()) * unit)
    page.fill(_caption_ground(layout, unit), paper.paper)
    page.raise_from(_outline(layout, 2.2 * unit), paper.shade, 1.6 * unit, 0.7 * unit, 0.2)
    page.fill(_outline(layout, 2.2 * unit), WHITE)
    page.dots(along(_outline(layout, 1.1 * unit), 150), paper.accent, 0.24 * unit)
    page.line(_page_frame(page, 2.6 * unit, 0.07), WHITE, 0.8 * unit)
    _open(page, look, layout, 0.3)


def _caption_ground(layout: Layout, unit: float) -> Points:
    return rounded(layout.caption.grown(1.0 * unit), 0.3)


def _panel(page: Page, look: Look, layout: Layout) -> None:
    """A panel of a comic on speed lines and screen dots."""
    unit, paper = page.unit, look.paper
    lean = 0.16 * page.height
    for share, wide, colour, strength in (
        (0.0, 0.22, paper.accent, 0.2),
        (0.74, 0.3, paper.second, 0.16),
        (0.3, 0.1, paper.accent, 0.08),
    ):
        x = share * page.width
        band = np.array(
            [
                (x + lean, 0),
                (x + lean + wide * page.width, 0),
                (x + wide * page.width - lean, page.height),
                (x - lean, page.height),
            ]
        )
        page.fill(band, colour, strength)
    pitch = 1.9 * unit
    for row in range(12):
        number = max(0, 15 - row)
        grid = np.array([((k + 0.5 * (row % 2)) * pitch, page.height - row * pitch) for k in range(number)]).reshape(
            -1, 2
        )
        if number:
            page.dots(grid, blend(paper.paper, paper.accent, 0.5), pitch * 0.4 * (1 - row / 13))
    shifted = _outline(layout, 1.0 * unit) + 1.6 * unit
    page.fill(shifted, paper.accent)
    page.fill(_outline(layout, 1.5 * unit), paper.ink)
    page.fill(_outline(layout, 1.1 * unit), WHITE)
    page.fill(_outline(layout, 0.35 * unit), paper.ink)
    page.open(_outline(layout), paper.shade, unit, 0.0, 0.0)


def _gilt(page: Page, look: Look, layout: Layout) -> None:
    """A gilded frame: a moulding in rings of gold, light above and dark below."""
    unit, paper = page.unit, look.paper
    gold, dark, light = paper.accent, blend(paper.second, (30, 14, 0), 0.45), blend(paper.accent, (255, 246, 214), 0.6)
    page.raise_from(_outline(layout, 5.4 * unit), paper.shade, 2.0 * unit, 1.2 * unit, 0.7)
    profile = (dark, gold, light, gold, dark, paper.second, gold, light, gold, paper.second, dark)
    for k, tone in enumerate(profile):
        page.fill(_outline(layout, (5.4 - 0.5 * k) * unit), tone)
    page.dots(along(_outline(layout, 2.7 * unit), 120), light, 0.3 * unit)
    page.line(_page_frame(page, 2.4 * unit, 0.01), paper.second, 0.2 * unit)
    page.open(_outline(layout), (0, 0, 0), 1.6 * unit, 1.2 * unit, 0.6)


def _crayon(page: Page, look: Look, layout: Layout) -> None:
    """Lines by a child's hand, round and round."""
    unit, paper, random = page.unit, look.paper, look.random
    colours = (paper.accent, paper.second, paper.ink, paper.accent)
    for k, colour in enumerate(colours):
        points = along(_outline(layout, (0.7 + 0.85 * k) * unit), 200)
        turn = np.linspace(0, 2 * math.pi, len(points))
        phase = random.random() * 6
        shift = unit * 0.3 * (np.sin(7 * turn + phase) + 0.7 * np.sin(17 * turn + 2 * phase))
        page.line(points + shift[:, None], colour, 0.7 * unit)
    for k in range(round(page.width / unit / 1.1)):
        x, high = k * 1.1 * unit, (1.4 + 2.2 * random.random()) * unit
        blade = np.array([(x, page.height), (x + (random.random() - 0.4) * unit, page.height - high)])
        page.line(blade, ((112, 176, 92), (146, 196, 90), (84, 150, 96))[k % 3], 0.55 * unit, closed=False)
    _open(page, look, layout, 0.25)


def _bevel(page: Page, look: Look, layout: Layout) -> None:
    """A mount whose window is cut at a slant, so that its core shows white."""
    unit, paper = page.unit, look.paper
    page.line(_outline(layout, 3.0 * unit), blend(paper.paper, paper.ink, 0.28), 0.14 * unit)
    page.fill(_outline(layout, 0.9 * unit), blend(paper.paper, (120, 116, 108), 0.5))
    page.fill(_outline(layout, 0.72 * unit), (250, 249, 246))
    _open(page, look, layout, 0.5)


def _dashes(page: Page, points: Points, colour: Colour, pitch: float, thick: float) -> None:
    length = float(np.sum(np.hypot(*np.diff(points, axis=0).T)))
    number = max(8, round(length / pitch))
    fine = along(points, number * 5)
    for k in range(number):
        page.line(fine[5 * k : 5 * k + 4], colour, thick, closed=False)


BORDERS: dict[str, Callable[[Page, Look, Layout], None]] = {
    "double line": _double_line,
    "stitches": _stitches,
    "wet": _wet,
    "brush ring": _brush_ring,
    "layers": _layers,
    "tube": _tube,
    "deco": _deco,
    "stripes": _stripes,
    "lace": _lace,
    "panel": _panel,
    "gilt": _gilt,
    "crayon": _crayon,
    "bevel": _bevel,
}
