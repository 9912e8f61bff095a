"""Where the lips of a face part: found by colour and darkness, without a trained model.

Lips are redder than the skin around them and meet in a dark valley; teeth between them are brighter and less red than
either. What cannot be seen (grey pictures, beards, shadows) is taken from how faces usually are. Everything is
measured in the face's own frame: the origin between the pupils, the line through them level, one unit from the one to
the other; ``v`` grows downwards.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
UNIT = 100
"""Pixels of the upright patch for the distance between the pupils."""
ORIGIN = (150, 110)
SIZE = (300, 360)
STATIONS = np.linspace(-1.0, 1.0, 33)
"""Across the mouth, from its left corner to its right one: where the curves of the lips are known."""
_USUAL_V, _USUAL_HALF = 1.06, 0.40
_SEEN = 0.035
"""Height of a row of teeth, in units, from which on the mouth counts as open in the photo."""
_GREY = 1.0
"""Deviation of a* in a face below which there is no colour to tell lips by."""


class Lips(NamedTuple):
    """The seam of a mouth in the face's frame."""

    center: float
    """``u`` of the middle."""
    half: float
    """Half the width."""
    upper: Numbers
    """``v`` of the upper lip's lower edge at every station."""
    lower: Numbers
    """``v`` of the lower lip's upper edge at every station; below ``upper`` by the height of the teeth that show."""
    teeth: bool
    """The photo itself shows teeth."""
    sure: float


def find(patch: NDArray[Any]) -> Lips:
    """The lips in an upright patch (BGR, SIZE) of a face."""
    light, red = _lit(patch)
    skin_red, skin_light = float(np.median(_cheeks(red))), float(np.median(_cheeks(light)))
    redness = np.clip((red - skin_red) / 12, 0, 1.5)
    pale = np.clip((skin_red - red) / 5, 0, 1) * (light > 0.8 * skin_light)
    if float(_at(red, 0.0, 0.85, 45).std()) < _GREY:  # nothing tells teeth from a bright lip then
        pale = np.zeros_like(red)
    around = cv2.GaussianBlur(light, (0, 0), sigmaX=1, sigmaY=9)
    valley: Numbers = np.clip((around - cv2.GaussianBlur(light, (0, 0), 1.5)) / 12, 0, 1.5).astype(np.float64)
    center, row, bend, sure = _seam(redness, valley, pale)
    half = _half(redness + valley, center, row, bend)
    curve = row - bend * (STATIONS * half) ** 2
    teeth = _teeth(pale, redness, center, half, curve)
    if teeth is not None:
        return Lips(center, half, teeth[0], teeth[1], True, sure)
    line = _line(valley + 0.3 * redness, center, half, curve)
    thin = 0.012 * (1 - STATIONS**2)
    return Lips(center, half, line - thin, line + thin, False, sure)


