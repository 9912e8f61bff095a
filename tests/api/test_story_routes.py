"""The three story routes: jobs, idempotency, waiting, and the older bodies."""

from __future__ import annotations

import socket
import threading
import time

import pytest

CREATE = "/api/v1/storyboard/create"
REGENERATE = "/api/v1/shot/regenerate"
RENDER = "/api/v1/video/render"
SHOT = {"id": "shot_01", "sequence": 1, "subject": "小狗", "camera": "static", "takes": {}, "current": {}}


def story_body(ids, **more):
    return {**ids, "display_name": "温馨短片", "script_content": "小狗找妈妈的故事", "style": "温馨可爱", **more}


def job_of(answer):
    return answer.json()["operation"]["job_id"]


def test_a_story_is_accepted_as_a_queued_job(client, ids):
    answer = client.post(CREATE, json=story_body(ids))
    assert answer.status_code == 202
    body = answer.json()
    assert body["shots"] == []
    assert body["operation"]["status"] == "Queued" and body["operation"]["operation_id"] == ids["operation_id"]
    assert body["operation"]["detail"] and body["operation"]["progress"] == 0
    assert answer.headers["location"] == f"/api/v1/jobs/{job_of(answer)}"
    job = client.get(answer.headers["location"]).json()
    assert (job["kind"], job["status"], job["story_id"]) == ("storyboard", "queued", ids["story_id"])


def test_what_the_client_wrote_reaches_the_job(client, house, ids):
    body = story_body(
        ids, shots_max=4, aspect_ratio="9:16", seed=7, characters=[{"name": "小狗"}], engines={"script": "builtin"}
    )
    job_id = job_of(client.post(CREATE, json=body))
    request = house.wiring.documents.read(f"default/jobs/{job_id}")["request"]
    assert request["text"] == "小狗找妈妈的故事" and request["aspect_ratio"] == "9:16" and request["seed"] == 7
    assert (request["shots_min"], request["shots_max"]) == (4, 4)
    assert request["engines"] == {"script": "builtin"} and request["characters"][0]["name"] == "小狗"


def test_the_same_request_again_answers_with_the_same_job(client, house, ids):
    first = client.post(CREATE, json=story_body(ids))
    again = client.post(CREATE, json=story_body(ids))
    assert again.status_code == 202 and job_of(again) == job_of(first)
    house.end_job(job_of(first), "succeeded", progress=100.0, result={"shots": [SHOT]})
    ended = client.post(CREATE, json=story_body(ids))
    assert ended.status_code == 200 and ended.json()["operation"]["status"] == "Success"
    assert ended.json()["shots"][0]["camera"] == "固定机位" and ended.json()["shots"][0]["image_url"] == ""


def test_a_failed_operation_again_is_an_answer_without_wait_and_an_error_with_it(client, house, ids):
    first = client.post(CREATE, json=story_body(ids))
    error = {"code": "ENGINE_FAILED", "detail": "The script engine said no.", "retryable": False}
    house.end_job(job_of(first), "failed", error=error)
    plain = client.post(CREATE, json=story_body(ids))
    assert plain.status_code == 200
    assert (plain.json()["operation"]["status"], plain.json()["operation"]["detail"]) == ("Failed", error["detail"])
    waited = client.post(CREATE, json=story_body(ids), headers={"Prefer": "wait=5"})
    assert waited.status_code == 502 and waited.headers["content-type"] == "application/problem+json"
    assert waited.json()["code"] == "ENGINE_FAILED" and waited.json()["operation"]["job_id"] == job_of(first)


def test_the_same_operation_id_with_another_body_is_refused(client, ids):
    client.post(CREATE, json=story_body(ids))
    answer = client.post(CREATE, json=story_body(ids, style="水墨"))
    assert answer.status_code == 422 and answer.json()["code"] == "OPERATION_ID_REUSED"


