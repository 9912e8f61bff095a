"""The engine and the real sidecar ``CosyVoice/api.py`` in a process of its own, over a stand-in for the model."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cosyvoice_checkout
import pytest
from cases_cosyvoice import CASES, TEXT, a_recording, recording_file
from contract import Bench
from fakes.sidecar import FakeSidecar

from app.core.errors import EngineFailed, EngineFault, EngineUnavailable
from app.models.engine import SpeakRequest
from app.services.engines.sidecar import Sidecar
from app.services.engines.speech_cosyvoice import CosyVoice

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0
LONG = "第一句话说完了。第二句话也说完了。Third sentence is here. 最后一句话。"
HELPFUL = "You are a helpful assistant."

Start = Callable[..., Path]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """``start(generation, voices={...})`` serves that generation, points the engine at it and returns its folder."""
    begun: list[subprocess.Popen[bytes]] = []

    def serve(
        generation: int,
        voices: dict[str, tuple[bytes, str]] | None = None,
        lacking: dict[str, int] | None = None,
    ) -> Path:
        folder = tmp_path / f"generation{generation}"
        model = cosyvoice_checkout.write(folder / "models", generation)
        if lacking:
            (model / ".files.json").write_text(json.dumps(lacking))
        (folder / "voices").mkdir()
        for name, (sound, words) in (voices or {}).items():
            (folder / "voices" / f"{name}.wav").write_bytes(sound)
            if words:
                (folder / "voices" / f"{name}.txt").write_text(words, "utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        env = {
            "MODELS_DIR": str(folder / "models"),
            "SIDECAR_COSYVOICE_MODEL": model.name,
            "SIDECAR_COSYVOICE_VOICES": str(folder / "voices"),
            "SIDECAR_COSYVOICE_DATA_DIR": str(folder / "data"),
        }
        command = [sys.executable, str(ROOT / "CosyVoice" / "api.py"), "--port", str(port)]
        begun.append(subprocess.Popen(command, env={**os.environ, **env}, cwd=folder, stderr=subprocess.DEVNULL))
        url = f"http://127.0.0.1:{port}"
        asyncio.run(_until_up(url))
        monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_HOST", url)
        monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_POLL_S", "0.01")
        return model

    yield serve
    for one in begun:
        one.kill()
        one.wait()


async def _until_up(url: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        health = await Sidecar("speech/cosyvoice", url).health()
        if health is not None and health.state != "loading":
            return
        assert time.monotonic() < end, "it did not start"
        await asyncio.sleep(0.05)


def calls(model: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (model / "calls.jsonl").read_text("utf-8").splitlines()]


def last(model: Path) -> dict[str, Any]:
    return calls(model)[-1]


def sound(path: Path) -> tuple[int, int, int, float]:
    """Channels, bytes a sample, rate, seconds."""
    with wave.open(str(path)) as file:
        return file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes() / file.getframerate()


def speak(bench: Bench, **fields: Any) -> Any:
    return asyncio.run(CosyVoice().speak(SpeakRequest(**{"text": LONG, **fields}), bench))


@pytest.fixture
def plain_bench(tmp_path: Path) -> Bench:
    """For tests without a running loop: sounds are fitted in this process."""
    folder = tmp_path / "attempt"
    folder.mkdir()
    return HereBench(folder, None)  # type: ignore[arg-type]


class HereBench(Bench):
    async def compute(self, task: str, request: dict[str, Any]) -> dict[str, Any]:
        from app.services.media import fitting

        assert task == "app.services.media.fitting:sound"
        return fitting.sound(request, self.folder, lambda: None)


def test_a_preset_speaker_says_the_whole_text_at_the_rate_of_the_model(start: Start, plain_bench: Bench) -> None:
    model = start(1)
    made = speak(plain_bench, voice="中文女", rate=1.25, tone="温柔")
    assert last(model) == {"call": "sft", "text": LONG, "voice": "中文女", "speed": 1.25}
    channels, width, rate, seconds = sound(made.audio)
    assert (channels, width, rate) == (1, 2, 22_050)
    assert abs(seconds - (len(LONG) - 1) * 0.1 / 1.25) < 0.2
    assert made.facts["pieces"] >= 4
    assert made.facts["instructed"] is False
    assert asyncio.run(CosyVoice().unreachable()) == []


def test_a_preset_voice_from_a_recording_is_registered_once(start: Start, plain_bench: Bench) -> None:
    model = start(
        2, {"lantern": (a_recording(3), "希望你以后能够做得比我还好。"), "bad": (a_recording(3, 8000), "太低")}
    )
    made = speak(plain_bench)
    assert [one["call"] for one in calls(model)] == ["add_zero_shot_spk", "zero_shot", "zero_shot"]
    assert last(model) == {"call": "zero_shot", "text": LONG, "prompt_text": "", "id": "lantern", "speed": 1.0}
    assert made.facts["voice"] == "lantern" and made.facts["rate_hz"] == 24_000
    health = asyncio.run(Sidecar("x", os.environ["ENGINE_SPEECH_COSYVOICE_HOST"]).health())
    assert health is not None and health.facts["voices"] == ["lantern"]
    assert "16000 Hz" in health.missing["voice bad"]


def test_a_tone_is_asked_for_with_the_recording_because_a_registered_voice_would_not_hear_it(
    start: Start, plain_bench: Bench
) -> None:
    model = start(2, {"lantern": (a_recording(3), "希望你以后能够做得比我还好。")})
    made = speak(plain_bench, voice="lantern", tone="温柔")
    assert last(model) == {
        "call": "instruct2",
        "text": LONG,
        "instruct": "请用温柔的语气说这句话。<|endofprompt|>",
        "speed": 1.0,
    }
    assert made.facts["instructed"] is True


def test_a_voice_is_cloned_from_a_recording_of_the_owner(
    start: Start, plain_bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = start(2)
    voices = {
        "mother": {"recording": str(recording_file(tmp_path / "mother.wav")), "words": "从前有一座山。"},
        "stranger": {"recording": str(recording_file(tmp_path / "stranger.wav"))},
    }
    monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_VOICES", json.dumps(voices))
    speak(plain_bench, voice="mother")
    assert last(model) == {"call": "zero_shot", "text": LONG, "prompt_text": "从前有一座山。", "id": "", "speed": 1.0}
    speak(plain_bench, voice="stranger")
    assert last(model) == {"call": "cross_lingual", "text": LONG, "speed": 1.0}


def test_the_third_generation_gets_its_mark_wherever_it_wants_it(
    start: Start, plain_bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = start(3, {"lantern": (a_recording(3), "希望你好。")})
    assert calls(model)[0]["prompt_text"] == f"{HELPFUL}<|endofprompt|>希望你好。"
    speak(plain_bench, voice="lantern", tone="warm", language="en")
    assert last(model)["instruct"] == f"{HELPFUL} Speak in a tone: warm.<|endofprompt|>"
    voices = {
        "mother": {"recording": str(recording_file(tmp_path / "mother.wav")), "words": "从前有一座山。"},
        "stranger": {"recording": str(recording_file(tmp_path / "stranger.wav"))},
    }
    monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_VOICES", json.dumps(voices))
    speak(plain_bench, voice="mother")
    assert last(model)["prompt_text"] == f"{HELPFUL}<|endofprompt|>从前有一座山。"
    made = speak(plain_bench, voice="stranger", text=LONG * 4)
    across = [one["text"] for one in calls(model) if one["call"] == "cross_lingual"]
    assert len(across) > 1 and all(one.startswith(f"{HELPFUL}<|endofprompt|>") for one in across)
    said = "".join(one.rpartition("|>")[2] for one in across)
    assert said.replace(" ", "") == (LONG * 4).replace(" ", "")
    assert abs(made.duration_s - 0.1 * len(said)) < 0.3


def test_what_the_model_or_the_request_lacks_is_said(start: Start, plain_bench: Bench) -> None:
    start(2, {"lantern": (a_recording(3), "好。")})
    with pytest.raises(EngineFailed, match="no voice 'zh-CN-Xiaoxiao'; it has: lantern") as caught:
        speak(plain_bench, voice="zh-CN-Xiaoxiao")
    assert not caught.value.retryable
    with pytest.raises(EngineFailed, match="illegal memory access"):
        speak(plain_bench, voice="lantern", text="explode now")
    with pytest.raises(EngineFailed, match="no word to speak"):
        speak(plain_bench, text="……")


def test_weights_that_are_not_there_are_named_with_the_command(
    start: Start, plain_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = start(2, lacking={"llm.pt": 2_000_000_000})
    url = os.environ["ENGINE_SPEECH_COSYVOICE_HOST"]
    lack = f"CosyVoice cannot start: {model} lacks llm.pt: ./deploy.sh fetch cosyvoice2"
    assert asyncio.run(CosyVoice().unreachable()) == [f"The sidecar at {url} failed: {lack}"]
    with pytest.raises(EngineUnavailable, match=r"\./deploy\.sh fetch cosyvoice2"):
        speak(plain_bench, voice="x")


async def test_every_field_that_is_sent(monkeypatch: pytest.MonkeyPatch, bench: Bench, tmp_path: Path) -> None:
    case = CASES[0]
    voices = {"mother": {"recording": str(recording_file(tmp_path / "mother.wav")), "words": "从前有一座山。"}}
    monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_VOICES", json.dumps(voices))
    monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_TOKEN", "t0ken")
    with case.fake() as fake:
        assert isinstance(fake, FakeSidecar)
        fake.token = "t0ken"
        for name, value in case.settings(fake.url).items():
            monkeypatch.setenv(name, value)
        engine = CosyVoice()
        made = await engine.speak(SpeakRequest(text=f"{TEXT}<|en|>", tone="欢快", rate=1.1, seed=7), bench)
        (run,) = fake.order
        assert run.request == {
            "text": f"{TEXT} en",
            "voice": "mother",
            "speed": 1.1,
            "seed": 7,
            "instruct": "请用欢快的语气说这句话。",
            "prompt_text": "从前有一座山。",
        }
        assert run.names == {"prompt_wav": "prompt.wav"}
        assert run.files["prompt_wav"][:4] == b"RIFF"
        assert made.facts["voice"] == "mother" and made.facts["instructed"] is True
        assert [one.method for one in fake.sent][-2:] == ["GET", "DELETE"]
        assert engine.lanes() == {f"host {fake.url}": 2}


async def test_a_recording_that_no_voice_can_be_made_of_is_named_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, bench: Bench, tmp_path: Path
) -> None:
    wav = recording_file(tmp_path / "long.wav", 31)
    monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_VOICES", json.dumps({"long": {"recording": str(wav)}}))
    engine = CosyVoice()
    before = engine.basis()
    with pytest.raises(EngineFailed, match="31 s at 24000 Hz"):
        await engine.speak(SpeakRequest(text=TEXT), bench)
    recording_file(wav, 2)
    assert engine.basis() != before
    wav.unlink()
    assert CosyVoice().missing() == [str(wav)]


async def test_a_silent_or_missing_narration_is_a_fault(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    with FakeSidecar(lambda request, files: ({}, {})) as fake:
        for name, value in CASES[0].settings(fake.url).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(EngineFault, match=r"no narration\.wav"):
            await CosyVoice().speak(SpeakRequest(text=TEXT, voice="x"), bench)
