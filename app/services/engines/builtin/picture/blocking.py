"""Who stands where: sizes, rows in depth, who looks at whom, who rides, flies, swims, sits or lies.

The hero stands on a third and looks into the free space; the others come to that side and look back, unless they all
go the same way. Nobody leaves the frame, not even at the ends of the way they go during the shot.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from app.services.engines.builtin.picture import cast
from app.services.engines.builtin.picture.covers import Screened, Tucked
from app.services.engines.builtin.picture.creature import Pose
from app.services.engines.builtin.picture.floating import come_aboard, offshore
from app.services.engines.builtin.picture.framing import Framing, nearness
from app.services.engines.builtin.picture.nooks import Nook, nooks, quilt_of
from app.services.engines.builtin.picture.oddfolk import ODD
from app.services.engines.builtin.picture.outfits import outfit_of
from app.services.engines.builtin.picture.placed import Placed
from app.services.engines.builtin.picture.rides import Ride
from app.services.engines.builtin.picture.stage import Stage
from app.services.engines.builtin.picture.stagehands import SEAT, set_easel, set_seat
from app.services.engines.builtin.picture.words import Being, Scene

_SLOTS = ((1, 0.0), (-1, -0.07), (1, 0.026), (-1, -0.088))
"""Where the others stand beside the hero: the side (1 is where the hero looks) and how much nearer, in units."""
_TOGETHER = frozenset({"walk", "run", "fly", "swim", "dance", "ride"})
"""What is done side by side in the same direction."""
_GAP = {"hug": -0.22, "talk": 0.05, "run": 0.06, "dance": 0.02}
"""Room between two who do this: of a unit, or if below 0 of the narrower one's width."""
_CRAWLERS = frozenset({"crab", "turtle", "snail"})
_DIPS = {"whale": 0.42, "dolphin": 0.4, "shark": 0.55, "duck": 0.3, "goose": 0.26, "fish": 0.45, "turtle": 0.4,
    "mermaid": 0.46, "frog": 0.35, "octopus": 0.4, "jellyfish": 0.4, "crab": 0.35, "elephant": 0.34}  # fmt: skip
"""How much of somebody is under the water they swim in."""
_SEAFOLK = frozenset({"fish", "whale", "dolphin", "shark", "jellyfish"})
_RIDER = 0.78
"""A rider is drawn smaller than somebody on foot: there is the mount as well."""
_DONE_AT: dict[str, tuple[str, ...]] = {
    "sit": ("seat",), "read": ("desk", "seat"), "write": ("desk",), "sleep": ("bed",), "lie": ("bed",),
    "paint": ("easel",), "cook": ("stove",), "eat": ("table", "desk"), "drink": ("table", "desk", "seat"),
    "climb": ("stairs", "path"), "walk": ("path", "shore", "door"), "run": ("path", "shore"),
}  # fmt: skip
"""Where a place would have those who do this, the best first; ``_OPEN`` for all others."""
_OPEN = ("door", "shore", "path")
"""Where somebody stands, in a wide shot only: in a medium one they stand in front."""
_SEATED = frozenset({"sit", "read", "fish"})
"""What people do on a seat, which is set if the place has none."""
_LYING = frozenset({"sleep", "lie"})
_NO_SEAT = frozenset({"sky", "space", "underwater"})


def who(scene: Scene, framing: Framing, ride: Ride | None) -> list[Being]:
    """Everybody that is drawn, the hero first, without what is ridden; a close shot has room for two."""
    beings = [b for being in scene.beings for b in [being] * being.count]
    if ride is not None and ride.mount in beings:
        beings = [being for being in beings if being != ride.mount]
    return beings[: 2 if framing.kind == "close" else 5]


def pose_of(being: Being, stage: Stage, place: int, company: int) -> Pose:
    """What somebody does here: what the words say of this one, else of all. Nobody swims on land or hugs the air."""
    pose = cast.pose_of(being, stage.scene, place)
    if being.action and place > 0:
        pose = replace(pose, action=being.action)
    if pose.action == "swim" and not (stage.flood or stage.swim):
        return replace(pose, action="walk")
    return replace(pose, action="stand") if pose.action == "hug" and company < 2 else pose


def flies(being: Being, pose: Pose, scene: Scene) -> bool:
    """Whether somebody is in the air in this picture."""
    able = being.kind in cast.FLYERS and (pose.action in ("fly", "fall") or scene.place == "sky")
    return being.kind in cast.ALWAYS_ALOFT or able


