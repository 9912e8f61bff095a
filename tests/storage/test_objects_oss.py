"""OSS by its own rules: parts that are not sent twice, CRC64, V4 links by every kind of address."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from buckets import KEY, NAME, SECRET, in_oss, oss_settings
from fakes.base import Fault
from fakes.oss import Oss, Thing

from app.core.config import SettingsError
from app.core.errors import AppError
from app.storage.objects import StorageRefused, StorageUnavailable
from app.storage.objects_oss import OssBucket, region_of

LARGE = os.urandom(900_000)


@pytest.fixture
def fake() -> Iterator[Oss]:
    with Oss() as fake:
        yield fake


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(LARGE)
    return path


def parts(fake: Oss) -> list[str]:
    return [call.query["partNumber"] for call in fake.calls("PUT .*") if "partNumber" in call.query]


def test_a_large_file_goes_up_in_parts_and_leaves_no_notes(
    fake: Oss, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    in_oss(fake, tmp_path / "uploads").put(KEY, film)
    assert fake.objects[NAME].body == LARGE and fake.objects[NAME].headers["content-type"] == "video/mp4"
    assert sorted(parts(fake)) == ["1", "2", "3", "4", "5"]
    assert not list(home.iterdir()) and not list((tmp_path / "uploads" / "parts").iterdir())


def test_a_broken_upload_goes_on_with_the_parts_that_are_missing(fake: Oss, film: Path, tmp_path: Path) -> None:
    objects = in_oss(fake, tmp_path / "uploads")
    fake.fail("PUT .*", Fault(503), after=2)
    with pytest.raises(StorageUnavailable):
        objects.put(KEY, film)
    (upload,) = fake.uploads.values()
    there = {str(number) for number in upload.parts}
    assert len(there) == 2
    fake.mend()
    before = len(parts(fake))
    in_oss(fake, tmp_path / "uploads").put(KEY, film)  # another process, as it were
    assert set(parts(fake)[before:]) == {"1", "2", "3", "4", "5"} - there
    assert fake.objects[NAME].body == LARGE and not fake.uploads


def test_notes_that_are_damaged_or_speak_of_another_file_do_no_harm(fake: Oss, film: Path, tmp_path: Path) -> None:
    objects = in_oss(fake, tmp_path / "uploads")
    for damage in (lambda note: note.write_bytes(b"{half"), lambda note: film.write_bytes(LARGE[::-1])):
        fake.objects.clear()
        fake.fail("POST .*", Fault(503), after=1)
        with pytest.raises(StorageUnavailable):
            objects.put(KEY, film)
        fake.mend()
        (note,) = (tmp_path / "uploads" / "parts").iterdir()
        damage(note)
        objects.put(KEY, film)
        assert fake.objects[NAME].body == film.read_bytes()


@pytest.mark.parametrize("size", [1000, 900_000])
def test_content_that_arrives_damaged_is_sent_again(fake: Oss, tmp_path: Path, size: int) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(LARGE[:size])
    objects = in_oss(fake, tmp_path / "uploads")
    fake.damage = 1
    objects.put(KEY, film)
    assert fake.objects[NAME].body == LARGE[:size] and fake.damage == 0
    fake.corrupt_crc = 1000
    with pytest.raises(StorageUnavailable, match="CRC64"):
        objects.put("default/story/u/s/other.mp4", film)
    assert not fake.uploads


def test_what_is_damaged_in_the_store_is_not_taken_for_the_same(fake: Oss, film: Path, tmp_path: Path) -> None:
    objects = in_oss(fake, tmp_path / "uploads")
    objects.put(KEY, film)
    fake.objects[NAME].body = LARGE[:-1] + b"?"
    objects.put(KEY, film)
    assert fake.objects[NAME].body == LARGE


def test_an_answer_that_is_no_xml_is_a_fault_that_may_pass(fake: Oss, film: Path, tmp_path: Path) -> None:
    objects = in_oss(fake, tmp_path / "uploads")
    fake.fail("POST .*", Fault(kind="garbage"), times=1)
    objects.put(KEY, film)
    fake.fail("GET .*", Fault(kind="truncated"))
    with pytest.raises(StorageUnavailable):
        list(objects.keys())


def test_an_upload_that_its_process_left_is_given_up_after_a_time(fake: Oss, film: Path, tmp_path: Path) -> None:
    objects = in_oss(fake, tmp_path / "uploads")
    fake.fail("PUT .*", Fault(403), after=2)
    with pytest.raises(AppError):
        objects.put(KEY, film)
    fake.mend()
    (note,) = (tmp_path / "uploads" / "parts").iterdir()
    assert not list(objects.remove_leftovers(time.time() - 3600)) and fake.uploads
    ((name, _),) = objects.remove_leftovers(time.time() + 10, dry_run=True)
    assert NAME in name and fake.uploads and note.exists()
    assert len(list(objects.remove_leftovers(time.time() + 10))) == 1
    assert not fake.uploads and not note.exists()
    note.write_bytes(b"{half")
    assert len(list(objects.remove_leftovers(time.time() + 10))) == 1 and not note.exists()


def test_an_upload_that_the_store_forgot_is_given_up_too(fake: Oss, film: Path, tmp_path: Path) -> None:
    objects = in_oss(fake, tmp_path / "uploads")
    fake.fail("PUT .*", Fault(403), after=1)
    with pytest.raises(AppError):
        objects.put(KEY, film)
    fake.mend()
    fake.uploads.clear()
    assert len(list(objects.remove_leftovers(time.time() + 10))) == 1
    assert not list((tmp_path / "uploads" / "parts").iterdir())


# -- credentials and addresses ---------------------------------------------------------------------------


def test_a_temporary_credential_signs_requests_and_links(fake: Oss, film: Path, tmp_path: Path) -> None:
    fake.token = "the-token"
    objects = in_oss(fake, tmp_path / "uploads", oss_security_token="the-token")
    objects.put(KEY, film)
    assert httpx2.get(objects.url(KEY, "")).content == LARGE
    wrong = in_oss(fake, tmp_path / "uploads", oss_security_token="ended")
    with pytest.raises(AppError, match="InvalidSecurityToken") as caught:
        wrong.put("default/story/u/s/other.mp4", film)
    assert "ended" not in caught.value.detail and SECRET not in caught.value.detail


def asked_at(fake: Oss, url: str) -> httpx2.Response:
    """The answer of the store to a link whose host's name leads nowhere here."""
    told = urlsplit(url)
    return httpx2.get(f"{fake.url}{told.path}?{told.query}", headers={"Host": told.netloc})


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({}, ""),
        ({"oss_public_endpoint": "oss-cn-hangzhou.aliyuncs.com"}, "films.oss-cn-hangzhou.aliyuncs.com"),
        ({"oss_domain": "https://media.example.com/"}, "media.example.com"),
        ({"oss_domain": "media.example.com", "oss_public_endpoint": "ignored.example"}, "media.example.com"),
    ],
)
def test_links_begin_with_the_address_that_clients_reach(
    fake: Oss, film: Path, tmp_path: Path, settings: dict[str, str], host: str
) -> None:
    fake.domains.add("media.example.com")
    in_oss(fake, tmp_path / "uploads").put(KEY, film)
    url = in_oss(fake, tmp_path / "uploads", **settings).url(KEY, "")
    assert url.startswith(f"https://{host}/{NAME}?" if host else f"{fake.url}/films/{NAME}?")
    assert parse_qs(urlsplit(url).query)["x-oss-expires"] == ["86400"]
    assert asked_at(fake, url).content == LARGE
    assert asked_at(fake, url.replace("86400", "96400")).status_code == 403


