"""Title and end cards: a window where the story's hero stands, words that can be read, paper everywhere else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.models.timeline import Card, LabelStyle
from app.services.media import captions, cards, label
from app.services.media.borders import BORDERS, reach
from app.services.media.card_layout import below
from app.services.media.contrast import contrast
from app.services.media.hands import HANDS
from app.services.media.lettering import MOST_LINES, fit, fit_down
from app.services.media.ornaments import ORNAMENTS, printed
from app.services.media.overlay import Overlay
from app.services.media.paper import Page
from app.services.media.stationery import STATIONERY, Look, chosen
from app.services.media.style_words import KINDS, kind_of
from app.services.media.windows import SHAPES

SIZES = [(426, 240), (240, 426), (288, 288)]
SHORT, ENGLISH = "小狗找妈妈", "The Lighthouse Keeper’s Gift"
LONG = "一位老灯塔守望者在暴风雨之夜救起一只小海豚并和它成为朋友的故事还有后来的许多年"
WORDY = "The Extraordinary Adventures of a Very Small Robot Who Learned to Paint the Sea"
Picture = NDArray[np.uint8]


def titled(words: str, kind: str = "storybook", small: str = "") -> Card:
    return Card(kind="end" if small else "title", words=words, small=small, style=kind)


def opening(overlay: Overlay) -> NDArray[np.bool_]:
    return overlay.rgba[..., 3] < 26


def luminance(picture: Picture) -> NDArray[np.float64]:
    value = picture / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    weighted: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return weighted


def looks() -> list[Look]:
    """One look of every paper and shape of every style."""
    found: dict[tuple[object, ...], Look] = {}
    for kind in KINDS:
        for number in range(40):
            look = chosen(kind, f"{number}")
            found[kind, look.paper] = look
            found[kind, look.shape] = look
    return list(found.values())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_hero_is_seen_through_every_window(kind: str, size: tuple[int, int]) -> None:
    width, height = size
    for words, small in ((SHORT, ""), (ENGLISH, ""), ("完", SHORT), ("The End", ENGLISH)):
        overlay = cards.draw(titled(words, kind, small), width, height)
        assert (overlay.x, overlay.y, *overlay.rgba.shape) == (0, 0, height, width, 4)
        seen = opening(overlay)
        for x in (0.36, 0.5, 0.64):
            column = seen[round(0.36 * height) : round(0.66 * height), round(x * width)]
            assert column.mean() > 0.9, (words, x)
        assert 0.2 < seen.mean() < 0.72
        rim = max(3, min(size) // 60)
        for strip in (seen[:rim], seen[-rim:], seen[:, :rim], seen[:, -rim:]):
            assert not strip.any(), "paper goes all round"


@pytest.mark.parametrize("size", [(426, 240), (854, 480), (3840, 2160)])
def test_a_card_is_made_in_any_size(size: tuple[int, int]) -> None:
    overlay = cards.draw(titled(SHORT, "ink"), *size)
    assert overlay.rgba.shape == (size[1], size[0], 4)


def test_a_frame_of_odd_size_is_covered() -> None:
    assert cards.draw(titled(SHORT), 321, 181).rgba.shape == (182, 322, 4)


@pytest.mark.parametrize(
    "words",
    ["完", SHORT, ENGLISH, LONG, WORDY, "A", "Donaudampfschifffahrtsgesellschaft", "第3章：2024年", "很长的名字" * 30],
)
@pytest.mark.parametrize("size", SIZES)
def test_words_of_any_length_stay_in_their_place(words: str, size: tuple[int, int]) -> None:
    width, height = size
    unit = min(size) / 100
    for kind in ("storybook", "noir", "neon", "retro", "ink", "pastel"):
        look = chosen(kind, words)
        layout = below(width, height, look.shape, reach(look, unit), roomy=True)
        page = Page(width, height, look.paper.paper, 0.0, 0)
        captions.caption(page, look, layout, titled(words, kind, SHORT), "")
        changed = np.abs(page.rgb.astype(int) - look.paper.paper).max(axis=2) > 60
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        assert columns[0] >= 0.02 * width and columns[-1] <= 0.98 * width, (kind, words)
        assert rows[0] >= layout.window.bottom - 1 and rows[-1] <= 0.975 * height, (kind, words)


@pytest.mark.parametrize("words", [SHORT, LONG, WORDY, ENGLISH, "終わり", "第3章：2024年的大雪"])
def test_a_title_has_three_lines_at_most_broken_between_words(words: str) -> None:
    for width, height in ((700, 90), (420, 160), (300, 300)):
        setting = fit(words, width, height, 56, "", HANDS["song"])
        assert setting is not None
        assert len(setting.lines) <= MOST_LINES and setting.width <= width and setting.height <= height
        assert "".join(setting.lines).replace(" ", "") == words.replace(" ", "")
        assert not [line for line in setting.lines if line[0] in "的了着，。：" or line.endswith("（")]
        if words in (WORDY, ENGLISH):
            assert " ".join(setting.lines) == words


def test_words_that_would_be_too_small_are_shortened() -> None:
    for words in ("很长的名字" * 40, "a very long name " * 20, "w" * 400):
        setting = fit(words, 300, 60, 30, "", HANDS["thin"])
        assert setting is not None and setting.size >= 8 and setting.width <= 300
        assert setting.lines[-1].endswith("…")


def test_a_long_title_breaks_where_a_reader_would() -> None:
    setting = fit("一位老灯塔守望者在暴风雨之夜救起一只小海豚并和它成为朋友的故事", 600, 200, 80, "", HANDS["song"])
    assert setting is not None and "暴" not in [line[-1] for line in setting.lines]
    setting = fit("小狗：找妈妈的漫长旅行", 260, 160, 80, "", HANDS["song"])
    assert setting is not None and setting.lines[0] == "小狗："


@pytest.mark.parametrize("kind", KINDS)
def test_titles_stand_out_from_their_paper(kind: str) -> None:
    for words in (SHORT, ENGLISH):
        look = chosen(kind, words)
        rgb = cards.draw(titled(words, kind), 854, 480).rgba
        region = rgb[round(0.8 * 480) :] if kind != "ink" or words == ENGLISH else rgb[80:360, round(0.78 * 854) :]
        # Pressed into paper, ink is a little lighter or darker than it was mixed.
        core = (np.abs(region[..., :3].astype(int) - look.paper.ink).max(axis=2) <= 16) & (region[..., 3] == 255)
        letters = core.astype(np.uint8)
        around = cv2.dilate(letters, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))) > 0
        around &= cv2.dilate(letters, np.ones((5, 5), np.uint8)) == 0
        assert letters.sum() > 200 and around.sum() > 400
        light = luminance(region[..., :3])
        ink, ground = np.median(light[core]), light[around]
        ratio = (np.maximum(ink, ground) + 0.05) / (np.minimum(ink, ground) + 0.05)
        assert np.quantile(ratio, 0.1) >= 4.5, (kind, words, np.quantile(ratio, 0.1))


def test_every_ink_can_be_read_on_its_paper() -> None:
    for kind, made_of in STATIONERY.items():
        assert all(contrast(paper.ink, paper.paper) >= 5.5 for paper in made_of.papers), kind


def test_every_style_has_stationery_of_known_parts() -> None:
    assert set(STATIONERY) == set(KINDS)
    for kind, made_of in STATIONERY.items():
        assert kind_of(kind) == kind
        assert set(made_of.shapes) <= set(SHAPES) and made_of.border in BORDERS and made_of.hand in HANDS
        assert {*made_of.ornaments, made_of.divider, made_of.corner} <= {*ORNAMENTS, ""}


def test_every_look_can_be_drawn() -> None:
    for look in looks():
        page = Page(213, 120, look.paper.paper, look.grain, 1)
        BORDERS[look.border](page, look, below(213, 120, look.shape, reach(look, 1.2), roomy=True))
        assert (page.alpha < 26).mean() > 0.2, look


def test_the_same_card_is_the_same_bytes_in_every_thread() -> None:
    for kind in ("watercolor", "pastel", "ink"):
        with ThreadPoolExecutor(3) as pool:
            drawn = list(pool.map(lambda _, k=kind: cards.draw(titled(SHORT, k), 320, 180).rgba.tobytes(), range(4)))
        assert len(set(drawn)) == 1


def test_the_end_is_printed_on_the_paper_of_the_title() -> None:
    for words in (SHORT, ENGLISH, LONG):
        start, end = (cards.draw(card, 320, 180).rgba for card in (titled(words), titled("完", small=words)))
        assert np.array_equal(start[90, :8], end[90, :8])


def test_two_films_of_one_style_do_not_look_alike() -> None:
    found = {(look.paper, look.shape, look.ornament) for look in (chosen("绘本", f"故事{n}") for n in range(12))}
    assert len(found) >= 6


def test_chinese_titles_in_ink_stand_upright_beside_a_moon_gate_with_a_red_seal() -> None:
    overlay = cards.draw(titled("桃花源记", "水墨"), 640, 360)
    right = overlay.rgba[:, round(0.78 * 640) :, :3].astype(int)
    assert (right[..., 0] - right[..., 2] > 70).sum() > 150, "the seal"
    ys, _ = np.nonzero(right.max(axis=2) < 90)
    assert np.ptp(ys) > 0.3 * 360
    seen = opening(overlay)
    ys, xs = np.nonzero(seen)
    assert abs(np.ptp(ys) - np.ptp(xs)) <= 0.03 * 360, "a circle"


def test_only_chinese_is_set_in_columns_and_only_while_it_is_large() -> None:
    brush = HANDS["brush"]
    setting = fit_down("春江花月夜", 90, 300, 44, "", brush)
    assert setting is not None and setting.lines == ("春江花月夜",)
    assert fit_down("Spring River", 90, 300, 44, "", brush) is None
    assert fit_down(LONG, 90, 300, 44, "", brush) is None


def test_the_corner_of_the_label_has_no_words() -> None:
    for size in SIZES:
        stamp = label.draw(LabelStyle(), *size)
        for words, kind in ((SHORT, "水墨"), (WORDY, "绘本"), ("春江花月夜人生代代无穷已", "水墨")):
            look = chosen(kind, words)
            region = cards.draw(titled(words, kind), *size).rgba
            high, wide = stamp.rgba.shape[:2]
            part = region[stamp.y : stamp.y + high, stamp.x : stamp.x + wide]
            like = np.abs(part[..., :3].astype(int) - look.paper.ink).max(axis=2) <= 16
            assert (like & (part[..., 3] == 255)).mean() < 0.12


@pytest.mark.parametrize("words", ["😀", "مرحبا", "\u200b", " "])
def test_a_title_that_cannot_be_drawn_leaves_a_page_with_its_window(words: str) -> None:
    assert opening(cards.draw(titled(words), 320, 180)).mean() > 0.2


def test_a_font_file_letters_the_title(font_file: str) -> None:
    own, plain = cards.draw(titled("Moon"), 640, 360, font_file), cards.draw(titled("Moon"), 640, 360)
    assert not np.array_equal(own.rgba, plain.rgba)
    assert np.array_equal(own.rgba[:200], plain.rgba[:200])


@pytest.mark.parametrize("name", ORNAMENTS)
def test_an_ornament_stays_in_its_square(name: str) -> None:
    inks = printed(name, 60, Random(1))
    assert sum(float(ink.mask.mean()) for ink in inks) > 3
    if name not in ("plum", "bamboo"):  # which grow from the edge
        assert max(int(ink.mask[edge].max()) for ink in inks for edge in np.s_[:1, -1:]) < 200
