"""CosyVoice's own server: form fields in, headerless sound out, failures hidden in a 200."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases_cosyvoice import TEXT, recording_file
from contract import Bench, within
from fakes.base import Fault
from fakes.cosyvoice import FakeCosyVoice

from app.core.errors import EngineFailed, EngineFault, EngineTimeout, EngineUnavailable
from app.models.engine import SpeakRequest, SpeakResult
from app.services.engines.speech_cosyvoice import CosyVoice

LONG = "".join(f"这是第{number}句话，它不长也不短。" for number in "一二三四五六七八九十")


@pytest.fixture(params=[1])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCosyVoice]:
    with FakeCosyVoice(request.param) as server:
        for name, value in {
            "HOST": server.url,
            "PROTOCOL": "official",
            "MODEL": {1: "cosyvoice", 2: "cosyvoice2", 3: "cosyvoice3"}[request.param],
            "TIMEOUT_S": "1",
            "PIECE_CHARS": "40",
        }.items():
            monkeypatch.setenv(f"ENGINE_SPEECH_COSYVOICE_{name}", value)
        yield server


@pytest.fixture
def cloned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recording_file(tmp_path / "aunt.wav").with_suffix(".txt").write_text("我是阿姨。", "utf-8")
    voices = {
        "mother": {"recording": str(recording_file(tmp_path / "mother.wav")), "words": "从前有一座山。"},
        "aunt": {"recording": str(tmp_path / "aunt.wav")},
        "stranger": {"recording": str(recording_file(tmp_path / "stranger.wav"))},
    }
    monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_VOICES", json.dumps(voices))


async def speak(bench: Bench, **fields: str) -> SpeakResult:
    return await within(20, CosyVoice().speak(SpeakRequest(**{"text": TEXT, **fields}), bench))


def rate_and_length(path: Path) -> tuple[int, float]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), file.getnframes() / file.getframerate()


async def test_a_speaker_of_the_first_generation_is_asked_by_form_fields(server: FakeCosyVoice, bench: Bench) -> None:
    made = await speak(bench, voice="中文女", tone="温柔")
    assert server.asked == [("/inference_sft", {"tts_text": TEXT, "spk_id": "中文女"})]
    assert server.sent[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert rate_and_length(made.audio)[0] == 22_050
    assert abs(made.duration_s - 0.08 * len(TEXT)) < 0.01
    assert made.facts["instructed"] is False
    assert CosyVoice().lanes() == {f"host {server.url}": 1}


async def test_a_long_text_is_spoken_in_pieces_and_joined(server: FakeCosyVoice, bench: Bench) -> None:
    made = await speak(bench, voice="中文女", text=LONG)
    texts = [form["tts_text"] for _, form in server.asked]
    assert len(texts) > 3 and all(len(text) <= 40 for text in texts)
    assert "".join(texts) == LONG
    assert abs(made.duration_s - 0.08 * len(LONG) - 0.12 * (len(texts) - 1)) < 0.01
    assert made.facts["pieces"] == len(texts)
    assert bench.said[-1][0] == 1.0


@pytest.mark.parametrize("server", [2], indirect=True)
@pytest.mark.usefixtures("cloned")
async def test_the_second_generation_clones(server: FakeCosyVoice, bench: Bench) -> None:
    made = await speak(bench)
    route, form = server.asked[0]
    wav = form.pop("prompt_wav")
    assert wav[:4] == b"RIFF"
    assert (route, form) == ("/inference_zero_shot", {"tts_text": TEXT, "prompt_text": "从前有一座山。"})
    assert rate_and_length(made.audio)[0] == 24_000
    for voice, tone, expected in (
        ("aunt", "", ("/inference_zero_shot", {"prompt_text": "我是阿姨。"})),
        ("stranger", "", ("/inference_cross_lingual", {})),
        ("mother", "欢快", ("/inference_instruct2", {"instruct_text": "请用欢快的语气说这句话。<|endofprompt|>"})),
    ):
        await speak(bench, voice=voice, tone=tone)
        route, form = server.asked[-1]
        assert form.pop("prompt_wav") and form.pop("tts_text") == TEXT
        assert (route, form) == expected


@pytest.mark.parametrize("server", [3], indirect=True)
@pytest.mark.usefixtures("cloned")
async def test_the_third_generation_gets_its_mark(server: FakeCosyVoice, bench: Bench) -> None:
    head = "You are a helpful assistant."
    for voice, tone, field, expected in (
        ("mother", "", "prompt_text", f"{head}<|endofprompt|>从前有一座山。"),
        ("stranger", "", "tts_text", f"{head}<|endofprompt|>{TEXT}"),
        ("mother", "欢快", "instruct_text", f"{head} 请用欢快的语气说这句话。<|endofprompt|>"),
    ):
        await speak(bench, voice=voice, tone=tone)
        assert server.asked[-1][1][field] == expected


async def test_an_unknown_speaker_ends_in_the_middle_and_is_a_fault(server: FakeCosyVoice, bench: Bench) -> None:
    with pytest.raises(EngineFault):
        await speak(bench, voice="nobody")


@pytest.mark.parametrize("server", [2], indirect=True)
@pytest.mark.usefixtures("cloned")
async def test_a_server_that_cannot_read_recordings_is_a_fault(server: FakeCosyVoice, bench: Bench) -> None:
    server.tensor_bug = True
    with pytest.raises(EngineFault):
        await speak(bench)


@pytest.mark.parametrize("seconds", [0.0, 0.4])
async def test_a_sound_that_is_too_short_for_its_text_was_cut(
    server: FakeCosyVoice, bench: Bench, seconds: float
) -> None:
    server.cut_after_s = seconds
    with pytest.raises(EngineFault, match="it broke off"):
        await speak(bench, voice="中文女")
    assert not (bench.folder / "narration.wav").exists()


@pytest.mark.parametrize(
    ("fault", "kind", "retryable"),
    [
        (Fault(kind="hang"), EngineTimeout, True),
        (Fault(kind="drop"), EngineFault, True),
        (Fault(500), EngineFault, True),
        (Fault(422, '{"detail": [{"loc": ["body", "spk_id"], "msg": "Field required"}]}'), EngineFailed, False),
        (Fault(429, "", {"Retry-After": "3"}), EngineFault, True),
    ],
    ids=["hang", "drop", "500", "422", "429"],
)
async def test_faults(
    server: FakeCosyVoice, bench: Bench, fault: Fault, kind: type[Exception], retryable: bool
) -> None:
    server.fail("POST /inference_sft", fault)
    with pytest.raises(kind) as caught:
        await speak(bench, voice="中文女")
    assert getattr(caught.value, "retryable", None) is retryable


async def test_a_host_that_is_not_there_and_one_that_is(server: FakeCosyVoice, bench: Bench) -> None:
    assert await CosyVoice().unreachable() == []
    server.stop_listening()
    assert "cannot be reached" in (await CosyVoice().unreachable())[0]
    with pytest.raises(EngineUnavailable):
        await speak(bench, voice="中文女")


@pytest.mark.parametrize("server", [2], indirect=True)
async def test_what_the_owner_has_not_set_is_named(server: FakeCosyVoice, bench: Bench) -> None:
    assert CosyVoice().missing() == ["ENGINE_SPEECH_COSYVOICE_VOICES"]
    with pytest.raises(EngineFailed, match="ENGINE_SPEECH_COSYVOICE_VOICE"):
        await speak(bench)


async def test_the_rate_of_another_model_can_be_set(
    server: FakeCosyVoice, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.rate_hz = 16_000
    monkeypatch.setenv("ENGINE_SPEECH_COSYVOICE_RATE_HZ", "16000")
    made = await speak(bench, voice="中文女")
    assert rate_and_length(made.audio)[0] == 16_000
    assert CosyVoice().basis()["rate_hz"] == 16_000
