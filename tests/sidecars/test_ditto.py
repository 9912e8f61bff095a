"""The avatar sidecar ``Ditto/api.py`` in a process of its own, over a stand-in for the project."""

from __future__ import annotations

import io
import json
import os
import pickle
import queue
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import ditto_checkout
import httpx2
import numpy as np
import pytest
from ditto_files import BACKENDS, Known, onnx_name, read_hashes, write_hashes
from ditto_sdk import Counted, Presentation, Stepped

from app.sidecars.harness import Run

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0


class Living:
    """The sidecar as its client sees it."""

    def __init__(self, code: Path, folder: Path, **settings: str) -> None:
        self.code, self.data = code, folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        env = {"SIDECAR_DITTO_CODE": str(code), "SIDECAR_DITTO_DATA_DIR": str(self.data), **settings}
        command = [sys.executable, str(ROOT / "Ditto" / "api.py"), "--port", str(port)]
        self.log = (folder / "log.txt").open("wb")
        self.process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **env}, stdout=self.log, stderr=subprocess.STDOUT
        )
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S)
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "it ended"
        try:
            return bool(self.health()["state"] != "loading")
        except httpx2.TransportError:
            return False

    def stop(self) -> int:
        self.client.close()
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.log.close()

    def mood(self, word: str = "") -> None:
        (self.code / "mood").write_text(word)

    def health(self) -> dict[str, Any]:
        return dict(self.client.get("/health").json())

    def put(self, run_id: str, request: dict[str, Any] | None = None, **files: bytes) -> None:
        chosen = {"photo": a_photo(), "audio": a_sound(0.8), **files}
        fields: dict[str, Any] = {"request": (None, json.dumps(request or {}))}
        fields |= {name: (f"{name}.bin", data) for name, data in chosen.items() if data}
        answer = self.client.put(f"/runs/{run_id}", files=fields)
        assert answer.status_code == 202, answer.text

    def look(self, run_id: str, revision: int = -1) -> dict[str, Any]:
        params = {"wait_s": 0 if revision < 0 else PATIENCE_S, "revision": revision}
        return dict(self.client.get(f"/runs/{run_id}", params=params).json())

    def ended(self, run_id: str) -> dict[str, Any]:
        state = self.look(run_id)
        while state["state"] in ("queued", "running"):
            state = self.look(run_id, state["revision"])
        return state

    def made(self, run_id: str, request: dict[str, Any] | None = None, **files: bytes) -> dict[str, Any]:
        self.put(run_id, request, **files)
        return self.ended(run_id)

    def until_frame(self, run_id: str, number: int) -> None:
        until(lambda: frame_of(self.look(run_id)["message"]) >= number)

    def clip(self, run_id: str) -> bytes:
        return bytes(self.client.get(f"/runs/{run_id}/files/clip.mp4").content)


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.03)


def frame_of(message: str) -> int:
    found = re.search(r"frame (\d+) of \d+", message)
    return int(found[1]) if found else -1


def a_photo(level: int = 128, width: int = 96, height: int = 128, kind: str = ".png") -> bytes:
    """Dark ones have no face for the stand-in, bright ones two."""
    return bytes(cv2.imencode(kind, np.full((height, width, 3), level, np.uint8))[1])


def a_sound(seconds: float, rate: int = 22_050, level: float = 0.3, channels: int = 1) -> bytes:
    samples = (level * 32767 * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 440 / rate)).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples[:, None], channels, 1).tobytes())
    return out.getvalue()


def seen(clip: bytes) -> dict[str, Any]:
    """What is in it, decoded to its end; lengths in frames and in samples."""
    with av.open(io.BytesIO(clip)) as media:
        video, audio = media.streams.video[0], media.streams.audio[0]
        found = {
            "video": video.codec_context.name,
            "audio": audio.codec_context.name,
            "size": (video.width, video.height),
            "rate": video.average_rate,
            "video_s": float(video.duration * video.time_base),
            "audio_s": float(audio.duration * audio.time_base),
        }
        pictures, sounds = [], []
        for frame in media.decode(video, audio):
            (pictures if isinstance(frame, av.VideoFrame) else sounds).append(frame.to_ndarray())
    return {**found, "frames": len(pictures), "sound": np.concatenate(sounds, 1)}


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """One sidecar for all tests that do not need another: it has to bear every one of them."""
    folder = tmp_path_factory.mktemp("ditto")
    sidecar = Living(ditto_checkout.write(folder), folder, SIDECAR_DITTO_JOIN_S="4", SIDECAR_DITTO_MAX_S="600")
    yield sidecar
    assert sidecar.stop() == 0


