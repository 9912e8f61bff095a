"""Where the window of a card is and where its words are, for pictures of every shape.

The subject of a picture usually stands between 0.35 and 0.65 of its width and 0.35 and 0.8 of its height: the
window is there. The upper right corner stays free of words: the label of generated content belongs there.
"""

from __future__ import annotations

from typing import NamedTuple

from app.services.media.windows import Box

LANDSCAPE, PORTRAIT = 1.2, 0.85
"""Width by height from which a picture is wide, and below which it is tall."""


class Layout(NamedTuple):
    window: Box
    caption: Box
    """Of all words, with the ornaments at their sides."""
    shape: str


def beside(width: int, height: int, shape: str) -> Layout | None:
    """The window with the words in columns at its right; None where the picture has no room for them."""
    ratio = width / height
    if ratio >= LANDSCAPE:
        across = min(0.9 * height, 0.56 * width)
        window = _centred(0.445 * width, 0.5 * height, across, across)
        return Layout(window, Box(window.right + 0.04 * width, 0.17 * height, 0.955 * width, 0.86 * height), shape)
    if ratio > PORTRAIT:
        window = _centred(0.425 * width, 0.5 * height, 0.7 * width, 0.7 * width)
        return Layout(window, Box(0.835 * width, 0.18 * height, 0.96 * width, 0.84 * height), shape)
    return None


def below(width: int, height: int, shape: str, edge: float, *, roomy: bool) -> Layout:
    """The window with the words in lines below it; ``edge`` is how far its border reaches, pixels.

    ``roomy``: there are many words.
    """
    ratio = width / height
    if ratio >= LANDSCAPE:
        if shape == "circle":  # a circle so low would cut off what stands at a third of the width
            shape = "oval"
        outer = Box(0.115 * width, 0.045 * height, 0.885 * width, (0.74 if roomy else 0.775) * height)
        caption = Box(0.06 * width, outer.bottom + 0.02 * height, 0.94 * width, 0.955 * height)
    elif ratio > PORTRAIT:
        outer = Box(0.075 * width, 0.06 * height, 0.925 * width, (0.72 if roomy else 0.75) * height)
        caption = Box(0.07 * width, outer.bottom + 0.02 * height, 0.93 * width, 0.95 * height)
    elif shape == "circle":
        outer = _centred(0.5 * width, 0.445 * height, 0.94 * width, 0.94 * width)
        caption = Box(0.08 * width, 0.745 * height, 0.92 * width, 0.93 * height)
    else:
        outer = Box(0.06 * width, 0.065 * height, 0.94 * width, 0.745 * height)
        caption = Box(0.08 * width, 0.76 * height, 0.92 * width, 0.945 * height)
    return Layout(outer.grown(-edge), caption, shape)


def _centred(x: float, y: float, width: float, height: float) -> Box:
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
