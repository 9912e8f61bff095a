"""Objects in a bucket, of either kind: stored whole, opened by links, found again, honest when it does not work."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from buckets import KEY, NAME, OTHER, SECRET, in_oss, in_s3, oss_settings, s3_settings
from fakes.base import Fault
from fakes.oss import Oss
from fakes.s3 import S3
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.api.keys import DEFAULT_TENANT
from app.core.config import SettingsError
from app.core.errors import AppError, EngineFailed, EngineUnavailable, ValidationFailed, from_record
from app.main import create_app
from app.storage.objects import StorageRefused, StorageUnavailable
from app.storage.objects_names import OPEN_TENANT, Names
from app.storage.objects_remote import USE_RESOLUTION_S, RemoteObjects

FILM = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 40


@pytest.fixture(params=["oss", "s3"])
def fake(request: pytest.FixtureRequest) -> Iterator[Oss]:
    with Oss() if request.param == "oss" else S3() as fake:
        yield fake


@pytest.fixture
def opened(fake: Oss, tmp_path: Path) -> Callable[..., RemoteObjects]:
    def with_settings(**more: object) -> RemoteObjects:
        folder = tmp_path / "uploads"
        return in_s3(fake, folder, **more) if isinstance(fake, S3) else in_oss(fake, folder, **more)

    return with_settings


@pytest.fixture
def objects(opened: Callable[..., RemoteObjects]) -> RemoteObjects:
    return opened()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    return path


def test_a_stored_film_opens_by_its_link_as_a_browser_wants_it(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    objects.put(KEY, film)
    assert list(fake.objects) == [NAME]
    url = objects.url(KEY, "http://ignored")
    answer = httpx2.get(url)
    assert (answer.status_code, answer.content) == (200, FILM)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    part = httpx2.get(url, headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, b"ftypisom")
    assert httpx2.head(objects.link(KEY, "HEAD")).headers["content-length"] == str(len(FILM))
    assert objects.exists(KEY) and objects.path(KEY) is None
    assert not objects.verify(KEY, "9" * 10, "x")
    assert objects.delete(KEY) and not objects.delete(KEY) and not objects.exists(KEY)


def test_subtitles_have_their_type_and_files_of_key_holders_are_private(
    fake: Oss, opened: Callable[..., RemoteObjects], film: Path
) -> None:
    opened(api_keys=["acme:key"]).put(OTHER.replace(".mp4", ".vtt"), film)
    (thing,) = fake.objects.values()
    assert thing.headers["content-type"] == "text/vtt; charset=utf-8"
    assert thing.headers["cache-control"].startswith("private")


def test_the_same_content_is_sent_once_and_another_replaces_it(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    objects.put(KEY, film)
    objects.put(KEY, film)
    assert len(fake.calls("PUT .*")) == 1
    film.write_bytes(FILM + b"!")
    objects.put(KEY, film)
    assert fake.objects[NAME].body == FILM + b"!"
    # Of the same size, and somebody else's: only the digest that we keep beside it tells.
    fake.objects[NAME].body, fake.objects[NAME].headers = b"?" * len(FILM), {}
    film.write_bytes(FILM)
    objects.put(KEY, film)
    assert fake.objects[NAME].body == FILM


def test_putting_again_counts_as_use_and_sends_nothing(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    objects.put(KEY, film)
    before = dict(fake.objects[NAME].headers)
    fake.age(2 * USE_RESOLUTION_S)
    objects.put(KEY, film)
    assert [call.body for call in fake.calls("PUT .*")] == [FILM, b""]
    assert time.time() - fake.objects[NAME].changed_at < 60
    assert fake.objects[NAME].headers == before and fake.objects[NAME].body == FILM


def test_two_at_once_send_the_same_thing_once(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    threads = [threading.Thread(target=objects.put, args=(KEY, film)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.calls("PUT .*")) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(503), Fault(500, "<html>oops"), Fault(429), Fault(kind="drop"), Fault(kind="hang")],
    ids=lambda fault: fault.kind if fault.kind != "status" else fault.status,
)
@pytest.mark.parametrize("where", ["PUT .*", "HEAD .*"])
def test_what_passes_by_itself_is_survived(
    fake: Oss, objects: RemoteObjects, film: Path, fault: Fault, where: str
) -> None:
    fake.fail(where, fault, times=2)
    objects.put(KEY, film)
    assert fake.objects[NAME].body == FILM


@pytest.mark.parametrize("fault", [Fault(503), Fault(kind="drop"), Fault(kind="hang")], ids=["503", "drop", "hang"])
def test_what_does_not_pass_ends_in_an_error_that_says_so(
    fake: Oss, objects: RemoteObjects, film: Path, fault: Fault
) -> None:
    fake.fail("PUT .*", fault)
    with pytest.raises(StorageUnavailable) as caught:
        objects.put(KEY, film)
    detail = caught.value.detail
    assert "bucket films" in detail and f"storing {NAME}" in detail
    assert any(word in detail for word in ("503", "no connection", "no answer within 0.5 s"))
    assert isinstance(from_record(caught.value.as_record()), EngineUnavailable)
    assert 3 <= len(fake.calls("PUT .*")) <= 4


def test_a_store_that_is_gone_is_an_error_that_says_so(opened: Callable[..., RemoteObjects], film: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        objects = opened(oss_endpoint=address, s3_endpoint=address)
        for call in (lambda: objects.put(KEY, film), lambda: objects.exists(KEY), lambda: list(objects.keys())):
            with pytest.raises(StorageUnavailable) as caught:
                call()
            assert "there is no connection to it" in caught.value.detail
        assert objects.url(KEY, "").startswith(address), "signing needs no store"


def error_of(call: Callable[[], object]) -> AppError:
    with pytest.raises(StorageRefused) as caught:
        call()
    assert isinstance(from_record(caught.value.as_record()), EngineFailed)
    assert SECRET not in str(caught.value.as_record())
    return caught.value


def test_a_refusal_is_told_in_the_stores_words_and_not_tried_again(
    fake: Oss, objects: RemoteObjects, film: Path
) -> None:
    fake.refuse("PUT .*", 403, "AccessDenied", "You have no right to put objects here.")
    detail = error_of(lambda: objects.put(KEY, film)).detail
    for word in ("bucket films", f"storing {NAME}", "AccessDenied (403)", "You have no right", "request 5C3D"):
        assert word in detail
    assert len(fake.calls("PUT .*")) == 1 and not fake.objects


@pytest.mark.parametrize("wrong", ["key", "secret", "bucket", "region"])
def test_what_is_set_up_wrong_is_named(fake: Oss, opened: Callable[..., RemoteObjects], film: Path, wrong: str) -> None:
    kind = fake.vendor if isinstance(fake, S3) else "oss"
    names = {
        "amz": {"key": "s3_access_key_id", "secret": "s3_secret_access_key", "bucket": "s3_bucket"},
        "oss": {"key": "oss_access_key_id", "secret": "oss_access_key_secret", "bucket": "oss_bucket"},
    }[kind]
    if wrong == "region":
        objects = opened(**{"s3_region" if kind == "amz" else "oss_region": "eu-west-1"})
    else:
        objects = opened(**{names[wrong]: "another-one"})
    code = {
        "key": "InvalidAccessKeyId",
        "secret": "SignatureDoesNotMatch",
        "bucket": "NoSuchBucket",
        "region": "SignatureDoesNotMatch" if kind == "oss" else "AuthorizationHeaderMalformed",
    }[wrong]
    detail = error_of(lambda: objects.put(KEY, film)).detail
    assert code in detail and "StringToSign" not in detail and "another-one" not in detail.replace("bucket another", "")
    assert len(fake.calls("PUT .*")) == 1


def test_a_policy_that_hides_what_is_not_there_hinders_nothing(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    fake.fail("HEAD .*", Fault(403), times=1)
    objects.put(KEY, film)
    assert fake.objects[NAME].body == FILM


def test_what_cannot_be_looked_at_afterwards_is_no_success(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    fake.fail("HEAD .*", Fault(403), after=1)
    assert "403" in error_of(lambda: objects.put(KEY, film)).detail


def test_an_upload_that_the_store_loses_is_no_success(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    fake.lose = 99
    with pytest.raises(StorageUnavailable, match="does not have it"):
        objects.put(KEY, film)


def test_a_missing_source_is_an_error_of_its_own(fake: Oss, objects: RemoteObjects, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        objects.put(KEY, tmp_path / "nothing")
    assert not fake.sent


@pytest.mark.parametrize("key", ["", "/", "a", "..", "../x", "a/../x", "a//b", "/etc/passwd", "a/b\x00", "a\\b", "ä/b"])
def test_what_is_no_key_is_refused_by_every_call(fake: Oss, objects: RemoteObjects, film: Path, key: str) -> None:
    for call in (
        lambda: objects.put(key, film),
        lambda: objects.path(key),
        lambda: objects.exists(key),
        lambda: objects.delete(key),
        lambda: objects.url(key, ""),
    ):
        with pytest.raises(ValidationFailed):
            call()
    assert not fake.sent


# -- links ---------------------------------------------------------------------------------------------


def test_a_link_is_the_same_for_half_its_life_and_signed_without_asking(
    fake: Oss, opened: Callable[..., RemoteObjects], monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = opened(link_ttl_s=1000)
    urls = {objects.url(f"default/story/u/s/shot_{number}.jpg", "") for number in range(100)}
    assert len(urls) == 100 and not fake.sent
    signed: list[str] = []
    monkeypatch.setattr(objects._bucket, "sign", lambda *said: signed.append(said) or f"link {len(signed)}")
    now = time.time()
    for later, link in ((0, "link 1"), (490, "link 1"), (510, "link 2"), (1000, "link 2"), (1020, "link 3")):
        monkeypatch.setattr(time, "time", lambda moment=now + later: moment)
        assert objects.url(KEY, "") == link
    assert signed == [(NAME, "GET", 1000)] * 3


def test_a_link_that_was_changed_or_has_ended_opens_nothing(
    fake: Oss, objects: RemoteObjects, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.put(KEY, film)
    objects.put(OTHER, film)
    url = objects.url(KEY, "")
    answer = httpx2.get(url.replace(NAME, f"tenants/{OTHER}"))
    assert answer.status_code == 403 and "SignatureDoesNotMatch" in answer.text
    assert httpx2.delete(url).status_code == 403
    assert httpx2.get(url.partition("?")[0]).status_code == 403
    later = time.time() + 86_400 + 1
    monkeypatch.setattr("fakes.oss.time.time", lambda: later)
    answer = httpx2.get(url)
    assert answer.status_code == 403 and "expired" in answer.text


# -- names ---------------------------------------------------------------------------------------------

PART = st.sampled_from(["default", "tenants", "story", "acme", "a", "b.mp4", "shot:1"])
KEYS = st.lists(PART, min_size=2, max_size=5).map("/".join)


@given(first=KEYS, second=KEYS, prefix=st.sampled_from(["", "films", "/a/tenants/"]))
def test_every_key_has_one_name_and_no_name_two_keys(first: str, second: str, prefix: str) -> None:
    names = Names(prefix)
    assert (names.of(first) == names.of(second)) == (first == second)
    assert names.key(names.of(first)) == first
    assert names.of(first).startswith(names.prefix) and not names.of(first).startswith("/")


@given(name=st.lists(PART, max_size=5).map("/".join) | st.text(), prefix=st.sampled_from(["", "films"]))
def test_a_name_is_ours_or_nobodys(name: str, prefix: str) -> None:
    names = Names(prefix)
    key = names.key(name)
    assert key is None or names.of(key) == name


def test_names_are_what_an_owner_expects_in_the_bucket() -> None:
    assert OPEN_TENANT == DEFAULT_TENANT
    assert Names("").of(KEY) == "story/u-001/story-001/film-ab12cd34.mp4"
    assert Names("made/here").of(OTHER) == "made/here/tenants/acme/story/u-001/story-001/film-ab12cd34.mp4"
    assert Names("").of("story/story/u/s/f.mp4") == "tenants/story/story/u/s/f.mp4"
    assert Names("").of("tenants/story/u/s/f.mp4") == "tenants/tenants/story/u/s/f.mp4"
    assert Names("").of("default/tenants/x") == "tenants/default/tenants/x"
    with pytest.raises(SettingsError, match="OBJECTS_PREFIX"):
        Names("a/../b")


# -- listing and removing ------------------------------------------------------------------------------


def test_all_keys_are_found_page_by_page_and_strangers_are_not(
    fake: Oss, opened: Callable[..., RemoteObjects], film: Path
) -> None:
    objects = opened(objects_prefix="made")
    fake.page_size = 2
    keys = [f"default/story/u/s/{number}.mp4" for number in range(3)] + [OTHER, "acme/story/u/s/a:b.mp4"]
    for key in keys:
        objects.put(key, film)
    opened().put("default/elsewhere/x.mp4", film)
    fake.objects["made/what is this?"] = fake.objects["made/story/u/s/0.mp4"]
    assert sorted(objects.keys()) == sorted(keys)
    assert len([call for call in fake.calls("GET .*") if "list-type" in call.query]) == 3


def test_only_what_is_ours_and_unused_is_removed(fake: Oss, objects: RemoteObjects, film: Path) -> None:
    objects.put(KEY, film)
    now = time.time()
    assert objects.remove_unused(KEY, now + 10) is None, "used since, as far as clocks can tell"
    fake.age(USE_RESOLUTION_S + 60)
    gone = objects.remove_unused(KEY, now, dry_run=True)
    assert gone is not None and gone.size_bytes == len(FILM) and objects.exists(KEY)
    fake.objects["story/theirs.txt"] = type(fake.objects[NAME])(b"theirs", {}, 0)
    assert objects.remove_unused("default/story/theirs.txt", now) is None
    assert objects.remove_unused(KEY, now) == gone
    assert objects.remove_unused(KEY, now) is None
    assert list(fake.objects) == ["story/theirs.txt"]


# -- addresses of this service ---------------------------------------------------------------------------


def test_an_address_of_this_service_leads_only_its_tenant_to_the_bucket(
    fake: Oss, objects: RemoteObjects, film: Path, tmp_path: Path
) -> None:
    objects.put(OTHER, film)
    settings = s3_settings(fake) if isinstance(fake, S3) else oss_settings(fake)
    settings = settings.model_copy(update={"api_keys": ["acme:key", "other:word"], "data_dir": tmp_path / "data"})
    client = TestClient(create_app(settings), follow_redirects=False)
    asked = len(fake.sent)
    answer = client.get(f"/files/{OTHER}", headers={"X-API-Key": "key"})
    assert answer.status_code == 307 and len(fake.sent) == asked
    assert httpx2.get(answer.headers["location"]).content == FILM
    head = client.head(f"/files/{OTHER}", headers={"X-API-Key": "key"})
    assert httpx2.head(head.headers["location"]).status_code == 200
    assert client.get(f"/files/{OTHER}", headers={"X-API-Key": "word"}).status_code == 404
    for link in (f"/files/{OTHER}", f"/files/{OTHER}?expires=9999999999&signature=x"):
        assert client.get(link).status_code == 401
    assert client.get("/files/acme/%2e%2e/x", headers={"X-API-Key": "key"}).status_code in (404, 422)
