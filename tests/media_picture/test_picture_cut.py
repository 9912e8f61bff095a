from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from picture_tools import drawn, make_clip, nothing, packets, pictures, request

from app.core.errors import Canceled, InternalError, StorageFull
from app.models.engine import Effect
from app.models.timeline import Card, Cue, JoinRequest, LabelStyle, Source, SubtitleStyle
from app.services.media import cards
from app.services.media.cut import Shown, cut, overlays_of, render, task
from app.services.media.join import join
from app.services.media.overlay import Overlay
from app.services.media.planes import blank, stamp_of
from app.services.media.probe import probe
from app.services.media.sources import open_source

Files = Callable[..., tuple[Path, Path]]


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 30])
def test_a_cut_of_so_many_frames_has_exactly_these(key_frame: Path, tmp_path: Path, frames: int) -> None:
    facts = render(request((drawn(key_frame), 5), frames=frames), [], tmp_path / "s.mp4", nothing)
    assert len(pictures(tmp_path / "s.mp4")) == frames
    size = (tmp_path / "s.mp4").stat().st_size
    assert facts == {"frames": frames, "width": 160, "height": 90, "fps": 24, "size_bytes": size}


def test_a_segment_is_h264_high_in_bt709_and_begins_with_a_key_frame(key_frame: Path, tmp_path: Path) -> None:
    render(request((drawn(key_frame), 0), frames=10), [], tmp_path / "s.mp4", nothing)
    found = probe(tmp_path / "s.mp4").video
    assert found is not None
    assert (found.codec, found.profile, found.pixel_format) == ("h264", "High", "yuv420p")
    assert (found.color_range, found.color_space) == ("tv", "bt709")
    with av.open(str(tmp_path / "s.mp4")) as film:
        context = film.streams.video[0].codec_context
        assert (int(context.color_primaries), int(context.color_trc)) == (1, 1)
        first = next(iter(film.demux(video=0)))
        assert first.is_keyframe
        assert first.pts == 0


def test_a_long_segment_can_be_entered_every_five_seconds(key_frame: Path, tmp_path: Path) -> None:
    still = drawn(key_frame, "static", 200)
    render(request((still, 0), frames=130, fps=10), [], tmp_path / "s.mp4", nothing)
    with av.open(str(tmp_path / "s.mp4")) as film:
        keys = [packet.pts * packet.time_base for packet in film.demux(video=0) if packet.is_keyframe]
    assert keys == [0, 5, 10]


