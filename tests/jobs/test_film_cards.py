"""A title page and an end page around the story, and the sinking into black, in the film's plan."""

from __future__ import annotations

import pytest

from app.core.config import load_settings
from app.models.engine import DrawnClip
from app.models.story import Shot, Story, Storyboard
from app.services.workflows.steps.cards import cards_of
from app.services.workflows.steps.plan import FilmPlan, Moving, Spoken, film_plan, look_of, timeline_of


def a_story(name: str = "The Long Way", language: str = "en", style: str = "watercolour") -> Story:
    return Story(
        story_id="s", user_id="u", display_name=name, language=language, style=style, resolution="480p", seed=3
    )


def a_plan(story: Story, shots: int = 3, **request: object) -> FilmPlan:
    look, _ = look_of(story, request, load_settings())
    wanted = [Shot(id=f"shot_{n}", sequence=n, duration=5) for n in range(shots)]
    drawn = DrawnClip(camera="orbit", seed=4)
    movements = [Moving(key_frame=f"key_{n}", drawn=drawn, engine="video/builtin") for n in range(shots)]
    spoken = [Spoken() for _ in wanted]
    pages = cards_of(story, look.cards)
    return film_plan(story, timeline_of(wanted, spoken, look, pages), spoken, movements, look, pages)


def test_a_film_begins_with_its_title_and_ends_with_a_page() -> None:
    plan = a_plan(a_story())
    first, last = plan.segments[0].parts[0], plan.segments[-1].parts[0]
    assert first.card is not None and (first.card.kind, first.card.words) == ("title", "The Long Way")
    assert last.card is not None and (last.card.kind, last.card.words) == ("end", "The End")
    assert first.card.style == "watercolour"
    # Through the windows one sees the first and the last picture, not turning about.
    assert (first.moving.key_frame, last.moving.key_frame) == ("key_0", "key_2")
    assert first.moving.drawn is not None and first.moving.drawn.camera == "static"
    assert len(plan.timeline.spans) == 5 and [bool(span.shot_id) for span in plan.timeline.spans] == [0, 1, 1, 1, 0]
    assert sum(segment.frames for segment in plan.segments) == plan.timeline.frames


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "完"), ("zh-Hant", "完"), ("ja", "おわり"), ("en-GB", "The End"), ("sw", "The End")]
)
def test_the_end_is_said_in_the_story_s_language(language: str, words: str) -> None:
    end = a_plan(a_story(language=language)).segments[-1].parts[0].card
    assert end is not None and end.words == words


def test_a_story_without_a_name_has_no_title_page() -> None:
    plan = a_plan(a_story(name="  "))
    assert plan.segments[0].parts[0].card is None
    assert plan.segments[-1].parts[0].card is not None


def test_cards_can_be_left_out() -> None:
    plan = a_plan(a_story(), cards=False)
    assert not any(part.card for segment in plan.segments for part in segment.parts)
    assert len(plan.timeline.spans) == 3


def test_the_pages_take_the_style_of_the_first_shot_when_the_story_names_none() -> None:
    shots = [Shot(id="a", sequence=1, style="水墨")]
    board = Storyboard(version=1, job_id="j", created_at="", shots=shots)
    title = cards_of(a_story(style="").model_copy(update={"storyboard": board}), True).title
    assert title is not None and title.style == "水墨"


def test_a_shot_s_own_clip_shows_no_card_and_does_not_sink_into_black() -> None:
    plan = a_plan(a_story())
    for index in (1, 2, 3):
        clip = plan.clip(index)
        assert sum(segment.frames for segment in clip) == plan.timeline.spans[index].frames
        assert not any(part.card for segment in clip for part in segment.parts)
        assert not any(segment.fade_out for segment in clip)
        assert sum(segment.label_frames for segment in clip) == 48


def test_the_film_sinks_into_black_once_at_its_end() -> None:
    for request in ({}, {"cards": False}):
        fades = [segment.fade_out for segment in a_plan(a_story(), **request).segments]
        assert fades[-1] == 18 and not any(fades[:-1])


def test_only_the_end_of_the_last_shot_is_cut_again_for_its_own_clip() -> None:
    plan = a_plan(a_story(), cards=False)
    again = [segment for segment in plan.clip(2) if segment not in plan.segments]
    assert sum(segment.frames for segment in again) <= 48 + 18


def test_a_film_of_hard_cuts_without_cards_ends_hard() -> None:
    assert not any(segment.fade_out for segment in a_plan(a_story(), cards=False, transition="cut").segments)
