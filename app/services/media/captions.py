"""The words of a card: title, ornament and second line, as one block in the place that the layout gives them."""

from __future__ import annotations

import numpy as np

from app.models.timeline import Card
from app.services.media.card_layout import Layout
from app.services.media.contrast import ENOUGH, Colour, blend, standing_out
from app.services.media.fonts import Mask
from app.services.media.hands import HANDS
from app.services.media.lettering import ABOVE, BESIDE, Setting, drawn, fit
from app.services.media.ornaments import printed
from app.services.media.paper import Page, dry
from app.services.media.stationery import Look
from app.services.media.windows import Box

WHITE: Colour = (255, 255, 255)
_CAP = 0.13
"""What an em has free above its letters: by so much a block looks lower than it is."""


def caption(page: Page, look: Look, layout: Layout, card: Card, font: str) -> None:
    """Print the words below the window."""
    box, unit = layout.caption, page.unit
    small_size = 4.4 * unit if page.width >= page.height else 4.8 * unit
    small = fit(card.small, int(box.width * 0.8), round(small_size * 1.1), round(small_size), font, HANDS["small"], 1)
    below = 4.2 * unit + (small.height if small else 0)
    largest = round((14.0 if page.width < page.height else 11.5) * unit * (1.2 if len(card.words) < 3 else 1.0))
    wide = box.width * (0.84 if look.kind == "ink" else 0.96)
    title = fit(card.words, int(wide), int(box.height - below), largest, font, HANDS[look.hand])
    if title is None:
        return
    block = title.height + below
    top = box.top + max(0.0, (box.height - block) / 2) - _CAP * 0.3 * title.size
    _letters(page, look, title, box.x, top)
    if look.kind == "ink":
        size = 6.5 * unit
        _seal(
            page,
            look,
            min(box.x + title.width / 2 + 2 * unit + size / 2, page.width - size),
            top + title.height / 2,
            size,
        )
    else:
        _sides(page, look, title, box, top)
    y = top + title.height + 2.3 * unit
    _divider(page, look, box.x, y, min(box.width * 0.22, 26 * unit))
    if small is not None:
        _small(page, look, small, box.x, y + 1.9 * unit)


def columns(page: Page, look: Look, setting: Setting, small: str, layout: Layout, font: str) -> None:
    """Print the words in columns beside the window, with a seal below the last."""
    box, unit = layout.caption, page.unit
    mask = drawn(setting)
    side = BESIDE * setting.size
    x = box.x - setting.width / 2
    top = box.top + max(0.0, (box.height - setting.height - 9 * unit) * 0.32)
    page.tint(look.paper.ink, dry(mask, 0.16), round(x - side), round(top - side))
    last = len(setting.lines[-1]) / max(len(line) for line in setting.lines)
    seal = max(5.4 * unit, 0.8 * setting.size)
    _seal(page, look, x + setting.size / 2, top + setting.height * last + 2.2 * unit + seal / 2, seal)
    if small:
        line = fit(small, int(page.width * 0.2), round(4 * unit), round(3.4 * unit), font, HANDS["small"], 1)
        if line is not None:
            _small(page, look, line, min(box.x, page.width - line.width / 2 - 4 * unit), page.height - 9.5 * unit)


def _letters(page: Page, look: Look, title: Setting, middle: float, top: float) -> None:
    """The title, its first line's em beginning at ``top``, centred on ``middle``."""
    mask = drawn(title)
    x, y = round(middle - mask.shape[1] / 2), round(top + (0.87 - ABOVE) * title.size)
    _LETTERS[look.letters](page, look, mask, x, y, title.size)


def _plain(page: Page, look: Look, mask: Mask, x: int, y: int, size: int) -> None:
    page.tint(look.paper.ink, dry(mask, 0.1), x, y)


