"""A picture with alpha that is laid over frames: a subtitle, the label of generated content."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Overlay(NamedTuple):
    x: int
    """Left edge in the frame, pixels, even (so that chroma lines up)."""
    y: int
    """Top edge, even."""
    rgba: NDArray[np.uint8]
    """(height, width, 4), both even, straight alpha, sRGB."""
