"""Who is drawn how large, what they do, and the cut-out of each figure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from app.services.engines.builtin.picture.beasts import BEASTS
from app.services.engines.builtin.picture.canvas import Sprite
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.cutting import Extent, cut, trace
from app.services.engines.builtin.picture.gestures import moves
from app.services.engines.builtin.picture.people import draw_person
from app.services.engines.builtin.picture.puppet import Puppet
from app.services.engines.builtin.picture.quadrupeds import draw_quadruped
from app.services.engines.builtin.picture.riding import draw_on_animal, draw_on_thing, share_of
from app.services.engines.builtin.picture.wildlife import WILDLIFE
from app.services.engines.builtin.picture.words import Being, Scene

SIZES: dict[str, float] = {
    "mouse": 0.4, "ant": 0.3, "bee": 0.3, "ladybug": 0.28, "butterfly": 0.36, "snail": 0.34, "frog": 0.42,
    "crab": 0.4, "weasel": 0.5, "beaver": 0.5, "cobra": 0.6, "crow": 0.44, "swan": 0.75, "bat": 0.42, "donkey": 1.1,
    "leopard": 0.9, "rhino": 1.25, "hippo": 1.2, "crocodile": 0.72, "seal": 0.62, "spider": 0.3, "peacock": 0.8,
    "hedgehog": 0.42, "squirrel": 0.5, "bird": 0.42, "parrot": 0.48, "chick": 0.34, "chicken": 0.5, "rooster": 0.55,
    "duck": 0.5, "goose": 0.7, "owl": 0.55, "eagle": 0.65, "crane": 0.85, "penguin": 0.62, "rabbit": 0.56,
    "cat": 0.56, "gull": 0.46,
    "fish": 0.42, "turtle": 0.46, "snake": 0.5, "jellyfish": 0.6, "octopus": 0.7, "dog": 0.64, "fox": 0.62,
    "koala": 0.6, "monkey": 0.7, "sheep": 0.72, "goat": 0.74, "pig": 0.66, "wolf": 0.8, "deer": 1.0, "panda": 0.86,
    "tiger": 0.95, "lion": 1.0, "bear": 1.1, "polarbear": 1.1, "kangaroo": 1.05, "cow": 1.1, "zebra": 1.2,
    "horse": 1.25, "unicorn": 1.25, "camel": 1.3, "elephant": 1.5, "giraffe": 1.75, "dolphin": 0.8, "shark": 0.95,
    "whale": 1.25, "dragon": 1.35, "dinosaur": 1.4, "phoenix": 0.95,
    "girl": 0.8, "boy": 0.8, "baby": 0.55, "princess": 0.84, "prince": 0.84, "fairy": 0.72, "alien": 0.78,
    "robot": 0.86, "snowman": 0.9, "ghost": 0.8, "monster": 1.25, "mermaid": 0.85, "oldman": 0.94, "oldwoman": 0.92,
}  # fmt: skip
"""Height against a grown person's, as a picture book would have it: nearer to each other than in life."""
FLYERS = frozenset(
    {"bird", "parrot", "eagle", "owl", "butterfly", "bee", "ladybug", "phoenix", "dragon", "ghost", "fairy", "crane",
     "crow", "bat", "unicorn", "goose", "swan", "duck"}
)  # fmt: skip
ALWAYS_ALOFT = frozenset({"butterfly", "bee", "phoenix", "ghost"})
SWIMMERS = frozenset({"fish", "whale", "dolphin", "shark", "octopus", "jellyfish", "mermaid"})
_FACES = frozenset({"sad", "tense", "angry", "surprised", "happy", "sleepy", "epic", "warm"})
_HANDS = ("umbrella", "lantern", "brush", "letter", "book", "starlight", "flower", "kite", "ballon", "candle",
    "sword", "staff", "telescope", "guitar", "fishingrod", "gift", "map", "key", "cake", "apple", "bread",
    "basket", "clock", "crystal", "ball", "net", "wine", "phone", "bag")  # fmt: skip
_NEEDS: dict[str, tuple[str, ...]] = {
    "read": ("book", "letter", "map"), "eat": ("apple", "cake", "bread"), "play": ("guitar", "flute", "drum", "erhu"),
    "paint": ("brush",), "drink": ("wine",), "fish": ("fishingrod",),
}  # fmt: skip
"""What an action is done with, of the things in the scene."""
TOGETHER = frozenset({"walk", "run", "cheer", "fly", "sleep", "swim", "dance", "sit", "climb", "jump", "look_up",
    "hug", "laugh", "sing", "row", "ride", "hide", "fall", "eat", "drink", "pull", "push", "dig", "look",
    "wave"})  # fmt: skip
"""What all of a company do; in any other action the others stand and watch the hero."""


def size_of(being: Being) -> float:
    """Height against a grown person's."""
    size = SIZES.get(being.kind, 1.0)
    if being.animal:
        return size * {"baby": 0.62, "child": 0.74, "big": 1.12}.get(being.age, 1.0)
    return size * {"baby": 0.7, "child": 0.86 if size >= 1 else 1.0, "big": 1.1}.get(being.age, 1.0)


def prop_in_hand(scene: Scene) -> str:
    """The thing of the scene that somebody would hold: what the action needs before all."""
    wanted = next((p for p in _NEEDS.get(scene.action, ()) if p in scene.props), "")
    return wanted or next((p for p in _HANDS if p in scene.props), "")


