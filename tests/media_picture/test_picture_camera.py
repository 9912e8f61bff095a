from __future__ import annotations

import itertools

import numpy as np
import pytest

from app.models.story import CAMERAS
from app.services.media.camera import FLAT, Scene, ease, lens

FRAMES = ((160, 90), (90, 160), (100, 100), (854, 480))
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
            seen = lens(camera, Scene(focus, 0.3, strength, side), depth, size, frame)
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


def test_a_static_camera_hardly_moves() -> None:
    seen = lens("static", Scene(), FLAT, (1600, 900), (1280, 720))
    assert np.abs(seen.matrix(1.0) - seen.matrix(0.0)).max() < 16


def test_an_orbit_moves_far_and_near_layers_against_each_other() -> None:
    steps = []
    for depth in (0.0, 1.0):
        seen = lens("orbit", Scene(), depth, (1600, 900), (1280, 720))
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
    scene = Scene((0.5, 0.5), subject_depth=0.75)
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
    assert np.allclose(push.matrix(1.0), pull.matrix(0.0))


def test_easing_runs_from_nought_to_one_and_never_back() -> None:
    values = [ease(step / 100) for step in range(101)]
    assert values[0] == 0.0
    assert values[-1] == pytest.approx(1.0)
    assert all(b > a for a, b in itertools.pairwise(values))
