"""What all techniques share: the sheet that is worked on, painted boxes, unsteady edges, pigment, lines.

Everything works on premultiplied uint8 pixels in place, within the box that is painted, in shares of 200.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from app.services.engines.builtin.picture import curves, paper
from app.services.engines.builtin.picture.canvas import Canvas, painted
from app.services.engines.builtin.picture.colour import RGB, Pixels
from app.services.engines.builtin.picture.paper import ONE
from app.services.engines.builtin.picture.stage import Stage

Box = tuple[int, int, int, int]
"""y0, y1, x0, x1 in pixels."""


@dataclass
class Sheet:
    """One picture under the brush. ``maps`` keeps what several layers use."""

    stage: Stage
    seed: int
    maps: dict[str, tuple[Pixels, ...]] = field(default_factory=dict)

    def cut(self, plane: Pixels, box: Box) -> Pixels:
        """The part of a plane of the picture that lies in a box."""
        y0, y1, x0, x1 = box
        return np.ascontiguousarray(plane[y0:y1, x0:x1])

    def tile(self, tile: Pixels, box: Box) -> Pixels:
        """A seamless tile under a box."""
        y0, y1, x0, x1 = box
        return np.ascontiguousarray(paper.tiled(tile, x1 - x0, y1 - y0, x0, y0))

    @property
    def width(self) -> int:
        return self.stage.width

    @property
    def height(self) -> int:
        return self.stage.height

    @property
    def fine(self) -> float:
        """Pixels of a picture 720 high: lengths are told in it."""
        return max(0.25, min(self.stage.height, self.stage.width * 0.8) / 720)


def is_figure(role: str) -> bool:
    """Whether a layer holds somebody with a face: textures are then a hint and no more."""
    return role not in ("sky", "far", "mid", "subject", "near")


def is_shadow(role: str) -> bool:
    """Whether a layer is only what somebody throws on the ground: nothing is drawn on it."""
    return role.startswith("shadow")


def box_of(canvas: Canvas, reach: int = 0) -> Box | None:
    """The painted box, ``reach`` pixels larger on every side; None when nothing is painted."""
    y0, y1 = canvas.rows()
    if y1 <= y0:
        return None
    part = canvas.pixels[y0:y1]
    if part[:, 0, 3].any() and part[:, -1, 3].any():  # land and sky reach both sides: no need to look further
        return max(0, y0 - reach), min(canvas.height, y1 + reach), 0, canvas.width
    used = np.flatnonzero(cv2.reduce(cv2.extractChannel(part, 3), 0, cv2.REDUCE_MAX)[0])
    x0, x1 = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, canvas.width)
    return max(0, y0 - reach), min(canvas.height, y1 + reach), max(0, x0 - reach), min(canvas.width, x1 + reach)


def wide(plane: Pixels) -> Pixels:
    """One plane of shares for all three colours, leaving alpha alone."""
    return np.asarray(cv2.merge([plane, plane, plane, np.full_like(plane, ONE)]))


def shaded(part: Pixels, plane: Pixels) -> None:
    """Multiply premultiplied pixels by shares of 200 (h, w), never above their alpha."""
    cv2.multiply(part, wide(plane), dst=part, scale=1 / ONE)
    alpha = cv2.extractChannel(part, 3)
    cv2.min(part, cv2.merge([alpha, alpha, alpha, alpha]), dst=part)


def dense(part: Pixels, plane: Pixels) -> None:
    """Change the amount of pigment by shares of 200: less lets the white paper shine through."""
    alpha = cv2.extractChannel(part, 3)
    full = cv2.merge([alpha, alpha, alpha, alpha])
    pigment = cv2.subtract(full, part)
    cv2.multiply(pigment, cv2.merge([plane, plane, plane, plane]), dst=pigment, scale=1 / ONE)
    cv2.subtract(full, pigment, dst=part)
    cv2.insertChannel(alpha, part, 3)


def mixed(part: Pixels, colour: RGB, mask: Pixels) -> None:
    """Draw premultiplied pixels towards one colour where ``mask`` (h, w, 0 to 255) says, leaving alpha alone."""
    y0, y1 = painted(mask)
    if y1 <= y0:
        return
    part, mask = part[y0:y1], mask[y0:y1]
    alpha = cv2.extractChannel(part, 3)
    kept = cv2.multiply(part, cv2.merge([cv2.bitwise_not(mask)] * 3 + [np.full_like(mask, 255)]), scale=1 / 255)
    amount = cv2.multiply(alpha, mask, scale=1 / 255)
    blue, green, red = (cv2.convertScaleAbs(amount, alpha=c / 255) for c in (colour[2], colour[1], colour[0]))
    cv2.add(kept, cv2.merge([blue, green, red, np.zeros_like(amount)]), dst=part)


def _shift(s: Sheet, amount: float, cell: float, ragged: float) -> tuple[Pixels, ...]:
    """Fixed-point maps that move every pixel by up to about ``amount`` pixels; kept on the sheet."""
    name = f"shift {amount:.2f} {cell:.2f} {ragged:.2f}"
    if name not in s.maps:
        q = 4
        w, h = s.width // q + 2, s.height // q + 2
        mx, my = (_enlarged(curves.noise(s.seed + k, w, h, max(2.0, cell / q), 2), amount * 0.6, s) for k in (1, 2))
        if ragged:
            comb = paper.tiled(paper.field(31, 46, 2.6, 14), s.width, s.height)
            mx += comb * np.float32(ragged)
            my += comb * np.float32(ragged * 0.5)
        reach = np.array([[np.ceil(np.abs(my).max()) + 1]])
        mx += np.arange(s.width, dtype=np.float32)[None, :]
        my += np.arange(s.height, dtype=np.float32)[:, None]
        np.clip(mx, 0, s.width - 1, out=mx)
        np.clip(my, 0, s.height - 1, out=my)
        s.maps[name] = (*cv2.convertMaps(mx, my, cv2.CV_16SC2), reach)
    return s.maps[name]


def _enlarged(noise: Pixels, amount: float, s: Sheet) -> Pixels:
    return np.asarray(cv2.resize(noise * np.float32(amount), (s.width, s.height)), np.float32)


def unsteady(canvas: Canvas, s: Sheet, amount: float, cell: float = 34.0, ragged: float = 0.0) -> None:
    """Move the pixels so that outlines waver; ``ragged`` combs them as a dry brush does. All in pixels of 720."""
    first, second, reach = _shift(s, amount * s.fine, cell * s.fine, ragged * s.fine)
    box = box_of(canvas, int(reach[0, 0]))
    if box is None:
        return
    moved = cv2.remap(
        canvas.pixels, s.cut(first, box), s.cut(second, box), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    y0, y1, x0, x1 = box
    canvas.pixels[y0:y1, x0:x1] = moved


def rims(part: Pixels, reach: int) -> tuple[Pixels, Pixels]:
    """Where something darker than its surroundings begins, and where the paint itself ends, 0 to 255 each.

    Looked for at half the size, which is enough for lines that a brush or water makes.
    """
    h, w = part.shape[:2]
    small = cv2.resize(part, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
    grey, alpha = cv2.cvtColor(small, cv2.COLOR_BGRA2GRAY), cv2.extractChannel(small, 3)
    k = max(1, reach // 2) * 2 + 1
    dark = cv2.subtract(cv2.blur(grey, (k, k)), grey)
    ends = cv2.subtract(alpha, cv2.blur(alpha, (k, k)))
    return cv2.resize(dark, (w, h)), cv2.resize(ends, (w, h))
