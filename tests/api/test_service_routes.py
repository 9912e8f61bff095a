"""The service about itself, its process, and the ids of requests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from app.api.operations import preferred_wait_s
from app.core.config import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_health_answers(client):
    answer = client.get("/health")
    assert answer.status_code == 200 and answer.json() == {"status": "ok"}


def test_ready_says_that_no_worker_is_there(client):
    answer = client.get("/ready")
    assert answer.status_code == 503 and answer.json()["status"] == "not ready"
    assert any("worker" in reason.lower() for reason in answer.json()["missing"])


def test_ready_names_a_folder_that_cannot_be_written(serve, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    from app.api.service import _storage_faults

    faults = _storage_faults(Settings(_env_file=None, data_dir=tmp_path / "file"))
    assert len(faults) == 1 and "DATA_DIR" in faults[0]
    assert _storage_faults(Settings(_env_file=None, data_dir=tmp_path / "new")) == []


def test_metrics_count_requests_and_jobs(client, house, ids):
    client.get("/api/v1/jobs/nothing")
    answer = client.post("/api/v1/storyboard/create", json={**ids, "script_content": "故事"})
    house.end_job(answer.json()["operation"]["job_id"], "failed", error={"code": "X", "detail": "x"})
    text = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/api/v1/jobs/{job_id}",status="404"}' in text
    assert 'jobs_accepted_total{kind="storyboard"}' in text and "jobs_open " in text
    assert 'jobs_ended_total{kind="storyboard",outcome="failed"}' in text and "callbacks_owed " in text
    assert "http_request_seconds_bucket" in text


def test_a_good_request_id_is_kept_and_another_replaced(client):
    assert client.get("/health", headers={"X-Request-ID": "abc-1.2:3"}).headers["x-request-id"] == "abc-1.2:3"
    for bad in ("a b", "x" * 129, "<script>", ""):
        given = client.get("/health", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert given != bad and len(given) == 26


def test_the_request_id_reaches_the_job(client, house, ids):
    answer = client.post(
        "/api/v1/storyboard/create", json={**ids, "script_content": "故事"}, headers={"X-Request-ID": "req-7"}
    )
    job_id = answer.json()["operation"]["job_id"]
    assert house.wiring.documents.read(f"default/jobs/{job_id}")["request_id"] == "req-7"


def test_the_first_page_and_the_documentation_are_there(client):
    assert "text/html" in client.get("/").headers["content-type"]
    assert client.get("/docs").status_code == 200 and client.get("/openapi.json").json()["openapi"].startswith("3.1")


def test_links_begin_with_the_public_address_if_one_is_set(serve, tmp_path, ids):
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", public_base_url="https://film.example/")
    for house in serve(settings):
        story = house.put_story(ids["story_id"], ids["user_id"])
        house.put_take(story, "shot_01", b"x", tmp_path)
        with house.client() as client:
            shot = client.get(f"/api/v1/stories/{ids['story_id']}/shots/shot_01").json()
            assert shot["image_url"].startswith("https://film.example/files/default/")


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, None),
        ([], None),
        (["wait=10"], 10),
        (['WAIT = "10"; x=y'], 10),
        (["respond-async, wait=10"], 0),
        (["foo, wait=7", "wait=9"], 7),
        (["wait=99999999999999"], 300),
        (["wait=-1", "wait=ten", "wait", "wait=1.5"], None),
        (["return=minimal"], None),
        (["wait=٣"], None),
    ],
)
def test_prefer_is_read_as_rfc_7240_says(prefer, seconds):
    assert preferred_wait_s(prefer) == seconds


def _environment(tmp_path, **more):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path), **more}


def test_a_bad_setting_stops_the_start_with_one_sentence(tmp_path):
    for more, named in (
        ({"SERVICE_PORT": "none"}, "SERVICE_PORT"),
        ({"SERVICE_HOST": "0.0.0.0"}, "API_KEYS"),
        ({"API_KEYS": "bad tenant:x"}, "API_KEYS"),
    ):
        command = [sys.executable, "-m", "app.main"]
        ended = subprocess.run(
            command, cwd=tmp_path, env=_environment(tmp_path, **more), capture_output=True, text=True, timeout=30
        )
        assert ended.returncode == 2 and named in ended.stderr and len(ended.stderr.strip().splitlines()) == 1


def test_the_gateway_loads_no_media_library(tmp_path):
    code = "import sys, app.main; print([n for n in ('numpy', 'cv2', 'av', 'PIL') if n in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.stdout.strip() == "[]", ended.stderr


def test_the_whole_service_starts_and_stops(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app.main", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, env=_environment(tmp_path), stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None and time.monotonic() < deadline
            try:
                assert httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5).json() == {"status": "ok"}
                break
            except httpx2.TransportError:
                time.sleep(0.05)
        while httpx2.get(f"http://127.0.0.1:{port}/ready", timeout=5).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
