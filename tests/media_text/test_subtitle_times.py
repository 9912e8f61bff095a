"""Timing: a cue appears with its first word, is there long enough, and never together with another."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.engine import WordTime
from app.models.timeline import Cue, Timeline
from app.services.media.subtitles import TimedText, cues, film_subtitles, segment_cues
from app.services.media.timeline import ShotLength, plan

TEXT = "老灯塔守护人每天黄昏都会点亮那盏灯，为远方的船只指引方向。有一天夜里，暴风雨来了！快跑！他提起灯，冲进了雨里。"


def spoken(text: str, *, rate: float = 4.5, lead: float = 0.1, pause: float = 0.4) -> tuple[WordTime, ...]:
    """Word times as a voice would give them: a character at a time, a pause after punctuation."""
    words: list[WordTime] = []
    at = lead
    for index, char in enumerate(text):
        if char in "，。！？；":
            at += pause
            continue
        words.append(WordTime(offset=index, length=1, start_s=at, end_s=at + 1 / rate))
        at += 1 / rate
    return tuple(words)


def words_of(text: str, each_s: float = 0.3) -> tuple[WordTime, ...]:
    found, at = [], 0
    for index, part in enumerate(text.split(" ")):
        found.append(WordTime(offset=at, length=len(part) + 1, start_s=index * each_s, end_s=(index + 1) * each_s))
        at += len(part) + 1
    return tuple(found)


def made(text: str = TEXT, **kwargs: float) -> tuple[list[TimedText], tuple[WordTime, ...]]:
    words = spoken(text, **kwargs)
    return cues(text, words, "zh", width=1280, height=720), words


@pytest.mark.parametrize("rate", [2.5, 4.5, 7.0])
def test_a_cue_appears_with_its_first_word_and_outlasts_its_last(rate: float) -> None:
    found, words = made(rate=rate)
    at = 0
    for cue in found:
        letters = [char for char in cue.text if char not in "，。！？；\n"]
        first, last = words[at], words[at + len(letters) - 1]
        assert TEXT[first.offset] == letters[0] and TEXT[last.offset] == letters[-1]
        assert abs(cue.start_s - first.start_s) <= 0.08
        assert last.end_s - 0.001 <= cue.end_s <= last.end_s + 0.9
        at += len(letters)
    assert at == len(words)


@pytest.mark.parametrize("rate", [2.5, 4.5, 7.0])
def test_cues_last_from_eight_tenths_to_six_seconds_and_never_overlap(rate: float) -> None:
    found, _ = made(rate=rate)
    assert all(0.8 <= cue.end_s - cue.start_s <= 6.4 for cue in found)
    assert all(before.end_s <= after.start_s for before, after in pairwise(found))


def test_english_words_keep_their_times() -> None:
    text = "The old lighthouse keeper climbed the winding stairs every evening, carrying a lantern and many stories."
    words = words_of(text)
    found = cues(text, words, "en", width=1280, height=720)
    starts = {word.offset: word.start_s for word in words}
    for cue in found:
        offset = text.index(cue.text.split("\n")[0])
        assert abs(cue.start_s - starts[offset]) <= 0.08


def test_without_word_times_the_text_is_spread_over_the_duration() -> None:
    found = cues(TEXT, [], "zh", width=1280, height=720, duration_s=14.0)
    assert found[0].start_s == 0 and 13.5 <= found[-1].end_s <= 14.4
    assert all(before.end_s <= after.start_s for before, after in pairwise(found))
    assert found[0].end_s - found[0].start_s > found[-1].end_s - found[-1].start_s


def test_without_words_or_duration_there_are_still_cues() -> None:
    assert cues(TEXT, [], "zh", width=1280, height=720)[-1].end_s > 5


def film(seconds: list[float], transition: str = "dissolve", fps: int = 24) -> Timeline:
    shots = [ShotLength(shot_id=str(i), narration_s=Fraction(s)) for i, s in enumerate(seconds)]
    joins = [transition] * (len(shots) - 1)
    return plan(shots, fps=fps, width=1280, height=720, transitions=joins, transition_s=0.5)  # type: ignore[arg-type]


def on_screen(timeline: Timeline, segments: list[tuple[Cue, ...]]) -> list[str]:
    """What every film frame shows."""
    frames: list[str] = []
    for segment, inside in zip(timeline.segments, segments, strict=True):
        shown = [""] * segment.frames
        for cue in inside:
            assert 0 <= cue.first <= cue.last < segment.frames
            for frame in range(cue.first, cue.last + 1):
                assert shown[frame] == ""
                shown[frame] = cue.text
        frames += shown
    return frames


texts = st.lists(st.tuples(st.floats(0, 6), st.floats(0.05, 7)), max_size=5).map(
    lambda pairs: [
        TimedText(start_s=s, end_s=s + d, text=f"{i}") for i, (s, d) in enumerate(sorted(pairs, key=lambda p: p[0]))
    ]
)


@given(st.lists(texts, min_size=1, max_size=5), st.sampled_from(["cut", "dissolve"]), st.integers(8, 60))
@settings(max_examples=60, deadline=None)
def test_every_frame_shows_one_cue_at_most_and_the_files_say_the_same(
    per_shot: list[list[TimedText]], transition: str, fps: int
) -> None:
    named = [
        [text.model_copy(update={"text": f"{shot}:{text.text}"}) for text in texts]
        for shot, texts in enumerate(per_shot)
    ]
    timeline = film([3.0] * len(named), transition, fps)
    subtitles = film_subtitles(timeline, named)
    assert all(before.end <= after.start for before, after in pairwise(subtitles))
    assert all(0 <= each.start < each.end <= timeline.duration for each in subtitles)
    frames = on_screen(timeline, segment_cues(timeline, named))
    for each in subtitles:
        seen = [index for index, text in enumerate(frames) if text == each.text]
        if seen:
            assert seen == list(range(seen[0], seen[-1] + 1))
            assert abs(Fraction(seen[0], fps) - each.start) <= Fraction(3, 2) / fps
            assert abs(Fraction(seen[-1] + 1, fps) - each.end) <= Fraction(3, 2) / fps


def test_a_cue_that_lasts_into_the_window_goes_on_there_and_ends_where_the_next_begins() -> None:
    timeline = film([3.0, 3.0])
    first, second = timeline.spans
    late = (first.frames - first.speech_at) / 24
    per_shot = [[TimedText(start_s=1, end_s=late + 9, text="a")], [TimedText(start_s=-0.3, end_s=1, text="b")]]
    body, window, after = segment_cues(timeline, per_shot)
    assert [cue.text for cue in body] == ["a"] and body[0].last == timeline.segments[0].frames - 1
    assert window[0].text == "a" and window[0].first == 0
    frames = on_screen(timeline, [body, window, after])
    assert frames.index("b") == second.start + second.speech_at - round(0.3 * 24)
    assert frames[frames.index("b") - 1] == "a" and "a" not in frames[frames.index("b") :]


def test_film_subtitles_are_exact_and_shifted_to_their_shot() -> None:
    timeline = film([3.0, 3.0], fps=30)
    per_shot = [[TimedText(start_s=0.1, end_s=1, text="a")], [TimedText(start_s=0.25, end_s=1, text="b")]]
    span = timeline.spans[1]
    assert film_subtitles(timeline, per_shot)[1].start == Fraction(span.start + span.speech_at, 30) + Fraction(1, 4)


def test_one_list_of_cues_for_every_shot_is_demanded() -> None:
    with pytest.raises(ValueError):
        film_subtitles(film([3.0, 3.0]), [[]])
