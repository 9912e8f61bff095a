"""The forgiving part of reading a model, and the parting of long texts."""

from __future__ import annotations

import json
import random

import pytest

from app.models.story import CAMERAS
from app.services.engines.script_pieces import parted, shared, tokens
from app.services.engines.script_reading import camera_move, found_json, unwrapped


@pytest.mark.parametrize(
    ("word", "move"),
    [
        *((name, name) for name in CAMERAS),
        *((chinese, name) for name, chinese in CAMERAS.items()),
        ("Push In", "push_in"),
        ("push-in (slow)", "push_in"),
        ("Slow push in", "push_in"),
        ("slowly zoom out", "pull_back"),
        ("PULL BACK shot", "pull_back"),
        ("pushin", "push_in"),
        ("dolly in", "push_in"),
        ("tracking shot", "follow"),
        ("the camera orbits", "orbit"),
        ("360 orbit", "full_orbit"),
        ("fixed camera", "static"),
        ("Static.", "static"),
        ("pan left", "truck"),
        ("tilt up", "tilt"),
        ("镜头缓慢推进", "push_in"),
        ("缓慢推进", "push_in"),
        ("推镜头", "push_in"),
        ("拉远", "pull_back"),
        ("固定镜头", "static"),
        ("环绕拍摄", "orbit"),
        ("跟拍", "follow"),
        ("升降拍摄", "crane"),
    ],
)
def test_a_camera_move_is_known_under_many_names(word: str, move: str) -> None:
    assert camera_move(word) == move


@pytest.mark.parametrize("word", ["", "somersault", "翻跟头", "x", "???", "camera"])
def test_what_is_no_camera_move_is_none(word: str) -> None:
    assert camera_move(word) is None


@pytest.mark.parametrize("text", ["", "words", "[" * 100_000, '{"a": ' * 50_000, "{" * 5000 + "}" * 5000, "12", '"a"'])
def test_what_holds_no_json_raises_at_once(text: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        found_json(text, "shots")


def test_the_object_that_was_asked_for_is_found_among_others() -> None:
    text = 'I had {"plan": [1]} in mind. {"shots": [1, 2]} and then {"shots": []}'
    assert unwrapped(found_json(text, "shots"), "shots") == {"shots": [1, 2]}
    with pytest.raises(ValueError, match="no shots"):
        unwrapped({"frames": []}, "shots")


def test_an_answer_may_be_nested_as_deep_as_it_likes() -> None:
    deep = '{"shots": [' + '{"a": ' * 800 + "1" + "}" * 800 + "]}"
    assert "shots" in unwrapped(found_json(deep, "shots"), "shots")


@pytest.mark.parametrize("joint", ["\n\n", "\n", "。", ". ", "", " "])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_pieces_are_the_text_and_of_about_one_size(joint: str, count: int) -> None:
    chance = random.Random(f"{joint}{count}")
    text = joint.join("山风" * chance.randint(3, 60) + "walk on" for _ in range(200))
    pieces = parted(text, count)
    assert "".join(pieces) == text
    assert len(pieces) == count
    sizes = [tokens(piece) for piece in pieces]
    assert max(sizes) <= 2.2 * tokens(text) / count


def test_a_text_is_parted_between_paragraphs_where_it_can_be() -> None:
    paragraphs = [f"第{number}段。他走了。她也走了。" for number in range(40)]
    for piece in parted("\n\n".join(paragraphs), 5):
        assert piece.startswith("第") and piece.rstrip().endswith("她也走了。")


def test_a_text_of_few_letters_makes_fewer_pieces() -> None:
    assert parted("", 3) == [""]
    assert "".join(parted("ab", 5)) == "ab"


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [(10, [1, 1], [5, 5]), (10, [900, 100], [8, 2]), (6, [1, 1, 1, 1], [2, 2, 1, 1]), (2, [5, 5, 5], [1, 1, 1])],
)
def test_shots_are_shared_out_in_proportion_and_nobody_goes_without(
    total: int, weights: list[int], shares: list[int]
) -> None:
    assert shared(total, weights) == shares


def test_shares_always_add_up() -> None:
    chance = random.Random(3)
    for _ in range(300):
        weights = [chance.randint(1, 1000) for _ in range(chance.randint(1, 12))]
        total = chance.randint(len(weights), 40)
        shares = shared(total, weights)
        assert sum(shares) == total and min(shares) >= 1


def test_lengths_are_told_rather_too_high() -> None:
    assert tokens("小白走进森林。") == 7
    assert tokens("Whit walks into the forest.") >= 7
    assert tokens(json.dumps({"a": 1})) >= 2
