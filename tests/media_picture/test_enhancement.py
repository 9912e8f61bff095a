from __future__ import annotations

import weakref
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from fakes.enhance import HEIGHT, WIDTH, Bgr, psnr, scene, seen, sound_of, write_clip
from picture_tools import nothing

from app.core.errors import Canceled, EngineFailed
from app.services.media import enlarge, inbetween, reclip
from app.services.media.flow import Pair, drawn
from app.services.media.planes import Planes
from app.services.media.probe import probe


def light(picture: Bgr) -> Bgr:
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)


def likeness(first: Bgr, second: Bgr) -> float:
    """PSNR of the light, dB: colours are stored at half the size anyway."""
    return psnr(light(first), light(second))


def larger(clip: Path, factor: int = 2) -> tuple[dict, list[Fraction], list[np.ndarray]]:
    facts = enlarge.task({"clip": str(clip), "factor": factor}, clip.parent, nothing)
    return facts, *seen(clip.parent / facts["clip"])


def smoother(clip: Path, factor: int = 2) -> tuple[dict, list[Fraction], list[np.ndarray]]:
    facts = inbetween.task({"clip": str(clip), "factor": factor}, clip.parent, nothing)
    return facts, *seen(clip.parent / facts["clip"])


def a_clip(path: Path, count: int = 8, **more: object) -> Path:
    at = scene(1)
    return write_clip(path, [at(number) for number in range(count)], **more)  # type: ignore[arg-type]


# -- both --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [2, 4])
def test_a_larger_clip_has_the_same_pictures_at_the_same_times_and_the_same_sound(tmp_path: Path, factor: int) -> None:
    clip = a_clip(tmp_path / "in.mp4")
    facts, times, pictures = larger(clip, factor)
    assert facts == {
        "width": WIDTH * factor, "height": HEIGHT * factor, "fps": 12.0, "frames": 8, "duration_s": 8 / 12,
        "sound": True, "clip": "upscaled.mp4", "factor": factor,
    }  # fmt: skip
    assert pictures[0].shape == (HEIGHT * factor, WIDTH * factor, 3)
    assert times == seen(clip)[0]
    assert sound_of(tmp_path / "upscaled.mp4") == sound_of(clip)
    assert float(probe(tmp_path / "upscaled.mp4").duration_s) == pytest.approx(probe(clip).duration_s, abs=0.03)


@pytest.mark.parametrize("factor", [2, 4])
def test_a_smoother_clip_lasts_as_long_and_keeps_its_sound(tmp_path: Path, factor: int) -> None:
    clip = a_clip(tmp_path / "in.mp4")
    facts, times, pictures = smoother(clip, factor)
    assert facts == {
        "width": WIDTH, "height": HEIGHT, "fps": 12.0 * factor, "frames": 8 * factor, "duration_s": 8 / 12,
        "sound": True, "clip": "interpolated.mp4", "factor": factor, "cuts": 0, "repeated": 0, "bridged": 0,
    }  # fmt: skip
    assert len(pictures) == 8 * factor
    assert times == [Fraction(number, 12 * factor) for number in range(8 * factor)]
    assert sound_of(tmp_path / "interpolated.mp4") == sound_of(clip)
    found = probe(tmp_path / "interpolated.mp4")
    assert found.video is not None and found.video.fps == 12 * factor
    assert (found.video.color_space, found.video.color_range) == ("bt709", "tv")


@pytest.mark.parametrize("work", [larger, smoother])
def test_a_clip_without_sound_and_one_whose_sound_no_mp4_holds(tmp_path: Path, work: object) -> None:
    facts, *_ = work(a_clip(tmp_path / "silent.mp4", sound=""))  # type: ignore[operator]
    assert not facts["sound"]
    assert not sound_of(tmp_path / facts["clip"])
    facts, *_ = work(a_clip(tmp_path / "other.avi", sound="mp3"))  # type: ignore[operator]
    found = probe(tmp_path / facts["clip"]).audio
    assert found is not None
    assert found.codec == "aac"
    assert found.duration_s == pytest.approx(8 / 12, abs=0.05)