@pytest.fixture(autouse=True)
def in_good_mood(living: Living) -> None:
    living.mood()


def test_a_photo_speaks_a_recording_of_exactly_its_length(living: Living) -> None:
    state = living.made("speaks", audio=a_sound(1.5, channels=2))
    assert (state["state"], state["files"]) == ("succeeded", ["clip.mp4"]), state["error"]
    facts = state["result"]
    assert (facts["frames"], facts["fps"], facts["duration_s"], facts["faces"]) == (38, 25, 1.52, 1)
    assert (facts["width"], facts["height"], facts["backend"], facts["online"]) == (96, 128, "pytorch", False)
    clip = seen(living.clip("speaks"))
    assert (clip["video"], clip["audio"], clip["size"], clip["rate"]) == ("h264", "aac", (96, 128), 25)
    assert clip["frames"] == 38
    assert abs(clip["video_s"] - 1.52) < 0.001 and abs(clip["audio_s"] - 1.52) < 0.001
    loud = np.abs(clip["sound"][0, : round(1.45 * 48_000)])
    assert 0.28 < loud.max() < 0.33


def test_the_pictures_are_copied_and_not_encoded_again(living: Living) -> None:
    living.made("copied")
    assert b"x264" in living.clip("copied") and b"veryfast" not in living.clip("copied")
    assert living.clip("copied").index(b"moov") < living.clip("copied").index(b"mdat")


def test_every_frame_and_every_window_of_motion_is_told() -> None:
    told: list[tuple[float, str]] = []
    counted = Counted(3, 2, Run("r", lambda share, message: told.append((share, message))))
    writer = Stepped(lambda frame, fmt: told.append((0, frame)), counted.frame_due, counted.frame_done)
    counted.motion_done()
    counted.motion_done()
    for frame in ("a", "b", "c", "one too many"):
        writer(frame, fmt="rgb")
    assert [message for _, message in told] == [
        "frame 0 of 3",
        "motion 1 of 2, frame 0 of 3",
        "motion 2 of 2, frame 0 of 3",
        *("a", "frame 1 of 3", "b", "frame 2 of 3", "c", "frame 3 of 3"),
    ]
    shares = [share for share, message in told if " of " in message]
    assert shares == sorted(shares) and shares[-1] < 1


