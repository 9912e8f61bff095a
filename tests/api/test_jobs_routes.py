"""Jobs over HTTP: read, list, cancel, retry, follow; deliveries of their callbacks."""

from __future__ import annotations

import json
import threading
import time

import pytest

CREATE = "/api/v1/storyboard/create"


@pytest.fixture
def job_id(client, ids):
    return client.post(CREATE, json={**ids, "script_content": "故事"}).json()["operation"]["job_id"]


def events_of(client, address, headers=None, until=None):
    """(id, event, data) of a stream until it ends, or until ``until`` of them came."""
    found = []
    with client.stream("GET", address, headers=headers or {}) as answer:
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        event = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line == "" and "data" in event:
                found.append((int(event["id"]), event["event"], json.loads(event["data"])))
                event = {}
            elif name:
                event[name] = value
            if until and len(found) == until:
                return found
    return found


def test_a_job_tells_everything_that_the_contract_names(client, job_id):
    job = client.get(f"/api/v1/jobs/{job_id}").json()
    for name in ("job_id", "operation_id", "kind", "status", "progress", "message", "stages", "error", "result"):
        assert name in job
    assert job["created_at"].endswith("Z") and job["started_at"] is None and job["finished_at"] is None


def test_progress_of_a_running_job_is_told(client, house, ids, job_id):
    stage = {"name": "draw", "status": "running", "done": 3, "total": 8, "reused": 1, "seconds": 2.5}
    house.change_job(job_id, status="running", progress=37.46, message="Drawing.", stages=[stage])
    job = client.get(f"/api/v1/jobs/{job_id}").json()
    assert (job["status"], job["progress"], job["stages"]) == ("running", 37.5, [stage])
    operation = client.get(f"/api/v1/operations/{ids['operation_id']}", params={"user_id": ids["user_id"]}).json()
    assert operation == {
        "operation_id": ids["operation_id"],
        "status": "Running",
        "detail": "Drawing.",
        "job_id": job_id,
        "progress": 37.5,
    }


def test_an_operation_is_found_only_with_its_user(client, ids, job_id):
    address = f"/api/v1/operations/{ids['operation_id']}"
    assert client.get(address).status_code == 422
    assert client.get(address, params={"user_id": "somebody"}).status_code == 404
    assert client.get(address, params={"user_id": ids["user_id"], "kind": "video"}).status_code == 404
    assert client.get(address, params={"user_id": ids["user_id"], "kind": "storyboard"}).json()["job_id"] == job_id


