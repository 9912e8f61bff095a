"""Bad input never breaks: a clear error each, in the one shape, and nothing made."""

from __future__ import annotations

import http.client
import json

import pytest

CREATE = "/api/v1/storyboard/create"


def body_of(ids, **more):
    return {**ids, "script_content": "故事", **more}


def is_problem(answer, status, code):
    body = answer.json()
    assert answer.status_code == status, body
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["code"] == code and body["status"] == status and body["message"] == body["detail"] != ""
    assert {"type", "title", "retryable", "request_id"} <= set(body)
    assert answer.headers["x-request-id"] == body["request_id"]
    return body


@pytest.mark.parametrize(
    "bad",
    ["", ".", "..", "../../etc/passwd", ".hidden", "a/b", "a b", "a\n", "狗", "😀", "a" * 129, "a\x00b", "%2e%2e"],
)
@pytest.mark.parametrize("field", ["operation_id", "story_id", "user_id"])
def test_an_id_of_other_characters_is_refused(client, ids, field, bad):
    body = is_problem(client.post(CREATE, json=body_of({**ids, field: bad})), 422, "VALIDATION_ERROR")
    assert body["errors"][0]["loc"] == ["body", field] and body["errors"][0]["msg"]


@pytest.mark.parametrize(
    "path", ["%2e%2e", "%2e%2e%2f%2e%2e%2fetc", "..%5c..", "%F0%9F%98%80", "a%00b", ".x", "a" * 200]
)
def test_an_id_in_a_path_is_checked_as_well(house, path):
    host = house.url.removeprefix("http://")
    for address in (f"/api/v1/stories/{path}", f"/api/v1/jobs/{path}", f"/api/v1/operations/{path}?user_id=u"):
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("GET", address)
        answer = connection.getresponse()
        assert answer.status in (404, 422) and json.loads(answer.read())["code"] in ("NOT_FOUND", "VALIDATION_ERROR")
        connection.close()


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u200b", "\x00\x01"])
def test_an_empty_story_is_refused(client, ids, text):
    body = is_problem(client.post(CREATE, json=body_of(ids, script_content=text)), 422, "VALIDATION_ERROR")
    assert body["errors"][0]["loc"] == ["body", "script_content"]


@pytest.mark.parametrize(
    "text", ["😀👨‍👩‍👧‍👦🐶", "كان يا ما كان في قديم الزمان", "שלום \u202eעולם", "a\ufffe b", "𠮷野家"]
)
def test_any_script_is_a_story(client, house, ids, text):
    answer = client.post(CREATE, json=body_of(ids, script_content=text, display_name=text))
    assert answer.status_code == 202
    stored = house.wiring.documents.read(f"default/jobs/{answer.json()['operation']['job_id']}")
    assert stored["request"]["text"] == text


