"""Places under a roof where people live: bedroom, living room, kitchen, study, hospital."""

from __future__ import annotations

from dataclasses import replace

from app.services.engines.builtin.picture import curves
from app.services.engines.builtin.picture.colour import RGB, WHITE, light_of, mix, shade_of
from app.services.engines.builtin.picture.furniture import (
    CLOTHS,
    WOOD,
    bed,
    block,
    chair,
    cosy,
    drawers,
    floor_plant,
    ground_shadow,
    picture,
    put,
    rug,
    shelf,
    sofa,
    table,
    wall_door,
)
from app.services.engines.builtin.picture.interior import Room, make_room, shell, side_window, window
from app.services.engines.builtin.picture.nooks import nook, quilt_of
from app.services.engines.builtin.picture.roomlights import hanging_lamp, lamp, table_lamp
from app.services.engines.builtin.picture.stage import Stage

WALLS: tuple[RGB, ...] = (
    (246, 224, 190),
    (206, 222, 214),
    (240, 208, 196),
    (214, 212, 232),
    (250, 232, 196),
    (196, 214, 226),
)
CURTAINS: tuple[RGB, ...] = ((226, 120, 110), (110, 150, 190), (246, 196, 110), (140, 176, 130))
RUGS: tuple[RGB, ...] = ((210, 110, 100), (100, 140, 180), (150, 170, 120), (224, 170, 100))


def brings(stage: Stage, *names: str) -> None:
    """These things are part of the place: nobody sets them a second time."""
    stage.scene = replace(stage.scene, props=tuple(p for p in stage.scene.props if p not in names))


def sides(stage: Stage) -> tuple[float, float, int]:
    """x in pixels where the main furniture stands (away from the hero) and behind the hero, and the main side."""
    side = 1 if stage.hero_x < 0.5 else -1
    return stage.width * (0.5 + 0.28 * side), stage.width * (0.5 - 0.36 * side), side


def wall_y(room: Room, height: float) -> float:
    """y in pixels of a height (units) on the rear wall."""
    return room.edge - height * room.stage.unit


def bedroom(stage: Stage) -> None:
    """A bed under the window, a nursery with toys, or an attic with beams."""
    u, rng = stage.unit, stage.rng
    brings(stage, "bed", "window", "lamp", "cupboard", "chair")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=plan, tall=0.54 if plan == 2 else 0.6)
    shell(stage, room, rng.choice(WALLS), "wood", paper=("stripes", "dots", "plain")[plan])
    curtain = rng.choice(CURTAINS)
    wx = (x * 0.3 + stage.width * 0.5 * 0.7) if plan == 0 else (stage.width * 0.5 + side * u * 0.02)
    window(stage, room, wx, wall_y(room, 0.34), u * 0.28, u * 0.26, curtain, arch=plan == 1)
    if plan == 1:
        side_window(stage, room, side, 1.12, 1.5, 0.2, 0.46)
    if plan == 2:
        _beams(stage, room)
    bx = room.across(min(max(x, u * 0.3), stage.width - u * 0.3), 1.15)
    bed(room, bx, side, quilt_of(stage))
    for k, (dx, h, a, b) in enumerate(((0.0, 0.5, 0.062, 0.05), (0.15, 0.44, 0.04, 0.05))):
        if plan != 2 or k == 0:
            picture(room, x + side * u * (dx + 0.06), wall_y(room, h), u * a, u * b)
    nx = room.across(x2, 1.1)
    y = drawers(room, (nx - 0.1, nx + 0.1), (1.03, 1.17), 0.17, mix(WOOD, WHITE, 0.2))
    table_lamp(room, room.at(nx, 0, 1.1)[0], y)
    if plan == 1:
        for k, name in enumerate(("ball", "drum", "blocks")):
            put(room, "mid", name, x - side * u * (0.1 + 0.13 * k), stage.feet - u * (0.075 - 0.01 * k), 0.9)
    else:
        floor_plant(room, "mid", x2 + side * u * 0.19, room.edge + u * 0.03, u * 0.17)
    _named_door(stage, room)
    rug(room, stage.width * stage.hero_x, rng.choice(RUGS))
    cosy(room, (("ball", "blocks", "book")[plan], "book"))


