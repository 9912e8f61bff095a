from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pytest

from app.core.errors import EngineFailed
from app.models.engine import DrawnClip, Layer, LayerSet, Life
from app.services.media.layers import Stage, read_stage
from app.services.media.life import Puppet, leader
from app.services.media.motion import Motion
from app.services.media.planes import Planes, blank

SIZE = (1600, 900)
KINDS = get_args(Life.model_fields["kind"].annotation)
Lively = Callable[..., tuple[Path, Path]]


def life(kind: str, **more: Any) -> Life:
    return Life.model_validate({"kind": kind, "foot": (0.5, 0.8), "height": 0.4, "phase": 0.3, **more})


def puppet(one: Life, seconds: float = 8.0, seed: int = 1) -> Puppet:
    return Puppet(one, SIZE, seconds, seed, one)


def seen(one: Puppet, seconds: float, point: tuple[float, float]) -> np.ndarray:
    """Where a point of the drawing is seen then, both in pixels of the picture."""
    matrix = cv2.invertAffineTransform(one.matrix(seconds))
    return matrix @ (point[0], point[1], 1.0)


@pytest.fixture
def lively(tmp_path: Path) -> Lively:
    """Writes a stage of 200x112: sky, a figure whose drawings differ by colour, and a bar in front of its head."""

    def write(one: Life, bar: bool = False) -> tuple[Path, Path]:
        sky = np.full((112, 200, 3), (150, 140, 130), np.uint8)
        cv2.imwrite(str(tmp_path / "sky.png"), sky)
        drawings = {"figure.png": (40, 40, 220), "closed.png": (40, 220, 40), "step.png": (220, 40, 40)}
        for name, ink in drawings.items():
            figure = np.zeros((50, 30, 4), np.uint8)
            cv2.ellipse(figure, (15, 25), (12, 24), 0, 0, 360, (*ink, 255), -1, cv2.LINE_AA)
            cv2.imwrite(str(tmp_path / name), figure)
        front = np.zeros((112, 200, 4), np.uint8)
        front[40:50] = (20, 20, 20, 255)
        cv2.imwrite(str(tmp_path / "bar.png"), front)
        cv2.imwrite(str(tmp_path / "key.png"), sky)
        layers = (
            Layer(file="sky.png", depth=0.0, name="sky"),
            Layer(file="figure.png", depth=0.75, name="figure", left=85, top=38, life=one),
            *((Layer(file="bar.png", depth=0.75, name="bar"),) if bar else ()),
        )
        known = LayerSet(width=200, height=112, layers=layers, focus=(0.5, 0.45))
        (tmp_path / "layers.json").write_text(known.model_dump_json())
        return tmp_path / "key.png", tmp_path / "layers.json"

    return write


def small(kind: str, **more: Any) -> Life:
    return life(kind, **{"foot": (0.5, 0.78), "height": 0.44, **more})


def frame(stage: Stage, number: int, *, camera: str = "static", frames: int = 200, fps: int = 24) -> Planes:
    motion = Motion(stage, DrawnClip(camera=camera, seed=2), frames, 160, 90, fps)
    into = blank(160, 90)
    motion.draw(number, into)
    return into


def test_who_breathes_stands_on_its_foot_and_its_head_rises_a_hundredth() -> None:
    one = puppet(life("breathe"))
    times = np.arange(0, 8, 0.02)
    feet = np.array([seen(one, time, (800.0, 720.0)) for time in times])
    heads = np.array([seen(one, time, (800.0, 360.0)) for time in times])
    assert np.abs(feet - (800, 720)).max() < 1e-6
    assert 0.012 * 360 < np.ptp(heads[:, 1]) < 0.024 * 360
    assert 0.5 < np.ptp(heads[:, 0]) < 2 * 360 * np.sin(np.radians(0.6))
    tops = [time for before, time, after in zip(times, times[1:], times[2:], strict=False) if _lowest(one, time, 0.02)]
    assert all(2.6 < later - sooner < 4.4 for sooner, later in pairwise(tops))


def _lowest(one: Puppet, time: float, step: float) -> bool:
    low, mid, high = (seen(one, at, (800.0, 360.0))[1] for at in (time - step, time, time + step))
    return bool(mid < low and mid <= high)