def test_one_operation_id_serves_each_of_the_three_routes(client, house, ids):
    house.put_story(ids["story_id"], ids["user_id"])
    answers = [
        client.post(CREATE, json=story_body(ids)),
        client.post(REGENERATE, json={**ids, "shot_id": "shot_01", "detail": "新的"}),
        client.post(RENDER, json=ids),
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({job_of(answer) for answer in answers}) == 3
    assert answers[1].json()["shot"] is None and answers[2].json()["video_url"] == ""


def test_waiting_gives_the_full_body_when_the_job_ends(client, house, ids):
    job_id = job_of(client.post(CREATE, json=story_body(ids)))
    timer = threading.Timer(0.4, house.end_job, (job_id, "succeeded"), {"result": {"shots": [SHOT]}})
    timer.start()
    answer = client.post(CREATE, json=story_body(ids), headers={"Prefer": "wait=20"})
    timer.join()
    assert answer.status_code == 200 and answer.json()["operation"]["status"] == "Success"
    assert answer.headers["preference-applied"] == "wait=20" and len(answer.json()["shots"]) == 1


def test_waiting_in_vain_gives_the_usual_202(client, ids):
    answer = client.post(CREATE, json=story_body(ids), headers={"Prefer": "respond-async, wait=1"})
    assert answer.status_code == 202  # the first preference counts: it asks not to wait
    answer = client.post(CREATE, json=story_body(ids), headers={"Prefer": 'Wait="1"'})
    assert answer.status_code == 202 and answer.headers["preference-applied"] == "wait=1"


def test_a_canceled_job_is_a_409_for_whoever_waited(client, house, ids):
    job_id = job_of(client.post(CREATE, json=story_body(ids)))
    assert client.post(f"/api/v1/jobs/{job_id}/cancel").json()["status"] == "canceled"
    answer = client.post(CREATE, json=story_body(ids), headers={"Prefer": "wait=9"})
    assert answer.status_code == 409 and answer.json()["code"] == "CANCELED"


def test_a_client_that_hangs_up_cancels_nothing(client, house, ids):
    import json

    body = json.dumps(story_body(ids)).encode()
    head = f"POST {CREATE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nPrefer: wait=60\r\n"
    host, port = house.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        deadline = time.monotonic() + 10
        while not (found := client.get("/api/v1/jobs", params={"story_id": ids["story_id"]}).json()["jobs"]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert client.get(f"/api/v1/jobs/{found[0]['job_id']}").json()["status"] == "queued"
    house.end_job(found[0]["job_id"], "succeeded", result={"shots": [SHOT]})
    assert client.post(CREATE, json=story_body(ids)).status_code == 200


def test_the_default_wait_serves_clients_that_send_no_header(serve, tmp_path, ids):
    from app.core.config import Settings

    for house in serve(Settings(_env_file=None, data_dir=tmp_path, default_wait_s=30)):
        with house.client() as client:
            job_id = job_of(client.post(CREATE, json=story_body(ids), headers={"Prefer": "wait=0"}))
            timer = threading.Timer(0.3, house.end_job, (job_id, "succeeded"), {"result": {"shots": [SHOT]}})
            timer.start()
            answer = client.post(CREATE, json=story_body(ids))
            timer.join()
            assert answer.status_code == 200 and "preference-applied" not in answer.headers


@pytest.mark.parametrize("name", ["detail", "details", "prompt"])
def test_older_names_of_detail_are_understood(client, house, ids, name):
    house.put_story(ids["story_id"], ids["user_id"])
    body = {**ids, "shot_id": "shot_02", name: "先A，然后B，最后C", "camera": "镜头后退", "tone": "", "unknown": 1}
    answer = client.post(REGENERATE, json=body)
    assert answer.status_code == 202
    request = house.wiring.documents.read(f"default/jobs/{job_of(answer)}")["request"]
    assert request["changes"] == {"detail": "先A，然后B，最后C", "camera": "pull_back"}
    assert request["assets"] == ["image"] and request["seed"] is None


def test_the_ids_of_a_render_may_stand_inside_operation(client, house, ids):
    house.put_story(ids["story_id"], ids["user_id"])
    answer = client.post(RENDER, json={"operation": ids, "scale": 2, "multi": None, "shots": []})
    assert answer.status_code == 202 and answer.json()["operation"]["operation_id"] == ids["operation_id"]
    request = house.wiring.documents.read(f"default/jobs/{job_of(answer)}")["request"]
    assert (request["scale"], request["multi"], request["shots"]) == (2, 1, None)


def test_an_answered_shot_can_be_sent_back_in_a_render(client, house, ids):
    house.put_story(ids["story_id"], ids["user_id"])
    shots = client.get(f"/api/v1/stories/{ids['story_id']}/shots").json()["shots"]
    answer = client.post(RENDER, json={**ids, "shots": list(reversed(shots))})
    assert answer.status_code == 202
    sent = house.wiring.documents.read(f"default/jobs/{job_of(answer)}")["request"]["shots"]
    assert [(shot["id"], shot["sequence"], shot["camera"]) for shot in sent] == [
        ("shot_01", 1, "push_in"),
        ("shot_02", 2, "push_in"),
    ]


def test_a_finished_render_tells_the_address_of_the_film(client, house, ids):
    house.put_story(ids["story_id"], ids["user_id"])
    job_id = job_of(client.post(RENDER, json=ids))
    folder = f"default/story/{ids['user_id']}/{ids['story_id']}"
    film = {
        "artifact": "a" * 64,
        "object_key": f"{folder}/film-ab12cd34.mp4",
        "job_id": job_id,
        "created_at": "2026-01-01T00:00:00.000Z",
        "duration_s": 31.5,
        "subtitles": {"srt": f"{folder}/film-ab12cd34.srt"},
    }
    house.end_job(job_id, "succeeded", progress=100.0, result={"film": film, "shots": [SHOT]})
    body = client.post(RENDER, json=ids).json()
    assert body["video_url"] == f"{house.url}/files/{folder}/film-ab12cd34.mp4" and body["duration"] == 31.5
    result = client.get(f"/api/v1/jobs/{job_id}").json()["result"]
    assert result["subtitle_urls"]["srt"].endswith(".srt") and result["shots"][0]["id"] == "shot_01"


def test_a_render_without_storyboard_is_not_found(client, ids):
    answer = client.post(RENDER, json=ids)
    assert answer.status_code == 404 and answer.json()["code"] == "NOT_FOUND"
    assert client.get("/api/v1/jobs", params={"user_id": ids["user_id"]}).json()["jobs"] == []


def test_an_unknown_shot_or_story_is_not_found(client, house, ids):
    answer = client.post(REGENERATE, json={**ids, "shot_id": "shot_01"})
    assert answer.status_code == 404
    house.put_story(ids["story_id"], ids["user_id"])
    answer = client.post(REGENERATE, json={**ids, "shot_id": "shot_77"})
    assert answer.status_code == 404 and "shot_77" in answer.json()["detail"]
    assert client.get("/api/v1/jobs", params={"user_id": ids["user_id"]}).json()["jobs"] == []


def test_an_accepted_render_answers_even_after_its_story_is_gone(client, house, ids):
    house.put_story(ids["story_id"], ids["user_id"])
    first = client.post(RENDER, json=ids)
    assert client.delete(f"/api/v1/stories/{ids['story_id']}").status_code == 204
    assert job_of(client.post(RENDER, json=ids)) == job_of(first)


def test_a_full_queue_is_a_429_that_says_when_to_come_back(serve, tmp_path, ids):
    from app.core.config import Settings

    for house in serve(Settings(_env_file=None, data_dir=tmp_path, queue_limit=2)):
        with house.client() as client:
            answers = [client.post(CREATE, json=story_body({**ids, "operation_id": f"op-{n}"})) for n in range(3)]
            assert [answer.status_code for answer in answers] == [202, 202, 429]
            assert answers[2].json()["code"] == "QUEUE_FULL" and answers[2].json()["retryable"] is True
            assert int(answers[2].headers["retry-after"]) >= 1
            again = client.post(CREATE, json=story_body({**ids, "operation_id": "op-0"}))
            assert job_of(again) == job_of(answers[0])
