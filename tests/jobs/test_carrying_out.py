"""One worker process with tiny engines carries out jobs of every kind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from place import Place

from app.models.freshness import stale
from app.models.job import Job
from app.models.story import Film, Shot
from app.services import job_runtime


async def storyboard(place: Place, story: str, *lines: str) -> Job:
    job = await place.done(place.script(f"board-{story}", *lines, story=story))
    assert job.status == "succeeded", job.error
    return job


def object_path(place: Place, key: str) -> Path:
    path = place.services.objects.path(key)
    assert path is not None, key
    return path


async def test_a_storyboard_has_words_and_pictures_in_order(workshop: Place) -> None:
    job = await storyboard(workshop, "s-board", "red", "green", "blue")
    shots = [Shot.model_validate(shot) for shot in (job.result or {})["shots"]]
    assert [(shot.id, shot.sequence, shot.image_detail) for shot in shots] == [
        ("shot_01", 1, "red"),
        ("shot_02", 2, "green"),
        ("shot_03", 3, "blue"),
    ]
    for shot in shots:
        take = shot.take("image")
        assert take is not None and object_path(workshop, take.object_key).read_bytes()[:2] == b"\xff\xd8"
    story = workshop.services.stories.find("default", "s-board", "u1")
    assert story.storyboard is not None and [shot.id for shot in story.storyboard.shots] == [shot.id for shot in shots]
    assert (job.progress, job.attempts) == (100.0, 1)
    assert {stage.name: (stage.done, stage.total) for stage in job.stages} == {
        "write": (1, 1),
        "draw": (3, 3),
        "publish": (1, 1),
    }


async def test_a_render_makes_a_film_and_a_second_one_the_same_bytes(workshop: Place) -> None:
    await storyboard(workshop, "s-film", "one", "two")
    first = await workshop.done(workshop.order("video", "film-1", "s-film"))
    assert first.status == "succeeded", first.error
    made = workshop.made()
    second = await workshop.done(workshop.order("video", "film-2", "s-film"))
    films = [Film.model_validate((job.result or {})["film"]) for job in (first, second)]
    assert films[0].object_key == films[1].object_key
    assert films[0].duration_s > 4
    assert object_path(workshop, films[0].object_key).read_bytes()[4:8] == b"ftyp"
    assert "Words 1." in object_path(workshop, films[0].subtitles["srt"]).read_text("utf-8")
    assert workshop.made() == made, "the second render made something"
    assert all(stage.reused == stage.done for stage in second.stages if stage.name != "publish")
    story = workshop.services.stories.find("default", "s-film", "u1")
    assert story.film is not None and story.storyboard is not None
    assert {len(takes) for shot in story.storyboard.shots for takes in shot.takes.values()} == {1}
    assert all(set(shot.takes) == {"image", "audio", "video"} for shot in story.storyboard.shots)


async def test_a_changed_shot_is_made_anew_and_no_other(workshop: Place) -> None:
    await storyboard(workshop, "s-change", "first", "second", "third", "fourth")
    await workshop.done(workshop.order("video", "change-1", "s-change"))
    before = workshop.made()
    job = await workshop.done(
        workshop.order("shot", "change-2", "s-change", shot_id="shot_03", request={"changes": {"detail": "other"}})
    )
    shot = Shot.model_validate((job.result or {})["shot"])
    assert (shot.image_detail, shot.seed) == ("other", 1)
    assert shot.current["image"] == 2
    await workshop.done(workshop.order("video", "change-3", "s-change"))
    new = workshop.made() - before
    kinds = {kind: sum(count for (of, _), count in new.items() if of == kind) for kind, _ in new}
    # Its body and the two windows beside it, and what begins a clip once more with the label on it; the clips of
    # the shots that these windows belong to.
    assert kinds == {"key_frame": 1, "picture": 1, "clip": 1, "segment": 3 + 3, "shot_clip": 3, "film": 1}


async def test_two_users_with_the_same_story_pay_once(workshop: Place) -> None:
    await storyboard(workshop, "s-same", "shared picture")
    before = workshop.made()
    other = await workshop.done(workshop.script("other", "shared picture", story="s-other", user_id="u2"))
    assert other.status == "succeeded"
    assert workshop.made() == before
    assert (other.result or {})["shots"][0]["takes"]["image"][0]["object_key"].startswith("default/story/u2/s-other/")


async def test_a_shot_s_clip_and_voice_can_be_made_alone(workshop: Place) -> None:
    await storyboard(workshop, "s-clip", "a", "b")
    request = {"changes": {"narration": "Other words."}, "assets": ["audio", "video"]}
    job = await workshop.done(workshop.order("shot", "clip", "s-clip", shot_id="shot_02", request=request))
    shot = Shot.model_validate((job.result or {})["shot"])
    assert set(shot.takes) == {"image", "audio", "video"}
    take = shot.take("video")
    assert take is not None and object_path(workshop, take.object_key).stat().st_size > 1000


async def test_an_edit_during_a_render_is_not_lost_and_makes_the_shot_stale(workshop: Place) -> None:
    await storyboard(workshop, "s-edit", "slow:1 edit", "calm")
    stories = workshop.services.stories
    await workshop.done(workshop.order("shot", "edit-0", "s-edit", shot_id="shot_02", request={"changes": {}}))
    stories.patch_shot("default", "s-edit", "u1", "shot_01", {"image_detail": "slow:2 anew"})
    job = await workshop.submit(workshop.order("video", "edit-1", "s-edit"))
    await workshop.until(lambda: workshop.document(f"default/jobs/{job.job_id}")["status"] == "running", "running")
    await asyncio.sleep(0.5)
    stories.patch_shot("default", "s-edit", "u1", "shot_02", {"narration": "Edited meanwhile."})
    stories.insert_shot("default", "s-edit", "u1", {"detail": "inserted meanwhile"})
    assert (await workshop.ended(job)).status == "succeeded"
    story = stories.find("default", "s-edit", "u1")
    assert story.storyboard is not None and story.film is not None
    shots = {shot.id: shot for shot in story.storyboard.shots}
    assert shots["shot_02"].narration == "Edited meanwhile."
    assert "shot_03" in shots and not shots["shot_03"].takes
    assert "audio" in stale(story, shots["shot_02"])
    assert stale(story, shots["shot_01"]) == []


async def test_shots_that_come_with_a_render_replace_the_storyboard_first(workshop: Place) -> None:
    await storyboard(workshop, "s-given", "kept", "dropped")
    shots = [{"id": "shot_01", "sequence": 1, "narration": "New words."}, {"id": "extra", "detail": "drawn from this"}]
    job = await workshop.done(workshop.order("video", "given", "s-given", request={"shots": shots, "bgm": "none"}))
    assert job.status == "succeeded", job.error
    story = workshop.services.stories.find("default", "s-given", "u1")
    assert story.storyboard is not None
    assert [(shot.id, shot.image_detail, shot.narration) for shot in story.storyboard.shots] == [
        ("shot_01", "kept", "New words."),
        ("extra", "drawn from this", ""),
    ]
    assert [shot.id for shot in story.history[-1].shots] == ["shot_01", "shot_02"]


async def test_a_film_may_be_larger_and_faster_up_to_a_bound(workshop: Place) -> None:
    await storyboard(workshop, "s-large", "only")
    job = await workshop.done(workshop.order("video", "large", "s-large", request={"scale": 2, "multi": 4, "fps": 20}))
    assert job.status == "succeeded", job.error
    assert any("60 frames" in note for note in job.notes)


async def test_a_failed_shot_fails_the_job_and_says_why(workshop: Place) -> None:
    job = await workshop.done(workshop.script("bad", "fine", "bad", "slow:30", story="s-bad"))
    assert job.status == "failed"
    assert job.error is not None and job.error["code"] == "ENGINE_FAILED"
    assert "did not turn out" in job.error["detail"] == job.message
    # Nothing became visible of a storyboard that was not finished.
    assert list(workshop.services.documents.keys("default/stories/s-bad")) == []


async def test_a_mistake_of_ours_is_an_internal_error_without_a_trace(workshop: Place) -> None:
    job = await workshop.done(workshop.script("wrong", "wrong", story="s-wrong"))
    assert job.status == "failed" and job.error is not None
    assert job.error["code"] == "INTERNAL_ERROR"
    assert "Traceback" not in str(job.error)


async def test_a_render_without_a_storyboard_is_not_found(workshop: Place) -> None:
    job = await workshop.done(workshop.order("video", "nothing", "s-nothing"))
    assert job.status == "failed" and job.error is not None and job.error["code"] == "NOT_FOUND"


async def test_progress_never_falls_and_every_event_is_told_once(workshop: Place) -> None:
    job = await workshop.submit(
        workshop.script("progress", "slow:0.3 a", "slow:0.6 b", "slow:0.9 c", story="s-progress")
    )
    events = [event async for event in workshop.jobs.events("default", job.job_id)]
    ids = [event.id for event in events]
    assert ids == list(range(1, len(ids) + 1))
    percents = [event.data["progress"] for event in events]
    assert percents == sorted(percents) and percents[-1] == 100.0
    assert len(set(percents)) > 2
    shots = [event.data["shot"]["id"] for event in events if event.event == "shot"]
    assert sorted(shots) == ["shot_01", "shot_02", "shot_03"]
    assert (events[0].data["status"], events[-1].data["status"]) == ("queued", "succeeded")


@pytest.mark.parametrize("words", ["slow:120", "deaf:120"])
async def test_a_canceled_job_stops_with_its_work(workshop: Place, words: str) -> None:
    job = await workshop.submit(workshop.script(f"cancel-{words}", f"{words} x", "quick", story="s-cancel"))
    key = f"default/jobs/{job.job_id}"
    await workshop.until(lambda: workshop.document(key)["stages"] and workshop.document(key)["stages"][1]["done"] == 1)
    canceled = await workshop.jobs.cancel("default", job.job_id)
    assert canceled.status == "canceled"
    # The two threads of the child are free again: two more jobs get through long before the task would have ended.
    after = await asyncio.gather(
        workshop.done(workshop.script(f"after-1-{words}", f"slow:0.1 {words[:4]}1", story="s-after-1")),
        workshop.done(workshop.script(f"after-2-{words}", f"slow:0.1 {words[:4]}2", story="s-after-2")),
    )
    assert {one.status for one in after} == {"succeeded"}
    assert (await workshop.jobs.get("default", job.job_id)).status == "canceled"
    assert list(workshop.services.documents.keys("default/stories/s-cancel")) == []


async def test_a_retried_job_finds_what_the_failed_one_had_made(workshop: Place, tmp_path: Path) -> None:
    lines = [f"keep {number} {tmp_path.name}" for number in range(3)]
    failed = await workshop.done(workshop.script("retry", *lines, "slow:2 bad", story="s-retry"))
    assert failed.status == "failed"
    before = workshop.made()
    again = await workshop.ended(await workshop.jobs.retry("default", failed.job_id))
    assert again.status == "failed" and again.retry_of == failed.job_id
    assert workshop.made() == before
    assert {stage.name: stage.reused for stage in again.stages}["draw"] == 3


async def test_what_the_runtime_recorded_of_old_jobs_is_forgotten_and_they_stay_done(
    workshop: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = workshop.script("swept", "swept", story="s-swept")
    job = await workshop.done(order)
    queue = workshop.jobs._queue
    await workshop.until(lambda: queue.statuses([job.job_id]) == {job.job_id: "SUCCESS"}, "workflow ended")
    monkeypatch.setattr(job_runtime, "KEPT_S", -5.0)
    assert queue.sweep() > 0
    assert queue.statuses([job.job_id]) == {}
    again, created = await workshop.jobs.submit(order)
    assert (again.status, created) == ("succeeded", False)
    await workshop.jobs.start()
    assert queue.statuses([job.job_id]) == {}
