"""The pages around a film: a title before its first shot, a word after its last one.

In the timeline a card is a span without a shot, and what is seen through its window is the neighbouring shot's
picture. Only here is it known which spans these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from app.models.engine import Plain
from app.models.story import Story
from app.models.timeline import Card, Transition
from app.services.media.timeline import ShotLength

T = TypeVar("T")
TITLE_S, END_S = 3.5, 4.0
"""On screen, windows to the neighbour included."""
_ENDS = {
    "zh": "完",
    "ja": "おわり",
    "ko": "끝",
    "fr": "Fin",
    "es": "Fin",
    "de": "Ende",
    "it": "Fine",
    "pt": "Fim",
    "nl": "Einde",
    "ru": "Конец",
    "uk": "Кінець",
    "vi": "Hết",
}


class Cards(Plain):
    """The pages of one film."""

    title: Card | None = None
    end: Card | None = None

    @property
    def first(self) -> int:
        """Index of the first shot's span in the timeline."""
        return int(self.title is not None)

    def around(self, shots: Sequence[T], pages: tuple[T, T]) -> list[T]:
        """What the shots have, with what the cards have before and after it: one for every span."""
        before = [pages[0]] if self.title is not None else []
        return [*before, *shots, *([pages[1]] if self.end is not None else [])]


NO_CARDS = Cards()


def cards_of(story: Story, wanted: bool) -> Cards:
    """The pages of a story's film: a title only if it has a name."""
    if not wanted:
        return NO_CARDS
    name = " ".join(story.display_name.split())
    language = story.language.split("-")[0].lower()
    style = film_style(story)
    title = Card(kind="title", words=name, style=style) if name else None
    return Cards(title=title, end=Card(kind="end", words=_ENDS.get(language, "The End"), small=name, style=style))


def film_style(story: Story) -> str:
    """The style of the whole film in words: the story's, or what its first shot was given."""
    shots = story.storyboard.shots if story.storyboard is not None else []
    return story.style or (shots[0].style if shots else "")


def framed(
    shots: Sequence[ShotLength], joins: Sequence[Transition], pages: Cards
) -> tuple[list[ShotLength], list[Transition]]:
    """Lengths and transitions with those of the cards, which always dissolve: the picture stays, the paper goes."""
    lengths = pages.around(shots, (ShotLength(shot_id="", asked_s=TITLE_S), ShotLength(shot_id="", asked_s=END_S)))
    title: list[Transition] = ["dissolve"] if pages.title is not None else []
    end: list[Transition] = ["dissolve"] if pages.end is not None else []
    return lengths, [*title, *joins, *end]
