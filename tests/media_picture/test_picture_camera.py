from __future__ import annotations

import itertools

import numpy as np
import pytest

from app.models.story import CAMERAS
from app.services.media.camera import FLAT, Scene, lens
from app.services.media.pace import OVERSHOOT, ease

FRAMES = ((160, 90), (90, 160), (100, 100), (854, 480))
PHASES = (0.3, 1.1, 2.9, 4.0, 5.2, 6.1)
SIZES = ((200, 112), (112, 200), (125, 125), (1067, 600), (300, 300), (64, 64))


def corners(matrix: np.ndarray, frame: tuple[int, int]) -> np.ndarray:
    """Where the outer edges of the frame lie in the picture, counted from its own edges."""
    points = np.array([(x - 0.5, y - 0.5) for x in (0, frame[0]) for y in (0, frame[1])])
    return points @ matrix[:, :2].T + matrix[:, 2] + 0.5


@pytest.mark.parametrize("camera", CAMERAS)
def test_no_move_ever_shows_what_is_outside_the_picture(camera: str) -> None:
    focuses, depths = ((0.5, 0.5), (0.0, 1.0), (0.95, 0.1)), (0.0, 0.3, FLAT, 1.0)
    for frame, size, focus, depth in itertools.product(FRAMES, SIZES, focuses, depths):
        for strength, side in ((1.0, 1), (1.5, -1), (0.0, 1)):
            scene = Scene(focus, 0.3, strength, side, deep=depth > 0.5, seconds=9.0, phases=PHASES)
            seen = lens(camera, scene, depth, size, frame)
            for step in range(0, 41):
                edge = corners(seen.matrix(step / 40), frame)
                assert edge.min() > -1e-6
                assert edge[:, 0].max() < size[0] + 1e-6
                assert edge[:, 1].max() < size[1] + 1e-6


@pytest.mark.parametrize("camera", CAMERAS)
def test_every_move_is_smooth(camera: str) -> None:
    """The third difference of where the view is, pixels per frame cubed: no jerk anywhere."""
    for depth in (0.0, FLAT, 1.0):
        seen = lens(camera, Scene((0.1, 0.9)), depth, (1600, 900), (1280, 720))
        track = np.array([seen.matrix(number / 119)[:, 2] for number in range(120)])
        assert np.abs(np.diff(track, n=3, axis=0)).max() < 0.06


def test_the_eleven_moves_all_differ() -> None:
    def track(camera: str) -> np.ndarray:
        seen = [lens(camera, Scene((0.4, 0.6)), depth, (1600, 900), (1280, 720)) for depth in (0.1, 1.0)]
        return np.array([[one.matrix(time) for one in seen] for time in (0.0, 0.25, 0.5, 0.75, 1.0)])

    tracks = {camera: track(camera) for camera in CAMERAS}
    for one, other in itertools.combinations(tracks, 2):
        assert np.abs(tracks[one] - tracks[other]).max() > 8.0, (one, other)


