"""What is sewn on each kind of dress: folds, buttons, seams, patterns, belts. Units of the person's height."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks
from app.services.engines.builtin.picture.limbs import Frame
from app.services.engines.builtin.picture.outfits import Outfit, colours
from app.services.engines.builtin.picture.puppet import Puppet


@dataclass(frozen=True)
class Cloth:
    """A trunk that is being dressed: proportions, who wears what, its colour, and where its hem is."""

    f: Frame
    outfit: Outfit
    looks: Looks
    top: RGB
    foot: float
    flare: float
    """Half the width of the hem."""

    @property
    def dark(self) -> RGB:
        return shade_of(self.top)

    @property
    def pale(self) -> RGB:
        return light_of(self.top)


def _gown(c: Puppet, t: Cloth) -> None:
    """Folds that fall to the hem, and dots on some dresses."""
    h = t.f.hip
    f, outfit, looks, top, foot, flare, dark, pale = t.f, t.outfit, t.looks, t.top, t.foot, t.flare, t.dark, t.pale
    c.fill(curves.box(-0.3, h + 0.07, 0.3, h + 0.1), mix(top, dark, 0.8))
    for x in (-0.5, 0.05, 0.55):
        c.stroke([(x * f.waist, h + 0.06), (x * flare, foot)], 0.007, dark, smooth=False)
    if foot < h - 0.02:
        c.fill(curves.box(-0.4, foot, 0.4, foot + 0.028), (252, 226, 160) if "trim" in outfit.extra else pale)
    if outfit.body == "dress" and looks.number("pattern") % 3 == 1:
        for x, y in ((-0.07, 0.1), (0.06, 0.06), (0.0, 0.17), (-0.05, -0.02), (0.08, 0.19), (-0.1, 0.22)):
            c.dot(x, foot + y, 0.012, light_of(pale))


def _coat(c: Puppet, t: Cloth) -> None:
    """A front that closes with buttons over a collar."""
    n = t.f.neck
    outfit, foot, dark, pale = t.outfit, t.foot, t.dark, t.pale
    c.stroke([(0.025, n), (0.02, foot)], 0.009, dark, smooth=False)
    for k in range(3):
        c.dot(0.052, n - 0.07 - 0.08 * k, 0.011, (250, 220, 150) if "trim" in outfit.extra else pale)
    c.fill([(-0.07, n + 0.03), (0.025, n - 0.1), (0.11, n + 0.03)], (248, 244, 236) if outfit.body != "robe" else pale)
    if "trim" in outfit.extra:
        c.fill(curves.box(-0.4, foot - 0.02, 0.4, foot + 0.035), (250, 244, 234))
    if "stars" in outfit.extra:
        for x, y in ((-0.09, 0.2), (0.1, 0.14), (-0.04, 0.4), (0.1, 0.34), (-0.12, 0.08)):
            c.fill(curves.star(x, y, 0.025, turn=90), (250, 220, 120))


def _jacket(c: Puppet, t: Cloth) -> None:
    """A zip, a collar and a bright band that shines in headlights."""
    n, h = t.f.neck, t.f.hip
    top, dark = t.top, t.dark
    c.stroke([(0.03, n), (0.026, h)], 0.012, dark, smooth=False)
    c.fill(curves.box(-0.3, h + 0.09, 0.3, h + 0.125), (244, 246, 240))
    c.fill([(-0.075, n + 0.03), (0.03, n - 0.05), (0.11, n + 0.03)], mix(top, dark, 0.7))
    c.dot(-0.06, n - 0.1, 0.022, (255, 252, 240))


def _straw(c: Puppet, t: Cloth) -> None:
    """Rows of straw."""
    n = t.f.neck
    dark, pale = t.dark, t.pale
    for row in range(5):
        for k in range(-4, 5):
            x, y = k * 0.05 + 0.025 * (row % 2), n - 0.06 - 0.09 * row
            c.stroke([(x, y), (x * 1.12, y - 0.075)], 0.012, dark if (k + row) % 2 else pale, smooth=False)


def _kasaya(c: Puppet, t: Cloth) -> None:
    """A monk's cloth over one shoulder, and his beads."""
    n, h = t.f.neck, t.f.hip
    foot, dark = t.foot, t.dark
    c.fill([(-0.22, n + 0.05), (-0.03, n + 0.06), (0.3, h + 0.06), (0.3, h - 0.2), (-0.1, h + 0.12)], (206, 92, 58))
    c.stroke([(-0.03, n + 0.05), (0.3, h + 0.06)], 0.009, (250, 214, 120), smooth=False)
    c.stroke([(-0.02, h), (0.0, foot)], 0.007, dark, smooth=False)
    for k in range(5):
        c.dot(-0.05 + 0.028 * k, n - 0.05 - 0.022 * (2 - abs(k - 2)), 0.015, (120, 74, 52))


