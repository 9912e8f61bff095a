"""The cleanup removes what nothing refers to, and never what a document or a running job needs."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from app import cleanup
from app.cleanup import Cleanup, Freed
from app.core.ids import new_id
from app.models.artifact import Artifact, Recipe
from app.models.job import Job
from app.models.story import Film, Shot, Story, Storyboard, Take, now
from app.services.stories import Stories
from app.storage.artifacts import Artifacts
from app.storage.documents_json import JsonDocuments
from app.storage.objects import Objects
from app.storage.objects_local import LocalObjects

DAY_S = 24 * 3600.0
T, S, U = "default", "s", "u"


class House:
    """A data folder with everything in it, whose time can be set back."""

    def __init__(self, root: Path, objects: Objects | None = None) -> None:
        self.root = root
        self.documents = JsonDocuments(root / "documents")
        self.artifacts = Artifacts(root / "artifacts")
        self.objects = objects or LocalObjects(root / "objects", None)
        self.stories = Stories(self.documents)
        self.said: list[str] = []

    def make(self, name: str, size: int = 1000, **inputs: Artifact) -> Artifact:
        recipe = Recipe(kind="clip", engine="e", version="1", params={"name": name},
                        inputs={role: one.key for role, one in inputs.items()})  # fmt: skip
        folder = self.artifacts.begin()
        (folder / "file").write_bytes(b"x" * size)
        return self.artifacts.commit(recipe, folder, {})

    def publish(self, artifact: Artifact, name: str) -> str:
        key = f"{T}/story/{U}/{S}/{name}-{artifact.key[:8]}.mp4"
        self.objects.put(key, artifact.path("file"))
        return key

    def age(self, *artifacts: Artifact, seconds: float = 3 * DAY_S) -> None:
        for artifact in artifacts:
            then = time.time() - seconds
            os.utime(artifact.folder / "manifest.json", (then, then))

    def set_back(self, key: str, moment: float) -> None:
        os.utime(self.documents.path(key), (moment, moment))

    def job(self, status: str = "succeeded", age_s: float = 0.0, **fields: Any) -> Job:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - age_s))
        job = Job(job_id=new_id(), tenant=T, kind="video", user_id=U, operation_id="o", created_at=moment, **fields)
        document = {**job.model_dump(mode="json"), "status": status}
        self.documents.put(f"{T}/jobs/{job.job_id}", document)
        return job

    def clean(self, min_age_s: float = 0.0, *, dry_run: bool = False) -> Freed:
        time.sleep(0.01)  # the clock of files lags some milliseconds
        self.said.clear()
        return Cleanup(self.documents, self.artifacts, self.objects).run(
            min_age_s, dry_run=dry_run, say=self.said.append
        )

    def left(self) -> set[str]:
        return set(self.artifacts.keys()) | set(self.objects.keys())


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    # The change time of a file cannot be set back, so the slack that covers its clock is taken away instead.
    monkeypatch.setattr(cleanup, "_CLOCK_SLACK_S", -0.008)
    return House(tmp_path)


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """For tests of the command: what it sets up writes to a stream that ends with the test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logger.remove()


def take(artifact: Artifact, object_key: str) -> Take:
    return Take(number=0, artifact=artifact.key, object_key=object_key, made_from="f", engine="e", job_id="j",
                created_at=now())  # fmt: skip


def board(job_id: str) -> Storyboard:
    return Storyboard(version=1, job_id=job_id, created_at=now(), shots=[Shot(id="shot_01", sequence=1)])


def test_what_nothing_mentions_goes_and_is_counted_once(house: House) -> None:
    artifact = house.make("stray", 5000)
    house.age(artifact)
    key = house.publish(artifact, "film")
    manifest = (artifact.folder / "manifest.json").stat().st_size
    planned = house.clean(dry_run=True)
    assert house.left() == {artifact.key, key}
    assert house.said == [f"would remove object {key}", f"would remove artifact {artifact.key}"]
    freed = house.clean()
    assert house.left() == set()
    assert freed.bytes == planned.bytes == 5000 + manifest
    assert freed.things == planned.things == 2
    assert house.said == [f"removed object {key}", f"removed artifact {artifact.key}"]
    assert house.clean() == Freed()


