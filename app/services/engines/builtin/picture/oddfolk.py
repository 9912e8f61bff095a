"""Figures that are not built like people: robot, snowman, ghost, monster, mermaid."""

from __future__ import annotations

import math
from collections.abc import Callable

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.canvas import Canvas
from app.services.engines.builtin.picture.colour import COLOURS, INK, RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.creature import Looks, Pose, brow, cheek, eye, mouth, scarf, tear
from app.services.engines.builtin.picture.heads import back_hair, draw_head
from app.services.engines.builtin.picture.outfits import SKINS, Outfit, colours
from app.services.engines.builtin.picture.props import hold


def _robot(c: Canvas, looks: Looks, pose: Pose, outfit: Outfit) -> None:
    steel = looks.pick("top", colours(outfit.tops)) if "top" in looks.wear else looks.pick("coat", colours(outfit.tops))
    dark, joint = shade_of(steel), (104, 108, 124)
    step = 0.05 if pose.action in ("walk", "run") else 0.0
    for s in (1, -1):
        x = s * 0.09
        c.stroke([(x, 0.27), (x + s * step, 0.07)], 0.055, joint, smooth=False)
        c.soft(
            curves.smooth(
                [
                    (x + s * step - 0.075, 0),
                    (x + s * step + 0.095, 0),
                    (x + s * step + 0.08, 0.075),
                    (x + s * step - 0.06, 0.08),
                ]
            ),
            steel,
        )
    up = pose.action == "cheer" or pose.mood == "happy"
    hands = {
        1: (0.33, 0.66) if up and not pose.prop else (0.33, 0.4),
        -1: (-0.33, 0.66) if pose.action == "cheer" else (-0.3, 0.26),
    }
    for s in (1, -1):
        hx, hy = hands[s]
        c.stroke([(s * 0.17, 0.49), (s * 0.3, (0.49 + hy) / 2 - 0.02), (hx, hy)], 0.05, joint)
        if s > 0 and pose.prop:
            hold(c, pose.prop, hx, hy + 0.02, looks)
        c.soft(curves.oval(hx, hy, 0.05, 0.05), steel)
    c.soft(curves.box(-0.19, 0.22, 0.19, 0.55, 0.07), steel)
    c.soft(curves.box(-0.11, 0.31, 0.11, 0.47, 0.03), mix(steel, WHITE, 0.65), light=0.5)
    heart: RGB = (240, 104, 104)
    for dx in (-0.022, 0.022):
        c.dot(dx, 0.4, 0.027, heart)
    c.fill([(-0.046, 0.394), (0.046, 0.394), (0, 0.342)], heart)
    c.soft(curves.box(-0.05, 0.53, 0.05, 0.6), joint)
    c.stroke([(0, 0.92), (0.01, 1.03)], 0.022, joint, smooth=False)
    c.soft(curves.oval(0.01, 1.05, 0.035, 0.035), (250, 206, 92))
    for s in (-1, 1):
        c.soft(curves.box(s * 0.255, 0.68, s * 0.3, 0.8, 0.02), dark)
    c.soft(curves.box(-0.26, 0.57, 0.26, 0.93, 0.1), steel)
    c.soft(curves.box(-0.19, 0.63, 0.23, 0.87, 0.07), (52, 62, 84), light=0.3)
    mood = "calm" if pose.mood == "happy" else pose.mood
    for x in (-0.06, 0.11):
        c.glow(x, 0.77, 0.075, (140, 236, 240), 0.6)
        eye(c, x, 0.77, 0.036, mood if mood in ("sleepy", "warm") else "calm", colour=(150, 240, 240))
        brow(c, x, 0.77, 0.036, mood, 1 if x < 0 else -1, (150, 240, 240))
    mouth(c, 0.025, 0.685, 0.05, "calm" if mood not in ("sad", "tense", "angry") else "sad", (150, 240, 240))
    cheek(c, -0.13, 0.69, 0.035)
    cheek(c, 0.18, 0.69, 0.03)
    if "scarf" in looks.wear:
        scarf(c, 0, 0.57, 0.16, 0.045, COLOURS.get(looks.wear["scarf"], (214, 72, 66)))


def _snowman(c: Canvas, looks: Looks, pose: Pose, outfit: Outfit) -> None:
    snow: RGB = (250, 252, 255)
    for s in (-1, 1):
        tip = (s * 0.42, 0.62 if pose.mood == "happy" or pose.action == "cheer" else 0.45)
        c.stroke([(s * 0.2, 0.46), tip], 0.024, (120, 86, 66), smooth=False)
        c.stroke(
            [(s * 0.34, 0.5 + 0.08 * (tip[1] > 0.5)), (s * 0.42, tip[1] - 0.07)], 0.016, (120, 86, 66), smooth=False
        )
    c.soft(curves.oval(0, 0.24, 0.3, 0.25), snow, dark=(186, 204, 232))
    c.soft(curves.oval(0, 0.55, 0.21, 0.185), snow, dark=(186, 204, 232))
    for y in (0.47, 0.55, 0.63):
        c.dot(0.03, y, 0.018, INK)
    c.soft(curves.oval(0, 0.82, 0.17, 0.16), snow, dark=(186, 204, 232))
    scarf(c, 0, 0.7, 0.17, 0.05, looks.pick("scarf", ((214, 72, 66), (74, 128, 190), (92, 156, 96))))
    for x in (-0.03, 0.1):
        eye(c, x, 0.86, 0.02, pose.mood)
    c.soft([(0.035, 0.83), (0.035, 0.785), (0.2, 0.8)], (244, 144, 62))
    mouth(c, 0.03, 0.75, 0.045, pose.mood)
    cheek(c, -0.09, 0.79, 0.03)
    c.soft(curves.box(-0.11, 0.95, 0.11, 1.14, 0.01), (72, 64, 82))
    c.soft(curves.oval(0, 0.95, 0.18, 0.028), (72, 64, 82))
    c.fill(curves.box(-0.11, 0.97, 0.11, 1.005), (206, 70, 66))


