"""Clothes: the trunk in its cut, buttons and belts, and what hangs behind. Units of the person's height."""

from __future__ import annotations

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, hexa, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks
from app.services.engines.builtin.picture.limbs import Frame
from app.services.engines.builtin.picture.outfits import SKINS, Outfit, colours
from app.services.engines.builtin.picture.puppet import Puppet

CAPE: tuple[RGB, ...] = ((190, 52, 60), (64, 84, 158), (96, 62, 128), (44, 120, 104))
COVER = {
    "dress": 0.5,
    "long": 0.95,
    "robe": 0.95,
    "hanfu": 0.95,
    "kasaya": 0.95,
    "straw": 0.5,
    "coat": 0.3,
    "labcoat": 0.5,
}
"""How much of a bent leg the clothes cover."""


def skin_of(looks: Looks, outfit: Outfit) -> RGB:
    """The colour of somebody's skin."""
    return hexa(outfit.skin) if outfit.skin else SKINS[looks.number("skin") % 3 if looks.number("tan") % 4 else 3]


def draw_trunk(c: Puppet, f: Frame, outfit: Outfit, looks: Looks, top: RGB, *, folded: bool) -> None:
    """The trunk of one who stands at (0, 0); ``folded`` leaves out the skirt, which then lies on the legs."""
    n, s, w, h = f.neck + 0.02, f.shoulder, f.waist, f.hip
    flare, foot = w * 1.02, h - 0.01
    if not folded and outfit.body in _CUTS:
        wide, low = _CUTS[outfit.body]
        flare, foot = f.hem * wide if wide > 0.9 else w * (wide + 0.8), h * low if low > 0.2 else low
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


_CUTS = {"dress": (1.0, 0.72), "long": (1.08, 0.045), "robe": (1.05, 0.03), "hanfu": (1.0, 0.04), "coat": (0.42, 0.72),
    "labcoat": (0.5, 0.5), "straw": (1.1, 0.66), "kasaya": (1.02, 0.04)}  # fmt: skip
"""How wide the hem is (in hems, or over 0.8 waists when below 0.9) and how low (in hip heights, or where it is)."""


def _details(c: Puppet, f: Frame, outfit: Outfit, looks: Looks, top: RGB, foot: float, flare: float) -> None:
    n, h = f.neck, f.hip
    dark, pale = shade_of(top), light_of(top)
    if outfit.body in ("dress", "long"):
        c.fill(curves.box(-0.3, h + 0.07, 0.3, h + 0.1), mix(top, dark, 0.8))
        for x in (-0.5, 0.05, 0.55):
            c.stroke([(x * f.waist, h + 0.06), (x * flare, foot)], 0.007, dark, smooth=False)
        if foot < h - 0.02:
            c.fill(curves.box(-0.4, foot, 0.4, foot + 0.028), (252, 226, 160) if "trim" in outfit.extra else pale)
        if outfit.body == "dress" and looks.number("pattern") % 3 == 1:
            for x, y in ((-0.07, 0.1), (0.06, 0.06), (0.0, 0.17), (-0.05, -0.02), (0.08, 0.19), (-0.1, 0.22)):
                c.dot(x, foot + y, 0.012, light_of(pale))
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
    elif outfit.body == "jacket":
        _jacket(c, f, top, dark)
    elif outfit.body == "straw":
        for row in range(5):
            for k in range(-4, 5):
                x, y = k * 0.05 + 0.025 * (row % 2), n - 0.06 - 0.09 * row
                c.stroke([(x, y), (x * 1.12, y - 0.075)], 0.012, dark if (k + row) % 2 else pale, smooth=False)
    elif outfit.body == "kasaya":
        c.fill([(-0.22, n + 0.05), (-0.03, n + 0.06), (0.3, h + 0.06), (0.3, h - 0.2), (-0.1, h + 0.12)], (206, 92, 58))
        c.stroke([(-0.03, n + 0.05), (0.3, h + 0.06)], 0.009, (250, 214, 120), smooth=False)
        c.stroke([(-0.02, h), (0.0, foot)], 0.007, dark, smooth=False)
        for k in range(5):
            c.dot(-0.05 + 0.028 * k, n - 0.05 - 0.022 * (2 - abs(k - 2)), 0.015, (120, 74, 52))
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
    elif outfit.body == "armour" and "plates" in outfit.extra:
        for row in range(4):
            for k in range(-3, 4):
                x, y = k * 0.05 + 0.025 * (row % 2), n - 0.09 - 0.075 * row
                c.stroke(curves.oval(x, y, 0.027, 0.03, 0, 12)[6:12], 0.009, dark)
        c.fill(curves.box(-0.3, h + 0.03, 0.3, h + 0.075), (176, 60, 54))
        c.dot(0.02, n - 0.13, 0.035, (250, 210, 110))
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


def _jacket(c: Puppet, f: Frame, top: RGB, dark: RGB) -> None:
    """A zip, a collar and a bright band that shines in headlights."""
    n, h = f.neck, f.hip
    c.stroke([(0.03, n), (0.026, h)], 0.012, dark, smooth=False)
    c.fill(curves.box(-0.3, h + 0.09, 0.3, h + 0.125), (244, 246, 240))
    c.fill([(-0.075, n + 0.03), (0.03, n - 0.05), (0.11, n + 0.03)], mix(top, dark, 0.7))
    c.dot(-0.06, n - 0.1, 0.022, (255, 252, 240))


def draw_behind(c: Puppet, f: Frame, outfit: Outfit, looks: Looks, *, folded: bool) -> None:
    """Wings, cape and pack."""
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
        low = f.hip - 0.06 if folded else 0.07
        c.soft(
            curves.smooth(
                [
                    (-f.shoulder, f.neck + 0.01),
                    (f.shoulder, f.neck + 0.01),
                    (f.hem * 0.95, low + 0.09),
                    (f.hem * 0.3, low + 0.03),
                    (-f.hem * 0.6, low + 0.05),
                    (-f.hem * 1.45, low),
                    (-f.hem * 1.0, low + 0.28 * (1 - low)),
                ]
            ),
            cape,
        )
    if "pack" in outfit.extra or "bag" in looks.wear:
        c.soft(curves.box(-f.shoulder - 0.1, f.hip + 0.05, 0.05, f.neck + 0.02, 0.05), (206, 208, 212))