@pytest.mark.parametrize("size", [(854, 480), (480, 854), (170, 98), (162, 90)])
def test_sizes_whose_chroma_is_odd_or_whose_rows_are_no_multiple_of_four(
    key_frame: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Decoded, the frame is what was drawn, plane by plane."""
    source = drawn(key_frame, "push_in")
    made = request((source, 3), frames=2, width=size[0], height=size[1], crf=4)
    render(made, [], tmp_path / "s.mp4", nothing)
    expected = blank(*size)
    with open_source(source, *size, 24) as frames:
        frames.draw(3, expected)
    with av.open(str(tmp_path / "s.mp4")) as film:
        frame = next(film.decode(video=0))
    for plane, wanted in zip(frame.planes, expected, strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        assert rows.shape == wanted.shape
        assert np.abs(rows.astype(int) - wanted).mean() < 2


@pytest.mark.parametrize("deep", [False, True])
def test_body_and_window_meet_without_a_jump(stage_files: Files, tmp_path: Path, deep: bool) -> None:
    """Shot A ends and shot B begins in the window; each step over a seam is no larger than those beside it."""
    weather = (Effect(kind="snow", amount=0.4), Effect(kind="smoke", amount=0.5, box=(0.2, 0.2, 0.6, 0.8)))
    key, known = stage_files(weather)
    layers = known if deep else None
    one = drawn(key, "truck", 40, layers=layers)
    other = drawn(key, "truck", 40, layers=layers, seed=1)
    pieces = [
        request((one, 0), frames=30, crf=8),
        request((one, 30), (other, 0), frames=10, crf=8, transition="dissolve"),
        request((other, 10), frames=30, crf=8),
    ]
    shown: list[np.ndarray] = []
    for index, piece in enumerate(pieces):
        render(piece, [], tmp_path / f"{index}.mp4", nothing)
        shown += [picture.astype(int) for picture in pictures(tmp_path / f"{index}.mp4")]
    steps = [np.abs(after - before).mean() for before, after in pairwise(shown)]
    for seam in (29, 39):
        beside = steps[seam - 3 : seam] + steps[seam + 1 : seam + 4]
        assert steps[seam] < 1.3 * max(beside) + 0.3


def test_the_last_frame_of_a_body_is_what_the_window_goes_on_from(key_frame: Path, tmp_path: Path) -> None:
    """With both shots the same, the window shows exactly that shot."""
    source = drawn(key_frame, "push_in", 40)
    window = request((source, 20), (source, 20), frames=8, crf=4, transition="dissolve")
    body = request((source, 20), frames=8, crf=4)
    render(window, [], tmp_path / "w.mp4", nothing)
    render(body, [], tmp_path / "b.mp4", nothing)
    for one, other in zip(pictures(tmp_path / "w.mp4"), pictures(tmp_path / "b.mp4"), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 0.5


def test_a_fade_goes_down_to_black_and_up_again(tmp_path: Path) -> None:
    white = Source(key_frame=tmp_path, clip=make_clip(tmp_path / "w.mp4", [255] * 9), frames=9)
    render(request((white, 0), (white, 0), frames=9, transition="fade"), [], tmp_path / "s.mp4", nothing)
    light = [float(picture.mean()) for picture in pictures(tmp_path / "s.mp4")]
    assert light[4] < 20
    assert all(before > after for before, after in pairwise(light[:5]))
    assert all(before < after for before, after in pairwise(light[4:]))
    assert light[0] > 180


def test_a_dissolve_passes_evenly_from_one_shot_to_the_other(tmp_path: Path) -> None:
    dark, light = (
        Source(key_frame=tmp_path, clip=make_clip(tmp_path / f"{level}.mp4", [level] * 9), frames=9)
        for level in (50, 200)
    )
    render(request((dark, 0), (light, 0), frames=9, transition="dissolve"), [], tmp_path / "s.mp4", nothing)
    seen = [float(picture.mean()) for picture in pictures(tmp_path / "s.mp4")]
    assert np.allclose(seen, [50 + 150 * (number + 1) / 10 for number in range(9)], atol=4)


def test_an_overlay_is_on_exactly_its_frames(tmp_path: Path) -> None:
    black = Source(key_frame=tmp_path, clip=make_clip(tmp_path / "b.mp4", [0]), frames=12)
    box = Overlay(40, 60, np.full((20, 80, 4), 255, np.uint8))
    render(request((black, 0), frames=12), [Shown(3, 7, box)], tmp_path / "s.mp4", nothing)
    lit = [picture[62:78, 44:116].mean() > 200 for picture in pictures(tmp_path / "s.mp4")]
    assert lit == [3 <= number <= 7 for number in range(12)]


def test_subtitles_and_label_are_burned_where_they_belong(tmp_path: Path) -> None:
    black = Source(key_frame=tmp_path, clip=make_clip(tmp_path / "b.mp4", [0]), frames=12)
    made = request(
        (black, 0),
        frames=12,
        width=320,
        height=180,
        cues=(Cue(first=4, last=6, text="Hello\n你好"),),
        label=LabelStyle(),
        label_frames=3,
    )
    cut(made, tmp_path / "s.mp4", nothing)
    seen = pictures(tmp_path / "s.mp4")
    assert [bool((picture[90:] > 150).any()) for picture in seen] == [4 <= number <= 6 for number in range(12)]
    assert [bool((picture[:60, 160:] > 80).any()) for picture in seen] == [number < 3 for number in range(12)]


def test_the_same_request_gives_the_same_packets_with_one_thread_and_with_three(
    stage_files: Files, tmp_path: Path
) -> None:
    key, known = stage_files((Effect(kind="rain", amount=0.7), Effect(kind="leaves", amount=0.7)))
    source = drawn(key, "orbit", 60, layers=known)
    pieces = [request((source, first), frames=12) for first in (0, 12, 24, 36)]
    pieces.append(request((source, 48), (drawn(key, "crane"), 0), frames=8, transition="dissolve"))

    def all_of(workers: int) -> list[list[tuple[int, int, int, bytes]]]:
        with ThreadPoolExecutor(workers) as pool:
            paths = [tmp_path / f"{workers}-{index}.mp4" for index in range(len(pieces))]
            list(pool.map(lambda piece, path: render(piece, [], path, nothing), pieces, paths))
        return [packets(path) for path in paths]

    assert all_of(1) == all_of(3)


def test_a_canceled_cut_stops_and_leaves_no_file(key_frame: Path, tmp_path: Path) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 5:
            raise Canceled("enough")

    with pytest.raises(Canceled):
        render(request((drawn(key_frame), 0), frames=40), [], tmp_path / "s.mp4", check)
    assert calls == 6
    assert not (tmp_path / "s.mp4").exists()


def test_a_full_disk_is_called_so_and_nothing_half_made_is_left(key_frame: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.mp4"
    out.symlink_to("/dev/full")
    with pytest.raises(StorageFull):
        render(request((drawn(key_frame), 0), frames=30), [], out, nothing)
    assert not out.is_symlink()
    render(request((drawn(key_frame), 0), frames=3), [], tmp_path / "good.mp4", nothing)
    out.symlink_to("/dev/full")
    with pytest.raises(StorageFull):
        join(JoinRequest(segments=((tmp_path / "good.mp4", 3),), fps=24), out, nothing)
    assert not out.is_symlink()


def test_settings_that_the_encoder_does_not_know_are_an_error_that_says_so(key_frame: Path, tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="swiftest"):
        render(request((drawn(key_frame), 0), frames=4, preset="swiftest"), [], tmp_path / "s.mp4", nothing)


@pytest.mark.parametrize("preset", ["veryfast", "medium"])
def test_other_presets_are_high_profile_too(key_frame: Path, tmp_path: Path, preset: str) -> None:
    render(request((drawn(key_frame), 0), frames=4, preset=preset), [], tmp_path / "s.mp4", nothing)
    found = probe(tmp_path / "s.mp4").video
    assert found is not None
    assert found.profile == "High"


def test_the_task_takes_json_and_names_its_file(key_frame: Path, tmp_path: Path) -> None:
    made = request((drawn(key_frame), 0), frames=3).model_dump(mode="json")
    facts = task(made, tmp_path, nothing)
    assert facts["frames"] == 3
    assert (tmp_path / facts["file"]).name == "segment.mp4"


def test_the_end_sinks_into_black_with_words_and_all(key_frame: Path, tmp_path: Path) -> None:
    words = Overlay(40, 60, np.full((20, 80, 4), 255, np.uint8))
    made = request((drawn(key_frame, "static"), 0), frames=24, fade_out=10, crf=6)
    render(made, [Shown(0, 23, words)], tmp_path / "s.mp4", nothing)
    seen = pictures(tmp_path / "s.mp4")
    assert all(picture[62:78, 42:118].min() > 240 for picture in seen[:14])
    light = [float(picture.mean()) for picture in seen]
    assert all(before > after for before, after in pairwise(light[13:]))
    assert seen[-1].max() < 4


def test_a_card_is_laid_over_every_frame_and_the_film_lives_in_its_window(key_frame: Path, tmp_path: Path) -> None:
    page = Card(kind="title", words="The Sea", small="a story", style="watercolour")
    plain = drawn(key_frame, "truck", 40)
    carded = plain.model_copy(update={"card": page})
    stamp = stamp_of(cards.draw(page, 160, 90), 160, 90)
    assert stamp is not None
    covered = np.ones((90, 160), bool)
    inside = (slice(stamp.top, stamp.top + stamp.keep.y.shape[0]), slice(stamp.left, None))
    covered[inside] = stamp.keep.y[:, : 160 - stamp.left] == 0
    frames, bare = [], []
    for source, found in ((carded, frames), (plain, bare)):
        with open_source(source, 160, 90, 24) as opened:
            for number in (0, 20, 39):
                into = blank(160, 90)
                opened.draw(number, into)
                found.append(into.y)
    window = np.zeros((90, 160), bool)
    window[inside] = stamp.keep.y == 255
    assert covered.sum() > 3000
    assert window.sum() > 1500
    assert all(np.array_equal(one[covered], frames[0][covered]) for one in frames)
    assert all(np.array_equal(one[window], other[window]) for one, other in zip(frames, bare, strict=True))
    assert not np.array_equal(frames[0][window], frames[1][window])
    render(request((carded, 30), (plain, 0), frames=8, transition="dissolve"), [], tmp_path / "s.mp4", nothing)
    assert len(pictures(tmp_path / "s.mp4")) == 8


def test_subtitles_are_drawn_in_the_style_that_is_asked_for(key_frame: Path) -> None:
    def colour(style: SubtitleStyle) -> np.ndarray:
        made = request(
            (drawn(key_frame), 0), frames=3, cues=(Cue(first=0, last=2, text="Hello"),), subtitle_style=style
        )
        rgba = overlays_of(made)[0].overlay.rgba
        return rgba[rgba[..., 3] > 250][:, :3].max(axis=0)

    assert colour(SubtitleStyle())[2] > 240
    assert colour(SubtitleStyle(fill=(255, 214, 120)))[2] < 200
