"""People: a body from joints in the clothes of its kind. Units of the person's height, feet at 0, looking right."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.clothes import COVER, draw_behind, draw_trunk, skin_of
from app.services.engines.builtin.picture.colour import COLOURS, RGB, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, scarf
from app.services.engines.builtin.picture.gestures import Stance, stance_of
from app.services.engines.builtin.picture.heads import back_hair, draw_head
from app.services.engines.builtin.picture.limbs import (
    FRAMES,
    Arm,
    Frame,
    Leg,
    Point,
    arm_of,
    draw_arm,
    draw_hand,
    draw_leg,
    hand_place,
    hanging,
    hip_height,
    lap,
    leg_of,
)
from app.services.engines.builtin.picture.oddfolk import ODD
from app.services.engines.builtin.picture.outfits import GREY, Outfit, colours, outfit_of
from app.services.engines.builtin.picture.props import hold
from app.services.engines.builtin.picture.puppet import Puppet
from app.services.engines.builtin.picture.tools import AT_FACE, TOOLS, Grip

_OWN = ("staff", "wand", "sword", "broom", "cane")
"""What some kinds always have with them."""
_MEN = frozenset(
    {
        "man",
        "oldman",
        "king",
        "wizard",
        "pirate",
        "scholar",
        "monk",
        "fisher",
        "captain",
        "farmer",
        "emperor",
        "general",
        "sailor",
        "worker",
        "soldier",
    }
)


@dataclass(frozen=True)
class Body:
    """Somebody in a pose: proportions, clothes, joints."""

    f: Frame
    outfit: Outfit
    looks: Looks
    pose: Pose
    stance: Stance
    top: RGB
    skin: RGB
    hip: Point

    @property
    def folded(self) -> bool:
        return self.stance.folded

    def legs(self) -> tuple[Leg, Leg]:
        """Near and far."""
        x, y = self.hip
        gap = self.f.waist * 0.42 * (1 - 0.6 * self.stance.side - (0.35 if self.folded else 0.0))
        near, far = self.stance.near_leg, self.stance.far_leg
        if self.stance.seated and self.pose.seat > 0:
            near, far = hanging(self.f, self.pose.seat, 78.0), hanging(self.f, self.pose.seat, 86.0)
        return leg_of(self.f, near, (x - gap, y)), leg_of(self.f, far, (x + gap, y))


def dressed(looks: Looks) -> Outfit:
    """What somebody wears; an old one of any kind has grey hair, and most men a beard."""
    outfit = outfit_of(looks)
    if looks.age != "old" or outfit.age == "old":
        return outfit
    beard = outfit.beard or ("full" if looks.kind in _MEN else "")
    return replace(outfit, age="old", hairs=GREY, beard=beard)


def frame_of(looks: Looks, outfit: Outfit) -> Frame:
    """The proportions of somebody's age; what the words say wins over what is usual."""
    told = {"baby": "baby", "child": "child", "old": "old"}.get(looks.age, "")
    return FRAMES[told or outfit.age]


def body_of(looks: Looks, pose: Pose, stance: Stance) -> Body:
    """The joints of a person."""
    outfit = dressed(looks)
    f = frame_of(looks, outfit)
    if f is FRAMES["old"] and stance.spin == 0:
        stance = replace(stance, lean=stance.lean + (5 if not stance.seated else 3))
    wear = "dress" if "dress" in looks.wear and outfit.body in ("dress", "long") else "top"
    clothes = {**looks.wear, wear: looks.wear.get("dress") or looks.wear.get("top", "")}
    top = Looks(looks.kind, looks.age, looks.key, clothes).pick(wear, colours(outfit.tops))
    return Body(f, outfit, looks, pose, stance, top, skin_of(looks, outfit), (0.0, hip_height(f, stance, pose.seat)))


def draw_person(c: Puppet, looks: Looks, pose: Pose, stance: Stance | None = None) -> None:
    """Draw one person with what they hold; a ``stance`` of the caller's wins over that of the action."""
    stance = stance or stance_of(pose)
    outfit = outfit_of(looks)
    c.lift = stance.lift
    odd = ODD.get(outfit.body)
    if odd is not None:
        odd(c, looks, pose, outfit, stance)
        return
    body = body_of(looks, pose, stance)
    c.hung = stance.seated and pose.seat > 0
    if stance.spin:
        with c.at(0.0, 0.5, stance.spin), c.at(0.06 if stance.spin < 0 else 0.0, -0.5):
            _draw(c, body)
    else:
        _draw(c, body)


