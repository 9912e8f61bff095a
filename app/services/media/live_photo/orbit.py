"""A still picture that lives: the camera sways beside it, a little closer on either side, and ends where it began.

The numbers are those that users of Stable Video Diffusion know, told here for what they do without a model:
``motion_bucket_id`` is how far the camera goes (0: not at all, 127: as usual, 255: twice that);
``max_guidance_scale`` is how strictly the picture is kept: how much depth may stretch any place is in inverse
proportion to it (3.0: at most 12 %, 1.0: 36 %, 10: hardly at all, which leaves a plain camera move);
``noise_aug_strength`` is how freely: above 0.02 grain of the film, and a way of the camera that is less even.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.services.media.live_photo.stage import Eye, Stage
from app.services.media.planes import Bytes

REACH = 0.018
"""How far what is nearest slides against what is farthest to either side, at 127, of the root of the area."""
_CLOSER = 0.022
_DOWN = 0.22
"""How far the camera goes up and down, of how far it goes sideways."""
_USUAL_BUCKET = 127
_STRETCH = 0.36
_STRETCHES = (0.02, 0.4)
_WAYWARD = 1.5
"""Share of a wayward path in the even one, per unit of noise; at most a half."""
_GRAIN_FROM, _GRAIN_LEVELS = 0.02, 60.0


class Orbit:
    """The frames of a loop around one picture."""

    def __init__(
        self, picture: Bytes, count: int, *, motion_bucket_id: float, noise: float, guidance: float, seed: int
    ) -> None:
        """``picture`` is BGR; ``count`` frames, at least 2; ``noise`` from 0 to 1; ``guidance`` above 0."""
        self.count, self._seed = count, seed & 0xFFFFFFFF
        self.size = (picture.shape[1], picture.shape[0])
        share = motion_bucket_id / _USUAL_BUCKET
        self._reach, self._closer = REACH * share, _CLOSER * share
        low, high = _STRETCHES
        self.stage = Stage(picture, reach=self._reach, stretch=min(max(_STRETCH / guidance, low), high))
        self._grain = max(0.0, noise - _GRAIN_FROM) * _GRAIN_LEVELS
        self._wayward = min(0.5, noise * _WAYWARD)
        chance = np.random.default_rng([self._seed, 5])
        self._side = 1.0 if seed % 2 == 0 else -1.0
        self._phases = chance.uniform(0.0, 2.0 * math.pi, 2).tolist()

    @property
    def still(self) -> int:
        """The frame that shows the picture as it was taken, but for the margin."""
        return self.count // 4

    def eye(self, number: int) -> Eye:
        """Where the camera is at frame ``number``: a flat figure of eight, slowest at the loop's seam."""
        angle = 2.0 * math.pi * (number - self.still) / self.count
        wander_x, wander_y = (math.sin(2 * angle + phase) - math.sin(phase) for phase in self._phases)
        even = 1.0 - self._wayward
        x = even * math.sin(angle) + self._wayward * 0.5 * wander_x
        y = _DOWN * (even * math.sin(2.0 * angle) + self._wayward * 0.5 * wander_y)
        closer = self._closer * (1.0 - math.cos(2.0 * angle)) / 2.0
        return Eye(self._side * self._reach * x, self._reach * y, closer)

    def draw(self, number: int) -> Bytes:
        seen = self.stage.seen(self.eye(number))
        return _grained(seen, self._grain, self._seed, number) if self._grain > 0 else seen


def _grained(picture: Bytes, levels: float, seed: int, number: int) -> Bytes:
    height, width = picture.shape[:2]
    grain = np.random.default_rng([seed, 7, number]).standard_normal((height, width), np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), 0.7) * np.float32(levels * 2.0)
    return np.asarray(cv2.add(picture, cv2.merge([soft] * 3), dtype=cv2.CV_8U), np.uint8)
