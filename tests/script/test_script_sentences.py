"""Sentences, verse and beats: the small parts that the script engine stands on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.engines.builtin.script.beats import condense, group
from app.services.engines.builtin.script.camera import choose
from app.services.engines.builtin.script.han import simplified, traditional
from app.services.engines.builtin.script.language import clean, detect, seconds
from app.services.engines.builtin.script.lexicon import DATA, lexicon, table
from app.services.engines.builtin.script.sentences import joined, read, rounded, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("他说：“好。我们走吧。”然后离开了。", ["他说：“好。我们走吧。”", "然后离开了。"]),
        ("她哭了……“真的吗？”小明问。没有人回答。", ["她哭了……", "“真的吗？”小明问。", "没有人回答。"]),
        ("“早上好！”，可是没有回答。天黑了。", ["“早上好！”，可是没有回答。", "天黑了。"]),
        ("圆周率是3.14。对吗？", ["圆周率是3.14。", "对吗？"]),
        (
            "Mr. Fox came at 3.14 p.m. and met Dr. Owl. “How are you?” he asked. “Fine!” Anna said. Then... nothing.",
            [
                "Mr. Fox came at 3.14 p.m. and met Dr. Owl.",
                "“How are you?” he asked.",
                "“Fine!” Anna said.",
                "Then... nothing.",
            ],
        ),
        ('"Stop! Go." said Tom. He ran.', ['"Stop! Go." said Tom.', "He ran."]),
        ("彼は言った。「行こう。」それで終わり。", ["彼は言った。", "「行こう。」", "それで終わり。"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(alphabet="一二三。！？“”…，abc .!?\"'", max_size=80))
def test_no_sentence_loses_a_letter(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_sentences_are_joined_as_their_script_writes() -> None:
    assert joined(["天亮了。", "鸟叫了。"]) == "天亮了。鸟叫了。"
    assert joined(["Day came.", "Birds sang."]) == "Day came. Birds sang."
    assert joined(["“Come!”", "He went."]) == "“Come!” He went."


def test_a_sentence_out_of_its_text_stands_alone() -> None:
    assert rounded("妈妈说：“来，快走吧。") == "妈妈说：“来，快走吧。”"
    assert rounded("when the rain stopped,") == "When the rain stopped…"


def test_headings_and_ornaments_begin_scenes_and_are_not_told() -> None:
    reading = read("# 森林\n\n小熊醒了。\n\n***\n\n天黑了。", chinese=True)
    assert [(unit.text, unit.opens) for unit in reading.units] == [("小熊醒了。", 2), ("天黑了。", 2)]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    text = (
        "The old lighthouse stood on the last rock of the coast, and nobody\n"
        "had climbed its stairs for a hundred years, until one evening in the\n"
        "autumn a boy with a lantern came along the shore and knocked at the\n"
        "door. It opened."
    )
    assert len(read(text, chinese=False).units) == 2


@given(st.lists(st.floats(0.1, 30), min_size=1, max_size=60), st.data())
def test_beats_are_contiguous_and_none_is_empty(weights: list[float], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(weights)))
    opens = data.draw(st.lists(st.integers(0, 2), min_size=len(weights), max_size=len(weights)))
    beats = group(weights, opens, count)
    assert len(beats) == count
    assert [i for beat in beats for i in beat] == list(range(len(weights)))
    assert all(len(beat) for beat in beats)


def test_beats_part_at_paragraphs_when_their_weight_allows() -> None:
    opens = [2, 0, 0, 1, 0, 0, 1, 0, 0]
    assert group([2.0] * 9, opens, 3) == [range(0, 3), range(3, 6), range(6, 9)]


def test_condensing_keeps_the_order_and_the_room() -> None:
    assert condense([1.0, 3.0, 2.0], [4.0, 4.0, 4.0], [False] * 3, 8.0) == [1, 2]
    assert condense([1.0, 3.0], [20.0, 30.0], [False] * 2, 8.0) == [1]
    assert condense([1.0, 9.0], [4.0, 4.0], [False, True], 4.0) == [0]


@given(st.lists(st.lists(st.sampled_from(["static", "orbit", "crane"]), max_size=3), max_size=30))
def test_no_camera_move_follows_itself(wishes: list[list[str]]) -> None:
    moves = choose(wishes)
    assert all(a != b for a, b in pairwise(moves))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("小狗找妈妈", "zh"),
        ("小狗找媽媽", "zh-Hant"),
        ("A dog looks for its mother", "en"),
        ("Un chat cherche sa mère", "fr"),
        ("Un perro busca a su madre", "es"),
        ("Ein Hund sucht seine Mutter und ist allein", "de"),
        ("猫は海を見た", "ja"),
        ("강아지가 엄마를 찾아요", "ko"),
        ("Собака ищет маму", "ru"),
        ("كلب يبحث عن أمه", "ar"),
        ("12345", "en"),
    ],
)
def test_a_language_is_known_by_its_text(text: str, code: str) -> None:
    assert detect(text).code == code


def test_the_request_decides_region_and_what_has_no_letters() -> None:
    assert detect("小狗找妈妈", "zh-TW").code == "zh-TW"
    assert detect("🐶", "zh").code == "zh"
    assert detect("🐶", "", "温馨短片").code == "zh"
    assert detect("小狗找妈妈", "fr").code == "zh"


def test_speech_is_reckoned_in_both_scripts() -> None:
    assert 4 < seconds("清晨，森林里飘着薄薄的雾，一只小狗醒来了，四处张望。") < 6
    assert 3 < seconds("One misty morning a little dog woke up all alone.") < 5


def test_cleaning_drops_what_cannot_be_spoken() -> None:
    assert clean(" a\x00b\u202e\r\n\r\nc\t d ") == "ab\n\nc d"


def test_our_wording_turns_traditional_by_its_words() -> None:
    assert traditional("一只小狗的头发，面包和胡子，“干了”") == "一隻小狗的頭髮，麵包和鬍子，「乾了」"
    assert simplified("頭髮、麵包、裡面") == "头发、面包、里面"


def test_every_telling_is_whole() -> None:
    world = lexicon().world
    places = {*world["place"], "home", "way", "wild", "far", "{skill_at}", "{goal_at}", "{fear_at}"}
    for path in sorted((DATA / "tellings").glob("*.toml")):
        beats = table(f"tellings/{path.name}")["beat"]
        assert len(beats) >= 7, path.name
        for beat in beats:
            assert beat["at"] in places, path.name
            assert beat["time"] in world["time"]
            assert beat["tone"] in world["tone"]
            assert beat.get("sky", "clear") in {*world["weather"], "{fear_sky}"}
            assert all(key in world["sound"] for key in beat.get("sound", "").split())
            assert beat["zh"]
            assert beat["en"]
            assert beat["do_zh"].count("|") == beat["do_en"].count("|") == 1


def test_at_least_25_animals_are_known_in_both_languages() -> None:
    animals = [kind for kind in lexicon().kinds.values() if kind.sort == "animal"]
    assert len(animals) >= 25
    assert all(kind.zh and kind.en and kind.coat for kind in lexicon().kinds.values())
    assert {"helpers", "night_helpers"} <= set(lexicon().beings)
    for rows in (*lexicon().beings["helpers"].values(), *lexicon().beings["night_helpers"].values()):
        assert all(row[0] in lexicon().kinds for row in rows)