def _lit(patch: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """L* and a* of the patch as if its cheeks were well lit."""
    soft = cv2.GaussianBlur(patch, (0, 0), 1.2).astype(np.float32) / 255
    gain = 0.7 / max(0.02, float(np.median(_cheeks(soft.max(2)))))
    lab = cv2.cvtColor(np.clip(soft * max(1.0, gain), 0, 1), cv2.COLOR_BGR2LAB)
    return lab[..., 0].astype(np.float64), lab[..., 1].astype(np.float64)


def _cheeks(channel: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([_at(channel, -0.42, 0.55), _at(channel, 0.42, 0.55)])


def _at(channel: NDArray[Any], u: float, v: float, reach: int = 8) -> NDArray[Any]:
    x, y = round(ORIGIN[0] + u * UNIT), round(ORIGIN[1] + v * UNIT)
    return channel[y - reach : y + reach, x - reach : x + reach].ravel()


def _sampled(channel: NDArray[Any], u: Numbers, v: Numbers) -> Numbers:
    x, y = (ORIGIN[0] + u * UNIT).astype(np.float32), (ORIGIN[1] + v * UNIT).astype(np.float32)
    return np.asarray(cv2.remap(channel.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _seam(redness: Numbers, valley: Numbers, pale: Numbers) -> tuple[float, float, float, float]:
    """Middle, height, bend (up at the corners is positive) and how sure: the curve that is reddest and darkest."""
    across = np.linspace(-0.34, 0.34, 35)
    mouthy = cv2.GaussianBlur(redness + 0.8 * pale, (0, 0), 5) + 0.8 * cv2.GaussianBlur(valley, (0, 0), 1.5)
    best = (-1.0, 0.0, _USUAL_V, 0.0)
    for middle in np.arange(-0.12, 0.121, 0.04):
        for bend in np.arange(-0.25, 0.8, 0.15):
            rows = np.arange(0.84, 1.32, 0.01)
            v = rows[:, None] - bend * across[None] ** 2
            seen = _sampled(mouthy, np.broadcast_to(middle + across, v.shape), v).mean(1)
            likely = seen * np.exp(-0.5 * ((rows - _USUAL_V) / 0.13) ** 2 - 0.5 * (middle / 0.12) ** 2)
            top = int(likely.argmax())
            if likely[top] > best[0]:
                best = (float(likely[top]), float(middle), float(rows[top]), float(bend))
    sure = float(np.clip(best[0] / 0.6, 0, 1))
    share = min(1.0, sure * 1.5)
    return best[1] * share, _USUAL_V + (best[2] - _USUAL_V) * share, best[3] * share, sure


def _half(mouthy: Numbers, center: float, row: float, bend: float) -> float:
    """Half the width: as far as the seam stays red or dark, but not far from what is usual."""
    across = np.arange(0.2, 0.62, 0.01)
    spread = np.linspace(-0.05, 0.05, 7)
    sides = []
    for side in (-1, 1):
        u = np.broadcast_to(center + side * across, (7, across.size))
        seen = _sampled(mouthy, u, row - bend * across[None] ** 2 + spread[:, None]).max(0)
        ends = np.nonzero(seen < 0.5 * max(0.3, float(seen[:12].mean())))[0]
        sides.append(across[ends[0]] if ends.size else _USUAL_HALF)
    return float(np.clip(0.7 * np.mean(sides) + 0.3 * _USUAL_HALF, 0.32, 0.5))


def _columns(center: float, half: float, around: Numbers, reach: float) -> tuple[Numbers, Numbers]:
    """``u`` and ``v`` of upright columns across the mouth: (rows, stations)."""
    rows = np.arange(-reach, reach + 0.001, 0.005)
    u = np.broadcast_to(center + STATIONS[None] * half, (rows.size, STATIONS.size))
    return np.ascontiguousarray(u), around[None] + rows[:, None]


def _line(dark: Numbers, center: float, half: float, around: Numbers) -> Numbers:
    """The seam of closed lips: the darkest row of each column near the curve, smoothed by a polynomial."""
    u, v = _columns(center, half, around, 0.07)
    seen = _sampled(dark, u, v) * np.exp(-0.5 * ((v - around[None]) / 0.05) ** 2)
    rows = v[seen.argmax(0), np.arange(STATIONS.size)]
    weight = seen.max(0) + 0.02
    fitted = np.polynomial.Polynomial.fit(STATIONS, rows, 4, w=weight * (1.05 - 0.5 * STATIONS**2))
    near: Numbers = np.clip(fitted(STATIONS), around - 0.07, around + 0.07)
    return near


def _teeth(
    pale: Numbers, redness: Numbers, center: float, half: float, around: Numbers
) -> tuple[Numbers, Numbers] | None:
    """The edges of the lips when teeth show between them, else None."""
    u, v = _columns(center, half, around, 0.17)
    white, red = _sampled(cv2.GaussianBlur(pale, (0, 0), 1.0), u, v), _sampled(redness, u, v)
    shown = (white > 0.35) & (red < 0.4)
    top, bottom, good = np.zeros(33), np.zeros(33), np.zeros(33)
    for number in range(33):
        runs = np.flatnonzero(np.diff(np.r_[0, shown[:, number].astype(np.int8), 0]))
        for first, last in runs.reshape(-1, 2):
            above, below = red[max(0, first - 14) : first, number], red[last : last + 14, number]
            if (last - first) > good[number] and above.max(initial=0) > 0.35 and below.max(initial=0) > 0.35:
                top[number], bottom[number] = v[first, number], v[last - 1, number]
                good[number] = last - first
    middle = np.abs(STATIONS) < 0.5
    if (good[middle] > 0).mean() < 0.6 or float(np.median(good[middle])) * 0.005 < _SEEN:
        return None
    return _meeting(top - 0.008, bottom + 0.008, good)


def _meeting(top: Numbers, bottom: Numbers, good: Numbers) -> tuple[Numbers, Numbers]:
    """Two smooth curves through the edges that were seen, which meet at the corners of the mouth."""
    use = good > 0
    width = 1 - STATIONS**2
    # v = corner line + share of (1 - s^2): the same corners for both, the middle its own
    rows = int(use.sum())
    base = np.stack([np.ones(33), STATIONS, np.zeros(33), np.zeros(33)], 1)
    upper, lower = base.copy(), base.copy()
    upper[:, 2], lower[:, 3] = width, width
    system = np.concatenate([upper[use], lower[use]])
    weight = np.sqrt(np.r_[good[use], good[use]])
    solved = np.linalg.lstsq(system * weight[:, None], np.r_[top[use], bottom[use]] * weight, rcond=None)[0]
    assert rows > 0
    return upper @ solved, lower @ solved