def test_eyes_close_for_a_moment_now_and_then_and_never_in_step_with_others() -> None:
    def closed(phase: float, seed: int) -> list[int]:
        one = puppet(life("breathe", closed="c.png", phase=phase), 60.0, seed)
        return [number for number in range(60 * 24) if one.drawing(number / 24) == 1]

    shut = closed(0.3, 1)
    starts = [number for number in shut if number - 1 not in shut]
    assert all(2 <= sum(start <= number < start + 5 for number in shut) <= 4 for start in starts)
    gaps = [(later - sooner) / 24 for sooner, later in pairwise(starts)]
    assert all(0.2 < gap < 0.35 or 2.1 < gap < 5.1 for gap in gaps)
    assert 10 < len(starts) < 30
    assert shut == closed(0.3, 1)
    assert shut != closed(0.4, 1)
    assert shut != closed(0.3, 2)
    assert puppet(life("breathe")).drawing(3.0) == 0


def test_who_walks_changes_its_legs_and_rests_on_every_step() -> None:
    one = puppet(life("walk", steps=("a.png",), travel=0.2), 6.0)
    times = np.arange(0, 6, 1 / 240)
    changes = [time for before, time in pairwise(times) if one.drawing(before) != one.drawing(time)]
    assert all(0.21 < later - sooner < 0.31 for sooner, later in pairwise(changes))
    way = np.array([seen(one, time, (800.0, 720.0)) for time in times])
    assert way[-1, 0] - way[0, 0] == pytest.approx(0.2 * 1600, abs=2)
    assert abs((way[0, 0] + way[-1, 0]) / 2 - 800) < 8
    speed = np.gradient(way[:, 0], times)
    middle = 0.2 * 1600 / 6
    at_change = [speed[int(time * 240)] for time in changes[1:-1]]
    assert max(at_change) < 0.75 * middle
    assert speed.max() > 1.3 * middle
    # On the ground at each change, a little above it between.
    assert all(abs(way[int(time * 240), 1] - 720) < 2.0 for time in changes)
    assert 0.01 * 360 < 720 - way[:, 1].min() < 0.06 * 360


def test_four_drawings_of_a_walk_are_two_steps() -> None:
    four = puppet(life("walk", steps=("a.png", "b.png", "c.png")), 6.0)
    shown = [four.drawing(time) for time in np.arange(0, 6, 1 / 240)]
    changes = [index for index, (before, after) in enumerate(pairwise(shown)) if before != after]
    assert {(after - before) % 4 for before, after in pairwise(shown)} == {0, 1}
    assert all(0.1 < (later - sooner) / 240 < 0.25 for sooner, later in pairwise(changes))


def test_who_hops_leaves_the_ground_and_lands_soft() -> None:
    one = puppet(life("hop", travel=0.1), 6.0)
    times = np.arange(0, 6, 1 / 120)
    feet = np.array([seen(one, time, (800.0, 720.0)) for time in times])
    heads = np.array([seen(one, time, (800.0, 360.0)) for time in times])
    up = 720 - feet[:, 1]
    assert up.min() > -1e-6
    assert 0.1 * 360 < up.max() < 0.16 * 360
    ground = up < 1e-6
    assert np.abs(np.diff(feet[:, 0])[ground[1:] & ground[:-1]]).max() < 1e-6
    tall = (feet[:, 1] - heads[:, 1]) / 360
    assert tall[ground].min() < 0.95


@pytest.mark.parametrize("kind", KINDS)
def test_every_life_is_even_and_small_and_knows_only_the_time(kind: str) -> None:
    one = puppet(life(kind, travel=0.1, steps=("a.png",), closed="c.png"), 6.0)
    for point in ((800.0, 720.0), (800.0, 360.0), (700.0, 500.0)):
        track = np.array([seen(one, number / 60, point) for number in range(361)])
        assert np.abs(np.diff(track, axis=0)).max() < 0.03 * 360
        assert np.abs(track - point).max() < 0.25 * 360 + 0.05 * 1600
        sparse = np.array([seen(one, number / 20, point) for number in range(121)])
        assert np.allclose(track[::3], sparse)
    again = puppet(life(kind, travel=0.1, steps=("a.png",), closed="c.png"), 6.0)
    assert np.array_equal(one.matrix(4.1), again.matrix(4.1))


def test_a_shadow_goes_where_its_figure_goes() -> None:
    walker, other = life("hop", travel=0.2), life("walk", travel=0.3, foot=(0.1, 0.8), phase=0.9)
    shadow = life("slide", travel=0.2, foot=(0.5, 0.81))
    assert leader(shadow, [other, walker, shadow]) is walker
    below = Puppet(shadow, SIZE, 6.0, 1, walker)
    for time in (0.0, 1.3, 2.7, 5.9):
        assert seen(below, time, (800.0, 729.0))[0] == pytest.approx(seen(puppet(walker, 6.0), time, (800, 720))[0])
        assert seen(below, time, (800.0, 729.0))[1] == pytest.approx(729.0)


