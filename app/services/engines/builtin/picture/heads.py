"""Heads of people: hair behind and before, face, beard, glasses. (0, head_y) is the middle, r the radius."""

from __future__ import annotations

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import COLOURS, INK, RGB, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.faces import brow, cheek, eye, mouth, tears
from app.services.engines.builtin.picture.hats import draw_hat
from app.services.engines.builtin.picture.outfits import Outfit, colours
from app.services.engines.builtin.picture.stage import arc


def hair_colour(looks: Looks, outfit: Outfit) -> RGB:
    """Told, or chosen by who it is."""
    if looks.age == "old":
        return (222, 220, 218)
    return looks.pick("hair", colours(outfit.hairs))


def _pigtails(c: Canvas, looks: Looks, tone: RGB, r: float, y: float) -> None:
    band = looks.pick("ribbon", ((236, 92, 92), (250, 196, 80), (110, 176, 220)))
    style = looks.number("tails") % 3
    for s in (-1, 1):
        x = s * r * 1.06
        if style == 0:  # bunches
            c.soft(
                curves.smooth(
                    [
                        (x, y + r * 0.35),
                        (x + s * r * 0.55, y + r * 0.2),
                        (x + s * r * 0.62, y - r * 0.5),
                        (x + s * r * 0.25, y - r * 1.0),
                        (x - s * r * 0.1, y - r * 0.4),
                    ]
                ),
                tone,
            )
        elif style == 1:  # braids
            for k in range(4):
                c.soft(curves.oval(x + s * r * 0.08, y - r * (0.15 + 0.33 * k), r * (0.25 - 0.025 * k), r * 0.22), tone)
        else:  # buns
            c.soft(curves.oval(x * 0.78, y + r * 0.78, r * 0.4, r * 0.38), tone)
        c.dot(x * (0.78 if style == 2 else 1.0), y + r * (0.55 if style == 2 else 0.28), r * 0.12, band)


def back_hair(c: Canvas, looks: Looks, outfit: Outfit, r: float, y: float) -> None:
    """Hair that falls behind the body."""
    tone = shade_of(hair_colour(looks, outfit))
    if outfit.hair == "long":
        low = y - r * (2.3 if outfit.age != "child" else 2.05)
        c.soft(
            curves.smooth(
                [
                    (-r * 0.9, y + r * 0.3),
                    (0, y + r * 0.9),
                    (r * 0.75, y + r * 0.3),
                    (r * 0.9, y - r),
                    (r * 0.75, low + r * 0.3),
                    (0, low + r * 0.35),
                    (-r * 0.9, low + r * 0.1),
                    (-r * 1.12, y - r),
                ]
            ),
            tone,
        )
    elif outfit.hair == "pigtails":
        _pigtails(c, looks, tone, r, y)
    elif outfit.hair == "bob":
        c.soft(
            curves.smooth(
                [
                    (-r * 1.05, y + r * 0.2),
                    (0, y + r),
                    (r * 1.0, y + r * 0.2),
                    (r * 0.95, y - r * 0.75),
                    (0, y - r * 0.9),
                    (-r * 1.12, y - r * 0.8),
                ]
            ),
            tone,
        )
    elif outfit.hair == "bun":
        c.soft(curves.oval(-r * 0.25, y + r * 1.15, r * 0.42, r * 0.36), tone)
    elif outfit.hair == "topknot":
        c.soft(curves.oval(-r * 0.05, y + r * 1.18, r * 0.3, r * 0.28), tone)


