"""The close shot: head and shoulders of people and large animals, cut by the lower edge; small animals whole and large.

The cut goes through the waist or the belly, never through neck, knees or ankles.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from app.services.engines.builtin.picture import cast
from app.services.engines.builtin.picture.blocking import flies, keep_inside, lift, pose_of, who
from app.services.engines.builtin.picture.framing import Framing
from app.services.engines.builtin.picture.outfits import outfit_of
from app.services.engines.builtin.picture.placed import Placed, chin_of, eyes_of
from app.services.engines.builtin.picture.stage import Stage
from app.services.engines.builtin.picture.words import Being

_ARMS = frozenset({"wave", "point", "eat", "drink", "play", "sing", "cry", "laugh", "talk", "look", "look_up",
    "look_down", "cheer", "hug", "paint", "cook", "carry", "read", "write", "search"})  # fmt: skip
"""What can be seen of a head and shoulders; everything else is stood still for."""
_LYING = frozenset({"sleep", "lie"})
_WHOLE_FOLK = frozenset({"ghost", "baby", "snowman"})
_WAISTS = {"baby": 0.19, "child": 0.285, "adult": 0.367, "old": 0.323}
"""A little above the hip, as a share of the height, by age."""
_HANGING = frozenset({"lantern", "basket", "bag", "letter", "cake", "gift", "book", "map"})
"""What is held so low that the picture must reach down to it."""
_TIGHT = 0.9
"""How much of the height a head and shoulders fill."""
_LARGE = 0.95
"""Animals from this size on are shown by head and chest."""
_TRIAL = 150.0
"""Pixels of a figure that is tried out."""
_LEAST = 0.42
"""Height of the smaller of two, against the other's."""
_FEET = 0.865
"""Where a whole small animal stands, as a fraction of the height."""


def bust(being: Being, action: str, broad: bool) -> bool:
    """Whether somebody is shown to the waist only; a long animal needs a broad picture for that."""
    if action in _LYING or being.kind in _WHOLE_FOLK or being.kind in cast.SWIMMERS - {"mermaid"}:
        return False
    if being.animal:
        return being.kind in cast.SIZES and cast.size_of(being) >= _LARGE and being.kind not in cast.FLYERS and broad
    return True


def waist(being: Being) -> float:
    """Where the lower edge cuts, as a share of the height."""
    if being.animal:
        return 0.36
    told = being.age if being.age in _WAISTS else outfit_of(cast.looks_of(being)).age
    return _WAISTS.get(told, _WAISTS["adult"])


def place_close(stage: Stage, framing: Framing, rng: Random) -> list[Placed]:
    """The hero, and at most one other, large; as ``blocking.place_figures`` does it for the other framings."""
    beings = who(stage.scene, framing, None)
    if not beings:
        return []
    side = 1 if framing.hero_x < 0.5 else -1
    placed = []
    for k, being in enumerate(beings):
        pose = pose_of(being, stage, k, len(beings))
        if pose.action not in _ARMS | _LYING and not flies(being, pose, stage.scene) and not stage.swim:
            pose = replace(pose, action="stand")
        x = framing.hero_x if k == 0 else 1 - framing.hero_x
        item = Placed(being, pose, stage.height * 0.5, x * stage.width, stage.feet)
        item.flip = (side < 0) if k == 0 else (side > 0)
        placed.append(item)
    broad = stage.width > stage.height * 1.2
    busts = [bust(p.being, p.pose.action, broad) and not stage.swim for p in placed]
    if framing.tall and len(placed) > 1:
        busts = [False] * len(busts)  # a tall picture has no room for two heads side by side
    busts = [wanted and _bust(item, stage, framing, len(placed)) for wanted, item in zip(busts, placed, strict=True)]
    for k, item in enumerate(placed):
        if not busts[k]:
            _whole(item, stage, framing, len(placed), any(busts))
    if len(placed) > 1 and not any(busts):
        _in_proportion(placed, framing)
    for k, item in enumerate(placed):
        stage.check()
        if not any(busts):
            lift(item, stage, framing, k)
    _apart(stage, framing, placed)
    return placed