def _hanfu(c: Puppet, t: Cloth) -> None:
    """A collar that crosses and a broad sash."""
    n, h = t.f.neck, t.f.hip
    dark, pale = t.dark, t.pale
    c.stroke([(-0.1, n + 0.03), (0.06, n - 0.2)], 0.035, pale, smooth=False)
    c.stroke([(0.1, n + 0.03), (-0.05, n - 0.17)], 0.035, light_of(pale), smooth=False)
    c.fill(curves.box(-0.3, h + 0.09, 0.3, h + 0.145), mix(dark, (70, 60, 90), 0.4))


def _overall(c: Puppet, t: Cloth) -> None:
    """A bib of jean on two straps."""
    n, h = t.f.neck, t.f.hip
    outfit, looks = t.outfit, t.looks
    jean = looks.pick("trousers", colours(outfit.lower))
    c.fill(curves.box(-0.075, h - 0.05, 0.085, n - 0.12), jean)
    c.fill(curves.box(-0.3, h - 0.1, 0.3, h + 0.07), jean)
    for x in (-0.06, 0.07):
        c.stroke([(x, n - 0.13), (x * 1.35, n + 0.02)], 0.025, jean, smooth=False)
        c.dot(x, n - 0.14, 0.012, (250, 214, 110))


def _plates(c: Puppet, t: Cloth) -> None:
    """Scales of iron with a mirror over the heart."""
    n, h = t.f.neck, t.f.hip
    dark = t.dark
    for row in range(4):
        for k in range(-3, 4):
            x, y = k * 0.05 + 0.025 * (row % 2), n - 0.09 - 0.075 * row
            c.stroke(curves.oval(x, y, 0.027, 0.03, 0, 12)[6:12], 0.009, dark)
    c.fill(curves.box(-0.3, h + 0.03, 0.3, h + 0.075), (176, 60, 54))
    c.dot(0.02, n - 0.13, 0.035, (250, 210, 110))


def _armour(c: Puppet, t: Cloth) -> None:
    """Plates of iron with a belt."""
    n, h = t.f.neck, t.f.hip
    dark = t.dark
    for y in (n - 0.11, n - 0.2, h + 0.03):
        c.stroke([(-0.2, y), (0, y - 0.025), (0.2, y)], 0.01, dark)
    c.fill(curves.box(-0.3, h, 0.3, h + 0.035), (128, 86, 60))


def _shirt(c: Puppet, t: Cloth) -> None:
    """Stripes, on some."""
    if t.looks.number("pattern") % 3 == 0:
        n = t.f.neck
        for k in range(3):
            c.fill(curves.box(-0.3, n - 0.07 - 0.085 * k, 0.3, n - 0.035 - 0.085 * k), light_of(t.pale))


_KINDS: dict[str, Callable[[Puppet, Cloth], None]] = {
    "dress": _gown, "long": _gown, "coat": _coat, "labcoat": _coat, "robe": _coat, "jacket": _jacket, "straw": _straw,
    "kasaya": _kasaya, "hanfu": _hanfu, "overall": _overall, "armour": _armour, "shirt": _shirt,
}  # fmt: skip


def draw_details(c: Puppet, t: Cloth) -> None:
    """What makes a trunk a coat, a robe or armour, then apron and belt."""
    kind = _KINDS.get(t.outfit.body)
    if kind is not None:
        (_plates if t.outfit.body == "armour" and "plates" in t.outfit.extra else kind)(c, t)
    h, n = t.f.hip, t.f.neck
    f, outfit, foot = t.f, t.outfit, t.foot
    if "apron" in outfit.extra:
        c.fill(curves.box(-f.waist * 0.72, foot + 0.03, f.waist * 0.8, n - 0.13, 0.03), (250, 246, 236))
    if "belt" in outfit.extra:
        c.fill(curves.box(-0.3, h + 0.06, 0.3, h + 0.1), (84, 60, 52))
        c.fill(curves.box(-0.01, h + 0.055, 0.05, h + 0.105), (248, 208, 100))
