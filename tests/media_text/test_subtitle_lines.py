"""Line breaking: by phrase in Chinese, balanced in English, safe for everything else."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.engine import WordTime
from app.services.media.line_breaking import CLOSING, OPENING, char_width, page, text_size
from app.services.media.subtitles import TimedText, cues

WIDE, TALL = (1280, 720), (720, 1280)
STORY = (
    "老灯塔守护人每天黄昏都会点亮那盏灯，为远方的船只指引方向。有一天夜里，暴风雨突然来了，海浪像山一样高！"
    "他听见远处传来微弱的呼救声：“救命啊，有人吗？”他没有犹豫，提起灯就冲进了雨里。"
)
TALE = (
    "The old lighthouse keeper climbed the winding stairs every evening, carrying a lantern and a heart full of "
    'stories. "Someone is out there," he whispered. Mr. Brown, who lived in the village below, had not seen a storm '
    "like this in fifty years!"
)


def shown(text: str, language: str, size: tuple[int, int] = WIDE, words: tuple[WordTime, ...] = ()) -> list[str]:
    return [cue.text for cue in cues(text, words, language, width=size[0], height=size[1])]


def lines(found: list[str]) -> list[str]:
    return [line for text in found for line in text.split("\n")]


def width(line: str) -> int:
    return sum(char_width(char) for char in line)


def by_words(parts: list[str], each_s: float = 0.4) -> tuple[WordTime, ...]:
    offsets = [sum(map(len, parts[:i])) for i in range(len(parts))]
    return tuple(
        WordTime(offset=offset, length=len(part), start_s=i * each_s, end_s=(i + 1) * each_s)
        for i, (offset, part) in enumerate(zip(offsets, parts, strict=True))
    )


@pytest.mark.parametrize("size", [WIDE, TALL, (854, 480), (1920, 1080), (1080, 1080)])
@pytest.mark.parametrize(("text", "language"), [(STORY, "zh"), (TALE, "en"), (STORY, ""), (TALE, "")])
def test_a_cue_has_two_lines_at_most_and_no_line_is_too_wide(text: str, language: str, size: tuple[int, int]) -> None:
    found = shown(text, language, size)
    limit = page(*size, language, text).limit
    assert all(text.count("\n") <= 1 for text in found)
    assert all(width(line) <= limit for line in lines(found))
    assert limit / 2 * text_size(*size) <= 0.85 * size[0]


def test_chinese_lines_have_18_characters_at_most_and_fewer_on_a_tall_picture() -> None:
    assert page(*WIDE, "zh", "").limit == 36
    assert 24 <= page(*TALL, "zh", "").limit <= 30
    assert page(*WIDE, "en", "").limit == 42


def test_chinese_breaks_after_its_punctuation_and_drops_it() -> None:
    assert shown(STORY, "zh")[:2] == ["老灯塔守护人每天黄昏都会点亮那盏灯", "为远方的船只指引方向"]


def test_question_and_exclamation_marks_stay() -> None:
    found = shown(STORY, "zh")
    assert "“救命啊，有人吗？”" in found
    assert any(text.endswith("高！") for text in found)


def test_no_line_ends_with_a_comma_or_full_stop_of_chinese() -> None:
    assert not [line for size in (WIDE, TALL) for line in lines(shown(STORY, "zh", size)) if line[-1] in "，。、"]


@pytest.mark.parametrize("size", [WIDE, TALL])
def test_no_line_begins_with_closing_or_ends_with_opening_punctuation(size: tuple[int, int]) -> None:
    text = "他（轻轻地）说：“《山海经》里的故事，（其实）都是真的吗？”她答：“是的！（笑）”，然后走了…… 真的走了。"
    for line in lines(shown(text * 3, "zh", size)):
        assert line[0] not in CLOSING and line[-1] not in OPENING


def test_a_word_of_the_voice_is_never_split() -> None:
    parts = ["清晨", "的", "阳光", "透过", "薄薄的", "云层", "洒在", "宁静的", "小村庄", "上", "炊烟", "缓缓", "升起"]
    text = "".join(parts)
    edges = {sum(map(len, parts[:i])) for i in range(len(parts) + 1)}
    for size in (WIDE, TALL):
        at = 0
        for line in lines(shown(text, "zh", size, by_words(parts))):
            at += len(line)
            assert at in edges
        assert at == len(text)


def test_where_words_are_not_known_particles_do_not_begin_a_line() -> None:
    found = lines(shown("她把那封写了很久却始终没有寄出去的信轻轻地放进了木盒里然后关上了灯", "zh", TALL))
    assert len(found) > 2
    assert not [line for line in found if line[0] in "的了着过吗呢吧们"]


def test_english_lines_are_balanced_and_leave_no_short_word_alone() -> None:
    found = shown(TALE, "en")
    assert found[0] == "The old lighthouse keeper climbed\nthe winding stairs every evening,"
    for text in found:
        first, _, second = text.partition("\n")
        if second:
            assert abs(width(first) - width(second)) <= 14
            assert min(len(first.split()), len(second.split())) > 1


def test_a_title_is_not_the_end_of_a_sentence() -> None:
    assert any("Mr. Brown, who lived" in text.replace("\n", " ") for text in shown(TALE, "en"))


def test_an_english_number_or_word_is_not_broken() -> None:
    found = lines(
        shown("In 1,234,567.89 days the extraordinarily well-meaning professor had walked 3.5 miles.", "en", TALL)
    )
    joined = " ".join(found)
    assert "1,234,567.89" in joined and "extraordinarily" in joined and "3.5" in joined


@given(st.text(max_size=120), st.sampled_from(["", "zh", "en"]), st.sampled_from([WIDE, TALL]))
@settings(max_examples=80, deadline=None)
def test_any_text_is_safe_and_nothing_of_it_is_lost(text: str, language: str, size: tuple[int, int]) -> None:
    found = shown(text, language, size)
    kept = re.sub(r"\s", "", "".join(found))
    spoken = [char for char in text if unicodedata.category(char)[0] in "LNS"]
    assert [char for char in kept if unicodedata.category(char)[0] in "LNS"] == spoken
    assert all(0 < len(one.split("\n")) <= 2 for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/a/very/long/path/that/goes/on?with=query&and=more#and-so-on-and-on-and-on",
        "a" * 300,
        "مرحبا بالعالم كيف حالك اليوم يا صديقي العزيز أتمنى أن تكون بخير وسعادة",
        "สวัสดีชาวโลกวันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะกันเถอะ",
        "안녕하세요 오늘은 날씨가 정말 좋네요 우리 함께 공원에 산책하러 갈까요",
        "今天😀真的👨‍👩‍👧好开心👍🏽啊" * 4,
        "一只橘猫坐在窗台上看着外面纷纷扬扬的大雪慢慢覆盖了整个安静的小城" * 2,
    ],
)
def test_long_words_scripts_emoji_and_text_without_punctuation_fit(text: str) -> None:
    found = shown(text, "")
    limit = page(*WIDE, "", text).limit
    assert found and all(width(line) <= limit for line in lines(found))
    assert not [line for line in lines(found) if unicodedata.category(line[0])[0] == "M" or line[0] in "\u200d🏽"]


@pytest.mark.parametrize("text", ["", "   ", "。。。", "……", "\x00\n\t"])
def test_nothing_to_say_is_no_cue(text: str) -> None:
    assert shown(text, "zh") == []


def test_emoji_alone_are_a_cue() -> None:
    assert shown("😀", "") == ["😀"]


def test_twenty_thousand_characters_are_cut_without_falling_over() -> None:
    assert len(shown(("word after word, and so on. " * 800)[:20_000], "en")) > 200
    assert len(shown("a" * 20_000, "en")) > 100


def test_words_that_make_no_sense_are_survived() -> None:
    words = (
        WordTime(offset=40, length=2, start_s=9, end_s=1),
        WordTime(offset=-3, length=2, start_s=0, end_s=1),
        WordTime(offset=2, length=99, start_s=3, end_s=2),
        WordTime(offset=2, length=1, start_s=0, end_s=0),
    )
    found: list[TimedText] = cues("他说好的，我们走吧。", words, "zh", width=1280, height=720)
    assert [cue.text for cue in found] and all(cue.end_s > cue.start_s for cue in found)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("他花了整整3个小时45分钟，才把那块重达12.5千克的石头推上山顶。", "12.5千克"),
        ("列车以每小时350公里的速度驶过了宽阔的南京长江大桥向北方开去。", "350公里"),
        ("Dr. Jane Smith-Jones paid $1,299.99 for 3.5 kg of saffron on Jan. 5, 2024, at 10:30 a.m.", "3.5 kg"),
        ("Dr. Jane Smith-Jones paid $1,299.99 for 3.5 kg of saffron on Jan. 5, 2024, at 10:30 a.m.", "Jan. 5"),
        ("You walked 12 km in the rain with old Mr. Fox just to bring me this small letter?", "12 km"),
        ("You walked all that way in the rain with old Mr. Fox just to bring me this letter?", "Mr. Fox"),
        ("科学家们用 James Webb 太空望远镜观测到了一百三十五亿光年以外的星系", "James Webb"),
        ("小兔子说（其实它也不太确定）：“往左走三百米，就能看到那棵最大的橡树了。”", "（其实它也不太确定）"),
        ("小明舉起手說：「六千三百公里！」全班同學都一起鼓起掌來了。", "「六千三百公里！」"),
        ("爱丽丝·冯·施瓦岑贝格公爵夫人慢慢地走下楼梯，手里拿着一封信。", "爱丽丝·冯·施瓦岑贝格"),
        ("从前有一只名叫可可的小狗，它和妈妈住在山脚下一座红色屋顶的小房子里", "住在"),
    ],
)
@pytest.mark.parametrize("size", [WIDE, TALL])
def test_numbers_keep_their_units_and_names_and_short_quotes_stay_whole(
    text: str, whole: str, size: tuple[int, int]
) -> None:
    assert [line for line in lines(shown(text, "", size)) if whole in line]
