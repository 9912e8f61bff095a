"""A mouth that opens: the lips part along their seam, the jaw goes down with chin and cheeks, the inside is drawn.

The picture is cut along the seam, so the field that bends it has two branches, one for what hangs on the skull and one
for what hangs on the jaw; both run out to nothing before they reach the eyes, the ears and the collar.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.talking.curves import ramp
from app.services.media.talking.inner import Inside
from app.services.media.talking.lips import STATIONS, Lips

Field = NDArray[np.float32]
WIDEST = 0.21
"""Units between the lips when the mouth is wide open."""
_UPPER_SHARE = 0.24
_REST = 0.010
"""What stays between closed lips, units: the line where they meet."""
REACH = (1.2, 0.5, 1.35)
"""Units that the mouth bends to both sides, above and below its middle."""


class Curve(NamedTuple):
    """A polynomial of the fourth degree across the mouth."""

    c: tuple[float, ...]

    def __call__(self, t: Field) -> Field:
        out = np.full_like(t, self.c[-1])
        for one in self.c[-2::-1]:
            out *= t
            out += np.float32(one)
        return out


def _curve(values: NDArray[np.float64]) -> Curve:
    return Curve(tuple(float(one) for one in np.polynomial.polynomial.polyfit(STATIONS, values, 4)))


class Mouth:
    def __init__(self, lips: Lips, inside: Inside) -> None:
        self._inside = inside
        self._center, self._half = np.float32(lips.center), np.float32(lips.half)
        self.row = float((lips.upper[16] + lips.lower[16]) / 2)
        arch = 1 - STATIONS**2
        if lips.teeth:
            closed = lips.upper + 0.4 * (lips.lower - lips.upper)
            upper, lower = closed - _REST / 2 * arch, closed + _REST / 2 * arch
        else:
            upper, lower = lips.upper, lips.lower
        self._own = _curve(lips.upper), _curve(lips.lower)
        self._shut = _curve(upper), _curve(lower)
        self._raised = float(lower[16] - lips.lower[16])
        self._always = lips.teeth

    def bend(self, u: Field, v: Field, opened: float, wide: float) -> tuple[Field, Field, Field, Field]:
        """Where in the photo each place of a face comes from, and where the inside shows.

        Returns ``u`` and ``v`` of the source, and how far the place lies below the upper lip and above the lower
        one, in units (both positive: between them).
        """
        gap = np.float32(opened * WIDEST)
        bump = np.exp(-(((u - self._center) / (1.35 * self._half)) ** 2) - ((v - self.row - 0.05) / 0.4) ** 2)
        # round lips are narrower: what is seen comes from farther out
        out_u = u + (u - self._center) * bump * np.float32(-0.10 * wide + 0.05 * opened)
        t = np.clip((out_u - self._center) / self._half, -1, 1)
        arch = (1 - t * t) * gap
        top = self._shut[0](t) - np.float32(_UPPER_SHARE) * arch
        bottom = self._shut[1](t) + np.float32(1 - _UPPER_SHARE) * arch
        below, above = v - top, bottom - v
        lifted = (top - self._own[0](t)) * (1 - ramp(-below / np.float32(0.42)))
        sunk = self._sunk(u, -above, bottom - self._own[1](t), gap)
        return out_u, v - np.where(below < above, lifted, sunk), below, above

    def _sunk(self, u: Field, under: Field, lip: Field, gap: np.float32) -> Field:
        """How far what lies ``under`` the lower lip has gone down: the lip, and farther down the chin, then nothing."""
        chin = np.float32((1 - _UPPER_SHARE) * gap * 0.85 + 0.5 * self._raised)
        share = ramp(under / np.float32(0.34))
        side = np.exp(-((((u - self._center) / np.float32(0.66)) ** 2) ** 1.5))
        ends = 1 - ramp((under - np.float32(0.58)) / np.float32(0.5))
        return np.asarray((lip * (1 - share) + chin * side * share) * ends, np.float32)

    def paint(
        self,
        picture: NDArray[np.uint8],
        fields: tuple[Field, Field, Field, Field],
        v: Field,
        unit: float,
        opened: float,
    ) -> None:
        """Draw the inside over the part of the frame that ``fields`` are for; ``unit`` is in pixels of the frame."""
        u, _, below, above = fields
        gap = opened * WIDEST
        strength = 1.0 if self._always else min(1.0, gap / 0.03)
        soft = np.float32(1.5 / unit)
        inside = np.clip(below / soft + 0.5, 0, 1) * np.clip(above / soft + 0.5, 0, 1)
        inside *= (np.abs(u - self._center) < self._half) * np.float32(strength)
        left, top, width, height = cv2.boundingRect((inside > 0.004).astype(np.uint8))
        if not width:
            return
        part = (slice(top, top + height), slice(left, left + width))
        color = self._color(u[part], v[part], below[part], above[part], gap)
        alpha = inside[part][..., None]
        under = picture[part]
        np.copyto(under, np.clip(under * (1 - alpha) + color * (255 * alpha) + 0.5, 0, 255).astype(np.uint8))

    def _color(self, u: Field, v: Field, below: Field, above: Field, gap: float) -> NDArray[Any]:
        held = self._inside
        scale = np.float32(held.scale)
        x = (u - np.float32(held.left)) * scale - np.float32(0.5)
        y = (v - np.float32(held.top)) * scale - np.float32(0.5)
        went = np.float32(((1 - _UPPER_SHARE) * gap + self._raised) * held.scale)
        jaw = _sampled(held.jaw, x, y - went)
        skull = _sampled(held.skull, x, y)
        seen = jaw * (1 - skull[..., 3:]) + skull[..., :3]
        # the lips' shadow lies on what is near them, and what is nearly shut is only a line
        lit = ramp(below / np.float32(0.045) + np.float32(0.25)) * ramp(above / np.float32(0.02) + np.float32(0.4))
        lit = (np.float32(0.3) + np.float32(0.7) * lit)[..., None]
        parted = ramp((below + above - np.float32(_REST + 0.012)) / np.float32(0.05))[..., None] * lit
        return np.asarray(held.seam * (1 - parted) + seen * parted)


def _sampled(sheet: Field, x: Field, y: Field) -> Field:
    seen = cv2.remap(sheet, _single(x), _single(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def _single(array: Any) -> Field:
    return np.asarray(array, np.float32)
