"""People: body, clothes, limbs. Units of the person's height, feet at 0, looking to the right."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import COLOURS, RGB, hexa, light_of, mix, shade_of, times
from app.services.engines.builtin.picture.creature import Looks, Pose, scarf
from app.services.engines.builtin.picture.heads import back_hair, draw_head
from app.services.engines.builtin.picture.oddfolk import ODD
from app.services.engines.builtin.picture.outfits import SKINS, Outfit, colours, outfit_of
from app.services.engines.builtin.picture.props import hold

CAPE: tuple[RGB, ...] = ((190, 52, 60), (64, 84, 158), (96, 62, 128), (44, 120, 104))


@dataclass(frozen=True)
class Frame:
    """Where the parts of a body are."""

    head: float
    neck: float
    hip: float
    shoulder: float
    waist: float
    hem: float
    leg_w: float
    arm_w: float

    @property
    def head_y(self) -> float:
        return 1.0 - self.head


FRAMES = {
    "baby": Frame(0.27, 0.5, 0.14, 0.14, 0.15, 0.19, 0.11, 0.085),
    "child": Frame(0.218, 0.585, 0.235, 0.118, 0.12, 0.195, 0.088, 0.072),
    "adult": Frame(0.162, 0.69, 0.315, 0.122, 0.108, 0.19, 0.085, 0.066),
    "old": Frame(0.185, 0.645, 0.27, 0.122, 0.13, 0.19, 0.085, 0.068),
}


def frame_of(looks: Looks, outfit: Outfit) -> Frame:
    """The proportions of somebody's age; what the words say wins over what is usual."""
    told = {"baby": "baby", "child": "child", "old": "old"}.get(looks.age, "")
    return FRAMES[told or outfit.age]


def _legs(c: Canvas, f: Frame, outfit: Outfit, looks: Looks, pose: Pose) -> None:
    bare = outfit.body in ("dress", "romper")
    skin = skin_of(looks, outfit)
    cloth = looks.pick("trousers", colours(outfit.lower)) if not bare else skin
    shoe = looks.pick("boots", ((110, 72, 58), (74, 66, 84), (178, 70, 62)))
    step = {"walk": 0.075, "run": 0.14, "cheer": 0.05, "fly": -0.03}.get(pose.action, 0.018)
    for s in (1, -1):
        x0, x1 = s * f.waist * 0.42, s * f.waist * 0.42 + s * step
        lift = 0.05 if pose.action == "run" and s < 0 else 0.0
        tone = times(shade_of(cloth), 1.0) if s > 0 and not bare else cloth
        knee = (x0 + s * step * 0.2 + 0.012, f.hip * 0.5 + lift)
        c.soft(
            curves.tube([(x0, f.hip + 0.04), knee, (x1, 0.045 + lift)], [f.leg_w * 1.15, f.leg_w, f.leg_w * 0.85]), tone
        )
        w = f.leg_w
        c.soft(
            curves.smooth(
                [
                    (x1 - w * 0.58, lift),
                    (x1 + w * 0.95, lift),
                    (x1 + w * 0.98, lift + w * 0.42),
                    (x1 + w * 0.3, lift + w * 0.72),
                    (x1 - w * 0.55, lift + w * 0.62),
                ]
            ),
            shoe,
        )


def skin_of(looks: Looks, outfit: Outfit) -> RGB:
    """The colour of somebody's skin."""
    return hexa(outfit.skin) if outfit.skin else SKINS[looks.number("skin") % 3 if looks.number("tan") % 4 else 3]


def _torso(c: Canvas, f: Frame, outfit: Outfit, looks: Looks, top: RGB) -> None:
    n, s, w, h = f.neck + 0.02, f.shoulder, f.waist, f.hip
    flare = {
        "dress": f.hem,
        "long": f.hem * 1.08,
        "robe": f.hem * 1.05,
        "hanfu": f.hem,
        "coat": w * 1.22,
        "labcoat": w * 1.3,
    }.get(outfit.body, w * 1.02)
    foot = {"dress": h * 0.72, "long": 0.045, "robe": 0.03, "hanfu": 0.04, "coat": h * 0.72, "labcoat": h * 0.5}.get(
        outfit.body, h - 0.01
    )
    shape = curves.smooth(
        [
            (-s * 0.55, n),
            (s * 0.55, n),
            (s, n - 0.06),
            (w * 0.92, (n + h) / 2),
            (w, h + 0.05),
            (flare, foot + 0.012),
            (flare * 0.5, foot - 0.008),
            (0, foot - 0.012),
            (-flare * 0.5, foot - 0.008),
            (-flare, foot + 0.012),
            (-w, h + 0.05),
            (-w * 0.92, (n + h) / 2),
            (-s, n - 0.06),
        ],
        steps=6,
    )
    c.soft(shape, top)
    with c.inside(shape):
        _details(c, f, outfit, looks, top, foot, flare)


