"""Clothes: the trunk in its cut, buttons and belts, and what hangs behind. Units of the person's height."""

from __future__ import annotations

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, hexa
from app.services.engines.builtin.picture.creature import Looks
from app.services.engines.builtin.picture.limbs import Frame
from app.services.engines.builtin.picture.outfits import SKINS, Outfit
from app.services.engines.builtin.picture.puppet import Puppet
from app.services.engines.builtin.picture.trimmings import Cloth, draw_details

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
        draw_details(c, Cloth(f, outfit, looks, top, foot, flare))


_CUTS = {"dress": (1.0, 0.72), "long": (1.08, 0.045), "robe": (1.05, 0.03), "hanfu": (1.0, 0.04), "coat": (0.42, 0.72),
    "labcoat": (0.5, 0.5), "straw": (1.1, 0.66), "kasaya": (1.02, 0.04)}  # fmt: skip
"""How wide the hem is (in hems, or over 0.8 waists when below 0.9) and how low (in hip heights, or where it is)."""


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