def test_stories_keep_their_takes_history_film_and_what_these_were_made_from(house: House) -> None:
    frame, old_frame = house.make("frame"), house.make("old frame")
    voice = house.make("voice")
    segment = house.make("segment", frame=frame)
    film = house.make("film", segment=segment, voice=voice)
    strays = [house.make("other segment", frame=frame), house.make("stray")]
    house.age(frame, old_frame, voice, segment, film, *strays)
    frame_key, old_key = house.publish(frame, "image"), house.publish(old_frame, "old")
    film_key, stray_key = house.publish(film, "film"), house.publish(strays[1], "stray")
    house.stories.put_storyboard(T, Story(story_id=S, user_id=U, storyboard=board("j1")))
    house.stories.add_take(T, S, U, "shot_01", "image", take(old_frame, old_key))
    house.stories.put_storyboard(T, Story(story_id=S, user_id=U, storyboard=board("j2")))
    house.stories.add_take(T, S, U, "shot_01", "image", take(frame, frame_key))
    srt = film_key.replace(".mp4", ".srt")
    house.objects.put(srt, voice.path("file"))
    made = Film(
        artifact=film.key, object_key=film_key, job_id="j", created_at=now(), duration_s=1, subtitles={"srt": srt}
    )
    house.stories.change(T, S, U, lambda story: story.model_copy(update={"film": made}))
    house.clean()
    assert house.left() == {
        *(one.key for one in (frame, old_frame, voice, segment, film)), frame_key, old_key, film_key, srt
    }  # fmt: skip
    assert f"removed object {stray_key}" in house.said
    house.stories.delete(T, S, U)
    house.clean()
    assert house.left() == set()


def test_what_a_damaged_story_mentions_stays(house: House) -> None:
    frame = house.make("frame")
    house.age(frame)
    key = house.publish(frame, "image")
    house.stories.put_storyboard(T, Story(story_id=S, user_id=U, storyboard=board("j1")))
    house.stories.add_take(T, S, U, "shot_01", "image", take(frame, key))
    path = house.documents.path(f"{T}/stories/{S}/{U}")
    path.write_text(path.read_text()[:-20])
    house.clean()
    assert house.left() == {frame.key, key}
    assert any(f"{T}/stories/{S}/{U}" in line for line in house.said)
    house.clean()
    assert house.left() == {frame.key, key}
    assert len(list(house.documents.damaged())) == 1


def test_jobs_keep_their_results_for_the_minimum_age_and_while_a_callback_is_owed(house: House) -> None:
    made = {name: house.make(name) for name in ("new", "old", "owed", "shot", "unsettled")}
    house.age(*made.values())
    job_ids = {}
    for name, artifact in made.items():
        result = None if name == "shot" else {"film": artifact.key, "object_key": house.publish(artifact, name)}
        job_ids[name] = house.job(age_s=2 * DAY_S, finished_at=now() if name == "new" else None, result=result).job_id
    for name in ("owed", "shot"):
        delivery = {"delivery_id": "msg", "shot": {"image": made[name].key} if name == "shot" else None}
        house.documents.put(f"{T}/deliveries/{job_ids[name]}/msg", delivery)
        house.documents.put(f"outbox/{name}", {"tenant": T, "job_id": job_ids[name], "delivery_id": "msg"})
    house.documents.put(f"open/{job_ids['unsettled']}", {"tenant": T})
    house.clean(DAY_S)
    assert set(house.artifacts.keys()) == {one.key for name, one in made.items() if name != "old"}


def test_a_link_inside_a_text_keeps_its_object() -> None:
    text = (
        r'{"body": "{\"video_url\": \"http://host:12345/files/default/story/u/s/film-1.mp4?expires=1&signature=x\"}"}'
    )
    assert "default/story/u/s/film-1.mp4" in set(cleanup._paths(text))


def test_what_was_used_since_the_oldest_unfinished_job_began_stays(house: House) -> None:
    before, since = house.make("before"), house.make("since")
    house.age(before, seconds=7200)
    house.age(since, seconds=1800)
    job = house.job("running", age_s=3600)
    key = house.publish(since, "clip")
    house.clean()
    assert house.left() == {since.key, key}
    house.documents.update(f"{T}/jobs/{job.job_id}", lambda d: {**d, "status": "succeeded"})
    house.clean()
    assert house.left() == set()


