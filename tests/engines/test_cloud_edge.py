"""Edge's voices: what is asked for over the real websocket protocol, word times, and the ways of failing."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from itertools import pairwise

import pytest
from cases_cloud import CASES
from contract import Bench, within
from fakes.base import Fault
from fakes.edge import PATH, times
from fakes.edge import Edge as FakeEdge

from app.core.errors import EngineFailed, EngineFault, EngineTimeout
from app.models.engine import SpeakRequest
from app.services.engines.speech_edge import EdgeSpeech, _Heard, placed

CASE = next(case for case in CASES if case.name == "speech/edge")
TEXT = "年老的灯塔看守人说：“你好！” & 2024年 <iPhone>。然后他走了。"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEdge]:
    with FakeEdge() as fake:
        for name, value in CASE.settings(fake.url).items():
            monkeypatch.setenv(name, value)
        yield fake


async def test_a_narration_comes_with_the_times_of_its_words(fake: FakeEdge, bench: Bench) -> None:
    made = await EdgeSpeech().speak(SpeakRequest(text=TEXT, rate=1.25), bench)
    (asked,) = fake.spoken
    assert asked == {
        "voice": "zh-CN, XiaoxiaoNeural",
        "rate": "+25%",
        "text": TEXT,
        "config": {
            "metadataoptions": {"sentenceBoundaryEnabled": "false", "wordBoundaryEnabled": "true"},
            "outputFormat": "audio-24khz-48kbitrate-mono-mp3",
        },
    }
    with wave.open(str(made.audio)) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        assert file.getnframes() / 24_000 == pytest.approx(made.duration_s)
    spoken = times(TEXT, 1.25)
    assert [(round(word.start_s, 3), round(word.end_s, 3)) for word in made.words] == [
        (round(begin, 3), round(begin + length, 3)) for _, begin, length in spoken
    ]
    texts = [TEXT[word.offset : word.offset + word.length] for word in made.words]
    assert "".join(texts) == TEXT and "“你好！” & " in texts
    assert all(word in shown for (word, _, _), shown in zip(spoken, texts, strict=True))
    assert all(one.end_s <= following.start_s for one, following in pairwise(made.words))
    assert made.words[-1].end_s <= made.duration_s
    assert made.facts == {"voice": "zh-CN-XiaoxiaoNeural", "rate_hz": 24_000}


@pytest.mark.parametrize(
    ("language", "wished", "voice"),
    [("zh", "", "zh-CN, XiaoxiaoNeural"), ("zh-CN", "男声", "zh-CN, YunxiNeural"), ("yue", "", "zh-HK, HiuMaanNeural"),
     ("zh-HK", "旁白", "zh-HK, HiuMaanNeural"), ("en", "", "en-US, AriaNeural"), ("en-US", "Male", "en-US, GuyNeural"),
     ("ja", "female", "ja-JP, NanamiNeural"), ("", "", "zh-CN, XiaoxiaoNeural"),
     ("zh", "en-US-GuyNeural", "en-US, GuyNeural")],
)  # fmt: skip
async def test_the_voice_is_the_one_wished_for_or_the_language_s(
    language: str, wished: str, voice: str, fake: FakeEdge, bench: Bench
) -> None:
    await EdgeSpeech().speak(SpeakRequest(text=TEXT, language=language, voice=wished), bench)
    assert fake.spoken[0]["voice"] == voice and fake.spoken[0]["rate"] == "+0%"


async def test_the_owner_s_voice_speaks_its_own_language(
    fake: FakeEdge, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SPEECH_EDGE_VOICE", "zh-CN-YunxiNeural")
    for language in ("zh", "en"):
        await EdgeSpeech().speak(SpeakRequest(text=TEXT, language=language), bench)
    assert [asked["voice"] for asked in fake.spoken] == ["zh-CN, YunxiNeural", "en-US, AriaNeural"]


async def test_a_long_text_is_spoken_whole_and_its_words_stay_in_order(
    fake: FakeEdge, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SPEECH_EDGE_TIMEOUT_S", "60")
    text = "年老的灯塔看守人望着暴风雨从海上袭来。" * 75
    made = await EdgeSpeech().speak(SpeakRequest(text=text, rate=2.0), bench)
    parts = [asked["text"] for asked in fake.spoken]
    assert len(parts) == 2 and "".join(parts) == text
    assert all(len(part.encode()) <= 4096 and part.endswith("。") for part in parts)
    assert made.words[0].offset == 0 and sum(word.length for word in made.words) == len(text)
    assert all(one.end_s <= following.start_s for one, following in pairwise(made.words))
    assert made.duration_s - 2 < made.words[-1].end_s <= made.duration_s


@pytest.mark.parametrize(
    ("voice", "language"),
    [("longxiaochun", "zh"), ("zh-CN-X'/><break/><voice name='yNeural", "zh"), ("", "xx"), ("grandma", "zh")],
)
async def test_a_voice_that_cannot_be_is_final_and_nobody_is_asked(
    voice: str, language: str, fake: FakeEdge, bench: Bench
) -> None:
    with pytest.raises(EngineFailed, match="no voice") as caught:
        await EdgeSpeech().speak(SpeakRequest(text=TEXT, voice=voice, language=language), bench)
    assert not caught.value.retryable and not fake.sent


@pytest.mark.parametrize("how", ["silent", "stops", "strange", "garbage"])
async def test_an_answer_that_is_not_whole_is_worth_another_try(how: str, fake: FakeEdge, bench: Bench) -> None:
    fake.misbehaves = how
    with pytest.raises(EngineFault) as caught:
        await within(20, EdgeSpeech().speak(SpeakRequest(text=TEXT), bench))
    assert caught.value.retryable
    fake.misbehaves = ""
    assert (await EdgeSpeech().speak(SpeakRequest(text=TEXT), bench)).words


async def test_a_voice_that_microsoft_does_not_have_says_nothing(fake: FakeEdge, bench: Bench) -> None:
    with pytest.raises(EngineFault, match="NoAudioReceived"):
        await EdgeSpeech().speak(SpeakRequest(text=TEXT, voice="zh-CN-NobodyNeural"), bench)


async def test_a_hang_in_the_middle_is_a_timeout(fake: FakeEdge, bench: Bench) -> None:
    fake.misbehaves = "hangs"
    with pytest.raises(EngineTimeout):
        await within(20, EdgeSpeech().speak(SpeakRequest(text=TEXT), bench))


async def test_being_shut_out_is_final(fake: FakeEdge, bench: Bench) -> None:
    fake.fail(f"GET {PATH}", Fault(403, "Forbidden"))
    with pytest.raises(EngineFailed, match="does not let") as caught:
        await EdgeSpeech().speak(SpeakRequest(text=TEXT), bench)
    assert not caught.value.retryable


async def test_words_that_are_not_in_the_text_are_left_to_be_found_in_the_sound(fake: FakeEdge, bench: Bench) -> None:
    fake.misbehaves = "other words"
    assert (await EdgeSpeech().speak(SpeakRequest(text=TEXT), bench)).words == ()


def test_words_outside_the_sound_are_cut_or_left_out() -> None:
    heard = [_Heard("one", 0.1, 0.4), _Heard("two", 0.3, 0.7), _Heard("three", 0.8, 1.4), _Heard("four", 1.4, 1.6)]
    words = placed([*heard[:3], heard[3]], "One one (two) three four", 1.2)
    assert [(word.offset, word.length, word.start_s, word.end_s) for word in words] == []
    words = placed([*heard, _Heard("five", 1.4, 1.9)], "one (two) three four five", 1.7)
    assert [(word.offset, word.start_s, word.end_s) for word in words] == [
        (0, 0.1, 0.4), (4, 0.4, 0.7), (10, 0.8, 1.4), (16, 1.4, 1.6), (21, 1.6, 1.7)]  # fmt: skip


async def test_a_proxy_s_password_is_not_shown(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_SPEECH_EDGE_PROXY", "http://me:topsecret@127.0.0.1:9")
    engine = EdgeSpeech()
    with pytest.raises(Exception) as caught:
        await engine.speak(SpeakRequest(text=TEXT), bench)
    assert "topsecret" not in str(caught.value) and "topsecret" not in repr(engine.settings)


def test_it_is_in_no_order_that_nobody_wrote_down() -> None:
    engine = EdgeSpeech()
    assert engine.missing() == [] and not engine.configured() and "unofficial" in engine.capabilities.notes
