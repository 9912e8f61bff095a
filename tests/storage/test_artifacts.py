"""Artifacts: made once, whole or not at all, whoever asks and whoever dies."""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from app.models.artifact import Recipe
from app.storage.artifacts import USE_RESOLUTION_S, Artifacts
from app.storage.locks import Turn

PROCESSES = multiprocessing.get_context("spawn")


def recipe(name: str = "a", **inputs: str) -> Recipe:
    return Recipe(kind="clip", engine="video/builtin", version="1", params={"name": name}, inputs=inputs)


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path / "artifacts")


def made(artifacts: Artifacts, name: str = "a", data: bytes = b"frames") -> Path:
    folder = artifacts.begin()
    (folder / "clip.mp4").write_bytes(data)
    return artifacts.commit(recipe(name), folder, {"name": name}).folder


def strays(artifacts: Artifacts) -> list[str]:
    root = artifacts._root
    return [path.name for part in (".new", ".trash") for path in (root / part).glob("*")] + [
        path.name for path in (root / ".locks").glob("*.lock")
    ]


def test_an_artifact_is_its_files_and_a_manifest_that_tells_all(artifacts: Artifacts, tmp_path: Path) -> None:
    folder = artifacts.begin()
    (folder / "clip.mp4").write_bytes(b"frames")
    (folder / "layers").mkdir()
    (folder / "layers/sky.png").write_bytes(b"sky")
    artifact = artifacts.commit(recipe(), folder, {"duration_s": 2.5, "说": "好"})
    key = recipe().key
    assert artifact.folder == tmp_path / "artifacts" / key[:2] / key
    assert artifacts.find(key) == artifact
    assert artifact.path("layers/sky.png").read_bytes() == b"sky"
    manifest = json.loads((artifact.folder / "manifest.json").read_text())
    assert manifest["recipe"]["params"] == {"name": "a"}
    assert manifest["facts"] == {"duration_s": 2.5, "说": "好"}
    assert manifest["files"]["clip.mp4"] == {"size_bytes": 6, "sha256": hashlib.sha256(b"frames").hexdigest()}
    assert not folder.exists()
    assert list(artifacts.keys()) == [key]


def test_an_existing_artifact_wins_over_a_second_one(artifacts: Artifacts) -> None:
    first = made(artifacts, data=b"first")
    assert made(artifacts, data=b"other") == first
    assert (first / "clip.mp4").read_bytes() == b"first"
    assert strays(artifacts) == []


@pytest.mark.parametrize("key", ["", ".", "..", "../" * 10 + "etc", "ab" * 31 + "/x", "AB" * 32, "ab" * 32 + "\n"])
def test_what_is_no_key_is_not_found(artifacts: Artifacts, tmp_path: Path, key: str) -> None:
    assert artifacts.find(key) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["short", "gone", "no manifest", "bad manifest", "other manifest"])
def test_a_damaged_artifact_is_set_aside_and_made_again(artifacts: Artifacts, harm: str) -> None:
    folder = made(artifacts)
    if harm == "short":
        (folder / "clip.mp4").write_bytes(b"fra")
    elif harm == "gone":
        (folder / "clip.mp4").unlink()
    elif harm == "no manifest":
        (folder / "manifest.json").unlink()
    elif harm == "bad manifest":
        (folder / "manifest.json").write_text('{"key": ')
    else:
        (folder / "manifest.json").write_text('{"key": 1}')
    assert artifacts.find(recipe().key) is None
    assert not folder.exists()
    (aside,) = (artifacts._root / ".damaged").iterdir()
    assert aside.name.startswith(recipe().key)
    assert (made(artifacts, data=b"anew") / "clip.mp4").read_bytes() == b"anew"


def test_committing_over_a_damaged_one_replaces_it(artifacts: Artifacts) -> None:
    (made(artifacts) / "clip.mp4").unlink()
    assert (made(artifacts, data=b"anew") / "clip.mp4").read_bytes() == b"anew"


def test_finding_marks_the_time_of_use_but_not_more_than_once_a_minute(artifacts: Artifacts) -> None:
    manifest = made(artifacts) / "manifest.json"
    for age_s, touched in ((USE_RESOLUTION_S + 5, True), (USE_RESOLUTION_S - 30, False)):
        then = time.time() - age_s
        os.utime(manifest, (then, then))
        artifacts.find(recipe().key)
        assert (manifest.stat().st_mtime > then + 1) is touched


def test_only_files_and_folders_become_artifacts(artifacts: Artifacts) -> None:
    folder = artifacts.begin()
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="link is neither"):
        artifacts.commit(recipe(), folder, {})
    folder = artifacts.begin()
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(ValueError, match=r"manifest\.json"):
        artifacts.commit(recipe(), folder, {})
    assert artifacts.find(recipe().key) is None
    assert strays(artifacts) == []


async def test_make_makes_once_and_then_reuses(artifacts: Artifacts) -> None:
    calls = 0

    async def produce(folder: Path) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        assert list(folder.iterdir()) == []
        (folder / "clip.mp4").write_bytes(b"x")
        return {"calls": calls}

    first, reused = await artifacts.make(recipe(), produce)
    assert (first.facts, reused) == ({"calls": 1}, False)
    second, reused = await artifacts.make(recipe(), produce)
    assert (second, reused) == (first, True)
    assert strays(artifacts) == []


async def test_of_many_tasks_one_makes_and_the_others_get_it(artifacts: Artifacts) -> None:
    calls = 0

    async def produce(folder: Path) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.05)
        return {}

    results = await asyncio.gather(*(artifacts.make(recipe(), produce) for _ in range(20)))
    assert calls == 1
    assert sorted(reused for _, reused in results) == [False] + [True] * 19
    assert strays(artifacts) == []


