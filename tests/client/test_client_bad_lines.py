"""The client on bad lines: a real HTTP server on loopback that drops, refuses, truncates and misleads as told."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.client import (
    AsyncClient,
    Client,
    DownloadFailed,
    EngineUnavailable,
    InternalError,
    NotFound,
    QueueFull,
    Refused,
    TookTooLong,
    Unreachable,
)
from app.client.events import Decoder, Message

Answer = Callable[[BaseHTTPRequestHandler], None]
OPERATION = {"operation_id": "o", "status": "Queued", "detail": "", "job_id": "j", "progress": 0.0}
ENDED = {"job_id": "j", "status": "succeeded", "progress": 100.0}


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Crooked:
    """Answers each request with the next of ``answers``; ``routes`` is what its OpenAPI document knows."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Answer] = []
        self.routes: dict[str, Any] = {}
        crooked = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                if self.path == "/openapi.json":
                    return says(200, {"paths": crooked.routes})(self)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                crooked.asked.append(Asked(self.command, self.path, headers, body))
                crooked.answers.pop(0)(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


def says(status: int, body: object, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in ({"content-length": str(len(content))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def problem(status: int, code: str, retryable: bool, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    return says(status, {"code": code, "detail": "Not now.", "retryable": retryable, **more}, **(headers or {}))


def drops(handler: BaseHTTPRequestHandler) -> None:
    """Hangs up without a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def streams(*events: tuple[int, str], broken: bool = False) -> Answer:
    """Server-sent events; ``broken``: the line dies in the middle of one more."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        text = "retry: 2000\n\n: still here\n\n"
        for number, status in events:
            text += f"id: {number}\nevent: status\ndata: {json.dumps({'job_id': 'j', 'status': status})}\n\n"
        text += "id: 99\nevent: status\ndata: {" if broken else ""
        handler.wfile.write(f"{len(text):x}\r\n{text}\r\n".encode())
        if broken:
            drops(handler)
        else:
            handler.wfile.write(b"0\r\n\r\n")

    return answer


@pytest.fixture
def crooked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crooked]:
    monkeypatch.setattr("app.client.http.FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("app.client.asynchronous.POLITE_PAUSE_S", 0.01)
    crooked = Crooked()
    yield crooked
    crooked.server.shutdown()
    crooked.server.server_close()


@pytest.fixture
def films(crooked: Crooked) -> Iterator[Client]:
    with Client(crooked.url, "the-key", timeout_s=5, retries=3) as films:
        yield films


def test_a_full_queue_is_asked_again_with_the_same_operation(crooked: Crooked, films: Client) -> None:
    full = problem(429, "QUEUE_FULL", True, {"retry_after": "0.05"})
    crooked.answers = [full, drops, problem(503, "ENGINE_UNAVAILABLE", True), says(202, {"operation": OPERATION})]
    assert films.create_storyboard("小狗").job_id == "j"
    bodies = [json.loads(one.body) for one in crooked.asked]
    assert len(bodies) == 4 and all(body == bodies[0] and body["operation_id"] for body in bodies)
    assert {one.headers["x-api-key"] for one in crooked.asked} == {"the-key"}
    assert {one.headers["prefer"] for one in crooked.asked} == {"respond-async"}


async def test_an_event_loop_s_client_asks_again_too(crooked: Crooked) -> None:
    crooked.answers = [drops, says(503, b"<html>"), says(202, {"operation": OPERATION})]
    async with AsyncClient(crooked.url, retries=3) as films:
        assert (await films.create_storyboard("小狗")).job_id == "j"
    assert len({one.body for one in crooked.asked}) == 1 and len(crooked.asked) == 3


def test_what_has_no_operation_id_is_not_sent_twice_over_a_dropped_line(crooked: Crooked, films: Client) -> None:
    for send in (lambda: films.insert_shot("s", narration="x"), lambda: films.generate_video("x")):
        crooked.answers, before = [drops], len(crooked.asked)
        with pytest.raises(Unreachable, match="broke off"):
            send()
        assert len(crooked.asked) == before + 1
    crooked.answers = [problem(429, "QUEUE_FULL", True), says(201, {"id": "shot_09"})]
    assert films.insert_shot("s", narration="x").id == "shot_09"


def test_what_will_not_pass_is_asked_once(crooked: Crooked, films: Client) -> None:
    failed = OPERATION | {"status": "Failed"}
    for answer, kind in [
        (problem(500, "INTERNAL_ERROR", False), InternalError),
        (problem(503, "ENGINE_UNAVAILABLE", True, operation=failed), EngineUnavailable),
        (problem(429, "QUEUE_FULL", True, {"retry_after": "3600"}), QueueFull),
        (problem(418, "NEW_CODE", False), Refused),
    ]:
        crooked.answers, before = [answer], len(crooked.asked)
        with pytest.raises(kind) as caught:
            films.create_storyboard("小狗", wait_s=9)
        assert len(crooked.asked) == before + 1 and type(caught.value) is kind
    assert (caught.value.code, caught.value.status) == ("NEW_CODE", 418)
    assert crooked.asked[-1].headers["prefer"] == "wait=9"


def test_patience_ends(crooked: Crooked, films: Client) -> None:
    crooked.answers = [problem(503, "ENGINE_UNAVAILABLE", True)] * 4
    with pytest.raises(EngineUnavailable):
        films.stories()
    assert len(crooked.asked) == 4


def test_a_stream_that_breaks_is_taken_up_where_it_broke(crooked: Crooked, films: Client) -> None:
    crooked.answers = [
        drops,
        streams((1, "queued"), (2, "running"), broken=True),
        problem(503, "ENGINE_UNAVAILABLE", True),
        streams((3, "running"), broken=True),
        streams((4, "succeeded")),
    ]
    assert [event.id for event in films.follow("j")] == ["1", "2", "3", "4"]
    assert [one.headers.get("last-event-id") for one in crooked.asked] == [None, None, "2", "2", "3"]


async def test_an_event_loop_s_stream_is_taken_up_too(crooked: Crooked) -> None:
    crooked.answers = [streams((1, "running"), broken=True), streams((2, "failed"))]
    async with AsyncClient(crooked.url) as films:
        assert [event.status async for event in films.follow("j")] == ["running", "failed"]


def test_a_stream_that_ends_too_early_is_settled_by_the_job_itself(crooked: Crooked, films: Client) -> None:
    crooked.answers = [
        streams((1, "running")),
        says(200, {"job_id": "j", "status": "running"}),
        streams(),
        says(200, ENDED | {"finished_at": "now"}),
    ]
    assert [event.status for event in films.follow("j")] == ["running", "succeeded"]


def test_a_quiet_stream_ends_with_the_time_given(crooked: Crooked, films: Client) -> None:
    def murmurs(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(b": still here\n\n")
                time.sleep(0.05)

    crooked.answers = [murmurs]
    with pytest.raises(TookTooLong):
        films.wait("j", timeout_s=0.3)


def test_messages_are_read_in_whatever_pieces_they_come() -> None:
    first = 'retry: 1\n\nid: 1\r\nevent: shot\r\ndata: {"a":\r\ndata:"小\u2028狗"}\r\n\r\n'
    sent = first + ": hm\n\nid: 2\ndata: x\n\nid: 3\ndata: y"
    decoder = Decoder()
    pieces = [bytes([byte]) for byte in sent.encode()]
    found = [message for piece in pieces for message in decoder.messages(piece)]
    assert (
        found == [Message("1", "shot", '{"a":\n"小\u2028狗"}'), Message("2", "message", "x")] and decoder.last_id == "2"
    )
    assert Decoder().messages(sent.encode()) == found


def test_what_was_deleted_over_a_dropped_line_is_deleted(crooked: Crooked, films: Client) -> None:
    crooked.answers = [drops, problem(404, "NOT_FOUND", False)]
    films.delete_story("s")
    crooked.answers = [problem(404, "NOT_FOUND", False)]
    with pytest.raises(NotFound):
        films.delete_story("s")


def test_a_stream_that_is_left_is_closed(crooked: Crooked, films: Client) -> None:
    crooked.answers = [streams((1, "running"), (2, "running")), says(200, ENDED)]
    for event in films.follow("j"):
        assert event.id == "1"
        break
    assert films.job("j").ended


FILE = bytes(range(256)) * 400


def part(start: int, end: int, tag: str = '"a"', size: int = len(FILE)) -> Answer:
    """Says that ``start`` to the end will come, and breaks off before ``end``."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(206 if start else 200)
        handler.send_header("etag", tag)
        handler.send_header("content-length", str(size - start))
        if start:
            handler.send_header("content-range", f"bytes {start}-{size - 1}/{size}")
        handler.end_headers()
        handler.wfile.write(FILE[start:end])
        handler.wfile.flush()
        if end < size:
            drops(handler)

    return answer


def test_a_download_that_breaks_off_goes_on_from_there(crooked: Crooked, films: Client, tmp_path: Path) -> None:
    crooked.answers = [part(0, 50_000), drops, part(50_000, 90_000), part(90_000, len(FILE))]
    assert films.download("/files/film.mp4", tmp_path / "film.mp4").read_bytes() == FILE
    assert [one.headers.get("range") for one in crooked.asked] == [None, "bytes=50000-", "bytes=50000-", "bytes=90000-"]
    assert crooked.asked[1].headers["if-range"] == '"a"'
    assert [one.name for one in tmp_path.iterdir()] == ["film.mp4"]


def test_a_file_that_changed_meanwhile_is_begun_anew(crooked: Crooked, films: Client, tmp_path: Path) -> None:
    crooked.answers = [part(0, 50_000), says(200, b"another file", etag='"b"')]
    assert films.download("/files/a", tmp_path / "a").read_bytes() == b"another file"
    crooked.answers = [part(0, 50_000), part(60_000, 70_000), says(200, FILE)]
    assert films.download("/files/a", tmp_path / "a").read_bytes() == FILE


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([says(404, {"code": "NOT_FOUND", "detail": "There is no such file."})], NotFound),
        ([part(0, 10), drops, drops, drops, drops], Unreachable),
        ([says(302, b"", location="/again")] * 6, DownloadFailed),
        ([says(302, b"", location="file:///etc/passwd")], DownloadFailed),
    ],
)
def test_a_download_that_fails_leaves_what_was_there(
    crooked: Crooked, films: Client, tmp_path: Path, answers: list[Answer], error: type[Exception]
) -> None:
    target = tmp_path / "film.mp4"
    target.write_bytes(b"the old film")
    crooked.answers = list(answers)
    with pytest.raises(error):
        films.download("/files/film.mp4", target)
    assert target.read_bytes() == b"the old film" and len(list(tmp_path.iterdir())) == 1


async def test_a_link_into_an_object_store_is_followed_without_the_key(crooked: Crooked, tmp_path: Path) -> None:
    store = Crooked()
    store.answers = [says(200, FILE), says(200, FILE)]
    crooked.answers = [says(307, b"", location=f"{store.url}/bucket/film?signature=x")]
    async with AsyncClient(crooked.url, "the-key") as films:
        for url in ("/files/film", f"{store.url}/bucket/film"):
            assert (await films.download(url, tmp_path / "film")).read_bytes() == FILE
    assert crooked.asked[0].headers["x-api-key"] == "the-key"
    assert all("x-api-key" not in one.headers for one in store.asked) and len(store.asked) == 2


def test_an_address_that_leads_elsewhere_is_told_and_the_key_stays_here(crooked: Crooked, films: Client) -> None:
    crooked.answers = [says(301, b"", location="https://films.example.com/api/v1/stories")]
    with pytest.raises(Unreachable, match=r"leads to https://films\.example\.com:443"):
        films.stories()


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[1, 2]", b'{"stories": [{"shot_count": "many"}]}'])
def test_another_service_at_the_address_is_told(crooked: Crooked, films: Client, body: bytes) -> None:
    crooked.answers = [says(200, body)]
    with pytest.raises(Unreachable, match="not"):
        films.stories()


def test_nobody_at_the_address_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with Client(address, retries=0) as films, pytest.raises(Unreachable, match="Is the service running"):
            films.stories()


@pytest.mark.parametrize("address", ["ftp://x", "http://", "http://x:99999", "http://x:y"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError):
        Client(address)


def test_fields_that_are_not_known_yet_are_kept(crooked: Crooked, films: Client) -> None:
    crooked.answers = [says(200, ENDED | {"mood": "good", "stages": [{"name": "cut", "gpu": 1}]})]
    job = films.job("j")
    assert job.model_extra == {"mood": "good"} and job.stages[0].model_dump()["gpu"] == 1


def test_a_route_that_an_older_service_lacks_is_told_plainly(crooked: Crooked, films: Client, tmp_path: Path) -> None:
    photo = tmp_path / "in.jpg"
    photo.write_bytes(b"jpeg")
    for status in (404, 405, 415):
        crooked.answers = [problem(status, "X", False)]
        with pytest.raises(NotFound, match=r"has no live photos yet \(POST /generate\)"):
            films.photo(photo)
    crooked.routes = {"/api/avatar/job/{job_id}/status": {"get": {}}}
    crooked.answers = [
        says(404, {"code": "NOT_FOUND", "detail": "There is no job x."}),
        problem(404, "NOT_FOUND", False),
    ]
    with pytest.raises(NotFound, match="There is no job x"):
        films.avatar_status("x")
    with pytest.raises(NotFound, match="no single generations yet"):
        films.generate_images("小狗")


def test_a_photo_is_sent_with_its_wishes_and_asked_again_when_busy(
    crooked: Crooked, films: Client, tmp_path: Path
) -> None:
    photo = tmp_path / "小狗.jpg"
    photo.write_bytes(b"\xff\xd8jpeg")
    busy = problem(503, "ENGINE_UNAVAILABLE", True, {"retry_after": "0.01"})
    crooked.answers = [busy, says(200, b"GIF89a", content_type="image/gif")]
    live = films.photo(photo, fps=12, motion_bucket_id=200)
    assert (live.content, live.media_type) == (b"GIF89a", "image/gif")
    for asked in crooked.asked:
        assert asked.headers["content-type"].startswith("multipart/form-data") and b"\xff\xd8jpeg" in asked.body
        assert b'name="fps"\r\n\r\n12' in asked.body and b'name="motion_bucket_id"\r\n\r\n200' in asked.body
    assert live.save(tmp_path / "out.gif").read_bytes() == b"GIF89a" and len(list(tmp_path.iterdir())) == 2


def test_a_talking_head_is_uploaded_begun_and_waited_for(
    crooked: Crooked, films: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.client.single._POLL_S", 0.01)
    photo, sound = tmp_path / "me.jpg", tmp_path / "me.wav"
    photo.write_bytes(b"photo")
    sound.write_bytes(b"sound")
    status = {"job_id": "j", "status": "processing", "progress": 5}
    ends = [
        {"status": "completed", "video_url": "/files/x.mp4"},
        {"status": "failed", "error": "The face turned away."},
    ]
    for end in ends:
        crooked.answers = [
            says(200, {"photo_id": "p"}),
            says(200, {"audio_id": "a"}),
            says(200, {"job_id": "j", "status": "processing"}),
            says(200, status),
            says(200, status | end),
        ]
        if end["status"] == "completed":
            assert films.avatar(photo, sound, emotion=0).video_url == "/files/x.mp4"
            assert json.loads(crooked.asked[2].body) == {"photo_id": "p", "audio_id": "a", "emotion": 0}
        else:
            with pytest.raises(Refused, match="The face turned away"):
                films.avatar(photo, sound)
    with pytest.raises(ValueError):
        films.avatar(photo)
