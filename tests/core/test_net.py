"""Outgoing HTTP: what requests may name, decided where the connection is made."""

from __future__ import annotations

import socket
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from app.core.errors import EngineFault, PayloadTooLarge, ValidationFailed
from app.core.net import BlockedAddress, check_url, download, guarded_session, is_public

PRIVATE = """127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    192.0.0.170 192.88.99.1 198.18.0.1 224.0.0.1 255.255.255.255 168.63.129.16 :: ::1 fe80::1 fe80::1%eth0 fc00::1
    fd12::1 fec0::1 ff02::1 2001:db8::1 3fff::1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: ::ffff:127.0.0.1
    ::ffff:a9fe:a9fe ::7f00:1 [::1]"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_a_private_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[fe80::1%25eth0]/",
        "https://localhost/hook",
        "http://a.localhost/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "example.com/hook",
        "http://",
        "http://user:secret@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://exa mple.com/",
        "http://[::1/",
        "gopher://127.0.0.1:6379/_",
        "http://2130706433/",
        "http://127.1/",
        "http://0x7f.1/",
    ],
)
def test_a_bad_callback_url_is_refused_before_a_job_is_made(url: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_url(url, [])
    assert "secret" not in refused.value.detail
    assert refused.value.errors and refused.value.errors[0]["loc"] == ["callback_url"]


def test_the_owner_may_allow_a_host_an_address_or_a_subnet() -> None:
    check_url("http://127.0.0.1:9/hook", ["127.0.0.1"])
    check_url("http://10.3.2.1/hook", ["10.0.0.0/8"])
    check_url("http://LOCALHOST/hook", ["localhost"])
    with pytest.raises(ValidationFailed):
        check_url("http://10.3.2.1/hook", ["10.4.0.0/16"])


@pytest.fixture
async def site():
    """A site on loopback: /ok, /redirect to /ok, /big, /broken, /missing."""

    async def big(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 200_000, content_type="audio/mpeg")

    async def redirect(_: web.Request) -> web.Response:
        raise web.HTTPFound("/ok")

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async def ok(_: web.Request) -> web.Response:
        return web.Response(body=b"sound", content_type="audio/wav")

    app = web.Application()
    app.router.add_get("/ok", ok)
    app.router.add_get("/big", big)
    app.router.add_get("/redirect", redirect)
    app.router.add_get("/broken", broken)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_no_spelling_of_loopback_gets_a_connection(site: int, host: str) -> None:
    async with guarded_session([]) as session:
        with pytest.raises((aiohttp.ClientError, BlockedAddress)) as refused:
            await session.get(f"http://{host}:{site}/ok", allow_redirects=False)
    fault = refused.value
    assert isinstance(fault, BlockedAddress) or isinstance(getattr(fault, "os_error", None), BlockedAddress)


async def test_a_name_that_resolves_to_a_private_address_is_refused_when_connecting(
    site: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    # Rebinding: the name looks public, its name server answers with loopback.
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more))
    with pytest.raises(ValidationFailed, match="private address"):
        await download(f"http://rebinding.example:{site}/ok", tmp_path / "file", 1000, [])
    assert list(tmp_path.iterdir()) == []


async def test_an_allowed_host_is_fetched_with_its_media_type(site: int, tmp_path: Path) -> None:
    kind = await download(f"http://localhost:{site}/ok", tmp_path / "file", 1000, ["localhost"])
    assert (kind, (tmp_path / "file").read_bytes()) == ("audio/wav", b"sound")


@pytest.mark.parametrize(
    ("path", "error"),
    [("big", PayloadTooLarge), ("redirect", ValidationFailed), ("missing", ValidationFailed), ("broken", EngineFault)],
)
async def test_a_failed_fetch_says_why_and_leaves_no_file(site: int, path: str, error: type, tmp_path: Path) -> None:
    with pytest.raises(error):
        await download(f"http://127.0.0.1:{site}/{path}", tmp_path / "file", 100_000, ["127.0.0.1"])
    assert list(tmp_path.iterdir()) == []


async def test_a_refused_connection_is_worth_another_try(tmp_path: Path) -> None:
    with pytest.raises(EngineFault) as fault:
        await download("http://127.0.0.1:1/x", tmp_path / "file", 10, ["127.0.0.1"])
    assert fault.value.retryable
