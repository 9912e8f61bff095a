"""Ids and errors: what clients may choose, what sorts by time, what survives a pipe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import errors
from app.core.ids import ID_PATTERN, canonical, checked, fingerprint, new_id


@pytest.mark.parametrize("value", ["a", "op-001", "U_1.x:y", "-", "a" * 128])
def test_a_good_id_passes(value: str) -> None:
    assert checked(value, "story_id") == value


@pytest.mark.parametrize(
    "value", ["", ".", "..", ".a", "../x", "a/b", "a\\b", "a\0", "a\n", "é", "小狗", "a" * 129, "%2e"]
)
def test_a_bad_id_is_refused_by_name(value: str) -> None:
    with pytest.raises(errors.ValidationFailed, match="story_id"):
        checked(value, "story_id")


@given(st.text())
def test_the_pattern_for_openapi_says_the_same(value: str) -> None:
    import re

    try:
        good = bool(checked(value, "x"))
    except errors.ValidationFailed:
        good = False
    assert good == bool(re.fullmatch(ID_PATTERN.strip("^$"), value, re.ASCII))


def test_our_ids_sort_by_time_and_are_checked_ids() -> None:
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == 1000 and all(checked(one, "job_id") for one in made)
    assert made[0][:8] <= made[-1][:8] and len(made[0]) == 26


def test_equal_values_have_equal_fingerprints_whatever_their_order() -> None:
    assert fingerprint({"a": 1, "b": [1, "狗"]}) == fingerprint({"b": [1, "狗"], "a": 1})
    assert canonical({"b": 1, "a": "狗"}) == '{"a":"狗","b":1}'
    assert fingerprint("\ud800") != fingerprint("\ud801")


@pytest.mark.parametrize("kind", [errors.ValidationFailed, errors.EngineFault, errors.EngineFailed, errors.Canceled])
def test_an_error_survives_a_pipe(kind: type[errors.AppError]) -> None:
    again = errors.from_record(kind("why").as_record())
    assert (type(again), again.detail, again.retryable) == (kind, "why", kind.retryable)


def test_an_unknown_record_is_an_internal_error() -> None:
    assert type(errors.from_record({"code": "NEW", "detail": "x"})) is errors.InternalError
