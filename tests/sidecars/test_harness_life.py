"""The life of a sidecar: loading, failing, being full, being asked wrongly, ending and coming back."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from misbehaving import BreaksWhileLoading, CannotTell, NeverLoads, Polite, SlowToLoad
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict
from sidecar_serving import PATIENCE_S, Serving, until

from app.sidecars.harness import SidecarSettings, settings_from

ROOT = Path(__file__).resolve().parents[2]
Serve = Callable[..., Serving]


def test_it_answers_while_it_loads_and_keeps_what_it_is_given(serve: Serve) -> None:
    model = SlowToLoad()
    sidecar = serve(model)
    answer = sidecar.client.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (503, "loading")
    assert sidecar.put("a1").json()["state"] == "queued"
    model.let_go.set()
    assert sidecar.ended("a1")["state"] == "succeeded"
    assert sidecar.health()["state"] == "ready"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (NeverLoads, "the folder models/flux is not there: ./deploy.sh fetch flux"),
        (BreaksWhileLoading, "CUDA driver version is insufficient: RuntimeError"),
    ],
)
def test_a_model_that_cannot_be_loaded_says_why(serve: Serve, model: type[Polite], reason: str) -> None:
    sidecar = serve(model())
    health = sidecar.until_health("failed")
    assert health["detail"] == reason
    assert sidecar.client.get("/health").status_code == 503
    refused = sidecar.put("a1")
    assert (refused.status_code, refused.json()["detail"]) == (503, reason)
    assert refused.json()["retryable"] is True


def test_a_model_that_cannot_tell_its_state_is_told_as_failed(serve: Serve) -> None:
    assert "RuntimeError" in serve(CannotTell()).until_health("failed")["detail"]


def test_a_full_queue_refuses_before_the_files_are_sent(serve: Serve) -> None:
    sidecar = serve(Polite(), queue_limit=1)
    sidecar.put("a1", {"hold": True})
    sidecar.until_running("a1")
    sidecar.put("a2")
    refused = sidecar.put("a3")
    assert (refused.status_code, refused.json()["code"]) == (429, "QUEUE_FULL")
    assert int(refused.headers["retry-after"]) >= 1
    assert sidecar.put("a2").status_code == 200
    host, port = sidecar.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as line:
        line.sendall(
            b"PUT /runs/a4 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\nExpect: 100-continue\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        assert line.recv(100).startswith(b"HTTP/1.1 429 ")


def test_an_upload_that_is_too_large_is_refused_and_leaves_nothing(serve: Serve) -> None:
    sidecar = serve(Polite(), max_upload_bytes=10_000)
    told = sidecar.put("a1", {}, {"image": ("a.png", b"x" * 20_000)})
    assert (told.status_code, told.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")

    def untold() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
        yield from [b"x" * 5_000] * 4

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert sidecar.client.put("/runs/a2", content=untold(), headers=headers).status_code == 413
    assert list((sidecar.settings.data_dir / "uploads").iterdir()) == []  # type: ignore[operator]
    assert list((sidecar.settings.data_dir / "runs").iterdir()) == []  # type: ignore[operator]


def test_what_is_no_proper_run_is_refused(serve: Serve) -> None:
    sidecar = serve(Polite())
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    bodies = [
        (b"{}", {"Content-Type": "application/json"}),
        (b"garbage", multipart),
        (part % (b"request", b"{}"), multipart),
        (part % (b"request", b"not json") + b"--b--\r\n", multipart),
        (part % (b"request", b"[1]") + b"--b--\r\n", multipart),
        (part % (b"image", b"x") + b"--b--\r\n", multipart),
        (part % (b"request", b"{}") + part % (b"../evil", b"x") + b"--b--\r\n", multipart),
        (part % (b"request", b"{}") + part % (b"a", b"x") + part % (b"a", b"y") + b"--b--\r\n", multipart),
    ]
    for body, headers in bodies:
        answer = sidecar.client.put("/runs/a1", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR"), body
    for run_id in ("-a", "a b", "a" * 129, "é", "a%0A"):
        assert sidecar.put(run_id).status_code == 422, run_id
    assert sidecar.client.get("/runs/a1").status_code == 404
    assert sidecar.client.get("/runs/a1", params={"wait_s": "soon"}).status_code == 422
    assert sidecar.client.post("/runs/a1").json()["code"] == "METHOD_NOT_ALLOWED"
    assert sidecar.client.post("/runs/a1/cancel").status_code == 404
    assert sidecar.client.get("/nothing").json()["code"] == "NOT_FOUND"


def test_a_client_that_hangs_up_harms_nothing(serve: Serve) -> None:
    sidecar = serve(Polite())
    host, port = sidecar.url.removeprefix("http://").split(":")
    for head in (
        b"PUT /runs/a1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nhalf',
        b"GET /runs/a2?wait_s=30&revision=99 HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        if b"a2" in head:
            sidecar.put("a2", {"hold": True})
            sidecar.until_running("a2")
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as line:
            line.sendall(head)
            time.sleep(0.05)
    uploads = sidecar.settings.data_dir / "uploads"  # type: ignore[operator]
    until(lambda: list(uploads.iterdir()) == [])
    assert sidecar.client.get("/runs/a1").status_code == 404
    assert sidecar.health()["state"] == "busy"


def test_a_token_is_wanted_of_everybody(serve: Serve) -> None:
    sidecar = serve(Polite(), token=SecretStr("s3cret"))
    assert sidecar.health()["state"] in ("loading", "ready")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}):
        answer = httpx2.get(f"{sidecar.url}/health", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
        assert "s3cret" not in answer.text


def test_it_binds_elsewhere_only_with_a_token() -> None:
    with pytest.raises(ValidationError, match="SIDECAR_TOKEN"):
        SidecarSettings(host="0.0.0.0")
    assert SidecarSettings(host="0.0.0.0", token=SecretStr("x")).host == "0.0.0.0"


def test_each_sidecar_reads_settings_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Named(SidecarSettings):
        model_config = SettingsConfigDict(env_prefix="SIDECAR_NAMED_")

    monkeypatch.setenv("SIDECAR_NAMED_PORT", "51000")
    monkeypatch.setenv("SIDECAR_PORT", "52000")
    monkeypatch.setenv("MODELS_DIR", "/weights")
    found = settings_from(Named, [])
    assert (found.port, str(found.models_dir)) == (51000, "/weights")
    assert settings_from(Named, ["--port", "53000"]).port == 53000
    monkeypatch.setenv("SIDECAR_NAMED_QUEUE_LIMIT", "none")
    with pytest.raises(SystemExit) as ended:
        settings_from(Named, [])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("SIDECAR_NAMED_QUEUE_LIMIT: ")


def test_a_restart_keeps_what_is_finished_and_forgets_the_rest(serve: Serve) -> None:
    first = serve(Polite())
    first.put("done", {"say": "x"})
    first.ended("done")
    first.put("running", {"hold": True})
    first.put("waiting", {})
    first.until_running("running")
    first.stop()
    second = serve(Polite())
    state = second.look("done")
    assert (state["state"], state["result"]["echo"], state["files"]) == ("succeeded", {"say": "x"}, ["said.txt"])
    assert second.client.get("/runs/done/files/said.txt").text == "x"
    assert second.put("done", {"say": "x"}).status_code == 200
    for run_id in ("running", "waiting"):
        assert second.client.get(f"/runs/{run_id}").status_code == 404
    assert sorted(path.name for path in (second.settings.data_dir / "runs").iterdir()) == ["done"]  # type: ignore[operator]


@pytest.fixture
def process(tmp_path: Path) -> Any:
    """``process("Crashes")`` serves that model in a process of its own and returns it with its address."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(model: str, port: int = 0, *, wait: bool = True) -> tuple[subprocess.Popen[bytes], str]:
        if not port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
        command = [sys.executable, str(ROOT / "tests/sidecars/misbehaving.py"), model]
        one = subprocess.Popen(
            [*command, "--port", str(port), "--data-dir", str(tmp_path / "data")],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
        )
        begun.append(one)
        url = f"http://127.0.0.1:{port}"
        if wait:
            until(lambda: _ready(url))
        return one, url

    yield start
    for one in begun:
        one.kill()
        one.communicate()


