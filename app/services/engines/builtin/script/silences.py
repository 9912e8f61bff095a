"""Shots without words, for films that are longer than what there is to say: nothing is invented for a told text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.services.engines.builtin.script.scene import Moment

_HOLD_S = 4.0
_VIEWS = (("static", "push_in"), ("tilt", "truck"), ("orbit", "crane"))
"""Camera moves of one pause after the other."""


def silenced(moments: Sequence[Moment], count: int, *, closing: bool, still: bool = False) -> list[Moment]:
    """``moments`` with pictures of what was just heard between them until there are ``count``.

    ``closing``: the first pause follows the last words, where else none does as long as there are other words.
    ``still``: what is seen goes on in the pause; else the second of its actions is looked at.
    """
    pauses = count - len(moments)
    if pauses <= 0:
        return list(moments)
    shares = [0] * len(moments)
    shares[-1] = 1 if closing else 0
    places = max(len(moments) - 1, 1)
    for k in range(pauses - shares[-1]):
        shares[k % places] += 1
    out: list[Moment] = []
    for i, moment in enumerate(moments):
        out.append(moment)
        out += [_pause(moment, n, still) for n in range(shares[i])]
    return out


def _pause(moment: Moment, n: int, still: bool) -> Moment:
    """The same moment looked at once more, from elsewhere."""
    first, last = moment.actions
    return replace(
        moment,
        narration="",
        actions=(first, last) if still or n % 2 else (last, first),
        cameras=_VIEWS[n % len(_VIEWS)],
        hold_s=_HOLD_S,
    )