class Ended:
    """An SDK whose threads have ended before what they were given was taken."""

    def __init__(self) -> None:
        self.thread_list: list[threading.Thread] = []
        self.stop_event = threading.Event()
        self.audio2motion: object = None
        for name in ("audio2motion", "motion_stitch", "warp_f3d", "decode_f3d", "putback", "writer"):
            full: queue.Queue[int] = queue.Queue(maxsize=1)
            full.put(1)
            setattr(self, f"{name}_queue", full)

    def close(self) -> None:
        self.audio2motion_queue.put(None, timeout=1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("stopped", [True, False])
def test_a_full_queue_does_not_keep_a_run_from_closing(stopped: bool) -> None:
    sdk = Ended()
    if stopped:
        sdk.stop_event.set()
    Presentation(sdk, Run("r"), 3, online=True, join_s=1)._end("motion")
    assert sdk.audio2motion == "motion"


def test_a_client_that_waits_sees_the_frames_go_by(living: Living) -> None:
    living.mood("slow")
    living.put("counts", audio=a_sound(1.0))
    told, revision = [], -1
    while (state := living.look("counts", revision))["state"] in ("queued", "running"):
        revision = state["revision"]
        told.append((state["progress"], frame_of(state["message"])))
    assert state["state"] == "succeeded" and told == sorted(told)
    assert len({number for _, number in told}) >= 4


def test_every_number_of_the_request_reaches_the_sdk(living: Living) -> None:
    asked = {"emotion": 3, "crop_scale": 1.9, "sampling_steps": 20, "fade_in": 4, "fade_out": 60, "max_size": 640}
    state = living.made("numbers", {**asked, "seed": 7})
    assert {name: state["result"][name] for name in asked} == asked
    setup = ditto_checkout.calls(living.code, "setup")[-1]
    assert setup == {
        "call": "setup", "emo": 3, "crop_scale": 1.9, "sampling_timesteps": 20, "max_size": 640,
        "fade_type": "s", "online_mode": False,
    }  # fmt: skip
    # A fade is at most half of the clip.
    assert ditto_checkout.calls(living.code, "setup_Nd")[-1] == {
        "call": "setup_Nd", "N_d": 20, "fade_in": 4, "fade_out": 10, "ctrl_info": {},
    }  # fmt: skip


def test_without_fades_there_is_no_type_of_them(living: Living) -> None:
    assert living.made("plain", {"fade_in": 0, "fade_out": 0})["state"] == "succeeded"
    assert ditto_checkout.calls(living.code, "setup")[-1]["fade_type"] == ""


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"emotion": 8}, "emotion"),
        ({"sampling_steps": 5}, "sampling_steps"),
        ({"crop_scale": "wide"}, "crop_scale"),
        ({"fade_in": -1}, "fade_in"),
    ],
)
def test_numbers_out_of_range_are_named(living: Living, request_: dict[str, Any], said: str) -> None:
    error = living.made(f"range-{said}", request_)["error"]
    assert error["code"] == "ENGINE_FAILED" and error["detail"].startswith(said) and not error["retryable"]


def test_a_photo_without_a_face_is_told_by_that_reason_and_the_next_run_works(living: Living) -> None:
    error = living.made("dark", photo=a_photo(level=5))["error"]
    assert error["detail"].startswith("no_face: ") and not error["retryable"]
    assert error["errors"] == [{"type": "no_face", "loc": ["photo"], "msg": "Ditto finds no face in the photo"}]
    assert living.made("bright", photo=a_photo(level=250))["result"]["faces"] == 2


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        ("no-picture", {"photo": b"GIF89a not a picture"}, "no PNG, JPEG"),
        ("torn-picture", {"photo": a_photo(kind=".jpg")[:60]}, "photo cannot be decoded"),
        ("no-sound", {"audio": b"hello " * 50}, "recording cannot be decoded"),
        ("playlist", {"audio": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"}, "recording cannot be decoded"),
        ("silent-film", {"audio": b""}, "lacks the file audio"),
        ("too-short", {"audio": a_sound(0.01)}, "shorter than one frame"),
        ("too-long", {"audio": a_sound(601, rate=8000)}, "longer than 600 s"),
    ],
)
def test_files_that_cannot_be_used_are_told_apart(
    living: Living, name: str, files: dict[str, bytes], said: str
) -> None:
    error = living.made(name, **files)["error"]
    assert error["code"] == "ENGINE_FAILED" and said in error["detail"] and not error["retryable"]


@pytest.mark.parametrize("kind", [".jpg", ".webp", ".bmp"])
def test_photos_of_every_usual_kind_are_read(living: Living, kind: str) -> None:
    assert living.made(f"kind{kind}", photo=a_photo(kind=kind))["state"] == "succeeded"


def test_what_breaks_in_a_thread_of_the_sdk_ends_the_run_though_queues_are_full(living: Living) -> None:
    living.mood("worker")
    error = living.made("broken", audio=a_sound(2.0))["error"]
    assert "the decoder broke" in error["detail"] and not error["retryable"]
    living.mood()
    assert living.made("mended")["state"] == "succeeded"


def test_out_of_memory_is_worth_another_try(living: Living) -> None:
    living.mood("oom")
    error = living.made("memory")["error"]
    assert error["retryable"] and "out of memory" in error["detail"]


def test_a_clip_that_lacks_a_frame_is_not_delivered(living: Living) -> None:
    living.mood("short")
    error = living.made("lacking")["error"]
    assert error["detail"] == "Ditto ended after 19 of 20 frames" and error["retryable"]


