"""What one still picture says about near and far, each as a map from 0 to 1 of a small copy of it.

No cue is right alone. The subject is what cannot be reached from the frame without crossing an edge (Zhang et al.,
"Minimum barrier salient object detection at 80 FPS", 2015), together with what stands out in the spectrum (Hou and
Zhang, "Saliency detection: a spectral residual approach", 2007); the sky is what is light, smooth and joined to the
upper edge; haze is what is light in every colour (He et al., "Single image haze removal using dark channel prior",
2009). All of them are functions of the pixels alone, so the same picture always gives the same depth.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.planes import Bytes

Map = NDArray[np.float32]
"""(height, width), 0 to 1."""

_BARRIER_LONGEST = 96
_SPECTRUM = 64
_PASSES = 3
_SKY_CHROMA = 0.05
"""Blue over red, of full scale, from which a patch counts as blue."""
_SKY_ENDS = 0.8
"""Of the height: below, blue is water or a floor."""


def subject(bgr: Bytes) -> Map:
    """How much a place belongs to what the picture is of."""
    height, width = bgr.shape[:2]
    barrier = _resized(_barrier(_shrunk(bgr, _BARRIER_LONGEST)), (width, height))
    found = barrier * (0.7 + 0.3 * _spectral_residual(bgr)) * _centred(width, height)
    return stretched(found, 2.0, 98.0)


def sky(bgr: Bytes) -> Map:
    """How much a place belongs to a light or blue, smooth region joined to the upper edge."""
    height, width = bgr.shape[:2]
    light = bgr.astype(np.float32) / 255
    smooth = np.exp(-_texture(bgr) / 0.02)
    blue = np.clip((light[..., 0] - light[..., 2]) / _SKY_CHROMA, 0, 1)
    bright = np.clip((light.min(axis=2) - 0.55) / 0.25, 0, 1)
    likely = np.asarray(smooth * np.maximum(blue * np.clip(light[..., 0] * 2.5, 0, 1), bright), np.float32)
    likely = cv2.medianBlur((likely * 255).astype(np.uint8), 5).astype(np.float32) / np.float32(255)
    count, labels = cv2.connectedComponents((likely > 0.4).astype(np.uint8), connectivity=4)[:2]
    along = np.bincount(labels[: max(1, height // 50)].ravel(), minlength=count) / max(1, height // 50)
    wide = np.flatnonzero(along > 0.2 * width)
    joined = np.isin(labels, wide[wide != 0])
    side = max(3, min(bgr.shape[:2]) // 24 * 2 + 1)
    whole = cv2.morphologyEx(np.asarray(likely * joined, np.float32), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    upper = np.clip((_SKY_ENDS - np.linspace(0, 1, height, dtype=np.float32)) / 0.25, 0, 1)[:, None]
    return np.asarray(whole * upper, np.float32)


def haze(bgr: Bytes) -> Map:
    """How much air lies before a place: the darkest colour of its surroundings."""
    side = max(3, min(bgr.shape[:2]) // 24 * 2 + 1)
    dark = cv2.erode(bgr.min(axis=2), np.ones((side, side), np.uint8))
    return np.asarray(cv2.blur(dark, (side, side)).astype(np.float32) / np.float32(255), np.float32)


def sharpness(bgr: Bytes) -> Map:
    """How much fine detail there is around a place: what is in focus is nearer than what is blurred away."""
    side = max(3, max(bgr.shape[:2]) // 12 * 2 + 1)
    detail = cv2.blur(_texture(bgr), (side, side))
    return stretched(np.asarray(np.sqrt(detail), np.float32), 5.0, 95.0)


def stretched(values: Map, low: float, high: float) -> Map:
    """Values between two percentiles brought to 0 to 1; 0 everywhere when they hardly differ."""
    below, above = np.percentile(values, (low, high))
    if above - below < 1e-3:
        return np.zeros_like(values)
    return np.asarray(np.clip((values - below) / (above - below), 0, 1), np.float32)


def _barrier(lab: Bytes) -> Map:
    """Least difference of colour along any way in from the upper edge or the sides: small in what surrounds.

    The lower edge is no way in: people and things stand on it.
    """
    total = np.zeros(lab.shape[:2], np.float32)
    for channel in cv2.split(cv2.GaussianBlur(cv2.cvtColor(lab, cv2.COLOR_BGR2LAB), (0, 0), 1.0)):
        values = np.asarray(channel.astype(np.float32) / np.float32(255), np.float32)
        distance = np.full(values.shape, 4.0, np.float32)
        distance[0] = distance[:, 0] = distance[:, -1] = 0
        state = (values, distance, values.copy(), values.copy())
        for _ in range(_PASSES):
            for turned in (False, True):
                for back in (False, True):
                    _sweep(state, turned, back)
        total += distance
    return total


def _sweep(state: tuple[Map, Map, Map, Map], turned: bool, back: bool) -> None:
    """One pass over the rows (or columns): each asks the one before it whether its way in has a lower barrier."""
    values, distance, highest, lowest = (part.T if turned else part for part in state)
    rows = range(1, values.shape[0])
    step = 1 if back else -1
    for row in reversed([number - 1 for number in rows]) if back else rows:
        high = np.maximum(highest[row + step], values[row])
        low = np.minimum(lowest[row + step], values[row])
        barrier = high - low
        better = barrier < distance[row]
        distance[row][better] = barrier[better]
        highest[row][better] = high[better]
        lowest[row][better] = low[better]


def _spectral_residual(bgr: Bytes) -> Map:
    height, width = bgr.shape[:2]
    grey = cv2.resize(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), (_SPECTRUM, _SPECTRUM), interpolation=cv2.INTER_AREA)
    spectrum = np.fft.fft2(np.asarray(grey, np.float64))
    amplitude = np.log(np.abs(spectrum) + 1e-6)
    residual = amplitude - cv2.blur(amplitude, (3, 3))
    found = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    soft = cv2.GaussianBlur(found, (0, 0), 4.0).astype(np.float32)
    return _resized(stretched(soft, 5.0, 99.0), (width, height))


def _centred(width: int, height: int) -> Map:
    """Photographers put what they mean near the middle, and rather below it than above."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(-1.15, 0.85, height, dtype=np.float32)[:, None]
    return np.asarray(np.exp(-0.5 * (x**2 / 0.5 + np.where(y < 0, y**2 / 0.6, y**2 / 2.0))), np.float32)


def _texture(bgr: Bytes) -> Map:
    """Energy of the fine detail, of full scale squared, summed over a little neighbourhood."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    detail = grey - cv2.GaussianBlur(grey, (0, 0), 1.5)
    return np.asarray(np.sqrt(np.maximum(cv2.blur(detail**2, (7, 7)), 0)), np.float32)


def _shrunk(bgr: Bytes, longest: int) -> Bytes:
    height, width = bgr.shape[:2]
    scale = min(1.0, longest / max(width, height))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def _resized(values: Map, size: tuple[int, int]) -> Map:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)
