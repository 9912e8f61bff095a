"""The running service on a disk of its own that fills up: a clear answer each, nothing half made, all works again."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from attacked import SMALL, TEXT, Attacked, problem, until
from living_service import Business

CREATE, REGENERATE, RENDER = "/api/v1/storyboard/create", "/api/v1/shot/regenerate", "/api/v1/video/render"
IDS = {"story_id": "first", "user_id": "u"}
PAGE = 4096


class SmallDisk(Attacked):
    """Its data lie alone on a file system of 40 MB."""

    def start(self) -> None:
        disk = self.folder / "disk"
        disk.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)]
        if not disk.is_mount() and (os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode):
            pytest.skip("no file system can be mounted here")
        self.filler = disk / "filler"
        self._settings["DATA_DIR"] = str(disk / "data")
        super().start()

    def is_up(self, answer: httpx2.Response) -> bool:
        """The disk is smaller than what a service ought to have, which is all that may be missing."""
        return [one for one in answer.json()["missing"] if "MB are free" not in one] == []

    def fill(self, leave_pages: int = 0) -> None:
        with self.filler.open("ab", buffering=0) as file:
            for size in (1 << 20, PAGE, 1):
                try:
                    while file.write(b"x" * size) == size:
                        continue
                except OSError:
                    continue
        os.truncate(self.filler, self.filler.stat().st_size // PAGE * PAGE - leave_pages * PAGE)

    def free(self) -> None:
        self.filler.unlink(missing_ok=True)

    def files(self) -> set[Path]:
        return {path for path in self.data.rglob("*") if path.is_file() and ".locks" not in path.parts} - {
            self.data / f"jobs.sqlite{end}" for end in ("", "-wal", "-shm")
        }


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business) -> Iterator[SmallDisk]:
    service = SmallDisk(tmp_path_factory.mktemp("small"), business.url)
    try:
        yield service
    finally:
        service.free()
        service.stop()
        subprocess.run(["umount", "-l", str(service.folder / "disk")], check=True)


@pytest.fixture(scope="module")
def board(service: SmallDisk) -> dict[str, Any]:
    body = service.story("first")
    until(lambda: not service.documents("outbox/*.json") and not service.documents("open/*.json"))
    return body


def test_on_a_full_disk_nothing_is_taken_and_nothing_is_left_behind(service: SmallDisk, board: dict[str, Any]) -> None:
    job = board["operation"]["job_id"]
    orders = [
        (CREATE, SMALL | {"operation_id": "full", "story_id": "full", "script_content": TEXT}),
        (RENDER, IDS | {"operation_id": "full"}),
        (REGENERATE, IDS | {"operation_id": "full", "shot_id": "shot_01"}),
    ]
    before = service.files()
    service.fill()
    for _ in range(2):
        for path, body in orders:
            assert problem(service.try_post(path, body), 507, "INTERNAL_ERROR")["retryable"]
    changed = service.http.patch("/api/v1/stories/first/shots/shot_01", json={"tone": "x" * 400})
    problem(changed, 507, "INTERNAL_ERROR")
    message = f"/api/v1/jobs/{job}/deliveries/msg_{job}_succeeded/redeliver"
    problem(service.http.post(message), 507, "INTERNAL_ERROR")
    assert service.files() == before
    for path in ("/health", "/metrics", "/api/v1/stories/first", "/api/v1/jobs", f"/api/v1/jobs/{job}", "/docs"):
        assert service.http.get(path).status_code == 200, path
    assert service.http.get(board["shots"][0]["image_url"]).status_code == 200
    assert service.http.get("/ready").status_code == 503
    problem(service.http.get("/api/v1/operations/full?user_id=u"), 404, "NOT_FOUND")
    # What was accepted before is still answered.
    assert service.story("first")["operation"]["job_id"] == job
    service.free()
    for path, body in orders:
        assert service.post(path, body)["operation"]["status"] == "Success"


def test_a_disk_that_fills_while_a_callback_is_out_does_not_send_it_again_and_again(
    service: SmallDisk, board: dict[str, Any], business: Business
) -> None:
    until(lambda: not service.documents("open/*.json") and not service.documents("outbox/*.json"), 60)
    job = board["operation"]["job_id"]
    path = f"/api/v1/jobs/{job}/deliveries"
    while not business.got.empty():
        business.got.get()
    assert service.http.post(f"{path}/msg_{job}_succeeded/redeliver").status_code == 202
    service.fill()
    business.got.get(timeout=20)
    time.sleep(1.5)
    assert business.got.empty()
    service.free()
    until(lambda: len(service.http.get(path).json()["deliveries"][0]["attempts"]) == 2)
    until(lambda: not service.documents("outbox/*.json"))
    assert business.got.empty()


def orders(service: SmallDisk) -> set[Path]:
    """What a submission leaves: operation, job and marker. Jobs that end meanwhile leave other things."""
    documents = service.data / "documents"
    others = [documents / "default" / "stories", documents / "default" / "deliveries", documents / "outbox"]
    return {path for path in service.files() if path.is_relative_to(documents) and path.suffix == ".json"} - {
        path for folder in others for path in folder.rglob("*")
    }


def test_wherever_a_submission_meets_the_end_of_the_disk_it_is_made_or_not_made(
    service: SmallDisk, board: dict[str, Any]
) -> None:
    outcomes = set()
    for pages in range(1, 14, 2):
        body = SMALL | {"operation_id": f"p{pages}", "story_id": f"p{pages}", "script_content": TEXT}
        before = orders(service)
        service.fill(pages)
        answer = service.try_post(CREATE, body, 0)
        after = orders(service)
        service.free()
        outcomes.add(answer.status_code)
        assert len(after - before) == (3 if answer.status_code == 202 else 0)
    assert 507 in outcomes and outcomes <= {202, 507}
    assert not [path for path in service.files() if ".new-" in path.name]


def test_a_disk_that_fills_while_a_job_begins_delays_it_and_no_more(service: SmallDisk, board: dict[str, Any]) -> None:
    body = SMALL | {"operation_id": "begins", "story_id": "begins", "script_content": TEXT}
    service.fill(17)
    answer = service.try_post(CREATE, body, 0)
    assert answer.status_code == 202
    time.sleep(1.2)
    service.free()
    job = f"/api/v1/jobs/{answer.json()['operation']['job_id']}"
    assert until(lambda: service.http.get(job).json()["finished_at"], 12)


def test_a_disk_that_fills_during_a_render_fails_or_delays_it_and_loses_nothing(
    service: SmallDisk, board: dict[str, Any], business: Business
) -> None:
    body = IDS | {"operation_id": "meanwhile", "fps": 30, "scale": 2}
    job = f"/api/v1/jobs/{service.post(RENDER, body, 0)['operation']['job_id']}"
    until(lambda: service.http.get(job).json()["progress"] > 20)
    service.fill()
    time.sleep(4)
    assert service.http.get("/health").status_code == 200
    service.free()
    ended = until(lambda: (now := service.http.get(job).json())["finished_at"] and now, 15)
    if ended["status"] == "failed":
        assert "space" in ended["error"]["detail"] and ended["error"]["retryable"]
        retried = service.http.post(f"{job}/retry").json()["job_id"]
        ended = until(lambda: (now := service.http.get(f"/api/v1/jobs/{retried}").json())["finished_at"] and now, 60)
    assert ended["status"] == "succeeded"
    assert service.http.get(ended["result"]["video_url"]).status_code == 200
    until(lambda: not service.documents("outbox/*.json") and not service.documents("open/*.json"))
    assert not [path for path in service.data.rglob(".new-*") if path.parent.name != ".new"]
    assert list((service.data / "artifacts" / ".new").iterdir()) == []
