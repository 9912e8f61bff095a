"""A story becomes a film by the client's commands against the whole living service: once, small, to the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from service.living_service import SECRET, Business, Service

from app.client import Client, verify_callback
from app.client.cli import main
from app.services.media.probe import probe


@pytest.fixture(scope="module")
def business() -> Business:
    return Business()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("client"), business.url)
    try:
        yield service
    finally:
        service.stop()


def test_a_story_becomes_a_film_by_three_commands(
    service: Service,
    business: Business,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORY_FILM_URL", service.url)
    small = ["--shots", "3", "--resolution", "480p", "--aspect-ratio", "1:1", "--story", "s"]
    assert main(["create", "小狗在雨中找妈妈。它们相遇了。", "--style", "温馨可爱", "--wait", *small]) == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()[1::2]] == ["shot_01", "shot_02", "shot_03"]
    assert "100 %" in said.err.splitlines()[-1]

    assert main(["regenerate", "s", "shot_02", "--detail", "小狗看见彩虹", "--seed", "7", "--wait", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["shot"]["versions"]["image"] == 2

    assert main(["render", "s", "--subtitles", "soft", "--out", "film.mp4"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "saved film.mp4" and "cut " in said.err
    facts = probe(tmp_path / "film.mp4")
    assert facts.video and facts.audio and (facts.video.width, facts.video.height) == (480, 480)

    kinds = []
    while len(kinds) < 3:
        headers, body = business.got.get(timeout=30)
        callback = verify_callback(headers, body, SECRET)
        kinds.append(callback.type)
    assert kinds == ["storyboard.succeeded", "shot.succeeded", "video.succeeded"]
    with Client(service.url) as films:
        assert films.download(callback.data["video_url"], "again.mp4").read_bytes() == Path("film.mp4").read_bytes()
        assert [one.status for one in films.deliveries(callback.operation)] == ["delivered"]
        again = films.redeliver(callback.operation, callback.id)
        assert again.delivery_id == callback.id
    assert verify_callback(*business.got.get(timeout=30), SECRET).id == callback.id