_HAIRLINES: dict[str, tuple[tuple[float, float], ...]] = {
    "short": ((0.9, 0.32), (0.62, 0.52), (0.3, 0.34), (0.0, 0.56), (-0.35, 0.34), (-0.62, 0.5), (-0.86, 0.2)),
    "up": ((0.88, 0.34), (0.3, 0.72), (-0.3, 0.72), (-0.86, 0.3)),
    "open0": ((0.86, 0.3), (0.4, 0.4), (-0.1, 0.38), (-0.5, 0.4), (-0.86, 0.22)),
    "open1": ((0.88, 0.3), (0.5, 0.62), (-0.12, 0.74), (-0.48, 0.4), (-0.86, 0.12)),
    "open2": ((0.88, 0.2), (0.6, 0.44), (0.18, 0.66), (-0.35, 0.52), (-0.86, 0.18)),
}
"""Where hair ends on the forehead, from right to left, in head radii."""


def _fringe(c: Canvas, looks: Looks, outfit: Outfit, r: float, y: float) -> None:
    tone = hair_colour(looks, outfit)
    if outfit.hair in ("none", "bald"):
        if outfit.hair == "bald":
            for s in (-1, 1):
                c.soft(curves.oval(s * r * 0.95 - r * 0.04, y + r * 0.02, r * 0.24, r * 0.4), tone)
        return
    if outfit.hair == "tuft":
        c.soft(
            curves.tube(
                [(0, y + r * 0.9), (r * 0.1, y + r * 1.2), (r * 0.3, y + r * 1.12)], [r * 0.22, r * 0.16, r * 0.04]
            ),
            tone,
        )
        return
    top = [
        (-r * 1.05, y - r * 0.05),
        (-r * 1.0, y + r * 0.55),
        (-r * 0.55, y + r * 1.05),
        (r * 0.1, y + r * 1.14),
        (r * 0.72, y + r * 0.9),
        (r * 1.06, y + r * 0.35),
        (r * 1.04, y - r * 0.08),
    ]
    style = looks.number("fringe") % 3
    cut = "short" if outfit.hair in ("short", "boy") and outfit.age != "old" else f"open{style}"
    line = _HAIRLINES["up" if outfit.hair in ("bun", "topknot") else cut]
    inner = [(r * px, y + r * py) for px, py in line]
    c.soft(curves.smooth(top + inner, steps=5), tone)
    c.stroke(arc(-r * 0.1, y + r * 0.25, r * 0.68, 100, 150), r * 0.09, mix(tone, light_of(tone), 0.7))
    if outfit.hair == "boy":
        c.soft(
            curves.tube(
                [(-r * 0.1, y + r * 1.02), (r * 0.12, y + r * 1.3), (r * 0.36, y + r * 1.24)],
                [r * 0.26, r * 0.17, r * 0.04],
            ),
            tone,
        )


def _beard(c: Canvas, outfit: Outfit, r: float, y: float, tone: RGB) -> None:
    if outfit.beard in ("full", "long"):
        low = {"full": 1.35, "long": 2.4}[outfit.beard]
        c.soft(
            curves.smooth(
                [
                    (-r * 0.86, y - r * 0.15),
                    (-r * 0.55, y - r * 0.38),
                    (r * 0.18, y - r * 0.3),
                    (r * 0.7, y - r * 0.38),
                    (r * 0.92, y - r * 0.15),
                    (r * 0.8, y - r * 0.85),
                    (r * 0.25, y - r * low),
                    (-r * 0.3, y - r * low * 0.93),
                    (-r * 0.78, y - r * 0.85),
                ]
            ),
            tone,
        )
    elif outfit.beard == "thin":
        c.soft(
            curves.tube(
                [(r * 0.22, y - r * 0.78), (r * 0.24, y - r * 1.2), (r * 0.18, y - r * 1.75)],
                [r * 0.26, r * 0.2, r * 0.03],
            ),
            tone,
        )
    elif outfit.beard == "short":
        c.soft(
            curves.smooth(
                [
                    (-r * 0.7, y - r * 0.42),
                    (r * 0.2, y - r * 0.5),
                    (r * 0.82, y - r * 0.42),
                    (r * 0.55, y - r * 0.95),
                    (-r * 0.4, y - r * 0.95),
                ]
            ),
            tone,
        )
    for s in (-1, 1):
        c.soft(
            curves.tube(
                [
                    (r * 0.22, y - r * 0.34),
                    (r * 0.22 + s * r * 0.24, y - r * 0.36),
                    (r * 0.22 + s * r * 0.46, y - r * 0.48),
                ],
                [r * 0.16, r * 0.16, r * 0.03],
            ),
            light_of(tone),
        )


