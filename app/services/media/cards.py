"""Title and end cards: a page of paper over the whole frame, a window in which the film lives, and words.

The page is composed for every size anew. Its paper, ornaments and lettering come from the words of the story's
style, and vary with the film's title; the same card gives the same pixels.
"""

from __future__ import annotations

import numpy as np

from app.models.timeline import Card
from app.services.media import captions
from app.services.media.borders import edge, reach
from app.services.media.card_layout import Layout, below, beside
from app.services.media.hands import HANDS
from app.services.media.lettering import Setting, fit_down
from app.services.media.line_breaking import char_width
from app.services.media.overlay import Overlay
from app.services.media.paper import Page
from app.services.media.stationery import Look, chosen

__all__ = ["draw"]

_LONG = 36
"""Half-width units of a title from which it needs two lines of a wide page."""


def draw(card: Card, width: int, height: int, font: str = "") -> Overlay:
    """The card for a frame of ``width`` x ``height`` pixels: opaque paper, transparent in its window.

    ``font`` is a font file, empty: those inside OpenCV; characters that it lacks are left out. Raises
    ValidationFailed when the file cannot be read.
    """
    name = card.small if card.kind == "end" and card.small else card.words
    look = chosen(card.style, name)
    wide, high = width + width % 2, height + height % 2
    page = Page(wide, high, look.paper.paper, look.grain, look.random.randrange(1000))
    layout, upright = _layout(card, look, wide, high, font)
    edge(page, look, layout)
    _corners(page, look, layout)
    if upright is not None:
        captions.columns(page, look, upright, card.small, layout, font)
    else:
        captions.caption(page, look, layout, card, font)
    page.finish()
    return Overlay(0, 0, np.dstack([page.rgb, page.alpha]))


def _layout(card: Card, look: Look, width: int, height: int, font: str) -> tuple[Layout, Setting | None]:
    if look.kind == "ink":
        layout = beside(width, height, look.shape)
        if layout is not None:
            box = layout.caption
            size = round(min(0.125 * min(width, height), 0.8 * box.width))
            room = box.height - 0.1 * min(width, height)
            setting = fit_down(card.words, int(box.width), int(room), size, font, HANDS[look.hand])
            if setting is not None:
                return layout, setting
    roomy = bool(card.small) or sum(map(char_width, card.words)) > _LONG
    return below(width, height, look.shape, reach(look, min(width, height) / 100), roomy=roomy), None


def _corners(page: Page, look: Look, layout: Layout) -> None:
    """What grows or floats in the corners of the page."""
    unit = page.unit
    if look.kind == "ink":
        if layout.caption.left > layout.window.right:
            size = round(min(max(layout.window.left * 1.75, 34 * unit), 62 * unit))
            captions.ornament(page, look, look.ornament, 0, page.height - size * 1.02, size)
        else:  # words are below: the branch hangs from above
            size = round(36 * unit)
            captions.ornament(page, look, "plum", 0, 0, size, hang=True)
        return
    if not look.corner:
        return
    size = round(11 * unit)
    near = 4.2 * unit
    for left in (True, False):
        captions.ornament(
            page, look, look.corner, near if left else page.width - near - size, near, size, flip=not left
        )
