"""OpenAI's speech: every field that is sent, long texts in parts, and its own ways of failing."""

from __future__ import annotations

import wave
from collections.abc import Iterator

import pytest
from cases_cloud import CASES
from contract import Bench
from fakes.base import Fault
from fakes.openai_speech import OpenAISpeech as FakeSpeech

from app.core.errors import EngineFailed, EngineFault, EngineTimeout
from app.models.engine import SpeakRequest
from app.services.engines.speech_openai import OpenAISpeech

CASE = next(case for case in CASES if case.name == "speech/openai")
SPEECH = "POST /v1/audio/speech"
KEY = "sk-openai-secret"
TEXT = "年老的灯塔看守人望着暴风雨从海上袭来。清晨,一切都静了。"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSpeech]:
    with FakeSpeech() as fake:
        for name, value in CASE.settings(fake.url).items():
            monkeypatch.setenv(name, value)
        yield fake


async def test_a_narration_comes_and_every_field_sent_is_as_documented(fake: FakeSpeech, bench: Bench) -> None:
    made = await OpenAISpeech().speak(SpeakRequest(text=TEXT, tone="温柔", rate=0.9), bench)
    (sent,) = fake.sent
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.json == {
        "model": "gpt-4o-mini-tts",
        "voice": "alloy",
        "input": TEXT,
        "response_format": "wav",
        "speed": 0.9,
        "instructions": "You tell a story. Tone: 温柔.",
    }
    with wave.open(str(made.audio)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.getnframes() / 24_000 == pytest.approx(made.duration_s)
    assert made.audio == bench.folder / "narration.wav" and made.words == ()


@pytest.mark.parametrize(
    ("model", "wished", "voice", "instructed"),
    [("tts-1", "", "alloy", False), ("tts-1-hd", "女声", "nova", False), ("gpt-4o-mini-tts", "Male", "onyx", True),
     ("gpt-4o-mini-tts", "sage", "sage", True), ("gpt-4o-mini-tts", "旁白", "alloy", True)],
)  # fmt: skip
async def test_the_voice_is_the_one_wished_for_and_old_models_get_no_instructions(
    model: str, wished: str, voice: str, instructed: bool, fake: FakeSpeech, bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("ENGINE_SPEECH_OPENAI_MODEL", model)
    await OpenAISpeech().speak(SpeakRequest(text=TEXT, voice=wished, tone="sad"), bench)
    sent = fake.sent[0].json
    assert sent["voice"] == voice and ("instructions" in sent) == instructed and "speed" not in sent


async def test_a_long_text_is_spoken_whole_in_parts(fake: FakeSpeech, bench: Bench) -> None:
    text = "The keeper climbed the stairs, one by one. " * 220
    made = await OpenAISpeech().speak(SpeakRequest(text=text, language="en"), bench)
    parts = [call.json["input"] for call in fake.calls(SPEECH)]
    assert len(parts) == 3 and all(len(part) <= 4096 and part.endswith(".") for part in parts)
    assert " ".join(parts) == text.strip()
    assert made.duration_s == pytest.approx(sum(len(part) / 3 * 0.2 for part in parts), abs=0.01)


async def test_chinese_is_cut_sooner_because_models_count_tokens(fake: FakeSpeech, bench: Bench) -> None:
    await OpenAISpeech().speak(SpeakRequest(text=TEXT * 80), bench)
    parts = [call.json["input"] for call in fake.calls(SPEECH)]
    assert "".join(parts) == TEXT * 80 and max(map(len, parts)) <= 1500


async def test_parts_at_different_rates_are_not_joined(fake: FakeSpeech, bench: Bench) -> None:
    text = "The keeper climbed the stairs, one by one. " * 110
    fake.unsteady = True
    with pytest.raises(EngineFault, match="different rates"):
        await OpenAISpeech().speak(SpeakRequest(text=text), bench)


@pytest.mark.parametrize(
    ("changes", "request_changes", "said"),
    [({"ENGINE_SPEECH_OPENAI_MODEL": "tts-9"}, {}, "does not exist"), ({}, {"voice": "nobody"}, "should be one of"),
     ({}, {"text": "……！"}, "no words")],
)  # fmt: skip
async def test_a_model_or_a_voice_that_is_not_there_is_final(
    changes: dict[str, str], request_changes: dict[str, str], said: str, fake: FakeSpeech, bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(EngineFailed, match=said) as caught:
        await OpenAISpeech().speak(SpeakRequest(**{"text": TEXT, **request_changes}), bench)
    assert not caught.value.retryable


async def test_a_wrong_key_is_final_and_not_shown(fake: FakeSpeech, bench: Bench) -> None:
    fake.key = "another"
    with pytest.raises(EngineFailed, match="is its key right") as caught:
        await OpenAISpeech().speak(SpeakRequest(text=TEXT), bench)
    assert not caught.value.retryable and KEY not in caught.value.detail


async def test_a_quota_that_is_used_up_is_final(fake: FakeSpeech, bench: Bench) -> None:
    fake.fail(SPEECH, Fault(429, '{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'))
    with pytest.raises(EngineFailed, match="quota is used up") as caught:
        await OpenAISpeech().speak(SpeakRequest(text=TEXT), bench)
    assert not caught.value.retryable


async def test_it_asks_once_and_leaves_trying_again_to_the_router(fake: FakeSpeech, bench: Bench) -> None:
    fake.fail(SPEECH, Fault(500, "oops"))
    with pytest.raises(EngineFault):
        await OpenAISpeech().speak(SpeakRequest(text=TEXT), bench)
    assert len(fake.calls(SPEECH)) == 1


async def test_a_hang_is_a_timeout(fake: FakeSpeech, bench: Bench) -> None:
    fake.fail(SPEECH, Fault(kind="hang"))
    with pytest.raises(EngineTimeout):
        await OpenAISpeech().speak(SpeakRequest(text=TEXT), bench)


def test_it_stands_in_no_unwritten_order_behind_a_server_that_may_have_no_speech(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert OpenAISpeech().missing() == ["OPENAI_API_KEY"] and not OpenAISpeech().configured()
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert OpenAISpeech().configured() and OpenAISpeech().missing() == []
    assert all(KEY not in lane for lane in OpenAISpeech().lanes())
    monkeypatch.setenv("OPENAI_BASE_URL", "https://llm.example.com")
    assert not OpenAISpeech().configured() and OpenAISpeech().settings.url == "https://llm.example.com/v1"
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("ENGINE_SPEECH_OPENAI_BASE_URL", "http://127.0.0.1:8880/v1")
    assert OpenAISpeech().configured() and OpenAISpeech().missing() == []
    assert OpenAISpeech().lanes() == {"host http://127.0.0.1:8880": 4}


async def test_it_says_whether_its_server_answers(fake: FakeSpeech) -> None:
    engine = OpenAISpeech()
    assert await engine.unreachable() == []
    fake.stop_listening()
    assert "cannot be reached" in (await engine.unreachable())[0]
