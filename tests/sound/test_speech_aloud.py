"""What is said is not always what is written: numbers and dates, and other voices between quotation marks."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from app.services.engines.builtin.speech import speakers, voices
from app.services.engines.builtin.speech.espeak import Delivery
from app.services.engines.builtin.speech.numbers import aloud
from app.services.engines.builtin.speech.task import speak


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2024年3月5日", "二零二四年三月五日"),
        ("他等了3年", "他等了三年"),
        ("2个苹果，12只羊，第2天", "两个苹果，十二只羊，第二天"),
        ("12:30出发，8:05到", "十二点三十分出发，八点零五分到"),
        ("涨了50%，跌了3.5％", "涨了百分之五十，跌了百分之三点五"),
        ("1/3的人", "三分之一的人"),
        ("花了￥20.5，$3万", "花了二十点五元，三万美元"),
        ("走了5km，-5℃", "走了五公里，负五摄氏度"),
        ("3-5岁", "三到五岁"),
        ("13800138000", "一三八零零一三八零零零"),
        ("1,000个，1000000人", "一千个，一百万人"),
        ("007号，23楼", "零零七号，二十三楼"),
        ("9" * 40, "九" * 40),
        ("没有数字", "没有数字"),
    ],
)
def test_chinese_numbers_are_said_as_a_reader_says_them(written: str, said: str) -> None:
    assert aloud(written, "cmn")[0] == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("in 1984 he", "in 19 84 he"),
        ("since 1905", "since 19 oh 5"),
        ("by 1900, all", "by 19 hundred, all"),
        ("in 2005", "in 2005"),
        ("the 1990s", "the 19 nineties"),
        ("in 1500 boxes", "in 1500 boxes"),
        ("$5, £3.50, $1, $2 million", "5 dollars, 3 pounds 50, 1 dollar, 2 million dollars"),
        ("No. 5", "number 5"),
        ("10 km, 5°C", "10 kilometres, 5 degrees"),
        ("1/2 and 3/4", "a half and three quarters"),
    ],
)
def test_english_years_sums_and_measures_are_said_in_words(written: str, said: str) -> None:
    assert aloud(written, "en-us")[0] == said


@pytest.mark.parametrize("text", ["2024年3月5日，2个人走了5km。", "In 1984 he paid $5 for 1/2 of it."])
def test_every_character_said_knows_where_it_was_written(text: str) -> None:
    for base in ("cmn", "en-us", "fr"):
        said, origin = aloud(text, base)
        assert len(said) == len(origin) and origin == sorted(origin)
        assert all(0 <= at < len(text) for at in origin)
    assert aloud(text, "fr")[0] == text


def test_words_of_a_narration_with_numbers_keep_their_place_in_the_text(tmp_path: Path) -> None:
    text = "2024年，2个人走了3.5公里。"
    made = speak({"text": text, "language": "zh"}, tmp_path, lambda: None)
    offsets = [word["offset"] for word in made["words"]]
    assert offsets == sorted(set(offsets)) and offsets[0] == 0
    assert "".join(text[word["offset"] : word["offset"] + word["length"]] for word in made["words"]) == text


def roles(text: str) -> list[tuple[str, speakers.Role]]:
    return [(text[turn.start : turn.end], turn.role) for turn in speakers.turns(text)]


def test_a_small_one_speaks_higher_and_a_bear_lower_than_the_narrator() -> None:
    (_, told), (_, bear), *_ = roles('The bear growled, "Go away!" Nobody moved.')
    assert told is speakers.NARRATOR and bear.pitch < 0
    (_, mouse), *_ = roles("“别怕！”小老鼠说。")
    assert mouse.pitch > 0


def test_two_speakers_have_two_voices_and_keep_them() -> None:
    first = roles("狐狸問：「你為什麼不睡？」貓頭鷹說：「我要守夜。」")
    fox, owl = first[1][1], first[3][1]
    assert fox is not owl
    assert roles("貓頭鷹說：「好。」")[1][1] is owl


def test_marks_around_a_name_are_no_speech() -> None:
    assert roles("他叫“老王”，住在“幸福里”。") == [("他叫“老王”，住在“幸福里”。", speakers.NARRATOR)]


@pytest.mark.parametrize("text", ["", "“", "”“”", '"a.', "「一。「二。」", "“说”“说。", "no quotes at all"])
def test_turns_cover_any_text_without_a_gap(text: str) -> None:
    spoken = speakers.turns(text)
    assert [turn.start for turn in spoken][1:] == [turn.end for turn in spoken][:-1]
    assert (spoken[0].start, spoken[-1].end) == (0, len(text))


def test_a_call_is_livelier_and_a_trailing_sentence_slower() -> None:
    plain = Delivery(160, 46, 50)
    call, trail = (voices.acted(plain, speakers.NARRATOR, words) for words in ("走！", "走……"))
    assert call.variation > plain.variation and call.pitch > plain.pitch
    assert trail.words_per_minute < plain.words_per_minute


def pitch_hz(path: Path) -> float:
    """Median fundamental by autocorrelation of voiced 40 ms frames."""
    with wave.open(str(path)) as file:
        rate, sound = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(float)
    size, found = rate // 25, []
    for start in range(0, sound.size - size, size // 2):
        frame = sound[start : start + size]
        if np.abs(frame).max() < 1500:
            continue
        power = np.correlate(frame, frame, "full")[size - 1 :]
        low, high = rate // 500, rate // 60
        at = low + int(np.argmax(power[low:high]))
        if power[at] > 0.5 * power[0]:
            found.append(rate / at)
    return float(np.median(found))


def test_the_voices_differ_in_the_sound_itself(tmp_path: Path) -> None:
    heard = {}
    for name, text in {
        "small": "“我们快点走吧，天要黑了！”小兔说。",
        "large": "“我们快点走吧，天要黑了！”大熊说。",
    }.items():
        (tmp_path / name).mkdir()
        speak({"text": text, "language": "zh"}, tmp_path / name, lambda: None)
        heard[name] = pitch_hz(tmp_path / name / "narration.wav")
    assert heard["small"] > 1.15 * heard["large"]


def test_a_voice_asked_for_by_name_is_kept_in_quotations(tmp_path: Path) -> None:
    for name, voice in (("free", ""), ("asked", "f3")):
        (tmp_path / name).mkdir()
        speak({"text": "“快走！”大熊说。", "language": "zh", "voice": voice}, tmp_path / name, lambda: None)
    assert (tmp_path / "free/narration.wav").read_bytes() != (tmp_path / "asked/narration.wav").read_bytes()
