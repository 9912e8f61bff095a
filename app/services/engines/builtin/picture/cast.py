"""Who is drawn how large, and the cut-out of each figure."""

from __future__ import annotations

from app.services.engines.builtin.picture.beasts import BEASTS
from app.services.engines.builtin.picture.canvas import Sprite, figure_canvas, shrink
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.people import draw_person
from app.services.engines.builtin.picture.quadrupeds import draw_quadruped
from app.services.engines.builtin.picture.wildlife import WILDLIFE
from app.services.engines.builtin.picture.words import Being, Scene

SIZES: dict[str, float] = {
    "mouse": 0.4, "ant": 0.3, "bee": 0.3, "ladybug": 0.28, "butterfly": 0.36, "snail": 0.34, "frog": 0.42,
        "crab": 0.4,
    "hedgehog": 0.42, "squirrel": 0.5, "bird": 0.42, "parrot": 0.48, "chick": 0.34, "chicken": 0.5, "rooster": 0.55,
    "duck": 0.5, "goose": 0.7, "owl": 0.55, "eagle": 0.65, "crane": 0.85, "penguin": 0.62, "rabbit": 0.56,
        "cat": 0.56,
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
    {"bird", "parrot", "eagle", "owl", "butterfly", "bee", "ladybug", "phoenix", "dragon", "ghost", "fairy", "crane"}
)
ALWAYS_ALOFT = frozenset({"butterfly", "bee", "phoenix", "ghost"})
SWIMMERS = frozenset({"fish", "whale", "dolphin", "shark", "octopus", "jellyfish", "mermaid"})
_FACES = {
    "sad": "sad",
    "tense": "tense",
    "angry": "angry",
    "surprised": "surprised",
    "happy": "happy",
    "sleepy": "sleepy",
    "epic": "epic",
    "warm": "warm",
}
_HANDS = ("umbrella", "lantern", "brush", "letter", "book", "starlight", "flower", "kite", "ballon", "candle",
    "sword", "staff", "telescope", "guitar", "fishingrod", "gift", "map", "key", "cake", "apple", "bread",
    "basket", "clock", "crystal", "ball", "net", "wine", "phone", "bag")  # fmt: skip


def size_of(being: Being) -> float:
    """Height against a grown person's."""
    size = SIZES.get(being.kind, 1.0)
    if being.animal:
        return size * {"baby": 0.62, "child": 0.74, "big": 1.12}.get(being.age, 1.0)
    return size * {"baby": 0.7, "child": 0.86 if size >= 1 else 1.0, "big": 1.1}.get(being.age, 1.0)


def prop_in_hand(scene: Scene) -> str:
    """The thing of the scene that somebody would hold."""
    return next((p for p in _HANDS if p in scene.props), "")


def pose_of(being: Being, scene: Scene, place: int) -> Pose:
    """What somebody does and how they feel; ``place`` is 0 for the hero."""
    action = scene.action if place == 0 or scene.action in ("walk", "run", "cheer", "fly", "sleep", "swim") else "stand"
    mood = _FACES.get(scene.mood, "calm")
    if action == "sleep":
        mood = "sleepy"
    if mood == "angry" and place == 0 and being.animal and being.age == "child":
        mood = "tense"
    return Pose(action, mood, prop_in_hand(scene) if place == 0 and not being.animal else "")


def looks_of(being: Being) -> Looks:
    """What is always the same about somebody."""
    return Looks(being.kind, being.age, being.key, dict(being.wear))


def figure(being: Being, pose: Pose, height: float) -> Sprite:
    """The cut-out of somebody ``height`` pixels tall (hats, antlers and wings may reach higher), looking right."""
    factor = 2.0 if height < 150 else 1.5 if height < 260 else 1.0
    canvas = figure_canvas(height * factor, wide=1.45, tall=1.6, below=0.4)
    looks = looks_of(being)
    if being.animal:
        draw = draw_quadruped if being.kind in BEASTS else WILDLIFE.get(being.kind, draw_quadruped)
        draw(
            canvas,
            looks if being.kind in BEASTS or being.kind in WILDLIFE else Looks("dog", being.age, being.key, {}),
            pose,
        )
    else:
        draw_person(canvas, looks, pose)
    sprite = canvas.sprite()
    return shrink(sprite, 1 / factor) if factor > 1 else sprite