def test_what_was_used_within_the_minimum_age_stays(house: House) -> None:
    old, new = house.make("old"), house.make("new")
    house.age(old, seconds=DAY_S + 100)
    house.age(new, seconds=DAY_S - 100)
    house.clean(DAY_S)
    assert house.left() == {new.key}


async def test_a_live_job_never_loses_what_it_makes_or_reuses(house: House) -> None:
    """Jobs begin, make, reuse old artifacts, publish and end while the cleanup runs over and over at age nought."""
    old = [house.make(f"shared {n}") for n in range(3)]
    house.age(*old)
    stop, problems = threading.Event(), []

    def sweep() -> None:
        while not stop.is_set():
            Cleanup(house.documents, house.artifacts, house.objects).run(0, say=lambda _: None)

    async def work(number: int) -> None:
        for turn in range(6):
            job = house.job("running")
            path = f"{T}/jobs/{job.job_id}"
            used = [await house.artifacts.make(one.manifest.recipe, produce) for one in old]
            recipe = Recipe(kind="clip", engine="e", version="1", params={"job": f"{number} {turn}"})
            used.append(await house.artifacts.make(recipe, produce))
            await asyncio.sleep(0.01)
            keys = [house.publish(artifact, f"{number}-{turn}") for artifact, _ in used]
            await asyncio.sleep(0.01)
            for artifact, _ in used:
                if not artifact.path("file").exists():
                    problems.append(f"artifact {artifact.key} of a live job is gone")
            problems.extend(f"object {key} of a live job is gone" for key in keys if not house.objects.exists(key))
            house.documents.update(path, lambda d: {**d, "status": "succeeded"})

    async def produce(folder: Path) -> dict[str, Any]:
        await asyncio.sleep(0.005)
        (folder / "file").write_bytes(b"made")
        return {}

    sweeper = asyncio.create_task(asyncio.to_thread(sweep))
    try:
        await asyncio.gather(*(work(number) for number in range(3)))
    finally:
        stop.set()
        await sweeper
    assert problems == []


def test_what_crashes_left_is_removed(house: House) -> None:
    dead = ".new-{}-{}-1-{}".format(house.artifacts.begin().name.split("-")[1], 2**22 + 1, "0" * 12)
    left = [
        house.root / "documents/t/stories" / dead,
        house.root / "artifacts/.new" / dead,
        house.root / "objects" / dead,
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
    left[0].write_bytes(b"x" * 10)
    left[1].mkdir()
    (left[1] / "half").write_bytes(b"x" * 20)
    left[2].write_bytes(b"x" * 30)
    lock = house.root / "artifacts/.locks" / f"{'ab' * 32}.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.touch()
    assert house.clean(dry_run=True).bytes == 60
    assert all(path.exists() for path in [*left, lock])
    assert house.clean().bytes == 60
    assert not any(path.exists() for path in [*left, lock])
    assert len(list((house.root / "artifacts/.new").iterdir())) == 1  # ours, begun above and still alive


@pytest.mark.usefixtures("logging_as_before")
def test_the_command_says_what_it_does(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(house.root))
    artifact = house.make("stray", 2_000_000)
    house.age(artifact)
    assert cleanup.main(["--dry-run"]) == 0
    assert "2.0 MB) would be freed" in capsys.readouterr().out
    assert cleanup.main([]) == 0
    said = capsys.readouterr().out
    assert f"removed artifact {artifact.key}" in said
    assert "1 things" in said
    assert house.left() == set()
    monkeypatch.setenv("SERVICE_PORT", "none")
    assert cleanup.main([]) == 2
    assert "SERVICE_PORT" in capsys.readouterr().err


def test_a_first_run_on_nothing_is_no_error(tmp_path: Path) -> None:
    assert House(tmp_path / "new").clean() == Freed()


def test_a_long_text_without_end_does_not_hold_the_cleanup_up() -> None:
    assert list(cleanup._paths("a" * 1_000_000)) == []
    assert len(list(cleanup._paths("a/" * 500_000))) < 20
