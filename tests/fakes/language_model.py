"""The model behind the fake servers of language models: answers what it is asked, or what a test tells it to say.

It reads the wish from the conversation itself (the JSON schema stands in the prompt), so a storyboard has as many shots
as were asked for, and a translation as many texts.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Messages = list[dict[str, str]]
CAMERAS = ["push_in", "truck", "follow", "static", "orbit", "pull_back", "tilt", "crane", "full_orbit", "roll_left"]
_FORMS = {"zh": "先{0}出现，然后{0}走动，最后{0}停下。", "en": "First {0} appears, then {0} moves, finally {0} rests."}


@dataclass(frozen=True)
class Said:
    text: str
    cut: bool = False
    """The answer ended at the limit of tokens."""


class LanguageModel:
    """``say`` queues answers (a text, a Said, or a function of the conversation); without any it answers well."""

    def __init__(self) -> None:
        self.talks: list[Messages] = []
        """Every conversation that it was sent."""
        self._planned: list[str | Said | Callable[[Messages], str]] = []
        self._lock = threading.Lock()

    def say(self, *answers: str | Said | Callable[[Messages], str]) -> None:
        self._planned += answers

    def answer(self, messages: Messages) -> Said:
        with self._lock:
            self.talks.append(messages)
            planned = self._planned.pop(0) if self._planned else good
        said = planned(messages) if callable(planned) else planned
        return said if isinstance(said, Said) else Said(said)


def good(messages: Messages) -> str:
    """A proper answer to a conversation of ours."""
    schema, asked = wanted(messages)
    properties = schema["properties"]
    if "shots" in properties:
        return json.dumps(storyboard(properties["shots"]["maxItems"], language(asked)), ensure_ascii=False)
    if "texts" in properties:
        texts = json.loads(asked.strip().splitlines()[-1])
        return json.dumps({"names": [], "texts": [translated(one) for one in texts]}, ensure_ascii=False)
    return json.dumps({"text": retold(asked)}, ensure_ascii=False)


def wanted(messages: Messages) -> tuple[dict[str, Any], str]:
    """The schema in the first question, and the question."""
    asked = next(one["content"] for one in messages if one["role"] == "user")
    found = re.search(r"JSON schema of the answer:\n(.*)", asked)
    assert found, "the question has no schema"
    return json.loads(found.group(1)), asked


def language(asked: str) -> str:
    found = re.search(r"narration in \w+ \((\w+)", asked)
    return found.group(1) if found else "en"


def translated(one: dict[str, Any]) -> dict[str, Any]:
    return {"number": one["number"], "text": f"English words of text {one['number']}"}


def retold(asked: str) -> str:
    story = asked.split("<story>\n")[-1].split("\n</story>")[0]
    return story.strip()[:40]


def storyboard(count: int, lang: str = "zh") -> dict[str, Any]:
    """A storyboard that holds all that is asked of one."""
    return {
        "style": "水彩绘本，柔和的光" if lang == "zh" else "soft watercolour picture book",
        "characters": [member(lang)],
        "shots": [shot(number, lang) for number in range(1, count + 1)],
    }


def member(lang: str = "zh") -> dict[str, str]:
    if lang == "zh":
        return {"name": "小白", "description": "一只白色短毛的小兔子，长耳朵，系着红围巾，黑色圆眼睛"}
    return {"name": "Whit", "description": "a small white rabbit with long ears, a red scarf and round black eyes"}


def shot(number: int, lang: str = "zh", **changed: Any) -> dict[str, Any]:
    zh = lang == "zh"
    who = "小白" if zh else "Whit"
    looks = member("zh" if zh else "en")["description"]
    return {
        "subject": f"{who}在森林里" if zh else f"{who} in the forest",
        "detail": _FORMS["zh" if zh else "en"].format(who),
        "image_detail": f"{who}，{looks}，站在第{number}棵松树下，清晨的光，中景。"
        if zh
        else f"{who}, {looks}, stands under pine tree {number}, morning light, medium shot.",
        "camera": CAMERAS[(number - 1) % len(CAMERAS)],
        "narration": f"清晨，小白走过了第{number}棵松树，风轻轻地吹着。"
        if zh
        else f"In the morning Whit walks past pine tree number {number}, and the wind is soft.",
        "duration": None,
        "tone": "温暖" if zh else "warm",
        "sound": "风吹树叶" if zh else "wind in the leaves",
        **changed,
    }
