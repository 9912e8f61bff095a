"""Reading words into pictures: who is there and who is not, what is worn, what is only said, and the eight casts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.models.engine import DrawRequest, WriteRequest, WriteResult
from app.models.story import Character
from app.services.engines.builtin.picture import compose
from app.services.engines.builtin.picture.vocabulary import mentions
from app.services.engines.builtin.picture.whereabouts import default_place
from app.services.engines.builtin.picture.words import Scene, read_scene
from app.services.engines.builtin.script.storyboard import storyboard

LOOK = Path(__file__).parents[2] / "benchmarks" / "look"
TOM = "Tom (lighthouse keeper, grey beard and yellow oilskin coat, canvas bag)"
WHALE = "the whale (whale, deep blue back and white belly)"


def scene(prompt: str, **fields: Any) -> Scene:
    """What is read from a prompt."""
    return read_scene(DrawRequest.model_validate({"prompt": prompt, "width": 320, "height": 180, **fields}))


def kinds(prompt: str, **fields: Any) -> list[str]:
    """Who is read from a prompt, the hero first."""
    return [being.kind for being in scene(prompt, **fields).beings]


@pytest.mark.parametrize(
    ("words", "beings"),
    [
        ("小貓頭鷹", ["owl"]),
        ("小猫头鹰和小猫", ["owl", "cat"]),
        ("a sea lion", ["seal"]),
        ("a polar bear", ["polarbear"]),
        ("a firefighter", ["firefighter"]),
        ("小北极熊", ["polarbear"]),
        ("老外卖员", ["courier"]),
    ],
)
def test_a_longer_word_that_begins_inside_a_shorter_one_wins(words: str, beings: list[str]) -> None:
    assert kinds(words) == beings


def test_a_small_owl_is_young() -> None:
    assert [(m.section, m.name) for m in mentions("小貓頭鷹")] == [("age", "child"), ("animal", "owl")]
    assert scene("一隻小貓頭鷹").beings[0].age == "child"


@pytest.mark.parametrize(
    ("prompt", "beings"),
    [
        ("中景，阿强（外卖小哥，青年，黑色短发，蓝色头盔和蓝色外套），街道上，夜晚", ["courier"]),
        ("遠景，狐狸（小狐狸，沙黃色的毛），貓頭鷹（小貓頭鷹，褐色斑紋的羽毛），森林裡", ["fox", "owl"]),
        (f"wide shot, {TOM}, on the island, night", ["oldman"]),
        ("Mo (player, boy, short dark hair, bear mask), in the meadow", ["worker"]),
        ("Tim (driver, man, yellow cap), Tim helps the woman, in the street", ["man"]),
        ("the robot (robot, round head, painted blue star), in the city", ["robot"]),
    ],
)
def test_a_name_with_looks_is_one_figure(prompt: str, beings: list[str]) -> None:
    found = kinds(prompt)
    assert len(found) == len(beings)
    assert beings == ["worker"] or found == beings


def test_what_somebody_wears_or_is_called_is_no_thing_and_no_place() -> None:
    tom = scene(f"wide shot, {TOM}, on the island, night", subject="Tom")
    assert (tom.place, tom.props, tom.buildings) == ("island", (), ())
    robot = scene("the robot (robot, round head, painted blue star, canvas bag), in the city, daytime")
    assert (robot.place, robot.props) == ("city", ())
    river = scene("River (girl, blue dress), in the forest", characters=[Character(name="River", description="girl")])
    assert river.place == "forest"


def test_the_cast_decides_looks_and_the_name_does_not() -> None:
    tom = Character(name="Tom", description="lighthouse keeper, grey beard")
    assert kinds("Tom waves", characters=[tom]) == ["oldman"]


def test_sailors_are_a_few_and_a_captain_in_the_words_is_nobody_new() -> None:
    crew = scene("the sailors (sailors, navy jacket), so that the captain can see, at sea").beings
    assert [(being.kind, being.count) for being in crew] == [("sailor", 3)]


def test_each_does_what_is_said_of_them() -> None:
    both = scene(f"wide shot, {TOM}, the whale sings far out at sea, {WHALE}, on the beach, daybreak")
    assert {being.kind: being.action for being in both.beings} == {"oldman": "", "whale": "sing"}
    assert both.action == ""
    assert scene("阿强（外卖小哥，蓝色头盔），他抱着蛋糕跑过长街").action == "run"


@pytest.mark.parametrize(
    ("words", "beings"),
    [
        ("she cannot bear it", ["girl"]),
        ("a boy who must duck", ["boy"]),
        ("an old man brings bread, fish and a lamp", ["oldman"]),
        ("a girl eats fish for supper", ["girl"]),
        ("a bear fishes in the river", ["bear"]),
        ("a fish swims in the pond", ["fish"]),
        ("老奶奶以为没有人记得她", ["oldwoman"]),
    ],
)
def test_verbs_and_meals_are_no_animals(words: str, beings: list[str]) -> None:
    assert kinds(words) == beings


def test_a_meal_of_fish_does_not_put_people_under_water() -> None:
    told = scene("a man and a fish, by the sea")
    assert default_place(told, compose.chance(DrawRequest(prompt="", width=16, height=16))) == "sea"


def test_the_bell_of_a_temple_hangs_in_a_pagoda() -> None:
    assert scene("張繼（詩人，青色長袍），寺廟的鐘樓，寺廟前").buildings == ("pagoda",)
    assert scene("a clock tower in the city").buildings == ("tower",)
    assert "bell" not in scene("夜半钟声到客船，小河边").props


def test_a_whale_is_in_the_water_and_a_boat_carries_the_company() -> None:
    def build(prompt: str) -> compose.Picture:
        return compose.build(DrawRequest(prompt=prompt, width=320, height=180, seed=3), lambda: None)

    beach = build(f"wide shot, {TOM}, {WHALE}, on the beach, daybreak")
    tom, whale = beach.placed
    assert tom.aloft == whale.aloft == tom.dip == 0
    assert whale.dip > 0 and whale.y < tom.y
    afloat = build(f"medium shot, {TOM}, Tom rows a little boat, the cat (cat, grey fur), {WHALE}, out at sea")
    assert [item.ride is not None for item in afloat.placed] == [True, False, False]
    boat, cat = afloat.placed[0].span(), afloat.placed[1].visible()
    assert boat[0] < (cat[0] + cat[2]) / 2 < boat[1] and afloat.placed[1].dip == 0


@pytest.mark.parametrize(
    ("words", "time", "hour"),
    [
        ("a girl at midnight", "night", "midnight"),
        ("a girl in the morning", "day", "morning"),
        ("正午的沙漠", "day", "noon"),
        ("夕阳下的海滩", "dusk", "sunset"),
        ("a girl", "day", ""),
    ],
)
def test_the_hour_is_finer_than_the_time(words: str, time: str, hour: str) -> None:
    found = scene(words)
    assert (found.time, found.hour) == (time, hour)


@pytest.mark.parametrize(
    ("style", "name"),
    [("工笔", "gongbi"), ("窗花", "redcut"), ("flat design", "flat"), ("claymation", "clay"), ("pixel art", "pixel")],
)
def test_every_technique_can_be_asked_for(style: str, name: str) -> None:
    assert scene("可爱的小狗", style=style).style == name


def film(name: str) -> WriteResult:
    """One of the eight stories as the builtin writer tells it."""
    stories = json.loads((LOOK / "stories.json").read_text(encoding="utf-8"))
    story = next(one for one in stories if one["name"] == name)
    text = story.get("script_content") or (LOOK / story["script_file"]).read_text(encoding="utf-8")
    request = WriteRequest(text=text, display_name=story["display_name"], style=story["style"], seed=story["seed"])
    return storyboard(request, lambda: None)


def pictures(name: str) -> list[Scene]:
    """What is read for every shot of a story."""
    told = film(name)
    return [
        scene(shot.image_detail, subject=shot.subject, detail=shot.detail, tone=shot.tone, style=shot.style,
              characters=told.characters)
        for shot in told.shots
    ]  # fmt: skip


CASTS: dict[str, set[str]] = {
    "puppy": {"dog", "deer", "butterfly"},
    "rider": {"courier", "oldwoman", "cat"},
    "lantern": {"fox", "owl"},
    "poem": {"scholar", "crow"},
    "mongoose": {"weasel", "cobra", "bird", "boy", "woman", "man", "beaver", "snake"},
    "painter": {"robot", "hedgehog", "goat"},
    "lighthouse": {"oldman", "cat", "sailor", "whale"},
    "moon": {"girl", "dragon"},
}


@pytest.mark.parametrize("name", sorted(CASTS))
def test_nobody_is_seen_in_the_eight_films_who_is_not_in_them(name: str) -> None:
    seen: set[str] = set()
    for number, picture in enumerate(pictures(name), 1):
        keys = [being.key for being in picture.beings]
        assert len(keys) == len(set(keys)), (number, keys)
        seen |= {being.kind for being in picture.beings}
    assert seen <= CASTS[name]
    if name != "mongoose":
        assert seen == CASTS[name]
    else:
        assert seen >= {"weasel", "cobra", "bird", "boy", "woman"}


def test_the_eight_films_show_the_places_and_things_that_are_told() -> None:
    rider = pictures("rider")
    assert [picture.place for picture in rider] == ["city", "street", "street", "stairwell", "room", "room"]
    assert [picture.action for picture in rider[1:4:2]] == ["run", "climb"]
    assert "cake" in rider[1].props and {"cake", "candle"} <= set(rider[5].props)
    tom = pictures("lighthouse")
    assert "lighthouse" in tom[0].buildings and tom[2].action == "row" and tom[2].place == "sea"
    assert {being.kind for being in tom[3].beings} == {"oldman", "whale"}
    assert sum("easel" in picture.props for picture in pictures("painter")) >= 4
    assert len({picture.place for picture in pictures("mongoose")}) >= 2
