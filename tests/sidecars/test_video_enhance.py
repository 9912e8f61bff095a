"""The enhancement service as it is started, over stand-in checkouts: our wire with the real engines, classic routes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from engines.contract import Bench, made
from fakes.enhance import flashvsr_calls, flashvsr_checkout, rife_checkout, scene, seen, sound_of, write_clip

from app.core.errors import EngineUnavailable
from app.models.engine import InterpolateRequest, UpscaleRequest
from app.services.engines.registry import load
from app.services.workflows.runner import StepRunner

ROOT = Path(__file__).resolve().parents[2]
STARTING_S = 60.0
TOKEN = {"Authorization": "Bearer open-sesame"}


@dataclass
class Service:
    url: str
    folder: Path
    pid: int = 0

    def post(self, path: str, **request: Any) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", headers=TOKEN, timeout=60, trust_env=False, **request)

    def get(self, url: str) -> httpx.Response:
        return httpx.get(url, headers=TOKEN, timeout=20, trust_env=False)


@contextlib.contextmanager
def started(folder: Path, **more: str) -> Iterator[Service]:
    """``sr_if.sh`` as an operator starts it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {
        "RIFE_DIR": str(folder / "RIFE"), "FLASHVSR_DIR": str(folder / "FlashVSR"), "DATA_DIR": str(folder / "data"),
        "FOLDERS": str(folder / "shared"), "TOKEN": "open-sesame", "LOG_LEVEL": "WARNING", **more,
    }  # fmt: skip
    environment = {**os.environ, **{f"SIDECAR_VIDEO_ENHANCE_{name}": value for name, value in own.items()}}
    environment |= {"PORT": str(port), "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    (folder / "shared").mkdir(exist_ok=True)
    service = Service(f"http://127.0.0.1:{port}", folder)
    process = subprocess.Popen([ROOT / "video_enhance" / "sr_if.sh"], env=environment, start_new_session=True)
    try:
        until = time.monotonic() + STARTING_S
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if service.get(f"{service.url}/health").status_code == 200:
                    break
            time.sleep(0.1)
        service.pid = process.pid
        yield service
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) in (0, -signal.SIGKILL)  # killed by a test itself
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("enhance")
    rife_checkout(folder / "RIFE")
    flashvsr_checkout(folder / "FlashVSR")
    with started(folder) as running:
        yield running


@pytest.fixture
def clip(service: Service) -> Path:
    """Where a classic request may name it."""
    at = scene(0, 96, 54)
    return write_clip(service.folder / "shared" / "in.mp4", [at(number) for number in range(5)])


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    runner = StepRunner(1)
    (tmp_path / "attempt").mkdir()
    yield Bench(tmp_path / "attempt", runner)
    await runner.close()