def _named_door(stage: Stage, room: Room) -> None:
    if "door" in stage.scene.props:
        brings(stage, "door")
        wall_door(room, stage.width * (0.5 - (0.17 if stage.hero_x < 0.5 else -0.17)))


def _beams(stage: Stage, room: Room) -> None:
    c, u, w = stage["far"], stage.unit, stage.width
    for x0, x1 in ((0.0, 0.3), (1.0, 0.7)):
        roof = [(w * x0, room.top - u * 0.5), (w * x1, room.top - u * 0.05), (w * x0, room.top + u * 0.26)]
        c.fill(roof, (176, 136, 104))
        c.fill(
            [
                (w * x0, room.top + u * 0.2),
                (w * x1, room.top - u * 0.09),
                (w * x1, room.top - u * 0.03),
                (w * x0, room.top + u * 0.28),
            ],
            (136, 98, 76),
        )
    c.fill(curves.box(-9, room.top - u * 0.1, w + 9, room.top - u * 0.04), (146, 106, 82))


def living(stage: Stage) -> None:
    """A sitting room: sofa and tea table, a fireside, or a piano by the window."""
    u, rng = stage.unit, stage.rng
    brings(stage, "sofa", "window", "lamp", "fireplace", "bookshelf")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=plan)
    shell(stage, room, rng.choice(WALLS), "wood", paper=("panels", "panels", "stripes")[plan])
    window(stage, room, x2 + side * u * 0.16, wall_y(room, 0.34), u * 0.26, u * 0.3, rng.choice(CURTAINS))
    fx = room.across(x, 1.12)
    if plan == 1 or "campfire" in stage.scene.props:
        brings(stage, "campfire")
        _fireplace(stage, room, room.across(x, 1.0))
        chair(room, "mid", room.across(x - side * u * 0.26, 1.3), 1.3, mix(WOOD, (120, 60, 60), 0.4), free=True)
    elif plan == 2:
        brings(stage, "piano")
        put(room, "mid", "piano", x, room.edge + u * 0.05, 1.0)
        picture(room, x, wall_y(room, 0.44), u * 0.08, u * 0.06)
    else:
        sofa(room, fx, 1.14, rng.choice(((206, 112, 100), (110, 150, 150), (214, 168, 100), (136, 136, 176))))
        picture(room, x, wall_y(room, 0.44), u * 0.11, u * 0.07)
        y = table(room, "mid", room.across(x, 1.44), 1.44, 0.22, 0.07)
        put(room, "mid", "teapot", x, y + u * 0.006, 0.7)
    lamp(room, "mid", room.across(x + side * u * 0.3, 1.08), 1.08, 0.34)
    shelf(room, "far", (room.across(x2, 1.0) - 0.13, room.across(x2, 1.0) + 0.03), (1.0, 1.06), 0.4, 3)
    floor_plant(room, "mid", x2 + side * u * 0.14, room.edge + u * 0.035, u * 0.2)
    _named_door(stage, room)
    rug(room, stage.width * stage.hero_x, rng.choice(RUGS))
    cosy(room, ("basket", "ball"))


def _fireplace(stage: Stage, room: Room, x: float) -> None:
    u, brick = stage.unit, (186, 120, 100)
    block(room, "mid", (x - 0.17, x + 0.17), (1.0, 1.1), (0.0, 0.27), brick)
    block(room, "mid", (x - 0.2, x + 0.2), (1.0, 1.13), (0.27, 0.295), WOOD)
    c = stage["mid"]
    block(room, "mid", (x - 0.12, x + 0.12), (1.0, 1.06), (0.295, 0.7), brick)
    (ax, ay), (bx, by) = room.at(x - 0.1, 0.0, 1.1), room.at(x + 0.1, 0.17, 1.1)
    c.fill(
        curves.smooth([(ax, ay), (ax, by + u * 0.04), ((ax + bx) / 2, by), (bx, by + u * 0.04), (bx, ay)], steps=4),
        (58, 40, 44),
    )
    cx, h = (ax + bx) / 2, u * 0.12
    put(room, "mid", "campfire", cx, ay - u * 0.006, 0.72)
    stage.lamp("mid", cx, ay - h * 0.5, u * 0.4, (255, 170, 84), 0.55)
    stage.lamp("subject", cx, ay + u * 0.06, u * 0.5, (255, 170, 84), 0.2)
    w, hh = stage.width, stage.height
    box = (max(0.0, (cx - u * 0.05) / w), (ay - h) / hh, min(1.0, (cx + u * 0.05) / w), (ay - u * 0.015) / hh)
    stage.effect("fire", 0.6, (255, 176, 80), depth=0.5, box=box)
    for k, name in enumerate(("clock", "candle", "vase")):
        p = room.at(x - 0.13 + 0.13 * k, 0.297, 1.06)
        put(room, "mid", name, *p, 0.6)


