"""Burned subtitles: readable over any picture, with no font on the machine, and inside the frame."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.errors import ValidationFailed
from app.services.media import subtitles
from app.services.media.overlay import Overlay
from app.services.media.text import undrawable

SIZES = [(854, 480), (1280, 720), (1920, 1080), (720, 1280), (1080, 1080)]
TEXTS = ["他没有犹豫，提起灯就冲进了雨里", "The old lighthouse keeper climbed\nthe winding stairs, didn’t he?"]
Picture = NDArray[np.uint8]


def backgrounds(width: int, height: int) -> list[Picture]:
    noise = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    plain = [np.full((height, width, 3), value, np.uint8) for value in (0, 128, 255)]
    yellow = np.zeros((height, width, 3), np.uint8)
    yellow[..., :2] = 255
    return [*plain, yellow, noise]


def composed(picture: Picture, overlay: Overlay) -> Picture:
    """The part of the picture that lies under the overlay, with it."""
    height, width = overlay.rgba.shape[:2]
    below = picture[overlay.y : overlay.y + height, overlay.x : overlay.x + width].astype(np.float64)
    alpha = overlay.rgba[..., 3:] / 255
    return np.rint(below * (1 - alpha) + overlay.rgba[..., :3] * alpha).astype(np.uint8)


def luminance(picture: Picture) -> NDArray[np.float64]:
    """Relative luminance of sRGB (WCAG 2)."""
    value = picture / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def letters(overlay: Overlay) -> NDArray[np.bool_]:
    return (overlay.rgba[..., 0] > 220) & (overlay.rgba[..., 3] > 250)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", TEXTS)
def test_letters_stand_out_from_their_outline_over_any_picture(text: str, size: tuple[int, int]) -> None:
    overlay = subtitles.draw(text, *size)
    fill = letters(overlay).astype(np.uint8)
    assert fill.sum() > 100
    outline = (overlay.rgba[..., 3] >= 250) & (overlay.rgba[..., 0] <= 60)
    ring = (cv2.dilate(fill, np.ones((5, 5), np.uint8)) > 0) & (cv2.dilate(fill, np.ones((3, 3), np.uint8)) == 0)
    assert outline[ring].mean() > 0.55, "a dark ring lies around the letters"
    for picture in backgrounds(*size):
        light = luminance(composed(picture, overlay))
        assert (light[fill > 0].min() + 0.05) / (light[outline].max() + 0.05) >= 4.5


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", TEXTS)
def test_subtitles_are_even_centred_and_in_the_safe_area(text: str, size: tuple[int, int]) -> None:
    overlay = subtitles.draw(text, *size)
    height, width = overlay.rgba.shape[:2]
    assert not any(value % 2 for value in (overlay.x, overlay.y, width, height))
    assert 0.04 * size[0] <= overlay.x and overlay.x + width <= 0.96 * size[0]
    assert abs(overlay.x + width / 2 - size[0] / 2) <= 0.02 * size[0]
    rows = np.flatnonzero(letters(overlay).any(axis=1))
    free = (size[1] - overlay.y - rows[-1] - 1) / size[1]
    assert 0.045 <= free <= 0.085


def test_a_chinese_character_is_about_a_twentieth_of_the_shorter_side() -> None:
    for size in SIZES:
        rows = np.flatnonzero(letters(subtitles.draw("国", *size)).any(axis=1))
        assert 0.04 <= (rows[-1] - rows[0] + 1) / min(size) <= 0.055


def test_the_overlay_is_cropped_to_what_is_seen() -> None:
    alpha = subtitles.draw("走！", 1280, 720).rgba[..., 3]
    assert alpha.shape[1] < 200 and alpha.shape[0] < 90
    assert alpha[:2].any() and alpha[-2:].any() and alpha[:, :2].any() and alpha[:, -2:].any()


def test_two_lines_end_where_one_line_ends() -> None:
    one, two = subtitles.draw("灯塔", 1280, 720), subtitles.draw("远方\n灯塔", 1280, 720)
    assert one.y + one.rgba.shape[0] == two.y + two.rgba.shape[0]
    assert one.y - two.y >= 40


def test_a_line_that_is_too_wide_is_made_smaller() -> None:
    overlay = subtitles.draw("字" * 80, 720, 1280)
    assert overlay.x > 0 and overlay.x + overlay.rgba.shape[1] < 720


def test_the_same_words_are_the_same_bytes_in_every_thread() -> None:
    with ThreadPoolExecutor(3) as pool:
        drawn = list(pool.map(lambda _: subtitles.draw("老灯塔\nstory", 640, 360).rgba.tobytes(), range(6)))
    assert len(set(drawn)) == 1


def test_what_the_font_lacks_is_named_and_invisible_characters_are_not() -> None:
    assert undrawable("生成 Hello, Ω ж é 한국어 かな ？?「」…——①\u200b\ufeff\n") == ""
    assert undrawable("a😀b👍🏽c😀") == "😀👍🏽"
    assert undrawable("हि") == "हि"
    assert undrawable("مر של") == "مرשל"


def test_emoji_leave_no_question_mark_and_no_gap() -> None:
    plain = subtitles.draw("Hello, world!", 1280, 720).rgba
    for text in ("Hello, 😀 world 👨‍👩‍👧!", "Hello,👍🏽 world🫀!"):
        assert np.array_equal(subtitles.draw(text, 1280, 720).rgba, plain)


@pytest.mark.parametrize("text", ["", "😀", "مرحبا", "\n\n", "\x00", "\ud800"])
def test_nothing_to_draw_is_a_transparent_overlay(text: str) -> None:
    overlay = subtitles.draw(text, 1280, 720)
    assert overlay.rgba.shape[2] == 4 and not overlay.rgba[..., 3].any()


def test_english_quotes_are_not_drawn_full_width() -> None:
    curly, plain = subtitles.draw("“I don’t know…”", 1280, 720), subtitles.draw('"I don\'t know..."', 1280, 720)
    assert np.array_equal(curly.rgba, plain.rgba)


def test_a_font_file_draws_its_own_letters_and_says_what_it_lacks(font_file: str) -> None:
    assert undrawable("Hello 生成", font_file) == "生成"
    own = subtitles.draw("Hello", 1280, 720, font_file)
    assert letters(own).sum() > 100
    assert not np.array_equal(own.rgba, subtitles.draw("Hello", 1280, 720).rgba)
    assert np.array_equal(subtitles.draw("Hello 生成", 1280, 720, font_file).rgba, own.rgba)


def test_a_font_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    for name in ("broken.ttf", "missing.ttf"):
        with pytest.raises(ValidationFailed, match=name):
            subtitles.draw("x", 1280, 720, str(tmp_path / name))
