"""What a card of every style is made of: papers with their inks, window shapes, borders, hands and ornaments."""

from __future__ import annotations

import hashlib
from random import Random
from typing import NamedTuple

from app.services.media.contrast import Colour
from app.services.media.style_words import kind_of


class Paper(NamedTuple):
    paper: Colour
    ink: Colour
    """Of the title. It stands out from the paper by 4.5 to 1 at least."""
    accent: Colour
    second: Colour
    shade: Colour = (40, 24, 14)
    """Of shadows."""

    def colours(self) -> tuple[Colour, Colour, Colour, Colour]:
        """As ornaments number them."""
        return self.ink, self.accent, self.second, self.paper


class Stationery(NamedTuple):
    """The choices of a style."""

    papers: tuple[Paper, ...]
    shapes: tuple[str, ...]
    border: str
    hand: str
    ornaments: tuple[str, ...]
    """One of them stands at both sides of the title."""
    divider: str = "leaf pair"
    """Between the title and the smaller line."""
    corner: str = ""
    """An ornament in the page's corners."""
    grain: float = 1.0
    letters: str = "plain"


class Look(NamedTuple):
    """What one card is made of."""

    kind: str
    paper: Paper
    shape: str
    border: str
    hand: str
    ornament: str
    divider: str
    corner: str
    grain: float
    letters: str
    random: Random


