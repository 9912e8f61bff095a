"""The builtin illustrator: sizes, layers, borders, cast colours and any words at all."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.core.errors import Canceled, StorageFull, ValidationFailed
from app.models.engine import DrawRequest, LayerSet
from app.models.story import Character
from app.services.engines.base import ImageEngine
from app.services.engines.builtin.picture import BuiltinImage, compose
from app.services.engines.builtin.picture.cast import figure, pose_of, size_of
from app.services.engines.builtin.picture.packing import write_cutout
from app.services.engines.builtin.picture.styles import STYLES
from app.services.engines.builtin.picture.task import draw
from app.services.engines.builtin.picture.words import Being, lexicon, read_scene

PUPPY = Character(name="豆豆", description="一只蓝色的小狗，戴着红围巾")
SIZE = {"width": 320, "height": 180}


def nothing() -> None:
    """A check that never cancels."""


def make(folder: Path, **fields: Any) -> tuple[dict[str, Any], LayerSet, list[np.ndarray], np.ndarray]:
    """Draw and read everything back: the answer, the layer set, the layers, the still."""
    folder.mkdir(parents=True, exist_ok=True)
    request = DrawRequest.model_validate({"prompt": "", **SIZE, **fields})
    made = draw(request.model_dump(mode="json"), folder, nothing)
    layers = LayerSet.model_validate_json((folder / made["layers"]).read_text(encoding="utf-8"))
    pixels = [cv2.imread(str(folder / layer.file), cv2.IMREAD_UNCHANGED) for layer in layers.layers]
    return made, layers, pixels, cv2.imread(str(folder / made["image"]), cv2.IMREAD_UNCHANGED)


def stacked(layers: LayerSet, pixels: list[np.ndarray]) -> np.ndarray:
    """All layers over each other at their places, as numbers."""
    out = pixels[0].astype(np.float64)
    for place, layer in zip(layers.layers[1:], pixels[1:], strict=True):
        part = out[place.top : place.top + layer.shape[0], place.left : place.left + layer.shape[1]]
        alpha = layer[:, :, 3:].astype(np.float64) / 255
        part[:] = part * (1 - alpha) + layer[:, :, :3] * alpha
    return out


def scene(text: str, **fields: Any) -> Any:
    return read_scene(DrawRequest.model_validate({"prompt": text, **SIZE, **fields}))


def being(kind: str, section: str, **fields: Any) -> Being:
    return Being(kind, section == "animal", fields.get("age", ""), kind)


def test_the_engine_is_an_image_engine_that_needs_nothing() -> None:
    engine = BuiltinImage()
    assert isinstance(engine, ImageEngine)
    assert engine.name == "image/builtin"
    assert engine.missing() == []
    assert engine.capabilities.layers


def test_importing_the_engine_loads_no_picture_library() -> None:
    code = (
        "import sys, app.services.engines.builtin.picture; "
        "sys.exit(bool({'cv2', 'numpy', 'av', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_the_engine_hands_the_work_to_its_context(tmp_path: Path) -> None:
    class Here:
        folder = tmp_path

        async def compute(self, task: str, request: dict[str, Any]) -> dict[str, Any]:
            assert task == "app.services.engines.builtin.picture.task:draw"
            return draw(request, self.folder, nothing)

        def progress(self, fraction: float, message: str = "") -> None: ...

    result = await BuiltinImage().draw(DrawRequest(prompt="a cat", seed=5, **SIZE), Here())
    assert result.image.exists()
    assert result.layers is not None
    assert result.layers.exists()
    assert result.seed == 5


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320), (200, 200), (267, 151), (33, 17)])
def test_every_file_has_exactly_the_size_asked_for(tmp_path: Path, width: int, height: int) -> None:
    _, layers, pixels, still = make(tmp_path, prompt="two foxes in the village", width=width, height=height)
    assert (layers.width, layers.height) == (width, height)
    assert still.shape == (height, width, 3)
    for layer, picture in zip(layers.layers, pixels, strict=True):
        if layer.name == "sky" or (layer.left, layer.top) == (0, 0):
            assert picture.shape[:2] == (height, width)
            continue
        assert layer.left >= 0 and layer.left + picture.shape[1] <= width
        assert layer.top >= 0 and layer.top + picture.shape[0] <= height
    assert all(layer.shape[2] == 4 for layer in pixels[1:])


def test_layers_go_from_far_to_near_and_the_first_is_opaque_to_its_borders(tmp_path: Path) -> None:
    for k, prompt in enumerate(
        ("a girl in the forest", "a cave", "under the sea", "a queen in the throne room", "雪地")
    ):
        made, layers, pixels, _ = make(tmp_path / str(k), prompt=prompt)
        depths = [layer.depth for layer in layers.layers]
        assert depths == sorted(depths)
        assert depths[0] == 0
        assert 3 <= sum(layer.life is None for layer in layers.layers) <= 5
        assert pixels[0].ndim == 3 and pixels[0].shape[2] == 3  # no alpha at all: opaque everywhere
        named = {layer.name: p for p, layer in zip(pixels, layers.layers, strict=True)}
        ground = named["subject"] if made["facts"]["framing"] != "close" else named["mid"]
        place = next(layer for layer in layers.layers if named[layer.name] is ground)
        assert (place.left, place.top + len(ground)) == (0, SIZE["height"])
        assert ground.shape[1] == SIZE["width"]
        assert (ground[-1, :, 3] == 255).all()  # it reaches the lower edge
        assert 0 <= layers.focus[0] <= 1
        assert 0 <= layers.focus[1] <= 1


@pytest.mark.parametrize("style", sorted(STYLES))
def test_the_layers_stacked_are_the_picture(tmp_path: Path, style: str) -> None:
    _, layers, pixels, still = make(tmp_path, prompt="a dog in the city at night", style=f"{style} style")
    assert {effect.kind for effect in layers.effects} <= {"stars", "waves"}  # which the still does not draw anew
    out = stacked(layers, pixels)
    assert np.abs(out - still).max() <= 6
    assert np.abs(out - still).mean() < 0.6


def test_falling_rain_is_in_the_still_and_not_in_the_layers(tmp_path: Path) -> None:
    _, layers, pixels, still = make(tmp_path, prompt="the city in heavy rain")
    assert any(effect.kind == "rain" for effect in layers.effects)
    assert np.abs(stacked(layers, pixels) - still).max() > 20


def test_birds_far_away_are_in_the_sky_and_before_no_building(tmp_path: Path) -> None:
    for seed in range(12):
        _, layers, pixels, still = make(tmp_path / str(seed), prompt="wide shot, a boy in the city", seed=seed)
        if {effect.kind for effect in layers.effects} != {"birds"}:
            continue
        change = np.abs(stacked(layers, pixels) - still).max(axis=2) > 12
        for place, layer in zip(layers.layers[1:], pixels[1:], strict=True):
            h, w = layer.shape[:2]
            assert not change[place.top : place.top + h, place.left : place.left + w][layer[:, :, 3] == 255].any()


def test_all_layers_but_the_sky_are_cut_to_what_they_show(tmp_path: Path) -> None:
    _, layers, pixels, _ = make(tmp_path, prompt="medium shot, a girl stands in the meadow")
    for place, layer in zip(layers.layers[1:], pixels[1:], strict=True):
        alpha = layer[:, :, 3]
        if (place.left, place.top) != (0, 0):
            assert alpha[:2].any() and alpha[-2:].any() and alpha[:, :2].any() and alpha[:, -2:].any(), place.name


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (70, 90), (400, 300)])
def test_a_cut_out_is_read_as_it_was_written(tmp_path: Path, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(shape[0])
    pixels = rng.integers(0, 256, (*shape, 4), np.uint8)
    for k, holes in enumerate((0.0, 0.5, 1.0)):
        gaps = cv2.resize(rng.random((8, 2)), shape[::-1], interpolation=cv2.INTER_NEAREST) < holes
        pixels[gaps.reshape(shape)] = 0
        write_cutout(tmp_path / f"{k}.png", pixels)
        assert np.array_equal(cv2.imread(str(tmp_path / f"{k}.png"), cv2.IMREAD_UNCHANGED), pixels)


def test_a_cut_out_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageFull):
        write_cutout(tmp_path / "missing" / "a.png", np.zeros((2, 2, 4), np.uint8))


def test_what_has_wheels_stands_on_the_shore_not_on_the_sea() -> None:
    def place(prompt: str) -> str:
        request = DrawRequest.model_validate({"prompt": prompt, **SIZE})
        return compose.build(request, nothing).stage.scene.place

    assert place("a car on the sea") == "beach"
    assert place("a ship on the sea") == "sea"


def test_the_same_request_gives_the_same_bytes_and_another_seed_another_picture(tmp_path: Path) -> None:
    def digest(name: str, seed: int) -> str:
        make(tmp_path / name, prompt="小猫在夜晚的花园里", seed=seed, style="水彩")
        return hashlib.sha256(b"".join(f.read_bytes() for f in sorted((tmp_path / name).iterdir()))).hexdigest()

    assert digest("a", 1) == digest("b", 1)
    assert digest("c", 2) != digest("a", 1)


def _colour_share(picture: np.ndarray, box: list[float], low: tuple[int, ...], high: tuple[int, ...]) -> float:
    h, w = picture.shape[:2]
    part = picture[max(0, int(box[1] * h)) : int(box[3] * h), max(0, int(box[0] * w)) : int(box[2] * w)]
    hsv = cv2.cvtColor(part, cv2.COLOR_BGR2HSV)
    return float(cv2.inRange(hsv, np.array(low), np.array(high)).mean() / 255)


def test_a_character_keeps_its_colours_in_every_shot(tmp_path: Path) -> None:
    prompts = ("豆豆在森林里", "豆豆在沙滩上奔跑", "豆豆在农场", "豆豆和小兔子在花园里")
    for k, prompt in enumerate(prompts):
        made, *_, still = make(tmp_path / str(k), prompt=prompt, characters=[PUPPY], seed=k, width=640, height=360)
        box = made["facts"]["figures"][0]["box"]
        assert made["facts"]["figures"][0]["kind"] == "dog"
        assert _colour_share(still, box, (98, 70, 60), (125, 255, 255)) > 0.12  # the blue coat
        assert _colour_share(still, box, (170, 90, 80), (180, 255, 255)) > 0.004  # the red scarf


def test_an_unnamed_figure_looks_the_same_whatever_the_seed() -> None:
    calm = pose_of(being("girl", "person"), scene("a girl"), 0)
    first, second = (figure(being("girl", "person"), calm, 120).pixels for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("section", ["animal", "person"])
def test_everybody_in_the_lexicon_can_be_drawn_in_every_mood(section: str) -> None:
    drawn: dict[bytes, str] = {}
    for kind in lexicon()[section]:
        for mood, action in (("", ""), ("sad", "walk"), ("happy", "run"), ("angry", "fly"), ("surprised", "sleep")):
            somebody = being(kind, section, age="child" if mood == "happy" else "")
            text = f"{mood} {action}"
            sprite = figure(somebody, pose_of(somebody, scene(text), 0), 60)
            assert sprite.pixels[:, :, 3].max() == 255, kind
            assert 20 < sprite.pixels.shape[0] < 160, kind
            if not mood and kind not in ("puppy", "kitten"):
                look = cv2.resize(sprite.pixels, (24, 24)).tobytes()
                assert look not in drawn, f"{kind} looks like {drawn.get(look)}"
                drawn[look] = kind
        assert size_of(being(kind, section)) > 0


@pytest.mark.parametrize("section", ["place", "weather", "season", "prop", "plant", "building", "vehicle", "style"])
def test_every_word_of_the_lexicon_is_drawn_without_an_exception(tmp_path: Path, section: str) -> None:
    for k, words in enumerate(lexicon()[section].values()):
        make(tmp_path / str(k), prompt=f"{words[0]}, a boy", width=128, height=72)


def test_words_are_understood_in_both_languages() -> None:
    english = scene("A little girl with a red hat and her dog walk through a snowy forest at dawn")
    assert (english.place, english.time, english.weather) == ("forest", "dawn", "snow")
    assert [b.kind for b in english.beings] == ["girl", "dog"]
    assert english.beings[0].wear["hat"] == "red"
    for text in ("清晨，小女孩和小狗走在下雪的森林里", "清晨，小女孩和小狗走在下雪的樹林裡"):
        chinese = scene(text)
        assert (chinese.place, chinese.time, chinese.weather) == ("forest", "dawn", "snow")
        assert [b.kind for b in chinese.beings] == ["girl", "dog"]


def test_somebody_who_is_looked_for_is_not_in_the_picture() -> None:
    lost = scene("小狗豆豆醒来，发现妈妈不见了", characters=[PUPPY])
    assert [b.key for b in lost.beings] == ["豆豆"]
    assert [b.key for b in scene("豆豆在寻找妈妈", characters=[PUPPY]).beings] == ["豆豆"]
    found = scene("豆豆终于找到了妈妈", characters=[PUPPY])
    assert [b.kind for b in found.beings] == ["dog", "dog"]
    assert found.beings[1].age == "big"


def test_a_name_finds_its_character_and_a_silent_prompt_shows_the_hero() -> None:
    cast = [PUPPY, Character(name="Luna", description="a black cat")]
    assert [b.kind for b in scene("Luna sits on the roof", characters=cast).beings] == ["cat"]
    assert [b.key for b in scene("夕阳下的山坡", characters=cast).beings] == ["豆豆"]


@pytest.mark.parametrize(
    "text", ["", " ", "🎈🎉🐶", "\x00\x01", "ا مرحبا", "龘" * 20_000, "the " * 5_000, "{}[]()|*+?\\"]
)
def test_any_text_gives_a_picture(tmp_path: Path, text: str) -> None:
    made, *_, still = make(tmp_path, prompt=text, subject=text, detail=text, tone=text, style=text)
    assert still.std() > 8
    assert made["facts"]["place"]


def test_a_canceled_job_stops_the_drawing(tmp_path: Path) -> None:
    calls = iter(range(3))

    def check() -> None:
        if next(calls, None) is None:
            raise Canceled("the job was canceled")

    with pytest.raises(Canceled):
        draw(DrawRequest(prompt="a dog", **SIZE).model_dump(mode="json"), tmp_path, check)


@pytest.mark.parametrize("size", [(0, 90), (160, 9000), (15, 90)])
def test_a_size_that_cannot_be_drawn_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(ValidationFailed):
        draw({"prompt": "a dog", "width": size[0], "height": size[1]}, tmp_path, nothing)


def test_chance_does_not_depend_on_the_size() -> None:
    small, large = (DrawRequest(prompt="a", seed=3, width=w, height=w) for w in (64, 640))
    assert compose.chance(small).random() == compose.chance(large).random()