def test_nul_control_characters_and_half_surrogates_are_taken_out(client, house, ids):
    content = json.dumps(body_of(ids)).replace('"\\u6545\\u4e8b"', '"a\\u0000b\\u0007c\\r\\nd\\ud83d"').encode()
    answer = client.post(CREATE, content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 202
    stored = house.wiring.documents.read(f"default/jobs/{answer.json()['operation']['job_id']}")
    assert stored["request"]["text"] == "abc\nd\ufffd"


def test_five_megabytes_of_text_are_too_large(client, ids):
    body = is_problem(client.post(CREATE, json=body_of(ids, script_content="a" * 5_000_000)), 413, "PAYLOAD_TOO_LARGE")
    assert "200000" in body["detail"]


def test_a_body_over_the_limit_is_refused_before_it_is_read(client, ids):
    content = json.dumps(body_of(ids, script_content="a" * 6_500_000))
    is_problem(
        client.post(CREATE, content=content, headers={"content-type": "application/json"}), 413, "PAYLOAD_TOO_LARGE"
    )


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(client):
    def endless():
        for _ in range(300):
            yield b"[" * 50_000

    answer = client.post(CREATE, content=endless(), headers={"content-type": "application/json"})
    is_problem(answer, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe", b"[" * 100_000, b"[]", b'"x"', b"null", b"1" * 5000])
def test_a_body_that_is_no_object_is_refused(client, content):
    answer = client.post(CREATE, content=content, headers={"content-type": "application/json"})
    assert is_problem(answer, 422, "VALIDATION_ERROR")["errors"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", "é"]
)
def test_another_media_type_is_not_supported(client, ids, kind):
    answer = client.post(CREATE, content=json.dumps(body_of(ids)), headers={"content-type": kind.encode()})
    is_problem(answer, 415, "UNSUPPORTED_MEDIA")


def test_a_body_without_media_type_is_json_unless_a_browser_sends_it(client, ids):
    content = json.dumps(body_of(ids)).encode()
    assert client.post(CREATE, content=content).status_code == 202
    is_problem(client.post(CREATE, content=content, headers={"origin": "http://evil"}), 415, "UNSUPPORTED_MEDIA")


@pytest.mark.parametrize(
    "more",
    [
        {"shot_count": 0},
        {"shot_count": 41},
        {"shots_min": 9, "shots_max": 3},
        {"seed": -1},
        {"seed": 2**31},
        {"seed": 1.5},
        {"aspect_ratio": "4:3"},
        {"resolution": "4k"},
        {"characters": [{"name": "x"}] * 21},
        {"characters": [{"description": "no name"}]},
        {"language": "中文"},
        {"engines": {"script": "../x"}},
        {"callback_events": ["everything"]},
        {"script_content": 5},
        {"script_content": ["a"]},
        {"display_name": "x" * 501},
        {"characters": "x"},
    ],
)
def test_a_value_out_of_bounds_is_refused(client, ids, more):
    assert is_problem(client.post(CREATE, json=body_of(ids, **more)), 422, "VALIDATION_ERROR")["errors"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/x",
        "javascript:alert(1)",
        "http://",
        "nonsense",
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "http://169.254.169.254/latest",
        "http://10.1.2.3/",
        "http://localhost:80/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
    ],
)
def test_a_callback_to_a_private_address_is_refused(client, ids, url):
    is_problem(client.post(CREATE, json=body_of(ids, callback_url=url)), 422, "VALIDATION_ERROR")
    more = {"characters": [{"name": "狗", "reference_image_url": url}]}
    is_problem(client.post(CREATE, json=body_of(ids, **more)), 422, "VALIDATION_ERROR")
    assert client.get("/api/v1/jobs", params={"user_id": ids["user_id"]}).json()["jobs"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"scale": 3},
        {"multi": 0},
        {"fps": 500},
        {"subtitles": "loud"},
        {"transition": "wipe"},
        {"bgm": "file:///etc/passwd"},
        {"shots": [{"id": "a"}, {"id": "a"}]},
        {"shots": [{"camera": "zoom"}]},
        {"shots": [{"duration": 0.1}]},
    ],
)
def test_a_render_out_of_bounds_is_refused(client, house, ids, more):
    house.put_story(ids["story_id"], ids["user_id"])
    is_problem(client.post("/api/v1/video/render", json={**ids, **more}), 422, "VALIDATION_ERROR")


def test_an_unknown_address_and_a_wrong_method_have_the_same_shape(client):
    is_problem(client.get("/api/v1/nothing"), 404, "NOT_FOUND")
    is_problem(client.get("/api/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV"), 404, "NOT_FOUND")
    answer = client.delete(CREATE)
    is_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


def test_a_fault_of_ours_is_a_500_without_details(serve, tmp_path):
    from app.core.config import Settings

    for house in serve(Settings(_env_file=None, data_dir=tmp_path)):

        def broken(*_args, **_kwargs):
            raise RuntimeError("secret in the traceback")

        house.wiring.stories.list = broken
        with house.client() as client:
            answer = client.get("/api/v1/stories")
            is_problem(answer, 500, "INTERNAL_ERROR")
            assert "secret" not in answer.text and "Traceback" not in answer.text


def test_a_full_disk_is_a_507(serve, tmp_path, ids):
    from app.core.config import Settings
    from app.core.errors import StorageFull

    for house in serve(Settings(_env_file=None, data_dir=tmp_path)):
        house.put_story(ids["story_id"], ids["user_id"])

        def full(*_args, **_kwargs):
            raise StorageFull("No space is left for document x.")

        house.wiring.stories.patch_shot = full
        with house.client() as client:
            answer = client.patch(f"/api/v1/stories/{ids['story_id']}/shots/shot_01", json={"tone": "x"})
            is_problem(answer, 507, "INTERNAL_ERROR")


def test_a_damaged_story_is_named_and_the_rest_goes_on(client, house, ids):
    house.put_story(ids["story_id"], ids["user_id"])
    house.wiring.documents.path(f"default/stories/{ids['story_id']}/{ids['user_id']}").write_text('{"half":')
    answer = client.get(f"/api/v1/stories/{ids['story_id']}")
    body = is_problem(answer, 500, "INTERNAL_ERROR")
    assert ids["story_id"] in body["detail"]
    assert client.get("/api/v1/stories").status_code == 200