def _wide(framing: Framing, stage: Stage, company: int) -> float:
    """Pixels that one of them may be wide."""
    broad = stage.width > stage.height * 1.2
    one, two = (0.96, 0.46) if framing.tall else (0.66, 0.46) if broad else (0.82, 0.47)
    return stage.width * (one if company == 1 else two)


def _bust(item: Placed, stage: Stage, framing: Framing, company: int) -> bool:
    """Draw a head and shoulders; False when that would put the face where the subtitles stand."""
    cut = waist(item.being)
    if item.pose.prop in _HANGING:
        cut = max(0.2, cut - 0.09)
    smaller = 0.86 if company > 1 and item.being.age in ("child", "baby") else 0.93 if company > 1 else 1.0
    top, wide = _shape(item)
    size = min(stage.height * _TIGHT * smaller / (top - cut), _wide(framing, stage, company) / wide)
    highest = _eyes(item) - chin_of(item.being) - (stage.height - framing.calm) / size
    if highest < (0.28 if item.being.animal else 0.2):  # it would have to show knees
        return False
    item.size, item.y, item.cut = size, stage.height + min(cut, highest) * size, True
    item.appear()
    return True


def _whole(item: Placed, stage: Stage, framing: Framing, company: int, beside: bool) -> None:
    top, wide = _shape(item)
    size = stage.height * (0.56 if beside else 0.6 if company == 1 else 0.52) * (0.8 if framing.tall else 1.0)
    item.size = min(size, _wide(framing, stage, company) / wide, stage.height * 0.68 / top)
    item.appear()
    item.y = stage.height * (1.05 if beside else 0.8 if framing.tall else _FEET)
    item.y -= max(0.0, item.chin() - framing.calm)  # the face clear of the subtitles, even of somebody flat
    item.cut = beside and item.visible()[3] > stage.height


def _in_proportion(placed: list[Placed], framing: Framing) -> None:
    """Make the smaller of two whole figures smaller than the other: a dog is no elephant, though near the lens the
    difference is less than it is."""
    small, large = sorted(placed, key=lambda item: cast.size_of(item.being))
    share = max(_LEAST, (cast.size_of(small.being) / cast.size_of(large.being)) ** 0.7)
    high = {id(item): item.visible()[3] - item.visible()[1] for item in placed}
    factor = share * high[id(large)] / max(1.0, high[id(small)])
    if factor < 0.97 and _LYING.isdisjoint({small.pose.action, large.pose.action}):
        small.shrink(factor)
        small.y -= max(0.0, small.chin() - framing.calm)


def _shape(item: Placed) -> tuple[float, float]:
    """How high and how wide somebody is drawn, as shares of the height: tried out in small."""
    item.size = _TRIAL
    item.appear()
    return max(0.1, item.sprite.foot[1] / _TRIAL), max(0.1, item.sprite.pixels.shape[1] / _TRIAL)


def _eyes(item: Placed) -> float:
    """Where the eyes are, as a share of the height, of somebody who is tried out in small."""
    foot, found = item.sprite.foot[1], eyes_of(item.sprite, item.blink())
    return (foot - (found[1] + found[3]) / 2 if found else 0.76 * foot) / _TRIAL


def _apart(stage: Stage, framing: Framing, placed: list[Placed]) -> None:
    """Two close heads stand side by side, no beak in the other's face; only a hug overlaps."""
    if len(placed) == 2:
        left, right = sorted(placed, key=lambda p: p.x)
        over = left.span()[1] - right.span()[0]
        hug = left.pose.action == "hug" or right.pose.action == "hug"
        lap = (0.2 if hug else -0.02) * min(left.span()[1] - left.span()[0], right.span()[1] - right.span()[0])
        move = (over - lap) / 2
        left.x, right.x = left.x - move, right.x + move
        low, high = left.span()[0], right.span()[1]
        shift = stage.width / 2 - (low + high) / 2
        left.x, right.x = left.x + shift, right.x + shift
    keep_inside(stage, replace(framing, margin=min(framing.margin, 0.03 * stage.width)), placed)
