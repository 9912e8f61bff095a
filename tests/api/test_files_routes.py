"""Files over HTTP: ranges, caches, types, and nothing outside the objects' folder."""

from __future__ import annotations

import http.client

import pytest

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def url(house, ids, tmp_path):
    story = house.put_story(ids["story_id"], ids["user_id"])
    return "/files/" + house.put_take(story, "shot_01", CONTENT, tmp_path)


def test_a_file_comes_whole_with_its_type_and_cache_headers(client, url):
    answer = client.get(url)
    assert answer.status_code == 200 and answer.content == CONTENT
    assert answer.headers["content-type"] == "image/jpeg" and answer.headers["content-length"] == str(len(CONTENT))
    assert "immutable" in answer.headers["cache-control"] and answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"].startswith('"') and answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, 102399),
        ("bytes=-100", 102300, 102399),
        ("bytes=102000-999999", 102000, 102399),
        ("bytes=-999999", 0, 102399),
        ("bytes=0-0", 0, 0),
    ],
)
def test_a_range_is_answered_in_part(client, url, wanted, first, last):
    answer = client.get(url, headers={"Range": wanted})
    assert answer.status_code == 206 and answer.content == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"


@pytest.mark.parametrize("wanted", ["bytes=102400-", "bytes=999999-1000000", "bytes=-0"])
def test_a_range_outside_the_file_is_a_416(client, url, wanted):
    answer = client.get(url, headers={"Range": wanted})
    assert answer.status_code == 416 and answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("wanted", ["bytes=a-b", "lines=1-2", "bytes=9-3", "bytes=0-1,5-9", "bytes", "bytes=-"])
def test_a_range_that_is_not_understood_is_ignored(client, url, wanted):
    answer = client.get(url, headers={"Range": wanted})
    assert answer.status_code == 200 and answer.content == CONTENT


def test_a_copy_that_is_current_is_not_sent_again(client, url):
    tag = client.get(url).headers["etag"]
    for header in (tag, f'"other", W/{tag}', "*"):
        answer = client.get(url, headers={"If-None-Match": header})
        assert answer.status_code == 304 and answer.content == b"" and answer.headers["etag"] == tag
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).content == CONTENT


def test_head_tells_without_sending(client, url):
    answer = client.head(url)
    assert answer.status_code == 200 and answer.content == b"" and answer.headers["content-length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("film.mp4", "video/mp4"),
        ("film.vtt", "text/vtt; charset=utf-8"),
        ("film.srt", "application/x-subrip; charset=utf-8"),
        ("a.wav", "audio/wav"),
        ("a.m4a", "audio/mp4"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a.html", "application/octet-stream"),
    ],
)
def test_every_kind_of_file_has_its_type(client, house, ids, tmp_path, name, kind):
    (tmp_path / name).write_bytes(b"x")
    key = f"default/story/{ids['user_id']}/{ids['story_id']}/{name}"
    house.wiring.objects.put(key, tmp_path / name)
    assert client.get(f"/files/{key}").headers["content-type"] == kind


@pytest.mark.parametrize(
    "path",
    [
        "../jobs.sqlite",
        "default/../../jobs.sqlite",
        "%2e%2e/%2e%2e/etc/passwd",
        "default/%2e%2e/%2e%2e/jobs.sqlite",
        "/etc/passwd",
        "default//etc/passwd",
        "default/story",
        "default/.locks/sweep",
        "default/%00",
        "",
        "default/" + "a" * 300,
        "default/..%2f..%2fjobs.sqlite",
        "default/%5c..%5c",
        "default/%E7%8C%AB",
    ],
)
def test_nothing_outside_the_objects_is_served(house, path):
    connection = http.client.HTTPConnection(house.url.removeprefix("http://"), timeout=10)
    connection.request("GET", f"/files/{path}")
    answer = connection.getresponse()
    assert answer.status in (404, 422) and answer.getheader("content-type") == "application/problem+json"
    connection.close()