def kitchen(stage: Stage) -> None:
    """A cooking place: counter and stove, a table laid for breakfast, or a baker's oven."""
    u, rng = stage.unit, stage.rng
    brings(stage, "stove", "table", "window", "chair", "cupboard", "teapot")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=plan)
    wall: RGB = rng.choice(((250, 234, 200), (222, 232, 220), (244, 220, 200)))
    shell(stage, room, wall, "tile", paper="plain")
    _tiles(stage, room, wall)
    window(
        stage,
        room,
        stage.width * 0.5 + side * u * 0.02,
        wall_y(room, 0.4),
        u * 0.27,
        u * 0.22,
        rng.choice(CURTAINS) if plan == 1 else None,
    )
    cx = room.across(x, 1.06)
    front: RGB = rng.choice(((150, 190, 186), (214, 150, 120), (226, 206, 150), (160, 176, 206)))
    block(room, "mid", (cx - 0.34, cx + 0.34), (1.0, 1.16), (0.0, 0.2), front)
    block(room, "mid", (cx - 0.35, cx + 0.35), (0.995, 1.175), (0.2, 0.222), (206, 156, 110))
    c = stage["mid"]
    for k in range(5):
        (ax, ay), (bx, by) = room.at(cx - 0.33 + 0.132 * k, 0.02, 1.16), room.at(cx - 0.21 + 0.132 * k, 0.18, 1.16)
        c.soft(curves.box(ax, by, bx, ay, 2), light_of(front), light=0.3)
        c.dot(bx - u * 0.015, (ay + by) / 2, u * 0.006, shade_of(front))
    _stove(stage, room, cx + side * 0.2)
    px, floor = room.at(cx + side * 0.02, 0.0, 1.3)
    px = min(max(px, stage.width * 0.24), stage.width * 0.76)
    nook(stage, "stove", px, floor, floor, side)
    for k, tone in enumerate(((226, 110, 90), (246, 200, 110), (130, 170, 130))):
        px, py = room.at(cx - side * (0.02 + 0.09 * k), 0.222, 1.05)
        c.soft(curves.box(px - u * 0.024, py - u * (0.07 - 0.012 * (k % 2)), px + u * 0.024, py, u * 0.008), tone)
        c.soft(
            curves.box(
                px - u * 0.018, py - u * (0.085 - 0.012 * (k % 2)), px + u * 0.018, py - u * (0.068 - 0.012 * (k % 2))
            ),
            shade_of(tone),
        )
    _rack(stage, room, x)
    if plan == 1:
        tx = room.across(x - side * u * 0.1, 1.5)
        y = table(room, "mid", tx, 1.48, 0.26, 0.13, cloth=rng.choice(CLOTHS), work="table")
        for k, name in enumerate(("teapot", "bread", "apple")):
            put(room, "mid", name, room.at(tx - 0.08 + 0.08 * k, 0, 1.48)[0], y + u * 0.008, 0.62)
    hanging_lamp(room, stage.width * 0.5 - side * u * 0.1, room.top + u * 0.09, (226, 110, 90))
    shelf(
        room,
        "far",
        (room.across(x2, 1.0) - 0.06, room.across(x2, 1.0) + 0.12),
        (1.0, 1.06),
        0.46,
        4,
        tone=(206, 160, 116),
    )
    cosy(room, ("basket", "barrel"))


