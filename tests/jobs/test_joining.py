"""How one shot gives way to the next: told from what happens, in both languages."""

from __future__ import annotations

import pytest

from app.models.story import Shot
from app.services.workflows.steps.joining import transition_between


def shot(narration: str = "", picture: str = "", tone: str = "") -> Shot:
    return Shot(id="s", sequence=1, narration=narration, detail=narration, image_detail=picture, tone=tone)


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (shot("The fox runs for its life."), shot("The dog races after it.", tone="tense"), "cut"),
        (shot("小狗拼命地跑。"), shot("大灰狼追了上来。", tone="紧张"), "cut"),
        (shot("All is quiet."), shot("Suddenly the door opens."), "cut"),
        (shot("“你去哪里？”狐狸问。"), shot("“回家。”小兔子说。"), "cut"),
        (shot("He sleeps.", "a room at night"), shot("He wakes.", "a room in the morning light"), "dissolve"),
        (shot("它睡着了。", "森林，夜晚"), shot("它醒了。", "森林，清晨"), "dissolve"),
        (shot("The fox runs."), shot("The next day the dog races home."), "dissolve"),
        (shot("A quiet lake."), shot("A boat rests on the shore."), "dissolve"),
        (shot("他离开了家。"), shot("十年过去了，他回来了。"), "fade"),
        (shot("She planted the seed."), shot("Years later a tree stood there."), "fade"),
        (shot("她種下種子。"), shot("多年以後，那裡有一棵大樹。"), "fade"),
        (shot(), shot(), "dissolve"),
    ],
)
def test_a_transition_follows_what_happens(before: Shot, after: Shot, wanted: str) -> None:
    assert transition_between(before, after) == wanted
