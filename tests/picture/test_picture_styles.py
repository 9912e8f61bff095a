"""Styles and light of the builtin illustrator: told apart, reproducible, faces readable, hours and weathers felt."""

from __future__ import annotations

import hashlib
import itertools
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import pytest

from app.models.engine import DrawRequest, LayerSet
from app.models.story import Character
from app.services.engines.builtin.picture import compose, finish, tables
from app.services.engines.builtin.picture.canvas import over, painted
from app.services.engines.builtin.picture.hours import WEATHERS
from app.services.engines.builtin.picture.palette import palette_of
from app.services.engines.builtin.picture.stage import LAYERS, Stage
from app.services.engines.builtin.picture.styles import POSTERS, STYLES
from app.services.engines.builtin.picture.task import draw
from app.services.engines.builtin.picture.vocabulary import lexicon
from app.services.engines.builtin.picture.words import read_scene

MIA = Character(name="Mia", description="a little girl with a red scarf and a blue dress")
SIZE = {"width": 320, "height": 180}
SAID = {name: words.split("|")[0] if isinstance(words, str) else words[0] for name, words in lexicon()["style"].items()}


def asked(prompt: str, **fields: Any) -> DrawRequest:
    return DrawRequest.model_validate({"prompt": prompt, **SIZE, **fields})


def made(folder: Path, prompt: str, **fields: Any) -> tuple[LayerSet, np.ndarray]:
    """The layer set and the flat picture."""
    folder.mkdir(parents=True, exist_ok=True)
    draw(asked(prompt, **fields).model_dump(mode="json"), folder, lambda: None)
    layers = LayerSet.model_validate_json((folder / "layers.json").read_text(encoding="utf-8"))
    return layers, cv2.imread(str(folder / "key_frame.png"))


def stack(layers: list[np.ndarray]) -> np.ndarray:
    """All layers over each other: blue, green, red without alpha."""
    out = cv2.cvtColor(layers[0], cv2.COLOR_BGRA2BGR)
    for layer in layers[1:]:
        y0, y1 = painted(layer)
        if y1 > y0:
            over(out[y0:y1], cv2.cvtColor(layer[y0:y1], cv2.COLOR_RGBA2mRGBA))
    return out


@lru_cache(maxsize=64)
def still(text: str, style: str = "", tone: str = "", seed: int = 4) -> np.ndarray:
    """The picture without figures and falling things, (height, width, 3): what light and style make of a place."""
    picture = compose.build(asked(text, style=style, tone=tone, seed=seed, characters=(MIA,)), lambda: None)
    stage = picture.stage
    for name in [n for n in stage.canvases if n not in LAYERS]:
        del stage.canvases[name]
    finish.styled(stage, picture.style, 11)
    return stack([finish.straight(stage[layer], picture.style) for layer in LAYERS])


def luma(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)


def palette(picture: np.ndarray) -> np.ndarray:
    """How much of the picture has which colour: 8 x 8 x 8 bins of Lab, softened, summing to 1."""
    lab = cv2.cvtColor(picture, cv2.COLOR_BGR2Lab)
    bins = cv2.calcHist([lab], [0, 1, 2], None, [8, 16, 16], [0, 256, 64, 192, 64, 192])
    return bins.ravel() / bins.sum()


def test_every_style_that_the_words_know_has_its_own_making() -> None:
    assert set(lexicon()["style"]) == set(STYLES)
    for name, word in SAID.items():
        assert read_scene(asked("a girl", style=word)).style == name


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ("水彩", "watercolor"),
        ("水墨畫", "ink"),
        ("工笔", "gongbi"),
        ("國風", "gongbi"),
        ("剪纸", "papercut"),
        ("窗花", "redcut"),
        ("赛博朋克", "neon"),
        ("宮崎駿", "anime"),
        ("油畫", "oil"),
        ("蜡笔画", "crayon"),
        ("黑白电影", "noir"),
        ("扁平插画", "flat"),
        ("黏土", "clay"),
        ("像素", "pixel"),
        ("screen print", "retro"),
        ("Miyazaki", "anime"),
        ("claymation", "clay"),
    ],
)
def test_styles_are_understood_in_three_scripts(words: str, style: str) -> None:
    assert read_scene(asked("a boy in the forest", style=words)).style == style


