"""Speech by DashScope: the websocket's messages, word times, long texts, Qwen3-TTS, and what breaks off."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cases_dashscope import a_line, settings
from contract import Bench, within
from fakes.dashscope import KEY, MULTIMODAL, WORD_MS, DashScope

from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout
from app.models.engine import SpeakRequest, SpeakResult
from app.services.engines.dashscope_voice import Voiced, word_times
from app.services.engines.speech_dashscope import DashScopeSpeech

Made = Callable[..., DashScopeSpeech]


@pytest.fixture
def fake() -> Iterator[DashScope]:
    with DashScope() as server:
        yield server


@pytest.fixture
def engine(fake: DashScope, monkeypatch: pytest.MonkeyPatch) -> Made:
    def make(**more: str) -> DashScopeSpeech:
        for name, value in settings(fake.url, "speech").items():
            monkeypatch.setenv(name, value)
        for name, value in more.items():
            monkeypatch.setenv(f"ENGINE_SPEECH_DASHSCOPE_{name.upper()}", value)
        return DashScopeSpeech()

    return make


async def spoken(engine: DashScopeSpeech, bench: Bench, request: SpeakRequest) -> SpeakResult:
    return await within(20, engine.speak(request, bench))


async def refusal(engine: DashScopeSpeech, bench: Bench, request: SpeakRequest) -> AppError:
    with pytest.raises(AppError) as caught:
        await spoken(engine, bench, request)
    return caught.value


async def test_cosyvoice_is_told_every_field(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    request = a_line(tmp_path, rate=1.25, tone="欢快", seed=70_000)
    result = await spoken(engine(), bench, request)
    (task,) = fake.spoken
    run, text, finish = task.messages
    number = run["header"]["task_id"]
    assert run == {
        "header": {"action": "run-task", "task_id": number, "streaming": "duplex"},
        "payload": {
            "task_group": "audio",
            "task": "tts",
            "function": "SpeechSynthesizer",
            "model": "cosyvoice-v3-flash",
            "parameters": {
                "text_type": "PlainText",
                "voice": "longanyang",
                "format": "pcm",
                "sample_rate": 24000,
                "volume": 50,
                "rate": 1.25,
                "pitch": 1.0,
                "enable_ssml": False,
                "seed": 70_000 % 65_536,
                "word_timestamp_enabled": True,
                "language_hints": ["zh"],
                "instruction": "你说话的情感是happy。",
            },
            "input": {},
        },
    }
    assert text["header"] == {"action": "continue-task", "task_id": number, "streaming": "duplex"}
    assert text["payload"]["input"] == {"text": request.text}
    assert finish["header"]["action"] == "finish-task" and finish["payload"] == {"input": {}}
    assert task.headers["authorization"] == f"Bearer {KEY}"
    with wave.open(str(result.audio), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        assert file.getnframes() / 24000 == pytest.approx(result.duration_s)
    assert result.duration_s == pytest.approx(8 * WORD_MS / 1.25 / 1000, abs=0.01)
    assert result.facts["voice"] == "longanyang" and result.facts["characters"] == len(request.text)


@pytest.mark.parametrize("anew", [False, True])
async def test_words_sound_when_the_service_says(
    anew: bool, fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.times_from_each_sentence = anew
    request = a_line(tmp_path)
    result = await spoken(engine(), bench, request)
    said = [request.text[word.offset : word.offset + word.length] for word in result.words]
    assert said == ["夜", "里，", "灯", "亮", "了。", "海", "很", "静。"]
    starts = [word.start_s for word in result.words]
    assert starts == pytest.approx([number * WORD_MS / 1000 for number in range(8)], abs=0.01)
    assert all(word.start_s < word.end_s <= result.duration_s for word in result.words)


async def test_english_words_are_words(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    request = a_line(tmp_path, text="The sea, the sea. It is still.", language="en-GB")
    result = await spoken(engine(), bench, request)
    said = [request.text[word.offset : word.offset + word.length].strip() for word in result.words]
    assert said == ["The", "sea,", "the", "sea.", "It", "is", "still."]
    assert fake.spoken[0].parameters["language_hints"] == ["en"]


async def test_a_voice_without_times_leaves_them_to_be_found(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.tells_words = False
    assert (await spoken(engine(), bench, a_line(tmp_path))).words == ()


def test_words_that_do_not_fit_the_text_are_not_believed() -> None:
    def told(*words: str) -> Voiced:
        listed = [
            {"text": word, "begin_time": number * 100, "end_time": number * 100 + 90}
            for number, word in enumerate(words)
        ]
        return Voiced({0: listed}, {0: 0}, 0)

    assert len(word_times("一二三", told("一", "二", "三"), 24000, 1.0)) == 3
    assert word_times("一二三", told("四", "五", "六"), 24000, 1.0) == ()
    assert word_times("一二三", told("一", "二", "三"), 24000, 0.1) == ()
    assert word_times("一二三", Voiced({0: [{"text": "一"}]}, {}, 0), 24000, 1.0) == ()
    back = [{"text": "一", "begin_time": 500, "end_time": 600}, {"text": "二", "begin_time": 100, "end_time": 200}]
    assert word_times("一二三", Voiced({0: back}, {}, 0), 24000, 1.0) == ()


async def test_a_long_text_is_spoken_whole_in_one_recording(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    request = a_line(tmp_path, text="海很静。" * 300)
    result = await spoken(engine(sample_rate_hz="8000"), bench, request)
    texts = [one for one in fake.spoken[0].messages if one["header"]["action"] == "continue-task"]
    assert len(texts) == 2
    assert fake.spoken[0].text == request.text
    assert result.duration_s == pytest.approx(900 * WORD_MS / 1000, rel=0.01)
    assert len(result.words) == 900


async def test_a_voice_that_was_asked_for_is_used_a_cloned_one_as_well(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    cloned = "cosyvoice-v3-flash-grandma-0a1b2c"
    await spoken(engine(), bench, a_line(tmp_path, voice=cloned, tone="悲伤"))
    assert fake.spoken[0].parameters["voice"] == cloned
    assert fake.spoken[0].parameters["instruction"] == "请非常伤心地说一句话。"


async def test_the_voice_may_be_set_for_each_language(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    made = engine(model="cosyvoice-v2", voices="en=loongabby_v2, ja=loongyuuna_v2", instruction="none")
    assert set(made.can().languages) == {"zh", "en", "ja"}
    await spoken(made, bench, a_line(tmp_path, text="Good night.", language="en"))
    await spoken(made, bench, a_line(tmp_path, tone="悲伤"))
    assert [one.parameters["voice"] for one in fake.spoken] == ["loongabby_v2", "longxiaochun_v2"]
    assert all("instruction" not in one.parameters for one in fake.spoken)
    assert engine(voice="mine").can().languages == ()


def test_a_model_without_voices_of_its_own_asks_for_one(engine: Made) -> None:
    assert engine(model="cosyvoice-v3.5-plus").missing() == ["ENGINE_SPEECH_DASHSCOPE_VOICE"]
    assert engine(model="cosyvoice-v3.5-plus", voice="cosyvoice-v3.5-plus-me-1").missing() == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidParameter", EngineFailed),
        ("DataInspectionFailed", EngineFailed),
        ("Throttling.RateQuota", EngineFault),
        ("InternalError", EngineFault),
    ],
)
async def test_a_task_that_failed_is_told_by_its_code(
    code: str, kind: type[AppError], fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.voice_failure = (code, f"[tts:]Engine return error code: 418 {KEY}")
    error = await refusal(engine(), bench, a_line(tmp_path))
    assert type(error) is kind
    assert code in error.detail and KEY not in error.detail


async def test_a_connection_that_breaks_off_in_the_middle_is_a_fault(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.voice_breaks = True
    assert isinstance(await refusal(engine(), bench, a_line(tmp_path)), EngineFault)


async def test_a_service_that_says_nothing_any_more_is_not_waited_for(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.voice_silent = True
    assert isinstance(await refusal(engine(timeout_s="0.3"), bench, a_line(tmp_path)), EngineTimeout)
    assert isinstance(
        await refusal(engine(timeout_s="30", speak_timeout_s="0.2"), bench, a_line(tmp_path)), EngineTimeout
    )


async def test_a_narration_may_take_longer_than_one_wait(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.voice_pause_s = 0.3
    result = await spoken(engine(timeout_s="1.0"), bench, a_line(tmp_path))
    assert result.duration_s == pytest.approx(8 * WORD_MS / 1000, abs=0.01)


async def test_a_cancel_closes_the_connection(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    fake.voice_silent = True
    work = asyncio.ensure_future(engine(timeout_s="60").speak(a_line(tmp_path), bench))
    while not fake.spoken or len(fake.spoken[0].messages) < 3:
        await asyncio.sleep(0.01)
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=2)
    assert done and work.cancelled()
    for _ in range(100):
        if fake.spoken[0].closed:
            break
        await asyncio.sleep(0.02)
    assert fake.spoken[0].closed


async def test_qwen_speaks_each_piece_and_they_are_joined(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    made = engine(model="qwen3-tts-flash")
    assert not made.can().word_times
    request = a_line(tmp_path, text="海很静。" * 100, rate=1.1)
    result = await spoken(made, bench, request)
    sent = fake.calls(f"POST {MULTIMODAL}")
    assert sent[0].json == {
        "model": "qwen3-tts-flash",
        "input": {"text": request.text[:300], "voice": "Cherry", "language_type": "Chinese"},
    }
    assert "".join(one.json["input"]["text"] for one in sent) == request.text
    assert result.duration_s == pytest.approx(400 * WORD_MS / 1000, rel=0.01)
    assert result.words == () and "rate" in result.facts
    assert not fake.spoken


async def test_a_recording_of_qwen_that_expired_or_is_none_is_a_fault(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    made = engine(model="qwen3-tts-flash")
    fake.expired = True
    assert isinstance(await refusal(made, bench, a_line(tmp_path)), EngineFault)
    fake.expired, fake.spoiled = False, True
    assert isinstance(await refusal(made, bench, a_line(tmp_path)), EngineFault)


async def test_qwen_that_moderates_is_final(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    fake.task_failure = ("DataInspectionFailed", "inappropriate")
    error = await refusal(engine(model="qwen3-tts-flash"), bench, a_line(tmp_path))
    assert type(error) is EngineFailed
