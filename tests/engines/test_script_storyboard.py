"""How a language model is led to a storyboard: what is read of its answers, what is asked again, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cases_script import STORY, ollama_settings
from contract import Bench
from fakes.base import Fault
from fakes.language_model import Messages, Said, good, member, shot, storyboard
from fakes.ollama import Ollama

from app.core.errors import EngineFailed, EngineFault, ValidationFailed
from app.models.engine import WriteRequest, WriteResult
from app.models.story import Character
from app.services.engines.script_ollama import OllamaScript


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    with Ollama() as server:
        for name, value in ollama_settings(server.url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ENGINE_SCRIPT_OLLAMA_TIMEOUT_S", "20")
        yield server


def asked(**changes: Any) -> WriteRequest:
    return WriteRequest(**{"text": STORY, "shots_min": 6, "shots_max": 8, **changes})


async def written(bench: Bench, **changes: Any) -> WriteResult:
    return await OllamaScript().write(asked(**changes), bench)


def says(changed: Callable[[dict[str, Any]], Any], count: int = 6, lang: str = "zh") -> str:
    """A good answer with something done to it."""
    answer = storyboard(count, lang)
    return json.dumps(changed(answer) or answer, ensure_ascii=False)


def first_shot(**changes: Any) -> str:
    return says(lambda answer: answer["shots"][0].update(changes))


BAD = {
    "no JSON at all": ("Sure! Here is your storyboard.", "the answer: it holds no JSON"),
    "cut in the middle": (says(lambda answer: None)[:300], "the answer: its JSON is broken"),
    "an empty answer": ("", "the answer: it is empty"),
    "a field that is missing": (
        says(lambda answer: answer["shots"][2].pop("image_detail") and None),
        "shot 3, image_detail",
    ),
    "a field that is empty": (first_shot(tone="  "), "shot 1, tone: it is empty"),
    "a camera that does not exist": (first_shot(camera="somersault"), "shot 1, camera: 'somersault' is none of"),
    "too many shots": (says(lambda answer: None, 12), "shots: there are 12, and 6 to 8 are wanted"),
    "too few shots": (says(lambda answer: None, 2), "shots: there are 2, and 6 to 8 are wanted"),
    "silence without a duration": (first_shot(narration=""), "shot 1, narration: it is empty"),
    "another language": (says(lambda answer: None, 6, "en"), "narration: it is in en"),
    "a number for a text": (first_shot(sound=5), "shot 1, sound: Input should be a valid string"),
    "a nameless character": (says(lambda answer: answer["characters"][0].pop("name") and None), "character 1, name"),
}


@pytest.mark.parametrize("trouble", BAD)
async def test_a_bad_answer_is_asked_for_again_with_what_was_wrong(trouble: str, ollama: Ollama, bench: Bench) -> None:
    answer, reason = BAD[trouble]
    ollama.model.say(answer)
    result = await written(bench)
    assert len(result.shots) == 8
    assert len(ollama.model.talks) == 2
    first, second = ollama.model.talks
    assert second[: len(first) - 1] == first[:-1]
    assert reason in second[-1]["content"]
    if answer:
        assert second[len(first)] == {"role": "assistant", "content": answer}
        assert second[: len(first)] == first


@pytest.mark.parametrize("trouble", BAD)
async def test_two_bad_answers_fail_with_the_field_and_no_prompt(trouble: str, ollama: Ollama, bench: Bench) -> None:
    answer, reason = BAD[trouble]
    ollama.model.say(answer, answer)
    with pytest.raises(EngineFailed) as caught:
        await written(bench)
    assert not caught.value.retryable
    assert reason in caught.value.detail
    assert len(caught.value.detail) < 800
    assert STORY[:12] not in caught.value.detail and "storyboard artist" not in caught.value.detail
    assert len(ollama.model.talks) == 2


async def test_only_some_of_many_faults_are_listed(ollama: Ollama, bench: Bench) -> None:
    bad = says(lambda answer: {**answer, "shots": [{} for _ in range(8)]})
    ollama.model.say(bad, bad)
    with pytest.raises(EngineFailed, match=r"shot 1, subject: it is missing.* more$"):
        await written(bench)


WRAPPED: dict[str, Callable[[str], str]] = {
    "in a fence": lambda text: f"```json\n{text}\n```",
    "in a fence with words around": lambda text: f"Here it is:\n```\n{text}\n```\nEnjoy [really] {{it}}!",
    "after a thought": lambda text: f'<think>Shots {{"shots": []}} hm</think>\n{text}',
    "after a thought whose beginning is lost": lambda text: f"so I think [1, 2]</think>{text}",
    "in words": lambda text: f"Of course. {text} That is all.",
    "as a list of one": lambda text: f"[{text}]",
    "inside of storyboard": lambda text: f'{{"storyboard": {text}}}',
    "inside of result": lambda text: f'{{"result": {text}}}',
    "as scenes": lambda text: text.replace('"shots"', '"scenes"'),
    "with keys in camel case": lambda text: text.replace("image_detail", "imageDetail"),
    "with a comma too many": lambda text: text.replace('"duration": null,', '"duration": null,').replace("]}", ",]}"),
    "with a byte order mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("wrapping", WRAPPED)
async def test_an_answer_is_found_in_what_is_around_it(wrapping: str, ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(WRAPPED[wrapping](says(lambda answer: None)))
    result = await written(bench)
    assert len(result.shots) == 6
    assert len(ollama.model.talks) == 1


async def test_a_bare_list_of_shots_is_taken_with_the_cast_of_the_request(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(json.dumps([shot(number, style="水彩") for number in range(1, 7)], ensure_ascii=False))
    cast = (Character(name="小白", description="一只白色短毛的小兔子", reference_image_url="/files/a.png"),)
    result = await written(bench, characters=cast)
    assert result.characters == cast
    assert {one.style for one in result.shots} == {"水彩"}
    assert len(ollama.model.talks) == 1


async def test_a_silent_shot_has_a_duration_and_others_have_none(ollama: Ollama, bench: Bench) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["shots"][1] |= {"narration": "", "duration": 3}
        answer["shots"][2] |= {"narration": None, "duration": "4.5"}
        answer["shots"][3] |= {"duration": 6}

    ollama.model.say(says(change))
    shots = (await written(bench)).shots
    assert [(bool(one.narration), one.duration) for one in shots[:4]] == [
        (True, None),
        (False, 3.0),
        (False, 4.5),
        (True, None),
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer["shots"][0].update(detail="小白走过树林。"),
        lambda answer: answer["shots"][0].update(narration="小白走啊走，" * 20),
        lambda answer: [one.update(camera="static") for one in answer["shots"]] and None,
        lambda answer: answer["shots"][1].update(narration=answer["shots"][0]["narration"]),
        lambda answer: answer.pop("characters") and None,
    ],
    ids=["form", "length", "camera", "repetition", "cast"],
)
async def test_a_blemish_is_asked_away_once_and_then_lived_with(
    change: Callable[[dict[str, Any]], Any], ollama: Ollama, bench: Bench
) -> None:
    ollama.model.say(says(change), says(change))
    assert len((await written(bench)).shots) == 6
    assert len(ollama.model.talks) == 2


async def test_a_usable_first_answer_stays_when_the_second_is_worse_or_never_comes(
    ollama: Ollama, bench: Bench
) -> None:
    blemished = first_shot(detail="小白走过树林。")
    ollama.model.say(blemished, "I cannot do better.")
    assert (await written(bench)).shots[0].detail == "小白走过树林。"
    ollama.model.say(blemished)
    ollama.fail("POST /api/chat", Fault(500, '{"error": "out of memory"}'), after=1)
    assert (await written(bench)).shots[0].detail == "小白走过树林。"


async def test_everybody_looks_the_same_in_every_picture_that_names_him(ollama: Ollama, bench: Bench) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["shots"][1]["image_detail"] = "小白坐在树桩上，背后是小溪，中午的光，近景。"
        answer["shots"][2]["image_detail"] = "空无一人的森林，薄雾，远景。"

    ollama.model.say(says(change))
    shots = (await written(bench)).shots
    looks = member()["description"]
    assert shots[0].image_detail.count(looks) == 1
    assert shots[1].image_detail == f"小白坐在树桩上，背后是小溪，中午的光，近景。小白：{looks}。"
    assert shots[2].image_detail == "空无一人的森林，薄雾，远景。"


async def test_a_name_is_known_as_a_word_and_not_inside_of_others(ollama: Ollama, bench: Bench) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["characters"] = [{"name": "Ann", "description": "old woman, grey hair, blue coat"}]
        answer["shots"][0]["image_detail"] = "Anna's annual fair in the annex, wide shot."
        answer["shots"][1]["image_detail"] = "Ann's hands hold a cup, close-up."

    ollama.model.say(says(change, 6, "en"))
    shots = (await written(bench, text="Ann was an old woman, and she lived in the forest.")).shots
    assert shots[0].image_detail == "Anna's annual fair in the annex, wide shot."
    assert shots[1].image_detail == "Ann's hands hold a cup, close-up. Ann: old woman, grey hair, blue coat."


async def test_the_cast_of_the_request_is_kept_as_given(ollama: Ollama, bench: Bench) -> None:
    given = (
        Character(name="小白", description="灰色的兔子，蓝帽子", reference_image_url="https://x/1.png"),
        Character(name="老猫头鹰"),
    )

    def change(answer: dict[str, Any]) -> None:
        answer["characters"] += [{"name": "老猫头鹰", "description": "棕色羽毛，戴圆眼镜"}]
        answer["characters"] += [{"name": "萤火虫", "description": "一群发绿光的小虫"}]

    ollama.model.say(says(change))
    result = await written(bench, characters=given, style="剪纸")
    assert result.characters[0] == given[0]
    assert result.characters[1].description == "棕色羽毛，戴圆眼镜"
    assert result.characters[2].name == "萤火虫"
    assert {one.style for one in result.shots} == {"剪纸"}
    assert "灰色的兔子" in result.shots[0].image_detail
    question = ollama.model.talks[0][1]["content"]
    assert "灰色的兔子，蓝帽子" in question and "剪纸" in question


async def test_the_language_is_found_unless_it_is_given(ollama: Ollama, bench: Bench) -> None:
    english = await written(bench, text="Whit walks into the forest and finds the way home.")
    assert english.language == "en"
    assert "Write subject, detail and narration in English (en)." in ollama.model.talks[-1][1]["content"]
    given = await written(bench, language="en")
    assert given.language == "en"
    assert "first ..., then ..., finally ..." in ollama.model.talks[-1][0]["content"]
    await written(bench)
    assert "先……，然后……，最后……" in ollama.model.talks[-1][0]["content"]


async def test_a_story_in_traditional_characters_is_told_in_them(ollama: Ollama, bench: Bench) -> None:
    def change(answer: dict[str, Any]) -> None:
        for one in answer["shots"]:
            one["detail"] = "小白先出現，然後走動，最後停下。"

    ollama.model.say(says(change))
    result = await written(bench, text="清晨，小兔子走進森林，她迷了路，後來螢火蟲來了，帶她回家。")
    assert result.language == "zh-Hant"
    assert "先……，然後……，最後……" in ollama.model.talks[0][0]["content"]
    assert "traditional characters" in ollama.model.talks[0][1]["content"]
    assert len(ollama.model.talks) == 1


async def test_a_french_story_is_narrated_in_french_and_pictured_in_english(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(says(lambda answer: None, 6, "en"), says(lambda answer: None, 6, "en"))
    result = await written(bench, text="La petite fille est dans la forêt et elle cherche son chat avec une lanterne.")
    assert result.language == "fr"
    question = ollama.model.talks[0][1]["content"]
    assert "narration in French (fr)" in question
    assert "image_detail, tone, sound, style and the descriptions of characters in English" in question


async def test_an_empty_story_is_the_fault_of_the_request(ollama: Ollama, bench: Bench) -> None:
    with pytest.raises(ValidationFailed):
        await written(bench, text=" \n ")
    assert not ollama.sent


# -- long stories -----------------------------------------------------------------------------------------


def long_story(characters: int = 30_000) -> list[str]:
    """Paragraphs that are all different."""
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < characters:
        number = len(paragraphs) + 1
        paragraphs.append(
            f"第{number}天，小白走到了第{number}座山的脚下，"
            + f"山里的风吹了{number}次，她没有回头。" * (number % 7 + 3)
        )
    return paragraphs


@pytest.mark.parametrize("num_ctx", ["8192", "16384", "32768"])
async def test_every_paragraph_of_a_long_story_reaches_the_model(
    num_ctx: str, ollama: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SCRIPT_OLLAMA_NUM_CTX", num_ctx)
    paragraphs = long_story()
    result = await written(bench, text="\n\n".join(paragraphs), shots_min=6, shots_max=10)
    assert 6 <= len(result.shots) <= 10
    told = "".join(talk[1]["content"] for talk in ollama.model.talks)
    assert [one for one in paragraphs if one not in told] == []
    for sent in ollama.calls("POST /api/chat"):
        options = sent.json["options"]
        assert options["num_ctx"] <= int(num_ctx)
        size = sum(1 if char > "\x7f" else 0.3 for one in sent.json["messages"] for char in one["content"])
        assert size + options["num_predict"] <= options["num_ctx"]


async def test_the_parts_of_a_long_story_share_shots_cast_and_thread(
    ollama: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SCRIPT_OLLAMA_NUM_CTX", "16384")

    def second(messages: Messages) -> str:
        answer = json.loads(good(messages))
        answer["style"] = "油画"
        answer["characters"] = [{"name": "黑熊", "description": "高大的黑熊，棕色背心"}]
        return json.dumps(answer, ensure_ascii=False)

    ollama.model.say(good, second)
    result = await written(bench, text="\n".join(long_story(16_000)), shots_min=10, shots_max=10)
    talks = [talk[1]["content"] for talk in ollama.model.talks]
    assert len(talks) >= 2
    assert "This is part 1 of" in talks[0] and "do not end it" in talks[0]
    assert "narration before this part ended:\n> 清晨，小白走过了第" in talks[1]
    assert member()["description"] in talks[1] and "柔和的光" in talks[1]
    assert "This is the last part" in talks[-1]
    assert len(result.shots) == 10
    assert [one.name for one in result.characters] == ["小白", "黑熊"]
    assert {one.style for one in result.shots} == {storyboard(1)["style"]}
    assert [said for said, _ in bench.said] == sorted(said for said, _ in bench.said)


async def test_finished_parts_of_a_long_story_are_not_paid_for_again(
    ollama: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SCRIPT_OLLAMA_NUM_CTX", "8192")
    text = "\n".join(long_story(12_000))
    ollama.fail("POST /api/chat", Fault(500, '{"error": "out of memory"}'), after=2, times=1)
    with pytest.raises(EngineFault):
        await written(bench, text=text)
    bench.task = json.loads(json.dumps(bench.task))
    result = await written(bench, text=text)
    stories = [talk[1]["content"].split("<story>\n")[1] for talk in ollama.model.talks]
    assert len(stories) == len(set(stories)) >= 3
    assert 6 <= len(result.shots) <= 8
    assert [one.name for one in result.characters] == ["小白"]


async def test_a_story_longer_than_its_shots_can_hold_is_retold_first(
    ollama: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SCRIPT_OLLAMA_NUM_CTX", "8192")
    paragraphs = long_story(20_000)
    result = await written(bench, text="\n\n".join(paragraphs), shots_min=1, shots_max=2)
    assert 1 <= len(result.shots) <= 2
    told = "".join(talk[1]["content"] for talk in ollama.model.talks)
    assert [one for one in paragraphs if one not in told] == []
    retold = [talk for talk in ollama.model.talks if talk[0]["content"].startswith("You shorten")]
    assert len(retold) >= 3
    assert "第1天，小白走到了第1座山的脚下" in ollama.model.talks[len(retold)][1]["content"]


# -- answers that do not fit ------------------------------------------------------------------------------


async def test_an_answer_that_is_cut_is_asked_for_with_a_larger_limit(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(Said('{"shots": [{"subj', cut=True))
    assert len((await written(bench)).shots) == 8
    first, second = (sent.json["options"] for sent in ollama.calls("POST /api/chat"))
    assert second["num_predict"] > first["num_predict"]
    assert ollama.model.talks[0] == ollama.model.talks[1]


async def test_an_answer_that_is_cut_twice_is_asked_for_in_halves(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(Said("{", cut=True), Said("{", cut=True))
    text = "".join(long_story(1500))
    assert len((await written(bench, text=text)).shots) == 8
    halves = [talk[1]["content"] for talk in ollama.model.talks[2:]]
    assert ["This is part 1 of 2" in halves[0], "This is part 2 of 2" in halves[1]] == [True, True]
    stories = [half.split("<story>\n")[1].split("\n</story>")[0] for half in halves]
    assert "".join(stories) == text


async def test_a_short_text_with_many_shots_is_told_in_stretches(ollama: Ollama, bench: Bench) -> None:
    result = await written(bench, shots_min=40, shots_max=40)
    assert len(result.shots) == 40
    talks = [talk[1]["content"] for talk in ollama.model.talks]
    assert len(talks) == 2
    assert all(STORY in talk for talk in talks)
    assert "Write the shots of part 1 of 2 only" in talks[0] and "exactly 20 shots" in talks[0]
    assert "narration before this part ended" in talks[1] and "This is the last part" in talks[1]


async def test_an_answer_that_never_fits_fails_and_says_so(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(*[Said("{", cut=True)] * 9)
    with pytest.raises(EngineFailed, match="does not fit into 8192 tokens") as caught:
        await written(bench)
    assert not caught.value.retryable
    assert len(ollama.model.talks) == 4


async def test_a_question_that_was_read_only_in_part_is_no_answer(ollama: Ollama, bench: Bench) -> None:
    ollama.read = 200_000
    with pytest.raises(EngineFailed, match="does not fit"):
        await written(bench)


async def test_a_repair_that_would_not_fit_begins_the_conversation_anew(
    ollama: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_SCRIPT_OLLAMA_NUM_CTX", "8192")
    bad = first_shot(camera="somersault") + "……" * 2000
    ollama.model.say(bad)
    await written(bench, shots_min=1, shots_max=6)
    second = ollama.model.talks[1]
    assert [one["role"] for one in second] == ["system", "user"]
    assert STORY in second[1]["content"] and "somersault" in second[1]["content"]
