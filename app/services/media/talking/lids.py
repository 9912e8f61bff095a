"""Lids that close over an eye: skin from below it, turned over, comes down behind a line of lashes.

The skin above an eye is often a brow, a fringe or the rim of glasses, which must stay where it is; that below is lid.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.talking.curves import ramp

Field = NDArray[np.float32]
HALF = 0.235
"""Units from the middle of an eye to its corners."""
REACH = (0.33, 0.22)
"""Units around the pupil within which something changes."""


class Lid:
    """One eye of a photo (BGR of 8 bits); ``to_photo`` is 2x3 from the face's frame to its pixels."""

    def __init__(self, photo: NDArray[np.uint8], to_photo: NDArray[np.float64], u: float, outward: int) -> None:
        self._photo, self._to_photo = photo, to_photo.astype(np.float32)
        self.u = u
        self._middle = np.float32(u + 0.012 * outward)
        self._top, self._bottom = self._edges()
        self._lash = self._darkest()
        self._lighter = self._shade()

    def paint(self, picture: NDArray[np.uint8], u: Field, v: Field, shut: float, unit: float) -> None:
        """Close the eye by ``shut`` (0 to 1) in the part of a frame whose places in the face are ``u`` and ``v``."""
        s = np.clip((u - self._middle) / np.float32(HALF), -1, 1)
        arch = 1 - s * s
        top = -np.float32(self._top + 0.03) * arch - np.float32(0.015)
        bottom = np.float32(0.85 * self._bottom) * arch
        edge = top + (bottom - top) * np.float32(shut)
        soft = np.float32(max(1.5 / unit, 0.014))
        cover = ramp((v - top) / np.float32(0.055) + np.float32(0.6)) * np.clip((edge - v) / soft + 0.5, 0, 1)
        cover *= ramp((1 - np.abs((u - self._middle) / np.float32(HALF))) / np.float32(0.4))
        cover *= np.float32(min(1.0, 4 * shut))
        # turned over at the edge: what is just above it is what lies just below the eye
        up = np.clip(edge - v, 0, 0.2)
        skin = self._seen(u, bottom + np.float32(0.035) + np.float32(0.75) * up)
        skin *= 1 + (self._lighter - 1) * ramp(up / np.float32(0.16))[..., None]
        hair = np.exp(-(((v - edge) / np.float32(0.013)) ** 2)) * ramp((1 - np.abs(s)) / np.float32(0.5))
        hair = (hair * np.float32(0.62 * min(1.0, 3 * shut)))[..., None]
        cover = cover[..., None]
        out = picture * (1 - cover) + skin * cover
        out += (self._lash - out) * hair
        np.copyto(picture, np.clip(out + 0.5, 0, 255).astype(np.uint8))

    def _shade(self) -> NDArray[np.float32]:
        """How the skin above the eye differs from that below, B, G, R; little, or it is a rim or a fringe."""
        u = np.float32(self.u) + np.linspace(-0.12, 0.12, 13, dtype=np.float32)
        above, below = (
            np.median(self._seen(*np.meshgrid(u, np.linspace(*rows, 7, dtype=np.float32))).reshape(-1, 3), 0) + 1
            for rows in ((-0.21, -0.15), (0.14, 0.22))
        )
        return np.asarray(np.clip(0.95 * above / below, 0.8, 1.02), np.float32)

    def _seen(self, u: Field, v: Field) -> NDArray[Any]:
        m = self._to_photo
        x, y = m[0, 0] * u + m[0, 1] * v + m[0, 2], m[1, 0] * u + m[1, 1] * v + m[1, 2]
        return np.asarray(cv2.remap(self._photo, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)

    def _column(self) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """How light the eye is from above to below, over the pupil."""
        v = np.arange(-0.2, 0.2, 0.004, dtype=np.float32)
        u = np.float32(self.u) + np.linspace(-0.06, 0.06, 9, dtype=np.float32)
        wide, high = np.meshgrid(u, v)
        return v, self._seen(wide, high).mean(2).mean(1)

    def _edges(self) -> tuple[float, float]:
        """How far the lids' edges are above and below the pupil, units, within what eyes can be."""
        v, light = self._column()
        dark = float(light[np.abs(v) < 0.05].min())
        over, under = light[(v < -0.06) & (v > -0.17)], light[(v > 0.06) & (v < 0.17)]
        above = v[(v < -0.03) & (light > dark + 0.6 * (float(over.max()) - dark))]
        below = v[(v > 0.03) & (light > dark + 0.7 * (float(under.max()) - dark))]
        top = -float(above.max()) if above.size else 0.1
        bottom = float(below.min()) if below.size else 0.08
        return float(np.clip(top, 0.085, 0.125)), float(np.clip(bottom, 0.065, 0.095))

    def _darkest(self) -> NDArray[np.float32]:
        grid = np.meshgrid(
            np.float32(self.u) + np.linspace(-0.15, 0.15, 25, dtype=np.float32),
            np.linspace(-0.1, 0.08, 19, dtype=np.float32),
        )
        seen = self._seen(*grid).reshape(-1, 3)
        order = np.argsort(seen.sum(1))
        return np.asarray(seen[order[: seen.shape[0] // 12]].mean(0), np.float32)
