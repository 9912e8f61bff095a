"""Layers of life: every figure apart, with its other drawings, and always in its own colours."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.models.engine import DrawRequest, Layer, LayerSet
from app.models.story import Character
from app.services.engines.builtin.picture import compose
from app.services.engines.builtin.picture.task import draw

MEI = Character(name="小美", description="一个小女孩，穿着蓝色的裙子，戴着红围巾")
MEI_IN_GREEN = Character(name="小美", description="一个小女孩，穿着蓝色的裙子，戴着绿围巾")
SHOTS = (
    "中景，小美站在草地上，白天",
    "远景，小美在海边，黄昏",
    "中景，小美走在雪地里，清晨",
    "特写，小美在教室里",
    "中景，小美在森林里，夜晚",
    "中景，小美在城市里，下雨",
)


def nothing() -> None:
    """A check that never cancels."""


def make(folder: Path, prompt: str, **fields: Any) -> LayerSet:
    """Draw into a fresh folder and read the list of layers."""
    folder.mkdir(parents=True)
    request = DrawRequest.model_validate({"prompt": prompt, "width": 480, "height": 270, **fields})
    draw(request.model_dump(mode="json"), folder, nothing)
    return LayerSet.model_validate_json((folder / "layers.json").read_text("utf-8"))


def figures(layers: LayerSet) -> list[Layer]:
    return [layer for layer in layers.layers if layer.life is not None and layer.name.startswith("figure")]


def hues(pixels: np.ndarray) -> np.ndarray:
    """How much of the strong colours of a cut-out has which hue, 12 classes, of straight or premultiplied BGRA."""
    solid = pixels[pixels[:, :, 3] > 250][:, :3].reshape(-1, 1, 3)
    hue, saturation, value = (plane.ravel() for plane in cv2.split(cv2.cvtColor(solid, cv2.COLOR_BGR2HSV)))
    strong = (saturation > 80) & (value > 60)
    counts, _ = np.histogram((hue[strong].astype(int) + 7) % 180, bins=12, range=(0, 180))
    return counts / max(1, len(hue))


def test_a_character_wears_the_same_colours_in_every_shot() -> None:
    """Measured on the cut-outs before light and style, which change all colours of a picture alike."""
    red, green, blue = 0, 4, 7  # classes of 15 degrees
    for k, prompt in enumerate(SHOTS):
        looks = []
        for character in (MEI, MEI_IN_GREEN):
            request = DrawRequest(prompt=prompt, characters=(character,), width=640, height=360, seed=k)
            looks.append(hues(compose.build(request, nothing).placed[0].sprite.pixels))
        ours, other = looks
        assert ours[red] > other[red] + 0.015, prompt
        assert other[green - 1 : green + 2].sum() > ours[green - 1 : green + 2].sum() + 0.005, prompt
        assert ours[blue - 1 : blue + 2].sum() > 0.06, prompt


def test_the_colours_are_on_the_layer_of_the_figure_too(tmp_path: Path) -> None:
    for k, prompt in enumerate(SHOTS[:4]):
        layers = make(tmp_path / str(k), prompt, characters=[MEI], seed=k, width=640, height=360)
        pixels = cv2.imread(str(tmp_path / str(k) / figures(layers)[0].file), cv2.IMREAD_UNCHANGED)
        found = hues(pixels)
        assert found[0] + found[11] > 0.008, prompt
        assert found[6:9].sum() > 0.03, prompt


@pytest.mark.parametrize("style", ["", "水彩", "neon", "paper cut", "ink", "油画"])
def test_all_drawings_of_a_figure_differ_in_little_and_lie_on_each_other(tmp_path: Path, style: str) -> None:
    layers = make(tmp_path / "a", "medium shot, a girl walks on the road", style=style, seed=1)
    (girl,) = figures(layers)
    assert girl.life is not None and girl.life.kind == "walk"
    assert girl.life.travel != 0
    assert girl.life.closed and girl.life.steps
    first = cv2.imread(str(tmp_path / "a" / girl.file), cv2.IMREAD_UNCHANGED).astype(int)
    blink, *steps = (
        cv2.imread(str(tmp_path / "a" / name), cv2.IMREAD_UNCHANGED).astype(int)
        for name in (girl.life.closed, *girl.life.steps)
    )
    assert {p.shape for p in (blink, *steps)} == {first.shape}
    eyes = np.abs(blink - first).max(2) > 12
    rows, cols = np.nonzero(eyes)
    assert 0 < eyes.mean() < 0.06
    assert rows.max() < 0.62 * len(first)  # nothing but the face changes
    assert np.ptp(cols) < 0.75 * first.shape[1]
    for step in steps:
        moved = np.abs(step - first).max(2) > 30
        assert moved[int(0.6 * len(first)) :].mean() > moved[: int(0.35 * len(first))].mean()


def test_nothing_shimmers_when_somebody_blinks_in_a_crowd_in_water_or_on_a_mount() -> None:
    """The shown drawing is made just as its other drawings are, however often the company had to grow smaller."""
    prompts = (
        "an empress, a leopard and a general",
        "five elephants in the desert",
        "two whales in the sea, a dolphin",
        "a boy rides a horse, a girl and a cow",
        "a cat and a dog row a boat on the lake",
        "close-up, a king and a wolf",
    )
    for (k, prompt), (w, h) in itertools.product(enumerate(prompts), ((90, 160), (160, 90), (120, 120))):
        shot = compose.build(DrawRequest(prompt=prompt, width=w, height=h, seed=k), nothing)
        assert shot.placed
        for item in shot.placed:
            again = item.draw()
            assert np.array_equal(item.sprite.pixels, again.pixels), (prompt, w, h, item.being.kind)
            assert item.sprite.foot == again.foot
            assert item.draw(closed=True).pixels.shape == again.pixels.shape


def test_a_small_animal_beside_a_large_one_is_smaller_in_a_close_shot_too() -> None:
    for prompt in ("close-up, an elephant flies and a dog flies", "close-up, an eagle and a mouse"):
        shot = compose.build(DrawRequest(prompt=prompt, width=480, height=270, seed=1), nothing)
        large, small = (bottom - top for _, top, _, bottom in (item.visible() for item in shot.placed))
        assert 0.35 * large < small < 0.75 * large, prompt


def test_a_shadow_goes_along_and_stays_when_nobody_goes(tmp_path: Path) -> None:
    walk = make(tmp_path / "a", "medium shot, a boy walks on the road", seed=1)
    names = [layer.name for layer in walk.layers]
    assert "shadow_0" in names
    assert names.index("shadow_0") < names.index("figure_0")
    shadow, boy = (next(layer.life for layer in walk.layers if layer.name == name) for name in ("shadow_0", "figure_0"))
    assert shadow is not None and boy is not None
    assert shadow.kind == "slide"
    assert shadow.travel == boy.travel
    stand = make(tmp_path / "b", "medium shot, a boy stands on the road", seed=1)
    assert not [layer for layer in stand.layers if layer.name.startswith("shadow")]


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("medium shot, a girl stands in the garden", "breathe"),
        ("medium shot, a girl walks in the garden", "walk"),
        ("medium shot, a boy runs in the garden", "run"),
        ("medium shot, an eagle flies over the mountains", "fly"),
        ("medium shot, a fish in the coral reef", "float"),
        ("medium shot, a cat sleeps in the room", "sway"),
        ("close-up, a girl walks in the garden", "breathe"),
    ],
)
def test_the_pose_decides_how_somebody_lives(tmp_path: Path, prompt: str, kind: str) -> None:
    (figure,) = figures(make(tmp_path / "a", prompt, seed=1))
    assert figure.life is not None
    assert figure.life.kind == kind
    assert 0 <= figure.life.phase <= 1
    assert figure.life.height > 0


def test_at_most_four_live_and_no_two_breathe_together(tmp_path: Path) -> None:
    layers = make(tmp_path / "a", "a king, a queen, a knight, a wizard and a dragon in the meadow", seed=1)
    living = figures(layers)
    assert len(living) == 4
    assert len({figure.life.phase for figure in living if figure.life}) == 4
    assert [layer.depth for layer in layers.layers] == sorted(layer.depth for layer in layers.layers)


def test_the_focus_is_the_heros_head(tmp_path: Path) -> None:
    for k, framing in enumerate(("wide", "medium", "close")):
        layers = make(tmp_path / framing, f"{framing} shot, a girl in the meadow", seed=k)
        (girl,) = figures(layers)
        assert girl.life is not None
        seen, blink = (
            cv2.imread(str(tmp_path / framing / name), cv2.IMREAD_UNCHANGED) for name in (girl.file, girl.life.closed)
        )
        left, top, wide, high = cv2.boundingRect((cv2.absdiff(seen, blink).max(axis=2) > 24).astype(np.uint8))
        x, y = layers.focus[0] * 480 - girl.left, layers.focus[1] * 270 - girl.top
        assert left - 2 <= x <= left + wide + 2
        assert top - 2 <= y <= top + high + 2


def test_a_picture_with_life_is_the_same_to_the_byte_for_one_seed_and_another_for_two(tmp_path: Path) -> None:
    def digest(name: str, seed: int) -> str:
        make(tmp_path / name, "a boy and his dog run on the beach", seed=seed, width=240, height=136)
        files = sorted((tmp_path / name).iterdir())
        return hashlib.sha256(b"".join(f.name.encode() + f.read_bytes() for f in files)).hexdigest()

    assert digest("a", 1) == digest("b", 1)
    assert digest("c", 2) != digest("d", 3)
