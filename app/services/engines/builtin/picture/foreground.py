"""What lies nearest, as a lens sees it: out of focus, at the edges only, never before a face; and the quiet ground
below, where the subtitles stand."""

from __future__ import annotations

import cv2
import numpy as np

from app.services.engines.builtin.picture.framing import Framing
from app.services.engines.builtin.picture.placed import Placed
from app.services.engines.builtin.picture.stage import Stage

_SOFT = {"wide": 0.0035, "medium": 0.006, "close": 0.013}
"""Blur of the nearest things, as a fraction of the height."""
_HUSH, _DIM = 0.62, 0.1
"""How much of the drawing under the subtitles goes, and how much of the light."""
_MOST = 0.25
"""Share of the picture that may be covered."""


def hush(stage: Stage, framing: Framing) -> None:
    """Calm the ground where subtitles stand: its drawing fades and it grows a little darker, evenly."""
    y0 = max(0, int(framing.calm - 0.06 * stage.height))
    rows = np.arange(y0, stage.height, dtype=np.float32)
    strength = np.clip((rows - y0) / (0.1 * stage.height), 0, 1)[:, None]
    k = max(1, round(0.02 * stage.height)) * 2 + 1
    for layer in ("mid", "subject"):
        part = stage[layer].pixels[y0:]
        if not len(part) or not cv2.hasNonZero(part.reshape(len(part), -1)):
            continue
        shape = (len(part), stage.width)
        soft = cv2.blur(part, (k, k), borderType=cv2.BORDER_REPLICATE)
        fade = np.ascontiguousarray(np.broadcast_to((strength * 255 * _HUSH).astype(np.uint8), shape))
        dim = np.ascontiguousarray(np.broadcast_to((255 - strength * 255 * _DIM).astype(np.uint8), shape))
        mask = cv2.merge([fade] * 4)
        mixed = cv2.add(
            cv2.multiply(part, cv2.bitwise_not(mask), scale=1 / 255), cv2.multiply(soft, mask, scale=1 / 255)
        )
        full = np.full_like(dim, 255)
        cv2.multiply(mixed, cv2.merge([dim, dim, dim, full]), dst=part, scale=1 / 255)


def soften(stage: Stage, framing: Framing, placed: list[Placed]) -> None:
    """Blur the near layer, and take away what of it would hide a figure, the subtitles' place or too much."""
    c = stage["near"]
    y0, y1 = c.rows()
    if y1 <= y0:
        return
    keep = _kept(stage, framing, placed)
    wide = max(0.6, _SOFT[framing.kind] * stage.height / 2)
    if stage.height % 2 == 0:  # no more rows than the blur reaches; of an odd number no half fits the other rows
        reach = 2 * (int(4 * wide) + 4)
        y0, y1 = max(0, y0 - reach) // 2 * 2, min(stage.height, (y1 + reach + 1) // 2 * 2)
    else:
        y0, y1 = 0, stage.height
    small = cv2.resize(c.pixels[y0:y1], (max(1, stage.width // 2), (y1 - y0) // 2), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), wide, borderType=cv2.BORDER_REPLICATE), (stage.width, y1 - y0))
    mask = np.ascontiguousarray(cv2.resize(keep, (stage.width, stage.height))[y0:y1])
    seen = cv2.multiply(cv2.extractChannel(soft, 3), mask, scale=1 / 255)
    covered = float(seen.mean()) / 255 * (y1 - y0) / stage.height
    if covered > _MOST:
        mask = cv2.convertScaleAbs(mask, alpha=_MOST / covered)
    c.pixels[y0:y1] = cv2.multiply(soft, cv2.merge([mask] * 4), scale=1 / 255)


def _kept(stage: Stage, framing: Framing, placed: list[Placed]) -> np.ndarray:
    """0 where nothing near may be, 255 where it may, at an eighth of the size."""
    w, h = max(2, stage.width // 8), max(2, stage.height // 8)
    gx, gy = (np.arange(w, dtype=np.float32) + 0.5) / w, (np.arange(h, dtype=np.float32) + 0.5) / h
    keep = np.ones((h, w), np.float32)
    for item in placed:
        (left, right), (top, bottom) = item.span(), item.rise()
        x, y = (left + right) / 2 / stage.width, (top + min(bottom, stage.height)) / 2 / stage.height
        rx = (right - left) / stage.width * 0.55 + abs(item.travel) / 2 + 0.03
        ry = (min(bottom, stage.height) - top) / stage.height * 0.55 + 0.03
        far = np.hypot((gx[None, :] - x) / rx, (gy[:, None] - y) / ry)
        keep = np.minimum(keep, np.clip((far - 0.85) / 0.35, 0, 1))
    calm = framing.calm / stage.height  # what stands up from below stays in the corners
    middle = np.clip(1.25 - np.abs(gx - 0.5) / 0.3, 0, 1)[None, :]
    low = np.clip((gy - calm + 0.04) / 0.06, 0, 1)[:, None]
    return np.asarray((keep * (1 - middle * low) * 255).astype(np.uint8))
