"""How far two colours stand apart for a reader, as WCAG 2 counts it."""

from __future__ import annotations

Colour = tuple[int, int, int]
ENOUGH = 4.5
"""What text needs against what is behind it."""


def luminance(colour: Colour) -> float:
    """Relative luminance of an sRGB colour, 0 to 1."""
    values = [part / 255 for part in colour]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """1 (the same) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def blend(below: Colour, above: Colour, share: float) -> Colour:
    """``above`` laid over ``below`` with an opacity of ``share``."""
    red, green, blue = (round(b + (a - b) * share) for b, a in zip(below, above, strict=True))
    return red, green, blue


def standing_out(colour: Colour, ground: Colour, wanted: float = ENOUGH) -> Colour:
    """``colour``, moved towards black or white no further than it takes to stand out from ``ground``.

    When neither end is ``wanted`` away, the further of the two.
    """
    if contrast(colour, ground) >= wanted:
        return colour
    black, white = (0, 0, 0), (255, 255, 255)
    end = black if contrast(black, ground) > contrast(white, ground) else white
    for step in range(1, 50):
        moved = blend(colour, end, step / 50)
        if contrast(moved, ground) >= wanted:
            return moved
    return end
