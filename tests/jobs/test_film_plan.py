from __future__ import annotations

import pytest

from app.core.config import load_settings
from app.models.engine import DrawnClip, WordTime
from app.models.story import Shot, Story, Take, now
from app.services.workflows.steps.plan import (
    FilmPlan,
    Moving,
    Spoken,
    film_plan,
    key_frame_size,
    look_of,
    timeline_of,
)


def a_take(artifact: str) -> Take:
    return Take(
        number=1, artifact=artifact, object_key="", made_from="", engine="image/builtin", job_id="", created_at=now()
    )


def a_plan(*durations: float, settings: dict[str, object] | None = None, **request: object) -> FilmPlan:
    story = Story(story_id="s", user_id="u", language="en", resolution="480p")
    look, _ = look_of(story, {"cards": False, "transition": "dissolve", **request}, load_settings(**(settings or {})))
    shots = [Shot(id=f"shot_{n}", sequence=n, duration=duration) for n, duration in enumerate(durations)]
    words = (WordTime(offset=0, length=6, start_s=0.0, end_s=0.5), WordTime(offset=6, length=6, start_s=0.5, end_s=1.0))
    spoken = [Spoken(take=a_take("v"), text="Hello there.", duration_s=1.0, words=words) for _ in shots]
    drawn = DrawnClip(camera="static", seed=0)
    movements = [Moving(key_frame=shot.id, drawn=drawn, engine="video/builtin") for shot in shots]
    line = timeline_of(shots, spoken, look)
    return film_plan(story, line, spoken, movements, look)


def test_the_film_is_labelled_for_its_first_two_seconds_and_no_longer() -> None:
    plan = a_plan(5, 5, 5)
    assert sum(segment.label_frames for segment in plan.segments) == 48
    assert plan.segments[0].label_frames == 48
    assert sum(segment.frames for segment in plan.segments) == plan.timeline.frames


@pytest.mark.parametrize("transition", ["cut", "fade", "dissolve"])
def test_every_clip_is_labelled_for_its_first_two_seconds_and_shares_the_rest(transition: str) -> None:
    plan = a_plan(5, 6, 7, transition=transition)
    for index, span in enumerate(plan.timeline.spans):
        clip = plan.clip(index)
        assert sum(segment.frames for segment in clip) == span.frames
        labels = [segment.label_frames for segment in clip]
        assert sum(labels) == 48
        assert labels[0] == min(48, clip[0].frames)
        own = [segment for segment in clip if segment not in plan.segments]
        assert sum(segment.frames for segment in own) <= 48


def test_without_a_label_the_clips_are_the_film_s_own_segments() -> None:
    plan = a_plan(5, 5, 5, settings={"aigc_label": False})
    assert all(segment in plan.segments for index in range(3) for segment in plan.clip(index))
    assert len(plan.segments) == 5


def test_a_segment_does_not_know_where_in_the_film_it_is() -> None:
    one, other = a_plan(5, 6, 5), a_plan(9, 6, 5)
    assert one.clip(2)[1:] == other.clip(2)[1:]


def test_subtitles_are_burned_only_when_asked_for_and_always_listed() -> None:
    assert any(segment.cues for segment in a_plan(5, 5).segments)
    soft = a_plan(5, 5, subtitles="soft")
    assert not any(segment.cues for segment in soft.segments)
    assert [one.text for one in soft.subtitles] == ["Hello there.", "Hello there."]


@pytest.mark.parametrize(
    ("resolution", "request_", "size", "fps", "notes"),
    [
        ("480p", {}, (854, 480), 24, 0),
        ("480p", {"scale": 4, "multi": 2}, (3416, 1920), 48, 0),
        ("720p", {"scale": 4}, (3840, 2160), 24, 1),
        ("1080p", {"scale": 4, "multi": 4}, (3840, 2160), 60, 2),
    ],
)
def test_a_film_is_as_large_and_fast_as_asked_up_to_a_bound(
    resolution: str, request_: dict[str, object], size: tuple[int, int], fps: int, notes: int
) -> None:
    story = Story.model_validate({"story_id": "s", "user_id": "u", "resolution": resolution})
    look, said = look_of(story, request_, load_settings())
    assert ((look.width, look.height), look.fps, len(said)) == (size, fps, notes)
    assert all(side % 2 == 0 for side in key_frame_size(story))