def _tiles(stage: Stage, room: Room, wall: RGB) -> None:
    c, u = stage["sky"], stage.unit
    y0, x = room.edge - u * 0.34, max(-9.0, room.left)
    while x < min(stage.width + 9, room.right):
        for k in range(3):
            tone = (WHITE, light_of(wall))[(k + int(x / (u * 0.05))) % 2]
            c.fill(curves.box(x, y0 + k * u * 0.04, x + u * 0.046, y0 + k * u * 0.04 + u * 0.036), tone, 0.35)
        x += u * 0.05


def _stove(stage: Stage, room: Room, x: float) -> None:
    u, c = stage.unit, stage["mid"]
    block(room, "mid", (x - 0.085, x + 0.085), (1.0, 1.19), (0.0, 0.226), (92, 92, 106))
    (ax, ay), (bx, by) = room.at(x - 0.06, 0.035, 1.19), room.at(x + 0.06, 0.14, 1.19)
    c.soft(curves.box(ax, by, bx, ay, u * 0.01), (255, 176, 90), light=0.4)
    stage.lamp("mid", (ax + bx) / 2, (ay + by) / 2, u * 0.12, (255, 170, 90), 0.3 + 0.3 * stage.palette.dark)
    for k in range(4):
        p = room.at(x - 0.055 + 0.036 * k, 0.19, 1.19)
        c.dot(*p, u * 0.008, (226, 222, 214))
    put(room, "mid", "pot", *room.at(x, 0.228, 1.08), 1.0)
    p = room.at(x, 0.32, 1.08)
    w, h = stage.width, stage.height
    box = (max(0.0, (p[0] - u * 0.04) / w), max(0.0, (p[1] - u * 0.2) / h), min(1.0, (p[0] + u * 0.05) / w), p[1] / h)
    stage.effect("smoke", 0.3, (255, 255, 255), depth=0.5, box=box)


def _rack(stage: Stage, room: Room, x: float) -> None:
    """Plates and cups on boards, pans on hooks."""
    far, u = stage["far"], stage.unit
    for height in (0.36, 0.46):
        y = wall_y(room, height)
        far.soft(curves.box(x - u * 0.26, y, x + u * 0.26, y + u * 0.014), WOOD)
        for k in range(6):
            px, tone = x - u * 0.22 + k * u * 0.088, ((236, 150, 120), (250, 244, 232), (130, 170, 190))[k % 3]
            if k % 2:
                far.soft(curves.oval(px, y - u * 0.032, u * 0.032, u * 0.032), tone)
                far.soft(curves.oval(px, y - u * 0.032, u * 0.018, u * 0.018), light_of(tone))
            else:
                far.soft(curves.box(px - u * 0.02, y - u * 0.042, px + u * 0.02, y, u * 0.008), tone)
                far.stroke(
                    curves.oval(px + u * 0.024, y - u * 0.022, u * 0.01, u * 0.012),
                    max(1.0, u * 0.004),
                    tone,
                    closed=True,
                )