def _draw(c: Puppet, b: Body) -> None:
    f, stance, pose = b.f, b.stance, b.pose
    hx, hy = b.hip
    stoop = (0.045, -0.012) if b.outfit.age == "old" and not stance.spin else (0.0, 0.0)
    near_leg, far_leg = b.legs()
    with c.at(hx, hy, -stance.lean), c.at(0.0, -f.hip - 0.02):
        neck, chest = c.spot(0.0, f.neck), c.spot(0.0, f.neck - 0.05)
        head = c.spot(0.0, f.head_y)
        shoulders = [c.spot(s * f.shoulder * 0.86 * (1 - 0.55 * stance.side), f.neck - 0.035) for s in (-1, 1)]
        draw_behind(c, f, b.outfit, b.looks, folded=b.folded)
    neck, chest, head = c.back(neck), c.back(chest), c.back(head)
    head = (head[0] + stoop[0], head[1] + stoop[1])
    near = arm_of(c.back(shoulders[0]), hand_place(stance.near, chest, head, f.arm, f.head), f.arm, True)
    far = arm_of(c.back(shoulders[1]), hand_place(stance.far, chest, head, f.arm, f.head), f.arm, False)
    tilt = stance.nod - stance.lean * 0.5
    pivot = (neck[0] + stoop[0], neck[1] + stoop[1])
    with c.at(*pivot, tilt):
        back_hair(c, b.looks, b.outfit, f.head, f.head_y - f.neck)
    crossing = stance.far.u < 0.62 and stance.far.v > -0.9 and not stance.far.head
    if stance.over not in ("far", "both") and not crossing:
        _arm(c, b, far, False)
    _lower(c, b, near_leg, far_leg)
    c.soft(
        curves.tube([(neck[0] * 0.7, neck[1] - 0.012), (neck[0] + stoop[0] * 0.7, neck[1] + 0.05)], [0.088, 0.095]),
        shade_of(b.skin),
        line=False,
    )
    if "scarf" in b.looks.wear or "neckerchief" in b.outfit.extra:
        tone = COLOURS.get(b.looks.wear.get("scarf", ""), (214, 72, 66))
        with c.at(neck[0] + stoop[0] * 0.4, neck[1], -stance.lean):
            scarf(c, 0.0, 0.015, f.shoulder * 0.95, 0.05, tone)
    if crossing:
        _arm(c, b, far, False)
    grip = Grip(near.hand, far.hand, head, f.head, pose.prop, b.looks)
    _held(c, b, far, grip)
    if stance.over not in ("near", "both"):
        _arm(c, b, near, True)
    with c.at(*pivot, tilt):
        draw_head(c, b.looks, pose, b.outfit, f.head, f.head_y - f.neck, b.skin)
    if stance.over in ("far", "both"):
        _arm(c, b, far, False)
    if stance.over in ("near", "both"):
        _arm(c, b, near, True)
    if stance.tool in AT_FACE:
        AT_FACE[stance.tool](c, grip)
        draw_hand(c, far, f.arm_w, b.skin)


def _lower(c: Puppet, b: Body, near: Leg, far: Leg) -> None:
    """Legs, trunk and skirt in the order in which they cover one another."""
    f, outfit, looks = b.f, b.outfit, b.looks
    bare = outfit.body in ("dress", "romper", "straw")
    cloth = looks.pick("trousers", colours(outfit.lower)) if not bare else b.skin
    if outfit.body == "suit":
        cloth = (232, 234, 236)
    shoe = looks.pick("boots", ((110, 72, 58), (74, 66, 84), (178, 70, 62)))
    cover = COVER.get(outfit.body, 0.0) if b.folded else 0.0
    if not b.stance.lone:
        draw_leg(c, f, far, cloth if bare else shade_of(cloth), shoe, bare=bare)
    if cover and not b.stance.lone:
        lap(c, f, far, cover, shade_of(b.top))
    if not b.folded:
        draw_leg(c, f, near, cloth, shoe, bare=bare)
    with c.at(*b.hip, -b.stance.lean), c.at(0.0, -f.hip - 0.02):
        draw_trunk(c, f, outfit, looks, b.top, folded=b.folded)
    if b.folded:
        draw_leg(c, f, near, cloth, shoe, bare=bare)
        if cover:
            lap(c, f, near, cover, b.top)


def _held(c: Puppet, b: Body, far: Arm, grip: Grip) -> None:
    """The thing that belongs to the action, or what is held in the far hand."""
    stance, pose = b.stance, b.pose
    x, y = far.hand
    if stance.tool in TOOLS:
        TOOLS[stance.tool](c, grip)
    elif stance.tool not in AT_FACE:
        prop = pose.prop if pose.action not in ("sleep", "swim", "hide", "cry", "climb") else ""
        if not prop and stance.free and stance.far.v < 0.3 and not stance.spin:
            prop = next((p for p in _OWN if p in b.outfit.extra and not (p == "cane" and b.folded)), "")
        if prop:
            with c.loose():
                _in_hand(c, b, prop, x, y)
    if stance.tool or pose.prop:
        draw_hand(c, far, b.f.arm_w * 0.94, b.skin if b.outfit.body != "suit" else (236, 236, 234))


def _in_hand(c: Puppet, b: Body, prop: str, x: float, y: float) -> None:
    if b.stance.spin:
        with c.at(x, y, -b.stance.spin):
            hold(c, prop, 0.0, 0.0, b.looks)
    else:
        hold(c, prop, x, max(y, 0.39) if prop == "broom" else y, b.looks)


def _arm(c: Puppet, b: Body, arm: Arm, near: bool) -> None:
    wide = 2.0 if b.outfit.body in ("hanfu", "robe", "kasaya") else 1.15
    skin = b.skin if b.outfit.body != "suit" else (236, 236, 234)
    sleeve = mix(b.top, shade_of(b.top), 0.35 if near else 0.75)
    short = b.outfit.body == "dress" and not b.looks.number("sleeve") % 2
    draw_arm(c, arm, b.f.arm_w, skin, sleeve, short=short, wide=wide)
