"""What is seen between parted lips: a dark cavity, a row of upper teeth, a tongue. Drawn once for a face.

The colours are those of the face's own skin in its own light. Teeth that the photo shows are kept; they belong to the
skull and stay with it, while the tongue goes down with the jaw.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.talking.curves import ramp
from app.services.media.talking.lips import STATIONS, Lips

Sheet = NDArray[np.float32]
_ABOVE, _BELOW = 0.12, 0.5
"""Units above and below the middle of the mouth that the sheets cover."""
_TOOTH, _SHOWN = 0.105, 0.07
"""Width of a front tooth, and how much of it hangs below the upper lip, units."""


class Inside(NamedTuple):
    """Sheets in the face's frame: ``scale`` pixels a unit, (left, top) in units at their first pixel."""

    skull: Sheet
    """B, G, R times alpha, and alpha, 0 to 1: teeth."""
    jaw: Sheet
    """B, G, R: cavity and tongue, opaque."""
    seam: NDArray[np.float32]
    """B, G, R of the line between closed lips."""
    scale: float
    left: float
    top: float


def drawn(photo: NDArray[Any], to_photo: NDArray[np.float64], lips: Lips, scale: float) -> Inside:
    """The inside of the mouth of a face; ``to_photo`` is 2x3 from the face's frame to pixels of the photo (BGR)."""
    middle = float((lips.upper[16] + lips.lower[16]) / 2)
    left, top = lips.center - lips.half * 1.1, middle - _ABOVE
    size = (round(2.2 * lips.half * scale), round((_ABOVE + _BELOW) * scale))
    u = left + (np.arange(size[0]) + 0.5) / scale
    v = top + (np.arange(size[1]) + 0.5) / scale
    across = ((u - lips.center) / lips.half)[None, :]
    upper = np.interp(across[0], STATIONS, lips.upper)[None, :]
    lower = np.interp(across[0], STATIONS, lips.lower)[None, :]
    skin = _skin(photo, to_photo, lips)
    seam = _seam(photo, to_photo, lips, skin)
    jaw = _cavity(across, v[:, None], lower, skin)
    own = _photo_teeth(photo, to_photo, u, v, across, upper, lower) if lips.teeth else None
    skull = own if own is not None else _teeth(across * lips.half, across, v[:, None], upper, skin)
    if float(np.ptp(skin)) < 3 / 255:  # a grey photo has a grey mouth
        jaw = np.repeat(cv2.transform(jaw, np.array([[0.114, 0.587, 0.299]])).reshape(*jaw.shape[:2], 1), 3, 2)
        light = cv2.transform(skull[..., :3], np.array([[0.114, 0.587, 0.299]])).reshape(*jaw.shape[:2], 1)
        skull = np.concatenate([np.repeat(light, 3, 2), skull[..., 3:]], 2)
    return Inside(skull.astype(np.float32), jaw.astype(np.float32), seam, scale, left, top)


def _pixels(photo: NDArray[Any], to_photo: NDArray[np.float64], u: NDArray[Any], v: NDArray[Any]) -> NDArray[Any]:
    x = to_photo[0, 0] * u + to_photo[0, 1] * v + to_photo[0, 2]
    y = to_photo[1, 0] * u + to_photo[1, 1] * v + to_photo[1, 2]
    seen = cv2.remap(
        photo, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(seen, np.float32) / 255


def _skin(photo: NDArray[Any], to_photo: NDArray[np.float64], lips: Lips) -> NDArray[np.float64]:
    u, v = np.meshgrid(np.r_[np.linspace(-0.5, -0.3, 12), np.linspace(0.3, 0.5, 12)], np.linspace(0.45, 0.7, 16))
    seen = _pixels(photo, to_photo, u + lips.center, v).reshape(-1, 3)
    return np.asarray(np.median(seen, 0), np.float64)


def _seam(
    photo: NDArray[Any], to_photo: NDArray[np.float64], lips: Lips, skin: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Darker than the lips themselves."""
    u = lips.center + np.linspace(-0.5, 0.5, 21) * lips.half
    v = np.interp(np.linspace(-0.5, 0.5, 21), STATIONS, lips.lower) + 0.05
    lip = np.median(_pixels(photo, to_photo, u[None], v[None]).reshape(-1, 3), 0)
    return np.asarray(np.minimum(lip, skin * 1.1) * np.array([0.40, 0.36, 0.48]), np.float32)


def _cavity(
    across: NDArray[Any], v: NDArray[Any], lower: NDArray[Any], skin: NDArray[np.float64]
) -> NDArray[np.float64]:
    light = float(skin.max())
    dark = light * np.array([0.085, 0.075, 0.17])
    tongue = light * np.array([0.30, 0.28, 0.52])
    edge = lower - 0.085 + 0.06 * across**2
    share = ramp((v - edge) / 0.07) * ramp((0.85 - np.abs(across)) / 0.4)
    groove = 1 - 0.18 * np.exp(-((across / 0.07) ** 2))
    share = (0.85 * share * groove)[..., None]
    return np.asarray(dark * (1 - share) + tongue * share, np.float64)


def _teeth(
    u: NDArray[Any], across: NDArray[Any], v: NDArray[Any], upper: NDArray[Any], skin: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A hint of a row: even, a little shaded towards the corners and under the lip."""
    tint = 0.5 * np.array([0.86, 0.95, 1.0]) + 0.5 * skin / max(0.01, float(skin.max()))
    white = min(0.92, 1.02 * float(skin.max())) * tint
    place = u / (_TOOTH * (1 - 0.16 * np.abs(across)))
    between = np.abs(place - np.round(place))
    scallop = 0.010 * (1 - (2 * (0.5 - between)) ** 2) ** 2
    edge = upper + _SHOWN * (1 - 0.75 * across**2) - 0.010 + scallop
    alpha = ramp((edge - v) / 0.016 + 0.5) * ramp((0.82 - np.abs(across)) / 0.3)
    shade = (0.82 + 0.18 * ramp((v - upper) / 0.06)) * (1 - 0.42 * across**2)
    gaps = 1 - 0.13 * np.exp(-((between / 0.05) ** 2)) * (np.abs(across) < 0.75)
    sheet = np.empty((*alpha.shape, 4))
    sheet[..., :3] = white * (shade * gaps * alpha)[..., None]
    sheet[..., 3] = alpha
    return sheet


def _photo_teeth(
    photo: NDArray[Any],
    to_photo: NDArray[np.float64],
    u: NDArray[Any],
    v: NDArray[Any],
    across: NDArray[Any],
    upper: NDArray[Any],
    lower: NDArray[Any],
) -> NDArray[np.float64]:
    wide, high = np.meshgrid(u, v)
    seen = _pixels(photo, to_photo, wide, high).astype(np.float64)
    alpha = ramp((high - upper + 0.02) / 0.015) * ramp((lower - 0.006 - high) / 0.022)
    alpha *= ramp((0.97 - np.abs(across)) / 0.15)
    return np.concatenate([seen * alpha[..., None], alpha[..., None]], 2)