def test_a_figure_is_seen_in_its_place_and_nothing_else_moves(lively: Lively) -> None:
    stage = read_stage(*lively(small("breathe")), True)
    rest = stage.sheets[1]
    assert (rest.life is not None, len(rest.drawings)) == (True, 1)
    frames = [frame(stage, number).v for number in (0, 20, 40)]
    middle = frames[0][:, 35:45]
    assert (middle > 160).sum() > 100
    assert all(np.all(picture[:, :28] == frames[0][0, 0]) for picture in frames)
    assert not np.array_equal(frames[0], frames[1])


def test_closed_eyes_and_steps_are_other_drawings_in_the_same_place(lively: Lively) -> None:
    stage = read_stage(*lively(small("walk", steps=("step.png",), closed="closed.png")), True)
    assert len(stage.sheets[1].drawings) == 3
    colours = {
        (int(picture.u[48 // 2 + 2, 40]) // 32, int(picture.v[48 // 2 + 2, 40]) // 32)
        for picture in (frame(stage, number) for number in range(0, 200, 2))
    }
    assert len(colours) == 3


def test_what_lies_in_front_of_a_figure_at_its_depth_stays_in_front(lively: Lively) -> None:
    hidden, free = (read_stage(*lively(small("breathe"), bar), True) for bar in (True, False))
    assert [sheet.life is None for sheet in hidden.sheets] == [True, False, True]
    red = [(frame(stage, 5).v[36 // 2 : 40 // 2] > 160).sum() for stage in (hidden, free)]
    assert red[0] == 0
    assert red[1] > 0


@pytest.mark.parametrize("camera", ["orbit", "roll_left", "follow"])
def test_a_frame_with_figures_depends_on_its_number_alone(lively: Lively, camera: str) -> None:
    one = small("walk", steps=("step.png",), closed="closed.png", travel=0.2)
    stage = read_stage(*lively(one, bar=True), True)
    motion = Motion(stage, DrawnClip(camera=camera, seed=2), 200, 160, 90, 24)
    into = blank(160, 90)
    for number in (3, 90, 91):
        motion.draw(number, into)
        assert all(np.array_equal(a, b) for a, b in zip(into, frame(stage, number, camera=camera), strict=True))


def test_a_figure_may_come_in_from_outside_the_picture(lively: Lively) -> None:
    key, known = lively(small("run", travel=1.6))
    frame(read_stage(key, known, True), 0)
    text = known.read_text().replace('"left":85', '"left":-20').replace('"top":38', '"top":80')
    known.write_text(text)
    frame(read_stage(key, known, True), 199)


def test_the_hero_is_the_figure_at_the_focus(lively: Lively) -> None:
    stage = read_stage(*lively(small("walk", travel=0.1)), True)
    assert stage.hero is not None
    assert (stage.hero.kind, stage.subject_depth) == ("walk", 0.75)


@pytest.mark.parametrize("lost", ["closed.png", "step.png", "figure.png"])
def test_a_drawing_that_is_missing_or_of_another_size_is_named(lively: Lively, lost: str) -> None:
    key, known = lively(small("walk", steps=("step.png",), closed="closed.png"))
    cv2.imwrite(str(known.parent / lost), np.zeros((51, 30, 4), np.uint8))
    with pytest.raises(EngineFailed, match=r"\.png"):
        read_stage(key, known, True)
    (known.parent / lost).unlink()
    with pytest.raises(EngineFailed, match=lost):
        read_stage(key, known, True)


def test_who_hops_shows_its_other_drawings_in_the_air_alone() -> None:
    one = puppet(life("hop", steps=("a.png", "b.png")), 8.0)
    times = np.arange(0, 8, 1 / 60)
    up = np.array([720 - seen(one, time, (800.0, 720.0))[1] > 1e-6 for time in times])
    shown = np.array([one.drawing(time) for time in times])
    assert np.all((shown > 0) == up)
    assert set(shown[up]) == {1, 2}


def test_who_stays_waves_for_a_while_and_rests() -> None:
    one = puppet(life("breathe", steps=("a.png", "b.png")), 20.0)
    shown = [one.drawing(time) for time in np.arange(0, 20, 1 / 24)]
    assert set(shown) == {0, 1, 2}
    assert 0.5 < shown.count(0) / len(shown) < 0.8
