"""Many processes write the same documents, some are killed in the middle: no change is lost, nothing is half."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path

from app.storage import atomic
from app.storage.documents_json import JsonDocuments

PROCESSES = multiprocessing.get_context("spawn")


def hammer(root: Path, name: int, rounds: int) -> None:
    documents = JsonDocuments(root)
    for number in range(rounds):
        documents.update("t/jobs/j", lambda d: {**d, "n": d["n"] + 1, str(name): d.get(str(name), 0) + 1})
        documents.append("t/jobs/j", {"from": name, "number": number, "text": "长" * 100})
        documents.create(f"t/operations/{number}", {"by": name})


def rewrite_for_ever(root: Path, told: Connection) -> None:
    documents = JsonDocuments(root)
    while True:
        stored = documents.update("t/stories/s/u", lambda d: {"first": d["first"] + 1, "text": d["text"],
                                                             "last": d["last"] + 1})  # fmt: skip
        documents.append("t/stories/s/u", {"n": stored["first"], "text": "x" * 3000})
        told.send(stored["first"])


def test_processes_lose_no_change_and_no_log_line(tmp_path: Path) -> None:
    documents = JsonDocuments(tmp_path)
    documents.put("t/jobs/j", {"n": 0})
    workers = [PROCESSES.Process(target=hammer, args=(tmp_path, name, 60)) for name in range(4)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        document = documents.read("t/jobs/j")
        assert document is not None
        assert document["n"] == sum(value for key, value in document.items() if key != "n")
        time.sleep(0.01)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert documents.read("t/jobs/j") == {"n": 240, "0": 60, "1": 60, "2": 60, "3": 60}
    lines = documents.log("t/jobs/j")
    for name in range(4):
        assert [line["number"] for line in lines if line["from"] == name] == list(range(60))
    assert len(list(documents.keys("t/operations"))) == 60
    assert list(tmp_path.rglob(".new-*")) == []


def test_a_writer_killed_at_any_moment_leaves_a_whole_document_and_a_free_lock(tmp_path: Path) -> None:
    documents = JsonDocuments(tmp_path)
    documents.put("t/stories/s/u", {"first": 0, "text": "故事" * 100_000, "last": 0})
    dice = random.Random(7)
    for _ in range(8):
        ours, theirs = PROCESSES.Pipe()
        writer = PROCESSES.Process(target=rewrite_for_ever, args=(tmp_path, theirs))
        writer.start()
        theirs.close()
        confirmed = ours.recv()
        time.sleep(dice.uniform(0, 0.03))
        writer.kill()
        writer.join()
        try:
            while True:
                confirmed = ours.recv()
        except EOFError:
            pass
        document = documents.read("t/stories/s/u")
        assert document is not None
        assert document["first"] == document["last"] >= confirmed
        assert len(document["text"]) == 200_000
        changed = documents.update("t/stories/s/u", lambda d: {**d, "first": d["first"] + 1, "last": d["last"] + 1})
        assert changed["first"] > confirmed
        documents.append("t/stories/s/u", {"n": "ours"})
    assert [line["n"] for line in documents.log("t/stories/s/u")].count("ours") == 8
    left = list(tmp_path.rglob(".new-*"))
    assert sorted(documents.abandoned()) == sorted(left)
    assert list(documents.keys("t")) == ["t/stories/s/u"]


def test_the_temporary_of_a_living_process_is_not_abandoned(tmp_path: Path) -> None:
    ours = tmp_path / atomic.temporary_name()
    ours.touch()
    machine, pid, started, token = ours.name.removeprefix(".new-").split("-")
    foreign = f".new-{'0' * 8}-{pid}-{started}-{token}"
    assert not atomic.is_abandoned(ours.name, 1e9)
    assert atomic.is_abandoned(f".new-{machine}-{pid}-{int(started) + 1}-{token}", 0)
    assert not atomic.is_abandoned(foreign, 3600)
    assert atomic.is_abandoned(foreign, atomic.FOREIGN_AGE_S + 1)
    assert not atomic.is_abandoned("story.json", 1e9)
    assert list(atomic.abandoned(tmp_path)) == []