def test_every_style_has_a_palette_of_its_own() -> None:
    scenes = ("a lake with mountains, wide shot, noon", "the village at sunset, wide shot", "a classroom, medium shot")
    tones = {name: [palette(still(scene, word)) for scene in scenes] for name, word in SAID.items()}
    for one, other in itertools.combinations(tones, 2):
        apart = [float(np.abs(a - b).sum()) / 2 for a, b in zip(tones[one], tones[other], strict=True)]
        assert max(apart) > 0.3, (one, other, apart)
        assert min(apart) > 0.08, (one, other, apart)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_a_style_gives_the_same_bytes_every_time(tmp_path: Path, style: str) -> None:
    def digest(name: str) -> str:
        made(tmp_path / name, "Mia and a dog in the village in the rain at night", style=SAID[style], characters=(MIA,))
        return hashlib.sha256(b"".join(f.read_bytes() for f in sorted((tmp_path / name).iterdir()))).hexdigest()

    assert digest("a") == digest("b")


@pytest.mark.parametrize("style", sorted(STYLES))
def test_no_colour_is_brighter_than_its_alpha_and_the_sky_has_no_holes(style: str) -> None:
    picture = compose.build(asked("Mia by the lake", style=SAID[style], characters=(MIA,)), lambda: None)
    finish.styled(picture.stage, picture.style, 5)
    for name, canvas in picture.stage.canvases.items():
        pixels = canvas.pixels.astype(int)
        assert (pixels[:, :, :3].max(2) <= pixels[:, :, 3] + 1).all(), name
    assert (picture.stage["sky"].pixels[:, :, 3] == 255).all()
    assert (picture.stage["subject"].pixels[-1, :, 3] == 255).all()


