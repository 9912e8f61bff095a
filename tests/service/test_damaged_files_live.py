"""Files damaged under the running service: named, set aside, and the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attacked import SMALL, TEXT, Attacked, problem, until
from living_service import Business

CREATE, RENDER = "/api/v1/storyboard/create", "/api/v1/video/render"
DAMAGE = {
    "torn": '{"half":',
    "empty": "",
    "zeros": "\x00" * 64,
    "no_object": "[]",
    "hollow": "{}",
    "wrong": '{"tenant": 5}',
}
"""Torn by a crash, or sound JSON that a hand made useless."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business) -> Iterator[Attacked]:
    service = Attacked(tmp_path_factory.mktemp("damaged"), business.url)
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module", autouse=True)
def healthy(service: Attacked) -> dict[str, Any]:
    """A story with a film that nothing below touches."""
    service.story("healthy")
    return service.post(RENDER, {"story_id": "healthy", "user_id": "u", "operation_id": "film"})


def still_well(service: Attacked, healthy: dict[str, Any]) -> None:
    for path in ("/api/v1/stories", "/api/v1/jobs", "/api/v1/stories/healthy", "/metrics", "/ready"):
        assert service.http.get(path).status_code == 200, path
    assert any(one["story_id"] == "healthy" for one in service.http.get("/api/v1/stories").json()["stories"])
    ids = [job["job_id"] for job in service.http.get("/api/v1/jobs?limit=200").json()["jobs"]]
    assert healthy["operation"]["job_id"] in ids