def test_uploads_may_go_by_the_custom_domain_too(
    fake: Oss, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.domains.add("media.example.com")
    monkeypatch.setenv("http_proxy", fake.url)  # the way to a name that leads nowhere here
    address = "http://media.example.com"
    objects = in_oss(fake, tmp_path / "uploads", oss_endpoint=address, oss_domain=f"{address}/")
    objects.put(KEY, film)
    assert {(call.headers["host"], call.path) for call in fake.sent} == {("media.example.com", f"/{NAME}")}
    assert asked_at(fake, objects.url(KEY, "")).content == LARGE


def test_an_internal_upload_whose_public_link_is_forbidden_is_no_success(fake: Oss, film: Path, tmp_path: Path) -> None:
    with Oss() as public:
        public.refuse("GET .*", 400, "PublicEndpointForbidden", "The endpoint is not allowed.")
        objects = in_oss(fake, tmp_path / "uploads", oss_public_endpoint=public.url)
        with pytest.raises(StorageRefused, match=r"link .* does not open: status 400, PublicEndpointForbidden"):
            objects.put(KEY, film)
        public.mend()
        public.objects[NAME] = Thing(b"something else", {}, 0)
        with pytest.raises(StorageRefused, match="a file of 14 bytes"):
            objects.put(KEY, film)
        public.objects = fake.objects
        objects.put(KEY, film)
        tried = len(public.sent)
        objects.put("default/story/u/s/other.mp4", film)
        assert len(public.sent) == tried, "seen once, it is believed"


def test_a_link_that_cannot_be_tried_from_here_hinders_nothing(fake: Oss, film: Path, tmp_path: Path) -> None:
    with Oss() as public:
        public.fail("GET .*", Fault(kind="drop"))
        in_oss(fake, tmp_path / "uploads", oss_public_endpoint=public.url).put(KEY, film)
    assert fake.objects[NAME].body == LARGE


def test_an_empty_file_is_an_object_too(fake: Oss, tmp_path: Path) -> None:
    (tmp_path / "empty.srt").touch()
    in_oss(fake, tmp_path / "uploads").put("default/story/u/s/film.srt", tmp_path / "empty.srt")
    assert fake.objects["story/u/s/film.srt"].body == b""


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou"),
        ("http://oss-cn-beijing-internal.aliyuncs.com", "cn-beijing"),
        ("https://oss-ap-southeast-1.aliyuncs.com", "ap-southeast-1"),
        ("https://oss-us-west-1-internal.aliyuncs.com", "us-west-1"),
        ("https://cn-shanghai.oss.aliyuncs.com", "cn-shanghai"),
        ("https://oss-accelerate.aliyuncs.com", ""),
        ("https://oss-accelerate-overseas.aliyuncs.com", ""),
        ("http://127.0.0.1:9000", ""),
        ("", ""),
    ],
)
def test_the_region_is_found_in_the_endpoint(endpoint: str, region: str) -> None:
    assert region_of(endpoint) == region


def test_what_cannot_be_is_said_at_the_start(fake: Oss, tmp_path: Path) -> None:
    for wrong, said in (
        ({"oss_region": ""}, "OSS_REGION"),
        ({"oss_bucket": "Not A Bucket"}, "OSS_BUCKET"),
        ({"oss_endpoint": "https://bad host"}, "OSS_"),
    ):
        with pytest.raises(SettingsError, match=said):
            OssBucket(oss_settings(fake, **wrong), tmp_path)
    assert not fake.sent and not list(tmp_path.iterdir())
    bucket = OssBucket(oss_settings(fake, oss_endpoint="oss-cn-hangzhou.aliyuncs.com", oss_region=""), tmp_path)
    assert bucket.sign("a.mp4", "GET", 60).startswith("https://films.oss-cn-hangzhou.aliyuncs.com/a.mp4?")
    assert SECRET not in bucket.sign("a.mp4", "GET", 60)
