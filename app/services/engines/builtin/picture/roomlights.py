"""Lamps of a room: on a foot, on a table, on a cord. They glow the more the darker it is."""

from __future__ import annotations

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB
from app.services.engines.builtin.picture.interior import Room


def lamp(room: Room, layer: str, x: float, k: float, height: float, shade: RGB = (255, 228, 168)) -> None:
    """A lamp on a foot from the floor or a table top; it glows the more the darker it is."""
    stage, c = room.stage, room.stage[layer]
    u = stage.unit * k
    px, py = room.at(x, 0.0, k)
    top = py - height * u
    c.fill(curves.box(px - u * 0.005, top, px + u * 0.005, py), (120, 90, 76))
    c.soft(curves.oval(px, py, u * 0.045, u * 0.011), (120, 90, 76))
    c.soft(
        [
            (px - u * 0.07, top + u * 0.03),
            (px - u * 0.042, top - u * 0.06),
            (px + u * 0.042, top - u * 0.06),
            (px + u * 0.07, top + u * 0.03),
        ],
        shade,
    )
    dark = stage.palette.dark
    stage.lamp(layer, px, top, u * (0.26 + 0.22 * dark), strength=0.22 + 0.5 * dark)
    if dark > 0.4:
        stage.lamp("sky", px, top - u * 0.02, u * 0.5, strength=0.35)
        stage.lamp("subject", px, py + u * 0.06, u * 0.4, strength=0.16)


def table_lamp(room: Room, x: float, y: float, layer: str = "mid") -> None:
    """A small lamp that stands at (x, y) pixels."""
    stage, c, u = room.stage, room.stage[layer], room.stage.unit
    c.soft(curves.oval(x, y, u * 0.022, u * 0.008), (150, 110, 84))
    c.fill(curves.box(x - u * 0.004, y - u * 0.05, x + u * 0.004, y), (150, 110, 84))
    c.soft(
        [
            (x - u * 0.038, y - u * 0.045),
            (x - u * 0.022, y - u * 0.09),
            (x + u * 0.022, y - u * 0.09),
            (x + u * 0.038, y - u * 0.045),
        ],
        (255, 222, 150),
    )
    dark = stage.palette.dark
    stage.lamp(layer, x, y - u * 0.06, u * (0.16 + 0.2 * dark), strength=0.25 + 0.5 * dark)
    if dark > 0.4:
        stage.lamp("sky", x, y - u * 0.08, u * 0.36, strength=0.4)


def hanging_lamp(room: Room, x: float, drop: float, tone: RGB) -> None:
    """A lamp on a cord from above; x and ``drop`` in pixels."""
    stage, c, u = room.stage, room.stage["mid"], room.stage.unit
    c.fill(curves.box(x - u * 0.0025, -5, x + u * 0.0025, drop), (96, 76, 76))
    c.soft(
        curves.smooth(
            [
                (x - u * 0.075, drop + u * 0.05),
                (x - u * 0.03, drop),
                (x + u * 0.03, drop),
                (x + u * 0.075, drop + u * 0.05),
            ],
            steps=5,
        ),
        tone,
    )
    c.fill(curves.oval(x, drop + u * 0.052, u * 0.024, u * 0.016), (255, 240, 196))
    stage.lamp(
        "mid",
        x,
        drop + u * 0.06,
        u * (0.3 + 0.25 * stage.palette.dark),
        strength=0.2 + 0.4 * stage.palette.dark,
        core=u * 0.01,
    )
