"""The one curve that everything here begins and ends with, so that nothing has an edge or a jerk."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ramp(share: NDArray[Any]) -> NDArray[Any]:
    """0 up to 0, 1 from 1 on, level at both ends (3 x^2 - 2 x^3), in the precision that it is given."""
    held = np.clip(share, 0, 1)
    return np.asarray(held * held * (3 - 2 * held))
