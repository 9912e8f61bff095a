"""What the accompaniment plays in a bar: patterns of chord tones by motion and metre."""

from __future__ import annotations

from typing import NamedTuple

from app.services.engines.builtin.music.moods import Motion


class Touch(NamedTuple):
    beat: float
    tones: tuple[int, ...]
    """Places in the chord from its root up, going on into the next octave."""
    accent: float = 0.8


def _line(*pairs: tuple[float, int]) -> tuple[Touch, ...]:
    return tuple(Touch(beat, (tone,), 1.0 if beat == 0 else 0.86 if beat % 1 == 0 else 0.72) for beat, tone in pairs)


_STABS = (1, 2)

FIGURES: dict[Motion, dict[int, tuple[tuple[Touch, ...], ...]]] = {
    "flow": {
        4: (
            _line((0, 0), (0.5, 2), (1, 3), (1.5, 4), (2, 5), (2.5, 4), (3, 3), (3.5, 2)),
            _line((0, 0), (0.5, 2), (1, 3), (1.5, 2), (2, 4), (2.5, 2), (3, 3), (3.5, 2)),
            _line((0, 0), (1, 2), (1.5, 3), (2, 4), (3, 3), (3.5, 2)),
        ),
        3: (
            _line((0, 0), (0.5, 2), (1, 3), (1.5, 4), (2, 3), (2.5, 2)),
            _line((0, 0), (1, 2), (1.5, 3), (2, 4)),
        ),
        6: (_line((0, 0), (1, 2), (2, 3), (3, 4), (4, 3), (5, 2)), _line((0, 0), (1, 2), (2, 3), (3, 2), (5, 3))),
    },
    "lull": {
        4: (
            _line((0, 0), (1, 2), (2, 3), (3, 2)),
            _line((0, 0), (1, 2), (2, 4), (3, 3)),
            _line((0, 0), (2, 3), (3, 2)),
        ),
        3: (_line((0, 0), (1, 2), (2, 3)), _line((0, 0), (1, 3), (2, 2))),
        6: (_line((0, 0), (2, 2), (3, 3), (5, 2)), _line((0, 0), (2, 3), (3, 2))),
    },
    "bounce": {
        4: (
            (Touch(1, _STABS), Touch(3, _STABS, 0.7)),
            (Touch(1, _STABS), Touch(2.5, (3,), 0.6), Touch(3, _STABS, 0.7)),
            (Touch(0.5, (2,), 0.5), Touch(1, _STABS), Touch(3, _STABS), Touch(3.5, (3,), 0.5)),
        ),
        3: (
            (Touch(1, _STABS), Touch(2, _STABS, 0.7)),
            (Touch(1, _STABS), Touch(1.5, (3,), 0.5), Touch(2, _STABS, 0.7)),
        ),
        6: ((Touch(2, _STABS), Touch(5, _STABS, 0.7)), (Touch(2, _STABS), Touch(4, (3,), 0.5), Touch(5, _STABS, 0.7))),
    },
    "pulse": {
        4: (
            _line((0, 0), (0.5, 0), (1, 0), (1.5, 1), (2, 0), (2.5, 0), (3, 2), (3.5, 0)),
            _line((0, 0), (0.5, 0), (1.5, 0), (2, 0), (3, 1)),
            _line((0, 0), (0.5, 0), (1, 2)),
        ),
        3: (_line((0, 0), (0.5, 0), (1, 0), (1.5, 1), (2, 0), (2.5, 0)), _line((0, 0), (0.5, 0), (1.5, 0))),
        6: (_line((0, 0), (1, 0), (2, 0), (3, 1), (4, 0), (5, 0)), _line((0, 0), (1, 0), (3, 0))),
    },
    "drift": {
        4: (_line((0, 2), (1.5, 3)), _line((0.5, 3), (2.5, 4)), _line((0, 0), (2, 4))),
        3: (
            _line((0, 2), (1.5, 3)),
            _line(
                (1, 4),
            ),
        ),
        6: (
            _line((0, 2), (3, 3)),
            _line(
                (2, 4),
            ),
        ),
    },
    "march": {
        4: (
            _line((0, 0), (1, 2), (1.5, 2), (2, 3), (3, 2), (3.5, 2)),
            _line((0, 0), (0.5, 0), (1, 2), (2, 0), (2.5, 0), (3, 2)),
        ),
        3: (_line((0, 0), (1, 2), (1.5, 2), (2, 3)), _line((0, 0), (1, 2), (2, 2))),
        6: (_line((0, 0), (2, 2), (3, 3), (5, 2)), _line((0, 0), (1, 0), (2, 2), (3, 3), (4, 2), (5, 2))),
    },
}
