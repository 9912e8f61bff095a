"""The OpenAPI document keeps its word: complete, and never a 500 or an answer that it does not name."""

from __future__ import annotations

import subprocess
import sys
import threading
from itertools import cycle
from pathlib import Path

import pytest

from app.core.config import Settings
from app.services.job_runtime import Liveness

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SHOT = {"id": "shot_01", "sequence": 1, "subject": "小狗", "camera": "static"}
RESULTS = {"storyboard": {"shots": [SHOT]}, "shot": {"shot": SHOT}, "video": {"film": None, "shots": [SHOT]}}


@pytest.fixture(scope="module")
def document(house):
    with house.client() as client:
        return client.get("/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_has_a_name_a_summary_a_tag_and_its_errors(document):
    seen = set()
    for name, operation in operations(document):
        assert operation["operationId"].isidentifier() and operation["operationId"] not in seen, name
        seen.add(operation["operationId"])
        assert operation["summary"] and len(operation["tags"]) == 1, name
        assert {"500"} <= set(operation["responses"]), name
        for status, response in operation["responses"].items():
            if int(status) >= 400 and not (name == "GET /ready" and status == "503"):
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_every_route_of_the_contract_is_there(document):
    named = {name for name, _ in operations(document)}
    story, job = "/api/v1/stories/{story_id}", "/api/v1/jobs/{job_id}"
    assert {
        "POST /api/v1/storyboard/create",
        "POST /api/v1/shot/regenerate",
        "POST /api/v1/video/render",
        "GET /api/v1/stories",
        f"GET {story}",
        f"DELETE {story}",
        f"GET {story}/shots",
        f"POST {story}/shots",
        f"PATCH {story}/shots/{{shot_id}}",
        f"DELETE {story}/shots/{{shot_id}}",
        f"PUT {story}/order",
        f"GET {story}/shots/{{shot_id}}/versions",
        f"PUT {story}/shots/{{shot_id}}/versions",
        "GET /api/v1/jobs",
        f"GET {job}",
        f"POST {job}/cancel",
        f"POST {job}/retry",
        f"GET {job}/events",
        f"GET {job}/deliveries",
        f"POST {job}/deliveries/{{delivery_id}}/redeliver",
        "GET /api/v1/operations/{operation_id}",
        "GET /files/{key}",
        "GET /health",
        "GET /ready",
        "GET /metrics",
    } <= named


def test_every_body_has_an_example_that_works(document, client, house):
    house.put_story("story-001", "u-001")
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        if "requestBody" not in operation or "versions" in name:
            continue
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        (example,) = schemas[reference.rpartition("/")[2]]["examples"]
        method, path = name.split()
        path = path.replace("{story_id}", "story-001").replace("{shot_id}", "shot_01")
        if path.endswith("/order"):
            shots = client.get("/api/v1/stories/story-001/shots", params={"user_id": "u-001"}).json()["shots"]
            assert set(example["shot_ids"]) <= {shot["id"] for shot in shots}
            continue
        answer = client.request(method, path, json=example)
        assert answer.status_code in (200, 201, 202), (name, answer.text)


def _carry_out(house, stop):
    """End every job that comes up, one way and another, as a worker would."""
    ways = cycle(["succeeded", "failed", "canceled"])
    while not stop.wait(0.1):
        for key in list(house.wiring.documents.keys("open")):
            job_id, way = key.rpartition("/")[2], next(ways)
            job = house.wiring.documents.read(f"default/jobs/{job_id}")
            if job is None:
                continue
            error = {"code": "ENGINE_FAILED", "detail": "No.", "retryable": False} if way == "failed" else None
            house.end_job(job_id, way, error=error, result=RESULTS[job["kind"]] if way == "succeeded" else None)


def test_a_search_for_bad_answers_finds_none(serve, tmp_path):
    config = tmp_path / "schemathesis.toml"
    config.write_text("[generation]\ndatabase = 'none'\n")
    for house in serve(Settings(_env_file=None, data_dir=tmp_path / "data", queue_limit=100_000)):
        story = house.put_story("story-001", "u-001", shots=4)
        house.put_take(story, "shot_01", b"picture", tmp_path)
        # A worker's lock, held here: the service is ready.
        worker_lock = Liveness(house.settings.data_dir)
        worker_lock.announce()
        worker_lock.opened()
        stop = threading.Event()
        worker = threading.Thread(target=_carry_out, args=(house, stop))
        worker.start()
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"]
        command += [f"{house.url}/openapi.json", "--checks", CHECKS, "--max-time", "40", "--seed", "7", "--no-color"]
        command += ["--request-timeout", "20", "--suppress-health-check", "all"]
        try:
            ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200)
        finally:
            stop.set()
            worker.join()
        assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]