async def test_different_artifacts_are_made_at_the_same_time_also_inside_each_other(artifacts: Artifacts) -> None:
    async def outer(folder: Path) -> dict[str, Any]:
        inner, _ = await artifacts.make(recipe("inner"), lambda _: asyncio.sleep(0, {"inner": True}))
        return inner.facts

    artifact, _ = await asyncio.wait_for(artifacts.make(recipe("outer"), outer), 5)
    assert artifact.facts == {"inner": True}


async def test_when_the_maker_fails_the_next_in_line_tries(artifacts: Artifacts) -> None:
    calls = 0

    async def produce(folder: Path) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        (folder / "half").write_bytes(b"x")
        await asyncio.sleep(0.02)
        if calls == 1:
            raise ZeroDivisionError
        return {"call": calls}

    one, two = await asyncio.gather(*(artifacts.make(recipe(), produce) for _ in range(2)), return_exceptions=True)
    assert {type(one), type(two)} == {ZeroDivisionError, tuple}
    assert calls == 2
    assert strays(artifacts) == []


async def test_canceling_the_maker_or_a_waiter_leaves_nothing_behind(artifacts: Artifacts) -> None:
    begun = asyncio.Event()

    async def hang(folder: Path) -> dict[str, Any]:
        (folder / "half").write_bytes(b"x")
        begun.set()
        await asyncio.sleep(60)
        return {}

    async def produce(folder: Path) -> dict[str, Any]:
        return {"by": "the waiter"}

    maker = asyncio.create_task(artifacts.make(recipe(), hang))
    await begun.wait()
    waiters = [asyncio.create_task(artifacts.make(recipe(), produce)) for _ in range(2)]
    await asyncio.sleep(0.05)
    waiters[0].cancel()
    maker.cancel()
    results = await asyncio.gather(maker, *waiters, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, asyncio.CancelledError, tuple]
    assert results[2][0].facts == {"by": "the waiter"}
    assert strays(artifacts) == []


async def test_canceling_during_the_commit_waits_for_its_end(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    committing, go_on = threading.Event(), threading.Event()
    commit = Artifacts.commit

    def slow_commit(self: Artifacts, *args: Any) -> Any:
        committing.set()
        go_on.wait(10)
        return commit(self, *args)

    monkeypatch.setattr(Artifacts, "commit", slow_commit)
    task = asyncio.create_task(artifacts.make(recipe(), lambda _: asyncio.sleep(0, {})))
    await asyncio.to_thread(committing.wait, 10)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert artifacts.find(recipe().key) is not None
    assert strays(artifacts) == []


def make_slowly(root: Path, log: Path, seconds: float) -> None:
    async def produce(folder: Path) -> dict[str, Any]:
        with log.open("a") as file:
            file.write(f"{os.getpid()}\n")
        await asyncio.sleep(seconds)
        (folder / "clip.mp4").write_bytes(b"x")
        return {"pid": os.getpid()}

    asyncio.run(Artifacts(root).make(recipe(), produce))


def test_of_three_processes_one_makes_and_the_others_get_it(tmp_path: Path) -> None:
    workers = [PROCESSES.Process(target=make_slowly, args=(tmp_path / "a", tmp_path / "log", 0.5)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len((tmp_path / "log").read_text().split()) == 1


async def test_a_dead_maker_frees_the_key_and_its_folder_is_swept(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path / "a")
    worker = PROCESSES.Process(target=make_slowly, args=(tmp_path / "a", tmp_path / "log", 60))
    worker.start()
    while not (tmp_path / "log").exists():
        await asyncio.sleep(0.01)
    waiter = asyncio.create_task(artifacts.make(recipe(), lambda _: asyncio.sleep(0, {"by": "us"})))
    await asyncio.sleep(0.1)
    assert not waiter.done()
    assert list(artifacts.leftovers(0)) == []
    worker.kill()
    worker.join()
    artifact, reused = await asyncio.wait_for(waiter, 10)
    assert (artifact.facts, reused) == ({"by": "us"}, False)
    (left,) = artifacts.leftovers(0)
    assert left.parent.name == ".new"
    shutil.rmtree(left)
    assert strays(artifacts) == []


def test_what_was_found_is_never_swept_from_under_the_finder(artifacts: Artifacts, tmp_path: Path) -> None:
    stop, problems, current = threading.Event(), [], [recipe().key]

    def find() -> None:
        while not stop.is_set():
            time.sleep(0.001)
            artifact = artifacts.find(current[0])
            if artifact is not None and not artifact.path("clip.mp4").exists():
                problems.append("a found artifact was gone")

    threads = [threading.Thread(target=find) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(40):
        old = made(Artifacts(tmp_path / "elsewhere"), str(number))
        then = time.time() - 3600
        os.utime(old / "manifest.json", (then, then))
        shelf = artifacts._root / old.name[:2]
        shelf.mkdir(parents=True, exist_ok=True)
        current[0] = old.name
        old.rename(shelf / old.name)
        gone = artifacts.remove_unused(old.name, time.time() - 1800) is not None
        assert (shelf / old.name).exists() is not gone
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert not (artifacts._root / ".damaged").exists()


def test_a_turn_is_one_holders_although_its_file_comes_and_goes(tmp_path: Path) -> None:
    inside, problems, turns = [0], [], [0]

    def work() -> None:
        for _ in range(2000):
            turn = Turn.take(tmp_path / "key.lock")
            if turn is None:
                continue
            inside[0] += 1
            turns[0] += 1
            (tmp_path / "key.lock").stat()  # lets another thread in
            if inside[0] != 1:
                problems.append("two at once")
            inside[0] -= 1
            turn.release()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert turns[0] > 0
    assert list(tmp_path.iterdir()) == []