@pytest.mark.parametrize("work", [larger, smoother])
def test_a_rate_that_varies_keeps_varying(tmp_path: Path, work: object) -> None:
    at = scene(1)
    times = [Fraction(value, 1000) for value in (0, 40, 120, 200, 400, 430)]
    clip = write_clip(tmp_path / "vfr.mkv", [at(float(time) * 25) for time in times], times=times)
    facts, found, _ = work(clip)  # type: ignore[operator]
    wanted = times
    if work is smoother:
        wanted = [time for first, second in pairwise(times) for time in (first, (first + second) / 2)]
        wanted = [*wanted, times[-1], found[-1]]
    assert [float(time) for time in found] == pytest.approx([float(time) for time in wanted], abs=0.0015)
    assert facts["frames"] == len(wanted)


@pytest.mark.parametrize("work", [larger, smoother])
def test_odd_sides_stay(tmp_path: Path, work: object) -> None:
    at = scene(2, 65, 49)
    clip = write_clip(tmp_path / "odd.mp4", [at(number) for number in range(4)], kind="yuv444p")
    facts, _, pictures = work(clip)  # type: ignore[operator]
    times = 2 if work is larger else 1
    assert pictures[0].shape == (49 * times, 65 * times, 3)
    assert facts["frames"] == 4 * (3 - times)
    assert psnr(cv2.resize(pictures[0], (65, 49), interpolation=cv2.INTER_AREA), at(0)) > 30


@pytest.mark.parametrize("work", [larger, smoother])
def test_a_clip_of_one_picture(tmp_path: Path, work: object) -> None:
    facts, *_ = work(a_clip(tmp_path / "one.mp4", 1, sound=""))  # type: ignore[operator]
    assert facts["frames"] == (1 if work is larger else 2)
    assert facts["duration_s"] == pytest.approx(1 / 12)


@pytest.mark.parametrize("work", [larger, smoother])
def test_what_is_no_clip_is_named_and_nothing_is_left(tmp_path: Path, work: object) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no clip")
    with pytest.raises(EngineFailed, match=r"broken\.mp4"):
        work(tmp_path / "broken.mp4")  # type: ignore[operator]
    whole = a_clip(tmp_path / "whole.mkv", 30)
    (tmp_path / "half.mkv").write_bytes(whole.read_bytes()[:600])
    with pytest.raises(EngineFailed, match=r"half\.mkv"):
        work(tmp_path / "half.mkv")  # type: ignore[operator]
    for factor in (1, 3, 8):
        with pytest.raises(EngineFailed, match=str(factor)):
            work(whole, factor)  # type: ignore[operator]
    assert not list(tmp_path.glob("*ed.mp4"))


@pytest.mark.parametrize("module", [enlarge, inbetween])
def test_a_cancel_stops_it_and_leaves_nothing(tmp_path: Path, module: object) -> None:
    clip, calls = a_clip(tmp_path / "in.mp4", 20), []

    def check() -> None:
        calls.append(1)
        if len(calls) > 20:
            raise Canceled("no more")

    with pytest.raises(Canceled):
        module.task({"clip": str(clip), "factor": 2}, tmp_path, check)  # type: ignore[attr-defined]
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


class Watched(np.ndarray):
    """An array that is known by itself and not by what is in it."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return self is other


@pytest.mark.parametrize("work", [larger, smoother])
def test_memory_does_not_grow_with_the_length(tmp_path: Path, work: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the clip, few of its decoded pictures are there at a time."""
    kept: weakref.WeakSet[Watched] = weakref.WeakSet()
    most, read = 0, reclip._arrays
    clip = a_clip(tmp_path / "in.mp4", 40)

    def watched(frame: av.VideoFrame) -> Planes:
        nonlocal most
        planes = read(frame)
        light = planes.y.view(Watched)
        kept.add(light)
        most = max(most, len(kept))
        return planes._replace(y=light)

    monkeypatch.setattr(reclip, "_arrays", watched)
    facts, *_ = work(clip)  # type: ignore[operator]
    assert facts["frames"] >= 40
    assert 1 <= most <= 6