_BROWN, _PLUM = (74, 48, 34), (82, 46, 78)
STATIONERY: dict[str, Stationery] = {
    "storybook": Stationery(
        papers=(
            Paper((250, 241, 222), _BROWN, (206, 98, 66), (226, 164, 74)),
            Paper((236, 241, 224), (48, 62, 44), (112, 146, 84), (222, 134, 84)),
            Paper((228, 239, 243), (38, 58, 78), (70, 126, 156), (232, 156, 96)),
            Paper((252, 233, 220), (88, 44, 38), (208, 106, 88), (122, 152, 104)),
        ),
        shapes=("rounded", "arch", "wavy", "oval"),
        border="double line",
        hand="song",
        ornaments=("sprig", "stars", "sprig"),
        corner="sprig",
    ),
    "warm": Stationery(
        papers=(
            Paper((255, 238, 214), (96, 48, 30), (232, 122, 78), (246, 184, 92)),
            Paper((255, 230, 222), (104, 44, 48), (228, 110, 108), (246, 176, 120)),
        ),
        shapes=("cloud", "scalloped", "rounded"),
        border="stitches",
        hand="round",
        ornaments=("hearts", "stars", "sun"),
        corner="",
    ),
    "watercolor": Stationery(
        papers=(
            Paper((252, 249, 242), (44, 58, 84), (104, 160, 190), (232, 158, 142)),
            Paper((252, 250, 243), (50, 70, 58), (128, 172, 126), (240, 186, 110)),
            Paper((252, 248, 246), (78, 48, 80), (176, 142, 196), (242, 160, 160)),
        ),
        shapes=("wavy", "oval", "rounded"),
        border="wet",
        hand="song",
        ornaments=("drops", "sprig"),
        grain=1.5,
    ),
    "ink": Stationery(
        papers=(
            Paper((243, 236, 219), (30, 27, 26), (176, 40, 34), (120, 114, 104)),
            Paper((238, 232, 216), (34, 30, 30), (166, 42, 42), (128, 122, 112)),
        ),
        shapes=("circle",),
        border="brush ring",
        hand="brush",
        ornaments=("plum", "bamboo"),
        divider="",
        grain=1.6,
    ),
    "papercut": Stationery(
        papers=(
            Paper((176, 30, 34), (255, 236, 200), (250, 206, 120), (250, 206, 120), (50, 0, 6)),
            Paper((22, 92, 104), (255, 240, 212), (246, 196, 96), (240, 132, 92), (0, 22, 30)),
            Paper((44, 52, 112), (255, 238, 214), (250, 196, 110), (236, 120, 130), (6, 6, 36)),
        ),
        shapes=("scalloped", "cloud", "notched"),
        border="layers",
        hand="cut",
        ornaments=("flower", "scroll", "lantern"),
        divider="diamond",
        corner="scroll",
        grain=1.1,
        letters="cut out",
    ),
    "neon": Stationery(
        papers=(
            Paper((16, 12, 34), (236, 250, 255), (40, 220, 255), (255, 64, 178), (0, 0, 0)),
            Paper((10, 16, 32), (255, 240, 252), (255, 72, 190), (70, 230, 220), (0, 0, 0)),
            Paper((20, 12, 30), (255, 250, 232), (255, 170, 60), (146, 96, 255), (0, 0, 0)),
        ),
        shapes=("rounded", "cut corners"),
        border="tube",
        hand="tube",
        ornaments=("stars", "moon"),
        divider="diamond",
        grain=0.5,
        letters="tube",
    ),
    "noir": Stationery(
        papers=(
            Paper((22, 22, 25), (240, 235, 224), (196, 186, 166), (150, 34, 34), (0, 0, 0)),
            Paper((28, 26, 26), (242, 236, 226), (184, 172, 150), (140, 30, 30), (0, 0, 0)),
        ),
        shapes=("cut corners", "square"),
        border="deco",
        hand="thin",
        ornaments=("fan",),
        divider="diamond",
        corner="",
        grain=1.2,
    ),
    "retro": Stationery(
        papers=(
            Paper((246, 228, 190), (44, 56, 78), (212, 84, 54), (36, 122, 124)),
            Paper((240, 222, 184), (66, 40, 36), (222, 140, 46), (170, 60, 48)),
        ),
        shapes=("arch", "rounded", "notched"),
        border="stripes",
        hand="heavy",
        ornaments=("sun", "stars"),
        divider="diamond",
        grain=1.4,
        letters="drop shadow",
    ),
    "pastel": Stationery(
        papers=(
            Paper((255, 238, 243), _PLUM, (240, 144, 172), (150, 190, 226)),
            Paper((232, 246, 242), (38, 78, 82), (120, 196, 182), (246, 166, 174)),
            Paper((241, 236, 252), (68, 52, 110), (170, 148, 226), (250, 184, 150)),
        ),
        shapes=("cloud", "scalloped", "oval"),
        border="lace",
        hand="round",
        ornaments=("hearts", "stars", "petals"),
        grain=0.7,
    ),
    "anime": Stationery(
        papers=(
            Paper((236, 247, 255), (22, 58, 112), (56, 150, 226), (255, 132, 156)),
            Paper((255, 244, 240), (112, 32, 66), (246, 106, 132), (96, 178, 236)),
        ),
        shapes=("slanted", "rounded"),
        border="panel",
        hand="heavy",
        ornaments=("petals", "stars"),
        divider="diamond",
        grain=0.0,
        letters="outlined",
    ),
    "oil": Stationery(
        papers=(
            Paper((58, 30, 28), (246, 226, 178), (206, 162, 84), (160, 114, 52), (16, 4, 0)),
            Paper((30, 46, 40), (246, 228, 182), (206, 164, 88), (156, 116, 56), (0, 12, 8)),
        ),
        shapes=("square", "oval", "square"),
        border="gilt",
        hand="song",
        ornaments=("flourish",),
        divider="diamond",
        grain=1.8,
    ),
    "crayon": Stationery(
        papers=(
            Paper((255, 251, 240), (44, 52, 116), (238, 92, 72), (250, 186, 52)),
            Paper((250, 250, 242), (38, 92, 66), (244, 130, 60), (86, 160, 220)),
        ),
        shapes=("wavy", "cloud", "rounded"),
        border="crayon",
        hand="crayon",
        ornaments=("sun", "hearts", "stars"),
        grain=1.8,
        letters="waxy",
    ),
    "night": Stationery(
        papers=(
            Paper((26, 36, 78), (255, 242, 208), (250, 214, 130), (150, 176, 236), (2, 4, 24)),
            Paper((38, 32, 76), (255, 240, 214), (250, 206, 140), (182, 162, 236), (6, 2, 24)),
        ),
        shapes=("arch", "oval", "rounded"),
        border="double line",
        hand="song",
        ornaments=("moon", "stars"),
        divider="diamond",
        corner="stars",
    ),
    "real": Stationery(
        papers=(
            Paper((244, 242, 237), (40, 40, 44), (150, 130, 98), (170, 164, 152)),
            Paper((28, 30, 34), (238, 234, 226), (190, 168, 124), (120, 118, 114), (0, 0, 0)),
        ),
        shapes=("square",),
        border="bevel",
        hand="thin",
        ornaments=("",),
        divider="diamond",
        grain=0.9,
    ),
}


def chosen(style: str, words: str) -> Look:
    """The look of a card: its style's, varied by its words, so that two films are not alike."""
    kind = kind_of(style)
    digest = hashlib.sha256(f"{style}\n{words}".encode()).digest()
    random = Random(int.from_bytes(digest[:8], "big"))
    made_of = STATIONERY[kind]
    return Look(
        kind,
        random.choice(made_of.papers),
        random.choice(made_of.shapes),
        made_of.border,
        made_of.hand,
        random.choice(made_of.ornaments),
        made_of.divider,
        made_of.corner,
        made_of.grain,
        made_of.letters,
        random,
    )