def _details(c: Canvas, f: Frame, outfit: Outfit, looks: Looks, top: RGB, foot: float, flare: float) -> None:
    n, h = f.neck, f.hip
    dark, pale = shade_of(top), light_of(top)
    if outfit.body in ("dress", "long"):
        c.fill(curves.box(-0.3, h + 0.07, 0.3, h + 0.1), mix(top, dark, 0.8))
        for x in (-0.5, 0.05, 0.55):
            c.stroke([(x * f.waist, h + 0.06), (x * flare, foot)], 0.007, dark, smooth=False)
        c.fill(curves.box(-0.4, foot, 0.4, foot + 0.028), (252, 226, 160) if "trim" in outfit.extra else pale)
    elif outfit.body in ("coat", "labcoat", "robe"):
        c.stroke([(0.025, n), (0.02, foot)], 0.009, dark, smooth=False)
        for k in range(3):
            c.dot(0.052, n - 0.07 - 0.08 * k, 0.011, (250, 220, 150) if "trim" in outfit.extra else pale)
        c.fill(
            [(-0.07, n + 0.03), (0.025, n - 0.1), (0.11, n + 0.03)], (248, 244, 236) if outfit.body != "robe" else pale
        )
        if "trim" in outfit.extra:
            c.fill(curves.box(-0.4, foot - 0.02, 0.4, foot + 0.035), (250, 244, 234))
        if "stars" in outfit.extra:
            for x, y in ((-0.09, 0.2), (0.1, 0.14), (-0.04, 0.4), (0.1, 0.34), (-0.12, 0.08)):
                c.fill(curves.star(x, y, 0.025, turn=90), (250, 220, 120))
    elif outfit.body == "hanfu":
        c.stroke([(-0.1, n + 0.03), (0.06, n - 0.2)], 0.035, pale, smooth=False)
        c.stroke([(0.1, n + 0.03), (-0.05, n - 0.17)], 0.035, light_of(pale), smooth=False)
        c.fill(curves.box(-0.3, h + 0.09, 0.3, h + 0.145), mix(dark, (70, 60, 90), 0.4))
    elif outfit.body == "overall":
        jean = looks.pick("trousers", colours(outfit.lower))
        c.fill(curves.box(-0.075, h - 0.05, 0.085, n - 0.12), jean)
        c.fill(curves.box(-0.3, h - 0.1, 0.3, h + 0.07), jean)
        for x in (-0.06, 0.07):
            c.stroke([(x, n - 0.13), (x * 1.35, n + 0.02)], 0.025, jean, smooth=False)
            c.dot(x, n - 0.14, 0.012, (250, 214, 110))
    elif outfit.body == "armour":
        for y in (n - 0.11, n - 0.2, h + 0.03):
            c.stroke([(-0.2, y), (0, y - 0.025), (0.2, y)], 0.01, dark)
        c.fill(curves.box(-0.3, h, 0.3, h + 0.035), (128, 86, 60))
    elif looks.number("pattern") % 3 == 0 and outfit.body == "shirt":
        for k in range(3):
            c.fill(curves.box(-0.3, n - 0.07 - 0.085 * k, 0.3, n - 0.035 - 0.085 * k), light_of(pale))
    if "apron" in outfit.extra:
        c.fill(curves.box(-f.waist * 0.72, foot + 0.03, f.waist * 0.8, n - 0.13, 0.03), (250, 246, 236))
    if "belt" in outfit.extra:
        c.fill(curves.box(-0.3, h + 0.06, 0.3, h + 0.1), (84, 60, 52))
        c.fill(curves.box(-0.01, h + 0.055, 0.05, h + 0.105), (248, 208, 100))


def hand_of(f: Frame, pose: Pose, near: bool) -> tuple[float, float]:
    """Where a hand is."""
    n = f.neck - 0.05
    reach = n - f.hip * 0.9
    if pose.action == "cheer" or (pose.mood == "happy" and pose.action == "run"):
        return (0.25, n + 0.17) if not near else (-0.25, n + 0.15)
    if pose.prop and not near:
        return (f.shoulder + 0.15, n - reach * 0.45)
    if pose.prop and pose.prop in ("book", "letter", "map", "gift", "bread", "cake", "apple") and near:
        return (f.shoulder + 0.06, n - reach * 0.52)
    if pose.action == "run":
        return (0.2, n - reach * 0.35) if not near else (-0.2, n - reach * 0.5)
    if pose.action == "walk":
        return (0.16, n - reach * 0.85) if not near else (-0.15, n - reach * 0.85)
    if pose.action == "look" and not near:
        return (f.shoulder + 0.14, n - reach * 0.2)
    if pose.mood in ("sad", "tense") and near:
        return (0.04, n - reach * 0.45)
    return (f.shoulder + 0.06, n - reach) if not near else (-f.shoulder - 0.055, n - reach)