def _ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health", timeout=1).status_code == 200
    except httpx2.HTTPError:
        return False


def test_a_process_that_dies_forgets_its_run_and_takes_it_again(process: Any) -> None:
    dying, url = process("Crashes")
    with contextlib.suppress(httpx2.HTTPError):
        httpx2.put(f"{url}/runs/a1", files={"request": (None, '{"how": "die"}')})
    assert dying.wait(PATIENCE_S) == 9
    _, again = process("Crashes", int(url.rpartition(":")[2]))
    assert httpx2.get(f"{again}/runs/a1").status_code == 404
    assert httpx2.put(f"{again}/runs/a1", files={"request": (None, '{"how": "fine"}')}).status_code == 202


def test_it_ends_when_asked_to_also_with_a_model_that_hangs(process: Any) -> None:
    one, url = process("Polite")
    httpx2.put(f"{url}/runs/a1", files={"request": (None, '{"hold": true}')})
    one.send_signal(signal.SIGTERM)
    assert one.wait(PATIENCE_S) == 0


def test_a_port_or_a_folder_that_is_taken_is_said_before_the_model_is_loaded(process: Any) -> None:
    _, url = process("Polite")
    port = int(url.rpartition(":")[2])
    second, _ = process("SlowToLoad", port, wait=False)
    said = second.communicate(timeout=PATIENCE_S)[1].decode()
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in said
    third, _ = process("SlowToLoad", wait=False)
    said = third.communicate(timeout=PATIENCE_S)[1].decode()
    assert third.returncode != 0
    assert "Another sidecar uses the folder" in said