@pytest.mark.parametrize("camera", CAMERAS)
def test_the_face_stays_in_the_upper_two_thirds_whatever_the_camera_does(camera: str) -> None:
    """The subtitles' two lines begin at three quarters of the frame, so they never cross it."""
    shots = ((160, 90), (90, 160), (120, 120))
    for frame, x, y, seconds in itertools.product(shots, (0.3, 0.5, 0.68), (0.2, 0.4, 0.55, 0.65, 0.72), (2.0, 9.0)):
        scene = Scene((x, y), 0.75, 1.0, -1, deep=True, seconds=seconds, phases=PHASES)
        seen = lens(camera, scene, 0.75, (frame[0] * 5 // 4, frame[1] * 5 // 4), frame)
        for step in range(31):
            across, down = seen.sees(step / 30, (x, y))
            assert 0.08 < down < 2 / 3, (frame, x, y, seconds)
            assert 0.06 < across < 0.94, (frame, x, y, seconds)


def way(camera: str, seconds: float, depth: float = 0.75) -> float:
    """Pixels that the middle of the frame goes over the picture."""
    scene = Scene((0.4, 0.45), 0.75, deep=True, seconds=seconds)
    seen = lens(camera, scene, depth, (1600, 900), (1280, 720))
    track = np.array([seen.matrix(step / 100) @ (639.5, 359.5, 1.0) for step in range(101)])
    return float(np.linalg.norm(np.diff(track, axis=0), axis=1).sum())


@pytest.mark.parametrize("camera", ["truck", "crane", "tilt", "push_in"])
def test_a_long_shot_moves_further_than_a_short_one_at_about_the_same_speed(camera: str) -> None:
    short, long = way(camera, 3.0), way(camera, 8.0)
    assert short < 0.75 * long
    assert short / 3.0 < 1.6 * long / 8.0


def test_a_camera_held_still_lives_within_three_thousandths_of_the_frame() -> None:
    still, held = (
        lens("static", Scene(seconds=12.0, phases=phases), 1.0, (1600, 900), (1280, 720)) for phases in ((), PHASES)
    )
    apart = np.array([held.matrix(step / 288)[:, 2] - still.matrix(step / 288)[:, 2] for step in range(289)])
    assert np.abs(apart / (1600, 900)).max() < 0.003
    assert np.ptp(apart, axis=0).min() > 1.0
    assert np.abs(np.diff(apart, n=2, axis=0)).max() < 0.01


@pytest.mark.parametrize("camera", ["orbit", "full_orbit", "truck", "crane"])
def test_the_ground_behind_the_subject_hardly_slides_under_it(camera: str) -> None:
    scene = Scene((0.4, 0.5), 0.75, deep=True)
    feet = np.array([0.45 * 1280, 0.8 * 720, 1.0])

    def slide(depth: float) -> float:
        one, other = (lens(camera, scene, each, (1600, 900), (1280, 720)) for each in (0.75, depth))
        apart = np.array([(one.matrix(step / 20) - other.matrix(step / 20)) @ feet for step in range(21)])
        return float(np.ptp(apart, axis=0).max() / 1600)

    assert slide(0.5) < 0.034
    assert slide(0.5) < 0.4 * slide(0.0)


def test_follow_goes_along_with_who_walks_by_itself() -> None:
    scene = Scene((0.5, 0.5), subject_depth=0.75, deep=True, travel=0.12)
    seen = lens("follow", scene, 0.75, (1600, 900), (1280, 720))
    places = [seen.sees(step / 20, (0.5 + 0.12 * (step / 20 - 0.5), 0.5))[0] for step in range(21)]
    assert max(places) - min(places) < 0.05
    assert way("follow", 6.0) < 12


def test_a_static_camera_hardly_moves() -> None:
    seen = lens("static", Scene(), FLAT, (1600, 900), (1280, 720))
    assert np.abs(seen.matrix(1.0) - seen.matrix(0.0)).max() < 16


def test_an_orbit_moves_far_and_near_layers_against_each_other() -> None:
    steps = []
    for depth in (0.0, 1.0):
        seen = lens("orbit", Scene(subject_depth=0.6, deep=True), depth, (1600, 900), (1280, 720))
        middle = np.array([640.0, 360.0])
        steps.append((seen.matrix(1.0)[:, :2] @ middle + seen.matrix(1.0)[:, 2])[0])
        steps[-1] -= (seen.matrix(0.0)[:, :2] @ middle + seen.matrix(0.0)[:, 2])[0]
    assert steps[0] * steps[1] < 0
    assert min(abs(step) for step in steps) > 30


def test_a_full_orbit_comes_back_to_where_it_began() -> None:
    seen = lens("full_orbit", Scene(), 1.0, (1600, 900), (1280, 720))
    assert np.allclose(seen.matrix(0.0), seen.matrix(1.0), atol=1e-6)
    assert np.abs(seen.matrix(0.25)[:, 2] - seen.matrix(0.75)[:, 2]).max() > 60


def test_follow_holds_the_subject_while_the_rest_slides() -> None:
    scene = Scene((0.5, 0.5), subject_depth=0.75, deep=True)
    held, sky = (lens("follow", scene, depth, (1600, 900), (1280, 720)) for depth in (0.75, 0.0))
    middle = np.array([639.5, 359.5, 1.0])
    assert np.abs((held.matrix(1.0) - held.matrix(0.0)) @ middle).max() < 1
    assert abs(((sky.matrix(1.0) - sky.matrix(0.0)) @ middle)[0]) > 80


def test_a_push_goes_towards_the_focus_and_a_pull_is_its_reverse() -> None:
    scene = Scene((0.2, 0.5))
    push, pull = (lens(camera, scene, 0.5, (1600, 900), (1280, 720)) for camera in ("push_in", "pull_back"))
    middle = np.array([639.5, 359.5, 1.0])
    assert (push.matrix(1.0) @ middle)[0] < (push.matrix(0.0) @ middle)[0] - 50
    assert push.matrix(1.0)[0, 0] < push.matrix(0.0)[0, 0]
    assert np.abs(push.matrix(1.0) - pull.matrix(0.0)).max() < 0.5


def test_easing_sets_off_softly_goes_a_hair_too_far_and_settles() -> None:
    values = np.array([ease(step / 200) for step in range(201)])
    assert values[0] == 0.0
    assert values[-1] == pytest.approx(1.0)
    assert values[4] < 0.002
    assert 1.005 < values.max() < 1.02
    assert values.max() == pytest.approx(OVERSHOOT, abs=1e-4)
    top = int(values.argmax())
    assert 160 < top < 190
    assert np.all(np.diff(values[: top + 1]) > 0)
    assert np.abs(np.diff(values[-5:])).max() < 0.001
