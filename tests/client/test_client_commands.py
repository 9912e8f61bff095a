"""The command line against the real gateway without a worker: what it says, where, and its exit status."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from api.conftest import House, _served

from app.client.bar import Bar, fitted
from app.client.cli import main
from app.client.models import Stage, State
from app.core.config import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from _served(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("house"), api_keys=["key-a"]))


@pytest.fixture(autouse=True)
def told(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORY_FILM_URL", house.url)
    monkeypatch.setenv("STORY_FILM_KEY", "key-a")


def begun(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """The id of a queued job."""
    assert main(["create", "小狗找妈妈的故事", "--json", *more]) == 0
    return str(json.loads(capsys.readouterr().out)["operation"]["job_id"])


def test_a_story_is_sent_and_the_way_to_its_job_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create", "小狗找妈妈的故事", "--style", "温馨可爱", "--story", "told", "--shots", "3"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert (
        out[0] == "story told"
        and out[1].startswith("job ")
        and out[2].startswith("watch it: python -m app.client watch")
    )
    assert main(["jobs", "--story", "told"]) == 0
    assert out[1].split()[1] in capsys.readouterr().out


def test_a_story_is_read_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("一个很长的故事。" * 100))
    assert main(["create", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["operation"]["status"] == "Queued"


def test_lists_are_lines_for_people_and_json_for_scripts(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.put_story("listed", "u-3")
    assert main(["stories"]) == 0 and "listed  2 shots" in capsys.readouterr().out
    assert main(["shots", "listed"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if line[0] != " "] == [
        "shot_01",
        "shot_02",
    ]
    assert main(["--json", "shots", "listed"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["items"]] == ["shot_01", "shot_02"]
    assert main(["engines", "--kind", "music"]) == 0 and "ready" in capsys.readouterr().out
    assert main(["regenerate", "listed", "shot_01", "--seed", "4", "--assets", "image,audio"]) == 0
    assert main(["render", "listed", "--subtitles", "soft", "--scale", "2"]) == 0


def test_a_watched_job_shows_lines_and_its_failure_is_one_sentence(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    job = begun(capsys)
    house.change_job(job, status="running", progress=30.0, message="Drawing.")
    error = {"code": "ENGINE_FAILED", "detail": "The engine said no.", "retryable": False}
    house.end_job(job, "failed", error=error, message="")
    assert main(["watch", job]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.splitlines()[-1] == "The engine said no."
    assert any(" 30 %" in line and "Drawing." in line for line in said.err.splitlines())
    assert main(["watch", job, "--json"]) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in events] == ["status", "status", "status", "end"]
    assert events[-1]["error"]["code"] == "ENGINE_FAILED"


def test_a_job_is_shown_canceled_and_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    job = begun(capsys)
    assert main(["job", job]) == 0 and "queued" in capsys.readouterr().out
    assert main(["cancel", job]) == 0 and "canceled" in capsys.readouterr().out
    assert main(["watch", job]) == 1 and f"Job {job} was canceled." in capsys.readouterr().err
    assert main(["retry", job]) == 0 and "queued" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["job", "nope"], 1, "There is no job nope"),
        (["create", "x", "--key", "wrong"], 1, "This API key is not known."),
        (["jobs", "--url", "http://127.0.0.1:9"], 3, "Nothing answers at http://127.0.0.1:9. Is the service running?"),
        (["jobs", "--url", "ftp://x"], 2, "'ftp://x' is not an http or https address."),
        (["create", "x", "--resolution", "480p", "--shots", "999"], 1, "shot_count: Input should be less"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_a_status(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    sentence: str,
) -> None:
    monkeypatch.setattr("app.client.http.FIRST_PAUSE_S", 0.01)
    assert main(arguments) == status
    said = capsys.readouterr()
    assert said.err.startswith(sentence) and said.err.count("\n") == 1 and said.out == ""


@pytest.mark.parametrize(
    "arguments",
    [[], ["frob"], ["render"], ["render", "s", "--scale", "3"], ["photo", "nothing.jpg"], ["avatar", "nothing.jpg"]],
)
def test_wrong_usage_is_status_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2 and "usage:" in capsys.readouterr().err


def test_a_setting_that_is_wrong_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORY_FILM_TIMEOUT_S", "soon")
    assert main(["jobs"]) == 2 and capsys.readouterr().err.startswith("STORY_FILM_TIMEOUT_S:")


def test_an_interrupt_stops_the_watching_and_not_the_job(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    job = begun(capsys)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "app.client", "watch", job]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "60"}
    # Whoever runs the tests in the background may have told them, and so their children, to ignore it.
    process = subprocess.Popen(
        command, stderr=theirs, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    )
    os.close(theirs)
    seen = b""
    while b"Waiting" not in seen:
        seen += os.read(ours, 1000)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    seen += os.read(ours, 1000)
    os.close(ours)
    assert f"the job goes on. To watch it again: python -m app.client watch {job}".encode() in seen
    assert b"\r\x1b[K[......" in seen and b"Traceback" not in seen
    assert main(["job", job]) == 0 and "queued" in capsys.readouterr().out


def test_whoever_has_read_enough_may_leave(house: House) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "app.client", "stories"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment, timeout=60)
    os.close(writer)
    assert done.stderr == b""


def test_a_job_that_ends_while_it_is_watched_is_told(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    job = begun(capsys)
    threading.Timer(0.3, lambda: house.end_job(job, "succeeded", progress=100.0, result={"shots": []})).start()
    assert main(["watch", job]) == 0


def test_the_moving_line_has_bar_stage_percent_and_message_and_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = io.StringIO()
    state = State(
        progress=50,
        message="正在画小狗" * 20 + "\x1b[2J",
        stages=(Stage(name="cut", status="running", done=1, total=3),),
    )
    with Bar(out, moving=True) as bar:
        bar(state)
    line = out.getvalue()
    assert line.startswith("\r\x1b[K[##########.........] 0:00  50 %  cut 1/3  正在画小狗") and line.endswith("画\n")


def test_wide_characters_count_two_columns() -> None:
    assert [fitted("a小狗b", width) for width in (2, 3, 6, 7)] == ["a", "a小", "a小狗b", "a小狗b"]


def test_plain_lines_come_only_with_news() -> None:
    out = io.StringIO()
    with Bar(out) as bar:
        for progress in (0, 1, 2, 9, 10, 15, 21):
            bar(State(status="running", progress=progress, message="Working."))
        bar(State(status="succeeded", progress=100, message="Done."))
    assert [line.split()[1] for line in out.getvalue().splitlines()] == ["0", "10", "21", "100"]
