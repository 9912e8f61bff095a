"""The engine ``avatar/ditto``: the contract of every engine, every field it sends, and the real sidecar at last."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sidecars"))

import ditto_checkout
import pytest
from cases_avatar import CASES, a_clip, a_recording, request_in
from contract import Bench, a_picture
from fakes.sidecar import FakeSidecar

from app.core.errors import EngineFailed, EngineFault
from app.models.engine import PresentRequest
from app.services.engines.avatar_ditto import Ditto, DittoSettings, frame_of
from app.services.engines.sidecar import Sidecar

ROOT = Path(__file__).resolve().parents[2]
NAME = "avatar/ditto"
CASE = CASES[0]
PATIENCE_S = 30.0


@pytest.fixture(autouse=True)
def no_ditto_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if "DITTO" in name]:
        monkeypatch.delenv(name)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSidecar]:
    """The fake sidecar, which the settings point at."""
    with CASE.fake() as server:
        for setting, value in CASE.settings(server.url).items():
            monkeypatch.setenv(setting, value)
        assert isinstance(server, FakeSidecar)
        yield server


# -- what it sends and takes -------------------------------------------------------------------------------


async def test_every_field_that_is_sent(
    fake: FakeSidecar, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_AVATAR_DITTO_TOKEN", "t0ken")
    fake.token = "t0ken"
    made = await Ditto().present(request_in(tmp_path), bench)
    (run,) = fake.order
    assert run.request == {
        "emotion": 4,
        "crop_scale": 2.3,
        "sampling_steps": 50,
        "fade_in": 5,
        "fade_out": 5,
        "max_size": 1920,
        "seed": 7,
    }
    assert set(run.files) == {"photo", "audio"}
    assert run.files["photo"].startswith(b"\x89PNG") and run.files["audio"] == (tmp_path / "speech.wav").read_bytes()
    assert made.clip.is_relative_to(bench.folder)
    assert made.facts["emotion"] == 4 and made.facts["faces"] == 1 and "seed" not in made.facts
    assert [one.method for one in fake.sent][-2:] == ["GET", "DELETE"]


class Wished(PresentRequest):
    """The request with what the avatar's routes let a user choose."""

    emotion: int | None = None
    crop_scale: float | None = None
    sampling_steps: int | None = None
    fade_in: int | None = None
    fade_out: int | None = None


async def test_the_request_goes_before_the_settings(
    fake: FakeSidecar, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_AVATAR_DITTO_EMOTION", "6")
    monkeypatch.setenv("ENGINE_AVATAR_DITTO_FADE_IN", "9")
    monkeypatch.setenv("ENGINE_AVATAR_DITTO_MAX_SIZE", "512")
    before = Ditto().basis()
    plain = request_in(tmp_path)
    wished = Wished(photo=plain.photo, audio=plain.audio, emotion=0, fade_out=0, sampling_steps=20)
    await Ditto().present(wished, bench)
    request = fake.order[0].request
    assert (request["emotion"], request["fade_in"], request["fade_out"], request["sampling_steps"]) == (0, 9, 0, 20)
    assert request["max_size"] == 512
    assert before == {
        "emotion": 6, "crop_scale": 2.3, "sampling_steps": 50, "fade_in": 9, "fade_out": 5, "max_size": 512,
    }  # fmt: skip


async def test_a_large_photo_is_sent_no_larger_than_it_will_be_used(
    fake: FakeSidecar, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_AVATAR_DITTO_MAX_SIZE", "300")
    photo = a_picture(tmp_path / "large.jpg", 640, 480)
    await Ditto().present(PresentRequest(photo=photo, audio=a_recording(tmp_path / "speech.wav")), bench)
    sent = fake.order[0].files["photo"]
    assert (int.from_bytes(sent[16:20], "big"), int.from_bytes(sent[20:24], "big")) == (300, 225)


async def test_no_face_is_a_failure_that_trying_again_does_not_mend(
    fake: FakeSidecar, bench: Bench, tmp_path: Path
) -> None:
    fake.error = {"code": "ENGINE_FAILED", "detail": "no_face: Ditto finds no face in the photo", "retryable": False}
    with pytest.raises(EngineFailed, match="no_face") as caught:
        await Ditto().present(request_in(tmp_path), bench)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ({}, r"left no clip\.mp4"),
        ({"clip.mp4": a_clip(sound=False)}, "without its sound"),
        ({"clip.mp4": a_clip()[:900]}, "cannot be decoded"),
    ],
)
async def test_a_result_that_is_no_clip_is_a_fault(
    results: dict[str, bytes], said: str, fake: FakeSidecar, bench: Bench, tmp_path: Path
) -> None:
    fake.make = lambda request, files: ({}, results)
    with pytest.raises(EngineFault, match=said):
        await Ditto().present(request_in(tmp_path), bench)