def aside(service: Attacked, path: Path) -> bool:
    """Whether the file was set aside and the log says where."""
    found = list(path.parent.glob(f"{path.name}.corrupt-*"))
    return len(found) == 1 and not path.exists() and found[0].name in service.log


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_story_is_named_and_can_be_made_anew(service: Attacked, healthy: dict[str, Any], damage: str) -> None:
    service.story(damage)
    (path,) = service.documents(f"default/stories/{damage}/u.json")
    path.write_text(DAMAGE[damage])
    still_well(service, healthy)
    answer = service.http.get(f"/api/v1/stories/{damage}")
    assert answer.status_code == 404 or damage in problem(answer, 500, "INTERNAL_ERROR")["detail"]
    problem(service.http.get(f"/api/v1/stories/{damage}"), 404, "NOT_FOUND")
    assert aside(service, path)
    assert service.story(damage, operation_id=f"anew-{damage}")["operation"]["status"] == "Success"


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_job_is_named_and_its_operation_can_be_repeated(
    service: Attacked, healthy: dict[str, Any], damage: str
) -> None:
    made = service.story(f"job-{damage}")
    job = made["operation"]["job_id"]
    (path,) = service.documents(f"default/jobs/**/{job}.json")
    until(lambda: not service.documents(f"outbox/msg_{job}_*.json") and not service.documents(f"open/{job}.json"))
    path.write_text(DAMAGE[damage])
    assert job in problem(service.http.get(f"/api/v1/jobs/{job}"), 500, "INTERNAL_ERROR")["detail"]
    problem(service.http.get(f"/api/v1/jobs/{job}"), 404, "NOT_FOUND")
    assert aside(service, path)
    still_well(service, healthy)
    assert service.http.get(f"/api/v1/stories/job-{damage}").json()["shots"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_operation_is_named_and_can_be_repeated(
    service: Attacked, healthy: dict[str, Any], damage: str
) -> None:
    body = SMALL | {"story_id": f"op-{damage}", "operation_id": f"op-{damage}", "script_content": TEXT}
    job = service.post(CREATE, body)["operation"]["job_id"]
    (path,) = [one for one in service.documents("default/operations/**/*.json") if job in one.read_text()]
    path.write_text(DAMAGE[damage])
    problem(service.http.get(f"/api/v1/operations/op-{damage}?user_id=u"), 500, "INTERNAL_ERROR")
    assert aside(service, path)
    assert service.post(CREATE, body)["operation"]["status"] == "Success"
    still_well(service, healthy)


def test_damaged_markers_and_owed_callbacks_stop_nobody_elses(
    service: Attacked, healthy: dict[str, Any], business: Business
) -> None:
    documents = service.data / "documents"
    foreign = {"tenant": "../..", "job_id": "../x", "delivery_id": "../y", "next_attempt_at": 0}
    late = {"tenant": "default", "job_id": "x", "delivery_id": "msg_x_y", "next_attempt_at": "soon"}
    orphan = {"tenant": "default", "job_id": "x", "delivery_id": "msg_x_z", "next_attempt_at": 0}
    kinds = DAMAGE | {"foreign": json.dumps(foreign), "late": json.dumps(late), "other": json.dumps(orphan)}
    made = []
    for folder in ("open", "outbox"):
        (documents / folder).mkdir(exist_ok=True)
        for name, text in kinds.items():
            made.append(documents / folder / f"msg_{name}_x.json")
            made[-1].write_text(text)
    job = service.story("after")["operation"]["job_id"]
    while business.got.get(timeout=20)[0]["webhook-id"] != f"msg_{job}_succeeded":
        continue
    for path in made[len(kinds) :]:
        until(lambda path=path: aside(service, path))
    still_well(service, healthy)
    assert " CRITICAL " not in service.log and "the worker ended" not in service.log


def test_a_damaged_delivery_is_owed_anew(service: Attacked, healthy: dict[str, Any], business: Business) -> None:
    job = service.story("delivery")["operation"]["job_id"]
    message = f"msg_{job}_succeeded"
    until(lambda: not service.documents(f"outbox/{message}.json"))
    (path,) = service.documents(f"default/deliveries/**/{message}.json")
    while not business.got.empty():
        business.got.get()
    path.write_text("{}")
    owed = {"tenant": "default", "job_id": job, "delivery_id": message, "next_attempt_at": 0.0}
    (service.data / "documents/outbox" / f"{message}.json").write_text(json.dumps(owed))
    assert business.got.get(timeout=20)[0]["webhook-id"] == message
    deliveries = until(lambda: service.http.get(f"/api/v1/jobs/{job}/deliveries").json()["deliveries"])
    assert deliveries[0]["delivery_id"] == message


def test_a_damaged_line_of_events_is_left_out(service: Attacked, healthy: dict[str, Any]) -> None:
    job = service.story("events")["operation"]["job_id"]
    (log,) = (service.data / "documents").glob(f"default/jobs/**/{job}.events.jsonl")
    before = service.http.get(f"/api/v1/jobs/{job}/events").text
    lines = log.read_text().splitlines()
    log.write_text("\n".join([lines[0], '{"torn', "{}", "[]", *lines[1:]]) + "\n")
    assert service.http.get(f"/api/v1/jobs/{job}/events").text == before


def test_damaged_artifacts_are_made_again(service: Attacked, healthy: dict[str, Any]) -> None:
    kinds: dict[str, Path] = {}
    for manifest in (service.data / "artifacts").glob("*/*/manifest.json"):
        kinds[json.loads(manifest.read_text())["recipe"]["kind"]] = manifest.parent
    whole = service.http.get(healthy["video_url"]).content
    for kind in ("segment", "film"):
        for file in kinds[kind].iterdir():
            if file.name != "manifest.json":
                file.write_bytes(b"")
    (kinds["sound"] / "manifest.json").write_text('{"torn')
    (kinds["key_frame"] / "manifest.json").unlink()
    again = service.post(RENDER, {"story_id": "healthy", "user_id": "u", "operation_id": "again"})
    assert service.http.get(again["video_url"]).content == whole
    damaged = {path.name[:64] for path in (service.data / "artifacts/.damaged").iterdir()}
    assert damaged >= {kinds[kind].name for kind in ("segment", "film", "sound", "key_frame")}
    assert all(key in service.log for key in damaged)


def test_a_service_starts_over_damaged_documents(service: Attacked, healthy: dict[str, Any]) -> None:
    service.stop()
    for folder in ("open", "outbox"):
        for name, text in DAMAGE.items():
            (service.data / "documents" / folder).mkdir(exist_ok=True)
            (service.data / "documents" / folder / f"start_{name}.json").write_text(text)
    for path in service.data.joinpath("locks").iterdir():
        path.write_text("not empty")
    service.start()
    still_well(service, healthy)
    assert service.story("later")["operation"]["status"] == "Success"