def study(stage: Stage) -> None:
    """A desk with a lamp between books: by the window, before a wall of shelves, or with scrolls and ink."""
    u, rng = stage.unit, stage.rng
    brings(stage, "bookshelf", "desk", "window", "chair", "lamp", "table")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=plan)
    wall: RGB = rng.choice(((196, 176, 150), (150, 166, 150), (186, 150, 132), (172, 180, 192)))
    shell(stage, room, wall, "wood", paper="panels")
    window(
        stage,
        room,
        x - side * u * 0.04 if plan == 0 else x2 + side * u * 0.2,
        wall_y(room, 0.37),
        u * 0.26,
        u * 0.28,
        rng.choice(CURTAINS),
    )
    rx = room.across(x2, 1.0)
    shelf(room, "far", (rx - 0.16, rx + 0.1), (1.0, 1.08), 0.5, 5)
    if plan != 0:
        fx = room.across(x, 1.0)
        shelf(room, "far", (fx - 0.24, fx + 0.26), (1.0, 1.08), 0.5, 5)
    tx = room.across(x, 1.28)
    chair(room, "mid", tx - 0.02, 1.1, (150, 96, 72))
    y = table(room, "mid", tx, 1.28, 0.42, 0.15, (150, 100, 72), work="desk")
    table_lamp(room, x + side * u * 0.2, y)
    for k, name in enumerate(("book", "globe", "letter")):
        put(room, "mid", name, x - side * u * (0.2 - 0.13 * k), y + u * 0.012, 0.75)
    c = stage["mid"]
    for k in range(3):
        tone = ((214, 92, 84), (92, 140, 180), (240, 190, 92))[k]
        c.soft(
            curves.box(
                x + side * u * 0.06 - u * 0.045,
                y - u * 0.016 * (k + 1),
                x + side * u * 0.06 + u * 0.04,
                y - u * 0.016 * k,
                2,
            ),
            tone,
        )
    put(room, "mid", "clock", x2 + side * u * 0.3, room.edge + u * 0.03, 1.0) if plan == 2 else None
    rug(room, stage.width * stage.hero_x, rng.choice(((150, 76, 76), (76, 100, 120), (116, 100, 76))))
    cosy(room, ("book", "bag"))


def hospital(stage: Stage) -> None:
    """A light ward: beds behind curtains, a drip, a chart, flowers by the bed."""
    u, rng = stage.unit, stage.rng
    brings(stage, "bed", "window", "chair")
    plan = rng.randrange(3)
    x, x2, side = sides(stage)
    room = make_room(stage, plan=plan)
    wall: RGB = rng.choice(((224, 238, 236), (232, 236, 246), (240, 240, 228)))
    shell(stage, room, wall, "tile")
    c = stage["sky"]
    c.fill(curves.box(room.left, wall_y(room, 0.17), room.right, wall_y(room, 0.14)), (130, 196, 190), 0.8)
    window(
        stage, room, stage.width * 0.5, wall_y(room, 0.37), u * (0.4 if plan == 0 else 0.26), u * 0.26, None, panes=3
    )
    bx = room.across(min(max(x, u * 0.3), stage.width - u * 0.3), 1.15)
    bed(room, bx, side, quilt_of(stage))
    far = stage["far"]
    rail = wall_y(room, 0.52)
    far.fill(curves.box(-9, rail, stage.width + 9, rail + u * 0.008), (176, 186, 196))
    for k in range(7):
        a = x + side * u * (0.16 + 0.045 * k)
        far.soft(
            curves.smooth(
                [
                    (a, rail),
                    (a + side * u * 0.045, rail),
                    (a + side * u * 0.05, room.edge - u * 0.06),
                    (a - side * u * 0.004, room.edge - u * 0.06),
                ],
                steps=3,
            ),
            mix((150, 206, 206), WHITE, 0.25 * (k % 2)),
        )
    px, py = room.at(bx - side * 0.33, 0.0, 1.12)
    mid = stage["mid"]
    mid.fill(curves.box(px - u * 0.004, py - u * 0.42, px + u * 0.004, py), (170, 178, 190))
    mid.soft(curves.oval(px, py, u * 0.05, u * 0.012), (170, 178, 190))
    mid.soft(curves.box(px - u * 0.006, py - u * 0.42, px + u * 0.05, py - u * 0.31, u * 0.012), (206, 236, 246))
    far.soft(curves.box(x - u * 0.05, wall_y(room, 0.42), x + u * 0.05, wall_y(room, 0.32)), WHITE)
    far.soft(curves.box(x - u * 0.012, wall_y(room, 0.405), x + u * 0.012, wall_y(room, 0.335)), (226, 90, 90))
    far.soft(
        curves.box(x - u * 0.036, wall_y(room, 0.382), x + u * 0.036, wall_y(room, 0.358)), (226, 90, 90), line=False
    )
    nx = room.across(x2, 1.1)
    y = drawers(room, (nx - 0.08, nx + 0.08), (1.03, 1.16), 0.15, (226, 232, 236))
    put(room, "mid", "vase", room.at(nx, 0, 1.1)[0], y, 1.0)
    ground_shadow(room, "mid", (nx - 0.08, nx + 0.08), (1.03, 1.16), 0.1)