def _ghost(c: Canvas, looks: Looks, pose: Pose, outfit: Outfit) -> None:
    c.glow(0, 0.5, 0.62, (220, 230, 255), 0.35)
    c.soft(
        curves.smooth(
            [
                (0, 0.98),
                (0.3, 0.8),
                (0.34, 0.4),
                (0.38, 0.08),
                (0.22, 0.16),
                (0.1, 0.04),
                (-0.05, 0.15),
                (-0.2, 0.04),
                (-0.26, 0.17),
                (-0.4, 0.1),
                (-0.33, 0.45),
                (-0.3, 0.8),
            ]
        ),
        (250, 250, 255),
        dark=(190, 196, 232),
    )
    for x in (-0.06, 0.14):
        eye(c, x, 0.66, 0.045, pose.mood)
        cheek(c, x + (0.07 if x > 0 else -0.07), 0.58, 0.04)
    mouth(c, 0.05, 0.54, 0.055, pose.mood)
    if pose.mood == "sad":
        tear(c, -0.1, 0.57, 0.03)


def _monster(c: Canvas, looks: Looks, pose: Pose, outfit: Outfit) -> None:
    tone = looks.pick("coat", colours(outfit.tops))
    for s in (-1, 1):
        c.soft(
            curves.tube(
                [(s * 0.3, 0.5), (s * 0.42, 0.4), (s * 0.44, 0.6 if pose.action == "cheer" else 0.26)],
                [0.13, 0.12, 0.11],
            ),
            shade_of(tone) if s > 0 else tone,
        )
        c.soft(curves.oval(s * 0.16, 0.06, 0.13, 0.065), shade_of(tone))
        c.soft(curves.tube([(s * 0.15, 0.86), (s * 0.25, 0.98), (s * 0.22, 1.08)], [0.1, 0.07, 0.02]), (250, 232, 190))
    points = []
    for k in range(26):
        a = 2 * math.pi * k / 26
        r = 1.0 + (0.05 if k % 2 else -0.01)
        points.append((0.35 * r * math.sin(a), 0.48 + 0.44 * r * math.cos(a)))
    c.soft(curves.smooth(points, steps=3), tone)
    c.fill(curves.oval(0.02, 0.28, 0.2, 0.18), mix(tone, WHITE, 0.4), 0.8)
    for x, y in ((-0.24, 0.42), (0.26, 0.5), (-0.2, 0.66)):
        c.dot(x, y, 0.03, light_of(tone))
    for x in (-0.08, 0.15):
        c.soft(curves.oval(x, 0.68, 0.085, 0.095), WHITE, light=0.3)
        eye(c, x + 0.015, 0.67, 0.042, pose.mood if pose.mood != "surprised" else "calm")
        brow(c, x, 0.7, 0.05, pose.mood, 1 if x < 0 else -1, shade_of(shade_of(tone)))
    mouth(c, 0.04, 0.5, 0.1, pose.mood)
    if pose.mood not in ("sad", "surprised"):
        for x in (-0.02, 0.09):
            c.fill([(x - 0.022, 0.505), (x + 0.022, 0.505), (x, 0.46)], WHITE)
    cheek(c, -0.17, 0.55, 0.05)
    cheek(c, 0.25, 0.55, 0.045)


def _mermaid(c: Canvas, looks: Looks, pose: Pose, outfit: Outfit) -> None:
    tail = looks.pick("coat", colours(outfit.tops))
    r, y = 0.19, 0.81
    skin = SKINS[looks.number("skin") % 3]
    back_hair(c, looks, outfit, r, y)
    for s in (1, -1):
        hand = (0.22, 0.5) if s > 0 else (-0.2, 0.42)
        c.soft(curves.tube([(s * 0.09, 0.58), (s * 0.18, 0.5), hand], [0.065, 0.055, 0.05]), skin)
    c.soft(
        curves.smooth([(-0.3, 0.1), (-0.45, 0.2), (-0.52, 0.07), (-0.38, 0.03), (-0.46, -0.08), (-0.3, -0.02)]),
        light_of(tail),
    )
    c.soft(curves.tube([(0.0, 0.48), (0.02, 0.26), (-0.12, 0.1), (-0.34, 0.06)], [0.2, 0.23, 0.15, 0.05]), tail)
    for k in range(7):
        x, yy = 0.0 - 0.012 * k * k * 0.5, 0.4 - 0.045 * k
        c.stroke(curves.oval(x, yy, 0.06, 0.03, 0, 12)[6:12], 0.008, light_of(tail))
    c.soft(curves.smooth([(-0.09, 0.6), (0.09, 0.6), (0.1, 0.44), (-0.1, 0.44)]), skin)
    for x in (-0.042, 0.05):
        c.soft(curves.oval(x, 0.545, 0.048, 0.04), (244, 150, 150))
    draw_head(c, looks, pose, outfit, r, y, skin)


ODD: dict[str, Callable[[Canvas, Looks, Pose, Outfit], None]] = {
    "robot": _robot,
    "snowman": _snowman,
    "ghost": _ghost,
    "monster": _monster,
    "tail": _mermaid,
}
"""Bodies that have a drawing of their own."""