def sizes(beings: list[Being], framing: Framing) -> list[float]:
    """Height of everybody in pixels: nearer to each other than in life, the whole company in proportion."""
    lead = cast.size_of(beings[0])
    hero = framing.person * min(1.14, max(0.84 if framing.kind == "wide" else 0.74, lead**0.5))
    crowd = {1: 1.0, 2: 1.0, 3: 0.9, 4: 0.84}.get(len(beings), 0.78)
    shares = [min(1.75, max(0.46, (cast.size_of(b) / lead) ** 0.8)) for b in beings]
    tallest = max(shares)
    room = (framing.feet - framing.ceiling) * 0.8
    crowd *= min(1.0, room / (hero * tallest * crowd), max(0.62, 1.3 / tallest))
    return [hero * crowd * share for share in shares]


def place_figures(stage: Stage, framing: Framing, ride: Ride | None, rng: Random) -> list[Placed]:
    """Everybody's cut-out, size and place in a wide or medium shot, the hero first."""
    beings = who(stage.scene, framing, ride)
    if not beings:
        return []
    poses = [pose_of(being, stage, k, len(beings)) for k, being in enumerate(beings)]
    host = guest_of(beings, poses)
    nook = nook_for(stage, framing, poses[host], ride)
    x, y = (nook.x, nook.ground) if nook else (stage.width * framing.hero_x, stage.feet)
    base = y if nook is None or nook.kind in _OPEN else stage.feet
    side = 1 if x < stage.width / 2 else -1
    placed: list[Placed] = []
    asked = sizes(beings, framing)
    for k, (being, pose, size, row) in enumerate(zip(beings, poses, asked, rows(asked), strict=True)):
        own = _ride(ride, being, placed)
        at = nook if k == host else None
        y_own = at.ground if at else base + row * framing.unit
        near = nearness(framing, y_own)
        size *= max(0.8, near) if at and at.kind not in _OPEN else near
        size *= (0.94 if framing.kind == "wide" else _RIDER) if own else 1.0
        if own is not None and own.flying:
            size *= 0.8
        if stage.swim or flies(being, pose, stage.scene):
            size = min(size * 0.88, stage.height * 0.4)
        item = _settled(stage, Placed(being, pose, size, x, y_own, ride=own, paint=stage.scene.paint), at)
        item.appear()
        fit(item, stage, framing)
        placed.append(item)
        stage.check()
    arrange(stage, framing, placed, side)
    if nook is not None:
        settle(stage, framing, placed, nook, host)
    for k, item in enumerate(placed):
        lift(item, stage, framing, k)
    keep_inside(stage, framing, placed)
    set_off(stage, framing, placed, rng)
    come_aboard(placed)
    _bring(stage, placed, nook if nook is None else placed[host], rng)
    return placed


def _settled(stage: Stage, item: Placed, nook: Nook | None) -> Placed:
    """Somebody as they are at a nook, or where there is none: on its seat, under its blanket, behind its desk."""
    body = not item.being.animal and outfit_of(cast.looks_of(item.being)).body not in ODD
    mine = {name: getattr(item, name) for name in ("being", "pose", "size", "x", "y", "ride", "paint")}
    if item.ride is not None or stage.swim or (stage.flood and nook is None):
        return item
    if item.pose.action in _LYING:
        if nook is not None:
            item.y = mine["y"] = nook.y
        if body and (nook is not None or stage.indoors):
            return Tucked(**mine, quilt=quilt_of(stage), pillow=nook is None)
    elif nook is not None and nook.kind in ("desk", "table") and nook.ground - nook.y < 0.62 * item.size:
        return Screened(**{**mine, "y": nook.y}, hidden=nook.ground - nook.y)
    elif nook is not None and nook.kind == "seat":
        high = (nook.ground - nook.y) / item.size
        if body:
            item.pose = replace(item.pose, seat=min(0.52, max(0.1, high)))
        else:
            item.y = nook.y
    elif nook is not None and nook.kind == "stairs":
        item.y = nook.y
    elif body and item.pose.action in _SEATED and stage.scene.place not in _NO_SEAT:
        item.pose = replace(item.pose, seat=SEAT)
    return item


def _bring(stage: Stage, placed: list[Placed], guest: Placed | None, rng: Random) -> None:
    """Set seats and easels for all but the ``guest``, to whom the place gave one."""
    for item in sorted(placed, key=lambda q: q.near):
        if item is guest or item.ride is not None or item.aloft > 0 or item.dip:
            continue
        if item.pose.seat == SEAT:
            set_seat(stage, item)
            continue
        painter = item.pose.action == "paint" and not item.being.animal and "easel" not in stage.scene.props
        if painter:
            set_easel(stage, item, rng)