def _arm(c: Canvas, f: Frame, outfit: Outfit, looks: Looks, pose: Pose, top: RGB, near: bool) -> None:
    s = -1 if near else 1
    start = (s * f.shoulder * 0.86, f.neck - 0.035)
    hx, hy = hand_of(f, pose, near)
    bend = 0.035 if hy < start[1] else -0.01
    elbow = ((start[0] + hx) / 2 + s * bend, (start[1] + hy) / 2 - 0.015)
    wide = 2.0 if outfit.body in ("hanfu", "robe") else 1.15
    sleeve = mix(top, shade_of(top), 0.35 if near else 0.75)
    skin = skin_of(looks, outfit)
    c.dot(hx, hy, f.arm_w * 0.52, mix(skin, shade_of(skin), 0.55))
    c.soft(curves.oval(hx, hy, f.arm_w * 0.5, f.arm_w * 0.5), skin if "suit" not in outfit.body else (236, 236, 234))
    short = outfit.body in ("dress",) and not looks.number("sleeve") % 2
    if short:
        c.soft(curves.tube([start, elbow, (hx, hy)], [f.arm_w * 0.9, f.arm_w * 0.75, f.arm_w * 0.7]), skin)
        c.soft(curves.tube([start, elbow], [f.arm_w * 1.3, f.arm_w * 1.5]), sleeve)
    else:
        ex, ey = hx + (elbow[0] - hx) * 0.2, hy + (elbow[1] - hy) * 0.2
        c.soft(curves.tube([start, elbow, (ex, ey)], [f.arm_w * 1.2, f.arm_w * 1.05, f.arm_w * wide]), sleeve)


def _behind(c: Canvas, f: Frame, outfit: Outfit, looks: Looks) -> None:
    if "wings" in outfit.extra:
        for s in (-1, 1):
            for up, size in ((0.62, 1.0), (-0.35, 0.7)):
                tip = (s * 0.42 * size, f.neck + up * 0.36)
                c.soft(
                    curves.smooth(
                        [
                            (s * 0.03, f.neck - 0.08),
                            (s * 0.2, f.neck + up * 0.34 + 0.06),
                            tip,
                            (s * 0.3 * size, f.neck + up * 0.1 - 0.1),
                        ]
                    ),
                    (214, 238, 250),
                    light=0.6,
                )
    if "cape" in outfit.extra or "cape" in looks.wear:
        cape = looks.pick("cape", CAPE)
        c.soft(
            curves.smooth(
                [
                    (-f.shoulder, f.neck + 0.01),
                    (f.shoulder, f.neck + 0.01),
                    (f.hem * 0.95, 0.16),
                    (f.hem * 0.3, 0.1),
                    (-f.hem * 0.6, 0.12),
                    (-f.hem * 1.45, 0.07),
                    (-f.hem * 1.0, 0.35),
                ]
            ),
            cape,
        )
    if "pack" in outfit.extra or "bag" in looks.wear:
        c.soft(curves.box(-f.shoulder - 0.1, f.hip + 0.05, 0.05, f.neck + 0.02, 0.05), (206, 208, 212))


def draw_person(c: Canvas, looks: Looks, pose: Pose) -> None:
    """Draw one person with what they hold in the hand before them."""
    outfit = outfit_of(looks)
    odd = ODD.get(outfit.body)
    if odd is not None:
        odd(c, looks, pose, outfit)
        return
    f = frame_of(looks, outfit)
    wear = "dress" if "dress" in looks.wear and outfit.body in ("dress", "long") else "top"
    told = {**looks.wear, wear: looks.wear.get("dress") or looks.wear.get("top", "")}
    top = Looks(looks.kind, looks.age, looks.key, told).pick(wear, colours(outfit.tops))
    _behind(c, f, outfit, looks)
    back_hair(c, looks, outfit, f.head, f.head_y)
    _arm(c, f, outfit, looks, pose, top, False)
    _legs(c, f, outfit, looks, pose)
    _torso(c, f, outfit, looks, top)
    skin = skin_of(looks, outfit)
    c.soft(curves.box(-0.045, f.neck - 0.03, 0.05, f.neck + 0.06, 0.02), shade_of(skin), line=False)
    if "scarf" in looks.wear or "neckerchief" in outfit.extra:
        tone = looks.wear.get("scarf", "")
        scarf(c, 0.0, f.neck + 0.015, f.shoulder * 0.95, 0.05, COLOURS.get(tone, (214, 72, 66)))
    prop = pose.prop or next((p for p in ("staff", "wand", "sword", "broom", "cane") if p in outfit.extra), "")
    if prop:
        held = Pose(pose.action, pose.mood, prop)
        hx, hy = hand_of(f, held, False)
        if not pose.prop:
            pose = held
            _arm(c, f, outfit, looks, pose, top, False)
        hold(c, prop, hx, hy, looks)
        c.dot(hx, hy, f.arm_w * 0.46, skin)
    _arm(c, f, outfit, looks, pose, top, True)
    draw_head(c, looks, pose, outfit, f.head, f.head_y, skin)
