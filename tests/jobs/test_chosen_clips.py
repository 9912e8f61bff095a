"""A clip that the user chose is what the film shows; what cannot be drawn and what is out of date is said."""

from __future__ import annotations

import shutil
from typing import Any

from place import Place

from app.models.api import answer_body
from app.models.job import Job
from app.models.story import Film, Shot


async def rendered(place: Place, operation: str, story: str, **request: Any) -> tuple[Job, Film]:
    job = await place.done(place.order("video", operation, story, request=request))
    assert job.status == "succeeded", job.error
    return job, Film.model_validate((job.result or {})["film"])


async def drawn_twice(place: Place, story: str) -> tuple[Film, Film]:
    """A film of two shots, and another one after the first shot has other words: its clips are takes 1 and 2."""
    await place.done(place.script(f"board-{story}", f"old {story}", "other", story=story))
    _, first = await rendered(place, f"first-{story}", story)
    words = {"image_detail": f"new {story}", "camera": "push_in"}
    place.services.stories.patch_shot("default", story, "u1", "shot_01", words)
    _, second = await rendered(place, f"second-{story}", story)
    assert first.artifact != second.artifact
    return first, second


def made_from(place: Place, film: Film) -> set[str]:
    """The key frames that a film shows."""
    artifacts = place.services.artifacts
    segments = [artifacts.find(key) for role, key in recipe(place, film.artifact).inputs.items() if role != "sound"]
    return {part["moving"]["key_frame"] for one in segments if one for part in one.manifest.recipe.params["parts"]}


def recipe(place: Place, key: str) -> Any:
    artifact = place.services.artifacts.find(key)
    assert artifact is not None
    return artifact.manifest.recipe


def stages(job: Job) -> dict[str, int]:
    return {stage.name: stage.total for stage in job.stages}


async def test_a_film_shows_the_clip_that_was_chosen_as_it_was_before_the_words_changed(workshop: Place) -> None:
    first, _ = await drawn_twice(workshop, "s-chosen")
    workshop.services.stories.pin("default", "s-chosen", "u1", "shot_01", "video", 1)
    before = workshop.made()
    job, third = await rendered(workshop, "third", "s-chosen")
    # Byte for byte: the chosen clip's own label and subtitles are not in the picture a second time.
    assert third.artifact == first.artifact
    assert workshop.made() == before
    assert (stages(job)["draw"], stages(job)["animate"], stages(job)["join"]) == (1, 1, 2)
    shots = {shot["id"]: Shot.model_validate(shot) for shot in (job.result or {})["shots"]}
    assert (shots["shot_01"].current["video"], shots["shot_01"].current["image"]) == (1, 2)
    assert (job.result or {})["stale"] == {}
    story = workshop.services.stories.find("default", "s-chosen", "u1")
    assert story.storyboard is not None and len(story.storyboard.shots[0].takes["video"]) == 2


async def test_new_words_are_said_over_the_chosen_clip(workshop: Place) -> None:
    await drawn_twice(workshop, "s-words")
    stories = workshop.services.stories
    stories.pin("default", "s-words", "u1", "shot_01", "video", 1)
    stories.patch_shot("default", "s-words", "u1", "shot_01", {"narration": "Something else."})
    _, film = await rendered(workshop, "words", "s-words")
    path = workshop.services.objects.path(film.subtitles["srt"])
    assert path is not None and "Something else." in path.read_text("utf-8")
    shot = stories.find("default", "s-words", "u1").storyboard.shots[0]  # type: ignore[union-attr]
    old, new = shot.takes["image"]
    assert old.artifact in made_from(workshop, film) and new.artifact not in made_from(workshop, film)


async def test_a_chosen_clip_that_is_gone_is_made_anew_and_the_user_told(workshop: Place) -> None:
    _, second = await drawn_twice(workshop, "s-gone")
    stories = workshop.services.stories
    stories.pin("default", "s-gone", "u1", "shot_01", "video", 1)
    shot = stories.find("default", "s-gone", "u1").storyboard.shots[0]  # type: ignore[union-attr]
    clip = workshop.services.artifacts.find(shot.takes["video"][0].artifact)
    assert clip is not None
    shutil.rmtree(clip.folder)
    job, third = await rendered(workshop, "third-gone", "s-gone")
    assert third.artifact == second.artifact
    assert [note for note in job.notes if "shot_01" in note and "no longer kept" in note]


async def test_characters_that_subtitles_leave_out_are_named_once(workshop: Place) -> None:
    shots = [
        {"id": "one", "detail": "a dog", "narration": "The dog 🐶 ran home 🏠 today."},
        {"id": "two", "detail": "a dog sleeps", "narration": "The dog 🐶 slept."},
    ]
    for operation in ("glyphs", "glyphs again, all of it found"):
        job, _ = await rendered(workshop, operation, "s-glyphs", shots=shots)
        assert [note for note in job.notes if "🐶 🏠" in note] == job.notes and len(job.notes) == 1
        assert "🐶" in answer_body(job, str)["operation"]["detail"]
    job, _ = await rendered(workshop, "glyphs soft", "s-glyphs", subtitles="soft")
    assert job.notes == []
    order = workshop.order("shot", "glyphs clip", "s-glyphs", shot_id="two", request={"assets": ["video"]})
    assert [note.count("🐶") for note in (await workshop.done(order)).notes] == [1]


async def test_an_answer_says_what_no_longer_fits(workshop: Place) -> None:
    board = await workshop.done(workshop.script("board-stale", "red", "blue", story="s-stale"))
    job, _ = await rendered(workshop, "film-stale", "s-stale")
    for fresh in (board, job):
        assert (fresh.result or {})["stale"] == {}
    changed = workshop.order("shot", "stale", "s-stale", shot_id="shot_02", request={"changes": {"narration": "New."}})
    answer = answer_body(await workshop.done(changed), str)
    assert answer["shot"]["stale"] == ["audio", "video"]


async def test_every_message_is_a_sentence(workshop: Place) -> None:
    await workshop.done(workshop.script("board-words", "slow:0.3 red", "slow:0.6 blue", story="s-sentences"))
    job = await workshop.submit(workshop.order("video", "sentences", "s-sentences"))
    said = [event.data["message"] async for event in workshop.jobs.events("default", job.job_id)]
    # How many messages there are between depends on how quick the machine is: progress is stored now and then.
    assert said[0] == "Waiting for a free worker." and said[-1] == "Done." and len(said) > 2
    assert all(one[0].isupper() and one.endswith(".") for one in said), said
