from __future__ import annotations

import itertools
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from picture_tools import make_clip

from app.core.errors import EngineFailed
from app.models.engine import DrawnClip
from app.models.timeline import Source
from app.services.media.planes import blank
from app.services.media.sources import open_source

STEPS = [20, 60, 100, 140, 180, 220]


def shown(clip: Path, numbers: list[int], *, size: tuple[int, int] = (160, 90), fps: int = 24) -> list[int]:
    """Mean full-range level of the given frames of a shot that shows ``clip``."""
    source = Source(key_frame=clip, clip=clip, frames=1000)
    frame = blank(*size)
    levels = []
    with open_source(source, *size, fps, first=numbers[0]) as frames:
        for number in numbers:
            frames.draw(number, frame)
            levels.append(round((float(frame.y.mean()) - 16) * 255 / 219))
    return levels


def near(levels: list[int], expected: list[int]) -> bool:
    return all(abs(one - other) <= 4 for one, other in zip(levels, expected, strict=True))


def test_a_clip_of_the_films_rate_is_shown_frame_by_frame(tmp_path: Path) -> None:
    assert near(shown(make_clip(tmp_path / "c.mp4", STEPS), list(range(6))), STEPS)


def test_a_slower_clip_repeats_and_a_faster_one_skips_frames(tmp_path: Path) -> None:
    slow = make_clip(tmp_path / "slow.mp4", STEPS, rate=8)
    assert near(shown(slow, list(range(9))), [20] * 3 + [60] * 3 + [100] * 3)
    fast = make_clip(tmp_path / "fast.mp4", STEPS, rate=48)
    assert near(shown(fast, [0, 1, 2]), [20, 100, 180])


def test_a_clip_of_an_odd_rate_keeps_its_time(tmp_path: Path) -> None:
    """15 frames/s in a film of 25: film frame n shows the clip's frame floor(n * 15 / 25)."""
    clip = make_clip(tmp_path / "odd.mp4", STEPS, rate=15)
    assert near(shown(clip, list(range(10)), fps=25), [STEPS[n * 15 // 25] for n in range(10)])


def test_a_short_clip_is_held_on_its_last_frame(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "c.mp4", STEPS)
    assert near(shown(clip, [4, 5, 6, 100]), [180, 220, 220, 220])
    assert near(shown(clip, [500, 501]), [220, 220])


def test_a_held_frame_is_slowly_drawn_nearer_and_nothing_jumps(tmp_path: Path) -> None:
    y, x = np.mgrid[0:90, 0:160]
    rings = (128 + 100 * np.sin(np.hypot(x - 79.5, y - 44.5) / 4)).astype(np.uint8)
    path = tmp_path / "rings.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for _ in range(6):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([rings] * 3), format="rgb24")))
        out.mux(stream.encode(None))
    frames = []
    source = Source(key_frame=path, clip=path, frames=200)
    with open_source(source, 160, 90, 24) as opened:
        for number in range(100):
            into = blank(160, 90)
            opened.draw(number, into)
            frames.append(into.y.astype(int))
    steps = [np.abs(after - before).mean() for before, after in itertools.pairwise(frames)]
    assert max(steps[:5]) < 1.0 and steps[6] < 1.0
    assert max(steps) < 6
    assert np.abs(frames[99] - frames[5]).mean() > 5
    later = blank(160, 90)
    with open_source(source, 160, 90, 24, first=90) as opened:
        opened.draw(90, later)
    assert np.array_equal(later.y, frames[90])


def test_a_clip_of_one_frame_is_a_still(tmp_path: Path) -> None:
    assert near(shown(make_clip(tmp_path / "one.mp4", [120]), [0, 30]), [120, 120])


def test_a_clip_can_be_entered_anywhere(tmp_path: Path) -> None:
    levels = [10 + number * 2 for number in range(100)]
    clip = make_clip(tmp_path / "long.mp4", levels)
    for first in (1, 13, 47, 98):
        assert near(shown(clip, [first, first + 1]), levels[first : first + 2] + levels[-1:] * (first == 99))


@pytest.mark.parametrize("size", [(64, 48), (48, 64), (320, 60), (101, 77), (1280, 720)])
def test_a_clip_of_any_shape_covers_the_frame_without_bars(tmp_path: Path, size: tuple[int, int]) -> None:
    frame = np.full((size[1], size[0], 3), 200, np.uint8)
    path = tmp_path / "any.avi"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = *size, "bgr0"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format="bgr0")))
        out.mux(stream.encode(None))
    source = Source(key_frame=path, clip=path, frames=10)
    shown = blank(160, 90)
    with open_source(source, 160, 90, 24) as frames:
        frames.draw(0, shown)
    assert np.all(np.abs(shown.y.astype(int) - 188) <= 1)
    assert np.all(np.abs(shown.u.astype(int) - 128) <= 2)


def test_the_middle_of_a_wider_clip_is_what_is_shown(tmp_path: Path) -> None:
    frame = np.zeros((90, 360, 3), np.uint8)
    frame[:, 100:260] = 255
    path = tmp_path / "wide.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 360, 90, "yuv420p"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode(None))
    assert shown(path, [0])[0] > 245


def test_a_clip_with_sound_shows_its_pictures_only(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="stereo")
        noise = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        noise.sample_rate = 48000
        out.mux(audio.encode(noise))
        out.mux(audio.encode(None))
        grey = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
        out.mux(video.encode(grey))
        out.mux(video.encode(None))
    assert near(shown(path, [0, 1]), [90, 90])


@pytest.mark.parametrize("content", [b"", b"not a film" * 100, b"\x00\x00\x00\x18ftypisom" + bytes(500)])
def test_a_corrupt_clip_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken-clip.mp4"
    path.write_bytes(content)
    with pytest.raises(EngineFailed, match=r"broken-clip\.mp4"):
        shown(path, [0])


def test_a_clip_without_picture_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match=r"missing\.mp4"):
        shown(tmp_path / "missing.mp4", [0])
    path = tmp_path / "only-sound.mp4"
    with av.open(str(path), "w") as out:
        audio = out.add_stream("aac", rate=48000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 48000
        out.mux(audio.encode(silence))
        out.mux(audio.encode(None))
    with pytest.raises(EngineFailed, match=r"only-sound\.mp4"):
        shown(path, [0])


def test_a_camera_that_is_none_of_the_eleven_is_named(key_frame: Path) -> None:
    source = Source(key_frame=key_frame, drawn=DrawnClip(camera="dolly_zoom", seed=0), frames=10)
    with pytest.raises(EngineFailed, match="dolly_zoom"):
        open_source(source, 160, 90, 24)


def test_a_key_frame_of_another_shape_still_covers_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "square.png"
    cv2.imwrite(str(path), np.full((301, 303, 3), 255, np.uint8))
    frame = blank(854, 480)
    source = Source(key_frame=path, drawn=DrawnClip(camera="roll_left", seed=0), frames=10)
    with open_source(source, 854, 480, 24) as frames:
        for number in (0, 5, 9):
            frames.draw(number, frame)
            assert frame.y.min() == 235
