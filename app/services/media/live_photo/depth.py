"""How near everything in one still picture seems to be, without a model: a plausible relief, not a measurement.

The ground comes nearer towards the lower edge, the sky is farthest, what the picture is of stands before the rest,
what is sharp before what is blurred and what is hazy behind. The cues disagree at their borders; a guided filter (He,
Sun and Tang, "Guided image filtering", 2010) lets the picture's own edges decide where one depth ends. Scenes that
the cues misjudge (a mirror, a picture within the picture, a flat page) get a gentle slope, which is seldom wrong.
"""

from __future__ import annotations

import cv2
import numpy as np

from app.services.media.live_photo import cues
from app.services.media.live_photo.cues import Map
from app.services.media.live_photo.people import people
from app.services.media.planes import Bytes

LONGEST = 256
"""Long side of the map, pixels."""
_SHORTEST = 24
_EPSILON = 2e-3
"""Variance of the light, of full scale squared, below which the guided filter smooths."""
_MUCH = (0.38, 0.55)
"""Of the picture, that what stands out may cover and still be one thing; and with which it is none."""
_SOLID = (0.6, 0.8)
"""How full a thing is with its gaps: below none, above surely one."""


def depth_map(bgr: Bytes) -> Map:
    """Depth of a BGR picture, 0 far to 1 near, on a grid of its shape whose long side is ``LONGEST``.

    Of a strip the short side may be stretched, so that the filters have something to work on.
    """
    height, width = bgr.shape[:2]
    scale = LONGEST / max(width, height)
    size = (max(_SHORTEST, round(width * scale)), max(_SHORTEST, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(bgr, size, interpolation=way), np.uint8)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    guide = np.asarray(grey / np.float32(255), np.float32)
    radius = max(4, max(size) // 16)
    sky = guided(guide, cues.sky(small), radius // 2, _EPSILON)
    hero = np.maximum(_thing(cues.subject(small) * (1 - sky)), people(bgr, size))
    hero = _firm(guided(guide, hero, radius, _EPSILON))
    slope = np.linspace(0.0, 1.0, size[1], dtype=np.float32)[:, None] ** 1.2
    near = 0.12 + 0.5 * slope + 0.12 * cues.sharpness(small) - 0.15 * cues.haze(small)
    near = np.clip(near, 0, 1)
    stands = near + (np.maximum(near, 0.8) - near) * hero
    found = guided(guide, np.asarray(stands * (1 - sky), np.float32), radius // 2, _EPSILON)
    return np.asarray(np.clip(cv2.GaussianBlur(found, (0, 0), 1.2), 0, 1), np.float32)


def guided(guide: Map, values: Map, radius: int, epsilon: float) -> Map:
    """``values`` smoothed except along the edges of ``guide`` (He et al., 2010), both of one size."""
    side = (2 * radius + 1, 2 * radius + 1)

    def mean(of: Map) -> Map:
        return np.asarray(cv2.boxFilter(of, cv2.CV_32F, side, borderType=cv2.BORDER_REFLECT_101), np.float32)

    middle, average = mean(guide), mean(values)
    covariance = mean(_product(guide, values)) - middle * average
    slope = np.asarray(covariance / (mean(_product(guide, guide)) - middle * middle + epsilon), np.float32)
    rest = np.asarray(average - slope * middle, np.float32)
    return np.asarray(np.clip(mean(slope) * guide + mean(rest), 0, 1), np.float32)


def _product(one: Map, other: Map) -> Map:
    return np.asarray(one * other, np.float32)


def _thing(values: Map) -> Map:
    """What stands out, as one thing: its gaps, such as a plain shirt below a bright collar, belong to it.

    Where most stands out, or only specks do, there is no such thing: a wall, a lawn, a page, the stars.
    """
    side = max(values.shape) // 16 * 2 + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    filled = np.asarray(cv2.morphologyEx(np.asarray(values, np.float32), cv2.MORPH_CLOSE, kernel), np.float32)
    share = float(_firm(filled).mean())
    solid = float(values.mean()) / max(float(filled.mean()), 1e-6)
    sure = np.interp(share, _MUCH, (1.0, 0.0)) * np.interp(solid, _SOLID, (0.0, 1.0))
    return np.asarray(filled * np.float32(sure), np.float32)


def _firm(values: Map) -> Map:
    """What is rather in than out belongs wholly to it, so that a thing has one depth and does not bulge."""
    share = np.clip((values - 0.25) / 0.4, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