def at(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEO_ENHANCE_URL", service.url)
    monkeypatch.setenv("VIDEO_ENHANCE_TOKEN", "open-sesame")


# -- our wire ----------------------------------------------------------------------------------------------


async def test_both_engines_do_their_work_there(
    service: Service, clip: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(service, monkeypatch)
    flashvsr, rife = load("upscale", "flashvsr"), load("interpolate", "rife")
    assert flashvsr.configured() and rife.configured()
    assert flashvsr.lanes() == rife.lanes() == {f"host {service.url}": 1}
    assert await flashvsr.unreachable() == await rife.unreachable() == []
    larger = await made(flashvsr, UpscaleRequest(clip=clip, factor=2), bench)
    assert (larger.facts["width"], larger.facts["height"], larger.facts["frames"]) == (192, 108, 5)
    assert sound_of(larger.clip) == sound_of(clip)
    assert any("FlashVSR enlarges" in message for _, message in bench.said)
    bench.task = None
    smoother = await made(rife, InterpolateRequest(clip=clip, factor=4), bench)
    assert (smoother.facts["frames"], smoother.facts["fps"], smoother.facts["rife_version"]) == (20, 48.0, 4.25)
    assert sound_of(smoother.clip) == sound_of(clip)


def test_its_health_tells_both_and_wants_the_token(service: Service) -> None:
    health = service.get(f"{service.url}/health").json()
    assert (health["name"], sorted(health["models"]), health["missing"]) == (
        "video_enhance", ["flashvsr", "rife"], {},
    )  # fmt: skip
    assert health["facts"]["rife_version"] == 4.25
    for method, path in (("GET", "/health"), ("POST", "/superres"), ("POST", "/process"), ("GET", "/files/x.mp4")):
        answer = httpx.request(method, f"{service.url}{path}", trust_env=False)
        assert answer.status_code == 401


async def test_without_weights_it_runs_and_says_what_to_fetch(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(tmp_path) as service:
        at(service, monkeypatch)
        health = service.get(f"{service.url}/health").json()
        assert (health["state"], health["models"]) == ("ready", [])
        (sentence,) = await load("interpolate", "rife").unreachable()
        assert "./deploy.sh fetch rife" in sentence
        small = write_clip(tmp_path / "in.mp4", [scene(0, 96, 54)(0)])
        with pytest.raises(EngineUnavailable, match=r"deploy\.sh fetch flashvsr"):
            await made(load("upscale", "flashvsr"), UpscaleRequest(clip=small, factor=2), bench)
        answer = service.post("/interpolate", files={"file": small.read_bytes()})
        assert answer.status_code == 503
        assert "./deploy.sh fetch rife" in answer.json()["error"]


# -- the classic routes ------------------------------------------------------------------------------------


def test_superres_interpolate_and_process_answer_as_before(service: Service, clip: Path) -> None:
    large = service.post("/superres", json={"path": str(clip), "scale": 2})
    assert large.status_code == 200, large.text
    assert seen(Path(large.json()["path"]))[1][0].shape == (108, 192, 3)
    smooth = service.post("/interpolate", json={"path": large.json()["path"]})
    assert smooth.status_code == 200, smooth.text
    assert (smooth.json()["frames"], smooth.json()["width"]) == (10, 192)
    fetched = service.get(smooth.json()["url"])
    assert fetched.headers["content-type"] == "video/mp4"
    assert fetched.content == Path(smooth.json()["path"]).read_bytes()
    asked = {"url": large.json()["url"], "scale": 2, "multi": 2, "user_id": "u", "story_id": "s", "shot_id": "1"}
    both = service.post("/process", json=asked)
    assert both.status_code == 200, both.text
    assert (both.json()["width"], both.json()["frames"]) == (384, 10)
    assert sound_of(Path(both.json()["path"])) == sound_of(clip)


def test_scale_is_4_and_multi_is_2_if_nothing_is_said(service: Service, clip: Path) -> None:
    answer = service.post("/process", json={"path": str(clip)}).json()
    assert (answer["width"], answer["frames"]) == (384, 10)


def test_an_uploaded_clip_comes_back_itself(service: Service, clip: Path, tmp_path: Path) -> None:
    answer = service.post("/interpolate", files={"file": clip.read_bytes()}, data={"multi": "4"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "video/mp4"
    assert (answer.headers["x-clip-frames"], answer.headers["x-clip-sound"]) == ("20", "True")
    (tmp_path / "got.mp4").write_bytes(answer.content)
    assert len(seen(tmp_path / "got.mp4")[0]) == 20


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 422, "path or url required"),
        ({"path": "/etc/hostname"}, 403, "SIDECAR_VIDEO_ENHANCE_FOLDERS"),
        ({"path": "SHARED/../data/lock"}, 403, "SIDECAR_VIDEO_ENHANCE_FOLDERS"),
        ({"path": "SHARED/link.mp4"}, 403, "SIDECAR_VIDEO_ENHANCE_FOLDERS"),
        ({"path": "SHARED/nothing.mp4"}, 404, "no file"),
        ({"url": "http://169.254.169.254/latest"}, 403, "SIDECAR_VIDEO_ENHANCE_HOSTS"),
        ({"url": "file:///etc/hostname"}, 403, "SIDECAR_VIDEO_ENHANCE_HOSTS"),
        ({"path": "SHARED/text.mp4"}, 502, "cannot be decoded"),
        ({"path": "SHARED/text.mp4", "multi": 3}, 422, "multi must be 2 or 4"),
    ],
)
def test_what_is_refused(service: Service, body: dict[str, Any], status: int, words: str) -> None:
    shared = service.folder / "shared"
    (shared / "text.mp4").write_text("no clip")
    if not (shared / "link.mp4").is_symlink():
        (shared / "link.mp4").symlink_to("/etc/hostname")
    body = {name: value.replace("SHARED", str(shared)) if name == "path" else value for name, value in body.items()}
    answer = service.post("/interpolate", json=body)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]


def under_way(service: Service, clip: Path) -> tuple[socket.socket, int]:
    """A classic request whose FlashVSR has begun: its connection, and the process of the command."""
    root = service.folder / "FlashVSR"
    before = len(flashvsr_calls(root))
    body = json.dumps({"path": str(clip), "scale": 2}).encode()
    head = [
        "POST /superres HTTP/1.1", "Host: x", f"Authorization: {TOKEN['Authorization']}",
        "Content-Type: application/json", f"Content-Length: {len(body)}",
    ]  # fmt: skip
    client = socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])))
    client.sendall("\r\n".join([*head, "", ""]).encode() + body)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if len(flashvsr_calls(root)) > before:
            return client, int(flashvsr_calls(root)[before]["pid"])
        time.sleep(0.05)
    raise AssertionError("it never began")


def gone(pid: int) -> bool:
    """Whether the process ends soon."""
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_client_that_goes_stops_its_run(service: Service, clip: Path) -> None:
    slow = service.folder / "FlashVSR" / "slow"
    slow.touch()
    try:
        client, pid = under_way(service, clip)
        assert service.get(f"{service.url}/health").json()["state"] == "busy"
        client.close()
        assert gone(pid)
    finally:
        slow.unlink()
    assert service.post("/interpolate", json={"path": str(clip)}).status_code == 200


def test_a_service_that_is_killed_takes_flashvsr_with_it(tmp_path: Path, clip: Path) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    (root / "slow").touch()
    with started(tmp_path) as service:
        shared = tmp_path / "shared" / "in.mp4"
        shared.write_bytes(clip.read_bytes())
        client, pid = under_way(service, shared)
        os.kill(service.pid, signal.SIGKILL)
        assert gone(pid)
        client.close()
