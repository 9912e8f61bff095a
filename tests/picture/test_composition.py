"""Framing and blocking of the builtin illustrator: who is where in every shot size and aspect ratio."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.models.engine import DrawRequest, LayerSet
from app.models.story import CAMERAS, Character
from app.services.engines.builtin.picture import compose
from app.services.engines.builtin.picture.compose import Picture
from app.services.engines.builtin.picture.styles import STYLES
from app.services.engines.builtin.picture.task import draw
from app.services.engines.builtin.picture.words import lexicon

SIZES = ((320, 180), (180, 320), (200, 200))
SECTIONS = ("animal", "person", "place", "time", "weather", "season", "mood", "prop", "plant", "vehicle", "building",
    "action", "framing")  # fmt: skip
RUBBISH = ("", "???", "🐉🎈", "龘靐齉", "\x00", "the the of", "صباح الخير", "<b>&amp;</b>", "x" * 300, "{}|[]")


def nothing() -> None:
    """A check that never cancels."""


def build(prompt: str, width: int = 320, height: int = 180, **fields: Any) -> Picture:
    """The picture before its style."""
    request = DrawRequest.model_validate({"prompt": prompt, "width": width, "height": height, **fields})
    return compose.build(request, nothing)


def boxes(picture: Picture) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of everybody as fractions of the frame."""
    w, h = picture.stage.width, picture.stage.height
    return [(p.span()[0] / w, p.rise()[0] / h, p.span()[1] / w, p.rise()[1] / h) for p in picture.placed]


def eyes(picture: Picture) -> dict[int, tuple[int, int, int, int]]:
    """Where the open eyes of the living figures are in the picture (left, top, right, bottom in pixels), by number.

    Measured where the drawing with closed eyes differs from the other, so that nothing that placed them is asked.
    """
    found = {}
    for k in range(4):
        if f"figure_{k}_closed" in picture.stage.canvases:
            drawn, closed = (picture.stage.canvases[f"figure_{k}{end}"].pixels for end in ("", "_closed"))
            x, y, w, h = cv2.boundingRect((cv2.absdiff(drawn, closed).max(axis=2) > 24).astype(np.uint8))
            if w and h:
                found[k] = (x, y, x + w, y + h)
    return found


def random_prompt(rng: random.Random) -> str:
    """Words of the lexicon in either language, or both, with rubbish between them now and then."""
    words = lexicon()
    chosen = [rng.choice(rng.choice(list(words[s].values()))) for s in rng.sample(SECTIONS, rng.randrange(1, 8))]
    if rng.random() < 0.15:
        chosen.insert(rng.randrange(len(chosen) + 1), rng.choice(RUBBISH))
    return rng.choice((", ", "，", "", " and ")).join(chosen)


@pytest.mark.parametrize(
    ("words", "framing"),
    [
        ("wide shot, a girl in the meadow", "wide"),
        ("远景，小狗在草地上", "wide"),
        ("遠景，小狗", "wide"),
        ("全景，小狗", "wide"),
        ("an establishing shot of a castle", "wide"),
        ("medium shot, a girl", "medium"),
        ("中景，小狗", "medium"),
        ("close-up, a girl", "close"),
        ("特写，小狗", "close"),
        ("特寫，小狗", "close"),
        ("近景，小狗", "close"),
    ],
)
def test_the_words_decide_the_framing_whatever_the_camera(words: str, framing: str) -> None:
    for camera, seed in itertools.product(("crane", "push_in", "static"), (1, 2)):
        assert build(words, camera=camera, seed=seed, width=160, height=90).framing.kind == framing


def test_without_words_the_camera_has_its_taste_and_chance_varies_it() -> None:
    def kinds(camera: str) -> list[str]:
        shots = [build("a girl in the meadow", 64, 36, camera=camera, seed=seed) for seed in range(24)]
        return [shot.framing.kind for shot in shots]

    high, near = kinds("crane"), kinds("push_in")
    assert len(set(high)) > 1 and len(set(near)) > 1
    assert high.count("wide") > near.count("wide")
    assert near.count("close") > high.count("close")


@pytest.mark.parametrize("size", SIZES)
def test_people_are_as_large_as_the_framing_says(size: tuple[int, int]) -> None:
    heights = {}
    for framing in ("wide", "medium", "close"):
        shot = build(f"{framing} shot, a woman stands in the meadow", *size, seed=3)
        _, top, _, bottom = (edge / size[1] for edge in shot.placed[0].visible())
        heights[framing] = bottom - top
        assert (bottom > 1.02) == (framing == "close")
    assert 0.13 < heights["wide"] < 0.3
    assert 0.3 < heights["medium"] < 0.58
    assert heights["close"] > 0.85


