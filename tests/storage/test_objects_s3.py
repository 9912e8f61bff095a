"""S3 by its own rules: parts, path and host addresses, plain uploads that every such store understands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from buckets import KEY, NAME, in_s3, s3_settings
from fakes.base import Fault
from fakes.s3 import S3

from app.core.config import SettingsError
from app.storage.objects import StorageUnavailable
from app.storage.objects_s3 import S3Bucket

MB = 1024 * 1024
LARGE = os.urandom(1000) * (11 * MB // 1000)


@pytest.fixture
def fake() -> Iterator[S3]:
    with S3() as fake:
        yield fake


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(LARGE)
    return path


def test_a_large_file_goes_up_in_parts(fake: S3, film: Path, tmp_path: Path) -> None:
    in_s3(fake, tmp_path / "uploads").put(KEY, film)
    assert fake.objects[NAME].body == LARGE and fake.objects[NAME].headers["content-type"] == "video/mp4"
    assert len(fake.calls("PUT .*")) == 3


def test_no_body_is_sent_in_chunks_or_with_a_checksum_that_other_stores_refuse(
    fake: S3, film: Path, tmp_path: Path
) -> None:
    in_s3(fake, tmp_path / "uploads").put(KEY, film)
    for call in fake.calls("PUT .*"):
        assert "aws-chunked" not in call.headers.get("content-encoding", "") and "x-amz-trailer" not in call.headers
        assert len(call.headers["x-amz-content-sha256"]) == 64


def test_one_part_that_fails_is_sent_again_and_the_others_are_not(fake: S3, film: Path, tmp_path: Path) -> None:
    fake.fail("PUT .*", Fault(503), times=1)
    in_s3(fake, tmp_path / "uploads").put(KEY, film)
    assert fake.objects[NAME].body == LARGE and len(fake.calls("PUT .*")) == 4


def test_an_upload_that_fails_for_good_leaves_no_parts_there(fake: S3, film: Path, tmp_path: Path) -> None:
    fake.fail("PUT .*", Fault(503), after=1)
    with pytest.raises(StorageUnavailable):
        in_s3(fake, tmp_path / "uploads").put(KEY, film)
    assert not fake.uploads and not list(in_s3(fake, tmp_path / "uploads").remove_leftovers(1e12))


def test_an_answer_that_is_no_xml_is_a_fault_that_may_pass(fake: S3, tmp_path: Path) -> None:
    fake.fail("GET .*", Fault(kind="garbage"))
    with pytest.raises(StorageUnavailable, match="listing failed"):
        list(in_s3(fake, tmp_path / "uploads").keys())


@pytest.mark.parametrize(
    ("settings", "begins"),
    [
        ({"s3_endpoint": "", "s3_region": "eu-west-1"}, "https://films.s3.eu-west-1.amazonaws.com/"),
        ({"s3_endpoint": "https://s3.oss-cn-hangzhou.aliyuncs.com"}, "https://films.s3.oss-cn-hangzhou.aliyuncs.com/"),
        ({"s3_endpoint": "minio:9000", "s3_path_style": True}, "https://minio:9000/films/"),
        (
            {"s3_public_endpoint": "https://files.example.com", "s3_path_style": True},
            "https://files.example.com/films/",
        ),
    ],
)
def test_links_begin_with_the_address_that_clients_reach(fake: S3, settings: dict[str, str], begins: str) -> None:
    link = S3Bucket(s3_settings(fake, **settings)).sign(NAME, "GET", 3600)
    assert link.startswith(f"{begins}{NAME}?") and "X-Amz-Expires=3600" in link


def test_a_link_by_host_name_is_good(fake: S3, film: Path, tmp_path: Path) -> None:
    in_s3(fake, tmp_path / "uploads").put(KEY, film)
    told = urlsplit(in_s3(fake, tmp_path / "uploads", s3_public_endpoint="http://store.example.com").url(KEY, ""))
    assert told.netloc == "films.store.example.com"
    answer = httpx2.get(f"{fake.url}{told.path}?{told.query}", headers={"Host": told.netloc})
    assert (answer.status_code, answer.content) == (200, LARGE)


def test_what_cannot_be_is_said_at_the_start(fake: S3) -> None:
    for wrong in ({"s3_endpoint": "https://bad host"}, {"s3_region": "no region"}):
        with pytest.raises(SettingsError, match="S3_"):
            S3Bucket(s3_settings(fake, **wrong))
