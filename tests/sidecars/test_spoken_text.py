"""Long texts for models that speak a sentence or two at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sidecars.spoken_text import pieces


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("春天来了。小狐狸走出家门！", 8, ["春天来了。", "小狐狸走出家门！"]),
        ("春天来了。小狐狸走出家门！", 80, ["春天来了。小狐狸走出家门！"]),
        ("他说：“讲故事吧。”小和尚问。", 12, ["他说：“讲故事吧。”", "小和尚问。"]),
        ("It is 3.5 m long. Really?", 18, ["It is 3.5 m long.", "Really?"]),
        ("从前有座山，山里有座庙，庙里有个老和尚。", 12, ["从前有座山，", "山里有座庙，", "庙里有个老和尚。"]),
        ("one two three four", 9, ["one two", "three", "four"]),
        ("……！！", 10, []),
        ("", 10, []),
    ],
)
def test_it_is_split_where_one_would_breathe(text: str, longest: int, expected: list[str]) -> None:
    assert pieces(text, longest) == expected


@given(st.text("ab 一二。，.,!？ \n“”", max_size=120), st.integers(5, 40))
def test_nothing_that_can_be_spoken_is_lost_and_no_piece_is_too_long(text: str, longest: int) -> None:
    found = pieces(text, longest)
    spoken = [character for character in text if character.isalnum()]
    assert [character for piece in found for character in piece if character.isalnum()] == spoken
    assert all(0 < len(piece) <= longest for piece in found)
