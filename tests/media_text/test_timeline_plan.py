"""The timeline: every frame of the film once, words never cut, windows alike on both sides."""

from __future__ import annotations

from fractions import Fraction
from itertools import cycle, islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ValidationFailed
from app.models.timeline import Timeline, Transition
from app.services.media.timeline import ShotLength, plan

narrations = st.one_of(st.just(Fraction(0)), st.fractions(min_value=0, max_value=20, max_denominator=48000))
asked = st.one_of(st.none(), st.floats(0, 12))
lengths = st.lists(st.tuples(narrations, asked), min_size=1, max_size=12)
transitions = st.lists(st.sampled_from(["cut", "fade", "dissolve"]), min_size=1, max_size=5)


def film(
    shots: list[tuple[Fraction, float | None]],
    transition: Transition | list[Transition] = "dissolve",
    seconds: float = 0.5,
    fps: int = 24,
) -> Timeline:
    """A single transition is that of every join; several are taken in turn."""
    wanted = [ShotLength(shot_id=f"s{i}", narration_s=n, asked_s=a) for i, (n, a) in enumerate(shots)]
    joins = list(islice(cycle([transition] if isinstance(transition, str) else transition), max(0, len(shots) - 1)))
    return plan(wanted, fps=fps, width=1280, height=720, transitions=joins, transition_s=seconds)


@given(lengths, transitions, st.floats(0, 5), st.integers(8, 60))
def test_segments_cover_the_film_once_and_in_order(shots, transition, seconds, fps) -> None:
    timeline = film(shots, transition, seconds, fps)
    at = 0
    for segment in timeline.segments:
        assert segment.start == at and segment.frames >= 1
        at += segment.frames
    assert at == timeline.frames
    assert len(timeline.spans) == len(shots)


@given(lengths, transitions, st.floats(0, 5), st.integers(8, 60))
def test_every_part_shows_its_shot_at_the_right_frame(shots, transition, seconds, fps) -> None:
    timeline = film(shots, transition, seconds, fps)
    shown: dict[int, list[int]] = {index: [] for index in range(len(shots))}
    for segment in timeline.segments:
        for index, first in segment.parts:
            assert timeline.spans[index].start + first == segment.start
            shown[index].extend(range(first, first + segment.frames))
    assert all(shown[i] == list(range(span.frames)) for i, span in enumerate(timeline.spans))


@given(lengths, transitions, st.floats(0, 5), st.integers(8, 60))
def test_windows_are_equal_on_both_sides_even_and_leave_every_shot_a_body(shots, transition, seconds, fps) -> None:
    timeline = film(shots, transition, seconds, fps)
    assert timeline.spans[0].lead == 0 and timeline.spans[-1].trail == 0
    for (before, after), join in zip(pairwise(timeline.spans), cycle(transition), strict=False):
        assert before.trail == after.lead and before.trail % 2 == 0
        assert before.trail <= max(2, round(Fraction(seconds) * fps * (Fraction(3, 2) if join == "fade" else 1)))
        assert after.start == before.start + before.frames - before.trail
        assert (join == "cut") <= (before.trail == 0)
    assert all(span.frames - span.lead - span.trail >= span.frames // 4 for span in timeline.spans)


@given(lengths, transitions, st.floats(0, 5), st.integers(8, 60))
def test_words_are_never_cut_nor_spoken_over_anothers(shots, transition, seconds, fps) -> None:
    timeline = film(shots, transition, seconds, fps)
    until = Fraction(0)
    for (narration, length), span in zip(shots, timeline.spans, strict=True):
        if narration:
            begin = Fraction(span.start + span.speech_at, fps)
            assert begin >= until
            until = begin + narration
            assert until * fps <= span.start + span.frames - span.trail
            assert span.speech_at >= span.lead
        assert span.frames >= Fraction(5, 2) * fps
        assert span.frames >= round((length or 0) * fps)
    assert until <= timeline.duration


def test_a_single_shot_is_one_segment() -> None:
    timeline = film([(Fraction(4), None)])
    assert [(s.start, s.frames, s.parts) for s in timeline.segments] == [(0, timeline.frames, ((0, 0),))]


def test_the_picture_comes_before_the_first_word_and_stays_after_the_last() -> None:
    timeline = film([(Fraction(4), None), (Fraction(3), None)])
    first, last = timeline.spans
    assert 0.6 <= first.speech_at / 24 <= 1.2
    assert last.frames - last.speech_at - 3 * 24 == 24


def test_a_cut_has_no_windows() -> None:
    timeline = film([(Fraction(4), None)] * 3, "cut")
    assert len(timeline.segments) == 3 and all(s.transition == "cut" for s in timeline.segments)


def test_five_seconds_asked_for_are_five_seconds_windows_included() -> None:
    timeline = film([(Fraction(2), 5.0)] * 6)
    assert timeline.frames == 6 * 120 - 5 * 12


def test_a_shot_that_is_longer_than_its_words_lets_them_begin_a_little_later() -> None:
    tight, loose = film([(Fraction(2), None)] * 3), film([(Fraction(2), 8.0)] * 3)
    assert 0 < loose.spans[1].speech_at - tight.spans[1].speech_at <= 24


def test_a_long_transition_is_shortened_for_the_shots_beside_it_only() -> None:
    timeline = film([(Fraction(9), None), (Fraction(9), None), (Fraction(0), None), (Fraction(9), None)], seconds=2.0)
    assert [span.trail for span in timeline.spans] == [48, 20, 20, 0]


def test_a_changed_shot_leaves_the_inside_of_the_others_as_it_was() -> None:
    before = film([(Fraction(4), None), (Fraction(5), None), (Fraction(4), None), (Fraction(6), None)])
    after = film([(Fraction(4), None), (Fraction(7), None), (Fraction(4), None), (Fraction(6), None)])
    for index in (0, 2, 3):
        assert before.spans[index].model_dump(exclude={"start"}) == after.spans[index].model_dump(exclude={"start"})


@pytest.mark.parametrize(("fps", "size"), [(7, (1280, 720)), (61, (1280, 720)), (24, (1279, 720)), (24, (0, 720))])
def test_a_rate_or_size_that_cannot_be_is_refused(fps: int, size: tuple[int, int]) -> None:
    with pytest.raises(ValidationFailed):
        plan([ShotLength(shot_id="s")], fps=fps, width=size[0], height=size[1], transitions=[], transition_s=0)


def test_a_film_without_shots_is_refused() -> None:
    with pytest.raises(ValidationFailed):
        film([])