def test_a_close_shot_cuts_through_the_waist_and_shows_the_whole_face() -> None:
    for k, who in enumerate(("a girl", "an old man", "the king", "a wizard", "a robot", "a horse", "a bear")):
        for size in SIZES if k < 5 else SIZES[:1]:  # a long animal is whole unless the picture is broad
            shot = build(f"close-up, {who} in the garden", *size, seed=k)
            item = shot.placed[0]
            _, top, _, bottom = item.visible()
            assert top >= 0.02 * size[1], who
            if item.cut:
                assert 0.12 < (bottom - size[1]) / (bottom - top) < 0.5, (who, size)
            else:  # whose face would have come too low is shown whole
                assert bottom <= 0.95 * size[1], (who, size)
            left, first, right, last = eyes(shot)[0]
            assert left > 0 and right < size[0] and first > top, (who, size)
            assert last < shot.framing.calm - 0.06 * size[1], (who, size)


def test_small_animals_are_shown_whole_and_large_in_a_close_shot() -> None:
    for who in ("a cat", "a mouse", "小兔子", "a hedgehog", "a duck"):
        _, top, _, bottom = boxes(build(f"close-up, {who} in the garden", seed=4))[0]
        assert bottom - top > 0.4, who
        assert bottom < 0.95, who


def _inside(shot: Picture, prompt: str) -> None:
    for item, (left, top, right, bottom) in zip(shot.placed, boxes(shot), strict=True):
        way = abs(item.travel) / 2
        assert left - way >= 0 and right + way <= 1, (prompt, item.being.kind, left, right, way)
        assert top >= 0, (prompt, item.being.kind, top)
        if shot.framing.kind != "close":
            assert bottom <= 0.93, (prompt, item.being.kind, bottom)
    for k, (left, top, right, bottom) in eyes(shot).items():
        way = abs(shot.placed[k].travel) / 2 * shot.stage.width
        assert left - way > 0 and right + way < shot.stage.width and top > 0, (prompt, shot.placed[k].being.kind)
        assert bottom < shot.framing.calm, (prompt, shot.placed[k].being.kind)


