"""Prompts into another language: as many out as in, checked, asked again once, names always alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cases_script import ollama_settings
from contract import Bench
from fakes.language_model import Messages, Said, good
from fakes.ollama import Ollama

from app.core.errors import EngineFailed
from app.models.engine import TranslateRequest
from app.services.engines.script_ollama import OllamaScript


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    with Ollama() as server:
        for name, value in ollama_settings(server.url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ENGINE_SCRIPT_OLLAMA_TIMEOUT_S", "20")
        yield server


async def translated(bench: Bench, *texts: str, **changes: Any) -> tuple[str, ...]:
    request = TranslateRequest(**{"texts": texts, "purpose": "prompts of a picture", **changes})
    return (await OllamaScript().translate(request, bench)).texts


async def test_texts_come_back_in_order_and_empty_ones_stay_empty(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(
        json.dumps(
            {
                "names": [{"name": "小明", "written": "Xiaoming"}],
                "texts": [{"number": 2, "text": "a dark forest"}, {"number": 1, "text": "Xiaoming walks"}],
            }
        )
    )
    assert await translated(bench, "小明走路", " ", "黑暗的森林", "小明走路") == (
        "Xiaoming walks",
        "",
        "a dark forest",
        "Xiaoming walks",
    )
    (sent,) = ollama.sent
    body = sent.json
    system, user = body["messages"]
    assert "Hanyu Pinyin" in system["content"] and "add nothing" in system["content"]
    for words in (
        "Translate these 2 texts into English (en).",
        "prompts of a picture",
        "JSON",
        "小明走路",
        "黑暗的森林",
    ):
        assert words in user["content"]
    texts = body["format"]["properties"]["texts"]
    assert (texts["minItems"], texts["maxItems"]) == (2, 2)
    assert body["options"]["temperature"] == 0 and body["think"] is False


async def test_nothing_to_translate_asks_nobody(ollama: Ollama, bench: Bench) -> None:
    assert await translated(bench, "", "  ") == ("", "")
    assert await translated(bench) == ()
    assert not ollama.sent


async def test_a_plain_list_of_texts_is_read(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say('```json\n["a forest", "a river"]\n```')
    assert await translated(bench, "森林", "河流") == ("a forest", "a river")


BAD = {
    "too few": ('{"texts": ["a forest"]}', "texts: there are 1, and 2 are wanted"),
    "too many": ('{"texts": ["a", "b", "c"]}', "texts: there are 3, and 2 are wanted"),
    "an empty one": ('{"texts": ["a forest", " "]}', "text 2, text: it is empty"),
    "one twice": (
        '{"texts": [{"number": 1, "text": "a"}, {"number": 1, "text": "b"}]}',
        "texts: their numbers must be 1 to 2, each once",
    ),
    "not translated": ('{"texts": ["a forest", "宽阔的河流"]}', "text 2: it is in zh, and en is wanted"),
    "no JSON": ("A forest. A river.", "the answer: it holds no JSON"),
}


@pytest.mark.parametrize("trouble", BAD)
async def test_a_bad_translation_is_asked_for_once_more(trouble: str, ollama: Ollama, bench: Bench) -> None:
    answer, reason = BAD[trouble]
    ollama.model.say(answer)
    assert await translated(bench, "森林", "河流") == ("English words of text 1", "English words of text 2")
    assert reason in ollama.model.talks[1][-1]["content"]
    ollama.model.say(answer, answer)
    with pytest.raises(EngineFailed) as caught:
        await translated(bench, "森林", "河流")
    assert reason in caught.value.detail and not caught.value.retryable
    assert len(ollama.model.talks) == 4


async def test_many_texts_go_in_batches_that_write_names_alike(ollama: Ollama, bench: Bench) -> None:
    def names(messages: Messages) -> str:
        return json.dumps({**json.loads(good(messages)), "names": [{"name": "小明", "written": "Xiaoming"}]})

    ollama.model.say(names)
    texts = [f"小明走过第{number}座桥" for number in range(60)]
    out = await translated(bench, *texts)
    assert len(out) == 60 and all(out)
    assert len(ollama.model.talks) == 3
    for talk in ollama.model.talks[1:]:
        assert '{"小明": "Xiaoming"}' in talk[1]["content"]
    asked = "".join(talk[1]["content"] for talk in ollama.model.talks)
    assert all(text in asked for text in texts)


async def test_a_translation_that_is_cut_is_made_in_halves(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say(Said("{", cut=True), Said("{", cut=True))
    assert len(await translated(bench, *[f"第{number}座桥" for number in range(6)])) == 6
    sizes = [talk[1]["content"].split(" texts into")[0][-1] for talk in ollama.model.talks]
    assert sizes == ["6", "6", "3", "3"]
    ollama.model.say(*[Said("{", cut=True)] * 2)
    with pytest.raises(EngineFailed, match="does not fit"):
        await translated(bench, "桥")


async def test_other_languages_than_english_are_written_too(ollama: Ollama, bench: Bench) -> None:
    ollama.model.say('{"texts": ["A quiet forest"]}', '{"texts": ["安静的森林"]}')
    assert await translated(bench, "A quiet forest", language="zh") == ("安静的森林",)
    assert "into Chinese (zh)" in ollama.model.talks[0][1]["content"]