def _cut_out(page: Page, look: Look, mask: Mask, x: int, y: int, size: int) -> None:
    """Letters of paper that lie on the page."""
    room = round(0.12 * size)
    page.shadow(mask, look.paper.shade, x + room // 4, y + room // 2, 0.05 * size, 0.75)
    page.tint(look.paper.ink, mask, x, y)


def _tube(page: Page, look: Look, mask: Mask, x: int, y: int, size: int) -> None:
    page.glow(mask, look.paper.second, 0.3 * size, x, y, 0.42)
    page.glow(mask, look.paper.second, 0.07 * size, x, y, 0.3)
    page.tint(look.paper.ink, mask, x, y)


def _drop_shadow(page: Page, look: Look, mask: Mask, x: int, y: int, size: int) -> None:
    step, soft = max(1, round(0.05 * size)), blend(look.paper.paper, look.paper.accent, 0.55)
    for shift in range(step, 0, -max(1, step // 6)):
        page.tint(soft, mask, x + shift, y + shift)
    page.tint(look.paper.ink, dry(mask, 0.16), x, y)


def _outlined(page: Page, look: Look, mask: Mask, x: int, y: int, size: int) -> None:
    """White all round, on a shadow in the accent's colour."""
    soft = blend(look.paper.accent, WHITE, 0.45)
    page.thick(mask, soft, x + round(0.05 * size), y + round(0.06 * size), 0.055 * size)
    page.thick(mask, WHITE, x, y, 0.06 * size)
    page.tint(look.paper.ink, mask, x, y)


def _waxy(page: Page, look: Look, mask: Mask, x: int, y: int, size: int) -> None:
    page.tint(look.paper.ink, dry(mask, 0.2), x, y)


_LETTERS = {
    "plain": _plain,
    "cut out": _cut_out,
    "tube": _tube,
    "drop shadow": _drop_shadow,
    "outlined": _outlined,
    "waxy": _waxy,
}


def _small(page: Page, look: Look, setting: Setting, middle: float, top: float) -> None:
    paper = look.paper
    mask = drawn(setting)
    colour = standing_out(blend(paper.ink, paper.paper, 0.14), paper.paper, ENOUGH + 1)
    page.tint(colour, mask, round(middle - mask.shape[1] / 2), round(top + (0.87 - ABOVE) * setting.size))


def _divider(page: Page, look: Look, x: float, y: float, width: float) -> None:
    """Two lines that grow thin outwards, an ornament between them."""
    if not look.divider:
        return
    unit, colour = page.unit, look.paper.accent
    size = round(3.4 * unit)
    for side in (-1, 1):
        near, far = x + side * (size * 0.5 + 0.9 * unit), x + side * width / 2
        page.fill(
            np.array(
                [(near, y - 0.16 * unit), (far, y - 0.03 * unit), (far, y + 0.03 * unit), (near, y + 0.16 * unit)]
            ),
            colour,
        )
        page.dots(np.array([(far, y)]), colour, 0.3 * unit)
    ornament(page, look, look.divider, x - size / 2, y - size / 2, size)


def _sides(page: Page, look: Look, title: Setting, box: Box, top: float) -> None:
    """The look's ornament at both sides of the title, where there is room."""
    if not look.ornament:
        return
    unit = page.unit
    free = (box.width - title.width) / 2 - 2.5 * unit
    size = round(min(free, max(1.5 * title.size, 11 * unit), 19 * unit))
    if size < 6 * unit:
        return
    gap = min(2.5 * unit + (free - size) * 0.3, 9 * unit)
    y = top + title.height / 2 - size * 0.46
    left = box.x - title.width / 2 - gap - size
    right = box.x + title.width / 2 + gap
    ornament(page, look, look.ornament, left, y, size, flip=look.ornament == "sprig")
    ornament(page, look, look.ornament, right, y, size, flip=look.ornament != "sprig")


def ornament(
    page: Page, look: Look, name: str, x: float, y: float, size: int, *, flip: bool = False, hang: bool = False
) -> None:
    """Print one in ``size`` x ``size`` pixels from its upper left corner."""
    colours = look.paper.colours()
    for ink in printed(name, size, look.random, flip=flip, hang=hang):
        page.tint(colours[ink.colour], ink.mask, round(x), round(y))


def _seal(page: Page, look: Look, x: float, y: float, size: float) -> None:
    """A red seal, its characters left white: a picture that speaks for itself, four strokes to a field."""
    red = look.paper.accent
    half = size / 2
    box = np.array(
        [
            (x - half, y - half),
            (x + half, y - half * 0.96),
            (x + half * 0.97, y + half),
            (x - half * 0.98, y + half * 0.98),
        ]
    )
    page.fill(box, red)
    fields = ("影", "画", "之", "印")
    paper = look.paper.paper
    for k, char in enumerate(fields):
        setting = fit(char, int(size), int(size * 0.42), round(size * 0.4), "", HANDS["song"], 1)
        if setting is None:
            continue
        mask = drawn(setting)
        cx = x + (0.22 if k < 2 else -0.22) * size
        cy = y + (-0.22 if k % 2 == 0 else 0.22) * size
        page.tint(
            paper, mask, round(cx - mask.shape[1] / 2), round(cy - setting.size * 0.5 + (0.87 - ABOVE) * setting.size)
        )