# -- larger ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [2, 4])
def test_it_is_nearer_to_the_truth_than_cubic_and_sharper(factor: int) -> None:
    truth = cv2.cvtColor(scene(0, 384, 216)(0), cv2.COLOR_BGR2GRAY)
    cv2.putText(truth, "film", (20, 120), cv2.FONT_HERSHEY_SIMPLEX, 3, 235, 6, cv2.LINE_AA)
    cv2.circle(truth, (300, 80), 60, 30, 2, cv2.LINE_AA)
    small = cv2.resize(truth, (384 // factor, 216 // factor), interpolation=cv2.INTER_AREA)
    cubic = cv2.resize(small, (384, 216), interpolation=cv2.INTER_CUBIC)
    ours = enlarge.enlarged(small, factor, nothing)
    assert psnr(ours, truth) > psnr(cubic, truth) + 0.5
    assert cv2.Laplacian(ours, cv2.CV_64F).var() > 1.1 * cv2.Laplacian(cubic, cv2.CV_64F).var()


def test_an_edge_gets_no_halo_and_noise_is_not_sharpened() -> None:
    edge = np.full((64, 64), 60, np.uint8)
    edge[:, 32:] = 180
    ours = enlarge.enlarged(edge, 4, nothing)
    assert (ours.min(), ours.max()) == (60, 180)
    noise = (np.random.default_rng(0).normal(120, 2, (64, 64)).round()).astype(np.uint8)
    grown = enlarge.enlarged(noise, 2, nothing)
    assert grown.std() < noise.std() * 1.1


def test_the_bands_that_it_works_in_are_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = cv2.cvtColor(scene(0, 160, 300)(0), cv2.COLOR_BGR2GRAY)
    banded = enlarge.enlarged(picture, 2, nothing)
    monkeypatch.setattr(enlarge, "_BAND", 1000)
    whole = enlarge.enlarged(picture, 2, nothing)
    assert np.abs(banded.astype(int) - whole).max() <= 1


def test_no_side_becomes_longer_than_3840_pixels(tmp_path: Path) -> None:
    at = scene(0, 1024, 64)
    clip = write_clip(tmp_path / "wide.mp4", [at(0)], sound="")
    with pytest.raises(EngineFailed, match=r"4096x256.*3840"):
        larger(clip, 4)
    assert not (tmp_path / "upscaled.mp4").exists()


# -- smoother ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [3.0, 6.0])
def test_new_pictures_are_nearer_to_the_truth_than_mixed_or_repeated_ones(tmp_path: Path, speed: float) -> None:
    at = scene(0, 320, 180, speed)
    given = [at(number) for number in range(0, 10, 2)]
    _, _, pictures = smoother(write_clip(tmp_path / "in.mp4", given, fps=12))
    for number in (1, 3, 5, 7):
        truth, before, after = at(number), given[number // 2], given[number // 2 + 1]
        mixed = cv2.addWeighted(before, 0.5, after, 0.5, 0)
        assert likeness(pictures[number], truth) > likeness(mixed, truth) + 3
        assert likeness(pictures[number], truth) > likeness(before, truth) + 6


def test_what_was_there_stays_where_it_was(tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "in.mp4")
    _, _, pictures = smoother(clip, 4)
    for given, made in zip(seen(clip)[1], pictures[::4], strict=True):
        assert likeness(given, made) > 40
    assert all(likeness(pictures[-4], one) > 40 for one in pictures[-3:])


def test_at_four_times_things_move_evenly(tmp_path: Path) -> None:
    """The place of a bright square on grey, picture by picture."""
    frames = []
    for number in range(5):
        picture = np.full((96, 160, 3), 90, np.uint8)
        picture[::7], picture[:, ::9] = 80, 100
        cv2.rectangle(picture, (20 + 8 * number, 30), (50 + 8 * number, 60), (250, 250, 250), -1)
        frames.append(picture)
    _, _, pictures = smoother(write_clip(tmp_path / "in.mp4", frames), 4)
    places = []
    for picture in pictures[:17]:
        light = np.clip(picture[35:55, :, 1].astype(float) - 150, 0, None)
        places.append(float((light * np.arange(160)).sum() / light.sum()))
    steps = [second - first for first, second in pairwise(places)]
    assert all(0.8 < step < 3.2 for step in steps), steps


def test_a_cut_is_never_a_morph(tmp_path: Path) -> None:
    first, second = scene(0), scene(1)
    given = [first(number) for number in range(4)] + [second(number) for number in range(4)]
    facts, _, pictures = smoother(write_clip(tmp_path / "in.mp4", given), 4)
    assert facts["cuts"] == 1
    for number, picture in enumerate(pictures):
        near, far = (first, second) if number < 16 else (second, first)
        moment = min(number / 4, 3.0) if number < 16 else min(number / 4 - 4, 3.0)
        assert likeness(picture, near(moment)) > 26
        assert likeness(picture, near(moment)) > likeness(picture, far(moment)) + 8
    assert likeness(pictures[15], given[3]) > 38, "the last picture of the first scene is held"


def test_a_fast_pan_and_a_flat_picture_are_told_from_a_cut() -> None:
    wide = cv2.cvtColor(scene(0, 700, 180)(0), cv2.COLOR_BGR2GRAY)
    for far in (10, 40):
        assert not Pair(wide[:, :320], wide[:, far : far + 320]).cut
    dark, light = np.full((90, 160), 30, np.uint8), np.full((90, 160), 200, np.uint8)
    assert Pair(dark, light).cut
    assert not Pair(dark, dark + 10).cut


def test_a_repeated_picture_is_replaced_and_a_still_stays_still(tmp_path: Path) -> None:
    at = scene(0)
    twice = [at(number // 2 * 2) for number in range(8)]
    facts, _, pictures = smoother(write_clip(tmp_path / "twice.mp4", twice, crf=0))
    assert facts["bridged"] == 3
    for number in range(13):
        assert likeness(pictures[number], at(number / 2)) > 28
    still = [at(0)] * 6 + [at(2)]
    facts, _, pictures = smoother(write_clip(tmp_path / "still.mp4", still, crf=0))
    assert facts["repeated"] == 5
    assert all(likeness(pictures[0], one) > 42 for one in pictures[:11])


def test_where_something_is_covered_no_ghost_is_left() -> None:
    """A square moves over a still ground: beside its new place the ground shows, not half a square."""
    ground = cv2.cvtColor(scene(2, 320, 180)(0), cv2.COLOR_BGR2GRAY)
    pictures = []
    for left in (100, 112, 124):
        picture = ground.copy()
        picture[60:120, left : left + 60] = np.linspace(200, 250, 60).astype(np.uint8)
        pictures.append(picture)
    empty = np.zeros((90, 160), np.uint8)
    first, second = (Planes(picture, empty, empty) for picture in (pictures[0], pictures[2]))
    made = drawn(first, second, Pair(first.y, second.y).at(0.5)).y
    mixed = cv2.addWeighted(first.y, 0.5, second.y, 0.5, 0)
    around = (slice(55, 125), slice(90, 195))
    assert likeness(made[around], pictures[1][around]) > likeness(mixed[around], pictures[1][around]) + 3


def test_pictures_of_any_small_size_can_be_searched() -> None:
    for height, width in ((2, 2), (16, 16), (30, 100), (200, 8)):
        picture = np.random.default_rng(1).integers(16, 235, (height, width)).astype(np.uint8)
        assert Pair(picture, picture).at(0.5).motion.shape[2] == 2


def test_the_tags_of_a_clip_stay(tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "in.mp4", 3)
    with (
        av.open(str(clip)) as source,
        av.open(str(tmp_path / "tagged.mp4"), "w", options={"movflags": "use_metadata_tags"}) as out,
    ):
        out.metadata["AIGC"] = '{"Label":"1"}'
        track = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = track
                out.mux(packet)
    larger(tmp_path / "tagged.mp4")
    assert probe(tmp_path / "upscaled.mp4").tags["AIGC"] == '{"Label":"1"}'
