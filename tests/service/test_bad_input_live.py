"""Whatever a client sends to the running service: a clear error, or a film whose subtitles say what is told."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attacked import SMALL, TEXT, Attacked, problem
from living_service import Business

from app.services.media.probe import probe

CREATE, REGENERATE, RENDER = "/api/v1/storyboard/create", "/api/v1/shot/regenerate", "/api/v1/video/render"
IDS = {"story_id": "first", "user_id": "u"}


class Web(BaseHTTPRequestHandler):
    """What addresses of music lead to."""

    def do_GET(self) -> None:
        status = {"/missing": 404, "/away": 302}.get(self.path, 200)
        self.send_response(status)
        self.send_header("content-type", "text/html" if self.path == "/page" else "audio/mpeg")
        if status == 302:
            self.send_header("location", "http://169.254.169.254/latest")
        self.end_headers()
        try:
            for _ in range({"/page": 1, "/noise": 8, "/huge": 1000}.get(self.path, 0)):
                self.wfile.write(b"no music at all " * 4096)
        except OSError:
            return  # the service has seen enough

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    service = Attacked(folder, business.url, CALLBACK_ALLOWED_HOSTS="127.0.0.1", PUBLIC_BASE_URL="", OUTPUT_FPS="8")
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def film(service: Attacked) -> dict[str, Any]:
    """A story with its film, by which later tests see that nothing was lost."""
    board = service.story("first")
    body = service.post(RENDER, IDS | {"operation_id": "film"})
    return {"board": board, **body}


# -- older clients -----------------------------------------------------------------------------------------


def test_the_bodies_of_older_clients_work_to_the_letter(service: Attacked, film: dict[str, Any]) -> None:
    create = {"operation_id": "op-001", "story_id": "story-001", "user_id": "u-001", "display_name": "温馨短片"}
    answer = service.try_post(CREATE, create | {"script_content": "小狗找妈妈的故事", "style": "温馨可爱"}, 0)
    assert answer.status_code == 202 and answer.json()["shots"] == []
    assert answer.json()["operation"]["status"] == "Queued"
    service.http.post(f"{answer.headers['location']}/cancel")
    for number, name in enumerate(("detail", "details", "prompt")):
        ids = IDS | {"operation_id": f"alias-{name}", "shot_id": "shot_01"}
        empty = {"image_detail": "", "subject": "", "camera": "", "narration": "", "tone": "", "duration": None}
        shot = service.post(REGENERATE, ids | empty | {name: f"小狗跑了{number}步", "unknown": {"x": [1]}})["shot"]
        assert shot["detail"] == f"小狗跑了{number}步" and shot["narration"] and shot["subject"]
    shots = service.http.get("/api/v1/stories/first/shots").json()["shots"]
    body = {"operation": IDS | {"operation_id": "inside", "status": "Success"}, "shots": shots, "scale": 1, "multi": 1}
    rendered = service.post(RENDER, body | {"client_version": "1.0"})
    assert rendered["operation"]["operation_id"] == "inside"
    assert service.http.get(rendered["video_url"]).status_code == 200


# -- names and addresses -----------------------------------------------------------------------------------

EVIL = [
    *("..", "../..", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%252e%252e%252f", "..%5c..%5cx", "%2fetc%2fpasswd"),
    *("/etc/passwd", "%00", "a%00b", ".hidden", "a" * 3000, "%c0%ae%c0%ae", "%ED%A0%80", "a%0d%0aX:y", "%zz", "~root"),
]
PATHS = [
    *("/api/v1/stories/{}", "/api/v1/stories/{}/shots", "/api/v1/stories/first/shots/{}", "/api/v1/jobs/{}"),
    *("/api/v1/stories/first/shots/{}/versions", "/api/v1/jobs/{}/events", "/api/v1/jobs/{}/deliveries"),
    *("/api/v1/operations/{}?user_id=u", "/api/v1/operations/o?user_id={}", "/api/v1/stories/first?user_id={}"),
    *("/files/{}", "/files/default/{}", "/files/default/story/u/first/{}", "/static/docs/{}"),
]


def test_no_name_leads_anywhere_else(service: Attacked, film: dict[str, Any]) -> None:
    for path in PATHS:
        for evil in EVIL:
            answer, body = service.raw("GET", path.format(evil))
            assert answer.status in (404, 422, 307), (path, evil, body)
            assert b"root:" not in body
            if answer.status != 307:
                assert answer.headers["content-type"] == "application/problem+json"
    for method, path in (("POST", "/api/v1/jobs/{}/cancel"), ("DELETE", "/api/v1/stories/{}")):
        for evil in EVIL:
            answer, body = service.raw(method, path.format(evil))
            assert answer.status in (404, 405, 422, 307), (path, evil, body)
    assert {path.name for path in service.data.iterdir()} <= {
        *("artifacts", "documents", "objects", "locks", "workers"),
        *("jobs.sqlite", "jobs.sqlite-shm", "jobs.sqlite-wal"),
    }


@pytest.mark.parametrize(
    "url",
    [
        *("http://169.254.169.254/", "http://2852039166/", "http://0xa9fea9fe/", "http://169.254.43518/"),
        *("http://[::ffff:169.254.169.254]/", "http://[fe80::1%25eth0]/", "http://[::]/", "http://0/"),
        *(
            "http://１６９.254.169.254/",
            "http://169。254。169。254/",
            "http://①⑥⑨.254.169.254/",
            "http://169.254.169.254./",
        ),
        *(
            "http://169%2e254%2e169%2e254/",
            "http://169.254.169\u00ad.254/",
            "http://LOCALHOST./",
            "http://a.localhost/",
        ),
        *("http://169.254.169.254\\@example.com/", "http://example.com@169.254.169.254/", "gopher://example.com/"),
    ],
)
def test_a_callback_to_a_private_address_is_refused_and_nothing_stored(service: Attacked, url: str) -> None:
    before = service.documents("**/*.json")
    body = SMALL | {"story_id": "ssrf", "operation_id": "ssrf", "script_content": TEXT, "callback_url": url}
    problem(service.try_post(CREATE, body), 422, "VALIDATION_ERROR")
    problem(service.try_post(RENDER, IDS | {"operation_id": "ssrf", "bgm": url}), 422, "VALIDATION_ERROR")
    assert service.documents("**/*.json") == before


def test_what_is_not_there_is_not_found_and_nothing_stored(service: Attacked, film: dict[str, Any]) -> None:
    before = service.documents("**/*.json")
    problem(service.try_post(RENDER, {"story_id": "none", "user_id": "u", "operation_id": "x"}), 404, "NOT_FOUND")
    shot = IDS | {"operation_id": "x", "shot_id": "shot_99"}
    assert "shot_99" in problem(service.try_post(REGENERATE, shot), 404, "NOT_FOUND")["detail"]
    assert service.documents("**/*.json") == before


# -- texts -------------------------------------------------------------------------------------------------

TEXTS = {
    "emoji": "😀👨‍👩‍👧‍👦🐶🏳️‍🌈",
    "arabic": "كان يا ما كان في قديم الزمان غزال صغير.",
    "controls": "小狗\ud83d找\x00妈\x07妈\x1b[31m。\r\n它\x85哭了。",
    "markup": "<b>A dog</b> & a cat --> the end.\n\n2\n00:00:01,000 --> 00:00:02,000\nInjected.",
    "one": "狗",
}


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def subtitles(srt: str) -> list[str]:
    """The words of every block, each of which must be whole."""
    found = []
    for number, block in enumerate(srt.strip().split("\n\n"), 1):
        first, times, *lines = block.split("\n")
        assert first == str(number) and lines and all(lines)
        assert re.fullmatch(r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}", times)
        found.append(" ".join(lines))
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_any_text_becomes_a_film_whose_subtitles_say_it(service: Attacked, name: str, tmp_path: Path) -> None:
    body = SMALL | {"story_id": name, "operation_id": f"t-{name}", "script_content": TEXTS[name], "style": TEXTS[name]}
    answer = service.try_post(CREATE, body)
    assert answer.status_code == 200, answer.text
    narration = " ".join(shot["narration"] for shot in answer.json()["shots"])
    rendered = service.post(RENDER, {"story_id": name, "user_id": "u", "operation_id": f"f-{name}"})
    facts = probe(service.fetch(rendered["video_url"], tmp_path / "film.mp4"))
    assert facts.video and facts.audio and facts.video.frames > 12
    srt = service.http.get(rendered["subtitle_urls"]["srt"]).content.decode()
    assert letters("".join(subtitles(srt))) == letters(narration)
    assert not re.search("[\x00-\x09\x0b-\x1f\ud800-\udfff]", srt)


def test_a_text_of_200_kB_is_a_story_and_one_of_5_MB_is_not(service: Attacked) -> None:
    body = SMALL | {"story_id": "long", "operation_id": "long"}
    made = service.try_post(CREATE, body | {"script_content": "小狗在森林里找妈妈，遇到了一只蓝鸟。" * 3700})
    assert made.status_code == 200 and len(made.json()["shots"]) == 1
    more = body | {"operation_id": "longer", "script_content": "a" * 5_000_000}
    problem(service.try_post(CREATE, more), 413, "PAYLOAD_TOO_LARGE")


# -- music from elsewhere ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/page", 422, "text/html"),
        ("/missing", 422, "404"),
        ("/away", 422, "302"),
        ("/huge", 413, "larger than"),
        ("/noise", 415, "music"),
    ],
)
def test_music_that_is_none_fails_its_job_and_leaves_the_story(
    service: Attacked, film: dict[str, Any], web: str, path: str, status: int, reason: str
) -> None:
    before = service.http.get("/api/v1/stories/first").json()
    answer = service.try_post(RENDER, IDS | {"operation_id": f"bgm{path.replace('/', '-')}", "bgm": web + path})
    assert answer.status_code == status and reason in answer.json()["detail"], answer.text
    assert answer.json()["operation"]["status"] == "Failed"
    assert service.http.get("/api/v1/stories/first").json() == before


# -- HTTP --------------------------------------------------------------------------------------------------


def test_a_browser_can_seek_in_the_film(service: Attacked, film: dict[str, Any]) -> None:
    whole = service.http.get(film["video_url"])
    size, tag = len(whole.content), whole.headers["etag"]
    assert whole.headers["content-type"] == "video/mp4" and whole.headers["accept-ranges"] == "bytes"

    def ranged(value: str, **more: str) -> Any:
        return service.http.get(film["video_url"], headers={"range": value, **more})

    for value, first, last in (
        ("bytes=0-", 0, size - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=-500", size - 500, size - 1),
        (f"bytes={size - 1}-{size + 5}", size - 1, size - 1),
        (f"bytes=-{size * 2}", 0, size - 1),
    ):
        answer = ranged(value)
        assert answer.status_code == 206 and answer.content == whole.content[first : last + 1], value
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
    assert ranged(f"bytes={size}-").status_code == 416
    assert ranged(f"bytes={size}-").headers["content-range"] == f"bytes */{size}"
    for nonsense in ("bytes=9-2", "bytes=a-b", "lines=1-2", "bytes=", "bytes=--5", "bytes=1-2,5-9"):
        assert ranged(nonsense).status_code in (200, 206), nonsense
    assert ranged("bytes=0-9", **{"if-range": tag}).status_code == 206
    assert ranged("bytes=0-9", **{"if-range": '"old"'}).status_code == 200
    head = service.http.head(film["video_url"])
    assert head.status_code == 200 and head.headers["content-length"] == str(size) and head.content == b""
    for known in (tag, f"W/{tag}", "*", f'"other", {tag}'):
        assert service.http.get(film["video_url"], headers={"if-none-match": known}).status_code == 304


@pytest.mark.parametrize("path", ["/health", "/ready", "/", "/api/v1/jobs", "/docs", "/openapi.json", "/metrics"])
def test_a_page_answers_head_like_get_without_its_body(service: Attacked, path: str) -> None:
    head, get = service.http.head(path), service.http.get(path)
    assert head.status_code == get.status_code == 200 and head.content == b"" != get.content
    assert head.headers["content-type"] == get.headers["content-type"]


def test_other_methods_are_refused_in_the_same_shape(service: Attacked, film: dict[str, Any]) -> None:
    for method, path in (("OPTIONS", CREATE), ("GET", RENDER), ("TRACE", "/health"), ("DELETE", "/api/v1/jobs")):
        answer = service.http.request(method, path)
        problem(answer, 405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"]
    job = film["operation"]["job_id"]
    assert service.http.head(f"/api/v1/jobs/{job}/events").status_code == 405


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e400", "99999999999999999999", "[]", '{"a":1}', "1.5"])
@pytest.mark.parametrize("name", ["seed", "shot_count", "shots_max"])
def test_a_number_that_is_none_is_named(service: Attacked, name: str, value: str) -> None:
    text = f'{{"operation_id":"n","story_id":"n","user_id":"n","script_content":"x","{name}":{value}}}'
    answer = service.http.post(CREATE, content=text.encode(), headers={"content-type": "application/json"})
    assert problem(answer, 422, "VALIDATION_ERROR")["errors"][0]["loc"][1] == name


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{" * 100, "application/json", 422),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "application/json", 422),
        (b"[" * 3_000_000, "application/json", 422),
        (b'{"operation_id":"a","operation_id":".."}', "application/json", 422),
        (b"\xff\xfe{}", "application/json", 422),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
    ],
)
def test_a_body_that_is_no_order_is_refused(service: Attacked, content: bytes, kind: str, status: int) -> None:
    for path in (CREATE, REGENERATE, RENDER):
        answer = service.http.post(path, content=content, headers={"content-type": kind})
        problem(answer, status, "VALIDATION_ERROR" if status == 422 else "UNSUPPORTED_MEDIA")


@pytest.mark.parametrize("host", ["[::1", 'a b"<>', "x" * 5000, "evil.example:99999999"])
def test_a_host_that_is_none_breaks_nothing(service: Attacked, film: dict[str, Any], host: str) -> None:
    for path in ("/api/v1/stories", "/api/v1/jobs", "/api/v1/stories/", "/files/nothing"):
        answer, _ = service.raw("GET", path, headers={"host": host})
        assert answer.status < 500


def test_headers_without_measure_close_the_connection_and_nothing_else(service: Attacked) -> None:
    answer, _ = service.raw("GET", "/health", headers={"x": "a" * 40_000})
    assert answer.status == 200
    try:
        answer, _ = service.raw("GET", "/health", headers={"x": "a" * 2_000_000})
        assert answer.status == 400
    except OSError:
        pass  # closed while we were still talking
    assert service.http.get("/health").json() == {"status": "ok"}


def test_through_all_of_this_nothing_of_ours_failed(service: Attacked, film: dict[str, Any]) -> None:
    assert "Traceback" not in service.log and " CRITICAL " not in service.log
    assert service.http.get(film["video_url"]).status_code == 200
