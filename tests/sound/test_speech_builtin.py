"""Narration by espeak-ng: what it says, when each word sounds, and what it makes of odd texts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from app.core.errors import Canceled, ValidationFailed
from app.models.engine import SpeakRequest
from app.services.engines.builtin.speech import BuiltinSpeech, espeak
from app.services.engines.builtin.speech.task import speak

CHINESE = "年老的灯塔看守人望着暴风雨从海上袭来。清晨，女孩和她的狗走过积雪的森林。"
ENGLISH = 'An old lighthouse keeper watches the storm. "Hello," said Mr. Smith, and left the U.S.A. in 2024.'
MIXED = "小狗Buddy有3个朋友，2024年他用了iPhone 15。😀好吗？他说：“你好，世界！”……然后——走了。"


@pytest.fixture
def say(tmp_path, load_wav, check):
    """text, **request -> (facts, mono sound); the sound's form and the words' order are checked on the way."""

    def spoken(text, **request):
        made = speak(SpeakRequest(text=text, **request).model_dump(mode="json"), tmp_path, check)
        sound, rate = load_wav(tmp_path / made["audio"])
        assert sound.shape[0] == 1 and rate == made["rate_hz"]
        assert made["duration_s"] == pytest.approx(sound.shape[1] / rate)
        assert made["duration_s"] > 0 and np.abs(sound).max() < 0.99
        _words_in_order(made, text)
        return made, sound[0]

    return spoken


def _words_in_order(made, text):
    words = made["words"]
    for one, following in pairwise(words):
        assert one["offset"] + one["length"] == following["offset"]
        assert one["start_s"] < one["end_s"] <= following["start_s"]
    if words:
        assert words[-1]["offset"] + words[-1]["length"] == len(text)
        assert words[0]["start_s"] >= 0 and words[-1]["end_s"] <= made["duration_s"]


def _texts(made, text):
    return [text[word["offset"] : word["offset"] + word["length"]] for word in made["words"]]


@pytest.mark.parametrize(("text", "language"), [(CHINESE, "zh"), (ENGLISH, "en")])
def test_every_word_sounds_and_the_last_one_ends_with_the_sound(say, text, language):
    made, sound = say(text, language=language)
    rate, words = made["rate_hz"], made["words"]
    assert len(words) >= 15
    for word in words:
        part = sound[round(word["start_s"] * rate) : round(word["end_s"] * rate)]
        assert np.abs(part).max() > 0.02, word
    audible = np.flatnonzero(np.abs(sound) > 0.003)
    assert words[-1]["end_s"] == pytest.approx(audible[-1] / rate, abs=0.02)
    assert words[0]["start_s"] == pytest.approx(audible[0] / rate, abs=0.03)
    assert made["duration_s"] - words[-1]["end_s"] < 0.06


@pytest.mark.parametrize(("text", "language"), [(CHINESE, "zh"), (ENGLISH, "en")])
def test_a_word_after_a_pause_begins_when_the_sound_does(say, text, language):
    made, sound = say(text, language=language)
    rate, found = made["rate_hz"], 0
    for before, word in pairwise(made["words"]):
        if word["start_s"] - before["end_s"] < 0.15:
            continue
        pause = sound[round(before["end_s"] * rate) : round((word["start_s"] - 0.02) * rate)]
        assert np.abs(pause).max() < 0.02
        onset = np.flatnonzero(np.abs(sound[round(before["end_s"] * rate) + 400 :]) > 0.01)[0] + 400
        assert onset / rate + before["end_s"] == pytest.approx(word["start_s"], abs=0.08)
        found += 1
    assert found >= 1


def test_chinese_words_run_to_the_next_and_keep_their_punctuation(say):
    made, _ = say(CHINESE)
    assert "".join(_texts(made, CHINESE)) == CHINESE
    assert _texts(made, CHINESE)[:3] == ["年老", "的", "灯塔"]
    assert "来。" in _texts(made, CHINESE) and "清晨，" in _texts(made, CHINESE)


def test_numbers_and_names_are_one_word_each_in_mixed_text(say):
    texts = _texts(say(MIXED)[0], MIXED)
    assert "Buddy" in texts and "2024" in texts and "iPhone " in texts and "15。😀" in texts
    assert "“你好，" in texts  # an opening quote belongs to what follows
    assert all(any(map(str.isalnum, text)) for text in texts)


def test_sentences_are_apart_and_abbreviations_are_not(say):
    made, _ = say(ENGLISH, language="en")
    texts = _texts(made, ENGLISH)
    gaps = {
        text: after["start_s"] - word["end_s"]
        for text, word, after in zip(texts, made["words"], made["words"][1:], strict=False)
    }
    assert 0.25 < gaps["storm. "] < 0.6
    assert gaps["Mr. "] < 0.12 and gaps["U.S.A. "] < 0.12


@pytest.mark.parametrize("text", ["", "   ", "...", "。！？……", "😀🎉", "\x00\x01", "\u202e\u200f", "——"])
def test_a_text_without_words_is_a_short_silence(say, text):
    made, sound = say(text)
    assert not made["words"] and 0 < made["duration_s"] <= 0.5 and not sound.any()


@pytest.mark.parametrize(
    "text",
    [
        '<speak>go<break time="9s"/></speak> [[h@l]] & {x}',
        "one\x00two\x07 three\ud800 four",
        "مرحبا hello שלום 你好 мир 안녕 γειά",
        "e\u0301a\u0300 zero\u200bwidth \u202eright\u202c",
        "3.14159 + 2 = 5.14159, $3.50, 100%!",
        "a" * 500,
        "\n\nFirst.\n\nSecond\n",
    ],
)
def test_odd_texts_are_spoken_whole(say, text):
    made, sound = say(text, language="en")
    assert made["words"] and sound.any()
    assert made["duration_s"] < 60


def test_markup_is_read_out_and_not_obeyed(say):
    plain, _ = say("one two", language="en")
    marked, _ = say('one <break time="9s"/> two', language="en")
    assert len(marked["words"]) > len(plain["words"]) and marked["duration_s"] < 8


def test_a_very_long_text_is_cut_at_breaths_and_can_be_canceled(say, tmp_path):
    text = "他走过了长长的路，看见了大海。" * 60 + "没有标点的很长很长的句子" * 60
    made, _ = say(text)
    assert len(made["words"]) > 900
    calls = []

    def stop():
        calls.append(1)
        if len(calls) > 3:
            raise Canceled("stop")

    with pytest.raises(Canceled):
        speak(SpeakRequest(text=text).model_dump(mode="json"), tmp_path, stop)
    assert len(calls) == 4


@pytest.mark.parametrize("voice", ["", "female", "童声", "cmn+m3"])
def test_the_same_request_gives_the_same_bytes_whatever_was_said_before(say, tmp_path, voice):
    say(CHINESE, voice=voice, tone="温馨")
    first = (tmp_path / "narration.wav").read_bytes()
    say(ENGLISH, language="en", voice="female")
    say(CHINESE, voice=voice, tone="温馨")
    assert (tmp_path / "narration.wav").read_bytes() == first


@pytest.mark.parametrize(
    ("language", "voice", "name"),
    [
        ("zh", "", "cmn"), ("zh-CN", "", "cmn"), ("zh-TW", "", "cmn"), ("zh-HK", "", "yue"), ("yue", "", "yue"),
        ("en", "", "en-us"), ("en-GB", "", "en"), ("en_US", "", "en-us"), ("en", "en-gb", "en"), ("fr-CA", "", "fr"),
        ("en", "en-us+f3", "en-us+f3"), ("en", "f3", "en-us+f3"), ("zh", "+F3", "cmn+f3"), ("zh", "女声", "cmn+f3"),
        ("zh", "爷爷", "cmn+grandpa"), ("pt-BR", "", "pt-br"), ("de-AT", "", "de"), ("", "", "en-us"),
    ],
)  # fmt: skip
def test_a_language_and_a_wish_find_their_voice(say, language, voice, name):
    assert say("Hello", language=language, voice=voice)[0]["voice"] == name


def test_without_a_language_the_text_decides(say):
    assert say("你好", language="")[0]["voice"] == "cmn"


@pytest.mark.parametrize(
    "request_",
    [{"voice": "nobody"}, {"voice": "en-us+nobody"}, {"voice": "../../etc/passwd"}, {"language": "xx"}, {"rate": 0.0},
     {"rate": float("inf")}, {"voice": "mb/mb-us1"}],
)  # fmt: skip
def test_what_espeak_does_not_have_is_refused_by_name(say, request_):
    with pytest.raises(ValidationFailed) as caught:
        say("hello", **request_)
    assert str(next(iter(request_.values()))) in caught.value.detail


def _pitch_hz(sound, rate):
    """Median fundamental by autocorrelation of the voiced 50 ms frames."""
    size, found = rate // 20, []
    for at in range(0, sound.size - size, size):
        frame = sound[at : at + size] - sound[at : at + size].mean()
        if frame.std() < 0.05:
            continue
        match = np.correlate(frame, frame, "full")[size - 1 :]
        low, high = rate // 450, rate // 65
        lag = low + int(match[low:high].argmax())
        if match[lag] > 0.5 * match[0]:
            found.append(rate / lag)
    return float(np.median(found))


def test_tone_rate_and_voice_change_the_delivery_modestly(say):
    plain, sound = say(ENGLISH, language="en")
    sad, happy = say(ENGLISH, language="en", tone="悲伤")[0], say(ENGLISH, language="en", tone="happy")[0]
    fast = say(ENGLISH, language="en", rate=1.5)[0]
    assert 1.05 < sad["duration_s"] / plain["duration_s"] < 1.25
    assert 0.85 < happy["duration_s"] / plain["duration_s"] < 0.99
    assert 0.55 < fast["duration_s"] / plain["duration_s"] < 0.75
    _, child = say(ENGLISH, language="en", voice="child")
    _, woman = say(ENGLISH, language="en", voice="female")
    rate = plain["rate_hz"]
    assert _pitch_hz(sound, rate) * 1.2 < _pitch_hz(woman, rate) < _pitch_hz(child, rate)


def test_the_sound_begins_and_ends_without_a_click_or_dead_air(say):
    made, sound = say(CHINESE)
    assert np.abs(sound[:5]).max() < 0.02 and np.abs(sound[-5:]).max() < 0.02
    audible = np.flatnonzero(np.abs(sound) > 0.003)
    assert audible[0] / made["rate_hz"] < 0.05


async def test_the_engine_hands_the_work_to_the_task_and_returns_typed_words(tmp_path, check):
    class Here:
        folder = tmp_path

        async def compute(self, task, request):
            assert task == "app.services.engines.builtin.speech.task:speak"
            return speak(request, tmp_path, check)

        def progress(self, fraction, message=""):
            pass

    engine = BuiltinSpeech()
    assert engine.missing() == []
    result = await engine.speak(SpeakRequest(text=CHINESE), Here())
    assert result.audio.is_file() and result.words[0].offset == 0 and result.duration_s > 5


def test_a_voice_folder_with_a_very_long_path_is_no_obstacle(say, tmp_path, monkeypatch):
    deep = tmp_path.joinpath(*["a-folder-with-a-name-of-some-length"] * 6, "espeak-ng-data")
    shutil.copytree(espeak.data_folder(), deep)
    assert len(str(deep)) > 240
    monkeypatch.setattr(espeak, "data_folder", lambda: deep)
    assert say("你好")[0]["words"]


def test_importing_the_engines_loads_no_media_library():
    code = (
        "import sys; import app.services.engines.builtin.speech, app.services.engines.builtin.music;"
        "print([m for m in ('numpy', 'av', 'cv2', 'PIL', 'espeakng_loader') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