def test_nobody_leaves_the_frame_whatever_the_words_size_and_camera() -> None:
    rng = random.Random(11)
    words = lexicon()
    fixed = [
        "three ducks by the lake",
        "a giraffe and a mouse",
        "a king, a queen, a knight and a dragon",
        "an elephant",
        "a witch and a wizard run",
        "两只恐龙和一条龙在飞",
        "five whales swim in the sea",
        "一群小鸡在农场走",
    ]
    for k in range(70):
        prompt = fixed[k] if k < len(fixed) else ""
        for section in rng.sample(("animal", "person", "animal", "person", "action", "place"), 4) if not prompt else ():
            prompt += ", " + rng.choice(rng.choice(list(words[section].values())))
        (w, h), camera = rng.choice(SIZES), rng.choice(list(CAMERAS))
        _inside(build(prompt, w // 2, h // 2, camera=camera, seed=k), prompt)


def test_the_same_shot_is_composed_alike_at_every_size() -> None:
    for prompt in ("a girl and her dog walk in the forest", "close-up, a fox in the snow", "wide shot, 小熊在河边"):
        small, large = (build(prompt, w, h, seed=9) for w, h in ((256, 144), (640, 360)))
        assert small.framing.kind == large.framing.kind
        for a, b in zip(boxes(small), boxes(large), strict=True):
            assert np.allclose(a, b, atol=0.035), prompt


def test_aspect_ratios_are_composed_anew_and_not_cropped() -> None:
    broad, tall, square = (build("a girl in the village", w, h, seed=5, camera="follow") for w, h in SIZES)
    assert abs(tall.framing.hero_x - 0.5) < abs(broad.framing.hero_x - 0.5)
    assert abs(square.framing.hero_x - 0.5) < abs(broad.framing.hero_x - 0.5)
    assert tall.framing.calm / 320 < broad.framing.calm / 180
    assert boxes(tall)[0][3] < boxes(broad)[0][3]


def test_two_who_are_together_look_at_each_other_and_a_chase_goes_one_way() -> None:
    for seed in range(4):
        talk = build("medium shot, a girl talks to a boy in the garden", seed=seed).placed
        assert talk[0].flip != talk[1].flip
        left = min(talk, key=lambda p: p.x)
        assert not left.flip  # it looks right, to the other
        chase = build("medium shot, a fox chases a rabbit through the meadow", seed=seed).placed
        assert chase[0].flip == chase[1].flip
        assert (chase[1].x - chase[0].x > 0) == (not chase[0].flip)  # the rabbit is ahead


def test_a_company_stands_in_depth() -> None:
    shot = build("medium shot, a man, a woman, a king and a queen in the meadow", seed=2)
    feet = sorted(round(p.y) for p in shot.placed)
    assert len(set(feet)) >= 3
    near, far = max(shot.placed, key=lambda p: p.y), min(shot.placed, key=lambda p: p.y)
    assert near.size * near.factor > far.size * far.factor


def test_who_swims_is_in_the_water_and_who_flies_is_in_the_air() -> None:
    whale = build("medium shot, a whale in the sea", seed=1)
    assert whale.stage.flood > 0
    assert whale.placed[0].dip > 0
    bird = build("medium shot, an eagle flies over the mountains", seed=1)
    assert bird.placed[0].aloft > 0.2 * bird.stage.height
    girl = build("medium shot, a girl on the beach", seed=1)
    assert not girl.stage.flood
    assert girl.placed[0].aloft == 0


def test_riders_ride_and_boats_stay_on_the_water() -> None:
    horse = build("medium shot, a boy rides a horse in the mountains", seed=1)
    assert [p.being.kind for p in horse.placed] == ["boy"]
    assert horse.placed[0].ride is not None
    alone = build("medium shot, a boy stands in the mountains", seed=1).placed[0]
    assert horse.placed[0].visible()[2] - horse.placed[0].visible()[0] > 1.6 * (alone.visible()[2] - alone.visible()[0])
    boat = build("medium shot, a cat and a dog row a boat on the lake", seed=1)
    rower, crew = boat.placed
    assert boat.stage.flood and rower.ride is not None and rower.dip > 0
    assert crew.ride is None and rower.span()[0] < crew.x < rower.span()[1]  # in the same boat
    ashore = build("medium shot, a cat rows a boat on the farm", seed=1)
    assert not ashore.stage.flood and ashore.placed[0].ride is None
    witch = build("medium shot, a witch rides a broom over the village", seed=1)
    assert witch.placed[0].aloft > 0


def test_everything_that_the_words_name_is_in_somebodys_hand_or_beside_them() -> None:
    for k, prop in enumerate(("cake", "lantern", "letter", "book", "treasure chest", "campfire", "gift")):
        with_it, without = (
            build(f"medium shot, a dog in the meadow{text}", seed=k) for text in (f" with a {prop}", "")
        )
        assert with_it.stage.scene.props, prop
        changed = np.abs(with_it.stage["subject"].pixels.astype(int) - without.stage["subject"].pixels).max(2) > 40
        assert changed.sum() > 30, prop


def test_nothing_near_hides_a_face_or_more_than_a_quarter_of_the_picture() -> None:
    for k, place in enumerate(lexicon()["place"]):
        shot = build(f"a girl and a dog, {lexicon()['place'][place][0]}", seed=k)
        near = shot.stage["near"].pixels[:, :, 3]
        assert near.mean() / 255 <= 0.26, place
        for left, top, right, bottom in eyes(shot).values():
            assert near[top:bottom, left:right].mean() < 40, place


def test_the_place_of_the_subtitles_is_calm(tmp_path: Path) -> None:
    calmer = []
    for k, place in enumerate(("forest", "meadow", "beach", "city", "room", "snowfield", "village", "road", "lake")):
        request = DrawRequest(prompt=f"medium shot, {place}, a cat", width=320, height=180, seed=k)
        folder = tmp_path / place
        folder.mkdir()
        draw(request.model_dump(mode="json"), folder, nothing)
        grey = cv2.cvtColor(cv2.imread(str(folder / "key_frame.png")), cv2.COLOR_BGR2GRAY).astype(np.float32)
        change = np.abs(np.diff(grey, axis=1))[:, 60:260]  # the corners may have leaves
        calmer.append(change[146:].mean() / change[50:140].mean())
    assert np.median(calmer) < 0.7
    assert max(calmer) < 1.0


def test_five_hundred_random_prompts_are_drawn(tmp_path: Path) -> None:
    rng = random.Random(7)
    styles = list(STYLES)
    cast = [Character(name="豆豆", description="一只蓝色的小狗"), Character(name="Luna", description="a witch")]
    for k in range(500):
        w, h = rng.choice(((96, 54), (54, 96), (64, 64)) if k % 25 else ((160, 90), (90, 160)))
        request = DrawRequest(
            prompt=random_prompt(rng),
            detail=random_prompt(rng) if k % 3 == 0 else "",
            style=rng.choice(styles) if k % 2 else "",
            camera=rng.choice(list(CAMERAS)),
            characters=tuple(cast[: rng.randrange(3)]),
            width=w,
            height=h,
            seed=k,
        )
        if k % 25:
            compose.build(request, nothing)
            continue
        folder = tmp_path / str(k)
        folder.mkdir()
        made = draw(request.model_dump(mode="json"), folder, nothing)
        assert json.dumps(made)
        layers = LayerSet.model_validate_json((folder / "layers.json").read_text("utf-8"))
        for layer in layers.layers:
            names = [layer.file, *((layer.life.closed, *layer.life.steps) if layer.life else ())]
            shapes = {cv2.imread(str(folder / name), cv2.IMREAD_UNCHANGED).shape for name in names if name}
            assert len(shapes) == 1, names