async def test_a_sidecar_without_its_models_is_told_in_a_sentence(fake: FakeSidecar) -> None:
    assert await Ditto().unreachable() == []
    fake.health |= {"models": [], "missing": {"ditto": "models/ditto is not there"}}
    assert await Ditto().unreachable() == [f"The sidecar at {fake.url} cannot run ditto: models/ditto is not there"]


def test_the_frame_is_read_from_the_message() -> None:
    assert frame_of("frame 120 of 1500") == (120, 1500)
    assert frame_of("motion 2 of 22, frame 0 of 1500") == (0, 1500)
    assert frame_of("2 before it") is None and frame_of("") is None


@pytest.mark.parametrize(("name", "value"), [("EMOTION", "8"), ("SAMPLING_STEPS", "5"), ("CROP_SCALE", "0")])
def test_a_setting_out_of_range_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"ENGINE_AVATAR_DITTO_{name}", value)
    with pytest.raises(Exception, match=name):
        Ditto()


def test_engine_and_sidecar_agree_on_the_port() -> None:
    api = (ROOT / "Ditto" / "api.py").read_text("utf-8")
    assert f"DEFAULT_PORT = {DittoSettings.model_fields['host'].default.rpartition(':')[2]}" in api


# -- the real sidecar --------------------------------------------------------------------------------------


@pytest.fixture
def sidecar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """``Ditto/api.py`` in a process of its own, over the stand-in for the project."""
    folder = tmp_path / "sidecar"
    folder.mkdir()
    code = ditto_checkout.write(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {"SIDECAR_DITTO_CODE": str(code), "SIDECAR_DITTO_DATA_DIR": str(folder / "data")}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "Ditto" / "api.py"), "--port", str(port)],
        env={**os.environ, **env},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    monkeypatch.setenv("DITTO_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("ENGINE_AVATAR_DITTO_POLL_S", "0")
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


async def _until_up(url: str) -> None:
    for _ in range(int(PATIENCE_S / 0.05)):
        health = await Sidecar("x", url).health()
        if health is not None and health.state != "loading":
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not start")


async def test_the_real_sidecar_makes_a_clip_and_its_frames_are_told(
    sidecar: str, bench: Bench, tmp_path: Path
) -> None:
    await _until_up(sidecar)
    assert await Ditto().unreachable() == []
    request = PresentRequest(
        photo=a_picture(tmp_path / "p.png", 120, 160), audio=a_recording(tmp_path / "s.wav", 2.02), seed=3
    )
    made: Any = await Ditto().present(request, bench)
    facts = {name: made.facts[name] for name in ("frames", "fps", "duration_s", "width", "height", "sound", "backend")}
    assert facts == {
        "frames": 51, "fps": 25.0, "duration_s": 2.04, "width": 120, "height": 160, "sound": True, "backend": "pytorch",
    }  # fmt: skip
    told = [frame for _, message in bench.said if (frame := frame_of(message)) is not None]
    assert told and {total for _, total in told} == {51}
    assert [number for number, _ in told] == sorted(number for number, _ in told)
    assert json.dumps(made.facts)