def draw_head(c: Canvas, looks: Looks, pose: Pose, outfit: Outfit, r: float, y: float, skin: RGB) -> None:
    """The head, turned a little to the right."""
    for s in (-1, 1):
        c.soft(curves.oval(s * r * 0.96 - r * 0.04, y - r * 0.08, r * 0.19, r * 0.24), mix(skin, shade_of(skin), 0.25))
    face = curves.smooth(
        [
            (0, y + r),
            (r * 0.74, y + r * 0.68),
            (r * 1.0, y - r * 0.08),
            (r * 0.72, y - r * 0.74),
            (0.06 * r, y - r * 0.97),
            (-r * 0.68, y - r * 0.76),
            (-r * 0.98, y - r * 0.08),
            (-r * 0.74, y + r * 0.68),
        ]
    )
    c.soft(face, skin, light=0.7, dark=mix(skin, (232, 150, 128), 0.45))
    tone = hair_colour(looks, outfit)
    shift, e = r * 0.2, r * (0.128 if outfit.age in ("adult", "old") else 0.145)
    if looks.small:
        e = r * 0.15
    if "bigeyes" in outfit.extra:
        e = r * 0.24
    lx, rx, ey = shift - r * 0.4, shift + r * 0.38, y - r * 0.06
    lash, fold = "lash" in outfit.extra, mix(skin, shade_of(shade_of(skin)), 0.55)
    iris = COLOURS[looks.wear["eyes"]] if looks.wear.get("eyes") in COLOURS else INK
    for ex, inward in ((lx, 1.0), (rx, -1.0)):
        if "patch" in outfit.extra and inward < 0:
            c.stroke([(-r * 0.7, y + r * 0.6), (r * 0.98, y - r * 0.1)], r * 0.07, INK, smooth=False)
            c.fill(curves.oval(ex, ey, e * 1.6, e * 1.6), INK)
            continue
        eye(c, ex, ey, e, pose, colour=mix(iris, INK, 0.55), lash=lash and inward < 0, inner=inward)
        brow(c, ex, ey, e, pose, inward, mix(shade_of(tone), INK, 0.25 if outfit.age != "old" else 0.0))
        if outfit.age == "old":
            c.stroke([(ex - inward * r * 0.3, ey - r * 0.17), (ex - inward * r * 0.14, ey - r * 0.24)], r * 0.035, fold)
    c.stroke(arc(shift + r * 0.04, y - r * 0.24, r * 0.07, 200, 340), r * 0.05, shade_of(shade_of(skin)))
    cheek(c, lx - r * 0.2, y - r * 0.34, r * 0.2, pose)
    cheek(c, rx + r * 0.16, y - r * 0.34, r * 0.17, pose)
    if outfit.beard:
        _beard(c, outfit, r, y, tone)
    mouth(c, shift, y - r * (0.52 if outfit.beard not in ("full", "long") else 0.58), r * 0.22, pose)
    tears(c, lx, ey, e, pose, -1)
    tears(c, rx, ey, e, pose, 1)
    if "glasses" in outfit.extra or "glasses" in looks.wear:
        for ex in (lx, rx):
            c.stroke(curves.oval(ex, ey, r * 0.26, r * 0.25), r * 0.05, (120, 92, 76), closed=True)
        c.stroke([(lx + r * 0.25, ey), (rx - r * 0.25, ey)], r * 0.05, (120, 92, 76), smooth=False)
    _fringe(c, looks, outfit, r, y)
    draw_hat(c, looks, outfit, r, y)