def test_a_cancel_midway_stops_at_the_next_frame_and_the_sdk_goes_on_with_the_next_run(living: Living) -> None:
    loads = len(ditto_checkout.calls(living.code, "load"))
    living.mood("slow")
    living.put("canceled", audio=a_sound(20.0))
    living.until_frame("canceled", 5)
    living.client.post("/runs/canceled/cancel")
    state = living.ended("canceled")
    assert state["state"] == "canceled" and state["files"] == []
    assert 5 <= frame_of(state["message"]) < 250
    living.mood()
    assert living.made("after")["state"] == "succeeded"
    assert len(ditto_checkout.calls(living.code, "load")) == loads


def test_a_cancel_while_the_motion_is_thought_of_does_not_wait_for_all_of_it(living: Living) -> None:
    loads = len(ditto_checkout.calls(living.code, "load"))
    living.mood("think")
    living.put("thinking", audio=a_sound(200.0, rate=8000))
    until(lambda: living.look("thinking")["message"].endswith(" of 72, frame 0 of 5000"))
    living.client.post("/runs/thinking/cancel")
    assert living.ended("thinking")["state"] == "canceled"
    # All of it would have taken longer than the sidecar waits before it loads the model anew.
    assert len(ditto_checkout.calls(living.code, "load")) == loads


def test_nothing_is_left_but_the_clip(living: Living) -> None:
    assert living.made("tidy")["state"] == "succeeded"
    kept = {path.name for path in (living.data / "runs" / "tidy" / "out").rglob("*")}
    assert kept == {"clip.mp4"}
    assert (living.data / "compiled" / "blend.so").exists()


def test_the_health_names_backend_and_model(living: Living) -> None:
    health = living.health()
    assert (health["state"], health["name"], health["models"], health["missing"]) == ("ready", "ditto", ["ditto"], {})
    assert health["facts"]["backend"] == "pytorch" and health["facts"]["loaded"]


def test_a_thread_that_never_ends_is_left_behind_and_the_model_loaded_anew(tmp_path: Path) -> None:
    code = ditto_checkout.write(tmp_path)
    sidecar = Living(code, tmp_path, SIDECAR_DITTO_JOIN_S="0.3")
    try:
        sidecar.mood("hang")
        sidecar.put("hangs")
        sidecar.until_frame("hangs", 3)
        sidecar.client.post("/runs/hangs/cancel")
        assert sidecar.ended("hangs")["state"] == "canceled"
        sidecar.mood()
        assert sidecar.made("anew")["state"] == "succeeded"
        assert len(ditto_checkout.calls(code, "load")) == 2
    finally:
        # The thread that hangs does not keep the process alive.
        assert sidecar.stop() == 0


def test_sound_in_pieces_makes_the_same_number_of_frames(tmp_path: Path) -> None:
    code = ditto_checkout.write(tmp_path, "tensorrt")
    (code / "tensorrt.py").write_text("")
    sidecar = Living(code, tmp_path, SIDECAR_DITTO_ONLINE="true", PYTHONPATH=str(code))
    try:
        state = sidecar.made("pieces", audio=a_sound(1.3))
        assert state["result"]["frames"] == 33 and state["result"]["online"], state["error"]
        assert state["result"]["backend"] == "tensorrt"
        assert seen(sidecar.clip("pieces"))["frames"] == 33
        assert ditto_checkout.calls(code, "setup")[-1]["online_mode"] is True
        sidecar.mood("slow")
        sidecar.put("stopped", audio=a_sound(20))
        sidecar.until_frame("stopped", 4)
        sidecar.client.post("/runs/stopped/cancel")
        assert sidecar.ended("stopped")["state"] == "canceled"
        sidecar.mood("worker")
        assert "the decoder broke" in sidecar.made("broken", audio=a_sound(20))["error"]["detail"]
    finally:
        assert sidecar.stop() == 0


SET_UP = """
import sys
from pathlib import Path
sys.path.insert(0, {ditto!r})
import api
from app.core.errors import AppError
model = api.Ditto(api.DittoSettings(code=Path({code!r}), data_dir=Path("data"), **{settings!r}))
try:
    model.setup()
    print(model._backend.name)
except AppError as error:
    print(type(error).__name__, error.detail)
"""


