"""Subtitles can be read over any picture: letters against what surrounds them, measured on the pixels."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.models.timeline import SubtitleStyle
from app.services.media import subtitles
from app.services.media.contrast import contrast
from app.services.media.line_breaking import text_size
from app.services.media.overlay import Overlay
from app.services.media.style_words import KINDS
from app.services.media.subtitle_style import style_for
from app.services.media.text import FILL, INK

SIZE = (854, 480)
TEXTS = [
    "他没有犹豫，提起灯就冲进了雨里\n「谁在那里？」",
    "The old lighthouse keeper climbed\nthe winding stairs, didn’t he?",
]
ODD = [
    SubtitleStyle(fill=(20, 20, 30), ink=(250, 250, 250)),
    SubtitleStyle(fill=(120, 120, 120), ink=(130, 130, 130)),
    SubtitleStyle(fill=(255, 40, 40), ink=(255, 255, 0)),
    SubtitleStyle(fill=(255, 255, 255), ink=(255, 255, 255), plate=1.0),
]
Picture = NDArray[np.uint8]


@cache
def backgrounds(width: int, height: int) -> dict[str, Picture]:
    y, x = np.mgrid[:height, :width]
    random = np.random.default_rng(7)

    def plain(*colour: int) -> Picture:
        return np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)).copy()

    def grey(values: NDArray[np.generic]) -> Picture:
        return np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)

    return {
        "white": plain(255, 255, 255),
        "black": plain(0, 0, 0),
        "mid grey": plain(128, 128, 128),
        "yellow": plain(255, 255, 0),
        "sky": plain(150, 205, 255),
        "noise": random.integers(0, 256, (height, width, 3), dtype=np.uint8),
        "stripes": grey(((x // 3) % 2) * 255),
        "bars": grey(((y // 7) % 2) * 255),
        "checks": grey(((x // 12 + y // 12) % 2) * 255),
        "ramp": grey(x * 255 // width),
    }


def composed(picture: Picture, overlay: Overlay) -> Picture:
    height, width = overlay.rgba.shape[:2]
    below = picture[overlay.y : overlay.y + height, overlay.x : overlay.x + width].astype(np.float64)
    alpha = overlay.rgba[..., 3:] / 255
    return np.rint(below * (1 - alpha) + overlay.rgba[..., :3] * alpha).astype(np.uint8)


def luminance(picture: Picture) -> NDArray[np.float64]:
    value = picture / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    weighted: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return weighted


def worst_decile(text: str, style: SubtitleStyle, picture: Picture) -> float:
    """Contrast of the letters' cores against the ring of 0.12 em around them that only a tenth of it falls below."""
    overlay = subtitles.draw(text, *SIZE, style=style)
    away = np.abs(overlay.rgba[..., :3].astype(int) - np.array(style.fill)).max(axis=2)
    core = (away <= 3) & (overlay.rgba[..., 3] >= 254)
    reach = round(0.12 * text_size(*SIZE))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    # Pixels next to a core are its own soft edge, a mixture of letter and outline.
    edge = cv2.dilate(core.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ring = (cv2.dilate(core.astype(np.uint8), disc) > 0) & ~edge
    assert core.sum() > 100 and ring.sum() > 300
    light = luminance(composed(picture, overlay))
    letters, around = np.median(light[core]), light[ring]
    found = (np.maximum(letters, around) + 0.05) / (np.minimum(letters, around) + 0.05)
    return float(np.quantile(found, 0.1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", TEXTS)
def test_letters_of_every_style_stand_out_over_every_picture(kind: str, text: str) -> None:
    style = style_for(kind)
    pictures = {**backgrounds(*SIZE), "their own colour": np.full((SIZE[1], SIZE[0], 3), style.fill, np.uint8)}
    found = {name: worst_decile(text, style, picture) for name, picture in pictures.items()}
    assert min(found.values()) >= 4.5, found


@pytest.mark.parametrize("style", ODD)
def test_letters_stand_out_even_in_colours_that_do_not_go_together(style: SubtitleStyle) -> None:
    own = np.full((SIZE[1], SIZE[0], 3), style.fill, np.uint8)
    found = {name: worst_decile(TEXTS[0], style, picture) for name, picture in backgrounds(*SIZE).items()}
    assert min(found.values()) >= 4.4, found
    assert worst_decile(TEXTS[0], style, own) >= 4.4


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        *(("水墨国风", "ink"), ("Paper-cut style", "papercut"), ("霓虹夜景", "neon"), ("film noir", "noir")),
        *(("", "storybook"), ("温馨绘本", "storybook"), ("soft watercolour", "watercolor"), ("粉彩", "pastel")),
        *(("復古海報", "retro"), ("a thinker's tale", "storybook"), ("really good", "storybook")),
    ],
)
def test_a_style_in_words_has_its_own_subtitles(words: str, kind: str) -> None:
    assert style_for(words) == style_for(kind)


def test_every_style_has_colours_of_its_own() -> None:
    assert len({style_for(kind).ink for kind in KINDS}) == len(KINDS)
    assert all(contrast(style_for(kind).fill, style_for(kind).ink) >= 10 for kind in KINDS)


def test_the_plain_style_is_white_on_black() -> None:
    assert (SubtitleStyle().fill, SubtitleStyle().ink) == (FILL, INK)