def settle(stage: Stage, framing: Framing, placed: list[Placed], nook: Nook, host: int) -> None:
    """Put the one whose nook it is into it after all, and the others beside it on the side that has more room."""
    hero, others = placed[host], [*placed[:host], *placed[host + 1 :]]
    if nook.kind in _OPEN:
        if not others:
            hero.x = nook.x
        return
    hero.x = nook.x
    if nook.way:
        hero.flip = (nook.way > 0) if nook.kind == "bed" else (nook.way < 0)
    if not others:
        return
    a, b = hero.span()
    low, high = _extent(others)
    gap = 0.02 * framing.unit
    move = b + gap - low if stage.width - b >= a else a - gap - high
    for other in others:
        other.x += move
        other.flip = other.x > hero.x


def _ride(ride: Ride | None, being: Being, placed: list[Placed]) -> Ride | None:
    """What somebody rides: there is one mount or boat, and it is the rider's."""
    if ride is None or being is not ride.rider or any(item.ride for item in placed):
        return None
    return ride


def rows(heights: list[float]) -> list[float]:
    """How much nearer than the hero everybody stands, in units; of two the smaller one stands before the other."""
    if len(heights) == 2:
        return [0.0, 0.02 if heights[1] < heights[0] * 0.8 else -0.016]
    return [0.0, *(nearer for _, nearer in _SLOTS[: len(heights) - 1])]


def guest_of(beings: list[Being], poses: list[Pose]) -> int:
    """Which of a company gets the place's nook: of those who lie the smallest person, else the hero."""
    lying = [k for k, pose in enumerate(poses) if pose.action in _LYING and not beings[k].animal]
    return min(lying, key=lambda k: cast.size_of(beings[k]), default=0)


def nook_for(stage: Stage, framing: Framing, pose: Pose, ride: Ride | None) -> Nook | None:
    """Where the place would have the hero, if it says so and there is room."""
    if ride is not None or stage.swim or stage.flood:
        return None
    kinds = _DONE_AT.get(pose.action, _OPEN)
    if framing.kind != "wide":
        kinds = tuple(kind for kind in kinds if kind not in _OPEN)
    low, high = framing.horizon + 0.08 * framing.unit, framing.feet + 0.03 * framing.unit
    edge = framing.margin + 0.1 * stage.width
    fitting = [
        n
        for n in nooks(stage)
        if n.kind in kinds and low < n.ground < high and edge < n.x < stage.width - edge and n.y > framing.ceiling
    ]
    return min(fitting, key=lambda n: (kinds.index(n.kind), abs(n.x - framing.hero_x * stage.width)), default=None)


def fit(item: Placed, stage: Stage, framing: Framing) -> None:
    """Draw somebody smaller who is wider or higher than the picture allows."""
    h, w = item.sprite.pixels.shape[:2]
    factor = min(1.0, stage.width * (0.8 if framing.tall else 0.56) / w, (item.y - framing.ceiling) / h)
    if factor < 0.995:
        item.shrink(factor)


def arrange(stage: Stage, framing: Framing, placed: list[Placed], side: int) -> None:
    """Set the others beside the hero, each in a row of its own; all smaller when there is no room."""
    _pack(stage, framing, placed, side)
    room = stage.width - 2 * framing.margin
    low, high = _extent(placed)
    if high - low > room:
        factor = max(0.62, room / (high - low))
        for item in placed:
            item.shrink(factor)
        _pack(stage, framing, placed, side)
    low, high = _extent(placed)
    if len(placed) > 1:  # the company as a whole stands a little off the middle
        middle = stage.width * (0.5 + (framing.hero_x - 0.5) * 0.4)
        for item in placed:
            item.x += middle - (low + high) / 2


def _extent(placed: list[Placed]) -> tuple[float, float]:
    spans = [item.span() for item in placed]
    return min(s[0] for s in spans), max(s[1] for s in spans)


