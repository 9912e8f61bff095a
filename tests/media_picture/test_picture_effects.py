from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from app.models.engine import Effect
from app.services.media.effects import KINDS, prepare
from app.services.media.planes import blank

ALL = get_args(Effect.model_fields["kind"].annotation)
LEVEL = np.array([[1.25, 0.0, 0.0], [0.0, 1.25, 0.0]])
TURNED = np.array([[1.2, -0.05, 4.0], [0.05, 1.2, -3.0]])


def drawn(effect: Effect, number: int, matrix: np.ndarray = LEVEL, bottom: int = 180, seed: int = 3) -> np.ndarray:
    frame = blank(320, 180)
    frame.y.fill(90)
    prepare(effect, seed, (400, 225), 24).draw(number, matrix, frame, bottom)
    return frame.y.copy()


def test_every_kind_of_effect_can_be_drawn() -> None:
    assert set(KINDS) == set(ALL)


@pytest.mark.parametrize("kind", ALL)
def test_an_effect_is_seen_and_moves(kind: str) -> None:
    effect = Effect(kind=kind, amount=0.8)
    one, later = drawn(effect, 10), drawn(effect, 40)
    assert (one != 90).mean() > 0.0005
    assert not np.array_equal(one, later)


@pytest.mark.parametrize("kind", ALL)
def test_a_frame_of_an_effect_does_not_depend_on_those_before(kind: str) -> None:
    effect = Effect(kind=kind, amount=0.6)
    ready = prepare(effect, 5, (400, 225), 24)
    frame = blank(320, 180)
    for number in range(4):
        ready.draw(number, LEVEL, frame, 180)
    frame.y.fill(90)
    ready.draw(77, LEVEL, frame, 180)
    assert np.array_equal(frame.y, drawn(effect, 77, seed=5))
    assert not np.array_equal(frame.y, drawn(effect, 77, seed=6))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("amount", [-3.0, 0.0, math.nan])
def test_an_amount_of_nothing_draws_nothing(kind: str, amount: float) -> None:
    effect = Effect.model_construct(kind=kind, depth=1.0, amount=amount, box=(0.0, 0.0, 1.0, 1.0), color=(9, 9, 9))
    assert np.all(drawn(effect, 12) == 90)


@pytest.mark.parametrize("kind", ALL)
def test_impossible_amounts_and_boxes_are_brought_into_their_limits(kind: str) -> None:
    wild = Effect(kind=kind, amount=40.0, box=(2.0, 1.5, -1.0, -7.0), color=(300, -5, 20))
    tame = Effect(kind=kind, amount=1.0, box=(0.0, 0.0, 1.0, 1.0), color=(255, 0, 20))
    assert np.array_equal(drawn(wild, 9), drawn(tame, 9))


@pytest.mark.parametrize("kind", ALL)
def test_an_effect_stays_near_its_box_and_above_what_hides_it(kind: str) -> None:
    effect = Effect(kind=kind, amount=1.0, box=(0.5, 0.25, 0.75, 0.5))
    changed = np.zeros((180, 320), bool)
    for number in range(0, 48, 6):
        changed |= drawn(effect, number) != 90
    assert not changed[:, :150].any()
    assert not changed[:, 250:].any()
    assert not changed[110:].any()
    full = Effect(kind=kind, amount=1.0)
    assert np.all(drawn(full, 20, bottom=60)[60:] == 90)


@pytest.mark.parametrize("kind", ALL)
def test_an_effect_out_of_view_or_seen_by_a_rolled_camera_breaks_nothing(kind: str) -> None:
    effect = Effect(kind=kind, amount=1.0, box=(0.0, 0.0, 0.05, 0.05))
    away = LEVEL.copy()
    away[:, 2] = 150
    assert np.all(drawn(effect, 3, away) == 90)
    drawn(Effect(kind=kind, amount=1.0), 3, TURNED)
    drawn(Effect(kind=kind, amount=1.0, box=(0.4, 0.4, 0.4, 0.4)), 3, TURNED)


@pytest.mark.parametrize("kind", ALL)
def test_an_effect_fades_out_towards_the_edges_of_its_box(kind: str) -> None:
    """What it does in a strip along each edge is faint beside what it does in the middle."""
    effect = Effect(kind=kind, amount=1.0, box=(0.25, 0.2, 0.75, 0.8))
    changed = np.zeros((180, 320))
    for number in range(0, 240, 6):
        changed = np.maximum(changed, np.abs(drawn(effect, number).astype(float) - 90))
    inside = changed[36:144, 80:240]
    middle = np.percentile(inside[30:-30, 30:-30], 99.9)
    edges = (inside[:2], inside[-2:], inside[:, :2], inside[:, -2:])
    assert middle > 10
    for edge in edges:
        assert np.percentile(edge, 99.9) < 0.45 * middle


@pytest.mark.parametrize("kind", ALL)
def test_an_effect_is_the_same_at_any_frame_rate(kind: str) -> None:
    frames = []
    for fps, number in ((24, 60), (30, 75)):
        into = blank(320, 180)
        prepare(Effect(kind=kind, amount=0.7), 4, (400, 225), fps).draw(number, LEVEL, into, 180)
        frames.append(into.y)
    assert np.array_equal(*frames)


@pytest.mark.parametrize("kind", ALL)
def test_an_effect_never_jumps_as_a_whole(kind: str) -> None:
    """From frame to frame no more of the picture changes at any time than is usual."""
    ready, steps, before = prepare(Effect(kind=kind, amount=0.7), 8, (400, 225), 24), [], None
    for number in range(100, 160):
        into = blank(320, 180)
        ready.draw(number, LEVEL, into, 180)
        if before is not None:
            steps.append(float(np.abs(into.y.astype(int) - before).mean()))
        before = into.y.astype(int)
    assert max(steps) < 3.0 * np.median(steps) + 0.05
