"""The cast: every kind in every pose stands, is whole, keeps its colours, blinks and steps in place."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys

import cv2
import numpy as np
import pytest

from app.services.engines.builtin.picture import cast
from app.services.engines.builtin.picture.beasts import BEASTS
from app.services.engines.builtin.picture.canvas import Sprite
from app.services.engines.builtin.picture.creature import Pose
from app.services.engines.builtin.picture.faces import FACES
from app.services.engines.builtin.picture.gestures import STANCES
from app.services.engines.builtin.picture.mounts import RIDES
from app.services.engines.builtin.picture.outfits import OUTFITS
from app.services.engines.builtin.picture.wildlife import WILDLIFE
from app.services.engines.builtin.picture.words import Being, lexicon

ACTIONS = tuple(STANCES)
ANIMALS = (*BEASTS, *WILDLIFE)
EVERYBODY = (*((kind, False) for kind in OUTFITS), *((kind, True) for kind in ANIMALS))
OFF_THE_GROUND = ("jump", "fall", "run", "walk", "dance", "cheer")
"""Where somebody may be in the air for a step."""
MOODS = ("calm", "happy", "warm", "sad", "tense", "angry", "surprised", "sleepy", "epic")


def being(kind: str, animal: bool, **wear: str) -> Being:
    return Being(kind, animal, "", kind, wear)


def is_whole(sprite: Sprite) -> bool:
    """Whether nothing of it touches the edge of its paper, but for the faintest fringe of a tiny one."""
    alpha = sprite.pixels[:, :, 3] > 8
    return not (alpha[0].any() or alpha[-1].any() or alpha[:, 0].any() or alpha[:, -1].any())


def lowest(sprite: Sprite) -> float:
    """How far the lowest solid pixel is above the ground line, in pixels."""
    rows = np.flatnonzero((sprite.pixels[:, :, 3] > 200).any(axis=1))
    return sprite.foot[1] - float(rows[-1] + 1)


def test_the_lexicon_names_nobody_who_cannot_be_drawn() -> None:
    assert set(lexicon()["person"]) <= set(OUTFITS)
    assert set(lexicon()["animal"]) - {"puppy", "kitten"} <= set(ANIMALS)
    assert set(lexicon()["action"]) <= set(ACTIONS)


@pytest.mark.parametrize("part", range(3))
def test_everybody_does_everything_on_the_ground_and_whole(part: int) -> None:
    """Every kind does every third thing, every thing is done by every third kind."""
    for (k, (kind, animal)), (n, action) in itertools.product(enumerate(EVERYBODY), enumerate(ACTIONS)):
        if (k * 7 + n) % 9 != part * 3:
            continue
        sprite = cast.figure(being(kind, animal), Pose(action, MOODS[(k + n) % len(MOODS)]), 40)
        assert (sprite.pixels[:, :, 3] > 200).sum() > 60, (kind, action)
        assert is_whole(sprite), (kind, action)
        if action not in OFF_THE_GROUND and kind not in ("ghost", "jellyfish"):
            assert abs(lowest(sprite)) <= 3.5 or (action in ("row", "dig", "fish") and lowest(sprite) < 0), (
                kind,
                action,
            )


@pytest.mark.parametrize(("kind", "animal"), [("girl", False), ("robot", False), ("dog", True), ("bird", True),
    ("rabbit", True), ("whale", True), ("dragon", True), ("frog", True), ("owl", True)])  # fmt: skip
@pytest.mark.parametrize("action", ["stand", "walk", "run", "fly", "swim", "sit", "read"])
def test_blinks_and_steps_share_their_paper_and_their_foot(kind: str, animal: bool, action: str) -> None:
    who, pose = being(kind, animal), Pose(action)
    base = cast.figure(who, pose, 90)
    for closed, step in ((True, 0), (False, 1), (False, 2), (True, 2)):
        other = cast.figure(who, pose, 90, closed=closed, step=step)
        assert other.pixels.shape == base.pixels.shape
        assert other.foot == base.foot
        assert is_whole(other)


def test_a_blink_changes_nothing_but_the_eyes() -> None:
    for kind, animal in (
        ("boy", False),
        ("oldwoman", False),
        ("cat", True),
        ("frog", True),
        ("duck", True),
        ("horse", True),
    ):
        base = cast.figure(being(kind, animal), Pose(), 300)
        blink = cast.figure(being(kind, animal), Pose(), 300, closed=True)
        changed = (base.pixels != blink.pixels).any(axis=2)
        rows, cols = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        assert 0 < changed.mean() < (0.06 if kind != "frog" else 0.08), kind  # a frog is nearly all eyes
        high, wide = (0.16, 0.4) if kind != "frog" else (0.26, 0.75)
        assert rows[-1] - rows[0] < high * 300, kind
        assert cols[-1] - cols[0] < wide * 300, kind


def test_those_asleep_and_those_laughing_do_not_blink() -> None:
    for action in ("sleep", "laugh", "cry"):
        for kind, animal in (("girl", False), ("dog", True), ("owl", True)):
            base = cast.figure(being(kind, animal), Pose(action), 120)
            blink = cast.figure(being(kind, animal), Pose(action), 120, closed=True)
            assert (base.pixels == blink.pixels).all(), (kind, action)


@pytest.mark.parametrize(("kind", "animal", "action"), [("girl", False, "walk"), ("man", False, "run"),
    ("dog", True, "walk"), ("horse", True, "run"), ("bird", True, "fly"), ("butterfly", True, "fly"),
    ("fish", True, "swim"), ("dragon", True, "fly"), ("rabbit", True, "run"), ("turtle", True, "walk")])  # fmt: skip
def test_every_step_is_another_picture(kind: str, animal: bool, action: str) -> None:
    assert cast.moving(being(kind, animal), Pose(action))
    steps = [cast.figure(being(kind, animal), Pose(action), 100, step=n).pixels for n in range(3)]
    for a, b in itertools.combinations(steps, 2):
        assert (a != b).any(axis=2).mean() > 0.01
    assert (cast.figure(being(kind, animal), Pose(action), 100, step=3).pixels == steps[0]).all()


def test_who_stands_still_has_one_step_only() -> None:
    for kind, animal in (("girl", False), ("robot", False), ("dog", True), ("owl", True)):
        assert not cast.moving(being(kind, animal), Pose("stand"))
        one, two = (cast.figure(being(kind, animal), Pose("stand"), 80, step=n).pixels for n in (0, 1))
        assert (one == two).all()


def test_hair_clothes_and_scarf_keep_their_colours_in_every_pose_and_mood() -> None:
    """Measured on the pixels against the same girl in other colours."""
    ours = Being("girl", False, "", "小美", {"top": "blue", "dress": "blue", "scarf": "red", "hair": "brown"})
    other = Being("girl", False, "", "小美", {"top": "green", "dress": "green", "scarf": "yellow", "hair": "white"})
    found: dict[str, list[np.ndarray]] = {}
    for n, action in enumerate(ACTIONS):
        pose = Pose(action, MOODS[n % len(MOODS)])
        for name, girl in (("ours", ours), ("other", other)):
            solid = cast.figure(girl, pose, 150).pixels
            solid = solid[solid[:, :, 3] > 250][:, :3].reshape(-1, 1, 3)
            hue, saturation, value = (p.ravel().astype(int) for p in cv2.split(cv2.cvtColor(solid, cv2.COLOR_BGR2HSV)))
            strong = (saturation > 60) & (value > 60)
            shares = [((hue[strong] >= low) & (hue[strong] < high)).mean() for low, high in ((98, 128), (40, 85))]
            found.setdefault(name, []).append(np.array(shares))
    for n, action in enumerate(ACTIONS):
        assert found["ours"][n][0] > found["other"][n][0] + 0.05, action  # blue
        assert found["other"][n][1] > found["ours"][n][1] + 0.05, action  # green


def test_a_dogs_coat_and_scarf_are_the_same_whatever_it_does() -> None:
    dog = Being("dog", True, "child", "豆豆", {"coat": "blue", "scarf": "red"})
    coats = []
    for action in ACTIONS:
        solid = cast.figure(dog, Pose(action), 120).pixels
        solid = solid[solid[:, :, 3] > 250][:, :3]
        blue = solid[(solid[:, 0].astype(int) > solid[:, 2].astype(int) + 40)]
        assert len(blue) > 0.2 * len(solid), action
        coats.append(np.median(blue, axis=0))
    assert np.ptp(np.array(coats, float), axis=0).max() < 40


def test_looks_depend_on_who_it_is_and_not_on_the_shot() -> None:
    one = cast.figure(Being("boy", False, "", "小明"), Pose(), 100).pixels
    assert (one == cast.figure(Being("boy", False, "", "小明", count=3, named=True), Pose(), 100).pixels).all()
    others = [cast.figure(Being("boy", False, "", name), Pose(), 100).pixels for name in ("小刚", "Tim", "Leo", "Max")]
    assert sum(o.shape != one.shape or bool((o != one).any()) for o in others) >= 3


def test_every_mood_has_a_face_of_its_own() -> None:
    for kind, animal in (("girl", False), ("oldman", False), ("robot", False), ("dog", True), ("rabbit", True)):
        faces = set()
        for mood in FACES:
            pose = Pose(mood, "calm") if mood in STANCES else Pose("sit", mood)
            faces.add(hashlib.sha256(cast.figure(being(kind, animal), pose, 138).pixels.tobytes()).hexdigest())
        assert len(faces) >= len(FACES) - 1, kind


def test_eyes_follow_the_gaze() -> None:
    for kind, animal in (("girl", False), ("dog", True), ("frog", True), ("owl", True)):
        seen = [cast.figure(being(kind, animal), Pose(gaze=gaze), 200).pixels for gaze in ((1, 0), (-1, 0), (0, 1))]
        for a, b in itertools.combinations(seen, 2):
            assert a.shape == b.shape
            assert (a != b).any(), kind


def test_elders_are_grey_and_stoop_and_the_small_have_large_heads() -> None:
    for kind in ("man", "woman", "farmer", "captain"):
        young = cast.figure(Being(kind, False, "", "a"), Pose(), 200)
        old = cast.figure(Being(kind, False, "old", "a"), Pose(), 200)
        head = slice(0, round(young.foot[1] * 0.45))
        grey = [float((np.ptp(s.pixels[head][s.pixels[head][:, :, 3] > 250][:, :3].astype(int), axis=1) < 26).mean())
            for s in (young, old)]  # fmt: skip
        assert grey[1] > grey[0] + 0.05, kind


@pytest.mark.parametrize(
    "mount", ["horse", "dragon", "elephant", "camel", "whale", "deer", "wolf", "unicorn", "turtle", "goose"]
)
def test_riders_sit_on_animals_and_both_are_whole(mount: str) -> None:
    alone = cast.figure(being("girl", False), Pose("sit"), 60)
    for rider, animal in (("girl", False), ("robot", False), ("rabbit", True)):
        sprite = cast.mounted(being(rider, animal), being(mount, True), Pose("ride"), 60)
        assert is_whole(sprite)
        assert sprite.pixels.shape[0] > alone.pixels.shape[0]
        assert abs(lowest(sprite)) <= 3
        blink = cast.mounted(being(rider, animal), being(mount, True), Pose("ride"), 60, closed=True, step=2)
        assert blink.pixels.shape == sprite.pixels.shape
        assert blink.foot == sprite.foot


@pytest.mark.parametrize("thing", [*sorted(RIDES), "something unheard of"])
def test_riders_sit_on_things_and_both_are_whole(thing: str) -> None:
    for rider, animal in (("boy", False), ("oldman", False), ("snowman", False), ("cat", True)):
        for action in ("ride", "row", "wave"):
            sprite = cast.mounted(being(rider, animal), thing, Pose(action), 50)
            assert is_whole(sprite), (rider, action)
            assert lowest(sprite) < 8
    red, blue = (cast.mounted(being("boy", False), thing, Pose("ride"), 80, paint=p).pixels for p in ("red", "blue"))
    assert red.shape == blue.shape


def test_a_seat_lifts_those_who_sit_and_lets_their_legs_hang() -> None:
    for kind, animal in (("girl", False), ("man", False), ("dog", True), ("rabbit", True)):
        ground = cast.figure(being(kind, animal), Pose("sit"), 200)
        bench = cast.figure(being(kind, animal), Pose("sit", seat=0.25), 200)
        assert bench.foot[1] > ground.foot[1] + 25, kind


def test_things_are_held_by_hand_mouth_and_beak() -> None:
    for kind, animal in (
        ("girl", False),
        ("robot", False),
        ("dog", True),
        ("bird", True),
        ("rabbit", True),
        ("penguin", True),
    ):
        empty = cast.figure(being(kind, animal), Pose("stand"), 120)
        full = cast.figure(being(kind, animal), Pose("stand", prop="lantern"), 120)
        assert empty.pixels.shape != full.pixels.shape or (empty.pixels != full.pixels).any(), kind


def test_the_same_figure_is_the_same_to_the_byte_in_another_process() -> None:
    code = (
        "import hashlib; from app.services.engines.builtin.picture import cast;"
        "from app.services.engines.builtin.picture.creature import Pose;"
        "from app.services.engines.builtin.picture.words import Being;"
        "g = Being('girl', False, '', '小美', {'scarf': 'red'}); h = Being('horse', True, '', 'h');"
        "s = [cast.figure(g, Pose('dance', 'happy'), 120, step=1), cast.mounted(g, h, Pose('ride'), 70)];"
        "print(hashlib.sha256(b''.join(x.pixels.tobytes() for x in s)).hexdigest())"
    )
    made = {subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout for _ in range(2)}
    assert len(made) == 1


def test_readers_and_eaters_sit_where_there_is_a_seat() -> None:
    for action in ("read", "write", "eat", "drink"):
        standing = cast.figure(being("girl", False), Pose(action), 120)
        sitting = cast.figure(being("girl", False), Pose(action, seat=0.22), 120)
        assert sitting.pixels.shape[0] < 0.95 * standing.pixels.shape[0], action