def _pack(stage: Stage, framing: Framing, placed: list[Placed], side: int) -> None:
    hero = placed[0]
    hero.flip = side < 0
    together = hero.pose.action in _TOGETHER and all(p.pose.action == hero.pose.action for p in placed)
    gap = _GAP.get(hero.pose.action, 0.03)
    reach = {1: hero.span()[1] - hero.x, -1: hero.x - hero.span()[0]}
    for other, (slot, _) in zip(placed[1:], _SLOTS, strict=False):
        s = (-side if together and not stage.scene.chase else side) * slot
        other.flip = hero.flip if together else s > 0
        a, b = other.span()
        between = gap * framing.unit if gap >= 0 else gap * min(b - a, reach[1] + reach[-1])
        if other.y < hero.y - 0.03 * framing.unit and gap >= 0:  # who stands farther back may be half hidden
            between = -0.12 * (b - a)
        other.x = hero.x + s * (reach[s] + between + ((other.x - a) if s > 0 else (b - other.x)))
        reach[s] += between + (b - a)


def stranded(being: Being, stage: Stage) -> bool:
    """Whether somebody of the water is where no water is: they float through the air as in a dream, and never lie."""
    return being.kind in _SEAFOLK and not stage.flood and not stage.swim


def lift(item: Placed, stage: Stage, framing: Framing, k: int) -> None:
    """Off the ground who flies or swims, into the water who is in it."""
    h = item.sprite.pixels.shape[0]
    airborne = flies(item.being, item.pose, stage.scene) or (item.ride is not None and item.ride.flying)
    if stage.swim and item.being.kind not in _CRAWLERS:
        middle = stage.height * (0.44 + 0.085 * ((k + 1) % 3 - 1)) + (0.03 * stage.height if framing.tall else 0.0)
    elif not airborne and offshore(item, stage):
        return
    elif stranded(item.being, stage):
        middle = stage.height * (0.5 + 0.05 * ((k + 1) % 3 - 1))
    elif airborne:
        middle = stage.height * (0.36 + 0.06 * ((k + 1) % 3 - 1))
    else:
        if stage.flood:
            item.sink(0.1 if item.ride is not None and item.ride.boat else _DIPS.get(item.being.kind, 0.4))
        return
    middle = max(middle, framing.ceiling + h / 2)
    bottom = item.sprite.foot[1] - h  # what hangs below the foot counts as well
    item.aloft = max(0.0, item.y - (middle + h / 2) - bottom)


def keep_inside(stage: Stage, framing: Framing, placed: list[Placed]) -> None:
    """Move all until nobody leaves the frame; who is still outside stands closer to the others."""
    margin = framing.margin
    low, high = _extent(placed)
    room = stage.width - 2 * margin
    if high - low > room:
        squeeze = room / (high - low)
        for item in placed:
            item.x = margin + (item.x - low) * squeeze
    low, high = _extent(placed)
    shift = max(0.0, margin - low) - max(0.0, high - (stage.width - margin))
    for item in placed:
        item.x += shift
        a, b = item.span()
        item.x += max(0.0, margin * 0.6 - a) - max(0.0, b - (stage.width - margin * 0.6))
        top = item.rise()[0]
        if top < framing.ceiling:
            sunk = min(item.aloft, framing.ceiling - top)
            item.aloft -= sunk
            if top + sunk < framing.ceiling - 1:
                item.shrink(max(0.3, 1 - (framing.ceiling - top - sunk) / max(1.0, item.sprite.foot[1])))


def set_off(stage: Stage, framing: Framing, placed: list[Placed], rng: Random) -> None:
    """Give everybody who goes somewhere the way they go during the shot, as far as the frame has room."""
    stride = {"walk": rng.uniform(0.06, 0.1), "run": rng.uniform(0.12, 0.16), "swim": 0.05, "row": 0.05, "fly": 0.09}
    ways: list[float] = []
    for item in placed:
        deed = item.pose.action
        if item.ride is not None:
            deed = "row" if item.ride.boat else "run" if deed == "run" else "walk"
        way = stride.get(deed, 0.0) * (0.7 if framing.kind == "wide" else 1.0)
        a, b = item.span()
        free = 2 * min(a - framing.margin * 0.4, stage.width - framing.margin * 0.4 - b) / stage.width
        way = max(0.0, min(way, free))
        item.travel = -way if item.flip else way
        ways.append(way)
    same = len({item.flip for item in placed if item.travel}) == 1
    going = [way for way in ways if way > 0]
    for item in placed:  # who goes the same way keeps the same pace; who goes towards somebody does not walk into them
        if item.travel and (same and len(going) == len(placed)):
            item.travel = min(going) * (-1 if item.flip else 1)
        elif item.travel and len(placed) > 1 and not item.aloft:
            item.travel = max(-0.03, min(0.03, item.travel))
        if abs(item.travel) < 0.012:
            item.travel = 0.0