def test_jobs_are_listed_newest_first_in_pages(client, ids):
    made = []
    for number in range(5):
        body = {**ids, "operation_id": f"op-{number}", "script_content": "故事"}
        made.append(client.post(CREATE, json=body).json()["operation"]["job_id"])
    seen, cursor = [], ""
    while True:
        page = client.get(
            "/api/v1/jobs", params={"user_id": ids["user_id"], "limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [job["job_id"] for job in page["jobs"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == sorted(made, reverse=True)


def test_the_list_is_filtered(client, house, ids, job_id):
    def listed(**params):
        answer = client.get("/api/v1/jobs", params={"story_id": ids["story_id"], **params})
        assert answer.status_code == 200
        return [job["job_id"] for job in answer.json()["jobs"]]

    assert listed() == listed(status="queued") == listed(kind="storyboard") == [job_id]
    assert listed(status="failed") == listed(kind="video") == listed(user_id="nobody") == []
    assert client.get("/api/v1/jobs", params={"limit": 201}).status_code == 422
    assert client.get("/api/v1/jobs", params={"status": "lost"}).status_code == 422
    assert client.get("/api/v1/jobs", params={"cursor": "../../x"}).status_code == 422


def test_a_canceled_job_is_over_and_stays_so(client, job_id):
    assert client.post(f"/api/v1/jobs/{job_id}/cancel").json()["status"] == "canceled"
    assert client.post(f"/api/v1/jobs/{job_id}/cancel").json()["status"] == "canceled"
    assert client.post("/api/v1/jobs/nothing/cancel").status_code == 404


def test_a_failed_job_can_be_tried_again(client, house, job_id):
    assert client.post(f"/api/v1/jobs/{job_id}/retry").status_code == 409
    house.end_job(job_id, "failed", error={"code": "ENGINE_TIMEOUT", "detail": "Too slow.", "retryable": True})
    failed = client.get(f"/api/v1/jobs/{job_id}").json()
    assert failed["error"]["code"] == "ENGINE_TIMEOUT" and failed["error"]["retryable"] is True
    answer = client.post(f"/api/v1/jobs/{job_id}/retry")
    assert answer.status_code == 202 and answer.json()["retry_of"] == job_id
    assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['job_id']}"


def test_a_job_is_followed_until_it_ends(client, house, job_id):
    def work():
        for progress in (10.0, 60.0):
            time.sleep(0.2)
            house.change_job(job_id, status="running", progress=progress)
        house.end_job(job_id, "succeeded", progress=100.0, result={"shots": []})

    worker = threading.Thread(target=work)
    worker.start()
    events = events_of(client, f"/api/v1/jobs/{job_id}/events")
    worker.join()
    numbers = [number for number, _, _ in events]
    assert numbers == sorted(set(numbers)) and events[-1][2]["status"] == "succeeded"
    assert {event for _, event, _ in events} <= {"status", "progress", "shot"} and events[0][2]["at"]


def test_last_event_id_replays_what_was_missed(client, house, job_id):
    house.change_job(job_id, status="running", progress=10.0)
    house.change_job(job_id, status="running", progress=20.0)
    address = f"/api/v1/jobs/{job_id}/events"
    first, second, third = events_of(client, address, until=3)
    assert events_of(client, address, {"Last-Event-ID": str(first[0])}, until=2) == [second, third]
    assert events_of(client, f"{address}?last_event_id={second[0]}", until=1) == [third]
    assert events_of(client, address, {"Last-Event-ID": "nonsense"}, until=1) == [first]
    house.end_job(job_id, "canceled")
    assert events_of(client, address, {"Last-Event-ID": str(third[0])})[-1][2]["status"] == "canceled"


def test_a_shot_that_is_there_is_told_with_its_address(client, house, ids, job_id):
    take = {"number": 1, "artifact": "a", "object_key": "default/story/u/s/shots/shot_01/image-1-ab12cd34.jpg"}
    take |= {"made_from": "", "engine": "image/builtin", "job_id": job_id, "created_at": ""}
    shot = {"id": "shot_01", "sequence": 1, "takes": {"image": [take]}, "current": {"image": 1}}
    house.change_job(job_id, status="running", said={"shot": shot})
    data = events_of(client, f"/api/v1/jobs/{job_id}/events", until=2)[1][2]
    assert data["shot"]["image_url"] == f"{house.url}/files/{take['object_key']}" and "takes" not in data["shot"]


def test_a_quiet_stream_is_kept_alive_by_comments(client, monkeypatch, job_id):
    monkeypatch.setattr("app.api.jobs.KEEP_ALIVE_S", 0.05)
    with client.stream("GET", f"/api/v1/jobs/{job_id}/events") as answer:
        assert any(line.startswith(":") for line, _ in zip(answer.iter_lines(), range(20), strict=False))


def test_events_of_an_unknown_job_are_a_404(client):
    answer = client.get("/api/v1/jobs/nothing/events")
    assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"


def test_the_callback_of_a_canceled_job_is_listed_and_can_be_sent_again(client, house, ids):
    body = {**ids, "script_content": "故事", "callback_url": "http://example.com/hook", "callback_events": ["shot.*"]}
    job_id = client.post(CREATE, json=body).json()["operation"]["job_id"]
    address = f"/api/v1/jobs/{job_id}/deliveries"
    assert client.get(address).json() == {"deliveries": []}
    client.post(f"/api/v1/jobs/{job_id}/cancel")
    house.wiring.callbacks.record(house.wiring.jobs._records.read("default", job_id))
    (delivery,) = client.get(address).json()["deliveries"]
    assert delivery["type"] == "storyboard.canceled" and delivery["url"] == "http://example.com/hook"
    assert (delivery["status"], delivery["attempts"]) == ("pending", [])
    again = client.post(f"{address}/{delivery['delivery_id']}/redeliver")
    assert again.status_code == 202 and again.json()["delivery_id"] == delivery["delivery_id"]
    assert client.post(f"{address}/msg_nothing/redeliver").status_code == 404
    assert client.get("/api/v1/jobs/nothing/deliveries").status_code == 404