def pose_of(being: Being, scene: Scene, place: int) -> Pose:
    """What somebody does and how they feel; ``place`` is 0 for the hero."""
    action = scene.action or "stand"
    if place > 0 and action not in TOGETHER:
        action = "talk" if action == "talk" and place == 1 else "stand"
    mood = scene.mood if scene.mood in _FACES else "calm"
    if action == "sleep":
        mood = "sleepy"
    if mood == "angry" and place == 0 and being.animal and being.age == "child":
        mood = "tense"
    return Pose(action, mood, prop_in_hand(scene) if place == 0 else "")


def looks_of(being: Being) -> Looks:
    """What is always the same about somebody."""
    return Looks(being.kind, being.age, being.key, dict(being.wear))


def draw_being(c: Puppet, looks: Looks, animal: bool, pose: Pose) -> None:
    """Draw somebody in the present frame, feet at (0, 0), one unit tall."""
    if not animal:
        draw_person(c, looks, pose)
    elif looks.kind in BEASTS:
        draw_quadruped(c, looks, pose)
    elif looks.kind in WILDLIFE:
        WILDLIFE[looks.kind](c, looks, pose)
    else:
        draw_quadruped(c, Looks("dog", looks.age, looks.key, {}), pose)


@dataclass(frozen=True)
class Who:
    """A being that can be a key."""

    kind: str
    animal: bool
    age: str
    key: str
    wear: tuple[tuple[str, str], ...]

    def looks(self) -> Looks:
        return Looks(self.kind, self.age, self.key, dict(self.wear))


def who(being: Being) -> Who:
    """A being as a key."""
    return Who(being.kind, being.animal, being.age, being.key, tuple(sorted(being.wear.items())))


def moving(being: Being, pose: Pose) -> bool:
    """Whether the steps of somebody in this pose differ: whether it is worth while to draw them."""
    if not being.animal and being.kind not in SWIMMERS | ALWAYS_ALOFT:
        return moves(pose)
    return pose.action not in ("sleep", "stand", "sit", "hide", "look_up", "look_down", "read") or (
        being.kind in SWIMMERS | ALWAYS_ALOFT
    )


def _steady(kind: str, pose: Pose) -> bool:
    """Whether all steps keep one height: those in the air and in the water do."""
    return kind in SWIMMERS | ALWAYS_ALOFT or pose.action in ("fly", "swim", "sing", "sit", "read", "row", "sleep")


@lru_cache(maxsize=256)
def _extent(being: Who, pose: Pose) -> Extent:
    looks = being.looks()

    def draw(c: Puppet, step: int) -> None:
        draw_being(c, looks, being.animal, replace(pose, step=step))

    same = Being(being.kind, being.animal, being.age, being.key)
    return trace(draw, steady=_steady(being.kind, pose), still=not moving(same, pose))


def figure(being: Being, pose: Pose, height: float, *, closed: bool = False, step: int = 0) -> Sprite:
    """The cut-out of somebody ``height`` pixels tall (hats, antlers and wings may reach higher), looking right.

    ``closed`` is a blink and ``step`` (0, 1, 2, going round) a phase of the movement. All of these have the same size
    and the same foot, and differ in nothing else. Around a figure there are clear pixels.
    """
    looks = looks_of(being)
    extent = _extent(who(being), replace(pose, closed=False, step=0, gaze=None))

    def draw(c: Puppet, phase: int) -> None:
        draw_being(c, looks, being.animal, replace(pose, step=phase, closed=closed))

    return cut(draw, extent, height, step)


@lru_cache(maxsize=128)
def _mounted_extent(rider: Who, mount: Who | str, share: float, pose: Pose, paint: str) -> Extent:
    def draw(c: Puppet, step: int) -> None:
        _draw_mounted(c, rider, mount, share, replace(pose, step=step), paint)

    return trace(draw, steady=isinstance(mount, str), still=False)


def _draw_mounted(c: Puppet, rider: Who, mount: Who | str, share: float, pose: Pose, paint: str) -> None:
    if isinstance(mount, str):
        draw_on_thing(c, (rider.looks(), rider.animal), mount, pose, draw_being, paint)
    else:
        both = (rider.looks(), rider.animal), (mount.looks(), mount.animal)
        draw_on_animal(c, *both, share, pose, draw_being)


def mounted(
    rider: Being,
    mount: Being | str,
    pose: Pose,
    height: float,
    *,
    closed: bool = False,
    step: int = 0,
    paint: str = "",
) -> Sprite:
    """The cut-out of a rider on an animal or a thing, both whole, looking right.

    ``height`` is the rider's height in pixels as if standing. A thing is named: bike, scooter, boat, raft, broom,
    sled, cloud, carpet, moon, swing or balloon (anything else is a cloud); ``paint`` is a colour's name for it. What
    the rider does (read, wave, row, fish ...) is done sitting; walk, run, fly, swim and jump are what the mount does.
    ``closed`` and ``step`` as for ``figure``.
    """
    share = 1.0 if isinstance(mount, str) else share_of(mount.kind, size_of(mount), size_of(rider))
    key = mount if isinstance(mount, str) else who(mount)
    extent = _mounted_extent(who(rider), key, share, replace(pose, closed=False, step=0, gaze=None), paint)

    def draw(c: Puppet, phase: int) -> None:
        _draw_mounted(c, who(rider), key, share, replace(pose, step=phase, closed=closed), paint)

    return cut(draw, extent, height, step)