def set_up(code: Path, path: str | None = None, **settings: Any) -> str:
    """What a set-up says at its end."""
    source = SET_UP.format(ditto=str(ROOT / "Ditto"), code=str(code), settings=settings)
    env = {**os.environ, "PYTHONPATH": str(code), **({"PATH": path} if path is not None else {})}
    seen = subprocess.run([sys.executable, "-c", source], cwd=code.parent, env=env, capture_output=True, text=True)
    assert seen.returncode == 0, seen.stderr[-2000:]
    return seen.stdout.strip().splitlines()[-1]


def test_without_a_compiler_the_set_up_says_so(tmp_path: Path) -> None:
    code = ditto_checkout.write(tmp_path)
    (tmp_path / "empty").mkdir()
    said = set_up(code, path=str(tmp_path / "empty"))
    assert said.startswith("EngineUnavailable") and "needs a C compiler" in said and "apt install gcc" in said


def test_what_is_missing_or_damaged_is_named_before_anything_is_loaded(tmp_path: Path) -> None:
    assert "no checkout of Ditto" in set_up(tmp_path / "nowhere") and not (tmp_path / "nowhere").exists()
    code = ditto_checkout.write(tmp_path)
    checkpoints = code / "checkpoints"
    model = checkpoints / "ditto_pytorch/models/decoder.pth"
    good = model.read_bytes()
    model.write_bytes(good[::-1])
    assert "decoder.pth is damaged or another one" in set_up(code)
    model.write_bytes(good[:-1])
    assert f"decoder.pth has {len(good) - 1} bytes and not {len(good)}" in set_up(code)
    model.unlink()
    assert "decoder.pth is not there" in set_up(code)
    model.write_bytes(good)
    known = {**read_hashes(checkpoints), "ditto_pytorch/models/decoder.pth": Known(len(good))}
    write_hashes(checkpoints, known)
    assert "has no known hash" in set_up(code)
    assert not ditto_checkout.calls(code)


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("run",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.dumps({**ditto_checkout.config("pytorch"), "more": Evil()}), "posix.mkdir"),
        (pickle.dumps(["something else"]), "not one of Ditto's"),
        (b"\x80\x04 no pickle", "cannot be read"),
    ],
)
def test_a_configuration_that_would_run_code_is_not_read_even_with_the_right_hash(
    tmp_path: Path, content: bytes, said: str
) -> None:
    code = ditto_checkout.write(tmp_path)
    (code / "checkpoints" / BACKENDS["pytorch"].config).write_bytes(content)
    assert "is damaged or another one" in set_up(code) or "bytes and not" in set_up(code)
    ditto_checkout.keep_hashes(code / "checkpoints")
    assert said in set_up(code)
    assert not (tmp_path / "run").exists() and not ditto_checkout.calls(code)


def test_the_backend_is_the_fastest_that_is_there_or_the_one_wished_for(tmp_path: Path) -> None:
    code = ditto_checkout.write(tmp_path, "tensorrt", "pytorch", "onnx")
    # The stand-ins for the packages themselves.
    for package in ("torch", "onnxruntime"):
        (code / f"{package}.py").write_text("")
    assert set_up(code) == "pytorch"
    (code / "tensorrt.py").write_text("")
    assert set_up(code) == "tensorrt"
    assert set_up(code, backend="onnx") == "onnx"
    models = ditto_checkout.calls(code, "load")[-1]["models"]
    assert "warp_network_ori.onnx" in models and len(models) == 12 and all(one.endswith(".onnx") for one in models)
    shutil.rmtree(code / "checkpoints" / "ditto_trt_Ampere_Plus")
    assert set_up(code) == "pytorch"
    assert "appearance_extractor_fp16.engine is not there and 11 more files" in set_up(code, backend="tensorrt")
    assert "was published for pytorch" in set_up(code, online=True)


def test_a_graph_is_named_after_its_engine() -> None:
    assert onnx_name("lmdm_v0.4_hubert_fp32.engine") == "lmdm_v0.4_hubert.onnx"
    assert onnx_name("decoder_fp16.engine") == "decoder.onnx"