def _figure(folder: Path, style: str) -> np.ndarray:
    """Mia's own layer, near enough to see her face."""
    layers, _ = made(
        folder, "close-up of Mia in the meadow", style=SAID[style], characters=(MIA,), width=640, height=360
    )
    file = next(layer.file for layer in layers.layers if layer.name.startswith("figure"))
    return cv2.imread(str(folder / file), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_eyes_stand_out_from_the_face_in_every_style(tmp_path: Path, style: str) -> None:
    pixels = _figure(tmp_path, style)
    h, w = pixels.shape[:2]
    face = pixels[int(h * 0.2) : int(h * 0.62), int(w * 0.3) : int(w * 0.7)]
    tones = luma(face[:, :, :3])[face[:, :, 3] > 250] / 255
    eye, skin = float(np.quantile(tones, 0.015)), float(np.quantile(tones, 0.6))
    contrast = (skin**2.2 + 0.05) / (eye**2.2 + 0.05)
    assert contrast > 3.0, (style, eye, skin)
    assert pixels[int(h * 0.3) : int(h * 0.5), int(w * 0.4) : int(w * 0.6), 3].min() == 255  # no holes


@pytest.mark.parametrize("style", sorted(set(STYLES) - {"redcut"}))
def test_a_red_scarf_stays_red_in_every_style(tmp_path: Path, style: str) -> None:
    pixels = _figure(tmp_path, style)
    hsv = cv2.cvtColor(pixels[:, :, :3], cv2.COLOR_BGR2HSV)
    low, high = np.array((0, 110, 90)), np.array((9, 255, 255))
    red = cv2.inRange(hsv, low, high) | cv2.inRange(hsv, np.array((166, 110, 90)), np.array((180, 255, 255)))
    assert (red[pixels[:, :, 3] > 250] > 0).mean() > 0.006, style


@pytest.mark.parametrize("style", ["storybook", "watercolor", "oil", "anime", "papercut", "ink"])
def test_night_is_darker_than_noon_and_blue(style: str) -> None:
    noon, night = (still(f"the village, wide shot, {t}", SAID[style]) for t in ("noon", "night"))
    assert luma(night).mean() < luma(noon).mean() * 0.82
    if style != "ink":
        assert night[:, :, 0].mean() > night[:, :, 2].mean() * 1.15


def test_rain_is_cooler_and_paler_than_a_clear_day_and_storm_is_darkest() -> None:
    clear, rain, storm = (still(f"the village at noon{w}, wide shot") for w in ("", " in the rain", " in a storm"))

    def strength(picture: np.ndarray) -> float:
        return float(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[:, :, 1].mean())

    def blueness(picture: np.ndarray) -> float:
        ground = picture[int(len(picture) * 0.55) :]
        return float(ground[:, :, 0].mean() / ground[:, :, 2].mean())

    assert strength(rain) < strength(clear) * 0.85
    assert blueness(rain) > blueness(clear) * 1.12
    assert luma(storm).mean() < luma(rain).mean() < luma(clear).mean()


def test_fog_lowers_contrast_and_hides_the_distance() -> None:
    clear, fog = (still(f"mountains by the lake at noon{w}, wide shot") for w in ("", ", thick fog"))
    assert luma(fog).std() < luma(clear).std() * 0.85


def test_far_things_are_paler_than_near_ones() -> None:
    picture = compose.build(asked("mountains, wide shot, noon", characters=(MIA,)), lambda: None)
    spread = {}
    for layer in ("far", "subject"):
        pixels = picture.stage[layer].pixels
        spread[layer] = float(cv2.cvtColor(pixels, cv2.COLOR_BGRA2GRAY)[pixels[:, :, 3] > 250].mean())
    assert spread["far"] > spread["subject"]


@pytest.mark.parametrize("weather", sorted(WEATHERS))
def test_every_weather_changes_the_light(weather: str) -> None:
    clear, other = (palette_of(read_scene(asked(f"the village {w}")), Random(1), "one film") for w in ("", weather))
    assert clear.light != other.light
    assert clear.sky != other.sky


def test_one_film_keeps_its_palette_and_another_has_another() -> None:
    scene = read_scene(asked("a boy on the beach at sunset"))
    own = [palette_of(scene, Random(k), "Mia and Ben").sky[1] for k in range(6)]
    assert max(max(abs(a - b) for a, b in zip(one, own[0], strict=True)) for one in own) < 16
    films = {tuple(round(v / 6) for v in palette_of(scene, Random(1), f"film {k}").sky[1]) for k in range(16)}
    assert len(films) >= 12


def test_moods_have_their_own_light() -> None:
    calm, sad, happy = (
        palette_of(read_scene(asked("a boy by the lake", tone=t)), Random(1), "film") for t in ("", "sad", "happy")
    )
    assert sad.saturation < calm.saturation < happy.saturation
    assert sum(sad.light) < sum(calm.light)


def test_paper_is_cut_red_for_a_feast() -> None:
    def style(prompt: str) -> Any:
        return compose.build(asked(prompt, style="剪纸"), lambda: None).style

    assert style("元宵灯会，小女孩提着灯笼") is STYLES["redcut"]
    assert style("小女孩走在森林里") is STYLES["papercut"]


def test_a_poster_keeps_its_inks_through_the_story() -> None:
    def style(prompt: str) -> Any:
        return compose.build(asked(prompt, style="retro poster", characters=(MIA,)), lambda: None).style

    assert style("Mia in the forest") is style("Mia on the beach at night")
    assert all(poster is not POSTERS[0] for poster in POSTERS[1:])


def lit(text: str, style: str) -> tuple[Stage, np.ndarray]:
    """The stage before the style, figures left out, and its flat colours."""
    picture = compose.build(asked(text, style=style, seed=4, characters=(MIA,)), lambda: None)
    return picture.stage, stack([picture.stage[layer].pixels for layer in LAYERS])


def test_a_crowd_of_lamps_stays_small_and_a_single_one_as_large_as_it_was() -> None:
    stage, _ = lit("wide shot, the street at night", "storybook")
    covered = sum(np.pi * lamp.r**2 * lamp.strength for lamp in stage.lamps if lamp.layer == "mid")
    assert len(stage.lamps) >= 8
    assert covered < 0.25 * stage.width * stage.height
    forest, _ = lit("wide shot, the forest at night", "storybook")
    assert max(lamp.r for lamp in forest.lamps) > 0.5 * forest.unit


@pytest.mark.parametrize("text", ["wide shot, the street at night", "close-up, a girl in the street at night"])
def test_a_street_by_night_is_printed_as_dark_shapes_with_few_bright_ones(text: str) -> None:
    bright = luma(still(text, "retro poster")) > 140
    assert 0.005 < bright.mean() < 0.3  # lit windows and lamps, and no cloud of light


def test_sheets_of_card_are_paler_towards_the_back_at_night() -> None:
    picture = compose.build(asked("wide shot, the forest at night", style="papercut", seed=4), lambda: None)
    tones = []
    for name in ("far", "mid", "subject", "near"):
        part = picture.stage[name].pixels
        solid = part[part[:, :, 3] > 250]
        if len(solid):
            tones.append(float(np.median(solid[:, :3].mean(1))))
            blue, _, red, _ = np.median(solid, 0)
            assert blue > red + 10
    assert len(tones) >= 3
    assert tones == sorted(tones, reverse=True)


def test_skin_stays_skin_under_neon_signs(tmp_path: Path) -> None:
    pixels = _figure(tmp_path, "neon")
    h, w = pixels.shape[:2]
    face = pixels[: h // 2, w // 4 : 3 * w // 4]
    hsv = cv2.cvtColor(face[:, :, :3], cv2.COLOR_BGR2HSV)
    skin = (face[:, :, 3] > 250) & (hsv[:, :, 2] > 190) & ((hsv[:, :, 0] < 16) | (hsv[:, :, 0] > 172))
    assert skin.mean() > 0.08
    assert float(np.median(hsv[:, :, 1][skin])) < 130  # neither painted orange nor red


def test_a_misty_dawn_is_pale_and_rainy_dusk_is_violet() -> None:
    mist, rain = (
        still("the village at dawn, thin mist", tone="lonely"),
        still("the forest at dusk, rain", tone="afraid"),
    )
    assert luma(mist).mean() > 165
    blue, green, red = rain.reshape(-1, 3).mean(0)
    assert blue > green
    assert blue > red + 5
    blue, green, red = mist[: len(mist) // 3].reshape(-1, 3).mean(0)
    assert min(blue, red) > green - 4  # rose and blue, not khaki


def test_leaves_that_fall_through_ink_are_grey_and_through_a_poster_of_its_inks(tmp_path: Path) -> None:
    def leaf(style: str) -> tuple[int, int, int]:
        layers, _ = made(tmp_path / style, "the river in autumn", style=style, characters=[MIA])
        return next(effect.color for effect in layers.effects if effect.kind == "leaves")

    assert np.ptp(leaf("ink")) < 24
    assert any(f"{r:02x}{g:02x}{b:02x}" in codes for r, g, b in (leaf("retro"),) for codes in tables.INKS)


@pytest.mark.parametrize(("style", "most"), [("storybook", 1.6), ("watercolor", 2.6), ("ink", 2.0), ("noir", 3.0)])
def test_the_grain_of_paper_is_faint_for_a_film_pays_for_it(style: str, most: float) -> None:
    """The finest detail of a plain sky, in grey levels: what a video coder has to send again with every move."""
    stage = compose.build(asked("the desert at noon", style=SAID[style], width=960, height=540), lambda: None).stage
    stage["sky"].pixels[:] = (220, 190, 150, 255)
    for layer in LAYERS[1:]:
        stage[layer].pixels[:] = 0
    look = finish.style_of(stage)
    finish.styled(stage, look, 3)
    sky = luma(finish.straight(stage["sky"], look)[150:400, 200:760, :3])
    fine = np.abs(sky - cv2.GaussianBlur(sky, (0, 0), 1.2))
    assert float(np.quantile(fine, 0.9)) < most


@pytest.mark.parametrize(("width", "height"), [(33, 17), (96, 160), (150, 150)])
def test_every_style_copes_with_any_size(tmp_path: Path, width: int, height: int) -> None:
    for style, word in SAID.items():
        _, picture = made(tmp_path / style, "a cat at night in the rain", style=word, width=width, height=height)
        assert picture.shape == (height, width, 3)
        assert picture.std() > 4, style
