"""Depth guessed from one picture, and the loop drawn from it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from picture_tools import texture

from app.services.media.live_photo.again import Again
from app.services.media.live_photo.depth import depth_map
from app.services.media.live_photo.orbit import REACH, Orbit
from app.services.media.live_photo.stage import Eye, Stage


def landscape(width: int = 168, height: int = 112) -> np.ndarray:
    """A blue sky, a meadow, and a red post with a face of its own in the middle."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2] = np.linspace((230, 170, 110), (240, 220, 190), height // 2)[:, None]
    picture[height // 2 :] = texture(width, height - height // 2, 3) // 3 + np.array((20, 90, 40), np.uint8)
    cv2.ellipse(picture, (width // 2, height // 2), (width // 9, height // 3), 0, 0, 360, (30, 30, 200), -1)
    cv2.circle(picture, (width // 2, height // 3), width // 30, (240, 240, 240), -1)
    return picture


def orbit(picture: np.ndarray, count: int = 16, **more: float) -> Orbit:
    given = {"motion_bucket_id": 127.0, "noise": 0.02, "guidance": 3.0, **more}
    return Orbit(picture, count, seed=int(given.pop("seed", 0)), **given)


def differences(frames: list[np.ndarray]) -> list[float]:
    """Of each frame to the next, the last one's to the first."""
    return [float(cv2.absdiff(one, other).mean()) for one, other in zip(frames, [*frames[1:], frames[0]], strict=True)]


def test_the_sky_is_far_the_ground_comes_nearer_and_the_subject_is_nearest() -> None:
    depth = depth_map(landscape())
    rows, columns = depth.shape
    sky, far = depth[: rows // 6, : columns // 4].mean(), depth[rows * 5 // 9, : columns // 5].mean()
    near, subject = depth[-3:, : columns // 5].mean(), depth[rows // 2 - 8 : rows // 2 + 8, columns // 2].mean()
    assert sky < 0.1 and sky < far < near and subject > far + 0.25


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (16, 1024), (7, 5)])
def test_every_shape_of_picture_has_a_depth_between_0_and_1(shape: tuple[int, int]) -> None:
    for level in (0, 128, 255):
        depth = depth_map(np.full((*shape, 3), level, np.uint8))
        assert np.isfinite(depth).all() and depth.min() >= 0 and depth.max() <= 1


def test_the_same_picture_has_the_same_depth() -> None:
    assert np.array_equal(depth_map(landscape()), depth_map(landscape()))


def test_a_wall_without_a_subject_gets_no_bulge() -> None:
    depth = depth_map(texture(168, 112, 5))
    assert np.ptp(depth[20:-20], axis=1).max() < 0.25


def test_nothing_tears_whatever_the_motion() -> None:
    """Pixels that are neighbours in the frame come from neighbours of the picture, in the same order."""
    for bucket in (127, 255):
        drawn = orbit(landscape(), motion_bucket_id=bucket)
        rows, columns = drawn.stage.depth.shape
        for number in range(drawn.count):
            away_x, away_y = drawn.stage.displacement(drawn.eye(number))
            along = np.diff(away_x, axis=1) * columns / 168
            down = np.diff(away_y, axis=0) * rows / 112
            assert max(np.abs(along).max(), np.abs(down).max()) < 0.3


def test_more_guidance_keeps_the_shapes_more_strictly() -> None:
    def bent(guidance: float) -> float:
        drawn = orbit(landscape(), guidance=guidance)
        return float(np.abs(np.diff(drawn.stage.displacement(drawn.eye(0))[0], axis=1)).max())

    assert bent(10.0) < bent(3.0) < bent(1.0)


def test_the_last_frame_leads_to_the_first_without_a_jump() -> None:
    for seed, noise in ((0, 0.02), (7, 0.0), (3, 0.019)):
        drawn = orbit(landscape(), seed=seed, noise=noise)
        found = differences([drawn.draw(number) for number in range(drawn.count)])
        assert found[-1] <= np.mean(found[:-1])


def test_the_motion_bucket_says_how_far_it_goes() -> None:
    def moved(bucket: float) -> float:
        drawn = orbit(landscape(), motion_bucket_id=bucket)
        return float(np.mean(differences([drawn.draw(number) for number in range(0, 16, 4)])))

    assert moved(0) == 0 < moved(60) < moved(127) < moved(255)


def test_without_motion_the_picture_is_kept_to_the_pixel() -> None:
    assert np.array_equal(orbit(landscape(), motion_bucket_id=0).draw(5), landscape())


def test_one_frame_shows_the_picture_itself_but_for_the_margin() -> None:
    drawn = orbit(landscape())
    assert drawn.eye(drawn.still) == pytest.approx(Eye())
    shown, picture = drawn.draw(drawn.still), landscape()
    edge = round(REACH * drawn.stage.unit) + 2
    inner = cv2.resize(picture[edge // 2 : -edge // 2, edge // 2 : -edge // 2], (168, 112))
    assert cv2.absdiff(shown, inner).mean() < 12


def test_what_is_near_moves_against_what_is_far() -> None:
    stage = Stage(landscape(), reach=0.03, stretch=0.3)
    left, right = (stage.displacement(Eye(x=side * 0.03))[0] for side in (-1, 1))
    rows, columns = stage.depth.shape
    swing = left - right
    assert swing[rows // 2, columns // 2] > 0 > swing[3, 3] and abs(swing[3, 3]) > 2


def test_noise_gives_grain_and_the_seed_chooses_it() -> None:
    plain, grainy = orbit(landscape()).draw(4), orbit(landscape(), noise=0.2).draw(4)
    detail = [float(cv2.Laplacian(one[2:30, 2:30], cv2.CV_32F).std()) for one in (plain, grainy)]
    assert detail[1] > 2 * detail[0]
    assert not np.array_equal(grainy, orbit(landscape(), noise=0.2, seed=2).draw(4))
    assert np.array_equal(grainy, orbit(landscape(), noise=0.2).draw(4))


def ball(number: int) -> np.ndarray:
    picture = np.full((72, 128, 3), 60, np.uint8)
    cv2.circle(picture, (30 + 4 * number, 36), 12, (40, 200, 240), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 1.0)


def test_a_clip_goes_there_and_back_in_as_many_frames_as_asked() -> None:
    again = Again([ball(number) for number in range(14)], 40)
    frames = [again.draw(number) for number in range(40)]
    assert np.array_equal(frames[0], ball(0)) and np.array_equal(frames[20], ball(13))
    places = [float((frame[36, :, 2] > 150).nonzero()[0].mean()) for frame in frames]
    assert np.all(np.diff(places[:21]) > -0.6) and max(np.abs(np.diff(places))) < 7
    found = differences(frames)
    assert found[-1] <= np.mean(found[:-1])


def test_a_clip_that_flows_one_way_fades_into_its_beginning() -> None:
    waves = [np.roll(cv2.GaussianBlur(texture(128, 72, 9), (0, 0), 3), 3 * number, axis=1) for number in range(20)]
    again = Again(waves, 28, "crossfade")
    found = differences([again.draw(number) for number in range(28)])
    assert found[-1] <= 1.5 * np.mean(found[:-1]) and max(found) < 2.5 * np.mean(found)


def test_a_clip_of_one_picture_stands_still() -> None:
    for loop in ("pingpong", "crossfade"):
        again = Again([ball(0)], 5, loop)
        assert all(np.array_equal(again.draw(number), ball(0)) for number in range(5))
