"""Published files: keys that stay inside, links that expire, content that is shared and never half."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ValidationFailed
from app.storage.objects_local import LINK_DAYS, LocalObjects

KEY = "default/story/u-001/story-001/shots/shot_01/image-1-ab12cd34.jpg"
DAY = 86_400


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects", b"secret")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "image.jpg"
    path.write_bytes(b"picture")
    return path


def test_an_object_is_the_source_under_its_key(objects: LocalObjects, source: Path, tmp_path: Path) -> None:
    assert objects.path(KEY) is None
    objects.put(KEY, source)
    assert objects.path(KEY) == tmp_path / "objects" / KEY
    assert (tmp_path / "objects" / KEY).samefile(source)
    assert list(objects.keys()) == [KEY]
    assert objects.delete(KEY)
    assert not objects.delete(KEY)
    assert not objects.exists(KEY)
    assert source.read_bytes() == b"picture"


def test_the_same_content_is_left_alone_and_another_replaces_it(
    objects: LocalObjects, source: Path, tmp_path: Path
) -> None:
    objects.put(KEY, source)
    same = tmp_path / "same.jpg"
    same.write_bytes(b"picture")
    objects.put(KEY, source)
    objects.put(KEY, same)
    path = objects.path(KEY)
    assert path is not None
    assert path.samefile(source)
    same.write_bytes(b"another")
    objects.put(KEY, same)
    assert path.read_bytes() == b"another"
    assert source.read_bytes() == b"picture"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_putting_again_counts_as_use_and_leaves_the_time_that_browsers_see(objects: LocalObjects, source: Path) -> None:
    os.utime(source, (1e9, 1e9))
    objects.put(KEY, source)
    path = objects.path(KEY)
    assert path is not None
    then = path.stat()
    time.sleep(0.02)
    objects.put(KEY, source)
    assert path.stat().st_ctime > then.st_ctime
    assert path.stat().st_mtime == then.st_mtime == 1e9
    assert objects.remove_unused(KEY, then.st_ctime) is None


def test_where_there_are_no_links_the_object_is_a_copy(
    objects: LocalObjects, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(self: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    objects.put(KEY, source)
    path = objects.path(KEY)
    assert path is not None
    assert path.read_bytes() == b"picture"
    assert not path.samefile(source)


def test_a_missing_source_is_an_error_and_leaves_nothing(objects: LocalObjects, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        objects.put(KEY, tmp_path / "nothing")
    assert not objects.exists(KEY)


@pytest.mark.parametrize(
    "key",
    ["", "/", "..", "../x", "a/../../x", "a//b", "/etc/passwd", ".locks/sweep", "a/.new-1", "a/b\x00", "a\\b", "ä"],
)
def test_a_key_that_leaves_the_folder_is_refused_by_every_call(
    objects: LocalObjects, source: Path, tmp_path: Path, key: str
) -> None:
    for call in (
        lambda: objects.put(key, source),
        lambda: objects.path(key),
        lambda: objects.exists(key),
        lambda: objects.delete(key),
        lambda: objects.url(key, ""),
    ):
        with pytest.raises(ValidationFailed):
            call()
    assert not (tmp_path / "objects").exists()


def test_a_signed_link_opens_until_it_expires(objects: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    url = urlsplit(objects.url(KEY, "http://host:12345/"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"http://host:12345/files/{KEY}"
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert objects.verify(KEY, query["expires"], query["signature"])
    assert objects.verify(KEY, int(query["expires"]), query["signature"])
    assert LINK_DAYS * DAY <= int(query["expires"]) - time.time() <= (LINK_DAYS + 1) * DAY
    assert not objects.verify(KEY + "x", query["expires"], query["signature"])
    assert not objects.verify(KEY, int(query["expires"]) + DAY, query["signature"])
    assert not LocalObjects(Path("elsewhere"), b"other").verify(KEY, query["expires"], query["signature"])
    later = time.time() + 9 * DAY
    monkeypatch.setattr(time, "time", lambda: later)
    assert not objects.verify(KEY, query["expires"], query["signature"])


def test_a_link_is_the_same_for_a_day(objects: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = []
    for moment in (100 * DAY, 100 * DAY + 1, 101 * DAY - 1, 101 * DAY):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        urls.append(objects.url(KEY, ""))
    assert urls[0] == urls[1] == urls[2] != urls[3]


def test_without_a_secret_links_are_plain_and_all_good(tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path, None)
    assert objects.url("a/b:c.jpg", "") == "/files/a/b:c.jpg"
    assert objects.verify("a/b", "", "")


@given(expires=st.one_of(st.text(), st.integers(), st.just("9" * 5000), st.just("٣٣")), signature=st.text())
def test_no_garbage_is_a_signature(expires: str | int, signature: str) -> None:
    assert not LocalObjects(Path("nowhere"), b"secret").verify(KEY, expires, signature)
