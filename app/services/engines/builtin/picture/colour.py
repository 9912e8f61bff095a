"""Colours as plain sRGB triples of 0 to 255, and 4x4 matrices that light whole pictures at once.

Pictures are kept premultiplied, so a matrix on (blue, green, red, alpha) can do tint, haze and saturation in one
pass: whatever is added is added in proportion to alpha.
"""

from __future__ import annotations

import colorsys
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

RGB = tuple[float, float, float]
Pixels = npt.NDArray[Any]
Matrix = npt.NDArray[np.float32]

WHITE: RGB = (255, 255, 255)
INK: RGB = (58, 44, 58)
"""The dark of eyes and lines; never pure black."""


def mix(a: RGB, b: RGB, t: float) -> RGB:
    """``a`` at 0, ``b`` at 1."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def times(a: RGB, factor: float) -> RGB:
    """Darker below 1, lighter above, clipped."""
    return (min(255.0, a[0] * factor), min(255.0, a[1] * factor), min(255.0, a[2] * factor))


def multiplied(a: RGB, light: RGB) -> RGB:
    """``a`` seen in a coloured light, where 255 leaves a channel as it is."""
    return (a[0] * light[0] / 255, a[1] * light[1] / 255, a[2] * light[2] / 255)


def shift(a: RGB, *, hue: float = 0.0, saturation: float = 1.0, value: float = 1.0) -> RGB:
    """Turn the hue (in turns) and scale saturation and value."""
    h, s, v = colorsys.rgb_to_hsv(a[0] / 255, a[1] / 255, a[2] / 255)
    r, g, b = colorsys.hsv_to_rgb((h + hue) % 1.0, min(1.0, s * saturation), min(1.0, v * value))
    return (r * 255, g * 255, b * 255)


def hexa(code: str) -> RGB:
    """``#rrggbb`` or ``rrggbb``."""
    code = code.lstrip("#")
    return (float(int(code[0:2], 16)), float(int(code[2:4], 16)), float(int(code[4:6], 16)))


def bgra(colour: RGB, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """Premultiplied, in OpenCV's order."""
    return (colour[2] * alpha, colour[1] * alpha, colour[0] * alpha, 255.0 * alpha)


def shade_of(colour: RGB) -> RGB:
    """The shadow side of a colour: darker, cooler, a little more saturated."""
    return mix(shift(colour, saturation=1.12, value=0.85), (110, 70, 120), 0.12)


def light_of(colour: RGB) -> RGB:
    """The light side of a colour: lighter and warmer."""
    return mix(colour, (255, 246, 224), 0.34)


def line_of(colour: RGB) -> RGB:
    """The line around a shape of this colour."""
    return mix(shift(colour, saturation=1.15, value=0.6), (84, 52, 82), 0.28)


def unit() -> Matrix:
    """The matrix that changes nothing."""
    return np.eye(4, dtype=np.float32)


def multiply(light: RGB) -> Matrix:
    """Light of this colour falls on everything; 255 leaves a channel as it is."""
    return np.diag(np.array([light[2] / 255, light[1] / 255, light[0] / 255, 1.0], np.float32))


def veil(colour: RGB, amount: float) -> Matrix:
    """Mix everything towards one colour (haze, paper, darkness)."""
    m = np.eye(4, dtype=np.float32) * np.float32(1 - amount)
    m[:3, 3] = np.array([colour[2], colour[1], colour[0]], np.float32) * np.float32(amount / 255)
    m[3, 3] = 1.0
    return m


def saturate(amount: float) -> Matrix:
    """0 is grey, 1 leaves all as it is, above is stronger."""
    grey = np.array([0.0722, 0.7152, 0.2126], np.float32) * np.float32(1 - amount)
    m = np.eye(4, dtype=np.float32)
    m[:3, :3] = np.tile(grey, (3, 1)) + np.eye(3, dtype=np.float32) * np.float32(amount)
    return m


def solid(colour: RGB, height: int, width: int) -> Pixels:
    """Opaque paint of one colour, (height, width, 4)."""
    return striped(np.rint(bgra(colour)).astype(np.uint8).reshape(1, 4), width, height)


def striped(lines: Pixels, width: int, height: int = 0) -> Pixels:
    """Paint of one colour per row from ``lines`` (height or 1, 4). Whole pixels are written: 25 times the speed."""
    paint = np.empty((height or len(lines), width), np.uint32)
    paint[:] = np.ascontiguousarray(lines).view(np.uint32)
    return paint.view(np.uint8).reshape(*paint.shape, 4)


def recoloured(pixels: Pixels, matrix: Matrix) -> Pixels:
    """Premultiplied pixels in another light, veil or tint.

    As three channels, for which OpenCV has a quick path: the veil is put on as if all were opaque, and what that is
    too much where it is not is taken off again.
    """
    alpha = cv2.extractChannel(pixels, 3)
    veiled = matrix[:3, 3] * np.float32(255)
    rgb = cv2.transform(cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), np.column_stack([matrix[:3, :3], veiled]))
    if veiled.any():
        absent = cv2.bitwise_not(alpha)
        surplus = cv2.merge([cv2.convertScaleAbs(absent, alpha=float(part)) for part in matrix[:3, 3]])
        cv2.subtract(rgb, surplus, dst=rgb)
    cv2.min(rgb, cv2.merge([alpha, alpha, alpha]), dst=rgb)
    return with_alpha(rgb, alpha)


def with_alpha(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Blue, green, red and their alpha in one."""
    out = cv2.cvtColor(rgb, cv2.COLOR_BGR2BGRA)
    return np.asarray(cv2.insertChannel(alpha, out, 3))


COLOURS: dict[str, RGB] = {
    "red": (214, 66, 62),
    "orange": (238, 140, 62),
    "yellow": (246, 206, 84),
    "gold": (236, 184, 76),
    "green": (98, 164, 92),
    "teal": (70, 160, 160),
    "blue": (78, 128, 204),
    "purple": (142, 102, 186),
    "pink": (244, 156, 174),
    "brown": (156, 104, 66),
    "beige": (240, 222, 188),
    "white": (250, 246, 238),
    "grey": (150, 154, 164),
    "black": (66, 62, 76),
}
"""The lexicon's colour names as paint."""
