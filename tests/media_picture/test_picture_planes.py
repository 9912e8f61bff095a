from __future__ import annotations

import numpy as np
import pytest

from app.services.media.overlay import Overlay
from app.services.media.planes import blank, color, dim, from_bgr, lay, mix, premultiplied, stamp_of


def grey(level: int, width: int = 40, height: int = 20) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def test_white_and_black_are_the_ends_of_the_limited_range() -> None:
    white, black = from_bgr(grey(255)), from_bgr(grey(0))
    assert {int(p[0, 0]) for p in (white.u, white.v, black.u, black.v)} == {128}
    assert (int(white.y[0, 0]), int(black.y[0, 0])) == (235, 16)


def test_pure_red_has_the_colour_difference_of_bt709() -> None:
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 2] = 255
    y, u, v = (int(plane[0, 0]) for plane in from_bgr(red))
    assert (y, u, v) == pytest.approx((63, 102, 240), abs=1)
    assert color((255, 0, 0)) == pytest.approx((63, 102, 240), abs=1)


@pytest.mark.parametrize(("width", "height"), [(854, 480), (160, 90), (2, 2), (1350, 1080)])
def test_a_frame_of_any_even_size_has_half_as_much_chroma(width: int, height: int) -> None:
    frame = blank(width, height)
    assert frame.size == (width, height)
    assert frame.u.shape == frame.v.shape == (height // 2, width // 2)
    assert not any(np.shares_memory(frame.y, other) for other in (frame.u, frame.v))


def test_a_key_frame_of_odd_size_keeps_its_last_row_and_column() -> None:
    planes = from_bgr(grey(200, 1067, 601))
    assert planes.y.shape == (601, 1067)
    assert planes.u.shape == (301, 534)
    assert len(np.unique(planes.y)) == 1
    assert len(np.unique(planes.u)) == 1


def test_an_opaque_overlay_replaces_and_a_clear_one_leaves_the_frame() -> None:
    frame = blank(40, 20)
    rgba = np.zeros((10, 20, 4), np.uint8)
    rgba[:, :10] = (255, 255, 255, 255)
    stamp = stamp_of(Overlay(8, 4, rgba), 40, 20)
    assert stamp is not None
    lay(stamp, frame)
    assert np.all(frame.y[4:14, 8:18] == 235)
    frame.y[4:14, 8:18] = 16
    assert np.all(frame.y == 16)
    assert np.all(frame.u == 128)


def test_half_transparent_white_over_black_is_middle_grey() -> None:
    frame = blank(40, 20)
    stamp = stamp_of(Overlay(0, 0, np.full((20, 40, 4), (255, 255, 255, 128), np.uint8)), 40, 20)
    assert stamp is not None
    lay(stamp, frame)
    assert np.all(np.abs(frame.y.astype(int) - 126) <= 1)
    assert np.all(np.abs(frame.u.astype(int) - 128) <= 1)


@pytest.mark.parametrize("place", [(-10, -6), (30, 14), (-100, 0), (0, 100), (36, 18)])
def test_an_overlay_that_sticks_out_is_cut_at_the_edge(place: tuple[int, int]) -> None:
    frame = blank(40, 20)
    stamp = stamp_of(Overlay(*place, np.full((12, 24, 4), 255, np.uint8)), 40, 20)
    if stamp is not None:
        lay(stamp, frame)
    expected = np.full((20, 40), 16, np.uint8)
    x, y = place
    expected[max(0, y) : max(0, y + 12), max(0, x) : max(0, x + 24)] = 235
    assert np.array_equal(frame.y, expected)


def test_an_empty_overlay_is_no_stamp() -> None:
    assert stamp_of(Overlay(0, 0, np.zeros((10, 10, 4), np.uint8)), 40, 20) is None
    assert stamp_of(Overlay(0, 0, np.zeros((0, 0, 4), np.uint8)), 40, 20) is None


def test_colours_under_transparent_pixels_do_not_matter() -> None:
    one, other = np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)
    one[..., :3], other[..., :3] = 255, 7
    assert np.array_equal(premultiplied(one), premultiplied(other))


def test_dimming_to_nothing_is_black_and_to_one_changes_nothing() -> None:
    frame = from_bgr(np.full((8, 8, 3), (30, 90, 200), np.uint8))
    before = [plane.copy() for plane in frame]
    dim(frame, 1.0)
    assert all(np.array_equal(a, b) for a, b in zip(frame, before, strict=True))
    dim(frame, 0.0)
    assert [int(plane[0, 0]) for plane in frame] == [16, 128, 128]


def test_mixing_half_and_half_lies_in_the_middle() -> None:
    frame = from_bgr(grey(0))
    mix(frame, from_bgr(grey(255)), 0.5, frame)
    assert abs(int(frame.y[0, 0]) - 126) <= 1
