"""Parts a sequence of sentences into beats of balanced weight, and picks what a beat has time to say."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from math import inf

_CANDIDATES = 28
"""How many places are weighed for each boundary; keeps 20,000 sentences fast."""
_BREAK_COST = (0.35, 0.08, 0.0)
"""What it costs to part within a paragraph, between paragraphs, between scenes."""


def group(weights: Sequence[float], opens: Sequence[int], beats: int) -> list[range]:
    """``beats`` contiguous ranges over all items, none empty (``beats`` <= items).

    ``weights`` are seconds; ``opens[i]`` says what item i begins (0 nothing, 1 a paragraph, 2 a scene).
    Minimises squared deviation from even weight plus the cost of each boundary (dynamic programming
    over the likeliest boundaries).
    """
    count = len(weights)
    sums = [0.0]
    for weight in weights:
        sums.append(sums[-1] + weight)
    ideal = max(sums[-1] / beats, 1e-9)
    choices = [[0], *(_places(sums, opens, beats, k, ideal) for k in range(1, beats)), [count]]
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, -1)}]
    for k in range(1, beats + 1):
        row: dict[int, tuple[float, int]] = {}
        for end in choices[k]:
            price = _BREAK_COST[opens[end]] if end < count else 0.0
            options = (
                (cost + price + ((sums[end] - sums[start]) / ideal - 1) ** 2, start)
                for start, (cost, _) in best[-1].items()
                if start < end
            )
            row[end] = min(options, default=(inf, -1))
        best.append({end: value for end, value in row.items() if value[0] < inf})
    ranges: list[range] = []
    end = count
    for k in range(beats, 0, -1):
        start = best[k][end][1]
        ranges.append(range(start, end))
        end = start
    return ranges[::-1]


def _places(sums: Sequence[float], opens: Sequence[int], beats: int, k: int, ideal: float) -> list[int]:
    """Likely places for the k-th boundary: near its even share, best at breaks. One that always fits is among them."""
    count = len(sums) - 1
    low, high = k, count - (beats - k)
    aim = k * ideal

    def cost(place: int) -> float:
        return abs(sums[place] - aim) / ideal + _BREAK_COST[opens[place]]

    likely = sorted(range(low, high + 1), key=cost)[:_CANDIDATES] if count <= 400 else _near(sums, aim, low, high)
    safe = round(k * count / beats)
    return sorted({*likely, min(max(safe, low), high)})


def _near(sums: Sequence[float], aim: float, low: int, high: int) -> list[int]:
    middle = min(max(bisect(sums, aim), low), high)
    return list(range(max(low, middle - _CANDIDATES // 2), min(high, middle + _CANDIDATES // 2) + 1))


def condense(scores: Sequence[float], lengths_s: Sequence[float], goes_on: Sequence[bool], room_s: float) -> list[int]:
    """Indices, in order, of the most telling sentences that fit in ``room_s`` together; at least one.

    What goes on from the part before it (``goes_on``) is only taken together with that part.
    """
    ready = [(-score, i) for i, score in enumerate(scores) if i == 0 or not goes_on[i]]
    heapify(ready)
    chosen: list[int] = []
    used = 0.0
    while ready:
        _, i = heappop(ready)
        if chosen and used + lengths_s[i] > room_s:
            continue
        chosen.append(i)
        used += lengths_s[i]
        if i + 1 < len(scores) and goes_on[i + 1]:
            heappush(ready, (-scores[i + 1], i + 1))
    return sorted(chosen)
