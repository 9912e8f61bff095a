from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from fakes.base import Fake, Fault

from app.core.errors import EngineFailed, EngineFault, EngineTimeout, EngineUnavailable
from app.services.engines.http import ExpiredLink, Http, reason_in, retry_after_s

KEY = "sk-very-secret-0123456789"


class Plain(Fake):
    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/json", self._json),
            web.get("/file", self._file),
            web.get("/moved", self._moved),
        ]

    async def _json(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=b"0123456789" * 1000, content_type="video/mp4")

    async def _moved(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/file")


@pytest.fixture
def fake() -> Iterator[Plain]:
    with Plain() as server:
        yield server


def client(fake: Fake, **more: object) -> Http:
    settings: dict[str, object] = {"timeout_s": 0.5, "secrets": [KEY], "headers": {"API-KEY": KEY}, **more}
    return Http("video/plain", fake.url, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "kind", "retryable"),
    [
        (Fault(400, '{"message": "bad"}'), EngineFailed, False),
        (Fault(401), EngineFailed, False),
        (Fault(403), EngineFailed, False),
        (Fault(404), EngineFailed, False),
        (Fault(429), EngineFault, True),
        (Fault(500), EngineFault, True),
        (Fault(503), EngineFault, True),
        (Fault(504), EngineTimeout, True),
        (Fault(kind="garbage"), EngineFault, True),
        (Fault(kind="truncated"), EngineFault, True),
        (Fault(kind="drop"), EngineFault, True),
        (Fault(kind="hang"), EngineTimeout, True),
    ],
)
async def test_what_goes_wrong_becomes_the_right_error(
    fake: Plain, fault: Fault, kind: type[Exception], retryable: bool
) -> None:
    fake.fail("GET /json", fault)
    with pytest.raises(kind) as caught:
        await client(fake).json("GET", "/json")
    assert caught.value.retryable is retryable  # type: ignore[attr-defined]


async def test_a_host_that_is_not_there_is_unavailable(fake: Plain) -> None:
    fake.stop_listening()
    with pytest.raises(EngineUnavailable, match=str(fake.port)):
        await client(fake).json("GET", "/json")


async def test_a_key_that_a_provider_echoes_does_not_get_into_the_message(fake: Plain) -> None:
    fake.fail("GET /json", Fault(401, f'{{"error": {{"message": "Incorrect API key provided: {KEY}"}}}}'))
    with pytest.raises(EngineFailed) as caught:
        await client(fake).json("GET", "/json")
    assert KEY not in caught.value.detail and "Incorrect API key" in caught.value.detail


async def test_our_key_goes_to_its_provider_and_not_to_where_results_lie(fake: Plain, tmp_path: Path) -> None:
    http = client(fake)
    await http.json("GET", "/json")
    assert fake.sent[-1].headers["api-key"] == KEY
    with Plain() as elsewhere:
        kind = await http.save(f"{elsewhere.url}/file", tmp_path / "clip.mp4")
        assert "api-key" not in elsewhere.sent[-1].headers
    assert kind == "video/mp4" and (tmp_path / "clip.mp4").stat().st_size == 10_000


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_link_that_has_expired_is_told_from_other_failures(fake: Plain, tmp_path: Path, status: int) -> None:
    fake.fail("GET /file", Fault(status, "<Error/>"))
    with pytest.raises(ExpiredLink):
        await client(fake).save(f"{fake.url}/file", tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.parametrize("fault", [Fault(kind="truncated"), Fault(kind="drop"), Fault(500)])
async def test_half_a_file_is_none(fake: Plain, tmp_path: Path, fault: Fault) -> None:
    fake.fail("GET /file", fault)
    with pytest.raises(EngineFault):
        await client(fake).save("/file", tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()


async def test_a_file_has_a_greatest_size(fake: Plain, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="more than"):
        await client(fake).save("/file", tmp_path / "clip.mp4", max_bytes=999)
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"code": "InvalidParameter", "message": "url error"}', "url error"),
        (b'{"error": {"message": "model not found", "type": "x"}}', "model not found"),
        (b'{"error": "model \'x\' not found"}', "model 'x' not found"),
        (b'{"ErrCode": 400, "ErrMsg": "bad image"}', "bad image"),
        (b'{"detail": [{"msg": "field required"}]}', "field required"),
        (b"server busy", "server busy"),
        (b"<html><body>502</body></html>", ""),
        (b"", ""),
    ],
)
def test_a_provider_s_reason_is_found_whatever_its_form(body: bytes, reason: str) -> None:
    assert reason_in(body) == reason


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after_s({"Retry-After": "12"}) == 12
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = retry_after_s({"retry-after": later})
    assert seconds is not None and 80 < seconds <= 90
    assert retry_after_s({"Retry-After": "soon"}) is None
    assert retry_after_s({}) is None
